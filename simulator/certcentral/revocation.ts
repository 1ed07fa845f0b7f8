import * as z from "zod";
import { ApiError, switchedError } from "./errors";
import { type Answer, type Call, created, noContent, type Route } from "./http";
import { createRequest, requestJson } from "./newRequest";
import type { Certificate, Order } from "./state";
import { validate } from "./validateRequest";
import type { World } from "./world";

/** Both endpoints take one body; the tables call the comment `comment`, the examples `comments`. */
const revokeBody = z.strictObject({
  comments: z.string().optional(),
  comment: z.string().optional(),
  skip_approval: z.boolean().optional(),
  revocation_reason: z.string().optional(),
});

function revoke(call: Call, order: Order, certificate?: Certificate): Answer {
  const { world, key, json } = call;
  const body = validate(revokeBody, json ?? {});
  if (order.status === "reissue_pending") {
    const message = "Certificates with a pending reissue cannot be revoked.";
    throw switchedError(world.switches.revokeWhileReissuingError, message);
  }
  const revocable = certificate ? certificate.status === "issued" : ["issued", "expired"].includes(order.status);
  if (!revocable) {
    throw new ApiError(
      400,
      "not_revocable",
      `It is ${certificate?.status ?? order.status}: only an issued one is revoked.`,
    );
  }
  if (body.skip_approval && key.role === "admin") {
    // no request is made and the comment is not kept
    revokeCertificates(world, order, certificate?.id);
    return noContent();
  }
  const comments = body.comments ?? body.comment;
  return created(
    requestJson(world, createRequest(world, order, "revoke", key, { comments, certificateId: certificate?.id })),
  );
}

/** One certificate (the order stays issued and can be reissued), or all of the order. */
export function revokeCertificates(world: World, order: Order, certificateId?: number): void {
  for (const certificate of world.certificatesOf(order)) {
    if (certificateId !== undefined && certificate.id !== certificateId) continue;
    if (certificate.status !== "issued") continue;
    certificate.status = "revoked";
    certificate.revokedAt = world.now();
  }
  if (certificateId === undefined) world.setStatus(order, "revoked");
}

export const revocationRoutes: Route[] = [
  {
    method: "PUT",
    path: "/order/certificate/{id}/revoke",
    access: "order",
    handle: (call) => revoke(call, call.world.order(call.key, call.params[0]!)),
  },
  {
    method: "PUT",
    path: "/certificate/{id}/revoke",
    access: "order",
    handle: (call) => {
      const certificate = call.world.certificate(call.key, call.params[0]!);
      return revoke(call, call.world.order(call.key, certificate.orderId), certificate);
    },
  },
];
