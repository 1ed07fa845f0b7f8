/** DigiCert's rolling windows per key: 100 requests in 5 seconds and 1,000 in 3 minutes. */
const WINDOWS = [
  { milliseconds: 5_000, requests: 100 },
  { milliseconds: 180_000, requests: 1_000 },
];

export class RateLimit {
  private readonly calls = new Map<string, number[]>();

  /** Counts a call. Answers 0, or the seconds after which the key may call again. */
  count(key: string, now: number): number {
    const longest = WINDOWS.at(-1)!.milliseconds;
    const recent = (this.calls.get(key) ?? []).filter((at) => at > now - longest);
    this.calls.set(key, recent);
    for (const { milliseconds, requests } of WINDOWS) {
      const first = recent.at(-requests);
      if (first !== undefined && first > now - milliseconds) return Math.ceil((first + milliseconds - now) / 1000);
    }
    recent.push(now);
    return 0;
  }
}
