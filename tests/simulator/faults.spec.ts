import assert from "node:assert/strict";
import type { Fault } from "../../simulator";
import { Scene, ZONE } from "./certcentral";

const ORDER = "/order/certificate/vmc_basic";

describe("faults", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene.stop());

  const play = (fault: Omit<Fault, "match">) =>
    scene.control.fault({ match: { method: "POST", path: "^/order/certificate/" }, ...fault });
  const place = () => scene.call("POST", ORDER, scene.body({ alternative_order_id: "a1" }));
  const placed = async () => {
    const { orders } = (await scene.call("GET", "/order/alternate/a1")).json;
    return orders?.length ?? 0;
  };

  it("leave key and card out of the journal, whatever an answer repeats", async () => {
    const card = {
      number: "4111 1111 1111 1111",
      expiration_month: 11,
      expiration_year: 2031,
      cvv: 867,
      cardholder_name: "Ada B. C.",
    };
    const { apiKey } = scene.simulator;
    const echoes = `${apiKey}: 4111-1111-1111-1111 of Ada B. C., CVV 867, not 8670 nor a867`;
    const billing_address = { address: "1 Main Street", city: "Lehi", country: "us" };
    const body = scene.body({ payment_method: "card", credit_card: card, billing_address });
    await play({ kind: "status", status: 400, body: JSON.stringify({ errors: [{ code: "x", message: echoes }] }) });
    await scene.call("POST", ORDER, body);
    await play({ kind: "not-json", body: echoes });
    await scene.call("POST", ORDER, body);
    await scene.call("POST", ORDER, JSON.stringify(body).slice(0, -1));
    await scene.control.fault({ match: { method: "GET", path: "^/user" }, kind: "not-json", body: echoes });
    await scene.call("GET", "/user/me");
    await scene.ok(201, "POST", ORDER, body);
    const journal = JSON.stringify(scene.simulator.journal);
    assert.equal(scene.simulator.journal.length, 5);
    assert.match(journal, /not 8670 nor a867/);
    for (const secret of [apiKey, "4111", "Ada B", "CVV 867", '"cvv":867'])
      assert.ok(!journal.includes(secret), `${secret} in ${journal}`);
  });

  it("lose the answer after the order was placed", async () => {
    await play({ kind: "reset-after-commit" });
    await assert.rejects(place());
    assert.equal(await placed(), 1);
    const entry = scene.simulator.journal.find(({ fault }) => fault)!;
    assert.deepEqual([entry.path, entry.status, entry.fault], [ORDER, 0, "reset-after-commit"]);
    assert.equal((await place()).status, 201, "hits once");
  });

  it("drop the connection before anything happened", async () => {
    await play({ kind: "reset-before", times: 2 });
    await assert.rejects(place());
    await assert.rejects(place());
    assert.equal(await placed(), 0);
    assert.equal((await place()).status, 201);
  });

  it("answer a status before or after the commit", async () => {
    await play({ kind: "status", status: 502 });
    const before = await place();
    assert.equal(before.status, 502);
    assert.equal(before.json.errors[0].code, "internal_server_error");
    assert.equal(await placed(), 0);
    await play({ kind: "status", status: 500, commit: true });
    assert.equal((await place()).status, 500);
    assert.equal(await placed(), 1);
    await play({ kind: "status", status: 400, code: "invalid_organization" });
    assert.equal((await place()).json.errors[0].code, "invalid_organization");
  });

  it("never answer", async () => {
    await play({ kind: "timeout", commit: true });
    const signal = AbortSignal.timeout(1000);
    const { baseUrl, apiKey } = scene.simulator;
    const headers = { "X-DC-DEVKEY": apiKey, "Content-Type": "application/json" };
    const body = JSON.stringify(scene.body({ alternative_order_id: "a1" }));
    await assert.rejects(fetch(baseUrl + ORDER, { method: "POST", headers, body, signal }), { name: "TimeoutError" });
    assert.equal(await placed(), 1);
  });

  it("carry a call out long after its client gave up", async () => {
    await play({ kind: "timeout", commitAfter: 90 });
    const { baseUrl, apiKey } = scene.simulator;
    const headers = { "X-DC-DEVKEY": apiKey, "Content-Type": "application/json" };
    const body = JSON.stringify(scene.body({ alternative_order_id: "a1" }));
    const signal = AbortSignal.timeout(500);
    await assert.rejects(fetch(baseUrl + ORDER, { method: "POST", headers, body, signal }), { name: "TimeoutError" });
    await scene.control.advance({ seconds: 80 });
    assert.equal(await placed(), 0);
    await scene.control.advance({ seconds: 10 });
    assert.equal(await placed(), 1);
    const entry = scene.simulator.journal.find(({ fault }) => fault)!;
    assert.deepEqual([entry.status, entry.carriedOut], [0, 201]);
  });

  it("answer late", async () => {
    await play({ kind: "delay", milliseconds: 150 });
    const start = Date.now();
    assert.equal((await place()).status, 201);
    assert.ok(Date.now() - start >= 145);
  });

  it("cut the answer, or answer a page", async () => {
    await play({ kind: "truncated" });
    await assert.rejects(place());
    assert.equal(await placed(), 1);
    await play({ kind: "not-json" });
    const page = await place();
    assert.deepEqual([page.status, page.json, page.headers.get("content-type")], [503, undefined, "text/html"]);
    assert.equal(await placed(), 1);
  });

  it("throttle, with and without Retry-After", async () => {
    await play({ kind: "throttle" });
    await play({ kind: "throttle", retryAfter: 7 });
    assert.equal((await place()).headers.get("retry-after"), null);
    const second = await place();
    assert.deepEqual([second.status, second.headers.get("retry-after")], [429, "7"]);
    assert.equal(await placed(), 0);
  });

  it("hide a placed order from the look-up for a while", async () => {
    await scene.control.fault({ kind: "lookup-empty", seconds: 60 });
    assert.equal((await place()).status, 201);
    assert.equal(await placed(), 0);
    assert.equal(await placed(), 0);
    await scene.control.advance({ seconds: 61 });
    assert.equal(await placed(), 1);
  });

  it("let every read lag behind for a while", async () => {
    const { id } = (await place()).json;
    await scene.control.fault({ kind: "stale", seconds: 60 });
    await scene.ok(204, "PUT", `/order/certificate/${id}/status`, { status: "CANCELED", note: "Not needed." });
    await scene.ok(201, "POST", ORDER, scene.body({ alternative_order_id: "a2" }));
    assert.equal((await scene.info(id)).status, "pending");
    assert.equal((await scene.ok(200, "GET", "/order/certificate")).orders.length, 1);
    await scene.control.advance({ seconds: 61 });
    assert.equal((await scene.info(id)).status, "canceled");
    assert.equal((await scene.ok(200, "GET", "/order/certificate")).orders.length, 2);
  });

  it("hit the call with a certain body, and tell what became of it", async () => {
    await play({ kind: "reset-after-commit", match: { body: '"a2"' } } as Fault);
    assert.equal((await place()).status, 201);
    await assert.rejects(scene.call("POST", ORDER, scene.body({ alternative_order_id: "a2" })));
    assert.deepEqual(
      scene.simulator.journal.map(({ status, carriedOut }) => [status, carriedOut]),
      [
        [201, undefined],
        [0, 201],
      ],
    );
  });

  it("last until cleared with times 0", async () => {
    await play({ kind: "status", times: 0 });
    for (let i = 0; i < 3; i++) assert.equal((await place()).status, 500);
    await scene.control.clearFaults();
    assert.equal((await place()).status, 201);
  });

  it("reach Cloudflare's API too", async () => {
    await scene.control.fault({ service: "cloudflare", kind: "status", status: 503 });
    const { cloudflareUrl, cloudflareToken } = scene.simulator;
    const list = () =>
      fetch(`${cloudflareUrl}/zones/${ZONE}/dns_records`, { headers: { Authorization: `Bearer ${cloudflareToken}` } });
    assert.equal((await list()).status, 503);
    assert.equal((await list()).status, 200);
  });

  it("of no known kind are refused", async () => {
    await assert.rejects(scene.control.fault({ kind: "explode" as never }), /No fault explode/);
  });
});
