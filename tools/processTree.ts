import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Kills a process and everything below it, as a lost machine would: nothing gets to finish or to clean up. The Pulumi
 * CLI gives its plugins process groups of their own, so a signal to its group would leave them running. Answers the
 * ids of what it killed.
 */
export function killTree(pid: number): number[] {
  // Stopped first, so that nobody starts another child meanwhile.
  const stopped = new Set<number>();
  let found = [pid];
  while (found.length > 0) {
    for (const process of found) {
      send(process, "SIGSTOP");
      stopped.add(process);
    }
    found = descendants(pid).filter((process) => !stopped.has(process));
  }
  for (const process of stopped) send(process, "SIGKILL");
  return [...stopped];
}

/** Whether a process runs still; one that has ended without anybody asking for its exit code does not. */
export function isRunning(pid: number): boolean {
  if (process.platform === "linux") return !["Z", "X", undefined].includes(stat(String(pid))?.state);
  return processes().some(([running]) => running === pid);
}

/** The ids of a process's children, their children, and so on. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const [child, parent] of processes()) children.set(parent, [...(children.get(parent) ?? []), child]);
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid);
}

/** Every process's id and its parent's. */
function processes(): [number, number][] {
  if (process.platform === "linux") {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const parent = stat(name)?.parent;
        return parent === undefined ? [] : [[Number(name), parent] as [number, number]];
      });
  }
  return execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}

function stat(pid: string): { state: string; parent: number } | undefined {
  try {
    // pid (name) state ppid …, where the name may hold spaces and brackets
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state = "", parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
