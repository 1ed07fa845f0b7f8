/** One call that reached the simulator, secrets redacted. */
export interface JournalEntry {
  /** Virtual time, ISO 8601. */
  at: string;
  service: "certcentral" | "cloudflare" | "dns";
  method: string;
  /** Path with query. */
  path: string;
  /** HTTP status that was sent; 0 if no answer was sent. */
  status: number;
  /** Whether the call asked for a change (false for reads and for the key-less logo validators). */
  write: boolean;
  request?: unknown;
  response?: unknown;
  /** The fault that was played, if any. */
  fault?: string;
  /** With a fault: the HTTP status that the call was carried out with, if it was. */
  carriedOut?: number;
  /** Which key was used (its id, never its value). */
  keyId?: string;
  /** Which program called, as it names itself. */
  userAgent?: string;
}

const SECRET = /^(api_key|credit_card|cvv|password|authorization|x-dc-devkey)$/i;

/** A copy without secrets: each value of an API key or a credit card is replaced by `[redacted]`, at any depth. */
export function redact(value: unknown, secret = false): unknown {
  if (Array.isArray(value)) return value.map((inner) => redact(inner, secret));
  if (value === null || typeof value !== "object") return secret ? "[redacted]" : value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redact(inner, secret || SECRET.test(name))]),
  );
}
