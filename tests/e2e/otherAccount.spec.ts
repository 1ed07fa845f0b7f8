import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../simulator";
import type { CommandResult } from "../../tools/pulumiProject";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { ada, during, nameOf, ordersAt, printed, svg, testsInPairs, typeOf, zoneId } from "./support";

const zones = { "example.com": zoneId };

const program = `
const bimi = require("pulumi-bimi");
const ada = ${JSON.stringify(ada)};
const acme = new bimi.OrgValidation("acme", {
  organizationId: Number(process.env.ORGANIZATION), validations: ["ev"], verifiedUsers: [ada],
});
const order = new bimi.VmcOrder("logo", {
  dnsNames: ["example.com"], logo: "logo.svg", dcvMethod: "dns-txt-token",
  organization: { id: acme.organizationId, contacts: [{ contactType: "verified_contact", ...ada }] },
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
});
new bimi.CloudflareBimi("logo", {
  order, zones: ${JSON.stringify(zones)},
  logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
});
`;

/** With the wrong key, on the real engine; every resource and mistake: tests/provider/otherAccount.spec.ts. */
describe("a stack whose key is another", function () {
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
      files: { "index.js": program, "logo.svg": svg() },
      services: simulator,
      env: { ORGANIZATION: String(simulator.account.organizationId) },
    });
    succeeded(await project.up());
    // More than an hour later a preview asks about what people vet.
    await simulator.control.advance({ hours: 2 });
    succeeded(await project.up());
    return { simulator, project };
  }

  const operations: Record<string, (project: PulumiProject) => Promise<CommandResult>> = {
    preview: (project) => project.preview(),
    up: (project) => project.up(),
    refresh: (project) => project.refresh(),
    "up --refresh": (project) => project.up("--refresh"),
    destroy: (project) => project.destroy(),
  };

  /** What the state holds of this package's resources and, of DNS, the records that prove control. */
  async function held(project: PulumiProject): Promise<string[]> {
    const { resources } = (await project.stackExport()).deployment;
    return resources
      .filter(({ type, custom }) => custom && !type.startsWith("pulumi:"))
      .map((one) => `${typeOf(one)} ${nameOf(one)}`)
      .sort();
  }

  testsInPairs({
    "that of another account: no operation goes on, nothing is written, and only the BIMI record goes in a destroy":
      async () => {
        const { simulator, project } = await begin();
        const { apiKey, accountId } = await simulator.control.addAccount("Other");
        const right = project.env.DIGICERT_API_KEY!;
        const before = await held(project);
        assert.equal(before.length, 5);
        for (const [operation, run] of Object.entries(operations)) {
          project.env.DIGICERT_API_KEY = apiKey;
          const { calls, result } = await during(simulator, () => run(project));
          project.env.DIGICERT_API_KEY = right;
          assert.equal(result.code, 1, operation);
          const says = `belongs to CertCentral account ${simulator.account.id}, but the API key is of account ${accountId}.`;
          assert.ok(printed(result).includes(says), printed(result));
          const atDigiCert = calls.all.filter(({ service }) => service === "certcentral");
          assert.deepEqual(new Set(atDigiCert.map(({ path }) => path)), new Set(["/user/me"]), operation);
          const gone = operation === "destroy" ? ["DnsRecord logo-bimi-example.com"] : [];
          assert.deepEqual(
            await held(project),
            before.filter((one) => !gone.includes(one)),
            operation,
          );
        }
        await goesOn(simulator, project);
      },

    "view-only, or without the division: nothing is ordered or canceled, and what a destroy would write for stays":
      async () => {
        const { simulator, project } = await begin();
        const right = project.env.DIGICERT_API_KEY!;
        const before = await held(project);
        const viewOnly = (await simulator.control.addKey({ role: "view-only" })).apiKey;
        const containerIds = [await simulator.control.addContainer("North")];
        const ofNorth = (await simulator.control.addKey({ containerIds })).apiKey;
        for (const [operation, apiKey, says] of [
          ["refresh", ofNorth, /does not see this order/],
          ["preview", viewOnly],
          ["up", viewOnly],
          ["up --refresh", viewOnly],
          ["destroy", ofNorth, /MarkCertificate of order \d+: the API key does not see this order/],
          ["destroy", viewOnly, /refused to cancel order \d+ \(403 access_denied\|missing_permission\)/],
        ] as [string, string, RegExp?][]) {
          project.env.DIGICERT_API_KEY = apiKey;
          const { calls, result } = await during(simulator, () => operations[operation]!(project));
          project.env.DIGICERT_API_KEY = right;
          assert.equal(result.code, says ? 1 : 0, printed(result));
          if (says) assert.match(printed(result), says);
          const taken = calls.writes.filter(({ service, status }) => service === "certcentral" && status < 300);
          assert.deepEqual(taken, [], operation);
          const stays =
            operation !== "destroy" ? /./ : apiKey === ofNorth ? /^(?!DnsRecord logo-bimi)/ : /VmcOrder|OrgValidation/;
          assert.deepEqual(
            await held(project),
            before.filter((one) => stays.test(one)),
            operation,
          );
        }
        await goesOn(simulator, project);
      },
  });

  /** With the right key the stack goes on as if nothing had been. */
  async function goesOn(simulator: Simulator, project: PulumiProject): Promise<void> {
    const { calls } = await during(simulator, async () => succeeded(await project.up()));
    assert.deepEqual(calls.orders, []);
    assert.deepEqual(
      (await ordersAt(simulator)).map(({ status }) => status),
      ["pending"],
    );
    succeeded(await project.preview("--expect-no-changes"));
  }
});
