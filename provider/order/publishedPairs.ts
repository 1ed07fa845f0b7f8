import type { OrderInfo } from "../certcentral/orders";
import type { Context } from "../context";
import { hasExpired } from "./issuedCertificate";
import { prune } from "./request";

export interface Publication {
  published: { name: string; logoUrl: string; certificateUrl: string }[];
  /** The certificate that the published pairs belong to; it may be of an earlier order. */
  __publishedBy?: { orderId: number; validTill?: string; logoSha256?: string };
}

/**
 * The pair in force for each name. The old pair stays through anything that is not an issued and verified
 * certificate; it is withdrawn only when its certificate is revoked or has expired.
 */
export function publishedPairs(
  ctx: Context,
  inputs: {
    order: { dnsNames: string[]; logoSha256?: string };
    logoUrl?: string;
    certificateUrl?: string;
    __urn?: string;
  },
  info: OrderInfo,
  before: Partial<Publication> | undefined,
  certificate: { covered: string[]; ended: boolean; outputs: { validTill?: string } } | undefined,
): Publication {
  const covered = certificate?.covered;
  const logoUrl = inputs.logoUrl ?? info.vmc.hostedLogoLocation;
  const certificateUrl = inputs.certificateUrl ?? info.vmc.hostedCertLocation;
  const by = before?.__publishedBy;
  const ended = info.status === "revoked" || info.status === "expired" || certificate?.ended;
  const withdrawn = (ended && by?.orderId === info.orderId) || hasExpired(by, ctx.client.now().getTime());
  const toHost = [
    ...(logoUrl === undefined ? ["serve the logo, byte for byte, at an https URL ending in .svg and set logoUrl"] : []),
    ...(certificateUrl === undefined
      ? ["serve the output pem at an https URL ending in .pem and set certificateUrl"]
      : []),
  ];
  if (covered && covered.length > 0 && toHost.length > 0) {
    ctx.log.warn(
      `order ${info.orderId} is issued, but its pair is not published: ${toHost.join("; ")}. Or order with enableHosting, so that DigiCert serves both.`,
      inputs.__urn,
    );
  }
  const pair = logoUrl !== undefined && certificateUrl !== undefined ? { logoUrl, certificateUrl } : undefined;
  const pairs = inputs.order.dnsNames.map((name) => {
    const old = before?.published?.find((pair) => pair.name === name);
    if (pair && covered?.includes(name)) return { name, ...pair };
    if (old?.certificateUrl && !withdrawn) return old;
    return { name, logoUrl: logoUrl ?? old?.logoUrl ?? "", certificateUrl: "" };
  });
  const isNew = pair !== undefined && pairs.some(({ name }) => covered?.includes(name));
  const { logoSha256 } = inputs.order;
  return {
    published: pairs,
    __publishedBy: isNew
      ? prune({ orderId: info.orderId, validTill: certificate?.outputs.validTill, logoSha256 })
      : pairs.some(({ certificateUrl }) => certificateUrl !== "")
        ? by
        : undefined,
  };
}
