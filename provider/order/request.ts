import type { OrderRequest } from "../certcentral/orders";
import { BimiError } from "../context";
import type { Contact, Person } from "../inputs";
import { encodeLogo } from "../logo";
import { canonicalDnsName } from "../records";
import type { OrderInputs } from "./inputs";

/** The body of `POST /order/certificate/{product}`; a renewal is linked to what `inputs` name as renewed. */
export function orderRequest(inputs: OrderInputs, logo: Buffer | undefined, alternativeOrderId: string): OrderRequest {
  const { organization, trademark } = inputs;
  const vmc = prune({
    logo: logo && encodeLogo(logo),
    enable_hosting: inputs.enableHosting === undefined ? undefined : Number(inputs.enableHosting),
    trademark_country_code: trademark?.countryCode.toLowerCase(),
    trademark_registration_number: trademark?.registrationNumber,
  });
  return prune({
    certificate: { dns_names: [...new Set(inputs.dnsNames.map(canonicalDnsName))] },
    vmc: Object.keys(vmc).length > 0 ? vmc : undefined,
    organization: organizationRequest(organization),
    order_validity: { years: inputs.years ?? 1 },
    dcv_method: inputs.dcvMethod,
    dcv_emails: inputs.dcvEmails?.map(({ dnsName, emailDomain, email }) => ({
      dns_name: canonicalDnsName(dnsName),
      email_domain: canonicalDnsName(emailDomain ?? dnsName),
      email,
    })),
    skip_approval: inputs.skipApproval ?? true,
    payment_method: inputs.paymentMethod,
    credit_card: inputs.creditCard && cardFrom(inputs.creditCard.fromEnv),
    billing_address: inputs.billingAddress && prune({ ...inputs.billingAddress }),
    vat_number: inputs.vatNumber,
    comments: inputs.comments,
    auto_renew: inputs.autoRenew === undefined ? undefined : Number(inputs.autoRenew),
    custom_renewal_message: inputs.customRenewalMessage,
    disable_renewal_notifications: inputs.disableRenewalNotifications,
    additional_emails: inputs.additionalEmails,
    locale: inputs.locale,
    renewal_of_order_id: inputs.renewalOfOrderId,
    renewed_thumbprint: inputs.renewedThumbprint,
    organization_contact: inputs.organizationContact && personRequest(inputs.organizationContact),
    technical_contact: inputs.technicalContact && personRequest(inputs.technicalContact),
    container: inputs.containerId === undefined ? undefined : { id: inputs.containerId },
    custom_fields: inputs.customFields?.map(({ metadataId, value }) => ({ metadata_id: metadataId, value })),
    alternative_order_id: alternativeOrderId,
  }) as OrderRequest;
}

/** The `organization` object of an order, and the body of `POST /organization`. */
export function organizationRequest(organization: Omit<OrderInputs["organization"], "id"> & { id?: number }) {
  const { id, assumedName, containerId, organizationContact, contacts, skipDuplicateOrgCheck, ...same } = organization;
  return prune({
    id,
    ...same,
    country: same.country?.toLowerCase(),
    assumed_name: assumedName,
    container: containerId === undefined ? undefined : { id: containerId },
    organization_contact: organizationContact && personRequest(organizationContact),
    contacts: contacts?.map(contactRequest),
    skip_duplicate_org_check: skipDuplicateOrgCheck,
  });
}

export function personRequest(person: Person) {
  return prune({
    first_name: person.firstName,
    last_name: person.lastName,
    email: person.email,
    job_title: person.jobTitle,
    telephone: person.telephone,
    telephone_extension: person.telephoneExtension,
  });
}

function contactRequest(contact: Contact) {
  return prune({
    contact_type: contact.contactType,
    user_id: contact.userId,
    first_name: contact.firstName,
    last_name: contact.lastName,
    job_title: contact.jobTitle,
    telephone: contact.telephone,
    email: contact.email,
  });
}

/** Reads the card at the last moment, so that it is in no input, state or log. */
function cardFrom(name: string) {
  const problem = (what: string) =>
    new BimiError(
      "no_card",
      `The credit card in the environment variable ${name} cannot be used: ${what}. Set it to a JSON object {"number", "expirationMonth", "expirationYear", "cvv", "cardholderName"}. Nothing was ordered.`,
    );
  const text = process.env[name];
  if (!text) throw problem("it is not set");
  let card: Record<string, string | number>;
  try {
    card = JSON.parse(text);
  } catch {
    throw problem("it is not JSON");
  }
  const missing = ["number", "expirationMonth", "expirationYear", "cvv", "cardholderName"].filter(
    (key) => card?.[key] === undefined,
  );
  if (missing.length > 0) throw problem(`it lacks ${missing.join(", ")}`);
  return {
    number: String(card.number),
    expiration_month: Number(card.expirationMonth),
    expiration_year: Number(card.expirationYear),
    cvv: Number(card.cvv),
    cardholder_name: card.cardholderName,
  };
}

/** Without the properties that nobody gave. */
export function prune<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
