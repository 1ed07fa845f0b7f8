import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { connect } from "node:net";
import * as packet from "dns-packet";
import { AuthoritativeDns, characterStrings, type DnsQuery, type DnsZoneRecord } from "../../simulator/dns";

type Response = packet.DecodedPacket & { rcode?: string; flag_tc?: boolean; flag_aa?: boolean };

describe("AuthoritativeDns", () => {
  let records: DnsZoneRecord[];
  let queries: DnsQuery[];
  let dns: AuthoritativeDns;
  let port: number;
  let resolver: Resolver;

  beforeEach(async () => {
    records = [];
    queries = [];
    dns = new AuthoritativeDns(() => records, {
      zones: () => ["example.com", "example.net"],
      onQuery: (query) => queries.push(query),
    });
    ({ port } = await dns.start());
    resolver = new Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
  });

  afterEach(() => dns.stop());

  function txt(name: string, content: string): DnsZoneRecord {
    return { name, type: "TXT", content, ttl: 1 };
  }

  function query(name: string, type: packet.RecordType, udpPayloadSize?: number): Buffer {
    const opt = { type: "OPT", name: ".", udpPayloadSize, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false };
    return packet.encode({
      type: "query",
      id: 4242,
      flags: packet.RECURSION_DESIRED,
      questions: [{ name, type }],
      additionals: udpPayloadSize ? [{ ...opt, options: [] } as packet.OptAnswer] : [],
    });
  }

  function overUdp(message: Buffer): Promise<Response> {
    return new Promise((resolve, reject) => {
      const socket = createSocket("udp4");
      socket.once("error", reject);
      socket.once("message", (answer) => {
        socket.close();
        resolve(packet.decode(answer));
      });
      socket.send(message, port, "127.0.0.1");
    });
  }

  function overTcp(...messages: Buffer[]): Promise<Response[]> {
    return new Promise((resolve, reject) => {
      const answers: Response[] = [];
      let pending = Buffer.alloc(0);
      const socket = connect(port, "127.0.0.1", () => {
        for (const message of messages) {
          const length = Buffer.alloc(2);
          length.writeUInt16BE(message.length);
          socket.write(length);
          socket.write(message);
        }
      });
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        pending = Buffer.concat([pending, chunk]);
        while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
          const end = 2 + pending.readUInt16BE(0);
          answers.push(packet.decode(pending.subarray(2, end)));
          pending = pending.subarray(end);
        }
        if (answers.length === messages.length) {
          socket.destroy();
          resolve(answers);
        }
      });
    });
  }

  it("answers a quoted TXT record", async () => {
    records = [txt("example.com", '"_token"')];
    assert.deepEqual(await resolver.resolveTxt("example.com"), [["_token"]]);
  });

  it("answers every TXT record of a name", async () => {
    records = [txt("example.com", '"one"'), txt("example.com", '"two"'), txt("other.example.com", '"three"')];
    assert.deepEqual((await resolver.resolveTxt("example.com")).flat().sort(), ["one", "two"]);
  });

  it("keeps the character-strings as they are quoted", async () => {
    records = [txt("example.com", '"a" "b\\"c" "\\065\\\\"')];
    assert.deepEqual(await resolver.resolveTxt("example.com"), [["a", 'b"c', "A\\"]]);
  });

  it("splits unquoted content at 255 bytes", async () => {
    records = [txt("example.com", "x".repeat(300))];
    assert.deepEqual(await resolver.resolveTxt("example.com"), [["x".repeat(255), "x".repeat(45)]]);
  });

  it("sees a record as soon as it exists, and not after it is gone", async () => {
    await assert.rejects(resolver.resolveTxt("new.example.com"), { code: "ENOTFOUND" });
    records = [txt("new.example.com", '"here"')];
    assert.deepEqual(await resolver.resolveTxt("new.example.com"), [["here"]]);
    records = [];
    await assert.rejects(resolver.resolveTxt("new.example.com"), { code: "ENOTFOUND" });
  });

  it("ignores the case of names and echoes the question's", async () => {
    records = [txt("Default._bimi.Example.com", '"v=BIMI1; l=; a=;"')];
    const answer = await overUdp(query("DEFAULT._bimi.exAmple.COM", "TXT"));
    assert.equal(answer.questions?.[0]?.name, "DEFAULT._bimi.exAmple.COM");
    assert.equal(answer.answers?.[0]?.name, "DEFAULT._bimi.exAmple.COM");
    assert.equal(answer.flag_aa, true);
  });

  it("answers a CNAME", async () => {
    records = [{ name: "_dnsauth.example.com", type: "CNAME", content: "abc.dcv.digicert.com", ttl: 60 }];
    assert.deepEqual(await resolver.resolveCname("_dnsauth.example.com"), ["abc.dcv.digicert.com"]);
    const answer = await overUdp(query("_dnsauth.example.com", "CNAME"));
    assert.deepEqual(
      answer.answers?.map((entry) => (entry as packet.StringAnswer).ttl),
      [60],
    );
  });

  it("follows a CNAME into its other zone", async () => {
    records = [
      { name: "default._bimi.example.com", type: "CNAME", content: "default._bimi.example.net.", ttl: 1 },
      txt("default._bimi.example.net", '"v=BIMI1; l=; a=;"'),
    ];
    assert.deepEqual(await resolver.resolveTxt("default._bimi.example.com"), [["v=BIMI1; l=; a=;"]]);
  });

  it("stops where a CNAME leaves its zones", async () => {
    records = [{ name: "a.example.com", type: "CNAME", content: "elsewhere.test", ttl: 1 }];
    const { answers, rcode } = await overUdp(query("a.example.com", "TXT"));
    assert.equal(rcode, "NOERROR");
    assert.deepEqual(
      answers?.map((answer) => answer.type),
      ["CNAME"],
    );
  });

  it("answers NXDOMAIN for a CNAME whose target in its zones does not exist", async () => {
    records = [{ name: "a.example.com", type: "CNAME", content: "missing.example.net", ttl: 1 }];
    const { answers, rcode } = await overUdp(query("a.example.com", "TXT"));
    assert.equal(rcode, "NXDOMAIN");
    assert.equal(answers?.length, 1);
  });

  it("ends a CNAME loop", async () => {
    records = [
      { name: "a.example.com", type: "CNAME", content: "b.example.com", ttl: 1 },
      { name: "b.example.com", type: "CNAME", content: "a.example.com", ttl: 1 },
    ];
    const { answers } = await overUdp(query("a.example.com", "TXT"));
    assert.equal(answers?.length, 2);
  });

  it("gives the zone's SOA with NXDOMAIN", async () => {
    const answer = await overUdp(query("missing.example.com", "TXT"));
    assert.equal(answer.rcode, "NXDOMAIN");
    assert.equal(answer.authorities?.[0]?.type, "SOA");
    assert.equal(answer.authorities?.[0]?.name, "example.com");
  });

  it("answers NODATA for a name that has other types only, or only names below it", async () => {
    records = [{ name: "a.b.example.com", type: "A", content: "192.0.2.7", ttl: 1 }];
    for (const name of ["a.b.example.com", "b.example.com", "example.com"]) {
      const answer = await overUdp(query(name, "TXT"));
      assert.equal(answer.rcode, "NOERROR", name);
      assert.equal(answer.answers?.length, 0, name);
      assert.equal(answer.authorities?.[0]?.type, "SOA", name);
    }
  });

  it("answers from a wildcard where nothing closer exists", async () => {
    records = [txt("*.example.com", '"wild"'), txt("own.example.com", '"own"')];
    assert.deepEqual(await resolver.resolveTxt("any.thing.example.com"), [["wild"]]);
    assert.deepEqual(await resolver.resolveTxt("own.example.com"), [["own"]]);
    await assert.rejects(resolver.resolveTxt("below.own.example.com"), { code: "ENOTFOUND" });
  });

  it("refuses names outside its zones", async () => {
    const answer = await overUdp(query("example.org", "TXT"));
    assert.equal(answer.rcode, "REFUSED");
  });

  it("answers only addresses for a proxied record", async () => {
    records = [{ name: "default._bimi.example.com", type: "CNAME", content: "x.example.net", ttl: 1, proxied: true }];
    await assert.rejects(resolver.resolveTxt("default._bimi.example.com"), { code: "ENODATA" });
    assert.equal((await resolver.resolve4("default._bimi.example.com")).length, 1);
  });

  it("answers MX and CAA, issuevmc included", async () => {
    records = [
      { name: "example.com", type: "MX", content: "mail.example.com", ttl: 1, priority: 10 },
      { name: "example.com", type: "CAA", content: '0 issuevmc "digicert.com"', ttl: 1 },
    ];
    assert.deepEqual(await resolver.resolveMx("example.com"), [{ exchange: "mail.example.com", priority: 10 }]);
    assert.deepEqual(await resolver.resolveCaa("example.com"), [{ critical: 0, issuevmc: "digicert.com" }]);
  });

  describe("an answer over the UDP limit", () => {
    const long = `"${"x".repeat(250)}" "${"y".repeat(250)}" "${"z".repeat(250)}"`;

    it("is truncated at 512 bytes without EDNS", async () => {
      records = [txt("example.com", long)];
      const answer = await overUdp(query("example.com", "TXT"));
      assert.equal(answer.flag_tc, true);
      assert.equal(answer.answers?.length, 0);
    });

    it("fits when the client's EDNS size allows it", async () => {
      records = [txt("example.com", long)];
      const answer = await overUdp(query("example.com", "TXT", 1232));
      assert.equal(answer.flag_tc, false);
      assert.equal(answer.answers?.length, 1);
      assert.equal(answer.additionals?.[0]?.type, "OPT");
    });

    it("is whole over TCP, where the resolver asks again by itself", async () => {
      records = [txt("example.com", `${long} ${long} ${long}`)];
      const parts = (await resolver.resolveTxt("example.com")).flat();
      assert.equal(parts.length, 9);
      assert.deepEqual(
        queries.map(({ transport, truncated }) => [transport, truncated]),
        [
          ["udp", true],
          ["tcp", false],
        ],
      );
    });
  });

  it("answers several questions on one TCP connection", async () => {
    records = [txt("a.example.com", '"a"'), txt("b.example.com", '"b"')];
    const answers = await overTcp(query("a.example.com", "TXT"), query("b.example.com", "TXT"));
    assert.deepEqual(
      answers.map((answer) => answer.questions?.[0]?.name),
      ["a.example.com", "b.example.com"],
    );
  });

  it("survives garbage", async () => {
    const socket = createSocket("udp4");
    socket.send(Buffer.from([1, 2, 3]), port, "127.0.0.1");
    socket.send(Buffer.alloc(40, 0xff), port, "127.0.0.1", () => socket.close());
    records = [txt("example.com", '"still here"')];
    assert.deepEqual(await resolver.resolveTxt("example.com"), [["still here"]]);
  });

  it("answers SERVFAIL for content that is no TXT", async () => {
    records = [txt("example.com", '"open')];
    const answer = await overUdp(query("example.com", "TXT"));
    assert.equal(answer.rcode, "SERVFAIL");
  });

  it("reports each query with its answer", async () => {
    records = [txt("example.com", '"_token"')];
    await overUdp(query("example.com", "TXT"));
    assert.deepEqual(queries, [
      {
        name: "example.com",
        type: "TXT",
        transport: "udp",
        rcode: "NOERROR",
        truncated: false,
        answers: [{ name: "example.com", type: "TXT", ttl: 300, data: ["_token"] }],
      },
    ]);
  });

  it("says so when its port is taken", async () => {
    const second = new AuthoritativeDns(() => []);
    await assert.rejects(second.start(port), { code: "EADDRINUSE" });
  });
});

describe("characterStrings", () => {
  it("counts bytes, not characters", () => {
    const parts = characterStrings("ä".repeat(130));
    assert.deepEqual(
      parts.map((part) => part.length),
      [255, 5],
    );
    assert.equal(Buffer.concat(parts).toString(), "ä".repeat(130));
  });

  it("refuses quotes that do not close, and text between them", () => {
    assert.throws(() => characterStrings('"abc'));
    assert.throws(() => characterStrings('"abc" def'));
  });

  it("takes empty content as one empty string", () => {
    assert.deepEqual(characterStrings('""'), [Buffer.alloc(0)]);
    assert.deepEqual(characterStrings(""), [Buffer.alloc(0)]);
  });
});
