import assert from "node:assert/strict";
import { backoffMs, Pacer, retryAfterMs, sharedPacer, systemClock } from "../../../provider/certcentral/pacing";
import { RateLimit } from "../../../simulator/certcentral/rateLimit";
import { errors, FakeClock, failure, ScriptedServer } from "./support";

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
      assertPauses(clock.slept, [17_000]);
    });

    it("waits until Retry-After, by DigiCert's clock", async () => {
      const clock = new FakeClock();
      const headers = { Date: "Wed, 01 Dec 2032 10:00:00 GMT", "Retry-After": "Wed, 01 Dec 2032 10:00:42 GMT" };
      server.script(tooMany(headers), { json: {} });
      await server.client({ clock }).request(read);
      assertPauses(clock.slept, [42_000]);
    });

    it("waits longer each time without Retry-After, and shortly again after an answer", async () => {
      const clock = new FakeClock();
      const client = server.client({ clock });
      server.script(tooMany(), tooMany(), tooMany(), { json: {} });
      await client.request(read);
      server.script(tooMany(), { json: {} });
      await client.request(read);
      assertPauses(clock.slept, [5_000, 10_000, 20_000, 5_000]);
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
      assertPauses([clock.now() - started], [30_000]);
    });

    it("sends nothing again that must be looked up first; other writes are, since nothing was taken", async () => {
      const clock = new FakeClock();
      const write = { ...read, method: "POST", path: "/organization" } as const;
      server.script(tooMany(), { json: { id: 1 } });
      await assert.rejects(server.client({ clock }).request({ ...write, retry: "never" }), /429/);
      assert.equal(server.received.length, 1);
      server.script(tooMany(), tooMany(), { status: 500, json: errors("internal_server_error") }, { json: { id: 1 } });
      await assert.rejects(server.client({ clock }).request({ ...write, retry: "afterThrottling" }), /500/);
      assert.equal(server.received.length, 3);
    });

    it("gives up after six minutes, naming the limit", async () => {
      for (const headers of [undefined, { "Retry-After": "3600" }, { "Retry-After": "1" }]) {
        const clock = new FakeClock();
        const started = clock.now();
        server.script(tooMany(headers));
        const error = await failure(server.client({ clock }).request(read));
        assert.equal(error.kind, "throttled");
        assert.match(
          error.message,
          /429 request_limit_exceeded.*for over 6 minutes.*100 requests in 5 seconds and 1,000 in 3 minutes for each key: try again in some minutes, or use a key of its own/,
        );
        const minutes = (clock.now() - started) / 60_000;
        assert.ok(minutes >= 6 && minutes < 10.5, `${minutes} minutes`);
      }
    });

    it("tells a long wait once, however many requests wait, and no short one", async () => {
      const clock = new FakeClock();
      const said: number[] = [];
      const client = server.client({ clock, onLongWait: (ms) => said.push(ms) });
      server.script(tooMany(), { json: {} });
      await client.request(read);
      assert.deepEqual(said, []);
      server.script(tooMany({ "Retry-After": "60" }), { json: {} });
      await client.request(read);
      assertPauses(said, [60_000]);
      server.script(tooMany({ "Retry-After": "60" }), { json: {} });
      const first = client.request(read);
      await Promise.all([first, ...Array.from({ length: 20 }, () => client.request(read))]);
      assertPauses(said, [60_000, 60_000]);
    });

    it("counts a volley of 429s once", () => {
      const clock = new FakeClock();
      const pacer = new Pacer(clock, () => 0);
      for (let count = 0; count < 50; count++) pacer.pause();
      clock.advance(5_000);
      pacer.pause();
      const waiting = pacer.admit();
      assert.deepEqual(clock.slept, [10_000]);
      return waiting;
    });
  });

  /** Pauses are as long as asked, and up to a quarter longer: programs that were refused together return one by one. */
  function assertPauses(actual: number[], asked: number[]): void {
    assert.equal(actual.length, asked.length, `${actual}`);
    actual.forEach((ms, index) => {
      assert.ok(ms >= asked[index]! && ms <= asked[index]! * 1.25, `${ms} instead of ${asked[index]}`);
    });
  }

  /** Programs that use one key, each with a pacer of its own, in virtual time against DigiCert's real limits. */
  for (const [programs, requests] of [
    [2, 1_500],
    [4, 400],
    [2, 150],
  ] as const) {
    for (const isTold of [true, false]) {
      it(`lets ${programs} programs of ${requests} requests share a key, ${isTold ? "with" : "without"} Retry-After`, async () => {
        const clock = new FakeClock();
        const started = clock.now();
        const limit = new RateLimit();
        const all = { admitted: 0, refused: 0, most: 0 };
        const program = async () => {
          const pacer = new Pacer(clock);
          const request = async () => {
            for (let tries = 1; ; tries++) {
              await pacer.admit();
              await clock.sleep(50);
              const wait = limit.count("KEY", clock.now());
              all.most = Math.max(all.most, tries);
              if (wait === 0) break;
              all.refused++;
              pacer.pause(isTold ? wait * 1000 : undefined);
            }
            pacer.resume();
            all.admitted++;
          };
          // As many at a time as Pulumi does.
          const worker = async (count: number) => {
            for (let done = 0; done < count; done++) await request();
          };
          await Promise.all(Array.from({ length: 10 }, () => worker(requests / 10)));
        };
        await Promise.all(Array.from({ length: programs }, program));
        const total = programs * requests;
        assert.equal(all.admitted, total);
        // Of each program, what is under way at the first refusals is refused with it.
        assert.ok(all.refused <= total / 20 + 20 * programs, `${all.refused} of ${total} were refused`);
        assert.ok(all.most <= 5, `one was refused ${all.most - 1} times`);
        const minutes = (clock.now() - started) / 60_000;
        const least = 3 * Math.floor((total - 1) / 1_000);
        assert.ok(minutes <= least + 6, `it took ${minutes} minutes, where ${least} are the least`);
      });
    }
  }

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
