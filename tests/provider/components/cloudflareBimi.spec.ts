import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as bimi from "../../../provider";
import { Program, settled } from "../mocks";
import type { Json } from "../support";

const zones = { "example.com": "zone-com", "example.net": "zone-net" };
const logoUrl = "https://example.com/logo-1.svg";
const certificateUrl = "https://example.com/logo-1.pem";

/** What DigiCert answers: a token for each name. */
const domainsOf = (names: string[], changes: Json = {}) =>
  names.map((dnsName, index) => ({
    id: index + 1,
    name: dnsName,
    dnsName,
    token: `_token${index + 1}`,
    status: "pending",
    ...changes,
  }));

describe("CloudflareBimi", () => {
  let program: Program;
  let answer: Json;
  let certificate: Json;
  const start = async (options?: { preview: boolean }) => {
    program = await Program.start(({ type }) => {
      if (type.endsWith("Order")) return answer;
      return type.endsWith("MarkCertificate") ? certificate : {};
    }, options);
  };
  beforeEach(async () => {
    answer = {
      orderId: 137,
      certificateId: 1137,
      domains: domainsOf(["example.com", "mail.example.net"]),
      logoSha256: "ab".repeat(32),
      status: "pending",
    };
    certificate = {
      published: [
        { name: "example.com", logoUrl, certificateUrl: "" },
        { name: "mail.example.net", logoUrl, certificateUrl: "" },
      ],
    };
    await start();
  });

  const order = (changes: Json = {}) =>
    new bimi.VmcOrder("logo", {
      dnsNames: ["Example.com", "mail.example.net."],
      organization: { id: 1 },
      dcvMethod: "dns-txt-token",
      ...changes,
    });
  const component = (changes: Json = {}, orderChanges: Json = {}) =>
    new bimi.CloudflareBimi("acme", { order: order(orderChanges), zones, logoUrl, certificateUrl, ...changes });
  /** Every record, by its name in Pulumi, once all of the program is declared. */
  const records = async (made: bimi.CloudflareBimi): Promise<Record<string, Json>> => {
    for (const record of [...made.dcvRecords, ...made.bimiRecords]) await settled(record.urn);
    return Object.fromEntries(program.of("DnsRecord").map(({ name, inputs }) => [name, inputs]));
  };

  it("declares one DCV and one assertion record for each name, in its zone", async () => {
    const made = component();
    assert.deepEqual(await records(made), {
      "acme-dcv-example.com": {
        zoneId: "zone-com",
        name: "example.com",
        type: "TXT",
        content: '"_token1"',
        ttl: 300,
        proxied: false,
      },
      "acme-dcv-mail.example.net": {
        zoneId: "zone-net",
        name: "mail.example.net",
        type: "TXT",
        content: '"_token2"',
        ttl: 300,
        proxied: false,
      },
      "acme-bimi-example.com": {
        zoneId: "zone-com",
        name: "default._bimi.example.com",
        type: "TXT",
        content: `"v=BIMI1; l=${logoUrl}; a=;"`,
        ttl: 3600,
        proxied: false,
      },
      "acme-bimi-mail.example.net": {
        zoneId: "zone-net",
        name: "default._bimi.mail.example.net",
        type: "TXT",
        content: `"v=BIMI1; l=${logoUrl}; a=;"`,
        ttl: 3600,
        proxied: false,
      },
    });
    const urns = await Promise.all(made.dcvRecords.map(({ urn }) => settled(urn)));
    assert.deepEqual(urns, [
      "urn:pulumi:dev::acme::bimi:index:CloudflareBimi$cloudflare:index/dnsRecord:DnsRecord::acme-dcv-example.com",
      "urn:pulumi:dev::acme::bimi:index:CloudflareBimi$cloudflare:index/dnsRecord:DnsRecord::acme-dcv-mail.example.net",
    ]);
    assert.equal(await settled(made.urn), "urn:pulumi:dev::acme::bimi:index:CloudflareBimi::acme");
  });

  it("passes checkHosting on to the certificate that it makes", async () => {
    await records(component({ checkHosting: true }));
    const [resource] = program.of("MarkCertificate");
    assert.equal(resource!.inputs.checkHosting, true);
  });

  it("makes the order's certificate, after the DCV records", async () => {
    const made = component();
    await records(made);
    const [resource] = program.of("MarkCertificate");
    assert.equal(resource!.type, "pulumi-nodejs:dynamic/bimi:MarkCertificate");
    assert.equal(resource!.name, "acme");
    const { __provider, __urn, ...inputs } = resource!.inputs;
    assert.deepEqual(inputs, {
      order: {
        orderId: 137,
        product: "vmc_basic",
        dnsNames: ["example.com", "mail.example.net"],
        domainIds: [1, 2],
        certificateId: 1137,
        logoSha256: "ab".repeat(32),
      },
      logoUrl,
      certificateUrl,
    });
    assert.equal(__provider, 'exports.handler = () => require("pulumi-bimi/dynamic").markCertificate;');
    const at = (name: string) =>
      program.declared.findIndex((resource) => resource.name === name && resource.type !== "x");
    const certificateAt = program.declared.indexOf(resource!);
    assert.ok(at("acme-dcv-example.com") < certificateAt && at("acme-dcv-mail.example.net") < certificateAt);
    assert.ok(certificateAt < at("acme-bimi-example.com"));
    assert.equal(
      await settled(made.certificate.urn),
      "urn:pulumi:dev::acme::bimi:index:CloudflareBimi$pulumi-nodejs:dynamic/bimi:MarkCertificate::acme",
    );
  });

  it("publishes both parts of a pair together", async () => {
    certificate.published[0].certificateUrl = certificateUrl;
    const made = await records(component());
    assert.equal(made["acme-bimi-example.com"].content, `"v=BIMI1; l=${logoUrl}; a=${certificateUrl};"`);
    assert.equal(made["acme-bimi-mail.example.net"].content, `"v=BIMI1; l=${logoUrl}; a=;"`);
  });

  it("declines BIMI for no name that the given certificate does not know", async () => {
    certificate.published.pop();
    const given = new bimi.MarkCertificate("own", { order: order(), logoUrl });
    const made = new bimi.CloudflareBimi("acme", { order: order(), certificate: given, zones });
    const [known, unknown] = made.bimiRecords.map(({ content }) => settled(content));
    assert.match(String(await known), /v=BIMI1/);
    await assert.rejects(
      unknown!,
      /CloudflareBimi acme: the given certificate is for example\.com, not for mail\.example\.net of the order\. Name it/,
    );
  });

  it("uses the certificate that is given, and makes none", async () => {
    const given = new bimi.MarkCertificate("own", { order: order(), logoUrl });
    const made = new bimi.CloudflareBimi("acme", { order: order(), certificate: given, zones });
    assert.equal(made.certificate, given);
    await records(made);
    assert.deepEqual(
      program.of("MarkCertificate").map(({ name }) => name),
      ["own"],
    );
    assert.throws(
      () => new bimi.CloudflareBimi("twice", { order: order(), certificate: given, zones, logoUrl }),
      /CloudflareBimi twice: logoUrl, certificateUrl, certificateRules, ignoreRules, checkHosting belong to/,
    );
    assert.throws(
      () => new bimi.CloudflareBimi("unchecked", { order: order(), certificate: given, zones, checkHosting: true }),
      /CloudflareBimi unchecked: .*checkHosting/,
    );
  });

  it("hands certificateRules on to the certificate that it makes", async () => {
    await records(component({ certificateRules: "enforce-all" }));
    const [resource] = program.of("MarkCertificate");
    assert.equal(resource!.inputs.certificateRules, "enforce-all");
  });

  describe("plans, in the preview of the first `up`,", () => {
    beforeEach(() => {
      answer = {};
      certificate = {};
      return start({ preview: true });
    });

    it("every record, by names that are known", async () => {
      const made = component({}, { dnsNames: ["example.com", "example.net"] });
      const planned = await records(made);
      assert.deepEqual(
        Object.entries(planned).map(([name, { name: owner, type, zoneId }]) => [name, owner, type, zoneId]),
        [
          ["acme-dcv-example.com", "example.com", "TXT", "zone-com"],
          ["acme-dcv-example.net", "example.net", "TXT", "zone-net"],
          ["acme-bimi-example.com", "default._bimi.example.com", "TXT", "zone-com"],
          ["acme-bimi-example.net", "default._bimi.example.net", "TXT", "zone-net"],
        ],
      );
    });

    it("the owner of a CNAME in today's form", async () => {
      const planned = await records(component({}, { dnsNames: ["example.com"], dcvMethod: "dns-cname-token" }));
      const { name, type } = planned["acme-dcv-example.com"];
      assert.deepEqual([name, type], ["_dnsauth.example.com", "CNAME"]);
    });
  });

  describe("goes along with its order:", () => {
    const names = ["example.com", "mail.example.net"];
    /** The owner and content of each record, and what the certificate is told of the order. */
    const declare = async (dnsNames: string[], changes: Json = {}) => {
      await start();
      const made = await records(component({}, { dnsNames, ...changes }));
      const [resource] = program.of("MarkCertificate");
      const owners = Object.entries(made).map(([name, { name: owner, content }]) => [name, owner, content]);
      return {
        owners: Object.fromEntries(owners.map(([name, ...rest]) => [name, rest])),
        told: resource!.inputs.order,
      };
    };
    const pairOf = (name: string, a = certificateUrl) => ({ name, logoUrl, certificateUrl: a });
    beforeEach(() => {
      certificate.published = names.map((name) => pairOf(name));
    });

    it("a reissue with another name: its records come beside the others, its a= when the certificate is there", async () => {
      const { owners: before } = await declare(names);
      answer.domains = domainsOf([...names, "example.net"]);
      answer.certificateId = 1138;
      certificate.published = [...names.map((name) => pairOf(name)), pairOf("example.net", "")];
      const { owners, told } = await declare([...names, "example.net"]);
      assert.deepEqual(owners, {
        ...before,
        "acme-dcv-example.net": ["example.net", '"_token3"'],
        "acme-bimi-example.net": ["default._bimi.example.net", `"v=BIMI1; l=${logoUrl}; a=;"`],
      });
      assert.deepEqual([told.orderId, told.certificateId, told.domainIds], [137, 1138, [1, 2, 3]]);
      assert.deepEqual(told.dnsNames, [...names, "example.net"]);
    });

    it("a reissue that waits for its approval: the new name's record is there, without a token", async () => {
      const { owners } = await declare([...names, "example.net"]);
      assert.deepEqual(owners["acme-dcv-example.net"], ["example.net", '"pending"']);
      assert.deepEqual(owners["acme-bimi-example.net"], ["default._bimi.example.net", '"v=BIMI1; l=; a=;"']);
      assert.equal(owners["acme-bimi-example.com"][1], `"v=BIMI1; l=${logoUrl}; a=${certificateUrl};"`);
    });

    it("a reissue without a name: its records stay until the program drops it", async () => {
      const { owners: before } = await declare(names);
      answer.domains = domainsOf(["example.com"]);
      const { owners: kept } = await declare(names);
      assert.deepEqual(Object.keys(kept), Object.keys(before));
      certificate.published = [pairOf("example.com")];
      const { owners } = await declare(["example.com"]);
      assert.deepEqual(owners, {
        "acme-dcv-example.com": before["acme-dcv-example.com"],
        "acme-bimi-example.com": before["acme-bimi-example.com"],
      });
    });

    it("a renewal: the same records, with the tokens of the new order and the pairs that are in force", async () => {
      const { owners: before } = await declare(names);
      answer = { ...answer, orderId: 138, certificateId: 1138, isRenewal: true, renewedOrderId: 137 };
      answer.domains = domainsOf(names).map((domain) => ({ ...domain, token: `${domain.token}b` }));
      const { owners, told } = await declare(names);
      assert.deepEqual([told.orderId, told.certificateId], [138, 1138]);
      assert.deepEqual(owners, {
        ...before,
        "acme-dcv-example.com": ["example.com", '"_token1b"'],
        "acme-dcv-mail.example.net": ["mail.example.net", '"_token2b"'],
      });
    });

    for (const dcvMethod of ["email", "http-token"]) {
      it(`a reissue with another name, by ${dcvMethod}: no DCV record`, async () => {
        answer.domains = domainsOf([...names, "example.net"], { token: undefined });
        const { owners } = await declare([...names, "example.net"], { dcvMethod });
        assert.deepEqual(
          Object.keys(owners),
          [...names, "example.net"].map((name) => `acme-bimi-${name}`),
        );
      });
    }

    it("in the preview of a reissue every record has its name, and the certificate its names", async () => {
      answer = {};
      certificate = {};
      await start({ preview: true });
      const dnsNames = ["example.com", "example.net"];
      const planned = await records(component({}, { dnsNames }));
      assert.deepEqual(
        Object.values(planned).map(({ name }) => name),
        ["example.com", "example.net", "default._bimi.example.com", "default._bimi.example.net"],
      );
      assert.deepEqual(program.of("MarkCertificate")[0]!.inputs.order.dnsNames, dnsNames);
    });
  });

  describe("keeps a record for a name without a token", () => {
    it("TXT pending, before the order is approved", async () => {
      answer.domains = [];
      const made = await records(component());
      assert.equal(made["acme-dcv-example.com"].content, '"pending"');
      assert.equal(made["acme-dcv-mail.example.net"].content, '"pending"');
    });

    it("TXT validated, when control was proved by another method", async () => {
      answer.domains = domainsOf(["example.com", "mail.example.net"], { token: undefined, status: "active" });
      assert.equal((await records(component()))["acme-dcv-example.com"].content, '"validated"');
    });

    it("the domain's last token, when it is valid already", async () => {
      answer.domains = domainsOf(["example.com", "mail.example.net"], { status: "active" });
      assert.equal((await records(component()))["acme-dcv-example.com"].content, '"_token1"');
    });

    it("CNAME to DigiCert", async () => {
      answer.domains = [];
      const { content, name, type } = (await records(component({}, { dcvMethod: "dns-cname-token" })))[
        "acme-dcv-example.com"
      ];
      assert.deepEqual([name, type, content], ["_dnsauth.example.com", "CNAME", "dcv.digicert.com"]);
    });
  });

  describe("writes the record that DigiCert looks for", () => {
    it("CNAME as of today", async () => {
      const made = await records(component({}, { dcvMethod: "dns-cname-token" }));
      const { name, type, content, proxied } = made["acme-dcv-example.com"];
      assert.deepEqual(
        [name, type, content, proxied],
        ["_dnsauth.example.com", "CNAME", "_token1.dcv.digicert.com", false],
      );
    });

    it("CNAME as of old", async () => {
      const made = await records(component({ cnameStyle: "seed" }, { dcvMethod: "dns-cname-token" }));
      const { name, content } = made["acme-dcv-example.com"];
      assert.deepEqual([name, content], ["_token1.example.com", "dcv.digicert.com"]);
    });

    it("TXT below _dnsauth", async () => {
      const made = await records(component({ dcvRecordName: "_dnsauth" }));
      assert.equal(made["acme-dcv-example.com"].name, "_dnsauth.example.com");
    });

    it("once for names that share a domain of the account, with different owners", async () => {
      answer.domains = domainsOf(["example.com", "a.example.com", "b.example.com"], {
        name: "example.com",
        token: "_t",
      });
      const made = component({}, { dnsNames: ["a.example.com", "b.example.com", "example.com"] });
      const all = await records(made);
      const owners = Object.entries(all).flatMap(([name, { name: owner }]) => (name.includes("-dcv-") ? [owner] : []));
      assert.equal(owners.length, 3);
      assert.equal(new Set(owners).size, 3);
      assert.ok(owners.includes("example.com"));
    });

    for (const dcvMethod of ["email", "http-token"]) {
      it(`none for ${dcvMethod}`, async () => {
        const made = component({}, { dcvMethod });
        assert.deepEqual(made.dcvRecords, []);
        assert.deepEqual(Object.keys(await records(made)), ["acme-bimi-example.com", "acme-bimi-mail.example.net"]);
      });
    }

    it("none when the order leaves the method to DigiCert: that is email", async () => {
      assert.deepEqual(component({}, { dcvMethod: undefined }).dcvRecords, []);
    });
  });

  it("quotes and splits what is longer than a TXT string", async () => {
    const long = `https://example.com/${"a".repeat(200)}.svg`;
    certificate.published = [{ name: "example.com", logoUrl: long, certificateUrl: long.replace("svg", "pem") }];
    const { content } = (await records(component()))["acme-bimi-example.com"];
    const strings = [...content.matchAll(/"([^"]*)"/g)].map(([, text]: string[]) => text);
    assert.equal(content, strings.map((text) => `"${text}"`).join(" "));
    assert.ok(strings.every((text) => Buffer.byteLength(text!) <= 255));
    assert.equal(strings.join(""), `v=BIMI1; l=${long}; a=${long.replace("svg", "pem")};`);
  });

  it("takes the longest zone that a name lies in", async () => {
    const made = await records(
      component({ zones: { "example.com": "a", "mail.example.net": "b", "example.net": "c" } }),
    );
    assert.equal(made["acme-dcv-mail.example.net"].zoneId, "b");
    assert.equal(made["acme-bimi-mail.example.net"].zoneId, "b");
    assert.equal(made["acme-dcv-example.com"].zoneId, "a");
  });

  it("takes zone ids that are computed", async () => {
    const made = await records(component({ zones: { ...zones, "example.com": pulumi.output("computed") } }));
    assert.equal(made["acme-dcv-example.com"].zoneId, "computed");
  });

  it("publishes under another selector", async () => {
    const made = await records(component({ selector: "brand.v2" }));
    assert.equal(made["acme-bimi-example.com"].name, "brand.v2._bimi.example.com");
  });

  describe("refuses, by name and with the remedy,", () => {
    const table: [string, () => unknown, RegExp][] = [
      [
        "names without a zone",
        () => component({ zones: { "example.org": "x" } }),
        /CloudflareBimi acme: no zone for example\.com, mail\.example\.net: zones has example\.org\. Add the Cloudflare zone/,
      ],
      ["no zones at all", () => component({ zones: {} }), /zones has none/],
      ["no zones in a program without types", () => component({ zones: undefined as never }), /zones has none/],
      [
        "a zone that only looks like it",
        () => component({ zones: { "ample.com": "x", "example.net": "y" } }),
        /no zone for example\.com:/,
      ],
      [
        "names that are computed",
        () => component({}, { dnsNames: pulumi.output(["example.com"]) }),
        /dnsNames are computed.*Pass dnsNames to CloudflareBimi/,
      ],
      [
        "a name that is computed",
        () => component({}, { dnsNames: ["example.com", pulumi.output("example.net")] }),
        /dnsNames are computed/,
      ],
      [
        "a method that is computed",
        () => component({}, { dcvMethod: pulumi.output("dns-txt-token") }),
        /dcvMethod is computed\. Pass dcvMethod/,
      ],
      [
        "a CNAME style that is none",
        () => component({ cnameStyle: "old" as "seed" }),
        /cnameStyle "old" must be one of _dnsauth, seed/,
      ],
      [
        "an owner that is none",
        () => component({ dcvRecordName: "foo" as "@" }),
        /dcvRecordName "foo" must be one of @, _dnsauth/,
      ],
      [
        "an input that there is not",
        () => component({ zone: {} } as object),
        /there is no input zone\. There are: order, certificate, zones/,
      ],
      [
        "a zone without an id",
        () => component({ zones: { "example.com": undefined as unknown as string, "example.net": "y" } }),
        /zones: example\.com has no Cloudflare zone id/,
      ],
      ["a selector that is none", () => component({ selector: "a b" }), /selector "a b": .*letters and digits/],
      ["a selector with its suffix", () => component({ selector: "default._bimi" }), /only what stands before \._bimi/],
    ];
    for (const [what, make, message] of table) {
      it(what, () => {
        assert.throws(make, (error: Error) => {
          assert.ok(pulumi.RunError.isInstance(error), "Pulumi shows a RunError without a stack");
          assert.match(error.message, message);
          return true;
        });
      });
    }
  });

  it("takes names and method that the order computes, when they are passed", async () => {
    const made = component(
      { dnsNames: ["Example.com"], dcvMethod: "dns-txt-token" },
      { dnsNames: pulumi.output(["example.com"]), dcvMethod: pulumi.output("dns-txt-token") },
    );
    assert.deepEqual(Object.keys(await records(made)), ["acme-dcv-example.com", "acme-bimi-example.com"]);
  });
});
