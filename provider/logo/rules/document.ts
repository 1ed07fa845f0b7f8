import { applied, insertAttribute, originOf, remove } from "../edits";
import { type ParsedLogo, parseLogo, SVG_NAMESPACE, svgRoot } from "../parse";
import type { Edit, Problem, Rule } from "../rule";

/** Above this, Google and others do not show a logo. */
export const MAX_SHOWN_BYTES = 32 * 1024;

/** Above this, none does: receivers stop reading there. */
export const MAX_RECEIVED_BYTES = 64 * 1024;

/** The file as a whole: XML, size, root element. */
export const documentRules: Rule[] = [
  {
    id: "SVG-001",
    severity: "error",
    title: "The file is well-formed XML in UTF-8.",
    always: true,
    spec: "XML 1.0",
    onAnyBytes: true,
    check(logo) {
      const { format, encoding, text } = logo;
      if (format && format.code !== "gzip") return [{ message: `The logo ${format.message}`, hint: format.hint }];
      const xmlError = isOfDoctype(logo) ? withoutDoctype(logo)?.xmlError : logo.xmlError;
      if (xmlError) {
        return [
          {
            message: `The logo cannot be read as XML: ${xmlError.message}`,
            hint: hintOf(xmlError.message),
            offset: xmlError.offset,
          },
        ];
      }
      if (encoding && !/^(utf-8|us-ascii)$/i.test(encoding)) {
        const fix = encodingFix(text);
        return [
          {
            message: `The XML declaration names the encoding ${encoding}.`,
            hint: 'DigiCert and mailbox providers read UTF-8: save the file as UTF-8 and write encoding="UTF-8".',
            offset: 0,
            ...(fix ? { fix } : {}),
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
    check(logo) {
      const { doctype, root } = logo;
      if (doctype === undefined) return [];
      const more = root ? "" : " What else there is to repair shows afterwards.";
      const without = withoutDoctype(logo);
      const fix = without?.xmlError ? undefined : without?.fix;
      return [
        {
          message: "The logo has a DOCTYPE declaration, which can name external files and entities.",
          hint: `No logo of a mark certificate may load anything or expand entities. Remove the whole <!DOCTYPE …> and write out what its entities stand for.${more}`,
          offset: doctype,
          ...(fix ? { fix } : {}),
        },
      ];
    },
  },
  {
    id: "SVG-003",
    severity: "error",
    title: "There are no processing instructions, such as xml-stylesheet.",
    spec: "draft-svg-tiny-ps-abrotman section 2.3 (no external references)",
    check: ({ processingInstructions, text }) =>
      processingInstructions.map((instruction) => ({
        message: `There is a processing instruction <?${instruction.target} …?>.`,
        hint:
          instruction.target === "xml-stylesheet"
            ? "Nobody who shows the logo loads the style sheet: write what it says as attributes of the elements, and remove the line."
            : "SVG Tiny PS has none, and programs read them as they like. Remove it.",
        offset: instruction.offset,
        fix: [remove(text, instruction)],
      })),
  },
  {
    id: "SVG-004",
    severity: "error",
    title: "The file has at most 32,768 bytes (where ignored, 65,536).",
    spec: "draft-svg-tiny-ps-abrotman section 2.4",
    onAnyBytes: true,
    check({ bytes }) {
      if (bytes.length <= MAX_SHOWN_BYTES) return [];
      const received = bytes.length <= MAX_RECEIVED_BYTES ? "" : ` None reads more than ${MAX_RECEIVED_BYTES}.`;
      return [
        {
          message: `The logo has ${bytes.length} bytes; mail receivers show at most ${MAX_SHOWN_BYTES}.`,
          hint: `Simplify the paths, round their numbers, and remove embedded images and editor data.${received}`,
          always: bytes.length > MAX_RECEIVED_BYTES,
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
      const { root } = logo;
      if (!root || svgRoot(logo)) return [];
      const { name, namespace } = root;
      const hint =
        name.toLowerCase() === "html"
          ? "This is a web page; save the SVG file itself."
          : `Apple and all who check the profile look for it first. Write <svg xmlns="${SVG_NAMESPACE}" …>.`;
      if (name !== "svg") return [{ message: `The root element is ${name}, not svg.`, hint, element: root }];
      const isUndeclared = namespace === "" && !root.attributes.some(({ qualifiedName }) => qualifiedName === "xmlns");
      const problem: Problem = {
        message: `The root element svg is ${namespace ? `in the namespace ${namespace}` : "in no namespace"}.`,
        hint,
        element: root,
      };
      return [isUndeclared ? { ...problem, fix: [insertAttribute(root, "xmlns", SVG_NAMESPACE)] } : problem];
    },
  },
];

function hintOf(xmlError: string): string {
  if (/entity/.test(xmlError)) {
    return "XML knows &amp; &lt; &gt; &quot; and &apos; only, not those of HTML: write the character itself, or &amp; for an ampersand.";
  }
  if (/namespace prefix/.test(xmlError)) {
    return "Remove what has this prefix: SVG Tiny PS allows no names of other namespaces (xlink:href is href).";
  }
  return "Nobody reads a file that is no XML. Export it again, or repair it at this place.";
}

/** What is not ASCII means something else in another encoding. */
function encodingFix(text: string): Edit[] | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (!/^[\u0000-\u007f]*$/.test(text)) return undefined;
  const match = /^<\?xml[^>]*?\sencoding\s*=\s*(["'])([^"']*)\1/d.exec(text);
  const [start, end] = match?.indices?.[2] ?? [];
  return start === undefined || end === undefined ? undefined : [{ start, end, text: "UTF-8" }];
}

/** An entity that a DOCTYPE declares is undefined here; the DOCTYPE is what must go (SVG-002). */
function isOfDoctype({ doctype, xmlError }: ParsedLogo): boolean {
  return doctype !== undefined && xmlError?.message === "undefined entity.";
}

interface WithoutDoctype {
  fix: Edit[];
  /** What is wrong behind the first entity, where it stands now. */
  xmlError?: ParsedLogo["xmlError"];
}

/** Takes a DOCTYPE without defaults of attributes away, and puts what its entities stand for in their place. */
function withoutDoctype(logo: ParsedLogo): WithoutDoctype | undefined {
  const { text, doctype, doctypeEnd, xmlError } = logo;
  if (doctype === undefined || doctypeEnd === undefined) return undefined;
  const declarations = text.slice(doctype, doctypeEnd);
  if (/<!ATTLIST|%/.test(declarations)) return undefined;
  const removal = remove(text, { offset: doctype, end: doctypeEnd });
  if (!xmlError) return { fix: [removal] };
  const edits = isOfDoctype(logo) ? entityEdits(text, declarations, doctypeEnd) : undefined;
  if (!edits) return undefined;
  const fix = [removal, ...edits];
  const then = parseLogo(Buffer.from(applied(text, fix))).xmlError;
  return { fix, ...(then ? { xmlError: { ...then, offset: originOf(then.offset, fix) } } : {}) };
}

/** Illustrator writes its namespaces as entities. Only those that are plain text are written out, and no bombs. */
function entityEdits(text: string, declarations: string, from: number): Edit[] | undefined {
  const values = new Map<string, string>();
  for (const [, name, quoted] of declarations.matchAll(/<!ENTITY\s+([\w.-]+)\s+("[^"&<%']*"|'[^'&<%"]*')\s*>/g)) {
    // The first declaration counts.
    if (!values.has(name!)) values.set(name!, quoted!.slice(1, -1));
  }
  const edits: Edit[] = [];
  let size = 0;
  // What does not end goes on to the end: it is looked for once only.
  const references = /<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)|&([A-Za-z_][\w.-]*);/g;
  references.lastIndex = from;
  for (let match = references.exec(text); match; match = references.exec(text)) {
    const [reference, name] = match;
    if (name === undefined || /^(?:amp|lt|gt|quot|apos)$/.test(name)) continue;
    const value = values.get(name);
    size += value?.length ?? 0;
    if (value === undefined || size > MAX_RECEIVED_BYTES) return undefined;
    edits.push({ start: match.index, end: match.index + reference.length, text: value });
  }
  return edits;
}
