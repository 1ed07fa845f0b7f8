import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AsnConvert } from "@peculiar/asn1-schema";
import { LogotypeExtn } from "@peculiar/asn1-x509-logotype";
import { pinnedRoots, trustedRoots } from "../../../provider/certificate/roots";
import { type Verification, type VerificationInput, verifyMarkCertificate } from "../../../provider/certificate/verify";
import { issueMarkCertificate } from "../../../simulator/pki";
import { dataUri, forge, forgeChain, impersonate, logotype, svg } from "./forge";

const at = new Date("2026-06-01T00:00:00Z");
// the compiled spec lies in dist/tests/provider/certificate
const fixtures = join(__dirname, "../../../../tests/fixtures/pem");

function fixture(name: string): string {
  return readFileSync(join(fixtures, name), "utf8");
}

function errors({ findings }: Verification): string[] {
  return [...new Set(findings.filter(({ severity }) => severity === "error").map(({ ruleId }) => ruleId))];
}

function warnings({ findings }: Verification): string[] {
  return findings.filter(({ severity }) => severity === "warning").map(({ ruleId }) => ruleId);
}

function messages({ findings }: Verification): string {
  return findings.map(({ message }) => message).join("\n");
}

/** Verifies a forged chain against its own root, which is as good as pinned. */
async function verifyForged(
  changes: Parameters<typeof forgeChain>[0],
  input: Partial<VerificationInput> = {},
): Promise<Verification> {
  const { pem, root } = await forgeChain(changes);
  return verifyMarkCertificate({ pem, roots: [root.pem], at, ...input });
}

describe("verifyMarkCertificate", () => {
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
      const result = verifyMarkCertificate({
        pem: issued.chainPem,
        roots: trustedRoots({ loopback: true }),
        at,
        dnsNames: ["example.com", "Example.NET"],
        logo: svg,
        product: "vmc_basic",
      });
      assert.deepEqual(result.findings, []);
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
      const result = verifyMarkCertificate({ pem: chainPem, roots: trustedRoots({ loopback: false }), at });
      assert.equal(result.ok, false);
      assert.deepEqual(errors(result), ["CERT-004"]);
      assert.deepEqual(result.coveredNames, []);
    });
  });

  describe("a real certificate", () => {
    const cases: [file: string, time: string, names: string[], product: VerificationInput["product"]][] = [
      ["rspamd_valimail.pem", "2025-01-01", ["valimail.com", "vali.email", "valigov.com"], "vmc_basic"],
      ["xometry_cmc.pem", "2025-01-01", ["xometry.com"], "mark_certificate"],
    ];
    for (const [file, time, dnsNames, product] of cases) {
      it(`${file} passes every check`, () => {
        const result = verifyMarkCertificate({
          pem: fixture(file),
          roots: pinnedRoots,
          at: new Date(time),
          dnsNames,
          product,
        });
        assert.deepEqual(result.findings, []);
        assert.equal(result.ok, true);
        assert.deepEqual(result.coveredNames, dnsNames);
      });
    }

    for (const file of ["cnn.pem", "redshift.pem"]) {
      it(`${file}, from before mark types existed, has no other error`, () => {
        const result = verifyMarkCertificate({ pem: fixture(file), roots: pinnedRoots, at: new Date("2022-01-01") });
        assert.deepEqual(errors(result), ["CERT-015"]);
        assert.deepEqual(warnings(result), []);
      });
    }

    it("needs no root in the PEM when a pinned root signed its top", () => {
      const { orderedPem } = verifyMarkCertificate({
        pem: fixture("rspamd_valimail.pem"),
        roots: pinnedRoots,
        at: new Date("2025-01-01"),
      });
      const [leaf, intermediate] = orderedPem!.split(/(?<=-----END CERTIFICATE-----\n)/);
      const result = verifyMarkCertificate({
        pem: leaf! + intermediate!,
        roots: pinnedRoots,
        at: new Date("2025-01-01"),
      });
      assert.deepEqual(result.findings, []);
    });

    it("is refused with the other authorities' roots only", () => {
      const others = pinnedRoots.slice(1);
      const pem = fixture("rspamd_valimail.pem");
      const result = verifyMarkCertificate({ pem, roots: others, at: new Date("2025-01-01") });
      assert.deepEqual(errors(result), ["CERT-004"]);
    });
  });

  it("refuses a TLS chain", () => {
    const pem = fixture("catchall.delivery.pem");
    const result = verifyMarkCertificate({ pem, roots: pinnedRoots, at: new Date("2022-08-01") });
    assert.equal(result.ok, false);
    assert.deepEqual(errors(result), ["CERT-004", "CERT-006", "CERT-008", "CERT-015"]);
  });

  it("accepts the chain that the other tests change", async () => {
    const result = await verifyForged({}, { dnsNames: ["example.com"], logo: svg, product: "vmc_basic" });
    assert.deepEqual(result.findings, []);
    assert.equal(result.ok, true);
  });

  describe("CERT-001, the PEM", () => {
    it("refuses what holds no certificate", () => {
      for (const pem of ["", "not a certificate", "-----BEGIN CERTIFICATE-----\n"]) {
        const result = verifyMarkCertificate({ pem, roots: pinnedRoots, at });
        assert.equal(result.ok, false);
        assert.deepEqual(errors(result), ["CERT-001"]);
        assert.equal(result.leaf, undefined);
      }
    });

    it("refuses a block that cannot be read", async () => {
      const { pem, root } = await forgeChain();
      const broken = `${pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
      const result = verifyMarkCertificate({ pem: broken, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-001"]);
      assert.match(messages(result), /certificate 4 of the PEM/);
    });

    it("reads no more than 200 blocks, nor more than ten that are of no use, and tells each finding once", async () => {
      const { pem, root, leaf } = await forgeChain();
      const many = verifyMarkCertificate({ pem: pem + leaf.pem.repeat(1000), roots: [root.pem], at });
      assert.match(messages(many), /further blocks after the first 200,/);
      assert.ok(many.findings.length < 10, messages(many));
      const others = "-----BEGIN X-----\n".repeat(1000);
      assert.match(
        messages(verifyMarkCertificate({ pem: pem + others, roots: [root.pem], at })),
        /after the first 13,/,
      );
    });

    it("shows what a certificate says of itself in bounded, visible text", async () => {
      const name = "N\u001b[2J".repeat(1000);
      const { leaf } = await forgeChain({
        leaf: { name, dnsNames: Array.from({ length: 1000 }, (_, n) => `a${n}.test`) },
      });
      const { findings } = verifyMarkCertificate({ pem: leaf.pem, roots: pinnedRoots, at, dnsNames: ["example.com"] });
      for (const { message } of findings) assert.ok(message.length <= 500 && !message.includes("\u001b"), message);
    });

    it("refuses a private key", async () => {
      const { pem, root } = await forgeChain();
      const key = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
      const result = verifyMarkCertificate({ pem: pem + key, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-001"]);
      assert.match(messages(result), /private key/);
    });

    it("refuses a leaf alone", async () => {
      const { leaf, root } = await forgeChain();
      const result = verifyMarkCertificate({ pem: leaf.pem, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-001", "CERT-004"]);
    });

    it("refuses more than ten certificates", async () => {
      const { pem, root } = await forgeChain();
      const result = verifyMarkCertificate({ pem: pem + root.pem.repeat(8), roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-001", "CERT-002"]);
    });

    it("takes text around the blocks and CRLF line ends", async () => {
      const { pem, root } = await forgeChain();
      const text = `subject=Example\r\n${pem.replaceAll("\n", "\r\n")}the end\r\n`;
      const result = verifyMarkCertificate({ pem: text, roots: [root.pem], at });
      assert.deepEqual(result.findings, []);
      assert.equal(result.orderedPem, pem);
    });
  });

  describe("CERT-002, the order", () => {
    it("refuses another order and gives the right one", async () => {
      const { leaf, intermediate, root, pem } = await forgeChain();
      const shuffled = leaf.pem + root.pem + intermediate.pem;
      const result = verifyMarkCertificate({ pem: shuffled, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-002"]);
      assert.equal(result.orderedPem, pem);
    });

    it("refuses a certificate that comes twice", async () => {
      const { pem, intermediate, root } = await forgeChain();
      const result = verifyMarkCertificate({ pem: pem + intermediate.pem, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-002"]);
      assert.match(messages(result), /"Test Mark CA" is in the PEM twice/);
    });

    it("refuses a stranger", async () => {
      const { pem, root } = await forgeChain();
      const stranger = await forge({ name: "Stranger", ca: true });
      const result = verifyMarkCertificate({ pem: pem + stranger.pem, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-002"]);
      assert.match(messages(result), /"Stranger" is not part of the chain/);
    });

    it("refuses a second leaf", async () => {
      const { pem, root, intermediate } = await forgeChain();
      const second = await forge({ name: "Second" }, intermediate);
      const result = verifyMarkCertificate({ pem: pem + second.pem, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-002"]);
    });
  });

  describe("CERT-003, the signatures", () => {
    it("refuses a changed leaf", async () => {
      const { leaf, intermediate, root } = await forgeChain();
      const der = Buffer.from(new X509Certificate(leaf.pem).raw);
      der.write("example.org", der.indexOf("example.com"));
      const base64 = der.toString("base64").replaceAll(/.{64}/g, "$&\n");
      const changed = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
      const pem = changed + intermediate.pem + root.pem;
      const result = verifyMarkCertificate({ pem, roots: [root.pem], at, dnsNames: ["example.org"] });
      assert.deepEqual(errors(result), ["CERT-003"]);
      assert.deepEqual(result.coveredNames, []);
    });

    it("refuses an intermediate that only names the root of the PEM as its issuer", async () => {
      const { root } = await forgeChain();
      const impostor = await forge({ name: root.name, ca: true });
      const intermediate = await forge({ name: "Test Mark CA", ca: true }, impostor);
      const leaf = await forge(
        { name: "Example, Inc.", dnsNames: ["example.com"], markTypes: ["Registered Mark"], logotype: logotype({}) },
        intermediate,
      );
      const pem = leaf.pem + intermediate.pem + root.pem;
      const result = verifyMarkCertificate({ pem, roots: [root.pem], at });
      assert.equal(result.ok, false);
      assert.ok(errors(result).includes("CERT-003"));
      assert.match(messages(result), /"Test Mark CA" is not signed with the key of "Test Mark Root"/);
    });

    it("refuses a leaf that was signed with another leaf's key", async () => {
      const { leaf, intermediate, root } = await forgeChain();
      const second = await forge(
        { name: "Second", dnsNames: ["example.org"], markTypes: ["Registered Mark"], logotype: logotype({}) },
        leaf,
      );
      const pem = second.pem + leaf.pem + intermediate.pem + root.pem;
      const result = verifyMarkCertificate({ pem, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-003"]);
      assert.match(messages(result), /"Example, Inc\." is no CA certificate/);
    });

    it("refuses more CA certificates below one than it allows", async () => {
      const result = await verifyForged({ root: { pathLength: 0 } });
      assert.deepEqual(errors(result), ["CERT-003"]);
      assert.match(messages(result), /may have 0 CA certificates below it and has 1/);
    });

    it("refuses a CA whose key usage is not to sign certificates", async () => {
      const result = await verifyForged({ intermediate: { signsNoCertificates: true } });
      assert.ok(errors(result).includes("CERT-003"));
    });

    it("refuses a leaf that names another issuer key", async () => {
      const result = await verifyForged({ leaf: { authorityKeyId: "00".repeat(20) } });
      assert.deepEqual(errors(result), ["CERT-003"]);
      assert.match(messages(result), /names another issuer key/);
    });
  });

  describe("CERT-004, the root", () => {
    it("refuses a chain whose intermediate only bears a pinned root's name", async () => {
      const { leaf, intermediate } = await forgeChain({ intermediate: { name: "DigiCert Verified Mark Root CA" } });
      const result = verifyMarkCertificate({ pem: leaf.pem + intermediate.pem, roots: pinnedRoots, at });
      assert.deepEqual(errors(result), ["CERT-004"]);
      assert.match(messages(result), /bears the name of a trusted root/);
      assert.deepEqual(result.coveredNames, []);
    });

    it("refuses an intermediate that names a pinned root and its key as issuer, without its signature", async () => {
      // the one with an EC key, as the forgery has: otherwise the kind of signature gives it away
      const victim = pinnedRoots.at(-1)!;
      const impostor = await impersonate(victim);
      const intermediate = await forge({ name: "Test Mark CA", ca: true, authorityKeyId: impostor.keyId }, impostor);
      assert.ok(new X509Certificate(intermediate.pem).checkIssued(new X509Certificate(victim)));
      const leaf = await forge(
        { name: "Example, Inc.", dnsNames: ["example.com"], markTypes: ["Registered Mark"], logotype: logotype({}) },
        intermediate,
      );
      const short = verifyMarkCertificate({ pem: leaf.pem + intermediate.pem, roots: pinnedRoots, at });
      assert.deepEqual(errors(short), ["CERT-004"]);
      assert.match(messages(short), /that root's key did not sign it/);
      const long = verifyMarkCertificate({ pem: leaf.pem + intermediate.pem + victim, roots: pinnedRoots, at });
      assert.deepEqual(errors(long), ["CERT-003"]);
    });

    it("refuses a chain that a root's key signed for another issuer", async () => {
      const { root } = await forgeChain();
      const other = { ...root, subject: [{ CN: ["Other Root"] }] };
      const intermediate = await forge({ name: "Test Mark CA", ca: true }, other);
      const leaf = await forge(
        { name: "Example, Inc.", dnsNames: ["example.com"], markTypes: ["Registered Mark"], logotype: logotype({}) },
        intermediate,
      );
      const result = verifyMarkCertificate({ pem: leaf.pem + intermediate.pem, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-004"]);
    });

    it("does not take a leaf for a root", async () => {
      const { leaf, intermediate } = await forgeChain();
      const result = verifyMarkCertificate({ pem: leaf.pem + intermediate.pem, roots: [leaf.pem], at });
      assert.deepEqual(errors(result), ["CERT-004"]);
    });

    it("refuses a self-signed copy of a root's name", async () => {
      const { root } = await forgeChain();
      const { pem } = await forgeChain();
      const result = verifyMarkCertificate({ pem, roots: [root.pem], at });
      assert.deepEqual(errors(result), ["CERT-004"]);
    });

    it("refuses a chain that misses the intermediate", async () => {
      const { leaf, root } = await forgeChain();
      const result = verifyMarkCertificate({ pem: leaf.pem + root.pem, roots: [root.pem], at });
      assert.equal(result.ok, false);
      assert.ok(errors(result).includes("CERT-004"));
    });

    it("takes an extra root", async () => {
      const { pem, root } = await forgeChain();
      const roots = trustedRoots({ loopback: false, extraRoots: [root.pem] });
      assert.deepEqual(verifyMarkCertificate({ pem, roots, at }).findings, []);
    });

    it("says which root is no certificate", async () => {
      const { pem } = await forgeChain();
      assert.throws(() => verifyMarkCertificate({ pem, roots: [...pinnedRoots, "nonsense"], at }), {
        name: "TypeError",
        message: /trusted root 6 is no certificate/,
      });
    });
  });

  describe("CERT-005, the dates", () => {
    const hours = (date: string, offset: number) => new Date(Date.parse(date) + offset * 3_600_000);

    it("refuses an expired certificate, after 24 hours of tolerance", async () => {
      const { pem, root } = await forgeChain({ root: { notAfter: new Date("2060-01-01") } });
      const verify = (time: Date) => verifyMarkCertificate({ pem, roots: [root.pem], at: time });
      const expired = verify(hours("2027-01-01T00:00:00Z", 25));
      assert.deepEqual(errors(expired), ["CERT-005"]);
      assert.match(messages(expired), /"Example, Inc\." expired on 2027-01-01/);
      assert.equal(verify(hours("2027-01-01T00:00:00Z", 23)).ok, true);
    });

    it("refuses a certificate that is not valid yet, beyond 24 hours", async () => {
      const early = { leaf: { notBefore: new Date("2026-06-02T12:00:00Z") } };
      assert.deepEqual(errors(await verifyForged(early)), ["CERT-005"]);
      assert.equal((await verifyForged({ leaf: { notBefore: new Date("2026-06-01T23:00:00Z") } })).ok, true);
    });

    it("refuses an expired intermediate or root, also one that is not in the PEM", async () => {
      const notAfter = new Date("2026-05-01T00:00:00Z");
      assert.deepEqual(errors(await verifyForged({ intermediate: { notAfter } })), ["CERT-005"]);
      const { leaf, intermediate, root } = await forgeChain({ root: { notAfter } });
      const pem = leaf.pem + intermediate.pem;
      assert.deepEqual(errors(verifyMarkCertificate({ pem, roots: [root.pem], at })), ["CERT-005"]);
    });

    it("warns within 30 days of the end", async () => {
      const result = await verifyForged({ leaf: { notAfter: new Date("2026-06-20T00:00:00Z") } });
      assert.equal(result.ok, true);
      assert.deepEqual(warnings(result), ["CERT-005"]);
    });

    it("refuses more than 398 days", async () => {
      const notBefore = new Date("2026-01-01T00:00:00Z");
      const long = await verifyForged({ leaf: { notBefore, notAfter: hours("2026-01-01T00:00:00Z", 399 * 24) } });
      assert.deepEqual(errors(long), ["CERT-005"]);
      const longest = await verifyForged({ leaf: { notBefore, notAfter: hours("2026-01-01T00:00:00Z", 398 * 24) } });
      assert.equal(longest.ok, true);
    });

    it("does not take an invalid date for the time", async () => {
      await assert.rejects(verifyForged({}, { at: new Date("never") }), TypeError);
    });
  });

  describe("CERT-006, the extended key usage", () => {
    const tls = "1.3.6.1.5.5.7.3.1";
    const mark = "1.3.6.1.5.5.7.3.31";

    it("refuses a leaf for another purpose", async () => {
      assert.deepEqual(errors(await verifyForged({ leaf: { keyPurposes: [tls] } })), ["CERT-006"]);
    });

    it("refuses a leaf for a further purpose", async () => {
      assert.deepEqual(errors(await verifyForged({ leaf: { keyPurposes: [mark, tls] } })), ["CERT-006"]);
    });

    it("refuses a leaf for any purpose", async () => {
      assert.deepEqual(errors(await verifyForged({ leaf: { keyPurposes: [] } })), ["CERT-006"]);
    });

    it("refuses an issuing CA for another purpose", async () => {
      assert.deepEqual(errors(await verifyForged({ intermediate: { keyPurposes: [tls] } })), ["CERT-006"]);
    });
  });

  describe("CERT-008, the logotype extension", () => {
    it("refuses a certificate without one", async () => {
      assert.deepEqual(errors(await verifyForged({ leaf: { logotype: undefined } }, { logo: svg })), ["CERT-008"]);
    });

    it("refuses one that is no ASN.1", async () => {
      const broken = new Uint8Array([0x30, 0x05, 1]).buffer;
      assert.deepEqual(errors(await verifyForged({ leaf: { logotype: broken } })), ["CERT-008"]);
    });

    it("refuses one without subject logo", async () => {
      const empty = AsnConvert.serialize(new LogotypeExtn());
      assert.deepEqual(errors(await verifyForged({ leaf: { logotype: empty } })), ["CERT-008"]);
    });

    it("refuses a logo that is only linked", async () => {
      const linked = logotype({ uri: "https://example.com/logo.svg" });
      assert.deepEqual(errors(await verifyForged({ leaf: { logotype: linked } })), ["CERT-008"]);
    });

    it("refuses two images", async () => {
      assert.deepEqual(errors(await verifyForged({ leaf: { logotype: logotype({ images: 2 }) } })), ["CERT-008"]);
    });

    it("refuses a logo that is not gzip", async () => {
      const plain = logotype({ uri: `data:image/svg+xml;base64,${svg.toString("base64")}` });
      assert.deepEqual(errors(await verifyForged({ leaf: { logotype: plain } })), ["CERT-008"]);
    });

    it("warns when it is critical", async () => {
      const result = await verifyForged({ leaf: { logotypeCritical: true } });
      assert.equal(result.ok, true);
      assert.deepEqual(warnings(result), ["CERT-008"]);
    });
  });

  describe("CERT-010, the logo's hash", () => {
    it("refuses a logo that is not the hashed one", async () => {
      const other = logotype({ hashed: Buffer.from("<svg/>") });
      assert.deepEqual(errors(await verifyForged({ leaf: { logotype: other } })), ["CERT-010"]);
    });

    it("takes SHA-1, as DigiCert hashes", async () => {
      const sha1 = logotype({ hash: ["1.3.14.3.2.26", "sha1"] });
      assert.deepEqual((await verifyForged({ leaf: { logotype: sha1 } })).findings, []);
    });

    it("refuses only unknown kinds of hashes", async () => {
      const unknown = logotype({ hash: ["1.2.3.4", "sha256"] });
      assert.deepEqual(errors(await verifyForged({ leaf: { logotype: unknown } })), ["CERT-010"]);
    });

    it("warns when the hash is over LF line ends and the logo has others", async () => {
      const crlf = Buffer.from("<svg>\r\n</svg>\r\n");
      const mixed = logotype({ uri: dataUri(crlf), hashed: Buffer.from("<svg>\n</svg>\n") });
      const result = await verifyForged({ leaf: { logotype: mixed } });
      assert.deepEqual(errors(result), []);
      assert.deepEqual(warnings(result), ["CERT-010"]);
    });

    it("does not inflate a gzip bomb", async () => {
      const bomb = logotype({ uri: dataUri(Buffer.alloc(64 * 1024 * 1024)) });
      const result = await verifyForged({ leaf: { logotype: bomb } });
      assert.deepEqual(errors(result), ["CERT-010"]);
      assert.match(messages(result), /more than 256 KiB/);
      assert.equal(result.leaf?.logo, undefined);
    });
  });

  describe("CERT-011, the ordered logo", () => {
    it("refuses another logo, given as bytes or as hash", async () => {
      const other = Buffer.from(svg.toString().replace("\n", "\r\n"));
      const logoSha256 = createHash("sha256").update(other).digest("hex");
      assert.deepEqual(errors(await verifyForged({}, { logo: other })), ["CERT-011"]);
      assert.deepEqual(errors(await verifyForged({}, { logoSha256 })), ["CERT-011"]);
    });

    it("takes the hash of the same logo in either case", async () => {
      const logoSha256 = createHash("sha256").update(svg).digest("hex");
      assert.equal((await verifyForged({}, { logoSha256 })).ok, true);
      assert.equal((await verifyForged({}, { logoSha256: logoSha256.toUpperCase() })).ok, true);
    });
  });

  describe("CERT-012, the names", () => {
    it("blocks only the names that are not covered", async () => {
      const result = await verifyForged({}, { dnsNames: ["example.com", "example.net"] });
      assert.equal(result.ok, true);
      assert.deepEqual(errors(result), ["CERT-012"]);
      assert.match(messages(result), /does not cover example\.net/);
      assert.deepEqual(result.coveredNames, ["example.com"]);
    });

    it("covers nothing for a wrong name", async () => {
      const result = await verifyForged({}, { dnsNames: ["example.org"] });
      assert.deepEqual(errors(result), ["CERT-012"]);
      assert.deepEqual(result.coveredNames, []);
    });

    it("does not take a suffix, a parent or a wildcard for the name", async () => {
      const leaf = { dnsNames: ["notexample.com", "*.example.net", "com"] };
      const result = await verifyForged({ leaf }, { dnsNames: ["example.com", "www.example.net"] });
      assert.deepEqual(result.coveredNames, []);
    });

    it("takes a name of the form <selector>._bimi.<domain>", async () => {
      const leaf = { dnsNames: ["default._bimi.example.com"] };
      assert.deepEqual((await verifyForged({ leaf }, { dnsNames: ["example.com"] })).findings, []);
    });

    it("warns about names that were not ordered", async () => {
      const leaf = { dnsNames: ["example.com", "example.net"] };
      const result = await verifyForged({ leaf }, { dnsNames: ["example.com"] });
      assert.equal(result.ok, true);
      assert.deepEqual(warnings(result), ["CERT-012"]);
    });
  });

  describe("CERT-015, the mark type", () => {
    it("refuses a certificate without one, with two, or with one that does not exist", async () => {
      for (const markTypes of [[], ["Registered Mark", "Prior Use Mark"], ["Pending Registration Mark"]]) {
        assert.deepEqual(errors(await verifyForged({ leaf: { markTypes } })), ["CERT-015"]);
      }
    });

    it("refuses one that the product is not sold for", async () => {
      assert.deepEqual(errors(await verifyForged({}, { product: "mark_certificate" })), ["CERT-015"]);
      const priorUse = { leaf: { markTypes: ["Prior Use Mark"] } };
      assert.deepEqual(errors(await verifyForged(priorUse, { product: "vmc_basic" })), ["CERT-015"]);
      assert.deepEqual(errors(await verifyForged(priorUse, { product: "mark_certificate" })), []);
    });
  });
});
