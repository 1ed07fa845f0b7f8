import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, killTree } from "./processTree";
import { checkout, toolchain } from "./toolchain";

/** Where a project finds DigiCert and Cloudflare; what `startSimulator()` answers has these. */
export interface Services {
  /** DigiCert's base URL, such as `http://127.0.0.1:8080/services/v2`. */
  baseUrl: string;
  apiKey: string;
  /** Cloudflare's base URL, such as `http://127.0.0.1:8081/client/v4`. */
  cloudflareUrl: string;
  /** 40 characters. */
  cloudflareToken: string;
}

export interface ProjectOptions {
  /** The node_modules directory that the program sees. */
  nodeModules: string;
  /** Project name, when Pulumi.yaml is not among the files. Default `bimi`. */
  name?: string;
  /** Default `dev`. */
  stack?: string;
  /** A directory to copy the project from, relative to the checkout, such as `examples/vmc-cloudflare`. */
  from?: string;
  /** File contents by path; over those of `from`. Pulumi.yaml and package.json are made when missing. */
  files?: Record<string, string>;
  /** Stack configuration, such as `{ "bimi:resolver": "127.0.0.1:5353" }`. */
  config?: Record<string, string>;
  /** Stack configuration that is encrypted. */
  secrets?: Record<string, string>;
  services?: Services;
  /** Environment on top of it all; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
}

export interface CommandResult {
  /** Exit code; 128 and the signal's number after a signal. */
  code: number;
  stdout: string;
  stderr: string;
  /** Wall time in milliseconds. */
  ms: number;
}

export interface PreviewStep {
  op:
    | "same"
    | "create"
    | "update"
    | "delete"
    | "replace"
    | "create-replacement"
    | "delete-replaced"
    | "refresh"
    | "read";
  urn: string;
  oldState?: ResourceState;
  newState?: ResourceState;
  detailedDiff?: Record<string, { kind: string; inputDiff: boolean }> | null;
  diffReasons?: string[];
  replaceReasons?: string[];
}

export interface ResourceState {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
  [key: string]: unknown;
}

export interface PreviewReport {
  steps: PreviewStep[];
  changeSummary: Record<string, number>;
  diagnostics?: { message: string; severity: string; urn?: string }[];
}

export interface StackExport {
  version: number;
  deployment: { resources: ResourceState[]; pending_operations?: unknown[]; [key: string]: unknown };
}

/** A command that has not necessarily ended. */
export interface RunningCommand {
  readonly pid: number;
  readonly result: Promise<CommandResult>;
  /** What it has printed so far, both streams. */
  output(): string;
  /** Resolves when the output so far matches; rejects when the command ends first. */
  waitFor(pattern: RegExp): Promise<void>;
  /** Signals the CLI itself; `SIGINT` is a user's Ctrl-C. */
  signal(name: NodeJS.Signals): void;
  /** `kill -9` for the CLI, its language host and its plugins. Resolves when they are gone. */
  killTree(): Promise<CommandResult>;
}

/** Longer than any command should take on a busy machine, in milliseconds. */
const commandTimeoutMs = 240_000;

const disposables = new Set<{ dispose(): void }>();
process.once("exit", disposeAll);
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.once(signal, () => process.exit(code));
}

function disposeAll(): void {
  for (const disposable of disposables) disposable.dispose();
}

/** A directory below the system's temporary one that is gone when this process ends. */
export function temporaryDirectory(prefix = "pulumi-bimi-"): { dir: string; dispose(): void } {
  // The real path: Node would otherwise tell apart what a symbolic link makes one.
  const dir = realpathSync(mkdtempSync(path.join(tmpdir(), prefix)));
  const disposable = {
    dir,
    dispose() {
      disposables.delete(disposable);
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  disposables.add(disposable);
  return disposable;
}

/** Fills a directory with links that give a program this checkout as `pulumi-bimi`, and the Pulumi SDKs it uses. */
export function linkCheckout(nodeModules: string): string {
  const links = {
    "pulumi-bimi": checkout,
    "@pulumi/pulumi": path.join(checkout, "node_modules", "@pulumi", "pulumi"),
    "@pulumi/cloudflare": path.join(checkout, "node_modules", "@pulumi", "cloudflare"),
  };
  for (const [name, target] of Object.entries(links)) {
    const link = path.join(nodeModules, name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(target, link, "dir");
  }
  return nodeModules;
}

/** A Pulumi project in a temporary directory, with a backend, a home and a stack of its own. */
export class PulumiProject {
  /** The directory of Pulumi.yaml. */
  readonly dir: string;
  readonly stack: string;
  /** The whole environment of its commands. */
  readonly env: Record<string, string>;

  private readonly root: ReturnType<typeof temporaryDirectory>;
  private readonly running = new Set<RunningCommand>();

  private constructor(options: ProjectOptions) {
    this.root = temporaryDirectory();
    disposables.add(this);
    this.dir = path.join(this.root.dir, "project");
    this.stack = options.stack ?? "dev";
    this.env = environment(this.root.dir, options);
    for (const dir of ["project", "backend", "home", "tmp"]) mkdirSync(path.join(this.root.dir, dir));
    const { plugins } = toolchain();
    if (plugins) symlinkSync(plugins, path.join(this.root.dir, "home", "plugins"), "dir");
    if (options.from) copyProject(path.resolve(checkout, options.from), this.dir);
    this.write(options.files ?? {});
    this.writeMissing(options.name ?? "bimi");
    symlinkSync(options.nodeModules, path.join(this.dir, "node_modules"), "dir");
  }

  /** Makes the project, its stack and its configuration. */
  static async create(options: ProjectOptions): Promise<PulumiProject> {
    const project = new PulumiProject(options);
    try {
      succeeded(await project.pulumi("stack", "init", project.stack));
      await project.configure(options.config ?? {}, options.secrets ?? {});
    } catch (error) {
      project.dispose();
      throw error;
    }
    return project;
  }

  /** Writes files of the project, by path; a program edited so is what the next command runs. */
  write(files: Record<string, string>): void {
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(this.dir, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  /** Sets stack configuration. */
  async configure(config: Record<string, string>, secrets: Record<string, string> = {}): Promise<void> {
    const pairs = (flag: string, values: Record<string, string>) =>
      Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
    const args = [...pairs("--plaintext", config), ...pairs("--secret", secrets)];
    if (args.length > 0) succeeded(await this.pulumi("config", "set-all", ...args));
  }

  preview(...args: string[]): Promise<CommandResult> {
    return this.pulumi("preview", ...args);
  }

  /** Without the preview that `pulumi up` starts with; `pulumi("up", "--yes")` has it. */
  up(...args: string[]): Promise<CommandResult> {
    return this.pulumi("up", "--yes", "--skip-preview", ...args);
  }

  refresh(...args: string[]): Promise<CommandResult> {
    return this.pulumi("refresh", "--yes", "--skip-preview", ...args);
  }

  destroy(...args: string[]): Promise<CommandResult> {
    return this.pulumi("destroy", "--yes", "--skip-preview", ...args);
  }

  /** The planned steps; throws when the preview fails. */
  async previewJson(...args: string[]): Promise<PreviewReport> {
    return JSON.parse(succeeded(await this.pulumi("preview", "--json", ...args)).stdout);
  }

  async stackExport({ showSecrets = false } = {}): Promise<StackExport> {
    const args = showSecrets ? ["--show-secrets"] : [];
    return JSON.parse(succeeded(await this.pulumi("stack", "export", ...args)).stdout);
  }

  /** The stack's outputs, secret ones in plain text. */
  async outputs(): Promise<Record<string, unknown>> {
    return JSON.parse(succeeded(await this.pulumi("stack", "output", "--json", "--show-secrets")).stdout);
  }

  /** Runs any command of the CLI to its end, whatever its exit code. */
  pulumi(...args: string[]): Promise<CommandResult> {
    return this.spawn(...args).result;
  }

  /** Starts a command of the CLI. */
  spawn(...args: string[]): RunningCommand {
    const command = start([...args, "--non-interactive", "--color=never"], this.dir, this.env);
    this.running.add(command);
    const ended = () => this.running.delete(command);
    command.result.then(ended, ended);
    return command;
  }

  /** Ends what still runs and removes everything; what the stack made at the services stays. */
  dispose(): void {
    disposables.delete(this);
    for (const { pid } of this.running) killTree(pid);
    this.root.dispose();
  }

  private writeMissing(name: string): void {
    const has = (file: string) => existsSync(path.join(this.dir, file));
    const main = ["index.ts", "index.mjs", "index.js"].find(has);
    if (!has("Pulumi.yaml")) this.write({ "Pulumi.yaml": `name: ${name}\nruntime: nodejs\n` });
    if (!has("package.json")) this.write({ "package.json": `${JSON.stringify({ name, private: true, main })}\n` });
  }
}

/** Hands a result on when its command ended with 0; else throws what it printed. */
export function succeeded(result: CommandResult): CommandResult {
  if (result.code === 0) return result;
  throw new Error(`pulumi ended with ${result.code}:\n${result.stdout}\n${result.stderr}`);
}

/**
 * The environment of a project's commands: nothing of the user's Pulumi, DigiCert or Cloudflare gets in, and services
 * that were not given are a port where nobody listens.
 */
function environment(root: string, { services, env = {} }: ProjectOptions): Record<string, string> {
  const tools = toolchain();
  const nobody = "http://127.0.0.1:9";
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(PULUMI|DIGICERT|CLOUDFLARE|BIMI|npm)_/.test(name),
  );
  const all: Record<string, string | undefined> = {
    ...Object.fromEntries(inherited),
    PATH: `${tools.path}${path.delimiter}${process.env.PATH}`,
    ...tools.env,
    PULUMI_BACKEND_URL: `file://${path.join(root, "backend")}`,
    PULUMI_HOME: path.join(root, "home"),
    // Killed commands leave their pipes behind.
    TMPDIR: path.join(root, "tmp"),
    PULUMI_CONFIG_PASSPHRASE: "passphrase",
    DIGICERT_BASE_URL: services?.baseUrl ?? `${nobody}/services/v2`,
    DIGICERT_API_KEY: services?.apiKey,
    CLOUDFLARE_BASE_URL: services?.cloudflareUrl ?? `${nobody}/client/v4`,
    CLOUDFLARE_API_TOKEN: services?.cloudflareToken ?? "0".repeat(40),
    ...env,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function copyProject(from: string, to: string): void {
  const own = path.join(from, "node_modules");
  cpSync(from, to, { recursive: true, filter: (file) => file !== own });
}

function start(args: string[], cwd: string, env: Record<string, string>): RunningCommand {
  const began = performance.now();
  // A process group of its own: a Ctrl-C in the terminal is for this process, which then ends its commands.
  const child = spawn(toolchain().pulumi, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid === undefined) throw new Error(`cannot start ${toolchain().pulumi}`);
  const { pid } = child;
  let stdout = "";
  let stderr = "";
  const result = new Promise<CommandResult>((resolve, reject) => {
    const timer = setTimeout(() => {
      killTree(pid);
      reject(new Error(`pulumi ${args.join(" ")} took over ${commandTimeoutMs / 1000} s:\n${stdout}\n${stderr}`));
    }, commandTimeoutMs);
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      resolve({ code: exitCode(child), stdout, stderr, ms: Math.round(performance.now() - began) });
    });
  });
  const output = () => stdout + stderr;
  return {
    pid,
    result,
    output,
    waitFor: (pattern) => matches(child, pattern, output),
    signal: (name) => void child.kill(name),
    async killTree() {
      const killed = killTree(pid);
      const ended = await result;
      while (killed.some(isRunning)) await sleep(5);
      return ended;
    },
  };
}

function matches(child: ChildProcess, pattern: RegExp, output: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (pattern.test(output())) resolve();
    };
    look();
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("close", () => reject(new Error(`pulumi ended without printing ${pattern}:\n${output()}`)));
  });
}

function exitCode(child: ChildProcess): number {
  if (child.exitCode !== null) return child.exitCode;
  return 128 + (constants.signals[child.signalCode ?? "SIGKILL"] ?? 0);
}
