import assert from "node:assert/strict";
import { requests } from "../../../provider/certcentral";
import { errors, failure, ScriptedServer } from "./support";

describe("CertCentral requests", () => {
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  it("are read with the order they are about", async () => {
    server.script({
      json: {
        id: 9,
        type: "new_request",
        status: "approved",
        date: "2026-01-01T00:00:00+00:00",
        date_processed: "2026-01-02T00:00:00+00:00",
        order: { id: "5" },
        processor_comment: "fine",
      },
    });
    assert.deepEqual(await requests.info(server.client(), 9), {
      id: 9,
      type: "new_request",
      status: "approved",
      date: "2026-01-01T00:00:00Z",
      dateProcessed: "2026-01-02T00:00:00Z",
      processorComment: "fine",
      orderId: 5,
    });
    server.script({ json: { id: 10 } });
    assert.equal((await failure(requests.info(server.client(), 9))).code, "unexpected_answer");
  });

  it("are approved, or the refusal says who can", async () => {
    const approve = () => requests.updateStatus(server.client(), 9, { status: "approved", processor_comment: "ok" });
    server.script({ status: 204 });
    await approve();
    assert.deepEqual(server.calls, ["PUT /request/9/status"]);
    assert.deepEqual(JSON.parse(String(server.received[0]?.body)), { status: "approved", processor_comment: "ok" });
    server.script({ status: 403, json: errors("access_denied|invalid_approver") });
    assert.match((await failure(approve())).message, /administrator must approve it/);
  });
});
