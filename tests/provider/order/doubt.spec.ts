import assert from "node:assert/strict";
import { PartialStateError } from "../../../provider/lifecycle";
import type { Fault } from "../../../simulator";
import { failureOf, Gate, type Stack, Stage } from "../support";

const minute = 60_000;

describe("an order request whose answer is lost", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  for (const uniqueAlternativeIds of [false, true]) {
    describe(`where the account ${uniqueAlternativeIds ? "requires" : "does not require"} unique alternative ids`, () => {
      beforeEach(() => stage.control.setSwitches({ uniqueAlternativeIds }));

      const taken: Omit<Fault, "match">[] = [
        { kind: "reset-after-commit" },
        { kind: "truncated" },
        { kind: "status", status: 500, commit: true },
        { kind: "status", status: 502, body: "Bad Gateway", commit: true },
        { kind: "not-json", commit: true },
        { kind: "not-json", status: 201, commit: true },
        { kind: "status", status: 201, body: "{}", commit: true },
        { kind: "status", status: 400, body: "<html>proxy</html>", commit: true },
        { kind: "timeout", commit: true },
      ];
      for (const fault of taken) {
        it(`is taken over when DigiCert took it: ${JSON.stringify(fault)}`, async () => {
          if (fault.kind === "timeout") stage.timeoutMs = 300;
          await stage.faultOrder(fault);
          await stack.up(stage.inputs());
          assert.equal(stage.posts, 1);
          const [order, ...others] = await stage.placed();
          assert.deepEqual(others, []);
          assert.equal(stack.outs.orderId, order.id);
          assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}1`);
          assert.equal(stack.outs.dcvRecords.length, 1);
          assert.equal("doubtSince" in stack.outs, false);
          assert.ok(stage.lines.some((line) => /answer to the order .* was lost/.test(line)));
          assert.equal(await stack.preview(stage.inputs()), "same");
        });
      }

      const nobodyKnows: Omit<Fault, "match">[] = [
        { kind: "reset-before" },
        { kind: "status", status: 500 },
        { kind: "status", status: 503, body: "" },
        { kind: "not-json" },
        { kind: "timeout" },
      ];
      for (const fault of nobodyKnows) {
        it(`is not sent again in the same run when it is not found: ${JSON.stringify(fault)}`, async () => {
          if (fault.kind === "timeout") stage.timeoutMs = 300;
          await stage.faultOrder(fault);
          const begun = stage.clock.now();
          const error = await failureOf(stack.up(stage.inputs()));
          assert.ok(error instanceof PartialStateError);
          assert.equal(stage.posts, 1);
          assert.deepEqual(await stage.placed(), []);
          const searched = stage.clock.now() - begun;
          assert.ok(searched > 90_000 && searched < 2.5 * minute, `searched for ${searched} ms`);
          assert.ok(stage.calls("GET", /alternate/).length >= 6);
          assert.match(error.message, /in doubt whether DigiCert took the order/);
          assert.match(error.message, /pulumi up.* again in 15 minutes/);
          assert.equal(stack.stored?.id, stack.reference);
          assert.equal(stack.outs.reference, stack.reference);
          assert.equal(stack.outs.__n, 1);
          assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}1`);
          assert.equal(stack.outs.accountId, stage.scene.simulator.account.id);
          assert.equal(stack.outs.origin, "loopback");
          const since = Date.parse(stack.outs.doubtSince);
          assert.ok(Math.abs(since - begun) < 5000, `doubtSince is when it was sent: ${stack.outs.doubtSince}`);
          assert.deepEqual(error.reasons, [error.message]);
        });
      }

      it("is found although the look-up is blind for a minute and a half", async () => {
        await stage.faultOrder({ kind: "reset-after-commit" });
        // The look-up before the order is blind, too, which changes nothing.
        await stage.control.fault({ kind: "lookup-empty", seconds: 90 });
        await stack.up(stage.inputs());
        assert.equal(stage.posts, 1);
        assert.equal((await stage.placed()).length, 1);
      });

      it("is found by a later run when the look-up was blind for longer", async () => {
        await stage.faultOrder({ kind: "reset-after-commit" });
        await stage.control.fault({ kind: "lookup-empty", seconds: 14 * 60 });
        await failureOf(stack.up(stage.inputs()));
        await stage.advance({ minutes: 1 });
        await failureOf(stack.up(stage.inputs()));
        await stage.advance({ minutes: 14 });
        await stack.up(stage.inputs());
        assert.equal(stack.outs.orderId, (await stage.placed())[0].id);
        assert.equal((await stage.placed()).length, 1);
        assert.equal(stage.posts, 1);
      });

      it("is found by a later run however old the order is by then", async () => {
        await stage.faultOrder({ kind: "reset-after-commit" });
        await stage.control.fault({ kind: "lookup-empty", seconds: 600 });
        await failureOf(stack.up(stage.inputs()));
        await stage.advance({ days: 8 });
        assert.equal(await stack.up(stage.inputs()), "update");
        assert.equal(stack.outs.orderId, (await stage.placed())[0].id);
        assert.equal(stage.posts, 1);
      });

      it("stays in doubt while DigiCert does not answer the search, even after the order was seen", async () => {
        await stage.faultOrder({ kind: "reset-after-commit" });
        await stage.control.fault({ match: { method: "GET", path: "^/order/certificate/" }, kind: "status", times: 0 });
        await failureOf(stack.up(stage.inputs()));
        assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}1`);
        assert.ok(stack.outs.doubtSince);
        await stage.control.clearFaults();
        await stage.advance({ days: 2 });
        await stack.up(stage.inputs());
        assert.equal(stack.outs.orderId, (await stage.placed())[0].id);
        assert.equal(stage.posts, 1);
      });
    });
  }

  describe("and never found", () => {
    beforeEach(async () => {
      await stage.faultOrder({ kind: "reset-before" });
      await failureOf(stack.up(stage.inputs()));
    });

    it("is looked up, and not sent again, before the doubt is 15 minutes old", async () => {
      const { doubtSince } = stack.outs;
      for (let i = 0; i < 4; i++) {
        const error = await failureOf(stack.up(stage.inputs()));
        assert.match(error.message, /still in doubt/);
        assert.ok(error.message.includes(new Date(Date.parse(doubtSince) + 15 * minute).toISOString()), error.message);
        assert.equal(stack.outs.doubtSince, doubtSince, "the doubt does not begin anew");
        await stage.advance({ minutes: 3 });
      }
      assert.equal(stage.posts, 1);
      assert.equal(await stack.preview(stage.inputs()), "update");
    });

    it("is sent again under the same id once the doubt is older and the look-up still empty", async () => {
      await stage.advance({ minutes: 15 });
      await stage.forgetCalls();
      await stack.up(stage.inputs());
      assert.deepEqual(
        stage.calls().filter((call) => /alternate|POST/.test(call)),
        [`GET /order/alternate/${stack.reference}1`, "POST /order/certificate/vmc_basic"],
      );
      assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}1`);
      assert.equal("doubtSince" in stack.outs, false);
      assert.equal((await stage.placed()).length, 1);
      assert.equal(stack.stored?.id, stack.reference);
    });

    it("stays under the id that it was sent with, although alternativeOrderId changes", async () => {
      await stage.advance({ minutes: 15 });
      await stack.up(stage.inputs({ alternativeOrderId: "Other" }));
      assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}1`);
    });

    it("begins a new doubt when that is lost, too", async () => {
      const { doubtSince } = stack.outs;
      await stage.advance({ minutes: 15 });
      await stage.faultOrder({ kind: "status", status: 500 });
      await failureOf(stack.up(stage.inputs()));
      assert.ok(Date.parse(stack.outs.doubtSince) - Date.parse(doubtSince) >= 15 * minute);
      await failureOf(stack.up(stage.inputs()));
      assert.equal(stage.posts, 2);
      assert.deepEqual(await stage.placed(), []);
    });

    it("survives a refresh", async () => {
      const before = stack.stored!.outs;
      await stack.refresh();
      assert.deepEqual(stack.stored!.outs, before);
    });

    it("is kept when a later run cannot look, or may not buy any more", async () => {
      const before = stack.stored;
      await stage.control.fault({ kind: "status", status: 500, times: 0 });
      await failureOf(stack.up(stage.inputs()));
      assert.deepEqual(stack.stored, before);
      await stage.control.clearFaults();
      stage.settings = { ...stage.settings, apiKey: (await stage.control.addAccount()).apiKey };
      const error = await failureOf(stack.up(stage.inputs()));
      assert.equal(error.code, "other_account");
      assert.deepEqual(stack.stored, before);
      assert.equal(stage.posts, 1);
    });

    it("can be settled by adoptOrderId", async () => {
      const { id } = await stage.scene.vmc();
      const error = await failureOf(stack.up(stage.inputs({ adoptOrderId: id })));
      assert.equal(error.code, "order_in_doubt", "it may still turn up beside the adopted one");
      await stage.advance({ minutes: 16 });
      await stack.up(stage.inputs({ adoptOrderId: id }));
      assert.equal(stack.outs.orderId, id);
      assert.equal(stack.outs.reference, stack.reference);
      assert.equal(stack.stored?.id, stack.reference);
      assert.equal("doubtSince" in stack.outs, false);
    });
  });

  it("is found although DigiCert does not say when it was placed", async () => {
    await stage.faultOrder({ kind: "reset-after-commit" });
    await stage.control.fault({ kind: "lookup-empty", seconds: 2 });
    const jump = stage.clock.jump.bind(stage.clock);
    stage.clock.jump = async (ms) => {
      const [{ id }] = await stage.placed();
      const body = JSON.stringify({ id, status: "pending" });
      await stage.control.fault({
        match: { path: `^/order/certificate/${id}$` },
        kind: "status",
        status: 200,
        body,
        times: 2,
      });
      stage.clock.jump = jump;
      await jump(ms);
    };
    await stack.up(stage.inputs());
    assert.equal(stack.outs.orderId, (await stage.placed())[0].id);
    assert.equal(stage.posts, 1);
  });

  it("is found with what has changed since: an error with the remedy, which then works", async () => {
    await stage.faultOrder({ kind: "reset-after-commit" });
    await stage.control.fault({ kind: "lookup-empty", seconds: 600 });
    await failureOf(stack.up(stage.inputs({ trademark: { countryCode: "us", registrationNumber: "1" } })));
    await stage.advance({ minutes: 20 });
    const error = await failureOf(stack.up(stage.inputs()));
    const [order] = await stage.placed();
    assert.ok(error.message.includes(`adoptOrderId: ${order.id}`), error.message);
    assert.ok(stack.outs.doubtSince, "the state keeps the doubt");
    await stack.up(stage.inputs({ adoptOrderId: order.id }));
    assert.equal(stack.outs.orderId, order.id);
    assert.equal(stage.posts, 1);
  });

  it("is found dead: nothing is kept, and the next run orders the next one", async () => {
    await stage.faultOrder({ kind: "reset-after-commit" });
    await stage.control.fault({ kind: "lookup-empty", seconds: 60 });
    const jump = stage.clock.jump.bind(stage.clock);
    stage.clock.jump = async (ms) => {
      const [order] = await stage.placed();
      if (order?.status === "pending") await stage.control.rejectOrder(order.id);
      await jump(ms);
    };
    await failureOf(stack.up(stage.inputs()));
    stage.clock.jump = jump;
    assert.equal(stack.stored, undefined);
    await stack.up(stage.inputs());
    assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
    assert.equal(stage.posts, 2);
  });

  it("after dead orders, is looked for under the next number", async () => {
    await stack.up(stage.inputs());
    await stack.destroy();
    await stage.faultOrder({ kind: "reset-before" });
    await failureOf(stack.up(stage.inputs()));
    assert.equal(stack.outs.__n, 2);
    assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
    await stage.advance({ minutes: 16 });
    await stack.up(stage.inputs());
    assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
    assert.equal(stack.outs.history.length, 1);
  });

  describe("that the order is known although looking at it fails", () => {
    it("is kept as the state, and made good by the next run", async () => {
      await stage.control.fault({
        match: { method: "GET", path: "^/order/certificate/" },
        kind: "status",
        status: 500,
        times: 0,
      });
      const error = await failureOf(stack.up(stage.inputs()));
      assert.ok(error instanceof PartialStateError);
      const [order] = await stage.placed();
      assert.equal(stack.outs.orderId, order.id);
      assert.equal(stack.stored?.id, stack.reference);
      assert.match(error.message, new RegExp(`order ${order.id} exists`));
      await stage.control.clearFaults();
      assert.equal(await stack.up(stage.inputs()), "update");
      assert.equal(stack.outs.status, "pending");
      assert.equal(stack.outs.dcvRecords.length, 1);
      assert.equal(stage.posts, 1);
      assert.equal(await stack.preview(stage.inputs()), "same");
    });
  });

  describe("that proves that nothing was taken", () => {
    it("429: looks up and sends again until it is taken", async () => {
      await stage.faultOrder({ kind: "throttle", times: 3 });
      await stack.up(stage.inputs());
      assert.equal(stage.posts, 4);
      assert.equal((await stage.placed()).length, 1);
      const calls = stage.calls().filter((call) => /alternate|POST/.test(call));
      calls.forEach((call, index) => {
        if (call.startsWith("POST")) assert.match(calls[index - 1]!, /alternate/, "a look-up before each request");
      });
    });

    it("429 without end: gives up within minutes and keeps no state", async () => {
      await stage.faultOrder({ kind: "throttle", times: 0 });
      const begun = stage.clock.now();
      const error = await failureOf(stack.up(stage.inputs()));
      assert.match(error.message, /429 request_limit_exceeded/);
      assert.ok(stage.clock.now() - begun < 10 * minute);
      assert.equal(stack.stored, undefined);
      assert.deepEqual(await stage.placed(), []);
    });

    it("429, then an answer that is lost: looks, and does not send again", async () => {
      await stage.faultOrder({ kind: "throttle" });
      await stage.faultOrder({ kind: "reset-after-commit" });
      await stack.up(stage.inputs());
      assert.equal(stage.posts, 2);
      assert.equal((await stage.placed()).length, 1);
    });

    it("a refused connection: sends again when there is one", async () => {
      const gate = new Gate(stage.settings.baseUrl!);
      await gate.open();
      stage.settings = { ...stage.settings, baseUrl: gate.baseUrl };
      // The account and the look-up get through, the order request does not.
      gate.closeAfter(2);
      const jump = stage.clock.jump.bind(stage.clock);
      let waits = 0;
      stage.clock.jump = async (ms) => {
        if (++waits === 3) await gate.open();
        await jump(ms);
      };
      try {
        await stack.up(stage.inputs());
        assert.equal(stage.posts, 1);
        assert.equal((await stage.placed()).length, 1);
        assert.ok(waits >= 3);
      } finally {
        gate.close();
      }
    });

    it("a refused connection without end: keeps no state", async () => {
      const gate = new Gate(stage.settings.baseUrl!);
      await gate.open();
      stage.settings = { ...stage.settings, baseUrl: gate.baseUrl };
      gate.closeAfter(2);
      const error = await failureOf(stack.up(stage.inputs()));
      assert.match(error.message, /ECONNREFUSED/);
      assert.equal(stack.stored, undefined);
      assert.equal(stage.posts, 0);
    });
  });

  describe("and DigiCert refuses because the id is taken", () => {
    beforeEach(() => stage.control.setSwitches({ uniqueAlternativeIds: true }));
    /** Neither the look-up before the order nor the account's list shows what the look-up after it shows. */
    const blindOnce = async () => {
      await stage.control.fault({
        match: { path: "^/order/alternate/" },
        kind: "status",
        status: 404,
        code: "not_found|order",
      });
      await listBlind();
    };
    const listBlind = () =>
      stage.control.fault({
        match: { method: "GET", path: "^/order/certificate\\?" },
        kind: "status",
        status: 200,
        body: JSON.stringify({ orders: [], page: { total: 0, limit: 1000, offset: 0 } }),
      });

    for (const duplicateAlternativeIdError of [
      "400 alternative_order_id_already_exists",
      "409 duplicate_alternative_order_id",
    ] as const) {
      it(`${duplicateAlternativeIdError}: the young order is taken over`, async () => {
        await stage.control.setSwitches({ duplicateAlternativeIdError });
        await stage.vmc().up(stage.inputs());
        await blindOnce();
        await stack.up(stage.inputs());
        assert.equal(stage.posts, 2);
        assert.equal((await stage.placed()).length, 1);
        assert.equal(stack.outs.orderId, (await stage.placed())[0].id);
      });
    }

    it("an old one is not: nothing was in doubt", async () => {
      await stage.vmc().up(stage.inputs());
      await stage.advance({ hours: 25 });
      await blindOnce();
      const error = await failureOf(stack.up(stage.inputs()));
      assert.equal(error.code, "order_exists");
      assert.match(error.message, /adoptOrderId/);
      assert.equal((await stage.placed()).length, 1);
    });

    it("and still shows none: the refusal, and no state", async () => {
      await stage.vmc().up(stage.inputs());
      await stage.control.fault({ kind: "lookup-empty", seconds: 60 });
      await listBlind();
      const error = await failureOf(stack.up(stage.inputs()));
      assert.match(error.message, /400 alternative_order_id_already_exists/);
      assert.equal(stack.stored, undefined);
      assert.equal((await stage.placed()).length, 1);
    });
  });
});
