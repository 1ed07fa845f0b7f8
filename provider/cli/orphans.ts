import path from "node:path";
import { parseArgs } from "node:util";
import { BimiError, Context } from "../context";
import { type Considered, type Found, findOrphans, type Orphan } from "./orphanSearch";
import { isTransient } from "./stackReport";
import { block, minuteOf, products } from "./stackReportText";
import {
  exportedState,
  type ListedStack,
  type Pulumi,
  projectNameIn,
  pulumiIn,
  type StackState,
  settingsOf,
  stacksOf,
} from "./stackState";
import { thisProcess, type World } from "./world";

const help = `Usage: bimi orphans [options]

Open orders of the CertCentral account that a Pulumi project placed and that no state of it holds: what is left when
Pulumi was killed between an order and its state. Issued ones of the last year are mentioned. It only reads.

  --project NAME       the project. Default: that of the states, else of the project file
  --organization NAME  the project's organization in Pulumi Cloud. Default: as \`pulumi stack ls\` says
  --stack NAME         a stack to read; repeatable. Default: all stacks of the project
  --state FILE         a state to read: what \`pulumi stack export\` printed; - is standard input; repeatable
  --cwd DIR            the project's directory. Default: this one
  --json               for programs, see below
  --help               this text

With --stack or --state only those are read: an order of any other stack then shows as an orphan.

API key and base URL are those of \`pulumi up\` in the first --stack or --state, else in the selected stack: bimi:apiKey and
bimi:baseUrl of its configuration, else the environment's DIGICERT_API_KEY and DIGICERT_BASE_URL. Orders of another account
(bimi.Provider), and what the key may not see (another division), are not found. Orders are known by their alternative
order ids: those that the package derives from organization and project, and those of an alternativeOrderId that a state
knows.

Exit codes
  0  none
  1  some, or the result is incomplete
  2  the command or the configuration is wrong

--json prints one object to standard output. Arrays are always there; properties with a ? only when there is something to
say. Dates are ISO 8601.
  projects[], organizations[], accountId, origin, complete
  all                whether all stacks of the project were to be read
  considered[]       names of the states that were read
  unread[]           stack, error: stacks that could not be read
  hidden[]           orders whose number the state keeps secret
  unseen[]           orderId, error: orders that could not be looked at
  orphans[]          orderId, product?, status, domains[], placed?, alternativeOrderId, next[] (what to do)
    resource?        { type, name, urn, stack, inState }: whose order it probably is
  issued[]           as orphans[]
`;

interface Options {
  project: string | undefined;
  organization: string | undefined;
  stacks: string[];
  states: string[];
  cwd: string;
  json: boolean;
}

/** What was read, and what could not be. */
interface Reading {
  considered: Considered[];
  unread: { stack: string; error: string }[];
  listed: ListedStack[];
  /** Whose configuration has the key; none: the selected one's. */
  stack: string | undefined;
}

/** `bimi orphans`. Answers the exit code; throws what is wrong with the command or the configuration. */
export async function orphans(args: string[], world: World = thisProcess): Promise<number> {
  const options = read(args);
  if (!options) {
    world.out(help);
    return 0;
  }
  const pulumi = pulumiIn(options.cwd, world.env);
  const reading = await readStates(options, pulumi, world);
  const project = projectOf(options, reading);
  const settings = await settingsOf(world.env, pulumi, reading.stack);
  const log = { info: world.err, warn: world.err };
  const ctx = new Context({ settings: () => settings, clock: world.clock, log, projectDir: options.cwd });
  let found: Found;
  try {
    found = await findOrphans(ctx, reading.considered, project, reading.unread.length === 0);
  } catch (error) {
    if (!isTransient(error)) throw error;
    world.err((error as Error).message);
    return 1;
  }
  const isComplete = [reading.unread, found.unseen, found.hidden].every(({ length }) => length === 0);
  const { origin } = ctx.client;
  const { projects, organizations } = project;
  const considered = reading.considered.map(({ label }) => label);
  const { unread } = reading;
  const all = options.stacks.length + options.states.length === 0;
  const report = { projects, organizations, origin, ...found, complete: isComplete, all, considered, unread };
  world.out(options.json ? JSON.stringify(report, null, 2) : text(report));
  return found.orphans.length === 0 && isComplete ? 0 : 1;
}

type Report = Found &
  Pick<ReturnType<typeof projectOf>, "projects" | "organizations"> & {
    origin: string;
    complete: boolean;
    all: boolean;
    considered: string[];
    unread: Reading["unread"];
  };

function read(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      project: { type: "string" },
      organization: { type: "string" },
      stack: { type: "string", multiple: true, default: [] },
      state: { type: "string", multiple: true, default: [] },
      cwd: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const { project, organization, stack: stacks, state: states, json } = values;
  return { project, organization, stacks, states, cwd: path.resolve(values.cwd ?? "."), json };
}

/** What is named must be readable; of all stacks, one that is not leaves the result incomplete. */
async function readStates(options: Options, pulumi: Pulumi, world: World): Promise<Reading> {
  const { stacks, states } = options;
  const considered: Considered[] = [];
  const isNamed = stacks.length + states.length > 0;
  if (isNamed) {
    for (const stack of stacks) considered.push(labeled(await exportedState({ stack }, pulumi, world), stack));
    for (const file of states) {
      const state = await exportedState({ state: file }, pulumi, world);
      considered.push(labeled(state, state.stack, file === "-" ? "standard input" : file));
    }
    return { considered, unread: [], listed: [], stack: stacks[0] ?? considered[0]!.state.stack };
  }
  const listed = await stacksOf(pulumi);
  const unread: (Reading["unread"][number] & { cause: unknown })[] = [];
  for (const { name } of listed) {
    try {
      considered.push(labeled(await exportedState({ stack: name }, pulumi, world), name));
    } catch (cause) {
      unread.push({ stack: name, error: cause instanceof Error ? cause.message : String(cause), cause });
    }
  }
  if (considered.length === 0 && unread.length > 0) throw unread[0]!.cause;
  const selected = listed.some(({ isCurrent }) => isCurrent) ? undefined : listed[0]?.name;
  return { considered, unread: unread.map(({ stack, error }) => ({ stack, error })), listed, stack: selected };
}

function labeled(state: StackState, stack: string | undefined, from?: string): Considered {
  const name = stack === undefined ? undefined : `stack ${stack}`;
  const label = from === undefined ? name! : name === undefined ? from : `${from} (${name})`;
  return { label, state };
}

function projectOf({ project, organization, cwd }: Options, { considered, listed, stack }: Reading) {
  const given = <T>(values: (T | undefined)[]) => [...new Set(values.filter((value) => value !== undefined))];
  const told = given([...listed.map((each) => each.project), ...considered.map(({ state }) => state.project)]);
  const projects = project !== undefined ? [project] : told.length > 0 ? told : given([projectNameIn(cwd)]);
  if (projects.length === 0) {
    throw new BimiError(
      "no_project",
      `Neither a state nor a project file in ${cwd} tells the project. Give its name as --project, or its directory as --cwd.`,
    );
  }
  const owners = given(listed.map((each) => each.organization));
  // Pulumi's own name for none.
  const organizations = organization !== undefined ? [organization] : owners.length > 0 ? owners : ["organization"];
  return { projects, organizations, stacks: given([...listed.map(({ name }) => name), stack]) };
}

function text(report: Report): string {
  const { projects, organizations, accountId, origin, complete, considered, unread, hidden, unseen } = report;
  const project = `${projects.length > 1 ? "projects" : "project"} ${projects.join(", ")}`;
  const head = block(
    `CertCentral account ${accountId} at ${origin}, ${project} (organization ${organizations.join(", ")})`,
    [
      ["states", considered.length > 0 ? considered : ["none: the project has no stacks"]],
      ["others", report.all ? [] : ["not read: an order of any other stack of the project shows here as well"]],
      ["not read", unread.map(({ stack, error }) => `stack ${stack}: ${error}`)],
      ["not told", hidden.map((title) => `the number of the order of ${title}: its state keeps it secret`)],
      ["not seen", unseen.map(({ orderId, error }) => `order ${orderId}: ${error}`)],
    ],
  );
  const count = report.orphans.length;
  const verdict = `${count === 0 ? "No" : count} open order${count === 1 ? "" : "s"} that no state holds.`;
  return [
    head,
    ...report.orphans.map((orphan) => orphanText(orphan, "no state holds it")),
    ...report.issued.map((orphan) => orphanText(orphan, "no state holds it, so nothing renews it")),
    complete ? verdict : `${verdict} This is incomplete: what could not be read may hold or hide some.`,
  ].join("\n\n");
}

function orphanText({ orderId, product, status, domains, placed, resource, ...orphan }: Orphan, why: string): string {
  const name = products[product ?? ""] ?? product;
  const its = resource
    ? `${resource.type} ${resource.name} of stack ${resource.stack}: ${resource.inState}`
    : undefined;
  return block(`Order ${[orderId, name, status].filter(Boolean).join(", ")}: ${why}`, [
    ["domains", domains.length > 0 ? [domains.join(", ")] : []],
    ["placed", placed ? [minuteOf(placed)] : []],
    ["id", [orphan.alternativeOrderId]],
    [
      "probably of",
      [its ?? "a resource that these states do not know: destroyed, renamed, or of a stack that is gone"],
    ],
    ["next", orphan.next],
  ]);
}
