const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
// One comma at most; written so that it reads each character once.
const GAP = /[ \t\r\n]*(?:,[ \t\r\n]*)?/y;

/** The numbers of a list, which white space, a comma or a sign parts. `undefined` if it is anything else, or not finite. */
export function readNumbers(text: string): number[] | undefined {
  const list = text.trim();
  const numbers: number[] = [];
  let at = 0;
  while (at < list.length) {
    if (numbers.length > 0) {
      GAP.lastIndex = at;
      GAP.exec(list);
      at = GAP.lastIndex;
    }
    NUMBER.lastIndex = at;
    const number = NUMBER.exec(list);
    if (!number) return undefined;
    at = NUMBER.lastIndex;
    const value = Number(number[0]);
    if (!Number.isFinite(value)) return undefined;
    numbers.push(value);
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
  NUMBER.lastIndex = 0;
  const number = NUMBER.exec(length)?.[0];
  if (number === undefined || !Number.isFinite(Number(number))) return undefined;
  const unit = length.slice(number.length);
  return /^(?:[a-z]+|%)?$/i.test(unit) ? { value: Number(number), unit } : undefined;
}
