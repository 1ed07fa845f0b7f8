import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { CertCentralClient, type Clock } from "../../provider/certcentral";
import { Context, type Settings } from "../../provider/context";
import type { Network } from "../../provider/hosting";
import { type Failure, type Lifecycle, PartialStateError, type Props } from "../../provider/lifecycle";
import { orderLifecycle } from "../../provider/order/lifecycle";
import { deriveReference } from "../../provider/order/reference";
import { cmcOrder } from "../../provider/resources/cmcOrder";
import { markCertificate } from "../../provider/resources/markCertificate";
import { orgValidation } from "../../provider/resources/orgValidation";
import { vmcOrder } from "../../provider/resources/vmcOrder";
import type { Fault, SimulatorOptions } from "../../simulator";
import { type Json, Scene, svg } from "../simulator/certcentral";
import { recorded } from "../wholeRun/record";

export { type Json, svg } from "../simulator/certcentral";

/** Time that follows the real one and jumps over every wait. */
export class JumpingClock implements Clock {
  readonly slept: number[] = [];
  private offset = 0;

  constructor(private readonly onJump: (ms: number) => Promise<unknown>) {}

  now(): number {
    return Date.now() + this.offset;
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    await this.jump(ms);
  }

  async jump(ms: number): Promise<void> {
    this.offset += ms;
    await this.onJump(ms);
  }
}

/** A simulator, a Pulumi project with a logo, and a clock that both share. */
export class Stage {
  readonly clock = new JumpingClock((ms) => this.scene.control.advance({ seconds: ms / 1000 }));
  readonly projectDir = mkdtempSync(path.join(tmpdir(), "pulumi-bimi-"));
  /** Lines that users would see. */
  readonly lines: string[] = [];
  /** The same lines by the resource on whose row they stand. */
  readonly rows: { urn: string | undefined; line: string }[] = [];
  /** What is configured; each operation reads it anew. */
  settings: Settings;
  /** The programs mean every order that they declare, beside each other and beside what the account has. */
  meansEveryOrder = false;
  /** What hosted files are fetched through. */
  network: Network | undefined;
  /** Of each request, in milliseconds of real time. */
  timeoutMs: number | undefined;

  private constructor(readonly scene: Scene) {
    const { apiKey, baseUrl } = scene.simulator;
    this.settings = { apiKey, baseUrl };
    this.writeLogo();
  }

  static async start(options: SimulatorOptions = {}): Promise<Stage> {
    return new Stage(await Scene.start(options));
  }

  async stop(): Promise<void> {
    rmSync(this.projectDir, { recursive: true, force: true });
    await this.scene.stop();
  }

  get control() {
    return this.scene.control;
  }

  get organizationId(): number {
    return this.scene.simulator.account.organizationId;
  }

  /** Time passes for everybody. */
  advance({ minutes = 0, hours = 0, days = 0 }: { minutes?: number; hours?: number; days?: number }): Promise<void> {
    return this.clock.jump((minutes + 60 * (hours + 24 * days)) * 60_000);
  }

  writeLogo(bytes: Buffer = svg(), name = "logo.svg"): void {
    writeFileSync(path.join(this.projectDir, name), bytes);
  }

  /** What the resources of one Pulumi process share. */
  context(): Context {
    const log = (line: string, urn?: string) => {
      this.lines.push(line);
      this.rows.push({ urn, line });
    };
    return new StageContext(
      {
        settings: () => this.settings,
        clock: this.clock,
        log: { info: log, warn: log },
        projectDir: this.projectDir,
        ...(this.network ? { network: this.network } : {}),
      },
      this.timeoutMs,
    );
  }

  vmc(name = "logo"): Stack {
    return new Stack((context) => orderLifecycle(vmcOrder, context), this, "VmcOrder", name);
  }

  cmc(name = "logo"): Stack {
    return new Stack((context) => orderLifecycle(cmcOrder, context), this, "CmcOrder", name);
  }

  organization(name = "acme"): Stack {
    return new Stack(orgValidation, this, "OrgValidation", name);
  }

  certificate(name = "logo"): Stack {
    return new Stack(markCertificate, this, "MarkCertificate", name);
  }

  /** A program's inputs of a VMC order. */
  inputs(changes: Props = {}): Props {
    return {
      dnsNames: ["example.com"],
      organization: { id: this.organizationId },
      logo: "logo.svg",
      trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
      dcvMethod: "dns-txt-token",
      ...changes,
    };
  }

  /** What a MarkCertificate is told of an order. */
  orderOf({ type, outs }: Stack): Json {
    return plain({
      orderId: outs.orderId,
      product: type === "VmcOrder" ? "vmc_basic" : "mark_certificate",
      dnsNames: outs.domains.length > 0 ? outs.domains.map(({ dnsName }: Json) => dnsName) : ["example.com"],
      domainIds: outs.domains.map(({ id }: Json) => id),
      certificateId: outs.certificateId,
      logoSha256: outs.logoSha256,
    });
  }

  /** Calls so far, as `POST /order/certificate/vmc_basic`, without queries. */
  calls(method?: string, matching = /./): string[] {
    return this.scene.simulator.journal
      .filter((entry) => entry.service === "certcentral" && (!method || entry.method === method))
      .map((entry) => `${entry.method} ${entry.path.split("?")[0]}`)
      .filter((call) => matching.test(call));
  }

  /** Calls that asked for a change. */
  writes(): string[] {
    return this.scene.simulator.journal.filter(({ write }) => write).map(({ method, path }) => `${method} ${path}`);
  }

  /** Order requests that reached the simulator, whatever became of them. */
  get posts(): number {
    return this.calls("POST", /^POST \/order\/certificate\/[a-z_]+$/).length;
  }

  /** Calls that asked for a change, with their bodies; logos are decoded. */
  bodies(): [call: string, body: Json][] {
    return this.scene.simulator.journal
      .filter(({ write }) => write)
      .map(({ method, path, request }) => [`${method} ${path}`, readable(request as Json)]);
  }

  /** Orders that exist at "DigiCert". */
  async placed(): Promise<Json[]> {
    return (await this.control.dump()).certcentral.orders;
  }

  async orderIds(): Promise<number[]> {
    return (await this.placed()).map(({ id }) => id);
  }

  async order(orderId: unknown): Promise<Json> {
    return (await this.placed()).find(({ id }) => id === orderId);
  }

  async forgetCalls(): Promise<void> {
    await this.control.clearJournal();
  }

  /** Plans a failure of the order request. */
  faultOrder(fault: Omit<Fault, "match">): Promise<void> {
    return this.control.fault({ match: { method: "POST", path: "^/order/certificate/" }, ...fault });
  }

  /** Everything that people do for an order, and its domains: the order is issued. */
  async issue(orderId: unknown): Promise<void> {
    const order = await this.order(orderId);
    for (const { domainId } of order.names) await this.control.approveDomain(domainId);
    await this.control.vet(order.id);
    assert.equal((await this.order(orderId)).status, "issued");
  }
}

class StageContext extends Context {
  readonly #client: () => CertCentralClient | undefined;

  constructor(options: ConstructorParameters<typeof Context>[0] & { clock: Clock }, timeoutMs: number | undefined) {
    super(options);
    const { apiKey = "", baseUrl } = options.settings();
    const { clock } = options;
    const impatient = timeoutMs && new CertCentralClient({ apiKey, clock, timeoutMs, ...(baseUrl ? { baseUrl } : {}) });
    this.#client = () => impatient || undefined;
  }

  override get client(): CertCentralClient {
    return this.#client() ?? super.client;
  }
}

/** Pulumi's answer to inputs that `check` refused. */
export class CheckFailed extends Error {
  constructor(readonly failures: Failure[]) {
    super(failures.map(({ property, reason }) => `${property || "-"}: ${reason}`).join("\n"));
  }
}

/** One resource of a Pulumi stack, and what Pulumi's engine does with it. Each operation is a process of its own. */
export class Stack {
  /** What Pulumi's state holds. */
  stored?: { id: string; inputs: Props; outs: Props; failed?: readonly string[] };
  readonly urn: string;
  readonly reference: string;

  constructor(
    private readonly lifecycle: (context: () => Context) => Lifecycle,
    private readonly stage: Stage,
    readonly type: string,
    name: string,
  ) {
    this.urn = `urn:pulumi:dev::acme::pulumi-nodejs:dynamic/bimi:${type}::${name}`;
    this.reference = deriveReference({ organization: "organization", project: "acme", stack: "dev", urn: this.urn });
  }

  /** The outputs in the state. */
  get outs(): Json {
    assert.ok(this.stored, "the state holds nothing");
    return this.stored.outs;
  }

  /** One process of the provider; operations that share one see each other's memory. */
  process(context = this.stage.context()): Lifecycle {
    return recorded(
      this.type,
      this.lifecycle(() => context),
    );
  }

  async preview(program: Props): Promise<"create" | "update" | "same"> {
    const lifecycle = this.process();
    return this.plan(lifecycle, await this.check(lifecycle, program));
  }

  /** `pulumi up --skip-preview`. What is thrown is what users see; the state is kept as Pulumi keeps it. */
  async up(program: Props): Promise<"create" | "update" | "same"> {
    const lifecycle = this.process();
    const inputs = await this.check(lifecycle, program);
    const step = await this.plan(lifecycle, inputs);
    if (step === "same") {
      this.stored!.inputs = inputs;
      return step;
    }
    try {
      const result =
        step === "create"
          ? await lifecycle.create(inputs)
          : { id: this.stored!.id, ...(await lifecycle.update(this.stored!.id, this.stored!.outs, inputs)) };
      this.stored = { id: result.id, inputs, outs: plain(result.outs) };
    } catch (error) {
      if (error instanceof PartialStateError) {
        this.stored = { id: error.id, inputs, outs: plain(error.properties), failed: error.reasons };
      }
      throw error;
    }
    return step;
  }

  /** Of an order: it is deployed, issued by DigiCert, and the state knows it. */
  async upIssued(program: Props): Promise<void> {
    await this.up(program);
    await this.stage.issue(this.outs.orderId);
    await this.up(program);
  }

  async refresh(): Promise<void> {
    const { id, inputs, outs } = this.stored!;
    const result = await this.process().read(id, outs);
    assert.equal(result.id, id, "a refresh must not say that the resource is gone");
    this.stored = { id, inputs, outs: plain(result.props) };
  }

  async destroy(lifecycle = this.process()): Promise<void> {
    const { id, outs } = this.stored!;
    await lifecycle.delete(id, outs);
    this.stored = undefined;
  }

  /** What the class adds to a program's inputs, checked. */
  async check(lifecycle: Lifecycle, program: Props): Promise<Props> {
    const reference = this.type.endsWith("Order") ? { __reference: this.reference } : {};
    const { meansEveryOrder } = this.stage;
    const beside = meansEveryOrder && this.type.endsWith("Order") ? { besideOrder: await this.stage.orderIds() } : {};
    const news = plain({ ...beside, ...program, ...reference, __urn: this.urn });
    const { inputs, failures } = await lifecycle.check(this.stored?.inputs ?? {}, news);
    if (failures.length > 0) throw new CheckFailed(failures);
    return plain(inputs);
  }

  private async plan(lifecycle: Lifecycle, inputs: Props): Promise<"create" | "update" | "same"> {
    if (!this.stored) return "create";
    const { changes } = await lifecycle.diff(this.stored.id, this.stored.outs, inputs);
    return changes || this.stored.failed ? "update" : "same";
  }
}

function readable(body: Json): Json {
  if (typeof body?.logo === "string") return { ...body, logo: gunzipSync(Buffer.from(body.logo, "base64")).toString() };
  return body?.vmc ? { ...body, vmc: readable(body.vmc) } : body;
}

function plain(props: Props): Props {
  return JSON.parse(JSON.stringify(props));
}

/** The error that a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & Json> {
  const error = await promise.then(
    () => undefined,
    (error) => error,
  );
  assert.ok(error instanceof Error, "it succeeded");
  return error;
}

/** A way to the simulator that can be closed: then connections are refused. */
export class Gate {
  private server: Server | undefined;
  private port = 0;
  private left = Number.POSITIVE_INFINITY;

  constructor(private readonly target: string) {}

  /** The simulator's base URL through the gate. */
  get baseUrl(): string {
    const url = new URL(this.target);
    url.port = String(this.port);
    return url.href;
  }

  async open(): Promise<void> {
    if (this.server) return;
    this.left = Number.POSITIVE_INFINITY;
    this.server = createServer((socket) => {
      if (--this.left === 0) this.close();
      const onward = connect(Number(new URL(this.target).port), "127.0.0.1");
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) end.on("error", () => end.destroy());
    });
    await new Promise<void>((resolve) => this.server!.listen(this.port, "127.0.0.1", resolve));
    this.port = (this.server.address() as { port: number }).port;
  }

  /** Lets so many more requests through (each is a connection of its own). */
  closeAfter(requests: number): void {
    this.left = requests;
  }

  close(): void {
    this.server?.close();
    this.server = undefined;
  }
}
