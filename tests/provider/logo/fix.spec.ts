import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FixOptions, fixLogo } from "../../../provider/logo/fix";
import { lintLogo } from "../../../provider/logo/lint";

const XMLNS = 'xmlns="http://www.w3.org/2000/svg"';
const ROOT = `<svg ${XMLNS} version="1.2" baseProfile="tiny-ps" viewBox="0 0 96 96">`;
const SHAPES = '<rect width="96" height="96" fill="#036"/><circle cx="48" cy="48" r="30" fill="#fc0"/>';
const GOOD = `${ROOT}<title>Acme</title>${SHAPES}</svg>`;

async function fixed(svg: string, options: FixOptions = {}) {
  const { bytes, repaired, remaining } = await fixLogo(Buffer.from(svg), options);
  return { text: String(bytes), repaired, remaining, left: remaining.map(({ ruleId }) => ruleId) };
}

describe("fixLogo", () => {
  it("leaves a good logo as it is, to the byte", async () => {
    for (const svg of [GOOD, `<?xml version="1.0"?>\n${GOOD.replaceAll('"', "'")}  \n\n`, readExample()]) {
      assert.deepEqual(await fixLogo(Buffer.from(svg)), { bytes: Buffer.from(svg), repaired: [], remaining: [] });
    }
  });

  it("repairs what Illustrator exports, until only the name is missing", async () => {
    const svg = `<?xml version="1.0" encoding="iso-8859-1"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg version="1.1" id="Ebene_1" ${XMLNS} xmlns:xlink="http://www.w3.org/1999/xlink" x="0px" y="0px"
	 viewBox="0 0 100 100" style="enable-background:new 0 0 100 100;" xml:space="preserve">
<style type="text/css">
	.st0{fill:#FFFFFF;}
	.st1{fill:#036;opacity:0.5;}
</style>
<rect class="st0" width="100" height="100"/>
<path id="1a" class="st1" d="M0 0h10v10z"/>
</svg>
`.replaceAll("\n", "\r\n");
    const { text, left, repaired } = await fixed(svg);
    assert.equal(
      text,
      `<?xml version="1.0" encoding="UTF-8"?>
<svg baseProfile="tiny-ps" version="1.2" id="Ebene_1" ${XMLNS}
	 viewBox="0 0 100 100" xml:space="preserve">
<rect fill="#FFFFFF" class="st0" width="100" height="100"/>
<path fill="#036" fill-opacity="0.5" class="st1" d="M0 0h10v10z"/>
</svg>
`,
    );
    assert.deepEqual(left, ["SVG-009"]);
    // In the file as it was; what came to light later has no place there.
    const places = repaired.map(({ ruleId, line, column }) => `${ruleId} ${line ?? "-"}:${column ?? "-"}`);
    for (const place of ["SVG-001 1:1", "SVG-002 2:1", "SVG-007 3:6", "SVG-017 3:111", "SVG-014 5:1", "SVG-015 -:-"]) {
      assert.ok(places.includes(place), `${place} of ${places.join(", ")}`);
    }
    assert.deepEqual((await fixed(svg, { title: "Acme" })).left, []);
  });

  it("repairs what Inkscape saves, until only the drawing is left", async () => {
    const { text, left } =
      await fixed(`<svg xmlns:dc="urn:dc" xmlns:svg="http://www.w3.org/2000/svg" ${XMLNS} xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:sodipodi="urn:sodipodi" xmlns:inkscape="urn:inkscape" width="96" height="96" version="1.1" viewBox="0 0 96 96" inkscape:version="1.0">
  <defs id="defs2"/>
  <sodipodi:namedview id="base" inkscape:zoom="0.35"/>
  <metadata id="m"><dc:title>Acme</dc:title></metadata>
  <title>Acme</title>
  <g inkscape:label="Layer 1" id="layer1">
    <path style="fill:#ff0000;fill-opacity:1;stroke:none;opacity:0.4;line-height:1.25;-inkscape-stroke:none" d="M0 0h96v96z" id="p"/>
    <use xlink:href="#p" transform="scale(2)"/>
    <rect style="filter:url(#f)"/>
  </g>
</svg>`);
    assert.equal(
      text,
      `<svg baseProfile="tiny-ps" xmlns:svg="http://www.w3.org/2000/svg" ${XMLNS} width="96" height="96" version="1.2" viewBox="0 0 96 96"><title>Acme</title>
  <defs id="defs2"/>
  <g id="layer1">
    <path style="fill:#ff0000;fill-opacity:1;stroke:none;opacity:0.4;line-height:1.25;-inkscape-stroke:none" d="M0 0h96v96z" id="p"/>
    <use href="#p" transform="scale(2)"/>
    <rect style="filter:url(#f)"/>
  </g>
</svg>`,
    );
    assert.deepEqual(left, ["SVG-015", "SVG-015"]);
  });

  it("makes no repair that would do harm, and the others nevertheless", async () => {
    // Without the element, the reference would refer to nothing.
    const svg = GOOD.replace("</svg>", '<g data-a="b"/><e:x xmlns:e="urn:e" id="e"/><use href="#e"/></svg>');
    const { text, left } = await fixed(svg);
    assert.equal(text, svg.replace(' data-a="b"', ""));
    assert.deepEqual(left, ["SVG-014", "SVG-030"]);

    // Of one rule, too.
    const more = GOOD.replace(
      "</svg>",
      `${"<e:y/>".repeat(50)}<e:x id="e"/>${"<e:y/>".repeat(50)}<use href="#e"/></svg>`,
    );
    const [declared, kept] = [more, GOOD.replace("</svg>", '<e:x id="e"/><use href="#e"/></svg>')].map((each) =>
      each.replace("<svg", '<svg xmlns:e="urn:e"'),
    ) as [string, string];
    const most = await fixed(declared);
    assert.equal(most.text, kept);
    assert.deepEqual(
      most.repaired.map(({ ruleId, count }) => [ruleId, count]),
      [["SVG-014", 100]],
    );

    // Two attributes of one name are no XML.
    const twice = GOOD.replace(
      "</svg>",
      '<g id="a" tabindex="1"/><use xmlns:b="http://www.w3.org/1999/xlink" xmlns:c="http://www.w3.org/1999/xlink" b:href="#a" c:title="c"/></svg>',
    );
    assert.equal((await fixed(twice)).text, GOOD.replace("</svg>", '<g id="a"/><use href="#a"/></svg>'));
  });

  it("makes repairs that only show that there is one color", async () => {
    const svg = GOOD.replace(SHAPES, '<path style="fill:#036" data-a="b" d="M40 40h9v9z"/>');
    const { text, left } = await fixed(svg);
    assert.equal(text, GOOD.replace(SHAPES, '<path fill="#036" d="M40 40h9v9z"/>'));
    assert.deepEqual(left, ["SVG-026", "SVG-027"]);
  });

  it("makes repairs of what keeps another error", async () => {
    const xlink = `<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#none"/>`;
    const dangling = await fixed(GOOD.replace("</svg>", `${xlink}</svg>`));
    assert.equal(dangling.text, GOOD.replace("</svg>", '<use href="#none"/></svg>'));
    assert.deepEqual(dangling.left, ["SVG-019"]);

    const style = GOOD.replace("</svg>", '<path style="fill:url(#none)" data-a="b"/></svg>');
    const styled = await fixed(style);
    assert.equal(styled.text, GOOD.replace("</svg>", '<path fill="url(#none)"/></svg>'));
    assert.deepEqual(styled.left, ["SVG-019"]);

    // Only with a viewBox it is known that the background is transparent, too.
    const root = ROOT.replace("viewBox", 'width="96" height="96" viewBox');
    const svg = `${root}<title>Acme</title><path d="M40 40h9v9z"/></svg>`;
    const unscaled = await fixed(svg.replace(' viewBox="0 0 96 96"', ""));
    assert.match(unscaled.text, /^<svg viewBox="0 0 96 96"/);
    assert.deepEqual(unscaled.left, ["SVG-026", "SVG-027"]);
  });

  it("gives no two elements one id", async () => {
    const of = (first: string) =>
      GOOD.replace("</svg>", `<g id="${first}"/><g id="1_a"/><use href="#1_a"/><use href="#${first}"/></svg>`);
    const { text, left } = await fixed(of("1 a"));
    assert.equal(text, of("_1_a"));
    assert.deepEqual(left, ["SVG-015"]);
  });

  it("does not repair rules that are ignored", async () => {
    const svg = GOOD.replace("</svg>", '<metadata>a</metadata><g data-a="b"/></svg>');
    const { text, left } = await fixed(svg, { ignore: ["SVG-030"] });
    assert.equal(text, svg.replace(' data-a="b"', ""));
    assert.deepEqual(left, []);
  });

  it("gives bytes back that it cannot read, and says why", async () => {
    for (const [bytes, rule] of [
      [Buffer.from("\x89PNG", "latin1"), "SVG-001"],
      [Buffer.from("\x1f\x8b", "latin1"), "SVG-005"],
      [Buffer.from("<svg"), "SVG-001"],
      [Buffer.alloc(0), "SVG-001"],
      [Buffer.alloc(600 * 1024, "<"), "SVG-004"],
      [Buffer.from("<html/>"), "SVG-006"],
    ] as const) {
      const { bytes: same, repaired, remaining } = await fixLogo(bytes, { title: "Acme" });
      assert.ok(same.equals(bytes));
      assert.deepEqual(repaired, []);
      assert.equal(remaining[0]?.ruleId, rule);
    }
  });

  it("goes on with what a repair brings to light", async () => {
    const { text, left } = await fixed(`<!DOCTYPE svg>\r\n${GOOD.replace(` ${XMLNS}`, "").replace("1.2", "1.1")}`);
    assert.equal(text, `\n${GOOD}`.replace(` ${XMLNS}`, "").replace("<svg", `<svg ${XMLNS}`));
    assert.deepEqual(left, []);
  });

  it("repairs what entities hide: instructions, another root", async () => {
    const entity = '<!DOCTYPE svg [<!ENTITY ns_x "urn:x">]>';
    const packet = '<metadata xmlns:x="&ns_x;"><?xpacket begin=""?><x:xmpmeta/><?xpacket end="w"?></metadata>';
    const exported = await fixed(`${entity}${GOOD.replace("</svg>", `${packet}</svg>`)}`);
    assert.equal(exported.text, GOOD);
    assert.deepEqual(exported.left, []);

    const styled = await fixed(`<?xml-stylesheet href="a.css"?>${entity}${GOOD.replace("Acme", "&ns_x;")}`);
    assert.equal(styled.text, GOOD.replace("Acme", "urn:x"));

    const page = await fixed(`${entity}<math>&ns_x;</math>`);
    assert.equal(page.text, "<math>urn:x</math>");
    assert.deepEqual(page.left, ["SVG-006"]);
  });

  it("says what is wrong behind an entity, and does not repair the DOCTYPE only", async () => {
    const svg = `<!DOCTYPE svg [<!ENTITY a "Acme and its friends">]>\n${GOOD.replace("Acme", "&a;").replace("<circle", "\n &a;<circle <")}`;
    const { text, remaining } = await fixed(svg);
    assert.equal(text, svg);
    assert.deepEqual(
      remaining.map(({ ruleId, message, line, column, fixable }) => [ruleId, message, line, column, fixable]),
      [
        [
          "SVG-001",
          "The logo cannot be read as XML: disallowed character in attribute name.",
          3,
          " &a;<circle <".length,
          undefined,
        ],
        ["SVG-002", "The logo has a DOCTYPE declaration, which can name external files and entities.", 1, 1, undefined],
      ],
    );
  });

  describe("with a title", () => {
    const named = async (svg: string, title = 'A & B "<C>"') => (await fixed(svg, { title })).text;
    const TITLE = "<title>A &amp; B &quot;&lt;C&gt;&quot;</title>";

    it("writes it where it belongs", async () => {
      const expected = GOOD.replace("<title>Acme</title>", TITLE);
      assert.equal(await named(GOOD), expected);
      assert.equal(await named(GOOD.replace("<title>Acme</title>", "")), expected);
      assert.equal(await named(GOOD.replace("<title>Acme</title>", "<title/>")), expected);
      assert.equal(await named(GOOD.replace("</svg>", "<title>B</title></svg>")), expected);
      assert.equal(
        await named(GOOD.replace("<title>Acme</title>", "").replace("</svg>", "<title>B</title></svg>")),
        expected,
      );
    });

    it("writes it with the prefix that svg has", async () => {
      const prefixed = GOOD.replaceAll(/<(\/?)(?=\w)/g, "<$1s:").replace("xmlns=", "xmlns:s=");
      assert.equal(await named(prefixed, "Acme"), prefixed);
      assert.equal(await named(prefixed, "B"), prefixed.replace("Acme", "B"));
    });

    it("says so, once", async () => {
      const { repaired } = await fixed(GOOD, { title: "B" });
      assert.deepEqual(repaired, [{ ruleId: "SVG-009", message: 'The title is "B" now.', count: 1 }]);
      assert.deepEqual((await fixed(GOOD, { title: "Acme" })).repaired, []);
    });
  });

  it("repairs thousands of breaches of a rule, and counts them", async () => {
    const svg = GOOD.replace("</svg>", `${'<g data-a="b"/>'.repeat(2000)}</svg>`);
    const { text, repaired } = await fixed(svg);
    assert.equal(text, GOOD.replace("</svg>", `${"<g/>".repeat(2000)}</svg>`));
    assert.deepEqual(repaired, [
      { ruleId: "SVG-015", message: "data-a is not allowed on g.", count: 2000, line: 1, column: GOOD.length - 6 + 4 },
    ]);
    assert.equal((await lintLogo(Buffer.from(svg))).filter(({ ruleId }) => ruleId === "SVG-015").length, 20);
  });
});

function readExample(): string {
  return readFileSync(join(process.cwd(), "examples/vmc-cloudflare/logo.svg"), "utf8");
}
