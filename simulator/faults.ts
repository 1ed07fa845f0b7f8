import type { State } from "./certcentral/state";

/**
 * A failure to play. Before the commit the call has no effect; after it, the call was carried out and only the answer
 * is lost or spoiled.
 */
export interface Fault {
  /**
   * Which calls: HTTP method, and regular expressions on the path below `/services/v2` (with query) and on the body.
   * Default: all.
   */
  match?: { method?: string; path?: string; body?: string };
  /**
   * - `status`: answers `status` (default 500) with `body`, else in DigiCert's error shape; before the commit unless `commit`
   * - `reset-before`: drops the connection before the commit
   * - `reset-after-commit`: carries the call out, then drops the connection
   * - `timeout`: never answers; before the commit unless `commit`, or carries the call out after `commitAfter` seconds
   *   (virtual time)
   * - `delay`: answers as usual after `milliseconds`
   * - `truncated`: carries the call out and sends the first half of the answer under its full length
   * - `not-json`: answers `status` (default 503) with an HTML page; before the commit unless `commit`
   * - `throttle`: 429 request_limit_exceeded, with Retry-After when `retryAfter` (seconds) is given
   * - `lookup-empty`: look-ups by alternative order id find nothing for `seconds` (virtual time)
   * - `stale`: for `seconds` (virtual time), reads show what there was when the fault was planned
   */
  kind:
    | "status"
    | "reset-before"
    | "reset-after-commit"
    | "timeout"
    | "delay"
    | "truncated"
    | "not-json"
    | "throttle"
    | "lookup-empty"
    | "stale";
  /** How many calls it hits; default 1, 0 for every one until faults are cleared. Not for `lookup-empty` and `stale`. */
  times?: number;
  commit?: boolean;
  commitAfter?: number;
  status?: number;
  code?: string;
  body?: string;
  milliseconds?: number;
  retryAfter?: number;
  seconds?: number;
}

const KINDS: readonly string[] = [
  "status",
  "reset-before",
  "reset-after-commit",
  "timeout",
  "delay",
  "truncated",
  "not-json",
  "throttle",
  "lookup-empty",
  "stale",
];

/** A fault that hits a call. */
export interface Hit extends Fault {
  /** Of `stale`: what reads show. */
  past?: State;
}

interface Planned {
  fault: Hit;
  path: RegExp;
  body: RegExp;
  left: number;
  until: number;
}

/** The faults that are planned; each matching call takes the first one. */
export class Faults {
  private planned: Planned[] = [];

  /** @throws if the kind is unknown or the path is no regular expression */
  add(fault: Hit, now: number): void {
    if (!KINDS.includes(fault.kind)) throw new Error(`No fault ${fault.kind}: use ${KINDS.join(", ")}.`);
    const lookup = fault.kind === "lookup-empty";
    const lasting = lookup || fault.kind === "stale";
    const path = new RegExp(fault.match?.path ?? (lookup ? "^/order/alternate/" : ""));
    const body = new RegExp(fault.match?.body ?? "");
    const left = lasting || fault.times === 0 ? Infinity : (fault.times ?? 1);
    const until = lasting ? now + (fault.seconds ?? 60) * 1000 : Infinity;
    this.planned.push({ fault, path, body, left, until });
  }

  clear(): void {
    this.planned = [];
  }

  /** Takes the fault for a call, if there is one. */
  take(method: string, path: string, now: number, body = ""): Hit | undefined {
    this.planned = this.planned.filter(({ left, until }) => left > 0 && now < until);
    const hit = this.planned.find(
      (entry) =>
        (entry.fault.match?.method ?? method).toUpperCase() === method &&
        (entry.fault.kind !== "stale" || method === "GET") &&
        entry.path.test(path) &&
        entry.body.test(body),
    );
    if (!hit) return undefined;
    hit.left--;
    return hit.fault;
  }
}

/** Whether the call is carried out although the caller will not learn of it. */
export function commits(fault: Fault): boolean {
  if (["reset-after-commit", "truncated", "delay", "lookup-empty", "stale"].includes(fault.kind)) return true;
  return (fault.kind === "status" || fault.kind === "timeout" || fault.kind === "not-json") && fault.commit === true;
}
