import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as bimi from "../../../provider";
import { type Simulator, startSimulator } from "../../../simulator";
import { temporaryDirectory } from "../../../tools/pulumiProject";
import { checkout } from "../../../tools/toolchain";
import { fixtureDirectory, outputShapes, type StateFixture } from "../../e2e/stateFixture";
import type { Json } from "../support";
import { ProviderProcess } from "./providerProcess";

interface Stored {
  urn: string;
  type: string;
  id: string;
  inputs: Json;
  outputs: Json;
}

const read = (name: string): StateFixture =>
  JSON.parse(readFileSync(path.join(fixtureDirectory, `${name}.json`), "utf8"));
const names = readdirSync(fixtureDirectory).map((file) => path.basename(file, ".json"));
const nameOf = ({ urn }: Stored) =>
  urn
    .split("::")
    .slice(2)
    .join(" ")
    .replace(/.*bimi:/, "");

/** Stacks that earlier versions left, on this one; the oldest also on the real engine: tests/e2e/state.spec.ts. */
describe("the state of an earlier version", function () {
  this.timeout(60_000);

  it("is kept of this version, as its outputs are now", () => {
    const { version } = JSON.parse(readFileSync(path.join(checkout, "package.json"), "utf8"));
    assert.ok(names.includes(version), `run \`npm run fixture\`, which writes the state of ${version}`);
    assert.deepEqual(
      read(version).outputs,
      outputShapes(),
      `outputs differ from those in the stored state of ${version}: run \`npm run fixture\` if it is not released, else raise the version first`,
    );
  });

  for (const name of names) {
    describe(name, () => {
      const fixture = read(name);
      const directory = temporaryDirectory();
      const deployment = (fixture.stack as { deployment: { resources: Stored[] } }).deployment;
      const ours = deployment.resources.filter(({ type }) => type.startsWith("pulumi-nodejs:dynamic/bimi:"));
      let simulator: Simulator;
      let provider: ProviderProcess;

      before(async () => {
        const stateFile = path.join(directory.dir, "simulator.json");
        writeFileSync(stateFile, JSON.stringify(fixture.simulator));
        simulator = await startSimulator({ stateFile, startAt: new Date(fixture.at) });
        const { "bimi:apiKey": apiKey = "" } = fixture.secrets;
        provider = await ProviderProcess.start({ "bimi:apiKey": apiKey, "bimi:baseUrl": simulator.baseUrl });
        provider.write(fixture.files);
      });
      after(async () => {
        await provider.stop();
        await simulator.stop();
        directory.dispose();
      });

      const orders = async () => (await simulator.control.dump()).certcentral.orders;
      const writes = () =>
        simulator.journal.filter(({ write }) => write).map(({ method, path }) => `${method} ${path}`);
      /** What the same program sends for a resource today. */
      const checked = async ({ inputs }: Stored): Promise<Json> => {
        const { __logo, ...program } = inputs;
        const given = program.logo ? { ...program, logo: program.logo.path } : program;
        const { inputs: news, failures } = await provider.check(given, inputs);
        assert.deepEqual(failures, []);
        return news;
      };

      it("has resources of every type, pending and issued, whose text and type are still served", () => {
        const statuses = new Set(ours.map((one) => `${nameOf(one).split(" ")[0]} ${one.outputs.status ?? ""}`.trim()));
        for (const wanted of [
          ...["VmcOrder", "CmcOrder", "MarkCertificate"].flatMap((type) => [`${type} pending`, `${type} issued`]),
          "CmcOrder needs_approval",
          "OrgValidation",
        ])
          assert.ok(statuses.has(wanted), `no ${wanted}`);
        const dynamic: Json = require("../../../provider/engines/dynamic");
        for (const { type, inputs, outputs } of ours) {
          assert.equal(inputs.__provider, outputs.__provider);
          const [, handler = ""] =
            /^exports\.handler = \(\) => require\("pulumi-bimi\/dynamic"\)\.(\w+);$/.exec(inputs.__provider) ?? [];
          assert.equal(typeof dynamic[handler]?.create, "function", `${type}: ${inputs.__provider}`);
          assert.equal(typeof (bimi as Json)[type.split(":").at(-1)!], "function", type);
        }
        const components = deployment.resources.filter(({ type }) => type.startsWith("bimi:"));
        assert.deepEqual(new Set(components.map(({ type }) => type)), new Set(["bimi:index:CloudflareBimi"]));
      });

      it("plans no change, before and after it was read; nothing is written", async () => {
        for (const stored of ours) {
          const { id, outputs } = stored;
          const news = await checked(stored);
          const { changes, replaces } = await provider.diff(id, outputs, news);
          assert.deepEqual([changes, replaces], [false, []], nameOf(stored));
          const seen = await provider.read(id, outputs);
          assert.equal(seen.id, id);
          assert.equal(seen.properties.__provider, outputs.__provider);
          assert.equal(seen.properties.orderId, outputs.orderId);
          assert.equal(seen.properties.reference, outputs.reference);
          assert.equal((await provider.diff(id, seen.properties, news)).changes, false, `${nameOf(stored)}, refreshed`);
        }
        assert.deepEqual(writes(), []);
        // The simulator of those versions had no certificate-transparency log.
        const unlogged = /^order \d+: CERT-013 \(warning\): ".*" has no signed certificate timestamp \|/;
        assert.deepEqual(
          provider.log.filter(({ message }) => !unlogged.test(message)),
          [],
        );
      });

      it("is updated: nothing is bought, and then it is at rest", async () => {
        const before = (await orders()).length;
        for (const stored of ours) {
          const news = await checked(stored);
          const outs = await provider.update(stored.id, stored.outputs, news);
          assert.equal(outs.orderId, stored.outputs.orderId);
          assert.equal((await provider.diff(stored.id, outs, news)).changes, false, nameOf(stored));
        }
        assert.equal((await orders()).length, before);
      });

      it("is deleted, in a run of its own", async () => {
        const { "bimi:apiKey": apiKey = "" } = fixture.secrets;
        const run = await ProviderProcess.start({ "bimi:apiKey": apiKey, "bimi:baseUrl": simulator.baseUrl });
        try {
          for (const { id, outputs } of [...ours].reverse()) await run.delete(id, outputs);
        } finally {
          await run.stop();
        }
        const left = new Map((await orders()).map(({ id, status }) => [id, status]));
        for (const stored of ours.filter(({ outputs }) => outputs.reference)) {
          const { status, orderId } = stored.outputs;
          assert.equal(left.get(orderId), status === "pending" ? "canceled" : status, nameOf(stored));
        }
      });
    });
  }
});
