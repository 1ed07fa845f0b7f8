import svgpath from "svgpath";
import { attributeOf, type SvgElement } from "../parse";
import type { Matrix } from "./matrix";
import { isPlain, readLength, readNumbers } from "./numbers";
import { faultIn } from "./pathData";

/** Points `x, y, x, y, …` of one part of a shape, on its outline. */
export type Contour = number[];

/** Points that stand for a curve. */
const STEPS = 8;

/** The path data of a shape, empty if nothing is drawn. */
export interface PathData {
  data: string;
  /** Whether all of it could be read. If not, it is what those draw who go on. */
  sure: boolean;
}

/** `undefined` if it depends on what is not known here: the size of a font, the page. */
export function pathDataOf(element: SvgElement): PathData | undefined {
  const values: Record<string, number> = {};
  let sure = true;
  for (const name of LENGTHS[element.name] ?? []) {
    const written = attributeOf(element, name);
    const length = written === undefined ? undefined : readLength(written);
    if (length && !isPlain(length)) return undefined;
    const isReadable = length !== undefined && (length.value >= 0 || !/^(?:width|height|rx?|ry)$/.test(name));
    sure &&= written === undefined || isReadable;
    values[name] = length?.value ?? 0;
  }
  const data = dataOf(element, values);
  return data && { data: data.data, sure: sure && data.sure };
}

function dataOf(element: SvgElement, values: Record<string, number>): PathData | undefined {
  const { x = 0, y = 0, width = 0, height = 0, cx = 0, cy = 0, r = 0, x1, y1, x2, y2 } = values;
  const isGiven = (name: string) => attributeOf(element, name) !== undefined;
  const all = (data: string): PathData => ({ data, sure: true });
  switch (element.name) {
    case "path": {
      const data = attributeOf(element, "d") ?? "";
      const fault = faultIn(data);
      return fault ? { data: data.slice(0, fault.readUpTo), sure: false } : all(data);
    }
    case "rect": {
      if (width <= 0 || height <= 0) return all("");
      const given = (name: string) => (isGiven(name) ? values[name] : undefined);
      const rx = Math.min(given("rx") ?? given("ry") ?? 0, width / 2);
      const ry = Math.min(given("ry") ?? given("rx") ?? 0, height / 2);
      if (rx <= 0 || ry <= 0) return all(`M${x} ${y}h${width}v${height}h${-width}z`);
      const corner = (dx: number, dy: number) => `a${rx} ${ry} 0 0 1 ${dx} ${dy}`;
      const [across, down] = [width - 2 * rx, height - 2 * ry];
      return all(
        `M${x + rx} ${y}h${across}${corner(rx, ry)}v${down}${corner(-rx, ry)}h${-across}${corner(-rx, -ry)}v${-down}${corner(rx, -ry)}z`,
      );
    }
    case "circle":
      return all(ellipse(cx, cy, r, r));
    case "ellipse": {
      const radii = ["rx", "ry"].filter((name) => (readLength(attributeOf(element, name) ?? "")?.value ?? -1) >= 0);
      // SVG 2 takes it for both.
      if (radii.length === 1) return undefined;
      return all(ellipse(cx, cy, values.rx!, values.ry!));
    }
    case "line":
      return all(`M${x1} ${y1}L${x2} ${y2}`);
    case "polyline":
    case "polygon": {
      const points = readNumbers(attributeOf(element, "points") ?? "") ?? [Number.NaN];
      const sure = points.length % 2 === 0;
      if (!sure) points.pop();
      return { data: points.length > 0 ? `M${points.join(" ")}${element.name === "polygon" ? "z" : ""}` : "", sure };
    }
    default:
      return undefined;
  }
}

const LENGTHS: Record<string, string[]> = {
  rect: ["x", "y", "width", "height", "rx", "ry"],
  circle: ["cx", "cy", "r"],
  ellipse: ["cx", "cy", "rx", "ry"],
  line: ["x1", "y1", "x2", "y2"],
};

function ellipse(cx: number, cy: number, rx: number, ry: number): string {
  if (rx <= 0 || ry <= 0) return "";
  return `M${cx - rx} ${cy}a${rx} ${ry} 0 1 1 ${2 * rx} 0a${rx} ${ry} 0 1 1 ${-2 * rx} 0z`;
}

/** Path data as points on the outline, two at least of each part; `undefined` if it is not surely known what is drawn. */
export function contoursOf(data: string, matrix: Matrix): Contour[] | undefined {
  const contours: Contour[] = [];
  let [startX, startY] = [0, 0];
  let sure = true;
  const add = (x: number, y: number) => {
    const [a, b, c, d, e, f] = matrix;
    const [newX, newY] = [a * x + c * y + e, b * x + d * y + f];
    sure &&= Number.isFinite(newX) && Number.isFinite(newY);
    contours.at(-1)!.push(newX, newY);
  };
  const begin = (x: number, y: number) => {
    contours.push([]);
    add(x, y);
  };

  const path = svgpath(data) as ReturnType<typeof svgpath> & { err?: string };
  // Drawn up to the fault by some, not at all by others.
  if (path.err) return undefined;
  let closed = false;
  const visit: Parameters<typeof path.iterate>[0] = (segment, _index, x, y) => {
    if (closed && segment[0] !== "M") begin(startX, startY);
    closed = segment[0] === "Z" || segment[0] === "z";
    switch (segment[0]) {
      case "M":
        [startX, startY] = [segment[1], segment[2]];
        return begin(startX, startY);
      case "L":
        return add(segment[1], segment[2]);
      case "H":
        return add(segment[1], y);
      case "V":
        return add(x, segment[1]);
      case "C":
        return curve(add, [x, y, segment[1], segment[2], segment[3], segment[4], segment[5], segment[6]]);
      case "Q": {
        const [, cx, cy, endX, endY] = segment;
        const towards = (from: number, to: number) => from + (2 / 3) * (to - from);
        const [c1, c2] = [[towards(x, cx), towards(y, cy)] as const, [towards(endX, cx), towards(endY, cy)] as const];
        return curve(add, [x, y, ...c1, ...c2, endX, endY]);
      }
      case "Z":
      case "z":
        return add(startX, startY);
      default:
        sure = false;
    }
  };
  path.abs().unarc().unshort().iterate(visit);
  // Moving the pen draws nothing.
  return sure ? contours.filter((points) => points.length > 2) : undefined;
}

type Curve = readonly [number, number, number, number, number, number, number, number];

function curve(add: (x: number, y: number) => void, [x0, y0, x1, y1, x2, y2, x3, y3]: Curve): void {
  for (let step = 1; step <= STEPS; step++) {
    const t = step / STEPS;
    const [w0, w1, w2, w3] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
    add(w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3, w0 * y0 + w1 * y1 + w2 * y2 + w3 * y3);
  }
}

/** Whether a point lies inside of what the contours, closed, enclose. */
export function encloses(contours: readonly Contour[], x: number, y: number, evenOdd: boolean): boolean {
  let [winding, crossings] = [0, 0];
  for (const points of contours) {
    let [fromX, fromY] = [points.at(-2)!, points.at(-1)!];
    for (let at = 0; at < points.length; at += 2) {
      const [toX, toY] = [points[at]!, points[at + 1]!];
      if (fromY <= y !== toY <= y && x < fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX)) {
        crossings++;
        winding += fromY < toY ? 1 : -1;
      }
      [fromX, fromY] = [toX, toY];
    }
  }
  return evenOdd ? crossings % 2 === 1 : winding !== 0;
}

/** Whether a point lies nearer to the outline than a distance. */
export function isNear(contours: readonly Contour[], x: number, y: number, distance: number): boolean {
  return contours.some((points) => {
    for (let at = 0; at < points.length; at += 2) {
      const [fromX, fromY] = at === 0 ? [points[0]!, points[1]!] : [points[at - 2]!, points[at - 1]!];
      const [dx, dy] = [points[at]! - fromX, points[at + 1]! - fromY];
      const along = dx === 0 && dy === 0 ? 0 : ((x - fromX) * dx + (y - fromY) * dy) / (dx * dx + dy * dy);
      const nearest = Math.min(Math.max(along, 0), 1);
      if (Math.hypot(x - fromX - nearest * dx, y - fromY - nearest * dy) <= distance) return true;
    }
    return false;
  });
}
