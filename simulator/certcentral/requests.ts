import * as z from "zod";
import { ApiError, badParameter, notFound } from "./errors";
import { type Answer, type Call, noContent, ok, type Route } from "./http";
import { listAnswer, readFilters } from "./listing";
import { requestJson } from "./newRequest";
import { approveOrder, mayApprove } from "./orders";
import { approveReissue, rejectReissue } from "./reissues";
import { revokeCertificates } from "./revocation";
import type { ApiKey, Order, Request } from "./state";
import { validate } from "./validateRequest";
import type { World } from "./world";

export function findRequest(world: World, key: ApiKey, id: string | number): Request {
  const request = world.state.requests.find((candidate) => candidate.id === Number(id));
  const order = world.state.orders.find((candidate) => candidate.id === request?.orderId);
  if (!request || !order || !world.mayView(key, order)) throw notFound("request");
  return request;
}

/** Decides a pending request: an approval carries out what was asked, a rejection ends it. */
export function processRequest(
  world: World,
  request: Request,
  status: "approved" | "rejected",
  processorId?: number,
  comment?: string,
): void {
  if (request.status !== "pending") {
    throw new ApiError(400, "request_already_processed", `The request is ${request.status}.`);
  }
  const order = world.state.orders.find(({ id }) => id === request.orderId)!;
  request.status = status;
  request.processed = world.now();
  request.processorId = processorId;
  request.processorComment = comment;
  if (request.type === "new_request") {
    if (status === "approved") approveOrder(world, order);
    else endOrder(world, order, "rejected");
  } else if (request.type === "reissue") {
    if (status === "approved") approveReissue(world, order);
    else rejectReissue(world, order);
  } else if (status === "approved") {
    revokeCertificates(world, order, request.certificateId);
  }
}

/** An order that will never be issued: its certificate id stays empty, and what it renewed may be renewed again. */
export function endOrder(world: World, order: Order, status: "rejected" | "canceled"): void {
  world.setStatus(order, status);
  for (const certificate of world.certificatesOf(order)) {
    if (certificate.status === "pending") certificate.status = "rejected";
  }
  const renewed = world.state.orders.find(({ renewedByOrderId }) => renewedByOrderId === order.id);
  if (renewed) renewed.renewedByOrderId = undefined;
}

function withOrder(world: World, request: Request): Record<string, unknown> {
  const order = world.state.orders.find(({ id }) => id === request.orderId)!;
  const organization = world.state.organizations.find(({ id }) => id === order.organizationId);
  return {
    ...requestJson(world, request),
    order: {
      id: order.id,
      status: order.status,
      certificate: { id: request.certificateId ?? order.certificateId, dns_names: order.dnsNames },
      organization: organization && { id: organization.id, name: organization.name },
      product: { name_id: order.product },
    },
  };
}

function list({ world, key, query }: Call): Answer {
  const filters = readFilters(query, ["status", "type", "order_id"]);
  const status = query.get("status") ?? filters.get("status");
  const found = world.state.requests.filter((request) => {
    const order = world.state.orders.find(({ id }) => id === request.orderId);
    if (!order || !world.mayView(key, order)) return false;
    if (filters.has("type") && request.type !== filters.get("type")) return false;
    if (filters.has("order_id") && order.id !== Number(filters.get("order_id"))) return false;
    return !status || request.status === status;
  });
  return listAnswer(world, query, "requests", found, (request) => withOrder(world, request));
}

function updateStatus({ world, key, params, json }: Call): Answer {
  const request = findRequest(world, key, params[0]!);
  const schema = z.strictObject({
    status: z.enum(["submitted", "pending", "approved", "rejected"]),
    processor_comment: z.string().optional(),
  });
  const { status, processor_comment } = validate(schema, json);
  if (!mayApprove(key.role)) {
    throw new ApiError(403, "access_denied|invalid_approver", "You may not process this request.");
  }
  if (request.type === "revoke" && key.role !== "admin") {
    throw new ApiError(403, "access_denied|invalid_approver", "Only an administrator may process a revocation.");
  }
  if (status !== "approved" && status !== "rejected") {
    throw badParameter("status", `A ${request.status} request cannot become ${status}.`);
  }
  processRequest(world, request, status, key.userId, processor_comment);
  return noContent();
}

export const requestRoutes: Route[] = [
  { method: "GET", path: "/request", access: "read", handle: list },
  {
    method: "GET",
    path: "/request/{id}",
    access: "read",
    handle: ({ world, key, params }) => ok(withOrder(world, findRequest(world, key, params[0]!))),
  },
  { method: "PUT", path: "/request/{id}/status", access: "order", handle: updateStatus },
];
