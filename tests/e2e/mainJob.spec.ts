import assert from "node:assert/strict";
import { type Profile, type Simulator, type Switches, startSimulator, switchList } from "../../simulator";
import { type CommandResult, Harness, type PulumiProject, succeeded } from "./harness";
import { ada, Calls, during, type Order, ordersAt, printed, svg, twoAtATime, Wire, zoneId } from "./support";

/** One way in which DigiCert may behave. */
interface Variant {
  name: string;
  profile: Profile;
  switches: Partial<Switches>;
}

/**
 * Both profiles as they are, and every value of an unknown or an option that 2026 does not have by default: each alone,
 * so that a failure names its cause.
 */
const variants: Variant[] = [
  { name: "seed", profile: "seed", switches: {} },
  { name: "2026", profile: "2026", switches: {} },
  ...switchList
    .filter(({ kind }) => kind !== "difference")
    .flatMap(({ name, values, ...profiles }) =>
      values
        .filter((value) => value !== profiles["2026"])
        .map((value): Variant => ({ name: `${name}=${value}`, profile: "2026", switches: { [name]: value } })),
    ),
];
/** Stacks that share the variants among them. */
const stacks = 4;

/**
 * Per variant, with a provider of DigiCert and one of Cloudflare of its own: a VMC over a domain and one below it that
 * the account has already (TXT), a CMC in another zone (CNAME), and two orders that are never finished.
 */
const program = `
const cloudflare = require("@pulumi/cloudflare");
const bimi = require("pulumi-bimi");
for (const variant of require("./variants.json")) {
  const { name, organizationId, zones } = variant;
  const digicert = new bimi.Provider(name, { apiKey: variant.apiKey, baseUrl: variant.baseUrl });
  const dns = new cloudflare.Provider(name, { apiToken: variant.cloudflareToken, baseUrl: variant.cloudflareUrl });
  const approver = ${JSON.stringify(ada)};
  const acme = new bimi.OrgValidation(name, { organizationId, validations: ["ev"], verifiedUsers: [approver] }, { provider: digicert });
  const organization = { id: acme.organizationId, contacts: [{ contactType: "verified_contact", ...approver }] };
  const vmc = new bimi.VmcOrder(name + " vmc", {
    dnsNames: ["example.com", "mail.example.com"],
    organization,
    logo: "logo.svg",
    trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
    dcvMethod: "dns-txt-token",
  }, { provider: digicert });
  new bimi.CloudflareBimi(name + " vmc", {
    order: vmc, zones,
    logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
  }, { providers: [digicert, dns] });
  const cmc = new bimi.CmcOrder(name + " cmc", {
    dnsNames: ["example.net"], organization, logo: "other.svg", years: 2, dcvMethod: "dns-cname-token", enableHosting: true,
  }, { provider: digicert });
  new bimi.CloudflareBimi(name + " cmc", { order: cmc, zones, cnameStyle: variant.cnameStyle }, { providers: [digicert, dns] });
  new bimi.CmcOrder(name + " pending", {
    dnsNames: ["example.org"], organization, logo: "other.svg", years: 1,
  }, { provider: digicert });
  new bimi.CmcOrder(name + " unapproved", {
    dnsNames: ["example.org"], organization, logo: "other.svg", years: 1, skipApproval: false,
  }, { provider: digicert });
}
`;

/** A stack's commands, in the order of the main job. */
interface Run {
  steps: Record<"first" | "up" | "news" | "issued" | "rest" | "destroy", CommandResult>;
}

/** What a variant saw of each command. */
interface Seen {
  simulator: Simulator;
  wire: Wire;
  run: Run;
  calls: Record<keyof Run["steps"], Calls>;
  /** DigiCert's orders after the first up, after the second, and after destroy. */
  placed: Order[];
  issued: Order[];
  left: Order[];
  pendingWire: { txt: string[]; sub: string[]; cname: string[]; bimi: string[] };
  issuedWire: { bimi: string[]; sub: string[]; net: string[] };
  leftWire: string[];
}

describe("the main job, preview to destroy, however DigiCert behaves", function () {
  this.timeout(480_000);

  const seen = new Map<string, Seen>();
  let harness: Harness;
  before(async () => {
    harness = await Harness.create();
    const shares = Array.from({ length: stacks }, (_, stack) => variants.filter((_, index) => index % stacks === stack));
    await twoAtATime(shares, async (share) => {
      for (const [name, result] of await sweep(harness, share)) seen.set(name, result);
    });
  });
  after(async () => {
    harness.dispose();
    for (const { simulator } of seen.values()) await simulator.stop();
  });

  for (const { name } of variants) {
    it(name, () => {
      const result = seen.get(name);
      assert.ok(result, "the stack was run");
      console.log(name, result.issued.map((o) => `${o.product} ${o.status}`), result.left.map((o) => o.status), result.issuedWire, result.pendingWire, result.leftWire);
      for (const [step, { code, ms }] of Object.entries(result.run.steps)) console.log(step, code, ms, result.calls[step as "up"].all.length);
    });
  }
});

async function sweep(harness: Harness, share: readonly Variant[]): Promise<Map<string, Seen>> {
  const zones = { "example.com": zoneId, "example.net": zoneId.replaceAll("0", "1") };
  const worlds = await Promise.all(
    share.map(async ({ name, profile, switches }) => {
      const simulator = await startSimulator({ profile, switches, zones });
      await simulator.control.addDomain({ name: "mail.example.com" });
      return { name, profile, simulator, wire: new Wire(simulator) };
    }),
  );
  const project = await harness.project({
    files: {
      "index.js": program,
      "logo.svg": svg(),
      "other.svg": svg("Other"),
      "variants.json": JSON.stringify(
        worlds.map(({ name, profile, simulator: s }) => ({
          name,
          apiKey: s.apiKey,
          baseUrl: s.baseUrl,
          cloudflareToken: s.cloudflareToken,
          cloudflareUrl: s.cloudflareUrl,
          organizationId: s.account.organizationId,
          zones,
          ...(profile === "seed" && { cnameStyle: "seed" }),
        })),
      ),
    },
  });
  const run: Run = { steps: {} as Run["steps"] };
  const all = new Map(
    worlds.map(({ name, simulator, wire }) => [name, { simulator, wire, run, calls: {} as Seen["calls"] } as Seen]),
  );
  const step = async (name: keyof Run["steps"], work: () => Promise<CommandResult>) => {
    const before = worlds.map(({ simulator }) => simulator.journal.length);
    run.steps[name] = await work();
    if (run.steps[name].code !== 0) console.log(printed(run.steps[name]));
    for (const [index, { name: variant, simulator }] of worlds.entries()) {
      all.get(variant)!.calls[name] = new Calls(simulator.journal.slice(before[index]));
    }
  };
  const each = async (work: (result: Seen) => Promise<void>) => {
    await Promise.all([...all.values()].map(work));
  };

  await step("first", () => project.preview());
  await step("up", () => project.up("--continue-on-error"));
  await each(async (result) => {
    const { simulator, wire } = result;
    result.placed = await ordersAt(simulator);
    result.pendingWire = {
      txt: await wire.txt("example.com"),
      sub: await wire.txt("mail.example.com"),
      cname: await wire.cname("_dnsauth.example.net"),
      bimi: await wire.txt("default._bimi.example.com"),
    };
    for (const { product, id } of result.placed.slice()) {
      if (result.placed.find((o) => o.id === id)!.dnsNames.includes("example.org")) continue;
      await simulator.control.vet(id);
    }
    await simulator.control.advance({ hours: 2 });
  });
  await step("news", () => project.preview());
  await step("issued", () => project.up("--continue-on-error"));
  await each(async (result) => {
    const { simulator, wire } = result;
    result.issued = await ordersAt(simulator);
    result.issuedWire = {
      bimi: await wire.txt("default._bimi.example.com"),
      sub: await wire.txt("default._bimi.mail.example.com"),
      net: await wire.txt("default._bimi.example.net"),
    };
  });
  await step("rest", () => project.preview("--expect-no-changes"));
  await step("destroy", () => project.destroy());
  await each(async (result) => {
    const { simulator, wire } = result;
    result.left = await ordersAt(simulator);
    const names = ["example.com", "mail.example.com", "default._bimi.example.com", "default._bimi.mail.example.com"];
    result.leftWire = (await Promise.all(names.map((name) => wire.txt(name)))).flat();
  });
  return all;
}
