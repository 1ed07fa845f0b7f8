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

const REDACTED = "[redacted]";
const SECRET = /^(api_key|credit_card|cvv|password|authorization|x-dc-devkey)$/i;

/**
 * A copy without secrets, at any depth: each value of an API key or a credit card is replaced by `[redacted]`, and so is what other
 * texts repeat of what is `confidential`.
 */
export function redact(value: unknown, confidential: readonly RegExp[] = [], secret = false): unknown {
  if (secret && (typeof value !== "object" || value === null)) return REDACTED;
  if (typeof value === "string") return confidential.reduce((text, part) => text.replace(part, REDACTED), value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((inner) => redact(inner, confidential, secret));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, redact(inner, confidential, secret || SECRET.test(name))]),
  );
}

/** What a request holds that its journal entry must not repeat: the key, and number, CVV and holder of a card. */
export function confidentialIn(key: string | undefined, body: unknown): RegExp[] {
  const { credit_card: card } = (typeof body === "object" && body !== null ? body : {}) as { credit_card?: unknown };
  const { number, cvv, cardholder_name } = (typeof card === "object" && card !== null ? card : {}) as Record<
    string,
    unknown
  >;
  const digits = String(number ?? "").replace(/\D/g, "");
  return [
    ...[key, cardholder_name].map((part) => literally(String(part ?? ""))),
    [...digits].join("[^0-9A-Za-z]{0,3}"),
    cvv === undefined ? "" : `(?<![0-9A-Za-z])0*${literally(String(cvv))}(?![0-9A-Za-z])`,
  ].flatMap((pattern) => (pattern === "" ? [] : new RegExp(pattern, "g")));
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
