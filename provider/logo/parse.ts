import { SaxesParser } from "saxes";
import { type FormatProblem, formatProblem, signatureProblem } from "./format";

/** Namespace of SVG, in every version. */
export const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** An element as the rules see it. */
export interface SvgElement {
  /** Local name. */
  name: string;
  /** As written, with its prefix. */
  qualifiedName: string;
  /** Namespace; empty if it has none. */
  namespace: string;
  attributes: SvgAttribute[];
  /** Child elements. */
  children: SvgElement[];
  /** Its own text, CDATA included, without that of its children. */
  text: string;
  parent?: SvgElement;
  /** How much of its parent's own text stands before it. */
  textBefore: number;
  /** Of its `<` in the text. */
  offset: number;
  /** Behind its start tag's `>`. */
  startTagEnd: number;
  /** Behind its end tag. */
  end: number;
}

export interface SvgAttribute {
  /** Local name. */
  name: string;
  /** Namespace; empty for the attributes of SVG itself. */
  namespace: string;
  /** As written, with its prefix. */
  qualifiedName: string;
  /** Normalized, entities resolved. */
  value: string;
  /** Of the white space before its name in the text: from there to `end` it can be removed. */
  offset: number;
  /** Of its name. */
  nameOffset: number;
  /** Behind its closing quote. */
  end: number;
  /** Of what stands between its quotes. */
  valueOffset: number;
}

/** A logo, parsed as far as it could be. */
export interface ParsedLogo {
  bytes: Uint8Array;
  /** As decoded from UTF-8; empty if it is not, or too much. */
  text: string;
  /** If it is no text at all. */
  format?: FormatProblem;
  /** The first breach of XML's rules. */
  xmlError?: { message: string; offset: number };
  /** `encoding` of the XML declaration. */
  encoding?: string;
  /** The offset of a DOCTYPE declaration. */
  doctype?: number;
  /** Behind it. */
  doctypeEnd?: number;
  /** Anywhere, the XML declaration aside. */
  processingInstructions: Markup[];
  /** Anywhere. */
  comments: Markup[];
  /** Only of well-formed XML. */
  root?: SvgElement;
}

/** A comment or processing instruction. */
export interface Markup {
  /** A processing instruction's target; empty for a comment. */
  target: string;
  /** What it says. */
  text: string;
  offset: number;
  end: number;
}

/** Namespaces are looked up through all open elements: without a limit a small file could keep the parser busy. */
const MAX_DEPTH = 500;

/** What is larger is too large for a logo by far (SVG-004), and its tree for memory. */
const MAX_PARSED_BYTES = 512 * 1024;

/** Parses a logo without ever throwing, fetching or expanding anything. */
export function parseLogo(bytes: Uint8Array): ParsedLogo {
  if (bytes.length > MAX_PARSED_BYTES) {
    const format = signatureProblem(bytes);
    return { bytes, text: "", processingInstructions: [], comments: [], ...(format ? { format } : {}) };
  }
  const format = formatProblem(bytes);
  if (format) return { bytes, text: "", processingInstructions: [], comments: [], format };

  const text = Buffer.from(bytes).toString("utf8");
  const parsed: ParsedLogo = { bytes, text, processingInstructions: [], comments: [] };
  const parser = new SaxesParser({ xmlns: true, defaultXMLVersion: "1.0", forceXMLVersion: true });
  const open: SvgElement[] = [];
  let root: SvgElement | undefined;
  let offset = 0;
  /** Behind the last tag, comment or the like. */
  let markupEnd = 0;

  parser.on("error", (error) => {
    const message = error.message.replace(/^\d+:\d+: /, "");
    parsed.xmlError = { message, offset: clamp(placeOf(message, text, parser.position, markupEnd), text) };
    // What follows the first one is often its consequence, and a file may have one at every character.
    throw new Stop();
  });
  parser.on("xmldecl", ({ encoding }) => {
    parsed.encoding = encoding;
    markupEnd = parser.position;
  });
  parser.on("doctype", (doctype) => {
    parsed.doctype ??= text.lastIndexOf("<!DOCTYPE", parser.position - doctype.length);
    parsed.doctypeEnd ??= parser.position;
    markupEnd = parser.position;
  });
  parser.on("processinginstruction", ({ target, body }) => {
    const end = parser.position;
    // The body's line ends may be shorter than they stand in the text: it begins there, or before.
    const offset = text.lastIndexOf(`<?${target}`, end - body.length - target.length - 4);
    parsed.processingInstructions.push({ target, text: body, offset, end });
    markupEnd = end;
  });
  parser.on("comment", (comment) => {
    const end = parser.position + 1;
    parsed.comments.push({ target: "", text: comment, offset: text.lastIndexOf("<!--", end - 7), end });
    markupEnd = end;
  });
  parser.on("opentagstart", () => {
    offset = text.lastIndexOf("<", parser.position - 1);
    if (open.length < MAX_DEPTH) return;
    parsed.xmlError = { message: `elements are nested more than ${MAX_DEPTH} deep.`, offset };
    throw new Stop();
  });
  parser.on("opentag", (tag) => {
    const parent = open.at(-1);
    const parsedAttributes = Object.values(tag.attributes);
    // The parser leaves white space around a namespace away, which makes it another one.
    const padded = parsedAttributes.filter(
      ({ name, prefix, value }) => (name === "xmlns" || prefix === "xmlns") && value !== value.trim(),
    );
    if (padded.length > 0) {
      for (const { prefix, local, value } of padded) tag.ns[prefix === "xmlns" ? local : ""] = value;
      tag.uri = tag.ns[tag.prefix] ?? tag.uri;
      for (const each of parsedAttributes) if (each.prefix !== "") each.uri = tag.ns[each.prefix] ?? each.uri;
    }
    const places =
      parsedAttributes.length > 0
        ? placesOfAttributes(text, offset + 1 + tag.name.length, parser.position)
        : new Map<string, Places>();
    const attributes = parsedAttributes.map(({ name, local, uri, value }) => ({
      name: local,
      namespace: uri,
      qualifiedName: name,
      value,
      ...places.get(name)!,
    }));
    const element: SvgElement = {
      name: tag.local,
      qualifiedName: tag.name,
      namespace: tag.uri,
      attributes,
      children: [],
      text: "",
      textBefore: parent?.text.length ?? 0,
      offset,
      startTagEnd: parser.position,
      end: parser.position,
    };
    if (parent) {
      element.parent = parent;
      parent.children.push(element);
    }
    root ??= element;
    open.push(element);
  });
  const addText = (part: string) => {
    const element = open.at(-1);
    if (element) element.text += part;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  parser.on("closetag", () => {
    const element = open.pop();
    if (element) element.end = parser.position;
    markupEnd = parser.position;
  });

  try {
    parser.write(text).close();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  if (!parsed.xmlError) parsed.root = root;
  return parsed;
}

/** The parser tells an error when it is past it; what it is about begins before. */
function placeOf(message: string, text: string, position: number, markupEnd: number): number {
  const last = Math.max(position - 1, 0);
  const opened = text.lastIndexOf("<", last);
  const prefix = /^unbound namespace prefix: "(.*)"\.$/.exec(message)?.[1];
  const twice = /^duplicate attribute: (\{.*\})?(.*)\.$/.exec(message);
  if (prefix !== undefined || twice) {
    const [tag] = /^[^ \t\r\n/>]*/.exec(text.slice(opened + 1, position))!;
    if (prefix !== undefined && tag.startsWith(`${prefix}:`)) return opened;
    const isMeant = (name: string) =>
      twice ? (twice[1] ? name.endsWith(`:${twice[2]}`) : name === twice[2]) : name.startsWith(`${prefix}:`);
    const places = [...placesOfAttributes(text, opened + 1 + tag.length, position)].filter(([name]) => isMeant(name));
    return places.at(twice ? -1 : 0)?.[1].nameOffset ?? last;
  }
  if (/entity/.test(message)) return text.lastIndexOf("&", last);
  if (/clos(?:e|ing) tag|only one root/.test(message)) return opened;
  if (!message.startsWith("text data outside")) return last;
  return markupEnd + text.slice(markupEnd).search(/[^ \t\r\n\uFEFF]/);
}

type Places = Pick<SvgAttribute, "offset" | "nameOffset" | "end" | "valueOffset">;

/** Where the attributes of a start tag, which is well-formed, stand in the text, from behind its name to its end. */
function placesOfAttributes(text: string, start: number, end: number): Map<string, Places> {
  const places = new Map<string, Places>();
  const attribute = /([ \t\r\n]+)([^ \t\r\n=]+)[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*')/y;
  attribute.lastIndex = start;
  for (let match = attribute.exec(text); match && match.index < end; match = attribute.exec(text)) {
    const [, space, name, value] = match as unknown as [string, string, string, string];
    const close = attribute.lastIndex;
    places.set(name, {
      offset: match.index,
      nameOffset: match.index + space.length,
      end: close,
      valueOffset: close - value.length + 1,
    });
  }
  return places;
}

/** Its text with that of all that it contains. */
export function textOf(element: SvgElement): string {
  const parts: string[] = [];
  const collect = ({ text, children }: SvgElement) => {
    let at = 0;
    for (const child of children) {
      parts.push(text.slice(at, child.textBefore));
      collect(child);
      at = child.textBefore;
    }
    parts.push(text.slice(at));
  };
  collect(element);
  return parts.join("");
}

/** Which element it is, as an XPath. */
export function pathOf(element: SvgElement): string {
  const { parent, name } = element;
  if (!parent) return `/${name}`;
  const alike = parent.children.filter((sibling) => sibling.name === name);
  return `${pathOf(parent)}/${name}${alike.length > 1 ? `[${alike.indexOf(element) + 1}]` : ""}`;
}

/** The root, if it is an `svg` element of SVG's namespace. */
export function svgRoot({ root }: ParsedLogo): SvgElement | undefined {
  return root?.name === "svg" && root.namespace === SVG_NAMESPACE ? root : undefined;
}

/** The value of an attribute without a namespace. */
export function attributeOf(element: SvgElement, name: string): string | undefined {
  return element.attributes.find((attribute) => attribute.name === name && attribute.namespace === "")?.value;
}

/** Tells line and column, counted from 1, of offsets in a text. */
export function positionsIn(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    const column = offset - starts[low]! + 1;
    // The byte order mark takes no column in an editor.
    return { line: low + 1, column: low === 0 && column > 1 && text.startsWith("\uFEFF") ? column - 1 : column };
  };
}

/** The first fault ends the parsing. */
class Stop extends Error {}

function clamp(offset: number, text: string): number {
  return Math.min(Math.max(offset, 0), text.length);
}
