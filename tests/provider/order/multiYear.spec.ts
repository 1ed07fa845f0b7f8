import assert from "node:assert/strict";
import { PartialStateError } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";

describe("a multi-year order, whose certificate ends before it", () => {
  let stage: Stage;
  let stack: Stack;
  let orderId: number;
  beforeEach(async () => {
    // Control of the domains lasts as long as the order, so that a reissue is issued at once.
    stage = await Stage.start({ switches: { dcvReuseDays: 397 } });
    stack = stage.cmc();
  });
  afterEach(() => stage.stop());

  const program = (changes: Json = {}) => stage.inputs({ years: 3, trademark: undefined, ...changes });
  const issued = async (inputs = program()) => {
    await stack.upIssued(inputs);
    orderId = stack.outs.orderId;
    await stage.forgetCalls();
    stage.lines.length = 0;
  };
  const reissue = () => `POST /order/certificate/${orderId}/reissue`;
  const asked = () => stage.writes().filter((call) => call.endsWith("/reissue"));
  const proveAll = async () => {
    const order = await stage.order(orderId);
    for (const { domainId } of order.reissue?.names ?? []) await stage.control.approveDomain(domainId);
    await stage.control.vet(orderId);
  };

  const windows: [string, Json, number][] = [
    ["30 days by default", {}, 30],
    ["as many days as the program says", { reissueBefore: 10 }, 10],
    ["90 days at most", { reissueBefore: 90 }, 90],
  ];
  for (const [what, changes, days] of windows) {
    it(`is reissued ahead of its end: ${what}`, async () => {
      await issued(program(changes));
      const { certificateId, certificateValidTill, orderValidTill } = stack.outs;
      const left = (Date.parse(certificateValidTill) - stage.clock.now()) / 86_400_000;
      await stage.advance({ days: Math.floor(left - days) - 1 });
      await stage.forgetCalls();
      assert.equal(await stack.preview(program(changes)), "same");
      assert.deepEqual(stage.calls(), [], "an order at rest is not asked");

      await stage.advance({ days: 2 });
      assert.equal(await stack.preview(program(changes)), "update");
      assert.deepEqual(stage.lines, [
        `order ${orderId}: its certificate ends ${certificateValidTill}, the order ${orderValidTill}: asks for the next certificate, which is paid for.`,
      ]);
      assert.deepEqual(stage.writes(), []);
      await stack.up(program(changes));
      assert.deepEqual(stage.bodies(), [
        [reissue(), { certificate: { dns_names: ["example.com"] }, skip_approval: true }],
      ]);
      await proveAll();
      await stack.up(program(changes));
      assert.equal(stack.outs.status, "issued");
      assert.notEqual(stack.outs.certificateId, certificateId);
      assert.ok(stack.outs.certificateValidTill > certificateValidTill);
      assert.equal(stack.outs.orderValidTill, orderValidTill);
      assert.equal(stack.outs.__reissued, undefined);
      await stage.forgetCalls();
      assert.equal(await stack.up(program(changes)), "same");
      assert.deepEqual(stage.calls(), []);
    });
  }

  it("is not reissued when the program says never", async () => {
    await issued(program({ reissueBefore: "never" }));
    for (const days of [380, 30, 300]) {
      await stage.advance({ days });
      assert.equal(await stack.up(program({ reissueBefore: "never" })), "same");
    }
    assert.deepEqual(stage.calls(), []);
  });

  it("of one year has nothing to reissue", async () => {
    await issued(program({ years: 1 }));
    await stage.advance({ days: 380 });
    await stack.up(program({ years: 1 }));
    assert.deepEqual(stage.writes(), []);
    assert.equal(stack.outs.renewalDue, true);
  });

  it("may be reissued by a stack that may not buy: it is paid for", async () => {
    await issued();
    await stage.advance({ days: 380 });
    const context = stage.context();
    Object.defineProperty(context, "mayOrder", { get: () => false });
    const process = stack.process(context);
    await process.update(stack.stored!.id, stack.stored!.outs, await stack.check(process, program()));
    assert.deepEqual(stage.writes(), [reissue()]);
  });

  it("is reissued although its certificate has ended while nobody ran it", async () => {
    await issued();
    await stage.advance({ days: 500 });
    await stack.up(program());
    assert.deepEqual(asked(), [reissue()]);
    await proveAll();
    await stack.up(program());
    assert.equal(stack.outs.status, "issued");
    assert.ok(Date.parse(stack.outs.certificateValidTill) > stage.clock.now());
  });

  it("goes on through the third year, then comes to its end", async () => {
    await issued();
    const certificates = new Set([stack.outs.certificateId]);
    for (const days of [380, 380]) {
      await stage.advance({ days });
      await stack.up(program());
      await proveAll();
      await stack.up(program());
      assert.equal(stack.outs.status, "issued");
      certificates.add(stack.outs.certificateId);
    }
    assert.deepEqual(asked(), [reissue(), reissue()]);
    assert.equal(certificates.size, 3);
    assert.equal(stack.outs.certificateValidTill, stack.outs.orderValidTill);
    await stage.advance({ days: 300 });
    await stack.up(program());
    assert.deepEqual(asked(), [reissue(), reissue()]);
    assert.equal(stack.outs.renewalDue, true);
    assert.deepEqual(stack.outs.history, []);
    assert.equal(stage.posts, 0);
  });

  it("that DigiCert's proof of control has left is proved again first", async () => {
    await stage.control.setSwitches({ dcvReuseDays: 199 });
    await issued();
    const [{ token: old }] = stack.outs.domains;
    await stage.advance({ days: 380 });
    await stack.up(program());
    assert.equal(stack.outs.status, "reissue_pending");
    assert.equal(stack.outs.dcvRecords.length, 1);
    assert.notEqual(stack.outs.domains[0].token, old);
    assert.equal(await stack.up(program()), "same");
    await proveAll();
    await stack.up(program());
    assert.equal(stack.outs.status, "issued");
  });

  it("is not reissued again after a rejection: that is said until somebody settles it", async () => {
    await stage.control.setSwitches({ dcvReuseDays: 199 });
    await issued();
    await stage.advance({ days: 380 });
    await stack.up(program());
    await stage.scene.ok(204, "PUT", `/order/certificate/${orderId}/status`, { status: "canceled", note: "no" });
    await stage.forgetCalls();
    await stack.up(program());
    for (let i = 0; i < 3; i++) {
      await stage.advance({ days: 3 });
      stage.lines.length = 0;
      assert.equal(await stack.up(program()), "same");
      assert.ok(
        stage.lines.some((line) =>
          /the reissue that was asked for was rejected or canceled\. Settle it with DigiCert/.test(line),
        ),
      );
    }
    assert.deepEqual(stage.writes(), []);

    // Settled in the console, it is followed.
    const { certificate_id } = await stage.scene.ok(201, "POST", `/order/certificate/${orderId}/reissue`, {
      certificate: { dns_names: ["example.com"] },
      skip_approval: true,
    });
    await proveAll();
    await stage.forgetCalls();
    await stack.refresh();
    await stack.up(program());
    assert.deepEqual(stage.writes(), []);
    assert.equal(stack.outs.certificateId, certificate_id);
    stage.lines.length = 0;
    assert.equal(await stack.up(program()), "same");
    assert.deepEqual(stage.lines, []);
  });

  for (const pending of [true, false]) {
    it(`that the console reissued is followed${pending ? " while that is pending" : ""}`, async () => {
      if (pending) await stage.control.setSwitches({ dcvReuseDays: 199 });
      await issued();
      await stage.advance({ days: 380 });
      const { certificate_id } = await stage.scene.ok(201, "POST", `/order/certificate/${orderId}/reissue`, {
        certificate: { dns_names: ["example.com"] },
        skip_approval: true,
      });
      if (!pending) await proveAll();
      await stage.forgetCalls();
      assert.equal(await stack.up(program()), "update");
      assert.deepEqual(stage.writes(), []);
      if (!pending) assert.equal(stack.outs.certificateId, certificate_id);
      assert.equal(stack.outs.status, pending ? "reissue_pending" : "issued");
      assert.equal(await stack.up(program()), "same");
      await proveAll();
      if (pending) await stack.up(program());
      assert.equal(stack.outs.certificateId, certificate_id);
      assert.equal(stack.outs.status, "issued");
      await stage.forgetCalls();
      assert.equal(await stack.up(program()), "same");
      assert.deepEqual(stage.writes(), []);
    });
  }

  for (const primaryInReissues of ["omitted", "listed"] as const) {
    it(`and whose answer is lost is found, with the first certificate ${primaryInReissues}`, async () => {
      await stage.control.setSwitches({ primaryInReissues });
      await issued();
      await stage.advance({ days: 380 });
      await stage.control.fault({ match: { method: "POST", path: "/reissue$" }, kind: "reset-after-commit" });
      await stack.up(program());
      await proveAll();
      await stack.up(program());
      assert.equal(stack.outs.status, "issued");
      assert.deepEqual(asked(), [reissue()]);
      assert.equal(await stack.up(program()), "same");
    });
  }

  it("and whose request nothing shows is asked for again only after 15 minutes", async () => {
    await issued();
    await stage.advance({ days: 380 });
    await stage.control.fault({ match: { method: "POST", path: "/reissue$" }, kind: "reset-before" });
    const error = await failureOf(stack.up(program()));
    assert.ok(error instanceof PartialStateError);
    assert.match((await failureOf(stack.up(program()))).message, /still in doubt/);
    assert.deepEqual(asked(), [reissue()]);
    await stage.advance({ minutes: 16 });
    await stack.up(program());
    assert.deepEqual(asked(), [reissue(), reissue()]);
  });

  it("whose names change at the same time is reissued once, for the new names", async () => {
    await issued();
    await stage.advance({ days: 380 });
    const changed = program({ dnsNames: ["example.com", "example.net"] });
    await stack.up(changed);
    const [[, sent], ...others] = stage.bodies() as [[string, Json], ...[string, Json][]];
    assert.deepEqual(sent.certificate.dns_names, ["example.com", "example.net"]);
    assert.deepEqual(others, []);
    await proveAll();
    await stack.up(changed);
    assert.equal(await stack.up(changed), "same");
    assert.deepEqual(asked(), [reissue()]);
  });

  it("whose logo changes is a successor, not a reissue", async () => {
    await issued();
    await stage.advance({ days: 380 });
    await stack.up(program({ logo: svg("New").toString() }));
    assert.deepEqual(stage.writes(), ["POST /order/certificate/mark_certificate"]);
  });
});
