import { createHash } from "node:crypto";
import { readable } from "../readable";
import { day } from "../time";
import {
  hashMatches,
  isSelfSigned,
  isSignedBy,
  type Logotype,
  LogotypeError,
  orderChain,
  type ParsedCertificate,
  parsePem,
  readLogotype,
} from "./parse";

/** The only extended key usage of mark certificates: id-kp-BrandIndicatorforMessageIdentification. */
const MARK_CERTIFICATE_KEY_PURPOSE = "1.3.6.1.5.5.7.3.31";
/** How far clocks may differ before a date counts. */
const CLOCK_TOLERANCE = day;
const MAX_CHAIN = 10;
const MAX_VALIDITY_DAYS = 398;
const EXPIRY_WARNING_DAYS = 30;

const productMarkTypes = {
  vmc_basic: ["Registered Mark", "Government Mark"],
  mark_certificate: ["Prior Use Mark", "Modified Registered Mark"],
};

/** What one check found. An error forbids publishing, but {@link Verification.ok} tells about CERT-012. */
export interface Finding {
  /** The check, such as "CERT-004". */
  id: string;
  severity: "error" | "warning";
  message: string;
  /** What to do about it. */
  hint?: string;
}

export interface VerificationInput {
  /** The chain as it is to be published. */
  pem: string;
  /** Trusted roots in PEM form, see {@link trustedRoots}. */
  roots: readonly string[];
  /** The time to verify at. */
  at: Date;
  /** The ordered domains. */
  dnsNames?: readonly string[];
  /** The ordered logo's bytes, or their SHA-256 in hex. */
  logo?: Uint8Array;
  logoSha256?: string;
  product?: keyof typeof productMarkTypes;
}

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
  /** No error, names that the certificate does not cover (CERT-012) aside: those block only themselves. */
  ok: boolean;
  /** In the order of the checks' ids. */
  findings: Finding[];
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
export function verifyMarkCertificate(input: VerificationInput): Verification {
  // comparisons with an invalid date are all false, and nothing would be expired
  if (Number.isNaN(input.at.getTime())) throw new TypeError("the time to verify at is no date");
  const findings: Finding[] = [];
  // Names of a certificate are whatever its maker wrote, and findings go into the state.
  const report = (id: string, severity: Finding["severity"]) => (message: string, hint?: string) => {
    const shown = readable(message, 500);
    if (findings.some((finding) => finding.id === id && finding.message === shown)) return;
    findings.push({ id, severity, message: shown, ...(hint === undefined ? {} : { hint }) });
  };
  const roots = input.roots.flatMap(parseRoot);
  const { certificates, otherBlocks, problems } = parsePem(input.pem);
  checkPem(certificates, otherBlocks, problems, report("CERT-001", "error"));
  const { path, unused } = orderChain(certificates);
  const leaf = path[0];
  if (!leaf) return { ok: false, findings, coveredNames: [] };

  checkOrder(certificates, path, unused, report("CERT-002", "error"));
  checkLinks(path, report("CERT-003", "error"));
  const anchor = findAnchor(path, roots);
  if (!anchor) reportNoAnchor(path, roots, report("CERT-004", "error"));
  checkDates(path, anchor, input.at, report("CERT-005", "error"), report("CERT-005", "warning"));
  checkKeyPurposes(path, report("CERT-006", "error"));
  const logotype = checkLogotype(leaf, report);
  checkLogo(logotype, input, report("CERT-011", "error"));
  const covered = checkNames(leaf, input.dnsNames, report("CERT-012", "error"), report("CERT-012", "warning"));
  checkMarkType(leaf, input.product, report("CERT-015", "error"));

  const ok = !findings.some(({ id, severity }) => severity === "error" && id !== "CERT-012");
  return {
    ok,
    findings,
    leaf: describeLeaf(leaf, logotype),
    coveredNames: ok ? covered : [],
    orderedPem: path.map(({ x509 }) => x509.toString()).join(""),
  };
}

type Report = (message: string, hint?: string) => void;

function parseRoot(pem: string, index: number): ParsedCertificate[] {
  const { certificates, problems } = parsePem(pem);
  if (certificates.length === 0 || problems.length > 0) {
    throw new TypeError([`trusted root ${index + 1} is no certificate in PEM form`, ...problems].join(": "));
  }
  return certificates;
}

function checkPem(certificates: ParsedCertificate[], others: string[], problems: string[], error: Report): void {
  for (const problem of problems) error(problem);
  for (const label of others) {
    if (label.endsWith("PRIVATE KEY")) {
      error("the PEM contains a private key", "Never publish this file, and take the key for compromised if it was.");
    } else {
      error(`the PEM contains a ${label} block`, "Only the certificates belong into the published file.");
    }
  }
  const count = certificates.length;
  if (count + problems.length === 0) error("the PEM contains no certificate");
  if (count === 1) error("the PEM contains only one certificate", "Receivers need the issuing CA's certificate, too.");
  if (count > MAX_CHAIN) error(`the PEM contains ${count} certificates, over ${MAX_CHAIN}`);
}

/** draft-fetch-validation-vmc-wchuang § 3.3: receivers may refuse another order, duplicates or a second leaf. */
function checkOrder(
  certificates: ParsedCertificate[],
  path: ParsedCertificate[],
  unused: ParsedCertificate[],
  error: Report,
): void {
  const hint = "Publish leaf, intermediates and root in this order, each once.";
  const inOrder = certificates.filter((certificate) => path.includes(certificate));
  if (inOrder.some((certificate, at) => certificate !== path[at])) error("the certificates are not in order", hint);
  for (const certificate of unused) {
    const twin = path.some(({ x509 }) => x509.raw.equals(certificate.x509.raw));
    error(
      twin
        ? `"${certificate.name}" is in the PEM twice`
        : certificate.x509.ca
          ? `"${certificate.name}" is not part of the chain`
          : `"${certificate.name}" is a second end-entity certificate`,
      hint,
    );
  }
}

function checkLinks(path: ParsedCertificate[], error: Report): void {
  path.slice(1).forEach((issuer, below) => {
    const certificate = path[below]!;
    if (!isSignedBy(certificate, issuer)) {
      error(`"${certificate.name}" is not signed with the key of "${issuer.name}"`);
    }
    for (const reason of unfitIssuer(certificate, issuer, below)) error(reason);
  });
  const top = path.at(-1)!;
  if (top.x509.subject === top.x509.issuer && !isSelfSigned(top)) {
    error(`"${top.name}" names itself as its issuer, but its key did not sign it`);
  }
}

/** RFC 5280 § 4.2.1 and § 6.1.4. `below` is how many CA certificates stand under the issuer. */
function unfitIssuer(certificate: ParsedCertificate, issuer: ParsedCertificate, below: number): string[] {
  const reasons: string[] = [];
  if (!issuer.x509.ca) reasons.push(`"${issuer.name}" is no CA certificate`);
  if (issuer.pathLength !== undefined && below > issuer.pathLength) {
    reasons.push(`"${issuer.name}" may have ${issuer.pathLength} CA certificates below it and has ${below}`);
  }
  if (certificate.authorityKeyId && issuer.subjectKeyId && certificate.authorityKeyId !== issuer.subjectKeyId) {
    reasons.push(`"${certificate.name}" names another issuer key than that of "${issuer.name}"`);
  }
  // names, and the issuer's key usage (certificate signing)
  if (reasons.length === 0 && !certificate.x509.checkIssued(issuer.x509)) {
    reasons.push(`"${issuer.name}" may not issue "${certificate.name}"`);
  }
  return reasons;
}

interface Anchor {
  root: ParsedCertificate;
  /** Index in the path of the highest certificate that counts: the root itself or what it signed. */
  at: number;
}

/** The pinned root that is in the path, or whose key signed a certificate of it. A root's name alone means nothing. */
function findAnchor(path: ParsedCertificate[], roots: ParsedCertificate[]): Anchor | undefined {
  for (const [at, certificate] of path.entries()) {
    const isRoot = at > 0 && roots.find((root) => root.x509.raw.equals(certificate.x509.raw));
    const root =
      isRoot || roots.find((root) => isSignedBy(certificate, root) && unfitIssuer(certificate, root, at).length === 0);
    if (root) return { root, at };
  }
  return undefined;
}

function reportNoAnchor(path: ParsedCertificate[], roots: ParsedCertificate[], error: Report): void {
  const top = path.at(-1)!;
  const issuer = top.x509.issuer.split("\n").at(-1)?.replace(/^CN=/, "");
  const namesake = roots.some((root) => root.x509.subject === top.x509.issuer || root.name === top.name);
  error(
    namesake
      ? `"${top.name}" bears the name of a trusted root, or names it as its issuer, but that root's key did not sign it`
      : `"${top.name}", issued by "${issuer}", leads to no trusted mark-certificate root`,
    namesake
      ? "The chain is forged or damaged: download it again, and do not publish it."
      : "If this authority is a new one, add its root to the config bimi:extraRoots.",
  );
}

function checkDates(
  path: ParsedCertificate[],
  anchor: Anchor | undefined,
  at: Date,
  error: Report,
  warning: Report,
): void {
  const counted = anchor ? [...new Set([...path.slice(0, anchor.at + 1), anchor.root])] : path;
  const now = at.getTime();
  for (const [index, { name, notBefore, notAfter }] of counted.entries()) {
    if (now < notBefore.getTime() - CLOCK_TOLERANCE) error(`"${name}" is not valid before ${notBefore.toISOString()}`);
    if (now > notAfter.getTime() + CLOCK_TOLERANCE) {
      const hint = index === 0 ? "Renew the order or reissue its certificate." : undefined;
      error(`"${name}" expired on ${notAfter.toISOString()}`, hint);
    }
  }
  const { name, notBefore, notAfter } = path[0]!;
  const left = (notAfter.getTime() - now) / day;
  if (left < EXPIRY_WARNING_DAYS && left >= -1) {
    warning(`"${name}" expires on ${notAfter.toISOString()}`, "Renew the order or reissue its certificate.");
  }
  const days = (notAfter.getTime() - notBefore.getTime()) / day;
  if (days > MAX_VALIDITY_DAYS) {
    error(`"${name}" is valid for ${Math.round(days)} days, and mark certificates for at most ${MAX_VALIDITY_DAYS}`);
  }
}

function checkKeyPurposes(path: ParsedCertificate[], error: Report): void {
  for (const { name, keyPurposes } of path.slice(0, 2)) {
    if (keyPurposes.length === 1 && keyPurposes[0] === MARK_CERTIFICATE_KEY_PURPOSE) continue;
    error(
      `"${name}" has the extended key usage ${keyPurposes.join(", ") || "of no kind"} instead of exactly ${MARK_CERTIFICATE_KEY_PURPOSE}`,
      "This is no mark certificate: a TLS certificate, for example, cannot be published with BIMI.",
    );
  }
}

function checkLogotype(
  leaf: ParsedCertificate,
  report: (id: string, severity: Finding["severity"]) => Report,
): Logotype | undefined {
  if (!leaf.logotype) {
    report("CERT-008", "error")(`"${leaf.name}" has no logotype extension`);
    return undefined;
  }
  if (leaf.logotype.critical) {
    report("CERT-008", "warning")("the logotype extension is critical, which some receivers refuse");
  }
  try {
    const logotype = readLogotype(leaf.logotype);
    checkHashes(logotype, report("CERT-010", "error"), report("CERT-010", "warning"));
    return logotype;
  } catch (error) {
    if (!(error instanceof LogotypeError)) throw error;
    report(error.check, "error")(error.message);
    return undefined;
  }
}

/** Authorities hash the SVG as it was submitted; RFC 9399 § 4 wants its line ends as LF. */
function checkHashes({ svg, hashes }: Logotype, error: Report, warning: Report): void {
  const canonical = Buffer.from(svg.toString("latin1").replaceAll(/\r\n?/g, "\n"), "latin1");
  const results = hashes.map((hash) => hashMatches(hash, svg));
  if (results.every((result) => result === undefined)) error("the embedded logo has no hash of a known kind");
  hashes.forEach((hash, index) => {
    if (results[index] !== false) return;
    if (hashMatches(hash, canonical)) warning("the logo's hash matches only with line ends changed to LF");
    else error("the embedded logo is not the one that was hashed");
  });
}

function checkLogo(logotype: Logotype | undefined, { logo, logoSha256 }: VerificationInput, error: Report): void {
  const expected = logo ? sha256(logo) : logoSha256?.toLowerCase();
  if (!logotype || expected === undefined || sha256(logotype.svg) === expected) return;
  error(
    `the embedded logo (SHA-256 ${sha256(logotype.svg)}) is not the ordered one (${expected})`,
    "Order or reissue with the logo to be shown; its bytes must not change in between.",
  );
}

function checkNames(
  leaf: ParsedCertificate,
  wanted: readonly string[] | undefined,
  error: Report,
  warning: Report,
): string[] {
  if (!wanted) return leaf.dnsNames;
  const covers = (san: string, name: string) => {
    const domain = name.toLowerCase().replace(/\.$/, "");
    // draft-fetch-validation-vmc-wchuang § 5.2 also knows names of the form <selector>._bimi.<domain>
    return san === domain || san.endsWith(`._bimi.${domain}`);
  };
  const covered = wanted.filter((name) => leaf.dnsNames.some((san) => covers(san, name)));
  for (const name of wanted) {
    if (covered.includes(name)) continue;
    error(
      `the certificate does not cover ${name}, only ${leaf.dnsNames.join(", ") || "no name at all"}`,
      `Nothing is published for ${name}: reissue with all names.`,
    );
  }
  const extra = leaf.dnsNames.filter((san) => !wanted.some((name) => covers(san, name)));
  if (extra.length > 0) warning(`the certificate also covers ${extra.join(", ")}, which was not ordered`);
  return covered;
}

function checkMarkType(leaf: ParsedCertificate, product: VerificationInput["product"], error: Report): void {
  const { name, markTypes } = leaf;
  if (markTypes.length !== 1) {
    error(
      `"${name}" has ${markTypes.length === 0 ? "no mark type" : `${markTypes.length} mark types`} in its subject`,
      "Certificates have named their mark type since 2022: reissue an older one.",
    );
    return;
  }
  const markType = markTypes[0]!;
  const known: string[] = Object.values(productMarkTypes).flat();
  if (!known.includes(markType)) error(`"${markType}" is no mark type: ${known.join(", ")}`);
  else if (product && !productMarkTypes[product].includes(markType)) {
    error(`"${markType}" is no mark type of the product ${product}: ${productMarkTypes[product].join(", ")}`);
  }
}

function describeLeaf({ x509, ...leaf }: ParsedCertificate, logotype: Logotype | undefined): VerifiedLeaf {
  return {
    thumbprint: x509.fingerprint.replaceAll(":", ""),
    sha256: x509.fingerprint256.replaceAll(":", "").toLowerCase(),
    serialNumber: x509.serialNumber,
    validFrom: leaf.notBefore.toISOString(),
    validTill: leaf.notAfter.toISOString(),
    dnsNames: leaf.dnsNames,
    ...(leaf.markTypes[0] === undefined ? {} : { markType: leaf.markTypes[0] }),
    ...(logotype ? { logo: logotype.svg, logoSha256: sha256(logotype.svg) } : {}),
  };
}

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
