import assert from "node:assert/strict";
import { PartialStateError, type Props } from "../../../provider/lifecycle";
import { unknownValue } from "../../../provider/unknown";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { details, gia, users, validated } from "./organization";

describe("the organization of a validation", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.organization();
  });
  afterEach(() => stage.stop());

  const ev = (changes: Props = {}): Props => validated(stage.organizationId, changes);
  const submissions = () => stage.calls("POST", /^POST \/organization\/\d+\/validation$/).length;
  const organizations = async () => (await stage.control.dump()).certcentral.organizations;
  const vet = () => stage.control.vetOrganization(stage.organizationId, ["ev"]);

  describe("that is given by its details", () => {
    it("makes it if there is none", async () => {
      await stack.up(details({ assumedName: "Epigyne", technicalContact: gia, contacts: contacts() }));
      const made = (await organizations()).find(({ name }) => name === "Epigyne Unwieldiness llc")!;
      assert.equal(stack.outs.organizationId, made.id);
      assert.equal(stack.stored?.id, String(made.id));
      assert.equal(made.assumedName, "Epigyne");
      assert.equal(made.organizationContact!.first_name, "Gia");
      assert.equal(made.technicalContact!.first_name, "Gia");
      assert.equal(made.verifiedContacts[0]!.first_name, "Ada");
      assert.equal(submissions(), 1);
      assert.equal(await stack.preview(details({ assumedName: "Epigyne", technicalContact: gia })), "same");
    });

    const contacts = () => [{ contactType: "verified_contact", ...users[0] }];

    it("takes the oldest that matches by name and country, and makes none", async () => {
      const ids: number[] = [];
      for (const name of ["EPIGYNE Unwieldiness LLC", "Epigyne Unwieldiness llc"]) {
        ids.push(await stage.control.addOrganization({ name, validated: ["ev"] }));
      }
      await stage.control.addOrganization({ name: "Epigyne Unwieldiness llc", country: "ca" });
      const before = (await organizations()).length;
      await stack.up(details());
      assert.equal(stack.outs.organizationId, ids[0]);
      assert.equal((await organizations()).length, before);
      assert.ok(stage.lines.some((line) => line.includes(`organization ${ids[0]} of the account is taken`)));
      assert.equal(submissions(), 0);
    });

    it("does not take one that is inactive, or that only contains the name", async () => {
      const inactive = await stage.control.addOrganization();
      await stage.scene.ok(204, "PUT", `/organization/${inactive}/deactivate`);
      await stage.control.addOrganization({ name: "Epigyne Unwieldiness llc Holding" });
      await stack.up(details());
      assert.equal(stage.calls("POST", /^POST \/organization$/).length, 1);
    });

    it("puts the declared contact on the one it takes", async () => {
      const id = await stage.control.addOrganization({ validated: ["ev"] });
      await stack.up(details({ organizationContact: { ...gia, firstName: "Grace" } }));
      const taken = (await organizations()).find((organization) => organization.id === id)!;
      assert.equal(taken.organizationContact!.first_name, "Grace");
    });

    it("makes another one only when told", async () => {
      const id = await stage.control.addOrganization();
      await stack.up(details({ skipDuplicateOrgCheck: true }));
      assert.notEqual(stack.outs.organizationId, id);
    });

    it("is kept in the state when what follows fails, and goes on from there", async () => {
      await stage.control.fault({ match: { method: "POST", path: "/validation$" }, kind: "status", status: 400 });
      const error = await failureOf(stack.up(details()));
      assert.ok(error instanceof PartialStateError);
      const made = (await organizations()).at(-1)!;
      assert.equal(stack.stored?.id, String(made.id));
      assert.equal(stack.outs.valid, false);
      await stack.refresh();
      assert.equal(stack.outs.valid, false, "nothing is valid that DigiCert does not list");
      await stack.up(details());
      assert.equal(stack.outs.organizationId, made.id);
      assert.equal(stack.outs.validationDetails[0].status, "pending");
    });

    it("may be given by its id from then on", async () => {
      await stack.up(details());
      const byId = { organizationId: stack.outs.organizationId, validations: ["ev"], verifiedUsers: users };
      assert.equal(await stack.preview(byId), "same");
    });
  });

  describe("whose contact is edited", () => {
    it("is done in place, and nothing else", async () => {
      await vet();
      await stack.up(ev({ organizationContact: gia }));
      await stage.forgetCalls();
      const edited = ev({ organizationContact: { ...gia, firstName: "Grace", telephoneExtension: "7" } });
      assert.equal(await stack.preview(edited), "update");
      await stack.up(edited);
      assert.deepEqual(stage.writes(), [`PUT /organization/${stage.organizationId}/contact`]);
      const contact = (await organizations())[0]!.organizationContact!;
      assert.equal(contact.first_name, "Grace");
      assert.equal(contact.telephone_extension, "7");
      assert.equal(await stack.preview(edited), "same");
    });

    it("writes only the one that changed; taking it away changes nothing", async () => {
      await vet();
      await stack.up(ev({ organizationContact: gia, technicalContact: gia }));
      await stage.forgetCalls();
      await stack.up(ev({ organizationContact: gia, technicalContact: { ...gia, firstName: "Grace" } }));
      const { request } = stage.scene.simulator.journal.find(({ write }) => write) as Json;
      assert.deepEqual(
        request.contacts.map(({ contact_type }: Json) => contact_type),
        ["technical_contact"],
      );
      assert.equal(await stack.preview(ev()), "same");
    });

    it("is not planned while it is not known", async () => {
      await vet();
      await stack.up(ev({ organizationContact: gia }));
      for (const organizationContact of [unknownValue, { ...gia, email: unknownValue }]) {
        assert.equal(await stack.preview(ev({ organizationContact })), "same");
      }
    });
  });
});
