import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../simulator";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { ada, during, ordersAt, printed, resource, svg, testsInPairs, until, zoneId } from "./support";

const zones = { "example.com": zoneId };

/**
 * Makes time pass 30 times as fast in the process that orders, which waits for minutes where it is in doubt; DigiCert's
 * time stays the simulator's.
 */
const fastTime = `
if (/dynamic-provider/.test(process.argv[1] ?? "")) {
  const { performance } = require("node:perf_hooks");
  const [now, later] = [performance.now.bind(performance), setTimeout];
  performance.now = () => now() * 30;
  globalThis.setTimeout = (work, ms = 0, ...rest) => later(work, ms >= 500 && ms <= 60_000 ? ms / 30 : ms, ...rest);
}
`;

/** One order and its records; `more` are further inputs of the order, as JavaScript. */
const program = (more = "", options = "", name = "logo") => `
const bimi = require("pulumi-bimi");
const order = new bimi.VmcOrder("${name}", {
  dnsNames: ["example.com"],
  organization: {
    id: Number(new (require("@pulumi/pulumi").Config)().require("organizationId")),
    contacts: [{ contactType: "verified_contact", ...${JSON.stringify(ada)} }],
  },
  logo: "logo.svg",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
  dcvMethod: "dns-txt-token",
  ${more}
}, { ${options} });
new bimi.CloudflareBimi("example.com", {
  order, zones: ${JSON.stringify(zones)},
  logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
});
`;

/** Kills, replacements and destroys are in operations.spec.ts. */
describe("an order is never placed twice", function () {
  this.timeout(300_000);

  let harness: Harness;
  const simulators: Simulator[] = [];
  before(async () => {
    harness = await Harness.create();
  });
  after(async () => {
    harness.dispose();
    for (const simulator of simulators) await simulator.stop();
  });

  async function begin(
    files: Record<string, string> = {},
    { fast = false } = {},
  ): Promise<{ simulator: Simulator; project: PulumiProject }> {
    const simulator = await startSimulator({ zones });
    simulators.push(simulator);
    const project = await harness.project({
      files: { "index.js": program(), "logo.svg": svg(), "fast.js": fastTime, ...files },
      services: simulator,
      // Relative to the project, where all its processes start.
      ...(fast && { env: { NODE_OPTIONS: "--require ./fast.js" } }),
      config: { organizationId: String(simulator.account.organizationId) },
    });
    return { simulator, project };
  }

  /** The order that the state holds. */
  async function held(project: PulumiProject, name = "logo"): Promise<number> {
    return resource(await project.stackExport(), "VmcOrder", name).outputs.orderId;
  }

  /** `<order> <status>` of every order at DigiCert, oldest first. */
  async function statuses(simulator: Simulator): Promise<string[]> {
    return (await ordersAt(simulator)).map(({ status }) => status);
  }

  const urnOf = async (project: PulumiProject) => resource(await project.stackExport(), "VmcOrder").urn;

  testsInPairs({
    "by an up whose answers are lost": async () => {
      const kinds = [
        { kind: "reset-after-commit" },
        { kind: "not-json", commit: true },
        { kind: "truncated" },
        { kind: "status", status: 500, commit: true },
      ] as const;
      const { simulator, project } = await begin({
        "index.js": kinds
          .map((_, index) =>
            program("", "", `logo ${index}`)
              .replaceAll("example.com", `${index}.example.com`)
              .replaceAll("const", "var")
              .replaceAll(`{"${index}.example.com"`, '{"example.com"'),
          )
          .join(""),
      });
      for (const kind of kinds) await simulator.control.fault({ match: { method: "POST", path: "^/order/" }, ...kind });
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.equal(calls.orders.length, kinds.length);
      assert.ok(calls.orders.every(({ fault }) => fault !== undefined));
      const placed = await ordersAt(simulator);
      const state = await project.stackExport();
      const inState = kinds.map((_, index) => resource(state, "VmcOrder", `logo ${index}`).outputs.orderId);
      assert.deepEqual(inState.sort(), placed.map(({ id }) => id).sort());
      succeeded(await project.preview("--expect-no-changes"));
    },

    "by an up whose answer is lost while DigiCert does not show the order yet": async () => {
      const { simulator, project } = await begin();
      await simulator.control.fault({ match: { method: "POST", path: "^/order/" }, kind: "reset-after-commit" });
      const up = project.spawn("up", "--yes", "--skip-preview");
      await until(() => simulator.journal.some(({ fault }) => fault === "reset-after-commit"), up);
      await simulator.control.fault({ kind: "lookup-empty", seconds: 4 });
      const result = succeeded(await up.result);
      assert.match(printed(result), /answer to the order \w+ was lost/);
      assert.deepEqual(await statuses(simulator), ["pending"]);
      assert.equal(await held(project), (await ordersAt(simulator))[0]?.id);
    },

    "by an up that DigiCert throttles": async () => {
      const { simulator, project } = await begin();
      await simulator.control.fault({ match: { method: "POST", path: "^/order/" }, kind: "throttle", retryAfter: 1 });
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(
        calls.orders.map(({ status }) => status),
        [429, 201],
      );
      assert.deepEqual(await statuses(simulator), ["pending"]);
    },

    "by an up after one that DigiCert refused": async () => {
      const { simulator, project } = await begin();
      await simulator.control.fault({
        match: { method: "POST", path: "^/order/" },
        kind: "status",
        status: 400,
        body: JSON.stringify({ errors: [{ code: "invalid_trademark", message: "No such registration." }] }),
      });
      const refused = await project.up();
      assert.notEqual(refused.code, 0);
      assert.match(printed(refused), /400 invalid_trademark\): No such registration\. Set trademark\.countryCode/);
      const state = await project.stackExport();
      assert.ok(!state.deployment.resources?.some(({ type }) => /VmcOrder/.test(type)));
      assert.deepEqual(await statuses(simulator), []);
      succeeded(await project.up());
      assert.deepEqual(await statuses(simulator), ["pending"]);
    },

    "by an up after one that could not look at the order it placed": async () => {
      const { simulator, project } = await begin({}, { fast: true });
      const match = { method: "GET", path: "^/order/certificate/\\d+" };
      await simulator.control.fault({ match, kind: "status", status: 503, times: 0 });
      const failed = await project.up();
      assert.notEqual(failed.code, 0);
      const [order] = await ordersAt(simulator);
      assert.match(printed(failed), new RegExp(`order ${order?.id} exists, but looking at it failed`));
      assert.equal(await held(project), order?.id, "the state keeps the order");
      await simulator.control.clearFaults();
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(calls.orders, []);
      succeeded(await project.preview("--expect-no-changes"));
      const outputs = resource(await project.stackExport(), "VmcOrder").outputs;
      assert.equal(outputs.status, "pending");
      assert.equal(outputs.dcvRecords.length, 1);
    },

    "by an up after a Ctrl-C while DigiCert takes the order": async () => {
      const { simulator, project } = await begin();
      await simulator.control.fault({
        match: { method: "POST", path: "^/order/" },
        kind: "delay",
        milliseconds: 2500,
      });
      const up = project.spawn("up", "--yes", "--skip-preview");
      await until(() => simulator.journal.some(({ fault }) => fault === "delay"), up);
      up.signal("SIGINT");
      assert.notEqual((await up.result).code, 0);
      const [order] = await ordersAt(simulator);
      assert.equal(await held(project), order?.id);
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(calls.orders, []);
      assert.deepEqual(await statuses(simulator), ["pending"]);
    },

    "by a deletion that a failed up --replace has left over": async () => {
      const { simulator, project } = await begin();
      succeeded(await project.up());
      const order = await held(project);
      await simulator.control.fault({ service: "cloudflare", match: { method: "PUT" }, kind: "status", times: 0 });
      project.write({ "index.js": program().replace("logo-1.svg", "logo-2.svg") });
      const failed = await project.up("--replace", await urnOf(project));
      assert.notEqual(failed.code, 0);
      const { resources } = (await project.stackExport()).deployment;
      const both = resources.filter(({ type }) => /VmcOrder$/.test(type));
      assert.deepEqual(
        both.map(({ outputs }) => outputs?.orderId),
        [order, order],
        "the old one waits to be deleted",
      );
      await simulator.control.clearFaults();
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(calls.orders, []);
      assert.equal(await held(project), order);
      assert.deepEqual(await statuses(simulator), ["pending"]);
    },

    "by a rename with an alias, nor by a move of the logo": async () => {
      const { simulator, project } = await begin();
      succeeded(await project.up());
      const order = await held(project);
      project.write({
        "index.js": program("", 'aliases: [{ name: "logo" }]', "renamed").replace("logo.svg", "images/brand.svg"),
        "images/brand.svg": svg(),
      });
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(calls.writes, []);
      assert.deepEqual(await statuses(simulator), ["pending"]);
      assert.equal(await held(project, "renamed"), order);
    },

    "by a rename without an alias, nor by more orders than are meant": async () => {
      const { simulator, project } = await begin();
      succeeded(await project.up());
      const order = await held(project);
      project.write({ "index.js": program("", "", "renamed") });
      for (const run of [() => project.preview(), () => project.up()]) {
        const { calls, result } = await during(simulator, run);
        assert.notEqual(result.code, 0);
        assert.match(
          printed(result),
          new RegExp(`The account has order ${order} \\(pending\\) .*adoptOrderId: ${order}`),
        );
        assert.deepEqual(calls.writes, []);
      }

      // Another one beside it, for another logo, is meant.
      const beside = (name: string, which: string) => `new bimi.VmcOrder("${name}", {
        dnsNames: ["example.com"], organization: { id: ${simulator.account.organizationId} }, logo: "${name}.svg",
        dcvMethod: "dns-txt-token", besideOrder: ${which},
      });`;
      project.write({
        "index.js": `${program()} const second = ${beside("second", "order.orderId")} ${beside("third", "[order.orderId, second.orderId]")}`,
        "second.svg": svg("Second"),
        "third.svg": svg("Third"),
      });
      succeeded(await project.pulumi("config", "set", "bimi:maxOrdersPerUpdate", "1"));
      const { calls, result } = await during(simulator, () => project.preview());
      assert.notEqual(result.code, 0);
      assert.match(printed(result), /2 or more purchases, and the stack allows 1 \(bimi:maxOrdersPerUpdate\)/);
      assert.deepEqual(calls.writes, []);
      succeeded(await project.pulumi("config", "set", "bimi:maxOrdersPerUpdate", "2"));
      const bought = await during(simulator, async () => succeeded(await project.up()));
      assert.equal(bought.calls.orders.length, 2);
      const lines = printed(bought.result).match(
        /BUYS a vmc_basic order for example\.com; price unknown, typically over \$1,000\./g,
      );
      assert.ok((lines?.length ?? 0) >= 2);
      succeeded(await project.preview("--expect-no-changes"));
    },

    "by a stack that may not buy": async () => {
      const { project } = await begin();
      project.env.DIGICERT_BASE_URL = "https://digicert.invalid/services/v2";
      const preview = succeeded(await project.preview());
      assert.match(printed(preview), /would order, but .*pulumi config set bimi:allowOrders true/);
      const up = await project.up();
      assert.notEqual(up.code, 0);
      assert.match(printed(up), /may not buy: .*https:\/\/digicert\.invalid .*pulumi config set bimi:allowOrders true/);
      assert.doesNotMatch(printed(up), /was not sent|ENOTFOUND|EAI_AGAIN/, "nothing was tried");
      const before = await project.stackExport();
      assert.ok(!before.deployment.resources?.some(({ type }) => /VmcOrder/.test(type)));

      // Then the network is what is in the way.
      succeeded(await project.pulumi("config", "set", "bimi:allowOrders", "true"));
      const allowed = await project.up();
      assert.notEqual(allowed.code, 0);
      assert.match(printed(allowed), /was not sent to DigiCert/);
      assert.doesNotMatch(printed(allowed), /may not buy/);
    },

    "while it is in doubt whether DigiCert took it": async () => {
      const { simulator, project } = await begin({}, { fast: true });
      await simulator.control.fault({ match: { method: "POST", path: "^/order/" }, kind: "reset-before" });
      const first = await during(simulator, () => project.up());
      assert.notEqual(first.result.code, 0);
      assert.equal(first.calls.orders.length, 1);
      assert.match(printed(first.result), /in doubt whether DigiCert took the order .* in 15 minutes/);
      const { outputs } = resource(await project.stackExport(), "VmcOrder");
      assert.ok(outputs.doubtSince, "the state keeps the doubt");

      const soon = await during(simulator, () => project.up());
      assert.notEqual(soon.result.code, 0);
      assert.deepEqual(soon.calls.writes, []);
      assert.match(printed(soon.result), /still in doubt/);

      await simulator.control.advance({ minutes: 16 });
      const later = await during(simulator, async () => succeeded(await project.up()));
      assert.equal(later.calls.orders.length, 1);
      assert.deepEqual(await statuses(simulator), ["pending"]);
      assert.equal(await held(project), (await ordersAt(simulator))[0]?.id);
      succeeded(await project.preview("--expect-no-changes"));
    },
  });
});
