import assert from "node:assert/strict";
import type { Props } from "../../provider/lifecycle";
import { type JournalEntry, type Simulator, type State, startSimulator } from "../../simulator";
import { Gate } from "../provider/support";
import { encoded, trademark } from "../simulator/certcentral";
import type { Fault } from "./faults";
import { CheckFailed, type Lane, Resource, type Session } from "./lane";
import {
  type Counts,
  countedAs,
  countsOf,
  heldBy,
  isLive,
  isOpen,
  orphansAt,
  orphansFind,
  pathOf,
  twiceIn,
  upFinds,
  verdictOf,
} from "./tally";
import { counted, type Place, type Write } from "./writes";

export const followUps = { up: "next `up`", refresh: "`refresh`, then `up`", destroy: "`destroy`" } as const;
export type FollowUp = keyof typeof followUps;

/** One write that goes wrong in one way, and what the user does next. */
export interface Cell {
  write: Write;
  fault: Fault;
  followUp: FollowUp;
  /** Default: Pulumi's provider process, over its protocol. */
  on?: "engine";
}

export const nameOf = ({ write, fault, followUp, on }: Cell): string =>
  [...(on ? [on] : []), write.id, fault.id, followUp].join("/");

/** What a cell came to. */
export interface Result {
  /** What DigiCert carried out from the write on. */
  counts: Counts;
  verdict: string;
  /** Writes too many: each buys, or bothers people, again. */
  twice: number;
  /** Ids of what is left without a state and that nobody is told of. */
  silent: number[];
  /** Dead orders that the state still needs. */
  needed: number[];
  /** How often the user ran the follow-up, 16 minutes apart. */
  runs: number;
  /** Why the last of them failed: what the user wants cannot be had any more. */
  refused?: string;
  /** All that users were told. */
  said: string[];
  journal: JournalEntry[];
}

const minute = 60_000;
const day = 24 * 60 * minute;

/** DigiCert shows nothing of some writes: then a process that was killed can leave no trace for the next. */
export const isExcused = ({ write, fault }: Cell) => Boolean(write.untraceable && fault.kill);

/** Throws when something was bought twice, lost in silence, or taken from a state that needs it. */
export function assertHolds(cell: Cell, { counts, twice, silent, needed }: Result): void {
  if (!isExcused(cell)) assert.equal(twice, 0, `carried out too often: ${JSON.stringify(counts)}`);
  assert.deepEqual(silent, [], "in no state, and nobody is told");
  assert.deepEqual(needed, [], "canceled, and the state needs it");
}

/** Plays a cell; {@link assertHolds} judges what comes of it. */
export async function play(cell: Cell, lane: Lane): Promise<Result> {
  const simulator = await startSimulator(cell.fault.switches ? { switches: cell.fault.switches } : {});
  try {
    await lane.serve(simulator);
    return await new Play(cell, lane, simulator).run();
  } finally {
    await simulator.stop();
  }
}

class Play {
  private readonly resource: Resource;
  private readonly said: string[] = [];
  private apiKey: string;
  /** Orders and organizations that the state has held. */
  private readonly known = new Set<number>();

  constructor(
    private readonly cell: Cell,
    private readonly lane: Lane,
    private readonly simulator: Simulator,
  ) {
    this.resource = new Resource(cell.write.type);
    this.apiKey = simulator.apiKey;
  }

  async run(): Promise<Result> {
    const { fault, followUp } = this.cell;
    const { simulator, resource } = this;
    const program = await this.setUp();
    if (fault.twins) await this.placeTwins(program);
    const before = await this.state();
    const start = simulator.journal.length;

    await this.faulty(program);
    this.assertHit(simulator.journal.slice(start));
    // Look-ups that are blind, and reads that lag behind, are so for the user's next run too.
    if (fault.reads || fault.kill || fault.clockOff) await simulator.control.clearFaults();
    const wanted = followUp === "destroy" ? () => this.destroy() : () => this.up(program);
    if (followUp === "refresh") await this.operation((session) => resource.refresh(session)).catch((e) => this.say(e));
    let { runs, refused } = await this.untilDone(wanted);
    // By now DigiCert has done what it does late, and shows it.
    await this.lane.pass(16 * minute);
    if (followUp !== "destroy" && !refused && (await this.preview(program))) {
      ({ refused } = await this.untilDone(() => this.up(program), 1));
      assert.ok(refused || !(await this.preview(program)), "every preview plans a change");
    }
    assert.ok(!refused || this.cell.write.operation === "destroy", refused);
    const journal = simulator.journal.slice(start);
    const found = await this.judge(countsOf(journal), before, program);
    return { ...found, runs, ...(refused ? { refused } : {}), said: this.said, journal };
  }

  /** Brings the stack to where the write is next, and gives the program that sends it. */
  private async setUp(): Promise<Props> {
    const { write } = this.cell;
    const place = this.place();
    const before = await write.before?.(place);
    if (before) await this.up(before);
    await write.meanwhile?.(place);
    return (await write.program?.(place)) ?? before!;
  }

  private place(): Place {
    const { simulator, lane, resource } = this;
    const { control } = simulator;
    const orderId = async () => resource.stored!.outs.orderId as number;
    return {
      simulator,
      control,
      organizationId: simulator.account.organizationId,
      domain: "example.com",
      orderId,
      pass: (days) => lane.pass(days * day),
      async issue() {
        const id = await orderId();
        const order = (await control.dump()).certcentral.orders.find((one) => one.id === id)!;
        for (const { domainId } of order.names) await control.approveDomain(domainId);
        await control.vet(id);
      },
      useKey: (apiKey) => {
        this.apiKey = apiKey;
      },
    };
  }

  /** The operation in which the fault happens. */
  private async faulty(program: Props): Promise<void> {
    const { write, fault } = this.cell;
    const { lane, resource } = this;
    const operation = write.operation === "destroy" ? () => this.destroy() : () => this.up(program);
    await this.plan();
    if (fault.clockOff) await lane.setClock(fault.clockOff * day);
    if (fault.refused) await this.refusing(operation);
    else if (fault.kill) {
      const kept = structuredClone(resource.stored);
      const hung = this.seen(({ fault }) => fault === "timeout");
      const ended = operation().catch(() => {});
      await Promise.race([hung, ended]);
      await lane.kill();
      await ended;
      resource.stored = kept;
    } else {
      if (fault.request?.kind === "timeout")
        void this.seen(({ fault }) => fault === "timeout").then(() => lane.giveUp());
      await operation().catch((error) => this.say(error));
    }
    if (fault.clockOff) await lane.setClock(0);
  }

  /** The fault has happened, and to the write. */
  private assertHit(journal: readonly JournalEntry[]): void {
    const { write, fault } = this.cell;
    const hit = journal.filter((entry) => entry.fault !== undefined || countedAs(entry) === write.counts);
    const faults = (isWrite: boolean) =>
      hit.filter((entry) => isWrite === (countedAs(entry) === write.counts)).map((entry) => entry.fault);
    // A clock that is far off is a reason to refuse what costs.
    const isRefused = fault.clockOff && faults(true).length === 0;
    if (isRefused)
      assert.ok(
        this.said.some((line) => /\bclock\b/i.test(line)),
        `said: ${this.said.join("\n")}`,
      );
    else if (fault.request) assert.ok(faults(true).includes(fault.request.kind), "the write was not hit");
    if (fault.kill)
      assert.ok(faults(true).includes(fault.kill === "after" ? undefined : "timeout"), "not killed there");
    if (fault.reads) assert.ok(faults(false).includes(fault.reads.kind), "nothing was read after it");
    if (fault.blind) assert.ok(faults(false).includes("lookup-empty"), "nothing was looked up");
    if (fault.lag) assert.ok(faults(false).includes("stale"), "nothing was read");
    if (fault.refused) {
      assert.ok(this.said.some((line) => line.includes("ECONNREFUSED")));
      assert.deepEqual(faults(true), []);
    }
  }

  /** Plans what the simulator does. */
  private async plan(): Promise<void> {
    const { write, fault } = this.cell;
    const { control } = this.simulator;
    const [method, path, body] = counted[write.counts] as readonly [string, RegExp, RegExp?];
    const match = { method, path: path.source, body: write.body ?? body?.source ?? "" };
    if (fault.lag) await control.fault({ kind: "stale", seconds: fault.lag });
    if (fault.blind) await control.fault({ kind: "lookup-empty", seconds: fault.blind });
    if (fault.request) await control.fault({ ...fault.request, match });
    if (fault.kill === "before") await control.fault({ kind: "timeout", match });
    if (fault.kill === "between") await control.fault({ kind: "timeout", commit: true, match });
    const isWrite = (entry: JournalEntry) => entry.method === method && path.test(pathOf(entry));
    if (fault.kill === "after") void this.seen(isWrite).then(() => control.fault({ kind: "timeout" }));
    const { reads } = fault;
    if (reads) void this.seen(isWrite).then(() => control.fault({ ...reads, match: { method: "GET" } }));
  }

  /** Resolves at the first such call, before it is answered. */
  private seen(isIt: (entry: JournalEntry) => boolean): Promise<void> {
    const { journal } = this.simulator;
    const push = journal.push;
    return new Promise((resolve) => {
      journal.push = (...entries) => {
        if (entries.some(isIt)) resolve();
        return push.apply(journal, entries);
      };
    });
  }

  /** Refuses connections from the write's on: how many come before it, a rehearsal tells. */
  private async refusing(operation: () => Promise<void>): Promise<void> {
    const { cell, lane, simulator } = this;
    const { journal } = await play({ ...cell, fault: { id: "rehearsal", title: "" }, followUp: "up" }, lane);
    await lane.serve(simulator);
    const gate = new Gate(simulator.baseUrl);
    await gate.open();
    gate.closeAfter(journal.findIndex((entry) => countedAs(entry) === cell.write.counts));
    this.baseUrl = gate.baseUrl;
    await operation().catch((error) => this.say(error));
    this.baseUrl = undefined;
    gate.close();
  }
  private baseUrl: string | undefined;

  /** Two orders as the write would place, under its id. */
  private async placeTwins(program: Props): Promise<void> {
    const { reference, stored } = this.resource;
    const n = stored ? 2 : 1;
    const { apiKey, baseUrl, account } = this.simulator;
    for (const _ of [1, 2]) {
      const response = await fetch(`${baseUrl}/order/certificate/vmc_basic`, {
        method: "POST",
        headers: { "X-DC-DEVKEY": apiKey, "Content-Type": "application/json" },
        body: JSON.stringify({
          certificate: { dns_names: program.dnsNames },
          vmc: { logo: encoded(), ...trademark },
          organization: { id: account.organizationId },
          order_validity: { years: 1 },
          dcv_method: "dns-txt-token",
          skip_approval: true,
          alternative_order_id: `${reference}${n}`,
        }),
      });
      assert.equal(response.status, 201, await response.text());
    }
  }

  /** Repeats what the user wants until it is done, with time enough for every doubt to end. */
  private async untilDone(work: () => Promise<void>, most = 3): Promise<{ runs: number; refused?: string }> {
    for (let runs = 1; ; runs++) {
      try {
        await work();
        return { runs };
      } catch (error) {
        this.say(error);
        if (runs === most) return { runs, refused: (error as Error).message };
        await this.lane.pass(16 * minute);
      }
    }
  }

  private up(program: Props): Promise<void> {
    return this.operation((session) => this.resource.up(session, program));
  }

  private destroy(): Promise<void> {
    return this.operation((session) => this.resource.destroy(session));
  }

  private async preview(program: Props): Promise<boolean> {
    let changes = false;
    await this.operation(async (session) => {
      changes = await this.resource.preview(session, program);
    });
    return changes;
  }

  private async operation(work: (session: Session) => Promise<void>): Promise<void> {
    const { lane, resource, apiKey } = this;
    const session = await lane.begin({ apiKey, ...(this.baseUrl ? { baseUrl: this.baseUrl } : {}) });
    const lines = session.provider.log.length;
    try {
      await work(session);
    } finally {
      this.said.push(...session.provider.log.slice(lines).map(({ message }) => message));
      for (const id of heldBy(resource.stored?.outs)) this.known.add(id);
    }
  }

  private say(error: unknown): void {
    // What is no failure of the provider is one of the test.
    if (error instanceof assert.AssertionError) throw error;
    if (error instanceof CheckFailed) throw error;
    this.said.push((error as Error).message);
  }

  private async state(): Promise<State> {
    return (await this.simulator.control.dump()).certcentral;
  }

  /** `one`, `none`, or how what no state holds is found. */
  private async judge(counts: Counts, before: State, program: Props) {
    const { write, followUp } = this.cell;
    const { resource } = this;
    const now = await this.state();
    const held = heldBy(resource.stored?.outs);
    const wantsNone = followUp === "destroy" || write.operation === "destroy";
    const needed = wantsNone ? [] : now.orders.filter(({ id, status }) => held.includes(id) && !isLive(status));
    const lost = now.orders.filter(
      ({ id, status, alternativeOrderId }) =>
        isOpen(status) && alternativeOrderId?.startsWith(resource.reference.slice(0, 14)) && !held.includes(id),
    );
    const made = now.organizations.filter(
      ({ id }) => !before.organizations.some((old) => old.id === id) && !this.known.has(id),
    );
    const left = [...lost, ...made];
    const told = left.filter((one) => {
      const names = [String(one.id), "name" in one ? one.name : one.alternativeOrderId!];
      return this.said.some((line) => names.some((name) => line.includes(name)));
    });
    const idsOf = (some: readonly { id: number }[]) => some.map(({ id }) => id);
    const listed = left.length > 0 ? await orphansAt(this.simulator, this.apiKey, [resource]) : [];
    assert.deepEqual(listed, idsOf(lost), "what `bimi orphans` finds");
    const isGone = !resource.stored;
    if (left.length > 0 && isGone) await this.assertFound(program);
    const silent = isGone ? [] : left.filter((one) => !told.includes(one) && !listed.includes(one.id));
    const by = lost.length > 0 && (isGone || told.length < left.length) ? orphansFind : upFinds;
    const result = { counts, twice: twiceIn(write, counts), silent: idsOf(silent), needed: idsOf(needed) };
    return { ...result, verdict: left.length > 0 ? by : verdictOf(write, result) };
  }

  /** The next `up` takes up what was left. */
  private async assertFound(program: Props): Promise<void> {
    const { simulator, resource } = this;
    const start = simulator.journal.length;
    await this.up(program);
    const { order = 0, organization = 0 } = countsOf(simulator.journal.slice(start));
    assert.equal(order + organization, 0, "another one was made beside the orphan");
    assert.ok(heldBy(resource.stored?.outs).length > 0);
  }
}
