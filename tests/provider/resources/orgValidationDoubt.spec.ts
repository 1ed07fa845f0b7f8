import assert from "node:assert/strict";
import { PartialStateError } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { details, gia } from "./organization";

/** An organization request has no key of its own: what was made is found again by looking. */
describe("a new organization", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.organization();
  });
  afterEach(() => stage.stop());

  const creations = () => stage.calls("POST", /^POST \/organization$/).length;
  const epigynes = async () =>
    (await stage.control.dump()).certcentral.organizations.filter(({ name }) => name.startsWith("Epigyne"));
  const lose = (kind: "reset-after-commit" | "truncated" | "reset-before") =>
    stage.control.fault({ match: { method: "POST", path: "^/organization$" }, kind });
  /** From now on the list stays as it is, whatever is made. */
  const freezeList = async () => {
    const list = await stage.scene.ok(200, "GET", "/organization?include_validation=true");
    await stage.control.fault({
      match: { method: "GET", path: "^/organization\\?" },
      kind: "status",
      status: 200,
      body: JSON.stringify(list),
      times: 0,
    });
  };
  const twin = {
    organization_contact: {
      first_name: "Gia",
      last_name: "Booth",
      email: gia.email,
      job_title: gia.jobTitle,
      telephone: gia.telephone,
    },
  };

  it("in doubt is neither made again nor forgotten with a key that does not see it: that of another division", async () => {
    const program = details({ onDelete: "delete" });
    await lose("reset-after-commit");
    await freezeList();
    await assert.rejects(stack.up(program), /in doubt/);
    await stage.control.clearFaults();
    await stage.advance({ minutes: 20 });
    const right = stage.settings;
    const containerIds = [await stage.control.addContainer("North")];
    stage.settings = { ...right, apiKey: (await stage.control.addKey({ containerIds })).apiKey };
    const [before, made] = [stack.stored, await epigynes()];
    for (const operation of [() => stack.up(program), () => stack.destroy()]) {
      assert.match((await failureOf(operation())).message, /may not see it.*Use a key of user \d+/);
      assert.deepEqual(stack.stored, before);
      assert.deepEqual(await epigynes(), made);
    }
    stage.settings = right;
    await stack.up(program);
    assert.equal((await epigynes()).length, 1);
    assert.equal(stack.outs.organizationId, made[0]!.id);
  });

  for (const skipDuplicateOrgCheck of [false, true]) {
    describe(skipDuplicateOrgCheck ? "beside one that matches (skipDuplicateOrgCheck)" : "where none matches", () => {
      const program = () => details({ skipDuplicateOrgCheck });
      /** Organizations of the name before anything was made. */
      let old: number[];
      beforeEach(async () => {
        old = skipDuplicateOrgCheck ? [await stage.control.addOrganization({ validated: ["ev"] })] : [];
      });
      const made = async () => (await epigynes()).map(({ id }) => id).filter((id) => !old.includes(id));

      for (const fault of ["reset-after-commit", "truncated"] as const) {
        it(`is found although the answer is lost: ${fault}`, async () => {
          await lose(fault);
          await stack.up(program());
          assert.deepEqual(await made(), [stack.outs.organizationId]);
          assert.equal(stack.stored?.id, String(stack.outs.organizationId));
          assert.equal(creations(), 1);
          assert.ok(stage.lines.some((line) => /answer to the new organization "Epigyne.*" was lost/.test(line)));
          assert.equal(await stack.preview(program()), "same");
        });
      }

      it("is found when DigiCert shows it only after a while", async () => {
        await lose("reset-after-commit");
        await freezeList();
        const sleep = stage.clock.sleep.bind(stage.clock);
        stage.clock.sleep = async (ms) => {
          await sleep(ms);
          if (stage.clock.slept.length === 4) await stage.control.clearFaults();
        };
        await stack.up(program());
        assert.deepEqual(await made(), [stack.outs.organizationId]);
        assert.equal(creations(), 1);
      });

      it("stays in doubt in the state when it does not show, and is taken by the next run", async () => {
        await lose("reset-after-commit");
        await freezeList();
        const before = stage.clock.now();
        const error = await failureOf(stack.up(program()));
        assert.ok(error instanceof PartialStateError);
        assert.match(
          error.message,
          /in doubt whether DigiCert made the organization "Epigyne.*again in 15 minutes.*organizationId/,
        );
        assert.ok(
          stage.clock.now() - before > 90_000 && stage.clock.now() - before < 150_000,
          "it looked for two minutes",
        );
        const { id } = stack.stored!;
        assert.ok(stack.outs.doubtSince);
        assert.equal("organizationId" in stack.outs, false);

        // Still not shown: a preview says so, a refresh keeps it, an up refuses to make another one.
        assert.equal(await stack.preview(program()), "update");
        assert.ok(
          stage.lines.some((line) => /in doubt whether DigiCert made the organization: looks again/.test(line)),
        );
        await stack.refresh();
        const again = await failureOf(stack.up(program()));
        assert.match(again.message, /still in doubt.*No other one is made before 20/);
        assert.equal(creations(), 1);

        await stage.control.clearFaults();
        await stack.up(program());
        assert.deepEqual(await made(), [stack.outs.organizationId]);
        assert.equal(creations(), 1);
        assert.equal(stack.stored!.id, id, "Pulumi keeps the id");
        assert.equal("doubtSince" in stack.outs, false);
        assert.equal(await stack.preview(program()), "same");
        await stack.refresh();
        assert.deepEqual(await made(), [stack.outs.organizationId]);
        await stack.up(details({ skipDuplicateOrgCheck, onDelete: "deactivate" }));
        await stack.destroy();
        assert.deepEqual(
          (await epigynes()).map(({ isActive }) => isActive),
          [...old.map(() => true), false],
        );
      });

      it("that never reached DigiCert is made once the doubt is over", async () => {
        await lose("reset-before");
        await failureOf(stack.up(program()));
        await failureOf(stack.up(program()));
        assert.equal(creations(), 1);
        await stage.advance({ minutes: 16 });
        await stack.up(program());
        assert.equal(creations(), 2);
        assert.deepEqual(await made(), [stack.outs.organizationId]);
      });

      it("is taken by the next run after a crash", async () => {
        await stack.up(program());
        const [id] = await made();
        stack.stored = undefined;
        await stage.forgetCalls();
        assert.equal(await stack.preview(program()), "create");
        assert.ok(stage.lines.some((line) => line.startsWith(`takes organization ${id} `)));
        await stack.up(program());
        assert.equal(stack.outs.organizationId, id);
        assert.equal(creations(), 0);
        assert.deepEqual(stage.writes(), [], "contact and submission are there too");
      });

      it("may be named by its number, which ends the doubt", async () => {
        await lose("reset-after-commit");
        await freezeList();
        await failureOf(stack.up(program()));
        const [id] = await made();
        const { validations, verifiedUsers } = program();
        await stack.up({ organizationId: id, validations, verifiedUsers });
        assert.equal(stack.outs.organizationId, id);
        assert.equal(creations(), 1);
      });
    });
  }

  describe("with skipDuplicateOrgCheck is made beside", () => {
    const program = () => details({ skipDuplicateOrgCheck: true });

    it("a twin that was validated, so no crash left it", async () => {
      await stage.control.addOrganization({ ...twin, validated: ["ev"] });
      await stack.up(program());
      assert.equal((await epigynes()).length, 2);
    });

    it("one that differs in a detail or the contact", async () => {
      await stage.control.addOrganization({ ...twin, zip: "1" });
      await stage.control.addOrganization();
      await stack.up(program());
      assert.equal((await epigynes()).length, 3);
    });

    it("a twin that a live resource holds", async () => {
      const lifecycle = stack.process();
      await stack.up(program());
      const { id, outs } = stack.stored!;
      await lifecycle.diff(id, outs, { ...program(), __urn: stack.urn });
      const other = await lifecycle.create({ ...program(), __urn: "other" });
      assert.notEqual(other.id, id);
    });

    it("but not beside a twin that nobody validated: that one was left over", async () => {
      const id = await stage.control.addOrganization(twin);
      await stack.up(program());
      assert.equal(stack.outs.organizationId, id);
      assert.ok(
        stage.lines.some((line) => /was never validated, so an earlier run made it; nothing was created/.test(line)),
      );
    });
  });

  describe("in doubt, destroyed,", () => {
    const program = (onDelete?: string) => details(onDelete ? { onDelete } : {});
    const doubt = async (onDelete?: string) => {
      await lose("reset-after-commit");
      await freezeList();
      await failureOf(stack.up(program(onDelete)));
      await stage.forgetCalls();
    };

    it("is left alone without a call", async () => {
      await doubt();
      await stack.destroy();
      assert.deepEqual(stage.calls(), []);
    });

    it("is looked for when it has to go, and kept in the state as long as it may show", async () => {
      await doubt("deactivate");
      const error = await failureOf(stack.destroy());
      assert.equal(error.code, "organization_in_doubt");
      assert.ok(stack.stored);
      await stage.control.clearFaults();
      await stack.destroy();
      const [made] = await epigynes();
      assert.equal(made!.isActive, false);
    });

    it("goes from the state when it never showed", async () => {
      await doubt("delete");
      await stage.advance({ minutes: 16 });
      await stack.destroy();
      assert.equal(stack.stored, undefined);
      assert.deepEqual(stage.writes(), []);
    });
  });

  it("in doubt belongs to its account", async () => {
    await lose("reset-after-commit");
    await freezeList();
    await failureOf(stack.up(details()));
    stage.settings = { ...stage.settings, apiKey: (await stage.control.addAccount()).apiKey };
    await stage.forgetCalls();
    assert.equal((await failureOf(stack.up(details()))).code, "other_account");
    assert.deepEqual(stage.calls(), ["GET /user/me"]);
    assert.ok((stack.stored as Json).outs.doubtSince);
  });
});
