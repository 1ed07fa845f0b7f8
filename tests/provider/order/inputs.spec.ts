import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import type { Failure, Props } from "../../../provider/lifecycle";
import { unknownValue } from "../../../provider/unknown";
import { type Json, type Stack, Stage, svg } from "../support";

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("the inputs of an order", () => {
  let stage: Stage;
  let vmc: Stack;
  before(async () => {
    stage = await Stage.start();
    vmc = stage.vmc();
  });
  after(async () => {
    // A first one looks whose trademark a new order would change.
    assert.deepEqual([...new Set(stage.calls())], ["GET /order/certificate"], "a check asks nothing else");
    await stage.stop();
  });

  const check = (news: Props, stack = vmc, olds: Props = {}): Promise<{ inputs: Json; failures: Failure[] }> =>
    stack.process().check(olds, {
      ...JSON.parse(JSON.stringify(news)),
      __reference: stack.reference,
      __urn: stack.urn,
    });
  const failures = async (news: Props, stack?: Stack) =>
    (await check(news, stack)).failures.map(({ property, reason }) => `${property}| ${reason}`);

  it("pass when they are right", async () => {
    assert.deepEqual(await failures(stage.inputs()), []);
    assert.deepEqual(await failures(stage.inputs({ trademark: undefined, years: 2 }), stage.cmc()), []);
  });

  describe("that are wrong are named with path and remedy", () => {
    const person = { firstName: "Ada", lastName: "Byron", email: "ada@example.com" };
    const email = (entry: Json) => ({ dcvMethod: "email", dcvEmails: [{ dnsName: "example.com", ...entry }] });
    const organization = (details: Json) => ({ organization: details });
    const contacts = (...contacts: Json[]) => organization({ id: 4711, contacts });

    const table: [string, Props, RegExp][] = [
      ["no names at all", { dnsNames: undefined }, /^dnsNames\| is required\.$/],
      ["an empty list of names", { dnsNames: [] }, /^dnsNames\| .*at least one domain, such as example\.com/],
      ["an empty name", { dnsNames: [""] }, /^dnsNames\| .*empty/],
      ["a wildcard", { dnsNames: ["*.example.com"] }, /^dnsNames\| "\*\.example\.com".*List each domain/],
      ["an IPv4 address", { dnsNames: ["192.0.2.1"] }, /^dnsNames\| "192\.0\.2\.1".*Give the domain/],
      ["an IPv6 address", { dnsNames: ["2001:db8::1"] }, /^dnsNames\| "2001:db8::1".*Give the domain/],
      ["a name with _", { dnsNames: ["_dmarc.example.com"] }, /^dnsNames\| "_dmarc\.example\.com".*mail domain itself/],
      ["a URL", { dnsNames: ["https://example.com/"] }, /^dnsNames\| .*Give only its host: example\.com/],
      ["an internal name", { dnsNames: ["mail.local"] }, /^dnsNames\| "mail\.local".*public domain/],
      ["one bad name among good ones", { dnsNames: ["example.com", "a_b.example.com"] }, /"a_b\.example\.com"/],
      ["a name that is no text", { dnsNames: [5] }, /^dnsNames\| dnsNames\[0\]: must be a string, but is a number/],

      ["years below the range", { years: 0 }, /^years\| must be 1, 2 or 3/],
      ["years above the range", { years: 4 }, /^years\| must be 1, 2 or 3/],
      ["half years", { years: 1.5 }, /^years\| must be 1, 2 or 3/],
      ["years as text", { years: "1" }, /^years\| must be 1, 2 or 3/],

      ["no organization", { organization: undefined }, /^\| organization: is required/],
      ["neither id nor details", organization({}), /^\| organization\.id: give id, .* or its details: name, country/],
      [
        "both id and details",
        organization({ id: 1, name: "Acme", country: "us" }),
        /^\| organization\.id: give either id or the organization's details \(name, country\), not both/,
      ],
      ["incomplete details", organization({ name: "Acme", country: "us" }), /^\| organization\.city: is required/],
      ["a country that is none", organization({ name: "A", country: "USA" }), /organization\.country: .*two-letter/],
      ["an id that is none", organization({ id: -1 }), /^\| organization\.id: must be a positive number/],
      ["an id as text", organization({ id: "1" }), /^\| organization\.id: must be a whole number/],
      [
        "a contact that lacks parts",
        contacts({ contactType: "verified_contact", firstName: "Ada" }),
        /^\| organization\.contacts\[0\]: lacks lastName, jobTitle, telephone, email\. .*userId/,
      ],
      [
        "a contact without a type",
        contacts({ userId: 1 }),
        /^\| organization\.contacts\[0\]\.contactType: is required/,
      ],
      ["a contact's address", contacts({ contactType: "x", userId: 1, email: "x" }), /contacts\[0\]\.email: is not an/],
      [
        "an organization's contact beside its id",
        organization({ id: 1, organizationContact: person }),
        /organization\.organizationContact: belongs to a new organization/,
      ],

      ["trademark data without a logo", { logo: undefined }, /^trademark\| needs a logo.*Add logo/],
      [
        "a trademark office that is none",
        { trademark: { countryCode: "usa", registrationNumber: "1" } },
        /^trademark\| trademark\.countryCode: must be the two-letter code/,
      ],
      ["uk for gb", { trademark: { countryCode: "UK", registrationNumber: "1" } }, /^trademark\| .*"gb"/],
      [
        "half a trademark",
        { trademark: { countryCode: "us" } },
        /^trademark\| trademark\.registrationNumber: is required/,
      ],

      ["an unknown method", { dcvMethod: "txt" }, /^dcvMethod\| must be one of email, dns-cname-token, dns-txt-token/],
      [
        "dcvEmails with another method",
        { dcvEmails: [{ dnsName: "example.com", email: "admin@example.com" }] },
        /^\| dcvEmails: goes with dcvMethod "email" only, not with "dns-txt-token"\. Remove dcvEmails or change/,
      ],
      [
        "a DCV address of another domain",
        email({ email: "admin@example.net" }),
        /^\| dcvEmails\[0\]\.email: .*none of admin@/,
      ],
      ["a DCV address that is none", email({ email: "admin" }), /^\| dcvEmails\[0\]\.email: is not an email address/],
      ["a DCV domain not ordered", email({ dnsName: "b.example", email: "admin@b.example" }), /not among dnsNames/],
      [
        "a DCV domain beside the ordered one",
        email({ emailDomain: "example.net", email: "admin@example.net" }),
        /dcvEmails\[0\]\.emailDomain: "example\.net" is neither example\.com nor a parent/,
      ],
      ["card payment without a card", { paymentMethod: "card" }, /^\| creditCard: .*fromEnv: "NAME"/],
      [
        "a card without card payment",
        { creditCard: { fromEnv: "CARD" } },
        /^\| creditCard: goes with paymentMethod "card"/,
      ],
      [
        "an unknown payment",
        { paymentMethod: "cash" },
        /^paymentMethod\| must be one of balance, card, profile, wire_/,
      ],
      [
        "both renewal keys",
        { renewalOfOrderId: 1, renewedThumbprint: "a".repeat(40) },
        /^renewedThumbprint\| give renewalOfOrderId or renewedThumbprint, not both/,
      ],
      [
        "a thumbprint with colons",
        { renewedThumbprint: "AA:BB" },
        /^renewedThumbprint\| must be a SHA-1.*without colons/,
      ],
      ["a long alternative id", { alternativeOrderId: "a".repeat(64) }, /^alternativeOrderId\| must be at most 63/],
      [
        "an alternative id with a hyphen",
        { alternativeOrderId: "acme-logo" },
        /^alternativeOrderId\| .*letters and digits/,
      ],
      [
        "an alternative id that ends in a digit",
        { alternativeOrderId: "acme1" },
        /^alternativeOrderId\| must end in a letter/,
      ],
      ["an empty alternative id", { alternativeOrderId: "" }, /^alternativeOrderId\| must end in a letter/],
      ["an unknown onDelete", { onDelete: "delete" }, /^onDelete\| must be one of cancel, retain, revoke/],
      ["a typo", { dnsName: ["example.com"] }, /^\| dnsName: there is no such input; did you mean dnsNames\?/],
      ["a typo inside", organization({ id: 1, contact: [] }), /^\| organization\.contact: .*did you mean contacts\?/],
      [
        "a further address that is none",
        { additionalEmails: ["x"] },
        /^\| additionalEmails\[0\]: is not an email address/,
      ],
      [
        "a custom field without a value",
        { customFields: [{ metadataId: 1 }] },
        /customFields\[0\]\.value: is required/,
      ],
      ["a logo that is no text", { logo: 5 }, /^logo\| must be the path of an SVG file, or the SVG itself/],
      ["an empty logo", { logo: "" }, /^logo\| .*Give the path/s],
      [
        "a logo that is not there",
        { logo: "no.svg" },
        /^logo\| The logo no\.svg does not exist .*Paths are relative to/s,
      ],
      ["a logo that is a URL", { logo: "https://example.com/logo.svg" }, /^logo\| .*Put the file into the project/s],
      ["an inline logo that is not XML", { logo: "<svg><g></svg>" }, /^\| logo: SVG-\d+ at line 1, column \d+: /],
    ];
    for (const [what, change, expected] of table) {
      it(what, async () => {
        const found = await failures(stage.inputs(change));
        assert.ok(
          found.some((failure) => expected.test(failure)),
          found.join("\n") || "it passes",
        );
      });
    }

    it("several at once", async () => {
      const found = await failures(stage.inputs({ dnsNames: ["*.a.com"], years: 9, onDelete: "x", organization: {} }));
      assert.deepEqual(found.map((failure) => failure.split("|")[0]).sort(), ["", "dnsNames", "onDelete", "years"]);
    });

    it("trademark of a product that has none", async () => {
      const [failure] = await failures(stage.inputs({ years: 1 }), stage.cmc());
      assert.match(failure!, /^\| trademark: there is no such input/);
    });

    it("years of a CMC, which are required", async () => {
      const found = await failures(stage.inputs({ trademark: undefined }), stage.cmc());
      assert.deepEqual(found, ["years| is required."]);
    });

    it("files that are no SVG", async () => {
      const files: [string, Buffer, RegExp][] = [
        ["png.svg", Buffer.from("\x89PNG\r\n\x1a\n0000", "latin1"), /PNG/],
        ["broken.svg", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'>"), /SVG-\d+ at line 1/],
        ["empty.svg", Buffer.alloc(0), /empty/],
        ["large.svg", Buffer.concat([svg(), Buffer.alloc(70_000, " ")]), /at most 65536/],
      ];
      for (const [name, bytes, reason] of files) {
        stage.writeLogo(bytes, name);
        const [failure] = await failures(stage.inputs({ logo: name }));
        assert.match(failure ?? "it passes", reason);
        assert.match(failure!, /^logo\| /);
      }
    });
  });

  it("that have no text are told by their place, not by a crash", async () => {
    const textless = { toString: 1, valueOf: 1 };
    for (const [change, path] of [
      [{ dnsNames: [textless], dcvMethod: "email", dcvEmails: [] }, "dnsNames[0]"],
      [{ dcvMethod: textless, dcvEmails: [] }, "dcvMethod"],
      [{ paymentMethod: "card", creditCard: { fromEnv: textless } }, "creditCard"],
    ] as const) {
      const found = await failures(stage.inputs(change));
      assert.ok(
        found.some((failure) => failure.includes(path)),
        found.join("\n"),
      );
    }
  });

  it("that are no addresses are not told as hosts", async () => {
    const found = await failures(
      stage.inputs({ dcvMethod: "email", dcvEmails: [{ dnsName: "example.com", email: "Smith" }] }),
    );
    assert.deepEqual(found, ["| dcvEmails[0].email: is not an email address."]);
  });

  it("that are personal are never printed", async () => {
    const secret = "Smith-Jones";
    const found = await check(
      stage.inputs({
        organization: {
          id: 1,
          name: secret,
          contacts: [{ contactType: "x", firstName: secret, email: secret }],
          [secret]: 1,
        },
        dcvEmails: [{ dnsName: "example.com", email: `${secret}@example.net` }],
        dcvMethod: "email",
        billingAddress: { address: secret, country: secret, city: 5 },
        additionalEmails: [secret],
        organizationContact: { firstName: secret, lastName: secret, email: secret },
        technicalContact: { firstName: secret, lastName: secret, email: secret },
        vatNumber: "",
      }),
    );
    assert.ok(found.failures.length >= 8);
    for (const { property, reason } of found.failures) {
      assert.equal(property, "", reason);
      if (!reason.includes("there is no such input")) assert.ok(!reason.includes(secret), reason);
    }
  });

  describe("that are not known yet pass", () => {
    // With a key, DigiCert would be asked about the order to renew.
    before(() => {
      stage.settings = { baseUrl: stage.scene.simulator.baseUrl };
    });
    after(() => {
      stage.settings = { ...stage.settings, apiKey: stage.scene.simulator.apiKey };
    });

    const known = (): Json =>
      stage.inputs({
        organization: {
          id: stage.organizationId,
          contacts: [
            { contactType: "a", firstName: "A", lastName: "B", jobTitle: "C", telephone: "1", email: "a@example.com" },
          ],
        },
        dcvMethod: "email",
        dcvEmails: [{ dnsName: "example.com", emailDomain: "example.com", email: "admin@example.com" }],
        years: 1,
        paymentMethod: "card",
        creditCard: { fromEnv: "CARD" },
        billingAddress: { address: "1", city: "C", country: "us" },
        renewalOfOrderId: 1,
        alternativeOrderId: "abc",
        onDelete: "cancel",
        enableHosting: true,
        customFields: [{ metadataId: 1, value: "x" }],
        additionalEmails: ["a@example.com"],
      });

    /** Every path into a value. */
    function paths(value: Json, at: string[] = []): string[][] {
      if (typeof value !== "object" || value === null) return [at];
      return [at, ...Object.keys(value).flatMap((key) => paths(value[key], [...at, key]))].filter(
        (path) => path.length,
      );
    }

    it("at every path, one at a time, and come back as they were", async () => {
      assert.deepEqual(await failures(known()), []);
      for (const path of paths(known())) {
        const news = known();
        let at = news;
        for (const key of path.slice(0, -1)) at = at[key];
        at[path.at(-1)!] = unknownValue;
        const { inputs, failures } = await check(news);
        assert.deepEqual(failures, [], path.join("."));
        let checked = inputs;
        for (const key of path) checked = checked[key];
        assert.equal(checked, unknownValue, path.join("."));
      }
    });

    it("all at once", async () => {
      const news = Object.fromEntries(Object.keys(known()).map((key) => [key, unknownValue]));
      assert.deepEqual(await failures(news), []);
    });

    it("also where they might turn out to be nothing", async () => {
      for (const change of [
        { trademark: unknownValue, logo: undefined },
        { renewalOfOrderId: unknownValue, renewedThumbprint: "a".repeat(40) },
        { renewalOfOrderId: 1, renewedThumbprint: unknownValue },
        { dcvEmails: unknownValue },
        { creditCard: unknownValue },
        { paymentMethod: unknownValue, creditCard: { fromEnv: "CARD" } },
      ]) {
        assert.deepEqual(await failures(stage.inputs(change)), [], JSON.stringify(change));
      }
    });
  });

  describe("come back", () => {
    it("with the logo's path, hash and size in place of its path", async () => {
      for (const logo of ["logo.svg", "./logo.svg", path.join(stage.projectDir, "logo.svg")]) {
        const { inputs } = await check(stage.inputs({ logo }));
        assert.deepEqual(inputs.logo, { path: "logo.svg", sha256: sha256(svg()), size: svg().length });
      }
    });

    it("with an inline logo beside its hash", async () => {
      const text = svg().toString();
      const { inputs } = await check(stage.inputs({ logo: text }));
      assert.deepEqual(inputs.logo, { svg: text, sha256: sha256(svg()), size: svg().length });
    });

    it("with the logo that the state knows when its file is gone", async () => {
      stage.writeLogo(svg("Gone"), "gone.svg");
      const { inputs: before } = await check(stage.inputs({ logo: "gone.svg" }));
      rmSync(path.join(stage.projectDir, "gone.svg"));
      const again = await check(stage.inputs({ logo: "gone.svg" }), vmc, before);
      assert.deepEqual(again.failures, []);
      assert.deepEqual(again.inputs.logo, before.logo);
      assert.ok(stage.lines.some((line) => line.includes("gone.svg is missing")));
      const elsewhere = await check(stage.inputs({ logo: "other.svg" }), vmc, before);
      assert.match(elsewhere.failures[0]!.reason, /other\.svg does not exist/);
    });

    it("otherwise as they were given", async () => {
      const { logo: _, ...given } = stage.inputs({ years: 1, note: "n" });
      const { inputs } = await check(stage.inputs({ years: 1, note: "n" }));
      const { logo: __, __logo, __reference, __urn, ...checked } = inputs;
      assert.deepEqual(checked, given);
      assert.equal(__reference, vmc.reference);
      assert.match(String(__logo), /^[0-9a-f]{16}$/);
    });
  });

  describe("that DigiCert may refuse are said, and pass", () => {
    it("a VMC of several years", async () => {
      stage.lines.length = 0;
      assert.deepEqual(await failures(stage.inputs({ years: 2 })), []);
      assert.ok(stage.lines.some((line) => /^years: 2 orders a multi-year plan/.test(line)));
    });

    it("a trademark office that DigiCert does not list", async () => {
      stage.lines.length = 0;
      assert.deepEqual(await failures(stage.inputs({ trademark: { countryCode: "ch", registrationNumber: "1" } })), []);
      assert.ok(stage.lines.some((line) => /"ch" is not among the offices/.test(line)));
    });
  });
});
