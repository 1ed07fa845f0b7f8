import assert from "node:assert/strict";
import { deriveReference } from "../../../provider/order/reference";
import { unknownValue } from "../../../provider/unknown";
import { svg } from "../../simulator/certcentral";
import { details } from "../resources/organization";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { Watch } from "./watch";

describe("an order that the account has already", () => {
  let stage: Stage;
  let stack: Stack;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
    watch = new Watch(stage);
  });
  afterEach(() => stage.stop());

  /** Of the console. */
  const theirs = async (changes: Json = {}): Promise<number> => (await stage.scene.vmc(changes)).id;
  const placed = async () => (await stage.placed()).length;
  const lists = () =>
    stage.scene.simulator.journal.filter(
      ({ method, path }) => method === "GET" && /^\/order\/certificate\?/.test(path),
    );

  /** Refused by the preview and by the update, which orders nothing. */
  async function assertRefused(program: Json, orderId: number): Promise<string> {
    const { message } = await watch.refuses(stack, program);
    assert.match(message, new RegExp(`The account has order ${orderId} \\(`));
    for (const remedy of [`adoptOrderId: ${orderId};`, `besideOrder: ${orderId};`, "aliases"])
      assert.ok(message.includes(remedy), message);
    const before = await placed();
    // An update whose preview was skipped, of an engine that asked no `check` before.
    const process = stack.process();
    const inputs = { ...program, logo: undefined, __urn: stack.urn, __reference: stack.reference };
    const error = await failureOf(process.create(inputs));
    assert.equal(error.code, "order_twin");
    assert.equal(await placed(), before);
    return message;
  }

  describe("of the console", () => {
    for (const [what, changes] of [
      ["for the same domain", {}],
      ["for one of its domains", { certificate: { dns_names: ["other.net", "EXAMPLE.com"] } }],
      ["that waits for approval", { skip_approval: false }],
    ] as [string, Json][]) {
      it(`${what} is refused, with its number and the remedies`, async () => {
        const orderId = await theirs(changes);
        const message = await assertRefused(stage.inputs(), orderId);
        assert.match(message, / for example\.com already, .*Nothing was ordered/);
      });
    }

    it("is refused once issued, and no more once it has ended", async () => {
      const orderId = await theirs();
      await stage.issue(orderId);
      await assertRefused(stage.inputs(), orderId);
      await stage.advance({ days: 400 });
      await stack.up(stage.inputs());
      assert.equal(await placed(), 2);
    });

    for (const [what, program] of [
      ["for another domain", { dnsNames: ["www.example.com"] }],
      ["that is named as meant", {}],
      ["that is one of those named", {}],
    ] as [string, Json][]) {
      it(`${what} is no obstacle`, async () => {
        const orderId = await theirs();
        const beside = what.includes("those") ? { besideOrder: [4711, orderId] } : { besideOrder: orderId };
        const inputs = stage.inputs({ ...program, ...(program.dnsNames ? {} : beside) });
        assert.equal(await stack.preview(inputs), "create");
        await stack.up(inputs);
        assert.equal(await placed(), 2);
        await watch.isAtRest(stack, inputs);
        await watch.isAtRest(stack, { ...inputs, besideOrder: undefined });
      });
    }

    it("of another organization, or another product, is no obstacle", async () => {
      const organization = { id: await stage.control.addOrganization({ name: "Other" }) };
      await theirs({ organization });
      await stage.scene.cmc();
      await stack.up(stage.inputs());
      assert.equal(await placed(), 3);
    });

    it("of an organization that is given by its details is refused by its name", async () => {
      const { name } = (await stage.control.dump()).certcentral.organizations[0]!;
      const orderId = await theirs();
      const { validations: _, verifiedUsers: __, ...organization } = details({ name: name.toUpperCase() });
      const { message } = await watch.refuses(stack, stage.inputs({ organization }));
      assert.ok(message.includes(`The account has order ${orderId} (`), message);
      const other = { ...organization, name: "Another" };
      assert.equal(await stack.preview(stage.inputs({ organization: other })), "create");
    });

    it("which the new one renews is no obstacle", async () => {
      const renewed = await theirs();
      await stage.issue(renewed);
      await stage.advance({ days: 380 });
      const inputs = stage.inputs({ renewalOfOrderId: renewed });
      assert.equal(await stack.preview(inputs), "create");
      await stack.up(inputs);
      assert.equal(stack.outs.renewedOrderId, renewed);
    });

    it("is what an update finds whose preview could not know the organization", async () => {
      const orderId = await theirs();
      const unknown = stage.inputs({ organization: { id: unknownValue } });
      assert.equal(await stack.preview(unknown), "create");
      assert.equal(await stack.preview(stage.inputs({ dnsNames: [unknownValue] })), "create");
      assert.equal(await stack.preview(stage.inputs({ besideOrder: unknownValue })), "create");
      await assertRefused(stage.inputs(), orderId);
    });

    it("is not looked for without a key", async () => {
      await theirs();
      stage.settings = { baseUrl: stage.settings.baseUrl! };
      await stage.forgetCalls();
      assert.equal(await stack.preview(stage.inputs()), "create");
      assert.deepEqual(stage.calls(), []);
    });

    it("that cannot be looked for is warned of in the preview, and stops the update", async () => {
      await theirs();
      const fails = () =>
        stage.control.fault({ match: { method: "GET", path: "^/order/certificate\\?" }, kind: "status", times: 0 });
      await fails();
      assert.equal(await stack.preview(stage.inputs()), "create");
      assert.equal(watch.said(/could not be looked up: .*looks again before it orders/).length, 1);
      await failureOf(stack.up(stage.inputs()));
      assert.equal(await placed(), 1);
      assert.equal(stack.stored, undefined);
    });
  });

  describe("of this project", () => {
    it("that the resource placed before it was renamed is refused; aliases go on with it", async () => {
      await stack.up(stage.inputs());
      const { orderId } = stack.outs;
      const renamed = stage.vmc("renamed");
      const { message } = await watch.refuses(renamed, stage.inputs());
      assert.match(message, new RegExp(`order ${orderId} .*A resource of this project placed it\\.`));
      await renamed.up(stage.inputs({ __formerReferences: [stack.reference] }));
      assert.equal(renamed.outs.orderId, orderId);
      assert.equal(await placed(), 1);
    });

    it("that it placed before the stack was renamed, and re-creates, is refused", async () => {
      await stack.up(stage.inputs());
      await stage.issue(stack.outs.orderId);
      const { urn } = stack;
      const __reference = deriveReference({ organization: "organization", project: "acme", stack: "prod", urn });
      const { failures } = await stage
        .vmc()
        .process()
        .check({}, { ...stage.inputs(), __reference, __urn: urn });
      assert.match(
        failures[0]!.reason,
        new RegExp(`order ${stack.outs.orderId} .*A resource of this project placed it`),
      );
      assert.equal(await placed(), 1);
    });

    it("that a live resource holds is refused with that resource's name", async () => {
      await stack.up(stage.inputs());
      const context = stage.context();
      const first = stack.process(context);
      await first.diff(stack.stored!.id, stack.outs, await stack.check(first, stage.inputs()));
      const other = stage.vmc("other");
      const error = await failureOf(other.check(other.process(context), stage.inputs()));
      assert.ok(error.message.includes(`It is held by ${stack.urn}.`), error.message);
    });

    it("is no other: of a crashed run, under the resource's own id, with whatever order info tells", async () => {
      await stack.up(stage.inputs());
      const again = stage.vmc();
      assert.equal(await again.preview(stage.inputs()), "create");
      await again.up(stage.inputs());
      assert.equal(again.outs.orderId, stack.outs.orderId);
      const own = stage.vmc();
      assert.equal(await own.preview(stage.inputs({ alternativeOrderId: "Acme" })), "create");
      assert.equal(await placed(), 1);
    });

    it("is its own, that the look-up by its id does not show: it is taken over", async () => {
      await stack.up(stage.inputs());
      const { orderId } = stack.outs;
      await stage.control.fault({ kind: "lookup-empty", seconds: 60 });
      const again = stage.vmc();
      assert.equal(await again.preview(stage.inputs()), "create");
      await again.up(stage.inputs());
      assert.equal(await placed(), 1);
      assert.equal(again.outs.orderId, orderId);
      assert.equal(again.outs.placedAlternativeOrderId, `${stack.reference}1`);
      await watch.isAtRest(again, stage.inputs());
    });

    it("is its own, of a state that was lost: the preview says that it is taken over, or why not", async () => {
      await stack.up(stage.inputs());
      const { orderId } = stack.outs;
      await watch.previews(stage.vmc(), stage.inputs(), "create");
      assert.equal(
        watch.said(new RegExp(`^order ${orderId} \\(pending\\) .*takes it over; nothing is ordered`)).length,
        1,
      );
      assert.equal(watch.said(/BUYS/).length, 0);
      const { message } = await watch.refuses(stage.vmc(), stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      assert.match(message, new RegExp(`live order ${orderId} .*It differs: .*adoptOrderId: ${orderId} and make`));
      await stage.advance({ days: 2 });
      const old = await watch.refuses(stage.vmc(), stage.inputs());
      assert.match(old.message, /older than 24 hours/);
    });

    it("is no other: a successor, a reorder, a renewal", async () => {
      await stack.up(stage.inputs());
      await stack.up(stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      assert.equal(await placed(), 2);
      const { orderId } = stack.outs;
      await stage.control.rejectOrder(orderId);
      await stack.up(stage.inputs({ dnsNames: ["example.com", "example.net"], reorderAfter: orderId }));
      assert.equal(await placed(), 3);
    });

    it("is looked for before a reorder too: somebody may have ordered in the console", async () => {
      await stack.up(stage.inputs());
      const dead = stack.outs.orderId;
      await stage.control.rejectOrder(dead);
      const orderId = await theirs();
      const error = await failureOf(stack.up(stage.inputs({ reorderAfter: dead })));
      assert.equal(error.code, "order_twin");
      assert.ok(error.message.includes(`order ${orderId} `));
      assert.equal(await placed(), 2);
      await stack.up(stage.inputs({ reorderAfter: dead, besideOrder: orderId }));
      assert.equal(await placed(), 3);
    });
  });

  it("is looked for by one list call in a process, however many orders it places", async () => {
    const context = stage.context();
    for (const name of ["a", "b", "c"]) {
      const one = stage.vmc(name);
      const process = one.process(context);
      await process.create(await one.check(process, stage.inputs({ dnsNames: [`${name}.example.com`] })));
    }
    assert.equal(await placed(), 3);
    assert.equal(lists().length, 1);
  });

  describe("because a program declares it twice", () => {
    const check = async (...programs: [string, Json][]) => {
      const context = stage.context();
      for (const [name, program] of programs) {
        const one = stage.vmc(name);
        await one.check(one.process(context), program);
      }
    };

    it("is refused, with another logo too, and allowed where that is meant", async () => {
      stage.writeLogo(svg("Another"), "another.svg");
      for (const changes of [{}, { logo: "another.svg" }, { dnsNames: ["example.com", "example.net"] }]) {
        const error = await failureOf(check(["a", stage.inputs()], ["b", stage.inputs(changes)]));
        assert.match(
          error.message,
          /^dnsNames: a of this program orders the same product .* example\.com: it would be bought/,
        );
        assert.match(error.message, /set besideOrder to the orderId of a\./);
        await check(["a", stage.inputs()], ["b", stage.inputs({ ...changes, besideOrder: unknownValue })]);
      }
      await check(["a", stage.inputs()], ["b", stage.inputs({ dnsNames: ["example.net"] })]);
      assert.equal(await placed(), 0);
    });

    it("of another organization, or another product, is not", async () => {
      const organization = { id: await stage.control.addOrganization({ name: "Other" }) };
      await check(["a", stage.inputs()], ["b", stage.inputs({ organization })]);
      const context = stage.context();
      const [vmc, cmc] = [stage.vmc("a"), stage.cmc("b")];
      await vmc.check(vmc.process(context), stage.inputs());
      await cmc.check(cmc.process(context), stage.inputs({ trademark: undefined, years: 1 }));
    });
  });
});
