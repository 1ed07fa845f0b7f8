import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { State } from "./certcentral/state";
import type { CloudflareRecord } from "./cloudflare";

/** All that a simulator keeps, so that a later one goes on from there. */
export interface SavedState {
  certcentral: State;
  cloudflare: Record<string, CloudflareRecord[]>;
  /** Files that http-token checks find, by host name. */
  files: Record<string, string>;
  /** Virtual minus real time, in milliseconds. */
  clockOffset: number;
}

/** Undefined when there is no file yet. @throws if the file is not a simulator's state */
export function loadState(path: string): SavedState | undefined {
  if (!existsSync(path)) return undefined;
  const saved = JSON.parse(readFileSync(path, "utf8")) as Partial<SavedState>;
  if (saved.certcentral?.version !== 1) throw new Error(`${path} is not a simulator's state: move it away.`);
  return saved as SavedState;
}

/** Replaces the file in one step. It holds the simulator's own API keys, so only its owner may read it. */
export function saveState(path: string, state: SavedState): void {
  const next = `${path}.${process.pid}`;
  writeFileSync(next, JSON.stringify(state), { mode: 0o600 });
  renameSync(next, path);
}
