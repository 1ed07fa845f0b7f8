import { CertCentralError, certificates, orders, requests } from "../certcentral";
import type { OrderInfo, OrderRequestInfo } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { assertSees, doubtUntil, isDoubtful, lookFor } from "../doubt";
import type { Props } from "../lifecycle";
import type { OrderKind } from "./kind";
import { visibleOrder } from "./observe";
import type { DoubtfulOutputs, OrderOutputs } from "./outputs";
import { isOpenRequest } from "./reissue";
import { isDead, isInForce } from "./status";

/** What an order may be ended with. */
type Ending = { onDelete: "cancel" | "revoke" | "revokeCertificate"; note: string };

/**
 * What `pulumi destroy` does to an order, by `onDelete`. Never more than was told: an issued order is left alone unless
 * the program says `revoke`, and an order that a live resource holds is left alone in any case (a delete that is left
 * over from a failed `--replace` runs at the end of a later `up`).
 */
export async function removeOrder(ctx: Context, kind: OrderKind, id: string, props: Props): Promise<void> {
  const outs = props as Partial<OrderOutputs> & Partial<DoubtfulOutputs>;
  const doubtful = outs.__doubt ?? doubtOf(outs);
  const isOurs = (outs.__n ?? 0) > 0;
  const onDelete = outs.onDelete ?? (isOurs ? "cancel" : "retain");
  // A predecessor that a successor was placed for, and what may have been placed, are ours to end in any case.
  const leftOver = outs.__cancel ?? [];
  const keepsOrder = onDelete === "retain";
  if (outs.onDelete === "retain" || (keepsOrder && leftOver.length === 0 && doubtful === undefined)) return;
  await ctx.bind(`${kind.type} ${outs.orderId ?? id}`, props);
  const note = outs.note ?? `Removed by pulumi destroy (${kind.type}).`;
  for (const orderId of leftOver) await removeOne(ctx, kind, orderId, { onDelete: "cancel", note });
  const taken = doubtful && (await doubtfulOrder(ctx, kind, doubtful));
  if (taken !== undefined) await removeOne(ctx, kind, taken, { onDelete: keepsOrder ? "cancel" : onDelete, note });
  if (outs.orderId !== undefined && !keepsOrder) await removeOne(ctx, kind, outs.orderId, { onDelete, note });
}

async function removeOne(ctx: Context, kind: OrderKind, orderId: number, ending: Ending): Promise<void> {
  if (ctx.held.has(orderId)) return;
  const title = `${kind.type} ${orderId}`;
  const info = await visibleOrder(ctx, title, orderId);
  if (isEnded(info, ending)) return;
  try {
    await endOrder(ctx, kind, info, ending);
  } catch (error) {
    // After a lost answer the repetition is refused, or none is made, although what was asked is done.
    if (!(error instanceof CertCentralError)) throw error;
    const now = await visibleOrder(ctx, title, orderId).catch(() => undefined);
    if (!now || !isEnded(now, ending)) throw error;
  } finally {
    ctx.forgetReads();
  }
}

function isEnded({ status, certificate }: OrderInfo, { onDelete }: Ending): boolean {
  return isDead(status) || (onDelete === "revokeCertificate" && certificate.status === "revoked");
}

/** Rejects the request of an unapproved order, cancels a pending one, and revokes an issued one if told to. */
export async function endOrder(ctx: Context, kind: OrderKind, info: OrderInfo, ending: Ending): Promise<void> {
  const { orderId, status, requests: asked } = info;
  const { onDelete, note } = ending;
  if (status === "needs_approval") {
    const open = asked.filter(({ status }) => isOpenRequest(status));
    for (const { id } of open) {
      await requests.updateStatus(ctx.client, id, { status: "rejected", processor_comment: note });
    }
    // Left as it is, an administrator could still approve it.
    if (open.length === 0) await orders.cancel(ctx.client, orderId, note);
  } else if (!isInForce(status)) {
    await orders.cancel(ctx.client, orderId, note);
  } else if (onDelete !== "cancel") {
    await revoke(ctx, kind, info, { onDelete, note });
  }
}

async function revoke(ctx: Context, kind: OrderKind, info: OrderInfo, { onDelete, note }: Ending): Promise<void> {
  const { orderId, certificate } = info;
  const pending = openRevocation(info);
  // DigiCert revokes nothing while a reissue is pending.
  if (!pending && info.status === "reissue_pending") await orders.cancel(ctx.client, orderId, note);
  const body = { comments: note, skip_approval: true };
  const ask = () =>
    onDelete === "revokeCertificate" && certificate.id !== undefined
      ? certificates.revoke(ctx.client, certificate.id, body)
      : orders.revokeOrder(ctx.client, orderId, body);
  const request = pending ?? (await ask().catch((error) => lostRequest(ctx, orderId, { onDelete, note }, error)));
  if (request && request.status !== "approved") await approveRevocation(ctx, kind, orderId, request);
}

/** What became of a revoke request whose answer was lost: a second one would be one more for an administrator to decide. */
async function lostRequest(
  ctx: Context,
  orderId: number,
  ending: Ending,
  error: unknown,
): Promise<OrderRequestInfo | undefined> {
  if (!isDoubtful(error)) throw error;
  const found = await lookFor(ctx, async () => {
    const now = await orders.info(ctx.client, orderId);
    const request = openRevocation(now);
    return request || isEnded(now, ending) ? { request } : undefined;
  });
  if (!found) throw error;
  return found.request;
}

function openRevocation({ requests }: OrderInfo): OrderRequestInfo | undefined {
  return requests.find(({ type, status }) => type === "revoke" && isOpenRequest(status));
}

/** A revocation waits for an administrator; the key may be one's. */
async function approveRevocation(
  ctx: Context,
  kind: OrderKind,
  orderId: number,
  { id }: OrderRequestInfo,
): Promise<void> {
  try {
    await requests.updateStatus(ctx.client, id, { status: "approved" });
  } catch (error) {
    if (!(error instanceof CertCentralError) || error.kind !== "refused" || error.status !== 403) throw error;
    ctx.log.warn(
      `${kind.type} ${orderId}: the key may not approve the revocation. An administrator must approve revoke request ${id} in CertCentral; until then the certificate stays valid.`,
    );
  }
}

function doubtOf({
  placedAlternativeOrderId: alternativeOrderId,
  doubtSince: since,
  doubtBy: by,
}: Partial<DoubtfulOutputs>) {
  return alternativeOrderId === undefined || since === undefined ? undefined : { alternativeOrderId, since, by };
}

/** An order request whose answer was lost may have been taken: it is looked for before its resource goes. */
async function doubtfulOrder(
  ctx: Context,
  kind: OrderKind,
  { alternativeOrderId: id, since, by }: { alternativeOrderId: string; since: string; by?: number | undefined },
): Promise<number | undefined> {
  const found = (await orders.byAlternativeId(ctx.client, id)).filter(({ status }) => !isDead(status));
  if (found.length > 0) return found[0]!.orderId;
  await assertSees(ctx, `${kind.type} with alternative id ${id}`, by);
  if (!doubtUntil(ctx, since)) return undefined;
  throw new BimiError(
    "order_in_doubt",
    `${kind.type}: it is still in doubt whether DigiCert took the order with alternative id ${id}. The resource stays in the state; run \`pulumi destroy\` again in 15 minutes.`,
  );
}
