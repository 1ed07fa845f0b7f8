import assert from "node:assert/strict";
import type { Lifecycle, Props } from "../../../provider/lifecycle";
import { markCertificate } from "../../../provider/resources/markCertificate";
import { type Json, Stage } from "../support";

const count = 200;

describe(`${count} mark certificates in one process`, function () {
  this.timeout(120_000);

  interface Stored {
    id: string;
    inputs: Props & { order: { orderId: number } };
    outs: Props;
  }
  let stage: Stage;
  let stored: Stored[];

  /** One process of the provider. DigiCert's rate limits are by key and in real time: each process has its own. */
  const inOneProcess = async (work: (lifecycle: Lifecycle) => Promise<unknown>) => {
    stage.settings = { ...stage.settings, apiKey: (await stage.control.addKey()).apiKey };
    const context = stage.context();
    await work(markCertificate(() => context));
  };
  const update = async (chosen: Stored[]) => {
    for (let n = 0; n < chosen.length; n += 20) {
      await inOneProcess((lifecycle) =>
        Promise.all(
          chosen.slice(n, n + 20).map(async (own) => {
            const { outs } = own.outs.orderId
              ? await lifecycle.update(own.id, own.outs, own.inputs)
              : await lifecycle.create(own.inputs);
            own.outs = JSON.parse(JSON.stringify(outs));
          }),
        ),
      );
    }
  };
  /** What one preview of all plans to update. */
  const preview = async (): Promise<Stored[]> => {
    const changed: Stored[] = [];
    await stage.forgetCalls();
    await inOneProcess(async (lifecycle) => {
      for (const own of stored) {
        await lifecycle.check(own.inputs, own.inputs);
        if ((await lifecycle.diff(own.id, own.outs, own.inputs)).changes) changed.push(own);
      }
    });
    assert.deepEqual(stage.writes(), []);
    return changed;
  };
  const atLeast = ["GET /user/me", "GET /order/certificate"];
  const pathOf = ({ inputs }: Stored) => `/order/certificate/${inputs.order.orderId}`;

  before(async () => {
    stage = await Stage.start();
    stored = [];
    let key = "";
    for (let n = 0; n < count; n++) {
      if (n % 80 === 0) key = (await stage.control.addKey()).apiKey;
      const body = stage.scene.body();
      const placed: Json = await stage.scene.ok(201, "POST", "/order/certificate/vmc_basic", body, key);
      const order = {
        orderId: placed.id,
        certificateId: placed.certificate_id,
        dnsNames: ["example.com"],
        domainIds: placed.domains.map(({ id }: Json) => id),
      };
      const inputs = {
        order,
        logoUrl: "https://example.com/logo.svg",
        certificateUrl: `https://example.com/${placed.id}.pem`,
      };
      stored.push({ id: `mark-certificate-${placed.id}`, inputs, outs: {} });
    }
    await stage.control.approveDomain("example.com");
    await update(stored);
    await stage.advance({ minutes: 10 });
  });
  after(() => stage.stop());

  it("pending: a preview asks for the account and for the open orders", async () => {
    assert.deepEqual(await preview(), []);
    assert.deepEqual(stage.calls(), atLeast);
  });

  it("pending, of which some changed: it asks about these, too", async () => {
    const changed = stored.slice(10, 13);
    for (const { inputs } of changed) await stage.control.rejectOrder(inputs.order.orderId);
    assert.deepEqual(await preview(), changed);
    assert.deepEqual(stage.calls(), [...atLeast, ...changed.map((own) => `GET ${pathOf(own)}`)]);
    await update(changed);
    assert.deepEqual(await preview(), []);
    assert.deepEqual(stage.calls(), atLeast);
  });

  it("pending, of which some are due: it asks how far these are", async () => {
    await stage.advance({ hours: 7 });
    await update(stored.slice(20));
    assert.deepEqual(await preview(), []);
    const due = [...stored.slice(0, 10), ...stored.slice(13, 20)];
    assert.deepEqual(stage.calls(), [...atLeast, ...due.map((own) => `GET ${pathOf(own)}/validation`)]);
  });

  it("at rest, issued or dead: nothing is asked", async () => {
    const few = stored.slice(0, 20);
    await stage.control.vetOrganization(stage.organizationId);
    await stage.control.approveLogo(few[0]!.inputs.order.orderId);
    for (const { inputs } of few) await stage.control.verifyContact(inputs.order.orderId);
    await update(few);
    assert.equal(few.filter(({ outs }) => outs.status === "issued").length, 17);
    stored = Array.from({ length: count }, (_, n) => few[n % few.length]!);
    for (const days of [0, 300]) {
      await stage.advance({ days });
      assert.deepEqual(await preview(), []);
      assert.deepEqual(stage.calls(), []);
    }
  });
});
