import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { readLogotype } from "../../../provider/certificate/logotype";
import { logotypeOf, parsePem } from "../../../provider/certificate/parse";
import { lintLogo } from "../../../provider/logo/lint";
import { GROUND, logo, MARK, said } from "./drawn";

const fixtures = path.resolve(__dirname, "../../../../tests/fixtures");
const WHITE = '<rect width="96" height="96" fill="#fff"/>';

describe("SVG-026, two colours:", () => {
  const nothing = ["error SVG-026 1:1 /svg The logo draws nothing."];
  const one = (color: string, place = "3:1 /svg/rect") => [
    `error SVG-026 ${place} Everything that the logo draws is ${color}: one colour, where two are required.`,
  ];
  const bare = (color: string, place: string) => [
    `error SVG-026 ${place} Everything that the logo draws is ${color}, on a transparent background: one colour, where two are required.`,
  ];
  const gradient = (...stops: string[]) =>
    `<linearGradient id="g">${stops.map((stop) => `<stop ${stop}/>`).join("")}</linearGradient>`;

  const cases: [what: string, shapes: string, expected: string[]][] = [
    ["a mark on a ground", GROUND + MARK, []],
    ["nothing", "", nothing],
    ["what is only defined", `<defs>${GROUND}${MARK}</defs>`, nothing],
    ["what is not painted", '<rect width="96" height="96" fill="none"/>', nothing],
    ["what is transparent", '<rect width="96" height="96" fill-opacity="0"/>', nothing],
    ["a stroke without width", '<path d="M0 0h9" fill="none" stroke="red" stroke-width="0"/>', nothing],
    ["the inside of a line", '<line x2="9"/>', nothing],
    ["a ground only", WHITE, one("#ffffff")],
    ["no fill: black", '<rect width="96" height="96"/>', one("#000000")],
    [
      "one colour by many names",
      WHITE +
        '<path d="M9 9h9v9z" fill="White" stroke="rgb(255,255,255)"/><circle r="9" fill=" #FFFFFF"/><circle r="9" fill="rgb( 100% , 100%,100%)"/>',
      one("#ffffff"),
    ],
    [
      "one colour by inheritance",
      '<g fill="red" color="red"><rect width="96" height="96"/><g fill="currentColor"><circle r="9"/></g><circle r="9" fill="inherit"/></g>',
      one("#ff0000", "3:27 /svg/g/rect"),
    ],
    [
      "one colour in a gradient",
      `${gradient('stop-color="#fff"', 'stop-color="white"')}<rect width="96" height="96" fill="url(#g)"/>`,
      one("#ffffff", "3:92 /svg/rect"),
    ],
    [
      "one colour of a solidColor",
      '<solidColor id="s" solid-color="#fff"/><rect width="96" height="96" fill="url(#s)"/>',
      one("#ffffff", "3:40 /svg/rect"),
    ],
    [
      "one colour that is used",
      `<defs><rect id="r" width="96" height="96"/></defs><use href="#r" fill="#abc"/><use href="#r" x="9" fill="#aabbcc"/>`,
      one("#aabbcc", "3:7 /svg/defs/rect"),
    ],
    ["a mark on nothing", '<circle cx="48" cy="48" r="30" fill="#c00"/>', bare("#cc0000", "3:1 /svg/circle")],
    ["a text on nothing", '<text x="9" y="50">A</text>', one("#000000", "3:1 /svg/text")],
    ["one colour where it is not known", '<rect width="100%" height="100%"/>', one("#000000", "3:1 /svg/rect")],

    ["black, by default, on white", `${WHITE}<circle cx="48" cy="48" r="9"/>`, []],
    ["a stroke on a fill", '<rect width="96" height="96" fill="red" stroke="blue"/>', []],
    [
      "two colours of a gradient",
      `${gradient('stop-color="#fff"', 'stop-color="#ffe"')}<rect width="96" height="96" fill="url(#g)"/>`,
      [],
    ],
    [
      "black, by default, in a gradient",
      `${gradient('offset="0"', 'stop-color="red"')}<rect width="96" height="96" fill="url(#g)"/>`,
      [],
    ],
    [
      "one colour on itself, by opacity",
      '<rect width="96" height="96"/><circle r="9" fill-opacity=".5"/>',
      one("#000000"),
    ],
    ["two shades by opacity, of nothing", '<rect width="9" height="9"/><circle cx="30" r="9" fill-opacity=".5"/>', []],
    [
      "currentColor where it is inherited and color is given",
      '<g fill="currentColor"><rect width="96" height="96"/><circle r="9" color="#000"/></g>',
      [],
    ],
    [
      "currentColor of two colours",
      '<rect width="96" height="96" fill="currentColor"/><circle r="9" color="red" fill="currentColor"/>',
      [],
    ],
    [
      "names that SVG Tiny does not have",
      '<rect width="96" height="96" fill="gold"/><circle r="9" fill="crimson"/>',
      [],
    ],

    ["names of other things", '<rect width="96" height="96" fill="constructor"/>', one("constructor")],

    // What shows nothing is no colour.
    ...[
      '<path d="" fill="#036"/>',
      '<path fill="#036"/>',
      '<path d="M9 9" fill="#036" stroke="#036"/>',
      '<path d="M9 9h50" fill="#036"/>',
      '<circle cx="48" cy="48" r="0" fill="#036"/>',
      '<circle cx="150" cy="48" r="30" fill="#036"/>',
      '<rect x="-50" y="-50" width="20" height="20" fill="#036" stroke="#036"/>',
      '<rect width="50" height="50" fill="#036" transform="translate(0 200)"/>',
      '<rect width="50" height="50" fill-opacity="0"/>',
      '<rect width="50" height="50" fill="transparent"/>',
      '<rect width="50" height="50" fill="rgba(0,51,102,0)"/>',
      '<rect width="50" height="50" fill="#0360"/>',
      '<rect width="50" height="50" fill="hsl(0 50% 50% / 0%)"/>',
      '<rect width="50" height="50" fill="#fff" fill-opacity=".5"/>',
      '<rect width="50" height="50" fill="#ffffff80"/>',
      '<rect width="50" height="50" fill="rgba(100%, 100%, 100%, 50%)"/>',
      '<linearGradient id="g"><stop stop-color="#036" stop-opacity="0"/></linearGradient><circle r="9" fill="url(#g)"/>',
      '<linearGradient id="g"><stop stop-color="#fff" stop-opacity="0"/><stop stop-color="#fff"/></linearGradient><circle r="9" fill="url(#g)"/>',
    ].map((shape): [string, string, string[]] => [`white, and ${shape}`, `${WHITE}<g>${shape}</g>`, one("#ffffff")]),
    [
      "a mark under the ground",
      `<circle r="9"/><g transform="rotate(90)">${MARK}</g>${WHITE}`,
      one("#ffffff", "3:90 /svg/rect"),
    ],
    [
      "a ground that is transparent",
      '<rect width="96" height="96" fill="#fff0"/><circle cx="48" cy="48" r="30" fill="#c00"/>',
      bare("#cc0000", "3:44 /svg/circle"),
    ],

    // What may show something is.
    ...[
      '<path d="M9 9h50" stroke="#036"/>',
      '<path d="M9 9z" stroke="#036" stroke-linecap="round" stroke-width="9"/>',
      '<circle cx="150" cy="48" r="30" fill="#036" stroke="#036" stroke-width="60"/>',
      '<path d="M120 60L101 48L120 36" fill="none" stroke="#036" stroke-width="1" stroke-miterlimit="20"/>',
      '<circle cx="150" cy="48" r="9" stroke="#036" vector-effect="non-scaling-stroke"/>',
      '<rect x="96%" width="9" height="9"/>',
      '<rect width="9" height="9" transform="ref(svg, 100, 200)"/>',
      '<ellipse rx="9" fill="#036"/>',
      '<linearGradient id="g"><stop stop-color="#036" stop-opacity="0"/><stop stop-color="#fff"/></linearGradient><circle r="9" fill="url(#g)"/>',
      '<text x="200" y="50">A</text>',
      // Nobody knows what it was to be.
      '<circle cx="NaN" r="9" fill="#036"/>',
      '<circle r="abc" fill="#036"/>',
      '<ellipse rx="9" ry="-9" fill="#036"/>',
      '<path d="M0 0Lfoo" fill="#036"/>',
      '<polygon points="0" fill="#036"/>',
      '<rect width="9" height="9" transform="translate(200) bogus(1)" fill="#036"/>',
      '<rect width="9" height="9" fill="#ggg"/>',
      '<rect width="9" height="9" fill="hsl(0 0% 100%)"/>',
      '<rect width="9" height="9" fill="#fff" fill-opacity="x"/>',
      '<rect width="9" height="9" fill="#fff" stroke="#036" stroke-width="x"/>',
      '<rect width="9" height="9" fill="#fff" stroke="#036" stroke-width="-1"/>',
      '<linearGradient id="g"><stop stop-color="bogus()" stop-opacity="0"/></linearGradient><circle r="9" fill="url(#g)"/>',
    ].map((shape): [string, string, string[]] => [`white, and perhaps ${shape}`, WHITE + shape, []]),
    ...[
      '<rect width="96" height="95" fill="#fff"/>',
      '<rect width="96" height="96" rx="9" fill="#fff"/>',
      '<rect width="96" height="96" fill="#fff" fill-opacity=".9"/>',
      '<rect width="96" height="96" fill="#fff" transform="rotate(1 48 48)"/>',
      '<rect width="96" height="96" fill="#fff" transform="bogus(1)"/>',
      '<path fill-rule="evenodd" d="M0 0h96v96h-96zM9 9h9v9h-9z" fill="#fff"/>',
      '<path d="M0 0h96v96z" fill="#fff"/>',
      '<path d="M0 0h96v96L0 0v96z" fill="#fff"/>',
    ].map((cover): [string, string, string[]] => [`a mark not surely hidden by ${cover}`, MARK + cover, []]),

    // What is not surely known forbids nothing.
    ["a style attribute", '<rect width="96" height="96" style="fill:red"/>', []],
    ["a style sheet", `<style>rect { fill: red }</style>${WHITE}`, []],
    ["opacity", '<rect width="96" height="96" opacity=".5"/>', []],
    ["a colour of CSS 4", '<rect width="96" height="96" fill="hsl(0 0% 0%)"/>', []],
    ["a colour that is none", '<rect width="96" height="96" fill="#12345"/>', []],
    ["a pattern", '<rect width="96" height="96" fill="url(#p)"/>', []],
    [
      "a gradient that borrows its stops",
      '<linearGradient id="g" href="#h"/><rect width="96" height="96" fill="url(#g)"/>',
      [],
    ],
    ["an image", '<image width="96" height="96" href="a.png"/>', []],
    ["a switch", `<switch>${WHITE}</switch>`, []],
    ["an animation", `<rect width="96" height="96"><animateColor attributeName="fill" to="red"/></rect>`, []],
    ["text in text", '<text>A<tspan fill="red">B</tspan></text>', []],
    ["a reference to nothing", '<use href="#nothing"/>', []],
    ["a reference to one of two", '<rect id="a" width="96" height="96"/><g id="a"/><use href="#a"/>', []],
    ["a reference to itself", `<g id="a">${WHITE}<use href="#a"/></g>`, []],
    ["elements of others", `${GROUND}${MARK}<x:g xmlns:x="urn:x"><circle r="9"/></x:g>`, []],
  ];
  for (const [what, shapes, expected] of cases)
    it(what, async () => assert.deepEqual(await said(logo(shapes), "SVG-026"), expected));

  it("counts what is beside the viewBox, where the logo may be shown in another ratio", async () => {
    const mark = '<circle cx="48" cy="30" r="9" fill="#036"/>';
    const ground = '<rect width="96" height="20" fill="#fff"/>';
    assert.deepEqual(await said(logo(ground + mark, 'viewBox="0 0 96 20"'), "SVG-026"), []);
    const sized = (size: string) => logo(WHITE + mark.replace("48", "110"), `viewBox="0 0 96 96" ${size}`);
    for (const size of ['width="200" height="96"', 'width="50%" height="96"', 'width="50%"'])
      assert.deepEqual(await said(sized(size), "SVG-026"), [], size);
    for (const size of ["", 'width="100%" height="100%"', 'width="192px" height="192px"'])
      assert.deepEqual(await said(sized(size), "SVG-026"), one("#ffffff"), size);
  });

  it("proposes another colour than the one there is, and says what does not count", async () => {
    const hints = async (shapes: string) =>
      (await lintLogo(Buffer.from(logo(shapes)))).filter(({ ruleId }) => ruleId === "SVG-026").map(({ hint }) => hint);
    const hint = (fill: string) =>
      `Give the background another colour than the mark, for example with <rect width="…" height="…" fill="${fill}"/>.`;
    assert.deepEqual(await hints(MARK), [hint("#fff")]);
    assert.deepEqual(await hints(`${WHITE}<circle r="9" fill="white"/>`), [hint("#036")]);
    assert.deepEqual(await hints(`${WHITE}<circle r="0"/>`), [
      `${hint("#036")} What has no area, lies outside of the viewBox or under an opaque shape does not count.`,
    ]);
  });

  it("forbids the one logo of one colour among those that certificates were issued for", async () => {
    for (const file of ["cnn", "redshift", "rspamd_valimail", "xometry_cmc"]) {
      const { certificates } = parsePem(readFileSync(path.join(fixtures, "pem", `${file}.pem`), "utf8"));
      const { svg } = readLogotype(certificates.map(logotypeOf).find((extension) => extension !== undefined)!);
      const findings = await said(svg, "SVG-022", "SVG-024", "SVG-026", "SVG-033");
      const errors = findings.filter((finding) => finding.startsWith("error"));
      if (file !== "cnn") assert.deepEqual(errors, [], file);
      else assert.match(errors.join("\n"), /^error SVG-026 .* is #cc0000, on a transparent background[^\n]*$/);
    }
  });
});

describe("SVG-027, an opaque background:", () => {
  const transparent = (place: string) => [
    `warning SVG-027 1:1 /svg The background is transparent, for example at ${place} of the viewBox.`,
  ];
  const circle = '<circle cx="48" cy="48" r="30" fill="#fc0"/>';
  const cases: [what: string, shapes: string, expected: string[], attributes?: string][] = [
    ["a rectangle", GROUND + MARK, []],
    ["one larger than the viewBox", `<rect x="-9" y="-9" width="900" height="900"/>${MARK}`, []],
    ["a path", `<path d="M0 0H96V96H0z"/>${MARK}`, []],
    ["a path of relative commands, without end", `<path d="m0,0h96v96h-96"/>${MARK}`, []],
    ["a polygon", `<polygon points="0,0 96,0 96,96 0,96"/>${MARK}`, []],
    ["a large circle", `<circle cx="48" cy="48" r="70"/>${MARK}`, []],
    ["a large ellipse of arcs", `<path d="M-22 48a70 70 0 1 1 140 0a70 70 0 1 1-140 0z"/>${MARK}`, []],
    [
      "curves beyond the viewBox",
      `<path d="M-50-50C50-60 50-60 150-50Q170 50 150 150T-50 150S-60 60-50-50z"/>${MARK}`,
      [],
    ],
    ["two halves", `<rect width="48" height="96"/><rect x="48" width="48" height="96"/>${MARK}`, []],
    ["two triangles", `<path d="M0 0h96v96z"/><path d="M0 0v96h96z"/>${MARK}`, []],
    [
      "a transformed one",
      `<g transform="translate(48 48) scale(2, 3)"><rect x="-24" y="-24" width="48" height="48" transform="rotate(90)"/></g>${MARK}`,
      [],
    ],
    ["a mirrored one", `<rect width="96" height="96" transform="matrix(-1 0 0 -1 96 96)"/>${MARK}`, []],
    [
      "one that is used",
      `<defs><rect id="r" width="48" height="48"/></defs><use href="#r" transform="scale(2)"/>${MARK}`,
      [],
    ],
    [
      "one that is used elsewhere",
      `<defs><rect id="r" width="96" height="96" x="100"/></defs><use href="#r" x="-100"/>${MARK}`,
      [],
    ],
    [
      "a gradient",
      `<radialGradient id="g"><stop/><stop stop-color="red"/></radialGradient><rect width="96" height="96" fill="url(#g)"/>`,
      [],
    ],
    ["a broad stroke", `<path d="M0 48H96" stroke="#fff" stroke-width="96"/>${MARK}`, []],
    ["another viewBox", '<rect x="-5" y="-5" width="10" height="10"/>', [], 'viewBox="-5 -5 10 10"'],
    ["one over a hole of the rule nonzero", `<path d="M0 0H96V96H0zM20 20H76V76H20z"/>${MARK}`, []],
    // What is not surely known is not warned of.
    ["no viewBox", circle, [], 'width="96"'],
    ["percentages", `<rect width="100%" height="100%"/>${circle}`, []],
    ["a transform that is none", `<rect width="96" height="96" transform="scale(1"/>${circle}`, []],
    ["a colour that is none", `<rect width="96" height="96" fill="#ggg"/>${circle}`, []],
    ["a colour of CSS", `<rect width="96" height="96" fill="hsl(0 0% 100%)"/>${circle}`, []],
    ["one radius of two", `<ellipse cx="48" cy="48" rx="99" ry="-1"/>${circle}`, []],
    ["path data with a fault", `<path d="M0 0H96V96H0zX"/>${circle}`, []],
    ["a style", `<rect style="fill:red" width="96" height="96"/>${circle}`, []],
    ["nothing at all", "", []],

    ["no background", circle, transparent("0.96,0.96")],
    ["path data without end", `<path d="M0 0L1e999 0"/>${circle}`, transparent("0.96,0.96")],
    ["a disc that fills the viewBox", `<circle cx="48" cy="48" r="48"/>`, transparent("0.96,0.96")],
    ["round corners", '<rect width="96" height="96" rx="20"/>', transparent("0.96,0.96")],
    ["a half", `<rect width="96" height="48"/>`, transparent("0.96,95")],
    ["a ground moved aside", `<rect width="96" height="96" transform="translate(9)"/>`, transparent("0.96,0.96")],
    ["a ground with opacity", `<rect width="96" height="96" fill-opacity="0.99"/>`, transparent("0.96,0.96")],
    ...["transparent", "rgba(255,255,255,0)", "#ffffff00", "#fff0", "#fffffffe", "hsl(0 0% 100% / .5)"].map(
      (fill): [string, string, string[]] => [
        `a ground of ${fill}`,
        `<rect width="96" height="96" fill="${fill}"/>${MARK}`,
        transparent("0.96,0.96"),
      ],
    ),
    ...[
      '<rect fill="transparent" width="9" x="40" height="9"/>',
      '<rect fill="#ggg" width="9" x="40" height="9"/>',
      '<circle cx="NaN" cy="48" r="9"/>',
      '<path d="M0 0Lfoo"/>',
      '<rect width="9" x="40" height="9" transform="bogus(1)"/>',
      '<rect width="9" x="40" height="9" stroke-width="x" stroke="red"/>',
      '<rect width="9em" x="40" height="9" fill="rgba(0,0,0,.5)"/>',
    ].map((shape): [string, string, string[]] => [
      `no background, and ${shape}`,
      circle + shape,
      transparent("0.96,0.96"),
    ]),
    [
      "a gradient with opacity",
      `<linearGradient id="g"><stop stop-opacity=".5"/></linearGradient><rect width="96" height="96" fill="url(#g)"/>`,
      transparent("0.96,0.96"),
    ],
    [
      "a hole of the rule evenodd",
      `<path fill-rule="evenodd" d="M0 0H96V96H0zM20 20H76V76H20z"/>`,
      transparent("25.9,25.9"),
    ],
    ["a hole by direction", `<path d="M0 0H96V96H0zM20 20V76H76V20z"/>`, transparent("25.9,25.9")],
    ["a frame", `<rect width="96" height="96" fill="none" stroke="red" stroke-width="20"/>`, transparent("10.6,10.6")],
  ];
  for (const [what, shapes, expected, attributes] of cases)
    it(what, async () => assert.deepEqual(await said(logo(shapes, attributes), "SVG-027"), expected));
});

describe("SVG-028, the circle:", () => {
  const out = (percent: number, element: string) => [
    `warning SVG-028 ${element} The mark reaches out of the circle to which mail programs cut logos: to ${percent} % of its radius.`,
  ];
  const tight = (percent: number, element: string) => [
    `info SVG-028 ${element} The mark reaches to ${percent} % of the radius of the circle to which mail programs cut logos.`,
  ];
  const at = "3:43 /svg";
  const cases: [what: string, shapes: string, expected: string[], attributes?: string][] = [
    ["a mark in the middle", GROUND + MARK, []],
    ["a mark to the corners", `${GROUND}<path d="M10 10L86 86L86 84L12 10z" fill="#fff"/>`, out(112, `${at}/path`)],
    [
      "the farthest of several",
      `${GROUND}${MARK}<circle cx="80" cy="80" r="9" fill="#fff"/>`,
      out(113, "3:87 /svg/circle[2]"),
    ],
    ["a mark without background", '<path d="M10 10L86 86L86 84L12 10z"/>', out(112, "3:1 /svg/path")],
    ["a curve, not the points that guide it", `${GROUND}<path d="M30 48C30 0 66 0 66 48z" fill="#fff"/>`, []],
    [
      "a mark near the edge of the circle",
      `${GROUND}<rect x="46" y="3" width="4" height="30" fill="#fff"/>`,
      tight(94, `${at}/rect[2]`),
    ],
    [
      "a transformed mark",
      `${GROUND}<g transform="translate(30 30)"><rect x="46" y="46" width="4" height="4" fill="#fff"/></g>`,
      tight(94, "3:75 /svg/g/rect"),
    ],
    [
      "a viewBox that is not square",
      '<rect width="200" height="100"/><circle cx="180" cy="50" r="5" fill="#fff"/>',
      [],
      'viewBox="0 0 200 100"',
    ],

    [
      "what can be read, beside what cannot",
      `<circle fill="none" stroke="transparent" r="abc"/>${GROUND}<circle r="NaN" fill="#ggg"/><path d="M10 10L86 86L86 84L12 10z" fill="#fff"/>`,
      out(112, "3:122 /svg/path"),
    ],

    // What is meant to be cut.
    ["stripes from edge to edge", `${GROUND}<rect y="32" width="96" height="32" fill="#fff"/>`, []],
    ["a corner", `${GROUND}<path d="M96 60V96H60z" fill="#fff"/>`, []],
    ["what runs over the edge", `${GROUND}<circle cx="90" cy="90" r="20" fill="#fff"/>`, []],
    ["a panel for the mark", `${GROUND}<rect x="10" y="10" width="76" height="76" fill="#fff"/>${MARK}`, []],
    ["where the pen only was", `${GROUND}<path d="M96 96M30 30h9v9zM0 0" fill="#fff"/>`, []],
    ["what has the colour of the ground", `${GROUND}<path d="M10 10L86 86L86 84L12 10z" fill="#036"/>`, []],
    ["what the ground hides", `<path d="M10 10L86 86L86 84L12 10z" fill="#fff"/>${GROUND}${MARK}`, []],
    ["what is not known", `${GROUND}<path d="M10 10L86 86L86 84L12 10z" fill="#fff" transform="ref(svg)"/>`, []],
    ["what cannot be read", `${GROUND}<path d="M10 10L86 86L86 84L12 10z" fill="#fff" transform="bogus(1)"/>`, []],
  ];
  for (const [what, shapes, expected, attributes] of cases)
    it(what, async () => assert.deepEqual(await said(logo(shapes, attributes), "SVG-028"), expected));
});

describe("SVG-029, text:", () => {
  const cases: [what: string, shapes: string, expected: string[]][] = [
    ["paths", GROUND + MARK, []],
    [
      "a text in a group",
      "<g><text>A</text></g>",
      [
        "warning SVG-029 3:4 /svg/g/text The logo has a text element: its letters look as the fonts of each machine have it.",
      ],
    ],
    [
      "a textArea",
      "<textArea>A</textArea>",
      [
        "warning SVG-029 3:1 /svg/textArea The logo has a textArea element: its letters look as the fonts of each machine have it.",
      ],
    ],
    [
      "a font, as a whole",
      "<defs>\n<font><font-face/><glyph/><hkern/></font></defs>",
      ["warning SVG-029 4:1 /svg/defs/font The logo has a font element; mail receivers show no fonts of a logo's own."],
    ],
    ["a text of another namespace", '<text xmlns="urn:x"/>', []],
  ];
  for (const [what, shapes, expected] of cases)
    it(what, async () => assert.deepEqual(await said(logo(shapes), "SVG-029"), expected));
});

describe("SVG-034, limits:", () => {
  const cases: [what: string, shapes: string, expected: string[]][] = [
    ["a simple logo", GROUND + MARK, []],
    ["32 levels", "<g>".repeat(31) + "</g>".repeat(31), []],
    [
      "33 levels",
      "<g>".repeat(32) + "</g>".repeat(32),
      [`warning SVG-034 3:94 /svg${"/g".repeat(32)} Elements are nested 33 deep; mail receivers may stop at 32.`],
    ],
    ["500 elements", "<g/>".repeat(498), []],
    [
      "501 elements",
      "<g/>".repeat(499),
      ["warning SVG-034 1:1 /svg The logo has 501 elements; mail receivers may stop at 500."],
    ],
    ["16 KB of a path", `<path d="M0 0${"h1".repeat(8190)}"/>`, []],
    [
      "more of a path",
      `<path d="M0 0${"h1".repeat(8191)}"/>`,
      ["warning SVG-034 3:7 /svg/path The path data has 16386 characters; mail receivers may stop at 16384."],
    ],
  ];
  for (const [what, shapes, expected] of cases)
    it(what, async () => assert.deepEqual(await said(logo(shapes), "SVG-034"), expected));
});

it("the samples and the examples have nothing to be warned of", async () => {
  const files = [
    "tests/fixtures/svg/samples/compliant.svg",
    "examples/vmc-cloudflare/logo.svg",
    "examples/cmc-cloudflare/logo.svg",
  ];
  for (const file of files) {
    const bytes = readFileSync(path.resolve(fixtures, "../..", file));
    const rules = [
      "SVG-022",
      "SVG-023",
      "SVG-024",
      "SVG-025",
      "SVG-026",
      "SVG-027",
      "SVG-028",
      "SVG-029",
      "SVG-033",
      "SVG-034",
    ];
    const findings = (await said(bytes, ...rules)).filter((finding) => !finding.startsWith("info SVG-024"));
    assert.deepEqual(findings, [], file);
  }
});
