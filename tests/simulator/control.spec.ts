import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verbs } from "../../simulator/controlServer";
import { Scene } from "./certcentral";

describe("the simulator's control", () => {
  let scene: Scene;
  let directory: string;
  beforeEach(async () => {
    scene = await Scene.start();
    directory = mkdtempSync(join(tmpdir(), "bimi-simulator-"));
  });
  afterEach(async () => {
    await scene.stop();
    rmSync(directory, { recursive: true });
  });

  async function post(verb: string, body?: unknown, type = "application/json") {
    const response = await fetch(`${scene.simulator.controlUrl}/${verb}`, {
      method: "POST",
      headers: { "Content-Type": type },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as { result?: unknown; error?: string }) };
  }

  it("has a verb for each of its methods", () => {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(scene.control));
    const inner = ["constructor", "change", "order", "organization", "request", "domain"];
    assert.deepEqual(Object.keys(verbs).sort(), methods.filter((name) => !inner.includes(name)).sort());
  });

  it("works over HTTP as in process", async () => {
    const order = await scene.vmc();
    assert.deepEqual((await post("missing", { orderId: order.id })).result, await scene.control.missing(order.id));
    await post("approveDomain", { domain: "example.com" });
    assert.equal((await post("vet", { orderId: order.id })).status, 200);
    assert.equal((await scene.info(order.id)).status, "issued");
    const before = Date.parse(String((await post("now")).result));
    const after = Date.parse(String((await post("advance", { days: 1, hours: 1 })).result));
    assert.ok(Math.abs(after - before - 25 * 3_600_000) < 1000);
    const key = (await post("addKey", { role: "view-only" })).result as { apiKey: string };
    await scene.ok(200, "GET", "/account", undefined, key.apiKey);
    await post("removeKey", key);
    await scene.refused("403 access_denied|access_denied_invalid_key", "GET", "/account", undefined, key.apiKey);
    const dump = JSON.stringify((await post("dump")).result);
    assert.ok(dump.includes(String(order.id)) && !dump.includes(scene.simulator.apiKey));
    assert.ok(((await post("journal")).result as unknown[]).length > 0);
    await post("clearJournal");
    assert.equal(scene.simulator.journal.length, 0);
  });

  it("issues one wrong certificate when told, and a right one after it", async () => {
    const order = await scene.vmc();
    await post("misissue", { orderId: order.id, dnsNames: ["wrong.example"] });
    await scene.issue(order);
    await scene.ok(201, "POST", `/order/certificate/${order.id}/reissue`, {
      certificate: { dns_names: ["example.com"] },
      skip_approval: true,
    });
    await scene.control.tick();
    const { certificates } = (await scene.control.dump()).certcentral;
    const names = certificates.map(({ issued }) => new X509Certificate(issued!.leafPem).subjectAltName);
    assert.deepEqual(names, ["DNS:wrong.example", "DNS:example.com"]);
  });

  it("says what is wrong", async () => {
    assert.match((await post("fly")).error!, /No verb fly/);
    assert.match((await post("vet", {})).error!, /orderId must be an id/);
    assert.match((await post("vet", { orderId: 1 })).error!, /There is no order 1/);
    assert.match((await post("setSwitches", { cnameForm: "x" })).error!, /cnameForm cannot be "x"/);
    assert.match((await post("now", {}, "text/plain")).error!, /application\/json/);
    assert.match((await post("advance", { seconds: -1 })).error!, /only moves forward/);
  });

  it("writes every call into the journal, reads and writes told apart, without secrets", async () => {
    await scene.vmc();
    await scene.ok(200, "GET", "/account");
    const [order, read] = scene.simulator.journal.slice(-2);
    assert.deepEqual(
      [order!.service, order!.method, order!.path, order!.status, order!.write],
      ["certcentral", "POST", "/order/certificate/vmc_basic", 201, true],
    );
    assert.equal((order!.request as { dcv_method: string }).dcv_method, "dns-txt-token");
    assert.ok((order!.response as { id: number }).id);
    assert.deepEqual([read!.method, read!.write], ["GET", false]);
    assert.match(read!.keyId!, /^\d+$/);
    await scene.publish("TXT", "example.com", "x");
    assert.deepEqual(
      [scene.simulator.journal.at(-1)!.service, scene.simulator.journal.at(-1)!.write],
      ["cloudflare", true],
    );
    assert.ok(!JSON.stringify(scene.simulator.journal).includes(scene.simulator.apiKey));
  });

  it("journals DNS queries where asked", async () => {
    await scene.stop();
    scene = await Scene.start({ journalDns: true });
    const [{ id }] = (await scene.vmc()).domains;
    await scene.call("PUT", `/domain/${id}/dcv/validate-token`);
    const queries = scene.simulator.journal.filter(({ service }) => service === "dns").map(({ path }) => path);
    assert.ok(queries.includes("example.com TXT") && queries.includes("_dnsauth.example.com TXT"));
  });

  it("keeps its state in a file and goes on from there", async () => {
    await scene.stop();
    const stateFile = join(directory, "state.json");
    scene = await Scene.start({ stateFile });
    const { apiKey, account } = scene.simulator;
    const order = await scene.vmc({ alternative_order_id: "keep1" });
    await scene.publish("TXT", "example.com", order.domains[0].dcv_token.token);
    await scene.control.advance({ days: 3 });
    await scene.stop();
    assert.equal(statSync(stateFile).mode & 0o777, 0o600);
    assert.equal(JSON.parse(readFileSync(stateFile, "utf8")).certcentral.orders.length, 1);

    scene = await Scene.start({ stateFile });
    assert.deepEqual([scene.simulator.apiKey, scene.simulator.account], [apiKey, account]);
    assert.ok(Date.parse(await scene.control.now()) > Date.now() + 2.9 * 86_400_000);
    assert.equal((await scene.ok(200, "GET", "/order/alternate/keep1")).orders[0].order_id, order.id);
    await scene.ok(200, "PUT", `/domain/${order.domains[0].id}/dcv/validate-token`);
    await scene.control.vet(order.id);
    assert.equal((await scene.info(order.id)).status, "issued");
  });

  it("starts at a chosen time, with a chosen key", async () => {
    await scene.stop();
    scene = await Scene.start({ startAt: new Date("2030-01-01T00:00:00Z"), apiKey: "MYKEY" });
    const reply = await scene.call("GET", "/account", undefined, { key: "MYKEY" });
    assert.equal(reply.status, 200);
    assert.match(reply.headers.get("date")!, /^Tue, 01 Jan 2030 00:00/);
  });
});
