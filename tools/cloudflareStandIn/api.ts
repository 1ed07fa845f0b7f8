/** A DNS record as Cloudflare's API writes it. */
export interface ApiRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  proxiable?: boolean;
  comment?: string | null;
  created_on?: string;
  modified_on?: string;
  settings?: object;
  tags?: string[];
}

interface Envelope {
  success: boolean;
  errors?: { code: number; message: string }[];
  result: ApiRecord | null;
}

/** Code of "Record does not exist." */
const missingRecord = 81044;

/** The calls of `DnsRecord`, see https://developers.cloudflare.com/api/resources/dns/subresources/records/ */
export class CloudflareApi {
  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  async create(zone: string, record: object): Promise<ApiRecord> {
    return this.found(await this.call("POST", `/zones/${zone}/dns_records`, record));
  }

  /** Answers nothing when there is no such record. */
  async get(zone: string, id: string): Promise<ApiRecord | undefined> {
    return this.call("GET", `/zones/${zone}/dns_records/${id}`);
  }

  async replace(zone: string, id: string, record: object): Promise<ApiRecord> {
    return this.found(await this.call("PUT", `/zones/${zone}/dns_records/${id}`, record));
  }

  /** Deleting what is gone already is fine. */
  async delete(zone: string, id: string): Promise<void> {
    await this.call("DELETE", `/zones/${zone}/dns_records/${id}`);
  }

  private found(record: ApiRecord | undefined): ApiRecord {
    if (!record) throw new Error("404 Not Found: Record does not exist.");
    return record;
  }

  private async call(method: string, path: string, body?: object): Promise<ApiRecord | undefined> {
    const response = await fetch(`${this.baseUrl.replace(/\/+$/, "")}${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...(body && { "Content-Type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = parse(text);
    if (response.ok && answer?.success) return answer.result ?? undefined;
    if (response.status === 404 || answer?.errors?.some(({ code }) => code === missingRecord)) return undefined;
    throw new Error(`${method} ${path}: ${response.status} ${response.statusText} ${text}`);
  }
}

function parse(text: string): Envelope | undefined {
  try {
    return JSON.parse(text) as Envelope;
  } catch {
    return undefined;
  }
}
