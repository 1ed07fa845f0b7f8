import "reflect-metadata";
import assert from "node:assert/strict";
import { webcrypto, X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import {
  DistributionPointName,
  GeneralName,
  IssuingDistributionPoint,
  id_ce_issuingDistributionPoint,
} from "@peculiar/asn1-x509";
import * as x509 from "@peculiar/x509";
import { crlUrl, type Forged, forge, forgeChain } from "./forge";
import { at, blocking, errors, flaws, messages, verify, verifyForged, warnings } from "./support";

type Chain = Awaited<ReturnType<typeof forgeChain>>;
const days = (count: number) => new Date(at.getTime() + count * 86_400_000);

interface List {
  revoked?: Forged[];
  thisUpdate?: Date;
  /** Default: in six days. */
  nextUpdate?: Date | undefined;
  extensions?: x509.Extension[];
}

async function listOf(issuer: Forged, { revoked = [], thisUpdate = days(-1), extensions, ...list }: List = {}) {
  const nextUpdate = "nextUpdate" in list ? list.nextUpdate : days(6);
  const crl = await x509.X509CrlGenerator.create(
    {
      issuer: new x509.Name(issuer.subject).toString(),
      thisUpdate,
      ...(nextUpdate ? { nextUpdate } : {}),
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" } as never,
      signingKey: issuer.keys.privateKey,
      entries: revoked.map(({ pem }) => ({
        serialNumber: new X509Certificate(pem).serialNumber,
        revocationDate: days(-2),
      })),
      ...(extensions ? { extensions } : {}),
    },
    webcrypto,
  );
  return Buffer.from(crl.rawData);
}

async function verifyWith(make: (chain: Chain) => Promise<Buffer> | Buffer, changes = {}, enforce?: "all") {
  const chain = await forgeChain(changes);
  const asked: string[] = [];
  const fetch = async (url: string) => {
    asked.push(url);
    return make(chain);
  };
  const result = await verify({ pem: chain.pem, roots: [chain.root.pem], fetch, ...(enforce ? { enforce } : {}) });
  return { result, asked };
}

describe("CERT-014, revocation", () => {
  it("wants to know where the list is", async () => {
    const result = await verifyForged({ leaf: { crlUrls: undefined } });
    assert.deepEqual(errors(result), ["CERT-014"]);
    assert.deepEqual(blocking(result), []);
  });

  it("takes a list without the certificate", async () => {
    const { result, asked } = await verifyWith(({ intermediate }) => listOf(intermediate));
    assert.deepEqual(flaws(result), []);
    assert.deepEqual(asked, [crlUrl]);
  });

  it("takes a list in PEM form", async () => {
    const pem = (der: Buffer) => `-----BEGIN X509 CRL-----\n${der.toString("base64")}\n-----END X509 CRL-----\n`;
    const { result } = await verifyWith(async ({ intermediate }) => Buffer.from(pem(await listOf(intermediate))));
    assert.deepEqual(flaws(result), []);
  });

  it("finds a revoked leaf, also in an old list", async () => {
    for (const nextUpdate of [days(6), days(-1.5)]) {
      const { result } = await verifyWith(({ leaf, intermediate }) =>
        listOf(intermediate, { revoked: [intermediate, leaf], thisUpdate: days(-3), nextUpdate }),
      );
      assert.deepEqual(errors(result), ["CERT-014"]);
      assert.match(messages(result), /"Example, Inc\." was revoked on 2026-05-30/);
    }
  });

  it("finds a revoked CA", async () => {
    const urls = { intermediate: { crlUrls: ["http://crl.example.com/root.crl"] } };
    const chain = await forgeChain(urls);
    const fetch = async (url: string) =>
      url === crlUrl ? listOf(chain.intermediate) : listOf(chain.root, { revoked: [chain.intermediate] });
    const short = chain.leaf.pem + chain.intermediate.pem;
    for (const pem of [chain.pem, short]) {
      const result = await verify({ pem, roots: [chain.root.pem], fetch });
      assert.deepEqual(errors(result), ["CERT-014"]);
      assert.match(messages(result), /"Test Mark CA" was revoked/);
    }
  });

  it("blocks only when every error does", async () => {
    const revoked = ({ leaf, intermediate }: Chain) => listOf(intermediate, { revoked: [leaf] });
    assert.equal((await verifyWith(revoked)).result.ok, true);
    assert.equal((await verifyWith(revoked, {}, "all")).result.ok, false);
  });

  it("does not believe a list that another key has signed", async () => {
    const { result } = await verifyWith(async ({ intermediate }) => {
      const impostor = await forge({ name: intermediate.name, ca: true });
      return listOf(impostor);
    });
    assert.deepEqual(errors(result), ["CERT-014"]);
    assert.match(messages(result), /is not signed with the key of "Test Mark CA"/);
  });

  it("does not believe a list that should have been replaced, or that is still to come: 24 hours of tolerance", async () => {
    const cases: [List, RegExp | undefined][] = [
      [{ thisUpdate: days(-9), nextUpdate: days(-1.1) }, /should have been replaced on 2026-05-30/],
      [{ thisUpdate: days(-9), nextUpdate: days(-0.9) }, undefined],
      [{ thisUpdate: days(1.1), nextUpdate: days(9) }, /still to come/],
      [{ thisUpdate: days(0.9), nextUpdate: days(9) }, undefined],
    ];
    for (const [list, expected] of cases) {
      const { result } = await verifyWith(({ intermediate }) => listOf(intermediate, list));
      assert.deepEqual(errors(result), expected ? ["CERT-014"] : []);
      if (expected) assert.match(messages(result), expected);
    }
  });

  it("does not believe a list about other certificates, or with a critical extension that is not understood", async () => {
    const onlyCas = new Uint8Array([0x30, 3, 0x82, 1, 0xff]).buffer;
    const onlyUsers = new Uint8Array([0x30, 3, 0x81, 1, 0xff]).buffer;
    const cases: [x509.Extension, RegExp | undefined][] = [
      [new x509.Extension("2.5.29.28", true, onlyCas), /is about other certificates/],
      [new x509.Extension("2.5.29.28", true, onlyUsers), undefined],
      [new x509.Extension("2.5.29.27", true, new Uint8Array([2, 1, 1]).buffer), /critical extension 2\.5\.29\.27/],
    ];
    for (const [extension, expected] of cases) {
      const { result } = await verifyWith(({ intermediate }) => listOf(intermediate, { extensions: [extension] }));
      assert.deepEqual(errors(result), expected ? ["CERT-014"] : []);
      if (expected) assert.match(messages(result), expected);
    }
  });

  it("does not believe a list that does not say until when it is good, or of a CA that may sign none", async () => {
    const unending = await verifyWith(({ intermediate }) => listOf(intermediate, { nextUpdate: undefined }));
    assert.deepEqual(errors(unending.result), ["CERT-014"]);
    assert.match(messages(unending.result), /does not say until when it is good/);
    const { keyCertSign, cRLSign } = x509.KeyUsageFlags;
    for (const [flags, expected] of [
      [keyCertSign, ["CERT-014"]],
      [keyCertSign | cRLSign, []],
    ] as const) {
      const usage = { intermediate: { others: [new x509.KeyUsagesExtension(flags, true)] } };
      const { result } = await verifyWith(({ intermediate }) => listOf(intermediate), usage);
      assert.deepEqual(errors(result), expected);
    }
  });

  it("does not believe another part of a list that was parted", async () => {
    const partOf = (url: string) => {
      const name = new DistributionPointName({ fullName: [new GeneralName({ uniformResourceIdentifier: url })] });
      const scope = new IssuingDistributionPoint({ distributionPoint: name });
      return new x509.Extension(id_ce_issuingDistributionPoint, true, AsnConvert.serialize(scope));
    };
    for (const [url, expected] of [
      [crlUrl, []],
      ["http://crl.example.com/part-2.crl", ["CERT-014"]],
    ] as const) {
      const { result } = await verifyWith(({ intermediate }) => listOf(intermediate, { extensions: [partOf(url)] }));
      assert.deepEqual(errors(result), expected);
    }
  });

  it("asks the next URL, and warns when no list can be had", async () => {
    const crlUrls = ["http://one.example/ca.crl", "http://two.example/ca.crl"];
    const chain = await forgeChain({ leaf: { crlUrls } });
    const input = { pem: chain.pem, roots: [chain.root.pem] };
    const down = async () => {
      throw new Error("connection refused");
    };
    const half = async (url: string) => (url.includes("one") ? down() : listOf(chain.intermediate));
    assert.deepEqual(flaws(await verify({ ...input, fetch: half })), []);
    for (const [fetch, expected] of [
      [down, /is not known: http:\/\/one\.example\/ca\.crl: connection refused; http:\/\/two\.example/],
      [async () => Buffer.from("<html>"), /it is no revocation list/],
      [async () => Buffer.alloc(600 * 1024), /larger than 512 KiB/],
    ] as const) {
      const result = await verify({ ...input, fetch });
      assert.deepEqual(errors(result), []);
      assert.deepEqual(warnings(result), ["CERT-014"]);
      assert.match(messages(result), expected);
    }
  });
});
