import assert from "node:assert/strict";
import fc from "fast-check";
import { bimiAssertion, parseBimiAssertion } from "../../provider/records";
import { isAssertion, readAssertion, readAssertions } from "../../provider/records/assertionRules";
import { judgeDmarc, walkedNames } from "../../provider/records/dmarcRules";
import { garbled } from "./bytes";
import { assertReadable, patience, strings } from "./support";

const records = [
  bimiAssertion({ logoUrl: "https://example.com/logo.svg", certificateUrl: "https://example.com/logo.pem" }),
  "v=BIMI1; l=; a=; avp=brand; lps=news,brand-x",
  "v=BIMI1;l=https://a.example.com:8443/x.svg#y",
  "v=spf1 -all",
];
const pieces = [
  ";",
  "=",
  " ",
  ",",
  "v",
  "l",
  "a",
  "lps",
  "avp",
  "BIMI1",
  "https://",
  "%2C",
  "@",
  "#",
  "\u0000",
  "é",
  '"',
];
const text = fc.oneof(garbled(records, pieces), fc.constantFrom(...strings), fc.constant("x;".repeat(20_000)));

describe("BIMI records, generated", function () {
  this.timeout(patience);

  it("are read by the rules at least as strictly as by the parser, and never thrown at", () => {
    let good = 0;
    let refused = 0;
    fc.assert(
      fc.property(text, (txt) => {
        const { findings, logoUrl, certificateUrl } = readAssertion(txt);
        for (const { message, hint, ruleId } of findings) {
          assertReadable(message, 400);
          assert.ok(hint && /^DNS-\d{3}$/.test(ruleId));
        }
        const isRefused =
          !isAssertion(txt) || findings.some(({ ruleId, severity }) => severity === "error" && /00[348]$/.test(ruleId));
        try {
          const parsed = parseBimiAssertion(txt);
          // The parser forgives white space at the start and line ends, which receivers need not.
          if (/^\s|[^\S ]/.test(txt)) return;
          assert.equal(isRefused, false, JSON.stringify(findings));
          assert.deepEqual([logoUrl, certificateUrl], [parsed.logoUrl, parsed.certificateUrl]);
          good++;
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert.equal(isRefused, true, `${(error as Error).message}`);
          refused++;
        }
      }),
    );
    assert.ok(good > 100 && refused > 100, `${good} good, ${refused} refused`);
  });

  it("beside each other never give a URL to fetch unless exactly one is a record", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), (texts) => {
        const read = readAssertions(texts);
        if (texts.filter(isAssertion).length !== 1) assert.ok(!read?.logoUrl && !read?.certificateUrl);
        for (const { message } of read?.findings ?? []) assertReadable(message, 400);
      }),
    );
  });

  it("of DMARC are judged, whatever they are, in at most eight queries", () => {
    const policy = fc.oneof(
      garbled(
        ["v=DMARC1; p=reject; sp=none; pct=50; t=y; psd=n", "v=DMARC1; p=none; psd=y"],
        [";", "=", "p", "psd", " "],
      ),
      text,
    );
    const label = fc.constantFrom("a", "b", "example", "com", "x".repeat(63));
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 1, maxLength: 20 }),
        fc.array(fc.array(policy, { maxLength: 2 })),
        (labels, all) => {
          const domain = labels.join(".");
          const names = walkedNames(domain);
          assert.ok(names.length <= 8 && names[0] === domain && names.every((name) => domain.endsWith(name)));
          const { organizationalDomain, findings } = judgeDmarc(
            names.map((name, at) => ({ domain: name, texts: all[at] ?? [] })),
          );
          assert.ok(organizationalDomain === undefined || names.includes(organizationalDomain));
          for (const { message } of findings) assertReadable(message, 2000);
        },
      ),
    );
  });
});
