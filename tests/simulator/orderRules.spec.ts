import assert from "node:assert/strict";
import { encoded, type Json, Scene, trademark } from "./certcentral";
import { exercised } from "./exercised";

const DETAILS = {
  name: "Epigyne Unwieldiness llc",
  assumed_name: "Epigyne Unwieldiness",
  country: "us",
  address: "932 Prospect Street",
  address2: "Floor 08",
  city: "Minneapolis",
  state: "Minnesota",
  zip: "40849",
  telephone: "666-186-6450",
  organization_contact: {
    first_name: "Gia",
    last_name: "Booth",
    job_title: "Clinical Laboratory Technician",
    email: "gia.booth@example.com",
    telephone: "666-186-6450",
    telephone_extension: "736",
  },
};
const APPROVER = {
  contact_type: "ev_approver",
  first_name: "First",
  last_name: "Last",
  telephone: "123-456-7890",
  job_title: "Project Manager",
  email: "first.last@example.com",
};

const LOGOS = { vmc: { logo: encoded(), ...trademark }, cmc: { logo: encoded() } };
const PATHS = { vmc: "/order/certificate/vmc_basic", cmc: "/order/certificate/mark_certificate" };

for (const product of ["vmc", "cmc"] as const) {
  describe(`rules of every order, for ${product.toUpperCase()}`, () => {
    const path = PATHS[product];
    let scene: Scene;
    beforeEach(async () => {
      scene = await Scene.start();
    });
    afterEach(() => scene.stop());

    const body = (changes: Json = {}) => scene.body({ vmc: LOGOS[product], ...changes });
    const place = (changes: Json = {}) => scene.ok(201, "POST", path, body(changes));
    /** The entries of the seed document that is about this product. */
    const record = (entries: { vmc?: string[]; cmc?: string[] }) => exercised(...(entries[product] ?? []));

    it("takes a contact by user id or with every field", async () => {
      const { userId, organizationId } = { ...scene.simulator.account };
      const contacts = (contact: Json) => body({ organization: { id: organizationId, contacts: [contact] } });
      await scene.ok(201, "POST", path, contacts({ contact_type: "verified_contact", user_id: userId }));
      const { verified_contacts } = await scene.ok(200, "GET", `/organization/${organizationId}`);
      assert.equal(verified_contacts[0].user_id, userId);
      record({ cmc: ["S0.param.organization.contacts", "S0.param.organization.contacts.user_id"] });
      for (const name of ["first_name", "last_name", "job_title", "telephone", "email"]) {
        const error = `400 missing_parameter|organization.contacts.0.${name}`;
        await scene.refused(error, "POST", path, contacts({ ...APPROVER, [name]: undefined }));
        record({
          vmc: [`S1.order.organization.contacts.${name}`],
          cmc: [`S0.param.organization.contacts.${name}`],
        });
      }
      const unknown = contacts({ ...APPROVER, contact_type: "boss" });
      await scene.refused("400 invalid_parameter|organization.contacts.0.contact_type", "POST", path, unknown);
      record({
        vmc: ["S1.order.organization.contacts.contact_type"],
        cmc: ["S0.param.organization.contacts.contact_type"],
      });
      const stranger = contacts({ contact_type: "verified_contact", user_id: 1 });
      await scene.refused("400 invalid_parameter|organization.contacts.user_id", "POST", path, stranger);
    });

    it("creates an organization from details, and takes a match instead", async () => {
      const organization = { ...DETAILS, contacts: [APPROVER], container: { id: scene.simulator.account.containerId } };
      const first = await scene.info((await place({ organization })).id);
      const made = await scene.ok(200, "GET", `/organization/${first.organization.id}`);
      for (const [name, value] of Object.entries(DETAILS)) {
        const answered = name === "organization_contact" ? { ...made[name], id: undefined } : made[name];
        assert.deepEqual(answered, name === "organization_contact" ? { ...(value as object), id: undefined } : value);
        record({ vmc: [`S1.order.organization.${name}`] });
      }
      for (const name of Object.keys(DETAILS.organization_contact)) {
        assert.ok(made.organization_contact[name]);
        record({ vmc: [`S1.order.organization.organization_contact.${name}`] });
      }
      assert.equal(made.container.id, organization.container.id);
      record({ vmc: ["S1.order.organization.container"] });

      const again = await scene.info((await place({ organization })).id);
      assert.equal(again.organization.id, first.organization.id);
      record({ vmc: ["S1.rule.oneMatch"], cmc: ["S0.rule.duplicateOrganization"] });
      const forced = { ...organization, skip_duplicate_org_check: true };
      const second = await scene.info((await place({ organization: forced })).id);
      assert.notEqual(second.organization.id, first.organization.id);
      record({
        vmc: ["S1.order.organization.skip_duplicate_org_check"],
        cmc: ["S0.param.organization.skip_duplicate_org_check"],
      });
      const oldest = await scene.info((await place({ organization })).id);
      assert.equal(oldest.organization.id, first.organization.id);
      record({ vmc: ["S1.rule.oldestMatch"] });

      for (const { id } of [first.organization, second.organization]) {
        await scene.ok(204, "PUT", `/organization/${id}/deactivate`);
        await scene.refused("400 organization_inactive", "POST", path, body({ organization: { id } }));
      }
      const fresh = await scene.info((await place({ organization })).id);
      assert.ok(![first.organization.id, second.organization.id].includes(fresh.organization.id));
      record({ vmc: ["S1.deactivateOrganization", "S1.rule.deactivatedNotAssigned"] });
    });

    it("needs the custom fields that the account requires", async () => {
      const id = await scene.control.addCustomField({ label: "Owner", is_required: true, data_type: "email_address" });
      await scene.refused("400 invalid_custom_field_value", "POST", path, body());
      const wrong = body({ custom_fields: [{ metadata_id: id, value: "nobody" }] });
      await scene.refused("400 invalid_custom_field_value", "POST", path, wrong);
      const order = await place({ custom_fields: [{ metadata_id: id, value: "a@example.com" }] });
      await scene.ok(204, "POST", `/order/certificate/${order.id}/custom-field`, {
        metadata_id: id,
        value: "b@example.com",
      });
      assert.deepEqual((await scene.info(order.id)).custom_fields, [{ metadata_id: id, value: "b@example.com" }]);
      record({ cmc: ["S0.rule.requiredCustomFields"] });
    });

    it("finds orders by alternative id, and takes the same id twice unless the account forbids it", async () => {
      const first = await place({ alternative_order_id: "bimi1" });
      const second = await place({ alternative_order_id: "bimi1" });
      assert.notEqual(second.id, first.id);
      const found = await scene.ok(200, "GET", "/order/alternate/bimi1");
      assert.deepEqual(found, {
        orders: [first, second].map(({ id, certificate_id }) => ({ order_id: id, certificate_id, status: "pending" })),
        page: { total: 2, limit: 1000, offset: 0 },
      });
      await scene.refused("404 not_found|order", "GET", "/order/alternate/bimi2");
      await scene.refused("404 not_found|order", "GET", "/order/certificate/bimi1");
      record({ cmc: ["S0.rule.alternativeIdNotOrderId"] });

      await scene.control.setSwitches({ uniqueAlternativeIds: true });
      const repeated = body({ alternative_order_id: "bimi1" });
      await scene.refused("400 alternative_order_id_already_exists", "POST", path, repeated);
      await place({ alternative_order_id: "bimi2" });
      await place();
      record({ cmc: ["S0.rule.uniqueAlternativeIds", "S0.rule.alternativeIdOptional"] });
    });

    it("places a renewal that names the order before, once, inside the window", async () => {
      const first = await place();
      const { certificate } = await scene.issue(first);
      const early = body({ renewal_of_order_id: first.id });
      await scene.refused("400 order_not_eligible_for_renewal", "POST", path, early);
      await scene.control.advance({ days: 310 });
      const renewal = await place({ renewed_thumbprint: certificate.thumbprint, comments: "again", locale: "en" });
      const info = await scene.info(renewal.id);
      assert.deepEqual([info.requests[0].comments, info.locale], ["again", "en"]);
      record({ vmc: ["S1.order.comments", "S1.order.locale"] });
      assert.equal(info.is_renewal, true);
      assert.equal(info.renewed_order_id, first.id);
      assert.notEqual(renewal.id, first.id);
      assert.notEqual(renewal.certificate_id, first.certificate_id);
      assert.equal((await scene.info(first.id)).is_renewed, true);
      record({
        vmc: ["S1.order.renewed_thumbprint", "S1.rule.renewalIsNewOrder"],
        cmc: ["S0.param.renewed_thumbprint"],
      });
      record({ vmc: ["S1.orderInfo.is_renewal", "S1.orderInfo.renewed_order_id"] });
      await scene.refused("400 order_renewed_already", "POST", path, early);

      await scene.ok(204, "PUT", `/order/certificate/${renewal.id}/status`, { status: "canceled", note: "not now" });
      const second = await place({ renewal_of_order_id: first.id });
      assert.equal((await scene.info(second.id)).renewed_order_id, first.id);
      record({ vmc: ["S1.order.renewal_of_order_id"], cmc: ["S0.param.renewal_of_order_id"] });
      await scene.refused("404 not_found|order", "POST", path, body({ renewed_thumbprint: "0".repeat(40) }));
      await scene.refused("404 not_found|order", "POST", path, body({ renewal_of_order_id: 1 }));
    });
  });
}
