import type { OrderInfo, OrderListItem } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { canonicalDnsName } from "../records";
import { containsUnknown, isUnknown } from "../unknown";
import type { OrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { isPlacedUnder } from "./place";
import { isDead } from "./status";

/** A resource's order that is not placed yet. */
export interface FirstOrder {
  inputs: OrderInputs;
  /** What the alternative ids of this resource's own orders begin with. */
  prefixes: readonly string[];
  /** Orders that the resource has placed or held before. */
  known?: readonly number[];
}

/**
 * Refuses an order when the account has a live one for the same product, organization and a common domain that another
 * resource, another stack or the console placed: it would be bought twice. After a rename without `aliases`, and after a
 * stack was renamed, a resource's own order looks like that. What a preview does not know yet counts as different.
 *
 * @returns an order of the resource's own that the list shows: of a run that crashed
 * @throws BimiError `order_twin`
 */
export async function assertNoTwin(
  ctx: Context,
  { product }: OrderKind,
  { inputs, prefixes, known = [] }: FirstOrder,
): Promise<OrderInfo | undefined> {
  const { besideOrder, organization } = inputs;
  if ([besideOrder, organization, inputs.renewalOfOrderId, inputs.renewedThumbprint].some(containsUnknown))
    return undefined;
  const names = namesOf(inputs);
  const allowed = [besideOrder ?? [], inputs.renewalOfOrderId ?? [], known].flat();
  const overlapping = (await ctx.productOrders(product))
    .filter((item) => isAlike(item, product, names) && !allowed.includes(item.orderId))
    .sort((a, b) => b.orderId - a.orderId);
  for (const { orderId } of overlapping) {
    const info = await ctx.orderInfo(orderId);
    if (isDead(info.status) || isAnotherOrganization(info, inputs) || isRenewed(info, inputs)) continue;
    if (commonNames(info, names).length === 0) continue;
    if (await isPlacedUnder(ctx.client, prefixes, info)) return info;
    throw new BimiError("order_twin", refusal(info, ctx.holderOf(orderId), names, inputs.__reference));
  }
  return undefined;
}

/**
 * Two orders of one program for the same product, organization and a common domain: the account's list cannot tell yet.
 *
 * @returns what is wrong
 */
export function siblingProblem(ctx: Context, { product }: OrderKind, inputs: OrderInputs): string | undefined {
  const { __urn: urn, besideOrder, organization } = inputs;
  if (urn === undefined || containsUnknown(organization)) return undefined;
  const mine = { product, organization: JSON.stringify(organization.id ?? organization), names: namesOf(inputs) };
  const others = [...ctx.firstOrders].filter(([holder]) => holder !== urn);
  ctx.firstOrders.set(urn, mine);
  if (besideOrder !== undefined) return undefined;
  for (const [holder, other] of others) {
    const common = other.names.filter((name) => mine.names.includes(name));
    if (other.product !== product || other.organization !== mine.organization || common.length === 0) continue;
    const name = holder.split("::").pop();
    return `${name} of this program orders the same product for the same organization and ${common.join(", ")}: it would be bought twice. Remove one of them; if both are meant, for two logos for example, set besideOrder to the orderId of ${name}.`;
  }
  return undefined;
}

function namesOf({ dnsNames }: OrderInputs): string[] {
  if (!Array.isArray(dnsNames)) return [];
  return [...new Set(dnsNames.filter((name) => !isUnknown(name)).map(canonicalDnsName))];
}

/** An item that tells no names may be for any. */
function isAlike({ status, productNameId, dnsNames }: OrderListItem, product: string, names: string[]): boolean {
  if (isDead(status) || (productNameId ?? product) !== product) return false;
  return dnsNames.length === 0 || dnsNames.some((name) => names.includes(canonicalDnsName(name)));
}

/** Of a new organization only the name is known. */
function isAnotherOrganization(
  { organizationId, organizationName }: OrderInfo,
  { organization }: OrderInputs,
): boolean {
  if (organization.id !== undefined) return organizationId !== undefined && organizationId !== organization.id;
  if (organization.name === undefined || organizationName === undefined) return false;
  return organizationName.trim().toLowerCase() !== organization.name.trim().toLowerCase();
}

/** The order that the new one renews. */
function isRenewed({ certificate }: OrderInfo, { renewedThumbprint }: OrderInputs): boolean {
  return renewedThumbprint !== undefined && certificate.thumbprint?.toLowerCase() === renewedThumbprint.toLowerCase();
}

function commonNames({ certificate }: OrderInfo, names: string[]): string[] {
  return certificate.dnsNames.map(canonicalDnsName).filter((name) => names.includes(name));
}

function refusal(info: OrderInfo, holder: string | undefined, names: string[], reference: string): string {
  const { orderId, status, alternativeOrderId } = info;
  const isOfProject = alternativeOrderId?.startsWith(reference.slice(0, projectPrefixLength)) === true;
  const whose = holder ? ` It is held by ${holder}.` : isOfProject ? " A resource of this project placed it." : "";
  return `The account has order ${orderId} (${status}) for ${commonNames(info, names).join(", ")} already, of the same product and organization, under another reference.${whose} Nothing was ordered. To manage that order here, set adoptOrderId: ${orderId}; to buy another one beside it, set besideOrder: ${orderId}; after a rename, give the former name in aliases.`;
}

/** `bimi` and the 10 characters that all references of a project begin with. */
const projectPrefixLength = 14;
