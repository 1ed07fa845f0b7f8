import type { ApiRecord, CloudflareApi } from "./api";

/** What the engine sends in a preview for a value that is not known yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Inputs or outputs of a record, by property name. */
export type Properties = Record<string, unknown>;

export interface Failure {
  property: string;
  reason: string;
}

const required = ["zoneId", "name", "type", "ttl", "content"];
const properties = [...required, "proxied", "comment"];
const types = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT"];

/** Checks inputs as the real plugin does; a property that this stand-in does not handle is refused, not ignored. */
export function check(news: Properties): { inputs: Properties; failures: Failure[] } {
  const failures: Failure[] = [];
  for (const property of required) {
    if (news[property] === undefined) failures.push({ property, reason: "Missing required property" });
  }
  for (const property of Object.keys(news)) {
    if (!properties.includes(property)) {
      failures.push({ property, reason: "the stand-in for Cloudflare's plugin does not know this property" });
    }
  }
  const { type, ttl } = news;
  if (isKnown(type) && !types.includes(String(type))) {
    failures.push({ property: "type", reason: `must be one of ${types.join(", ")}` });
  }
  if (isKnown(ttl) && ttl !== 1 && !(Number(ttl) >= 30 && Number(ttl) <= 86_400)) {
    failures.push({ property: "ttl", reason: "must be 1 (automatic) or between 30 and 86400 seconds" });
  }
  return { inputs: { ...news, proxied: news.proxied ?? false }, failures };
}

/** The properties whose new input is not what Cloudflare holds. */
export function changedProperties(state: Properties, news: Properties): string[] {
  return properties.filter((property) => state[property] !== news[property]);
}

/** Another zone means another record; all else changes in place. */
export function needsReplacement(property: string): boolean {
  return property === "zoneId";
}

/** What a preview can say about a record: its inputs, and what Cloudflare adds when that is known from before. */
export function planned(inputs: Properties, state: Properties = {}): Properties {
  const created = Object.keys(state).length > 0;
  return {
    ...inputs,
    createdOn: created ? state.createdOn : unknown,
    modifiedOn: unknown,
    proxiable: created ? state.proxiable : unknown,
    settings: created ? state.settings : unknown,
    tags: created ? state.tags : unknown,
    meta: created ? state.meta : unknown,
  };
}

export async function create(api: CloudflareApi, inputs: Properties): Promise<{ id: string; state: Properties }> {
  const record = await api.create(zoneOf(inputs), body(inputs));
  return { id: record.id, state: stateOf(zoneOf(inputs), record) };
}

/** Answers nothing when the record is gone. An import names it as `<zone id>/<record id>`. */
export async function read(
  api: CloudflareApi,
  id: string,
  state: Properties,
): Promise<{ id: string; state: Properties } | undefined> {
  const [zone, record] = id.includes("/") ? (id.split("/") as [string, string]) : [zoneOf(state), id];
  const found = await api.get(zone, record);
  return found && { id: found.id, state: stateOf(zone, found) };
}

/** Sends the whole record, as the real plugin does. */
export async function update(api: CloudflareApi, id: string, inputs: Properties): Promise<Properties> {
  const settings = inputs.type === "CNAME" ? { flatten_cname: false, ipv4_only: false, ipv6_only: false } : {};
  const record = await api.replace(zoneOf(inputs), id, { ...body(inputs), settings, tags: [] });
  return stateOf(zoneOf(inputs), record);
}

export async function remove(api: CloudflareApi, id: string, state: Properties): Promise<void> {
  await api.delete(zoneOf(state), id);
}

/** The inputs that would give this state. */
export function inputsOf(state: Properties): Properties {
  return Object.fromEntries(properties.filter((name) => state[name] !== undefined).map((name) => [name, state[name]]));
}

function body({ zoneId: _, ...inputs }: Properties): object {
  return inputs;
}

function stateOf(zoneId: string, record: ApiRecord): Properties {
  const state: Properties = {
    zoneId,
    name: record.name,
    type: record.type,
    content: record.content,
    ttl: record.ttl,
    proxied: record.proxied,
    comment: record.comment || undefined,
    proxiable: record.proxiable ?? false,
    createdOn: record.created_on,
    modifiedOn: record.modified_on,
    meta: "{}",
    settings: record.settings ?? {},
    tags: record.tags ?? [],
  };
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
}

function zoneOf(values: Properties): string {
  return String(values.zoneId);
}

function isKnown(value: unknown): boolean {
  return value !== undefined && value !== unknown;
}
