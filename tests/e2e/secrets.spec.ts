import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Simulator, startSimulator } from "../../simulator";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { ada, ordersAt, printed, svg, zoneId } from "./support";

/** Canaries: nothing else spells them. */
const apiKey = "CANARY/Key+0f9a7c31e5b84d26=for-the-simulator";
const card = {
  number: "4929 7400 0011 7733",
  expirationMonth: 11,
  expirationYear: 2031,
  cvv: 7319,
  cardholderName: "Wilhelmina Canary",
};
const digits = card.number.replaceAll(" ", "");

const program = `
const bimi = require("pulumi-bimi");
const organization = {
  id: Number(process.env.ORGANIZATION),
  contacts: [{ contactType: "verified_contact", ...${JSON.stringify(ada)} }],
};
const paid = {
  organization, logo: "logo.svg", dcvMethod: "dns-txt-token",
  paymentMethod: "card", creditCard: { fromEnv: "CARD" },
  billingAddress: { address: "1 Main Street", city: "Lehi", country: "us" },
};
const trademark = { countryCode: "us", registrationNumber: "A1234-B1234" };
const order = new bimi.VmcOrder("logo", { dnsNames: [process.env.DOMAIN ?? "example.com"], trademark, ...paid });
new bimi.MarkCertificate("logo", { order });
if (process.env.REFUSED) new bimi.CmcOrder("refused", { dnsNames: ["refused.example.com"], years: 3, ...paid });
if (process.env.WRONG) new bimi.CmcOrder("wrong", { dnsNames: ["wrong.example.com"], years: 3, ...paid, creditCard: JSON.parse(process.env.CARD) });
`;

/** Of the provider process, when it has sent an order: what a crash would leave, and the crash. */
const crash = `
if (/dynamic-provider/.test(process.argv[1] ?? "") && process.env.CRASH) {
  const http = require("node:http");
  const { writeFileSync } = require("node:fs");
  const { inspect } = require("node:util");
  const { request } = http;
  http.request = (url, options, ...rest) => {
    if (options.method === "POST" && /\\/order\\/certificate\\/vmc_basic$/.test(String(url))) {
      const modules = Object.entries(require.cache).filter(([file]) => /node_modules.pulumi-bimi.dist/.test(file));
      const exported = Object.fromEntries(modules.map(([file, { exports }]) => [file, exports]));
      writeFileSync("crash.inspected", inspect(exported, { depth: 5, showHidden: true, maxStringLength: null }));
      process.report.writeReport(process.cwd() + "/crash.report");
      setImmediate(() => { throw new Error("a crash in the middle of an order"); });
      // Pulumi's process outlives what nobody caught; it must not live to see DigiCert's answer.
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 5);
    }
    return request(url, options, ...rest);
  };
}
`;

const base64 = (text: string) =>
  [0, 1, 2].map((before) => {
    const encoded = Buffer.from("x".repeat(before) + text).toString("base64");
    return encoded.slice(before === 0 ? 0 : 4, -4);
  });
const spellingsOfKey = [apiKey, encodeURIComponent(apiKey), JSON.stringify(apiKey).slice(1, -1), ...base64(apiKey)];

/** What of the key a text tells, however it is spelled. */
function ofKey(text: string): string[] {
  return spellingsOfKey.filter((spelling) => text.includes(spelling));
}

/** What of the card a text tells: its number grouped in any way or encoded, its holder, its CVV beside its name. */
function ofCard(text: string): string[] {
  const bare = text.replace(/%20|&nbsp;|[^0-9A-Za-z]/g, "");
  const cvv = new RegExp(`cvv[^0-9A-Za-z]{0,8}${card.cvv}`, "i");
  return [
    ...[digits, "wilhelminacanary"].filter((part) => bare.toLowerCase().includes(part)),
    ...[card.number, digits, card.cardholderName].flatMap(base64).filter((part) => text.includes(part)),
    ...(cvv.exec(text) ?? []),
  ];
}

describe("secrets through the real engine", function () {
  this.timeout(300_000);

  let harness: Harness;
  let simulator: Simulator;
  let project: PulumiProject;
  const said: Record<string, string> = {};
  const verbose = ["-v=9", "--logtostderr", "--logflow", "--debug"];

  before(async () => {
    harness = await Harness.create();
    simulator = await startSimulator({ zones: { "example.com": zoneId }, apiKey });
    project = await harness.project({
      files: { "index.js": program, "logo.svg": svg(), "crash.js": crash },
      services: simulator,
      secrets: { "bimi:apiKey": apiKey },
      env: {
        DIGICERT_API_KEY: undefined,
        ORGANIZATION: String(simulator.account.organizationId),
        NODE_OPTIONS: "--require ./crash.js",
        CARD: JSON.stringify(card),
      },
    });
    const run = async (name: string, work: () => ReturnType<PulumiProject["up"]>, env: Record<string, string> = {}) => {
      Object.assign(project.env, env);
      const result = await work();
      for (const variable of Object.keys(env)) delete project.env[variable];
      said[name] = printed(result);
      return result;
    };
    const refused = { REFUSED: "1" };

    const wrong = await run("check failure", () => project.preview(...verbose), { WRONG: "1" });
    assert.notEqual(wrong.code, 0);
    assert.match(
      printed(wrong),
      /a card must be in no program and no state\. Put it as JSON into an environment variable/,
    );
    succeeded(await run("preview", () => project.preview(...verbose)));
    const crashed = await run("crash", () => project.up(...verbose), { CRASH: "1" });
    assert.notEqual(crashed.code, 0);
    succeeded(await run("up", () => project.up(...verbose)));
    const [order, ...others] = await ordersAt(simulator);
    assert.deepEqual([order?.paymentMethod, others], ["card", []]);

    const echoes = `Card ${card.number}, ${digits}, CVV ${card.cvv} of ${card.cardholderName}, key ${apiKey}, ${encodeURIComponent(apiKey)}, ${Buffer.from(apiKey).toString("base64")}`;
    await simulator.control.fault({
      match: { method: "POST", path: "^/order/certificate/mark_certificate" },
      kind: "status",
      status: 400,
      body: JSON.stringify({ errors: [{ code: `invalid|${digits}`, message: echoes }] }),
    });
    const failed = await run("refused order", () => project.up(...verbose), refused);
    assert.match(printed(failed), /DigiCert refused to place the CMC order .*Card \[redacted\]/);
    await simulator.control.vet(order!.id);
    await simulator.control.approveDomain("example.com");
    succeeded(await run("refresh", () => project.refresh(...verbose)));
  });
  after(async () => {
    harness.dispose();
    await simulator.stop();
  });

  /** All files of the project, its backend and its home. */
  function files(dir: string): string[] {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const file = path.join(dir, entry.name);
      if (entry.isDirectory()) return files(file);
      return entry.isFile() ? [file] : [];
    });
  }

  /**
   * At this verbosity Pulumi's engine writes secret configuration of any provider into its own log, unless it comes from the
   * environment (Pulumi 3.255): SECURITY.md says so.
   */
  const isPulumis = (line: string) => /RPC\[Provider\[\w+\]\.Configure\(\)\.inputs\]: value=/.test(line);

  it("are in no line that is printed or logged, but for one of Pulumi's own", () => {
    for (const [name, text] of Object.entries(said)) {
      assert.ok(text.length > 20_000, `${name} was logged in full`);
      const lines = text.split("\n");
      assert.ok(lines.filter(isPulumis).length <= 1, name);
      const others = lines.filter((line) => !isPulumis(line)).join("\n");
      assert.deepEqual([...ofKey(others), ...ofCard(text)], [], `${name} tells a secret`);
    }
  });

  it("are in no state, and the card not even in a decrypted one", async () => {
    const decrypted = JSON.stringify(await project.stackExport({ showSecrets: true }));
    assert.match(decrypted, /"creditCard":\{"fromEnv":"CARD"\}/);
    assert.deepEqual(ofCard(decrypted), []);
    assert.notDeepEqual(ofKey(decrypted), [], "the key is looked for as it is written");
    const state = JSON.stringify(await project.stackExport());
    assert.deepEqual([...ofKey(state), ...ofCard(state)], []);
  });

  it("are not left by a crash: not in what objects show, nor in a diagnostic report", () => {
    const inspected = readFileSync(path.join(project.dir, "crash.inspected"), "utf8");
    assert.match(inspected, /CertCentralClient/);
    const { environmentVariables, ...report } = JSON.parse(
      readFileSync(path.join(project.dir, "crash.report"), "utf8"),
    );
    for (const text of [inspected, JSON.stringify(report)]) assert.deepEqual([...ofKey(text), ...ofCard(text)], []);
    // Older ones cannot leave the environment out; see SECURITY.md.
    const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
    if (major > 22 || (major === 22 && minor >= 13)) assert.equal(environmentVariables, undefined);
    else assert.deepEqual(ofKey(JSON.stringify(environmentVariables)), [], "the configuration's key is not in it");
  });

  it("are in no file of the project, the backend or Pulumi's home", () => {
    const root = path.dirname(project.dir);
    const all = files(root).filter((file) => !/crash\.report$/.test(file));
    assert.ok(all.some((file) => /backend/.test(file)) && existsSync(path.join(project.dir, "Pulumi.dev.yaml")));
    for (const file of all) {
      const text = readFileSync(file, "latin1");
      assert.deepEqual([...ofKey(text), ...ofCard(text)], [], file);
    }
  });

  it("are printed by no command", async () => {
    const script = path.join(harness.nodeModules, ".bin", "bimi");
    const run = async (command: string) => {
      const text = await new Promise<string>((resolve) => {
        const options = { cwd: project.dir, env: project.env };
        execFile(process.execPath, [script, command, "--json"], options, (_error, out, err) => resolve(out + err));
      });
      assert.match(text, /^\{/, command);
      assert.deepEqual([...ofKey(text), ...ofCard(text)], [], command);
    };
    await Promise.all(["status", "doctor", "orphans"].map(run));
  });

  it("are in the simulator's journal not even where DigiCert repeats them", () => {
    const journal = JSON.stringify(simulator.journal);
    assert.match(journal, /"credit_card":\{"number":"\[redacted\]"/);
    assert.ok(!journal.includes(apiKey));
    assert.deepEqual(ofCard(journal), []);
  });

  it("are in no line at all when the key comes from the environment", async () => {
    const ofEnvironment = await harness.project({
      name: "environment",
      files: { "index.js": program, "logo.svg": svg() },
      services: simulator,
      env: {
        ORGANIZATION: String(simulator.account.organizationId),
        DOMAIN: "another.example.com",
        CARD: JSON.stringify(card),
      },
    });
    for (const work of [() => ofEnvironment.up(...verbose), () => ofEnvironment.destroy(...verbose)]) {
      const text = printed(succeeded(await work()));
      assert.match(text, /Provider\[\w+\]\.Configure\(\)/);
      assert.deepEqual([...ofKey(text), ...ofCard(text)], []);
    }
  });
});
