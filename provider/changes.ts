import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Props } from "./lifecycle";
import { containsUnknown, isUnknown } from "./unknown";

/**
 * What a change of an input does to a resource that exists.
 * - `setting`: only we read it; it is copied to the outputs, without a call.
 * - `inPlace`: the update writes it to DigiCert.
 * - `reissue`: the update asks for a new certificate of the same order.
 * - `successor`: the update places a new order, in place of this one.
 * - `adopt`: the update takes another order over, without writing anything.
 * - `whenApproved`: DigiCert takes it once the order is approved; the update after that writes it.
 * - `nextValidation`: it holds when the domains are validated the next time.
 * - `nextOrder`: DigiCert takes it only with an order, so it holds for the next one.
 * - `refused`: the preview says so, and nothing is done.
 * - `nothing`: it means the same to DigiCert.
 */
export type Effect =
  | "setting"
  | "inPlace"
  | "reissue"
  | "successor"
  | "adopt"
  | "whenApproved"
  | "nextValidation"
  | "nextOrder"
  | "refused"
  | "nothing";

/** How far a resource is; what a change does may depend on it. */
export type Phase = "unapproved" | "pending" | "issued" | "reissuing";

/** By phase; `unapproved` is `pending` and `reissuing` is `issued` where a row does not name them. */
export type Effects = { readonly pending: Effect; readonly issued: Effect } & { readonly [P in Phase]?: Effect };

export interface Row {
  /** Inputs that the row is about, as paths. */
  inputs: readonly string[];
  effect: Effect | Effects;
  /** What DigiCert would see of them, so that spelling is no change. Default: the values themselves. */
  meaning?: (inputs: Props) => unknown;
  /** Taking the input away may mean nothing although setting it does. */
  whenRemoved?: "nothing";
}

/** The value at a path; of an object that is not known yet nothing is. */
const at = (path: string) => (inputs: Props) =>
  path
    .split(".")
    .reduce<unknown>((value, key) => (isUnknown(value) ? value : (value as Props | undefined)?.[key]), inputs);

/** One row per kind of change of a resource. */
export type ChangeTable = Readonly<Record<string, Row>>;

/**
 * What the resource was last in agreement with: one short hash per kind of change. `diff` sees old outputs, never old
 * inputs, and hashes keep personal data out of the outputs.
 */
export type Agreed = Record<string, string>;

export function agreedWith(table: ChangeTable, inputs: Props): Agreed {
  const agreed: Agreed = {};
  for (const [change, row] of Object.entries(table)) {
    if (row.effect === "setting" || row.effect === "nothing") continue;
    const hash = fingerprint(meaningOf(row, inputs));
    if (hash) agreed[change] = hash;
  }
  return agreed;
}

/** The agreement after some of the changes were carried out. */
export function agreedAfter(table: ChangeTable, agreed: Agreed, inputs: Props, changes: readonly string[]): Agreed {
  const all = agreedWith(table, inputs);
  const kept = Object.entries(agreed).filter(([change]) => !changes.includes(change));
  return Object.fromEntries([...kept, ...Object.entries(all).filter(([change]) => changes.includes(change))]);
}

/** Whether inputs mean what the resource was last in agreement with, in one kind of change. */
export function agrees(table: ChangeTable, agreed: Agreed, change: string, inputs: Props): boolean {
  return agreed[change] === fingerprint(meaningOf(table[change]!, inputs));
}

export interface Change {
  /** Name of the row. */
  change: string;
  effect: Effect;
  inputs: readonly string[];
}

/** What differs between inputs and outputs. A value that is not known yet counts as unchanged. */
export function changed(table: ChangeTable, outs: Props, inputs: Props, phase: Phase = "pending"): Change[] {
  const agreed = (outs.__agreed ?? {}) as Agreed;
  return Object.entries(table)
    .filter(([, row]) => !row.inputs.some((path) => containsUnknown(at(path)(inputs))))
    .filter(([change, row]) => {
      if (row.effect === "nothing") return false;
      if (row.effect === "setting") return row.inputs.some((path) => !isDeepStrictEqual(outs[path], inputs[path]));
      if (row.whenRemoved === "nothing" && row.inputs.every((path) => at(path)(inputs) === undefined)) return false;
      return !agrees(table, agreed, change, inputs);
    })
    .map(([change, row]) => ({ change, effect: effectIn(row, phase), inputs: row.inputs }));
}

export function effectIn({ effect }: Row, phase: Phase): Effect {
  if (typeof effect === "string") return effect;
  return effect[phase] ?? (phase === "unapproved" ? effect.pending : effect.issued);
}

function meaningOf(row: Row, inputs: Props): unknown {
  if (row.meaning) return row.meaning(inputs);
  const values = row.inputs.map((path) => at(path)(inputs));
  return values.every((value) => value === undefined) ? undefined : values;
}

function fingerprint(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return createHash("sha256").update(canonicalJson(value)).digest("base64url").slice(0, 8);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([, v]) => v !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : part,
  );
}
