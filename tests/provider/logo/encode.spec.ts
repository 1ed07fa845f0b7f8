import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { decodeLogo, encodeLogo, MAX_DECODED_BYTES } from "../../../provider/logo/encode";
import { LogoError } from "../../../provider/logo/errors";

const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><title>Ünit</title></svg>\r\n');

describe("encodeLogo", () => {
  it("is base64 of gzip in one line", () => {
    const long = Buffer.from(randomBytes(3000).toString("hex"));
    const encoded = encodeLogo(long);
    assert.match(encoded, /^[A-Za-z0-9+/]+={0,2}$/);
    assert.deepEqual(gunzipSync(Buffer.from(encoded, "base64")), long);
  });

  it("has a gzip header without time and operating system", () => {
    const header = Buffer.from(encodeLogo(SVG), "base64").subarray(0, 10);
    assert.deepEqual([...header], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
  });

  it("starts as DigiCert's samples do", () => assert.match(encodeLogo(SVG), /^H4sI/));

  it("is the same every time", () => assert.equal(encodeLogo(SVG), encodeLogo(Buffer.from(SVG))));
});

describe("decodeLogo", () => {
  for (const bytes of [SVG, Buffer.alloc(0), randomBytes(5000), Buffer.from("\r\n\uFEFF é")]) {
    it(`gives back the ${bytes.length} bytes that were encoded`, () => {
      assert.deepEqual(decodeLogo(encodeLogo(bytes)), bytes);
    });
  }

  it("reads what other gzip programs write, in wrapped base64", () => {
    const wrapped = gzipSync(SVG, { level: 1 }).toString("base64").replace(/.{76}/g, "$&\n");
    assert.deepEqual(decodeLogo(`${wrapped}\n`), SVG);
  });

  const cases: [what: string, encoded: string][] = [
    ["nothing", ""],
    ["no base64", "<svg/>"],
    ["URL-safe base64", "H4sI-_8"],
    ["a wrong length", encodeLogo(SVG).slice(0, -1)],
    ["base64 of no gzip", SVG.toString("base64")],
    ["a cut gzip stream", Buffer.from(encodeLogo(SVG), "base64").subarray(0, -5).toString("base64")],
  ];
  for (const [what, encoded] of cases) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => decodeLogo(encoded),
        (error: unknown) => error instanceof LogoError && error.code === "not_encoded",
      );
    });
  }

  it("refuses a damaged stream", () => {
    const gzip = Buffer.from(encodeLogo(SVG), "base64");
    gzip.writeUInt8(gzip.readUInt8(gzip.length - 6) ^ 1, gzip.length - 6);
    assert.throws(() => decodeLogo(gzip.toString("base64")), /not a gzip stream/);
  });

  it("stops inflating at the limit", () => {
    const bomb = encodeLogo(Buffer.alloc(50 * 1024 * 1024));
    assert.throws(
      () => decodeLogo(bomb),
      (error: unknown) => error instanceof LogoError && error.code === "too_large",
    );
    assert.equal(decodeLogo(encodeLogo(Buffer.alloc(MAX_DECODED_BYTES))).length, MAX_DECODED_BYTES);
    assert.throws(() => decodeLogo(encodeLogo(SVG), SVG.length - 1), /more than/);
  });
});
