import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CertificatePolicies,
  CRLDistributionPoints,
  ExtendedKeyUsage,
  type Extension,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_cRLDistributionPoints,
  id_ce_extKeyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from "@peculiar/asn1-x509";
import { id_pe_logotype } from "@peculiar/asn1-x509-logotype";
import { readable } from "../readable";
import { derParts, readDer } from "./der";
import { isSignedBy } from "./signature";

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
  /** Attributes of the subject, by object identifier. */
  subject: { type: string; value: string }[];
  notBefore: Date;
  notAfter: Date;
  extensions: Extension[];
  /** Object identifier. */
  signatureAlgorithm: string;
  /** Where its revocation list is: every URL of its distribution points. */
  crlUrls: string[];
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
  const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(x509.raw, Certificate);
  const extensions = tbsCertificate.extensions ?? [];
  const read = <T>(id: string, type: new () => T): T | undefined => {
    const extension = extensions.find(({ extnID }) => extnID === id);
    return extension && AsnConvert.parse(extension.extnValue.buffer, type);
  };
  const subject = [...tbsCertificate.subject]
    .flatMap((part) => [...part])
    .map(({ type, value }) => ({ type, value: value.toString() }));
  return {
    x509,
    name: subject.find(({ type }) => type === "2.5.4.3")?.value ?? x509.subject.replaceAll("\n", ", "),
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
    subject,
    notBefore: tbsCertificate.validity.notBefore.getTime(),
    notAfter: tbsCertificate.validity.notAfter.getTime(),
    extensions,
    signatureAlgorithm: signatureAlgorithm.algorithm,
    crlUrls: [...(read(id_ce_cRLDistributionPoints, CRLDistributionPoints) ?? [])].flatMap(
      ({ distributionPoint }) =>
        distributionPoint?.fullName?.flatMap((name) => name.uniformResourceIdentifier ?? []) ?? [],
    ),
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
    const issuer = named.find((candidate) => isSignedBy(top.x509, candidate.x509)) ?? named[0];
    if (!issuer) return { path, unused };
    path.push(take(issuer));
  }
}

export function isSelfSigned({ x509 }: ParsedCertificate): boolean {
  return x509.subject === x509.issuer && isSignedBy(x509, x509);
}

/** DER of the part that is signed. */
export function signedPartOf({ x509 }: ParsedCertificate): Buffer {
  return derParts(readDer(x509.raw))[0]!.raw;
}

/** DER of the subject's public key, as the certificate writes it. */
export function publicKeyOf(certificate: ParsedCertificate): Buffer {
  const parts = derParts(readDer(signedPartOf(certificate)));
  // version (only if it is not 1), serial number, signature, issuer, validity, subject, public key
  return parts[parts[0]!.tag === 0xa0 ? 6 : 5]!.raw;
}

/** The extension with the embedded logo. */
export function logotypeOf({ extensions }: ParsedCertificate): Extension | undefined {
  return extensions.find(({ extnID }) => extnID === id_pe_logotype);
}

function hex(data: ArrayBuffer | undefined): string | undefined {
  return data && Buffer.from(data).toString("hex");
}
