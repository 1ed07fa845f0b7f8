import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { failureOf, type Stack, Stage } from "../support";
import { Watch } from "./watch";

describe("the spending guard", () => {
  let stage: Stage;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    watch = new Watch(stage);
  });
  afterEach(() => stage.stop());

  const program = (name: string, changes: Props = {}) =>
    stage.inputs({ dnsNames: [`${name}.example.com`], ...changes });
  const named = (count: number) => Array.from({ length: count }, (_, index) => `d${index}`);

  /** What a preview of the whole program comes to: the names of the resources that it refuses. */
  async function preview(stacks: Record<string, Stack>, changes: Props = {}): Promise<string[]> {
    const context = stage.context();
    const refused: string[] = [];
    await watch.fresh();
    for (const [name, stack] of Object.entries(stacks)) {
      const process = stack.process(context);
      try {
        const inputs = await stack.check(process, program(name, changes));
        if (stack.stored) await process.diff(stack.stored.id, stack.outs, inputs);
      } catch (error) {
        assert.match(
          (error as Error).message,
          /the stack allows \d+ \(bimi:maxOrdersPerUpdate\)\. Nothing was ordered/,
        );
        refused.push(name);
      }
    }
    assert.deepEqual(watch.writes(), []);
    return refused;
  }
  const fresh = (count: number) => Object.fromEntries(named(count).map((name) => [name, stage.vmc(name)]));
  async function ordered(count: number): Promise<Record<string, Stack>> {
    const stacks = fresh(count);
    for (const [name, stack] of Object.entries(stacks)) await stack.up(program(name));
    return stacks;
  }

  it("allows five purchases in an update, and refuses the sixth in the preview", async () => {
    assert.deepEqual(await preview(fresh(5)), []);
    assert.deepEqual(await preview(fresh(7)), ["d5", "d6"]);
  });

  it("allows what the stack configures, and nothing at 0", async () => {
    stage.settings = { ...stage.settings, maxOrdersPerUpdate: 6 };
    assert.deepEqual(await preview(fresh(7)), ["d6"]);
    stage.settings = { ...stage.settings, maxOrdersPerUpdate: 0 };
    assert.deepEqual(await preview(fresh(1)), ["d0"]);
  });

  it("counts a resource once, however often it is asked", async () => {
    const stacks = fresh(5);
    const context = stage.context();
    for (const _ of [1, 2, 3]) {
      for (const [name, stack] of Object.entries(stacks)) await stack.check(stack.process(context), program(name));
    }
  });

  for (const [what, changes] of [
    ["successors", { organization: "other" }],
    ["reissues that add a name", { dnsNames: "more" }],
  ] as [string, Record<string, string>][]) {
    it(`counts ${what}`, async () => {
      const stacks = await ordered(2);
      if (changes.dnsNames) {
        for (const [name, stack] of Object.entries(stacks)) {
          await stage.issue(stack.outs.orderId);
          await stack.up(program(name));
        }
      }
      stage.settings = { ...stage.settings, maxOrdersPerUpdate: 1 };
      const organization = { id: await stage.control.addOrganization({ name: "Other" }) };
      const more: Props = changes.organization ? { organization } : {};
      if (changes.dnsNames) {
        const context = stage.context();
        const diff = async (name: string, dnsNames: string[]) => {
          const stack = stacks[name]!;
          const process = stack.process(context);
          return process.diff(stack.stored!.id, stack.outs, await stack.check(process, program(name, { dnsNames })));
        };
        await diff("d0", ["d0.example.com", "www.d0.example.com"]);
        await failureOf(diff("d1", ["d1.example.com", "www.d1.example.com"]));
        assert.equal(watch.said(/may COST money; order \d+ cost 1499 USD\./).length, 2);
        return;
      }
      assert.deepEqual(await preview(stacks, more), ["d1"]);
      assert.equal(watch.said(/BUYS a new order in its place; order \d+ cost 1499 USD\./).length, 2);
    });
  }

  it("counts renewals", async () => {
    const stacks = await ordered(2);
    for (const [name, stack] of Object.entries(stacks)) {
      await stage.issue(stack.outs.orderId);
      await stack.up(program(name, { renewBefore: 30 }));
    }
    await stage.advance({ days: 380 });
    stage.settings = { ...stage.settings, maxOrdersPerUpdate: 1 };
    assert.deepEqual(await preview(stacks, { renewBefore: 30 }), ["d1"]);
    assert.equal(watch.said(/BUYS its renewal; order \d+ cost 1499 USD\./).length, 2);
  });

  it("counts the approval of an order", async () => {
    const stacks = fresh(2);
    for (const [name, stack] of Object.entries(stacks)) await stack.up(program(name, { skipApproval: false }));
    stage.settings = { ...stage.settings, maxOrdersPerUpdate: 1 };
    assert.deepEqual(await preview(stacks), ["d1"]);
  });

  it("counts neither what is unchanged, nor what costs nothing", async () => {
    const stacks = await ordered(2);
    stage.settings = { ...stage.settings, maxOrdersPerUpdate: 0 };
    assert.deepEqual(await preview(stacks), []);
    assert.deepEqual(await preview(stacks, { dcvMethod: "dns-cname-token", note: "x" }), []);
    for (const [name, stack] of Object.entries(stacks)) {
      await stage.issue(stack.outs.orderId);
      await stack.up(program(name));
    }
    assert.deepEqual(await preview(stacks, { enableHosting: true }), []);
  });

  it("holds in an update whose preview was skipped: what is over the limit is not bought", async () => {
    stage.settings = { ...stage.settings, maxOrdersPerUpdate: 1 };
    const context = stage.context();
    const outcomes: string[] = [];
    for (const name of ["a", "b"]) {
      const stack = stage.vmc(name);
      const inputs = await stack.check(stack.process(), program(name));
      await stack
        .process(context)
        .create(inputs)
        .then(
          () => outcomes.push("placed"),
          (error) => outcomes.push(error.code),
        );
    }
    assert.deepEqual(outcomes, ["placed", "too_many_orders"]);
    assert.equal(stage.posts, 1);
  });

  it("says each purchase in one line, with what is known of its price", async () => {
    await preview(fresh(2));
    assert.deepEqual(stage.lines, [
      "BUYS a vmc_basic order for d0.example.com; price unknown, typically over $1,000.",
      "BUYS a vmc_basic order for d1.example.com; price unknown, typically over $1,000.",
    ]);
  });
});
