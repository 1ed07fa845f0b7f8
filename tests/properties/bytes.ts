import fc from "fast-check";

const edit = fc.record({
  at: fc.nat(100_000),
  how: fc.constantFrom("set", "set", "set", "remove", "insert", "repeat", "cut"),
  byte: fc.oneof(fc.constantFrom(0, 1, 0x30, 0x7f, 0x80, 0x84, 0x88, 0xff), fc.nat(255)),
  length: fc.nat(40),
});

/** Bytes that are right, but for none to four edits. */
export function damaged(bases: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc.tuple(fc.constantFrom(...bases), fc.array(edit, { maxLength: 4 })).map(([base, edits]) => {
    let bytes = Buffer.from(base);
    for (const { at: anywhere, how, byte, length } of edits) {
      const at = anywhere % (bytes.length + 1);
      const part = bytes.subarray(at, at + length);
      if (how === "set") bytes[at] = byte;
      else if (how === "remove") bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
      else if (how === "insert")
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length, byte), bytes.subarray(at)]);
      else if (how === "repeat") bytes = Buffer.concat([bytes.subarray(0, at), part, part, bytes.subarray(at)]);
      else bytes = bytes.subarray(0, at);
    }
    return bytes;
  });
}

/** Texts that are right, but for some pieces of the given kinds put in, taken out or doubled. */
export function garbled(bases: readonly string[], pieces: readonly string[]): fc.Arbitrary<string> {
  const change = fc.tuple(fc.nat(100_000), fc.nat(30), fc.constantFrom("", ...pieces));
  return fc.tuple(fc.constantFrom(...bases), fc.array(change, { maxLength: 4 })).map(([base, changes]) =>
    changes.reduce((text, [anywhere, length, piece]) => {
      const at = anywhere % (text.length + 1);
      return text.slice(0, at) + piece + text.slice(at + (piece === "" ? length : 0));
    }, base),
  );
}
