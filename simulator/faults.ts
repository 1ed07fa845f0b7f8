/**
 * A failure to play. Before the commit the call has no effect; after it, the call was carried out and only the answer
 * is lost or spoiled.
 */
export interface Fault {
  /** Which calls: HTTP method, and a regular expression on the path below `/services/v2` (with query). Default: all. */
  match?: { method?: string; path?: string };
  /**
   * - `status`: answers `status` (default 500) with `body`, else in DigiCert's error shape; before the commit unless `commit`
   * - `reset-before`: drops the connection before the commit
   * - `reset-after-commit`: carries the call out, then drops the connection
   * - `timeout`: never answers; before the commit unless `commit`
   * - `delay`: answers as usual after `milliseconds`
   * - `truncated`: carries the call out and sends the first half of the answer under its full length
   * - `not-json`: answers `status` (default 503) with an HTML page; before the commit unless `commit`
   * - `throttle`: 429 request_limit_exceeded, with Retry-After when `retryAfter` (seconds) is given
   * - `lookup-empty`: look-ups by alternative order id find nothing for `seconds` (virtual time)
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
    | "lookup-empty";
  /** How many calls it hits; default 1, 0 for every one until faults are cleared. Not for `lookup-empty`. */
  times?: number;
  commit?: boolean;
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
];

interface Planned {
  fault: Fault;
  path: RegExp;
  left: number;
  until: number;
}

/** The faults that are planned; each matching call takes the first one. */
export class Faults {
  private planned: Planned[] = [];

  /** @throws if the kind is unknown or the path is no regular expression */
  add(fault: Fault, now: number): void {
    if (!KINDS.includes(fault.kind)) throw new Error(`No fault ${fault.kind}: use ${KINDS.join(", ")}.`);
    const lookup = fault.kind === "lookup-empty";
    const path = new RegExp(fault.match?.path ?? (lookup ? "^/order/alternate/" : ""));
    const left = lookup || fault.times === 0 ? Infinity : (fault.times ?? 1);
    const until = lookup ? now + (fault.seconds ?? 60) * 1000 : Infinity;
    this.planned.push({ fault, path, left, until });
  }

  clear(): void {
    this.planned = [];
  }

  /** Takes the fault for a call, if there is one. */
  take(method: string, path: string, now: number): Fault | undefined {
    this.planned = this.planned.filter(({ left, until }) => left > 0 && now < until);
    const hit = this.planned.find(
      (entry) => (entry.fault.match?.method ?? method).toUpperCase() === method && entry.path.test(path),
    );
    if (!hit) return undefined;
    hit.left--;
    return hit.fault;
  }
}

/** Whether the call is carried out although the caller will not learn of it. */
export function commits(fault: Fault): boolean {
  if (fault.kind === "reset-after-commit" || fault.kind === "truncated" || fault.kind === "delay") return true;
  return (fault.kind === "status" || fault.kind === "timeout" || fault.kind === "not-json") && fault.commit === true;
}
