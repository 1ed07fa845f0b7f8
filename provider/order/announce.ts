import { CertCentralError } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import { failure } from "../check";
import { BimiError, type Context } from "../context";
import type { Failure } from "../lifecycle";
import { containsUnknown, isUnknown } from "../unknown";
import { announceAdoption } from "./adopt";
import { type OrderInputs, personalOrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { takeOverProblem } from "./place";
import { priceOf, toAllow, warnOfNoLogo } from "./purchase";
import { announceRenewal } from "./renewal";
import { ordersToBeChanged } from "./sharedLogo";
import { assertNoTwin, siblingProblem } from "./twin";

/**
 * Says what a program's new resource adopts or buys, with its price as far as that is known. What would be bought by
 * mistake is refused here, in the preview; the update looks again before it orders.
 */
export async function announceFirstOrder(ctx: Context, kind: OrderKind, inputs: OrderInputs): Promise<Failure[]> {
  const { __urn: urn, logo } = inputs;
  if (inputs.adoptOrderId !== undefined) return announceAdoption(ctx, kind, inputs);
  const unrenewable = await announceRenewal(ctx, kind, inputs);
  if (unrenewable.length > 0) return unrenewable;
  const there = siblingProblem(ctx, kind, inputs) ?? (await problemOrOrderThere(ctx, kind, inputs));
  if (typeof there === "object") return announceTakeOver(ctx, kind, inputs, there);
  const failures = tooMany(ctx, urn);
  if (there !== undefined) return [failure("dnsNames", there, personalOrderInputs), ...failures];

  const sharing = await ordersToBeChanged(ctx, kind.product, inputs);
  if (sharing.length > 0) {
    ctx.warnOnce(`the trademark becomes that of the pending orders with the same logo: ${sharing.join(", ")}.`, urn);
  }
  if (logo === undefined) warnOfNoLogo(ctx, inputs);
  const what = `a ${kind.product} order for ${knownNames(inputs)}; ${priceOf()}`;
  ctx.sayOnce(
    ctx.mayOrder ? `BUYS ${what}.` : `would order, but this stack may not buy yet: ${toAllow}. That BUYS ${what}.`,
    urn,
  );
  return failures;
}

/** What the account has already: an order that stands in the way, or the resource's own that the state does not hold. */
async function problemOrOrderThere(
  ctx: Context,
  kind: OrderKind,
  inputs: OrderInputs,
): Promise<string | OrderInfo | undefined> {
  if (!ctx.hasKey) return undefined;
  const { alternativeOrderId: given, __reference, __formerReferences = [] } = inputs;
  const prefixes = [given ?? [], __reference, __formerReferences].flat();
  try {
    return await assertNoTwin(ctx, kind, { inputs, prefixes });
  } catch (error) {
    if (error instanceof BimiError && error.code === "order_twin") return error.message;
    if (!(error instanceof CertCentralError)) throw error;
    // Where nothing can be bought nothing hangs on it.
    if (ctx.mayOrder) {
      ctx.warnOnce(
        `whether the account has such an order already could not be looked up: ${error.message} The update looks again before it orders.`,
        inputs.__urn,
      );
    }
    return undefined;
  }
}

/** A run that crashed, or a state that was lost: the order is there. */
async function announceTakeOver(
  ctx: Context,
  { product }: OrderKind,
  inputs: OrderInputs,
  info: OrderInfo,
): Promise<Failure[]> {
  const problem = containsUnknown(inputs) ? undefined : await takeOverProblem(ctx, { product, inputs }, info);
  if (problem !== undefined) return [{ property: "", reason: problem }];
  ctx.sayOnce(
    `order ${info.orderId} (${info.status}) was placed before by this resource: takes it over; nothing is ordered.`,
    inputs.__urn,
  );
  return [];
}

/** How many purchases one update may make, counted while it is planned. */
function tooMany(ctx: Context, urn: string | undefined): Failure[] {
  try {
    ctx.countPurchase(urn);
    return [];
  } catch (error) {
    return [{ property: "", reason: (error as Error).message }];
  }
}

function knownNames({ dnsNames }: OrderInputs): string {
  const names = Array.isArray(dnsNames) ? dnsNames.map((name) => (isUnknown(name) ? "a name to come" : name)) : [];
  return names.join(", ") || "names to come";
}
