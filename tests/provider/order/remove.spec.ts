import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage } from "../support";

describe("destroying an order", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  const status = async (): Promise<string> => (await stage.placed()).at(-1).status;

  /** Orders in every state that an order can be in; each ends with the order in the state of `stack`. */
  const states: Record<string, (settings: Props) => Promise<void>> = {
    async needs_approval(settings) {
      await stack.up(stage.inputs({ skipApproval: false, ...settings }));
    },
    async pending(settings) {
      await stack.up(stage.inputs(settings));
    },
    async processing(settings) {
      await stage.control.setSwitches({ processing: "hour" });
      await stack.up(stage.inputs(settings));
      const { id, names } = (await stage.placed())[0];
      for (const { domainId } of names) await stage.control.approveDomain(domainId);
      await stage.control.vet(id);
    },
    async issued(settings) {
      await stack.up(stage.inputs(settings));
      await stage.issue(stack.outs.orderId);
    },
    async reissue_pending(settings) {
      await states.issued!(settings);
      await stage.scene.ok(201, "POST", `/order/certificate/${stack.outs.orderId}/reissue`, {
        certificate: { dns_names: ["example.com", "new.example.net"] },
        skip_approval: true,
      });
    },
    async canceled(settings) {
      await stack.up(stage.inputs(settings));
      await stage.scene.ok(204, "PUT", `/order/certificate/${stack.outs.orderId}/status`, {
        status: "canceled",
        note: "by hand",
      });
    },
    async rejected(settings) {
      await stack.up(stage.inputs(settings));
      await stage.control.rejectOrder(stack.outs.orderId);
    },
    async revoked(settings) {
      await states.issued!(settings);
      await stage.scene.ok(204, "PUT", `/order/certificate/${stack.outs.orderId}/revoke`, { skip_approval: true });
    },
    async expired(settings) {
      await states.issued!(settings);
      await stage.advance({ days: 400 });
    },
  };

  const ends: Record<string, Record<string, string>> = {
    cancel: { needs_approval: "rejected", pending: "canceled", processing: "canceled" },
    revoke: { needs_approval: "rejected", pending: "canceled", processing: "canceled", issued: "revoked" },
    retain: {},
  };
  for (const [onDelete, changes] of Object.entries(ends)) {
    describe(`with onDelete "${onDelete}"`, () => {
      for (const before of Object.keys(states)) {
        if (onDelete === "revoke" && before === "reissue_pending") continue;
        const after = changes[before] ?? before;
        it(
          before === after ? `leaves one that is ${before} alone` : `makes one that is ${before} ${after}`,
          async () => {
            await states[before]!({ onDelete });
            assert.equal(await status(), before);
            await stage.forgetCalls();
            await stack.destroy();
            assert.equal(await status(), after);
            if (before === after) assert.deepEqual(stage.writes(), []);
            if (onDelete === "retain") assert.deepEqual(stage.calls(), []);
          },
        );
      }
    });
  }

  it('with onDelete "revoke" stays in the state while DigiCert refuses, since a reissue is pending', async () => {
    await states.reissue_pending!({ onDelete: "revoke" });
    const error = await failureOf(stack.destroy());
    assert.match(error.message, /reissue/);
    assert.ok(stack.stored);
    assert.equal(await status(), "reissue_pending");
  });

  it("cancels by default one that it placed, with the note that it says who did it", async () => {
    await stack.up(stage.inputs());
    await stack.destroy();
    const [order] = await stage.placed();
    assert.equal(order.status, "canceled");
    assert.match(order.notes.at(-1).text, /pulumi destroy.*VmcOrder/);
  });

  it("gives the note of the program", async () => {
    await stack.up(stage.inputs({ note: "brand retired, ticket 12" }));
    await stack.destroy();
    assert.equal((await stage.placed())[0].notes.at(-1).text, "brand retired, ticket 12");
  });

  for (const cancelSpelling of ["CANCELED", "canceled", "both"] as const) {
    it(`cancels where DigiCert spells it ${cancelSpelling}`, async () => {
      await stage.control.setSwitches({ cancelSpelling });
      await stack.up(stage.inputs());
      await stack.destroy();
      assert.equal(await status(), "canceled");
    });
  }

  it("rejects the request where an order without approval may not be canceled, with the note", async () => {
    await states.needs_approval!({ note: "no longer needed" });
    await stack.destroy();
    const { requests } = (await stage.control.dump()).certcentral;
    assert.equal(requests[0]!.status, "rejected");
    assert.equal(requests[0]!.processorComment, "no longer needed");
  });

  describe("that was adopted", () => {
    let id: number;
    beforeEach(async () => {
      ({ id } = await stage.scene.vmc());
    });

    it("is left alone by default", async () => {
      await stack.up(stage.inputs({ adoptOrderId: id }));
      await stage.forgetCalls();
      await stack.destroy();
      assert.equal(await status(), "pending");
      assert.deepEqual(stage.calls(), []);
    });

    it("is canceled only when told", async () => {
      await stack.up(stage.inputs({ adoptOrderId: id, onDelete: "cancel" }));
      await stack.destroy();
      assert.equal(await status(), "canceled");
    });
  });

  it("follows the setting of the last update, which needed no call", async () => {
    await stack.up(stage.inputs());
    await stage.forgetCalls();
    await stack.up(stage.inputs({ onDelete: "retain" }));
    assert.deepEqual(stage.writes(), []);
    await stack.destroy();
    assert.equal(await status(), "pending");
  });

  describe("with its order in doubt", () => {
    const doubtful = async (taken: boolean, settings: Props = {}) => {
      await stage.faultOrder({ kind: taken ? "reset-after-commit" : "reset-before" });
      await stage.control.fault({ kind: "lookup-empty", seconds: 180 });
      await failureOf(stack.up(stage.inputs(settings)));
      assert.ok(stack.outs.doubtSince);
      await stage.advance({ minutes: 3 });
    };

    it("finds and cancels the order that was taken", async () => {
      await doubtful(true);
      await stack.destroy();
      assert.equal(await status(), "canceled");
    });

    it("stays as long as it may still turn up", async () => {
      await doubtful(false);
      const error = await failureOf(stack.destroy());
      assert.equal(error.code, "order_in_doubt");
      assert.match(error.message, /pulumi destroy.* again in 15 minutes/);
      assert.ok(stack.stored);
      await stage.advance({ minutes: 15 });
      await stack.destroy();
      assert.equal(stack.stored, undefined);
      assert.deepEqual(await stage.placed(), []);
    });

    it("leaves what turns up alone when told to retain", async () => {
      await doubtful(true, { onDelete: "retain" });
      await stage.forgetCalls();
      await stack.destroy();
      assert.deepEqual(stage.calls(), []);
      assert.equal(await status(), "pending");
    });
  });

  describe("that a live resource holds", () => {
    it("because a create of the same run took it over, leaves it alone (`up --replace`)", async () => {
      await stack.up(stage.inputs());
      const process = stack.process();
      const { outs } = await process.create(await stack.check(process, stage.inputs()));
      assert.equal(outs.orderId, stack.outs.orderId);
      await process.delete(stack.stored!.id, stack.stored!.outs);
      assert.equal(await status(), "pending");
      assert.equal(stage.posts, 1);
    });

    it("because a create of the same run found it after doubt, leaves it alone", async () => {
      await stack.up(stage.inputs());
      const old = stack.stored!;
      await stage.control.rejectOrder(stack.outs.orderId);
      await stage.faultOrder({ kind: "reset-after-commit" });
      const process = stack.process();
      const { outs } = await process.create(await stack.check(process, stage.inputs()));
      await process.delete(old.id, outs);
      assert.equal(await status(), "pending");
    });

    it("because a create of the same run placed it under the id that was in doubt, leaves it alone", async () => {
      await stage.faultOrder({ kind: "reset-before" });
      await failureOf(stack.up(stage.inputs()));
      const { id, outs } = stack.stored!;
      const process = stack.process();
      await process.create(await stack.check(process, stage.inputs()));
      await process.delete(id, outs);
      assert.equal(await status(), "pending");
    });

    it("because a diff of the same run saw it, leaves it alone (a delete left over from an earlier run)", async () => {
      await stack.up(stage.inputs());
      const { id, outs } = stack.stored!;
      const process = stack.process();
      await process.diff(id, outs, await stack.check(process, stage.inputs()));
      await process.delete(id, outs);
      assert.equal(await status(), "pending");
    });

    it("because the resource adopted it in the same run, leaves it alone", async () => {
      await stack.up(stage.inputs());
      const { id, outs } = stack.stored!;
      const process = stack.process();
      await process.create(await stack.check(process, stage.inputs({ adoptOrderId: outs.orderId as number })));
      await process.delete(id, outs);
      assert.equal(await status(), "pending");
    });

    it("says nothing about other orders", async () => {
      const other = stage.vmc("other");
      await stack.up(stage.inputs());
      await other.up(stage.inputs());
      const process = stack.process();
      await process.diff(other.stored!.id, other.stored!.outs, await other.check(process, stage.inputs()));
      await process.delete(stack.stored!.id, stack.stored!.outs);
      assert.deepEqual(
        (await stage.placed()).map((order: Json) => order.status),
        ["canceled", "pending"],
      );
    });
  });

  describe("that the key does not see", () => {
    it("is an error that names the remedies; the state stays", async () => {
      await stack.up(stage.inputs());
      await stage.control.fault({
        match: { method: "GET", path: "^/order/certificate/" },
        kind: "status",
        status: 404,
        code: "not_found|order",
        times: 0,
      });
      const error = await failureOf(stack.destroy());
      assert.equal(error.code, "order_not_visible");
      assert.match(error.message, /Use a key that sees the order.*pulumi state delete/s);
      assert.ok(stack.stored);
    });

    it("because the account is another one, is refused before a call that names the order", async () => {
      await stack.up(stage.inputs());
      const { apiKey, accountId } = await stage.control.addAccount("Other");
      stage.settings = { ...stage.settings, apiKey };
      await stage.forgetCalls();
      const error = await failureOf(stack.destroy());
      assert.equal(error.code, "other_account");
      assert.ok(error.message.includes(String(accountId)));
      assert.deepEqual(stage.calls(), ["GET /user/me"]);
      assert.ok(stack.stored);
    });

    it("because the site is another one, is refused before any call", async () => {
      await stack.up(stage.inputs());
      stage.settings = { ...stage.settings, baseUrl: "https://www.digicert.example/services/v2" };
      await stage.forgetCalls();
      const error = await failureOf(stack.destroy());
      assert.equal(error.code, "other_origin");
      assert.match(error.message, /Set bimi:baseUrl/);
      assert.deepEqual(stage.calls(), []);
      assert.equal(stage.clock.slept.length, 0);
    });
  });

  describe("when DigiCert's answer is lost", () => {
    it("counts as done if the order is canceled by then", async () => {
      await stack.up(stage.inputs());
      await stage.control.fault({ match: { method: "PUT", path: "/status$" }, kind: "reset-after-commit" });
      await stack.destroy();
      assert.equal(await status(), "canceled");
      assert.equal(stack.stored, undefined);
    });

    it("counts as done if the request is rejected by then", async () => {
      await states.needs_approval!({});
      await stage.control.fault({ match: { method: "PUT", path: "^/request/" }, kind: "reset-after-commit" });
      await stack.destroy();
      assert.equal(await status(), "rejected");
    });

    it("is tried again otherwise", async () => {
      await stack.up(stage.inputs());
      await stage.control.fault({ match: { method: "PUT", path: "/status$" }, kind: "reset-before", times: 2 });
      await stack.destroy();
      assert.equal(await status(), "canceled");
    });

    it("stays in the state when it was not done", async () => {
      await stack.up(stage.inputs());
      await stage.control.fault({ match: { method: "PUT", path: "/status$" }, kind: "status", status: 500, times: 0 });
      await failureOf(stack.destroy());
      assert.ok(stack.stored);
      await stage.control.clearFaults();
      await stack.destroy();
      assert.equal(await status(), "canceled");
    });
  });

  it("a second time does nothing", async () => {
    await stack.up(stage.inputs());
    const { id, outs } = stack.stored!;
    await stack.destroy();
    await stage.forgetCalls();
    await stack.process().delete(id, outs);
    assert.deepEqual(stage.writes(), []);
  });

  it("by a key that may not revoke on its own makes a request, and says who must approve it", async () => {
    const { apiKey } = await stage.control.addKey({ role: "manager" });
    await states.issued!({ onDelete: "revoke" });
    stage.settings = { ...stage.settings, apiKey };
    await stack.destroy();
    assert.equal(await status(), "issued");
    assert.ok(stage.lines.some((line) => /An administrator must approve revoke request \d+ in CertCentral/.test(line)));
  });
});
