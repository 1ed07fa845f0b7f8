/**
 * What a failed call means for the caller, which decides whether anything may be sent again:
 * - `notSent`: nothing of the request was written to the network (no connection, no TLS session, no key);
 * - `throttled`: 429, DigiCert took nothing;
 * - `refused`: another 4xx in DigiCert's error shape, so DigiCert read the request and said no;
 * - `doubt`: anything else (5xx, reset, timeout, truncated or unreadable answer): it may have been done.
 */
export type FailureKind = "notSent" | "throttled" | "refused" | "doubt";

/** The parts of a {@link CertCentralError}. */
export interface CertCentralErrorDetails {
  kind: FailureKind;
  codes: string[];
  status?: number | undefined;
  method: string;
  url: string;
  action: string;
  detail: string;
  hint?: string | undefined;
}

/** A call to DigiCert's Services API that did not succeed. Holds no key, no card number and no CVV. */
export class CertCentralError extends Error {
  readonly kind: FailureKind;
  /**
   * DigiCert's first code, such as `not_found|order`, or the client's own: `network`, `timeout`, `canceled`, `missing_key`,
   * `unexpected_answer`.
   */
  readonly code: string;
  /** All of DigiCert's codes: an answer may hold several errors, in any order. */
  readonly codes: string[];
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  readonly method: string;
  /** Origin and path, without the query. */
  readonly url: string;
  /** What was being done, as an infinitive: `look up order 137`. */
  readonly action: string;
  /** DigiCert's messages, or what went wrong on the way. */
  readonly detail: string;
  /** The remedy, where one is known. */
  readonly hint?: string;

  constructor(details: CertCentralErrorDetails) {
    super(message(details));
    this.name = "CertCentralError";
    this.kind = details.kind;
    this.code = details.codes[0] ?? "unexpected_answer";
    this.codes = details.codes;
    if (details.status !== undefined) this.status = details.status;
    this.method = details.method;
    this.url = details.url;
    this.action = details.action;
    this.detail = details.detail;
    if (details.hint !== undefined) this.hint = details.hint;
  }

  /**
   * DigiCert says there is no such thing, or not in this account. False for `not_found|route` (a wrong base URL) and for a 404
   * that is not in DigiCert's error shape (a proxy's): neither says anything about the object.
   */
  get notFound(): boolean {
    if (this.kind !== "refused" || this.codes.includes("not_found|route")) return false;
    return this.status === 404 || this.codes.some((code) => /^not_found(\||$)/.test(code));
  }
}

/** One entry of DigiCert's `{"errors": [{code, message}]}`. */
export interface ApiError {
  code: string;
  message: string;
}

/** Reads DigiCert's error shape; empty when `json` is something else. */
export function readApiErrors(json: unknown): ApiError[] {
  if (typeof json !== "object" || json === null || !("errors" in json) || !Array.isArray(json.errors)) return [];
  return json.errors.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return [];
    const { code, message } = entry as Record<string, unknown>;
    if (typeof code !== "string" || code === "") return [];
    return [{ code, message: typeof message === "string" ? message : "" }];
  });
}

/** The remedy for one of DigiCert's codes (https://dev.digicert.com/errors/) or of Node's network error codes. */
export function hintFor(codes: string[]): string | undefined {
  for (const code of codes) {
    for (const key of [code, code.split("|", 1)[0] as string]) {
      // Not what every object has: a code may be `constructor`.
      if (Object.hasOwn(HINTS, key)) return HINTS[key];
    }
  }
  return undefined;
}

const CERTIFICATE_HINT =
  "The server's TLS certificate is not trusted: check bimi:baseUrl, or name your proxy's CA in NODE_EXTRA_CA_CERTS.";
const CONNECTION_HINT = "Check the network and bimi:baseUrl. Nothing was sent.";
const KEY_HINT =
  "Set a valid key with `pulumi config set --secret bimi:apiKey <key>` or in DIGICERT_API_KEY; " +
  "a CertCentral Europe account also needs bimi:baseUrl https://certcentral.digicert.eu/services/v2.";

const HINTS: Record<string, string> = {
  missing_key: KEY_HINT,
  "access_denied|access_denied_invalid_key": KEY_HINT,
  "access_denied|missing_permission":
    "The key's user or the key's restriction does not allow this: use a key of an administrator or manager that is neither restricted to View Only nor assigned to other divisions.",
  "access_denied|invalid_approver":
    "The key's user may not approve this request: an administrator must approve it in CertCentral, or order with skipApproval: true.",
  access_denied: "Check that the key belongs to the account that owns this, and what its user may do.",
  "not_found|product":
    "The product is not enabled in this account: see Settings > Product Settings in CertCentral, or ask DigiCert's account manager.",
  "not_found|order":
    "The order does not exist, or belongs to another account or division than the key's: use a key that sees it.",
  "not_found|organization":
    "The organization does not exist, or belongs to another account or division than the key's: use a key that sees it.",
  "not_found|domain":
    "The domain does not exist, or belongs to another account or division than the key's: use a key that sees it.",
  "not_found|certificate":
    "The certificate is not issued yet, or belongs to another account or division than the key's: use a key that sees it.",
  "not_found|route": "The address is unknown to the server: check bimi:baseUrl (it ends in /services/v2).",
  not_found: "It does not exist, or belongs to another account or division than the key's: use a key that sees it.",
  request_limit_exceeded:
    "DigiCert allows 100 requests in 5 seconds and 1,000 in 3 minutes for each key: try again in some minutes, or use a key of its own.",
  invalid_dns_txt:
    "The TXT record is not visible to DigiCert yet: check the record and its time to live, then check again.",
  invalid_dns_cname:
    "The CNAME record is not visible to DigiCert yet: check the record and its time to live, then check again.",
  file_random_value_not_found:
    "Put the token into /.well-known/pki-validation/fileauth.txt, served over http (port 80) without a redirect.",
  invalid_dns_method: "The domain's DCV method is email: change the method first.",
  invalid_dcv_method: "The domain's DCV method has no token (email, or none): change the method first.",
  time_frame_too_long: "Ask for at most 10,080 minutes (7 days).",
  contact_type_duplicate: "Name each contact type once.",
  invalid_custom_field_value: "Give the custom field a value of the type that CertCentral's settings ask for.",
  order_not_eligible_for_renewal:
    "DigiCert renews an issued order of the same account and product, in its last 90 days.",
  order_renewed_already: "DigiCert renews an order once; CertCentral shows the order that renewed it.",
  invalid_trademark:
    "Set trademark.countryCode to the office that registered the mark, and the number as registered there.",
  ECONNREFUSED: CONNECTION_HINT,
  ENOTFOUND: CONNECTION_HINT,
  EAI_AGAIN: CONNECTION_HINT,
  EHOSTUNREACH: CONNECTION_HINT,
  ENETUNREACH: CONNECTION_HINT,
  CERT_HAS_EXPIRED: CERTIFICATE_HINT,
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE_HINT,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE_HINT,
  UNABLE_TO_GET_ISSUER_CERT: CERTIFICATE_HINT,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE_HINT,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE_HINT,
  ERR_TLS_CERT_ALTNAME_INVALID: CERTIFICATE_HINT,
};

function message({ kind, codes, status, method, url, action, detail, hint }: CertCentralErrorDetails): string {
  const why = [status, codes[0]].filter((part) => part !== undefined).join(" ");
  const outcome = {
    notSent: `The request to ${action} was not sent to DigiCert`,
    throttled: `DigiCert refused for now to ${action}`,
    refused: `DigiCert refused to ${action}`,
    doubt: `DigiCert did not answer the request to ${action} as expected`,
  }[kind];
  const sentences = [sentence(detail), hint === undefined ? "" : sentence(hint), `Request: ${method} ${url}`];
  return `${outcome} (${why}): ${sentences.filter((part) => part !== "").join(" ")}`;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}
