import { CertCentralError, orders, organizations } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { dueOf } from "../order/due";
import { type Missing, whatIsMissing } from "../order/missing";
import { visibleOrder } from "../order/observe";
import { prune } from "../order/request";
import { isDead, isInForce, isIssued } from "../order/status";
import { day } from "../time";
import type { Held } from "./stackState";

type Waiting = Omit<Missing, "since"> & { since?: string };

/** An order of the stack, as `--json` has it. */
export interface OrderReport {
  name: string;
  type: string;
  urn: string;
  product?: string;
  orderId?: number;
  /** Live at DigiCert; `in doubt`; `unknown` when the look-up failed. */
  status: string;
  statusInState?: string;
  domains: string[];
  missing: Waiting[];
  /** YYYY-MM-DD */
  certificateValidTill?: string;
  /** YYYY-MM-DD */
  orderValidTill?: string;
  renewalDue: boolean;
  /** Another order renews it. */
  isRenewed?: boolean;
  /** DigiCert's, about an order that ended. */
  notes: string[];
  drift: string[];
  history: { orderId: number; status: string }[];
  /** The earlier order whose certificate is the published one. */
  published?: { orderId: number; validTill?: string };
  /** A request that DigiCert may have taken, and the orders that it has under the same alternative id. */
  doubt?: {
    of: "order" | "reissue";
    since?: string;
    alternativeOrderId?: string;
    found?: { orderId: number; status: string }[];
  };
  /** What to do. */
  next: string[];
  error?: string;
}

/** An organization of the stack, as `--json` has it. */
export interface OrganizationReport {
  name: string;
  type: string;
  urn: string;
  organizationId?: number;
  validations: { type: string; status: string; validatedUntil?: string }[];
  missing: Waiting[];
  next: string[];
  error?: string;
}

/** What one look at DigiCert told. */
export interface Look<Report = OrderReport> {
  held: Held;
  report: Report;
  failure?: unknown;
}

/** A validation that ends sooner is submitted again. */
const margin = 30 * day;

/** The orders of a stack: its order resources, and certificates of orders that none of them holds. */
export function ordersOf(resources: readonly Held[]): Held[] {
  const own = resources.filter(({ type }) => type.endsWith("Order"));
  const ids = new Set(own.flatMap(({ outs }) => [outs.orderId, ...(outs.history ?? []).map(({ orderId }) => orderId)]));
  return [
    ...own,
    ...certificates(resources).filter(({ outs }) => outs.orderId !== undefined && !ids.has(outs.orderId)),
  ];
}

export function organizationsOf(resources: readonly Held[]): Held[] {
  return resources.filter(({ type }) => type === "OrgValidation");
}

function certificates(resources: readonly Held[]): Held[] {
  return resources.filter(({ type }) => type === "MarkCertificate");
}

/** Looks at an order without changing anything; what fails is part of the report. */
export async function lookAtOrder(ctx: Context, held: Held, resources: readonly Held[]): Promise<Look> {
  const { outs } = held;
  const earlier = (outs.history ?? []).map(({ orderId }) => orderId);
  const its = certificates(resources).filter(
    ({ outs: { orderId, accountId } }) =>
      orderId !== undefined && [outs.orderId, ...earlier].includes(orderId) && accountId === outs.accountId,
  );
  const known = fromState(held, its);
  try {
    const doubt = await doubtOf(ctx, held);
    if (outs.orderId === undefined) {
      return { held, report: prune({ ...known, status: "in doubt", doubt, next: [settleDoubt(held, doubt)] }) };
    }
    await ctx.bind(titleOf(known), outs);
    const info = await visibleOrder(ctx, titleOf(known), outs.orderId);
    const missing = await missingOf(ctx, held, its, info);
    const next = [...nextSteps(ctx, held, its, info), ...(doubt ? [settleDoubt(held, doubt)] : [])];
    return { held, report: prune({ ...known, ...facts(ctx, held, info), missing, doubt, next }) };
  } catch (failure) {
    return { held, report: { ...known, error: messageOf(failure) }, failure };
  }
}

/** `VmcOrder logo (order 137)` */
export function titleOf({ type, name, orderId }: Pick<OrderReport, "type" | "name" | "orderId">): string {
  return `${type} ${name}${orderId === undefined ? "" : ` (order ${orderId})`}`;
}

function fromState({ type, name, urn, outs }: Held, its: readonly Held[]): OrderReport {
  const names = outs.domains?.map(({ dnsName }) => dnsName) ?? outs.published?.map(({ name }) => name) ?? [];
  const published = its.map((certificate) => certificate.outs.__publishedBy).find((by) => by !== undefined);
  return prune({
    name,
    type,
    urn,
    product: { VmcOrder: "vmc_basic", CmcOrder: "mark_certificate" }[type],
    orderId: outs.orderId,
    status: "unknown",
    statusInState: outs.status,
    domains: [...new Set(names)],
    missing: [],
    renewalDue: outs.renewalDue ?? false,
    notes: [],
    drift: outs.drift ?? [],
    history: outs.history ?? [],
    published: published && published.orderId !== outs.orderId ? published : undefined,
    next: [],
  });
}

function facts(ctx: Context, held: Held, info: OrderInfo) {
  const { status, certificate, productNameId, isRenewed, orderValidTill } = info;
  const due = dueAt(ctx, held, info);
  return {
    status,
    ...(productNameId ? { product: productNameId } : {}),
    ...(certificate.dnsNames.length > 0 ? { domains: certificate.dnsNames } : {}),
    ...(isInForce(status) || isDead(status) ? { certificateValidTill: certificate.validTill, orderValidTill } : {}),
    renewalDue: due === "renewal" || due === "renewalDue",
    isRenewed,
    notes: isDead(status) ? info.notes.map(({ text }) => text) : [],
  };
}

/** What is due by the dates that DigiCert tells now. */
function dueAt(ctx: Context, { outs }: Held, { status, certificate, orderValidTill, isRenewed }: OrderInfo) {
  const due = dueOf({ status, orderValidTill, certificateValidTill: certificate.validTill }, outs, ctx.now);
  return isRenewed && due !== "reissue" ? undefined : due;
}

async function missingOf(ctx: Context, { outs }: Held, its: readonly Held[], info: OrderInfo): Promise<Waiting[]> {
  if (isDead(info.status)) return [{ what: `a live order: this one is ${info.status}`, who: "you" }];
  if (isIssued(info.status)) return [];
  const before = its.filter((each) => each.outs.orderId === info.orderId).flatMap((each) => each.outs.missing ?? []);
  const domainIds = [...new Set((outs.domains ?? []).flatMap(({ id }) => id ?? []))];
  const order = { domainIds, ...(outs.logoSha256 === undefined ? {} : { logoSha256: outs.logoSha256 }) };
  const found = await whatIsMissing(ctx, order, info, before, false);
  return found.map(({ what, who, since }) => ({
    what,
    who,
    // This run knows since when only from the state.
    ...(before.some((item) => item.since === since) ? { since } : {}),
  }));
}

function nextSteps(ctx: Context, held: Held, its: readonly Held[], info: OrderInfo): string[] {
  const { status, orderId } = info;
  const { outs } = held;
  const before = outs.status ?? "unknown";
  const due = dueAt(ctx, held, info);
  const steps: string[] = [];
  if (isDead(status) && due !== "renewal") {
    const first = status === "expired" ? "" : "settle with DigiCert what was wrong; ";
    steps.push(`${first}to order anew, set reorderAfter: ${orderId} on the order`);
  }
  if (isInForce(status) && (!isInForce(before) || its.some((certificate) => isBehind(certificate, info)))) {
    steps.push("run `pulumi up`: it verifies the issued certificate and publishes it");
  } else if (before === "needs_approval" && status !== before && !isDead(status)) {
    steps.push("run `pulumi up`: the order is approved, and its domains have values to publish");
  }
  if (due === "renewal") steps.push("run `pulumi up`: it renews the order, as renewBefore says");
  if (due === "renewalDue") steps.push("renew the order: set renewBefore on it, or renew it in CertCentral");
  if (due === "reissue") steps.push("run `pulumi up`: it asks for the order's next certificate, which is paid for");
  for (const { id, severity, message } of its.flatMap(({ outs }) => outs.findings ?? [])) {
    if (severity === "error" && isInForce(status)) steps.push(`see why it is not published: ${id}: ${message}`);
  }
  if (outs.__cancel?.length) {
    steps.push(`run \`pulumi up\`: order ${outs.__cancel.join(", ")} is replaced and still to be canceled`);
  }
  return steps;
}

/** The state's certificate is of an earlier order, from before the issuance, or from before a reissue. */
function isBehind({ outs }: Held, { orderId, certificate }: OrderInfo): boolean {
  if (outs.orderId !== orderId || !isInForce(outs.status ?? "unknown")) return true;
  const [ours, theirs] = [outs.thumbprint, certificate.thumbprint].map((thumbprint) => thumbprint?.toUpperCase());
  return ours !== undefined && theirs !== undefined && ours !== theirs;
}

/** A request whose answer was lost: what DigiCert has under its alternative id. */
async function doubtOf(ctx: Context, held: Held): Promise<OrderReport["doubt"]> {
  const { outs } = held;
  if (held.interrupted) return { of: "order" };
  const reissue = outs.__reissued?.doubtSince;
  if (reissue !== undefined) return { of: "reissue", since: reissue };
  if (outs.orderId !== undefined && outs.__doubt === undefined) return undefined;
  const since = outs.__doubt?.since ?? outs.doubtSince;
  const id =
    outs.__doubt?.alternativeOrderId ?? (outs.orderId === undefined ? outs.placedAlternativeOrderId : undefined);
  if (id === undefined) return { of: "order", ...(since ? { since } : {}) };
  await ctx.bind(titleOf({ ...held, orderId: outs.orderId }), outs);
  const found = await orders.byAlternativeId(ctx.client, id);
  return {
    of: "order",
    ...(since ? { since } : {}),
    alternativeOrderId: id,
    found: found.map(({ orderId, status }) => ({ orderId, status })),
  };
}

function settleDoubt(held: Held, doubt: OrderReport["doubt"]): string {
  const found = doubt?.found?.filter(({ status }) => !isDead(status)) ?? [];
  if (found.length > 0) return `run \`pulumi up\`: it takes order ${found[0]!.orderId} over`;
  if (held.interrupted) return "run `pulumi up`: it looks for the order that was being placed when Pulumi was killed";
  const what = doubt?.of === "reissue" ? "the reissue again, and asks" : "the order again, and orders";
  return `run \`pulumi up\`: it looks for ${what} anew only if there is none after 15 minutes`;
}

/** Looks at an organization's validations; what fails is part of the report. */
export async function lookAtOrganization(ctx: Context, held: Held): Promise<Look<OrganizationReport>> {
  const { type, name, urn, outs } = held;
  const { organizationId } = outs;
  const known = prune({ type, name, urn, organizationId, validations: [], missing: [], next: [] });
  try {
    if (organizationId === undefined)
      return { held, report: { ...known, next: ["run `pulumi up`: it was not made yet"] } };
    await ctx.bind(`${type} ${name} (organization ${organizationId})`, outs);
    const details = await organizations.validation(ctx.client, organizationId);
    const wanted = outs.__validations ?? details.map(({ type }) => type);
    const validations = [...new Set(wanted)].map((type) => {
      const { status = "none", validatedUntil } = details.find((detail) => detail.type === type) ?? {};
      return prune({ type, status, validatedUntil });
    });
    const now = ctx.client.now().getTime();
    const open = validations.filter(({ status }) => status !== "active");
    const ending = validations.filter(({ validatedUntil }) => Date.parse(validatedUntil ?? "") - now < margin);
    const unasked = [...new Set([...open.filter(({ status }) => status !== "pending"), ...ending])];
    const missing = open.map(({ type, status }) => ({
      what: `${type.toUpperCase()} validation`,
      who: status === "pending" ? "DigiCert" : "you",
    }));
    const next = unasked.length > 0 ? ["run `pulumi up`: it submits what is missing, has ended or ends soon"] : [];
    return { held, report: { ...known, validations, missing, next } };
  } catch (failure) {
    const isHidden = failure instanceof CertCentralError && failure.notFound;
    const error = isHidden ? `the API key does not see this organization: ${messageOf(failure)}` : messageOf(failure);
    return { held, report: { ...known, error }, failure };
  }
}

/** Whether the same look may succeed later. */
export function isTransient(failure: unknown): boolean {
  return failure instanceof CertCentralError && failure.kind !== "refused";
}

/** Of the run, not of the one order it was noticed at. */
export function isConfiguration(failure: unknown): boolean {
  if (failure instanceof CertCentralError) return failure.codes.includes("access_denied|access_denied_invalid_key");
  return failure instanceof BimiError && ["other_origin", "other_account"].includes(failure.code);
}

function messageOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
