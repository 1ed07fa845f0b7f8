import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../simulator";
import { type CommandResult, Harness, type PulumiProject, succeeded } from "./harness";
import { ada, type Calls, during, ordersAt, printed, resource, svg, testsInPairs, Wire, zoneId } from "./support";

const zones = { "example.com": zoneId };
const bimiName = "default._bimi.example.com";
const published = "v=BIMI1; l=https://example.com/logo-1.svg; a=https://example.com/logo-1.pem;";
const withdrawn = "v=BIMI1; l=https://example.com/logo-1.svg; a=;";

/** An order with its records, and a record that has nothing to do with it; `more` further inputs of the order. */
const program = (more = "") => `
const bimi = require("pulumi-bimi");
const order = new bimi.VmcOrder("logo", {
  dnsNames: ["example.com"],
  organization: {
    id: Number(process.env.ORGANIZATION),
    contacts: [{ contactType: "verified_contact", ...${JSON.stringify(ada)} }],
  },
  logo: "logo.svg",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
  dcvMethod: "dns-txt-token",
  ${more}
});
new bimi.CloudflareBimi("example.com", {
  order, zones: ${JSON.stringify(zones)},
  logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
});
new (require("@pulumi/cloudflare").DnsRecord)("web", {
  zoneId: "${zoneId}", name: "www.example.com", type: "TXT", ttl: 300, content: JSON.stringify(process.env.WEB),
});
`;

/** Another stack's order for the same domain; its owner publishes the proof by hand. */
const otherProgram = (dcvMethod: string) => `
const bimi = require("pulumi-bimi");
const order = new bimi.CmcOrder("other", {
  dnsNames: ["example.com"], organization: { id: Number(process.env.ORGANIZATION) }, logo: "logo.svg", years: 1,
  dcvMethod: "${dcvMethod}",
});
exports.dcvRecords = order.dcvRecords;
`;

describe("what happens to an order behind Pulumi's back", function () {
  this.timeout(480_000);

  let harness: Harness;
  const simulators: Simulator[] = [];
  before(async () => {
    harness = await Harness.create();
  });
  after(async () => {
    harness.dispose();
    for (const simulator of simulators) await simulator.stop();
  });

  async function stackOf(simulator: Simulator, index = program()): Promise<PulumiProject> {
    return harness.project({
      files: { "index.js": index, "logo.svg": svg() },
      services: simulator,
      env: { ORGANIZATION: String(simulator.account.organizationId), WEB: "one" },
    });
  }

  /** A stack whose order is placed; `proved: false` if its proof of control is overwritten before DigiCert sees it. */
  async function begin({ proved = true } = {}) {
    const simulator = await startSimulator({ zones });
    simulators.push(simulator);
    const project = await stackOf(simulator);
    const unseen = {
      match: { method: "PUT", path: "^/domain/.*/validate-token" },
      kind: "status",
      status: 400,
    } as const;
    if (!proved) await simulator.control.fault({ ...unseen, times: 0 });
    succeeded(await project.up());
    if (!proved) await atCloudflare(simulator, "example.com", '"not a token"');
    await simulator.control.clearFaults();
    const [order] = await ordersAt(simulator);
    const assertion = () => new Wire(simulator).txt(bimiName);
    return { simulator, project, orderId: order!.id, assertion };
  }

  const held = async (project: PulumiProject) => {
    const state = await project.stackExport();
    const of = (type: string) => {
      const { id, inputs, outputs } = resource(state, type);
      return { id, inputs, outputs };
    };
    return { order: of("VmcOrder"), certificate: of("MarkCertificate") };
  };
  const statuses = async (simulator: Simulator) => (await ordersAt(simulator)).map(({ status }) => status);

  testsInPairs({
    "canceled in the console: fails at the order, lets the rest go on when told to, and orders anew by its number":
      async () => {
        const { simulator, project, orderId } = await begin();
        await cancelAt(simulator, orderId, "Wrong logo.");
        const dead = deathOf(orderId, "canceled (DigiCert's notes: Wrong logo.)");
        const move = `order ${orderId}: pending -> canceled`;

        const preview = await during(simulator, () => project.preview());
        assert.equal(preview.result.code, 0);
        assert.deepEqual(said(preview.result), { "VmcOrder logo": [move, `warning: ${dead}`] });
        assert.deepEqual(preview.calls.writes, []);

        const up = await during(simulator, () => project.up());
        assert.equal(up.result.code, 1);
        assert.deepEqual(said(up.result), {
          "VmcOrder logo": [move, `warning: ${dead}`, "error: 1 error occurred:", `* VmcOrder: ${dead}`],
        });
        assert.deepEqual(up.calls.writes, []);
        const failed = await held(project);
        assert.equal(failed.order.outputs.status, "canceled");
        assert.equal(failed.order.outputs.orderId, orderId);
        assert.equal(failed.certificate.outputs.status, "pending", "its dependents wait");

        project.env.WEB = "two";
        const rest = await during(simulator, () => project.up("--continue-on-error"));
        assert.equal(rest.result.code, 1);
        assert.deepEqual(namesOf(rest.calls), ["www.example.com"]);

        await project.configure({ "bimi:onDeadOrder": "warn" });
        project.env.WEB = "three";
        const warned = await during(simulator, async () => succeeded(await project.up()));
        assert.deepEqual(said(warned.result), {
          "VmcOrder logo": [`warning: ${dead}`],
          "MarkCertificate example.com": [
            move,
            `warning: order ${orderId} is canceled (DigiCert notes: Wrong logo.). Settle with DigiCert what was wrong. To order anew, set reorderAfter: ${orderId} on the order.`,
          ],
        });
        assert.deepEqual(namesOf(warned.calls), ["www.example.com"]);
        assert.equal((await held(project)).certificate.outputs.status, "canceled");
        const still = succeeded(await project.preview("--expect-no-changes"));
        assert.deepEqual(said(still), { "VmcOrder logo": [`warning: ${dead}`] });

        await project.configure({ "bimi:onDeadOrder": "fail" });
        project.write({ "index.js": program(`reorderAfter: ${orderId},`) });
        const buys = `order ${orderId}: is canceled, and reorderAfter allows it: BUYS a new order in its place; order ${orderId} cost 1499 USD.`;
        const consent = await during(simulator, async () => succeeded(await project.preview()));
        assert.deepEqual(said(consent.result), { "VmcOrder logo": [buys] });
        assert.deepEqual(consent.calls.writes, []);
        const anew = await during(simulator, async () => succeeded(await project.up()));
        assert.equal(anew.calls.orders.length, 1);
        const next = (await ordersAt(simulator)).at(-1)!.id;
        assert.deepEqual(said(anew.result), {
          "VmcOrder logo": [buys, `order ${next} takes the place of order ${orderId} (canceled).`],
        });
        const { order } = await held(project);
        assert.equal(order.outputs.orderId, next);
        assert.deepEqual(order.outputs.history, [{ orderId, status: "canceled" }]);

        await cancelAt(simulator, next, "Wrong again.");
        const again = await during(simulator, () => project.up());
        assert.equal(again.result.code, 1, "the consent allowed one order");
        assert.ok(printed(again.result).includes(deathOf(next, "canceled (DigiCert's notes: Wrong again.)")));
        assert.deepEqual(again.calls.writes, []);
        assert.deepEqual(await statuses(simulator), ["canceled", "canceled"]);
      },

    "revoked in the console: a refresh tells, an up fails or withdraws what is published": async () => {
      const { simulator, project, orderId, assertion } = await begin();
      await simulator.control.vet(orderId);
      succeeded(await project.up());
      assert.deepEqual(await assertion(), [published]);
      await atDigiCert(simulator, "PUT", `/order/certificate/${orderId}/revoke`, { skip_approval: true });
      const dead = deathOf(orderId, "revoked");

      const rest = await during(simulator, async () => succeeded(await project.preview("--expect-no-changes")));
      assert.deepEqual(rest.calls.lines, [], "what is at rest is not asked");
      assert.deepEqual(said(rest.result), {});

      const refresh = await during(simulator, async () => succeeded(await project.refresh()));
      assert.deepEqual(refresh.calls.writes, []);
      assert.deepEqual(said(refresh.result)["VmcOrder logo"], [`warning: ${dead}`]);
      const seen = await held(project);
      assert.equal(seen.order.outputs.status, "revoked");
      assert.equal(seen.certificate.outputs.status, "revoked");
      assert.deepEqual(await assertion(), [published], "a refresh publishes nothing");

      const up = await during(simulator, () => project.up());
      assert.equal(up.result.code, 1);
      assert.deepEqual(said(up.result), {
        "VmcOrder logo": [`warning: ${dead}`, "error: 1 error occurred:", `* VmcOrder: ${dead}`],
      });
      assert.deepEqual(up.calls.writes, []);

      await project.configure({ "bimi:onDeadOrder": "warn" });
      const warned = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(said(warned.result), { "VmcOrder logo": [`warning: ${dead}`] });
      assert.deepEqual(namesOf(warned.calls), [bimiName]);
      assert.deepEqual(await assertion(), [withdrawn]);
      succeeded(await project.preview("--expect-no-changes"));
      assert.deepEqual(await statuses(simulator), ["revoked"]);
    },

    "an expired token: the preview tells, an up gets a new one and publishes it": async () => {
      const { simulator, project, orderId } = await begin({ proved: false });
      const { token, expires } = (await held(project)).order.outputs.domains[0];
      await simulator.control.advance({ days: 31 });
      const preview = await during(simulator, async () => succeeded(await project.preview()));
      assert.deepEqual(preview.calls.writes, []);
      assert.deepEqual(said(preview.result), {
        "VmcOrder logo": [`order ${orderId}: the DCV token of example.com ends ${expires}; looks at it again`],
        "MarkCertificate example.com": [`order ${orderId}: asks DigiCert to check domain control again`],
      });

      const up = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(linesOf(up.calls), [
        "POST /domain/{id}/dcv/token",
        "PUT /zones/{id}/dns_records/{id}",
        "PUT /domain/{id}/dcv/validate-token",
      ]);
      const renewed = (await held(project)).order.outputs.domains[0].token;
      assert.notEqual(renewed, token);
      assert.deepEqual(await new Wire(simulator).txt("example.com"), [renewed]);
      assert.ok(!(await simulator.control.missing(orderId)).includes("domain control of example.com"));
      succeeded(await project.preview("--expect-no-changes"));
    },

    "a proof that was repaired on day 12 is found by a plain up, and three weeks are caught up with": async () => {
      const { simulator, project, orderId, assertion } = await begin({ proved: false });
      const { token } = (await held(project)).order.outputs.domains[0];
      await simulator.control.advance({ days: 12 });
      await atCloudflare(simulator, "example.com", `"${token}"`);
      await simulator.control.advance({ hours: 2 });
      assert.ok((await simulator.control.missing(orderId)).includes("domain control of example.com"), "polling ended");
      const up = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(said(up.result), {
        "MarkCertificate example.com": [`order ${orderId}: asks DigiCert to check domain control again`],
      });
      assert.deepEqual(linesOf(up.calls), ["PUT /domain/{id}/dcv/validate-token"]);
      assert.ok(!(await simulator.control.missing(orderId)).includes("domain control of example.com"));

      await simulator.control.advance({ days: 2 });
      await simulator.control.vet(orderId);
      await simulator.control.advance({ days: 21 });
      const late = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(said(late.result)["VmcOrder logo"], [`order ${orderId}: pending -> issued`]);
      assert.deepEqual(await assertion(), [published]);
      assert.deepEqual(namesOf(late.calls), [bimiName]);
      succeeded(await project.preview("--expect-no-changes"));
    },

    "a 500 and a 404 in read: refresh and up --refresh fail, and the state stays as it was": async () => {
      const { simulator, project, orderId } = await begin();
      const before = await held(project);
      const request = `look up order ${orderId}`;
      const url = `${simulator.baseUrl}/order/certificate/${orderId}`;
      const failed = `DigiCert did not answer the request to ${request} as expected (500 internal_server_error): An error occurred while processing your request. Request: GET ${url}`;
      const notSeen = `VmcOrder ${orderId}: the API key does not see this order (404 not_found|order). It is of another account or division, or the key lost its permission; nothing was changed, and the state is left as it was. Use a key that sees the order; if it is really gone, set onDelete: "retain" before you destroy it, or run \`pulumi state delete\`.`;
      const refused = `DigiCert refused to ${request} (404 not_found|order): An error occurred while processing your request. The order does not exist, or belongs to another account or division than the key's: use a key that sees it. Request: GET ${url}`;
      for (const { fault, run, order, certificate } of [
        { fault: { status: 500 }, run: () => project.refresh(), order: failed, certificate: failed },
        {
          fault: { status: 404, code: "not_found|order" },
          run: () => project.up("--refresh"),
          order: notSeen,
          certificate: refused,
        },
      ]) {
        const match = { method: "GET", path: `^/order/certificate/${orderId}(\\?|$)` };
        await simulator.control.fault({ match, kind: "status", times: 0, ...fault });
        const { calls, result } = await during(simulator, run);
        assert.equal(result.code, 1);
        const { "VmcOrder logo": ofOrder, "MarkCertificate example.com": ofCertificate } = said(result);
        assert.deepEqual(ofOrder, [`error: ${order}`]);
        assert.deepEqual(ofCertificate, [`error: ${certificate}`]);
        assert.deepEqual(calls.writes, []);
        assert.deepEqual(await held(project), before);
        await simulator.control.clearFaults();
      }
      succeeded(await project.refresh());
      succeeded(await project.preview("--expect-no-changes"));
    },

    "two stacks on one domain, of which one changes the method": async () => {
      const { simulator, project, orderId } = await begin({ proved: false });
      const other = await stackOf(simulator, otherProgram("dns-txt-token"));
      succeeded(await other.up());
      const otherId = (await ordersAt(simulator)).at(-1)!.id;
      other.write({ "index.js": otherProgram("dns-cname-token") });
      const preview = await during(simulator, async () => succeeded(await other.preview()));
      assert.deepEqual(said(preview.result), {
        "CmcOrder other": [
          `order ${otherId}: updates dcvMethod at DigiCert (its domains are also those of the open orders ${orderId}).`,
        ],
      });
      assert.deepEqual(preview.calls.writes, []);
      const up = await during(simulator, async () => succeeded(await other.up()));
      assert.deepEqual(linesOf(up.calls), ["PUT /domain/{id}/dcv/method"]);

      await simulator.control.advance({ hours: 7 });
      const news = await during(simulator, async () => succeeded(await project.preview()));
      assert.deepEqual(news.calls.writes, []);
      const noticed = `order ${orderId}: the DCV token of example.com has changed or ended; looks at it again`;
      const asks = `order ${orderId}: asks DigiCert to check domain control again`;
      const told = {
        "VmcOrder logo": [
          noticed,
          `warning: domain example.com of the account is proved by dns-cname-token, not by dns-txt-token as declared here: another order or the console changed it. Nothing was written. Declare dcvMethod "dns-cname-token" here, or change the domain's method in CertCentral.`,
        ],
        "MarkCertificate example.com": [asks],
      };
      assert.deepEqual(said(news.result), told);
      const ours = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(said(ours.result), told);
      // The record follows the domain's token; DigiCert is only asked to look.
      assert.deepEqual(linesOf(ours.calls), [
        "PUT /zones/{id}/dns_records/{id}",
        "PUT /domain/{id}/dcv/validate-token",
      ]);
      const refresh = await during(simulator, async () => succeeded(await project.refresh()));
      assert.deepEqual(refresh.calls.writes, []);
      assert.deepEqual(said(refresh.result), {});
      succeeded(await project.preview("--expect-no-changes"));
    },
  });
});

/** What is said of an order that ended. */
function deathOf(orderId: number, state: string): string {
  return `order ${orderId} is ${state}. Nothing is ordered in its place without leave. Settle with DigiCert what was wrong; then set reorderAfter: ${orderId} to order anew, or adoptOrderId to go on with another order. \`pulumi config set bimi:onDeadOrder warn\` lets the rest of the stack go on meanwhile.`;
}

/** A call of somebody at the console. */
async function atDigiCert({ baseUrl, apiKey }: Simulator, method: string, path: string, body: object): Promise<void> {
  const headers = { "X-DC-DEVKEY": apiKey, "Content-Type": "application/json" };
  const answer = await fetch(baseUrl + path, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, await answer.clone().text());
}

function cancelAt(simulator: Simulator, orderId: number, note: string): Promise<void> {
  return atDigiCert(simulator, "PUT", `/order/certificate/${orderId}/status`, { status: "canceled", note });
}

/** Somebody edits the text of a record at Cloudflare. */
async function atCloudflare({ cloudflareUrl, cloudflareToken }: Simulator, name: string, content: string) {
  const url = `${cloudflareUrl}/zones/${zoneId}/dns_records`;
  const headers = { Authorization: `Bearer ${cloudflareToken}`, "Content-Type": "application/json" };
  const listed = (await (await fetch(`${url}?name=${name}`, { headers })).json()) as { result: { id: string }[] };
  assert.equal(listed.result.length, 1);
  const answer = await fetch(`${url}/${listed.result[0]!.id}`, {
    method: "PATCH",
    headers,
    body: JSON.stringify({ content }),
  });
  assert.ok(answer.ok);
}

/** What is said about each resource at the end of a command: events first, then warnings, then errors. */
function said(result: CommandResult): Record<string, string[]> {
  const rows: Record<string, string[]> = {};
  let row = "";
  const [, diagnostics = ""] = /^Diagnostics:\n([\s\S]*?)^Resources:/m.exec(printed(result)) ?? [];
  for (const line of diagnostics.split("\n").map((text) => text.trimEnd())) {
    const [, type, name] = /^ {2}\S*:(\w+) \((.*)\):$/.exec(line) ?? [];
    if (type) row = `${type} ${name}`;
    else if (line !== "" && !/using pulumi-resource-|^\s*error: update failed$/.test(line)) {
      rows[row] = [...(rows[row] ?? []), line.trim()];
    }
  }
  const rank = (line: string) => ["warning", "error", "*"].findIndex((start) => line.startsWith(start));
  for (const lines of Object.values(rows)) lines.sort((a, b) => rank(a) - rank(b));
  return rows;
}

/** Names of the records that were written; throws when anything else was. */
function namesOf({ writes }: Calls): string[] {
  for (const { service } of writes) assert.equal(service, "cloudflare");
  return writes.map(({ request }) => (request as { name: string }).name);
}

/** What was written, without numbers. */
function linesOf({ writes }: Calls): string[] {
  return writes.map(({ method, path }) => `${method} ${path.replace(/\/[0-9a-f]{5,}/g, "/{id}")}`);
}
