import { createHash } from "node:crypto";
import { remove, removeAttribute } from "../edits";
import { encodeLogo } from "../encode";
import { type ParsedLogo, SVG_NAMESPACE, type SvgElement } from "../parse";
import type { Edit, Problem, Rule } from "../rule";
import { isDeclaration, isKnown, treeOf } from "../tree";

/** What programs leave in a file, and how it is written down. */
export const encodingRules: Rule[] = [
  {
    id: "SVG-030",
    severity: "warning",
    title: "There are no traces of editors: namespaces, metadata, comments.",
    spec: "draft-brand-indicators-for-message-identification, Metadata in Indicators",
    *check(logo) {
      const tree = treeOf(logo);
      const used = prefixesIn(tree.elements);
      for (const element of tree.elements) {
        if (element.name === "metadata" && isKnown(element)) {
          const hint = "Everybody who gets a mail can read it: authors, programs, paths of files. Remove it.";
          yield { message: "There is metadata.", hint, element, ...metadataFix(logo, element) };
        }
        for (const attribute of element.attributes) {
          if (!isDeclaration(attribute) || attribute.value === SVG_NAMESPACE) continue;
          const { qualifiedName, value, nameOffset } = attribute;
          const isUnused = attribute.name !== "xmlns" && !used.has(attribute.name);
          yield {
            message: `${qualifiedName} declares the namespace ${value}.`,
            hint: "CAs such as Entrust want that of SVG only, and it is dead weight. Remove it, and what it is used for.",
            element,
            offset: nameOffset,
            ...(isUnused ? { fix: [removeAttribute(attribute)] } : {}),
          };
        }
      }
      for (const { text, offset } of logo.comments) {
        if (!/generat|created (?:with|by|using|in)|inkscape|illustrator|sketch|figma|corel|affinity|svgo/i.test(text))
          continue;
        const hint = "Everybody who gets a mail can read it, and it is dead weight. Remove it.";
        yield { message: "A comment names the program that made the file.", hint, offset };
      }
    },
  },
  {
    id: "SVG-031",
    severity: "error",
    title: "Lines end with LF.",
    spec: "DigiCert, Getting Ready for BIMI: Prep Your Logo; RFC 9399 section 7",
    check({ text }) {
      const first = text.indexOf("\r");
      if (first < 0) return [];
      const fix: Edit[] = [];
      for (const { index, 0: end } of text.matchAll(/\r\n?/g)) {
        fix.push(
          end.length === 2 ? { start: index, end: index + 1, text: "" } : { start: index, end: index + 1, text: "\n" },
        );
      }
      return [
        {
          message: `${fix.length} line${fix.length === 1 ? " ends" : "s end"} with ${text[first + 1] === "\n" ? "CR LF" : "CR"}.`,
          hint: "DigiCert wants LF only; and the certificate holds these very bytes, which servers and Git like to change. Save it with LF, and put *.svg -text into .gitattributes.",
          offset: first,
          fix,
        },
      ];
    },
  },
  {
    id: "SVG-032",
    severity: "warning",
    title: "There is no byte order mark.",
    spec: "RFC 9399 section 7; XML 1.0 section 4.3.3",
    check({ text }) {
      if (!text.startsWith("\uFEFF")) return [];
      const hint = "Some readers, and hashes of the logo, stumble over it. Save it as UTF-8 without byte order mark.";
      return [
        { message: "The file begins with a byte order mark.", hint, offset: 0, fix: [{ start: 0, end: 1, text: "" }] },
      ];
    },
  },
  {
    id: "SVG-036",
    severity: "info",
    title: "The hashes and sizes of the exact bytes.",
    spec: "draft-brand-indicators-for-message-identification (policy.indicator-hash); RFC 9399 section 4",
    onAnyBytes: true,
    check({ bytes }): Problem[] {
      const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest("hex");
      return [
        {
          message: `SHA-256 ${hash("sha256")}, SHA-1 ${hash("sha1")}; ${bytes.length} bytes, ${encodeLogo(bytes).length} as they are ordered (gzip, base64).`,
        },
      ];
    },
  },
];

function prefixesIn(elements: readonly SvgElement[]): Set<string> {
  const used = new Set<string>();
  for (const { qualifiedName, attributes } of elements) {
    for (const name of [qualifiedName, ...attributes.map((each) => each.qualifiedName)]) {
      const colon = name.indexOf(":");
      if (colon > 0) used.add(name.slice(0, colon));
    }
  }
  return used;
}

/** Draws nothing, unless something of it is used. */
function metadataFix(logo: ParsedLogo, element: SvgElement): { fix?: Edit[] } {
  return treeOf(logo).used.has(element) ? {} : { fix: [remove(logo.text, element)] };
}
