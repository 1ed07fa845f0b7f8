import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { encoded, Scene, svg, trademark } from "./certcentral";
import { exercised } from "./exercised";

const OTHER = { trademark_country_code: "gb", trademark_registration_number: "C1234-D1234" };
const SVG_XML = { "Content-Type": "image/svg+xml" };

describe("logos and trademarks", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene.stop());

  const markOf = async (orderId: number) => (await scene.info(orderId)).vmc.mark_type_data;

  it("validates logos without a key", async () => {
    const validate = (body: unknown, headers?: Record<string, string>) =>
      scene.call("PUT", `/util/validate-vmc-${headers ? "" : "encoded-"}logo`, body, { key: null, headers });
    assert.equal((await validate(svg(), SVG_XML)).status, 204);
    assert.equal((await validate({ logo: encoded() })).status, 204);
    const bare = Buffer.from(
      svg()
        .toString()
        .replace(/^<\?xml.*\n/, ""),
    );
    assert.equal((await validate(bare, { "Content-Type": "image/svg" })).status, 204);
    assert.equal((await validate(bare, SVG_XML)).json.errors[0].code, "mime_type_mismatch");

    const cases = [
      "<svg/>",
      "<svg",
      svg().toString().replace("tiny-ps", "full"),
      svg()
        .toString()
        .replace(/<title.*title>/, ""),
    ];
    for (const bad of cases) {
      const { status, json } = await validate({ logo: encoded(Buffer.from(bad)) });
      assert.equal(status, 400);
      assert.equal(json.errors[0].code, "invalid_vmc_logo");
      assert.match(json.errors[0].message, /\(line \d+, column \d+\)$/);
    }
    exercised("S1.validateLogo", "S1.rule.svgProfile");
    assert.equal((await validate({ logo: svg().toString("base64") })).status, 400);
    assert.equal((await validate({ logo: svg().toString() })).status, 400);
    exercised("S1.rule.logoEncoding", "S0.rule.logoEncoding", "S0.validateLogo");
    assert.ok(scene.simulator.journal.every(({ write }) => !write));
  });

  it("refuses an order with a logo that is none", async () => {
    const body = scene.body({ vmc: { logo: encoded(Buffer.from("<html/>")) } });
    await scene.refused("400 invalid_vmc_logo", "POST", "/order/certificate/vmc_basic", body);
  });

  it("uploads the SVG to a pending order and gives the same bytes back", async () => {
    const { id } = await scene.vmc({ vmc: undefined });
    const path = `/order/certificate/${id}/vmc/logo`;
    const reply = await scene.call("POST", path, svg(), { headers: SVG_XML });
    assert.equal(reply.status, 201);
    assert.deepEqual(Object.keys(reply.json), ["id", "organization_id"]);
    assert.equal(reply.json.organization_id, scene.simulator.account.organizationId);
    assert.equal(reply.json.id, (await scene.info(id)).vmc.logo_id);
    exercised("S1.uploadLogo", "S1.uploadLogo.body", "S1.uploadLogo.answer.id");
    exercised("S1.uploadLogo.answer.organization_id");
    assert.equal((await scene.call("POST", path, svg())).status, 415);
    exercised("S1.uploadLogo.contentType");

    const raw = await scene.call("GET", path, undefined, { headers: { Accept: "image/svg+xml" } });
    assert.equal(raw.headers.get("content-type"), "image/svg+xml");
    assert.equal(raw.text, svg().toString());
    const { logo } = await scene.ok(200, "GET", path);
    assert.deepEqual(gunzipSync(Buffer.from(logo, "base64")), svg());

    const encodedPath = `/order/certificate/${id}/vmc/encoded-logo`;
    const other = await scene.ok(201, "POST", encodedPath, { logo: encoded(svg("Other")) });
    assert.notEqual(other.id, reply.json.id);
    exercised("S1.uploadEncodedLogo", "S1.uploadEncodedLogo.logo");
    await scene.ok(204, "PUT", `/order/certificate/${id}/status`, { status: "CANCELED", note: "x" });
    await scene.refused("400 order_not_pending", "POST", encodedPath, { logo: encoded() });
    await scene.refused("404 not_found|order", "POST", "/order/certificate/1/vmc/encoded-logo", { logo: encoded() });
    exercised("S1.rule.uploadPending");
  });

  it("shares a pending logo: new trademark data reach every pending order, none inherits", async () => {
    const first = await scene.vmc();
    const inheriting = await scene.vmc({ vmc: { logo: encoded() } });
    assert.deepEqual(await markOf(inheriting.id), { country_code: "us", registration_number: "A1234-B1234" });
    exercised("S1.rule.logoInherits");
    await scene.vmc({ vmc: { logo: encoded(), ...OTHER } });
    const changed = { country_code: "gb", registration_number: "C1234-D1234" };
    assert.deepEqual(await markOf(first.id), changed);
    assert.deepEqual(await markOf(inheriting.id), changed);
    exercised("S1.rule.pendingLogoUpdates");

    const { id } = await scene.vmc({ vmc: undefined });
    const uploaded = await scene.call("POST", `/order/certificate/${id}/vmc/logo`, svg(), { headers: SVG_XML });
    assert.equal(uploaded.json.trademark_country_code, "gb");
    assert.equal(uploaded.json.trademark_registration_number, "C1234-D1234");
  });

  it("refuses other trademark data than those of an approved logo", async () => {
    const first = await scene.vmc();
    await scene.control.approveLogo(first.id);
    const path = "/order/certificate/vmc_basic";
    await scene.refused("400 invalid_trademark", "POST", path, scene.body({ vmc: { logo: encoded(), ...OTHER } }));
    await scene.vmc({ vmc: { logo: encoded(), ...trademark } });
    const inheriting = await scene.vmc({ vmc: { logo: encoded() } });
    assert.deepEqual(await markOf(inheriting.id), { country_code: "us", registration_number: "A1234-B1234" });
    await scene.refused("400 invalid_trademark", "PUT", `/order/certificate/${first.id}/vmc`, OTHER);
    exercised("S1.rule.approvedLogoMustMatch");
  });

  it("updates the trademark of all pending orders with the logo", async () => {
    const [one, two, different] = [
      await scene.vmc(),
      await scene.vmc(),
      await scene.vmc({ vmc: { logo: encoded(svg("B")), ...trademark } }),
    ];
    await scene.ok(204, "PUT", `/order/certificate/${one.id}/vmc`, OTHER);
    const changed = { country_code: "gb", registration_number: "C1234-D1234" };
    assert.deepEqual(await markOf(one.id), changed);
    assert.deepEqual(await markOf(two.id), changed);
    assert.deepEqual(await markOf(different.id), { country_code: "us", registration_number: "A1234-B1234" });
    exercised("S1.updateVmc", "S1.updateVmc.trademark_country_code", "S1.updateVmc.trademark_registration_number");
    exercised("S1.rule.updateSharesLogo");
    await scene.ok(204, "PUT", `/order/certificate/${one.id}/vmc`, { mark_type_data: { country_code: "de" } });
    assert.equal((await markOf(two.id)).country_code, "de");
    await scene.ok(204, "PUT", `/order/certificate/${one.id}/status`, { status: "canceled", note: "x" });
    await scene.refused("400 order_not_pending", "PUT", `/order/certificate/${one.id}/vmc`, OTHER);
    exercised("S1.rule.updatePending");
  });

  it("takes in an update what its generation of the endpoint takes", async () => {
    const { id } = await scene.vmc();
    const path = `/order/certificate/${id}/vmc`;
    await scene.ok(204, "PUT", path, { enable_hosting: 1 });
    assert.equal((await scene.info(id)).vmc.enable_hosting, true);
    await scene.control.setSwitches({ updateVmcFields: "hosting" });
    await scene.refused("400 unknown_parameter|trademark_country_code", "PUT", path, OTHER);
    await scene.ok(204, "PUT", path, { enable_hosting: "0" });
    assert.equal((await scene.info(id)).vmc.enable_hosting, false);
    await scene.control.setSwitches({ updateVmcFields: "trademark" });
    await scene.refused("400 unknown_parameter|enable_hosting", "PUT", path, { enable_hosting: 1 });
    await scene.ok(204, "PUT", path, OTHER);
  });
});
