import { orders } from "../certcentral";
import type { OrderInfo, Product } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { canonicalDnsName } from "../records";
import type { OrderInputs } from "./inputs";
import { differencesFrom } from "./place";
import { isOpenRequest } from "./reissue";
import { isDead } from "./status";

const day = 24 * 60 * 60 * 1000;

/** What a renewal that is due comes to. */
export type Renewal =
  | { kind: "renew" }
  /** The order was renewed already, by DigiCert or in the console: that order takes its place. */
  | { kind: "follow"; info: OrderInfo }
  /** A reissue is under way: the renewal waits. */
  | { kind: "wait"; why: string };

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
  if (info.status === "reissue_pending") {
    return { kind: "wait", why: `order ${info.orderId} is being reissued; its renewal follows once that is done.` };
  }
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

function assertShorterThanHalfLife(title: string, { renewBefore }: OrderInputs, { certificate }: OrderInfo): void {
  if (renewBefore === undefined || certificate.validFrom === undefined || certificate.validTill === undefined) return;
  const life = (Date.parse(certificate.validTill) - Date.parse(certificate.validFrom)) / day;
  if (renewBefore * 2 < life) return;
  throw new BimiError(
    "renew_before_too_long",
    `${title}: renewBefore is ${renewBefore} days, but its certificate lives only ${life} days: it would be renewed again at once. Nothing was ordered. Set renewBefore to less than ${Math.floor(life / 2)}.`,
  );
}
