import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Profile, type Simulator, startSimulator, switchList } from "../../simulator";
import { checkout } from "../../tools/toolchain";
import { type CommandResult, Harness, type PulumiProject, succeeded } from "./harness";
import { type Calls, during, ordersAt, printed, twoAtATime, Wire, zoneId } from "./support";
import { defaultOf, type Seen, sweep, variants, zones } from "./variants";

const pairOfVmc = "v=BIMI1; l=https://example.com/logo-1.svg; a=https://example.com/logo-1.pem;";
const hostedPair =
  /^v=BIMI1; l=https:\/\/hosted\.simulator\.invalid\/\S+\.svg; a=https:\/\/hosted\.simulator\.invalid\/\S+\.pem;$/;

describe("the main job, from preview to destroy", function () {
  this.timeout(480_000);

  let harness: Harness;
  before(async () => {
    harness = await Harness.create();
  });
  after(() => harness.dispose());

  describe("over the examples", () => {
    for (const profile of ["seed", "2026"] as const) {
      describe(`with DigiCert as of ${profile}`, () => {
        let vmc: ExampleRun;
        let cmc: ExampleRun;
        before(async () => {
          const runs = ["vmc-cloudflare", "cmc-cloudflare"];
          [vmc, cmc] = (await twoAtATime(runs, (example) => runExample(harness, example, profile))) as [
            ExampleRun,
            ExampleRun,
          ];
        });

        it("previews with one call: which orders the account has already", () => {
          for (const { calls } of [vmc, cmc]) assert.deepEqual(calls.preview?.lines, ["GET /order/certificate"]);
        });

        it("orders once, publishes the proof of control, and an assertion without evidence", () => {
          for (const { calls } of [vmc, cmc]) assert.equal(calls.up?.orders.length, 1);
          const [token] = vmc.tokens;
          assert.deepEqual(vmc.wire.pending, {
            "example.com TXT": [token],
            "default._bimi.example.com TXT": ["v=BIMI1; l=https://example.com/logo-1.svg; a=;"],
          });
          const [first, second] = cmc.tokens;
          const proofs =
            profile === "seed"
              ? {
                  [`${first}.example.com CNAME`]: ["dcv.digicert.com"],
                  [`${second}.example.net CNAME`]: ["dcv.digicert.com"],
                }
              : {
                  "_dnsauth.example.com CNAME": [`${first}.dcv.digicert.com`],
                  "_dnsauth.example.net CNAME": [`${second}.dcv.digicert.com`],
                };
          assert.deepEqual(cmc.wire.pending, {
            ...proofs,
            "default._bimi.example.com TXT": ["v=BIMI1; l=; a=;"],
            "default._bimi.example.net TXT": ["v=BIMI1; l=; a=;"],
          });
        });

        it("returns with the order pending, and says what is missing and who must act", () => {
          for (const { pending } of [vmc, cmc]) {
            assert.equal(pending.status, "pending");
            const missing = pending.missing as { what: string; who: string; since: string }[];
            assert.deepEqual(
              missing.map(({ what, who }) => `${what}: ${who}`),
              ["organization validation (EV): DigiCert", "logo, mark and identity checks: DigiCert"],
            );
            for (const { since } of missing) assert.ok(!Number.isNaN(Date.parse(since)));
          }
        });

        it("previews the issuance without a write", () => {
          for (const { calls, news, pending } of [vmc, cmc]) {
            assert.deepEqual(calls.news?.writes, []);
            assert.match(news, new RegExp(`order ${pending.orderId}: pending -> issued`));
            assert.doesNotMatch(news, /^ (\+|-|\+-|\+\+|--) /m, "nothing is made, deleted or replaced");
          }
        });

        it("publishes the pair once the certificate is issued", () => {
          for (const { calls } of [vmc, cmc]) assert.deepEqual(calls.issued?.orders, []);
          assert.equal(vmc.issued.status, "issued");
          assert.equal(cmc.issued.status, "issued");
          assert.deepEqual(vmc.wire.issued, { "default._bimi.example.com TXT": [pairOfVmc] });
          for (const texts of Object.values(cmc.wire.issued)) {
            assert.equal(texts.length, 1);
            assert.match(texts[0]!, hostedPair);
          }
          assert.deepEqual(
            cmc.issued.pairs,
            ["example.com", "example.net"].map((name) => ({
              name,
              ...partsOf(cmc.wire.issued[`default._bimi.${name} TXT`]![0]!),
            })),
          );
        });

        it("then finds nothing to do, without a single call", () => {
          for (const { calls } of [vmc, cmc]) assert.deepEqual(calls.rest?.lines, []);
        });

        it("refuses to destroy while the order is protected", () => {
          for (const { refusal } of [vmc, cmc]) assert.match(refusal, /protected.*pulumi state unprotect/s);
        });

        it("destroys the records and leaves the issued order alone", () => {
          for (const { calls, left } of [vmc, cmc]) {
            assert.deepEqual(
              calls.destroy?.writes.map(({ service, method }) => `${service} ${method}`),
              calls.destroy?.writes.map(() => "cloudflare DELETE"),
            );
            assert.deepEqual(left, { orders: ["issued"], records: [] });
          }
        });
      });
    }
  });

  describe("however DigiCert behaves where nothing is published", () => {
    const seen = new Map<string, Seen>();
    before(async () => {
      const half = Math.ceil(variants.length / 2);
      const shares = [variants.slice(0, half), variants.slice(half)];
      await twoAtATime(shares, async (share) => {
        for (const result of await sweep(harness, share)) seen.set(result.variant.name, result);
      });
    });
    after(async () => {
      for (const { simulator } of seen.values()) await simulator.stop();
    });

    it("is tried with every value of every unknown and of every option", () => {
      for (const { name, kind, values } of switchList) {
        if (kind === "difference") continue;
        const tried = new Set(variants.map(({ profile, switches }) => switches[name] ?? defaultOf(name, profile)));
        assert.deepEqual(new Set(values), tried, name);
      }
    });

    for (const variant of variants) {
      const { name, vmc = "issued", cmc = "issued", hosted = true } = variant;
      describe(name, () => {
        it("orders once each, and proves control", () => {
          const { calls, tokens, wire } = seen.get(name)!;
          assert.deepEqual(calls.first.writes, []);
          assert.deepEqual(new Set(calls.first.lines), new Set(["GET /order/certificate"]));
          assert.equal(calls.up.orders.length, 4);
          assert.deepEqual(wire.proofs, tokens);
          assert.deepEqual(wire.pending, [
            "v=BIMI1; l=https://example.com/logo-1.svg; a=;",
            "v=BIMI1; l=https://example.com/logo-1.svg; a=;",
            "v=BIMI1; l=; a=;",
          ]);
        });

        it(`previews the news, then has the VMC ${vmc} and the CMC ${cmc}`, () => {
          const { calls, orderIds, news, statuses, wire, outputs } = seen.get(name)!;
          assert.deepEqual(calls.news.writes, []);
          for (const [which, status] of Object.entries({ vmc, cmc })) {
            const line = `order ${orderIds[which]}: pending -> issued`;
            assert.equal(news.includes(line), status === "issued", line);
          }
          assert.deepEqual(calls.issued.orders, []);
          assert.deepEqual(statuses.issued, { vmc, cmc, pending: "pending", unapproved: "needs_approval" });
          assert.equal(outputs.vmc?.status, vmc);
          assert.equal(outputs.cmc?.status, cmc);
          const [first, second, third] = wire.issued;
          assert.equal(first, pairOfVmc);
          assert.equal(second, pairOfVmc);
          if (cmc === "issued" && hosted) assert.match(third!, hostedPair);
          else assert.equal(third, "v=BIMI1; l=; a=;");
        });

        it("then plans nothing and writes nothing", () => {
          const { calls } = seen.get(name)!;
          assert.deepEqual(calls.rest.writes, []);
        });

        it("destroys: issued orders stay, those that wait are canceled, the records go", () => {
          const { statuses, left } = seen.get(name)!;
          const issued = (status: string) => (status === "issued" ? "issued" : "canceled");
          assert.deepEqual(statuses.left, {
            vmc: issued(vmc),
            cmc: issued(cmc),
            pending: "canceled",
            unapproved: "rejected",
          });
          assert.deepEqual(left, []);
        });
      });
    }
  });
});

interface ExampleRun {
  calls: Record<string, Calls>;
  /** Tokens of the order's domains at DigiCert. */
  tokens: (string | undefined)[];
  wire: Record<"pending" | "issued", Record<string, string[]>>;
  pending: Record<string, unknown>;
  issued: Record<string, unknown>;
  news: string;
  /** What a destroy said before the user unprotected the order. */
  refusal: string;
  left: { orders: string[]; records: unknown[] };
}

/** One of the examples as a project of its own. */
async function runExample(harness: Harness, example: string, profile: Profile): Promise<ExampleRun> {
  const simulator = await startSimulator({ profile, zones });
  try {
    const organizationId = String(simulator.account.organizationId);
    const project = await harness.project({
      from: `examples/${example}`,
      // DigiCert looked for another CNAME then, which a program has to say.
      ...(profile === "seed" && example === "cmc-cloudflare" && { files: { "index.ts": withSeedCname(example) } }),
      services: simulator,
      config:
        example === "vmc-cloudflare"
          ? { domain: "example.com", zoneId, organizationId }
          : { domains: JSON.stringify(Object.keys(zones)), zones: JSON.stringify(zones), organizationId },
    });
    return await runMainJob(simulator, project);
  } finally {
    await simulator.stop();
  }
}

function withSeedCname(example: string): string {
  const program = readFileSync(path.join(checkout, "examples", example, "index.ts"), "utf8");
  const changed = program.replace(/(new bimi\.CloudflareBimi\("brand", \{\n)/, '$1  cnameStyle: "seed",\n');
  assert.notEqual(changed, program);
  return changed;
}

async function runMainJob(simulator: Simulator, project: PulumiProject): Promise<ExampleRun> {
  const { control } = simulator;
  const wire = new Wire(simulator);
  const calls: Record<string, Calls> = {};
  let refusal = "";
  const step = async (name: string, work: () => Promise<CommandResult>) => {
    const seen = await during(simulator, async () => succeeded(await work()));
    calls[name] = seen.calls;
    return seen.result;
  };

  await step("preview", () => project.preview());
  await step("up", () => project.up());
  const pending = await project.outputs();
  const { certcentral } = await control.dump();
  const tokens = certcentral.domains.map(({ token }) => token?.value);
  const pendingWire = await answers(simulator, wire);

  await control.vet(Number(pending.orderId));
  await control.advance({ days: 9 });
  const news = printed(await step("news", () => project.preview()));
  await step("issued", () => project.up());
  const issued = await project.outputs();
  const issuedWire = await answers(simulator, wire, /^default\._bimi\./);

  await step("rest", () => project.preview("--expect-no-changes"));
  await step("destroy", async () => {
    refusal = printed(await project.pulumi("destroy", "--yes"));
    succeeded(await project.pulumi("state", "unprotect", "--all", "--yes"));
    return project.destroy();
  });
  const left = {
    orders: (await ordersAt(simulator)).map(({ status }) => status),
    records: Object.values((await control.dump()).cloudflare).flat(),
  };
  return { calls, tokens, wire: { pending: pendingWire, issued: issuedWire }, pending, issued, news, refusal, left };
}

/** What the wire answers for every record that Cloudflare was given. */
async function answers(simulator: Simulator, wire: Wire, names = /^/): Promise<Record<string, string[]>> {
  const { cloudflare } = await simulator.control.dump();
  const found = Object.values(cloudflare)
    .flat()
    .filter(({ name }) => names.test(name));
  return Object.fromEntries(
    await Promise.all(
      found.map(async ({ name, type }) => [
        `${name} ${type}`,
        await (type === "TXT" ? wire.txt(name) : wire.cname(name)),
      ]),
    ),
  );
}

function partsOf(assertion: string): { logoUrl?: string; certificateUrl?: string } {
  const [, logoUrl, certificateUrl] = /l=([^;]*); a=([^;]*);/.exec(assertion) ?? [];
  return { logoUrl, certificateUrl };
}
