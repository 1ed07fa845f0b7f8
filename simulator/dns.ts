import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { createServer, type Server, type Socket } from "node:net";
import * as packet from "dns-packet";

/** A record as a DNS provider's API holds it. */
export interface DnsZoneRecord {
  /** Owner name without trailing dot. */
  name: string;
  /** Served are A, AAAA, CAA, CNAME, MX, NS and TXT. */
  type: string;
  /** Presentation form; a TXT's is one or more quoted character-strings, or unquoted text. */
  content: string;
  /** Seconds; 1 is Cloudflare's "automatic" and served as 300. */
  ttl: number;
  /** MX only. */
  priority?: number;
  /** Behind Cloudflare's proxy: answers only A and AAAA, with Cloudflare's address. */
  proxied?: boolean;
}

/** What one query asked and got, for a journal. */
export interface DnsQuery {
  name: string;
  type: string;
  transport: "udp" | "tcp";
  rcode: Rcode;
  truncated: boolean;
  answers: { name: string; type: string; ttl: number; data: unknown }[];
}

export interface AuthoritativeDnsOptions {
  /** Zones that are served; a name outside is REFUSED. Without it the last two labels of any name are its zone. */
  zones?: () => string[];
  onQuery?: (query: DnsQuery) => void;
}

const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
type Rcode = keyof typeof rcodes;

interface Answer {
  name: string;
  type: string;
  ttl: number;
  data: unknown;
}

interface Resolution {
  rcode: Rcode;
  answers: Answer[];
  authorities: Answer[];
}

/** Largest CNAME chain that is followed inside the own zones. */
const MAX_CNAME_HOPS = 8;
/** Largest UDP answer even if the client's EDNS option allows more (DNS Flag Day 2020). */
const MAX_UDP_BYTES = 1232;

/** An authoritative DNS server on loopback, UDP and TCP on the same port, over records that may change at any time. */
export class AuthoritativeDns {
  readonly #records: () => DnsZoneRecord[];
  readonly #options: AuthoritativeDnsOptions;
  #udp?: UdpSocket;
  #tcp?: Server;
  readonly #connections = new Set<Socket>();

  constructor(records: () => DnsZoneRecord[], options: AuthoritativeDnsOptions = {}) {
    this.#records = records;
    this.#options = options;
  }

  /**
   * @param port 0 or nothing for any free port
   * @throws if a given port is taken
   */
  async start(port = 0): Promise<{ host: string; port: number }> {
    const host = "127.0.0.1";
    // a port that is free for UDP may be taken for TCP
    for (let attempt = 1; ; attempt++) {
      const udp = await bindUdp(host, port);
      try {
        this.#tcp = await listenTcp(host, udp.address().port, (socket) => this.#serve(socket));
      } catch (error) {
        await new Promise<void>((resolve) => udp.close(resolve));
        if (port !== 0 || attempt === 20) throw error;
        continue;
      }
      this.#udp = udp;
      udp.on("message", (message, from) => {
        const answer = this.#answer(message, "udp");
        if (answer) udp.send(answer, from.port, from.address, () => {});
      });
      return { host, port: udp.address().port };
    }
  }

  async stop(): Promise<void> {
    const udp = this.#udp;
    const tcp = this.#tcp;
    this.#udp = undefined;
    this.#tcp = undefined;
    for (const socket of this.#connections) socket.destroy();
    if (udp) await new Promise<void>((resolve) => udp.close(resolve));
    if (tcp) await new Promise<void>((resolve) => tcp.close(() => resolve()));
  }

  /** RFC 7766: messages with a two-byte length, several on one connection. */
  #serve(socket: Socket): void {
    this.#connections.add(socket);
    let pending: Buffer = Buffer.alloc(0);
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on("close", () => this.#connections.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const answer = this.#answer(pending.subarray(2, end), "tcp");
        pending = pending.subarray(end);
        if (!answer) {
          socket.destroy();
          return;
        }
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([length, answer]));
      }
    });
  }

  #answer(message: Buffer, transport: "udp" | "tcp"): Buffer | undefined {
    let query: packet.DecodedPacket;
    try {
      query = packet.decode(message);
    } catch {
      return message.length < 12 ? undefined : encode({ id: message.readUInt16BE(0) }, "FORMERR");
    }
    if (query.type !== "query") return undefined;
    const question = query.questions?.[0];
    const opcode = ((query.flags ?? 0) >> 11) & 0xf;
    if (opcode !== 0) return encode(query, "NOTIMP");
    if (!question || query.questions?.length !== 1) return encode(query, "FORMERR");
    let resolution: Resolution;
    try {
      resolution = this.#resolve(question.name, question.type);
    } catch {
      // a record's content that no zone file could hold
      return encode(query, "SERVFAIL");
    }
    const edns = query.additionals?.find((record) => record.type === "OPT") as { udpPayloadSize?: number } | undefined;
    const limit = Math.min(Math.max(edns?.udpPayloadSize ?? 512, 512), MAX_UDP_BYTES);
    let answer = encode(query, resolution.rcode, resolution, edns !== undefined);
    const truncated = transport === "udp" && answer.length > limit;
    if (truncated) answer = encode(query, resolution.rcode, undefined, edns !== undefined, true);
    const { rcode, answers } = resolution;
    this.#options.onQuery?.({
      name: question.name,
      type: question.type,
      transport,
      rcode,
      truncated,
      answers: answers.map((entry) => ({ ...entry, data: readable(entry.data) })),
    });
    return answer;
  }

  #resolve(askedName: string, type: string): Resolution {
    const records = this.#records().map((record) => ({ ...record, name: normalize(record.name) }));
    const answers: Answer[] = [];
    const seen = new Set<string>();
    let owner = askedName;
    for (;;) {
      const name = normalize(owner);
      const zone = this.#zoneOf(name);
      // a chain may leave the own zones: the client's resolver goes on from there
      if (zone === undefined) return { rcode: seen.size > 0 ? "NOERROR" : "REFUSED", answers, authorities: [] };
      const found = recordsAt(records, name, zone);
      if (!found) return { rcode: "NXDOMAIN", answers, authorities: [soa(zone)] };
      const data = found.flatMap((record) => served(record, type, owner));
      // Cloudflare allows TXT beside CNAME and serves both
      const alias = type === "CNAME" ? undefined : found.find((record) => record.type === "CNAME" && !record.proxied);
      answers.push(...data);
      seen.add(name);
      if (!alias) return { rcode: "NOERROR", answers, authorities: data.length === 0 ? [soa(zone)] : [] };
      if (type !== "ANY") answers.push(...served(alias, "CNAME", owner));
      owner = undot(alias.content);
      if (type === "ANY" || seen.has(normalize(owner)) || seen.size > MAX_CNAME_HOPS) {
        return { rcode: "NOERROR", answers, authorities: [] };
      }
    }
  }

  #zoneOf(name: string): string | undefined {
    if (!this.#options.zones) return name.split(".").slice(-2).join(".");
    return this.#options
      .zones()
      .map(normalize)
      .filter((zone) => name === zone || name.endsWith(`.${zone}`))
      .sort((a, b) => b.length - a.length)[0];
  }
}

/**
 * The character-strings of a TXT record's content (RFC 1035 § 5.1): as quoted, or unquoted text as one string. What is
 * longer than 255 bytes is cut, as Cloudflare does.
 * @throws if the content starts with a quote and is not a list of quoted strings
 */
export function characterStrings(content: string): Buffer[] {
  if (!content.startsWith('"')) return cut(Buffer.from(content));
  const quoted = /\s*"((?:[^"\\]|\\.)*)"\s*/sy;
  const strings: Buffer[] = [];
  while (quoted.lastIndex < content.length) {
    const match = quoted.exec(content);
    if (!match) throw new Error("TXT content is not a list of quoted character-strings");
    strings.push(unescaped(match[1]!));
  }
  return strings.flatMap(cut);
}

function cut(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 255) parts.push(bytes.subarray(at, at + 255));
  return parts.length > 0 ? parts : [Buffer.alloc(0)];
}

/** `\DDD` is a byte by its decimal number, `\X` is X. */
function unescaped(text: string): Buffer {
  const parts = text.split(/(\\\d{3}|\\.)/s).map((part) => {
    if (/^\\\d{3}$/.test(part)) return Buffer.from([Number(part.slice(1)) & 0xff]);
    return Buffer.from(part.startsWith("\\") ? part.slice(1) : part);
  });
  return Buffer.concat(parts);
}

/** The records of a name, or of the wildcard that covers it (RFC 4592); undefined if the name does not exist. */
function recordsAt(records: DnsZoneRecord[], name: string, zone: string): DnsZoneRecord[] | undefined {
  const at = (owner: string) => records.filter((record) => record.name === owner);
  const exists = (owner: string) =>
    owner === zone || records.some((record) => record.name === owner || record.name.endsWith(`.${owner}`));
  if (name === zone) return [...at(name), { name, type: "NS", content: NAME_SERVER, ttl: 86_400 }, soaRecord(name)];
  if (exists(name)) return at(name);
  let encloser = parent(name);
  while (!exists(encloser)) encloser = parent(encloser);
  const wildcard = at(`*.${encloser}`);
  return wildcard.length > 0 ? wildcard : undefined;
}

/** The answer that a record gives to a question of the type; none if it has another type. */
function served(record: DnsZoneRecord, type: string, owner: string): Answer[] {
  const ttl = record.ttl === 1 ? 300 : record.ttl;
  const answer = (data: unknown, answerType = record.type): Answer[] =>
    type === answerType || type === "ANY" ? [{ name: owner, type: answerType, ttl, data }] : [];
  // addresses for documentation (RFC 5737, RFC 3849) stand for Cloudflare's
  if (record.proxied) return [...answer("192.0.2.1", "A"), ...answer("2001:db8::1", "AAAA")];
  switch (record.type) {
    case "A":
    case "AAAA":
      return answer(record.content);
    case "CNAME":
    case "NS":
      return answer(undot(record.content));
    case "TXT":
      return answer(characterStrings(record.content));
    case "MX":
      return answer({ preference: record.priority ?? 0, exchange: undot(record.content) });
    case "CAA": {
      const [, flags, tag, value] = /^(\d+)\s+(\w+)\s+"?(.*?)"?$/.exec(record.content) ?? [];
      return tag === undefined ? [] : answer({ flags: Number(flags), tag, value });
    }
    case "SOA":
      return answer(soaData);
    default:
      return [];
  }
}

const NAME_SERVER = "ns.simulator.invalid";
const soaData = {
  mname: NAME_SERVER,
  rname: "dns.simulator.invalid",
  serial: 1,
  refresh: 10_000,
  retry: 2_400,
  expire: 604_800,
  minimum: 300,
};

function soaRecord(zone: string): DnsZoneRecord {
  return { name: zone, type: "SOA", content: "", ttl: 300 };
}

function soa(zone: string): Answer {
  return { name: zone, type: "SOA", ttl: 300, data: soaData };
}

function encode(
  query: { id?: number; flags?: number; questions?: packet.Question[] },
  rcode: Rcode,
  resolution?: Resolution,
  edns = false,
  truncated = false,
): Buffer {
  const authoritative = rcode === "NOERROR" || rcode === "NXDOMAIN" ? packet.AUTHORITATIVE_ANSWER : 0;
  const recursionDesired = (query.flags ?? 0) & packet.RECURSION_DESIRED;
  return packet.encode({
    type: "response",
    id: query.id,
    flags: authoritative | recursionDesired | (truncated ? packet.TRUNCATED_RESPONSE : 0) | rcodes[rcode],
    questions: query.questions,
    answers: resolution?.answers as packet.Answer[] | undefined,
    authorities: resolution?.authorities as packet.Answer[] | undefined,
    additionals: edns
      ? [
          {
            type: "OPT",
            name: ".",
            udpPayloadSize: MAX_UDP_BYTES,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  });
}

function bindUdp(host: string, port: number): Promise<UdpSocket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind(port, host, () => {
      socket.off("error", reject);
      // an ICMP "port unreachable" of a client that went away is no reason to stop serving
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}

function listenTcp(host: string, port: number, serve: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(serve);
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

function readable(data: unknown): unknown {
  return Array.isArray(data) ? data.map((part) => String(part)) : data;
}

function parent(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

function normalize(name: string): string {
  return undot(name).toLowerCase();
}

function undot(name: string): string {
  return name.replace(/\.$/, "");
}
