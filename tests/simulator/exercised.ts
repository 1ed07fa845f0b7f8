const ids = new Set<string>();

/** Records that a test has asserted these entries of simulator/seeds.json. */
export function exercised(...entries: string[]): void {
  for (const id of entries) ids.add(id);
}

/** What was recorded so far in this run. */
export const exercisedIds: ReadonlySet<string> = ids;
