import type { DcvMethod, DcvToken, Validation } from "./domains";

/** Product identifiers of the mark certificates: VMC, CMC. */
export type Product = "vmc_basic" | "mark_certificate";

/** A contact in DigiCert's spelling: an existing user by id, or a person's details. */
export interface ContactRequest {
  /** `verified_contact`, `ev_approver`, `organization_contact`, `technical_contact`. */
  contact_type?: string;
  user_id?: number;
  first_name?: string;
  last_name?: string;
  job_title?: string;
  telephone?: string;
  telephone_extension?: string;
  email?: string;
}

/** The organization of an order in DigiCert's spelling: an existing one by id, or its details. */
export interface OrderOrganizationRequest {
  id?: number;
  name?: string;
  assumed_name?: string;
  country?: string;
  address?: string;
  address2?: string;
  city?: string;
  state?: string;
  zip?: string;
  telephone?: string;
  container?: { id: number };
  organization_contact?: ContactRequest;
  technical_contact?: ContactRequest;
  contacts?: ContactRequest[];
  skip_duplicate_org_check?: boolean;
}

/** DigiCert's JSON body of an order (Order VMC, Order CMC). */
export interface OrderRequest {
  certificate: { dns_names: string[] };
  vmc?: {
    /** base64(gzip(svg)). */
    logo?: string;
    enable_hosting?: boolean | number | string;
    /** VMC; needs `logo`. */
    trademark_country_code?: string;
    /** VMC; needs `logo`. */
    trademark_registration_number?: string;
  };
  organization: OrderOrganizationRequest;
  order_validity: { years: number };
  dcv_method?: DcvMethod;
  /** Method email. */
  dcv_emails?: { dns_name: string; email_domain: string; email: string }[];
  skip_approval?: boolean;
  payment_method?: string;
  credit_card?: {
    number: string;
    expiration_month: number | string;
    expiration_year: number | string;
    cvv: number | string;
    cardholder_name: string;
  };
  billing_address?: { address: string; address2?: string; city: string; state?: string; country: string; zip?: string };
  vat_number?: string;
  comments?: string;
  auto_renew?: number;
  custom_renewal_message?: string;
  disable_renewal_notifications?: boolean;
  additional_emails?: string[];
  locale?: string;
  renewal_of_order_id?: number;
  renewed_thumbprint?: string;
  organization_contact?: ContactRequest;
  technical_contact?: ContactRequest;
  container?: { id: number };
  custom_fields?: { metadata_id: number; value: string }[];
  /** At most 64 letters and digits. */
  alternative_order_id?: string;
}

/** A domain that an order submitted for validation. */
export interface OrderDomain {
  /** The account's domain. */
  id: number;
  name: string;
  /** The name of the certificate that this domain proves. */
  dnsName?: string;
  /** Absent with the method email, while the order is not approved, and when the domain needs no proof. */
  token?: DcvToken;
}

/** An approval request of an order. */
export interface OrderRequestInfo {
  id: number;
  /** `new_request`, `reissue`, `revoke`, `duplicate`. */
  type?: string;
  /** `submitted`, `pending`, `approved`, `rejected`. */
  status?: string;
  /** ISO 8601, UTC. */
  date?: string;
  comments?: string;
}

/** What DigiCert answers to a new order. */
export interface PlacedOrder {
  orderId: number;
  /** Given once the order is approved, long before there is a certificate. */
  certificateId?: number;
  domains: OrderDomain[];
  requests: OrderRequestInfo[];
  /** Given when the account already has this logo. */
  logoId?: number;
  /** A token that proves any domain of the order. */
  dcvRandomValue?: string;
}

/** An order as DigiCert knows it. */
export interface OrderInfo {
  orderId: number;
  /**
   * `needs_approval`, `pending`, `processing`, `issued`, `reissue_pending`, `rejected`, `revoked`, `canceled`, `expired`; also
   * `waiting_pickup`, `needs_csr`, and from old orders `approved`, `denied`.
   */
  status: string;
  productNameId?: string;
  certificate: {
    id?: number;
    /** SHA-1, hexadecimal; absent until issued. */
    thumbprint?: string;
    serialNumber?: string;
    commonName?: string;
    dnsNames: string[];
    /** `yyyy-MM-dd`; absent until issued. */
    validFrom?: string;
    /** `yyyy-MM-dd`; absent until issued. */
    validTill?: string;
    /** ISO 8601, UTC; absent until issued. */
    dateIssued?: string;
    /** Absent for most; `issued` after a reissue, `revoked`. */
    status?: string;
  };
  organizationId?: number;
  organizationName?: string;
  isRenewal: boolean;
  /** The order that this one renews. */
  renewedOrderId?: number;
  isRenewed?: boolean;
  /** ISO 8601, UTC. */
  dateCreated?: string;
  /** `yyyy-MM-dd`. */
  orderValidTill?: string;
  requests: OrderRequestInfo[];
  alternativeOrderId?: string;
  dcvMethod?: string;
  price?: number;
  currency?: string;
  notes: { id?: number; text: string }[];
  vmc: OrderMark;
  /** Progress of DigiCert's checks by name (`organization_status`, `phone_number_verification` …): `pending`, `complete`. */
  verification?: Record<string, string>;
  hasPendingRequest?: boolean;
}

/** The logo and mark of an order. */
export interface OrderMark {
  logoId?: number;
  /** base64(gzip(svg)). */
  logo?: string;
  enableHosting?: boolean;
  /** Where DigiCert hosts the logo; absent until issued. */
  hostedLogoLocation?: string;
  /** Where DigiCert hosts the certificate; absent until issued. */
  hostedCertLocation?: string;
  /** `registered_mark`, `government_mark`. */
  markType?: string;
  trademarkCountryCode?: string;
  trademarkRegistrationNumber?: string;
}

/** An order as the short lists name it. */
export interface OrderReference {
  orderId: number;
  certificateId?: number;
  /** As in {@link OrderInfo}; `unknown` when DigiCert gives none. */
  status: string;
}

/** Filters of `orders.list`; all must hold. */
export interface OrderFilters {
  /** `pending`, `issued` (expired ones too), `rejected`, `revoked`, `waiting_pickup`, `reissue_pending`, `canceled`. */
  status?: string;
  productNameId?: string;
  organizationId?: number;
  containerId?: number;
  /** Common name or SAN. */
  domainName?: string;
  commonName?: string;
  certificateId?: number;
  serialNumber?: string;
  /** `yyyy-MM-dd`, with a prefix `>` or `<`, or a range `a...b`. */
  validTill?: string;
  /** As `validTill`. */
  dateCreated?: string;
  isRenewed?: boolean;
  /** E-mail or common name; a prefix `%` for any part of it. */
  search?: string;
  /** Property, with a prefix `-` for descending: `-date_created`. */
  sort?: string;
}

/** An order as `orders.list` names it. */
export interface OrderListItem extends OrderReference {
  productNameId?: string;
  commonName?: string;
  dnsNames: string[];
  organizationId?: number;
  organizationName?: string;
  /** ISO 8601, UTC. */
  dateCreated?: string;
  /** `yyyy-MM-dd`. */
  validTill?: string;
  isRenewed?: boolean;
}

/** How far an order's validations are. */
export interface OrderValidation {
  orderStatus?: string;
  organizationId?: number;
  organizationValidations: Validation[];
  domainValidations: {
    domainId?: number;
    name?: string;
    /** `pending`, `approved`. */
    status?: string;
    method?: string;
    /** The order's names that this domain proves. */
    dnsNames: string[];
  }[];
}

/** A logo that was assigned to an order. */
export interface AssignedLogo {
  logoId: number;
  organizationId?: number;
  /** Given when the account already has this logo. */
  trademarkCountryCode?: string;
  /** Given when the account already has this logo. */
  trademarkRegistrationNumber?: string;
}

/** DigiCert's JSON body of a reissue. */
export interface ReissueRequest {
  /** Every name of the new certificate, also those that stay. */
  certificate: { dns_names: string[] };
  comments?: string;
  skip_approval?: boolean;
}

/** A certificate of an order's history. */
export interface Reissue {
  certificateId: number;
  /** `pending`, `issued`, `rejected`, `revoked`. */
  status?: string;
  thumbprint?: string;
  serialNumber?: string;
  commonName?: string;
  dnsNames: string[];
  dateCreated?: string;
  dateIssued?: string;
  validTill?: string;
}
