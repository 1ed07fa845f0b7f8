import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { encodeLogo } from "../../../provider/logo/encode";
import { lintLogo, rules } from "../../../provider/logo/lint";

const root = resolve(__dirname, "../../../..");

const START = '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 96 96">';
const SHAPES = '<rect width="96" height="96" fill="#036"/><circle cx="48" cy="48" r="30" fill="#fc0"/>';
const GOOD = `${START}<title>Acme</title>${SHAPES}</svg>`;

/** `SVG-007 1:1 message`, one for each finding. */
async function found(svg: string | Uint8Array): Promise<string[]> {
  return (await lintLogo(typeof svg === "string" ? Buffer.from(svg) : svg)).map(
    ({ ruleId, line, column, message }) => `${ruleId} ${line ?? "-"}:${column ?? "-"} ${message}`,
  );
}

describe("lintLogo", () => {
  describe("finds nothing in", () => {
    const cases: [what: string, svg: string][] = [
      ["a good logo", GOOD],
      ["one with an XML declaration", `<?xml version="1.0" encoding="utf-8" standalone="no"?>\n${GOOD}\n`],
      ["one with comments and white space before the title", GOOD.replace("<title>", "\n <!-- x -->\n <title>")],
      ["one with a namespace prefix", GOOD.replaceAll(/<(\/?)(?=\w)/g, "<$1s:").replace("xmlns=", "xmlns:s=")],
      ["one with a CDATA title", GOOD.replace("Acme", "<![CDATA[Acme & Co]]>")],
      ["one with predefined entities", GOOD.replace("Acme", "Acme &amp; &#67;o")],
    ];
    for (const [what, svg] of cases) it(what, async () => assert.deepEqual(await await found(svg), []));

    it("the logos of the examples", async () => {
      for (const example of ["vmc-cloudflare", "cmc-cloudflare"]) {
        const bytes = readFileSync(join(root, "examples", example, "logo.svg"));
        assert.deepEqual(await lintLogo(bytes), [], example);
        assert.ok(bytes.length < 1024 && !bytes.includes("\r"), example);
      }
    });
  });

  describe("names what is wrong, and where:", () => {
    const cases: [what: string, svg: string | Uint8Array, expected: string[]][] = [
      // SVG-001
      ["nothing", "", ["SVG-001 1:1 The logo cannot be read as XML: document must contain a root element."]],
      ["text", "hello", ["SVG-001 1:1 The logo cannot be read as XML: text data outside of root node."]],
      [
        "a tag that is not closed",
        GOOD.replace("</title>", ""),
        [
          `SVG-001 1:${GOOD.length - "</title></svg>".length + 1} The logo cannot be read as XML: unexpected close tag.`,
        ],
      ],
      [
        "a file that was cut",
        GOOD.slice(0, -6),
        [`SVG-001 1:${GOOD.length - 6} The logo cannot be read as XML: unclosed tag: svg`],
      ],
      [
        "an attribute given twice",
        `${GOOD.replace("<rect", '\n<rect width="1"')}`,
        ["SVG-001 2:17 The logo cannot be read as XML: duplicate attribute: width."],
      ],
      [
        "an entity of HTML",
        GOOD.replace("Acme", "&nbsp;"),
        ["SVG-001 1:104 The logo cannot be read as XML: undefined entity."],
      ],
      [
        "an unbound prefix",
        GOOD.replace("<rect", "\n\n<rect xlink:href='#a'"),
        ['SVG-001 3:7 The logo cannot be read as XML: unbound namespace prefix: "xlink".'],
      ],
      [
        "an unbound prefix in a tag of several lines",
        `${START}\n<path\n  id="a:b"\n  inkscape:label="x"\n  d="M0 0"\n  inkscape:a="y" />`,
        ['SVG-001 4:3 The logo cannot be read as XML: unbound namespace prefix: "inkscape".'],
      ],
      [
        "an element with an unbound prefix",
        `${START}\n <sodipodi:namedview\n  sodipodi:id="a"/>`,
        ['SVG-001 2:2 The logo cannot be read as XML: unbound namespace prefix: "sodipodi".'],
      ],
      [
        "text behind the root",
        `${GOOD}<!-- a -->\n  so > what\nof it\n`,
        ["SVG-001 2:3 The logo cannot be read as XML: text data outside of root node."],
      ],
      [
        "text before the root",
        `\uFEFF<?xml version="1.0"?>\n<!-- a -->\nso\n${GOOD}`,
        ["SVG-001 3:1 The logo cannot be read as XML: text data outside of root node."],
      ],
      [
        "an attribute given twice, by two prefixes",
        `${START}<g xmlns:a="urn:a"\n xmlns:b="urn:a"\n a:c=""\n b:c=""\n d="" />`,
        ["SVG-001 4:2 The logo cannot be read as XML: duplicate attribute: {urn:a}c."],
      ],
      [
        "two roots",
        `${GOOD}<svg/>`,
        [`SVG-001 1:${GOOD.length + 1} The logo cannot be read as XML: documents may contain only one root.`],
      ],
      [
        "bytes that are not UTF-8",
        Buffer.from("<svg>\xfc</svg>", "latin1"),
        ["SVG-001 -:- The logo is not UTF-8 text."],
      ],
      [
        "another encoding in the declaration",
        `<?xml version="1.0" encoding="ISO-8859-1"?>${GOOD}`,
        ["SVG-001 1:1 The XML declaration names the encoding ISO-8859-1."],
      ],
      [
        "what is white space in XML 1.1 only",
        `<?xml version="1.1"?>${GOOD.replace(" version", "\u0085version")}`,
        ["SVG-001 1:61 The logo cannot be read as XML: disallowed character in attribute name."],
      ],
      ["a PNG", Buffer.from("\x89PNG", "latin1"), ["SVG-001 -:- The logo is a PNG image, whatever its name ends in."]],
      // SVG-002
      [
        "a DOCTYPE",
        `<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">\n${GOOD}`,
        ["SVG-002 2:1 The logo has a DOCTYPE declaration, which can name external files and entities."],
      ],
      [
        "entities of its own, and nothing more",
        `<!DOCTYPE svg [<!ENTITY a "Acme">]>${GOOD.replace("Acme", "&a;")}`,
        ["SVG-002 1:1 The logo has a DOCTYPE declaration, which can name external files and entities."],
      ],
      // SVG-004, SVG-005
      [
        "too many bytes",
        GOOD.padEnd(32_769),
        ["SVG-004 -:- The logo has 32769 bytes; mail receivers show at most 32768."],
      ],
      ["an .svgz", gzipSync(GOOD), ["SVG-005 -:- The logo is gzip-compressed (.svgz)."]],
      // SVG-006
      [
        "a web page",
        "<html xmlns='http://www.w3.org/1999/xhtml'><body><br></body></html>",
        ["SVG-001 -:- The logo is an HTML page, whatever its name ends in."],
      ],
      [
        "a web page after a comment",
        "<!-- saved --><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
        ["SVG-006 1:15 The root element is html, not svg."],
      ],
      [
        "an svg element without namespace",
        GOOD.replace(' xmlns="http://www.w3.org/2000/svg"', ""),
        ["SVG-006 1:1 The root element svg is in no namespace."],
      ],
      [
        "an svg element of another namespace",
        GOOD.replace("2000/svg", "2000/SVG"),
        ["SVG-006 1:1 The root element svg is in the namespace http://www.w3.org/2000/SVG."],
      ],
      // SVG-007, SVG-008
      ["SVG 1.1", GOOD.replace('"1.2"', '"1.1"'), ['SVG-007 1:41 version is "1.1", not "1.2".']],
      ["no version", GOOD.replace(' version="1.2"', ""), ["SVG-007 1:1 The svg element has no version."]],
      [
        "SVG Tiny",
        `<?xml version="1.0"?>\n  ${GOOD.replace("tiny-ps", "tiny")}`,
        ['SVG-008 2:57 baseProfile is "tiny", not "tiny-ps".'],
      ],
      ["another case", GOOD.replace("tiny-ps", "Tiny-PS"), ['SVG-008 1:55 baseProfile is "Tiny-PS", not "tiny-ps".']],
      [
        "a misspelt attribute",
        GOOD.replace("baseProfile", "baseprofile"),
        ["SVG-008 1:55 The svg element has baseprofile where baseProfile is required."],
      ],
      [
        "attributes of another namespace only",
        GOOD.replace("version=", 'xmlns:x="urn:x" x:version='),
        [
          "SVG-007 1:1 The svg element has no version.",
          "SVG-015 1:57 x:version is not allowed on svg: it is of urn:x.",
          "SVG-030 1:41 xmlns:x declares the namespace urn:x.",
        ],
      ],
      // SVG-009, SVG-010
      ["no title", GOOD.replace("<title>Acme</title>", ""), ["SVG-009 1:1 The logo has no title."]],
      [
        "a title in a group only",
        GOOD.replace("<title>Acme</title>", "<g><title>Acme</title></g>"),
        ["SVG-009 1:1 The logo has no title.", "SVG-014 1:100 title is not allowed in g."],
      ],
      [
        "a title of another namespace",
        GOOD.replace("<title>", '<x:title xmlns:x="urn:x">').replace("</title>", "</x:title>"),
        [
          "SVG-009 1:1 The logo has no title.",
          "SVG-014 1:97 x:title is not allowed: it is no element of SVG, but of urn:x.",
          "SVG-030 1:106 xmlns:x declares the namespace urn:x.",
        ],
      ],
      [
        "two titles",
        GOOD.replace("</svg>", "\n <title>Acme</title></svg>"),
        ["SVG-009 2:2 The logo has more than one title."],
      ],
      [
        "a title that is not first",
        GOOD.replace("<title>Acme</title>", "").replace("</svg>", "\n<title>Acme</title></svg>"),
        ["SVG-009 2:1 The title is not the first element inside svg."],
      ],
      ["an empty title", GOOD.replace("Acme", " \n "), ["SVG-010 1:97 The title is empty."]],
      [
        "a title that closes itself",
        GOOD.replace("<title>Acme</title>", "<title/>"),
        ["SVG-010 1:97 The title is empty."],
      ],
      // Several at once, in the order of the rules.
      [
        "an SVG of Illustrator",
        '<svg version="1.1" xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
        [
          'SVG-007 1:6 version is "1.1", not "1.2".',
          "SVG-008 1:1 The svg element has no baseProfile.",
          "SVG-009 1:1 The logo has no title.",
          "SVG-022 1:1 The svg element has no viewBox, so that its drawing cannot be scaled.",
          "SVG-026 1:55 Everything that the logo draws is #000000: one colour, where two are required.",
        ],
      ],
    ];
    for (const [what, svg, expected] of cases) it(what, async () => assert.deepEqual(await await found(svg), expected));
  });

  it("gives every error a hint", async () => {
    for (const svg of ["", "<svg/>", GOOD.replace("1.2", "1"), GOOD.replace("Acme", ""), `<!DOCTYPE svg>${GOOD}`]) {
      for (const finding of await lintLogo(Buffer.from(svg))) {
        assert.equal(finding.severity, "error");
        assert.ok(finding.hint, finding.message);
      }
    }
  });

  it("says so when a DOCTYPE hides what else there is to repair", async () => {
    const hintOf = async (svg: string) => (await lintLogo(Buffer.from(svg)))[0]!.hint!;
    const bare = GOOD.replace(' version="1.2"', "");
    const hidden = / What else there is to repair shows afterwards\.$/;
    assert.match(await hintOf(`<!DOCTYPE svg [<!ENTITY a "Acme">]>${bare.replace("Acme", "&a;")}`), hidden);
    assert.doesNotMatch(await hintOf(`<!DOCTYPE svg>${bare}`), hidden);
  });

  it("never throws and always ends, whatever the bytes", async () => {
    const good = Buffer.from(GOOD);
    for (let i = 0; i <= good.length; i++) {
      assert.ok((await lintLogo(good.subarray(0, i))).length > 0 || i === good.length);
      for (const byte of [0, 0x22, 0x26, 0x3c, 0x3e, 0xff]) {
        const damaged = Buffer.from(good);
        if (i < damaged.length) damaged[i] = byte;
        await lintLogo(damaged);
      }
    }
  });

  it("stops at elements nested without end", async () => {
    const nested = (depth: number) => GOOD.replace(SHAPES, "<g>".repeat(depth) + SHAPES + "</g>".repeat(depth));
    assert.deepEqual(await found(nested(30)), []);
    assert.deepEqual(
      (await found(nested(400))).map((finding) => finding.slice(0, 7)),
      ["SVG-033", "SVG-034"],
    );
    assert.match((await found(nested(4000)))[0] ?? "", /^SVG-001 .*nested more than 500 deep/);
    assert.match((await found("<g>".repeat(100_000)))[0] ?? "", /^SVG-001 1:1501 .*nested more than 500 deep/);
  });

  it("tells no more than somebody reads, of a file that breaks a rule thousands of times", async () => {
    const titles = GOOD.replace("</svg>", `${"<title/>".repeat(7000)}</svg>`);
    const told = (await found(titles)).filter((finding) => finding.startsWith("SVG-010"));
    assert.equal(told.length, 20);
    assert.match(told.pop()!, /The title is empty\. \(No more than 20 findings of a rule are told\.\)$/);
    for (const finding of told) assert.match(finding, /The title is empty\.$/);
    const version = (await found(GOOD.replace('version="1.2"', `version="${"1".repeat(30_000)}"`)))[0]!;
    assert.ok(version.length < 350, version);
    assert.doesNotMatch((await found(GOOD.replace('version="1.2"', 'version="\u0085"')))[0]!, /\u0085/);
  });

  it("counts lines and columns as editors do", async () => {
    for (const [before, position] of [
      ["\uFEFF", "1:1"],
      ["\n\n", "3:1"],
      ["\r\n\r\n", "3:1"],
      ["\r", "2:1"],
      ["<!-- é😀 -->", "1:13"],
    ]) {
      const findings = await found(`${before}${GOOD.replace(' version="1.2"', "")}`);
      assert.ok(findings.includes(`SVG-007 ${position} The svg element has no version.`), String(findings));
    }
  });
});

describe("the rules", () => {
  it("have ids of their own and name their source", async () => {
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
    for (const { id, spec } of rules) {
      assert.match(id, /^SVG-\d{3}$/);
      assert.ok(spec);
    }
  });

  it("are in the order of their ids, and each says what it wants", () => {
    const ids = rules.map(({ id }) => id);
    assert.deepEqual(ids, [...ids].sort());
    for (const { title } of rules) assert.match(title, /^.{10,120}\.$/);
  });

  it("can be ignored, but for those without which the others mean nothing", async () => {
    const all = rules.map(({ id }) => id);
    const bad = GOOD.replace("1.2", "1").replace("Acme", "").replace("<rect", "<rect opacity='1' onclick=''");
    assert.ok((await found(bad)).length >= 4);
    assert.deepEqual(await lintLogo(Buffer.from(bad), { ignore: all }), []);
    const always: [svg: string | Uint8Array, rule: string][] = [
      ["<svg>", "SVG-001"],
      [`<!DOCTYPE svg>${GOOD}`, "SVG-002"],
      [gzipSync(GOOD), "SVG-005"],
      ["<a/>", "SVG-006"],
      [GOOD.padEnd(65_537), "SVG-004"],
    ];
    for (const [svg, rule] of always) {
      const findings = await lintLogo(Buffer.from(svg as string), { ignore: all });
      assert.deepEqual(
        findings.map(({ ruleId }) => ruleId),
        [rule],
      );
    }
    assert.deepEqual(
      rules.filter((rule) => rule.always).map(({ id }) => id),
      ["SVG-001", "SVG-002", "SVG-005", "SVG-006"],
    );
    assert.deepEqual(await lintLogo(Buffer.from(GOOD.padEnd(65_536)), { ignore: ["SVG-004"] }), []);
  });

  it("tell what is only good to know when asked for", async () => {
    const report = await lintLogo(Buffer.from(GOOD), { report: true });
    const infos = report.filter(({ severity }) => severity === "info");
    assert.equal(infos.length, report.length);
    assert.equal(infos.find(({ ruleId }) => ruleId === "SVG-013")?.message, "The logo has no desc.");
    const hash = (algorithm: string) => createHash(algorithm).update(GOOD).digest("hex");
    assert.equal(
      infos.find(({ ruleId }) => ruleId === "SVG-036")?.message,
      `SHA-256 ${hash("sha256")}, SHA-1 ${hash("sha1")}; ${GOOD.length} bytes, ${encodeLogo(Buffer.from(GOOD)).length} as they are ordered (gzip, base64).`,
    );
    const described = GOOD.replace("</title>", "</title><desc>A disc</desc>");
    assert.ok(!(await lintLogo(Buffer.from(described), { report: true })).some(({ ruleId }) => ruleId === "SVG-013"));
  });

  it("compare the title with the organization, if its name is told", async () => {
    const warned = async (title: string, organizationName: string) =>
      (await lintLogo(Buffer.from(GOOD.replace("Acme", title)), { organizationName })).map(
        ({ ruleId, message }) => `${ruleId} ${message}`,
      );
    for (const [title, organization] of [
      ["Acme", "Acme"],
      ["Acme", "ACME, Inc."],
      ["The Acme logo", "Acme GmbH & Co. KG"],
      ["Borealis", "Borealis Example S.A."],
      ["IBM", "International Business Machines Corporation"],
      ["Société Générale", "SOCIETE GENERALE"],
      ["OneTimeSecret", "One-Time Secret Ltd"],
      ["日本", "日本 株式会社"],
      ["LG", "LG Electronics Inc."],
      ["H&amp;M", "H&M Hennes & Mauritz AB"],
      ["EY", "EY Global Ltd"],
      ["Ørsted", "Orsted A/S"],
      ["Lodz Sport", "ŁÓDŹ SPORT Sp. z o.o."],
      ["Strasse", "Straße GmbH"],
    ] as const) {
      assert.deepEqual(await warned(title, organization), [], `${title} of ${organization}`);
    }
    for (const [title, organization] of [
      ["Globex", "Acme Inc."],
      ["Inc", "Acme Inc."],
      ["A", "Acme"],
      ["EL", "LG Electronics Inc."],
      ["HG", "H&M Hennes & Mauritz AB"],
      ["日本", "Acme"],
    ] as const) {
      assert.deepEqual(await warned(title, organization), [
        `SVG-012 The title "${title}" does not name the organization ${organization}.`,
      ]);
    }
  });
});
