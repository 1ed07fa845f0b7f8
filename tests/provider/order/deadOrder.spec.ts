import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";
import { Watch } from "./watch";

/** How an order ends behind the stack's back. */
const ends: Record<string, (stage: Stage, orderId: number) => Promise<unknown>> = {
  canceled: (stage, id) =>
    stage.scene.ok(204, "PUT", `/order/certificate/${id}/status`, { status: "CANCELED", note: "Wrong brand." }),
  rejected: (stage, id) => stage.control.rejectOrder(id, "The mark is not registered."),
  revoked: async (stage, id) => {
    await stage.issue(id);
    await stage.scene.ok(204, "PUT", `/order/certificate/${id}/revoke`, { skip_approval: true });
  },
  expired: async (stage, id) => {
    await stage.issue(id);
    await stage.advance({ days: 400 });
  },
};
const notes: Record<string, string> = { canceled: "Wrong brand.", rejected: "The mark is not registered." };

describe("an order that ended", () => {
  let stage: Stage;
  let stack: Stack;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
    watch = new Watch(stage);
  });
  afterEach(() => stage.stop());

  const posts = () => watch.writeCalls().filter((call) => call === "POST /order/certificate/vmc_basic").length;

  for (const [end, act] of Object.entries(ends)) {
    describe(`because it is ${end}`, () => {
      let dead: number;
      beforeEach(async () => {
        await stack.up(stage.inputs());
        dead = stack.outs.orderId;
        await act(stage, dead);
        await watch.fresh();
      });

      it("is shown by a refresh, which keeps it", async () => {
        await stack.refresh();
        assert.equal(stack.outs.status, end);
        assert.equal(stack.outs.orderId, dead);
        assert.deepEqual(watch.writes(), []);
      });

      for (const how of ["without", "after"]) {
        it(`is warned of at preview with DigiCert's notes, and fails the update, each time (${how} a refresh)`, async () => {
          if (how === "after") await stack.refresh();
          for (let run = 0; run < 2; run++) {
            await watch.previews(stack, stage.inputs(), "update");
            const lines = watch.said(new RegExp(`^order ${dead} is ${end}`));
            assert.equal(lines.length, 1, stage.lines.join("\n"));
            if (notes[end]) assert.ok(lines[0]!.includes(`DigiCert's notes: ${notes[end]}`), lines[0]);
            const error = await failureOf(stack.up(stage.inputs()));
            assert.match(error.message, new RegExp(`VmcOrder: order ${dead} is ${end}.*set reorderAfter: ${dead}`));
            if (notes[end]) assert.ok(error.message.includes(notes[end]!));
            assert.equal(stack.outs.status, end);
            assert.equal(stack.outs.orderId, dead);
            assert.ok(stack.stored!.failed, "the state is kept, as a resource that is not done");
          }
          assert.deepEqual(watch.writes(), []);
        });
      }

      it('with onDeadOrder "warn" is warned of, and is the same once the state says so', async () => {
        stage.settings = { ...stage.settings, onDeadOrder: "warn" };
        await watch.previews(stack, stage.inputs(), "update");
        assert.equal(await stack.up(stage.inputs()), "update");
        assert.equal(stack.outs.status, end);
        await watch.isAtRest(stack, stage.inputs());
        assert.equal(watch.said(new RegExp(`^order ${dead} is ${end}`)).length, 1, "each preview says it again");

        await watch.previews(stack, stage.inputs({ onDelete: "retain" }), "update");
        await stack.up(stage.inputs({ onDelete: "retain" }));
        assert.equal(stack.outs.onDelete, "retain");
        assert.deepEqual(watch.writes(), []);
        await watch.isAtRest(stack, stage.inputs({ onDelete: "retain" }));
      });

      it("is ordered anew once by reorderAfter: its number", async () => {
        const consent = stage.inputs({ reorderAfter: dead });
        await watch.previews(stack, consent, "update");
        assert.equal(watch.said(new RegExp(`order ${dead}: is ${end}, and reorderAfter allows it: BUYS`)).length, 1);
        assert.equal(await stack.up(consent), "update");
        assert.equal(posts(), 1);
        const [, body] = watch.writes()[0]!;
        assert.equal(body.alternative_order_id, `${stack.reference}2`);
        assert.equal(body.renewal_of_order_id, undefined);
        assert.deepEqual(watch.writeCalls(), ["POST /order/certificate/vmc_basic"], "nothing is done to the dead one");
        assert.notEqual(stack.outs.orderId, dead);
        assert.deepEqual(stack.outs.history, [{ orderId: dead, status: end }]);
        await watch.isAtRest(stack, consent);
        await stack.up(stage.inputs());
        await watch.isAtRest(stack, stage.inputs());

        // The consent named the first order: it allows nothing for the second.
        const second = stack.outs.orderId;
        await stage.control.rejectOrder(second);
        await watch.fresh();
        const error = await failureOf(stack.up(consent));
        assert.match(error.message, new RegExp(`set reorderAfter: ${second}`));
        assert.deepEqual(watch.writes(), []);
        await stack.destroy();
        assert.deepEqual(watch.writes(), []);
      });

      it("is not ordered anew by another order's number", async () => {
        await watch.previews(stack, stage.inputs({ reorderAfter: dead + 1 }), "update");
        assert.deepEqual(watch.said(/BUYS/), []);
        await failureOf(stack.up(stage.inputs({ reorderAfter: dead + 1 })));
        assert.deepEqual(watch.writes(), []);
      });

      it("is not ordered anew because inputs change", async () => {
        stage.writeLogo(svg("Another"), "another.svg");
        for (const change of [{ dnsNames: ["example.com", "example.net"] }, { logo: "another.svg" }]) {
          await failureOf(stack.up(stage.inputs(change)));
        }
        assert.deepEqual(watch.writes(), []);
      });

      it("is replaced by an adopted one, without a write", async () => {
        const { id } = await stage.scene.vmc();
        await watch.fresh();
        const program = stage.inputs({ adoptOrderId: id });
        await stack.up(program);
        assert.equal(stack.outs.orderId, id);
        assert.deepEqual(watch.writes(), []);
        await watch.isAtRest(stack, program);
      });

      it("is not touched by a destroy", async () => {
        await stack.destroy();
        assert.deepEqual(watch.writes(), []);
      });
    });
  }

  it("while the stack may not buy, is not ordered anew: the consent is about the order, not the money", async () => {
    await stack.up(stage.inputs());
    const { orderId } = stack.outs;
    await stage.control.rejectOrder(orderId);
    const context = stage.context();
    Object.defineProperty(context, "mayOrder", { value: false });
    const process = stack.process(context);
    const inputs = await stack.check(process, stage.inputs({ reorderAfter: orderId }));
    await watch.fresh();
    await process.diff(stack.stored!.id, stack.outs, inputs);
    assert.equal(watch.said(/BUYS.*This stack may not buy yet/).length, 1);
    const error = await failureOf(process.update(stack.stored!.id, stack.outs, inputs));
    assert.equal(error.code, "orders_not_allowed");
    assert.deepEqual(watch.writes(), []);
  });

  describe("with a consent whose answer is lost", () => {
    it("is ordered anew once", async () => {
      await stack.up(stage.inputs());
      const { orderId } = stack.outs;
      await stage.control.rejectOrder(orderId);
      const consent: Props = stage.inputs({ reorderAfter: orderId });
      await stage.faultOrder({ kind: "reset-after-commit" });
      await stage.control.fault({ kind: "lookup-empty", seconds: 180 });
      await failureOf(stack.up(consent));
      assert.ok(stack.outs.__doubt);
      await stage.advance({ minutes: 3 });
      await stack.up(consent);
      assert.notEqual(stack.outs.orderId, orderId);
      assert.equal((await stage.placed()).length, 2);
      await watch.isAtRest(stack, consent);
    });
  });

  describe("and was a renewal", () => {
    it("is reordered as the renewal of the same order", async () => {
      await stack.up(stage.inputs({ renewBefore: 60 }));
      const first = stack.outs.orderId;
      await stage.issue(first);
      await stage.advance({ days: 350 });
      await stack.up(stage.inputs({ renewBefore: 60 }));
      const renewal = stack.outs.orderId;
      assert.notEqual(renewal, first);
      assert.equal(stack.outs.renewedOrderId, first);
      await stage.control.rejectOrder(renewal);
      await watch.fresh();
      await failureOf(stack.up(stage.inputs({ renewBefore: 60 })));
      assert.deepEqual(watch.writes(), []);
      const consent = stage.inputs({ renewBefore: 60, reorderAfter: renewal });
      await stack.up(consent);
      assert.equal(posts(), 1);
      assert.equal(watch.writes()[0]![1].renewal_of_order_id, first);
      assert.equal(stack.outs.renewedOrderId, first);
      assert.deepEqual(
        stack.outs.history.map(({ orderId }: Json) => orderId),
        [first, renewal],
      );
      await watch.isAtRest(stack, consent);
    });
  });
});
