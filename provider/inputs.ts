import { z } from "zod";
import { isUnknown } from "./unknown";

/** Building blocks of the resources' inputs. The JSDoc here is what users read in their editor, the schema and the docs. */

export const text = z.string().min(1, "must not be empty.");
export const id = z
  .int("must be a whole number, the id that CertCentral shows.")
  .positive("must be a positive number.");
export const email = z.email("is not an email address.");
export const countryCode = z
  .string()
  .regex(/^[A-Za-z]{2}$/, "must be a two-letter ISO 3166-1 country code, such as us.");
/** Ids of rules with the reason why each is ignored. */
export const reasonsToIgnore = z.record(z.string(), z.string().regex(/\S/, "must say why the rule is ignored."));

export const person = z.strictObject({
  /** Given name. */
  firstName: text,
  /** Family name. */
  lastName: text,
  /** Email address. */
  email,
  /** Job title. */
  jobTitle: text.optional(),
  /** Telephone number, in any spelling. */
  telephone: text.optional(),
  /** Telephone extension. */
  telephoneExtension: text.optional(),
});
export type Person = z.infer<typeof person>;

export const contact = z.strictObject({
  /**
   * What the person is to DigiCert: `verified_contact` (today's name) or `ev_approver` (the older name) for the person
   * who approves mark certificates.
   */
  contactType: text,
  /** Id of a user of the CertCentral account. Without it the person's data below are all required. */
  userId: id.optional(),
  /** Given name. Required without `userId`. */
  firstName: text.optional(),
  /** Family name. Required without `userId`. */
  lastName: text.optional(),
  /** Job title. Required without `userId`. */
  jobTitle: text.optional(),
  /** Telephone number; DigiCert calls it. Required without `userId`. */
  telephone: text.optional(),
  /** Email address. Required without `userId`. */
  email: email.optional(),
});
export type Contact = z.infer<typeof contact>;

/** An organization's details, as `POST /organization` takes them. */
export const organizationDetails = {
  /** Legal name, as registered. Required for a new organization. */
  name: text.optional(),
  /** Trade name (doing business as). */
  assumedName: text.optional(),
  /** Two-letter ISO 3166-1 country code, such as `us`. Required for a new organization. */
  country: countryCode.optional(),
  /** Street address. Required for a new organization. */
  address: text.optional(),
  /** Second line of the street address. */
  address2: text.optional(),
  /** City. Required for a new organization. */
  city: text.optional(),
  /** State or province; where there is none, the city. Required for a new organization. */
  state: text.optional(),
  /** Postal code. Required for a new organization. */
  zip: text.optional(),
  /** Telephone number of the organization; DigiCert calls it. Required for a new organization. */
  telephone: text.optional(),
  /** CertCentral container (division) to put the organization in. */
  containerId: id.optional(),
  /** Contact of the organization. `OrgValidation` edits it in place (`PUT /organization/{id}/contact`). */
  organizationContact: person.optional(),
  /** Create the organization even if the account already has one that matches. Default: false. */
  skipDuplicateOrgCheck: z.boolean().optional(),
};
export type OrganizationDetails = z.infer<z.ZodObject<typeof organizationDetails>>;

const requiredDetails = [
  "name",
  "country",
  "address",
  "city",
  "state",
  "zip",
  "telephone",
  "organizationContact",
] as const;
const detailNames = Object.keys(organizationDetails);

/** Either the id of an organization of the account, or its details: exactly one of them. */
export function organizationProblems(
  organization: Record<string, unknown>,
  idName: string,
): { path: string; reason: string }[] {
  const hasId = organization[idName] !== undefined;
  const details = detailNames.filter((name) => organization[name] !== undefined && name !== "organizationContact");
  if (hasId && details.length > 0) {
    return [
      {
        path: idName,
        reason: `give either ${idName} or the organization's details (${details.join(", ")}), not both.`,
      },
    ];
  }
  if (!hasId && details.length === 0) {
    return [
      {
        path: idName,
        reason: `give ${idName}, the id of an organization of the account, or its details: ${requiredDetails.join(", ")}.`,
      },
    ];
  }
  if (hasId) return [];
  return requiredDetails
    .filter((name) => organization[name] === undefined)
    .map((name) => ({
      path: name,
      reason: `is required for a new organization; or give ${idName} of an existing one.`,
    }));
}

/** A contact is a user of the account, or a person with all data. */
export function contactProblems(contacts: unknown, path: string): { path: string; reason: string }[] {
  if (!Array.isArray(contacts)) return [];
  return contacts.flatMap((contact, index) => {
    if (!contact || typeof contact !== "object" || isUnknown(contact) || contact.userId !== undefined) return [];
    const missing = ["firstName", "lastName", "jobTitle", "telephone", "email"].filter(
      (name) => contact[name] === undefined,
    );
    if (missing.length === 0) return [];
    return [
      {
        path: `${path}[${index}]`,
        reason: `lacks ${missing.join(", ")}. Give them, or userId of a user of the CertCentral account.`,
      },
    ];
  });
}
