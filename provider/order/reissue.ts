import { CertCentralError, orders, THROTTLE_PATIENCE_MS } from "../certcentral";
import type { OrderInfo, PlacedOrder, Reissue } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { doubtUntil, lookFor } from "../doubt";
import { canonicalDnsName } from "../records";
import type { OrderInputs } from "./inputs";
import { isPending } from "./status";

/** A reissue request whose fate nobody knows. */
export class DoubtfulReissueError extends BimiError {
  constructor(
    readonly since: Date,
    message: string,
    options?: { cause?: unknown },
  ) {
    super("reissue_in_doubt", message, options);
  }
}

export interface ReissueWanted {
  title: string;
  inputs: OrderInputs;
  /** The certificate to be replaced, as we knew it: a later one was made by somebody else and is followed. */
  certificateValidTill?: string;
  /** Since when it has been in doubt whether DigiCert took our request; from an earlier run. */
  doubtSince?: Date;
}

export const setOf = (names: readonly string[]) => [...new Set(names.map(canonicalDnsName))].sort().join(", ");

/**
 * Asks for a new certificate of the order, for exactly the declared names (`POST /order/certificate/{id}/reissue`). The
 * request has no id of its own, so what DigiCert and the console made is read first and followed.
 *
 * @returns DigiCert's answer; `undefined` when there was nothing to ask for
 */
export async function ensureReissue(
  ctx: Context,
  wanted: ReissueWanted,
  info: OrderInfo,
  begun = ctx.clock.now(),
): Promise<PlacedOrder | undefined> {
  const { client } = ctx;
  const { inputs, title } = wanted;
  const followed = await reissueThere(ctx, wanted, info);
  if (followed !== "none") return followed;
  const until = wanted.doubtSince && doubtUntil(ctx, wanted.doubtSince);
  if (wanted.doubtSince && until) {
    throw new DoubtfulReissueError(
      wanted.doubtSince,
      `${title}: it is still in doubt whether DigiCert took the reissue request. It is not sent again before ${until.toISOString()}. Run \`pulumi up\` again then.`,
    );
  }
  const since = client.now();
  try {
    return await orders.reissue(client, info.orderId, {
      certificate: { dns_names: [...new Set(inputs.dnsNames.map(canonicalDnsName))] },
      skip_approval: inputs.skipApproval ?? true,
      ...(inputs.comments === undefined ? {} : { comments: inputs.comments }),
    });
  } catch (error) {
    if (!(error instanceof CertCentralError)) throw error;
    if (error.kind === "throttled" && ctx.clock.now() - begun < THROTTLE_PATIENCE_MS) {
      return ensureReissue(ctx, wanted, await orders.info(client, info.orderId), begun);
    }
    if (error.kind !== "doubt") throw error;
    return search(ctx, wanted, info.orderId, since, error);
  } finally {
    ctx.forgetReads();
  }
}

/** The reissue that is under way or done already; throws when one is under way that wants something else. */
async function reissueThere(
  ctx: Context,
  { title, inputs, certificateValidTill }: ReissueWanted,
  info: OrderInfo,
): Promise<PlacedOrder | undefined | "none"> {
  const wanted = setOf(inputs.dnsNames);
  const listed = await orders.listReissues(ctx.client, info.orderId);
  const underWay = listed.filter((reissue) => reissue.status === "pending" && reissue.certificateId !== undefined);
  if (info.status === "reissue_pending" || underWay.length > 0) {
    const same = underWay.find(({ dnsNames }) => setOf(dnsNames) === wanted);
    if (same) return answerOf(info, same);
    throw reissuePending(title, info, underWay);
  }
  const isNewer =
    certificateValidTill === undefined ||
    (info.certificate.validTill !== undefined && info.certificate.validTill > certificateValidTill);
  return isNewer && setOf(info.certificate.dnsNames) === wanted ? undefined : "none";
}

/**
 * Whether the reissue under way is for the declared names.
 * @throws BimiError at preview what DigiCert would refuse: a reissue beside another one
 */
export async function isBeingReissued(
  ctx: Context,
  title: string,
  inputs: OrderInputs,
  info: OrderInfo,
): Promise<boolean> {
  return info.status === "reissue_pending" && (await reissueThere(ctx, { title, inputs }, info)) !== "none";
}

/** What is known of the reissue under way, when it is not the one that is wanted. */
function reissuePending(title: string, info: OrderInfo, underWay: readonly Reissue[]): BimiError {
  const open = info.requests.filter(({ type, status }) => type === "reissue" && isOpenRequest(status));
  const what = [
    ...underWay.map(({ certificateId, dnsNames }) => `certificate ${certificateId} for ${setOf(dnsNames)}`),
    ...open.map(({ id }) => `request ${id} waits for approval`),
  ];
  return new BimiError(
    "reissue_pending",
    `${title} is being reissued${what.length > 0 ? ` (${what.join("; ")})` : ""}, and DigiCert takes one reissue at a time. Nothing was changed. Wait until it is issued and run \`pulumi up\` again, or cancel that reissue in CertCentral first.`,
  );
}

export function isOpenRequest(status: string | undefined): boolean {
  return status === "pending" || status === "submitted";
}

function answerOf({ orderId }: OrderInfo, { certificateId }: Reissue): PlacedOrder {
  return { orderId, certificateId, domains: [], requests: [] };
}

/** Looks for a reissue whose answer was lost, for up to two minutes; never sends again. */
async function search(
  ctx: Context,
  wanted: ReissueWanted,
  orderId: number,
  since: Date,
  cause: CertCentralError,
): Promise<PlacedOrder | undefined> {
  const found = await lookFor(ctx, async () => {
    const info = await orders.info(ctx.client, orderId);
    if (!isPending(info.status)) {
      return (await reissueThere(ctx, wanted, info)) === undefined ? { answer: undefined } : undefined;
    }
    const listed = await orders.listReissues(ctx.client, orderId);
    const underWay = listed.filter(({ status }) => status === "pending");
    if (underWay.length === 0) return { answer: { orderId, domains: [], requests: info.requests } };
    // One at a time: with somebody else's under way, ours was not taken.
    const names = setOf(wanted.inputs.dnsNames);
    const ours = underWay.find(({ dnsNames }) => dnsNames.length === 0 || setOf(dnsNames) === names);
    if (!ours) throw reissuePending(wanted.title, info, underWay);
    return { answer: answerOf(info, ours) };
  });
  if (found) return found.answer;
  throw new DoubtfulReissueError(
    since,
    `${cause.message} It is in doubt whether DigiCert took the reissue of order ${orderId}. This is kept in the state; run \`pulumi up\` again in 15 minutes, which looks again before it asks.`,
    { cause },
  );
}
