import { z } from "zod";
import type { Failure, Props } from "./lifecycle";
import { readable } from "./readable";
import { isUnknown } from "./unknown";

/** Nobody reads more; a list of ten thousand wrong items would have as many failures. */
const MAX_FAILURES = 20;
/** No input has a longer name. */
const MAX_NAME = 64;

/**
 * Checks inputs against their schema. What a preview does not know yet passes; everything else is reported at once, up
 * to {@link MAX_FAILURES}. `personal` names the inputs whose values must not be printed.
 */
export function checkInputs(schema: z.ZodObject, news: Props, personal: readonly string[]): Failure[] {
  const result = schema.safeParse(news);
  if (result.success) return [];
  const failures: Failure[] = [];
  for (const issue of result.error.issues) {
    if (failures.length >= MAX_FAILURES) break;
    if (isOpen(news, issue)) continue;
    if (issue.code === "unrecognized_keys") failures.push(...unknownInputs(schema, issue));
    else failures.push(failure(...describe(news, issue), personal));
  }
  return failures.slice(0, MAX_FAILURES);
}

/** As many failures as somebody reads. */
export function failuresOf(
  problems: readonly { path: string; reason: string }[],
  personal: readonly string[],
): Failure[] {
  return problems.slice(0, MAX_FAILURES).map(({ path, reason }) => failure(path, reason, personal));
}

/** A failure at a path such as `organization.contacts[0].email`. */
export function failure(path: string, reason: string, personal: readonly string[]): Failure {
  const top = path.split(/[.[]/, 1)[0] as string;
  return {
    property: personal.includes(top) ? "" : top,
    reason: readable(path === top && !personal.includes(top) ? reason : `${path}: ${reason}`),
  };
}

type Issue = z.core.$ZodIssue;

/** Named in the reason only: Pulumi prints the value of a property, and what was misspelt may be personal. */
function unknownInputs(schema: z.ZodObject, issue: Extract<Issue, { code: "unrecognized_keys" }>): Failure[] {
  const path = formatPath(issue.path);
  const known = Object.keys(shapeAt(schema, issue.path) ?? {});
  return issue.keys.slice(0, MAX_FAILURES).map((key) => {
    const name = readable(key, MAX_NAME);
    const reason = `there is no such input${didYouMean(key, known)}`;
    return { property: "", reason: readable(`${path ? `${path}.${name}` : name}: ${reason}`) };
  });
}

function describe(news: Props, issue: Issue): [path: string, reason: string] {
  const path = formatPath(issue.path);
  const expected = expectedTypes(issue);
  if (expected.length > 0) {
    const given = valueAt(news, issue.path);
    if (given === undefined) return [path, "is required."];
    if (!issue.message.startsWith("Invalid input")) return [path, issue.message];
    const types = expected.map((type) => names[type] ?? type).join(" or ");
    return [path, `must be ${types}, but is ${names[typeName(given)] ?? typeName(given)}.`];
  }
  return [path, issue.message];
}

/** The types of which one is expected, when the value is of none. */
function expectedTypes(issue: Issue): string[] {
  if (issue.code === "invalid_type") return [issue.expected];
  if (issue.code !== "invalid_union") return [];
  return issue.errors.flatMap((of) => of.filter(({ path }) => path.length === 0).flatMap((one) => expectedTypes(one)));
}

const names: Record<string, string> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  null: "null",
  number: "a number",
  object: "an object",
  string: "a string",
};

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text ? `${text}.${String(key)}` : String(key);
  }, "");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** Whether the value at `path`, or anything on the way to it, is not known yet. */
/** Whether a value that is not known yet decides: of alternatives, one that has no other problem is enough. */
function isOpen(news: Props, issue: Issue, base: readonly PropertyKey[] = []): boolean {
  const path = [...base, ...issue.path];
  if (reachesUnknown(news, path)) return true;
  return issue.code === "invalid_union" && issue.errors.some((of) => of.every((one) => isOpen(news, one, path)));
}

function reachesUnknown(value: unknown, path: readonly PropertyKey[]): boolean {
  return [...path.keys(), path.length].some((length) => isUnknown(valueAt(value, path.slice(0, length))));
}

function shapeAt(schema: z.ZodType, path: readonly PropertyKey[]): Record<string, z.ZodType> | undefined {
  let at: z.ZodType | undefined = unwrap(schema);
  for (const key of path) {
    if (at instanceof z.ZodObject) at = unwrap(at.shape[key as string]);
    else if (at instanceof z.ZodArray) at = unwrap(at.element as z.ZodType);
    else return undefined;
  }
  return at instanceof z.ZodObject ? at.shape : undefined;
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodOptional) return unwrap(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion)
    return unwrap(schema.options.find((o) => unwrap(o as z.ZodType) instanceof z.ZodObject) as z.ZodType);
  return schema;
}

/** The known name that is closest to a mistyped one, or all of them. */
function didYouMean(key: string, known: readonly string[]): string {
  const usable = known.filter((name) => !name.startsWith("__"));
  if (key.length > MAX_NAME) return `. There are: ${usable.join(", ")}.`;
  const best = usable
    .map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, Math.floor(key.length / 3))
    ? `; did you mean ${best.name}?`
    : `. There are: ${usable.join(", ")}.`;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
