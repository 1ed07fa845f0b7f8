import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import type { Props } from "../../../provider/lifecycle";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";

const logoUrl = "https://example.com/logo-1.svg";
const certificateUrl = "https://example.com/logo-1.pem";

describe("the published pairs of a mark certificate", () => {
  let stage: Stage;
  let order: Stack;
  let stack: Stack;
  const start = async (changes: Props = {}, options: Parameters<typeof Stage.start>[0] = {}) => {
    stage = await Stage.start(options);
    order = stage.vmc();
    stack = stage.certificate();
    await order.up(stage.inputs({ dnsNames: ["example.com", "example.net"], ...changes }));
  };
  afterEach(() => stage.stop());

  const program = (changes: Props = {}): Props => ({
    order: stage.orderOf(order),
    logoUrl,
    certificateUrl,
    ...changes,
  });
  const pairs = () =>
    stack.outs.published.map((pair: Json) => [pair.name, pair.logoUrl, pair.certificateUrl]) as string[][];
  const both = (l: string, a: string) => [
    ["example.com", l, a],
    ["example.net", l, a],
  ];
  const issued = async (changes: Props = {}) => {
    await stage.issue(order.outs.orderId);
    await stack.up(program(changes));
  };
  const errors = () => stack.outs.findings.filter(({ severity }: Json) => severity === "error");
  const revoke = (path: string) => stage.scene.ok(204, "PUT", `${path}/revoke`, { skip_approval: true });

  describe("while the order is pending", () => {
    it("have an empty a=, and l= as given", async () => {
      await start();
      await stack.up(program());
      assert.deepEqual(pairs(), both(logoUrl, ""));
    });

    it("are empty when nothing is given", async () => {
      await start({ enableHosting: true });
      await stack.up({ order: stage.orderOf(order) });
      assert.deepEqual(pairs(), both("", ""));
    });
  });

  describe("once issued", () => {
    it("are the given URLs, both at once, and the certificate is described", async () => {
      await start();
      await stack.up(program());
      await issued();
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      assert.deepEqual(errors(), []);
      const [certificate] = (await stage.control.dump()).certcentral.certificates;
      const { issued: made } = certificate!;
      const leaf = new X509Certificate(made!.leafPem);
      assert.equal(stack.outs.thumbprint, leaf.fingerprint.replaceAll(":", ""));
      assert.equal(stack.outs.serialNumber, leaf.serialNumber);
      assert.equal(Date.parse(stack.outs.validTill), Date.parse(leaf.validTo));
      assert.equal(Date.parse(stack.outs.validFrom), Date.parse(leaf.validFrom));
      assert.equal("pem" in stack.outs, false, "the chain is hosted");
      assert.deepEqual(stack.outs.missing, []);
    });

    it("leave a small state: wall time of every later operation", async () => {
      const kilobyte = 1024;
      for (const dnsNames of [["example.com"], Array.from({ length: 8 }, (_, i) => `brand${i}.example.com`)]) {
        await stage?.stop();
        await start({ dnsNames });
        await issued();
        await order.up(stage.inputs({ dnsNames }));
        const bytes = JSON.stringify([order.outs, stack.outs]).length;
        assert.ok(bytes <= 2.5 * kilobyte + dnsNames.length * 0.4 * kilobyte, `${bytes} bytes`);
      }
    });

    it("are at rest: nothing is asked any more", async () => {
      await start();
      await issued();
      await stage.advance({ days: 100 });
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), []);
    });

    for (const hostedLocations of ["vmc", "root"] as const) {
      it(`are DigiCert's locations with enableHosting, told in ${hostedLocations}`, async () => {
        await start({ enableHosting: true }, { switches: { hostedLocations } });
        await stage.issue(order.outs.orderId);
        await stack.up({ order: stage.orderOf(order) });
        const { hostedLogoUrl, hostedCertificateUrl } = stack.outs;
        assert.match(hostedLogoUrl, /^https:\/\/.*\.svg$/);
        assert.match(hostedCertificateUrl, /^https:\/\/.*\.pem$/);
        assert.deepEqual(pairs(), both(hostedLogoUrl, hostedCertificateUrl));
        assert.equal("pem" in stack.outs, false);
      });
    }

    it("are the given URLs even if DigiCert hosts both", async () => {
      await start({ enableHosting: true });
      await issued();
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("stay empty when nothing hosts them: a line says what to host, and the chain is an output", async () => {
      await start();
      await stage.issue(order.outs.orderId);
      await stack.up({ order: stage.orderOf(order) });
      assert.deepEqual(pairs(), both("", ""));
      const { pem, chainSha256 } = stack.outs;
      assert.match(pem, /^-----BEGIN CERTIFICATE-----/);
      assert.equal(createHash("sha256").update(pem).digest("hex"), chainSha256);
      assert.ok(stage.lines.some((line) => /is issued, but .*logoUrl.*certificateUrl/.test(line)));
      assert.equal(await stack.up(program()), "update");
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("are never half a pair: a certificate without a logo's URL is not published", async () => {
      await start();
      await stage.issue(order.outs.orderId);
      await stack.up({ order: stage.orderOf(order), certificateUrl });
      assert.deepEqual(pairs(), both("", ""));
      assert.ok(stage.lines.some((line) => /set logoUrl/.test(line)));
    });

    it("take names in any spelling", async () => {
      await start();
      const spelled = { ...stage.orderOf(order), dnsNames: ["Example.COM.", "example.NET"] };
      await stage.issue(order.outs.orderId);
      await stack.up(program({ order: spelled }));
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("keep the chain when told, and drop it when told", async () => {
      await start();
      await issued({ includeChain: true });
      assert.ok(stack.outs.pem);
      assert.equal(await stack.preview(program({ includeChain: true })), "same");
      await stack.up(program({ includeChain: false }));
      assert.equal("pem" in stack.outs, false);
      await stack.refresh();
      assert.equal("pem" in stack.outs, false);
    });

    it("of a common mark certificate too", async () => {
      await start();
      const cmc = stage.cmc();
      await cmc.up(stage.inputs({ trademark: undefined, years: 3 }));
      await stage.issue(cmc.outs.orderId);
      await stack.up(program({ order: stage.orderOf(cmc) }));
      assert.deepEqual(pairs(), [["example.com", logoUrl, certificateUrl]]);
    });

    it("under the older profile, and with ids and booleans as strings", async () => {
      await start({}, { profile: "seed", switches: { looseTypes: "strings" } });
      await stack.up(program());
      await issued();
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });
  });

  describe("of a certificate that does not verify", () => {
    it("stay unpublished: another logo than the ordered one", async () => {
      await start();
      await stage.issue(order.outs.orderId);
      const wrong = createHash("sha256").update("another logo").digest("hex");
      await stack.up(program({ order: { ...stage.orderOf(order), logoSha256: wrong } }));
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.equal(errors().length, 1);
      assert.match(errors()[0].message, /is not the ordered one/);
      assert.equal(stack.outs.status, "issued");
      assert.ok(stack.outs.thumbprint);
      assert.ok(stage.lines.some((line) => /CERT-\d+ \(error\).*not the ordered one/.test(line)));
    });

    it("stay unpublished: a root that nobody trusts", async () => {
      await start();
      await stage.issue(order.outs.orderId);
      const foreign = stage.context();
      Object.defineProperty(foreign.client, "isLoopback", { value: false });
      const process = stack.process(foreign);
      const { outs } = await process.create(await stack.check(process, program()));
      assert.equal((outs.published as Json[])[0].certificateUrl, "");
      assert.ok(
        (outs.findings as Json[]).some(({ message }) => /leads to no trusted mark-certificate root/.test(message)),
      );
    });

    it("stay unpublished: a chain of another certificate", async () => {
      await start();
      const other = stage.vmc("other");
      await other.up(stage.inputs());
      await stage.issue(other.outs.orderId);
      await stage.issue(order.outs.orderId);
      const { chainPem } = (await stage.control.dump()).certcentral.certificates.find(
        ({ orderId }) => orderId === other.outs.orderId,
      )!.issued!;
      await stage.control.fault({ match: { path: "^/certificate/" }, kind: "status", status: 200, body: chainPem });
      await stack.up(program());
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.ok(errors().some(({ message }: Json) => /but the order's is/.test(message)));
    });

    it("stay unpublished only for the name that it does not cover", async () => {
      await start();
      await stage.issue(order.outs.orderId);
      const more = { ...stage.orderOf(order), dnsNames: ["example.com", "example.net", "example.org"] };
      await stack.up(program({ order: more }));
      assert.deepEqual(pairs(), [...both(logoUrl, certificateUrl), ["example.org", logoUrl, ""]]);
      assert.match(errors()[0].message, /does not cover example\.org/);
    });

    it("keep the old pair in force", async () => {
      await start();
      await issued();
      const wrong = createHash("sha256").update("another logo").digest("hex");
      await stack.up(
        program({ order: { ...stage.orderOf(order), logoSha256: wrong }, logoUrl: "https://example.com/logo-2.svg" }),
      );
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("are looked at again six hours later, and published once it does", async () => {
      await start();
      await stage.issue(order.outs.orderId);
      const match = { path: "^/certificate/" };
      await stage.control.fault({ match, kind: "status", status: 404, code: "not_found|certificate" });
      await stack.up(program());
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.equal(await stack.preview(program()), "same");
      await stage.advance({ hours: 6, minutes: 1 });
      assert.equal(await stack.preview(program()), "update");
      await stack.up(program());
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });
  });

  describe("stay in force", () => {
    it("while a reissue is pending, and while the answer is lost", async () => {
      await start();
      await issued();
      await stage.scene.ok(201, "POST", `/order/certificate/${order.outs.orderId}/reissue`, {
        certificate: { dns_names: ["example.com", "example.net", "example.org"] },
        skip_approval: true,
      });
      await stack.refresh();
      assert.equal(stack.outs.status, "reissue_pending");
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      await stage.control.fault({ kind: "status", status: 500, times: 0 });
      await failureOf(stack.refresh());
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("when the key no longer may download the certificate", async () => {
      await start();
      await issued();
      await stage.control.fault({ match: { path: "^/certificate/" }, kind: "status", status: 403, times: 0 });
      await stack.refresh();
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("when a new order is canceled before it is issued", async () => {
      await start();
      await issued();
      const next = stage.vmc("next");
      await next.up(stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      const moved = program({ order: stage.orderOf(next) });
      await next.destroy();
      await stack.up(moved);
      assert.equal(stack.outs.status, "canceled");
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("until the certificate of a new order is issued, then both parts switch at once", async () => {
      await start();
      await issued();
      stage.writeLogo(svg("Second"), "second.svg");
      const next = stage.vmc("next");
      await next.up(stage.inputs({ dnsNames: ["example.com", "example.net"], logo: "second.svg" }));
      const moved = {
        order: stage.orderOf(next),
        logoUrl: "https://example.com/logo-2.svg",
        certificateUrl: "https://example.com/logo-2.pem",
      };
      assert.equal(await stack.preview(moved), "update");
      await stack.up(moved);
      assert.equal(stack.outs.orderId, next.outs.orderId);
      assert.equal(stack.outs.status, "pending");
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      await stack.refresh();
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      await stage.issue(next.outs.orderId);
      await stack.up(moved);
      assert.deepEqual(pairs(), both(moved.logoUrl, moved.certificateUrl));
    });
  });

  describe("are withdrawn", () => {
    it("when the order is revoked", async () => {
      await start();
      await issued();
      await revoke(`/order/certificate/${order.outs.orderId}`);
      await stack.refresh();
      assert.equal(stack.outs.status, "revoked");
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.ok(stack.outs.thumbprint, "which certificate it was is kept");
      assert.equal(await stack.preview(program()), "same");
    });

    it("when the certificate alone is revoked", async () => {
      await start();
      await issued();
      await revoke(`/certificate/${order.outs.certificateId}`);
      await stack.refresh();
      assert.equal(stack.outs.status, "issued");
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.ok(errors().some(({ message }: Json) => /revoked/.test(message)));
    });

    it("when it has expired: a preview plans it from the dates alone", async () => {
      await start();
      await issued();
      await stage.advance({ days: 397 });
      assert.equal(await stack.preview(program()), "same", "a day of grace for clocks that differ");
      await stage.advance({ days: 2 });
      const { settings } = stage;
      stage.settings = { baseUrl: settings.baseUrl! };
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "update");
      assert.deepEqual(stage.calls(), []);
      stage.settings = settings;
      await stack.up(program());
      assert.equal(stack.outs.status, "expired");
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.equal(await stack.preview(program()), "same");
    });

    it("when the certificate of a plan of several years has expired and was not reissued", async () => {
      await start();
      const cmc = stage.cmc();
      await cmc.up(stage.inputs({ trademark: undefined, years: 3 }));
      await stage.issue(cmc.outs.orderId);
      await stack.up(program({ order: stage.orderOf(cmc) }));
      await stage.advance({ days: 400 });
      await stack.up(program({ order: stage.orderOf(cmc) }));
      assert.equal(stack.outs.status, "issued");
      assert.deepEqual(pairs(), [["example.com", logoUrl, ""]]);
      assert.equal(await stack.preview(program({ order: stage.orderOf(cmc) })), "same");
    });
  });

  describe("of an earlier order", () => {
    /** The pairs of the first order are in force, and a second order has come. */
    const moveOn = async (changes: Props = {}) => {
      await start();
      await issued();
      const next = stage.vmc("next");
      await stage.advance({ days: 300 });
      await next.up(stage.inputs({ dnsNames: ["example.com", "example.net"], ...changes }));
      const moved = program({ order: stage.orderOf(next), certificateUrl: "https://example.com/logo-2.pem" });
      await stack.up(moved);
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      return { next, moved };
    };

    it("are withdrawn when its certificate expires while the new one is pending", async () => {
      const { moved } = await moveOn();
      await stage.advance({ days: 99 });
      assert.equal(await stack.preview(moved), "update");
      await stack.up(moved);
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.equal(await stack.preview(moved), "same");
    });

    it("are withdrawn when it expires after the new order was canceled", async () => {
      const { next, moved } = await moveOn();
      await next.destroy();
      await stack.up(moved);
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      await stage.advance({ days: 99 });
      await stack.up(moved);
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.equal(await stack.preview(moved), "same");
    });

    it("stay in force when the new one, never published, is revoked", async () => {
      const { next, moved } = await moveOn();
      await stage.issue(next.outs.orderId);
      await stage.control.fault({ match: { path: "^/certificate/" }, kind: "status", status: 403, times: 0 });
      await stack.up(moved);
      await stage.control.clearFaults();
      await revoke(`/order/certificate/${next.outs.orderId}`);
      await stack.refresh();
      assert.equal(stack.outs.status, "revoked");
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });
  });

  describe("with other bytes", () => {
    const other = createHash("sha256").update("other").digest("hex");

    it("need another logoUrl: the same one is an error at preview and in the update", async () => {
      await start();
      await issued();
      const same = program({ order: { ...stage.orderOf(order), logoSha256: other } });
      for (const step of [() => stack.preview(same), () => stack.up(same)]) {
        const error = await failureOf(step());
        assert.equal(error.code, "same_logo_url");
        assert.match(error.message, /Serve the new logo at a new URL and set logoUrl to it/);
        assert.ok(error.message.includes(logoUrl) && error.message.includes(other));
      }
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("may not go back to the URL that is still published for the old ones", async () => {
      await start();
      await issued();
      await stage.forgetCalls();
      const hash = (text: string) => createHash("sha256").update(text).digest("hex");
      const order2 = { ...stage.orderOf(order), logoSha256: hash("two") };
      await stack.up(program({ order: order2, logoUrl: "https://example.com/logo-2.svg" }));
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      const error = await failureOf(stack.preview(program({ order: { ...order2, logoSha256: hash("three") } })));
      assert.equal(error.code, "same_logo_url");
    });

    it("at another logoUrl are no error", async () => {
      await start();
      await issued();
      const moved = program({
        order: { ...stage.orderOf(order), logoSha256: other },
        logoUrl: "https://example.com/logo-2.svg",
      });
      assert.equal(await stack.preview(moved), "update");
    });

    it("that are the same bytes at another logoUrl switch at once", async () => {
      await start();
      await issued();
      await stack.up(program({ logoUrl: "https://cdn.example.com/logo.svg" }));
      assert.deepEqual(pairs(), both("https://cdn.example.com/logo.svg", certificateUrl));
    });
  });
});
