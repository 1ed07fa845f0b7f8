import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exercisedBy } from "./exercised";

interface Entry {
  id: string;
  seed: "vmc-lifecycle" | "order-common-mark-certificate";
  kind: "endpoint" | "parameter" | "response" | "rule";
  text: string;
  at: string;
}

const root = join(__dirname, "..", "..", "..");
const entries = JSON.parse(readFileSync(join(root, "simulator", "seeds.json"), "utf8")) as Entry[];

// the specs that record what they exercise come first, however mocha was started
for (const file of readdirSync(__dirname)) {
  if (file.endsWith(".spec.js") && file !== "seeds.spec.js") require(join(__dirname, file));
}

describe("simulator/seeds.json", () => {
  it("has each entry once, of a known kind, from both documents", () => {
    const ids = entries.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { id, seed, kind, text } of entries) {
      assert.ok(["vmc-lifecycle", "order-common-mark-certificate"].includes(seed), id);
      assert.ok(["endpoint", "parameter", "response", "rule"].includes(kind), id);
      assert.ok(text.length > 1, id);
      assert.equal(id.startsWith("S1."), seed === "vmc-lifecycle", id);
    }
  });

  it("says for each entry where it stands", () => {
    for (const { id, at } of entries) {
      const [file, symbol] = at.split("#");
      const source = readFileSync(join(root, file!), "utf8");
      assert.match(source, new RegExp(`(function|const|class) ${symbol}\\b`), `${id}: ${at}`);
    }
  });

  it("is exercised by the tests, entry by entry", () => {
    const missing = entries
      .map(({ id }) => id)
      .filter((id) => ![...(exercisedBy.get(id) ?? [])].some((spec) => spec.startsWith("simulator/")));
    assert.deepEqual(missing, []);
    const unknown = [...exercisedBy.keys()].filter((id) => !entries.some((entry) => entry.id === id));
    assert.deepEqual(unknown, []);
  });
});
