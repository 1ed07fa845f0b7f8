import * as z from "zod";
import { DCV_METHODS } from "./dcv";
import { ApiError } from "./errors";

/** Checks a body against a schema; answers DigiCert's error shape with one entry per bad parameter, each named by path. */
export function validate<T extends z.ZodType>(schema: T, body: unknown, prefix: string[] = []): z.output<T> {
  if (body === undefined) throw new ApiError(400, "bad_request_format", "The request has no JSON body.");
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new ApiError(
    400,
    result.error.issues.flatMap((issue) => errorsOf(issue, prefix)),
  );
}

function errorsOf(issue: z.core.$ZodIssue, prefix: string[]): { code: string; message: string }[] {
  const path = [...prefix, ...issue.path].join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((name) => {
      const full = path ? `${path}.${name}` : name;
      return { code: `unknown_parameter|${full}`, message: `${full} is not a parameter of this endpoint.` };
    });
  }
  const missing = issue.message.endsWith("received undefined") || issue.message.startsWith("is required");
  const code = missing ? "missing_parameter" : "invalid_parameter";
  return [{ code: `${code}|${path}`, message: `${path || "body"}: ${issue.message}` }];
}

const text = z.string().min(1).max(1000);
const flag = z.boolean();
export const idNumber = z.int().positive();

/** `1`, `"1"` and true are one, as DigiCert's own examples use all of them. */
export const looseFlag = z
  .union([z.boolean(), z.literal([0, 1, "0", "1"])])
  .transform((value) => value === true || Number(value) === 1);

const HOSTNAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;
export const hostname = z.string().regex(HOSTNAME, "must be a fully qualified domain name").toLowerCase();
export const email = z.string().regex(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, "must be an email address");
export const dcvMethod = z.enum(DCV_METHODS);

/** order-level organization_contact and technical_contact. */
const orderContact = z.strictObject({
  first_name: text,
  last_name: text,
  email,
  job_title: text.optional(),
  telephone: text.optional(),
  telephone_extension: text.optional(),
});

export const contactType = z.enum(["organization_contact", "technical_contact", "verified_contact", "ev_approver"]);

type ContactField = "first_name" | "last_name" | "job_title" | "telephone" | "email";

/** A user of the account, or a new person with the fields that are required. */
const organizationContactWith = (required: readonly ContactField[]) =>
  z
    .strictObject({
      contact_type: contactType,
      user_id: idNumber.optional(),
      first_name: text.optional(),
      last_name: text.optional(),
      job_title: text.optional(),
      telephone: text.optional(),
      telephone_extension: text.optional(),
      email: email.optional(),
    })
    .superRefine((contact, context) => {
      if (contact.user_id !== undefined) return;
      for (const name of required) {
        if (contact[name] === undefined) {
          context.addIssue({ code: "custom", path: [name], message: "is required when user_id is omitted" });
        }
      }
    });

/** organization.contacts[] of an order: a new person needs every field. */
export const organizationContact = organizationContactWith([
  "first_name",
  "last_name",
  "job_title",
  "telephone",
  "email",
]);

/** contacts[] of Update contacts, whose documentation requires no more than what every contact has. */
export const updatedContact = organizationContactWith(["first_name", "last_name", "email"]);

export const organizationContacts = z.array(organizationContact).superRefine((contacts, context) => {
  contacts.forEach((contact, index) => {
    const first = contacts.findIndex((other) => other.contact_type === contact.contact_type);
    const single = contact.contact_type === "organization_contact" || contact.contact_type === "technical_contact";
    if (single && first !== index) {
      context.addIssue({ code: "custom", path: [index, "contact_type"], message: "there may be one of each type" });
    }
  });
});

/** The fields of Create organization. */
export const organizationFields = {
  name: text,
  assumed_name: text.optional(),
  country: z.string().regex(/^[a-z]{2}$/i, "must be a two-letter country code"),
  address: text,
  address2: text.optional(),
  city: text,
  state: text,
  zip: text,
  telephone: text,
  container: z.strictObject({ id: idNumber }).optional(),
  organization_contact: orderContact,
  technical_contact: orderContact.optional(),
  contacts: organizationContacts.optional(),
  skip_duplicate_org_check: flag.optional(),
};

export const validations = (types: readonly [string, ...string[]]) =>
  z.array(z.strictObject({ type: z.enum(types) })).min(1);

/** organization of an order: an existing one by id, or the details of a new one. */
export function validateOrderOrganization(value: Record<string, unknown>) {
  const known = z.strictObject({
    id: idNumber,
    contacts: organizationContacts.optional(),
    skip_duplicate_org_check: flag.optional(),
  });
  return "id" in value
    ? validate(known, value, ["organization"])
    : validate(z.strictObject(organizationFields), value, ["organization"]);
}

const creditCard = z.strictObject({
  number: z.string().regex(/^[0-9 ]{12,23}$/, "must be a card number"),
  expiration_month: z.int().min(1).max(12),
  expiration_year: z.int().min(2000).max(9999),
  cvv: z.int().min(0).max(9999),
  cardholder_name: text,
});

const billingAddress = z.strictObject({
  address: text,
  address2: text.optional(),
  city: text,
  state: text.optional(),
  country: z.string().regex(/^[a-z]{2}$/i, "must be a two-letter country code"),
  zip: text.optional(),
});

/** What both products take; the vmc object and the years differ. */
export function orderSchema<V extends z.ZodType>(
  vmc: V,
  rules: { maxYears: number; dnsNamesRequired: boolean; addressWithCard: boolean },
) {
  const dnsNames = z.array(hostname).max(250);
  return z
    .strictObject({
      certificate: z.strictObject({
        dns_names: rules.dnsNamesRequired ? dnsNames.min(1) : dnsNames.optional(),
      }),
      vmc: vmc.optional(),
      organization: z.looseObject({}),
      order_validity: z.strictObject({ years: z.int().min(1).max(rules.maxYears) }),
      dcv_method: dcvMethod.default("email"),
      dcv_emails: z.array(z.strictObject({ dns_name: hostname, email_domain: hostname, email })).optional(),
      renewed_thumbprint: z
        .string()
        .regex(/^[0-9a-f]{40}$/i, "must be a SHA-1 thumbprint")
        .optional(),
      renewal_of_order_id: idNumber.optional(),
      comments: z.string().optional(),
      auto_renew: z.literal([0, 1]).optional(),
      custom_renewal_message: z.string().optional(),
      disable_renewal_notifications: flag.optional(),
      additional_emails: z.array(email).optional(),
      locale: z
        .string()
        .regex(/^[a-z]{2}(_[A-Z]{2})?$/, "must be a locale code")
        .optional(),
      payment_method: z.enum(["balance", "card", "profile", "wire_transfer"]).default("balance"),
      credit_card: creditCard.optional(),
      billing_address: billingAddress.optional(),
      vat_number: z.string().optional(),
      skip_approval: flag.default(false),
      organization_contact: orderContact.optional(),
      technical_contact: orderContact.optional(),
      container: z.strictObject({ id: idNumber }).optional(),
      custom_fields: z.array(z.strictObject({ metadata_id: idNumber, value: z.string() })).optional(),
      alternative_order_id: z
        .string()
        .max(64)
        .regex(/^[a-z0-9]+$/i, "must be alphanumeric")
        .optional(),
    })
    .superRefine((order, context) => {
      const require = (name: "credit_card" | "billing_address") => {
        if (order[name]) return;
        context.addIssue({ code: "custom", path: [name], message: "is required when payment_method is card" });
      };
      if (order.payment_method === "card") {
        require("credit_card");
        if (rules.addressWithCard) require("billing_address");
      } else if (order.credit_card) {
        context.addIssue({
          code: "custom",
          path: ["credit_card"],
          message: "is only used when payment_method is card",
        });
      }
      if (order.dcv_emails && order.dcv_method !== "email") {
        context.addIssue({ code: "custom", path: ["dcv_emails"], message: "is only used when dcv_method is email" });
      }
    });
}

export { orderContact, text };
