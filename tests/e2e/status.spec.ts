import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { type Simulator, startSimulator } from "../../simulator";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { ada, during, ordersAt, svg } from "./support";

const program = `
const bimi = require("pulumi-bimi");
const id = Number(process.env.ORGANIZATION);
new bimi.OrgValidation("acme", { organizationId: id, validations: ["ev"], verifiedUsers: [${JSON.stringify(ada)}] });
const order = new bimi.VmcOrder("logo", {
  dnsNames: ["example.com"], organization: { id }, logo: "logo.svg", dcvMethod: "dns-txt-token",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
});
new bimi.MarkCertificate("logo", {
  order, logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
});
`;

describe("bimi status over a real stack", function () {
  this.timeout(240_000);

  let harness: Harness;
  let simulator: Simulator;
  let project: PulumiProject;
  before(async () => {
    harness = await Harness.create();
    simulator = await startSimulator();
    project = await harness.project({
      files: { "index.js": program, "logo.svg": svg() },
      services: simulator,
      // The key is where users are told to put it: in the stack's configuration, encrypted.
      secrets: { "bimi:apiKey": simulator.apiKey },
      config: { "bimi:baseUrl": simulator.baseUrl },
      env: {
        ORGANIZATION: String(simulator.account.organizationId),
        DIGICERT_API_KEY: undefined,
        DIGICERT_BASE_URL: undefined,
      },
    });
  });
  after(async () => {
    harness.dispose();
    await simulator.stop();
  });

  /** `npx bimi status` in the project's directory. */
  function status(args: string[], { env = {}, input = "" }: { env?: NodeJS.ProcessEnv; input?: string } = {}) {
    const bimi = path.join(harness.nodeModules, ".bin", "bimi");
    const options = { cwd: project.dir, env: { ...project.env, ...env } };
    const child = spawn(process.execPath, [bimi, "status", ...args], options);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk) => {
      stderr += chunk;
    });
    child.stdin.on("error", () => {}).end(input);
    const result = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => {
        assert.ok(!(stdout + stderr).includes(simulator.apiKey), "prints the key");
        resolve({ code, stdout, stderr });
      });
    });
    const said = new Promise<void>((resolve) => {
      child.stdout.on("data", () => stdout.includes("missing") && resolve());
    });
    return { result, said, kill: () => child.kill("SIGKILL") };
  }

  it("tells what is missing, waits, is killed, waits again, and never writes", async () => {
    const empty = await status([]).result;
    assert.deepEqual([empty.code, empty.stdout, empty.stderr], [0, "The stack has no orders.\n", ""]);

    succeeded(await project.up());
    const [order] = await ordersAt(simulator);
    const { calls } = await during(simulator, async () => {
      const first = await status([]).result;
      assert.equal(first.code, 0, first.stderr);
      assert.match(
        first.stdout,
        new RegExp(`^Stack dev \\(project bimi\\)\n\nVmcOrder logo: VMC, order ${order!.id}, pending\n`),
      );
      assert.match(
        first.stdout,
        /\n {2}missing {6}you {7}domain control of example\.com: TXT record at example\.com \(since /,
      );
      assert.match(first.stdout, /\n\nOrgValidation acme: organization \d+\n {2}validations {2}EV pending\n/);

      const late = await status(["--wait-for", "issued", "--timeout", "1s"]).result;
      assert.equal(late.code, 3, late.stderr);
      assert.match(late.stdout, /Timed out after 1s/);

      const killed = status(["--wait-for", "issued"]);
      await killed.said;
      killed.kill();
      assert.equal((await killed.result).code, null);

      const again = status(["--wait-for", "issued"]);
      await again.said;
      await simulator.control.approveDomain("example.com");
      await simulator.control.vet(order!.id);
      const { code, stdout, stderr } = await again.result;
      assert.equal(code, 0, stderr);
      assert.match(stdout, /\d VmcOrder logo \(order \d+\): pending -> issued\nReached: all orders are issued\.\n$/);
    });
    assert.deepEqual(calls.writes, []);
    assert.equal(calls.matching("GET", /status-changes/).length >= 1, true);
  });

  it("reads a state from a pipe, and says what the next `pulumi up` does", async () => {
    const state = JSON.stringify(await project.stackExport());
    const { code, stdout, stderr } = await status(["--json", "--state", "-"], { input: state }).result;
    assert.equal(code, 0, stderr);
    const { orders, organizations } = JSON.parse(stdout);
    assert.equal(orders[0].status, "issued");
    assert.match(orders[0].next.join(), /run `pulumi up`: it verifies the issued certificate and publishes it/);
    assert.equal(organizations[0].validations[0].status, "active");
    succeeded(await project.up());
    const after = JSON.parse((await status(["--json"]).result).stdout);
    assert.deepEqual([after.orders[0].status, after.orders[0].next], ["issued", []]);
  });

  it("ends with 2 and the remedy when stack, Pulumi or key are missing or wrong", async () => {
    const { calls } = await during(simulator, async () => {
      for (const [args, env, says] of [
        [["--stack", "nowhere"], {}, /`pulumi stack export --stack nowhere` failed in .*nowhere.*--stack/s],
        [["--cwd", ".."], {}, /`pulumi stack export` failed in .*--cwd/s],
        [[], { PATH: "/nowhere" }, /`pulumi` is not on the PATH.*--state FILE/],
        [
          [],
          { PULUMI_CONFIG_PASSPHRASE: "wrong" },
          /No CertCentral API key: .*config get bimi:apiKey` failed.*passphrase/s,
        ],
        [["--wait-for", "ever"], {}, /give one of dcv, issued/],
      ] as const) {
        const { code, stdout, stderr } = await status([...args], { env }).result;
        assert.deepEqual([code, stdout], [2, ""], stderr);
        assert.match(stderr, says);
      }
    });
    assert.deepEqual(calls.lines, []);
  });

  it("asks with the stack's own key, as an up does, whatever the environment says", async () => {
    const { apiKey } = await simulator.control.addAccount();
    const { code, stderr } = await status([], { env: { DIGICERT_API_KEY: apiKey } }).result;
    assert.equal(code, 0, stderr);
  });

  it("says that a destroyed stack has no orders", async () => {
    succeeded(await project.destroy());
    const { code, stdout } = await status([]).result;
    assert.deepEqual([code, stdout], [0, "The stack has no orders.\n"]);
  });
});
