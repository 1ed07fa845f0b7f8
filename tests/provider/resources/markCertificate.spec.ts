import assert from "node:assert/strict";
import { PartialStateError, type Props } from "../../../provider/lifecycle";
import { unknownValue } from "../../../provider/unknown";
import { failureOf, type Json, type Stack, Stage } from "../support";

const names = ["example.com", "example.net"];

describe("a mark certificate on its way", () => {
  let stage: Stage;
  let order: Stack;
  let stack: Stack;
  const start = async (options: Parameters<typeof Stage.start>[0] = {}, program: Props = {}) => {
    stage = await Stage.start(options);
    stage.meansEveryOrder = true;
    order = stage.vmc();
    stack = stage.certificate();
    await order.up(stage.inputs({ dnsNames: names, ...program }));
    await stage.forgetCalls();
  };
  beforeEach(() => start());
  afterEach(() => stage.stop());

  const program = (changes: Props = {}): Props => ({
    order: stage.orderOf(order),
    logoUrl: "https://example.com/logo-1.svg",
    certificateUrl: "https://example.com/logo-1.pem",
    ...changes,
  });
  const checks = () => stage.calls("PUT", /\/dcv\/validate-token$/).length;
  const missing = () => stack.outs.missing.map(({ what, who }: Json) => `${what} | ${who}`);
  const publishToken = (name: string) => {
    const { token } = order.outs.domains.find(({ dnsName }: Json) => dnsName === name);
    return stage.scene.publish("TXT", name, token);
  };

  describe("says what is missing and who must act", () => {
    it("of an order that was just placed", async () => {
      await stack.up(program());
      assert.equal(stack.stored?.id, `mark-certificate-${order.outs.orderId}`);
      assert.equal(stack.outs.status, "pending");
      assert.deepEqual(missing(), [
        "domain control of example.com: TXT record at example.com | you",
        "domain control of example.net: TXT record at example.net | you",
        "organization validation (EV) | DigiCert",
        "logo, mark and identity checks | DigiCert",
      ]);
      for (const { since } of stack.outs.missing) assert.match(since, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.deepEqual(stack.outs.findings, []);
      assert.equal("thumbprint" in stack.outs, false);
    });

    it("of an order that must be approved", async () => {
      const waiting = stage.vmc("waiting");
      await waiting.up(stage.inputs({ skipApproval: false }));
      await stack.up(program({ order: stage.orderOf(waiting) }));
      assert.deepEqual(missing(), [
        `approval of request ${waiting.outs.requests[0].id} | an administrator of the CertCentral account`,
      ]);
      assert.equal(checks(), 0);
    });

    for (const [dcvMethod, how] of [
      ["dns-cname-token", "CNAME record at _dnsauth.example.org"],
      [
        "http-token",
        "serve the token at http://example.org/.well-known/pki-validation/fileauth.txt, as the content of that file",
      ],
    ] as const) {
      it(`of the method ${dcvMethod}`, async () => {
        const other = stage.vmc("other");
        await other.up(stage.inputs({ dnsNames: ["example.org"], dcvMethod }));
        await stack.up(program({ order: stage.orderOf(other) }));
        assert.equal(missing()[0], `domain control of example.org: ${how} | you`);
      });
    }

    it("of the method email: the addresses that got DigiCert's mail", async () => {
      const constructed = ["admin", "administrator", "webmaster", "hostmaster", "postmaster"];
      const readers = (addresses: string[]) =>
        `whoever reads ${addresses.slice(0, -1).join(", ")}, or ${addresses.at(-1)}`;
      await stage.control.setWhois("example.org", ["dns@example.org"]);
      const other = stage.vmc("other");
      await other.up(stage.inputs({ dnsNames: ["example.org"], dcvMethod: "email" }));
      await stack.up(program({ order: stage.orderOf(other) }));
      const addresses = ["dns", ...constructed].map((local) => `${local}@example.org`);
      assert.equal(missing()[0], `domain control of example.org: answer DigiCert's DCV mail | ${readers(addresses)}`);
      const one = stage.vmc("one");
      const dcvEmails = [{ dnsName: "example.info", emailDomain: "example.info", email: "admin@example.info" }];
      await one.up(stage.inputs({ dnsNames: ["example.info"], dcvMethod: "email", dcvEmails }));
      await stack.up(program({ order: stage.orderOf(one) }));
      assert.equal(
        missing()[0],
        "domain control of example.info: answer DigiCert's DCV mail | whoever reads admin@example.info",
      );
    });

    it("of an order without a logo", async () => {
      const bare = stage.vmc("bare");
      await bare.up(stage.inputs({ logo: undefined, trademark: undefined }));
      await stack.up(program({ order: stage.orderOf(bare) }));
      assert.ok(missing().includes("logo | you"));
    });

    it("since when, however often it is looked at", async () => {
      await stack.up(program());
      const before = Object.fromEntries(stack.outs.missing.map(({ what, since }: Json) => [what, since]));
      await stage.advance({ hours: 30 });
      await stage.control.vetOrganization(stage.organizationId);
      await stack.up(program());
      assert.equal(stack.outs.missing.length, 3);
      for (const { what, since } of stack.outs.missing) assert.equal(since, before[what]);
      await stack.refresh();
      for (const { what, since } of stack.outs.missing) assert.equal(since, before[what]);
      await stage.control.expireOrganization(stage.organizationId);
      await stage.advance({ hours: 7 });
      await stack.up(program());
      const again = stack.outs.missing.find(({ what }: Json) => what.startsWith("organization"));
      assert.notEqual(again.since, before[again.what], "missing anew, since now");
    });

    it("with the names of domains in the account that the order knows", async () => {
      await stack.up(program({ order: { ...stage.orderOf(order), domainIds: undefined } }));
      assert.equal(missing().length, 4);
    });

    it("asks a DNS server whether the record is visible, when one is configured", async () => {
      const { host, port } = stage.scene.simulator.dns;
      stage.settings = { ...stage.settings, resolver: `${host}:${port}` };
      await stack.up(program());
      assert.match(missing()[0]!, /TXT record at example\.com \(not visible at 127\.0\.0\.1:\d+\)/);
      await publishToken("example.com");
      await stage.advance({ hours: 2 });
      await stack.up(program());
      assert.match(missing()[0]!, /example\.net \(not visible at /, "the other one is proved by now");
    });
  });

  describe("asks DigiCert to look for the records", () => {
    it("in an update, and takes the issued certificate up at once when that was the last thing missing", async () => {
      await stage.control.vet(order.outs.orderId);
      for (const name of names) await stage.control.approveDomain(name);
      await stack.up(program());
      assert.equal(stack.outs.status, "issued");
      assert.deepEqual(stack.outs.missing, []);
    });

    it("once for each domain that is not proved", async () => {
      await stage.control.approveDomain("example.com");
      await stack.up(program());
      assert.equal(checks(), 1);
    });

    it("never in a preview or a refresh", async () => {
      await stack.up(program());
      await stage.forgetCalls();
      await stage.advance({ days: 2 });
      assert.equal(await stack.preview(program()), "update");
      await stack.refresh();
      assert.deepEqual(stage.writes(), []);
    });

    it("not when the proof is a mail", async () => {
      const mail = stage.vmc("mail");
      await mail.up(stage.inputs({ dnsNames: ["example.org"], dcvMethod: "email" }));
      await stage.forgetCalls();
      await stack.up(program({ order: stage.orderOf(mail) }));
      assert.equal(checks(), 0);
    });
  });

  describe("has news in a preview", () => {
    beforeEach(async () => {
      await stack.up(program());
      await stage.forgetCalls();
      stage.lines.length = 0;
    });

    it("not within the hour", async () => {
      await stage.advance({ minutes: 58 });
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), ["GET /user/me", "GET /order/certificate"]);
    });

    it("after an hour, as long as domain control is missing: it asks again", async () => {
      await stage.advance({ minutes: 61 });
      assert.equal(await stack.preview(program()), "update");
      assert.ok(stage.lines.includes(`order ${order.outs.orderId}: asks DigiCert to check domain control again`));
      await stack.up(program());
      assert.equal(await stack.preview(program()), "same");
    });

    it("not every hour when the proof is a mail: it waits for a person", async () => {
      const mail = stage.vmc("mail");
      await mail.up(stage.inputs({ dnsNames: ["example.org"], dcvMethod: "email" }));
      const own = stage.certificate("mail");
      await own.up(program({ order: stage.orderOf(mail) }));
      await stage.advance({ hours: 3 });
      assert.equal(await own.preview(program({ order: stage.orderOf(mail) })), "same");
    });

    it("after six hours, if something else is missing than before", async () => {
      for (const name of names) await stage.control.approveDomain(name);
      await stage.advance({ hours: 2 });
      await stack.up(program());
      assert.equal(missing().length, 2);
      await stage.advance({ hours: 7 });
      assert.equal(await stack.preview(program()), "same");
      await stage.control.vetOrganization(stage.organizationId);
      assert.equal(await stack.preview(program()), "update");
      await stack.up(program());
      assert.deepEqual(missing(), ["logo, mark and identity checks | DigiCert"]);
    });

    describe("after six hours, when a proof has ended, is it", () => {
      beforeEach(async () => {
        for (const name of names) await stage.control.approveDomain(name);
        await stage.control.vetOrganization(stage.organizationId);
        await stage.advance({ hours: 2 });
        await stack.up(program());
        assert.deepEqual(missing(), ["logo, mark and identity checks | DigiCert"]);
        await stage.advance({ hours: 7 });
        await stage.forgetCalls();
        assert.equal(await stack.preview(program()), "same");
        const validation = `GET /order/certificate/${order.outs.orderId}/validation`;
        assert.deepEqual(stage.calls(), ["GET /user/me", "GET /order/certificate", validation]);
      });

      it("that of a domain: it can be used for 199 days", async () => {
        await stage.advance({ days: 198 });
        await stage.control.vetOrganization(stage.organizationId);
        await stack.refresh();
        await stage.advance({ days: 2 });
        assert.equal(await stack.preview(program()), "update");
        await stack.up(program());
        assert.deepEqual(missing().slice(0, 2), [
          "domain control of example.com: TXT record at example.com | you",
          "domain control of example.net: TXT record at example.net | you",
        ]);
        assert.equal(await stack.preview(program()), "same");
      });

      it("that of the organization", async () => {
        await stage.control.expireOrganization(stage.organizationId);
        assert.equal(await stack.preview(program()), "update");
        await stack.up(program());
        assert.equal(missing()[0], "organization validation (EV) | DigiCert");
        await stage.advance({ hours: 7 });
        assert.equal(await stack.preview(program()), "same");
      });

      it("not that of a domain that DigiCert itself takes as proved", async () => {
        await stage.control.fault({
          match: { path: "/validation$" },
          kind: "status",
          status: 200,
          body: JSON.stringify({
            order_id: String(order.outs.orderId),
            organization_id: String(stage.organizationId),
            dns_name_validations: order.outs.domains.map(({ id, name }: Json) => ({
              domain_id: id,
              name_scope: name,
              status: "pending",
            })),
          }),
        });
        assert.equal(await stack.preview(program()), "same");
      });
    });

    for (const pollingDays of [7, 10] as const) {
      it(`finds a record that is repaired on day 12, when DigiCert stopped looking after ${pollingDays} days`, async () => {
        await stage.control.setSwitches({ pollingDays });
        await stage.advance({ days: 12 });
        await publishToken("example.com");
        await stage.advance({ days: 1 });
        const { domains } = (await stage.control.dump()).certcentral;
        assert.ok(
          domains.every(({ validatedAt }) => validatedAt === undefined),
          "DigiCert does not find it by itself",
        );
        await stage.forgetCalls();
        assert.equal(await stack.up(program()), "update");
        const { id } = order.outs.domains.find(({ dnsName }: Json) => dnsName === "example.com");
        assert.ok(stage.writes().includes(`PUT /domain/${id}/dcv/validate-token`));
        assert.equal(missing()[0], "domain control of example.net: TXT record at example.net | you");
      });
    }

    it("when it is issued: one line says so", async () => {
      await stage.issue(order.outs.orderId);
      assert.equal(await stack.preview(program()), "update");
      assert.deepEqual(stage.lines, [`order ${order.outs.orderId}: pending -> issued`]);
      assert.deepEqual(stage.writes(), []);
    });

    for (const [state, act] of Object.entries<(id: number) => Promise<unknown>>({
      rejected: (id) => stage.control.rejectOrder(id),
      canceled: (id) =>
        stage.scene.ok(204, "PUT", `/order/certificate/${id}/status`, { status: "canceled", note: "x" }),
    })) {
      it(`when it is ${state}`, async () => {
        await act(order.outs.orderId);
        await stage.forgetCalls();
        assert.equal(await stack.preview(program()), "update");
        assert.ok(stage.lines.includes(`order ${order.outs.orderId}: pending -> ${state}`));
        await stack.up(program());
        assert.equal(stack.outs.status, state);
        assert.equal(missing().length, 1);
        assert.match(
          missing()[0]!,
          new RegExp(
            `order ${order.outs.orderId} is ${state} \\(DigiCert notes: .+\\).* set reorderAfter: ${order.outs.orderId} on the order \\| you$`,
          ),
        );
        assert.ok(stage.lines.some((line) => line.includes("Settle with DigiCert what was wrong")));
        assert.equal(await stack.preview(program()), "same");
      });
    }

    it("not without a key", async () => {
      await stage.issue(order.outs.orderId);
      stage.settings = { baseUrl: stage.settings.baseUrl! };
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), []);
    });

    it("not from values that it does not know", async () => {
      for (const change of [
        { order: unknownValue },
        { order: { ...stage.orderOf(order), orderId: unknownValue } },
        { logoUrl: unknownValue },
        { certificateUrl: unknownValue },
        { includeChain: unknownValue },
        { wait: unknownValue },
        { waitMinutes: unknownValue },
      ]) {
        assert.equal(await stack.preview(program(change)), "same", JSON.stringify(change));
      }
    });
  });

  describe("waits when told", () => {
    it("for domain control, until it is proved", async () => {
      const sleep = stage.clock.sleep.bind(stage.clock);
      stage.clock.sleep = async (ms) => {
        if (stage.clock.slept.length === 2) for (const name of names) await stage.control.approveDomain(name);
        await sleep(ms);
      };
      await stack.up(program({ wait: "dcv", waitMinutes: 5 }));
      assert.equal(stage.clock.slept.length, 3);
      assert.equal(stack.outs.status, "pending");
      assert.deepEqual(missing(), [
        "organization validation (EV) | DigiCert",
        "logo, mark and identity checks | DigiCert",
      ]);
    });

    it("for issuance, until the certificate is there", async () => {
      const sleep = stage.clock.sleep.bind(stage.clock);
      stage.clock.sleep = async (ms) => {
        if (stage.clock.slept.length === 1) await stage.issue(order.outs.orderId);
        await sleep(ms);
      };
      await stack.up(program({ wait: "issuance", waitMinutes: 5 }));
      assert.equal(stack.outs.status, "issued");
      assert.ok(stack.outs.thumbprint);
      assert.equal(stack.outs.published[0].certificateUrl, "https://example.com/logo-1.pem");
    });

    it("as long as it was told, then fails, keeps everything, and the next run goes on", async () => {
      const begun = stage.clock.now();
      const error = await failureOf(stack.up(program({ wait: "issuance", waitMinutes: 3 })));
      assert.ok(error instanceof PartialStateError);
      const waited = (stage.clock.now() - begun) / 60_000;
      assert.ok(waited > 1.5 && waited <= 3, `${waited} minutes`);
      assert.match(error.message, /is pending after 3 minutes; missing: domain control of example\.com/);
      assert.match(error.message, /pulumi up.* again, or set wait: "none"/);
      assert.equal(stack.stored?.id, `mark-certificate-${order.outs.orderId}`);
      const { missing: before } = stack.outs;
      await stage.issue(order.outs.orderId);
      assert.equal(await stack.up(program({ wait: "issuance", waitMinutes: 3 })), "update");
      assert.equal(stack.outs.status, "issued");
      assert.equal(before.length, 4);
      assert.equal(await stack.preview(program({ wait: "issuance", waitMinutes: 3 })), "same");
    });

    it("not for an order that is dead", async () => {
      await stage.control.rejectOrder(order.outs.orderId);
      await stack.up(program({ wait: "issuance" }));
      assert.equal(stack.outs.status, "rejected");
      assert.deepEqual(stage.clock.slept, []);
    });

    it("for domain control only after the approval", async () => {
      const waiting = stage.vmc("waiting");
      await waiting.up(stage.inputs({ skipApproval: false }));
      const error = await failureOf(stack.up(program({ order: stage.orderOf(waiting), wait: "dcv", waitMinutes: 1 })));
      assert.match(error.message, /approval of request/);
    });

    it("not by default", async () => {
      await stack.up(program());
      assert.deepEqual(stage.clock.slept, []);
    });
  });

  describe("with wrong inputs is refused at preview", () => {
    const table: [string, Props, RegExp][] = [
      ["no order", { order: undefined }, /^order: is required/m],
      ["an order without a number", { order: { dnsNames: names } }, /^order: order\.orderId: is required/m],
      ["http", { logoUrl: "http://example.com/logo.svg" }, /^logoUrl: .*https only.*serve the file there/m],
      ["an address as host", { certificateUrl: "https://192.0.2.1/a.pem" }, /^certificateUrl: .*host name/m],
      ["an empty URL", { logoUrl: "" }, /^logoUrl: /m],
      ["an unknown wait", { wait: "forever" }, /^wait: must be one of none, dcv, issuance/m],
      ["a wait without end", { waitMinutes: 5000 }, /^waitMinutes: must be 1 to 1440 minutes/m],
      [
        "a name that is none",
        { order: { orderId: 1, dnsNames: [{ toString: 1 }] } },
        /order\.dnsNames\[0\]: must be a/,
      ],
      [
        "a typo",
        { logoURL: "https://example.com/a.svg" },
        /^-: logoURL: there is no such input; did you mean logoUrl\?/m,
      ],
    ];
    for (const [what, change, message] of table) {
      it(what, async () => {
        assert.match((await failureOf(stack.preview(program(change)))).message, message);
        assert.deepEqual(stage.calls(), []);
      });
    }
  });

  it("belongs to one account: another key is an error before a call that names the order", async () => {
    await stack.up(program());
    stage.settings = { ...stage.settings, apiKey: (await stage.control.addAccount()).apiKey };
    await stage.advance({ hours: 2 });
    for (const operation of [() => stack.preview(program()), () => stack.refresh(), () => stack.up(program())]) {
      await stage.forgetCalls();
      assert.equal((await failureOf(operation())).code, "other_account");
      assert.deepEqual(stage.calls(), ["GET /user/me"]);
    }
  });

  it("cannot be got by an id: it has no object of its own", async () => {
    assert.equal((await failureOf(stack.process().read("mark-certificate-1", {}))).code, "not_readable");
  });

  it("is destroyed by a key that sees the order, and without a key; nothing is written", async () => {
    await stack.up(program());
    const { stored } = stack;
    await stage.forgetCalls();
    await stack.destroy();
    assert.deepEqual(stage.calls(), ["GET /user/me", `GET /order/certificate/${stored?.outs.orderId}`]);
    stack.stored = stored!;
    await stage.forgetCalls();
    stage.settings = { baseUrl: stage.settings.baseUrl! };
    await stack.destroy();
    assert.deepEqual(stage.calls(), []);
  });
});
