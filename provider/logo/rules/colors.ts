import { drawingOf } from "../drawing";
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
      const colors = new Set(
        shapes.flatMap(({ fill, stroke }) => [...(fill?.colors ?? []), ...(stroke?.colors ?? [])]),
      );
      if (colors.size > 1) return [];
      const [color] = colors;
      const element = shapes[0]?.element ?? svgRoot(logo)!;
      if (color === undefined) {
        return [
          {
            message: "The logo draws nothing.",
            hint: "Draw the mark on a background, in two colours or more.",
            element,
          },
        ];
      }
      const only = color.replace(/\/.*/, "");
      const bare = bareAt(logo);
      // The page behind it shows a second colour, but nobody knows which; older certificates hold such marks.
      const ground = bare && bare.length > 0 ? ", on a transparent background" : "";
      return [
        {
          message: `Everything that the logo draws is ${only}${ground}: one colour, where two are required.`,
          hint: 'Give the background another colour than the mark, for example with <rect width="…" height="…" fill="#fff"/>.',
          element,
        },
      ];
    },
  },
];
