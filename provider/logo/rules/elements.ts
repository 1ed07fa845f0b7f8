import { remove } from "../edits";
import { attributeOf, type ParsedLogo, type SvgElement, svgRoot, textOf } from "../parse";
import { PROFILE } from "../profile";
import type { Edit, Problem, Rule } from "../rule";
import { styleSheetFix } from "../style";
import { isKnown, isSvg, isWrapper, type Tree, treeOf } from "../tree";

/** Which elements there may be, and where. */
export const elementRules: Rule[] = [
  {
    id: "SVG-014",
    severity: "error",
    title: "There are only the elements of SVG Tiny PS, each where it may stand.",
    spec: "draft-svg-tiny-ps-abrotman section 2.3 and its RELAX NG schema",
    *check(logo) {
      const root = svgRoot(logo);
      if (root) yield* contents(logo, treeOf(logo), root);
    },
  },
  {
    id: "SVG-021",
    severity: "error",
    title: "There are no raster images.",
    spec: "draft-svg-tiny-ps-abrotman sections 2.3 and 5.7",
    *check(logo) {
      const hint =
        "DigiCert wants a vector source, and mailbox providers show vectors only. Trace the image in a vector editor, or get the original artwork, and draw it as paths.";
      for (const element of treeOf(logo).elements) {
        if (!isSvg(element)) continue;
        if (element.name === "image") {
          yield { message: "image is not allowed: SVG Tiny PS has no raster or external images.", hint, element };
          continue;
        }
        for (const { value, qualifiedName, nameOffset } of element.attributes) {
          // In url(…) it is SVG-020's.
          if (!/^[ \t\r\n]*data:/i.test(value)) continue;
          yield { message: `${qualifiedName} of ${element.name} embeds data.`, hint, element, offset: nameOffset };
        }
      }
    },
  },
];

/** What is wrong with what an element contains, all the way down. */
function* contents(logo: ParsedLogo, tree: Tree, root: SvgElement): Generator<Problem> {
  const waiting = [root];
  for (let element = waiting.pop(); element; element = waiting.pop()) {
    const problem = element.parent && problemOf(logo, tree, element.parent, element);
    if (problem) yield { ...problem, element };
    // Who takes it away takes away its contents; but what it wraps may stay, and so does what is misplaced.
    if (!isKnown(element) && !isWrapper(element)) continue;
    const profile = isKnown(element) ? PROFILE.get(element.name) : undefined;
    if (profile && !profile.text && /[^ \t\r\n]/.test(element.text)) {
      yield {
        message: `There is text directly in ${element.name}.`,
        hint: "It draws nothing, and the schema of SVG Tiny PS refuses it. Remove it.",
        element,
        offset: textOffset(logo.text, element),
      };
    }
    for (let at = element.children.length - 1; at >= 0; at--) waiting.push(element.children[at]!);
  }
}

function problemOf(
  logo: ParsedLogo,
  tree: Tree,
  parent: SvgElement,
  child: SvgElement,
): Omit<Problem, "element"> | undefined {
  const { name, namespace, qualifiedName } = child;
  if (!isSvg(child)) {
    return {
      message: `${qualifiedName} is not allowed: it is no element of SVG, but ${namespace ? `of ${namespace}` : "of no namespace"}.`,
      hint: "Programs such as Inkscape and Illustrator keep their own data there, which the schema of SVG Tiny PS refuses. Save as plain SVG, or remove it.",
      ...foreignFix(logo, tree, parent, child),
    };
  }
  if (name === "image") return undefined;
  if (isKnown(child)) {
    const profile = PROFILE.get(parent.name);
    if (!isKnown(parent) || profile?.children.has(name)) return undefined;
    const places = [...PROFILE].filter(([, { children }]) => children.has(name)).map(([place]) => place);
    return {
      message: `${name} is not allowed in ${parent.name}.`,
      hint: `The schema of SVG Tiny PS allows it in ${places.join(", ")} only. ${MISPLACED.get(name) ?? "Move it there."}`,
      ...misplacedFix(logo, tree, parent, child),
    };
  }
  const { because, hint } = reasonFor(name);
  const fix = TEXT_PARTS.has(name) && isDescription(parent) ? unwrapped(logo, tree, child) : removal(logo, tree, child);
  return { message: `${name} is not allowed: ${because}.`, hint, ...(fix ? { fix } : {}) };
}

const MISPLACED = new Map([
  ["title", "One title of the whole logo is enough: remove this one, or move it up."],
  ["desc", "Remove it, or move its words into the desc of the logo."],
  ["metadata", "Remove it."],
]);

/** Titles, descriptions and metadata draw nothing; the last with words stays, for somebody to see. */
function misplacedFix(logo: ParsedLogo, tree: Tree, parent: SvgElement, element: SvgElement): { fix?: Edit[] } {
  if (!MISPLACED.has(element.name) || element.children.length > 0) return {};
  const isLast = isDescription(element) && hasWords(element) && !describedBy(tree).has(element.name);
  return isLast ? {} : { fix: [removeFrom(logo, parent, element)] };
}

const described = new WeakMap<Tree, ReadonlySet<string>>();

/** Which of title and desc the root has, with words. */
function describedBy(tree: Tree): ReadonlySet<string> {
  const known = described.get(tree);
  if (known) return known;
  const own = tree.elements[0]!.children.filter((child) => isDescription(child) && hasWords(child));
  const names = new Set(own.map(({ name }) => name));
  described.set(tree, names);
  return names;
}

function isDescription(element: SvgElement): boolean {
  return isSvg(element) && (element.name === "title" || element.name === "desc");
}

function hasWords(element: SvgElement): boolean {
  return textOf(element).trim() !== "";
}

/** Nobody draws it; but its words may be meant to be read. */
function foreignFix(logo: ParsedLogo, tree: Tree, parent: SvgElement, element: SvgElement): { fix?: Edit[] } {
  // What it holds of SVG could still be referred to.
  if (hasSvg(element)) return {};
  if (!isInText(element) || !hasWords(element)) return { fix: [removeFrom(logo, parent, element)] };
  const fix = isDescription(parent) ? unwrapped(logo, tree, element) : undefined;
  return fix ? { fix } : {};
}

function isInText(element: SvgElement): boolean {
  let { parent } = element;
  while (parent && isWrapper(parent)) parent = parent.parent;
  return parent !== undefined && isKnown(parent) && /^(?:title|desc|text|textArea)$/.test(parent.name);
}

const TEXT_PARTS = new Set("tspan tbreak textPath tref altGlyph".split(" "));

/** Between words. */
const BREAKS = new Set("p div br li h1 h2 h3 tbreak".split(" "));

/** The words only, where nothing is drawn. */
function unwrapped({ text }: ParsedLogo, tree: Tree, element: SvgElement): Edit[] | undefined {
  const edits: Edit[] = [];
  const unwrap = ({ name, offset, startTagEnd, end, children, parent }: SvgElement): boolean => {
    const isApart = BREAKS.has(name) && offset > parent!.startTagEnd;
    edits.push({ start: offset, end: startTagEnd, text: isApart ? " " : "" });
    if (startTagEnd < end) edits.push({ start: text.lastIndexOf("<", end - 1), end, text: "" });
    return children.every((child) => (!isSvg(child) || TEXT_PARTS.has(child.name)) && unwrap(child));
  };
  return !tree.used.has(element) && unwrap(element) ? edits : undefined;
}

/** White space around it may be drawn where there is text. */
function removeFrom({ text }: ParsedLogo, parent: SvgElement, { offset, end }: SvgElement): Edit {
  return PROFILE.get(parent.name)?.text ? { start: offset, end, text: "" } : remove(text, { offset, end });
}

interface Reason {
  because: string;
  hint: string;
}

const CUT =
  "Cut the shapes themselves in the vector editor (Illustrator: Pathfinder; Inkscape: Path > Intersection, Difference), and draw effects as shapes.";
const AS_PATHS =
  "Convert the text to paths in the vector editor (Illustrator: Create Outlines; Inkscape: Object to Path).";
const REASONS = new Map<string, Reason>();

reason(
  "script handler listener",
  "SVG Tiny PS has no scripts",
  "Google forbids them, and no mailbox provider runs any. Remove it.",
);
reason(
  "animate animateColor animateMotion animateTransform set mpath discard",
  "SVG Tiny PS has no animation",
  "Google forbids it: a logo stands still. Remove it, and see whether what is left is the logo.",
);
reason("a", "SVG Tiny PS has no links", "Google forbids what is interactive. Put what it contains in its place.");
reason(
  "audio video animation prefetch",
  "SVG Tiny PS has no multimedia",
  "Mailbox providers load nothing from elsewhere. Remove it.",
);
reason(
  "style",
  "SVG Tiny PS has no style sheets",
  'Write each property as an attribute of the elements that it is about, as fill="#036" (Illustrator: SVG Options, CSS Properties: Presentation Attributes).',
);
reason("clipPath", "SVG Tiny PS has no clipping", CUT);
reason("mask", "SVG Tiny PS has no masks", CUT);
reason("pattern hatch", "SVG Tiny PS has no patterns", "Draw what it repeats as shapes.");
reason(
  "filter",
  "SVG Tiny PS has no filters",
  "Shadows and blurs cannot be had. Leave them away, or draw them as shapes and gradients.",
);
reason("marker", "SVG Tiny PS has no markers", "Draw the ends of lines as shapes.");
reason("foreignObject", "SVG Tiny PS has nothing but SVG in it", "Draw what it shows as shapes.");
reason("symbol", "SVG Tiny PS has no symbols", "Make it a g in defs, with a transform in place of its viewBox.");
reason("switch", "SVG Tiny PS has no alternatives", "Keep the one child that is shown, in its place.");
reason(
  "svg",
  "only the root is an svg element",
  "Put what it contains into a g, with a transform in place of x, y and viewBox.",
);
reason("view cursor", "a logo is not interactive", "Remove it.");
reason("tspan tbreak textPath tref altGlyph", "text of SVG Tiny PS has no parts of its own", AS_PATHS);
reason(
  "font font-face font-face-src font-face-uri font-face-name font-face-format glyph missing-glyph hkern vkern",
  "no element of SVG Tiny PS may contain a font",
  AS_PATHS,
);
reason(
  "flowRoot flowRegion flowPara flowSpan flowDiv",
  "it is of a draft of SVG 1.2 that only Inkscape reads",
  AS_PATHS,
);
reason("meshgradient mesh hatchpath", "SVG Tiny PS has linear and radial gradients only", "Draw it with those.");
reason("color-profile", "SVG Tiny PS has no color profiles", "Colors are sRGB. Remove it.");

function reason(names: string, because: string, hint: string): void {
  for (const name of names.split(" ")) REASONS.set(name, { because, hint });
}

function reasonFor(name: string): Reason {
  const known = REASONS.get(name);
  if (known) return known;
  if (/^fe[A-Z]/.test(name)) return REASONS.get("filter")!;
  const meant = [...PROFILE.keys()].find((each) => each.toLowerCase() === name.toLowerCase());
  if (meant) return { because: `SVG calls it ${meant}`, hint: `Upper and lower case count. Write ${meant}.` };
  return { because: "SVG Tiny PS has no such element", hint: "Remove it, or draw what it shows with paths." };
}

/** Never drawn, nor run where logos are shown. */
const INERT = new Set(["script", "handler", "listener", "prefetch", "view", "cursor", "color-profile"]);
/** Drawn only by what refers to them. */
const DEFINITIONS = new Set("symbol clipPath mask pattern hatch filter marker meshgradient".split(" "));

function removal(logo: ParsedLogo, tree: Tree, element: SvgElement): Edit[] | undefined {
  const { name } = element;
  if (name === "style") return tree.used.has(element) ? undefined : styleSheetFix(logo, element);
  if (name === "switch") return switchFix(element);
  // A style attribute may use it, too.
  const isUnused = DEFINITIONS.has(name) && !tree.styled && !tree.used.has(element);
  const isSure = INERT.has(name) || isForIllustrator(element) || isUnused;
  return isSure ? [remove(logo.text, element)] : undefined;
}

/** What Illustrator keeps for itself: no other program takes it. */
function isForIllustrator(element: SvgElement): boolean {
  const extensions = attributeOf(element, "requiredExtensions") ?? "";
  return isSvg(element) && element.name === "foreignObject" && /^http:\/\/ns\.adobe\.com\/\S+$/.test(extensions);
}

/** Of that, and the drawing for all others, the drawing stays. */
function switchFix({ attributes, children, offset, end, text }: SvgElement): Edit[] | undefined {
  const drawing = children.at(-1);
  const others = children.slice(0, -1);
  const isPlain = attributes.length === 0 && text.trim() === "";
  if (!drawing || others.length === 0 || !isPlain || !others.every(isForIllustrator)) return undefined;
  const isConditional = drawing.attributes.some(({ name }) => /^(?:required|system)/.test(name));
  if (!isSvg(drawing) || drawing.name !== "g" || isConditional) return undefined;
  return [
    { start: offset, end: drawing.offset, text: "" },
    { start: drawing.end, end, text: "" },
  ];
}

function hasSvg(element: SvgElement): boolean {
  return element.children.some((child) => isSvg(child) || hasSvg(child));
}

/** Where the first text of an element is that is no white space. */
function textOffset(text: string, { startTagEnd, end, children, offset }: SvgElement): number {
  const skipped = /(?:[ \t\r\n]|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*/y;
  let from = startTagEnd;
  for (const next of [...children, { offset: text.lastIndexOf("<", end - 1), end }]) {
    skipped.lastIndex = from;
    skipped.exec(text);
    if (skipped.lastIndex < next.offset) return skipped.lastIndex;
    from = next.end;
  }
  return offset;
}
