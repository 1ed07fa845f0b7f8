import { readFileSync } from "node:fs";
import path from "node:path";

/** What tools/setup.mjs found or made. */
export interface Toolchain {
  /** The Pulumi CLI's executable. */
  pulumi: string;
  /** Its version, such as `3.255.0`. */
  version: string;
  /** Entries to put in front of `PATH`: the CLI, its language host, the dynamic provider's launcher, plugins. */
  path: string;
  /** Cloudflare's own plugin, or tools/cloudflareStandIn in its place. */
  cloudflarePlugin: "real" | "stand-in";
  /** Directory of downloaded plugins, for `PULUMI_HOME/plugins`; none with the stand-in. */
  plugins?: string;
  /** Environment of every run, but for what belongs to one project (backend, home, passphrase). */
  env: Record<string, string>;
}

/** The checkout. */
export const checkout = path.resolve(__dirname, "..", "..");

/** Throws when tools/setup.mjs has not run. */
export function toolchain(): Toolchain {
  const file = path.join(checkout, "node_modules", ".cache", "pulumi-bimi", "toolchain.json");
  let found: Omit<Toolchain, "path" | "env"> & { path: string[] };
  try {
    found = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Error("The Pulumi CLI has not been set up: run `npm run setup`.");
  }
  return {
    ...found,
    path: found.path.join(path.delimiter),
    env: {
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}
