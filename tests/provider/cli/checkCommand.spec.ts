import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { systemClock } from "../../../provider/certcentral";
import { pinnedRoots, verifyMarkCertificate } from "../../../provider/certificate";
import { check } from "../../../provider/cli/checkCommand";
import type { Network } from "../../../provider/hosting";
import { AuthoritativeDns, type DnsZoneRecord } from "../../../simulator/dns";
import { networkAt, Site, TestAuthority } from "../hosting/sites";
import { failureOf, type Json } from "../support";

const fixtures = path.join(__dirname, "../../../../tests/fixtures");
const fixture = (name: string) => path.join(fixtures, name);
const good =
  '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">\n<title>Acme</title>\n<rect width="64" height="64" fill="#0a5"/><circle cx="32" cy="32" r="20" fill="#fff"/></svg>\n';
/** Breaks SVG-007 on its second line. */
const bad = good.replace('version="1.2"', '\n  version="1.1"');

async function run(args: string[], network?: Network) {
  const out: string[] = [];
  const err: string[] = [];
  const world = {
    env: {},
    clock: systemClock,
    stdin: async () => "",
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
  };
  const code = await check(args, world, network);
  return { code, out: out.join("\n"), err: err.join("\n") };
}
async function json(args: string[], network?: Network): Promise<Json> {
  const { code, out } = await run([...args, "--json"], network);
  return { code, ...JSON.parse(out) };
}
const idsOf = ({ findings }: Json): string[] => findings.map(({ ruleId }: Json) => ruleId);

describe("bimi check", () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(path.join(tmpdir(), "pulumi-bimi-check-"));
    writeFileSync(path.join(dir, "logo.svg"), good);
    writeFileSync(path.join(dir, "bad logo.svg"), bad);
    mkdirSync(path.join(dir, "folder.svg"));
  });
  after(() => rmSync(dir, { recursive: true }));
  const here = (...args: string[]) => [...args, "--cwd", dir];

  describe("of a logo", () => {
    it("tells hash and size, and ends with 0", async () => {
      const { code, errors, targets } = await json(here("logo.svg"));
      assert.deepEqual([code, errors, targets.length], [0, 0, 1]);
      const [{ target, kind, logo }] = targets;
      assert.deepEqual([target, kind, logo.size], ["logo.svg", "logo", Buffer.byteLength(good)]);
      assert.match(logo.sha256, /^[0-9a-f]{64}$/);
    });

    it("tells severity, rule, place, element, message, remedy and source of each finding", async () => {
      const { code, out } = await run(here("bad logo.svg"));
      assert.equal(code, 1);
      assert.match(out, /^bad logo\.svg: logo, \d+ error/);
      assert.match(
        out,
        /\n {4}error {3}SVG-007 \d+:\d+ \/svg: version is "1\.1", not "1\.2"\.\n {12}-> .*Write version="1\.2" .*\n {12}\(draft-svg-tiny-ps-abrotman/,
      );
    });

    it("ends as --fail-on and --ignore say", async () => {
      const { code } = await run(here("bad logo.svg", "--fail-on", "never"));
      assert.equal(code, 0);
      const ignoring = await json(here("bad logo.svg", "--ignore", "SVG-007", "--ignore", "SVG-008"));
      assert.ok(!idsOf(ignoring.targets[0]).includes("SVG-007"));
      const cnn = [fixture("pem/cnn.pem"), "--at", "2022-08-01"];
      const { warnings } = await json(cnn);
      assert.ok(warnings > 0, "it is about to expire");
      const ignored = ["--ignore", "CERT-015", "--ignore", "CERT-013"];
      assert.deepEqual(
        [(await run([...cnn, ...ignored])).code, (await run([...cnn, ...ignored, "--fail-on", "warning"])).code],
        [0, 1],
      );
    });
  });

  describe("of a certificate", () => {
    const xometry = fixture("pem/xometry_cmc.pem");
    const at = ["--at", "2025-01-01"];

    it("verifies it at a date, with the pinned roots", async () => {
      const { code, targets } = await json([xometry, ...at]);
      assert.equal(code, 0, JSON.stringify(targets));
      assert.equal(targets[0].kind, "certificate");
      assert.deepEqual(
        [targets[0].certificate.markType, targets[0].certificate.dnsNames],
        ["Prior Use Mark", ["xometry.com"]],
      );
      const late = await json([xometry, "--at", "2026-01-01"]);
      assert.equal(late.code, 1);
      assert.ok(idsOf(late.targets[0]).includes("CERT-005"));
    });

    it("compares it with --logo, --domain and --product", async () => {
      const compared = ["--logo", "logo.svg", "--domain", "Example.com", "--product", "vmc"];
      const { code, targets } = await json(here(xometry, ...at, ...compared));
      assert.equal(code, 1);
      for (const ruleId of ["CERT-011", "CERT-012", "CERT-015"]) assert.ok(idsOf(targets[0]).includes(ruleId), ruleId);
      const { code: same } = await run([xometry, ...at, "--domain", "xometry.com", "--product", "cmc"]);
      assert.equal(same, 0);
    });

    it("fetches revocation lists with --crl only, from public hosts only", async () => {
      const asked: string[] = [];
      const network: Network = {
        resolve: async (hostname) => {
          asked.push(hostname);
          return [{ address: "10.0.0.1", family: 4 }];
        },
        nonPublicKind: () => "private",
      };
      const without = await json([xometry, ...at], network);
      assert.deepEqual([asked, idsOf(without.targets[0]).includes("CERT-014")], [[], false]);
      const { code, targets } = await json([xometry, ...at, "--crl"], network);
      assert.equal(code, 0, "what is not known is no error");
      assert.match(asked.join(), /crl\d\.digicert\.com/);
      const unknown = targets[0].findings.find(({ ruleId }: Json) => ruleId === "CERT-014");
      assert.equal(unknown.severity, "warning");
      assert.match(unknown.message, /not public \(private\)/);
    });

    it("tells what is wrong with the logo in it once, by the logo's rules", async () => {
      const cnn = [fixture("pem/cnn.pem"), "--at", "2022-01-01"];
      const [report] = (await json(cnn)).targets;
      const [found, ...others] = report.findings.filter(({ message }: Json) =>
        message.includes("one colour, where two"),
      );
      assert.deepEqual([found.ruleId, found.severity, others], ["SVG-026", "warning", []]);
      assert.match(found.where, /cnn\.pem \(embedded logo\)$/);
      const [without] = (await json([...cnn, "--ignore", "SVG-026"])).targets;
      assert.equal(without.findings.length, report.findings.length - 1);
    });

    it("is known by what is in the file, whatever its name", async () => {
      writeFileSync(path.join(dir, "chain.svg"), readFileSync(xometry));
      writeFileSync(path.join(dir, "logo.pem"), good);
      const { targets } = await json(here("chain.svg", "logo.pem", ...at));
      assert.deepEqual(
        targets.map(({ kind }: Json) => kind),
        ["certificate", "logo"],
      );
    });

    it("offers the chain in order where it is not", async () => {
      const blocks = readFileSync(xometry, "utf8").match(
        /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\s*/g,
      )!;
      writeFileSync(path.join(dir, "upside-down.pem"), [...blocks].reverse().join(""));
      const wrong = await json(here("upside-down.pem", ...at));
      assert.deepEqual([wrong.code, idsOf(wrong.targets[0]).includes("CERT-002")], [1, true]);
      writeFileSync(path.join(dir, "ordered.pem"), wrong.targets[0].certificate.orderedPem);
      const right = await json(here("ordered.pem", ...at));
      assert.deepEqual([right.code, "orderedPem" in right.targets[0].certificate], [0, false]);
    });

    it("does not ignore what makes the others mean nothing", async () => {
      const { targets } = await json([
        fixture("pem/catchall.delivery.pem"),
        "--ignore",
        "CERT-004",
        "--ignore",
        "CERT-006",
      ]);
      assert.ok(idsOf(targets[0]).includes("CERT-004"));
      assert.ok(!idsOf(targets[0]).includes("CERT-006"));
    });
  });

  it("tells of a private key whatever is ignored", async () => {
    const key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    const [chain] = readFileSync(fixture("pem/xometry_cmc.pem"), "utf8").split(/(?<=-----END CERTIFICATE-----\n)/);
    writeFileSync(path.join(dir, "leaf.pem"), chain!);
    writeFileSync(path.join(dir, "leaked.pem"), chain + key);
    const { targets } = await json(here("leaf.pem", "leaked.pem", "--ignore", "CERT-001"));
    const messages = targets.map(({ findings }: Json) =>
      findings.filter(({ ruleId }: Json) => ruleId === "CERT-001").map(({ message }: Json) => message),
    );
    assert.deepEqual(messages, [[], ["the PEM contains a private key"]]);
  });

  describe("of what cannot be checked", () => {
    it("names it, checks the other targets, and ends with 2", async () => {
      writeFileSync(path.join(dir, "really-a.svg"), "%PDF-1.7\n");
      writeFileSync(path.join(dir, "utf16.svg"), Buffer.from(`\ufeff${good}`, "utf16le"));
      writeFileSync(path.join(dir, "big.svg"), " ".repeat(300 * 1024));
      writeFileSync(path.join(dir, "leaf.crt"), Buffer.from([0x30, 0x82, 0x01, 0x00, 0x30, 0x82]));
      writeFileSync(path.join(dir, "empty.pem"), "");
      writeFileSync(path.join(dir, "utf16.pem"), Buffer.from("\ufeff-----BEGIN CERTIFICATE-----", "utf16le"));
      const expected: Record<string, RegExp> = {
        "nowhere.svg": /no such file/,
        "./example.com": /no such file/,
        "logo.svg/a.svg": /no such file/,
        "folder.svg": /a directory/,
        "really-a.svg": /PDF/,
        "utf16.svg": /UTF-16/,
        "big.svg": /307200 bytes/,
        "leaf.crt": /DER/,
        "empty.pem": /no certificate in PEM form/,
        "utf16.pem": /no certificate in PEM form, which is ASCII/,
        "not a domain": /no such file/,
      };
      const { code, targets } = await json(here(...Object.keys(expected), "bad logo.svg"));
      assert.equal(code, 2);
      for (const { target, error } of targets.slice(0, -1)) assert.match(error, expected[target]!, target);
      assert.ok(idsOf(targets.at(-1)).includes("SVG-007"));
    });

    for (const [args, says] of [
      [[], /Name what to check/],
      [["logo.svg", "--json", "--sarif"], /--json or --sarif/],
      [["logo.svg", "--ignore", "nonsense"], /no such rule/],
      [["logo.svg", "--ignore", "SVG-099"], /--ignore SVG-099: there is no such rule/],
      [["logo.svg", "--fail-on", "info"], /give one of error, warning, never/],
      [["logo.svg", "--at", "soon"], /give a date/],
      [["logo.svg", "--product", "ev"], /give one of vmc, cmc/],
      [["logo.svg", "--roots", "nowhere.pem"], /nowhere\.pem cannot be read/],
      [["logo.svg", "--selector", "a b"], /--selector a b/],
      [["logo.svg", "--domain", "*.example.com"], /wildcard/],
      [["logo.svg", "--logo", "nowhere.svg"], /--logo nowhere\.svg does not exist/],
      [["logo.svg", "--nonsense"], /nonsense/],
    ] as const) {
      it(`says what is wrong with ${args.join(" ") || "no target"}`, async () => {
        assert.match((await failureOf(run(here(...args)))).message, says);
      });
    }

    it("shows no terminal what it would obey, of a file's name either", async () => {
      const name = "a\u001b[31m\n::error::x.svg";
      writeFileSync(path.join(dir, name), bad);
      for (const target of [name, `no${name}`]) {
        const { out } = await run(here(target));
        assert.ok(out.startsWith(`${target.startsWith("no") ? "no" : ""}a [31m ::error::x.svg: `), JSON.stringify(out));
      }
    });

    it("ends the process with 2, 1 or 0", async () => {
      const bimi = path.join(__dirname, "../../../provider/cli/bimi.js");
      const codes = [["nowhere.svg"], ["bad logo.svg"], ["logo.svg"]].map(async (args) => {
        const [code] = await once(spawn(process.execPath, [bimi, "check", ...args], { cwd: dir }), "exit");
        return code;
      });
      assert.deepEqual(await Promise.all(codes), [2, 1, 0]);
    }).timeout(60_000);
  });

  describe("as SARIF", () => {
    it("has all that code scanning requires, with paths relative to the directory", async () => {
      const { code, out, err } = await run(here("bad logo.svg", "logo.svg", "nowhere.svg", "--sarif"));
      assert.equal(code, 2);
      assert.match(err, /^nowhere\.svg: There is no such file/, "where a log shows it");
      const { version, $schema, runs } = JSON.parse(out);
      assert.equal(version, "2.1.0");
      assert.match($schema, /sarif-2\.1\.0/);
      const [{ tool, results, columnKind, invocations }] = runs;
      assert.equal(columnKind, "utf16CodeUnits");
      assert.equal(invocations[0].executionSuccessful, false);
      assert.match(invocations[0].toolExecutionNotifications[0].message.text, /nowhere\.svg: There is no such file/);
      const { name, version: ours, rules } = tool.driver;
      assert.deepEqual([name, typeof ours], ["bimi check", "string"]);
      for (const { id, shortDescription, fullDescription, help, helpUri, defaultConfiguration } of rules) {
        assert.match(id, /^[A-Z]+-\d{3}$/);
        for (const { text } of [shortDescription, fullDescription, help]) assert.ok(text.length > 10);
        assert.match(helpUri, /^https:\/\//);
        assert.ok(["error", "warning", "note"].includes(defaultConfiguration.level));
      }
      assert.equal(new Set(rules.map(({ id }: Json) => id)).size, rules.length);
      for (const { ruleId, ruleIndex, level, message, locations } of results) {
        assert.equal(rules[ruleIndex].id, ruleId);
        assert.ok(["error", "warning", "note"].includes(level));
        assert.ok(message.text.length > 10);
        assert.equal(locations.length, 1);
        const { artifactLocation, region } = locations[0].physicalLocation;
        assert.ok(["bad%20logo.svg", "logo.svg"].includes(artifactLocation.uri));
        if (region) assert.ok(region.startLine >= 1 && (region.startColumn ?? 1) >= 1);
      }
      const found = results.find(({ ruleId }: Json) => ruleId === "SVG-007");
      const { artifactLocation, region } = found.locations[0].physicalLocation;
      assert.equal(artifactLocation.uri, "bad%20logo.svg");
      const [{ findings }] = (await json(here("bad logo.svg"))).targets;
      const { line, column } = findings.find(({ ruleId }: Json) => ruleId === "SVG-007");
      assert.deepEqual([region.startLine, region.startColumn], [line, column]);
      assert.equal(found.level, "error");
    });

    it("has an empty list of results where nothing is found", async () => {
      const ignored = ["--ignore", "CERT-014"];
      const { out } = await run([fixture("pem/nowhere.pem"), "--sarif", ...ignored]);
      const { runs } = JSON.parse(out);
      assert.deepEqual([runs[0].results, runs[0].tool.driver.rules], [[], []]);
    });
  });

  describe("of a domain", () => {
    const domain = "xometry.com";
    const pem = readFileSync(fixture("pem/xometry_cmc.pem"), "utf8");
    let logo: Buffer;
    let authority: TestAuthority;
    let site: Site;
    let files: Record<string, string | Buffer>;
    let records: DnsZoneRecord[];
    let dns: AuthoritativeDns;
    let server: string;
    let tls: { key: string; cert: string };
    before(async () => {
      const verified = await verifyMarkCertificate({ pem, roots: pinnedRoots, at: new Date("2025-01-01") });
      logo = verified.leaf!.logo!;
      authority = await TestAuthority.create();
      tls = await authority.issue(["logo.xometry.com"]);
    });
    beforeEach(async () => {
      files = { "/logo.svg": logo, "/logo.pem": pem };
      site = await Site.start((request, response) => {
        const body = files[request.url!];
        const contentType = request.url!.endsWith(".svg") ? "image/svg+xml" : "application/pem-certificate-chain";
        response.writeHead(body === undefined ? 404 : 200, { "Content-Type": contentType }).end(body);
      }, tls);
      records = [
        record("logo.xometry.com", "A", "127.0.0.1"),
        record("_dmarc.xometry.com", "TXT", "v=DMARC1; p=reject"),
        record("default._bimi.xometry.com", "TXT", assertion()),
      ];
      dns = new AuthoritativeDns(() => records);
      const { host, port } = await dns.start();
      server = `${host}:${port}`;
    });
    afterEach(async () => {
      await dns.stop();
      await site.stop();
    });

    const record = (name: string, type: string, content: string): DnsZoneRecord => ({ name, type, content, ttl: 300 });
    const urlOf = (file: string) => `https://logo.xometry.com:${site.port}/${file}`;
    const assertion = () => `v=BIMI1; l=${urlOf("logo.svg")}; a=${urlOf("logo.pem")};`;
    function set(name: string, type: string, ...contents: string[]): void {
      records = records.filter((old) => old.name !== name);
      records.push(...contents.map((content) => record(name, type, content)));
    }
    /** Of the only target, without what the logo's and the certificate's own rules found. */
    async function found(target = domain, ...args: string[]) {
      const network = networkAt(authority.ca, { resolve: async () => assert.fail("asked the system's resolver") });
      const report = await json([target, "--resolver", server, "--at", "2025-01-01", ...args], network);
      const [first] = report.targets;
      const findings = first.findings.filter(({ ruleId }: Json) => !/^(SVG|CERT)-/.test(ruleId));
      const byRule = findings.map(({ severity, ruleId }: Json) => `${severity} ${ruleId}`);
      return { ...first, code: report.code, all: first.findings, rules: byRule, findings };
    }
    const port = ["warning DNS-008", "warning DNS-008"];

    it("reads the record, fetches both files, and says who may show the logo", async () => {
      const result = await found();
      assert.deepEqual(result.rules, port, JSON.stringify(result.findings));
      assert.deepEqual(result.record, { name: "default._bimi.xometry.com", text: assertion() });
      assert.deepEqual([result.logo.where, result.logo.size], [urlOf("logo.svg"), logo.length]);
      assert.equal(result.certificate.markType, "Prior Use Mark");
      const providers = result.readiness.map(({ provider }: Json) => provider);
      assert.deepEqual(providers, ["Gmail", "Apple Mail", "Yahoo", "Fastmail"]);
      assert.equal(result.readiness[1].eligible, false, "Apple shows VMCs only");
      assert.equal(result.readiness[1].note, "shows logos with a VMC only");
    });

    it("prints it for people, by place", async () => {
      const { out } = await run([domain, "--resolver", server, "--at", "2025-01-01"], networkAt(authority.ca));
      assert.match(out, /^xometry\.com: domain, /);
      assert.ok(out.includes(`\n  record default._bimi.xometry.com: ${assertion()}\n`));
      assert.match(out, /\n {2}default\._bimi\.xometry\.com\n {4}warning DNS-008: l= names port/);
      assert.match(out, /\n {2}Apple Mail: .*\n {2}Yahoo: /);
      assert.doesNotMatch(out, /will (display|show)/);
    });

    it("names what is served differently than it was certified", async () => {
      files["/logo.svg"] = Buffer.from(logo.toString("latin1").replaceAll("<", "\n<"), "latin1");
      const result = await found();
      assert.deepEqual(result.rules, [...port, "error HOST-006"]);
      assert.match(result.findings.at(-1).message, /only by white space/);
      assert.equal(result.findings.at(-1).where, urlOf("logo.svg"));
      const gmail = result.readiness[0];
      assert.deepEqual([gmail.eligible, gmail.blockedBy.includes("HOST-006")], [false, true]);
    });

    it("names files that are not there", async () => {
      files = {};
      assert.deepEqual((await found()).rules, [...port, "error HOST-001", "error HOST-001"]);
    });

    it("compares with the logo that was ordered", async () => {
      const { all } = await found(domain, "--logo", path.join(dir, "logo.svg"));
      assert.ok(idsOf({ findings: all }).includes("HOST-006"));
      assert.ok(idsOf({ findings: all }).includes("CERT-011"));
    });

    it("refuses hosts that are not public, unless told", async () => {
      const strict = { ...networkAt(authority.ca), nonPublicKind: () => "loopback" };
      const [{ findings }] = (await json([domain, "--resolver", server], strict)).targets;
      assert.equal(findings.filter(({ message }: Json) => /not public \(loopback\)/.test(message)).length, 2);
      assert.deepEqual(site.requests, []);
      await json([domain, "--resolver", server, "--allow-private"], strict);
      assert.equal(site.requests.length, 2);
    });

    describe("whose record", () => {
      const cases: [what: string, texts: string[], expected: string[]][] = [
        ["is missing", [], ["error DNS-001"]],
        ["is an SPF record", ["v=spf1 -all"], ["error DNS-001", "warning DNS-006"]],
        ["stands beside others", ["v=BIMI1; l=; a=", "v=spf1 -all"], ["warning DNS-006", "info DNS-016"]],
        ["is misspelt", ["v=bimi1; l=https://a.example.com/b.svg"], ["error DNS-002"]],
        ["begins with another tag", ["l=https://a.example.com/b.svg; v=BIMI1"], ["error DNS-002"]],
        ["stands twice", ["v=BIMI1; l=; a=", "v=BIMI1; l="], ["error DNS-005"]],
        ["has no l=", ["v=BIMI1"], ["error DNS-003"]],
        ["has L= for l=", ["v=BIMI1; L="], ["error DNS-003", "warning DNS-012"]],
        ["has a tag twice", ["v=BIMI1; l=; l=; a="], ["error DNS-004", "info DNS-016"]],
        ["has something else than tags", ["v=BIMI1; l=; logo; a="], ["error DNS-004", "info DNS-016"]],
        ["declines", ["v=BIMI1; l=; a=;"], ["info DNS-016"]],
        ["has an http URL", ["v=BIMI1; l=http://a.example.com/b.svg"], ["error DNS-008", "warning DNS-010"]],
        ["has a user in a URL", ["v=BIMI1; l=; a=https://u:p@a.example.com/b.pem"], ["error DNS-008", "info DNS-010"]],
        [
          "has two URLs in l=",
          ["v=BIMI1; l=https://a.example.com/b.svg,https://c.example/"],
          ["error DNS-008", "warning DNS-010"],
        ],
        ["has an unknown avp", ["v=BIMI1; l=; a=; avp=corporate"], ["info DNS-016", "error DNS-011"]],
        ["has a bad lps", ["v=BIMI1; l=; a=; lps=news,no_t"], ["info DNS-016", "error DNS-012"]],
        ["has good avp and lps", ["v=BIMI1; l=; a=; avp=personal; lps=news,brand-x"], ["info DNS-016"]],
        ["has an unknown tag", ["v=BIMI1; l=; a=; s=x"], ["info DNS-016", "warning DNS-012"]],
      ];
      for (const [what, texts, expected] of cases) {
        it(what, async () => {
          set("default._bimi.xometry.com", "TXT", ...texts);
          assert.deepEqual((await found()).rules, expected);
        });
      }

      it("names an image, or files with other endings", async () => {
        set("default._bimi.xometry.com", "TXT", `v=BIMI1; l=${urlOf("logo.png")}; a=${urlOf("chain")}`);
        assert.deepEqual(
          (await found()).rules.filter((rule: string) => rule.includes("DNS-009")),
          ["error DNS-009", "warning DNS-009"],
        );
      });

      it("is a CNAME, which must lead to a TXT record", async () => {
        set("default._bimi.xometry.com", "CNAME", "bimi.xometry.com");
        assert.deepEqual((await found()).rules, ["error DNS-001", "error DNS-015"]);
        set("bimi.xometry.com", "TXT", "v=BIMI1; l=; a=");
        assert.deepEqual((await found()).rules, ["info DNS-015", "info DNS-016"]);
      });

      it("is split into strings, and put together without a space", async () => {
        const text = assertion();
        set("default._bimi.xometry.com", "TXT", `"${text.slice(0, 30)}" "${text.slice(30)}"`);
        assert.equal((await found()).record.text, text);
      });

      it("stands at the domain or at _bimi by mistake", async () => {
        set("default._bimi.xometry.com", "TXT");
        set("_bimi.xometry.com", "TXT", "v=BIMI1; l=; a=");
        assert.deepEqual((await found()).rules, ["error DNS-001", "error DNS-007"]);
      });
    });

    it("takes the organizational domain's record and certificate for a subdomain, and says so", async () => {
      const { rules, record: taken, all, findings } = await found("mail.xometry.com");
      assert.deepEqual(rules, ["info DNS-001", ...port]);
      assert.equal(taken.name, "default._bimi.xometry.com");
      assert.match(findings[0].message, /take the one of the organizational domain/);
      assert.ok(!all.some(({ ruleId, severity }: Json) => ruleId === "CERT-012" && severity === "error"));
    });

    it("as SARIF has the DNS names and URLs that findings are about, and files as files", async () => {
      set("default._bimi.xometry.com", "TXT");
      set(domain, "TXT", assertion());
      const strange = "_bimi.svg";
      writeFileSync(path.join(dir, strange), bad);
      // It ends soon, of which there is a warning: what is good to know is not in SARIF.
      const at = ["--resolver", server, "--at", "2025-09-20", "--sarif"];
      const urisOf = async (...targets: string[]) => {
        const { results } = JSON.parse((await run(here(...targets, ...at), networkAt(authority.ca))).out).runs[0];
        return [...new Set(results.map(({ locations: [one] }: Json) => one.physicalLocation.artifactLocation.uri))];
      };
      assert.deepEqual(await urisOf(domain, strange), [
        "dns:default._bimi.xometry.com?type=TXT",
        "dns:xometry.com?type=TXT",
        "_bimi.svg",
      ]);
      set("default._bimi.xometry.com", "TXT", `v=BIMI1; l=; a=${urlOf("logo.pem")}`);
      const { all } = await found();
      assert.ok(all.some(({ where }: Json) => where === `${urlOf("logo.pem")} (embedded logo)`));
      assert.deepEqual(await urisOf(domain), ["dns:default._bimi.xometry.com?type=TXT", urlOf("logo.pem")]);
      set("default._bimi.xometry.com", "TXT", assertion());
      assert.deepEqual(await urisOf(domain), [
        "dns:default._bimi.xometry.com?type=TXT",
        urlOf("logo.svg"),
        urlOf("logo.pem"),
      ]);
    });

    it("looks for another selector, which does not fall back to default", async () => {
      const { rules, findings } = await found(domain, "--selector", "brand");
      assert.deepEqual(rules, ["error DNS-001"]);
      assert.match(findings[0].hint, /do not fall back from the selector brand to default/);
      set("brand._bimi.xometry.com", "TXT", "v=BIMI1; l=; a=");
      assert.equal((await found("mail.xometry.com", "--selector", "brand")).record.name, "brand._bimi.xometry.com");
    });

    describe("whose DMARC policy", () => {
      const cases: [what: string, texts: string[], expected: string[]][] = [
        ["is missing", [], ["error DMARC-001"]],
        ["stands twice", ["v=DMARC1; p=reject", "v=DMARC1; p=none"], ["error DMARC-002"]],
        ["is misspelt", ["v=dmarc1; p=reject"], ["error DMARC-003"]],
        ["is none", ["v=DMARC1; p=none"], ["error DMARC-004"]],
        ["has no p", ["v=DMARC1; rua=mailto:a@b.example"], ["error DMARC-004"]],
        ["is none for subdomains", ["v=DMARC1; p=reject; sp=none"], ["error DMARC-005"]],
        ["is quarantine for some mail", ["v=DMARC1; p=quarantine; pct=50"], ["error DMARC-007"]],
        ["is reject for some mail", ["v=DMARC1; p=reject; pct=50"], ["warning DMARC-007"]],
        ["has pct=100", ["v=DMARC1; p=Quarantine; pct=100"], ["warning DMARC-007"]],
        ["is none for names that do not exist", ["v=DMARC1; p=reject; np=None"], ["warning DMARC-006"]],
        ["has tags of before RFC 9989", ["v=DMARC1; p=reject; rf=afrf; ri=86400"], ["warning DMARC-007"]],
        ["is only tested", ["v=DMARC1; p=reject; t=y"], ["error DMARC-008"]],
        ["enforces", ["v=DMARC1; p=Reject; sp=quarantine"], []],
      ];
      for (const [what, texts, expected] of cases) {
        it(what, async () => {
          set("_dmarc.xometry.com", "TXT", ...texts);
          assert.deepEqual((await found()).rules, [...expected, ...port]);
        });
      }

      it("of a subdomain is judged together with the organizational domain's", async () => {
        set("_dmarc.xometry.com", "TXT", "v=DMARC1; p=none");
        set("_dmarc.mail.xometry.com", "TXT", "v=DMARC1; p=reject");
        const { findings } = await found("mail.xometry.com");
        assert.match(findings[0].message, /DMARC policy of xometry\.com has p=none/);
        assert.equal(findings[0].where, "_dmarc.xometry.com");
        // psd=n says that the subdomain is an organization of its own
        set("_dmarc.mail.xometry.com", "TXT", "v=DMARC1; p=reject; psd=n");
        assert.deepEqual((await found("mail.xometry.com")).rules, ["error DNS-001"]);
      });
    });

    it("whose organizational domain's policy cannot be looked up cannot be checked; a zone above may be refused", async () => {
      set("_dmarc.xometry.com", "TXT", '"unterminated');
      const { code, targets } = await json(["mail.xometry.com", "--resolver", server]);
      assert.equal(code, 2);
      assert.match(targets[0].error, /TXT records at _dmarc\.xometry\.com cannot be looked up: ESERVFAIL/);

      const zone = new AuthoritativeDns(() => records, { zones: () => ["mail.xometry.com"] });
      const { host, port } = await zone.start();
      set("_dmarc.mail.xometry.com", "TXT", "v=DMARC1; p=reject");
      set("default._bimi.mail.xometry.com", "TXT", "v=BIMI1; l=; a=");
      const alone = await json(["mail.xometry.com", "--resolver", `${host}:${port}`]);
      await zone.stop();
      assert.deepEqual([alone.code, idsOf(alone.targets[0])], [0, ["DNS-016"]]);
    });

    it("whose DNS server does not answer cannot be checked", async () => {
      await dns.stop();
      const { code, targets } = await json([domain, "--resolver", server]);
      assert.equal(code, 2);
      assert.match(targets[0].error, /TXT records at _dmarc\.xometry\.com cannot be looked up: \w+/);
      await dns.start(Number(server.split(":")[1]));
    });
  });
});
