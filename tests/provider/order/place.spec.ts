import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { failureOf, type Json, Stage, svg } from "../support";

describe("placing an order", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await Stage.start();
  });
  afterEach(() => stage.stop());

  const journalled = () => stage.scene.simulator.journal.find(({ method }) => method === "POST")!.request as Json;

  it("looks the id up, orders once and keeps what DigiCert answers", async () => {
    const stack = stage.vmc();
    assert.equal(await stack.up(stage.inputs()), "create");

    const [order, ...others] = await stage.placed();
    assert.deepEqual(others, []);
    assert.equal(order.alternativeOrderId, `${stack.reference}1`);
    assert.equal(stack.stored?.id, stack.reference);
    assert.deepEqual(stage.calls().slice(0, 4), [
      "GET /order/certificate",
      "GET /user/me",
      `GET /order/alternate/${stack.reference}1`,
      "POST /order/certificate/vmc_basic",
    ]);

    const { token } = (await stage.control.dump()).certcentral.domains[0]!;
    const { orderId, certificateId, status, organizationId, domains, dcvRecords, ...outs } = stack.outs;
    assert.deepEqual(
      { orderId, certificateId, status, organizationId },
      {
        orderId: order.id,
        certificateId: order.certificateId,
        status: "pending",
        organizationId: stage.organizationId,
      },
    );
    assert.equal(domains.length, 1);
    assert.equal(domains[0].dnsName, "example.com");
    assert.equal(domains[0].token, token!.value);
    assert.deepEqual(dcvRecords, [
      { domain: "example.com", name: "example.com", type: "TXT", content: token!.value, ttl: 300 },
    ]);
    assert.equal(outs.reference, stack.reference);
    assert.equal(outs.placedAlternativeOrderId, `${stack.reference}1`);
    assert.equal(outs.accountId, stage.scene.simulator.account.id);
    assert.equal(outs.origin, "loopback");
    assert.deepEqual(outs.history, []);
    assert.deepEqual(outs.requests, [{ id: order.requestIds[0], status: "approved" }]);
    assert.equal(outs.isRenewal, false);
  });

  it("sends the logo's exact bytes, and the names in canonical form without repetition", async () => {
    await stage.vmc().up(stage.inputs({ dnsNames: ["Example.COM.", "example.com", "bücher.example.com"], years: 1 }));
    const body = journalled();
    assert.deepEqual(body.certificate, { dns_names: ["example.com", "xn--bcher-kva.example.com"] });
    assert.deepEqual(gunzipSync(Buffer.from(body.vmc.logo, "base64")), svg());
    assert.equal(body.vmc.trademark_country_code, "us");
    assert.equal(body.skip_approval, true);
    assert.deepEqual(body.order_validity, { years: 1 });
  });

  it("sends every input under DigiCert's name", async () => {
    const { control } = stage;
    const containerId = await control.addContainer("brand");
    const metadataId = await control.addCustomField({ label: "Cost centre" });
    const { userId } = stage.scene.simulator.account;
    const person = { firstName: "Ada", lastName: "Byron", email: "ada@example.com", telephone: "801-555-0100" };
    const wirePerson = { first_name: "Ada", last_name: "Byron", email: "ada@example.com", telephone: "801-555-0100" };
    await stage.cmc().up({
      dnsNames: ["example.com", "mail.example.net"],
      organization: {
        id: stage.organizationId,
        contacts: [
          { contactType: "verified_contact", userId },
          { contactType: "ev_approver", ...person, jobTitle: "CMO" },
        ],
      },
      logo: "logo.svg",
      enableHosting: true,
      years: 3,
      dcvMethod: "email",
      dcvEmails: [{ dnsName: "mail.example.net", emailDomain: "example.net", email: "admin@example.net" }],
      skipApproval: true,
      paymentMethod: "balance",
      billingAddress: { address: "1 Main Street", city: "Lehi", state: "Utah", country: "us", zip: "84043" },
      vatNumber: "GB123456789",
      comments: "for the brand team",
      autoRenew: true,
      customRenewalMessage: "renew me",
      disableRenewalNotifications: true,
      additionalEmails: ["brand@example.com"],
      locale: "en",
      organizationContact: person,
      technicalContact: { ...person, jobTitle: "Engineer", telephoneExtension: "7" },
      containerId,
      customFields: [{ metadataId, value: "4711" }],
    });
    const { alternative_order_id: _, vmc, ...body } = journalled();
    assert.equal(vmc.enable_hosting, 1);
    assert.equal("trademark_country_code" in vmc, false);
    assert.deepEqual(body, {
      certificate: { dns_names: ["example.com", "mail.example.net"] },
      organization: {
        id: stage.organizationId,
        contacts: [
          { contact_type: "verified_contact", user_id: userId },
          { contact_type: "ev_approver", ...wirePerson, job_title: "CMO" },
        ],
      },
      order_validity: { years: 3 },
      dcv_method: "email",
      dcv_emails: [{ dns_name: "mail.example.net", email_domain: "example.net", email: "admin@example.net" }],
      skip_approval: true,
      payment_method: "balance",
      billing_address: { address: "1 Main Street", city: "Lehi", state: "Utah", country: "us", zip: "84043" },
      vat_number: "GB123456789",
      comments: "for the brand team",
      auto_renew: 1,
      custom_renewal_message: "renew me",
      disable_renewal_notifications: true,
      additional_emails: ["brand@example.com"],
      locale: "en",
      organization_contact: wirePerson,
      technical_contact: { ...wirePerson, job_title: "Engineer", telephone_extension: "7" },
      container: { id: containerId },
      custom_fields: [{ metadata_id: metadataId, value: "4711" }],
    });
  });

  it("creates the organization from its details", async () => {
    await stage.vmc().up(
      stage.inputs({
        organization: {
          name: "Epigyne Unwieldiness llc",
          assumedName: "Epigyne",
          country: "US",
          address: "932 Prospect Street",
          address2: "Floor 08",
          city: "Minneapolis",
          state: "Minnesota",
          zip: "40849",
          telephone: "666-186-6450",
          organizationContact: { firstName: "Gia", lastName: "Booth", email: "gia.booth@example.com" },
          skipDuplicateOrgCheck: true,
        },
      }),
    );
    const { organizations } = (await stage.control.dump()).certcentral;
    const made = organizations.find(({ name }) => name === "Epigyne Unwieldiness llc")!;
    assert.equal(made.assumedName, "Epigyne");
    assert.equal(made.country, "us");
    assert.equal((await stage.placed())[0].organizationId, made.id);
  });

  it("orders without a logo when it is to follow", async () => {
    const stack = stage.vmc();
    await stack.up(stage.inputs({ logo: undefined, trademark: undefined }));
    assert.equal((await stage.placed())[0].logoId, undefined);
    assert.equal("logoSha256" in stack.outs, false);
  });

  it("finds nothing to do in the next preview, and asks DigiCert nothing once the order is issued", async () => {
    const stack = stage.vmc();
    await stack.up(stage.inputs());
    assert.equal(await stack.preview(stage.inputs()), "same");

    await stage.issue(stack.outs.orderId);
    assert.equal(await stack.preview(stage.inputs()), "update");
    await stack.up(stage.inputs());
    assert.equal(stack.outs.status, "issued");
    assert.match(stack.outs.certificateValidTill, /^\d{4}-\d\d-\d\d$/);
    assert.match(stack.outs.orderValidTill, /^\d{4}-\d\d-\d\d$/);

    await stage.forgetCalls();
    assert.equal(await stack.preview(stage.inputs()), "same");
    assert.deepEqual(stage.calls(), []);
  });

  it("writes nothing in previews, from the first to the last", async () => {
    const stack = stage.vmc();
    const preview = async (program = stage.inputs()) => {
      await stage.forgetCalls();
      await stack.preview(program);
      assert.deepEqual(stage.writes(), []);
    };
    await preview();
    await stack.up(stage.inputs());
    await preview();
    await stage.advance({ days: 29 });
    await preview();
    await preview(stage.inputs({ onDelete: "retain" }));
    await stage.issue(stack.outs.orderId);
    await preview();
  });

  it("places one order for each resource", async () => {
    const [first, second, third] = [stage.vmc("one"), stage.vmc("two"), stage.cmc("one")];
    await first.up(stage.inputs());
    await second.up(stage.inputs({ dnsNames: ["example.net"] }));
    await third.up(stage.inputs({ trademark: undefined, years: 1 }));
    const ids = (await stage.placed()).map((order) => order.alternativeOrderId);
    assert.deepEqual(ids, [`${first.reference}1`, `${second.reference}1`, `${third.reference}1`]);
    assert.equal(new Set(ids).size, 3);
  });

  describe("under an alternativeOrderId of its own", () => {
    it("appends the counter, and keeps the reference as the Pulumi id", async () => {
      const stack = stage.vmc();
      await stack.up(stage.inputs({ alternativeOrderId: "AcmeLogo" }));
      assert.equal((await stage.placed())[0].alternativeOrderId, "AcmeLogo1");
      assert.equal(stack.stored?.id, stack.reference);
      assert.equal(stack.outs.reference, stack.reference);
      assert.equal(stack.outs.placedAlternativeOrderId, "AcmeLogo1");
    });

    it("counts on where the id is taken by a dead order", async () => {
      const gone = stage.vmc("first");
      await gone.up(stage.inputs({ alternativeOrderId: "AcmeLogo" }));
      await gone.destroy();
      const stack = stage.vmc("second");
      await stack.up(stage.inputs({ alternativeOrderId: "AcmeLogo" }));
      assert.equal(stack.outs.placedAlternativeOrderId, "AcmeLogo2");
    });

    it("finds the order that a crashed run placed before the input was set", async () => {
      const crashed = stage.vmc();
      await crashed.up(stage.inputs());
      const stack = stage.vmc();
      await stack.up(stage.inputs({ alternativeOrderId: "AcmeLogo" }));
      assert.equal(stack.outs.orderId, crashed.outs.orderId);
      assert.equal(stage.posts, 1);
    });
  });

  describe("where an order costs money", () => {
    it("is refused before any call until the stack may buy", async () => {
      stage.settings = { ...stage.settings, baseUrl: "https://www.digicert.example/services/v2" };
      const error = await failureOf(stage.vmc().up(stage.inputs()));
      assert.equal(error.code, "orders_not_allowed");
      assert.match(error.message, /pulumi config set bimi:allowOrders true/);
      assert.ok(!error.message.includes(stage.settings.apiKey!));
    });

    it("previews say so, once", async () => {
      stage.settings = { ...stage.settings, baseUrl: "https://www.digicert.example/services/v2" };
      await stage.vmc().preview(stage.inputs());
      assert.deepEqual(
        stage.lines.filter((line) => line.includes("would order, but")),
        [
          "would order, but this stack may not buy yet: run `pulumi config set bimi:allowOrders true` first. That BUYS a vmc_basic order for example.com; price unknown, typically over $1,000.",
        ],
      );
    });
  });

  it("needs no key to preview, and says what to set when it is to order", async () => {
    stage.settings = { baseUrl: stage.settings.baseUrl! };
    const stack = stage.vmc();
    assert.equal(await stack.preview(stage.inputs()), "create");
    const error = await failureOf(stack.up(stage.inputs()));
    assert.match(error.message, /pulumi config set --secret bimi:apiKey/);
    assert.match(error.message, /DIGICERT_API_KEY/);
    assert.deepEqual(stage.calls(), []);
    assert.equal(stack.stored, undefined);
  });

  it("never orders bytes that were not linted", async () => {
    const stack = stage.vmc();
    const lifecycle = stack.process();
    const inputs = await stack.check(lifecycle, stage.inputs());
    stage.writeLogo(svg("Another"));
    const error = await failureOf(lifecycle.create(inputs));
    assert.equal(error.code, "logo_changed");
    assert.match(error.message, /logo\.svg.*pulumi up/s);
    assert.equal(stage.posts, 0);
    assert.equal(readFileSync(path.join(stage.projectDir, "logo.svg")).equals(svg("Another")), true);
  });

  describe("that DigiCert refuses", () => {
    const refusals: [string, () => Promise<unknown>, Json, RegExp][] = [
      [
        "a product that is not enabled",
        () => stage.control.setProducts(["mark_certificate"]),
        {},
        /404 not_found\|product.*Product Settings/s,
      ],
      [
        "an organization of nobody",
        async () => {},
        { organization: { id: 4711 } },
        /404 not_found\|organization.*another account/s,
      ],
      [
        "a key that may only read",
        async () => {
          stage.settings = { ...stage.settings, apiKey: (await stage.control.addKey({ role: "view-only" })).apiKey };
        },
        {},
        /403 access_denied\|missing_permission.*administrator/s,
      ],
    ];
    for (const [what, arrange, changes, message] of refusals) {
      it(`names ${what}, the request and the remedy, and leaves the state as it was`, async () => {
        await arrange();
        const stack = stage.vmc();
        const error = await failureOf(stack.up(stage.inputs(changes)));
        assert.match(error.message, message);
        assert.match(
          error.message,
          /Request: POST http:\/\/127\.0\.0\.1:\d+\/services\/v2\/order\/certificate\/vmc_basic/,
        );
        assert.equal(stack.stored, undefined);
        assert.equal(stage.posts, 1);
        assert.deepEqual(await stage.placed(), []);
        // One look-up before the order and one after the refusal.
        assert.equal(stage.calls("GET", /\/order\/alternate\//).length, 2);
      });
    }

    it("names a wrong key without showing it", async () => {
      stage.settings = { ...stage.settings, apiKey: "WRONGKEY1234" };
      const error = await failureOf(stage.vmc().up(stage.inputs()));
      assert.match(error.message, /403 access_denied\|access_denied_invalid_key/);
      assert.match(error.message, /pulumi config set --secret bimi:apiKey/);
      assert.ok(!error.message.includes("WRONGKEY1234"));
      assert.equal(stage.posts, 0);
    });

    it("says why DigiCert refused even if it no longer answers the look-up", async () => {
      const match = { path: "^/order/alternate/" };
      await stage.faultOrder({ kind: "status", status: 400, code: "invalid_trademark" });
      await stage.control.fault({ match, kind: "delay", milliseconds: 0 });
      await stage.control.fault({ match, kind: "status", status: 500, times: 0 });
      const stack = stage.vmc();
      const error = await failureOf(stack.up(stage.inputs()));
      assert.match(error.message, /invalid_trademark/);
      assert.equal(stack.stored, undefined);
    });
  });
});
