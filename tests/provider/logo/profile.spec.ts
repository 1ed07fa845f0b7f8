import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { allows, CONSTRAINED, PROFILE, PROPERTIES } from "../../../provider/logo/profile";

interface SchemaElement {
  attrs: Record<string, { vals: string[]; data: string[]; pat: string[] }>;
  children: string[];
  text: boolean;
}

/** What the schema itself says, by element. */
const schema: Record<string, SchemaElement> = JSON.parse(
  readFileSync(join(process.cwd(), "tests/fixtures/svg/schema/svg-ps-matrix.json"), "utf8"),
);
const childrenOf = (name: string) => schema[name]!.children.map((child) => (child === "svgTitle" ? "title" : child));

/** `svg` and all that it can contain. */
function reachable(name = "svg", found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const child of childrenOf(name)) reachable(child, found);
  return found;
}

describe("PROFILE, against the schema of SVG Tiny PS", () => {
  it("has the elements that can occur", () => {
    assert.deepEqual([...PROFILE.keys()].sort(), [...reachable()].sort());
    assert.equal(PROFILE.size, 20);
  });

  for (const name of reachable()) {
    it(`has what ${name} may have`, () => {
      const profile = PROFILE.get(name)!;
      assert.deepEqual([...profile.children].sort(), childrenOf(name).sort());
      assert.equal(profile.text, schema[name]!.text);
      const { attrs } = schema[name]!;
      assert.deepEqual([...profile.attributes.keys()].sort(), Object.keys(attrs).sort());
      for (const [attribute, { vals, data, pat }] of Object.entries(attrs)) {
        const { values, kind } = profile.attributes.get(attribute)!;
        const of = `${attribute} of ${name}`;
        const isAnyText = data.length === 0 ? vals.length === 0 : data.includes("string") && pat.length === 0;
        if (isAnyText) assert.deepEqual([values, kind], [undefined, undefined], of);
        else if (pat.length > 0) assert.equal(kind, attribute, of);
        else if (data.length > 0) assert.deepEqual([kind], data, of);
        else assert.deepEqual([...values!].sort(), [...vals].sort(), of);
      }
    });
  }

  it("takes and refuses the values that the schema does", () => {
    const pat = Object.values(schema.svg!.attrs).flatMap((each) => each.pat);
    assert.deepEqual(pat, ["\\s*(none|xMidYMid)\\s*(meet)?\\s*"]);
    // \s of XML Schema, and the whole value.
    const pattern = new RegExp(`^(?:${pat[0]!.replaceAll("\\s", "[ \\t\\r\\n]")})$`);
    for (const value of [
      "none",
      "xMidYMid",
      " xMidYMid  meet ",
      "nonemeet",
      "",
      "meet",
      "xMinYMin meet",
      "xMidYMid slice",
      "none\u00a0meet",
    ]) {
      assert.equal(allows({ kind: "preserveAspectRatio" }, value), pattern.test(value), value);
    }
    const cases: [kind: "NCName" | "NMTOKENS" | "language", good: string[], bad: string[]][] = [
      ["NCName", ["a", "_1", "é-.·9", " a ", "\u{10000}"], ["", "1a", "a b", "a:b", "-a", "·a", "\u00d7"]],
      ["NMTOKENS", ["a", "1 -b  c:d", " a "], ["", " ", "a,b", "a#"]],
      ["language", ["", "en", "de-CH-1996", "x-klingon"], ["1a", "toolongname", "a b", "en_US", "-"]],
    ];
    for (const [kind, good, bad] of cases) {
      for (const value of good) assert.ok(allows({ kind }, value), `${kind} ${value}`);
      for (const value of bad) assert.ok(!allows({ kind }, value), `${kind} ${value}`);
    }
    assert.ok(allows({ values: ["bold"] }, " bold\n"));
    assert.ok(!allows({ values: ["bold"] }, "Bold"));
  });

  it("names properties and constrained attributes that the schema has", () => {
    const all = new Set([...PROFILE.values()].flatMap(({ attributes }) => [...attributes.keys()]));
    for (const name of [...PROPERTIES, ...CONSTRAINED.keys()]) assert.ok(all.has(name), name);
    for (const name of ["id", "class", "transform", "x", "d"]) assert.ok(!PROPERTIES.has(name), name);
  });
});
