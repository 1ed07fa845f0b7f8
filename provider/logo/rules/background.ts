import { type Contour, drawingOf, encloses, isNear, type Shape, type ViewBox, viewBoxOf } from "../drawing";
import type { ParsedLogo } from "../parse";
import type { Problem, Rule } from "../rule";

/** A shape and where it is drawn, as far as that is known. */
type Outlined = Shape & { contours: Contour[] | undefined; sure: boolean };
type Point = readonly [x: number, y: number];

/** Of the circle's radius: what is left is the margin. */
const MAX_REACH = 0.9;

/** What the mark stands on, and how near it comes to the edge. */
export const backgroundRules: Rule[] = [
  {
    id: "SVG-027",
    severity: "warning",
    title: "The background is opaque.",
    spec: "Google: create a BIMI SVG file (support.google.com/a/answer/10911027)",
    check(logo) {
      const [bare] = bareAt(logo) ?? [];
      if (!bare) return [];
      const [x, y] = bare.map((number) => Number(number.toPrecision(3)));
      return [
        {
          message: `The background is transparent, for example at ${x},${y} of the viewBox.`,
          hint: "Mail programs put their own colour there, dark ones too. Let the first shape fill the whole viewBox with one opaque colour.",
          ...(logo.root ? { element: logo.root } : {}),
        },
      ];
    },
  },
  {
    id: "SVG-028",
    severity: "warning",
    title: "The mark stays within the circle to which logos are cut.",
    spec: "draft-brotman-ietf-bimi-guidance: image display",
    check(logo) {
      const box = viewBoxOf(logo);
      return box ? farthest(box, outlined(logo)) : [];
    },
  },
];

/** Points that nothing opaque covers, as long as anything is drawn; `undefined` if that is not surely known. */
export function bareAt(logo: ParsedLogo): Point[] | undefined {
  const box = viewBoxOf(logo);
  const shapes = outlined(logo);
  // Could be what covers them.
  const isHidden = shapes.some((shape) => !shape.contours && (shape.fill?.opaque || shape.stroke?.opaque));
  if (!box || shapes.length === 0 || isHidden) return undefined;
  let bare = [...perimeter(box), ...inside(box)];
  for (const shape of shapes) bare = bare.filter((point) => !covers(shape, point));
  return bare;
}

/** All shapes but text; none if it is not surely known what is drawn. */
function outlined(logo: ParsedLogo): Outlined[] {
  const shapes = (drawingOf(logo) ?? []).filter(({ element }) => !element.name.startsWith("text"));
  return shapes.map((shape) => {
    const { contours, sure = false } = shape.outline() ?? {};
    return { ...shape, contours, sure };
  });
}

/** Points near the edge of the viewBox, corners included. */
function perimeter({ x, y, width, height }: ViewBox): Point[] {
  const steps = [0.01, 0.13, 0.26, 0.38, 0.51, 0.63, 0.76, 0.88, 0.99];
  const at = (across: number, down: number): Point => [x + across * width, y + down * height];
  return steps.flatMap((step) => [at(step, 0.01), at(step, 0.99), at(0.01, step), at(0.99, step)]);
}

/** Points off the lines at which two halves of a background could meet. */
function inside({ x, y, width, height }: ViewBox): Point[] {
  const steps = [0.11, 0.27, 0.43, 0.59, 0.71, 0.87];
  return steps.flatMap((across) => steps.map((down): Point => [x + across * width, y + down * height]));
}

function covers({ fill, stroke, contours = [], evenOdd, reach }: Outlined, [x, y]: Point): boolean {
  if (fill?.opaque && encloses(contours, x, y, evenOdd)) return true;
  return stroke?.opaque === true && isNear(contours, x, y, reach);
}

/** The part of the mark that reaches farthest from the middle. */
function farthest(box: ViewBox, shapes: Outlined[]): Problem[] {
  const edge = perimeter(box);
  const within = inside(box);
  const everywhere = [...edge, ...within];
  const [centerX, centerY] = [box.x + box.width / 2, box.y + box.height / 2];
  const radius = Math.max(box.width, box.height) / 2;
  const isOnEdge = ({ contours = [], evenOdd }: Outlined) => edge.some(([x, y]) => encloses(contours, x, y, evenOdd));
  let far: { shape: Outlined; distance: number } | undefined;
  let ground: Outlined | undefined;
  for (const shape of shapes) {
    if (!shape.contours) {
      // Could hide what was drawn before it.
      far = undefined;
      continue;
    }
    let distance = 0;
    for (const points of shape.contours)
      for (let at = 0; at < points.length; at += 2)
        distance = Math.max(distance, Math.hypot(points[at]! - centerX, points[at + 1]! - centerY));
    if (distance + shape.reach <= radius * MAX_REACH) continue;
    if (everywhere.every((point) => covers(shape, point))) {
      // Hides what was drawn before it.
      [ground, far] = [shape, undefined];
      continue;
    }
    if (!shape.sure) continue;
    if (distance <= Math.max(radius * MAX_REACH, far?.distance ?? 0) || (ground && isAlike(shape, ground))) continue;
    // Something for the mark to stand on: a disc, a panel.
    if (within.filter((point) => covers(shape, point)).length >= within.length / 3) continue;
    if (!runsOver(box, shape) && !isOnEdge(shape)) far = { shape, distance };
  }
  if (!far) return [];
  const { element } = far.shape;
  const percent = Math.round((far.distance / radius) * 100);
  if (far.distance > radius * 1.01) {
    return [
      {
        message: `The mark reaches out of the circle to which mail programs cut logos: to ${percent} % of its radius.`,
        hint: "Make the mark smaller, or the viewBox and the background larger, until it stays below 90 %.",
        element,
      },
    ];
  }
  return [
    {
      message: `The mark reaches to ${percent} % of the radius of the circle to which mail programs cut logos.`,
      hint: "Leave a margin of 10 to 15 %.",
      severity: "info",
      element,
    },
  ];
}

/** What goes beyond the viewBox is meant to be cut. */
function runsOver({ x, y, width, height }: ViewBox, { contours = [] }: Outlined): boolean {
  const slack = 0.01 * Math.max(width, height);
  return contours.some((points) =>
    points.some((value, at) => {
      const [from, size] = at % 2 === 0 ? [x, width] : [y, height];
      return value < from - slack || value > from + size + slack;
    }),
  );
}

/** Painted with the background's own colour. */
function isAlike({ fill, stroke }: Outlined, ground: Outlined): boolean {
  const colors = [...(fill?.colors ?? []), ...(stroke?.colors ?? [])];
  return colors.every((color) => ground.fill?.colors.length === 1 && ground.fill.colors[0] === color);
}
