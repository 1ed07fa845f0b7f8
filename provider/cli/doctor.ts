import path from "node:path";
import { parseArgs } from "node:util";
import { BimiError, Context } from "../context";
import { type Check, messageOf, ok, problem, warning } from "./check";
import { checkAccount } from "./doctorAccount";
import { checkCloudflare } from "./doctorCloudflare";
import { checkConfiguration } from "./doctorConfiguration";
import { oneLine } from "./stackReportText";
import {
  type Configuration,
  configurationOf,
  configValue,
  exportedState,
  type Pulumi,
  pulumiIn,
  type StackState,
} from "./stackState";
import { thisProcess, type World } from "./world";

const help = `Usage: bimi doctor [options]

Checks what a Pulumi stack needs before and after it orders: key, role, account, products, custom fields, organizations,
configuration, Cloudflare token. It only reads, and never prints a key or token.

  --stack NAME  the stack. Default: the one that is selected in the project
  --cwd DIR     the project's directory. Default: this one
  --state FILE  what \`pulumi stack export\` printed, instead of running it; - is standard input
  --json        for programs, see below
  --help        this text

Key, token and base URLs are those of \`pulumi up\`: the stack's configuration, else the environment (DIGICERT_API_KEY,
DIGICERT_BASE_URL, CLOUDFLARE_API_TOKEN, CLOUDFLARE_BASE_URL). A bimi.Provider or cloudflare.Provider of the program has its
own, which are not checked.

Each line says ok, warning, problem or unknown (nobody can ask), and below it what to do. \`bimi status\` tells of the orders.

Exit codes
  0  no problem
  1  problems
  2  the command is wrong

--json prints one object to standard output; properties with a ? only when there is something to say.
  stack?, project?, problems, warnings (numbers)
  checks[]  name, status (ok, warning, problem, unknown), what, remedy?
`;

interface Options {
  stack: string | undefined;
  cwd: string;
  state: string | undefined;
  json: boolean;
}

/** `bimi doctor`. Answers the exit code; throws what is wrong with the command. */
export async function doctor(args: string[], world: World = thisProcess): Promise<number> {
  const options = read(args);
  if (!options) {
    world.out(help);
    return 0;
  }
  const pulumi = pulumiIn(options.cwd, world.env);
  const [state, ...checks] = await examine(options, pulumi, world);
  const count = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
  const { stack, project } = state;
  const problems = count("problem");
  const warnings = count("warning");
  world.out(
    options.json
      ? JSON.stringify({ stack, project, problems, warnings, checks }, null, 2)
      : [
          stack ? `Stack ${stack} (project ${project})` : "The stack",
          checks.flatMap(lines).join("\n"),
          `${counted(problems, "problem")}, ${counted(warnings, "warning")}.`,
        ].join("\n\n"),
  );
  return problems === 0 ? 0 : 1;
}

function read(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string" },
      cwd: { type: "string" },
      state: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const { stack, state, json } = values;
  return { stack, cwd: path.resolve(values.cwd ?? "."), state, json };
}

async function examine(options: Options, pulumi: Pulumi, world: World): Promise<[StackState, ...Check[]]> {
  const [state, stateCheck] = await stateOf(options, pulumi, world);
  // A file may be of another stack than the one that is selected.
  const stack = options.stack ?? (options.state === undefined ? undefined : state.stack);
  const [config, configChecks] = await configOf(options, pulumi, stack);
  const configured: Configured = async (key) =>
    config[key]?.secret ? configValue(pulumi, stack, key) : config[key]?.value || undefined;
  const [account, cloudflare] = await Promise.all([
    atDigiCert(options, configured, config, state, world),
    checkCloudflare({
      config,
      env: world.env,
      configured,
      zones: state.cloudflareZones,
      now: world.clock.now(),
    }),
  ]);
  return [state, stateCheck, ...configChecks, ...checkConfiguration(config, world.env), ...account, ...cloudflare];
}

/** A value of the stack's configuration, decrypted. */
type Configured = (key: string) => Promise<string | undefined>;

const nothing: StackState = { resources: [], condemned: [], cloudflareZones: [] };

/** Without Pulumi much can be checked all the same; a file that was named must be there. */
async function stateOf(options: Options, pulumi: Pulumi, world: World): Promise<[StackState, Check]> {
  try {
    const state = await exportedState(options, pulumi, world);
    return [state, checkState(state)];
  } catch (error) {
    if (options.state !== undefined) throw error;
    return [nothing, problem("state", messageOf(error), "What follows is checked without the stack's orders.")];
  }
}

function checkState({ resources }: StackState): Check {
  const created = resources.filter(({ interrupted }) => !interrupted);
  const count = (suffix: string) => created.filter(({ type }) => type.endsWith(suffix)).length;
  const what = `readable: ${counted(count("Order"), "order")}, ${counted(count("OrgValidation"), "organization")}`;
  const interrupted = resources.filter((held) => held.interrupted).map(({ type, name }) => `${type} ${name}`);
  if (interrupted.length === 0) return ok("state", what);
  return warning(
    "state",
    `${what}; Pulumi was killed while it created ${interrupted.join(", ")}.`,
    "Run `pulumi up`: it looks first for what DigiCert has of it. `bimi orphans` tells of orders.",
  );
}

async function configOf(
  options: Options,
  pulumi: Pulumi,
  stack: string | undefined,
): Promise<[Configuration, Check[]]> {
  try {
    return [await configurationOf(pulumi, stack), []];
  } catch (error) {
    // Said of the state already, when that is from Pulumi too.
    if (options.state === undefined && error instanceof BimiError) return [{}, []];
    const remedy = "What follows is checked by the environment alone.";
    return [{}, [warning("configuration", messageOf(error), remedy)]];
  }
}

async function atDigiCert(
  { cwd }: Options,
  configured: Configured,
  config: Configuration,
  state: StackState,
  world: World,
): Promise<Check[]> {
  const { env, clock } = world;
  const log = { info: world.err, warn: world.err };
  try {
    const apiKey = config["bimi:apiKey"] ? await configured("bimi:apiKey") : env.DIGICERT_API_KEY;
    const baseUrl = (await configured("bimi:baseUrl")) ?? env.DIGICERT_BASE_URL;
    // Said of the configuration already.
    if (!apiKey) return [];
    const settings = { apiKey, ...(baseUrl ? { baseUrl } : {}) };
    return await checkAccount(new Context({ settings: () => settings, clock, log, projectDir: cwd }), state);
  } catch (error) {
    return [problem("key at DigiCert", messageOf(error))];
  }
}

function lines({ name, status, what, remedy }: Check): string[] {
  const indent = " ".repeat(9);
  return [
    `${status.padEnd(indent.length)}${name}: ${oneLine(what)}`,
    ...(remedy ? [`${indent}-> ${oneLine(remedy)}`] : []),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
