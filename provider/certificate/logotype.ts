import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { AsnConvert } from "@peculiar/asn1-schema";
import type { Extension } from "@peculiar/asn1-x509";
import { LogotypeExtn, type LogotypeImage } from "@peculiar/asn1-x509-logotype";
import { readable } from "../readable";
import { readDer } from "./der";

/** An embedded SVG larger than this is not inflated: a gzip of a few KB can hold gigabytes. */
export const MAX_LOGO_BYTES = 256 * 1024;

/** A logotype extension whose logo cannot be had, by the rule that it breaks. */
export class LogotypeError extends Error {
  constructor(
    readonly ruleId: "CERT-008" | "CERT-010",
    message: string,
  ) {
    super(readable(message, 300));
  }
}

export interface Logotype {
  /** The SVG's bytes as they were before compression. */
  svg: Buffer;
  hashes: { algorithm: string; value: Buffer }[];
  /** As the extension says, and as its data URI does. */
  mediaTypes: [declared: string, uri: string];
  /** What the extension holds beside the subject's embedded image. */
  others: string[];
}

/**
 * The embedded logo of a mark certificate (RFC 9399 § 4: subjectLogo, direct, one image as a data URI of a gzipped SVG).
 * @throws LogotypeError
 */
export function readLogotype(extension: Extension): Logotype {
  const { image, others } = readImage(extension);
  const { mediaType, logotypeURI, logotypeHash } = image.imageDetails;
  const { svg, uriType } = inflate(logotypeURI);
  return {
    svg,
    hashes: logotypeHash.map(({ hashAlg, hashValue }) => ({
      algorithm: hashAlg.algorithm,
      value: Buffer.from(hashValue.buffer),
    })),
    mediaTypes: [mediaType, uriType],
    others,
  };
}

function readImage(extension: Extension): { image: LogotypeImage; others: string[] } {
  let extn: LogotypeExtn;
  try {
    const value = Buffer.from(extension.extnValue.buffer);
    if (readDer(value).raw.length < value.length) throw new RangeError("something follows it");
    extn = AsnConvert.parse(extension.extnValue.buffer, LogotypeExtn);
  } catch (error) {
    throw new LogotypeError("CERT-008", `the logotype extension cannot be read: ${(error as Error).message}`);
  }
  const { subjectLogo, communityLogos, issuerLogo, otherLogos } = extn;
  if (!subjectLogo) throw new LogotypeError("CERT-008", "the logotype extension has no subject logo");
  const images = subjectLogo.direct?.image ?? [];
  if (images.length !== 1) {
    const found = subjectLogo.direct ? `${images.length} images` : "an indirect reference";
    throw new LogotypeError("CERT-008", `the logotype extension has ${found} instead of one embedded image`);
  }
  const others = { "community logos": communityLogos, "an issuer logo": issuerLogo, "other logos": otherLogos };
  const audio = { audio: subjectLogo.direct?.audio };
  return {
    image: images[0]!,
    others: Object.entries({ ...others, ...audio }).flatMap(([what, found]) => (found === undefined ? [] : [what])),
  };
}

function inflate(uris: string[]): { svg: Buffer; uriType: string } {
  const uri = uris.length === 1 ? uris[0]! : "";
  const [, uriType, base64] = /^data:([^,;]{1,100});base64,([A-Za-z0-9+/]+={0,2})$/.exec(uri) ?? [];
  if (uriType === undefined || base64 === undefined) {
    throw new LogotypeError("CERT-008", "the logo is not one data:image/svg+xml;base64 URI");
  }
  try {
    return { svg: gunzipSync(Buffer.from(base64, "base64"), { maxOutputLength: MAX_LOGO_BYTES }), uriType };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new LogotypeError("CERT-010", `the embedded logo inflates to more than ${MAX_LOGO_BYTES / 1024} KiB`);
    }
    throw new LogotypeError("CERT-008", "the embedded logo is not gzip");
  }
}

const SHA1 = "1.3.14.3.2.26";
const hashNames: Record<string, string> = {
  [SHA1]: "sha1",
  "2.16.840.1.101.3.4.2.4": "sha224",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

export function isSha1({ algorithm }: Logotype["hashes"][number]): boolean {
  return algorithm === SHA1;
}

/** Whether the hash is the data's; undefined for an algorithm that cannot be computed here. */
export function hashMatches({ algorithm, value }: Logotype["hashes"][number], data: Buffer): boolean | undefined {
  const name = hashNames[algorithm];
  return name === undefined ? undefined : createHash(name).update(data).digest().equals(value);
}
