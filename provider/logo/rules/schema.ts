import type { ParsedLogo, SvgElement } from "../parse";
import { MAX_LOGO_BYTES } from "../read";
import type { Rule } from "../rule";
import { type Refusal, validate } from "../schema/validate";

/** Rules that say in better words why the schema refuses a file. */
const BETTER = ["001", "006", "007", "008", "009", "014", "015", "016", "017", "018", "019", "021"].map(
  (number) => `SVG-${number}`,
);

/** libxml2 refuses to read what is nested 256 deep. */
const MAX_DEPTH = 200;

/** The schema of SVG Tiny PS decides; it speaks where no other rule did. */
export const schemaRules: Rule[] = [
  {
    id: "SVG-033",
    severity: "error",
    title: "The RELAX NG schema of SVG Tiny PS accepts the file.",
    spec: "draft-svg-tiny-ps-abrotman section 7",
    async check(logo, _options, errors) {
      const { root, bytes, doctype } = logo;
      // An entity costs nothing to refuse, and much to expand (SVG-002); what is too large is refused as such (SVG-004).
      if (!root || doctype !== undefined || bytes.length > MAX_LOGO_BYTES) return [];
      if (BETTER.some((id) => errors.has(id))) return [];
      if (depthOf(root) > MAX_DEPTH) {
        const message = `Elements are nested more than ${MAX_DEPTH} deep: too deep to be checked against the schema.`;
        return [{ message, hint: "Ungroup them.", element: root }];
      }
      const hint = "Remove it, or write it as SVG Tiny 1.2 does; drawing programs export SVG Tiny PS or SVG Tiny 1.2.";
      return distinct(await validate(bytes)).map(({ message, xpath }) => ({
        message: `The schema of SVG Tiny PS refuses this: ${message}.`,
        hint,
        element: elementAt(logo, xpath) ?? root,
      }));
    },
  },
];

/** The first of each element, as what follows is its consequence; no more than somebody reads. */
function distinct(refusals: Refusal[]): Refusal[] {
  const byPlace = new Map<string | undefined, Refusal>();
  for (const refusal of refusals) if (!byPlace.has(refusal.xpath)) byPlace.set(refusal.xpath, refusal);
  return [...byPlace.values()].slice(0, 20);
}

function depthOf(element: SvgElement): number {
  let below = 0;
  for (const child of element.children) below = Math.max(below, depthOf(child));
  return below + 1;
}

/** The element of an XPath as libxml2 writes it: `*` for elements of a default namespace, else names with prefixes. */
function elementAt({ root }: ParsedLogo, xpath = ""): SvgElement | undefined {
  const [first, ...steps] = xpath.split("/").slice(1);
  let element = first === undefined ? undefined : root;
  for (const step of steps) {
    const [, name, position] = /^([^[]+)(?:\[(\d+)\])?$/.exec(step) ?? [];
    const local = name?.replace(/^.*:/, "");
    const children: SvgElement[] | undefined = element?.children;
    element = children?.filter((child) => name === "*" || child.name === local)[Number(position ?? 1) - 1];
  }
  return element;
}
