/**
 * What SVG Tiny PS allows, by name: the elements, attributes and values of its RELAX NG schema (SVG_PS-latest, by the
 * AuthIndicators Working Group), in short. A spec compares it with the schema.
 */
export interface ElementProfile {
  attributes: ReadonlyMap<string, AttributeProfile>;
  children: ReadonlySet<string>;
  /** Has text of its own. */
  text: boolean;
}

export interface AttributeProfile {
  /** All the values that are allowed. */
  values?: readonly string[];
  /** The kind of values that are allowed. */
  kind?: Kind;
}

export type Kind = keyof typeof kinds;

// XML 1.0, productions 4 and 4a, without the colon.
const NAME_START =
  "A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}\\u{200C}\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}";
const NAME = `${NAME_START}\\-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}`;

const kinds = {
  NCName: new RegExp(`^[${NAME_START}][${NAME}]*$`, "u"),
  NMTOKENS: new RegExp(`^[:${NAME}]+(?: [:${NAME}]+)*$`, "u"),
  language: /^(?:[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*)?$/,
  preserveAspectRatio: /^ ?(?:none|xMidYMid) ?(?:meet)? ?$/,
} satisfies Record<string, RegExp>;

// `name=a|b` takes these values, `name=<kind>` that kind, a mere name anything.
const IDS = "id=<NCName> xml:id=<NCName>";
const CORE = `${IDS} xml:base xml:lang=<language> xml:space=default|preserve class=<NMTOKENS> role
  about content datatype property rel resource rev typeof`;
const PRESENTATION_BUT_WEIGHT = `
  color color-rendering=auto|optimizeSpeed|optimizeQuality|inherit
  direction=ltr|rtl|inherit unicode-bidi=normal|embed|bidi-override|inherit
  display-align=auto|before|center|after|inherit line-increment
  fill fill-opacity fill-rule=nonzero|evenodd|inherit
  font-family font-size font-style=normal|italic|oblique|inherit font-variant=normal|small-caps|inherit
  solid-color solid-opacity stop-color stop-opacity
  stroke stroke-dasharray stroke-dashoffset stroke-linecap=butt|round|square|inherit
  stroke-linejoin=miter|round|bevel|inherit stroke-miterlimit stroke-opacity stroke-width
  text-align=start|center|end|inherit text-anchor=start|middle|end|inherit
  vector-effect=none|non-scaling-stroke|inherit`;
const WEIGHT = "font-weight=normal|bold|bolder|lighter";
const PRESENTATION = `${PRESENTATION_BUT_WEIGHT} ${WEIGHT}|inherit`;
const CONDITIONAL = "requiredFonts systemLanguage";
const DESCRIPTION = `${CORE} ${CONDITIONAL}
  buffered-rendering=auto|dynamic|static|inherit viewport-fill viewport-fill-opacity
  display=inline|block|list-item|run-in|compact|marker|table|inline-table|table-row-group|table-header-group|table-footer-group|table-row|table-column-group|table-column|table-cell|table-caption|none|inherit
  visibility=visible|hidden|collapse|inherit image-rendering=auto|optimizeSpeed|optimizeQuality|inherit
  shape-rendering=auto|optimizeSpeed|crispEdges|geometricPrecision|inherit
  text-rendering=auto|optimizeSpeed|optimizeLegibility|geometricPrecision|inherit`;
const GRAPHICS = `${CORE} ${PRESENTATION}`;
const PLACED = `${GRAPHICS} ${CONDITIONAL} transform`;
const GRADIENT = `${GRAPHICS} gradientUnits=userSpaceOnUse|objectBoundingBox`;

const IN_GROUP =
  "path rect circle line ellipse polyline polygon solidColor textArea linearGradient radialGradient text g defs use";

/** Attributes that SHOULD NOT be there, and the only value that they may have (section 2.3). */
export const CONSTRAINED: ReadonlyMap<string, string> = new Map([
  ["zoomAndPan", "disable"],
  ["externalResourcesRequired", "false"],
  ["focusable", "false"],
  ["snapshotTime", "none"],
  ["playbackOrder", "all"],
  ["timelineBegin", "onLoad"],
  ["editable", "none"],
  ["preserveAspectRatio", "xMidYMid meet"],
]);

/** The attributes that are properties of CSS, too. */
export const PROPERTIES: ReadonlySet<string> = new Set(words(PRESENTATION).map((text) => attribute(text)[0]));

const ROOT = `${CORE} ${PRESENTATION_BUT_WEIGHT} ${WEIGHT}
  baseProfile=tiny-ps version=1.2 viewBox width height contentScriptType externalResourcesRequired=false
  focusable=false playbackOrder=all preserveAspectRatio=<preserveAspectRatio> snapshotTime=none timelineBegin=onLoad
  zoomAndPan=disable`;

/** Every element that can occur, by local name. The schema's font elements are left out: nothing may contain them. */
export const PROFILE: ReadonlyMap<string, ElementProfile> = new Map([
  element("svg", ROOT, `title desc metadata ${IN_GROUP}`),
  element("title", DESCRIPTION, "#text"),
  element("desc", DESCRIPTION, "#text"),
  element("metadata", "", "#text"),
  element("g", PLACED, IN_GROUP),
  element("defs", GRAPHICS, IN_GROUP),
  element("use", `${PLACED} href x y`),
  element("path", `${PLACED} d pathLength`),
  element("rect", `${PLACED} x y width height rx ry`),
  element("circle", `${PLACED} cx cy r`),
  element("ellipse", `${PLACED} cx cy rx ry`),
  element("line", `${PLACED} x1 y1 x2 y2`),
  element("polyline", `${PLACED} points`),
  element("polygon", `${PLACED} points`),
  element("text", `${PLACED} x y rotate editable=none`, "#text"),
  element("textArea", `${PLACED} x y width height`, "#text"),
  element("linearGradient", `${GRADIENT} x1 y1 x2 y2`, "stop"),
  element("radialGradient", `${GRADIENT} cx cy r`, "stop"),
  element("stop", `${GRAPHICS} offset`),
  element("solidColor", GRAPHICS),
]);

function element(name: string, attributes: string, content = ""): [string, ElementProfile] {
  const children = words(content);
  return [
    name,
    {
      attributes: new Map(words(attributes).map(attribute)),
      children: new Set(children.filter((child) => child !== "#text")),
      text: children.includes("#text"),
    },
  ];
}

function attribute(text: string): [string, AttributeProfile] {
  const [name, values] = text.split("=") as [string, string?];
  if (values === undefined) return [name, {}];
  if (values.startsWith("<")) return [name, { kind: values.slice(1, -1) as Kind }];
  return [name, { values: values.split("|") }];
}

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

/** Whether the schema takes it; white space around it, and runs of it, do not count. */
export function allows({ values, kind }: AttributeProfile, value: string): boolean {
  if (kind === "preserveAspectRatio") return kinds[kind].test(value.replace(/[ \t\r\n]+/g, " "));
  const collapsed = collapse(value);
  return (values?.includes(collapsed) ?? true) && (kind === undefined || kinds[kind].test(collapsed));
}

/** As XML Schema does for tokens. */
export function collapse(value: string): string {
  return value.replace(/[ \t\r\n]+/g, " ").replace(/^ | $/g, "");
}
