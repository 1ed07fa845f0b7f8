import { readable } from "../../readable";
import { faultIn, isTinyColor, readLength, readNumber, readNumbers, readTransform } from "../drawing";
import type { SvgAttribute, SvgElement } from "../parse";
import type { Problem } from "../rule";

/** What is wrong with a value, as the end of a sentence that begins with it, and what SVG Tiny 1.2 has instead. */
type Told = [problem: string, hint: string];
type Reader = (value: string, name: string) => Told | undefined;

/**
 * A value that SVG Tiny 1.2 cannot read, though the schema, which has mere text there, takes it. `undefined`: it can, or it
 * is none that is read here.
 */
export function unreadable(
  element: SvgElement,
  attribute: SvgAttribute,
): Pick<Problem, "message" | "hint"> | undefined {
  const { name, namespace, value } = attribute;
  // The svg element's own have rules of their own.
  const read =
    namespace === "" && (element.parent || !/^(?:width|height)$/.test(name)) ? readerOf(element, name) : undefined;
  const told = read?.(value, name);
  if (!told) return undefined;
  const [problem, hint] = told;
  return { message: `${name} of ${element.name} is "${readable(value, 60)}", ${problem}.`, hint };
}

function readerOf({ name: element }: SvgElement, name: string): Reader | undefined {
  // Each of its characters can have a place.
  if (element === "text" && /^(?:x|y|rotate)$/.test(name)) return lengths;
  if (element === "textArea" && /^(?:width|height)$/.test(name)) return or("auto", length);
  return READERS.get(name);
}

const color: Reader = (value, name) => {
  if (isTinyColor(value)) return undefined;
  const hint = `Write #rrggbb${HINTS.get(name) ?? ""}. Who does not know it draws another colour, or black.`;
  return ["which is no colour of SVG Tiny 1.2", hint];
};

const HINTS = new Map([
  ["fill", ', with fill-opacity if it is transparent; or fill="none"'],
  ["stroke", ', with stroke-opacity if it is transparent; or stroke="none"'],
  ["stop-color", ", with stop-opacity if it is transparent"],
  ["solid-color", ", with solid-opacity if it is transparent"],
]);

const paint: Reader = (value, name) => {
  // What is wrong with references is for other rules.
  const [, fallback] = /^\s*url\([^)]*\)(.*)$/s.exec(value) ?? [undefined, value];
  const isAlone = fallback !== value && fallback!.trim() === "";
  return isAlone || fallback!.trim() === "none" ? undefined : color(fallback!, name);
};

const number: Reader = (value, name) =>
  readNumber(value) === undefined ? ["which is no number", `Write a plain number, or leave ${name} out.`] : undefined;

const UNIT = /^(?:%|em|ex|px|in|cm|mm|pt|pc)?$/i;

function isLength(value: string): boolean {
  return UNIT.test(readLength(value)?.unit ?? "none");
}

const length: Reader = (value, name) =>
  isLength(value) ? undefined : ["which is no length", `Write a plain number, or leave ${name} out.`];

const size: Reader = (value, name) =>
  length(value, name) ??
  (readLength(value)!.value < 0 ? ["which is below 0", `Write a plain number, or leave ${name} out.`] : undefined);

const lengths: Reader = (value) => {
  const all = value.split(/[\s,]+/).filter(Boolean);
  // Signs part numbers, too.
  if (readNumbers(value) || all.every(isLength)) return undefined;
  return ["which is no list of lengths", "Write plain numbers with spaces between them."];
};

const points: Reader = (value) => {
  const numbers = readNumbers(value);
  if (!numbers) return ["which is no list of numbers", "Write pairs of plain numbers with spaces between them."];
  return numbers.length % 2 === 0
    ? undefined
    : ["the last point of which has no y", "Write pairs of numbers: x and y of each point."];
};

const path: Reader = (value) => {
  const fault = faultIn(value);
  if (!fault) return undefined;
  const what = value.slice(fault.at, fault.at + 10);
  return [
    `which cannot be read from character ${fault.at + 1} on${what ? ` ("${what}")` : ", where it ends"}`,
    "Some draw it up to there, others not at all. Export the logo again, or correct the path data.",
  ];
};

const transform: Reader = (value) =>
  readTransform(value) || /^\s*(?:none|ref\([^()]*\))\s*$/.test(value)
    ? undefined
    : [
        "which cannot be read",
        "SVG Tiny 1.2 has matrix, translate, scale, rotate, skewX and skewY, with plain numbers. Correct or remove it.",
      ];

/** Who reads values that a word may stand for. */
function or(word: string, read: Reader): Reader {
  return (value, name) => (value.trim() === word ? undefined : read(value, name));
}

function all(read: Reader, ...names: string[]): [name: string, read: Reader][] {
  return names.map((name) => [name, read]);
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  ...all(or("inherit", paint), "fill", "stroke"),
  ...all(or("inherit", color), "color", "stop-color", "solid-color"),
  ...all(or("inherit", number), "fill-opacity", "stroke-opacity", "stop-opacity", "solid-opacity", "stroke-miterlimit"),
  ...all(or("inherit", size), "stroke-width"),
  ...all(or("inherit", length), "stroke-dashoffset"),
  ...all(or("inherit", or("none", lengths)), "stroke-dasharray"),
  ...all(length, "x", "y", "cx", "cy", "x1", "y1", "x2", "y2", "offset"),
  ...all(size, "width", "height", "r", "rx", "ry"),
  ...all(number, "pathLength"),
  ...all(points, "points"),
  ...all(path, "d"),
  ...all(transform, "transform"),
]);
