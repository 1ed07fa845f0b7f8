import { type BigIntStats, statSync } from "node:fs";

/** What is at a path, links followed; `undefined` if nothing can be found there, for whatever reason. */
export function statsOf(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true });
  } catch {
    return undefined;
  }
}
