import type { Answer, CertCentralClient } from "./client";
import { filterQuery, readAllPages } from "./paging";
import * as wire from "./wire";

/** How control of a domain is proved (CertCentral glossary, DCV methods). */
export type DcvMethod = "email" | "dns-txt-token" | "dns-cname-token" | "http-token";

/** The random value that proves control of a domain. Ends 30 days after it was made. */
export interface DcvToken {
  /** Never reshape it: a leading underscore belongs to it. */
  token: string;
  /** `pending` until the proof was found, then `active`. */
  status?: string;
  /** ISO 8601, UTC. */
  expires?: string;
  /** Method dns-cname-token: the CNAME's target, or its host in newer answers. */
  verificationValue?: string;
  /** Method http-token: where the file is looked for. */
  httpTokenUrl?: string;
}

/** A validation of an organization, or of a domain for a kind of certificate. */
export interface Validation {
  /** `ov`, `ev`, `cs`, `ev_cs`, `ds`, `smime`. */
  type: string;
  name?: string;
  /** `pending`, `active`, `expired`; `unknown` when DigiCert gives none. */
  status: string;
  /** ISO 8601, UTC; absent until validated. */
  dateCreated?: string;
  /** ISO 8601, UTC; absent until validated. */
  validatedUntil?: string;
  /** Of a domain: `pending`, `complete`. */
  dcvStatus?: string;
  /** The people DigiCert verified for it. */
  verifiedUsers: { id?: number; firstName?: string; lastName?: string }[];
}

/** A domain of the account. */
export interface DomainInfo {
  id: number;
  name: string;
  /** `pending`, `approved`, `active`, `inactive`. */
  status?: string;
  isActive?: boolean;
  /** Whether control must still be proved. */
  isPendingValidation: boolean;
  dcvMethod?: string;
  token?: DcvToken;
  /** Method email: the addresses that DigiCert's DCV mail went to. */
  emails: string[];
  /** When control was last proved; ISO 8601, UTC. */
  dcvApproved?: string;
  /** Until when the proof may be used, the latest date DigiCert gives; ISO 8601, UTC. */
  dcvExpires?: string;
  organizationId?: number;
  validations: Validation[];
}

/** Changes at DigiCert that a call reports: the token to publish, or whom it wrote to (method email). */
export interface DcvChange {
  token?: DcvToken;
  /** Method email: the addresses that were written to. */
  emails: string[];
}

/** Filters of {@link list}. */
export interface DomainFilters {
  /** Name, or a part of it. */
  search?: string;
  status?: string;
  containerId?: number;
}

/** Body of {@link add}. */
export interface DomainRequest {
  name: string;
  organization: { id: number };
  validations: { type: string }[];
  dcv_method?: DcvMethod;
  keep_www?: boolean;
  locale?: string;
}

const dcvDetails = wire.record({
  method: wire.text,
  dcv_method: wire.text,
  dcv_token: wire.dcvToken,
  dcv_invitations: wire.list(wire.record({ email: wire.text })),
});

const domain = wire
  .record({
    id: wire.id,
    name: wire.text,
    status: wire.text,
    is_active: wire.flag,
    is_pending_validation: wire.flag,
    dcv_method: wire.text,
    dcv_token: wire.dcvToken,
    dcv: wire.raw,
    dcv_approval_datetime: wire.moment,
    dcv_expiration_datetime: wire.raw,
    dcv_expiration: wire.raw,
    organization: wire.record({ id: wire.id }),
    organization_id: wire.id,
    validations: wire.list(wire.validation),
  })
  .transform((body): DomainInfo | undefined => {
    if (body.id === undefined) return undefined;
    const dcv = dcvDetails.parse(body.dcv);
    // Newer answers hold dcv_token; older ones a dcv object that holds the token or is one.
    const token = body.dcv_token ?? dcv.dcv_token ?? wire.dcvToken.parse(body.dcv);
    const approved = body.status === "approved" || body.status === "active";
    return wire.compact({
      id: body.id,
      name: body.name ?? "",
      status: body.status,
      isActive: body.is_active,
      isPendingValidation: body.is_pending_validation ?? (token?.status === "pending" || !approved),
      dcvMethod: body.dcv_method ?? dcv.method ?? dcv.dcv_method,
      token,
      emails: [...new Set(dcv.dcv_invitations.flatMap(({ email }) => email ?? []))],
      dcvApproved: body.dcv_approval_datetime,
      dcvExpires: wire.latestMoment(body.dcv_expiration_datetime, body.dcv_expiration),
      organizationId: body.organization.id ?? body.organization_id,
      validations: wire.present(body.validations),
    });
  });

const change = wire
  .record({
    dcv_token: wire.dcvToken,
    validation_emails: wire.record({ base_emails: wire.texts, whois_emails: wire.texts, email_array: wire.texts }),
  })
  .transform((body): DcvChange => {
    const { base_emails, whois_emails, email_array } = body.validation_emails;
    const emails = [...new Set([...base_emails, ...whois_emails, ...email_array])];
    return wire.compact({ token: body.dcv_token, emails });
  });

/** `GET /domain/{id}?include_dcv=true&include_validation=true` */
export async function info(client: CertCentralClient, domainId: number, signal?: AbortSignal): Promise<DomainInfo> {
  const answer = await client.request({
    method: "GET",
    path: `/domain/${domainId}`,
    query: { include_dcv: true, include_validation: true },
    action: `look up domain ${domainId}`,
    retry: "read",
    signal,
  });
  const found = wire.readObject(domain, answer);
  if (found?.id !== domainId) throw answer.unexpected(`The answer is not about domain ${domainId}`);
  return found;
}

/** `GET /domain`: all pages. */
export function list(
  client: CertCentralClient,
  filters: DomainFilters = {},
  signal?: AbortSignal,
): Promise<DomainInfo[]> {
  const { search, status, containerId } = filters;
  return readAllPages(
    client,
    {
      path: "/domain",
      query: {
        include_validation: true,
        container_id: containerId,
        ...filterQuery({ search, status }),
      },
      action: "list the domains",
      signal,
    },
    (answer) => wire.readPage(domain, "domains", answer),
    (item) => item.id,
  );
}

/** `POST /domain`: adds a domain to the account and submits it for validation. */
export async function add(
  client: CertCentralClient,
  body: DomainRequest,
  signal?: AbortSignal,
): Promise<{ domainId: number } & DcvChange> {
  const answer = await client.request({
    method: "POST",
    path: "/domain",
    json: body,
    action: `add the domain ${body.name}`,
    retry: "afterThrottling",
    signal,
  });
  return { domainId: wire.readId(answer), ...wire.readObject(change, answer) };
}

/** `POST /domain/{id}/validation`: asks DigiCert to validate the domain (again). */
export async function submitValidation(
  client: CertCentralClient,
  domainId: number,
  body: { validations: { type: string }[]; dcv_method?: DcvMethod; email_array?: string[] },
  signal?: AbortSignal,
): Promise<DcvChange> {
  const answer = await client.request({
    method: "POST",
    path: `/domain/${domainId}/validation`,
    json: body,
    action: `submit domain ${domainId} for validation`,
    retry: "afterThrottling",
    signal,
  });
  return readChange(answer);
}

/** `PUT /domain/{id}/dcv/method`: the new method gets a new token; the old one ends. */
export async function changeMethod(
  client: CertCentralClient,
  domainId: number,
  method: DcvMethod,
  signal?: AbortSignal,
): Promise<DcvChange> {
  const answer = await client.request({
    method: "PUT",
    path: `/domain/${domainId}/dcv/method`,
    json: { dcv_method: method },
    action: `change the DCV method of domain ${domainId} to ${method}`,
    retry: "idempotent",
    signal,
  });
  return readChange(answer);
}

/** `POST /domain/{id}/dcv/token`: a new token, good for 30 days; the domain's old one ends. */
export async function newToken(client: CertCentralClient, domainId: number, signal?: AbortSignal): Promise<DcvToken> {
  const answer = await client.request({
    method: "POST",
    path: `/domain/${domainId}/dcv/token`,
    action: `make a new DCV token for domain ${domainId}`,
    retry: "afterThrottling",
    signal,
  });
  const token = wire.readObject(wire.dcvToken, answer) ?? wire.readObject(change, answer).token;
  if (token === undefined) throw answer.unexpected("The answer has no token");
  return token;
}

/**
 * `PUT /domain/{id}/dcv/validate-token`: DigiCert looks for the proof now.
 * @returns `active` once proved; `unknown` when DigiCert gives no status
 * @throws CertCentralError of kind `refused` while the proof is not found: `invalid_dns_txt`, `file_random_value_not_found`
 */
export async function check(
  client: CertCentralClient,
  domainId: number,
  signal?: AbortSignal,
): Promise<{ status: string }> {
  const answer = await client.request({
    method: "PUT",
    path: `/domain/${domainId}/dcv/validate-token`,
    action: `check the DCV of domain ${domainId}`,
    retry: "idempotent",
    signal,
  });
  if (answer.json === undefined) return { status: "unknown" };
  return { status: wire.readObject(wire.record({ status: wire.text }), answer).status ?? "unknown" };
}

/** `PUT /domain/{id}/dcv/emails`: sends the DCV mails again. */
export async function resendEmails(
  client: CertCentralClient,
  domainId: number,
  body: { name_scope?: string; locale?: string; email_array?: string[] } = {},
  signal?: AbortSignal,
): Promise<void> {
  await client.request({
    method: "PUT",
    path: `/domain/${domainId}/dcv/emails`,
    json: body,
    action: `send the DCV mails of domain ${domainId} again`,
    // A repetition would send them twice.
    retry: "afterThrottling",
    signal,
  });
}

function readChange(answer: Answer): DcvChange {
  // The older API answers 204.
  return answer.json === undefined ? { emails: [] } : wire.readObject(change, answer);
}
