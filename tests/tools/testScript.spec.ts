import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const checkout = path.join(__dirname, "../../..");

describe("npm test", () => {
  it("runs the specs of every folder, by name or as part of a whole run", () => {
    const { scripts } = JSON.parse(readFileSync(path.join(checkout, "package.json"), "utf8"));
    const named = [...scripts.test.matchAll(/dist\/tests\/(\{[^}]*\}|\w+)\//g)].flatMap(([, folder]) =>
      folder.replace(/[{}]/g, "").split(","),
    );
    // They are required by tests/wholeRun.
    const parts = ["provider", "simulator", "faults"];
    const specs = readdirSync(path.join(checkout, "tests"), { recursive: true, encoding: "utf8" });
    const folders = specs.filter((name) => name.endsWith(".spec.ts")).map((name) => name.split(path.sep)[0]);
    assert.deepEqual([...new Set(folders)].sort(), [...new Set([...named, ...parts])].sort());
  });
});
