import { verify } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  CertificateList,
  type Extension,
  IssuingDistributionPoint,
  id_ce_issuingDistributionPoint,
  id_ce_keyUsage,
  KeyUsage,
  KeyUsageFlags,
} from "@peculiar/asn1-x509";
import type { ParsedCertificate } from "../parse";
import { type CheckedRule, CLOCK_TOLERANCE, type Examined, MCR, type Problem } from "../rule";

/** What is far larger is no list of revoked mark certificates: there is room for 13,000 of them. */
const MAX_CRL_BYTES = 512 * 1024;

/** Revocation. */
export const revocationRules: CheckedRule[] = [
  {
    id: "CERT-014",
    severity: "error",
    title: "The leaf says where its revocation list is; on request it is fetched, and neither leaf nor CA stands in it",
    spec: `RFC 5280 §§ 4.2.1.13, 5, 6.3; ${MCR} § 7.1.2`,
    hint: "Ask the authority.",
    blocks: false,
    check: checkRevocation,
  },
];

async function checkRevocation({ leaf, path, anchor, input }: Examined): Promise<Problem[]> {
  if (leaf.crlUrls.length === 0) {
    const hint = "Ask the authority to reissue it: receivers may refuse it.";
    return [{ message: `"${leaf.name}" does not say where its revocation list is`, hint }];
  }
  const { fetch, at } = input;
  if (!fetch) return [];
  const problems = await Promise.all(
    path.map((certificate, index) => {
      const issuer = path[index + 1] ?? (anchor?.at === index ? anchor.root : undefined);
      return issuer && certificate.crlUrls.length > 0 ? lookUp(certificate, issuer, fetch, at) : [];
    }),
  );
  return problems.flat();
}

/** The lists at all URLs are the same one: the first that answers is enough. */
async function lookUp(
  certificate: ParsedCertificate,
  issuer: ParsedCertificate,
  fetch: (url: string) => Promise<Buffer>,
  at: Date,
): Promise<Problem[]> {
  const failures: string[] = [];
  for (const url of certificate.crlUrls.slice(0, 4)) {
    try {
      return checkList(readCrl(await fetch(url)), certificate, issuer, url, at);
    } catch (error) {
      failures.push(`${url}: ${(error as Error).message}`);
    }
  }
  return [
    {
      message: `whether "${certificate.name}" is revoked is not known: ${failures.join("; ")}`,
      severity: "warning",
      hint: "Try again later.",
    },
  ];
}

function readCrl(data: Buffer): CertificateList {
  if (data.length > MAX_CRL_BYTES) throw new Error(`the list is larger than ${MAX_CRL_BYTES / 1024} KiB`);
  const base64 = /-----BEGIN X509 CRL-----([^-]+)-----END/.exec(data.toString("latin1"))?.[1];
  try {
    return AsnConvert.parse(base64 === undefined ? data : Buffer.from(base64, "base64"), CertificateList);
  } catch (error) {
    throw new Error(`it is no revocation list (${(error as Error).message})`);
  }
}

function checkList(
  { tbsCertList, tbsCertListRaw, signatureAlgorithm, signature }: CertificateList,
  certificate: ParsedCertificate,
  issuer: ParsedCertificate,
  url: string,
  at: Date,
): Problem[] {
  const about = `the revocation list ${url} of "${certificate.name}"`;
  const distrust = "Whether the certificate is revoked is not known: try again later, from another network.";
  const hash = hashes[signatureAlgorithm.algorithm];
  const isSigned =
    hash !== undefined &&
    tbsCertListRaw !== undefined &&
    verify(hash, Buffer.from(tbsCertListRaw), issuer.x509.publicKey, Buffer.from(signature));
  if (!isSigned) return [{ message: `${about} is not signed with the key of "${issuer.name}"`, hint: distrust }];
  if (!maySignLists(issuer)) {
    return [{ message: `${about} is signed by "${issuer.name}", which may not sign lists`, hint: distrust }];
  }
  const unfit = (tbsCertList.crlExtensions ?? []).flatMap((extension) => scopeProblem(extension, certificate));
  if (unfit.length > 0) return unfit.map((why) => ({ message: `${about} ${why}`, hint: distrust }));

  const { thisUpdate, nextUpdate, revokedCertificates = [] } = tbsCertList;
  const now = at.getTime();
  const entry = revokedCertificates.find(
    ({ userCertificate }) =>
      serial(Buffer.from(userCertificate)) === serial(Buffer.from(certificate.x509.serialNumber, "hex")),
  );
  // Also by a list that is old: revocation is for ever.
  if (entry && entry.revocationDate.getTime().getTime() <= now + CLOCK_TOLERANCE) {
    const message = `"${certificate.name}" was revoked on ${entry.revocationDate.getTime().toISOString()}`;
    return [{ message, hint: "Withdraw it and ask the authority for the reason; then reissue or order anew." }];
  }
  if (thisUpdate.getTime().getTime() > now + CLOCK_TOLERANCE) {
    return [
      { message: `${about} is of ${thisUpdate.getTime().toISOString()}, which is still to come`, hint: distrust },
    ];
  }
  if (!nextUpdate) return [{ message: `${about} does not say until when it is good`, hint: distrust }];
  if (nextUpdate.getTime().getTime() < now - CLOCK_TOLERANCE) {
    return [{ message: `${about} should have been replaced on ${nextUpdate.getTime().toISOString()}`, hint: distrust }];
  }
  return [];
}

const hashes: Record<string, string> = {
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
};

/** A list may be about some certificates only, and one of those says nothing of the others (RFC 5280 § 5.2.5). */
function scopeProblem({ extnID, critical, extnValue }: Extension, { x509, crlUrls }: ParsedCertificate): string[] {
  if (extnID !== id_ce_issuingDistributionPoint) {
    return critical ? [`has the critical extension ${extnID}, which is not understood`] : [];
  }
  const scope = AsnConvert.parse(extnValue.buffer, IssuingDistributionPoint);
  const others = x509.ca ? scope.onlyContainsUserCerts : scope.onlyContainsCACerts;
  const isPart = others || scope.onlyContainsAttributeCerts || scope.onlySomeReasons || scope.indirectCRL;
  // A list of many parts says which part it is by the URL that the certificates of that part have.
  const urls = scope.distributionPoint?.fullName?.flatMap((name) => name.uniformResourceIdentifier ?? []) ?? [];
  const isOther = scope.distributionPoint !== undefined && !urls.some((url) => crlUrls.includes(url));
  return isPart || isOther ? ["is about other certificates"] : [];
}

/** RFC 5280 § 6.3.3 (f): a CA without key usage may sign anything. */
function maySignLists({ extensions }: ParsedCertificate): boolean {
  const usage = extensions.find(({ extnID }) => extnID === id_ce_keyUsage);
  if (!usage) return true;
  return (AsnConvert.parse(usage.extnValue.buffer, KeyUsage).toNumber() & KeyUsageFlags.cRLSign) !== 0;
}

const serial = (number: Buffer) => number.toString("hex").replace(/^0+/, "").toLowerCase();
