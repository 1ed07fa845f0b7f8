import assert from "node:assert/strict";
import { type Stack, Stage } from "../support";
import { Watch } from "./watch";

describe("an order converges", () => {
  let stage: Stage;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    watch = new Watch(stage);
  });
  afterEach(() => stage.stop());

  describe("however long nobody ran it", () => {
    for (const days of [1, 6, 7, 8, 21, 120]) {
      it(`${days} days`, async () => {
        const stack = stage.vmc();
        await stack.up(stage.inputs());
        await stage.issue(stack.outs.orderId);
        await stage.advance({ days });
        await watch.previews(stack, stage.inputs(), "update");
        assert.deepEqual(watch.said(/./), [`order ${stack.outs.orderId}: pending -> issued`]);
        await stack.up(stage.inputs());
        assert.equal(stack.outs.status, "issued");
        assert.deepEqual(watch.writes(), []);
        await watch.isAtRest(stack, stage.inputs());
        assert.deepEqual(stage.calls("GET", /status-changes/), []);
        await stack.destroy();
        assert.equal((await stage.placed())[0].status, "issued");
      });
    }

    it("12 days, when polling has stopped: a repaired DCV record is found by an update of the certificate", async () => {
      const stack = stage.vmc();
      await stack.up(stage.inputs());
      const certificate = stage.certificate();
      await certificate.up({ order: stage.orderOf(stack) });
      const [{ name, content }] = stack.outs.dcvRecords;
      await stage.advance({ days: 12 });
      await stage.scene.publish("TXT", name, content);
      await stage.advance({ hours: 2 });
      const domain = async () => (await stage.control.dump()).certcentral.domains[0]!;
      assert.equal((await domain()).polling, undefined);
      assert.equal((await domain()).validatedAt, undefined, "DigiCert does not look by itself any more");
      await watch.fresh();
      await stack.up(stage.inputs());
      await certificate.up({ order: stage.orderOf(stack) });
      assert.deepEqual(watch.writes(), [[`PUT /domain/${stack.outs.domains[0].id}/dcv/validate-token`, undefined]]);
      assert.ok((await domain()).validatedAt);
      await stack.refresh();
      assert.equal(stack.outs.domains[0].status, "active");
    });

    it("three weeks, while it is pending: token, approval and proofs", async () => {
      const stack = stage.vmc();
      const program = stage.inputs({ skipApproval: false, dnsNames: ["example.com", "example.net"] });
      await stack.up(program);
      await stage.control.approveRequest(stack.outs.requests[0].id);
      await stage.advance({ days: 21 });
      await stack.up(program);
      assert.equal(stack.outs.dcvRecords.length, 2);
      await stage.control.approveDomain("example.net");
      await stage.advance({ days: 21 });
      await stack.up(program);
      assert.equal(stage.calls("POST", /\/dcv\/token$/).length, 1);
      assert.deepEqual(
        stack.outs.domains.map(({ status }: { status: string }) => status),
        ["pending", "active"],
      );
      await watch.isAtRest(stack, program);
      assert.deepEqual(stage.calls("GET", /status-changes/), []);
    });
  });

  describe("at the price of few calls", function () {
    this.timeout(120_000);
    const count = 200;
    let stacks: Stack[];

    /** 200 orders, each of its own domain; placed at DigiCert within its rate limits. */
    beforeEach(async () => {
      stage.settings = { ...stage.settings, maxOrdersPerUpdate: count };
      const context = stage.context();
      stacks = Array.from({ length: count }, (_, index) => stage.vmc(`order${index}`));
      for (const [index, stack] of stacks.entries()) {
        const process = stack.process(context);
        const inputs = await stack.check(process, program(index));
        const { id, outs } = await process.create(inputs);
        stack.stored = { id, inputs, outs: JSON.parse(JSON.stringify(outs)) };
      }
      await watch.fresh();
    });
    const program = (index: number) => stage.inputs({ dnsNames: [`d${index}.example.com`] });

    /** One preview of all; which of them would be updated. */
    async function preview(changed: (index: number) => object = () => ({})): Promise<number[]> {
      const context = stage.context();
      const updates: number[] = [];
      for (const [index, stack] of stacks.entries()) {
        const process = stack.process(context);
        const { id, outs } = stack.stored!;
        const inputs = await stack.check(process, { ...program(index), ...changed(index) });
        if ((await process.diff(id, outs, inputs)).changes) updates.push(index);
      }
      assert.deepEqual(watch.writes(), []);
      return updates;
    }

    it("200 pending ones: two in all, and one more for each that changed", async () => {
      assert.deepEqual(await preview(), []);
      assert.deepEqual(stage.calls(), ["GET /user/me", "GET /order/certificate"]);

      await watch.fresh();
      const changed = [3, 77, 199];
      assert.deepEqual(await preview((index) => (changed.includes(index) ? { enableHosting: true } : {})), changed);
      assert.ok(stage.calls().length <= 2 + changed.length, stage.calls().join("\n"));

      await stage.issue(stacks[5]!.outs.orderId);
      await watch.fresh();
      assert.deepEqual(await preview(), [5]);
      assert.ok(stage.calls().length <= 3, stage.calls().join("\n"));

      // A day later each is due once: whether its token still holds.
      await stage.advance({ days: 1 });
      await watch.fresh();
      assert.deepEqual(await preview(), [5]);
      assert.ok(stage.calls().length <= 2 + count, String(stage.calls().length));
    });

    it("200 settled ones: none", async () => {
      for (const [index, stack] of stacks.entries()) {
        await stage.control.approveDomain(`d${index}.example.com`);
        await stage.control.vet(stack.outs.orderId);
      }
      const context = stage.context();
      for (const [index, stack] of stacks.entries()) {
        const process = stack.process(context);
        const { id, outs } = stack.stored!;
        const updated = await process.update(id, outs, await stack.check(process, program(index)));
        stack.stored!.outs = JSON.parse(JSON.stringify(updated.outs));
        assert.equal(stack.outs.status, "issued");
      }
      await stage.advance({ days: 60 });
      await watch.fresh();
      assert.deepEqual(await preview(), []);
      assert.deepEqual(stage.calls(), []);
    });
  });
});
