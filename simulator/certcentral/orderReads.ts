import { DAY, day, MINUTE, SECOND, timestamp } from "../clock";
import { isValid } from "./dcv";
import { ApiError, badParameter, notFound } from "./errors";
import { type Answer, type Call, ok, type Route } from "./http";
import { listAnswer, matches, readFilters } from "./listing";
import { logoOf } from "./logos";
import { listedOrderJson, orderJson, vettingJson } from "./orderInfo";
import { validationsJson } from "./organizations";
import type { ApiKey, Order } from "./state";
import type { World } from "./world";

/** By order id, or by thumbprint or serial number of the active certificate. */
function findOrder(world: World, key: ApiKey, name: string): Order {
  if (/^\d{1,16}$/.test(name)) return world.order(key, name);
  const wanted = name.toUpperCase();
  const order = world.state.orders.find((candidate) => {
    const certificate = world.state.certificates.find(({ id }) => id === candidate.certificateId);
    const { thumbprint, serialNumber } = certificate?.issued ?? {};
    return world.mayView(key, candidate) && (thumbprint === wanted || serialNumber === wanted);
  });
  if (!order) throw notFound("order");
  return order;
}

type Filter = (order: Order, value: string, world: World) => boolean;

const flag = (actual: boolean, value: string) => actual === ["1", "true"].includes(value);

const FILTERS: Record<string, Filter> = {
  id: ({ id }, value) => id === Number(value),
  // issued also finds orders that expired since
  status: ({ status }, value) => status === value || (value === "issued" && status === "expired"),
  organization_id: ({ organizationId }, value) => organizationId === Number(value),
  product_name_id: ({ product }, value) => product === value,
  valid_till: ({ validUntil }, value) => validUntil !== undefined && matches(day(validUntil), value),
  user_id: ({ userId }, value) => userId === Number(value),
  common_name: ({ dnsNames }, value) => dnsNames[0] === value,
  domain_name: ({ dnsNames }, value) => dnsNames.includes(value),
  date_created: ({ created }, value) => matches(timestamp(created), value),
  container_id: ({ containerId }, value) => containerId === Number(value),
  metadata_id: ({ customFields }, value) => customFields.some(({ metadata_id }) => metadata_id === Number(value)),
  is_renewed: ({ renewedByOrderId }, value) => flag(renewedByOrderId !== undefined, value),
  disable_renewal_notifications: ({ disableRenewalNotifications }, value) => flag(disableRenewalNotifications, value),
  email: ({ additionalEmails, userId }, value, world) =>
    additionalEmails.includes(value) || world.user(userId).email === value,
  certificate_id: (order, value, world) => world.certificatesOf(order).some(({ id }) => id === Number(value)),
  origin: (_, value) => value === "certcentral",
  serial_number: (order, value, world) =>
    world.certificatesOf(order).some(({ issued }) => issued?.serialNumber === value.toUpperCase()),
  search: ({ dnsNames, additionalEmails }, value) => {
    const contains = value.startsWith("%");
    const wanted = value.replace(/^%/, "");
    return [dnsNames[0] ?? "", ...additionalEmails].some((own) =>
      contains ? own.includes(wanted) : own.startsWith(wanted),
    );
  },
};

function list({ world, key, query }: Call): Answer {
  const filters = [...readFilters(query, Object.keys(FILTERS))];
  const found = world.state.orders.filter(
    (order) => world.mayView(key, order) && filters.every(([name, value]) => FILTERS[name]!(order, value, world)),
  );
  return listAnswer(world, query, "orders", found, (order) => listedOrderJson(world, order));
}

const shortJson = (order: Order) => ({
  order_id: order.id,
  certificate_id: order.certificateId,
  status: order.status,
});

function byAlternativeId({ world, key, params, query }: Call): Answer {
  const found = world.state.orders.filter(
    (order) => world.mayView(key, order) && order.alternativeOrderId === params[0],
  );
  if (found.length === 0) {
    if (world.switches.alternateNotFound === "404") throw notFound("order");
    if (world.switches.alternateNotFound === "emptyObject") return ok({});
    return ok({ orders: [], page: { total: 0, limit: 1000, offset: 0 } });
  }
  return listAnswer(world, query, "orders", found, shortJson);
}

/** Ids are strings here, as DigiCert has them. */
function validation({ world, key, params }: Call): Answer {
  const order = world.order(key, params[0]!);
  const organization = world.organization(order, order.organizationId);
  const details = vettingJson(world, order);
  const names = order.reissue ? order.reissue.names : order.names;
  const domainIds = [...new Set(names.map(({ domainId }) => domainId))];
  return ok({
    order_id: String(order.id),
    order_status: order.status,
    organization_id: String(organization.id),
    organization_name: organization.name,
    organization_validations: validationsJson(world, organization).map((entry) => ({
      ...entry,
      verification_details: {
        organization_type: details.organization_type,
        organization_status: details.organization_status,
        address_verification: details.address_verification,
        blacklist_fraud: details.blacklist_fraud,
        request_authenticity: details.request_authenticity,
      },
    })),
    dns_name_validations: domainIds.map((id) => {
      const domain = world.domain(order, id);
      return {
        domain_id: String(id),
        name_scope: domain.name,
        approval_scope: domain.method === "http-token" ? "exact" : "subdomains",
        status: isValid(world, domain) ? "approved" : "pending",
        method: domain.method,
        dns_names: names.filter(({ domainId }) => domainId === id).map(({ dnsName }) => dnsName),
      };
    }),
    vmc_validations:
      world.switches.vmcValidationBlock === "present"
        ? [
            { type: "logo", status: logoOf(world, order)?.status === "approved" ? "complete" : "pending" },
            { type: "verified_contact", status: order.contactVerified ? "complete" : "pending" },
          ]
        : undefined,
  });
}

const WEEK = 7 * DAY;

/** Latest status of each order that changed in the asked time. */
function statusChanges({ world, key, query }: Call): Answer {
  const [from, to] = askedTime(world, query);
  const changed = new Map<number, number>();
  for (const { orderId, at } of world.state.transitions) changed.set(orderId, at);
  const orders = world.state.orders.filter((order) => {
    const at = changed.get(order.id);
    return at !== undefined && at >= from && at <= to && world.mayView(key, order);
  });
  return ok(orders.length > 0 ? { orders: orders.map(shortJson) } : {});
}

function askedTime(world: World, query: URLSearchParams): [from: number, to: number] {
  const range = readFilters(query, ["status_last_updated"]).get("status_last_updated");
  if (range !== undefined) {
    const [from, to] = range.split("...").map(mountainTime);
    if (from === undefined || to === undefined || Number.isNaN(from + to) || to < from) {
      throw badParameter("filters[status_last_updated]", "must be two dates joined by ...");
    }
    if (to - from > WEEK) throw tooLong();
    return [from, to];
  }
  let length = 0;
  for (const [name, unit] of [["minutes", MINUTE] as const, ["seconds", SECOND] as const]) {
    const value = query.get(name);
    if (value === null) continue;
    if (!/^\d+$/.test(value)) throw badParameter(name, "must be a whole number");
    length += Number(value) * unit;
  }
  if (length === 0) throw badParameter("minutes", "minutes or seconds must be given");
  if (length > WEEK || (length === WEEK && world.switches.statusChangesLimit === "below")) throw tooLong();
  return [world.now() - length, world.now()];
}

const tooLong = () => new ApiError(400, "time_frame_too_long");

/** `yyyy-MM-dd` or `yyyy-MM-dd+HH:mm:ss`, in Mountain Daylight Time (UTC-6). */
function mountainTime(text: string): number {
  const [, date, time = "00:00:00"] = /^(\d{4}-\d\d-\d\d)(?:[+ ](\d\d:\d\d:\d\d))?$/.exec(text) ?? [];
  return Date.parse(`${date}T${time}-06:00`);
}

export const orderReadRoutes: Route[] = [
  { method: "GET", path: "/order/certificate", access: "read", handle: list },
  { method: "GET", path: "/order/certificate/status-changes", access: "read", handle: statusChanges },
  {
    method: "GET",
    path: "/order/certificate/{id}",
    access: "read",
    handle: ({ world, key, params }) => ok(orderJson(world, findOrder(world, key, params[0]!))),
  },
  { method: "GET", path: "/order/certificate/{id}/validation", access: "read", handle: validation },
  { method: "GET", path: "/order/alternate/{alternative_order_id}", access: "read", handle: byAlternativeId },
];
