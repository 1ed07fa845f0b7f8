import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { characterStrings, type DnsZoneRecord } from "./dns";
import type { JournalEntry } from "./journal";

/** A record as Cloudflare's API answers it. */
export interface CloudflareRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  /** Seconds, 60 to 86 400, or 1 for automatic. */
  ttl: number;
  proxied: boolean;
  proxiable: boolean;
  priority?: number;
  comment: string | null;
  tags: string[];
  settings: Record<string, unknown>;
  meta: Record<string, unknown>;
  created_on: string;
  modified_on: string;
  comment_modified_on: string | null;
}

/** A failure to act out: an error answer instead of doing the call, or a cut connection before or after doing it. */
export type CloudflareFault =
  | { kind: "answer"; status: number; body?: unknown }
  | { kind: "drop"; after: "request" | "commit" };

/** What an API token may do. */
export interface CloudflareToken {
  /** Ids of the zones that it may see; default: all. */
  zones?: string[];
  /** DNS permission: `edit` (default) includes `read`. */
  dns?: "edit" | "read";
  /** Whether it also has the permission Zone Read, without which zones cannot be looked at; default: true. */
  zoneRead?: boolean;
  /** As `/user/tokens/verify` says; default: active. Only an active one is accepted elsewhere. */
  status?: "active" | "disabled" | "expired";
  /** ISO 8601; default: never. */
  expiresOn?: string;
  /** Of an account instead of a user: `/user/tokens/verify` does not know it. */
  accountOwned?: boolean;
}

export interface CloudflareApiOptions {
  /** Zone name to zone id. */
  zones: Record<string, string>;
  /** An API token that may edit DNS in all zones. */
  token: string;
  /** Every call, `path` without the base path `/client/v4`. */
  journal?: { add(entry: JournalEntry): void };
  /** Milliseconds since 1970; default the real time. */
  clock?: { now(): number };
  /** Asked before each call. */
  fault?: (method: string, path: string) => CloudflareFault | undefined;
  /** Called after each change of a record, to save the state. */
  onChange?: () => void;
}

interface Answer {
  status: number;
  body: unknown;
}

const BASE_PATH = "/client/v4";
const MAX_BODY_BYTES = 1024 * 1024;
const SERVED_TYPES = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "TXT"];
const PROXIABLE_TYPES = ["A", "AAAA", "CNAME"];

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Cloudflare's API for DNS records (https://developers.cloudflare.com/api/resources/dns/subresources/records/) on
 * loopback. As the real one, it takes many records of one name and type and refuses only identical twins and CNAMEs
 * beside addresses.
 */
export class CloudflareApi {
  readonly #options: CloudflareApiOptions;
  readonly #zones: { id: string; name: string; records: Map<string, CloudflareRecord> }[];
  readonly #tokens = new Map<string, CloudflareToken>();
  #server?: Server;

  constructor(options: CloudflareApiOptions) {
    this.#options = options;
    this.#tokens.set(options.token, {});
    this.#zones = Object.entries(options.zones).map(([name, id]) => ({
      id,
      name: name.toLowerCase(),
      records: new Map(),
    }));
  }

  /**
   * @param port 0 or nothing for any free port
   * @throws if the port is taken
   */
  async start(port = 0): Promise<{ url: string }> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE_PATH}` };
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  /** A further API token; answers its value. */
  addToken(scope: CloudflareToken = {}): string {
    const value = randomBytes(20).toString("hex");
    this.#tokens.set(value, scope);
    return value;
  }

  /** What a DNS server should answer now. */
  records(): DnsZoneRecord[] {
    return this.#zones.flatMap((zone) =>
      [...zone.records.values()].map(({ name, type, content, ttl, priority, proxied }) => ({
        name,
        type,
        content,
        ttl,
        priority,
        proxied,
      })),
    );
  }

  zoneNames(): string[] {
    return this.#zones.map((zone) => zone.name);
  }

  /** All records by zone name, to be given to {@link restore}. */
  dump(): Record<string, CloudflareRecord[]> {
    return Object.fromEntries(this.#zones.map((zone) => [zone.name, [...zone.records.values()]]));
  }

  /** Replaces all records; zones that this API does not have are left out. */
  restore(state: Record<string, CloudflareRecord[]>): void {
    for (const zone of this.#zones) {
      zone.records.clear();
      for (const record of state[zone.name] ?? []) zone.records.set(record.id, record);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? "GET";
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const path = url.pathname.replace(BASE_PATH, "") + url.search;
    const text = await readBody(request);
    const fault = this.#options.fault?.(method, path);
    const answer: Answer =
      fault?.kind === "answer"
        ? { status: fault.status, body: fault.body ?? failure(10_013, "Internal server error") }
        : fault?.kind === "drop" && fault.after === "request"
          ? { status: 0, body: undefined }
          : this.#answer(method, url, request.headers.authorization, text);
    this.#options.journal?.add({
      at: this.#now(),
      service: "cloudflare",
      method,
      path,
      status: fault?.kind === "drop" ? 0 : answer.status,
      write: method !== "GET" && method !== "HEAD",
      ...(text === "" ? {} : { request: parseJson(text) ?? text }),
      ...(answer.body === undefined ? {} : { response: answer.body }),
      ...(fault ? { fault: fault.kind } : {}),
    });
    if (fault?.kind === "drop") {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(JSON.stringify(answer.body));
  }

  #answer(method: string, url: URL, authorization: string | undefined, text: string): Answer {
    try {
      return this.#route(method, url, authorization, text);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: failure(error.code, error.message) };
    }
  }

  #route(method: string, url: URL, authorization: string | undefined, text: string): Answer {
    const unrouted = new Refusal(
      404,
      7003,
      `Could not route to ${url.pathname}, perhaps your object identifier is invalid?`,
    );
    if (!url.pathname.startsWith(`${BASE_PATH}/`)) throw unrouted;
    const path = url.pathname.slice(BASE_PATH.length).replace(/\/$/, "");
    const token = this.#tokens.get(/^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "");
    if (path === "/user/tokens/verify" && method === "GET") {
      if (!token || token.accountOwned) throw new Refusal(401, 1000, "Invalid API Token");
      const { status = "active", expiresOn } = token;
      return success({ id: "5".repeat(32), status, ...(expiresOn ? { expires_on: expiresOn } : {}) });
    }
    const unauthorized = new Refusal(403, 10_000, "Authentication error");
    if (!token || (token.status ?? "active") !== "active") throw unauthorized;
    const { dns = "edit", zoneRead = true, zones: seen } = token;
    const forbidden = new Refusal(403, 9_109, "Unauthorized to access requested resource");
    if (path === "/zones" && method === "GET") {
      if (!zoneRead) throw forbidden;
      const name = url.searchParams.get("name")?.toLowerCase();
      const zones = this.#zones.filter((zone) => (!name || zone.name === name) && seen?.includes(zone.id) !== false);
      return list(
        zones.map((zone) => publicZone(zone, dns)),
        url,
      );
    }
    const [, zoneId, collection, recordId, rest] =
      /^\/zones\/([^/]+)(?:\/(dns_records)(?:\/([^/]+))?)?(\/.*)?$/.exec(path) ?? [];
    const zone = this.#zones.find((candidate) => candidate.id === zoneId);
    if (!zone || rest) throw unrouted;
    const isSeen = seen?.includes(zone.id) !== false;
    if (!collection) {
      if (method !== "GET") throw unrouted;
      if (!isSeen || !zoneRead) throw forbidden;
      return success(publicZone(zone, dns));
    }
    if (!isSeen || (method !== "GET" && dns !== "edit")) throw unauthorized;
    if (!recordId) {
      if (method === "GET") return list(filter([...zone.records.values()], url.searchParams), url);
      if (method !== "POST") throw unrouted;
      const id = randomBytes(16).toString("hex");
      return this.#store(zone, this.#record(zone.name, id, {}, readObject(text)));
    }
    const existing = zone.records.get(recordId);
    if (!existing) throw new Refusal(404, 81_044, "Record does not exist.");
    switch (method) {
      case "GET":
        return success(existing);
      case "PUT": {
        const { created_on } = existing;
        return this.#store(zone, this.#record(zone.name, recordId, { created_on }, readObject(text)));
      }
      case "PATCH":
        return this.#store(zone, this.#record(zone.name, recordId, existing, { ...existing, ...readObject(text) }));
      case "DELETE":
        zone.records.delete(recordId);
        this.#options.onChange?.();
        return success({ id: recordId });
      default:
        throw unrouted;
    }
  }

  #store(zone: { records: Map<string, CloudflareRecord> }, record: CloudflareRecord): Answer {
    refuseConflict(
      record,
      [...zone.records.values()].filter((other) => other.id !== record.id),
    );
    zone.records.set(record.id, record);
    this.#options.onChange?.();
    return success(record);
  }

  /** The whole record from what the call gives, defaults as Cloudflare's. */
  #record(zone: string, id: string, old: Partial<CloudflareRecord>, input: Record<string, unknown>): CloudflareRecord {
    const type = String(input.type ?? "").toUpperCase();
    if (!SERVED_TYPES.includes(type)) throw new Refusal(400, 9_002, "DNS record type is invalid.");
    const content = readContent(type, input.content ?? caaContent(type, input.data));
    const ttl = Number(input.ttl ?? 1);
    if (!Number.isInteger(ttl) || (ttl !== 1 && (ttl < 60 || ttl > 86_400))) {
      throw new Refusal(400, 9_021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.");
    }
    const proxiable = PROXIABLE_TYPES.includes(type);
    const proxied = input.proxied === true;
    if (proxied && !proxiable) throw new Refusal(400, 9_004, "This record type cannot be proxied.");
    const comment = typeof input.comment === "string" && input.comment !== "" ? input.comment : null;
    const now = this.#now();
    return {
      id,
      name: readName(input.name, zone),
      type,
      content,
      // a proxied record's TTL is always automatic
      ttl: proxied ? 1 : ttl,
      proxied,
      proxiable,
      ...(type === "MX" ? { priority: Number(input.priority ?? 0) } : {}),
      comment,
      tags: Array.isArray(input.tags) ? input.tags.map(String) : [],
      settings: isObject(input.settings) ? input.settings : {},
      meta: {},
      created_on: old.created_on ?? now,
      modified_on: now,
      comment_modified_on: comment === null ? null : comment === old.comment ? (old.comment_modified_on ?? now) : now,
    };
  }

  #now(): string {
    return new Date(this.#options.clock?.now() ?? Date.now()).toISOString();
  }
}

/** A name that does not end in the zone's is taken as relative to it, so that `a.example.net` lands in the wrong place. */
function readName(value: unknown, zone: string): string {
  const given = typeof value === "string" ? value.trim().toLowerCase().replace(/\.$/, "") : "";
  const name =
    given === "@"
      ? zone
      : given === zone || given.endsWith(`.${zone}`)
        ? given
        : given === ""
          ? ""
          : `${given}.${zone}`;
  const labels = name.split(".");
  const valid =
    name.length <= 253 && labels.every((label, at) => /^[a-z0-9_-]{1,63}$/.test(label) || (at === 0 && label === "*"));
  if (!valid) throw new Refusal(400, 9_000, "DNS name is invalid.");
  return name;
}

function readContent(type: string, value: unknown): string {
  if (typeof value !== "string" || value.trim() === "") throw new Refusal(400, 9_005, contentMessage(type));
  if (type !== "TXT") return type === "CAA" ? value : value.replace(/\.$/, "");
  try {
    const strings = characterStrings(value);
    // a quoted string over 255 bytes comes back cut, which shows as a change in every later plan
    const given = value.match(/"(?:[^"\\]|\\.)*"/gs)?.length ?? 0;
    return value.startsWith('"') && strings.length !== given ? strings.map(quote).join(" ") : value;
  } catch {
    throw new Refusal(400, 9_005, contentMessage(type));
  }
}

function contentMessage(type: string): string {
  return `Content for ${type} record is invalid.`;
}

function quote(bytes: Buffer): string {
  return `"${bytes.toString().replaceAll(/["\\]/g, "\\$&")}"`;
}

/** CAA is the one served type that the API takes as `data` instead of `content`. */
function caaContent(type: string, data: unknown): string | undefined {
  if (type !== "CAA" || !isObject(data)) return undefined;
  return `${data.flags ?? 0} ${data.tag} "${data.value}"`;
}

function refuseConflict(record: CloudflareRecord, others: CloudflareRecord[]): void {
  const sameName = others.filter((other) => other.name === record.name);
  const identity = ({ type, content }: CloudflareRecord) =>
    type === "TXT" ? `TXT ${Buffer.concat(characterStrings(content)).toString("hex")}` : `${type} ${content}`;
  if (sameName.some((other) => identity(other) === identity(record))) {
    throw new Refusal(400, 81_058, "An identical record already exists.");
  }
  if (record.type === "CNAME" && sameName.some((other) => PROXIABLE_TYPES.includes(other.type))) {
    throw new Refusal(400, 81_053, "An A, AAAA, or CNAME record with that host already exists.");
  }
  if (["A", "AAAA"].includes(record.type) && sameName.some((other) => other.type === "CNAME")) {
    throw new Refusal(400, 81_054, "A CNAME record with that host already exists.");
  }
}

function filter(records: CloudflareRecord[], query: URLSearchParams): CloudflareRecord[] {
  const wanted = (key: string) => query.get(key) ?? query.get(`${key}.exact`);
  const name = wanted("name")?.toLowerCase();
  const content = wanted("content");
  const type = query.get("type")?.toUpperCase();
  return records.filter(
    (record) =>
      (!name || record.name === name) && (!type || record.type === type) && (!content || record.content === content),
  );
}

function publicZone({ id, name }: { id: string; name: string }, dns: "edit" | "read") {
  const permissions = [...(dns === "edit" ? ["#dns_records:edit"] : []), "#dns_records:read", "#zone:read"];
  const name_servers = ["ns.simulator.invalid"];
  return { id, name, status: "active", paused: false, type: "full", name_servers, permissions };
}

function list(all: unknown[], url: URL): Answer {
  const page = Math.max(1, Number(url.searchParams.get("page")) || 1);
  const perPage = Math.max(1, Number(url.searchParams.get("per_page")) || 100);
  const result = all.slice((page - 1) * perPage, page * perPage);
  const answer = success(result);
  const result_info = {
    page,
    per_page: perPage,
    count: result.length,
    total_count: all.length,
    total_pages: Math.ceil(all.length / perPage),
  };
  return { ...answer, body: { ...(answer.body as object), result_info } };
}

function success(result: unknown): Answer {
  return { status: 200, body: { success: true, errors: [], messages: [], result } };
}

function failure(code: number, message: string) {
  return { success: false, errors: [{ code, message }], messages: [], result: null };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("request body too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function readObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (!isObject(value)) throw new Refusal(400, 6_007, "Malformed JSON in request body");
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
