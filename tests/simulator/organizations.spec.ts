import assert from "node:assert/strict";
import { type Json, Scene } from "./certcentral";
import { exercised } from "./exercised";

const DETAILS = {
  name: "Acme Inc",
  country: "us",
  address: "1 Main St",
  city: "Lehi",
  state: "Utah",
  zip: "84043",
  telephone: "801-555-1212",
  organization_contact: { first_name: "Ada", last_name: "Byron", email: "ada@example.com" },
};
const PERSON = { first_name: "John", last_name: "Smith", job_title: "CTO", telephone: "1", email: "j@example.com" };

describe("organizations", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene.stop());

  it("are created, read, listed, updated and deactivated", async () => {
    const { id } = await scene.ok(201, "POST", "/organization", DETAILS);
    const made = await scene.ok(200, "GET", `/organization/${id}`);
    assert.equal(made.name, "Acme Inc");
    assert.equal(made.status, "active");
    assert.equal(made.organization_contact.email, "ada@example.com");
    exercised("S1.createOrganization");
    const { organizations, page } = await scene.ok(200, "GET", "/organization?filters[search]=acme");
    assert.deepEqual([organizations.length, organizations[0].id, page.total], [1, id, 1]);
    exercised("S1.listOrganizations", "S0.listOrganizations");
    await scene.ok(204, "PUT", `/organization/${id}`, { telephone: "2", assumed_name: "Acme" });
    assert.equal((await scene.ok(200, "GET", `/organization/${id}`)).telephone, "2");
    await scene.ok(204, "PUT", `/organization/${id}/deactivate`);
    assert.equal((await scene.ok(200, "GET", `/organization/${id}`)).status, "inactive");
    const active = await scene.ok(200, "GET", "/organization?filters[status]=active");
    assert.ok(active.organizations.every((other: Json) => other.id !== id));
    await scene.ok(204, "DELETE", `/organization/${id}`);
    await scene.refused("404 not_found|organization", "GET", `/organization/${id}`);
    exercised("S0.deactivateOrganization");
  });

  it("are refused with a missing or unknown field, and when they exist", async () => {
    for (const name of Object.keys(DETAILS)) {
      const body = { ...DETAILS, [name]: undefined };
      await scene.refused(`400 missing_parameter|${name}`, "POST", "/organization", body);
    }
    await scene.refused("400 unknown_parameter|fax", "POST", "/organization", { ...DETAILS, fax: "1" });
    const { id } = await scene.ok(201, "POST", "/organization", DETAILS);
    await scene.refused("400 duplicate_organization", "POST", "/organization", DETAILS);
    await scene.ok(201, "POST", "/organization", { ...DETAILS, skip_duplicate_org_check: true });
    await scene.control.setSwitches({ duplicateOrganization: "existing" });
    assert.equal((await scene.ok(201, "POST", "/organization", DETAILS)).id, id);
  });

  it("replace their contacts by type", async () => {
    const { organizationId: id } = scene.simulator.account;
    const path = `/organization/${id}/contact`;
    const technical = { contact_type: "technical_contact", ...PERSON };
    await scene.refused("400 contact_type_duplicate", "PUT", path, { contacts: [technical, technical] });
    await scene.ok(204, "PUT", path, { contacts: [technical, { contact_type: "verified_contact", ...PERSON }] });
    const organization = await scene.ok(200, "GET", `/organization/${id}`);
    assert.equal(organization.technical_contact.job_title, "CTO");
    assert.equal(organization.verified_contacts[0].email, "j@example.com");
    assert.equal((await scene.ok(200, "GET", `/organization/${id}/approver`)).approvers.length, 1);
  });

  it("are validated by DigiCert's people, until the validation expires", async () => {
    const { organizationId: id } = scene.simulator.account;
    const path = `/organization/${id}/validation`;
    assert.deepEqual(await scene.ok(200, "GET", path), { validations: [] });
    const error = "400 missing_parameter|validations.0.verified_users";
    await scene.refused(error, "POST", path, { validations: [{ type: "ev" }] });
    await scene.refused("400 invalid_parameter|validations.0.type", "POST", path, { validations: [{ type: "vmc" }] });
    const body = { validations: [{ type: "ov" }, { type: "ev", verified_users: [PERSON] }] };
    await scene.ok(204, "POST", path, body);
    const { validations } = await scene.ok(200, "GET", path);
    assert.deepEqual(validations, [
      { type: "ov", name: "OV", description: "Normal Organization Validation", status: "pending" },
      {
        type: "ev",
        name: "EV",
        description: "Extended Organization Validation (EV)",
        status: "pending",
        verified_users: [{ id: validations[1].verified_users[0].id, first_name: "John", last_name: "Smith" }],
      },
    ]);
    exercised("S1.organizationValidation", "S1.validation.type", "S1.validation.name", "S1.validation.description");
    exercised("S1.validation.status", "S1.validation.verified_users");

    await scene.control.vetOrganization(id);
    const done = (await scene.ok(200, "GET", path)).validations;
    assert.deepEqual(
      done.map(({ status }: Json) => status),
      ["active", "active"],
    );
    assert.equal((Date.parse(done[1].validated_until) - Date.parse(done[1].date_created)) / 86_400_000, 397);
    await scene.ok(204, "POST", path, body);
    assert.equal((await scene.ok(200, "GET", path)).validations[1].status, "active", "stays valid meanwhile");
    await scene.control.advance({ days: 380 });
    await scene.control.vetOrganization(id);
    await scene.control.advance({ days: 100 });
    assert.equal((await scene.ok(200, "GET", path)).validations[1].status, "active");
    await scene.control.expireOrganization(id);
    assert.equal((await scene.ok(200, "GET", path)).validations[1].status, "expired");
  });

  it("take a user of the account as verified user, and nobody else's", async () => {
    const { organizationId, userId } = scene.simulator.account;
    const path = `/organization/${organizationId}/validation`;
    const ask = (id: number) => ({ validations: [{ type: "ev", verified_users: [{ id }] }] });
    await scene.ok(204, "POST", path, ask(userId));
    assert.equal((await scene.ok(200, "GET", path)).validations[0].verified_users[0].first_name, "John");
    const other = await scene.control.addAccount();
    await scene.refused("400 invalid_parameter|validations.verified_users.id", "POST", path, ask(other.userId));
  });

  it("are not deleted while an order names them, nor if they are the account's first", async () => {
    await scene.refused("400 organization_in_use", "DELETE", `/organization/${scene.simulator.account.organizationId}`);
    const id = await scene.control.addOrganization({ name: "Second", validated: ["ev"] });
    const order = await scene.vmc({ organization: { id } });
    await scene.refused("400 organization_in_use", "DELETE", `/organization/${id}`);
    await scene.control.setSwitches({ deactivateUsedOrganization: "refused" });
    await scene.refused("400 organization_in_use", "PUT", `/organization/${id}/deactivate`);
    await scene.ok(204, "PUT", `/order/certificate/${order.id}/status`, { status: "CANCELED", note: "x" });
    await scene.ok(204, "PUT", `/organization/${id}/deactivate`);
  });
});
