import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { lintLogo } from "../../provider/logo";
import { type Simulator, startSimulator } from "../../simulator";
import { Harness } from "./harness";
import { printed, zoneId } from "./support";

const example = path.join(__dirname, "../../../examples/vmc-cloudflare");

/** As drawing programs export it: much of it is forbidden, in many ways. */
const exported = `<?xml version="1.0" encoding="utf-8"?>
<svg version="1.1" id="Layer_1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  x="0px" y="0px" width="100%" viewBox="0 0 200 100" style="enable-background:new 0 0 200 100;" onclick="go()">
<style type="text/css">.st0{fill:#0A5;}</style>
<g opacity="0.5">
  <image xlink:href="data:image/png;base64,iVBORw0KGgo=" width="10" height="10"/>
  <use xlink:href="https://example.com/shapes.svg#a"/>
  <rect class="st0" width="200" height="100" fill="url(https://example.com/p.svg#p)"/>
</g>
<script>go()</script>
</svg>
`;

describe("a bad logo", function () {
  this.timeout(300_000);

  let harness: Harness;
  let simulator: Simulator;
  before(async () => {
    harness = await Harness.create();
    simulator = await startSimulator({ zones: { "example.com": zoneId } });
  });
  after(async () => {
    harness.dispose();
    await simulator.stop();
  });

  it("in the example fails the preview with every finding, before any call", async () => {
    const [index, tsconfig] = ["index.ts", "tsconfig.json"].map((name) =>
      readFileSync(path.join(example, name), "utf8"),
    );
    const project = await harness.project({
      files: { "index.ts": index!, "tsconfig.json": tsconfig!, "logo.svg": exported },
      services: simulator,
      config: { domain: "example.com", zoneId, organizationId: String(simulator.account.organizationId) },
    });
    const findings = (await lintLogo(Buffer.from(exported))).filter(({ severity }) => severity === "error");
    assert.ok(findings.length > 8, `only ${findings.length} findings`);
    const result = await project.preview();
    assert.notEqual(result.code, 0, "the preview succeeded");
    assert.deepEqual(simulator.journal, [], "nobody was called");
    const said = printed(result);
    for (const { ruleId, line, column, message, hint } of findings) {
      const place = line === undefined ? "" : ` at line ${line}, column ${column}`;
      assert.ok(said.includes(`${ruleId}${place}`), `${ruleId}${place} is not in:\n${said}`);
      assert.ok(said.includes(message), message);
      assert.ok(hint && said.includes(hint), hint ?? `${ruleId} has no hint`);
    }
  });
});
