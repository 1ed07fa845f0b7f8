import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { orders } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import { checkInputs, failure, failuresOf } from "../check";
import { BimiError, type Context } from "../context";
import { id, reasonsToIgnore, text } from "../inputs";
import { type Lifecycle, PartialStateError } from "../lifecycle";
import { hasHostingMoved, hostedPairs } from "../order/hostedPair";
import {
  certificateRules,
  hasExpired,
  hasVerdictMoved,
  ignoreRulesProblems,
  isBlocked,
  verifiedCertificate,
} from "../order/issuedCertificate";
import {
  hasMoved,
  isApproval,
  isCheckable,
  isDomainControl,
  type Missing,
  missingApproval,
  whatIsMissing,
} from "../order/missing";
import { visibleOrder } from "../order/observe";
import { hostedUrls } from "../order/publishedPairs";
import { prune } from "../order/request";
import { OrderResource } from "../order/resource";
import { isDead, isInForce, isIssued } from "../order/status";
import { assertionUrlProblem, canonicalDnsName, dnsNameProblem } from "../records";
import { type Args, BimiResource, type Outs } from "../resource";
import { day, hour, minute } from "../time";
import { containsUnknown, isUnknown } from "../unknown";

const waits = ["none", "dcv", "issuance"] as const;

export const markCertificateInputs = z.strictObject({
  /** The order whose certificate it is: a `VmcOrder` or `CmcOrder`. */
  order: z.strictObject({
    /** Number of the order. */
    orderId: id,
    /** `vmc_basic` or `mark_certificate`. */
    product: z.enum(["vmc_basic", "mark_certificate"]).optional(),
    /** The ordered names. */
    dnsNames: z.array(text),
    /** Ids of the domains that DigiCert validates for the order. */
    domainIds: z.array(id).optional(),
    /** Id of the order's certificate: another one after a reissue, which is how the reissue is noticed. */
    certificateId: id.optional(),
    /** SHA-256 of the ordered logo: the certificate must hold exactly those bytes. */
    logoSha256: z.string().optional(),
    /** @internal First digits of the declared logo's SHA-256: known in the preview that changes the logo. */
    __logo: z.string().optional(),
  }),
  /**
   * https URL where the ordered SVG is served: `l=` of the BIMI record. Default: DigiCert's, with `enableHosting`. Another
   * logo needs another URL. While a reissue or a successor is pending, a change waits for its certificate: then both
   * URLs switch together.
   */
  logoUrl: text.optional(),
  /**
   * https URL where the issued chain (PEM) is served: `a=`. Default: DigiCert's, with `enableHosting`. It may stay the
   * same for a later certificate with the same logo; with another logo, give it a URL of its own.
   */
  certificateUrl: text.optional(),
  /**
   * What `pulumi up` waits for, after a reissue too: `none` (default; people at DigiCert take days, the next `up` goes
   * on), `dcv` (control of all domains is proved) or `issuance`. A change does nothing by itself.
   */
  wait: z.enum(waits, { error: `must be one of ${waits.join(", ")}.` }).optional(),
  /** How long at most, in minutes: 1 to 1440. Default: 30. After that the update fails and the next one goes on. */
  waitMinutes: z.number().min(1, "must be 1 to 1440 minutes.").max(1440, "must be 1 to 1440 minutes.").optional(),
  /**
   * Before a pair is newly published, fetch both URLs as a mail receiver would, and compare them with the ordered logo and
   * the issued chain. Unless they are served as they must be (HOST-001 to HOST-007), what is published stays as it was,
   * `findings` and `missing` say why, and each later preview looks again. Default: false. A program that uploads the
   * output `pem` itself (`includeChain: true`) publishes one `pulumi up` later. Hosts that are not public are refused,
   * unless config `bimi:allowPrivateHosts` is true. A change does nothing to a pair that is published.
   */
  checkHosting: z.boolean().optional(),
  /** Keep the PEM chain in the state as output `pem`. Default: only when nothing hosts it. */
  includeChain: z.boolean().optional(),
  /**
   * What keeps an issued certificate from being published: `default` (its signatures, root, dates, purpose, embedded
   * logo and mark type; a name that it does not cover stays unpublished) or `enforce-all` (also what the other rules
   * find, such as a missing certificate-transparency timestamp, which otherwise are warnings in `findings`). A blocked
   * certificate leaves published what was, and each later preview verifies it again. A change looks at the certificate
   * again.
   */
  certificateRules: z.enum(certificateRules, { error: `must be one of ${certificateRules.join(", ")}.` }).optional(),
  /**
   * Rules whose errors keep no certificate from being published, by id, each with the reason; in `findings` they stay as
   * warnings. For example `{ "CERT-015": "DigiCert confirmed the subject, case 123" }`. Only CERT-015 and those that block
   * nothing by default can be ignored. A change looks at the certificate again.
   */
  ignoreRules: reasonsToIgnore.optional(),
  /** @internal URN, for messages on the resource's own row. */
  __urn: z.string().optional(),
});
export type MarkCertificateInputs = z.infer<typeof markCertificateInputs>;

export const markCertificateOutputs = z.object({
  /** The order's state at DigiCert: `needs_approval`, `pending`, `issued`, `reissue_pending`, `canceled`, … */
  status: z.string(),
  /** What issuance, of a reissue too, still waits for. */
  missing: z.array(
    z.object({
      /** What is missing. */
      what: z.string(),
      /** Who must act. */
      who: z.string(),
      /** Since when we know: ISO 8601, UTC. */
      since: z.string(),
    }),
  ),
  /** SHA-1 thumbprint of the certificate, upper-case hex. */
  thumbprint: z.string().optional(),
  /** Serial number, upper-case hex. */
  serialNumber: z.string().optional(),
  /** Begin of validity: ISO 8601, UTC. */
  validFrom: z.string().optional(),
  /** End of validity: ISO 8601, UTC. */
  validTill: z.string().optional(),
  /** SHA-256 of the PEM chain as DigiCert delivers it, lower-case hex. */
  chainSha256: z.string().optional(),
  /**
   * The PEM chain, to be served at `certificateUrl`; see `includeChain`. That of the published pairs, if there are any;
   * the new one while `checkHosting` waits for it.
   */
  pem: z.string().optional(),
  /** Where DigiCert serves the logo, with `enableHosting`. */
  hostedLogoUrl: z.string().optional(),
  /** Where DigiCert serves the chain, with `enableHosting`. */
  hostedCertificateUrl: z.string().optional(),
  /**
   * The assertion in force for each name. `logoUrl` and `certificateUrl` are a pair that belongs to one issued and
   * verified certificate; before there is one, and after it was revoked or has expired, `certificateUrl` is empty. A
   * new order, a renewal or a reissue changes nothing until its certificate is issued and verified; then all pairs
   * switch at once.
   */
  published: z.array(
    z.object({
      /** The ordered name. */
      name: z.string(),
      /** `l=` of its assertion record; empty when there is no logo URL yet. */
      logoUrl: z.string(),
      /** `a=` of its assertion record. */
      certificateUrl: z.string(),
    }),
  ),
  /** Why an issued certificate is not published, and what else verification found. */
  findings: z.array(
    z.object({
      /** Id of the rule, such as `CERT-011`. */
      id: z.string(),
      /** `error` (the certificate is not published; of `CERT-012`: for the name) or `warning`. */
      severity: z.string(),
      /** What was found. */
      message: z.string(),
    }),
  ),
  /** Number of the order. */
  orderId: z.int(),
  /** Copy of the input: which URLs were last looked at. */
  logoUrl: z.string().optional(),
  /** Copy of the input. */
  certificateUrl: z.string().optional(),
  /** Copy of the input. */
  checkHosting: z.boolean().optional(),
  /** Copy of the input. */
  certificateRules: z.enum(certificateRules).optional(),
  /** Copy of the input. */
  ignoreRules: z.record(z.string(), z.string()).optional(),
  /** SHA-256 of the logo that `logoUrl` stands for. */
  logoSha256: z.string().optional(),
  /** Copy of the input `order.certificateId`. */
  certificateId: z.int().optional(),
  /** CertCentral account that the order belongs to. */
  accountId: z.int(),
  /** DigiCert site that it belongs to, or `loopback`. */
  origin: z.string(),
  /** @internal When DigiCert was last asked for details. */
  __seenAt: z.string(),
  /** @internal Hash of the input `order.domainIds`; a state without it is of version 0.1.0, which knew no `certificateId`. */
  __domains: z.string().optional(),
  /** @internal Copy of the input. */
  __logo: z.string().optional(),
  /** @internal The certificate that the published pairs belong to; it may be of an earlier order. */
  __publishedBy: z
    .object({
      orderId: z.int(),
      certificateId: z.int().optional(),
      validTill: z.string().optional(),
      // Its begin is enough to compare.
      logoSha256: z.string().optional(),
    })
    .optional(),
});
type Outputs = z.infer<typeof markCertificateOutputs>;

/**
 * The certificate of an order as it comes to be: what is missing while people vet, the certificate once issued, and
 * which pair of URLs may be published. Reads only, except that it asks DigiCert to check the DCV records.
 */
export function markCertificate(context: () => Context): Lifecycle {
  return {
    async check(_olds, news) {
      const failures = checkInputs(markCertificateInputs, news, []);
      for (const property of ["logoUrl", "certificateUrl"]) {
        const url = news[property];
        const problem = typeof url === "string" && !isUnknown(url) ? assertionUrlProblem(url) : undefined;
        if (problem) failures.push(failure(property, problem, []));
      }
      const cannotIgnore = await ignoreRulesProblems(news.ignoreRules);
      failures.push(...cannotIgnore.map((reason) => failure("ignoreRules", reason, [])));
      const names = (news.order as Partial<MarkCertificateInputs["order"]> | undefined)?.dnsNames;
      // Of a list that is wrong the schema has told already.
      const isText = (name: unknown): name is string => typeof name === "string" && !isUnknown(name);
      if (!Array.isArray(names) || !names.every(isText)) return { inputs: news, failures };
      const problems = [...new Set(names)].flatMap((name) => {
        const problem = dnsNameProblem(name);
        return problem ? [{ path: "order.dnsNames", reason: `"${name}": ${problem}` }] : [];
      });
      failures.push(...failuresOf(problems, []));
      const dnsNames = [...new Set(names.map(canonicalDnsName))];
      return { inputs: { ...news, order: { ...(news.order as object), dnsNames } }, failures };
    },

    async diff(_id, olds, news) {
      const outs = olds as Outputs;
      const inputs = news as MarkCertificateInputs;
      assertSameBytes(outs, inputs);
      warnOfSharedUrl(context(), outs, inputs);
      if (hasOtherInputs(outs, inputs)) return { changes: true };
      return { changes: await hasNews(context(), outs, inputs) };
    },

    async create(props) {
      const ctx = context();
      const inputs = props as MarkCertificateInputs;
      const bound = await ctx.bind(`MarkCertificate of order ${inputs.order.orderId}`, {});
      return { id: `mark-certificate-${inputs.order.orderId}`, outs: await converge(ctx, inputs, bound) };
    },

    async read(id, props) {
      const ctx = context();
      const outs = props as Outputs;
      if (outs.orderId === undefined) {
        throw new BimiError(
          "not_readable",
          "MarkCertificate.get cannot work: it has no object of its own at DigiCert. Use VmcOrder.get or CmcOrder.get, and make a MarkCertificate of it.",
        );
      }
      const bound = await ctx.bind(`MarkCertificate of order ${outs.orderId}`, props);
      return { id, props: await observe(ctx, inputsOf(outs), bound, outs, { askForCheck: false }) };
    },

    async update(id, olds, news) {
      const ctx = context();
      const outs = olds as Outputs;
      const inputs = news as MarkCertificateInputs;
      assertSameBytes(outs, inputs);
      const bound = await ctx.bind(`MarkCertificate of order ${inputs.order.orderId}`, olds);
      return { outs: await converge(ctx, inputs, bound, outs, id) };
    },

    // There is nothing at DigiCert to delete: the order has the certificate. But a destroy with a key that does not see the
    // order would end there, with this resource and the DCV records behind it gone already.
    async delete(_id, props) {
      const ctx = context();
      if (!ctx.hasKey) return;
      const { orderId } = props as Outputs;
      const title = `MarkCertificate of order ${orderId}`;
      await ctx.bind(title, props);
      await visibleOrder(ctx, title, orderId, () => ctx.orderInfo(orderId));
    },
  };

  /** What the program said when DigiCert was last asked. */
  function inputsOf(outs: Outputs, urn?: string): MarkCertificateInputs {
    const order = {
      orderId: outs.orderId,
      dnsNames: outs.published.map(({ name }) => name),
      certificateId: outs.certificateId,
      logoSha256: outs.logoSha256,
    };
    return {
      order,
      logoUrl: outs.logoUrl,
      certificateUrl: outs.certificateUrl,
      certificateRules: outs.certificateRules,
      ignoreRules: outs.ignoreRules,
      checkHosting: outs.checkHosting,
      includeChain: outs.pem === undefined && outs.thumbprint === undefined ? undefined : outs.pem !== undefined,
      __urn: urn,
    };
  }

  /** Receivers and DigiCert compare the hosted logo with the certificate byte by byte, and cache by URL. */
  function assertSameBytes(outs: Outputs, { order, logoUrl }: MarkCertificateInputs): void {
    if (logoUrl === undefined || isUnknown(logoUrl)) return;
    const isPublished = outs.published.some((pair) => pair.certificateUrl !== "" && pair.logoUrl === logoUrl);
    const isSameUrl = logoUrl === outs.logoUrl;
    // Before the order is updated only what it declares is known.
    const isKnown = order?.logoSha256 !== undefined && !isUnknown(order.logoSha256);
    const hash = isKnown ? order.logoSha256 : order?.__logo;
    if (hash === undefined || isUnknown(hash)) return;
    const known = isKnown
      ? [isSameUrl ? outs.logoSha256 : undefined, isPublished ? outs.__publishedBy?.logoSha256 : undefined]
      : [isSameUrl || isPublished ? outs.__logo : undefined];
    const before = known.find((one) => one !== undefined && !hash.startsWith(one));
    if (before === undefined) return;
    throw new BimiError(
      "same_logo_url",
      `MarkCertificate of order ${outs.orderId}: the logo changed (SHA-256 ${before} before, ${hash} now), but logoUrl is still ${logoUrl}, which stands for the former one. Serve the new logo at a new URL and set logoUrl to it.`,
    );
  }

  /** A chain is replaced at no exact moment, and receivers keep records: for a while they would see two that differ. */
  function warnOfSharedUrl(ctx: Context, outs: Outputs, { order, certificateUrl, __urn }: MarkCertificateInputs): void {
    const hash = order?.logoSha256;
    const published = outs.__publishedBy?.logoSha256;
    if (hash === undefined || isUnknown(hash) || published === undefined || hash.startsWith(published)) return;
    if (!outs.published.some((pair) => pair.certificateUrl !== "" && pair.certificateUrl === certificateUrl)) return;
    ctx.log.warn(
      `MarkCertificate of order ${outs.orderId}: certificateUrl ${certificateUrl} serves the chain in force, which holds another logo than the new order. Replacing that file leaves receivers with a logo and a certificate that do not match until they have read the new record. Serve the new chain at a URL of its own and set certificateUrl to it.`,
      __urn,
    );
  }

  /** Whether the program says anything else than when DigiCert was last asked; what is not known yet counts as unchanged. */
  function hasOtherInputs(outs: Outputs, inputs: MarkCertificateInputs): boolean {
    const differ = (now: unknown, before: unknown) => !containsUnknown(now) && !isDeepStrictEqual(now, before);
    const { order, logoUrl, certificateUrl, certificateRules, checkHosting, includeChain } = inputs;
    if (differ(logoUrl, outs.logoUrl) || differ(certificateUrl, outs.certificateUrl)) return true;
    if (differ(certificateRules, outs.certificateRules) || differ(inputs.ignoreRules, outs.ignoreRules)) return true;
    if (differ(checkHosting, outs.checkHosting)) return true;
    const isChainKept = outs.pem !== undefined;
    if (includeChain !== undefined && outs.thumbprint && isInForce(outs.status) && differ(includeChain, isChainKept)) {
      return true;
    }
    if (isUnknown(order)) return false;
    const names = outs.published.map(({ name }) => name);
    const areOtherNames = !containsUnknown(order.dnsNames) && inOrder(order.dnsNames) !== inOrder(names);
    return (
      differ(order.orderId, outs.orderId) ||
      differ(order.logoSha256, outs.logoSha256) ||
      areOtherNames ||
      (outs.__domains !== undefined &&
        (differ(order.certificateId, outs.certificateId) ||
          (!containsUnknown(order.domainIds) && hashOf(order.domainIds) !== outs.__domains)))
    );
  }

  async function hasNews(ctx: Context, outs: Outputs, inputs: MarkCertificateInputs): Promise<boolean> {
    if (hasExpired(outs.__publishedBy, ctx.clock.now())) return true;
    if (isDead(outs.status)) return false;
    if (isIssued(outs.status) && hasExpired(outs, ctx.clock.now())) return false;
    if (!ctx.hasKey) return false;
    const isAtRest = isIssued(outs.status) && isComplete(outs) && !endsUnwatched(ctx, outs);
    if (isAtRest) return false;
    if (!isIssued(outs.status) && !containsUnknown(inputs.wait) && !reached(inputs.wait ?? "none", outs)) return true;
    // The account's answer also brings DigiCert's clock, which decides what is due.
    await ctx.bind(`MarkCertificate of order ${outs.orderId}`, outs);
    if (isIssued(outs.status) && (await hasHostingMoved(ctx, outs, inputs.__urn))) return true;
    const age = ctx.client.now().getTime() - Date.parse(outs.__seenAt);
    if (isIssued(outs.status) && age < 6 * hour && !isBlocked(outs)) return false;
    const listed = isIssued(outs.status) ? undefined : (await ctx.pendingOrders()).get(outs.orderId);
    const info = listed === undefined ? await ctx.orderInfo(outs.orderId) : undefined;
    const status = listed ?? info!.status;
    if (status !== outs.status) {
      ctx.sayEvent(`order ${outs.orderId}: ${outs.status} -> ${status}`, inputs.__urn);
      return true;
    }
    if (isIssued(outs.status)) {
      // Not published although issued: hosted locations may appear, or a blocked certificate be replaced.
      const { thumbprint } = info!.certificate;
      if (outs.thumbprint === undefined || thumbprint?.toUpperCase() !== outs.thumbprint) return true;
      const { logoUrl, certificateUrl } = hostedUrls(ctx, info!, inputs.__urn);
      if (certificateUrl !== outs.hostedCertificateUrl || logoUrl !== outs.hostedLogoUrl) return true;
      return hasVerdictMoved(ctx, inputsOf(outs, inputs.__urn), info!, outs);
    }
    if (info && (missingApproval(info) !== undefined) !== outs.missing.some(isApproval)) return true;
    if (age > hour && outs.missing.some(isCheckable)) {
      ctx.sayOnce(`order ${outs.orderId}: asks DigiCert to check domain control again`, inputs.__urn);
      return true;
    }
    if (age < 6 * hour || outs.missing.some(isApproval)) return false;
    return hasMoved(ctx, outs.orderId, outs.missing);
  }

  /** Every name has a pair, and the pairs belong to the certificate that the order names; 0.1.0 kept only the order. */
  function isComplete({
    orderId,
    certificateId,
    thumbprint,
    published,
    findings,
    __publishedBy: by,
  }: Outputs): boolean {
    if (thumbprint === undefined || by?.orderId !== orderId) return false;
    // A reissue that was just asked for may not show yet, and its certificate may be blocked.
    if (by.certificateId !== undefined && certificateId !== undefined && by.certificateId !== certificateId)
      return false;
    if (findings.some(({ severity }) => severity === "error")) return false;
    return published.every(({ certificateUrl }) => certificateUrl !== "");
  }

  /** Without the certificate's id nothing else would tell that it was reissued before its end. */
  function endsUnwatched(ctx: Context, { certificateId, validTill }: Outputs): boolean {
    return certificateId === undefined && validTill !== undefined && ctx.clock.now() > Date.parse(validTill) - 30 * day;
  }

  async function converge(
    ctx: Context,
    inputs: MarkCertificateInputs,
    bound: { accountId: number; origin: string },
    before?: Outputs,
    id = `mark-certificate-${inputs.order.orderId}`,
  ): Promise<Outputs> {
    const wait = inputs.wait ?? "none";
    const deadline = ctx.clock.now() + (inputs.waitMinutes ?? 30) * minute;
    const look = async (before: Outputs | undefined) => ({
      ...(await observe(ctx, inputs, bound, before, { askForCheck: true })),
      __domains: hashOf(inputs.order.domainIds),
      __logo: inputs.order.__logo,
    });
    let outs = await look(before);
    for (let pause = 5_000; !reached(wait, outs); pause = Math.min(pause * 1.5, minute)) {
      if (ctx.clock.now() + pause > deadline) {
        throw new PartialStateError(
          `MarkCertificate: order ${outs.orderId} is ${outs.status} after ${inputs.waitMinutes ?? 30} minutes; missing: ${outs.missing.map(({ what, who }) => `${what} (${who})`).join("; ")}. Everything is kept; run \`pulumi up\` again, or set wait: "none".`,
          id,
          outs,
        );
      }
      await ctx.clock.sleep(pause);
      outs = await look(outs);
    }
    return outs;
  }

  function reached(wait: (typeof waits)[number], outs: Outputs): boolean {
    if (wait === "none" || isIssued(outs.status) || isDead(outs.status)) return true;
    return wait === "dcv" && !outs.missing.some((item) => isApproval(item) || isDomainControl(item));
  }

  async function observe(
    ctx: Context,
    inputs: MarkCertificateInputs,
    bound: { accountId: number; origin: string },
    before: Outputs | undefined,
    { askForCheck }: { askForCheck: boolean },
  ): Promise<Outputs> {
    const { orderId } = inputs.order;
    let info = await orders.info(ctx.client, orderId);
    let missing: Missing[] = [];
    if (!isIssued(info.status) && !isDead(info.status)) {
      missing = await whatIsMissing(ctx, inputs.order, info, before?.missing ?? [], askForCheck);
      // The last proof may be all that issuance waited for.
      if (askForCheck) info = await orders.info(ctx.client, orderId);
      if (isIssued(info.status)) missing = [];
    }
    if (isDead(info.status)) missing = [ended(ctx, inputs, info, before)];
    const hosted = hostedUrls(ctx, info, inputs.__urn);
    const base = {
      ...bound,
      orderId,
      status: info.status,
      missing,
      hostedLogoUrl: hosted.logoUrl,
      hostedCertificateUrl: hosted.certificateUrl,
      logoUrl: inputs.logoUrl,
      certificateUrl: inputs.certificateUrl,
      certificateRules: inputs.certificateRules,
      ignoreRules: inputs.ignoreRules,
      checkHosting: inputs.checkHosting,
      logoSha256: inputs.order.logoSha256,
      certificateId: inputs.order.certificateId,
      __domains: before?.__domains,
      __logo: before?.__logo,
      __seenAt: ctx.client.now().toISOString(),
    };
    const certificate = await verifiedCertificate(ctx, inputs, info, before);
    const kept = keptCertificate(before, info);
    const { publication, waitsForChain, ...looked } = await hostedPairs(ctx, inputs, info, before, certificate);
    const isKept = publication.__publishedBy !== undefined && publication.__publishedBy === before?.__publishedBy;
    // What is served for a pair in force must stay what it is, unless a new chain is waited for.
    const pem =
      (isKept && !waitsForChain ? before.pem : undefined) ??
      certificate?.pem ??
      (isInForce(info.status) ? kept?.pem : undefined);
    return prune({
      ...base,
      ...(certificate?.outputs ?? kept?.described),
      ...(pem !== undefined && mustKeepChain(inputs, hosted.certificateUrl) ? { pem } : {}),
      missing: [...missing, ...looked.missing],
      findings: [...(certificate?.findings ?? []), ...looked.findings],
      ...publication,
    });
  }

  /** An order that ended will have no certificate, or none any more: somebody has to decide what follows. */
  function ended(ctx: Context, inputs: MarkCertificateInputs, info: OrderInfo, before: Outputs | undefined): Missing {
    const notes = info.notes.map(({ text }) => text).join(" ");
    const first = info.status === "expired" ? "" : "Settle with DigiCert what was wrong. ";
    const death = `order ${info.orderId} is ${info.status}${notes ? ` (DigiCert notes: ${notes})` : ""}. ${first}To order anew, set reorderAfter: ${info.orderId} on the order`;
    const what = `a live order: ${death}`;
    const known = before?.missing.find((item) => item.what === what);
    if (!known) ctx.log.warn(`${death}.`, inputs.__urn);
    return known ?? { what, who: "you", since: ctx.client.now().toISOString() };
  }

  /** A dead order keeps what its certificate was, and a live one when the certificate cannot be downloaded just now. */
  function keptCertificate(before: Outputs | undefined, { orderId, certificate }: OrderInfo) {
    if (!before || before.orderId !== orderId) return undefined;
    const { thumbprint, serialNumber, validFrom, validTill, chainSha256, pem } = before;
    if ((certificate.thumbprint?.toUpperCase() ?? thumbprint) !== thumbprint) return undefined;
    return { pem, described: { thumbprint, serialNumber, validFrom, validTill, chainSha256 } };
  }

  function mustKeepChain({ includeChain, certificateUrl }: MarkCertificateInputs, hostedUrl?: string): boolean {
    return includeChain ?? (certificateUrl === undefined && hostedUrl === undefined);
  }
}

const inOrder = (values: readonly unknown[]) => [...values].sort().join();

/** The state is dear: the ids of all domains would be a good part of it. */
function hashOf(domainIds: readonly number[] = []): string {
  return createHash("sha256").update(inOrder(domainIds)).digest("base64url").slice(0, 8);
}

/** Inputs of a {@link MarkCertificate}. */
export type MarkCertificateArgs = Omit<Args<z.input<typeof markCertificateInputs>>, "order"> & {
  /** The order whose certificate it is: a `VmcOrder` or `CmcOrder`, or what is known of it. */
  order: OrderResource | Args<z.input<typeof markCertificateInputs>>["order"];
};

export interface MarkCertificate extends Outs<Outputs> {}

/**
 * The certificate of an order: what issuance still waits for and who must act, the verified certificate once issued,
 * and which pair of URLs may be published for each name. `CloudflareBimi` makes one for its order.
 *
 * @example
 * ```typescript
 * const certificate = new bimi.MarkCertificate("logo", {
 *   order,
 *   logoUrl: "https://example.com/logo-1.svg",
 *   certificateUrl: "https://example.com/logo-1.pem",
 * });
 * export const missing = certificate.missing;
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Pulumi sets the outputs' fields from the properties.
export class MarkCertificate extends BimiResource {
  constructor(name: string, { order, ...args }: MarkCertificateArgs, opts: pulumi.CustomResourceOptions = {}) {
    const outputs = Object.keys(markCertificateOutputs.shape);
    const inputs = { ...args, order: isOrder(order) ? orderInput(order) : order };
    // The order's account is the certificate's, unless the program says otherwise.
    const provider = opts.provider ?? (isOrder(order) ? providerOf(order) : undefined);
    super(
      "MarkCertificate",
      "markCertificate",
      name,
      inputs,
      outputs,
      { ...opts, ...(provider ? { provider } : {}) },
      { reference: false },
    );
  }
}

/** Two copies of this package in a program have two classes. */
function isOrder(order: MarkCertificateArgs["order"]): order is OrderResource {
  return order instanceof OrderResource || (pulumi.CustomResource.isInstance(order) && "__declared" in order);
}

export function providerOf(order: OrderResource): pulumi.ProviderResource | undefined {
  return order.getProvider("pulumi-nodejs:dynamic/bimi:MarkCertificate");
}

/** What a certificate is told of its order; its names are the declared ones, unless a component knows better. */
export function orderInput(order: OrderResource, dnsNames = order.__declared.dnsNames) {
  const { product } = order.__declared;
  return {
    orderId: order.orderId,
    product,
    dnsNames:
      dnsNames ??
      pulumi.output(order.domains).apply((domains = []) => [...new Set(domains.map(({ dnsName }) => dnsName))]),
    domainIds: pulumi.output(order.domains).apply((domains = []) => [...new Set(domains.map(({ id }) => id))]),
    certificateId: order.certificateId,
    logoSha256: order.logoSha256,
    __logo: order.__logo,
  };
}
