import { domains } from "../certcentral";
import type { DomainInfo } from "../certcentral/domains";
import type { Context } from "../context";
import { canonicalDnsName, isSubdomain } from "../records";
import type { OrderInputs } from "./inputs";
import type { OrderOutputs } from "./outputs";

const day = 24 * 60 * 60 * 1000;
/** A DCV token that ends sooner is replaced. */
export const tokenMargin = 3 * day;

type Domains = OrderOutputs["domains"];

/**
 * Writes what proof of control of an order's open domains needs. A domain belongs to the account and other orders may wait
 * for it too, so its method changes only when the program declares a change, and its token only when it has ended, or is
 * ours and about to. One order at a time looks and writes, so two that share a domain write once.
 *
 * @param declared which of the two inputs the program changed (or just ordered with)
 * @returns whether anything was written
 */
export async function keepDomainControl(
  ctx: Context,
  ours: Domains,
  inputs: Pick<OrderInputs, "dcvMethod" | "dcvEmails" | "locale" | "__urn">,
  declared: { method: boolean; emails: boolean },
): Promise<boolean> {
  const ids = [...new Set(ours.map(({ id }) => id))];
  const written = await Promise.all(
    ids.map((id) => {
      const known = ours.filter((domain) => domain.id === id);
      if (known.every(({ status }) => status === "active")) return false;
      return ctx.exclusively(`domain ${id}`, () => keepOne(ctx, known, inputs, declared));
    }),
  );
  return written.includes(true);
}

async function keepOne(
  ctx: Context,
  known: Domains,
  inputs: Parameters<typeof keepDomainControl>[2],
  declared: { method: boolean; emails: boolean },
): Promise<boolean> {
  const { id } = known[0]!;
  const method = inputs.dcvMethod ?? "email";
  const domain = await ctx.domainInfo(id);
  if (!domain.isPendingValidation) return false;
  const isOther = domain.dcvMethod !== undefined && domain.dcvMethod !== method;
  if (isOther && !declared.method) {
    warnOfOtherMethod(ctx, domain, method, inputs.__urn);
    return false;
  }
  const mailTo = method === "email" ? addressesFor(known, inputs.dcvEmails) : undefined;
  if (isOther) await domains.changeMethod(ctx.client, id, method);
  if (mailTo && (isOther || declared.emails)) await domains.resendEmails(ctx.client, id, mailTo);
  const needsToken = !isOther && method !== "email" && isTokenEnding(ctx, domain, known[0]!.token);
  if (needsToken) await domains.newToken(ctx.client, id);
  const hasWritten = isOther || needsToken || (mailTo !== undefined && declared.emails);
  if (hasWritten) ctx.forgetReads();
  return hasWritten;
}

/** A token that has ended proves nothing to anybody; one that is about to end may be another order's to renew. */
export function isTokenEnding(ctx: Context, { token }: Pick<DomainInfo, "token">, ours: string | undefined): boolean {
  if (token === undefined) return true;
  if (token.status === "expired") return true;
  if (token.expires === undefined) return false;
  const left = Date.parse(token.expires) - ctx.client.now().getTime();
  return left <= 0 || (left < tokenMargin && token.token === ours);
}

function warnOfOtherMethod(ctx: Context, { name, dcvMethod }: DomainInfo, method: string, urn?: string): void {
  ctx.warnOnce(
    `domain ${name} of the account is proved by ${dcvMethod}, not by ${method} as declared here: another order or the console changed it. Nothing was written. Declare dcvMethod "${dcvMethod}" here, or change the domain's method in CertCentral.`,
    urn,
  );
}

/** DigiCert takes one list of addresses for a domain. */
function addressesFor(known: Domains, dcvEmails: OrderInputs["dcvEmails"]) {
  const names = known.map(({ dnsName }) => dnsName);
  const given = (dcvEmails ?? []).filter(({ dnsName }) => names.includes(canonicalDnsName(dnsName)));
  if (given.length === 0) return undefined;
  return { email_array: [...new Set(given.map(({ email }) => email))] };
}

/** Other open orders that wait for one of the domains, by their numbers: a write concerns them too. */
export async function otherOrdersOn(ctx: Context, { orderId, domains }: OrderOutputs): Promise<number[]> {
  const names = domains.map(({ name, dnsName }) => name ?? dnsName);
  const open = await ctx.openOrders("pending");
  return open
    .filter((order) => order.orderId !== orderId)
    .filter(({ dnsNames }) => dnsNames.some((name) => names.some((own) => name === own || isSubdomain(name, own))))
    .map((order) => order.orderId);
}
