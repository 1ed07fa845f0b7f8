import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import * as path from "node:path";
import { parseUrl } from "../url";
import { CertCentralError, type FailureKind, hintFor, readApiErrors } from "./errors";
import { backoffMs, type Clock, type Pacer, retryAfterMs, sharedPacer, systemClock } from "./pacing";
import { type Redact, redactor } from "./redact";

export { type Clock, systemClock } from "./pacing";

/** CertCentral, the default. */
export const BASE_URL_US = "https://www.digicert.com/services/v2";
/** CertCentral Europe. */
export const BASE_URL_EU = "https://certcentral.digicert.eu/services/v2";

const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_TRIES = 5;
/** Failures of the way to DigiCert that no repetition mends. */
const PERMANENT_NETWORK_CODES = /^(ENOTFOUND|CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

const DOUBT_HINT = "DigiCert may have acted on it all the same: look before you try again.";

const packageFile = path.join(__dirname, "../../../package.json");
const USER_AGENT = `pulumi-bimi/${(JSON.parse(readFileSync(packageFile, "utf8")) as { version: string }).version}`;

/** Settings of a {@link CertCentralClient}. */
export interface ClientOptions {
  /** DigiCert API key; may be empty for the calls that need none. */
  apiKey: string;
  /** Root of the Services API; https, or http on a loopback address. Default {@link BASE_URL_US}. */
  baseUrl?: string;
  /** Default real time. */
  clock?: Clock;
  /** For each try, from connecting to the last byte of the answer, in milliseconds. Default 60,000. */
  timeoutMs?: number;
  /** Default `pulumi-bimi/<version>`. */
  userAgent?: string;
}

/** One call to the Services API. */
export interface ServicesApiRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the base URL, starting with `/`, each variable part encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is; needs `contentType`. */
  body?: Buffer;
  contentType?: string;
  /** Default `application/json`; with it, a 2xx body that is not JSON is a failure. */
  accept?: string;
  /** False leaves the key out. Default true. */
  auth?: boolean;
  /** What is being done, for messages, as an infinitive: `look up order 137`. */
  action: string;
  /**
   * `read` (GET) and `idempotent` (PUT, DELETE that may be sent twice) are repeated, at most five tries, after 429, 5xx, 406, 408, a
   * network failure, a timeout or an answer that cannot be read. `never` is for every other request: one try. The error is the last
   * try's: when an `idempotent` request is refused, an earlier try may have done it.
   */
  retry: "read" | "idempotent" | "never";
  signal?: AbortSignal;
}

/** A 2xx answer. */
export interface Answer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The body as sent. */
  body: Buffer;
  /** The body as UTF-8. */
  text: string;
  /** The parsed body; undefined when it is empty or not JSON. */
  json: unknown;
  /** The error to throw when the answer lacks what the call needs: of kind `doubt`, since the request may have been done. */
  unexpected(detail: string): CertCentralError;
}

/** DigiCert CertCentral Services API v2: transport, pacing, retries and errors. The endpoints are in the files beside this one. */
export class CertCentralClient {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Whether the base URL is a loopback address, thus a simulator. */
  readonly isLoopback: boolean;
  /** The API's origin, such as `https://www.digicert.com`; `loopback` for any loopback address. */
  readonly origin: string;

  private readonly serverOrigin: string;
  /** Truly private, so that no log, inspection or serialization of the client shows it. */
  readonly #apiKey: string;
  private readonly clock: Clock;
  private readonly timeoutMs: number;
  private readonly userAgent: string;
  private readonly pacer: Pacer;
  /** DigiCert's time minus the clock's, in milliseconds. */
  private clockOffset = 0;

  /** @throws Error when the base URL is not one, or would send the key unencrypted over a network, or the key cannot be a header */
  constructor(options: ClientOptions) {
    const url = parseBaseUrl(options.baseUrl ?? BASE_URL_US);
    this.baseUrl = `${url.origin}${url.pathname}`.replace(/\/+$/, "");
    this.isLoopback = isLoopbackHost(url.hostname);
    this.serverOrigin = url.origin;
    this.origin = this.isLoopback ? "loopback" : url.origin;
    this.#apiKey = options.apiKey.trim();
    if (!/^[\x21-\x7e]*$/.test(this.#apiKey)) {
      throw new Error(
        "The DigiCert API key (bimi:apiKey, DIGICERT_API_KEY) has characters that no key has: copy it again.",
      );
    }
    this.clock = options.clock ?? systemClock;
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.userAgent = options.userAgent ?? USER_AGENT;
    this.pacer = sharedPacer(this.clock, this.serverOrigin, this.#apiKey);
  }

  /** DigiCert's time: the last answer's `Date` header and the time since then; before the first answer, the local clock. */
  now(): Date {
    return new Date(this.clock.now() + this.clockOffset);
  }

  /**
   * Sends a request and gives its 2xx answer.
   * @throws CertCentralError for every other outcome
   */
  async request(request: ServicesApiRequest): Promise<Answer> {
    const exchange = this.prepare(request);
    const tries = request.retry === "never" ? 1 : MAX_TRIES;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(exchange);
      if ("answer" in outcome) return outcome.answer;
      if (!outcome.transient || attempt >= tries) throw outcome.error;
      // A 429 has paused the pacer, which every try asks.
      if (outcome.error.kind === "throttled") continue;
      await this.sleep(exchange, backoffMs(attempt, Math.random()));
    }
  }

  private prepare(request: ServicesApiRequest): Exchange {
    const url = new URL(this.baseUrl + request.path);
    if (url.origin !== this.serverOrigin) throw new Error(`The path ${request.path} leaves ${this.baseUrl}.`);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const redact = redactor(this.#apiKey, request.json);
    const fail = (failure: Failure): CertCentralError => {
      const inDoubt = failure.kind === "doubt" && request.method !== "GET";
      return new CertCentralError({
        kind: failure.kind,
        codes: failure.codes.map(redact),
        status: failure.status,
        method: request.method,
        url: redact(url.origin + url.pathname),
        action: redact(request.action),
        detail: redact(failure.detail),
        hint: hintFor(failure.hintCodes ?? failure.codes) ?? (inDoubt ? DOUBT_HINT : undefined),
      });
    };
    const headers: Record<string, string> = {
      Accept: request.accept ?? "application/json",
      "User-Agent": this.userAgent,
    };
    let body: Buffer | undefined;
    if (request.json !== undefined) {
      body = Buffer.from(JSON.stringify(request.json));
      headers["Content-Type"] = request.contentType ?? "application/json";
    } else if (request.body !== undefined) {
      body = request.body;
      headers["Content-Type"] = request.contentType ?? "application/octet-stream";
    }
    const auth = request.auth ?? true;
    if (auth) headers["X-DC-DEVKEY"] = this.#apiKey;
    return { request, url, headers, body, auth, redact, fail };
  }

  /** One try. A failure is an outcome, not an exception, so that the caller can tell whether another try makes sense. */
  private async attempt(exchange: Exchange): Promise<Outcome> {
    const { request, fail } = exchange;
    if (exchange.auth && this.#apiKey === "") {
      return permanent(fail({ kind: "notSent", codes: ["missing_key"], detail: "There is no DigiCert API key" }));
    }
    try {
      await this.pacer.admit(request.signal);
    } catch {
      return permanent(canceled(exchange, "notSent"));
    }
    const received = await this.exchange(exchange);
    if ("error" in received) return received;
    this.noteTime(received.headers);
    const { status } = received;
    if (status === 429) {
      this.pacer.pause(retryAfterMs(received.headers["retry-after"], this.now().getTime()));
    } else this.pacer.resume();
    return judge(exchange, received);
  }

  /** Sends the request and reads the whole answer, whatever its status. */
  private async exchange(exchange: Exchange): Promise<Received | FailedOutcome> {
    const { request, url, headers, body, fail } = exchange;
    const connection = trackedAgent(url);
    const abort = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      abort.abort();
    }, this.timeoutMs);
    const cancel = () => abort.abort();
    if (request.signal?.aborted) cancel();
    request.signal?.addEventListener("abort", cancel, { once: true });
    try {
      // node-fetch is an ES module; this file is compiled to CommonJS.
      const { default: fetch } = await import("node-fetch");
      const response = await fetch(url, {
        method: request.method,
        headers,
        ...(body === undefined ? {} : { body }),
        agent: connection.agent,
        redirect: "manual",
        size: MAX_ANSWER_BYTES,
        signal: abort.signal,
      });
      const bytes = Buffer.from(await response.arrayBuffer());
      return { status: response.status, headers: Object.fromEntries(response.headers), body: bytes };
    } catch (error) {
      const kind: FailureKind = connection.failedToConnect() ? "notSent" : "doubt";
      if (timedOut) {
        const detail = `There was no complete answer within ${this.timeoutMs / 1000} seconds`;
        return transient(fail({ kind, codes: ["timeout"], detail }));
      }
      if (request.signal?.aborted) return permanent(canceled(exchange, kind));
      const { code, type, message } = error as { code?: string; type?: string; message?: string };
      if (type === "max-size") {
        const detail = `The answer is larger than ${MAX_ANSWER_BYTES / 1024 / 1024} MB`;
        return permanent(fail({ kind, codes: ["unexpected_answer"], detail }));
      }
      const reason = message?.replace(/^.*?, reason:/s, "").trim();
      const detail = [code, reason].filter((part) => part !== undefined && part !== "").join(": ");
      const failure = fail({ kind, codes: ["network"], detail, hintCodes: code === undefined ? [] : [code] });
      return PERMANENT_NETWORK_CODES.test(code ?? "") ? permanent(failure) : transient(failure);
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener("abort", cancel);
      connection.agent.destroy();
    }
  }

  private async sleep(exchange: Exchange, ms: number): Promise<void> {
    try {
      await this.clock.sleep(ms, exchange.request.signal);
    } catch {
      throw canceled(exchange, "doubt");
    }
  }

  private noteTime(headers: Record<string, string>): void {
    const date = Date.parse(headers.date ?? "");
    if (!Number.isNaN(date)) this.clockOffset = date - this.clock.now();
  }
}

interface Failure {
  kind: FailureKind;
  codes: string[];
  status?: number;
  detail: string;
  /** Where the remedy depends on something finer than `codes`. */
  hintCodes?: string[];
}

/** A request made ready: the same for each try. */
interface Exchange {
  request: ServicesApiRequest;
  url: URL;
  headers: Record<string, string>;
  body: Buffer | undefined;
  auth: boolean;
  redact: Redact;
  fail(failure: Failure): CertCentralError;
}

interface Received {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

interface FailedOutcome {
  error: CertCentralError;
  /** Whether another try may succeed. */
  transient: boolean;
}

type Outcome = { answer: Answer } | FailedOutcome;

const transient = (error: CertCentralError): FailedOutcome => ({ error, transient: true });
const permanent = (error: CertCentralError): FailedOutcome => ({ error, transient: false });

function canceled(exchange: Exchange, kind: FailureKind): CertCentralError {
  return exchange.fail({ kind, codes: ["canceled"], detail: "The operation was canceled" });
}

/** What an answer means. */
function judge({ request, fail }: Exchange, { status, headers, body }: Received): Outcome {
  const text = body.toString("utf8");
  const json = parseJson(text);
  const unexpected = (detail: string) => fail({ kind: "doubt", codes: ["unexpected_answer"], status, detail });
  if (status >= 200 && status < 300) {
    const wantsJson = (request.accept ?? "application/json") === "application/json";
    // Writes may answer with nothing; a read that does has been cut off.
    const mayBeEmpty = request.method !== "GET";
    if (wantsJson && json === undefined && !(mayBeEmpty && text.trim() === "")) {
      return transient(unexpected(`The answer is not JSON, but ${describe(headers, body)}`));
    }
    return { answer: { status, headers, body, text, json, unexpected } };
  }
  const errors = readApiErrors(json);
  const codes = errors.map((error) => error.code);
  const messages = errors.map(({ code, message }, index) => (index === 0 ? message : `${code}: ${message}`));
  if (status === 429) {
    const detail = messages.join("; ") || "Too many requests";
    return transient(
      fail({ kind: "throttled", codes: codes.length > 0 ? codes : ["request_limit_exceeded"], status, detail }),
    );
  }
  if (status >= 300 && status < 400) {
    return permanent(unexpected("The answer is a redirect, which is not followed. Check bimi:baseUrl"));
  }
  if (errors.length === 0)
    return transient(unexpected(`The answer is ${describe(headers, body)}, not DigiCert's error`));
  const detail = messages.join("; ");
  if (status >= 400 && status < 500) {
    const error = fail({ kind: "refused", codes, status, detail });
    return status === 406 || status === 408 ? transient(error) : permanent(error);
  }
  return transient(fail({ kind: "doubt", codes, status, detail }));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function describe(headers: Record<string, string>, body: Buffer): string {
  if (body.length === 0) return "empty";
  return `${body.length} bytes of ${headers["content-type"] ?? "no content type"}`;
}

/**
 * An agent for one request that knows whether the connection (with TLS: the session) failed before it was ready: then nothing of
 * the request can have reached the server. A connection is never reused, since a server that closes an idle one would leave a
 * write in doubt.
 */
function trackedAgent(url: URL): { agent: http.Agent; failedToConnect(): boolean } {
  const secure = url.protocol === "https:";
  const agent = secure ? new https.Agent({ keepAlive: false }) : new http.Agent({ keepAlive: false });
  let connecting = false;
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback) as Socket;
    connecting = true;
    socket.once(secure ? "secureConnect" : "connect", () => {
      connecting = false;
    });
    return socket;
  };
  return { agent, failedToConnect: () => connecting };
}

function parseBaseUrl(text: string): URL {
  const remedy = `Set bimi:baseUrl (or DIGICERT_BASE_URL) to ${BASE_URL_US} or ${BASE_URL_EU}.`;
  const url = parseUrl(text.trim());
  if (!url) throw new Error(`DigiCert's base URL is not a URL. ${remedy}`);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new Error(`DigiCert's base URL must not hold a user, a password, a query or a fragment. ${remedy}`);
  }
  const plainAllowed = url.protocol === "http:" && isLoopbackHost(url.hostname);
  if (url.protocol !== "https:" && !plainAllowed) {
    throw new Error(
      `DigiCert's base URL ${url.protocol}//${url.host} is not https, which only a loopback address may be. ${remedy}`,
    );
  }
  return url;
}

/** Whether a base URL is of this machine, thus of a simulator. */
export function isLoopbackUrl(text: string): boolean {
  const url = parseUrl(text.trim());
  return url !== undefined && isLoopbackHost(url.hostname);
}

function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
