import { randomBytes } from "node:crypto";
import { createAccount, createKey } from "./certcentral/newAccount";
import { createProber } from "./certcentral/prober";
import { BASE_PATH, CertCentralServer } from "./certcentral/server";
import { emptyState } from "./certcentral/state";
import { World } from "./certcentral/world";
import { VirtualClock } from "./clock";
import { CloudflareApi, type CloudflareFault } from "./cloudflare";
import { Control } from "./control";
import { answerControl, CONTROL_PATH } from "./controlServer";
import { AuthoritativeDns } from "./dns";
import { Faults } from "./faults";
import type { JournalEntry } from "./journal";
import { loadState, saveState } from "./persist";
import { type Profile, type Switches, switchesOf } from "./switches";
import { WebFiles } from "./webFiles";

export { FIRST_SIMULATOR_ID, isSimulatorId, type Role, type State } from "./certcentral/state";
export type { CloudflareToken } from "./cloudflare";
export type { Control, Duration, MarkDecision } from "./control";
export type { Fault } from "./faults";
export type { JournalEntry } from "./journal";
export type { Misissue } from "./pki";
export { type Profile, type Switches, type SwitchInfo, type SwitchName, switchesOf, switchList } from "./switches";

export interface SimulatorOptions {
  /** DigiCert as the seed documents describe it, or as of 2026 (default). */
  profile?: Profile;
  /** Single behaviours that differ from the profile. */
  switches?: Partial<Switches>;
  /** Value of the administrator's key; default: a random one. */
  apiKey?: string;
  /** Token that the Cloudflare API takes; default: a random one. */
  cloudflareToken?: string;
  /** Cloudflare zones, name to id; default: example.com with a random id. */
  zones?: Record<string, string>;
  /** File from which the state is taken if it exists, and in which it is kept. */
  stateFile?: string;
  /** Port of CertCentral and of the control; default: any free one. */
  port?: number;
  cloudflarePort?: number;
  dnsPort?: number;
  /** Virtual time at the start; default: now, or that of the state file. */
  startAt?: Date;
  /** Web servers (`127.0.0.1:port`) of hosts for the http-token method; others are served what `control.putFile` put. */
  httpHosts?: Record<string, string>;
  /** Also writes DNS queries into the journal. */
  journalDns?: boolean;
}

export interface Simulator {
  /** `http://127.0.0.1:PORT/services/v2` */
  baseUrl: string;
  /** `http://127.0.0.1:PORT/client/v4` */
  cloudflareUrl: string;
  /** The authoritative DNS server, UDP and TCP. */
  dns: { host: string; port: number };
  /** `http://127.0.0.1:PORT/simulator`: every method of `control` by POST. */
  controlUrl: string;
  apiKey: string;
  cloudflareToken: string;
  /** Zone name to zone id. */
  zones: Record<string, string>;
  /** The account of `apiKey`. */
  account: { id: number; organizationId: number; userId: number; containerId: number };
  /** Every call so far, oldest first. */
  journal: JournalEntry[];
  control: Control;
  stop(): Promise<void>;
}

/**
 * Starts a simulated CertCentral, Cloudflare DNS-records API and authoritative DNS server, all on loopback. Several can
 * run at once.
 * @throws if a port is taken, a switch does not exist or the state file is not one
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const saved = options.stateFile ? loadState(options.stateFile) : undefined;
  const clock = new VirtualClock(options.startAt ?? (saved && new Date(Date.now() + saved.clockOffset)));
  const journal: JournalEntry[] = [];
  const faults = new Faults();
  const cloudflareFaults = new Faults();
  const webFiles = new WebFiles(saved?.files ?? {});
  const zones = options.zones ?? { "example.com": randomBytes(16).toString("hex") };
  const cloudflareToken = options.cloudflareToken ?? randomBytes(20).toString("hex");
  const switches = switchesOf(options.profile, options.switches);
  let save = () => {};

  const cloudflare = new CloudflareApi({
    zones,
    token: cloudflareToken,
    clock,
    journal: { add: (entry) => journal.push(entry) },
    fault: (method, path) => cloudflareFault(cloudflareFaults, method, path, clock.now()),
    onChange: () => save(),
  });
  if (saved) cloudflare.restore(saved.cloudflare);
  const dnsServer = new AuthoritativeDns(() => cloudflare.records(), {
    zones: () => cloudflare.zoneNames(),
    onQuery: ({ name, type, transport, ...answer }) => {
      if (!options.journalDns) return;
      const at = clock.date().toISOString();
      const path = `${name} ${type}`;
      journal.push({ at, service: "dns", method: transport, path, status: 0, write: false, response: answer });
    },
  });

  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const web = await webFiles.start();
    stops.push(() => webFiles.stop());
    const { url: cloudflareUrl } = await cloudflare.start(options.cloudflarePort);
    stops.push(() => cloudflare.stop());
    const dns = await dnsServer.start(options.dnsPort);
    stops.push(() => dnsServer.stop());

    const webServer = (fqdn: string) => options.httpHosts?.[fqdn] ?? web.address;
    const prober = createProber({ dns: `${dns.host}:${dns.port}`, webServer });
    const world = new World(saved?.certcentral ?? emptyState(), clock, switches, prober);
    const own = ownAccount(world, options.apiKey);
    save = () => {
      if (!options.stateFile) return;
      const { state: certcentral } = world;
      const { files } = webFiles;
      saveState(options.stateFile, { certcentral, cloudflare: cloudflare.dump(), files, clockOffset: clock.offset });
    };
    const exclusively = createQueue();
    const control = new Control({
      world,
      faults,
      cloudflareFaults,
      journal,
      files: webFiles.files,
      accountId: own.account.id,
      records: () => cloudflare.dump(),
      addCloudflareToken: (scope) => cloudflare.addToken(scope),
      exclusively,
      save: () => save(),
    });
    const server = new CertCentralServer({
      world,
      faults,
      journal,
      exclusively,
      save: () => save(),
      other: async (request, body, response) => {
        const type = request.headers["content-type"] ?? "";
        const answer = await answerControl(control, request.method ?? "", request.url ?? "", type, body.toString());
        if (!answer) return false;
        response.writeHead(answer.status, { "content-type": "application/json" });
        response.end(JSON.stringify(answer.json));
        return true;
      },
    });
    const { origin } = await server.start(options.port);
    stops.push(() => server.stop());
    save();
    return {
      baseUrl: origin + BASE_PATH,
      cloudflareUrl,
      dns,
      controlUrl: origin + CONTROL_PATH,
      apiKey: own.apiKey,
      cloudflareToken,
      zones,
      account: own.account,
      journal,
      control,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The first account of the state, made if there is none, and its administrator's key. */
function ownAccount(world: World, wanted?: string) {
  const { state } = world;
  if (state.accounts.length === 0) createAccount(world);
  const account = state.accounts[0]!;
  const user = state.users.find(({ accountId, role }) => accountId === account.id && role === "admin")!;
  const key =
    state.keys.find(({ value, userId }) => userId === user.id && (!wanted || value === wanted)) ??
    createKey(world, user, "admin", wanted);
  const { id, primaryOrganizationId: organizationId, rootContainerId: containerId } = account;
  return { apiKey: key.value, account: { id, organizationId, userId: user.id, containerId } };
}

/** One piece of work at a time, in order. */
function createQueue() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
}

function cloudflareFault(faults: Faults, method: string, path: string, now: number): CloudflareFault | undefined {
  const fault = faults.take(method, path, now);
  if (!fault) return undefined;
  if (fault.kind === "reset-before") return { kind: "drop", after: "request" };
  if (fault.kind === "reset-after-commit") return { kind: "drop", after: "commit" };
  return { kind: "answer", status: fault.kind === "throttle" ? 429 : (fault.status ?? 500) };
}
