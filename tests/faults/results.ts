import type { Result } from "./cell";
import type { Killed } from "./randomKill";

type Kept<T> = Omit<T, "journal" | "said">;

/** What this run of the tests found, by cell. */
export const results = new Map<string, Kept<Result>>();

/** The same, by seed. */
export const randomKills = new Map<number, Kept<Killed>>();

/** Without what would fill the memory. */
export function kept<T extends { journal: unknown; said?: unknown }>({ journal: _, said: __, ...rest }: T): Kept<T> {
  return rest;
}
