import assert from "node:assert/strict";
import { unknownValue } from "../../../provider/unknown";
import { CheckFailed, failureOf, type Json, type Stack, Stage } from "../support";

describe("a first order that renews another one", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start({ switches: { dcvReuseDays: 397 } });
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  /** An issued order of the console. */
  const theirs = async (product: "vmc" | "cmc" = "vmc"): Promise<number> => {
    const { id, domains } = await stage.scene[product]();
    for (const domain of domains) await stage.control.approveDomain(domain.id);
    await stage.control.vet(id);
    return id;
  };
  const refused = async (renewalOfOrderId: number, reason: RegExp) => {
    await stage.forgetCalls();
    const error = await failureOf(stack.preview(stage.inputs({ renewalOfOrderId })));
    assert.ok(error instanceof CheckFailed, String(error));
    assert.deepEqual(
      error.failures.map(({ property }) => property),
      ["renewalOfOrderId"],
    );
    assert.match(error.message, reason);
    assert.match(error.message, /order \d+/);
    assert.deepEqual(
      stage.calls().filter((call) => !call.startsWith("GET ")),
      [],
    );
    assert.equal(stage.posts, 0);
  };

  it("is linked to it", async () => {
    const id = await theirs();
    await stage.advance({ days: 380 });
    await stage.forgetCalls();
    assert.equal(await stack.preview(stage.inputs({ renewalOfOrderId: id })), "create");
    assert.deepEqual(stage.writes(), []);
    await stack.up(stage.inputs({ renewalOfOrderId: id }));
    const [[, sent]] = stage.bodies() as [[string, Json]];
    assert.equal(sent.renewal_of_order_id, id);
    assert.equal(stack.outs.renewedOrderId, id);
    assert.equal(await stack.preview(stage.inputs({ renewalOfOrderId: id })), "same");
    // The link is used up: a later order of the resource is linked by itself, or not at all.
    await stage.forgetCalls();
    await stage.scene.ok(204, "PUT", `/order/certificate/${stack.outs.orderId}/status`, {
      status: "canceled",
      note: "x",
    });
    await stack.up(stage.inputs({ renewalOfOrderId: id, reorderAfter: stack.outs.orderId }));
    assert.equal(stack.outs.renewedOrderId, id, "a renewal that was never issued leaves its order to be renewed");
  });

  it("of another product is refused by the preview", async () => {
    const id = await theirs("cmc");
    await stage.advance({ days: 380 });
    await refused(
      id,
      /it is of the product mark_certificate, not vmc_basic\. Nothing was ordered\. Name another order/,
    );
  });

  it("more than 90 days before that one ends is refused by the preview", async () => {
    const id = await theirs();
    await refused(id, /it ends \d{4}-\d\d-\d\d, in 39\d days; DigiCert renews an order in its last 90 days/);
    await stage.advance({ days: 300 });
    await refused(id, /in 9\d days/);
    await stage.advance({ days: 10 });
    assert.equal(await stack.preview(stage.inputs({ renewalOfOrderId: id })), "create");
  });

  it("after somebody else renewed that one is refused by the preview, with the number", async () => {
    const id = await theirs();
    await stage.advance({ days: 380 });
    const { id: renewal } = await stage.scene.vmc({ renewal_of_order_id: id });
    await refused(id, new RegExp(`renewed already, by order ${renewal} \\(pending\\).*adoptOrderId: ${renewal}`, "s"));
  });

  for (const [state, act] of Object.entries<(id: number) => Promise<unknown>>({
    pending: async () => {},
    canceled: (id) => stage.scene.ok(204, "PUT", `/order/certificate/${id}/status`, { status: "canceled", note: "x" }),
    rejected: (id) => stage.control.rejectOrder(id),
  })) {
    it(`that is ${state} is refused by the preview`, async () => {
      const { id } = await stage.scene.vmc();
      await act(id);
      await refused(id, new RegExp(`it is ${state}; DigiCert renews an order that is issued`));
    });
  }

  it("that is expired is left to DigiCert", async () => {
    const id = await theirs();
    await stage.advance({ days: 500 });
    assert.equal(await stack.preview(stage.inputs({ renewalOfOrderId: id })), "create");
  });

  it("that the key does not see is refused by the preview", async () => {
    await refused(4711, /the API key does not see this order/);
  });

  it("in a run that crashed is taken over, although that one is renewed by now", async () => {
    const id = await theirs();
    await stage.advance({ days: 380 });
    const crashed = stage.vmc();
    await crashed.up(stage.inputs({ renewalOfOrderId: id }));
    await stage.forgetCalls();
    await stack.up(stage.inputs({ renewalOfOrderId: id }));
    assert.deepEqual(stage.writes(), []);
    assert.equal(stack.outs.orderId, crashed.outs.orderId);
  });

  it("is not asked about without a key, with an unknown number, or once it is placed", async () => {
    const id = await theirs();
    const { settings } = stage;
    stage.settings = { baseUrl: settings.baseUrl! };
    await stage.forgetCalls();
    assert.equal(await stack.preview(stage.inputs({ renewalOfOrderId: id })), "create");
    stage.settings = settings;
    assert.deepEqual(stage.calls(), []);
    assert.equal(await stack.preview(stage.inputs({ renewalOfOrderId: unknownValue })), "create");
    assert.deepEqual(stage.calls("GET", /certificate\/\d/), []);
  });

  it("is refused by DigiCert where a preview could not know: with the remedy, and nothing is ordered", async () => {
    const id = await theirs();
    await stage.advance({ days: 380 });
    await stage.faultOrder({ kind: "status", status: 400, code: "order_not_eligible_for_renewal" });
    const error = await failureOf(stack.up(stage.inputs({ renewalOfOrderId: id })));
    assert.match(
      error.message,
      /400 order_not_eligible_for_renewal.*Nothing was ordered\. Name another order to renew, or none/s,
    );
    assert.equal(stack.stored, undefined);
    assert.equal((await stage.placed()).length, 1);
  });
});
