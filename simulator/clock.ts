/**
 * The simulator's clock: runs with real time, from a chosen start, and can be moved forward. Tokens, polling, validity, rate
 * limits and the `Date` header of every answer follow it. `X-Simulated-Ahead`, which DigiCert does not have, tells how far it is from
 * real time, in seconds: a client can then tell a clock that was moved here from one that is wrong there.
 */
export class VirtualClock {
  /** Virtual minus real time, in milliseconds. */
  private offsetMilliseconds: number;

  constructor(startAt?: Date) {
    this.offsetMilliseconds = startAt ? startAt.getTime() - Date.now() : 0;
  }

  get offset(): number {
    return this.offsetMilliseconds;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.offsetMilliseconds;
  }

  date(): Date {
    return new Date(this.now());
  }

  /** Moves the clock forward. It never goes back: DigiCert's does not either. */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError("The simulator's clock only moves forward.");
    this.offsetMilliseconds += milliseconds;
  }
}

/** `2018-10-16T20:05:28+00:00`, the form of DigiCert's timestamps. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}+00:00`;
}

/** `2018-10-16`, the form of DigiCert's certificate dates. */
export function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
