import { z } from "zod";
import { parseBaseUrl } from "../certcentral";
import { Redactor } from "../certcentral/redact";
import { BimiError } from "../context";
import { day } from "../time";
import { type Check, messageOf, ok, problem, unknown, warning } from "./check";
import type { Configuration } from "./stackState";

const name = "Cloudflare token";
/** What `Edit zone DNS`, Cloudflare's own template, grants. */
const scope = "Zone / DNS / Edit";
const create = `Make one in Cloudflare's dashboard (My Profile > API Tokens, template "Edit zone DNS"), and run \`pulumi config set --secret cloudflare:apiToken\`.`;

export interface CloudflareAccess {
  config: Configuration;
  env: NodeJS.ProcessEnv;
  /** A value of the configuration, decrypted. */
  configured: (key: string) => Promise<string | undefined>;
  /** Zones that the stack has records in. */
  zones: readonly string[];
  now: number;
}

/** What Cloudflare tells of the token of the stack's default provider; GETs only. */
export async function checkCloudflare(access: CloudflareAccess): Promise<Check[]> {
  const { config, env, zones, configured } = access;
  const inConfig = config["cloudflare:apiToken"];
  if (!inConfig && !env.CLOUDFLARE_API_TOKEN) return [withoutToken(config, env, zones)];
  const from = inConfig
    ? "cloudflare:apiToken of the stack's configuration"
    : "CLOUDFLARE_API_TOKEN of the environment";
  const plain = problem(
    name,
    `${from} lies there in plain text.`,
    "Repair it with `pulumi config set --secret cloudflare:apiToken`, and roll the token if the stack file was shared.",
  );
  const before = inConfig && !inConfig.secret ? [plain] : [];
  try {
    const token = inConfig ? await configured("cloudflare:apiToken") : env.CLOUDFLARE_API_TOKEN;
    const api = new Api((await configured("cloudflare:baseUrl")) ?? env.CLOUDFLARE_BASE_URL, token ?? "");
    return [...before, ...(await checkToken(api, from, zones, access.now))];
  } catch (error) {
    return [...before, problem(name, messageOf(error))];
  }
}

function withoutToken(config: Configuration, env: NodeJS.ProcessEnv, zones: readonly string[]): Check {
  if (config["cloudflare:apiKey"] || env.CLOUDFLARE_API_KEY) {
    return warning(
      name,
      "There is none; the global API key that is set may do everything with the whole account, and is not checked.",
      create,
    );
  }
  const what =
    "There is none: neither cloudflare:apiToken in the stack's configuration nor CLOUDFLARE_API_TOKEN in the environment";
  if (zones.length === 0) return ok(name, `${what}; the stack has no Cloudflare records`);
  return problem(name, `${what}, and the stack has records at Cloudflare.`, create);
}

async function checkToken(api: Api, from: string, ids: readonly string[], now: number): Promise<Check[]> {
  const verified = await api.get(
    "/user/tokens/verify",
    z.object({ status: z.string(), expires_on: z.string().nullish() }),
  );
  if (verified.status === 429 || verified.status >= 500) throw api.failure("/user/tokens/verify", verified);
  const zones = await (ids.length > 0 ? zonesById(api, ids) : zonesListed(api));
  const isAccepted = zones.some(({ status }) => status === "ok" || status === "unknown");
  const { result } = verified;
  if (!result) {
    // That call is of users' tokens; one that an account owns is unknown there, and works.
    if (isAccepted) return [ok(name, `${from}: accepted`), ...zones];
    return [
      problem(name, `${from}: ${api.refusal(verified)}.`, `The token is wrong, or was rolled or deleted. ${create}`),
    ];
  }
  if (result.status !== "active") return [problem(name, `${from}: it is ${result.status}.`, create)];
  const ends = result.expires_on?.slice(0, 10);
  const isEnding = ends !== undefined && Date.parse(ends) - now < 30 * day;
  const what = `${from}: active${ends ? `, until ${ends}` : ""}`;
  return [
    isEnding ? warning(name, what, "Extend or roll it in time, or records can no longer be changed.") : ok(name, what),
    ...zones,
  ];
}

const zone = z.object({
  id: z.string(),
  name: z.string(),
  permissions: z.array(z.string()).optional().catch(undefined),
});
type Zone = z.output<typeof zone>;

function zonesById(api: Api, ids: readonly string[]): Promise<Check[]> {
  return Promise.all(
    ids.map(async (id) => {
      const path = `/zones/${encodeURIComponent(id)}`;
      const found = await api.get(path, zone);
      if (found.result) return permissionOf(found.result);
      if (found.status === 429 || found.status >= 500) throw api.failure(path, found);
      // Zone Read is another permission, which editing records by zone id does not need.
      const records = await api.get(`${path}/dns_records?per_page=1`, z.array(z.unknown()));
      if (records.result) return mayRead(`zone ${id}`);
      return problem(
        `zone ${id}`,
        `The stack has records there, but the token may not read them: ${api.refusal(records)}.`,
        `Give the token ${scope} for this zone.`,
      );
    }),
  );
}

async function zonesListed(api: Api): Promise<Check[]> {
  const found = await api.get("/zones?per_page=50", z.array(zone));
  if (!found.result) {
    return [
      unknown(
        "Cloudflare zones",
        `Which zones the token may edit cannot be asked without Zone / Zone / Read: ${api.refusal(found)}.`,
      ),
    ];
  }
  if (found.result.length === 0)
    return [
      warning("Cloudflare zones", "The token sees no zone.", `Give the token ${scope} for the zones of your domains.`),
    ];
  return found.result.map(permissionOf);
}

/** Cloudflare lists them with the zone, but calls the list a legacy one. */
function permissionOf({ id, name, permissions }: Zone): Check {
  const title = `zone ${name}`;
  if (!permissions?.length) return mayRead(title);
  if (permissions.includes("#dns_records:edit")) return ok(title, `the token may edit its records (${id})`);
  return problem(
    title,
    `The token may not edit its records: ${permissions.filter((each) => /dns|zone:/.test(each)).join(", ") || "none of its permissions is of DNS"}.`,
    `Give the token ${scope} for this zone.`,
  );
}

function mayRead(title: string): Check {
  return unknown(
    title,
    "The token may read its records; Cloudflare does not tell whether it may edit them.",
    `It needs ${scope}.`,
  );
}

interface Reply<T> {
  status: number;
  result: T | undefined;
  errors: { code?: number; message?: string }[];
}

const envelope = z.object({
  success: z.boolean().catch(false),
  errors: z.array(z.object({ code: z.number().optional(), message: z.string().optional() })).catch([]),
  result: z.unknown(),
});

/** Cloudflare's API, to read. */
class Api {
  readonly #token: string;
  readonly #redactor: Redactor;
  private readonly baseUrl: string;

  constructor(baseUrl = "https://api.cloudflare.com/client/v4", token: string) {
    const remedy = "Set it to https://api.cloudflare.com/client/v4, or remove it. Nothing was called.";
    const url = parseBaseUrl(baseUrl, "Cloudflare's base URL (cloudflare:baseUrl, CLOUDFLARE_BASE_URL)", remedy);
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new BimiError(
        "bad_token",
        "The Cloudflare API token has characters that no token has: copy it again. Nothing was called.",
      );
    }
    this.baseUrl = `${url.origin}${url.pathname}`.replace(/\/+$/, "");
    this.#token = token;
    this.#redactor = new Redactor(token);
  }

  async get<T>(path: string, result: z.ZodType<T>): Promise<Reply<T>> {
    // node-fetch is an ES module; this file is compiled to CommonJS.
    const { default: fetch } = await import("node-fetch");
    let text: string;
    let status: number;
    try {
      const response = await fetch(this.baseUrl + path, {
        headers: { Authorization: `Bearer ${this.#token}`, Accept: "application/json" },
        redirect: "manual",
        size: 4 * 1024 * 1024,
        signal: AbortSignal.timeout(30_000),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw new BimiError(
        "cloudflare_failed",
        this.#redactor.text(`Cloudflare did not answer GET ${path.split("?")[0]}: ${messageOf(error)}`),
      );
    }
    const { data } = envelope.safeParse(parsed(text));
    const told = status === 200 && data?.success ? result.safeParse(data.result) : undefined;
    return { status, result: told?.data, errors: data?.errors ?? [] };
  }

  refusal({ status, errors }: Reply<unknown>): string {
    const said = [status, ...errors.map(({ code, message }) => `${code ?? ""} ${message ?? ""}`.trim())].join(" ");
    return this.#redactor.text(said);
  }

  failure(path: string, reply: Reply<unknown>): BimiError {
    return new BimiError(
      "cloudflare_failed",
      `Cloudflare did not answer GET ${path}: ${this.refusal(reply)}. Run this again.`,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
