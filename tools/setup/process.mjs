import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What outlives a checkout: the Pulumi builds and the Cloudflare plugin. */
export const cacheDir = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "pulumi-bimi");

/** A set-up step that failed for a reason the reader can do something about. */
export class SetupError extends Error {}

/** Runs the steps of a script; what the reader can do something about is shown without a stack trace. */
export async function main(steps) {
  try {
    await steps();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}

/** One line per step that does work; not on the standard output, which a command's own result may need. */
export function say(line) {
  console.error(`setup: ${line}`);
}

/**
 * Runs a command to its end and answers what it printed; a command that cannot be started, or outlives `timeoutMs`,
 * counts as failed.
 */
export function run(command, args, { cwd = root, env = process.env, timeoutMs } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    env,
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = [result.stdout, result.stderr].filter(Boolean).join("\n").trim();
  if (result.error) return { ok: false, stdout: "", output: output || result.error.message };
  return { ok: result.status === 0, stdout: result.stdout.trim(), output };
}

/** The file called `name` that `PATH` finds, if any. */
export function findOnPath(name, searchPath = process.env.PATH ?? "") {
  return searchPath
    .split(path.delimiter)
    .filter(Boolean)
    .map((dir) => path.join(dir, name))
    .find(isExecutable);
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether a host answers within seconds; downloaders keep trying one that does not for minutes. */
export async function reachable(url) {
  try {
    const answer = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(5_000) });
    return answer.ok ? { ok: true } : { ok: false, reason: `HTTP ${answer.status}` };
  } catch (error) {
    return { ok: false, reason: error.cause?.code ?? error.message };
  }
}
