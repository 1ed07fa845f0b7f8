import assert from "node:assert/strict";
import { CloudflareApi, type CloudflareFault } from "../../simulator/cloudflare";
import type { JournalEntry } from "../../simulator/journal";

// biome-ignore lint/suspicious/noExplicitAny: answers are asserted field by field
type Json = any;

const zone = "0123456789abcdef0123456789abcdef";
const token = "simulated-cloudflare-token-0123456789abcd";
const txt = { content: '"_abc123"', name: "example.com", proxied: false, ttl: 1, type: "TXT" };

describe("CloudflareApi", () => {
  let api: CloudflareApi;
  let url: string;
  let journal: JournalEntry[];
  let now: number;
  let fault: CloudflareFault | undefined;

  beforeEach(async () => {
    journal = [];
    now = Date.parse("2026-11-21T10:00:00Z");
    fault = undefined;
    api = new CloudflareApi({
      zones: { "example.com": zone, "example.net": "f".repeat(32) },
      token,
      journal: { add: (entry) => journal.push(entry) },
      clock: { now: () => now },
      fault: () => fault,
    });
    ({ url } = await api.start());
  });

  afterEach(() => api.stop());

  async function call(method: string, path: string, body?: unknown, bearer = token): Promise<Json> {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as object) };
  }

  const records = `/zones/${zone}/dns_records`;

  function refused(answer: Json, status: number, code: number): void {
    assert.equal(answer.status, status);
    assert.equal(answer.success, false);
    assert.equal(answer.result, null);
    assert.equal(answer.errors[0].code, code);
  }

  it("creates a record and answers it as Cloudflare does", async () => {
    const { status, success, errors, messages, result } = await call("POST", records, txt);
    assert.deepEqual({ status, success, errors, messages }, { status: 200, success: true, errors: [], messages: [] });
    assert.match(result.id, /^[0-9a-f]{32}$/);
    assert.deepEqual(result, {
      id: result.id,
      name: "example.com",
      type: "TXT",
      content: '"_abc123"',
      ttl: 1,
      proxied: false,
      proxiable: false,
      comment: null,
      tags: [],
      settings: {},
      meta: {},
      created_on: "2026-11-21T10:00:00.000Z",
      modified_on: "2026-11-21T10:00:00.000Z",
      comment_modified_on: null,
    });
    assert.deepEqual((await call("GET", `${records}/${result.id}`)).result, result);
  });

  it("hands its records to a DNS server", async () => {
    await call("POST", records, txt);
    assert.deepEqual(
      api.records().map(({ name, type, content, ttl, proxied }) => ({ name, type, content, ttl, proxied })),
      [{ name: "example.com", type: "TXT", content: '"_abc123"', ttl: 1, proxied: false }],
    );
  });

  it("replaces a record with PUT and keeps its id and creation time", async () => {
    const { result: created } = await call("POST", records, txt);
    now += 60_000;
    const whole = { ...txt, ttl: 300, settings: {}, tags: [] };
    const { status, result } = await call("PUT", `${records}/${created.id}`, whole);
    assert.equal(status, 200);
    assert.equal(result.id, created.id);
    assert.equal(result.ttl, 300);
    assert.equal(result.created_on, created.created_on);
    assert.equal(result.modified_on, "2026-11-21T10:01:00.000Z");
  });

  it("changes only the given fields with PATCH", async () => {
    const { result: created } = await call("POST", records, { ...txt, comment: "bimi" });
    const { result } = await call("PATCH", `${records}/${created.id}`, { content: '"_def456"' });
    assert.equal(result.content, '"_def456"');
    assert.equal(result.comment, "bimi");
    assert.equal(result.name, "example.com");
  });

  it("deletes a record, after which it is 404 with code 81044", async () => {
    const { result } = await call("POST", records, txt);
    const deleted = await call("DELETE", `${records}/${result.id}`);
    assert.deepEqual([deleted.status, deleted.result], [200, { id: result.id }]);
    const gone = await call("GET", `${records}/${result.id}`);
    refused(gone, 404, 81044);
    assert.equal(gone.errors[0].message, "Record does not exist.");
    refused(await call("DELETE", `${records}/${result.id}`), 404, 81044);
    assert.deepEqual(api.records(), []);
  });

  it("lists with filters and pages", async () => {
    await call("POST", records, txt);
    await call("POST", records, { ...txt, name: "default._bimi.example.com", content: '"v=BIMI1; l=; a=;"' });
    await call("POST", records, { type: "CNAME", name: "_dnsauth.example.com", content: "dcv.digicert.com" });
    const names = async (query: string) =>
      (await call("GET", `${records}?${query}`)).result.map((record: Json) => record.name);
    assert.deepEqual(await names("type=TXT"), ["example.com", "default._bimi.example.com"]);
    assert.deepEqual(await names("name=default._bimi.example.com&type=TXT"), ["default._bimi.example.com"]);
    assert.deepEqual(await names("name.exact=_dnsauth.example.com"), ["_dnsauth.example.com"]);
    const page = await call("GET", `${records}?per_page=2&page=2`);
    assert.equal(page.result.length, 1);
    assert.deepEqual(page.result_info, { page: 2, per_page: 2, count: 1, total_count: 3, total_pages: 2 });
  });

  describe("records with the same name", () => {
    it("may differ in content", async () => {
      await call("POST", records, txt);
      assert.equal((await call("POST", records, { ...txt, content: '"other"' })).status, 200);
    });

    it("are refused when identical, also with another ttl or other quoting", async () => {
      await call("POST", records, txt);
      for (const twin of [txt, { ...txt, ttl: 300 }, { ...txt, content: "_abc123" }, { ...txt, name: "@" }]) {
        const answer = await call("POST", records, twin);
        refused(answer, 400, 81058);
        assert.equal(answer.errors[0].message, "An identical record already exists.");
      }
      assert.equal(api.records().length, 1);
    });

    it("are refused when an update would make them identical", async () => {
      await call("POST", records, txt);
      const { result } = await call("POST", records, { ...txt, content: '"other"' });
      refused(await call("PUT", `${records}/${result.id}`, txt), 400, 81058);
      assert.equal((await call("GET", `${records}/${result.id}`)).result.content, '"other"');
    });

    it("are refused for a CNAME beside an address or another CNAME", async () => {
      const cname = { type: "CNAME", name: "www.example.com", content: "example.net" };
      await call("POST", records, { type: "A", name: "www.example.com", content: "192.0.2.1" });
      refused(await call("POST", records, cname), 400, 81053);
      await call("POST", records, { ...cname, name: "cdn.example.com" });
      refused(await call("POST", records, { ...cname, name: "cdn.example.com", content: "x.test" }), 400, 81053);
      const address = { type: "A", name: "cdn.example.com", content: "192.0.2.1" };
      refused(await call("POST", records, address), 400, 81054);
    });

    it("may be TXT beside CNAME", async () => {
      await call("POST", records, { type: "CNAME", name: "_dmarc.example.com", content: "example.net" });
      assert.equal((await call("POST", records, { ...txt, name: "_dmarc.example.com" })).status, 200);
    });
  });

  it("takes a name outside the zone as relative to it", async () => {
    const named = async (name: string) => (await call("POST", records, { ...txt, name })).result.name;
    assert.equal(await named("@"), "example.com");
    assert.equal(await named("Default._bimi"), "default._bimi.example.com");
    assert.equal(await named("a.example.net"), "a.example.net.example.com");
  });

  it("keeps pre-split TXT content as sent and cuts a quoted string over 255 bytes", async () => {
    const split = `"${"a".repeat(255)}" "${"b".repeat(20)}"`;
    const kept = await call("POST", records, { ...txt, content: split });
    assert.equal(kept.result.content, split);
    const cut = await call("POST", records, { ...txt, name: "b", content: `"${"a".repeat(260)}"` });
    assert.equal(cut.result.content, `"${"a".repeat(255)}" "aaaaa"`);
  });

  it("refuses records that it cannot serve", async () => {
    const refusals: [object, number][] = [
      [{ ...txt, ttl: 30 }, 9021],
      [{ ...txt, proxied: true }, 9004],
      [{ ...txt, type: "NOPE" }, 9002],
      [{ ...txt, name: "" }, 9000],
      [{ ...txt, name: "a b" }, 9000],
      [{ ...txt, name: `${"a".repeat(64)}.example.com` }, 9000],
      [{ ...txt, content: "" }, 9005],
      [{ ...txt, content: '"open' }, 9005],
    ];
    for (const [record, code] of refusals) refused(await call("POST", records, record), 400, code);
    refused(await call("POST", records, "{"), 400, 6007);
    assert.deepEqual(api.records(), []);
  });

  it("refuses another token", async () => {
    const answer = await call("GET", records, undefined, "wrong");
    refused(answer, 403, 10000);
    assert.equal(answer.errors[0].message, "Authentication error");
    refused(await call("POST", records, txt, "wrong"), 403, 10000);
    assert.deepEqual(api.records(), []);
  });

  it("does not know other zones", async () => {
    refused(await call("GET", `/zones/${"9".repeat(32)}/dns_records`), 404, 7003);
    refused(await call("GET", "/zones/example.com/dns_records"), 404, 7003);
    refused(await call("GET", "/nowhere"), 404, 7003);
  });

  it("lists zones by name", async () => {
    const { result } = await call("GET", "/zones?name=example.com");
    assert.deepEqual(
      result.map((found: Json) => [found.id, found.name, found.status]),
      [[zone, "example.com", "active"]],
    );
    assert.equal((await call("GET", "/zones")).result.length, 2);
    assert.equal((await call("GET", `/zones/${zone}`)).result.name, "example.com");
  });

  it("verifies its token", async () => {
    assert.equal((await call("GET", "/user/tokens/verify")).result.status, "active");
    refused(await call("GET", "/user/tokens/verify", undefined, "wrong"), 401, 1000);
  });

  describe("scopes of tokens", () => {
    const verified = async (bearer: string) => (await call("GET", "/user/tokens/verify", undefined, bearer)).result;
    const other = `/zones/${"f".repeat(32)}`;

    it("say in each zone what the token may do there", async () => {
      const permissions = async (bearer: string) =>
        (await call("GET", `/zones/${zone}`, undefined, bearer)).result.permissions;
      assert.deepEqual(await permissions(token), ["#dns_records:edit", "#dns_records:read", "#zone:read"]);
      assert.deepEqual(await permissions(api.addToken({ dns: "read" })), ["#dns_records:read", "#zone:read"]);
    });

    it("refuse to write with a token that may read", async () => {
      const bearer = api.addToken({ dns: "read" });
      assert.equal((await call("GET", records, undefined, bearer)).status, 200);
      refused(await call("POST", records, txt, bearer), 403, 10000);
      assert.deepEqual(api.records(), []);
    });

    it("hide zones that the token does not name", async () => {
      const bearer = api.addToken({ zones: [zone] });
      const { result } = await call("GET", "/zones", undefined, bearer);
      assert.deepEqual(
        result.map(({ id }: Json) => id),
        [zone],
      );
      refused(await call("GET", other, undefined, bearer), 403, 9109);
      refused(await call("GET", `${other}/dns_records`, undefined, bearer), 403, 10000);
      assert.equal((await call("POST", records, txt, bearer)).status, 200);
    });

    it("without Zone Read let records be edited, but no zone be looked at", async () => {
      const bearer = api.addToken({ zoneRead: false });
      refused(await call("GET", "/zones", undefined, bearer), 403, 9109);
      refused(await call("GET", `/zones/${zone}`, undefined, bearer), 403, 9109);
      assert.equal((await call("POST", records, txt, bearer)).status, 200);
    });

    it("end: the token says so and is refused", async () => {
      const expiresOn = "2026-11-20T00:00:00Z";
      const bearer = api.addToken({ status: "expired", expiresOn });
      assert.deepEqual(await verified(bearer), { id: "5".repeat(32), status: "expired", expires_on: expiresOn });
      refused(await call("GET", records, undefined, bearer), 403, 10000);
    });

    it("do not tell of a token that an account owns, which works all the same", async () => {
      const bearer = api.addToken({ accountOwned: true });
      refused(await call("GET", "/user/tokens/verify", undefined, bearer), 401, 1000);
      assert.equal((await call("GET", "/zones", undefined, bearer)).status, 200);
    });
  });

  it("keeps a journal of every call, without the token", async () => {
    await call("POST", records, txt);
    await call("GET", `${records}?type=TXT`);
    assert.deepEqual(
      journal.map(({ at, service, method, path, status, write }) => ({ at, service, method, path, status, write })),
      [
        {
          at: "2026-11-21T10:00:00.000Z",
          service: "cloudflare",
          method: "POST",
          path: records,
          status: 200,
          write: true,
        },
        {
          at: "2026-11-21T10:00:00.000Z",
          service: "cloudflare",
          method: "GET",
          path: `${records}?type=TXT`,
          status: 200,
          write: false,
        },
      ],
    );
    assert.deepEqual(journal[0]?.request, txt);
    assert.equal(JSON.stringify(journal).includes(token), false);
  });

  it("acts out faults", async () => {
    fault = { kind: "answer", status: 503 };
    assert.equal((await call("POST", records, txt)).status, 503);
    fault = { kind: "drop", after: "request" };
    await assert.rejects(call("POST", records, txt));
    assert.deepEqual(api.records(), []);
    fault = { kind: "drop", after: "commit" };
    await assert.rejects(call("POST", records, txt));
    assert.equal(api.records().length, 1);
    assert.deepEqual(
      journal.map(({ fault: played, status }) => [played, status]),
      [
        ["answer", 503],
        ["drop", 0],
        ["drop", 0],
      ],
    );
  });

  it("gives its records back after a restart", async () => {
    const { result } = await call("POST", records, txt);
    const saved = JSON.parse(JSON.stringify(api.dump()));
    const next = new CloudflareApi({ zones: { "example.com": zone }, token });
    next.restore(saved);
    assert.deepEqual(next.dump()["example.com"], [result]);
  });
});
