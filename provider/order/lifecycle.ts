import { isDeepStrictEqual } from "node:util";
import { orders } from "../certcentral";
import type { OrderInfo, PlacedOrder } from "../certcentral/orders";
import { agreedAfter } from "../changes";
import { checkInputs, failure } from "../check";
import { BimiError, type Context } from "../context";
import { type Lifecycle, PartialStateError, type Props } from "../lifecycle";
import type { DcvMethod } from "../records";
import { containsUnknown } from "../unknown";
import { adoptableOrder, adoptedOrder, assertNoneInDoubt } from "./adopt";
import { amendOrder } from "./amend";
import { announceFirstOrder } from "./announce";
import { orderChanges } from "./changes";
import { isLiteralCard, literalCard } from "./creditCard";
import { keepDomainControl } from "./domainControl";
import { driftOf, factsDrift } from "./drift";
import { type CheckedLogo, type OrderInputs, orderProblems, personalOrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { resolveLogo } from "./logo";
import { hasNews } from "./news";
import { observeOrder, visibleOrder } from "./observe";
import type { DoubtfulOutputs, OrderOutputs } from "./outputs";
import { findPlaced, ownOrder } from "./place";
import { type Act, buys, isCallLess, isPlanned, type Plan, planUpdate, sayPlan } from "./plan";
import { alternativeOrderId } from "./reference";
import { DoubtfulReissueError, ensureReissue, isBeingReissued } from "./reissue";
import { removeOrder } from "./remove";
import { renewalOf } from "./renewal";
import { prune } from "./request";
import { trademarkConflict } from "./sharedLogo";
import { isInForce, isIssued, isPending } from "./status";
import {
  cancelPredecessors,
  doubtOf,
  keepingState,
  observed,
  placeOrder,
  settingsOf,
  successor,
  takeOver,
  wantedOrder,
} from "./succession";

/** The life of an order: observe → ensure → sync → return. DigiCert is the truth, the state a cache of it. */
export function orderLifecycle(kind: OrderKind, context: () => Context): Lifecycle {
  const title = (orderId: unknown) => `${kind.type} ${orderId}`;

  return {
    async check(olds, news) {
      const ctx = context();
      const { logo, failures } = await resolveLogo(ctx, news, olds);
      const { __logo: _, ...given } = news;
      const inputs: Props = prune({
        ...given,
        logo,
        __logo: (logo as Partial<CheckedLogo> | undefined)?.sha256?.slice(0, 16),
      });
      failures.push(...literalCard(news.creditCard));
      const checked = isLiteralCard(news.creditCard) ? { ...news, creditCard: undefined } : news;
      failures.push(
        ...checkInputs(kind.inputs, checked, personalOrderInputs),
        ...orderProblems(news),
        ...kind.problems(news),
      );
      if (failures.length === 0) {
        const conflict = trademarkConflict(ctx, logo, news.trademark, news.__urn as string | undefined);
        if (conflict) failures.push(failure("trademark", conflict, personalOrderInputs));
      }
      if (failures.length === 0) {
        for (const warning of kind.warnings(news)) ctx.log.warn(warning, inputs.__urn as string | undefined);
        if (isFirst(olds)) failures.push(...(await announceFirstOrder(ctx, kind, inputs as OrderInputs)));
      }
      return { inputs, failures };
    },

    async diff(_id, olds, news) {
      const ctx = context();
      const inputs = news as OrderInputs;
      const held = olds as Partial<OrderOutputs>;
      if (held.orderId === undefined) {
        if (inputs.adoptOrderId === undefined) ctx.countPurchase(inputs.__urn);
        return { changes: true };
      }
      ctx.hold(held.orderId, inputs.__urn);
      // Imported, and not compared with the inputs yet: the update does that.
      if (held.__agreed === undefined) return { changes: true };
      const outs = held as OrderOutputs;
      const leftOver = outs.__doubt !== undefined || (outs.__cancel?.length ?? 0) > 0;
      let plan = await planUpdate(ctx, kind, outs, inputs);
      let moved = false;
      let info: OrderInfo | undefined;
      if (ctx.hasKey) {
        if (plan.act.kind === "adopt") {
          if (!containsUnknown(news)) await adoptableOrder(ctx, kind, inputs);
        } else if (isPlanned(plan) && !isCallLess(plan)) info = await seen(ctx, outs);
        else if (isPending(outs.status)) {
          moved = await hasNews(ctx, kind, outs, inputs);
          if (moved) info = await seen(ctx, outs);
        }
        if (info) {
          plan = await refined(ctx, outs, inputs, info);
          // What was to be changed, or was due, may have become pointless, because the order moved on.
          moved ||= hasMoved(outs, info);
        }
      }
      await sayPlan(ctx, plan, outs, inputs, info);
      if (buys(plan, inputs)) ctx.countPurchase(inputs.__urn);
      if (plan.act.kind === "dead") {
        warnOfDeath(ctx, outs, inputs, info);
        const isNew = moved || outs.status !== plan.status || plan.settings.length > 0;
        return { changes: failsAtDeath(ctx) || isNew };
      }
      return { changes: leftOver || moved || isPlanned(plan) || plan.renewalDue !== (outs.renewalDue ?? false) };
    },

    async create(props) {
      const ctx = context();
      const inputs = props as OrderInputs;
      if (inputs.adoptOrderId !== undefined) return adopt(ctx, inputs);
      const outs = await placeOrder(ctx, kind, inputs, inputs.__reference, { id: inputs.__reference });
      return { id: outs.reference, outs };
    },

    async read(id, props) {
      const ctx = context();
      if (props.reference === undefined) return get(ctx, id, props);
      const outs = props as OrderOutputs;
      if (outs.orderId === undefined) return { id, props };
      await ctx.bind(title(outs.orderId), props);
      const info = await visibleOrder(ctx, title(outs.orderId), outs.orderId);
      const known = {
        info,
        domains: outs.domains,
        certificateId: outs.certificateId,
        dcvMethod: publishedMethod(outs),
      };
      const facts = await observeOrder(ctx, outs.orderId, prune(known));
      const drift = await driftOf(ctx, outs, info);
      const now = prune({ ...kept(outs), ...facts, renewalDue: outs.renewalDue, drift });
      // To have looked is no change.
      const isSame = isDeepStrictEqual(plainly({ ...now, __seenAt: outs.__seenAt }), plainly(outs));
      return { id, props: isSame ? props : now };
    },

    async update(id, olds, news) {
      const ctx = context();
      const inputs = news as OrderInputs;
      const held = olds as Partial<OrderOutputs> & Partial<DoubtfulOutputs>;
      if (held.orderId === undefined) {
        await ctx.bind(`${kind.type} ${id}`, olds);
        const reference = held.reference ?? inputs.__reference;
        if (inputs.adoptOrderId !== undefined) {
          await assertNoneInDoubt(ctx, kind, doubtOf(held), inputs.adoptOrderId);
          return adopt(ctx, { ...inputs, __reference: reference }, id);
        }
        return { outs: await placeOrder(ctx, kind, inputs, reference, { id, doubt: held }) };
      }
      if (held.__agreed === undefined)
        return { outs: (await adopt(ctx, { ...inputs, adoptOrderId: held.orderId }, id)).outs };
      const before = held as OrderOutputs;
      const outs = prune({ ...before, ...settingsOf(inputs) });
      const planned = await planUpdate(ctx, kind, before, inputs);
      // A setting must not fail for lack of a key or of DigiCert; what is new there waits for the next update.
      if (isCallLess(planned) && before.status !== "unknown" && !isConsent(planned, inputs)) return { outs };
      await ctx.bind(title(outs.orderId), olds);
      if (planned.act.kind === "adopt") {
        await assertNoneInDoubt(ctx, kind, outs.__doubt, inputs.adoptOrderId);
        const info = await adoptableOrder(ctx, kind, inputs);
        return { outs: await takeOver(ctx, kind, id, outs, inputs, info) };
      }
      return { outs: await converge(ctx, id, outs, inputs) };
    },

    async delete(id, props) {
      await removeOrder(context(), kind, id, props);
    },
  };

  /** Carries out what the table of changes and the clock ask for; the order's number stays in the state whatever fails. */
  async function converge(ctx: Context, id: string, known: OrderOutputs, inputs: OrderInputs): Promise<Props> {
    const info = await visibleOrder(ctx, title(known.orderId), known.orderId);
    if (known.__doubt) {
      const found = await findPlaced(
        ctx,
        await wantedOrder(ctx, kind, inputs, known.reference, { id, outs: known, info }),
      );
      if (found) return successor(ctx, kind, inputs, { id, outs: known, info }, found);
    }
    const { __doubt: _, ...outs } = known;
    const plan = await refined(ctx, outs, inputs, info);
    switch (plan.act.kind) {
      case "dead":
        return ended(ctx, id, outs, inputs, info);
      case "found":
        return successor(ctx, kind, inputs, { id, outs, info }, plan.act.found);
      case "follow":
        return follow(ctx, id, outs, inputs, plan, plan.act.info);
      case "renew":
        return placeOrder(ctx, kind, inputs, outs.reference, { id, outs, info, renewalOf: outs.orderId });
      case "reorder":
        return placeOrder(ctx, kind, inputs, outs.reference, { id, outs, info, renewalOf: lostRenewal(info) });
      case "successor":
        return placeOrder(ctx, kind, inputs, outs.reference, { id, outs, info });
      case "reissue":
        return reissue(ctx, id, outs, inputs, info, plan, plan.act);
      default:
        return cancelPredecessors(ctx, kind, id, await sync(ctx, outs, inputs, info, plan), inputs);
    }
  }

  /** The order that renewed ours elsewhere takes its place; what can be changed in place beside that is. */
  async function follow(
    ctx: Context,
    id: string,
    outs: OrderOutputs,
    inputs: OrderInputs,
    plan: Plan,
    info: OrderInfo,
  ) {
    const taken = await takeOver(ctx, kind, id, outs, inputs, info);
    if (plan.amend.length === 0) return taken;
    const unwritten = plan.amend.map(({ change }) => change);
    const rest = Object.keys(orderChanges).filter((change) => !unwritten.includes(change));
    const __agreed = agreedAfter(orderChanges, outs.__agreed, { ...inputs }, rest);
    const known = { ...taken, __agreed } as unknown as OrderOutputs;
    try {
      return await sync(ctx, known, inputs, info, plan);
    } catch (error) {
      throw keepingState(kind, error, id, known, `order ${info.orderId} is taken over`);
    }
  }

  /** A new certificate of the same order; what can be changed in place beside it is. */
  async function reissue(
    ctx: Context,
    id: string,
    outs: OrderOutputs,
    inputs: OrderInputs,
    info: OrderInfo,
    plan: Plan,
    { adds, prepaid }: Extract<Act, { kind: "reissue" }>,
  ) {
    if (adds.length > 0) {
      ctx.assertMayOrder();
      ctx.countPurchase(inputs.__urn);
    }
    const replaced = info.certificate.id ?? outs.certificateId;
    let answer: PlacedOrder | undefined;
    try {
      const doubtSince = outs.__reissued?.doubtSince;
      answer = await ensureReissue(
        ctx,
        {
          title: title(outs.orderId),
          inputs,
          ...(prepaid && outs.certificateValidTill ? { certificateValidTill: outs.certificateValidTill } : {}),
          ...(doubtSince === undefined ? {} : { doubtSince: new Date(doubtSince) }),
        },
        info,
      );
    } catch (error) {
      if (!(error instanceof DoubtfulReissueError)) throw error;
      const __reissued = { doubtSince: error.since.toISOString() };
      throw new PartialStateError(error.message, id, { ...outs, __reissued }, { cause: error });
    }
    const asked = prune({
      ...outs,
      certificateId: answer?.certificateId ?? outs.certificateId,
      __agreed: agreedAfter(orderChanges, outs.__agreed, { ...inputs }, ["dnsNames"]),
      __reissued: answer ? prune({ certificateId: replaced }) : undefined,
    }) as OrderOutputs;
    try {
      ctx.forgetReads();
      const after = await visibleOrder(ctx, title(outs.orderId), outs.orderId);
      return await cancelPredecessors(ctx, kind, id, await sync(ctx, asked, inputs, after, plan, answer), inputs);
    } catch (error) {
      throw keepingState(kind, error, id, asked, `order ${outs.orderId} is being reissued`);
    }
  }

  /** An order that ended: the state takes it up, and somebody has to decide what follows. */
  async function ended(ctx: Context, id: string, outs: OrderOutputs, inputs: OrderInputs, info: OrderInfo) {
    const facts = await observeOrder(
      ctx,
      outs.orderId,
      prune({ info, domains: outs.domains, dcvMethod: inputs.dcvMethod }),
    );
    const now = prune({ ...kept(outs), ...facts });
    const message = deathOf(outs, info);
    if (failsAtDeath(ctx)) throw new PartialStateError(`${kind.type}: ${message}`, id, now);
    ctx.warnOnce(message, inputs.__urn);
    return now;
  }

  function deathOf({ orderId }: OrderOutputs, info: { status: string; notes?: { text: string }[] }): string {
    const notes = info.notes?.map(({ text }) => text).join(" ");
    return `order ${orderId} is ${info.status}${notes ? ` (DigiCert's notes: ${notes})` : ""}. Nothing is ordered in its place without leave. Settle with DigiCert what was wrong; then set reorderAfter: ${orderId} to order anew, or adoptOrderId to go on with another order. \`pulumi config set bimi:onDeadOrder warn\` lets the rest of the stack go on meanwhile.`;
  }

  function warnOfDeath(ctx: Context, outs: OrderOutputs, inputs: OrderInputs, info: OrderInfo | undefined): void {
    ctx.warnOnce(deathOf(outs, info ?? outs), inputs.__urn);
  }

  /** Takes an order of the account under management without writing anything. */
  async function adopt(ctx: Context, inputs: OrderInputs, id = String(inputs.adoptOrderId)) {
    const bound = await ctx.bind(title(inputs.adoptOrderId), {});
    const info = await adoptableOrder(ctx, kind, inputs);
    const base = {
      reference: inputs.__reference,
      ...bound,
      ...settingsOf(inputs),
      history: [],
      ...(await adoptedOrder(ctx, inputs, info)),
    };
    return { id, outs: await observed(ctx, kind, id, inputs, base, { info }) };
  }

  /** `VmcOrder.get(name, id)`: the id is the order's number, or a reference. */
  async function get(ctx: Context, id: string, props: Props) {
    const bound = await ctx.bind(`${kind.type} ${id}`, {});
    const orderId = /^\d+$/.test(id) ? Number(id) : await latestOf(ctx, id);
    const info = await visibleOrder(ctx, title(orderId), orderId);
    const facts = await observeOrder(ctx, orderId, { info });
    const reference = /^\d+$/.test(id) ? undefined : id;
    return { id, props: prune({ ...props, ...facts, reference, ...bound, history: [], __n: 0 }) };
  }

  async function latestOf(ctx: Context, reference: string): Promise<number> {
    let latest: number | undefined;
    for (let n = 1; ; n++) {
      const found = await orders.byAlternativeId(ctx.client, alternativeOrderId(reference, n));
      if (found.length === 0) break;
      latest = Math.max(...found.map(({ orderId }) => orderId));
    }
    if (latest === undefined)
      throw new BimiError(
        "not_found",
        `${kind.type}.get: the account has no order under the reference ${reference}. Give the order's number.`,
      );
    return latest;
  }

  function seen(ctx: Context, outs: OrderOutputs): Promise<OrderInfo> {
    return ctx
      .bind(title(outs.orderId), { ...outs })
      .then(() => visibleOrder(ctx, title(outs.orderId), outs.orderId, () => ctx.orderInfo(outs.orderId)));
  }

  /** The plan as it is once DigiCert was asked: a renewal or a successor may exist, a reissue be under way. */
  async function refined(ctx: Context, outs: OrderOutputs, inputs: OrderInputs, info: OrderInfo): Promise<Plan> {
    const plan = await planUpdate(ctx, kind, outs, inputs, info);
    if (containsUnknown(inputs.dnsNames)) return plan;
    if (plan.act.kind === "reissue" && (await isBeingReissued(ctx, title(outs.orderId), inputs, info)))
      return { ...plan, act: { ...plan.act, adds: [], isThere: "pending" } };
    const wanted = () => wantedOrder(ctx, kind, inputs, outs.reference, { id: outs.reference, outs, info });
    if (plan.act.kind === "dead" && !containsUnknown(inputs)) {
      const found = await findPlaced(ctx, await wanted());
      return found ? { ...plan, act: { kind: "found", found } } : plan;
    }
    if (plan.act.kind !== "renew") return plan;
    const renewal = await renewalOf(ctx, { title: title(outs.orderId), product: kind.product, inputs }, info);
    // The renewal carries what would be written in place.
    if (renewal.kind === "renew") return { ...plan, amend: [] };
    const found = await ownOrder(ctx, await wanted(), renewal.info);
    return found ? { ...plan, act: { kind: "found", found }, amend: [] } : { ...plan, act: renewal };
  }

  /** Writes what is due, and gives the outputs as DigiCert sees the order then; what the resource itself decided stays. */
  async function sync(
    ctx: Context,
    outs: OrderOutputs,
    inputs: OrderInputs,
    before: OrderInfo,
    plan: Plan,
    reissued?: PlacedOrder,
  ): Promise<Props> {
    const changes = plan.amend.map(({ change }) => change);
    const info = await amendOrder(ctx, title(outs.orderId), inputs, before, changes);
    const known = prune({
      info,
      domains: outs.domains,
      dnsNames: inputs.dnsNames,
      dcvMethod: inputs.dcvMethod ?? "email",
      certificateId: outs.certificateId,
      placed: reissued,
    });
    let facts = await observeOrder(ctx, outs.orderId, known);
    const declared = declaredControl(plan);
    if (isPending(info.status)) {
      const ours = facts.domains.map((domain) => {
        const before = outs.domains.find(({ dnsName }) => dnsName === domain.dnsName);
        // A reissue starts the validation of what is no longer proved by itself.
        const wasProved = isPending(outs.status) && before?.status === "active";
        return { ...domain, token: before?.token ?? domain.token, wasProved };
      });
      const what = { method: declared.includes("dcvMethod"), emails: declared.includes("dcvEmails") };
      await keepDomainControl(ctx, outs.orderId, ours, inputs, what);
      facts = await observeOrder(ctx, outs.orderId, { ...known, domains: facts.domains });
    }
    const uploaded = changes.includes("logo") && typeof inputs.logo === "object" ? inputs.logo.sha256 : undefined;
    const logoDrift = uploaded ? [] : (outs.drift ?? []).filter((found) => found.startsWith("logo:"));
    // How domains are proved is a declaration about open ones; where all are proved it waits for the next validation.
    const isOpen = isPending(info.status) && facts.domains.some(({ status }) => status !== "active");
    const done = [...changes.filter((change) => !isControl(change)), ...(isOpen ? declared : [])];
    const agreed = agreedAfter(orderChanges, outs.__agreed, { ...inputs }, done);
    const drift = [...logoDrift, ...factsDrift({ ...outs, __agreed: agreed }, info)];
    return prune({
      ...kept(outs),
      ...facts,
      __reissued: reissueOf(outs, info),
      ...(uploaded ? { logoSha256: uploaded } : {}),
      drift: drift.length > 0 ? drift : undefined,
      renewalDue: plan.renewalDue ? true : undefined,
      __agreed: agreed,
    });
  }
}

/** What is still to be known of the reissue that we asked for; nothing once its certificate is there. */
function reissueOf({ __reissued }: OrderOutputs, { status, certificate }: OrderInfo): OrderOutputs["__reissued"] {
  if (__reissued === undefined) return undefined;
  const replaced = __reissued.certificateId ?? certificate.id;
  if (!isIssued(status)) return prune({ certificateId: replaced });
  // A doubtful one that nobody wants any more, and of which DigiCert shows nothing.
  if (__reissued.doubtSince !== undefined) return undefined;
  return certificate.id !== undefined && certificate.id !== replaced ? undefined : __reissued;
}

/** DigiCert tells of the order what the state does not have. */
function hasMoved(outs: OrderOutputs, { status, certificate }: OrderInfo): boolean {
  const { validTill } = certificate;
  const isNewer = isInForce(status) && validTill !== undefined && validTill !== outs.certificateValidTill;
  return status !== outs.status || isNewer;
}

/** A renewal that was never issued leaves its order to be renewed. */
function lostRenewal({ status, renewedOrderId }: OrderInfo): number | undefined {
  return ["canceled", "rejected", "denied"].includes(status) ? renewedOrderId : undefined;
}

function plainly(props: object): Props {
  return JSON.parse(JSON.stringify(props));
}

/** Outputs that only we decide; what DigiCert tells anew is left out. */
function kept(outs: OrderOutputs): Props {
  const {
    certificateValidTill: _,
    orderValidTill: __,
    __seenAt: ___,
    dcvFiles: ____,
    renewalDue: _____,
    drift: ______,
    ...rest
  } = outs;
  return rest;
}

/** A consent is about what DigiCert says of the order now: the state may not know yet that it ended. */
function isConsent({ settings }: Plan, { reorderAfter }: OrderInputs): boolean {
  return reorderAfter !== undefined && settings.some(({ change }) => change === "reorderAfter");
}

function isControl(change: string): boolean {
  return change === "dcvMethod" || change === "dcvEmails";
}

/** Changes of how domains are proved: of now, and those noted while there was nothing to prove. */
function declaredControl({ amend, later }: Plan): string[] {
  const noted = later.filter(({ effect }) => effect === "nextValidation");
  return [...amend, ...noted].map(({ change }) => change).filter(isControl);
}

function failsAtDeath(ctx: Context): boolean {
  return ctx.settings.onDeadOrder !== "warn";
}

/** `read` sees no inputs; what was computed from them tells the method. */
function publishedMethod({ dcvRecords: [record], dcvFiles }: OrderOutputs): DcvMethod | undefined {
  if (!record) return dcvFiles?.length ? "http-token" : undefined;
  return record.type === "TXT" ? "dns-txt-token" : "dns-cname-token";
}

function isFirst(olds: Props): boolean {
  return Object.keys(olds).length === 0;
}
