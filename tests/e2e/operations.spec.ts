import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Simulator, startSimulator } from "../../simulator";
import { checkout } from "../../tools/toolchain";
import { Harness, type PulumiProject, succeeded } from "./harness";
import {
  ada,
  Calls,
  during,
  type Order,
  ordersAt,
  planned,
  printed,
  resource,
  svg,
  testsInPairs,
  until,
  Wire,
  zoneId,
} from "./support";

const zones = { "example.com": zoneId };
const withdrawn = "v=BIMI1; l=https://example.com/logo-1.svg; a=;";
const published = "v=BIMI1; l=https://example.com/logo-1.svg; a=https://example.com/logo-1.pem;";

/** One order, `inputs` and `options` of it as JavaScript. */
const order = ({ inputs = "", options = "", dnsNames = ["example.com"] } = {}) => `
const bimi = require("pulumi-bimi");
const order = new bimi.VmcOrder("logo", {
  dnsNames: ${JSON.stringify(dnsNames)},
  organization: {
    id: Number(new (require("@pulumi/pulumi").Config)().require("organizationId")),
    contacts: [{ contactType: "verified_contact", ...${JSON.stringify(ada)} }],
  },
  logo: "logo.svg",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
  dcvMethod: "dns-txt-token",
  ${inputs}
}, { ${options} });
`;

/** An order and its records, whatever names the program gives the order. */
const program = (of: Parameters<typeof order>[0] = {}) => `${order(of)}
new bimi.CloudflareBimi("records", {
  order, zones: ${JSON.stringify(zones)}, dnsNames: ["example.com"],
  logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
});
`;

/** What an operation did at DigiCert, as the columns of the page's table have it. */
interface Counts {
  orders: number;
  cancels: number;
  otherWrites: number;
}

/** The page's table: by operation, what it does at DigiCert. */
function promises(): Map<string, Counts> {
  const page = readFileSync(path.join(checkout, "docs", "operations.md"), "utf8");
  const [head, , ...rows] = page
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("`", "")));
  assert.deepEqual(head!.slice(1, 5), ["Operation", "Orders", "Cancels", "Other writes"]);
  return new Map(
    rows.map(([, operation, ...numbers]) => {
      const [orders, cancels, otherWrites] = numbers.map((cell) => Number.parseInt(cell, 10));
      return [operation!, { orders: orders!, cancels: cancels!, otherWrites: otherWrites! }];
    }),
  );
}

function counts(calls: Calls): Counts {
  const writes = calls.writes.filter(({ service }) => service === "certcentral");
  const orders = calls.orders.length;
  const cancels = calls.matching("PUT", /^\/order\/certificate\/\d+\/status$/).length;
  return { orders, cancels, otherWrites: writes.length - orders - cancels };
}

/** The page says of each operation how much it does at DigiCert; each test answers the calls that its row is about. */
describe("an operation of Pulumi", function () {
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

  /** A stack before its first `up`. */
  async function start(text = program()) {
    const simulator = await startSimulator({ zones });
    simulators.push(simulator);
    const project = await harness.project({
      files: { "index.js": text, "logo.svg": svg() },
      services: simulator,
      config: { organizationId: String(simulator.account.organizationId) },
    });
    return {
      simulator,
      project,
      assertion: () => new Wire(simulator).txt("default._bimi.example.com"),
      /** The only order at DigiCert. */
      async only(): Promise<Order> {
        const orders = await ordersAt(simulator);
        assert.equal(orders.length, 1, "one order at DigiCert");
        return orders[0]!;
      },
      async issue() {
        await simulator.control.vet((await ordersAt(simulator)).at(-1)!.id);
      },
    };
  }

  /** A stack whose order is pending. */
  async function begin(text?: string) {
    const stack = await start(text);
    succeeded(await stack.project.up());
    return { ...stack, first: await stack.only() };
  }

  const outputsOf = async (project: PulumiProject) => resource(await project.stackExport(), "VmcOrder").outputs;
  const urnOf = async (project: PulumiProject) => resource(await project.stackExport(), "VmcOrder").urn;

  const operations: Record<string, () => Promise<Calls>> = {
    "pulumi up, first": async () => {
      const { simulator, project, only, assertion } = await start();
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      const { id, status } = await only();
      assert.equal(status, "pending");
      assert.equal((await outputsOf(project)).orderId, id);
      assert.deepEqual(await assertion(), [withdrawn]);
      return calls;
    },

    "pulumi up, again": async () => {
      const { simulator, project } = await begin();
      const { calls } = await during(simulator, async () => succeeded(await project.up("--expect-no-changes")));
      assert.deepEqual(calls.writes, [], "nor at Cloudflare");
      return calls;
    },

    "pulumi up --target the order": async () => {
      const { simulator, project, only } = await start();
      const records = await project.up("--target", "**CloudflareBimi**");
      assert.notEqual(records.code, 0);
      assert.match(printed(records), /VmcOrder::logo' which was .*not specified in --target/);
      assert.deepEqual(await ordersAt(simulator), []);

      const { calls } = await during(simulator, async () =>
        succeeded(await project.up("--target", "**VmcOrder::logo")),
      );
      await only();
      assert.deepEqual(
        calls.writes.filter(({ service }) => service === "cloudflare"),
        [],
        "no proof of control is published",
      );
      succeeded(await project.up());
      await only();
      return calls;
    },

    "pulumi up --replace the order": async () => {
      const { simulator, project, only, first, issue } = await begin();
      const all: Calls[] = [];
      for (const status of ["pending", "issued"]) {
        if (status === "issued") await issue();
        const urn = await urnOf(project);
        all.push((await during(simulator, async () => succeeded(await project.up("--replace", urn)))).calls);
        assert.equal((await outputsOf(project)).orderId, first.id);
        assert.equal((await only()).status, status);
      }
      succeeded(await project.up());
      assert.equal((await only()).status, "issued");
      return new Calls(all.flatMap(({ all }) => all));
    },

    "pulumi up --replace after a day": async () => {
      const { simulator, project, only, first } = await begin();
      await simulator.control.advance({ days: 2 });
      const urn = await urnOf(project);
      const { calls, result } = await during(simulator, () => project.up("--replace", urn));
      assert.notEqual(result.code, 0);
      assert.match(printed(result), new RegExp(`older than 24 hours.*adoptOrderId: ${first.id}`));
      const next = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(next.calls.orders, []);
      assert.equal((await only()).status, "pending");
      assert.equal((await outputsOf(project)).orderId, first.id, "the state keeps the order");
      return calls;
    },

    "pulumi state taint, pulumi up": async () => {
      const { simulator, project, only, first } = await begin();
      const urn = await urnOf(project);
      succeeded(await project.pulumi("state", "taint", urn));
      assert.ok(planned(await project.previewJson()).includes("replace VmcOrder logo"));
      succeeded(await project.pulumi("state", "untaint", urn));
      succeeded(await project.preview("--expect-no-changes"));

      succeeded(await project.pulumi("state", "taint", urn));
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.equal((await only()).status, "pending");
      assert.equal((await outputsOf(project)).orderId, first.id);
      return calls;
    },

    ignoreChanges: async () => {
      const { simulator, project } = await begin();
      const changed = { dnsNames: ["example.com", "mail.example.com"], options: 'ignoreChanges: ["dnsNames", "logo"]' };
      project.write({ "index.js": program(changed), "logo.svg": svg("Other") });
      succeeded(await project.preview("--expect-no-changes"));
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(calls.writes, []);
      return calls;
    },

    retainOnDelete: async () => {
      const text = program({ options: "retainOnDelete: true" });
      const { simulator, project, only, first, assertion } = await begin(text);
      project.write({ "index.js": "" });
      const removed = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(await assertion(), [], "its records go");
      project.write({ "index.js": text });
      const again = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(again.calls.orders, []);
      assert.equal((await outputsOf(project)).orderId, first.id);
      const destroyed = await during(simulator, async () => succeeded(await project.destroy()));
      assert.equal((await only()).status, "pending");
      return new Calls([...removed.calls.all, ...destroyed.calls.all]);
    },

    "protect, pulumi destroy": async () => {
      const text = program({ options: "protect: true" });
      const { simulator, project, only, assertion } = await begin(text);
      const urn = await urnOf(project);
      const { calls } = await during(simulator, async () => {
        const destroy = await project.pulumi("destroy", "--yes");
        assert.notEqual(destroy.code, 0);
        assert.match(printed(destroy), /protected.*pulumi state unprotect '\S+VmcOrder::logo'/s);
        assert.notEqual((await project.pulumi("up", "--yes", "--replace", urn)).code, 0);
        project.write({ "index.js": "" });
        assert.notEqual((await project.pulumi("up", "--yes")).code, 0);
      });
      assert.deepEqual(calls.writes, [], "nor at Cloudflare");
      project.write({ "index.js": text });

      // Without a preview the engine begins with what depends on the order.
      const blind = await during(simulator, () => project.destroy());
      assert.notEqual(blind.result.code, 0);
      assert.deepEqual(await assertion(), []);
      assert.equal((await only()).status, "pending");
      succeeded(await project.up());
      assert.deepEqual(await assertion(), [withdrawn]);

      succeeded(await project.pulumi("state", "unprotect", urn));
      succeeded(await project.destroy());
      assert.equal((await only()).status, "canceled");
      return new Calls([...calls.all, ...blind.calls.all]);
    },

    "pulumi refresh": async () => {
      const { simulator, project } = await begin();
      const { calls } = await during(simulator, async () => succeeded(await project.refresh("--expect-no-changes")));
      assert.deepEqual(calls.writes, [], "nor at Cloudflare");
      return calls;
    },

    "pulumi refresh, pulumi up": async () => {
      const { simulator, project, issue, only, assertion } = await begin();
      await issue();
      const refresh = await during(simulator, async () => succeeded(await project.refresh()));
      assert.deepEqual(refresh.calls.writes, [], "nor at Cloudflare");
      assert.equal((await outputsOf(project)).status, "issued");
      assert.deepEqual(await assertion(), [withdrawn]);
      const up = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(await assertion(), [published]);
      assert.equal((await only()).status, "issued");
      succeeded(await project.preview("--expect-no-changes"));
      return new Calls([...refresh.calls.all, ...up.calls.all]);
    },

    "pulumi destroy, order pending": async () => {
      const { simulator, project, first } = await begin(program({ inputs: 'note: "The campaign was dropped.",' }));
      const { calls } = await during(simulator, async () => succeeded(await project.destroy()));
      assert.deepEqual(
        calls.matching("PUT", /\/status$/).map(({ path, request }) => ({ path, request })),
        [
          {
            path: `/order/certificate/${first.id}/status`,
            request: { status: "CANCELED", note: "The campaign was dropped." },
          },
        ],
      );
      const up = await during(simulator, async () => succeeded(await project.up()));
      assert.equal(up.calls.orders.length, 1, "the next up orders anew");
      const orders = await ordersAt(simulator);
      assert.deepEqual(
        orders.map(({ status }) => status),
        ["canceled", "pending"],
      );
      const outputs = await outputsOf(project);
      assert.equal(outputs.orderId, orders[1]!.id);
      assert.deepEqual(outputs.history, [{ orderId: first.id, status: "canceled" }]);
      const [one, two] = orders.map(({ alternativeOrderId }) => alternativeOrderId ?? "");
      assert.match(one!, /^bimi[0-9a-z]{26}1$/);
      assert.equal(two, one!.replace(/1$/, "2"));
      return calls;
    },

    "pulumi destroy, order issued": async () => {
      const { simulator, project, first, issue, only, assertion } = await begin();
      // The state has it pending still.
      await issue();
      const { calls } = await during(simulator, async () => succeeded(await project.destroy()));
      assert.equal((await only()).status, "issued");
      assert.deepEqual(await assertion(), []);

      const again = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(again.calls.orders, []);
      assert.equal((await outputsOf(project)).orderId, first.id);
      assert.deepEqual(await assertion(), [published]);
      succeeded(await project.destroy());

      await simulator.control.advance({ days: 2 });
      const late = await during(simulator, () => project.up());
      assert.notEqual(late.result.code, 0);
      assert.match(printed(late.result), new RegExp(`live order ${first.id} \\(issued\\).*adoptOrderId: ${first.id}`));
      assert.deepEqual(late.calls.writes, []);
      return calls;
    },

    "pulumi stack rename": async () => {
      const { simulator, project, first, only } = await begin();
      const { reference } = await outputsOf(project);
      const { calls } = await during(simulator, async () => {
        succeeded(await project.pulumi("stack", "rename", "production", "--stack", project.stack));
        return succeeded(await project.up("--expect-no-changes"));
      });
      assert.deepEqual(calls.writes, [], "nor at Cloudflare");
      assert.equal((await outputsOf(project)).reference, reference);

      // What creates the resource again under the new name alone meets the order in the account's list.
      const refused = await during(simulator, async () => project.up("--replace", await urnOf(project)));
      assert.notEqual(refused.result.code, 0);
      assert.match(
        printed(refused.result),
        new RegExp(`The account has order ${first.id} .*adoptOrderId: ${first.id}`),
      );
      assert.deepEqual(refused.calls.writes, []);

      // Under its old name it is found.
      project.write({ "index.js": program({ options: `aliases: [{ stack: "${project.stack}" }]` }) });
      succeeded(await project.preview("--expect-no-changes"));
      const urn = await urnOf(project);
      const replaced = await during(simulator, async () => succeeded(await project.up("--replace", urn)));
      assert.deepEqual(replaced.calls.orders, []);
      assert.equal((await only()).status, "pending");
      const outputs = await outputsOf(project);
      assert.deepEqual([outputs.orderId, outputs.reference], [first.id, reference]);
      return new Calls([...calls.all, ...replaced.calls.all]);
    },

    "pulumi state delete, pulumi up": async () => {
      const { simulator, project, first, only } = await begin();
      const urn = await urnOf(project);
      const { calls } = await during(simulator, async () => {
        const refused = await project.pulumi("state", "delete", urn, "--yes");
        assert.notEqual(refused.code, 0);
        assert.match(printed(refused), /--target-dependents/);
        succeeded(await project.pulumi("state", "delete", urn, "--yes", "--target-dependents"));
        const up = await project.up();
        assert.match(printed(up), new RegExp(`order ${first.id} \\(pending\\) .*taken over, nothing was ordered`));
        assert.match(printed(up), /identical record already exists/, "the forgotten records are in the way");
        assert.equal((await outputsOf(project)).orderId, first.id);

        succeeded(await project.pulumi("state", "delete", urn, "--yes"));
        await simulator.control.advance({ days: 2 });
        const late = await project.up();
        assert.notEqual(late.code, 0);
        assert.match(printed(late), new RegExp(`live order ${first.id} \\(pending\\).*adoptOrderId: ${first.id}`));
        project.write({ "index.js": order({ inputs: `adoptOrderId: ${first.id},` }) });
        return succeeded(await project.up());
      });
      assert.equal((await outputsOf(project)).orderId, first.id);
      succeeded(await project.destroy());
      assert.equal((await only()).status, "pending", "an adopted order is retained");
      return calls;
    },

    "pulumi up --plan": async () => {
      const { simulator, project, only } = await start();
      succeeded(await project.preview("--save-plan", "plan.json"));
      const { calls } = await during(simulator, async () => succeeded(await project.up("--plan", "plan.json")));
      await only();
      const again = await during(simulator, async () => succeeded(await project.up("--plan", "plan.json")));
      assert.deepEqual(again.calls.writes, [], "nor does it order again");
      return calls;
    },

    "pulumi up --plan, outdated": async () => {
      const { simulator, project, first, issue, assertion } = await begin();
      succeeded(await project.preview("--save-plan", "plan.json"));
      await issue();
      const { calls, result } = await during(simulator, () => project.up("--plan", "plan.json"));
      assert.notEqual(result.code, 0);
      assert.match(printed(result), new RegExp(`order ${first.id}: pending -> issued`));
      assert.match(printed(result), /update is not allowed by the plan/);
      assert.deepEqual(calls.writes, [], "nor at Cloudflare");
      succeeded(await project.preview("--save-plan", "plan.json"));
      succeeded(await project.up("--plan", "plan.json"));
      assert.deepEqual(await assertion(), [published]);
      return calls;
    },

    "kill -9 of pulumi up, pulumi up": async () => {
      const { simulator, project, only } = await start();
      // The create must not return before the kill.
      await simulator.control.fault({
        match: { method: "GET", path: "^/order/certificate/\\d+" },
        kind: "delay",
        milliseconds: 20_000,
      });
      const pendingOperations = async () => (await project.stackExport()).deployment.pending_operations ?? [];
      const { calls } = await during(simulator, async () => {
        const up = project.spawn("up", "--yes", "--skip-preview");
        await until(() => simulator.journal.some(({ method, status }) => method === "POST" && status === 201), up);
        assert.equal((await up.killTree()).code, 137);
        await simulator.control.clearFaults();
        const state = await project.stackExport();
        assert.ok(!state.deployment.resources.some(({ type }) => /VmcOrder/.test(type)), "the state knows no order");
        assert.equal((await pendingOperations()).length, 1);

        assert.match(printed(await project.up()), /locked.*pulumi cancel/s);
        succeeded(await project.pulumi("cancel", "--yes"));
        succeeded(await project.destroy());
        assert.equal((await only()).status, "pending", "destroy does not know the order either");

        const { id } = await only();
        const next = succeeded(await project.up());
        assert.match(printed(next), new RegExp(`order ${id} \\(pending\\) .*taken over, nothing was ordered`));
        assert.equal((await outputsOf(project)).orderId, id);
        return next;
      });

      succeeded(await project.refresh("--skip-pending-creates"));
      assert.equal((await pendingOperations()).length, 1, "the engine still warns of it");
      const cleared = await during(simulator, async () => succeeded(await project.refresh("--clear-pending-creates")));
      assert.deepEqual(cleared.calls.writes, []);
      assert.deepEqual(await pendingOperations(), []);
      succeeded(await project.preview("--expect-no-changes"));
      await only();
      return calls;
    },
  };

  const page = promises();

  it("is on the page, and the page has no other", () => {
    assert.deepEqual([...page.keys()], Object.keys(operations));
  });

  testsInPairs(
    Object.fromEntries(
      Object.entries(operations).map(([operation, work]) => [
        `does at DigiCert what the page says: ${operation}`,
        async () => assert.deepEqual(counts(await work()), page.get(operation)),
      ]),
    ),
  );
});
