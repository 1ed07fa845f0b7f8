import { closeSync, openSync, readSync } from "node:fs";
import path from "node:path";
import type { Finding } from "../finding";
import { guardedFetch, MAX_HOSTED_PEM_BYTES, type Network } from "../hosting";
import { lintLogo, readLogo } from "../logo";
import { type CertificateFacts, embedded, type Placed, placed, type TargetReport } from "./checkReport";
import { statsOf } from "./statsOf";

/** What certificates and logos are checked with. */
export interface Rules {
  cwd: string;
  /** Ids that do not count. */
  ignore: readonly string[];
  /** PEM of further roots. */
  roots: readonly string[];
  at: Date;
  /** The ordered logo's bytes. */
  logo?: Buffer;
  /** The ordered names. */
  domains?: readonly string[];
  product?: "vmc_basic" | "mark_certificate";
  /** Fetch revocation lists. */
  crl: boolean;
  network: Network;
}

/** Checks a file by what is in it, whatever its name. */
export async function checkFile(target: string, rules: Rules): Promise<TargetReport> {
  const pem = readPem(path.resolve(rules.cwd, target));
  if (pem !== undefined) return checkPemFile(target, pem, rules);
  const { bytes, sha256, size } = readLogo(target, rules.cwd);
  const findings = await lintLogo(bytes, { ignore: rules.ignore, report: true });
  return { target, kind: "logo", logo: { where: target, sha256, size }, findings: placed(target, findings) };
}

async function checkPemFile(target: string, pem: string, rules: Rules): Promise<TargetReport> {
  const { facts, findings, logo } = await checkChain(target, pem, rules);
  return {
    target,
    kind: "certificate",
    ...(facts ? { certificate: facts } : {}),
    findings: [...placed(target, findings), ...(logo ? await embeddedFindings(target, logo, rules) : [])],
  };
}

/** What is embedded is what receivers show; it was ordered long ago, so nothing is an error any more. */
export async function embeddedFindings(chain: string, logo: Buffer, { ignore }: Rules): Promise<Placed[]> {
  return placed(`${chain}${embedded}`, (await lintLogo(logo, { ignore })).map(asWarning));
}

function asWarning(finding: Finding): Finding {
  return finding.severity === "error" ? { ...finding, severity: "warning" } : finding;
}

/** A chain by all rules of mark certificates; `logo` is the embedded one. */
export async function checkChain(
  where: string,
  pem: string,
  { roots, at, logo, domains, product, crl, network }: Rules,
): Promise<{ facts?: CertificateFacts; findings: Finding[]; logo?: Buffer }> {
  // Loaded late: the ASN.1 decoders take a while.
  const { trustedRoots, verifyMarkCertificate } = await import("../certificate/index.js");
  const trusted = trustedRoots({ loopback: false, extraRoots: roots });
  const { findings, leaf, orderedPem } = await verifyMarkCertificate({
    pem,
    roots: trusted,
    at,
    // The logo's own rules tell more.
    lint: false,
    ...(domains ? { dnsNames: domains } : {}),
    ...(logo ? { logo } : {}),
    ...(product ? { product } : {}),
    ...(crl ? { fetch: (url) => fetchList(url, network) } : {}),
  });
  if (!leaf) return { findings };
  const { serialNumber, validFrom, validTill, dnsNames, markType, logoSha256 } = leaf;
  return {
    findings,
    facts: {
      where,
      serialNumber,
      validFrom,
      validTill,
      dnsNames,
      ...(markType === undefined ? {} : { markType }),
      ...(logoSha256 === undefined ? {} : { logoSha256 }),
      ...(orderedPem && findings.some(({ ruleId }) => ruleId === "CERT-002") ? { orderedPem } : {}),
    },
    ...(leaf.logo ? { logo: leaf.logo } : {}),
  };
}

/** Revocation lists are signed, so http is enough. */
async function fetchList(url: string, network: Network): Promise<Buffer> {
  const fetched = await guardedFetch(url, { maxBytes: MAX_HOSTED_PEM_BYTES, allowHttp: true, network });
  if ("failure" in fetched) throw new Error(fetched.message);
  if (fetched.status !== 200) throw new Error(`it answers ${fetched.status}`);
  return fetched.body;
}

/** A PEM file's text; `undefined` if the file is anything else, which a logo's reader names. */
export function readPem(file: string): string | undefined {
  if (!statsOf(file)?.isFile()) return undefined;
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return undefined;
  }
  try {
    const buffer = Buffer.alloc(MAX_HOSTED_PEM_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(descriptor, buffer, length, buffer.length - length, null);
    }
    const bytes = buffer.subarray(0, length);
    const text = bytes.toString("utf8");
    if (/^\ufeff?\s*</.test(text)) return undefined;
    if (!/^\ufeff?[ \t]*-----BEGIN [A-Z0-9 ]+-----/m.test(text)) {
      if (isDer(bytes)) {
        throw new Error(
          "It is a certificate in DER form. Convert it: openssl x509 -inform der -in FILE -out chain.pem",
        );
      }
      if (!/\.(pem|crt|cer)$/i.test(file)) return undefined;
      throw new Error("It has no certificate in PEM form, which is ASCII text with -----BEGIN CERTIFICATE-----.");
    }
    if (length > MAX_HOSTED_PEM_BYTES) {
      throw new Error(`It is a PEM file of more than ${MAX_HOSTED_PEM_BYTES / 1024} KB; a chain has about 15 KB.`);
    }
    return text;
  } finally {
    closeSync(descriptor);
  }
}

/** A sequence with a long length, as every certificate is. */
function isDer(bytes: Buffer): boolean {
  return bytes[0] === 0x30 && bytes[1] === 0x82 && bytes[4] === 0x30;
}
