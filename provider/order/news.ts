import { CertCentralError } from "../certcentral";
import type { Context } from "../context";
import { isValidated } from "../records";
import { hour } from "../time";
import { containsUnknown } from "../unknown";
import { isTokenEnding, otherOrdersOn, tokenMargin, warnOfOtherMethod } from "./domainControl";
import type { OrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { visibleOrder } from "./observe";
import type { OrderOutputs } from "./outputs";
import { isOpenRequest } from "./reissue";
import { isDead, isInForce } from "./status";

/** Whether DigiCert has news that a pending order's own outputs must take up: a state, a token, a proof that ended. */
export async function hasNews(
  ctx: Context,
  kind: OrderKind,
  outs: OrderOutputs,
  inputs: OrderInputs,
): Promise<boolean> {
  await ctx.bind(`${kind.type} ${outs.orderId}`, { ...outs });
  const open = await ctx.openOrders(outs.status === "reissue_pending" ? "reissue_pending" : "pending");
  const listed = open.find(({ orderId }) => orderId === outs.orderId);
  const look = () => ctx.orderInfo(outs.orderId);
  const status = listed?.status ?? (await visibleOrder(ctx, `${kind.type} ${outs.orderId}`, outs.orderId, look)).status;
  const moved =
    (isInForce(status) && !isInForce(outs.status)) ||
    (outs.status === "reissue_pending" && status !== outs.status) ||
    isDead(status) ||
    (outs.status === "needs_approval" && status !== "needs_approval") ||
    outs.status === "unknown";
  if (moved) {
    ctx.sayEvent(`order ${outs.orderId}: ${outs.status} -> ${status}`, inputs.__urn);
    return true;
  }
  const [ending] = endingTokens(ctx, outs);
  if (ending) {
    const others = await otherOrdersOn(ctx, outs);
    const also = others.length > 0 ? ` (open orders on the same domain: ${others.join(", ")})` : "";
    ctx.sayOnce(
      `order ${outs.orderId}: the DCV token of ${ending.dnsName} ends ${ending.expires}; looks at it again${also}`,
      inputs.__urn,
    );
    return true;
  }
  return (await isReissueDecided(ctx, outs, inputs)) || proofsMoved(ctx, outs, inputs);
}

/** A reissue that waited for approval has no certificate and no proofs before that. */
async function isReissueDecided(ctx: Context, outs: OrderOutputs, inputs: OrderInputs): Promise<boolean> {
  const waiting = outs.requests.filter(({ status }) => isOpenRequest(status));
  if (outs.status !== "reissue_pending" || waiting.length === 0) return false;
  const { requests } = await ctx.orderInfo(outs.orderId);
  const decided = requests.find(({ id, status }) => !isOpenRequest(status) && waiting.some((known) => known.id === id));
  if (decided) ctx.sayOnce(`order ${outs.orderId}: reissue request ${decided.id} is ${decided.status}`, inputs.__urn);
  return decided !== undefined;
}

/** What another order, the console or time did to the proofs; asked when they were last seen over six hours ago. */
async function proofsMoved(ctx: Context, outs: OrderOutputs, inputs: OrderInputs): Promise<boolean> {
  if (outs.status === "needs_approval" || containsUnknown(inputs.dcvMethod)) return false;
  const age = ctx.client.now().getTime() - Date.parse(outs.__seenAt ?? "1970-01-01");
  if (age < 6 * hour) return false;
  const say = (text: string) => ctx.sayOnce(`order ${outs.orderId}: ${text}`, inputs.__urn);
  const method = inputs.dcvMethod ?? "email";
  for (const known of outs.domains.filter(({ status }) => status !== "active")) {
    const domain = await ctx.domainInfo(known.id).catch(ignoreRefusal);
    if (!domain?.isPendingValidation) continue;
    const isOther = domain.dcvMethod !== undefined && domain.dcvMethod !== method;
    if (isOther) warnOfOtherMethod(ctx, domain, method, inputs.__urn);
    const token = domain.dcvMethod === "email" ? undefined : domain.token?.token;
    const hasEnded = !isOther && method !== "email" && isTokenEnding(ctx, domain, known.token);
    if (token === known.token && !hasEnded) continue;
    say(`the DCV token of ${known.dnsName} has changed or ended; looks at it again`);
    return true;
  }
  const settled = outs.domains.filter(({ status }) => status === "active");
  if (settled.length === 0) return false;
  const validation = await ctx.orderValidation(outs.orderId).catch(ignoreRefusal);
  const ended = validation?.domainValidations.find(
    ({ domainId, status }) => !isValidated(status) && settled.some(({ id }) => id === domainId),
  );
  if (ended) say(`the proof of ${ended.name} has ended; it must be proved again`);
  return ended !== undefined;
}

function endingTokens(ctx: Context, outs: OrderOutputs) {
  const soon = ctx.client.now().getTime() + tokenMargin;
  return outs.domains.filter(
    ({ expires, status }) => expires !== undefined && status !== "active" && new Date(expires).getTime() < soon,
  );
}

function ignoreRefusal(error: unknown): undefined {
  if (error instanceof CertCentralError && error.kind === "refused") return undefined;
  throw error;
}
