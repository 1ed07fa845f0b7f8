import { SVG_NAMESPACE, type SvgElement } from "../parse";
import type { Rule } from "../rule";

const FONT = new Set(
  "font font-face font-face-name font-face-src font-face-uri glyph hkern missing-glyph vkern".split(" "),
);

const NAMES = new Set([...FONT, "text", "textArea"]);

/** Text and fonts. */
export const textRules: Rule[] = [
  {
    id: "SVG-029",
    severity: "warning",
    title: "There is no text: letters are paths.",
    spec: "draft-svg-tiny-ps-abrotman section 2.4",
    check({ root }) {
      return (root ? elementsNamed(NAMES, root) : []).flatMap((element) => {
        const { name } = element;
        if (name === "text" || name === "textArea") {
          const message = `The logo has a ${name} element: its letters look as the fonts of each machine have it.`;
          return [{ message, hint: "Convert the text to paths (outlines) in your drawing program.", element }];
        }
        // The font as a whole; what is in it goes with it.
        if (FONT.has(element.parent?.name ?? "")) return [];
        const message = `The logo has a ${name} element; mail receivers show no fonts of a logo's own.`;
        return [{ message, hint: "Convert the text to paths (outlines) and remove the font.", element }];
      });
    },
  },
];

function elementsNamed(names: ReadonlySet<string>, element: SvgElement, found: SvgElement[] = []): SvgElement[] {
  if (names.has(element.name) && element.namespace === SVG_NAMESPACE) found.push(element);
  for (const child of element.children) elementsNamed(names, child, found);
  return found;
}
