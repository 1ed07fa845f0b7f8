import { orders } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import { agreedWith } from "../changes";
import { BimiError, type Context } from "../context";
import { assertSees, doubtUntil } from "../doubt";
import type { Failure, Props } from "../lifecycle";
import { containsUnknown } from "../unknown";
import { orderChanges } from "./changes";
import type { OrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { logoOfOrder } from "./logo";
import { visibleOrder } from "./observe";
import { differencesFrom } from "./place";
import { prune } from "./request";
import { isDead } from "./status";

/** What an adoption would take over, or why it cannot; said before anything is done. */
export async function announceAdoption(ctx: Context, kind: OrderKind, props: Props): Promise<Failure[]> {
  const inputs = props as OrderInputs;
  if (!ctx.hasKey || containsUnknown(props)) return [];
  try {
    const { status } = await adoptableOrder(ctx, kind, inputs);
    ctx.sayOnce(`adopts order ${inputs.adoptOrderId} (${status}); nothing is ordered.`, inputs.__urn);
    return [];
  } catch (error) {
    if (error instanceof BimiError) return [{ property: "adoptOrderId", reason: error.message }];
    throw error;
  }
}

/** The order to adopt, if it lives and agrees in product, organization and domains. */
export async function adoptableOrder(ctx: Context, kind: OrderKind, inputs: OrderInputs): Promise<OrderInfo> {
  const orderId = inputs.adoptOrderId!;
  const title = `${kind.type} ${orderId}`;
  await ctx.bind(title, {});
  const info = await visibleOrder(ctx, title, orderId);
  if (isDead(info.status)) {
    throw new BimiError(
      "adopt_dead",
      `${title} cannot be adopted: it is ${info.status}. Nothing was changed. Name a live order, or remove adoptOrderId to order anew.`,
    );
  }
  const holder = ctx.holderOf(orderId);
  if (holder !== undefined && holder !== inputs.__urn) {
    throw new BimiError(
      "order_held",
      `${title} cannot be adopted: it is held by ${holder}. Nothing was changed. Remove that resource from the state first (\`pulumi state delete\`), or name another order.`,
    );
  }
  const differences = await differencesFrom(ctx.client, { product: kind.product, inputs }, info);
  if (differences.some(({ what }) => what !== "logo" && what !== "trademark")) {
    throw new BimiError(
      "adopt_differs",
      `${title} cannot be adopted: ${differences.map(({ text }) => text).join("; ")}. Nothing was changed. Make the inputs agree, or name another order.`,
    );
  }
  for (const { text } of differences) ctx.sayOnce(`order ${orderId} is adopted as it is: ${text}.`, inputs.__urn);
  return info;
}

/** Adopting another order must not make one forgotten of which it is in doubt whether DigiCert took it. */
export async function assertNoneInDoubt(
  ctx: Context,
  kind: OrderKind,
  doubt: { alternativeOrderId: string; since: string; by?: number | undefined } | undefined,
  adoptOrderId: number | undefined,
): Promise<void> {
  if (doubt === undefined) return;
  const answers = await orders.byAlternativeId(ctx.client, doubt.alternativeOrderId);
  const live = answers.find(({ orderId, status }) => orderId !== adoptOrderId && !isDead(status));
  if (live) {
    throw new BimiError(
      "order_in_doubt",
      `${kind.type} ${adoptOrderId} is not adopted yet: DigiCert took order ${live.orderId} (${live.status}), whose answer was lost. Nothing was changed. Set adoptOrderId: ${live.orderId} to go on with that one, or cancel it in CertCentral and run \`pulumi up\` again.`,
    );
  }
  if (answers.length === 0)
    await assertSees(ctx, `${kind.type} with alternative id ${doubt.alternativeOrderId}`, doubt.by);
  if (answers.length > 0 || !doubtUntil(ctx, doubt.since)) return;
  throw new BimiError(
    "order_in_doubt",
    `${kind.type} ${adoptOrderId} is not adopted yet: it is still in doubt whether DigiCert took the order with alternative id ${doubt.alternativeOrderId}. Nothing was changed. Run \`pulumi up\` again in 15 minutes.`,
  );
}

/** What an adopted order's outputs begin with. Nothing is written, and a destroy leaves it alone unless told otherwise. */
export async function adoptedOrder(ctx: Context, inputs: OrderInputs, info: OrderInfo) {
  const theirLogo = await logoOfOrder(ctx.client, info);
  const ourLogo = typeof inputs.logo === "object" ? inputs.logo.sha256 : undefined;
  ctx.hold(info.orderId, inputs.__urn);
  return prune({
    orderId: info.orderId,
    placedAlternativeOrderId: info.alternativeOrderId,
    logoSha256: theirLogo === "none" ? undefined : (theirLogo ?? ourLogo),
    __n: 0,
    __agreed: agreedWith(orderChanges, { ...inputs }),
  });
}
