import assert from "node:assert/strict";
import type { Props } from "../../provider/lifecycle";
import { type JournalEntry, type Simulator, startSimulator } from "../../simulator";
import { CheckFailed, type Lane, Resource, type Session } from "./lane";
import { type Counts, countsOf, isLive, isOpen, orphansAt } from "./tally";

/** How many of them the tests play: seeds 1, 2, … */
export const seeds = 200;

/** Where in a call the process is killed. */
type Phase = "before" | "between" | "after";

/** What becomes of the order that was placed first. */
const changes = ["succeeded", "reissued", "succeeded and reissued"] as const;
type Change = (typeof changes)[number];

export interface Killed {
  /** What the seed chose, in words. */
  plan: string;
  /** Where it was killed: `GET /user/me, before`. */
  kills: string[];
  counts: Counts;
  /** Orders and reissues that nobody asked for. */
  twice: number;
  silent: number[];
  /** Dead orders that the state needed after an `up`. */
  needed: number[];
  journal: JournalEntry[];
}

/**
 * The main job, killed where the seed says: order, proof of domain control, vetting, certificate, changes, destroy. A
 * call is before, or a write in every second case; what comes then is `up`, `refresh` and `up`, or `destroy`; in every
 * fourth the process is killed once more on the way.
 */
export async function playKill(seed: number, lane: Lane): Promise<Killed> {
  const random = randomOf(seed);
  const change = oneOf(random, changes);
  const calls = await rehearsed(change, lane);
  const writes = calls.flatMap(({ write }, index) => (write ? index + 1 : []));
  const first = random() < 0.5 ? oneOf(random, writes) : 1 + Math.floor(random() * calls.length);
  const phase = oneOf(random, ["before", "between", "after"] as const);
  const second = random() < 0.25 ? { in: 1 + Math.floor(random() * 8), phase: oneOf(random, phases) } : undefined;
  const rest = random();
  const next = rest < 0.15 ? "destroy" : rest < 0.4 ? "refresh" : "up";
  const plan = `${change}; killed ${phase} at call ${first}${second ? `, ${second.phase} at the ${second.in}. after it` : ""}; then ${next}`;
  return onStage(lane, async (simulator) => {
    const killer = new Killer(simulator);
    killer.at(first, phase);
    if (second) killer.again(second.in, second.phase);
    return { plan, ...(await new Job(simulator, lane, killer, change, next).run()) };
  });
}

const phases = ["before", "between", "after"] as const;

const rehearsals = new Map<Change, Promise<JournalEntry[]>>();

/** The calls of a job that nobody disturbs. */
function rehearsed(change: Change, lane: Lane): Promise<JournalEntry[]> {
  const known = rehearsals.get(change);
  if (known) return known;
  const calls = onStage(lane, async (simulator) => {
    const { journal, ...found } = await new Job(simulator, lane, new Killer(simulator), change, "up").run();
    assertKillHolds(found);
    return journal;
  });
  rehearsals.set(change, calls);
  return calls;
}

async function onStage<T>(lane: Lane, work: (simulator: Simulator) => Promise<T>): Promise<T> {
  const simulator = await startSimulator();
  try {
    await lane.serve(simulator);
    return await work(simulator);
  } finally {
    await simulator.stop();
  }
}

/** Throws when something was bought twice, lost in silence, or taken from a state that needs it. */
export function assertKillHolds({ counts, twice, silent, needed }: Omit<Killed, "plan" | "journal">): void {
  assert.equal(twice, 0, `carried out too often: ${JSON.stringify(counts)}`);
  assert.deepEqual(silent, [], "in no state, and nobody is told");
  assert.deepEqual(needed, [], "canceled, and the state needs it");
}

class KilledHere extends Error {}

/** Makes calls hang where the process is to be killed. */
class Killer {
  readonly kills: string[] = [];
  /** Resolves when a call hangs. */
  hung: Promise<void> = Promise.resolve();
  private hang = () => {};
  private calls = 0;
  private next?: { call: number; phase: Phase };
  private second?: { in: number; phase: Phase };
  /** The call that was answered last before it is to be killed. */
  private answered?: string;

  constructor(private readonly simulator: Simulator) {
    const { journal } = simulator;
    const push = journal.push;
    journal.push = (...entries) => {
      for (const entry of entries) this.see(entry);
      return push.apply(journal, entries);
    };
    this.rearm();
  }

  at(call: number, phase: Phase): void {
    this.next = { call, phase };
    this.plan();
  }

  again(calls: number, phase: Phase): void {
    this.second = { in: calls, phase };
  }

  /** What follows is no work of the process. */
  async disarm(): Promise<void> {
    this.next = undefined;
    this.second = undefined;
    await this.simulator.control.clearFaults();
  }

  /** Whether it is to be killed although nothing hangs: its last call was answered, and no state is written yet. */
  get isDue(): boolean {
    return this.answered !== undefined;
  }

  /** It has been killed. */
  async done(): Promise<void> {
    if (this.answered !== undefined) this.kills.push(`${this.answered}, after`);
    this.answered = undefined;
    this.next = undefined;
    await this.simulator.control.clearFaults();
    this.rearm();
    const { second } = this;
    this.second = undefined;
    if (second) this.at(this.calls + second.in, second.phase);
  }

  private see(entry: JournalEntry): void {
    const call = `${entry.method} ${entry.path.replace(/\?.*/, "").replace(/\d{5,}/g, "{id}")}`;
    if (entry.fault === "timeout") {
      if (this.answered === undefined) this.kills.push(`${call}, ${this.next!.phase}`);
      this.hang();
      return;
    }
    this.calls++;
    if (this.next?.phase === "after" && this.calls === this.next.call) {
      this.answered = call;
      void this.simulator.control.fault({ kind: "timeout", times: 0 });
    } else this.plan();
  }

  private plan(): void {
    const { next } = this;
    if (!next || next.phase === "after" || this.calls !== next.call - 1) return;
    void this.simulator.control.fault({ kind: "timeout", ...(next.phase === "between" ? { commit: true } : {}) });
  }

  private rearm(): void {
    this.hung = new Promise((resolve) => {
      this.hang = resolve;
    });
  }
}

/** One stack: an order and its certificate. */
class Job {
  private readonly order = new Resource("VmcOrder");
  private readonly certificate = new Resource("MarkCertificate");
  private readonly needed: number[] = [];
  private ended = false;

  constructor(
    private readonly simulator: Simulator,
    private readonly lane: Lane,
    private readonly killer: Killer,
    private readonly change: Change,
    private readonly next: "up" | "refresh" | "destroy",
  ) {}

  async run(): Promise<Omit<Killed, "plan">> {
    const { change } = this;
    const names = ["example.com"];
    await this.up(names);
    if (change !== "reissued") await this.up(names, "mail");
    await this.proveControl();
    await this.up(names);
    await this.vet();
    await this.up(names);
    if (change !== "succeeded") {
      await this.up(names, "news");
      await this.proveControl();
      await this.vet();
      await this.up(names);
    }
    if (!this.ended) await this.resumed(() => this.destroy());
    await this.killer.disarm();
    const { journal } = this.simulator;
    const counts = countsOf(journal);
    return {
      kills: this.killer.kills,
      counts,
      twice: this.twice(counts),
      silent: await this.silent(),
      needed: this.needed,
      journal,
    };
  }

  /** Whatever is in the way, in the end the stack is what the program says. */
  private async up(names: string[], more?: string): Promise<void> {
    if (this.ended) return;
    if (more) names.push(`${more}.example.com`);
    const program = {
      dnsNames: [...names],
      organization: { id: this.simulator.account.organizationId },
      logo: "logo.svg",
      trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
      dcvMethod: "dns-txt-token",
    };
    await this.resumed(
      () => this.apply(program),
      () => this.recover(program),
    );
    if (this.ended) return;
    const orders = await this.orders();
    const held = this.order.stored?.outs.orderId;
    const dead = orders.find(({ id, status }) => id === held && !isLive(status));
    if (dead) this.needed.push(dead.id);
    const live = orders.filter(({ status }) => isLive(status)).map(({ id }) => id);
    assert.deepEqual(live, [held], "the state holds the one order that lives");
  }

  private async apply(program: Props): Promise<void> {
    const session = await this.begin();
    await this.step(this.order, () => this.order.up(session, program));
    const { orderId, certificateId, domains, logoSha256 } = this.order.stored!.outs;
    const of = {
      orderId,
      product: "vmc_basic",
      dnsNames: program.dnsNames,
      domainIds: (domains as { id: number }[]).map(({ id }) => id),
      logoSha256,
      ...(certificateId === undefined ? {} : { certificateId }),
    };
    const logoUrl = "https://example.com/logo.svg";
    const inputs = { order: of, logoUrl, certificateUrl: "https://example.com/logo.pem" };
    await this.step(this.certificate, () => this.certificate.up(session, inputs));
  }

  private async destroy(): Promise<void> {
    const session = await this.begin();
    for (const resource of [this.certificate, this.order]) await this.step(resource, () => resource.destroy(session));
  }

  /** What the user does after a kill, before `up`. */
  private async recover(program: Props): Promise<void> {
    if (this.next === "refresh") {
      const session = await this.begin();
      for (const resource of [this.order, this.certificate]) await this.step(resource, () => resource.refresh(session));
    }
    if (this.next !== "destroy") return;
    await this.destroy();
    this.ended = true;
    await this.killer.disarm();
    const lost = await this.open();
    const { simulator } = this;
    // An order whose reissue is pending is listed too; a destroy leaves it, as every issued one.
    const reissued = (await this.orders()).flatMap(({ id, status }) => (status === "reissue_pending" ? [id] : []));
    const found = await orphansAt(simulator, simulator.apiKey, []);
    assert.deepEqual(
      found.filter((id) => !reissued.includes(id)),
      lost,
      "what `bimi orphans` finds",
    );
    if (lost.length === 0) return;
    const before = countsOf(simulator.journal);
    await this.resumed(() => this.apply(program));
    assert.deepEqual(countsOf(simulator.journal).order, before.order, "another one was ordered beside the orphan");
    assert.deepEqual([this.order.stored?.outs.orderId], lost);
    await this.resumed(() => this.destroy());
  }

  /** Goes on after every kill. */
  private async resumed(work: () => Promise<void>, recover = async () => {}): Promise<void> {
    for (let isKilled = false; ; ) {
      try {
        if (isKilled) await recover();
        if (!isKilled || !this.ended) await work();
        return;
      } catch (error) {
        if (!(error instanceof KilledHere)) throw error;
        isKilled = true;
      }
    }
  }

  /** One step of Pulumi's engine, which writes the state when it is done. */
  private async step(resource: Resource, work: () => Promise<void>): Promise<void> {
    const { killer, lane } = this;
    const kept = structuredClone(resource.stored);
    let failure: unknown;
    const ended = work().catch((error) => {
      failure = error;
    });
    const isHung = await Promise.race([killer.hung.then(() => true), ended.then(() => false)]);
    if (isHung || killer.isDue) {
      await lane.kill();
      await ended;
      if (failure instanceof CheckFailed) throw failure;
      resource.stored = kept;
      await killer.done();
      throw new KilledHere();
    }
    if (failure) throw failure;
  }

  private begin(): Promise<Session> {
    return this.lane.begin();
  }

  private async orders() {
    return (await this.simulator.control.dump()).certcentral.orders;
  }

  private async open(): Promise<number[]> {
    return (await this.orders()).filter(({ status }) => isOpen(status)).map(({ id }) => id);
  }

  /** The proofs are published. */
  private async proveControl(): Promise<void> {
    if (this.ended) return;
    const { control } = this.simulator;
    for (const { status, names } of await this.orders()) {
      if (isLive(status)) for (const { domainId } of names) await control.approveDomain(domainId);
    }
  }

  private async vet(): Promise<void> {
    if (this.ended) return;
    for (const { id, status } of await this.orders()) if (isLive(status)) await this.simulator.control.vet(id);
  }

  private twice({ order = 0, reissue = 0, cancel = 0 }: Counts): number {
    const { change } = this;
    const wanted = { order: change === "reissued" ? 1 : 2, reissue: change === "succeeded" ? 0 : 1 };
    if (!this.ended) assert.deepEqual({ order, reissue }, wanted, "all that was wanted was done");
    assert.ok(cancel <= order);
    return Math.max(0, order - wanted.order) + Math.max(0, reissue - wanted.reissue);
  }

  /** Open orders after it all that `bimi orphans` does not find. */
  private async silent(): Promise<number[]> {
    const { simulator } = this;
    const found = await orphansAt(simulator, simulator.apiKey, []);
    return (await this.open()).filter((id) => !found.includes(id));
  }
}

function oneOf<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
