import { orders } from "../certcentral";
import type { OrderInfo, OrderListItem } from "../certcentral/orders";
import type { Context } from "../context";
import { crashWindow } from "../doubt";
import { missingApproval } from "../order/missing";
import { deriveReference, projectPrefix } from "../order/reference";
import { prune } from "../order/request";
import { isDead, isIssued } from "../order/status";
import { day } from "../time";
import { titleOf } from "./stackReport";
import { minuteOf } from "./stackReportText";
import type { Held, StackState } from "./stackState";

/** A state that was read, and what it is called. */
export interface Considered {
  label: string;
  state: StackState;
}

/** Whose orders are looked for. */
export interface Project {
  organizations: string[];
  projects: string[];
  /** Names that URNs may have been made with, beside those of the states. */
  stacks: string[];
}

/** An order of the project that no state holds, as `--json` has it. */
export interface Orphan {
  orderId: number;
  product?: string;
  status: string;
  domains: string[];
  /** ISO 8601, UTC. */
  placed?: string;
  alternativeOrderId: string;
  /** Whose it probably is, and what that one's state says. */
  resource?: { type: string; name: string; urn: string; stack: string; inState: string };
  /** What to do. */
  next: string[];
}

export interface Found {
  accountId: number;
  /** Open orders. */
  orphans: Orphan[];
  /** Issued within a year: bought, and as good as ever, but nothing renews them. */
  issued: Orphan[];
  /** Orders that may be the project's, but could not be looked at. */
  unseen: { orderId: number; error: string }[];
  /** Orders whose number the state keeps to itself. */
  hidden: string[];
}

const markProducts = { vmc_basic: "VmcOrder", mark_certificate: "CmcOrder" } as const;

/** Looks through the account's mark orders; GETs only: whose key, a list for each product, and each order in question. */
export async function findOrphans(
  ctx: Context,
  considered: readonly Considered[],
  project: Project,
  isComplete: boolean,
): Promise<Found> {
  const known = considered.flatMap(({ state }) => [...state.resources, ...state.condemned]).filter(isOrder);
  const { accountId } = await ctx.account();
  const own = await ofThisAccount(ctx, known, accountId);
  const hidden = own.filter(hidesItsOrder);
  const names = new AlternativeIds(known, project);
  const held = new Set(own.flatMap(orderIdsOf));
  const doubtful = new Set(own.flatMap(doubtfulIds).map(canonical));

  const lists = await Promise.all(
    Object.keys(markProducts).map(async (productNameId) =>
      (await orders.list(ctx.client, { productNameId })).map((item) => ({ productNameId, ...item })),
    ),
  );
  const found: Found = { accountId, orphans: [], issued: [], unseen: [], hidden: hidden.map(titleOfHeld) };
  const inQuestion = lists.flat().filter((item) => !held.has(item.orderId) && mayBeOrphan(ctx, item));
  await Promise.all(
    inQuestion.map(async ({ orderId, productNameId }) => {
      let info: OrderInfo;
      try {
        info = await orders.info(ctx.client, orderId);
      } catch (error) {
        found.unseen.push({ orderId, error: error instanceof Error ? error.message : String(error) });
        return;
      }
      const { alternativeOrderId: id, status } = info;
      if (id === undefined || isDead(status) || doubtful.has(canonical(id)) || !names.areOfProject(id)) return;
      const orphan = reportOf({ productNameId, ...info, alternativeOrderId: id }, names.resourceOf(id));
      if (isIssued(status)) found.issued.push({ ...orphan, next: [adopt(orphan)] });
      else found.orphans.push({ ...orphan, next: nextSteps(ctx, orphan, info, isComplete && hidden.length === 0) });
    }),
  );
  for (const list of [found.orphans, found.issued, found.unseen]) list.sort((a, b) => a.orderId - b.orderId);
  return found;
}

function isOrder({ type }: Held): boolean {
  return type.endsWith("Order");
}

/** A list item shows no alternative id; what else it shows spares most of the calls. */
function mayBeOrphan(ctx: Context, { status, productNameId, dateCreated }: OrderListItem): boolean {
  if (isDead(status) || !(productNameId! in markProducts)) return false;
  return !isIssued(status) || !(ctx.now.getTime() - Date.parse(dateCreated ?? "") > 365 * day);
}

/** The same number means nothing in another account; if all states are of others, the key is the wrong one. */
async function ofThisAccount(ctx: Context, known: readonly Held[], accountId: number): Promise<Held[]> {
  const { origin } = ctx.client;
  const own = known.filter(
    ({ outs }) => (outs.accountId ?? accountId) === accountId && (outs.origin ?? origin) === origin,
  );
  const foreign = known.find((held) => !own.includes(held));
  const isBound = own.some(({ outs }) => outs.accountId !== undefined);
  if (foreign && !isBound) await ctx.bind(titleOfHeld(foreign), foreign.outs);
  return own;
}

function titleOfHeld({ type, name, outs, urn }: Held): string {
  return `${titleOf({ type, name, orderId: outs.orderId })} of stack ${stackOf(urn)}`;
}

function orderIdsOf({ outs }: Held): number[] {
  return [outs.orderId ?? [], (outs.history ?? []).map(({ orderId }) => orderId), outs.__cancel ?? []].flat();
}

/** The next `up` looks for these, whatever their age. */
function doubtfulIds({ outs }: Held): string[] {
  const own = outs.orderId === undefined && outs.doubtSince !== undefined ? outs.placedAlternativeOrderId : undefined;
  return [own, outs.__doubt?.alternativeOrderId].filter((id) => id !== undefined);
}

/** A program may keep any output secret; the export then has it encrypted. */
function hidesItsOrder({ outs, interrupted }: Held): boolean {
  return !interrupted && outs.orderId === undefined && outs.doubtSince === undefined;
}

function canonical(id: string): string {
  return id.toLowerCase();
}

function stackOf(urn: string): string {
  return urn.split(/::?/, 3)[2] ?? "";
}

function projectOf(urn: string): string {
  return urn.split(/::?/, 4)[3] ?? "";
}

/** Which alternative ids are the project's, and of which resource each is. */
class AlternativeIds {
  readonly #projects: Set<string>;
  /** By reference, or what `alternativeOrderId` puts in its place. */
  readonly #resources = new Map<string, NonNullable<Orphan["resource"]>>();

  constructor(known: readonly Held[], { organizations, projects, stacks }: Project) {
    const references = known.flatMap(({ outs }) => (isReference(outs.reference) ? outs.reference : []));
    const derived = organizations.flatMap((organization) =>
      projects.map((project) => projectPrefix({ organization, project })),
    );
    this.#projects = new Set([...derived, ...references.map((reference) => reference.slice(0, derivedLength.project))]);
    const add = (prefix: string, { urn, type, name }: Held, inState: string) =>
      this.#resources.set(prefix, { type, name, urn, stack: stackOf(urn), inState });
    const urns = new Set(known.map(({ urn }) => urn));
    // A destroyed stack's URNs are those of the others under its name.
    const names = new Set([...stacks, ...known.map(({ urn }) => stackOf(urn))]);
    for (const held of known) {
      for (const stack of names) {
        const urn = held.urn.replace(/^urn:pulumi:[^:]*/, `urn:pulumi:${stack}`);
        if (urn !== held.urn && urns.has(urn)) continue;
        const inState = urn === held.urn ? whatTheStateHas(held) : "the state does not have it";
        for (const organization of organizations) {
          const reference = deriveReference({ organization, project: projectOf(urn), stack, urn });
          add(reference, { ...held, urn }, inState);
        }
      }
    }
    // What a state says itself counts more: references outlive renames.
    for (const held of known) for (const prefix of prefixesOf(held)) add(prefix, held, whatTheStateHas(held));
  }

  areOfProject(id: string): boolean {
    const { prefix } = parts(id);
    return (
      this.#resources.has(prefix) || (isReference(prefix) && this.#projects.has(prefix.slice(0, derivedLength.project)))
    );
  }

  resourceOf(id: string): Orphan["resource"] {
    return this.#resources.get(parts(id).prefix);
  }
}

function whatTheStateHas({ outs, interrupted }: Held): string {
  if (interrupted) return "Pulumi was killed while it created this";
  return outs.orderId === undefined ? "the state has no number of its order" : `the state has order ${outs.orderId}`;
}

const derivedLength = { project: 14, reference: 30 };

function isReference(text: string | undefined): text is string {
  return text !== undefined && /^bimi[0-9a-z]{26}$/.test(text);
}

/** What an alternative id begins with, before its counter. A reference may end in a digit, a user's prefix may not. */
function parts(id: string): { prefix: string } {
  const lower = canonical(id);
  const reference = lower.slice(0, derivedLength.reference);
  if (isReference(reference) && /^\d+$/.test(lower.slice(derivedLength.reference))) return { prefix: reference };
  return { prefix: lower.replace(/\d+$/, "") };
}

/** What the ids of a resource's orders begin with. An adopted order's id is not ours to go by. */
function prefixesOf({ outs, inputs }: Pick<Held, "outs" | "inputs">): string[] {
  const placed = (outs.__n ?? 0) > 0 ? outs.placedAlternativeOrderId : undefined;
  const ids = [placed, outs.__doubt?.alternativeOrderId].filter((id) => id !== undefined);
  const prefixes = [...ids.map((id) => parts(id).prefix), outs.reference, inputs.alternativeOrderId];
  return prefixes.flatMap((prefix) => (prefix ? canonical(prefix) : []));
}

function reportOf(
  info: OrderInfo & { alternativeOrderId: string },
  resource: Orphan["resource"],
): Omit<Orphan, "next"> {
  const { orderId, productNameId, status, certificate, alternativeOrderId } = info;
  return prune({
    orderId,
    product: productNameId,
    status,
    domains: certificate.dnsNames,
    placed: placedAt(info),
    alternativeOrderId,
    resource,
  });
}

function placedAt({ dateCreated, requests }: OrderInfo): string | undefined {
  return [dateCreated, ...requests.map(({ date }) => date)].find((date) => date !== undefined);
}

function adopt({ product, orderId }: Pick<Orphan, "product" | "orderId">): string {
  const type = markProducts[product as keyof typeof markProducts] ?? "an order";
  return `to manage it: set adoptOrderId: ${orderId} on a ${type}`;
}

function nextSteps(ctx: Context, orphan: Omit<Orphan, "next">, info: OrderInfo, isComplete: boolean): string[] {
  const { resource, placed } = orphan;
  const until = Date.parse(placed ?? "") + crashWindow;
  const where = resource
    ? `run \`pulumi up\` in stack ${resource.stack}`
    : "if a program still declares it: run `pulumi up` in its stack";
  const takeOver =
    until > ctx.now.getTime()
      ? [`${where} before ${minuteOf(new Date(until).toISOString())}: it takes over what agrees with the program`]
      : [];
  if (!isComplete) return ["make sure that nothing that could not be read holds it, and run this again", ...takeOver];
  return [...takeOver, adopt(orphan), ...giveUp(info)];
}

/** An order in force has been paid for: only its reissue is open. */
function giveUp(info: OrderInfo): string[] {
  if (info.status === "reissue_pending") return [];
  const approval = missingApproval(info);
  const how = approval ? `reject its request in CertCentral (${approval.what})` : "cancel it in CertCentral";
  return [`to give it up: ${how}`];
}
