import type { CertificateFacts, Placed, Readiness } from "./checkReport";

interface Published {
  certificateUrl?: string;
  certificate?: CertificateFacts | undefined;
}

/**
 * Who may show a domain's logo, by what each provider says that it asks for (Google: support.google.com/a/answer/10911320;
 * Apple: developer.apple.com/support/bimi). Reputation and volume count too, and nobody tells how.
 */
export function readinessOf(findings: readonly Placed[], { certificateUrl, certificate }: Published): Readiness[] {
  const errors = findings.filter(({ severity }) => severity === "error");
  // What is wrong with the certificate is no matter to who needs none.
  const withoutCertificate = errors.filter(({ where }) => where !== certificateUrl);
  const idsOf = (some: readonly Placed[]) => some.map(({ ruleId }) => ruleId);
  const of = (id: string, level: string) =>
    idsOf(findings.filter(({ ruleId, severity }) => ruleId === id && severity === level));
  const declined = of("DNS-016", "info");
  const selfAsserted = of("DNS-010", "warning");
  const noLogo = of("DNS-010", "info");
  const isCommon =
    certificate?.markType !== undefined && /^(Prior Use|Modified Registered) Mark$/.test(certificate.markType);
  // Google asks for all mail, whatever the policy.
  const partial = findings.filter(({ ruleId, message }) => ruleId === "DMARC-007" && / pct=(?!100,)/.test(message));

  const withCertificate = [...idsOf(errors), ...declined, ...selfAsserted];
  const anyLogo = [...idsOf(withoutCertificate), ...declined, ...noLogo];
  return [
    readiness(
      "Gmail",
      [...withCertificate, ...idsOf(partial)],
      isCommon ? "without the blue check mark, which takes a VMC" : undefined,
    ),
    isCommon
      ? { ...readiness("Apple Mail", withCertificate), eligible: false, note: "shows logos with a VMC only" }
      : readiness("Apple Mail", withCertificate),
    readiness("Yahoo", anyLogo),
    readiness("Fastmail", anyLogo),
  ];
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
