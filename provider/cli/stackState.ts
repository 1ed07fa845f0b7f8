import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { z } from "zod";
import { BimiError, type Settings } from "../context";

/** Runs the Pulumi CLI; answers what it prints. */
export type Pulumi = (...args: string[]) => Promise<string>;

/** What is used of a resource's outputs. Older and newer states lack some, and a program may keep any of them secret. */
const maybe = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const outputs = z.object({
  orderId: maybe(z.int()),
  organizationId: maybe(z.int()),
  accountId: maybe(z.int()),
  origin: maybe(z.string()),
  status: maybe(z.string()),
  logoSha256: maybe(z.string()),
  domains: maybe(z.array(z.object({ id: maybe(z.int()), dnsName: z.string() }))),
  thumbprint: maybe(z.string()),
  renewalDue: maybe(z.boolean()),
  renewBefore: maybe(z.int()),
  reissueBefore: maybe(z.union([z.int(), z.literal("never")])),
  drift: maybe(z.array(z.string())),
  history: maybe(z.array(z.object({ orderId: z.int(), status: z.string() }))),
  placedAlternativeOrderId: maybe(z.string()),
  doubtSince: maybe(z.string()),
  __doubt: maybe(z.object({ alternativeOrderId: maybe(z.string()), since: maybe(z.string()) })),
  __reissued: maybe(z.object({ doubtSince: maybe(z.string()) })),
  __cancel: maybe(z.array(z.int())),
  missing: maybe(z.array(z.object({ what: z.string(), who: z.string(), since: z.string() }))),
  findings: maybe(z.array(z.object({ id: z.string(), severity: z.string(), message: z.string() }))),
  published: maybe(z.array(z.object({ name: z.string() }))),
  __publishedBy: maybe(z.object({ orderId: z.int(), validTill: maybe(z.string()) })),
  __validations: maybe(z.array(z.string())),
});

const token = /^pulumi-nodejs:dynamic\/bimi:(VmcOrder|CmcOrder|OrgValidation|MarkCertificate)$/;

/** A resource of this package in a stack's state. */
export interface Held {
  type: string;
  name: string;
  urn: string;
  outs: z.output<typeof outputs>;
  /** Pulumi was killed while it created this: the state knows nothing more of it. */
  interrupted?: true;
}

export interface StackState {
  /** Undefined when nothing was ever deployed. */
  stack?: string;
  project?: string;
  resources: Held[];
}

const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          outputs: z.unknown().optional(),
          delete: z.boolean().optional(),
        }),
      )
      .nullish(),
    pending_operations: z
      .array(z.object({ type: z.string(), resource: z.object({ urn: z.string(), type: z.string() }) }))
      .nullish(),
  }),
});

/** Reads what `pulumi stack export` printed. */
export function readStackState(text: string, from: string): StackState {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const { data } = exported.safeParse(json);
  if (!data) {
    throw new BimiError(
      "unreadable_state",
      `${from} is not what \`pulumi stack export\` prints: it has no deployment. Export the stack again.`,
    );
  }
  const all = data.deployment.resources ?? [];
  const [, , stack, project] = all[0]?.urn.split(/::?/, 4) ?? [];
  const live = all.filter((resource) => !resource.delete);
  const resources = live.flatMap(({ urn, type, outputs }) => held(type, urn, outputs));
  // An operation stays listed after the next `up` has created its resource.
  const known = new Set(all.map(({ urn }) => urn));
  const interrupted = (data.deployment.pending_operations ?? [])
    .filter(({ type, resource }) => type === "creating" && !known.has(resource.urn))
    .flatMap(({ resource }) => held(resource.type, resource.urn, {}))
    .map((resource) => ({ ...resource, interrupted: true as const }));
  return { ...(stack && project ? { stack, project } : {}), resources: [...resources, ...interrupted] };
}

function held(type: string, urn: string, outs: unknown): Held[] {
  const short = token.exec(type)?.[1];
  if (short === undefined) return [];
  const name = urn.split("::").slice(3).join("::");
  return [{ type: short, name, urn, outs: outputs.catch({}).parse(outs) }];
}

/** The Pulumi CLI in a project's directory. */
export function pulumiIn(cwd: string, env: NodeJS.ProcessEnv): Pulumi {
  if (!existsSync(cwd))
    throw new BimiError("no_directory", `There is no directory ${cwd}. Give the project's as --cwd.`);
  return (...args) =>
    new Promise((resolve, reject) => {
      const options = { cwd, env, maxBuffer: 1024 * 1024 * 1024 };
      execFile("pulumi", [...args, "--non-interactive", "--color=never"], options, (error, stdout, stderr) => {
        if (!error) resolve(stdout);
        else if (error.code === "ENOENT") {
          reject(
            new BimiError(
              "no_pulumi",
              "The command `pulumi` is not on the PATH. Install the Pulumi CLI, or give the stack's state as --state FILE: what `pulumi stack export` prints.",
            ),
          );
        } else {
          const said = stderr.trim() || error.message;
          reject(
            new BimiError(
              "pulumi_failed",
              `\`pulumi ${args.join(" ")}\` failed in ${cwd}: ${said}\nGive the project's directory as --cwd, the stack as --stack, or the state as --state FILE.`,
            ),
          );
        }
      });
    });
}

/** The environment's key and URL, else those of the stack's configuration. */
export async function settingsOf(env: NodeJS.ProcessEnv, pulumi: Pulumi, stack: string | undefined): Promise<Settings> {
  let problem: Error | undefined;
  const configured = async (key: string) => {
    try {
      const value = await pulumi("config", "get", `bimi:${key}`, ...stackArgs(stack));
      return value.trim() || undefined;
    } catch (error) {
      if (!/not found for stack/.test((error as Error).message)) problem = error as Error;
      return undefined;
    }
  };
  const [apiKey, baseUrl, resolver] = await Promise.all([
    // As `pulumi up` does: the configuration before the environment.
    configured("apiKey").then((key) => key ?? env.DIGICERT_API_KEY),
    configured("baseUrl").then((url) => url ?? env.DIGICERT_BASE_URL),
    configured("resolver"),
  ]);
  if (!apiKey && problem) {
    const why = `DIGICERT_API_KEY is not set, and the stack's configuration cannot be read: ${problem.message}`;
    throw new BimiError("no_api_key", `No CertCentral API key: ${why}`, { cause: problem });
  }
  return { ...(apiKey ? { apiKey } : {}), ...(baseUrl ? { baseUrl } : {}), ...(resolver ? { resolver } : {}) };
}

export function stackArgs(stack: string | undefined): string[] {
  return stack === undefined ? [] : ["--stack", stack];
}
