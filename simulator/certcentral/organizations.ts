import * as z from "zod";
import { DAY, timestamp } from "../clock";
import { ApiError, badParameter, switchedError } from "./errors";
import { type Answer, type Call, created, noContent, ok, type Route } from "./http";
import { listAnswer, readFilters } from "./listing";
import type { Organization, OrganizationValidation, Person, ValidationType } from "./state";
import { email, idNumber, organizationFields, text, updatedContact, validate } from "./validateRequest";
import type { Viewer, World } from "./world";

const TYPES = ["ov", "ev", "cs", "ev_cs", "ds", "smime"] as const;
const DESCRIPTIONS: Record<ValidationType, [name: string, description: string]> = {
  ov: ["OV", "Normal Organization Validation"],
  ev: ["EV", "Extended Organization Validation (EV)"],
  cs: ["CS", "Code Signing Organization Validation"],
  ev_cs: ["EV CS", "Code Signing Organization Extended Validation (EV CS)"],
  ds: ["DS", "Document Signing Validation"],
  smime: ["SMIME", "SMIME Organization Validation"],
};
/** How long DigiCert's people's work on an organization can be used. */
export const ORGANIZATION_VALIDATION_DAYS = 397;

export type OrganizationDetails = z.output<z.ZodObject<typeof organizationFields>>;

/** The active organization that these details describe; the oldest if there are several. */
export function matchOrganization(
  world: World,
  accountId: number,
  details: OrganizationDetails,
): Organization | undefined {
  const identity = (o: { name: string; country: string; state?: string; city: string; address: string }) =>
    [o.name, o.country, o.state ?? "", o.city, o.address].map((part) => part.trim().toLowerCase()).join("\n");
  return world.state.organizations
    .filter((candidate) => candidate.accountId === accountId && candidate.isActive)
    .filter((candidate) => identity(candidate) === identity(details))
    .sort((a, b) => a.created - b.created || a.id - b.id)[0];
}

export function createOrganization(
  world: World,
  { accountId, containerIds }: Viewer,
  details: OrganizationDetails,
): Organization {
  const containerId = details.container?.id ?? containerIds?.[0] ?? world.account(accountId).rootContainerId;
  checkContainer(world, { accountId, ...(containerIds && { containerIds }) }, containerId);
  const organization: Organization = {
    id: world.id(),
    accountId,
    containerId,
    isActive: true,
    created: world.now(),
    name: details.name,
    assumedName: details.assumed_name,
    country: details.country.toLowerCase(),
    address: details.address,
    address2: details.address2,
    city: details.city,
    state: details.state,
    zip: details.zip,
    telephone: details.telephone,
    organizationContact: { id: world.id(), ...details.organization_contact },
    technicalContact: details.technical_contact && { id: world.id(), ...details.technical_contact },
    verifiedContacts: [],
    validations: [],
  };
  world.state.organizations.push(organization);
  addContacts(world, organization, details.contacts ?? []);
  return organization;
}

export function checkContainer(world: World, key: Viewer, containerId: number): void {
  const found = world.state.containers.some(({ id, accountId }) => {
    return id === containerId && world.isVisible(key, { accountId, containerId });
  });
  if (!found) {
    throw new ApiError(404, "not_found|container", "The container could not be found.");
  }
}

/** Every user_id must be a user of the account. */
export function checkContacts(world: World, accountId: number, contacts: Person[]): void {
  for (const { user_id } of contacts) {
    if (
      user_id !== undefined &&
      !world.state.users.some(({ id, accountId: owner }) => id === user_id && owner === accountId)
    ) {
      throw badParameter("organization.contacts.user_id", `There is no user ${user_id} in the account.`);
    }
  }
}

/** Adds verified contacts to the organization, replaces its organization and technical contact. */
export function addContacts(world: World, organization: Organization, contacts: Person[]): void {
  checkContacts(world, organization.accountId, contacts);
  for (const contact of contacts) {
    const person = { id: world.id(), ...personOf(world, contact) };
    if (contact.contact_type === "organization_contact") organization.organizationContact = person;
    else if (contact.contact_type === "technical_contact") organization.technicalContact = person;
    else if (!organization.verifiedContacts.some((other) => samePerson(other, person))) {
      organization.verifiedContacts.push(person);
    }
  }
}

/** A contact with its user's data filled in. */
export function personOf(world: World, contact: Person): Person {
  const { contact_type: _, ...person } = contact;
  if (contact.user_id === undefined) return person;
  const user = world.user(contact.user_id);
  return {
    user_id: user.id,
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    job_title: user.jobTitle,
    telephone: user.telephone,
  };
}

const samePerson = (a: Person, b: Person) =>
  a.email === b.email && a.first_name === b.first_name && a.last_name === b.last_name;

/** Puts a type in front of DigiCert's people. One that is still valid stays so while they work on it again. */
export function submitValidation(
  world: World,
  organization: Organization,
  type: ValidationType,
  users: Person[],
): void {
  const current = organization.validations.find((validation) => validation.type === type);
  const verifiedUsers = users.map((user) => ({ ...user, id: user.id ?? world.id() }));
  if (current && validationStatus(world, current) !== "expired") {
    current.submitted = world.now();
    if (users.length > 0) current.verifiedUsers = verifiedUsers;
    return;
  }
  organization.validations = organization.validations.filter((validation) => validation !== current);
  organization.validations.push({ type, submitted: world.now(), verifiedUsers });
}

export function validationStatus(world: World, validation: OrganizationValidation): "pending" | "active" | "expired" {
  if (validation.validUntil === undefined) return "pending";
  return world.now() < validation.validUntil ? "active" : "expired";
}

export function hasValidation(world: World, organization: Organization, type: ValidationType): boolean {
  return organization.validations.some((own) => own.type === type && validationStatus(world, own) === "active");
}

/** DigiCert's people finish these types (all that are open when none is named). */
export function completeValidation(world: World, organization: Organization, types?: ValidationType[]): void {
  for (const type of types ?? []) submitValidation(world, organization, type, []);
  for (const validation of organization.validations) {
    const wanted = types ? types.includes(validation.type) : validation.submitted > (validation.validated ?? 0);
    if (!wanted) continue;
    validation.validated = world.now();
    validation.validUntil = world.now() + ORGANIZATION_VALIDATION_DAYS * DAY;
  }
}

export function validationsJson(world: World, organization: Organization): Record<string, unknown>[] {
  return organization.validations.map((validation) => ({
    type: validation.type,
    name: DESCRIPTIONS[validation.type][0],
    description: DESCRIPTIONS[validation.type][1],
    ...(validation.validated !== undefined && {
      date_created: timestamp(validation.validated),
      validated_until: timestamp(validation.validUntil!),
    }),
    status: validationStatus(world, validation),
    ...(validation.verifiedUsers.length > 0 && {
      verified_users: validation.verifiedUsers.map(({ id, first_name, last_name }) => ({ id, first_name, last_name })),
    }),
  }));
}

export function organizationJson(world: World, organization: Organization): Record<string, unknown> {
  const container = world.state.containers.find(({ id }) => id === organization.containerId)!;
  return {
    id: organization.id,
    status: organization.isActive ? "active" : "inactive",
    name: organization.name,
    assumed_name: organization.assumedName,
    display_name: organization.assumedName ? `${organization.name} (${organization.assumedName})` : organization.name,
    is_active: organization.isActive,
    address: organization.address,
    address2: organization.address2,
    zip: organization.zip,
    city: organization.city,
    state: organization.state,
    country: organization.country,
    telephone: organization.telephone,
    container: { id: container.id, parent_id: container.parentId, name: container.name, is_active: true },
    organization_contact: organization.organizationContact,
    technical_contact: organization.technicalContact,
    verified_contacts: organization.verifiedContacts,
    ev_approvers: organization.verifiedContacts.map(({ id, first_name, last_name }) => ({ id, first_name, last_name })),
  };
}

function create({ world, key, json }: Call): Answer {
  const schema = z.strictObject({ ...organizationFields, validations: validationRequests.optional() });
  const body = validate(schema, json);
  checkContacts(world, key.accountId, body.contacts ?? []);
  const match = body.skip_duplicate_org_check ? undefined : matchOrganization(world, key.accountId, body);
  if (match && world.switches.duplicateOrganization === "existing") return created({ id: match.id });
  if (match) {
    throw switchedError(String(world.switches.duplicateOrganization), `Organization ${match.id} has the same details.`);
  }
  const organization = createOrganization(world, key, body);
  for (const validation of body.validations ?? []) {
    submitValidation(world, organization, validation.type, validation.verified_users ?? []);
  }
  return created({ id: organization.id });
}

function list({ world, key, query }: Call): Answer {
  const filters = readFilters(query, ["search", "status", "name", "container_id"]);
  const found = world.state.organizations.filter((organization) => {
    if (!world.isVisible(key, organization)) return false;
    if (query.has("container_id") && organization.containerId !== Number(query.get("container_id"))) return false;
    if (filters.has("container_id") && organization.containerId !== Number(filters.get("container_id"))) return false;
    if (filters.has("status") && filters.get("status") !== (organization.isActive ? "active" : "inactive"))
      return false;
    if (filters.has("name") && organization.name.toLowerCase() !== filters.get("name")!.toLowerCase()) return false;
    const search = filters.get("search")?.replace(/^%/, "").toLowerCase();
    return !search || `${organization.name} ${organization.assumedName ?? ""}`.toLowerCase().includes(search);
  });
  const withValidation = query.get("include_validation") === "true";
  return listAnswer(world, query, "organizations", found, (organization) => ({
    ...organizationJson(world, organization),
    ...(withValidation && { validations: validationsJson(world, organization) }),
  }));
}

function update({ world, key, params, json }: Call): Answer {
  const organization = world.organization(key, params[0]!);
  const { skip_duplicate_org_check: _, container: __, contacts: ___, ...fields } = organizationFields;
  const body = validate(z.strictObject(fields).partial(), json);
  const { assumed_name, organization_contact, technical_contact, ...same } = body;
  Object.assign(organization, same);
  if (assumed_name !== undefined) organization.assumedName = assumed_name;
  if (organization_contact) organization.organizationContact = { id: world.id(), ...organization_contact };
  if (technical_contact) organization.technicalContact = { id: world.id(), ...technical_contact };
  return noContent();
}

function updateContacts({ world, key, params, json }: Call): Answer {
  const organization = world.organization(key, params[0]!);
  const body = validate(z.strictObject({ contacts: z.array(updatedContact).min(1) }), json);
  const types = body.contacts.map((contact) => contact.contact_type);
  if (new Set(types).size !== types.length) {
    throw new ApiError(400, "contact_type_duplicate", "There can be only one contact of each type.");
  }
  addContacts(world, organization, body.contacts);
  return noContent();
}

function deactivate({ world, key, params }: Call): Answer {
  const organization = world.organization(key, params[0]!);
  const pending = world.state.orders.some(
    ({ organizationId, status }) =>
      organizationId === organization.id && ["needs_approval", "pending"].includes(status),
  );
  if (pending && world.switches.deactivateUsedOrganization === "refused") {
    throw new ApiError(400, "organization_in_use", "A pending order names the organization.");
  }
  organization.isActive = false;
  return noContent();
}

function remove({ world, key, params }: Call): Answer {
  const organization = world.organization(key, params[0]!);
  const used = world.state.orders.some(({ organizationId }) => organizationId === organization.id);
  const primary = world.account(key.accountId).primaryOrganizationId === organization.id;
  if (primary || (used && world.switches.deleteUsedOrganization === "refused")) {
    throw new ApiError(400, "organization_in_use", "The organization is the account's first or on an order.");
  }
  world.state.organizations = world.state.organizations.filter((other) => other !== organization);
  world.state.domains = world.state.domains.filter(({ organizationId }) => organizationId !== organization.id);
  return noContent();
}

const verifiedUser = z.union([
  z.strictObject({ id: idNumber }),
  z.strictObject({ first_name: text, last_name: text, job_title: text, telephone: text, email }),
]);

const validationRequests = z
  .array(z.strictObject({ type: z.enum(TYPES), verified_users: z.array(verifiedUser).optional() }))
  .min(1)
  .superRefine((requests, context) => {
    requests.forEach(({ type, verified_users }, index) => {
      if (["ev", "cs", "ev_cs"].includes(type) && !verified_users?.length) {
        context.addIssue({ code: "custom", path: [index, "verified_users"], message: `is required for ${type}` });
      }
    });
  });

function submit({ world, key, params, json }: Call): Answer {
  const organization = world.organization(key, params[0]!);
  const body = validate(z.strictObject({ validations: validationRequests }), json);
  const users = body.validations.map(({ verified_users }) =>
    (verified_users ?? []).map((user) => verifiedPerson(world, key.accountId, organization, user)),
  );
  body.validations.forEach(({ type }, index) => {
    submitValidation(world, organization, type, users[index]!);
  });
  return noContent();
}

/** A verified user is a user of the account, a contact of the organization, or a new person. */
function verifiedPerson(world: World, accountId: number, organization: Organization, person: Person): Person {
  if (person.id === undefined) return person;
  const contact = organization.verifiedContacts.find(({ id, user_id }) => id === person.id || user_id === person.id);
  const user = world.state.users.find(({ id, accountId: owner }) => id === person.id && owner === accountId);
  if (!contact && !user) throw badParameter("validations.verified_users.id", `There is no user ${person.id}.`);
  const found = user ? personOf(world, { user_id: user.id }) : contact!;
  return { id: person.id, first_name: found.first_name, last_name: found.last_name };
}

const one = (call: Call) => call.world.organization(call.key, call.params[0]!);

export const organizationRoutes: Route[] = [
  { method: "POST", path: "/organization", access: "manage", handle: create },
  { method: "GET", path: "/organization", access: "read", handle: list },
  {
    method: "GET",
    path: "/organization/{id}",
    access: "read",
    handle: (call) => ok(organizationJson(call.world, one(call))),
  },
  { method: "PUT", path: "/organization/{id}", access: "manage", handle: update },
  { method: "DELETE", path: "/organization/{id}", access: "manage", handle: remove },
  { method: "PUT", path: "/organization/{id}/contact", access: "manage", handle: updateContacts },
  { method: "PUT", path: "/organization/{id}/deactivate", access: "manage", handle: deactivate },
  { method: "POST", path: "/organization/{id}/validation", access: "manage", handle: submit },
  {
    method: "GET",
    path: "/organization/{id}/validation",
    access: "read",
    handle: (call) => ok({ validations: validationsJson(call.world, one(call)) }),
  },
  {
    method: "GET",
    path: "/organization/{id}/approver",
    access: "read",
    handle: (call) => ok({ approvers: one(call).verifiedContacts }),
  },
];
