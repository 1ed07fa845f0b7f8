import { domains as domainCalls, orders } from "../certcentral";
import type { OrderInfo, PlacedOrder } from "../certcentral/orders";
import { agreedWith, changed } from "../changes";
import { checkInputs, failure } from "../check";
import { BimiError, type Context } from "../context";
import { type Failure, type Lifecycle, PartialStateError, type Props } from "../lifecycle";
import type { DcvMethod } from "../records";
import { containsUnknown, isUnknown } from "../unknown";
import { orderChanges } from "./changes";
import { type OrderInputs, orderProblems, personalOrderInputs } from "./inputs";
import type { OrderKind } from "./kind";
import { logoBytes, logoOfOrder, resolveLogo } from "./logo";
import { observeOrder, visibleOrder } from "./observe";
import type { DoubtfulOutputs, OrderOutputs } from "./outputs";
import { DoubtfulOrderError, differencesFrom, type Ensured, ensureOrder, type Wanted } from "./place";
import { alternativeOrderId } from "./reference";
import { removeOrder } from "./remove";
import { orderRequest, prune } from "./request";
import { isDead, isInForce, isPending } from "./status";

const day = 24 * 60 * 60 * 1000;
/** A DCV token that ends sooner is replaced. */
const tokenMargin = 3 * day;

/** The life of an order: observe → ensure → sync → return. DigiCert is the truth, the state a cache of it. */
export function orderLifecycle(kind: OrderKind, context: () => Context): Lifecycle {
  const title = (orderId: unknown) => `${kind.type} ${orderId}`;

  return {
    async check(olds, news) {
      const ctx = context();
      const { logo, failures } = resolveLogo(ctx, news.logo, olds.logo, news.__urn as string | undefined);
      const inputs: Props = prune({ ...news, logo });
      failures.push(...literalCard(news.creditCard));
      const checked = isLiteralCard(news.creditCard) ? { ...news, creditCard: undefined } : news;
      failures.push(
        ...checkInputs(kind.inputs, checked, personalOrderInputs),
        ...orderProblems(news),
        ...kind.problems(news),
      );
      if (failures.length === 0) {
        for (const warning of kind.warnings(news)) ctx.log.warn(warning, inputs.__urn as string | undefined);
        if (isFirst(olds) && news.adoptOrderId === undefined) announceOrder(ctx, inputs);
        if (isFirst(olds) && news.adoptOrderId !== undefined) failures.push(...(await announceAdoption(ctx, inputs)));
      }
      return { inputs, failures };
    },

    async diff(_id, olds, news) {
      const ctx = context();
      const outs = olds as Partial<OrderOutputs> & Partial<DoubtfulOutputs>;
      if (outs.orderId === undefined) return { changes: true };
      ctx.hold(outs.orderId, news.__urn as string | undefined);
      // Imported, and not compared with the inputs yet: the update does that.
      if (outs.__agreed === undefined) return { changes: true };
      const found = changesOf(outs, news);
      const refused = found.filter(({ effect }) => effect === "refused");
      if (refused.length > 0)
        throw refusal(
          kind,
          outs.orderId,
          refused.flatMap(({ inputs }) => inputs),
          news.__urn,
        );
      for (const { inputs } of found.filter(({ effect }) => effect === "nextOrder")) {
        ctx.sayOnce(
          `order ${outs.orderId}: the change of ${inputs.join(", ")} holds for the next order.`,
          news.__urn as string,
        );
      }
      if (found.some(({ effect }) => effect === "setting")) return { changes: true };
      return { changes: await hasNews(ctx, outs as OrderOutputs, news) };
    },

    async create(props) {
      const ctx = context();
      const inputs = props as OrderInputs;
      if (inputs.adoptOrderId !== undefined) return adopt(ctx, inputs);
      const outs = await order(ctx, inputs, inputs.__reference);
      return { id: outs.reference, outs };
    },

    async read(id, props) {
      const ctx = context();
      if (props.reference === undefined) return get(ctx, id, props);
      const outs = props as OrderOutputs;
      if (outs.orderId === undefined) return { id, props };
      await ctx.bind(title(outs.orderId), props);
      const info = await visibleOrder(ctx, title(outs.orderId), outs.orderId);
      return { id, props: await sync(ctx, outs, { info }) };
    },

    async update(id, olds, news) {
      const ctx = context();
      const inputs = news as OrderInputs;
      const outs = olds as Partial<OrderOutputs> & Partial<DoubtfulOutputs>;
      if (outs.orderId === undefined) {
        await ctx.bind(`${kind.type} ${id}`, olds);
        const reference = outs.reference ?? inputs.__reference;
        if (inputs.adoptOrderId !== undefined) return adopt(ctx, { ...inputs, __reference: reference }, id);
        return { outs: await order(ctx, inputs, reference, outs) };
      }
      if (outs.__agreed === undefined)
        return { outs: (await adopt(ctx, { ...inputs, adoptOrderId: outs.orderId }, id)).outs };
      const settings = prune({ ...olds, onDelete: inputs.onDelete, note: inputs.note });
      const isSetting = changesOf(outs, news).some(({ effect }) => effect === "setting");
      // A setting must not fail for lack of a key or of DigiCert; what is new there waits for the next update.
      if (isSetting && outs.status !== "unknown") return { outs: settings };
      await ctx.bind(title(outs.orderId), olds);
      const info = await visibleOrder(ctx, title(outs.orderId), outs.orderId);
      return {
        outs: await sync(ctx, settings as OrderOutputs, {
          info,
          renewTokens: true,
          dcvMethod: inputs.dcvMethod ?? "email",
        }),
      };
    },

    async delete(id, props) {
      await removeOrder(context(), kind, id, props);
    },
  };

  /** Finds or places the order and returns its outputs; keeps the number in the state whatever fails afterwards. */
  async function order(
    ctx: Context,
    inputs: OrderInputs,
    reference: string,
    doubt: Partial<DoubtfulOutputs> = {},
  ): Promise<Props & { reference: string }> {
    ctx.assertMayOrder();
    // A doubtful order goes on under the id it was sent with, whatever the inputs say by now.
    const prefix = doubtfulPrefix(doubt) ?? inputs.alternativeOrderId ?? reference;
    const bound = await ctx.bind(kind.type, {});
    const settings = prune({ onDelete: inputs.onDelete, note: inputs.note });
    const wanted: Wanted = {
      product: kind.product,
      inputs,
      prefix,
      request: (id) =>
        orderRequest(inputs, typeof inputs.logo === "object" ? logoBytes(ctx, inputs.logo) : undefined, id),
      formerPrefixes: [reference, ...(inputs.__formerReferences ?? [])].filter((former) => former !== prefix),
      ...(doubt.doubtSince === undefined ? {} : { doubtSince: new Date(doubt.doubtSince) }),
    };
    let ensured: Ensured;
    try {
      ensured = await ensureOrder(ctx, wanted);
    } catch (error) {
      if (!(error instanceof DoubtfulOrderError)) throw error;
      const kept: DoubtfulOutputs = {
        reference,
        ...bound,
        placedAlternativeOrderId: alternativeOrderId(prefix, error.n),
        doubtSince: error.since.toISOString(),
        ...settings,
        __n: error.n,
      };
      throw new PartialStateError(error.message, reference, { ...kept }, { cause: error });
    }
    const base = {
      // An order that was placed before a rename keeps the reference it was placed under.
      reference: inputs.__formerReferences?.includes(ensured.prefix) ? ensured.prefix : reference,
      ...bound,
      ...settings,
      orderId: ensured.orderId,
      placedAlternativeOrderId: ensured.alternativeOrderId,
      ...(typeof inputs.logo === "object" ? { logoSha256: inputs.logo.sha256 } : {}),
      history: ensured.history,
      __n: ensured.n,
      __agreed: agreedWith(orderChanges, { ...inputs }),
    };
    return observed(ctx, base.reference, inputs, base, ensured);
  }

  async function observed(
    ctx: Context,
    id: string,
    inputs: OrderInputs,
    base: Props & { orderId: number; reference: string },
    found: { placed?: PlacedOrder; info?: OrderInfo },
  ): Promise<Props & { reference: string }> {
    try {
      const facts = await observeOrder(ctx.client, base.orderId, {
        ...found,
        dnsNames: inputs.dnsNames,
        dcvMethod: inputs.dcvMethod ?? "email",
      });
      return { ...facts, ...base };
    } catch (error) {
      const known = { status: "unknown", requests: [], domains: [], dcvRecords: [], isRenewal: false, ...base };
      throw new PartialStateError(
        `${kind.type}: order ${base.orderId} exists, but looking at it failed: ${(error as Error).message} The order is kept in the state; run \`pulumi up\` again.`,
        id,
        known,
        { cause: error },
      );
    }
  }

  /** What an adoption would take over, or why it cannot; said before anything is done. */
  async function announceAdoption(ctx: Context, props: Props): Promise<Failure[]> {
    const inputs = props as OrderInputs;
    if (!ctx.hasKey || containsUnknown(props)) return [];
    try {
      const { status } = await adoptable(ctx, inputs);
      ctx.sayOnce(`adopts order ${inputs.adoptOrderId} (${status}); nothing is ordered.`, inputs.__urn);
      return [];
    } catch (error) {
      if (error instanceof BimiError) return [{ property: "adoptOrderId", reason: error.message }];
      throw error;
    }
  }

  /** The order to adopt, if it lives and agrees in product, organization and domains. */
  async function adoptable(ctx: Context, inputs: OrderInputs): Promise<OrderInfo> {
    const orderId = inputs.adoptOrderId!;
    await ctx.bind(title(orderId), {});
    const info = await visibleOrder(ctx, title(orderId), orderId);
    if (isDead(info.status)) {
      throw new BimiError(
        "adopt_dead",
        `${title(orderId)} cannot be adopted: it is ${info.status}. Nothing was changed. Name a live order, or remove adoptOrderId to order anew.`,
      );
    }
    const differences = await differencesFrom(ctx.client, { product: kind.product, inputs }, info);
    if (differences.some(({ what }) => what !== "logo" && what !== "trademark")) {
      throw new BimiError(
        "adopt_differs",
        `${title(orderId)} cannot be adopted: ${differences.map(({ text }) => text).join("; ")}. Nothing was changed. Make the inputs agree, or name another order.`,
      );
    }
    for (const { text } of differences) ctx.sayOnce(`order ${orderId} is adopted as it is: ${text}.`, inputs.__urn);
    return info;
  }

  /** Takes an order of the account under management without writing anything. */
  async function adopt(ctx: Context, inputs: OrderInputs, id = String(inputs.adoptOrderId)) {
    const orderId = inputs.adoptOrderId!;
    const bound = await ctx.bind(title(orderId), {});
    const info = await adoptable(ctx, inputs);
    const theirLogo = await logoOfOrder(ctx.client, info);
    const base = prune({
      reference: inputs.__reference,
      ...bound,
      orderId,
      placedAlternativeOrderId: info.alternativeOrderId,
      logoSha256:
        theirLogo === "none"
          ? undefined
          : (theirLogo ?? (typeof inputs.logo === "object" ? inputs.logo.sha256 : undefined)),
      onDelete: inputs.onDelete,
      note: inputs.note,
      history: [],
      __n: 0,
      __agreed: agreedWith(orderChanges, { ...inputs }),
    });
    ctx.hold(orderId, inputs.__urn);
    return { id, outs: await observed(ctx, id, inputs, base, { info }) };
  }

  /** `VmcOrder.get(name, id)`: the id is the order's number, or a reference. */
  async function get(ctx: Context, id: string, props: Props) {
    const bound = await ctx.bind(`${kind.type} ${id}`, {});
    const orderId = /^\d+$/.test(id) ? Number(id) : await latestOf(ctx, id);
    const info = await visibleOrder(ctx, title(orderId), orderId);
    const facts = await observeOrder(ctx.client, orderId, { info });
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

  /** Whether DigiCert has news that the order's own outputs must take up: approved, issued, dead, or a token that ends. */
  async function hasNews(ctx: Context, outs: OrderOutputs, news: Props): Promise<boolean> {
    if (!isPending(outs.status) || !ctx.hasKey) return false;
    await ctx.bind(title(outs.orderId), { ...outs });
    const [ending] = endingTokens(ctx, outs);
    if (ending) {
      ctx.sayOnce(
        `order ${outs.orderId}: the DCV token of ${ending.dnsName} ends ${ending.expires}; looks at it again`,
        news.__urn as string | undefined,
      );
      return true;
    }
    const listed = await ctx.pendingOrders();
    const status = listed.get(outs.orderId) ?? (await ctx.orderInfo(outs.orderId)).status;
    const moved =
      (isInForce(status) && !isInForce(outs.status)) ||
      isDead(status) ||
      (outs.status === "needs_approval" && status !== "needs_approval") ||
      outs.status === "unknown";
    if (moved) ctx.sayEvent(`order ${outs.orderId}: ${outs.status} -> ${status}`, news.__urn as string | undefined);
    return moved;
  }

  function endingTokens(ctx: Context, outs: OrderOutputs) {
    const soon = ctx.client.now().getTime() + tokenMargin;
    return outs.domains.filter(
      ({ expires, status }) => expires !== undefined && status !== "active" && new Date(expires).getTime() < soon,
    );
  }

  /** The outputs as DigiCert sees the order now; what the resource itself decided stays. */
  async function sync(
    ctx: Context,
    outs: OrderOutputs,
    {
      info,
      renewTokens,
      dcvMethod = publishedMethod(outs),
    }: { info: OrderInfo; renewTokens?: boolean; dcvMethod?: DcvMethod },
  ): Promise<Props> {
    const known = { info, domains: outs.domains, ...(dcvMethod ? { dcvMethod } : {}) };
    let facts = await observeOrder(ctx.client, outs.orderId, known);
    if (renewTokens && isPending(info.status)) {
      const ending = endingTokens(ctx, { ...outs, ...facts } as OrderOutputs);
      for (const domainId of new Set(ending.map(({ id }) => id))) await domainCalls.newToken(ctx.client, domainId);
      if (ending.length > 0) facts = await observeOrder(ctx.client, outs.orderId, { ...known, domains: facts.domains });
    }
    const { certificateValidTill: _, orderValidTill: __, ...kept } = outs;
    return { ...kept, ...facts };
  }
}

/** `read` sees no inputs; the records that were computed tell the method. */
function publishedMethod({ dcvRecords: [record] }: OrderOutputs): DcvMethod | undefined {
  if (!record) return undefined;
  return record.type === "TXT" ? "dns-txt-token" : "dns-cname-token";
}

/** To adopt the order that the resource has is no change. */
function changesOf(outs: Props & { orderId?: number }, news: Props) {
  return changed(orderChanges, outs, outs.orderId === news.adoptOrderId ? { ...news, adoptOrderId: undefined } : news);
}

function doubtfulPrefix({ placedAlternativeOrderId, __n }: Partial<DoubtfulOutputs>): string | undefined {
  return placedAlternativeOrderId?.slice(0, -String(__n).length);
}

function isFirst(olds: Props): boolean {
  return Object.keys(olds).length === 0;
}

/** A preview cannot refuse what only an update would do, so it says it. */
function announceOrder(ctx: Context, inputs: Props): void {
  if (inputs.logo === undefined) {
    ctx.log.warn(
      "orders without a logo: DigiCert issues nothing before one is uploaded in CertCentral, since this version cannot add it to a placed order. Give logo to order it at once.",
      inputs.__urn as string | undefined,
    );
  }
  if (ctx.mayOrder) return;
  ctx.sayOnce(
    "would order, but this stack may not buy yet: run `pulumi config set bimi:allowOrders true` first.",
    inputs.__urn as string | undefined,
  );
}

/** Anything but the name of an environment variable may be a card. */
function isLiteralCard(card: unknown): boolean {
  if (card === null || card === undefined || isUnknown(card)) return false;
  if (typeof card !== "object") return true;
  const { fromEnv, ...rest } = card as Props;
  const isName = fromEnv === undefined || isUnknown(fromEnv) || /^[A-Za-z_][A-Za-z0-9_]*$/.test(String(fromEnv));
  return Object.keys(rest).length > 0 || !isName;
}

function literalCard(card: unknown): Failure[] {
  if (!isLiteralCard(card)) return [];
  return [
    failure(
      "creditCard",
      'a card must be in no program and no state. Put it as JSON into an environment variable and give creditCard: { fromEnv: "NAME" }.',
      personalOrderInputs,
    ),
  ];
}

function refusal(kind: OrderKind, orderId: number, inputs: readonly string[], urn: unknown): BimiError {
  const name = typeof urn === "string" ? urn.split("::").pop() : undefined;
  return new BimiError(
    "change_refused",
    `${kind.type}${name ? ` ${name}` : ""}: order ${orderId} is placed, and this version cannot change ${inputs.join(", ")} of a placed order. Nothing was changed. Put ${inputs.length > 1 ? "them" : "it"} back as ordered; what CertCentral's console or DigiCert's support can change of the order, change there.`,
  );
}
