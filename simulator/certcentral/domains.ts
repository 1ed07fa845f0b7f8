import * as z from "zod";
import { timestamp } from "../clock";
import {
  CONSTRUCTED_ADDRESSES,
  checkDomain,
  isPending,
  isValid,
  renewToken,
  sendEmails,
  startValidation,
  submitted,
  tokenJson,
  whereJson,
} from "./dcv";
import { ApiError, badParameter } from "./errors";
import { type Answer, type Call, created, noContent, ok, type Route } from "./http";
import { listAnswer, readFilters } from "./listing";
import type { Domain } from "./state";
import { dcvMethod, email, hostname, idNumber, text, validate, validations } from "./validateRequest";
import type { World } from "./world";

const TYPES = ["ov", "ev"] as const;
const NAMES = { ov: ["OV", "Normal Organization Validation"], ev: ["EV", "Extended Organization Validation (EV)"] };

/** The account's domain of exactly this name. */
export function findDomain(world: World, accountId: number, name: string): Domain | undefined {
  return world.state.domains.find((domain) => domain.accountId === accountId && domain.name === name);
}

export function createDomain(world: World, accountId: number, name: string, organizationId?: number): Domain {
  const domain: Domain = {
    id: world.id(),
    accountId,
    organizationId,
    name,
    isActive: true,
    created: world.now(),
    validations: ["ov", "ev"],
    method: "email",
    oldTokens: [],
    emails: [],
  };
  world.state.domains.push(domain);
  return domain;
}

interface View {
  dcv?: boolean;
  validation?: boolean;
}

export function domainJson(world: World, domain: Domain, view: View = {}): Record<string, unknown> {
  const pending = isPending(world, domain);
  const organization = world.state.organizations.find(({ id }) => id === domain.organizationId);
  const container = world.state.containers.find(({ id }) => id === organization?.containerId);
  const expiration = domain.validUntil !== undefined ? timestamp(domain.validUntil) : undefined;
  return {
    id: domain.id,
    is_active: domain.isActive,
    status: !domain.isActive ? "inactive" : pending ? "pending" : "active",
    is_pending_validation: pending,
    name: domain.name,
    date_created: timestamp(domain.created),
    last_submitted_datetime: domain.submitted && timestamp(domain.submitted),
    dcv_approval_datetime: domain.validatedAt && timestamp(domain.validatedAt),
    dcv_expiration_datetime: expiration,
    organization: organization && {
      id: organization.id,
      status: organization.isActive ? "active" : "inactive",
      name: organization.name,
      display_name: organization.name,
      is_active: organization.isActive ? "1" : "0",
    },
    validations: view.validation ? domain.validations.map((type) => validationJson(world, domain, type)) : undefined,
    dcv_method: domain.method,
    dcv_expiration: expiration && Object.fromEntries(domain.validations.map((type) => [type, expiration])),
    dcv_token: view.dcv ? tokenJson(world, domain) : undefined,
    dcv: view.dcv && domain.method === "email" ? emailJson(domain) : undefined,
    container: container && { id: container.id, name: container.name, is_active: true },
  };
}

function validationJson(world: World, domain: Domain, type: "ov" | "ev") {
  const valid = isValid(world, domain);
  return {
    type,
    name: NAMES[type][0],
    description: NAMES[type][1],
    validated_until: domain.validUntil && timestamp(domain.validUntil),
    status: valid ? "active" : domain.validUntil ? "expired" : "pending",
    dcv_status: valid ? "complete" : domain.validUntil ? "expired" : "pending",
  };
}

function emailJson(domain: Domain) {
  return {
    method: "email",
    name_scope: domain.name,
    dcv_invitations: domain.emails.map((invitation, index) => ({
      invitation_id: index + 1,
      email: invitation.address,
      source: invitation.source,
      date_sent: timestamp(invitation.sent),
      name_scope: domain.name,
    })),
  };
}

/** What a new or changed validation answers: the token, or where emails went. */
function startedJson(world: World, domain: Domain): Record<string, unknown> {
  if (domain.method !== "email") return { dcv_token: tokenJson(world, domain) };
  const of = (source: "base" | "whois") =>
    domain.emails.filter((sent) => sent.source === source).map(({ address }) => address);
  return { validation_emails: { name_scope: domain.name, base_emails: of("base"), whois_emails: of("whois") } };
}

function add({ world, key, json }: Call): Answer {
  const schema = z.strictObject({
    name: hostname,
    organization: z.strictObject({ id: idNumber }),
    validations: validations(TYPES),
    dcv_method: dcvMethod.optional(),
    keep_www: z.boolean().optional(),
    locale: text.optional(),
  });
  const body = validate(schema, json);
  const organization = world.organization(key, body.organization.id);
  const strip = body.dcv_method !== "http-token" && !body.keep_www;
  const name = strip ? body.name.replace(/^www\./, "") : body.name;
  if (findDomain(world, key.accountId, name)) {
    throw new ApiError(400, "domain_already_exists", `The account has a domain ${name}.`);
  }
  const domain = createDomain(world, key.accountId, name, organization.id);
  domain.validations = body.validations.map(({ type }) => type as "ov" | "ev");
  if (!body.dcv_method) return created({ id: domain.id });
  startValidation(world, domain, body.dcv_method);
  return created({ id: domain.id, ...startedJson(world, domain) });
}

function submit({ world, key, params, json }: Call): Answer {
  const domain = world.domain(key, params[0]!);
  const schema = z.strictObject({
    validations: validations(TYPES),
    dcv_method: dcvMethod.optional(),
    email_array: z.array(email).optional(),
  });
  const body = validate(schema, json);
  domain.validations = body.validations.map(({ type }) => type as "ov" | "ev");
  const method = body.dcv_method ?? domain.method;
  startValidation(world, domain, method, allowedEmails(world, domain.name, body.email_array));
  if (world.switches.submitDomainAnswer === "empty") return noContent();
  return ok({ id: domain.id, ...startedJson(world, domain) });
}

/** DCV emails go to the constructed addresses or to those of the WHOIS record, to no one else. */
export function allowedEmails(world: World, base: string, addresses?: string[]): string[] | undefined {
  for (const address of addresses ?? []) {
    const constructed = CONSTRUCTED_ADDRESSES.some((local) => `${local}@${base}` === address.toLowerCase());
    if (constructed || world.state.whois[base]?.includes(address)) continue;
    throw badParameter("dcv_emails", `${address} is neither in the WHOIS record nor a default address of ${base}.`);
  }
  return addresses;
}

function list({ world, key, query }: Call): Answer {
  const filters = readFilters(query, ["search", "name", "status", "validation"]);
  const view = { validation: query.get("include_validation") === "true" };
  const found = world.state.domains.filter((domain) => {
    if (!world.isDomainVisible(key, domain)) return false;
    if (filters.has("name") && domain.name !== filters.get("name")) return false;
    if (filters.has("status") && (domain.isActive ? "active" : "inactive") !== filters.get("status")) return false;
    const search = filters.get("search")?.replace(/^%/, "");
    if (search && !domain.name.includes(search)) return false;
    const container = query.get("container_id");
    const organization = world.state.organizations.find(({ id }) => id === domain.organizationId);
    return !container || organization?.containerId === Number(container);
  });
  return listAnswer(world, query, "domains", found, (domain) => domainJson(world, domain, view));
}

function changeMethod({ world, key, params, json }: Call): Answer {
  const domain = world.domain(key, params[0]!);
  const schema = z.strictObject({ dcv_method: dcvMethod, send_dcv_email_flag: z.boolean().optional() });
  const { dcv_method } = validate(schema, json);
  domain.token = undefined;
  startValidation(world, domain, dcv_method);
  return ok(startedJson(world, domain));
}

function newToken({ world, key, params }: Call): Answer {
  const domain = world.domain(key, params[0]!);
  if (domain.method === "email") {
    throw new ApiError(400, "invalid_dcv_method", "The domain is validated by email: it has no token.");
  }
  const token = renewToken(world, domain);
  submitted(world, domain);
  return ok(
    { token: token.value, expiration_date: timestamp(token.expires), ...whereJson(world, domain, token) },
    world.switches.newTokenStatus,
  );
}

async function check({ world, key, params }: Call): Promise<Answer> {
  const domain = world.domain(key, params[0]!);
  if (isPending(world, domain)) await checkDomain(world, domain);
  const token = world.switches.checkDomainAnswer === "tokenAndStatus" ? { token: domain.token?.value } : {};
  return ok({ ...token, status: "active" });
}

function resend({ world, key, params, json }: Call): Answer {
  const domain = world.domain(key, params[0]!);
  const schema = z.strictObject({
    name_scope: hostname.optional(),
    locale: text.optional(),
    email_array: z.array(email).optional(),
  });
  const body = validate(schema, json ?? {});
  if (domain.method !== "email") throw new ApiError(400, "invalid_dcv_method", "The domain is not validated by email.");
  const base = body.name_scope ?? domain.name;
  sendEmails(world, domain, allowedEmails(world, base, body.email_array), base);
  return noContent();
}

function remove({ world, key, params }: Call): Answer {
  const domain = world.domain(key, params[0]!);
  const used = world.state.orders.some(({ names }) => names.some(({ domainId }) => domainId === domain.id));
  if (used) throw new ApiError(400, "domain_in_use", "An order names the domain.");
  world.state.domains = world.state.domains.filter((other) => other !== domain);
  return noContent();
}

const activate =
  (isActive: boolean) =>
  ({ world, key, params }: Call): Answer => {
    world.domain(key, params[0]!).isActive = isActive;
    return noContent();
  };

function info({ world, key, params, query }: Call): Answer {
  const view = { dcv: query.get("include_dcv") === "true", validation: query.get("include_validation") === "true" };
  return ok(domainJson(world, world.domain(key, params[0]!), view));
}

export const domainRoutes: Route[] = [
  { method: "POST", path: "/domain", access: "manage", handle: add },
  { method: "GET", path: "/domain", access: "read", handle: list },
  { method: "GET", path: "/domain/{id}", access: "read", handle: info },
  { method: "DELETE", path: "/domain/{id}", access: "manage", handle: remove },
  { method: "POST", path: "/domain/{id}/validation", access: "manage", handle: submit },
  { method: "PUT", path: "/domain/{id}/dcv/method", access: "manage", handle: changeMethod },
  { method: "POST", path: "/domain/{id}/dcv/token", access: "manage", handle: newToken },
  { method: "PUT", path: "/domain/{id}/dcv/validate-token", access: "manage", handle: check },
  { method: "PUT", path: "/domain/{id}/dcv/emails", access: "manage", handle: resend },
  { method: "PUT", path: "/domain/{id}/activate", access: "manage", handle: activate(true) },
  { method: "PUT", path: "/domain/{id}/deactivate", access: "manage", handle: activate(false) },
];
