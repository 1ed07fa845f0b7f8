import type { OrderInfo } from "../certcentral/orders";
import type { Context } from "../context";
import type { OrderInputs } from "./inputs";

/** What a purchase costs, as far as DigiCert tells before it: what the order before it cost. */
export function priceOf(info?: OrderInfo): string {
  if (info?.price === undefined) return "price unknown, typically over $1,000";
  return `order ${info.orderId} cost ${info.price} ${info.currency ?? ""}`.trimEnd();
}

/** The remedy when a stack was not told that it may buy. */
export const toAllow = "run `pulumi config set bimi:allowOrders true` first";

export function mayNotBuy(ctx: Context): string {
  return ctx.mayOrder ? "" : ` This stack may not buy yet: ${toAllow}.`;
}

/** DigiCert takes such an order, and the money for it. */
export function warnOfNoLogo(ctx: Context, { __urn }: Pick<OrderInputs, "__urn">): void {
  ctx.warnOnce(
    "orders without a logo: DigiCert issues nothing before it has one. Give logo now, or add it while the order is pending.",
    __urn,
  );
}
