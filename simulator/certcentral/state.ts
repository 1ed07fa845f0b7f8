import { randomInt } from "node:crypto";
import type { Misissue } from "../pki";

/** Everything that a simulated CertCentral knows: plain JSON, so that it can be kept in a file. Times are milliseconds. */
export interface State {
  version: 1;
  /** Next id; a simulator's ids start at a random place in a range where DigiCert's never lie. */
  nextId: number;
  accounts: Account[];
  users: User[];
  keys: ApiKey[];
  containers: Container[];
  organizations: Organization[];
  domains: Domain[];
  logos: Logo[];
  orders: Order[];
  certificates: Certificate[];
  requests: Request[];
  /** Every transition of an order, oldest first (status-changes list). */
  transitions: { orderId: number; status: OrderStatus; at: number }[];
  /** Addresses found in a domain's WHOIS record, which may receive DCV emails. */
  whois: Record<string, string[]>;
}

/** Ids from here on are a simulator's, never DigiCert's. All stay below 2^53. */
export const FIRST_SIMULATOR_ID = 9_000_000_000_000;

export function isSimulatorId(id: number): boolean {
  return Number.isSafeInteger(id) && id >= FIRST_SIMULATOR_ID && id < 2 * FIRST_SIMULATOR_ID;
}

/** `view-only` is a key restriction; the others are access roles of the key's user. */
export type Role = "admin" | "manager" | "limited" | "view-only";
export type Product = "vmc_basic" | "mark_certificate";
export type DcvMethod = "email" | "dns-txt-token" | "dns-cname-token" | "http-token";

export interface Account {
  id: number;
  name: string;
  products: Product[];
  metadata: CustomField[];
  primaryOrganizationId: number;
  rootContainerId: number;
}

export interface CustomField {
  id: number;
  label: string;
  is_required: boolean;
  is_active: boolean;
  data_type: "anything" | "text" | "int" | "email_address";
}

export interface User {
  id: number;
  accountId: number;
  role: Role;
  username: string;
  firstName: string;
  lastName: string;
  email: string;
  jobTitle: string;
  telephone: string;
}

export interface ApiKey {
  id: number;
  value: string;
  accountId: number;
  userId: number;
  role: Role;
  /** The divisions that the key's user is assigned to: those and what is below them it sees. Absent: all. */
  containerIds?: number[];
}

export interface Container {
  id: number;
  accountId: number;
  name: string;
  parentId: number;
}

/** A person in DigiCert's wire form. */
export interface Person {
  id?: number;
  user_id?: number;
  contact_type?: string;
  first_name?: string;
  last_name?: string;
  job_title?: string;
  email?: string;
  telephone?: string;
  telephone_extension?: string;
}

export interface Organization {
  id: number;
  accountId: number;
  containerId: number;
  isActive: boolean;
  created: number;
  name: string;
  assumedName?: string;
  country: string;
  address: string;
  address2?: string;
  city: string;
  state?: string;
  zip?: string;
  telephone: string;
  organizationContact?: Person;
  technicalContact?: Person;
  verifiedContacts: Person[];
  validations: OrganizationValidation[];
}

export type ValidationType = "ov" | "ev" | "cs" | "ev_cs" | "ds" | "smime";

export interface OrganizationValidation {
  type: ValidationType;
  submitted: number;
  /** Set once DigiCert's people are done. */
  validated?: number;
  validUntil?: number;
  verifiedUsers: Person[];
}

export interface Token {
  value: string;
  expires: number;
}

export interface Domain {
  id: number;
  accountId: number;
  organizationId?: number;
  name: string;
  isActive: boolean;
  created: number;
  validations: ("ov" | "ev")[];
  submitted?: number;
  method: DcvMethod;
  token?: Token;
  /** Unexpired tokens that a newer one replaced. */
  oldTokens: Token[];
  emails: { address: string; sent: number; source: "base" | "whois" }[];
  /** Last completed validation. */
  validatedAt?: number;
  validUntil?: number;
  validatedBy?: DcvMethod;
  polling?: { since: number; next: number };
}

export interface Logo {
  id: number;
  accountId: number;
  product: Product;
  sha256: string;
  /** The SVG, base64. */
  svg: string;
  status: "pending" | "approved";
  trademarkCountryCode?: string;
  trademarkRegistrationNumber?: string;
  markType?: string;
  markTypeData?: Record<string, string>;
}

export type OrderStatus =
  | "needs_approval"
  | "pending"
  | "processing"
  | "issued"
  | "reissue_pending"
  | "rejected"
  | "canceled"
  | "revoked"
  | "expired";

export interface Order {
  id: number;
  accountId: number;
  userId: number;
  keyId: number;
  product: Product;
  status: OrderStatus;
  statusAt: number;
  created: number;
  years: number;
  dnsNames: string[];
  /** Set when the request is approved: SAN and the account's domain that proves it. */
  names: { dnsName: string; domainId: number }[];
  dcvMethod: DcvMethod;
  dcvEmails: { dns_name: string; email_domain: string; email: string }[];
  organizationId: number;
  containerId: number;
  logoId?: number;
  enableHosting: boolean;
  alternativeOrderId?: string;
  renewalOfOrderId?: number;
  renewedByOrderId?: number;
  autoRenew: number;
  disableRenewalNotifications: boolean;
  customRenewalMessage?: string;
  additionalEmails: string[];
  locale?: string;
  paymentMethod: string;
  vatNumber?: string;
  comments?: string;
  organizationContact?: Person;
  technicalContact?: Person;
  contacts: Person[];
  customFields: { metadata_id: number; value: string }[];
  notes: { id: number; text: string }[];
  /** Allotted when the request is approved, long before issuance. */
  certificateId?: number;
  requestIds: number[];
  randomValue?: Token;
  /** DigiCert's people reached the verified contact. The mark itself is vetted with its logo. */
  contactVerified: boolean;
  processingSince?: number;
  issuedAt?: number;
  validUntil?: number;
  reissue?: Reissue;
  /** What will be wrong with its next certificate. */
  misissue?: Misissue;
}

export interface Reissue {
  certificateId?: number;
  requestId: number;
  dnsNames: string[];
  names: { dnsName: string; domainId: number }[];
}

export interface Certificate {
  id: number;
  accountId: number;
  orderId: number;
  status: "pending" | "issued" | "revoked" | "rejected";
  reissue: boolean;
  created: number;
  dnsNames: string[];
  issued?: {
    at: number;
    validUntil: number;
    thumbprint: string;
    serialNumber: string;
    commonName: string;
    leafPem: string;
    chainPem: string;
    intermediatePem: string;
    rootPem: string;
  };
  revokedAt?: number;
}

export interface Request {
  id: number;
  accountId: number;
  type: "new_request" | "reissue" | "revoke";
  status: "pending" | "approved" | "rejected";
  orderId: number;
  /** A revoke request for one certificate only. */
  certificateId?: number;
  userId: number;
  created: number;
  processed?: number;
  processorId?: number;
  comments?: string;
  processorComment?: string;
}

export function emptyState(): State {
  return {
    version: 1,
    nextId: FIRST_SIMULATOR_ID + randomInt(900_000_000) * 10_000,
    accounts: [],
    users: [],
    keys: [],
    containers: [],
    organizations: [],
    domains: [],
    logos: [],
    orders: [],
    certificates: [],
    requests: [],
    transitions: [],
    whois: {},
  };
}
