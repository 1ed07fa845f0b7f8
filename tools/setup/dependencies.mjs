import { readFileSync } from "node:fs";
import path from "node:path";
import { root, run, SetupError, say } from "./process.mjs";

/** `npm ci`, unless node_modules is what package-lock.json asks for. */
export function installDependencies() {
  if (installedAsLocked()) return;
  say("installing the npm packages of package-lock.json …");
  // Under `npm run`, the same npm; npm is a script there, so node runs it.
  const npm = process.env.npm_execpath?.endsWith(".js") ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const [command, ...first] = npm;
  const result = run(command, [...first, "ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (!result.ok) throw new SetupError(`npm ci failed:\n${result.output}`);
}

/** Compares with the lock file that npm leaves inside node_modules as the last act of an installation. */
function installedAsLocked() {
  const locked = packagesOf("package-lock.json");
  const installed = packagesOf(path.join("node_modules", ".package-lock.json"));
  if (!installed) return false;
  delete locked[""];
  const wanted = Object.entries(locked).every(([name, { version, optional }]) =>
    // Optional packages of other platforms stay away.
    installed[name] ? installed[name].version === version : optional,
  );
  return wanted && Object.keys(installed).every((name) => locked[name]);
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(path.join(root, file), "utf8")).packages;
  } catch {
    return undefined;
  }
}
