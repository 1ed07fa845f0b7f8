import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { PartialStateError } from "../../../provider/lifecycle";
import { unknownValue } from "../../../provider/unknown";
import type { Fault } from "../../../simulator";
import { encoded } from "../../simulator/certcentral";
import { CheckFailed, failureOf, type Json, type Stack, Stage, svg } from "../support";

const wider = { dnsNames: ["example.com", "example.net"] };

describe("a change that needs a new order", () => {
  let stage: Stage;
  let stack: Stack;
  /** The predecessor's number. */
  let first: number;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  const given = async (program = stage.inputs()) => {
    await stack.up(program);
    first = stack.outs.orderId;
    await stage.forgetCalls();
  };
  const givenIssued = async (program = stage.inputs()) => {
    await given(program);
    await stage.issue(first);
    await stack.up(program);
    await stage.forgetCalls();
  };
  const statusOf = async (orderId: number) => (await stage.order(orderId)).status;
  const settled = async (program: Json) => {
    assert.equal(await stack.preview(program), "same");
    await stage.forgetCalls();
    assert.equal(await stack.up(program), "same");
    assert.deepEqual(stage.writes(), []);
  };

  describe("looks before it buys, and cancels afterwards:", () => {
    it("a pending predecessor", async () => {
      await given();
      await stack.up(stage.inputs(wider));
      const second = stack.outs.orderId;
      const steps = stage.calls().filter((call) => /alternate|POST|PUT|GET .*\d{6,}$/.test(call));
      assert.deepEqual(
        steps.filter((call) => !call.startsWith("GET /domain")).map((call) => call.replace(/\?.*/, "")),
        [
          // the preview, then the update, each look at the order
          `GET /order/certificate/${first}`,
          `GET /order/certificate/${first}`,
          `GET /order/alternate/${stack.reference}2`,
          "POST /order/certificate/vmc_basic",
          `GET /order/certificate/${second}`,
          `GET /order/certificate/${first}`,
          `PUT /order/certificate/${first}/status`,
          `GET /order/certificate/${first}`,
        ],
      );
      assert.equal(await statusOf(first), "canceled");
      assert.equal(await statusOf(second), "pending");
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "canceled" }]);
      assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
      assert.equal(stack.outs.reference, stack.reference);
      assert.equal(stack.stored?.id, stack.reference);
      assert.ok(stage.lines.includes(`order ${second} takes the place of order ${first} (pending).`));
      await settled(stage.inputs(wider));
    });

    it("the request of one that is not approved", async () => {
      const program = stage.inputs({ skipApproval: false });
      await given(program);
      const [{ id: requestId }] = stack.outs.requests;
      await stack.up({ ...program, ...wider });
      assert.deepEqual(stage.writes(), ["POST /order/certificate/vmc_basic", `PUT /request/${requestId}/status`]);
      assert.equal(await statusOf(first), "rejected");
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "rejected" }]);
      await settled({ ...program, ...wider });
    });

    it("with the program's note", async () => {
      await given(stage.inputs({ note: "we moved" }));
      await stack.up(stage.inputs({ ...wider, note: "we moved" }));
      const [, [, canceled]] = stage.bodies() as [unknown, [string, Json]];
      assert.deepEqual(canceled, { status: "CANCELED", note: "we moved" });
    });

    it("an issued one is never touched: not by the change, not by the next one, not by a destroy that revokes", async () => {
      await givenIssued();
      const program = stage.inputs({ logo: svg("New").toString(), onDelete: "revoke" });
      await stack.up(program);
      assert.deepEqual(stage.writes(), ["POST /order/certificate/vmc_basic"]);
      const second = stack.outs.orderId;
      await stack.up({ ...program, ...wider });
      const third = stack.outs.orderId;
      assert.deepEqual(stack.outs.history, [
        { orderId: first, status: "issued" },
        { orderId: second, status: "canceled" },
      ]);
      assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}3`);
      await stack.destroy();
      assert.equal(await statusOf(first), "issued");
      assert.equal(await statusOf(second), "canceled");
      assert.equal(await statusOf(third), "canceled");
      assert.ok(!stage.writes().some((call) => call.includes("revoke")));
    });

    it("one that was issued since the state was written", async () => {
      await given();
      await stage.issue(first);
      const program = stage.inputs({ logo: svg("New").toString() });
      assert.equal(await stack.preview(program), "update");
      assert.ok(stage.lines.some((line) => line.includes(`Order ${first} (issued) stays as it is.`)));
      await stack.up(program);
      assert.equal(await statusOf(first), "issued");
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "issued" }]);
    });

    it("one that is issued between the new order and its cancellation", async () => {
      await given();
      const jump = issueAfterPost();
      await stack.up(stage.inputs(wider));
      await jump;
      assert.equal(await statusOf(first), "issued");
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "issued" }]);
      assert.deepEqual(stage.writes(), ["POST /order/certificate/vmc_basic"]);
      await settled(stage.inputs(wider));
    });

    /** People at DigiCert issue the predecessor while the new order is looked at: a slow answer lets them. */
    async function issueAfterPost(): Promise<void> {
      const order = await stage.order(first);
      await stage.faultOrder({ kind: "delay", milliseconds: 400 });
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const { domainId } of order.names) await stage.control.approveDomain(domainId);
      await stage.control.vet(first);
    }

    it("one that somebody canceled meanwhile needs no call", async () => {
      await given();
      await stage.scene.ok(204, "PUT", `/order/certificate/${first}/status`, { status: "canceled", note: "x" });
      const error = await failureOf(stack.up(stage.inputs(wider)));
      assert.match(error.message, /is canceled.*reorderAfter/s);
      assert.equal(stage.posts, 0);
      await stage.forgetCalls();
      await stack.up(stage.inputs({ ...wider, reorderAfter: first }));
      assert.deepEqual(stage.writes(), ["POST /order/certificate/vmc_basic"]);
    });
  });

  describe("in a run that crashed after the new order, before the state was written", () => {
    const crash = async (program: Json) => {
      const process = stack.process();
      await process.update(stack.stored!.id, stack.stored!.outs, await stack.check(process, program));
    };

    it("is taken over: one order, and the predecessor is canceled once", async () => {
      await given();
      await crash(stage.inputs(wider));
      const [, second] = await stage.placed();
      assert.equal(stack.outs.orderId, first);
      await stage.forgetCalls();
      // The predecessor is canceled already, by the run that crashed: its death is no death of the resource.
      await stack.up(stage.inputs(wider));
      assert.equal(stack.outs.orderId, second.id);
      assert.deepEqual(stage.writes(), []);
      assert.equal((await stage.placed()).length, 2);
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "canceled" }]);
      await settled(stage.inputs(wider));
    });

    it("before the predecessor was canceled: that is made up", async () => {
      await given();
      await stage.control.fault({ match: { method: "PUT", path: "/status$" }, kind: "status", times: 0 });
      await failureOf(crash(stage.inputs(wider)));
      await stage.control.clearFaults();
      await stage.forgetCalls();
      await stack.up(stage.inputs(wider));
      assert.deepEqual(stage.writes(), [`PUT /order/certificate/${first}/status`]);
      assert.equal((await stage.placed()).length, 2);
      await settled(stage.inputs(wider));
    });

    it("beside an issued predecessor", async () => {
      await givenIssued();
      const program = stage.inputs({ logo: svg("New").toString() });
      await crash(program);
      await stage.forgetCalls();
      await stack.up(program);
      assert.deepEqual(stage.writes(), []);
      assert.equal((await stage.placed()).length, 2);
      assert.equal(stack.outs.orderId, (await stage.placed())[1].id);
      await settled(program);
    });

    it("is an error when the program changed again since: nothing is bought, and the remedy works", async () => {
      await givenIssued();
      await crash(stage.inputs({ logo: svg("New").toString() }));
      const [, second] = await stage.placed();
      const program = stage.inputs({ logo: svg("Newer").toString() });
      await stage.forgetCalls();
      const error = await failureOf(stack.up(program));
      assert.equal(error.code, "order_exists");
      assert.ok(error.message.includes(`adoptOrderId: ${second.id}`), error.message);
      assert.deepEqual(stage.writes(), []);
      await stage.scene.ok(204, "PUT", `/order/certificate/${second.id}/status`, { status: "canceled", note: "x" });
      await stack.up(program);
      assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}3`);
      assert.deepEqual(
        stack.outs.history.map(({ orderId }: Json) => orderId),
        [first, second.id],
      );
    });

    it("is an error when it is older than a day", async () => {
      await givenIssued();
      const program = stage.inputs({ logo: svg("New").toString() });
      await crash(program);
      await stage.advance({ hours: 25 });
      const error = await failureOf(stack.up(program));
      assert.match(error.message, /older than 24 hours.*adoptOrderId/s);
      assert.equal(stage.posts, 1);
    });
  });

  describe("whose answer is lost", () => {
    const program = () => stage.inputs({ logo: svg("New").toString() });
    const lost = async (fault: Omit<Fault, "match">, blindSeconds = 0) => {
      if (fault.kind === "timeout") stage.timeoutMs = 300;
      await stage.faultOrder(fault);
      if (blindSeconds > 0) await stage.control.fault({ kind: "lookup-empty", seconds: blindSeconds });
    };

    const taken: Omit<Fault, "match">[] = [
      { kind: "reset-after-commit" },
      { kind: "timeout", commit: true },
      { kind: "status", status: 500, commit: true },
      { kind: "truncated" },
    ];
    for (const fault of taken) {
      it(`is found in the same run: ${JSON.stringify(fault)}`, async () => {
        await givenIssued();
        await lost(fault);
        await stack.up(program());
        assert.equal(stage.posts, 1);
        assert.equal(stack.outs.orderId, (await stage.placed())[1].id);
        assert.equal(stack.outs.__doubt, undefined);
        await settled(program());
      });
    }

    for (const fault of [{ kind: "reset-before" }, { kind: "timeout" }, { kind: "status", status: 500 }] as Omit<
      Fault,
      "match"
    >[]) {
      it(`and which nothing shows stays in doubt, is not sent again for 15 minutes, then is: ${JSON.stringify(fault)}`, async () => {
        await givenIssued();
        const before = stack.outs;
        await lost(fault);
        const error = await failureOf(stack.up(program()));
        assert.ok(error instanceof PartialStateError);
        assert.match(error.message, /in doubt whether DigiCert took the order/);
        const { __doubt, ...others } = stack.outs;
        assert.deepEqual(others, { ...before, __logo: others.__logo }, "the order that is there stays in the state");
        assert.equal(__doubt.alternativeOrderId, `${stack.reference}2`);
        assert.equal(__doubt.n, 2);

        stage.timeoutMs = undefined;
        const again = await failureOf(stack.up(program()));
        assert.match(again.message, /still in doubt/);
        assert.equal(stack.outs.__doubt.since, __doubt.since);
        assert.equal(stage.posts, 1);

        await stage.advance({ minutes: 15 });
        await stack.up(program());
        assert.equal(stage.posts, 2);
        assert.equal((await stage.placed()).length, 2);
        assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
        assert.equal(stack.outs.__doubt, undefined);
        await settled(program());
      });
    }

    it("is found by a later run when the look-up was blind", async () => {
      await given();
      await lost({ kind: "reset-after-commit" }, 600);
      await failureOf(stack.up(stage.inputs(wider)));
      assert.equal(stack.outs.orderId, first);
      await stage.advance({ days: 2 });
      await stage.forgetCalls();
      await stack.up(stage.inputs(wider));
      const [, second, ...others] = await stage.placed();
      assert.deepEqual(others, []);
      assert.equal(stack.outs.orderId, second.id);
      assert.deepEqual(stage.writes(), [`PUT /order/certificate/${first}/status`]);
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "canceled" }]);
      await settled(stage.inputs(wider));
    });

    it("stays under the id that it was sent with, although alternativeOrderId changes", async () => {
      await givenIssued();
      await lost({ kind: "reset-after-commit" }, 600);
      await failureOf(stack.up(program()));
      await stage.advance({ minutes: 20 });
      await stage.forgetCalls();
      await stack.up({ ...program(), alternativeOrderId: "Other" });
      assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
      assert.deepEqual(stage.writes(), []);
    });

    it("survives a refresh, and a setting", async () => {
      await givenIssued();
      await lost({ kind: "reset-before" });
      await failureOf(stack.up(program()));
      const { __doubt } = stack.outs;
      await stack.refresh();
      assert.deepEqual(stack.outs.__doubt, __doubt);
    });

    describe("while the program takes the change back", () => {
      it("is no order at all once the doubt is over", async () => {
        await givenIssued();
        await lost({ kind: "reset-before" });
        await failureOf(stack.up(program()));
        const error = await failureOf(stack.up(stage.inputs()));
        assert.match(error.message, /still in doubt/);
        await stage.advance({ minutes: 15 });
        assert.equal(await stack.up(stage.inputs()), "update");
        assert.equal(stack.outs.orderId, first);
        assert.equal(stack.outs.__doubt, undefined);
        assert.equal(stage.posts, 1);
        await settled(stage.inputs());
      });

      const company = (name: string) => ({
        organization: {
          name,
          country: "us",
          address: "1 Main Street",
          city: "Duluth",
          state: "Minnesota",
          zip: "55802",
          telephone: "666-186-6450",
          organizationContact: { firstName: "Ada", lastName: "Byron", email: "ada@example.com" },
        },
      });
      const taken: [what: string, before: () => Json, change: () => Json][] = [
        ["the logo", () => ({}), () => ({ logo: svg("New").toString() })],
        ["the organization by its id", () => ({}), () => company("New")],
        ["the organization by its details", () => company("Old"), () => company("New")],
      ];
      for (const [what, before, change] of taken) {
        it(`that was taken is named, and nothing is done until somebody decides: ${what}`, async () => {
          const program = stage.inputs(before());
          await givenIssued(program);
          await lost({ kind: "reset-after-commit" }, 300);
          await failureOf(stack.up({ ...program, ...change() }));
          await stage.advance({ minutes: 20 });
          const [, second] = await stage.placed();
          await stage.forgetCalls();
          const error = await failureOf(stack.up(program));
          assert.equal(error.code, "order_exists");
          assert.ok(error.message.includes(String(second.id)), error.message);
          assert.match(error.message, /Nothing was ordered.*cancel it in CertCentral/s);
          assert.deepEqual(stage.writes(), []);
          assert.ok(stack.outs.__doubt);
          await stage.scene.ok(204, "PUT", `/order/certificate/${second.id}/status`, { status: "canceled", note: "x" });
          assert.equal(await stack.up(program), "update");
          assert.equal(stack.outs.orderId, first);
          assert.equal(stack.outs.__doubt, undefined);
          await settled(program);
        });
      }
    });

    it("is not forgotten when another order is adopted: it is named, and its number settles it", async () => {
      await givenIssued();
      await lost({ kind: "reset-after-commit" }, 300);
      await failureOf(stack.up(program()));
      const other = await stage.scene.vmc();
      await stage.advance({ minutes: 6 });
      const [, doubtful] = await stage.placed();
      const error = await failureOf(stack.up(stage.inputs({ ...program(), adoptOrderId: other.id })));
      assert.equal(error.code, "order_in_doubt");
      assert.ok(error.message.includes(`adoptOrderId: ${doubtful.id}`), error.message);
      await stack.up(stage.inputs({ ...program(), adoptOrderId: doubtful.id }));
      assert.equal(stack.outs.orderId, doubtful.id);
      assert.equal(stack.outs.__doubt, undefined);
    });

    describe("and the resource is destroyed", () => {
      it("finds and cancels it, and the pending predecessor", async () => {
        await given();
        await lost({ kind: "reset-after-commit" }, 300);
        await failureOf(stack.up(stage.inputs(wider)));
        await stage.advance({ minutes: 6 });
        await stack.destroy();
        assert.deepEqual(
          (await stage.placed()).map(({ status }) => status),
          ["canceled", "canceled"],
        );
      });

      it("leaves the issued predecessor alone", async () => {
        await givenIssued();
        await lost({ kind: "reset-after-commit" }, 300);
        await failureOf(stack.up(program()));
        await stage.advance({ minutes: 6 });
        await stack.destroy();
        assert.deepEqual(
          (await stage.placed()).map(({ status }) => status),
          ["issued", "canceled"],
        );
      });

      it("stays in the state as long as it may still turn up", async () => {
        await givenIssued();
        await lost({ kind: "reset-before" });
        await failureOf(stack.up(program()));
        const error = await failureOf(stack.destroy());
        assert.equal(error.code, "order_in_doubt");
        assert.ok(stack.stored);
        await stage.advance({ minutes: 16 });
        await stack.destroy();
        assert.equal((await stage.placed()).length, 1);
      });
    });
  });

  describe("whose predecessor cannot be canceled", () => {
    const refuseCancel = () =>
      stage.control.fault({ match: { method: "PUT", path: "/status$" }, kind: "status", status: 500, times: 0 });

    it("is kept, and the next up cancels", async () => {
      await given();
      await refuseCancel();
      const error = await failureOf(stack.up(stage.inputs(wider)));
      assert.ok(error instanceof PartialStateError);
      assert.match(error.message, /order \d+ is placed, but its predecessor is not canceled yet/);
      const [, second] = await stage.placed();
      assert.equal(stack.outs.orderId, second.id);
      assert.deepEqual(stack.outs.__cancel, [first]);
      assert.equal(stack.outs.dcvRecords.length, 2, "the new order's records are there");
      assert.equal(await stack.preview(stage.inputs(wider)), "update");

      await stage.control.clearFaults();
      await stage.forgetCalls();
      await stack.up(stage.inputs(wider));
      assert.deepEqual(stage.writes(), [`PUT /order/certificate/${first}/status`]);
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "canceled" }]);
      assert.equal(stack.outs.__cancel, undefined);
      await settled(stage.inputs(wider));
    });

    it("is kept over another change, which is made first", async () => {
      await given();
      await refuseCancel();
      await failureOf(stack.up(stage.inputs(wider)));
      await stage.control.clearFaults();
      await stack.up(stage.inputs({ dnsNames: ["example.com", "example.org"] }));
      assert.deepEqual(
        (await stage.placed()).map(({ status }) => status),
        ["canceled", "canceled", "pending"],
      );
      assert.equal(stack.outs.__cancel, undefined);
    });

    it("and is issued by then, stays", async () => {
      await given();
      await refuseCancel();
      await failureOf(stack.up(stage.inputs(wider)));
      await stage.control.clearFaults();
      await stage.issue(first);
      await stage.forgetCalls();
      await stack.up(stage.inputs(wider));
      assert.deepEqual(stage.writes(), []);
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "issued" }]);
      await settled(stage.inputs(wider));
    });

    it("is canceled by a destroy", async () => {
      await given();
      await refuseCancel();
      await failureOf(stack.up(stage.inputs(wider)));
      await stage.control.clearFaults();
      await stack.destroy();
      assert.deepEqual(
        (await stage.placed()).map(({ status }) => status),
        ["canceled", "canceled"],
      );
    });

    it("counts as canceled when only the answer was lost", async () => {
      await given();
      await stage.control.fault({ match: { method: "PUT", path: "/status$" }, kind: "reset-after-commit" });
      await stack.up(stage.inputs(wider));
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "canceled" }]);
      await settled(stage.inputs(wider));
    });
  });

  it("that looking at fails is kept with the new order's number, and the predecessor is canceled by the next up", async () => {
    await given();
    const process = stack.process();
    const inputs = await stack.check(process, stage.inputs(wider));
    await stage.faultOrder({ kind: "delay", milliseconds: 1 });
    // The update's own look at the predecessor is the first one.
    await stage.control.fault({
      match: { method: "GET", path: `^/order/certificate/(?!${first})` },
      kind: "status",
      status: 500,
      times: 0,
    });
    const error = (await failureOf(
      process.update(stack.stored!.id, stack.stored!.outs, inputs),
    )) as unknown as PartialStateError;
    assert.ok(error instanceof PartialStateError);
    const [, second] = await stage.placed();
    assert.equal(error.properties.orderId, second.id);
    assert.deepEqual(error.properties.__cancel, [first]);
    stack.stored = { id: error.id, inputs, outs: JSON.parse(JSON.stringify(error.properties)), failed: error.reasons };
    await stage.control.clearFaults();
    await stack.up(stage.inputs(wider));
    assert.equal(stage.posts, 1);
    assert.equal(stack.outs.orderId, second.id);
    assert.equal(await statusOf(first), "canceled");
    await settled(stage.inputs(wider));
  });

  it("is refused by DigiCert: the state stays as it was", async () => {
    await givenIssued();
    const before = stack.stored;
    await stage.control.setProducts(["mark_certificate"]);
    const error = await failureOf(stack.up(stage.inputs({ logo: svg("New").toString() })));
    assert.match(error.message, /404 not_found\|product/);
    assert.deepEqual(stack.stored, before);
    assert.equal((await stage.placed()).length, 1);
  });

  it("of a stack that may not buy is refused before any write, and the preview says so", async () => {
    await givenIssued();
    const { baseUrl } = stage.settings;
    const process = stack.process(strict(stage));
    const inputs = await stack.check(process, stage.inputs({ logo: svg("New").toString() }));
    stage.lines.length = 0;
    await process.diff(stack.stored!.id, stack.stored!.outs, inputs);
    assert.ok(
      stage.lines.some((line) =>
        /BUYS .*This stack may not buy yet: run `pulumi config set bimi:allowOrders true` first\./.test(line),
      ),
    );
    const error = await failureOf(process.update(stack.stored!.id, stack.stored!.outs, inputs));
    assert.equal(error.code, "orders_not_allowed");
    assert.deepEqual(stage.writes(), []);
    assert.equal(stage.settings.baseUrl, baseUrl);
  });

  it("under another alternativeOrderId goes on counting", async () => {
    await given();
    const program = stage.inputs({ ...wider, alternativeOrderId: "Other" });
    await stack.up(program);
    assert.equal(stack.outs.placedAlternativeOrderId, "Other2");
    assert.equal(stack.outs.reference, stack.reference);
    assert.equal(stack.stored?.id, stack.reference);
    assert.ok(stage.calls("GET", /alternate/).every((call) => call === "GET /order/alternate/Other2"));
    await settled(program);
    await stack.up(stage.inputs({ dnsNames: ["example.org"] }));
    assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}3`);
  });

  it("of a program that took its logo away warns that the new order has none", async () => {
    await given();
    const program = stage.inputs({ ...wider, logo: undefined, trademark: undefined });
    assert.equal(await stack.preview(program), "update");
    assert.ok(
      stage.lines.some((line) => /orders without a logo: DigiCert issues nothing before it has one/.test(line)),
    );
    await stack.up(program);
    const [[, sent]] = stage.bodies() as [[string, Json]];
    assert.equal(sent.vmc, undefined);
  });

  describe("when the logo's file is missing", () => {
    const missing = () => rmSync(path.join(stage.projectDir, "logo.svg"));

    it("takes DigiCert's copy, whose hash matches", async () => {
      await given();
      missing();
      await stack.up(stage.inputs(wider));
      const [[, sent]] = stage.bodies() as [[string, Json]];
      assert.equal(sent.vmc.logo, svg().toString());
      assert.ok(stage.calls("GET").includes(`GET /order/certificate/${first}/vmc/logo`));
      await settled(stage.inputs(wider));
    });

    it("is an error when DigiCert has another one: nothing is ordered", async () => {
      await given();
      missing();
      await stage.scene.ok(201, "POST", `/order/certificate/${first}/vmc/encoded-logo`, {
        logo: encoded(svg("Foreign")),
      });
      await stage.forgetCalls();
      const error = await failureOf(stack.up(stage.inputs(wider)));
      assert.equal(error.code, "logo_missing");
      assert.match(error.message, /Put the file back/);
      assert.deepEqual(stage.writes(), []);
      assert.equal(await statusOf(first), "pending");
    });

    it("of a new logo is refused by the preview", async () => {
      await given();
      const error = await failureOf(stack.preview(stage.inputs({ logo: "absent.svg" })));
      assert.ok(error instanceof CheckFailed);
    });
  });

  describe("of a pending renewal", () => {
    const renewing = async () => {
      const program = stage.inputs({ renewBefore: 30 });
      await givenIssued(program);
      await stage.advance({ days: 380 });
      await stack.up(program);
      assert.equal(stack.outs.isRenewal, true);
      await stage.forgetCalls();
      return program;
    };

    it("is refused: the preview names both orders and the ways out, and nothing is written", async () => {
      const program = await renewing();
      const { orderId } = stack.outs;
      for (const run of [() => stack.preview({ ...program, ...wider }), () => stack.up({ ...program, ...wider })]) {
        const error = await failureOf(run());
        assert.equal(error.code, "renewal_pending");
        assert.ok(
          error.message.startsWith(`VmcOrder ${orderId} is the pending renewal of order ${first}; dnsNames cannot`),
        );
        assert.ok(error.message.includes(`reorderAfter: ${orderId}`));
      }
      assert.deepEqual(stage.writes(), []);
    });

    it("is refused without a key, too", async () => {
      const program = await renewing();
      stage.settings = { baseUrl: stage.settings.baseUrl! };
      const error = await failureOf(stack.preview({ ...program, ...wider }));
      assert.equal(error.code, "renewal_pending");
      assert.deepEqual(stage.calls(), []);
    });

    it("that was issued since the state was written is a reissue", async () => {
      const program = await renewing();
      await stage.issue(stack.outs.orderId);
      assert.equal(await stack.preview({ ...program, ...wider }), "update");
      await stage.forgetCalls();
      await stack.up({ ...program, ...wider });
      assert.deepEqual(stage.writes(), [`POST /order/certificate/${stack.outs.orderId}/reissue`]);
    });

    it("is possible in place", async () => {
      const program = await renewing();
      await stack.up({ ...program, enableHosting: true });
      assert.deepEqual(stage.writes(), [`PUT /order/certificate/${stack.outs.orderId}/vmc`]);
    });

    it("renews anew once that is canceled and the program consents", async () => {
      const program = await renewing();
      const second = stack.outs.orderId;
      await stage.scene.ok(204, "PUT", `/order/certificate/${second}/status`, { status: "canceled", note: "x" });
      await stage.forgetCalls();
      await stack.up({ ...program, ...wider, reorderAfter: second });
      const [[call, sent], ...others] = stage.bodies() as [[string, Json]];
      assert.deepEqual([call, others], ["POST /order/certificate/vmc_basic", []]);
      assert.equal(sent.renewal_of_order_id, first);
      assert.deepEqual(sent.certificate.dns_names, wider.dnsNames);
      assert.equal(stack.outs.renewedOrderId, first);
      await settled({ ...program, ...wider, reorderAfter: second });
    });
  });

  it("that a preview does not know is never planned", async () => {
    await givenIssued();
    for (const change of [
      { dnsNames: [unknownValue] },
      { dnsNames: ["example.com", unknownValue] },
      { dnsNames: unknownValue },
      { logo: unknownValue },
      { organization: { id: unknownValue } },
      { organization: unknownValue },
      { trademark: { countryCode: "us", registrationNumber: unknownValue } },
      { adoptOrderId: unknownValue },
      { reorderAfter: unknownValue },
    ]) {
      stage.lines.length = 0;
      assert.equal(await stack.preview(stage.inputs(change)), "same", JSON.stringify(change));
      assert.deepEqual(stage.lines, []);
    }
    assert.deepEqual(stage.writes(), []);
  });

  it("beside one that a preview does not know is planned, and says so", async () => {
    await givenIssued();
    const change = { dnsNames: ["example.com", unknownValue], logo: svg("New").toString() };
    assert.equal(await stack.preview(stage.inputs(change)), "update");
    assert.ok(stage.lines.some((line) => /logo changed: BUYS/.test(line)));
  });

  it("of an adopted order is its first own one; the adopted one is canceled if it is pending", async () => {
    const { id } = await stage.scene.vmc();
    const program = stage.inputs({ adoptOrderId: id });
    await stack.up(program);
    await stage.forgetCalls();
    await stack.up({ ...program, ...wider });
    assert.deepEqual(stage.writes(), ["POST /order/certificate/vmc_basic", `PUT /order/certificate/${id}/status`]);
    assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}1`);
    assert.equal(stack.outs.__n, 1);
    assert.equal(stack.stored?.id, String(id));
    assert.deepEqual(stack.outs.history, [{ orderId: id, status: "canceled" }]);
    await settled({ ...program, ...wider });
    await stack.destroy();
    assert.deepEqual(
      (await stage.placed()).map(({ status }) => status),
      ["canceled", "canceled"],
      "what we placed is ours to cancel",
    );
  });

  it("of one stack is nothing to another that shares the domain and the logo", async () => {
    stage.meansEveryOrder = true;
    const other = stage.vmc("other");
    await given();
    await other.up(stage.inputs());
    const theirs = other.outs;
    await stack.up(stage.inputs(wider));
    assert.equal(await other.preview(stage.inputs()), "same");
    assert.deepEqual(other.outs, theirs);
    await other.up(stage.inputs(wider));
    assert.deepEqual(
      (await stage.placed()).map(({ status, alternativeOrderId }) => [status, alternativeOrderId]),
      [
        ["canceled", `${stack.reference}1`],
        ["canceled", `${other.reference}1`],
        ["pending", `${stack.reference}2`],
        ["pending", `${other.reference}2`],
      ],
    );
  });
});

/** A context that may not buy, though its DigiCert is a simulator. */
function strict(stage: Stage) {
  const context = stage.context();
  Object.defineProperty(context, "mayOrder", { get: () => false });
  return context;
}
