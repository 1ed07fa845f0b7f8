import assert from "node:assert/strict";
import type { CertificateFacts, Placed } from "../../../provider/cli/checkReport";
import { readinessLine, readinessOf } from "../../../provider/cli/readiness";

const logoUrl = "https://example.com/logo.svg";
const certificateUrl = "https://example.com/logo.pem";
const certificate = (markType: string): CertificateFacts => ({
  where: certificateUrl,
  serialNumber: "01",
  validFrom: "2026-01-01T00:00:00.000Z",
  validTill: "2027-01-01T00:00:00.000Z",
  dnsNames: ["example.com"],
  markType,
});
const finding = (ruleId: string, where: string, more: Partial<Placed> = {}): Placed => ({
  ruleId,
  severity: "error",
  message: "",
  where,
  ...more,
});
const linesOf = (findings: Placed[], published: Parameters<typeof readinessOf>[1]) =>
  readinessOf(findings, published).map(readinessLine);
const vmc = { certificateUrl, certificate: certificate("Registered Mark") };

describe("who may show a logo", () => {
  it("everybody, with a VMC and nothing against it", () => {
    const warning = finding("SVG-023", logoUrl, { severity: "warning" });
    const expected = ["Gmail: eligible", "Apple Mail: eligible", "Yahoo: eligible", "Fastmail: eligible"];
    assert.deepEqual(linesOf([warning], vmc), expected);
  });

  it("not Apple, with a CMC, and Gmail without its check mark", () => {
    for (const markType of ["Prior Use Mark", "Modified Registered Mark"]) {
      assert.deepEqual(linesOf([], { ...vmc, certificate: certificate(markType) }), [
        "Gmail: eligible (without the blue check mark, which takes a VMC)",
        "Apple Mail: not eligible (shows logos with a VMC only)",
        "Yahoo: eligible",
        "Fastmail: eligible",
      ]);
    }
  });

  it("Yahoo and Fastmail, when the certificate is missing or bad", () => {
    const expected = (rule: string) => [
      `Gmail: blocked by ${rule}`,
      `Apple Mail: blocked by ${rule}`,
      "Yahoo: eligible",
      "Fastmail: eligible",
    ];
    const selfAsserted = finding("DNS-010", "default._bimi.example.com", { severity: "warning" });
    assert.deepEqual(linesOf([selfAsserted], { certificateUrl: "" }), expected("DNS-010"));
    assert.deepEqual(linesOf([finding("CERT-005", certificateUrl)], vmc), expected("CERT-005"));
  });

  it("nobody, when the logo, the record or DMARC is wrong, with each rule named once", () => {
    const findings = [
      finding("SVG-007", logoUrl),
      finding("DMARC-004", "_dmarc.example.com"),
      finding("SVG-007", logoUrl),
    ];
    for (const line of linesOf(findings, vmc)) assert.match(line, /: blocked by DMARC-004, SVG-007$/);
  });

  it("nobody, when there is no record or it declines", () => {
    for (const line of linesOf([finding("DNS-001", "default._bimi.example.com")], {})) {
      assert.match(line, /: blocked by DNS-001$/);
    }
    const declined = finding("DNS-016", "default._bimi.example.com", { severity: "info" });
    for (const line of linesOf([declined], { certificateUrl: "" })) {
      assert.match(line, /: blocked by DNS-016$/);
    }
  });

  it("those who take the logo from the certificate, when l= is empty", () => {
    const noLogo = finding("DNS-010", "default._bimi.example.com", { severity: "info" });
    assert.deepEqual(
      readinessOf([noLogo], vmc).map(({ eligible }) => eligible),
      [true, true, false, false],
    );
  });

  it("not Gmail, when DMARC holds for some mail only", () => {
    const partial = finding("DMARC-007", "_dmarc.example.com", {
      severity: "warning",
      message: "The DMARC policy of example.com has pct=50, which RFC 9989 removed; Gmail asks for 100.",
    });
    assert.match(linesOf([partial], vmc)[0]!, /^Gmail: blocked by DMARC-007$/);
    const removed = { ...partial, message: "The DMARC policy of example.com has rf, which RFC 9989 removed." };
    assert.match(linesOf([removed], vmc)[0]!, /^Gmail: eligible$/);
    const whole = { ...partial, message: "The DMARC policy of example.com has pct=100, which RFC 9989 removed." };
    assert.equal(linesOf([whole], vmc)[0], "Gmail: eligible");
    for (const line of linesOf([partial], vmc).slice(1)) assert.match(line, /: eligible$/);
  });
});
