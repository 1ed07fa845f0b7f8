import { readNumber } from "./numbers";

/** What SVG Tiny names; every other name counts as a colour of its own. */
const NAMED = new Map([
  ["aqua", "#00ffff"],
  ["black", "#000000"],
  ["blue", "#0000ff"],
  ["fuchsia", "#ff00ff"],
  ["gray", "#808080"],
  ["green", "#008000"],
  ["lime", "#00ff00"],
  ["maroon", "#800000"],
  ["navy", "#000080"],
  ["olive", "#808000"],
  ["purple", "#800080"],
  ["red", "#ff0000"],
  ["silver", "#c0c0c0"],
  ["teal", "#008080"],
  ["white", "#ffffff"],
  ["yellow", "#ffff00"],
]);

/** Keywords of paint and of CSS that are no colour, or one that is known only where it is drawn. */
const NO_COLOR = new Set(["none", "inherit", "initial", "unset", "currentcolor", "transparent"]);

/** A colour in one spelling, `#rrggbb` or its name. `undefined` if it is none, or not surely one without transparency. */
export function readColor(text: string): string | undefined {
  const color = text.trim().toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(color)) return color;
  if (/^#[0-9a-f]{3}$/.test(color)) return `#${[...color.slice(1)].map((digit) => digit + digit).join("")}`;
  if (/^[a-z]{1,30}$/.test(color)) return NO_COLOR.has(color) ? undefined : (NAMED.get(color) ?? color);
  if (!color.startsWith("rgb(") || !color.endsWith(")") || color.length > 200) return undefined;
  const parts = color.slice(4, -1).split(",");
  const percent = parts.every((part) => part.trim().endsWith("%"));
  const channels = parts.map((part) => channelOf(percent ? part.trim().slice(0, -1) : part.trim(), percent));
  return parts.length === 3 && channels.every((channel) => channel !== undefined) ? `#${channels.join("")}` : undefined;
}

/** A colour as it is painted. */
export interface Ink {
  /** `undefined` if it is not surely known. */
  color?: string;
  /** 0 to 1. */
  alpha: number;
}

/** Also what CSS knows and SVG Tiny 1.2 does not: colours with transparency. Renderers draw them as CSS has them. */
export function readInk(text: string): Ink {
  const opaque = readColor(text);
  if (opaque !== undefined) return { color: opaque, alpha: 1 };
  const written = text.trim().toLowerCase();
  if (written === "transparent") return { color: "#000000", alpha: 0 };
  const [, short, shortAlpha, long, longAlpha] =
    /^#(?:([\da-f]{3})([\da-f])|([\da-f]{6})([\da-f]{2}))$/.exec(written) ?? [];
  if (short && shortAlpha) return ink(readColor(`#${short}`), Number.parseInt(shortAlpha, 16) / 15);
  if (long && longAlpha) return ink(readColor(`#${long}`), Number.parseInt(longAlpha, 16) / 255);
  const [, name, inside] = /^(rgb|hsl)a?\(([^()]{0,200})\)$/.exec(written) ?? [];
  const parts = (inside ?? "").split(/[\s,/]+/).filter(Boolean);
  if (!name || parts.length < 3 || parts.length > 4 || !parts.every((part) => /^[+-]?[\d.]+(?:%|deg)?$/.test(part)))
    return { alpha: 1 };
  // Other colours than those of rgb would have to be converted.
  const color = name === "rgb" ? readColor(`rgb(${parts.slice(0, 3).join(",")})`) : undefined;
  return ink(color, readOpacity(parts[3] ?? "1") ?? 1);
}

function ink(color: string | undefined, alpha: number): Ink {
  return color === undefined ? { alpha } : { color, alpha };
}

/** 0 to 1, also of a percentage as CSS has it. */
export function readOpacity(text: string): number | undefined {
  const [, number, percent] = /^([^%]*)(%?)$/.exec(text.trim()) ?? [];
  const value = readNumber(number ?? "");
  return value === undefined ? undefined : Math.min(Math.max(percent ? value / 100 : value, 0), 1);
}

const SYSTEM = new Set(
  `activeborder activecaption appworkspace background buttonface buttonhighlight buttonshadow buttontext captiontext
  graytext highlight highlighttext inactiveborder inactivecaption inactivecaptiontext infobackground infotext menu menutext
  scrollbar threeddarkshadow threedface threedhighlight threedlightshadow threedshadow window windowframe windowtext`.split(
    /\s+/,
  ),
);

/** Whether SVG Tiny 1.2 knows it as a colour (section 11.13). */
export function isTinyColor(text: string): boolean {
  const color = text.trim().toLowerCase();
  if (/^[a-z]+$/.test(color)) return NAMED.has(color) || SYSTEM.has(color) || color === "currentcolor";
  return readColor(color) !== undefined;
}

function channelOf(text: string, percent: boolean): string | undefined {
  if (!(percent ? /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/ : /^[+-]?\d+$/).test(text)) return undefined;
  const value = percent ? (Number(text) * 255) / 100 : Number(text);
  return Math.round(Math.min(Math.max(value, 0), 255))
    .toString(16)
    .padStart(2, "0");
}
