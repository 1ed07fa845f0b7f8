const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
// One comma at most; written so that it reads each character once.
const GAP = /[ \t\r\n]*(?:,[ \t\r\n]*)?/y;

/** The number that begins there. `undefined` if none does, or not a finite one. */
export function numberFrom(text: string, at: number): { value: number; end: number } | undefined {
  NUMBER.lastIndex = at;
  const value = Number(NUMBER.exec(text)?.[0] ?? Number.NaN);
  return Number.isFinite(value) ? { value, end: NUMBER.lastIndex } : undefined;
}

/** The end of what parts two numbers. */
export function gapFrom(text: string, at: number): number {
  GAP.lastIndex = at;
  GAP.exec(text);
  return GAP.lastIndex;
}

/** The numbers of a list, which white space, a comma or a sign parts. `undefined` if it is anything else, or not finite. */
export function readNumbers(text: string): number[] | undefined {
  const list = text.trim();
  const numbers: number[] = [];
  let at = 0;
  while (at < list.length) {
    const number = numberFrom(list, numbers.length > 0 ? gapFrom(list, at) : at);
    if (!number) return undefined;
    at = number.end;
    numbers.push(number.value);
  }
  return numbers;
}

/** One number, without a unit. */
export function readNumber(text: string): number | undefined {
  const numbers = readNumbers(text);
  return numbers?.length === 1 ? numbers[0] : undefined;
}

export interface Length {
  value: number;
  /** As written; empty for pixels without a unit. */
  unit: string;
}

/** A number with its unit. */
export function readLength(text: string): Length | undefined {
  const length = text.trim();
  const number = numberFrom(length, 0);
  if (!number) return undefined;
  const unit = length.slice(number.end);
  return /^(?:[a-z]+|%)?$/i.test(unit) ? { value: number.value, unit } : undefined;
}

/** Whether a length is one of the drawing, not of the page or a font. */
export function isPlain({ unit }: Length): boolean {
  return unit === "" || unit === "px";
}
