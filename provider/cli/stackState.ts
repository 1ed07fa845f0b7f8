import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { BimiError, type Settings } from "../context";
import { parseUrl } from "../url";
import type { World } from "./world";

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
  __doubt: maybe(z.object({ alternativeOrderId: maybe(z.string()), n: maybe(z.int()), since: maybe(z.string()) })),
  __reissued: maybe(z.object({ doubtSince: maybe(z.string()) })),
  __cancel: maybe(z.array(z.int())),
  missing: maybe(z.array(z.object({ what: z.string(), who: z.string(), since: z.string() }))),
  findings: maybe(z.array(z.object({ id: z.string(), severity: z.string(), message: z.string() }))),
  published: maybe(z.array(z.object({ name: z.string() }))),
  __publishedBy: maybe(z.object({ orderId: z.int(), validTill: maybe(z.string()) })),
  __validations: maybe(z.array(z.string())),
  reference: maybe(z.string()),
  __n: maybe(z.int()),
});

/** What is used of a resource's inputs. */
const inputs = z.object({
  alternativeOrderId: maybe(z.string()),
  customFields: maybe(z.array(z.object({ metadataId: z.int() }))),
});

const token = /^pulumi-nodejs:dynamic\/bimi:(VmcOrder|CmcOrder|OrgValidation|MarkCertificate)$/;

/** A resource of this package in a stack's state. */
export interface Held {
  type: string;
  name: string;
  urn: string;
  outs: z.output<typeof outputs>;
  inputs: z.output<typeof inputs>;
  /** Pulumi was killed while it created this: the state knows nothing more of it. */
  interrupted?: true;
}

export interface StackState {
  /** Undefined when nothing was ever deployed. */
  stack?: string;
  project?: string;
  resources: Held[];
  /** What the next `up` deletes. */
  condemned: Held[];
  /** Ids of the Cloudflare zones that the stack has records in. */
  cloudflareZones: string[];
}

const exported = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          inputs: z.unknown().optional(),
          outputs: z.unknown().optional(),
          delete: z.boolean().optional(),
        }),
      )
      .nullish(),
    pending_operations: z
      .array(
        z.object({
          type: z.string(),
          resource: z.object({ urn: z.string(), type: z.string(), inputs: z.unknown().optional() }),
        }),
      )
      .nullish(),
  }),
});

/** Reads what `pulumi stack export` printed. */
export function readStackState(text: string, from: string): StackState {
  const { data } = exported.safeParse(jsonOf(text));
  if (!data) {
    throw new BimiError(
      "unreadable_state",
      `${from} is not what \`pulumi stack export\` prints: it has no deployment. Export the stack again.`,
    );
  }
  const all = data.deployment.resources ?? [];
  const operations = data.deployment.pending_operations ?? [];
  const [, , stack, project] = (all[0] ?? operations[0]?.resource)?.urn.split(/::?/, 4) ?? [];
  const of = (isCondemned: boolean) => all.filter((resource) => Boolean(resource.delete) === isCondemned).flatMap(held);
  // An operation stays listed after the next `up` has created its resource.
  const known = new Set(all.map(({ urn }) => urn));
  const interrupted = operations
    .filter(({ type, resource }) => type === "creating" && !known.has(resource.urn))
    .flatMap(({ resource }) => held(resource))
    .map((resource) => ({ ...resource, interrupted: true as const }));
  return {
    ...(stack && project ? { stack, project } : {}),
    resources: [...of(false), ...interrupted],
    condemned: of(true),
    cloudflareZones: [...new Set(all.flatMap(zoneOf))],
  };
}

interface Exported {
  urn: string;
  type: string;
  inputs?: unknown;
  outputs?: unknown;
}

function held({ urn, type, ...resource }: Exported): Held[] {
  const short = token.exec(type)?.[1];
  if (short === undefined) return [];
  const name = urn.split("::").slice(3).join("::");
  const outs = outputs.catch({}).parse(resource.outputs);
  return [{ type: short, name, urn, outs, inputs: inputs.catch({}).parse(resource.inputs) }];
}

const dnsRecord = z.object({ zoneId: z.string() });

function zoneOf({ type, outputs }: Exported): string[] {
  if (!/^cloudflare:index\/(dnsRecord|record):/.test(type)) return [];
  const { data } = dnsRecord.safeParse(outputs);
  return data ? [data.zoneId] : [];
}

/** The state in a file, on standard input, or as Pulumi has it. */
export async function exportedState(
  { state, stack }: { state?: string | undefined; stack?: string | undefined },
  pulumi: Pulumi,
  world: Pick<World, "stdin">,
): Promise<StackState> {
  if (state === "-") return readStackState(await world.stdin(), "Standard input");
  if (state !== undefined) return readStackState(fileText(state), state);
  return readStackState(await pulumi("stack", "export", ...stackArgs(stack)), "The answer of `pulumi stack export`");
}

function fileText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new BimiError("no_state", `--state ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
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

/** A stack of the project, as `pulumi stack ls` has it. */
export interface ListedStack {
  name: string;
  isCurrent: boolean;
  /** Where Pulumi Cloud keeps it; other backends have no organizations. */
  organization?: string;
  project?: string;
}

const listed = z.array(z.object({ name: z.string(), current: maybe(z.boolean()), url: maybe(z.string()) }));

/** The stacks of the project. */
export async function stacksOf(pulumi: Pulumi): Promise<ListedStack[]> {
  const { data } = listed.safeParse(jsonOf(await pulumi("stack", "ls", "--json")));
  if (!data) throw new BimiError("pulumi_failed", "`pulumi stack ls --json` did not answer a list of stacks.");
  return data.map(({ name, current = false, url }) => {
    const parts =
      parseUrl(url ?? "")
        ?.pathname.split("/")
        .filter(Boolean) ?? [];
    const [organization, project] = parts.slice(-3);
    return { name, isCurrent: current, ...(parts.length >= 3 ? { organization, project } : {}) };
  });
}

/** The name in the project file of a directory or the nearest one above it, as Pulumi finds it. */
export function projectNameIn(cwd: string): string | undefined {
  for (let dir = cwd; ; dir = path.dirname(dir)) {
    for (const file of ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"]) {
      if (!existsSync(path.join(dir, file))) continue;
      return /^[\s{]*"?name"?\s*:\s*["']?([\w.-]+)/m.exec(readFileSync(path.join(dir, file), "utf8"))?.[1];
    }
    if (dir === path.dirname(dir)) return undefined;
  }
}

/** A stack's configuration: secret values are not decrypted. */
export type Configuration = Record<string, { value?: string | undefined; secret: boolean }>;

const configuration = z.record(z.string(), z.object({ value: maybe(z.string()), secret: z.boolean().catch(false) }));

/** What `pulumi config` tells of a stack. */
export async function configurationOf(pulumi: Pulumi, stack: string | undefined): Promise<Configuration> {
  const { data } = configuration.safeParse(jsonOf(await pulumi("config", "--json", ...stackArgs(stack))));
  if (!data) throw new BimiError("pulumi_failed", "`pulumi config --json` did not answer a configuration.");
  return data;
}

/** A value of a stack's configuration, decrypted. */
export async function configValue(pulumi: Pulumi, stack: string | undefined, key: string): Promise<string | undefined> {
  return (await pulumi("config", "get", key, ...stackArgs(stack))).trim() || undefined;
}

/** Key and URL of the stack's configuration, else of the environment: those of an up. */
export async function settingsOf(env: NodeJS.ProcessEnv, pulumi: Pulumi, stack: string | undefined): Promise<Settings> {
  let problem: Error | undefined;
  const configured = async (key: string) => {
    try {
      return await configValue(pulumi, stack, `bimi:${key}`);
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function stackArgs(stack: string | undefined): string[] {
  return stack === undefined ? [] : ["--stack", stack];
}
