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

function channelOf(text: string, percent: boolean): string | undefined {
  if (!(percent ? /^[+-]?\d+(?:\.\d+)?$/ : /^[+-]?\d+$/).test(text)) return undefined;
  const value = percent ? (Number(text) * 255) / 100 : Number(text);
  return Math.round(Math.min(Math.max(value, 0), 255))
    .toString(16)
    .padStart(2, "0");
}
