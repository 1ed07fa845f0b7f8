import type { CertCentralClient } from "./client";
import type { OrderRequestInfo } from "./orderTypes";
import * as wire from "./wire";

/** An approval request. */
export interface RequestInfo extends OrderRequestInfo {
  /** ISO 8601, UTC; absent while pending. */
  dateProcessed?: string;
  processorComment?: string;
  /** The order it is about. */
  orderId?: number;
}

/** `GET /request/{id}` */
export async function info(client: CertCentralClient, requestId: number, signal?: AbortSignal): Promise<RequestInfo> {
  const answer = await client.request({
    method: "GET",
    path: `/request/${requestId}`,
    action: `look up request ${requestId}`,
    retry: "read",
    signal,
  });
  const found = wire.readObject(wire.request, answer);
  if (found?.id !== requestId) throw answer.unexpected(`The answer is not about request ${requestId}`);
  const { order } = wire.readObject(wire.record({ order: wire.record({ id: wire.id }) }), answer);
  return wire.compact({ ...found, orderId: order.id });
}

/**
 * `PUT /request/{id}/status`: approves or rejects.
 * @param buys whether it is the approval of something that costs money
 * @throws CertCentralError `access_denied|invalid_approver` when the key's user may not
 */
export async function updateStatus(
  client: CertCentralClient,
  requestId: number,
  body: { status: "submitted" | "pending" | "approved" | "rejected"; processor_comment?: string },
  { buys = false, signal }: { buys?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  await client.request({
    method: "PUT",
    path: `/request/${requestId}/status`,
    json: body,
    action: `set request ${requestId} to ${body.status}`,
    retry: "idempotent",
    buys,
    signal,
  });
}
