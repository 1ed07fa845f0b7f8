import assert from "node:assert/strict";
import { failureOf, type Stack, Stage } from "../support";
import { details, validated } from "./organization";

describe("destroying a validation whose organization", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.organization();
  });
  afterEach(() => stage.stop());

  const organization = async (id: number) =>
    (await stage.control.dump()).certcentral.organizations.find((one) => one.id === id);
  const up = async (onDelete: string) => {
    await stack.up(details({ onDelete }));
    await stage.forgetCalls();
    return stack.outs.organizationId as number;
  };

  it("is to be deactivated reads it and writes once", async () => {
    const id = await up("deactivate");
    await stack.destroy();
    assert.deepEqual(stage.calls(), ["GET /user/me", `GET /organization/${id}`, `PUT /organization/${id}/deactivate`]);
    assert.equal((await organization(id))!.isActive, false);
  });

  it("is inactive already succeeds without a write", async () => {
    const id = await up("deactivate");
    await stage.scene.ok(204, "PUT", `/organization/${id}/deactivate`);
    await stage.forgetCalls();
    await stack.destroy();
    assert.deepEqual(stage.writes(), []);
    assert.equal(stack.stored, undefined);
  });

  it("is to be deleted reads it and writes once, also when it is inactive", async () => {
    const id = await up("delete");
    await stage.scene.ok(204, "PUT", `/organization/${id}/deactivate`);
    await stage.forgetCalls();
    await stack.destroy();
    assert.deepEqual(stage.calls(), ["GET /user/me", `GET /organization/${id}`, `DELETE /organization/${id}`]);
    assert.equal(await organization(id), undefined);
  });

  for (const kind of ["reset-after-commit", "truncated"] as const) {
    for (const times of [1, 5]) {
      it(`was deleted although the answer was lost (${kind}, ${times}) succeeds`, async () => {
        const id = await up("delete");
        await stage.control.fault({ match: { method: "DELETE" }, kind, times });
        await stack.destroy();
        assert.equal(await organization(id), undefined);
        assert.equal(stack.stored, undefined);
      });

      it(`was deactivated although the answer was lost (${kind}, ${times}) succeeds`, async () => {
        const id = await up("deactivate");
        await stage.control.fault({ match: { path: "/deactivate$" }, kind, times });
        await stack.destroy();
        assert.equal((await organization(id))!.isActive, false);
      });
    }
  }

  it("could not be deleted stays in the state, and goes with the next run", async () => {
    const id = await up("delete");
    await stage.control.fault({ match: { method: "DELETE" }, kind: "reset-before", times: 5 });
    assert.equal((await failureOf(stack.destroy())).kind, "doubt");
    assert.ok(await organization(id));
    await stack.destroy();
    assert.equal(await organization(id), undefined);
  });

  for (const onDelete of ["deactivate", "delete"] as const) {
    it(`the key does not see is an error that names it: ${onDelete}`, async () => {
      const id = await up(onDelete);
      await stage.scene.ok(204, "DELETE", `/organization/${id}`);
      await stage.forgetCalls();
      for (const attempt of [() => stack.destroy(), () => stack.refresh()]) {
        const error = await failureOf(attempt());
        assert.equal(error.code, "organization_not_visible");
        assert.match(
          error.message,
          new RegExp(`organization ${id} \\(404 .*really gone, remove it with .pulumi state delete`),
        );
      }
      assert.ok(stack.stored);
      assert.deepEqual(stage.writes(), []);
    });
  }

  it("an order names: refused to delete, with DigiCert's answer and the remedy; or deleted where that is allowed", async () => {
    const id = await up("delete");
    await stage.vmc().up(stage.inputs({ organization: { id } }));
    const error = await failureOf(stack.destroy());
    assert.equal(error.code, "organization_kept");
    assert.match(error.message, /400 organization_in_use.*that an order names.*onDelete: "deactivate" or "retain"/);
    assert.ok(stack.stored);
    await stage.control.setSwitches({ deleteUsedOrganization: "allowed" });
    await stack.destroy();
    assert.equal(await organization(id), undefined);
  });

  it("a pending order names: deactivated where that is allowed, else refused with the remedy", async () => {
    const id = await up("deactivate");
    await stage.vmc().up(stage.inputs({ organization: { id } }));
    await stage.control.setSwitches({ deactivateUsedOrganization: "refused" });
    const error = await failureOf(stack.destroy());
    assert.equal(error.code, "organization_kept");
    assert.match(error.message, /400 organization_in_use.*while a pending order names it.*onDelete: "retain"/);
    await stage.control.setSwitches({ deactivateUsedOrganization: "allowed" });
    await stack.destroy();
    assert.equal((await organization(id))!.isActive, false);
  });

  it("the key may not change says so", async () => {
    await up("deactivate");
    stage.settings = { ...stage.settings, apiKey: (await stage.control.addKey({ role: "view-only" })).apiKey };
    assert.match(
      (await failureOf(stack.destroy())).message,
      /403 access_denied\|missing_permission.*use a key of an admin/,
    );
    assert.ok(stack.stored);
  });

  it("a resource of this run has just taken leaves it alone (--replace)", async () => {
    const id = await up("deactivate");
    const { outs } = stack.stored!;
    const lifecycle = stack.process();
    const { id: taken } = await lifecycle.create({ ...details({ onDelete: "deactivate" }), __urn: stack.urn });
    assert.equal(taken, String(id));
    await stage.forgetCalls();
    await lifecycle.delete(String(id), outs);
    assert.deepEqual(stage.writes(), []);
    assert.equal((await organization(id))!.isActive, true);
    assert.ok(
      stage.lines.some((line) => line.includes(`organization ${id} belongs to another resource of this stack`)),
    );
  });

  it("a live resource holds leaves it alone: a renamed resource, and what a failed --replace left over", async () => {
    const id = await up("delete");
    const { id: old, outs } = stack.stored!;
    const other = stage.organization("other");
    await other.up(validated(id));
    const lifecycle = other.process();
    const program = { ...validated(id), __urn: other.urn };
    await lifecycle.diff(other.stored!.id, other.outs, program);
    await stage.forgetCalls();
    await lifecycle.delete(old, outs);
    assert.deepEqual(stage.writes(), []);
    assert.ok(await organization(id));
  });
});
