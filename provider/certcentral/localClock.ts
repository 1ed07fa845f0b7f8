import { hour, second } from "../time";

/** What is due, in doubt or expired is a matter of hours. */
const tolerance = 24 * hour;

/** By this header a simulator whose clock was moved says how far, in seconds. */
export const SIMULATED_AHEAD = "x-simulated-ahead";

/** This machine's clock is too far from DigiCert's for anything to be bought. */
export class ClockError extends Error {
  readonly code = "clock_off";

  constructor(action: string, deviation: number) {
    super(`Nothing was sent to ${action}: ${describeDeviation(deviation)}. ${CLOCK_REMEDY}`);
    this.name = "ClockError";
  }
}

export const CLOCK_REMEDY =
  "Set the clock (on Linux: `timedatectl set-ntp true`) and run this again: what is due, in doubt or expired depends on the time.";

/**
 * How far this machine's clocks are off by the headers of an answer, in milliseconds: positive when one is ahead. Undefined when the
 * answer does not tell the time. A clock may have been moved with a simulator's, or stayed.
 */
export function deviationBy(
  headers: Record<string, string>,
  clocks: readonly number[],
  isSimulator: boolean,
): number | undefined {
  const date = Date.parse(headers.date ?? "");
  if (Number.isNaN(date)) return undefined;
  const moved = (isSimulator && Number(headers[SIMULATED_AHEAD]) * second) || 0;
  const nearest = (now: number) => byDistance([now - date, now - (date - moved)])[0]!;
  return byDistance(clocks.map(nearest)).at(-1);
}

function byDistance(deviations: number[]): number[] {
  return deviations.sort((a, b) => Math.abs(a) - Math.abs(b));
}

export function isFarOff(deviation: number): boolean {
  return Math.abs(deviation) > tolerance;
}

/** `this machine's clock is 2 days ahead of DigiCert's` */
export function describeDeviation(deviation: number): string {
  const off = Math.abs(deviation);
  const hours = Math.round(off / hour);
  const amount =
    hours >= 48
      ? `${Math.round(hours / 24)} days`
      : hours >= 2
        ? `${hours} hours`
        : `${Math.round(off / second)} seconds`;
  return `this machine's clock is ${amount} ${deviation > 0 ? "ahead of" : "behind"} DigiCert's`;
}
