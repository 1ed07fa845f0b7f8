import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../simulator";
import { alone } from "../alone";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { ada, during, ordersAt, printed, resource, svg, testsInPairs, Wire, zoneId } from "./support";

const zones = { "example.com": zoneId, "example.net": "372e67954025e0ba6aaa6d586b9e0b59" };

/** What a program finds in its environment, since every user's account is another. */
const settings = `const [organizationId, zones] = [Number(process.env.ORGANIZATION), ${JSON.stringify(zones)}];`;

/** Another logo than the examples have, with an XML declaration, a comment, tabs, and no line end at the end. */
const roundLogo = `<?xml version="1.0" encoding="UTF-8"?>
<!-- drawn by hand -->
<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 200 200">
\t<title>Zoë &amp; Sons</title>\t
\t<g fill="#123456"><circle cx="100" cy="100" r="90"/><path fill="#fff" d="M40 100h120v10H40z"/></g>
</svg>`;

/** An ES module: http-token, whose files the user serves. */
const httpToken = `
import * as bimi from "pulumi-bimi";
${settings}
const order = new bimi.CmcOrder("round", {
  dnsNames: ["example.com", "news.example.com", "example.net"],
  organization: { id: organizationId },
  logo: "./brand/round.svg",
  years: 2,
  dcvMethod: "http-token",
});
const { certificate } = new bimi.CloudflareBimi("round", {
  order,
  zones,
  logoUrl: "https://assets.example.com/round.svg",
  certificateUrl: "https://assets.example.com/round.pem",
});
export const domains = order.domains;
export const { status, missing, published } = certificate;
`;

/** CommonJS: a subdomain, CNAME, an order that an administrator approves, and a wait for domain control. */
const cname = `
const bimi = require("pulumi-bimi");
${settings}
const order = new bimi.CmcOrder("mail", {
  dnsNames: ["mail.example.com", "example.net"],
  organization: { id: organizationId },
  logo: require("fs").readFileSync("logo.svg", "utf8"),
  years: 1,
  dcvMethod: "dns-cname-token",
  enableHosting: true,
  skipApproval: false,
});
const certificate = new bimi.MarkCertificate("mail", { order, wait: process.env.WAIT, waitMinutes: 1 });
new bimi.CloudflareBimi("mail", { order, certificate, zones, selector: "brand" });
exports.orderId = order.orderId;
exports.requests = order.requests;
exports.records = order.dcvRecords;
exports.status = certificate.status;
exports.missing = certificate.missing;
exports.published = certificate.published;
`;

/** TypeScript: a new organization, email, a card. */
const email = `
import * as bimi from "pulumi-bimi";
import * as pulumi from "@pulumi/pulumi";

const domain: string = "example.com";
const ada = ${JSON.stringify(ada)};
const acme = new bimi.OrgValidation("acme", {
  name: "Zoe & Sons", country: "us", address: "1 Main Street", city: "Springfield", state: "Illinois", zip: "62701",
  telephone: "+1 555 0101", validations: ["ev"], verifiedUsers: [ada], organizationContact: ada,
});
const order: bimi.VmcOrder = new bimi.VmcOrder("logo", {
  dnsNames: [domain, pulumi.interpolate\`mail.\${domain}\`],
  organization: { id: acme.organizationId, contacts: [{ contactType: "verified_contact", ...ada }] },
  logo: "logo.svg",
  trademark: { countryCode: "em", registrationNumber: "018000000" },
  dcvMethod: "email",
  dcvEmails: [
    { dnsName: domain, email: \`admin@\${domain}\` },
    { dnsName: \`mail.\${domain}\`, emailDomain: domain, email: \`hostmaster@\${domain}\` },
  ],
  paymentMethod: "card",
  creditCard: { fromEnv: "ACME_CARD" },
  billingAddress: { address: "1 Main Street", city: "Springfield", country: "us", zip: "62701" },
});
const brand = new bimi.CloudflareBimi("brand", {
  order,
  dnsNames: [domain, \`mail.\${domain}\`],
  zones: ${JSON.stringify(zones)},
  logoUrl: "https://example.com/logo-1.svg",
  certificateUrl: "https://example.com/logo-1.pem",
});
export const orderId: pulumi.Output<number> = order.orderId;
export const missing = brand.certificate.missing.apply((items) => items.map(({ what, who }) => \`\${what}: \${who}\`));
export const pairs: pulumi.Output<{ name: string; logoUrl: string; certificateUrl: string }[]> = brand.certificate.published;
`;
const tsconfig = `{ "compilerOptions": { "strict": true, "target": "es2022", "module": "node16", "moduleResolution": "node16" }, "files": ["index.ts"] }`;
const card = {
  number: "4111111111111111",
  expirationMonth: 12,
  expirationYear: 2031,
  cvv: "7373",
  cardholderName: "Ada Approver",
};
const cvv = alone(card.cvv, "cvv");

describe("a newcomer's program", function () {
  this.timeout(300_000);

  let harness: Harness;
  const simulators: Simulator[] = [];
  before(async () => {
    harness = await Harness.create();
  });
  after(async () => {
    harness.dispose();
    for (const simulator of simulators) await simulator.stop();
  });

  async function begin(files: Record<string, string>, env: Record<string, string> = {}) {
    const simulator = await startSimulator({ zones });
    simulators.push(simulator);
    const project = await harness.project({
      files: { "logo.svg": svg(), ...files },
      services: simulator,
      env: { ORGANIZATION: String(simulator.account.organizationId), ...env },
    });
    return { simulator, project, wire: new Wire(simulator) };
  }

  testsInPairs({
    "in ECMAScript modules: a CMC for two years, three domains in two zones, http-token": async () => {
      const { simulator, project, wire } = await begin({ "index.mjs": httpToken, "brand/round.svg": roundLogo });
      succeeded(await project.preview());
      succeeded(await project.up());
      const { domains, missing } = await project.outputs();
      const waiting = (missing as { what: string }[]).map(({ what }) => what);
      for (const { dnsName, token, httpTokenUrl } of domains as Record<string, string>[]) {
        assert.equal(httpTokenUrl, `http://${dnsName}/.well-known/pki-validation/fileauth.txt`);
        assert.ok(
          waiting.includes(
            `domain control of ${dnsName}: serve the token at ${httpTokenUrl}, as the content of that file`,
          ),
          waiting.join(),
        );
        await simulator.control.putFile(new URL(httpTokenUrl!).hostname, token!);
      }
      const [order] = await ordersAt(simulator);
      assert.equal(order?.years, 2);
      assert.equal(order?.dnsNames.length, 3);
      await simulator.control.vet(order!.id);
      await simulator.control.advance({ hours: 1 });
      succeeded(await project.up());
      assert.equal((await project.outputs()).status, "issued");
      for (const name of order!.dnsNames) {
        assert.deepEqual(await wire.txt(`default._bimi.${name}`), [
          "v=BIMI1; l=https://assets.example.com/round.svg; a=https://assets.example.com/round.pem;",
        ]);
      }
      const calls = await during(simulator, async () => succeeded(await project.preview("--expect-no-changes")));
      assert.deepEqual(calls.calls.lines, []);
      const [logo] = (await simulator.control.dump()).certcentral.logos;
      assert.equal(Buffer.from(logo!.svg, "base64").toString(), roundLogo, "DigiCert has the file's bytes");
      succeeded(await project.destroy());
      assert.deepEqual(await wire.txt("default._bimi.example.net"), []);
    },

    "in CommonJS: a subdomain, CNAME, an administrator's approval, files that DigiCert hosts": async () => {
      const { simulator, project, wire } = await begin({ "index.js": cname });
      succeeded(await project.up());
      const first = await project.outputs();
      assert.equal(first.status, "needs_approval");
      const [request] = first.requests as { id: number; status: string }[];
      assert.deepEqual(
        (first.missing as { what: string; who: string }[]).map(({ what, who }) => `${what}: ${who}`),
        [`approval of request ${request?.id}: an administrator of the CertCentral account`],
      );
      assert.deepEqual(await wire.cname("_dnsauth.mail.example.com"), ["dcv.digicert.com"], "a placeholder");
      assert.deepEqual(await wire.txt("brand._bimi.mail.example.com"), ["v=BIMI1; l=; a=;"]);
      succeeded(await project.preview("--expect-no-changes"));

      await simulator.control.approveRequest(request!.id);
      const news = await during(simulator, () => project.preview());
      assert.match(printed(succeeded(news.result)), /needs_approval -> pending/);
      assert.deepEqual(news.calls.writes, []);
      project.env.WAIT = "dcv";
      succeeded(await project.up());
      const second = await project.outputs();
      assert.equal(second.status, "pending");
      for (const { name, content } of second.records as { name: string; content: string }[]) {
        assert.deepEqual(await wire.cname(name), [content]);
      }
      const open = (second.missing as { what: string }[]).map(({ what }) => what);
      assert.ok(!open.some((what) => what.startsWith("domain control")), "it waited for domain control");

      await simulator.control.vet(Number(second.orderId));
      succeeded(await project.up());
      const third = await project.outputs();
      assert.equal(third.status, "issued");
      for (const { name, logoUrl, certificateUrl } of third.published as Record<string, string>[]) {
        assert.match(logoUrl!, /^https:\/\/hosted\.simulator\.invalid\/.*\.svg$/);
        assert.deepEqual(await wire.txt(`brand._bimi.${name}`), [`v=BIMI1; l=${logoUrl}; a=${certificateUrl};`]);
      }
      succeeded(await project.preview("--expect-no-changes"));
      assert.equal((await ordersAt(simulator)).length, 1);
    },

    "in TypeScript: a new organization, email, a card from the environment": async () => {
      const { simulator, project, wire } = await begin(
        { "index.ts": email, "tsconfig.json": tsconfig },
        { ACME_CARD: JSON.stringify(card) },
      );
      let said = printed(succeeded(await project.pulumi("up", "--yes")));
      const { orderId, missing } = await project.outputs();
      assert.deepEqual((missing as string[]).slice(0, 2), [
        "domain control of example.com: answer DigiCert's DCV mail: whoever reads admin@example.com",
        "organization validation (EV): DigiCert",
      ]);
      assert.deepEqual(
        Object.values((await simulator.control.dump()).cloudflare)
          .flat()
          .map(({ name }) => name)
          .sort(),
        ["default._bimi.example.com", "default._bimi.mail.example.com"],
      );
      await simulator.control.advance({ hours: 2 });
      succeeded(await project.preview("--expect-no-changes"));
      await simulator.control.approveDomain("example.com");
      await simulator.control.vet(Number(orderId));
      said += printed(succeeded(await project.up()));
      const { pairs } = await project.outputs();
      assert.equal((pairs as unknown[]).length, 2);
      assert.deepEqual(await wire.txt("default._bimi.mail.example.com"), [
        "v=BIMI1; l=https://example.com/logo-1.svg; a=https://example.com/logo-1.pem;",
      ]);
      const everything = said + JSON.stringify([await project.stackExport({ showSecrets: true }), simulator.journal]);
      assert.ok(!everything.includes(card.number), "the card's number is nowhere");
      assert.doesNotMatch(everything, cvv, "the card's CVV is nowhere");
      const organizations = (await simulator.control.dump()).certcentral.organizations;
      assert.equal(organizations.filter(({ name }) => name === "Zoe & Sons").length, 1);
    },

    "in TypeScript that misspells an input is told before anything runs": async () => {
      const { simulator, project } = await begin({
        "index.ts": `import * as bimi from "pulumi-bimi";
new bimi.CmcOrder("logo", { dnsName: ["example.com"], organization: { id: 1 }, logo: "logo.svg", years: 1 });`,
        "tsconfig.json": tsconfig,
      });
      const result = await project.preview();
      assert.notEqual(result.code, 0);
      assert.match(printed(result), /'dnsName' does not exist in type/);
      assert.deepEqual(simulator.journal, []);
    },

    "is told what DigiCert refused, and why, and what to do": () => refusals(),
    "loses nothing from its state while the key is not the right one": () => otherKeys(),
  });

  /** One stack with an order that is good and others that are not, each by a provider of its own. */
  async function refusals(): Promise<void> {
    const simulator = await startSimulator({ zones });
    const other = await startSimulator({
      zones,
      switches: {
        productNotEnabledError: "403 access_denied|missing_permission",
        inactiveOrganizationError: "404 not_found|organization",
      },
    });
    simulators.push(simulator, other);
    const deactivated = async (of: Simulator) => {
      const id = await of.control.addOrganization({ name: "Gone" });
      const headers = { "X-DC-DEVKEY": of.apiKey };
      const answer = await fetch(`${of.baseUrl}/organization/${id}/deactivate`, { method: "PUT", headers });
      assert.equal(answer.status, 204);
      return id;
    };
    const noProducts = async (of: Simulator) => {
      const account = await of.control.addAccount("Without products");
      await of.control.setProducts([], account.accountId);
      return account;
    };
    const [first, second] = [await noProducts(simulator), await noProducts(other)];
    const viewOnly = await simulator.control.addKey({ role: "view-only" });
    const { organizationId } = simulator.account;
    const wrong = "0".repeat(64);
    const cases: Record<
      string,
      { key?: string; of?: Simulator; organization?: number; more?: object; says: RegExp[] }
    > = {
      good: { says: [] },
      "wrong key": {
        key: wrong,
        says: [
          /403 access_denied\|access_denied_invalid_key/,
          /pulumi config set --secret bimi:apiKey/,
          /GET http\S+\/user\/me/,
        ],
      },
      "key that may only read": {
        key: viewOnly.apiKey,
        says: [/refused to .*order.*403 access_denied\|missing_permission/, /administrator or manager/, /POST http/],
      },
      "product not enabled": {
        key: first.apiKey,
        organization: first.organizationId,
        says: [
          /404 not_found\|product/,
          /not enabled in this account/,
          /POST http\S+\/order\/certificate\/mark_certificate/,
        ],
      },
      "product not permitted": {
        key: second.apiKey,
        of: other,
        organization: second.organizationId,
        says: [/403 access_denied\|missing_permission/, /POST http\S+\/order\/certificate\/mark_certificate/],
      },
      "organization not found": {
        organization: 1,
        says: [/404 not_found\|organization/, /does not exist, or belongs to another account/],
      },
      "organization not active": {
        organization: await deactivated(simulator),
        says: [/400 organization_inactive/, /not active/],
      },
      "organization not there any more": {
        of: other,
        organization: await deactivated(other),
        says: [/404 not_found\|organization/, /does not exist, or belongs to another account/],
      },
      "field not found": {
        more: { customFields: [{ metadataId: 4, value: "Brand" }] },
        says: [/404 not_found\|metadata/, /POST http/],
      },
      "card without an address": {
        more: { paymentMethod: "card", creditCard: { fromEnv: "ACME_CARD" } },
        says: [/refused to .*order.*400/, /billing_address/],
      },
      "card that is not there": {
        more: { paymentMethod: "card", creditCard: { fromEnv: "NO_CARD" } },
        says: [/environment variable NO_CARD/, /"expirationMonth"/, /Nothing was ordered/],
      },
    };
    const project = await harness.project({
      files: {
        "index.js": `
const bimi = require("pulumi-bimi");
for (const { name, apiKey, baseUrl, organization, more } of require("./cases.json")) {
  const provider = new bimi.Provider(name, { apiKey, baseUrl });
  new bimi.CmcOrder(name, {
    dnsNames: [name.replaceAll(" ", "-") + ".example.com"], organization: { id: organization }, logo: "logo.svg", years: 1, ...more,
  }, { provider });
}`,
        "logo.svg": svg(),
        "cases.json": JSON.stringify(
          Object.entries(cases).map(([name, { key, of = simulator, organization, more }]) => ({
            name,
            apiKey: key ?? of.apiKey,
            baseUrl: of.baseUrl,
            organization: organization ?? organizationId,
            more,
          })),
        ),
      },
      env: { ACME_CARD: JSON.stringify(card) },
    });
    const result = await project.up("--continue-on-error");
    assert.notEqual(result.code, 0);
    const lines = printed(result).split("\n");
    for (const [name, { says }] of Object.entries(cases)) {
      const own = messagesOf(lines, name);
      for (const pattern of says) assert.match(own, pattern, name);
    }
    for (const secret of [wrong, simulator.apiKey, other.apiKey, first.apiKey, viewOnly.apiKey, card.number]) {
      assert.ok(!printed(result).includes(secret), "no secret in an error");
    }
    assert.doesNotMatch(printed(result), cvv, "no CVV in an error");
    const state = await project.stackExport();
    const orders = state.deployment.resources.filter(({ type }) => /CmcOrder$/.test(type));
    assert.deepEqual(
      orders.map(({ urn }) => urn.split("::").at(-1)),
      ["good"],
    );
    const placed = [...(await ordersAt(simulator)), ...(await ordersAt(other))];
    assert.deepEqual(
      placed.map(({ id }) => id),
      [orders[0]?.outputs?.orderId],
    );
    assert.ok(!JSON.stringify(simulator.journal).includes(card.number));
  }

  /** A pending order, and keys that cannot see it. */
  async function otherKeys(): Promise<void> {
    const { simulator, project } = await begin({ "index.js": cname.replace("skipApproval: false,", "") });
    succeeded(await project.up());
    const { orderId } = await project.outputs();
    const before = await contents(project);
    const account = await simulator.control.addAccount("Somebody else's");
    const { DIGICERT_API_KEY } = project.env;

    const keys: [string, RegExp][] = [
      [
        account.apiKey,
        new RegExp(
          `belongs to CertCentral account ${simulator.account.id}, but the API key is of account ${account.accountId}.*Use a key of account ${simulator.account.id}`,
        ),
      ],
      ["0".repeat(64), /403 access_denied\|access_denied_invalid_key.*Set a valid key/],
    ];
    for (const [key, says] of keys) {
      project.env.DIGICERT_API_KEY = key;
      for (const command of [() => project.preview(), () => project.up(), () => project.refresh()]) {
        const { calls, result } = await during(simulator, command);
        assert.notEqual(result.code, 0);
        assert.match(printed(result), says);
        assert.ok(!printed(result).includes(key));
        assert.deepEqual(calls.writes, []);
      }
      assert.deepEqual(await contents(project), before);
    }
    delete project.env.DIGICERT_API_KEY;
    const keyless = await project.refresh();
    assert.notEqual(keyless.code, 0);
    assert.match(printed(keyless), /No CertCentral API key: run `pulumi config set --secret bimi:apiKey`/);
    assert.deepEqual(await contents(project), before);

    project.env.DIGICERT_API_KEY = account.apiKey;
    assert.notEqual((await project.destroy()).code, 0);
    assert.equal(resource(await project.stackExport(), "CmcOrder").outputs.orderId, orderId, "destroy keeps it, too");
    assert.deepEqual(
      (await ordersAt(simulator)).map(({ status }) => status),
      ["pending"],
    );

    project.env.DIGICERT_API_KEY = DIGICERT_API_KEY!;
    succeeded(await project.destroy());
    assert.deepEqual(
      (await ordersAt(simulator)).map(({ status }) => status),
      ["canceled"],
    );
  }
});

/** The lines that a command printed about one resource, in the diagnostics at the end. */
function messagesOf(lines: readonly string[], name: string): string {
  const from = lines.findIndex((line) => line.trim() === `pulumi-nodejs:dynamic/bimi:CmcOrder (${name}):`);
  if (from === -1) return "";
  const own = lines.slice(from + 1);
  const end = own.findIndex((line) => /^ {2}\S/.test(line) || /^\S/.test(line));
  return own.slice(0, end === -1 ? undefined : end).join("\n");
}

/** What the state holds of each resource. */
async function contents(project: PulumiProject) {
  const { deployment } = await project.stackExport();
  return Object.fromEntries(deployment.resources.map(({ urn, id, inputs, outputs }) => [urn, { id, inputs, outputs }]));
}
