import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { descendants, isRunning } from "../../tools/processTree";
import { Harness, type PulumiProject, succeeded } from "./harness";

const token = "0123456789abcdefghijklmnopqrstuvwxyzABCD";

interface Call {
  method: string;
  path: string;
  authorization?: string;
  body?: Record<string, unknown>;
}

/** As much of Cloudflare's DNS-records API as one record needs. */
class FakeCloudflare {
  readonly calls: Call[] = [];
  readonly records = new Map<string, Record<string, unknown>>();
  private server!: Server;

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const { method = "", url: path = "", headers } = request;
        const body = text ? JSON.parse(text) : undefined;
        this.calls.push({ method, path, authorization: headers.authorization, ...(body && { body }) });
        const result = this.answer(method, path, body);
        const errors = result ? [] : [{ code: 81044, message: "Record does not exist." }];
        response.writeHead(result ? 200 : 404, { "Content-Type": "application/json" });
        response.end(JSON.stringify({ success: Boolean(result), errors, messages: [], result }));
      });
    });
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/client/v4`;
  }

  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** The calls since the last look. */
  take(): Call[] {
    return this.calls.splice(0);
  }

  private answer(method: string, path: string, body: Record<string, unknown>): Record<string, unknown> | null {
    const id = path.split("/").at(-1) ?? "";
    if (method === "POST") {
      const record = { id: `r${this.records.size + 1}`, ...body, created_on: "2026-01-01T00:00:00Z", tags: [] };
      this.records.set(record.id, record);
      return record;
    }
    const found = this.records.get(id);
    if (!found) return null;
    if (method === "PUT") this.records.set(id, { ...found, ...body });
    if (method === "DELETE") this.records.delete(id);
    return this.records.get(id) ?? { id };
  }
}

const program = (content: string, zoneId = "z1") => `
const cloudflare = require("@pulumi/cloudflare");
const record = new cloudflare.DnsRecord("bimi", {
  zoneId: "${zoneId}", name: "default._bimi.example.com", type: "TXT", ttl: 300, content: ${JSON.stringify(content)},
});
exports.recordId = record.id;
exports.secret = require("@pulumi/pulumi").secret("s3cret");
`;

describe("a Pulumi project of the end-to-end harness", function () {
  this.timeout(300_000);

  let harness: Harness;
  before(async () => {
    harness = await Harness.create();
  });
  after(() => harness.dispose());

  describe("with one DnsRecord", () => {
    const cloudflare = new FakeCloudflare();
    let project: PulumiProject;

    before(async () => {
      const cloudflareUrl = await cloudflare.start();
      const services = {
        baseUrl: "http://127.0.0.1:9/services/v2",
        apiKey: "key",
        cloudflareUrl,
        cloudflareToken: token,
      };
      project = await harness.project({ services, files: { "index.js": program('"v=BIMI1; l=; a=;"') } });
    });
    after(() => cloudflare.stop());

    it("previews the record without a call", async () => {
      const { steps, changeSummary } = await project.previewJson();
      assert.deepEqual(changeSummary, { create: 2 });
      const record = steps.find(({ urn }) => urn.endsWith("DnsRecord::bimi"));
      assert.equal(record?.op, "create");
      assert.equal(record?.newState?.inputs?.content, '"v=BIMI1; l=; a=;"');
      assert.deepEqual(cloudflare.take(), []);
    });

    it("creates it with one POST", async () => {
      succeeded(await project.up());
      assert.deepEqual(cloudflare.take(), [
        {
          method: "POST",
          path: "/client/v4/zones/z1/dns_records",
          authorization: `Bearer ${token}`,
          body: {
            name: "default._bimi.example.com",
            type: "TXT",
            ttl: 300,
            content: '"v=BIMI1; l=; a=;"',
            proxied: false,
          },
        },
      ]);
    });

    it("shows outputs, and secrets only when asked", async () => {
      assert.deepEqual(await project.outputs(), { recordId: "r1", secret: "s3cret" });
      assert.ok(!JSON.stringify(await project.stackExport()).includes("s3cret"));
      assert.ok(JSON.stringify(await project.stackExport({ showSecrets: true })).includes("s3cret"));
    });

    it("finds nothing to change, without a call", async () => {
      succeeded(await project.preview("--expect-no-changes"));
      succeeded(await project.up("--expect-no-changes"));
      assert.deepEqual(cloudflare.take(), []);
    });

    it("changes the content in place with one PUT of the whole record", async () => {
      project.write({ "index.js": program('"v=BIMI1; l=https://example.com/l.svg; a=;"') });
      const { changeSummary } = await project.previewJson();
      assert.deepEqual(changeSummary, { same: 1, update: 1 });
      assert.deepEqual(cloudflare.take(), []);
      succeeded(await project.up());
      const calls = cloudflare.take();
      assert.deepEqual(
        calls.map(({ method, path }) => `${method} ${path}`),
        ["PUT /client/v4/zones/z1/dns_records/r1"],
      );
      assert.deepEqual(calls[0]?.body, {
        name: "default._bimi.example.com",
        type: "TXT",
        ttl: 300,
        content: '"v=BIMI1; l=https://example.com/l.svg; a=;"',
        proxied: false,
        settings: {},
        tags: [],
      });
    });

    it("puts back what was changed outside", async () => {
      cloudflare.records.get("r1")!.content = '"outside"';
      succeeded(await project.refresh());
      assert.deepEqual(
        cloudflare.take().map(({ method }) => method),
        ["GET"],
      );
      succeeded(await project.up());
      assert.equal(cloudflare.records.get("r1")?.content, '"v=BIMI1; l=https://example.com/l.svg; a=;"');
      cloudflare.take();
    });

    it("creates anew what was deleted outside", async () => {
      cloudflare.records.clear();
      succeeded(await project.refresh());
      succeeded(await project.up());
      assert.deepEqual(
        cloudflare.take().map(({ method }) => method),
        ["GET", "POST"],
      );
    });

    it("replaces the record when it moves to another zone", async () => {
      project.write({ "index.js": program('"v=BIMI1; l=; a=;"', "z2") });
      const { steps } = await project.previewJson();
      assert.ok(steps.some(({ op }) => op === "replace"));
    });

    it("deletes it with one DELETE", async () => {
      succeeded(await project.destroy());
      assert.deepEqual(
        cloudflare.take().map(({ method, path }) => `${method} ${path}`),
        ["DELETE /client/v4/zones/z1/dns_records/r1"],
      );
      assert.equal(cloudflare.records.size, 0);
    });
  });

  describe("takes programs in", () => {
    const programs: Record<string, Record<string, string>> = {
      CommonJS: { "index.js": `exports.package = Object.keys(require("pulumi-bimi/package.json")).includes("name");` },
      "ECMAScript modules (.mjs)": {
        "index.mjs": `import pulumi from "@pulumi/pulumi"; const ready = pulumi.output(true); export { ready as package };`,
      },
      'ECMAScript modules ("type": "module")': {
        "package.json": `{ "name": "p", "type": "module", "main": "index.js" }`,
        "index.js": `import * as pulumi from "@pulumi/pulumi"; const ready = pulumi.output(true); export { ready as package };`,
      },
      TypeScript: {
        "tsconfig.json": `{ "compilerOptions": { "strict": true, "target": "es2022", "module": "node16", "moduleResolution": "node16", "skipLibCheck": true }, "files": ["index.ts"] }`,
        "index.ts": `import * as pulumi from "@pulumi/pulumi"; const ready: pulumi.Output<boolean> = pulumi.output(true); export { ready as package };`,
      },
    };
    for (const [language, files] of Object.entries(programs)) {
      it(language, async () => {
        const project = await harness.project({ files });
        succeeded(await project.up());
        assert.deepEqual(await project.outputs(), { package: true });
      });
    }
  });

  it("runs dynamic providers", async () => {
    const files = {
      "index.js": `
        const pulumi = require("@pulumi/pulumi");
        class Thing extends pulumi.CustomResource {
          constructor(name) {
            const __provider = 'exports.handler = () => require("./thing.js");';
            super("pulumi-nodejs:dynamic/bimi:Thing", name, { size: 1, doubled: undefined, __provider });
          }
        }
        exports.doubled = new Thing("a").doubled;`,
      "thing.js": `exports.create = async ({ size }) => ({ id: "1", outs: { size, doubled: size * 2 } });`,
    };
    const project = await harness.project({ files });
    succeeded(await project.up());
    assert.deepEqual(await project.outputs(), { doubled: 2 });
    succeeded(await project.destroy());
  });

  it("has configuration, secret or not", async () => {
    const files = {
      "index.js": `const c = new (require("@pulumi/pulumi").Config)("bimi"); exports.a = c.get("a"); exports.b = c.getSecret("b");`,
    };
    const project = await harness.project({ files, config: { "bimi:a": "1" }, secrets: { "bimi:b": "hidden" } });
    succeeded(await project.up());
    assert.deepEqual(await project.outputs(), { a: "1", b: "hidden" });
    assert.ok(!JSON.stringify(await project.stackExport()).includes("hidden"));
  });

  it("reports a program's failure by exit code and output", async () => {
    const project = await harness.project({
      files: { "index.js": `throw new Error("on purpose");` },
    });
    const result = await project.preview();
    assert.notEqual(result.code, 0);
    assert.match(result.stdout + result.stderr, /on purpose/);
    assert.throws(() => succeeded(result), /on purpose/);
  });

  it("is killed with everything it started", async () => {
    const project = await harness.project({
      files: { "index.js": `console.log("started"); setInterval(() => {}, 1000); exports.x = new Promise(() => {});` },
    });
    const command = project.spawn("up", "--yes", "--skip-preview");
    await command.waitFor(/started/);
    const processes = [command.pid, ...descendants(command.pid)];
    assert.ok(processes.length >= 3, "the CLI, the language host and the program run");
    const { code } = await command.killTree();
    assert.equal(code, 137);
    assert.deepEqual(processes.filter(isRunning), []);
  });

  it("hears a Ctrl-C", async () => {
    const project = await harness.project({
      files: { "index.js": `console.log("started"); setTimeout(() => {}, 1500);` },
    });
    const command = project.spawn("up", "--yes", "--skip-preview");
    await command.waitFor(/started/);
    command.signal("SIGINT");
    assert.notEqual((await command.result).code, 0);
  });

  it("keeps the user's own settings out", async () => {
    process.env.DIGICERT_API_KEY = "the user's own";
    try {
      const { env } = await harness.project({ files: { "index.js": "" } });
      assert.equal(env.DIGICERT_API_KEY, undefined);
      assert.match(env.DIGICERT_BASE_URL ?? "", /^http:\/\/127\.0\.0\.1:9\//);
      assert.match(env.PULUMI_BACKEND_URL ?? "", /^file:/);
    } finally {
      delete process.env.DIGICERT_API_KEY;
    }
  });
});
