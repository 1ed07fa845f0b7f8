import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { CheckFailed, failureOf, type Json, type Stack, Stage, svg } from "../support";
import { Watch } from "./watch";

/** A run that was killed right after DigiCert answered: the order exists, and no state knows it. */
async function crashedRun(stage: Stage, program: Props, name?: string): Promise<Stack> {
  const stack = stage.vmc(name);
  await stack.up(program);
  return stack;
}

describe("an order that the state does not know", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.start();
  });
  afterEach(() => stage.stop());

  it("is taken over when a crashed run placed it", async () => {
    const crashed = await crashedRun(stage, stage.inputs());
    await stage.forgetCalls();
    const stack = stage.vmc();
    assert.equal(await stack.up(stage.inputs()), "create");
    assert.deepEqual(stage.writes(), []);
    assert.equal((await stage.placed()).length, 1);
    const { domains, dcvRecords, __seenAt, ...outs } = stack.outs;
    const { domains: theirDomains, dcvRecords: theirRecords, __seenAt: _, ...theirOuts } = crashed.outs;
    assert.deepEqual(outs, theirOuts);
    assert.deepEqual(dcvRecords, theirRecords);
    assert.equal(domains[0].token, theirDomains[0].token);
    assert.ok(
      stage.lines.some((line) => /was placed before by this resource: taken over, nothing was ordered/.test(line)),
    );
    assert.equal(await stack.preview(stage.inputs()), "same");
  });

  it("is taken over just before it is 24 hours old, and no later", async () => {
    const crashed = await crashedRun(stage, stage.inputs());
    await stage.advance({ hours: 23, minutes: 58 });
    const stack = stage.vmc();
    await stack.up(stage.inputs());
    assert.equal(stack.outs.orderId, crashed.outs.orderId);

    await stage.advance({ minutes: 3 });
    const error = await failureOf(stage.vmc().up(stage.inputs()));
    assert.ok(error.message.includes(`adoptOrderId: ${crashed.outs.orderId}`), error.message);
    assert.match(error.message, /older than 24 hours/);
    assert.doesNotMatch(error.message, /make the inputs agree/);
    assert.equal(stage.posts, 1);
  });

  it("is taken over whatever its state, as long as it lives", async () => {
    const crashed = await crashedRun(stage, stage.inputs());
    await stage.issue(crashed.outs.orderId);
    const stack = stage.vmc();
    await stack.up(stage.inputs());
    assert.equal(stack.outs.status, "issued");
    assert.equal(stack.outs.domains[0].dnsName, "example.com");
    assert.equal(stage.posts, 1);
  });

  describe("and that differs", () => {
    const otherOrganization = async (stage: Stage) => ({
      organization: { id: await stage.control.addOrganization({ name: "Other" }) },
    });
    const otherLogo = async (stage: Stage) => {
      stage.writeLogo(svg("Another"), "another.svg");
      return { logo: "another.svg" };
    };
    const differences: [string, (stage: Stage) => Promise<Json>, RegExp][] = [
      ["organization", otherOrganization, /the organization is \d+ at DigiCert and \d+ in the inputs/],
      [
        "domains",
        async () => ({ dnsNames: ["example.com", "example.org"] }),
        /the set of domains is example\.com at DigiCert and example\.com, example\.org in the inputs/,
      ],
      ["logo", otherLogo, /the logo's SHA-256 is [0-9a-f]{64} at DigiCert and [0-9a-f]{64} in the inputs/],
      [
        "trademark office",
        async () => ({ trademark: { countryCode: "de", registrationNumber: "A1234-B1234" } }),
        /trademark\.countryCode is us at DigiCert and de in the inputs/,
      ],
      [
        "trademark number",
        async () => ({ trademark: { countryCode: "us", registrationNumber: "Z9" } }),
        /trademark\.registrationNumber is A1234-B1234 at DigiCert and Z9 in the inputs/,
      ],
    ];
    for (const [what, change, message] of differences) {
      it(`in its ${what} is named with the difference and the remedy; nothing is ordered`, async () => {
        const crashed = await crashedRun(stage, stage.inputs());
        const stack = stage.vmc();
        const error = await failureOf(stack.up(stage.inputs(await change(stage))));
        assert.match(error.message, message);
        assert.ok(error.message.includes(`live order ${crashed.outs.orderId} (pending)`), error.message);
        assert.ok(error.message.includes(`adoptOrderId: ${crashed.outs.orderId} and make the inputs agree`));
        assert.equal(stack.stored, undefined);
        assert.equal(stage.posts, 1);
      });
    }

    it("in that it lacks the logo is named too", async () => {
      const crashed = await crashedRun(stage, stage.inputs({ logo: undefined, trademark: undefined }));
      const error = await failureOf(stage.vmc().up(stage.inputs()));
      assert.match(error.message, /the logo's SHA-256 is none at DigiCert and [0-9a-f]{64} in the inputs/);
      assert.ok(error.message.includes(`adoptOrderId: ${crashed.outs.orderId}`));
    });

    it("in its product is named too", async () => {
      await stage.cmc().up(stage.inputs({ trademark: undefined, years: 1, alternativeOrderId: "AcmeLogo" }));
      const error = await failureOf(stage.vmc().up(stage.inputs({ alternativeOrderId: "AcmeLogo" })));
      assert.match(error.message, /the product is mark_certificate at DigiCert and vmc_basic in the inputs/);
      assert.equal(stage.posts, 1);
    });

    it("in spelling only does not differ", async () => {
      await crashedRun(stage, stage.inputs({ dnsNames: ["example.com", "bücher.example"] }));
      const stack = stage.vmc();
      await stack.up(
        stage.inputs({
          dnsNames: ["BÜCHER.example", "Example.com.", "example.com"],
          trademark: { countryCode: "US", registrationNumber: "A1234-B1234" },
        }),
      );
      assert.equal(stage.posts, 1);
    });

    it("in what DigiCert does not tell does not differ", async () => {
      await stage.control.setSwitches({ orderInfoTrademark: "absent", orderInfoLogo: "absent" });
      await crashedRun(stage, stage.inputs());
      const stack = stage.vmc();
      await stack.up(stage.inputs());
      assert.equal(stage.posts, 1);
    });
  });

  describe("after orders that are dead", () => {
    it("counts on, and keeps them in the history", async () => {
      const stack = stage.vmc();
      await stack.up(stage.inputs());
      const first = stack.outs.orderId;
      await stack.destroy();
      await stack.up(stage.inputs());
      const second = stack.outs.orderId;
      assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "canceled" }]);

      await stage.control.rejectOrder(second);
      const next = stage.vmc();
      await next.up(stage.inputs());
      assert.equal(next.outs.placedAlternativeOrderId, `${stack.reference}3`);
      assert.deepEqual(next.outs.history, [
        { orderId: first, status: "canceled" },
        { orderId: second, status: "rejected" },
      ]);
      assert.equal((await stage.placed()).length, 3);
    });

    it("takes the live one among them over, with the dead ones as history", async () => {
      const stack = stage.vmc();
      await stack.up(stage.inputs());
      const dead = stack.outs.orderId;
      await stack.destroy();
      await stack.up(stage.inputs());
      const found = stage.vmc();
      await found.up(stage.inputs());
      assert.equal(found.outs.orderId, stack.outs.orderId);
      assert.equal(found.outs.placedAlternativeOrderId, `${stack.reference}2`);
      assert.deepEqual(found.outs.history, [{ orderId: dead, status: "canceled" }]);
      assert.equal(stage.posts, 2);
    });

    it("`destroy` and `up` again end with one live order", async () => {
      const stack = stage.vmc();
      for (let i = 0; i < 3; i++) {
        await stack.up(stage.inputs());
        await stack.destroy();
      }
      await stack.up(stage.inputs());
      const orders = await stage.placed();
      assert.deepEqual(
        orders.map(({ status }) => status),
        ["canceled", "canceled", "canceled", "pending"],
      );
      assert.equal(stack.outs.orderId, orders[3].id);
    });

    for (const status of ["revoked", "expired"]) {
      it(`counts on from one that is ${status}`, async () => {
        const stack = stage.vmc();
        await stack.up(stage.inputs());
        await stage.issue(stack.outs.orderId);
        if (status === "expired") await stage.advance({ days: 400 });
        else
          await stage.scene.ok(204, "PUT", `/order/certificate/${stack.outs.orderId}/revoke`, { skip_approval: true });
        const next = stage.vmc();
        await next.up(stage.inputs());
        assert.equal(next.outs.placedAlternativeOrderId, `${stack.reference}2`);
        assert.deepEqual(next.outs.history, [{ orderId: stack.outs.orderId, status }]);
      });
    }
  });

  it("is found under every way in which DigiCert may say that there is none", async () => {
    for (const alternateNotFound of ["404", "emptyObject", "emptyList"] as const) {
      await stage.control.setSwitches({ alternateNotFound });
      const stack = stage.vmc(alternateNotFound);
      const program = stage.inputs({ dnsNames: [`${alternateNotFound}.example.com`.toLowerCase()] });
      await stack.up(program);
      await stage.vmc(alternateNotFound).up(program);
    }
    assert.equal(stage.posts, 3);
  });

  it("is not looked for without end, when every id is answered alike", async () => {
    const body = JSON.stringify({ orders: [{ order_id: 4711, certificate_id: 1, status: "canceled" }] });
    await stage.control.fault({ match: { path: "^/order/alternate/" }, kind: "status", status: 200, body, times: 0 });
    const error = await failureOf(stage.vmc().up(stage.inputs()));
    assert.match(
      error.message,
      /an order for each of the alternative order ids .*200, .*Nothing was ordered\. Check bimi:baseUrl/,
    );
    assert.equal(stage.posts, 0);
  });

  it("is not looked for in vain: an answer that proves nothing stops the run", async () => {
    await stage.control.fault({ match: { path: "^/order/alternate/" }, kind: "status", status: 500, times: 0 });
    const stack = stage.vmc();
    await failureOf(stack.up(stage.inputs()));
    assert.equal(stack.stored, undefined);
    await stage.control.clearFaults();
    await stage.control.fault({
      match: { path: "^/order/alternate/" },
      kind: "status",
      status: 404,
      body: '{"errors":[{"code":"not_found|route","message":"no such route"}]}',
    });
    await failureOf(stack.up(stage.inputs()));
    await stage.control.fault({
      match: { path: "^/order/alternate/" },
      kind: "not-json",
      status: 404,
      times: 0,
    });
    await failureOf(stack.up(stage.inputs()));
    assert.equal(stage.posts, 0);
  });

  it("is looked at itself: a list that lags behind does not decide whether it lives", async () => {
    const stack = stage.vmc();
    await stack.up(stage.inputs());
    const { orderId } = stack.outs;
    await stack.destroy();
    const body = JSON.stringify({ orders: [{ order_id: orderId, status: "pending" }], page: { total: 1 } });
    await stage.control.fault({
      match: { path: `^/order/alternate/${stack.reference}1` },
      kind: "status",
      status: 200,
      body,
    });
    await stack.up(stage.inputs());
    assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
    assert.deepEqual(stack.outs.history, [{ orderId, status: "canceled" }]);
  });

  describe("because the resource has another name by now", () => {
    it("is taken over under its former reference, which it keeps", async () => {
      const old = await crashedRun(stage, stage.inputs(), "old");
      const renamed = stage.vmc("new");
      const program = stage.inputs({ __formerReferences: [old.reference] });
      await renamed.up(program);
      assert.equal(renamed.outs.orderId, old.outs.orderId);
      assert.equal(renamed.outs.reference, old.reference);
      assert.equal(renamed.stored?.id, old.reference);
      assert.equal(stage.posts, 1);
      assert.equal(await renamed.preview(program), "same");
      assert.equal(await renamed.preview(stage.inputs()), "same", "an alias may go once it has done its work");
      await renamed.refresh();
      assert.equal(renamed.outs.reference, old.reference);
    });

    it("is ordered under the new reference when there is none under the former", async () => {
      const renamed = stage.vmc("new");
      await renamed.up(stage.inputs({ __formerReferences: [stage.vmc("old").reference] }));
      assert.equal(renamed.outs.placedAlternativeOrderId, `${renamed.reference}1`);
    });
  });

  describe("because another resource has the same alternativeOrderId", () => {
    it("is not taken from it, one after the other or at once", async () => {
      stage.meansEveryOrder = true;
      const context = stage.context();
      const stacks = [stage.vmc("one"), stage.vmc("two"), stage.vmc("three")];
      const results = await Promise.allSettled(
        stacks.map(async (stack) => {
          const process = stack.process(context);
          return process.create(await stack.check(process, stage.inputs({ alternativeOrderId: "Shared" })));
        }),
      );
      assert.deepEqual(
        results.map((result) => (result.status === "rejected" ? result.reason.code : "placed")),
        ["placed", "order_held", "order_held"],
      );
      assert.equal(stage.posts, 1);
    });
  });

  describe("is imported with its number", () => {
    /** What `pulumi import --file` puts into the state, of a file with this input and output. */
    function imported(orderId: unknown, name: string) {
      const stack = stage.vmc(name);
      stack.stored = { id: String(orderId), inputs: { adoptOrderId: orderId }, outs: { orderId } };
      return stack;
    }

    it("is compared with the inputs by the next update, and then at rest", async () => {
      const old = stage.vmc("old");
      await old.up(stage.inputs());
      const stack = imported(old.outs.orderId, "imported");
      assert.equal(await stack.up(stage.inputs()), "update");
      assert.equal(stack.outs.reference, stack.reference);
      assert.equal(stack.outs.domains.length, old.outs.domains.length);
      assert.equal(await stack.preview(stage.inputs()), "same");
      await stack.refresh();
      assert.equal(await stack.preview(stage.inputs()), "same");
      assert.equal(stage.posts, 1);
    });

    it("is refused if it differs, and stays in the state", async () => {
      const old = stage.vmc("old");
      await old.up(stage.inputs());
      const stack = imported(old.outs.orderId, "imported");
      const error = await failureOf(stack.up(stage.inputs({ dnsNames: ["example.com", "other.example.com"] })));
      assert.equal(error.code, "adopt_differs");
      assert.deepEqual(stack.outs, { orderId: old.outs.orderId });
    });

    it("is not canceled by destroying it, before that update and after it", async () => {
      const old = stage.vmc("old");
      await old.up(stage.inputs());
      const stack = imported(old.outs.orderId, "imported");
      await stack.destroy();
      const again = imported(old.outs.orderId, "again");
      await again.up(stage.inputs());
      await again.destroy();
      assert.equal((await stage.order(old.outs.orderId)).status, "pending");
    });
  });

  describe("is adopted by `adoptOrderId`", () => {
    it("without a write, under its number, and is not canceled by a destroy", async () => {
      const old = await crashedRun(stage, stage.inputs());
      await stage.advance({ days: 3 });
      await stage.forgetCalls();
      const stack = stage.vmc();
      const program = stage.inputs({ adoptOrderId: old.outs.orderId });
      await stack.up(program);
      assert.equal(stack.stored?.id, String(old.outs.orderId));
      assert.equal(stack.outs.orderId, old.outs.orderId);
      assert.equal(stack.outs.reference, stack.reference);
      assert.equal(await stack.preview(program), "same");
      assert.equal(await stack.preview(stage.inputs()), "same", "adoptOrderId may go once it is done");
      await stack.destroy();
      assert.deepEqual(stage.writes(), []);
      assert.equal((await stage.order(old.outs.orderId)).status, "pending");
    });

    it("whoever ordered it, if product, organization and domains agree", async () => {
      const { id } = await stage.scene.vmc({ alternative_order_id: "console" });
      const stack = stage.vmc();
      await stack.up(stage.inputs({ adoptOrderId: id }));
      assert.equal(stack.outs.placedAlternativeOrderId, "console");
      assert.equal(stack.outs.dcvRecords.length, 1);
      assert.equal(stage.posts, 1);
    });

    it("not if they differ: a preview names each difference", async () => {
      const { id } = await stage.scene.vmc();
      const organizationId = await stage.control.addOrganization({ name: "Other" });
      const stack = stage.cmc();
      const error = await failureOf(
        stack.preview({
          dnsNames: ["example.net"],
          organization: { id: organizationId },
          years: 1,
          adoptOrderId: id,
        }),
      );
      assert.ok(error instanceof CheckFailed);
      assert.deepEqual(
        error.failures.map(({ property }) => property),
        ["adoptOrderId"],
      );
      assert.match(error.message, /the product is vmc_basic.*the organization is.*the set of domains is example\.com/s);
      assert.equal(stack.stored, undefined);
    });

    it("not from another account", async () => {
      const { apiKey } = await stage.control.addAccount("Other");
      const { id } = await stage.scene.vmc();
      stage.settings = { ...stage.settings, apiKey };
      const error = await failureOf(stage.vmc().up(stage.inputs({ adoptOrderId: id })));
      assert.ok(error instanceof CheckFailed);
      assert.match(error.message, /Use a key that sees the order/);
    });

    it("not if it is dead", async () => {
      const { id } = await stage.scene.vmc();
      await stage.control.rejectOrder(id);
      const error = await failureOf(stage.vmc().preview(stage.inputs({ adoptOrderId: id })));
      assert.match(error.message, new RegExp(`${id} cannot be adopted: it is rejected`));
    });

    it("in a preview that says so, reads only, and asks nothing without a key", async () => {
      const { id } = await stage.scene.vmc();
      await stage.forgetCalls();
      assert.equal(await stage.vmc().preview(stage.inputs({ adoptOrderId: id })), "create");
      assert.ok(stage.lines.includes(`adopts order ${id} (pending); nothing is ordered.`));
      assert.deepEqual(stage.writes(), []);
      await stage.forgetCalls();
      stage.settings = { baseUrl: stage.settings.baseUrl! };
      assert.equal(await stage.vmc().preview(stage.inputs({ adoptOrderId: id })), "create");
      assert.deepEqual(stage.calls(), []);
    });
  });

  describe("is adopted by an order that is managed already", () => {
    let stack: Stack;
    let watch: Watch;
    let before: number;
    let theirs: number;
    const adopting = (changes: Props = {}) => stage.inputs({ adoptOrderId: theirs, ...changes });
    beforeEach(async () => {
      stack = stage.vmc();
      watch = new Watch(stage);
      await stack.up(stage.inputs());
      before = stack.outs.orderId;
      theirs = (await stage.scene.vmc({ alternative_order_id: "console" })).id;
    });

    for (const phase of ["pending", "issued"]) {
      it(`in place, without a write; the one before stays as it is (${phase})`, async () => {
        if (phase === "issued") {
          await stage.issue(before);
          await stack.up(stage.inputs());
        }
        const { id, reference } = { id: stack.stored!.id, reference: stack.outs.reference };
        await watch.previews(stack, adopting(), "update");
        assert.deepEqual(watch.said(/./), [
          `order ${before}: order ${theirs} is taken over in its place; nothing is written or ordered.`,
        ]);
        assert.equal(await stack.up(adopting()), "update");
        assert.deepEqual(watch.writes(), []);
        assert.equal(stack.stored!.id, id);
        assert.equal(stack.outs.reference, reference);
        assert.equal(stack.outs.orderId, theirs);
        assert.equal(stack.outs.placedAlternativeOrderId, "console");
        assert.deepEqual(stack.outs.history, [{ orderId: before, status: phase }]);
        assert.equal(stack.outs.dcvRecords.length, 1);
        await watch.isAtRest(stack, adopting());
        await watch.previews(stack, stage.inputs(), "same");
        await stack.up(stage.inputs());
        await watch.isAtRest(stack, stage.inputs());

        await watch.fresh();
        await stack.destroy();
        assert.deepEqual(stage.calls(), []);
        assert.equal((await stage.order(theirs)).status, "pending");
        assert.equal((await stage.order(before)).status, phase);
      });
    }

    it("is changed to another one in the same way", async () => {
      await stack.up(adopting());
      const { id } = await stage.scene.vmc();
      await watch.fresh();
      await stack.up(adopting({ adoptOrderId: id }));
      assert.equal(stack.outs.orderId, id);
      assert.deepEqual(
        stack.outs.history.map(({ orderId }: Json) => orderId),
        [before, theirs],
      );
      assert.deepEqual(watch.writes(), []);
      await watch.isAtRest(stack, adopting({ adoptOrderId: id }));
    });

    it("shows what differs in logo and trademark, and takes it as it is", async () => {
      stage.writeLogo(svg("Another"), "another.svg");
      const program = adopting({
        logo: "another.svg",
        trademark: { countryCode: "de", registrationNumber: "30" },
      });
      await watch.previews(stack, program, "update");
      const [line] = watch.said(/is adopted as it is/);
      assert.match(line!, /the logo's SHA-256 is/);
      assert.equal(watch.said(/is adopted as it is: trademark\./).length, 2);
      await stack.up(program);
      assert.deepEqual(watch.writes(), []);
      assert.equal(stack.outs.orderId, theirs);
      await watch.previews(stack, program, "same");
    });

    const differing: Record<string, [() => Promise<Json>, RegExp]> = {
      product: [() => stage.scene.cmc(), /the product is mark_certificate at DigiCert and vmc_basic in the inputs/],
      organization: [
        async () => stage.scene.vmc({ organization: { id: await stage.control.addOrganization({ name: "Other" }) } }),
        /the organization is \d+ at DigiCert and \d+ in the inputs/,
      ],
      domains: [
        () => stage.scene.vmc({ certificate: { dns_names: ["example.com", "example.net"] } }),
        /the set of domains is example\.com, example\.net at DigiCert and example\.com in the inputs/,
      ],
    };
    for (const [what, [place, message]] of Object.entries(differing)) {
      it(`is refused at preview when its ${what} differs`, async () => {
        const { id } = await place();
        const error = await watch.refuses(stack, adopting({ adoptOrderId: id }));
        assert.equal(error.code, "adopt_differs");
        assert.match(error.message, message);
        assert.match(error.message, /Nothing was changed\. Make the inputs agree, or name another order\./);
        assert.equal((await failureOf(stack.up(adopting({ adoptOrderId: id })))).code, "adopt_differs");
        assert.equal(stack.outs.orderId, before);
      });
    }

    it("is refused at preview when it is dead, or not seen", async () => {
      await stage.control.rejectOrder(theirs);
      assert.equal((await watch.refuses(stack, adopting())).code, "adopt_dead");
      assert.equal((await watch.refuses(stack, adopting({ adoptOrderId: 4711 }))).code, "order_not_visible");
    });

    it("is refused when another resource of the run holds it", async () => {
      const other = stage.vmc("other");
      stage.meansEveryOrder = true;
      await other.up(stage.inputs());
      const context = stage.context();
      const held = other.process(context);
      await held.diff(other.stored!.id, other.outs, await other.check(held, stage.inputs()));
      const process = stack.process(context);
      const inputs = await stack.check(process, adopting({ adoptOrderId: other.outs.orderId }));
      await watch.fresh();
      for (const step of [
        () => process.diff(stack.stored!.id, stack.outs, inputs),
        () => process.update(stack.stored!.id, stack.outs, inputs),
        () =>
          stage
            .vmc("third")
            .process(context)
            .create({ ...inputs, __urn: "urn:third" }),
      ]) {
        const error = await failureOf(step());
        assert.equal(error.code, "order_held");
        assert.ok(error.message.includes(`held by ${other.urn}`), error.message);
      }
      assert.deepEqual(watch.writes(), []);
    });

    it("that is its own already, or was adopted and is named no more: nothing", async () => {
      await watch.previews(stack, adopting({ adoptOrderId: before }), "same");
      assert.deepEqual(watch.said(/./), []);
      await stack.up(adopting());
      await watch.previews(stack, stage.inputs(), "same");
      assert.deepEqual(watch.said(/./), []);
    });

    it("takes changes of later updates as its own order would", async () => {
      await stack.up(adopting());
      await watch.fresh();
      const changed = adopting({ trademark: { countryCode: "de", registrationNumber: "30" } });
      await stack.up(changed);
      assert.deepEqual(watch.writeCalls(), [`PUT /order/certificate/${theirs}/vmc`]);
      await watch.isAtRest(stack, changed);

      await watch.fresh();
      await stack.up({ ...changed, dnsNames: ["example.com", "example.net"] });
      const [placed, canceled, ...rest] = watch.writes();
      assert.equal(placed![1].alternative_order_id, `${stack.reference}2`);
      assert.equal(canceled![0], `PUT /order/certificate/${theirs}/status`);
      assert.deepEqual(
        rest.filter(([call]) => call !== canceled![0]),
        [],
      );
      assert.deepEqual(
        stack.outs.history,
        [before, theirs].map((orderId, index) => ({ orderId, status: index === 0 ? "pending" : "canceled" })),
      );
      assert.equal((await stage.order(before)).status, "pending");
    });
  });
});
