import { attributeOf, type ParsedLogo, SVG_NAMESPACE, type SvgElement, svgRoot } from "../parse";
import { readColor } from "./color";
import { IDENTITY, type Matrix, multiply, readTransform, stretch } from "./matrix";
import { readLength, readNumber } from "./numbers";
import { type Contour, contoursOf, pathDataOf } from "./outline";

/** What a shape is painted with. */
export interface Paint {
  /** Each colour with its transparency; of a gradient those of its stops. */
  colors: string[];
  opaque: boolean;
}

/** A shape as it is drawn, in the coordinates of the viewBox. */
export interface Shape {
  element: SvgElement;
  fill?: Paint;
  stroke?: Paint;
  /** At least half of the stroke's width. */
  reach: number;
  evenOdd: boolean;
  /** `undefined` if it is not surely known. */
  contours(): Contour[] | undefined;
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
}

const STYLE: [keyof Style, attribute: string, initial: string][] = [
  ["color", "color", "black"],
  ["fill", "fill", "black"],
  ["stroke", "stroke", "none"],
  ["fillOpacity", "fill-opacity", "1"],
  ["strokeOpacity", "stroke-opacity", "1"],
  ["strokeWidth", "stroke-width", "1"],
  ["fillRule", "fill-rule", "nonzero"],
];

class Painter {
  readonly shapes: Shape[] = [];
  private readonly byId = new Map<string, SvgElement | "ambiguous">();
  private readonly paints = new Map<SvgElement, string[]>();
  private surveyed = 0;
  private visits = 0;
  private pathData = 0;

  constructor(root: SvgElement) {
    this.survey(root);
    const initial = Object.fromEntries(STYLE.map(([key, , value]) => [key, value])) as unknown as Style;
    this.visit(root, initial, IDENTITY, 0);
  }

  private survey(element: SvgElement): void {
    if (++this.surveyed > MAX_ELEMENTS) throw new Unsure();
    if (element.namespace === SVG_NAMESPACE && FAR_REACHING.has(element.name)) throw new Unsure();
    for (const { name, qualifiedName, value } of element.attributes)
      if (name === "id" && (qualifiedName === "id" || qualifiedName === "xml:id"))
        this.byId.set(value, this.byId.has(value) ? "ambiguous" : element);
    for (const child of element.children) this.survey(child);
  }

  private visit(element: SvgElement, inherited: Style, outer: Matrix | undefined, depth: number): void {
    if (element.namespace !== SVG_NAMESPACE || UNDRAWN.has(element.name)) return;
    if (++this.visits > MAX_VISITS || depth > MAX_DEPTH) throw new Unsure();
    if (element.attributes.some(({ name, namespace }) => namespace === "" && UNFOLLOWED.has(name))) throw new Unsure();

    const style = styleOf(element, inherited);
    const transform = attributeOf(element, "transform");
    const own = transform === undefined ? IDENTITY : readTransform(transform);
    const matrix = outer && own && multiply(outer, own);
    if (SHAPES.has(element.name)) this.shape(element, style, matrix);
    else if (element.name === "use") this.use(element, style, matrix, depth);
    else if (element.name === "g" || (element.name === "svg" && !element.parent)) {
      for (const child of element.children) this.visit(child, style, matrix, depth + 1);
    } else throw new Unsure();
  }

  private use(element: SvgElement, style: Style, matrix: Matrix | undefined, depth: number): void {
    const href = element.attributes.find(({ name }) => name === "href")?.value ?? "";
    const target = this.referenced(href);
    const [x, y] = ["x", "y"].map((name) => readLength(attributeOf(element, name) ?? "0"));
    const sure = x && y && (x.unit === "" || x.unit === "px") && (y.unit === "" || y.unit === "px");
    const shift: Matrix | undefined = sure ? [1, 0, 0, 1, x.value, y.value] : undefined;
    this.visit(target, style, matrix && shift && multiply(matrix, shift), depth + 1);
  }

  private referenced(href: string): SvgElement {
    const target = href.startsWith("#") ? this.byId.get(href.slice(1)) : undefined;
    if (!target || target === "ambiguous") throw new Unsure();
    return target;
  }

  private shape(element: SvgElement, style: Style, matrix: Matrix | undefined): void {
    const isText = element.name === "text" || element.name === "textArea";
    // Text within text can have other colours.
    if (isText && element.children.length > 0) throw new Unsure();
    const width = readLength(style.strokeWidth);
    if (!width) throw new Unsure();
    const fill = element.name === "line" ? undefined : this.paint(style.fill, style.fillOpacity, style);
    const stroke = width.value > 0 ? this.paint(style.stroke, style.strokeOpacity, style) : undefined;
    if (!fill && !stroke) return;
    let contours: Contour[] | undefined | "unknown" = "unknown";
    this.shapes.push({
      element,
      ...(fill ? { fill } : {}),
      ...(stroke ? { stroke } : {}),
      reach: stroke && matrix ? (width.value / 2) * stretch(matrix) : 0,
      evenOdd: style.fillRule === "evenodd",
      contours: () => {
        if (contours === "unknown") contours = matrix && !isText ? this.contours(element, matrix) : undefined;
        return contours;
      },
    });
  }

  private contours(element: SvgElement, matrix: Matrix): Contour[] | undefined {
    const data = pathDataOf(element);
    this.pathData += data?.length ?? 0;
    return data === undefined || this.pathData > MAX_PATH_DATA ? undefined : contoursOf(data, matrix);
  }

  /** `undefined`: nothing is painted. */
  private paint(written: string, opacity: string, { color }: Style): Paint | undefined {
    const value = written.trim();
    if (value === "none") return undefined;
    const alpha = alphaOf(opacity);
    if (alpha === 0) return undefined;
    const server = /^url\(\s*(#[^\s)]+)\s*\)$/.exec(value)?.[1];
    const colors = server ? this.serverColors(this.referenced(server)) : [paintOf(value, color)];
    if (colors.length === 0) return undefined;
    const opaque = alpha === 1 && colors.every((each) => !each.includes("/"));
    return { colors: alpha === 1 ? colors : colors.map((each) => `${each}/${alpha}`), opaque };
  }

  /** The colours of a gradient or of a `solidColor`. */
  private serverColors(server: SvgElement): string[] {
    const known = this.paints.get(server);
    if (known) return known;
    const isGradient = server.name === "linearGradient" || server.name === "radialGradient";
    if (!isGradient && server.name !== "solidColor") throw new Unsure();
    const stops = isGradient ? server.children.filter(({ name }) => name === "stop") : [server];
    const prefix = isGradient ? "stop" : "solid";
    const colors = stops.map((stop) => {
      if (stop.attributes.some(({ name }) => name === "style" || name === "href")) throw new Unsure();
      const alpha = alphaOf(attributeOf(stop, `${prefix}-opacity`) ?? "1");
      const color = paintOf(attributeOf(stop, `${prefix}-color`) ?? "black", "");
      return alpha === 1 ? color : `${color}/${alpha}`;
    });
    // Such a gradient borrows the stops of another one.
    if (server.attributes.some(({ name }) => name === "href")) throw new Unsure();
    const distinct = [...new Set(colors)];
    this.paints.set(server, distinct);
    return distinct;
  }
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

function paintOf(value: string, currentColor: string): string {
  const color = readColor(/^currentcolor$/i.test(value) ? currentColor : value);
  if (color === undefined) throw new Unsure();
  return color;
}

function alphaOf(opacity: string): number {
  const alpha = readNumber(opacity);
  if (alpha === undefined) throw new Unsure();
  return Math.min(Math.max(alpha, 0), 1);
}
