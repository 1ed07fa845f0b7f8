import assert from "node:assert/strict";
import dns from "node:dns";
import net from "node:net";
import { inspect } from "node:util";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { CertCentralClient, isLoopbackUrl } from "../../../provider/certcentral";
import { Stage } from "../support";
import { failure, type Reply, ScriptedServer } from "./support";

const MB = 1024 * 1024;

describe("the network:", () => {
  const make = (baseUrl: string) => new CertCentralClient({ apiKey: "A-KEY-NOBODY-KNOWS", baseUrl });

  describe("a base URL", () => {
    const loopback = {
      "http://127.0.0.1:8080/services/v2": "http://127.0.0.1:8080/services/v2",
      "https://127.0.0.1/services/v2/": "https://127.0.0.1/services/v2",
      "http://localhost:1/services/v2": "http://localhost:1/services/v2",
      "HTTP://LocalHost/services/v2": "http://localhost/services/v2",
      "http://[::1]:99": "http://[::1]:99",
      "http://[0:0:0:0:0:0:0:1]/x": "http://[::1]/x",
      "http://127.255.255.254/": "http://127.255.255.254",
      // Other spellings of the same addresses.
      "http://2130706433/x": "http://127.0.0.1/x",
      "http://0x7f.1/x": "http://127.0.0.1/x",
      "http://0177.0.0.1/x": "http://127.0.0.1/x",
      "http://127.1/x": "http://127.0.0.1/x",
      "http://127.0.0.1./x": "http://127.0.0.1/x",
      "http://１２７.0.0.1/x": "http://127.0.0.1/x",
      " http://127.0.0.1/x\n": "http://127.0.0.1/x",
    };
    for (const [given, url] of Object.entries(loopback)) {
      it(`is of this machine: ${JSON.stringify(given)}`, () => {
        const client = make(given);
        assert.deepEqual([client.baseUrl, client.isLoopback, client.origin], [url, true, "loopback"]);
        assert.equal(isLoopbackUrl(given), true);
      });
    }

    for (const given of [
      "https://www.digicert.com/services/v2",
      "https://10.0.0.1:8443/x",
      "https://localhost.evil.com",
    ]) {
      it(`is encrypted, and of no simulator: ${given}`, () => {
        assert.equal(make(given).isLoopback, false);
        assert.equal(isLoopbackUrl(given), false);
      });
    }

    for (const given of [
      "http://www.digicert.com/services/v2",
      "http://localhost.evil.com/services/v2",
      "http://localhost./services/v2",
      "http://evil.localhost/services/v2",
      "http://127.0.0.1.nip.io/services/v2",
      "http://127.0.0.1.example/services/v2",
      "http://128.0.0.1/",
      "http://0.0.0.0/",
      "http://0/",
      "http://3232235777/",
      "http://192.168.1.1/",
      "http://169.254.169.254/latest/meta-data/",
      "http://[::]/",
      "http://[::ffff:127.0.0.1]/",
      "http://[::ffff:10.0.0.1]/",
      "http://[fe80::1]/",
      "http://[fd00::1]/",
      "ftp://127.0.0.1/",
      "file:///etc/passwd",
      "ws://localhost/",
      "data:text/plain,x",
    ]) {
      it(`is refused, and is no simulator that needs no leave to buy: ${given}`, () => {
        assert.throws(() => make(given), /is not https, which only a loopback address may be\. Set bimi:baseUrl/);
        assert.equal(isLoopbackUrl(given), false);
      });
    }

    for (const given of [
      "http://127.0.0.1@evil.com/",
      "http://127.0.0.1:80@evil.com/",
      "http:\\\\127.0.0.1@evil.com",
      "https://user:s3cretword@www.digicert.com/services/v2",
      "https://:s3cretword@www.digicert.com/services/v2",
      "https://www.digicert.com/services/v2?key=s3cretword",
      "https://www.digicert.com/services/v2#s3cretword",
      "//127.0.0.1/s3cretword",
      "s3cretword",
      "",
      "https://",
      "http://127.0.0.1:99999/",
      "http://127.0.0.1%2f@evil.com/",
    ]) {
      it(`is refused without being repeated: ${given}`, () => {
        assert.throws(
          () => make(given),
          (error: Error) => /Set bimi:baseUrl/.test(error.message) && !/s3cretword|A-KEY/.test(inspect(error)),
        );
      });
    }

    it("localhost is this machine, whatever a resolver says", async () => {
      const server = await new ScriptedServer().start();
      const { lookup } = dns;
      const asked: string[] = [];
      // biome-ignore lint/suspicious/noExplicitAny: overloaded
      (dns as any).lookup = (name: string, _options: unknown, answer: (...args: unknown[]) => void) => {
        asked.push(name);
        answer(null, [{ address: "192.0.2.1", family: 4 }]);
      };
      try {
        server.script({ json: {} });
        const client = server.client({ baseUrl: `http://localhost:${server.port}/services/v2` });
        await client.request({ method: "GET", path: "/user/me", action: "look", retry: "read" });
        assert.equal(server.received.length, 1);
        assert.deepEqual(asked, []);
      } finally {
        dns.lookup = lookup;
        await server.stop();
      }
    });
  });

  describe("an answer", () => {
    let server: ScriptedServer;
    before(async () => {
      server = await new ScriptedServer().start();
    });
    after(() => server.stop());
    const zeros = Buffer.alloc(400 * MB, " ");
    const packed = (encoding: string, text: Buffer): Reply => ({
      text,
      headers: { "Content-Type": "application/json", "Content-Encoding": encoding },
    });
    const read = (timeoutMs = 20_000) =>
      server.client({ timeoutMs }).request({ method: "GET", path: "/user/me", action: "look up", retry: "never" });

    const large: Record<string, () => Reply> = {
      "as it is": () => ({ text: zeros.subarray(0, 17 * MB) }),
      "as gzip": () => packed("gzip", gzipSync(zeros, { level: 1 })),
      "as deflate": () => packed("deflate", deflateSync(zeros, { level: 1 })),
      "as brotli": () => packed("br", brotliCompressSync(zeros, { params: { 1: 1 } })),
      "without an end": () => (response) => {
        response.writeHead(200, { "Content-Type": "application/json" });
        const more = () => response.write(zeros.subarray(0, MB), (error) => error ?? setImmediate(more));
        more();
      },
    };
    for (const [how, reply] of Object.entries(large)) {
      it(`that is too large ${how} is given up at 16 MB, unpacked`, async () => {
        server.script(reply());
        const before = process.memoryUsage().rss;
        const error = await failure(read());
        assert.match(error.message, /The answer is larger than 16 MB/);
        assert.ok(process.memoryUsage().rss - before < 250 * MB, "it is not unpacked whole");
      }).timeout(30_000);
    }

    it("that is packed and not too large is read", async () => {
      server.script(packed("gzip", gzipSync(`{"a":"${"b".repeat(MB)}"}`)));
      assert.equal(((await read()).json as { a: string }).a.length, MB);
    });

    const slow: Record<string, Reply> = {
      "comes byte by byte": (response) => {
        response.writeHead(200, { "Content-Type": "application/json" });
        const timer = setInterval(() => response.write(" "), 20);
        response.once("close", () => clearInterval(timer));
      },
      "sends headers without an end": (response) => {
        const timer = setInterval(() => response.socket?.write("HTTP/1.1 100 Continue\r\n\r\n"), 20);
        response.once("close", () => clearInterval(timer));
      },
      "never comes": () => undefined,
    };
    for (const [how, reply] of Object.entries(slow)) {
      it(`that ${how} is given up in time`, async () => {
        server.script(reply);
        const started = performance.now();
        assert.match((await failure(read(300))).message, /no complete answer within 0\.3 seconds/);
        assert.ok(performance.now() - started < 15_000);
      });
    }

    it("whose headers are too large is given up", async () => {
      server.script({ json: {}, headers: { "X-Large": "x".repeat(100_000) } });
      assert.match((await failure(read())).message, /HPE_HEADER_OVERFLOW/);
    });
  });

  it("through its whole life, an order makes the provider connect to the API alone: it fetches no hosted file", async () => {
    const hosted: string[] = [];
    const web = net.createServer((socket) => {
      hosted.push("connected");
      socket.destroy();
    });
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const { port } = web.address() as net.AddressInfo;
    const stage = await Stage.start();
    const own = new Set(
      [stage.scene.simulator.baseUrl, stage.scene.simulator.cloudflareUrl].map((url) => new URL(url).port),
    );
    const targets: string[] = [];
    const { connect } = net.Socket.prototype;
    // biome-ignore lint/suspicious/noExplicitAny: overloaded
    net.Socket.prototype.connect = function (this: net.Socket, ...args: any[]) {
      const options = Array.isArray(args[0]) ? args[0][0] : args[0];
      // DigiCert's own probe of an http-token runs in this process too.
      const isProbe = options.headers?.["user-agent"]?.startsWith("DigiCert DCV Bot");
      if (!own.has(String(options.port)) && !isProbe) targets.push(inspect(options));
      // biome-ignore lint/suspicious/noExplicitAny: overloaded
      return (connect as any).apply(this, args);
    };
    const { lookup } = dns;
    // biome-ignore lint/suspicious/noExplicitAny: overloaded
    (dns as any).lookup = (name: string, ...rest: unknown[]) => {
      targets.push(`lookup ${name}`);
      // biome-ignore lint/suspicious/noExplicitAny: overloaded
      return (lookup as any)(name, ...rest);
    };
    try {
      const urls = { logoUrl: `https://127.0.0.1:${port}/l.svg`, certificateUrl: `https://127.0.0.1:${port}/c.pem` };
      for (const [name, program, more] of [
        ["hosted", stage.inputs({ dnsNames: ["hosted.example.com"], enableHosting: true }), {}],
        ["served", stage.inputs({ dnsNames: ["served.example.com"], dcvMethod: "http-token" }), { ...urls }],
      ] as const) {
        const order = stage.vmc(name);
        const certificate = stage.certificate(name);
        await order.up(program);
        const inputs = () => ({ order: stage.orderOf(order), ...more });
        await certificate.up(inputs()).catch((error: Error) => assert.match(error.message, /logoUrl|certificateUrl/));
        await stage.issue(order.outs.orderId);
        await order.up(program);
        await certificate.up(inputs()).catch((error: Error) => assert.match(error.message, /logoUrl|certificateUrl/));
        await order.refresh();
        await order.destroy();
      }
      assert.ok(stage.calls().length > 20);
      assert.deepEqual(targets, []);
      assert.deepEqual(hosted, []);
    } finally {
      net.Socket.prototype.connect = connect;
      dns.lookup = lookup;
      await stage.stop();
      web.close();
    }
  });
});
