/** One character-string of a TXT record holds at most this many bytes (RFC 1035 section 3.3). */
export const MAX_CHARACTER_STRING = 255;

/**
 * A TXT record's content as Cloudflare takes it: quoted character-strings of at most 255 bytes, `"…" "…"`, with `"`
 * and `\` escaped and everything outside printable ASCII as `\DDD` (RFC 1035 section 5.1). In this form Cloudflare gives it back
 * as sent; a longer string it would split by itself, which shows as a difference for ever.
 *
 * @example txtContent("v=BIMI1; l=; a=;") // "\"v=BIMI1; l=; a=;\""
 */
export function txtContent(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  const strings: string[] = [];
  for (let start = 0; start < bytes.length || strings.length === 0; start += MAX_CHARACTER_STRING) {
    strings.push(`"${escapeBytes(bytes.subarray(start, start + MAX_CHARACTER_STRING))}"`);
  }
  return strings.join(" ");
}

/**
 * The text that a TXT content stands for, its character-strings joined without a space (RFC 7208 section 3.3).
 * Unquoted content is one text as it stands, as at Cloudflare.
 *
 * @throws Error if a quote is not closed or text stands between the character-strings.
 */
export function parseTxtContent(content: string): string {
  return Buffer.concat(txtCharacterStrings(content)).toString("utf8");
}

/**
 * The bytes of each character-string of a TXT content, as they go on the wire.
 *
 * @throws Error as {@link parseTxtContent}.
 */
export function txtCharacterStrings(content: string): Buffer[] {
  const trimmed = content.trim();
  if (!trimmed.startsWith('"')) return [Buffer.from(trimmed, "utf8")];
  const strings: Buffer[] = [];
  const quoted = /"((?:[^"\\]|\\[\s\S])*)"(?:\s+|$)/y;
  while (quoted.lastIndex < trimmed.length) {
    const start = quoted.lastIndex;
    const match = quoted.exec(trimmed);
    if (!match) {
      throw new Error(
        `TXT content is not a list of quoted strings at character ${start + 1}: ${trimmed.slice(start, start + 40)}`,
      );
    }
    strings.push(unescapeBytes(match[1]!));
  }
  return strings;
}

function escapeBytes(bytes: Buffer): string {
  let escaped = "";
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) escaped += `\\${String(byte).padStart(3, "0")}`;
    else if (byte === 0x22 || byte === 0x5c) escaped += `\\${String.fromCharCode(byte)}`;
    else escaped += String.fromCharCode(byte);
  }
  return escaped;
}

function unescapeBytes(escaped: string): Buffer {
  const parts: Buffer[] = [];
  for (const [part] of escaped.matchAll(/\\\d{3}|\\[\s\S]|[^\\]+/g)) {
    if (!part.startsWith("\\")) parts.push(Buffer.from(part, "utf8"));
    else if (part.length === 4 && Number(part.slice(1)) <= 255) parts.push(Buffer.from([Number(part.slice(1))]));
    else parts.push(Buffer.from(part.slice(1), "utf8"));
  }
  return Buffer.concat(parts);
}
