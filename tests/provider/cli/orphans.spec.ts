import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { orphans } from "../../../provider/cli/orphans";
import { projectPrefix } from "../../../provider/order/reference";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { exported, FakePulumi, killed, type RunOptions, runCommand } from "./support";

describe("bimi orphans", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.start();
  });
  afterEach(() => stage.stop());

  /** The command, which must never write. */
  async function run(args: string[], options: RunOptions = {}) {
    await stage.forgetCalls();
    const result = await runCommand(orphans, stage, args, options);
    const methods = new Set(stage.scene.simulator.journal.map(({ method }) => method));
    assert.deepEqual([...methods], ["GET"]);
    return result;
  }
  /** Over one state, as `--json`. */
  async function found(stacks: readonly Stack[], more: Json = {}, args: string[] = []): Promise<Json> {
    const { code, out } = await run(["--state", "-", "--json", ...args], { stdin: exported(stacks, more) });
    return { code, ...JSON.parse(out) };
  }
  const numbers = (list: Json[]): number[] => list.map(({ orderId }) => orderId);

  async function ordered(changes: Json = {}, name = "logo"): Promise<Stack> {
    const stack = stage.vmc(name);
    await stack.up(stage.inputs(changes));
    return stack;
  }

  describe("finds", () => {
    it("an order whose state was never written, and says whose it is and what to do", async () => {
      const order = await ordered();
      const { code, orphans: list, ...rest } = await found([], killed([order]));
      assert.equal(code, 1);
      const placed = (await stage.scene.info(order.outs.orderId)).date_created.replace("+00:00", "Z");
      const until = new Date(Date.parse(placed) + 24 * 3_600_000).toISOString().slice(0, 16).replace("T", " ");
      assert.deepEqual(list, [
        {
          orderId: order.outs.orderId,
          product: "vmc_basic",
          status: "pending",
          domains: ["example.com"],
          placed,
          alternativeOrderId: order.outs.placedAlternativeOrderId,
          resource: {
            type: "VmcOrder",
            name: "logo",
            urn: order.urn,
            stack: "dev",
            inState: "Pulumi was killed while it created this",
          },
          next: [
            `run \`pulumi up\` in stack dev before ${until} UTC: it takes over what agrees with the program`,
            `to manage it: set adoptOrderId: ${order.outs.orderId} on a VmcOrder`,
            "to give it up: cancel it in CertCentral",
          ],
        },
      ]);
      assert.deepEqual(rest, {
        projects: ["acme"],
        organizations: ["organization"],
        origin: "loopback",
        accountId: stage.scene.simulator.account.id,
        issued: [],
        unseen: [],
        hidden: [],
        complete: true,
        all: false,
        considered: ["standard input (stack dev)"],
        unread: [],
      });
    });

    it("for people, aligned", async () => {
      const order = await ordered();
      const { orderId, placedAlternativeOrderId } = order.outs;
      await stage.advance({ days: 2 });
      const { code, out } = await run(["--state", "-"], { stdin: exported([], killed([order])) });
      assert.equal(code, 1);
      const placed = (await stage.scene.info(orderId)).date_created.slice(0, 16).replace("T", " ");
      assert.equal(
        out,
        `CertCentral account ${stage.scene.simulator.account.id} at loopback, project acme (organization organization)
  states       standard input (stack dev)
  others       not read: an order of any other stack of the project shows here as well

Order ${orderId}, VMC, pending: no state holds it
  domains      example.com
  placed       ${placed} UTC
  id           ${placedAlternativeOrderId}
  probably of  VmcOrder logo of stack dev: Pulumi was killed while it created this
  next         to manage it: set adoptOrderId: ${orderId} on a VmcOrder
               to give it up: cancel it in CertCentral

1 open order that no state holds.`,
      );
    });

    it("one of a destroyed stack whose state is empty, by the project's name alone", async () => {
      const order = await ordered();
      const { code, orphans: list } = await found([], {});
      assert.equal(code, 1);
      assert.deepEqual(numbers(list), [order.outs.orderId]);
      assert.equal("resource" in list[0], false);
      assert.match(list[0].next[0], /^if a program still declares it: run `pulumi up` in its stack before /);
      const { out } = await run(["--state", "-"], { stdin: exported([]) });
      assert.match(out, /\n {2}probably of {2}a resource that these states do not know/);
    });

    it("a CMC, one that waits for approval, and one whose reissue is open", async () => {
      const cmc = stage.cmc("cmc");
      await cmc.up(stage.inputs({ trademark: undefined, years: 1, dnsNames: ["example.net"] }));
      const waiting = await ordered({ dnsNames: ["example.org"], skipApproval: false }, "waiting");
      const issued = await ordered();
      await stage.issue(issued.outs.orderId);
      await stage.scene.ok(201, "POST", `/order/certificate/${issued.outs.orderId}/reissue`, {
        certificate: { dns_names: ["example.com", "example.edu"] },
        skip_approval: true,
      });
      const { orphans: list } = await found([], {});
      assert.deepEqual(
        list.map(({ status, next }: Json) => [status, next.slice(1)]),
        [
          [
            "pending",
            [
              `to manage it: set adoptOrderId: ${cmc.outs.orderId} on a CmcOrder`,
              "to give it up: cancel it in CertCentral",
            ],
          ],
          [
            "needs_approval",
            [
              `to manage it: set adoptOrderId: ${waiting.outs.orderId} on a VmcOrder`,
              `to give it up: reject its request in CertCentral (approval of request ${waiting.outs.requests[0].id})`,
            ],
          ],
          ["reissue_pending", [`to manage it: set adoptOrderId: ${issued.outs.orderId} on a VmcOrder`]],
        ],
      );
    });

    it("a successor that the state does not know, beside the order that it does", async () => {
      const order = await ordered();
      const { orderId, reference } = order.outs;
      const { id } = await stage.scene.vmc({ alternative_order_id: `${reference}2` });
      const { orphans: list } = await found([order]);
      assert.deepEqual(numbers(list), [id]);
      assert.equal(list[0].resource.name, "logo");
      assert.equal(list[0].resource.inState, `the state has order ${orderId}`);
    });

    it("one of a stack that is gone, as the resource of another stack of the same program", async () => {
      const gone = await ordered();
      const prod = await ordered({ dnsNames: ["example.net"] }, "prod");
      const urn = gone.urn.replace("urn:pulumi:dev", "urn:pulumi:prod");
      const state = JSON.parse(exported([prod], {}, "prod"));
      Object.assign(state.deployment.resources[1], { urn });
      state.deployment.resources[1].outputs.reference = "bimi-unknown";
      const fake = new FakePulumi(stage.projectDir, {
        dev: { state: exported([]) },
        prod: { state: JSON.stringify(state) },
      });
      const { apiKey, baseUrl } = stage.scene.simulator;
      const env = { ...fake.env, DIGICERT_API_KEY: apiKey, DIGICERT_BASE_URL: baseUrl };
      const { out } = await run(["--json", "--cwd", stage.projectDir], { env });
      const { orphans: list, considered, all } = JSON.parse(out);
      assert.deepEqual([considered, all], [["stack dev", "stack prod"], true]);
      assert.deepEqual(
        list.map(({ orderId, resource }: Json) => [orderId, resource.name, resource.stack, resource.inState]),
        [[gone.outs.orderId, "logo", "dev", "the state does not have it"]],
      );
    });

    it("one under an alternativeOrderId that a state knows, by its inputs or by what it placed", async () => {
      const order = await ordered({ alternativeOrderId: "acmeLogo" });
      assert.equal(order.outs.placedAlternativeOrderId, "acmeLogo1");
      const { id } = await stage.scene.vmc({ alternative_order_id: "acmeLogo2" });
      await stage.scene.vmc({ alternative_order_id: "acmeLogoX2" });
      assert.deepEqual(numbers((await found([order])).orphans), [id]);
      delete order.stored!.inputs.alternativeOrderId;
      assert.deepEqual(numbers((await found([order])).orphans), [id]);
    });

    it("mentions issued ones of the last year, which are no failure", async () => {
      const order = await ordered();
      await stage.issue(order.outs.orderId);
      const { code, orphans: list, issued } = await found([], {});
      assert.deepEqual([code, list, numbers(issued)], [0, [], [order.outs.orderId]]);
      assert.deepEqual(issued[0].next, [`to manage it: set adoptOrderId: ${order.outs.orderId} on a VmcOrder`]);
      const { out } = await run(["--state", "-"], { stdin: exported([]) });
      assert.match(out, /, VMC, issued: no state holds it, so nothing renews it\n/);
      assert.match(out, /\n\nNo open orders that no state holds\.$/);
    });
  });

  describe("does not take for an orphan", () => {
    it("what a state holds: its order, earlier ones, those to be canceled, those in doubt, those to be deleted", async () => {
      const order = await ordered();
      const id = async (alternative_order_id: string) => (await stage.scene.vmc({ alternative_order_id })).id as number;
      const { reference } = order.outs;
      const earlier = await id(`${reference}7`);
      const toCancel = await id(`${reference}8`);
      await id(`${reference}9`);
      order.outs.history = [{ orderId: earlier, status: "issued" }];
      order.outs.__cancel = [toCancel];
      order.outs.__doubt = { alternativeOrderId: `${reference}9`, n: 9, since: "2048-06-01T10:00:00.000Z" };
      const doubtful = stage.vmc("doubtful");
      await stage.faultOrder({ kind: "reset-after-commit" });
      await stage.control.fault({ kind: "lookup-empty", seconds: 300 });
      await failureOf(doubtful.up(stage.inputs({ dnsNames: ["example.org"] })));
      const leaving = await ordered({ dnsNames: ["example.net"] }, "leaving");
      const state = JSON.parse(exported([order, doubtful, leaving]));
      state.deployment.resources[3].delete = true;
      const { code, out } = await run(["--state", "-"], { stdin: JSON.stringify(state) });
      assert.equal((await stage.placed()).length, 6);
      assert.equal(code, 0, out);
      assert.match(out, /\n\nNo open orders that no state holds\.$/);
      const asked = stage.calls("GET", /^GET \/order\/certificate\/\d+$/);
      assert.equal(asked.length, 2, "those in doubt: a state knows no number of theirs");
    });

    it("orders of another project, of nobody, that ended, or were issued long ago", async () => {
      stage.meansEveryOrder = true;
      await stage.scene.vmc({
        alternative_order_id: `${projectPrefix({ organization: "organization", project: "b" })}${"a".repeat(16)}1`,
      });
      await stage.scene.vmc({ alternative_order_id: "PO4711" });
      await stage.scene.vmc({});
      const old = stage.cmc("old");
      await old.up(stage.inputs({ trademark: undefined, years: 3, dnsNames: ["example.net"] }));
      await stage.issue(old.outs.orderId);
      await stage.advance({ days: 366 });
      const ended = await ordered();
      await stage.control.rejectOrder(ended.outs.orderId);
      const { code, orphans: list, issued } = await found([], {});
      assert.deepEqual([code, list, issued], [0, [], []]);
      const looked = stage.calls("GET", /^GET \/order\/certificate\/\d+$/);
      assert.equal(looked.length, 3, "lists tell that the others ended or are old");
    });

    it("an order that was adopted with a foreign alternative id, or others of that kind", async () => {
      const { id } = await stage.scene.vmc({ alternative_order_id: "PO4711" });
      await stage.scene.vmc({ alternative_order_id: "PO4712" });
      const adopted = await ordered({ adoptOrderId: id });
      assert.equal(adopted.outs.placedAlternativeOrderId, "PO4711");
      const { code, orphans: list } = await found([adopted]);
      assert.deepEqual([code, list], [0, []]);
    });
  });

  it("asks sparingly: whose key, a list for each product, and each order in question once", async () => {
    const orders = [await ordered(), await ordered({ dnsNames: ["example.net"] }, "other")];
    await ordered({ dnsNames: ["example.org"] }, "lost");
    await found(orders);
    assert.deepEqual(
      stage.calls().map((call) => call.replace(/\d{5,}/, "{id}")),
      ["GET /user/me", "GET /order/certificate", "GET /order/certificate", "GET /order/certificate/{id}"],
    );
    const queries = stage.scene.simulator.journal.flatMap(
      ({ path }) => /product_name_id\]?=?(?:%5D=)?(\w+)/.exec(decodeURIComponent(path))?.[1] ?? [],
    );
    assert.deepEqual(queries.sort(), ["mark_certificate", "vmc_basic"]);
  });

  describe("reads", () => {
    const keys = () => {
      const { apiKey, baseUrl } = stage.scene.simulator;
      return { "bimi:apiKey": apiKey, "plain bimi:baseUrl": baseUrl };
    };

    it("every stack of the project, so that another stack's order is no orphan", async () => {
      const dev = await ordered();
      const prod = await ordered({ dnsNames: ["example.net"] }, "prod");
      const fake = new FakePulumi(stage.projectDir, {
        dev: { state: exported([dev]), config: keys() },
        prod: { state: exported([prod], {}, "prod") },
      });
      const { code, out } = await run(["--cwd", stage.projectDir], { env: fake.env });
      assert.equal(code, 0, out);
      assert.match(out, /\n {2}states {7}stack dev\n {15}stack prod\n\nNo open/);
      const only = await run(["--cwd", stage.projectDir, "--stack", "dev", "--json"], { env: fake.env });
      assert.equal(only.code, 1);
      assert.deepEqual(numbers(JSON.parse(only.out).orphans), [prod.outs.orderId]);
      const file = path.join(stage.projectDir, "prod.json");
      writeFileSync(file, exported([prod], {}, "prod"));
      const both = await run(["--cwd", stage.projectDir, "--stack", "dev", "--state", file], { env: fake.env });
      assert.equal(both.code, 0, both.out);
      assert.match(both.out, /\n {2}states {7}stack dev\n {15}.*prod\.json \(stack prod\)\n/);
    });

    it("an unreadable stack's orders as perhaps held: incomplete, by exit code, text and remedies", async () => {
      const dev = await ordered();
      const prod = await ordered({ dnsNames: ["example.net"] }, "prod");
      const stacks = (state: string) => ({ dev: { state, config: keys() }, prod: {} });
      const fake = new FakePulumi(stage.projectDir, stacks(exported([dev])));
      const { code, out } = await run(["--cwd", stage.projectDir, "--json"], { env: fake.env });
      const { orphans: list, complete, considered, unread } = JSON.parse(out);
      assert.deepEqual([code, complete, considered], [1, false, ["stack dev"]]);
      assert.equal(unread[0].stack, "prod");
      assert.match(unread[0].error, /`pulumi stack export --stack prod` failed .*the checkpoint is broken/);
      assert.deepEqual(numbers(list), [prod.outs.orderId]);
      assert.match(list[0].next[0], /^make sure that nothing that could not be read holds it/);
      assert.ok(!list[0].next.join().includes("cancel"), "what prod may hold is not to be canceled");
      await stage.scene.ok(204, "PUT", `/order/certificate/${prod.outs.orderId}/status`, {
        status: "CANCELED",
        note: "-",
      });
      const none = await run(["--cwd", stage.projectDir], { env: fake.env });
      assert.equal(none.code, 1, "none found, but incomplete");
      assert.match(
        none.out,
        /\n {2}not read {5}stack prod: .*\n\nNo open orders that no state holds\. This is incomplete:/,
      );
    });

    it("a state that keeps an order's number secret as incomplete", async () => {
      const order = await ordered();
      order.outs.orderId = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        ciphertext: "v1:x",
      };
      const { code, orphans: list, hidden, complete } = await found([order]);
      assert.deepEqual([code, complete, hidden], [1, false, ["VmcOrder logo of stack dev"]]);
      assert.match(list[0].next[0], /^make sure that nothing that could not be read holds it/);
    });

    it("an order that cannot be looked at as incomplete", async () => {
      const order = await ordered();
      await stage.control.fault({
        match: { method: "GET", path: `^/order/certificate/${order.outs.orderId}$` },
        kind: "status",
        times: 0,
      });
      const { code, complete, orphans: list, unseen } = await found([], {});
      assert.deepEqual([code, complete, list, numbers(unseen)], [1, false, [], [order.outs.orderId]]);
    });

    it("the organization from where Pulumi Cloud keeps the stacks, or as it is told", async () => {
      const organization = "acme-corp";
      const reference = `${projectPrefix({ organization, project: "acme" })}${"z".repeat(16)}`;
      const { id } = await stage.scene.vmc({ alternative_order_id: `${reference}1` });
      const url = "https://app.pulumi.com/acme-corp/acme/dev";
      const fake = new FakePulumi(stage.projectDir, { dev: { state: '{"deployment":{}}', config: keys(), url } });
      const { out } = await run(["--cwd", stage.projectDir, "--json"], { env: fake.env });
      const told = JSON.parse(out);
      assert.deepEqual([told.organizations, told.projects, numbers(told.orphans)], [[organization], ["acme"], [id]]);
      assert.deepEqual((await found([], {})).orphans, []);
      assert.deepEqual(numbers((await found([], {}, ["--organization", organization])).orphans), [id]);
      assert.deepEqual((await found([], {}, ["--organization", organization, "--project", "other"])).orphans, []);
    });

    it("the project from its file when no state tells it", async () => {
      const order = await ordered();
      const fake = new FakePulumi(stage.projectDir, { dev: { state: '{"deployment":{}}', config: keys() } });
      const cwd = path.join(stage.projectDir, "bin");
      const args = ["--cwd", cwd, "--json"];
      assert.match((await failureOf(runCommand(orphans, stage, args, { env: fake.env }))).message, /--project/);
      for (const [file, text] of [
        ["Pulumi.yaml", "# a project\nname: acme\nruntime: nodejs\n"],
        ["Pulumi.yaml", 'runtime: nodejs\nname: "acme"\n'],
      ] as const) {
        writeFileSync(path.join(stage.projectDir, file), text);
        const { out } = await run(args, { env: fake.env });
        assert.deepEqual(numbers(JSON.parse(out).orphans), [order.outs.orderId]);
      }
    });

    it("the key of the selected stack, else of the first, and says when there is none", async () => {
      const state = exported([]);
      const stacks = { dev: { state }, prod: { state, config: keys() } };
      const selected = new FakePulumi(stage.projectDir, stacks, "prod");
      assert.equal((await run(["--cwd", stage.projectDir], { env: selected.env })).code, 0);
      const none = new FakePulumi(stage.projectDir, { prod: stacks.prod }, "");
      assert.equal((await run(["--cwd", stage.projectDir], { env: none.env })).code, 0);
      assert.ok(none.called.some((line) => line.endsWith("config get bimi:apiKey --stack prod")));
      const { env } = new FakePulumi(stage.projectDir, { dev: { state } });
      const failure = failureOf(runCommand(orphans, stage, ["--cwd", stage.projectDir], { env }));
      assert.match((await failure).message, /No CertCentral API key: run `pulumi config set --secret bimi:apiKey`/);
    });
  });

  it("refuses the key of an account that none of the states is of, and compares no numbers with another's", async () => {
    const order = await ordered();
    const { apiKey } = await stage.control.addAccount();
    const env = { DIGICERT_API_KEY: apiKey, DIGICERT_BASE_URL: stage.scene.simulator.baseUrl };
    await stage.forgetCalls();
    const failure = failureOf(runCommand(orphans, stage, ["--state", "-"], { env, stdin: exported([order]) }));
    assert.match((await failure).message, /VmcOrder logo .* belongs to CertCentral account \d+, but the API key is of/);
    assert.deepEqual(stage.calls(), ["GET /user/me"]);
    const foreign = await ordered({ dnsNames: ["example.net"] }, "foreign");
    foreign.outs.accountId += 1;
    assert.deepEqual(numbers((await found([order, foreign])).orphans), [foreign.outs.orderId]);
  });

  it("ends with 1 when DigiCert is away, with 2 when command or state are wrong, and helps", async () => {
    await stage.control.fault({ kind: "status", status: 503, times: 0 });
    const away = await runCommand(orphans, stage, ["--state", "-"], { stdin: exported([]) });
    assert.equal(away.code, 1);
    assert.match(away.err, /did not answer/);
    await stage.control.clearFaults();
    const says = async (pattern: RegExp, ...args: string[]) =>
      assert.match((await failureOf(runCommand(orphans, stage, args))).message, pattern);
    await says(/`pulumi` is not on the PATH/);
    await says(/--state \/nowhere cannot be read/, "--state", "/nowhere");
    await says(/no directory \/nowhere/, "--cwd", "/nowhere");
    await says(/Unknown option '--nonsense'/, "--nonsense");
    const { code, out } = await runCommand(orphans, stage, ["--help"]);
    assert.equal(code, 0);
    assert.match(out, /Exit codes\n {2}0 .*\n {2}1 .*\n {2}2 /);
    for (const line of out.split("\n")) assert.ok(line.length <= 125, line);
  });
});
