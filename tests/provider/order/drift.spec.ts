import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { encoded } from "../../simulator/certcentral";
import { type Stack, Stage, svg } from "../support";
import { Watch } from "./watch";

const de = { trademark_country_code: "de", trademark_registration_number: "30" };

describe("what others did to an order", () => {
  let stage: Stage;
  let stack: Stack;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
    watch = new Watch(stage);
    await stack.up(stage.inputs());
    await watch.fresh();
  });
  afterEach(() => stage.stop());

  const path = () => `/order/certificate/${stack.outs.orderId}`;
  const issued = async () => {
    await stage.issue(stack.outs.orderId);
    await stack.up(stage.inputs());
    await watch.fresh();
  };
  /** A refresh, that it writes nothing, and that a second one changes nothing. */
  const refreshed = async () => {
    await watch.fresh();
    await stack.refresh();
    assert.deepEqual(watch.writes(), []);
    const { outs } = stack;
    await stack.refresh();
    assert.deepEqual(stack.outs, outs);
    return outs;
  };

  it("is nothing when nobody did anything", async () => {
    const before = structuredClone(stack.outs);
    assert.deepEqual(await refreshed(), before);
    await issued();
    const after = structuredClone(stack.outs);
    assert.deepEqual(await refreshed(), after);
  });

  describe("is not asked of one that is at rest", () => {
    it("so only a refresh shows it", async () => {
      await stage.scene.ok(201, "POST", `${path()}/vmc/encoded-logo`, { logo: encoded(svg("Theirs")) });
      await watch.previews(stack, stage.inputs(), "same");
      assert.deepEqual(watch.said(/./), []);
    });
  });

  for (const orderInfoLogo of ["present", "absent"] as const) {
    it(`its logo, while pending: the next update puts ours back, and says it before (${orderInfoLogo})`, async () => {
      await stage.control.setSwitches({ orderInfoLogo });
      await stage.scene.ok(201, "POST", `${path()}/vmc/encoded-logo`, { logo: encoded(svg("Theirs")) });
      const { drift, logoSha256 } = await refreshed();
      assert.match(
        drift.join(),
        new RegExp(`^logo: DigiCert has another one \\(SHA-256 \\w{64}\\), ordered was ${logoSha256}`),
      );
      await watch.previews(stack, stage.inputs(), "update");
      assert.deepEqual(watch.said(/./), [`order ${stack.outs.orderId}: updates logo at DigiCert.`]);
      assert.equal(await stack.up(stage.inputs()), "update");
      assert.deepEqual(watch.writeCalls(), [`POST ${path()}/vmc/encoded-logo`]);
      assert.deepEqual(gunzipSync(Buffer.from(watch.writes()[0]![1].logo, "base64")), svg());
      assert.equal(stack.outs.drift, undefined);
      await watch.isAtRest(stack, stage.inputs());
    });
  }

  for (const orderInfoTrademark of ["fields", "markTypeData"] as const) {
    it(`its trademark, while pending: the next update puts ours back, and says it before (${orderInfoTrademark})`, async () => {
      await stage.control.setSwitches({ orderInfoTrademark });
      await stage.scene.ok(204, "PUT", `${path()}/vmc`, de);
      assert.deepEqual((await refreshed()).drift, ["trademark: DigiCert has de 30, which is not what was declared"]);
      await watch.previews(stack, stage.inputs(), "update");
      assert.deepEqual(watch.said(/./), [`order ${stack.outs.orderId}: updates trademark at DigiCert.`]);
      await stack.up(stage.inputs());
      assert.deepEqual(watch.writes(), [
        [`PUT ${path()}/vmc`, { trademark_country_code: "us", trademark_registration_number: "A1234-B1234" }],
      ]);
      assert.equal(stack.outs.drift, undefined);
      await watch.isAtRest(stack, stage.inputs());
    });
  }

  it("its logo and trademark at once: both are put back by one update", async () => {
    await stage.scene.ok(201, "POST", `${path()}/vmc/encoded-logo`, { logo: encoded(svg("Theirs")) });
    await stage.scene.ok(204, "PUT", `${path()}/vmc`, de);
    assert.equal((await refreshed()).drift.length, 2);
    await stack.up(stage.inputs());
    assert.equal(stack.outs.drift, undefined);
    await watch.isAtRest(stack, stage.inputs());
  });

  it("is put back no more once they undid it themselves", async () => {
    await stage.scene.ok(204, "PUT", `${path()}/vmc`, de);
    await refreshed();
    await stage.scene.ok(204, "PUT", `${path()}/vmc`, {
      trademark_country_code: "us",
      trademark_registration_number: "A1234-B1234",
    });
    await watch.fresh();
    await stack.up(stage.inputs());
    assert.deepEqual(watch.writes(), []);
    assert.equal(stack.outs.drift, undefined);
  });

  it("its names, once issued: a reissue elsewhere is only said", async () => {
    await issued();
    await stage.scene.ok(201, "POST", `${path()}/reissue`, {
      certificate: { dns_names: ["example.com", "example.net"] },
      skip_approval: true,
    });
    await stage.control.approveDomain("example.net");
    const { drift } = await refreshed();
    assert.deepEqual(drift, [
      "dnsNames: the certificate covers example.com, example.net, which is not what was declared",
    ]);
    await watch.previews(stack, stage.inputs(), "same");
    assert.deepEqual(watch.said(/./), [`order ${stack.outs.orderId} differs at DigiCert: ${drift[0]}.`]);
    assert.equal(await stack.up(stage.inputs()), "same");
    assert.deepEqual(watch.writes(), []);
  });

  it("its renewal elsewhere, once issued, is only said", async () => {
    await issued();
    await stage.advance({ days: 310 });
    await stack.up(stage.inputs());
    await stage.scene.vmc({ renewal_of_order_id: stack.outs.orderId });
    const { drift, status } = await refreshed();
    assert.deepEqual([drift, status], [["renewal: another order renewed this one"], "issued"]);
    await watch.previews(stack, stage.inputs({ renewBefore: undefined }), "same");
    assert.equal(watch.said(/differs at DigiCert: renewal: another order renewed this one/).length, 1);
    assert.deepEqual(watch.writes(), []);
  });

  it("its renewal elsewhere, with renewBefore, is taken over when it is due", async () => {
    await issued();
    await stage.advance({ days: 350 });
    const { id } = await stage.scene.vmc({ renewal_of_order_id: stack.outs.orderId });
    const program = stage.inputs({ renewBefore: 60 });
    await refreshed();
    await watch.previews(stack, program, "update");
    assert.equal(
      watch.said(new RegExp(`was renewed already, by order ${id} \\(pending\\): that order is taken over`)).length,
      1,
    );
    await stack.up(program);
    assert.equal(stack.outs.orderId, id);
    assert.deepEqual(watch.writes(), []);
    await watch.isAtRest(stack, program);
  });

  it("renewalDue is no drift: a refresh keeps it", async () => {
    await issued();
    await stage.advance({ days: 350 });
    await stack.up(stage.inputs());
    assert.equal(stack.outs.renewalDue, true);
    await watch.isAtRest(stack, stage.inputs());
  });

  it("approving it, and issuing it", async () => {
    await stage.issue(stack.outs.orderId);
    const { status, certificateValidTill, orderValidTill, domains } = await refreshed();
    assert.equal(status, "issued");
    assert.match(certificateValidTill, /^\d{4}-\d\d-\d\d$/);
    assert.match(orderValidTill, /^\d{4}-\d\d-\d\d$/);
    assert.deepEqual(Object.keys(domains[0]).sort(), ["dnsName", "id", "name", "status", "token"]);
    await watch.isAtRest(stack, stage.inputs());
  });
});
