import assert from "node:assert/strict";
import { type Json, Scene } from "./certcentral";
import { exercised } from "./exercised";

describe("approval of requests", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene.stop());

  it("holds an order without skip_approval until somebody approves it", async () => {
    const order = await scene.cmc({ skip_approval: undefined, comments: "for the new brand" });
    assert.deepEqual(Object.keys(order), ["id", "requests"]);
    assert.deepEqual(
      order.requests.map(({ status }: Json) => status),
      ["pending"],
    );
    exercised("S0.rule.skipApproval", "S0.rule.certificateIdWhenApproved");
    const info = await scene.info(order.id);
    assert.equal(info.status, "needs_approval");
    assert.equal(info.certificate.id, undefined);
    assert.equal(info.has_pending_request, true);
    const [{ id }] = order.requests;
    const pending = await scene.ok(200, "GET", `/request/${id}`);
    assert.equal(pending.type, "new_request");
    assert.equal(pending.comments, "for the new brand");
    assert.equal(pending.order.id, order.id);
    assert.equal((await scene.ok(200, "GET", "/request?status=pending")).requests[0].id, id);

    const { apiKey: limited } = await scene.control.addKey({ role: "limited" });
    await scene.refused("404 not_found|request", "PUT", `/request/${id}/status`, { status: "approved" }, limited);
    await scene.refused("400 invalid_parameter|status", "PUT", `/request/${id}/status`, { status: "submitted" });
    await scene.ok(204, "PUT", `/request/${id}/status`, { status: "approved", processor_comment: "go" });
    const approved = await scene.info(order.id);
    assert.equal(approved.status, "pending");
    assert.ok(approved.certificate.id);
    await scene.refused("400 request_already_processed", "PUT", `/request/${id}/status`, { status: "rejected" });
    const validation = await scene.ok(200, "GET", `/order/certificate/${order.id}/validation`);
    const domainId = Number(validation.dns_name_validations[0].domain_id);
    const domain = await scene.ok(200, "GET", `/domain/${domainId}?include_dcv=true`);
    assert.ok(domain.dcv_token.token);
    const issued = await scene.issue({ id: order.id, domains: [{ id: domainId, name: "example.com" }] });
    assert.equal(issued.requests[0].status, "approved");
  });

  it("ends a rejected order", async () => {
    const order = await scene.vmc({ skip_approval: false });
    await scene.control.rejectRequest(order.requests[0].id, "no budget");
    assert.equal((await scene.info(order.id)).status, "rejected");
    const request = await scene.ok(200, "GET", `/request/${order.requests[0].id}`);
    assert.equal(request.status, "rejected");
    assert.equal(request.processor_comment, "no budget");
  });

  it("does not cancel an order that waits for approval, unless switched", async () => {
    const order = await scene.vmc({ skip_approval: false });
    const cancel = { status: "CANCELED", note: "x" };
    await scene.refused("400 order_not_cancelable", "PUT", `/order/certificate/${order.id}/status`, cancel);
    await scene.control.setSwitches({ cancelUnapproved: "allowed" });
    await scene.ok(204, "PUT", `/order/certificate/${order.id}/status`, cancel);
    assert.equal((await scene.info(order.id)).status, "canceled");
  });

  it("needs approval for a limited user's orders whatever they ask, and lets them decide nothing", async () => {
    const { apiKey } = await scene.control.addKey({ role: "limited" });
    const order = await scene.ok(201, "POST", "/order/certificate/vmc_basic", scene.body(), apiKey);
    assert.equal(order.certificate_id, undefined);
    const path = `/request/${order.requests[0].id}/status`;
    await scene.refused("403 access_denied|invalid_approver", "PUT", path, { status: "approved" }, apiKey);
    await scene.control.approveRequest(order.requests[0].id);
    assert.equal((await scene.info(order.id)).status, "pending");
  });

  it("holds a reissue without skip_approval", async () => {
    const order = await scene.vmc();
    await scene.issue(order);
    const path = `/order/certificate/${order.id}/reissue`;
    const answer = await scene.ok(201, "POST", path, { certificate: { dns_names: ["example.com"] } });
    assert.deepEqual(Object.keys(answer), ["id", "requests"]);
    assert.deepEqual(Object.keys(answer.requests[0]), ["id"]);
    exercised("S1.reissue.answer.requests", "S1.rule.reissueApproval");
    assert.equal((await scene.info(order.id)).status, "reissue_pending");
    await scene.ok(204, "PUT", `/request/${answer.requests[0].id}/status`, { status: "approved" });
    const info = await scene.info(order.id);
    assert.equal(info.status, "issued");
    assert.notEqual(info.certificate.id, order.certificate_id);
  });
});
