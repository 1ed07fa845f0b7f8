import assert from "node:assert/strict";
import { orderChanges } from "../../../provider/order/changes";
import { cmcOrderInputs } from "../../../provider/resources/cmcOrder";
import { vmcOrderInputs } from "../../../provider/resources/vmcOrder";
import { unknownValue } from "../../../provider/unknown";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";

describe("the table of changes", () => {
  it("has exactly one row for each input of an order", () => {
    const inputs = new Set([...Object.keys(vmcOrderInputs.shape), ...Object.keys(cmcOrderInputs.shape)]);
    const rows = Object.values(orderChanges).flatMap(({ inputs }) => inputs);
    const tops = rows.map((path) => path.split(".")[0]!);
    assert.deepEqual(
      [...inputs].filter((input) => !tops.includes(input)),
      [],
    );
    assert.deepEqual(
      tops.filter((input) => !inputs.has(input)),
      [],
    );
    assert.equal(new Set(rows).size, rows.length);
  });
});

describe("a changed input of a placed order", () => {
  let stage: Stage;
  let stack: Stack;
  let program: Json;
  before(async () => {
    stage = await Stage.start();
    stage.writeLogo(svg("Another"), "another.svg");
    stack = stage.vmc();
    program = stage.inputs({ dnsNames: ["example.com", "example.net"], years: 1, organization: contactsOf("Ada") });
    await stack.up(program);
  });
  after(() => stage.stop());
  beforeEach(async () => {
    await stage.forgetCalls();
    stage.lines.length = 0;
  });
  afterEach(() => assert.deepEqual(stage.writes(), []));

  const contactsOf = (firstName: string) => ({
    id: stage.organizationId,
    contacts: [
      {
        contactType: "verified_contact",
        firstName,
        lastName: "Byron",
        jobTitle: "CMO",
        telephone: "801-555-0100",
        email: "ada@example.com",
      },
    ],
  });

  describe("that this version cannot change is refused by name, and nothing is done", () => {
    const person = { firstName: "Ada", lastName: "Byron", email: "ada@example.com" };
    const refused: [string, Json][] = [
      ["dnsNames", { dnsNames: ["example.com"] }],
      ["dnsNames", { dnsNames: ["example.com", "example.net", "example.org"] }],
      ["organization", { organization: { id: 4711 } }],
      ["logo", { logo: "another.svg" }],
      ["logo", { logo: undefined, trademark: undefined }],
      ["trademark", { trademark: { countryCode: "us", registrationNumber: "Z" } }],
      ["trademark", { trademark: undefined }],
      ["enableHosting", { enableHosting: true }],
      ["dcvMethod", { dcvMethod: "dns-cname-token" }],
      ["dcvMethod", { dcvMethod: undefined }],
      ["organizationContact", { organizationContact: person }],
      ["technicalContact", { technicalContact: person }],
      ["customFields", { customFields: [{ metadataId: 1, value: "x" }] }],
      ["adoptOrderId", { adoptOrderId: 4711 }],
    ];
    for (const [input, change] of refused) {
      it(`${input}: ${JSON.stringify(change)}`, async () => {
        const before = stack.stored;
        for (const step of [
          () => stack.preview({ ...program, ...change }),
          () => stack.up({ ...program, ...change }),
        ]) {
          const error = await failureOf(step());
          assert.equal(error.code, "change_refused");
          assert.match(error.message, new RegExp(`cannot change [^.]*\\b${input}\\b`));
          assert.match(error.message, /Nothing was changed\. Put (it|them) back/);
          assert.ok(error.message.includes(String(stack.outs.orderId)));
        }
        assert.deepEqual(stack.stored, before);
      });
    }

    it("several at once: all are named", async () => {
      const error = await failureOf(stack.preview({ ...program, enableHosting: true, dnsNames: ["example.com"] }));
      assert.match(error.message, /dnsNames, enableHosting/);
    });
  });

  describe("that holds for the next order is said, and changes nothing", () => {
    const later: [string, () => Json][] = [
      ["organization.contacts", () => ({ organization: contactsOf("Grace") })],
      ["organization.contacts", () => ({ organization: { id: stage.organizationId } })],
      ["years", () => ({ years: 2 })],
      ["renewalOfOrderId", () => ({ renewalOfOrderId: 4711 })],
      ["paymentMethod", () => ({ paymentMethod: "balance" })],
      ["vatNumber", () => ({ vatNumber: "GB1" })],
      ["skipApproval", () => ({ skipApproval: false })],
      ["comments", () => ({ comments: "again" })],
      ["locale", () => ({ locale: "de" })],
      ["containerId", () => ({ containerId: 4711 })],
      ["additionalEmails", () => ({ additionalEmails: ["brand@example.com"] })],
      ["autoRenew", () => ({ autoRenew: true })],
      ["alternativeOrderId", () => ({ alternativeOrderId: "Other" })],
    ];
    for (const [input, change] of later) {
      it(input, async () => {
        assert.equal(await stack.preview({ ...program, ...change() }), "same");
        const said = stage.lines.filter((line) => line.includes("holds for the next order"));
        assert.equal(said.length, 1);
        assert.match(said[0]!, new RegExp(`order ${stack.outs.orderId}: the change of [^:]*\\b${input}\\b`));
      });
    }
  });

  describe("that means the same is none", () => {
    const same: [string, () => Json][] = [
      [
        "order, case, repetition and trailing dot of names",
        () => ({ dnsNames: ["example.NET.", "Example.com", "example.net"] }),
      ],
      ["hosting that stays off", () => ({ enableHosting: false })],
      ["the order of properties", () => ({ trademark: { registrationNumber: "A1234-B1234", countryCode: "us" } })],
      ["another spelling of the logo's path", () => ({ logo: "./logo.svg" })],
      ["the logo's absolute path", () => ({ logo: `${stage.projectDir}/logo.svg` })],
      ["the logo itself in place of its path", () => ({ logo: svg().toString() })],
      [
        "a trademark office in upper case",
        () => ({ trademark: { countryCode: "US", registrationNumber: "A1234-B1234" } }),
      ],
      ["adoption of the very order", () => ({ adoptOrderId: stack.outs.orderId })],
    ];
    for (const [what, change] of same) {
      it(what, async () => {
        assert.equal(await stack.preview({ ...program, ...change() }), "same");
        assert.deepEqual(stage.lines, []);
      });
    }

    it("the logo moved to another file", async () => {
      stage.writeLogo(svg(), "moved.svg");
      assert.equal(await stack.preview({ ...program, logo: "moved.svg" }), "same");
    });

    it("the defaults of years and approval", async () => {
      const plain = stage.vmc("plain");
      await plain.up(stage.inputs());
      await stage.forgetCalls();
      stage.lines.length = 0;
      assert.equal(await plain.preview(stage.inputs({ years: 1, skipApproval: true })), "same");
      assert.deepEqual(stage.lines, []);
    });
  });

  describe("that a preview does not know counts as unchanged", () => {
    for (const path of [
      ["dnsNames"],
      ["dnsNames", "0"],
      ["organization"],
      ["organization", "id"],
      ["organization", "contacts"],
      ["organization", "contacts", "0", "email"],
      ["logo"],
      ["trademark"],
      ["trademark", "registrationNumber"],
      ["dcvMethod"],
      ["years"],
      ["comments"],
      ["enableHosting"],
      ["onDelete"],
      ["note"],
    ]) {
      it(path.join("."), async () => {
        const changed = structuredClone(program);
        let at = changed;
        for (const key of path.slice(0, -1)) at = at[key];
        at[path.at(-1)!] = unknownValue;
        assert.equal(await stack.preview(changed), "same");
        assert.deepEqual(stage.lines, []);
      });
    }
  });

  describe("that only this provider reads", () => {
    it("is an update without any call", async () => {
      const own = stage.vmc("own");
      await own.up(stage.inputs());
      await stage.issue(own.outs.orderId);
      await own.up(stage.inputs());
      await stage.forgetCalls();
      for (const settings of [{ onDelete: "retain" }, { onDelete: "retain", note: "for good" }, {}]) {
        const { onDelete: _, note: __, ...before } = own.outs;
        assert.equal(await own.up(stage.inputs(settings)), "update");
        const { onDelete, note, ...after } = own.outs;
        assert.deepEqual(after, before);
        assert.deepEqual({ onDelete, note }, { onDelete: undefined, note: undefined, ...settings });
        assert.equal(await own.preview(stage.inputs(settings)), "same");
      }
      assert.deepEqual(stage.calls(), []);
    });

    it("works without a key", async () => {
      const own = stage.vmc("keyless");
      await own.up(stage.inputs());
      const { settings } = stage;
      stage.settings = { baseUrl: settings.baseUrl! };
      await own.up(stage.inputs({ onDelete: "revoke" }));
      stage.settings = settings;
      await stage.forgetCalls();
      assert.equal(own.outs.onDelete, "revoke");
    });
  });
});
