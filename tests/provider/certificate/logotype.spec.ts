import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { LogotypeData, LogotypeExtn, LogotypeInfo } from "@peculiar/asn1-x509-logotype";
import { dataUri, logotype, svg } from "./forge";
import { blocking, errors, flaws, messages, verifyForged, warnings } from "./support";

describe("CERT-008, the logotype extension", () => {
  it("refuses a certificate without one", async () => {
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: undefined } }, { logo: svg })), ["CERT-008"]);
  });

  it("refuses one that is no ASN.1", async () => {
    const broken = new Uint8Array([0x30, 0x05, 1]).buffer;
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: broken } })), ["CERT-008"]);
  });

  it("refuses one that something follows", async () => {
    const followed = new Uint8Array([...new Uint8Array(logotype({})), 0x05, 0x00]).buffer;
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: followed } })), ["CERT-008"]);
  });

  it("refuses one without subject logo", async () => {
    const empty = AsnConvert.serialize(new LogotypeExtn());
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: empty } })), ["CERT-008"]);
  });

  it("refuses a logo that is only linked", async () => {
    const linked = logotype({ uri: "https://example.com/logo.svg" });
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: linked } })), ["CERT-008"]);
  });

  it("refuses two images", async () => {
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: logotype({ images: 2 }) } })), ["CERT-008"]);
  });

  it("refuses a logo that is not gzip", async () => {
    const plain = logotype({ uri: `data:image/svg+xml;base64,${svg.toString("base64")}` });
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: plain } })), ["CERT-008"]);
  });

  it("warns when it is critical", async () => {
    const result = await verifyForged({ leaf: { logotypeCritical: true } });
    assert.equal(result.ok, true);
    assert.deepEqual(warnings(result), ["CERT-008"]);
  });
});

describe("CERT-008, what else is in the extension", () => {
  const info = () => new LogotypeInfo({ direct: new LogotypeData({ image: [] }) });

  it("refuses further logos", async () => {
    for (const others of [{ issuerLogo: info() }, { communityLogos: [info()] }]) {
      const result = await verifyForged({ leaf: { logotype: logotype({ others }) } });
      assert.deepEqual(blocking(result), ["CERT-008"]);
      assert.match(messages(result), /more than the logo: (an issuer logo|community logos)/);
    }
  });
});

describe("CERT-009, the media type", () => {
  it("is image/svg+xml in both places, or an error that does not block", async () => {
    for (const [forgery, place] of [
      [{ mediaType: "image/svg+xml+gzip" }, /the logotype extension has the media type image\/svg\+xml\+gzip/],
      [{ uri: dataUri(svg, "image/svg") }, /the logo's data URI has the media type image\/svg instead/],
    ] as const) {
      const result = await verifyForged({ leaf: { logotype: logotype(forgery) } }, { logo: svg });
      assert.deepEqual(errors(result), ["CERT-009"]);
      assert.deepEqual(blocking(result), []);
      assert.match(messages(result), place);
    }
  });
});

describe("CERT-010, the logo's hash", () => {
  it("refuses a logo that is not the hashed one", async () => {
    const other = logotype({ hashed: Buffer.from("<svg/>") });
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: other } })), ["CERT-010"]);
  });

  it("takes SHA-1, as DigiCert hashes", async () => {
    const sha1 = logotype({ hash: ["1.3.14.3.2.26", "sha1"] });
    const result = await verifyForged({ leaf: { logotype: sha1 } });
    assert.deepEqual(flaws(result), []);
    assert.match(messages(result), /hashed with SHA-1 only/);
  });

  it("refuses only unknown kinds of hashes", async () => {
    const unknown = logotype({ hash: ["1.2.3.4", "sha256"] });
    assert.deepEqual(blocking(await verifyForged({ leaf: { logotype: unknown } })), ["CERT-010"]);
  });

  it("warns when the hash is over LF line ends and the logo has others", async () => {
    const crlf = Buffer.from("<svg>\r\n</svg>\r\n");
    const mixed = logotype({ uri: dataUri(crlf), hashed: Buffer.from("<svg>\n</svg>\n") });
    const result = await verifyForged({ leaf: { logotype: mixed } }, { logo: crlf });
    assert.deepEqual(errors(result), []);
    assert.deepEqual(warnings(result), ["CERT-010"]);
  });

  it("does not inflate a gzip bomb", async () => {
    const bomb = logotype({ uri: dataUri(Buffer.alloc(64 * 1024 * 1024)) });
    const result = await verifyForged({ leaf: { logotype: bomb } });
    assert.deepEqual(blocking(result), ["CERT-010"]);
    assert.match(messages(result), /more than 256 KiB/);
    assert.equal(result.leaf?.logo, undefined);
  });
});

describe("CERT-011, the ordered logo", () => {
  it("refuses another logo, given as bytes or as hash", async () => {
    const other = Buffer.from(svg.toString().replace("\n", "\r\n"));
    const logoSha256 = createHash("sha256").update(other).digest("hex");
    assert.deepEqual(blocking(await verifyForged({}, { logo: other })), ["CERT-011"]);
    assert.deepEqual(blocking(await verifyForged({}, { logoSha256 })), ["CERT-011"]);
  });

  it("says so when only line ends or white space differ", async () => {
    const hashOf = (data: Buffer) => ({ logoSha256: createHash("sha256").update(data).digest("hex") });
    const crlf = Buffer.from(svg.toString().replaceAll("\n", "\r\n"));
    const indented = Buffer.from(svg.toString().replaceAll("<rect", "  <rect"));
    const cut = Buffer.from(svg.toString().trimEnd());
    for (const input of [hashOf(crlf), hashOf(cut), { logo: crlf }, { logo: indented }]) {
      assert.match(messages(await verifyForged({}, input)), /it differs only by line ends or white space/);
    }
    const other = Buffer.from(svg.toString().replace("Example", "Another"));
    for (const input of [hashOf(other), { logo: other }]) {
      const said = messages(await verifyForged({}, input));
      assert.match(said, /is not the ordered one/);
      assert.doesNotMatch(said, /differs only/);
    }
  });

  it("is linted when no order is known: warnings", async () => {
    const bad = Buffer.from(svg.toString().replace('version="1.2" ', ""));
    const leaf = { logotype: logotype({ uri: dataUri(bad), hashed: bad }) };
    const result = await verifyForged({ leaf });
    assert.equal(result.ok, true);
    assert.deepEqual(warnings(result), ["CERT-011"]);
    assert.match(messages(result), /the embedded logo breaks SVG-007 in line 1: /);
    assert.deepEqual(flaws(await verifyForged({ leaf }, { logo: bad })), [], "the order was linted");
  });

  it("takes the hash of the same logo in either case", async () => {
    const logoSha256 = createHash("sha256").update(svg).digest("hex");
    assert.equal((await verifyForged({}, { logoSha256 })).ok, true);
    assert.equal((await verifyForged({}, { logoSha256: logoSha256.toUpperCase() })).ok, true);
  });
});
