import { orders } from "../certcentral";
import type { Context } from "../context";
import { isApproval, isDomainControl } from "../order/missing";
import { isDead, isIssued } from "../order/status";
import { hour, minute, second } from "../time";
import { isTransient, type Look, titleOf } from "./stackReport";

/** What can be waited for. */
export const goals = ["dcv", "issued"] as const;
export type Goal = (typeof goals)[number];

/** `hopeless`: an order is dead, in doubt or cannot be looked at, so that waiting leads nowhere. */
export type Outcome = "reached" | "hopeless" | "timedOut";

/** What the list is asked for: far below DigiCert's limit of 7 days, and twice as long as it is relied on. */
const listedMinutes = 120;
const reliedOn = hour;

interface Wait {
  goal: Goal;
  timeoutMs: number;
  /** Says an event. */
  say(line: string): void;
  /** Looks of a round: what a context has read it remembers for longer. */
  newLook(): (held: Look["held"]) => Promise<Look>;
}

/** Asks again and again, ever more slowly, until the goal is reached by all orders. Nothing is kept: the next run goes on. */
export async function waitFor(ctx: Context, first: readonly Look[], wait: Wait): Promise<[Outcome, Look[]]> {
  const { clock } = ctx;
  const deadline = clock.now() + wait.timeoutMs;
  let changes: Changes | undefined;
  let looks = [...first];
  for (let pause = 5 * second; ; pause = Math.min(pause * 1.5, minute)) {
    const open = looks.filter((look) => !isReached(wait.goal, look));
    if (open.length === 0) return ["reached", looks];
    if (open.some(isHopeless)) return ["hopeless", looks];
    if (clock.now() >= deadline) return ["timedOut", looks];
    changes ??= new Changes(ctx, wait.say);
    await clock.sleep(Math.min(pause, deadline - clock.now()));
    // Domain control is no status, and the last look is the report: both need each order's details.
    const needsDetails = wait.goal === "dcv" || clock.now() >= deadline;
    const due = needsDetails ? open : await changes.among(open);
    const look = wait.newLook();
    const seen = await Promise.all(due.map(async (before) => again(before, await look(before.held), wait.say)));
    looks = looks.map((before) => seen[due.indexOf(before)] ?? before);
  }
}

/** Which orders have changed, by one call for all of them: the status change list. */
class Changes {
  /** DigiCert's time. */
  private lookedAt: number;
  private failed = false;

  constructor(
    private readonly ctx: Context,
    private readonly say: (line: string) => void,
  ) {
    this.lookedAt = ctx.client.now().getTime();
  }

  /** Orders to look at: those that changed; all, when the list is refused or may not tell. */
  async among(open: readonly Look[]): Promise<readonly Look[]> {
    const { client } = this.ctx;
    let listed: Map<number, string>;
    try {
      const changed = await orders.statusChanges(client, listedMinutes);
      listed = new Map(changed.map(({ orderId, status }) => [orderId, status]));
    } catch (error) {
      if (!isTransient(error)) return open;
      if (!this.failed) this.say(`${(error as Error).message} Goes on asking.`);
      this.failed = true;
      return [];
    }
    this.failed = false;
    // Once an hour, after a pause of this machine or of DigiCert, and lest an account's list is silent.
    const now = client.now().getTime();
    if (now - this.lookedAt < reliedOn) return open.filter((look) => hasChanged(look, listed));
    this.lookedAt = now;
    return open;
  }
}

function hasChanged({ report, failure }: Look, listed: ReadonlyMap<number, string>): boolean {
  if (failure !== undefined) return true;
  const status = listed.get(report.orderId ?? 0);
  return status !== undefined && status !== report.status;
}

/** Whether an order is where the wait leads; as `wait` of a `MarkCertificate`, after a reissue too. */
export function isReached(goal: Goal, { report, failure }: Look): boolean {
  if (failure !== undefined || report.orderId === undefined || isDead(report.status)) return false;
  if (isIssued(report.status)) return true;
  const missing = report.missing.map((item) => ({ since: "", ...item }));
  return goal === "dcv" && !missing.some((item) => isApproval(item) || isDomainControl(item));
}

function isHopeless({ report, failure }: Look): boolean {
  if (failure !== undefined) return !isTransient(failure);
  return isDead(report.status) || report.orderId === undefined;
}

/** Says what is new. A look that failed leaves what is known. */
function again(before: Look, seen: Look, say: Wait["say"]): Look {
  const now = seen.failure === undefined ? seen : { ...seen, report: { ...before.report, error: seen.report.error } };
  const title = titleOf(now.report);
  if (now.report.error !== undefined) {
    if (now.report.error !== before.report.error) say(`${title}: ${now.report.error}`);
  } else if (now.report.status !== before.report.status) {
    say(`${title}: ${before.report.status} -> ${now.report.status}`);
  } else {
    for (const { what } of without(before.report.missing, now.report.missing)) say(`${title}: done: ${what}`);
    for (const { what, who } of without(now.report.missing, before.report.missing)) {
      say(`${title}: missing: ${what} (${who})`);
    }
  }
  return now;
}

function without<T extends { what: string }>(items: readonly T[], others: readonly T[]): T[] {
  // Where a record is visible may change while the same proof is missing.
  const bare = ({ what }: T) => what.replace(/ \(not visible at .*\)$/, "");
  return items.filter((item) => !others.some((other) => bare(other) === bare(item)));
}

/** `90s`, `30m`, `2h`, in milliseconds; undefined when it is none, or not within a day. */
export function duration(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  if (count === undefined) return undefined;
  const ms = Number(count) * { s: second, m: minute, h: hour }[unit as "s" | "m" | "h"];
  return ms > 0 && ms <= 24 * hour ? ms : undefined;
}
