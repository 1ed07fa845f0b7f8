import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { commits, type Fault, type Faults, type Hit } from "../faults";
import { confidentialIn, type JournalEntry, redact } from "../journal";
import { accountRoutes } from "./account";
import { certificateRoutes } from "./certificates";
import { domainRoutes } from "./domains";
import { ApiError, missingPermission, notFound } from "./errors";
import type { Answer, Call, Route } from "./http";
import { tick } from "./issuance";
import { logoRoutes } from "./logos";
import { loosen } from "./looseTypes";
import { orderChangeRoutes } from "./orderChanges";
import { orderDcvRoutes } from "./orderDcv";
import { orderReadRoutes } from "./orderReads";
import { orderRoutes } from "./orders";
import { organizationRoutes } from "./organizations";
import { RateLimit } from "./rateLimit";
import { reissueRoutes } from "./reissues";
import { requestRoutes } from "./requests";
import { revocationRoutes } from "./revocation";
import type { ApiKey } from "./state";
import { World } from "./world";

export const BASE_PATH = "/services/v2";
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Every endpoint; of two that match a path, the first. */
export const routes: readonly Route[] = [
  ...orderReadRoutes,
  ...orderRoutes,
  ...orderChangeRoutes,
  ...orderDcvRoutes,
  ...logoRoutes,
  ...reissueRoutes,
  ...revocationRoutes,
  ...certificateRoutes,
  ...requestRoutes,
  ...domainRoutes,
  ...organizationRoutes,
  ...accountRoutes,
];

const patterns = routes.map((route) => ({
  route,
  path: new RegExp(`^${route.path.replace(/\{[^}]+\}/g, "([^/]+)")}$`),
}));

interface RoutedCall extends Call {
  route: Route;
  /** What a read shows in place of the present. */
  past?: World;
}

export interface ServerOptions {
  world: World;
  faults: Faults;
  journal: JournalEntry[];
  /** One call at a time: reads of DNS and signing are asynchronous. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Keeps the state, after a change. */
  save(): void;
  /** Paths outside {@link BASE_PATH}; answers whether it took the call. */
  other?(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<boolean>;
}

/** DigiCert's Services API v2 over HTTP on loopback. */
export class CertCentralServer {
  private readonly rateLimit = new RateLimit();
  private readonly sentInConfidence = new Map<string, RegExp>();
  private readonly server: Server;

  constructor(private readonly options: ServerOptions) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch(() => response.destroy());
    });
  }

  /** @throws if the port is taken */
  async start(port = 0): Promise<{ origin: string }> {
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, "127.0.0.1", resolve);
    });
    return { origin: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}` };
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { world, faults, journal } = this.options;
    const method = request.method ?? "GET";
    const body = await readBody(request);
    const target = request.url ?? "/";
    if (!target.startsWith(`${BASE_PATH}/`) && (await this.options.other?.(request, body, response))) return;

    const path = target.startsWith(BASE_PATH) ? target.slice(BASE_PATH.length) : target;
    const fault = faults.take(method, path, world.now(), body.toString());
    const spoiled = fault && this.answerOf(fault);
    const actual = !fault || commits(fault) ? await this.carryOut(request, path, body, fault) : undefined;
    const answer = spoiled ?? actual;
    const lost = fault && ["reset-before", "reset-after-commit", "timeout"].includes(fault.kind);

    const requested = body.length > 0 ? parsed(body, request.headers["content-type"]) : undefined;
    const confidential = this.confidential(request, requested);
    const entry: JournalEntry = {
      at: world.clock.date().toISOString(),
      service: "certcentral",
      method,
      path,
      status: lost ? 0 : (answer?.status ?? 0),
      write: method !== "GET" && method !== "HEAD" && !path.startsWith("/util/"),
      ...(requested !== undefined && { request: redact(requested, confidential) }),
      ...(answer?.json !== undefined && { response: redact(answer.json, confidential) }),
      ...(answer?.body !== undefined && { response: redact(answer.body.toString(), confidential) }),
      ...(fault && { fault: fault.kind }),
      ...(fault && actual && { carriedOut: actual.status }),
      ...keyIdOf(this.findKey(request)),
      ...(request.headers["user-agent"] && { userAgent: request.headers["user-agent"] }),
    };
    journal.push(entry);

    if (fault?.commitAfter !== undefined) {
      // Not awaited: it queues behind the work that finds it due.
      world.later(fault.commitAfter, () => {
        void this.carryOut(request, path, body).then(({ status }) => {
          entry.carriedOut = status;
        });
      });
    }
    if (fault?.kind === "timeout") return;
    if (lost || !answer) {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.milliseconds ?? 1000));
    this.send(response, answer, fault);
  }

  /** What no entry of the journal may repeat: what this call was sent in confidence, and those before it. */
  private confidential(request: IncomingMessage, body: unknown): RegExp[] {
    for (const pattern of confidentialIn(request.headers["x-dc-devkey"] as string | undefined, body)) {
      this.sentInConfidence.set(pattern.source, pattern);
    }
    return [...this.sentInConfidence.values()];
  }

  /** What a fault answers in place of the endpoint; undefined if the endpoint's own answer is used. */
  private answerOf(fault: Fault): Answer | undefined {
    if (fault.kind === "throttle") return throttled();
    if (fault.kind === "not-json") {
      const page = fault.body ?? "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>";
      return { status: fault.status ?? 503, body: page, contentType: "text/html" };
    }
    if (fault.kind !== "status") return undefined;
    const status = fault.status ?? 500;
    if (fault.body !== undefined) return { status, body: fault.body, contentType: "application/json" };
    const code = fault.code ?? (status >= 500 ? "internal_server_error" : "bad_request");
    return errorAnswer(new ApiError(status, code));
  }

  /** One call from authentication to its answer; errors become DigiCert's error shape. */
  private async carryOut(request: IncomingMessage, path: string, body: Buffer, fault?: Hit): Promise<Answer> {
    const { world } = this.options;
    try {
      const url = new URL(path, "http://localhost");
      const found = findRoute(request.method ?? "GET", url.pathname);
      const key = this.findKey(request);
      if (found?.route.access !== "public") {
        if (!key) {
          const code = "access_denied|access_denied_invalid_key";
          throw new ApiError(403, code, "Access denied due to access_denied_invalid_key.");
        }
        const wait = this.rateLimit.count(key.value, world.now());
        if (wait > 0) return this.tooMany(wait);
      }
      if (!found) throw notFound("route");
      if (!mayCall(key, found.route)) throw missingPermission();
      if (fault?.kind === "lookup-empty") found.params = [""];
      const call = readCall(world, found, key, request, url, body);
      if (fault?.past) call.past = new World(fault.past, world.clock, world.switches, world.prober);
      return await this.run(call);
    } catch (error) {
      if (error instanceof ApiError) return errorAnswer(error);
      throw error;
    }
  }

  private run({ past, ...call }: RoutedCall): Promise<Answer> {
    const { world } = call;
    return this.options.exclusively(async () => {
      await tick(world);
      try {
        const answer = await call.route.handle(past ? { ...call, world: past } : call);
        if (call.route.method !== "GET") {
          world.changed = true;
          // polling begins immediately: before the caller can have published anything
          await tick(world);
        }
        return call.route.method === "GET" && world.switches.looseTypes === "strings" && answer.json
          ? { ...answer, json: loosen(answer.json) }
          : answer;
      } finally {
        if (world.changed) this.options.save();
        world.changed = false;
      }
    });
  }

  private findKey(request: IncomingMessage): ApiKey | undefined {
    const given = request.headers["x-dc-devkey"];
    return this.options.world.state.keys.find(({ value }) => value === given);
  }

  private tooMany(seconds: number): Answer {
    const answer = throttled();
    return this.options.world.switches.retryAfter === "present" ? { ...answer, retryAfter: seconds } : answer;
  }

  private send(response: ServerResponse, answer: Answer, fault?: Fault): void {
    const text = answer.json === undefined ? (answer.body ?? "") : JSON.stringify(answer.json);
    const bytes = Buffer.from(text);
    response.sendDate = false;
    const { clock } = this.options.world;
    const ahead = Math.round(clock.offset / 1000);
    const retryAfter = answer.retryAfter ?? (fault?.kind === "throttle" ? fault.retryAfter : undefined);
    response.writeHead(answer.status, {
      server: "nginx",
      date: clock.date().toUTCString(),
      // Not DigiCert's: tells a clock that was moved here from one that is wrong there.
      ...(ahead !== 0 && { "x-simulated-ahead": String(ahead) }),
      "cache-control": "private,no-cache",
      "strict-transport-security": "max-age=31536000",
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
      ...(answer.status !== 204 && {
        "content-type": answer.contentType ?? "application/json",
        "content-length": bytes.length,
      }),
    });
    if (fault?.kind !== "truncated") {
      response.end(answer.status === 204 ? undefined : bytes);
      return;
    }
    response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
  }
}

const throttled = () =>
  errorAnswer(new ApiError(429, "request_limit_exceeded", "Service unavailable, please limit request volume"));

const errorAnswer = (error: ApiError): Answer => ({ status: error.status, json: { errors: error.errors } });

const keyIdOf = (key?: ApiKey) => (key ? { keyId: String(key.id) } : {});

export function findRoute(method: string, path: string): { route: Route; params: string[] } | undefined {
  for (const { route, path: pattern } of patterns) {
    const match = route.method === method ? pattern.exec(path) : null;
    if (match) return { route, params: match.slice(1).map(decode) };
  }
  return undefined;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError(400, "bad_request_format", "The path is not properly encoded.");
  }
}

function mayCall(key: ApiKey | undefined, { access }: Route): boolean {
  switch (access) {
    case "public":
      return true;
    case "read":
      return key !== undefined;
    case "order":
      return key !== undefined && key.role !== "view-only";
    case "manage":
      return key?.role === "admin" || key?.role === "manager";
  }
}

function readCall(
  world: World,
  { route, params }: { route: Route; params: string[] },
  key: ApiKey | undefined,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
): RoutedCall {
  const contentType = (request.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  const accept = request.headers.accept ?? "*/*";
  let json: unknown;
  if (route.takes !== "raw" && body.length > 0) {
    if (contentType !== "application/json") {
      throw new ApiError(415, "unsupported_media_type", "Content-Type must be application/json.");
    }
    json = parseJson(body);
  }
  if (!/(\*\/\*|application\/(\*|json)|image\/svg|application\/x-pem-file|text\/plain)/.test(accept)) {
    throw new ApiError(406, "not_acceptable", `There is no answer of type ${accept}.`);
  }
  return {
    world,
    // public endpoints never look at the key
    key: key ?? ({ id: 0, value: "", accountId: 0, userId: 0, role: "view-only" } satisfies ApiKey),
    params,
    query: url.searchParams,
    json,
    body,
    contentType,
    accept,
    route,
  };
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new ApiError(400, "bad_request_format", "The request body is not well-formed JSON.");
  }
}

/** For the journal, which may not hold a text that could be a broken card. */
function parsed(body: Buffer, contentType = ""): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return contentType.includes("json") ? `[${body.length} bytes that are not JSON]` : body.toString("utf8");
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error("The request is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
