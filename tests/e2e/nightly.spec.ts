import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../simulator";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { ada, during, ordersAt, planned, printed, resource, svg, testsInPairs, Wire, zoneId } from "./support";

const zones = { "example.com": zoneId };
const published = "v=BIMI1; l=https://example.com/logo-1.svg; a=https://example.com/logo-1.pem;";
const withdrawn = "v=BIMI1; l=https://example.com/logo-1.svg; a=;";

/** An order inside a component of the user's, whose contact's telephone number is secret; `more` inputs of the order. */
const program = (more = "", dnsName = "example.com") => `
const pulumi = require("@pulumi/pulumi");
const bimi = require("pulumi-bimi");
class Brand extends pulumi.ComponentResource {
  constructor(name) {
    super("acme:index:Brand", name);
    const order = new bimi.VmcOrder("order", {
      dnsNames: ["${dnsName}"],
      organization: {
        id: Number(process.env.ORGANIZATION),
        contacts: [{ contactType: "verified_contact", ...${JSON.stringify(ada)}, telephone: pulumi.secret("+1 555 0199") }],
      },
      logo: "logo.svg",
      trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
      dcvMethod: "dns-txt-token",
      ${more}
    }, { parent: this });
    new bimi.CloudflareBimi("records", {
      order,
      zones: { "example.com": pulumi.secret("${zoneId}") },
      logoUrl: pulumi.output("https://example.com/logo-1.svg"), certificateUrl: "https://example.com/logo-1.pem",
    }, { parent: this });
  }
}
new Brand("acme");
`;

describe("a stack that is deployed every night", function () {
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

  async function begin() {
    const simulator = await startSimulator({ zones });
    simulators.push(simulator);
    const project = await harness.project({
      files: { "index.js": program(), "logo.svg": svg() },
      services: simulator,
      env: { ORGANIZATION: String(simulator.account.organizationId) },
    });
    succeeded(await project.up());
    const [order] = await ordersAt(simulator);
    return {
      simulator,
      project,
      orderId: order!.id,
      assertion: () => new Wire(simulator).txt("default._bimi.example.com"),
    };
  }

  /** A call of somebody at the console. */
  async function atDigiCert({ baseUrl, apiKey }: Simulator, method: string, path: string, body: object) {
    const headers = { "X-DC-DEVKEY": apiKey, "Content-Type": "application/json" };
    const answer = await fetch(baseUrl + path, { method, headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, await answer.clone().text());
  }

  const night = (project: PulumiProject) => project.pulumi("up", "--yes", "--skip-preview", "--refresh");

  testsInPairs({
    "publishes in the night after the issuance, repairs records, and withdraws what is revoked": async () => {
      const { simulator, project, orderId, assertion } = await begin();
      await simulator.control.vet(orderId);
      const first = await during(simulator, async () => succeeded(await night(project)));
      assert.deepEqual(first.calls.orders, []);
      assert.deepEqual(await assertion(), [published]);

      const { cloudflare } = await simulator.control.dump();
      const record = Object.values(cloudflare)
        .flat()
        .find(({ name }) => name === "default._bimi.example.com")!;
      const answer = await fetch(`${simulator.cloudflareUrl}/zones/${zoneId}/dns_records/${record.id}`, {
        method: "PATCH",
        headers: { Authorization: `Bearer ${simulator.cloudflareToken}`, "Content-Type": "application/json" },
        body: JSON.stringify({ content: '"v=BIMI1; l=; a=;"' }),
      });
      assert.ok(answer.ok);
      assert.deepEqual(await assertion(), ["v=BIMI1; l=; a=;"]);
      succeeded(await night(project));
      assert.deepEqual(await assertion(), [published]);

      await atDigiCert(simulator, "PUT", `/order/certificate/${orderId}/revoke`, { skip_approval: true });
      assert.deepEqual(
        (await ordersAt(simulator)).map(({ status }) => status),
        ["revoked"],
      );
      const failed = await during(simulator, () => night(project));
      assert.equal(failed.result.code, 1, "an order that ended fails until somebody decides");
      assert.deepEqual(failed.calls.writes, []);
      await project.configure({ "bimi:onDeadOrder": "warn" });
      const last = await during(simulator, async () => succeeded(await night(project)));
      assert.deepEqual(last.calls.orders, []);
      assert.deepEqual(await assertion(), [withdrawn]);
      assert.equal(resource(await project.stackExport(), "MarkCertificate").outputs.status, "revoked");
      succeeded(await project.preview("--expect-no-changes"));
      succeeded(await project.destroy());
    },

    "takes up by up what a refresh has seen": async () => {
      const { simulator, project, orderId, assertion } = await begin();
      await simulator.control.vet(orderId);
      const refresh = await during(simulator, async () => succeeded(await project.refresh()));
      assert.deepEqual(refresh.calls.writes, []);
      assert.deepEqual(await assertion(), [withdrawn], "a refresh publishes nothing");
      succeeded(await project.up());
      assert.deepEqual(await assertion(), [published]);
      succeeded(await project.preview("--expect-no-changes"));
    },

    "fails at a rejected order, or warns of it, and orders nothing by itself": async () => {
      const { simulator, project, orderId } = await begin();
      await simulator.control.rejectOrder(orderId, "The mark is not registered.");
      const news = await during(simulator, async () => succeeded(await project.preview()));
      assert.match(printed(news.result), new RegExp(`order ${orderId}: pending -> rejected`));
      assert.deepEqual(news.calls.writes, []);
      const failed = await during(simulator, () => project.up());
      assert.equal(failed.result.code, 1);
      assert.match(printed(failed.result), /The mark is not registered\./);
      assert.deepEqual(failed.calls.writes, []);
      await project.configure({ "bimi:onDeadOrder": "warn" });
      const up = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(up.calls.writes, []);
      const rest = await during(simulator, async () => succeeded(await project.preview("--expect-no-changes")));
      assert.deepEqual(rest.calls.writes, []);
      const state = await project.stackExport();
      assert.equal(resource(state, "VmcOrder").outputs.status, "rejected");
      assert.equal(resource(state, "MarkCertificate").outputs.status, "rejected");
      succeeded(await project.destroy());
    },

    "knows each resource by its URN, keeps secrets, and takes spelling for no change": async () => {
      const { simulator, project } = await begin();
      const state = await project.stackExport();
      for (const { urn, type, inputs } of state.deployment.resources) {
        if (type.startsWith("pulumi-nodejs:dynamic/")) assert.equal(inputs?.__urn, urn);
      }
      assert.ok(!JSON.stringify(state).includes("555 0199"), "the secret telephone number");
      assert.ok(!JSON.stringify(state).includes(zoneId), "the secret zone id");
      assert.ok(JSON.stringify(await project.stackExport({ showSecrets: true })).includes("555 0199"));

      project.write({ "index.js": program("", "EXAMPLE.com.") });
      const respelled = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(respelled.calls.writes, []);

      project.write({ "index.js": program('onDelete: "retain",') });
      const setting = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(setting.calls.writes, []);
      succeeded(await project.destroy());
      assert.deepEqual(
        (await ordersAt(simulator)).map(({ status }) => status),
        ["pending"],
        "retained",
      );
    },

    "says at preview what a change does to the pending order, and does just that": async () => {
      const { simulator, project, orderId } = await begin();
      project.write({ "other.svg": svg("Other") });
      const withOther = (dnsName?: string) =>
        program('logo: "other.svg",', dnsName).replace(
          "https://example.com/logo-1.svg",
          "https://example.com/logo-2.svg",
        );
      const changes: Record<string, [program: string, says: string]> = {
        logo: [withOther(), `order ${orderId}: updates logo at DigiCert.`],
        trademark: [
          program('trademark: { countryCode: "us", registrationNumber: "2" },'),
          `order ${orderId}: updates trademark at DigiCert.`,
        ],
        dnsNames: [
          withOther("mail.example.com"),
          `dnsNames changed: BUYS a new order in its place; order ${orderId} cost 1499 USD. Order ${orderId} (pending) is canceled after that.`,
        ],
      };
      for (const [index, says] of Object.values(changes)) {
        project.write({ "index.js": index });
        const { calls, result } = await during(simulator, async () => succeeded(await project.preview()));
        assert.ok(printed(result).includes(says), printed(result));
        assert.doesNotMatch(printed(result), /VmcOrder order (create|delete|replace)/);
        assert.deepEqual(calls.writes, []);
      }
      project.write({ "index.js": changes.logo![0] });
      const inPlace = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(
        inPlace.calls.writes.map(({ service, method }) => `${service} ${method}`),
        ["certcentral POST", "cloudflare PUT"],
      );
      assert.equal(
        inPlace.calls.matching("POST", new RegExp(`^/order/certificate/${orderId}/vmc/encoded-logo$`)).length,
        1,
      );
      project.write({ "index.js": changes.dnsNames![0] });
      const successor = await during(simulator, async () => succeeded(await project.up()));
      assert.equal(successor.calls.orders.length, 1);
      const orders = await ordersAt(simulator);
      assert.deepEqual(
        orders.map(({ status, dnsNames }) => [status, ...dnsNames]),
        [
          ["canceled", "example.com"],
          ["pending", "mail.example.com"],
        ],
      );
      assert.equal(resource(await project.stackExport(), "VmcOrder").outputs.orderId, orders[1]!.id);
      assert.deepEqual(planned(await project.previewJson()), []);
    },
  });
});
