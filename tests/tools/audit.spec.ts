import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

const script = path.join(__dirname, "../../../tools/audit.mjs");
const bulk = "/-/npm/v1/security/advisories/bulk";

/** What the registry answers of a package, as recorded from npm's. */
const advisory = (severity: string) => ({
  "a-package": [
    {
      id: 1096727,
      url: "https://github.com/advisories/GHSA-p8p7-x288-28g6",
      title: "Server-Side Request Forgery in A Package",
      severity,
      vulnerable_versions: "<=2.88.2",
      cwe: ["CWE-918"],
      cvss: { score: 6.1, vectorString: "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N" },
    },
  ],
});
const packument = {
  name: "a-package",
  "dist-tags": { latest: "3.0.0" },
  versions: Object.fromEntries(["2.0.0", "3.0.0"].map((version) => [version, { name: "a-package", version }])),
};

describe("the audit of the dependencies", function () {
  this.timeout(60_000);

  let dir: string;
  let server: Server;
  let registry: string;
  let runs = 0;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;
  before(async () => {
    dir = mkdtempSync(path.join(tmpdir(), "pulumi-bimi-audit-"));
    const root = { name: "audited", version: "1.0.0", dependencies: { "a-package": "^2.0.0" } };
    writeFileSync(path.join(dir, "package.json"), JSON.stringify(root));
    const packages = { "": root, "node_modules/a-package": { version: "2.0.0" } };
    writeFileSync(
      path.join(dir, "package-lock.json"),
      JSON.stringify({ name: "audited", version: "1.0.0", lockfileVersion: 3, requires: true, packages }),
    );
    server = createServer((request, response) => {
      request.resume().on("end", () => answer(request, response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const audit = (url = registry) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const env = { ...process.env, npm_config_registry: url, npm_config_cache: path.join(dir, `cache-${runs++}`) };
      execFile(process.execPath, [script, dir], { env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  const json = (body: unknown) => (_request: IncomingMessage, response: ServerResponse) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  };
  const advises = (advisories: unknown) => {
    answer = (request, response) => json(request.url === bulk ? advisories : packument)(request, response);
  };

  it("is passed without an advisory", async () => {
    advises({});
    assert.deepEqual(await audit(), { code: 0, stdout: "audit: 1 packages, 0 with known advisories\n", stderr: "" });
  });

  for (const severity of ["high", "critical"]) {
    it(`fails at one of ${severity} severity, which it names`, async () => {
      advises(advisory(severity));
      const { code, stderr } = await audit();
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(`${severity}: a-package 2\\.0\\.0: Server-Side .*, https://github\\.com/.*GHSA-p8p7`),
      );
    });
  }

  it("names one of less severity, and goes on", async () => {
    advises(advisory("moderate"));
    const { code, stdout } = await audit();
    assert.equal(code, 0);
    assert.match(stdout, /1 with known advisories\n {2}moderate: a-package/);
  });

  const silent: Record<string, [(request: IncomingMessage, response: ServerResponse) => void, RegExp]> = {
    "refuses the question": [
      (_request, response) => response.writeHead(405, { allow: "GET,HEAD" }).end(),
      /405 Method Not Allowed/,
    ],
    "does not know it": [(_request, response) => response.writeHead(404).end("{}"), /404 Not Found/],
    "answers a page": [(_request, response) => response.end("<html>"), /invalid json/],
    "hangs up": [(request) => request.socket.destroy(), /socket hang up|ECONNRESET/],
  };
  for (const [what, [of, why]] of Object.entries(silent)) {
    it(`says that nothing was audited when the registry ${what}`, async () => {
      answer = of;
      const { code, stdout } = await audit();
      assert.equal(code, 0, stdout);
      assert.match(stdout, /^audit: NOT AUDITED: the registry does not answer for advisories \(/);
      assert.match(stdout, why);
    });
  }

  it("says so, too, when nobody listens", async () => {
    const { code, stdout } = await audit("http://127.0.0.1:9/");
    assert.equal(code, 0);
    assert.match(stdout, /NOT AUDITED.*ECONNREFUSED/);
  });

  it("fails when an advisory cannot be looked into, and when there is no lock file", async () => {
    answer = (request, response) =>
      json(request.url === bulk ? advisory("high") : { name: "another" })(request, response);
    const { code, stderr } = await audit();
    assert.equal(code, 1);
    assert.match(stderr, /npm audit failed/);
    rmSync(path.join(dir, "package-lock.json"));
    const without = await audit();
    assert.equal(without.code, 1);
    assert.match(without.stderr, /npm audit failed[\s\S]*lockfile/);
  });
});
