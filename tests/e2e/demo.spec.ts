import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { JournalEntry } from "../../simulator";
import { checkout } from "../../tools/toolchain";
import { Calls } from "./support";

/** What `npm run demo -- --json` prints. */
interface Report {
  pending: {
    outputs: { orderId: number; status: string; missing: { what: string; who: string }[] };
    wire: WireAnswers;
  };
  issued: { outputs: { orderId: number; status: string }; wire: WireAnswers };
  certificate: { ok: boolean; findings: unknown[]; logoSha256: string };
  state: { deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] } };
  destroyed: { wire: string[]; status: string };
  journal: JournalEntry[];
}
type WireAnswers = Record<string, string[]>;

describe("the demo", function () {
  this.timeout(180_000);

  let report: Report;
  let seconds: number;
  before(async () => {
    const began = performance.now();
    const { stdout } = await promisify(execFile)(process.execPath, [path.join("dist", "tools", "demo.js"), "--json"], {
      cwd: checkout,
      maxBuffer: 64 * 1024 * 1024,
    });
    seconds = (performance.now() - began) / 1000;
    report = JSON.parse(stdout);
  });

  it("ends with 0 in less than 90 seconds", () => {
    assert.ok(seconds < 90, `${seconds} s`);
  });

  it("places one order, after which it has DCV records published and is pending with what is missing", () => {
    const calls = new Calls(report.journal);
    assert.deepEqual(
      calls.orders.map(({ status }) => status),
      [201],
    );
    const { outputs, wire } = report.pending;
    assert.equal(outputs.status, "pending");
    assert.deepEqual(
      outputs.missing.map(({ what, who }) => `${what}: ${who}`),
      ["organization validation (EV): DigiCert", "logo, mark and identity checks: DigiCert"],
    );
    const [token] = wire["example.com"]!;
    const answer = calls.orders[0]?.response as { domains: { dcv_token: { token: string } }[] };
    assert.equal(token, answer.domains[0]?.dcv_token.token);
    assert.deepEqual(wire["default._bimi.example.com"], ["v=BIMI1; l=https://example.com/logo-1.svg; a=;"]);
  });

  it("writes nothing before the order, but what validates the organization", () => {
    const first = report.journal.findIndex(({ write }) => write);
    const order = report.journal.findIndex(({ path: p, method }) => method === "POST" && p.startsWith("/order/"));
    const before = report.journal.slice(first, order).filter(({ write }) => write);
    assert.ok(
      before.every(({ path: p }) => /^\/organization\/\d+\/validation$/.test(p)),
      JSON.stringify(before.map(({ path: p }) => p)),
    );
  });

  it("publishes the pair of the verified certificate", () => {
    assert.equal(report.issued.outputs.status, "issued");
    assert.equal(report.issued.outputs.orderId, report.pending.outputs.orderId);
    assert.deepEqual(report.issued.wire, {
      "default._bimi.example.com": ["v=BIMI1; l=https://example.com/logo-1.svg; a=https://example.com/logo-1.pem;"],
    });
    assert.equal(report.certificate.ok, true);
    assert.deepEqual(report.certificate.findings, []);
  });

  it("keeps the order's number and the logo's hash in the state, and no key", () => {
    const order = report.state.deployment.resources.find(({ type }) => type.endsWith("bimi:VmcOrder"));
    assert.equal(order?.outputs?.orderId, report.issued.outputs.orderId);
    assert.equal(order?.outputs?.logoSha256, report.certificate.logoSha256);
    assert.doesNotMatch(JSON.stringify(report.state), /[0-9A-F]{64}/, "keys are 64 upper-case hex digits");
  });

  it("leaves the order issued and no record", () => {
    assert.deepEqual(report.destroyed, { wire: [], status: "issued" });
    const calls = new Calls(report.journal);
    assert.deepEqual(calls.matching("PUT", /\/(status|revoke)$/), []);
    const created = calls.matching("POST", /^\/zones\/\w+\/dns_records$/).length;
    const removed = calls.matching("DELETE", /\/dns_records\/\w+$/).length;
    assert.equal(removed, created);
  });
});
