import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { deriveReference } from "../../../provider/order/reference";
import { providerText } from "../../../provider/resource";
import type { JournalEntry } from "../../../simulator";
import { Scene } from "../../simulator/certcentral";
import { Stage } from "../support";
import { ProviderProcess } from "./providerProcess";

const orders = 15;
const isOrder = ({ method, path }: JournalEntry) => method === "POST" && path === "/order/certificate/mark_certificate";

describe("a long wait for the rate limit", () => {
  it("is told in one line, however many ask, and a short one is not", async () => {
    const stage = await Stage.start();
    try {
      const said = () => stage.lines.filter((line) => /rate limit/.test(line));
      const match = { method: "GET", path: "^/user/me" };
      await stage.control.fault({ match, kind: "throttle", retryAfter: 3 });
      await stage.vmc("first").up(stage.inputs());
      assert.deepEqual(said(), []);
      await stage.control.fault({ match, kind: "throttle", retryAfter: 90 });
      const context = stage.context();
      await Promise.all([context.account(), ...Array.from({ length: 9 }, () => context.pendingOrders())]);
      assert.equal(said().length, 1);
      assert.match(
        said()[0]!,
        /^DigiCert's rate limit of this API key is used up \(100 requests in 5 seconds and 1,000 in 3 minutes, with all other programs that use it\): goes on in at most \d minutes\.$/,
      );
    } finally {
      await stage.stop();
    }
  });
});

/** Two programs at once, each a process of its own that knows nothing of the other, against DigiCert's real limits. */
describe("two provider processes with one key", function () {
  this.timeout(240_000);

  for (const retryAfter of ["absent", "present"] as const) {
    it(`both place all their orders once, with Retry-After ${retryAfter}`, async () => {
      const scene = await Scene.start({ switches: { retryAfter } });
      const { apiKey, baseUrl, account, journal } = scene.simulator;
      const config = { "bimi:apiKey": apiKey, "bimi:baseUrl": baseUrl, "bimi:maxOrdersPerUpdate": "100" };
      const processes = await Promise.all([1, 2].map(() => ProviderProcess.start(config)));
      try {
        const working = Promise.all(
          processes.flatMap((provider, stack) =>
            Array.from({ length: orders }, async (_, index) => {
              const name = `${stack}-${index}`;
              const urn = `urn:pulumi:dev${stack}::acme::pulumi-nodejs:dynamic/bimi:CmcOrder::${name}`;
              const place = { organization: "organization", project: "acme", stack: `dev${stack}`, urn };
              const { inputs, failures } = await provider.check({
                dnsNames: [`brand-${name}.example.com`],
                organization: { id: account.organizationId },
                logo: "logo.svg",
                years: 1,
                dcvMethod: "dns-txt-token",
                __urn: urn,
                __reference: deriveReference(place),
                __provider: providerText("cmcOrder"),
              });
              assert.deepEqual(failures, []);
              return provider.create(inputs);
            }),
          ),
        );
        // A third program uses the limit up while orders are on their way.
        while (!journal.some(isOrder)) await sleep(5);
        await Promise.all(Array.from({ length: 100 }, () => scene.call("GET", "/account")));
        const results = await working;
        const placed = (await scene.control.dump()).certcentral.orders;
        assert.deepEqual(results.map(({ outs }) => outs.orderId).sort(), placed.map(({ id }) => id).sort());
        assert.equal(new Set(placed.map(({ alternativeOrderId }) => alternativeOrderId)).size, 2 * orders);
        assert.equal(journal.filter((entry) => isOrder(entry) && entry.status !== 429).length, 2 * orders);
        const calls = journal.filter(({ userAgent }) => userAgent?.startsWith("pulumi-bimi/"));
        const tooMany = calls.filter(({ status }) => status === 429).length;
        assert.ok(tooMany > 0, "the limit was not reached");
        assert.ok(tooMany < calls.length / 3, `${tooMany} of ${calls.length} calls were too many`);
        for (const { log } of processes) assert.ok(log.filter(({ message }) => /rate limit/.test(message)).length <= 1);
      } finally {
        for (const provider of processes) await provider.stop();
        await scene.stop();
      }
    });
  }
});
