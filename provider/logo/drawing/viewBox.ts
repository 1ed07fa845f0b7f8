import { attributeOf, type ParsedLogo, svgRoot } from "../parse";
import { readLength, readNumbers } from "./numbers";

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

/** Where something may be seen: beside the viewBox, too, where the logo is shown in another ratio. `undefined` if not known. */
export function shownOf(logo: ParsedLogo): ViewBox | undefined {
  const root = svgRoot(logo);
  const box = viewBoxOf(logo);
  if (!root || !box) return undefined;
  const [width, height] = ["width", "height"].map((name) => attributeOf(root, name)?.trim() ?? "100%").map(readLength);
  if (!width || !height || width.unit !== height.unit) return undefined;
  // Of a page that is not known, but for the whole of it, which says nothing.
  if (width.unit === "%" && !(width.value === 100 && height.value === 100)) return undefined;
  const ratio = width.value / height.value;
  if (!(ratio > 0 && Number.isFinite(ratio))) return undefined;
  const across = Math.max(box.height, box.height * ratio, box.width) - box.width;
  const down = Math.max(box.width, box.width / ratio, box.height) - box.height;
  return { x: box.x - across, y: box.y - down, width: box.width + 2 * across, height: box.height + 2 * down };
}
