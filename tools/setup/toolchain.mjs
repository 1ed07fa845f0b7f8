import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { prepareCloudflarePlugin } from "./cloudflarePlugin.mjs";
import { isExecutable, root } from "./process.mjs";
import { preparePulumi } from "./pulumi.mjs";

/** Read by tools/toolchain.ts; gone with node_modules, and then found anew. */
const file = path.join(root, "node_modules", ".cache", "pulumi-bimi", "toolchain.json");

/** Finds or makes the Pulumi CLI and Cloudflare's plugin, and writes down where they are. */
export async function prepareToolchain() {
  if (stillThere()) return;
  const pulumi = await preparePulumi();
  const cloudflare = await prepareCloudflarePlugin(pulumi);
  const toolchain = {
    pulumi: pulumi.binary,
    version: pulumi.version,
    path: [...pulumi.path, ...cloudflare.path],
    cloudflarePlugin: cloudflare.kind,
    plugins: cloudflare.plugins,
  };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(toolchain, null, 2)}\n`);
}

function stillThere() {
  try {
    const { pulumi, path: entries, plugins } = JSON.parse(readFileSync(file, "utf8"));
    return isExecutable(pulumi) && entries.every((dir) => existsSync(dir)) && (!plugins || existsSync(plugins));
  } catch {
    return false;
  }
}
