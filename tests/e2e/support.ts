import assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { JournalEntry, Simulator, State } from "../../simulator";
import type { CommandResult, PreviewReport, PreviewStep, StackExport } from "../../tools/pulumiProject";

/** Zone id of example.com at every simulated Cloudflare. */
export const zoneId = "0da42c8d2132a9ddaf714f9e7c920711";

/** A logo of the SVG Portable/Secure profile; another title makes another logo. */
export const svg = (title = "Acme") =>
  `<?xml version="1.0" encoding="utf-8"?>\n<svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><title>${title}</title><rect width="64" height="64" fill="#0a5"/><circle cx="32" cy="32" r="20" fill="#fff"/></svg>\n`;

/** The person who approves for the organization, as inputs have them. */
export const ada = {
  firstName: "Ada",
  lastName: "Approver",
  jobTitle: "Head of Brand",
  telephone: "+1 555 0100",
  email: "ada.approver@example.com",
};

export type Order = State["orders"][number];

/** DigiCert's own list of orders, oldest first: also those whose answer was lost. */
export async function ordersAt({ control }: Simulator): Promise<Order[]> {
  return (await control.dump()).certcentral.orders;
}

/** The calls at CertCentral and Cloudflare that `work` made, with what it answered. */
export async function during<T>({ journal }: Simulator, work: () => Promise<T>): Promise<{ calls: Calls; result: T }> {
  const before = journal.length;
  const result = await work();
  return { calls: new Calls(journal.slice(before).filter(({ service }) => service !== "dns")), result };
}

/** Calls that were made, oldest first. */
export class Calls {
  constructor(readonly all: readonly JournalEntry[]) {}

  get writes(): readonly JournalEntry[] {
    return this.all.filter(({ write }) => write);
  }

  /** As `GET /user/me`, to compare and to read in a failure; ids and queries left out. */
  get lines(): string[] {
    return this.all.map(({ method, path }) => `${method} ${path.replace(/\?.*/, "").replace(/\/[0-9]{5,}/g, "/{id}")}`);
  }

  matching(method: string, path: RegExp): readonly JournalEntry[] {
    return this.all.filter((entry) => entry.method === method && path.test(entry.path));
  }

  /** Requests to place an order, whatever came of them. */
  get orders(): readonly JournalEntry[] {
    return this.matching("POST", /^\/order\/certificate\/(vmc_basic|mark_certificate)$/);
  }
}

/** Answers of the simulator's DNS server on the wire. */
export class Wire {
  private readonly resolver = new Resolver({ timeout: 2000, tries: 2 });

  constructor({ dns }: Simulator) {
    this.resolver.setServers([`${dns.host}:${dns.port}`]);
  }

  /** Texts of the TXT records at a name, each joined; none when there is no such name. */
  async txt(name: string): Promise<string[]> {
    const answers = await this.resolver.resolveTxt(name).catch(none);
    return answers.map((strings) => strings.join(""));
  }

  async cname(name: string): Promise<string[]> {
    return this.resolver.resolveCname(name).catch(none);
  }
}

function none(error: NodeJS.ErrnoException): never[] {
  if (error.code === "ENOTFOUND" || error.code === "ENODATA") return [];
  throw error;
}

/** All that a command printed. */
export const printed = ({ stdout, stderr }: CommandResult) => stdout + stderr;

/** What a preview plans: `create VmcOrder logo`, one line per step that is not `same`. */
export function planned({ steps }: PreviewReport): string[] {
  return steps.filter(({ op }) => op !== "same").map((step) => `${step.op} ${typeOf(step)} ${nameOf(step)}`);
}

/** The last part of a resource's type, such as `VmcOrder`. */
export const typeOf = ({ urn }: Pick<PreviewStep, "urn">) => urn.split("::")[2]!.split(":").at(-1)!;
export const nameOf = ({ urn }: Pick<PreviewStep, "urn">) => urn.split("::")[3]!;

/** The state of one resource, by the last part of its type and its name. */
export function resource({ deployment }: StackExport, type: string, name?: string) {
  const found = deployment.resources?.filter((r) => typeOf(r) === type && (name === undefined || nameOf(r) === name));
  if (found?.length !== 1) throw new Error(`The state has ${found?.length ?? 0} resources ${type} ${name ?? ""}.`);
  // biome-ignore lint/suspicious/noExplicitAny: outputs are asserted on
  return found[0]! as (typeof found)[number] & { inputs: Record<string, any>; outputs: Record<string, any> };
}

/** Runs at most two at a time, which is what a small machine has processors for; answers in order. */
export async function twoAtATime<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** Resolves when it has happened: looks every millisecond, and fails when the command ends first. */
export async function until(
  happened: () => boolean,
  command: { result: Promise<unknown>; output(): string },
): Promise<void> {
  let ended = false;
  void command.result.finally(() => {
    ended = true;
  });
  while (!happened()) {
    assert.ok(!ended, `the command ended first:\n${command.output()}`);
    await sleep(1);
  }
}

/** Defines a test per entry. They share nothing and run two at a time. */
export function testsInPairs(tests: Record<string, () => Promise<void>>): void {
  const outcomes = new Map<string, { done: Promise<void>; settle: (outcome: Promise<void>) => void }>();
  for (const title of Object.keys(tests)) {
    let settle!: (outcome: Promise<void>) => void;
    const done = new Promise<void>((resolve) => {
      settle = resolve;
    });
    done.catch(() => {});
    outcomes.set(title, { done, settle });
  }
  const run = async (title: string) => {
    const outcome = tests[title]!();
    outcomes.get(title)!.settle(outcome);
    await outcome.catch(() => {});
  };
  before(() => {
    void twoAtATime(Object.keys(tests), run);
  });
  for (const [title, { done }] of outcomes) it(title, () => done);
}
