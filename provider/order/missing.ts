import { CertCentralError, domains, orders, organizations } from "../certcentral";
import type { DomainInfo } from "../certcentral/domains";
import type { OrderInfo, OrderValidation } from "../certcentral/orders";
import type { Context } from "../context";
import { isVisible } from "../dns";
import { type DcvMethod, dcvRecords, isValidated } from "../records";

export interface Missing {
  what: string;
  /** Who must act. */
  who: string;
  /** Since when we know: ISO 8601, UTC. */
  since: string;
}

type Found = Omit<Missing, "since">;

const approvalMark = "approval of";
const domainControl = "domain control of";
const organizationMark = "organization validation";
const byMail = ": answer DigiCert's DCV mail";

/** Nothing goes on before somebody approves. */
export function isApproval({ what }: Missing): boolean {
  return what.startsWith(approvalMark);
}

/** Ours to prove. */
export function isDomainControl({ what }: Missing): boolean {
  return what.startsWith(domainControl);
}

/** A proof that DigiCert can be asked to look for again; a mail waits for a person. */
export function isCheckable(missing: Missing): boolean {
  return isDomainControl(missing) && !missing.what.endsWith(byMail);
}

/**
 * What an order that is not issued, or is issued anew, still waits for, as far as DigiCert tells.
 * @param askForCheck also ask DigiCert to look for the DCV records now (a write, so never in a preview or refresh)
 */
export async function whatIsMissing(
  ctx: Context,
  order: { domainIds?: number[]; logoSha256?: string },
  info: OrderInfo,
  before: readonly Missing[],
  askForCheck: boolean,
): Promise<Missing[]> {
  const found: Found[] = [];
  const approval = missingApproval(info);
  if (approval) {
    found.push(approval);
  } else {
    const validation = await orders.validation(ctx.client, info.orderId).catch(ignoreRefusal);
    const listed = validation?.domainValidations ?? [];
    const proved = listed.flatMap(({ domainId, status }) => (isValidated(status) ? (domainId ?? []) : []));
    // A reissue may have domains that the order's outputs do not know, and leave out some that they do.
    const ids = new Set([...(order.domainIds ?? []), ...listed.flatMap(({ domainId }) => domainId ?? [])]);
    const open = [...ids].filter((domainId) => !proved.includes(domainId));
    const domainsFound = await Promise.all(open.map((domainId) => missingDomain(ctx, domainId, askForCheck)));
    found.push(...domainsFound.filter((item) => item !== undefined));
    const organization = await missingOrganization(ctx, validation, info.organizationId);
    if (organization) found.push(organization);
    found.push(...missingAtDigiCert(order, info));
  }
  const now = ctx.client.now().toISOString();
  return found.map((item) => ({
    ...item,
    since: before.find((old) => sameThing(old, item))?.since ?? now,
  }));
}

/** A request that nobody has decided: of the order, or of the reissue of an issued one. */
export function missingApproval({ status, requests }: OrderInfo): Found | undefined {
  const isReissue = status === "reissue_pending";
  if (!isReissue && status !== "needs_approval") return undefined;
  const open = requests.filter((request) =>
    isReissue
      ? (request.type ?? "reissue") === "reissue" && ["submitted", "pending"].includes(request.status ?? "")
      : request.status !== "approved" && request.status !== "rejected",
  );
  if (isReissue && open.length === 0) return undefined;
  const ids = open.map(({ id }) => id).join(", ") || "(unknown)";
  return {
    what: `${approvalMark} ${isReissue ? "reissue " : ""}request ${ids}`,
    who: "an administrator of the CertCentral account",
  };
}

/** A reissue carries no logo: what was vetted for the order stays so. */
function missingAtDigiCert(order: { logoSha256?: string }, { status, vmc }: OrderInfo): Found[] {
  if (status === "reissue_pending") return [{ what: "issuance of the new certificate", who: "DigiCert" }];
  const hasNoLogo = order.logoSha256 === undefined && vmc.logo === undefined && vmc.logoId === undefined;
  return [
    ...(hasNoLogo ? [{ what: "logo", who: "you" }] : []),
    { what: "logo, mark and identity checks", who: "DigiCert" },
  ];
}

/**
 * Whether anything that was missing has come about, or a proof has ended since, by the one call that tells of domains
 * and organization alike.
 */
export async function hasMoved(ctx: Context, orderId: number, missing: readonly Missing[]): Promise<boolean> {
  const validation = await orders.validation(ctx.client, orderId).catch(ignoreRefusal);
  if (!validation) return false;
  const isMissing = (name: string | undefined) =>
    missing.some(
      (item) => isDomainControl(item) && item.what.slice(domainControl.length + 1).split(":", 1)[0] === name,
    );
  for (const { domainId, name, status } of validation.domainValidations) {
    if (isValidated(status) === isMissing(name)) {
      if (isValidated(status)) return true;
      // Only the domain's own view tells what would be missing; it may say: nothing.
      const item = domainId === undefined ? undefined : await missingDomain(ctx, domainId, false);
      if (item && !missing.some((old) => sameThing(old, item))) return true;
    }
  }
  if (validation.organizationValidations.length === 0 && validation.organizationId === undefined) return false;
  const organization = await missingOrganization(ctx, validation, validation.organizationId);
  return organization?.what !== missing.find(({ what }) => what.startsWith(organizationMark))?.what;
}

/** Mark certificates need EV; where DigiCert tells of it, nothing else matters. */
async function missingOrganization(
  ctx: Context,
  validation: OrderValidation | undefined,
  orderedBy: number | undefined,
): Promise<Found | undefined> {
  const organizationId = orderedBy ?? validation?.organizationId;
  let validations = validation?.organizationValidations ?? [];
  if (validations.length === 0 && organizationId !== undefined) {
    validations = (await organizations.validation(ctx.client, organizationId).catch(ignoreRefusal)) ?? [];
  }
  const ev = validations.filter(({ type }) => type === "ev");
  const waiting = (ev.length > 0 ? ev : validations)
    .filter(({ status }) => status !== "active")
    .map(({ type }) => type.toUpperCase());
  return waiting.length > 0 ? { what: `${organizationMark} (${waiting.join(", ")})`, who: "DigiCert" } : undefined;
}

/** Where a record is visible may change while the same proof is missing. */
function sameThing(a: Pick<Missing, "what">, b: Pick<Missing, "what">): boolean {
  const bare = ({ what }: Pick<Missing, "what">) => what.replace(/ \(not visible at .*\)$/, "");
  return bare(a) === bare(b);
}

/** A domain whose control is not proved yet; asks DigiCert to look when `askForCheck` says so. */
async function missingDomain(ctx: Context, domainId: number, askForCheck: boolean): Promise<Found | undefined> {
  const info = await domains.info(ctx.client, domainId).catch(ignoreRefusal);
  if (!info) return { what: `${domainControl} domain ${domainId} (the key may not see it)`, who: "you" };
  if (!info.isPendingValidation) return undefined;
  const isOurs = info.dcvMethod === undefined ? info.token !== undefined : info.dcvMethod !== "email";
  if (askForCheck && isOurs) {
    const answer = await domains.check(ctx.client, domainId).catch(ignoreRefusal);
    if (answer?.status === "active") return undefined;
  }
  return { what: `${domainControl} ${info.name}${await howToProve(ctx, info)}`, who: whoProves(info) };
}

/** One answer is enough, whoever gives it. */
function whoProves({ dcvMethod, emails }: DomainInfo): string {
  if (dcvMethod !== "email" || emails.length === 0) return "you";
  return `whoever reads ${new Intl.ListFormat("en", { type: "disjunction" }).format(emails)}`;
}

async function howToProve(ctx: Context, { name, dcvMethod, token }: DomainInfo): Promise<string> {
  if (dcvMethod === "email" || dcvMethod === undefined) return dcvMethod ? byMail : "";
  if (dcvMethod === "http-token")
    return `: serve the token at ${token?.httpTokenUrl ?? `http://${name}/.well-known/pki-validation/fileauth.txt`}, as the content of that file`;
  const domain = { name, dnsName: name, token: token?.token, verificationValue: token?.verificationValue };
  const forms = recordForms.flatMap((form) =>
    dcvRecords({ domains: [domain], method: dcvMethod as DcvMethod, ...form }),
  );
  const [record] = forms;
  if (!record) return `: ${dcvMethod}`;
  const { resolver } = ctx.settings;
  const isHidden =
    resolver !== undefined && !(await Promise.all(forms.map((form) => isVisible(form, resolver)))).some(Boolean);
  return `: ${record.type} record at ${record.name}${isHidden ? ` (not visible at ${resolver})` : ""}`;
}

/** Where the record may stand, the usual place first. */
const recordForms = [
  { dcvRecordName: "@", cnameStyle: "_dnsauth" },
  { dcvRecordName: "_dnsauth", cnameStyle: "seed" },
] as const;

/** What the key may not ask, or what is simply not proved yet, is no failure of the update. */
export function ignoreRefusal(error: unknown): undefined {
  if (error instanceof CertCentralError && error.kind === "refused") return undefined;
  throw error;
}
