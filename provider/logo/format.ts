import { isUtf8 } from "node:buffer";
import type { LogoErrorCode } from "./errors";

/** Why bytes are not text that could be an SVG. */
export interface FormatProblem {
  code: LogoErrorCode;
  /** Continues a sentence: "the logo …". */
  message: string;
  hint: string;
}

/**
 * Recognises what people rename to `.svg` by its first bytes, so that they learn more than "not XML".
 * `undefined` if the bytes are UTF-8 text; whether it is an SVG is for the lint rules.
 */
export function formatProblem(bytes: Uint8Array): FormatProblem | undefined {
  return signatureProblem(bytes) ?? (isUtf8(bytes) ? undefined : NOT_UTF8);
}

/** The part of {@link formatProblem} that needs the first bytes only. */
export function signatureProblem(bytes: Uint8Array): FormatProblem | undefined {
  const head = Buffer.from(bytes.subarray(0, 256)).toString("latin1");
  if (head.startsWith("\x1f\x8b")) {
    return {
      code: "gzip",
      message: "is gzip-compressed (.svgz).",
      hint: "Give the uncompressed SVG (gunzip < logo.svgz > logo.svg): DigiCert and mail receivers compare its bytes.",
    };
  }
  if (head.startsWith("version https://git-lfs.github.com/")) {
    return { code: "git_lfs", message: "is a Git LFS pointer, not the file.", hint: "Run git lfs pull first." };
  }
  if (HTML.test(head)) {
    return {
      code: "other_format",
      message: "is an HTML page, whatever its name ends in.",
      hint: "Probably an error page, or a web page that was saved: get the SVG file itself.",
    };
  }
  const format = nameIn(OTHER_FORMATS, head);
  if (format) {
    return {
      code: "other_format",
      message: `is ${format}, whatever its name ends in.`,
      hint: "Export the vector artwork as SVG Tiny 1.2 and make it SVG Tiny PS; an image put into an SVG is not allowed.",
    };
  }
  const encoding = nameIn(WIDE_ENCODINGS, head);
  if (encoding) {
    return { code: "encoding", message: `is ${encoding} text.`, hint: `Save it as UTF-8 without a byte order mark.` };
  }
  return undefined;
}

const NOT_UTF8: FormatProblem = {
  code: "encoding",
  message: "is not UTF-8 text.",
  hint: "Save it as UTF-8; an encoding named in its XML declaration must be UTF-8, too.",
};

// Some put the DOCTYPE of HTML before an SVG.
const HTML = /^(?:\xef\xbb\xbf)?\s*<(?:html[\s>]|!doctype\s+html\b(?!\s*>\s*<svg\b))/i;

/** Names, each with the bytes that it starts with, as Latin-1; `?` is any byte. */
type Signatures = [name: string, ...starts: string[]][];

function nameIn(signatures: Signatures, head: string): string | undefined {
  const isStart = (start: string) =>
    [...start].every((byte, at) => byte === head[at] || (byte === "?" && at < head.length));
  return signatures.find(([, ...starts]) => starts.some(isStart))?.[0];
}

const OTHER_FORMATS: Signatures = [
  ["a PNG image", "\x89PNG"],
  ["a JPEG image", "\xff\xd8\xff"],
  ["a GIF image", "GIF8"],
  ["a WebP image", "RIFF????WEBP"],
  ["a CorelDRAW document", "RIFF????CDR", "RIFF????cdr"],
  ["a RIFF file (sound, film or drawing)", "RIFF"],
  ["an AVIF image", "????ftypavif", "????ftypavis"],
  ["a HEIC image", "????ftyphe", "????ftypmif1", "????ftypmsf1"],
  ["a film or image of the MP4 family", "????ftyp"],
  ["a BMP image", "BM????\0\0\0\0"],
  ["an icon of Windows (.ico)", "\0\0\x01\0", "\0\0\x02\0"],
  ["a TIFF image", "II*\0", "MM\0*"],
  ["a PDF document (or an Illustrator file)", "%PDF-"],
  ["a PostScript or EPS document", "%!PS", "\xc5\xd0\xd3\xc6"],
  ["a Photoshop document", "8BPS"],
  ["a ZIP archive", "PK\x03\x04"],
];

const FIRST = ["<", " ", "\t", "\n", "\r"];

// With and without byte order mark. UTF-32 comes first, as UTF-32 LE starts like UTF-16 LE.
const WIDE_ENCODINGS: Signatures = [
  ["UTF-32", "\xff\xfe\0\0", "\0\0\xfe\xff", ...FIRST.flatMap((first) => [`${first}\0\0\0`, `\0\0\0${first}`])],
  ["UTF-16", "\xff\xfe", "\xfe\xff", ...FIRST.flatMap((first) => [`${first}\0`, `\0${first}`])],
];
