import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { cacheDir, reachable, root, run, say } from "./process.mjs";

const downloads = "https://get.pulumi.com/releases/plugins";

/**
 * Cloudflare's provider plugin in the version that @pulumi/cloudflare names: installed already, or downloaded.
 * Where its host is out of reach, the stand-in of tools/cloudflareStandIn takes its place on PATH.
 */
export async function prepareCloudflarePlugin(pulumi) {
  const manifest = path.join(root, "node_modules", "@pulumi", "cloudflare", "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")).pulumi;
  const userHome = process.env.PULUMI_HOME || path.join(homedir(), ".pulumi");
  const ownHome = path.join(cacheDir, "pulumi-home");
  const has = (home) => existsSync(path.join(home, "plugins", `resource-cloudflare-v${version}`));

  const home = [userHome, ownHome].find(has) ?? (await download(pulumi, version, ownHome));
  if (home && has(home)) return { kind: "real", path: [], plugins: path.join(home, "plugins") };
  return { kind: "stand-in", path: [path.join(root, "tools", "cloudflareStandIn", "bin")] };
}

async function download(pulumi, version, home) {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const archive = `${downloads}/pulumi-resource-cloudflare-v${version}-${platform}-${arch}.tar.gz`;
  if (!(await reachable(archive)).ok) return undefined;
  say(`downloading Pulumi's Cloudflare plugin ${version} …`);
  mkdirSync(home, { recursive: true });
  const result = run(pulumi.binary, ["plugin", "install", "resource", "cloudflare", version], {
    env: { ...process.env, PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeoutMs: 300_000,
  });
  if (!result.ok) say("that failed; a stand-in for it will do");
  return home;
}
