import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { CertCentralError, certificates } from "../certcentral";
import type { OrderInfo, Product } from "../certcentral/orders";
import type { Context } from "../context";
import type { Finding } from "../finding";
import { readable } from "../readable";
import { day } from "../time";
import type { Publication } from "./publishedPairs";
import { prune } from "./request";
import { isInForce } from "./status";

/** Which errors of a certificate keep it from being published. */
export const certificateRules = ["default", "enforce-all"] as const;

interface Inputs {
  order: { product?: Product; dnsNames: string[]; logoSha256?: string };
  certificateRules?: (typeof certificateRules)[number];
  ignoreRules?: Record<string, string>;
  logoUrl?: string;
  __urn?: string;
}

/** Findings as the state holds them. */
export type Told = { id: string; severity: string; message: string }[];

/**
 * Downloads the chain of an order that is issued, or whose term is over while its certificate is still good, and
 * verifies it; `covered` are the names that it may be published for.
 */
export async function verifiedCertificate(
  ctx: Context,
  inputs: Inputs,
  info: OrderInfo,
  before: Partial<Publication> | undefined,
) {
  const { order, certificateRules, ignoreRules = {}, __urn } = inputs;
  const certificateId = info.certificate.id;
  const isGood = info.status === "expired" && !hasExpired(info.certificate, ctx.client.now().getTime());
  if (certificateId === undefined || (!isInForce(info.status) && !isGood)) return undefined;
  const pem = await certificates.download(ctx.client, certificateId, "pem_all").catch((error) => {
    if (!(error instanceof CertCentralError) || error.kind !== "refused") throw error;
    ctx.log.warn(
      `order ${info.orderId} is ${info.status}, but its certificate cannot be downloaded yet: ${error.message}`,
      __urn,
    );
    return undefined;
  });
  if (pem === undefined) return undefined;
  // Loaded late: previews of orders at rest need no X.509.
  const { trustedLogs, trustedRoots, verifyMarkCertificate } = await import("../certificate/index.js");
  const { extraRoots } = ctx.settings;
  const loopback = ctx.client.isLoopback;
  const { ok, findings, blocking, leaf, coveredNames } = await verifyMarkCertificate({
    pem,
    roots: trustedRoots({ loopback, extraRoots: extraRoots ? [extraRoots] : [] }),
    logs: trustedLogs({ loopback }),
    enforce: certificateRules === "enforce-all" ? "all" : "default",
    ignore: Object.keys(ignoreRules),
    at: ctx.client.now(),
    dnsNames: order.dnsNames,
    ...(order.logoSha256 === undefined ? {} : { logoSha256: order.logoSha256 }),
    ...product(order.product ?? info.productNameId),
    ...(info.vmc.markType === undefined ? {} : { markType: info.vmc.markType }),
  });
  const told = findings
    .filter(({ severity }) => severity !== "info")
    // The names that the certificate does not cover are why it is reissued.
    .filter(({ ruleId }) => info.status !== "reissue_pending" || ruleId !== "CERT-012")
    .map((finding) => ({
      ...finding,
      severity: blocking.includes(finding) ? ("error" as const) : ("warning" as const),
    }))
    .map((finding) => withReason(finding, ignoreRules[finding.ruleId]));
  const refuse = (message: string, ruleId = "CERT-000", hint = "Ask DigiCert.") =>
    told.push({ ruleId, severity: "error", message, hint });
  const mismatch = leaf && info.certificate.thumbprint && leaf.thumbprint !== info.certificate.thumbprint.toUpperCase();
  if (mismatch) {
    // Seen at DigiCert: the download of one certificate of an order answers with another.
    refuse(`DigiCert delivered the certificate ${leaf.thumbprint}, but the order's is ${info.certificate.thumbprint}.`);
  }
  const isRevoked = info.certificate.status === "revoked";
  if (isRevoked) refuse("DigiCert has revoked the certificate.");
  const former = logoInForce(inputs, before);
  const isOther = former !== undefined && leaf?.logoSha256?.startsWith(former) === false;
  if (isOther) {
    const [now, then] = [leaf.logoSha256!.slice(0, former.length), former];
    refuse(
      `the certificate holds another logo (SHA-256 ${now}…) than the one that ${inputs.logoUrl} stands for (${then}…).`,
      "CERT-011",
      "If it is the logo that you want, serve it at a new URL and set logoUrl to it.",
    );
  }
  for (const { ruleId, severity, message, hint } of told) {
    ctx.warnOnce(`order ${info.orderId}: ${ruleId} (${severity}): ${message}${hint ? ` | ${hint}` : ""}`, __urn);
  }
  return {
    pem,
    findings: asTold(told),
    covered: ok && !mismatch && !isRevoked && !isOther ? coveredNames : [],
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

/**
 * First digits of the SHA-256 of the logo that the given URL is published for; of a declared logo `MarkCertificate` tells
 * earlier that it needs another URL.
 */
function logoInForce({ order, logoUrl }: Inputs, before: Partial<Publication> | undefined): string | undefined {
  const isPublished = before?.published?.some((pair) => pair.certificateUrl !== "" && pair.logoUrl === logoUrl);
  return isPublished && order.logoSha256 === undefined ? before?.__publishedBy?.logoSha256 : undefined;
}

/** Whether the certificate itself, not what is missing around it, keeps it from being published. */
export function isBlocked({ findings }: { findings: Told }): boolean {
  // A name that it does not cover takes another certificate.
  return findings.some(({ id, severity }) => severity === "error" && id.startsWith("CERT-") && id !== "CERT-012");
}

/**
 * Whether a blocked certificate is judged otherwise by now: its time has begun, its root is trusted, or the chain is whole.
 * As long as it is blocked, this says why.
 */
export async function hasVerdictMoved(
  ctx: Context,
  inputs: Inputs,
  info: OrderInfo,
  outs: { findings: Told } & Partial<Publication>,
): Promise<boolean> {
  if (!isBlocked(outs)) return false;
  const certificate = await verifiedCertificate(ctx, inputs, info, outs);
  const known = outs.findings.filter(({ id }) => id.startsWith("CERT-"));
  return certificate !== undefined && !isDeepStrictEqual(certificate.findings, known);
}

/** Rules that are ignored are rules, and may be. Unknown values pass. */
export async function ignoreRulesProblems(ignoreRules: unknown): Promise<string[]> {
  if (typeof ignoreRules !== "object" || ignoreRules === null || Array.isArray(ignoreRules)) return [];
  // Loaded late: previews of orders at rest need no X.509.
  const { mayBeIgnored, rules } = await import("../certificate/index.js");
  const ignorable = rules.filter(mayBeIgnored).map(({ id }) => id);
  return Object.keys(ignoreRules).flatMap((id) => {
    if (ignorable.includes(id)) return [];
    const rule = rules.find((one) => one.id === id);
    const what = rule ? `${id} cannot be ignored: ${rule.title}.` : `there is no rule ${readable(id, 50)}.`;
    return [`${what} There can be: ${ignorable.join(", ")}.`];
  });
}

function withReason(finding: Finding, reason: string | undefined): Finding {
  if (reason === undefined) return finding;
  return { ...finding, message: `(ignored: ${readable(reason, 100)}) ${finding.message}` };
}

/** What is good to know is not kept. */
export function asTold(findings: readonly Finding[]): Told {
  return findings
    .filter(({ severity }) => severity !== "info")
    .map(({ ruleId, severity, message }) => ({ id: ruleId, severity, message }));
}

/** With a day of grace, since clocks differ. */
export function hasExpired(certificate: { validTill?: string } | undefined, now: number): boolean {
  return certificate?.validTill !== undefined && now > Date.parse(certificate.validTill) + day;
}

function product(nameId: string | undefined): { product?: Product } {
  return nameId === "vmc_basic" || nameId === "mark_certificate" ? { product: nameId } : {};
}
