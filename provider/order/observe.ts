import { type CertCentralClient, CertCentralError, domains, orders } from "../certcentral";
import type { OrderDomain, OrderInfo, PlacedOrder } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { canonicalDnsName, DCV_HOST, type DcvMethod, dcvRecords } from "../records";
import type { OrderOutputs } from "./outputs";
import { prune } from "./request";
import { isInForce, isIssued, isPending } from "./status";

type DomainOutput = OrderOutputs["domains"][number];

/** DigiCert answers "not found" for orders of other accounts too, so it never means that the order is gone. */
export async function visibleOrder(ctx: Context, title: string, orderId: number): Promise<OrderInfo> {
  try {
    return await orders.info(ctx.client, orderId);
  } catch (error) {
    if (!(error instanceof CertCentralError) || !error.notFound) throw error;
    throw new BimiError(
      "order_not_visible",
      `${title}: the API key does not see this order (${error.status} ${error.code}). It is of another account or division, or the key lost its permission; nothing was changed, and the state is left as it was. Use a key that sees the order; if it is really gone, set onDelete: "retain" before you destroy it, or run \`pulumi state delete\`.`,
      { cause: error },
    );
  }
}

/** Facts that DigiCert tells about an order, as outputs. */
export async function observeOrder(
  client: CertCentralClient,
  orderId: number,
  known: {
    placed?: PlacedOrder;
    domains?: DomainOutput[];
    dnsNames?: string[];
    dcvMethod?: DcvMethod;
    info?: OrderInfo;
  },
) {
  const info = known.info ?? (await orders.info(client, orderId));
  const requests = info.requests.length > 0 ? info.requests : (known.placed?.requests ?? []);
  const dcvMethod = known.dcvMethod ?? (info.dcvMethod as DcvMethod | undefined) ?? "email";
  const domainOutputs = await observeDomains(client, orderId, info, known);
  return prune({
    orderId,
    certificateId: info.certificate.id ?? known.placed?.certificateId,
    status: info.status,
    requests: requests.map(({ id, status }) => prune({ id, status })),
    organizationId: info.organizationId,
    logoId: info.vmc.logoId ?? known.placed?.logoId,
    domains: domainOutputs,
    dcvRecords: dcvRecords({ domains: domainOutputs, method: dcvMethod }),
    orderValidTill: isInForce(info.status) ? info.orderValidTill : undefined,
    certificateValidTill: isInForce(info.status) ? info.certificate.validTill : undefined,
    isRenewal: info.isRenewal,
    renewedOrderId: info.renewedOrderId,
  });
}

/**
 * The domains of an order. An order's answer leaves tokens out when the domain existed before or is valid already, so
 * each one without a token is looked up (`GET /domain/{id}?include_dcv=true`).
 */
async function observeDomains(
  client: CertCentralClient,
  orderId: number,
  info: OrderInfo,
  known: { placed?: PlacedOrder; domains?: DomainOutput[]; dnsNames?: string[] },
): Promise<DomainOutput[]> {
  let found: DomainOutput[] = known.placed ? fromAnswer(known.placed.domains) : (known.domains ?? []);
  if (found.length === 0 && info.status !== "needs_approval") {
    found = await fromValidation(client, orderId, known.dnsNames ?? info.certificate.dnsNames);
  }
  if (isIssued(info.status)) {
    // Records that are published keep the token that proved the domain, as long as DigiCert tells it.
    const told = known.domains ? found : await Promise.all(found.map((domain) => refreshDomain(client, domain)));
    return told.map(proved);
  }
  if (!isPending(info.status)) return found;
  return Promise.all(found.map((domain) => (domain.token && known.placed ? domain : refreshDomain(client, domain))));
}

/** A proved domain has no use for the token's end, nor for a value that follows from the token; the state is dear. */
function proved({ expires: _, verificationValue, ...domain }: DomainOutput): DomainOutput {
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
async function fromValidation(client: CertCentralClient, orderId: number, dnsNames: string[]): Promise<DomainOutput[]> {
  const { domainValidations } = await orders.validation(client, orderId);
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
async function refreshDomain(client: CertCentralClient, domain: DomainOutput): Promise<DomainOutput> {
  try {
    const { name, isPendingValidation, token } = await domains.info(client, domain.id);
    return prune({
      ...domain,
      name: domain.name ?? name,
      token: token?.token ?? domain.token,
      status: isPendingValidation ? (token?.status ?? "pending") : "active",
      expires: token?.expires ?? domain.expires,
      verificationValue: token?.verificationValue ?? domain.verificationValue,
      httpTokenUrl: token?.httpTokenUrl ?? domain.httpTokenUrl,
    });
  } catch (error) {
    // A domain that the key may not see keeps what the order said of it.
    if (error instanceof CertCentralError && error.kind === "refused") return domain;
    throw error;
  }
}
