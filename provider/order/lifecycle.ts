import type { z } from "zod";
import { CertCentralError, domains as domainCalls, orders } from "../certcentral";
import type { OrderInfo, PlacedOrder, Product } from "../certcentral/orders";
import { agreedWith, changed } from "../changes";
import { checkInputs, failure } from "../check";
import { BimiError, type Context } from "../context";
import { type Failure, type Lifecycle, PartialStateError, type Props } from "../lifecycle";
import type { DcvMethod } from "../records";
import { orderChanges } from "./changes";
import { type OrderInputs, orderProblems, personalOrderInputs } from "./inputs";
import { logoBytes, resolveLogo } from "./logo";
import { observeOrder } from "./observe";
import type { DoubtfulOutputs, OrderOutputs } from "./outputs";
import { DoubtfulOrderError, differencesFrom, type Ensured, ensureOrder, type Wanted } from "./place";
import { alternativeOrderId } from "./reference";
import { removeOrder } from "./remove";
import { orderRequest, prune } from "./request";
import { isDead, isIssued, isPending } from "./status";

/** What distinguishes the two products. */
export interface OrderKind {
  /** `VmcOrder` or `CmcOrder`. */
  type: string;
  product: Product;
  inputs: z.ZodObject;
  /** Rules that only this product has. */
  problems(news: Props): Failure[];
  /** Said at preview, without stopping it. */
  warnings(news: Props): string[];
}

const day = 24 * 60 * 60 * 1000;
/** A DCV token that ends sooner is replaced. */
const tokenMargin = 3 * day;

/** The life of an order: observe → ensure → sync → return. DigiCert is the truth, the state a cache of it. */
export function orderLifecycle(kind: OrderKind, context: () => Context): Lifecycle {
  const title = (orderId: unknown) => `${kind.type} ${orderId}`;

  return {
    async check(olds, news) {
      const ctx = context();
      const { logo, failures } = resolveLogo(ctx, news.logo, olds.logo);
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
      }
      return { inputs, failures };
    },

    async diff(_id, olds, news) {
      const ctx = context();
      const outs = olds as Partial<OrderOutputs> & Partial<DoubtfulOutputs>;
      if (outs.orderId === undefined) return { changes: true };
      ctx.held.add(outs.orderId);
      const found = changed(orderChanges, olds, news);
      const refused = found.filter(({ effect }) => effect === "refused");
      if (refused.length > 0)
        throw refusal(
          kind,
          outs.orderId,
          refused.flatMap(({ inputs }) => inputs),
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
      return { id: inputs.__reference, outs };
    },

    async read(id, props) {
      const ctx = context();
      if (props.reference === undefined) return get(ctx, id, props);
      const outs = props as OrderOutputs;
      if (outs.orderId === undefined) return { id, props };
      await ctx.bind(title(outs.orderId), props);
      const info = await existing(ctx, outs.orderId);
      return { id, props: await sync(ctx, outs, { info }) };
    },

    async update(id, olds, news) {
      const ctx = context();
      const inputs = news as OrderInputs;
      const outs = olds as Partial<OrderOutputs> & Partial<DoubtfulOutputs>;
      if (outs.orderId === undefined) {
        await ctx.bind(`${kind.type} ${id}`, olds);
        return { outs: await order(ctx, inputs, outs.reference ?? inputs.__reference, outs) };
      }
      const settings = prune({ ...olds, onDelete: inputs.onDelete, note: inputs.note });
      const onlySettings = changed(orderChanges, olds, news).some(({ effect }) => effect === "setting");
      if (onlySettings && !ctx.hasKey) return { outs: settings };
      if (onlySettings && !(await hasNews(ctx, outs as OrderOutputs, news))) return { outs: settings };
      await ctx.bind(title(outs.orderId), olds);
      const info = await existing(ctx, outs.orderId);
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
  ): Promise<Props> {
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
      formerPrefixes: prefix === reference ? [] : [reference],
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
      reference,
      ...bound,
      ...settings,
      orderId: ensured.orderId,
      placedAlternativeOrderId: ensured.alternativeOrderId,
      ...(typeof inputs.logo === "object" ? { logoSha256: inputs.logo.sha256 } : {}),
      history: ensured.history,
      __n: ensured.n,
      __agreed: agreedWith(orderChanges, { ...inputs }),
    };
    return observed(ctx, inputs, base, ensured);
  }

  async function observed(
    ctx: Context,
    inputs: OrderInputs,
    base: Props & { orderId: number; reference: string },
    found: { placed?: PlacedOrder; info?: OrderInfo },
  ) {
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
        inputs.adoptOrderId === undefined ? base.reference : String(base.orderId),
        known,
        { cause: error },
      );
    }
  }

  /** Takes an order of the account under management without writing anything. */
  async function adopt(ctx: Context, inputs: OrderInputs) {
    const orderId = inputs.adoptOrderId!;
    const bound = await ctx.bind(title(orderId), {});
    const info = await existing(ctx, orderId);
    const differences = await differencesFrom(ctx.client, { product: kind.product, inputs }, info, { logo: false });
    if (differences.length > 0) {
      throw new BimiError(
        "adopt_differs",
        `${title(orderId)} cannot be adopted: ${differences.join("; ")}. Nothing was changed. Make the inputs agree, or name another order.`,
      );
    }
    const base = prune({
      reference: inputs.__reference,
      ...bound,
      orderId,
      placedAlternativeOrderId: info.alternativeOrderId,
      ...(typeof inputs.logo === "object" ? { logoSha256: inputs.logo.sha256 } : {}),
      onDelete: inputs.onDelete,
      note: inputs.note,
      history: [],
      __n: 0,
      __agreed: agreedWith(orderChanges, { ...inputs }),
    });
    ctx.held.add(orderId);
    return { id: String(orderId), outs: await observed(ctx, inputs, base, { info }) };
  }

  /** `VmcOrder.get(name, id)`: the id is the order's number, or a reference. */
  async function get(ctx: Context, id: string, props: Props) {
    const bound = await ctx.bind(`${kind.type} ${id}`, {});
    const orderId = /^\d+$/.test(id) ? Number(id) : await latestOf(ctx, id);
    const info = await existing(ctx, orderId);
    const facts = await observeOrder(ctx.client, orderId, { info });
    return {
      id,
      props: { ...facts, reference: String(props.__reference ?? id), ...bound, history: [], __n: 0, __agreed: {} },
    };
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

  /** DigiCert answers "not found" for orders of other accounts too, so it never means that the order is gone. */
  async function existing(ctx: Context, orderId: number): Promise<OrderInfo> {
    try {
      return await orders.info(ctx.client, orderId);
    } catch (error) {
      if (!(error instanceof CertCentralError) || !error.notFound) throw error;
      throw new BimiError(
        "order_not_visible",
        `${title(orderId)}: the API key does not see this order (${error.status} ${error.code}). It is of another account or division, or the key lost its permission; the state is left as it was. Use a key that sees the order.`,
        { cause: error },
      );
    }
  }

  /** Whether DigiCert has news that the order's own outputs must take up: approved, issued, dead, or a token that ends. */
  async function hasNews(ctx: Context, outs: OrderOutputs, news: Props): Promise<boolean> {
    if (!isPending(outs.status) || !ctx.hasKey) return false;
    await ctx.bind(title(outs.orderId), { ...outs });
    if (endingTokens(ctx, outs).length > 0) return true;
    const listed = await ctx.pendingOrders();
    const status = listed.get(outs.orderId) ?? (await existing(ctx, outs.orderId)).status;
    const moved =
      isIssued(status) ||
      isDead(status) ||
      (outs.status === "needs_approval" && status !== "needs_approval") ||
      outs.status === "unknown";
    if (moved) ctx.sayOnce(`order ${outs.orderId}: ${outs.status} -> ${status}`, news.__urn as string | undefined);
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

function doubtfulPrefix({ placedAlternativeOrderId, __n }: Partial<DoubtfulOutputs>): string | undefined {
  return placedAlternativeOrderId?.slice(0, -String(__n).length);
}

function isFirst(olds: Props): boolean {
  return Object.keys(olds).length === 0;
}

/** A preview cannot refuse what only an update would do, so it says it. */
function announceOrder(ctx: Context, inputs: Props): void {
  if (ctx.mayOrder) return;
  ctx.sayOnce(
    "would order, but this stack may not buy yet: run `pulumi config set bimi:allowOrders true` first.",
    inputs.__urn as string | undefined,
  );
}

function isLiteralCard(card: unknown): boolean {
  return card !== null && typeof card === "object" && Object.keys(card).some((key) => key !== "fromEnv");
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

function refusal(kind: OrderKind, orderId: number, inputs: readonly string[]): BimiError {
  return new BimiError(
    "change_refused",
    `${kind.type}: order ${orderId} is placed, and this version cannot change ${inputs.join(", ")} of a placed order. Nothing was changed. Put ${inputs.length > 1 ? "them" : "it"} back, or declare a new ${kind.type} under another name (a new order).`,
  );
}
