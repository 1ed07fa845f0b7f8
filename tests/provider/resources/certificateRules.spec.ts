import assert from "node:assert/strict";
import type { Props } from "../../../provider/lifecycle";
import type { Misissue } from "../../../simulator";
import { type Json, type Stack, Stage, svg } from "../support";

const logoUrl = "https://example.com/logo-1.svg";
const certificateUrl = "https://example.com/logo-1.pem";
const names = ["example.com", "example.net"];

describe("a certificate that DigiCert should not have issued", () => {
  let stage: Stage;
  let order: Stack;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    order = stage.vmc();
    stack = stage.certificate();
    await order.up(stage.inputs({ dnsNames: names }));
  });
  afterEach(() => stage.stop());

  const program = (changes: Props = {}): Props => ({
    order: stage.orderOf(order),
    logoUrl,
    certificateUrl,
    ...changes,
  });
  const issued = async (wrong: Misissue, changes: Props = {}) => {
    await stage.control.misissue(order.outs.orderId, wrong);
    await stage.issue(order.outs.orderId);
    await stack.up(program(changes));
  };
  const reissued = async (wrong: Misissue) => {
    await stage.control.misissue(order.outs.orderId, wrong);
    await stage.scene.ok(201, "POST", `/order/certificate/${order.outs.orderId}/reissue`, {
      certificate: { dns_names: names },
      skip_approval: true,
    });
    await stage.control.tick();
    await order.refresh();
  };
  const published = () => stack.outs.published.map(({ certificateUrl }: Json) => certificateUrl);
  const findings = () => stack.outs.findings.map(({ id, severity }: Json) => `${id} ${severity}`);

  for (const [what, wrong, rule] of [
    ["another logo", { logo: svg("Another").toString() }, "CERT-011"],
    ["the purpose of TLS", { keyPurpose: "1.3.6.1.5.5.7.3.1" }, "CERT-006"],
    ["an end that is past", { validFromDays: -100, validTillDays: -2 }, "CERT-005"],
    ["a begin that is far away", { validFromDays: 2 }, "CERT-005"],
    ["a mark type of the other product", { markType: "Prior Use Mark" }, "CERT-015"],
    ["another mark type than the ordered one", { markType: "Government Mark" }, "CERT-015"],
    ["a mark type that does not exist", { markType: "Famous Mark" }, "CERT-015"],
    ["an authority that only bears the name", { lookAlike: true }, "CERT-004"],
  ] as const) {
    it(`is kept and not published: ${what}`, async () => {
      await issued(wrong);
      assert.deepEqual(published(), ["", ""]);
      assert.equal(stack.outs.status, "issued");
      assert.ok(stack.outs.thumbprint && stack.outs.validTill, "it is kept in the state");
      assert.ok(findings().includes(`${rule} error`), findings().join());
      const line = new RegExp(`order ${order.outs.orderId}: ${rule} \\(error\\): .+ \\| .+`);
      assert.ok(
        stage.lines.some((said) => line.test(said)),
        stage.lines.join("\n"),
      );
    });
  }

  it("is published for the names that it covers", async () => {
    await issued({ dnsNames: ["example.net"] });
    assert.deepEqual(published(), ["", certificateUrl]);
    assert.deepEqual(findings(), ["CERT-012 error"]);
  });

  it("is published with a warning if it lacks what does not block", async () => {
    await issued({ unlogged: true });
    assert.deepEqual(published(), [certificateUrl, certificateUrl]);
    assert.deepEqual(findings(), ["CERT-013 warning"]);
    assert.ok(stage.lines.some((line) => /CERT-013 \(warning\): .* no signed certificate timestamp \| /.test(line)));
    await stage.forgetCalls();
    assert.equal(await stack.preview(program()), "same", "a warning leaves it at rest");
    assert.deepEqual(stage.calls(), []);
  });

  it("leaves the old pair published, and says why, until a good one comes", async () => {
    await issued({});
    assert.deepEqual(findings(), [], "mere information is not kept");
    const { thumbprint: good, published: before } = stack.outs;
    const logo = svg("Another").toString();
    const cases: [Misissue, string][] = [
      [{ logo }, "CERT-011"],
      [{ dnsNames: ["example.com"] }, "CERT-012"],
    ];
    for (const [wrong, rule] of cases) {
      await reissued(wrong);
      await stack.up(program());
      assert.deepEqual(findings(), [`${rule} error`]);
      assert.notEqual(stack.outs.thumbprint, good);
      assert.deepEqual(stack.outs.published, before);
    }
    await reissued({});
    await stack.up(program({ certificateUrl: "https://example.com/logo-1b.pem" }));
    assert.deepEqual(findings(), []);
    assert.deepEqual(published(), Array(2).fill("https://example.com/logo-1b.pem"));
  });

  describe("is verified again by each preview, which says why it is blocked,", () => {
    it("and published once its time has begun", async () => {
      await issued({ validFromDays: 5 });
      await stage.advance({ days: 1 });
      for (let preview = 0; preview < 2; preview++) {
        stage.lines.length = 0;
        assert.equal(await stack.preview(program()), "same");
        assert.ok(stage.lines.some((line) => /CERT-005 \(error\): .* is not valid before/.test(line)));
      }
      await stage.advance({ days: 4 });
      assert.equal(await stack.preview(program()), "update");
      await stack.up(program());
      assert.deepEqual(published(), [certificateUrl, certificateUrl]);
    });

    it("and published once its root is trusted", async () => {
      await issued({ lookAlike: true }, { includeChain: true });
      assert.deepEqual(published(), ["", ""]);
      const root = stack.outs.pem.slice(stack.outs.pem.lastIndexOf("-----BEGIN"));
      stage.settings = { ...stage.settings, extraRoots: root };
      assert.equal(await stack.up(program({ includeChain: true })), "update");
      assert.deepEqual(published(), [certificateUrl, certificateUrl]);
    });
  });

  describe("with ignoreRules", () => {
    const ignoreRules = { "CERT-015": "DigiCert confirmed it" };

    it("is published in spite of the rule, and the reason is kept", async () => {
      await issued({ markType: "Famous Mark" }, { ignoreRules });
      assert.deepEqual(published(), [certificateUrl, certificateUrl]);
      assert.deepEqual(findings(), ["CERT-015 warning"]);
      assert.match(stack.outs.findings[0].message, /^\(ignored: DigiCert confirmed it\) "Famous Mark" is no mark type/);
      assert.deepEqual(stack.outs.ignoreRules, ignoreRules);
      await stage.forgetCalls();
      assert.equal(await stack.preview(program({ ignoreRules })), "same");
      assert.deepEqual(stage.calls(), []);
      await stack.refresh();
      assert.deepEqual(findings(), ["CERT-015 warning"], "a refresh knows it");
    });

    it("that come later it is looked at again", async () => {
      await issued({ markType: "Famous Mark" });
      assert.deepEqual(published(), ["", ""]);
      assert.equal(await stack.up(program({ ignoreRules })), "update");
      assert.deepEqual(published(), [certificateUrl, certificateUrl]);
    });

    it("of what always blocks, of no rule, or without a reason is refused", async () => {
      for (const [wrong, why] of [
        [{ "CERT-011": "our designer says so" }, /CERT-011 cannot be ignored: The embedded logo is the ordered one/],
        [{ "SVG-027": "it is a logo's" }, /there is no rule SVG-027\. There can be: CERT-007, .*CERT-015/],
        [{ "CERT-015": " " }, /must say why/],
      ] as const) {
        await assert.rejects(stack.up(program({ ignoreRules: wrong })), why);
      }
    });
  });

  it("is not published where another logo is, although nobody knows which was ordered", async () => {
    const { logoSha256: _, ...unknown } = stage.orderOf(order);
    const adopted = (changes: Props = {}) => program({ order: { ...unknown, certificateId: undefined }, ...changes });
    await stage.issue(order.outs.orderId);
    await stack.up(adopted());
    const { published: before } = stack.outs;
    assert.deepEqual(published(), [certificateUrl, certificateUrl]);
    await reissued({ logo: svg("Another").toString() });
    await stack.refresh();
    assert.deepEqual(stack.outs.published, before);
    assert.deepEqual(findings(), ["CERT-011 error"]);
    assert.match(
      stack.outs.findings[0].message,
      /holds another logo .* than the one that https:.*logo-1\.svg stands for/,
    );
    assert.equal(await stack.preview(adopted()), "same", "but says why");
    const moved = { logoUrl: "https://example.com/logo-2.svg", certificateUrl: "https://example.com/logo-2.pem" };
    await stack.up(adopted(moved));
    assert.deepEqual(published(), [moved.certificateUrl, moved.certificateUrl]);
  });

  describe("with certificateRules", () => {
    it("enforce-all is not published whatever is found by any rule, but for what the blocking ones warn of it is", async () => {
      await issued({ unlogged: true }, { certificateRules: "enforce-all" });
      assert.deepEqual(published(), ["", ""]);
      assert.deepEqual(findings(), ["CERT-013 error"]);
      await reissued({ validTillDays: 20 });
      await stack.up(program({ certificateRules: "enforce-all" }));
      assert.deepEqual(findings(), ["CERT-005 warning"]);
      assert.deepEqual(published(), [certificateUrl, certificateUrl]);
    });

    it("that change is looked at again, and with the same ones not", async () => {
      await issued({ unlogged: true }, { certificateRules: "enforce-all" });
      assert.equal(await stack.preview(program({ certificateRules: "enforce-all" })), "same");
      assert.equal(await stack.up(program()), "update");
      assert.deepEqual(published(), [certificateUrl, certificateUrl]);
      assert.equal("certificateRules" in stack.outs, false);
      assert.equal(await stack.up(program({ certificateRules: "enforce-all" })), "update");
      assert.deepEqual(findings(), ["CERT-013 error"]);
      assert.deepEqual(published(), [certificateUrl, certificateUrl], "what is published stays");
      await stack.refresh();
      assert.deepEqual(findings(), ["CERT-013 error"], "a refresh knows them");
      assert.equal(stack.outs.certificateRules, "enforce-all");
    });

    it("of another name is told", async () => {
      await assert.rejects(stack.up(program({ certificateRules: "all" })), /must be one of default, enforce-all/);
    });
  });
});
