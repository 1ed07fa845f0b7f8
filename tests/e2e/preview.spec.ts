import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../simulator";
import { alone } from "../alone";
import { badInputs, programWith } from "./badInputs";
import { type CommandResult, Harness, type PulumiProject, succeeded } from "./harness";
import { ada, during, planned, printed, resource, svg, twoAtATime, typeOf, Wire, zoneId } from "./support";

const zones = { "example.com": zoneId, "example.net": "372e67954025e0ba6aaa6d586b9e0b59" };

/** A VMC and a CMC of an organization whose contact is configuration. */
const program = `
const pulumi = require("@pulumi/pulumi");
const bimi = require("pulumi-bimi");
const config = new pulumi.Config();
const ada = ${JSON.stringify(ada)};
const acme = new bimi.OrgValidation("acme", {
  organizationId: config.requireNumber("organizationId"),
  validations: ["ev"],
  verifiedUsers: [ada],
  organizationContact: { ...ada, firstName: config.require("contact") },
});
const organization = { id: acme.organizationId, contacts: [{ contactType: "verified_contact", ...ada }] };
const zones = ${JSON.stringify(zones)};
const vmc = new bimi.VmcOrder("vmc", {
  dnsNames: ["example.com", "mail.example.com"], organization, logo: "logo.svg", dcvMethod: "dns-txt-token",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
});
new bimi.CloudflareBimi("vmc", {
  order: vmc, zones,
  logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
});
const cmc = new bimi.CmcOrder("cmc", {
  dnsNames: ["example.net"], organization, logo: "other.svg", years: 3, dcvMethod: "dns-cname-token", enableHosting: true,
});
new bimi.CloudflareBimi("cmc", { order: cmc, zones });
exports.vmc = vmc.orderId;
exports.cmc = cmc.orderId;
`;
const logos = { "logo.svg": svg(), "other.svg": svg("Other") };
const records = ["example.com", "mail.example.com", "example.net"].flatMap((name) => [name, `default._bimi.${name}`]);

describe("pulumi preview", function () {
  this.timeout(300_000);

  let harness: Harness;
  let simulator: Simulator;
  let project: PulumiProject;
  before(async () => {
    harness = await Harness.create();
    simulator = await startSimulator({ zones });
    const organizationId = String(simulator.account.organizationId);
    project = await harness.project({
      files: { "index.js": program, ...logos },
      services: simulator,
      config: { organizationId, contact: "Gia" },
    });
  });
  after(async () => {
    harness.dispose();
    await simulator.stop();
  });

  /** A preview that plans to change nothing; answers the calls that it made. */
  async function nothingToDo(...args: string[]): Promise<string[]> {
    const { calls } = await during(simulator, async () =>
      succeeded(await project.preview("--expect-no-changes", ...args)),
    );
    assert.deepEqual(calls.writes, []);
    return calls.lines;
  }

  describe("of a stack from its first deployment on", () => {
    it("plans the first deployment, and asks only which orders the account has", async () => {
      const { calls, result } = await during(simulator, () => project.previewJson());
      assert.deepEqual(calls.lines, ["GET /order/certificate"]);
      assert.deepEqual(new Set(result.steps.map(({ op }) => op)), new Set(["create"]));
      assert.equal(result.steps.filter(({ urn }) => /Order$/.test(typeOf({ urn }))).length, 2);
      assert.equal(result.steps.filter(({ urn }) => typeOf({ urn }) === "DnsRecord").length, records.length);
    });

    it("plans it without a key too", async () => {
      const { DIGICERT_API_KEY } = project.env;
      delete project.env.DIGICERT_API_KEY;
      try {
        const { calls, result } = await during(simulator, () => project.preview());
        assert.equal(result.code, 0, printed(result));
        assert.deepEqual(calls.lines, []);
        assert.match(printed(result), /create/);
      } finally {
        project.env.DIGICERT_API_KEY = DIGICERT_API_KEY!;
      }
    });

    it("finds nothing to do after the deployment, with one bulk question about what is pending", async () => {
      succeeded(await project.up());
      assert.deepEqual(await nothingToDo(), ["GET /user/me", "GET /order/certificate"]);
    });

    it("with --refresh reads only, and finds what it knew", async () => {
      const { calls, result } = await during(simulator, () => project.preview("--refresh", "--expect-no-changes"));
      assert.equal(result.code, 0, printed(result));
      assert.deepEqual(calls.writes, []);
    });

    it("of an edited organization contact updates the organization, and touches neither orders nor records", async () => {
      await project.configure({ contact: "Grace" });
      const { calls, result } = await during(simulator, () => project.previewJson());
      assert.deepEqual(calls.writes, []);
      assert.deepEqual(planned(result), ["update OrgValidation acme"]);

      const up = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(
        up.calls.writes.map(({ service, method, path }) => `${service} ${method} ${path.replace(/\d+/, "{id}")}`),
        ["certcentral PUT /organization/{id}/contact"],
      );
      assert.deepEqual(await nothingToDo(), ["GET /user/me", "GET /order/certificate"]);
    });

    it("a day later asks one question about each pending order, domain and organization too", async () => {
      await simulator.control.advance({ days: 1 });
      const { calls } = await during(simulator, async () => succeeded(await project.preview("--expect-no-changes")));
      assert.deepEqual(calls.writes, []);
      const { vmc, cmc } = await project.outputs();
      const { domains } = (await simulator.control.dump()).certcentral;
      const lines = calls.all.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "")}`);
      assert.deepEqual(
        lines.sort(),
        [
          "GET /user/me",
          "GET /order/certificate",
          `GET /order/certificate/${vmc}/validation`,
          `GET /order/certificate/${cmc}/validation`,
          ...domains.map(({ id }) => `GET /domain/${id}`),
          `GET /organization/${simulator.account.organizationId}/validation`,
        ].sort(),
      );
    });

    it("calls nobody without a key, whatever is pending", async () => {
      const { DIGICERT_API_KEY } = project.env;
      delete project.env.DIGICERT_API_KEY;
      try {
        assert.deepEqual(await nothingToDo(), []);
      } finally {
        project.env.DIGICERT_API_KEY = DIGICERT_API_KEY!;
      }
    });

    it("of the issuance tells it, and neither deletes nor replaces a record nor plans an order", async () => {
      const { vmc, cmc } = await project.outputs();
      await simulator.control.vet(Number(vmc));
      await simulator.control.vet(Number(cmc));
      const { calls, result } = await during(simulator, () => project.previewJson());
      assert.deepEqual(calls.lines, [
        "GET /user/me",
        "GET /organization/{id}/validation",
        "GET /order/certificate",
        "GET /order/certificate/{id}",
        "GET /order/certificate/{id}",
      ]);
      const steps = planned(result);
      for (const step of steps) assert.match(step, /^update /);
      for (const changed of ["VmcOrder vmc", "CmcOrder cmc", "MarkCertificate vmc", "MarkCertificate cmc"]) {
        assert.ok(steps.includes(`update ${changed}`), changed);
      }
      for (const name of ["vmc-bimi-example.com", "vmc-bimi-mail.example.com", "cmc-bimi-example.net"]) {
        assert.ok(steps.includes(`update DnsRecord ${name}`), name);
      }
      const messages = result.diagnostics?.map(({ message }) => message.trim()) ?? [];
      assert.ok(messages.includes(`order ${vmc}: pending -> issued`), messages.join("\n"));
      assert.ok(messages.includes(`order ${cmc}: pending -> issued`), messages.join("\n"));
    });

    it("finds nothing to do once nothing is pending, without a call", async () => {
      const { calls } = await during(simulator, async () => succeeded(await project.up()));
      assert.deepEqual(calls.orders, []);
      assert.deepEqual(await nothingToDo(), []);
      const again = await during(simulator, async () => succeeded(await project.up("--expect-no-changes")));
      assert.deepEqual(again.calls.lines, [], "nor does up call anybody");
      const wire = new Wire(simulator);
      for (const name of records.filter((name) => name.startsWith("default"))) {
        assert.match((await wire.txt(name))[0] ?? "", /a=https:\/\/\S+\.pem;$/);
      }
    });

    it("with --refresh reads only, once issued", async () => {
      const { calls, result } = await during(simulator, () => project.preview("--refresh", "--expect-no-changes"));
      assert.equal(result.code, 0, printed(result));
      assert.deepEqual(calls.writes, []);
      assert.equal(resource(await project.stackExport(), "VmcOrder").outputs.status, "issued");
    });
  });

  describe("of bad input", () => {
    const results = new Map<(typeof badInputs)[number], { result: CommandResult; calls: string[] }>();
    before(async () => {
      const files = { ...logos, "bad.svg": "<svg><g></svg>" };
      // An account without orders: the good ones of these programs are nobody's yet.
      const simulator = await startSimulator({ zones });
      const projects = await Promise.all([1, 2].map(() => harness.project({ files, services: simulator })));
      await twoAtATime(badInputs, async (bad) => {
        const free = projects.pop()!;
        free.write({ "index.js": programWith(bad) });
        const before = simulator.journal.length;
        const result = await free.preview();
        results.set(bad, { result, calls: simulator.journal.slice(before).map(({ path }) => path) });
        projects.push(free);
      });
      await simulator.stop();
    });

    for (const bad of badInputs) {
      describe(`of a ${bad.type}`, () => {
        it("fails before any call but what the first preview of a good order asks", () => {
          const { result, calls } = results.get(bad)!;
          assert.notEqual(result.code, 0);
          assert.deepEqual(new Set(calls), new Set(calls.filter((path) => path.startsWith("/order/certificate?"))));
        });

        for (const [what, patterns] of Object.entries(bad.says)) {
          it(`names ${what} and the remedy`, () => {
            const lines = printed(results.get(bad)!.result).split("\n");
            const subject = lines.filter((line) => line.includes("subject"));
            assert.ok(
              subject.some((line) => patterns.every((pattern) => pattern.test(line))),
              `No line has ${patterns.join(" ")}:\n${lines.join("\n")}`,
            );
          });
        }

        it("shows no card number", () => {
          const said = printed(results.get(bad)!.result);
          assert.doesNotMatch(said, /4111111111111111/);
          assert.doesNotMatch(said, alone("7371", "cvv"));
        });
      });
    }
  });
});
