import { createHash } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { CertCentralClient, certificates, orders } from "../provider/certcentral";
import { simulatorLog, simulatorRootPem, verifyMarkCertificate } from "../provider/certificate";
import { type Simulator, startSimulator } from "../simulator";
import { type CommandResult, linkCheckout, PulumiProject, succeeded, temporaryDirectory } from "./pulumiProject";

/**
 * The main job, step by step, with the real Pulumi engine and the simulator: `npm run demo`, or `-- --json` for what
 * was called, answered on the wire and kept in the state. Ends with 1 when anything is not as promised.
 */
const domain = "example.com";
const { json } = parseArgs({ options: { json: { type: "boolean", default: false } } }).values;
const report: Record<string, unknown> = {};

function say(text: string): void {
  if (!json) console.log(text);
}

function step(title: string): void {
  say(`\n\u2500\u2500 ${title} ${"\u2500".repeat(Math.max(0, 90 - title.length))}`);
}

function expect(what: string, holds: boolean): void {
  say(`   ${holds ? "ok" : "NOT OK"}: ${what}`);
  if (!holds) throw new Error(`The demo expected: ${what}.`);
}

/** What Pulumi printed, without empty lines, progress dots and where this machine has its plugins. */
function show({ stdout }: CommandResult): void {
  const noise = /^\s*$|^@ |warning: using pulumi-resource-|^\s+pulumi:pulumi:Stack .*\d warnings?$/;
  for (const line of stdout.split("\n").filter((line) => !noise.test(line))) say(`   | ${line}`);
}

function writes(simulator: Simulator) {
  return simulator.journal.filter(({ write, service }) => write && service !== "dns");
}

function ordersPlaced(simulator: Simulator): number {
  return simulator.journal.filter(
    (e) => e.method === "POST" && /\/order\/certificate\/[a-z_]+$/.test(e.path) && e.status === 201,
  ).length;
}

async function demo(simulator: Simulator, project: PulumiProject): Promise<void> {
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([`${simulator.dns.host}:${simulator.dns.port}`]);
  const txt = async (name: string) =>
    (await resolver.resolveTxt(name).catch(() => [])).map((strings) => strings.join(""));

  step("pulumi preview: what would happen, without a single write");
  show(succeeded(await project.preview()));
  expect("0 write calls at CertCentral and Cloudflare", writes(simulator).length === 0);

  step("pulumi up: the order, once, and the records");
  show(succeeded(await project.up()));
  expect("1 order at DigiCert", ordersPlaced(simulator) === 1);
  const first = await project.outputs();
  const proof = await txt(domain);
  say(`   ${domain} TXT ${JSON.stringify(proof)}`);
  const before = await txt(`default._bimi.${domain}`);
  say(`   default._bimi.${domain} TXT ${JSON.stringify(before)}`);
  expect("the DCV token is answered on the wire", proof.length === 1 && proof[0]!.length > 10);
  expect("the assertion is there, with an empty a=", before.length === 1 && before[0]!.trimEnd().endsWith("a=;"));
  say(`   order ${first.orderId} is ${first.status}; missing:`);
  for (const { what, who } of first.missing as { what: string; who: string }[]) say(`     - ${what} (${who})`);
  expect("the order is pending", first.status === "pending");
  report.pending = { outputs: first, wire: { [domain]: proof, [`default._bimi.${domain}`]: before } };

  step("people at DigiCert vet (the simulator's clock goes on by 9 days)");
  await simulator.control.advance({ days: 9 });
  await simulator.control.vet(Number(first.orderId));
  await simulator.control.tick();

  step("pulumi preview: DigiCert has news");
  const news = succeeded(await project.preview());
  show(news);
  expect("the preview says pending -> issued", /pending -> issued/.test(news.stdout + news.stderr));

  step("pulumi up: the certificate is verified and the pair is published");
  show(succeeded(await project.up()));
  const second = await project.outputs();
  const after = await txt(`default._bimi.${domain}`);
  say(`   default._bimi.${domain} TXT ${JSON.stringify(after)}`);
  expect(
    "v=BIMI1; l=…; a=… is answered on the wire",
    /^v=BIMI1; l=https:\/\/\S+; a=https:\/\/\S+\.pem;?$/.test(after[0] ?? ""),
  );
  report.issued = { outputs: second, wire: { [`default._bimi.${domain}`]: after } };

  step("the certificate, against the simulator's root");
  const client = new CertCentralClient(simulator);
  const info = await orders.info(client, Number(first.orderId));
  const logo = readFileSync(path.join(project.dir, "logo.svg"));
  const verification = await verifyMarkCertificate({
    pem: await certificates.download(client, info.certificate.id!),
    roots: [simulatorRootPem],
    logs: [simulatorLog],
    at: client.now(),
    dnsNames: [domain],
    logo,
  });
  const embedded = verification.leaf?.logo;
  expect(
    "every signature up to the root, names, dates and purpose hold",
    verification.ok && verification.coveredNames.includes(domain),
  );
  expect(
    `the embedded logo is logo.svg, byte for byte (${logo.length} bytes)`,
    embedded !== undefined && logo.equals(embedded),
  );
  report.certificate = {
    ok: verification.ok,
    findings: verification.findings.filter(({ severity }) => severity !== "info"),
    logoSha256: createHash("sha256").update(logo).digest("hex"),
  };

  step("pulumi preview: nothing left to do");
  const calls = simulator.journal.length;
  show(succeeded(await project.preview("--expect-no-changes")));
  expect("0 calls", simulator.journal.length === calls);
  report.state = await project.stackExport();

  step("pulumi destroy: refused, since the order is protected");
  const refused = await project.pulumi("destroy", "--yes");
  show(refused);
  expect("nothing was destroyed", refused.code !== 0 && simulator.journal.length === calls);

  step("pulumi state unprotect, pulumi destroy: the order stays issued, the records go");
  const { resources } = (await project.stackExport()).deployment;
  const order = resources.find(({ type }) => type.endsWith("bimi:VmcOrder"))!;
  show(succeeded(await project.pulumi("state", "unprotect", order.urn, "--yes")));
  show(succeeded(await project.destroy()));
  const left = [...(await txt(domain)), ...(await txt(`default._bimi.${domain}`))];
  const { status } = await orders.info(client, Number(first.orderId));
  expect("the records are gone", left.length === 0);
  expect("the order was not revoked", status === "issued");
  expect("still 1 order", ordersPlaced(simulator) === 1);
  report.destroyed = { wire: left, status };
}

async function main(): Promise<void> {
  const simulator = await startSimulator({ zones: { [domain]: "0da42c8d2132a9ddaf714f9e7c920711" } });
  const modules = temporaryDirectory();
  let project: PulumiProject | undefined;
  try {
    project = await PulumiProject.create({
      nodeModules: linkCheckout(modules.dir),
      from: "examples/vmc-cloudflare",
      services: simulator,
      config: {
        domain,
        zoneId: "0da42c8d2132a9ddaf714f9e7c920711",
        organizationId: String(simulator.account.organizationId),
      },
    });
    await demo(simulator, project);
    say("\nDone: one order, one certificate, one published pair.");
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    project?.dispose();
    modules.dispose();
    await simulator.stop();
  }
  if (json) console.log(JSON.stringify({ ...report, journal: simulator.journal }, null, 2));
}

void main();
