import assert from "node:assert/strict";
import {
  account,
  type CertCentralClient,
  CertCentralError,
  certificates,
  domains,
  orders,
  organizations,
  requests,
} from "../../../provider/certcentral";
import { ScriptedServer } from "./support";

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Names that DigiCert uses, so that the readers are reached, and some that JavaScript itself has. */
const NAMES = [
  ..."id order_id order orders certificate certificates certificate_id domains domain_id requests request status".split(
    " ",
  ),
  ..."dcv dcv_token dcv_method dcv_expiration dcv_expiration_datetime token expiration_date vmc logo mark_type_data".split(
    " ",
  ),
  ..."page total limit organizations organization organization_contact verified_users validations type products".split(
    " ",
  ),
  ..."name_id metadata containers intermediates pem account_id access_roles errors code message dns_names notes".split(
    " ",
  ),
  ..."verification dns_name_validations organization_validations renewed_order_id price is_active 0 1".split(" "),
  ..."__proto__ constructor toString hasOwnProperty length then toJSON".split(" "),
];
const SCALARS = [
  null,
  true,
  false,
  0,
  1,
  -1,
  7,
  1.5,
  1e300,
  "",
  "0",
  "1",
  "7",
  " 7 ",
  "pending",
  "2026-11-21",
  "\u0000",
  "9".repeat(30),
];

function arbitraryJson(random: () => number, depth = 4): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const many = () => Array.from({ length: Math.floor(random() * 5) });
  const kind = depth === 0 ? 0 : random();
  if (kind < 0.3) return JSON.stringify(pick(SCALARS));
  if (kind < 0.5)
    return `[${many()
      .map(() => arbitraryJson(random, depth - 1))
      .join(",")}]`;
  const entries = [...many(), ...many()].map(
    () => `${JSON.stringify(pick(NAMES))}:${arbitraryJson(random, depth - 1)}`,
  );
  return `{${entries.join(",")}}`;
}

describe("CertCentral answers of any JSON", () => {
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  const body: orders.OrderRequest = {
    certificate: { dns_names: ["example.com"] },
    organization: { id: 1 },
    order_validity: { years: 1 },
  };
  const details = { name: "E", country: "us", address: "a", city: "c" };
  const calls: Record<string, (client: CertCentralClient) => Promise<unknown>> = {
    "orders.place": (client) => orders.place(client, "vmc_basic", body),
    "orders.info": (client) => orders.info(client, 7),
    "orders.byAlternativeId": (client) => orders.byAlternativeId(client, "bimi1"),
    "orders.list": (client) => orders.list(client),
    "orders.validation": (client) => orders.validation(client, 7),
    "orders.statusChanges": (client) => orders.statusChanges(client, 5),
    "orders.uploadLogo": (client) => orders.uploadLogo(client, 7, Buffer.from("<svg/>")),
    "orders.getLogo": (client) => orders.getLogo(client, 7),
    "orders.reissue": (client) => orders.reissue(client, 7, { certificate: { dns_names: [] } }),
    "orders.listReissues": (client) => orders.listReissues(client, 7),
    "orders.revokeOrder": (client) => orders.revokeOrder(client, 7),
    "certificates.download": (client) => certificates.download(client, 7),
    "certificates.chain": (client) => certificates.chain(client, 7),
    "certificates.revoke": (client) => certificates.revoke(client, 7),
    "domains.info": (client) => domains.info(client, 7),
    "domains.list": (client) => domains.list(client),
    "domains.add": (client) => domains.add(client, { name: "e", organization: { id: 1 }, validations: [] }),
    "domains.submitValidation": (client) => domains.submitValidation(client, 7, { validations: [] }),
    "domains.changeMethod": (client) => domains.changeMethod(client, 7, "dns-txt-token"),
    "domains.newToken": (client) => domains.newToken(client, 7),
    "domains.check": (client) => domains.check(client, 7),
    "organizations.create": (client) => organizations.create(client, details),
    "organizations.info": (client) => organizations.info(client, 7),
    "organizations.list": (client) => organizations.list(client),
    "organizations.validation": (client) => organizations.validation(client, 7),
    "requests.info": (client) => requests.info(client, 7),
    "account.me": (client) => account.me(client),
    "account.products": (client) => account.products(client),
    "account.customFields": (client) => account.customFields(client),
    "account.containers": (client) => account.containers(client),
  };

  /** Any other exception is the parser's crash; what is read must survive a state file. */
  const survives = async (call: () => Promise<unknown>, json: string): Promise<unknown> => {
    try {
      const result = await call();
      if (!Buffer.isBuffer(result)) assert.deepEqual(JSON.parse(JSON.stringify(result ?? null)), result ?? null, json);
      return result;
    } catch (error) {
      if (error instanceof CertCentralError) return undefined;
      throw new Error(`${(error as Error).stack} on ${json}`);
    }
  };

  for (const [index, [name, call]] of Object.entries(calls).entries()) {
    it(`${name} reads, or fails as a CertCentralError`, async () => {
      const random = randomNumbers(20261121 + index);
      for (let count = 0; count < 25; count++) {
        const json = arbitraryJson(random);
        for (const status of [200, 201, 400, 429, 500].slice(0, count % 10 === 0 ? 5 : 2)) {
          // A list that names a larger total is read on; an empty page ends it.
          server.script({ status, text: json }, { status, text: "{}" });
          await survives(() => call(server.client()), json);
        }
      }
    });
  }

  it("never hide the id of an order that was placed", async () => {
    const random = randomNumbers(137);
    for (let count = 0; count < 300; count++) {
      const others = NAMES.filter((name) => name !== "id").map(
        (name) => `${JSON.stringify(name)}:${arbitraryJson(random, 2)}`,
      );
      const json = `{${others.slice(count % 20, (count % 20) + 25).join(",")},"id":${count % 2 === 0 ? "137" : '"137"'}}`;
      server.script({ status: 201, text: json });
      assert.equal((await orders.place(server.client(), "vmc_basic", body)).orderId, 137, json);
    }
  });

  it("never make a look-up find none when it names orders", async () => {
    const random = randomNumbers(138);
    for (let count = 0; count < 300; count++) {
      const json = `{"orders":[${arbitraryJson(random, 3)},${arbitraryJson(random, 3)}]}`;
      server.script({ text: json }, { text: "{}" });
      const found = await survives(() => orders.byAlternativeId(server.client(), "bimi1"), json);
      assert.notDeepEqual(found, [], json);
    }
  });
});
