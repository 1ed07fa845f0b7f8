import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import { CertCentralClient, CertCentralError, type ClientOptions, type Clock } from "../../../provider/certcentral";

/** A request as the server got it. */
export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

/** What the server does with one request: answer, or something ruder on the raw response. */
export type Reply =
  | { status?: number; json?: unknown; text?: string | Buffer; headers?: Record<string, string> }
  | ((response: http.ServerResponse, received: Received) => void);

/** A server on a loopback port that answers the n-th request with the n-th reply, and every later one with the last. */
export class ScriptedServer {
  readonly received: Received[] = [];
  replies: Reply[] = [];
  private readonly server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://loopback");
      const received: Received = {
        method: request.method ?? "",
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      this.received.push(received);
      const reply = this.replies[Math.min(this.received.length, this.replies.length) - 1] ?? { status: 500 };
      if (typeof reply === "function") return reply(response, received);
      const { status = 200, json, text, headers } = reply;
      const body = json === undefined ? (text ?? "") : JSON.stringify(json);
      response.writeHead(status, {
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      });
      response.end(status === 204 ? undefined : body);
    });
  });

  async start(): Promise<this> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/services/v2`;
  }

  /** The requests as `METHOD /path`, below the base URL. */
  get calls(): string[] {
    return this.received.map(({ method, path }) => `${method} ${path.replace("/services/v2", "")}`);
  }

  /** Sets the replies and forgets the requests so far. */
  script(...replies: Reply[]): void {
    this.replies = replies;
    this.received.length = 0;
  }

  /** A client of this server that waits in fake time. */
  client(options: Partial<ClientOptions> = {}): CertCentralClient {
    return new CertCentralClient({ apiKey: "KEY", baseUrl: this.baseUrl, clock: new FakeClock(), ...options });
  }
}

/** Time that passes only while everybody sleeps. */
export class FakeClock implements Clock {
  readonly slept: number[] = [];
  private sleepers: { until: number; wake(): void }[] = [];

  constructor(private time = Date.parse("2026-11-21T12:00:00Z")) {}

  now(): number {
    return this.time;
  }

  advance(ms: number): void {
    this.time += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { until: this.time + ms, wake: resolve };
      signal?.addEventListener("abort", () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
      this.sleepers.push(sleeper);
      setImmediate(() => this.wakeNext());
    });
  }

  private wakeNext(): void {
    const [next] = this.sleepers.sort((a, b) => a.until - b.until);
    if (next === undefined) return;
    this.sleepers.shift();
    this.time = Math.max(this.time, next.until);
    next.wake();
  }
}

/** DigiCert's error body. */
export function errors(code: string, message = `About ${code}.`): unknown {
  return { errors: [{ code, message }] };
}

/** The CertCentralError that `promise` fails with. */
export async function failure(promise: Promise<unknown>): Promise<CertCentralError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CertCentralError) return error;
    throw error;
  }
  throw new Error("It succeeded.");
}
