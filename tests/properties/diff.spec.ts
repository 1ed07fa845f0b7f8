import assert from "node:assert/strict";
import fc from "fast-check";
import { agreedWith } from "../../provider/changes";
import { BimiError, Context } from "../../provider/context";
import type { Lifecycle, Props } from "../../provider/lifecycle";
import { orderChanges } from "../../provider/order/changes";
import { orderLifecycle } from "../../provider/order/lifecycle";
import { cmcOrder } from "../../provider/resources/cmcOrder";
import { markCertificate } from "../../provider/resources/markCertificate";
import { orgValidation, orgValidationChanges } from "../../provider/resources/orgValidation";
import { vmcOrder } from "../../provider/resources/vmcOrder";
import { type Any, assertReadable, patience, sentinels } from "./support";

const person = { firstName: "A", lastName: "B", email: "a@example.com" };
const contact = { contactType: "verified_contact", userId: 14 };
const logo = (digit: string) => ({ path: "logo.svg", sha256: digit.repeat(64), size: 300 });
const details = {
  name: "Acme",
  country: "us",
  address: "1",
  city: "Lehi",
  state: "Utah",
  zip: "84043",
  telephone: "1",
  organizationContact: person,
};

/** Values of each input as `check` leaves them; absent is one of them. */
const order: Record<string, unknown[]> = {
  dnsNames: [["example.com"], ["example.com", "mail.example.com"], ["Example.COM."], ["bücher.example"]],
  organization: [{ id: 1 }, { id: 2 }, { id: 1, contacts: [contact] }, { ...details }, { ...details, city: "Provo" }],
  logo: [undefined, logo("0"), logo("1"), { ...logo("0"), path: "moved.svg" }],
  enableHosting: [undefined, true, false],
  dcvMethod: [undefined, "email", "dns-txt-token", "dns-cname-token", "http-token"],
  dcvEmails: [undefined, [], [{ dnsName: "example.com", email: "admin@example.com" }]],
  skipApproval: [undefined, true, false],
  paymentMethod: [undefined, "balance", "card"],
  creditCard: [undefined, { fromEnv: "CARD" }],
  autoRenew: [undefined, true, false],
  additionalEmails: [undefined, ["a@example.com"]],
  organizationContact: [undefined, person, { ...person, firstName: "C" }],
  technicalContact: [undefined, person],
  customFields: [undefined, [{ metadataId: 1, value: "x" }]],
  containerId: [undefined, 5],
  alternativeOrderId: [undefined, "acme"],
  adoptOrderId: [undefined, undefined, 137, 138],
  renewalOfOrderId: [undefined, 7],
  renewBefore: [undefined, 1, 90],
  reissueBefore: [undefined, 30, "never"],
  reorderAfter: [undefined, 137, 9],
  onDelete: [undefined, "cancel", "retain", "revoke"],
  note: [undefined, "bye"],
  years: [1, 2, 3],
  __reference: ["bimi0123456789abcdefghijklmnop"],
  __urn: [undefined, "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/bimi:VmcOrder::logo"],
};
const trademark = [
  undefined,
  { countryCode: "us", registrationNumber: "1" },
  { countryCode: "em", registrationNumber: "1" },
];

const statuses =
  "needs_approval pending processing issued reissue_pending rejected revoked canceled expired unknown new".split(" ");
const dates = [undefined, "2020-01-01", "2026-12-01", "2027-11-21", "9999-12-31", "soon"];

function orderState(agreed: Props, status: string, validTill: string | undefined): Props {
  const { onDelete, note, renewBefore, reissueBefore, reorderAfter } = agreed;
  return defined({
    orderId: 137,
    status,
    requests: [{ id: 1, status: "submitted" }],
    organizationId: 1,
    domains: [{ id: 1, name: "example.com", dnsName: "example.com", token: "t", status: "pending" }],
    dcvRecords: [{ domain: "example.com", name: "example.com", type: "TXT", content: "t", ttl: 300 }],
    dcvFiles: [],
    orderValidTill: validTill,
    certificateValidTill: validTill,
    isRenewal: false,
    history: [{ orderId: 9, status: "canceled" }],
    reference: agreed.__reference,
    accountId: 1,
    origin: "loopback",
    ...{ onDelete, note, renewBefore, reissueBefore, reorderAfter },
    __n: 1,
    __agreed: agreedWith(orderChanges, agreed),
  });
}

const certificate: Record<string, unknown[]> = {
  order: [
    { orderId: 137, dnsNames: ["example.com"] },
    { orderId: 138, dnsNames: ["example.com", "example.net"], domainIds: [1], certificateId: 5, product: "vmc_basic" },
    { orderId: 137, dnsNames: ["example.com"], logoSha256: "0".repeat(64), __logo: "0".repeat(16) },
    { orderId: 137, dnsNames: ["example.com"], logoSha256: "1".repeat(64), __logo: "1".repeat(16) },
  ],
  logoUrl: [undefined, "https://example.com/1.svg", "https://example.com/2.svg"],
  certificateUrl: [undefined, "https://example.com/1.pem", "https://example.com/2.pem"],
  wait: [undefined, "none", "dcv", "issuance"],
  waitMinutes: [undefined, 1],
  includeChain: [undefined, true, false],
};
const certificateState = (
  { order, logoUrl, certificateUrl }: Any,
  status: string,
  validTill: string | undefined,
): Props =>
  defined({
    status,
    missing: [{ what: "domain control of example.com", who: "you", since: "2026-11-21T00:00:00Z" }],
    thumbprint: validTill && "00",
    validTill,
    published: [{ name: "example.com", logoUrl: logoUrl ?? "", certificateUrl: certificateUrl ?? "" }],
    findings: [],
    orderId: order.orderId,
    logoUrl,
    certificateUrl,
    logoSha256: order.logoSha256,
    accountId: 1,
    origin: "loopback",
    __seenAt: "2026-11-21T00:00:00Z",
    __logo: order.__logo,
    __publishedBy: validTill && { orderId: 137, validTill, logoSha256: "00000000" },
  });

const organization: Record<string, unknown[]> = {
  organizationId: [undefined, 1, 2],
  name: [undefined, "Acme", "Acme, Inc."],
  country: [undefined, "us", "US"],
  organizationContact: [undefined, person],
  technicalContact: [undefined, person],
  contacts: [undefined, [contact]],
  validations: [["ev"], ["ov", "ev"], ["ev", "ov"]],
  verifiedUsers: [undefined, [{ userId: 1 }]],
  onDelete: [undefined, "retain", "delete"],
};
const organizationState = (agreed: Props, status: string, validTill: string | undefined): Props =>
  defined({
    organizationId: 1,
    validationDetails: [{ type: "ev", status, validatedUntil: validTill }],
    valid: status === "issued",
    isActive: status !== "canceled",
    accountId: 1,
    origin: "loopback",
    onDelete: agreed.onDelete,
    __seenAt: "2026-11-21T00:00:00Z",
    __validations: ["ev"],
    __agreed: agreedWith(orgValidationChanges, agreed),
  });

/** Outputs that older versions did not write, or that are written once there is something to say. */
const optional =
  "orderValidTill certificateValidTill renewBefore reissueBefore reorderAfter onDelete note organizationId thumbprint validTill __publishedBy __logo __domains logoSha256 validationDetails orderId __agreed __n".split(
    " ",
  );

const types: Record<
  string,
  {
    values: Record<string, unknown[]>;
    state: (agreed: Props, status: string, validTill: string | undefined) => Props;
    of: (ctx: Context) => Lifecycle;
  }
> = {
  VmcOrder: {
    values: { ...order, trademark },
    state: orderState,
    of: (ctx) => orderLifecycle(vmcOrder, () => ctx),
  },
  CmcOrder: { values: order, state: orderState, of: (ctx) => orderLifecycle(cmcOrder, () => ctx) },
  MarkCertificate: { values: certificate, state: certificateState, of: (ctx) => markCertificate(() => ctx) },
  OrgValidation: { values: organization, state: organizationState, of: (ctx) => orgValidation(() => ctx) },
};

/** A preview without a key plans from the state alone. */
function contextOf(lines: string[]): Context {
  const log = (line: string) => void lines.push(line);
  return new Context({ settings: () => ({}), log: { info: log, warn: log }, projectDir: "/nowhere" });
}

async function plan(lifecycle: (ctx: Context) => Lifecycle, olds: Props, news: Props) {
  const lines: string[] = [];
  try {
    const answer = await lifecycle(contextOf(lines)).diff("137", olds, news);
    assert.deepEqual(Object.keys(answer), ["changes"]);
    assert.equal(typeof answer.changes, "boolean");
    return { answer: answer.changes, lines };
  } catch (error) {
    if (!(error instanceof BimiError)) throw error;
    assertReadable(error.message);
    return { answer: error.code, lines };
  } finally {
    for (const line of lines) assertReadable(line);
  }
}

for (const [type, { values, state, of }] of Object.entries(types)) {
  const keys = Object.keys(values);
  const agreed = fc.record(Object.fromEntries(keys.map((key) => [key, fc.constantFrom(...values[key]!)]))).map(defined);
  /** Another value for some inputs. */
  const changes = fc.array(fc.tuple(fc.nat(keys.length - 1), fc.nat(4)), { maxLength: 3 });
  /** Where a preview does not know the value yet. */
  const hidden = fc.array(fc.tuple(fc.nat(40), fc.nat(3), fc.constantFrom(...sentinels)), { maxLength: 5 });
  const lacking = fc.option(fc.constantFrom(...optional), { freq: 3 });

  describe(`differences of ${type}, generated`, function () {
    this.timeout(patience);

    it("are an update or none, or refused in words; never a replacement, nor an order for what is not known yet", async () => {
      const seen = new Map<unknown, number>();
      const status = fc.constantFrom(...statuses);
      const date = fc.constantFrom(...dates);
      await fc.assert(
        fc.asyncProperty(
          agreed,
          status,
          date,
          changes,
          hidden,
          lacking,
          async (agreed, status, date, changes, hidden, lacking) => {
            const { [lacking ?? ""]: _, ...olds } = state(agreed, status, date);
            const others = changes.map(([at, n]) => [keys[at]!, values[keys[at]!]![n % values[keys[at]!]!.length]]);
            const news = defined({ ...agreed, ...Object.fromEntries(others) });
            const { answer } = await plan(of, olds, news);
            seen.set(answer, (seen.get(answer) ?? 0) + 1);

            // What the clock alone asks for is asked for whatever is known.
            const before = await plan(of, olds, agreed);
            const after = await plan(of, olds, hidden.reduce(hide, structuredClone(agreed)));
            const buys = (line: string) => /BUYS|COST/.test(line);
            if (!before.lines.some(buys)) assert.deepEqual(after.lines.filter(buys), []);
          },
        ),
      );
      for (const answer of [true, false]) assert.ok((seen.get(answer) ?? 0) > 100, [...seen].join());
    });
  });
}

function hide(inputs: Props, [at, depth, sentinel]: [number, number, string]): Props {
  let parent: Any = inputs;
  let key = "";
  let node: Any = inputs;
  for (let step = 0; step <= depth; step++) {
    const keys =
      typeof node === "object" && node !== null ? Object.keys(node).filter((key) => !key.startsWith("__")) : [];
    if (keys.length === 0) break;
    parent = node;
    key = keys[at % keys.length]!;
    node = parent[key];
  }
  if (key !== "") parent[key] = sentinel;
  return inputs;
}

function defined(props: object): Props {
  return JSON.parse(JSON.stringify(props));
}
