import assert from "node:assert/strict";
import { failureOf, type Json, type Stack, Stage } from "../support";

const day = 86_400_000;

describe("a machine whose clock is two days off", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  /** The machine's clock alone. */
  const set = (off: number) => {
    const { clock } = stage;
    const right = clock.now.bind(clock);
    clock.now = () => right() + off;
    return () => {
      clock.now = right;
    };
  };
  const issued = async (program: Json) => {
    await stack.up(program);
    await stage.issue(stack.outs.orderId);
    await stack.up(program);
  };
  /** What is bought, and what must have happened before. */
  const purchases: Record<string, () => Promise<Json>> = {
    "an order": async () => stage.inputs(),
    "a successor": async () => {
      await stack.up(stage.inputs());
      return stage.inputs({ dnsNames: ["example.com", "example.net"] });
    },
    "a renewal": async () => {
      const program = stage.inputs({ renewBefore: 30 });
      await issued(program);
      await stage.advance({ days: (Date.parse(stack.outs.orderValidTill) - stage.clock.now()) / day - 20 });
      return program;
    },
    "a reissue": async () => {
      await issued(stage.inputs());
      return stage.inputs({ dnsNames: ["example.com", "example.net"] });
    },
    "the approval of an order": async () => {
      await stack.up(stage.inputs({ skipApproval: false }));
      return stage.inputs({ skipApproval: true });
    },
  };
  const paid = /^(POST \/order\/certificate\/(\w+|\d+\/reissue)|PUT \/request\/\d+\/status)$/;

  for (const [what, prepared] of Object.entries(purchases)) {
    for (const [off, says] of [
      [2 * day, "2 days ahead of"],
      [-2 * day, "2 days behind"],
    ] as const) {
      it(`does not buy ${what} (${says} DigiCert's); with the clock set, once`, async () => {
        const program = await prepared();
        const before = stack.stored;
        await stage.forgetCalls();
        const setRight = set(off);
        const error = await failureOf(stack.up(program));
        assert.match(error.message, new RegExp(`this machine's clock is ${says} DigiCert's\\. Set the clock`));
        assert.deepEqual(
          stage.calls().filter((call) => paid.test(call)),
          [],
        );
        assert.deepEqual(stack.stored?.outs.orderId, before?.outs.orderId);
        setRight();
        await stack.up(program);
        assert.equal(stage.calls().filter((call) => paid.test(call)).length, 1);
      });
    }
  }

  it("still cancels what is pending", async () => {
    await stack.up(stage.inputs());
    const { orderId } = stack.outs;
    set(-2 * day);
    await stack.destroy();
    assert.equal((await stage.order(orderId)).status, "canceled");
  });

  it("does not hold for a simulator that was moved alone", async () => {
    await stage.control.advance({ days: 90 });
    await stack.up(stage.inputs());
    assert.equal(stage.posts, 1);
  });
});
