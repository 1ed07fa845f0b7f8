import assert from "node:assert/strict";
import { PartialStateError, type Props } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { details, gia, users, validated } from "./organization";

/** Which organization a resource takes, what the first preview says of it, and which details are accepted later. */
describe("the organization that a validation takes", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.organization();
  });
  afterEach(() => stage.stop());

  const ev = (changes: Props = {}): Props => validated(stage.organizationId, changes);
  const said = (text: RegExp) => stage.lines.filter((line) => text.test(line)).length;
  const organizations = async () => (await stage.control.dump()).certcentral.organizations;
  const creations = () => stage.calls("POST", /^POST \/organization$/).length;

  describe("at its first preview, which only reads,", () => {
    afterEach(() => assert.deepEqual(stage.writes(), []));

    it("is not asked about, when it is given by its id", async () => {
      assert.equal(await stack.preview(ev()), "create");
      assert.deepEqual(stage.calls(), []);
    });

    it("is named, when the account has one that matches", async () => {
      const id = await stage.control.addOrganization({ validated: ["ev"] });
      assert.equal(await stack.preview(details()), "create");
      assert.deepEqual(stage.calls(), [
        "GET /organization",
        `GET /organization/${id}`,
        `GET /organization/${id}/validation`,
      ]);
      assert.equal(
        said(new RegExp(`^takes organization ${id} \\("Epigyne Unwieldiness llc", us\\), since it matches`)),
        1,
      );
      assert.equal(said(/submitted/), 0);
    });

    it("is called new, when none matches", async () => {
      assert.equal(await stack.preview(details()), "create");
      assert.deepEqual(stage.calls(), ["GET /organization"]);
      assert.deepEqual(stage.lines, [
        "creates an organization: none of the account has this name and country.",
        "the new organization: will be submitted for ev validation",
      ]);
    });

    it("is called another one, when skipDuplicateOrgCheck says so", async () => {
      const id = await stage.control.addOrganization({ validated: ["ev"] });
      await stack.preview(details({ skipDuplicateOrgCheck: true }));
      assert.equal(
        said(new RegExp(`^creates an organization: another one beside ${id} \\(skipDuplicateOrgCheck\\)`)),
        1,
      );
    });

    it("is compared with the inputs in every detail", async () => {
      await stage.control.addOrganization({
        address: "1 Main Street",
        city: "St. Paul",
        assumed_name: "Epigyne",
        telephone: "+1 (666) 186-6450",
        validated: ["ev"],
      });
      await stack.preview(details({ zip: "40850" }));
      const [warning] = stage.lines.filter((line) => /but not in all/.test(line));
      assert.ok(warning);
      assert.match(warning, /: assumedName is "Epigyne" at DigiCert and not set in the inputs; address differs; /);
      assert.match(warning, /; city is "St. Paul" at DigiCert and "Minneapolis" in the inputs; /);
      assert.match(
        warning,
        /; zip is "40849" at DigiCert and "40850" in the inputs; telephone differs\. It is taken as it is/,
      );
      assert.match(warning, /Correct the inputs, .*skipDuplicateOrgCheck: true/);
      assert.doesNotMatch(warning, /Main|Prospect|\b6450\b/, "personal values are not printed");
    });

    it("does not differ by its spelling", async () => {
      await stage.control.addOrganization({
        address: "932  PROSPECT street ",
        telephone: "(666) 186.6450",
        country: "US",
      });
      await stack.preview(details());
      assert.equal(said(/but not in all/), 0);
    });

    it("is an error when the key does not see it, by its number", async () => {
      const { organizationId } = await stage.control.addAccount();
      for (const id of [organizationId, 4711]) {
        const { message } = await failureOf(stack.up(ev({ organizationId: id })));
        assert.match(message, new RegExp(`does not see organization ${id} \\(404 not_found\\|organization\\)`));
        assert.match(message, /another account or division.*Use a key that sees it/);
      }
    });

    it("needs a key; without one nothing is said", async () => {
      stage.settings = { baseUrl: stage.settings.baseUrl! };
      assert.equal(await stack.preview(details()), "create");
      assert.deepEqual(stage.lines, []);
    });
  });

  describe("when it is inactive", () => {
    beforeEach(() => stage.scene.ok(204, "PUT", `/organization/${stage.organizationId}/deactivate`));

    it("is refused by its id, with the remedy", async () => {
      await stage.forgetCalls();
      const error = await failureOf(stack.up(ev()));
      assert.equal(error.code, "organization_inactive");
      assert.match(error.message, /organization \d+ \(".+"\) is inactive: .*Only DigiCert's support can reactivate it/);
      assert.deepEqual(stage.writes(), []);
    });

    it("is no match, even for the only one of its name", async () => {
      const { name, country } = (await organizations())[0]!;
      await stack.up(details({ name, country }));
      assert.equal(creations(), 1);
      assert.notEqual(stack.outs.organizationId, stage.organizationId);
    });
  });

  it("was deactivated later: a refresh shows it, previews warn, and only what needs a write fails", async () => {
    await stage.control.vetOrganization(stage.organizationId, ["ev"]);
    await stack.up(ev({ organizationContact: gia }));
    assert.equal(stack.outs.isActive, true);
    assert.equal(await stack.preview(ev({ organizationContact: gia })), "same");
    await stage.scene.ok(204, "PUT", `/organization/${stage.organizationId}/deactivate`);
    await stage.forgetCalls();
    await stack.refresh();
    assert.equal(stack.outs.isActive, false);
    assert.equal(stack.outs.valid, false);
    assert.equal(stack.outs.validationDetails[0].status, "active");
    assert.equal(await stack.preview(ev({ organizationContact: gia })), "same");
    assert.equal(said(/is inactive: .*Only DigiCert's support can reactivate/), 1);
    const error = await failureOf(stack.up(ev({ organizationContact: { ...gia, firstName: "Grace" } })));
    assert.equal(error.code, "organization_inactive");
    assert.deepEqual(stage.writes(), []);
    // Its validation ends, and cannot be submitted.
    await stage.advance({ days: 1000 });
    assert.equal(await stack.preview(ev({ organizationContact: gia })), "update");
    assert.equal(said(/will be submitted/), 0);
    assert.equal((await failureOf(stack.up(ev({ organizationContact: gia })))).code, "organization_inactive");
    assert.deepEqual(stage.writes(), []);
  });

  it("is taken once by two resources with the same details", async () => {
    const process = stage.context();
    const [first, second] = await Promise.all(
      ["one", "two"].map((name) =>
        stage
          .organization(name)
          .process(process)
          .create({ ...details(), __urn: name }),
      ),
    );
    assert.equal(creations(), 1);
    assert.equal(first!.id, second!.id);
  });

  it("is one for each of two resources that say skipDuplicateOrgCheck", async () => {
    const lifecycle = stack.process();
    const ids = await Promise.all(
      ["one", "two"].map(
        async (__urn) => (await lifecycle.create({ ...details({ skipDuplicateOrgCheck: true }), __urn })).id,
      ),
    );
    assert.equal(new Set(ids).size, 2);
  });

  it("is compared by the creation too, when the preview did not know the details", async () => {
    const id = await stage.control.addOrganization({ city: "St. Paul" });
    await stack.process().create(details());
    assert.equal(
      said(new RegExp(`^organization ${id} of the account is taken, since it matches .*nothing was created`)),
      1,
    );
    assert.equal(said(/city is "St. Paul" at DigiCert and "Minneapolis" in the inputs/), 1);
  });

  it("gets no further contacts, and says so", async () => {
    const contacts = [{ contactType: "verified_contact", ...users[0] }];
    await stack.up(ev({ contacts }));
    assert.equal(said(/contacts are given to a new organization only\. Add them to this one in CertCentral/), 1);
    assert.equal((await organizations())[0]!.verifiedContacts.length, 0);
  });

  describe("whose details change", () => {
    beforeEach(async () => {
      await stack.up(details());
      await stage.control.vetOrganization(stack.outs.organizationId, ["ev"]);
      await stage.advance({ hours: 2 });
      await stack.up(details());
      await stage.forgetCalls();
    });

    it("is refused at preview with what differs, and nothing is written", async () => {
      for (const [input, value, text] of [
        ["city", "St. Paul", /city is "Minneapolis" at DigiCert and "St. Paul" in the inputs/],
        ["name", "Other", /name is "Epigyne Unwieldiness llc" at DigiCert and "Other" in the inputs/],
        ["assumedName", "Epigyne", /assumedName is not set at DigiCert and "Epigyne"/],
        ["containerId", 93288, /containerId is \d+ at DigiCert and 93288/],
        ["telephone", "1", /telephone differs/],
      ] as const) {
        await stage.forgetCalls();
        const error = await failureOf(stack.preview(details({ [input]: value })));
        assert.equal(error.code, "change_refused", input);
        assert.match(error.message, text);
        assert.match(error.message, /Change them in CertCentral \(Organizations\) first/);
        assert.deepEqual(stage.calls(), ["GET /user/me", `GET /organization/${stack.outs.organizationId}`]);
        const { id, outs } = stack.stored!;
        const update = stack.process().update(id, outs, details({ [input]: value }));
        assert.equal((await failureOf(update)).code, "change_refused");
        assert.deepEqual(stage.writes(), []);
      }
    });

    it("follows what was changed in CertCentral: taken up once, without a write", async () => {
      const { organizationId } = stack.outs;
      await stage.scene.ok(204, "PUT", `/organization/${organizationId}`, { city: "St. Paul", zip: "55101" });
      await stage.forgetCalls();
      const moved = details({ city: "St. Paul", zip: "55101" });
      assert.equal(await stack.preview(moved), "update");
      assert.equal(said(/DigiCert has these details already; nothing is written/), 1);
      await stack.up(moved);
      assert.deepEqual(stage.writes(), []);
      await stage.forgetCalls();
      assert.equal(await stack.preview(moved), "same");
      assert.deepEqual(stage.calls(), []);
      assert.equal((await failureOf(stack.preview(details()))).code, "change_refused", "the old ones no longer hold");
    });

    it("are no change by their spelling alone", async () => {
      assert.equal(await stack.preview(details({ country: "US", address: "932 prospect  Street" })), "same");
      assert.deepEqual(stage.calls(), []);
    });

    it("need a key to be looked at; without one the update looks", async () => {
      const { apiKey, ...keyless } = stage.settings;
      stage.settings = keyless;
      assert.equal(await stack.preview(details({ city: "St. Paul" })), "update");
      assert.deepEqual(stage.calls(), []);
    });

    it("may be replaced by the id and come back", async () => {
      const { organizationId } = stack.outs;
      const byId = ev({ organizationId });
      assert.equal(await stack.preview(byId), "same");
      await stack.up({ ...byId, organizationContact: { ...gia, firstName: "Grace" } });
      assert.equal(await stack.preview(byId), "same");
      await stack.up(details({ organizationContact: { ...gia, firstName: "Grace" } }));
      assert.deepEqual(stage.writes(), [`PUT /organization/${organizationId}/contact`]);
      const other = await failureOf(stack.preview(ev()));
      assert.match(
        other.message,
        new RegExp(`holds organization ${organizationId}, and its organizationId cannot become`),
      );
    });
  });

  describe("whose contacts", () => {
    const contactWrites = () =>
      stage.scene.simulator.journal.filter(({ write, path }) => write && path.endsWith("/contact"));

    it("are written in one call that names each type once", async () => {
      await stage.control.vetOrganization(stage.organizationId, ["ev"]);
      await stack.up(
        ev({
          organizationContact: { ...gia, email: "acme@example.com" },
          technicalContact: { ...gia, email: "tech@example.com" },
        }),
      );
      const person = { first_name: "Gia", last_name: "Booth", job_title: "Brand Manager", telephone: "666-186-6450" };
      assert.deepEqual(
        contactWrites().map(({ method, path, request }) => ({ method, path, request })),
        [
          {
            method: "PUT",
            path: `/organization/${stage.organizationId}/contact`,
            request: {
              contacts: [
                { contact_type: "organization_contact", email: "acme@example.com", ...person },
                { contact_type: "technical_contact", email: "tech@example.com", ...person },
              ],
            },
          },
        ],
      );
    });

    it("agree already are not written", async () => {
      const { email, first_name: firstName, last_name: lastName } = (await organizations())[0]!.organizationContact!;
      await stage.control.vetOrganization(stage.organizationId, ["ev"]);
      await stack.up(ev({ organizationContact: { firstName, lastName, email } }));
      assert.deepEqual(stage.writes(), []);
    });

    it("could not be written are written by the next run", async () => {
      const fault = { match: { method: "PUT", path: "/contact$" }, kind: "status", status: 400, code: "bad" } as const;
      await stage.control.fault(fault);
      const error = await failureOf(stack.up(details({ technicalContact: gia })));
      assert.ok(error instanceof PartialStateError);
      await stack.up(details({ technicalContact: gia }));
      const made = (await organizations()).at(-1)!;
      assert.equal(made.technicalContact!.first_name, "Gia");
      assert.equal(creations(), 1);
    });

    it("of the kinds that DigiCert has once are inputs of their own", async () => {
      for (const [contactType, input] of [
        ["organization_contact", "organizationContact"],
        ["technical_contact", "technicalContact"],
      ] as const) {
        const { message } = await failureOf(stack.preview(details({ contacts: [{ contactType, ...users[0] }] })));
        assert.match(message, new RegExp(`^-: contacts\\[0\\]: give it as ${input}\\.`));
      }
      assert.deepEqual(stage.calls(), []);
    });
  });

  describe("where DigiCert behaves otherwise", () => {
    const unlisted = (times: number) =>
      stage.control.fault({
        match: { method: "GET", path: "^/organization\\?" },
        kind: "status",
        status: 200,
        body: "{}",
        times,
      });

    for (const duplicateOrganization of ["existing", "400 duplicate_organization"] as const) {
      it(`takes the match that the list showed too late: ${duplicateOrganization}`, async () => {
        await stage.control.setSwitches({ duplicateOrganization });
        const id = await stage.control.addOrganization({ validated: ["ev"] });
        await unlisted(2);
        await stack.up(details());
        assert.equal(creations(), 1);
        assert.equal(stack.outs.organizationId, id);
        assert.equal((await organizations()).filter(({ name }) => name.startsWith("Epigyne")).length, 1);
      });
    }

    it("says what to do about a duplicate that the list never shows", async () => {
      await stage.control.setSwitches({ duplicateOrganization: "400 duplicate_organization" });
      await stage.control.addOrganization();
      await unlisted(0);
      const error = await failureOf(stack.up(details()));
      assert.equal(error.code, "organization_exists");
      assert.match(
        error.message,
        /400 duplicate_organization.*Give the number of that one as organizationId, or set skipDup/,
      );
      assert.equal(stack.stored, undefined);
    });

    it("gives any other refusal as DigiCert says it, and keeps nothing", async () => {
      const error = await failureOf(stack.up(details({ containerId: 4711 })));
      assert.match(error.message, /404 not_found\|container/);
      assert.equal(stack.stored, undefined);
    });

    for (const switches of [
      { looseTypes: "strings" },
      { emptyLists: "emptyArray" },
      { emptyLists: "emptyObject" },
    ] as const) {
      it(`lives through ${JSON.stringify(switches)}`, async () => {
        await stage.control.setSwitches(switches);
        const program = details({ technicalContact: gia });
        await stack.up(program);
        const { organizationId } = stack.outs;
        assert.equal(typeof organizationId, "number");
        assert.equal(await stack.preview(program), "same");
        await stage.control.vetOrganization(organizationId, ["ev"]);
        await stage.advance({ hours: 2 });
        await stack.up(program);
        assert.equal(stack.outs.valid, true);
        await stack.refresh();
        assert.equal(stack.outs.isActive, true);
        assert.equal(await stack.preview(program), "same");
        const other = stage.organization("other");
        await other.up(details());
        assert.equal(other.outs.organizationId, organizationId);
        await stack.up(details({ technicalContact: gia, onDelete: "deactivate" }));
        await stack.destroy();
        assert.equal((await organizations()).find(({ id }) => id === organizationId)!.isActive, false);
      });
    }
  });

  it("keeps its request as documented", async () => {
    await stack.up(details({ address2: "Floor 08", country: "US", skipDuplicateOrgCheck: true }));
    const { request } = stage.scene.simulator.journal.find(({ method }) => method === "POST") as Json;
    assert.deepEqual(request, {
      name: "Epigyne Unwieldiness llc",
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
        email: "gia.booth@example.com",
        job_title: "Brand Manager",
        telephone: "666-186-6450",
      },
      skip_duplicate_org_check: true,
    });
  });
});
