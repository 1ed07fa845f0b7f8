import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import type { Props } from "../../../provider/lifecycle";
import { unknownValue } from "../../../provider/unknown";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";

const logoUrl = "https://example.com/logo-1.svg";
const certificateUrl = "https://example.com/logo-1.pem";

describe("the published pairs of a mark certificate", () => {
  let stage: Stage;
  let order: Stack;
  let stack: Stack;
  const start = async (changes: Props = {}, options: Parameters<typeof Stage.start>[0] = {}) => {
    stage = await Stage.start(options);
    stage.meansEveryOrder = true;
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

    it("are never DigiCert's locations if no record can name them", async () => {
      await start({ enableHosting: true }, { switches: { hostedUrls: "bare" } });
      await stage.issue(order.outs.orderId);
      const hosted = { order: stage.orderOf(order) };
      await stack.up(hosted);
      assert.deepEqual(pairs(), both("", ""));
      assert.equal("hostedLogoUrl" in stack.outs || "hostedCertificateUrl" in stack.outs, false);
      assert.ok(stack.outs.pem, "nothing else serves the chain");
      assert.ok(
        stage.lines.some((line) => /serves the chain at "hosted\.simulator.*https only.*taken for not/.test(line)),
      );
      await stage.advance({ hours: 7 });
      assert.equal(await stack.preview(hosted), "same");
      await stack.up(program());
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

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

    it("when it is revoked after its order has another one, which is blocked", async () => {
      await start();
      await issued();
      const { certificateId } = order.outs;
      const { orderId } = order.outs;
      await stage.control.misissue(orderId, { keyPurpose: "1.3.6.1.5.5.7.3.1" });
      await stage.scene.ok(201, "POST", `/order/certificate/${orderId}/reissue`, {
        certificate: { dns_names: ["example.com", "example.net"] },
        skip_approval: true,
      });
      await stage.control.tick();
      await stage.control.setSwitches({ primaryInReissues: "listed" });
      await stack.refresh();
      assert.deepEqual(
        errors().map(({ id }: Json) => id),
        ["CERT-006"],
      );
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl), "the old pair stays");
      await revoke(`/certificate/${certificateId}`);
      await stack.refresh();
      assert.deepEqual(pairs(), both(logoUrl, ""));
      assert.equal(await stack.preview(program({ order: stage.orderOf(order) })), "same");
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

    for (const [what, path] of Object.entries<() => string>({
      "that order": () => `/order/certificate/${order.outs.orderId}`,
      "its certificate": () => `/certificate/${order.outs.certificateId}`,
    })) {
      for (const [how, look] of Object.entries<(moved: Props) => Promise<unknown>>({
        "a refresh": () => stack.refresh(),
        "an update": (moved) => stack.up({ ...moved, logoUrl: "https://cdn.example.com/logo.svg" }),
      })) {
        it(`are withdrawn when ${what} is revoked while the new one is pending: ${how} finds it by one call`, async () => {
          const { next, moved } = await moveOn();
          await revoke(path());
          await stage.forgetCalls();
          await look(moved);
          assert.deepEqual(stage.calls("GET", new RegExp(`/${order.outs.orderId}$`)), [
            `GET /order/certificate/${order.outs.orderId}`,
          ]);
          assert.deepEqual(
            pairs().map(([, , a]) => a),
            ["", ""],
          );
          assert.equal("__publishedBy" in stack.outs, false);
          assert.equal(stack.outs.status, "pending");
          await stage.forgetCalls();
          await stack.refresh();
          assert.deepEqual(stage.calls("GET", new RegExp(`/${order.outs.orderId}$`)), [], "it is of no interest now");
          await stage.issue(next.outs.orderId);
          await stack.up(moved);
          assert.deepEqual(pairs(), both(logoUrl, moved.certificateUrl as string));
        });
      }
    }

    for (const status of [403, 404]) {
      it(`stay in force when the key does not see that order: ${status}`, async () => {
        const { moved } = await moveOn();
        const match = { path: `^/order/certificate/${order.outs.orderId}$` };
        await stage.control.fault({ match, kind: "status", status, code: "not_found|order", times: 0 });
        await stack.refresh();
        await stack.up({ ...moved, logoUrl: "https://cdn.example.com/logo.svg" });
        assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      });
    }

    it("stay as they are when looking at that order fails", async () => {
      await moveOn();
      const match = { path: `^/order/certificate/${order.outs.orderId}$` };
      await stage.control.fault({ match, kind: "status", status: 500, times: 0 });
      await failureOf(stack.refresh());
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
    });

    it("stay in force when that order's term is over and its certificate is still good", async () => {
      await start({}, { switches: { orderValidTill: "years" } });
      await issued();
      const next = stage.vmc("next");
      await stage.advance({ days: 366 });
      assert.equal((await stage.order(order.outs.orderId)).status, "expired");
      await next.up(stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      await stack.up(program({ order: stage.orderOf(next) }));
      await stack.refresh();
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      await stage.advance({ days: 31 });
      await stack.refresh();
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl), "a day of grace for clocks that differ");
      await stage.advance({ days: 2 });
      assert.equal(await stack.preview(program({ order: stage.orderOf(next) })), "update");
      await stack.up(program({ order: stage.orderOf(next) }));
      assert.deepEqual(pairs(), both(logoUrl, ""));
    });

    it("keep their chain as long as they are in force", async () => {
      await start();
      await issued({ includeChain: true });
      const { pem } = stack.outs;
      const next = stage.vmc("next");
      await next.up(stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      const moved = program({ order: stage.orderOf(next), includeChain: true });
      await stack.up(moved);
      assert.equal(stack.outs.pem, pem);
      await stack.refresh();
      assert.equal(stack.outs.pem, pem);
      assert.equal(await stack.preview(moved), "same");
      await stage.issue(next.outs.orderId);
      await stack.up(moved);
      assert.notEqual(stack.outs.pem, pem);
      await revoke(`/order/certificate/${next.outs.orderId}`);
      await stack.refresh();
      assert.equal("pem" in stack.outs, false);
      assert.equal(await stack.preview(moved), "same");
    });
  });

  describe("always are of one certificate, and of its bytes:", () => {
    /** What a receiver would find: the logo of each URL, and the certificate that is served for it. */
    const sample = async (hosted: Record<string, string>) => {
      const { orders, certificates, logos } = (await stage.control.dump()).certcentral;
      for (const [, l, a] of pairs() as [string, string, string][]) {
        if (a === "") continue;
        const certificate = certificates.find(
          ({ issued, orderId }) =>
            issued && (a.includes(issued.serialNumber.toLowerCase()) || hosted[a] === String(orderId)),
        );
        assert.ok(certificate, `no certificate was served at ${a}`);
        const { logoId } = orders.find(({ id }) => id === certificate.orderId)!;
        const inCertificate = logos.find(({ id }) => id === logoId)!.sha256;
        const served =
          hosted[l] ?? (l.includes(certificate.issued!.serialNumber.toLowerCase()) ? inCertificate : "other");
        assert.equal(served, inCertificate, `${l} with ${a}`);
      }
    };

    for (const hosting of ["neither", "the chain", "both"] as const) {
      it(`DigiCert hosts ${hosting}`, async () => {
        const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
        const enableHosting = hosting !== "neither";
        await start({ enableHosting });
        stage.writeLogo(svg("Second"), "second.svg");
        const hosted: Record<string, string> = {
          [logoUrl]: hash(svg()),
          "https://example.com/logo-2.svg": hash(svg("Second")),
          [certificateUrl]: String(order.outs.orderId),
        };
        const urls = (n: number): Props => ({
          logoUrl: hosting === "both" ? undefined : `https://example.com/logo-${n}.svg`,
          certificateUrl: enableHosting ? undefined : `https://example.com/logo-${n}.pem`,
        });
        await issued(urls(1));
        await sample(hosted);
        const first = pairs();
        assert.ok(first.every(([, l, a]) => l !== "" && a !== ""));
        const next = stage.vmc("next");
        const dnsNames = ["example.com", "example.net"];
        await next.up(stage.inputs({ dnsNames, logo: "second.svg", enableHosting }));
        hosted["https://example.com/logo-2.pem"] = String(next.outs.orderId);
        const moved = program({ order: stage.orderOf(next), ...urls(2) });
        for (const look of [() => stack.up(moved), () => stack.refresh(), () => stage.advance({ days: 1 })]) {
          await look();
          assert.deepEqual(pairs(), first);
          await sample(hosted);
        }
        await stage.issue(next.outs.orderId);
        // The certificate is there, but cannot be downloaded yet.
        await stage.control.fault({
          match: { path: "^/certificate/" },
          kind: "status",
          status: 404,
          code: "not_found",
        });
        await stack.up(moved);
        assert.deepEqual([stack.outs.status, pairs()], ["issued", first]);
        await stage.advance({ hours: 7 });
        assert.equal(await stack.up(moved), "update");
        await sample(hosted);
        for (const [index, [, l, a]] of pairs().entries()) {
          assert.ok(l !== first[index]![1] && a !== first[index]![2], "both have switched");
        }
        await stage.forgetCalls();
        assert.equal(await stack.preview(moved), "same");
        assert.deepEqual(stage.calls(), []);
      });
    }

    it("hosted locations that come later are waited for", async () => {
      await start({ enableHosting: true });
      await issued({ logoUrl: undefined, certificateUrl: undefined });
      const first = pairs();
      const next = stage.vmc("next");
      await next.up(stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      await stage.issue(next.outs.orderId);
      const moved = { order: stage.orderOf(next) };
      await stack.up(moved);
      assert.deepEqual(pairs(), first, "DigiCert does not host the next order's files yet");
      assert.equal(await stack.preview(moved), "same");
      await stage.scene.ok(204, "PUT", `/order/certificate/${next.outs.orderId}/vmc`, { enable_hosting: "1" });
      await stage.advance({ hours: 7 });
      assert.equal(await stack.up(moved), "update");
      const { hostedLogoUrl, hostedCertificateUrl } = stack.outs;
      assert.deepEqual(pairs(), both(hostedLogoUrl, hostedCertificateUrl));
    });

    it("warns of a chain's URL that would stand for two logos, as long as it does", async () => {
      await start();
      await issued();
      stage.writeLogo(svg("Second"), "second.svg");
      const next = stage.vmc("next");
      await next.up(stage.inputs({ dnsNames: ["example.com", "example.net"], logo: "second.svg" }));
      const moved = program({ order: stage.orderOf(next), logoUrl: "https://example.com/logo-2.svg" });
      const warnings = () =>
        stage.lines.filter((line) => line.includes(`certificateUrl ${certificateUrl} serves the chain`));
      await stack.preview(moved);
      assert.equal(warnings().length, 1);
      assert.match(warnings()[0]!, /another logo than the new order.* Serve the new chain at a URL of its own/);
      await stack.preview(program({ ...moved, certificateUrl: "https://example.com/logo-2.pem" }));
      assert.equal(warnings().length, 1);
      await stage.issue(next.outs.orderId);
      await stack.up(moved);
      assert.equal(warnings().length, 2);
      assert.ok(stage.lines.some((line) => line.includes(`replace the chain at ${certificateUrl}`)));
      await stack.preview(moved);
      assert.equal(warnings().length, 2);
    });

    it("and says when a chain at the same URL is to be replaced: the same logo, so both chains are right", async () => {
      await start();
      await issued();
      const next = stage.vmc("next");
      await next.up(stage.inputs({ dnsNames: ["example.com", "example.net"] }));
      const moved = program({ order: stage.orderOf(next) });
      await stack.up(moved);
      assert.ok(!stage.lines.some((line) => /serves the chain|replace the chain/.test(line)));
      const { validTill } = stack.outs.__publishedBy;
      await stage.issue(next.outs.orderId);
      await stack.up(moved);
      assert.deepEqual(
        stage.lines.filter((line) => line.includes("replace the chain")),
        [
          `order ${next.outs.orderId} has a new certificate: replace the chain at ${certificateUrl} by its own now; the one of before is good until ${validTill} and only for the names it covers.`,
        ],
      );
    });
  });

  describe("of an order whose term is over while its certificate is good", () => {
    beforeEach(async () => {
      await start({}, { switches: { orderValidTill: "years" } });
      await issued();
      await stage.advance({ days: 366 });
      assert.equal((await stage.order(order.outs.orderId)).status, "expired");
    });

    it("stay in force, and move to other URLs when told", async () => {
      assert.equal(await stack.preview(program()), "same");
      await stack.refresh();
      assert.equal(stack.outs.status, "expired");
      assert.deepEqual(pairs(), both(logoUrl, certificateUrl));
      assert.match(stack.outs.missing[0].what, /is expired.* set reorderAfter: \d+ on the order$/);
      await stack.up(program({ logoUrl: "https://cdn.example.com/logo.svg" }));
      assert.deepEqual(pairs(), both("https://cdn.example.com/logo.svg", certificateUrl));
    });

    it("are withdrawn when the certificate is revoked", async () => {
      await revoke(`/certificate/${order.outs.certificateId}`);
      await stack.refresh();
      assert.deepEqual(pairs(), both(logoUrl, ""));
    });

    it("are withdrawn when the certificate has expired too", async () => {
      await stack.refresh();
      await stage.advance({ days: 31 });
      assert.equal(await stack.preview(program()), "same", "a day of grace for clocks that differ");
      await stage.advance({ days: 2 });
      assert.equal(await stack.up(program()), "update");
      assert.deepEqual(pairs(), both(logoUrl, ""));
      await stage.forgetCalls();
      assert.equal(await stack.preview(program()), "same");
      assert.deepEqual(stage.calls(), []);
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

    it("need another logoUrl also while the preview knows only what the order declares", async () => {
      await start();
      const declared = { ...stage.orderOf(order), __logo: order.outs.__logo };
      await stage.issue(order.outs.orderId);
      await stack.up(program({ order: declared }));
      const updated = { ...declared, orderId: unknownValue, logoSha256: unknownValue };
      assert.equal(await stack.preview(program({ order: updated })), "same");
      const changed = program({ order: { ...updated, __logo: other.slice(0, 16) } });
      assert.equal((await failureOf(stack.preview(changed))).code, "same_logo_url");
      assert.equal(await stack.preview({ ...changed, logoUrl: "https://example.com/logo-2.svg" }), "update");
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
