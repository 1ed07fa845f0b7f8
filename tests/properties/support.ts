import assert from "node:assert/strict";
import fc from "fast-check";

/** Another seed, or more runs, than those of CI: see CONTRIBUTING.md. */
const { BIMI_FUZZ_SEED, BIMI_FUZZ_RUNS } = process.env;
export const runs = Number(BIMI_FUZZ_RUNS ?? 10_000);
fc.configureGlobal({ seed: Number(BIMI_FUZZ_SEED ?? 20261122), numRuns: runs });

/** A specification of generated inputs takes longer than others. */
export const patience = 300_000;

// biome-ignore lint/suspicious/noExplicitAny: what is generated has any shape
export type Any = any;

/** What Pulumi puts in place of a value that a preview does not know, by type. */
export const sentinels = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
];

/** In secret and personal values, and in nothing else. */
export const canary = "CANARY4111x";

/** Objects by which Pulumi marks a value (sdk/go/common/resource/sig). */
const signatures = [
  { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: canary },
  { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", hash: "00", text: canary },
  { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", value: canary, secret: true },
  { "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e", urn: "urn", id: "" },
];

export function nested(depth: number, leaf: unknown = 1): unknown {
  let value = leaf;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { id: value };
  return value;
}

/** An object whose prototype is not touched by the key `__proto__`: what JSON.parse makes. */
const ownProto = JSON.parse('{"__proto__":{"id":1},"constructor":{"prototype":{}},"toString":1,"valueOf":1}');

/** Strings of every kind that has broken a program. */
export const strings = [
  "",
  " ",
  "0",
  "1",
  "true",
  "null",
  "us",
  "email",
  "card",
  "never",
  "example.com",
  "EXAMPLE.com.",
  "xn--bcher-kva.example",
  "bücher.example",
  "日本語.jp",
  "xn--",
  "xn--a\u0000",
  "*.example.com",
  "a..b",
  "1.2",
  "[::1]",
  "::1%eth0",
  "a@b.example",
  "@",
  "a@",
  "https://example.com/logo.svg",
  "https://[",
  "https://\u202eexample.com",
  "//host",
  "\u0000",
  "a\u0000b",
  "\u001b[31mred",
  "\r\n",
  "\ud800",
  "a\udc00b",
  "\ufeff",
  "\u200b\u200d",
  "\u202eabc",
  "👩‍👩‍👧",
  "ｅｘａｍｐｌｅ。com",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "logo.svg",
  "../logo.svg",
  "/dev/zero",
  ".",
  "file:///etc/passwd",
  "data:,",
  "<svg/>",
  "<!DOCTYPE",
  "2026-11-21",
  "9999-12-31T23:59:59Z",
  "9".repeat(40),
  "a".repeat(64),
];

const huge = ["x".repeat(100_000), "-".repeat(100_000), "a@".repeat(50_000), "1.".repeat(50_000), "é".repeat(50_000)];
const long = [
  Array.from({ length: 10_000 }, () => "example.com"),
  Array.from({ length: 10_000 }, (_, n) => n),
  Array.from({ length: 10_000 }, () => ({})),
  Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key${n}`, n])),
];
const numbers = [0, -0, 1, -1, 0.5, 2, 90, 137, 1e21, 1e308, 2 ** 53, 5e-324, Number.NaN, Number.POSITIVE_INFINITY];

const scalar = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...strings) },
  { weight: 3, arbitrary: fc.constantFrom(...numbers) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}) },
  { weight: 3, arbitrary: fc.constantFrom(...sentinels) },
  {
    weight: 1,
    arbitrary: fc.array(fc.nat(0xffff), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  },
);
const name = fc.oneof(fc.constantFrom(...strings), fc.constantFrom("id", "email", "dnsName", "fromEnv", "value"));
const small: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(name, scalar, { maxKeys: 3, noNullPrototype: true }) },
);

/** Values that no schema expects. */
export const nasty: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 150, arbitrary: small },
  { weight: 10, arbitrary: fc.constantFrom<unknown>(...signatures, ownProto, nested(50), nested(50, sentinels[0])) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(...huge, ...long) },
  { weight: 1, arbitrary: fc.constantFrom(1, sentinels[0]).map((leaf) => nested(10_000, leaf)) },
);

/** Any JSON, with the given names among its keys. */
export function json(names: readonly string[]): fc.Arbitrary<unknown> {
  const key = fc.constantFrom(...names, "__proto__", "constructor", "then", "toJSON");
  const leaf = fc.oneof(
    { weight: 5, arbitrary: scalar },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(...signatures) },
  );
  const level = (inner: fc.Arbitrary<unknown>) =>
    fc.oneof(
      { weight: 3, arbitrary: leaf },
      { weight: 2, arbitrary: fc.array(inner, { maxLength: 3 }) },
      { weight: 4, arbitrary: fc.dictionary(key, inner, { maxKeys: 6, noNullPrototype: true }) },
    );
  return level(level(level(leaf)));
}

interface Mutation {
  /** Which child to go to at each step; the walk ends where there is none. */
  at: readonly number[];
  how: "set" | "remove" | "add" | "double";
  value: unknown;
  name: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.array(fc.nat(60), { minLength: 1, maxLength: 4 }),
  how: fc.constantFrom("set", "set", "set", "remove", "add", "double"),
  value: nasty,
  name,
});

/** Values that are right, but for none to three mutations at any depth. */
export function mutated(bases: readonly unknown[]): fc.Arbitrary<Any> {
  return fc
    .tuple(fc.constantFrom(...bases), fc.array(mutation, { maxLength: 3 }))
    .map(([base, mutations]) => mutations.reduce(mutate, structuredClone(base)));
}

function mutate(root: unknown, { at, how, value: given, name }: Mutation): unknown {
  // A later mutation may reach into it.
  const value = cloned(given);
  let parent: Any;
  let key: string | number = "";
  let node: Any = root;
  for (const step of at) {
    if (typeof node !== "object" || node === null) break;
    const keys = Object.keys(node);
    if (keys.length === 0) break;
    parent = node;
    key = keys[step % keys.length]!;
    node = parent[key];
  }
  if (parent === undefined) return how === "set" ? value : root;
  if (how === "set") set(parent, key, value);
  else if (how === "remove") Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key];
  else if (how === "double" && Array.isArray(parent)) parent.push(node);
  else if (typeof node === "object" && node !== null && !Array.isArray(node)) set(node, name, value);
  else if (Array.isArray(parent)) parent.push(value);
  else set(parent, name, value);
  return root;
}

/** What is too deep to be cloned was made for one run. */
function cloned(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}

/** As JSON.parse does: `__proto__` is a property like any other. */
function set(object: Any, key: string | number, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** What Pulumi's own serialization makes of a value. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}

/** What people and terminals are shown: bounded, and without control characters. */
export function assertReadable(text: unknown, limit = 2000): asserts text is string {
  assert.equal(typeof text, "string");
  const shown = text as string;
  assert.ok(shown.length > 0, "an empty text");
  assert.ok(shown.length <= limit, `a text of ${shown.length} characters: ${shown.slice(0, 200)}…`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal obeys
  assert.doesNotMatch(shown, /[\u0000-\u0008\u000b-\u001f\u007f]/);
}

/** Milliseconds that some work takes: the least of some tries, as others use the machine too. */
async function timeOf(work: () => unknown, tries: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let tried = 0; tried < tries; tried++) {
    const begin = performance.now();
    await work();
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}

/**
 * Work on `2n` may take about twice as long as on `n`: what is quadratic takes four times as long, and more. A busy machine
 * slows now the one and now the other, so the least of several times counts, and one round that is linear is enough.
 */
export async function assertLinear(work: (n: number) => () => unknown, n: number): Promise<void> {
  const [once, twice] = [work(n), work(2 * n)];
  let [short, long] = [Number.POSITIVE_INFINITY, await timeOf(twice, 1)];
  for (let round = 0; round < 8; round++) {
    if (long < 150) return;
    short = Math.min(short, await timeOf(once, 1));
    long = Math.min(long, await timeOf(twice, 1));
    if (round > 0 && long < 3.2 * short) return;
  }
  assert.fail(`${n}: ${short.toFixed(1)} ms, ${2 * n}: ${long.toFixed(1)} ms`);
}
