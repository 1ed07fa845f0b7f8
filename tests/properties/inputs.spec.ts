import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { Context } from "../../provider/context";
import type { Failure, Lifecycle, Props } from "../../provider/lifecycle";
import { personalOrderInputs } from "../../provider/order/inputs";
import { orderLifecycle } from "../../provider/order/lifecycle";
import { cmcOrder, cmcOrderInputs } from "../../provider/resources/cmcOrder";
import { markCertificate, markCertificateInputs } from "../../provider/resources/markCertificate";
import { orgValidation, orgValidationInputs } from "../../provider/resources/orgValidation";
import { vmcOrder, vmcOrderInputs } from "../../provider/resources/vmcOrder";
import { svg } from "../simulator/certcentral";
import { type Any, assertLinear, assertReadable, canary, json, mutated, patience, plain } from "./support";

const projectDir = mkdtempSync(path.join(tmpdir(), "pulumi-bimi-inputs-"));
writeFileSync(path.join(projectDir, "logo.svg"), svg());

/** A preview without a key: it lints and plans, and whatever would call DigiCert throws. */
function contextOf(lines: string[]): Context {
  const log = (line: string) => void lines.push(line);
  return new Context({ settings: () => ({}), log: { info: log, warn: log }, projectDir });
}

const urn = "urn:pulumi:dev::acme::pulumi-nodejs:dynamic/bimi:X::logo";
const person = {
  firstName: canary,
  lastName: canary,
  email: `${canary}@example.com`,
  jobTitle: canary,
  telephone: canary,
};
const contact = { contactType: "verified_contact", ...person };
const details = {
  name: "Acme",
  country: "us",
  address: canary,
  address2: canary,
  city: "Lehi",
  state: "Utah",
  zip: "84043",
  telephone: canary,
  organizationContact: person,
};
const order = {
  dnsNames: ["example.com", "Mail.Example.com.", "bücher.example"],
  organization: { id: 112236, contacts: [{ contactType: "verified_contact", userId: 14 }, contact] },
  logo: "logo.svg",
  enableHosting: true,
  dcvMethod: "email",
  dcvEmails: [{ dnsName: "mail.example.com", emailDomain: "example.com", email: "admin@example.com" }],
  skipApproval: false,
  paymentMethod: "card",
  creditCard: { fromEnv: "CARD" },
  billingAddress: { address: canary, city: canary, country: "us", zip: canary },
  vatNumber: canary,
  comments: "hello",
  customRenewalMessage: "soon",
  disableRenewalNotifications: false,
  additionalEmails: [`${canary}@example.com`],
  locale: "en",
  renewalOfOrderId: 7,
  organizationContact: person,
  technicalContact: person,
  containerId: 5,
  customFields: [{ metadataId: 1, value: "x" }],
  alternativeOrderId: "acmeLogo",
  renewBefore: 30,
  reissueBefore: "never",
  reorderAfter: 9,
  onDelete: "retain",
  note: "bye",
  __reference: "bimi0123456789abcdefghijklmnop",
  __formerReferences: ["bimi0000000000abcdefghijklmnop"],
  __urn: urn,
};
const trademark = { countryCode: "us", registrationNumber: "A1234-B1234" };
const byDetails = { ...order, organization: { ...details, contacts: [contact] }, logo: svg().toString() };

const schemas: Record<
  string,
  { keys: string[]; personal: readonly string[]; valid: Props[]; of: (ctx: Context) => Lifecycle }
> = {
  VmcOrder: {
    keys: Object.keys(vmcOrderInputs.shape),
    personal: personalOrderInputs,
    valid: [
      { ...order, trademark, years: 1 },
      { ...byDetails, trademark },
      { ...order, adoptOrderId: 137 },
    ],
    of: (ctx) => orderLifecycle(vmcOrder, () => ctx),
  },
  CmcOrder: {
    keys: Object.keys(cmcOrderInputs.shape),
    personal: personalOrderInputs,
    valid: [
      { ...order, years: 3 },
      { ...byDetails, years: 1 },
    ],
    of: (ctx) => orderLifecycle(cmcOrder, () => ctx),
  },
  OrgValidation: {
    keys: Object.keys(orgValidationInputs.shape),
    personal: [
      "organizationContact",
      "technicalContact",
      "contacts",
      "verifiedUsers",
      "telephone",
      "address",
      "address2",
    ],
    valid: [
      {
        ...details,
        technicalContact: person,
        contacts: [contact],
        validations: ["ev", "ov"],
        verifiedUsers: [person],
        __urn: urn,
      },
      { organizationId: 112236, validations: ["ev"], verifiedUsers: [{ userId: 14 }], onDelete: "retain", __urn: urn },
    ],
    of: (ctx) => orgValidation(() => ctx),
  },
  MarkCertificate: {
    keys: Object.keys(markCertificateInputs.shape),
    personal: [],
    valid: [
      {
        order: {
          orderId: 137,
          product: "vmc_basic",
          dnsNames: ["example.com", "Bücher.example"],
          domainIds: [1, 2],
          certificateId: 5,
          logoSha256: "0".repeat(64),
          __logo: "0123456789abcdef",
        },
        logoUrl: "https://example.com/logo.svg",
        certificateUrl: "https://example.com/logo.pem",
        wait: "none",
        waitMinutes: 30,
        includeChain: true,
        __urn: urn,
      },
      { order: { orderId: 137, dnsNames: ["example.com"] } },
    ],
    of: (ctx) => markCertificate(() => ctx),
  },
};

function assertFailures(failures: Failure[], keys: readonly string[], personal: readonly string[]): void {
  assert.ok(failures.length <= 100, `${failures.length} failures`);
  for (const { property, reason } of failures) {
    assertReadable(reason);
    assert.ok(!reason.includes(canary), `a secret or personal value in: ${reason}`);
    // Pulumi prints the value of the property that a failure names.
    assert.ok(property === "" || (keys.includes(property) && !personal.includes(property)), `${property}: ${reason}`);
  }
}

after(() => rmSync(projectDir, { recursive: true, force: true }));

for (const [type, { keys, personal, valid, of }] of Object.entries(schemas)) {
  describe(`inputs of ${type}, generated`, function () {
    this.timeout(patience);

    it("takes those that the others are made of", async () => {
      for (const inputs of valid) assert.deepEqual((await of(contextOf([])).check({}, inputs)).failures, []);
    });

    it("are taken as plain JSON that is taken again, or refused with readable reasons that give nothing away", async () => {
      const given = fc.oneof(
        { weight: 6, arbitrary: mutated(valid).filter(isObject) },
        { weight: 1, arbitrary: json(keys).filter(isObject) },
      );
      let taken = 0;
      await fc.assert(
        fc.asyncProperty(given, async (news) => {
          const lines: string[] = [];
          const { inputs, failures } = await of(contextOf(lines)).check({}, news as Props);
          assertFailures(failures, keys, personal);
          for (const line of lines) {
            assertReadable(line);
            assert.ok(!line.includes(canary), line);
          }
          if (failures.length > 0) {
            assert.deepEqual((await of(contextOf([])).check({}, news as Props)).failures, failures);
            return;
          }
          taken++;
          assert.deepEqual(inputs, plain(inputs));
          const twice = await of(contextOf([])).check(inputs, inputs);
          assert.deepEqual(twice, { inputs, failures: [] });
        }),
      );
      assert.ok(taken > 500, `only ${taken} were taken`);
    });

    it("need no more than twice the time when there are twice as many, or they are twice as long", async () => {
      const bad: ((n: number) => Any)[] = [
        (n) => "a".repeat(20 * n),
        (n) => " ".repeat(20 * n),
        (n) => "-".repeat(20 * n),
        (n) => "a@".repeat(10 * n),
        (n) => "a.".repeat(10 * n),
        (n) => `https://${"[".repeat(20 * n)}`,
        (n) => `<${" ".repeat(20 * n)}`,
        (n) => Array.from({ length: n }, (_, at) => `a${at}.example.com`),
        (n) => Array.from({ length: n }, () => ({})),
        (n) => Object.fromEntries(Array.from({ length: n }, (_, at) => [`key${at}`, at])),
        (n) => Object.fromEntries([["k".repeat(20 * n), 1]]),
        (n) => Array.from({ length: n }, () => ({ dnsName: "example.com", email: "admin@example.com" })),
      ];
      const places = (base: Props): ((value: unknown) => Props)[] => [
        (value) => ({ ...base, ...(isObject(value) ? value : {}) }),
        ...keys.map((key) => (value: unknown) => ({ ...base, [key]: value })),
      ];
      for (const make of bad)
        for (const place of places(valid[0]!)) {
          const work = (n: number) => {
            const news = place(make(n));
            return () =>
              of(contextOf([]))
                .check({}, news)
                .catch(() => {});
          };
          await assertLinear(work, 2000);
        }
    });
  });
}

function isObject(value: unknown): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
