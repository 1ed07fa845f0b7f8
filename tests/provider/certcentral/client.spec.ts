import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import * as https from "node:https";
import * as net from "node:net";
import * as path from "node:path";
import { inspect } from "node:util";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { BASE_URL_EU, BASE_URL_US, CertCentralClient, logos, systemClock } from "../../../provider/certcentral";
import { errors, FakeClock, failure, ScriptedServer } from "./support";

describe("CertCentral client", () => {
  let server: ScriptedServer;
  const read = { method: "GET", path: "/user/me", action: "look up whose key this is", retry: "read" } as const;
  const order = {
    method: "POST",
    path: "/order/certificate/vmc_basic",
    json: { certificate: { dns_names: ["example.com"] } },
    action: "place the VMC order",
    retry: "never",
  } as const;
  const cancel = {
    method: "PUT",
    path: "/order/certificate/7/status",
    json: { status: "CANCELED" },
    action: "cancel order 7",
    retry: "idempotent",
  } as const;

  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  describe("sends", () => {
    it("the key, a user agent with the package's version, the body's type and length", async () => {
      server.script({ status: 201, json: { id: 1 } });
      await server.client({ apiKey: " ABC123\n" }).request(order);
      const [request] = server.received;
      const { version } = JSON.parse(readFileSync(path.join(process.cwd(), "package.json"), "utf8"));
      assert.equal(request?.headers["x-dc-devkey"], "ABC123");
      assert.equal(request?.headers["user-agent"], `pulumi-bimi/${version}`);
      assert.equal(request?.headers["content-type"], "application/json");
      assert.equal(request?.headers["content-length"], String(JSON.stringify(order.json).length));
      assert.equal(request?.headers.accept, "application/json");
      assert.equal(request?.path, "/services/v2/order/certificate/vmc_basic");
      assert.deepEqual(JSON.parse(String(request?.body)), order.json);
    });

    it("a length of 0 with a write that has no body", async () => {
      server.script({ status: 204 });
      await server.client().request({ ...cancel, json: undefined });
      assert.equal(server.received[0]?.headers["content-length"], "0");
    });

    it("query values encoded, without those that are undefined", async () => {
      server.script({ json: {} });
      await server.client().request({ ...read, query: { "filters[status]": "a&b", limit: 5, sort: undefined } });
      assert.deepEqual(
        [...(server.received[0]?.query ?? [])],
        [
          ["filters[status]", "a&b"],
          ["limit", "5"],
        ],
      );
    });

    it("no key to the logo validators, and needs none for them", async () => {
      server.script({ status: 204 });
      await logos.validate(server.client({ apiKey: "" }), Buffer.from("<svg/>"));
      await logos.validate(server.client(), Buffer.from('<?xml version="1.0"?><svg/>'));
      await logos.validateEncoded(server.client(), "H4sI");
      assert.deepEqual(server.calls, [
        "PUT /util/validate-vmc-logo",
        "PUT /util/validate-vmc-logo",
        "PUT /util/validate-vmc-encoded-logo",
      ]);
      assert.deepEqual(
        server.received.map(({ headers }) => headers["x-dc-devkey"]),
        [undefined, undefined, undefined],
      );
      assert.deepEqual(
        server.received.map(({ headers }) => headers["content-type"]),
        ["image/svg", "image/svg+xml", "application/json"],
      );
    });

    it("the SVG again under its other media type when DigiCert finds a mismatch", async () => {
      server.script({ status: 400, json: errors("mime_type_mismatch") }, { status: 204 });
      await logos.validate(server.client(), Buffer.from("<svg/>"));
      assert.deepEqual(
        server.received.map(({ headers }) => headers["content-type"]),
        ["image/svg", "image/svg+xml"],
      );
    });
  });

  describe("refuses, before anything is sent,", () => {
    const make = (baseUrl: string) => () => new CertCentralClient({ apiKey: "SECRET", baseUrl });

    it("http to any address that is not loopback", () => {
      assert.throws(make("http://www.digicert.com/services/v2"), /not https/);
      assert.throws(make("http://127.0.0.1.example.com/services/v2"), /not https/);
      assert.throws(make("http://10.0.0.1/services/v2"), /not https/);
      assert.throws(make("ftp://127.0.0.1/services/v2"), /not https/);
    });

    it("what is not a URL, or holds a password, without repeating it", () => {
      assert.throws(make("www.digicert.com"), /bimi:baseUrl/);
      const withPassword = make("https://user:hunter2@www.digicert.com/services/v2");
      assert.throws(withPassword, (error: Error) => /password/.test(error.message) && !/hunter2/.test(error.message));
      assert.throws(make("https://www.digicert.com/services/v2?key=1"), /query/);
    });

    it("a key that no header can hold, without repeating it", () => {
      const broken = () => new CertCentralClient({ apiKey: "SEC\nRET" });
      assert.throws(broken, (error: Error) => /bimi:apiKey/.test(error.message) && !/SEC/.test(error.message));
    });

    it("a call without a key, naming the command that sets one", async () => {
      server.script({ json: {} });
      const error = await failure(server.client({ apiKey: "" }).request(read));
      assert.equal(error.kind, "notSent");
      assert.equal(error.code, "missing_key");
      assert.match(error.message, /pulumi config set --secret bimi:apiKey/);
      assert.equal(server.received.length, 0);
    });

    it("a path that would leave the origin", async () => {
      const client = server.client({ baseUrl: `http://127.0.0.1:${server.port}` });
      await assert.rejects(client.request({ ...read, path: "@evil.example/" }), /leaves/);
      assert.equal(server.received.length, 0);
    });
  });

  it("knows its origin: DigiCert's, or loopback for every loopback address", () => {
    const at = (baseUrl?: string) =>
      new CertCentralClient({ apiKey: "K", ...(baseUrl === undefined ? {} : { baseUrl }) });
    assert.equal(at().baseUrl, BASE_URL_US);
    assert.equal(at().origin, "https://www.digicert.com");
    assert.equal(at().isLoopback, false);
    assert.equal(at(`${BASE_URL_EU}/`).baseUrl, BASE_URL_EU);
    for (const host of ["127.0.0.1:80", "127.1.2.3:4000", "localhost:99", "[::1]:5000"]) {
      assert.equal(at(`http://${host}/services/v2/`).origin, "loopback");
      assert.equal(at(`http://${host}/services/v2/`).isLoopback, true);
    }
  });

  it("does not show its key when it is logged or serialized", () => {
    const client = server.client({ apiKey: "TOP-SECRET-KEY" });
    assert.doesNotMatch(inspect(client, { depth: 9, showHidden: true }), /TOP-SECRET/);
    assert.doesNotMatch(JSON.stringify(client), /TOP-SECRET/);
  });

  describe("takes the time from DigiCert's Date header", () => {
    it("and lets it run on with the clock", async () => {
      const clock = new FakeClock();
      const client = server.client({ clock });
      assert.equal(client.now().getTime(), clock.now());
      server.script({ json: {}, headers: { Date: "Wed, 01 Dec 2032 10:00:00 GMT" } });
      await client.request(read);
      assert.equal(client.now().toISOString(), "2032-12-01T10:00:00.000Z");
      clock.advance(90_000);
      assert.equal(client.now().toISOString(), "2032-12-01T10:01:30.000Z");
    });

    it("also from a refusal, and not from a date that is none", async () => {
      const client = server.client();
      server.script({ status: 404, json: errors("not_found"), headers: { Date: "Wed, 01 Dec 2032 10:00:00 GMT" } });
      await failure(client.request(read));
      for (const date of ["soon", "Fri, 13 Sep 275760 00:00:00 GMT", "+275760-09-13T00:00:00Z", "0"]) {
        server.script({ json: {}, headers: { Date: date } });
        await client.request(read);
      }
      assert.equal(client.now().toISOString(), "2032-12-01T10:00:00.000Z");
    });
  });

  describe("repeats", () => {
    const unavailable = { status: 503, text: "<html>unavailable</html>" };
    const transient = {
      "a 500": { status: 500, json: errors("server_error") },
      "a 502 of a proxy": { status: 502, text: "<html>bad gateway</html>" },
      "a 406": { status: 406, json: errors("not_acceptable") },
      "a 408": { status: 408, json: errors("timeout") },
      "a 429": { status: 429, json: errors("request_limit_exceeded") },
      "a 200 that is not JSON": { status: 200, text: "<html>maintenance</html>" },
      "a 200 that ends early": { status: 200, text: '{"id": 1, "na' },
      "a reset connection": (response: import("node:http").ServerResponse) => void response.socket?.resetAndDestroy(),
      "a closed connection": (response: import("node:http").ServerResponse) => void response.socket?.destroy(),
      "a body cut off before its length": (response: import("node:http").ServerResponse) => {
        response.writeHead(200, { "Content-Length": "100" });
        response.write('{"id":');
        setImmediate(() => response.socket?.destroy());
      },
    };
    for (const [name, reply] of Object.entries(transient)) {
      it(`a read and an idempotent write after ${name}, and never a POST`, async () => {
        for (const request of [read, cancel]) {
          server.script(reply, reply, { json: { id: 5 } });
          assert.deepEqual((await server.client().request(request)).json, { id: 5 });
          assert.equal(server.received.length, 3);
        }
        server.script(reply, { json: { id: 5 } });
        await failure(server.client().request(order));
        assert.equal(server.received.length, 1);
      });
    }

    it("at most five times, waiting longer each time", async () => {
      const clock = new FakeClock();
      server.script(unavailable);
      const error = await failure(server.client({ clock }).request(read));
      assert.equal(server.received.length, 5);
      assert.equal(error.status, 503);
      assert.equal(clock.slept.length, 4);
      for (const [index, ms] of clock.slept.entries()) {
        assert.ok(ms >= 500 * 2 ** index && ms <= 1000 * 2 ** index, `${ms} ms after try ${index + 1}`);
      }
    });

    it("nothing after a refusal", async () => {
      for (const request of [read, cancel, order]) {
        server.script({ status: 404, json: errors("not_found|order") }, { json: {} });
        await failure(server.client().request(request));
        assert.equal(server.received.length, 1);
      }
    });

    it("a refused connection, with the remedy", async () => {
      const closed = await new ScriptedServer().start();
      const { baseUrl } = closed;
      await closed.stop();
      const clock = new FakeClock();
      const error = await failure(server.client({ baseUrl, clock }).request(read));
      assert.equal(clock.slept.length, 4);
      assert.equal(error.kind, "notSent");
      assert.equal(error.code, "network");
      assert.match(error.message, /not sent to DigiCert \(network\): ECONNREFUSED.*bimi:baseUrl/);
    });
  });

  describe("tells failures apart:", () => {
    const kindOf = async (reply: ScriptedServer["replies"][number], timeoutMs = 30_000) => {
      server.script(reply);
      const error = await failure(server.client({ timeoutMs }).request(order));
      assert.equal(server.received.length, 1);
      assert.equal(error.method, "POST");
      assert.equal(error.url, `${server.baseUrl}/order/certificate/vmc_basic`);
      assert.equal(error.action, "place the VMC order");
      return error;
    };

    it("refused is a 4xx in DigiCert's shape, with code, message, request and remedy", async () => {
      const error = await kindOf({
        status: 400,
        json: {
          errors: [
            { code: "invalid_trademark", message: "The mark is not registered there" },
            { code: "invalid_logo", message: "Too large." },
          ],
        },
      });
      assert.equal(error.kind, "refused");
      assert.equal(error.status, 400);
      assert.equal(error.code, "invalid_trademark");
      assert.deepEqual(error.codes, ["invalid_trademark", "invalid_logo"]);
      assert.equal(
        error.message,
        "DigiCert refused to place the VMC order (400 invalid_trademark): The mark is not registered there; " +
          "invalid_logo: Too large. Set trademark.countryCode to the office that registered the mark, and the number as " +
          `registered there. Request: POST ${server.baseUrl}/order/certificate/vmc_basic`,
      );
    });

    it("a code that is the name of what every object has is a code like any other", async () => {
      for (const code of ["constructor", "toString|order", "__proto__"]) {
        for (const status of [400, 500]) {
          server.script({ status, json: errors(code) });
          const error = await failure(server.client().request(order));
          assert.equal(error.kind, status === 400 ? "refused" : "doubt");
          assert.equal(error.code, code);
          assert.match(error.message, /About /);
        }
      }
    });

    it("messages are of bounded length, and obeyed by no terminal", async () => {
      const many = Array.from({ length: 1000 }, () => ({ code: "c".repeat(1000), message: "m\u001b[2J".repeat(1000) }));
      server.script({ status: 400, json: { errors: many } });
      const error = await failure(server.client().request(order));
      assert.ok(error.message.length < 8000, error.message);
      assert.equal(error.codes.length, 50);
      assert.ok(!error.message.includes("\u001b"));
      server.script({ status: 500, text: "x", headers: { "Content-Type": "x".repeat(5000) } });
      assert.ok((await failure(server.client().request(order))).message.length < 500);
    });

    it("a wrong key is refused, naming the setting", async () => {
      const code = "access_denied|access_denied_invalid_key";
      const error = await kindOf({
        status: 403,
        json: errors(code, "Access denied due to access_denied_invalid_key."),
      });
      assert.equal(error.kind, "refused");
      assert.match(error.message, /pulumi config set --secret bimi:apiKey/);
      assert.equal(error.notFound, false);
    });

    it("throttled is a 429, in whatever shape", async () => {
      assert.equal((await kindOf({ status: 429, json: errors("request_limit_exceeded") })).kind, "throttled");
      const bare = await kindOf({ status: 429, text: "slow down" });
      assert.equal(bare.kind, "throttled");
      assert.equal(bare.code, "request_limit_exceeded");
    });

    const doubts: Record<string, [ScriptedServer["replies"][number], string]> = {
      "a 5xx in DigiCert's shape": [{ status: 500, json: errors("server_error") }, "server_error"],
      "a 5xx of a proxy": [{ status: 504, text: "<html/>" }, "unexpected_answer"],
      "a 4xx of a proxy": [{ status: 403, text: "<html>blocked</html>" }, "unexpected_answer"],
      "a 404 without DigiCert's shape": [{ status: 404, json: { message: "no" } }, "unexpected_answer"],
      "a 400 with an empty list of errors": [{ status: 400, json: { errors: [] } }, "unexpected_answer"],
      "a 201 that is not JSON": [{ status: 201, text: "<html/>" }, "unexpected_answer"],
      "a 201 that ends early": [{ status: 201, text: '{"id": 13736827' }, "unexpected_answer"],
      "a redirect": [{ status: 307, headers: { Location: "/elsewhere" } }, "unexpected_answer"],
      "a reset": [(response) => void response.socket?.resetAndDestroy(), "network"],
      "a connection that ends without an answer": [(response) => void response.socket?.destroy(), "network"],
      "no answer in time": [() => undefined, "timeout"],
      "an answer that stops in the middle": [
        (response) => {
          response.writeHead(201, { "Content-Type": "application/json" });
          response.write('{"id":');
        },
        "timeout",
      ],
      "an answer that is too large": [{ status: 201, text: Buffer.alloc(17 * 1024 * 1024, " ") }, "unexpected_answer"],
    };
    for (const [name, [reply, code]] of Object.entries(doubts)) {
      it(`doubt is ${name}`, async () => {
        const error = await kindOf(reply, code === "timeout" ? 300 : undefined);
        assert.equal(error.kind, "doubt");
        assert.equal(error.code, code);
        assert.equal(error.notFound, false);
        assert.match(error.message, /did not answer the request to place the VMC order as expected/);
        assert.match(error.message, /look before you try again/);
      });
    }

    describe("not sent is", () => {
      const listeners: net.Server[] = [];
      const sockets: net.Socket[] = [];
      const listen = async (onConnection: (socket: net.Socket) => void) => {
        const listener = net.createServer((socket) => {
          sockets.push(socket.on("error", () => undefined));
          onConnection(socket);
        });
        listeners.push(listener.listen(0, "127.0.0.1"));
        await once(listener, "listening");
        return `127.0.0.1:${(listener.address() as net.AddressInfo).port}/services/v2`;
      };
      afterEach(() => {
        for (const socket of sockets.splice(0)) socket.destroy();
        for (const listener of listeners.splice(0)) listener.close();
      });
      const placeAt = async (baseUrl: string, timeoutMs = 5_000) => {
        const error = await failure(server.client({ baseUrl, timeoutMs }).request(order));
        assert.equal(error.kind, "notSent");
        assert.equal(error.status, undefined);
        return error;
      };

      it("a refused connection", async () => {
        const address = await listen(() => undefined);
        await new Promise((resolve) => listeners[0]?.close(resolve));
        assert.equal((await placeAt(`http://${address}`)).code, "network");
      });

      it("a server that does not speak TLS", async () => {
        const address = await listen((socket) => socket.end("this is not TLS\r\n"));
        assert.equal((await placeAt(`https://${address}`)).code, "network");
      });

      it("a reset before the TLS session", async () => {
        const address = await listen((socket) => socket.resetAndDestroy());
        assert.equal((await placeAt(`https://${address}`)).code, "network");
      });

      it("a TLS session that is not ready in time", async () => {
        const address = await listen(() => undefined);
        assert.equal((await placeAt(`https://${address}`, 100)).code, "timeout");
      });

      it("a certificate that is not trusted, which is not tried again", async () => {
        const requests: string[] = [];
        const { key, cert } = await selfSignedCertificate();
        const untrusted = https.createServer({ key, cert }, (request) => requests.push(String(request.url)));
        listeners.push(untrusted.listen(0, "127.0.0.1"));
        await once(untrusted, "listening");
        const baseUrl = `https://127.0.0.1:${(untrusted.address() as net.AddressInfo).port}/services/v2`;
        const error = await placeAt(baseUrl);
        assert.match(error.message, /DEPTH_ZERO_SELF_SIGNED_CERT.*NODE_EXTRA_CA_CERTS/);
        const clock = new FakeClock();
        await failure(server.client({ baseUrl, clock }).request(read));
        assert.deepEqual(clock.slept, []);
        assert.deepEqual(requests, []);
      });
    });

    it("not found is DigiCert's word about the object, not a wrong address", async () => {
      assert.equal((await kindOf({ status: 404, json: errors("not_found|order") })).notFound, true);
      assert.equal((await kindOf({ status: 404, json: errors("something") })).notFound, true);
      assert.equal((await kindOf({ status: 400, json: errors("not_found|organization") })).notFound, true);
      assert.equal((await kindOf({ status: 404, json: errors("not_found|route") })).notFound, false);
      assert.equal((await kindOf({ status: 400, json: errors("not_foundation") })).notFound, false);
      assert.equal((await kindOf({ status: 503, json: errors("not_found|order") })).notFound, false);
    });
  });

  it("follows no redirect: the key stays at the origin it was meant for", async () => {
    const other = await new ScriptedServer().start();
    other.script({ json: { id: 1 } });
    for (const status of [301, 302, 303, 307, 308]) {
      server.script({ status, headers: { Location: `${other.baseUrl}/user/me` } });
      const error = await failure(server.client().request(read));
      assert.match(error.message, /redirect/);
      assert.equal(server.received.length, 1);
    }
    assert.equal(other.received.length, 0);
    await other.stop();
  });

  describe("can be canceled", () => {
    it("before anything is sent", async () => {
      server.script({ json: {} });
      const error = await failure(server.client().request({ ...order, signal: AbortSignal.abort() }));
      assert.equal(error.kind, "notSent");
      assert.equal(error.code, "canceled");
      assert.equal(server.received.length, 0);
    });

    it("while the answer is awaited: then it is in doubt", async () => {
      const abort = new AbortController();
      server.script(() => abort.abort());
      const error = await failure(server.client().request({ ...order, signal: abort.signal }));
      assert.equal(error.kind, "doubt");
      assert.equal(error.code, "canceled");
    });

    it("between two tries", async () => {
      const abort = new AbortController();
      server.script((response) => {
        response.writeHead(503, { "Retry-After": "30" }).end();
        setTimeout(() => abort.abort(), 20);
      });
      const started = Date.now();
      const error = await failure(server.client({ clock: systemClock }).request({ ...read, signal: abort.signal }));
      assert.equal(error.code, "canceled");
      assert.equal(server.received.length, 1);
      assert.ok(Date.now() - started < 15_000, "it did not wait for the next one");
    });
  });
});

async function selfSignedCertificate(): Promise<{ key: string; cert: string }> {
  const { subtle } = globalThis.crypto;
  x509.cryptoProvider.set(globalThis.crypto);
  const keys = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=127.0.0.1",
    keys,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
  });
  const key = x509.PemConverter.encode(await subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { key, cert: certificate.toString("pem") };
}
