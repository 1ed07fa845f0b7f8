import type { Contact, OrganizationInfo } from "../certcentral/organizations";
import { BimiError, type Context } from "../context";
import type { OrganizationDetails, Person } from "../inputs";

/** What an organization is called, and where: by this DigiCert's organization counts as the declared one. */
export type Identity = Pick<OrganizationDetails, "name" | "country">;

/** Spelling that means nothing: letter case and blanks. */
export function canonicalText(text: string | undefined): string {
  return (text ?? "").normalize("NFKC").trim().replace(/\s+/g, " ").toLowerCase();
}

const digits = (text: string | undefined) => (text ?? "").replace(/\D/g, "");

/** Details with their spelling taken out, to tell whether they changed. */
export function canonicalDetails(details: OrganizationDetails): Record<string, unknown> | undefined {
  const given = compared.filter((name) => details[name] !== undefined);
  if (given.length === 0 && details.containerId === undefined) return undefined;
  return {
    ...Object.fromEntries(given.map((name) => [name, spell(name)(details[name])])),
    containerId: details.containerId,
  };
}

/** Whether an organization of the account is the one that the details are about. */
export function isMatch(organization: OrganizationInfo, { name, country }: Identity): boolean {
  return (
    organization.isActive &&
    canonicalText(organization.name) === canonicalText(name) &&
    (organization.country === undefined || canonicalText(organization.country) === canonicalText(country))
  );
}

/** Details that differ from what DigiCert has, in words. Personal values stay out of messages. */
export function differences(organization: OrganizationInfo, details: OrganizationDetails): string[] {
  const found = compared
    .filter((name) => spell(name)(organization[name]) !== spell(name)(details[name]))
    .map((name) =>
      personalDetails.has(name)
        ? `${name} differs`
        : `${name} is ${shown(organization[name])} at DigiCert and ${shown(details[name])} in the inputs`,
    );
  const { containerId } = details;
  // An organization is always in some container; without one in the inputs any will do.
  if (containerId !== undefined && organization.containerId !== undefined && organization.containerId !== containerId) {
    found.push(`containerId is ${organization.containerId} at DigiCert and ${containerId} in the inputs`);
  }
  return found;
}

/** Whether DigiCert's contact has all that is given of the person. */
export function isSamePerson(contact: Contact | undefined, person: Person): boolean {
  return (Object.keys(person) as (keyof Person)[]).every(
    (part) => person[part] === undefined || spell(part)(contact?.[part]) === spell(part)(person[part]),
  );
}

/** `organization 112236 ("Acme Inc", us)` */
export function titleOf({ organizationId, name, country }: OrganizationInfo): string {
  return `organization ${organizationId} (${[shown(name), country].filter(Boolean).join(", ")})`;
}

/** An organization as a resource declares it. */
interface Declared extends OrganizationDetails {
  organizationId?: number | undefined;
  contacts?: readonly unknown[] | undefined;
  __urn?: string | undefined;
}

/** Of an organization that is taken, DigiCert's details hold. */
export function warnOfDifferences(ctx: Context, organization: OrganizationInfo, inputs: Declared): void {
  const { organizationId } = organization;
  if (inputs.contacts?.length) {
    ctx.warnOnce(
      `organization ${organizationId}: contacts are given to a new organization only. Add them to this one in CertCentral, or name them in the order (organization.contacts).`,
      inputs.__urn,
    );
  }
  if (inputs.organizationId !== undefined) return;
  const differing = differences(organization, inputs);
  if (differing.length === 0) return;
  ctx.warnOnce(
    `organization ${organizationId} matches by name and country, but not in all: ${differing.join("; ")}. It is taken as it is at DigiCert. Correct the inputs, or the organization in CertCentral; or set skipDuplicateOrgCheck: true to make another one.`,
    inputs.__urn,
  );
}

/** Details that DigiCert has by now are accepted; others can be changed in CertCentral only. */
export function assertAgreed(organization: OrganizationInfo, inputs: OrganizationDetails): void {
  const differing = differences(organization, inputs);
  if (differing.length === 0) return;
  throw new BimiError(
    "change_refused",
    `OrgValidation: the details of organization ${organization.organizationId} cannot be changed from here: ${differing.join("; ")}. Nothing was changed. Change them in CertCentral (Organizations) first, then inputs that agree with DigiCert are taken up; or put the inputs back; or declare a new OrgValidation under another name.`,
  );
}

const compared = [
  "name",
  "assumedName",
  "country",
  "address",
  "address2",
  "city",
  "state",
  "zip",
  "telephone",
] as const;
const personalDetails = new Set<string>(["address", "address2", "telephone"]);

const spell = (name: string) => (name === "telephone" ? digits : canonicalText);

function shown(value: string | undefined): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}
