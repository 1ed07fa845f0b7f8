import assert from "node:assert/strict";
import {
  assertionUrlProblem,
  assertionUrlWarning,
  bimiAssertion,
  bimiRecordName,
  parseBimiAssertion,
  selectorProblem,
} from "../../../provider/records/bimi";

describe("bimiRecordName", () => {
  it("puts the selector and _bimi before the domain", () => {
    assert.equal(bimiRecordName("example.com"), "default._bimi.example.com");
    assert.equal(bimiRecordName("Example.com.", "Brand"), "brand._bimi.example.com");
    assert.equal(bimiRecordName("example.com", "2026.spring"), "2026.spring._bimi.example.com");
    assert.equal(bimiRecordName("bücher.example"), "default._bimi.xn--bcher-kva.example");
  });
});

describe("bimiAssertion", () => {
  const logoUrl = "https://example.com/logo.svg";
  const certificateUrl = "https://example.com/vmc.pem";

  it("holds both URLs", () => {
    assert.equal(bimiAssertion({ logoUrl, certificateUrl }), `v=BIMI1; l=${logoUrl}; a=${certificateUrl};`);
  });

  it("is self-asserted without a certificate", () => {
    assert.equal(bimiAssertion({ logoUrl }), `v=BIMI1; l=${logoUrl}; a=;`);
    assert.equal(bimiAssertion({ logoUrl, certificateUrl: "" }), `v=BIMI1; l=${logoUrl}; a=;`);
  });

  it("has an empty l= without a logo, and declines without both", () => {
    assert.equal(bimiAssertion({ certificateUrl }), `v=BIMI1; l=; a=${certificateUrl};`);
    assert.equal(bimiAssertion({}), "v=BIMI1; l=; a=;");
  });

  it("encodes what would end a URL, and nothing else", () => {
    assert.equal(
      bimiAssertion({ logoUrl: "https://example.com/a,b;c,d%20e.svg?x=1&y=2" }),
      "v=BIMI1; l=https://example.com/a%2Cb%3Bc%2Cd%20e.svg?x=1&y=2; a=;",
    );
  });
});

describe("assertionUrlProblem", () => {
  it("says the same however often it is asked", () => {
    const url = "https://bücher.example/lögo.svg";
    const answers = new Set(Array.from({ length: 20_000 }, () => assertionUrlProblem(url)));
    assert.equal(answers.size, 1);
    assert.match([...answers][0]!, /xn--bcher-kva/);
  });

  for (const url of [
    "https://example.com/logo.svg",
    "HTTPS://Example.com/logo.SVG",
    "https://example.com:8443/a/b/logo.svg?v=2",
    "https://cdn_1.example.com/logo.svg",
    "https://xn--bcher-kva.example/logo.svg",
    "https://example.com/a,b.svg",
  ]) {
    it(`accepts ${url}`, () => assert.equal(assertionUrlProblem(url), undefined));
  }

  const cases: [url: string, problem: RegExp][] = [
    ["", /empty/],
    ["http://example.com/logo.svg", /https only.*serve the file there/],
    ["ftp://example.com/logo.svg", /https only/],
    ["example.com/logo.svg", /https only/],
    ["/logo.svg", /https only/],
    ["data:image/svg+xml;base64,AAAA", /https only/],
    ["https:///logo.svg", /https only/],
    ["https://example.com/my logo.svg", /white space/],
    ["https://example.com/logo.svg\n", /white space/],
    ['https://example.com/"logo".svg', /holds "/],
    ["https://bücher.example/lögo.svg", /not ASCII.*https:\/\/xn--bcher-kva\.example\/l%C3%B6go\.svg/],
    ["https://user:secret@example.com/logo.svg", /user name or password/],
    ["https://192.0.2.1/logo.svg", /IP address/],
    ["https://[2001:db8::1]/logo.svg", /IP address/],
    ["https://0x7f.1/logo.svg", /IP address/],
    ["https://localhost/logo.svg", /fully qualified/],
    ["https://cdn.internal/logo.svg", /fully qualified/],
    ["https://example.com:99999/logo.svg", /not a valid URL/],
  ];
  for (const [url, problem] of cases) {
    it(`refuses ${JSON.stringify(url)}`, () => assert.match(assertionUrlProblem(url) ?? "no problem", problem));
  }

  it("does not repeat a password", () => {
    assert.doesNotMatch(assertionUrlProblem("https://user:secret@example.com/l.svg") ?? "", /secret/);
  });
});

describe("assertionUrlWarning", () => {
  it("is content with the usual extensions", () => {
    assert.equal(assertionUrlWarning("https://example.com/logo.svg", "logo"), undefined);
    assert.equal(assertionUrlWarning("https://example.com/logo.SVGZ?v=1", "logo"), undefined);
    assert.equal(assertionUrlWarning("https://example.com/vmc.pem", "certificate"), undefined);
  });

  it("names what some receivers refuse", () => {
    assert.match(assertionUrlWarning("https://example.com/logo.png", "logo") ?? "", /\.svg/);
    assert.match(assertionUrlWarning("https://example.com/vmc.crt", "certificate") ?? "", /\.pem/);
    assert.match(assertionUrlWarning("https://example.com:8443/logo.svg", "logo") ?? "", /port 8443/);
    assert.match(assertionUrlWarning("https://example.com/logo.svg#v2", "logo") ?? "", /fragment/);
  });
});

describe("selectorProblem", () => {
  for (const selector of ["default", "Brand-2", "a.b.c", "2026", "a".repeat(63)]) {
    it(`accepts ${selector}`, () => assert.equal(selectorProblem(selector, "example.com"), undefined));
  }

  const cases: [selector: string, problem: RegExp][] = [
    ["", /empty/],
    ["a..b", /label of the selector is empty/],
    [".a", /label of the selector is empty/],
    ["a.", /label of the selector is empty/],
    ["a_b", /letters and digits/],
    ["-a", /letters and digits/],
    ["a-", /letters and digits/],
    ["a b", /letters and digits/],
    ["ü", /letters and digits/],
    ["*", /letters and digits/],
    ["default._bimi", /only what stands before \._bimi/],
    ["default._bimi.example.com", /only what stands before \._bimi/],
    ["a".repeat(64), /64 characters; DNS allows 63/],
    [Array(4).fill("a".repeat(60)).join("."), /261 characters; DNS allows 253/],
  ];
  for (const [selector, problem] of cases) {
    it(`refuses ${JSON.stringify(selector.slice(0, 30))}`, () => {
      assert.match(selectorProblem(selector, "example.com") ?? "no problem", problem);
    });
  }
});

describe("parseBimiAssertion", () => {
  const logoUrl = "https://example.com/logo.svg";
  const certificateUrl = "https://example.com/vmc.pem";

  it("reads back what bimiAssertion writes", () => {
    for (const pair of [{ logoUrl, certificateUrl }, { logoUrl }, { certificateUrl }, {}]) {
      const { logoUrl: l, certificateUrl: a } = parseBimiAssertion(bimiAssertion(pair));
      assert.deepEqual({ l, a }, { l: pair.logoUrl ?? "", a: pair.certificateUrl ?? "" });
    }
  });

  it("takes spaces around tags, any order after v, an absent a= and unknown tags", () => {
    assert.deepEqual(parseBimiAssertion(`v = BIMI1 ;a=${certificateUrl};  avp=brand; l= ${logoUrl}`), {
      logoUrl,
      certificateUrl,
      tags: { v: "BIMI1", a: certificateUrl, avp: "brand", l: logoUrl },
    });
    assert.equal(parseBimiAssertion(`v=BIMI1; l=${logoUrl}`).certificateUrl, "");
  });

  const cases: [txt: string, problem: RegExp][] = [
    ["", /does not start with v=BIMI1/],
    ["v=spf1 -all", /does not start with v=BIMI1/],
    ["v=bimi1; l=;", /does not start with v=BIMI1/],
    ["V=BIMI1; l=;", /does not start with v=BIMI1/],
    ["l=; v=BIMI1;", /does not start with v=BIMI1/],
    ["v=BIMI1;", /without l=/],
    ["v=BIMI1; a=;", /without l=/],
    ["v=BIMI1; L=;", /without l=/],
    ["v=BIMI1; l=; l=;", /l= twice/],
    ["v=BIMI1; l=;; a=;", /not tag=value/],
    ["v=BIMI1; l=; nonsense", /not tag=value/],
    [`v=BIMI1; l=${logoUrl},${logoUrl}`, /more than one URL in l=/],
    ["v=BIMI1; l=http://example.com/logo.svg", /bad l=\. Mail receivers fetch https only/],
    [`v=BIMI1; l=${logoUrl}; a=https://192.0.2.1/x.pem`, /bad a=\. The host is an IP address/],
    ['"v=BIMI1; l=; a=;"', /does not start with v=BIMI1/],
  ];
  it("is no slower on a record made to be slow, and says no more than somebody reads", () => {
    const txt = `v=BIMI1; l=${" ".repeat(200_000)}a\nb\u001b`;
    assert.throws(
      () => parseBimiAssertion(txt),
      ({ message }: Error) => /not tag=value/.test(message) && message.length <= 1000 && !message.includes("\u001b"),
    );
  });

  for (const [txt, problem] of cases) {
    it(`refuses ${txt.slice(0, 60) || "an empty text"}`, () => assert.throws(() => parseBimiAssertion(txt), problem));
  }
});
