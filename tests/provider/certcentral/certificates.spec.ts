import assert from "node:assert/strict";
import { certificates } from "../../../provider/certcentral";
import { errors, failure, ScriptedServer } from "./support";

describe("CertCentral certificates", () => {
  const pem = (text: string) => `-----BEGIN CERTIFICATE-----\r\n${text}\r\n-----END CERTIFICATE-----\r\n`;
  const bundle = pem("MIIB\r\nAAAA") + pem("MIIC==");
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  it("are downloaded as sent, CRLF included", async () => {
    server.script({ text: bundle, headers: { "Content-Type": "application/x-pem-file" } });
    assert.equal(await certificates.download(server.client(), 7), bundle);
    assert.equal(await certificates.download(server.client(), 7, "pem_noroot"), bundle);
    assert.equal(await certificates.downloadOfOrder(server.client(), 8), bundle);
    assert.deepEqual(server.calls, [
      "GET /certificate/7/download/format/pem_all",
      "GET /certificate/7/download/format/pem_noroot",
      "GET /certificate/download/order/8/format/pem_all",
    ]);
  });

  it("are not anything else that is answered", async () => {
    const others = ["", "{}", "<html>Login</html>", "PK\u0003\u0004", bundle.slice(0, -40), pem("<html>"), pem("")];
    for (const text of others) {
      server.script({ text });
      assert.equal((await failure(certificates.download(server.client(), 7))).code, "unexpected_answer", text);
    }
    server.script({ status: 404, json: errors("not_found|certificate") });
    const early = await failure(certificates.download(server.client(), 7));
    assert.equal(early.notFound, true);
    assert.match(early.message, /not issued yet/);
  });

  it("come with their chain, leaf first", async () => {
    const leaf = { subject_common_name: "Example", pem: pem("AA") };
    server.script({ json: { intermediates: [leaf, { pem: pem("BB") }, { subject_common_name: "no pem" }] } });
    assert.deepEqual(await certificates.chain(server.client(), 7), [
      { commonName: "Example", pem: pem("AA") },
      { pem: pem("BB") },
    ]);
  });

  it("are revoked by a request, or at once", async () => {
    const revoke = () => certificates.revoke(server.client(), 7, { comments: "I no longer need this cert." });
    server.script({ status: 201, json: { id: 1, type: "revoke", status: "pending" } }, { status: 204 });
    assert.deepEqual(await revoke(), { id: 1, type: "revoke", status: "pending" });
    assert.equal(await revoke(), undefined);
    assert.deepEqual(JSON.parse(String(server.received[0]?.body)), { comments: "I no longer need this cert." });
    assert.equal(server.calls[0], "PUT /certificate/7/revoke");
  });
});
