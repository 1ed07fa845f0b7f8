import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate, type Extension } from "@peculiar/asn1-x509";
import { readLogotype } from "../../provider/certificate/logotype";
import { parseCertificate } from "../../provider/certificate/parse";
import { simulatorRootPem } from "../../provider/certificate/roots";
import {
  derivedKeys,
  issueMarkCertificate,
  type MarkCertificateRequest,
  SIMULATED_ROOT_PHRASE,
} from "../../simulator/pki";

const request: MarkCertificateRequest = {
  product: "vmc_basic",
  dnsNames: ["example.com", "example.net"],
  organization: { name: "Beispiel & Söhne, GmbH", country: "de", city: "Köln", address: "Am Markt 1", zip: "50667" },
  logo: Buffer.from("<svg>\r\n</svg>"),
  markType: "registered_mark",
  trademark: { countryCode: "em", registrationNumber: "018265322" },
  notBefore: new Date("2026-11-21T00:00:00Z"),
  notAfter: new Date("2027-12-22T23:59:59Z"),
};

/** OID to values of the subject. */
function subject(pem: string): Record<string, string> {
  const { tbsCertificate } = AsnConvert.parse(new X509Certificate(pem).raw, Certificate);
  const pairs = [...tbsCertificate.subject].flatMap((part) => [...part]);
  return Object.fromEntries(pairs.map(({ type, value }) => [type, value.toString()]));
}

function extensions(pem: string): Record<string, Extension> {
  const { tbsCertificate } = AsnConvert.parse(new X509Certificate(pem).raw, Certificate);
  return Object.fromEntries((tbsCertificate.extensions ?? []).map((extension) => [extension.extnID, extension]));
}

describe("issueMarkCertificate", () => {
  it("gives the chain as DigiCert's pem_all: leaf, intermediate, root", async () => {
    const issued = await issueMarkCertificate(request);
    assert.equal(issued.chainPem, issued.leafPem + issued.intermediatePem + issued.rootPem);
    const [leaf, intermediate, root] = [issued.leafPem, issued.intermediatePem, issued.rootPem].map(
      (pem) => new X509Certificate(pem),
    );
    assert.ok(leaf!.checkIssued(intermediate!) && leaf!.verify(intermediate!.publicKey));
    assert.ok(intermediate!.checkIssued(root!) && intermediate!.verify(root!.publicKey));
    assert.ok(root!.verify(root!.publicKey));
    assert.deepEqual([leaf!.ca, intermediate!.ca, root!.ca], [false, true, true]);
    assert.match(root!.subject, /CN=Simulated Mark Certificate Root \(never trusted\)/);
  });

  it("reports the leaf's numbers as DigiCert writes them", async () => {
    const issued = await issueMarkCertificate(request);
    const leaf = new X509Certificate(issued.leafPem);
    assert.equal(issued.serialNumber, leaf.serialNumber);
    assert.match(issued.serialNumber, /^[0-9A-F]{32}$/);
    assert.equal(issued.thumbprint, createHash("sha1").update(leaf.raw).digest("hex").toUpperCase());
    assert.equal(issued.commonName, "Beispiel & Söhne, GmbH");
    assert.equal(new Date(leaf.validFrom).toISOString(), "2026-11-21T00:00:00.000Z");
    assert.equal(new Date(leaf.validTo).toISOString(), "2027-12-22T23:59:59.000Z");
    assert.notEqual((await issueMarkCertificate(request)).serialNumber, issued.serialNumber);
  });

  it("has the key purpose and the policies of mark certificates on leaf and intermediate", async () => {
    const issued = await issueMarkCertificate(request);
    for (const pem of [issued.leafPem, issued.intermediatePem]) {
      const { keyPurposes, policies } = parseCertificate(pem);
      assert.deepEqual(keyPurposes, ["1.3.6.1.5.5.7.3.31"]);
      assert.deepEqual(policies.sort(), ["1.3.6.1.4.1.53087.1.1", "2.16.840.1.114412.0.2.5"]);
    }
    assert.deepEqual(parseCertificate(issued.leafPem).dnsNames, ["example.com", "example.net"]);
  });

  it("has the same extensions as a real certificate of DigiCert", async () => {
    const file = join(__dirname, "../../../tests/fixtures/pem/rspamd_valimail.pem");
    const real = extensions(readFileSync(file, "utf8"));
    const simulated = extensions((await issueMarkCertificate(request)).leafPem);
    const shape = (found: Record<string, Extension>) =>
      Object.values(found)
        .map(({ extnID, critical }) => `${extnID} ${critical}`)
        .sort();
    assert.deepEqual(shape(simulated), shape(real));
  });

  it("embeds the logo's bytes with the hashes of what they were before compression", async () => {
    const { leafPem } = await issueMarkCertificate(request);
    const extension = extensions(leafPem)["1.3.6.1.5.5.7.1.12"]!;
    assert.equal(extension.critical, false);
    const { svg, hashes } = readLogotype(extension);
    assert.deepEqual(svg, request.logo);
    assert.deepEqual(hashes, [
      { algorithm: "1.3.14.3.2.26", value: createHash("sha1").update(request.logo).digest() },
      { algorithm: "2.16.840.1.101.3.4.2.1", value: createHash("sha256").update(request.logo).digest() },
    ]);
  });

  it("names organization, mark type and trademark in the subject", async () => {
    const { leafPem } = await issueMarkCertificate(request);
    const { "2.5.4.5": companyNumber, ...rest } = subject(leafPem);
    assert.match(companyNumber!, /^\d{7}$/);
    assert.deepEqual(rest, {
      "1.3.6.1.4.1.311.60.2.1.3": "DE",
      "2.5.4.15": "Private Organization",
      "2.5.4.6": "DE",
      "2.5.4.7": "Köln",
      "2.5.4.17": "50667",
      "2.5.4.9": "Am Markt 1",
      "2.5.4.10": "Beispiel & Söhne, GmbH",
      "2.5.4.3": "Beispiel & Söhne, GmbH",
      "1.3.6.1.4.1.53087.1.13": "Registered Mark",
      "1.3.6.1.4.1.53087.1.3": "EM",
      "1.3.6.1.4.1.53087.1.4": "018265322",
    });
  });

  it("names what each mark type requires", async () => {
    const cases: [MarkCertificateRequest["product"], string, string[]][] = [
      ["vmc_basic", "Government Mark", ["3.2", "3.5"]],
      ["mark_certificate", "Prior Use Mark", ["5.1"]],
      ["mark_certificate", "modified_registered_mark", ["1.3", "1.4"]],
    ];
    for (const [product, markType, required] of cases) {
      const names = subject((await issueMarkCertificate({ ...request, product, markType })).leafPem);
      const marks = Object.keys(names)
        .filter((oid) => oid.startsWith("1.3.6.1.4.1.53087."))
        .map((oid) => oid.replace("1.3.6.1.4.1.53087.", ""));
      assert.deepEqual(marks.sort(), ["1.13", ...required].sort(), markType);
    }
  });

  it("refuses a registered mark without trademark, and a mark type of the other product", async () => {
    await assert.rejects(issueMarkCertificate({ ...request, trademark: undefined }), /names its trademark/);
    await assert.rejects(issueMarkCertificate({ ...request, markType: "Prior Use Mark" }), /no vmc_basic certificate/);
  });

  it("takes an organization of which only the name is known", async () => {
    const { leafPem } = await issueMarkCertificate({ ...request, organization: { name: "Acme" } });
    const names = subject(leafPem);
    for (const oid of ["2.5.4.6", "2.5.4.7", "2.5.4.9", "2.5.4.15"]) assert.ok(names[oid], oid);
  });
});

describe("the simulated authority", () => {
  it("signs with the key of the root that the provider knows", async () => {
    const { publicKey } = await derivedKeys(SIMULATED_ROOT_PHRASE);
    const spki = new X509Certificate(simulatorRootPem).publicKey.export({ type: "spki", format: "der" });
    const { subtle } = globalThis.crypto;
    assert.deepEqual(Buffer.from(await subtle.exportKey("spki", publicKey)), spki);
    assert.equal((await issueMarkCertificate(request)).rootPem, simulatorRootPem);
  });

  it("keeps its intermediate for the life of the process", async () => {
    const [first, second] = await Promise.all([issueMarkCertificate(request), issueMarkCertificate(request)]);
    assert.equal(first.intermediatePem, second.intermediatePem);
  });

  it("has no private key in PEM form in the package", () => {
    const root = join(__dirname, "../../..");
    for (const folder of ["provider", "simulator"].map((name) => join(root, name)).filter(existsSync)) {
      for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!file.isFile()) continue;
        const text = readFileSync(join(file.parentPath, file.name), "utf8");
        assert.doesNotMatch(text, /-----BEGIN [A-Z ]*PRIVATE KEY-----/, file.name);
      }
    }
  });
});
