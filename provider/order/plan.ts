import type { OrderInfo } from "../certcentral/orders";
import { agrees, type Change, changed, type Effect, type Phase } from "../changes";
import { BimiError, type Context } from "../context";
import type { Props } from "../lifecycle";
import { orderChanges } from "./changes";
import { otherOrdersOn } from "./domainControl";
import { dueOf } from "./due";
import type { OrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { otherDetails } from "./organization";
import type { OrderOutputs } from "./outputs";
import type { Ensured } from "./place";
import { mayNotBuy, priceOf, warnOfNoLogo } from "./purchase";
import { setOf } from "./reissue";
import { otherOrdersWithLogo } from "./sharedLogo";
import { isDead, isInForce, isIssued, isPending } from "./status";

/** The one act of an update that moves the order or its certificate. */
export type Act =
  | { kind: "none" }
  /** Another order is taken over, without a write. */
  | { kind: "adopt" }
  /** The order ended and nobody allowed a new one. */
  | { kind: "dead" }
  /** The order ended, and `reorderAfter` allows the next one. */
  | { kind: "reorder" }
  /** A run that crashed had placed the next one. */
  | { kind: "found"; found: Ensured }
  | { kind: "renew" }
  /** The order was renewed already: that order takes its place. */
  | { kind: "follow"; info: OrderInfo }
  | { kind: "successor"; why: readonly string[] }
  | { kind: "reissue"; adds: readonly string[]; prepaid: boolean; isThere?: "issued" | "pending" };

/** What an update does, and why; a preview says it. */
export interface Plan {
  status: string;
  act: Act;
  /** Written to DigiCert in place. */
  amend: readonly Change[];
  /** Only we read them. */
  settings: readonly Change[];
  /** They hold later: with the next order, validation, or once approved. */
  later: readonly Change[];
  /** It is time to renew, and nobody told us to. */
  renewalDue: boolean;
  /** It is time to renew, but the order is being reissued. */
  renewalWaits: boolean;
  /** The reissue that was paid for is due, but DigiCert rejected it or somebody canceled it. */
  reissueRejected: boolean;
}

export function isPlanned({ act, amend, settings }: Plan): boolean {
  return act.kind !== "none" || amend.length > 0 || settings.length > 0;
}

/** Whether it costs money: an order, its approval, or a reissue that adds a name. */
export function buys({ act, amend }: Plan, { skipApproval }: OrderInputs): boolean {
  if (act.kind === "reissue") return act.adds.length > 0 && act.isThere === undefined;
  if (["successor", "reorder", "renew"].includes(act.kind)) return true;
  return skipApproval !== false && amend.some(({ change }) => change === "approval");
}

/** Nothing but what only we read: no call is needed. */
export function isCallLess({ act, amend, settings }: Plan): boolean {
  return settings.length > 0 && act.kind === "none" && amend.length === 0;
}

/**
 * From the inputs, the state and, where it was asked, what DigiCert says of the order.
 * @throws BimiError for what cannot be done: the preview refuses it
 */
export async function planUpdate(
  ctx: Context,
  kind: OrderKind,
  outs: OrderOutputs,
  inputs: OrderInputs,
  info?: OrderInfo,
): Promise<Plan> {
  const status = info?.status ?? outs.status;
  const found = await changesOf(ctx, outs, inputs, phaseOf(status));
  const having = (...effects: Effect[]) => found.filter(({ effect }) => effects.includes(effect));
  const plan = {
    status,
    amend: [...having("inPlace"), ...repairs(outs, inputs, status)],
    settings: having("setting"),
    later: having("nextOrder", "whenApproved", "nextValidation"),
    renewalDue: false,
    renewalWaits: false,
    reissueRejected: false,
  };
  const becoming = (act: Act, amend: readonly Change[] = []): Plan => ({ ...plan, act, amend });

  if (having("adopt").length > 0) return becoming({ kind: "adopt" });
  const seen = { ...outs, status, ...datesOf(info) };
  const due = dueOf(seen, inputs, ctx.now);
  if (isDead(status)) {
    const act = inputs.reorderAfter === outs.orderId ? "reorder" : due === "renewal" ? "renew" : "dead";
    return { ...becoming({ kind: act }), later: [] };
  }
  const successor = having("successor");
  if (successor.length > 0) {
    // The state may be old: with a key, DigiCert says whether the renewal is pending still.
    if (info || !ctx.hasKey) assertNoPendingRenewal(kind, { ...outs, status }, successor, info);
    return becoming({ kind: "successor", why: successor.flatMap(({ inputs }) => inputs) });
  }
  if (having("reissue").length > 0) {
    const before = outs.domains.map(({ dnsName }) => dnsName);
    const known = info && info.certificate.dnsNames.length > 0 ? info.certificate.dnsNames : before;
    if (info && isIssued(status) && setOf(info.certificate.dnsNames) === setOf(inputs.dnsNames))
      return becoming({ kind: "reissue", adds: [], prepaid: false, isThere: "issued" }, plan.amend);
    return becoming({ kind: "reissue", adds: added(known, inputs.dnsNames), prepaid: false }, plan.amend);
  }
  if (due === "renewal") return becoming({ kind: "renew" }, plan.amend);
  if (due === "reissue" && !wasReissued(outs, info)) {
    return becoming({ kind: "reissue", adds: [], prepaid: true }, plan.amend);
  }
  const renewalWaits =
    status === "reissue_pending" && dueOf({ ...seen, status: "issued" }, inputs, ctx.now) === "renewal";
  return {
    ...plan,
    act: { kind: "none" },
    renewalWaits,
    renewalDue: due === "renewalDue",
    reissueRejected: due === "reissue",
  };
}

export function phaseOf(status: string): Phase {
  if (status === "needs_approval") return "unapproved";
  if (status === "reissue_pending") return "reissuing";
  return isIssued(status) ? "issued" : "pending";
}

function datesOf(info: OrderInfo | undefined) {
  if (!info || !isInForce(info.status)) return {};
  return {
    ...(info.orderValidTill === undefined ? {} : { orderValidTill: info.orderValidTill }),
    ...(info.certificate.validTill === undefined ? {} : { certificateValidTill: info.certificate.validTill }),
  };
}

/** A prepaid reissue that DigiCert rejected is not asked for again and again. */
function wasReissued({ __reissued, certificateId }: OrderOutputs, info: OrderInfo | undefined): boolean {
  if (!__reissued || __reissued.doubtSince !== undefined) return false;
  return __reissued.certificateId === (info?.certificate.id ?? certificateId);
}

function added(before: readonly string[], names: readonly string[]): string[] {
  const known = setOf(before).split(", ");
  return setOf(names)
    .split(", ")
    .filter((name) => !known.includes(name));
}

/** While an order is pending, what a refresh found to be changed behind our back is written again. */
function repairs(outs: OrderOutputs, inputs: OrderInputs, status: string): Change[] {
  if (!isPending(status) || phaseOf(status) !== "pending") return [];
  return (["logo", "trademark"] as const)
    .filter((what) => inputs[what] !== undefined && outs.drift?.some((found) => found.startsWith(`${what}:`)))
    .map((what) => ({ change: what, effect: "inPlace", inputs: [what] }));
}

/** The table's changes; an organization that is spelled differently, or an order that we have, is none. */
async function changesOf(ctx: Context, outs: OrderOutputs, inputs: OrderInputs, phase: Phase): Promise<Change[]> {
  const props: Props = outs.orderId === inputs.adoptOrderId ? { ...inputs, adoptOrderId: undefined } : { ...inputs };
  const found = changed(orderChanges, { ...outs }, props, phase);
  const keep = await Promise.all(
    found.map(async ({ change }) => change !== "organization" || !(await isSameOrganization(ctx, outs, inputs))),
  );
  const isProved = outs.domains.length > 0 && outs.domains.every(({ status }) => status === "active");
  return found.filter((_, index) => keep[index]).map((change) => (isProved ? onceOpen(change) : change));
}

/** How domains are proved matters once one of them is open again. */
function onceOpen(change: Change): Change {
  const isControl = change.change === "dcvMethod" || change.change === "dcvEmails";
  return isControl && change.effect === "inPlace" ? { ...change, effect: "nextValidation" } : change;
}

/** Details that say what DigiCert has, or the id in place of details, are the same organization. */
async function isSameOrganization(
  ctx: Context,
  { orderId, organizationId, accountId, origin }: OrderOutputs,
  { organization }: OrderInputs,
): Promise<boolean> {
  if (organizationId === undefined) {
    throw new BimiError(
      "organization_unknown",
      `Order ${orderId}: organization changed in the inputs, and DigiCert does not say which organization the order has. Nothing was changed, since a new order may be wrong. Put organization back, or adopt an order of the new organization with adoptOrderId.`,
    );
  }
  if (organization.id !== undefined) return organization.id === organizationId;
  if (!ctx.hasKey) return false;
  await ctx.bind(`Order ${orderId}`, { accountId, origin });
  return otherDetails(organization, await ctx.organizationInfo(organizationId)).length === 0;
}

/** DigiCert links one order to a renewed one: a successor would lose the link, and be paid in full. */
function assertNoPendingRenewal(
  kind: OrderKind,
  { orderId, status, renewedOrderId, isRenewal }: OrderOutputs,
  changes: readonly Change[],
  info: OrderInfo | undefined,
): void {
  const renewed = info?.renewedOrderId ?? renewedOrderId;
  if (isInForce(status) || !(info?.isRenewal ?? isRenewal) || renewed === undefined) return;
  throw new BimiError(
    "renewal_pending",
    `${kind.type} ${orderId} is the pending renewal of order ${renewed}; ${changes.flatMap(({ inputs }) => inputs).join(", ")} cannot change before it is issued, since a new order could not be linked to ${renewed} as long as this one lives. Nothing was changed. Wait for it; or cancel it in CertCentral and set reorderAfter: ${orderId}, which renews ${renewed} anew.`,
  );
}

const laterText: Partial<Record<Effect, string>> = {
  nextOrder: "holds for the next order",
  whenApproved: "is made once the order is approved",
  nextValidation: "holds when its domains are validated the next time",
};

/** Says on the resource's row what the plan does. Nothing is asked without a key. */
export async function sayPlan(
  ctx: Context,
  plan: Plan,
  outs: OrderOutputs,
  inputs: OrderInputs,
  info?: OrderInfo,
): Promise<void> {
  const { orderId } = outs;
  const say = (text: string) => ctx.sayOnce(`order ${orderId}: ${text}`, inputs.__urn);
  for (const { effect, inputs: names } of plan.later) say(`the change of ${names.join(", ")} ${laterText[effect]}.`);
  const price = `; ${priceOf(info)}`;
  const mayNot = mayNotBuy(ctx);
  switch (plan.act.kind) {
    case "adopt":
      say(`order ${inputs.adoptOrderId} is taken over in its place; nothing is written or ordered.`);
      break;
    case "found":
      say(`order ${plan.act.found.orderId}, which an earlier run placed, takes its place; nothing is ordered.`);
      break;
    case "follow":
      say(
        `was renewed already, by order ${plan.act.info.orderId} (${plan.act.info.status}): that order is taken over; nothing is ordered.`,
      );
      break;
    case "successor": {
      const then = isInForce(plan.status) ? "stays as it is" : "is canceled after that";
      say(
        `${plan.act.why.join(", ")} changed: BUYS a new order in its place${price}. Order ${orderId} (${plan.status}) ${then}.${mayNot}`,
      );
      break;
    }
    case "reorder":
      say(`is ${plan.status}, and reorderAfter allows it: BUYS a new order in its place${price}.${mayNot}`);
      break;
    case "renew":
      say(`ends ${outs.orderValidTill ?? outs.certificateValidTill ?? "soon"}: BUYS its renewal${price}.${mayNot}`);
      break;
    case "reissue":
      if (plan.act.isThere) {
        const there = plan.act.isThere === "issued" ? "its certificate covers" : "it is being reissued for";
        say(`dnsNames changed: ${there} ${setOf(inputs.dnsNames)} already; nothing is asked for.`);
        break;
      }
      say(
        plan.act.prepaid
          ? `its certificate ends ${outs.certificateValidTill}, the order ${outs.orderValidTill}: asks for the next certificate, which is paid for.`
          : `dnsNames changed: reissues the certificate for ${setOf(inputs.dnsNames)}.${plan.act.adds.length > 0 ? ` Adding ${plan.act.adds.join(", ")} may COST money${price}.${mayNot}` : ""}`,
      );
      break;
  }
  if (["successor", "reorder", "renew"].includes(plan.act.kind) && inputs.logo === undefined) warnOfNoLogo(ctx, inputs);
  if (plan.reissueRejected) {
    ctx.warnOnce(
      `order ${orderId}: its certificate ends ${outs.certificateValidTill}, and the reissue that was asked for was rejected or canceled. Settle it with DigiCert and reissue the order in CertCentral; that is followed.`,
      inputs.__urn,
    );
  }
  const repaired = plan.amend.map(({ change }) => `${change}:`);
  for (const found of outs.drift ?? []) {
    if (repaired.some((what) => found.startsWith(what))) continue;
    ctx.warnOnce(`order ${orderId} differs at DigiCert: ${found}.`, inputs.__urn);
  }
  if (plan.renewalDue) {
    say(
      `ends ${outs.orderValidTill ?? outs.certificateValidTill} and can be renewed now. Set renewBefore to let \`pulumi up\` do it, or renew it in CertCentral.`,
    );
  }
  if (plan.renewalWaits) say("is being reissued; its renewal follows once that is done.");
  if (plan.amend.length > 0) await sayAmendments(ctx, plan, outs, inputs, info);
  if (
    plan.later.some(({ change }) => change === "mails") &&
    inputs.autoRenew !== true &&
    turnedOffAutoRenew(outs, inputs)
  ) {
    ctx.warnOnce(
      `order ${orderId}: autoRenew is off for orders to come, but DigiCert renews this one still. Turn it off in CertCentral's console.`,
      inputs.__urn,
    );
  }
}

async function sayAmendments(
  ctx: Context,
  plan: Plan,
  outs: OrderOutputs,
  inputs: OrderInputs,
  info?: OrderInfo,
): Promise<void> {
  if (plan.amend.some(({ change }) => change === "approval") && inputs.skipApproval !== false) {
    const open = outs.requests.filter(({ status }) => status !== "approved" && status !== "rejected");
    ctx.sayOnce(
      `order ${outs.orderId}: approves its request ${open.map(({ id }) => id).join(", ")}, which BUYS it; ${priceOf(info)}.${mayNotBuy(ctx)}`,
      inputs.__urn,
    );
  }
  const names = plan.amend.filter(({ change }) => change !== "approval").flatMap(({ inputs }) => inputs);
  if (names.length === 0) return;
  const others: string[] = [];
  if (ctx.hasKey && info && plan.amend.some(({ change }) => change === "trademark")) {
    const sharing = await otherOrdersWithLogo(ctx, info);
    if (sharing.length > 0)
      others.push(`the trademark is also that of the pending orders with the same logo: ${sharing.join(", ")}`);
  }
  if (ctx.hasKey && plan.amend.some(({ change }) => change === "dcvMethod" || change === "dcvEmails")) {
    const sharing = await otherOrdersOn(ctx, outs);
    if (sharing.length > 0) others.push(`its domains are also those of the open orders ${sharing.join(", ")}`);
  }
  const also = others.length > 0 ? ` (${others.join("; ")})` : "";
  ctx.sayOnce(`order ${outs.orderId}: updates ${[...new Set(names)].join(", ")} at DigiCert${also}.`, inputs.__urn);
}

/** Of the mail settings only hashes are kept: with autoRenew they would be those of before. */
function turnedOffAutoRenew({ __agreed }: OrderOutputs, inputs: OrderInputs): boolean {
  return agrees(orderChanges, __agreed, "mails", { ...inputs, autoRenew: true });
}
