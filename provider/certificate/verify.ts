import type { Finding } from "../finding";
import { readable } from "../readable";
import { type Logotype, LogotypeError, readLogotype } from "./logotype";
import { logotypeOf, orderChain, type ParsedCertificate, parsePem } from "./parse";
import { type CheckedRule, type Examined, mayBeIgnored, type Problem, type Rule, type VerificationInput } from "./rule";
import { chainRules, findAnchor } from "./rules/chain";
import { logotypeRules, sha256 } from "./rules/logotype";
import { coveredNames, nameRules } from "./rules/names";
import { profileRules } from "./rules/profile";
import { revocationRules } from "./rules/revocation";
import { markTypeOf, subjectRules } from "./rules/subject";
import { transparencyRules } from "./rules/transparency";

export type { VerificationInput } from "./rule";

const checkedRules: readonly CheckedRule[] = [
  ...chainRules,
  ...profileRules,
  ...logotypeRules,
  ...nameRules,
  ...transparencyRules,
  ...revocationRules,
  ...subjectRules,
].sort((one, other) => one.id.localeCompare(other.id));

/** Every rule, in the order of their ids. */
export const rules: readonly Rule[] = [
  {
    id: "CERT-000",
    severity: "error",
    title: "DigiCert delivered the order's own certificate and has not revoked it",
    spec: "DigiCert Services API, Order info",
    hint: "Ask DigiCert.",
    blocks: true,
  },
  ...checkedRules,
];

export interface VerifiedLeaf {
  /** SHA-1 of the certificate, upper-case hex. */
  thumbprint: string;
  /** SHA-256 of the certificate, lower-case hex. */
  sha256: string;
  /** Upper-case hex. */
  serialNumber: string;
  /** ISO 8601. */
  validFrom: string;
  validTill: string;
  dnsNames: string[];
  markType?: string;
  /** The embedded SVG, if it can be read. */
  logo?: Buffer;
  /** SHA-256 of the embedded SVG, lower-case hex. */
  logoSha256?: string;
}

export interface Verification {
  /** Nothing blocks it; names that the certificate does not cover (CERT-012) block only themselves. */
  ok: boolean;
  /** In the order of the rules' ids. */
  findings: Finding[];
  /** Those of the findings that keep the certificate from being published, or (CERT-012) some of its names. */
  blocking: Finding[];
  leaf?: VerifiedLeaf;
  /** The names that this certificate may be published for: empty unless `ok`. */
  coveredNames: string[];
  /** The chain from leaf to root with nothing else, for a file that receivers accept. */
  orderedPem?: string;
}

/**
 * Verifies an issued mark certificate before it is published: chain, dates, key usage, embedded logo, names, mark type
 * (Minimum Security Requirements for Issuance of Mark Certificates; draft-fetch-validation-vmc-wchuang § 5).
 * @throws TypeError if one of the roots is no certificate, or `at` no date
 */
export async function verifyMarkCertificate(input: VerificationInput): Promise<Verification> {
  // comparisons with an invalid date are all false, and nothing would be expired
  if (Number.isNaN(input.at.getTime())) throw new TypeError("the time to verify at is no date");
  const roots = input.roots.flatMap(parseRoot);
  const chain = examine(input, roots);
  const findings: Finding[] = [];
  const blocking: Finding[] = [];
  for (const rule of checkedRules) {
    // Of a file without certificates only that is told.
    if (!chain.leaf && rule.id !== "CERT-001") continue;
    for (const problem of await rule.check(chain as Examined)) {
      const finding = findingOf(rule, problem);
      if (findings.some(({ ruleId, message }) => ruleId === rule.id && message === finding.message)) continue;
      findings.push(finding);
      const isIgnored = mayBeIgnored(rule) && input.ignore?.includes(rule.id);
      if (!isIgnored && isBlocking(rule, finding, input)) blocking.push(finding);
    }
  }
  const isName = ({ ruleId }: Finding) => checkedRules.some(({ id, blocks }) => id === ruleId && blocks === "names");
  const { leaf } = chain;
  const ok = leaf !== undefined && blocking.every(isName);
  if (!leaf) return { ok, findings, blocking, coveredNames: [] };
  return {
    ok,
    findings,
    blocking,
    leaf: describeLeaf(leaf, chain.logotype instanceof LogotypeError ? undefined : chain.logotype),
    coveredNames: ok ? coveredNames(leaf, input.dnsNames) : [],
    orderedPem: chain.path.map(({ x509 }) => x509.toString()).join(""),
  };
}

/** Of a rule that blocks, its warnings are about what is no fault; what the others find is one, once they are enforced. */
function isBlocking({ blocks }: Rule, { severity }: Finding, { enforce }: VerificationInput): boolean {
  return blocks === false ? enforce === "all" && severity !== "info" : severity === "error";
}

function examine(input: VerificationInput, roots: ParsedCertificate[]): Omit<Examined, "leaf"> & Partial<Examined> {
  const pem = parsePem(input.pem);
  const { path, unused } = orderChain(pem.certificates);
  const leaf = path[0];
  return { input, pem, roots, leaf, path, unused, anchor: findAnchor(path, roots), logotype: leaf && logoIn(leaf) };
}

function logoIn(leaf: ParsedCertificate): Logotype | LogotypeError | undefined {
  const extension = logotypeOf(leaf);
  if (!extension) return undefined;
  try {
    return readLogotype(extension);
  } catch (error) {
    if (error instanceof LogotypeError) return error;
    throw error;
  }
}

/** SHA-256 of the logo in a chain's leaf, lower-case hex, if it can be read; nothing is verified. */
export function embeddedLogoSha256(pem: string): string | undefined {
  const [leaf] = orderChain(parsePem(pem).certificates).path;
  const logotype = leaf && logoIn(leaf);
  return !logotype || logotype instanceof LogotypeError ? undefined : sha256(logotype.svg);
}

function parseRoot(pem: string): ParsedCertificate[] {
  const { certificates, problems } = parsePem(pem);
  if (certificates.length === 0 || problems.length > 0) {
    const remedy = "give bimi:extraRoots, or --roots, certificates as PEM text";
    throw new TypeError([`a trusted root is no certificate in PEM form; ${remedy}`, ...problems].join(": "));
  }
  return certificates;
}

function findingOf(rule: Rule, problem: Problem): Finding {
  return {
    ruleId: rule.id,
    severity: problem.severity ?? rule.severity,
    // Names of a certificate are whatever its maker wrote, and findings go into the state.
    message: readable(problem.message, 500),
    spec: rule.spec,
    hint: readable(problem.hint ?? rule.hint, 500),
  };
}

function describeLeaf({ x509, ...leaf }: ParsedCertificate, logotype: Logotype | undefined): VerifiedLeaf {
  const markType = markTypeOf({ x509, ...leaf });
  return {
    thumbprint: x509.fingerprint.replaceAll(":", ""),
    sha256: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
    serialNumber: x509.serialNumber,
    validFrom: leaf.notBefore.toISOString(),
    validTill: leaf.notAfter.toISOString(),
    dnsNames: leaf.dnsNames,
    ...(markType === undefined ? {} : { markType }),
    ...(logotype ? { logo: logotype.svg, logoSha256: sha256(logotype.svg) } : {}),
  };
}
