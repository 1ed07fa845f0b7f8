const second = 1000;
const hour = 60 * 60 * second;
const day = 24 * hour;
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
 * answer does not tell the time. A simulator's users may move their clocks with it, or not.
 */
export function deviationBy(
  headers: Record<string, string>,
  clocks: readonly number[],
  isSimulator: boolean,
): number | undefined {
  const date = Date.parse(headers.date ?? "");
  if (Number.isNaN(date)) return undefined;
  const moved = isSimulator ? Number(headers[SIMULATED_AHEAD] ?? 0) * second || 0 : 0;
  const [earliest, latest] = [Math.min(date, date - moved), Math.max(date, date - moved)];
  const deviations = clocks.map((now) => (now > latest ? now - latest : Math.min(now - earliest, 0)));
  return deviations.sort((a, b) => Math.abs(b) - Math.abs(a))[0];
}

export function isFarOff(deviation: number): boolean {
  return Math.abs(deviation) > tolerance;
}

/** `this machine's clock is 2 days ahead of DigiCert's` */
export function describeDeviation(deviation: number): string {
  const off = Math.abs(deviation);
  const [unit, size] = off >= 2 * day ? ["days", day] : off >= 2 * hour ? ["hours", hour] : ["seconds", second];
  const amount = Math.round(off / (size as number));
  return `this machine's clock is ${amount} ${unit} ${deviation > 0 ? "ahead of" : "behind"} DigiCert's`;
}
