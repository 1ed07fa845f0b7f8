import { attributeOf, type ParsedLogo, svgRoot } from "../parse";
import type { Problem, Rule } from "../rule";

/** Attributes of the root element. */
export const rootRules: Rule[] = [
  {
    id: "SVG-007",
    severity: "error",
    title: 'The root element says version="1.2".',
    spec: "draft-svg-tiny-ps-abrotman section 2.1",
    check: (logo) => exactValue(logo, "version", "1.2"),
  },
  {
    id: "SVG-008",
    severity: "error",
    title: 'The root element says baseProfile="tiny-ps".',
    spec: "draft-svg-tiny-ps-abrotman section 2.1",
    check: (logo) => exactValue(logo, "baseProfile", "tiny-ps"),
  },
];

function exactValue(logo: ParsedLogo, name: string, expected: string): Problem[] {
  const root = svgRoot(logo);
  if (!root) return [];
  const value = attributeOf(root, name);
  if (value === expected) return [];

  const misspelt = root.attributes.find((attribute) => attribute.name.toLowerCase() === name.toLowerCase())?.name;
  const message =
    value !== undefined
      ? `${name} is "${value}", not "${expected}".`
      : misspelt && misspelt !== name
        ? `The svg element has ${misspelt} where ${name} is required.`
        : `The svg element has no ${name}.`;
  return [{ message, hint: `Write ${name}="${expected}" on the svg element, exactly so.`, element: root }];
}
