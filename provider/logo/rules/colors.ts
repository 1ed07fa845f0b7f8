import { drawingOf, shownOf, viewOf } from "../drawing";
import { svgRoot } from "../parse";
import type { Rule } from "../rule";
import { bareAt } from "./background";

/** What is painted. */
export const colorRules: Rule[] = [
  {
    id: "SVG-026",
    severity: "error",
    title: "The drawing has two colours or more.",
    spec: "draft-svg-tiny-ps-abrotman section 2.4",
    check(logo) {
      // Only what is surely known: an error here forbids to order.
      const shapes = drawingOf(logo);
      if (!shapes) return [];
      const { seen, isGrounded } = viewOf(shapes, shownOf(logo));
      const paints = [...new Set(seen.flatMap((each) => each.paints))];
      if (paints.some(({ sure }) => !sure)) return [];
      const named = paints.flatMap((paint) => paint.colors);
      // On an opaque ground of the same colour, transparency makes none.
      const colors = new Set(isGrounded ? named.map(opaque) : named);
      if (colors.size > 1) return [];
      const [color] = colors;
      const element = (seen[0]?.shape ?? shapes[0])?.element ?? svgRoot(logo)!;
      const left = shapes.length > seen.length ? ` ${UNSEEN}` : "";
      if (color === undefined) {
        return [
          {
            message: "The logo draws nothing.",
            hint: `Draw the mark on a background, in two colours or more.${left}`,
            element,
          },
        ];
      }
      const only = opaque(color);
      const bare = bareAt(logo);
      // The page behind it shows a second colour, but nobody knows which; older certificates hold such marks.
      const ground = bare && bare.length > 0 ? ", on a transparent background" : "";
      const other = only === "#ffffff" ? "#036" : "#fff";
      return [
        {
          message: `Everything that the logo draws is ${only}${ground}: one colour, where two are required.`,
          hint: `Give the background another colour than the mark, for example with <rect width="…" height="…" fill="${other}"/>.${left}`,
          element,
        },
      ];
    },
  },
];

const UNSEEN = "What has no area, lies outside of the viewBox or under an opaque shape does not count.";

function opaque(color: string): string {
  return color.replace(/\/.*/, "");
}
