import { DAY, day, timestamp } from "../clock";
import { encodeSvg, logoOf } from "./logos";
import { hasValidation } from "./organizations";
import type { Certificate, Logo, Order } from "./state";
import type { World } from "./world";

export const PRODUCT_NAMES = { vmc_basic: "Verified Mark Certificate", mark_certificate: "Common Mark Certificate" };

/** Order info: what depends on approval and issuance is absent until then. */
export function orderJson(world: World, order: Order): Record<string, unknown> {
  const { state, switches } = world;
  const organization = state.organizations.find(({ id }) => id === order.organizationId);
  const container = state.containers.find(({ id }) => id === order.containerId)!;
  const user = world.user(order.userId);
  const hosted = hostedLocations(world, order);
  return {
    id: order.id,
    certificate: certificateJson(world, order),
    status: order.status,
    is_renewal: order.renewalOfOrderId !== undefined,
    renewed_order_id: order.renewalOfOrderId ?? 0,
    is_renewed: order.renewedByOrderId !== undefined,
    date_created: timestamp(order.created),
    organization: organization && {
      id: organization.id,
      name: organization.name,
      display_name: organization.name,
      is_active: organization.isActive,
      city: organization.city,
      state: organization.state,
      country: organization.country,
    },
    validity_years: order.years,
    order_validity: { years: order.years },
    order_valid_till: order.validUntil && day(order.validUntil),
    is_multi_year_plan: order.years > 1 ? "1" : undefined,
    disable_renewal_notifications: order.disableRenewalNotifications,
    custom_renewal_message: order.customRenewalMessage,
    auto_renew: order.autoRenew,
    additional_emails: order.additionalEmails.length > 0 ? order.additionalEmails : undefined,
    locale: order.locale,
    container: { id: container.id, name: container.name, is_active: true },
    product: productJson(world, order),
    organization_contact: order.organizationContact,
    technical_contact: order.technicalContact,
    user: { id: user.id, first_name: user.firstName, last_name: user.lastName, email: user.email },
    requests: requestsJson(world, order),
    has_pending_request: pendingRequest(world, order) || undefined,
    payment_method: order.paymentMethod,
    vat_number: order.vatNumber,
    dcv_method: order.dcvMethod,
    alternative_order_id: order.alternativeOrderId,
    custom_fields: order.customFields.length > 0 ? order.customFields : undefined,
    notes: order.notes.length > 0 ? order.notes : undefined,
    price: order.years * (order.product === "vmc_basic" ? 1499 : 1299) * Math.max(1, order.dnsNames.length),
    currency: "USD",
    vmc: vmcJson(world, order, switches.hostedLocations === "vmc" ? hosted : {}),
    ...(switches.hostedLocations === "root" && hosted),
    verification: switches.vettingDetails === "present" ? vettingJson(world, order) : undefined,
  };
}

export function productJson(world: World, order: Order) {
  return {
    name_id: order.product,
    name: PRODUCT_NAMES[order.product],
    type: world.switches.productType,
    validation_type: "ev",
    validation_name: "EV",
    validation_description: "Extended Organization Validation (EV)",
  };
}

/** The active certificate; its id stands long before it is issued. */
function certificateJson(world: World, order: Order): Record<string, unknown> {
  const certificate = world.state.certificates.find(({ id }) => id === order.certificateId);
  const issued = certificate?.issued;
  return {
    id: order.certificateId,
    ...(issued && {
      thumbprint: issued.thumbprint,
      serial_number: issued.serialNumber,
      date_issued: timestamp(issued.at),
      valid_from: day(issued.at),
      valid_till: day(issued.validUntil),
      days_remaining: Math.floor((issued.validUntil - world.now()) / DAY),
      ca_cert: { id: "7E3A6FA0D1C2B495", name: "Simulated Mark Certificate CA" },
    }),
    common_name: issued?.commonName ?? order.dnsNames[0],
    dns_names: order.dnsNames.length > 0 ? order.dnsNames : undefined,
    date_created: timestamp(certificate?.created ?? order.created),
    cert_validity: { years: 1 },
    organization: { id: order.organizationId },
    signature_hash: "sha256",
    // a first certificate has no status; a reissued one says issued
    status: certificate?.status === "revoked" ? "revoked" : issued && certificate.reissue ? "issued" : undefined,
  };
}

/** Hosted files exist once a certificate is issued: their addresses hold its serial number. */
function hostedLocations(world: World, order: Order): Record<string, string> {
  const certificate = world.state.certificates.find(({ id }) => id === order.certificateId);
  if (!order.enableHosting || !certificate?.issued || certificate.status !== "issued") return {};
  const scheme = world.switches.hostedUrls === "https" ? "https://" : "";
  const base = `${scheme}hosted.simulator.invalid/${order.id}/${certificate.issued.serialNumber.toLowerCase()}`;
  return { hosted_logo_location: `${base}.svg`, hosted_cert_location: `${base}.pem` };
}

function vmcJson(world: World, order: Order, hosted: Record<string, string>): Record<string, unknown> {
  const { switches } = world;
  const logo = logoOf(world, order);
  return {
    logo_id: logo?.id,
    logo: logo && switches.orderInfoLogo === "present" ? encodeSvg(Buffer.from(logo.svg, "base64")) : undefined,
    logo_status: logo && switches.logoStatusInOrderInfo === "present" ? logo.status : undefined,
    enable_hosting: order.enableHosting,
    ...hosted,
    ...(logo && markJson(world, logo)),
  };
}

function markJson(world: World, logo: Logo): Record<string, unknown> {
  const shape = world.switches.orderInfoTrademark;
  if (shape === "absent") return {};
  const { trademarkCountryCode: country, trademarkRegistrationNumber: number } = logo;
  if (shape === "fields") {
    return { mark_type: logo.markType, trademark_country_code: country, trademark_registration_number: number };
  }
  const data = { country_code: country, registration_number: number, ...logo.markTypeData };
  return {
    mark_type: logo.markType ?? (logo.product === "vmc_basic" ? "registered_mark" : undefined),
    mark_type_data: country || number || logo.markTypeData ? data : undefined,
  };
}

function requestsJson(world: World, order: Order) {
  const requests = world.state.requests.filter(({ id }) => order.requestIds.includes(id));
  return requests.map(({ id, created, type, status, comments }) => ({
    id,
    date: timestamp(created),
    type,
    status,
    comments,
  }));
}

const pendingRequest = (world: World, order: Order) =>
  world.state.requests.some(({ id, status }) => order.requestIds.includes(id) && status === "pending");

/** Progress of DigiCert's people: each step pending or complete. */
export function vettingJson(world: World, order: Order): Record<string, string> {
  const organization = world.state.organizations.find(({ id }) => id === order.organizationId);
  const of = (done: boolean) => (done ? "complete" : "pending");
  const vetted = of(organization !== undefined && hasValidation(world, organization, "ev"));
  return {
    organization_type: vetted,
    organization_status: vetted,
    address_verification: vetted,
    blacklist_fraud: vetted,
    request_authenticity: of(order.contactVerified),
    operational_existence: vetted,
    place_of_business_verification: vetted,
    phone_number_verification: vetted,
    approver_verification: of(order.contactVerified),
  };
}

/** An item of List orders. */
export function listedOrderJson(world: World, order: Order): Record<string, unknown> {
  const certificate: Certificate | undefined = world.state.certificates.find(({ id }) => id === order.certificateId);
  const { issued } = certificate ?? {};
  const organization = world.state.organizations.find(({ id }) => id === order.organizationId);
  const container = world.state.containers.find(({ id }) => id === order.containerId)!;
  return {
    id: order.id,
    certificate: {
      id: order.certificateId,
      common_name: order.dnsNames[0],
      dns_names: order.dnsNames,
      ...(issued && {
        valid_till: day(issued.validUntil),
        days_remaining: Math.floor((issued.validUntil - world.now()) / DAY),
      }),
      signature_hash: "sha256",
    },
    status: order.status,
    is_renewed: order.renewedByOrderId !== undefined,
    date_created: timestamp(order.created),
    organization: organization && { id: organization.id, name: organization.name },
    validity_years: order.years,
    disable_renewal_notifications: order.disableRenewalNotifications,
    auto_renew: order.autoRenew,
    container: { id: container.id, name: container.name },
    product: { name_id: order.product, name: PRODUCT_NAMES[order.product], type: world.switches.productType },
    has_duplicates: false,
    product_name_id: order.product,
  };
}
