import { CertCentralError, orders } from "../certcentral";
import type { OrderInfo, Product } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import type { Failure, Props } from "../lifecycle";
import { canonicalDnsName } from "../records";
import { day } from "../time";
import { isUnknown } from "../unknown";
import { renewalWindow } from "./due";
import type { OrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { visibleOrder } from "./observe";
import { differencesFrom, isPlaced } from "./place";
import { isOpenRequest } from "./reissue";
import { isDead, isIssued } from "./status";

/** What a renewal that is due comes to. */
export type Renewal =
  | { kind: "renew" }
  /** The order was renewed already, by DigiCert or in the console: that order takes its place. */
  | { kind: "follow"; info: OrderInfo };

/**
 * One renewal per order: looks for one that exists before another is bought.
 * @throws BimiError that names what stands in the way
 */
export async function renewalOf(
  ctx: Context,
  { title, product, inputs }: { title: string; product: Product; inputs: OrderInputs },
  info: OrderInfo,
): Promise<Renewal> {
  assertShorterThanHalfLife(title, inputs, info);
  const renewal = await renewalAt(ctx, product, info);
  if (renewal) {
    const differences = await differencesFrom(ctx.client, { product, inputs }, renewal);
    if (differences.length === 0) return { kind: "follow", info: renewal };
    throw new BimiError(
      "renewed_elsewhere",
      `${title} was renewed already, by order ${renewal.orderId} (${renewal.status}), which differs: ${differences.map(({ text }) => text).join("; ")}. Nothing was ordered. To go on with that order, make the inputs agree or set adoptOrderId: ${renewal.orderId}.`,
    );
  }
  const open = info.requests.filter(({ status }) => isOpenRequest(status));
  if (open.length > 0 || info.hasPendingRequest) {
    const numbers = open.map(({ id, type }) => `${type ?? "request"} ${id}`).join(", ");
    throw new BimiError(
      "request_pending",
      `${title} is not renewed while a request is pending${numbers ? ` (${numbers})` : ""}. Nothing was ordered. Approve or reject it in CertCentral, then run \`pulumi up\` again.`,
    );
  }
  if (info.isRenewed) {
    throw new BimiError(
      "renewed_elsewhere",
      `${title} was renewed already, by an order that the API key does not see. Nothing was ordered. Look it up in CertCentral and set adoptOrderId to its number, or use a key that sees it.`,
    );
  }
  return { kind: "renew" };
}

/** The live order that names this one as renewed; `is_renewed` may come only once that is issued. */
export async function renewalAt(ctx: Context, product: Product, info: OrderInfo): Promise<OrderInfo | undefined> {
  const listed = await orders.list(ctx.client, { productNameId: product });
  const names = info.certificate.dnsNames.map(canonicalDnsName);
  const candidates = listed.filter(
    ({ orderId, status, dnsNames }) =>
      orderId > info.orderId &&
      !isDead(status) &&
      (names.length === 0 || dnsNames.length === 0 || dnsNames.some((name) => names.includes(canonicalDnsName(name)))),
  );
  for (const { orderId } of candidates) {
    const other = await ctx.orderInfo(orderId);
    if (other.renewedOrderId === info.orderId && !isDead(other.status)) return other;
  }
  return undefined;
}

/** Whether the program's first order can renew the one that it names, as far as a preview can know. */
export async function announceRenewal(ctx: Context, kind: OrderKind, props: Props): Promise<Failure[]> {
  const inputs = props as OrderInputs;
  const { renewalOfOrderId } = inputs;
  if (renewalOfOrderId === undefined || isUnknown(renewalOfOrderId) || !ctx.hasKey) return [];
  try {
    const why = await whyNotRenewable(ctx, kind, inputs, renewalOfOrderId);
    const reason = `order ${renewalOfOrderId} cannot be renewed: ${why} Nothing was ordered. Name another order, or remove renewalOfOrderId to order without the link.`;
    return why === undefined ? [] : [{ property: "renewalOfOrderId", reason }];
  } catch (error) {
    if (error instanceof BimiError) return [{ property: "renewalOfOrderId", reason: error.message }];
    throw error;
  }
}

async function whyNotRenewable(
  ctx: Context,
  { type, product }: OrderKind,
  inputs: OrderInputs,
  orderId: number,
): Promise<string | undefined> {
  const title = `${type}, order ${orderId}`;
  await ctx.bind(title, {});
  const info = await visibleOrder(ctx, title, orderId, () => ctx.orderInfo(orderId));
  if (info.productNameId !== undefined && info.productNameId !== product)
    return `it is of the product ${info.productNameId}, not ${product}.`;
  if (!isIssued(info.status) && info.status !== "expired")
    return `it is ${info.status}; DigiCert renews an order that is issued.`;
  const renewal = await renewalAt(ctx, product, info);
  if (renewal !== undefined || info.isRenewed) {
    // It may be our own, of a run that crashed: that is taken over.
    if (await isPlaced(ctx, inputs)) return undefined;
    return renewal
      ? `it was renewed already, by order ${renewal.orderId} (${renewal.status}). To manage that order, set adoptOrderId: ${renewal.orderId}.`
      : "it was renewed already, by an order that the API key does not see.";
  }
  const end = info.orderValidTill ?? info.certificate.validTill;
  const left = end === undefined ? 0 : (Date.parse(end) - ctx.now.getTime()) / day;
  return left > renewalWindow
    ? `it ends ${end}, in ${Math.floor(left)} days; DigiCert renews an order in its last ${renewalWindow} days.`
    : undefined;
}

/** DigiCert's refusal to renew surfaces with what can be done; it is never turned into a fresh order. */
export function withRenewalRemedy(error: unknown, renewed: number | undefined): unknown {
  if (!(error instanceof CertCentralError) || !error.codes.some((code) => /renew/.test(code))) return error;
  error.message +=
    renewed === undefined
      ? " Nothing was ordered. Name another order to renew, or none to order without the link."
      : ` Order ${renewed} was not renewed, and nothing was ordered in its place. Renew it in CertCentral and set adoptOrderId to the number of the new order; or remove renewBefore, and once the order has ended set reorderAfter: ${renewed} to order anew.`;
  return error;
}

/** Of the order, not of its last certificate: one that was reissued late lives for the rest of the order only. */
function assertShorterThanHalfLife(title: string, { renewBefore }: OrderInputs, info: OrderInfo): void {
  const { validFrom, validTill } = info.certificate;
  const begins = [validFrom, info.dateCreated].flatMap((date) => (date === undefined ? [] : Date.parse(date)));
  const end = info.orderValidTill ?? validTill;
  if (renewBefore === undefined || begins.length === 0 || end === undefined) return;
  const life = Math.floor((Date.parse(end) - Math.min(...begins)) / day);
  if (renewBefore * 2 < life) return;
  throw new BimiError(
    "renew_before_too_long",
    `${title}: renewBefore is ${renewBefore} days, but it lives only ${life} days: its renewal would be renewed again at once. Nothing was ordered. Set renewBefore to less than ${Math.ceil(life / 2)}.`,
  );
}
