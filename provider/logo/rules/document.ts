import { SVG_NAMESPACE, svgRoot } from "../parse";
import type { Rule } from "../rule";

/** Above this, Google and others do not show a logo. */
export const MAX_SHOWN_BYTES = 32 * 1024;

/** The file as a whole: XML, size, root element. */
export const documentRules: Rule[] = [
  {
    id: "SVG-001",
    severity: "error",
    title: "The file is well-formed XML in UTF-8.",
    always: true,
    spec: "XML 1.0",
    onAnyBytes: true,
    check({ format, xmlError, encoding, doctype }) {
      if (format && format.code !== "gzip") return [{ message: `The logo ${format.message}`, hint: format.hint }];
      // An entity that a DOCTYPE declares is undefined here; the DOCTYPE is what must go (SVG-002).
      if (xmlError && !(doctype !== undefined && xmlError.message === "undefined entity.")) {
        return [
          {
            message: `The logo cannot be read as XML: ${xmlError.message}`,
            hint: "Export it again, or repair it at this place.",
            offset: xmlError.offset,
          },
        ];
      }
      if (encoding && !/^(utf-8|us-ascii)$/i.test(encoding)) {
        return [
          {
            message: `The XML declaration names the encoding ${encoding}.`,
            hint: 'Save the file as UTF-8 and write encoding="UTF-8".',
            offset: 0,
          },
        ];
      }
      return [];
    },
  },
  {
    id: "SVG-002",
    severity: "error",
    title: "There is no DOCTYPE declaration.",
    always: true,
    spec: "RFC 9399 section 7",
    onAnyBytes: true,
    check({ doctype }) {
      if (doctype === undefined) return [];
      return [
        {
          message: "The logo has a DOCTYPE declaration, which can name external files and entities.",
          hint: "Remove the whole <!DOCTYPE …> and write out what its entities stand for.",
          offset: doctype,
        },
      ];
    },
  },
  {
    id: "SVG-004",
    severity: "error",
    title: "The file has at most 32,768 bytes.",
    spec: "draft-svg-tiny-ps-abrotman section 2.4",
    onAnyBytes: true,
    check({ bytes }) {
      if (bytes.length <= MAX_SHOWN_BYTES) return [];
      return [
        {
          message: `The logo has ${bytes.length} bytes; mail receivers show at most ${MAX_SHOWN_BYTES}.`,
          hint: "Simplify the paths, round their numbers, and remove embedded images and editor data.",
        },
      ];
    },
  },
  {
    id: "SVG-005",
    severity: "error",
    title: "The file is not compressed.",
    always: true,
    spec: "DigiCert: order requests take the compressed form of an uncompressed SVG",
    onAnyBytes: true,
    check({ format }) {
      return format?.code === "gzip" ? [{ message: `The logo ${format.message}`, hint: format.hint }] : [];
    },
  },
  {
    id: "SVG-006",
    severity: "error",
    title: "The root element is svg in the namespace of SVG.",
    always: true,
    spec: "draft-svg-tiny-ps-abrotman section 2.1",
    check(logo) {
      if (!logo.root || svgRoot(logo)) return [];
      const { name, namespace } = logo.root;
      const message =
        name === "svg"
          ? `The root element svg is ${namespace ? `in the namespace ${namespace}` : "in no namespace"}.`
          : `The root element is ${name}, not svg.`;
      const hint =
        name.toLowerCase() === "html"
          ? "This is a web page; save the SVG file itself."
          : `Write <svg xmlns="${SVG_NAMESPACE}" …>.`;
      return [{ message, hint, element: logo.root }];
    },
  },
];
