import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { doctor } from "../../../provider/cli/doctor";
import { checkConfiguration } from "../../../provider/cli/doctorConfiguration";
import { pulumiIn } from "../../../provider/cli/stackState";
import { ZONE } from "../../simulator/certcentral";
import { ScriptedServer } from "../certcentral/support";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { exported, FakePulumi, killed, type RunOptions, runCommand } from "./support";

const day = 24 * 3_600_000;

describe("bimi doctor", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.start();
  });
  afterEach(() => stage.stop());

  /** The command, which must never write. */
  async function run(args: string[], options: RunOptions = {}) {
    await stage.forgetCalls();
    const result = await runCommand(doctor, stage, args, options);
    for (const { method, path } of stage.scene.simulator.journal) assert.equal(method, "GET", path);
    return result;
  }

  /** Environment and configuration that are as they must be; the state is of these resources. */
  async function examined(
    stacks: readonly Stack[] = [],
    {
      config = {},
      env = {},
      more = {},
      clock,
    }: { config?: Json; env?: Json; more?: Json; clock?: RunOptions["clock"] } = {},
  ) {
    const { apiKey, baseUrl, cloudflareUrl, cloudflareToken } = stage.scene.simulator;
    const configured = {
      "bimi:apiKey": apiKey,
      "plain bimi:baseUrl": baseUrl,
      "cloudflare:apiToken": cloudflareToken,
      "plain cloudflare:baseUrl": cloudflareUrl,
      ...config,
    };
    const given = Object.fromEntries(Object.entries(configured).filter(([, value]) => value !== undefined));
    const fake = new FakePulumi(stage.projectDir, {
      dev: { state: exported(stacks, more), config: given as Record<string, string> },
    });
    const options = { env: { ...fake.env, ...env }, ...(clock ? { clock } : {}) };
    const { code, out } = await run(["--cwd", stage.projectDir, "--json"], options);
    const { checks, ...report } = JSON.parse(out);
    assert.equal(code, report.problems > 0 ? 1 : 0);
    return { ...report, checks: new Map<string, Json>(checks.map((check: Json) => [check.name, check])) };
  }
  /** One check as `status: what -> remedy`. */
  const said = ({ checks }: { checks: Map<string, Json> }, name: string): string => {
    const check = checks.get(name);
    assert.ok(check, `no check ${name} among ${[...checks.keys()]}`);
    return `${check.status}: ${check.what}${check.remedy ? ` -> ${check.remedy}` : ""}`;
  };

  async function ordered(changes: Json = {}, name = "logo"): Promise<Stack> {
    const stack = stage.vmc(name);
    await stack.up(stage.inputs(changes));
    return stack;
  }
  const record = (zoneId = ZONE) => ({
    resources: [
      {
        urn: "urn:pulumi:dev::acme::cloudflare:index/dnsRecord:DnsRecord::dcv",
        type: "cloudflare:index/dnsRecord:DnsRecord",
        outputs: { zoneId },
      },
    ],
  });

  it("says of a stack that is as it must be that it is, for people", async () => {
    const order = await ordered();
    await stage.issue(order.outs.orderId);
    const { apiKey, baseUrl, cloudflareUrl, cloudflareToken, account } = stage.scene.simulator;
    const env = {
      DIGICERT_API_KEY: apiKey,
      DIGICERT_BASE_URL: baseUrl,
      CLOUDFLARE_BASE_URL: cloudflareUrl,
      CLOUDFLARE_API_TOKEN: cloudflareToken,
    };
    const fake = new FakePulumi(stage.projectDir, { dev: { state: exported([order], record()) } });
    const { code, out } = await run(["--cwd", stage.projectDir], { env: { ...fake.env, ...env } });
    const info = await stage.scene.ok(200, "GET", `/organization/${stage.organizationId}/validation`);
    const me = await stage.scene.ok(200, "GET", "/user/me");
    const seconds = /this machine's clock is (\d+ seconds \w+)/.exec(out)?.[1];
    assert.equal(
      out,
      `Stack dev (project acme)

ok       state: readable: 1 order, 0 organizations
ok       Node.js: ${process.versions.node}
ok       API key: DIGICERT_API_KEY of the environment
ok       bimi:allowOrders: not needed: a simulator on this machine sells nothing
ok       bimi:onDeadOrder: not set: fail
ok       bimi:maxOrdersPerUpdate: not set: 5
ok       bimi:allowPrivateHosts: not set: false
ok       key at DigiCert: valid, of the user ${me.username} at ${baseUrl}
ok       clock: this machine's clock is ${seconds}${seconds?.endsWith("ahead") ? " of" : ""} DigiCert's
ok       role: Administrator: may order and approve
unknown  restriction of the key: DigiCert does not tell whether a key is restricted to reading (View Only); the first write would: 403 access_denied|missing_permission.
         -> See the key in CertCentral, Account > Account Access.
ok       account: ${account.id} at loopback, that of all the stack's orders and organizations
ok       products: vmc_basic, mark_certificate enabled
unknown  unique order ids: DigiCert does not tell whether the account requires unique alternative order IDs. It does not matter: each id is looked up first, and used for one order.
ok       custom fields: none is required
ok       organization ${stage.organizationId}: Example Corporation: active, EV validated until ${info.validations[0].validated_until.slice(0, 10)}
ok       Cloudflare token: CLOUDFLARE_API_TOKEN of the environment: active
ok       zone example.com: the token may edit its records (${ZONE})

0 problems, 0 warnings.`,
    );
    assert.equal(code, 0);
  });

  it("asks sparingly", async () => {
    await examined([await ordered(), await ordered({ dnsNames: ["example.net"] }, "other")], { more: record() });
    assert.deepEqual(
      stage.scene.simulator.journal.map(({ method, path }) => `${method} ${path.replace(/\d{9,}/g, "{id}")}`).sort(),
      [
        "GET /account/metadata",
        "GET /organization/{id}",
        "GET /organization/{id}/validation",
        "GET /product",
        "GET /user/me",
        "GET /user/tokens/verify",
        `GET /zones/${ZONE.replace(/\d{9,}/g, "{id}")}`,
      ],
    );
  });

  describe("the key:", () => {
    it("where it comes from", async () => {
      assert.match(said(await examined(), "API key"), /^ok: bimi:apiKey of the stack's configuration, secret$/);
      const both = await examined([], { env: { DIGICERT_API_KEY: "other" } });
      assert.match(said(both, "API key"), /^ok: .*; DIGICERT_API_KEY is set too, and not used$/);
      assert.match(said(both, "key at DigiCert"), /^ok: valid/);
    });

    it("none", async () => {
      const report = await examined([], { config: { "bimi:apiKey": undefined } });
      assert.match(
        said(report, "API key"),
        /^problem: There is none: .* -> Run `pulumi config set --secret bimi:apiKey`/,
      );
      assert.equal(report.problems, 1);
      assert.deepEqual(stage.calls(), []);
    });

    it("in plain text", async () => {
      const { apiKey } = stage.scene.simulator;
      const report = await examined([], { config: { "bimi:apiKey": undefined, "plain bimi:apiKey": apiKey } });
      assert.match(
        said(report, "API key"),
        /^problem: bimi:apiKey lies in plain text .* -> Repair it with `pulumi config set --secret/,
      );
      assert.match(said(report, "key at DigiCert"), /^ok: /);
    });

    it("one that cannot be decrypted, also when the environment has another", async () => {
      const { apiKey } = stage.scene.simulator;
      const report = await examined([], {
        config: { "bimi:apiKey": "undecryptable" },
        env: { DIGICERT_API_KEY: apiKey },
      });
      assert.match(said(report, "key at DigiCert"), /^problem: .*incorrect passphrase/s);
      assert.deepEqual(stage.calls(), []);
    });

    it("one that DigiCert does not know", async () => {
      const key = "0123456789ABCDEF0123456789ABCDEF";
      const report = await examined([], { config: { "bimi:apiKey": key } });
      assert.match(
        said(report, "key at DigiCert"),
        /^problem: .*403 access_denied\|access_denied_invalid_key.* -> Mend this first/s,
      );
      assert.ok(!JSON.stringify([...report.checks]).includes(key));
      assert.deepEqual(stage.calls(), ["GET /user/me"]);
    });

    it("a base URL that is none, or is not DigiCert's", async () => {
      const report = (url: string) => examined([], { config: { "plain bimi:baseUrl": url } });
      assert.match(said(await report("http://example.com/services/v2"), "key at DigiCert"), /^problem: .*is not https/);
      const { baseUrl } = stage.scene.simulator;
      const wrong = await report(baseUrl.replace("/services/v2", "/services/v1"));
      assert.match(said(wrong, "key at DigiCert"), /^problem: .* -> Mend this first/s);
      assert.deepEqual(stage.writes(), []);
    });

    it("the role of its user", async () => {
      const as = async (role: "manager" | "limited" | "view-only") => {
        const { apiKey } = await stage.control.addKey({ role });
        return said(await examined([], { config: { "bimi:apiKey": apiKey } }), "role");
      };
      assert.match(await as("manager"), /^ok: Manager: may order and approve$/);
      assert.match(
        await as("limited"),
        /^warning: Limited User: may order, but not approve, .*needs_approval.* -> Use the key of an/,
      );
      assert.match(
        await as("view-only"),
        /^ok: Administrator/,
        "the restriction is the key's, which DigiCert does not tell",
      );
    });

    for (const [id, roleName, says] of [
      [5, "Standard User", /^warning: Standard User: may order, but not approve\./],
      [3, "Finance Manager", /^warning: Finance Manager: is not known to order/],
      [77, "Brand Owner", /^warning: Brand Owner: is not known to this package/],
      [undefined, undefined, /^unknown: DigiCert does not tell/],
    ] as const) {
      it(`the role ${roleName ?? "that is not told"}`, async () => {
        const { account } = stage.scene.simulator;
        const access_roles = id === undefined ? [] : [{ id, name: roleName }];
        const body = JSON.stringify({ id: account.userId, account_id: account.id, access_roles });
        await stage.control.fault({ match: { path: "^/user/me" }, kind: "status", status: 200, body });
        assert.match(said(await examined(), "role"), says);
      });
    }
  });

  describe("the account:", () => {
    it("a state that is of another, without a call that carries an id", async () => {
      const order = await ordered();
      const { apiKey, accountId } = await stage.control.addAccount();
      const report = await examined([order], { config: { "bimi:apiKey": apiKey } });
      assert.match(
        said(report, "account"),
        new RegExp(
          `^problem: The key is of ${accountId} at loopback, but VmcOrder logo \\(order \\d+\\) is of account \\d+ at loopback\\. -> Use a key of that account`,
        ),
      );
      assert.ok(stage.calls().every((call) => !/\d{6,}/.test(call)));
      order.outs.origin = "https://www.digicert.com";
      assert.match(said(await examined([order]), "account"), /^problem: .* at https:\/\/www\.digicert\.com\./);
    });

    it("one resource of another, which may have a provider of its own", async () => {
      const foreign = await ordered({ dnsNames: ["example.net"] }, "foreign");
      foreign.outs.accountId += 1;
      const report = await examined([await ordered(), foreign]);
      assert.match(
        said(report, "account"),
        /^warning: .*VmcOrder foreign.* -> Right if their provider is a bimi\.Provider/,
      );
      assert.equal(report.problems, 0);
    });

    it("a clock that is more than a day off", async () => {
      for (const [off, says] of [
        [-2 * day, /^problem: Nothing is ordered: this machine's clock is 2 days behind DigiCert's\. -> Set the clock/],
        [2 * day, /^problem: Nothing is ordered: this machine's clock is 2 days ahead of DigiCert's\. -> /],
        [day / 2, /^ok: this machine's clock is 12 hours ahead of DigiCert's$/],
      ] as const) {
        const clock = { now: () => stage.clock.now() + off, sleep: (ms: number) => stage.clock.sleep(ms) };
        assert.match(said(await examined([], { clock }), "clock"), says);
      }
    });

    it("products that it may not order", async () => {
      await stage.control.setProducts([]);
      assert.match(
        said(await examined(), "products"),
        /^problem: The account may order neither vmc_basic nor mark_certificate\. -> Enable it/,
      );
      await stage.control.setProducts(["mark_certificate"]);
      assert.match(said(await examined(), "products"), /^ok: mark_certificate enabled; vmc_basic is not$/);
      await stage.control.setProducts(["vmc_basic"]);
      const order = await ordered();
      assert.match(said(await examined([order]), "products"), /^ok: vmc_basic enabled; mark_certificate is not$/);
      await stage.control.setProducts(["mark_certificate"]);
      assert.match(
        said(await examined([order]), "products"),
        /^problem: The account may not order vmc_basic, which the stack uses/,
      );
    });

    it("custom fields that it requires, and that orders do not declare", async () => {
      const order = await ordered();
      await stage.control.addCustomField({ label: "Colour" });
      await stage.control.addCustomField({ label: "Old", is_required: true, is_active: false });
      assert.match(said(await examined([order]), "custom fields"), /^ok: none is required$/);
      const metadataId = await stage.control.addCustomField({ label: "Cost center", is_required: true });
      const field = `Cost center \\(metadataId ${metadataId}\\)`;
      assert.match(
        said(await examined([order]), "custom fields"),
        new RegExp(`^warning: The account requires ${field}; not declared by VmcOrder logo\\. .* -> Give customFields`),
      );
      assert.match(said(await examined(), "custom fields"), new RegExp(`^warning: The account requires ${field}\\. `));
      const declared = await ordered(
        { dnsNames: ["example.net"], customFields: [{ metadataId, value: "12" }] },
        "declared",
      );
      assert.match(
        said(await examined([declared]), "custom fields"),
        new RegExp(`^ok: ${field}: declared by all orders$`),
      );
    });

    it("what cannot be asked alone is a problem alone", async () => {
      await stage.control.fault({ match: { path: "^/product" }, kind: "status", times: 0 });
      const report = await examined();
      assert.match(said(report, "products"), /^problem: DigiCert did not answer/);
      assert.equal(report.problems, 1);
      assert.match(said(report, "custom fields"), /^ok/);
    });
  });

  describe("an organization:", () => {
    const vetting = async (stacks: readonly Stack[]) =>
      said(await examined(stacks), `organization ${stage.organizationId}`);

    it("how its EV validation is", async () => {
      const order = await ordered();
      assert.match(await vetting([order]), /^ok: Example Corporation: EV validation is pending at DigiCert$/);
      await stage.control.vetOrganization(stage.organizationId);
      assert.match(await vetting([order]), /^ok: Example Corporation: active, EV validated until \d{4}-\d\d-\d\d$/);
      await stage.advance({ days: 380 });
      assert.match(
        await vetting([order]),
        /^warning: .* ends \d{4}-\d\d-\d\d\. -> Submit it: `pulumi up` of an OrgValidation/,
      );
      await stage.control.expireOrganization(stage.organizationId);
      assert.match(
        await vetting([order]),
        /^problem: .*EV validation is expired \(ended .*\); nothing is issued without it\. -> Submit/,
      );
    });

    it("that was never submitted", async () => {
      const acme = stage.organization();
      const id = await stage.control.addOrganization({ name: "Fresh", validated: ["ov", "ev"] });
      await acme.up({ organizationId: id, validations: ["ov"] });
      await stage.control.fault({
        match: { path: `^/organization/${id}/validation` },
        kind: "status",
        status: 200,
        body: JSON.stringify({ validations: [{ type: "ov", status: "active" }] }),
      });
      assert.match(
        said(await examined([acme]), `organization ${id}`),
        /^warning: Fresh has no EV validation.* -> Submit it/,
      );
    });

    it("that is deactivated, or that the key does not see", async () => {
      const order = await ordered();
      await stage.scene.ok(204, "PUT", `/organization/${stage.organizationId}/deactivate`);
      assert.match(await vetting([order]), /^problem: Example Corporation is deactivated.* -> Only DigiCert's Support/);
      order.outs.organizationId = stage.organizationId + 1_000_000;
      const hidden = said(await examined([order]), `organization ${order.outs.organizationId}`);
      assert.match(hidden, /^problem: The key does not see it: .*404.* -> Use a key of the division/s);
    });
  });

  describe("the configuration:", () => {
    const check = (config: Json, name: string, env = {}, node?: string) => {
      const given = Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, { value: String(value), secret: false }]),
      );
      const found = checkConfiguration(given, env, node).find((each) => each.name === name);
      return `${found?.status}: ${found?.what}`;
    };

    it("whether the stack may buy", () => {
      const may = (value?: string) =>
        check(value === undefined ? {} : { "bimi:allowOrders": value }, "bimi:allowOrders");
      assert.match(
        may(),
        /^ok: not set: previews work, and an `up` refuses to buy\. `pulumi config set bimi:allowOrders true`/,
      );
      assert.match(may("true"), /^ok: true: an `up` of this stack may buy$/);
      assert.match(may("false"), /^ok: false: previews work/);
      for (const value of ["yes", "True", "1"]) assert.match(may(value), /^problem: ".*" is neither true nor false/);
    });

    it("values that would silently count as not set", () => {
      for (const value of ["fail", "warn"])
        assert.match(check({ "bimi:onDeadOrder": value }, "bimi:onDeadOrder"), /^ok/);
      assert.match(
        check({ "bimi:onDeadOrder": "Warn" }, "bimi:onDeadOrder"),
        /^problem: "Warn" must be fail or warn\./,
      );
      for (const value of ["0", "5", "200"])
        assert.match(check({ "bimi:maxOrdersPerUpdate": value }, "bimi:maxOrdersPerUpdate"), /^ok/);
      for (const value of ["-1", "many", "1.5", ""]) {
        assert.match(
          check({ "bimi:maxOrdersPerUpdate": value }, "bimi:maxOrdersPerUpdate"),
          /^problem: .* must be a whole number/,
        );
      }
    });

    it("keys that are none, such as a misspelled one", async () => {
      const report = await examined([], { config: { "plain bimi:allowOrder": "true", "other:allowOrder": "true" } });
      assert.match(said(report, "bimi:allowOrder"), /^warning: is no key of this package\. -> .*bimi:allowOrders/);
      assert.deepEqual([report.problems, report.warnings], [0, 1]);
    });

    it("nothing of values that are secret without need", async () => {
      const report = await examined([], { config: { "bimi:allowOrders": "true", "bimi:onDeadOrder": "warn" } });
      assert.match(said(report, "bimi:allowOrders"), /^unknown: is secret/);
      assert.match(said(report, "bimi:onDeadOrder"), /^unknown: is secret/);
    });

    it("Node.js", () => {
      assert.match(check({}, "Node.js", {}, "18.20.1"), /^problem: 18\.20\.1 is too old\./);
      assert.match(check({}, "Node.js", {}, "22.0.0"), /^ok: 22\.0\.0$/);
    });
  });

  describe("the Cloudflare token:", () => {
    type Scope = Parameters<Stage["control"]["addCloudflareToken"]>[0];
    const withToken = async (scope: Scope, more: Json = record()) => {
      const token = await stage.control.addCloudflareToken(scope);
      const report = await examined([], { config: { "cloudflare:apiToken": token }, more });
      assert.ok(!JSON.stringify([...report.checks]).includes(token));
      return report;
    };

    it("what it may edit, as long as there are no records", async () => {
      const report = await withToken({}, {});
      assert.match(said(report, "Cloudflare token"), /^ok: cloudflare:apiToken of the stack's configuration: active$/);
      assert.match(said(report, "zone example.com"), /^ok: the token may edit its records/);
      const none = await withToken({ zones: [] }, {});
      assert.match(
        said(none, "Cloudflare zones"),
        /^warning: The token sees no zone\. -> Give the token Zone \/ DNS \/ Edit/,
      );
      const blind = await withToken({ zoneRead: false }, {});
      assert.match(said(blind, "Cloudflare zones"), /^unknown: Which zones .* without Zone \/ Zone \/ Read: 403 9109/);
    });

    it("one that may only read, or not even that, where the stack has records", async () => {
      assert.match(
        said(await withToken({ dns: "read" }), "zone example.com"),
        /^problem: The token may not edit its records: .*#dns_records:read.* -> Give/,
      );
      assert.match(
        said(await withToken({ zones: [] }), `zone ${ZONE}`),
        /^problem: The stack has records there, but .*403 10000 Authentication error\. -> Give/,
      );
    });

    it("what cannot be told without Zone Read", async () => {
      const report = await withToken({ zoneRead: false });
      assert.match(
        said(report, `zone ${ZONE}`),
        /^unknown: The token may read its records; Cloudflare does not tell .* -> It needs/,
      );
      assert.equal(report.problems, 0);
    });

    it("one that ended, ends soon, is wrong, or is an account's", async () => {
      assert.match(
        said(await withToken({ status: "expired" }), "Cloudflare token"),
        /^problem: .* it is expired\. -> Make one/,
      );
      const expiresOn = new Date(stage.clock.now() + 20 * day).toISOString();
      assert.match(
        said(await withToken({ expiresOn }), "Cloudflare token"),
        /^warning: .*: active, until \d{4}-\d\d-\d\d -> Extend/,
      );
      const wrong = await examined([], { config: { "cloudflare:apiToken": "w".repeat(40) }, more: record() });
      assert.match(said(wrong, "Cloudflare token"), /^problem: .*: 401 1000 Invalid API Token\. -> The token is wrong/);
      assert.equal(wrong.problems, 1);
      const owned = await withToken({ accountOwned: true });
      assert.match(said(owned, "Cloudflare token"), /^ok: .*: accepted$/);
      assert.match(said(owned, "zone example.com"), /^ok/);
    });

    it("one in plain text, which is looked at all the same", async () => {
      const { cloudflareToken } = stage.scene.simulator;
      const { apiKey, baseUrl, cloudflareUrl } = stage.scene.simulator;
      const fake = new FakePulumi(stage.projectDir, {
        dev: {
          state: exported([]),
          config: {
            "bimi:apiKey": apiKey,
            "plain bimi:baseUrl": baseUrl,
            "plain cloudflare:baseUrl": cloudflareUrl,
            "plain cloudflare:apiToken": cloudflareToken,
          },
        },
      });
      const { code, out } = await run(["--cwd", stage.projectDir], { env: fake.env });
      assert.equal(code, 1);
      assert.match(
        out,
        /^problem {2}Cloudflare token: .* lies there in plain text\.\n {9}-> Repair it with `pulumi config set --secret/m,
      );
      assert.match(out, /^ok {7}zone example\.com: /m);
    });

    it("none", async () => {
      const none = { config: { "cloudflare:apiToken": undefined } };
      assert.match(
        said(await examined([], none), "Cloudflare token"),
        /^ok: There is none: .*; the stack has no Cloudflare records$/,
      );
      assert.match(
        said(await examined([], { ...none, more: record() }), "Cloudflare token"),
        /^problem: There is none: .* -> Make one/,
      );
      const global = { ...none, env: { CLOUDFLARE_API_KEY: "x" } };
      assert.match(said(await examined([], global), "Cloudflare token"), /^warning: There is none; the global API key/);
    });

    for (const url of [
      "https://user:s3cretword@api.cloudflare.com/client/v4",
      "http://127.0.0.1@cloudflare.example/client/v4",
      "http://localhost.cloudflare.example/client/v4",
      "ftp://127.0.0.1/client/v4",
      "https://api.cloudflare.com/client/v4?token=s3cretword",
    ]) {
      it(`nothing is sent to ${url}, and it is not repeated where it may hold a password`, async () => {
        const report = await examined([], { config: { "plain cloudflare:baseUrl": url } });
        assert.match(said(report, "Cloudflare token"), /^problem: Cloudflare's base URL .* Nothing was called\.$/);
        assert.doesNotMatch(JSON.stringify([...report.checks]), /s3cretword/);
      });
    }

    it("what Cloudflare repeats of the token is taken out", async () => {
      const token = "t0ken".repeat(8);
      const server = await new ScriptedServer().start();
      const echo = {
        success: false,
        result: null,
        errors: [{ code: 1000, message: `Bad token ${token}, ${btoa(token)}` }],
      };
      server.script({ status: 403, json: echo });
      const config = { "cloudflare:apiToken": token, "plain cloudflare:baseUrl": server.baseUrl };
      const report = await examined([], { config, more: record() });
      await server.stop();
      assert.match(said(report, "Cloudflare token"), /Bad token \[redacted\]/);
      const all = JSON.stringify([...report.checks]);
      for (const secret of [token, btoa(token).slice(0, 40)]) assert.ok(!all.includes(secret));
    });

    it("nothing is sent unencrypted, and a Cloudflare that is away is a problem", async () => {
      const plain = await examined([], { config: { "plain cloudflare:baseUrl": "http://example.com/client/v4" } });
      assert.match(said(plain, "Cloudflare token"), /^problem: .* is not https, .*Nothing was called\.$/);
      const away = await examined([], { config: { "plain cloudflare:baseUrl": "http://127.0.0.1:9/client/v4" } });
      assert.match(said(away, "Cloudflare token"), /^problem: Cloudflare did not answer GET \/user\/tokens\/verify: /);
      await stage.control.fault({ service: "cloudflare", kind: "status", status: 503 });
      assert.match(
        said(await examined(), "Cloudflare token"),
        /^problem: .*: 503 10013 Internal server error\. Run this again\.$/,
      );
    });
  });

  it("a Pulumi that hangs is ended, and its stack's state asked for", async () => {
    const bin = path.join(stage.projectDir, "slow");
    mkdirSync(bin);
    writeFileSync(path.join(bin, "pulumi"), `#!${process.execPath}\nsetInterval(() => {}, 1000);`, { mode: 0o755 });
    const pulumi = pulumiIn(stage.projectDir, { PATH: bin }, 500);
    const error = await failureOf(pulumi("stack", "export"));
    assert.match(error.message, /^`pulumi stack export` did not end within 0\.5 seconds in .* --state FILE\.$/);
  });

  describe("without Pulumi", () => {
    it("checks what the environment tells, and says what is wrong", async () => {
      const { code, out } = await run([]);
      assert.equal(code, 1);
      assert.match(
        out,
        /^The stack\n\nproblem {2}state: The command `pulumi` is not on the PATH\..*\n {9}-> What follows/,
      );
      assert.match(out, /^ok {7}key at DigiCert: valid/m);
      assert.match(out, /\n\n1 problem, 0 warnings\.$/);
    });

    it("checks a state from elsewhere", async () => {
      const { code, out } = await run(["--state", "-", "--json"], { stdin: exported([await ordered()]) });
      const { stack, project, checks } = JSON.parse(out);
      assert.deepEqual([code, stack, project], [0, "dev", "acme"]);
      const statuses = checks.map(({ name, status }: Json) => `${name} ${status}`);
      assert.ok(statuses.includes("state ok") && statuses.includes("configuration warning"), statuses.join());
      assert.ok(statuses.includes(`organization ${stage.organizationId} ok`));
    });
  });

  it("says what was being created when Pulumi was killed", async () => {
    const report = await examined([], { more: killed([await ordered()]) });
    assert.match(
      said(report, "state"),
      /^warning: readable: 0 orders, .* while it created VmcOrder logo\. -> Run `pulumi up`/,
    );
  });

  it("says which stack there is not", async () => {
    const fake = new FakePulumi(stage.projectDir, { dev: { state: exported([]) } });
    const { code, out } = await run(["--cwd", stage.projectDir, "--stack", "x"], { env: fake.env });
    assert.equal(code, 1);
    assert.match(out, /^problem {2}state: `pulumi stack export --stack x` failed .*no stack named 'x' found/m);
  });

  it("refuses what it does not understand, and helps", async () => {
    const says = async (pattern: RegExp, ...args: string[]) =>
      assert.match((await failureOf(runCommand(doctor, stage, args))).message, pattern);
    await says(/--state \/nowhere cannot be read/, "--state", "/nowhere");
    await says(/no directory \/nowhere/, "--cwd", "/nowhere");
    await says(/Unknown option '--nonsense'/, "--nonsense");
    await says(/Unexpected argument 'dev'/, "dev");
    const { code, out } = await runCommand(doctor, stage, ["--help"]);
    assert.equal(code, 0);
    assert.match(out, /Exit codes\n {2}0 .*\n {2}1 .*\n {2}2 /);
    for (const line of out.split("\n")) assert.ok(line.length <= 125, line);
  });
});
