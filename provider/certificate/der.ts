/** One value in DER: just enough to take a structure apart and to put it together again byte by byte. */
export interface Der {
  tag: number;
  content: Buffer;
  /** With tag and length. */
  raw: Buffer;
}

/** @throws if the data ends too early, or its length is of a kind that DER does not have */
export function readDer(data: Buffer, at = 0): Der {
  const first = data[at + 1] ?? 0x80;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + lengthBytes;
  if (first === 0x80 || lengthBytes > 4 || start > data.length) throw new RangeError("it is no DER");
  const length = lengthBytes === 0 ? first : data.readUIntBE(at + 2, lengthBytes);
  if (start + length > data.length) throw new RangeError("it ends too early");
  return {
    tag: data[at]!,
    content: data.subarray(start, start + length),
    raw: data.subarray(at, start + length),
  };
}

/** The values that a SEQUENCE or SET consists of. */
export function derParts({ content }: Der): Der[] {
  const parts: Der[] = [];
  for (let at = 0; at < content.length; ) {
    const part = readDer(content, at);
    parts.push(part);
    at += part.raw.length;
  }
  return parts;
}

export function writeDer(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const digits = length.subarray(length.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length]), digits, content]);
}
