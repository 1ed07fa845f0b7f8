import { systemClock } from "../../provider/certcentral";
import { orphans } from "../../provider/cli/orphans";
import type { Props } from "../../provider/lifecycle";
import type { JournalEntry, Simulator } from "../../simulator";
import type { Resource } from "./lane";
import { type Counted, counted, type Write } from "./writes";

/** How often each kind of write was carried out. */
export type Counts = Partial<Record<Counted, number>>;

export const upFinds = "orphan, found by the next `up`";
export const orphansFind = "orphan, found by `bimi orphans`";

/** Where nothing is left. */
export function verdictOf(write: Write, { counts, twice }: { counts: Counts; twice: number }): string {
  if (twice > 0) return write.untraceable ? "two, as DigiCert shows nothing of the first" : "twice";
  return (counts[write.counts] ?? 0) > 0 ? "one" : "none";
}

/** How many writes of a cell were too many. */
export function twiceIn({ counts: kind, again }: Write, counts: Counts): number {
  const dear = new Set<Counted>([
    "order",
    "reissue",
    "organization",
    "submission",
    ...(again === "never" ? [kind] : []),
  ]);
  return [...dear].reduce((sum, name) => sum + Math.max(0, (counts[name] ?? 0) - 1), 0);
}

export const isOpen = (status: string) => ["needs_approval", "pending", "processing"].includes(status);
export const isLive = (status: string) => !["canceled", "rejected", "revoked", "expired"].includes(status);

/** Ids of what a state's outputs hold: orders, also those that are still to be canceled, or an organization. */
export function heldBy(outs: Props = {}): number[] {
  const {
    orderId,
    organizationId,
    __cancel = [],
  } = outs as {
    orderId?: number;
    organizationId?: number;
    __cancel?: number[];
  };
  return [orderId, organizationId, ...__cancel].filter((id) => id !== undefined);
}

export const pathOf = ({ path }: JournalEntry) => path.replace(/\?.*/, "");

/** What was carried out, whatever the caller learned of it. */
export function countsOf(journal: readonly JournalEntry[]): Counts {
  const counts: Counts = {};
  for (const entry of journal) {
    const status = entry.fault ? (entry.carriedOut ?? 0) : entry.status;
    const name = countedAs(entry);
    if (name && status >= 200 && status < 300) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

export function countedAs(entry: JournalEntry): Counted | undefined {
  return (Object.keys(counted) as Counted[]).find((name) => {
    const [method, path, body] = counted[name] as readonly [string, RegExp, RegExp?];
    return entry.method === method && path.test(pathOf(entry)) && (!body || body.test(JSON.stringify(entry.request)));
  });
}

/** Numbers of the orders that `bimi orphans` finds, told what the state holds. */
export async function orphansAt(
  { baseUrl }: Simulator,
  apiKey: string,
  state: readonly Pick<Resource, "type" | "urn" | "stored">[],
): Promise<number[]> {
  const resources = state.flatMap(({ type, urn, stored }) =>
    stored ? { ...stored, urn, type: `pulumi-nodejs:dynamic/bimi:${type}`, custom: true, outputs: stored.outs } : [],
  );
  return orphansIn({ version: 3, deployment: { resources } }, baseUrl, apiKey, { project: "acme" });
}

/** The same, of what `pulumi stack export` printed. */
export async function orphansIn(
  state: object,
  baseUrl: string,
  apiKey: string,
  { project }: { project: string },
): Promise<number[]> {
  let out = "";
  await orphans(["--state", "-", "--json", "--project", project, "--organization", "organization"], {
    env: { DIGICERT_API_KEY: apiKey, DIGICERT_BASE_URL: baseUrl },
    clock: systemClock,
    stdin: async () => JSON.stringify(state),
    out: (text) => {
      out += text;
    },
    err: () => {},
  });
  return JSON.parse(out).orphans.map(({ orderId }: { orderId: number }) => orderId);
}
