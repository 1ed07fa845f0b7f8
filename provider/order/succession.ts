import type { OrderInfo, PlacedOrder } from "../certcentral/orders";
import { agreedWith, agrees } from "../changes";
import type { Context } from "../context";
import { PartialStateError, type Props } from "../lifecycle";
import { adoptedOrder } from "./adopt";
import { orderChanges } from "./changes";
import { keepDomainControl } from "./domainControl";
import type { OrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { logoBytes } from "./logo";
import { observeOrder, visibleOrder } from "./observe";
import type { DoubtfulOutputs, OrderOutputs } from "./outputs";
import { DoubtfulOrderError, type Ensured, ensureOrder, type Wanted } from "./place";
import { alternativeOrderId } from "./reference";
import { endOrder } from "./remove";
import { withRenewalRemedy } from "./renewal";
import { orderRequest, prune } from "./request";
import { withRegisteredTrademark } from "./sharedLogo";
import { isDead, isInForce, isPending } from "./status";
import { assertNoTwin } from "./twin";

/** A resource without an order; whether one was placed may be in doubt. */
export interface NoOrder {
  /** Pulumi's id of the resource. */
  id: string;
  doubt?: Partial<DoubtfulOutputs>;
}

/** The order that a new one comes after. */
export interface Previous {
  /** Pulumi's id of the resource. */
  id: string;
  outs: OrderOutputs;
  info: OrderInfo;
  /** The order that the new one renews. */
  renewalOf?: number | undefined;
}

/** Finds or places the order and returns its outputs; keeps the number in the state whatever fails afterwards. */
export async function placeOrder(
  ctx: Context,
  kind: OrderKind,
  inputs: OrderInputs,
  reference: string,
  from: NoOrder | Previous,
): Promise<Props & { reference: string }> {
  ctx.assertMayOrder();
  const bound = await ctx.bind(kind.type, {});
  const wanted = await wantedOrder(ctx, kind, inputs, reference, from);
  try {
    const ensured = await ensureOrder(ctx, wanted);
    if ("outs" in from) return await successor(ctx, kind, inputs, from, ensured);
    return await first(ctx, kind, inputs, { reference, ...bound }, ensured);
  } catch (error) {
    if (!(error instanceof DoubtfulOrderError)) {
      const renewed = "outs" in from ? from.renewalOf : undefined;
      throw await withRegisteredTrademark(ctx, withRenewalRemedy(error, renewed), inputs);
    }
    const alternativeId = alternativeOrderId(wanted.prefix, error.n);
    const since = error.since.toISOString();
    const by = wanted.doubtSince?.getTime() === error.since.getTime() ? wanted.doubtBy : (await ctx.account()).userId;
    const kept: Props =
      "outs" in from
        ? { ...from.outs, __doubt: { alternativeOrderId: alternativeId, n: error.n, since, ...prune({ by }) } }
        : {
            reference,
            ...bound,
            placedAlternativeOrderId: alternativeId,
            doubtSince: since,
            doubtBy: by,
            ...settingsOf(inputs),
            __n: error.n,
          };
    throw new PartialStateError(error.message, from.id, prune(kept), { cause: error });
  }
}

export async function wantedOrder(
  ctx: Context,
  kind: OrderKind,
  inputs: OrderInputs,
  reference: string,
  from: NoOrder | Previous,
): Promise<Wanted> {
  const previous = "outs" in from ? from : undefined;
  const doubtful = "outs" in from ? from.outs.__doubt : doubtOf(from.doubt ?? {});
  // A doubtful order goes on under the id it was sent with, whatever the inputs say by now.
  const prefix = (doubtful && prefixOf(doubtful)) ?? inputs.alternativeOrderId ?? reference;
  const linked = previous ? { ...inputs, ...linkOf(previous, inputs) } : inputs;
  const { logo } = inputs;
  const formerPrefixes = [reference, ...(inputs.__formerReferences ?? [])].filter((former) => former !== prefix);
  return {
    product: kind.product,
    inputs,
    prefix,
    request: async (id) =>
      orderRequest(
        linked,
        typeof logo === "object" ? await logoBytes(ctx, logo, previous?.outs.orderId) : undefined,
        id,
      ),
    assertMayBuy: async () => {
      ctx.countPurchase(inputs.__urn);
      // What takes the place of a live order is no duplicate of it.
      if (previous && !isDead(previous.info.status)) return undefined;
      const known = previous ? [previous.outs, ...previous.outs.history].map((o) => o.orderId) : [];
      const prefixes = [prefix, ...formerPrefixes];
      return assertNoTwin(ctx, kind, { inputs: linked, prefixes, known });
    },
    ...(previous
      ? { after: { n: previous.outs.__n, orderIds: [previous.outs, ...previous.outs.history].map((o) => o.orderId) } }
      : { formerPrefixes }),
    ...(doubtful ? { doubtSince: new Date(doubtful.since), ...prune({ doubtBy: doubtful.by }) } : {}),
  };
}

/** The resource's first order. */
async function first(
  ctx: Context,
  kind: OrderKind,
  inputs: OrderInputs,
  bound: { reference: string },
  ensured: Ensured,
) {
  const base = {
    ...bound,
    // An order that was placed before a rename keeps the reference it was placed under.
    ...(inputs.__formerReferences?.includes(ensured.prefix) ? { reference: ensured.prefix } : {}),
    ...settingsOf(inputs),
    ...placedOutputs(inputs, ensured),
    history: ensured.history,
  };
  return observed(ctx, kind, base.reference, inputs, base, ensured);
}

/** The order that takes the place of another: that one is canceled if it is still pending, and never revoked. */
export async function successor(
  ctx: Context,
  kind: OrderKind,
  inputs: OrderInputs,
  { id, outs, info }: Previous,
  ensured: Ensured,
) {
  const dead = ensured.history.filter(({ orderId }) => !outs.history.some((known) => known.orderId === orderId));
  const toCancel = isPending(info.status) && !isInForce(info.status) ? [outs.orderId] : [];
  const base = prune({
    reference: outs.reference,
    accountId: outs.accountId,
    origin: outs.origin,
    ...settingsOf(inputs),
    ...placedOutputs(inputs, ensured),
    history: [...outs.history, { orderId: outs.orderId, status: info.status }, ...dead],
    __cancel: [...(outs.__cancel ?? []), ...toCancel],
  });
  ctx.log.info(`order ${ensured.orderId} takes the place of order ${outs.orderId} (${info.status}).`, inputs.__urn);
  return cancelPredecessors(ctx, kind, id, await observed(ctx, kind, id, inputs, base, ensured), inputs);
}

/** Another order of the account, that the program names or that renewed ours, takes the place: nothing is written. */
export async function takeOver(
  ctx: Context,
  kind: OrderKind,
  id: string,
  outs: OrderOutputs,
  inputs: OrderInputs,
  info: OrderInfo,
) {
  const base = prune({
    reference: outs.reference,
    accountId: outs.accountId,
    origin: outs.origin,
    ...settingsOf(inputs),
    history: [...outs.history, { orderId: outs.orderId, status: outs.status }],
    __cancel: outs.__cancel,
    ...(await adoptedOrder(ctx, inputs, info)),
  });
  return observed(ctx, kind, id, inputs, base, { info });
}

/** Cancels what successors were placed for. A predecessor that was issued meanwhile stays. */
export async function cancelPredecessors(
  ctx: Context,
  kind: OrderKind,
  id: string,
  props: Props,
  inputs: OrderInputs,
): Promise<Props & { reference: string }> {
  const outs = props as OrderOutputs;
  const { __cancel = [], ...rest } = outs;
  if (__cancel.length === 0) return rest;
  let history = outs.history;
  try {
    for (const orderId of __cancel) {
      const status = await cancelPending(ctx, kind, orderId, outs, inputs);
      history = history.map((known) => (known.orderId === orderId ? { orderId, status } : known));
    }
  } catch (error) {
    throw keepingState(
      kind,
      error,
      id,
      outs,
      `order ${outs.orderId} is placed, but its predecessor is not canceled yet`,
    );
  }
  return { ...rest, history };
}

async function cancelPending(
  ctx: Context,
  kind: OrderKind,
  orderId: number,
  outs: OrderOutputs,
  inputs: OrderInputs,
): Promise<string> {
  const info = await visibleOrder(ctx, `${kind.type} ${orderId}`, orderId);
  if (!isPending(info.status) || isInForce(info.status)) return info.status;
  const note = inputs.note ?? `Replaced by order ${outs.orderId} (${kind.type}).`;
  try {
    await endOrder(ctx, kind, info, { onDelete: "cancel", note });
  } catch (error) {
    const now = await visibleOrder(ctx, `${kind.type} ${orderId}`, orderId);
    if (isPending(now.status) && !isInForce(now.status)) throw error;
    return now.status;
  } finally {
    ctx.forgetReads();
  }
  // An order that was not approved yet is rejected.
  return (await visibleOrder(ctx, `${kind.type} ${orderId}`, orderId)).status;
}

export async function observed(
  ctx: Context,
  kind: OrderKind,
  id: string,
  inputs: OrderInputs,
  base: Props & { orderId: number; reference: string },
  found: { placed?: PlacedOrder; info?: OrderInfo },
): Promise<Props & { reference: string }> {
  const known = { ...found, dnsNames: inputs.dnsNames, dcvMethod: inputs.dcvMethod ?? "email" };
  try {
    let facts = await observeOrder(ctx, base.orderId, known);
    // Ordering declares how the domains are proved; DigiCert may keep the method of a domain that it knew before.
    const unanswered = found.placed && isPending(facts.status) ? facts.domains.filter(({ token }) => !token) : [];
    if (unanswered.length > 0) {
      await keepDomainControl(ctx, base.orderId, unanswered, inputs, { method: true, emails: false, placed: true });
      facts = await observeOrder(ctx, base.orderId, known);
    }
    return { ...facts, ...base };
  } catch (error) {
    const known = {
      status: "unknown",
      requests: [],
      domains: [],
      dcvRecords: [],
      dcvFiles: [],
      isRenewal: false,
      ...base,
    };
    throw new PartialStateError(
      `${kind.type}: order ${base.orderId} exists, but looking at it failed: ${(error as Error).message} The order is kept in the state; run \`pulumi up\` again.`,
      id,
      known,
      { cause: error },
    );
  }
}

/** A failure after something was bought or written: the state keeps the order's number. */
export function keepingState(kind: OrderKind, error: unknown, id: string, outs: Props, what: string): unknown {
  if (error instanceof PartialStateError) return error;
  const message = `${kind.type}: ${what}: ${(error as Error).message} This is kept in the state; run \`pulumi up\` again.`;
  return new PartialStateError(message, id, prune({ ...outs }), { cause: error });
}

/** Inputs that only we read, copied so that `delete` and `diff` see them. */
export function settingsOf(inputs: OrderInputs) {
  const { onDelete, note, renewBefore, reissueBefore, reorderAfter, ignoreRules, __logo } = inputs;
  return { onDelete, note, renewBefore, reissueBefore, reorderAfter, ignoreRules, __logo };
}

function placedOutputs(inputs: OrderInputs, ensured: Ensured) {
  return {
    orderId: ensured.orderId,
    placedAlternativeOrderId: ensured.alternativeOrderId,
    ...(typeof inputs.logo === "object" ? { logoSha256: inputs.logo.sha256 } : {}),
    __n: ensured.n,
    __agreed: agreedWith(orderChanges, { ...inputs }),
  };
}

/** What a new order renews: a link that an earlier order has used up is not sent again. */
function linkOf({ outs, renewalOf }: Previous, inputs: OrderInputs) {
  if (renewalOf !== undefined) return { renewalOfOrderId: renewalOf, renewedThumbprint: undefined };
  const isUsed = agrees(orderChanges, outs.__agreed, "renewal", { ...inputs });
  return isUsed ? { renewalOfOrderId: undefined, renewedThumbprint: undefined } : {};
}

export function doubtOf({ placedAlternativeOrderId, doubtSince, doubtBy, __n }: Partial<DoubtfulOutputs>) {
  if (placedAlternativeOrderId === undefined || doubtSince === undefined || __n === undefined) return undefined;
  return { alternativeOrderId: placedAlternativeOrderId, since: doubtSince, by: doubtBy, n: __n };
}

function prefixOf({ alternativeOrderId: id, n }: { alternativeOrderId: string; n: number }): string {
  return id.slice(0, -String(n).length);
}
