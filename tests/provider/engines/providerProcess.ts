import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { type Json, svg } from "../support";

// Pulumi's generated messages have no useful types.
const messages: Json = require("@pulumi/pulumi/proto/provider_pb");
const engineMessages: Json = require("@pulumi/pulumi/proto/engine_pb");
const { Status }: Json = require("@pulumi/pulumi/proto/status_pb");
const { ResourceProviderClient }: Json = require("@pulumi/pulumi/proto/provider_grpc_pb");
const { EngineService }: Json = require("@pulumi/pulumi/proto/engine_grpc_pb");
const requireOfPulumi = createRequire(require.resolve("@pulumi/pulumi"));
const { Struct }: Json = requireOfPulumi("google-protobuf/google/protobuf/struct_pb");
const { Empty }: Json = requireOfPulumi("google-protobuf/google/protobuf/empty_pb");

const checkout = path.join(__dirname, "../../../..");

/** A failed step, with what Pulumi would store of it. */
export interface StepError extends Error {
  partial?: { id: string; properties: Json; reasons: string[] };
}

/** Pulumi's provider process for dynamic resources, driven as its engine drives it, in a project of its own. */
export class ProviderProcess {
  /** What the process printed. */
  output = "";
  /** Lines that the engine was told. */
  readonly log: { severity: number; message: string; urn: string }[] = [];
  readonly projectDir = mkdtempSync(path.join(tmpdir(), "pulumi-bimi-engine-"));
  /** With a channel for messages, which only what a test preloads listens to. */
  child!: ChildProcess;
  private client: Json;
  private readonly engine = new grpc.Server();

  /** @param config of the stack or of an explicit provider; @param env beside what Node needs */
  static async start(config: Record<string, string>, env: Record<string, string> = {}): Promise<ProviderProcess> {
    const started = new ProviderProcess();
    await started.start(env);
    await started.configure(config);
    return started;
  }

  /** Providers that are loaded from now on get this configuration. */
  async configure(config: Record<string, string>): Promise<void> {
    await this.call("configure", "ConfigureRequest", { args: config });
  }

  private async start(env: Record<string, string>): Promise<void> {
    const { projectDir } = this;
    mkdirSync(path.join(projectDir, "node_modules"));
    symlinkSync(checkout, path.join(projectDir, "node_modules/pulumi-bimi"), "dir");
    writeFileSync(path.join(projectDir, "logo.svg"), svg());

    this.engine.addService(EngineService, {
      log: ({ request }: Json, answer: Json) => {
        const { severity, message, urn } = request.toObject();
        this.log.push({ severity, message, urn });
        answer(null, new Empty());
      },
    });
    const enginePort = await new Promise<number>((resolve, reject) => {
      const credentials = grpc.ServerCredentials.createInsecure();
      this.engine.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port)));
    });
    const program = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    this.child = spawn(process.execPath, [program, `127.0.0.1:${enginePort}`], {
      cwd: projectDir,
      env: { PATH: process.env.PATH, PULUMI_NODEJS_PROJECT: "acme", ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        this.output += chunk;
        const line = /^(\d+)\n/.exec(this.output)?.[1];
        if (line) resolve(line);
      };
      this.child.stdout!.on("data", read);
      this.child.stderr!.on("data", read);
      this.child.once("exit", () => reject(new Error(this.output)));
    });
    this.client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    await ended;
    this.client.close();
    this.engine.forceShutdown();
    rmSync(this.projectDir, { recursive: true, force: true });
  }

  /** Puts files into the project. */
  write(files: Record<string, string | Buffer>): void {
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(this.projectDir, name), content);
  }

  async check(
    news: Json,
    olds: Json = {},
  ): Promise<{ inputs: Json; failures: { property: string; reason: string }[] }> {
    const response = await this.call("check", "CheckRequest", { olds, news });
    const failures = response.getFailuresList().map((failure: Json) => failure.toObject());
    return { inputs: response.getInputs().toJavaScript(), failures };
  }

  async create(properties: Json): Promise<{ id: string; outs: Json }> {
    const response = await this.call("create", "CreateRequest", { properties });
    return { id: response.getId(), outs: response.getProperties().toJavaScript() };
  }

  /** `undefined` when the provider leaves the comparison to the engine. */
  async diff(id: string, olds: Json, news: Json): Promise<{ changes: boolean | undefined; replaces: string[] }> {
    const response = await this.call("diff", "DiffRequest", { id, olds, news });
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    const changes = { [DIFF_SOME]: true, [DIFF_NONE]: false }[response.getChanges()];
    return { changes, replaces: response.getReplacesList() };
  }

  async read(id: string, properties: Json): Promise<{ id: string; properties: Json; inputs: Json }> {
    const response = await this.call("read", "ReadRequest", { id, properties });
    const inputs = response.getInputs()?.toJavaScript();
    return { id: response.getId(), properties: response.getProperties().toJavaScript(), inputs };
  }

  async update(id: string, olds: Json, news: Json): Promise<Json> {
    return (await this.call("update", "UpdateRequest", { id, olds, news })).getProperties().toJavaScript();
  }

  async delete(id: string, properties: Json): Promise<void> {
    await this.call("delete", "DeleteRequest", { id, properties });
  }

  private call(method: string, message: string, parts: Record<string, Json>): Promise<Json> {
    const request = new messages[message]();
    for (const [name, value] of Object.entries(parts)) {
      const set = `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      request[set](typeof value === "string" ? value : Struct.fromJavaScript(value));
    }
    return new Promise((resolve, reject) => {
      this.client[method](request, (error: Json, response: Json) =>
        error ? reject(stepError(error)) : resolve(response),
      );
    });
  }
}

function stepError(error: grpc.ServiceError): StepError {
  const [encoded] = error.metadata?.get("grpc-status-details-bin") ?? [];
  const failed: StepError = new Error(error.details);
  if (!encoded) return failed;
  const [detail] = Status.deserializeBinary(encoded).getDetailsList();
  assert.equal(detail.getTypeName(), "pulumirpc.ErrorResourceInitFailed");
  const content = messages.ErrorResourceInitFailed.deserializeBinary(detail.getValue());
  const properties = content.getProperties().toJavaScript();
  failed.partial = { id: content.getId(), properties, reasons: content.getReasonsList() };
  return failed;
}

/** The severities of {@link ProviderProcess.log}. */
export const { INFO, WARNING } = engineMessages.LogSeverity as { INFO: number; WARNING: number };
