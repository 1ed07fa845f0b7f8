import { readable } from "../readable";

/** What `bimi doctor` found out about one thing. */
export interface Check {
  name: string;
  /** `unknown`: nobody can ask. */
  status: "ok" | "warning" | "problem" | "unknown";
  what: string;
  /** What to do. */
  remedy?: string;
}

const check =
  (status: Check["status"]) =>
  (name: string, what: string, remedy?: string): Check => ({
    name: readable(name, 100),
    status,
    what: readable(what),
    ...(remedy ? { remedy: readable(remedy) } : {}),
  });

export const ok = check("ok");
export const warning = check("warning");
export const problem = check("problem");
export const unknown = check("unknown");

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
