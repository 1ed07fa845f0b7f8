import assert from "node:assert/strict";
import { organizations } from "../../../provider/certcentral";
import { errors, failure, ScriptedServer } from "./support";

describe("CertCentral organizations", () => {
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  const details = { name: "Example Corp.", country: "us", address: "1 Street", city: "Town", zip: "12345" };

  it("are created once, in DigiCert's spelling", async () => {
    server.script({ status: 201, json: { id: "143567" } });
    assert.deepEqual(await organizations.create(server.client(), details), { organizationId: 143567 });
    assert.deepEqual(JSON.parse(String(server.received[0]?.body)), details);
    for (const reply of [
      { status: 201, json: {} },
      { status: 201, text: "" },
      { status: 503, text: "" },
    ]) {
      server.script(reply);
      assert.equal((await failure(organizations.create(server.client(), details))).kind, "doubt");
      assert.deepEqual(server.calls, ["POST /organization"]);
    }
  });

  it("are read with everything DigiCert gives", async () => {
    server.script({
      json: {
        id: 5,
        status: "active",
        name: "Example Corp.",
        assumed_name: "",
        display_name: "Example Corp.",
        is_active: "1",
        address: "1 Street",
        zip: 12345,
        city: "Town",
        state: "Utah",
        country: "us",
        telephone: "555",
        container: { id: "3", name: "Main" },
        organization_contact: { id: 8, first_name: "Some", last_name: "One", telephone_extension: null },
        technical_contact: {},
        verified_contacts: {},
        ev_approvers: [{ id: 9, first_name: "An" }, {}],
      },
    });
    assert.deepEqual(await organizations.info(server.client(), 5), {
      organizationId: 5,
      status: "active",
      name: "Example Corp.",
      displayName: "Example Corp.",
      isActive: true,
      address: "1 Street",
      zip: "12345",
      city: "Town",
      state: "Utah",
      country: "us",
      telephone: "555",
      containerId: 3,
      organizationContact: { id: 8, firstName: "Some", lastName: "One" },
      verifiedContacts: [],
      evApprovers: [{ id: 9, firstName: "An" }],
      validations: [],
    });
  });

  it("are inactive when DigiCert says so in either way", async () => {
    const isActive = async (json: object) => {
      server.script({ json: { id: 5, ...json } });
      return (await organizations.info(server.client(), 5)).isActive;
    };
    assert.equal(await isActive({ is_active: "0", status: "active" }), false);
    assert.equal(await isActive({ status: "inactive" }), false);
    assert.equal(await isActive({ status: "pending" }), true);
  });

  it("are not read from an answer about another", async () => {
    for (const json of [{ id: 6 }, {}, { name: "x" }]) {
      server.script({ json });
      assert.equal((await failure(organizations.info(server.client(), 5))).code, "unexpected_answer");
    }
  });

  it("are listed with filters, with or without a page object", async () => {
    server.script({ json: { organizations: [{ id: 1, name: "A" }, { name: "no id" }, { id: "2", name: "B" }] } });
    const found = await organizations.list(server.client(), { search: "corp", status: "active", containerId: 3 });
    assert.deepEqual(
      found.map(({ organizationId, name }) => [organizationId, name]),
      [
        [1, "A"],
        [2, "B"],
      ],
    );
    assert.equal(server.received.length, 1);
    assert.deepEqual(Object.fromEntries(server.received[0]?.query ?? []), {
      include_validation: "true",
      container_id: "3",
      "filters[search]": "corp",
      "filters[status]": "active",
      offset: "0",
      limit: "1000",
    });
  });

  it("are changed, deactivated and deleted by calls that may be repeated", async () => {
    const client = server.client();
    const changes: [string, () => Promise<void>][] = [
      ["PUT /organization/5", () => organizations.update(client, 5, { telephone: "1" })],
      [
        "PUT /organization/5/contact",
        () => organizations.updateContacts(client, 5, [{ contact_type: "technical_contact" }]),
      ],
      ["PUT /organization/5/deactivate", () => organizations.deactivate(client, 5)],
      ["DELETE /organization/5", () => organizations.remove(client, 5)],
    ];
    for (const [call, change] of changes) {
      server.script({ status: 502, text: "" }, { status: 204 });
      await change();
      assert.deepEqual(server.calls, [call, call]);
    }
  });

  it("are told apart from a contact type named twice", async () => {
    server.script({ status: 400, json: errors("contact_type_duplicate") });
    const error = await failure(organizations.updateContacts(server.client(), 5, []));
    assert.match(error.message, /Name each contact type once/);
  });

  it("are submitted for validation once: each submission makes DigiCert phone people", async () => {
    const request = { validations: [{ type: "ev", verified_users: [{ id: 12 }] }] };
    server.script({ status: 204 });
    await organizations.submitValidation(server.client(), 5, request);
    assert.deepEqual(JSON.parse(String(server.received[0]?.body)), request);
    server.script({ status: 502, text: "" });
    assert.equal((await failure(organizations.submitValidation(server.client(), 5, request))).kind, "doubt");
    assert.deepEqual(server.calls, ["POST /organization/5/validation"]);
  });

  it("have validations, as the VMC guide shows them", async () => {
    server.script({
      json: {
        validations: [
          { type: "ov", name: "OV", description: "Normal Organization Validation", status: "pending" },
          {
            type: "ev",
            name: "EV",
            status: "active",
            date_created: "2026-01-01T00:00:00+00:00",
            validated_until: "2027-02-01T00:00:00+00:00",
            verified_users: [{ id: 12, first_name: "John", last_name: "Smith" }],
          },
        ],
      },
    });
    assert.deepEqual(await organizations.validation(server.client(), 5), [
      { type: "ov", name: "OV", status: "pending", verifiedUsers: [] },
      {
        type: "ev",
        name: "EV",
        status: "active",
        dateCreated: "2026-01-01T00:00:00Z",
        validatedUntil: "2027-02-01T00:00:00Z",
        verifiedUsers: [{ id: 12, firstName: "John", lastName: "Smith" }],
      },
    ]);
    server.script({ json: {} });
    assert.deepEqual(await organizations.validation(server.client(), 5), []);
  });
});
