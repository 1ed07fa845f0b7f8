import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { status } from "../../../provider/cli/status";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { exported, FakePulumi, type RunOptions, runCommand } from "./support";

const second = 1_000;
const minute = 60 * second;

describe("bimi status", () => {
  let stage: Stage;
  /** Happens after the so-manieth sleep. */
  let happenings: Record<number, () => Promise<unknown>>;
  beforeEach(async () => {
    stage = await Stage.start();
    happenings = {};
  });
  afterEach(() => stage.stop());

  async function run(args: string[], options: RunOptions = {}) {
    const slept: number[] = [];
    const clock = {
      now: () => stage.clock.now(),
      async sleep(ms: number) {
        slept.push(ms);
        await stage.clock.jump(ms);
        await happenings[slept.length]?.();
      },
    };
    return { ...(await runCommand(status, stage, args, { clock, ...options })), slept };
  }

  /** The command over a state of these resources; it must never write. */
  async function statusOf(stacks: readonly Stack[], args: string[] = [], more: Json = {}) {
    await stage.forgetCalls();
    const result = await run(["--state", "-", ...args], { stdin: exported(stacks, more) });
    assert.deepEqual(stage.writes(), []);
    return result;
  }
  const reportOf = async (stacks: readonly Stack[], args: string[] = [], more: Json = {}): Promise<Json> => {
    const { out, ...result } = await statusOf(stacks, ["--json", ...args], more);
    return { ...JSON.parse(out), ...result };
  };

  async function ordered(changes: Json = {}, name = "logo"): Promise<Stack> {
    const stack = stage.vmc(name);
    await stack.up(stage.inputs(changes));
    return stack;
  }
  async function certified(order: Stack): Promise<Stack> {
    const stack = stage.certificate();
    await stack.up({
      order: stage.orderOf(order),
      logoUrl: "https://example.com/1.svg",
      certificateUrl: "https://example.com/1.pem",
    });
    return stack;
  }
  const missing = (order: Json): string[] => order.missing.map(({ what, who }: Json) => `${what} | ${who}`);
  const bulk = () => stage.calls("GET", /\/status-changes$/).length;

  describe("tells of each order", () => {
    it("what a pending one waits for, who must act and since when", async () => {
      const order = await ordered({ dnsNames: ["example.com", "example.net"] });
      const certificate = await certified(order);
      await stage.advance({ days: 2 });
      const { code, orders, stack, project } = await reportOf([order, certificate]);
      assert.equal(code, 0);
      assert.deepEqual([stack, project, orders.length], ["dev", "acme", 1]);
      const [{ missing: items, ...rest }] = orders;
      assert.deepEqual(rest, {
        name: "logo",
        type: "VmcOrder",
        urn: order.urn,
        product: "vmc_basic",
        orderId: order.outs.orderId,
        status: "pending",
        statusInState: "pending",
        domains: ["example.com", "example.net"],
        renewalDue: false,
        isRenewed: false,
        notes: [],
        drift: [],
        history: [],
        next: [],
      });
      assert.deepEqual(missing({ missing: items }), [
        "domain control of example.com: TXT record at example.com | you",
        "domain control of example.net: TXT record at example.net | you",
        "organization validation (EV) | DigiCert",
        "logo, mark and identity checks | DigiCert",
      ]);
      assert.deepEqual(
        items.map(({ since }: Json) => since),
        certificate.outs.missing.map(({ since }: Json) => since),
      );
      assert.deepEqual(
        stage.calls().map((call) => call.replace(/\d{5,}/, "{id}")),
        [
          "GET /user/me",
          "GET /order/certificate/{id}",
          "GET /order/certificate/{id}/validation",
          "GET /domain/{id}",
          "GET /domain/{id}",
        ],
      );
    });

    it("for people, aligned", async () => {
      const order = await ordered();
      const certificate = await certified(order);
      const { out } = await statusOf([order, certificate]);
      const since = `${certificate.outs.missing[0].since.slice(0, 16).replace("T", " ")} UTC`;
      assert.equal(
        out,
        `Stack dev (project acme)

VmcOrder logo: VMC, order ${order.outs.orderId}, pending
  domains      example.com
  missing      you       domain control of example.com: TXT record at example.com (since ${since})
               DigiCert  organization validation (EV) (since ${since})
               DigiCert  logo, mark and identity checks (since ${since})`,
      );
    });

    it("says since when only as far as the state knows", async () => {
      const { orders } = await reportOf([await ordered()]);
      for (const item of orders[0].missing) assert.ok(!("since" in item));
    });

    it("a missing logo, and who got the mail", async () => {
      const order = await ordered({ logo: undefined, trademark: undefined, dcvMethod: "email" });
      const { orders } = await reportOf([order]);
      assert.match(
        missing(orders[0])[0]!,
        /^domain control of example\.com: answer DigiCert's DCV mail \| whoever reads admin@example\.com/,
      );
      assert.ok(missing(orders[0]).includes("logo | you"));
    });

    it("who approves one that must be approved, and what to do once that is done", async () => {
      const order = await ordered({ skipApproval: false });
      const request = order.outs.requests[0].id;
      const before = await reportOf([order]);
      assert.equal(before.orders[0].status, "needs_approval");
      assert.deepEqual(missing(before.orders[0]), [
        `approval of request ${request} | an administrator of the CertCentral account`,
      ]);
      await stage.control.approveRequest(request);
      const { orders } = await reportOf([order]);
      assert.equal(orders[0].status, "pending");
      assert.match(orders[0].next.join(), /^run `pulumi up`: the order is approved/);
    });

    it("until when an issued one is valid, and that `pulumi up` publishes it", async () => {
      const order = await ordered();
      const certificate = await certified(order);
      await stage.issue(order.outs.orderId);
      const before = await reportOf([order, certificate]);
      assert.equal(before.code, 0);
      assert.equal(before.orders[0].status, "issued");
      assert.equal(before.orders[0].statusInState, "pending");
      assert.deepEqual(before.orders[0].missing, []);
      assert.match(before.orders[0].certificateValidTill, /^\d{4}-\d\d-\d\d$/);
      assert.match(before.orders[0].orderValidTill, /^\d{4}-\d\d-\d\d$/);
      assert.match(before.orders[0].next.join(), /^run `pulumi up`: it verifies/);
      await order.up(stage.inputs());
      await certificate.up(certificate.stored!.inputs);
      const after = await reportOf([order, certificate]);
      assert.deepEqual(after.orders[0].next, []);
      assert.deepEqual(stage.calls().length, 2, "whose key, and the order");
    });

    it("when renewal is due, who renews, and not once another order does", async () => {
      const order = await ordered();
      await stage.issue(order.outs.orderId);
      await order.up(stage.inputs());
      const renewal = async () => (await reportOf([order])).orders[0];
      assert.equal((await renewal()).renewalDue, false);
      await stage.advance({ days: 320 });
      const due = await renewal();
      assert.equal(due.renewalDue, true);
      assert.match(due.next.join(), /^renew the order: set renewBefore on it/);
      assert.match((await statusOf([order])).out, /\n {2}renewal {6}due: the order ends \d{4}-\d\d-\d\d\n/);
      order.outs.renewBefore = 90;
      assert.match((await renewal()).next.join(), /^run `pulumi up`: it renews the order, as renewBefore says$/);
      await stage.scene.vmc({ renewal_of_order_id: order.outs.orderId });
      await stage.issue((await stage.placed()).at(-1).id);
      const { renewalDue, isRenewed, next } = await renewal();
      assert.deepEqual([renewalDue, isRenewed, next], [false, true, []]);
      assert.match((await statusOf([order])).out, /\n {2}renewal {6}another order renews this one/);
    });

    it("when a multi-year order wants its next certificate", async () => {
      const order = stage.cmc();
      await order.up(stage.inputs({ years: 3, trademark: undefined }));
      await stage.issue(order.outs.orderId);
      await order.up(stage.inputs({ years: 3, trademark: undefined }));
      await stage.advance({ days: 380 });
      const { orders } = await reportOf([order]);
      assert.equal(orders[0].renewalDue, false);
      assert.match(orders[0].next.join(), /^run `pulumi up`: it asks for the order's next certificate/);
      order.outs.reissueBefore = "never";
      assert.deepEqual((await reportOf([order])).orders[0].next, []);
    });

    it("a reissue of the console, until `pulumi up` has taken it up, and one in doubt", async () => {
      const order = await ordered();
      const certificate = await certified(order);
      await stage.issue(order.outs.orderId);
      await order.up(stage.inputs());
      await certificate.up(certificate.stored!.inputs);
      const names = ["example.com", "example.net"];
      await stage.scene.ok(201, "POST", `/order/certificate/${order.outs.orderId}/reissue`, {
        certificate: { dns_names: names },
        skip_approval: true,
      });
      const during = await reportOf([order, certificate]);
      assert.equal(during.orders[0].status, "reissue_pending");
      assert.match(missing(during.orders[0])[0]!, /^domain control of example\.net/);
      happenings[1] = () => stage.control.approveDomain("example.net");
      const dcv = await statusOf([order, certificate], ["--wait-for", "dcv"]);
      assert.deepEqual([dcv.code, dcv.slept.length], [0, 1]);
      const issued = await statusOf([order, certificate], ["--wait-for", "issued", "--timeout", "1m"]);
      assert.equal(issued.code, 0, issued.out);
      const { orders } = await reportOf([order, certificate]);
      assert.deepEqual([orders[0].status, orders[0].domains], ["issued", names]);
      assert.match(orders[0].next.join(), /^run `pulumi up`: it verifies/);
      order.outs.__reissued = { doubtSince: "2048-06-01T10:00:00.000Z" };
      const { code, out } = await statusOf([order, certificate]);
      assert.equal(code, 1);
      assert.match(out, /\n {2}in doubt {5}whether DigiCert took a reissue, since 2048-06-01 10:00 UTC\n/);
      assert.match(out, /it looks for the reissue again, and asks anew only/);
    });

    for (const [how, kill] of [
      ["rejected", (orderId: number) => stage.control.rejectOrder(orderId, "The mark\nis not\u001b[2J registered.")],
      [
        "canceled",
        (orderId: number) =>
          stage.scene.ok(204, "PUT", `/order/certificate/${orderId}/status`, { status: "CANCELED", note: "No more." }),
      ],
    ] as const) {
      it(`one that is ${how}, with DigiCert's notes, by exit code 1`, async () => {
        const order = await ordered();
        const other = await ordered({ dnsNames: ["example.net"] }, "other");
        await kill(order.outs.orderId);
        const { code, orders } = await reportOf([order, other]);
        assert.equal(code, 1);
        assert.deepEqual(
          orders.map(({ status }: Json) => status),
          [how, "pending"],
        );
        assert.deepEqual(missing(orders[0]), [`a live order: this one is ${how} | you`]);
        assert.equal(
          orders[0].next.join(),
          `settle with DigiCert what was wrong; to order anew, set reorderAfter: ${order.outs.orderId} on the order`,
        );
        if (how !== "rejected") return;
        assert.deepEqual(orders[0].notes, ["The mark\nis not\u001b[2J registered."]);
        assert.match((await statusOf([order])).out, /\n {2}notes {8}DigiCert: The mark is not \[2J registered\.\n/);
      });
    }

    it("one whose answer was lost: what DigiCert has under its alternative id, and what to do", async () => {
      const order = stage.vmc();
      await stage.faultOrder({ kind: "reset-after-commit" });
      await stage.control.fault({ kind: "lookup-empty", seconds: 600 });
      await failureOf(order.up(stage.inputs()));
      assert.equal("orderId" in order.outs, false);
      const { doubtSince, placedAlternativeOrderId } = order.outs;
      const [{ id }] = await stage.placed();
      const early = await reportOf([order]);
      assert.equal(early.code, 1);
      assert.equal(early.orders[0].status, "in doubt");
      assert.deepEqual(early.orders[0].doubt, {
        of: "order",
        since: doubtSince,
        alternativeOrderId: placedAlternativeOrderId,
        found: [],
      });
      assert.match(early.orders[0].next.join(), /orders anew only if there is none after 15 minutes/);
      await stage.advance({ minutes: 20 });
      const late = await reportOf([order]);
      assert.deepEqual(late.orders[0].doubt.found, [{ orderId: id, status: "pending" }]);
      assert.deepEqual(late.orders[0].next, [`run \`pulumi up\`: it takes order ${id} over`]);
      const waited = await reportOf([order], ["--wait-for", "issued"]);
      assert.deepEqual([waited.code, waited.wait.outcome, waited.slept], [1, "hopeless", []]);
    });

    it("a successor in doubt beside the order, predecessors to cancel, earlier orders and drift", async () => {
      const order = await ordered();
      const certificate = await certified(order);
      Object.assign(order.outs, {
        __doubt: { alternativeOrderId: "bimiX2", n: 2, since: "2048-06-01T10:00:00.000Z" },
        __cancel: [71],
        history: [{ orderId: 70, status: "issued" }],
        drift: ["the trademark is us 2"],
      });
      certificate.outs.__publishedBy = { orderId: 70, validTill: "2049-01-01T00:00:00.000Z" };
      const { code, orders } = await reportOf([order, certificate]);
      assert.equal(code, 1);
      assert.equal(orders[0].status, "pending");
      assert.deepEqual(orders[0].doubt, {
        of: "order",
        since: "2048-06-01T10:00:00.000Z",
        alternativeOrderId: "bimiX2",
        found: [],
      });
      const { out } = await statusOf([order, certificate]);
      assert.match(out, /\n {2}published {4}the certificate of order 70, until 2049-01-01\n/);
      assert.match(out, /\n {2}earlier {6}order 70 \(issued when the next was placed\)\n/);
      assert.match(out, /\n {2}drift {8}the trademark is us 2\n/);
      assert.match(out, /order 71 is replaced and still to be canceled/);
    });

    it("one that was being placed when Pulumi was killed, without a call or a key", async () => {
      const order = await ordered();
      const resource = { urn: order.urn, type: "pulumi-nodejs:dynamic/bimi:VmcOrder" };
      const pending = { pending_operations: [{ type: "creating", resource }] };
      await stage.forgetCalls();
      const { code, out } = await run(["--state", "-"], { env: {}, stdin: exported([], pending) });
      assert.equal(code, 1);
      assert.match(out, /^VmcOrder logo: VMC, in doubt$/m);
      assert.match(out, /it looks for the order that was being placed when Pulumi was killed/);
      assert.deepEqual(stage.calls(), []);
      const created = await reportOf([order], [], pending);
      assert.equal(created.orders.length, 1, "the next up created it: the operation stays listed");
      assert.equal(created.code, 0);
    });

    it("not of what the next `pulumi up` only deletes", async () => {
      const order = await ordered();
      const state = JSON.parse(exported([order]));
      state.deployment.resources.push({ ...state.deployment.resources[1], delete: true });
      const { out } = await run(["--state", "-"], { stdin: JSON.stringify(state) });
      assert.equal(out.match(/VmcOrder logo/g)?.length, 1);
    });

    it("that the certificate still follows an earlier order", async () => {
      const order = await ordered();
      const certificate = await certified(order);
      await stage.issue(order.outs.orderId);
      await order.up(stage.inputs());
      await certificate.up(certificate.stored!.inputs);
      const earlier = { orderId: 70, status: "issued" };
      order.outs.history = [earlier];
      Object.assign(certificate.outs, { orderId: earlier.orderId, __publishedBy: earlier });
      const { orders } = await reportOf([order, certificate]);
      assert.equal(orders.length, 1);
      assert.deepEqual(orders[0].history, [earlier]);
      assert.equal(orders[0].published.orderId, earlier.orderId);
      assert.match(orders[0].next.join(), /^run `pulumi up`: it verifies/);
    });

    it("of a certificate whose order no resource of the stack holds", async () => {
      const order = await ordered();
      const { orders } = await reportOf([await certified(order)]);
      assert.deepEqual(
        orders.map(({ type, orderId, product, status }: Json) => [type, orderId, product, status]),
        [["MarkCertificate", order.outs.orderId, "vmc_basic", "pending"]],
      );
    });

    it("despite what it cannot look up of others; 404 never means gone", async () => {
      const order = await ordered();
      const hidden = await ordered({ dnsNames: ["example.net"] }, "hidden");
      const failing = await ordered({ dnsNames: ["example.org"] }, "failing");
      hidden.outs.orderId += 1_000_000;
      await stage.control.fault({
        match: { method: "GET", path: `^/order/certificate/${failing.outs.orderId}$` },
        kind: "status",
        status: 500,
        times: 0,
      });
      const { code, orders } = await reportOf([order, hidden, failing]);
      assert.equal(code, 1);
      assert.deepEqual(
        orders.map(({ status }: Json) => status),
        ["pending", "unknown", "unknown"],
      );
      assert.match(orders[1].error, /does not see this order \(404 .*another account/);
      assert.match(orders[2].error, /did not answer the request to look up order/);
      assert.match((await statusOf([hidden])).out, /unknown \(pending in the state\)/);
    });
  });

  it("tells of each organization its validations, their ends and who must act", async () => {
    const acme = stage.organization();
    const ada = {
      firstName: "Ada",
      lastName: "A",
      jobTitle: "Brand",
      telephone: "+1 555 0100",
      email: "ada@example.com",
    };
    await acme.up({ organizationId: stage.organizationId, validations: ["ov", "ev"], verifiedUsers: [ada] });
    const before = await reportOf([acme]);
    assert.equal(before.code, 0);
    assert.deepEqual(before.organizations[0].validations, [
      { type: "ov", status: "pending" },
      { type: "ev", status: "pending" },
    ]);
    assert.deepEqual(missing(before.organizations[0]), ["OV validation | DigiCert", "EV validation | DigiCert"]);
    await stage.control.vetOrganization(stage.organizationId);
    const after = await reportOf([acme]);
    assert.deepEqual(after.organizations[0].missing, []);
    assert.match(after.organizations[0].validations[1].validatedUntil, /^\d{4}-\d\d-\d\dT/);
    await stage.control.expireOrganization(stage.organizationId, ["ev"]);
    const { out } = await statusOf([acme]);
    assert.match(out, /^Stack dev \(project acme\) has no orders\.$/m);
    assert.match(out, /\n {2}missing {6}you {2}EV validation\n/);
    assert.match(out, /\n {2}next {9}run `pulumi up`: it submits/);
    acme.outs.organizationId += 1_000_000;
    const hidden = await reportOf([acme]);
    assert.equal(hidden.code, 1);
    assert.match(hidden.organizations[0].error, /^the API key does not see this organization/);
  });

  describe("finds state and key", () => {
    let fake: FakePulumi;
    const pulumi = (stacks: ConstructorParameters<typeof FakePulumi>[1]): Record<string, string> => {
      fake = new FakePulumi(stage.projectDir, stacks);
      return fake.env;
    };
    const called = () => fake.called;

    it("by Pulumi, in the project's directory, of the named stack", async () => {
      const { apiKey, baseUrl } = stage.scene.simulator;
      const dev = await ordered();
      const prod = await ordered({ dnsNames: ["example.net"] }, "prod");
      const config = { "bimi:apiKey": apiKey, "bimi:baseUrl": baseUrl };
      const env = pulumi({ dev: { state: exported([dev]), config }, prod: { state: exported([prod]), config } });
      await stage.forgetCalls();
      const first = await run(["--cwd", stage.projectDir], { env });
      assert.match(first.out, /^VmcOrder logo: VMC, order \d+, pending$/m);
      const second = await run(["--cwd", stage.projectDir, "--stack", "prod"], { env });
      assert.match(second.out, /^VmcOrder prod: VMC, order \d+, pending$/m);
      assert.deepEqual([first.code, second.code], [0, 0]);
      assert.ok(called().every((line) => line.startsWith(`${stage.projectDir} `)));
      assert.equal(called().filter((line) => line.endsWith("stack export --stack prod")).length, 1);
      assert.ok(called().some((line) => line.endsWith("config get bimi:apiKey --stack prod")));
      assert.deepEqual(stage.writes(), []);
    });

    it("in the configuration of the state's stack first, as an up does, then in the environment", async () => {
      const { apiKey, baseUrl } = stage.scene.simulator;
      const order = await ordered();
      const file = path.join(stage.projectDir, "state.json");
      writeFileSync(file, exported([order]));
      const env = pulumi({ dev: { state: "", config: { "bimi:apiKey": apiKey } } });
      const { code } = await run(["--state", file, "--cwd", stage.projectDir], {
        env: { ...env, DIGICERT_API_KEY: "not the stack's", DIGICERT_BASE_URL: baseUrl },
      });
      assert.equal(code, 0);
      assert.ok(called().some((line) => line.endsWith("config get bimi:apiKey --stack dev")));
      assert.ok(!called().some((line) => line.includes("stack export")));
    });

    it("or says how they are found", async () => {
      const order = await ordered();
      await stage.forgetCalls();
      const says = async (pattern: RegExp, args: string[], options: Parameters<typeof run>[1] = {}) =>
        assert.match((await failureOf(run(args, options))).message, pattern);
      await says(/`pulumi` is not on the PATH\. .*--state FILE/, []);
      await says(/no directory \/nowhere\/at\/all/, ["--cwd", "/nowhere/at/all"]);
      await says(/--state \/nowhere cannot be read \(ENOENT\)/, ["--state", "/nowhere"]);
      for (const stdin of ["", "{", "[]", "null", '{"deployment": 1}', '{"deployment": {"resources": [{}]}}']) {
        await says(/is not what `pulumi stack export` prints.*Export the stack again/, ["--state", "-"], { stdin });
      }
      const env = pulumi({ dev: { state: exported([order]) } });
      await says(/`pulumi stack export --stack x` failed.*no stack named 'x' found\n.*--stack/s, ["--stack", "x"], {
        env,
      });
      await says(/No CertCentral API key: run `pulumi config set --secret bimi:apiKey`/, [], { env });
      const file = { stdin: exported([order]), env: {} };
      await says(/DIGICERT_API_KEY is not set, and .*`pulumi` is not on the PATH/, ["--state", "-"], file);
      assert.deepEqual(stage.calls(), []);
    });

    it("refuses a key of another account, or another site, before any call with an id", async () => {
      const order = await ordered();
      const acme = stage.organization();
      await acme
        .up({ organizationId: stage.organizationId, validations: ["ev"], verifiedUsers: [{ userId: 1 }] })
        .catch(() => {});
      const { apiKey } = await stage.control.addAccount();
      await stage.forgetCalls();
      const { baseUrl } = stage.scene.simulator;
      const stdin = exported([order]);
      const other = await failureOf(
        run(["--state", "-"], { stdin, env: { DIGICERT_API_KEY: apiKey, DIGICERT_BASE_URL: baseUrl } }),
      );
      assert.match(
        other.message,
        /VmcOrder logo \(order \d+\) belongs to CertCentral account \d+, but the API key is of account/,
      );
      assert.ok(!other.message.includes(apiKey));
      assert.deepEqual(stage.calls(), ["GET /user/me"]);
      const site = await failureOf(run(["--state", "-"], { stdin, env: { DIGICERT_API_KEY: apiKey } }));
      assert.match(
        site.message,
        /belongs to a simulator on this machine, but this run talks to https:\/\/www\.digicert\.com/,
      );
      const key = "0123456789ABCDEF0123456789ABCDEF";
      const unknown = await failureOf(
        run(["--state", "-"], { stdin, env: { DIGICERT_API_KEY: key, DIGICERT_BASE_URL: baseUrl } }),
      );
      assert.match(unknown.message, /access_denied_invalid_key.*bimi:apiKey/);
      assert.ok(!unknown.message.includes(key));
    });

    it("looks at the orders of the key's account beside one of another", async () => {
      const order = await ordered();
      const foreign = await ordered({ dnsNames: ["example.net"] }, "foreign");
      foreign.outs.accountId += 1;
      const { code, orders } = await reportOf([order, foreign]);
      assert.equal(code, 1);
      assert.equal(orders[0].status, "pending");
      assert.match(orders[1].error, /belongs to CertCentral account/);
      assert.ok(!stage.calls().some((call) => call.includes(foreign.outs.orderId)));
    });
  });

  it("says that a stack has no orders, without key or call", async () => {
    for (const stdin of [exported([]), '{"version":3,"deployment":{"manifest":{}}}']) {
      for (const args of [[], ["--wait-for", "issued"]]) {
        const { code, out } = await run(["--state", "-", ...args], { env: {}, stdin });
        assert.equal(code, 0);
        assert.match(out, /^(Stack dev \(project acme\)|The stack) has no orders\.$/m);
      }
    }
    assert.deepEqual(stage.calls(), []);
  });

  it("refuses what it does not understand, and helps", async () => {
    const says = async (pattern: RegExp, ...args: string[]) =>
      assert.match((await failureOf(run(args))).message, pattern);
    await says(/--wait-for forever: give one of dcv, issued/, "--wait-for", "forever");
    await says(/--timeout goes with --wait-for/, "--timeout", "30m");
    for (const time of ["30", "0m", "-1m", "25h", "1d", "m", "1.5h"]) {
      await says(/--timeout .*: give a time such as 90s, 30m or 2h/, "--wait-for", "dcv", `--timeout=${time}`);
    }
    await says(/Unknown option '--nonsense'/, "--nonsense");
    await says(/Unexpected argument 'dev'/, "dev");
    const { code, out } = await run(["--help"]);
    assert.equal(code, 0);
    assert.match(out, /Exit codes\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 /);
    for (const line of out.split("\n")) assert.ok(line.length <= 125, line);
  });

  describe("--wait-for issued", () => {
    it("asks one list a round, whatever the number of orders, and says events only", async () => {
      const orders: Stack[] = [];
      for (const name of ["a", "b", "c", "d"]) orders.push(await ordered({ dnsNames: [`${name}.example.com`] }, name));
      for (const [index, order] of orders.entries()) {
        happenings[2 * index + 3] = () => stage.issue(order.outs.orderId);
      }
      const { code, out, slept } = await statusOf(orders, ["--wait-for", "issued"]);
      assert.equal(code, 0);
      assert.equal(slept.length, 9, "until the last one is issued");
      assert.equal(slept[0], 5 * second);
      assert.ok(slept.every((ms, round) => round === 0 || (ms >= slept[round - 1]! && ms <= minute)));
      assert.equal(bulk(), slept.length);
      const events = out.split("\n").filter((line) => /^\d\d:\d\d:\d\d /.test(line));
      assert.deepEqual(
        events.map((line) => line.slice(9)),
        orders.map(({ outs }, index) => `VmcOrder ${"abcd"[index]} (order ${outs.orderId}): pending -> issued`),
      );
      assert.match(out, /\nReached: all orders are issued\.$/);
      const looks = stage.calls("GET", /^GET \/order\/certificate\/\d+$/).length;
      assert.equal(looks, 2 * orders.length, "one look at first, one after its change");
    });

    it("is reached at once by issued orders", async () => {
      const order = await ordered();
      await stage.issue(order.outs.orderId);
      const { code, slept } = await statusOf([order], ["--wait-for", "issued"]);
      assert.deepEqual([code, slept, bulk()], [0, [], 0]);
    });

    it("times out with 3, says what is missing, and goes on when it is run again", async () => {
      const order = await ordered();
      const first = await statusOf([order], ["--wait-for", "issued", "--timeout", "90s"]);
      assert.equal(first.code, 3);
      const slept = first.slept.reduce((sum, ms) => sum + ms, 0);
      assert.ok(slept > 80 * second && slept <= 90 * second, String(slept));
      assert.equal(bulk(), first.slept.length - 1, "the last look is at the order");
      assert.match(
        first.out,
        /Timed out after 90s .* is pending, missing domain control of example\.com.* \(you\).*run it again/,
      );
      await stage.advance({ days: 30 });
      await stage.issue(order.outs.orderId);
      assert.equal((await statusOf([order], ["--wait-for", "issued"])).code, 0);
    });

    it("ends with 1 when an order dies meanwhile", async () => {
      const order = await ordered();
      const other = await ordered({ dnsNames: ["example.net"] }, "other");
      happenings[2] = () => stage.control.rejectOrder(other.outs.orderId, "Not registered.");
      const { code, slept, wait, orders, err } = await reportOf([order, other], ["--wait-for", "issued"]);
      assert.deepEqual([code, slept.length], [1, 2]);
      assert.deepEqual(wait, { for: "issued", outcome: "hopeless" });
      assert.deepEqual(orders[1].notes, ["Not registered."]);
      assert.match(err, /other \(order \d+\): pending -> rejected\n.*Waiting does not mend this: .*is rejected/);
    });

    it("is not fooled by a list that says nothing", async () => {
      const order = await ordered();
      await stage.control.fault({
        match: { path: "status-changes" },
        kind: "status",
        status: 200,
        body: "{}",
        times: 0,
      });
      happenings[1] = () => stage.issue(order.outs.orderId);
      const { code, out, slept } = await statusOf([order], ["--wait-for", "issued", "--timeout", "2m"]);
      assert.equal(code, 0, "the last look is at the order itself");
      assert.match(out, /pending -> issued/);
      await stage.control.clearFaults();
      assert.ok(slept.length > 2);
    });

    it("looks at the orders themselves once an hour, so that it also says what is proved", async () => {
      const order = await ordered();
      happenings[3] = () => stage.control.approveDomain("example.com");
      const { out } = await statusOf([order], ["--wait-for", "issued", "--timeout", "70m"]);
      const looks = stage.calls("GET", /^GET \/order\/certificate\/\d+$/).length;
      assert.equal(looks, 3, "at first, after an hour, at the end");
      const events = out.split("\n").filter((line) => /^\d\d:\d\d:\d\d /.test(line));
      assert.deepEqual(
        events.map((line) => line.slice(9)),
        [`VmcOrder logo (order ${order.outs.orderId}): done: domain control of example.com: TXT record at example.com`],
      );
    });

    it("looks at each order when this machine slept for longer than the list reaches back", async () => {
      const order = await ordered();
      happenings[2] = async () => {
        await stage.issue(order.outs.orderId);
        await stage.advance({ days: 9 });
      };
      const { code } = await statusOf([order], ["--wait-for", "issued", "--timeout", "24h"]);
      assert.equal(code, 0);
      const asked = stage.scene.simulator.journal.flatMap(({ path }) => /minutes=(\d+)/.exec(path)?.[1] ?? []);
      assert.ok(asked.length > 0 && asked.every((minutes) => minutes === "120"), String(asked));
    });

    it("asks order by order when the list is refused", async () => {
      const order = await ordered();
      await stage.control.fault({
        match: { path: "status-changes" },
        kind: "status",
        status: 400,
        code: "time_frame_too_long",
        times: 0,
      });
      happenings[2] = () => stage.issue(order.outs.orderId);
      const { code, slept } = await statusOf([order], ["--wait-for", "issued"]);
      assert.deepEqual([code, slept.length], [0, 2]);
    });

    it("survives that one order cannot be looked at for a while, and says so", async () => {
      const order = await ordered();
      happenings[2] = async () => {
        await stage.issue(order.outs.orderId);
        await stage.control.fault({
          match: { method: "GET", path: `^/order/certificate/${order.outs.orderId}$` },
          kind: "status",
          times: 5,
        });
      };
      const { code, out } = await statusOf([order], ["--wait-for", "issued"]);
      assert.equal(code, 0);
      assert.match(out, /DigiCert did not answer the request to look up order .*\n.*: pending -> issued\n/);
    });

    it("asks an order again that could not be looked at in the first place", async () => {
      const order = await ordered();
      await stage.advance({ days: 1 });
      await stage.control.fault({
        match: { method: "GET", path: `^/order/certificate/${order.outs.orderId}$` },
        kind: "status",
        times: 5,
      });
      const { code, out } = await statusOf([order], ["--wait-for", "issued", "--timeout", "20s"]);
      assert.equal(code, 3);
      assert.match(out, /unknown \(pending in the state\)/);
      assert.match(out, /: unknown -> pending\n/);
      assert.equal(stage.calls("GET", /^GET \/order\/certificate\/\d+$/).length, 5 + 1 + 1, "after 5 s and at the end");
    });

    it("survives that DigiCert is away for a while, and says so once", async () => {
      const order = await ordered();
      happenings[1] = () => stage.control.fault({ kind: "status", status: 503, times: 0 });
      happenings[20] = async () => {
        await stage.issue(order.outs.orderId);
        await stage.control.clearFaults();
      };
      const { code, out } = await statusOf([order], ["--wait-for", "issued"]);
      assert.equal(code, 0);
      assert.equal(out.match(/Goes on asking/g)?.length, 1);
      assert.match(out, /pending -> issued/);
    });
  });

  describe("--wait-for dcv", () => {
    it("asks for each open order's details, and says each domain once", async () => {
      const order = await ordered({ dnsNames: ["example.com", "example.net"] });
      const waiting = await ordered({ dnsNames: ["example.org"], skipApproval: false }, "waiting");
      const issued = await ordered({ dnsNames: ["example.edu"] }, "issued");
      await stage.issue(issued.outs.orderId);
      happenings[1] = () => stage.control.approveDomain("example.net");
      happenings[2] = () => stage.control.approveRequest(waiting.outs.requests[0].id);
      happenings[3] = () => stage.control.approveDomain("example.com");
      happenings[4] = () => stage.control.approveDomain("example.org");
      const { code, out, slept } = await statusOf([order, waiting, issued], ["--wait-for", "dcv"]);
      assert.deepEqual([code, slept.length, bulk()], [0, 4, 0]);
      assert.equal(stage.calls("GET", new RegExp(`/order/certificate/${issued.outs.orderId}$`)).length, 1);
      assert.equal(stage.calls("GET", new RegExp(`/order/certificate/${order.outs.orderId}$`)).length, 4);
      for (const domain of ["example.com", "example.net", "example.org"]) {
        assert.equal(out.match(new RegExp(`: done: domain control of ${domain}`, "g"))?.length, 1, out);
      }
      assert.equal(stage.calls("GET", /^GET \/user\/me$/).length, 1 + slept.length, "once a round");
      assert.match(out, /waiting \(order \d+\): needs_approval -> pending/);
      assert.match(out, /Reached: control of all domains is proved\./);
    });
  });
});
