import { attributeOf, type ParsedLogo, svgRoot } from "../parse";
import { readNumbers } from "./numbers";

export interface ViewBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The root element's viewBox, if it shows anything. */
export function viewBoxOf(logo: ParsedLogo): ViewBox | undefined {
  const root = svgRoot(logo);
  const numbers = readNumbers((root && attributeOf(root, "viewBox")) ?? "");
  if (numbers?.length !== 4) return undefined;
  const [x, y, width, height] = numbers as [number, number, number, number];
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}
