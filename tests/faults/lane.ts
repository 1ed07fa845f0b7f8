import assert from "node:assert/strict";
import path from "node:path";
import type { Props } from "../../provider/lifecycle";
import { deriveReference } from "../../provider/order/reference";
import type { Simulator } from "../../simulator";
import { ProviderProcess, type StepError } from "../provider/engines/providerProcess";
import { svg } from "../simulator/certcentral";
import type { Says, Told } from "./jumpingClock";

export type Type = "VmcOrder" | "OrgValidation" | "MarkCertificate";
const handlers: Record<Type, string> = {
  VmcOrder: "vmcOrder",
  OrgValidation: "orgValidation",
  MarkCertificate: "markCertificate",
};

/** Contents of the project's files. */
export const logos = { "logo.svg": svg(), "other.svg": svg("Other") };

const preload = path.join(__dirname, "jumpingClock.js");

/**
 * Pulumi's provider process, driven over gRPC as the engine drives it. To start one takes a second, so one serves many
 * operations, each with a memory of its own; what is killed is the process.
 */
export class Lane {
  private provider: ProviderProcess | undefined;
  private simulator!: Simulator;
  private tells = new Map<number, () => void>();
  private told = 0;
  private memories = 0;

  /** From now on this is DigiCert, and the clock is right. */
  async serve(simulator: Simulator): Promise<void> {
    this.simulator = simulator;
    await this.setClock(0);
  }

  /** What one operation of Pulumi starts: a process without memories. */
  async begin({ baseUrl = this.simulator.baseUrl, apiKey = this.simulator.apiKey } = {}): Promise<Session> {
    if (!this.provider) {
      this.provider = await this.start();
      await this.setClock(this.wrong);
    }
    await this.provider.configure({ "bimi:apiKey": apiKey, "bimi:baseUrl": baseUrl });
    return { provider: this.provider, memory: ++this.memories };
  }

  /** `kill -9` */
  async kill(): Promise<void> {
    const { provider } = this;
    this.provider = undefined;
    for (const told of this.tells.values()) told();
    this.tells.clear();
    await provider?.stop("SIGKILL");
  }

  /** Time passes for everybody. */
  async pass(ms: number): Promise<void> {
    await this.simulator.control.advance({ seconds: ms / 1000 });
    if (this.provider) await this.tell({ pass: ms });
  }

  /** By how many milliseconds the machine's clock is wrong from now on. */
  async setClock(wrong: number): Promise<void> {
    this.wrong = wrong;
    if (!this.provider) return;
    const right = Date.parse(await this.simulator.control.now()) - Date.now();
    await this.tell({ offset: right + wrong });
  }
  private wrong = 0;

  /** Every request that waits for an answer times out. */
  async giveUp(): Promise<void> {
    await this.simulator.control.advance({ minutes: 1 });
    await this.tell({ pass: 60_000 });
    await this.tell({ giveUp: true });
  }

  private async start(): Promise<ProviderProcess> {
    const provider = await ProviderProcess.start({}, { NODE_OPTIONS: `--require ${preload}` });
    provider.write(logos);
    provider.child.on("message", (says: Says) => {
      if ("done" in says) return this.tells.get(says.done)?.();
      const { slept, number } = says;
      void this.simulator.control.advance({ seconds: slept / 1000 }).then(() => {
        if (provider.child.connected) provider.child.send({ number } satisfies Told);
      });
    });
    return provider;
  }

  private tell(message: Omit<Told, "number">): Promise<void> {
    return new Promise((resolve) => {
      const number = ++this.told;
      this.tells.set(number, resolve);
      this.provider!.child.send({ ...message, number });
    });
  }
}

export interface Session {
  provider: ProviderProcess;
  memory: number;
}

/** Refused by `check`. */
export class CheckFailed extends Error {}

/** One resource of a stack, and its state as Pulumi's engine keeps it. */
export class Resource {
  stored?: { id: string; inputs: Props; outs: Props; failed: boolean };
  readonly urn: string;
  readonly reference: string;

  constructor(
    readonly type: Type,
    name = "acme",
  ) {
    this.urn = `urn:pulumi:dev::acme::pulumi-nodejs:dynamic/bimi:${type}::${name}`;
    this.reference = deriveReference({ organization: "organization", project: "acme", stack: "dev", urn: this.urn });
  }

  /** Creates or updates it, or does nothing. */
  async up(session: Session, program: Props): Promise<void> {
    const { provider } = session;
    const { inputs, changes } = await this.plan(session, program);
    if (!changes) {
      this.stored!.inputs = inputs;
      return;
    }
    try {
      const { id, outs } = this.stored
        ? {
            id: this.stored.id,
            outs: await provider.update(this.stored.id, this.outsFor(session), inputs),
          }
        : await provider.create(inputs);
      this.stored = { id, inputs, outs, failed: false };
    } catch (error) {
      const { partial } = error as StepError;
      if (partial) this.stored = { id: partial.id, inputs, outs: partial.properties, failed: true };
      throw error;
    }
  }

  /** Whether the next `up` would do something. */
  async preview(session: Session, program: Props): Promise<boolean> {
    return (await this.plan(session, program)).changes;
  }

  async refresh(session: Session): Promise<void> {
    if (!this.stored) return;
    const { id, properties } = await session.provider.read(this.stored.id, this.outsFor(session));
    assert.equal(id, this.stored.id, "a refresh must not say that the resource is gone");
    this.stored.outs = properties;
  }

  async destroy(session: Session): Promise<void> {
    if (!this.stored) return;
    await session.provider.delete(this.stored.id, this.outsFor(session));
    this.stored = undefined;
  }

  private async plan(session: Session, program: Props): Promise<{ inputs: Props; changes: boolean }> {
    const { provider } = session;
    const { stored, urn, reference } = this;
    const plumbing = {
      __provider: this.text(session),
      __urn: urn,
      ...(this.type === "VmcOrder" ? { __reference: reference } : {}),
    };
    const { inputs, failures } = await provider.check({ ...program, ...plumbing }, stored?.inputs ?? {});
    if (failures.length > 0) throw new CheckFailed(failures.map(({ reason }) => reason).join("\n"));
    if (!stored) return { inputs, changes: true };
    const { changes, replaces } = await provider.diff(stored.id, this.outsFor(session), inputs);
    assert.deepEqual(replaces, []);
    return { inputs, changes: stored.failed || changes !== false };
  }

  private outsFor(session: Session): Props {
    return { ...this.stored!.outs, __provider: this.text(session) };
  }

  /** What state holds as the provider's code, and before it what gives this operation a memory of its own. */
  private text({ memory }: Session): string {
    return `if (globalThis.memory !== ${memory}) {
  delete require.cache[require.resolve("pulumi-bimi/dynamic")];
  globalThis.memory = ${memory};
}
exports.handler = () => require("pulumi-bimi/dynamic").${handlers[this.type]};`;
  }
}
