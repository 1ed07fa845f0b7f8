import * as z from "zod";
import { DAY, day, timestamp } from "../clock";
import { isValid } from "./dcv";
import { ApiError } from "./errors";
import { type Answer, type Call, created, ok, type Route } from "./http";
import { createRequest } from "./newRequest";
import { allotCertificate, mayApprove, startDomains } from "./orders";
import type { Certificate, Order } from "./state";
import { hostname, validate } from "./validateRequest";
import type { World } from "./world";

function reissue({ world, key, params, json }: Call): Answer {
  const order = world.order(key, params[0]!);
  // the seed's example has skip_approval inside certificate, its text and all clients beside it
  const schema = z.strictObject({
    certificate: z.strictObject({ dns_names: z.array(hostname).min(1), skip_approval: z.boolean().optional() }),
    skip_approval: z.boolean().optional(),
    comments: z.string().optional(),
  });
  const body = validate(schema, json);
  if (order.status !== "issued") {
    throw new ApiError(400, "order_not_reissuable", `The order is ${order.status}: only an issued one is reissued.`);
  }
  const request = createRequest(world, order, "reissue", key, { comments: body.comments });
  order.reissue = { requestId: request.id, dnsNames: [...new Set(body.certificate.dns_names)], names: [] };
  world.setStatus(order, "reissue_pending");
  const skip = body.skip_approval ?? body.certificate.skip_approval ?? false;
  if (!skip || !mayApprove(key.role)) return created({ id: order.id, requests: [{ id: request.id }] });

  request.status = "approved";
  request.processed = world.now();
  request.processorId = key.userId;
  approveReissue(world, order);
  const answer: Record<string, unknown> = { id: order.id, certificate_id: order.reissue.certificateId };
  if (order.randomValue) answer.dcv_random_value = order.randomValue.value;
  return created(answer);
}

/** The new certificate id is allotted; names that no validation covers must be proved. */
export function approveReissue(world: World, order: Order): void {
  const reissue = order.reissue!;
  reissue.certificateId = allotCertificate(world, order, reissue.dnsNames, true);
  reissue.names = startDomains(world, order, reissue.dnsNames);
  order.randomValue = undefined;
  const unproved = reissue.names.some(({ domainId }) => !isValid(world, world.domain(order, domainId)));
  if (unproved && order.dcvMethod !== "email" && world.switches.reissueAnswer === "randomValue") {
    order.randomValue = world.token();
  }
}

/** Back to issued, with the certificate that was there. */
export function rejectReissue(world: World, order: Order, note?: string): void {
  const { requestId, certificateId } = order.reissue!;
  const request = world.state.requests.find(({ id }) => id === requestId)!;
  request.status = "rejected";
  request.processed = world.now();
  if (note !== undefined) request.processorComment = note;
  const certificate = world.state.certificates.find(({ id }) => id === certificateId);
  if (certificate) certificate.status = "rejected";
  order.reissue = undefined;
  world.setStatus(order, "issued");
}

function list({ world, key, params }: Call): Answer {
  const order = world.order(key, params[0]!);
  const shown = world
    .certificatesOf(order)
    .filter(({ reissue: again }) => again || world.switches.primaryInReissues === "listed");
  if (shown.length === 0 && world.switches.emptyLists === "emptyObject") return ok({});
  return ok({ certificates: shown.map((certificate) => certificateJson(world, order, certificate)) });
}

function certificateJson(world: World, order: Order, certificate: Certificate): Record<string, unknown> {
  const user = world.user(order.userId);
  const { issued } = certificate;
  return {
    id: certificate.id,
    ...(issued && {
      thumbprint: issued.thumbprint,
      serial_number: issued.serialNumber,
      common_name: issued.commonName,
    }),
    dns_names: certificate.dnsNames,
    status: certificate.status,
    date_created: timestamp(certificate.created),
    ...(issued && {
      date_issued: timestamp(issued.at),
      valid_till: day(issued.validUntil),
      days_remaining: Math.floor((issued.validUntil - world.now()) / DAY),
    }),
    archived: 0,
    user_id: user.id,
    email: user.email,
    firstname: user.firstName,
    lastname: user.lastName,
  };
}

export const reissueRoutes: Route[] = [
  { method: "POST", path: "/order/certificate/{id}/reissue", access: "order", handle: reissue },
  { method: "GET", path: "/order/certificate/{id}/reissue", access: "read", handle: list },
];
