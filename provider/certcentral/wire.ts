import { z } from "zod";
import type { Answer } from "./client";

/*
 * DigiCert's JSON is loose: ids may be strings, booleans "1", empty lists `{}` or absent, dates in three spellings. Every schema here
 * reads what it can and never fails; what a call cannot do without is checked where it is used.
 */

type JsonObject = Record<string, unknown>;

const anything = <T>(read: (value: unknown) => T) => z.unknown().optional().transform(read);

/** A positive integer, also as a string; DigiCert's 0 means none. */
export const id = anything(toId);
/** A string that is not empty; a number is spelled out. */
export const text = anything(toText);
/** A number, also as a string. */
export const amount = anything((value) => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
});
/** A boolean, also as `1`, `"1"`, `"true"`. */
export const flag = anything((value) => {
  if (value === true || value === 1 || value === "1" || value === "true") return true;
  if (value === false || value === 0 || value === "0" || value === "false") return false;
  return undefined;
});
/** A moment, as ISO 8601 in UTC: `2026-11-21T10:00:00Z`. DigiCert writes offsets, `yyyy-MM-dd HH:mm:ss`, or a date alone. */
export const moment = anything(toMoment);
/** Anything, for a later look. */
export const raw = anything((value) => value);
/** A list of strings without the empty ones: DigiCert writes `[""]` for no names. */
export const texts = anything((value) =>
  (typeof value === "string" ? [value] : toList(value)).flatMap((entry) => toText(entry) ?? []),
);

/** The strings of an object by name; undefined when there are none. */
export const textMap = anything((value) => {
  const entries = isObject(value) ? Object.entries(value).filter(([, entry]) => typeof entry === "string") : [];
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Record<string, string>);
});

/** An object; anything else reads as one without properties. */
export const record = <Shape extends z.ZodRawShape>(shape: Shape) =>
  anything((value) => (isObject(value) ? value : {})).pipe(z.object(shape));
/** A list; absent, `{}` and `null` read as an empty one. */
export const list = <Item extends z.ZodType>(item: Item) => anything(toList).pipe(z.array(item));

/** `{id, status, …}` of an order's or a certificate's request. */
export const request = record({
  id,
  type: text,
  status: text,
  date: moment,
  date_processed: moment,
  comments: text,
  processor_comment: text,
}).transform((wire) =>
  wire.id === undefined
    ? undefined
    : compact({
        id: wire.id,
        type: wire.type,
        status: wire.status,
        date: wire.date,
        dateProcessed: wire.date_processed,
        comments: wire.comments,
        processorComment: wire.processor_comment,
      }),
);

/** A DCV token, whatever its expiration is called; undefined without a token. */
export const dcvToken = record({
  token: text,
  status: text,
  expiration_date: moment,
  expiration: moment,
  expires: moment,
  verification_value: text,
  http_token_url: text,
}).transform((wire) =>
  wire.token === undefined
    ? undefined
    : compact({
        token: wire.token,
        status: wire.status,
        expires: wire.expiration_date ?? wire.expiration ?? wire.expires,
        verificationValue: wire.verification_value,
        httpTokenUrl: wire.http_token_url,
      }),
);

/** A domain of an order; undefined without an id. */
export const orderDomain = record({ id, name: text, dns_name: text, dcv_token: dcvToken }).transform((wire) =>
  wire.id === undefined
    ? undefined
    : compact({
        id: wire.id,
        name: wire.name ?? wire.dns_name ?? "",
        dnsName: wire.dns_name,
        token: wire.dcv_token,
      }),
);

/** A validation of an organization or a domain; undefined without a type. */
export const validation = record({
  type: text,
  name: text,
  status: text,
  date_created: moment,
  validated_until: moment,
  dcv_status: text,
  verified_users: list(record({ id, first_name: text, last_name: text })),
}).transform((wire) =>
  wire.type === undefined
    ? undefined
    : compact({
        type: wire.type,
        name: wire.name,
        status: wire.status ?? "unknown",
        dateCreated: wire.date_created,
        validatedUntil: wire.validated_until,
        dcvStatus: wire.dcv_status,
        verifiedUsers: wire.verified_users.map((user) =>
          compact({ id: user.id, firstName: user.first_name, lastName: user.last_name }),
        ),
      }),
);

/** A contact person. */
export const contact = record({
  id,
  user_id: id,
  contact_type: text,
  first_name: text,
  last_name: text,
  job_title: text,
  email: text,
  telephone: text,
  telephone_extension: text,
}).transform((wire) =>
  compact({
    id: wire.id,
    userId: wire.user_id,
    contactType: wire.contact_type,
    firstName: wire.first_name,
    lastName: wire.last_name,
    jobTitle: wire.job_title,
    email: wire.email,
    telephone: wire.telephone,
    telephoneExtension: wire.telephone_extension,
  }),
);

/** Reads an object from an answer. @throws CertCentralError when the answer is not a JSON object */
export function readObject<Schema extends z.ZodType>(schema: Schema, answer: Answer): z.output<Schema> {
  // PHP writes an empty object as an empty list.
  const json = Array.isArray(answer.json) && answer.json.length === 0 ? {} : answer.json;
  if (!isObject(json)) throw answer.unexpected("The answer is not a JSON object");
  const result = schema.safeParse(json);
  if (!result.success) throw answer.unexpected("The answer has an unknown shape");
  return result.data;
}

/** The `id` of what a POST made. @throws CertCentralError when there is none: it may have been made all the same */
export function readId(answer: Answer): number {
  const found = readObject(record({ id }), answer).id;
  if (found === undefined) throw answer.unexpected("The answer has no id");
  return found;
}

/** The entries under `key` of an answer, and how many there are in all, if the answer says so. */
export function readPage<Item>(
  item: z.ZodType<Item>,
  key: string,
  answer: Answer,
): { items: NonNullable<Item>[]; count: number; total?: number | undefined } {
  const root = Array.isArray(answer.json) ? { [key]: answer.json } : answer.json;
  if (!isObject(root)) throw answer.unexpected("The answer is not a JSON object");
  const entries = toList(root[key]);
  const result = z.array(item).safeParse(entries);
  if (!result.success) throw answer.unexpected("The answer has an unknown shape");
  const total = isObject(root.page) && typeof root.page.total !== "object" ? Number(root.page.total) : Number.NaN;
  return {
    items: present(result.data),
    count: entries.length,
    total: Number.isSafeInteger(total) && root.page !== undefined ? total : undefined,
  };
}

/** The entries that could be read. */
export function present<T>(values: T[]): NonNullable<T>[] {
  return values.filter((value) => value !== undefined && value !== null) as NonNullable<T>[];
}

/** Without the properties that are undefined: the engine refuses those in outputs. */
export function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function toId(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** The latest of several moments, each a moment or an object whose values are moments (`{ov, ev}`). */
export function latestMoment(...values: unknown[]): string | undefined {
  const moments = values
    .flatMap((value) => (isObject(value) ? Object.values(value) : [value]))
    .flatMap((value) => toMoment(value) ?? []);
  return moments.sort().at(-1);
}

function toText(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function toList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [];
  const keys = Object.keys(value);
  if (keys.length === 0) return [];
  // PHP writes a list with gaps as an object; one entry alone may come without its list.
  return keys.every((key) => /^\d+$/.test(key)) ? Object.values(value) : [value];
}

function toMoment(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(value.trim());
  if (match === null) return undefined;
  const [, date, time = "00:00:00", zone = "Z"] = match;
  const offset = zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  const parsed = new Date(`${date}T${time}${offset}`);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed.toISOString().replace(/\.\d{3}Z$/, "Z");
}
