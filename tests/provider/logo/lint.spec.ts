import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { lintLogo, rules } from "../../../provider/logo/lint";

const root = resolve(__dirname, "../../../..");
const fixtures = join(root, "tests/fixtures/svg");

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
      ["one with a byte order mark", `\uFEFF${GOOD}`],
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
      ["text", "hello", ["SVG-001 1:6 The logo cannot be read as XML: text data outside of root node."]],
      [
        "a tag that is not closed",
        GOOD.replace("</title>", ""),
        [`SVG-001 1:${GOOD.length - "</title>".length} The logo cannot be read as XML: unexpected close tag.`],
      ],
      [
        "a file that was cut",
        GOOD.slice(0, -6),
        [`SVG-001 1:${GOOD.length - 6} The logo cannot be read as XML: unclosed tag: svg`],
      ],
      [
        "an attribute given twice",
        `${GOOD.replace("<rect", '\n<rect width="1"')}`,
        ["SVG-001 2:52 The logo cannot be read as XML: duplicate attribute: width."],
      ],
      [
        "an entity of HTML",
        GOOD.replace("Acme", "&nbsp;"),
        ["SVG-001 1:109 The logo cannot be read as XML: undefined entity."],
      ],
      [
        "an unbound prefix",
        GOOD.replace("<rect", "\n\n<rect xlink:href='#a'"),
        ['SVG-001 3:58 The logo cannot be read as XML: unbound namespace prefix: "xlink".'],
      ],
      [
        "two roots",
        `${GOOD}<svg/>`,
        [`SVG-001 1:${GOOD.length + 5} The logo cannot be read as XML: documents may contain only one root.`],
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
        "<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>",
        ["SVG-006 1:1 The root element is html, not svg."],
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
      ["SVG 1.1", GOOD.replace('"1.2"', '"1.1"'), ['SVG-007 1:1 version is "1.1", not "1.2".']],
      ["no version", GOOD.replace(' version="1.2"', ""), ["SVG-007 1:1 The svg element has no version."]],
      [
        "SVG Tiny",
        `<?xml version="1.0"?>\n  ${GOOD.replace("tiny-ps", "tiny")}`,
        ['SVG-008 2:3 baseProfile is "tiny", not "tiny-ps".'],
      ],
      ["another case", GOOD.replace("tiny-ps", "Tiny-PS"), ['SVG-008 1:1 baseProfile is "Tiny-PS", not "tiny-ps".']],
      [
        "a misspelt attribute",
        GOOD.replace("baseProfile", "baseprofile"),
        ["SVG-008 1:1 The svg element has baseprofile where baseProfile is required."],
      ],
      [
        "attributes of another namespace only",
        GOOD.replace("version=", 'xmlns:x="urn:x" x:version='),
        ["SVG-007 1:1 The svg element has no version."],
      ],
      // SVG-009, SVG-010
      ["no title", GOOD.replace("<title>Acme</title>", ""), ["SVG-009 1:1 The logo has no title."]],
      [
        "a title in a group only",
        GOOD.replace("<title>Acme</title>", "<g><title>Acme</title></g>"),
        ["SVG-009 1:1 The logo has no title."],
      ],
      [
        "a title of another namespace",
        GOOD.replace("<title>", '<x:title xmlns:x="urn:x">').replace("</title>", "</x:title>"),
        ["SVG-009 1:1 The logo has no title."],
      ],
      [
        "two titles",
        GOOD.replace("</svg>", "\n <title>Acme</title></svg>"),
        ["SVG-009 2:2 The logo has more than one title."],
      ],
      [
        "a title that is not first",
        GOOD.replace("<title>Acme</title>", "").replace("</svg>", "\r\n<title>Acme</title></svg>"),
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
          'SVG-007 1:1 version is "1.1", not "1.2".',
          "SVG-008 1:1 The svg element has no baseProfile.",
          "SVG-009 1:1 The logo has no title.",
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
    assert.deepEqual(await found(nested(400)), []);
    assert.match((await found(nested(4000)))[0] ?? "", /^SVG-001 .*nested more than 500 deep/);
    assert.match((await found("<g>".repeat(100_000)))[0] ?? "", /^SVG-001 1:1501 .*nested more than 500 deep/);
  });

  it("tells no more than somebody reads, of a file that breaks a rule thousands of times", async () => {
    const titles = GOOD.replace("</svg>", `${"<title/>".repeat(7000)}</svg>`);
    assert.equal((await found(titles)).filter((finding) => finding.startsWith("SVG-010")).length, 20);
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
      assert.deepEqual(await found(`${before}${GOOD.replace("1.2", "1")}`), [
        `SVG-007 ${position} version is "1", not "1.2".`,
      ]);
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

  // The verdicts of SVG Tiny PS's RELAX NG schema; of what it rejects, these rules know the following so far.
  const probes: { file: string; rng: string }[] = JSON.parse(readFileSync(join(fixtures, "expected.json"), "utf8"));
  const known: Record<string, string> = {
    "09-no_title.svg": "SVG-009",
    "11-2_titles.svg": "SVG-009",
    "47-baseprofile_tiny_ps.svg": "SVG-008",
    "65-doctype.svg": "SVG-002",
  };
  for (const { file, rng } of probes) {
    const rule = known[file];
    it(`${file} (${rng}): ${rule ?? "nothing"}`, async () => {
      const ids = (await lintLogo(readFileSync(join(fixtures, file)))).map(({ ruleId }) => ruleId);
      assert.deepEqual(ids, rule ? [rule] : []);
    });
  }

  it("pass the public samples", async () => {
    for (const file of ["compliant.svg", "bug-width-percentage.svg"]) {
      assert.deepEqual(await lintLogo(readFileSync(join(fixtures, "samples", file))), [], file);
    }
  });
});
