import "reflect-metadata";
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  AttributeTypeAndValue,
  AttributeValue,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  Name,
  NameConstraints,
  RelativeDistinguishedName,
} from "@peculiar/asn1-x509";
import { id_pe_logotype } from "@peculiar/asn1-x509-logotype";
import * as x509 from "@peculiar/x509";
import { pinnedRoots, trustedRoots } from "../../../provider/certificate/roots";
import { dataUri, forge, forgeChain, impersonate, leafForgery, logotype, svg } from "./forge";
import { blocking, flaws, messages, verify, verifyForged, warnings } from "./support";

describe("CERT-001, the PEM", () => {
  it("refuses what holds no certificate", async () => {
    for (const pem of ["", "not a certificate", "-----BEGIN CERTIFICATE-----\n"]) {
      const result = await verify({ pem, roots: pinnedRoots });
      assert.equal(result.ok, false);
      assert.deepEqual(blocking(result), ["CERT-001"]);
      assert.equal(result.leaf, undefined);
    }
  });

  it("refuses a block that cannot be read", async () => {
    const { pem, root } = await forgeChain();
    const broken = `${pem}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
    const result = await verify({ pem: broken, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-001"]);
    assert.match(messages(result), /certificate 4 of the PEM/);
  });

  it("reads no more than 200 blocks, nor more than ten that are of no use, and tells each finding once", async () => {
    const { pem, root, leaf } = await forgeChain();
    const many = await verify({ pem: pem + leaf.pem.repeat(1000), roots: [root.pem] });
    assert.match(messages(many), /further blocks after the first 200,/);
    assert.ok(many.findings.length < 10, messages(many));
    const others = "-----BEGIN X-----\n".repeat(1000);
    assert.match(messages(await verify({ pem: pem + others, roots: [root.pem] })), /after the first 13,/);
  });

  it("shows what a certificate says of itself in bounded, visible text", async () => {
    const name = "N\u001b[2J".repeat(1000);
    const { leaf } = await forgeChain({
      leaf: { name, dnsNames: Array.from({ length: 1000 }, (_, n) => `a${n}.test`) },
    });
    const { findings } = await verify({ pem: leaf.pem, roots: pinnedRoots, dnsNames: ["example.com"] });
    for (const { message } of findings) assert.ok(message.length <= 500 && !message.includes("\u001b"), message);
  });

  it("refuses a private key", async () => {
    const { pem, root } = await forgeChain();
    const key = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    const result = await verify({ pem: pem + key, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-001"]);
    assert.match(messages(result), /private key/);
  });

  it("refuses a leaf alone", async () => {
    const { leaf, root } = await forgeChain();
    const result = await verify({ pem: leaf.pem, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-001", "CERT-004"]);
  });

  it("refuses more than ten certificates", async () => {
    const { pem, root } = await forgeChain();
    const result = await verify({ pem: pem + root.pem.repeat(8), roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-001", "CERT-002"]);
  });

  it("takes text around the blocks and CRLF line ends", async () => {
    const { pem, root } = await forgeChain();
    const text = `subject=Example\r\n${pem.replaceAll("\n", "\r\n")}the end\r\n`;
    const result = await verify({ pem: text, roots: [root.pem] });
    assert.deepEqual(flaws(result), []);
    assert.equal(result.orderedPem, pem);
  });
});

describe("CERT-002, the order", () => {
  it("refuses another order and gives the right one", async () => {
    const { leaf, intermediate, root, pem } = await forgeChain();
    const shuffled = leaf.pem + root.pem + intermediate.pem;
    const result = await verify({ pem: shuffled, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-002"]);
    assert.equal(result.orderedPem, pem);
  });

  it("refuses a certificate that comes twice", async () => {
    const { pem, intermediate, root } = await forgeChain();
    const result = await verify({ pem: pem + intermediate.pem, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-002"]);
    assert.match(messages(result), /"Test Mark CA" is in the PEM twice/);
  });

  it("refuses a stranger", async () => {
    const { pem, root } = await forgeChain();
    const stranger = await forge({ name: "Stranger", ca: true });
    const result = await verify({ pem: pem + stranger.pem, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-002"]);
    assert.match(messages(result), /"Stranger" is not part of the chain/);
  });

  it("refuses a second leaf", async () => {
    const { pem, root, intermediate } = await forgeChain();
    const second = await forge({ name: "Second" }, intermediate);
    const result = await verify({ pem: pem + second.pem, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-002"]);
  });
});

describe("CERT-002, the leaf", () => {
  it("is no CA certificate", async () => {
    const leaf = { ca: true };
    for (const changes of [{ leaf }, { leaf, intermediate: { pathLength: undefined } }]) {
      const result = await verifyForged(changes);
      assert.deepEqual(blocking(result), ["CERT-002"]);
      assert.match(messages(result), /"Example, Inc\." is a CA certificate/);
      assert.deepEqual(result.coveredNames, []);
    }
  });
});

describe("CERT-003, the extensions", () => {
  const extension = (id: string, critical: boolean, value: number[]) =>
    new x509.Extension(id, critical, new Uint8Array(value).buffer);

  it("refuses a critical one that nobody understands, such as a precertificate's, in any certificate of the chain", async () => {
    const poison = "1.3.6.1.4.1.11129.2.4.3";
    for (const at of ["leaf", "intermediate", "root"]) {
      const result = await verifyForged({ [at]: { others: [extension(poison, true, [5, 0])] } });
      assert.deepEqual(blocking(result), ["CERT-003"], at);
      assert.match(messages(result), /has the critical extension 1\.3\.6\.1\.4\.1\.11129\.2\.4\.3/);
    }
    assert.deepEqual(flaws(await verifyForged({ leaf: { others: [extension("1.2.3.4", false, [5, 0])] } })), []);
  });

  it("refuses two of a kind: receivers may take the other logo", async () => {
    const other = Buffer.from("<svg/>");
    const second = new x509.Extension(id_pe_logotype, false, logotype({ uri: dataUri(other), hashed: other }));
    const result = await verifyForged({ leaf: { others: [second] } }, { logo: svg });
    assert.deepEqual(blocking(result), ["CERT-003"]);
    assert.match(messages(result), /has the extension 1\.3\.6\.1\.5\.5\.7\.1\.12 more than once/);
  });

  it("refuses a leaf for a domain that a CA may not issue for", async () => {
    const domains = (names: string[]) =>
      new GeneralSubtrees(names.map((dNSName) => new GeneralSubtree({ base: new GeneralName({ dNSName }) })));
    const constrained = (constraints: Partial<NameConstraints>) => {
      const value = AsnConvert.serialize(new NameConstraints(constraints));
      return { others: [new x509.Extension(id_ce_nameConstraints, true, value)] };
    };
    const leaf = { dnsNames: ["example.com", "mail.example.com"] };
    for (const [constraints, refused] of [
      [{ permittedSubtrees: domains(["example.org", "Example.com"]) }, 0],
      [{ permittedSubtrees: domains(["ample.com"]) }, 2],
      [{ permittedSubtrees: domains(["mail.example.com"]) }, 1],
      [{ excludedSubtrees: domains(["example.com"]) }, 2],
      [{ excludedSubtrees: domains(["example.org"]) }, 0],
    ] as const) {
      for (const at of ["intermediate", "root"]) {
        const result = await verifyForged({ leaf, [at]: constrained(constraints) });
        assert.deepEqual(blocking(result), refused ? ["CERT-003"] : []);
        assert.equal(messages(result).match(/may not issue for/g)?.length ?? 0, refused);
      }
    }
    const everything = constrained({ excludedSubtrees: domains([""]) });
    const { root, leaf: one, intermediate } = await forgeChain({ leaf, root: everything });
    const short = await verify({ pem: one.pem + intermediate.pem, roots: [root.pem] });
    assert.deepEqual(blocking(short), ["CERT-003"], "a root's count although the file has no root");
    const value = new AttributeValue({ utf8String: "Somebody Else" });
    const directoryName = new Name([
      new RelativeDistinguishedName([new AttributeTypeAndValue({ type: "2.5.4.10", value })]),
    ]);
    const subjects = new GeneralSubtrees([new GeneralSubtree({ base: new GeneralName({ directoryName }) })]);
    for (const constraints of [{ permittedSubtrees: subjects }, { excludedSubtrees: subjects }]) {
      const result = await verifyForged({ leaf, intermediate: constrained(constraints) });
      assert.deepEqual(blocking(result), ["CERT-003"]);
      assert.match(messages(result), /"Test Mark CA" has name constraints for subjects, which are not understood/);
    }
    const unreadable = { others: [extension(id_ce_nameConstraints, true, [4, 0])] };
    assert.deepEqual(blocking(await verifyForged({ intermediate: unreadable })), ["CERT-003"]);
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
    const result = await verify({ pem, roots: [root.pem], dnsNames: ["example.org"] });
    assert.deepEqual(blocking(result), ["CERT-003"]);
    assert.deepEqual(result.coveredNames, []);
  });

  it("refuses an intermediate that only names the root of the PEM as its issuer", async () => {
    const { root } = await forgeChain();
    const impostor = await forge({ name: root.name, ca: true });
    const intermediate = await forge({ name: "Test Mark CA", ca: true }, impostor);
    const leaf = await forge(leafForgery(), intermediate);
    const pem = leaf.pem + intermediate.pem + root.pem;
    const result = await verify({ pem, roots: [root.pem] });
    assert.equal(result.ok, false);
    assert.ok(blocking(result).includes("CERT-003"));
    assert.match(messages(result), /"Test Mark CA" is not signed with the key of "Test Mark Root"/);
  });

  it("refuses a leaf that was signed with another leaf's key", async () => {
    const { leaf, intermediate, root } = await forgeChain();
    const second = await forge({ ...leafForgery(), name: "Second" }, leaf);
    const pem = second.pem + leaf.pem + intermediate.pem + root.pem;
    const result = await verify({ pem, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-003"]);
    assert.match(messages(result), /"Example, Inc\." is no CA certificate/);
  });

  it("refuses more CA certificates below one than it allows", async () => {
    const result = await verifyForged({ root: { pathLength: 0 } });
    assert.deepEqual(blocking(result), ["CERT-003"]);
    assert.match(messages(result), /may have 0 CA certificates below it and has 1/);
  });

  it("refuses a CA whose key usage is not to sign certificates", async () => {
    const result = await verifyForged({ intermediate: { signsNoCertificates: true } });
    assert.ok(blocking(result).includes("CERT-003"));
  });

  it("refuses a leaf that names another issuer key", async () => {
    const result = await verifyForged({ leaf: { authorityKeyId: "00".repeat(20) } });
    assert.deepEqual(blocking(result), ["CERT-003"]);
    assert.match(messages(result), /names another issuer key/);
  });
});

describe("CERT-004, the root", () => {
  it("refuses a chain whose intermediate only bears a pinned root's name", async () => {
    const { leaf, intermediate } = await forgeChain({ intermediate: { name: "DigiCert Verified Mark Root CA" } });
    const result = await verify({ pem: leaf.pem + intermediate.pem, roots: pinnedRoots });
    assert.deepEqual(blocking(result), ["CERT-004"]);
    assert.match(messages(result), /bears the name of a trusted root/);
    assert.deepEqual(result.coveredNames, []);
  });

  it("refuses an intermediate that names a pinned root and its key as issuer, without its signature", async () => {
    // the one with an EC key, as the forgery has: otherwise the kind of signature gives it away
    const victim = pinnedRoots.at(-1)!;
    const impostor = await impersonate(victim);
    const intermediate = await forge({ name: "Test Mark CA", ca: true, authorityKeyId: impostor.keyId }, impostor);
    assert.ok(new X509Certificate(intermediate.pem).checkIssued(new X509Certificate(victim)));
    const leaf = await forge(leafForgery(), intermediate);
    const short = await verify({ pem: leaf.pem + intermediate.pem, roots: pinnedRoots });
    assert.deepEqual(blocking(short), ["CERT-004"]);
    assert.match(messages(short), /that root's key did not sign it/);
    const long = await verify({ pem: leaf.pem + intermediate.pem + victim, roots: pinnedRoots });
    assert.deepEqual(blocking(long), ["CERT-003"]);
  });

  it("refuses a chain that a root's key signed for another issuer", async () => {
    const { root } = await forgeChain();
    const other = { ...root, subject: [{ CN: ["Other Root"] }] };
    const intermediate = await forge({ name: "Test Mark CA", ca: true }, other);
    const leaf = await forge(leafForgery(), intermediate);
    const result = await verify({ pem: leaf.pem + intermediate.pem, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-004"]);
  });

  it("does not take a leaf for a root", async () => {
    const { leaf, intermediate } = await forgeChain();
    const result = await verify({ pem: leaf.pem + intermediate.pem, roots: [leaf.pem] });
    assert.deepEqual(blocking(result), ["CERT-004"]);
  });

  it("refuses a self-signed copy of a root's name", async () => {
    const { root } = await forgeChain();
    const { pem } = await forgeChain();
    const result = await verify({ pem, roots: [root.pem] });
    assert.deepEqual(blocking(result), ["CERT-004"]);
  });

  it("refuses a chain that misses the intermediate", async () => {
    const { leaf, root } = await forgeChain();
    const result = await verify({ pem: leaf.pem + root.pem, roots: [root.pem] });
    assert.equal(result.ok, false);
    assert.ok(blocking(result).includes("CERT-004"));
  });

  it("takes an extra root", async () => {
    const { pem, root } = await forgeChain();
    const roots = trustedRoots({ loopback: false, extraRoots: [root.pem] });
    assert.deepEqual(flaws(await verify({ pem, roots })), []);
  });

  it("says that a root is no certificate", async () => {
    const { pem } = await forgeChain();
    await assert.rejects(verify({ pem, roots: [...pinnedRoots, "nonsense"] }), {
      name: "TypeError",
      message: /^a trusted root is no certificate in PEM form; give bimi:extraRoots, or --roots, /,
    });
  });
});

describe("CERT-005, the dates", () => {
  const hours = (date: string, offset: number) => new Date(Date.parse(date) + offset * 3_600_000);

  it("refuses an expired certificate, after 24 hours of tolerance", async () => {
    const { pem, root } = await forgeChain({ root: { notAfter: new Date("2060-01-01") } });
    const verifyAt = (at: Date) => verify({ pem, roots: [root.pem], at });
    const expired = await verifyAt(hours("2027-01-01T00:00:00Z", 25));
    assert.deepEqual(blocking(expired), ["CERT-005"]);
    assert.match(messages(expired), /"Example, Inc\." expired on 2027-01-01/);
    assert.equal((await verifyAt(hours("2027-01-01T00:00:00Z", 23))).ok, true);
  });

  it("refuses a certificate that is not valid yet, beyond 24 hours", async () => {
    const early = { leaf: { notBefore: new Date("2026-06-02T12:00:00Z") } };
    assert.deepEqual(blocking(await verifyForged(early)), ["CERT-005"]);
    assert.equal((await verifyForged({ leaf: { notBefore: new Date("2026-06-01T23:00:00Z") } })).ok, true);
  });

  it("refuses an expired intermediate or root, also one that is not in the PEM", async () => {
    const notAfter = new Date("2026-05-01T00:00:00Z");
    assert.deepEqual(blocking(await verifyForged({ intermediate: { notAfter } })), ["CERT-005"]);
    const { leaf, intermediate, root } = await forgeChain({ root: { notAfter } });
    const pem = leaf.pem + intermediate.pem;
    assert.deepEqual(blocking(await verify({ pem, roots: [root.pem] })), ["CERT-005"]);
  });

  it("warns within 30 days of the end", async () => {
    const result = await verifyForged({ leaf: { notAfter: new Date("2026-06-20T00:00:00Z") } });
    assert.equal(result.ok, true);
    assert.deepEqual(warnings(result), ["CERT-005"]);
  });

  it("refuses more than 398 days", async () => {
    const notBefore = new Date("2026-01-01T00:00:00Z");
    const long = await verifyForged({ leaf: { notBefore, notAfter: hours("2026-01-01T00:00:00Z", 399 * 24) } });
    assert.deepEqual(blocking(long), ["CERT-005"]);
    const longest = await verifyForged({ leaf: { notBefore, notAfter: hours("2026-01-01T00:00:00Z", 398 * 24) } });
    assert.equal(longest.ok, true);
  });

  it("does not take an invalid date for the time", async () => {
    await assert.rejects(verifyForged({}, { at: new Date("never") }), TypeError);
  });
});
