import { BASE_URL_US, CertCentralClient, type Clock } from "../../provider/certcentral";
import { Context } from "../../provider/context";

/** What a server answers, or undefined for a connection that breaks before the answer. */
export interface Response {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

type Respond = (method: string, path: string) => Response | undefined;

/** Time that jumps over every wait. */
export class JumpingClock implements Clock {
  time = Date.parse("2026-11-22T12:00:00Z");
  now(): number {
    return this.time;
  }
  async sleep(ms: number): Promise<void> {
    this.time += ms;
  }
}

/** The real client, but for the sockets: ten thousand exchanges take seconds. */
export function clientOf(respond: Respond, clock: Clock = new JumpingClock()): CertCentralClient {
  const client = new CertCentralClient({ apiKey: "KEY", clock });
  const exchange = async ({ request, url, fail }: Exchange) => {
    const response = respond(request.method, url.pathname.replace(new URL(BASE_URL_US).pathname, ""));
    if (!response)
      return { error: fail({ kind: "doubt", codes: ["network"], detail: "socket hang up" }), transient: true };
    const { status, headers = {}, body = "" } = response;
    return { status, headers, body: Buffer.isBuffer(body) ? body : Buffer.from(body) };
  };
  return Object.assign(client, { exchange });
}

interface Exchange {
  request: { method: string };
  url: URL;
  fail(failure: { kind: string; codes: string[]; detail: string }): Error;
}

/** A context whose client answers as told, for a stack that may buy. */
export class ScriptedContext extends Context {
  readonly lines: string[];
  readonly #client: CertCentralClient;

  constructor(respond: Respond, projectDir = "/nowhere", clock: Clock = new JumpingClock()) {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    super({ settings: () => ({ apiKey: "KEY", allowOrders: true }), clock, log: { info: log, warn: log }, projectDir });
    this.lines = lines;
    this.#client = clientOf(respond, clock);
  }

  override get client(): CertCentralClient {
    return this.#client;
  }
}
