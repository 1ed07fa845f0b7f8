import { type ParsedLogo, SVG_NAMESPACE, type SvgElement, svgRoot } from "../parse";
import type { Rule } from "../rule";

/** The title: what is read out, and shown where the image is not. */
export const titleRules: Rule[] = [
  {
    id: "SVG-009",
    severity: "error",
    title: "There is one title, directly after the svg start tag.",
    spec: "draft-svg-tiny-ps-abrotman section 2.1 and its RELAX NG schema",
    check(logo) {
      const root = svgRoot(logo);
      if (!root) return [];
      const [first, second] = titlesOf(logo);
      if (!first) {
        const hint = "Add <title>Your company</title> as the first element inside svg.";
        return [{ message: "The logo has no title.", hint, element: root }];
      }
      if (second) {
        return [{ message: "The logo has more than one title.", hint: "Keep one.", element: second }];
      }
      if (root.children[0] !== first) {
        const hint = "Move it directly after the svg start tag.";
        return [{ message: "The title is not the first element inside svg.", hint, element: first }];
      }
      return [];
    },
  },
  {
    id: "SVG-010",
    severity: "error",
    title: "The title is not empty.",
    spec: "draft-svg-tiny-ps-abrotman section 2.1",
    check(logo) {
      const empty = titlesOf(logo).filter((title) => title.text.trim() === "");
      const hint = "Write the company's name, at most 64 characters.";
      return empty.map((element) => ({ message: "The title is empty.", hint, element }));
    },
  },
];

function titlesOf(logo: ParsedLogo): SvgElement[] {
  const children = svgRoot(logo)?.children ?? [];
  return children.filter(({ name, namespace }) => name === "title" && namespace === SVG_NAMESPACE);
}
