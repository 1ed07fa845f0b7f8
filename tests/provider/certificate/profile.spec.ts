import "reflect-metadata";
import assert from "node:assert/strict";
import { id_ce_nameConstraints } from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import { policies } from "./forge";
import { blocking, errors, flaws, messages, verifyForged, warnings } from "./support";

describe("CERT-006, the extended key usage", () => {
  const tls = "1.3.6.1.5.5.7.3.1";
  const mark = "1.3.6.1.5.5.7.3.31";

  it("refuses a leaf for another purpose", async () => {
    assert.deepEqual(blocking(await verifyForged({ leaf: { keyPurposes: [tls] } })), ["CERT-006"]);
  });

  it("refuses a leaf for a further purpose", async () => {
    assert.deepEqual(blocking(await verifyForged({ leaf: { keyPurposes: [mark, tls] } })), ["CERT-006"]);
  });

  it("refuses a leaf for any purpose", async () => {
    assert.deepEqual(blocking(await verifyForged({ leaf: { keyPurposes: [] } })), ["CERT-006"]);
  });

  it("refuses an issuing CA for another purpose", async () => {
    assert.deepEqual(blocking(await verifyForged({ intermediate: { keyPurposes: [tls] } })), ["CERT-006"]);
  });
});

describe("CERT-007, the policies", () => {
  const [mark, digicert] = policies as [string, string];

  it("wants that of mark certificates", async () => {
    const result = await verifyForged({ leaf: { policies: [digicert] } });
    assert.deepEqual(errors(result), ["CERT-007"]);
    assert.deepEqual(blocking(result), []);
    assert.deepEqual(errors(await verifyForged({ leaf: { policies: undefined } })), ["CERT-007"]);
  });

  it("warns without one of the authority, and only mentions an unknown one", async () => {
    assert.deepEqual(warnings(await verifyForged({ leaf: { policies: [mark] } })), ["CERT-007"]);
    const unknown = await verifyForged({ leaf: { policies: [mark, "1.2.3.4"] } });
    assert.deepEqual(flaws(unknown), []);
    assert.match(messages(unknown), /1\.2\.3\.4/);
  });
});

describe("CERT-016, keys and signatures", () => {
  const rsa = (modulusLength: number, hash = "SHA-256") => ({
    name: "RSASSA-PKCS1-v1_5",
    modulusLength,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash,
  });

  it("takes RSA of 2048 bits, and P-384", async () => {
    assert.deepEqual(flaws(await verifyForged({ leaf: { algorithm: rsa(2048) } })), []);
    const p384 = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
    assert.deepEqual(flaws(await verifyForged({ intermediate: { algorithm: p384 } })), []);
  });

  it("warns of a short key, of a curve that is not for certificates, and of SHA-1", async () => {
    for (const [changes, expected] of [
      [{ leaf: { algorithm: rsa(1024) } }, /"Example, Inc\." has an RSA key of only 1024 bits/],
      [{ leaf: { algorithm: { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" } } }, /on the curve secp521r1/],
      [{ intermediate: { algorithm: rsa(2048, "SHA-1") } }, /"Example, Inc\." is signed with SHA-1/],
    ] as const) {
      const result = await verifyForged(changes);
      assert.deepEqual(warnings(result), ["CERT-016"]);
      assert.deepEqual(errors(result), []);
      assert.match(messages(result), expected);
      assert.equal(result.ok, true);
      assert.deepEqual(blocking(await verifyForged(changes, { enforce: "all" })), ["CERT-016"]);
    }
  });

  it("does not mind how a root signed itself", async () => {
    const result = await verifyForged({ root: { algorithm: rsa(2048, "SHA-1") } });
    assert.match(messages(result), /"Test Mark CA" is signed with SHA-1/);
    assert.doesNotMatch(messages(result), /"Test Mark Root" is signed/);
  });

  it("refuses name constraints in a leaf", async () => {
    const none = new Uint8Array([0x30, 0]).buffer;
    const others = [new x509.Extension(id_ce_nameConstraints, true, none)];
    const result = await verifyForged({ leaf: { others } });
    assert.deepEqual(errors(result), ["CERT-016"]);
    assert.deepEqual(blocking(result), []);
  });
});
