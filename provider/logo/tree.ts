import { type ParsedLogo, SVG_NAMESPACE, type SvgAttribute, type SvgElement, svgRoot } from "./parse";
import { PROFILE } from "./profile";

const XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE = "http://www.w3.org/2000/xmlns/";
const XLINK_NAMESPACE = "http://www.w3.org/1999/xlink";

/** What several rules ask about all elements, found in one walk. */
export interface Tree {
  /** Of any namespace, in the order of the document. */
  elements: readonly SvgElement[];
  /** Those that SVG Tiny PS knows, unless they are in something that must go as a whole. */
  kept: readonly SvgElement[];
  /** The attributes `id` and `xml:id`, by value. */
  ids: ReadonlyMap<string, readonly Found[]>;
  /** What refers to an element of this file, by its id. */
  references: ReadonlyMap<string, readonly Found[]>;
  /** What is referred to, or holds something that is. */
  used: ReadonlySet<SvgElement>;
  /** Style sheets: attributes may not mean what they say. */
  styled: boolean;
  /** Lengths are told in sizes of the font. */
  inFontSizes: boolean;
  /** Has an element of SVG with this name. */
  has(name: string): boolean;
}

export interface Found {
  element: SvgElement;
  attribute: SvgAttribute;
}

const trees = new WeakMap<SvgElement, Tree>();
const empty: Tree = {
  elements: [],
  kept: [],
  ids: new Map(),
  references: new Map(),
  used: new Set(),
  styled: false,
  inFontSizes: false,
  has: () => false,
};

/** Of a document whose root is `svg`; of all else an empty one. */
export function treeOf(logo: ParsedLogo): Tree {
  const root = svgRoot(logo);
  if (!root) return empty;
  const tree = trees.get(root) ?? walk(logo, root);
  trees.set(root, tree);
  return tree;
}

function walk(logo: ParsedLogo, root: SvgElement): Tree {
  const elements: SvgElement[] = [];
  const kept: SvgElement[] = [];
  const names = new Set<string>();
  const ids = new Map<string, Found[]>();
  const references = new Map<string, Found[]>();
  const visit = (element: SvgElement, gone: boolean) => {
    elements.push(element);
    if (isSvg(element)) names.add(element.name);
    if (!gone && isKnown(element)) kept.push(element);
    for (const attribute of element.attributes) {
      const found = { element, attribute };
      const key = keyOf(attribute);
      if (key === "id" || key === "xml:id") push(ids, attribute.value.trim(), found);
      for (const id of idsReferredTo(attribute)) push(references, id, found);
    }
    const within = gone || !(isKnown(element) || isWrapper(element));
    for (const child of element.children) visit(child, within);
  };
  visit(root, false);
  const used = new Set<SvgElement>();
  for (const id of references.keys()) {
    for (const { element } of ids.get(id) ?? []) {
      for (let at: SvgElement | undefined = element; at && !used.has(at); at = at.parent) used.add(at);
    }
  }
  const styled = names.has("style") || logo.processingInstructions.some(({ target }) => target === "xml-stylesheet");
  const inFontSizes = elements.some(
    ({ name, text, attributes }) =>
      (name === "style" && FONT_SIZE.test(text)) || attributes.some(({ value }) => FONT_SIZE.test(value)),
  );
  return { elements, kept, ids, references, used, styled, inFontSizes, has: (name) => names.has(name) };
}

/** `2em`, `.5ex`, and what CSS has since. */
const FONT_SIZE = /\d(?:r?em|r?ex|r?ch|r?cap|r?ic|r?lh)\b/i;

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

export function isSvg(element: SvgElement): boolean {
  return element.namespace === SVG_NAMESPACE;
}

/** One of SVG Tiny PS's own elements; an `svg` only as the root. */
export function isKnown(element: SvgElement): boolean {
  return isSvg(element) && PROFILE.has(element.name) && (element.name !== "svg" || element.parent === undefined);
}

/** What it holds can stay without it. */
export function isWrapper(element: SvgElement): boolean {
  return isSvg(element) && /^(?:a|switch|symbol|svg)$/.test(element.name);
}

/** As the schema names attributes: `fill`, `xml:space`; undefined for those of other namespaces, and declarations. */
export function keyOf({ name, namespace }: SvgAttribute): string | undefined {
  if (namespace === "") return name;
  return namespace === XML_NAMESPACE ? `xml:${name}` : undefined;
}

/** `xmlns="…"` or `xmlns:prefix="…"`. */
export function isDeclaration({ namespace }: SvgAttribute): boolean {
  return namespace === XMLNS_NAMESPACE;
}

export function isXlink({ namespace }: SvgAttribute): boolean {
  return namespace === XLINK_NAMESPACE;
}

/** `href` or `xlink:href`. */
export function isHref(attribute: SvgAttribute): boolean {
  return attribute.name === "href" && (attribute.namespace === "" || isXlink(attribute));
}

function idsReferredTo(attribute: SvgAttribute): string[] {
  const urls = isHref(attribute) ? [attribute.value.trim()] : urlsIn(attribute.value);
  return urls.flatMap((url) => (url.startsWith("#") ? idsMeant(url) : []));
}

/** The id that `#id` means: as it stands there, or with what is percent-encoded decoded. */
export function idsMeant(fragment: string): string[] {
  const id = fragment.slice(1);
  if (!id.includes("%")) return [id];
  try {
    return [...new Set([id, decodeURIComponent(id)])];
  } catch {
    return [id];
  }
}

/** What stands in `url(…)`, without quotes and escapes. */
export function urlsIn(value: string): string[] {
  if (!/url|\\/i.test(value)) return [];
  const text = value.includes("\\") ? unescapeCss(value) : value;
  return [...text.matchAll(/url\(([^)]*)/gi)].map(([, url]) =>
    url!
      .trim()
      .replace(/^(["'])([\s\S]*)\1$/, "$2")
      .trim(),
  );
}

function unescapeCss(value: string): string {
  return value.replace(/\\(?:([0-9a-f]{1,6})[ \t\r\n]?|([\s\S]))/gi, (_, hex?: string, other?: string) => {
    if (hex === undefined) return other ?? "";
    const code = Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\uFFFD";
  });
}
