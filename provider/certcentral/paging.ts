import type { Answer, CertCentralClient, ServicesApiRequest } from "./client";

/** DigiCert's largest page. */
const PAGE_SIZE = 1000;
const MAX_PAGES = 1000;

/** Reads every page of a list. Entries that appear on two pages, because the list moved meanwhile, are kept once. */
export async function readAllPages<T>(
  client: CertCentralClient,
  request: Omit<ServicesApiRequest, "method" | "retry">,
  read: (answer: Answer) => { items: T[]; count: number; total?: number | undefined },
  key: (item: T) => unknown,
): Promise<T[]> {
  const found = new Map<unknown, T>();
  let offset = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const query = { ...request.query, offset, limit: PAGE_SIZE };
    const answer = await client.request({ ...request, query, method: "GET", retry: "read" });
    const { items, count, total } = read(answer);
    const before = found.size;
    for (const item of items) found.set(key(item), item);
    offset += count;
    // A server that does not heed the offset would answer the same page for ever.
    const isOld = items.length > 0 && found.size === before;
    if (count === 0 || isOld || (total === undefined ? count < PAGE_SIZE : offset >= total)) break;
  }
  return [...found.values()];
}

/** `filters[name]=value` for every filter that has a value. */
export function filterQuery(filters: Record<string, string | number | boolean | undefined>): Record<string, string> {
  const query: Record<string, string> = {};
  for (const [name, value] of Object.entries(filters)) {
    if (value !== undefined)
      query[`filters[${name}]`] = typeof value === "boolean" ? (value ? "1" : "0") : String(value);
  }
  return query;
}
