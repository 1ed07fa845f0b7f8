import { CertCentralError, organizations } from "../certcentral";
import type { OrganizationInfo, OrganizationRequest } from "../certcentral/organizations";
import { BimiError, type Context } from "../context";
import { assertSees, doubtUntil, lookFor } from "../doubt";
import type { Contact, OrganizationDetails } from "../inputs";
import { organizationRequest } from "../order/request";
import { canonicalText, differences, type Identity, isMatch, isSamePerson } from "./details";

/** An organization by its id, or by its details. */
export interface Wanted extends OrganizationDetails {
  organizationId?: number | undefined;
  contacts?: Contact[] | undefined;
  __urn?: string | undefined;
}

/** It is in doubt since then whether DigiCert made this organization; these were in the account before. */
export interface Doubt {
  since: Date;
  identity: Identity;
  before: readonly number[];
  /** The user whose key the request was sent with. */
  by?: number | undefined;
}

/** An organization request whose fate nobody knows: not an error to retry, but one to look into. */
export class DoubtfulOrganizationError extends BimiError {
  constructor(
    readonly doubt: Doubt,
    message: string,
    options?: { cause?: unknown },
  ) {
    super("organization_in_doubt", message, options);
  }
}

/** What an `up` does about the organization: takes one that exists, or creates it. */
export type Choice =
  | { organization: OrganizationInfo; why?: string }
  | { organization?: undefined; before: number[]; why: string };

/**
 * Chooses with GETs only, so that a preview can say it: the organization of the given id, else the one of the account
 * that matches (the oldest of several), else a new one. DigiCert tells no date of an organization. So with
 * `skipDuplicateOrgCheck` one that an earlier run made and lost (killed before the state was written) shows only by having
 * every detail and contact of the inputs and no validation that was ever completed.
 */
export async function chooseOrganization(
  ctx: Context,
  wanted: Wanted,
  isHeld: (organizationId: number) => boolean,
): Promise<Choice> {
  if (wanted.organizationId !== undefined) {
    const organization = await visibleOrganization(ctx, wanted.organizationId);
    assertActive(organization);
    return { organization };
  }
  const listed = await organizations.list(ctx.client, { search: wanted.name! });
  const matches: OrganizationInfo[] = [];
  for (const { organizationId } of listed.filter((one) => isMatch(one, wanted)).sort(byAge)) {
    // The list may leave details out, or lag behind.
    const organization = await visibleOrganization(ctx, organizationId);
    if (!isMatch(organization, wanted)) continue;
    matches.push(organization);
    if (!wanted.skipDuplicateOrgCheck) {
      return { organization, why: "it matches by name and country" };
    }
    if (!isHeld(organizationId) && (await isLeftOver(ctx, organization, wanted))) {
      return {
        organization,
        why: "it has every detail of the inputs and was never validated, so an earlier run made it",
      };
    }
  }
  return {
    before: listed.map(({ organizationId }) => organizationId),
    why:
      matches.length > 0
        ? `another one beside ${matches.map(({ organizationId }) => organizationId).join(", ")} (skipDuplicateOrgCheck)`
        : "none of the account has this name and country",
  };
}

/** Takes the organization, or creates it: at most one, whatever crashes or times out. */
export function ensureOrganization(
  ctx: Context,
  wanted: Wanted,
  isHeld: (organizationId: number) => boolean,
  doubt?: Doubt,
): Promise<{ organizationId: number; why?: string }> {
  // Two resources with the same details look and write one after the other.
  return ctx.exclusively(`organization ${canonicalText(wanted.name)}`, async () => {
    if (doubt && wanted.organizationId === undefined) {
      const made = await newcomer(ctx, doubt, isHeld);
      if (made !== undefined) return { organizationId: made };
      await assertDoubtIsOver(ctx, doubt);
    }
    const choice = await chooseOrganization(ctx, wanted, isHeld);
    if (choice.organization) return taken(choice);
    return create(ctx, wanted, choice.before, isHeld);
  });
}

/** The organization that a doubtful request made after all; the oldest that was not there before. */
export async function newcomer(
  ctx: Context,
  { identity, before }: Doubt,
  isHeld: (organizationId: number) => boolean,
): Promise<number | undefined> {
  const listed = await organizations.list(ctx.client, { search: identity.name! });
  return listed
    .filter((one) => isMatch(one, identity))
    .sort(byAge)
    .map(({ organizationId }) => organizationId)
    .find((organizationId) => !before.includes(organizationId) && !isHeld(organizationId));
}

/** @throws DoubtfulOrganizationError while DigiCert may still show the organization */
export async function assertDoubtIsOver(ctx: Context, doubt: Doubt): Promise<void> {
  await assertSees(ctx, `The organization "${doubt.identity.name}"`, doubt.by);
  const until = doubtUntil(ctx, doubt.since);
  if (!until) return;
  throw new DoubtfulOrganizationError(
    doubt,
    `It is still in doubt whether DigiCert made the organization "${doubt.identity.name}". No other one is made before ${until.toISOString()}; run \`pulumi up\` again then. Or look in CertCentral (Organizations), and if it is there, give its number as organizationId.`,
  );
}

/** DigiCert answers "not found" for organizations of other accounts too, so it never means that one is gone. */
export async function visibleOrganization(ctx: Context, organizationId: number): Promise<OrganizationInfo> {
  try {
    return await organizations.info(ctx.client, organizationId);
  } catch (error) {
    if (!(error instanceof CertCentralError) || !error.notFound) throw error;
    throw new BimiError(
      "organization_not_visible",
      `OrgValidation: the API key does not see organization ${organizationId} (${error.status} ${error.code}). It is of another account or division, or it was deleted; nothing was changed. Use a key that sees it, or the number that CertCentral shows under Organizations; if it is really gone, remove it with \`pulumi state delete\`.`,
      { cause: error },
    );
  }
}

/** @throws BimiError when DigiCert would take nothing for the organization */
export function assertActive(organization: OrganizationInfo): void {
  if (!organization.isActive) throw new BimiError("organization_inactive", inactive(organization));
}

export function inactive(organization: { organizationId: number; name?: string }): string {
  const name = organization.name ? ` ("${organization.name}")` : "";
  return `organization ${organization.organizationId}${name} is inactive: DigiCert takes no new orders and submissions for it. Only DigiCert's support can reactivate it; else use another organization of the account, or a new one.`;
}

const byAge = (a: OrganizationInfo, b: OrganizationInfo) => a.organizationId - b.organizationId;

function taken({ organization, why }: { organization: OrganizationInfo; why?: string }) {
  const { organizationId } = organization;
  return why === undefined ? { organizationId } : { organizationId, why };
}

async function isLeftOver(ctx: Context, organization: OrganizationInfo, wanted: Wanted): Promise<boolean> {
  const isTwin =
    differences(organization, wanted).length === 0 &&
    wanted.organizationContact !== undefined &&
    isSamePerson(organization.organizationContact, wanted.organizationContact);
  if (!isTwin) return false;
  const validations = await organizations.validation(ctx.client, organization.organizationId);
  return validations.every(({ status }) => status === "pending");
}

async function create(
  ctx: Context,
  wanted: Wanted,
  before: readonly number[],
  isHeld: (organizationId: number) => boolean,
): Promise<{ organizationId: number; why?: string }> {
  const since = ctx.client.now();
  try {
    const { organizationId } = await organizations.create(ctx.client, requestOf(wanted));
    // DigiCert may see a match where we saw none, and answer with it.
    return before.includes(organizationId)
      ? { organizationId, why: "DigiCert says that it matches" }
      : { organizationId };
  } catch (error) {
    if (!(error instanceof CertCentralError)) throw error;
    if (error.kind === "doubt") {
      const { userId: by } = await ctx.account();
      const doubt = { since, identity: { name: wanted.name, country: wanted.country }, before, by };
      return { organizationId: await search(ctx, doubt, error, isHeld, wanted.__urn) };
    }
    if (error.kind !== "refused") throw error;
    // It may be a duplicate of one that the list showed too late.
    const choice = await chooseOrganization(ctx, wanted, isHeld);
    if (choice.organization) return taken(choice);
    if (!/duplicate|exist/i.test(error.codes.join())) throw error;
    throw new BimiError(
      "organization_exists",
      `${error.message} No active organization of the account has this name and country, so it is not known which one DigiCert means. Give the number of that one as organizationId, or set skipDuplicateOrgCheck: true to make another one.`,
      { cause: error },
    );
  }
}

function requestOf({ organizationId: _, __urn, ...details }: Wanted): OrganizationRequest {
  return organizationRequest(details as Parameters<typeof organizationRequest>[0]) as OrganizationRequest;
}

/** Looks for an organization whose answer was lost, for up to two minutes; never posts. */
async function search(
  ctx: Context,
  doubt: Doubt,
  cause: CertCentralError,
  isHeld: (organizationId: number) => boolean,
  urn: string | undefined,
): Promise<number> {
  ctx.log.warn(
    `DigiCert's answer to the new organization "${doubt.identity.name}" was lost (${cause.code}); looking whether it was made.`,
    urn,
  );
  const made = await lookFor(ctx, () => newcomer(ctx, doubt, isHeld));
  if (made !== undefined) return made;
  throw new DoubtfulOrganizationError(
    doubt,
    `${cause.message} It is in doubt whether DigiCert made the organization "${doubt.identity.name}": it was not found within two minutes. This is kept in the state; run \`pulumi up\` again in 15 minutes, which looks again before it makes one. Or look in CertCentral (Organizations), and if it is there, give its number as organizationId.`,
    { cause },
  );
}
