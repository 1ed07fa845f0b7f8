import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { lintLogo } from "../../../provider/logo/lint";
import { parseLogo } from "../../../provider/logo/parse";
import type { Edit } from "../../../provider/logo/rule";
import { sizeRules } from "../../../provider/logo/rules/size";
import { GROUND, logo, MARK, said } from "./drawn";

const samples = path.resolve(__dirname, "../../../../tests/fixtures/svg/samples");
const sized = (attributes: string) => logo(GROUND + MARK, attributes);
const MISSING = "info SVG-024 1:1 /svg The svg element has no width and height; mail receivers take the viewBox.";

/** In no order: where one is added does not matter. */
const attributesOf = (svg: string) => svg.match(/\w+="[^"]*"/g)!.sort();

/** What the repairs of these rules make of it. */
async function repaired(svg: string): Promise<string> {
  const parsed = parseLogo(Buffer.from(svg));
  const edits: Edit[] = [];
  for (const rule of sizeRules)
    for (const { fix } of await rule.check(parsed, {}, new Set())) edits.push(...(fix ?? []));
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((text, { start, end, text: by }) => text.slice(0, start) + by + text.slice(end), svg);
}

describe("SVG-022 to SVG-025, the size:", () => {
  const cases: [attributes: string, expected: string[], repair?: string][] = [
    // What real certificates have.
    ['viewBox="0 0 96 96"', [MISSING]],
    ['viewBox="-10.5 -1e1 +96 96"', [MISSING]],
    ['width="96" height="96" viewBox="0 0 96 96"', []],
    ['width="1in" height="96px" viewBox="0 0 512 512"', []],
    ['width="26mm" height="2.6cm" viewBox="0 0 512 512"', []],
    ['width="72pt" height="6pc" viewBox="0 0 512 512"', []],

    // SVG-022
    ["", ["error SVG-022 1:1 /svg The svg element has no viewBox, so that its drawing cannot be scaled.", MISSING]],
    [
      'width="96" height="96px"',
      ["error SVG-022 1:1 /svg The svg element has no viewBox, so that its drawing cannot be scaled."],
      'width="96" height="96px" viewBox="0 0 96 96"',
    ],
    ['viewBox=""', [`error SVG-022 1:77 /svg The viewBox "" is not four numbers.`, MISSING]],
    ['viewBox="0 0 96"', [`error SVG-022 1:77 /svg The viewBox "0 0 96" is not four numbers.`, MISSING]],
    ['viewBox="0 0 96 96 1"', [`error SVG-022 1:77 /svg The viewBox "0 0 96 96 1" is not four numbers.`, MISSING]],
    ['viewBox="0 0 96px 96"', [`error SVG-022 1:77 /svg The viewBox "0 0 96px 96" is not four numbers.`, MISSING]],
    ['viewBox="0 0 NaN 96"', [`error SVG-022 1:77 /svg The viewBox "0 0 NaN 96" is not four numbers.`, MISSING]],
    ['viewBox="0 0 1e999 96"', [`error SVG-022 1:77 /svg The viewBox "0 0 1e999 96" is not four numbers.`, MISSING]],
    ['viewBox="0,,0 96 96"', [`error SVG-022 1:77 /svg The viewBox "0,,0 96 96" is not four numbers.`, MISSING]],
    [
      'viewBox="0 0 0 96"',
      ["error SVG-022 1:77 /svg The viewBox is 0 wide and 96 high, which shows nothing.", MISSING],
    ],
    [
      'viewBox="0 0 9 -9"',
      ["error SVG-022 1:77 /svg The viewBox is 9 wide and -9 high, which shows nothing.", MISSING],
    ],
    [
      'viewBox="0, 0 ,96,96"',
      ["warning SVG-022 1:77 /svg The numbers of the viewBox are parted by commas.", MISSING],
      'viewBox="0 0 96 96"',
    ],

    // SVG-023
    [
      'viewBox="0 0 200 100"',
      ["error SVG-023 1:77 /svg The viewBox is 200 wide and 100 high: not square, as Google wants it.", MISSING],
    ],
    ['viewBox="0 0 512 511.99"', [MISSING]],

    // SVG-024
    [
      'width="100%" height="100%" viewBox="0 0 96 96"',
      [
        'error SVG-024 1:77 /svg width is "100%": relative to a page that a mail receiver does not have.',
        'error SVG-024 1:90 /svg height is "100%": relative to a page that a mail receiver does not have.',
      ],
      ' viewBox="0 0 96 96"',
    ],
    [
      'viewBox="0 0 96 96" width="50%"',
      ['error SVG-024 1:97 /svg width is "50%": relative to a page that a mail receiver does not have.'],
    ],
    [
      'viewBox="0 0 96 96" width="20em" height="20VW"',
      [
        'error SVG-024 1:97 /svg width is "20em": relative to a page that a mail receiver does not have.',
        'error SVG-024 1:110 /svg height is "20VW": relative to a page that a mail receiver does not have.',
      ],
    ],
    ['viewBox="0 0 96 96" width="wide"', ['error SVG-024 1:97 /svg width is "wide", which is no length.']],
    ['viewBox="0 0 96 96" width="96 px"', ['error SVG-024 1:97 /svg width is "96 px", which is no length.']],
    [
      'viewBox="0 0 96 96" width="96constructor"',
      ['error SVG-024 1:97 /svg width is "96constructor", which is no length.'],
    ],
    ['viewBox="0 0 96 96" width="96km"', ['error SVG-024 1:97 /svg width is "96km", which is no length.']],
    [
      'viewBox="0 0 9 9" width="64" height="64px"',
      ["error SVG-024 1:95 /svg The svg element is smaller than 96 pixels (width 64, height 64)."],
      'viewBox="0 0 9 9"',
    ],
    [
      'width="25mm" height="96" viewBox="0 0 9 9"',
      [
        "error SVG-024 1:77 /svg The svg element is smaller than 96 pixels (width 94.4882).",
        ratio("94.4882 by 96", "9 by 9"),
      ],
    ],
    ['width="0" viewBox="0 0 9 9"', ["error SVG-024 1:77 /svg The svg element is smaller than 96 pixels (width 0)."]],
    [
      'width="-96" viewBox="0 0 9 9"',
      ["error SVG-024 1:77 /svg The svg element is smaller than 96 pixels (width -96)."],
    ],

    // SVG-025
    ['width="200" height="100" viewBox="0 0 9 9"', [ratio("200 by 100", "9 by 9")]],
    [
      'width="200" height="100" viewBox="0 0 2 1"',
      ["error SVG-023 1:102 /svg The viewBox is 2 wide and 1 high: not square, as Google wants it."],
    ],
  ];
  function ratio(pixels: string, box: string): string {
    return `warning SVG-025 1:77 /svg The svg element is ${pixels} pixels, but its viewBox ${box}.`;
  }
  for (const [attributes, expected, repair] of cases) {
    it(attributes || "nothing", async () => {
      const svg = sized(attributes);
      assert.deepEqual(await said(svg, "SVG-022", "SVG-023", "SVG-024", "SVG-025"), expected);
      assert.deepEqual(attributesOf(await repaired(svg)), attributesOf(sized(repair ?? attributes)));
    });
  }

  it("says what a logo that is not square costs, and how to make it square", async () => {
    const [finding] = (await lintLogo(Buffer.from(sized('viewBox="10 0 200 100"')))).filter(
      ({ ruleId }) => ruleId === "SVG-023",
    );
    assert.match(finding!.hint!, /second certificate\. Write viewBox="10 -50 200 200"/);
    assert.match(finding!.spec!, /^Google/);
  });

  it("knows the public samples", async () => {
    const rules = ["SVG-022", "SVG-023", "SVG-024", "SVG-025"];
    assert.deepEqual(await said(readFileSync(path.join(samples, "compliant.svg")), ...rules), []);
    assert.deepEqual(await said(readFileSync(path.join(samples, "bug-width-percentage.svg")), ...rules), [
      'error SVG-024 2:20 /svg width is "100%": relative to a page that a mail receiver does not have.',
    ]);
  });

  it("repairs nothing that it does not understand, such as entities in a viewBox", async () => {
    const svg = sized('viewBox="0&#44;0,96,96"');
    assert.deepEqual((await said(svg, "SVG-022")).length, 1);
    assert.match(await repaired(svg), /viewBox="0 0 96 96"/);
  });
});
