import type { Finding, Severity } from "../finding";

/** A finding and what it is about. */
export interface Placed extends Finding {
  /** A path, a URL or a DNS name. */
  where: string;
}

/** Whether the mail boxes of a provider may show a logo; whether they do is theirs to decide. */
export interface Readiness {
  provider: string;
  eligible: boolean;
  /** Rules that stand against it. */
  blockedBy: string[];
  note?: string;
}

export interface LogoFacts {
  /** A path or a URL. */
  where: string;
  sha256: string;
  /** Bytes. */
  size: number;
}

export interface CertificateFacts {
  /** A path or a URL. */
  where: string;
  serialNumber: string;
  validFrom: string;
  validTill: string;
  dnsNames: string[];
  markType?: string;
  logoSha256?: string;
  /** The chain from leaf to root with nothing else, where the file has it otherwise (CERT-002). */
  orderedPem?: string;
}

/** What `bimi check` found out about one target. */
export interface TargetReport {
  target: string;
  kind: "logo" | "certificate" | "domain" | "unknown";
  /** Why it could not be checked: then nothing else is told. */
  error?: string;
  /** Of a domain: where the record stands, and what it says. */
  record?: { name: string; text: string };
  logo?: LogoFacts;
  certificate?: CertificateFacts;
  findings: Placed[];
  /** Of a domain. */
  readiness?: Readiness[];
}

/** After the path of a certificate: the logo that is in it. */
export const embedded = " (embedded logo)";

export const severities: readonly Severity[] = ["error", "warning", "info"];

/** Findings of one place. */
export function placed(where: string, findings: readonly Finding[]): Placed[] {
  return findings.map((finding) => ({ ...finding, where }));
}

export function countOf(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((finding) => finding.severity === severity).length;
}
