import { createHash } from "node:crypto";
import { certificates } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import type { Context } from "../context";
import type { Finding } from "../finding";
import {
  chainFindings,
  guardedFetch,
  logoFindings,
  MAX_HOSTED_LOGO_BYTES,
  MAX_HOSTED_PEM_BYTES,
  sameUrlFinding,
  servingFindings,
} from "../hosting";
import { asTold, type Told, type verifiedCertificate } from "./issuedCertificate";
import { ignoreRefusal, type Missing } from "./missing";
import { isSimulated, type Publication, publishedPairs } from "./publishedPairs";

type Certificate = Awaited<ReturnType<typeof verifiedCertificate>>;
type Inputs = Parameters<typeof publishedPairs>[1] & { checkHosting?: boolean | undefined };

/** What the state holds of an earlier look. */
interface Before extends Partial<Publication> {
  missing?: readonly Missing[];
  findings?: Told;
}

export interface HostedPublication {
  publication: Publication;
  /** A new chain must be served before it is published: whoever uploads the output `pem` needs it now. */
  waitsForChain?: boolean;
  findings: Told;
  missing: Missing[];
}

/**
 * The pairs to publish, as {@link publishedPairs} decides. With `checkHosting`, a pair that would be new is fetched
 * first, as a mail receiver would: unless both URLs serve what was ordered and issued, everything published stays as it
 * was. A pair that is published is not fetched again.
 */
export async function hostedPairs(
  ctx: Context,
  inputs: Inputs,
  info: OrderInfo,
  before: Before | undefined,
  certificate: Certificate,
): Promise<HostedPublication> {
  const publication = await publishedPairs(ctx, inputs, info, before, certificate);
  const pair = publication.published.find(({ certificateUrl }) => certificateUrl !== "");
  if (!inputs.checkHosting || !certificate || !pair) return { publication, findings: [], missing: [] };
  if (isPublished(pair, publication, before)) {
    return { publication, findings: heldBackBy(before?.findings, "warning"), missing: [] };
  }

  const found = await fetchPair(ctx, pair, certificate.pem, inputs.order.logoSha256);
  const former = before?.published?.some((old) => old.certificateUrl === pair.certificateUrl);
  if (former && before?.__publishedBy) found.push(sameUrlFinding(pair.certificateUrl));
  for (const { ruleId, severity, message, hint } of found) {
    if (severity === "info") continue;
    ctx.warnOnce(`order ${info.orderId}: ${ruleId} (${severity}): ${message}${hint ? ` ${hint}` : ""}`, inputs.__urn);
  }
  const findings = asTold(found);
  const errors = found.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return { publication, findings, missing: [] };

  ctx.warnOnce(
    `order ${info.orderId}: its pair is not published before both files are served as they must be; the next \`pulumi up\` looks again.`,
    inputs.__urn,
  );
  const since = ctx.client.now().toISOString();
  return {
    publication: await publishedPairs(ctx, inputs, info, before, { ...certificate, covered: [] }),
    findings,
    missing: errors.map(({ ruleId, message }) => {
      const what = `hosting: ${ruleId} ${message}`;
      const known = before?.missing?.find((item) => isSame(item.what, what));
      return { what, who: `whoever serves ${hostsIn(pair)}`, since: known?.since ?? since };
    }),
    waitsForChain: !isUrlOfOtherLogo(pair, inputs.order.logoSha256 ?? certificate.logoSha256, before),
  };
}

/** There the chain in force must stay: the record still names its logo. */
function isUrlOfOtherLogo(
  { certificateUrl }: Pair,
  logoSha256: string | undefined,
  before: Before | undefined,
): boolean {
  const logo = before?.__publishedBy?.logoSha256;
  const isInForce = before?.published?.some((old) => old.certificateUrl === certificateUrl) ?? false;
  return isInForce && logo !== undefined && logoSha256?.startsWith(logo) === false;
}

/** What is served may have another hash at every request. */
function isSame(message: string, other: string): boolean {
  const [one, two] = [message, other].map((text) => text.replaceAll(/[0-9a-f]{64}/g, ""));
  return one === two;
}

/** Whether what held a pair back has changed since it was last looked at; asks DigiCert for nothing but the chain. */
export async function hasHostingMoved(
  ctx: Context,
  outs: {
    orderId: number;
    findings: Told;
    chainSha256?: string | undefined;
    pem?: string | undefined;
    logoUrl?: string | undefined;
    certificateUrl?: string | undefined;
    hostedLogoUrl?: string | undefined;
    hostedCertificateUrl?: string | undefined;
    logoSha256?: string | undefined;
  },
  urn: string | undefined,
): Promise<boolean> {
  const errors = heldBackBy(outs.findings, "error");
  const logoUrl = outs.logoUrl ?? outs.hostedLogoUrl;
  const certificateUrl = outs.certificateUrl ?? outs.hostedCertificateUrl;
  if (errors.length === 0 || logoUrl === undefined || certificateUrl === undefined) return false;
  const pem = await issuedChain(ctx, outs);
  if (pem === undefined) return false;
  const found = await fetchPair(ctx, { logoUrl, certificateUrl }, pem, outs.logoSha256);
  const now = heldBackBy(asTold(found), "error");
  if (now.length !== errors.length || now.some(({ message }, at) => !isSame(message, errors[at]!.message))) return true;
  const why = errors.map(({ id, message }) => `${id} ${message}`).join(" ");
  ctx.warnOnce(`order ${outs.orderId} is issued, but its pair is not published: ${why}`, urn);
  return false;
}

async function issuedChain(
  ctx: Context,
  { orderId, chainSha256, pem }: { orderId: number; chainSha256?: string | undefined; pem?: string | undefined },
): Promise<string | undefined> {
  // The chain in the state may be that of the pair in force.
  if (pem !== undefined && createHash("sha256").update(pem).digest("hex") === chainSha256) return pem;
  const { certificate } = await ctx.orderInfo(orderId);
  if (certificate.id === undefined) return undefined;
  return certificates.download(ctx.client, certificate.id, "pem_all").catch(ignoreRefusal);
}

interface Pair {
  logoUrl: string;
  certificateUrl: string;
}

async function fetchPair(
  ctx: Context,
  { logoUrl, certificateUrl }: Pair,
  pem: string,
  logoSha256: string | undefined,
): Promise<Finding[]> {
  const [logo, chain] = await Promise.all([
    fetchOne(ctx, logoUrl, MAX_HOSTED_LOGO_BYTES),
    fetchOne(ctx, certificateUrl, MAX_HOSTED_PEM_BYTES),
  ]);
  const served = bodyOf(logo);
  const expected = served && (logoSha256 ?? (await embeddedLogo(pem)));
  return [
    ...(logo ? servingFindings("logo", logo) : []),
    ...(served && expected !== undefined ? logoFindings({ sha256: expected }, logoUrl, served) : []),
    ...(chain ? servingFindings("certificate", chain) : []),
    ...(bodyOf(chain) ? chainFindings(pem, certificateUrl, bodyOf(chain)!.toString("utf8")) : []),
  ];
}

/** Of an order that was adopted, DigiCert may not tell the logo: then the certificate does. */
async function embeddedLogo(pem: string): Promise<string | undefined> {
  const { embeddedLogoSha256 } = await import("../certificate/index.js");
  return embeddedLogoSha256(pem);
}

type Looked = Awaited<ReturnType<typeof guardedFetch>> | undefined;

async function fetchOne(ctx: Context, url: string, maxBytes: number): Promise<Looked> {
  if (isSimulated(ctx, url)) {
    ctx.sayOnce("checkHosting: the simulator's hosted URLs exist nowhere, so they are not fetched.");
    return undefined;
  }
  return guardedFetch(url, { maxBytes, network: ctx.network });
}

function bodyOf(looked: Looked): Buffer | undefined {
  return looked && !("failure" in looked) && looked.status === 200 ? looked.body : undefined;
}

function isPublished(pair: Pair, { __publishedBy: by }: Publication, before: Before | undefined): boolean {
  const old = before?.__publishedBy;
  return (
    old?.orderId === by?.orderId &&
    old?.certificateId === by?.certificateId &&
    (before?.published ?? []).some(
      ({ logoUrl, certificateUrl }) => logoUrl === pair.logoUrl && certificateUrl === pair.certificateUrl,
    )
  );
}

function heldBackBy(findings: Told | undefined, severity: string): Told {
  return (findings ?? []).filter((finding) => finding.id.startsWith("HOST-") && finding.severity === severity);
}

function hostsIn({ logoUrl, certificateUrl }: Pair): string {
  return [...new Set([logoUrl, certificateUrl].map((url) => new URL(url).host))].join(" and ");
}
