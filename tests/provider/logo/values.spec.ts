import assert from "node:assert/strict";
import { lintLogo } from "../../../provider/logo/lint";
import { GROUND, logo, MARK, said } from "./drawn";

const told = (shapes: string) => said(logo(`${GROUND}${MARK}\n<g>${shapes}</g>`), "SVG-015");

describe("SVG-015, values that the schema takes and SVG Tiny 1.2 cannot read:", () => {
  const cases: [element: string, attribute: string, value: string, problem: string][] = [
    ...["transparent", "rgba(255,255,255,0)", "#ffffff00", "#fff0", "hsl(0,0%,100%)", "rgb(255 255 255)", "white none"]
      .concat("#ggg", "gold", "rgb(1,2)", "rgb(1,2,3%)", "", "initial", "url(#a) bogus(", "url(#a")
      .map((value): [string, string, string, string] => ["rect", "fill", value, "which is no colour of SVG Tiny 1.2"]),
    ["g", "stroke", "rgb(0 0 0 / 50%)", "which is no colour of SVG Tiny 1.2"],
    ["g", "color", "unset", "which is no colour of SVG Tiny 1.2"],
    ["solidColor", "solid-color", "none", "which is no colour of SVG Tiny 1.2"],
    ["rect", "fill-opacity", "50%", "which is no number"],
    ["rect", "stroke-opacity", "half", "which is no number"],
    ["circle", "cx", "NaN", "which is no length"],
    ["circle", "cy", "1e999", "which is no length"],
    ["circle", "r", "abc", "which is no length"],
    ["circle", "r", "-1", "which is below 0"],
    ["rect", "x", "", "which is no length"],
    ["rect", "width", "5 px", "which is no length"],
    ["rect", "width", "5vw", "which is no length"],
    ["rect", "height", "auto", "which is no length"],
    ["use", "x", "--1", "which is no length"],
    ["path", "stroke-width", "1,5", "which is no length"],
    ["path", "stroke-width", "-.1", "which is below 0"],
    ["path", "stroke-dasharray", "1 2 foo", "which is no list of lengths"],
    ["polygon", "points", "1 2 3", "the last point of which has no y"],
    ["polyline", "points", "1 2,,3 4", "which is no list of numbers"],
    ["path", "d", "M0 0 Lfoo", 'which cannot be read from character 7 on ("foo")'],
    ["path", "d", "M0 0L5", "which cannot be read from character 7 on, where it ends"],
    ["path", "d", "L5 5", 'which cannot be read from character 1 on ("L5 5")'],
    ["path", "d", "M1 1r5 5", 'which cannot be read from character 5 on ("r5 5")'],
    ["path", "d", "M1 1,z", 'which cannot be read from character 6 on ("z")'],
    ["path", "d", "M1 1a5 5 0 2 1 5 5", 'which cannot be read from character 12 on ("2 1 5 5")'],
    ["path", "d", "M1 1e999", 'which cannot be read from character 4 on ("1e999")'],
    ["path", "d", "none", 'which cannot be read from character 1 on ("none")'],
    ["path", "transform", "bogus(1)", "which cannot be read"],
    ["g", "transform", "scale(1", "which cannot be read"],
    ["g", "transform", "rotate(45deg)", "which cannot be read"],
    ["g", "transform", "translate(1px, 2px)", "which cannot be read"],
  ];
  for (const [element, attribute, value, problem] of cases) {
    it(`${attribute}="${value}"`, async () => {
      const findings = await told(`<${element} id="a" ${attribute}="${value}"/>`);
      const column = '<g>< id="a" '.length + element.length + 1;
      assert.deepEqual(findings, [
        `warning SVG-015 4:${column} /svg/g/${element} ${attribute} of ${element} is "${value}", ${problem}.`,
      ]);
    });
  }

  it("and nothing that it can read", async () => {
    const of = (element: string, attribute: string, ...values: string[]) =>
      values.map((value) => `<${element} ${attribute}="${value}"/>`).join("");
    const shapes = [
      '<linearGradient id="a"><stop offset="50%" stop-color="currentColor" stop-opacity="inherit"/></linearGradient>',
      of(
        "rect",
        "fill",
        "none",
        "inherit",
        "currentColor",
        "currentcolor",
        "WHITE",
        "teal",
        "ButtonFace",
        "windowtext",
      ),
      of("rect", "fill", "#abc", "#ABCDEF", " #fff ", "rgb(1,2,3)", "rgb( 1 , -2,+300)", "rgb(1%,.5%,2.5e1%)"),
      of("rect", "fill", "url(#a)", "url(#a) none", "url(#a) #fff", "url( #a ) currentColor", "url(#a) rgb(1,2,3)"),
      of("rect", "fill-opacity", "0", "-1", "2", "5e-1", ".5", "inherit", " 1 "),
      of(
        "rect",
        "x",
        "1",
        "-1",
        "+.5",
        "1.",
        "1e-3",
        "1E2",
        "5px",
        "2em",
        "1.5ex",
        "50%",
        "1in",
        "1cm",
        "1mm",
        "1pt",
        "1PC",
      ),
      of("path", "stroke-width", "0", "1px", "inherit", "5%"),
      of("path", "stroke-dasharray", "none", "inherit", "1", "1,2 3", "1 , 2", "1px 2%", ""),
      of("polygon", "points", "", "0,0 1,1", "0 0-1-1", "1.5.5 2,3", " 1 2 "),
      of(
        "path",
        "d",
        "",
        " ",
        "M0 0",
        "m0,0",
        "M1 2 3 4 5 6",
        "M0 0zm1 1z",
        "M0 0Z z",
        "M.5.5-.5-.5",
        "M1e2.5h+5v-5e-1",
      ),
      of(
        "path",
        "d",
        "M0 0a5 5 0 113 3",
        "M0 0A5,5,0,1,1,3,3 5 5 0 00.5.5",
        "M007 1L 01,02",
        "M0 0C1 2 3 4 5 6S1 2 3 4Q1 2 3 4T5 6",
      ),
      of("path", "d", "\n\tM0 0\n  L 5 , 5\n"),
      of(
        "g",
        "transform",
        "",
        "none",
        "scale(2)",
        "translate(1,2) , rotate(4 5 6)skewX(1)",
        "matrix(1 0 0 1 0 0)",
        "ref(svg)",
      ),
      of("g", "transform", "ref(svg, 1, 2)", "translate (1-2)", " scale( 1e-1 ) "),
      '<text x="1 2,3" y="1em" rotate="10 -20">A</text><textArea width="auto" height="5">A</textArea>',
    ];
    for (const each of shapes) assert.deepEqual(await told(each), [], each);
  });

  it("after errors, which they must not crowd out", async () => {
    const findings = await told(`${'<circle r="x"/>'.repeat(30)}<circle opacity="1"/>`);
    assert.equal(findings.length, 20);
    assert.match(findings[0]!, /^error SVG-015 .* opacity is not allowed on circle\./);
  });

  it("of which no more is repeated than can be read", async () => {
    const svg = logo(`${GROUND}${MARK}<path d="M0 0${"h1".repeat(5000)}foo"/>`);
    const [finding] = (await lintLogo(Buffer.from(svg))).filter(({ ruleId }) => ruleId === "SVG-015");
    assert.match(
      finding!.message,
      /^d of path is "M0 0(?:h1)+h…", which cannot be read from character 10005 on \("foo"\)\.$/,
    );
  });
});
