import assert from "node:assert/strict";
import { type CertCentralClient, orders, requests } from "../../../provider/certcentral";
import { errors, FakeClock, type Reply, ScriptedServer } from "./support";

const hour = 3_600_000;
const time = Date.parse("2026-11-21T12:00:00Z");
const seconds = (ms: number) => String(ms / 1000);

describe("a clock that is not DigiCert's", () => {
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  /** A client that has read once, when DigiCert's clock was so far off this machine's, with more headers. */
  async function seen(off: number, headers: Record<string, string> = {}, clock = new FakeClock(time)) {
    const date = new Date(clock.now() - off).toUTCString();
    server.script({ json: {}, headers: { Date: date, ...headers } });
    const warnings: string[] = [];
    const client = server.client({ clock, warn: (message) => warnings.push(message) });
    await client.request({ method: "GET", path: "/user/me", action: "look", retry: "read" });
    return { client, warnings };
  }
  const writes: Record<string, (client: CertCentralClient) => Promise<unknown>> = {
    "an order": (client) =>
      orders.place(client, "vmc_basic", {
        certificate: { dns_names: ["example.com"] },
        organization: { id: 1 },
        order_validity: { years: 1 },
      }),
    "a reissue": (client) => orders.reissue(client, 7, { certificate: { dns_names: ["example.com"] } }),
    "an approval of an order": (client) => requests.updateStatus(client, 8, { status: "approved" }, { buys: true }),
  };
  const taken: Reply = { status: 201, json: { id: 7 }, headers: { Date: new Date(time).toUTCString() } };

  async function outcomes({ client }: { client: CertCentralClient }) {
    server.script(taken);
    const results = await Promise.allSettled(Object.values(writes).map((write) => write(client)));
    assert.equal(server.received.length, results.filter(({ status }) => status === "fulfilled").length);
    return results.map((result) => (result.status === "fulfilled" ? "sent" : (result.reason.message as string)));
  }
  const allSent = Object.keys(writes).map(() => "sent");

  for (const [off, says] of [
    [-48 * hour, "2 days behind"],
    [48 * hour, "2 days ahead of"],
    [-24.1 * hour, "24 hours behind"],
    [24.1 * hour, "24 hours ahead of"],
    [-40 * 365 * 24 * hour, "14600 days behind"],
  ] as const) {
    it(`buys nothing when it is ${says} it`, async () => {
      const said = await outcomes(await seen(off));
      for (const message of said) {
        assert.match(message, new RegExp(`^Nothing was sent to .*: this machine's clock is ${says} DigiCert's\\.`));
        assert.match(message, /Set the clock .*run this again/);
      }
      assert.match(said[0]!, /^Nothing was sent to place the VMC order for example\.com: /);
    });
  }

  it("buys while it is within a day", async () => {
    for (const off of [0, -23.9 * hour, 23.9 * hour]) assert.deepEqual(await outcomes(await seen(off)), allSent);
  });

  it("still reads, cancels and rejects: that costs nothing", async () => {
    const { client } = await seen(48 * hour);
    server.script({ status: 204 });
    await orders.cancel(client, 7, "no");
    await requests.updateStatus(client, 8, { status: "rejected" });
    assert.deepEqual(server.calls, ["PUT /order/certificate/7/status", "PUT /request/8/status"]);
  });

  it("buys again as soon as an answer shows that it is right", async () => {
    const clock = new FakeClock(time);
    const found = await seen(48 * hour, {}, clock);
    assert.notEqual((await outcomes(found))[0], "sent");
    server.script({ status: 404, json: errors("not_found|order"), headers: { Date: new Date(time).toUTCString() } });
    await orders.byAlternativeId(found.client, "x1");
    assert.deepEqual(await outcomes(found), allSent);
  });

  it("is also the one that the machine shows, when that was set while the process ran", async () => {
    const clock = Object.assign(new FakeClock(time), { wall: () => time - 48 * hour });
    assert.match((await outcomes(await seen(0, {}, clock)))[0]!, /2 days behind/);
  });

  for (const [what, date] of [
    ["garbage", "soon"],
    ["empty", ""],
  ] as const) {
    it(`is not compared with a Date that is ${what}: that is said, and does not fail`, async () => {
      const found = await seen(0, { Date: date });
      assert.equal(found.client.now().getTime(), time);
      assert.deepEqual(await outcomes(found), allSent);
      assert.match(found.warnings[0]!, /do not tell the time .*compared .* place the VMC order .*Check that the clock/);
    });
  }

  it("is remembered when later answers tell no time", async () => {
    const found = await seen(48 * hour);
    server.script({ json: {}, headers: { Date: "soon" } });
    await found.client.request({ method: "GET", path: "/user/me", action: "look", retry: "read" });
    assert.match((await outcomes(found))[0]!, /2 days ahead/);
  });

  describe("beside a simulator", () => {
    const ahead = (by: number) => ({ "X-Simulated-Ahead": seconds(by) });

    it("may have been moved with it, or not", async () => {
      for (const off of [0, -12 * hour, 12 * hour, -240 * hour, -263 * hour, -217 * hour]) {
        assert.deepEqual(await outcomes(await seen(off, ahead(240 * hour))), allSent, String(off));
      }
      assert.deepEqual(await outcomes(await seen(240 * hour, ahead(-240 * hour))), allSent);
    });

    it("must be as one or the other", async () => {
      for (const off of [48 * hour, -48 * hour, -192 * hour, -288 * hour]) {
        assert.match((await outcomes(await seen(off, ahead(240 * hour))))[0]!, /2 days/);
      }
      for (const broken of ["", "soon", "Infinity"]) {
        const said = await outcomes(await seen(48 * hour, { "X-Simulated-Ahead": broken }));
        assert.match(said[0]!, /2 days ahead/, broken);
      }
    });
  });
});
