import assert from "node:assert/strict";
import {
  type DcvDomain,
  type DnsRecordData,
  dcvRecordFor,
  dcvRecords,
  httpTokenFile,
  isDnsMethod,
} from "../../../provider/records/dcv";

const TOKEN = "_1abc2def3ghi4jkl5mno6pqr7stu8vw";

const apex: DcvDomain = { id: 1, name: "example.com", dnsName: "example.com", token: TOKEN };
const sub: DcvDomain = { id: 1, name: "example.com", dnsName: "mail.example.com", token: TOKEN };
const other: DcvDomain = { id: 2, name: "example.org", dnsName: "example.org", token: "other" };

function lines(records: DnsRecordData[]): string[] {
  return records.map(({ domain, name, type, content }) => `${domain}: ${name} ${type} ${content}`);
}

describe("dcvRecords", () => {
  it("dns-txt-token: the token at the name itself", () => {
    assert.deepEqual(dcvRecords({ domains: [apex], method: "dns-txt-token" }), [
      { domain: "example.com", name: "example.com", type: "TXT", content: TOKEN, ttl: 300 },
    ]);
  });

  it("dns-txt-token: at _dnsauth if told", () => {
    const records = dcvRecords({ domains: [apex], method: "dns-txt-token", dcvRecordName: "_dnsauth", ttl: 60 });
    assert.deepEqual(records, [
      { domain: "example.com", name: "_dnsauth.example.com", type: "TXT", content: TOKEN, ttl: 60 },
    ]);
  });

  it("dns-cname-token: today's form by default", () => {
    assert.deepEqual(lines(dcvRecords({ domains: [apex], method: "dns-cname-token" })), [
      `example.com: _dnsauth.example.com CNAME ${TOKEN}.dcv.digicert.com`,
    ]);
  });

  it("dns-cname-token: the seed's form if told", () => {
    assert.deepEqual(lines(dcvRecords({ domains: [apex], method: "dns-cname-token", cnameStyle: "seed" })), [
      `example.com: ${TOKEN}.example.com CNAME dcv.digicert.com`,
    ]);
  });

  it("email and http-token need no record", () => {
    assert.deepEqual(dcvRecords({ domains: [apex, sub], method: "email" }), []);
    assert.deepEqual(dcvRecords({ domains: [apex, sub], method: "http-token" }), []);
  });

  it("a domain without a token has none", () => {
    const domains = [{ ...apex, token: undefined }, { ...sub, token: "" }, other];
    assert.deepEqual(lines(dcvRecords({ domains, method: "dns-txt-token" })), ["example.org: example.org TXT other"]);
  });

  describe("the owner", () => {
    const cases: [what: string, domain: DcvDomain, owner: string][] = [
      ["is the domain of the account above the name", sub, "example.com"],
      ["is the name if the account's domain is another", { ...sub, name: "example.org" }, "mail.example.com"],
      ["is the name if the account's domain is below it", { ...apex, name: "www.example.com" }, "example.com"],
      ["is no name that only ends alike", { ...apex, name: "ple.com" }, "example.com"],
      [
        "is the name if the answer has no account's domain",
        { dnsName: "mail.example.com", token: "t" },
        "mail.example.com",
      ],
      ["is the account's domain if the answer has no name", { name: "example.com", token: "t" }, "example.com"],
      ["is canonical", { name: "Bücher.Example.", dnsName: "BÜCHER.example", token: "t" }, "xn--bcher-kva.example"],
    ];
    for (const [what, domain, owner] of cases) {
      it(what, () => {
        assert.equal(dcvRecords({ domains: [domain], method: "dns-txt-token" })[0]?.name, owner);
        assert.equal(dcvRecords({ domains: [domain], method: "dns-cname-token" })[0]?.name, `_dnsauth.${owner}`);
      });
    }
  });

  it("one record per owner", () => {
    const domains = [sub, { ...sub, dnsName: "news.example.com" }, apex, other];
    assert.deepEqual(lines(dcvRecords({ domains, method: "dns-txt-token" })), [
      `example.com: example.com TXT ${TOKEN}`,
      "example.org: example.org TXT other",
    ]);
    assert.deepEqual(lines(dcvRecords({ domains, method: "dns-cname-token" })), [
      `example.com: _dnsauth.example.com CNAME ${TOKEN}.dcv.digicert.com`,
      "example.org: _dnsauth.example.org CNAME other.dcv.digicert.com",
    ]);
  });

  it("takes the token of any name that shares the owner", () => {
    const domains = [{ ...apex, token: undefined }, sub];
    assert.deepEqual(lines(dcvRecords({ domains, method: "dns-txt-token" })), [
      `mail.example.com: example.com TXT ${TOKEN}`,
    ]);
  });

  describe("verification_value", () => {
    const cases: [value: string, target: string][] = [
      ["dcv.digicert.com", `${TOKEN}.dcv.digicert.com`],
      ["", `${TOKEN}.dcv.digicert.com`],
      ["_new.dcv.digicert.com", "_new.dcv.digicert.com"],
      [`${TOKEN}.dcv.digicert.com.`, `${TOKEN}.dcv.digicert.com`],
      [`${TOKEN}.example.com`, `${TOKEN}.dcv.digicert.com`],
      ["_dnsauth.example.com", `${TOKEN}.dcv.digicert.com`],
    ];
    for (const [verificationValue, target] of cases) {
      it(`${JSON.stringify(verificationValue)} -> CNAME ${target}`, () => {
        const domains = [{ ...apex, verificationValue }];
        assert.equal(dcvRecords({ domains, method: "dns-cname-token" })[0]?.content, target);
      });
    }

    it("is never a TXT record's content", () => {
      const domains = [{ ...apex, verificationValue: "_new.dcv.digicert.com" }];
      assert.equal(dcvRecords({ domains, method: "dns-txt-token" })[0]?.content, TOKEN);
    });
  });
});

describe("dcvRecordFor", () => {
  type Options = Parameters<typeof dcvRecordFor>[1];
  const options: Options = { dnsNames: ["example.com"], domains: [apex], method: "dns-txt-token" };

  it("is the domain's record", () => {
    assert.deepEqual(dcvRecordFor("Example.com", options), dcvRecords(options)[0]);
  });

  describe("without a token", () => {
    const cases: [
      what: string,
      method: "dns-txt-token" | "dns-cname-token",
      domain: DcvDomain | undefined,
      line: string,
    ][] = [
      ["TXT of an order that is not approved", "dns-txt-token", undefined, "example.com TXT pending"],
      ["TXT of a pending domain", "dns-txt-token", { ...apex, status: "pending" }, "example.com TXT pending"],
      ["TXT of a valid domain", "dns-txt-token", { ...apex, status: "active" }, "example.com TXT validated"],
      ["TXT of an approved domain", "dns-txt-token", { ...apex, status: "Approved" }, "example.com TXT validated"],
      ["TXT of an inactive domain", "dns-txt-token", { ...apex, status: "inactive" }, "example.com TXT pending"],
      ["CNAME", "dns-cname-token", undefined, "_dnsauth.example.com CNAME dcv.digicert.com"],
      [
        "CNAME of a valid domain",
        "dns-cname-token",
        { ...apex, status: "active" },
        "_dnsauth.example.com CNAME dcv.digicert.com",
      ],
    ];
    for (const [what, method, domain, line] of cases) {
      it(`${what}: ${line}`, () => {
        const domains = domain ? [{ ...domain, token: undefined }] : [];
        const expected = [`example.com: ${line}`];
        assert.deepEqual(
          lines([dcvRecordFor("example.com", { dnsNames: ["example.com"], domains, method })]),
          expected,
        );
        const seed = dcvRecordFor("example.com", { dnsNames: ["example.com"], domains, method, cnameStyle: "seed" });
        assert.deepEqual(lines([seed]), expected);
      });
    }

    it("TXT at _dnsauth if told", () => {
      const record = dcvRecordFor("example.com", { ...options, domains: [], dcvRecordName: "_dnsauth" });
      assert.deepEqual(lines([record]), ["example.com: _dnsauth.example.com TXT pending"]);
    });
  });

  it("a valid domain keeps its last token", () => {
    const record = dcvRecordFor("example.com", { ...options, domains: [{ ...apex, status: "active" }] });
    assert.equal(record.content, TOKEN);
  });

  it("of two names that share an owner, the second has its record at its own name", () => {
    const dnsNames = ["a.example.com", "b.example.com"];
    const domains = dnsNames.map((dnsName) => ({ ...sub, dnsName }));
    const all = (more: Partial<Options>) =>
      lines(dnsNames.map((name) => dcvRecordFor(name, { ...options, dnsNames, domains, ...more })));
    assert.deepEqual(all({}), [`a.example.com: example.com TXT ${TOKEN}`, `b.example.com: b.example.com TXT ${TOKEN}`]);
    assert.deepEqual(all({ method: "dns-cname-token" }), [
      `a.example.com: _dnsauth.example.com CNAME ${TOKEN}.dcv.digicert.com`,
      `b.example.com: _dnsauth.b.example.com CNAME ${TOKEN}.dcv.digicert.com`,
    ]);
    assert.deepEqual(all({ method: "dns-cname-token", cnameStyle: "seed" }), [
      `a.example.com: ${TOKEN}.example.com CNAME dcv.digicert.com`,
      `b.example.com: ${TOKEN}.b.example.com CNAME dcv.digicert.com`,
    ]);
  });

  it("the name that is the owner comes first, wherever it is listed", () => {
    for (const dnsNames of [
      ["mail.example.com", "example.com"],
      ["example.com", "mail.example.com"],
    ]) {
      const shared = { ...options, dnsNames, domains: [sub, apex] };
      assert.equal(dcvRecordFor("example.com", shared).name, "example.com");
      assert.equal(dcvRecordFor("mail.example.com", shared).name, "mail.example.com");
    }
  });

  it("finds the account's domain when the answer does not name every DNS name", () => {
    const shared = {
      ...options,
      dnsNames: ["mail.example.com"],
      domains: [{ id: 1, name: "example.com", token: "t" }],
    };
    assert.deepEqual(lines([dcvRecordFor("mail.example.com", shared)]), ["mail.example.com: example.com TXT t"]);
  });

  describe("over every combination", () => {
    // Names in several relations to each other and to the account's domains, one in a chain.
    const dnsNames = ["a.b.example.com", "b.example.com", "example.com", "c.example.com", "d.example.org"];
    const accounts = ["example.com", "b.example.com", "example.org", undefined];
    const assignments = dnsNames.reduce<(string | undefined)[][]>(
      (lists) => lists.flatMap((list) => accounts.map((account) => [...list, account])),
      [[]],
    );
    for (const method of ["dns-txt-token", "dns-cname-token"] as const) {
      for (const cnameStyle of ["_dnsauth", "seed"] as const) {
        for (const dcvRecordName of ["@", "_dnsauth"] as const) {
          it(`${method} ${cnameStyle} ${dcvRecordName}: one record each, no twins, none missing`, () => {
            for (const [index, assignment] of assignments.entries()) {
              const domains = dnsNames.map((dnsName, i): DcvDomain => {
                // Some without a token, the same for all of one account's domain.
                const name = assignment[i];
                return { name, dnsName, token: (index + (name ?? dnsName).length) % 3 ? "t" : undefined };
              });
              const all = { domains, dnsNames, method, cnameStyle, dcvRecordName };
              const children = dnsNames.map((dnsName) => dcvRecordFor(dnsName, all));
              const context = JSON.stringify({ domains, children });
              assert.equal(new Set(children.map(({ name }) => name)).size, dnsNames.length, context);
              const published = lines(children);
              for (const line of lines(dcvRecords(all))) assert.ok(published.includes(line), `${line} in ${context}`);
            }
          });
        }
      }
    }
  });
});

describe("httpTokenFile", () => {
  it("belongs to the exact DNS name", () => {
    assert.deepEqual(httpTokenFile(sub), {
      url: "http://mail.example.com/.well-known/pki-validation/fileauth.txt",
      content: TOKEN,
    });
  });

  it("prefers DigiCert's location, with or without scheme", () => {
    const location = "mail.example.com/.well-known/pki-validation/fileauth.txt";
    assert.equal(httpTokenFile({ ...sub, httpTokenUrl: location })?.url, `http://${location}`);
    assert.equal(httpTokenFile({ ...sub, httpTokenUrl: `https://${location}` })?.url, `https://${location}`);
  });

  it("is undefined without a token", () => {
    assert.equal(httpTokenFile({ ...sub, token: undefined }), undefined);
  });
});

describe("isDnsMethod", () => {
  it("is true for the two methods with DNS records", () => {
    assert.deepEqual(["email", "http-token", "dns-txt-token", "dns-cname-token", "x"].filter(isDnsMethod), [
      "dns-txt-token",
      "dns-cname-token",
    ]);
  });
});
