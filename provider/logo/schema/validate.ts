import { readFile } from "node:fs/promises";
import path from "node:path";
import type { RelaxNGValidator, XmlDocument } from "libxml2-wasm";

/** The schema stands next to this file's source, which is packed for it. */
export const SCHEMA_FILE = path.resolve(__dirname, "../../../../provider/logo/schema/SVG_PS-latest.rng");

/** Why the schema refuses a file. */
export interface Refusal {
  message: string;
  /** Which element, in libxml2's words: an XPath of positions. */
  xpath?: string;
}

let validator: Promise<(bytes: Uint8Array) => Refusal[]> | undefined;

/**
 * What SVG Tiny PS's RELAX NG schema says of well-formed XML; empty if it is valid. Give it nothing with a DOCTYPE, and
 * nothing nested deeper than libxml2 takes (256).
 */
export async function validate(bytes: Uint8Array): Promise<Refusal[]> {
  // WebAssembly of megabytes: loaded for the first logo, for the whole process.
  validator ??= load();
  return (await validator)(bytes);
}

async function load(): Promise<(bytes: Uint8Array) => Refusal[]> {
  const [{ RelaxNGValidator, XmlDocument, XmlLibError }, rng] = await Promise.all([
    import("libxml2-wasm"),
    readFile(SCHEMA_FILE),
  ]);
  const source = XmlDocument.fromBuffer(rng);
  let schema: RelaxNGValidator;
  try {
    schema = RelaxNGValidator.fromDoc(source);
  } finally {
    source.dispose();
  }
  return (bytes) => {
    let document: XmlDocument | undefined;
    try {
      // Neither entities nor network: libxml2's defaults, and there is no DOCTYPE.
      document = XmlDocument.fromBuffer(bytes);
      schema.validate(document);
      return [];
    } catch (error) {
      const details = error instanceof XmlLibError ? error.details : [];
      // What libxml2 breaks down over is no logo either.
      if (details.length === 0) return [{ message: String((error as Error).message).trim() }];
      return details.map(({ message, xpath }) => ({ message: message.trim(), ...(xpath ? { xpath } : {}) }));
    } finally {
      document?.dispose();
    }
  };
}
