import assert from "node:assert/strict";
import { PartialStateError, type Props } from "../../../provider/lifecycle";
import { orgValidationChanges, orgValidationInputs } from "../../../provider/resources/orgValidation";
import { unknownValue } from "../../../provider/unknown";
import { failureOf, type Json, type Stack, Stage } from "../support";
import { details, gia, users, validated } from "./organization";

const day = 24 * 3600_000;
describe("an organization's validation", () => {
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
  const vet = (types: ("ev" | "ov")[] = ["ev"]) => stage.control.vetOrganization(stage.organizationId, types);

  describe("that is in force", () => {
    it("is read, and nothing is submitted; nobody has to be named", async () => {
      await vet();
      await stack.up(ev({ verifiedUsers: undefined }));
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.stored?.id, String(stage.organizationId));
      assert.equal(stack.outs.valid, true);
      const [validation] = stack.outs.validationDetails;
      assert.equal(validation.type, "ev");
      assert.equal(validation.status, "active");
      assert.ok(Date.parse(validation.validatedUntil) > stage.clock.now() + 300 * day);
      assert.equal("submittedAt" in stack.outs, false);
    });

    it("is not asked again until it is about to end", async () => {
      await vet();
      await stack.up(ev());
      const until = Date.parse(stack.outs.validationDetails[0].validatedUntil);
      await stage.advance({ days: (until - stage.clock.now()) / day - 30.1 });
      await stage.forgetCalls();
      assert.equal(await stack.preview(ev()), "same");
      assert.deepEqual(stage.calls(), []);
    });

    it("is submitted again when it ends within 30 days, once in 30 days", async () => {
      await vet();
      await stack.up(ev());
      const until = Date.parse(stack.outs.validationDetails[0].validatedUntil);
      await stage.advance({ days: (until - stage.clock.now()) / day - 29 });
      assert.equal(await stack.preview(ev()), "update");
      assert.ok(stage.lines.some((line) => /will be submitted for ev validation/.test(line)));
      await stack.up(ev());
      assert.equal(submissions(), 1);
      for (let i = 0; i < 7; i++) {
        assert.equal(await stack.preview(ev()), "same");
        await stack.up(ev());
        await stage.advance({ days: 4 });
      }
      assert.equal(submissions(), 1);
    });

    it("warns while it is about to end and nobody is named; fails once it has ended", async () => {
      await vet();
      const nobody = ev({ verifiedUsers: undefined });
      await stack.up(nobody);
      const until = stack.outs.validationDetails[0].validatedUntil;
      await stage.advance({ days: (Date.parse(until) - stage.clock.now()) / day - 29 });
      assert.equal(await stack.preview(nobody), "same");
      assert.ok(
        stage.lines.some((line) => line.includes(`its ev validation ends ${until}. It is not submitted again`)),
      );
      await stack.up(nobody);
      await stage.advance({ days: 30 });
      assert.equal(await stack.preview(nobody), "update");
      assert.ok(stage.lines.some((line) => /has to be submitted for ev validation.*`pulumi up` fails here/.test(line)));
      const kept = stack.stored;
      assert.equal((await failureOf(stack.up(nobody))).code, "no_verified_users");
      assert.equal(stack.stored, kept, "the state is left as it was");
      assert.deepEqual(stage.writes(), []);
      await stack.up(ev());
      assert.equal(submissions(), 1);
    });

    it("is taken up when people have renewed it; then it is at rest", async () => {
      await vet();
      await stack.up(ev());
      const until = Date.parse(stack.outs.validationDetails[0].validatedUntil);
      await stage.advance({ days: (until - stage.clock.now()) / day - 20 });
      await stack.up(ev());
      await vet();
      await stack.up(ev());
      assert.ok(Date.parse(stack.outs.validationDetails[0].validatedUntil) > until);
      await stage.forgetCalls();
      assert.equal(await stack.preview(ev()), "same");
      assert.deepEqual(stage.calls(), []);
    });

    it("is submitted with the people that are named by then", async () => {
      await vet();
      await stack.up(ev());
      const { userId } = stage.scene.simulator.account;
      await stage.forgetCalls();
      assert.equal(await stack.preview(ev({ verifiedUsers: [{ userId }] })), "same", "nothing is due");
      assert.deepEqual(stage.calls(), []);
      await stage.advance({ days: 1000 });
      await stack.up(ev({ verifiedUsers: [{ userId }] }));
      const { path, request } = stage.scene.simulator.journal.find(({ method }) => method === "POST")!;
      assert.equal(path, `/organization/${stage.organizationId}/validation`);
      assert.deepEqual(request, { validations: [{ type: "ev", verified_users: [{ id: userId }] }] });
    });

    it("is submitted again when it has ended", async () => {
      await vet();
      await stack.up(ev());
      await stage.advance({ days: 1000 });
      await stack.up(ev());
      assert.equal(submissions(), 1);
      assert.equal(stack.outs.valid, false);
      await vet();
      await stage.advance({ hours: 2 });
      await stack.up(ev());
      assert.equal(stack.outs.valid, true);
      assert.equal(submissions(), 1);
    });
  });

  describe("that is missing", () => {
    it("is submitted with the people to verify", async () => {
      await stack.up(ev());
      assert.equal(submissions(), 1);
      const body = stage.scene.simulator.journal.find(({ method }) => method === "POST")!.request;
      assert.deepEqual(body, {
        validations: [
          {
            type: "ev",
            verified_users: [
              {
                first_name: "Ada",
                last_name: "Byron",
                job_title: "CMO",
                telephone: "801-555-0100",
                email: "ada@example.com",
              },
            ],
          },
        ],
      });
      assert.equal(stack.outs.valid, false);
      assert.equal(stack.outs.validationDetails[0].status, "pending");
      assert.ok(stack.outs.submittedAt);
    });

    it("may name users of the account", async () => {
      const { userId } = stage.scene.simulator.account;
      await stack.up(ev({ verifiedUsers: [{ userId }] }));
      assert.deepEqual(stack.outs.validationDetails[0].verifiedUsers, [
        { id: userId, firstName: "John", lastName: "Smith" },
      ]);
    });

    it("needs people for ev, and says so; none for ov", async () => {
      for (const nobody of [undefined, []]) {
        const program = ev({ verifiedUsers: nobody });
        const error = await failureOf(stack.process().create(program));
        assert.equal(error.code, "no_verified_users");
        assert.match(error.message, /rganization \d+ has to be submitted for ev validation.*Give verif/);
        assert.ok(!(error instanceof PartialStateError), "the organization is not ours");
      }
      assert.match(
        (await failureOf(stack.preview(details({ verifiedUsers: [] })))).message,
        /^-: verifiedUsers: the new organ/,
      );
      assert.deepEqual(stage.writes(), []);
      await stack.up({ organizationId: stage.organizationId, validations: ["ov"] });
      assert.equal(submissions(), 1);
    });

    it("is the only one that is submitted", async () => {
      await vet(["ov"]);
      await stack.up(ev({ validations: ["ov", "ev"] }));
      const body = stage.scene.simulator.journal.find(({ method }) => method === "POST")!.request as Json;
      assert.deepEqual(
        body.validations.map(({ type }: Json) => type),
        ["ev"],
      );
      assert.equal(stack.outs.valid, false);
    });

    it("is not submitted again while people work on it", async () => {
      await stack.up(ev());
      for (const days of [1, 14, 14, 14, 30]) {
        await stage.advance({ days });
        await stack.up(ev());
      }
      assert.equal(submissions(), 1);
      // Neither by another resource of the same organization.
      await stage.organization("other").up(ev());
      assert.equal(submissions(), 1);
    });

    it("is not submitted again while they work on one that is about to end", async () => {
      const validated_until = new Date(stage.clock.now() + 5 * day).toISOString();
      const body = JSON.stringify({ validations: [{ type: "ev", status: "pending", validated_until }] });
      await stage.control.fault({
        match: { method: "GET", path: "/validation$" },
        kind: "status",
        status: 200,
        body,
        times: 0,
      });
      await stack.up(ev());
      assert.equal(submissions(), 0);
      assert.equal(stack.outs.valid, false);
    });

    it("converges when people are done", async () => {
      await stack.up(ev());
      await vet();
      assert.equal(await stack.preview(ev()), "same", "not asked within the hour");
      await stage.advance({ minutes: 61 });
      assert.equal(await stack.preview(ev()), "update");
      assert.ok(stage.lines.includes(`organization ${stage.organizationId}: validation is complete`));
      await stack.up(ev());
      assert.equal(stack.outs.valid, true);
      assert.equal(await stack.preview(ev()), "same");
    });

    it("is asked about by DigiCert's clock, not by this machine's", async () => {
      await stack.up(ev());
      await vet();
      await stage.control.advance({ hours: 2 });
      assert.equal(await stack.preview(ev()), "update");
    });

    it("is submitted when it is added later, whenever another one was", async () => {
      await stack.up({ organizationId: stage.organizationId, validations: ["ov"] });
      await stage.advance({ days: 2 });
      await stack.up(ev({ validations: ["ov", "ev"] }));
      assert.equal(submissions(), 2);
      const body = stage.scene.simulator.journal.findLast(({ method }) => method === "POST")!.request as Json;
      assert.deepEqual(
        body.validations.map(({ type }: Json) => type),
        ["ev"],
      );
    });

    it("whose answer is lost is not submitted twice", async () => {
      await stage.control.fault({ match: { method: "POST", path: "/validation$" }, kind: "reset-after-commit" });
      await stack.up(ev());
      await stack.up(ev());
      assert.equal(submissions(), 1);
      assert.equal(stack.outs.validationDetails[0].status, "pending");
    });

    it("that was about to end and whose answer is lost is not submitted twice either", async () => {
      await vet();
      await stack.up(ev());
      await stage.advance({ days: 300 });
      const until = Date.parse(stack.outs.validationDetails[0].validatedUntil);
      await stage.advance({ days: (until - stage.clock.now()) / day - 20 });
      await stage.control.fault({ match: { method: "POST", path: "/validation$" }, kind: "reset-after-commit" });
      const error = await failureOf(stack.up(ev()));
      assert.ok(error instanceof PartialStateError);
      await stack.up(ev());
      assert.equal(submissions(), 1);
    });

    it("that did not reach DigiCert is submitted by the next run", async () => {
      await stage.control.fault({ match: { method: "POST", path: "/validation$" }, kind: "reset-before" });
      await failureOf(stack.up(ev()));
      await stack.up(ev());
      assert.equal(submissions(), 2);
      assert.equal(stack.outs.validationDetails[0].status, "pending");
    });
  });

  it("refuses at preview what it cannot change, by name", async () => {
    await stack.up(details());
    for (const [input, value] of [
      ["name", "Other"],
      ["address", "1 Main Street"],
      ["organizationId", 4711],
    ] as const) {
      const { id: _, ...program } = details() as Json;
      const changed = input === "organizationId" ? ev({ organizationId: value }) : { ...program, [input]: value };
      const error = await failureOf(stack.preview(changed));
      assert.equal(error.code, "change_refused");
      assert.match(error.message, new RegExp(`\\b${input}\\b`));
    }
  });

  it("has exactly one row for each input in its table of changes", () => {
    const rows = Object.values(orgValidationChanges).flatMap(({ inputs }) => inputs);
    assert.deepEqual([...rows].sort(), Object.keys(orgValidationInputs.shape).sort());
  });

  describe("refreshed", () => {
    it("says what DigiCert says and writes nothing", async () => {
      await stack.up(ev());
      await stage.forgetCalls();
      await vet();
      await stack.refresh();
      assert.equal(stack.outs.valid, true);
      assert.deepEqual(stage.writes(), []);
      await stage.advance({ days: 1000 });
      await stack.refresh();
      assert.equal(stack.outs.valid, false);
    });

    it("is valid only if everything that was asked for is", async () => {
      await vet(["ov"]);
      await stage.control.fault({ match: { method: "POST", path: "/validation$" }, kind: "status", status: 400 });
      await failureOf(stack.up(details({ validations: ["ov", "ev"] })));
      await stage.control.vetOrganization(stack.outs.organizationId, ["ov"]);
      await stack.refresh();
      assert.equal(stack.outs.valid, false);
    });

    it("is not valid by having no validation at all", async () => {
      const { props } = await stack.process().read(String(stage.organizationId), {});
      assert.equal(props.valid, false);
    });

    it("is read by `OrgValidation.get`", async () => {
      await vet();
      const { id, props } = await stack.process().read(String(stage.organizationId), {});
      assert.equal(id, String(stage.organizationId));
      assert.equal(props.organizationId, stage.organizationId);
      assert.equal(props.valid, true);
      assert.match((await failureOf(stack.process().read("4711", {}))).message, /404 not_found\|organization/);
    });
  });

  describe("destroyed", () => {
    const state = async (id: number) =>
      (await organizations()).find((organization) => organization.id === id)?.isActive;

    it("leaves the organization alone, without a call", async () => {
      await stack.up(details());
      const { organizationId } = stack.outs;
      await stage.forgetCalls();
      await stack.destroy();
      assert.deepEqual(stage.calls(), []);
      assert.equal(await state(organizationId), true);
    });

    it("deactivates or deletes it only when told; the setting needs no call", async () => {
      for (const [onDelete, after] of [
        ["deactivate", false],
        ["delete", undefined],
      ] as const) {
        await stack.up(details({ skipDuplicateOrgCheck: true }));
        const { organizationId } = stack.outs;
        await stage.forgetCalls();
        await stack.up(details({ onDelete }));
        assert.deepEqual(stage.calls(), []);
        await stack.destroy();
        assert.equal(await state(organizationId), after);
      }
    });

    it("stays in the state when DigiCert refuses", async () => {
      await stack.up(details({ onDelete: "delete" }));
      await stage.vmc().up(stage.inputs({ organization: { id: stack.outs.organizationId } }));
      const error = await failureOf(stack.destroy());
      assert.match(error.message, /400 organization_in_use/);
      assert.ok(stack.stored);
    });
  });

  it("belongs to one account: another key is an error before a call that names it", async () => {
    await stack.up(ev({ onDelete: "deactivate" }));
    stage.settings = { ...stage.settings, apiKey: (await stage.control.addAccount()).apiKey };
    await stage.advance({ days: 2 });
    for (const operation of [
      () => stack.preview(ev({ onDelete: "deactivate" })),
      () => stack.refresh(),
      () => stack.destroy(),
    ]) {
      await stage.forgetCalls();
      assert.equal((await failureOf(operation())).code, "other_account");
      assert.deepEqual(stage.calls(), ["GET /user/me"]);
    }
  });

  it("needs neither a key nor a call for its first preview", async () => {
    stage.settings = { baseUrl: stage.settings.baseUrl! };
    assert.equal(await stack.preview(ev()), "create");
    assert.deepEqual(stage.calls(), []);
  });

  describe("with wrong inputs is refused at preview", () => {
    const table: [string, () => Props, RegExp][] = [
      ["neither id nor details", () => ({ validations: ["ev"] }), /organizationId.*or its details: name, country/],
      [
        "both",
        () => ev({ name: "Acme" }),
        /organizationId: give either organizationId or .* \(name\), not both|give either/,
      ],
      ["incomplete details", () => details({ city: undefined }), /^city: is required for a new organization/m],
      ["no validation", () => ev({ validations: [] }), /^validations: must name at least one.*"ev"/m],
      [
        "an unknown validation",
        () => ev({ validations: ["vmc"] }),
        /^validations: validations\[0\]: must be one of ov, ev/m,
      ],
      [
        "a person that lacks parts",
        () => ev({ verifiedUsers: [{ firstName: "Ada" }] }),
        /^-: verifiedUsers\[0\]: lacks lastName/m,
      ],
      [
        "a contact that lacks parts",
        () => details({ contacts: [{ contactType: "x" }] }),
        /^-: contacts\[0\]: lacks firstName/m,
      ],
      [
        "a contact of a type that is no text",
        () => details({ contacts: [{ ...gia, contactType: { toString: 1 } }] }),
        /^-: contacts\[0\]\.contactType: must be a string/m,
      ],
      [
        "a contact's address",
        () => ev({ organizationContact: { ...gia, email: "x" } }),
        /^-: organizationContact\.email: /m,
      ],
      [
        "an unknown onDelete",
        () => ev({ onDelete: "cancel" }),
        /^onDelete: must be one of retain, deactivate, delete/m,
      ],
      [
        "a typo",
        () => ev({ validation: ["ev"] }),
        /^-: validation: there is no such input; did you mean validations\?/m,
      ],
    ];
    for (const [what, program, message] of table) {
      it(what, async () => {
        assert.match((await failureOf(stack.preview(program()))).message, message);
        assert.deepEqual(stage.calls(), []);
      });
    }

    it("unless they are not known yet", async () => {
      for (const change of [
        { organizationId: unknownValue },
        { validations: unknownValue },
        { validations: [unknownValue] },
        { verifiedUsers: [unknownValue] },
        { verifiedUsers: [{ ...users[0], email: unknownValue }] },
        { organizationContact: unknownValue },
      ]) {
        assert.equal(await stack.preview(ev(change)), "create", JSON.stringify(change));
      }
    });
  });
});
