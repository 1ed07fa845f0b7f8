/**
 * Preloaded into the process that orders (`node --require`), which would wait for minutes where it is in doubt: its clock
 * jumps over every wait, and takes DigiCert's along. Nobody else's time changes.
 */
import { realpathSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import type { Clock } from "../../provider/certcentral";

/** To the process, which answers with the number. */
export interface Told {
  number: number;
  /** Milliseconds that have passed. */
  pass?: number;
  /** By how many milliseconds the clock is wrong from now on. */
  offset?: number;
  /** Requests that wait for an answer time out now. */
  giveUp?: boolean;
}
/** From the process. */
export type Says = { slept: number; number: number } | { done: number };

const requestTimeout = 60_000;

if (/dynamic-provider/.test(process.argv[1] ?? "")) {
  startSooner();
  jump();
}

/** What Pulumi serializes closures with takes most of the start, and a provider that is a constant text never needs it. */
function startSooner(): void {
  const unneeded = ["typescript", "@npmcli/arborist"];
  const loader = Module as unknown as { _load(request: string, ...rest: unknown[]): unknown };
  const load = loader._load;
  loader._load = (request, ...rest) => (unneeded.includes(request) ? {} : load(request, ...rest));
}

function jump(): void {
  // Of the package that the project has installed, whose inner files only a path reaches.
  const file = path.join(realpathSync("node_modules/pulumi-bimi"), "dist/provider/certcentral/pacing.js");
  const { systemClock } = require(file) as { systemClock: Clock };
  const now = systemClock.now.bind(systemClock);
  let offset = 0;
  systemClock.now = () => now() + offset;
  systemClock.sleep = async (ms) => {
    offset += ms;
    await (process.send ? askParent(ms) : askSimulator(ms));
  };
  const timeouts = watchTimeouts();
  process.on("message", (told: Told) => {
    const wait = waiting.get(told.number);
    if (wait) return wait();
    offset = (told.offset ?? offset) + (told.pass ?? 0);
    if (told.giveUp) for (const giveUp of timeouts) giveUp();
    process.send?.({ done: told.number } satisfies Says);
    return undefined;
  });
}

const waiting = new Map<number, () => void>();
let asked = 0;

function askParent(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const number = -++asked;
    waiting.set(number, resolve);
    process.send!({ slept: ms, number } satisfies Says);
  });
}

async function askSimulator(ms: number): Promise<void> {
  const { origin } = new URL(process.env.DIGICERT_BASE_URL!);
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ seconds: ms / 1000 });
  await fetch(`${origin}/simulator/advance`, { method: "POST", headers, body });
}

/** What the client's timers for requests that wait will do. */
function watchTimeouts(): Set<() => void> {
  const pending = new Set<() => void>();
  const setReal = globalThis.setTimeout;
  const set = (work: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    if (ms === requestTimeout) pending.add(work);
    return setReal(work, ms, ...args);
  };
  globalThis.setTimeout = Object.assign(set, setReal) as unknown as typeof setTimeout;
  return pending;
}
