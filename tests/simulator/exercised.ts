import path from "node:path";

const specs = new Map<string, Set<string>>();

/** Records that a test has asserted these entries of simulator/seeds.json. */
export function exercised(...entries: string[]): void {
  const file = /\(?([^( ]+\.spec)\.js:/.exec(new Error().stack ?? "")?.[1];
  const spec = file ? path.relative(path.join(__dirname, ".."), file) : "";
  for (const id of entries) specs.set(id, (specs.get(id) ?? new Set()).add(spec));
}

/** The specs that asserted each entry so far in this run, as `simulator/orders.spec`. */
export const exercisedBy: ReadonlyMap<string, ReadonlySet<string>> = specs;
