import { CertCentralError, orders, requests } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import type { Props } from "../lifecycle";
import type { OrderKind } from "./kind";
import { visibleOrder } from "./observe";
import type { DoubtfulOutputs, OrderOutputs } from "./outputs";
import { doubtWindow } from "./place";
import { isDead, isInForce } from "./status";

/**
 * What `pulumi destroy` does to an order, by `onDelete`. Never more than was told: an issued order is left alone unless
 * the program says `revoke`, and an order that a live resource holds is left alone in any case (a delete that is left
 * over from a failed `--replace` runs at the end of a later `up`).
 */
export async function removeOrder(ctx: Context, kind: OrderKind, id: string, props: Props): Promise<void> {
  const outs = props as Partial<OrderOutputs> & Partial<DoubtfulOutputs>;
  const isOurs = (outs.__n ?? 0) > 0;
  const onDelete = outs.onDelete ?? (isOurs ? "cancel" : "retain");
  if (onDelete === "retain") return;
  await ctx.bind(`${kind.type} ${outs.orderId ?? id}`, props);
  const orderId = outs.orderId ?? (await doubtfulOrder(ctx, kind, outs));
  if (orderId === undefined || ctx.held.has(orderId)) return;

  const info = await visibleOrder(ctx, `${kind.type} ${orderId}`, orderId);
  if (isDead(info.status)) return;
  try {
    await endOrder(ctx, kind, info, { onDelete, note: outs.note ?? `Removed by pulumi destroy (${kind.type}).` });
  } catch (error) {
    // After a lost answer the repetition is refused, although what was asked is done.
    const refused = error instanceof CertCentralError && error.kind === "refused";
    if (!refused || !isDead((await visibleOrder(ctx, `${kind.type} ${orderId}`, orderId)).status)) throw error;
  } finally {
    ctx.forgetOrders();
  }
}

async function endOrder(
  ctx: Context,
  kind: OrderKind,
  { orderId, status, requests: asked }: OrderInfo,
  { onDelete, note }: { onDelete: "cancel" | "revoke"; note: string },
): Promise<void> {
  if (status === "needs_approval") {
    const open = asked.filter(({ status }) => status === "pending" || status === "submitted");
    for (const { id } of open) {
      await requests.updateStatus(ctx.client, id, { status: "rejected", processor_comment: note });
    }
    // Left as it is, an administrator could still approve it.
    if (open.length === 0) await orders.cancel(ctx.client, orderId, note);
  } else if (!isInForce(status)) {
    await orders.cancel(ctx.client, orderId, note);
  } else if (onDelete === "revoke") {
    const request = await orders.revokeOrder(ctx.client, orderId, { comments: note, skip_approval: true });
    if (request && request.status !== "approved") {
      ctx.log.warn(
        `${kind.type} ${orderId}: an administrator must approve revoke request ${request.id} in CertCentral.`,
      );
    }
  }
}

/** An order request whose answer was lost may have been taken: it is looked for before its resource goes. */
async function doubtfulOrder(
  ctx: Context,
  kind: OrderKind,
  outs: Partial<DoubtfulOutputs>,
): Promise<number | undefined> {
  const id = outs.placedAlternativeOrderId;
  if (id === undefined || outs.doubtSince === undefined) return undefined;
  const found = (await orders.byAlternativeId(ctx.client, id)).filter(({ status }) => !isDead(status));
  if (found.length > 0) return found[0]!.orderId;
  if (ctx.client.now().getTime() - new Date(outs.doubtSince).getTime() > doubtWindow) return undefined;
  throw new BimiError(
    "order_in_doubt",
    `${kind.type}: it is still in doubt whether DigiCert took the order with alternative id ${id}. The resource stays in the state; run \`pulumi destroy\` again in 15 minutes.`,
  );
}
