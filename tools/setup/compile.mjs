import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root, run, SetupError, say } from "./process.mjs";

const dist = path.join(root, "dist");
const sourceDirs = ["provider", "simulator", "tools", "tests"];
const buildInfo = path.join(dist, ".tsbuildinfo");
const stampFile = path.join(dist, ".compiled.json");

/** `tsc` into dist/, unless dist/ already holds these sources; what deleted sources left there goes. */
export function compile() {
  const sources = sourceDirs.flatMap((dir) => filesBelow(path.join(root, dir))).filter(isSource);
  const incomplete = sources.some((file) => !existsSync(compiled(file)));
  if (!incomplete && readStamp() === stamp(sources)) return removeOrphans();
  say("compiling TypeScript …");
  // tsc writes only what changed since its build info, so missing output has to be asked for.
  if (incomplete) rmSync(buildInfo, { force: true });
  removeOrphans();
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  const result = run(process.execPath, [tsc, "--project", root, "--pretty", "false"]);
  if (!result.ok) throw new SetupError(`tsc failed:\n${result.output}`);
  writeFileSync(stampFile, JSON.stringify(stamp(sources)));
}

/** Names the sources' content and the compiler run that read it. */
function stamp(sources) {
  const hash = createHash("sha256");
  for (const file of [...sources, path.join(root, "tsconfig.json"), path.join(root, "package-lock.json")]) {
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  // A tsc of one's own in between may have compiled something else.
  hash.update(existsSync(buildInfo) ? String(statSync(buildInfo).mtimeMs) : "");
  return hash.digest("hex");
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stampFile, "utf8"));
  } catch {
    return undefined;
  }
}

/** Mocha runs every spec it finds in dist/, and npm packs what is there. */
function removeOrphans() {
  for (const dir of sourceDirs) {
    for (const file of filesBelow(path.join(dist, dir))) {
      const source = path.join(root, path.relative(dist, file)).replace(/\.(d\.ts|js)(\.map)?$/, ".ts");
      if (!existsSync(source)) rmSync(file);
    }
  }
}

function isSource(file) {
  return file.endsWith(".ts") && !file.endsWith(".d.ts");
}

function compiled(source) {
  return path.join(dist, path.relative(root, source)).replace(/\.ts$/, ".js");
}

function filesBelow(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
