import fc from "fast-check";
import { encoded, Scene } from "../simulator/certcentral";
import { type Any, json, mutated, nested } from "./support";
import type { Response } from "./transport";

/** Names in DigiCert's answers. */
const names =
  "id order_id order orders certificate certificates certificate_id domains domain_id requests request status dcv dcv_token dcv_method token expiration_date vmc logo page total limit offset organizations organization validations type products name_id name metadata containers intermediates pem account_id access_roles errors code message dns_names notes text price is_active 0 1".split(
    " ",
  );

/** Bodies that are no JSON, or that few parsers like. */
const raw = [
  "",
  " ",
  "null",
  "0",
  '"x"',
  "[]",
  "{}",
  "[[]]",
  "\ufeff{}",
  "<html>502 Bad Gateway</html>",
  '{"id":',
  '{"id":137',
  '{"id":1e400}',
  '{"id":137.5}',
  '{"id":-137}',
  '{"id":"0137"}',
  '{"id":" 137 "}',
  `{"id":${"9".repeat(400)}}`,
  '{"id":9007199254740993}',
  '{"id":137,"id":"x"}',
  '{"id":null,"order_id":137}',
  '{"__proto__":{"id":137}}',
  '{"order":{"id":137}}',
  "\u0000".repeat(100),
];
/** Each costs as much as a hundred others: these are tried by themselves. */
export const huge = [
  "[".repeat(100_000),
  `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
  `${'{"id":'.repeat(50_000)}1${"}".repeat(50_000)}`,
  `{"id":137,"domains":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
  `{"orders":[${'{"id":1},'.repeat(20_000)}{}]}`,
  `{"errors":[${'{"code":"x","message":"y"},'.repeat(20_000)}{}]}`,
  JSON.stringify({ errors: [{ code: "c".repeat(100_000), message: "m".repeat(100_000) }] }),
];
const bytes = [Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), Buffer.from('{"id":137,"name":"\xe9"}', "latin1")];

const codes = [
  "__proto__",
  "constructor",
  "toString",
  "valueOf|x",
  "not_found|order",
  "not_found",
  "\u001b[2J",
  "",
  "a".repeat(5000),
];
const errorBody = fc
  .array(
    fc.oneof(
      fc.record({
        code: fc.constantFrom<unknown>(...codes, 5, null),
        message: fc.constantFrom<unknown>(...codes, {}, 5),
      }),
      fc.constantFrom<Any>(null, 5, [], {}),
    ),
    { maxLength: 3 },
  )
  .map((errors) => JSON.stringify({ errors }));

/** A body near a real one, or anything. */
export function bodies(...real: unknown[]): fc.Arbitrary<string | Buffer> {
  return fc.oneof(
    { weight: 240, arbitrary: mutated(real).map(text) },
    { weight: 60, arbitrary: json(names).map(text) },
    { weight: 40, arbitrary: errorBody },
    { weight: 20, arbitrary: fc.constantFrom<string | Buffer>(...raw, ...bytes) },
  );
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return JSON.stringify(nested(500));
  }
}

export const failing = [204, 206, 299, 301, 304, 400, 401, 403, 404, 406, 408, 409, 422, 429, 500, 502, 503, 504, 599];

/** Headers as proxies and broken clocks write them. */
export const headers: fc.Arbitrary<Record<string, string>> = fc.record(
  {
    date: fc.constantFrom(
      "",
      "x",
      "0",
      "1969",
      "Fri, 13 Sep 275760 00:00:00 GMT",
      "+275760-09-13T00:00:00.000Z",
      "-271821-04-20",
      "Sun, 22 Nov 2026 12:00:00 GMT",
    ),
    "retry-after": fc.constantFrom(
      "",
      "0",
      "-1",
      "5",
      "1e9",
      "9".repeat(400),
      "Infinity",
      "NaN",
      "never",
      "Sun, 22 Nov 2026 12:00:05 GMT",
      "Fri, 13 Sep 275760 00:00:00 GMT",
    ),
    "content-type": fc.constantFrom("", "application/json", "text/html; charset=utf-16", "x".repeat(5000)),
  },
  { requiredKeys: [] },
);

export function responses(...real: unknown[]): fc.Arbitrary<Response> {
  return fc.record({
    status: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(200, 201) }, fc.constantFrom(...failing)),
    headers,
    body: bodies(...real),
  });
}

/** What the simulator, which was written from DigiCert's documentation, answers to each kind of call. */
export async function realAnswers(): Promise<Record<string, Any>> {
  const scene = await Scene.start();
  const get = (path: string) => scene.ok(200, "GET", path);
  try {
    const placed = await scene.vmc();
    const pending = await get(`/order/certificate/${placed.id}`);
    const domainId = placed.domains[0].id;
    const organizationId = scene.simulator.account.organizationId;
    await scene.issue(placed);
    const issued = await get(`/order/certificate/${placed.id}`);
    const reissued = await scene.ok(201, "POST", `/order/certificate/${placed.id}/reissue`, {
      certificate: { dns_names: ["example.com"] },
      skip_approval: true,
    });
    return {
      placed,
      pending,
      issued,
      reissued,
      reissues: await get(`/order/certificate/${placed.id}/reissue`),
      orders: await get("/order/certificate"),
      alternate: { orders: [{ id: placed.id, certificate_id: 5, status: "pending" }] },
      orderValidation: await get(`/order/certificate/${placed.id}/validation`),
      changes: await get("/order/certificate/status-changes?minutes=60"),
      domain: await get(`/domain/${domainId}?include_dcv=true&include_validation=true`),
      domains: await get("/domain"),
      organization: await get(`/organization/${organizationId}`),
      organizations: await get("/organization?include_validation=true"),
      organizationValidation: await get(`/organization/${organizationId}/validation`),
      request: await get(`/request/${placed.requests[0].id}`),
      me: await get("/user/me"),
      products: await get("/product"),
      customFields: await get("/account/metadata"),
      containers: await get("/container"),
      chain: await get(`/certificate/${issued.certificate.id}/chain`),
      pem: (await scene.call("GET", `/certificate/${issued.certificate.id}/download/format/pem_all`)).text,
      logo: { logo: encoded() },
    };
  } finally {
    await scene.stop();
  }
}

/** What an answer to an order means, read in another way than the provider does: the order's id, or what became of it. */
export function fateOf({ status, body = "" }: Response): number | "refused" | "throttled" | "doubt" {
  let json: Any;
  try {
    json = JSON.parse(body.toString().replace(/^\ufeff/, ""));
  } catch {}
  if (status >= 200 && status < 300) {
    const own = (of: Any, key: string) =>
      of !== null && typeof of === "object" && Object.hasOwn(of, key) ? of[key] : undefined;
    const ids = [
      own(json, "id"),
      own(json, "order_id"),
      own(own(json, "order"), "id"),
      own(own(json, "order"), "order_id"),
    ];
    if (Array.isArray(json)) return "doubt";
    for (const id of ids) {
      const number = typeof id === "string" && /^\s*[0-9]+\s*$/.test(id) ? Number(id) : id;
      if (Number.isSafeInteger(number) && number > 0) return number;
    }
    return "doubt";
  }
  if (status === 429) return "throttled";
  const isError =
    Array.isArray(json?.errors) &&
    json.errors.some((error: Any) => typeof error?.code === "string" && error.code !== "");
  return isError && status >= 400 && status < 500 ? "refused" : "doubt";
}
