import { createHash } from "node:crypto";

/** Time as the client sees it; tests inject their own. */
export interface Clock {
  /** Milliseconds since 1970, never running backwards. */
  now(): number;
  /** What the machine's clock shows, which may be set at any moment. Default `now()`. */
  wall?(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Real time. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  wall: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", abort, { once: true });
    }),
};

/**
 * DigiCert counts requests by key in rolling windows: 100 in 5 seconds and 1,000 in 3 minutes. The margins leave room for requests
 * that arrive closer together than they were sent, and for other clients of the key.
 * Source: https://dev.digicert.com/en/certcentral-apis/services-api/rate-limits.html
 */
const WINDOWS = [
  { limit: 90, ms: 5_500 },
  { limit: 950, ms: 182_000 },
];
const LONGEST_WINDOW_MS = Math.max(...WINDOWS.map((window) => window.ms));
const FIRST_PAUSE_MS = 5_000;
/** After the longest window without a request, DigiCert's counters are empty: no pause needs to be longer. */
const LONGEST_PAUSE_MS = LONGEST_WINDOW_MS;
/** Time enough for other programs to use up the longest window once more. After that the limit is not just busy. */
export const THROTTLE_PATIENCE_MS = 6 * 60_000;
/** A wait that users should know of. */
const LONG_WAIT_MS = 15_000;
const SMALLEST_SHARE = 1 / 16;

/**
 * Holds requests of one key back until DigiCert's limits allow them. Other programs may use the key too: after a 429 this
 * one takes half of what it took, then more and more again.
 */
export class Pacer {
  /** When the requests of the longest window were let through, oldest first. */
  private sent: number[] = [];
  private pausedUntil = 0;
  private pauseMs = FIRST_PAUSE_MS;
  /** The part of DigiCert's limits that this process takes, as of the last 429. */
  private share = 1;
  private sharedAt = 0;
  private announcedUntil = 0;

  /** @param random from 0 to 1: programs that were refused together do not return together */
  constructor(
    private readonly clock: Clock,
    private readonly random: () => number = Math.random,
  ) {}

  /**
   * Resolves when the next request may be sent, and counts it.
   * @param announce is told a long wait, once for all who wait
   */
  async admit(signal?: AbortSignal, announce?: (ms: number) => void): Promise<void> {
    signal?.throwIfAborted();
    for (let wait = this.delay(); wait > 0; wait = this.delay()) {
      const now = this.clock.now();
      if (wait >= LONG_WAIT_MS && now >= this.announcedUntil) {
        this.announcedUntil = now + wait;
        announce?.(wait);
      }
      await this.clock.sleep(wait, signal);
    }
    this.sent.push(this.clock.now());
  }

  /** Milliseconds until one more request fits into every window and no pause is on. */
  private delay(): number {
    const now = this.clock.now();
    const expired = this.sent.findIndex((time) => time > now - LONGEST_WINDOW_MS);
    this.sent.splice(0, expired === -1 ? this.sent.length : expired);
    const share = this.shareAt(now);
    const waits = WINDOWS.map(({ limit, ms }) => {
      const oldest = this.sent[this.sent.length - Math.floor(limit * share)];
      return oldest === undefined ? 0 : oldest + ms - now;
    });
    return Math.max(this.pausedUntil - now, ...waits);
  }

  /** It grows back by a half in the longest window. */
  private shareAt(now: number): number {
    return Math.min(1, this.share + (now - this.sharedAt) / (2 * LONGEST_WINDOW_MS));
  }

  /** After a 429: holds every request back, for as long as DigiCert asks, else longer each time. */
  pause(retryAfterMs?: number): void {
    const now = this.clock.now();
    // Requests that were under way together are refused together: that counts once.
    const isPaused = now < this.pausedUntil;
    if (isPaused && retryAfterMs === undefined) return;
    const ms = Math.min(Math.max(retryAfterMs ?? this.pauseMs, 0), LONGEST_PAUSE_MS);
    this.pausedUntil = Math.max(this.pausedUntil, now + ms * (1 + this.random() / 4));
    if (isPaused) return;
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    this.share = Math.max(this.shareAt(now) / 2, SMALLEST_SHARE);
    this.sharedAt = this.pausedUntil;
  }

  /** After any other answer: the next pause starts short again. */
  resume(): void {
    if (this.clock.now() >= this.pausedUntil) this.pauseMs = FIRST_PAUSE_MS;
  }
}

const pacers = new WeakMap<Clock, Map<string, Pacer>>();

/** The pacer that all clients of this process share for one server and key. */
export function sharedPacer(clock: Clock, origin: string, apiKey: string): Pacer {
  const ofClock = pacers.get(clock) ?? new Map<string, Pacer>();
  pacers.set(clock, ofClock);
  const name = `${origin} ${createHash("sha256").update(apiKey).digest("hex")}`;
  const pacer = ofClock.get(name) ?? new Pacer(clock);
  ofClock.set(name, pacer);
  return pacer;
}

/** Milliseconds that a `Retry-After` header asks for: seconds, or a date counted from `now`. Undefined when there is none. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const value = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return /[a-z]/i.test(value) && !Number.isNaN(date) ? Math.max(date - now, 0) : undefined;
}

/**
 * Milliseconds before try number `attempt + 1` of a request that may be repeated: 1, 2, 4, 8 … seconds at most 30, of which a random
 * half, so that programs that failed together do not return together.
 * @param random from 0 to 1
 */
export function backoffMs(attempt: number, random: number): number {
  return Math.min(1000 * 2 ** (attempt - 1), 30_000) * (0.5 + random / 2);
}
