import "reflect-metadata";
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { revocationFindings } from "../../../provider/cli/revocation";
import { networkAt, Site } from "../hosting/sites";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 86_400_000;
const now = new Date();

describe("revocation lists", () => {
  let site: Site;
  let list: Buffer;
  let status: number;
  let keys: webcrypto.CryptoKeyPair;
  let pem: string;
  before(async () => {
    site = await Site.start((_, response) => response.writeHead(status).end(list));
    keys = await newKeys();
    const root = await x509.X509CertificateGenerator.createSelfSigned(
      { name: "CN=Root", keys, signingAlgorithm: algorithm, extensions: [new x509.BasicConstraintsExtension(true)] },
      webcrypto,
    );
    const url = `http://crl.example.com:${site.port}/a.crl`;
    const leaf = await x509.X509CertificateGenerator.create(
      {
        serialNumber: "0abc",
        subject: "CN=Leaf",
        issuer: "CN=Root",
        publicKey: (await newKeys()).publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [new x509.CRLDistributionPointsExtension([url])],
      },
      webcrypto,
    );
    pem = `${leaf.toString("pem")}\n${root.toString("pem")}\n`;
  });
  after(() => site.stop());
  beforeEach(async () => {
    status = 200;
    list = await crl({});
  });

  function newKeys() {
    return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;
  }
  async function crl({ revoked = [] as string[], signer = keys, nextUpdate = new Date(now.getTime() + day) }) {
    const made = await x509.X509CrlGenerator.create(
      {
        issuer: "CN=Root",
        thisUpdate: new Date(now.getTime() - day),
        nextUpdate,
        entries: revoked.map((serialNumber) => ({ serialNumber, revocationDate: new Date(now.getTime() - day) })),
        signingAlgorithm: algorithm,
        signingKey: signer.privateKey,
      },
      webcrypto,
    );
    return Buffer.from(made.rawData);
  }
  const found = (at = now) => revocationFindings(pem, at, networkAt(""));

  it("without the certificate find nothing, over http", async () => {
    assert.deepEqual(await found(), []);
    list = await crl({ revoked: ["0def"] });
    assert.deepEqual(await found(), []);
    assert.ok(site.requests.length >= 2);
  });

  it("with the certificate are an error from the day of the revocation on", async () => {
    list = await crl({ revoked: ["0def", "0abc"] });
    const [finding, ...others] = await found();
    assert.deepEqual([finding?.ruleId, finding?.severity, others], ["CERT-014", "error", []]);
    assert.match(finding!.message, /"Leaf" was revoked on 20/);
    assert.deepEqual(await found(new Date(now.getTime() - 2 * day)), []);
  });

  const unusable: [what: string, answer: () => Promise<{ status?: number; list?: Buffer }>, says: RegExp][] = [
    ["cannot be had", async () => ({ status: 404 }), /answers 404/],
    ["are none", async () => ({ list: Buffer.from("<html>") }), /no revocation list/],
    ["are signed by another", async () => ({ list: await crl({ signer: await newKeys() }) }), /not signed by/],
    ["are old", async () => ({ list: await crl({ nextUpdate: new Date(now.getTime() - 1000) }) }), /replaced on 20/],
  ];
  for (const [what, answer, says] of unusable) {
    it(`that ${what} are a warning`, async () => {
      ({ status = 200, list = list } = await answer());
      const [finding] = await found();
      assert.deepEqual([finding?.ruleId, finding?.severity], ["CERT-014", "warning"]);
      assert.match(finding!.message, says);
    });
  }

  it("are not looked for in private networks", async () => {
    const before = site.requests.length;
    const strict = { ...networkAt(""), nonPublicKind: () => "private" };
    assert.match((await revocationFindings(pem, now, strict))[0]!.message, /not public/);
    assert.equal(site.requests.length, before);
  });
});
