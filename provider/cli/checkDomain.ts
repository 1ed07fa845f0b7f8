import { Resolver } from "node:dns/promises";
import { addressOf } from "../dns";
import type { Finding } from "../finding";
import {
  type Answered,
  type Fetched,
  guardedFetch,
  logoFindings,
  MAX_HOSTED_LOGO_BYTES,
  MAX_HOSTED_PEM_BYTES,
  servingFindings,
} from "../hosting";
import { inflate, sha256 } from "../hosting/compare";
import { lintLogo } from "../logo";
import { bimiRecordName, canonicalDnsName, DEFAULT_SELECTOR } from "../records";
import { besideFinding, found, isAssertion, readAssertions } from "../records/assertionRules";
import { type DmarcWalk, judgeDmarc, walkedNames } from "../records/dmarcRules";
import { checkChain, embeddedFindings, type Rules } from "./checkFile";
import { type CertificateFacts, type LogoFacts, type Placed, placed, type TargetReport } from "./checkReport";
import { readinessOf } from "./readiness";

export interface DomainRules extends Rules {
  selector: string;
  /** DNS server, `host` or `host:port`. */
  resolver?: string;
}

/** Checks a domain as a mail receiver would: DMARC, the BIMI record, and the two files that it points at. */
export async function checkDomain(target: string, rules: DomainRules): Promise<TargetReport> {
  const domain = canonicalDnsName(target);
  const dns = await Dns.at(rules.resolver);
  const dmarc = await walkDmarc(dns, domain);
  const policies = dmarc.findings.map(({ domain, ...finding }) => ({ ...finding, where: `_dmarc.${domain}` }));
  const located = await locate(dns, domain, rules.selector, dmarc.organizationalDomain);
  const read = located.texts && readAssertions(located.texts);
  const findings: Placed[] = [...policies, ...located.findings, ...placed(located.name, read?.findings ?? [])];
  const report: TargetReport = { target, kind: "domain", findings };
  if (!read) return { ...report, readiness: readinessOf(findings, {}) };

  const text = located.texts!.find(isAssertion) ?? "";
  const hosted = await checkHosted(read, { ...rules, domains: rules.domains ?? [domain] }, dmarc.organizationalDomain);
  findings.push(...hosted.findings);
  const { logo, certificate } = hosted;
  return {
    ...report,
    record: { name: located.name, text },
    ...(logo ? { logo } : {}),
    ...(certificate ? { certificate } : {}),
    readiness: readinessOf(findings, { certificateUrl: read.certificateUrl, certificate }),
  };
}

/** DNS as one server, or as this machine's resolvers see it. */
class Dns {
  private constructor(private readonly resolver: Resolver) {}

  static async at(server: string | undefined): Promise<Dns> {
    const resolver = new Resolver({ timeout: 3000, tries: 2 });
    if (server !== undefined) resolver.setServers([await addressOf(server)]);
    return new Dns(resolver);
  }

  /** The TXT records at a name, each in one piece (RFC 7208 section 3.3). */
  async txt(name: string): Promise<string[]> {
    return (await this.#ask(name, "TXT", () => this.resolver.resolveTxt(name))).map((strings) => strings.join(""));
  }

  async cname(name: string): Promise<string[]> {
    return this.#ask(name, "CNAME", () => this.resolver.resolveCname(name));
  }

  async #ask<T>(name: string, type: string, ask: () => Promise<T[]>): Promise<T[]> {
    try {
      return await ask();
    } catch (error) {
      const { code = "unknown error" } = error as NodeJS.ErrnoException;
      if (code === "ENOTFOUND" || code === "ENODATA") return [];
      throw new Error(
        `The ${type} records at ${name} cannot be looked up: ${code}. Check the name and the DNS server.`,
        { cause: error },
      );
    }
  }
}

/** Asks the domain's parents, too: without the organizational domain's policy there is no verdict. */
async function walkDmarc(dns: Dns, domain: string): Promise<DmarcWalk> {
  const [own, ...parents] = walkedNames(domain);
  const texts = await dns.txt(`_dmarc.${own}`);
  const above = await Promise.all(
    parents.map(async (name) => ({
      domain: name,
      texts: await dns.txt(`_dmarc.${name}`).catch((error) => unlessBeyond(name, error)),
    })),
  );
  return judgeDmarc([{ domain: own!, texts }, ...above]);
}

/** A top-level domain's servers may not answer, and a server of a single zone refuses what is above it. */
function unlessBeyond(name: string, error: Error): [] {
  const { code } = error.cause as NodeJS.ErrnoException;
  if (name.includes(".") && code !== "EREFUSED") throw error;
  return [];
}

interface Located {
  name: string;
  /** The TXT records there; none if nothing at the name is meant as a BIMI record. */
  texts?: string[];
  findings: Placed[];
}

/** The record at the domain, else the one of its organizational domain, with the same selector. */
async function locate(dns: Dns, domain: string, selector: string, organization: string | undefined): Promise<Located> {
  const own = bimiRecordName(domain, selector);
  const first = await lookUp(dns, own);
  if (first.texts) return first;
  const canFallBack = organization !== undefined && organization !== domain;
  if (canFallBack) {
    const fallback = await lookUp(dns, bimiRecordName(organization, selector));
    if (fallback.texts) {
      const message = `There is no BIMI record at ${own}: receivers take the one of the organizational domain, at ${fallback.name}.`;
      const info = found("DNS-001", "info", message, `Publish a record at ${own} only if it shall differ.`);
      return { ...fallback, findings: [...placed(own, [info]), ...first.findings, ...fallback.findings] };
    }
  }
  const also = canFallBack ? `, nor at ${bimiRecordName(organization, selector)} for its organizational domain` : "";
  const missing = found(
    "DNS-001",
    "error",
    `There is no BIMI record at ${own}${also}.`,
    selector === DEFAULT_SELECTOR
      ? `Publish v=BIMI1; l=https://…; a=https://…; as a TXT record at ${own}.`
      : `Publish it there: receivers do not fall back from the selector ${selector} to ${DEFAULT_SELECTOR}.`,
  );
  return { name: own, findings: [...placed(own, [missing]), ...first.findings, ...(await misplaced(dns, domain))] };
}

async function lookUp(dns: Dns, name: string): Promise<Located> {
  const [texts, cnames] = await Promise.all([dns.txt(name), dns.cname(name)]);
  const findings: Finding[] = [];
  const [alias] = cnames;
  if (alias !== undefined && texts.length === 0) {
    const hint = "Publish a TXT record at the target. At Cloudflare, turn the proxy off for this record.";
    const message = `${name} is a CNAME to ${canonicalDnsName(alias)}, where no TXT record is.`;
    findings.push(found("DNS-015", "error", message, hint));
  } else if (alias !== undefined) {
    const message = `${name} is a CNAME to ${canonicalDnsName(alias)}, whose TXT record is used.`;
    findings.push(found("DNS-015", "info", message, "Good for one record shared by several domains."));
  }
  const isMeant = readAssertions(texts) !== undefined;
  if (!isMeant && texts.length > 0) findings.push(besideFinding(texts));
  return { name, ...(isMeant ? { texts } : {}), findings: placed(name, findings) };
}

/** DNS-007: where people put the record by mistake. */
async function misplaced(dns: Dns, domain: string): Promise<Placed[]> {
  const places = await Promise.all(
    [domain, `_bimi.${domain}`].map(async (name) => ({ name, texts: await dns.txt(name).catch(() => []) })),
  );
  return places
    .filter(({ texts }) => texts.some(isAssertion))
    .flatMap(({ name }) => {
      const message = `A BIMI record stands at ${name}, where no receiver looks for it.`;
      return placed(name, [found("DNS-007", "error", message, `Move it to ${bimiRecordName(domain)}.`)]);
    });
}

interface Hosted {
  findings: Placed[];
  logo?: LogoFacts;
  certificate?: CertificateFacts;
}

async function checkHosted(
  { logoUrl, certificateUrl }: { logoUrl: string; certificateUrl: string },
  rules: DomainRules,
  organization: string | undefined,
): Promise<Hosted> {
  const [logo, chain] = await Promise.all([
    fetched(logoUrl, MAX_HOSTED_LOGO_BYTES, rules),
    fetched(certificateUrl, MAX_HOSTED_PEM_BYTES, rules),
  ]);
  const findings: Placed[] = [];
  const served = logo && answerOf(logo);
  // A served .svgz is judged by what is in it.
  const svg = served && (inflate(served.body) ?? served.body);
  if (logo) findings.push(...placed(logoUrl, servingFindings("logo", logo)));
  if (svg) findings.push(...placed(logoUrl, await lintLogo(svg, { ignore: rules.ignore, report: true })));

  if (chain) findings.push(...placed(certificateUrl, servingFindings("certificate", chain)));
  const pem = chain && answerOf(chain)?.body.toString("utf8");
  const checked = pem === undefined ? undefined : await checkNamedChain(certificateUrl, pem, rules, organization);
  findings.push(...placed(certificateUrl, checked?.findings ?? []));
  // The served logo is the embedded one, or it is said that it is not.
  if (!svg && checked?.logo) findings.push(...(await embeddedFindings(certificateUrl, checked.logo, rules)));
  const expected = rules.logo ?? checked?.logo;
  if (served && expected) findings.push(...placed(logoUrl, logoFindings(expected, logoUrl, served.body)));
  return {
    findings,
    ...(served ? { logo: { where: logoUrl, sha256: sha256(served.body), size: served.body.length } } : {}),
    ...(checked?.facts ? { certificate: checked.facts } : {}),
  };
}

/** A certificate of the organizational domain is good for its subdomains, too. */
async function checkNamedChain(url: string, pem: string, rules: DomainRules, organization: string | undefined) {
  const checked = await checkChain(url, pem, rules);
  const isNamed = checked.facts?.dnsNames.includes(organization ?? "");
  const isCovered = !checked.findings.some(({ ruleId, severity }) => ruleId === "CERT-012" && severity === "error");
  if (isCovered || !isNamed || organization === undefined) return checked;
  return checkChain(url, pem, { ...rules, domains: [organization] });
}

async function fetched(url: string, maxBytes: number, { network }: Rules): Promise<Fetched | undefined> {
  return url === "" ? undefined : guardedFetch(url, { maxBytes, network });
}

function answerOf(fetched: Fetched): Answered | undefined {
  return !("failure" in fetched) && fetched.status === 200 ? fetched : undefined;
}
