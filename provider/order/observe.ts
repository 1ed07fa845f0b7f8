import { CertCentralError, orders } from "../certcentral";
import type { OrderDomain, OrderInfo, PlacedOrder } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { canonicalDnsName, DCV_HOST, type DcvMethod, dcvRecords, httpTokenFile } from "../records";
import type { OrderOutputs } from "./outputs";
import { prune } from "./request";
import { isInForce, isIssued, isPending } from "./status";

type DomainOutput = OrderOutputs["domains"][number];

/** DigiCert answers "not found" for orders of other accounts too, so it never means that the order is gone. */
export async function visibleOrder(
  ctx: Context,
  title: string,
  orderId: number,
  look = () => orders.info(ctx.client, orderId),
): Promise<OrderInfo> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof CertCentralError) || !error.notFound) throw error;
    throw new BimiError(
      "order_not_visible",
      `${title}: the API key does not see this order (${error.status} ${error.code}). It is of another account or division, or the key lost its permission; nothing was changed, and the state is left as it was. Use a key that sees the order; if it is really gone, set onDelete: "retain" before you destroy it, or run \`pulumi state delete\`.`,
      { cause: error },
    );
  }
}

/** What is known of an order beside what DigiCert tells now. */
export interface Known {
  /** DigiCert's answer to the order or reissue request. */
  placed?: PlacedOrder;
  info?: OrderInfo;
  domains?: DomainOutput[];
  /** The declared names: of a reissue, DigiCert's order info may still show the old ones. */
  dnsNames?: string[];
  dcvMethod?: DcvMethod;
  certificateId?: number;
}

/** Facts that DigiCert tells about an order, as outputs. */
export async function observeOrder(ctx: Context, orderId: number, known: Known) {
  const info = known.info ?? (await orders.info(ctx.client, orderId));
  const requests = info.requests.length > 0 ? info.requests : (known.placed?.requests ?? []);
  const dcvMethod = known.dcvMethod ?? (info.dcvMethod as DcvMethod | undefined) ?? "email";
  const domainOutputs = await observeDomains(ctx, orderId, info, known);
  const allotted = info.status === "reissue_pending" ? await allottedCertificate(ctx, orderId, known) : undefined;
  return prune({
    orderId,
    certificateId: allotted ?? info.certificate.id ?? known.placed?.certificateId,
    status: info.status,
    requests: requests.map(({ id, status }) => prune({ id, status })),
    organizationId: info.organizationId,
    logoId: info.vmc.logoId ?? known.placed?.logoId,
    domains: domainOutputs,
    dcvRecords: dcvRecords({ domains: domainOutputs, method: dcvMethod }),
    dcvFiles: dcvMethod === "http-token" && isPending(info.status) ? dcvFiles(domainOutputs) : [],
    orderValidTill: isInForce(info.status) ? info.orderValidTill : undefined,
    certificateValidTill: isInForce(info.status) ? info.certificate.validTill : undefined,
    isRenewal: info.isRenewal,
    renewedOrderId: info.renewedOrderId,
    __seenAt: isPending(info.status) ? ctx.client.now().toISOString() : undefined,
  });
}

/** The id of a reissued certificate is allotted with the approval, long before order info shows it. */
async function allottedCertificate(ctx: Context, orderId: number, known: Known): Promise<number | undefined> {
  if (known.placed?.certificateId !== undefined) return known.placed.certificateId;
  const listed = await orders.listReissues(ctx.client, orderId);
  return listed.find(({ status }) => status === "pending")?.certificateId ?? known.certificateId;
}

function dcvFiles(domains: DomainOutput[]) {
  return domains.flatMap((domain) => {
    const file = domain.status === "active" ? undefined : httpTokenFile(domain);
    return file ? [{ domain: domain.dnsName, ...file }] : [];
  });
}

/**
 * The domains of an order. An order's answer leaves tokens out when the domain existed before or is valid already, so
 * each one without a token is looked up (`GET /domain/{id}?include_dcv=true`).
 */
async function observeDomains(ctx: Context, orderId: number, info: OrderInfo, known: Known): Promise<DomainOutput[]> {
  const found = await domainsOf(ctx, orderId, info, known);
  if (isIssued(info.status)) {
    // Records that are published keep the token that proved the domain, as long as DigiCert tells it.
    const told = known.domains ? found : await Promise.all(found.map((domain) => refreshDomain(ctx, domain)));
    return told.map(proved);
  }
  if (!isPending(info.status)) return found;
  const seen = await Promise.all(
    found.map((domain) => (domain.token && known.placed && !known.domains ? domain : refreshDomain(ctx, domain))),
  );
  // A reissue may answer with one value that proves any of its domains, and no domains at all.
  const anyToken = known.placed?.dcvRandomValue;
  return anyToken === undefined
    ? seen
    : seen.map((domain) => (domain.status === "active" || domain.token ? domain : { ...domain, token: anyToken }));
}

async function domainsOf(ctx: Context, orderId: number, info: OrderInfo, known: Known): Promise<DomainOutput[]> {
  if (known.placed && known.placed.domains.length > 0) return fromAnswer(known.placed.domains);
  const names = known.dnsNames?.map(canonicalDnsName);
  const before = (known.domains ?? []).filter(({ dnsName }) => names?.includes(dnsName) ?? true);
  const isComplete = before.length > 0 && (names?.every((name) => before.some((d) => d.dnsName === name)) ?? true);
  if (isComplete || info.status === "needs_approval") return before;
  const listed = await fromValidation(ctx, orderId, names ?? info.certificate.dnsNames);
  return listed.length === 0
    ? before
    : listed.map((domain) => ({ ...before.find(({ dnsName }) => dnsName === domain.dnsName), ...domain }));
}

/** A proved domain has no use for the token's end, nor for a value that follows from the token; the state is dear. */
function proved({ expires: _, mailedTo: __, verificationValue, ...domain }: DomainOutput): DomainOutput {
  const follows = [DCV_HOST, `${domain.token}.${DCV_HOST}`].includes(verificationValue ?? DCV_HOST);
  return prune({ ...domain, verificationValue: follows ? undefined : verificationValue, status: "active" });
}

function fromAnswer(answer: OrderDomain[]): DomainOutput[] {
  return answer.map(({ id, name, dnsName, token }) =>
    prune({
      id,
      name,
      dnsName: canonicalDnsName(dnsName ?? name),
      token: token?.token,
      status: token?.status,
      expires: token?.expires,
      verificationValue: token?.verificationValue,
      httpTokenUrl: token?.httpTokenUrl,
    }),
  );
}

/** An order that we did not just place, or that was approved later: DigiCert's validation status names its domains. */
async function fromValidation(ctx: Context, orderId: number, dnsNames: string[]): Promise<DomainOutput[]> {
  const { domainValidations } = await orders.validation(ctx.client, orderId);
  return domainValidations.flatMap(({ domainId, name, dnsNames: covered }) => {
    if (domainId === undefined) return [];
    const names =
      covered.length > 0 ? covered : dnsNames.filter((dnsName) => dnsName === name || dnsName.endsWith(`.${name}`));
    return (names.length > 0 ? names : [name ?? ""]).map((dnsName) =>
      prune({ id: domainId, name, dnsName: canonicalDnsName(dnsName) }),
    );
  });
}

/** The domain's own view: its token, unless it is valid and DigiCert no longer shows one. */
async function refreshDomain(ctx: Context, domain: DomainOutput): Promise<DomainOutput> {
  try {
    const { name, isPendingValidation, token, dcvMethod, emails } = await ctx.domainInfo(domain.id);
    const byMail = isPendingValidation && dcvMethod === "email";
    // What went with another token or method is stale.
    const goesOn = token === undefined || token.token === domain.token;
    const kept = (value: string | undefined, method: string) =>
      goesOn && !(isPendingValidation && dcvMethod !== undefined && dcvMethod !== method) ? value : undefined;
    return prune({
      ...domain,
      name: domain.name ?? name,
      token: byMail ? undefined : (token?.token ?? domain.token),
      status: isPendingValidation ? (token?.status ?? "pending") : "active",
      expires: byMail ? undefined : (token?.expires ?? domain.expires),
      mailedTo: byMail && emails.length > 0 ? emails : undefined,
      verificationValue: token?.verificationValue ?? kept(domain.verificationValue, "dns-cname-token"),
      httpTokenUrl: token?.httpTokenUrl ?? kept(domain.httpTokenUrl, "http-token"),
    });
  } catch (error) {
    // A domain that the key may not see keeps what the order said of it.
    if (error instanceof CertCentralError && error.kind === "refused") return domain;
    throw error;
  }
}
