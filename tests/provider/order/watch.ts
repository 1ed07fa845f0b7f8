import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import type { Json, Stack, Stage } from "../support";

/** What an outsider sees of an order's operations: the calls that ask for a change, with their bodies, and what is said. */
export class Watch {
  constructor(private readonly stage: Stage) {}

  /** Writes so far, with what they asked for. */
  writes(): [string, Json][] {
    return this.stage.scene.simulator.journal
      .filter(({ write, service }) => write && service === "certcentral")
      .map(({ method, path, request }) => [`${method} ${path}`, request ?? undefined]);
  }

  writeCalls(): string[] {
    return this.writes().map(([call]) => call);
  }

  said(pattern: RegExp): string[] {
    return this.stage.lines.filter((line) => pattern.test(line));
  }

  /** Forgets calls and lines. */
  async fresh(): Promise<void> {
    await this.stage.forgetCalls();
    this.stage.lines.length = 0;
  }

  /** A preview, and that it writes nothing. Its calls and lines are what is seen then. */
  async previews(stack: Stack, program: Props, step: "create" | "update" | "same"): Promise<void> {
    await this.fresh();
    assert.equal(await stack.preview(program), step);
    assert.deepEqual(this.writes(), []);
  }

  /** What a preview refuses with; nothing is written and the state stays. */
  async refuses(stack: Stack, program: Props): Promise<Error & Json> {
    const before = structuredClone(stack.stored);
    await this.fresh();
    const error = await stack.preview(program).then(
      () => assert.fail("it was not refused"),
      (error) => error,
    );
    assert.deepEqual(this.writes(), []);
    assert.deepEqual(stack.stored, before);
    return error;
  }

  /** Nothing is left to do: for an update, for a refresh, and for an update after that. */
  async isAtRest(stack: Stack, program: Props): Promise<void> {
    await this.previews(stack, program, "same");
    assert.equal(await stack.up(program), "same");
    const before = structuredClone(stack.outs);
    await stack.refresh();
    assert.deepEqual(stack.outs, before);
    await this.previews(stack, program, "same");
  }
}
