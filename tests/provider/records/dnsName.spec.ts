import assert from "node:assert/strict";
import { canonicalDnsName, dnsNameProblem, isSubdomain, longestZone } from "../../../provider/records/dnsName";

describe("canonicalDnsName", () => {
  const cases: [given: string, canonical: string][] = [
    ["example.com", "example.com"],
    ["  Example.COM. ", "example.com"],
    ["example.com..", "example.com."],
    ["bücher.example", "xn--bcher-kva.example"],
    ["BÜCHER.example.", "xn--bcher-kva.example"],
    ["例え。テスト", "xn--r8jz45g.xn--zckzah"],
    ["exa\u200bmple.com", "example.com"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    // Not an IPv4 address in the short form that URL parsers accept.
    ["1.2", "1.2"],
    ["not a näme", "not a näme"],
    ["", ""],
    [".", ""],
  ];
  for (const [given, canonical] of cases) {
    it(`${JSON.stringify(given)} -> ${JSON.stringify(canonical)}`, () => {
      assert.equal(canonicalDnsName(given), canonical);
    });
  }
});

describe("dnsNameProblem", () => {
  const label63 = "a".repeat(63);
  const name253 = [label63, label63, label63, "a".repeat(61)].join(".");

  describe("accepts a public name", () => {
    const names = [
      "example.com",
      "Mail.Example.COM.",
      "a-b.example.co.uk",
      "bücher.example",
      "xn--bcher-kva.example",
      "1and1.com",
      "123.example.com",
      `${label63}.com`,
      name253,
      "brand.test",
      "localhost.example.com",
    ];
    for (const name of names) {
      it(name.slice(0, 60), () => assert.equal(dnsNameProblem(name), undefined));
    }
  });

  describe("refuses, with the remedy,", () => {
    const cases: [what: string, name: string, problem: RegExp][] = [
      ["an empty name", "", /empty.*example\.com/],
      ["white space", "  ", /empty/],
      ["a lone dot", ".", /empty/],
      ["a wildcard", "*.example.com", /wildcard.*List each domain/],
      ["a wildcard within a label", "a*.example.com", /wildcard/],
      ["an IPv4 address", "192.0.2.1", /IP address/],
      ["an IPv6 address", "2001:db8::1", /IP address/],
      ["an IPv6 address in brackets", "[2001:db8::1]", /IP address/],
      ["an IPv4 network", "192.0.2.0/24", /IP address/],
      ["what looks like an IPv4 address", "300.1.2.3", /ends in a number/],
      ["a name with an underscore", "_dmarc.example.com", /"_".*_dmarc/],
      ["a BIMI record's name", "default._bimi.example.com", /"_".*default\._bimi/],
      ["a URL", "https://www.example.com/logo.svg", /URL\. Give only its host: www\.example\.com\./],
      ["a URL with a port and a user", "https://me@example.com:8443", /URL\. Give only its host: example\.com\./],
      ["a URL without scheme", "//example.com", /URL\. Give only its host: example\.com\./],
      ["an email address", "ceo@example.com", /email address\. Give only its domain: example\.com\./],
      ["a mailto link", "mailto:ceo@example.com", /email address\. Give only its domain: example\.com\./],
      ["a path", "example.com/bimi", /path\. Give only the host: example\.com\./],
      ["a port", "example.com:443", /port\. Give only the host: example\.com\./],
      ["a list", "example.com,example.org", /more than one name/],
      ["a list with spaces", "example.com example.org", /more than one name/],
      ["a single label", "example", /without a dot is internal/],
      ["localhost", "localhost", /without a dot is internal/],
      ["an internal name", "mail.corp", /\.corp are internal/],
      ["a multicast DNS name", "printer.local", /\.local are internal/],
      ["a reverse name", "1.2.0.192.in-addr.arpa", /in-addr\.arpa are internal/],
      ["a label of 64", `${"a".repeat(64)}.com`, /64 characters; DNS allows 63/],
      ["an empty label", "a..example.com", /label is empty/],
      ["a leading dot", ".example.com", /label is empty/],
      ["two trailing dots", "example.com..", /label is empty/],
      ["a leading hyphen", "-a.example.com", /hyphen/],
      ["a trailing hyphen", "a-.example.com", /hyphen/],
      ["a bad character", "exa$mple.com", /"\$" cannot be/],
      ["a bad A-label", "xn--a.com", /"xn--a" is not a valid A-label/],
      ["a name that IDNA refuses", "xn--ü.example", /not a valid internationalised/],
    ];
    for (const [what, name, problem] of cases) {
      it(what, () => assert.match(dnsNameProblem(name) ?? "no problem", problem));
    }

    it("a name of 254 characters with short labels", () => {
      const name = `${"ab.".repeat(84)}ab`;
      assert.equal(name.length, 254);
      assert.match(dnsNameProblem(name) ?? "", /254 characters; DNS allows 253/);
    });
  });
});

describe("isSubdomain", () => {
  const cases: [name: string, of: string, is: boolean][] = [
    ["example.com", "example.com", true],
    ["mail.example.com", "example.com", true],
    ["a.b.example.com", "EXAMPLE.com.", true],
    ["badexample.com", "example.com", false],
    ["example.com", "mail.example.com", false],
    ["bücher.example", "xn--bcher-kva.example", true],
    ["example.com", "", false],
    ["example.com", ".", false],
  ];
  for (const [name, of, is] of cases) {
    it(`${name} ${is ? "is" : "is not"} within ${of || '""'}`, () => assert.equal(isSubdomain(name, of), is));
  }
});

describe("longestZone", () => {
  it("is the nearest zone at or above the name", () => {
    const zones = ["example.com", "mail.example.com", "com", "example.org"];
    assert.equal(longestZone("a.mail.example.com", zones), "mail.example.com");
    assert.equal(longestZone("mail.example.com", zones), "mail.example.com");
    assert.equal(longestZone("www.example.com", zones), "example.com");
    assert.equal(longestZone("example.org", [...zones].reverse()), "example.org");
  });

  it("is undefined without one", () => {
    assert.equal(longestZone("example.net", ["example.com"]), undefined);
    assert.equal(longestZone("notexample.com", ["example.com"]), undefined);
    assert.equal(longestZone("example.com", []), undefined);
  });

  it("comes back spelled as given, so that it finds the zone's id", () => {
    assert.equal(longestZone("www.bücher.example", ["Bücher.example."]), "Bücher.example.");
  });
});
