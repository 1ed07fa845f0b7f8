import { insertAttribute, removeAttribute, renameAttribute, replaceValue } from "../edits";
import { type ParsedLogo, type SvgAttribute, type SvgElement, svgRoot } from "../parse";
import type { Problem, Rule } from "../rule";

/** Attributes of the root element. */
export const rootRules: Rule[] = [
  {
    id: "SVG-007",
    severity: "error",
    title: 'The root element says version="1.2".',
    spec: "draft-svg-tiny-ps-abrotman section 2.1",
    check: (logo) => exactValue(logo, "version"),
  },
  {
    id: "SVG-008",
    severity: "error",
    title: 'The root element says baseProfile="tiny-ps".',
    spec: "draft-svg-tiny-ps-abrotman section 2.1",
    check: (logo) => exactValue(logo, "baseProfile"),
  },
  {
    id: "SVG-017",
    severity: "error",
    title: "The root element has neither x nor y.",
    spec: "draft-svg-tiny-ps-abrotman section 6.2 and its RELAX NG schema",
    *check(logo) {
      const root = svgRoot(logo);
      for (const attribute of root?.attributes ?? []) {
        if (attribute.namespace !== "" || !/^[xy]$/.test(attribute.name)) continue;
        yield {
          message: `The svg element has ${attribute.name}.`,
          hint: "It moves nothing there, and Google and DigiCert ask for its removal (Illustrator writes it). Remove it.",
          element: root!,
          offset: attribute.nameOffset,
          fix: [removeAttribute(attribute)],
        };
      }
    },
  },
];

const HEADER = { version: "1.2", baseProfile: "tiny-ps" } as const;

function exactValue(logo: ParsedLogo, name: keyof typeof HEADER): Problem[] {
  const root = svgRoot(logo);
  if (!root) return [];
  const expected = HEADER[name];
  const attribute = root.attributes.find((each) => each.namespace === "" && each.name === name);
  if (attribute?.value === expected) return [];

  const hint = `Apple, Google and DigiCert look for it. Write ${name}="${expected}" on the svg element, exactly so.`;
  if (attribute) {
    const message = `${name} is "${attribute.value}", not "${expected}".`;
    return [{ message, hint, element: root, offset: attribute.nameOffset, fix: [replaceValue(attribute, expected)] }];
  }
  const misspelt = root.attributes.find((each) => isMisspelt(root, each) === name);
  if (misspelt) {
    const message = `The svg element has ${misspelt.name} where ${name} is required.`;
    const fix = [renameAttribute(misspelt, name), replaceValue(misspelt, expected)];
    return [{ message, hint, element: root, offset: misspelt.nameOffset, fix }];
  }
  const fix = [insertAttribute(root, name, expected)];
  return [{ message: `The svg element has no ${name}.`, hint, element: root, fix }];
}

/** Which of `version` and `baseProfile` an attribute of the root element means, if that is missing. */
export function isMisspelt(root: SvgElement, { name, namespace }: SvgAttribute): keyof typeof HEADER | undefined {
  if (root.parent || namespace !== "" || name in HEADER) return undefined;
  const meant = (["version", "baseProfile"] as const).find((each) => each.toLowerCase() === name.toLowerCase());
  return meant && !root.attributes.some((each) => each.namespace === "" && each.name === meant) ? meant : undefined;
}
