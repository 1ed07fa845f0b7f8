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

  const number = "4111111111111111";
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const spellings: Record<string, string> = {
    "grouped by dots": "4111.1111.1111.1111",
    "grouped by two characters": "4111, 1111, 1111, 1111",
    "grouped and URL-encoded": encodeURIComponent("4111 1111 1111 1111"),
    "grouped in HTML": "4111&nbsp;1111&nbsp;1111&nbsp;1111",
    "inside a longer number": `0000${number}0000`,
    "in base64": base64(`{"credit_card":{"number":"${number}"}}`),
    "in base64, moved by one": base64(` {"credit_card":{"number":"${number}"}}`),
    "in base64, moved by two": base64(`  {"credit_card":{"number":"4111 1111 1111 1111"}}`),
    "the holder": "First Last",
    "the holder in capitals": "FIRST  LAST",
    "the holder, URL-encoded": "first+last first%20last",
    "the holder in base64": base64("First Last"),
    "the key in another case": apiKey.toLowerCase(),
    "the key, URL-encoded": encodeURIComponent(apiKey),
    "the key in JSON": JSON.stringify(apiKey),
    "the key in base64": base64(`X-DC-DEVKEY: ${apiKey}`),
    "the key in base64url": Buffer.from(`DEVKEY: ${apiKey}`).toString("base64url"),
  };
  /** What nobody may be able to read out of a text. */
  const readable = (text: string) => {
    const words = text.match(/[A-Za-z0-9+/_-]{8,}={0,2}/g) ?? [];
    const decoded = words.flatMap((word) => [0, 1, 2, 3].map((at) => Buffer.from(word.slice(at), "base64").toString()));
    return [text, text.replace(/[+]/g, " "), decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, "")), ...decoded];
  };
  const leaks = (text: string) =>
    readable(text).some((reading) => {
      const digits = reading.replace(/&nbsp;|[^0-9A-Za-z]/g, "");
      return (
        digits.includes(number) || /first\s+last/i.test(reading) || reading.toLowerCase().includes(apiKey.toLowerCase())
      );
    });
  for (const [spelling, text] of Object.entries(spellings)) {
    it(`${spelling}`, async () => {
      assert.ok(leaks(text), "it is looked for as it is spelled");
      for (const reply of [
        { status: 400, json: { errors: [{ code: `x|${text}`, message: `Refused: ${text}` }] } },
        { status: 503, text: "no", headers: { "Content-Type": `text/${text.replace(/[^\x20-\x7e]/g, "")}` } },
      ]) {
        server.script(reply);
        const error = await failure(orders.place(server.client({ apiKey }), "vmc_basic", body));
        for (const face of faces(error)) assert.ok(!leaks(face), face);
      }
    });
  }

  it("of an earlier call: DigiCert may name a card or a key long after it was sent", async () => {
    const client = server.client({ apiKey });
    server.script({ status: 201, json: { id: 7 } });
    await orders.place(client, "vmc_basic", body);
    server.script({ status: 400, json: { errors: [{ code: "x", message: echoes }] } });
    const error = await failure(orders.byAlternativeId(client, "x1"));
    for (const face of faces(error)) assert.ok(!leaks(face) && !/\b987\b/.test(face), face);
  });

  it("nor does an answer that succeeds carry them on, and its ids stay", async () => {
    const client = server.client({ apiKey });
    const receipt = { id: 987, note: echoes, number: Number(number), deep: [{ by: [spellings["in base64"]] }] };
    const text = JSON.stringify({ ...receipt, escaped: "KEY" }).replace('"KEY"', `"\\u0041${apiKey.slice(1)}"`);
    server.script({ status: 201, text, headers: { "Content-Type": "application/json" } });
    const { json } = await client.request({
      method: "POST",
      path: "/order/certificate/vmc_basic",
      json: body,
      action: "place",
      retry: "never",
    });
    assert.ok(!leaks(JSON.stringify(json)), JSON.stringify(json));
    assert.equal((json as { id: number }).id, 987);
  });

  it("and an answer so deep that it cannot be looked through twice still has its id", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    server.script({ status: 201, text: `{"id":7,"deep":${deep}}`, headers: { "Content-Type": "application/json" } });
    assert.equal((await orders.place(server.client({ apiKey }), "vmc_basic", body)).orderId, 7);
  });

  it("a CVV that begins with 0, which is sent as a number", async () => {
    server.script({ status: 400, json: { errors: [{ code: "x", message: "CVV 012 (12) of order 10120." }] } });
    const order = orders.place(server.client(), "vmc_basic", { ...body, credit_card: { ...credit_card, cvv: 12 } });
    assert.equal((await failure(order)).detail, "CVV [redacted] ([redacted]) of order 10120.");
  });

  it("the last digits of a card, as a receipt has them, stay", async () => {
    server.script({ status: 400, json: { errors: [{ code: "x", message: "The card XXXX-1111 (4111 11) expired." }] } });
    const error = await failure(orders.place(server.client({ apiKey }), "vmc_basic", body));
    assert.equal(error.detail, "The card XXXX-1111 (4111 11) expired.");
  });

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
