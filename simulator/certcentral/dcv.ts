import { DAY, HOUR, MINUTE, timestamp } from "../clock";
import { ApiError, switchedError } from "./errors";
import { FILE_PATH } from "./prober";
import type { DcvMethod, Domain, Token } from "./state";
import type { World } from "./world";

export const DCV_METHODS = ["email", "dns-cname-token", "dns-txt-token", "http-token"] as const;
export const CONSTRUCTED_ADDRESSES = ["admin", "administrator", "webmaster", "hostmaster", "postmaster"];

/** Whether a completed validation can be used now. */
export function isValid(world: World, domain: Domain): boolean {
  return domain.isActive && domain.validUntil !== undefined && world.now() < domain.validUntil;
}

/** Whether DigiCert waits for a proof: never proved, expired, or submitted again since. */
export function isPending(world: World, domain: Domain): boolean {
  return !isValid(world, domain) || (domain.submitted ?? 0) > (domain.validatedAt ?? 0);
}

/** Starts a validation: a token or DCV emails, and automatic polling. A token of this method that waits is kept. */
export function startValidation(world: World, domain: Domain, method: DcvMethod, addresses?: string[]): void {
  const waits = domain.submitted !== undefined && domain.submitted > (domain.validatedAt ?? 0);
  const keep = waits && domain.token && method === domain.method && domain.token.expires > world.now();
  domain.method = method;
  submitted(world, domain);
  if (method === "email") {
    retireToken(world, domain);
    domain.polling = undefined;
    sendEmails(world, domain, addresses);
    return;
  }
  if (!keep) renewToken(world, domain);
  domain.polling = { since: world.now(), next: world.now() };
}

/** Notes that a proof is asked for again: later than the last one, in the same millisecond too. */
export function submitted(world: World, domain: Domain): void {
  domain.submitted = Math.max(world.now(), (domain.validatedAt ?? 0) + 1);
}

export function renewToken(world: World, domain: Domain): Token {
  retireToken(world, domain);
  domain.token = world.token();
  return domain.token;
}

function retireToken(world: World, domain: Domain): void {
  if (domain.token) domain.oldTokens.push(domain.token);
  domain.oldTokens = domain.oldTokens.filter((token) => token.expires > world.now());
  domain.token = undefined;
}

/** Sends DCV emails to the given addresses, else to the WHOIS addresses and the five constructed ones. */
export function sendEmails(world: World, domain: Domain, addresses?: string[], base = domain.name): void {
  const whois = world.state.whois[base] ?? [];
  const constructed = CONSTRUCTED_ADDRESSES.map((local) => `${local}@${base}`);
  domain.emails = (addresses ?? [...whois, ...constructed]).map((address) => ({
    address,
    sent: world.now(),
    source: whois.includes(address) ? "whois" : "base",
  }));
}

/** `dcv_token` as the API answers it. */
export function tokenJson(world: World, domain: Domain, token = domain.token): Record<string, unknown> | undefined {
  if (!token || domain.method === "email") return undefined;
  const proved = !isPending(world, domain);
  const expired = token.expires <= world.now() && world.switches.expiredTokenStatus === "expired";
  return {
    token: token.value,
    status: proved ? "active" : expired ? "expired" : "pending",
    expiration_date: timestamp(token.expires),
    ...whereJson(world, domain, token),
  };
}

/** `verification_value` (CNAME) or `http_token_url` (file) that go with a token. */
export function whereJson(world: World, domain: Domain, token: Token): Record<string, string> {
  if (domain.method === "http-token") return { http_token_url: `http://${domain.name}${FILE_PATH}` };
  if (domain.method !== "dns-cname-token") return {};
  const values = {
    oldTarget: "dcv.digicert.com",
    target: `${token.value}.dcv.digicert.com`,
    host: world.switches.cnameForm === "legacy" ? `${token.value}.${domain.name}` : `_dnsauth.${domain.name}`,
  };
  return { verification_value: values[world.switches.verificationValue] };
}

/** Looks for the domain's proof now; on success the domain is valid from `at`. Throws what the API answers on failure. */
export async function checkDomain(world: World, domain: Domain, at = world.now()): Promise<void> {
  if (domain.method === "email") {
    throw new ApiError(400, "invalid_dcv_method", "The domain is validated by email: there is no token to check.");
  }
  if (await findProof(world, domain, acceptedTokens(world, domain, at))) return approve(world, domain, at);
  if (domain.method === "dns-txt-token") {
    throw new ApiError(400, "invalid_dns_txt", "Could not find a valid TXT record for one or more domains.");
  }
  if (domain.method === "dns-cname-token") {
    const message = "Could not find a valid CNAME record for one or more domains.";
    throw switchedError(world.switches.cnameNotFoundError, message);
  }
  const message = "Could not find the random value at the expected file location for one or more domains.";
  throw new ApiError(400, "file_random_value_not_found", message);
}

/** The domain's own token and the random values of its open orders; none that has expired. */
function acceptedTokens(world: World, domain: Domain, at: number): string[] {
  const tokens = domain.token ? [domain.token] : [];
  if (world.switches.supersededTokens === "valid") tokens.push(...domain.oldTokens);
  for (const order of world.state.orders) {
    const names = [...order.names, ...(order.reissue?.names ?? [])];
    if (order.randomValue && names.some(({ domainId }) => domainId === domain.id)) tokens.push(order.randomValue);
  }
  return tokens.filter((token) => token.expires > at).map((token) => token.value);
}

async function findProof(world: World, domain: Domain, tokens: string[]): Promise<boolean> {
  const { prober, switches } = world;
  const { name } = domain;
  if (domain.method === "dns-txt-token") {
    const found = (await Promise.all([prober.txt(name), prober.txt(`_dnsauth.${name}`)])).flat();
    return tokens.some((token) => found.includes(token));
  }
  if (domain.method === "dns-cname-token") {
    const targets = switches.cnameForm === "legacy" ? [] : await prober.cname(`_dnsauth.${name}`);
    for (const token of tokens) {
      if (targets.includes(`${token}.dcv.digicert.com`)) return true;
      if (switches.cnameForm === "dnsauth") continue;
      if ((await prober.cname(`${token}.${name}`)).includes("dcv.digicert.com")) return true;
    }
    return false;
  }
  const file = (await prober.file(name)) ?? "";
  return tokens.some((token) => file.includes(token));
}

/** The domain was proved: valid for the reuse period. */
export function approve(world: World, domain: Domain, at = world.now()): void {
  world.changed = true;
  domain.submitted ??= at;
  domain.validatedAt = Math.max(at, domain.submitted);
  domain.validatedBy = domain.method;
  domain.validUntil = domain.validatedAt + world.switches.dcvReuseDays * DAY;
  domain.polling = undefined;
}

/**
 * Automatic polling: every minute for 15 minutes, every 5 minutes for an hour, every 15 minutes for a day, then hourly.
 * Between two ticks DNS is taken as unchanged, so one look per tick stands for all that were due.
 */
export async function pollDomains(world: World): Promise<void> {
  for (const domain of world.state.domains) {
    const polling = domain.polling;
    if (!polling || polling.next > world.now()) continue;
    const end = polling.since + world.switches.pollingDays * DAY;
    if (polling.next <= end && domain.isActive) await checkDomain(world, domain, polling.next).catch(ignoreNotFound);
    if (!domain.polling) continue;
    while (polling.next <= world.now()) polling.next += pollInterval(polling.next - polling.since);
    if (polling.next > end) domain.polling = undefined;
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
}

function pollInterval(elapsed: number): number {
  if (elapsed < 15 * MINUTE) return MINUTE;
  if (elapsed < HOUR + 15 * MINUTE) return 5 * MINUTE;
  if (elapsed < DAY + HOUR + 15 * MINUTE) return 15 * MINUTE;
  return HOUR;
}
