import type { CertCentralClient } from "./client";
import type { Validation } from "./domains";
import type { ContactRequest } from "./orderTypes";
import { filterQuery, readAllPages } from "./paging";
import * as wire from "./wire";

export type { Validation } from "./domains";

/** A contact person. */
export interface Contact {
  /** Of the contact, not of a user. */
  id?: number;
  userId?: number;
  contactType?: string;
  firstName?: string;
  lastName?: string;
  jobTitle?: string;
  email?: string;
  telephone?: string;
  telephoneExtension?: string;
}

/** An organization of the account. */
export interface OrganizationInfo {
  organizationId: number;
  name: string;
  /** `active`, `inactive`; older `pending`, `approved`. */
  status?: string;
  isActive: boolean;
  assumedName?: string;
  displayName?: string;
  address?: string;
  address2?: string;
  zip?: string;
  city?: string;
  state?: string;
  country?: string;
  telephone?: string;
  containerId?: number;
  organizationContact?: Contact;
  technicalContact?: Contact;
  verifiedContacts: Contact[];
  evApprovers: Contact[];
  /** Only where the call includes them. */
  validations: Validation[];
}

/** DigiCert's JSON body of a new or changed organization. */
export interface OrganizationRequest {
  name: string;
  assumed_name?: string;
  country: string;
  address: string;
  address2?: string;
  city: string;
  state?: string;
  zip?: string;
  telephone?: string;
  container?: { id: number };
  organization_contact?: ContactRequest;
  technical_contact?: ContactRequest;
  contacts?: ContactRequest[];
  skip_duplicate_org_check?: boolean;
}

/** DigiCert's JSON body of a submission for validation. */
export interface ValidationRequest {
  validations: {
    /** `ov`, `ev`, `cs`, `ev_cs`, `ds`, `smime`. */
    type: string;
    /** Required for ev, cs and ev_cs: users by id, or people's details. */
    verified_users?: (ContactRequest & { id?: number })[];
  }[];
}

const contact = wire.contact.transform((person): Contact | undefined =>
  Object.keys(person).length === 0 ? undefined : person,
);

const organization = wire
  .record({
    id: wire.id,
    name: wire.text,
    status: wire.text,
    is_active: wire.flag,
    assumed_name: wire.text,
    display_name: wire.text,
    address: wire.text,
    address2: wire.text,
    zip: wire.text,
    city: wire.text,
    state: wire.text,
    country: wire.text,
    telephone: wire.text,
    container: wire.record({ id: wire.id }),
    organization_contact: contact,
    technical_contact: contact,
    verified_contacts: wire.list(contact),
    ev_approvers: wire.list(contact),
    validations: wire.list(wire.validation),
  })
  .transform((body): OrganizationInfo | undefined => {
    if (body.id === undefined) return undefined;
    return wire.compact({
      organizationId: body.id,
      name: body.name ?? "",
      status: body.status,
      isActive: body.is_active ?? body.status !== "inactive",
      assumedName: body.assumed_name,
      displayName: body.display_name,
      address: body.address,
      address2: body.address2,
      zip: body.zip,
      city: body.city,
      state: body.state,
      country: body.country,
      telephone: body.telephone,
      containerId: body.container.id,
      organizationContact: body.organization_contact,
      technicalContact: body.technical_contact,
      verifiedContacts: wire.present(body.verified_contacts),
      evApprovers: wire.present(body.ev_approvers),
      validations: wire.present(body.validations),
    });
  });

/** `POST /organization` */
export async function create(
  client: CertCentralClient,
  body: OrganizationRequest,
  signal?: AbortSignal,
): Promise<{ organizationId: number }> {
  const answer = await client.request({
    method: "POST",
    path: "/organization",
    json: body,
    action: `create the organization ${body.name}`,
    retry: "afterThrottling",
    signal,
  });
  return { organizationId: wire.readId(answer) };
}

/** `GET /organization/{id}` */
export async function info(
  client: CertCentralClient,
  organizationId: number,
  signal?: AbortSignal,
): Promise<OrganizationInfo> {
  const answer = await client.request({
    method: "GET",
    path: `/organization/${organizationId}`,
    action: `look up organization ${organizationId}`,
    retry: "read",
    signal,
  });
  const found = wire.readObject(organization, answer);
  if (found?.organizationId !== organizationId) {
    throw answer.unexpected(`The answer is not about organization ${organizationId}`);
  }
  return found;
}

/** `GET /organization`: all pages, with validations. */
export function list(
  client: CertCentralClient,
  filters: { search?: string; status?: string; containerId?: number } = {},
  signal?: AbortSignal,
): Promise<OrganizationInfo[]> {
  return readAllPages(
    client,
    {
      path: "/organization",
      query: {
        include_validation: true,
        container_id: filters.containerId,
        ...filterQuery({ search: filters.search, status: filters.status }),
      },
      action: "list the organizations",
      signal,
    },
    (answer) => wire.readPage(organization, "organizations", answer),
    (item) => item.organizationId,
  );
}

/** `PUT /organization/{id}`: the details; contacts have {@link updateContacts}. */
export async function update(
  client: CertCentralClient,
  organizationId: number,
  body: Partial<OrganizationRequest>,
  signal?: AbortSignal,
): Promise<void> {
  await client.request({
    method: "PUT",
    path: `/organization/${organizationId}`,
    json: body,
    action: `update organization ${organizationId}`,
    retry: "idempotent",
    signal,
  });
}

/** `PUT /organization/{id}/contact`: the organization's and technical contact; one of each type, else `contact_type_duplicate`. */
export async function updateContacts(
  client: CertCentralClient,
  organizationId: number,
  contacts: ContactRequest[],
  signal?: AbortSignal,
): Promise<void> {
  await client.request({
    method: "PUT",
    path: `/organization/${organizationId}/contact`,
    json: { contacts },
    action: `update the contacts of organization ${organizationId}`,
    retry: "idempotent",
    signal,
  });
}

/** `PUT /organization/{id}/deactivate`: only DigiCert's support can undo it. */
export async function deactivate(
  client: CertCentralClient,
  organizationId: number,
  signal?: AbortSignal,
): Promise<void> {
  await client.request({
    method: "PUT",
    path: `/organization/${organizationId}/deactivate`,
    action: `deactivate organization ${organizationId}`,
    retry: "idempotent",
    signal,
  });
}

/** `DELETE /organization/{id}`: with its domains. DigiCert refuses when any order ever used it. */
export async function remove(client: CertCentralClient, organizationId: number, signal?: AbortSignal): Promise<void> {
  await client.request({
    method: "DELETE",
    path: `/organization/${organizationId}`,
    action: `delete organization ${organizationId}`,
    retry: "idempotent",
    signal,
  });
}

/** `POST /organization/{id}/validation`: DigiCert's people start to vet; each submission makes them phone. */
export async function submitValidation(
  client: CertCentralClient,
  organizationId: number,
  body: ValidationRequest,
  signal?: AbortSignal,
): Promise<void> {
  await client.request({
    method: "POST",
    path: `/organization/${organizationId}/validation`,
    json: body,
    action: `submit organization ${organizationId} for validation (${body.validations.map(({ type }) => type).join(", ")})`,
    retry: "afterThrottling",
    signal,
  });
}

/** `GET /organization/{id}/validation` */
export async function validation(
  client: CertCentralClient,
  organizationId: number,
  signal?: AbortSignal,
): Promise<Validation[]> {
  const answer = await client.request({
    method: "GET",
    path: `/organization/${organizationId}/validation`,
    action: `look up the validations of organization ${organizationId}`,
    retry: "read",
    signal,
  });
  return wire.readPage(wire.validation, "validations", answer).items;
}
