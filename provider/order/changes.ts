import type { ChangeTable } from "../changes";
import type { Props } from "../lifecycle";
import { canonicalDnsName } from "../records";

/**
 * What a change of an input does to an order that is placed. One row per kind of change; a spec fails when an input of
 * an order's schema has none. It drives `diff` and `update`, and the reference page is generated from it.
 */
export const orderChanges: ChangeTable = {
  dnsNames: {
    inputs: ["dnsNames"],
    effect: { pending: "successor", issued: "reissue" },
    meaning: ({ dnsNames }) =>
      Array.isArray(dnsNames) ? [...new Set(dnsNames.map((n) => canonicalDnsName(String(n))))].sort() : dnsNames,
  },
  organization: {
    inputs: ["organization"],
    effect: "successor",
    meaning: ({ organization }) => {
      const { contacts: _, country, ...details } = (organization ?? {}) as Props;
      return { ...details, country: lowerCase(country) };
    },
  },
  approvers: { inputs: ["organization.contacts"], effect: "nextOrder" },
  logo: {
    inputs: ["logo"],
    effect: { unapproved: "whenApproved", pending: "inPlace", issued: "successor" },
    meaning: ({ logo }) => (logo as Props | undefined)?.sha256,
    whenRemoved: "nothing",
  },
  trademark: {
    inputs: ["trademark"],
    effect: { unapproved: "whenApproved", pending: "inPlace", issued: "successor" },
    whenRemoved: "nothing",
    meaning: ({ trademark }) => trademark && { ...trademark, countryCode: lowerCase((trademark as Props).countryCode) },
  },
  enableHosting: {
    inputs: ["enableHosting"],
    effect: "inPlace",
    meaning: ({ enableHosting }) => enableHosting || undefined,
  },
  dcvMethod: {
    inputs: ["dcvMethod"],
    effect: { unapproved: "whenApproved", pending: "inPlace", issued: "nextValidation", reissuing: "inPlace" },
    meaning: ({ dcvMethod }) => (dcvMethod === "email" ? undefined : dcvMethod),
  },
  dcvEmails: {
    inputs: ["dcvEmails"],
    effect: { unapproved: "whenApproved", pending: "inPlace", issued: "nextValidation", reissuing: "inPlace" },
    meaning: ({ dcvEmails }) =>
      (dcvEmails as Props[] | undefined)?.map(({ dnsName, emailDomain, email }) =>
        [dnsName, emailDomain ?? dnsName, email].map(lowerCase),
      ),
  },
  organizationContact: { inputs: ["organizationContact"], effect: "inPlace", whenRemoved: "nothing" },
  technicalContact: { inputs: ["technicalContact"], effect: "inPlace", whenRemoved: "nothing" },
  customFields: { inputs: ["customFields"], effect: "inPlace", whenRemoved: "nothing" },
  adoptOrderId: { inputs: ["adoptOrderId"], effect: "adopt", whenRemoved: "nothing" },
  renewal: { inputs: ["renewalOfOrderId", "renewedThumbprint"], effect: "nextOrder" },
  validity: { inputs: ["years"], effect: "nextOrder", meaning: ({ years }) => (years === 1 ? undefined : years) },
  payment: { inputs: ["paymentMethod", "creditCard", "billingAddress", "vatNumber"], effect: "nextOrder" },
  approval: {
    inputs: ["skipApproval"],
    effect: { unapproved: "inPlace", pending: "nextOrder", issued: "nextOrder" },
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
  ignoreRules: { inputs: ["ignoreRules"], effect: "setting" },
  // It says how the next check looks at a new logo.
  remoteLint: { inputs: ["remoteLint"], effect: "nothing" },
  onDelete: { inputs: ["onDelete"], effect: "setting" },
  note: { inputs: ["note"], effect: "setting" },
  renewBefore: { inputs: ["renewBefore"], effect: "setting" },
  reissueBefore: { inputs: ["reissueBefore"], effect: "setting" },
  // It allows the first order.
  besideOrder: { inputs: ["besideOrder"], effect: "nothing" },
  // A consent: it does something only to a dead order.
  reorderAfter: { inputs: ["reorderAfter"], effect: "setting" },
  // Plumbing: the outputs keep the reference that the resource was created with.
  plumbing: { inputs: ["__reference", "__formerReferences", "__urn", "__logo"], effect: "nothing" },
};

function lowerCase(text: unknown): unknown {
  return typeof text === "string" ? text.toLowerCase() : text;
}
