import assert from "node:assert/strict";
import { inspect } from "node:util";
import { type CertCentralError, orders } from "../../../provider/certcentral";
import { failure, type Reply, ScriptedServer } from "./support";

describe("CertCentral errors hold no secret", () => {
  const apiKey = "A1B2C3D4E5F6.key(with)+signs";
  const credit_card = {
    number: "4111 1111 1111 1111",
    expiration_month: 12,
    expiration_year: 2030,
    cvv: 987,
    cardholder_name: "First Last",
  };
  const body: orders.OrderRequest = {
    certificate: { dns_names: ["example.com"] },
    organization: { id: 1 },
    order_validity: { years: 1 },
    payment_method: "card",
    credit_card,
  };
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  /** Everywhere that a program or the engine may print an error. */
  const faces = (error: CertCentralError) => [
    error.message,
    String(error.stack),
    error.detail,
    error.codes.join(),
    String(error),
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    inspect(error, { depth: 9, showHidden: true }),
  ];

  const echoes = `Card 4111111111111111 (4111-1111-1111-1111, 4111 1111 1111 1111) with CVV 987 refused, key ${apiKey}`;
  const replies: Record<string, Reply> = {
    "a refusal that repeats them": {
      status: 400,
      json: { errors: [{ code: `card|4111111111111111`, message: echoes }] },
    },
    "a 429 that repeats them": { status: 429, json: { errors: [{ code: "x", message: echoes }] } },
    "a 500 that repeats them": { status: 500, json: { errors: [{ code: "x", message: echoes }] } },
    "a page that repeats them": { status: 502, text: `<html>${echoes}</html>` },
    "a 201 that repeats them and has no id": { status: 201, json: { note: echoes } },
    "a redirect that repeats them": { status: 302, headers: { Location: `/?key=${encodeURIComponent(apiKey)}` } },
    "a reset": (response) => void response.socket?.resetAndDestroy(),
  };
  for (const [name, reply] of Object.entries(replies)) {
    it(`after ${name}`, async () => {
      server.script(reply);
      const error = await failure(orders.place(server.client({ apiKey }), "vmc_basic", body));
      assert.match(server.received[0]?.body.toString() ?? "", /4111 1111 1111 1111/);
      for (const face of faces(error)) {
        assert.ok(!face.includes(apiKey), face);
        assert.doesNotMatch(face, /4111[ -]?1111/);
        assert.doesNotMatch(face, /\b987\b/);
      }
    });
  }

  it("and leaves what only looks like a CVV readable", async () => {
    server.script({ status: 400, json: { errors: [{ code: "x", message: "Order 1987654 of 2030: CVV 987." }] } });
    const error = await failure(orders.place(server.client({ apiKey }), "vmc_basic", body));
    assert.equal(error.detail, "Order 1987654 of 2030: CVV [redacted].");
  });

  it("nor the query of the request", async () => {
    server.script({ status: 400, json: { errors: [{ code: "x", message: "No." }] } });
    const error = await failure(orders.list(server.client({ apiKey }), { search: "someone@example.com" }));
    for (const face of faces(error)) assert.doesNotMatch(face, /someone/);
  });
});
