import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { cacheDir, findOnPath, isExecutable, reachable, root, run, SetupError, say } from "./process.mjs";

const version = "3.255.0";
const oldestUsable = [3, 216];
const downloadHost = "https://get.pulumi.com/install.sh";

const downloadDir = path.join(process.env.PULUMI_HOME || path.join(homedir(), ".pulumi"), "versions", version, "bin");
const buildDir = path.join(cacheDir, `pulumi-v${version}`);

/**
 * A `pulumi` with its language host for Node: the one at hand, else Pulumi's download, else a build from source.
 * Answers the binary, its version, and the directories that PATH needs for it.
 */
export async function preparePulumi() {
  const problems = [];
  const found =
    usable(findOnPath("pulumi"), problems) ??
    usable(path.join(downloadDir, "pulumi")) ??
    usable(path.join(buildDir, "pulumi")) ??
    (await download(problems)) ??
    build(problems);
  // Pulumi's distribution brings the launcher of dynamic providers; a build of ours takes the npm package's.
  const launcher = beside(found.binary, "pulumi-resource-pulumi-nodejs");
  const launcherDir = launcher ? path.dirname(launcher) : path.join(root, "node_modules", "@pulumi", "pulumi");
  return { ...found, path: [...new Set([...found.path, launcherDir])] };
}

/** Answers the binary when it is recent enough and comes with the language host; else says why not. */
function usable(binary, problems = []) {
  if (!binary || !isExecutable(binary)) return undefined;
  const found = run(binary, ["version"], {
    timeoutMs: 30_000,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  const match = /^v?(\d+)\.(\d+)\.\d+/.exec(found.stdout);
  const [major, minor] = match ? [Number(match[1]), Number(match[2])] : [0, 0];
  if (!found.ok || major !== oldestUsable[0] || minor < oldestUsable[1]) {
    problems.push(`${binary} is not a Pulumi CLI from ${oldestUsable.join(".")} on (it says "${found.output}")`);
    return undefined;
  }
  const host = beside(binary, "pulumi-language-nodejs");
  if (!host) {
    problems.push(`${binary} comes without pulumi-language-nodejs`);
    return undefined;
  }
  return { binary, version: match[0].replace(/^v/, ""), path: [path.dirname(binary), path.dirname(host)] };
}

/** Pulumi's own downloader, the npm package `pulumi`. */
async function download(problems) {
  const host = await reachable(downloadHost);
  if (!host.ok) {
    problems.push(`${new URL(downloadHost).host} is out of reach (${host.reason})`);
    return undefined;
  }
  say(`downloading Pulumi ${version} …`);
  const env = { ...process.env, PULUMI_VERSION: version, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const result = run("npx", ["--yes", `pulumi@${version}`, "version"], { timeoutMs: 300_000, env });
  if (!result.ok) problems.push(`npx pulumi@${version} failed: ${lastLines(result.output)}`);
  return usable(path.join(downloadDir, "pulumi"), problems);
}

/** Builds the pinned modules of tools/pulumi from the Go module proxy, into the cache. */
function build(problems) {
  const reasons = problems.map((problem) => `  - ${problem}`).join("\n");
  if (!findOnPath("go")) {
    throw new SetupError(
      `No Pulumi CLI to run:\n${reasons}\n  - Go, which could build one, is not on PATH\n` +
        "Install Pulumi (https://www.pulumi.com/docs/install/) or Go 1.21 or newer (https://go.dev/dl/), then run this again.",
    );
  }
  say(`building Pulumi ${version} with Go, once, into ${buildDir} (about 5 minutes) …`);
  mkdirSync(cacheDir, { recursive: true });
  const work = mkdtempSync(path.join(cacheDir, "build-"));
  try {
    const versionFlag = `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${version}`;
    goBuild("cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", path.join(work, "pulumi"), versionFlag);
    goBuild(
      "language-nodejs",
      "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
      path.join(work, "pulumi-language-nodejs"),
    );
    // Only a complete build takes the name; what a broken one left there makes way.
    if (existsSync(buildDir) && !usable(path.join(buildDir, "pulumi"))) rmSync(buildDir, { recursive: true });
    if (!existsSync(buildDir)) renameSync(work, buildDir);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const built = usable(path.join(buildDir, "pulumi"), problems);
  if (!built) throw new SetupError(`The Pulumi CLI built in ${buildDir} does not run: ${problems.at(-1)}`);
  return built;
}

function goBuild(module, pkg, output, versionFlag = "") {
  const args = ["build", "-trimpath", "-ldflags", `-s -w ${versionFlag}`.trim(), "-o", output, pkg];
  const result = run("go", args, {
    cwd: path.join(root, "tools", "pulumi", module),
    // No C compiler is needed, and no workspace file above the checkout takes part.
    env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
  });
  if (result.ok) return;
  throw new SetupError(
    `go build ${pkg} failed:\n${lastLines(result.output)}\n` +
      "It needs Go 1.21 or newer and a Go module proxy in reach (go env GOPROXY); or install Pulumi: https://www.pulumi.com/docs/install/",
  );
}

/** A program that comes in the binary's directory, or is on PATH. */
function beside(binary, name) {
  const sibling = path.join(path.dirname(binary), name);
  return isExecutable(sibling) ? sibling : findOnPath(name);
}

function lastLines(text, count = 15) {
  return text.split("\n").slice(-count).join("\n");
}
