import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import {
  type Answered,
  chainFindings,
  hostingRules,
  logoFindings,
  sameUrlFinding,
  servingFindings,
} from "../../../provider/hosting";
import { type Forged, forge, forgeChain } from "../certificate/forge";

const url = "https://logo.example.com/logo.svg";
const good: Answered = {
  url,
  status: 200,
  contentType: "image/svg+xml",
  body: Buffer.from("<svg/>"),
  redirects: [],
  tls: "TLSv1.3",
  refusals: [],
};
/** As `error HOST-001`. */
const rulesOf = (findings: { ruleId: string; severity: string }[]) =>
  findings.map(({ ruleId, severity }) => `${severity} ${ruleId}`);

describe("how a file is served", () => {
  it("nothing is found where all is well", () => {
    assert.deepEqual(servingFindings("logo", good), []);
    assert.deepEqual(servingFindings("certificate", { ...good, contentType: "application/pem-certificate-chain" }), []);
    assert.deepEqual(servingFindings("certificate", { ...good, contentType: "text/plain" }), []);
  });

  const answers: [what: string, changes: Partial<Answered>, expected: string[], says: RegExp][] = [
    ["another status", { status: 404 }, ["error HOST-001"], /answers 404/],
    ["a wall for everybody", { status: 403 }, ["error HOST-001"], /403, to clients of any name/],
    ["a redirect", { redirects: ["https://a.example/"] }, ["warning HOST-002"], /redirects to https:\/\/a\.example\//],
    ["an old TLS version", { tls: "TLSv1.1" }, ["warning HOST-003"], /TLSv1\.1/],
    ["another media type", { contentType: "text/plain" }, ["warning HOST-004"], /as text\/plain/],
    [
      "a bot wall",
      { refusals: [{ userAgent: "pulumi-bimi/1", status: 403 }] },
      ["warning HOST-009"],
      /403 to the user agent pulumi-bimi\/1, and 200 to another/,
    ],
  ];
  for (const [what, changes, expected, says] of answers) {
    it(what, () => {
      const findings = servingFindings("logo", { ...good, ...changes });
      assert.deepEqual(rulesOf(findings), expected);
      assert.match(findings[0]!.message, says);
      assert.ok(findings[0]!.hint);
    });
  }

  it("no media type at all, and a chain as a web page", () => {
    const { contentType: _, ...without } = good;
    assert.deepEqual(rulesOf(servingFindings("logo", without)), ["warning HOST-004"]);
    assert.deepEqual(rulesOf(servingFindings("certificate", without)), []);
    assert.deepEqual(rulesOf(servingFindings("certificate", { ...good, contentType: "text/html" })), ["info HOST-004"]);
  });

  const failures = {
    url: "HOST-001",
    dns: "HOST-001",
    private: "HOST-001",
    network: "HOST-001",
    tls: "HOST-003",
    timeout: "HOST-005",
    too_large: "HOST-005",
    encoding: "HOST-005",
    redirect: "HOST-002",
  } as const;
  for (const [failure, ruleId] of Object.entries(failures)) {
    it(`a fetch that failed: ${failure}`, () => {
      const failed = { url, failure: failure as keyof typeof failures, message: "it did not work", redirects: [] };
      const [finding, ...others] = servingFindings("certificate", failed);
      assert.deepEqual([finding?.ruleId, finding?.severity, others], [ruleId, "error", []]);
      assert.match(finding!.message, /^The certificate at https:\S+ cannot be fetched: it did not work\.$/);
      assert.equal(finding!.spec, hostingRules[ruleId].spec);
    });
  }
});

describe("a served logo", () => {
  const ordered = Buffer.from('<?xml version="1.0"?>\n<svg>\n  <title>Acme</title>\n</svg>\n');

  const known = { sha256: createHash("sha256").update(ordered).digest("hex") };
  const differs = (served: Buffer | string, from: typeof known | Buffer = known) =>
    logoFindings(from, url, Buffer.from(served))[0];

  it("is the ordered one, byte for byte", () => {
    assert.deepEqual(logoFindings(ordered, url, ordered), []);
    assert.deepEqual(logoFindings(known, url, ordered), []);
    assert.deepEqual(logoFindings({ sha256: known.sha256.toUpperCase() }, url, ordered), []);
  });

  const text = ordered.toString();
  const variants: [what: string, served: string, says: RegExp][] = [
    ["CRLF", text.replaceAll("\n", "\r\n"), /only by line ends/],
    ["CR", text.replaceAll("\n", "\r"), /only by line ends/],
    ["a byte order mark", `\ufeff${text}`, /only by a byte order mark/],
    ["no final line end", text.trimEnd(), /only by white space/],
    ["more final line ends", `${text}\n\n`, /only by white space/],
    ["another title", text.replace("Acme", "Acne"), /another logo/],
    ["a web page", "<!DOCTYPE html><html></html>", /another logo/],
    ["nothing", "", /another logo/],
  ];
  for (const [what, served, says] of variants) {
    it(`with ${what} is named as such, by hash alone, too`, () => {
      for (const from of [known, ordered]) {
        const finding = differs(served, from);
        assert.deepEqual([finding?.ruleId, finding?.severity], ["HOST-006", "error"]);
        assert.match(finding!.message, says);
        assert.ok(finding!.message.includes(known.sha256));
      }
    });
  }

  it("without its line ends is named as such where the bytes are known", () => {
    const minified = text.replaceAll(/\n\s*/g, "");
    assert.match(differs(minified, ordered)!.message, /only by white space/);
    assert.match(differs(minified, known)!.message, /another logo/);
  });

  it("ordered with CRLF and served with LF is an error, too", () => {
    assert.match(differs(text, Buffer.from(text.replaceAll("\n", "\r\n")))!.message, /only by line ends/);
  });

  it("compressed is a warning, a bomb another logo", () => {
    assert.deepEqual(rulesOf([differs(gzipSync(ordered))!]), ["warning HOST-006"]);
    assert.match(differs(gzipSync(Buffer.alloc(10_000_000)))!.message, /another logo/);
  });

  it("of the longest size and the worst content is compared in no time", () => {
    const started = performance.now();
    assert.ok(differs(`${" ".repeat(65_000)}x`, ordered));
    assert.ok(differs("\r".repeat(65_000), ordered));
    assert.ok(performance.now() - started < 15_000, "what is quadratic takes minutes");
  });

  it("of other bytes is never taken for the ordered one", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.uint8Array({ maxLength: 50 }), (a, b) => {
        const isSame = Buffer.from(a).equals(b);
        const findings = logoFindings(a, url, b);
        assert.equal(findings.length === 0, isSame);
        assert.deepEqual(rulesOf(logoFindings(a, url, gzipSync(a))), ["warning HOST-006"]);
      }),
    );
  });
});

describe("a served chain", () => {
  let leaf: Forged;
  let intermediate: Forged;
  let root: Forged;
  let pem: string;
  before(async () => {
    ({ leaf, intermediate, root, pem } = await forgeChain());
  });
  const pemUrl = "https://logo.example.com/logo.pem";
  const found = (served: string, issued = pem) => chainFindings(issued, pemUrl, served);

  it("is the issued one, whatever its line ends and comments", () => {
    for (const served of [
      pem,
      pem.replaceAll("\n", "\r\n"),
      `subject=CN = Example\n\n${pem}\n# end\n`,
      pem.replaceAll("-----BEGIN", "\n\nissuer: somebody\n-----BEGIN"),
      `\ufeff${pem}`,
    ])
      assert.deepEqual(found(served), []);
  });

  it("with the same certificates in another order is an error, as it is to receivers", () => {
    for (const served of [
      root.pem + leaf.pem + intermediate.pem,
      intermediate.pem + leaf.pem,
      leaf.pem + root.pem + intermediate.pem,
    ]) {
      const [finding, ...others] = found(served);
      assert.deepEqual([...rulesOf([finding!]), others.length], ["error HOST-007", 0]);
      assert.match(finding!.message, /not each once from leaf to root/);
    }
    assert.deepEqual(rulesOf(found(root.pem + leaf.pem + intermediate.pem, leaf.pem + intermediate.pem)), [
      "error HOST-007",
    ]);
  });

  it("without the root, or with it, is good to know", () => {
    assert.deepEqual(rulesOf(found(leaf.pem + intermediate.pem)), ["info HOST-007"]);
    assert.deepEqual(rulesOf(found(pem, leaf.pem + intermediate.pem)), ["info HOST-007"]);
  });

  it("without the intermediate is an error that names it", () => {
    for (const served of [leaf.pem, leaf.pem + root.pem]) {
      const [finding] = found(served);
      assert.deepEqual(rulesOf([finding!]), ["error HOST-007"]);
      assert.match(finding!.message, /without "Test Mark CA"/);
    }
  });

  it("with a certificate more, or one twice, is an error", async () => {
    const other = await forge({ name: "Another CA", ca: true }, root);
    assert.match(found(pem + other.pem)[0]!.message, /more than the issued chain: "Another CA"/);
    for (const block of ["CERTIFICATE", "PKCS7"]) {
      const broken = `-----BEGIN ${block}-----\nAAAA\n-----END ${block}-----\n`;
      assert.match(found(pem + broken)[0]!.message, /more than the issued chain: "a block that is no readable/);
    }
    for (const twice of [intermediate.pem, root.pem]) {
      assert.deepEqual(rulesOf(found(pem + twice)), ["error HOST-007"]);
    }
  });

  it("with a root more that signed nothing of it is an error", async () => {
    for (const changes of [{ ca: true }, {}]) {
      const { pem: stranger } = await forge({ name: root.name, ...changes });
      for (const issued of [pem, leaf.pem + intermediate.pem]) {
        assert.deepEqual(rulesOf(found(issued + stranger, issued)), ["error HOST-007"]);
      }
    }
  });

  it("of another leaf names that one's number and end", async () => {
    const { pem: former } = await forgeChain({ leaf: { notAfter: new Date("2026-03-01T00:00:00Z") } });
    const [finding] = found(former);
    assert.deepEqual(rulesOf([finding!]), ["error HOST-007"]);
    assert.match(
      finding!.message,
      /another certificate: "Example, Inc\.", serial number [0-9A-F]+, valid until Mar {2}1/,
    );
  });

  it("that is none, or holds a private key, is an error", () => {
    assert.match(found("<html></html>")[0]!.message, /no certificate in PEM form/);
    assert.match(found(pem.replace(/M[A-Za-z0-9]{20}/g, "MIIC"))[0]!.message, /no certificate in PEM form/);
    const key = "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n";
    assert.match(found(key + pem)[0]!.message, /private key/);
  });

  it("real ones equal themselves only", () => {
    const dir = path.join(__dirname, "../../../../tests/fixtures/pem");
    const [cnn, xometry] = ["cnn.pem", "xometry_cmc.pem"].map((name) => readFileSync(path.join(dir, name), "utf8"));
    assert.deepEqual(found(cnn!, cnn!), []);
    assert.deepEqual(rulesOf(found(cnn!, xometry!)), ["error HOST-007"]);
  });

  it("with anything around it has no error in its order, and less than it always has one", () => {
    const noise = fc.string({ maxLength: 40 }).filter((text) => !text.includes("-----"));
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2]), fc.array(noise, { minLength: 4, maxLength: 4 }), (chosen, around) => {
        const parts = [leaf.pem, intermediate.pem, root.pem];
        const served = chosen.map((at, index) => `${around[index]}\n${parts[at]}`).join("") + around[3];
        const isWhole = chosen[0] === 0 && chosen[1] === 1;
        assert.equal(
          found(served).some(({ severity }) => severity === "error"),
          !isWhole,
        );
      }),
    );
  });

  it("under the URL of the one before is a warning", () => {
    assert.deepEqual(rulesOf([sameUrlFinding(pemUrl)]), ["warning HOST-008"]);
  });
});
