import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { encoded } from "../../simulator/certcentral";
import { CheckFailed, failureOf, type Json, type Stack, Stage, svg } from "../support";
import { Watch } from "./watch";

const us = { countryCode: "us", registrationNumber: "A1234-B1234" };
const de = { countryCode: "de", registrationNumber: "30 2020 000 001" };
const wire = ({ countryCode, registrationNumber }: typeof us) => ({
  trademark_country_code: countryCode,
  trademark_registration_number: registrationNumber,
});

describe("a logo that orders share", () => {
  let stage: Stage;
  let stack: Stack;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    stage.meansEveryOrder = true;
    stack = stage.vmc();
    watch = new Watch(stage);
  });
  afterEach(() => stage.stop());

  /** The console's or another stack's order with the same logo. */
  const theirs = async (trademark?: typeof us): Promise<number> =>
    (await stage.scene.vmc({ vmc: { logo: encoded(), ...(trademark ? wire(trademark) : {}) } })).id;
  const trademarkAt = async (orderId: unknown): Promise<Json> => {
    const { state } = { state: (await stage.control.dump()).certcentral };
    const order = state.orders.find(({ id }) => id === orderId)!;
    const logo = state.logos.find(({ id }) => id === order.logoId)!;
    return { countryCode: logo.trademarkCountryCode, registrationNumber: logo.trademarkRegistrationNumber };
  };

  describe("in one stack", () => {
    const check = async (programs: [Stack, Props][]) => {
      const context = stage.context();
      for (const [one, program] of programs) await one.check(one.process(context), program);
    };

    it("with different trademarks is refused at preview, by both names", async () => {
      const other = stage.vmc("other");
      const programs: [Stack, Props][] = [
        [stack, stage.inputs()],
        [other, stage.inputs({ trademark: de })],
      ];
      for (const order of [programs, [...programs].reverse()]) {
        const error = await failureOf(check(order));
        assert.ok(error instanceof CheckFailed);
        assert.match(error.message, /us A1234-B1234/);
        assert.match(error.message, /de 30 2020 000 001/);
        assert.match(
          error.message,
          new RegExp(`declared with the trademark .* by ${order[0]![0] === stack ? "logo" : "other"} `),
        );
        assert.match(error.message, /Declare the same trademark, or use a logo of its own\./);
      }
      assert.deepEqual(watch.writes(), []);
    });

    it("with different trademarks is refused however far the orders are", async () => {
      const other = stage.vmc("other");
      await stack.up(stage.inputs());
      await other.up(stage.inputs());
      await watch.fresh();
      const error = await failureOf(
        check([
          [stack, stage.inputs()],
          [other, stage.inputs({ trademark: de })],
        ]),
      );
      assert.ok(error instanceof CheckFailed);
      assert.deepEqual(watch.writes(), []);
    });

    it("with one trademark, or one beside none, or another logo, or one trademark spelled twice is not", async () => {
      stage.settings = { ...stage.settings, maxOrdersPerUpdate: 6 };
      stage.writeLogo(svg("Another"), "another.svg");
      await check([
        [stack, stage.inputs()],
        [stage.vmc("same"), stage.inputs()],
        [stage.vmc("none"), stage.inputs({ trademark: undefined })],
        [stage.vmc("another"), stage.inputs({ logo: "another.svg", trademark: de })],
        [stage.vmc("upper"), stage.inputs({ trademark: { ...us, countryCode: "US" } })],
        [stage.cmc("cmc"), stage.inputs({ trademark: undefined, years: 1 })],
      ]);
    });
  });

  // "If the existing logo is pending approval, we update all pending VMC orders that use the logo with trademark
  // information from the new order request."
  describe("that is pending, ordered with a trademark", () => {
    it("changes that of the other pending orders: the preview names them", async () => {
      const first = await theirs(us);
      const organization = { id: await stage.control.addOrganization({ name: "Other" }) };
      const second = (await stage.scene.vmc({ vmc: { logo: encoded() }, organization })).id;
      stage.writeLogo(svg("Another"), "another.svg");
      await stage.scene.vmc({ vmc: { logo: encoded(svg("Another")), ...wire(us) } });
      const program = stage.inputs({ trademark: de });
      await watch.previews(stack, program, "create");
      const [line] = watch.said(/the trademark/);
      assert.match(line!, new RegExp(`becomes that of the pending orders with the same logo: ${first}, ${second}\\.`));
      await stack.up(program);
      assert.deepEqual(watch.writes()[0]![1].vmc, { ...watch.writes()[0]![1].vmc, ...wire(de) });
      assert.deepEqual(await trademarkAt(first), de);
      await watch.isAtRest(stack, program);
    });

    it("says nothing where it is the same already", async () => {
      await theirs(us);
      await watch.previews(stack, stage.inputs(), "create");
      assert.deepEqual(watch.said(/trademark/), []);
    });

    it("shows in the other order as drift, which its next update says and writes back", async () => {
      await stack.up(stage.inputs());
      await theirs(de);
      await stack.refresh();
      assert.deepEqual(stack.outs.drift, [
        "trademark: DigiCert has de 30 2020 000 001, which is not what was declared",
      ]);
      await watch.previews(stack, stage.inputs(), "update");
      const [line] = watch.said(/updates trademark at DigiCert/);
      assert.match(line!, /also that of the pending orders with the same logo: \d+/);
      await stack.up(stage.inputs());
      assert.deepEqual(watch.writes(), [[`PUT /order/certificate/${stack.outs.orderId}/vmc`, wire(us)]]);
      assert.equal(stack.outs.drift, undefined);
      await watch.isAtRest(stack, stage.inputs());
    });
  });

  // "If the new order request does not include trademark information, the logo on the new order inherits the trademark
  // information that already exists for the logo."
  describe("that is pending, ordered without a trademark", () => {
    for (const orderInfoTrademark of ["fields", "markTypeData", "absent"] as const) {
      it(`inherits the trademark, which is no drift (${orderInfoTrademark})`, async () => {
        await stage.control.setSwitches({ orderInfoTrademark });
        const first = await theirs(us);
        const program = stage.inputs({ trademark: undefined });
        await stack.up(program);
        assert.deepEqual(await trademarkAt(stack.outs.orderId), us);
        await stack.refresh();
        assert.equal(stack.outs.drift, undefined);
        await watch.isAtRest(stack, program);

        await stage.scene.ok(204, "PUT", `/order/certificate/${first}/vmc`, wire(de));
        await stack.refresh();
        assert.equal(stack.outs.drift, undefined);
        await watch.isAtRest(stack, program);
        assert.deepEqual(await trademarkAt(stack.outs.orderId), de);
      });
    }
  });

  // "If the existing logo is approved, any trademark information in the new order request should match … Otherwise, the
  // API returns an error."
  describe("that is approved", () => {
    for (const trademarkMismatchError of ["400 invalid_trademark", "400 trademark_mismatch"] as const) {
      for (const orderInfoTrademark of ["fields", "markTypeData"] as const) {
        for (const orderInfoLogo of ["present", "absent"] as const) {
          it(`refuses an order with another trademark; the error shows the registered one (${[trademarkMismatchError, orderInfoTrademark, orderInfoLogo].join(", ")})`, async () => {
            await stage.control.setSwitches({ trademarkMismatchError, orderInfoTrademark, orderInfoLogo });
            const first = await theirs(us);
            await stage.control.approveLogo(first);
            const error = await failureOf(stack.up(stage.inputs({ trademark: de })));
            assert.match(error.message, new RegExp(trademarkMismatchError));
            assert.ok(
              error.message.includes(
                `The logo is registered at DigiCert with us A1234-B1234 (order ${first}), and declared here with de 30 2020 000 001. Declare the registered trademark, or use a logo of its own.`,
              ),
              error.message,
            );
            assert.equal(stack.stored, undefined);
            assert.equal((await stage.placed()).length, 1);
          });
        }
      }

      it(`refuses a change of a pending order's trademark too (${trademarkMismatchError})`, async () => {
        await stage.control.setSwitches({ trademarkMismatchError });
        await stack.up(stage.inputs());
        await stage.control.approveLogo(stack.outs.orderId);
        const before = structuredClone(stack.stored);
        await watch.fresh();
        const error = await failureOf(stack.up(stage.inputs({ trademark: de })));
        assert.deepEqual(watch.writes(), [[`PUT /order/certificate/${stack.outs.orderId}/vmc`, wire(de)]]);
        assert.match(error.message, /registered at DigiCert with us A1234-B1234 .*declared here with de 30 2020/);
        assert.deepEqual(stack.stored, before);
        assert.deepEqual(await trademarkAt(stack.outs.orderId), us);
        await watch.isAtRest(stack, stage.inputs());
      });
    }

    it("says DigiCert's words alone where order info tells no trademark", async () => {
      await stage.control.setSwitches({ orderInfoTrademark: "absent" });
      await stage.control.approveLogo(await theirs(us));
      const error = await failureOf(stack.up(stage.inputs({ trademark: de })));
      assert.match(error.message, /400 invalid_trademark.*does not match that of the approved logo/);
      assert.doesNotMatch(error.message, /is registered at DigiCert/);
    });

    it("takes an order with its trademark, or with none", async () => {
      await stage.control.approveLogo(await theirs(us));
      await stack.up(stage.inputs());
      const other = stage.vmc("none");
      await other.up(stage.inputs({ trademark: undefined }));
      await watch.isAtRest(stack, stage.inputs());
      await watch.isAtRest(other, stage.inputs({ trademark: undefined }));
    });
  });

  // "Changing these values updates the trademark information for all pending orders with the same logo."
  describe("and whose trademark changes", () => {
    for (const orderInfoLogo of ["present", "absent"] as const) {
      for (const orderInfoTrademark of ["fields", "markTypeData", "absent"] as const) {
        it(`names the other pending orders before the write (${orderInfoLogo}, ${orderInfoTrademark})`, async () => {
          await stage.control.setSwitches({ orderInfoLogo, orderInfoTrademark });
          const first = await theirs(us);
          const canceled = await theirs();
          await stack.up(stage.inputs());
          await stage.scene.ok(204, "PUT", `/order/certificate/${canceled}/status`, { status: "CANCELED", note: "x" });
          const changed = stage.inputs({ trademark: de });
          await watch.previews(stack, changed, "update");
          const [line] = watch.said(/updates trademark at DigiCert/);
          assert.ok(
            line?.includes(`(the trademark is also that of the pending orders with the same logo: ${first})`),
            line,
          );
          await stack.up(changed);
          assert.deepEqual(watch.writes(), [[`PUT /order/certificate/${stack.outs.orderId}/vmc`, wire(de)]]);
          assert.deepEqual(await trademarkAt(first), de);
          await watch.isAtRest(stack, changed);
        });
      }
    }

    for (const trademarkFieldNames of ["code", "any"] as const) {
      for (const updateVmcFields of ["trademark", "all"] as const) {
        it(`writes it where DigiCert takes ${updateVmcFields} under ${trademarkFieldNames}`, async () => {
          await stage.control.setSwitches({ trademarkFieldNames, updateVmcFields });
          await stack.up(stage.inputs());
          await stack.up(stage.inputs({ trademark: de }));
          assert.deepEqual(await trademarkAt(stack.outs.orderId), de);
          await watch.isAtRest(stack, stage.inputs({ trademark: de }));
        });
      }
    }

    it("fails with DigiCert's words where it takes hosting only; the state stays", async () => {
      await stage.control.setSwitches({ updateVmcFields: "hosting" });
      await stack.up(stage.inputs());
      const before = structuredClone(stack.stored);
      const error = await failureOf(stack.up(stage.inputs({ trademark: de })));
      assert.match(error.message, /DigiCert refused to .*\(400 .*trademark/s);
      assert.deepEqual(stack.stored, before);
      await watch.isAtRest(stack, stage.inputs());
    });

    it("is written to a new logo of the order, whose other orders keep theirs", async () => {
      const first = await theirs(us);
      await stack.up(stage.inputs());
      stage.writeLogo(svg("Another"), "another.svg");
      const changed = stage.inputs({ logo: "another.svg", trademark: de });
      await watch.previews(stack, changed, "update");
      await watch.fresh();
      await stack.up(changed);
      const { orderId } = stack.outs;
      assert.deepEqual(watch.writeCalls(), [
        `POST /order/certificate/${orderId}/vmc/encoded-logo`,
        `PUT /order/certificate/${orderId}/vmc`,
      ]);
      assert.deepEqual(watch.writes()[1]![1], wire(de));
      assert.deepEqual(await trademarkAt(orderId), de);
      assert.deepEqual(await trademarkAt(first), us);
      await watch.isAtRest(stack, changed);
      await stack.destroy();
      assert.equal((await stage.order(orderId)).status, "canceled");
    });
  });
});
