import assert from "node:assert/strict";
import { backoffMs, Pacer, retryAfterMs, sharedPacer, systemClock } from "../../../provider/certcentral/pacing";
import { errors, FakeClock, ScriptedServer } from "./support";

describe("CertCentral pacing", () => {
  /** The most requests in any rolling window. */
  const busiest = (times: number[], windowMs: number): number =>
    Math.max(...times.map((start) => times.filter((time) => time >= start && time < start + windowMs).length));

  it("stays under 100 requests in 5 seconds and 1,000 in 3 minutes, and is not much slower", async () => {
    const clock = new FakeClock();
    const pacer = new Pacer(clock);
    const started = clock.now();
    const times: number[] = [];
    for (let count = 0; count < 2_500; count++) {
      await pacer.admit();
      times.push(clock.now());
    }
    assert.ok(busiest(times, 5_000) < 100);
    assert.ok(busiest(times, 180_000) < 1_000);
    assert.ok(clock.now() - started < 2.5 * 182_000);
  });

  it("holds for requests that come all at once", async () => {
    const clock = new FakeClock();
    const pacer = new Pacer(clock);
    const times: number[] = [];
    const admitted = Array.from({ length: 400 }, () => pacer.admit().then(() => times.push(clock.now())));
    await Promise.all(admitted);
    assert.equal(times.length, 400);
    assert.ok(busiest(times, 5_000) < 100);
  });

  it("lets the first ones through at once", async () => {
    const clock = new FakeClock();
    const pacer = new Pacer(clock);
    for (let count = 0; count < 90; count++) await pacer.admit();
    assert.deepEqual(clock.slept, []);
  });

  it("is shared by the clients of one server and key, and by no others", () => {
    const clock = new FakeClock();
    const pacer = sharedPacer(clock, "https://www.digicert.com", "KEY");
    assert.equal(sharedPacer(clock, "https://www.digicert.com", "KEY"), pacer);
    assert.notEqual(sharedPacer(clock, "https://www.digicert.com", "OTHER"), pacer);
    assert.notEqual(sharedPacer(clock, "https://certcentral.digicert.eu", "KEY"), pacer);
    assert.notEqual(sharedPacer(new FakeClock(), "https://www.digicert.com", "KEY"), pacer);
  });

  it("lets a waiting request be canceled, and counts it not", async () => {
    const pacer = new Pacer(systemClock);
    pacer.pause(60_000);
    const abort = new AbortController();
    const waiting = pacer.admit(abort.signal);
    abort.abort(new Error("enough"));
    await assert.rejects(waiting, /enough/);
  });

  describe("after a 429", () => {
    let server: ScriptedServer;
    const read = { method: "GET", path: "/user/me", action: "look up whose key this is", retry: "read" } as const;
    const tooMany = (headers?: Record<string, string>) => ({
      status: 429,
      json: errors("request_limit_exceeded"),
      ...(headers === undefined ? {} : { headers }),
    });

    before(async () => {
      server = await new ScriptedServer().start();
    });
    after(() => server.stop());

    it("waits as long as Retry-After says, in seconds", async () => {
      const clock = new FakeClock();
      server.script(tooMany({ "Retry-After": "17" }), { json: {} });
      await server.client({ clock }).request(read);
      assert.deepEqual(clock.slept, [17_000]);
    });

    it("waits until Retry-After, by DigiCert's clock", async () => {
      const clock = new FakeClock();
      const headers = { Date: "Wed, 01 Dec 2032 10:00:00 GMT", "Retry-After": "Wed, 01 Dec 2032 10:00:42 GMT" };
      server.script(tooMany(headers), { json: {} });
      await server.client({ clock }).request(read);
      assert.deepEqual(clock.slept, [42_000]);
    });

    it("waits longer each time without Retry-After, and shortly again after an answer", async () => {
      const clock = new FakeClock();
      const client = server.client({ clock });
      server.script(tooMany(), tooMany(), tooMany(), { json: {} });
      await client.request(read);
      assert.deepEqual(clock.slept, [5_000, 10_000, 20_000]);
      server.script(tooMany(), { json: {} });
      await client.request(read);
      assert.equal(clock.slept.at(-1), 5_000);
    });

    it("holds back the other requests of the key, an order too, but not another key's", async () => {
      const clock = new FakeClock();
      const started = clock.now();
      server.script(tooMany({ "Retry-After": "30" }), { json: { id: 1 } });
      const order = { ...read, method: "POST", retry: "never" } as const;
      await assert.rejects(server.client({ clock }).request(order));
      assert.equal(server.received.length, 1);
      await server.client({ clock, apiKey: "OTHER" }).request(read);
      assert.equal(clock.now(), started);
      await server.client({ clock }).request(order);
      assert.equal(clock.now(), started + 30_000);
    });

    it("counts a volley of 429s once", () => {
      const clock = new FakeClock();
      const pacer = new Pacer(clock);
      for (let count = 0; count < 50; count++) pacer.pause();
      clock.advance(5_000);
      pacer.pause();
      const waiting = pacer.admit();
      assert.deepEqual(clock.slept, [10_000]);
      return waiting;
    });
  });

  it("reads Retry-After as seconds or as a date", () => {
    const now = Date.parse("2026-11-21T12:00:00Z");
    assert.equal(retryAfterMs("0", now), 0);
    assert.equal(retryAfterMs("120", now), 120_000);
    assert.equal(retryAfterMs("Sat, 21 Nov 2026 12:00:05 GMT", now), 5_000);
    assert.equal(retryAfterMs("Sat, 21 Nov 2026 11:00:00 GMT", now), 0);
    assert.equal(retryAfterMs("later", now), undefined);
    assert.equal(retryAfterMs("-5", now), undefined);
    assert.equal(retryAfterMs("", now), undefined);
    assert.equal(retryAfterMs(undefined, now), undefined);
  });

  it("backs off exponentially, of which a half is random, at most 30 seconds", () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((attempt) => backoffMs(attempt, 1)),
      [1_000, 2_000, 4_000, 8_000],
    );
    assert.deepEqual(
      [1, 2, 3, 4].map((attempt) => backoffMs(attempt, 0)),
      [500, 1_000, 2_000, 4_000],
    );
    assert.equal(backoffMs(12, 1), 30_000);
  });
});
