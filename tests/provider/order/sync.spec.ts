import assert from "node:assert/strict";
import { startSimulator } from "../../../simulator";
import { failureOf, type Json, type Stack, Stage } from "../support";

describe("an order in the state", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  describe("refreshed", () => {
    it("says what DigiCert says, writes nothing, and leaves nothing to do", async () => {
      await stack.up(stage.inputs());
      const before = stack.outs;
      await stage.forgetCalls();
      await stack.refresh();
      assert.deepEqual(stack.outs, before);
      assert.deepEqual(stage.writes(), []);
      assert.equal(await stack.preview(stage.inputs()), "same");
    });

    it("takes the issued certificate's dates up", async () => {
      await stack.up(stage.inputs());
      await stage.issue(stack.outs.orderId);
      await stack.refresh();
      assert.equal(stack.outs.status, "issued");
      assert.ok(stack.outs.certificateValidTill);
      assert.equal(stack.outs.domains[0].status, "active");
      assert.equal(await stack.preview(stage.inputs()), "same");
    });

    for (const [end, act] of Object.entries<(id: number) => Promise<unknown>>({
      canceled: (id) =>
        stage.scene.ok(204, "PUT", `/order/certificate/${id}/status`, { status: "canceled", note: "x" }),
      rejected: (id) => stage.control.rejectOrder(id),
      revoked: async (id) => {
        await stage.issue(id);
        await stage.scene.ok(204, "PUT", `/order/certificate/${id}/revoke`, { skip_approval: true });
      },
      expired: async (id) => {
        await stage.issue(id);
        await stage.advance({ days: 400 });
      },
    })) {
      it(`keeps one that is ${end}: that is a value of its status, not its absence`, async () => {
        await stack.up(stage.inputs());
        await act(stack.outs.orderId);
        await stack.refresh();
        assert.equal(stack.outs.status, end);
        assert.equal("certificateValidTill" in stack.outs, false);
        assert.equal(await stack.preview(stage.inputs()), "update", "which fails: somebody has to decide");
        assert.equal(stage.posts, 1);
      });
    }

    const answers: [string, Json, RegExp][] = [
      ["404", { status: 404, code: "not_found|order" }, /does not see this order.*Use a key that sees the order/s],
      ["404 of a wrong path", { status: 404, code: "not_found|route" }, /bimi:baseUrl/],
      ["403", { status: 403, code: "access_denied" }, /403 access_denied/],
      ["an empty answer", { status: 200, body: "" }, /not JSON/],
      ["an empty object", { status: 200, body: "{}" }, /not about order/],
      ["another order", { status: 200, body: '{"id":1,"status":"issued"}' }, /not about order/],
      ["a page of a proxy", { status: 200, body: "<html>" }, /not JSON/],
      ["500", { status: 500 }, /500/],
    ];
    for (const [what, fault, message] of answers) {
      it(`fails on ${what} and never says that the order is gone`, async () => {
        await stack.up(stage.inputs());
        const before = stack.stored;
        const match = { method: "GET", path: "^/order/certificate/" };
        await stage.control.fault({ match, kind: "status", times: 0, ...fault });
        const error = await failureOf(stack.refresh());
        assert.match(error.message, message);
        assert.deepEqual(stack.stored, before);
      });
    }
  });

  describe("of another account or site", () => {
    const operations: Record<string, (program: Json) => Promise<unknown>> = {
      preview: (program) => stack.preview(program),
      refresh: () => stack.refresh(),
      update: async (program) => {
        const process = stack.process();
        const { id, outs } = stack.stored!;
        await process.update(id, outs, await stack.check(process, program));
      },
    };
    for (const [operation, run] of Object.entries(operations)) {
      it(`is an error of ${operation}, before any call that names the order`, async () => {
        await stack.up(stage.inputs());
        const before = stack.stored;
        const { accountId, apiKey } = await stage.control.addAccount("Other");
        const { settings } = stage;
        stage.settings = { ...settings, apiKey };
        await stage.forgetCalls();
        const error = await failureOf(run(stage.inputs()));
        assert.equal(error.code, "other_account");
        assert.match(error.message, new RegExp(`account ${stack.outs.accountId}, but .* account ${accountId}`));
        assert.deepEqual(stage.calls(), ["GET /user/me"]);

        stage.settings = { ...settings, baseUrl: "https://certcentral.digicert.example/services/v2" };
        await stage.forgetCalls();
        assert.equal((await failureOf(run(stage.inputs()))).code, "other_origin");
        assert.deepEqual(stage.calls(), []);
        assert.deepEqual(stack.stored, before);
      });
    }

    it("does not mind another port of this machine with the same account", async () => {
      await stack.up(stage.inputs());
      const other = await startSimulator();
      try {
        stage.settings = { apiKey: other.apiKey, baseUrl: other.baseUrl };
        const error = await failureOf(stack.refresh());
        assert.equal(error.code, "other_account");
        assert.deepEqual(
          other.journal.map(({ path }) => path),
          ["/user/me"],
        );
        const url = new URL(stage.scene.simulator.baseUrl);
        url.hostname = "localhost";
        stage.settings = { apiKey: stage.scene.simulator.apiKey, baseUrl: url.href };
        await stack.refresh();
      } finally {
        await other.stop();
      }
    });
  });

  describe("with tokens", () => {
    const expiresIn = (days: number) => stage.advance({ days: 30 - days });

    it("is left alone while they last more than 3 days", async () => {
      await stack.up(stage.inputs());
      await expiresIn(3.01);
      assert.equal(await stack.preview(stage.inputs()), "same");
    });

    it("gets new ones when they end within 3 days", async () => {
      await stack.up(stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      const old = stack.outs.domains;
      await expiresIn(2.99);
      const program = stage.inputs({ dnsNames: ["example.com", "example.net"] });
      assert.equal(await stack.preview(program), "update");
      await stage.forgetCalls();
      await stack.up(program);
      assert.equal(stage.calls("POST", /\/dcv\/token$/).length, 2);
      stack.outs.domains.forEach((domain: Json, index: number) => {
        assert.equal(domain.id, old[index].id);
        assert.notEqual(domain.token, old[index].token);
        assert.ok(Date.parse(domain.expires) - stage.clock.now() > 29 * 24 * 3600_000);
        assert.equal(stack.outs.dcvRecords[index].content, domain.token);
      });
      assert.equal(await stack.preview(program), "same");
    });

    it("gets new ones when they ended long ago", async () => {
      await stack.up(stage.inputs());
      await stage.advance({ days: 60 });
      await stack.up(stage.inputs());
      const { token } = (await stage.control.dump()).certcentral.domains[0]!;
      assert.equal(stack.outs.dcvRecords[0].content, token!.value);
    });

    it("only where control is not proved yet", async () => {
      const program = stage.inputs({ dnsNames: ["example.com", "example.net"] });
      await stack.up(program);
      await stage.control.approveDomain("example.com");
      await expiresIn(1);
      await stage.forgetCalls();
      await stack.up(program);
      assert.equal(stage.calls("POST", /\/dcv\/token$/).length, 1);
      assert.deepEqual(
        stack.outs.domains.map(({ dnsName, status }: Json) => [dnsName, status]),
        [
          ["example.com", "active"],
          ["example.net", "pending"],
        ],
      );
      assert.equal(await stack.preview(program), "same");
    });

    it("once, where two orders prove the same domain", async () => {
      const other = stage.cmc();
      const cmc = stage.inputs({ trademark: undefined, years: 1 });
      await stack.up(stage.inputs());
      await other.up(cmc);
      assert.equal(other.outs.domains[0].token, stack.outs.domains[0].token);
      await expiresIn(1);
      await stage.forgetCalls();
      await stack.up(stage.inputs());
      await other.up(cmc);
      assert.equal(stage.calls("POST", /\/dcv\/token$/).length, 1);
      assert.equal(other.outs.domains[0].token, stack.outs.domains[0].token);
    });

    it("takes one up that somebody made in CertCentral, on refresh", async () => {
      await stack.up(stage.inputs());
      const { token } = await stage.scene.ok(201, "POST", `/domain/${stack.outs.domains[0].id}/dcv/token`, {});
      await stack.refresh();
      assert.notEqual(stack.outs.dcvRecords[0].content, undefined);
      const current = (await stage.control.dump()).certcentral.domains[0]!.token!.value;
      assert.equal(stack.outs.dcvRecords[0].content, current);
      assert.ok(token === undefined || token === current);
    });

    it("has those of domains that were in the account before", async () => {
      await stage.control.addDomain({ name: "example.com" });
      await stage.control.addDomain({ name: "example.net", valid: true });
      const program = stage.inputs({ dnsNames: ["example.com", "example.net"] });
      await stack.up(program);
      const [pending, valid] = stack.outs.domains;
      assert.ok(pending.token);
      assert.equal(pending.status, "pending");
      assert.equal(valid.status, "active");
      assert.equal(stack.outs.dcvRecords[0].content, pending.token);
      assert.equal(await stack.preview(program), "same");
    });

    for (const [dcvMethod, type] of [
      ["dns-cname-token", "CNAME"],
      ["http-token", undefined],
      ["email", undefined],
    ] as const) {
      it(`of the method ${dcvMethod} survive update and refresh`, async () => {
        const program = stage.inputs({ dcvMethod });
        await stack.up(program);
        const { domains, dcvRecords } = stack.outs;
        assert.equal(dcvRecords[0]?.type, type);
        if (dcvMethod === "http-token") assert.match(domains[0].httpTokenUrl, /fileauth\.txt$/);
        if (dcvMethod === "email") assert.equal(domains[0].token, undefined);
        await stack.refresh();
        assert.deepEqual([stack.outs.domains, stack.outs.dcvRecords], [domains, dcvRecords]);
        await expiresIn(1);
        await stack.up(program);
        assert.equal(stack.outs.dcvRecords[0]?.type, type);
        if (domains[0].token) assert.notEqual(stack.outs.domains[0].token, domains[0].token);
      });
    }
  });

  describe("that must be approved first", () => {
    const program = () => stage.inputs({ skipApproval: false });

    it("has no tokens until then, and all of them after the next update", async () => {
      await stack.up(program());
      assert.equal(stack.outs.status, "needs_approval");
      assert.deepEqual(stack.outs.domains, []);
      assert.deepEqual(stack.outs.dcvRecords, []);
      const [request] = stack.outs.requests;
      assert.equal(request.status, "pending");
      assert.equal(await stack.preview(program()), "same");

      await stage.control.approveRequest(request.id);
      assert.equal(await stack.preview(program()), "update");
      assert.ok(stage.lines.includes(`order ${stack.outs.orderId}: needs_approval -> pending`));
      await stack.up(program());
      assert.equal(stack.outs.status, "pending");
      assert.equal(stack.outs.requests[0].status, "approved");
      assert.equal(stack.outs.dcvRecords[0].domain, "example.com");
      assert.equal(stack.outs.dcvRecords[0].content, stack.outs.domains[0].token);
      assert.ok(stack.outs.certificateId);
      assert.equal(await stack.preview(program()), "same");
      assert.equal(stage.posts, 1);
    });

    it("says that it was rejected", async () => {
      await stack.up(program());
      await stage.control.rejectRequest(stack.outs.requests[0].id);
      const error = await failureOf(stack.up(program()));
      assert.match(error.message, new RegExp(`order ${stack.outs.orderId} is rejected`));
      assert.equal(stack.outs.status, "rejected");
      assert.equal(stage.posts, 1);
    });

    it("because the key's user may not approve, waits all the same", async () => {
      stage.settings = { ...stage.settings, apiKey: (await stage.control.addKey({ role: "limited" })).apiKey };
      await stack.up(stage.inputs());
      assert.equal(stack.outs.status, "needs_approval");
    });
  });

  describe("gets read by `VmcOrder.get`", () => {
    it("by its number", async () => {
      const { id } = await stage.scene.vmc({ alternative_order_id: "console" });
      const { id: readId, props } = await stack.process().read(String(id), { __reference: stack.reference });
      assert.equal(readId, String(id));
      assert.equal(props.orderId, id);
      assert.equal(props.status, "pending");
      assert.equal((props.dcvRecords as Json[]).length, 1);
    });

    it("by the reference of the resource that placed it: its latest order", async () => {
      await stack.up(stage.inputs());
      await stack.destroy();
      await stack.up(stage.inputs());
      const { props } = await stage.vmc("reader").process().read(stack.reference, {});
      assert.equal(props.orderId, stack.outs.orderId);
    });

    it("not if there is none: an error", async () => {
      const process = stack.process();
      assert.match((await failureOf(process.read("4711", {}))).message, /does not see this order/);
      assert.match((await failureOf(process.read("bimi0000", {}))).message, /no order under the reference bimi0000/);
    });
  });

  it("gets none of the calls when a preview has no key", async () => {
    await stack.up(stage.inputs());
    await stage.advance({ days: 29 });
    stage.settings = { baseUrl: stage.settings.baseUrl! };
    await stage.forgetCalls();
    assert.equal(await stack.preview(stage.inputs()), "same");
    assert.deepEqual(stage.calls(), []);
  });

  it("costs one bulk call in previews, however many are pending", async () => {
    const context = stage.context();
    stage.meansEveryOrder = true;
    const stacks = [stack, stage.vmc("b"), stage.vmc("c")];
    for (const one of stacks) await one.up(stage.inputs());
    await stage.forgetCalls();
    for (const one of stacks) {
      const process = one.process(context);
      const { id, outs } = one.stored!;
      const { changes } = await process.diff(id, outs, await one.check(process, stage.inputs()));
      assert.equal(changes, false);
    }
    assert.deepEqual(stage.calls(), ["GET /user/me", "GET /order/certificate"]);
  });
});
