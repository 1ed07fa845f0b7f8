import assert from "node:assert/strict";
import { isSimulatorId } from "../../simulator";
import { type Json, Scene } from "./certcentral";
import { exercised } from "./exercised";

describe("keys, users and limits", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene.stop());

  it("answers who the key's user is, and the account", async () => {
    const { account } = scene.simulator;
    const me = await scene.ok(200, "GET", "/user/me");
    assert.deepEqual([me.id, me.account_id], [account.userId, account.id]);
    assert.deepEqual(me.access_roles, [{ id: 1, name: "Administrator" }]);
    const own = await scene.ok(200, "GET", "/account");
    assert.deepEqual([own.id, own.primary_organization_id], [account.id, account.organizationId]);
    assert.equal((await scene.ok(200, "GET", "/container")).containers[0].id, account.containerId);
    assert.equal((await scene.ok(200, "GET", "/user")).page.total, 1);
    assert.deepEqual(await scene.ok(200, "GET", "/account/metadata"), { metadata: [] });
    const { products } = await scene.ok(200, "GET", "/product");
    assert.deepEqual(
      products.map(({ name_id }: Json) => name_id),
      ["vmc_basic", "mark_certificate"],
    );
    assert.equal((await scene.ok(200, "GET", "/product/vmc_basic")).max_multi_year_order_validity_years, 3);
    await scene.refused("404 not_found|product", "GET", "/product/ssl_plus");
  });

  it("refuses a missing or wrong key, and paths and methods that do not exist", async () => {
    await scene.refused("403 access_denied|access_denied_invalid_key", "GET", "/user/me", undefined, null);
    await scene.refused("403 access_denied|access_denied_invalid_key", "GET", "/user/me", undefined, "wrong");
    await scene.refused("404 not_found|route", "GET", "/nothing");
    await scene.refused("404 not_found|route", "DELETE", "/user/me");
    const root = await fetch(`${new URL(scene.simulator.baseUrl).origin}/other`);
    assert.equal(root.status, 403);
  });

  it("lets a view-only key read and nothing else", async () => {
    const { apiKey } = await scene.control.addKey({ role: "view-only" });
    await scene.ok(200, "GET", "/organization", undefined, apiKey);
    const error = "403 access_denied|missing_permission";
    await scene.refused(error, "POST", "/order/certificate/vmc_basic", scene.body(), apiKey);
    await scene.refused(error, "PUT", `/organization/${scene.simulator.account.organizationId}/deactivate`, {}, apiKey);
  });

  it("lets a limited user see own orders only, and manage nothing", async () => {
    const { apiKey } = await scene.control.addKey({ role: "limited" });
    const order = await scene.vmc({ alternative_order_id: "abc" });
    await scene.refused("404 not_found|order", "GET", `/order/certificate/${order.id}`, undefined, apiKey);
    await scene.refused("404 not_found|order", "GET", "/order/alternate/abc", undefined, apiKey);
    const path = `/domain/${order.domains[0].id}/dcv/validate-token`;
    await scene.refused("403 access_denied|missing_permission", "PUT", path, undefined, apiKey);
    const own = await scene.ok(201, "POST", "/order/certificate/vmc_basic", scene.body(), apiKey);
    await scene.ok(200, "GET", `/order/certificate/${own.id}`, undefined, apiKey);
  });

  it("shows a user who is assigned to divisions what is in them and below them", async () => {
    const north = await scene.control.addContainer("North");
    const { apiKey } = await scene.control.addKey({ containerIds: [north] });
    const own = await scene.control.addOrganization({ name: "North llc", container: { id: north } });
    const order = await scene.vmc({ alternative_order_id: "abc" });
    const { organizationId } = scene.simulator.account;
    const me = await scene.ok(200, "GET", "/user/me", undefined, apiKey);
    assert.deepEqual([me.has_container_assignments, me.container_visibility.length, me.container.id], [true, 1, north]);
    const { organizations } = await scene.ok(200, "GET", "/organization", undefined, apiKey);
    assert.deepEqual(
      organizations.map(({ id }: Json) => id),
      [own],
    );
    const { containers } = await scene.ok(200, "GET", "/container", undefined, apiKey);
    assert.deepEqual(
      containers.map(({ id }: Json) => id),
      [north],
    );
    assert.equal((await scene.ok(200, "GET", "/order/certificate", undefined, apiKey)).page.total, 0);
    await scene.refused("404 not_found|order", "GET", "/order/alternate/abc", undefined, apiKey);
    const foreign: [string, string][] = [
      ["order", `/order/certificate/${order.id}`],
      ["domain", `/domain/${order.domains[0].id}`],
      ["organization", `/organization/${organizationId}`],
    ];
    for (const [what, path] of foreign) await scene.refused(`404 not_found|${what}`, "GET", path, undefined, apiKey);
    await scene.refused("404 not_found|organization", "POST", "/order/certificate/vmc_basic", scene.body(), apiKey);
    await scene.control.setSwitches({ otherDivision: "403" });
    for (const [, path] of foreign) {
      await scene.refused("403 access_denied|missing_permission", "GET", path, undefined, apiKey);
    }
    await scene.refused("404 not_found|order", "GET", "/order/certificate/1", undefined, apiKey);

    const { id } = await scene.ok(
      201,
      "POST",
      "/order/certificate/vmc_basic",
      scene.body({ organization: { id: own } }),
      apiKey,
    );
    assert.equal((await scene.ok(200, "GET", `/order/certificate/${id}`, undefined, apiKey)).container.id, north);
  });

  it("answers 404 for what another account has", async () => {
    const order = await scene.vmc({ alternative_order_id: "abc" });
    const { apiKey, accountId } = await scene.control.addAccount("Other");
    assert.notEqual(accountId, scene.simulator.account.id);
    const foreign: [string, string][] = [
      ["order", `/order/certificate/${order.id}`],
      ["order", "/order/alternate/abc"],
      ["certificate", `/certificate/${order.certificate_id}/download/format/pem_all`],
      ["domain", `/domain/${order.domains[0].id}`],
      ["organization", `/organization/${scene.simulator.account.organizationId}`],
      ["request", `/request/${order.requests[0].id}`],
    ];
    for (const [what, path] of foreign) {
      await scene.refused(`404 not_found|${what}`, "GET", path, undefined, apiKey);
    }
    assert.equal((await scene.ok(200, "GET", "/order/certificate", undefined, apiKey)).page.total, 0);
  });

  it("uses ids that tell simulators apart, in a range where DigiCert's never lie", async () => {
    const other = await Scene.start();
    try {
      assert.ok(isSimulatorId(scene.simulator.account.id) && isSimulatorId(other.simulator.account.id));
      assert.notEqual(scene.simulator.account.id, other.simulator.account.id);
      assert.ok(!isSimulatorId(137368279));
      const order = await scene.vmc();
      await other.refused("404 not_found|order", "GET", `/order/certificate/${order.id}`);
    } finally {
      await other.stop();
    }
  });

  it("takes 100 requests in 5 seconds per key, then answers 429", async () => {
    const calls = (count: number, key?: string) =>
      Promise.all(Array.from({ length: count }, () => scene.call("GET", "/account", undefined, { key })));
    const { apiKey } = await scene.control.addKey();
    assert.ok((await calls(100)).every(({ status }) => status === 200));
    const [over] = await calls(1);
    assert.equal(over!.status, 429);
    assert.deepEqual(over!.json.errors, [
      { code: "request_limit_exceeded", message: "Service unavailable, please limit request volume" },
    ]);
    assert.equal(over!.headers.get("retry-after"), null);
    await scene.control.setSwitches({ retryAfter: "present" });
    assert.match((await calls(1))[0]!.headers.get("retry-after")!, /^[1-5]$/);
    assert.equal((await calls(1, apiKey))[0]!.status, 200, "another key has its own limit");
  });

  it("answers ids as strings where that is switched on", async () => {
    await scene.control.setSwitches({ looseTypes: "strings" });
    const me = await scene.ok(200, "GET", "/user/me");
    assert.equal(me.account_id, String(scene.simulator.account.id));
    assert.equal(me.is_enterprise, "1");
  });

  it("answers DigiCert's error shape with every bad parameter at once", async () => {
    const { status, json } = await scene.call("POST", "/order/certificate/vmc_basic", { foo: 1 });
    assert.equal(status, 400);
    assert.deepEqual(json.errors.map(({ code }: Json) => code).sort(), [
      "missing_parameter|certificate",
      "missing_parameter|order_validity",
      "missing_parameter|organization",
      "unknown_parameter|foo",
    ]);
    exercised("S1.error");
  });
});
