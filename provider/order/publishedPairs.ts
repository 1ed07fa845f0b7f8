import { orders } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import type { Context } from "../context";
import { readable } from "../readable";
import { assertionUrlProblem } from "../records";
import { hasExpired } from "./issuedCertificate";
import { ignoreRefusal } from "./missing";
import { prune } from "./request";

export interface Publication {
  published: { name: string; logoUrl: string; certificateUrl: string }[];
  /** The certificate that the published pairs belong to; it may be of an earlier order. */
  __publishedBy?: {
    orderId: number;
    certificateId?: number;
    validTill?: string;
    logoSha256?: string;
  };
}
type PublishedBy = NonNullable<Publication["__publishedBy"]>;

interface Inputs {
  order: { dnsNames: string[]; logoSha256?: string };
  logoUrl?: string;
  certificateUrl?: string;
  __urn?: string;
}

interface Verified {
  covered: string[];
  logoSha256: string | undefined;
  outputs: { validTill?: string };
}

/**
 * The pair in force for each name. The old pairs stay through anything that is not an issued and verified certificate,
 * and a certificate takes over all of them or none, so that they always belong to one. They are withdrawn only when
 * their own certificate is revoked or has expired.
 */
export async function publishedPairs(
  ctx: Context,
  inputs: Inputs,
  info: OrderInfo,
  before: Partial<Publication> | undefined,
  certificate: Verified | undefined,
): Promise<Publication> {
  const { dnsNames } = inputs.order;
  const covered = certificate?.covered ?? [];
  const hosted = hostedUrls(ctx, info, inputs.__urn);
  const logoUrl = inputs.logoUrl ?? hosted.logoUrl;
  const certificateUrl = inputs.certificateUrl ?? hosted.certificateUrl;
  const by = before?.__publishedBy;
  const withdrawn = hasExpired(by, ctx.client.now().getTime()) || (by && (await isRevoked(ctx, by, info)));
  const inForce = new Map(
    (before?.published ?? [])
      .filter((pair) => pair.certificateUrl !== "" && !withdrawn && dnsNames.includes(pair.name))
      .map((pair) => [pair.name, pair]),
  );
  // What the program says by now may be meant for the certificate that a pending reissue will bring.
  const mayReplace = info.status !== "reissue_pending" && [...inForce.keys()].every((name) => covered.includes(name));
  if (covered.length > 0) sayWhatToHost(ctx, inputs, info, { logoUrl, certificateUrl });
  if (
    certificate &&
    covered.length > 0 &&
    logoUrl !== undefined &&
    certificateUrl !== undefined &&
    (inForce.size === 0 || mayReplace)
  ) {
    const isAnother = by && (by.orderId !== info.orderId || !isOf(by, info));
    if (isAnother && [...inForce.values()].some((old) => old.certificateUrl === inputs.certificateUrl)) {
      ctx.sayOnce(
        `order ${info.orderId} has a new certificate: replace the chain at ${certificateUrl} by its own now; the one of before is good until ${by.validTill ?? "it is replaced"} and only for the names it covers.`,
        inputs.__urn,
      );
    }
    return {
      published: dnsNames.map((name) => ({
        name,
        logoUrl,
        certificateUrl: covered.includes(name) ? certificateUrl : "",
      })),
      __publishedBy: prune({
        orderId: info.orderId,
        certificateId: info.certificate.id,
        validTill: certificate.outputs.validTill,
        logoSha256: certificate.logoSha256?.slice(0, 16),
      }),
    };
  }
  if (by && inForce.size > 0 && (await isRevokedSince(ctx, by, info))) {
    const unpublished = (before?.published ?? []).map((pair) => ({ ...pair, certificateUrl: "" }));
    return publishedPairs(ctx, inputs, info, { published: unpublished }, certificate);
  }
  return {
    published: dnsNames.map((name) => {
      const former = before?.published?.find((pair) => pair.name === name)?.logoUrl;
      return inForce.get(name) ?? { name, logoUrl: logoUrl ?? former ?? "", certificateUrl: "" };
    }),
    ...(by && inForce.size > 0 ? { __publishedBy: by } : {}),
  };
}

/** Whether the certificate of the published pairs was revoked; its order tells, which may be an earlier one. */
async function isRevoked(ctx: Context, by: PublishedBy, current: OrderInfo): Promise<boolean> {
  const info = by.orderId === current.orderId ? current : await ctx.orderInfo(by.orderId).catch(ignoreRefusal);
  if (!info) return false;
  if (info.status === "revoked") return true;
  return info.certificate.status === "revoked" && isOf(by, info);
}

/** Whether it was revoked after its order had another: of former ones only the list of reissues tells, if anything does. */
async function isRevokedSince(ctx: Context, by: PublishedBy, info: OrderInfo): Promise<boolean> {
  if (by.orderId !== info.orderId || isOf(by, info)) return false;
  const reissues = (await orders.listReissues(ctx.client, by.orderId).catch(ignoreRefusal)) ?? [];
  return reissues.some(({ certificateId, status }) => certificateId === by.certificateId && status === "revoked");
}

/** Whether the pairs belong to the certificate that their order tells of; after a reissue it tells of another. */
function isOf(by: PublishedBy, { certificate }: OrderInfo): boolean {
  return by.certificateId === undefined || by.certificateId === certificate.id;
}

/** Where DigiCert serves the files; a location that cannot stand in a record is none. */
export function hostedUrls(
  ctx: Context,
  { orderId, vmc }: OrderInfo,
  urn: string | undefined,
): { logoUrl: string | undefined; certificateUrl: string | undefined } {
  const usable = (what: string, url: string | undefined): string | undefined => {
    if (url === undefined || isSimulated(ctx, url)) return url;
    const problem = assertionUrlProblem(url);
    if (problem === undefined) return url;
    ctx.warnOnce(
      `order ${orderId}: DigiCert says that it serves ${what} at "${readable(url, 200)}", which no BIMI record can name: ${problem} It is taken for not served.`,
      urn,
    );
    return undefined;
  };
  return {
    logoUrl: usable("the logo", vmc.hostedLogoLocation),
    certificateUrl: usable("the chain", vmc.hostedCertLocation),
  };
}

/** Whether a simulator says that it serves the file, at a host that exists nowhere. */
export function isSimulated(ctx: Context, url: string): boolean {
  return ctx.client.isLoopback && /^https:\/\/hosted\.simulator\.invalid\//.test(url);
}

function sayWhatToHost(
  ctx: Context,
  { __urn }: Inputs,
  { orderId }: OrderInfo,
  { logoUrl, certificateUrl }: { logoUrl: string | undefined; certificateUrl: string | undefined },
): void {
  const toHost = [
    ...(logoUrl === undefined ? ["serve the logo, byte for byte, at an https URL ending in .svg and set logoUrl"] : []),
    ...(certificateUrl === undefined
      ? ["serve the output pem at an https URL ending in .pem and set certificateUrl"]
      : []),
  ];
  if (toHost.length === 0) return;
  ctx.log.warn(
    `order ${orderId} is issued, but its pair is not published: ${toHost.join("; ")}. Or order with enableHosting, so that DigiCert serves both.`,
    __urn,
  );
}
