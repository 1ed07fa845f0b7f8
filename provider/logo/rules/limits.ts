import type { SvgElement } from "../parse";
import type { Rule } from "../rule";

const MAX_DEPTH = 32;
const MAX_ELEMENTS = 500;
const MAX_PATH_DATA = 16 * 1024;

/** What strains those who show the logo. */
export const limitRules: Rule[] = [
  {
    id: "SVG-034",
    severity: "warning",
    title: "The drawing is simple: 32 levels, 500 elements, 16 KB a path at most.",
    spec: "Limits of mail receivers, which nobody publishes",
    check({ root }) {
      if (!root) return [];
      let [depth, elements] = [0, 0];
      let deep: SvgElement | undefined;
      const long: { element: SvgElement; length: number; offset: number }[] = [];
      const visit = (element: SvgElement, level: number) => {
        elements++;
        depth = Math.max(depth, level);
        if (level > MAX_DEPTH) deep ??= element;
        for (const { name, value, nameOffset: offset } of element.attributes)
          if (name === "d" && value.length > MAX_PATH_DATA) long.push({ element, length: value.length, offset });
        for (const child of element.children) visit(child, level + 1);
      };
      visit(root, 1);
      return [
        ...(deep
          ? [
              {
                message: `Elements are nested ${depth} deep; mail receivers may stop at ${MAX_DEPTH}.`,
                hint: "Ungroup them.",
                element: deep,
              },
            ]
          : []),
        ...(elements > MAX_ELEMENTS
          ? [
              {
                message: `The logo has ${elements} elements; mail receivers may stop at ${MAX_ELEMENTS}.`,
                hint: "Unite shapes of the same colour; at 40 pixels nobody sees the details.",
                element: root,
              },
            ]
          : []),
        ...long.map(({ element, length, offset }) => ({
          message: `The path data has ${length} characters; mail receivers may stop at ${MAX_PATH_DATA}.`,
          hint: "Simplify the path; at 40 pixels nobody sees the details.",
          element,
          offset,
        })),
      ];
    },
  },
];
