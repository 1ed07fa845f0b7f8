import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Simulator, startSimulator } from "../../simulator";
import { Site, TestAuthority } from "../provider/hosting/sites";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { ordersAt, planned, printed, resource, svg, Wire, zoneId } from "./support";

/** Serves its own chain: what it uploads is there when `up` has ended. */
const program = `
const bimi = require("pulumi-bimi");
const cloudflare = require("@pulumi/cloudflare");
const fs = require("fs");
const { ORGANIZATION, SITE, UPLOADS } = process.env;
const zones = { "example.com": "${zoneId}" };
new cloudflare.DnsRecord("host", {
  zoneId: "${zoneId}", name: "logo.example.com", type: "A", content: "127.0.0.1", ttl: 300, proxied: false,
});
const order = new bimi.VmcOrder("logo", {
  dnsNames: ["example.com"], organization: { id: Number(ORGANIZATION) }, logo: "logo.svg", dcvMethod: "dns-txt-token",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
});
const certificate = new bimi.MarkCertificate("logo", {
  order, logoUrl: SITE + "/logo.svg", certificateUrl: SITE + "/logo.pem", checkHosting: true, includeChain: true,
});
certificate.pem.apply((pem) => pem && fs.writeFileSync(UPLOADS + "/logo.pem", pem));
new bimi.CloudflareBimi("example.com", { order, certificate, zones });
`;

describe("checkHosting on Pulumi's engine", function () {
  this.timeout(240_000);

  let harness: Harness;
  let simulator: Simulator;
  let site: Site;
  let project: PulumiProject;
  let uploads: string;
  before(async () => {
    harness = await Harness.create();
    uploads = mkdtempSync(path.join(tmpdir(), "pulumi-bimi-uploads-"));
    const authority = await TestAuthority.create();
    writeFileSync(path.join(uploads, "ca.pem"), authority.ca);
    site = await Site.start(serve, await authority.issue(["logo.example.com"]));
    simulator = await startSimulator({ zones: { "example.com": zoneId } });
    project = await harness.project({
      files: { "index.js": program, "logo.svg": svg() },
      services: simulator,
      config: {
        "bimi:resolver": `${simulator.dns.host}:${simulator.dns.port}`,
        "bimi:allowPrivateHosts": "true",
      },
      env: {
        ORGANIZATION: String(simulator.account.organizationId),
        SITE: `https://logo.example.com:${site.port}`,
        UPLOADS: uploads,
        NODE_EXTRA_CA_CERTS: path.join(uploads, "ca.pem"),
      },
    });
  });
  after(async () => {
    harness.dispose();
    await simulator.stop();
    await site.stop();
    rmSync(uploads, { recursive: true });
  });

  const serve: Parameters<typeof Site.start>[0] = ({ url = "" }, response) => {
    try {
      const file = readFileSync(path.join(uploads, path.basename(url)));
      const contentType = url.endsWith(".svg") ? "image/svg+xml" : "application/pem-certificate-chain";
      response.setHeader("Content-Type", contentType).end(file);
    } catch {
      response.writeHead(404).end();
    }
  };

  it("publishes a= only once both files are served as ordered and issued", async () => {
    const published = () => new Wire(simulator).txt("default._bimi.example.com");
    const certificate = async () => resource(await project.stackExport(), "MarkCertificate").outputs;
    const [l, a] = ["svg", "pem"].map((ending) => `https://logo.example.com:${site.port}/logo.${ending}`);
    const before = [`v=BIMI1; l=${l}; a=;`];

    succeeded(await project.up());
    assert.deepEqual(await published(), before);
    assert.deepEqual(site.requests, [], "nothing is fetched before there is a certificate");
    const [order] = await ordersAt(simulator);
    await simulator.control.vet(order!.id);

    const issued = succeeded(await project.up());
    assert.match(printed(issued), /HOST-001 \(error\): The logo at \S+ answers 404/);
    assert.match(printed(issued), /not published before both files are served/);
    assert.deepEqual(await published(), before);
    const { missing, findings } = await certificate();
    assert.equal(missing.length, 2);
    assert.deepEqual([...new Set(findings.map(({ id }: { id: string }) => id))], ["HOST-001"]);

    // The program has uploaded the chain by now; the logo's copy lost its line ends.
    writeFileSync(path.join(uploads, "logo.svg"), svg().replaceAll("\n", "\r\n"));
    assert.match(printed(succeeded(await project.up())), /HOST-006 \(error\): .* only by line ends/);
    assert.deepEqual(await published(), before);

    writeFileSync(path.join(uploads, "logo.svg"), svg());
    succeeded(await project.up());
    assert.deepEqual(await published(), [`v=BIMI1; l=${l}; a=${a};`]);
    assert.deepEqual((await certificate()).missing, []);

    const fetched = site.requests.length;
    rmSync(path.join(uploads, "logo.svg"));
    assert.deepEqual(planned(await project.previewJson()), []);
    assert.equal(site.requests.length, fetched, "what is published is at rest");
  });
});
