import type * as z from "zod";
import { DAY } from "../clock";
import { isPending, isValid, startValidation, tokenJson } from "./dcv";
import { allowedEmails, createDomain, findDomain } from "./domains";
import { ApiError, badParameter, notFound, switchedError } from "./errors";
import { type Answer, type Call, created, type Route } from "./http";
import { checkSvg, checkTrademark, decodeLogo, findLogo, useLogo, vmcSchema } from "./logos";
import { createRequest } from "./newRequest";
import {
  addContacts,
  checkContacts,
  checkContainer,
  createOrganization,
  hasValidation,
  matchOrganization,
  submitValidation,
} from "./organizations";
import type { ApiKey, Domain, Order, Organization, Product, Role } from "./state";
import { orderSchema, validate, validateOrderOrganization } from "./validateRequest";
import type { World } from "./world";

type OrderBody = z.output<ReturnType<typeof schemaFor>>;
type OrganizationBody = ReturnType<typeof validateOrderOrganization>;

function schemaFor(world: World, product: Product) {
  const { switches } = world;
  return orderSchema(vmcSchema(world, product), {
    maxYears: product === "vmc_basic" ? switches.vmcYears : 3,
    dnsNamesRequired: switches.missingDnsNames === "refused",
    addressWithCard: switches.cardBillingAddress === "required",
  });
}

/** Orders of these users need no approval if they ask for none. */
export const mayApprove = (role: Role) => role === "admin" || role === "manager";

/** Everything is checked before anything is kept, so a refused order leaves no trace. */
function place(product: Product): (call: Call) => Answer {
  return ({ world, key, json }) => {
    if (!world.account(key.accountId).products.includes(product)) {
      throw switchedError(world.switches.productNotEnabledError, `The product ${product} is not available.`);
    }
    const body = validate(schemaFor(world, product), json);
    const organization = validateOrderOrganization(body.organization);
    checkAlternativeId(world, key, body);
    checkOrganization(world, key, organization);
    checkCustomFields(world, key, body);
    checkEmails(world, body);
    if (body.container) checkContainer(world, key, body.container.id);
    const renewed = renewedOrder(world, key, product, body);
    const svg = body.vmc?.logo ? decodeLogo(world, body.vmc.logo) : undefined;
    if (svg) checkSvg(world, svg);
    const existingLogo = svg && findLogo(world, key.accountId, product, svg);
    checkTrademark(world, existingLogo, body.vmc ?? {});

    const owner = resolveOrganization(world, key, organization);
    const order = createOrder(world, key, product, body, owner);
    if (svg) {
      const logo = useLogo(world, key.accountId, product, svg, body.vmc ?? {});
      logo.markType ??= body.vmc?.mark_type;
      logo.markTypeData ??= body.vmc?.mark_type_data;
      order.logoId = logo.id;
    }
    if (renewed) {
      order.renewalOfOrderId = renewed.id;
      renewed.renewedByOrderId = order.id;
    }
    const request = createRequest(world, order, "new_request", key, { comments: body.comments });
    world.setStatus(order, "needs_approval");

    const answer: Record<string, unknown> = { id: order.id };
    if (body.skip_approval && mayApprove(key.role)) {
      request.status = "approved";
      request.processed = world.now();
      request.processorId = key.userId;
      const known = new Set(world.state.domains.map(({ id }) => id));
      approveOrder(world, order);
      answer.domains = domainsJson(world, order, known);
      answer.certificate_id = order.certificateId;
      if (order.randomValue) answer.dcv_random_value = order.randomValue.value;
      if (world.switches.approvedRequests === "listed") answer.requests = [{ id: request.id, status: "approved" }];
    } else {
      answer.requests = [{ id: request.id, status: "pending" }];
    }
    if (existingLogo) answer.vmc = { logo_id: existingLogo.id };
    return created(answer);
  };
}

function checkAlternativeId(world: World, key: ApiKey, body: OrderBody): void {
  if (!world.switches.uniqueAlternativeIds || !body.alternative_order_id) return;
  const taken = world.state.orders.some(
    (order) => order.accountId === key.accountId && order.alternativeOrderId === body.alternative_order_id,
  );
  if (!taken) return;
  const message = "An order with this alternative order ID exists, and the account requires unique ones.";
  throw switchedError(world.switches.duplicateAlternativeIdError, message);
}

function checkOrganization(world: World, key: ApiKey, body: OrganizationBody): void {
  checkContacts(world, key.accountId, body.contacts ?? []);
  if ("id" in body) {
    if (!world.organization(key, body.id).isActive) {
      throw switchedError(world.switches.inactiveOrganizationError, "The organization is not active.");
    }
  } else if (body.container) {
    checkContainer(world, key, body.container.id);
  }
}

function checkCustomFields(world: World, key: ApiKey, body: OrderBody): void {
  const given = body.custom_fields ?? [];
  for (const field of given) checkCustomField(world, key, field);
  for (const field of world.account(key.accountId).metadata) {
    if (field.is_required && field.is_active && !given.some(({ metadata_id }) => metadata_id === field.id)) {
      throw new ApiError(400, "invalid_custom_field_value", `Custom field ${field.id} (${field.label}) is required.`);
    }
  }
}

export function checkCustomField(world: World, key: ApiKey, given: { metadata_id: number; value: string }): void {
  const field = world.account(key.accountId).metadata.find(({ id }) => id === given.metadata_id);
  if (!field?.is_active) throw notFound("metadata");
  const fits =
    given.value !== "" &&
    (field.data_type !== "int" || /^-?\d+$/.test(given.value)) &&
    (field.data_type !== "email_address" || /^[^@\s]+@[^@\s]+$/.test(given.value));
  if (!fits) {
    throw new ApiError(400, "invalid_custom_field_value", `Custom field ${field.id} takes ${field.data_type}.`);
  }
}

function checkEmails(world: World, body: OrderBody): void {
  for (const { dns_name, email_domain, email } of body.dcv_emails ?? []) {
    if (!body.certificate.dns_names?.includes(dns_name)) {
      throw badParameter("dcv_emails.dns_name", `${dns_name} is not among certificate.dns_names.`);
    }
    if (dns_name !== email_domain && !dns_name.endsWith(`.${email_domain}`)) {
      throw badParameter("dcv_emails.email_domain", `${email_domain} is not ${dns_name} or a domain above it.`);
    }
    allowedEmails(world, email_domain, [email]);
  }
}

/** The order that this one renews: issued (or expired), of this product and account, inside the window, not renewed yet. */
function renewedOrder(world: World, key: ApiKey, product: Product, body: OrderBody): Order | undefined {
  const { renewal_of_order_id: id, renewed_thumbprint: thumbprint } = body;
  if (id === undefined && thumbprint === undefined) return undefined;
  const certificate = world.state.certificates.find(
    ({ issued }) => thumbprint !== undefined && issued?.thumbprint === thumbprint.toUpperCase(),
  );
  if (thumbprint !== undefined && !certificate) throw notFound("order");
  if (id !== undefined && certificate && certificate.orderId !== id) {
    throw badParameter("renewed_thumbprint", "is not of the order in renewal_of_order_id");
  }
  const order = world.order(key, id ?? certificate!.orderId);
  if (order.renewedByOrderId) throw new ApiError(400, "order_renewed_already", "The order was renewed already.");
  const open = world.switches.renewalWindow === "always" || world.now() >= (order.validUntil ?? Infinity) - 90 * DAY;
  if (!["issued", "expired"].includes(order.status) || order.product !== product || !open) {
    throw new ApiError(400, "order_not_eligible_for_renewal", "The order cannot be renewed.");
  }
  return order;
}

/** By id; else the oldest match, unless skip_duplicate_org_check; else a new organization. */
function resolveOrganization(world: World, key: ApiKey, body: OrganizationBody): Organization {
  const { contacts = [] } = body;
  const found =
    "id" in body
      ? world.organization(key, body.id)
      : body.skip_duplicate_org_check
        ? undefined
        : matchOrganization(world, key.accountId, body);
  const organization = found ?? createOrganization(world, key, body as Exclude<OrganizationBody, { id: number }>);
  if (found) addContacts(world, organization, contacts);
  return organization;
}

function createOrder(world: World, key: ApiKey, product: Product, body: OrderBody, organization: Organization): Order {
  const order: Order = {
    id: world.id(),
    accountId: key.accountId,
    userId: key.userId,
    keyId: key.id,
    product,
    status: "needs_approval",
    statusAt: world.now(),
    created: world.now(),
    years: body.order_validity.years,
    dnsNames: [...new Set(body.certificate.dns_names ?? [])],
    names: [],
    dcvMethod: body.dcv_method,
    dcvEmails: body.dcv_emails ?? [],
    organizationId: organization.id,
    containerId: body.container?.id ?? organization.containerId,
    enableHosting: body.vmc?.enable_hosting ?? false,
    alternativeOrderId: body.alternative_order_id,
    autoRenew: body.auto_renew ?? 0,
    disableRenewalNotifications: body.disable_renewal_notifications ?? false,
    customRenewalMessage: body.custom_renewal_message,
    additionalEmails: body.additional_emails ?? [],
    locale: body.locale,
    paymentMethod: body.payment_method,
    vatNumber: body.vat_number,
    comments: body.comments,
    organizationContact: body.organization_contact ?? organization.organizationContact,
    technicalContact: body.technical_contact ?? organization.technicalContact,
    contacts: body.organization.contacts ? (body.organization.contacts as Order["contacts"]) : [],
    customFields: body.custom_fields ?? [],
    notes: [],
    requestIds: [],
    contactVerified: false,
  };
  world.state.orders.push(order);
  return order;
}

/** An approved request: the certificate id is allotted, vetting and domain validation begin. */
export function approveOrder(world: World, order: Order): void {
  order.certificateId = allotCertificate(world, order, order.dnsNames, false);
  order.names = startDomains(world, order, order.dnsNames);
  if (world.switches.orderRandomValue === "present" && order.dcvMethod !== "email") order.randomValue = world.token();
  const organization = world.organization(order, order.organizationId);
  if (!hasValidation(world, organization, "ev")) {
    submitValidation(world, organization, "ev", organization.verifiedContacts);
  }
  world.setStatus(order, "pending");
}

export function allotCertificate(world: World, order: Order, dnsNames: string[], reissue: boolean): number {
  const { accountId, id: orderId } = order;
  const id = world.id();
  world.state.certificates.push({ id, accountId, orderId, status: "pending", reissue, created: world.now(), dnsNames });
  return id;
}

/** Finds or adds the account's domain for each name, and starts validation where there is none in force. */
export function startDomains(world: World, order: Order, dnsNames: string[]): Order["names"] {
  const started = new Set<Domain>();
  return dnsNames.map((dnsName) => {
    const addresses = order.dcvEmails.filter(({ dns_name }) => dns_name === dnsName);
    const domain =
      provingDomain(world, order, dnsName, addresses[0]?.email_domain) ??
      createDomain(world, order.accountId, addresses[0]?.email_domain ?? dnsName, order.organizationId);
    domain.isActive = true;
    domain.organizationId ??= order.organizationId;
    if (!isValid(world, domain) && !started.has(domain)) {
      const emails = addresses.length > 0 ? addresses.map(({ email }) => email) : undefined;
      startValidation(world, domain, order.dcvMethod, emails);
      started.add(domain);
    }
    return { dnsName, domainId: domain.id };
  });
}

function provingDomain(world: World, order: Order, dnsName: string, emailDomain?: string): Domain | undefined {
  const exact = findDomain(world, order.accountId, emailDomain ?? dnsName);
  if (exact || world.switches.domainScope === "exact" || order.dcvMethod === "http-token") return exact;
  const labels = dnsName.split(".");
  for (let skip = 1; skip < labels.length - 1; skip++) {
    const above = findDomain(world, order.accountId, labels.slice(skip).join("."));
    if (above && above.method !== "http-token" && above.validatedBy !== "http-token") return above;
  }
  return undefined;
}

function domainsJson(world: World, order: Order, known: Set<number>): Record<string, unknown>[] {
  return order.names.map(({ dnsName, domainId }) => {
    const domain = world.domain(order, domainId);
    const shown = !known.has(domainId) || world.switches.preexistingDomainToken === "returned";
    return {
      id: domain.id,
      name: domain.name,
      dns_name: dnsName,
      dcv_token: shown && isPending(world, domain) ? tokenJson(world, domain) : undefined,
    };
  });
}

export const orderRoutes: Route[] = [
  { method: "POST", path: "/order/certificate/vmc_basic", access: "order", handle: place("vmc_basic") },
  { method: "POST", path: "/order/certificate/mark_certificate", access: "order", handle: place("mark_certificate") },
  {
    method: "POST",
    path: "/order/certificate/{product}",
    access: "order",
    handle: () => {
      throw notFound("product");
    },
  },
];
