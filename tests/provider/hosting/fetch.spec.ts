import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import type { ServerOptions } from "node:https";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type Answered, type Failed, guardedFetch, internet, type Network } from "../../../provider/hosting";
import { networkAt, Site, TestAuthority } from "./sites";

describe("guarded fetch", () => {
  let authority: TestAuthority;
  let tls: { key: string; cert: string };
  const sites: Site[] = [];
  before(async () => {
    authority = await TestAuthority.create();
    tls = await authority.issue(["logo.example.com", "other.example.com"], ["127.0.0.1"]);
  });
  afterEach(async () => {
    await Promise.all(sites.splice(0).map((site) => site.stop()));
  });

  async function serve(listener: RequestListener, options: ServerOptions | "http" = {}): Promise<Site> {
    const site = await Site.start(listener, options === "http" ? undefined : { ...tls, ...options });
    sites.push(site);
    return site;
  }
  const urlOf = ({ port }: Site, path = "/logo.svg") => `https://logo.example.com:${port}${path}`;
  const fetchFrom = (
    url: string,
    changes: Partial<Network> = {},
    more: { allowHttp?: true; timeoutMs?: number } = {},
  ) => guardedFetch(url, { maxBytes: 64 * 1024, network: networkAt(authority.ca, changes), ...more });

  async function answered(...args: Parameters<typeof fetchFrom>): Promise<Answered> {
    const result = await fetchFrom(...args);
    assert.ok(!("failure" in result), JSON.stringify(result));
    return result;
  }
  async function failed(...args: Parameters<typeof fetchFrom>): Promise<Failed> {
    const result = await fetchFrom(...args);
    assert.ok("failure" in result, `it was fetched: ${JSON.stringify(result)}`);
    return result;
  }

  it("gives the exact bytes, media type and TLS version", async () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x0d, 0x0a, 0x00, 0xff]);
    const site = await serve((_, response) => {
      response.setHeader("Content-Type", "Image/SVG+xml; charset=utf-8").end(bytes);
    });
    assert.deepEqual(await answered(urlOf(site)), {
      url: urlOf(site),
      status: 200,
      body: bytes,
      contentType: "image/svg+xml",
      tls: "TLSv1.3",
      redirects: [],
      refusals: [],
    });
  });

  it("sends no credential, cookie or other header that tells who asks", async () => {
    const site = await serve((request, response) => {
      response.setHeader("Set-Cookie", "session=1; Path=/");
      if (request.url === "/logo.svg") response.writeHead(302, { Location: "/2.svg" });
      response.end("<svg/>");
    });
    await answered(urlOf(site));
    assert.deepEqual(
      site.requests.map(({ method, url }) => `${method} ${url}`),
      ["GET /logo.svg", "GET /2.svg"],
    );
    for (const { rawHeaders } of site.requests) {
      const names = rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
      assert.deepEqual(names.sort(), ["accept", "accept-encoding", "connection", "host", "user-agent"]);
    }
  });

  describe("refuses", () => {
    for (const [url, says] of [
      ["http://logo.example.com/logo.svg", /http, not https/],
      ["ftp://logo.example.com/logo.svg", /ftp, not https/],
      ["file:///etc/passwd", /file, not https/],
      ["https://user:password@logo.example.com/logo.svg", /user name or password/],
      ["https://user@logo.example.com/logo.svg", /user name or password/],
      ["logo.svg", /not a valid URL/],
    ] as const) {
      it(url, async () => {
        const resolve = () => assert.fail("it was resolved");
        const { failure, message } = await failed(url, { resolve });
        assert.equal(failure, "url");
        assert.match(message, says);
        assert.ok(!message.includes("password@"));
      });
    }

    for (const literal of [
      "127.0.0.1",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "[64:ff9b::7f00:1]",
      "10.0.0.1",
      "0x7f.1",
      "2130706433",
    ]) {
      it(`https://${literal}/`, async () => {
        const { failure } = await failed(`https://${literal}/logo.svg`, { nonPublicKind: internet.nonPublicKind });
        assert.equal(failure, "private");
      });
    }

    for (const addresses of [
      ["127.0.0.1"],
      ["10.1.2.3"],
      ["169.254.169.254"],
      ["::1"],
      ["fe80::1"],
      ["::ffff:127.0.0.1"],
      ["64:ff9b::7f00:1"],
      ["fd00::1"],
      // one bad address among good ones is enough: which of them is connected to is chance
      ["8.8.8.8", "127.0.0.1"],
      ["2606:4700:4700::1111", "::1"],
    ]) {
      it(`a name that resolves to ${addresses.join(" and ")}`, async () => {
        const site = await serve((_, response) => response.end("<svg/>"));
        const { failure, message } = await failed(urlOf(site), {
          resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
          nonPublicKind: internet.nonPublicKind,
        });
        assert.equal(failure, "private");
        assert.ok(message.includes(addresses.at(-1)!), message);
        assert.deepEqual(site.requests, []);
      });
    }

    it("a name that does not resolve", async () => {
      assert.equal((await failed("https://logo.example.com/", { resolve: async () => [] })).failure, "dns");
      const notFound = Object.assign(new Error("getaddrinfo ENOTFOUND logo.example.com"), { code: "ENOTFOUND" });
      const resolve = () => Promise.reject(notFound);
      assert.equal((await failed("https://logo.example.com/", { resolve })).failure, "dns");
    });

    it("a host whose certificate is for another name, or of an unknown authority", async () => {
      const site = await serve((_, response) => response.end("<svg/>"));
      const wrongName = await failed(`https://wrong.example.com:${site.port}/`);
      assert.equal(wrongName.failure, "tls");
      assert.match(wrongName.message, /wrong\.example\.com/);
      const { ca } = await TestAuthority.create();
      assert.equal((await failed(urlOf(site), { ca })).failure, "tls");
      assert.deepEqual(site.requests, []);
    });

    it("a host whose certificate is not valid also where the environment says not to look", async () => {
      const site = await serve((_, response) => response.end("<svg/>"));
      const { NODE_TLS_REJECT_UNAUTHORIZED: former } = process.env;
      process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
      try {
        assert.equal((await failed(`https://wrong.example.com:${site.port}/`)).failure, "tls");
      } finally {
        if (former === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
        else process.env.NODE_TLS_REJECT_UNAUTHORIZED = former;
      }
    });

    it("a port that speaks no TLS, or where nothing listens", async () => {
      const site = await serve((_, response) => response.end("<svg/>"), "http");
      assert.equal((await failed(urlOf(site))).failure, "tls");
      await site.stop();
      assert.equal((await failed(urlOf(site))).failure, "network");
    });
  });

  it("connects to the address that was looked at, and asks DNS only once (rebinding)", async () => {
    const site = await serve((_, response) => response.end("<svg/>"));
    const asked: string[] = [];
    const { body } = await answered(urlOf(site), {
      resolve: async (hostname) => {
        asked.push(hostname);
        // the second answer would be this machine's metadata service
        return [{ address: asked.length === 1 ? "127.0.0.1" : "169.254.169.254", family: 4 }];
      },
    });
    assert.equal(body.toString(), "<svg/>");
    assert.deepEqual(asked, ["logo.example.com"]);
  });

  it("looks at the addresses again after a redirect", async () => {
    const site = await serve((_, response) => response.writeHead(301, { Location: urlOf(site) }).end());
    const answers = ["127.0.0.1", "10.0.0.1"];
    const { failure, redirects } = await failed(urlOf(site), {
      resolve: async () => [{ address: answers.shift()!, family: 4 }],
    });
    assert.equal(failure, "private");
    assert.deepEqual(redirects, [urlOf(site)]);
    assert.equal(site.requests.length, 1);
  });

  describe("redirects", () => {
    async function redirecting(times: number): Promise<Site> {
      const site = await serve((request, response) => {
        const at = Number(request.url!.slice(1));
        if (at < times) response.writeHead(307, { Location: `/${at + 1}` });
        response.end(String(at));
      });
      return site;
    }

    it("three are followed and told", async () => {
      const site = await redirecting(3);
      const { body, redirects } = await answered(urlOf(site, "/0"));
      assert.equal(body.toString(), "3");
      assert.deepEqual(redirects, [urlOf(site, "/1"), urlOf(site, "/2"), urlOf(site, "/3")]);
    });

    it("a fourth is not", async () => {
      const site = await redirecting(4);
      const { failure, message } = await failed(urlOf(site, "/0"));
      assert.equal(failure, "redirect");
      assert.match(message, /more than 3 times/);
      assert.equal(site.requests.length, 4);
    });

    for (const [location, failure] of [
      ["http://logo.example.com/logo.svg", "redirect"],
      ["https://user:secret@logo.example.com/", "redirect"],
      ["file:///etc/passwd", "redirect"],
      ["https://", "redirect"],
      ["https://10.0.0.1/", "private"],
      ["https://[::1]/", "private"],
      ["//169.254.169.254/latest/meta-data/", "private"],
    ] as const) {
      it(`to ${location} are refused`, async () => {
        const site = await serve((_, response) => response.writeHead(302, { Location: location }).end());
        assert.equal((await failed(urlOf(site))).failure, failure);
      });
    }
  });

  describe("bodies", () => {
    const big = Buffer.alloc(64 * 1024 + 1, " ");

    it("of the size limit are read, one byte more is not", async () => {
      let bytes = big.subarray(1);
      const site = await serve((_, response) => response.end(bytes));
      assert.equal((await answered(urlOf(site))).body.length, 64 * 1024);
      bytes = big;
      assert.equal((await failed(urlOf(site))).failure, "too_large");
    });

    it("that never end are left", async () => {
      let open = true;
      const site = await serve((_, response) => {
        const write = () => {
          while (open && response.write(big));
          response.once("drain", write);
        };
        response.on("close", () => {
          open = false;
        });
        write();
      });
      assert.equal((await failed(urlOf(site))).failure, "too_large");
    });

    it("that are shorter than they say fail", async () => {
      const site = await serve((_, response) => {
        response.writeHead(200, { "Content-Length": "1000" });
        response.write("<svg");
        setTimeout(() => response.destroy(), 20);
      });
      assert.equal((await failed(urlOf(site))).failure, "network");
    });

    it("that never come, since the server switches to another protocol, fail", async () => {
      const site = await serve((_, response) => {
        response.writeHead(101, { Connection: "Upgrade", Upgrade: "websocket" }).end();
      });
      assert.equal((await failed(urlOf(site))).failure, "network");
    });

    it("that say they are huge are not read at all", async () => {
      const site = await serve((_, response) => {
        response.writeHead(200, { "Content-Length": String(10 ** 12) });
        response.write("<svg");
      });
      assert.equal((await failed(urlOf(site))).failure, "too_large");
    });

    for (const [encoding, compress] of [
      ["gzip", gzipSync],
      ["deflate", deflateSync],
      ["br", brotliCompressSync],
    ] as const) {
      it(`compressed with ${encoding} unasked are inflated, and a bomb is not`, async () => {
        let bytes = compress(Buffer.from("<svg/>"));
        const site = await serve((_, response) => response.setHeader("Content-Encoding", encoding).end(bytes));
        assert.equal((await answered(urlOf(site))).body.toString(), "<svg/>");
        bytes = compress(Buffer.alloc(50 * 1024 * 1024));
        const before = process.memoryUsage().rss;
        assert.equal((await failed(urlOf(site))).failure, "too_large");
        assert.ok(process.memoryUsage().rss - before < 40 * 1024 * 1024);
        bytes = Buffer.from("not compressed");
        assert.equal((await failed(urlOf(site))).failure, "encoding");
      });
    }

    it("that inflate to nothing for ever are left", async () => {
      const header = gzipSync("").subarray(0, 10);
      const emptyBlocks = Buffer.from("000000ffff".repeat(10_000), "hex");
      const site = await serve((_, response) => {
        response.setHeader("Content-Encoding", "gzip").write(header);
        const write = () => response.write(emptyBlocks, (error) => error ?? setImmediate(write));
        write();
      });
      assert.equal((await failed(urlOf(site), {}, { timeoutMs: 5000 })).failure, "too_large");
    });

    it("compressed in an unknown way are refused", async () => {
      const site = await serve((_, response) => response.setHeader("Content-Encoding", "constructor").end("x"));
      assert.equal((await failed(urlOf(site))).failure, "encoding");
    });

    it("of other answers than 200 are not read", async () => {
      const site = await serve((_, response) => response.writeHead(404).end(big));
      const { status, body } = await answered(urlOf(site));
      assert.deepEqual([status, body.length], [404, 0]);
    });
  });

  describe("time", () => {
    it("ends a body that trickles", async () => {
      const site = await serve((_, response) => {
        const timer = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(timer));
      });
      const { failure, message } = await failed(urlOf(site), {}, { timeoutMs: 300 });
      assert.equal(failure, "timeout");
      assert.match(message, /within 0\.3 seconds/);
    });

    it("ends a server that never answers, and a DNS server", async () => {
      const site = await serve(() => {});
      assert.equal((await failed(urlOf(site), {}, { timeoutMs: 200 })).failure, "timeout");
      const resolve = () => new Promise<never>(() => {});
      assert.equal((await failed(urlOf(site), { resolve }, { timeoutMs: 200 })).failure, "timeout");
    });

    it("is for all redirects together", async () => {
      const site = await serve((request, response) => {
        setTimeout(() => response.writeHead(302, { Location: `${request.url}x` }).end(), 150);
      });
      assert.equal((await failed(urlOf(site), {}, { timeoutMs: 400 })).failure, "timeout");
    });
  });

  it("asks again without a name where a client that tells its name is turned away", async () => {
    const site = await serve((request, response) => {
      const agent = request.headers["user-agent"];
      response.writeHead(agent === undefined ? 200 : 403).end("<svg/>");
    });
    const { status, body, refusals } = await answered(urlOf(site));
    assert.deepEqual([status, body.toString()], [200, "<svg/>"]);
    assert.equal(refusals.length, 1);
    assert.match(refusals[0]!.userAgent, /^pulumi-bimi\/\d/);
    assert.equal(refusals[0]!.status, 403);

    const wall = await serve((_, response) => response.writeHead(503).end());
    const turnedAway = await answered(urlOf(wall));
    assert.deepEqual([turnedAway.status, turnedAway.refusals], [503, []]);
    assert.equal(wall.requests.length, 3);
  });

  it("makes Node.js warn of nothing, however many requests one file takes", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on("warning", note);
    const site = await serve((request, response) => {
      const at = Number(request.url!.slice(1));
      response.writeHead(at < 3 ? 302 : 403, at < 3 ? { Location: `/${at + 1}` } : {}).end();
    });
    assert.equal((await answered(urlOf(site, "/0"))).status, 403);
    await new Promise(setImmediate);
    process.off("warning", note);
    assert.deepEqual([site.requests.length, warnings], [12, []]);
  });

  it("reads what only an old TLS version serves, and tells the version", async () => {
    const old: ServerOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" };
    const site = await serve((_, response) => response.end("<svg/>"), old);
    const { tls, body } = await answered(urlOf(site));
    assert.deepEqual([tls, body.toString()], ["TLSv1.1", "<svg/>"]);
    // with the same care for the certificate
    assert.equal((await failed(`https://wrong.example.com:${site.port}/`)).failure, "tls");
  });

  it("fetches http only where that is allowed, and never by a redirect from https", async () => {
    const plain = await serve((_, response) => response.end("crl"), "http");
    const url = `http://logo.example.com:${plain.port}/a.crl`;
    const { body, tls } = await answered(url, {}, { allowHttp: true });
    assert.deepEqual([body.toString(), tls], ["crl", undefined]);
    const secure = await serve((_, response) => response.writeHead(302, { Location: url }).end());
    assert.equal((await failed(urlOf(secure), {}, { allowHttp: true })).failure, "redirect");
  });
});
