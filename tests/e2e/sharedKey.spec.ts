import assert from "node:assert/strict";
import { startSimulator } from "../../simulator";
import { Harness, succeeded } from "./harness";
import { during, ordersAt, printed, svg, until } from "./support";

const orders = 8;

const program = (stack: string) => `
const bimi = require("pulumi-bimi");
for (let index = 0; index < ${orders}; index++) {
  const name = "${stack}-" + index;
  const order = new bimi.CmcOrder(name, {
    dnsNames: [name + ".example.com"], organization: { id: Number(process.env.ORGANIZATION) },
    logo: "logo.svg", years: 1, dcvMethod: "dns-txt-token",
  });
  new bimi.MarkCertificate(name, { order });
}
`;

/** Over gRPC, with more orders: tests/provider/engines/sharedKey.spec.ts. */
describe("two stacks that are deployed at once with one key", function () {
  this.timeout(300_000);

  it("both finish within DigiCert's rate limits, with one order for each resource", async () => {
    const harness = await Harness.create();
    const simulator = await startSimulator();
    try {
      const projects = await Promise.all(
        ["blue", "green"].map((stack) =>
          harness.project({
            stack,
            files: { "index.js": program(stack), "logo.svg": svg() },
            services: simulator,
            config: { "bimi:maxOrdersPerUpdate": String(orders) },
            env: { ORGANIZATION: String(simulator.account.organizationId) },
          }),
        ),
      );
      const { calls } = await during(simulator, async () => {
        const ups = projects.map((project) => project.spawn("up", "--yes", "--skip-preview"));
        // A third program uses the limit up while orders are on their way.
        await until(() => simulator.journal.some(({ method }) => method === "POST"), ups[0]!);
        const account = () => fetch(`${simulator.baseUrl}/account`, { headers: { "X-DC-DEVKEY": simulator.apiKey } });
        await Promise.all(Array.from({ length: 100 }, account));
        for (const { result } of ups) {
          const said = printed(succeeded(await result));
          assert.ok((said.match(/rate limit/g) ?? []).length <= 1, said);
        }
      });
      const placed = await ordersAt(simulator);
      assert.equal(placed.length, 2 * orders);
      assert.equal(new Set(placed.map(({ alternativeOrderId }) => alternativeOrderId)).size, 2 * orders);
      assert.equal(calls.orders.filter(({ status }) => status !== 429).length, 2 * orders);
      const ours = calls.all.filter(({ userAgent }) => userAgent?.startsWith("pulumi-bimi/"));
      const tooMany = ours.filter(({ status }) => status === 429);
      assert.ok(tooMany.length > 0, "the limit was not reached");
      assert.ok(tooMany.length < ours.length / 3, `${tooMany.length} of ${ours.length} calls were too many`);
      for (const project of projects) succeeded(await project.preview("--expect-no-changes"));
      assert.equal((await ordersAt(simulator)).length, 2 * orders);
    } finally {
      harness.dispose();
      await simulator.stop();
    }
  });
});
