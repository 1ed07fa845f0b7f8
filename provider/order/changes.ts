import type { ChangeTable } from "../changes";
import type { Props } from "../lifecycle";
import { canonicalDnsName } from "../records";

/** What a change of an input does to an order that is placed. One row per kind of change; a spec fails when an input of an order's schema has none. */
export const orderChanges: ChangeTable = {
  dnsNames: {
    inputs: ["dnsNames"],
    effect: "refused",
    meaning: ({ dnsNames }) =>
      Array.isArray(dnsNames) ? [...new Set(dnsNames.map((n) => canonicalDnsName(String(n))))].sort() : dnsNames,
  },
  organization: {
    inputs: ["organization"],
    effect: "refused",
    meaning: ({ organization }) => {
      const { contacts: _, country, ...details } = (organization ?? {}) as Props;
      return { ...details, country: lowerCase(country) };
    },
  },
  approvers: { inputs: ["organization.contacts"], effect: "nextOrder" },
  logo: { inputs: ["logo"], effect: "refused", meaning: ({ logo }) => (logo as Props | undefined)?.sha256 },
  trademark: {
    inputs: ["trademark"],
    effect: "refused",
    meaning: ({ trademark }) => trademark && { ...trademark, countryCode: lowerCase((trademark as Props).countryCode) },
  },
  enableHosting: {
    inputs: ["enableHosting"],
    effect: "refused",
    meaning: ({ enableHosting }) => enableHosting || undefined,
  },
  dcvMethod: {
    inputs: ["dcvMethod"],
    effect: "refused",
    meaning: ({ dcvMethod }) => (dcvMethod === "email" ? undefined : dcvMethod),
  },
  dcvEmails: {
    inputs: ["dcvEmails"],
    effect: "refused",
    meaning: ({ dcvEmails }) =>
      (dcvEmails as Props[] | undefined)?.map(({ dnsName, emailDomain, email }) =>
        [dnsName, emailDomain ?? dnsName, email].map(lowerCase),
      ),
  },
  organizationContact: { inputs: ["organizationContact"], effect: "refused" },
  technicalContact: { inputs: ["technicalContact"], effect: "refused" },
  customFields: { inputs: ["customFields"], effect: "refused" },
  adoptOrderId: { inputs: ["adoptOrderId"], effect: "refused", whenRemoved: "nothing" },
  renewal: { inputs: ["renewalOfOrderId", "renewedThumbprint"], effect: "nextOrder" },
  validity: { inputs: ["years"], effect: "nextOrder", meaning: ({ years }) => (years === 1 ? undefined : years) },
  payment: { inputs: ["paymentMethod", "creditCard", "billingAddress", "vatNumber"], effect: "nextOrder" },
  approval: {
    inputs: ["skipApproval"],
    effect: "nextOrder",
    meaning: ({ skipApproval }) => (skipApproval === true ? undefined : skipApproval),
  },
  comments: { inputs: ["comments"], effect: "nextOrder" },
  locale: { inputs: ["locale"], effect: "nextOrder" },
  container: { inputs: ["containerId"], effect: "nextOrder" },
  mails: {
    inputs: ["additionalEmails", "disableRenewalNotifications", "customRenewalMessage", "autoRenew"],
    effect: "nextOrder",
    meaning: ({ additionalEmails, disableRenewalNotifications = false, customRenewalMessage, autoRenew = false }) => [
      additionalEmails,
      disableRenewalNotifications,
      customRenewalMessage,
      autoRenew,
    ],
  },
  alternativeOrderId: { inputs: ["alternativeOrderId"], effect: "nextOrder" },
  onDelete: { inputs: ["onDelete"], effect: "setting" },
  note: { inputs: ["note"], effect: "setting" },
  // Plumbing: the outputs keep the reference that the resource was created with.
  plumbing: { inputs: ["__reference", "__formerReferences", "__urn"], effect: "nothing" },
};

function lowerCase(text: unknown): unknown {
  return typeof text === "string" ? text.toLowerCase() : text;
}
