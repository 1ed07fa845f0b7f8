import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type ProjectOptions, PulumiProject, temporaryDirectory } from "../../tools/pulumiProject";
import { checkout } from "../../tools/toolchain";

export { type CommandResult, type PreviewStep, type PulumiProject, succeeded } from "../../tools/pulumiProject";

let installation: Promise<string> | undefined;

/** Pulumi projects whose node_modules a user would have: this package as `npm pack` makes it, next to Pulumi's SDKs. */
export class Harness {
  private readonly projects: PulumiProject[] = [];

  private constructor(
    /** The node_modules directory that every project's is a link to. */
    readonly nodeModules: string,
  ) {}

  /** Installs on the first call of a mocha run, which takes some seconds. */
  static async create(): Promise<Harness> {
    installation ??= install();
    return new Harness(await installation);
  }

  /** A project with a stack of its own, ready for its first `preview`. */
  async project(options: Omit<ProjectOptions, "nodeModules"> = {}): Promise<PulumiProject> {
    const project = await PulumiProject.create({ nodeModules: this.nodeModules, ...options });
    this.projects.push(project);
    return project;
  }

  /** Ends and removes this harness's projects. */
  dispose(): void {
    for (const project of this.projects.splice(0)) project.dispose();
  }
}

async function install(): Promise<string> {
  const { dir } = temporaryDirectory("pulumi-bimi-install-");
  npm(checkout, "pack", "--ignore-scripts", "--pack-destination", dir);
  const tarball = readdirSync(dir).find((name) => name.endsWith(".tgz"));
  writeFileSync(path.join(dir, "package.json"), JSON.stringify({ name: "installation", private: true }));
  const sdks = ["@pulumi/pulumi", "@pulumi/cloudflare", "typescript"].map((name) => `${name}@${lockedVersion(name)}`);
  npm(dir, "install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`, ...sdks);
  const nodeModules = path.join(dir, "node_modules");
  removeSourceMaps(path.join(nodeModules, "@pulumi"));
  return nodeModules;
}

/**
 * They name sources directly below `node_modules/@pulumi/`, and such a line in a stack trace makes `util.inspect` with
 * colors, by which the SDK reports a program's exception, spin for half a minute on Node 20.
 */
function removeSourceMaps(scope: string): void {
  for (const sdk of readdirSync(scope)) {
    for (const file of readdirSync(path.join(scope, sdk))) {
      if (file.endsWith(".js.map")) rmSync(path.join(scope, sdk, file));
    }
  }
}

function lockedVersion(name: string): string {
  const { packages } = JSON.parse(readFileSync(path.join(checkout, "package-lock.json"), "utf8"));
  return packages[`node_modules/${name}`].version;
}

function npm(cwd: string, ...args: string[]): string {
  // What `npm test` tells its scripts about this package would mislead an npm that works on another.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
  );
  return execFileSync("npm", [...args, "--loglevel=error"], { cwd, env, encoding: "utf8" });
}
