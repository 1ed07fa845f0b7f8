import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseLogo, pathOf, positionsIn } from "../../../provider/logo/parse";
import { schemaRules } from "../../../provider/logo/rules/schema";
import { SCHEMA_FILE, validate } from "../../../provider/logo/schema/validate";
import { GROUND, logo, MARK, said } from "./drawn";

const root = path.resolve(__dirname, "../../../..");
const probes = path.join(root, "tests/fixtures/svg");

describe("the schema of SVG Tiny PS", () => {
  it("is the published one, and packed with its licence", () => {
    assert.equal(
      createHash("sha256").update(readFileSync(SCHEMA_FILE)).digest("hex"),
      "4081a66fb398b27b436beb093e8268278366e6cc992fa2df74c625c2d5f6457f",
    );
    const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    for (const file of [SCHEMA_FILE, path.join(path.dirname(SCHEMA_FILE), "LICENSE")])
      assert.ok(packed.includes(`"${path.relative(root, file)}"`), file);
  }).timeout(60_000);

  const expected: { file: string; rng: string; errors?: string[] }[] = JSON.parse(
    readFileSync(path.join(probes, "expected.json"), "utf8"),
  );
  it("has a verdict for every probe", () => {
    const files = readdirSync(probes).filter((file) => file.endsWith(".svg"));
    assert.deepEqual(expected.map(({ file }) => file).sort(), files.sort());
  });
  for (const { file, rng, errors } of expected) {
    it(`finds ${file} ${rng}`, async () => {
      const refusals = await validate(readFileSync(path.join(probes, file)));
      assert.equal(refusals.length === 0 ? "valid" : "invalid", rng);
      if (errors)
        assert.deepEqual(
          refusals.map(({ message }) => message),
          errors,
        );
    });
  }

  it("stays as quick and as small when it is asked a thousand times", async () => {
    const bytes = [logo(GROUND + MARK), logo("<bad/>")].map((svg) => Buffer.from(svg));
    for (const each of bytes) await validate(each);
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 1000; n++) assert.equal((await validate(bytes[n % 2]!)).length > 0, n % 2 === 1);
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 50e6, `${grown} bytes were kept`);
  });

  it("is loaded for the first logo only", () => {
    const script = `
      let loaded = false;
      WebAssembly.instantiate = new Proxy(WebAssembly.instantiate, {
        apply: (instantiate, self, args) => ((loaded = true), Reflect.apply(instantiate, self, args)),
      });
      require("./dist/provider/engines/dynamic.js");
      const { lintLogo } = require("./dist/provider/logo");
      (async () => {
        const seen = [loaded];
        await lintLogo(Buffer.from("no logo"));
        seen.push(loaded);
        await lintLogo(Buffer.from(process.argv[1]));
        console.log(JSON.stringify([...seen, loaded]));
      })();`;
    const svg = logo(GROUND + MARK);
    const printed = execFileSync(process.execPath, ["-e", script, svg], { cwd: root, encoding: "utf8" });
    assert.deepEqual(JSON.parse(printed), [false, false, true]);
  }).timeout(60_000);
});

describe("SVG-033, the schema as a backstop:", () => {
  const refused = (place: string, message: string) =>
    `error SVG-033 ${place} The schema of SVG Tiny PS refuses this: ${message}.`;
  const nested = (depth: number) => "<g>".repeat(depth) + GROUND + MARK + "</g>".repeat(depth);

  it("has nothing to say of a good logo", async () => {
    assert.deepEqual(await said(logo(GROUND + MARK), "SVG-033"), []);
    assert.deepEqual(await said(`\uFEFF<?xml version="1.0" encoding="utf-8"?>${logo(nested(190))}`, "SVG-033"), []);
  });

  /** What it says where the other rules know nothing. */
  async function alone(svg: string): Promise<string[]> {
    const parsed = parseLogo(Buffer.from(svg));
    const problems = await schemaRules[0]!.check(parsed, {}, new Set());
    return [...problems].map(({ message, element }) => {
      const { line, column } = positionsIn(parsed.text)(element!.offset);
      return `error SVG-033 ${line}:${column} ${pathOf(element!)} ${message}`;
    });
  }

  it("says where the schema refuses what no other rule knows", async () => {
    const value = logo(`${GROUND}\n<g>\n  <path d="M0 0" stroke-linecap="pointed"/></g>${MARK}`);
    const expected = [refused("5:3 /svg/g/path", "Invalid attribute stroke-linecap for element path")];
    assert.deepEqual(await alone(value), expected);
    assert.deepEqual(await alone(value.replaceAll(/<(\/?)(?=\w)/g, "<$1s:").replace("xmlns=", "xmlns:s=")), expected);
  });

  it("tells each place once", async () => {
    const wrong = '<path d="M0 0" fill-rule="x" stroke-linejoin="y"/>';
    assert.equal((await alone(logo(GROUND + MARK + wrong + wrong))).length, 2);
    assert.equal((await alone(logo(GROUND + MARK + wrong.repeat(400)))).length, 20);
  });

  it("is silent where another rule says why, or where there is more to refuse", async () => {
    const bad = '<path d="M0 0" stroke-linecap="pointed"/>';
    for (const svg of [
      logo(bad).replace("tiny-ps", "tiny"),
      logo(bad).replace("<title>Acme</title>", ""),
      `<!DOCTYPE svg>${logo(bad)}`,
      logo(bad).padEnd(70_000),
      logo(bad).replace("2000/svg", "2000/SVG"),
    ])
      assert.deepEqual(await said(svg, "SVG-033"), []);
  });

  it("speaks beside errors about what is drawn, which the schema knows nothing of", async () => {
    const parsed = parseLogo(Buffer.from(logo('<path d="M0 0" stroke-linecap="pointed"/>')));
    const check = async (...errors: string[]) => [...(await schemaRules[0]!.check(parsed, {}, new Set(errors)))].length;
    assert.equal(await check("SVG-013", "SVG-022", "SVG-024", "SVG-026"), 1);
    assert.equal(await check("SVG-022", "SVG-016"), 0);
  });

  it("refuses what is nested too deep to be asked about", async () => {
    const deep =
      "error SVG-033 1:1 /svg Elements are nested more than 200 deep: too deep to be checked against the schema.";
    assert.deepEqual(await said(logo(nested(250)), "SVG-033"), [deep]);
    assert.deepEqual(await said(logo(nested(450)), "SVG-033"), [deep]);
  });

  it("says so when libxml2 is stricter about XML", async () => {
    const svg = `<?xml version="1.0" encoding="US-ASCII"?>${logo(GROUND + MARK).replace("Acme", "Zoë")}`;
    assert.match(
      (await said(svg, "SVG-033"))[0]!,
      /^error SVG-033 1:42 \/svg The schema of SVG Tiny PS refuses this: .*ncod/,
    );
  });
});
