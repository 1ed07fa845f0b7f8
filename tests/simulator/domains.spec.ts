import assert from "node:assert/strict";
import { type Json, Scene } from "./certcentral";
import { exercised } from "./exercised";

describe("domains of the account", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene.stop());

  const add = (changes: Json = {}) =>
    scene.ok(201, "POST", "/domain", {
      name: "www.example.com",
      organization: { id: scene.simulator.account.organizationId },
      validations: [{ type: "ov" }, { type: "ev" }],
      dcv_method: "dns-txt-token",
      ...changes,
    });

  it("are added, without www unless wanted", async () => {
    const { id, dcv_token } = await add();
    const info = await scene.ok(200, "GET", `/domain/${id}?include_dcv=true&include_validation=true`);
    assert.equal(info.name, "example.com");
    assert.deepEqual(info.dcv_token, dcv_token);
    assert.equal(info.validations.length, 2);
    assert.equal(info.organization.is_active, "1");
    await scene.refused("400 domain_already_exists", "POST", "/domain", {
      name: "example.com",
      organization: { id: scene.simulator.account.organizationId },
      validations: [{ type: "ev" }],
    });
    const kept = await add({ keep_www: true });
    assert.equal((await scene.ok(200, "GET", `/domain/${kept.id}`)).name, "www.example.com");
  });

  it("change their DCV method, with a new token", async () => {
    const { id, dcv_token } = await add();
    const path = `/domain/${id}/dcv/method`;
    const cname = await scene.ok(200, "PUT", path, { dcv_method: "dns-cname-token" });
    assert.notEqual(cname.dcv_token.token, dcv_token.token);
    assert.ok(cname.dcv_token.verification_value);
    const http = await scene.ok(200, "PUT", path, { dcv_method: "http-token" });
    assert.ok(http.dcv_token.http_token_url);
    const email = await scene.ok(200, "PUT", path, { dcv_method: "email" });
    assert.equal(email.validation_emails.base_emails.length, 5);
    await scene.refused("400 invalid_dcv_method", "POST", `/domain/${id}/dcv/token`);
    await scene.ok(204, "PUT", `/domain/${id}/dcv/emails`, { email_array: ["admin@example.com"] });
    const { dcv } = await scene.ok(200, "GET", `/domain/${id}?include_dcv=true`);
    assert.deepEqual(
      dcv.dcv_invitations.map((sent: Json) => sent.email),
      ["admin@example.com"],
    );
    await scene.refused("400 invalid_parameter|dcv_emails", "PUT", `/domain/${id}/dcv/emails`, {
      email_array: ["me@example.com"],
    });
    await scene.refused("400 invalid_parameter|dcv_method", "PUT", path, { dcv_method: "dns" });
    exercised("S0.changeDcvMethod");
  });

  it("are submitted again while still valid", async () => {
    const { id } = await add();
    await scene.control.approveDomain(id);
    const body = { validations: [{ type: "ev" }], dcv_method: "dns-txt-token" };
    const answer = await scene.ok(200, "POST", `/domain/${id}/validation`, body);
    assert.equal(answer.dcv_token.status, "pending");
    const info = await scene.ok(200, "GET", `/domain/${id}?include_validation=true`);
    assert.equal(info.is_pending_validation, true);
    assert.equal(info.validations[0].status, "active");
    await scene.control.setSwitches({ submitDomainAnswer: "empty" });
    await scene.ok(204, "POST", `/domain/${id}/validation`, body);
  });

  it("are listed, deactivated, activated and deleted", async () => {
    const { id } = await add();
    await scene.control.approveDomain(id);
    const { domains } = await scene.ok(200, "GET", "/domain?include_validation=true&filters[search]=exam");
    assert.deepEqual(
      domains.map((domain: Json) => [domain.id, domain.status]),
      [[id, "active"]],
    );
    await scene.ok(204, "PUT", `/domain/${id}/deactivate`);
    assert.equal((await scene.ok(200, "GET", `/domain/${id}`)).is_active, false);
    await scene.ok(204, "PUT", `/domain/${id}/activate`);
    await scene.ok(204, "DELETE", `/domain/${id}`);
    await scene.refused("404 not_found|domain", "GET", `/domain/${id}`);
    const order = await scene.vmc();
    await scene.refused("400 domain_in_use", "DELETE", `/domain/${order.domains[0].id}`);
  });
});

describe("the order-level DCV calls", () => {
  let scene: Scene;
  afterEach(() => scene.stop());

  it("are refused for mark certificates unless switched", async () => {
    scene = await Scene.start();
    const { id } = await scene.vmc();
    for (const call of ["dcv-method", "dcv-random-value", "check-dcv", "resend-emails"]) {
      await scene.refused("400 invalid_product", "PUT", `/order/certificate/${id}/${call}`, {});
    }
  });

  it("give one random value that proves every domain of the order", async () => {
    scene = await Scene.start({ switches: { orderDcvEndpoints: "answered" } });
    const names = ["a.example.com", "b.example.com"];
    const order = await scene.vmc({ certificate: { dns_names: names }, dcv_method: "email" });
    const path = `/order/certificate/${order.id}`;
    await scene.ok(204, "PUT", `${path}/resend-emails`, {});
    await scene.refused("400 invalid_dns_method", "PUT", `${path}/check-dcv`, {});
    const changed = await scene.ok(200, "PUT", `${path}/dcv-method`, { dcv_method: "dns-txt-token" });
    const again = await scene.ok(200, "PUT", `${path}/dcv-random-value`);
    assert.deepEqual(again, changed);
    await scene.publish("TXT", names[0]!, changed.dcv_random_value);
    const first = await scene.ok(200, "PUT", `${path}/check-dcv`);
    assert.equal(first.dcv_status, "pending");
    await scene.publish("TXT", names[1]!, changed.dcv_random_value);
    const second = await scene.ok(200, "PUT", `${path}/check-dcv`, { dns_names_validations: [names[1]] });
    assert.deepEqual(second.dns_name_validations, [{ dns_name: names[1], status: "approved" }]);
    assert.equal(second.certificate_id, order.certificate_id);
    await scene.refused("400 dcv_not_needed", "PUT", `${path}/dcv-random-value`);
  });

  it("come with a value in the order's answer where that is switched on", async () => {
    scene = await Scene.start({ switches: { orderRandomValue: "present" } });
    const { domains, dcv_random_value } = await scene.vmc({
      certificate: { dns_names: ["a.example.com", "b.example.com"] },
    });
    for (const { id, name } of domains) {
      await scene.publish("TXT", name, dcv_random_value);
      await scene.ok(200, "PUT", `/domain/${id}/dcv/validate-token`);
    }
  });
});
