import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { decodeLogo, encodeLogo, MAX_DECODED_BYTES } from "../../../provider/logo/encode";
import { LogoError } from "../../../provider/logo/errors";

const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><title>Ünit</title></svg>\r\n');

/** Enough of a logo for a compressor to have choices. */
const drawing = Buffer.from(
  `<svg>${Array.from({ length: 500 }, (_, n) => `<path d="M${(n * 7919) % 512} ${(n * 104_729) % 512}h${n % 7}z"/>`).join("\n")}</svg>`,
);

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

  // Written down, so that every Node.js and every machine that runs this is compared with the first.
  it("is the same everywhere", () => {
    assert.equal(
      encodeLogo(SVG),
      "H4sIAAAAAAAC/7MpLktXqMjNySu2VcooKSmw0tcvLy/XKzfWyy9K1zcyMDDQB6pQsrMpySzJSbU7PCcvs8RGH8KxAUnZ8XIBAJ1adBZEAAAA",
    );
    const sha256 = createHash("sha256").update(encodeLogo(drawing)).digest("hex");
    assert.equal(sha256, "5aa0229b0d84e1d9215ef9be97b0b73a9057f080e45db29a57c53b7aa14655cf");
  });
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
