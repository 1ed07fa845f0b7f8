import { createHash } from "node:crypto";
import { CertCentralError, certificates } from "../certcentral";
import type { OrderInfo, Product } from "../certcentral/orders";
import type { Context } from "../context";
import { day } from "../time";
import { prune } from "./request";
import { isInForce } from "./status";

/**
 * Downloads the chain of an order that is issued, or whose term is over while its certificate is still good, and
 * verifies it; `covered` are the names that it may be published for.
 */
export async function verifiedCertificate(
  ctx: Context,
  order: { product?: Product; dnsNames: string[]; logoSha256?: string },
  info: OrderInfo,
) {
  const certificateId = info.certificate.id;
  const isGood = info.status === "expired" && !hasExpired(info.certificate, ctx.client.now().getTime());
  if (certificateId === undefined || (!isInForce(info.status) && !isGood)) return undefined;
  const pem = await certificates.download(ctx.client, certificateId, "pem_all").catch((error) => {
    if (!(error instanceof CertCentralError) || error.kind !== "refused") throw error;
    ctx.log.warn(
      `order ${info.orderId} is ${info.status}, but its certificate cannot be downloaded yet: ${error.message}`,
    );
    return undefined;
  });
  if (pem === undefined) return undefined;
  // Loaded late: previews of orders at rest need no X.509.
  const { trustedRoots, verifyMarkCertificate } = await import("../certificate/index.js");
  const { extraRoots } = ctx.settings;
  const roots = trustedRoots({ loopback: ctx.client.isLoopback, extraRoots: extraRoots ? [extraRoots] : [] });
  const { ok, findings, leaf, coveredNames } = verifyMarkCertificate({
    pem,
    roots,
    at: ctx.client.now(),
    dnsNames: order.dnsNames,
    ...(order.logoSha256 === undefined ? {} : { logoSha256: order.logoSha256 }),
    ...product(order.product ?? info.productNameId),
  });
  const mismatch = leaf && info.certificate.thumbprint && leaf.thumbprint !== info.certificate.thumbprint.toUpperCase();
  if (mismatch) {
    // Seen at DigiCert: the download of one certificate of an order answers with another.
    findings.push({
      id: "CERT-000",
      severity: "error",
      message: `DigiCert delivered the certificate ${leaf.thumbprint}, but the order's is ${info.certificate.thumbprint}.`,
    });
  }
  const isRevoked = info.certificate.status === "revoked";
  if (isRevoked) {
    findings.push({ id: "CERT-000", severity: "error", message: "DigiCert has revoked the certificate." });
  }
  // The names that the certificate does not cover are why it is reissued.
  const told = info.status === "reissue_pending" ? findings.filter(({ id }) => id !== "CERT-012") : findings;
  for (const { id, severity, message } of told) ctx.log.warn(`order ${info.orderId}: ${id} (${severity}): ${message}`);
  return {
    pem,
    findings: told.map(({ id, severity, message }) => ({ id, severity, message })),
    covered: ok && !mismatch && !isRevoked ? coveredNames : [],
    logoSha256: leaf?.logoSha256,
    outputs: prune({
      thumbprint: leaf?.thumbprint,
      serialNumber: leaf?.serialNumber,
      validFrom: leaf && new Date(leaf.validFrom).toISOString(),
      validTill: leaf && new Date(leaf.validTill).toISOString(),
      chainSha256: createHash("sha256").update(pem).digest("hex"),
    }),
  };
}

/** With a day of grace, since clocks differ. */
export function hasExpired(certificate: { validTill?: string } | undefined, now: number): boolean {
  return certificate?.validTill !== undefined && now > Date.parse(certificate.validTill) + day;
}

function product(nameId: string | undefined): { product?: Product } {
  return nameId === "vmc_basic" || nameId === "mark_certificate" ? { product: nameId } : {};
}
