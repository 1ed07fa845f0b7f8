import { badParameter } from "./errors";
import { type Answer, ok } from "./http";
import type { World } from "./world";

const MAX_LIMIT = 1000;

/** `filters[name]=value`; a filter that the list does not have is refused. */
export function readFilters(query: URLSearchParams, known: string[]): Map<string, string> {
  const filters = new Map<string, string>();
  for (const [parameter, value] of query) {
    const name = /^filters\[(.+)\]$/.exec(parameter)?.[1];
    if (name === undefined) continue;
    if (!known.includes(name)) throw badParameter(parameter, `There is no filter ${name}.`);
    filters.set(name, value);
  }
  return filters;
}

/** One page of a list in DigiCert's form: the array, then `page` with total, limit and offset. */
export function listAnswer<T>(
  world: World,
  query: URLSearchParams,
  name: string,
  items: T[],
  json: (item: T) => Record<string, unknown>,
): Answer {
  const limit = Math.min(wholeNumber(query, "limit", MAX_LIMIT), MAX_LIMIT);
  const offset = wholeNumber(query, "offset", 0);
  if (items.length === 0 && world.switches.emptyLists === "emptyObject") return ok({});
  const rendered = sorted(items.map(json), query.get("sort"));
  return ok({ [name]: rendered.slice(offset, offset + limit), page: { total: items.length, limit, offset } });
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const given = query.get(name);
  if (given === null) return otherwise;
  if (!/^\d+$/.test(given)) throw badParameter(name, "must be a whole number");
  return Number(given);
}

/** `sort=name,-date_created`: ascending, or descending with a minus. */
function sorted(items: Record<string, unknown>[], sort: string | null): Record<string, unknown>[] {
  const keys = (sort ?? "").split(",").filter(Boolean);
  return [...items].sort((a, b) => {
    for (const key of keys) {
      const descending = key.startsWith("-");
      const name = key.replace(/^-/, "").replace(/^order_id$/, "id");
      const order = compare(a[name], b[name]);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a ?? "").localeCompare(String(b ?? ""));
}

/** `value`, `>=value`, `<=value`, `>value`, `<value` or the range `a...b`, on strings that sort like what they mean. */
export function matches(actual: string, filter: string): boolean {
  const range = filter.split("...");
  if (range.length === 2) return actual >= range[0]! && actual.slice(0, range[1]!.length) <= range[1]!;
  const [, operator, value] = /^(>=|<=|>|<)?(.*)$/s.exec(filter)!;
  switch (operator) {
    case ">":
      return actual > value!;
    case "<":
      return actual < value!;
    case ">=":
      return actual >= value!;
    case "<=":
      return actual <= value!;
    default:
      return actual === value || actual.startsWith(`${value}T`);
  }
}
