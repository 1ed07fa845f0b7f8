import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Simulator, startSimulator } from "../../simulator";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { during, ordersAt, svg, zoneId } from "./support";

const program = `
const bimi = require("pulumi-bimi");
const name = require("@pulumi/pulumi").getStack() + ".example.com";
const order = new bimi.VmcOrder("logo", {
  dnsNames: [name], organization: { id: Number(process.env.ORGANIZATION) }, logo: "logo.svg", dcvMethod: "dns-txt-token",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
});
new bimi.CloudflareBimi("bimi", {
  order, zones: { "example.com": "${zoneId}" },
  logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
});
`;

describe("bimi doctor and bimi orphans over real stacks", function () {
  this.timeout(240_000);

  let harness: Harness;
  let simulator: Simulator;
  let project: PulumiProject;
  before(async () => {
    harness = await Harness.create();
    simulator = await startSimulator({ zones: { "example.com": zoneId } });
    project = await harness.project({
      files: { "index.js": program, "logo.svg": svg() },
      services: simulator,
      secrets: { "bimi:apiKey": simulator.apiKey },
      env: { ORGANIZATION: String(simulator.account.organizationId), DIGICERT_API_KEY: undefined },
    });
  });
  after(async () => {
    harness.dispose();
    await simulator.stop();
  });

  /** `npx bimi <command>` in the project's directory, which only reads. */
  async function bimi(args: string[], env: NodeJS.ProcessEnv = {}) {
    const script = path.join(harness.nodeModules, ".bin", "bimi");
    const options = { cwd: project.dir, env: { ...project.env, ...env } };
    const { calls, result } = await during(
      simulator,
      () =>
        new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
          execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) =>
            resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
          );
        }),
    );
    for (const { method, path } of calls.all) assert.equal(method, "GET", path);
    const said = result.stdout + result.stderr;
    for (const secret of [simulator.apiKey, simulator.cloudflareToken])
      assert.ok(!said.includes(secret), "prints a secret");
    return result;
  }

  it("an order whose stack was killed and destroyed is found, and then taken over", async () => {
    await simulator.control.fault({ match: { method: "POST", path: "^/order/" }, kind: "timeout", commit: true });
    const up = project.spawn("up", "--yes", "--skip-preview");
    while ((await ordersAt(simulator)).length === 0) await sleep(50);
    await up.killTree();
    const [order] = await ordersAt(simulator);
    const killed = await bimi(["orphans"]);
    assert.equal(killed.code, 1, killed.stderr);
    assert.match(killed.stdout, new RegExp(`\n\nOrder ${order!.id}, VMC, pending: no state holds it\n`));
    assert.match(
      killed.stdout,
      /\n {2}probably of {2}VmcOrder logo of stack dev: Pulumi was killed while it created this\n/,
    );

    await project.pulumi("cancel", "--yes");
    succeeded(await project.destroy());
    assert.equal((await ordersAt(simulator))[0]!.status, "pending", "the state knew of nothing to cancel");
    succeeded(await project.pulumi("stack", "init", "prod"));
    succeeded(await project.pulumi("config", "set", "--secret", "bimi:apiKey", simulator.apiKey, "--stack", "prod"));
    succeeded(await project.pulumi("up", "--yes", "--skip-preview", "--stack", "prod"));
    const destroyed = await bimi(["orphans", "--json"]);
    const { orphans, considered, projects } = JSON.parse(destroyed.stdout);
    assert.deepEqual([destroyed.code, considered, projects], [1, ["stack dev", "stack prod"], ["bimi"]]);
    assert.equal(orphans.length, 1, "the other stack's order is no orphan");
    const { orderId, resource } = orphans[0];
    assert.deepEqual([orderId, resource?.name, resource?.stack], [order!.id, "logo", "dev"]);

    succeeded(await project.pulumi("up", "--yes", "--skip-preview", "--stack", "dev"));
    const after = await bimi(["orphans"]);
    assert.deepEqual([after.code, after.stderr], [0, ""], after.stdout);
    assert.match(after.stdout, /\n\nNo open orders that no state holds\.\n$/);
    assert.equal((await ordersAt(simulator)).length, 2);
  });

  it("the doctor finds nothing wrong, and then what is", async () => {
    const well = await bimi(["doctor", "--stack", "dev"]);
    assert.equal(well.code, 0, well.stdout + well.stderr);
    assert.match(well.stdout, /^Stack dev \(project bimi\)\n\nok {7}state: readable: 1 order, 0 organizations\n/);
    assert.match(well.stdout, /^ok {7}API key: bimi:apiKey of the stack's configuration, secret$/m);
    assert.match(well.stdout, /^ok {7}zone example\.com: the token may edit its records/m);
    assert.match(well.stdout, /^ok {7}organization \d+: .*EV validation is pending/m);

    const locked = await bimi(["doctor", "--stack", "dev"], { PULUMI_CONFIG_PASSPHRASE: "wrong" });
    assert.equal(locked.code, 1);
    assert.match(
      locked.stdout,
      /^problem {2}key at DigiCert: `pulumi config get bimi:apiKey --stack dev` failed .*passphrase/m,
    );

    succeeded(await project.pulumi("config", "set", "bimi:apiKey", simulator.apiKey, "--plaintext", "--stack", "dev"));
    await simulator.control.setProducts(["mark_certificate"]);
    const ill = await bimi(["doctor", "--stack", "dev", "--json"]);
    assert.equal(ill.code, 1);
    const problems = JSON.parse(ill.stdout).checks.filter(({ status }: { status: string }) => status === "problem");
    assert.deepEqual(
      problems.map(({ name }: { name: string }) => name),
      ["API key", "products"],
    );
  });
});
