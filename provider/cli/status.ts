import path from "node:path";
import { parseArgs } from "node:util";
import { BimiError, Context, type Settings } from "../context";
import { isDead } from "../order/status";
import {
  isConfiguration,
  type Look,
  lookAtOrder,
  lookAtOrganization,
  type OrganizationReport,
  ordersOf,
  organizationsOf,
  titleOf,
} from "./stackReport";
import { orderText, organizationText } from "./stackReportText";
import { exportedState, pulumiIn, type StackState, settingsOf } from "./stackState";
import { duration, type Goal, goals, isReached, type Outcome, waitFor } from "./waiting";
import { thisProcess, type World } from "./world";

const help = `Usage: bimi status [options]

What the orders of a Pulumi stack are, live at DigiCert: what is missing, who must act, since when. It only reads.

  --stack NAME     the stack. Default: the one that is selected in the project
  --cwd DIR        the project's directory. Default: this one
  --state FILE     what \`pulumi stack export\` printed, instead of running it; - is standard input
  --json           for programs, see below
  --wait-for WHAT  dcv: control of all domains is proved; issued: all orders are issued, reissues too
  --timeout TIME   how long --wait-for waits at most: 90s, 30m, 2h; at most 24h. Default: 30m
  --help           this text

API key and base URL are those of \`pulumi up\`: bimi:apiKey and bimi:baseUrl of the stack's configuration, else the
environment's DIGICERT_API_KEY and DIGICERT_BASE_URL. They must be of the account that the orders are of.

--wait-for prints a line per event. It keeps nothing: killed or timed out, run it again and it goes on.

Exit codes
  0  fine; with --wait-for: reached
  1  an order is dead (canceled, rejected, revoked, expired) or in doubt, or a look-up failed
  2  the command or the configuration is wrong
  3  --wait-for timed out; run it again

--json prints one object to standard output; the lines of --wait-for then go to standard error. Arrays are always there;
properties with a ? only when there is something to say. Dates are ISO 8601; validity is YYYY-MM-DD.
  stack?, project?
  orders[]         name, type, urn, product?, orderId?, domains[], renewalDue, isRenewed?, next[] (what to do), error?
    status         DigiCert's (needs_approval, pending, issued, reissue_pending, canceled, ...); "in doubt"; "unknown"
    statusInState? as of the last \`pulumi up\`
    missing[]      what, who (must act), since? (as far as the state knows)
    certificateValidTill?, orderValidTill?
    notes[]        DigiCert's, about an order that ended
    drift[], history[] { orderId, status }
    published?     { orderId, validTill? }: the earlier order whose certificate is still the published one
    doubt?         { of: order | reissue, since?, alternativeOrderId?, found? [{ orderId, status }] }: DigiCert may have
                   taken it; found: orders under that alternative id
  organizations[]  name, type, urn, organizationId?, missing[], next[], error?
    validations[]  type, status (none, pending, active, expired), validatedUntil?
  wait?            { for, outcome: reached | hopeless | timedOut }
`;

/** `bimi status`. Answers the exit code; throws what is wrong with the command or the configuration. */
export async function status(args: string[], world: World = thisProcess): Promise<number> {
  const options = read(args);
  if (!options) {
    world.out(help);
    return 0;
  }
  const { state, settings } = await stackOf(options, world);
  const say = options.json ? world.err : world.out;
  const log = { info: world.err, warn: world.err };
  const newContext = () => new Context({ settings: () => settings, clock: world.clock, log, projectDir: options.cwd });
  const { resources } = state;
  const ctx = newContext();
  // A missing key and a wrong URL are no order's matter.
  if (asksDigiCert(state)) void ctx.client;

  const [first, organizations] = await Promise.all([
    Promise.all(ordersOf(resources).map((held) => lookAtOrder(ctx, held, resources))),
    Promise.all(organizationsOf(resources).map((held) => lookAtOrganization(ctx, held))),
  ]);
  assertConfiguration([...first, ...organizations]);
  if (!options.json) world.out(text(state, first, organizations));

  if (!options.goal) {
    if (options.json) world.out(json(state, first, organizations));
    return [...first, ...organizations].every(isFine) ? 0 : 1;
  }
  const [outcome, looks] = await waitFor(ctx, first, {
    goal: options.goal,
    timeoutMs: options.timeoutMs,
    say: (line) => say(`${new Date(world.clock.now()).toISOString().slice(11, 19)} ${line}`),
    newLook() {
      const context = newContext();
      return (held) => lookAtOrder(context, held, resources);
    },
  });
  if (options.json) world.out(json(state, looks, organizations, { for: options.goal, outcome }));
  say(verdict(options.goal, outcome, looks, options.timeout));
  return { reached: 0, hopeless: 1, timedOut: 3 }[outcome];
}

interface Options {
  stack: string | undefined;
  cwd: string;
  state: string | undefined;
  json: boolean;
  goal: Goal | undefined;
  timeout: string;
  timeoutMs: number;
}

function read(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string" },
      cwd: { type: "string" },
      state: { type: "string" },
      json: { type: "boolean", default: false },
      "wait-for": { type: "string" },
      timeout: { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const { stack, state, json, timeout = "30m" } = values;
  const goal = goals.find((each) => each === values["wait-for"]);
  if (values["wait-for"] !== undefined && !goal) {
    throw new BimiError("usage", `--wait-for ${values["wait-for"]}: give one of ${goals.join(", ")}.`);
  }
  if (values.timeout !== undefined && !goal) throw new BimiError("usage", "--timeout goes with --wait-for.");
  const timeoutMs = duration(timeout);
  if (timeoutMs === undefined) {
    throw new BimiError("usage", `--timeout ${timeout}: give a time such as 90s, 30m or 2h; at most 24h.`);
  }
  return { stack, cwd: path.resolve(values.cwd ?? "."), state, json, goal, timeout, timeoutMs };
}

async function stackOf(options: Options, world: World): Promise<{ state: StackState; settings: Settings }> {
  const pulumi = pulumiIn(options.cwd, world.env);
  const state = await exportedState(options, pulumi, world);
  // A file may be of another stack than the one that is selected.
  const stack = options.stack ?? (options.state === undefined ? undefined : state.stack);
  return { state, settings: asksDigiCert(state) ? await settingsOf(world.env, pulumi, stack) : {} };
}

function asksDigiCert({ resources }: StackState): boolean {
  return resources.some(({ interrupted }) => !interrupted);
}

/** A key of another account is one mistake, not one for each order. */
function assertConfiguration(looks: readonly Look<unknown>[]): void {
  const asked = looks.filter(({ held }) => !held.interrupted);
  if (asked.length > 0 && asked.every(({ failure }) => isConfiguration(failure))) throw asked[0]!.failure;
}

function isFine({ report }: Look | Look<OrganizationReport>): boolean {
  if (report.error !== undefined) return false;
  return !("doubt" in report) && !("status" in report && isDead(report.status));
}

function text(state: StackState, looks: readonly Look[], organizations: readonly Look<OrganizationReport>[]): string {
  const title = state.stack ? `Stack ${state.stack} (project ${state.project})` : "The stack";
  return [
    looks.length > 0 ? title : `${title} has no orders.`,
    ...looks.map(({ report }) => orderText(report)),
    ...organizations.map(({ report }) => organizationText(report)),
  ].join("\n\n");
}

function json(
  { stack, project }: StackState,
  looks: readonly Look[],
  organizations: readonly Look<OrganizationReport>[],
  wait?: { for: Goal; outcome: Outcome },
): string {
  const reports = {
    orders: looks.map(({ report }) => report),
    organizations: organizations.map(({ report }) => report),
  };
  return JSON.stringify({ stack, project, ...reports, wait }, null, 2);
}

function verdict(goal: Goal, outcome: Outcome, looks: readonly Look[], timeout: string): string {
  const wanted = goal === "dcv" ? "control of all domains is proved" : "all orders are issued";
  if (outcome === "reached") return `Reached: ${wanted}.`;
  const open = looks
    .filter((look) => !isReached(goal, look))
    .map(({ report }) => {
      const missing = report.missing.map(({ what, who }) => `${what} (${who})`).join(", ");
      return `${titleOf(report)} is ${report.status}${missing ? `, missing ${missing}` : ""}`;
    })
    .join("; ");
  if (outcome === "hopeless") return `Waiting does not mend this: ${open}.`;
  return `Timed out after ${timeout} before ${wanted}: ${open}. Nothing is lost: run it again, and it goes on.`;
}
