import { type Length, readLength, readNumbers, type ViewBox, viewBoxOf } from "../drawing";
import { insertAttribute, removeAttribute, replaceValue } from "../edits";
import { attributeOf, type ParsedLogo, type SvgAttribute, type SvgElement, svgRoot } from "../parse";
import type { Problem, Rule } from "../rule";

/** Gmail shows no logo that says that it is smaller. */
const MIN_PIXELS = 96;

/** CSS pixels of each absolute unit. */
const PIXELS = new Map([
  ["", 1],
  ["px", 1],
  ["in", 96],
  ["cm", 96 / 2.54],
  ["mm", 96 / 25.4],
  ["pt", 96 / 72],
  ["pc", 16],
]);

const GOOGLE = "Google: create a BIMI SVG file (support.google.com/a/answer/10911027)";

/** Which part of the drawing is shown, and how large. */
export const sizeRules: Rule[] = [
  {
    id: "SVG-022",
    severity: "error",
    title: "The svg element has a viewBox of four numbers parted by spaces.",
    spec: "BIMI Group: creating BIMI SVG logo files",
    check(logo) {
      const root = svgRoot(logo);
      if (!root) return [];
      const attribute = find(root, "viewBox");
      if (!attribute) return [missingViewBox(root)];

      const { value } = attribute;
      const problem = (message: string, hint: string): Problem[] => [
        { message, hint, element: root, offset: attribute.nameOffset },
      ];
      const numbers = readNumbers(value);
      if (numbers?.length !== 4) {
        return problem(`The viewBox "${value}" is not four numbers.`, 'Write for example viewBox="0 0 96 96".');
      }
      if (!viewBoxOf(logo)) {
        const [, , width, height] = numbers;
        return problem(
          `The viewBox is ${width} wide and ${height} high, which shows nothing.`,
          "Its third and fourth number are the width and the height of the drawing, above 0.",
        );
      }
      if (!value.includes(",")) return [];
      const spaced = value
        .split(/[\s,]+/)
        .filter((part) => part !== "")
        .join(" ");
      return [
        {
          message: "The numbers of the viewBox are parted by commas.",
          hint: `Some who check logos split them at spaces: write viewBox="${spaced}".`,
          severity: "warning",
          element: root,
          offset: attribute.nameOffset,
          fix: [replaceValue(attribute, spaced)],
        },
      ];
    },
  },
  {
    id: "SVG-023",
    severity: "error",
    title: "The viewBox is square.",
    spec: GOOGLE,
    check(logo) {
      const root = svgRoot(logo);
      const box = viewBoxOf(logo);
      if (!root || !box || isAlike(box.width, box.height)) return [];
      const { width, height } = box;
      return [
        {
          message: `The viewBox is ${width} wide and ${height} high: not square, as Google wants it.`,
          hint: `Gmail shows it distorted or not at all, and a corrected logo needs a second certificate. Write viewBox="${squared(box)}" and let the background fill it.`,
          element: root,
          offset: find(root, "viewBox")!.nameOffset,
        },
      ];
    },
  },
  {
    id: "SVG-024",
    severity: "error",
    title: "width and height, if given, are at least 96 pixels.",
    spec: GOOGLE,
    check(logo) {
      const root = svgRoot(logo);
      if (!root) return [];
      const given = ["width", "height"].flatMap((name) => find(root, name) ?? []);
      if (given.length === 0) {
        return [
          {
            message: "The svg element has no width and height; mail receivers take the viewBox.",
            hint: 'That is fine. Google recommends absolute ones of 96 or more: width="96" height="96".',
            severity: "info",
            element: root,
          },
        ];
      }
      const unclear = given.flatMap((attribute) => unclearLength(root, attribute) ?? []);
      const small = given.filter(({ value }) => (pixelsOf(value) ?? MIN_PIXELS) < MIN_PIXELS);
      return [...unclear, ...(small.length > 0 ? [tooSmall(logo, root, small)] : [])];
    },
  },
  {
    id: "SVG-025",
    severity: "warning",
    title: "width and height have the ratio of the viewBox.",
    spec: GOOGLE,
    check(logo) {
      const root = svgRoot(logo);
      const box = viewBoxOf(logo);
      const [width, height] = sizeOf(root);
      if (!root || !box || width <= 0 || height <= 0 || isAlike(width / height, box.width / box.height)) return [];
      const name = find(root, "width")!;
      return [
        {
          message: `The svg element is ${rounded(width)} by ${rounded(height)} pixels, but its viewBox ${box.width} by ${box.height}.`,
          hint: "The drawing gets empty stripes at two sides. Give width and height the ratio of the viewBox, or remove both.",
          element: root,
          offset: name.nameOffset,
        },
      ];
    },
  },
];

function missingViewBox(root: SvgElement): Problem {
  const [width, height] = sizeOf(root);
  const message = "The svg element has no viewBox, so that its drawing cannot be scaled.";
  // Without a viewBox, a unit of the drawing is a pixel.
  if (width <= 0 || height <= 0) {
    return { message, hint: 'Add the part that is to be shown: viewBox="0 0 width height".', element: root };
  }
  const viewBox = `0 0 ${width} ${height}`;
  const fix = [insertAttribute(root, "viewBox", viewBox)];
  return { message, hint: `Add viewBox="${viewBox}".`, element: root, fix };
}

/** A length that is none, or depends on where the logo is shown. */
function unclearLength(root: SvgElement, attribute: SvgAttribute): Problem | undefined {
  const { name, value, nameOffset } = attribute;
  if (pixelsOf(value) !== undefined) return undefined;
  const place = { element: root, offset: nameOffset };
  const length = readLength(value);
  if (!length || (length.unit !== "%" && !/^(?:em|ex|ch|rem|v[whib]|vmin|vmax)$/i.test(length.unit))) {
    return {
      message: `${name} is "${value}", which is no length.`,
      hint: `Write ${name}="96" or remove it.`,
      ...place,
    };
  }
  return {
    message: `${name} is "${value}": relative to a page that a mail receiver does not have.`,
    hint: `Gmail and iCloud refuse such logos. Remove ${name}, or write it in pixels, 96 or more.`,
    ...place,
    // What SVG assumes anyway.
    ...(value.trim() === "100%" ? { fix: [removeAttribute(attribute)] } : {}),
  };
}

function tooSmall(logo: ParsedLogo, root: SvgElement, small: SvgAttribute[]): Problem {
  const [width, height] = sizeOf(root);
  const box = viewBoxOf(logo);
  // Then the viewBox alone gives the same picture, at any size.
  const scales = box && width > 0 && height > 0 && isAlike(width / height, box.width / box.height);
  const sizes = small.map(({ name, value }) => `${name} ${rounded(pixelsOf(value)!)}`).join(", ");
  return {
    message: `The svg element is smaller than ${MIN_PIXELS} pixels (${sizes}).`,
    hint: `Gmail does not show it. ${box ? "Remove width and height: the viewBox scales the drawing." : "Scale the drawing."}`,
    element: root,
    offset: small[0]!.nameOffset,
    ...(scales ? { fix: ["width", "height"].map((name) => removeAttribute(find(root, name)!)) } : {}),
  };
}

function pixelsOf(value: string): number | undefined {
  const length: Length | undefined = readLength(value);
  const factor = length && PIXELS.get(length.unit.toLowerCase());
  return length && factor !== undefined ? length.value * factor : undefined;
}

/** Width and height in pixels, 0 where that is unknown. */
function sizeOf(root: SvgElement | undefined): [width: number, height: number] {
  const size = (name: string) => (root && pixelsOf(attributeOf(root, name) ?? "")) ?? 0;
  return [size("width"), size("height")];
}

/** The square around it, as a viewBox. */
function squared({ x, y, width, height }: ViewBox): string {
  const side = Math.max(width, height);
  return [x - (side - width) / 2, y - (side - height) / 2, side, side].map(rounded).join(" ");
}

function isAlike(one: number, other: number): boolean {
  return Math.abs(one - other) <= Math.max(one, other) / 1000;
}

function rounded(number: number): number {
  return Number(number.toPrecision(6));
}

function find(element: SvgElement, name: string): SvgAttribute | undefined {
  return element.attributes.find((attribute) => attribute.name === name && attribute.namespace === "");
}
