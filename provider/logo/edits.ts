import type { SvgAttribute, SvgElement } from "./parse";
import type { Edit } from "./rule";

export function removeAttribute({ offset, end }: SvgAttribute): Edit {
  return { start: offset, end, text: "" };
}

export function renameAttribute({ nameOffset, qualifiedName }: SvgAttribute, name: string): Edit {
  return { start: nameOffset, end: nameOffset + qualifiedName.length, text: name };
}

export function replaceValue({ valueOffset, end }: SvgAttribute, value: string): Edit {
  // Its quotes may be single ones.
  return { start: valueOffset, end: end - 1, text: escaped(value).replaceAll("'", "&apos;") };
}

export function insertAttribute({ offset, qualifiedName }: SvgElement, name: string, value: string): Edit {
  const at = offset + 1 + qualifiedName.length;
  return { start: at, end: at, text: ` ${name}="${escaped(value)}"` };
}

/** An element, comment or instruction, with its line if nothing else stands there. */
export function remove(text: string, { offset, end }: { offset: number; end: number }): Edit {
  let start = offset;
  while (start > 0 && (text[start - 1] === " " || text[start - 1] === "\t")) start--;
  const endsLine = end === text.length || text[end] === "\n" || text[end] === "\r";
  if (!endsLine || start === 0 || (text[start - 1] !== "\n" && text[start - 1] !== "\r"))
    return { start: offset, end, text: "" };
  start--;
  if (text[start] === "\n" && text[start - 1] === "\r") start--;
  return { start, end, text: "" };
}

/** The text with all edits made, which do not overlap. */
export function applied(text: string, edits: readonly Edit[]): string {
  let at = 0;
  const parts: string[] = [];
  for (const edit of inOrder(edits)) {
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return parts.join("") + text.slice(at);
}

/** Where something stood that stands at an offset once all edits are made. */
export function originOf(offset: number, edits: readonly Edit[]): number {
  let origin = offset;
  for (const { start, end, text } of inOrder(edits)) {
    if (origin < start) break;
    if (origin < start + text.length) return start;
    origin += end - start - text.length;
  }
  return origin;
}

function inOrder(edits: readonly Edit[]): Edit[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** As text of an element or between double quotes. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
