import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { orderOutputs } from "../../provider/order/outputs";
import { markCertificateOutputs } from "../../provider/resources/markCertificate";
import { orgValidationOutputs } from "../../provider/resources/orgValidation";
import { type Simulator, startSimulator } from "../../simulator";
import { temporaryDirectory } from "../../tools/pulumiProject";
import { checkout } from "../../tools/toolchain";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { ada, svg, zoneId } from "./support";

/**
 * A stack as a release left it, with DigiCert and Cloudflare as they were then. Every later release must go on from
 * there. `npm run fixture` writes the one of this version; one that is released is never written again. `0.1.0-1` and
 * `0.1.0-2` are states from the making of 0.1.0: before and after orders had their whole life.
 */
export interface StateFixture {
  /** Files of the project. */
  files: Record<string, string>;
  config: Record<string, string>;
  secrets: Record<string, string>;
  /** `pulumi stack export`. */
  stack: unknown;
  /** State file of the simulator. */
  simulator: Record<string, unknown> & { clockOffset: number };
  /** Time at DigiCert when it was kept: ISO 8601, UTC. */
  at: string;
  /** The outputs of each resource by then; see {@link outputShapes}. */
  outputs?: Record<string, string[]>;
}

/** What each resource may keep in the state: `domains[].id: integer`. */
export function outputShapes(): Record<string, string[]> {
  const shapes = {
    VmcOrder: z.object(orderOutputs),
    CmcOrder: z.object(orderOutputs),
    OrgValidation: orgValidationOutputs,
    MarkCertificate: markCertificateOutputs,
  };
  return Object.fromEntries(Object.entries(shapes).map(([type, schema]) => [type, paths("", z.toJSONSchema(schema))]));
}

type JsonSchema = Exclude<z.core.JSONSchema._JSONSchema, boolean>;

function paths(at: string, schema: z.core.JSONSchema._JSONSchema): string[] {
  const { properties, items, additionalProperties, type, anyOf } = schema as JsonSchema;
  if (properties) {
    const dot = at && `${at}.`;
    return Object.entries(properties)
      .flatMap(([name, of]) => paths(dot + name, of))
      .sort();
  }
  if (items) return paths(`${at}[]`, items as JsonSchema);
  if (typeof additionalProperties === "object") return paths(`${at}{}`, additionalProperties);
  return [`${at}: ${type ?? anyOf?.map((one) => (one as JsonSchema).type ?? "any").join("|") ?? "any"}`];
}

export const fixtureDirectory = path.join(checkout, "tests", "fixtures", "state");

/** So far ahead that the certificates in it do not expire before the fixture is forgotten. */
const startAt = new Date("2048-06-01T00:00:00Z");
const zones = { "example.com": zoneId, "example.net": "372e67954025e0ba6aaa6d586b9e0b59" };
/** Kept, since they are in the stack's secrets; the simulator is the only one that they open. */
const apiKey = "0123456789ABCDEF".repeat(4);
const cloudflareToken = "0123456789abcdefghijklmnopqrstuvwxyzABCD";

/** VMC and CMC, each issued and published and each pending, and a CMC that an administrator must approve. */
const program = `
const pulumi = require("@pulumi/pulumi");
const bimi = require("pulumi-bimi");
const config = new pulumi.Config("fixture");
const zones = config.requireObject("zones");
const ada = config.requireObject("ada");
const acme = new bimi.OrgValidation("acme", {
  organizationId: config.requireNumber("organizationId"), validations: ["ev"], verifiedUsers: [ada],
});
const organization = { id: acme.organizationId, contacts: [{ contactType: "verified_contact", ...ada }] };
const vmc = new bimi.VmcOrder("vmc", {
  dnsNames: ["example.com", "mail.example.com"], organization, logo: "logo.svg", dcvMethod: "dns-txt-token",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
});
new bimi.CloudflareBimi("vmc", {
  order: vmc, zones,
  logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
});
const cmc = new bimi.CmcOrder("cmc", {
  dnsNames: ["example.net"], organization, logo: "other.svg", years: 3, dcvMethod: "dns-cname-token", enableHosting: true,
});
new bimi.CloudflareBimi("cmc", { order: cmc, zones });
const unapproved = new bimi.CmcOrder("unapproved", {
  dnsNames: ["example.org"], organization, logo: "other.svg", years: 1, skipApproval: false, onDelete: "retain",
});
new bimi.MarkCertificate("unapproved", { order: unapproved });
const second = new bimi.Provider("second", { apiKey: config.requireSecret("apiKey") });
new bimi.OrgValidation("second", {
  organizationId: config.requireNumber("organizationId"), validations: ["ev"], verifiedUsers: [ada], onDelete: "retain",
}, { provider: second });
const waiting = new bimi.VmcOrder("waiting", {
  dnsNames: ["example.org", "www.example.org"], organization, logo: "logo.svg",
  trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
});
new bimi.MarkCertificate("waiting", { order: waiting });
const settled = new bimi.CmcOrder("settled", {
  dnsNames: ["settled.example.com"], organization, logo: "third.svg", years: 1, dcvMethod: "dns-txt-token", enableHosting: true,
});
new bimi.CloudflareBimi("settled", { order: settled, zones });
exports.vmc = vmc.orderId;
exports.settled = settled.orderId;
exports.cmc = cmc.orderId;
exports.unapproved = unapproved.orderId;
`;

/** The project of a fixture, whose services are those of `simulator`. */
export function fixtureProject(
  harness: Harness,
  simulator: Simulator,
  { files, config, secrets }: Pick<StateFixture, "files" | "config" | "secrets">,
): Promise<PulumiProject> {
  return harness.project({ files, config, secrets, services: simulator, env: { DIGICERT_API_KEY: undefined } });
}

async function makeFixture(harness: Harness): Promise<StateFixture> {
  const { dir, dispose } = temporaryDirectory();
  const stateFile = path.join(dir, "simulator.json");
  const simulator = await startSimulator({ zones, apiKey, cloudflareToken, stateFile, startAt });
  try {
    const project = {
      files: { "index.js": program, "logo.svg": svg(), "other.svg": svg("Other"), "third.svg": svg("Third") },
      config: {
        "fixture:organizationId": String(simulator.account.organizationId),
        "fixture:zones": JSON.stringify(zones),
        "fixture:ada": JSON.stringify(ada),
      },
      secrets: { "bimi:apiKey": apiKey, "fixture:apiKey": apiKey },
    };
    const stack = await fixtureProject(harness, simulator, project);
    succeeded(await stack.up());
    const { vmc, settled } = await stack.outputs();
    await simulator.control.vet(Number(vmc));
    await simulator.control.vet(Number(settled));
    succeeded(await stack.up());
    const exported = await stack.stackExport();
    for (const resource of exported.deployment.resources) {
      // Where the program that made it lay.
      delete resource.sourcePosition;
      delete resource.stackTrace;
    }
    const at = await simulator.control.now();
    return {
      ...project,
      stack: exported,
      simulator: JSON.parse(readFileSync(stateFile, "utf8")),
      at,
      outputs: outputShapes(),
    };
  } finally {
    await simulator.stop();
    dispose();
  }
}

async function main(): Promise<void> {
  const harness = await Harness.create();
  const { version } = JSON.parse(readFileSync(path.join(checkout, "package.json"), "utf8"));
  const file = path.join(fixtureDirectory, `${version}.json`);
  mkdirSync(fixtureDirectory, { recursive: true });
  writeFileSync(file, `${JSON.stringify(await makeFixture(harness), null, 1)}\n`);
  harness.dispose();
  console.log(`Wrote ${file}.`);
}

if (require.main === module) void main();
