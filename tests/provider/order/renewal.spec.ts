import assert from "node:assert/strict";
import { PartialStateError } from "../../../provider/lifecycle";
import type { Fault } from "../../../simulator";
import { encoded, trademark } from "../../simulator/certcentral";
import { CheckFailed, failureOf, type Json, type Stack, Stage, svg } from "../support";

const day = 86_400_000;

describe("an order that comes to its end", () => {
  let stage: Stage;
  let stack: Stack;
  /** The order's number. */
  let first: number;
  beforeEach(async () => {
    stage = await Stage.start({ switches: { dcvReuseDays: 397 } });
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  const renewing = (changes: Json = {}) => stage.inputs({ renewBefore: 30, ...changes });
  const issued = async (program: Json) => {
    await stack.up(program);
    first = stack.outs.orderId;
    await stage.issue(first);
    await stack.up(program);
    await forget();
  };
  const forget = async () => {
    await stage.forgetCalls();
    stage.lines.length = 0;
  };
  /** So many days before the order ends. */
  const until = async (days: number) => {
    const end = Date.parse(stack.outs.orderValidTill);
    await stage.advance({ hours: (end - stage.clock.now() - days * day) / 3_600_000 });
    await forget();
  };
  const settled = async (program: Json) => {
    assert.equal(await stack.preview(program), "same");
    await stage.forgetCalls();
    assert.equal(await stack.up(program), "same");
    assert.deepEqual(stage.writes(), []);
  };
  const statusOf = async (orderId: number) => (await stage.order(orderId)).status;
  /** Somebody renews the order in the console. */
  const renewInConsole = async (changes: Json = {}) => {
    const { id } = await stage.scene.vmc({
      renewal_of_order_id: first,
      vmc: { logo: encoded(), ...trademark },
      ...changes,
    });
    await forget();
    return id as number;
  };

  describe("and may be renewed by `pulumi up`", () => {
    it("is renewed renewBefore days ahead, once, linked to the old order, which stays", async () => {
      await issued(renewing());
      await until(31);
      assert.equal(await stack.preview(renewing()), "same");
      assert.equal(await stack.up(renewing()), "same");
      assert.deepEqual(stage.calls(), [], "an order at rest is not asked");
      assert.deepEqual(stage.lines, []);

      await until(29);
      assert.equal(await stack.preview(renewing()), "update");
      assert.deepEqual(stage.lines, [
        `order ${first}: ends ${stack.outs.orderValidTill}: BUYS its renewal; order ${first} cost 1499 USD.`,
      ]);
      assert.deepEqual(stage.writes(), []);
      await stack.up(renewing());
      assert.deepEqual(stage.bodies(), [
        [
          "POST /order/certificate/vmc_basic",
          {
            certificate: { dns_names: ["example.com"] },
            vmc: {
              logo: svg().toString(),
              trademark_country_code: "us",
              trademark_registration_number: "A1234-B1234",
            },
            organization: { id: stage.organizationId },
            order_validity: { years: 1 },
            dcv_method: "dns-txt-token",
            skip_approval: true,
            renewal_of_order_id: first,
            alternative_order_id: `${stack.reference}2`,
          },
        ],
      ]);
      const second = stack.outs.orderId;
      assert.notEqual(second, first);
      assert.equal(stack.outs.isRenewal, true);
      assert.equal(stack.outs.renewedOrderId, first);
      assert.equal(stack.outs.renewalDue, undefined);
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "issued" }]);
      assert.equal(await statusOf(first), "issued");
      await settled(renewing());

      await stage.issue(second);
      await stack.up(renewing());
      assert.equal(stack.outs.status, "issued");
      assert.ok(Date.parse(stack.outs.orderValidTill) - stage.clock.now() > 300 * day);
      await settled(renewing());
      await stage.advance({ days: 100 });
      await stage.forgetCalls();
      await settled(renewing());
      assert.deepEqual(stage.calls(), []);
      assert.equal(await statusOf(first), "expired");
      assert.equal((await stage.placed()).length, 2);
    });

    it("carries what changed with it, and what would be written in place", async () => {
      await issued(renewing());
      await until(20);
      const program = renewing({ dnsNames: ["example.com"], enableHosting: true, comments: "again" });
      await stack.preview(program);
      assert.ok(!stage.lines.some((line) => /updates/.test(line)), stage.lines.join());
      await stack.up(program);
      const [[, sent], ...others] = stage.bodies() as [[string, Json], ...[string, Json][]];
      assert.deepEqual(others, []);
      assert.equal(sent.vmc.enable_hosting, 1);
      assert.equal(sent.comments, "again");
      assert.equal(sent.renewal_of_order_id, first);
      await settled(program);
    });

    it("that nobody ran before it ended is renewed, expired as it is", async () => {
      await issued(renewing());
      await stage.advance({ days: 500 });
      await stage.control.vetOrganization(stage.organizationId);
      await forget();
      assert.equal(await stack.preview(renewing()), "update");
      assert.ok(stage.lines.some((line) => /BUYS its renewal/.test(line)));
      await stack.up(renewing());
      const [[, sent]] = stage.bodies() as [[string, Json]];
      assert.equal(sent.renewal_of_order_id, first);
      assert.deepEqual(stack.outs.history, [{ orderId: first, status: "expired" }]);
    });

    it("that a refresh saw expire is renewed, too", async () => {
      await issued(renewing());
      await stage.advance({ days: 500 });
      await stack.refresh();
      assert.equal(stack.outs.status, "expired");
      await stack.up(renewing());
      assert.equal(stack.outs.renewedOrderId, first);
    });

    it("is renewed only where buying is allowed; the preview says so", async () => {
      await issued(renewing());
      await until(20);
      const context = stage.context();
      Object.defineProperty(context, "mayOrder", { get: () => false });
      const process = stack.process(context);
      const inputs = await stack.check(process, renewing());
      await process.diff(stack.stored!.id, stack.stored!.outs, inputs);
      assert.ok(stage.lines.some((line) => /BUYS its renewal.*This stack may not buy yet/.test(line)));
      const error = await failureOf(process.update(stack.stored!.id, stack.stored!.outs, inputs));
      assert.equal(error.code, "orders_not_allowed");
      assert.deepEqual(stage.writes(), []);
    });

    it("in a run that crashed is not renewed again", async () => {
      await issued(renewing());
      await until(20);
      const process = stack.process();
      await process.update(stack.stored!.id, stack.stored!.outs, await stack.check(process, renewing()));
      await forget();
      assert.equal(await stack.preview(renewing()), "update");
      const [, second, ...others] = await stage.placed();
      assert.deepEqual(stage.lines, [
        `order ${first}: order ${second.id}, which an earlier run placed, takes its place; nothing is ordered.`,
      ]);
      await stack.up(renewing());
      assert.deepEqual(stage.writes(), []);
      assert.deepEqual(others, []);
      assert.equal(stack.outs.orderId, second.id);
      assert.equal(stack.outs.onDelete, undefined);
      assert.equal(stack.outs.__n, 2, "it is the resource's own");
      assert.equal(stack.outs.placedAlternativeOrderId, `${stack.reference}2`);
      await settled(renewing());
    });

    describe("by a request whose answer is lost", () => {
      for (const fault of [{ kind: "reset-after-commit" }, { kind: "status", status: 500, commit: true }] as Omit<
        Fault,
        "match"
      >[]) {
        it(`is found: ${JSON.stringify(fault)}`, async () => {
          await issued(renewing());
          await until(20);
          await stage.faultOrder(fault);
          await stack.up(renewing());
          assert.equal(stage.posts, 1);
          assert.equal(stack.outs.renewedOrderId, first);
          await settled(renewing());
        });
      }

      it("is found by a later run, and is the resource's own", async () => {
        await issued(renewing());
        await until(20);
        await stage.faultOrder({ kind: "reset-after-commit" });
        await stage.control.fault({ kind: "lookup-empty", seconds: 600 });
        assert.ok((await failureOf(stack.up(renewing()))) instanceof PartialStateError);
        assert.equal(stack.outs.orderId, first);
        assert.equal(stack.outs.__doubt.n, 2);
        await stage.advance({ hours: 30 });
        await stage.forgetCalls();
        await stack.up(renewing());
        assert.deepEqual(stage.writes(), []);
        assert.equal(stack.outs.renewedOrderId, first);
        assert.equal(stack.outs.__n, 2);
        await settled(renewing());
      });

      it("and which nothing shows is sent again only after 15 minutes, with the link", async () => {
        await issued(renewing());
        await until(20);
        await stage.faultOrder({ kind: "reset-before" });
        await failureOf(stack.up(renewing()));
        assert.match((await failureOf(stack.up(renewing()))).message, /still in doubt/);
        assert.equal(stage.posts, 1);
        await stage.advance({ minutes: 16 });
        await stack.up(renewing());
        assert.equal(stage.posts, 2);
        assert.equal((stage.bodies().at(-1) as [string, Json])[1].renewal_of_order_id, first);
        assert.equal((await stage.placed()).length, 2);
      });
    });

    describe("but was renewed already", () => {
      it("by an order that agrees: that one is taken over, nothing is ordered", async () => {
        await issued(renewing());
        await until(20);
        const id = await renewInConsole();
        assert.equal(await stack.preview(renewing()), "update");
        assert.deepEqual(stage.lines, [
          `order ${first}: was renewed already, by order ${id} (pending): that order is taken over; nothing is ordered.`,
        ]);
        assert.equal(await stack.up(renewing()), "update");
        assert.deepEqual(stage.writes(), []);
        assert.equal(stack.outs.orderId, id);
        assert.equal(stack.outs.renewedOrderId, first);
        assert.deepEqual(stack.outs.history, [{ orderId: first, status: "issued" }]);
        assert.equal(stack.outs.dcvRecords.length, 1);
        await settled(renewing());
        await stage.issue(id);
        await stack.up(renewing());
        assert.equal(stack.outs.status, "issued");
        await settled(renewing());
        await stack.destroy();
        assert.deepEqual(stage.writes(), [], "what we did not place is not ours to end");
      });

      it("and something changes in place at the same time: that is written to the order that is taken over", async () => {
        await issued(renewing());
        await until(20);
        const id = await renewInConsole();
        const program = renewing({ enableHosting: true });
        await stack.up(program);
        assert.deepEqual(stage.bodies(), [[`PUT /order/certificate/${id}/vmc`, { enable_hosting: 1 }]]);
        await settled(program);
      });

      it("by one that differs: an error with its number and what differs, until the inputs agree", async () => {
        await issued(renewing());
        await until(20);
        const id = await renewInConsole({ certificate: { dns_names: ["example.com", "example.net"] } });
        for (const run of [() => stack.preview(renewing()), () => stack.up(renewing())]) {
          const error = await failureOf(run());
          assert.equal(error.code, "renewed_elsewhere");
          assert.ok(
            error.message.includes(`by order ${id} (pending), which differs: the set of domains is`),
            error.message,
          );
          assert.ok(error.message.includes(`adoptOrderId: ${id}`));
        }
        assert.deepEqual(stage.writes(), []);
        await stack.up(renewing({ adoptOrderId: id, dnsNames: ["example.com", "example.net"] }));
        assert.equal(stack.outs.orderId, id);
        assert.deepEqual(stage.writes(), []);
      });

      for (const is_renewed of [undefined, false]) {
        it(`although DigiCert says is_renewed: ${is_renewed}: the order that names ours as renewed is found`, async () => {
          await issued(renewing());
          await until(20);
          const id = await renewInConsole();
          const { is_renewed: _, ...info } = await stage.scene.info(first);
          await forget();
          await stage.control.fault({
            match: { method: "GET", path: `^/order/certificate/${first}$` },
            kind: "status",
            status: 200,
            body: JSON.stringify({ ...info, is_renewed }),
            times: 0,
          });
          await stack.up(renewing());
          assert.equal(stack.outs.orderId, id);
          assert.deepEqual(stage.writes(), []);
        });
      }

      it("by an order that the key does not see: stops, and says what to do", async () => {
        await issued(renewing());
        await until(20);
        const info = await stage.scene.info(first);
        await forget();
        await stage.control.fault({
          match: { method: "GET", path: `^/order/certificate/${first}$` },
          kind: "status",
          status: 200,
          body: JSON.stringify({ ...info, is_renewed: true }),
          times: 0,
        });
        const error = await failureOf(stack.up(renewing()));
        assert.equal(error.code, "renewed_elsewhere");
        assert.match(error.message, /by an order that the API key does not see.*adoptOrderId/s);
        assert.deepEqual(stage.writes(), []);
      });

      it("by one that was canceled since: it is renewed again", async () => {
        await issued(renewing());
        await until(20);
        const id = await renewInConsole();
        await stage.scene.ok(204, "PUT", `/order/certificate/${id}/status`, { status: "canceled", note: "x" });
        await forget();
        await stack.up(renewing());
        assert.deepEqual(stage.writes(), ["POST /order/certificate/vmc_basic"]);
        assert.equal(stack.outs.renewedOrderId, first);
      });
    });

    it("while a revoke request is pending stops with its number", async () => {
      await issued(renewing());
      await until(20);
      const { apiKey } = await stage.control.addKey({ role: "manager" });
      const { id } = await stage.scene.ok(201, "PUT", `/order/certificate/${first}/revoke`, {}, apiKey);
      await forget();
      for (const run of [() => stack.preview(renewing()), () => stack.up(renewing())]) {
        const error = await failureOf(run());
        assert.equal(error.code, "request_pending");
        assert.ok(error.message.includes(`revoke ${id}`), error.message);
      }
      assert.deepEqual(stage.writes(), []);
      await stage.control.rejectRequest(id);
      await stack.up(renewing());
      assert.equal(stack.outs.renewedOrderId, first);
    });

    it("while it is being reissued waits, and is renewed afterwards, however short that certificate lives", async () => {
      await issued(renewing());
      await until(32);
      const wide = renewing({ dnsNames: ["example.com", "example.net"] });
      await stack.up(wide);
      assert.equal(stack.outs.status, "reissue_pending");
      await until(20);
      await settled(wide);
      assert.equal(stage.posts, 0);
      await stage.control.approveDomain("example.net");
      await stage.control.vet(first);
      await stack.up(wide);
      assert.equal(stack.outs.renewedOrderId, first);
      await settled(wide);
    });

    it("while the console reissues it waits, and says so", async () => {
      await issued(renewing());
      await until(20);
      await stage.scene.ok(201, "POST", `/order/certificate/${first}/reissue`, {
        certificate: { dns_names: ["example.com", "example.net"] },
        skip_approval: true,
      });
      await forget();
      await stack.preview(renewing());
      assert.ok(
        stage.lines.includes(`order ${first}: is being reissued; its renewal follows once that is done.`),
        stage.lines.join(),
      );
      await stack.up(renewing());
      assert.deepEqual(stage.writes(), []);
    });

    for (const code of ["order_not_eligible_for_renewal", "order_renewed_already"]) {
      it(`and DigiCert refuses (${code}): surfaces with the remedy, and nothing fresh is ordered`, async () => {
        await issued(renewing());
        await until(20);
        const before = stack.stored;
        await stage.faultOrder({ kind: "status", status: 400, code, times: 0 });
        for (let i = 0; i < 2; i++) {
          const error = await failureOf(stack.up(renewing()));
          assert.match(error.message, new RegExp(`400 ${code}`));
          assert.match(
            error.message,
            new RegExp(
              `Order ${first} was not renewed, and nothing was ordered in its place\\. Renew it in CertCentral and set adoptOrderId`,
            ),
          );
          assert.doesNotMatch(error.message, /place the order without it/);
        }
        assert.deepEqual(stack.stored, before);
        assert.equal((await stage.placed()).length, 1);
        for (const [, sent] of stage.bodies()) assert.equal(sent.renewal_of_order_id, first);
      });
    }

    it("later than half its certificate's life, else it would be renewed at once", async () => {
      await issued(renewing({ renewBefore: 90 }));
      await until(80);
      const info = await stage.scene.info(first);
      const { valid_till } = info.certificate;
      const valid_from = new Date(Date.parse(valid_till) - 170 * day).toISOString().slice(0, 10);
      await stage.control.fault({
        match: { method: "GET", path: `^/order/certificate/${first}$` },
        kind: "status",
        status: 200,
        body: JSON.stringify({
          ...info,
          date_created: `${valid_from}T00:00:00+00:00`,
          order_valid_till: valid_till,
          certificate: { ...info.certificate, valid_from },
        }),
        times: 0,
      });
      await forget();
      for (const run of [
        () => stack.preview(renewing({ renewBefore: 90 })),
        () => stack.up(renewing({ renewBefore: 90 })),
      ]) {
        const error = await failureOf(run());
        assert.equal(error.code, "renew_before_too_long");
        assert.match(error.message, /renewBefore is 90 days, but it lives only 170 days.*less than 85/s);
      }
      assert.deepEqual(stage.writes(), []);
    });

    for (const [years, renewed] of [
      [1, true],
      [3, false],
    ] as const) {
      it(`of ${years} years, when DigiCert does not say when it ends, is ${renewed ? "" : "not "}renewed by its certificate's end`, async () => {
        const program = renewing({ years });
        await stack.up(program);
        first = stack.outs.orderId;
        await stage.issue(first);
        const { order_valid_till: _, ...info } = await stage.scene.info(first);
        await stage.control.fault({
          match: { method: "GET", path: `^/order/certificate/${first}$` },
          kind: "status",
          status: 200,
          body: JSON.stringify(info),
          times: 0,
        });
        await stack.up(program);
        assert.equal(stack.outs.orderValidTill, undefined);
        await stage.advance({ days: 380 });
        await forget();
        await stack.up(program);
        assert.equal(stage.posts, renewed ? 1 : 0);
        // Whatever the program says of the next order's years.
        if (!renewed) await stack.up({ ...program, years: 1 });
        assert.equal(stage.posts, renewed ? 1 : 0);
      });
    }

    it("is not renewed when it was revoked or canceled: that needs consent", async () => {
      await issued(renewing());
      await until(20);
      await stage.scene.ok(204, "PUT", `/order/certificate/${first}/revoke`, { skip_approval: true });
      await forget();
      const error = await failureOf(stack.up(renewing()));
      assert.match(error.message, /is revoked.*reorderAfter/s);
      assert.deepEqual(stage.writes(), []);
    });
  });

  describe("and nobody told us to renew it", () => {
    it("says it in an output and in each preview, without a call once it is said", async () => {
      await issued(stage.inputs());
      await until(91);
      assert.equal(await stack.preview(stage.inputs()), "same");
      assert.deepEqual(stage.lines, []);
      await until(89);
      assert.equal(await stack.preview(stage.inputs()), "update");
      assert.equal(await stack.up(stage.inputs()), "update");
      assert.equal(stack.outs.renewalDue, true);
      assert.deepEqual(stage.writes(), []);
      for (let i = 0; i < 2; i++) {
        await forget();
        assert.equal(await stack.preview(stage.inputs()), "same");
        assert.deepEqual(stage.lines, [
          `order ${first}: ends ${stack.outs.orderValidTill} and can be renewed now. Set renewBefore to let \`pulumi up\` do it, or renew it in CertCentral.`,
        ]);
        assert.equal(await stack.up(stage.inputs()), "same");
        assert.deepEqual(stage.calls(), []);
      }
    });

    it("says so without a key, too", async () => {
      await issued(stage.inputs());
      await until(50);
      await stack.up(stage.inputs());
      stage.settings = { baseUrl: stage.settings.baseUrl! };
      await forget();
      assert.equal(await stack.preview(stage.inputs()), "same");
      assert.ok(stage.lines.some((line) => /can be renewed now/.test(line)));
    });

    it("takes the output back once renewBefore is given, and renews in its time", async () => {
      await issued(stage.inputs());
      await until(50);
      await stack.up(stage.inputs());
      assert.equal(await stack.up(renewing()), "update");
      assert.equal(await stack.up(renewing()), "update");
      assert.equal(stack.outs.renewalDue, undefined);
      await settled(renewing());
      await until(10);
      await stack.up(renewing());
      assert.equal(stack.outs.renewedOrderId, first);
    });

    it("stays expired: the preview says what to do, and nothing is ordered", async () => {
      await issued(stage.inputs());
      await stage.advance({ days: 500 });
      await stack.refresh();
      await forget();
      assert.equal(await stack.preview(stage.inputs()), "update");
      assert.ok(stage.lines.some((line) => line.includes(`order ${first} is expired`)));
      await failureOf(stack.up(stage.inputs()));
      assert.deepEqual(stage.writes(), []);
      await stack.up(stage.inputs({ reorderAfter: first }));
      const [[, sent]] = stage.bodies() as [[string, Json]];
      assert.equal(sent.renewal_of_order_id, undefined);
    });
  });

  describe("and DigiCert renews by itself", () => {
    it("autoRenew turned off on a placed order warns that the console must do it, at each preview", async () => {
      await issued(stage.inputs({ autoRenew: true }));
      for (let i = 0; i < 2; i++) {
        await forget();
        assert.equal(await stack.preview(stage.inputs()), "same");
        assert.ok(
          stage.lines.some((line) =>
            /autoRenew is off for orders to come.* Turn it off in CertCentral's console/.test(line),
          ),
          stage.lines.join(),
        );
        assert.deepEqual(stage.writes(), []);
      }
    });

    it("nothing is said of that when only the texts change", async () => {
      await issued(stage.inputs({ autoRenew: true }));
      await stack.preview(stage.inputs({ autoRenew: true, customRenewalMessage: "soon" }));
      assert.ok(!stage.lines.some((line) => /autoRenew is off/.test(line)));
    });

    it("is not due here, and a refresh shows the renewal", async () => {
      await issued(stage.inputs({ autoRenew: true }));
      await until(20);
      await renewInConsole();
      await stack.refresh();
      assert.deepEqual(stack.outs.drift, ["renewal: another order renewed this one"]);
      assert.deepEqual(stage.writes(), []);
    });
  });

  describe("is refused by check:", () => {
    const refused: [string, Json, RegExp][] = [
      [
        "renewBefore of more than 90 days",
        { renewBefore: 91 },
        /^renewBefore: must be 1 to 90 days: DigiCert renews an order in its last 90 days/,
      ],
      ["renewBefore of no day", { renewBefore: 0 }, /^renewBefore: must be 1 to 90 days/],
      ["renewBefore of half a day", { renewBefore: 1.5 }, /^renewBefore: must be a whole number of days/],
      [
        "renewBefore beside autoRenew",
        { renewBefore: 30, autoRenew: true },
        /^renewBefore: does not go with autoRenew: the order would be renewed, and paid, twice/,
      ],
      ["reissueBefore of more than 90 days", { reissueBefore: 91 }, /^reissueBefore: must be 1 to 90 days/],
    ];
    for (const [what, changes, reason] of refused) {
      it(what, async () => {
        const error = await failureOf(stack.preview(stage.inputs(changes)));
        assert.ok(error instanceof CheckFailed);
        assert.match(error.message, reason);
        assert.deepEqual(stage.calls(), []);
      });
    }
  });
});
