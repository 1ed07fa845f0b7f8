import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { simulatorLog, trustedLogs } from "../../../provider/certificate/logs";
import { pinnedRoots, trustedRoots } from "../../../provider/certificate/roots";
import type { Rule } from "../../../provider/certificate/rule";
import { rules, type VerificationInput, verifyMarkCertificate } from "../../../provider/certificate/verify";
import { issueMarkCertificate } from "../../../simulator/pki";
import { svg } from "./forge";
import { at, blocking, errors, fixture, flaws, verify, verifyForged, warnings } from "./support";

describe("a certificate of the simulator", () => {
  const request = {
    product: "vmc_basic" as const,
    dnsNames: ["example.com", "example.net"],
    organization: { name: "Example, Inc.", country: "us", state: "Utah", city: "Lehi", address: "1 Main Street" },
    logo: svg,
    markType: "Registered Mark",
    trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
    notBefore: new Date("2026-01-01T00:00:00Z"),
    notAfter: new Date("2027-01-31T23:59:59Z"),
  };

  it("passes every check against the simulator's root", async () => {
    const issued = await issueMarkCertificate(request);
    const result = await verify({
      pem: issued.chainPem,
      roots: trustedRoots({ loopback: true }),
      logs: trustedLogs({ loopback: true }),
      dnsNames: ["example.com", "Example.NET"],
      logo: svg,
      product: "vmc_basic",
    });
    assert.deepEqual(flaws(result), []);
    assert.equal(result.ok, true);
    assert.deepEqual(result.coveredNames, ["example.com", "Example.NET"]);
    assert.equal(result.orderedPem, issued.chainPem);
    assert.deepEqual(result.leaf, {
      thumbprint: issued.thumbprint,
      sha256: new X509Certificate(issued.leafPem).fingerprint256.replaceAll(":", "").toLowerCase(),
      serialNumber: issued.serialNumber,
      validFrom: "2026-01-01T00:00:00.000Z",
      validTill: "2027-01-31T23:59:59.000Z",
      dnsNames: ["example.com", "example.net"],
      markType: "Registered Mark",
      logo: svg,
      logoSha256: createHash("sha256").update(svg).digest("hex"),
    });
  });

  it("is refused wherever the simulator's root is not trusted", async () => {
    const { chainPem } = await issueMarkCertificate(request);
    const loopback = false;
    const result = await verify({ pem: chainPem, roots: trustedRoots({ loopback }), logs: trustedLogs({ loopback }) });
    assert.equal(result.ok, false);
    assert.deepEqual(errors(result), ["CERT-004", "CERT-013"]);
    assert.deepEqual(result.coveredNames, []);
  });
});

describe("a real certificate", () => {
  const cases: [file: string, time: string, names: string[], product: VerificationInput["product"]][] = [
    ["rspamd_valimail.pem", "2025-01-01", ["valimail.com", "vali.email", "valigov.com"], "vmc_basic"],
    ["xometry_cmc.pem", "2025-01-01", ["xometry.com"], "mark_certificate"],
  ];
  const real = (file: string, time: string, changes: Partial<VerificationInput> = {}) =>
    verifyMarkCertificate({ pem: fixture(file), roots: pinnedRoots, at: new Date(time), ...changes });

  for (const [file, time, dnsNames, product] of cases) {
    it(`${file} passes every check, its log's signature among them`, async () => {
      const result = await real(file, time, { dnsNames, product, enforce: "all" });
      assert.deepEqual(errors(result), []);
      assert.equal(result.ok, true);
      assert.deepEqual(result.coveredNames, dnsNames);
    });
  }

  for (const file of ["cnn.pem", "redshift.pem"]) {
    it(`${file}, from before mark types existed, has no other error`, async () => {
      const result = await real(file, "2022-01-01", { enforce: "all" });
      assert.deepEqual(errors(result), ["CERT-015"]);
      assert.deepEqual(
        result.blocking.map(({ message }) => / has no mark type in its subject$/.test(message)),
        [true],
      );
    });
  }

  for (const [file, time] of [
    ["cnn.pem", "2022-01-01"],
    ["redshift.pem", "2022-01-01"],
    ["rspamd_valimail.pem", "2025-01-01"],
    ["xometry_cmc.pem", "2025-01-01"],
  ] as const) {
    it(`${file} is in the pinned log, and in no other`, async () => {
      assert.ok(!errors(await real(file, time)).includes("CERT-013"));
      assert.ok(errors(await real(file, time, { logs: [simulatorLog] })).includes("CERT-013"));
    });
  }

  it("needs no root in the PEM when a pinned root signed its top", async () => {
    const { orderedPem } = await real("rspamd_valimail.pem", "2025-01-01");
    const [leaf, intermediate] = orderedPem!.split(/(?<=-----END CERTIFICATE-----\n)/);
    assert.deepEqual(errors(await real("rspamd_valimail.pem", "2025-01-01", { pem: leaf! + intermediate! })), []);
  });

  it("is refused with the other authorities' roots only", async () => {
    const result = await real("rspamd_valimail.pem", "2025-01-01", { roots: pinnedRoots.slice(1) });
    assert.deepEqual(errors(result), ["CERT-004"]);
  });

  it("is refused when it is one of TLS", async () => {
    const result = await real("catchall.delivery.pem", "2022-08-01");
    assert.equal(result.ok, false);
    assert.deepEqual(blocking(result), ["CERT-004", "CERT-006", "CERT-008", "CERT-015"]);
    assert.deepEqual(errors(result), [
      "CERT-004",
      "CERT-006",
      "CERT-007",
      "CERT-008",
      "CERT-013",
      "CERT-014",
      "CERT-015",
    ]);
  });
});

describe("a forged chain", () => {
  it("passes every check, which is what the other tests change", async () => {
    const input = { dnsNames: ["example.com"], logo: svg, product: "vmc_basic", markType: "registered_mark" } as const;
    const result = await verifyForged({}, input);
    assert.deepEqual(flaws(result), []);
    assert.equal(result.ok, true);
  });

  it("that lacks what does not block is published, but not when every error does", async () => {
    const changes = { leaf: { policies: undefined, crlUrls: undefined, logged: undefined } };
    const [published, blocked] = [await verifyForged(changes), await verifyForged(changes, { enforce: "all" })];
    assert.deepEqual(errors(published), ["CERT-007", "CERT-013", "CERT-014"]);
    assert.deepEqual(blocking(published), []);
    assert.deepEqual(published.coveredNames, ["example.com"]);
    assert.deepEqual(blocking(blocked), errors(published));
    assert.equal(blocked.ok, false);
    assert.deepEqual(blocked.coveredNames, []);
  });

  it("that only deserves warnings is published even then", async () => {
    const leaf = { logotypeCritical: true, notAfter: new Date("2026-06-20T00:00:00Z") };
    const result = await verifyForged({ leaf }, { enforce: "all" });
    assert.deepEqual(warnings(result), ["CERT-005", "CERT-008"]);
    assert.equal(result.ok, true);
  });
});

describe("the rules of mark certificates", () => {
  it("are CERT-000 to CERT-018, each with what it wants, where that is written and what to do", () => {
    const ids = Array.from({ length: 19 }, (_, n) => `CERT-${String(n).padStart(3, "0")}`);
    assert.deepEqual(
      rules.map(({ id }) => id),
      ids,
    );
    for (const { title, spec, hint } of rules) assert.ok(title && spec && hint);
  });

  it("block as promised", () => {
    const numbers = (how: Rule["blocks"]) =>
      rules.filter(({ blocks }) => blocks === how).map(({ id }) => Number(id.slice(5)));
    assert.deepEqual(numbers(true), [0, 1, 2, 3, 4, 5, 6, 8, 10, 11]);
    assert.deepEqual(numbers("unless-ignored"), [15]);
    assert.deepEqual(numbers("names"), [12]);
  });

  it("put where it is written and what to do into every finding", async () => {
    const { findings } = await verifyMarkCertificate({ pem: fixture("catchall.delivery.pem"), roots: pinnedRoots, at });
    assert.ok(findings.length > 10);
    for (const { spec, hint } of findings) assert.ok(spec && hint);
  });
});
