import assert from "node:assert/strict";
import fc from "fast-check";
import {
  account,
  type CertCentralClient,
  CertCentralError,
  certificates,
  domains,
  orders,
  organizations,
  requests,
} from "../../provider/certcentral";
import { ScriptedServer } from "../provider/certcentral/support";
import { fateOf, huge, realAnswers, responses } from "./answers";
import { type Any, assertReadable, json, patience, plain, runs } from "./support";
import { clientOf } from "./transport";

const order: orders.OrderRequest = {
  certificate: { dns_names: ["example.com"] },
  organization: { id: 1 },
  order_validity: { years: 1 },
};
const details = { name: "E", country: "us", address: "a", city: "c" };

/** Each call that reads an answer, and which real answer the generated ones are made of. */
const calls: Record<string, [real: string, call: (client: CertCentralClient) => Promise<unknown>]> = {
  "orders.place": ["placed", (client) => orders.place(client, "vmc_basic", order)],
  "orders.info": ["pending", (client) => orders.info(client, 7)],
  "orders.info by serial number": ["issued", (client) => orders.info(client, "0A")],
  "orders.byAlternativeId": ["alternate", (client) => orders.byAlternativeId(client, "bimi1")],
  "orders.list": ["orders", (client) => orders.list(client)],
  "orders.validation": ["orderValidation", (client) => orders.validation(client, 7)],
  "orders.statusChanges": ["changes", (client) => orders.statusChanges(client, 5)],
  "orders.uploadLogo": ["placed", (client) => orders.uploadLogo(client, 7, Buffer.from("<svg/>"))],
  "orders.getLogo": ["logo", (client) => orders.getLogo(client, 7)],
  "orders.reissue": ["reissued", (client) => orders.reissue(client, 7, { certificate: { dns_names: [] } })],
  "orders.listReissues": ["reissues", (client) => orders.listReissues(client, 7)],
  "orders.revokeOrder": ["request", (client) => orders.revokeOrder(client, 7)],
  "certificates.download": ["pem", (client) => certificates.download(client, 7)],
  "certificates.chain": ["chain", (client) => certificates.chain(client, 7)],
  "certificates.revoke": ["request", (client) => certificates.revoke(client, 7)],
  "domains.info": ["domain", (client) => domains.info(client, 7)],
  "domains.list": ["domains", (client) => domains.list(client)],
  "domains.add": ["domain", (client) => domains.add(client, { name: "e", organization: { id: 1 }, validations: [] })],
  "domains.submitValidation": ["domain", (client) => domains.submitValidation(client, 7, { validations: [] })],
  "domains.changeMethod": ["domain", (client) => domains.changeMethod(client, 7, "dns-txt-token")],
  "domains.newToken": ["domain", (client) => domains.newToken(client, 7)],
  "domains.check": ["domain", (client) => domains.check(client, 7)],
  "organizations.create": ["organization", (client) => organizations.create(client, details)],
  "organizations.info": ["organization", (client) => organizations.info(client, 7)],
  "organizations.list": ["organizations", (client) => organizations.list(client)],
  "organizations.validation": ["organizationValidation", (client) => organizations.validation(client, 7)],
  "requests.info": ["request", (client) => requests.info(client, 7)],
  "account.me": ["me", (client) => account.me(client)],
  "account.products": ["products", (client) => account.products(client)],
  "account.customFields": ["customFields", (client) => account.customFields(client)],
  "account.containers": ["containers", (client) => account.containers(client)],
};

const refusal = { status: 400, body: '{"errors":[{"code":"no","message":"no"}]}' };

/** The id of something asked about by 7 must be 7 to be taken. */
function aboutSeven(real: Any): Any[] {
  return [real, typeof real === "object" && !Array.isArray(real) ? { ...real, id: 7 } : real];
}

describe("DigiCert's answers, generated", function () {
  this.timeout(patience);
  let real: Record<string, Any>;
  before(async () => {
    real = await realAnswers();
  });

  for (const from of new Set(Object.values(calls).map(([from]) => from))) {
    const readers = Object.entries(calls).filter(([, [of]]) => of === from);
    const names = readers.map(([name]) => name).join(", ");
    it(`are read as plain JSON, or are an error that people can read, after few requests: ${names}`, async () => {
      const read = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(responses(...aboutSeven(real[from])), async (response) => {
          for (const [name, [, call]] of readers) {
            let sent = 0;
            // What is tried again is refused: the next try would only be as slow.
            const client = clientOf(() => (++sent > 1 && response.status >= 300 ? refusal : response));
            try {
              const result = await call(client);
              read.set(name, (read.get(name) ?? 0) + 1);
              if (!Buffer.isBuffer(result)) assert.deepEqual(plain(result ?? null), result ?? null);
            } catch (error) {
              assertFailure(error);
            }
            assert.ok(sent <= 10, `${name}: ${sent} requests`);
            assert.doesNotThrow(() => client.now().toISOString());
          }
        }),
      );
      for (const [name] of readers) assert.ok((read.get(name) ?? 0) > 300, `${name} read ${read.get(name)}`);
    });
  }

  it("are read or refused however large and deep they are", async () => {
    for (const [name, [, call]] of Object.entries(calls)) {
      for (const body of huge)
        for (const status of [201, 400]) {
          let sent = 0;
          await call(clientOf(() => (++sent > 1 ? refusal : { status, body }))).catch(assertFailure);
          assert.ok(sent <= 5, `${name}: ${sent} requests`);
        }
    }
  });

  it("over real connections are read or refused likewise, whatever their headers and framing", async () => {
    const server = await new ScriptedServer().start();
    const framing = fc.constantFrom<Record<string, string>>(
      {},
      { "content-length": "5" },
      { "content-length": "5000" },
      { "content-encoding": "gzip" },
      { "content-encoding": "br" },
      { "transfer-encoding": "chunked" },
      { location: "http://169.254.169.254/" },
      { connection: "upgrade", upgrade: "x" },
    );
    try {
      await fc.assert(
        fc.asyncProperty(responses(real.placed), framing, async ({ status, headers, body = "" }, framed) => {
          server.script((response) => {
            response.writeHead(status, { ...headers, ...framed });
            response.end(status === 204 || status === 304 ? undefined : body);
            setTimeout(() => response.destroy(), 20).unref();
          });
          const client = server.client();
          const placed = await orders.place(client, "vmc_basic", order).catch(assertFailure);
          if (Object.keys(framed).length === 0) {
            const expected = fateOf({ status, body: status === 204 ? "" : body });
            assert.equal(placed?.orderId, typeof expected === "number" ? expected : undefined);
          }
          assert.equal(server.received.length, 1);
          assert.doesNotThrow(() => client.now().toISOString());
        }),
        { numRuns: Math.min(500, runs) },
      );
    } finally {
      await server.stop();
    }
  });

  it("never make a look-up find none when they name an order", async () => {
    const named = fc.tuple(json(["id", "order_id", "status", "orders"]), fc.constantFrom<unknown>([], {}, null));
    await fc.assert(
      fc.asyncProperty(named, async ([entry, other]) => {
        for (const entries of [[entry], [entry, other], { 1: entry }]) {
          const body = JSON.stringify({ orders: entries });
          const found = await orders
            .byAlternativeId(
              clientOf(() => ({ status: 200, body })),
              "bimi1",
            )
            .catch(assertFailure);
          if (found) assert.ok(found.length > 0, body);
        }
      }),
    );
  });

  it("to an order hold its id whatever else they hold, or are in doubt", async () => {
    await fc.assert(
      fc.asyncProperty(responses(real.placed), async (response) => {
        const expected = fateOf(response);
        try {
          const placed = await orders.place(
            clientOf(() => response),
            "vmc_basic",
            order,
          );
          assert.equal(expected, placed.orderId);
        } catch (error) {
          assertFailure(error);
          assert.equal(error.kind, expected);
        }
      }),
    );
  });
});

function assertFailure(error: unknown): asserts error is CertCentralError {
  if (!(error instanceof CertCentralError)) throw error;
  assertReadable(error.message, 4000);
  assert.ok(error.codes.length <= 100);
}
