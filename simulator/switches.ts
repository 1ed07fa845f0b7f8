/**
 * What DigiCert changed between the two profiles, and what nobody published: one named switch each.
 *
 * - `difference`: the seed documents and DigiCert's 2026 documentation disagree; each profile has its own value.
 * - `unknown`: nothing public says how DigiCert behaves; a client must work with every value.
 * - `option`: a setting of the account or a stricter reading that DigiCert applies to some accounts only.
 *
 * Values of the form `400 some_code` are the HTTP status and the error code that are answered.
 */
export interface SwitchInfo {
  kind: "difference" | "unknown" | "option";
  about: string;
  source: string;
  values: readonly (string | number | boolean)[];
  seed: string | number | boolean;
  "2026": string | number | boolean;
}

export const switchTable = {
  cnameForm: {
    kind: "difference",
    about:
      "Where a dns-cname-token is looked for. dnsauth: `_dnsauth.<name>` -> `<token>.dcv.digicert.com`; legacy: `<token>.<name>` -> `dcv.digicert.com`.",
    source: "Seed 'VMC lifecycle', DNS CNAME DCV method; DigiCert ended that form on 2025-10-28",
    values: ["dnsauth", "legacy", "both"],
    seed: "legacy",
    "2026": "dnsauth",
  },
  cancelSpelling: {
    kind: "difference",
    about: "The status that cancels an order (case-sensitive).",
    source: "Seed: CANCELED; Update order status, 2026: canceled; working clients send either",
    values: ["CANCELED", "canceled", "both"],
    seed: "CANCELED",
    "2026": "both",
  },
  vmcYears: {
    kind: "difference",
    about: "Largest order_validity.years of a VMC order.",
    source: "Seed: allowed value 1; Multi-year Plan for VMC since: up to 3",
    values: [1, 3],
    seed: 1,
    "2026": 3,
  },
  pollingDays: {
    kind: "difference",
    about: "Days after which automatic DCV polling ends.",
    source: "Seed: one week; Automatic domain control validation check, 2026: 10 days",
    values: [7, 10],
    seed: 7,
    "2026": 10,
  },
  dcvReuseDays: {
    kind: "difference",
    about: "Days for which a completed domain validation can be used.",
    source: "Domain validation reuse: 397 days since 2021-09-27, 199 days since 2026-02-24",
    values: [397, 199],
    seed: 397,
    "2026": 199,
  },
  trademarkOffices: {
    kind: "difference",
    about: "Accepted trademark_country_code. seed: us ca em gb de jp au es; any: every two-letter code.",
    source: "Seed, table of vmc; newer mark-certificate rules admit more offices",
    values: ["seed", "any"],
    seed: "seed",
    "2026": "any",
  },
  trademarkFieldNames: {
    kind: "difference",
    about:
      "Names of the trademark's country. any: also trademark_country_or_region and trademark_country, which the seed's table and prose use.",
    source: "Seed: table, examples and prose disagree; 2026 documentation: trademark_country_code",
    values: ["code", "any"],
    seed: "any",
    "2026": "code",
  },
  updateVmcFields: {
    kind: "difference",
    about:
      "What PUT /order/certificate/{id}/vmc takes. trademark: trademark fields, pending orders; all: also enable_hosting and mark_type_data; hosting: enable_hosting only.",
    source: "Seed: trademark fields; Update VMC order: both; Update VMC or CMC orders: hosting only",
    values: ["trademark", "all", "hosting"],
    seed: "trademark",
    "2026": "all",
  },
  statusChangesLimit: {
    kind: "difference",
    about: "Whether exactly 10080 minutes (7 days) may be asked of the status-change list.",
    source: "Seed: 'less than 10080 minutes'; Status change list, 2026: max 10080",
    values: ["below", "upTo"],
    seed: "below",
    "2026": "upTo",
  },
  tokenShape: {
    kind: "difference",
    about: "plain: 32 characters; underscore: `_` and 31 characters.",
    source: "Documentation samples of 2020; tokens seen in public DNS since",
    values: ["plain", "underscore"],
    seed: "plain",
    "2026": "underscore",
  },
  verificationValue: {
    kind: "difference",
    about:
      "dcv_token.verification_value of dns-cname-token. oldTarget: dcv.digicert.com; target: <token>.dcv.digicert.com; host: the record's owner name.",
    source: "Seed 'Order CMC': target host field; Submit domain for validation: host field; new sample not published",
    values: ["oldTarget", "target", "host"],
    seed: "oldTarget",
    "2026": "target",
  },
  submitDomainAnswer: {
    kind: "difference",
    about: "POST /domain/{id}/validation answers with the token (details) or 204 (empty).",
    source: "Submit domain for validation, newer and older page",
    values: ["details", "empty"],
    seed: "empty",
    "2026": "details",
  },
  checkDomainAnswer: {
    kind: "difference",
    about: "Whether PUT /domain/{id}/dcv/validate-token repeats the token beside the status.",
    source: "Check domain DCV, older page: token and status; newest: status",
    values: ["tokenAndStatus", "status"],
    seed: "tokenAndStatus",
    "2026": "status",
  },
  newTokenStatus: {
    kind: "unknown",
    about: "HTTP status of POST /domain/{id}/dcv/token.",
    source: "Clients accept both",
    values: [200, 201],
    seed: 201,
    "2026": 201,
  },
  duplicateOrganization: {
    kind: "difference",
    about:
      "POST /organization with details that match an organization of the account: answer that one, or refuse. (Orders always take the match.)",
    source: "Create organization, older page: associates the existing one; newer: returns an error",
    values: ["existing", "400 duplicate_organization"],
    seed: "existing",
    "2026": "400 duplicate_organization",
  },
  deleteUsedOrganization: {
    kind: "difference",
    about: "DELETE of an organization that an order names.",
    source: "Delete organization, newer page: impossible; older page allowed it",
    values: ["refused", "allowed"],
    seed: "allowed",
    "2026": "refused",
  },
  reissueAnswer: {
    kind: "difference",
    about: "What an approved reissue answers about DCV: nothing, or dcv_random_value when a domain must be proved.",
    source: "Seed example: id and certificate_id only; recorded by a client: dcv_random_value, no domains",
    values: ["plain", "randomValue"],
    seed: "plain",
    "2026": "randomValue",
  },
  domainScope: {
    kind: "unknown",
    about: "exact: every SAN gets an account domain of its name; base: an existing account domain above it proves it.",
    source: "Seed 'Order CMC': domains[].name is the account's domain, dns_name the SAN; which is chosen is not said",
    values: ["exact", "base"],
    seed: "exact",
    "2026": "exact",
  },
  preexistingDomainToken: {
    kind: "unknown",
    about:
      "Whether the order's answer carries dcv_token for a domain that existed before; omitted: only Domain info with include_dcv=true has it.",
    source: "Seed: 'you may need to retrieve this value by using the Domain info endpoint'",
    values: ["omitted", "returned"],
    seed: "omitted",
    "2026": "omitted",
  },
  orderRandomValue: {
    kind: "unknown",
    about: "Whether an order with a token method also answers a top-level dcv_random_value, valid for each of its domains.",
    source: "Read by clients for TLS orders; not in the seeds' tables",
    values: ["absent", "present"],
    seed: "absent",
    "2026": "absent",
  },
  supersededTokens: {
    kind: "unknown",
    about: "Whether a domain's earlier, unexpired token still proves it after a new one was made.",
    source: "Generate DCV token: invalidates the previous one; console text: all values are valid",
    values: ["invalid", "valid"],
    seed: "invalid",
    "2026": "invalid",
  },
  expiredTokenStatus: {
    kind: "unknown",
    about: "dcv_token.status after expiration_date.",
    source: "Not published",
    values: ["expired", "pending"],
    seed: "expired",
    "2026": "expired",
  },
  cnameNotFoundError: {
    kind: "unknown",
    about: "Error of a domain check that finds no CNAME.",
    source: "Not published (TXT: invalid_dns_txt)",
    values: ["400 invalid_dns_cname", "400 invalid_dns_txt"],
    seed: "400 invalid_dns_cname",
    "2026": "400 invalid_dns_cname",
  },
  orderDcvEndpoints: {
    kind: "unknown",
    about: "Whether the order-level DCV calls (documented for TLS) work for mark-certificate orders.",
    source: "Unconfirmed; the seed 'Order CMC' names the domain-level call",
    values: ["refused", "answered"],
    seed: "refused",
    "2026": "refused",
  },
  hostedLocations: {
    kind: "unknown",
    about: "Where Order info carries hosted_logo_location and hosted_cert_location.",
    source: "The seed's sentence is cut; one client's model nests them in vmc",
    values: ["vmc", "root"],
    seed: "vmc",
    "2026": "vmc",
  },
  orderInfoTrademark: {
    kind: "unknown",
    about: "Form of the trademark in Order info: trademark_* fields in vmc, mark_type_data, or none.",
    source: "Field table of Order info not public for vmc",
    values: ["fields", "markTypeData", "absent"],
    seed: "fields",
    "2026": "markTypeData",
  },
  orderInfoLogo: {
    kind: "unknown",
    about: "Whether Order info's vmc object carries the encoded logo beside logo_id.",
    source: "One client's model, partly guessed",
    values: ["present", "absent"],
    seed: "present",
    "2026": "present",
  },
  logoStatusInOrderInfo: {
    kind: "unknown",
    about: "Whether Order info's vmc object tells the logo's approval (logo_status).",
    source: "No such field is known",
    values: ["absent", "present"],
    seed: "absent",
    "2026": "absent",
  },
  orderMarkType: {
    kind: "unknown",
    about: "Whether the order request takes vmc.mark_type and vmc.mark_type_data.",
    source: "Seen in Order info only",
    values: ["refused", "accepted"],
    seed: "refused",
    "2026": "refused",
  },
  vettingDetails: {
    kind: "unknown",
    about: "Whether Order info carries the `verification` object, the progress of vetting.",
    source: "One client's model",
    values: ["present", "absent"],
    seed: "absent",
    "2026": "present",
  },
  vmcValidationBlock: {
    kind: "unknown",
    about: "Whether order validation answers an extra vmc_validations block for mark certificates.",
    source: "Not published",
    values: ["absent", "present"],
    seed: "absent",
    "2026": "absent",
  },
  alternateNotFound: {
    kind: "unknown",
    about: "Answer of GET /order/alternate/{id} when no order has that id.",
    source: "Documentation silent; a client treats 404 as none",
    values: ["404", "emptyObject", "emptyList"],
    seed: "404",
    "2026": "404",
  },
  emptyLists: {
    kind: "unknown",
    about: "Answer of a list that has no match: `{}`, or the empty array with its page.",
    source: "Seed: status changes answer {}; clients handle both for other lists",
    values: ["emptyObject", "emptyArray"],
    seed: "emptyObject",
    "2026": "emptyArray",
  },
  looseTypes: {
    kind: "unknown",
    about: "strings: ids come as strings and booleans as \"1\" / \"0\" in reads, as clients have met them.",
    source: "Domain info, order validation; clients' comments",
    values: ["documented", "strings"],
    seed: "documented",
    "2026": "documented",
  },
  approvedRequests: {
    kind: "unknown",
    about: "Whether an order placed with skip_approval answers its approved request.",
    source: "Seed example omits it; the response table of 'Order CMC' has it",
    values: ["omitted", "listed"],
    seed: "omitted",
    "2026": "listed",
  },
  primaryInReissues: {
    kind: "unknown",
    about: "Whether List reissues includes the order's first certificate.",
    source: "Clients met both",
    values: ["omitted", "listed"],
    seed: "omitted",
    "2026": "omitted",
  },
  processing: {
    kind: "unknown",
    about: "Whether an order that meets every condition is `processing` for an hour before it is issued.",
    source: "Order status values; duration not published",
    values: ["none", "hour"],
    seed: "none",
    "2026": "none",
  },
  orderValidTill: {
    kind: "unknown",
    about:
      "End of the order. certificate: the years from issuance, but not before its first certificate ends (397 days); years: exactly the years.",
    source: "Seed: years are those of 'the order and certificate'; certificates run 397 days",
    values: ["certificate", "years"],
    seed: "certificate",
    "2026": "certificate",
  },
  renewalWindow: {
    kind: "unknown",
    about: "When an order may be renewed: 90 days before it ends, or at any time once issued.",
    source: "90 days are named for migrated orders; not published for mark certificates",
    values: ["90days", "always"],
    seed: "always",
    "2026": "90days",
  },
  cancelUnapproved: {
    kind: "unknown",
    about: "Whether an order in needs_approval can be canceled by status.",
    source: "Update order status names pending and waiting_pickup",
    values: ["refused", "allowed"],
    seed: "refused",
    "2026": "refused",
  },
  cancelNotPendingError: {
    kind: "unknown",
    about: "Error of canceling an order that is not pending.",
    source: "Not published",
    values: ["400 order_not_cancelable", "403 access_denied|order_status"],
    seed: "400 order_not_cancelable",
    "2026": "400 order_not_cancelable",
  },
  duplicateAlternativeIdError: {
    kind: "unknown",
    about: "Error of a second order with the same alternative_order_id, where the account requires unique ones.",
    source: "Not published",
    values: ["400 alternative_order_id_already_exists", "409 duplicate_alternative_order_id"],
    seed: "400 alternative_order_id_already_exists",
    "2026": "400 alternative_order_id_already_exists",
  },
  badLogoError: {
    kind: "unknown",
    about: "Error of a logo that is not acceptable.",
    source: "Message with line and column documented; code and shape not",
    values: ["400 invalid_vmc_logo", "422 invalid_logo"],
    seed: "400 invalid_vmc_logo",
    "2026": "400 invalid_vmc_logo",
  },
  wrappedBase64: {
    kind: "unknown",
    about: "Whether base64 wrapped at 76 columns (as GNU base64 writes it) is accepted.",
    source: "Not published; the seed's sample command wraps",
    values: ["accepted", "refused"],
    seed: "accepted",
    "2026": "accepted",
  },
  trademarkMismatchError: {
    kind: "unknown",
    about: "Error when trademark data differ from those of the account's approved logo.",
    source: "Seed: 'Otherwise, the API returns an error'; code not published",
    values: ["400 invalid_trademark", "400 trademark_mismatch"],
    seed: "400 invalid_trademark",
    "2026": "400 invalid_trademark",
  },
  inactiveOrganizationError: {
    kind: "unknown",
    about: "Error of an order for a deactivated organization.",
    source: "Not published",
    values: ["400 organization_inactive", "404 not_found|organization"],
    seed: "400 organization_inactive",
    "2026": "400 organization_inactive",
  },
  deactivateUsedOrganization: {
    kind: "unknown",
    about: "Deactivating an organization that a pending order names.",
    source: "Not published",
    values: ["allowed", "refused"],
    seed: "allowed",
    "2026": "allowed",
  },
  productNotEnabledError: {
    kind: "unknown",
    about: "Error of ordering a product that is not enabled in the account.",
    source: "not_found|product is documented for bad identifiers; otherwise inferred",
    values: ["404 not_found|product", "403 access_denied|missing_permission"],
    seed: "404 not_found|product",
    "2026": "404 not_found|product",
  },
  downloadBeforeIssueError: {
    kind: "unknown",
    about: "Error of downloading a certificate that is not issued.",
    source: "Not published; a sister API answers 404",
    values: ["404 not_found|certificate", "400 certificate_not_issued"],
    seed: "404 not_found|certificate",
    "2026": "404 not_found|certificate",
  },
  revokeWhileReissuingError: {
    kind: "unknown",
    about: "Error of revoking while a reissue is pending.",
    source: "Revoke certificate: 'cannot be revoked'; code not published",
    values: ["400 reissue_pending", "400 order_not_revocable"],
    seed: "400 reissue_pending",
    "2026": "400 reissue_pending",
  },
  productType: {
    kind: "unknown",
    about: "product.type of the mark products.",
    source: "Not published",
    values: ["vmc_certificate", "mark_certificate"],
    seed: "vmc_certificate",
    "2026": "vmc_certificate",
  },
  missingDnsNames: {
    kind: "unknown",
    about: "Whether an order without certificate.dns_names is taken (it can never be issued).",
    source: "Seed 'Order CMC': optional in the table",
    values: ["refused", "accepted"],
    seed: "refused",
    "2026": "refused",
  },
  cardBillingAddress: {
    kind: "unknown",
    about: "Whether payment_method card needs a billing_address.",
    source: "Seed 'Order CMC': conditional, the condition is cut",
    values: ["required", "optional"],
    seed: "required",
    "2026": "required",
  },
  retryAfter: {
    kind: "unknown",
    about: "Whether a 429 carries Retry-After (seconds).",
    source: "None documented",
    values: ["absent", "present"],
    seed: "absent",
    "2026": "absent",
  },
  uniqueAlternativeIds: {
    kind: "option",
    about: "The account setting 'Require unique alternative order IDs'.",
    source: "Seed 'Order CMC', alternative_order_id",
    values: [false, true],
    seed: false,
    "2026": false,
  },
  dmarc: {
    kind: "option",
    about: "checked: issuance also waits for `_dmarc.<domain>` (or a parent's) with p=quarantine or p=reject.",
    source: "Seed: 'Domains must be DMARC compliant to qualify'; a later FAQ: not required to purchase",
    values: ["notChecked", "checked"],
    seed: "notChecked",
    "2026": "notChecked",
  },
} as const satisfies Record<string, SwitchInfo>;

export type SwitchName = keyof typeof switchTable;
/** One value per switch; what each means stands in {@link switchTable}. */
export type Switches = { -readonly [Name in SwitchName]: (typeof switchTable)[Name]["values"][number] };
export type Profile = "seed" | "2026";

/** Every switch with its name, for documentation and for tests that try each value. */
export const switchList: readonly (SwitchInfo & { name: SwitchName })[] = (Object.keys(switchTable) as SwitchName[]).map(
  (name) => ({ name, ...switchTable[name] }),
);

/** The values of a profile, with some replaced. Throws on a name or value that does not exist. */
export function switchesOf(profile: Profile = "2026", replaced: Partial<Switches> = {}): Switches {
  if (profile !== "seed" && profile !== "2026") throw new Error(`No profile ${profile}: use "seed" or "2026".`);
  const values = Object.fromEntries(switchList.map((entry) => [entry.name, entry[profile]])) as Switches;
  return setSwitches(values, replaced);
}

/** Replaces values in place, after checking names and values. */
export function setSwitches(switches: Switches, replaced: Partial<Switches>): Switches {
  for (const [name, value] of Object.entries(replaced)) {
    const entry = switchTable[name as SwitchName] as SwitchInfo | undefined;
    if (!entry) throw new Error(`No switch ${name}. There are: ${Object.keys(switchTable).join(", ")}.`);
    if (!entry.values.includes(value)) {
      throw new Error(`Switch ${name} cannot be ${JSON.stringify(value)}: use ${entry.values.join(", ")}.`);
    }
  }
  return Object.assign(switches, replaced);
}
