import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Severity } from "../finding";
import { internet, type Network, networkOf } from "../hosting";
import { LogoError, readLogo } from "../logo";
import { readable } from "../readable";
import { canonicalDnsName, DEFAULT_SELECTOR, dnsNameProblem, selectorProblem } from "../records";
import { specVersions } from "../specs";
import { version } from "../version";
import { checkDomain, type DomainRules } from "./checkDomain";
import { checkFile } from "./checkFile";
import { countOf, type Placed, severities, type TargetReport } from "./checkReport";
import { checkText, failure } from "./checkText";
import { statsOf } from "./statsOf";
import { thisProcess, type World } from "./world";

const help = `Usage: bimi check [options] TARGET...

Checks logos, mark certificates and domains against the rules that \`pulumi up\` applies. It only reads, and needs no key.

A target is
  a logo         an SVG file: SVG Tiny PS, and what DigiCert and mail receivers ask for beyond it
  a certificate  a PEM file: a mark certificate's chain
  a domain       its DMARC policy, its BIMI record, and the two files that it points at

  --logo FILE        a certificate must hold this logo; a domain must serve it
  --domain NAME      the certificate must cover this name; repeatable
  --product KIND     the certificate must be a vmc or a cmc
  --at DATE          verify certificates at this date instead of now
  --crl              fetch the certificates' revocation lists, too
  --roots FILE       PEM of further mark-certificate roots to trust; repeatable
  --selector NAME    of a domain's BIMI record. Default: ${DEFAULT_SELECTOR}
  --resolver SERVER  DNS server (host or host:port) to ask. Default: this machine's
  --allow-private    also fetch from hosts whose addresses are not public
  --ignore RULE      a rule that does not count, such as SVG-027; repeatable
  --fail-on LEVEL    error (default), warning or never
  --cwd DIR          the directory that paths are relative to. Default: this one
  --json             for programs, see below
  --sarif            SARIF 2.1.0, for code scanning: errors and warnings
  --help             this text

Exit codes
  0  nothing found of the level of --fail-on or above
  1  something found
  2  the command is wrong, or a target cannot be read

--json prints one object to standard output; properties with a ? only when there is something to say. With --json and --sarif,
standard error names the targets that cannot be read.
  version, specs, errors, warnings (numbers)
  targets[]       target, kind (logo, certificate, domain, unknown), error? (why it cannot be read)
    findings[]    ruleId, severity (error, warning, info), message, where (path or URL, with " (embedded logo)" behind it
                  for the logo in a certificate, or DNS name), line?, column?,
                  path? (of the element), spec?, hint?, fixable?
    record?       name, text
    logo?         where, sha256, size
    certificate?  where, serialNumber, validFrom, validTill, dnsNames[], markType?, logoSha256?,
                  orderedPem? (the chain as it should be, where the file has another order or more)
    readiness[]?  provider, eligible, blockedBy[], note?: "eligible" is not "will be shown", which depends on reputation, too
`;

const failLevels = ["error", "warning", "never"] as const;
const products = { vmc: "vmc_basic", cmc: "mark_certificate" } as const;

interface Options {
  targets: string[];
  failOn: (typeof failLevels)[number];
  format: "text" | "json" | "sarif";
  rules: DomainRules;
}

/** `bimi check`. Answers the exit code; throws what is wrong with the command. */
export async function check(args: string[], world: World = thisProcess, network: Network = internet): Promise<number> {
  const options = read(args, world, network);
  if (!options) {
    world.out(help);
    return 0;
  }
  await assertRules(options.rules.ignore);
  const reports: TargetReport[] = [];
  for (const target of options.targets) reports.push(await checkTarget(target, options.rules));
  world.out(await printed(reports, options));
  const failed = reports.filter(({ error }) => error !== undefined);
  // Standard output may go to a file that nobody reads when the command fails.
  if (options.format !== "text") for (const { target, error } of failed) world.err(failure(target, error!));
  if (failed.length > 0) return 2;
  const failing = severities.slice(0, { error: 1, warning: 2, never: 0 }[options.failOn]);
  return reports.some(({ findings }) => findings.some(({ severity }) => failing.includes(severity))) ? 1 : 0;
}

async function printed(reports: TargetReport[], { format, rules }: Options): Promise<string> {
  if (format === "text") return checkText(reports);
  if (format === "sarif") {
    // Loaded late: it knows the rules of certificates, and with them the ASN.1 decoders.
    const { sarifOf } = await import("./sarif.js");
    return JSON.stringify(sarifOf(reports, rules.cwd), null, 2);
  }
  const total = (severity: Severity) => reports.reduce((sum, { findings }) => sum + countOf(findings, severity), 0);
  const counts = { errors: total("error"), warnings: total("warning") };
  return JSON.stringify({ version, specs: specVersions, ...counts, targets: reports }, null, 2);
}

async function assertRules(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  // Loaded late, as above.
  const { isRule } = await import("./ruleCatalog.js");
  const unknown = ids.find((id) => !isRule(id));
  if (unknown !== undefined) {
    throw new Error(`--ignore ${unknown}: there is no such rule. Give an id such as SVG-027; docs/rules.md has all.`);
  }
}

/** Rules that nobody can ignore: without them the others mean nothing. */
const always = ["CERT-003", "CERT-004", "CERT-010"];
/** Who ignores that a file has one certificate only does not mean this. */
const isLeak = ({ ruleId, message }: Placed) => ruleId === "CERT-001" && message.includes("private key");

async function checkTarget(target: string, rules: DomainRules): Promise<TargetReport> {
  let report: TargetReport;
  try {
    report = await (kindOf(target, rules.cwd) === "file" ? checkFile(target, rules) : checkDomain(target, rules));
  } catch (error) {
    const message =
      error instanceof LogoError && error.code === "missing"
        ? "There is no such file, and it cannot be a domain."
        : error instanceof Error
          ? error.message
          : String(error);
    return { target, kind: "unknown", error: readable(message, 500), findings: [] };
  }
  const ignored = (finding: Placed) =>
    rules.ignore.includes(finding.ruleId) && !always.includes(finding.ruleId) && !isLeak(finding);
  // A logo's own rules know which of them cannot be ignored.
  const findings = report.findings.filter((finding) => finding.ruleId.startsWith("SVG-") || !ignored(finding));
  return { ...report, findings };
}

/** What is there is a file; what cannot be a domain, or ends like a file, should have been one. */
function kindOf(target: string, cwd: string): "file" | "domain" {
  if (statsOf(path.resolve(cwd, target))) return "file";
  const isFileName = /[/\\]|\.(svgz?|pem|crt|cer|der|png|jpe?g|gif|webp|pdf|eps)$/i.test(target);
  if (!isFileName && dnsNameProblem(canonicalDnsName(target)) === undefined) return "domain";
  return "file";
}

function read(args: string[], world: World, network: Network): Options | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      logo: { type: "string" },
      domain: { type: "string", multiple: true },
      product: { type: "string" },
      at: { type: "string" },
      crl: { type: "boolean", default: false },
      roots: { type: "string", multiple: true, default: [] },
      selector: { type: "string", default: DEFAULT_SELECTOR },
      resolver: { type: "string" },
      "allow-private": { type: "boolean", default: false },
      ignore: { type: "string", multiple: true, default: [] },
      "fail-on": { type: "string", default: "error" },
      cwd: { type: "string", default: "." },
      json: { type: "boolean", default: false },
      sarif: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  if (positionals.length === 0) {
    throw new Error("Name what to check: a logo, a PEM file or a domain. `bimi check --help` tells the options.");
  }
  if (values.json && values.sarif) throw new Error("Give --json or --sarif, not both.");
  const cwd = path.resolve(values.cwd);
  const { resolver, ignore, selector, crl } = values;
  const badSelector = selectorProblem(selector);
  if (badSelector) throw new Error(`--selector ${selector}: ${badSelector}`);
  const rules: DomainRules = {
    cwd,
    ignore,
    selector,
    crl,
    roots: values.roots.map((file) => readRoots(path.resolve(cwd, file))),
    at: values.at === undefined ? new Date(world.clock.now()) : dateOf(values.at),
    network: networkOf(resolver, values["allow-private"], network),
    ...(resolver === undefined ? {} : { resolver }),
    ...(values.logo === undefined ? {} : { logo: orderedLogo(values.logo, cwd) }),
    ...(values.domain === undefined ? {} : { domains: values.domain.map(domainOf) }),
    ...(values.product === undefined ? {} : { product: products[oneOf("product", values.product, ["vmc", "cmc"])] }),
  };
  const format = values.json ? "json" : values.sarif ? "sarif" : "text";
  return { targets: positionals, failOn: oneOf("fail-on", values["fail-on"], failLevels), format, rules };
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new Error(`--${option} ${value}: give one of ${allowed.join(", ")}.`);
  return found;
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new Error(`--at ${text}: give a date such as 2026-11-22.`);
  return date;
}

function domainOf(text: string): string {
  const problem = dnsNameProblem(text);
  if (problem) throw new Error(`--domain ${text}: ${problem}`);
  return canonicalDnsName(text);
}

function orderedLogo(file: string, cwd: string): Buffer {
  try {
    return readLogo(file, cwd).bytes;
  } catch (error) {
    if (!(error instanceof LogoError) || error.code !== "missing") throw error;
    throw new Error(`--logo ${readable(file, 200)} does not exist (${readable(path.resolve(cwd, file), 200)}).`);
  }
}

function readRoots(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`--roots ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
