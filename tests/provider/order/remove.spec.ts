import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { Watch } from "./watch";

describe("destroying an order", () => {
  let stage: Stage;
  let stack: Stack;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    watch = new Watch(stage);
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
    revoke: {
      needs_approval: "rejected",
      pending: "canceled",
      processing: "canceled",
      issued: "revoked",
      reissue_pending: "revoked",
    },
    revokeCertificate: {
      needs_approval: "rejected",
      pending: "canceled",
      processing: "canceled",
      reissue_pending: "issued",
    },
    retain: {},
  };
  for (const [onDelete, changes] of Object.entries(ends)) {
    describe(`with onDelete "${onDelete}"`, () => {
      for (const before of Object.keys(states)) {
        // It stays issued, its certificate does not: see below.
        if (onDelete === "revokeCertificate" && before === "issued") continue;
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

  describe("that is revoked", () => {
    const id = () => stack.outs.orderId;
    const body = (comments = "Removed by pulumi destroy (VmcOrder).") => ({ comments, skip_approval: true });
    const certificates = async (): Promise<string[]> =>
      (await stage.control.dump()).certcentral.certificates.map((one) => one.status);

    it("with all its certificates, without a request of its own", async () => {
      await states.issued!({ onDelete: "revoke", note: "brand retired" });
      const orderId = id();
      await watch.fresh();
      await stack.destroy();
      assert.deepEqual(watch.writes(), [[`PUT /order/certificate/${orderId}/revoke`, body("brand retired")]]);
      assert.deepEqual(await certificates(), ["revoked"]);
    });

    it("with its current certificate alone: the order stays", async () => {
      await states.issued!({ onDelete: "revokeCertificate" });
      const { certificateId } = await stage.order(id());
      await watch.fresh();
      await stack.destroy();
      assert.deepEqual(watch.writes(), [[`PUT /certificate/${certificateId}/revoke`, body()]]);
      assert.equal(await status(), "issued");
      assert.deepEqual(await certificates(), ["revoked"]);
    });

    for (const revokeWhileReissuingError of ["400 reissue_pending", "400 order_not_revocable"] as const) {
      for (const cancelSpelling of ["CANCELED", "canceled"] as const) {
        it(`after its pending reissue was canceled, since DigiCert revokes nothing before (${revokeWhileReissuingError}, ${cancelSpelling})`, async () => {
          await stage.control.setSwitches({ revokeWhileReissuingError, cancelSpelling });
          await states.reissue_pending!({ onDelete: "revoke", note: "x" });
          const orderId = id();
          await watch.fresh();
          await stack.destroy();
          const calls = [...new Set(watch.writeCalls())];
          assert.deepEqual(calls, [
            `PUT /order/certificate/${orderId}/status`,
            `PUT /order/certificate/${orderId}/revoke`,
          ]);
          assert.equal(await status(), "revoked");
          assert.deepEqual(await certificates(), ["revoked", "rejected"]);
        });
      }
    }

    it("although its reissue cannot be canceled: it stays, and the next destroy does it", async () => {
      await states.reissue_pending!({ onDelete: "revoke" });
      await stage.control.fault({
        match: { method: "PUT", path: "/status$" },
        kind: "status",
        status: 400,
        code: "order_not_cancelable",
        times: 2,
      });
      await failureOf(stack.destroy());
      assert.ok(stack.stored);
      assert.equal(await status(), "reissue_pending");
      await stage.control.approveDomain("new.example.net");
      await stack.destroy();
      assert.equal(await status(), "revoked");
    });

    for (const onDelete of ["revoke", "revokeCertificate"] as const) {
      describe(`by a key that may not do so at once (${onDelete})`, () => {
        let requestId: () => Promise<number>;
        let administrator: typeof stage.settings;
        beforeEach(async () => {
          const { apiKey } = await stage.control.addKey({ role: "manager" });
          await states.issued!({ onDelete });
          administrator = stage.settings;
          stage.settings = { ...stage.settings, apiKey };
          requestId = async () => (await stage.control.dump()).certcentral.requests.at(-1)!.id;
          await watch.fresh();
        });

        it("makes a request, and says who must approve it", async () => {
          await stack.destroy();
          assert.equal(await status(), "issued");
          assert.equal(watch.writes().length, 2);
          assert.deepEqual(watch.writes()[0]![1], body());
          assert.deepEqual(watch.writes()[1], [`PUT /request/${await requestId()}/status`, { status: "approved" }]);
          assert.equal(
            watch.said(
              new RegExp(
                `An administrator must approve revoke request ${await requestId()} in CertCentral; until then`,
              ),
            ).length,
            1,
          );
        });

        it("follows that request when it is destroyed again, by a key that may approve it too", async () => {
          const { id, outs } = stack.stored!;
          await stack.destroy();
          await watch.fresh();
          await stack.process().delete(id, outs);
          const approval = [`PUT /request/${await requestId()}/status`, { status: "approved" }];
          assert.deepEqual(watch.writes(), [approval]);
          assert.equal(await status(), "issued");
          stage.settings = administrator;
          await stack.process().delete(id, outs);
          assert.deepEqual(watch.writes(), [approval, approval]);
          assert.deepEqual(await certificates(), ["revoked"]);
          await watch.fresh();
          await stack.process().delete(id, outs);
          assert.deepEqual(watch.writes(), []);
        });
      });

      for (const kind of ["reset-after-commit", "reset-before"] as const) {
        it(`with an answer that is lost: ${kind === "reset-before" ? "once more" : "counts as done"} (${onDelete})`, async () => {
          await states.issued!({ onDelete });
          await stage.control.fault({ match: { method: "PUT", path: "/revoke$" }, kind });
          if (kind === "reset-before") {
            await failureOf(stack.destroy());
            assert.ok(stack.stored);
            assert.deepEqual(await certificates(), ["issued"]);
          }
          await stack.destroy();
          assert.deepEqual(await certificates(), ["revoked"]);
        });
      }
    }
  });

  describe("that succeeded another", () => {
    /** Its predecessor is not canceled yet, as after a failure. */
    const leftOver = async (settings: Props = {}) => {
      await stack.up(stage.inputs(settings));
      const first = stack.outs.orderId;
      await stage.control.fault({ match: { method: "PUT", path: "/status$" }, kind: "status", status: 500, times: 0 });
      await failureOf(stack.up(stage.inputs({ dnsNames: ["example.com", "example.net"], ...settings })));
      assert.deepEqual(stack.outs.__cancel, [first]);
      await stage.control.clearFaults();
      await watch.fresh();
    };
    const all = async () => (await stage.placed()).map((order: Json) => order.status);

    it("cancels both while its predecessor is left to cancel", async () => {
      await leftOver();
      await stack.destroy();
      assert.deepEqual(await all(), ["canceled", "canceled"]);
    });

    it("leaves both alone when told to retain", async () => {
      await leftOver({ onDelete: "retain" });
      await stack.destroy();
      assert.deepEqual(stage.calls(), []);
      assert.deepEqual(await all(), ["pending", "pending"]);
    });

    for (const taken of [true, false]) {
      it(`cancels it, and the successor of which it was in doubt whether it was ${taken ? "taken (it was)" : "taken (it was not)"}`, async () => {
        await stack.up(stage.inputs());
        await stage.faultOrder({ kind: taken ? "reset-after-commit" : "reset-before" });
        await stage.control.fault({ kind: "lookup-empty", seconds: 180 });
        await failureOf(stack.up(stage.inputs({ dnsNames: ["example.com", "example.net"] })));
        assert.ok(stack.outs.__doubt);
        await stage.advance({ minutes: 20 });
        await stack.destroy();
        assert.deepEqual(await all(), taken ? ["canceled", "canceled"] : ["canceled"]);
      });
    }

    it("stays while the successor may still turn up", async () => {
      await stack.up(stage.inputs());
      await stage.faultOrder({ kind: "reset-before" });
      await stage.control.fault({ kind: "lookup-empty", seconds: 180 });
      await failureOf(stack.up(stage.inputs({ dnsNames: ["example.com", "example.net"] })));
      await stage.advance({ minutes: 3 });
      assert.equal((await failureOf(stack.destroy())).code, "order_in_doubt");
      assert.ok(stack.stored);
      await stage.advance({ minutes: 15 });
      await stack.destroy();
      assert.deepEqual(await all(), ["canceled"]);
    });
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

    it("is canceled only when told, with the note", async () => {
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
      const program = stage.inputs({ dnsNames: ["example.net"] });
      await stack.up(stage.inputs());
      await other.up(program);
      const process = stack.process();
      await process.diff(other.stored!.id, other.stored!.outs, await other.check(process, program));
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
});
