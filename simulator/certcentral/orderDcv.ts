import * as z from "zod";
import { timestamp } from "../clock";
import { checkDomain, isValid, sendEmails, startValidation } from "./dcv";
import { allowedEmails } from "./domains";
import { ApiError } from "./errors";
import { type Answer, type Call, noContent, ok, type Route } from "./http";
import type { Domain, Order } from "./state";
import { dcvMethod, email, hostname, text, validate } from "./validateRequest";
import type { World } from "./world";

/** DigiCert documents these calls for TLS orders; a switch says whether they work for mark certificates. */
function openOrder({ world, key, params }: Call): Order {
  const order = world.order(key, params[0]!);
  if (world.switches.orderDcvEndpoints === "refused") {
    throw new ApiError(400, "invalid_product", "This endpoint is for TLS/SSL certificate orders.");
  }
  return order;
}

function unproved(world: World, order: Order): Domain[] {
  const names = order.reissue?.names ?? order.names;
  const domains = [...new Set(names.map(({ domainId }) => world.domain(order, domainId)))];
  return domains.filter((domain) => !isValid(world, domain));
}

function randomValue(world: World, order: Order): Answer {
  if (!order.randomValue || order.randomValue.expires <= world.now()) order.randomValue = world.token();
  return ok({ dcv_random_value: order.randomValue.value, expiration_date: timestamp(order.randomValue.expires) });
}

function changeMethod(call: Call): Answer {
  const { world } = call;
  const order = openOrder(call);
  const { dcv_method } = validate(z.strictObject({ dcv_method: dcvMethod }), call.json);
  order.dcvMethod = dcv_method;
  for (const domain of unproved(world, order)) startValidation(world, domain, dcv_method);
  if (dcv_method === "email") return { status: 200 };
  return randomValue(world, order);
}

function getRandomValue(call: Call): Answer {
  const order = openOrder(call);
  if (order.dcvMethod === "email") throw new ApiError(400, "invalid_dcv_method", "The order is validated by email.");
  if (unproved(call.world, order).length === 0) {
    throw new ApiError(400, "dcv_not_needed", "No domain of the order needs validation.");
  }
  return randomValue(call.world, order);
}

async function check(call: Call): Promise<Answer> {
  const { world } = call;
  const order = openOrder(call);
  const body = validate(z.strictObject({ dns_names_validations: z.array(hostname).optional() }), call.json ?? {});
  if (order.dcvMethod === "email") throw new ApiError(400, "invalid_dns_method");
  const asked = body.dns_names_validations;
  const names = (order.reissue?.names ?? order.names).filter(({ dnsName }) => !asked || asked.includes(dnsName));
  for (const domain of unproved(world, order)) {
    if (!names.some(({ domainId }) => domainId === domain.id)) continue;
    await checkDomain(world, domain).catch((error: unknown) => {
      // dns methods answer 200 even when some names fail, http does not
      if (!(error instanceof ApiError) || order.dcvMethod === "http-token") throw error;
    });
  }
  const results = names.map(({ dnsName, domainId }) => ({
    dns_name: dnsName,
    status: isValid(world, world.domain(order, domainId)) ? "approved" : "pending",
  }));
  return ok({
    order_status: order.status,
    certificate_id: order.reissue?.certificateId ?? order.certificateId,
    dcv_status: results.every(({ status }) => status === "approved") ? "valid" : "pending",
    dns_name_validations: results,
  });
}

function resendEmails(call: Call): Answer {
  const { world } = call;
  const order = openOrder(call);
  const entry = z.strictObject({ domain: hostname, email, email_domain: hostname.optional() });
  const schema = z.strictObject({ domain_approval_emails: z.array(entry).optional(), locale: text.optional() });
  const { domain_approval_emails: given = [] } = validate(schema, call.json ?? {});
  for (const domain of unproved(world, order)) {
    const own = given.filter((one) => one.domain === domain.name);
    const base = own[0]?.email_domain ?? domain.name;
    const addresses = own.length > 0 ? own.map((one) => one.email) : undefined;
    sendEmails(world, domain, allowedEmails(world, base, addresses), base);
  }
  return noContent();
}

export const orderDcvRoutes: Route[] = [
  { method: "PUT", path: "/order/certificate/{id}/dcv-method", access: "order", handle: changeMethod },
  { method: "PUT", path: "/order/certificate/{id}/dcv-random-value", access: "order", handle: getRandomValue },
  { method: "PUT", path: "/order/certificate/{id}/check-dcv", access: "order", handle: check },
  { method: "PUT", path: "/order/certificate/{id}/resend-emails", access: "order", handle: resendEmails },
];
