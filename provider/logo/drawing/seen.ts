import type { Outline, Paint, Shape } from "./drawing";
import { type Contour, encloses } from "./outline";
import type { ViewBox } from "./viewBox";

/** A shape of which something may be seen. */
export interface Seen {
  shape: Shape;
  paints: Paint[];
}

/** What is left without the shapes that surely show nothing. */
export interface View {
  seen: Seen[];
  /** Whether the first one covers everything, so that nothing shines through. */
  isGrounded: boolean;
}

/** Only what is simple to decide is left out. */
export function viewOf(shapes: readonly Shape[], shown: ViewBox | undefined): View {
  const view: View = { seen: [], isGrounded: false };
  for (const shape of shapes) {
    const outline = shown && shape.outline();
    const paints = outline?.sure ? paintsSeen(shape, outline, shown!) : paintsOf(shape);
    if (outline && coversAll(shape, outline, shown!)) {
      view.seen = [];
      view.isGrounded = true;
    }
    if (paints.length > 0) view.seen.push({ shape, paints });
  }
  return view;
}

function paintsOf({ fill, stroke }: Shape): Paint[] {
  return [fill, stroke].filter((paint) => paint !== undefined);
}

function paintsSeen({ fill, stroke, extent }: Shape, { contours }: Outline, shown: ViewBox): Paint[] {
  const box = boxOf(contours);
  if (!box) return [];
  // Between two points, a curve bends less than an eighth of its size outwards.
  const fills = fill && box.width > 0 && box.height > 0 && meets(box, box.width / 8, box.height / 8, shown);
  const strokes = stroke && meets(box, box.width / 8 + extent, box.height / 8 + extent, shown);
  return [...(fills ? [fill] : []), ...(strokes ? [stroke] : [])];
}

function meets(box: ViewBox, across: number, down: number, shown: ViewBox): boolean {
  return (
    box.x - across < shown.x + shown.width &&
    box.x + box.width + across > shown.x &&
    box.y - down < shown.y + shown.height &&
    box.y + box.height + down > shown.y
  );
}

/** A rectangle, as most backgrounds are: of other shapes it is hard to say. */
function coversAll({ fill, evenOdd }: Shape, { contours, sure }: Outline, shown: ViewBox): boolean {
  const [points, ...others] = contours;
  const box = boxOf(contours);
  if (!sure || !fill?.opaque || !fill.sure || !points || !box || others.length > 0) return false;
  const slack = 1e-6 * Math.max(shown.width, shown.height);
  const isAt = (one: number, other: number) => Math.abs(one - other) <= slack;
  const isCovered =
    box.x <= shown.x + slack &&
    box.y <= shown.y + slack &&
    box.x + box.width >= shown.x + shown.width - slack &&
    box.y + box.height >= shown.y + shown.height - slack;
  if (!isCovered || !encloses(contours, box.x + box.width / 2, box.y + box.height / 2, evenOdd)) return false;
  for (let at = 0; at < points.length; at += 2) {
    const [x, y] = [points[at]!, points[at + 1]!];
    const [fromX, fromY] = [points.at(at - 2)!, points.at(at - 1)!];
    const isCorner = (isAt(x, box.x) || isAt(x, box.x + box.width)) && (isAt(y, box.y) || isAt(y, box.y + box.height));
    if (!isCorner || !(isAt(x, fromX) || isAt(y, fromY))) return false;
  }
  return true;
}

function boxOf(contours: readonly Contour[]): ViewBox | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const points of contours)
    for (let at = 0; at < points.length; at += 2) {
      [left, right] = [Math.min(left, points[at]!), Math.max(right, points[at]!)];
      [top, bottom] = [Math.min(top, points[at + 1]!), Math.max(bottom, points[at + 1]!)];
    }
  return contours.length > 0 ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}
