import { type CertCentralClient, CertCentralError, orders, organizations, THROTTLE_PATIENCE_MS } from "../certcentral";
import type { OrderInfo, OrderRequest, PlacedOrder, Product } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { assertSees, crashWindow, doubtUntil, lookFor, searchTime } from "../doubt";
import { canonicalDnsName } from "../records";
import { second } from "../time";
import type { OrderInputs } from "./inputs";
import { logoOfOrder } from "./logo";
import { otherDetails } from "./organization";
import { alternativeOrderId } from "./reference";
import { isDead, isInForce } from "./status";

export interface Wanted {
  product: Product;
  inputs: OrderInputs;
  /** The reference, or what `alternativeOrderId` puts in its place. */
  prefix: string;
  /** What else an order of this resource may have been placed under: it is looked for, never ordered under. */
  formerPrefixes?: readonly string[];
  /** Body of the order request, built only when it is about to be sent. */
  request(alternativeOrderId: string): Promise<OrderRequest>;
  /**
   * Whether it may be bought; called once nothing was found, before the order is sent. Gives an order of the resource's own
   * that DigiCert lists although the look-up by its id did not show it.
   */
  assertMayBuy(): Promise<OrderInfo | undefined>;
  /** The order that this one comes after: how many the resource has placed, and which it knows. */
  after?: { n: number; orderIds: readonly number[] };
  /** Since when it has been in doubt whether an order was placed; from an earlier run. */
  doubtSince?: Date;
  /** The user whose key it was sent with. */
  doubtBy?: number;
}

export interface Ensured {
  orderId: number;
  n: number;
  /** The order's alternative id, and what it begins with. */
  alternativeOrderId: string;
  prefix: string;
  /** DigiCert's answer, if this call placed the order. */
  placed?: PlacedOrder;
  /** The order as DigiCert shows it, if it was found. */
  info?: OrderInfo;
  /** Dead orders of the same resource. */
  history: { orderId: number; status: string }[];
}

/** An order request whose fate nobody knows: not an error to retry, but one to look into. */
export class DoubtfulOrderError extends BimiError {
  constructor(
    readonly n: number,
    readonly since: Date,
    message: string,
    options?: { cause?: unknown },
  ) {
    super("order_in_doubt", message, options);
  }
}

/**
 * Makes sure that the resource has one live order: finds the one it placed, or places it. At most one order is ever
 * placed per alternative order id, whatever crashes, times out or is retried: every POST follows a look-up that was
 * empty, and after an answer that proves nothing there is no second POST until it is certain.
 */
export function ensureOrder(ctx: Context, wanted: Wanted): Promise<Ensured> {
  return ctx.exclusively(wanted.prefix, () => findOrPlace(ctx, wanted));
}

/** Looks for an order that the state does not know: in doubt, or placed by a run that crashed. Never orders. */
export function findPlaced(ctx: Context, wanted: Wanted): Promise<Ensured | undefined> {
  return ctx.exclusively(wanted.prefix, async () => {
    const found = await lookUp(ctx.client, wanted.prefix, wanted.after);
    if (found.live) return takeOver(ctx, wanted, found, found.live);
    await assertDoubtIsOver(ctx, wanted, found.free);
    return undefined;
  });
}

/** An order that was found elsewhere, if this resource placed it; a run that crashed kept no state. */
export async function ownOrder({ client }: Context, wanted: Wanted, info: OrderInfo): Promise<Ensured | undefined> {
  const { live, history } = await lookUp(client, wanted.prefix, wanted.after);
  return live?.orderId === info.orderId ? { ...live, info, history } : undefined;
}

/** Whether an order of a resource whose state knows none is alive. */
export async function isPlaced(ctx: Context, inputs: OrderInputs): Promise<boolean> {
  const prefixes = [inputs.alternativeOrderId, inputs.__reference, ...(inputs.__formerReferences ?? [])];
  for (const prefix of prefixes) {
    if (prefix !== undefined && (await lookUp(ctx.client, prefix)).live) return true;
  }
  return false;
}

/** Whether a live order is one that a resource placed, whose alternative ids begin with one of the prefixes. */
export async function isPlacedUnder(
  client: CertCentralClient,
  prefixes: readonly string[],
  { orderId, alternativeOrderId: id }: OrderInfo,
): Promise<boolean> {
  if (id !== undefined) {
    return prefixes.some((prefix) => id.startsWith(prefix) && /^\d+$/.test(id.slice(prefix.length)));
  }
  for (const prefix of prefixes) {
    if ((await lookUp(client, prefix)).live?.orderId === orderId) return true;
  }
  return false;
}

function liveOf(wanted: Wanted, { orderId, alternativeOrderId: id = "" }: OrderInfo): NonNullable<LookUp["live"]> {
  const prefixes = [wanted.prefix, ...(wanted.formerPrefixes ?? [])];
  const prefix = prefixes.find((prefix) => id.startsWith(prefix)) ?? wanted.prefix;
  return { orderId, n: Number(id.slice(prefix.length)), alternativeOrderId: id, prefix };
}

async function findOrPlace(ctx: Context, wanted: Wanted): Promise<Ensured> {
  const { client } = ctx;
  for (const prefix of wanted.formerPrefixes ?? []) {
    const former = await lookUp(client, prefix);
    if (former.live) return takeOver(ctx, wanted, former, former.live);
  }
  const found = await lookUp(client, wanted.prefix, wanted.after);
  if (found.live) return takeOver(ctx, wanted, found, found.live);

  const { free: n, history } = found;
  await assertDoubtIsOver(ctx, wanted, n);
  const listed = await wanted.assertMayBuy();
  if (listed) return takeOver(ctx, wanted, found, liveOf(wanted, listed));
  return post(ctx, wanted, n, history);
}

async function assertDoubtIsOver(ctx: Context, { doubtSince, doubtBy, prefix }: Wanted, n: number): Promise<void> {
  if (!doubtSince) return;
  await assertSees(ctx, `The order with alternative id ${alternativeOrderId(prefix, n)}`, doubtBy);
  const until = doubtUntil(ctx, doubtSince);
  if (!until) return;
  throw new DoubtfulOrderError(
    n,
    doubtSince,
    `It is still in doubt whether DigiCert took the order with alternative id ${alternativeOrderId(prefix, n)}. No new order is placed before ${until.toISOString()}. Run \`pulumi up\` again then.`,
  );
}

interface LookUp {
  free: number;
  live?: Pick<Ensured, "orderId" | "n" | "alternativeOrderId" | "prefix">;
  /** Further live orders, which nothing would hold; an issued one may live beside its successor. */
  beside: number[];
  history: { orderId: number; status: string }[];
}

/**
 * Asks for the alternative ids 1, 2, … up to the first that nothing answers to; the highest live order decides. A
 * successor's search begins after the orders that the resource has placed.
 */
async function lookUp(client: CertCentralClient, prefix: string, after?: Wanted["after"]): Promise<LookUp> {
  const history: LookUp["history"] = [];
  const beside: number[] = [];
  let live: LookUp["live"];
  let liveStatus = "";
  for (let n = (after?.n ?? 0) + 1; ; n++) {
    const id = alternativeOrderId(prefix, n);
    const answers = await orders.byAlternativeId(client, id);
    if (answers.length === 0) return { free: n, live, beside, history };
    const others = answers.filter(({ orderId }) => !after?.orderIds.includes(orderId));
    for (const { orderId, status: listed } of others.sort((a, b) => a.orderId - b.orderId)) {
      // The list may lag behind the order, or tell no status: only the order itself says whether it lives.
      const status = isDead(listed) ? listed : (await orders.info(client, orderId)).status;
      if (isDead(status)) {
        history.push({ orderId, status });
        continue;
      }
      if (live && (live.n === n || !isInForce(liveStatus))) beside.push(live.orderId);
      live = { orderId, n, alternativeOrderId: id, prefix };
      liveStatus = status;
    }
  }
}

async function takeOver(
  ctx: Context,
  wanted: Wanted,
  { beside, history }: LookUp,
  live: NonNullable<LookUp["live"]>,
): Promise<Ensured> {
  const { orderId } = live;
  const holder = ctx.holderOf(orderId);
  if (holder !== undefined && holder !== wanted.inputs.__urn) {
    throw new BimiError(
      "order_held",
      `The order ${orderId} that answers to the alternative id ${live.alternativeOrderId} is held by ${holder}. Nothing was ordered. Give each resource an alternativeOrderId of its own, or none.`,
    );
  }
  const info = await orders.info(ctx.client, orderId);
  const also =
    beside.length > 0
      ? ` Under its alternative ids live ${beside.join(", ")} too, which no state holds: cancel in CertCentral what is not wanted.`
      : "";
  const problem = await takeOverProblem(ctx, wanted, info);
  if (problem !== undefined) throw new BimiError("order_exists", `${problem}${also}`);
  ctx.hold(orderId, wanted.inputs.__urn);
  ctx.log[beside.length > 0 ? "warn" : "info"](
    `order ${orderId} (${info.status}) was placed before by this resource: taken over, nothing was ordered.${also}`,
    wanted.inputs.__urn,
  );
  return { ...live, info, history };
}

/** Why an order of the resource that its state does not hold is not taken over in silence. */
export async function takeOverProblem(
  ctx: Context,
  wanted: Pick<Wanted, "product" | "inputs" | "doubtSince">,
  info: OrderInfo,
): Promise<string | undefined> {
  const { orderId, status } = info;
  const differences = await differencesFrom(ctx.client, wanted, info);
  const age = ageOf(ctx.client, info);
  if (differences.length === 0 && (wanted.doubtSince || age < crashWindow)) return undefined;
  const why =
    differences.length > 0
      ? `It differs: ${differences.map(({ text }) => text).join("; ")}.`
      : Number.isNaN(age)
        ? "It agrees with the inputs, but DigiCert does not say when it was placed."
        : "It agrees with the inputs, but is older than 24 hours.";
  return `DigiCert already has the live order ${orderId} (${status}) of this resource, which its state does not hold. ${why} Nothing was ordered. To manage that order, set adoptOrderId: ${orderId}${differences.length > 0 ? " and make the inputs agree" : ""}; to order anew, cancel it in CertCentral first.`;
}

/** Milliseconds since an order was placed; NaN when DigiCert does not say. */
function ageOf(client: CertCentralClient, { dateCreated, requests }: OrderInfo): number {
  const dates = [dateCreated, ...requests.map(({ date }) => date)].flatMap((date) =>
    date === undefined ? [] : Date.parse(date),
  );
  return client.now().getTime() - (dates.length > 0 ? Math.min(...dates) : Number.NaN);
}

/** What an order says that the inputs do not; what DigiCert does not tell is no difference. */
export async function differencesFrom(
  client: CertCentralClient,
  { product, inputs }: Pick<Wanted, "product" | "inputs">,
  info: OrderInfo,
): Promise<{ what: "product" | "organization" | "domains" | "logo" | "trademark"; text: string }[]> {
  const differences: Awaited<ReturnType<typeof differencesFrom>> = [];
  const compare = (what: (typeof differences)[number]["what"], name: string, theirs: unknown, ours: unknown) => {
    if (theirs === undefined || theirs === ours) return;
    differences.push({ what, text: `${name} is ${theirs} at DigiCert and ${ours} in the inputs` });
  };
  compare("product", "the product", info.productNameId, product);
  const { organization } = inputs;
  if (organization.id !== undefined) compare("organization", "the organization", info.organizationId, organization.id);
  else if (info.organizationId !== undefined) {
    const theirs = await organizationOf(client, info.organizationId);
    for (const part of theirs ? otherDetails(organization, theirs) : [])
      compare("organization", `the organization's ${part}`, theirs?.[part], organization[part]);
  }
  if (info.certificate.dnsNames.length > 0) {
    compare("domains", "the set of domains", setOf(info.certificate.dnsNames), setOf(inputs.dnsNames));
  }
  const theirLogo = inputs.logo === undefined ? undefined : await logoOfOrder(client, info);
  const ourLogo = typeof inputs.logo === "object" ? inputs.logo.sha256 : undefined;
  compare("logo", "the logo's SHA-256", theirLogo, ourLogo);
  if (inputs.trademark) {
    compare(
      "trademark",
      "trademark.countryCode",
      info.vmc.trademarkCountryCode?.toLowerCase(),
      inputs.trademark.countryCode.toLowerCase(),
    );
    compare(
      "trademark",
      "trademark.registrationNumber",
      info.vmc.trademarkRegistrationNumber,
      inputs.trademark.registrationNumber,
    );
  }
  return differences;
}

/** An organization that the key may not see tells nothing. */
function organizationOf(client: CertCentralClient, organizationId: number) {
  return organizations.info(client, organizationId).catch((error) => {
    if (error instanceof CertCentralError && error.kind === "refused") return undefined;
    throw error;
  });
}

function setOf(names: string[]): string {
  return [...new Set(names.map(canonicalDnsName))].sort().join(", ");
}

async function post(ctx: Context, wanted: Wanted, n: number, history: Ensured["history"]): Promise<Ensured> {
  const { client } = ctx;
  const id = alternativeOrderId(wanted.prefix, n);
  const body = await wanted.request(id);
  const begun = ctx.clock.now();
  for (let attempt = 0; ; attempt++) {
    const since = client.now();
    try {
      const placed = await orders.place(client, wanted.product, body);
      ctx.forgetReads();
      ctx.hold(placed.orderId, wanted.inputs.__urn);
      return { orderId: placed.orderId, n, alternativeOrderId: id, prefix: wanted.prefix, placed, history };
    } catch (error) {
      if (!(error instanceof CertCentralError)) throw error;
      if (error.kind === "doubt") return search(ctx, wanted, n, since, error);
      // DigiCert took nothing. A refusal may still mean that an earlier attempt under this id was taken.
      const known = await orders.byAlternativeId(client, id).catch((failure) => {
        throw error.kind === "refused" ? error : failure;
      });
      if (known.some(({ status }) => !isDead(status))) return takeOverFound(ctx, wanted, error);
      const patience = error.kind === "throttled" ? THROTTLE_PATIENCE_MS : searchTime;
      if (error.kind === "refused" || ctx.clock.now() - begun >= patience) throw error;
      await ctx.clock.sleep(Math.min(2 ** attempt, 30) * second);
      if ((await orders.byAlternativeId(client, id)).length > 0) return takeOverFound(ctx, wanted, error);
    }
  }
}

/** Looks for an order whose answer was lost, for up to two minutes; never posts. */
async function search(ctx: Context, wanted: Wanted, n: number, since: Date, cause: CertCentralError): Promise<Ensured> {
  const id = alternativeOrderId(wanted.prefix, n);
  ctx.log.warn(
    `DigiCert's answer to the order ${id} was lost (${cause.code}); looking whether it was taken.`,
    wanted.inputs.__urn,
  );
  const result = await lookFor(ctx, async () => {
    if ((await orders.byAlternativeId(ctx.client, id)).length === 0) return undefined;
    const doubtful = { ...wanted, doubtSince: since };
    const found = await lookUp(ctx.client, wanted.prefix, wanted.after);
    return { ensured: found.live && (await takeOver(ctx, doubtful, found, found.live)) };
  });
  if (result?.ensured) return result.ensured;
  if (result) throw cause;
  throw new DoubtfulOrderError(
    n,
    since,
    `${cause.message} It is in doubt whether DigiCert took the order with alternative id ${id}: it was not found within two minutes. This is kept in the state; run \`pulumi up\` again in 15 minutes, which looks again before it orders.`,
    { cause },
  );
}

/** Takes over what turned up under our ids after all; fails with `cause` if it is dead already. */
async function takeOverFound(ctx: Context, wanted: Wanted, cause: CertCentralError): Promise<Ensured> {
  const found = await lookUp(ctx.client, wanted.prefix, wanted.after);
  if (!found.live) throw cause;
  return takeOver(ctx, wanted, found, found.live);
}
