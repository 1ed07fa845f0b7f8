import "reflect-metadata";
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Verification } from "../../../provider/certificate/verify";
import { attributes, type Forgery, forgeChain } from "./forge";
import { blocking, errors, flaws, messages, verify, verifyForged, warnings } from "./support";

describe("CERT-012, the names", () => {
  it("blocks only the names that are not covered", async () => {
    const result = await verifyForged({}, { dnsNames: ["example.com", "example.net"] });
    assert.equal(result.ok, true);
    assert.deepEqual(blocking(result), ["CERT-012"]);
    assert.match(messages(result), /does not cover example\.net/);
    assert.deepEqual(result.coveredNames, ["example.com"]);
  });

  it("covers nothing for a wrong name", async () => {
    const result = await verifyForged({}, { dnsNames: ["example.org"] });
    assert.deepEqual(blocking(result), ["CERT-012"]);
    assert.deepEqual(result.coveredNames, []);
  });

  it("does not take a suffix, a parent or a wildcard for the name", async () => {
    const leaf = { dnsNames: ["notexample.com", "*.example.net", "com"] };
    const result = await verifyForged({ leaf }, { dnsNames: ["example.com", "www.example.net"] });
    assert.deepEqual(result.coveredNames, []);
  });

  it("takes a name of the form <selector>._bimi.<domain>", async () => {
    const covered = async (name: string) =>
      (await verifyForged({ leaf: { dnsNames: [name] } }, { dnsNames: ["example.com"] })).coveredNames;
    for (const name of ["default._bimi.example.com", "Brand.2026._bimi.Example.com"]) {
      assert.deepEqual(await covered(name), ["example.com"], name);
    }
    for (const name of ["*._bimi.example.com", "._bimi.example.com", "a._bimi.b._bimi.example.com"]) {
      assert.deepEqual(await covered(name), [], name);
    }
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
      assert.deepEqual(blocking(await verifyForged({ leaf: { markTypes } })), ["CERT-015"]);
    }
  });

  it("refuses one that the product is not sold for", async () => {
    assert.deepEqual(blocking(await verifyForged({}, { product: "mark_certificate" })), ["CERT-015"]);
    const { "1.3.6.1.4.1.53087.1.3": _country, "1.3.6.1.4.1.53087.1.4": _id, ...common } = attributes;
    const url = { "1.3.6.1.4.1.53087.5.1": "https://example.com/" };
    const priorUse = { leaf: { markTypes: ["Prior Use Mark"], attributes: { ...common, ...url } } };
    assert.deepEqual(blocking(await verifyForged(priorUse, { product: "vmc_basic" })), ["CERT-015"]);
    assert.deepEqual(blocking(await verifyForged(priorUse, { product: "mark_certificate" })), []);
  });

  it("refuses another one than the ordered", async () => {
    const result = await verifyForged({}, { markType: "government_mark" });
    assert.deepEqual(blocking(result), ["CERT-015"]);
    assert.match(messages(result), /for a Registered Mark, and a government_mark was ordered/);
    assert.deepEqual(flaws(await verifyForged({}, { markType: "Registered Mark" })), []);
    // DigiCert's field of a CMC may say what it says of VMCs.
    assert.deepEqual(flaws(await verifyForged({}, { product: "vmc_basic", markType: "prior_use_mark" })), []);
  });
});

describe("CERT-015, the subject", () => {
  const mark = (arcs: string) => `1.3.6.1.4.1.53087.${arcs}`;
  const { [mark("1.3")]: _country, [mark("1.4")]: _id, ...common } = attributes as Record<string, string>;
  const statute = { [mark("3.2")]: "US", [mark("3.5")]: "An Act" };
  const trademark = { [mark("1.3")]: "US", [mark("1.4")]: "A1234" };
  const subject = (markType: string, more: Record<string, string>) =>
    verifyForged({ leaf: { markTypes: [markType], attributes: { ...common, ...more } } });

  it("has what each type requires", async () => {
    for (const [markType, more] of Object.entries({
      "Registered Mark": trademark,
      "Modified Registered Mark": { ...trademark, [mark("1.2")]: "USPTO" },
      "Government Mark": { ...statute, [mark("3.6")]: "https://example.gov/act" },
      "Prior Use Mark": { [mark("5.1")]: "https://example.com/" },
    })) {
      assert.deepEqual(flaws(await subject(markType, more)), [], markType);
    }
  });

  it("blocks a type without what says which mark it is", async () => {
    for (const [markType, more, missing] of [
      ["Registered Mark", { [mark("1.3")]: "US" }, /must have trademarkIdentifier/],
      ["Registered Mark", { [mark("1.3")]: "US", [mark("1.4")]: " " }, /must have trademarkIdentifier/],
      ["Modified Registered Mark", {}, /must have trademarkCountryOrRegionName, trademarkIdentifier/],
      ["Government Mark", { [mark("3.2")]: "US" }, /must have statuteCitation/],
    ] as const) {
      const result = await subject(markType, more);
      assert.deepEqual(blocking(result), ["CERT-015"], markType);
      assert.match(messages(result), missing);
    }
  });

  it("blocks without what every subject has, and with what belongs to another type", async () => {
    const { "2.5.4.9": _street, "2.5.4.7": _locality, ...elsewhere } = common;
    const cases: [Promise<Verification>, RegExp][] = [
      [
        verifyForged({ leaf: { attributes: { ...elsewhere, ...trademark } } }),
        /no streetAddress, localityName or state/,
      ],
      [subject("Registered Mark", { ...trademark, ...statute }), /must not have statuteCountryName, statuteCitation/],
      [subject("Prior Use Mark", { [mark("1.4")]: "1", [mark("5.1")]: "x" }), /must not have trademarkIdentifier/],
      [
        subject("Government Mark", { ...statute, [mark("3.4")]: "Lehi" }),
        /has statuteLocalityName, but no statuteStateOrProvinceName/,
      ],
      [
        subject("Registered Mark", { ...trademark, "1.3.6.1.4.1.311.60.2.1.1": "Lehi" }),
        /has jurisdictionLocalityName, but no jurisdictionStateOrProvinceName/,
      ],
    ];
    for (const [verified, expected] of cases) {
      const result = await verified;
      assert.deepEqual(blocking(result), ["CERT-015"]);
      assert.match(messages(result), expected);
    }
  });

  it("is ignored on request, which rules that always block are not", async () => {
    const { "2.5.4.9": _street, ...elsewhere } = common;
    const leaf = { attributes: { ...elsewhere, ...trademark }, keyPurposes: ["1.3.6.1.5.5.7.3.1"] };
    const ignore = ["CERT-015", "CERT-006"];
    const result = await verifyForged({ leaf }, { ignore });
    assert.deepEqual(errors(result), ["CERT-006", "CERT-015"]);
    assert.deepEqual(blocking(result), ["CERT-006"]);
    const unlogged = await verifyForged({ leaf: { attributes: leaf.attributes } }, { ignore, enforce: "all" });
    assert.equal(unlogged.ok, true);
  });

  it("may have a state instead of a locality", async () => {
    const { "2.5.4.7": _locality, ...elsewhere } = common;
    assert.deepEqual(
      flaws(await verifyForged({ leaf: { attributes: { ...elsewhere, ...trademark, "2.5.4.8": "Utah" } } })),
      [],
    );
  });

  it("changed on certain days: the prior-use URL and the pilot's extension", async () => {
    const begin = (date: string) => {
      const notBefore = new Date(date);
      return { leaf: { notBefore, notAfter: new Date(notBefore.getTime() + 300 * 86_400_000) }, at: notBefore };
    };
    const pilot = new x509.Extension(mark("4.1"), true, new Uint8Array([0x0c, 0]).buffer);
    const verifyFrom = (date: string, leaf: Partial<Forgery>) => {
      const { leaf: dates, at } = begin(date);
      return verifyForged({ leaf: { ...dates, ...leaf }, ...authorities }, { at });
    };
    const early = { notBefore: new Date("2020-01-01"), notAfter: new Date("2060-01-01") };
    const authorities = { intermediate: early, root: early };
    const priorUse = { markTypes: ["Prior Use Mark"], attributes: common };
    assert.deepEqual(errors(await verifyFrom("2025-04-14", priorUse)), []);
    const noUrl = await verifyFrom("2025-04-15", priorUse);
    assert.deepEqual(blocking(noUrl), ["CERT-015"]);
    assert.match(messages(noUrl), /must have priorUseMarkSourceURL in its subject, since 2025-04-15/);
    assert.deepEqual(errors(await verifyFrom("2025-03-14", { others: [pilot] })), []);
    const late = await verifyFrom("2025-03-15", { others: [pilot] });
    assert.deepEqual(blocking(late), ["CERT-015"]);
  });
});

describe("CERT-017, the key", () => {
  const pem = (label: string, der: ArrayBuffer) =>
    `-----BEGIN ${label}-----\n${Buffer.from(der).toString("base64")}\n-----END ${label}-----\n`;
  const chain = () => forgeChain();
  const check = async ({ root, pem }: Awaited<ReturnType<typeof chain>>, csr: string) =>
    verify({ roots: [root.pem], pem, csr });

  it("is that of the request, given as request or as public key", async () => {
    const forged = await chain();
    const { keys } = forged.leaf;
    const request = await x509.Pkcs10CertificateRequestGenerator.create(
      { name: "CN=Example", keys, signingAlgorithm: { name: "ECDSA", hash: "SHA-256" } },
      webcrypto,
    );
    assert.deepEqual(flaws(await check(forged, request.toString("pem"))), []);
    const key = pem("PUBLIC KEY", await webcrypto.subtle.exportKey("spki", keys.publicKey));
    assert.deepEqual(flaws(await check(forged, key)), []);
  });

  it("is not another one, nor what cannot be read", async () => {
    const forged = await chain();
    const other = await webcrypto.subtle.exportKey("spki", forged.root.keys.publicKey);
    for (const [csr, expected] of [
      [pem("PUBLIC KEY", other), /has another key than the request/],
      [pem("CERTIFICATE REQUEST", new ArrayBuffer(2)), /the signing request cannot be read/],
      ["nonsense", /the signing request cannot be read/],
    ] as const) {
      const result = await check(forged, csr);
      assert.deepEqual(errors(result), ["CERT-017"]);
      assert.deepEqual(blocking(result), []);
      assert.match(messages(result), expected);
    }
  });
});

describe("CERT-018, what becomes of it", () => {
  it("is told of VMC and CMC, as mere information", async () => {
    const told = async (markType: string) =>
      (await verifyForged({ leaf: { markTypes: [markType] } })).findings
        .filter(({ ruleId }) => ruleId === "CERT-018")
        .map(({ severity, message }) => `${severity}: ${message}`)
        .join();
    assert.match(await told("Registered Mark"), /^info: .*Verified Mark Certificate.*blue tick/);
    assert.match(await told("Prior Use Mark"), /^info: .*Common Mark Certificate.*without a tick/);
  });
});
