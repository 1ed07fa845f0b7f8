import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator";
import { recording } from "../wholeRun/record";

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client that trusts the documentation reads them
export type Json = any;

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: Json;
}

export const ZONE = "0123456789abcdef0123456789abcdef";

/** A logo of the SVG Portable/Secure profile; another title makes another logo. */
export const svg = (title = "Acme") =>
  Buffer.from(
    `<?xml version="1.0" encoding="utf-8"?>\n<svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><title>${title}</title><rect width="64" height="64" fill="#0a5"/><circle cx="32" cy="32" r="20" fill="#fff"/></svg>\n`,
  );
export const encoded = (logo: Buffer = svg()) => gzipSync(logo).toString("base64");

export const trademark = { trademark_country_code: "us", trademark_registration_number: "A1234-B1234" };

/** A simulator with the calls that tests make over HTTP. */
export class Scene {
  private constructor(readonly simulator: Simulator) {}

  static async start(options: SimulatorOptions = {}): Promise<Scene> {
    return new Scene(recording(await startSimulator({ zones: { "example.com": ZONE }, ...options })));
  }

  get control() {
    return this.simulator.control;
  }

  stop(): Promise<void> {
    return this.simulator.stop();
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    options: { key?: string | null; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const key = options.key === undefined ? this.simulator.apiKey : options.key;
    const raw = typeof body === "string" || Buffer.isBuffer(body);
    const response = await fetch(this.simulator.baseUrl + path, {
      method,
      headers: {
        ...(key !== null && { "X-DC-DEVKEY": key }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...options.headers,
      },
      body: body === undefined ? undefined : raw ? (body as string) : JSON.stringify(body),
    });
    const text = await response.text();
    let json: Json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, headers: response.headers, text, json };
  }

  /** The answer's JSON, after checking its status. */
  async ok(status: number, method: string, path: string, body?: unknown, key?: string): Promise<Json> {
    const reply = await this.call(method, path, body, { key });
    assert.equal(reply.status, status, `${method} ${path}: ${reply.text}`);
    return reply.json;
  }

  /** Checks that a call is refused, with DigiCert's error shape. */
  async refused(expected: string, method: string, path: string, body?: unknown, key?: string | null): Promise<void> {
    const reply = await this.call(method, path, body, { key });
    assert.ok(Array.isArray(reply.json?.errors), `${method} ${path}: ${reply.status} ${reply.text}`);
    const answered = reply.json.errors.map(({ code }: Json) => `${reply.status} ${code}`);
    assert.ok(answered.includes(expected), `${expected} is not in ${answered.join(", ")}`);
    for (const { message } of reply.json.errors) assert.equal(typeof message, "string");
  }

  /** Body of an order: what is given replaces or, if undefined, removes. */
  body(changes: Json = {}): Json {
    return {
      certificate: { dns_names: ["example.com"] },
      vmc: { logo: encoded(), ...trademark },
      organization: { id: this.simulator.account.organizationId },
      order_validity: { years: 1 },
      dcv_method: "dns-txt-token",
      skip_approval: true,
      ...changes,
    };
  }

  vmc(changes: Json = {}): Promise<Json> {
    return this.ok(201, "POST", "/order/certificate/vmc_basic", this.body(changes));
  }

  cmc(changes: Json = {}): Promise<Json> {
    return this.ok(
      201,
      "POST",
      "/order/certificate/mark_certificate",
      this.body({ vmc: { logo: encoded() }, ...changes }),
    );
  }

  info(orderId: number): Promise<Json> {
    return this.ok(200, "GET", `/order/certificate/${orderId}`);
  }

  /** Publishes a record at the simulated Cloudflare; the DNS server answers it at once. */
  async publish(type: string, name: string, content: string): Promise<void> {
    const response = await fetch(`${this.simulator.cloudflareUrl}/zones/${ZONE}/dns_records`, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.simulator.cloudflareToken}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        type,
        name,
        content: type === "TXT" ? JSON.stringify(content) : content,
        ttl: 1,
        proxied: false,
      }),
    });
    assert.equal(response.status, 200, await response.text());
  }

  /** Publishes the TXT records of an order, checks each domain, and lets DigiCert's people do their part. */
  async issue(order: Json): Promise<Json> {
    for (const { id, name } of order.domains) {
      const { dcv_token } = await this.ok(200, "GET", `/domain/${id}?include_dcv=true`);
      await this.publish("TXT", name, dcv_token.token);
      await this.ok(200, "PUT", `/domain/${id}/dcv/validate-token`);
    }
    await this.control.vet(order.id);
    const info = await this.info(order.id);
    assert.equal(info.status, "issued");
    return info;
  }
}
