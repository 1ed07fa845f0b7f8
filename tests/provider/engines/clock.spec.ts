import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Scene } from "../../simulator/certcentral";
import { failureOf } from "../support";
import { ProviderProcess } from "./providerProcess";

/** A machine that is wrong since it was started, or whose clock is set wrong while the process runs. */
const wrong: Record<string, string> = {
  "since it was started": `
    const { performance } = require("node:perf_hooks");
    const now = performance.now.bind(performance);
    performance.now = () => now() + Number(process.env.OFF);`,
  "since a moment ago": `
    const now = Date.now.bind(Date);
    Date.now = () => now() + Number(process.env.OFF);`,
};

describe("Pulumi's provider process on a machine whose clock is two days off", function () {
  this.timeout(30_000);

  let dir: string;
  let scene: Scene;
  before(async () => {
    dir = mkdtempSync(path.join(tmpdir(), "pulumi-bimi-clock-"));
    scene = await Scene.start();
  });
  after(async () => {
    await scene.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  for (const [since, script] of Object.entries(wrong)) {
    for (const [days, says] of [
      [2, "2 days ahead of"],
      [-2, "2 days behind"],
    ] as const) {
      it(`${since}: ${says} DigiCert's, orders nothing`, async () => {
        const preload = path.join(dir, "clock.js");
        writeFileSync(preload, script);
        const { apiKey, baseUrl } = scene.simulator;
        const provider = await ProviderProcess.start(
          { "bimi:apiKey": apiKey, "bimi:baseUrl": baseUrl },
          { NODE_OPTIONS: `--require ${preload}`, OFF: String(days * 86_400_000) },
        );
        try {
          await scene.control.clearJournal();
          const create = provider.create({
            dnsNames: ["example.com"],
            organization: { id: scene.simulator.account.organizationId },
            logo: "logo.svg",
            trademark: { countryCode: "us", registrationNumber: "A1" },
            __provider: 'exports.handler = () => require("pulumi-bimi/dynamic").vmcOrder;',
            __urn: "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/bimi:VmcOrder::logo",
            __reference: "bimiclock",
          });
          const error = await failureOf(create);
          assert.match(error.message, new RegExp(`this machine's clock is ${says} DigiCert's\\. Set the clock`));
          assert.ok(scene.simulator.journal.length > 0, "it was compared with an answer");
          assert.ok(scene.simulator.journal.every(({ write }) => !write));
        } finally {
          await provider.stop();
        }
      });
    }
  }
});
