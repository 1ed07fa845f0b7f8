import { attributeOf, type ParsedLogo, SVG_NAMESPACE, type SvgElement, svgRoot } from "../parse";
import { type Ink, readInk, readOpacity } from "./color";
import { IDENTITY, type Matrix, multiply, readTransform, stretch } from "./matrix";
import { isPlain, readLength, readNumber } from "./numbers";
import { type Contour, contoursOf, pathDataOf } from "./outline";

/** What a shape is painted with. */
export interface Paint {
  /** Each colour, then its transparency behind a slash; of a gradient those of its stops. */
  colors: string[];
  /** Whether nothing shines through; also if it is not known. */
  opaque: boolean;
  /** Whether these are all its colours: one that cannot be read is taken as another one by some. */
  sure: boolean;
}

/** Where a shape is drawn. */
export interface Outline {
  contours: Contour[];
  /** Whether all that says so could be read. If not, it is as those draw it who go on. */
  sure: boolean;
}

/** A shape as it is drawn, in the coordinates of the viewBox. */
export interface Shape {
  element: SvgElement;
  fill?: Paint;
  stroke?: Paint;
  /** At least half of the stroke's width. */
  reach: number;
  /** How far from its outline the stroke reaches at most, with its corners. */
  extent: number;
  evenOdd: boolean;
  /** `undefined` if that cannot be known here. */
  outline(): Outline | undefined;
}

const cache = new WeakMap<ParsedLogo, Shape[] | undefined>();

/** The shapes that are drawn, from back to front. `undefined` if that is not surely known without a renderer. */
export function drawingOf(logo: ParsedLogo): Shape[] | undefined {
  if (!cache.has(logo)) cache.set(logo, draw(logo));
  return cache.get(logo);
}

function draw(logo: ParsedLogo): Shape[] | undefined {
  const root = svgRoot(logo);
  if (!root) return undefined;
  try {
    return new Painter(root).shapes;
  } catch (error) {
    if (error instanceof Unsure) return undefined;
    throw error;
  }
}

/** What is drawn depends on more than is understood here. */
class Unsure extends Error {}

/** No logo has as many, by far (SVG-034). */
const MAX_ELEMENTS = 10_000;
/** `use` elements can draw each other billions of times. */
const MAX_VISITS = 5000;
const MAX_DEPTH = 600;
/** Characters of path data, counted each time they are drawn: their points need memory. */
const MAX_PATH_DATA = 128 * 1024;

const SHAPES = new Set(["path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "textArea"]);
const UNDRAWN = new Set(
  "defs title desc metadata linearGradient radialGradient solidColor stop font font-face glyph hkern".split(" "),
);
/** Attributes that change what is drawn and are not followed here. */
const UNFOLLOWED = new Set(
  "style opacity display visibility clip-path mask filter systemLanguage requiredFonts requiredFeatures requiredExtensions requiredFormats".split(
    " ",
  ),
);
/** Elements that change how others are drawn, wherever they stand. */
const FAR_REACHING = new Set("style script handler set animate animateColor animateMotion animateTransform".split(" "));

interface Style {
  color: string;
  fill: string;
  stroke: string;
  fillOpacity: string;
  strokeOpacity: string;
  strokeWidth: string;
  fillRule: string;
  miterLimit: string;
  vectorEffect: string;
}

/** The coordinates in which an element stands. */
interface Place {
  /** `undefined` if it is not known. */
  matrix?: Matrix | undefined;
  /** Whether each transform could be read. */
  sure: boolean;
}

const STYLE: [keyof Style, attribute: string, initial: string][] = [
  ["color", "color", "black"],
  ["fill", "fill", "black"],
  ["stroke", "stroke", "none"],
  ["fillOpacity", "fill-opacity", "1"],
  ["strokeOpacity", "stroke-opacity", "1"],
  ["strokeWidth", "stroke-width", "1"],
  ["fillRule", "fill-rule", "nonzero"],
  ["miterLimit", "stroke-miterlimit", "4"],
  ["vectorEffect", "vector-effect", "none"],
];

class Painter {
  readonly shapes: Shape[] = [];
  private readonly byId = new Map<string, SvgElement | "ambiguous">();
  private readonly paints = new Map<string, Paint | undefined>();
  private readonly inks = new Map<SvgElement, Ink[]>();
  private surveyed = 0;
  private visits = 0;
  private pathData = 0;

  constructor(root: SvgElement) {
    this.survey(root);
    const initial = Object.fromEntries(STYLE.map(([key, , value]) => [key, value])) as unknown as Style;
    this.visit(root, initial, { matrix: IDENTITY, sure: true }, 0);
  }

  private survey(element: SvgElement): void {
    if (++this.surveyed > MAX_ELEMENTS) throw new Unsure();
    if (element.namespace === SVG_NAMESPACE && FAR_REACHING.has(element.name)) throw new Unsure();
    for (const { name, qualifiedName, value } of element.attributes)
      if (name === "id" && (qualifiedName === "id" || qualifiedName === "xml:id"))
        this.byId.set(value, this.byId.has(value) ? "ambiguous" : element);
    for (const child of element.children) this.survey(child);
  }

  private visit(element: SvgElement, inherited: Style, outer: Place, depth: number): void {
    if (element.namespace !== SVG_NAMESPACE || UNDRAWN.has(element.name)) return;
    if (++this.visits > MAX_VISITS || depth > MAX_DEPTH) throw new Unsure();
    if (element.attributes.some(({ name, namespace }) => namespace === "" && UNFOLLOWED.has(name))) throw new Unsure();

    const style = styleOf(element, inherited);
    const place = placeOf(element, outer);
    if (SHAPES.has(element.name)) this.shape(element, style, place);
    else if (element.name === "use") this.use(element, style, place, depth);
    else if (element.name === "g" || (element.name === "svg" && !element.parent)) {
      for (const child of element.children) this.visit(child, style, place, depth + 1);
    } else throw new Unsure();
  }

  private use(element: SvgElement, style: Style, { matrix, sure }: Place, depth: number): void {
    const href = element.attributes.find(({ name }) => name === "href")?.value ?? "";
    const target = this.referenced(href);
    const shift = ["x", "y"].map((name) => readLength(attributeOf(element, name) ?? "0"));
    const [x, y] = shift.map((length) => length?.value ?? 0) as [number, number];
    const isKnown = matrix && shift.every((length) => !length || isPlain(length));
    const place: Place = {
      matrix: isKnown ? multiply(matrix, [1, 0, 0, 1, x, y]) : undefined,
      sure: sure && shift.every((length) => length !== undefined),
    };
    this.visit(target, style, place, depth + 1);
  }

  private referenced(href: string): SvgElement {
    const target = href.startsWith("#") ? this.byId.get(href.slice(1)) : undefined;
    if (!target || target === "ambiguous") throw new Unsure();
    return target;
  }

  private shape(element: SvgElement, style: Style, place: Place): void {
    const isText = element.name === "text" || element.name === "textArea";
    // Text within text can have other colours.
    if (isText && element.children.length > 0) throw new Unsure();
    const written = readLength(style.strokeWidth);
    // What is below 0 counts as not written.
    const width = written && written.value >= 0 ? written : undefined;
    const fill = element.name === "line" ? undefined : this.paint(style.fill, style.fillOpacity, style);
    const stroke = width?.value === 0 ? undefined : this.paint(style.stroke, style.strokeOpacity, style);
    if (!fill && !stroke) return;
    const reach = stroke && place.matrix ? ((width?.value ?? 1) / 2) * stretch(place.matrix) : 0;
    const isKnown = width && isPlain(width) && style.vectorEffect === "none";
    const corner = Math.max(readNumber(style.miterLimit) ?? Number.POSITIVE_INFINITY, 2);
    let outline: Outline | undefined | "unknown" = "unknown";
    this.shapes.push({
      element,
      ...(fill ? { fill } : {}),
      ...(stroke ? { stroke } : {}),
      reach,
      extent: stroke ? (isKnown ? reach * corner : Number.POSITIVE_INFINITY) : 0,
      evenOdd: style.fillRule === "evenodd",
      outline: () => {
        if (outline === "unknown") outline = isText ? undefined : this.outline(element, place);
        return outline;
      },
    });
  }

  private outline(element: SvgElement, { matrix, sure }: Place): Outline | undefined {
    if (!matrix || this.pathData > MAX_PATH_DATA) return undefined;
    const path = pathDataOf(element);
    this.pathData += path?.data.length ?? 0;
    const contours = path && this.pathData <= MAX_PATH_DATA ? contoursOf(path.data, matrix) : undefined;
    return contours && { contours, sure: sure && path!.sure };
  }

  /** `undefined`: nothing is painted. Thousands of shapes may share a gradient of thousands of stops. */
  private paint(value: string, opacity: string, { color }: Style): Paint | undefined {
    const key = JSON.stringify([value, opacity, color]);
    if (!this.paints.has(key)) this.paints.set(key, this.newPaint(value.trim(), opacity, color));
    return this.paints.get(key);
  }

  private newPaint(value: string, opacity: string, color: string): Paint | undefined {
    if (value === "none") return undefined;
    const known = readNumber(opacity) !== undefined;
    const alpha = readOpacity(opacity) ?? 1;
    if (alpha === 0 && known) return undefined;
    // What may follow is for those who do not find it.
    const server = /^url\(\s*(#[^\s)]+)\s*\)(?:\s.*)?$/s.exec(value)?.[1];
    const inks = server ? this.inksOf(this.referenced(server)) : [inkOf(value, color)];
    if (inks.every((ink) => ink.alpha === 0)) return undefined;
    const colors = inks.flatMap((ink) => (ink.color === undefined ? [] : nameOf(ink.color, ink.alpha, alpha)));
    return {
      colors: [...new Set(colors)],
      opaque: alpha === 1 && inks.every((ink) => ink.alpha === 1),
      sure: known && inks.every((ink) => ink.color !== undefined),
    };
  }

  /** The colours of a gradient or of a `solidColor`. */
  private inksOf(server: SvgElement): Ink[] {
    const known = this.inks.get(server);
    if (known) return known;
    const isGradient = server.name === "linearGradient" || server.name === "radialGradient";
    if (!isGradient && server.name !== "solidColor") throw new Unsure();
    // Such a gradient borrows the stops of another one.
    if (server.attributes.some(({ name }) => name === "href")) throw new Unsure();
    const stops = isGradient ? server.children.filter(({ name }) => name === "stop") : [server];
    const prefix = isGradient ? "stop" : "solid";
    const inks = stops.map((stop): Ink => {
      if (stop.attributes.some(({ name }) => name === "style" || name === "href")) throw new Unsure();
      const opacity = attributeOf(stop, `${prefix}-opacity`) ?? "1";
      const { color, alpha } = inkOf(attributeOf(stop, `${prefix}-color`) ?? "black", "");
      const own = alpha * (readOpacity(opacity) ?? 1);
      return color === undefined || readNumber(opacity) === undefined ? { alpha: own || 1 } : { color, alpha: own };
    });
    const distinct = [...new Map(inks.map((ink) => [nameOf(ink.color ?? "", ink.alpha), ink])).values()];
    this.inks.set(server, distinct);
    return distinct;
  }
}

function placeOf(element: SvgElement, outer: Place): Place {
  const transform = attributeOf(element, "transform")?.trim() ?? "none";
  if (transform === "none") return outer;
  // Depends on how large the logo is shown.
  if (transform.startsWith("ref(")) return { sure: outer.sure };
  const own = readTransform(transform);
  return { matrix: outer.matrix && multiply(outer.matrix, own ?? IDENTITY), sure: outer.sure && own !== undefined };
}

function styleOf(element: SvgElement, inherited: Style): Style {
  const style = { ...inherited };
  for (const [key, attribute] of STYLE) {
    const value = attributeOf(element, attribute)?.trim();
    if (value !== undefined && value !== "inherit") style[key] = value;
    // Some inherit the word, some the color that it meant.
    else if (style.color !== inherited.color && /^currentcolor$/i.test(style[key])) throw new Unsure();
  }
  return style;
}

function inkOf(value: string, currentColor: string): Ink {
  return readInk(/^currentcolor$/i.test(value.trim()) ? currentColor : value);
}

function nameOf(color: string, ...alphas: number[]): string {
  return [color, ...alphas.filter((alpha) => alpha !== 1)].join("/");
}
