import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Simulator, startSimulator } from "../../simulator";
import { type StackExport, temporaryDirectory } from "../../tools/pulumiProject";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { fixtureDirectory, fixtureProject, type StateFixture } from "./stateFixture";
import { ada, during, ordersAt, planned, printed, resource, svg, typeOf, Wire, zoneId } from "./support";

const zones = { "example.com": zoneId };
const sizes = [1, 3, 20];

/** Orders of 1, 3 and 20 domains, by the stack's own account and by a second provider. */
const program = `
const bimi = require("pulumi-bimi");
const pulumi = require("@pulumi/pulumi");
const config = new pulumi.Config();
const ada = ${JSON.stringify(ada)};
const organizationId = config.requireNumber("organizationId");
const acme = new bimi.OrgValidation("acme", { organizationId, validations: ["ev"], verifiedUsers: [ada] });
const organization = { id: acme.organizationId, contacts: [{ contactType: "verified_contact", ...ada }] };
for (const size of ${JSON.stringify(sizes)}) {
  const dnsNames = Array.from({ length: size }, (_, i) => "brand-" + size + "-" + i + ".example.com");
  const trademark = { countryCode: "us", registrationNumber: "A1234-B1234" };
  const order = new bimi.VmcOrder("of " + size, { dnsNames, organization, logo: "logo.svg", dcvMethod: "dns-txt-token", trademark });
  new bimi.CloudflareBimi("of " + size, {
    order, zones: ${JSON.stringify(zones)},
    logoUrl: "https://www.example.com/brand/logo-1.svg", certificateUrl: "https://www.example.com/brand/logo-1.pem",
  });
  new bimi.MarkCertificate("chain of " + size, { order });
}
const hosted = new bimi.CmcOrder("hosted", {
  dnsNames: ["hosted.example.com"], organization, logo: "logo.svg", years: 3, dcvMethod: "dns-cname-token", enableHosting: true,
});
new bimi.CloudflareBimi("hosted", { order: hosted, zones: ${JSON.stringify(zones)} });
const second = new bimi.Provider("second", { apiKey: process.env.SECOND_KEY, baseUrl: process.env.DIGICERT_BASE_URL });
new bimi.OrgValidation("second", { organizationId, validations: ["ev"], verifiedUsers: [ada] }, { provider: second });
`;

/**
 * The stored states of releases are in tests/fixtures/state. That of this release is written by
 * `npm run fixture`, before it is released and never again. All of them, over gRPC: tests/provider/engines/upgrade.spec.ts.
 */
describe("the state of a stack", function () {
  this.timeout(300_000);

  let harness: Harness;
  before(async () => {
    harness = await Harness.create();
  });
  after(() => harness.dispose());

  describe("whose orders are issued", () => {
    let simulator: Simulator;
    let project: PulumiProject;
    let said = "";
    let state: StackExport;
    let decrypted: StackExport;

    before(async () => {
      simulator = await startSimulator({ zones });
      project = await harness.project({
        files: { "index.js": program, "logo.svg": svg() },
        services: simulator,
        config: { organizationId: String(simulator.account.organizationId) },
        secrets: { "bimi:apiKey": simulator.apiKey },
        env: { DIGICERT_API_KEY: undefined, SECOND_KEY: simulator.apiKey },
      });
      const verbose = ["--debug", "--diff"];
      said += printed(succeeded(await project.preview(...verbose)));
      said += printed(succeeded(await project.up(...verbose)));
      for (const { id } of await ordersAt(simulator)) await simulator.control.vet(id);
      said += printed(succeeded(await project.up(...verbose)));
      said += printed(succeeded(await project.refresh(...verbose)));
      state = await project.stackExport();
      decrypted = await project.stackExport({ showSecrets: true });
    });
    after(() => simulator.stop());

    it("has the API key only in the encrypted configuration of providers", () => {
      assert.equal(occurrences(state, simulator.apiKey), 0);
      const others = decrypted.deployment.resources.filter(({ type }) => !type.startsWith("pulumi:providers:"));
      assert.ok(others.length > 10);
      assert.equal(occurrences(others, simulator.apiKey), 0);
      assert.ok(occurrences(decrypted, simulator.apiKey) > 0, "it is looked for as it is written");
    });

    it("is made without the API key in any output", () => {
      assert.equal(occurrences(said, simulator.apiKey), 0);
    });

    it("runs a fixed text of at most 100 bytes for each resource", () => {
      const texts = {
        VmcOrder: 'exports.handler = () => require("pulumi-bimi/dynamic").vmcOrder;',
        CmcOrder: 'exports.handler = () => require("pulumi-bimi/dynamic").cmcOrder;',
        OrgValidation: 'exports.handler = () => require("pulumi-bimi/dynamic").orgValidation;',
        MarkCertificate: 'exports.handler = () => require("pulumi-bimi/dynamic").markCertificate;',
      };
      const seen = new Set<string>();
      for (const { urn, type, inputs, outputs } of state.deployment.resources) {
        if (!type.startsWith("pulumi-nodejs:dynamic/bimi:")) continue;
        const text = texts[typeOf({ urn }) as keyof typeof texts];
        assert.equal(inputs?.__provider, text);
        assert.equal(outputs?.__provider, text);
        assert.ok(Buffer.byteLength(text) <= 100);
        seen.add(typeOf({ urn }));
      }
      assert.deepEqual(seen, new Set(Object.keys(texts)));
    });

    for (const size of sizes) {
      it(`holds at most 2.5 KB and 0.4 KB for each of ${size} domains, without the chain`, () => {
        const parts = ["VmcOrder", "MarkCertificate", "CloudflareBimi"].map((type) => {
          const { pem: _, ...outputs } = resource(state, type, `of ${size}`).outputs ?? {};
          return Buffer.byteLength(JSON.stringify(outputs));
        });
        const sum = parts.reduce((a, b) => a + b);
        assert.equal(resource(state, "VmcOrder", `of ${size}`).outputs.status, "issued");
        assert.ok(sum <= 2500 + 400 * size, `${parts.join(" + ")} = ${sum} bytes`);
      });
    }

    it("holds that much, too, when DigiCert hosts the files", () => {
      const parts = ["CmcOrder", "MarkCertificate", "CloudflareBimi"].map((type) => {
        const outputs = resource(state, type, "hosted").outputs ?? {};
        return Buffer.byteLength(JSON.stringify(outputs));
      });
      const sum = parts.reduce((a, b) => a + b);
      assert.ok(sum <= 2500 + 400, `${parts.join(" + ")} = ${sum} bytes`);
    });

    it("holds the chain only where nothing hosts it", () => {
      const { pem, ...certificate } = resource(state, "MarkCertificate", "chain of 1").outputs;
      assert.match(pem, /^-----BEGIN CERTIFICATE-----/);
      assert.equal(certificate.status, "issued");
      for (const name of ["of 1", "of 3", "of 20", "hosted"]) {
        assert.equal(resource(state, "MarkCertificate", name).outputs.pem, undefined);
      }
    });

    it("has the logo's hash and not its bytes", () => {
      const text = JSON.stringify(state);
      assert.ok(!text.includes("<svg") && !text.includes(Buffer.from(svg()).toString("base64").slice(0, 40)));
      assert.deepEqual(Object.keys(resource(state, "VmcOrder", "of 1").inputs.logo).sort(), ["path", "sha256", "size"]);
    });
  });

  it("is not made with a key that is not secret: the error has the command that repairs it", async () => {
    const simulator = await startSimulator({ zones });
    const project = await harness.project({
      files: { "index.js": program, "logo.svg": svg() },
      services: simulator,
      config: {
        organizationId: String(simulator.account.organizationId),
        "bimi:apiKey": simulator.apiKey,
      },
    });
    for (const command of [() => project.preview(), () => project.up()]) {
      const result = await command();
      assert.notEqual(result.code, 0);
      assert.match(printed(result), /pulumi config set --secret bimi:apiKey/);
      assert.equal(occurrences(printed(result), simulator.apiKey), 0);
    }
    assert.equal(occurrences(await project.stackExport(), simulator.apiKey), 0);
    assert.deepEqual(simulator.journal, []);
    await simulator.stop();
  });

  // The oldest, which has the longest way.
  for (const file of readdirSync(fixtureDirectory).sort().slice(0, 1)) {
    describe(`of release ${path.basename(file, ".json")}`, () => {
      const fixture: StateFixture = JSON.parse(readFileSync(path.join(fixtureDirectory, file), "utf8"));
      const directory = temporaryDirectory();
      let simulator: Simulator;
      let project: PulumiProject;

      before(async () => {
        const stateFile = path.join(directory.dir, "simulator.json");
        writeFileSync(stateFile, JSON.stringify(fixture.simulator));
        simulator = await startSimulator({
          stateFile,
          startAt: new Date(fixture.at),
          zones: Object.fromEntries(Object.entries(JSON.parse(fixture.config["fixture:zones"]!))) as Record<
            string,
            string
          >,
        });
        project = await fixtureProject(harness, simulator, fixture);
        writeFileSync(path.join(project.dir, "stack.json"), JSON.stringify(fixture.stack));
        succeeded(await project.pulumi("stack", "import", "--file", "stack.json"));
      });
      after(async () => {
        await simulator.stop();
        directory.dispose();
      });

      it("plans no change", async () => {
        const { calls, result } = await during(simulator, () => project.previewJson());
        assert.deepEqual(planned(result), []);
        assert.deepEqual(calls.writes, []);
      });

      it("refreshes without a change", async () => {
        const { calls, result } = await during(simulator, () => project.refresh("--expect-no-changes"));
        assert.equal(result.code, 0, printed(result));
        assert.deepEqual(calls.writes, []);
        succeeded(await project.preview("--expect-no-changes"));
      });

      it("goes on: what was pending is issued and published, with no further order", async () => {
        const before = (await ordersAt(simulator)).length;
        await simulator.control.vet(Number((await project.outputs()).cmc));
        succeeded(await project.up());
        assert.match(
          (await new Wire(simulator).txt("default._bimi.example.net"))[0] ?? "",
          /l=https:\S+\.svg; a=https:\S+\.pem;$/,
        );
        assert.equal((await ordersAt(simulator)).length, before);
      });

      it("is destroyed", async () => {
        succeeded(await project.destroy());
        const statuses = (await ordersAt(simulator)).map(({ status }) => status).sort();
        assert.deepEqual(statuses, ["canceled", "issued", "issued", "issued", "needs_approval"]);
        assert.deepEqual(Object.values((await simulator.control.dump()).cloudflare).flat(), []);
      });
    });
  }
});

function occurrences(where: unknown, text: string): number {
  const all = typeof where === "string" ? where : JSON.stringify(where);
  return all.split(text).length - 1;
}
