import { timestamp } from "../clock";
import type { ApiKey, Order, Request } from "./state";
import type { World } from "./world";

export function createRequest(
  world: World,
  order: Order,
  type: Request["type"],
  key: ApiKey,
  details: { comments?: string; certificateId?: number } = {},
): Request {
  const { accountId, id: orderId } = order;
  const request: Request = {
    id: world.id(),
    accountId,
    type,
    status: "pending",
    orderId,
    userId: key.userId,
    created: world.now(),
    ...details,
  };
  world.state.requests.push(request);
  order.requestIds.push(request.id);
  return request;
}

/** What DigiCert answers to a revoke request, and the head of Request info. */
export function requestJson(world: World, request: Request): Record<string, unknown> {
  return {
    id: request.id,
    date: timestamp(request.created),
    type: request.type,
    status: request.status,
    ...(request.processed !== undefined && { date_processed: timestamp(request.processed) }),
    requester: personJson(world, request.userId),
    ...(request.processorId !== undefined && { processor: personJson(world, request.processorId) }),
    comments: request.comments,
    processor_comment: request.processorComment,
  };
}

function personJson(world: World, userId: number) {
  const user = world.user(userId);
  return { id: user.id, first_name: user.firstName, last_name: user.lastName, email: user.email };
}
