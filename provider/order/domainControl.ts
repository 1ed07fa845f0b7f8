import { CertCentralError, domains } from "../certcentral";
import type { DomainInfo } from "../certcentral/domains";
import type { Context } from "../context";
import { isDoubtful, lookFor } from "../doubt";
import { canonicalDnsName, type DcvMethod, isSubdomain } from "../records";
import { day } from "../time";
import type { OrderInputs } from "./inputs";
import type { OrderOutputs } from "./outputs";

/** A DCV token that ends sooner is replaced. */
export const tokenMargin = 3 * day;

/** A domain of an order as it was known before DigiCert was asked. */
type Known = OrderOutputs["domains"][number] & {
  /** It was proved when we last looked. */
  wasProved?: boolean;
};

/** Which of the two inputs the program changed, or that it just ordered with them. */
interface Declared {
  method: boolean;
  emails: boolean;
  placed?: boolean;
}

/**
 * Writes what proof of control of an order's open domains needs. A domain belongs to the account and other orders may wait
 * for it too, so its method changes only when the program declares a change, and its token only when it has ended, or is
 * ours and about to. One order at a time looks and writes, so two that share a domain write once.
 * What was seen of the domains before is stale afterwards: the other of two may have written.
 */
export async function keepDomainControl(
  ctx: Context,
  orderId: number,
  ours: Known[],
  inputs: Pick<OrderInputs, "dcvMethod" | "dcvEmails" | "__urn">,
  declared: Declared,
): Promise<void> {
  const open = [...new Set(ours.filter(({ status }) => status !== "active").map(({ id }) => id))];
  await Promise.all(
    open.map((id) => {
      const known = ours.filter((domain) => domain.id === id);
      return ctx.exclusively(`domain ${id}`, () => keepOne(ctx, orderId, known, inputs, declared));
    }),
  );
}

async function keepOne(
  ctx: Context,
  orderId: number,
  known: Known[],
  inputs: Parameters<typeof keepDomainControl>[3],
  declared: Declared,
): Promise<void> {
  const domain = await visibleDomain(ctx, known[0]!, inputs, declared);
  if (!domain?.isPendingValidation) return;
  const { id } = domain;
  const method = inputs.dcvMethod ?? "email";
  const isOther = domain.dcvMethod !== undefined && domain.dcvMethod !== method;
  const mailTo = method === "email" ? addressesFor(known, inputs.dcvEmails) : undefined;
  const proofEnded = known.some(({ wasProved }) => wasProved);
  if (isOther && !declared.method && !(proofEnded && (await isOursAlone(ctx, orderId, domain)))) {
    warnOfOtherMethod(ctx, domain, method, inputs.__urn);
    return;
  }
  const write = async () => {
    if (proofEnded && (isOther || needsProof(ctx, domain, method, known[0]!.token))) {
      await submit(ctx, domain, method, mailTo);
      return true;
    }
    if (isOther) {
      await domains.changeMethod(ctx.client, id, method);
      if (mailTo) await domains.resendEmails(ctx.client, id, { email_array: mailTo });
      return true;
    }
    if (method === "email") {
      if (!declared.emails || wasMailed(domain, mailTo)) return false;
      await domains.resendEmails(ctx.client, id, mailTo ? { email_array: mailTo } : {});
      return true;
    }
    if (!isTokenEnding(ctx, domain, known[0]!.token)) return false;
    await domains.newToken(ctx.client, id);
    return true;
  };
  const isDone = ({ dcvMethod = method, token, emails, ...now }: DomainInfo) =>
    dcvMethod === method &&
    (method === "email" ? wasMailed({ ...now, emails }, mailTo) : isOther || token?.token !== domain.token?.token);
  try {
    if (await write()) ctx.forgetReads();
  } catch (error) {
    ctx.forgetReads();
    // Another try would make one more token, or mail people twice.
    const look = async () => isDone(await domains.info(ctx.client, id)) || undefined;
    if (!isDoubtful(error) || !(await lookFor(ctx, look))) throw error;
  }
}

/** A domain that the key may not see is proved with what the order said of it; a change of it cannot be made. */
async function visibleDomain(
  ctx: Context,
  { id, dnsName }: Known,
  { __urn }: Parameters<typeof keepDomainControl>[3],
  { method, emails, placed }: Declared,
): Promise<DomainInfo | undefined> {
  try {
    return await ctx.domainInfo(id);
  } catch (error) {
    const mustSee = (method || emails) && !placed;
    if (!(error instanceof CertCentralError) || error.kind !== "refused" || mustSee) throw error;
    ctx.warnOnce(
      `the key may not see domain ${id} (${dnsName}; ${error.code}): whether its DCV token still holds is not known. Use a key that may, or look in CertCentral.`,
      __urn,
    );
    return undefined;
  }
}

/** A proof that ended asks people for a new one: mails are sent again, once however many orders share the domain. */
function needsProof(ctx: Context, domain: DomainInfo, method: DcvMethod, ours: string | undefined): boolean {
  if (method !== "email") return isTokenEnding(ctx, domain, ours);
  return ctx.isFirst(`mails of domain ${domain.id}`);
}

/** Starts the validation of a domain anew (`POST /domain/{id}/validation`): DigiCert polls or mails again. */
async function submit(ctx: Context, { id, validations }: DomainInfo, method: DcvMethod, mailTo: string[] | undefined) {
  const types = [...new Set(validations.map(({ type }) => type))];
  await domains.submitValidation(ctx.client, id, {
    validations: (types.length > 0 ? types : ["ov", "ev"]).map((type) => ({ type })),
    dcv_method: method,
    ...(mailTo ? { email_array: mailTo } : {}),
  });
}

/** A token that has ended proves nothing to anybody; one that is about to end may be another order's to renew. */
export function isTokenEnding(ctx: Context, { token }: Pick<DomainInfo, "token">, ours: string | undefined): boolean {
  if (token === undefined) return true;
  if (token.status === "expired") return true;
  if (token.expires === undefined) return false;
  const left = Date.parse(token.expires) - ctx.client.now().getTime();
  return left <= 0 || (left < tokenMargin && token.token === ours);
}

/** The domain's method belongs to all orders on it: it is said, and not fought over. */
export function warnOfOtherMethod(ctx: Context, { name, dcvMethod }: DomainInfo, method: string, urn?: string): void {
  ctx.warnOnce(
    `domain ${name} of the account is proved by ${dcvMethod}, not by ${method} as declared here: another order or the console changed it. Nothing was written. Declare dcvMethod "${dcvMethod}" here, or change the domain's method in CertCentral.`,
    urn,
  );
}

/** DigiCert takes one list of addresses for a domain; `undefined` stands for its default. */
function addressesFor(known: Known[], dcvEmails: OrderInputs["dcvEmails"]): string[] | undefined {
  const names = known.map(({ dnsName }) => dnsName);
  const given = (dcvEmails ?? []).filter(({ dnsName }) => names.includes(canonicalDnsName(dnsName)));
  return given.length === 0 ? undefined : [...new Set(given.map(({ email }) => email))];
}

/** The default addresses, beside those of the WHOIS record. */
const constructed = ["admin", "administrator", "webmaster", "hostmaster", "postmaster"];

/** Nobody is mailed twice: not when an update is repeated, and not for another order of the stack. */
function wasMailed({ name, emails }: DomainInfo, mailTo: string[] | undefined): boolean {
  const mailed = new Set(emails.map((address) => address.toLowerCase()));
  if (mailTo === undefined) return constructed.every((local) => mailed.has(`${local}@${name}`));
  return mailTo.length === mailed.size && mailTo.every((address) => mailed.has(address.toLowerCase()));
}

/** Other open orders that wait for one of the domains, by their numbers: a write concerns them too. */
export async function otherOrdersOn(
  ctx: Context,
  { orderId, domains }: Pick<OrderOutputs, "orderId" | "domains">,
): Promise<number[]> {
  const names = domains.map(({ name, dnsName }) => name ?? dnsName);
  const open = await Promise.all([ctx.openOrders("pending"), ctx.openOrders("reissue_pending")]);
  return open
    .flat()
    .filter((order) => order.orderId !== orderId)
    .filter(({ dnsNames }) => dnsNames.some((name) => names.some((own) => name === own || isSubdomain(name, own))))
    .map((order) => order.orderId);
}

/** No other open order can have set the domain's method. */
async function isOursAlone(ctx: Context, orderId: number, { id, name }: DomainInfo): Promise<boolean> {
  return (await otherOrdersOn(ctx, { orderId, domains: [{ id, name, dnsName: name }] })).length === 0;
}
