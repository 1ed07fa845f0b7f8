import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { Props } from "../../../provider/lifecycle";
import { orderLifecycle } from "../../../provider/order/lifecycle";
import { vmcOrder } from "../../../provider/resources/vmcOrder";
import { alone } from "../../alone";
import { failureOf, type Stack, Stage } from "../support";

const variable = "BIMI_TEST_CARD";
const card = {
  number: "4111 1111 1111 1111",
  expirationMonth: 11,
  expirationYear: 2031,
  cvv: 8675,
  cardholderName: "Ada Byron",
};
const secrets = [card.number, card.number.replaceAll(" ", ""), card.cardholderName];
const billingAddress = { address: "1 Main Street", city: "Lehi", country: "us" };

describe("a credit card", () => {
  let stage: Stage;
  let stack: Stack;
  const payment = (changes: Props = {}) =>
    stage.inputs({ paymentMethod: "card", creditCard: { fromEnv: variable }, billingAddress, ...changes });

  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
    process.env[variable] = JSON.stringify(card);
  });
  afterEach(async () => {
    delete process.env[variable];
    await stage.stop();
  });

  const assertNoSecret = (what: string, value: unknown) => {
    const text = typeof value === "string" ? value : inspect(value, { depth: 20, showHidden: true });
    for (const secret of secrets) assert.ok(!text.includes(secret), `${what} shows ${secret}`);
    assert.doesNotMatch(text, alone(card.cvv, "cvv"), `${what} shows the CVV`);
  };

  it("from the environment pays the order, and is in no state, line or journal", async () => {
    const inputs = await stack.check(stack.process(), payment());
    assert.deepEqual(inputs.creditCard, { fromEnv: variable });
    await stack.up(payment());
    assert.equal((await stage.placed())[0].paymentMethod, "card");
    assertNoSecret("the state", stack.stored);
    assertNoSecret("a line", stage.lines);
    assertNoSecret("the journal", stage.scene.simulator.journal);
  });

  it("is sent as DigiCert wants it", async () => {
    // A card that DigiCert's parameter table does not allow is refused, so this one was right.
    await stack.up(payment());
    process.env[variable] = JSON.stringify({ ...card, expirationMonth: 13 });
    const error = await failureOf(stage.vmc("other").up({ ...payment(), dnsNames: ["example.net"] }));
    assert.match(error.message, /credit_card\.expiration_month/);
    assertNoSecret("the error", error);
  });

  it("whose digits came as strings works too", async () => {
    process.env[variable] = JSON.stringify({ ...card, cvv: "867", expirationMonth: "11", expirationYear: "2031" });
    await stack.up(payment());
    assert.equal(stage.posts, 1);
  });

  for (const fault of [
    { kind: "status", status: 400, code: "invalid_credit_card" },
    { kind: "status", status: 400, body: JSON.stringify({ errors: [{ code: "x", message: `bad ${card.number}` }] }) },
    { kind: "reset-before" },
    { kind: "not-json" },
  ] as const) {
    it(`is not in the error or the partial state of a failed order: ${JSON.stringify(fault).slice(0, 60)}`, async () => {
      await stage.faultOrder(fault);
      const error = await failureOf(stack.up(payment()));
      assertNoSecret("the error", error);
      assertNoSecret("its cause", error.cause);
      assertNoSecret("the state", stack.stored);
      assertNoSecret("a line", stage.lines);
    });
  }

  describe("that DigiCert repeats, with the key, whatever fails once it was sent,", () => {
    const calls: [method: string, path: string][] = [
      ["POST", "^/order/certificate/vmc_basic"],
      ["GET", "^/order/alternate/"],
      ["GET", "^/order/certificate/[0-9]+$"],
      ["PUT", "^/order/certificate/[0-9]+/status"],
    ];
    for (const [method, path] of calls) {
      for (const status of [400, 503]) {
        it(`is told nowhere: ${status} of ${method} ${path}`, async () => {
          const key = stage.settings.apiKey!;
          const message = `Key ${key}, card ${card.number.replaceAll(" ", "-")} of ${card.cardholderName}, CVV ${card.cvv}`;
          const body = JSON.stringify({ errors: [{ code: "x", message }] });
          // The second order's: by then the card was sent.
          const context = stage.context();
          const first = stage.vmc("first");
          await first.process(context).create(await first.check(first.process(), payment()));
          await stage.control.fault({ match: { method, path }, kind: "status", status, body, times: 0 });
          // Not recorded: what is called after such answers is no part of docs/coverage.md.
          const lifecycle = orderLifecycle(vmcOrder, () => context);
          const values: unknown[] = [stage.lines, stage.scene.simulator.journal, context, context.client, lifecycle];
          const step = async <T>(work: Promise<T>) =>
            work.then(
              (result) => {
                values.push(result);
                return result;
              },
              (error) => {
                values.push(error);
                return undefined;
              },
            );
          const inputs = await stack.check(lifecycle, payment({ dnsNames: ["example.net"] }));
          let made = await step(lifecycle.create(inputs));
          if (!made) {
            await stage.control.clearFaults();
            made = await lifecycle.create(inputs);
            await stage.control.fault({ match: { method, path }, kind: "status", status, body, times: 0 });
          }
          await step(lifecycle.read(made.id, made.outs));
          const named = await stack.check(lifecycle, payment({ dnsNames: ["example.net", "example.org"] }));
          await step(lifecycle.update(made.id, made.outs, named));
          await step(lifecycle.delete(made.id, made.outs));
          assert.ok(
            stage.scene.simulator.journal.some(({ fault }) => fault === "status"),
            "it was played",
          );
          assert.ok(
            values.some((value) => value instanceof Error && value.message.includes("[redacted]")),
            "it was said",
          );
          for (const value of values) {
            assertNoSecret("something", value);
            assert.ok(!inspect(value, { depth: 20, showHidden: true }).includes(key), "something shows the key");
          }
        });
      }
    }
  });

  describe("that cannot be read", () => {
    const broken: [string, string | undefined, RegExp][] = [
      ["is not set", undefined, /it is not set/],
      ["is empty", "", /it is not set/],
      ["is no JSON", card.number, /it is not JSON/],
      ["is JSON, but not an object", "4111111111111111", /lacks number/],
      ["is null", "null", /lacks number/],
      [
        "lacks a part",
        JSON.stringify({ ...card, cvv: undefined, cardholderName: undefined }),
        /lacks cvv, cardholderName/,
      ],
    ];
    for (const [what, value, reason] of broken) {
      it(`because the variable ${what}, is an error before anything is ordered`, async () => {
        if (value === undefined) delete process.env[variable];
        else process.env[variable] = value;
        const error = await failureOf(stack.up(payment()));
        assert.equal(error.code, "no_card");
        assert.match(error.message, reason);
        assert.ok(error.message.includes(variable));
        assert.match(error.message, /JSON object .*cardholderName/);
        assertNoSecret("the error", error);
        assert.equal(stage.posts, 0);
        assert.equal(stack.stored, undefined);
      });
    }
  });

  it("is not needed by previews, nor by what comes after the order", async () => {
    delete process.env[variable];
    assert.equal(await stack.preview(payment()), "create");
    process.env[variable] = JSON.stringify(card);
    await stack.up(payment());
    delete process.env[variable];
    assert.equal(await stack.preview(payment()), "same");
    await stack.refresh();
    await stack.destroy();
  });

  describe("in the program is refused without being printed", () => {
    const literals: [string, unknown][] = [
      ["the card as an object", card],
      ["the card beside the variable", { fromEnv: variable, cvv: card.cvv }],
      ["the number", card.number],
      ["the card as the variable's name", { fromEnv: JSON.stringify(card) }],
      ["the number as the variable's name", { fromEnv: card.number }],
      ["a list", [card]],
    ];
    for (const [what, creditCard] of literals) {
      it(what, async () => {
        const { failures } = await stack
          .process()
          .check({}, { ...payment({ creditCard }), __reference: stack.reference, __urn: stack.urn });
        assert.ok(failures.length > 0);
        for (const { property, reason } of failures) {
          assert.equal(property, "", "Pulumi prints the value of a property that is named");
          assert.match(reason, /creditCard/);
        }
        assertNoSecret("a failure", failures);
        assert.ok(
          failures.some(({ reason }) => /environment variable/.test(reason)),
          failures.map(({ reason }) => reason).join("\n"),
        );
        assert.deepEqual(stage.calls(), []);
      });
    }
  });
});

describe("the API key", () => {
  it("is in no state, line, error or journal", async () => {
    const stage = await Stage.start();
    try {
      const stack = stage.vmc();
      await stack.up(stage.inputs());
      await stage.faultOrder({ kind: "reset-before" });
      const error = await failureOf(stage.vmc("other").up(stage.inputs()));
      const key = stage.settings.apiKey!;
      const context = stage.context();
      await context.account();
      for (const value of [stack.stored, error, stage.lines, stage.scene.simulator.journal, context.client]) {
        assert.ok(!inspect(value, { depth: 20, showHidden: true }).includes(key));
      }
    } finally {
      await stage.stop();
    }
  });
});
