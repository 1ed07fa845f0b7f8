import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { Watch } from "./watch";

const hour = 60 * 60 * 1000;
const constructed = ["admin", "administrator", "webmaster", "hostmaster", "postmaster"].map((n) => `${n}@example.com`);

describe("control of an order's domains", () => {
  let stage: Stage;
  let stack: Stack;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    watch = new Watch(stage);
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  const writes = () => watch.writes();
  const said = (pattern: RegExp) => watch.said(pattern);
  const fresh = () => watch.fresh();
  const previews = (program: Props, step: "update" | "same", one = stack) => watch.previews(one, program, step);
  const isAtRest = (program: Props, one = stack) => watch.isAtRest(one, program);
  const domain = async (name = "example.com"): Promise<Json> =>
    (await stage.control.dump()).certcentral.domains.find((one) => one.name === name);
  const domainId = () => stack.outs.domains[0].id;

  describe("with each method", () => {
    const outputs: Record<string, (outs: Json, token: string) => void> = {
      "dns-txt-token": ({ dcvRecords, dcvFiles, domains: [{ httpTokenUrl, mailedTo }] }, token) => {
        assert.deepEqual(
          dcvRecords.map(({ name, type, content }: Json) => [name, type, content]),
          [["example.com", "TXT", token]],
        );
        assert.deepEqual([dcvFiles, httpTokenUrl, mailedTo], [[], undefined, undefined]);
      },
      "dns-cname-token": ({ dcvRecords, dcvFiles }, token) => {
        assert.deepEqual(
          dcvRecords.map(({ name, type, content }: Json) => [name, type, content]),
          [["_dnsauth.example.com", "CNAME", `${token}.dcv.digicert.com`]],
        );
        assert.deepEqual(dcvFiles, []);
      },
      "http-token": ({ dcvRecords, dcvFiles, domains: [{ httpTokenUrl }] }, token) => {
        const url = "http://example.com/.well-known/pki-validation/fileauth.txt";
        assert.deepEqual(dcvRecords, []);
        assert.deepEqual(dcvFiles, [{ domain: "example.com", url, content: token }]);
        assert.equal(httpTokenUrl, url);
      },
      email: ({ dcvRecords, dcvFiles, domains: [{ token, expires, mailedTo }] }) => {
        assert.deepEqual([dcvRecords, dcvFiles, token, expires], [[], [], undefined, undefined]);
        assert.deepEqual(mailedTo, constructed);
      },
    };
    const methods = Object.keys(outputs);
    const tokenOf = async () => (await domain()).token?.value;

    for (const dcvMethod of methods) {
      it(`${dcvMethod}: orders with it and says what proves the domain`, async () => {
        const program = stage.inputs({ dcvMethod });
        assert.equal(await stack.up(program), "create");
        const [call, body] = writes()[0]!;
        assert.equal(call, "POST /order/certificate/vmc_basic");
        assert.equal(body.dcv_method, dcvMethod);
        assert.equal(writes().length, 1);
        outputs[dcvMethod]!(stack.outs, await tokenOf());
        await isAtRest(program);
        await stack.destroy();
        assert.equal((await stage.placed())[0].status, "canceled");
      });

      for (const other of methods.filter((method) => method !== dcvMethod)) {
        it(`${dcvMethod}, changed to ${other} while pending: changes the domain's method once`, async () => {
          const program = stage.inputs({ dcvMethod });
          await stack.up(program);
          const changed = stage.inputs({ dcvMethod: other });
          await previews(changed, "update");
          assert.equal(said(/updates dcvMethod at DigiCert\.$/).length, 1);
          assert.equal(await stack.up(changed), "update");
          assert.deepEqual(writes(), [[`PUT /domain/${domainId()}/dcv/method`, { dcv_method: other }]]);
          assert.equal((await domain()).method, other);
          outputs[other]!(stack.outs, await tokenOf());
          await isAtRest(changed);
        });
      }
    }

    it("is a default: leaving it out and naming email are the same", async () => {
      await stack.up(stage.inputs({ dcvMethod: undefined }));
      await previews(stage.inputs({ dcvMethod: "email" }), "same");
    });
  });

  describe("by email", () => {
    const dcvEmails = (...users: string[]) =>
      users.map((user) => ({ dnsName: "example.com", email: `${user}@example.com` }));
    const program = (...users: string[]) =>
      stage.inputs({ dcvMethod: "email", ...(users.length > 0 ? { dcvEmails: dcvEmails(...users) } : {}) });
    const resend = (email_array?: string[]) => [
      `PUT /domain/${domainId()}/dcv/emails`,
      email_array ? { email_array } : {},
    ];

    it("goes to the addresses of the order", async () => {
      await stack.up(program("admin"));
      assert.deepEqual(writes()[0]![1].dcv_emails, [
        { dns_name: "example.com", email_domain: "example.com", email: "admin@example.com" },
      ]);
      assert.deepEqual(stack.outs.domains[0].mailedTo, ["admin@example.com"]);
      await isAtRest(program("admin"));
    });

    it("goes to other addresses when those change, and once again to the default when they are taken away", async () => {
      await stack.up(program("admin"));
      const two = program("webmaster", "hostmaster");
      await previews(two, "update");
      assert.equal(said(/updates dcvEmails at DigiCert/).length, 1);
      await stack.up(two);
      assert.deepEqual(writes(), [resend(["webmaster@example.com", "hostmaster@example.com"])]);
      assert.deepEqual(stack.outs.domains[0].mailedTo, ["webmaster@example.com", "hostmaster@example.com"]);
      await isAtRest(two);

      await fresh();
      await stack.up(program());
      assert.deepEqual(writes(), [resend()]);
      assert.deepEqual(stack.outs.domains[0].mailedTo, constructed);
      await isAtRest(program());
    });

    it("is changed to with its addresses", async () => {
      await stack.up(stage.inputs());
      await fresh();
      await stack.up(program("postmaster"));
      assert.deepEqual(writes(), [
        [`PUT /domain/${domainId()}/dcv/method`, { dcv_method: "email" }],
        resend(["postmaster@example.com"]),
      ]);
      await isAtRest(program("postmaster"));
    });

    it("only for the domain whose addresses changed", async () => {
      const both = (user: string) =>
        stage.inputs({
          dnsNames: ["example.com", "example.net"],
          dcvMethod: "email",
          dcvEmails: [
            { dnsName: "example.com", email: "admin@example.com" },
            { dnsName: "example.net", email: `${user}@example.net` },
          ],
        });
      await stack.up(both("admin"));
      await fresh();
      await stack.up(both("webmaster"));
      const { id } = await domain("example.net");
      assert.deepEqual(writes(), [[`PUT /domain/${id}/dcv/emails`, { email_array: ["webmaster@example.net"] }]]);
    });

    it("is not repeated although the answer to it was lost", async () => {
      await stack.up(program("admin"));
      await fresh();
      await stage.control.fault({ match: { method: "PUT", path: "/dcv/emails$" }, kind: "reset-after-commit" });
      await stack.up(program("webmaster"));
      await stack.up(program("webmaster"));
      assert.deepEqual(writes(), [resend(["webmaster@example.com"])]);
      await isAtRest(program("webmaster"));
    });

    it("refuses an address that DigiCert does not mail; the state stays", async () => {
      await stack.up(program("admin"));
      const before = structuredClone(stack.stored);
      const error = await failureOf(stack.up(program("ceo")));
      assert.match(error.message, /400 .*dcv_emails.*ceo@example\.com/s);
      assert.deepEqual(stack.stored, before);
    });
  });

  describe("shared by two orders of the stack, in one process", () => {
    let other: Stack;
    beforeEach(async () => {
      other = stage.cmc();
    });
    const cmc = (changes: Props = {}) => stage.inputs({ trademark: undefined, years: 1, ...changes });

    /** One `up` of both: a diff of each, then the updates side by side. */
    async function both(changes: Props): Promise<void> {
      const context = stage.context();
      const steps: [Stack, Props][] = [
        [stack, stage.inputs(changes)],
        [other, cmc(changes)],
      ];
      const planned: (() => Promise<void>)[] = [];
      for (const [one, program] of steps) {
        const process = one.process(context);
        const inputs = await one.check(process, program);
        const { id, outs } = one.stored!;
        const { changes } = await process.diff(id, outs, inputs);
        assert.equal(changes, true);
        planned.push(async () => {
          const updated = await process.update(id, outs, inputs);
          one.stored = { id, inputs, outs: JSON.parse(JSON.stringify(updated.outs)) };
        });
      }
      assert.deepEqual(writes(), []);
      await Promise.all(planned.map((update) => update()));
    }

    it("gets its method once", async () => {
      await stack.up(stage.inputs());
      await other.up(cmc());
      await fresh();
      await both({ dcvMethod: "dns-cname-token" });
      assert.deepEqual(writes(), [[`PUT /domain/${domainId()}/dcv/method`, { dcv_method: "dns-cname-token" }]]);
      assert.deepEqual(other.outs.dcvRecords, stack.outs.dcvRecords);
      await isAtRest(stage.inputs({ dcvMethod: "dns-cname-token" }));
      await isAtRest(cmc({ dcvMethod: "dns-cname-token" }), other);
    });

    it("gets its mails once", async () => {
      await stack.up(stage.inputs());
      await other.up(cmc());
      await fresh();
      await both({ dcvMethod: "email", dcvEmails: [{ dnsName: "example.com", email: "admin@example.com" }] });
      assert.deepEqual(
        writes().map(([call]) => call),
        [`PUT /domain/${domainId()}/dcv/method`, `PUT /domain/${domainId()}/dcv/emails`],
      );
    });

    it("gets its token once", async () => {
      await stack.up(stage.inputs());
      await other.up(cmc());
      await stage.advance({ days: 28 });
      await fresh();
      await both({});
      assert.deepEqual(writes(), [[`POST /domain/${domainId()}/dcv/token`, undefined]]);
      assert.deepEqual(other.outs.dcvRecords, stack.outs.dcvRecords);
    });

    it("gets new mails once when its proof has ended", async () => {
      await stage.control.addDomain({ name: "example.com", method: "email", valid: true });
      await stack.up(stage.inputs({ dcvMethod: "email" }));
      await other.up(cmc({ dcvMethod: "email" }));
      await stage.control.expireDomain("example.com");
      await stage.advance({ hours: 7 });
      await fresh();
      await both({ dcvMethod: "email" });
      assert.deepEqual(
        writes().map(([call]) => call),
        [`POST /domain/${domainId()}/validation`],
      );
    });

    it("names the other open orders in the preview, those that are reissued too", async () => {
      await other.up(cmc());
      await stage.issue(other.outs.orderId);
      await stack.up(stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      await stage.scene.ok(201, "POST", `/order/certificate/${other.outs.orderId}/reissue`, {
        certificate: { dns_names: ["example.com", "example.net"] },
        skip_approval: true,
      });
      const third = await stage.scene.vmc({ certificate: { dns_names: ["example.net"] } });
      await stage.scene.vmc({ certificate: { dns_names: ["example.org"] } });
      await previews(stage.inputs({ dnsNames: ["example.com", "example.net"], dcvMethod: "http-token" }), "update");
      const [line] = said(/updates dcvMethod/);
      assert.match(line!, new RegExp(`those of the open orders ${third.id}, ${other.outs.orderId}\\)`));
    });
  });

  describe("shared with another stack", () => {
    it("whose change of the method is said here, and not undone", async () => {
      const other = stage.cmc("theirs");
      await other.up(stage.inputs({ trademark: undefined, years: 1 }));
      await stack.up(stage.inputs());
      await other.up(stage.inputs({ trademark: undefined, years: 1, dcvMethod: "dns-cname-token" }));
      await stage.advance({ hours: 7 });

      await fresh();
      await previews(stage.inputs(), "update");
      assert.equal(said(/the DCV token of example\.com has changed or ended; looks at it again/).length, 1);
      assert.equal(await stack.up(stage.inputs()), "update");
      assert.deepEqual(writes(), []);
      const [line] = said(/proved by dns-cname-token/);
      assert.match(
        line!,
        /not by dns-txt-token as declared here.*Nothing was written.*Declare dcvMethod "dns-cname-token"/,
      );
      assert.equal((await domain()).method, "dns-cname-token");
      await isAtRest(stage.inputs());

      await stack.up(stage.inputs({ dcvMethod: "dns-cname-token" }));
      assert.deepEqual(writes(), []);
      assert.deepEqual(stack.outs.dcvRecords, other.outs.dcvRecords);
    });
  });

  describe("shared with another stack that changes the method", () => {
    for (const [ours, theirs] of [
      ["dns-txt-token", "email"],
      ["email", "dns-txt-token"],
      ["http-token", "dns-cname-token"],
    ] as const) {
      it(`from ${ours} to ${theirs}: each preview says so from then on, and nothing is written`, async () => {
        const program = stage.inputs({ dcvMethod: ours });
        await stack.up(program);
        await stage.scene.ok(200, "PUT", `/domain/${domainId()}/dcv/method`, { dcv_method: theirs });
        for (let day = 0; day < 2; day++) {
          await stage.advance({ hours: 7 });
          await fresh();
          await stack.preview(program);
          assert.equal(said(new RegExp(`proved by ${theirs}, not by ${ours} as declared here`)).length, 1);
          await stack.up(program);
          assert.deepEqual(writes(), []);
          await isAtRest(program);
        }
      });
    }
  });

  describe("while issued", () => {
    const names = { dnsNames: ["example.com", "example.net"] };

    it("a changed method is noted, and written when the order is reissued", async () => {
      await stack.up(stage.inputs());
      await stage.issue(stack.outs.orderId);
      await stack.up(stage.inputs());
      const changed = stage.inputs({ dcvMethod: "dns-cname-token" });
      await previews(changed, "same");
      assert.equal(said(/the change of dcvMethod holds when its domains are validated the next time/).length, 1);
      assert.equal(await stack.up(changed), "same");

      await fresh();
      assert.equal(await stack.up({ ...changed, ...names }), "update");
      const { id } = await domain("example.net");
      assert.deepEqual(
        writes().map(([call]) => call),
        [`POST /order/certificate/${stack.outs.orderId}/reissue`, `PUT /domain/${id}/dcv/method`],
      );
      assert.deepEqual(writes()[1]![1], { dcv_method: "dns-cname-token" });
      assert.deepEqual(said(/another order or the console/), []);
      assert.deepEqual(stack.outs.dcvRecords.map(({ name, type }: Json) => [name, type]).at(-1), [
        "_dnsauth.example.net",
        "CNAME",
      ]);
      await isAtRest({ ...changed, ...names });
      await stage.control.approveDomain("example.net");
      await stack.up({ ...changed, ...names });
      assert.equal(stack.outs.status, "issued");
      await isAtRest({ ...changed, ...names });
    });

    it("stays noted through a reissue that proves nothing anew", async () => {
      await stack.up(stage.inputs(names));
      await stage.issue(stack.outs.orderId);
      await stack.up(stage.inputs(names));
      const fewer = stage.inputs({ dcvMethod: "http-token" });
      await fresh();
      await stack.up(fewer);
      assert.deepEqual(
        writes().map(([call]) => call),
        [`POST /order/certificate/${stack.outs.orderId}/reissue`],
      );
      await stage.control.tick();
      await stack.up(fewer);
      assert.equal(stack.outs.status, "issued");
      await previews(fewer, "same");
      assert.equal(said(/the change of dcvMethod holds when its domains are validated the next time/).length, 1);
    });
  });

  describe("whose token", () => {
    const newToken = () => [`POST /domain/${domainId()}/dcv/token`, undefined];
    /** Another order's doing: a token that our state does not know. */
    const theirToken = async () =>
      (await stage.scene.call("POST", `/domain/${domainId()}/dcv/token`, {})).json.token as string;

    for (const dcvMethod of ["dns-txt-token", "dns-cname-token", "http-token"]) {
      for (const expiredTokenStatus of ["expired", "pending"] as const) {
        for (const newTokenStatus of [200, 201] as const) {
          it(`is ours and has ended is renewed once (${dcvMethod}, ${expiredTokenStatus}, ${newTokenStatus})`, async () => {
            await stage.control.setSwitches({ expiredTokenStatus, newTokenStatus });
            const program = stage.inputs({ dcvMethod });
            await stack.up(program);
            const { token } = stack.outs.domains[0];
            await stage.advance({ days: 40 });
            await previews(program, "update");
            assert.equal(said(/the DCV token of example\.com ends .*; looks at it again/).length, 1);
            assert.equal(await stack.up(program), "update");
            assert.deepEqual(writes(), [newToken()]);
            const { value } = (await domain()).token;
            assert.notEqual(value, token);
            const published = stack.outs.dcvRecords[0]?.content ?? stack.outs.dcvFiles[0].content;
            assert.ok(published.startsWith(value), published);
            await isAtRest(program);
          });
        }
      }
    }

    it("is ours and ends within 3 days is renewed", async () => {
      await stack.up(stage.inputs());
      await stage.advance({ days: 27, minutes: 1 });
      await fresh();
      await stack.up(stage.inputs());
      assert.deepEqual(writes(), [newToken()]);
      await isAtRest(stage.inputs());
    });

    it("is ours and lasts longer is left alone", async () => {
      await stack.up(stage.inputs());
      await stage.advance({ days: 26, hours: 23 });
      await previews(stage.inputs(), "same");
    });

    it("is another order's and lasts is taken up, not renewed", async () => {
      await stack.up(stage.inputs());
      await stage.advance({ days: 20 });
      const token = await theirToken();
      await stage.advance({ days: 8 });
      await previews(stage.inputs(), "update");
      await stack.up(stage.inputs());
      assert.deepEqual(writes(), []);
      assert.equal(stack.outs.dcvRecords[0].content, token);
      await isAtRest(stage.inputs());
    });

    it("is another order's and ends within 3 days is taken up: that order renews it", async () => {
      await stack.up(stage.inputs());
      const token = await theirToken();
      await stage.advance({ days: 28 });
      await fresh();
      await stack.up(stage.inputs());
      assert.deepEqual(writes(), []);
      assert.equal(stack.outs.dcvRecords[0].content, token);
    });

    it("is another order's and has ended is renewed: it proves nothing to anybody", async () => {
      await stack.up(stage.inputs());
      const token = await theirToken();
      await stage.advance({ days: 31 });
      await fresh();
      await stack.up(stage.inputs());
      assert.deepEqual(writes(), [newToken()]);
      assert.notEqual(stack.outs.dcvRecords[0].content, token);
      await isAtRest(stage.inputs());
    });

    for (const expiredTokenStatus of ["expired", "pending"] as const) {
      it(`ended at DigiCert though the state thinks otherwise is found six hours later (${expiredTokenStatus})`, async () => {
        await stage.control.setSwitches({ expiredTokenStatus });
        await stack.up(stage.inputs());
        await stage.control.expireToken("example.com");
        await previews(stage.inputs(), "same");
        await stage.advance({ hours: 6, minutes: 1 });
        await previews(stage.inputs(), "update");
        await stack.up(stage.inputs());
        assert.deepEqual(writes(), [newToken()]);
        await isAtRest(stage.inputs());
      });
    }

    for (const supersededTokens of ["invalid", "valid"] as const) {
      it(`was renewed is what is published, whether or not the earlier one still proves (${supersededTokens})`, async () => {
        await stage.control.setSwitches({ supersededTokens });
        await stack.up(stage.inputs());
        const earlier = stack.outs.dcvRecords[0].content;
        await stage.advance({ days: 28 });
        await stack.up(stage.inputs());
        await stage.scene.publish("TXT", "example.com", earlier);
        const check = () => stage.scene.call("PUT", `/domain/${domainId()}/dcv/validate-token`);
        assert.equal((await check()).status, supersededTokens === "valid" ? 200 : 400);
        await stage.scene.publish("TXT", "example.com", stack.outs.dcvRecords[0].content);
        assert.equal((await check()).status, 200);
        await stack.refresh();
        assert.equal(stack.outs.domains[0].status, "active");
        await isAtRest(stage.inputs());
      });
    }
  });

  describe("whose proof ended while the order was pending", () => {
    const prove = async (program: Props) => {
      await stack.up(program);
      await stage.control.approveDomain("example.com");
      await stage.advance({ hours: 7 });
      await stack.refresh();
      assert.equal(stack.outs.domains[0].status, "active");
      await previews(program, "same");
    };

    for (const submitDomainAnswer of ["details", "empty"] as const) {
      for (const dcvMethod of ["dns-txt-token", "dns-cname-token", "http-token", "email"]) {
        it(`is proved again: ${dcvMethod}, with an answer of ${submitDomainAnswer}`, async () => {
          await stage.control.setSwitches({ submitDomainAnswer });
          const program = stage.inputs({ dcvMethod });
          await prove(program);
          await stage.advance({ days: 31 });
          await stage.control.expireDomain("example.com");
          await stage.advance({ hours: 7 });
          await previews(program, "update");
          assert.equal(said(/the proof of example\.com has ended; it must be proved again/).length, 1);
          await stack.up(program);
          assert.deepEqual(writes(), [
            [
              `POST /domain/${domainId()}/validation`,
              { validations: [{ type: "ov" }, { type: "ev" }], dcv_method: dcvMethod },
            ],
          ]);
          const { status, mailedTo, expires } = stack.outs.domains[0];
          assert.equal(status, "pending");
          const { token, polling } = await domain();
          if (dcvMethod === "email") assert.deepEqual(mailedTo, constructed);
          else {
            assert.ok(polling, "DigiCert looks again by itself");
            assert.ok(Date.parse(expires) - stage.clock.now() > 29 * 24 * hour);
            const published = stack.outs.dcvRecords[0]?.content ?? stack.outs.dcvFiles[0].content;
            assert.ok(published.startsWith(token.value));
          }
          await isAtRest(program);
        });
      }
    }

    it("is proved with the token that still lasts", async () => {
      await prove(stage.inputs());
      await stage.control.expireDomain("example.com");
      await stage.advance({ hours: 7 });
      await fresh();
      await stack.up(stage.inputs());
      assert.deepEqual(writes(), []);
      assert.equal(stack.outs.domains[0].status, "pending");
      assert.equal(stack.outs.dcvRecords[0].content, (await domain()).token.value);
      await isAtRest(stage.inputs());
    });

    it("and was another method's is proved by the declared one, if no other order waits for the domain", async () => {
      await stage.control.addDomain({ name: "example.com", method: "email", valid: true });
      await stack.up(stage.inputs());
      assert.deepEqual(stack.outs.domains[0].status, "active");
      await isAtRest(stage.inputs());
      await stage.control.expireDomain("example.com");
      await stage.advance({ hours: 7 });
      await fresh();
      await stack.up(stage.inputs());
      assert.deepEqual(
        writes().map(([call, body]) => [call, body.dcv_method]),
        [[`POST /domain/${domainId()}/validation`, "dns-txt-token"]],
      );
      assert.equal(stack.outs.dcvRecords[0].content, (await domain()).token.value);
      await isAtRest(stage.inputs());
    });

    it("and was another method's is left to the other order that waits for it", async () => {
      await stage.control.addDomain({ name: "example.com", method: "email", valid: true });
      await stack.up(stage.inputs());
      await stage.scene.cmc({ dcv_method: "email" });
      await stage.control.expireDomain("example.com");
      await stage.advance({ hours: 7 });
      await fresh();
      await stack.up(stage.inputs());
      assert.deepEqual(writes(), []);
      assert.equal(said(/proved by email, not by dns-txt-token/).length, 1);
    });

    it("takes a changed method up then, and not before", async () => {
      await prove(stage.inputs());
      const changed = stage.inputs({ dcvMethod: "http-token" });
      await previews(changed, "same");
      assert.equal(said(/the change of dcvMethod holds when its domains are validated the next time/).length, 1);
      await stage.control.expireDomain("example.com");
      await stage.advance({ hours: 7 });
      await fresh();
      await stack.up(changed);
      assert.deepEqual(
        writes().map(([call, body]) => [call, body.dcv_method]),
        [[`POST /domain/${domainId()}/validation`, "http-token"]],
      );
      assert.equal(stack.outs.dcvFiles.length, 1);
      await isAtRest(changed);
    });
  });

  describe("that the account had before", () => {
    for (const preexistingDomainToken of ["omitted", "returned"] as const) {
      for (const orderRandomValue of ["absent", "present"] as const) {
        it(`has the domain's token (${preexistingDomainToken}, random value ${orderRandomValue})`, async () => {
          await stage.control.setSwitches({ preexistingDomainToken, orderRandomValue });
          await stage.control.addDomain({ name: "example.com" });
          const program = stage.inputs({ dnsNames: ["example.com", "example.net"] });
          await stack.up(program);
          assert.equal(writes().length, 1);
          for (const [index, name] of ["example.com", "example.net"].entries()) {
            assert.equal(stack.outs.dcvRecords[index].content, (await domain(name)).token.value);
          }
          await isAtRest(program);
        });
      }
    }

    it("is proved already: nothing is to be done", async () => {
      await stage.control.addDomain({ name: "example.com", valid: true });
      await stack.up(stage.inputs());
      assert.equal(writes().length, 1);
      assert.equal(stack.outs.domains[0].status, "active");
      await isAtRest(stage.inputs());
    });

    for (const domainScope of ["exact", "base"] as const) {
      it(`may prove the names below it (${domainScope})`, async () => {
        await stage.control.setSwitches({ domainScope });
        await stage.control.addDomain({ name: "example.com" });
        const program = stage.inputs({ dnsNames: ["mail.example.com", "news.example.com"] });
        await stack.up(program);
        const ids = new Set(stack.outs.domains.map(({ id }: Json) => id));
        assert.equal(ids.size, domainScope === "base" ? 1 : 2);
        await isAtRest(program);
        const changed = { ...program, dcvMethod: "dns-cname-token" };
        await fresh();
        await stack.up(changed);
        assert.deepEqual(
          writes().map(([call]) => call),
          [...ids].map((id) => `PUT /domain/${id}/dcv/method`),
        );
        for (const { content, type } of stack.outs.dcvRecords) {
          assert.equal(type, "CNAME");
          assert.match(content, /\.dcv\.digicert\.com$/);
        }
        await isAtRest(changed);
      });
    }
  });

  describe("that the key may not see", () => {
    const hide = () =>
      stage.control.fault({
        match: { path: "^/domain/" },
        kind: "status",
        status: 403,
        code: "access_denied|missing_permission",
        times: 0,
      });

    it("is proved with what the order said", async () => {
      await hide();
      await stack.up(stage.inputs());
      assert.equal(stack.outs.dcvRecords[0].content, (await domain()).token.value);
      await isAtRest(stage.inputs());
      await stage.advance({ hours: 7 });
      await isAtRest(stage.inputs());
    });

    it("has no token when the order gives none: the order stands, and it is said", async () => {
      await stage.control.addDomain({ name: "example.com" });
      await hide();
      await stack.up(stage.inputs());
      assert.equal(stage.posts, 1);
      assert.deepEqual(stack.outs.dcvRecords, []);
      assert.equal(
        said(/the key may not see domain \d+ \(example\.com; access_denied\|missing_permission\)/).length,
        1,
      );
      await isAtRest(stage.inputs());
    });

    it("lets everything else of the order go on", async () => {
      await stack.up(stage.inputs());
      await hide();
      await stack.up(stage.inputs({ enableHosting: false, technicalContact: person }));
      assert.equal((await stage.placed())[0].technicalContact.first_name, "Ada");
    });

    it("fails a declared change of its method, which stays to be done", async () => {
      await stack.up(stage.inputs());
      await hide();
      const changed = stage.inputs({ dcvMethod: "http-token" });
      const error = await failureOf(stack.up(changed));
      assert.match(error.message, /403 access_denied\|missing_permission.*use a key of an administrator/s);
      await stage.control.clearFaults();
      await fresh();
      await stack.up(changed);
      assert.deepEqual(writes(), [[`PUT /domain/${domainId()}/dcv/method`, { dcv_method: "http-token" }]]);
    });
    const person = { firstName: "Ada", lastName: "Byron", email: "ada@example.com" };
  });
});
