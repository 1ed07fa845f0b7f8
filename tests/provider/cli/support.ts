import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { World } from "../../../provider/cli/world";
import { operation } from "../../wholeRun/record";
import type { Json, Stack, Stage } from "../support";

/** What `pulumi stack export` prints of resources. */
export function exported(stacks: readonly Stack[], more: Json = {}, name = "dev"): string {
  const resources = stacks.map(({ urn, type, stored }) => ({
    urn,
    type: `pulumi-nodejs:dynamic/bimi:${type}`,
    custom: true,
    inputs: stored?.inputs,
    outputs: stored?.outs,
  }));
  const stack = { urn: `urn:pulumi:${name}::acme::pulumi:pulumi:Stack::acme-${name}`, type: "pulumi:pulumi:Stack" };
  const { resources: others = [], ...rest } = more;
  return JSON.stringify({ version: 3, deployment: { resources: [stack, ...resources, ...others], ...rest } });
}

/** What `pulumi stack export` prints when Pulumi was killed while it created these. */
export function killed(stacks: readonly Stack[]): Json {
  const operations = stacks.map(({ urn, type }) => ({
    type: "creating",
    resource: { urn, type: `pulumi-nodejs:dynamic/bimi:${type}`, custom: true },
  }));
  return { pending_operations: operations };
}

export interface RunOptions {
  env?: Record<string, string> | undefined;
  stdin?: string;
  clock?: World["clock"];
}

/** A command in a process whose `pulumi` is found nowhere, unless the environment says; it must not print the key. */
export async function runCommand(
  command: (args: string[], world: World) => Promise<number>,
  stage: Stage,
  args: string[],
  { env, stdin = "", clock = stage.clock }: RunOptions = {},
) {
  const { apiKey, baseUrl, cloudflareToken } = stage.scene.simulator;
  const out: string[] = [];
  const err: string[] = [];
  const world: World = {
    env: { PATH: "/nowhere", ...(env ?? { DIGICERT_API_KEY: apiKey, DIGICERT_BASE_URL: baseUrl }) },
    stdin: async () => stdin,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    clock,
  };
  const code = await operation(`bimi ${command.name}`, "run", () => command(args, world));
  for (const secret of [apiKey, cloudflareToken])
    assert.ok(!out.concat(err).join().includes(secret), "prints a secret");
  return { code, out: out.join("\n"), err: err.join("\n") };
}

interface FakeStack {
  /** What `stack export` prints; without it, that fails. */
  state?: string;
  /** Secret unless the key begins with `plain `. */
  config?: Record<string, string>;
  /** In Pulumi Cloud. */
  url?: string;
}

/** A `pulumi` that knows stacks, their states and configurations, and notes how it was called. */
export class FakePulumi {
  private readonly bin: string;

  constructor(dir: string, stacks: Record<string, FakeStack>, selected: string | undefined = "dev") {
    this.bin = path.join(dir, "bin");
    mkdirSync(this.bin, { recursive: true });
    writeFileSync(path.join(this.bin, "stacks.json"), JSON.stringify(stacks));
    writeFileSync(path.join(this.bin, "log"), "");
    const script = `#!${process.execPath}
const fs = require("fs");
const args = process.argv.slice(2).filter((arg) => !["--non-interactive", "--color=never"].includes(arg));
fs.appendFileSync(${JSON.stringify(path.join(this.bin, "log"))}, process.cwd() + " " + args.join(" ") + "\\n");
const selected = ${JSON.stringify(selected ?? null)};
const stacks = JSON.parse(fs.readFileSync(${JSON.stringify(path.join(this.bin, "stacks.json"))}, "utf8"));
const at = args.indexOf("--stack");
const name = at < 0 ? selected : args[at + 1];
const fail = (text) => { console.error("error: " + text); process.exit(255); };
const [command, verb, key] = args;
if (command === "stack" && verb === "ls") {
  console.log(JSON.stringify(Object.entries(stacks).map(([each, { url }]) => ({ name: each, current: each === selected, url }))));
  process.exit(0);
}
if (name === null) fail("no stack selected");
const stack = stacks[name];
if (!stack) fail("no stack named '" + name + "' found");
const config = Object.entries(stack.config || {}).map(([each, value]) => ({ key: each.replace(/^plain /, ""), secret: !each.startsWith("plain "), value }));
if (command === "stack" && verb === "export") stack.state === undefined ? fail("the checkpoint is broken") : process.stdout.write(stack.state);
else if (command === "config" && verb === "get") {
  const found = config.find((each) => each.key === key);
  if (!found) fail("configuration key '" + key + "' not found for stack '" + name + "'");
  if (found.value === "undecryptable") fail("incorrect passphrase");
  console.log(found.value);
} else if (command === "config" && verb === "--json") {
  console.log(JSON.stringify(Object.fromEntries(config.map(({ key, secret, value }) => [key, secret ? { secret } : { value, secret }]))));
} else fail("unexpected " + args);
`;
    writeFileSync(path.join(this.bin, "pulumi"), script);
    chmodSync(path.join(this.bin, "pulumi"), 0o755);
  }

  get env(): Record<string, string> {
    return { PATH: this.bin };
  }

  /** Directory and arguments of each call. */
  get called(): string[] {
    return readFileSync(path.join(this.bin, "log"), "utf8").trim().split("\n");
  }
}
