import type { Fault as Play, Switches } from "../../simulator";
import type { Write } from "./writes";

/** One way in which a write can go wrong. */
export interface Fault {
  id: string;
  title: string;
  /** What becomes of the write's request; without it, it is answered as ever. */
  request?: Omit<Play, "match">;
  /** What becomes of reads from the write on, as long as the operation runs. */
  reads?: Omit<Play, "match">;
  /** Seconds for which reads show what there was before the operation. */
  lag?: number;
  /** Seconds for which look-ups by alternative order id show nothing. */
  blind?: number;
  /** Where the process is killed: before the write is carried out, before its answer, or before anything else is called. */
  kill?: "before" | "between" | "after";
  /** Pulumi with all that it started. Default: the provider's process. */
  killed?: "engine";
  /** The connection is refused from the write's on, as long as the operation runs. */
  refused?: boolean;
  /** Days by which the machine's clock is wrong during the operation. */
  clockOff?: number;
  /** There are two orders under the id that the write would have. */
  twins?: boolean;
  switches?: Partial<Switches>;
  /** Default: every write. */
  of?(write: Write): boolean;
}

const orders = ({ counts }: Write) => counts === "order";
const first = ({ id }: Write) => id === "order";
/** Writes that buy, or make DigiCert's people act, and that DigiCert would do twice. */
const never = ({ again, counts }: Write) => again === "never" && counts !== "token" && counts !== "mailing";
/** Where a second one waits until the doubt about the first is over. */
const doubted = ({ counts }: Write) => ["order", "reissue", "organization"].includes(counts);

const lost = { kind: "reset-after-commit" } as const;
const status = (code: number, commit?: boolean): Fault => ({
  id: `${code}-${commit ? "after" : "before"}`,
  title: `${code}, ${commit ? "after" : "before"} the commit`,
  request: { kind: "status", status: code, ...(commit ? { commit } : {}) },
  of: code === 500 ? never : first,
});

const single: readonly Fault[] = [
  { id: "refused", title: "connection refused", refused: true, of: never },
  { id: "reset-before", title: "connection reset before the request", request: { kind: "reset-before" } },
  { id: "reset-after", title: "connection reset after the commit", request: lost },
  { id: "timeout-before", title: "no answer, not carried out", request: { kind: "timeout" }, of: never },
  { id: "timeout-after", title: "no answer, but carried out", request: { kind: "timeout", commit: true }, of: never },
  {
    id: "late",
    title: "carried out 90 s after the client gave up",
    request: { kind: "timeout", commitAfter: 60 + 90 },
    of: never,
  },
  status(500),
  status(500, true),
  status(502),
  status(502, true),
  status(503),
  status(503, true),
  { id: "429", title: "429", request: { kind: "throttle" } },
  { id: "429-retry-after", title: "429 with Retry-After", request: { kind: "throttle", retryAfter: 30 }, of: never },
  { id: "truncated", title: "answer cut off", request: { kind: "truncated" }, of: never },
  {
    id: "not-json-before",
    title: "a page in place of an answer, before the commit",
    request: { kind: "not-json" },
    of: never,
  },
  {
    id: "not-json-after",
    title: "a page in place of an answer, after the commit",
    request: { kind: "not-json", commit: true },
    of: never,
  },
  {
    id: "not-json-200",
    title: "a page with status 200, after the commit",
    request: { kind: "not-json", status: 200, commit: true },
    of: orders,
  },
];

/** After these nothing is read when the answer is lost: the next run reads. */
const unread = ["validation", "revalidation", "approve", "logo", "token", "emails", "custom-field", "deactivate"];

const lookups: readonly Fault[] = [
  {
    id: "lost-reads-503",
    title: "answer lost, and every read answers 503",
    request: lost,
    reads: { kind: "status", status: 503, times: 0 },
    of: ({ id }) => !unread.includes(id),
  },
  {
    id: "lost-lag",
    title: "answer lost, and reads lag 60 s behind",
    request: lost,
    lag: 60,
    of: ({ id }) => id !== "cancel-predecessor",
  },
  {
    id: "reset-before-lag",
    title: "reset before the request, and reads lag 60 s behind",
    request: { kind: "reset-before" },
    lag: 60,
    of: doubted,
  },
  ...(["404", "emptyObject", "emptyList"] as const).map(
    (alternateNotFound): Fault => ({
      id: `lost-blind-${alternateNotFound}`,
      title: `answer lost, and look-ups are blind for 60 s (${{ "404": "404", emptyObject: "`{}`", emptyList: "`[]`" }[alternateNotFound]})`,
      request: lost,
      blind: 60,
      switches: { alternateNotFound },
      of: orders,
    }),
  ),
  {
    id: "lost-blind-long",
    title: "answer lost, and look-ups are blind for 10 min",
    request: lost,
    blind: 600,
    of: orders,
  },
  { id: "twins", title: "two orders under its id", twins: true, of: orders },
];

const kills: readonly Fault[] = [
  { id: "kill-before", title: "SIGKILL before the call", kill: "before", of: never },
  { id: "kill-between", title: "SIGKILL between call and answer", kill: "between" },
  { id: "kill-after", title: "SIGKILL between answer and state write", kill: "after", of: never },
];

const clocks: readonly Fault[] = [2, -2].flatMap((clockOff) => {
  const id = `clock${clockOff > 0 ? "+" : ""}${clockOff}d`;
  const title = `clock ${Math.abs(clockOff)} days ${clockOff > 0 ? "fast" : "slow"}`;
  return [
    { id, title, clockOff, of: never },
    {
      id: `${id}-reset`,
      title: `${title}, and the connection is reset before the request`,
      clockOff,
      request: { kind: "reset-before" as const },
      of: doubted,
    },
  ];
});

/** The same where the account requires unique alternative order ids. */
const unique: readonly Fault[] = [...single, ...lookups, ...kills]
  .filter(({ id }) =>
    /^(reset-(before|after)$|timeout-after|late|500-after|429$|lost-reads|lost-blind-(404|long)|kill-between)/.test(id),
  )
  .map((fault) => ({
    ...fault,
    id: `unique-${fault.id}`,
    title: `unique ids required: ${fault.title}`,
    switches: { ...fault.switches, uniqueAlternativeIds: true },
    of: first,
  }));

export const faults: readonly Fault[] = [...single, ...lookups, ...kills, ...clocks, ...unique];

/** On Pulumi's engine: the provider's process, or Pulumi with all that it started. */
export const engineKills: readonly Fault[] = [undefined, "engine" as const].flatMap((killed) =>
  kills.map(({ id, title, kill }) => ({
    id: `${killed ? `${killed}-` : ""}${id}`,
    title: `${title.replace("SIGKILL", killed ? "SIGKILL of Pulumi and all that it started" : "SIGKILL of the provider's process")}`,
    ...(kill ? { kill } : {}),
    ...(killed ? { killed } : {}),
  })),
);
