import { CertCentralError, domains, orders, organizations } from "../certcentral";
import type { DomainInfo } from "../certcentral/domains";
import type { OrderInfo, Validation } from "../certcentral/orders";
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

const domainControl = "domain control of";
const organizationMark = "organization validation";
const byMail = ": answer DigiCert's DCV mail";

/** Ours to prove. */
export function isDomainControl({ what }: Missing): boolean {
  return what.startsWith(domainControl);
}

/** A proof that DigiCert can be asked to look for again; a mail waits for a person. */
export function isCheckable(missing: Missing): boolean {
  return isDomainControl(missing) && !missing.what.endsWith(byMail);
}

/**
 * What an order that is not issued still waits for, as far as DigiCert tells.
 * @param askForCheck also ask DigiCert to look for the DCV records now (a write, so never in a preview or refresh)
 */
export async function whatIsMissing(
  ctx: Context,
  order: { domainIds?: number[]; logoSha256?: string },
  info: OrderInfo,
  before: readonly Missing[],
  askForCheck: boolean,
): Promise<Missing[]> {
  const found: Omit<Missing, "since">[] = [];
  if (info.status === "needs_approval") {
    const open = info.requests
      .filter(({ status }) => status !== "approved" && status !== "rejected")
      .map(({ id }) => id);
    found.push({
      what: `approval of request ${open.join(", ") || "(unknown)"}`,
      who: "an administrator of the CertCentral account",
    });
  } else {
    const validation = await orders.validation(ctx.client, info.orderId).catch(ignoreRefusal);
    const known = order.domainIds ?? [];
    const ids =
      known.length > 0 ? known : (validation?.domainValidations.flatMap(({ domainId }) => domainId ?? []) ?? []);
    const open = await Promise.all([...new Set(ids)].map((domainId) => openDomain(ctx, domainId, askForCheck)));
    found.push(...open.filter((item) => item !== undefined));
    const organizationId = info.organizationId ?? validation?.organizationId;
    const validations = validation?.organizationValidations.length
      ? validation.organizationValidations
      : organizationId === undefined
        ? []
        : ((await organizations.validation(ctx.client, organizationId).catch(ignoreRefusal)) ?? []);
    const organization = organizationValidation(validations);
    if (organization) found.push(organization);
    if (order.logoSha256 === undefined && info.vmc.logo === undefined && info.vmc.logoId === undefined)
      found.push({ what: "logo", who: "you" });
    found.push({ what: "logo, mark and identity checks", who: "DigiCert" });
  }
  const now = ctx.client.now().toISOString();
  return found.map((item) => ({
    ...item,
    since: before.find((old) => sameThing(old, item))?.since ?? now,
  }));
}

/** Whether anything that is missing has come about, by the one call that tells of domains and organization alike. */
export async function hasMoved(ctx: Context, orderId: number, missing: readonly Missing[]): Promise<boolean> {
  const validation = await orders.validation(ctx.client, orderId).catch(ignoreRefusal);
  if (!validation) return false;
  const open = validation.domainValidations.filter(({ status }) => !isValidated(status)).map(({ name }) => name);
  const listed = validation.domainValidations.map(({ name }) => name);
  const proved = missing.filter(isDomainControl).some((item) => {
    const domain = item.what.slice(domainControl.length + 1).split(":", 1)[0];
    return listed.includes(domain) && !open.includes(domain);
  });
  if (validation.organizationValidations.length === 0) return proved;
  const organization = organizationValidation(validation.organizationValidations)?.what;
  return proved || organization !== missing.find(({ what }) => what.startsWith(organizationMark))?.what;
}

/** Mark certificates need EV; where DigiCert tells of it, nothing else matters. */
function organizationValidation(validations: readonly Validation[]): Omit<Missing, "since"> | undefined {
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
async function openDomain(
  ctx: Context,
  domainId: number,
  askForCheck: boolean,
): Promise<Omit<Missing, "since"> | undefined> {
  const info = await domains.info(ctx.client, domainId).catch(ignoreRefusal);
  if (!info) return { what: `${domainControl} domain ${domainId} (the key may not see it)`, who: "you" };
  if (!info.isPendingValidation) return undefined;
  const isOurs = info.dcvMethod === undefined ? info.token !== undefined : info.dcvMethod !== "email";
  if (askForCheck && isOurs) {
    const answer = await domains.check(ctx.client, domainId).catch(ignoreRefusal);
    if (answer?.status === "active") return undefined;
  }
  return { what: `${domainControl} ${info.name}${await howToProve(ctx, info)}`, who: "you" };
}

async function howToProve(ctx: Context, { name, dcvMethod, token }: DomainInfo): Promise<string> {
  if (dcvMethod === "email" || dcvMethod === undefined) return dcvMethod ? byMail : "";
  if (dcvMethod === "http-token")
    return `: serve the token at ${token?.httpTokenUrl ?? `http://${name}/.well-known/pki-validation/fileauth.txt`}`;
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
function ignoreRefusal(error: unknown): undefined {
  if (error instanceof CertCentralError && error.kind === "refused") return undefined;
  throw error;
}
