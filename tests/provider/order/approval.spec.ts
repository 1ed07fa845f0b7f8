import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";
import { Watch } from "./watch";

describe("an order that an administrator must approve", () => {
  let stage: Stage;
  let stack: Stack;
  let watch: Watch;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
    watch = new Watch(stage);
  });
  afterEach(() => stage.stop());

  const program = (changes: Props = {}) => stage.inputs({ skipApproval: false, ...changes });
  const request = () => stack.outs.requests[0];
  const approval = (id = request().id) => [`PUT /request/${id}/status`, { status: "approved" }];
  const use = async (role: "manager" | "limited") => {
    const { settings } = stage;
    stage.settings = { ...settings, apiKey: (await stage.control.addKey({ role })).apiKey };
    return () => {
      stage.settings = settings;
    };
  };
  const requestStatus = async (id: number): Promise<Json> =>
    (await stage.control.dump()).certcentral.requests.find((one) => one.id === id)?.status;

  for (const approvedRequests of ["omitted", "listed"] as const) {
    it(`says its request, has no tokens, and gets them with the next update after the approval (${approvedRequests})`, async () => {
      await stage.control.setSwitches({ approvedRequests });
      await stack.up(program());
      const [[, body]] = watch.writes() as [[string, Json]];
      assert.equal(body.skip_approval, false);
      assert.equal(stack.outs.status, "needs_approval");
      assert.equal(request().status, "pending");
      assert.ok(Number.isInteger(request().id));
      assert.deepEqual([stack.outs.domains, stack.outs.dcvRecords, stack.outs.dcvFiles], [[], [], []]);
      assert.equal("certificateId" in stack.outs, false);
      await watch.isAtRest(stack, program());

      await stage.advance({ days: 12 });
      await stage.control.approveRequest(request().id);
      await watch.previews(stack, program(), "update");
      assert.deepEqual(watch.said(/./), [`order ${stack.outs.orderId}: needs_approval -> pending`]);
      assert.equal(await stack.up(program()), "update");
      assert.deepEqual(watch.writes(), []);
      assert.deepEqual(stack.outs.requests, [{ id: request().id, status: "approved" }]);
      assert.equal(stack.outs.dcvRecords[0].content, stack.outs.domains[0].token);
      assert.ok(stack.outs.certificateId);
      await watch.isAtRest(stack, program());
      assert.equal((await stage.placed()).length, 1);
    });

    it(`has its request among the outputs although it was approved at once, where DigiCert says it (${approvedRequests})`, async () => {
      await stage.control.setSwitches({ approvedRequests });
      await stack.up(stage.inputs());
      assert.equal(stack.outs.status, "pending");
      for (const { status } of stack.outs.requests) assert.equal(status, "approved");
      await watch.isAtRest(stack, stage.inputs());
    });
  }

  it("is refreshed to what the approval brought", async () => {
    await stack.up(program());
    await stage.control.approveRequest(request().id);
    await stack.refresh();
    assert.equal(stack.outs.status, "pending");
    assert.equal(stack.outs.domains.length, 1);
    assert.equal(stack.outs.dcvRecords[0].content, stack.outs.domains[0].token);
    await watch.isAtRest(stack, program());
  });

  describe("by the provider", () => {
    it("is approved when told to, and the key may", async () => {
      await stack.up(program());
      for (const approving of [{ skipApproval: true }, { skipApproval: undefined }]) {
        await watch.previews(stack, program(approving), "update");
        assert.deepEqual(watch.said(/./), [
          `order ${stack.outs.orderId}: approves its request ${request().id}, which BUYS it; order ${stack.outs.orderId} cost 1499 USD.`,
        ]);
      }
      await stack.up(stage.inputs());
      assert.deepEqual(watch.writes(), [approval()]);
      assert.equal(stack.outs.status, "pending");
      assert.equal(request().status, "approved");
      assert.equal(stack.outs.dcvRecords[0].content, stack.outs.domains[0].token);
      await watch.isAtRest(stack, stage.inputs());
      await stack.destroy();
      assert.equal((await stage.placed())[0].status, "canceled");
    });

    it("is not approved when the key may not: the error says who must; the state stays", async () => {
      const back = await use("limited");
      await stack.up(program());
      const { id } = request();
      const before = structuredClone(stack.stored);
      await watch.fresh();
      const error = await failureOf(stack.up(stage.inputs()));
      assert.deepEqual(watch.writes(), [approval()]);
      assert.match(
        error.message,
        new RegExp(
          `set request ${id} to approved \\(403 access_denied\\|invalid_approver\\).*an administrator must approve`,
        ),
      );
      assert.deepEqual(stack.stored, before);
      assert.equal(await requestStatus(id), "pending");
      back();
      await stack.up(stage.inputs());
      assert.equal(stack.outs.status, "pending");
    });

    it("is not approved twice when somebody was faster, or an answer was lost", async () => {
      await stack.up(program());
      await stage.control.fault({ match: { method: "PUT", path: "^/request/" }, kind: "reset-after-commit" });
      const { id } = request();
      await failureOf(stack.up(stage.inputs()));
      assert.equal(await stack.up(stage.inputs()), "update");
      assert.equal(stack.outs.status, "pending");
      assert.equal(await requestStatus(id), "approved");
      await watch.previews(stack, stage.inputs(), "same");
    });

    it("stays to be approved when skipApproval goes back", async () => {
      await stack.up(program());
      await watch.previews(stack, program(), "same");
      assert.equal(await requestStatus(request().id), "pending");
    });

    it("placed by a key whose user may not approve, waits although skipApproval is the default", async () => {
      const back = await use("limited");
      await stack.up(stage.inputs());
      assert.equal(stack.outs.status, "needs_approval");
      assert.equal(request().status, "pending");
      await watch.isAtRest(stack, stage.inputs());
      back();
      await stage.control.approveRequest(request().id);
      await stack.up(stage.inputs());
      assert.equal(stack.outs.dcvRecords.length, 1);
    });
  });

  describe("waits with changes that DigiCert does not take yet", () => {
    const other = { countryCode: "de", registrationNumber: "30" };
    const changes: Record<string, () => Props> = {
      logo: () => {
        stage.writeLogo(svg("Another"), "another.svg");
        return { logo: "another.svg" };
      },
      trademark: () => ({ trademark: other }),
      dcvMethod: () => ({ dcvMethod: "dns-cname-token" }),
    };
    const expected: Record<string, () => string[]> = {
      logo: () => [`POST /order/certificate/${stack.outs.orderId}/vmc/encoded-logo`],
      trademark: () => [`PUT /order/certificate/${stack.outs.orderId}/vmc`],
      dcvMethod: () => [`PUT /domain/${stack.outs.domains[0].id}/dcv/method`],
    };
    for (const [input, change] of Object.entries(changes)) {
      it(`${input}: until the update after the approval`, async () => {
        await stack.up(program());
        const changed = program(change());
        await watch.previews(stack, changed, "same");
        assert.deepEqual(watch.said(/./), [
          `order ${stack.outs.orderId}: the change of ${input} is made once the order is approved.`,
        ]);
        assert.equal(await stack.up(changed), "same");
        await stage.control.approveRequest(request().id);
        await watch.previews(stack, changed, "update");
        assert.equal(watch.said(new RegExp(`updates ${input} at DigiCert`)).length, 1);
        await watch.fresh();
        await stack.up(changed);
        assert.deepEqual(watch.writeCalls(), expected[input]!());
        await watch.isAtRest(stack, changed);
        assert.equal(stage.posts, 0);
      });

      it(`${input}: though the same update approves it, at the latest with the next`, async () => {
        await stack.up(program());
        const changed = stage.inputs(change());
        await watch.fresh();
        await stack.up(changed);
        assert.deepEqual(watch.writes()[0], approval());
        await stack.up(changed);
        assert.deepEqual(watch.writeCalls(), [approval()[0], ...expected[input]!()]);
        await watch.isAtRest(stack, changed);
      });
    }
  });

  describe("and whose request is rejected", () => {
    it("has ended: the update fails with the state kept, and orders nothing", async () => {
      await stack.up(program());
      const { orderId } = stack.outs;
      await stage.control.rejectRequest(request().id, "Not this brand.");
      await watch.previews(stack, program(), "update");
      assert.ok(watch.said(/order \d+ is rejected/).length > 0);
      for (let i = 0; i < 2; i++) {
        const error = await failureOf(stack.up(program()));
        assert.match(error.message, new RegExp(`order ${orderId} is rejected.*reorderAfter: ${orderId}`));
        assert.deepEqual(
          stack.outs.requests.map(({ status }: Json) => status),
          ["rejected"],
        );
      }
      assert.deepEqual(watch.writes(), []);
      assert.equal((await stage.placed()).length, 1);
    });
  });

  describe("by a reissue that must be approved", () => {
    const names = { dnsNames: ["example.com", "example.net"] };
    let reissueRequest: number;
    beforeEach(async () => {
      await stack.up(stage.inputs());
      await stage.issue(stack.outs.orderId);
      await stack.up(stage.inputs());
      await watch.fresh();
      await stack.up(program({ ...names, dcvMethod: "dns-cname-token" }));
      assert.equal(stack.outs.status, "reissue_pending");
      reissueRequest = stack.outs.requests.find(({ status }: Json) => status === "pending").id;
    });

    it("has the new name's record with the update after the approval, by the method declared for it", async () => {
      const changed = program({ ...names, dcvMethod: "dns-cname-token" });
      await watch.isAtRest(stack, changed);
      assert.equal(stack.outs.domains.length, 1);
      await stage.control.approveRequest(reissueRequest);
      await watch.previews(stack, changed, "update");
      assert.ok(watch.said(/./).includes(`order ${stack.outs.orderId}: reissue request ${reissueRequest} is approved`));
      await stack.up(changed);
      const { id, token } = stack.outs.domains[1];
      assert.deepEqual(watch.writes(), [[`PUT /domain/${id}/dcv/method`, { dcv_method: "dns-cname-token" }]]);
      assert.deepEqual(stack.outs.dcvRecords.map(({ name, content }: Json) => [name, content]).at(-1), [
        "_dnsauth.example.net",
        `${token}.dcv.digicert.com`,
      ]);
      await watch.isAtRest(stack, changed);
      await stage.control.approveDomain("example.net");
      await stack.up(changed);
      assert.equal(stack.outs.status, "issued");
      await watch.isAtRest(stack, changed);
    });

    it("goes on with its certificate when the request is rejected", async () => {
      await stage.control.rejectRequest(reissueRequest, "Not that name.");
      const changed = program({ ...names, dcvMethod: "dns-cname-token" });
      await watch.previews(stack, changed, "update");
      await stack.up(changed);
      assert.equal(stack.outs.status, "issued");
      assert.deepEqual(watch.writes(), []);
    });
  });

  describe("destroyed", () => {
    for (const cancelUnapproved of ["refused", "allowed"] as const) {
      it(`is rejected by its request, with the note (canceling it by status is ${cancelUnapproved})`, async () => {
        await stage.control.setSwitches({ cancelUnapproved });
        await stack.up(program({ note: "not needed" }));
        const { id } = request();
        await watch.fresh();
        await stack.destroy();
        assert.deepEqual(watch.writes(), [
          [`PUT /request/${id}/status`, { status: "rejected", processor_comment: "not needed" }],
        ]);
        assert.equal((await stage.placed())[0].status, "rejected");
      });
    }

    it("by a key that may not reject it stays, and says who must", async () => {
      await use("limited");
      await stack.up(program());
      const error = await failureOf(stack.destroy());
      assert.match(error.message, /invalid_approver.*an administrator must/);
      assert.ok(stack.stored);
      assert.equal(await requestStatus(request().id), "pending");
    });
  });
});
