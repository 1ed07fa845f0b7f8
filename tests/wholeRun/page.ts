import { readFileSync } from "node:fs";
import path from "node:path";
import { orderChanges } from "../../provider/order/changes";
import { routes } from "../../simulator/certcentral/server";
import { exercisedBy } from "../simulator/exercised";
import { reasons } from "./reasons";
import { callsOfClient, differentOperations, type Operation } from "./record";

interface Seed {
  id: string;
  kind: "endpoint" | "parameter" | "response" | "rule";
  text: string;
}

const root = path.join(__dirname, "../../..");
const seeds: Seed[] = JSON.parse(readFileSync(path.join(root, "simulator/seeds.json"), "utf8"));

/** Endpoints whose parameters have another prefix than the endpoint's id. */
const PARENTS: Record<string, string[]> = {
  "S0.param": ["S0.order"],
  "S1.revoke": ["S1.revokeCertificate", "S1.revokeOrder"],
};

const GAP = "**gap**";

let seen: Operation[] | undefined;
/** First asked for when all specs have run. */
const operations = (): Operation[] => {
  seen ??= differentOperations();
  return seen;
};

/** `docs/coverage.md`, of what this run of the tests recorded. */
export function page(): string {
  const gaps = uncovered().filter((id) => !reasons[id]);
  const called = endpoints.filter((call) => callers(call).length > 0);
  const others = endpoints.filter((call) => !called.includes(call));
  return `# What the tests saw called

Generated from the simulator's journals of the specs in \`tests/provider\`: \`npm run coverage\` writes this page, and a spec
fails when it is stale. Calls belong to the operation of a resource that made them; \`check\` and \`diff\` make a preview,
\`read\` is a refresh. What specs call themselves is not counted, nor the specs that drive Pulumi's processes
(\`tests/e2e\`, \`tests/provider/engines\`): they run the same operations.

## Gaps

Endpoints and parameters of the seed documents that no resource sends, without a reason (\`tests/wholeRun/reasons.ts\`): ${gaps.length}.

${list(gaps)}
## Endpoints

${table(
  ["endpoint", "seeds", "called by", "with"],
  called.map((call) => [code(call), seedsOf(call), who(call), fieldsOf(call).map(code).join(", ")]),
)}
### That no resource calls

${table(
  ["endpoint", "seeds", "called by", "reason"],
  others.map((call) => [
    code(call),
    seedsOf(call),
    callsOfClient.has(call) ? "the client's specs" : "the simulator's specs",
    whyNot(call),
  ]),
)}
## Operations

The different sets of calls that one operation made; ×n: a write that it made more than once.

${table(
  ["operation", "calls"],
  [...groups(operations(), ({ who, what }) => `${who} ${what}`)].flatMap(([name, group]) =>
    sorted(group.map(summary)).map((calls) => [name, calls]),
  ),
)}
## Changes of an order

What the test of each cell of the table of changes (\`provider/order/changes.ts\`) saw called.

${table(["change", "inputs", "phase", "effect", "calls"], cells())}
## Seeds

Where each statement of the seed documents is asserted, and which operations call the endpoint or send the parameter.

${table(
  ["statement", "", "specs", "sent by"],
  seeds.map((seed) => [
    code(seed.id),
    seed.text,
    sorted(exercisedBy.get(seed.id) ?? [])
      .map((spec) => spec.replace(/\.spec$/, ""))
      .join(", "),
    sentBy(seed),
  ]),
)}`;
}

/** Seeds that a resource should send, and none does. */
export function uncovered(): string[] {
  return seeds.filter((seed) => senders(seed)?.length === 0).map(({ id }) => id);
}

const endpoints = routes.map((route) => `${route.method} ${route.path}`);

const entriesOf = (call: string): Seed[] =>
  seeds.filter((seed) => seed.kind === "endpoint" && callsOf(seed).includes(call));
const seedsOf = (call: string): string =>
  entriesOf(call)
    .map(({ id }) => code(id))
    .join(", ");
const callers = (call: string, field?: string): Operation[] =>
  operations().filter(({ calls }) =>
    calls.some((made) => made.call === call && (!field || made.fields.some((name) => name.replace("?", "") === field))),
  );
const who = (call: string): string => names(callers(call));

/** What is sent with a call; an object is named by its fields. */
function fieldsOf(call: string): string[] {
  const made = operations().flatMap(({ calls }) => calls.filter((one) => one.call === call));
  const all = sorted(made.flatMap(({ fields }) => fields));
  return all.filter((field) => !all.some((other) => other.startsWith(`${field}.`)));
}

function whyNot(call: string): string {
  const entries = entriesOf(call).map((seed) =>
    senders(seed)?.length === 0 ? (reasons[seed.id] ?? GAP) : `another of ${code(seed.id)} is called`,
  );
  return sorted(entries).join("; ") || "not in the seed documents";
}

/** Endpoints that an entry is about: its text names them. */
function callsOf({ id, kind, text }: Seed): string[] {
  if (kind === "endpoint") return text.match(/\b(GET|POST|PUT|DELETE) \/[\w/{}-]+/g) ?? [];
  const prefix = id.split(".").slice(0, 2).join(".");
  const parents = PARENTS[prefix] ?? [prefix];
  return seeds.filter((seed) => seed.kind === "endpoint" && parents.includes(seed.id)).flatMap(callsOf);
}

/** Operations that call the endpoint or send the parameter; undefined for what cannot be sent. */
function senders(seed: Seed): Operation[] | undefined {
  if (seed.kind !== "endpoint" && seed.kind !== "parameter") return undefined;
  const field = seed.kind === "parameter" ? /^[\w.[\]-]+/.exec(seed.text)![0].replaceAll("[]", "") : undefined;
  return callsOf(seed).flatMap((call) => callers(call, field));
}

function sentBy(seed: Seed): string {
  const found = senders(seed);
  return found?.length === 0 ? (reasons[seed.id] ?? GAP) : names(found ?? []);
}

/** `VmcOrder create, update` */
function names(found: Operation[]): string {
  return [...groups(found, ({ who }) => who)]
    .map(([who, group]) => `${who} ${sorted(group.map(({ what }) => what)).join(", ")}`)
    .join("; ");
}

/** The calls of one operation, without their order and number, which may differ from run to run. */
function summary({ calls }: Operation): string {
  const same = [...groups(calls, ({ call }) => call)];
  // How often something is read depends on the machine's speed: the rate limit makes the specs' clock jump, and what was
  // read is forgotten after half a minute.
  const isRepeated = (call: string, { length }: unknown[]) => length > 1 && !call.startsWith("GET ");
  return same.map(([call, made]) => `${code(call)}${isRepeated(call, made) ? " ×n" : ""}`).join(" · ") || "none";
}

function cells(): string[][] {
  return Object.entries(orderChanges).flatMap(([row, { inputs, effect }]) => {
    const effects: Record<string, string> = typeof effect === "string" ? { pending: effect, issued: effect } : effect;
    return Object.entries(effects).map(([phase, does]) => {
      const tested = operations().filter(({ cell }) => cell === `${row} ${phase}`);
      const calling = tested.filter(({ calls }) => calls.length > 0);
      const calls = [...groups(calling, ({ what }) => what)].map(([what, group]) => {
        const all = { calls: group.flatMap(({ calls }) => calls) } as Operation;
        return `${what}: ${summary(all)}`;
      });
      return [
        row,
        inputs.map(code).join(", "),
        phase,
        does,
        calls.join("<br>") || (tested.length > 0 ? "none" : "**no test**"),
      ];
    });
  });
}

const code = (text: string): string => `\`${text}\``;
const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();
const list = (items: string[]): string => items.map((item) => `- ${item}\n`).join("");

/** By key, in the order of the keys. */
function groups<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = found.get(key);
    if (group) group.push(item);
    else found.set(key, [item]);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
  return line(head) + line(head.map(() => "---")) + rows.map(line).join("");
}
