import { readNumbers } from "./numbers";

/** `[a, b, c, d, e, f]`: x' = a·x + c·y + e, y' = b·x + d·y + f. */
export type Matrix = readonly [number, number, number, number, number, number];

export const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

/** First `inner`, then `outer`. */
export function multiply(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer;
  const [g, h, i, j, k, l] = inner;
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}

/** How much longer it makes a line at most. */
export function stretch([a, b, c, d]: Matrix): number {
  const sum = a * a + b * b + c * c + d * d;
  return Math.sqrt((sum + Math.hypot(a * a + b * b - c * c - d * d, 2 * (a * c + b * d))) / 2);
}

const FUNCTION = /(matrix|translate|scale|rotate|skewX|skewY)[ \t\r\n]*\(([^()]*)\)[ \t\r\n]*(?:,[ \t\r\n]*)*/y;

/** What a `transform` attribute does. `undefined` if it is not surely known. */
export function readTransform(text: string): Matrix | undefined {
  const list = text.trim();
  let matrix = IDENTITY;
  for (let at = 0; at < list.length; at = FUNCTION.lastIndex) {
    FUNCTION.lastIndex = at;
    const match = FUNCTION.exec(list);
    const numbers = match ? readNumbers(match[2]!) : undefined;
    const next = numbers ? matrixOf(match![1]!, numbers) : undefined;
    if (!next) return undefined;
    matrix = multiply(matrix, next);
  }
  return matrix.every(Number.isFinite) ? matrix : undefined;
}

function matrixOf(name: string, numbers: number[]): Matrix | undefined {
  const [first = 0, second, third] = numbers;
  const radians = (first * Math.PI) / 180;
  const count = numbers.length;
  switch (name) {
    case "matrix":
      return count === 6 ? (numbers as unknown as Matrix) : undefined;
    case "translate":
      return count === 1 || count === 2 ? [1, 0, 0, 1, first, second ?? 0] : undefined;
    case "scale":
      return count === 1 || count === 2 ? [first, 0, 0, second ?? first, 0, 0] : undefined;
    case "rotate": {
      if (count !== 1 && count !== 3) return undefined;
      const [x, y] = [second ?? 0, third ?? 0];
      const [cos, sin] = [Math.cos(radians), Math.sin(radians)];
      return [cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y];
    }
    case "skewX":
      return count === 1 ? [1, 0, Math.tan(radians), 1, 0, 0] : undefined;
    case "skewY":
      return count === 1 ? [1, Math.tan(radians), 0, 1, 0, 0] : undefined;
    default:
      return undefined;
  }
}
