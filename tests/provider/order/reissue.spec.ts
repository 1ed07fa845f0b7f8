import assert from "node:assert/strict";
import { PartialStateError } from "../../../provider/lifecycle";
import type { Fault, Switches } from "../../../simulator";
import { failureOf, type Json, type Stack, Stage } from "../support";

describe("names that change once an order is issued", () => {
  let stage: Stage;
  let stack: Stack;
  let orderId: number;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  const named = (...dnsNames: string[]) => stage.inputs({ dnsNames });
  const issued = async (program = named("example.com")) => {
    await stack.upIssued(program);
    orderId = stack.outs.orderId;
    await stage.forgetCalls();
    stage.lines.length = 0;
  };
  const reissue = () => `POST /order/certificate/${orderId}/reissue`;
  const settled = async (program: Json) => {
    assert.equal(await stack.preview(program), "same");
    await stage.forgetCalls();
    assert.equal(await stack.up(program), "same");
    assert.deepEqual(stage.writes(), []);
  };
  /** Domains that are open are proved, and the order goes on. */
  const prove = async () => {
    const order = await stage.order(orderId);
    for (const { domainId } of order.reissue.names) await stage.control.approveDomain(domainId);
  };
  /** The console reissues the order. */
  const inConsole = (dnsNames: string[], skip_approval = true): Promise<Json> =>
    stage.scene.ok(201, "POST", `/order/certificate/${orderId}/reissue`, {
      certificate: { dns_names: dnsNames },
      skip_approval,
    });
  const cancelInConsole = () =>
    stage.scene.ok(204, "PUT", `/order/certificate/${orderId}/status`, { status: "canceled", note: "no" });

  describe("are asked for whole:", () => {
    const changes: [string, string[], string[], string[]][] = [
      ["one added", ["example.com"], ["example.com", "example.net"], ["example.net"]],
      ["one removed", ["example.com", "example.net"], ["example.net"], []],
      ["one swapped", ["example.com", "example.net"], ["example.org", "example.net"], ["example.org"]],
      ["all others", ["example.com"], ["example.net", "example.org"], ["example.net", "example.org"]],
    ];
    for (const [what, before, after, adds] of changes) {
      it(what, async () => {
        await issued(named(...before));
        const { certificateId } = stack.outs;
        const program = named(...after);
        assert.equal(await stack.preview(program), "update");
        const [line, ...others] = stage.lines;
        assert.deepEqual(others, []);
        assert.equal(
          line,
          `order ${orderId}: dnsNames changed: reissues the certificate for ${[...after].sort().join(", ")}.${adds.length > 0 ? ` Adding ${adds.join(", ")} may COST money; order ${orderId} cost ${1499 * before.length} USD.` : ""}`,
        );
        await stack.up(program);
        assert.deepEqual(stage.bodies(), [[reissue(), { certificate: { dns_names: after }, skip_approval: true }]]);
        assert.equal(stack.outs.orderId, orderId);
        assert.notEqual(stack.outs.certificateId, certificateId);
        assert.deepEqual(
          stack.outs.domains.map(({ dnsName }: Json) => dnsName),
          after,
        );
        if (adds.length > 0) {
          assert.equal(stack.outs.status, "reissue_pending");
          assert.deepEqual(
            stack.outs.dcvRecords.map(({ domain }: Json) => domain).filter((domain: string) => adds.includes(domain)),
            adds,
          );
          await settled(program);
          await prove();
          assert.equal(await stack.up(program), "update");
        }
        assert.equal(stack.outs.status, "issued");
        const [, { id }] = (await stage.control.dump()).certcentral.certificates as [Json, Json];
        assert.equal(stack.outs.certificateId, id);
        assert.equal(stack.outs.__reissued, undefined);
        assert.deepEqual(stack.outs.history, []);
        await settled(program);
      });
    }

    it("with the comments of the program, and without approval if it says so", async () => {
      await issued(stage.inputs({ comments: "please", skipApproval: true }));
      const program = stage.inputs({ comments: "please", skipApproval: false, dnsNames: ["example.net"] });
      await stack.up(program);
      assert.deepEqual(stage.bodies(), [
        [reissue(), { certificate: { dns_names: ["example.net"] }, skip_approval: false, comments: "please" }],
      ]);
    });

    it("in their canonical form, each once", async () => {
      await issued();
      await stack.up(named("BÜCHER.example.", "example.com", "Example.com"));
      const [[, sent]] = stage.bodies() as [[string, Json]];
      assert.deepEqual(sent.certificate.dns_names, ["xn--bcher-kva.example", "example.com"]);
    });
  });

  describe("wait for approval", () => {
    for (const [why, keyMayNot] of [
      ["because the key may not approve", true],
      ["because the program wants it", false],
    ] as const) {
      it(`${why}: the request is an output, and the next up after approval has the records`, async () => {
        const base = keyMayNot ? {} : { skipApproval: false };
        if (keyMayNot) {
          const { apiKey } = await stage.control.addKey({ role: "limited" });
          stage.settings = { ...stage.settings, apiKey };
        }
        await stack.up(stage.inputs(base));
        orderId = stack.outs.orderId;
        await stage.control.approveRequest(stack.outs.requests[0].id);
        await stage.issue(orderId);
        await stack.up(stage.inputs(base));
        await stage.forgetCalls();
        const program = stage.inputs({ ...base, dnsNames: ["example.com", "example.net"] });
        await stack.up(program);
        assert.deepEqual(stage.writes(), [reissue()]);
        assert.equal(stack.outs.status, "reissue_pending");
        const request = stack.outs.requests.at(-1);
        assert.equal(request.status, "pending");
        await settled(program);

        await stage.control.approveRequest(request.id);
        assert.equal(await stack.up(program), "update");
        assert.deepEqual(stage.writes(), []);
        assert.equal(stack.outs.requests.at(-1).status, "approved");
        assert.ok(stack.outs.dcvRecords.some(({ domain }: Json) => domain === "example.net"));
        await settled(program);
        await prove();
        await stack.up(program);
        assert.equal(stack.outs.status, "issued");
        await settled(program);
      });
    }

    it("and are rejected: said, and not asked for again by themselves", async () => {
      await issued(stage.inputs());
      const program = stage.inputs({ skipApproval: false, dnsNames: ["example.com", "example.net"] });
      await stack.up(program);
      await stage.control.rejectRequest(stack.outs.requests.at(-1).id);
      await stage.forgetCalls();
      await stack.up(program);
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.status, "issued");
      assert.match(
        stack.outs.drift.join(),
        /^dnsNames: the certificate covers example\.com, which is not what was declared/,
      );
      await settled(program);
    });
  });

  describe("need proof of some domains, whatever DigiCert does:", () => {
    const worlds: Partial<Switches>[] = [
      { reissueAnswer: "plain" },
      { reissueAnswer: "randomValue" },
      { reissueAnswer: "randomValue", preexistingDomainToken: "returned" },
      { primaryInReissues: "listed" },
      { primaryInReissues: "omitted", emptyLists: "emptyObject" },
      { primaryInReissues: "omitted", emptyLists: "emptyArray" },
      { domainScope: "base" },
      { looseTypes: "strings" },
    ];
    for (const switches of worlds) {
      it(JSON.stringify(switches), async () => {
        await stage.control.setSwitches(switches);
        await issued();
        const program = named("example.com", "example.net", "example.org");
        await stage.control.addDomain({ name: "example.org", valid: true });
        await stack.up(program);
        assert.deepEqual(stage.writes(), [reissue()]);
        const status = Object.fromEntries(stack.outs.domains.map(({ dnsName, status }: Json) => [dnsName, status]));
        assert.deepEqual(status, { "example.com": "active", "example.net": "pending", "example.org": "active" });
        const records = stack.outs.dcvRecords.filter(({ domain }: Json) => domain === "example.net");
        assert.equal(records.length, 1);
        await settled(program);

        // What the outputs say is what proves it.
        await stage.scene.publish(records[0].type, records[0].name, records[0].content);
        await prove();
        await stack.up(program);
        assert.equal(stack.outs.status, "issued");
        await settled(program);
      });
    }

    it("a domain whose proof has ended is proved again with the token that DigiCert gives now", async () => {
      for (const reissueAnswer of ["plain", "randomValue"] as const) {
        await stage.control.setSwitches({ reissueAnswer, dcvReuseDays: 199 });
        stack = stage.vmc(reissueAnswer);
        await issued(named(`${reissueAnswer}.example.com`));
        const [{ token: old }] = stack.outs.domains;
        await stage.advance({ days: 200 });
        const program = named(`${reissueAnswer}.example.com`, `www.${reissueAnswer}.example.com`);
        await stack.up(program);
        const [domain] = stack.outs.domains;
        assert.equal(domain.status, "pending");
        assert.notEqual(domain.token, old);
        assert.equal(stack.outs.dcvRecords.length, 2);
        const { token } = await stage.scene
          .ok(200, "GET", `/domain/${domain.id}?include_dcv=true`)
          .then(({ dcv_token }) => dcv_token);
        assert.equal(domain.token, token);
        await settled(program);
      }
    });
  });

  describe("were reissued in the console already:", () => {
    const program = () => named("example.com", "example.net");

    it("one that is pending is followed", async () => {
      await issued();
      const { certificate_id } = await inConsole(["example.net", "example.com"]);
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "update");
      await stack.up(program());
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.certificateId, certificate_id);
      assert.equal(stack.outs.status, "reissue_pending");
      assert.ok(stack.outs.dcvRecords.some(({ domain }: Json) => domain === "example.net"));
      await settled(program());
      await prove();
      await stack.up(program());
      assert.equal(stack.outs.status, "issued");
      await settled(program());
    });

    it("one that waits for approval is followed, too", async () => {
      await issued();
      await inConsole(["example.com", "example.net"], false);
      await stage.forgetCalls();
      const error = await failureOf(stack.up(program()));
      // Which names it is for, DigiCert does not tell before it is approved.
      assert.equal(error.code, "reissue_pending");
      assert.match(error.message, /request \d+ waits for approval/);
      assert.deepEqual(stage.writes(), []);
    });

    it("one that is issued needs nothing, and the preview says so", async () => {
      await issued();
      const { certificate_id } = await inConsole(["example.com", "example.net"]);
      await prove();
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "update");
      assert.ok(
        stage.lines.some((line) => /covers example\.com, example\.net already; nothing is asked for/.test(line)),
        stage.lines.join(),
      );
      assert.ok(!stage.lines.some((line) => /reissues|COST/.test(line)));
      await stack.up(program());
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.certificateId, certificate_id);
      assert.equal(stack.outs.drift, undefined);
      await settled(program());
    });

    it("one for other names is pending: refused by the preview with its number, and possible once it is done", async () => {
      await issued();
      const { certificate_id } = await inConsole(["example.org"]);
      await stage.forgetCalls();
      for (const run of [() => stack.preview(program()), () => stack.up(program())]) {
        const error = await failureOf(run());
        assert.equal(error.code, "reissue_pending");
        assert.ok(error.message.includes(`certificate ${certificate_id} for example.org`), error.message);
        assert.match(
          error.message,
          /Nothing was changed\. Wait until it is issued.*or cancel that reissue in CertCentral/s,
        );
      }
      assert.deepEqual(stage.writes(), []);
      await prove();
      await stack.up(program());
      assert.deepEqual(stage.writes(), [reissue()]);
    });

    it("one that the program did not ask for is drift once it is issued", async () => {
      await issued();
      await inConsole(["example.org"]);
      await prove();
      await stack.refresh();
      assert.match(stack.outs.drift.join(), /the certificate covers example\.org/);
      await stage.forgetCalls();
      assert.equal(await stack.preview(named("example.com")), "same");
      assert.ok(
        stage.lines.some((line) => /differs at DigiCert: dnsNames: the certificate covers example\.org/.test(line)),
      );
      // Declared, it is followed.
      await stack.up(named("example.org"));
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.drift, undefined);
    });
  });

  describe("and whose reissue is canceled", () => {
    const program = () => named("example.com", "example.net");

    it("are said, not asked for again, and repaired by putting them back and changing them again", async () => {
      await issued();
      await stack.up(program());
      await cancelInConsole();
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "update");
      assert.ok(stage.lines.some((line) => line.includes(`order ${orderId}: reissue_pending -> issued`)));
      await stack.up(program());
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.status, "issued");
      stage.lines.length = 0;
      assert.equal(await stack.preview(program()), "same");
      assert.ok(
        stage.lines.some((line) => /dnsNames: the certificate covers example\.com/.test(line)),
        stage.lines.join(),
      );
      for (const days of [1, 20]) {
        await stage.advance({ days });
        await stack.up(program());
      }
      assert.deepEqual(stage.writes(), []);

      await stack.up(named("example.com"));
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.drift, undefined);
      await settled(named("example.com"));
      await stack.up(program());
      assert.deepEqual(stage.writes(), [reissue()]);
      assert.equal(stack.outs.status, "reissue_pending");
      await settled(program());
    });

    it("can be given up while it is pending only in CertCentral: the preview says so", async () => {
      await issued();
      await stack.up(program());
      const error = await failureOf(stack.preview(named("example.com")));
      assert.match(error.message, /cancel that reissue in CertCentral/);
      await cancelInConsole();
      await stage.forgetCalls();
      await stack.up(named("example.com"));
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.status, "issued");
      await settled(named("example.com"));
    });
  });

  describe("and the answer is lost", () => {
    const program = () => named("example.com", "example.net");
    const fault = (fault: Omit<Fault, "match">) =>
      stage.control.fault({ match: { method: "POST", path: "/reissue$" }, ...fault });

    for (const lost of [
      { kind: "reset-after-commit" },
      { kind: "truncated" },
      { kind: "status", status: 500, commit: true },
      { kind: "timeout", commit: true },
    ] as Omit<Fault, "match">[]) {
      it(`the reissue is found in the same run: ${JSON.stringify(lost)}`, async () => {
        if (lost.kind === "timeout") stage.timeoutMs = 300;
        await issued();
        await fault(lost);
        await stack.up(program());
        assert.deepEqual(stage.writes(), [reissue()]);
        assert.equal(stack.outs.status, "reissue_pending");
        assert.ok(stack.outs.dcvRecords.some(({ domain }: Json) => domain === "example.net"));
        await settled(program());
        await prove();
        await stack.up(program());
        await settled(program());
      });
    }

    it("one that needs no proof is found issued", async () => {
      await issued(named("example.com", "example.net"));
      await fault({ kind: "reset-after-commit" });
      await stack.up(named("example.com"));
      assert.deepEqual(stage.writes(), [reissue()]);
      assert.equal(stack.outs.status, "issued");
      await settled(named("example.com"));
    });

    it("and DigiCert is blind: kept as doubt, followed by the next up", async () => {
      await issued();
      const before = stack.outs;
      await fault({ kind: "reset-after-commit" });
      const list = { match: { method: "GET", path: "/reissue$" } };
      await stage.control.fault({ ...list, kind: "delay", milliseconds: 1 });
      await stage.control.fault({ ...list, kind: "status", times: 0 });
      const error = await failureOf(stack.up(program()));
      assert.ok(error instanceof PartialStateError, String(error));
      assert.match(error.message, /in doubt whether DigiCert took the reissue of order \d+.*again in 15 minutes/s);
      const { __reissued, ...others } = stack.outs;
      assert.deepEqual(others, before, "the rest of the state is as it was");
      assert.ok(__reissued.doubtSince);
      await stage.control.clearFaults();
      await stage.forgetCalls();
      await stack.up(program());
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.status, "reissue_pending");
      assert.equal(stack.outs.__reissued.doubtSince, undefined);
      await settled(program());
    });

    it("and nothing shows: asked for again only once the doubt is 15 minutes old", async () => {
      await issued();
      await fault({ kind: "reset-before" });
      const error = await failureOf(stack.up(program()));
      assert.ok(error instanceof PartialStateError);
      const { doubtSince } = stack.outs.__reissued;
      for (let i = 0; i < 3; i++) {
        const again = await failureOf(stack.up(program()));
        assert.match(
          again.message,
          /still in doubt whether DigiCert took the reissue request\. It is not sent again before/,
        );
        assert.equal(stack.outs.__reissued.doubtSince, doubtSince);
      }
      assert.deepEqual(stage.writes(), [reissue()]);
      await stage.advance({ minutes: 15 });
      await stack.up(program());
      assert.deepEqual(stage.writes(), [reissue(), reissue()]);
      assert.equal((await stage.control.dump()).certcentral.certificates.length, 2);
      await settled(program());
    });

    it("and the program takes the change back: nothing is asked for, and no doubt is left", async () => {
      await issued();
      await fault({ kind: "reset-before" });
      await failureOf(stack.up(program()));
      await stack.up(named("example.com"));
      assert.deepEqual(stage.writes(), [reissue()]);
      assert.equal(stack.outs.__reissued, undefined);
      await settled(named("example.com"));
    });

    it("and the program takes back what was taken: it says that the order is being reissued for other names", async () => {
      await issued();
      await fault({ kind: "reset-after-commit" });
      const list = { match: { method: "GET", path: "/reissue$" } };
      await stage.control.fault({ ...list, kind: "delay", milliseconds: 1 });
      await stage.control.fault({ ...list, kind: "status", times: 0 });
      assert.ok((await failureOf(stack.up(program()))) instanceof PartialStateError);
      await stage.control.clearFaults();
      await stage.forgetCalls();
      stage.lines.length = 0;
      await stack.up(named("example.com"));
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.status, "reissue_pending");
      await prove();
      await stack.up(named("example.com"));
      assert.match(stack.outs.drift.join(), /covers example\.com, example\.net/);
    });

    it("and the console reissues it for other names meanwhile: that one is not taken for ours", async () => {
      await issued();
      await fault({ kind: "reset-before" });
      const jump = stage.clock.jump.bind(stage.clock);
      stage.clock.jump = async (ms) => {
        stage.clock.jump = jump;
        await inConsole(["example.org"]);
        await jump(ms);
      };
      const before = stack.stored;
      const error = await failureOf(stack.up(program()));
      assert.equal(error.code, "reissue_pending");
      assert.match(error.message, /certificate \d+ for example\.org/);
      assert.deepEqual(stack.stored, before);
    });

    it("429 proves that nothing was taken: looks, and sends it again", async () => {
      await issued();
      await fault({ kind: "throttle" });
      await stage.forgetCalls();
      await stack.up(program());
      assert.equal(stack.outs.status, "reissue_pending");
      const calls = stage.calls(undefined, /reissue$/).map((call) => call.split(" ")[0]);
      assert.deepEqual(calls.slice(0, 4), ["GET", "POST", "GET", "POST"]);
      assert.equal(calls.filter((method) => method === "POST").length, 2);
    });

    it("429 without end: an error that names the limit, and the state stays", async () => {
      await issued();
      const before = stack.stored;
      await fault({ kind: "throttle", times: 0 });
      const error = await failureOf(stack.up(program()));
      assert.match(error.message, /429 request_limit_exceeded.*100 requests in 5 seconds/);
      assert.deepEqual(stack.stored, before);
    });
  });

  describe("in a run that crashed after the request", () => {
    it("are followed by the next: one reissue", async () => {
      await issued();
      const program = named("example.com", "example.net");
      const process = stack.process();
      await process.update(stack.stored!.id, stack.stored!.outs, await stack.check(process, program));
      await stage.forgetCalls();
      await stack.up(program);
      assert.deepEqual(stage.writes(), []);
      assert.equal(stack.outs.status, "reissue_pending");
      await settled(program);
    });

    it("that also removed names whose certificate is there already", async () => {
      await issued(named("example.com", "example.net"));
      const program = named("example.com");
      const process = stack.process();
      await process.update(stack.stored!.id, stack.stored!.outs, await stack.check(process, program));
      await stage.forgetCalls();
      await stack.up(program);
      assert.deepEqual(stage.writes(), []);
      await settled(program);
    });
  });

  it("and looking at the order fails after the request: the reissue is kept, and the next up makes it good", async () => {
    await issued();
    const program = named("example.com", "example.net");
    await stage.control.fault({ match: { method: "GET", path: "^/domain/" }, kind: "status", times: 0 });
    const error = await failureOf(stack.up(program));
    assert.ok(error instanceof PartialStateError);
    assert.match(error.message, new RegExp(`order ${orderId} is being reissued`));
    await stage.control.clearFaults();
    await stage.forgetCalls();
    await stack.up(program);
    assert.deepEqual(stage.writes(), []);
    assert.ok(stack.outs.dcvRecords.some(({ domain }: Json) => domain === "example.net"));
    await settled(program);
  });

  describe("in a stack that may not buy", () => {
    const strictly = async (program: Json) => {
      const context = stage.context();
      Object.defineProperty(context, "mayOrder", { get: () => false });
      const process = stack.process(context);
      const inputs = await stack.check(process, program);
      stage.lines.length = 0;
      await process.diff(stack.stored!.id, stack.stored!.outs, inputs);
      return process.update(stack.stored!.id, stack.stored!.outs, inputs);
    };

    it("are refused when one is added, and the preview says so", async () => {
      await issued();
      const error = await failureOf(strictly(named("example.com", "example.net")));
      assert.equal(error.code, "orders_not_allowed");
      assert.deepEqual(stage.writes(), []);
      assert.ok(stage.lines.some((line) => /may COST money; .*This stack may not buy yet/.test(line)));
    });

    it("are reissued when one is only removed", async () => {
      await issued(named("example.com", "example.net"));
      await strictly(named("example.com"));
      assert.deepEqual(stage.writes(), [reissue()]);
      assert.ok(!stage.lines.some((line) => /COST|may not buy/.test(line)));
    });

    it("are followed when the console added one", async () => {
      await issued();
      await inConsole(["example.com", "example.net"]);
      await stage.forgetCalls();
      await strictly(named("example.com", "example.net"));
      assert.deepEqual(stage.writes(), []);
    });
  });
});
