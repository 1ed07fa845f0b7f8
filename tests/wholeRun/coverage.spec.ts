import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { page, uncovered } from "./page";
import { reasons } from "./reasons";

const file = path.join(__dirname, "../../../docs/coverage.md");

// The specs that are recorded come first, all of them, however mocha was started. (Of a whole run this folder is the last.)
for (const folder of ["provider", "simulator"].map((name) => path.join(__dirname, "..", name))) {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (name.endsWith(".spec.js")) require(path.join(folder, name));
  }
}

describe("docs/coverage.md", () => {
  it("is what this run of the tests saw called", () => {
    const now = page();
    // Set by `npm run coverage`.
    if (process.env.npm_lifecycle_event === "coverage") writeFileSync(file, now);
    const lines = now.split("\n");
    const before = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    const differences = [
      ...before.filter((line) => !lines.includes(line)).map((line) => `- ${line}`),
      ...lines.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
    ];
    assert.ok(
      now === before.join("\n"),
      `The tests saw other calls than the page says (it is about a whole run, without -g). If each difference is meant, run \`npm run coverage\` and commit the page.\n${differences.join("\n")}`,
    );
  });

  it("has a reason for what no resource sends, and for nothing else", () => {
    assert.deepEqual(uncovered().sort(), Object.keys(reasons).sort());
  });

  it("has a test for every cell of the table of changes", () => {
    assert.doesNotMatch(page(), /\*\*no test\*\*/);
  });
});
