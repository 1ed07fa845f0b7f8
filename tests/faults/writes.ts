import type { Props } from "../../provider/lifecycle";
import type { Control, Simulator } from "../../simulator";
import { details, gia, validated } from "../provider/resources/organization";
import type { Type } from "./lane";

/** What is counted at DigiCert, by the calls that were carried out. */
export const counted = {
  order: ["POST", /^\/order\/certificate\/(vmc_basic|mark_certificate)$/],
  reissue: ["POST", /^\/order\/certificate\/\d+\/reissue$/],
  organization: ["POST", /^\/organization$/],
  submission: ["POST", /^\/organization\/\d+\/validation$/],
  revocation: ["PUT", /\/revoke$/],
  token: ["POST", /^\/domain\/\d+\/dcv\/token$/],
  cancel: ["PUT", /^\/order\/certificate\/\d+\/status$/],
  approval: ["PUT", /^\/request\/\d+\/status$/, /"approved"/],
  rejection: ["PUT", /^\/request\/\d+\/status$/, /"rejected"/],
  logo: ["POST", /\/vmc\/(encoded-)?logo$/],
  "mark update": ["PUT", /^\/order\/certificate\/\d+\/vmc$/],
  "method change": ["PUT", /^\/domain\/\d+\/dcv\/method$/],
  mailing: ["PUT", /^\/domain\/\d+\/dcv\/emails$/],
  "contact update": ["PUT", /\/contact$/],
  "custom field": ["POST", /\/custom-field$/],
  deactivation: ["PUT", /^\/organization\/\d+\/deactivate$/],
  deletion: ["DELETE", /^\/organization\/\d+$/],
} as const satisfies Record<string, readonly [method: string, path: RegExp, body?: RegExp]>;
export type Counted = keyof typeof counted;

/** What a write's set-up has to work with. */
export interface Place {
  simulator: Simulator;
  control: Control;
  /** An organization of the account, which this cell alone validates. */
  organizationId: number;
  /** Ordered by this cell alone. */
  domain: string;
  /** The number of the order that the state holds. */
  orderId(): Promise<number>;
  /** Time passes for everybody. */
  pass(days: number): Promise<void>;
  /** People do all that an order waits for. */
  issue(): Promise<void>;
  /** From now on Pulumi uses the key of another user of the account. */
  useKey(apiKey: string): void;
}

/** One kind of request that changes something at DigiCert, and what makes the provider send it. */
export interface Write {
  id: string;
  /** The request, as DigiCert documents it. */
  title: string;
  counts: Counted;
  /** Selects the request among those of its kind. */
  body?: string;
  type: Type;
  /** The operation of Pulumi that sends it. Default: `up`. */
  operation?: "destroy";
  /**
   * `never`: twice would buy, or bother people, twice. `same`: it sets what is set already. `refused`: DigiCert refuses it the
   * second time, since it is done.
   */
  again: "never" | "same" | "refused";
  /** DigiCert shows nothing of it: when the process is killed, no read can tell the next that it was done. */
  untraceable?: boolean;
  /** What the stack holds before: a program that is up. */
  before?(place: Place): Props | Promise<Props>;
  /** What happens after that. */
  meanwhile?(place: Place): Promise<void>;
  /** The program with which it is sent; default: the one of before. */
  program?(place: Place): Props | Promise<Props>;
}

/** A program's inputs of a VMC order. */
const order =
  (changes: Props | ((place: Place) => Props) = {}) =>
  (place: Place): Props => ({
    dnsNames: [place.domain],
    organization: { id: place.simulator.account.organizationId },
    logo: "logo.svg",
    trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
    dcvMethod: "dns-txt-token",
    ...(typeof changes === "function" ? changes(place) : changes),
  });
const issued = ({ issue }: Place) => issue();
const sub = (name: string) => (place: Place) => ({ dnsNames: [place.domain, `${name}.${place.domain}`] });
/** An organization of the place's own. */
const own =
  (changes: Props = {}) =>
  ({ domain }: Place): Props =>
    details({ name: `Epigyne ${domain}`, ...changes });
const ofAccount =
  (changes: Props = {}) =>
  ({ organizationId }: Place): Props =>
    validated(organizationId, changes);

export const writes: readonly Write[] = [
  {
    id: "order",
    title: "POST /order/certificate/{product}: the first order",
    counts: "order",
    type: "VmcOrder",
    again: "never",
    program: order(),
  },
  {
    id: "successor",
    title: "POST /order/certificate/{product}: the successor of a pending order",
    counts: "order",
    type: "VmcOrder",
    again: "never",
    before: order(),
    program: order(sub("mail")),
  },
  {
    id: "renewal",
    title: "POST /order/certificate/{product}: the renewal of an issued order",
    counts: "order",
    type: "VmcOrder",
    again: "never",
    before: order({ renewBefore: 60 }),
    meanwhile: async ({ issue, pass }) => {
      await issue();
      await pass(345);
    },
  },
  {
    id: "reissue",
    title: "POST /order/certificate/{id}/reissue",
    counts: "reissue",
    type: "VmcOrder",
    again: "never",
    before: order(),
    meanwhile: issued,
    program: order(sub("mail")),
  },
  {
    id: "organization",
    title: "POST /organization",
    counts: "organization",
    type: "OrgValidation",
    again: "never",
    program: own(),
  },
  {
    id: "validation",
    title: "POST /organization/{id}/validation: never validated",
    counts: "submission",
    type: "OrgValidation",
    again: "never",
    program: ofAccount(),
  },
  {
    id: "revalidation",
    title: "POST /organization/{id}/validation: about to end",
    counts: "submission",
    type: "OrgValidation",
    again: "never",
    untraceable: true,
    before: ofAccount(),
    meanwhile: async ({ control, organizationId, pass }) => {
      await control.vetOrganization(organizationId, ["ev"]);
      await pass(380);
    },
  },
  {
    id: "revoke",
    title: "PUT /order/certificate/{id}/revoke, by an administrator",
    counts: "revocation",
    type: "VmcOrder",
    operation: "destroy",
    again: "refused",
    before: order({ onDelete: "revoke" }),
    meanwhile: issued,
  },
  {
    id: "revoke-request",
    title: "PUT /order/certificate/{id}/revoke, by a manager: a request that an administrator decides",
    counts: "revocation",
    type: "VmcOrder",
    operation: "destroy",
    again: "never",
    before: order({ onDelete: "revoke" }),
    meanwhile: async ({ issue, control, useKey }) => {
      await issue();
      useKey((await control.addKey({ role: "manager" })).apiKey);
    },
  },
  {
    id: "revoke-certificate",
    title: "PUT /certificate/{id}/revoke",
    counts: "revocation",
    type: "VmcOrder",
    operation: "destroy",
    again: "refused",
    before: order({ onDelete: "revokeCertificate" }),
    meanwhile: issued,
  },
  {
    id: "cancel",
    title: "PUT /order/certificate/{id}/status: a destroy",
    counts: "cancel",
    type: "VmcOrder",
    operation: "destroy",
    again: "refused",
    before: order(),
  },
  {
    id: "cancel-predecessor",
    title: "PUT /order/certificate/{id}/status: the predecessor of a successor",
    counts: "cancel",
    type: "VmcOrder",
    again: "refused",
    before: order(),
    program: order(sub("mail")),
  },
  {
    id: "approve",
    title: "PUT /request/{id}/status: approved",
    counts: "approval",
    type: "VmcOrder",
    again: "refused",
    before: order({ skipApproval: false }),
    program: order({ skipApproval: true }),
  },
  {
    id: "reject",
    title: "PUT /request/{id}/status: rejected, by a destroy",
    counts: "rejection",
    type: "VmcOrder",
    operation: "destroy",
    again: "refused",
    before: order({ skipApproval: false }),
  },
  {
    id: "logo",
    title: "POST /order/certificate/{id}/vmc/encoded-logo",
    counts: "logo",
    type: "VmcOrder",
    again: "same",
    before: order(),
    program: order({ logo: "other.svg" }),
  },
  {
    id: "mark",
    title: "PUT /order/certificate/{id}/vmc",
    counts: "mark update",
    type: "VmcOrder",
    again: "same",
    before: order(),
    program: order({ trademark: { countryCode: "us", registrationNumber: "C5678-D5678" } }),
  },
  {
    id: "method",
    title: "PUT /domain/{id}/dcv/method",
    counts: "method change",
    type: "VmcOrder",
    again: "same",
    before: order(),
    program: order({ dcvMethod: "dns-cname-token" }),
  },
  {
    id: "token",
    title: "POST /domain/{id}/dcv/token",
    counts: "token",
    type: "VmcOrder",
    again: "never",
    before: order(),
    meanwhile: ({ pass }) => pass(28),
  },
  {
    id: "emails",
    title: "PUT /domain/{id}/dcv/emails",
    counts: "mailing",
    type: "VmcOrder",
    again: "never",
    before: order({ dcvMethod: "email" }),
    program: order(({ domain }) => ({
      dcvMethod: "email",
      dcvEmails: [{ dnsName: domain, email: `admin@${domain}` }],
    })),
  },
  {
    id: "contact",
    title: "PUT /order/certificate/{id}/contact",
    counts: "contact update",
    type: "VmcOrder",
    again: "same",
    before: order(),
    program: order({ organizationContact: gia }),
  },
  {
    id: "custom-field",
    title: "POST /order/certificate/{id}/custom-field",
    counts: "custom field",
    type: "VmcOrder",
    again: "same",
    before: order(),
    program: async (place) => {
      const metadataId = await place.control.addCustomField({ label: "Cost center" });
      return order({ customFields: [{ metadataId, value: "4711" }] })(place);
    },
  },
  {
    id: "organization-contact",
    title: "PUT /organization/{id}/contact",
    counts: "contact update",
    type: "OrgValidation",
    again: "same",
    before: ofAccount(),
    program: ofAccount({ technicalContact: gia }),
  },
  {
    id: "deactivate",
    title: "PUT /organization/{id}/deactivate",
    counts: "deactivation",
    type: "OrgValidation",
    operation: "destroy",
    again: "same",
    before: own({ onDelete: "deactivate" }),
  },
  {
    id: "delete",
    title: "DELETE /organization/{id}",
    counts: "deletion",
    type: "OrgValidation",
    operation: "destroy",
    again: "refused",
    before: own({ onDelete: "delete" }),
  },
];
