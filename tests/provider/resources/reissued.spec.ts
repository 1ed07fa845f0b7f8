import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PartialStateError, type Props } from "../../../provider/lifecycle";
import { markCertificateOutputs } from "../../../provider/resources/markCertificate";
import { unknownValue } from "../../../provider/unknown";
import { failureOf, type Json, type Stack, Stage } from "../support";

const logoUrl = "https://example.com/logo-1.svg";
const certificateUrl = "https://example.com/logo-1.pem";
const former = ["example.com", "example.net"];
const added = "mail.example.com";
const names = [...former, added];

describe("a mark certificate that is issued", () => {
  let stage: Stage;
  let order: Stack;
  let stack: Stack;
  /** What the order's outputs say of it. */
  let told: Json;
  const start = async (changes: Props = {}, options: Parameters<typeof Stage.start>[0] = {}) => {
    stage = await Stage.start(options);
    order = stage.vmc();
    stack = stage.certificate();
    await order.up(stage.inputs({ dnsNames: former, ...changes }));
    await stage.issue(order.outs.orderId);
    told = stage.orderOf(order);
    await stack.up(program());
    await stage.forgetCalls();
    stage.lines.length = 0;
  };
  afterEach(() => stage.stop());

  const program = (changes: Props = {}): Props => ({ order: told, logoUrl, certificateUrl, ...changes });
  const pairs = () =>
    stack.outs.published.map((pair: Json) => [pair.name, pair.logoUrl, pair.certificateUrl]) as string[][];
  const pairsOf = (dnsNames: string[], l = logoUrl, a = certificateUrl) => dnsNames.map((name) => [name, l, a]);
  const missing = () => stack.outs.missing.map(({ what, who }: Json) => `${what} | ${who}`);
  const path = () => `/order/certificate/${order.outs.orderId}`;
  const checks = () => stage.calls("PUT", /\/dcv\/validate-token$/);
  const thumbprint = async () => (await stage.scene.info(order.outs.orderId)).certificate.thumbprint;

  /** What the order does when its names change; its outputs then tell the new certificate and its domains. */
  const reissue = async (dnsNames: string[], { skipApproval = true } = {}) => {
    const answer = await stage.scene.ok(201, "POST", `${path()}/reissue`, {
      certificate: { dns_names: dnsNames },
      skip_approval: skipApproval,
    });
    const { reissue, names: issued } = await stage.order(order.outs.orderId);
    const domains = (reissue?.names ?? issued) as Json[];
    told = {
      ...told,
      dnsNames,
      certificateId: answer.certificate_id ?? told.certificateId,
      domainIds: domains.length > 0 ? domains.map(({ domainId }) => domainId) : told.domainIds,
    };
    await stage.forgetCalls();
    return answer;
  };
  const domainOf = async (name: string): Promise<number> =>
    (await stage.control.dump()).certcentral.domains.find((domain) => domain.name === name)!.id;
  const prove = async (name: string) => {
    const { dcv_token } = await stage.scene.ok(200, "GET", `/domain/${await domainOf(name)}?include_dcv=true`);
    await stage.scene.publish("TXT", name, dcv_token.token);
  };

  describe("is looked at again when the order", () => {
    // Another logo may not have the logoUrl of this one.
    const hosted = (changes: Props) => program({ logoUrl: undefined, certificateUrl: undefined, ...changes });
    beforeEach(async () => {
      await start({ enableHosting: true });
      await stack.up(hosted({}));
      await stage.forgetCalls();
    });

    for (const [what, change] of Object.entries<(order: Json) => Json>({
      "has another certificate": ({ certificateId }) => ({ certificateId: certificateId + 1 }),
      "has a certificate's id only now": () => ({ certificateId: 7 }),
      "has one name more": ({ dnsNames }) => ({ dnsNames: [...dnsNames, added] }),
      "has one name less": ({ dnsNames }) => ({ dnsNames: dnsNames.slice(1) }),
      "has another domain": ({ domainIds }) => ({ domainIds: [domainIds[0], 7] }),
      "has another logo": () => ({ logoSha256: "ab".repeat(32) }),
      "has a new name, while its number is not known": ({ dnsNames }) => ({
        orderId: unknownValue,
        certificateId: unknownValue,
        dnsNames: [...dnsNames, added],
      }),
    })) {
      it(what, async () => {
        if (what.includes("only now")) {
          told.certificateId = undefined;
          await stack.up(hosted({}));
          assert.equal(await stack.preview(hosted({})), "same");
        }
        await stage.forgetCalls();
        assert.equal(await stack.preview(hosted({ order: { ...told, ...change(told) } })), "update");
        assert.deepEqual(stage.calls(), [], "the inputs tell it");
      });
    }

    for (const [what, change] of Object.entries<(order: Json) => Json>({
      "names in another order and spelling": () => ({ dnsNames: ["example.NET.", "example.com"] }),
      "domains in another order": ({ domainIds }) => ({ domainIds: [...domainIds].reverse() }),
      "a certificate that is not known yet": () => ({ certificateId: unknownValue }),
      "domains that are not known yet": () => ({ domainIds: unknownValue }),
      "a domain that is not known yet": ({ domainIds }) => ({ domainIds: [...domainIds, unknownValue] }),
      "names that are not known yet": ({ dnsNames }) => ({ dnsNames: [...dnsNames, unknownValue] }),
      "a logo that is not known yet": () => ({ logoSha256: unknownValue }),
    })) {
      it(`but not for ${what}`, async () => {
        assert.equal(await stack.preview(hosted({ order: { ...told, ...change(told) } })), "same");
        assert.deepEqual(stage.calls(), []);
      });
    }
  });

  describe("is looked at again or not by what its state holds,", () => {
    beforeEach(() => start());

    it("not when that is of version 0.1.0, which kept no copies: neither before nor after a refresh", async () => {
      const [fixture] = JSON.parse(readFileSync("tests/fixtures/state/0.1.0-1.json", "utf8"))
        .stack.deployment.resources.filter(({ urn }: Json) => urn.endsWith("MarkCertificate::vmc"))
        .map(({ outputs }: Json) => outputs);
      assert.deepEqual(
        ["certificateId", "__domains"].filter((copy) => copy in fixture),
        [],
      );
      const { certificateId: _, __domains: __, ...outs } = stack.outs;
      const { orderId, validTill, logoSha256 } = outs.__publishedBy;
      outs.__publishedBy = { orderId, validTill, logoSha256 };
      const known = Object.keys(markCertificateOutputs.shape).filter((key) => key in fixture);
      assert.deepEqual(Object.keys(outs).sort(), known.sort(), "it is what 0.1.0 left");
      stack.stored!.outs = outs;
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), []);
      await stack.refresh();
      assert.equal(await stack.preview(program()), "same");
    });

    it("30 days before its end, when nothing tells the certificate's id: then DigiCert is asked", async () => {
      told.certificateId = undefined;
      await stack.up(program());
      await stage.advance({ days: 360 });
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), []);
      await stage.advance({ days: 8 });
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), ["GET /user/me", `GET ${path()}`]);
      for (const name of former) await stage.control.approveDomain(name);
      await reissue(former);
      told.certificateId = undefined;
      await stage.control.vetOrganization(stage.organizationId);
      await stage.control.tick();
      const old = stack.outs.thumbprint;
      assert.equal(await stack.up(program()), "update");
      assert.notEqual(stack.outs.thumbprint, old);
      assert.equal(stack.outs.thumbprint, await thumbprint());
    });
  });

  describe("while a reissue is pending", () => {
    beforeEach(() => start());

    it("keeps the old pairs, has an empty a= for the new name, and says what the reissue waits for", async () => {
      const old = stack.outs.thumbprint;
      await reissue(names);
      assert.equal(await stack.preview(program()), "update");
      assert.deepEqual(stage.writes(), []);
      await stack.up(program());
      assert.equal(stack.outs.status, "reissue_pending");
      assert.equal(stack.outs.thumbprint, old);
      assert.deepEqual(pairs(), [...pairsOf(former), [added, logoUrl, ""]]);
      assert.deepEqual(missing(), [
        `domain control of ${added}: TXT record at ${added} | you`,
        "issuance of the new certificate | DigiCert",
      ]);
      assert.deepEqual(stack.outs.findings, []);
      assert.deepEqual(checks(), [`PUT /domain/${await domainOf(added)}/dcv/validate-token`]);
    });

    it("is left alone by an unchanged preview, asks every hour, and a refresh writes nothing", async () => {
      await reissue(names);
      await stack.up(program());
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), ["GET /user/me", "GET /order/certificate", `GET ${path()}`]);
      await stack.refresh();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(pairs(), [...pairsOf(former), [added, logoUrl, ""]]);
      await stage.advance({ minutes: 61 });
      assert.equal(await stack.preview(program()), "update");
      assert.deepEqual(stage.writes(), []);
      await stack.destroy();
      assert.deepEqual(stage.writes(), []);
    });

    it("switches all pairs at once when the new name is proved and the certificate is there, then is at rest", async () => {
      const old = stack.outs.thumbprint;
      await reissue(names);
      await stack.up(program());
      await stage.advance({ days: 12 });
      await prove(added);
      assert.equal(await stack.up(program()), "update");
      assert.ok(checks().length >= 2, "found by the check that the update asked for");
      assert.equal(stack.outs.status, "issued");
      assert.notEqual(stack.outs.thumbprint, old);
      assert.equal(stack.outs.thumbprint, await thumbprint());
      assert.deepEqual(pairs(), pairsOf(names));
      assert.deepEqual(stack.outs.missing, []);
      assert.ok(
        stage.lines.some((line) => line.includes(`has a new certificate: replace the chain at ${certificateUrl}`)),
      );
      await stage.advance({ days: 30 });
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), []);
    });

    it("keeps both old URLs when the program already names those of the new certificate, then switches both", async () => {
      const next = ["https://example.com/logo-1b.svg", "https://example.com/logo-2.pem"] as const;
      const moved = () => program({ logoUrl: next[0], certificateUrl: next[1] });
      await reissue(names);
      await stack.up(moved());
      assert.deepEqual(pairs(), [...pairsOf(former), [added, next[0], ""]]);
      await stack.refresh();
      assert.deepEqual(pairs(), [...pairsOf(former), [added, next[0], ""]]);
      assert.equal(await stack.preview(moved()), "same");
      await stage.control.approveDomain(added);
      await stack.up(moved());
      assert.deepEqual(pairs(), pairsOf(names, ...next));
      assert.ok(!stage.lines.some((line) => line.includes("replace the chain")), "the chain has a URL of its own");
    });

    it("keeps the chain that is served until then", async () => {
      const told = () => program({ includeChain: true });
      await stack.up(told());
      const { pem } = stack.outs;
      await reissue(names);
      for (const look of [() => stack.up(told()), () => stack.refresh()]) {
        await look();
        assert.equal(stack.outs.pem, pem);
        assert.equal(await stack.preview(told()), "same");
      }
      await stage.control.approveDomain(added);
      await stack.up(told());
      assert.match(stack.outs.pem, /^-----BEGIN CERTIFICATE-----/);
      assert.notEqual(stack.outs.pem, pem);
    });

    it("names the domains of a reissue that the order's outputs do not know yet", async () => {
      const { domainIds } = told;
      await reissue(names);
      told.domainIds = domainIds;
      await stack.up(program());
      assert.match(missing()[0]!, new RegExp(`^domain control of ${added}: `));
    });

    it("says so of a name whose old proof has ended", async () => {
      await stage.advance({ days: 210 });
      await reissue(former);
      await stack.up(program());
      assert.deepEqual(
        missing().filter((item: string) => item.startsWith("domain control")),
        former.map((name) => `domain control of ${name}: TXT record at ${name} | you`),
      );
      assert.equal(checks().length, 2);
      assert.deepEqual(pairs(), pairsOf(former));
    });

    it("is withdrawn when the old certificate expires before the new one is there", async () => {
      await stage.advance({ days: 390 });
      await reissue(names);
      await stack.up(program());
      await stage.advance({ days: 9 });
      assert.equal(await stack.preview(program()), "update");
      await stack.up(program());
      assert.deepEqual(pairs(), pairsOf(names, logoUrl, ""));
    });

    it("waits for it when told", async () => {
      await reissue(names);
      for (const wait of ["dcv", "issuance"]) {
        const error = await failureOf(stack.up(program({ wait, waitMinutes: 2 })));
        assert.ok(error instanceof PartialStateError);
        assert.match(
          error.message,
          /is reissue_pending after 2 minutes; missing: domain control of mail\.example\.com/,
        );
        assert.deepEqual(pairs(), [...pairsOf(former), [added, logoUrl, ""]]);
      }
      await stage.control.approveDomain(added);
      await stack.up(program({ wait: "issuance", waitMinutes: 2 }));
      assert.deepEqual(pairs(), pairsOf(names));
    });

    it("describes the certificate that is there even when it cannot be downloaded just now", async () => {
      await reissue(names);
      await stage.control.fault({ match: { path: "^/certificate/" }, kind: "status", status: 403, times: 0 });
      const { thumbprint, validTill, chainSha256 } = stack.outs;
      await stack.up(program());
      assert.deepEqual(pairs(), [...pairsOf(former), [added, logoUrl, ""]]);
      assert.deepEqual(
        [stack.outs.thumbprint, stack.outs.validTill, stack.outs.chainSha256],
        [thumbprint, validTill, chainSha256],
      );
    });
  });

  describe("while a reissue waits for its approval", () => {
    beforeEach(() => start());

    it("says which request, asks for no check, and goes on in the preview after the approval", async () => {
      const { requests } = await reissue(names, { skipApproval: false });
      await stack.up(program());
      assert.equal(stack.outs.status, "reissue_pending");
      assert.deepEqual(missing(), [
        `approval of reissue request ${requests[0].id} | an administrator of the CertCentral account`,
      ]);
      assert.deepEqual(checks(), []);
      assert.deepEqual(pairs(), [...pairsOf(former), [added, logoUrl, ""]]);
      await stage.advance({ days: 2 });
      assert.equal(await stack.preview(program()), "same");
      await stage.control.approveRequest(requests[0].id);
      assert.equal(await stack.preview(program()), "update");
      await stack.up(program());
      assert.match(missing()[0]!, new RegExp(`^domain control of ${added}: `));
      assert.equal(checks().length, 1);
      assert.equal(await stack.preview(program()), "same");
    });

    for (const [what, end] of Object.entries<(requestId: number) => Promise<unknown>>({
      "was rejected": (id) => stage.control.rejectRequest(id),
      "was canceled": () =>
        stage.scene.ok(204, "PUT", `${path()}/status`, { status: "CANCELED", note: "changed our mind" }),
    })) {
      it(`is issued with the old certificate after it ${what}`, async () => {
        const old = stack.outs.thumbprint;
        const { requests } = await reissue(names, { skipApproval: false });
        await stack.up(program());
        await end(requests[0].id);
        assert.equal(await stack.preview(program()), "update");
        assert.ok(stage.lines.includes(`order ${order.outs.orderId}: reissue_pending -> issued`));
        await stack.up(program());
        assert.deepEqual([stack.outs.status, stack.outs.thumbprint], ["issued", old]);
        assert.deepEqual(stack.outs.missing, []);
        assert.deepEqual(pairs(), [...pairsOf(former), [added, logoUrl, ""]]);
        assert.match(stack.outs.findings[0].message, /does not cover mail\.example\.com/);
        assert.equal(await stack.preview(program()), "same");
        told = { ...told, dnsNames: former };
        await stack.up(program());
        assert.deepEqual(pairs(), pairsOf(former));
        assert.deepEqual(stack.outs.findings, []);
        await stage.forgetCalls();
        assert.equal(await stack.preview(program()), "same");
        assert.deepEqual(stage.calls(), []);
      });
    }

    it("is issued with the old certificate after an approved reissue was canceled", async () => {
      const old = stack.outs.thumbprint;
      await reissue(names);
      await stack.up(program());
      await stage.scene.ok(204, "PUT", `${path()}/status`, { status: "CANCELED", note: "changed our mind" });
      await stack.up(program());
      assert.deepEqual([stack.outs.status, stack.outs.thumbprint], ["issued", old]);
      assert.deepEqual(pairs(), [...pairsOf(former), [added, logoUrl, ""]]);
    });
  });

  describe("was reissued", () => {
    beforeEach(() => start());

    it("with the same names and at once: the new id of the certificate tells", async () => {
      const old = stack.outs.thumbprint;
      await reissue(former);
      await stage.control.tick();
      assert.equal(await stack.preview(program()), "update");
      assert.deepEqual(stage.calls(), [], "the inputs tell it");
      await stack.up(program());
      assert.notEqual(stack.outs.thumbprint, old);
      assert.equal(stack.outs.thumbprint, await thumbprint());
      assert.equal(stack.outs.certificateId, told.certificateId);
      assert.equal(stack.outs.__publishedBy.certificateId, told.certificateId);
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), []);
    });

    it("with a name less: the records of the others stay", async () => {
      await reissue(["example.com"]);
      await stage.control.tick();
      await stack.up(program());
      assert.deepEqual(pairs(), pairsOf(["example.com"]));
      assert.deepEqual(stack.outs.findings, []);
    });

    it("in the console: a refresh shows it", async () => {
      const { order: before } = program();
      await reissue(former);
      await stage.control.tick();
      told = before;
      assert.equal(await stack.preview(program()), "same", "at rest nothing is asked");
      await stack.refresh();
      assert.equal(stack.outs.thumbprint, await thumbprint());
      assert.equal(await stack.preview(program()), "same");
    });

    it("but the new certificate cannot be had yet: the old pair stays, and it is looked for again", async () => {
      const old = told.certificateId;
      await reissue(former);
      await stage.control.tick();
      await stage.control.fault({ match: { path: "^/certificate/" }, kind: "status", status: 404, code: "not_found" });
      await stack.up(program({ certificateUrl: "https://example.com/logo-2.pem" }));
      assert.deepEqual(pairs(), pairsOf(former));
      assert.equal("thumbprint" in stack.outs, false);
      assert.equal(stack.outs.__publishedBy.certificateId, old);
      await stage.advance({ hours: 7 });
      assert.equal(await stack.up(program({ certificateUrl: "https://example.com/logo-2.pem" })), "update");
      assert.deepEqual(pairs(), pairsOf(former, logoUrl, "https://example.com/logo-2.pem"));
    });

    it("but DigiCert does not show it yet: the certificate is looked for again", async () => {
      told.certificateId += 1;
      await stack.up(program());
      assert.equal(await stack.preview(program()), "same");
      await stage.advance({ hours: 7 });
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), ["GET /user/me", `GET ${path()}`]);
      await reissue(former);
      await stage.control.tick();
      assert.equal(await stack.preview(program()), "update");
    });

    it("but without a name that is published: no pair switches, so that all belong to one certificate", async () => {
      const old = told.certificateId;
      const next = { certificateUrl: "https://example.com/logo-2.pem" };
      await reissue(["example.com"]);
      await stage.control.tick();
      told.dnsNames = former;
      await stack.up(program(next));
      assert.deepEqual(pairs(), pairsOf(former));
      assert.equal(stack.outs.__publishedBy.certificateId, old);
      assert.match(stack.outs.findings[0].message, /does not cover example\.net/);
      told.dnsNames = ["example.com"];
      await stack.up(program(next));
      assert.deepEqual(pairs(), pairsOf(["example.com"], logoUrl, next.certificateUrl));
    });
  });

  it("moves to DigiCert's new locations only when both of the new certificate are there", async () => {
    await start({ enableHosting: true });
    const hosted = () => ({ order: told });
    await stack.up(hosted());
    const [[, l, a]] = pairs() as [[string, string, string]];
    assert.match(l, /^https:\/\/hosted\./);
    await reissue(names);
    await stack.up(hosted());
    assert.deepEqual(pairs(), [...pairsOf(former, l, a), [added, l, ""]]);
    await stage.control.approveDomain(added);
    await stack.up(hosted());
    const { hostedLogoUrl, hostedCertificateUrl } = stack.outs;
    assert.deepEqual(pairs(), pairsOf(names, hostedLogoUrl, hostedCertificateUrl));
    assert.ok(hostedLogoUrl !== l && hostedCertificateUrl !== a);
  });
});
