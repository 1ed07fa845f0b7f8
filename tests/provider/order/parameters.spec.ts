import assert from "node:assert/strict";
import { type Json, Stage } from "../support";

const variable = "BIMI_TEST_PARAMETERS_CARD";
const card = {
  number: "4111 1111 1111 1111",
  expirationMonth: 11,
  expirationYear: 2031,
  cvv: 867,
  cardholderName: "Ada Byron",
};
const redacted = "[redacted]";

const person = {
  firstName: "Ada",
  lastName: "Byron",
  jobTitle: "CMO",
  email: "ada@example.com",
  telephone: "801-555-0100",
  telephoneExtension: "7",
};
const wirePerson = {
  first_name: "Ada",
  last_name: "Byron",
  job_title: "CMO",
  email: "ada@example.com",
  telephone: "801-555-0100",
  telephone_extension: "7",
};
const address = { address: "932 Prospect Street", address2: "Floor 08", city: "Minneapolis", state: "Minnesota" };
const { telephoneExtension: _, ...approver } = person;
const { telephone_extension: __, ...wireApprover } = wirePerson;
const email = { dnsName: "mail.example.net", emailDomain: "example.net", email: "admin@example.net" };
const wireEmail = { dns_name: "mail.example.net", email_domain: "example.net", email: "admin@example.net" };

for (const product of ["vmc", "cmc"] as const) {
  describe(`each parameter of a ${product.toUpperCase()} order`, () => {
    let stage: Stage;
    beforeEach(async () => {
      stage = await Stage.start({ switches: { renewalWindow: "always" } });
      process.env[variable] = JSON.stringify(card);
    });
    afterEach(async () => {
      delete process.env[variable];
      await stage.stop();
    });

    const trademark = product === "vmc" ? { countryCode: "us", registrationNumber: "A1234-B1234" } : undefined;
    const inputs = (changes: Json) => stage.inputs({ trademark, years: 1, ...changes });
    /** The body of the order request, without what the names, the logo and the reference decide. */
    const sent = () => {
      const [post] = stage.scene.simulator.journal.filter(({ method }) => method === "POST");
      assert.equal(post!.path, `/order/certificate/${product === "vmc" ? "vmc_basic" : "mark_certificate"}`);
      const { certificate, vmc, alternative_order_id, ...body } = post!.request as Json;
      assert.match(alternative_order_id, /^bimi[a-z0-9]{26}1$/);
      return body;
    };

    it("for a new organization, paid by card", async () => {
      const containerId = await stage.control.addContainer("brand");
      const metadataId = await stage.control.addCustomField({ label: "Cost centre" });
      const organization = { name: "Epigyne llc", ...address, country: "us", zip: "40849", telephone: "666-186-6450" };
      await stage[product]().up(
        inputs({
          dnsNames: ["example.com", "mail.example.net"],
          organization: {
            ...organization,
            assumedName: "Epigyne",
            containerId,
            organizationContact: person,
            contacts: [{ contactType: "verified_contact", ...approver }],
            skipDuplicateOrgCheck: true,
          },
          dcvMethod: "email",
          dcvEmails: [email],
          skipApproval: false,
          paymentMethod: "card",
          creditCard: { fromEnv: variable },
          billingAddress: { ...address, country: "us", zip: "40849" },
          vatNumber: "GB123456789",
          comments: "for the brand team",
          autoRenew: true,
          customRenewalMessage: "renew me",
          disableRenewalNotifications: true,
          additionalEmails: ["brand@example.com"],
          locale: "en",
          organizationContact: person,
          technicalContact: person,
          containerId,
          customFields: [{ metadataId, value: "4711" }],
        }),
      );
      assert.deepEqual(sent(), {
        organization: {
          ...organization,
          assumed_name: "Epigyne",
          container: { id: containerId },
          organization_contact: wirePerson,
          contacts: [{ contact_type: "verified_contact", ...wireApprover }],
          skip_duplicate_org_check: true,
        },
        order_validity: { years: 1 },
        dcv_method: "email",
        dcv_emails: [wireEmail],
        skip_approval: false,
        payment_method: "card",
        credit_card: {
          number: redacted,
          expiration_month: redacted,
          expiration_year: redacted,
          cvv: redacted,
          cardholder_name: redacted,
        },
        billing_address: { ...address, country: "us", zip: "40849" },
        vat_number: "GB123456789",
        comments: "for the brand team",
        auto_renew: 1,
        custom_renewal_message: "renew me",
        disable_renewal_notifications: true,
        additional_emails: ["brand@example.com"],
        locale: "en",
        organization_contact: wirePerson,
        technical_contact: wirePerson,
        container: { id: containerId },
        custom_fields: [{ metadata_id: metadataId, value: "4711" }],
      });
    });

    for (const by of ["order id", "thumbprint"] as const) {
      it(`for the renewal of an order, by its ${by}`, async () => {
        const previous = stage[product]();
        await previous.up(inputs({}));
        const { orderId } = previous.outs;
        await stage.issue(orderId);
        await stage.advance({ days: 330 });
        const { thumbprint } = (await stage.scene.info(orderId)).certificate;
        await stage.forgetCalls();

        const renewal = by === "thumbprint" ? { renewedThumbprint: thumbprint } : { renewalOfOrderId: orderId };
        await stage[product]("renewal").up(inputs(renewal));
        assert.deepEqual(sent(), {
          organization: { id: stage.organizationId },
          order_validity: { years: 1 },
          dcv_method: "dns-txt-token",
          skip_approval: true,
          ...(by === "thumbprint" ? { renewed_thumbprint: thumbprint } : { renewal_of_order_id: orderId }),
        });
      });
    }
  });
}
