/** Property bags as Pulumi hands them over: plain JSON. */
export type Props = Record<string, unknown>;

/** A problem with the inputs, found before anything is called. */
export interface Failure {
  /** Top-level input, or "" when its value is secret or personal: Pulumi prints the value of a named property. */
  property: string;
  /** What is wrong, with the value where it may be shown, and the remedy. */
  reason: string;
}

/**
 * What a resource does, independent of the engine that calls it. `check` and `diff` only read; `create`, `update` and
 * `delete` never run in a preview.
 */
export interface Lifecycle {
  check(olds: Props, news: Props): Promise<{ inputs: Props; failures: Failure[] }>;
  /** Never answers "replace": a change that needs a new order is an update that places its successor. */
  diff(id: string, olds: Props, news: Props): Promise<{ changes: boolean }>;
  create(inputs: Props): Promise<{ id: string; outs: Props }>;
  read(id: string, props: Props): Promise<{ id: string; props: Props }>;
  update(id: string, olds: Props, news: Props): Promise<{ outs: Props }>;
  delete(id: string, props: Props): Promise<void>;
}

/**
 * Thrown by `create` and `update` when something exists that the state must remember although the step failed. Pulumi
 * stores `properties` and calls `update` on the next `pulumi up`, even without a change.
 */
export class PartialStateError extends Error {
  readonly reasons: string[];
  constructor(
    message: string,
    readonly id: string,
    public properties: Props,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = "PartialStateError";
    this.reasons = [message];
  }
}
