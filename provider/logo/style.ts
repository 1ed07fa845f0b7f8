import { escaped, remove, removeAttribute, replaceValue } from "./edits";
import { attributeOf, type ParsedLogo, type SvgAttribute, type SvgElement } from "./parse";
import { allows, PROFILE, PROPERTIES } from "./profile";
import type { Edit } from "./rule";
import { isHref, isSvg, keyOf, type Tree, treeOf } from "./tree";

/**
 * Repairs of styles: what style sheets, style attributes and properties that SVG Tiny PS lacks say, said by attributes
 * that it has. Each is undefined where it is not sure that the same is drawn.
 */

type Declarations = ReadonlyMap<string, string>;

/** In place of a style attribute. */
export function styleFix(tree: Tree, element: SvgElement, attribute: SvgAttribute): Edit[] | undefined {
  if (tree.styled) return undefined;
  const declarations = declarationsIn(attribute.value);
  return declarations && attributesFor(tree, element, declarations, unstyled, attribute);
}

/** In place of the attribute `opacity`. */
export function opacityFix(tree: Tree, element: SvgElement, attribute: SvgAttribute): Edit[] | undefined {
  if (tree.styled || attributeOf(element, "style") !== undefined) return undefined;
  const declarations = new Map([["opacity", attribute.value.trim()]]);
  return attributesFor(tree, element, declarations, unstyled, attribute);
}

/** In place of a property that does nothing. */
export function propertyFix(tree: Tree, element: SvgElement, attribute: SvgAttribute): Edit[] | undefined {
  if (tree.styled || !hasNoEffect(tree, element, attribute.name, attribute.value)) return undefined;
  return [removeAttribute(attribute)];
}

/** In place of a style sheet of class selectors; the only one. */
export function styleSheetFix(logo: ParsedLogo, style: SvgElement): Edit[] | undefined {
  const tree = treeOf(logo);
  const isOnly =
    !logo.processingInstructions.some(({ target }) => target === "xml-stylesheet") &&
    tree.elements.every((element) => element === style || element.name !== "style" || !isSvg(element));
  const isPlain = style.attributes.every(
    ({ name, value }) => (name === "type" && value.trim().toLowerCase() === "text/css") || name === "id",
  );
  const rules = isOnly && isPlain && style.children.length === 0 ? rulesIn(style.text) : undefined;
  if (!rules) return undefined;
  if (rules.size === 0) return [remove(logo.text, style)];

  const cache = new Map<SvgElement, Declarations | undefined>();
  const matched = (element: SvgElement) => {
    if (!cache.has(element)) cache.set(element, matching(rules, element));
    return cache.get(element);
  };
  const edits = [remove(logo.text, style)];
  for (const element of tree.elements) {
    const declared = isSvg(element) ? matched(element) : undefined;
    if (!declared) continue;
    const attribute = element.attributes.find(({ name, namespace }) => name === "style" && namespace === "");
    const own = attribute ? declarationsIn(attribute.value) : undefined;
    if (attribute && !own) return undefined;
    const all = new Map([...declared, ...(own ?? [])]);
    const changes = attributesFor(tree, element, all, specified(matched), attribute);
    if (!changes) return undefined;
    edits.push(...changes);
  }
  return edits;
}

/** What the attributes say that take the place of declarations, which go before the attributes that are there. */
function attributesFor(
  tree: Tree,
  element: SvgElement,
  declarations: Declarations,
  values: Specified,
  attribute: SvgAttribute | undefined,
): Edit[] | undefined {
  const said = new Map<string, string>();
  for (const [name, value] of opacityLast(declarations)) {
    const meant = meaningOf(tree, element, name, value, values);
    if (!meant) return undefined;
    // An attribute of this name, which it set aside, would count again.
    const isSaid = meant.some(([property]) => property === name) || name === attribute?.name;
    if (!isSaid && attributeOf(element, name) !== undefined) return undefined;
    for (const [property, text] of meant) said.set(property, text);
  }
  const edits: Edit[] = [];
  for (const there of element.attributes) {
    const value = there.namespace === "" ? said.get(there.name) : undefined;
    if (value === undefined) continue;
    edits.push(replaceValue(there, value));
    said.delete(there.name);
  }
  const text = attributesText(said);
  const at = element.offset + 1 + element.qualifiedName.length;
  return [...edits, attribute ? { start: attribute.offset, end: attribute.end, text } : { start: at, end: at, text }];
}

/** It takes the place of a fill-opacity of 1. */
function opacityLast(declarations: Declarations): [string, string][] {
  return [...declarations].sort(([a], [b]) => Number(a === "opacity") - Number(b === "opacity"));
}

function attributesText(attributes: ReadonlyMap<string, string>): string {
  return [...attributes].map(([name, value]) => ` ${name}="${escaped(value)}"`).join("");
}

/** The attributes that mean the same as a declaration; none if it does nothing. */
function meaningOf(
  tree: Tree,
  element: SvgElement,
  name: string,
  value: string,
  values: Specified,
): [string, string][] | undefined {
  if (hasNoEffect(tree, element, name, value)) return [];
  if (name === "opacity") return opacityOf(tree, element, value, values);
  const text = name === "font-weight" ? (WEIGHTS.get(value) ?? value) : value;
  // Attributes count upper and lower case, CSS does not.
  if (/^[a-z-]*[A-Z][A-Za-z-]*$/.test(text) && text !== "currentColor" && name !== "font-family") return undefined;
  // In CSS a size needs a unit, in an attribute it does not.
  if (!PROPERTIES.has(name) || (name === "font-size" && !/^[\d.]+[a-z]+$/.test(text))) return undefined;
  const profile = (PROFILE.get(element.name) ?? PROFILE.get("g")!).attributes.get(name);
  return profile && allows(profile, text) ? [[name, text]] : undefined;
}

/** What CSS calls by number, SVG Tiny by name. */
export const WEIGHTS: ReadonlyMap<string, string> = new Map([
  ["400", "normal"],
  ["700", "bold"],
]);

const SHAPES = /^(?:path|rect|circle|ellipse|line|polyline|polygon)$/;

/** The whole shape is see-through: the same as its fill, or its stroke, if there is only one of them. */
function opacityOf(tree: Tree, element: SvgElement, value: string, values: Specified): [string, string][] | undefined {
  if (!/^(?:0|1|0?\.\d+)$/.test(value) || !SHAPES.test(element.name) || isDrawnElsewhere(tree, element))
    return undefined;
  const fill = element.name === "line" ? "none" : inherited(element, "fill", values, "black");
  const stroke = inherited(element, "stroke", values, "none");
  const isFilled = fill !== "none";
  const isStroked = stroke !== "none";
  if (fill === undefined || stroke === undefined || (isFilled && isStroked)) return undefined;
  // Markers are neither, and are as see-through.
  if (tree.has("marker")) return undefined;
  // A filter would see it before, not after.
  if ((values(element, "filter") ?? "none") !== "none") return undefined;
  if (!isFilled && !isStroked) return [];
  const name = isFilled ? "fill-opacity" : "stroke-opacity";
  return inherited(element, name, values, "1") === "1" ? [[name, value]] : undefined;
}

/** What `use` draws inherits from there, too. */
function isDrawnElsewhere(tree: Tree, element: SvgElement): boolean {
  for (let at: SvgElement | undefined = element; at; at = at.parent) {
    if (
      at.attributes.some((each) => /^(?:xml:)?id$/.test(keyOf(each) ?? "") && tree.references.has(each.value.trim()))
    ) {
      return true;
    }
  }
  return false;
}

/** The value that an element itself gives a property: undefined if none, null if that cannot be told. */
type Specified = (element: SvgElement, property: string) => string | undefined | null;

function specified(matched: (element: SvgElement) => Declarations | undefined): Specified {
  return (element, property) => {
    const style = attributeOf(element, "style");
    const own = style === undefined ? undefined : declarationsOf(element, style);
    if (style !== undefined && !own) return null;
    return own?.get(property) ?? matched(element)?.get(property) ?? attributeOf(element, property);
  };
}

const unstyled = specified(() => undefined);

const parsed = new WeakMap<SvgElement, { style: Declarations | undefined }>();

function declarationsOf(element: SvgElement, style: string): Declarations | undefined {
  const known = parsed.get(element) ?? { style: declarationsIn(style) };
  parsed.set(element, known);
  return known.style;
}

function inherited(element: SvgElement, property: string, values: Specified, initial: string): string | undefined {
  for (let at: SvgElement | undefined = element; at; at = at.parent) {
    const value = values(at, property);
    if (value === null) return undefined;
    if (value === undefined || value === "inherit") continue;
    return /^(?:initial|unset|revert|revert-layer)$/i.test(value) ? undefined : value.trim().toLowerCase();
  }
  return initial;
}

/** Declarations of the kind that editors write, or undefined: no escapes, no functions but colors and references. */
function declarationsIn(css: string): Declarations | undefined {
  const declarations = new Map<string, string>();
  for (const part of css.split(";")) {
    if (part.trim() === "") continue;
    const colon = part.indexOf(":");
    const name = part.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    const value = part.slice(colon + 1).trim();
    if (!/^-?[a-z][a-z-]*$/.test(name) || declarations.has(name)) return undefined;
    if (!name.startsWith("-") && !isPlainValue(value)) return undefined;
    declarations.set(name, value);
  }
  return declarations;
}

function isPlainValue(value: string): boolean {
  if (/^(?:initial|unset|revert|revert-layer)$/i.test(value)) return false;
  if (/^url\(#[\w.-]+\)$/.test(value)) return true;
  return /^[-#\w., "']+$/.test(value) || /^rgb\([\d\s,.%]+\)$/.test(value);
}

/** Class name → declarations, in the order of the sheet; undefined if it has anything else. */
function rulesIn(css: string): Map<string, Declarations[]> | undefined {
  const rules = new Map<string, Declarations[]>();
  const rule = /([^{}]*)\{([^{}]*)\}/y;
  const text = withoutComments(css).trim();
  let [end, count] = [0, 0];
  for (let match = rule.exec(text); match; match = rule.exec(text)) {
    end = rule.lastIndex;
    if (++count > MAX_RULES) return undefined;
    const declarations = declarationsIn(match[2]!);
    if (!declarations) return undefined;
    for (const selector of match[1]!.split(",")) {
      const name = /^\s*\.([A-Za-z_][\w-]*)\s*$/.exec(selector)?.[1];
      if (name === undefined) return undefined;
      const list = rules.get(name) ?? [];
      list.push(new Map([...declarations, [ORDER, String(end)]]));
      rules.set(name, list);
    }
  }
  return text.slice(end).trim() === "" ? rules : undefined;
}

/** More are not of a logo, and each element may match all of them. */
const MAX_RULES = 300;

function withoutComments(css: string): string {
  let text = "";
  let from = 0;
  for (let at = css.indexOf("/*"); at >= 0; at = css.indexOf("/*", from)) {
    const end = css.indexOf("*/", at + 2);
    text += `${css.slice(from, at)} `;
    if (end < 0) return text;
    from = end + 2;
  }
  return text + css.slice(from);
}

/** Where in the sheet a rule stands: no name of a property. */
const ORDER = "@order";

/** What the sheet says of an element, later rules before earlier ones. */
function matching(rules: Map<string, Declarations[]>, element: SvgElement): Declarations | undefined {
  const classes = (attributeOf(element, "class") ?? "").split(/\s+/);
  const lists = [...new Set(classes)].flatMap((name) => rules.get(name) ?? []);
  if (lists.length === 0) return undefined;
  lists.sort((a, b) => Number(a.get(ORDER)) - Number(b.get(ORDER)));
  const all = new Map(lists.flatMap((each) => [...each]));
  all.delete(ORDER);
  return all;
}

const INERT = new Set("enable-background pointer-events cursor tabindex contentStyleType".split(" "));
const OF_TEXT = new Set(
  "alignment-baseline baseline-shift dominant-baseline font font-stretch font-size-adjust font-kerning kerning letter-spacing line-height text-anchor text-align text-decoration text-decoration-line text-decoration-style text-decoration-color text-indent text-orientation text-overflow text-rendering text-transform white-space word-spacing writing-mode glyph-orientation-vertical glyph-orientation-horizontal font-family font-size font-style font-variant font-weight direction unicode-bidi shape-inside shape-padding shape-margin shape-subtract inline-size".split(
    " ",
  ),
);
const OF_FILTERS = new Set(["color-interpolation-filters", "flood-color", "flood-opacity", "lighting-color"]);
const OF_MARKERS = new Set(["marker", "marker-start", "marker-mid", "marker-end"]);
const OF_GRADIENTS = new Set(["spreadMethod", "gradientTransform"]);
const GEOMETRY = new Set("x y width height cx cy r rx ry x1 y1 x2 y2 d points".split(" "));
/** Which of their values is as if they were not there; none of them is inherited. */
const INITIAL = new Map([
  ["opacity", /^1(?:\.0+)?$/],
  ["clip-path", /^none$/],
  ["mask", /^none$/],
  ["filter", /^none$/],
  ["display", /^inline$/],
  ["isolation", /^auto$/],
  ["mix-blend-mode", /^normal$/],
  ["spreadMethod", /^pad$/],
  [
    "gradientTransform",
    /^(?:|none|matrix\(\s*1[\s,]+0[\s,]+0[\s,]+1[\s,]+0[\s,]+0\s*\)|translate\(\s*0(?:[\s,]+0)?\s*\))$/,
  ],
]);

/** Whether nothing is drawn differently without a property or attribute that SVG Tiny PS does not have. */
function hasNoEffect(tree: Tree, element: SvgElement, name: string, value: string): boolean {
  const text = value.trim();
  if (/^(?:-inkscape|data|aria)-/.test(name) || INERT.has(name)) return true;
  if (OF_TEXT.has(name))
    return !tree.inFontSizes && !["text", "textArea", "foreignObject", "flowRoot"].some((each) => tree.has(each));
  if (OF_FILTERS.has(name)) return !tree.has("filter");
  if (OF_MARKERS.has(name)) return text === "none" && !tree.has("marker");
  if (name === "opacity" && /^(?:stop|linearGradient|radialGradient|defs)$/.test(element.name)) return true;
  if (name === "clip-rule") return !tree.has("clipPath");
  if (name === "image-rendering") return !tree.has("image") && !tree.has("feImage");
  if (name === "overflow") return element.parent === undefined || SHAPES.test(element.name) || element.name === "g";
  if (GEOMETRY.has(name)) {
    // Other gradients may take over what one has.
    if (element.name === "use" || isGradient(element)) return false;
    return element.parent !== undefined && PROFILE.get(element.name)?.attributes.has(name) === false;
  }
  // Without its own, a gradient takes over that of another one.
  if (OF_GRADIENTS.has(name) && isGradient(element) && element.attributes.some(isHref)) return false;
  return INITIAL.get(name)?.test(text) ?? false;
}

function isGradient({ name }: SvgElement): boolean {
  return name.endsWith("Gradient");
}
