import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { page } from "../faults/page";

const file = path.join(__dirname, "../../../docs/reliability.md");

// What the page is about comes first, however mocha was started. (Of a whole run this folder is the last.)
for (const about of ["matrix", "onEngine", "randomKill"]) require(`../faults/${about}.spec`);

describe("docs/reliability.md", () => {
  it("is what this run of the tests found", () => {
    const now = page();
    // Set by `npm run reliability`.
    if (process.env.npm_lifecycle_event === "reliability") writeFileSync(file, now);
    const lines = now.split("\n");
    const before = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    const differences = [
      ...before.filter((line) => !lines.includes(line)).map((line) => `- ${line}`),
      ...lines.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
    ];
    assert.ok(
      now === before.join("\n"),
      `The tests found something else than the page says (it is about a whole run, without -g). If each difference is meant, run \`npm run reliability\` and commit the page.\n${differences.join("\n")}`,
    );
  });
});
