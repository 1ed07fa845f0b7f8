import assert from "node:assert/strict";
import { type Misissue, type Simulator, startSimulator } from "../../simulator";
import { Harness, type PulumiProject, succeeded } from "./harness";
import { printed, resource, svg, Wire, zoneId } from "./support";

/** What is wrong with each order's first certificate, and the rule that says so. */
const wrongs: Record<string, { wrong: Misissue; rule: string; says: RegExp }> = {
  logo: { wrong: { logo: svg("Another") }, rule: "CERT-011", says: /is not the ordered one/ },
  purpose: { wrong: { keyPurpose: "1.3.6.1.5.5.7.3.1" }, rule: "CERT-006", says: /extended key usage/ },
  past: { wrong: { validFromDays: -100, validTillDays: -2 }, rule: "CERT-005", says: /expired on/ },
  future: { wrong: { validFromDays: 2 }, rule: "CERT-005", says: /is not valid before/ },
  type: { wrong: { markType: "Prior Use Mark" }, rule: "CERT-015", says: /no mark type of the product/ },
  forged: { wrong: { lookAlike: true }, rule: "CERT-004", says: /bears the name of a trusted root/ },
  names: { wrong: { dnsNames: ["names.example.com"] }, rule: "CERT-012", says: /does not cover also\.example\.com/ },
};
const brands = [...Object.keys(wrongs), "good"];
const namesOf = (brand: string) =>
  brand === "names" ? ["names.example.com", "also.example.com"] : [`${brand}.example.com`];

const program = `
const bimi = require("pulumi-bimi");
for (const [brand, dnsNames] of ${JSON.stringify(brands.map((brand) => [brand, namesOf(brand)]))}) {
  const order = new bimi.VmcOrder(brand, {
    dnsNames,
    organization: { id: Number(process.env.ORGANIZATION) },
    logo: "logo.svg",
    trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
    dcvMethod: "http-token",
  });
  new bimi.CloudflareBimi(brand, {
    order,
    zones: { "example.com": "${zoneId}" },
    logoUrl: \`https://assets.example.com/\${brand}.svg\`,
    certificateUrl: \`https://assets.example.com/\${brand}\${process.env.CHAIN ?? ""}.pem\`,
  });
}
`;

describe("a wrong certificate, on the wire,", function () {
  this.timeout(300_000);

  let harness: Harness;
  let simulator: Simulator;
  let project: PulumiProject;
  let wire: Wire;
  /** What the second \`up\` said. */
  let said: string;
  const orderIds: Record<string, number> = {};

  before(async () => {
    harness = await Harness.create();
    simulator = await startSimulator({ zones: { "example.com": zoneId } });
    wire = new Wire(simulator);
    project = await harness.project({
      files: { "index.js": program, "logo.svg": svg() },
      services: simulator,
      config: { "bimi:maxOrdersPerUpdate": String(brands.length) },
      env: { ORGANIZATION: String(simulator.account.organizationId) },
    });
    await up();
    const { certcentral } = await simulator.control.dump();
    for (const { id, dnsNames, names } of certcentral.orders) {
      const brand = brands.find((one) => namesOf(one)[0] === dnsNames[0])!;
      orderIds[brand] = id;
      if (wrongs[brand]) await simulator.control.misissue(id, wrongs[brand].wrong);
      for (const { domainId } of names) await simulator.control.approveDomain(domainId);
    }
    for (const id of Object.values(orderIds)) await simulator.control.vet(id);
    said = await up();
  });
  after(async () => {
    harness.dispose();
    await simulator.stop();
  });

  const up = async (...args: string[]) =>
    printed(succeeded(await project.pulumi("up", "--yes", "--skip-preview", ...args)));
  const assertion = async (name: string) => (await wire.txt(`default._bimi.${name}`)).join();
  const withdrawn = (brand: string) => `v=BIMI1; l=https://assets.example.com/${brand}.svg; a=;`;
  const published = (brand: string, chain = "") =>
    `v=BIMI1; l=https://assets.example.com/${brand}.svg; a=https://assets.example.com/${brand}${chain}.pem;`;
  const outputsOf = async (brand: string) => resource(await project.stackExport(), "MarkCertificate", brand).outputs;

  /** A colleague asks for a new certificate in the console. */
  async function reissue(brand: string, wrong: Misissue): Promise<void> {
    const order = orderIds[brand]!;
    await simulator.control.misissue(order, wrong);
    const response = await fetch(`${simulator.baseUrl}/order/certificate/${order}/reissue`, {
      method: "POST",
      headers: { "X-DC-DEVKEY": simulator.apiKey, "content-type": "application/json" },
      body: JSON.stringify({ certificate: { dns_names: namesOf(brand) }, skip_approval: true }),
    });
    assert.equal(response.status, 201);
    await simulator.control.tick();
  }

  it("is published when nothing is wrong with it", async () => {
    assert.equal(await assertion("good.example.com"), published("good"));
    assert.deepEqual((await outputsOf("good")).findings, []);
  });

  for (const [brand, title] of Object.entries({
    logo: "holds another logo",
    purpose: "is for another purpose",
    past: "has expired",
    future: "is not valid yet",
    type: "is for another type of mark",
    forged: "was signed by a look-alike",
  })) {
    it(`is never published: it ${title}`, async () => {
      const { rule, says } = wrongs[brand]!;
      const chain = `/${brand}.pem`;
      const writes = simulator.journal.filter(({ service, write }) => service === "cloudflare" && write);
      assert.ok(writes.some(({ request }) => JSON.stringify(request).includes("/good.pem")));
      assert.deepEqual(
        writes.filter(({ request }) => JSON.stringify(request).includes(chain)),
        [],
        "nobody wrote it at any time",
      );
      assert.equal(await assertion(`${brand}.example.com`), withdrawn(brand));
      const { status, thumbprint, findings } = await outputsOf(brand);
      assert.equal(status, "issued");
      assert.match(thumbprint, /^[0-9A-F]{40}$/, "the state has it");
      const finding = findings.find(({ id, severity }: Record<string, string>) => id === rule && severity === "error");
      assert.match(finding?.message, says);
      assert.match(said, new RegExp(`order ${orderIds[brand]}: ${rule} \\(error\\): .*${says.source}`));
    });
  }

  it("is published for the names that it covers, and for no other", async () => {
    assert.equal(await assertion("names.example.com"), published("names"));
    assert.equal(await assertion("also.example.com"), withdrawn("names"));
    const { findings } = await outputsOf("names");
    assert.deepEqual(
      findings.map(({ id }: { id: string }) => id),
      ["CERT-012"],
    );
    assert.match(findings[0].message, wrongs.names!.says);
  });

  it("never takes the place of a good one, which stays until another good one comes", async () => {
    const { thumbprint } = await outputsOf("good");
    await reissue("good", { logo: svg("Another") });
    const again = await up("--refresh");
    assert.equal(await assertion("good.example.com"), published("good"));
    const bad = await outputsOf("good");
    assert.notEqual(bad.thumbprint, thumbprint);
    assert.deepEqual(
      bad.findings.map(({ id }: { id: string }) => id),
      ["CERT-011"],
    );
    assert.match(again, /CERT-011 \(error\): .*is not the ordered one/);

    await reissue("good", {});
    await reissue("logo", {});
    project.env.CHAIN = "-2";
    await up("--refresh");
    assert.equal(await assertion("good.example.com"), published("good", "-2"));
    assert.deepEqual((await outputsOf("good")).findings, []);
    assert.equal(await assertion("logo.example.com"), published("logo", "-2"), "what was blocked is published");
    assert.equal(await assertion("purpose.example.com"), withdrawn("purpose"));
  });
});
