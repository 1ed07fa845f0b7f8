import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../simulator";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { Receiver, type Sight } from "./receiver";
import { ada, during, ordersAt, printed, svg, testsInPairs, Wire } from "./support";

const zones = { "example.com": "0da42c8d2132a9ddaf714f9e7c920711", "example.net": "372e67954025e0ba6aaa6d586b9e0b59" };

/** The machine that deploys has the time of DigiCert and of its certificates. */
const simulatedClock = `
const { performance } = require("node:perf_hooks");
const now = performance.now.bind(performance);
performance.now = () => now() + Number(process.env.CLOCK_AHEAD ?? 0);
`;

/** What a program declares. */
interface Declared {
  dnsNames: string[];
  logo: string;
  /** Where the user serves logo and chain; DigiCert does without it. */
  served?: { logoUrl: string; certificateUrl: string };
}

const program = ({ dnsNames, logo, served }: Declared, dcvMethod: string) => `
const bimi = require("pulumi-bimi");
const order = new bimi.VmcOrder("brand", {
  dnsNames: ${JSON.stringify(dnsNames)},
  organization: {
    id: Number(process.env.ORGANIZATION),
    contacts: [{ contactType: "verified_contact", ...${JSON.stringify(ada)} }],
  },
  logo: "${logo}",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
  dcvMethod: "${dcvMethod}",
  renewBefore: 30,
  ${served ? "" : "enableHosting: true,"}
});
const certificate = new bimi.MarkCertificate("brand", { order, ...${JSON.stringify(served ? { ...served, includeChain: true } : {})} });
new bimi.CloudflareBimi("brand", { order, certificate, zones: ${JSON.stringify(zones)} });
exports.pem = certificate.pem;
`;

/** One brand from its first order on; time passes by the hour, and at each the receiver looks at every name. */
class Life {
  readonly web = new Map<string, Buffer>();
  readonly receiver: Receiver;
  /** What the receiver saw last, by name. */
  seen: Record<string, Sight> = {};
  /** Hours since the first order. */
  private hours = 0;
  private declared!: Declared;

  private constructor(
    readonly simulator: Simulator,
    readonly project: PulumiProject,
    private readonly dcvMethod: string,
    private readonly names: readonly string[],
  ) {
    this.receiver = new Receiver(simulator, this.web);
  }

  static async begin(harness: Harness, names: readonly string[], dcvMethod: string) {
    const simulator = await startSimulator({ zones });
    const project = await harness.project({
      files: {
        "clock.js": simulatedClock,
        "logo-1.svg": svg("Acme 1"),
        "logo-2.svg": svg("Acme 2"),
      },
      services: simulator,
      // Relative to the project, where all its processes start.
      env: { ORGANIZATION: String(simulator.account.organizationId), NODE_OPTIONS: "--require ./clock.js" },
    });
    return new Life(simulator, project, dcvMethod, names);
  }

  /** The user edits the program, and puts online what it says is there. */
  declare(declared: Declared): void {
    this.declared = declared;
    this.project.write({ "index.js": program(declared, this.dcvMethod) });
    const { served, logo } = declared;
    if (served) this.web.set(served.logoUrl, Buffer.from(svg(logo === "logo-1.svg" ? "Acme 1" : "Acme 2")));
  }

  /** Lets time pass up to a day's begin. */
  async until(day: number): Promise<void> {
    const { control } = this.simulator;
    for (; this.hours < day * 24; this.hours++) await this.look(await control.advance({ hours: 1 }));
  }

  /** A deployment. What DigiCert hosts is looked at all the while. */
  async up(...args: string[]): Promise<string> {
    await this.setClock();
    const command = this.project.spawn("up", "--yes", "--skip-preview", ...args);
    const done = command.result.then(() => true);
    while (!this.declared.served && !(await Promise.race([done, pause(50)]))) {
      await this.receiver.catchUp();
      await this.look(await this.simulator.control.now());
    }
    const text = printed(succeeded(await command.result));
    if (this.declared.served) await this.serve(this.declared.served.certificateUrl);
    await this.receiver.catchUp();
    await this.look(await this.simulator.control.now());
    return text;
  }

  /** A preview that plans nothing. */
  async nothingToDo(): Promise<void> {
    await this.setClock();
    succeeded(await this.project.preview("--expect-no-changes"));
  }

  /** Takes the records away and leaves every order as it is. */
  async destroy(): Promise<void> {
    const statuses = async () => (await ordersAt(this.simulator)).map(({ status }) => status);
    const before = await statuses();
    await this.setClock();
    const { calls } = await during(this.simulator, async () => succeeded(await this.project.destroy()));
    assert.deepEqual(
      new Set(calls.writes.map(({ service, method }) => `${service} ${method}`)),
      new Set(["cloudflare DELETE"]),
    );
    assert.deepEqual(await statuses(), before);
    assert.deepEqual(Object.values((await this.simulator.control.dump()).cloudflare).flat(), []);
    const wire = new Wire(this.simulator);
    for (const name of this.names) assert.deepEqual(await wire.txt(`default._bimi.${name}`), []);
  }

  /** People at DigiCert are done with the latest order. */
  async vet(): Promise<void> {
    const latest = (await ordersAt(this.simulator)).at(-1)!;
    await this.simulator.control.vet(latest.id);
    await this.simulator.control.advance({ hours: 1 });
    this.hours++;
    await this.receiver.catchUp();
    const { status } = (await ordersAt(this.simulator)).at(-1)!;
    assert.equal(status, "issued", `${await this.simulator.control.missing(latest.id)}`);
  }

  /** Names with a certificate, as seen last. */
  get publishedNames(): string[] {
    return Object.values(this.seen).flatMap(({ name, serialNumber }) => (serialNumber ? [name] : []));
  }

  /** Of the one certificate that the names were seen with last. */
  serialNumber(...names: string[]): string {
    const [serialNumber, ...others] = new Set(names.map((name) => this.seen[name]?.serialNumber));
    assert.ok(serialNumber !== undefined && others.length === 0, JSON.stringify(this.seen));
    return serialNumber;
  }

  /** What was asked of DigiCert about orders, but for domain control. */
  get writes(): string[] {
    return this.orderWrites.map(({ method, path }) => `${method} ${path}`);
  }

  /** What the request with this place among them said. */
  body(index: number): Record<string, unknown> {
    return this.orderWrites[index]!.request as Record<string, unknown>;
  }

  private get orderWrites() {
    const { journal } = this.simulator;
    return journal.filter(({ service, write, path }) => service === "certcentral" && write && !/^\/domain/.test(path));
  }

  private async look(at: string): Promise<void> {
    const sights = await this.receiver.look(this.names, at);
    this.seen = Object.fromEntries(sights.map((sight) => [sight.name, sight]));
  }

  /** The user serves the chain that the deployment yields. */
  private async serve(url: string): Promise<void> {
    const { pem } = await this.project.outputs();
    if (pem) this.web.set(url, Buffer.from(String(pem)));
  }

  private async setClock(): Promise<void> {
    const ahead = Date.parse(await this.simulator.control.now()) - Date.now();
    this.project.env.CLOCK_AHEAD = String(ahead);
  }
}

const pause = (ms: number) => new Promise<false>((resolve) => setTimeout(resolve, ms, false));

describe("a brand through its whole life", function () {
  this.timeout(480_000);

  let harness: Harness;
  const lives: Life[] = [];
  before(async () => {
    harness = await Harness.create();
  });
  after(async () => {
    harness.dispose();
    for (const { simulator } of lives) await simulator.stop();
  });

  async function begin(names: readonly string[], dcvMethod: string): Promise<Life> {
    const life = await Life.begin(harness, names, dcvMethod);
    lives.push(life);
    return life;
  }

  testsInPairs({
    "hosted by DigiCert: order, reissue, successor, change of mind, renewal, expiry, destroy": async () => {
      const life = await begin(["example.com", "example.net", "mail.example.com"], "dns-txt-token");
      const { simulator } = life;
      life.declare({ dnsNames: ["example.com"], logo: "logo-1.svg" });
      await life.up();
      await life.until(5);
      assert.deepEqual(life.publishedNames, []);
      await life.vet();
      await life.up();
      const first = life.serialNumber("example.com");
      assert.deepEqual(life.publishedNames, ["example.com"]);

      await life.until(60);
      life.declare({ dnsNames: ["example.com", "example.net"], logo: "logo-1.svg" });
      await life.up();
      await life.until(61);
      await life.up();
      assert.deepEqual(life.publishedNames, ["example.com", "example.net"]);
      const reissued = life.serialNumber("example.com", "example.net");
      assert.notEqual(reissued, first);

      await life.until(120);
      life.declare({ dnsNames: ["example.com", "example.net"], logo: "logo-2.svg" });
      await life.up();
      await life.until(122);
      const all = ["example.com", "example.net", "mail.example.com"];
      life.declare({ dnsNames: all, logo: "logo-2.svg" });
      await life.up();
      await life.until(127);
      assert.equal(life.serialNumber("example.com", "example.net"), reissued, "until the successor is issued");
      await life.vet();
      await life.up();
      const succeeding = life.serialNumber(...all);
      assert.notEqual(succeeding, reissued);

      await life.until(300);
      await life.nothingToDo();
      await life.until(403);
      assert.equal((await ordersAt(simulator))[0]!.status, "expired");
      await life.nothingToDo();

      await life.until(495);
      await life.up();
      assert.equal(life.serialNumber(...all), succeeding, "until the renewal is issued");
      await life.until(500);
      await life.vet();
      await life.up();
      const renewed = life.serialNumber(...all);
      assert.notEqual(renewed, succeeding);
      await life.until(530);
      await life.nothingToDo();
      assert.equal(life.serialNumber(...all), renewed);

      const orders = await ordersAt(simulator);
      const [one, two, three] = orders.map(({ id }) => id);
      assert.deepEqual(
        orders.map(({ status, renewalOfOrderId }) => [status, renewalOfOrderId]),
        [
          ["expired", undefined],
          ["canceled", undefined],
          ["expired", undefined],
          ["issued", three],
        ],
      );
      assert.deepEqual(life.writes, [
        "POST /order/certificate/vmc_basic",
        `POST /order/certificate/${one}/reissue`,
        "POST /order/certificate/vmc_basic",
        "POST /order/certificate/vmc_basic",
        `PUT /order/certificate/${two}/status`,
        "POST /order/certificate/vmc_basic",
      ]);
      assert.deepEqual(life.body(1), {
        certificate: { dns_names: ["example.com", "example.net"] },
        skip_approval: true,
      });
      assert.equal(life.body(5).renewal_of_order_id, three);
      assert.ok(life.receiver.samples > 3 * 24 * 530);
      await life.destroy();
    },

    "served by the user: order, reissue, successor, renewal, expiry, destroy, with a refresh before each deployment":
      async () => {
        const life = await begin(["example.com", "example.net"], "dns-cname-token");
        const { simulator } = life;
        const served = (n: number) => ({
          logoUrl: `https://example.com/logo-${n}.svg`,
          certificateUrl: `https://example.com/logo-${n}.pem`,
        });
        life.declare({ dnsNames: ["example.com"], logo: "logo-1.svg", served: served(1) });
        await life.up("--refresh");
        await life.until(5);
        await life.vet();
        await life.up("--refresh");
        const first = life.serialNumber("example.com");

        await life.until(40);
        // Then a reissue waits for people.
        await simulator.control.expireOrganization(simulator.account.organizationId);
        const both = ["example.com", "example.net"];
        life.declare({ dnsNames: both, logo: "logo-1.svg", served: served(1) });
        await life.up("--refresh");
        assert.deepEqual(life.publishedNames, ["example.com"], "the new name has no certificate yet");
        await life.until(43);
        assert.equal(life.serialNumber("example.com"), first);
        await life.vet();
        await life.up("--refresh");
        const reissued = life.serialNumber(...both);
        assert.notEqual(reissued, first);

        await life.until(100);
        life.declare({ dnsNames: both, logo: "logo-2.svg", served: served(2) });
        await life.up("--refresh");
        await life.until(107);
        assert.equal(life.serialNumber(...both), reissued, "until the successor is issued");
        assert.equal(life.seen["example.com"]!.logoUrl, served(1).logoUrl);
        await life.vet();
        await life.up("--refresh");
        const succeeding = life.serialNumber(...both);
        assert.equal(life.seen["example.net"]!.logoUrl, served(2).logoUrl);

        await life.until(403);
        assert.equal((await ordersAt(simulator))[0]!.status, "expired");
        await life.until(480);
        await life.up("--refresh");
        assert.equal(life.serialNumber(...both), succeeding);
        await life.until(490);
        await life.vet();
        await life.up("--refresh");
        const renewed = life.serialNumber(...both);
        assert.notEqual(renewed, succeeding);
        await life.until(510);
        await life.nothingToDo();

        const orders = await ordersAt(simulator);
        const [one, two] = orders.map(({ id }) => id);
        assert.deepEqual(
          orders.map(({ status, renewalOfOrderId }) => [status, renewalOfOrderId]),
          [
            ["expired", undefined],
            ["expired", undefined],
            ["issued", two],
          ],
        );
        assert.deepEqual(life.writes, [
          "POST /order/certificate/vmc_basic",
          `POST /order/certificate/${one}/reissue`,
          "POST /order/certificate/vmc_basic",
          "POST /order/certificate/vmc_basic",
        ]);
        await life.destroy();
      },
  });
});
