import assert from "node:assert/strict";
import { orderChanges } from "../../../provider/order/changes";
import { unknownValue } from "../../../provider/unknown";
import { company } from "../resources/organization";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";
import { approver, person, personWire, registered, registeredWire, sha256 } from "./samples";

describe("a change of a placed order", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  const forget = async () => {
    stage.lines.length = 0;
    await stage.forgetCalls();
  };
  const issued = async (program: Json) => {
    await stack.upIssued(program);
    assert.equal(stack.outs.status, "issued");
  };

  describe("that means the same to DigiCert is none:", () => {
    const details = (changes: Json = {}) => ({ ...company, organizationContact: person, ...changes });
    const same: [what: string, before: () => Json, after: () => Json][] = [
      [
        "order, case, repetition and trailing dot of names",
        () => ({ dnsNames: ["example.com", "example.net"] }),
        () => ({ dnsNames: ["example.NET.", "Example.com", "example.net"] }),
      ],
      ["IDN form", () => ({ dnsNames: ["bücher.example"] }), () => ({ dnsNames: ["xn--bcher-kva.example"] })],
      ["IDN form back", () => ({ dnsNames: ["xn--bcher-kva.example"] }), () => ({ dnsNames: ["BÜCHER.example"] })],
      ["hosting that stays off", () => ({}), () => ({ enableHosting: false })],
      [
        "the order of properties",
        () => ({}),
        () => ({ trademark: { registrationNumber: "A1234-B1234", countryCode: "us" } }),
      ],
      ["a trademark office in upper case", () => ({}), () => ({ trademark: { ...registered, countryCode: "US" } })],
      ["another spelling of the logo's path", () => ({}), () => ({ logo: "./logo.svg" })],
      ["the logo's absolute path", () => ({}), () => ({ logo: `${stage.projectDir}/logo.svg` })],
      ["the logo's path alone", () => ({}), () => ({ logo: "moved.svg" })],
      ["the logo itself in place of its path", () => ({}), () => ({ logo: svg().toString() })],
      ["adoption of the very order", () => ({}), () => ({ adoptOrderId: stack.outs.orderId })],
      ["the default of years", () => ({}), () => ({ years: 1 })],
      ["the default of approval", () => ({}), () => ({ skipApproval: true })],
      ["the default of mails", () => ({}), () => ({ autoRenew: false, disableRenewalNotifications: false })],
      ["the default of the DCV method", () => ({ dcvMethod: undefined }), () => ({ dcvMethod: "email" })],
      [
        "spelling of the organization's details",
        () => ({ organization: details() }),
        () => ({
          organization: details({ name: "EPIGYNE Unwieldiness LLC ", country: "US", telephone: "+1 666 1866450" }),
        }),
      ],
      [
        "the id in place of the organization's details",
        () => ({ organization: details() }),
        () => ({ organization: { id: stack.outs.organizationId } }),
      ],
      [
        "details in place of the organization's id",
        () => ({ organization: { id: stage.organizationId } }),
        () => ({ organization: details() }),
      ],
    ];
    for (const phase of ["pending", "issued"] as const) {
      for (const [what, given, changed] of same) {
        it(`${what}, once ${phase}`, async () => {
          stage.writeLogo(svg(), "moved.svg");
          if (what.startsWith("details in place")) await ownDetails();
          const program = stage.inputs(given());
          await (phase === "issued" ? issued(program) : stack.up(program));
          await forget();
          const { outs } = stack;
          for (const step of [
            () => stack.preview({ ...program, ...changed() }),
            () => stack.up({ ...program, ...changed() }),
          ]) {
            assert.equal(await step(), "same");
          }
          assert.deepEqual(stage.lines, []);
          assert.deepEqual(stage.bodies(), []);
          assert.deepEqual(stack.outs, outs);
        });
      }
    }

    /** The organization that the order names has the details that the program gives. */
    async function ownDetails() {
      const id = await stage.control.addOrganization({ ...details(), organizationContact: undefined } as Json);
      Object.defineProperty(stage, "organizationId", { value: id });
    }

    it("other details are another organization", async () => {
      await stack.up(stage.inputs({ organization: details() }));
      await forget();
      await stack.up(stage.inputs({ organization: details({ city: "Duluth" }) }));
      assert.equal(stage.posts, 1);
      assert.equal(stack.outs.history.length, 1);
    });

    it("adoptOrderId removed", async () => {
      const { id } = await stage.scene.vmc();
      await stack.up(stage.inputs({ adoptOrderId: id }));
      await forget();
      assert.equal(await stack.up(stage.inputs()), "same");
      assert.equal(stack.outs.orderId, id);
      assert.deepEqual(stage.lines, []);
      assert.deepEqual(stage.bodies(), []);
    });
  });

  describe("that takes an input away that DigiCert keeps is none:", () => {
    const removed: [string, Json, Json?][] = [
      ["logo", {}, { trademark: undefined }],
      ["trademark", {}],
      ["organizationContact", { organizationContact: person }],
      ["technicalContact", { technicalContact: person }],
      ["customFields", {}],
    ];
    for (const [input, base, also] of removed) {
      it(input, async () => {
        if (input === "customFields") {
          const metadataId = await stage.control.addCustomField({ label: "cost center" });
          base.customFields = [{ metadataId, value: "x" }];
        }
        const program = stage.inputs(base);
        await stack.up(program);
        await forget();
        const { outs } = stack;
        assert.equal(await stack.up({ ...program, ...also, [input]: undefined }), "same");
        assert.deepEqual(stage.bodies(), []);
        assert.deepEqual(stage.lines, []);
        assert.deepEqual(stack.outs, outs);
      });
    }
  });

  describe("that holds for the next order is in its body:", () => {
    const next: [string, () => Promise<Json> | Json, (changes: Json) => Json][] = [
      [
        "approvers",
        () => ({ organization: { id: stage.organizationId, contacts: [approver] } }),
        () => ({
          organization: {
            id: stage.organizationId,
            contacts: [
              { contact_type: "verified_contact", ...personWire, job_title: "CMO", telephone: "801-555-0100" },
            ],
          },
        }),
      ],
      [
        "renewal",
        async () => {
          const { id, domains } = await stage.scene.vmc({ certificate: { dns_names: ["example.org"] } });
          await stage.control.approveDomain(domains[0].id);
          await stage.control.vet(id);
          await stage.control.setSwitches({ renewalWindow: "always" });
          return { renewalOfOrderId: id };
        },
        ({ renewalOfOrderId }) => ({ renewal_of_order_id: renewalOfOrderId }),
      ],
      ["validity", () => ({ years: 3 }), () => ({ order_validity: { years: 3 } })],
      [
        "payment",
        () => ({ paymentMethod: "profile", vatNumber: "GB1" }),
        () => ({ payment_method: "profile", vat_number: "GB1" }),
      ],
      ["approval", () => ({ skipApproval: false }), () => ({ skip_approval: false })],
      ["comments", () => ({ comments: "again" }), () => ({ comments: "again" })],
      ["locale", () => ({ locale: "de" }), () => ({ locale: "de" })],
      [
        "container",
        async () => ({ containerId: await stage.control.addContainer("Brand") }),
        ({ containerId }) => ({ container: { id: containerId } }),
      ],
      [
        "mails",
        () => ({
          additionalEmails: ["brand@example.com"],
          disableRenewalNotifications: true,
          customRenewalMessage: "soon",
          autoRenew: true,
        }),
        () => ({
          additional_emails: ["brand@example.com"],
          disable_renewal_notifications: true,
          custom_renewal_message: "soon",
          auto_renew: 1,
        }),
      ],
      ["alternativeOrderId", () => ({ alternativeOrderId: "Other" }), () => ({ alternative_order_id: "Other2" })],
    ];

    it("every row of the kind", () => {
      const rows = Object.entries(orderChanges).filter(
        ([, { effect }]) => effect === "nextOrder" || (typeof effect === "object" && effect.issued === "nextOrder"),
      );
      assert.deepEqual(
        next.map(([row]) => row),
        rows.map(([row]) => row),
      );
    });

    for (const [row, change, expected] of next) {
      it(row, async () => {
        await stack.up(stage.inputs());
        const changes = await change();
        await forget();
        assert.equal(await stack.up(stage.inputs(changes)), "same");
        assert.equal(stage.lines.filter((line) => /holds for the next order/.test(line)).length, 1);
        assert.deepEqual(stage.bodies(), []);

        const program = stage.inputs({ ...changes, dnsNames: ["example.com", "example.net"] });
        await stack.up(program);
        const [[call, sent]] = stage.bodies() as [[string, Json]];
        assert.equal(call, "POST /order/certificate/vmc_basic");
        assert.deepEqual(sent, {
          certificate: { dns_names: ["example.com", "example.net"] },
          vmc: { logo: svg().toString(), ...registeredWire },
          organization: { id: stage.organizationId },
          order_validity: { years: 1 },
          dcv_method: "dns-txt-token",
          skip_approval: true,
          alternative_order_id: `${stack.reference}2`,
          ...expected(changes),
        });
        await forget();
        assert.equal(await stack.preview(program), "same");
        assert.ok(!stage.lines.some((line) => /next order/.test(line)));
      });
    }
  });

  describe("that only this provider reads", () => {
    const ignoreRules = { "SVG-023": "the registered mark is no square" };
    const settings = { onDelete: "retain", note: "for good", renewBefore: 20, reissueBefore: "never", ignoreRules };
    it("is an update without a call of any kind, one after the other and away again", async () => {
      await issued(stage.inputs());
      await stage.forgetCalls();
      let given = {};
      for (const [name, value] of [...Object.entries(settings), ["none", undefined]]) {
        given = value === undefined ? {} : { ...given, [name as string]: value };
        const before = Object.fromEntries(Object.entries(stack.outs).filter(([output]) => !(output in settings)));
        assert.equal(await stack.preview(stage.inputs(given)), "update");
        assert.equal(await stack.up(stage.inputs(given)), "update");
        assert.deepEqual(stack.outs, { ...before, ...given });
        assert.equal(await stack.preview(stage.inputs(given)), "same");
      }
      assert.deepEqual(stage.calls(), []);
    });

    it("is written without a call for a pending order, too", async () => {
      await stack.up(stage.inputs());
      const process = stack.process();
      const inputs = await stack.check(process, stage.inputs(settings));
      await stage.forgetCalls();
      const { outs } = await process.update(stack.stored!.id, stack.stored!.outs, inputs);
      assert.deepEqual(outs, { ...stack.outs, ...settings });
      assert.deepEqual(stage.calls(), []);
    });

    it("works without a key", async () => {
      await stack.up(stage.inputs());
      stage.settings = { baseUrl: stage.settings.baseUrl! };
      await stage.forgetCalls();
      assert.equal(await stack.up(stage.inputs({ onDelete: "revoke" })), "update");
      assert.equal(stack.outs.onDelete, "revoke");
      assert.deepEqual(stage.calls(), []);
    });
  });

  describe("together with others:", () => {
    it("a successor carries what else would be written in place, which is not written", async () => {
      await stack.up(stage.inputs());
      const field = await stage.control.addCustomField({ label: "cost center" });
      const program = stage.inputs({
        dnsNames: ["example.com", "example.net"],
        logo: svg("New").toString(),
        trademark: { countryCode: "de", registrationNumber: "1" },
        enableHosting: true,
        organizationContact: person,
        customFields: [{ metadataId: field, value: "x" }],
        comments: "again",
        onDelete: "retain",
      });
      const first = stack.outs.orderId;
      await forget();
      assert.equal(await stack.preview(program), "update");
      assert.ok(!stage.lines.some((line) => /updates/.test(line)));
      await stack.up(program);
      assert.deepEqual(stage.bodies(), [
        [
          "POST /order/certificate/vmc_basic",
          {
            certificate: { dns_names: ["example.com", "example.net"] },
            vmc: {
              logo: svg("New").toString(),
              enable_hosting: 1,
              trademark_country_code: "de",
              trademark_registration_number: "1",
            },
            organization: { id: stage.organizationId },
            order_validity: { years: 1 },
            dcv_method: "dns-txt-token",
            skip_approval: true,
            comments: "again",
            organization_contact: personWire,
            custom_fields: [{ metadata_id: field, value: "x" }],
            alternative_order_id: `${stack.reference}2`,
          },
        ],
        [
          `PUT /order/certificate/${first}/status`,
          { status: "CANCELED", note: `Replaced by order ${stack.outs.orderId} (VmcOrder).` },
        ],
      ]);
      assert.equal(stack.outs.onDelete, "retain");
      assert.equal(stack.outs.logoSha256, sha256(svg("New").toString()));
      assert.equal(await stack.preview(program), "same");
    });

    it("a successor carries the names that a reissue would", async () => {
      await issued(stage.inputs());
      await forget();
      const program = stage.inputs({ dnsNames: ["example.com", "example.net"], logo: svg("New").toString() });
      assert.equal(await stack.preview(program), "update");
      assert.equal(stage.lines.filter((line) => /BUYS|reissues/.test(line)).length, 1);
      await stack.up(program);
      const [[call, sent], ...others] = stage.bodies() as [[string, Json], ...[string, Json][]];
      assert.equal(call, "POST /order/certificate/vmc_basic");
      assert.deepEqual(sent.certificate.dns_names, ["example.com", "example.net"]);
      assert.deepEqual(others, []);
      assert.equal(await stack.preview(program), "same");
    });

    it("a reissue and hosting are one update with two writes", async () => {
      await issued(stage.inputs());
      await forget();
      const program = stage.inputs({ dnsNames: ["example.com", "example.net"], enableHosting: true });
      assert.equal(await stack.preview(program), "update");
      assert.ok(stage.lines.some((line) => /updates enableHosting at DigiCert/.test(line)));
      await stack.up(program);
      const { orderId } = stack.outs;
      assert.deepEqual(stage.bodies(), [
        [
          `POST /order/certificate/${orderId}/reissue`,
          { certificate: { dns_names: ["example.com", "example.net"] }, skip_approval: true },
        ],
        [`PUT /order/certificate/${orderId}/vmc`, { enable_hosting: 1 }],
      ]);
      assert.equal(await stack.preview(program), "same");
    });

    it("what is written in place is written one after the other, each once", async () => {
      await stack.up(stage.inputs());
      const { orderId } = stack.outs;
      const [{ id: domainId }] = stack.outs.domains;
      await stage.forgetCalls();
      const program = stage.inputs({
        logo: svg("New").toString(),
        trademark: { countryCode: "de", registrationNumber: "1" },
        enableHosting: true,
        organizationContact: person,
        technicalContact: person,
        dcvMethod: "dns-cname-token",
      });
      await stack.up(program);
      assert.deepEqual(stage.bodies(), [
        [`POST /order/certificate/${orderId}/vmc/encoded-logo`, { logo: svg("New").toString() }],
        [`PUT /order/certificate/${orderId}/vmc`, { trademark_country_code: "de", trademark_registration_number: "1" }],
        [`PUT /order/certificate/${orderId}/vmc`, { enable_hosting: 1 }],
        [
          `PUT /order/certificate/${orderId}/contact`,
          {
            contacts: [
              { contact_type: "organization_contact", ...personWire },
              { contact_type: "technical_contact", ...personWire },
            ],
          },
        ],
        [`PUT /domain/${domainId}/dcv/method`, { dcv_method: "dns-cname-token" }],
      ]);
      assert.equal(await stack.preview(program), "same");
    });

    it("what failed in the middle is made up by the next up, and what was written is not written again", async () => {
      await stack.up(stage.inputs());
      const { orderId } = stack.outs;
      const program = stage.inputs({ logo: svg("New").toString(), enableHosting: true, technicalContact: person });
      await stage.control.fault({ match: { method: "PUT", path: "/contact$" }, kind: "status", status: 400 });
      const before = stack.stored;
      await failureOf(stack.up(program));
      assert.deepEqual(stack.stored, before);
      await stage.forgetCalls();
      assert.equal(await stack.up(program), "update");
      assert.deepEqual(stage.writes(), [`PUT /order/certificate/${orderId}/contact`]);
      assert.equal(stack.outs.logoSha256, sha256(svg("New").toString()));
      assert.equal(await stack.preview(program), "same");
    });

    it("a setting beside a written change is copied, too", async () => {
      await stack.up(stage.inputs());
      await stack.up(stage.inputs({ enableHosting: true, onDelete: "retain" }));
      assert.equal(stack.outs.onDelete, "retain");
    });
  });

  describe("that a preview does not know counts as unchanged:", () => {
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
        const program = stage.inputs({ years: 1, organization: { id: stage.organizationId, contacts: [approver] } });
        await stack.up(program);
        await forget();
        const changed = structuredClone(program) as Json;
        let at = changed;
        for (const key of path.slice(0, -1)) at = at[key];
        at[path.at(-1)!] = unknownValue;
        assert.equal(await stack.preview(changed), "same");
        assert.deepEqual(stage.lines, []);
        assert.deepEqual(stage.bodies(), []);
      });
    }
  });
});
