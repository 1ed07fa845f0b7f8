import type { LookupAddress } from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { pipeline, type Readable, type Transform } from "node:stream";
import { TLSSocket } from "node:tls";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { readable } from "../readable";
import { parseUrl } from "../url";
import { version } from "../version";
import { internet, type Network } from "./network";

/** A larger logo is shown by nobody. */
export const MAX_HOSTED_LOGO_BYTES = 64 * 1024;
/** Of a certificate chain or a revocation list. */
export const MAX_HOSTED_PEM_BYTES = 256 * 1024;

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;

export interface FetchOptions {
  /** Of the body, before and after decompression. */
  maxBytes: number;
  /** Revocation lists are signed and served without TLS. Default: https only. */
  allowHttp?: boolean;
  /** In all: every redirect and every try. Default: 10 seconds. */
  timeoutMs?: number;
  /** Default: the public Internet, and nothing else. */
  network?: Network;
}

/** An answer, whatever its status. */
export interface Answered {
  url: string;
  status: number;
  /** Media type without parameters, lower case. */
  contentType?: string;
  /** Empty unless the status is 200. */
  body: Buffer;
  /** The URLs that redirects led to, in order. */
  redirects: string[];
  /** As `TLSv1.3`; absent for http. */
  tls?: string;
  /** Statuses that were given to a client that names itself, before this answer to one that does not. */
  refusals: { userAgent: string; status: number }[];
}

export type FetchFailureCode =
  /** Not https, or with user info, or no URL. */
  | "url"
  /** The host has no address. */
  | "dns"
  /** An address of the host is not public. */
  | "private"
  /** The connection failed or broke. */
  | "network"
  /** The host's certificate is not valid, or no protocol version fits. */
  | "tls"
  | "timeout"
  | "too_large"
  /** Compressed in a way that is not known, or not really. */
  | "encoding"
  /** Too many redirects, to http, or to nowhere. */
  | "redirect";

/** Nothing that could be judged came back. */
export interface Failed {
  url: string;
  failure: FetchFailureCode;
  /** What happened, as a clause: `logo.example.com has the address 10.0.0.1 (private)`. */
  message: string;
  redirects: string[];
}

export type Fetched = Answered | Failed;

/** What mail receivers' fetchers are taken for, when a server turns away one that tells its name. */
const userAgents = [
  [`pulumi-bimi/${version}`, `pulumi-bimi/${version}`],
  ["none", undefined],
  ["a browser's", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
] as const;

/**
 * Fetches a file that others publish. The URL may be anybody's: only https, only from public addresses, connecting to
 * the very addresses that were looked at; three redirects at most, each looked at again; bounded in time and size; with
 * no cookie, key or other credential. Never throws.
 */
export async function guardedFetch(url: string, options: FetchOptions): Promise<Fetched> {
  const abort = new AbortController();
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  const redirects: string[] = [];
  const refusals: Answered["refusals"] = [];
  try {
    for (const [name, userAgent] of userAgents) {
      redirects.length = 0;
      const answer = await follow(url, redirects, { ...options, userAgent, signal: abort.signal });
      const isLast = name === userAgents.at(-1)![0];
      if (!isTurnedAway(answer) || isLast) {
        // Every try was turned away: then it is not about the name.
        return { ...answer, url, redirects, refusals: isTurnedAway(answer) ? [] : refusals };
      }
      refusals.push({ userAgent: name, status: answer.status });
    }
    throw new Error("there is no user agent");
  } catch (error) {
    const { code, message } = abort.signal.aborted
      ? new FetchError("timeout", `there was no complete answer within ${timeoutMs / 1000} seconds`)
      : failureOf(error);
    return { url, failure: code, message: readable(message, 300), redirects };
  } finally {
    clearTimeout(timer);
  }
}

class FetchError extends Error {
  constructor(
    readonly code: FetchFailureCode,
    message: string,
  ) {
    super(message);
  }
}

interface Try extends FetchOptions {
  userAgent: string | undefined;
  signal: AbortSignal;
}

type Answer = Omit<Answered, "url" | "redirects" | "refusals">;

async function follow(first: string, redirects: string[], options: Try): Promise<Answer> {
  let url = checkedUrl(first, options.allowHttp);
  for (;;) {
    const answer = await ask(url, options);
    if (!("location" in answer)) return answer;
    if (redirects.length === MAX_REDIRECTS) {
      throw new FetchError("redirect", `it redirects more than ${MAX_REDIRECTS} times`);
    }
    url = redirected(url, answer.location, options.allowHttp);
    redirects.push(url.href);
  }
}

function checkedUrl(text: string, allowHttp = false): URL {
  const url = parseUrl(text);
  if (!url) throw new FetchError("url", "it is not a valid URL");
  if (url.protocol !== "https:" && !(allowHttp && url.protocol === "http:")) {
    throw new FetchError("url", `it is ${url.protocol.slice(0, -1)}, not https`);
  }
  if (url.username !== "" || url.password !== "") throw new FetchError("url", "it holds a user name or password");
  return url;
}

function redirected(from: URL, location: string, allowHttp = false): URL {
  const to = parseUrl(location, from);
  if (!to) throw new FetchError("redirect", "it redirects to what is not a URL");
  try {
    return checkedUrl(to.href, allowHttp && from.protocol === "http:");
  } catch (error) {
    const { message } = error as FetchError;
    throw new FetchError("redirect", `it redirects to ${readable(location, 200)}, but ${message}`);
  }
}

/** One request to addresses that were checked. */
async function ask(url: URL, options: Try): Promise<Answer | { location: string }> {
  const addresses = await checkedAddresses(url.hostname.replace(/^\[(.*)\]$/, "$1"), options);
  try {
    return await exchange(url, addresses, options, {});
  } catch (error) {
    // What an old server says is compared all the same; receivers may refuse to talk to it.
    if (!/protocol.version|unsupported.protocol/i.test(`${(error as NodeJS.ErrnoException).code} ${error}`))
      throw error;
    return await exchange(url, addresses, options, { minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" });
  }
}

async function checkedAddresses(
  host: string,
  { network = internet, signal }: Pick<Try, "network" | "signal">,
): Promise<LookupAddress[]> {
  const family = isIP(host);
  const addresses = family ? [{ address: host, family }] : await unlessAborted(network.resolve(host), signal);
  if (addresses.length === 0) throw new FetchError("dns", `${host} has no address`);
  for (const { address } of addresses) {
    const kind = network.nonPublicKind(address);
    if (kind) {
      const what = family
        ? `${address} is no public address`
        : `${host} has the address ${address}, which is not public`;
      throw new FetchError("private", `${what} (${kind})`);
    }
  }
  return addresses;
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function exchange(
  url: URL,
  addresses: LookupAddress[],
  { userAgent, signal, network, maxBytes }: Try,
  tls: https.AgentOptions,
): Promise<Answer | { location: string }> {
  const { request, Agent } = url.protocol === "https:" ? https : (http as unknown as typeof https);
  // An agent of its own, which knows no proxy and keeps no connection; what is connected to was checked.
  // What receivers verify is verified, also where NODE_TLS_REJECT_UNAUTHORIZED=0 says not to.
  const rejectUnauthorized = true;
  const ca = network?.ca ? { ca: network.ca } : {};
  const agent = new Agent({ lookup: always(addresses), rejectUnauthorized, ...ca, ...tls });
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const headers = {
        Accept: "*/*",
        "Accept-Encoding": "identity",
        ...(userAgent === undefined ? {} : { "User-Agent": userAgent }),
      };
      const ended = () => reject(new FetchError("network", "the connection ended without an answer"));
      // Without an answer or an error it closes when the server switches to another protocol (101).
      request(url, { agent, headers, signal }).once("response", resolve).on("error", reject).on("close", ended).end();
    });
    // An error of a stream that nobody reads any more would end the process.
    response.on("error", () => {});
    const { statusCode: status = 0, headers } = response;
    if ([301, 302, 303, 307, 308].includes(status) && headers.location !== undefined) {
      return { location: headers.location };
    }
    const contentType = (headers["content-type"] ?? "").replace(/;.*/s, "").trim().toLowerCase();
    const protocol = response.socket instanceof TLSSocket ? response.socket.getProtocol() : null;
    return {
      status,
      body: status === 200 ? await bodyOf(response, maxBytes) : Buffer.alloc(0),
      ...(contentType ? { contentType: readable(contentType, 100) } : {}),
      ...(protocol ? { tls: protocol } : {}),
    };
  } finally {
    agent.destroy();
  }
}

const always =
  (addresses: LookupAddress[]): LookupFunction =>
  (_hostname, { all }, callback) => {
    if (all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };

const decoders: Record<string, () => Transform> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Some servers compress although they were asked not to. */
async function bodyOf(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = new FetchError("too_large", `the file is larger than ${maxBytes / 1024} KB`);
  if (Number(response.headers["content-length"]) > maxBytes) throw tooLarge;
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase();
  if (encoding === undefined || encoding === "" || encoding === "identity") {
    return readAll(response, maxBytes, tooLarge);
  }
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  if (!decoder) throw new FetchError("encoding", `the answer is compressed as "${readable(encoding, 50)}"`);
  const decoded = pipeline(
    response,
    (body) => limited(body, maxBytes, tooLarge),
    decoder(),
    () => {},
  );
  return readAll(decoded, maxBytes, tooLarge);
}

async function readAll(stream: Readable, maxBytes: number, tooLarge: FetchError): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of limited(stream, maxBytes, tooLarge)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* limited(stream: AsyncIterable<Buffer>, maxBytes: number, tooLarge: FetchError): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    // Leaving the loop destroys the stream.
    if (length > maxBytes) throw tooLarge;
    yield chunk;
  }
}

/** What bot walls and web application firewalls answer. */
function isTurnedAway({ status }: Pick<Answered, "status">): boolean {
  return status === 403 || status === 429 || status === 503;
}

function failureOf(error: unknown): { code: FetchFailureCode; message: string } {
  if (error instanceof FetchError) return error;
  const { code = "", message: text } = error as NodeJS.ErrnoException;
  // OpenSSL: error number, "SSL routines", function, what is wrong, file, line
  const message = /:SSL routines:[^:]*:([^:]+):/.exec(text)?.[1] ?? text;
  const what = code && !message.includes(code) ? `${message} (${code})` : message;
  if (/^(ENOTFOUND|ENODATA|EAI_|ESERVFAIL|EREFUSED|ETIMEOUT)/.test(code)) return { code: "dns", message: what };
  if (/^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_)/.test(code)) {
    return { code: "tls", message: what };
  }
  if (/^(Z_|ERR__ERROR|ERR_BROTLI|ERR_PADDING)/.test(code)) {
    return { code: "encoding", message: `the answer cannot be decompressed: ${what}` };
  }
  return { code: "network", message: what };
}
