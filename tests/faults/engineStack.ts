import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Props } from "../../provider/lifecycle";
import { type JournalEntry, type Simulator, type State, startSimulator } from "../../simulator";
import { descendants } from "../../tools/processTree";
import {
  type CommandResult,
  linkCheckout,
  PulumiProject,
  type RunningCommand,
  type StackExport,
  succeeded,
  temporaryDirectory,
} from "../../tools/pulumiProject";
import { type Cell, nameOf, type Result } from "./cell";
import { logos } from "./lane";
import { countsOf, heldBy, isLive, isOpen, orphansFind, orphansIn, pathOf, twiceIn, upFinds, verdictOf } from "./tally";
import { counted, type Place } from "./writes";

const program = `
const bimi = require("pulumi-bimi");
for (const { type, name, args } of require("./resources.json")) new bimi[type](name, args);
`;

/** One resource of the stack, and the cell that it plays. */
interface Player {
  cell: Cell;
  name: string;
  place: Place;
  /** What the program says of it; none: nothing. */
  args: Props | undefined;
  /** The order or the organization that its state holds. */
  held: number | undefined;
}

/**
 * Plays cells on Pulumi's engine, each a resource of one stack: when the calls of all hang where they are to be killed,
 * the provider's process is, or Pulumi with all that it started.
 */
export async function playOnEngine(cells: readonly Cell[]): Promise<Map<string, Result>> {
  const simulator = await startSimulator();
  const install = temporaryDirectory();
  let project: PulumiProject | undefined;
  try {
    project = await PulumiProject.create({
      nodeModules: linkCheckout(install.dir),
      name: "acme",
      files: {
        ...Object.fromEntries(Object.entries(logos).map(([name, bytes]) => [name, bytes.toString()])),
        "index.js": program,
        // Nothing is compiled, which saves a second a run.
        "Pulumi.yaml": "name: acme\nruntime: { name: nodejs, options: { typescript: false } }\n",
        "Pulumi.dev.yaml": 'config: { "bimi:maxOrdersPerUpdate": "100" }\n',
      },
      services: simulator,
      env: { NODE_OPTIONS: `--require ${path.join(__dirname, "jumpingClock.js")}` },
    });
    return await new EngineStack(cells, simulator, project).run();
  } finally {
    project?.dispose();
    install.dispose();
    await simulator.stop();
  }
}

class EngineStack {
  private readonly players: Player[] = [];
  private output = "";
  /** What no state holds after the follow-up. */
  private readonly left = new Map<Player, number[]>();

  constructor(
    private readonly cells: readonly Cell[],
    private readonly simulator: Simulator,
    private readonly project: PulumiProject,
  ) {}

  async run(): Promise<Map<string, Result>> {
    const { simulator, players } = this;
    const { followUp } = this.cells[0]!;
    await this.setUp();
    const before = await this.state();
    const start = simulator.journal.length;

    await this.killed();
    await this.followUp();
    const state = await this.project.stackExport();
    const after = await this.state();
    const journal = simulator.journal.slice(start);
    const results = new Map<string, Result>();
    for (const player of players) results.set(nameOf(player.cell), this.judge(player, before, after, state, journal));
    const lost = [...this.left.values()].flat();
    const found = await orphansIn(state, simulator.baseUrl, simulator.apiKey, { project: "acme" });
    // An order whose reissue is pending is open too; a destroy leaves it, as every issued one.
    const reissued = after.orders.filter(({ status }) => status === "reissue_pending");
    assert.deepEqual(
      found.filter((id) => !reissued.some((order) => order.id === id)).sort(),
      after.orders.map(({ id }) => id).filter((id) => lost.includes(id)),
      "what `bimi orphans` finds",
    );
    if (followUp === "destroy" && this.left.size > 0) await this.assertFound();
    return results;
  }

  /** Brings the stack to where the writes are next. */
  private async setUp(): Promise<void> {
    const { simulator } = this;
    for (const cell of this.cells) {
      const name = `${cell.write.id}-${cell.fault.kill}`;
      const domain = `${name}.example.com`;
      const organizationId = await simulator.control.addOrganization({ name: `Account ${domain}` });
      const player: Player = {
        cell,
        name,
        place: this.place(name, domain, organizationId),
        args: undefined,
        held: undefined,
      };
      player.args = ofCmc(await cell.write.before?.(player.place));
      this.players.push(player);
    }
    if (this.players.some(({ args }) => args)) await this.up();
    const state = await this.state();
    for (const player of this.players) {
      const { write } = player.cell;
      player.held = player.args ? this.idsOf(player, state).at(0) : undefined;
      if (write.type === "OrgValidation") player.held ??= player.place.organizationId;
      await write.meanwhile?.(player.place);
      player.args = ofCmc(await write.program?.(player.place)) ?? player.args;
    }
  }

  private place(name: string, domain: string, organizationId: number): Place {
    const { simulator } = this;
    const { control } = simulator;
    const orderId = async () => (await this.state()).orders.find((order) => isNamed(order, domain))!.id;
    const refuse = () => assert.fail(`${name}: not on the engine`);
    return {
      simulator,
      control,
      domain,
      organizationId,
      orderId,
      async issue() {
        const id = await orderId();
        const order = (await control.dump()).certcentral.orders.find((one) => one.id === id)!;
        for (const { domainId } of order.names) await control.approveDomain(domainId);
        await control.vet(id);
      },
      pass: refuse,
      useKey: refuse,
    };
  }

  /** The operation that is killed when all calls hang. */
  private async killed(): Promise<void> {
    const { project, players, simulator } = this;
    const { write, fault } = this.cells[0]!;
    const waiting = new Set(players);
    const { journal } = simulator;
    const push = journal.push;
    for (const player of players) await this.plan(player);
    const allHang = new Promise<void>((resolve) => {
      journal.push = (...entries) => {
        for (const entry of entries) {
          for (const player of waiting) {
            const { kill } = player.cell.fault;
            if (entry.fault === "timeout" && (kill === "after" ? this.isNext(player, entry) : isWrite(player, entry)))
              waiting.delete(player);
            else if (kill === "after" && isWrite(player, entry)) this.planNext(player, entry);
          }
        }
        if (waiting.size === 0) resolve();
        return push.apply(journal, entries);
      };
    });
    this.writeProgram();
    await this.rest();
    const command = project.spawn(write.operation ?? "up", "--yes", "--skip-preview", "--parallel", "100");
    // What hangs longer is given up, and looked for again.
    await Promise.race([allHang, command.result, sleep(55_000)]);
    const names = [...waiting].map(({ name }) => name);
    assert.deepEqual(names, [], `not hit: ${names.join(", ")}\n${calls(journal)}\n${command.output()}`);
    if (fault.killed === "engine") await command.killTree();
    else killProvider(command);
    const { code } = await command.result;
    assert.notEqual(code, 0);
    this.output += command.output();
    journal.push = push;
    await simulator.control.clearFaults();
  }

  private async plan(player: Player): Promise<void> {
    const { kill } = player.cell.fault;
    if (kill === "after") return;
    const { path, body } = aim(player);
    const [method] = counted[player.cell.write.counts];
    const commit = kill === "between" ? { commit: true } : {};
    await this.simulator.control.fault({ kind: "timeout", match: { method, path: path.source, body }, ...commit });
  }

  /** After its write, whatever is asked about the same thing hangs. */
  private planNext(player: Player, entry: JournalEntry): void {
    const { id } = (entry.response ?? {}) as { id?: number };
    const next = id ?? Number(/\d{5,}/.exec(entry.path)![0]);
    this.next.set(player, next);
    void this.simulator.control.fault({ kind: "timeout", match: { path: `/${next}(\\D|$)` }, times: 0 });
  }
  private readonly next = new Map<Player, number>();

  private isNext(player: Player, { path }: JournalEntry): boolean {
    const next = this.next.get(player);
    return next !== undefined && new RegExp(`/${next}(\\D|$)`).test(path);
  }

  private async followUp(): Promise<void> {
    const { project } = this;
    const { followUp, fault } = this.cells[0]!;
    // The lock of the killed run.
    if (fault.killed === "engine") succeeded(await project.pulumi("cancel", "--yes"));
    if (followUp === "refresh") await this.say(() => project.refresh("--clear-pending-creates"));
    if (followUp === "destroy") return this.say(() => project.destroy());
    await this.say(() => project.up());
    await this.say(() => project.preview("--expect-no-changes"));
  }

  private judge(player: Player, before: State, after: State, state: StackExport, all: readonly JournalEntry[]): Result {
    const { cell, place } = player;
    const { write } = cell;
    const ids = this.idsOf(player, after).concat(player.held ?? []);
    const domainIds = after.domains.filter(({ name }) => name.endsWith(place.domain)).map(({ id }) => id);
    const journal = all.filter(
      ({ path, request }) =>
        JSON.stringify(request ?? "").includes(place.domain) ||
        [...ids, ...domainIds].some((id) => new RegExp(`/${id}(/|$)`).test(path)),
    );
    const counts = countsOf(journal);
    const held = heldIn(state);
    const orders = after.orders.filter((order) => isNamed(order, place.domain));
    const wantsNone = cell.followUp === "destroy" || write.operation === "destroy";
    const needed = wantsNone ? [] : orders.filter(({ id, status }) => held.includes(id) && !isLive(status));
    const lost = orders.filter(({ id, status }) => isOpen(status) && !held.includes(id));
    const made = after.organizations.filter(
      ({ id, name }) =>
        name === `Epigyne ${place.domain}` && !held.includes(id) && !before.organizations.some((old) => old.id === id),
    );
    const left = [...lost, ...made].map(({ id }) => id);
    if (left.length > 0) this.left.set(player, left);
    // Of what is left after a destroy it is shown that it is found; after the others nothing may be.
    const silent = cell.followUp === "destroy" ? [] : left;
    const result = { counts, twice: twiceIn(write, counts), silent, needed: needed.map(({ id }) => id) };
    const by = lost.length > 0 ? orphansFind : upFinds;
    const verdict = left.length > 0 ? by : verdictOf(write, result);
    return { ...result, verdict, runs: 1, said: this.output.split("\n"), journal };
  }

  /** The next `up` takes up what was left. */
  private async assertFound(): Promise<void> {
    const { journal } = this.simulator;
    const start = journal.length;
    await this.up([...this.left.keys()]);
    const held = heldIn(await this.project.stackExport());
    for (const [{ name, place }, left] of this.left) {
      const own = journal.slice(start).filter(({ request }) => JSON.stringify(request ?? "").includes(place.domain));
      const { order = 0, organization = 0 } = countsOf(own);
      assert.equal(order + organization, 0, `${name}: another one was made beside the orphan`);
      for (const id of left) assert.ok(held.includes(id), `${name}: the next up did not take ${id} over`);
    }
  }

  private async up(players?: readonly Player[]): Promise<void> {
    this.writeProgram(players);
    await this.say(() => this.project.up("--parallel", "100"));
  }

  private async say(command: () => Promise<CommandResult>): Promise<void> {
    await this.rest();
    const { stdout, stderr } = succeeded(await command());
    this.output += stdout + stderr;
  }

  /** Nobody is as fast as this test: commands that follow each other at once would meet DigiCert's rate limit together. */
  private async rest(): Promise<void> {
    await this.simulator.control.advance({ seconds: 6 });
  }

  private writeProgram(players: readonly Player[] = this.players): void {
    const resources = players.flatMap(({ cell, name, args }) =>
      args ? { type: cell.write.type.replace("Vmc", "Cmc"), name, args } : [],
    );
    this.project.write({ "resources.json": JSON.stringify(resources) });
  }

  private async state(): Promise<State> {
    return (await this.simulator.control.dump()).certcentral;
  }

  /** Orders or the organization of a resource. */
  private idsOf({ cell, place }: Player, { orders, organizations }: State): number[] {
    const own =
      cell.write.type === "VmcOrder"
        ? orders.filter((order) => isNamed(order, place.domain))
        : organizations.filter(({ name }) => name === `Epigyne ${place.domain}`);
    return own.map(({ id }) => id);
  }
}

const calls = (journal: readonly JournalEntry[]) =>
  journal.map(({ method, path, status, fault }) => `${method} ${path} ${status} ${fault ?? ""}`).join("\n");

/**
 * Orders are of CMCs: who orders a VMC looks at the others that are pending (they may share a logo), and would wait for
 * an order whose reads hang.
 */
function ofCmc(args: Props | undefined): Props | undefined {
  if (!args?.trademark) return args;
  const { trademark: _, ...others } = args;
  return { ...others, years: 1 };
}

/** Which request is a player's write. */
function aim({ cell, place, held }: Player): { path: RegExp; body: string } {
  const [, pattern] = counted[cell.write.counts];
  const { source } = pattern;
  const names = ["order", "organization"].includes(cell.write.counts);
  if (names) return { path: pattern, body: `[" ]${place.domain.replaceAll(".", "\\.")}"` };
  const own = source.includes("\\d+") ? source.replace("\\d+", String(held)) : `/${held}${source}`;
  return { path: new RegExp(own), body: "" };
}

function isWrite(player: Player, entry: JournalEntry): boolean {
  const { path, body } = aim(player);
  const [method] = counted[player.cell.write.counts];
  return entry.method === method && path.test(pathOf(entry)) && new RegExp(body).test(JSON.stringify(entry.request));
}

const isNamed = ({ names }: State["orders"][number], domain: string) => names.some(({ dnsName }) => dnsName === domain);

/** Ids that the resources of a state hold. */
function heldIn({ deployment }: StackExport): number[] {
  return (deployment.resources ?? []).flatMap(({ outputs }) => heldBy(outputs));
}

/** `kill -9` of the process that all dynamic resources of a stack share. */
function killProvider({ pid }: RunningCommand): void {
  const lines = execFileSync("ps", ["-o", "pid=,args=", "-p", descendants(pid).join(",")], { encoding: "utf8" });
  const found = lines.split("\n").filter((line) => /cmd\/dynamic-provider/.test(line));
  assert.ok(found.length > 0, lines);
  for (const line of found) process.kill(Number.parseInt(line, 10), "SIGKILL");
}
