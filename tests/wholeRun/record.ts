import { AsyncLocalStorage } from "node:async_hooks";
import { CertCentralClient } from "../../provider/certcentral";
import type { Lifecycle } from "../../provider/lifecycle";
import type { JournalEntry, Simulator } from "../../simulator";
import { findRoute } from "../../simulator/certcentral/server";

/** One operation of a resource, or one run of a command, and what it called. */
export interface Operation {
  /** `VmcOrder`, `bimi status`. */
  who: string;
  /** `create`; of a command: `run`. */
  what: string;
  /** Cell of the table of changes that is being tested, as `dnsNames issued`. */
  cell?: string;
  calls: { call: string; fields: string[] }[];
}

const operations: Operation[] = [];
/** Calls of specs of the client, which no resource asked for. */
export const callsOfClient = new Set<string>();

/** What was recorded so far in this run of the tests. */
export function differentOperations(): Operation[] {
  return [...new Map(operations.map((operation) => [JSON.stringify(operation), operation])).values()];
}

const current = new AsyncLocalStorage<{ operation?: Operation; cell?: string }>();
const MARK = / operation\/(\d+)$/;

/** Everything that `work` calls is this operation's. */
export function operation<T>(who: string, what: string, work: () => Promise<T>): Promise<T> {
  const { cell } = current.getStore() ?? {};
  const started: Operation = { who, what, ...(cell ? { cell } : {}), calls: [] };
  operations.push(started);
  return current.run({ operation: started }, work);
}

/** What `work` does tests one cell of the table of changes (`provider/order/changes.ts`). */
export function testingChange<T>(row: string, phase: string, work: () => Promise<T>): Promise<T> {
  return current.run({ cell: `${row} ${phase}` }, work);
}

/** The lifecycle, with each of its operations recorded. */
export function recorded(who: string, lifecycle: Lifecycle): Lifecycle {
  const wrapped = Object.entries(lifecycle).map(([what, handler]) => [
    what,
    (...args: unknown[]) => operation(who, what, () => handler.apply(lifecycle, args)),
  ]);
  return Object.fromEntries(wrapped);
}

/** Each client of this process tells the simulator's journal, by its `User-Agent`, which operation a call belongs to. */
function mark(client: CertCentralClient): void {
  const { userAgent } = client as unknown as { userAgent: string };
  if (Object.getOwnPropertyDescriptor(client, "userAgent")?.get) return;
  Object.defineProperty(client, "userAgent", {
    get() {
      const running = current.getStore()?.operation;
      return running ? `${userAgent} operation/${operations.indexOf(running)}` : userAgent;
    },
  });
}

const { request } = CertCentralClient.prototype;
CertCentralClient.prototype.request = function (asked) {
  mark(this);
  return request.call(this, asked);
};

/** Records the simulator's journal, also what a spec clears from it later. */
export function recording(simulator: Simulator): Simulator {
  const { journal } = simulator;
  journal.push = (...entries) => {
    for (const entry of entries) record(entry);
    return Array.prototype.push.apply(journal, entries);
  };
  return simulator;
}

function record(entry: JournalEntry): void {
  if (entry.service !== "certcentral" || !entry.userAgent?.startsWith("pulumi-bimi/")) return;
  // Which calls the rate limit hits depends on how fast the machine is; each is made again.
  if (entry.status === 429) return;
  const { pathname, searchParams } = new URL(entry.path, "http://simulator");
  const path = findRoute(entry.method, pathname)?.route.path ?? pathname;
  const call = `${entry.method} ${path}`;
  const caller = operations[Number(MARK.exec(entry.userAgent)?.[1])];
  if (!caller) {
    callsOfClient.add(call);
    return;
  }
  const query = [...searchParams.keys()].map((name) => `?${name}`);
  caller.calls.push({ call, fields: [...query, ...fieldsOf(entry.request)] });
}

/** Names of a body's fields, `certificate.dns_names`; a body that is not JSON is refused without its content type. */
function fieldsOf(body: unknown, prefix = ""): string[] {
  if (typeof body === "string" && prefix === "") return ["Content-Type", "body"];
  if (Array.isArray(body)) return body.flatMap((element) => fieldsOf(element, prefix));
  if (typeof body !== "object" || body === null) return [];
  return Object.entries(body).flatMap(([name, value]) => [prefix + name, ...fieldsOf(value, `${prefix}${name}.`)]);
}
