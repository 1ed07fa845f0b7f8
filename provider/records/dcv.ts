import { canonicalDnsName, isSubdomain } from "./dnsName";

/** A DNS record as plain data, whoever publishes it. */
export interface DnsRecordData {
  /** The DNS name of the order that the record proves. */
  domain: string;
  /** Owner name in full, without the trailing dot. */
  name: string;
  type: "TXT" | "CNAME";
  /** TXT: the text, unquoted. CNAME: the target, without the trailing dot. */
  content: string;
  /** Seconds. */
  ttl: number;
}

/**
 * How control over a domain is proven (`dcv_method`): by an email that somebody answers, a CNAME record, a TXT record,
 * or a file on the web server.
 */
export const DCV_METHODS = ["email", "dns-cname-token", "dns-txt-token", "http-token"] as const;
export type DcvMethod = (typeof DCV_METHODS)[number];
/** The methods that need a DNS record. */
export type DnsDcvMethod = "dns-cname-token" | "dns-txt-token";

/** Whether a method needs a DNS record. */
export function isDnsMethod(method: string): method is DnsDcvMethod {
  return method === "dns-cname-token" || method === "dns-txt-token";
}

/** A domain of an order as DigiCert's answers describe it (`domains[]`). */
export interface DcvDomain {
  /** DigiCert's domain id. */
  id?: number;
  /** The domain in the account that is validated: the DNS name itself or an ancestor of it. */
  name?: string;
  /** The DNS name of the order. Older answers leave it out; then it is `name`. */
  dnsName?: string;
  /** The random value. Published as given: some start with an underscore. */
  token?: string;
  /** State of the validation, for example `pending` or `active`. */
  status?: string;
  /** `verification_value`: the CNAME's target, or only `dcv.digicert.com` in older answers. */
  verificationValue?: string;
  /** `http_token_url`: where the file for `http-token` belongs. */
  httpTokenUrl?: string;
}

/**
 * - `_dnsauth`: `_dnsauth.<name> CNAME <token>.dcv.digicert.com`, what DigiCert looks for today.
 * - `seed`: `<token>.<name> CNAME dcv.digicert.com`, which DigiCert looked for until October 2025.
 */
export type CnameStyle = "_dnsauth" | "seed";

/** Owner of the TXT record: `@` is the name itself, `_dnsauth` is `_dnsauth.<name>`. DigiCert looks at both. */
export type DcvRecordName = "@" | "_dnsauth";

export interface DcvOptions {
  domains: readonly DcvDomain[];
  method: DcvMethod;
  /** Default `_dnsauth`. */
  cnameStyle?: CnameStyle;
  /** Default `@`. */
  dcvRecordName?: DcvRecordName;
  /** Seconds, default {@link DCV_TTL}. */
  ttl?: number;
}

/** Short, since a new token must be seen soon. */
export const DCV_TTL = 300;

/** What a CNAME points to, or ends in. */
export const DCV_HOST = "dcv.digicert.com";

/**
 * The DNS records that prove control over an order's domains, one per distinct owner name. They belong to the domain
 * of the account, which also proves the names below it. A domain without a token has none, and methods without DNS
 * records have none at all.
 */
export function dcvRecords(options: DcvOptions): DnsRecordData[] {
  const { method } = options;
  if (!isDnsMethod(method)) return [];
  return proofs(options)
    .filter((proof) => proof.token !== undefined && proof.at === proof.validated)
    .map((proof) => record(proof, { ...options, method }));
}

/**
 * The one record that is published for a DNS name of the order, from before there is a token until after the
 * validation: exactly one per name, no two alike. Together they hold all of {@link dcvRecords}. A name that shares its
 * domain of the account with an earlier name has a record at the name itself; a name without a token has a
 * placeholder: TXT `pending` or `validated`, CNAME to `dcv.digicert.com`.
 *
 * @param dnsName one of `dnsNames`.
 * @param options `dnsNames` are all DNS names of the order, since they may share a domain of the account.
 */
export function dcvRecordFor(
  dnsName: string,
  options: DcvOptions & { method: DnsDcvMethod; dnsNames: readonly string[] },
): DnsRecordData {
  const canonical = canonicalDnsName(dnsName);
  const proof = proofs(options, [...options.dnsNames, dnsName]).find(({ domain }) => domain === canonical)!;
  return record(proof, options);
}

/**
 * The file that proves control over a domain by the method `http-token`, readable at exactly that host on port 80;
 * `undefined` as long as there is no token.
 */
export function httpTokenFile(domain: DcvDomain): { url: string; content: string } | undefined {
  if (!domain.token) return undefined;
  const given = domain.httpTokenUrl;
  if (given) return { url: /^https?:\/\//i.test(given) ? given : `http://${given}`, content: domain.token };
  const host = canonicalDnsName(domain.dnsName ?? domain.name ?? "");
  return { url: `http://${host}/.well-known/pki-validation/fileauth.txt`, content: domain.token };
}

/** How one DNS name of an order is proven. */
interface Proof {
  /** The DNS name. */
  domain: string;
  /** The name that is validated: the domain of the account, or else the DNS name. */
  validated: string;
  /** Where its record stands: at `validated`, unless the record of another name that shares it stands there. */
  at: string;
  token?: string;
  status?: string;
  verificationValue?: string;
}

function proofs({ domains }: DcvOptions, dnsNames?: readonly string[]): Proof[] {
  const names = new Set(
    (dnsNames ?? domains.map((domain) => domain.dnsName ?? domain.name ?? "")).map(canonicalDnsName),
  );
  names.delete("");
  const find = finderOf(domains);
  const all = [...names].map((domain): Proof => {
    const { name = domain, token, status, verificationValue } = find(domain) ?? {};
    const validated = isSubdomain(domain, name) ? canonicalDnsName(name) : domain;
    return { domain, validated, at: validated, token: token || undefined, status, verificationValue };
  });
  const owners = new Map<string, Proof[]>();
  for (const proof of all) owners.set(proof.validated, []);
  for (const proof of all) owners.get(proof.validated)!.push(proof);
  for (const [validated, sharers] of owners) {
    const withToken = sharers.filter((proof) => proof.token !== undefined);
    const candidates = withToken.length > 0 ? withToken : sharers;
    const holder = candidates.find((proof) => proof.domain === validated) ?? candidates[0];
    for (const proof of sharers) {
      if (proof === holder) continue;
      // Its own name, unless that is where yet another name is validated. The record is a spare, any place will do.
      proof.at = owners.has(proof.domain) ? `_dnsauth.${proof.domain}` : proof.domain;
    }
  }
  return all;
}

/** Finds the answer's entry for a DNS name: its own, else the nearest that covers it; of several the first. */
function finderOf(domains: readonly DcvDomain[]): (dnsName: string) => DcvDomain | undefined {
  const own = new Map<string, DcvDomain>();
  const covering = new Map<string, DcvDomain>();
  const add = (map: Map<string, DcvDomain>, name: string, domain: DcvDomain) => {
    const canonical = canonicalDnsName(name);
    if (canonical !== "" && !map.has(canonical)) map.set(canonical, domain);
  };
  for (const domain of domains) {
    add(own, domain.dnsName ?? domain.name ?? "", domain);
    add(covering, domain.name ?? "", domain);
  }
  return (dnsName) => {
    let found = own.get(dnsName) ?? covering.get(dnsName);
    for (let dot = dnsName.indexOf("."); !found && dot !== -1; dot = dnsName.indexOf(".", dot + 1)) {
      found = covering.get(dnsName.slice(dot + 1));
    }
    return found;
  };
}

function record(
  proof: Proof,
  { method, cnameStyle = "_dnsauth", dcvRecordName = "@", ttl = DCV_TTL }: DcvOptions & { method: DnsDcvMethod },
): DnsRecordData {
  const { domain, at, token } = proof;
  if (method === "dns-txt-token") {
    const name = dcvRecordName === "_dnsauth" ? `_dnsauth.${at}` : at;
    return { domain, name, type: "TXT", content: token ?? (isValidated(proof.status) ? "validated" : "pending"), ttl };
  }
  if (token === undefined) return { domain, name: `_dnsauth.${at}`, type: "CNAME", content: DCV_HOST, ttl };
  if (cnameStyle === "seed") return { domain, name: `${token}.${at}`, type: "CNAME", content: DCV_HOST, ttl };
  return { domain, name: `_dnsauth.${at}`, type: "CNAME", content: cnameTarget(token, proof.verificationValue), ttl };
}

function cnameTarget(token: string, verificationValue = ""): string {
  const given = verificationValue.trim().replace(/\.$/, "");
  // Newer answers give the whole target; older ones only the host that the token goes in front of.
  return /^\S+\.dcv\.digicert\.(com|eu)$/i.test(given) ? given : `${token}.${DCV_HOST}`;
}

const VALID_STATUSES = new Set(["active", "approved", "valid", "validated", "complete", "completed"]);

/** Whether a domain's status, under any of the names that answers use, says that control of it is proved. */
export function isValidated(status = ""): boolean {
  return VALID_STATUSES.has(status.toLowerCase());
}
