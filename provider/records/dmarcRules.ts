import type { Finding, Severity } from "../finding";
import { readable } from "../readable";
import { canonicalDnsName } from "./dnsName";

const gate = "draft-brand-indicators-for-message-identification section 7.1";

/** What BIMI asks of a domain's DMARC policy, and of that of its organizational domain. */
export const dmarcRules = {
  "DMARC-001": { title: "The domain has a DMARC policy.", spec: gate },
  "DMARC-002": { title: "One DMARC record stands at the name.", spec: "RFC 9989" },
  "DMARC-003": { title: "The record begins with v=DMARC1, exactly so.", spec: "RFC 9989" },
  "DMARC-004": { title: "The policy is quarantine or reject.", spec: gate },
  "DMARC-005": { title: "The policy of subdomains is not none.", spec: gate },
  "DMARC-006": { title: "The policy of names that do not exist is not none.", spec: "RFC 9989" },
  "DMARC-007": { title: "The policy holds for all mail: no pct below 100; rf and ri are left out.", spec: gate },
  "DMARC-008": { title: "The policy is not in test mode.", spec: "RFC 9989" },
} as const;
export type DmarcRule = keyof typeof dmarcRules;

/** The TXT records at `_dmarc.<domain>`. */
export interface DmarcAnswer {
  domain: string;
  texts: readonly string[];
}

/** A domain's DMARC, found by walking up the tree. */
export interface DmarcWalk {
  /** The organizational domain, if a policy tells it. */
  organizationalDomain: string | undefined;
  findings: DmarcFinding[];
}

export interface DmarcFinding extends Finding {
  /** The domain whose record it is about. */
  domain: string;
}

/** At most so many names are asked (RFC 9989). */
const MAX_QUERIES = 8;

/** The names that a DMARC tree walk asks, in order: the domain, then with labels removed from the left. */
export function walkedNames(domain: string): string[] {
  const labels = canonicalDnsName(domain).split(".");
  const names = [labels.join(".")];
  // of a longer name all but the last seven labels are skipped at once
  const first = labels.length > MAX_QUERIES ? labels.length - (MAX_QUERIES - 1) : 1;
  for (let at = first; at < labels.length; at++) names.push(labels.slice(at).join("."));
  return names.slice(0, MAX_QUERIES);
}

/** Judges what a tree walk found. `answers` begins with the domain itself. */
export function judgeDmarc(answers: readonly DmarcAnswer[]): DmarcWalk {
  const [author] = answers;
  if (!author) return { organizationalDomain: undefined, findings: [] };
  const organizationalDomain = organizationOf(answers);
  const organization = answers.find(({ domain }) => domain === organizationalDomain);
  const findings = [author, ...(organization && organization !== author ? [organization] : [])].flatMap(recordFindings);

  const [own, parent] = [author, organization].map((answer) => answer && policyOf(answer));
  if (!own && !parent) {
    if (findings.length === 0) {
      const message = `Neither ${author.domain} nor a parent of it has a DMARC record.`;
      findings.push(
        found(
          author.domain,
          "DMARC-001",
          "error",
          message,
          `Publish v=DMARC1; p=quarantine at _dmarc.${author.domain}.`,
        ),
      );
    }
    return { organizationalDomain, findings };
  }
  if (own) findings.push(...policyFindings(author.domain, own));
  if (parent && organization && organization !== author) findings.push(...policyFindings(organization.domain, parent));
  return { organizationalDomain, findings };
}

type Policy = Map<string, string>;

/** RFC 9989, tree walk: psd=n ends it, psd=y ends it one label below; else the highest domain that has a record. */
function organizationOf(answers: readonly DmarcAnswer[]): string | undefined {
  let highest: string | undefined;
  for (const [at, answer] of answers.entries()) {
    const policy = policyOf(answer);
    if (!policy) continue;
    const psd = policy.get("psd")?.toLowerCase();
    if (psd === "n") return answer.domain;
    if (psd === "y" && at > 0) return answers[at - 1]!.domain;
    highest = answer.domain;
  }
  return highest;
}

/** The one policy at a name; of several none counts. */
function policyOf({ texts }: DmarcAnswer): Policy | undefined {
  const records = texts.filter(isPolicy);
  if (records.length !== 1) return undefined;
  const tags: Policy = new Map();
  for (const part of records[0]!.split(";")) {
    const [tag = "", ...value] = part.split("=");
    const name = tag.trim().toLowerCase();
    if (name !== "" && !tags.has(name)) tags.set(name, value.join("=").trim());
  }
  return tags;
}

function isPolicy(text: string): boolean {
  return /^v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)/.test(text);
}

function recordFindings({ domain, texts }: DmarcAnswer): DmarcFinding[] {
  const findings: DmarcFinding[] = [];
  const count = texts.filter(isPolicy).length;
  if (count > 1) {
    const message = `_dmarc.${domain} has ${count} DMARC records: none of them counts.`;
    findings.push(found(domain, "DMARC-002", "error", message, "Remove all but one."));
  }
  for (const text of texts) {
    if (isPolicy(text) || !/\bv\s*=\s*"?DMARC/i.test(text)) continue;
    const message = `The record at _dmarc.${domain} does not begin with v=DMARC1: ${readable(text, 100)}`;
    findings.push(found(domain, "DMARC-003", "error", message, "Write v=DMARC1; first, in exactly these letters."));
  }
  return findings;
}

function policyFindings(domain: string, policy: Policy): DmarcFinding[] {
  const findings: DmarcFinding[] = [];
  const tag = (name: string) => policy.get(name)?.toLowerCase();
  const [p, sp, pct] = [tag("p"), tag("sp"), tag("pct")];
  if (p !== "quarantine" && p !== "reject") {
    const what = p === undefined ? "no p=, which means none" : `p=${readable(p, 20)}`;
    findings.push(found(domain, "DMARC-004", "error", `The DMARC policy of ${domain} has ${what}.`, ENFORCE));
  }
  if (sp === "none") {
    const message = `The DMARC policy of ${domain} has sp=none: its subdomains are not protected.`;
    findings.push(found(domain, "DMARC-005", "error", message, "Set sp=quarantine or sp=reject, or remove it."));
  }
  if (tag("np") === "none") {
    const message = `The DMARC policy of ${domain} has np=none: names under it that do not exist are not protected.`;
    findings.push(found(domain, "DMARC-006", "warning", message, "Set np=quarantine or np=reject, or remove it."));
  }
  if (pct !== undefined) {
    const severity = pct !== "100" && p === "quarantine" ? "error" : "warning";
    const message = `The DMARC policy of ${domain} has pct=${readable(pct, 20)}, which RFC 9989 removed${pct === "100" ? "" : "; Gmail asks for 100"}.`;
    findings.push(found(domain, "DMARC-007", severity, message, "Remove pct."));
  }
  const removed = ["rf", "ri"].filter((name) => policy.has(name)).join(" and ");
  if (removed) {
    const message = `The DMARC policy of ${domain} has ${removed}, which RFC 9989 removed.`;
    findings.push(found(domain, "DMARC-007", "warning", message, `Remove ${removed}.`));
  }
  if (tag("t") === "y") {
    const message = `The DMARC policy of ${domain} has t=y: it is only tested.`;
    findings.push(found(domain, "DMARC-008", "error", message, "Remove t=y."));
  }
  return findings;
}

const ENFORCE = "BIMI needs p=quarantine or p=reject on the domain and on its organizational domain.";

function found(domain: string, ruleId: DmarcRule, severity: Severity, message: string, hint: string): DmarcFinding {
  return { domain, ruleId, severity, message, spec: dmarcRules[ruleId].spec, hint };
}
