import { createHash, X509Certificate } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificatePolicies,
  ExtendedKeyUsage,
  type Extension,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { id_pe_logotype, LogotypeExtn } from "@peculiar/asn1-x509-logotype";
import { readable } from "../readable";

/** Subject attribute that names the type of mark (MCR § 7.1.4.2). */
const MARK_TYPE = "1.3.6.1.4.1.53087.1.13";

/** An embedded SVG larger than this is not inflated: a gzip of a few KB can hold gigabytes. */
export const MAX_LOGO_BYTES = 256 * 1024;

/** What mark-certificate verification needs of one certificate. Key identifiers are lower-case hex. */
export interface ParsedCertificate {
  x509: X509Certificate;
  /** For messages: common name, else the whole subject. */
  name: string;
  pathLength?: number;
  subjectKeyId?: string;
  authorityKeyId?: string;
  /** Object identifiers of the extended key usage; empty without that extension. */
  keyPurposes: string[];
  policies: string[];
  /** Subject alternative names of type DNS, lower case. */
  dnsNames: string[];
  /** All mark types of the subject; a mark certificate has one. */
  markTypes: string[];
  notBefore: Date;
  notAfter: Date;
  logotype?: Extension;
}

export interface ParsedPem {
  /** In the order of the file. */
  certificates: ParsedCertificate[];
  /** Labels of blocks that are no certificates, such as PRIVATE KEY. */
  otherBlocks: string[];
  /** Why certificate blocks could not be read. */
  problems: string[];
}

/** Certificates are compared with each other: no file has need of more. */
const MAX_BLOCKS = 200;
/** Each of them is told. */
const MAX_UNUSABLE = 10;
/** Mark certificates have about 10 KB. What is far larger may be nested so deep that a parser takes minutes. */
const MAX_BLOCK_LENGTH = 512 * 1024;

/** Reads a PEM file, up to {@link MAX_BLOCKS} blocks or {@link MAX_UNUSABLE} bad ones; text around them is allowed and ignored (RFC 7468 § 2). */
export function parsePem(pem: string): ParsedPem {
  const parsed: ParsedPem = { certificates: [], otherBlocks: [], problems: [] };
  let number = 0;
  for (const [block, label] of pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*(?:-----END \1-----)?/g)) {
    const unusable = parsed.problems.length + parsed.otherBlocks.length;
    if (++number > MAX_BLOCKS || unusable === MAX_UNUSABLE) {
      parsed.problems.push(`the PEM has further blocks after the first ${number - 1}, which are not read`);
      break;
    }
    if (label !== "CERTIFICATE") {
      parsed.otherBlocks.push(readable(label!, 50));
      continue;
    }
    try {
      if (block.length > MAX_BLOCK_LENGTH) throw new Error(`it is longer than ${MAX_BLOCK_LENGTH / 1024} KB`);
      parsed.certificates.push(parseCertificate(block));
    } catch (error) {
      const count = parsed.certificates.length + parsed.problems.length + 1;
      parsed.problems.push(
        readable(`certificate ${count} of the PEM cannot be read: ${(error as Error).message}`, 300),
      );
    }
  }
  return parsed;
}

/** @throws if it is not one certificate in PEM or DER form */
export function parseCertificate(data: string | Buffer): ParsedCertificate {
  const x509 = new X509Certificate(data);
  const { tbsCertificate } = AsnConvert.parse(x509.raw, Certificate);
  const extensions = tbsCertificate.extensions ?? [];
  const read = <T>(id: string, type: new () => T): T | undefined => {
    const extension = extensions.find(({ extnID }) => extnID === id);
    return extension && AsnConvert.parse(extension.extnValue.buffer, type);
  };
  const subjectValues = (id: string) =>
    [...tbsCertificate.subject]
      .flatMap((part) => [...part])
      .filter(({ type }) => type === id)
      .map(({ value }) => value.toString());
  return {
    x509,
    name: subjectValues("2.5.4.3")[0] ?? x509.subject.replaceAll("\n", ", "),
    pathLength: read(id_ce_basicConstraints, BasicConstraints)?.pathLenConstraint,
    subjectKeyId: hex(read(id_ce_subjectKeyIdentifier, SubjectKeyIdentifier)?.buffer),
    authorityKeyId: hex(read(id_ce_authorityKeyIdentifier, AuthorityKeyIdentifier)?.keyIdentifier?.buffer),
    keyPurposes: [...(read(id_ce_extKeyUsage, ExtendedKeyUsage) ?? [])],
    policies: [...(read(id_ce_certificatePolicies, CertificatePolicies) ?? [])].map(
      (policy) => policy.policyIdentifier,
    ),
    dnsNames: [...(read(id_ce_subjectAltName, SubjectAlternativeName) ?? [])].flatMap(({ dNSName }) =>
      dNSName === undefined ? [] : [dNSName.toLowerCase()],
    ),
    markTypes: subjectValues(MARK_TYPE),
    notBefore: tbsCertificate.validity.notBefore.getTime(),
    notAfter: tbsCertificate.validity.notAfter.getTime(),
    logotype: extensions.find(({ extnID }) => extnID === id_pe_logotype),
  };
}

export interface OrderedChain {
  /** Leaf, its issuer, and so on up to where the file ends. */
  path: ParsedCertificate[];
  /** Certificates that are no part of the path: duplicates, strangers, further leaves. */
  unused: ParsedCertificate[];
}

/** Puts the certificates of a file in order, by who issued whom. */
export function orderChain(certificates: ParsedCertificate[]): OrderedChain {
  const unused = [...certificates];
  const take = (certificate: ParsedCertificate): ParsedCertificate => {
    unused.splice(unused.indexOf(certificate), 1);
    return certificate;
  };
  const leaf = certificates.find(({ x509 }) => !x509.ca) ?? certificates[0];
  if (!leaf) return { path: [], unused };
  const path = [take(leaf)];
  for (;;) {
    const top = path.at(-1)!;
    if (isSelfSigned(top)) return { path, unused };
    const named = unused.filter(({ x509 }) => x509.subject === top.x509.issuer);
    // two certificates may bear the same name: the one whose key fits is meant
    const issuer = named.find((candidate) => isSignedBy(top, candidate)) ?? named[0];
    if (!issuer) return { path, unused };
    path.push(take(issuer));
  }
}

export function isSelfSigned(certificate: ParsedCertificate): boolean {
  return certificate.x509.subject === certificate.x509.issuer && isSignedBy(certificate, certificate);
}

/** Whether the issuer's public key made the signature, whatever the names say. */
export function isSignedBy(certificate: ParsedCertificate, issuer: ParsedCertificate): boolean {
  try {
    return certificate.x509.verify(issuer.x509.publicKey);
  } catch {
    // a key of another kind, or one that OpenSSL does not know
    return false;
  }
}

/** A fault in the logotype extension, by the check that it fails. */
export class LogotypeError extends Error {
  constructor(
    readonly check: "CERT-008" | "CERT-010",
    message: string,
  ) {
    super(readable(message, 300));
  }
}

export interface Logotype {
  /** The SVG's bytes as they were before compression. */
  svg: Buffer;
  hashes: { algorithm: string; value: Buffer }[];
}

/**
 * The embedded logo of a mark certificate (RFC 9399 § 4: subjectLogo, direct, one image as a data URI of a gzipped SVG).
 * @throws LogotypeError
 */
export function readLogotype(extension: Extension): Logotype {
  let image: NonNullable<NonNullable<NonNullable<LogotypeExtn["subjectLogo"]>["direct"]>["image"]>[number];
  try {
    const { subjectLogo } = AsnConvert.parse(extension.extnValue.buffer, LogotypeExtn);
    if (!subjectLogo) throw new LogotypeError("CERT-008", "the logotype extension has no subject logo");
    const images = subjectLogo.direct?.image ?? [];
    if (images.length !== 1) {
      const found = subjectLogo.direct ? `${images.length} images` : "an indirect reference";
      throw new LogotypeError("CERT-008", `the logotype extension has ${found} instead of one embedded image`);
    }
    image = images[0]!;
  } catch (error) {
    if (error instanceof LogotypeError) throw error;
    throw new LogotypeError("CERT-008", `the logotype extension cannot be read: ${(error as Error).message}`);
  }
  const { logotypeURI, logotypeHash } = image.imageDetails;
  return {
    svg: inflate(logotypeURI),
    hashes: logotypeHash.map(({ hashAlg, hashValue }) => ({
      algorithm: hashAlg.algorithm,
      value: Buffer.from(hashValue.buffer),
    })),
  };
}

function inflate(uris: string[]): Buffer {
  const base64 = /^data:image\/svg\+xml;base64,([A-Za-z0-9+/]+={0,2})$/.exec(uris.length === 1 ? uris[0]! : "")?.[1];
  if (base64 === undefined) {
    throw new LogotypeError("CERT-008", "the logo is not one data:image/svg+xml;base64 URI");
  }
  try {
    return gunzipSync(Buffer.from(base64, "base64"), { maxOutputLength: MAX_LOGO_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new LogotypeError("CERT-010", `the embedded logo inflates to more than ${MAX_LOGO_BYTES / 1024} KiB`);
    }
    throw new LogotypeError("CERT-008", "the embedded logo is not gzip");
  }
}

const hashNames: Record<string, string> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.4": "sha224",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};

/** Whether the hash is the data's; undefined for an algorithm that cannot be computed here. */
export function hashMatches({ algorithm, value }: Logotype["hashes"][number], data: Buffer): boolean | undefined {
  const name = hashNames[algorithm];
  return name === undefined ? undefined : createHash(name).update(data).digest().equals(value);
}

function hex(data: ArrayBuffer | undefined): string | undefined {
  return data && Buffer.from(data).toString("hex");
}
