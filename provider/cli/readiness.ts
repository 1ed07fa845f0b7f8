import type { CertificateFacts, Placed, Readiness } from "./checkReport";

interface Published {
  logoUrl?: string;
  certificateUrl?: string;
  declines?: boolean;
  certificate?: CertificateFacts | undefined;
}

/**
 * Who may show a domain's logo, by what each provider says that it asks for (Google: support.google.com/a/answer/10911320;
 * Apple: developer.apple.com/support/bimi). Reputation and volume count too, and nobody tells how.
 */
export function readinessOf(findings: readonly Placed[], published: Published): Readiness[] {
  const { logoUrl = "", certificateUrl = "", certificate } = published;
  const errors = findings.filter(({ severity }) => severity === "error");
  const withoutCertificate = errors.filter(({ where }) => where !== certificateUrl);
  const nothing = published.declines ? ["DNS-016"] : logoUrl === "" && certificateUrl === "" ? ["DNS-001"] : [];
  const selfAsserted = certificateUrl === "" && nothing.length === 0 ? ["DNS-010"] : [];
  const isCommon =
    certificate?.markType !== undefined && /^(Prior Use|Modified Registered) Mark$/.test(certificate.markType);
  // Google asks for all mail, whatever the policy.
  const partial = findings.filter(({ ruleId, message }) => ruleId === "DMARC-007" && !/pct=100,/.test(message));

  const withCertificate = idsOf(errors).concat(nothing, selfAsserted);
  const noLogo = logoUrl === "" && nothing.length === 0 ? ["DNS-010"] : [];
  return [
    readiness(
      "Gmail",
      withCertificate.concat(idsOf(partial)),
      isCommon ? "without the blue check mark, which takes a VMC" : undefined,
    ),
    isCommon
      ? { ...readiness("Apple Mail", withCertificate), eligible: false, note: "shows logos with a VMC only" }
      : readiness("Apple Mail", withCertificate),
    readiness("Yahoo", idsOf(withoutCertificate).concat(nothing, noLogo)),
    readiness("Fastmail", idsOf(withoutCertificate).concat(nothing, noLogo)),
  ];
}

function idsOf(findings: readonly Placed[]): string[] {
  return findings.map(({ ruleId }) => ruleId);
}

function readiness(provider: string, against: readonly string[], note?: string): Readiness {
  const blockedBy = [...new Set(against)].sort();
  const eligible = blockedBy.length === 0;
  return { provider, eligible, blockedBy, ...(eligible && note ? { note } : {}) };
}

export function readinessLine({ provider, eligible, blockedBy, note }: Readiness): string {
  const verdict = eligible ? "eligible" : blockedBy.length > 0 ? `blocked by ${blockedBy.join(", ")}` : "not eligible";
  return `${provider}: ${verdict}${note ? ` (${note})` : ""}`;
}
