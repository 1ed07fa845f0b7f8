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
      const { contacts: _, ...details } = (organization ?? {}) as Props;
      return details;
    },
  },
  approvers: { inputs: ["organization.contacts"], effect: "nextOrder" },
  logo: { inputs: ["logo"], effect: "refused", meaning: ({ logo }) => (logo as Props | undefined)?.sha256 },
  trademark: { inputs: ["trademark"], effect: "refused" },
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
  dcvEmails: { inputs: ["dcvEmails"], effect: "refused" },
  organizationContact: { inputs: ["organizationContact"], effect: "refused" },
  technicalContact: { inputs: ["technicalContact"], effect: "refused" },
  customFields: { inputs: ["customFields"], effect: "refused" },
  adoptOrderId: { inputs: ["adoptOrderId"], effect: "refused", whenRemoved: "nothing" },
  renewal: { inputs: ["renewalOfOrderId", "renewedThumbprint"], effect: "nextOrder" },
  validity: { inputs: ["years"], effect: "nextOrder" },
  payment: { inputs: ["paymentMethod", "creditCard", "billingAddress", "vatNumber"], effect: "nextOrder" },
  approval: { inputs: ["skipApproval"], effect: "nextOrder" },
  comments: { inputs: ["comments"], effect: "nextOrder" },
  locale: { inputs: ["locale"], effect: "nextOrder" },
  container: { inputs: ["containerId"], effect: "nextOrder" },
  mails: {
    inputs: ["additionalEmails", "disableRenewalNotifications", "customRenewalMessage", "autoRenew"],
    effect: "nextOrder",
  },
  alternativeOrderId: { inputs: ["alternativeOrderId"], effect: "nextOrder" },
  onDelete: { inputs: ["onDelete"], effect: "setting" },
  note: { inputs: ["note"], effect: "setting" },
  // Plumbing: the outputs keep the reference that the resource was created with.
  plumbing: { inputs: ["__reference", "__urn"], effect: "nothing" },
};
