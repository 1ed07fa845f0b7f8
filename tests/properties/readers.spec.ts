import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { readLogotype } from "../../provider/certificate/logotype";
import { logotypeOf, parseCertificate, parsePem } from "../../provider/certificate/parse";
import { verifyMarkCertificate } from "../../provider/certificate/verify";
import { configurationOf, readStackState, stacksOf } from "../../provider/cli/stackState";
import { BimiError } from "../../provider/context";
import { decodeLogo, encodeLogo, fixLogo, LogoError, lintLogo, readLogo } from "../../provider/logo";
import { drawingOf } from "../../provider/logo/drawing";
import { problemsOf } from "../../provider/logo/lint";
import { parseLogo, svgRoot } from "../../provider/logo/parse";
import { treeOf } from "../../provider/logo/tree";
import {
  assertionUrlProblem,
  assertionUrlWarning,
  bimiAssertion,
  bimiRecordName,
  canonicalDnsName,
  dcvRecordFor,
  dcvRecords,
  dnsNameProblem,
  httpTokenFile,
  isSubdomain,
  longestZone,
  parseBimiAssertion,
  parseTxtContent,
  selectorProblem,
  txtCharacterStrings,
  txtContent,
} from "../../provider/records";
import { forgeChain } from "../provider/certificate/forge";
import { svg } from "../simulator/certcentral";
import { damaged, garbled } from "./bytes";
import { type Any, assertLinear, assertReadable, json, mutated, patience, plain, runs, strings } from "./support";

const fixtures = path.join(process.cwd(), "tests/fixtures");
const anything = fc.oneof(fc.constantFrom(...strings), fc.string({ maxLength: 20 }));

describe("SVG, generated", function () {
  this.timeout(patience);
  const folder = path.join(fixtures, "svg");
  const files = readdirSync(folder).filter((file) => file.endsWith(".svg"));
  const real = [svg(), ...files.map((file) => readFileSync(path.join(folder, file)))].filter(
    ({ length }) => length < 3000,
  );
  const pieces = [
    "<",
    ">",
    "/",
    "&",
    ";",
    '"',
    "'",
    "=",
    "<title>",
    "</title>",
    "</svg>",
    "<svg>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?x ",
    "?>",
    "<!DOCTYPE x [",
    "]>",
    "<!ENTITY a '&a;'>",
    "&a;",
    "&#0;",
    "&#x110000;",
    "xmlns:a=''",
    " a:b='c'",
    "xmlns='x'",
    "\u0000",
    "\ufeff",
    "\ud800",
    "é",
    "<a:b/>",
    "<script/>",
    "<title>a</title>",
    "<desc/>",
    "<g>",
    "</g>",
    '<use xlink:href="#a"/>',
    "<style>.a{fill:red;opacity:.5}</style>",
    "<metadata><rdf/></metadata>",
    "<?pi a?>",
    '<e:f xmlns:e="e" id="a"/>',
    ' xmlns:xlink="http://www.w3.org/1999/xlink"',
    ' id="a"',
    ' id="1"',
    ' class="a"',
    ' style="fill:red;stroke:none"',
    ' opacity="0.5"',
    ' fill="url(#1)"',
    ' href="#1"',
    ' onclick="a"',
    ' x="1"',
    ' preserveAspectRatio="none"',
    "\r\n",
  ];
  // Most probes have one colour, which is an error of its own.
  const markup = garbled(
    real.map((bytes) => bytes.toString().replace("</svg>", '<circle cx="5" cy="5" r="3" fill="#c00"/></svg>')),
    pieces,
  );

  const css = "fill:red|stroke:none|opacity:.5|opacity:1|clip-path:url(#a)|fill-opacity:1|x:1|font-weight:700".split(
    "|",
  );
  const attributes = fc.uniqueArray(
    fc
      .oneof(
        fc.tuple(fc.constantFrom("id", "xml:id"), fc.constantFrom("a", "b", "1", "_1", "1 a", "")),
        fc.tuple(fc.constantFrom("href", "xlink:href", "l:href"), fc.constantFrom("#a", "#b", "#1", "#1 a", "b#a", "")),
        fc.tuple(fc.constantFrom("fill", "stroke", "clip-path"), fc.constantFrom("none", "red", "url(#a)", "url(#1)")),
        fc.tuple(
          fc.constant("style"),
          fc.array(fc.constantFrom(...css), { maxLength: 3 }).map((all) => all.join(";")),
        ),
        fc.tuple(fc.constant("class"), fc.constantFrom("a", "b", "a b", "")),
        fc.tuple(fc.constantFrom("opacity", "fill-opacity"), fc.constantFrom("1", "0.5", "50%")),
        fc.tuple(
          fc.constantFrom("version", "baseProfile", "VERSION", "BaseProfile"),
          fc.constantFrom("1.2", "tiny-ps"),
        ),
        fc.tuple(
          fc.constantFrom(
            "x",
            "e:y",
            "data-a",
            "onload",
            "zoomAndPan",
            "font-weight",
            "xml:base",
            "xmlns:e",
            "xlink:title",
          ),
          fc.constantFrom("1", "700", "disable", "urn:e"),
        ),
      )
      .filter(([name, value]) => name !== "xml:id" || value !== ""),
    { selector: ([name]) => name, maxLength: 4 },
  );
  const texts = fc.constantFrom(
    "",
    "",
    "",
    "Acme",
    " ",
    `.a{${css[0]}}`,
    `.a,.b{${css[2]}}`,
    "<!-- a -->",
    "<?a?>",
    "\r\n",
  );
  const names =
    "g g g path path line use title desc metadata style defs stop text tspan mask symbol a script image e:f".split(" ");
  const around = (children: fc.Arbitrary<string[]>) =>
    fc
      .tuple(fc.constantFrom(...names), attributes, texts, children)
      .map(([name, has, text, within]) => tag(name, has, text + within.join("")));
  const leaf = around(fc.constant([]));
  const element = fc.oneof(
    leaf,
    around(fc.array(fc.oneof(leaf, around(fc.array(leaf, { maxLength: 2 }))), { maxLength: 3 })),
  );
  const tag = (name: string, has: [string, string][], content: string) =>
    `<${name}${has.map(([key, value]) => ` ${key}="${value}"`).join("")}${content === "" ? "/>" : `>${content}</${name}>`}`;
  /** Parses, and has faults of every kind. */
  const wellFormed = fc
    .tuple(
      fc.constantFrom(
        "",
        "\ufeff",
        '<?xml version="1.0" encoding="latin1"?>',
        "<!DOCTYPE svg>",
        "<?xml-stylesheet?>",
        "\r\n",
      ),
      attributes,
      fc.array(element, { maxLength: 5 }),
    )
    .map(([prolog, has, children]) => {
      const namespaces = ["", ":e", ":l", ":xlink"].map((suffix): [string, string] => [
        `xmlns${suffix}`,
        suffix === "" ? "http://www.w3.org/2000/svg" : suffix === ":e" ? "urn:e" : "http://www.w3.org/1999/xlink",
      ]);
      return prolog + tag("svg", [...namespaces, ...has.filter(([name]) => name !== "xmlns:e")], children.join(""));
    });

  const check = async (bytes: Buffer) => {
    const findings = await lintLogo(bytes);
    assert.ok(findings.length <= 200);
    for (const { ruleId, message, hint, line, column } of findings) {
      assert.match(ruleId, /^SVG-\d{3}$/);
      assertReadable(message, 400);
      if (hint !== undefined) assertReadable(hint, 400);
      if (line !== undefined) assert.ok(line >= 1 && column! >= 0);
    }
    const { root, format, xmlError } = parseLogo(bytes);
    assert.ok(root !== undefined || format || xmlError || findings.length > 0, "nothing said of what is no document");
    return findings;
  };

  it("is linted without a crash, in bounded words: bytes", async () => {
    await fc.assert(fc.asyncProperty(damaged(real), async (bytes) => void (await check(bytes))));
  });

  it("is linted without a crash, in bounded words: markup", async () => {
    let good = 0;
    await fc.assert(
      fc.asyncProperty(markup, async (text) => {
        if ((await check(Buffer.from(text))).every(({ severity }) => severity !== "error")) good++;
      }),
    );
    assert.ok(good > 100 && good < runs, `${good} were found to be good`);
  });

  /** All of them: of each rule, findings are no more than somebody reads. */
  const errorsIn = async (bytes: Buffer) => {
    const errors: string[] = [];
    for await (const { rule, problem } of problemsOf(parseLogo(bytes), {}, Number.POSITIVE_INFINITY)) {
      const isError = (problem.severity ?? rule.severity) === "error";
      // One colour is one error, whatever the background.
      if (isError) errors.push(rule.id === "SVG-026" ? rule.id : `${rule.id} ${problem.message.replace(/\d+/g, "0")}`);
    }
    return errors;
  };
  const checkFix = async (bytes: Buffer, title?: string) => {
    const options = title === undefined ? {} : { title };
    const fixed = await fixLogo(bytes, options);
    if (fixed.repaired.length === 0) assert.deepEqual(fixed.bytes, bytes);
    for (const { message, count } of fixed.repaired) {
      assertReadable(message, 400);
      assert.ok(count > 0);
    }
    assert.deepEqual(fixed.remaining, await lintLogo(fixed.bytes));
    const [before, after] = [parseLogo(bytes), parseLogo(fixed.bytes)];
    assert.ok(after.root || !before.root, "what parsed does so no more");
    // Before there is an svg element, most rules have nothing to say.
    if (svgRoot(before)) {
      const known = await errorsIn(bytes);
      // What was hidden may come to light: how many colours there are, and what refers to nothing.
      const isHidden = (error: string) =>
        (error === "SVG-026" && !drawingOf(before)) || / refers to #.*, and no element has that id/.test(error);
      const [{ ids }, now] = [treeOf(before), treeOf(after)];
      for (const id of ids.keys()) assert.ok(now.ids.has(id) || !now.references.has(id), `#${id} is gone`);
      for (const error of await errorsIn(fixed.bytes))
        assert.ok(known.includes(error) || isHidden(error), `new: ${error} in ${fixed.bytes}`);
    }
    const again = await fixLogo(fixed.bytes, options);
    assert.deepEqual(String(again.bytes), String(fixed.bytes));
    assert.deepEqual(again.repaired, []);
    return fixed.repaired.length;
  };

  it("is repaired without new errors, and once and for all: bytes", async () => {
    await fc.assert(
      fc.asyncProperty(damaged(real), async (bytes) => void (await checkFix(bytes))),
      { numRuns: Math.ceil(runs / 4) },
    );
  });

  it("is repaired without new errors, and once and for all: markup", async () => {
    await fc.assert(
      fc.asyncProperty(markup, async (text) => void (await checkFix(Buffer.from(text)))),
      { numRuns: Math.ceil(runs / 4) },
    );
  });

  it("is repaired without new errors, and once and for all: elements", async () => {
    let repaired = 0;
    await fc.assert(
      fc.asyncProperty(wellFormed, fc.constantFrom(undefined, "Acme & Co"), async (text, title) => {
        if ((await checkFix(Buffer.from(text), title)) > 0) repaired++;
      }),
      { numRuns: Math.ceil(runs / 2) },
    );
    assert.ok(repaired > runs / 4, `${repaired} were repaired`);
  });

  it("is read as itself or refused by readLogo", () => {
    fc.assert(
      fc.property(fc.oneof(anything, garbled([svg().toString()], pieces)), (logo) => {
        try {
          const { bytes, size } = readLogo(logo, "/nowhere");
          assert.equal(bytes.toString(), logo);
          assert.equal(bytes.length, size);
        } catch (error) {
          assert.ok(error instanceof LogoError, String(error));
          assertReadable(error.message, 1000);
        }
      }),
    );
  });

  it("comes out of its encoded form as it went in, and what is damaged is refused", () => {
    const encoded = real.map((bytes) => Buffer.from(encodeLogo(bytes)));
    fc.assert(fc.property(damaged(real), (bytes) => assert.deepEqual(decodeLogo(encodeLogo(bytes)), bytes)));
    fc.assert(
      fc.property(fc.oneof(damaged(encoded).map(String), anything), (text) => {
        try {
          assert.ok(decodeLogo(text).length <= 256 * 1024);
        } catch (error) {
          assert.ok(error instanceof LogoError, String(error));
          assertReadable(error.message);
        }
      }),
    );
  });

  /** Of all rules, by the thousand. */
  const breaches: ((n: number) => string)[] = [
    "<title>a</title>",
    "<desc/>",
    "<metadata/>",
    "<script/>",
    "<image/>",
    "<a>",
    "<symbol>",
    "<mask id='a'/>",
    "<style/>",
    "<e:f xmlns:e='e'/>",
    "<use href='#a'/>",
    "<g id='1'/><use href='#1'/>",
    "<path opacity='.5'/>",
    "<path style='fill:red'/>",
    "<g opacity='1' class=''>",
    "<?a?>",
    "<!-- inkscape -->",
    "a<g/>",
    "\r\n",
    "<g fill='url(#a)' stroke='url(b)'/>",
  ].map((piece) => (n) => {
    const times = Math.ceil(n / piece.length);
    const name = /^<([a-z]+)[^/]*>$/.exec(piece)?.[1];
    const most = name ? Math.min(times, 400) : times;
    return piece.repeat(most) + (name && !piece.includes("</") ? `</${name}>`.repeat(most) : "");
  });
  breaches.push(
    (n) => `<path style="${"fill:red;".repeat(n / 9)}"/>`,
    (n) => `<path style="fill:${" ".repeat(n)}x"/>`,
    (n) => `<path fill="${"url(".repeat(n / 4)}"/>`,
    (n) => `<path fill="${"url(a)".repeat(n / 6)}"/>`,
    (n) => `<path about="${"İ".repeat(n / 3)}${"url(a)İ".repeat(n / 9)}"/>`,
    (n) => `<path fill="${"\\75".repeat(n / 3)}"/>`,
    (n) => `<path class="${"a ".repeat(n / 2)}"/>`,
    (n) => `<path id="${"a".repeat(n)} "/>`,
    (n) => `<title>${" a".repeat(n / 2)}</title>`,
    (n) => `<style>${".a{fill:red}".repeat(n / 24)}</style>${'<path class="a"/>'.repeat(n / 34)}`,
    (n) => `<style>${"/* ".repeat(n / 3)}</style>`,
    (n) => `<style>${"{".repeat(n)}</style>`,
    (n) => `<g style="${"a".repeat(n / 2)}:b">${"<path opacity='.5'/>".repeat(n / 40)}</g>`,
    (n) => `<g>${"<!-- a -->".repeat(n / 10)}x</g>`,
    (n) => {
      const depth = Math.min(n / 50, 480);
      return "<symbol>".repeat(depth) + '<g id="a"/>'.repeat(n / 15) + "</symbol>".repeat(depth);
    },
    (n) => '<g id="a"/><metadata/><use href="#a"/>'.repeat(n / 38),
    (n) => Array.from({ length: n / 35 }, (_, at) => `<g id="a${at}" fill="url(#a${at})"/><metadata/>`).join(""),
  );

  it("takes no more than twice the time to repair when it is twice as long", async () => {
    for (const make of breaches)
      await assertLinear((n) => {
        const bytes = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${make(n)}</svg>`);
        return () => fixLogo(bytes);
      }, 8_000);
  });

  it("takes no more than twice the time to lint when it is twice as long", async () => {
    const makers: ((n: number) => string)[] = [
      (n) => "<g>".repeat(n),
      (n) => "<title/>".repeat(n),
      (n) => " a='b'".repeat(n),
      (n) => "&".repeat(n),
      (n) => "&a;".repeat(n),
      (n) => "\r\n<".repeat(n),
      (n) => "<!--".repeat(n),
      (n) => "<![CDATA[".repeat(n),
      (n) => `<g ${Array.from({ length: n / 4 }, (_, at) => `xmlns:a${at}='x'`).join(" ")}/>`,
      (n) => `<g ${Array.from({ length: n / 4 }, (_, at) => `a${at}='x'`).join(" ")}/>`,
      (n) => `<${"a".repeat(n)}/>`,
      (n) => `<!DOCTYPE ${"x".repeat(n)}`,
      (n) => `<!DOCTYPE svg [${"<!ENTITY a 'a'>".repeat(n / 8)}]>`,
    ];
    const lint = (make: (n: number) => string) => (n: number) => {
      const bytes = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${make(n)}</svg>`);
      return () => lintLogo(bytes);
    };
    // Up to the most that is read of a logo.
    for (const make of breaches) await assertLinear(lint(make), 32_000);
    for (const make of makers) await assertLinear(lint(make), 16_000);
  });
});

describe("certificates, generated", function () {
  this.timeout(patience);
  let chain: Awaited<ReturnType<typeof forgeChain>>;
  let der: Buffer;
  before(async () => {
    chain = await forgeChain();
    der = new X509Certificate(chain.leaf.pem).raw;
  });

  it("are parsed or refused: DER", () => {
    let parsed = 0;
    fc.assert(
      fc.property(damaged([der]), (bytes) => {
        const pem = `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64")}\n-----END CERTIFICATE-----\n`;
        const { certificates, problems, otherBlocks } = parsePem(pem);
        assert.equal(certificates.length + problems.length, 1);
        assert.deepEqual(otherBlocks, []);
        for (const problem of problems) assertReadable(problem, 400);
        for (const certificate of certificates) {
          const { notBefore, notAfter, dnsNames } = certificate;
          const logotype = logotypeOf(certificate);
          parsed++;
          assert.ok(notBefore.toISOString() && notAfter.toISOString());
          assert.deepEqual(plain(dnsNames), dnsNames);
          if (logotype) ignoringOnly("LogotypeError", () => readLogotype(logotype));
        }
      }),
    );
    assert.ok(parsed > 1000 && parsed < runs, `${parsed} were parsed`);
  });

  it("are parsed or refused: PEM", () => {
    const pieces = [
      "-----BEGIN CERTIFICATE-----\n",
      "-----END CERTIFICATE-----\n",
      "-----BEGIN ",
      "-----",
      "-",
      "=",
      "\r\n",
      "\u0000",
      "é",
      "-----BEGIN RSA PRIVATE KEY-----",
      "-----BEGIN \u001b-----",
      "AA==",
    ];
    const texts = fc.oneof(
      garbled([chain.leaf.pem], pieces),
      fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((all) => all.join("")),
      anything,
    );
    fc.assert(
      fc.property(texts, (text) => {
        const { problems, otherBlocks } = parsePem(text);
        for (const problem of problems) assertReadable(problem, 400);
        for (const label of otherBlocks) assertReadable(label, 100);
      }),
    );
  });

  it("are verified only unharmed", async () => {
    const input = { roots: [chain.root.pem], at: new Date("2026-06-01"), dnsNames: ["example.com"] };
    const intact = new X509Certificate(chain.leaf.pem).raw;
    assert.ok((await verifyMarkCertificate({ ...input, pem: chain.pem })).ok);
    await fc.assert(
      fc.asyncProperty(damaged([der]), async (bytes) => {
        const leaf = `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64")}\n-----END CERTIFICATE-----\n`;
        const {
          ok,
          findings,
          leaf: described,
        } = await verifyMarkCertificate({ ...input, pem: leaf + chain.intermediate.pem + chain.root.pem });
        assert.ok(!ok || bytes.subarray(0, intact.length).equals(intact), "a damaged certificate verifies");
        for (const { message } of findings) assertReadable(message, 600);
        assert.ok(ok || findings.length > 0);
        if (described) assert.ok(Date.parse(described.validTill));
      }),
      { numRuns: Math.ceil(runs / 10) },
    );
  });

  it("are refused as what they are not: anything for DER", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        assert.throws(() => parseCertificate(Buffer.from(bytes)), Error);
      }),
    );
  });
});

describe("names and records, generated", function () {
  this.timeout(patience);
  const names = ["example.com", "mail.example.com", "bücher.example", "xn--bcher-kva.example", "a.b.c.d.example.co.uk"];
  const pieces = [
    ".",
    "..",
    "-",
    "_",
    "*",
    " ",
    "@",
    ":",
    "/",
    "//",
    "[",
    "]",
    "xn--",
    "ü",
    "。",
    "\u200d",
    "\ud800",
    "\u0000",
    "1",
    "A",
    "\\",
    '"',
    ";",
    ",",
    "=",
  ];
  const name = fc.oneof(garbled(names, pieces), anything);

  it("have one spelling, which is spelled the same again, or a reason", () => {
    let good = 0;
    fc.assert(
      fc.property(name, name, (one, other) => {
        const problem = dnsNameProblem(one);
        const canonical = canonicalDnsName(one);
        if (problem === undefined) {
          good++;
          assert.match(canonical, /^[a-z0-9.-]{3,253}$/);
          assert.equal(canonicalDnsName(canonical), canonical);
          assert.equal(dnsNameProblem(canonical), undefined);
          assert.ok(isSubdomain(one, canonical) && isSubdomain(`x.${canonical}`, one));
        } else assert.ok(problem.length > 0);
        const zone = longestZone(one, [other, canonical]);
        assert.ok(zone === undefined || isSubdomain(one, zone));
        bimiRecordName(one, other);
        const bad = selectorProblem(one, other);
        if (bad === undefined) assert.match(one, /^[a-z0-9.-]+$/i);
      }),
    );
    assert.ok(good > 1000);
  });

  it("of BIMI say what they were made of, and what others made is read or refused", () => {
    const urls = ["https://example.com/logo.svg", "https://a_b.example.com:8443/x;y,z.pem?q#f", "http://example.com"];
    const url = fc.oneof(garbled(urls, pieces), anything);
    const records = garbled(
      ["v=BIMI1; l=https://example.com/l.svg; a=https://example.com/a.pem;", "v=BIMI1; l=; a=;"],
      [...pieces, "l=", "a=", "v=", "__proto__=1;"],
    );
    fc.assert(
      fc.property(url, url, fc.oneof(records, anything), (logoUrl, certificateUrl, text) => {
        if (assertionUrlProblem(logoUrl) === undefined && assertionUrlProblem(certificateUrl) === undefined) {
          assertionUrlWarning(logoUrl, "logo");
          const read = parseBimiAssertion(bimiAssertion({ logoUrl, certificateUrl }));
          assert.equal(new URL(read.logoUrl).host, new URL(logoUrl).host);
          assert.equal(decodeSeparators(read.logoUrl), decodeSeparators(logoUrl));
        }
        try {
          const { tags } = parseBimiAssertion(text);
          assert.equal(tags.v, "BIMI1");
        } catch (error) {
          assertReadable((error as Error).message.replaceAll(/[\r\n\t]/g, " "), 1000);
          assert.match((error as Error).message, /BIMI record/);
        }
      }),
    );
  });

  it("of TXT come out of their content as they went in", () => {
    const text = fc.oneof(
      garbled(["v=BIMI1; l=; a=;", "x".repeat(300)], [...pieces, "\\123", "\\999", '" "']),
      anything,
    );
    fc.assert(
      fc.property(text, (text) => {
        const content = txtContent(text);
        assert.match(content, /^[\x20-\x7e]*$/);
        assert.ok(txtCharacterStrings(content).every(({ length }) => length <= 255));
        assert.equal(parseTxtContent(content), Buffer.from(text).toString());
        try {
          parseTxtContent(text);
        } catch (error) {
          assert.match((error as Error).message, /^TXT content is not a list of quoted strings at character \d+: /);
          assert.ok((error as Error).message.length < 200);
        }
      }),
    );
  });

  it("that prove control are one for each name, whatever DigiCert says of its domains", () => {
    const word = fc.option(fc.oneof(name, fc.constantFrom("pending", "active", "_token")), { nil: undefined });
    const domain = fc.record(
      {
        id: fc.nat(3),
        name: word,
        dnsName: word,
        token: word,
        status: word,
        verificationValue: word,
        httpTokenUrl: word,
      },
      { requiredKeys: [] },
    );
    const method = fc.constantFrom("dns-txt-token", "dns-cname-token") as fc.Arbitrary<"dns-txt-token">;
    fc.assert(
      fc.property(
        fc.array(domain, { maxLength: 5 }),
        method,
        fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }),
        (domains, method, dnsNames) => {
          const records = dcvRecords({ domains, method });
          assert.equal(new Set(records.map(({ name }) => name)).size, records.length);
          const each = [...new Set(dnsNames.map(canonicalDnsName))].map((dnsName) =>
            dcvRecordFor(dnsName, { domains, method, dnsNames }),
          );
          assert.equal(new Set(each.map(({ name, content }) => `${name} ${content}`)).size, each.length);
          for (const domain of domains) httpTokenFile(domain);
        },
      ),
    );
  });

  it("take no more than twice the time for twice as many or twice as long", async () => {
    const text = (make: (n: number) => string, use: (text: string) => unknown) =>
      assertLinear((n) => {
        const made = make(n);
        return () => use(made);
      }, 30_000);
    const attempt = (use: (text: string) => unknown) => (text: string) => {
      try {
        use(text);
      } catch {}
    };
    for (const piece of [
      "a",
      ".",
      "a.",
      "-",
      " ",
      "@",
      "[",
      "]",
      "/",
      ":",
      "_bimi.",
      "xn--",
      "ü",
      "\\",
      '"',
      '" ',
      ";",
      "=",
      "v=",
      "\n",
      "%",
    ])
      for (const use of [
        dnsNameProblem,
        canonicalDnsName,
        assertionUrlProblem,
        selectorProblem,
        txtContent,
        parseTxtContent,
        parseBimiAssertion,
      ]) {
        await text((n) => piece.repeat(n), attempt(use));
        await text((n) => `v=BIMI1; l=${piece.repeat(n)}a\nb`, attempt(use));
        await text((n) => `v=BIMI1; l =${piece.repeat(n)}a\nb`, attempt(use));
        await text((n) => `"${piece.repeat(n)}`, attempt(use));
      }
    await assertLinear((n) => {
      const domains = Array.from({ length: n }, (_, at) => ({
        id: at,
        dnsName: `a${at}.example.com`,
        name: `a${at}.example.com`,
        token: "t",
      }));
      return () => dcvRecords({ domains, method: "dns-txt-token" });
    }, 1000);
  });
});

describe("what the CLI reads, generated", function () {
  this.timeout(patience);
  const folder = path.join(fixtures, "state");
  const real: Any[] = readdirSync(folder).map(
    (file) => JSON.parse(readFileSync(path.join(folder, file), "utf8")).stack,
  );
  const keys =
    "deployment resources pending_operations urn type inputs outputs delete resource zoneId orderId domains".split(" ");
  const states = fc
    .oneof({ weight: 4, arbitrary: mutated(real) }, { weight: 1, arbitrary: json(keys) })
    .map((value) => {
      try {
        return JSON.stringify(value) ?? "";
      } catch {
        return "[";
      }
    });

  it("of a state is read or refused", () => {
    let read = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: states }, { weight: 1, arbitrary: anything }), (text) => {
        try {
          const state = readStackState(text, "state.json");
          assert.deepEqual(plain(state), state);
          read++;
        } catch (error) {
          assert.ok(error instanceof BimiError, String(error));
          assertReadable(error.message);
        }
      }),
    );
    assert.ok(read > 500, `${read} were read`);
  });

  it("of the Pulumi CLI is read or refused", async () => {
    const listed = json(["name", "current", "url", "value", "secret", "bimi:apiKey"]);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          listed.map((value) => JSON.stringify(value)),
          anything,
        ),
        async (text) => {
          for (const read of [() => stacksOf(async () => text), () => configurationOf(async () => text, undefined)]) {
            await read().catch((error) => {
              assert.ok(error instanceof BimiError, String(error));
              assertReadable(error.message);
            });
          }
        },
      ),
    );
  });
});

/** What may be thrown is an error of that name, in words that people can read. */
function ignoringOnly(name: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    assert.equal((error as Error).constructor.name, name, (error as Error).stack);
    assertReadable((error as Error).message, 600);
  }
}

function decodeSeparators(url: string): string {
  return url.replaceAll("%2C", ",").replaceAll("%3B", ";");
}
