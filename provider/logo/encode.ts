import { gunzipSync } from "node:zlib";
import { gzipSync } from "fflate";
import { LogoError } from "./errors";

/** The most that an encoded logo may inflate to, in bytes. */
export const MAX_DECODED_BYTES = 256 * 1024;

/**
 * A logo as DigiCert's order and upload requests take it: base64, in one line, of the gzip-compressed SVG
 * (`vmc.logo`). The same logo gives the same text on every machine: Node's own zlib compresses differently from version to
 * version and from processor to processor, so a compressor in JavaScript does it, and the gzip header names neither time nor
 * operating system (RFC 1952 section 2.3.1: MTIME 0 = none, OS 255 = unknown).
 */
export function encodeLogo(bytes: Uint8Array): string {
  const gzip = Buffer.from(gzipSync(bytes, { level: 9, mtime: 0 }));
  gzip.writeUInt8(255, 9);
  return gzip.toString("base64");
}

/**
 * The SVG bytes of an encoded logo. White space in the base64 is ignored.
 *
 * @throws LogoError `not_encoded` if it is not base64 of a gzip stream, `too_large` if it inflates to more than
 * `maxBytes`.
 */
export function decodeLogo(base64: string, maxBytes: number = MAX_DECODED_BYTES): Buffer {
  const compact = base64.replace(/\s+/g, "");
  if (compact === "" || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw new LogoError("not_encoded", "The encoded logo is not base64.", ENCODE_HINT);
  }
  try {
    return gunzipSync(Buffer.from(compact, "base64"), { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new LogoError(
        "too_large",
        `The encoded logo inflates to more than ${maxBytes} bytes.`,
        "It is not accepted.",
      );
    }
    throw new LogoError("not_encoded", "The encoded logo is not a gzip stream.", ENCODE_HINT);
  }
}

const ENCODE_HINT = "Encode it with gzip, then base64.";
