import type { Finding, Severity } from "../finding";
import { readable } from "../readable";
import { parseUrl } from "../url";
import { assertionUrlProblem } from "./bimi";

const spec = "draft-brand-indicators-for-message-identification, Assertion Record Definition";
const discovery = "draft-brand-indicators-for-message-identification, Assertion Record Discovery";

/** Rules about BIMI assertion records in DNS. */
export const assertionRules = {
  "DNS-001": { title: "A BIMI record stands at <selector>._bimi.<domain>.", spec: discovery },
  "DNS-002": { title: "The record begins with v=BIMI1, exactly so.", spec },
  "DNS-003": { title: "The record has l=.", spec },
  "DNS-004": { title: "Each tag stands once, as tag=value.", spec },
  "DNS-005": { title: "One BIMI record stands at the name.", spec: discovery },
  "DNS-006": { title: "Nothing but the BIMI record stands at the name.", spec: discovery },
  "DNS-007": { title: "The BIMI record does not stand at the domain itself or at _bimi.", spec: discovery },
  "DNS-008": { title: "l= and a= are https URLs of fully qualified hosts, on port 443, in ASCII.", spec },
  "DNS-009": { title: "l= ends in .svg, a= in .pem.", spec },
  "DNS-010": { title: "a= names a mark certificate.", spec },
  "DNS-011": { title: "avp= is brand or personal.", spec },
  "DNS-012": { title: "lps= is a list of local-part prefixes, and no tag is unknown.", spec },
  "DNS-015": { title: "A CNAME at the name leads to a TXT record.", spec: "draft-brotman-ietf-bimi-guidance" },
  "DNS-016": { title: "The domain does not decline BIMI.", spec },
} as const;
export type AssertionRule = keyof typeof assertionRules;

/** What stands in a record, as far as it can be read. */
export interface ReadAssertion {
  /** Empty if there is none or it cannot be fetched. */
  logoUrl: string;
  certificateUrl: string;
  declines: boolean;
  findings: Finding[];
}

/** Whether a TXT is a BIMI record for receivers. */
export function isAssertion(txt: string): boolean {
  return /^v[ \t]*=[ \t]*BIMI1[ \t]*(;|$)/.test(txt);
}

/** DNS-002, DNS-005 and DNS-006, and all that {@link readAssertion} finds, over the TXT records at one name. */
export function readAssertions(texts: readonly string[]): ReadAssertion | undefined {
  const assertions = texts.filter(isAssertion);
  const meant = texts.filter((text) => !isAssertion(text) && /\bv\s*=\s*"?BIMI/i.test(text));
  const others = texts.filter((text) => !isAssertion(text) && !meant.includes(text));
  if (assertions.length + meant.length === 0) return undefined;

  const findings: Finding[] = meant.map((text) =>
    found("DNS-002", "error", `The record does not begin with v=BIMI1: ${text}`, spellingHint(text)),
  );
  if (assertions.length > 1) {
    const message = `There are ${assertions.length} BIMI records at one name: receivers use none of them.`;
    findings.push(found("DNS-005", "error", message, "Remove all but one."));
  }
  if (others.length > 0) findings.push(besideFinding(others));
  const [text] = assertions;
  if (text === undefined || assertions.length > 1) {
    return { logoUrl: "", certificateUrl: "", declines: false, findings };
  }
  const read = readAssertion(text);
  return { ...read, findings: [...findings, ...read.findings] };
}

/** DNS-006: what a wildcard or a mistake put there. */
export function besideFinding(others: readonly string[]): Finding {
  const what = others.some((text) => /^v=spf1\b/i.test(text)) ? "an SPF record" : "TXT records that are no BIMI record";
  const shown = others.map((text) => `"${readable(text, 60)}"`).slice(0, 3);
  const hint = "A wildcard record may answer here: give the name its own TXT record, and remove others.";
  return found("DNS-006", "warning", `There is ${what} at the name: ${shown.join(", ")}.`, hint);
}

/** DNS-003, DNS-004 and DNS-008 to DNS-012, and DNS-016, of one record. */
export function readAssertion(txt: string): ReadAssertion {
  const findings: Finding[] = [];
  const parts = txt.split(";").map((part) => part.trim());
  if (parts.length > 1 && parts.at(-1) === "") parts.pop();
  const tags = new Map<string, string>();
  for (const part of parts) {
    // A text of 64 KB has room for thousands.
    if (findings.length === MAX_FINDINGS) break;
    const [, tag, value] = /^([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*)$/s.exec(part) ?? [];
    if (tag === undefined || value === undefined) {
      const hint = "Write tag=value, with ; between; a ; in a URL is written %3B.";
      findings.push(found("DNS-004", "error", `"${readable(part, 80)}" is not tag=value.`, hint));
    } else if (tags.has(tag)) {
      findings.push(found("DNS-004", "error", `${readable(tag, 40)}= stands more than once.`, "Leave one of them."));
    } else tags.set(tag, value);
  }
  const l = tags.get("l");
  const a = tags.get("a") ?? "";
  const declines = l === "" && a === "";
  if (l === undefined) {
    const misspelt = tags.has("L") ? " Tags are case-sensitive: L= is not l=." : "";
    findings.push(found("DNS-003", "error", `The record has no l=.${misspelt}`, "Give l=, the logo's https URL."));
  }
  findings.push(...urlFindings("l", l ?? ""), ...urlFindings("a", a));
  if (declines) {
    const message = "The domain declines BIMI: no logo is shown for it.";
    findings.push(found("DNS-016", "info", message, "Give l= and a= to take part."));
  } else if (l !== undefined && a === "") {
    const message = "a= is empty: the logo is self-asserted, which Gmail and Apple do not show.";
    findings.push(found("DNS-010", "warning", message, "Order a mark certificate and publish its chain."));
  } else if (l === "") {
    const message = "l= is empty while a= is set: some receivers take the logo from the certificate, others show none.";
    findings.push(found("DNS-010", "info", message, "Serve the certificate's logo and give its URL in l=."));
  }
  findings.push(...otherTagFindings(tags));
  const fetchable = (url: string) => (url.includes(",") || assertionUrlProblem(url) ? "" : url);
  return { logoUrl: fetchable(l ?? ""), certificateUrl: fetchable(a), declines, findings };
}

/** Of one kind. */
const MAX_FINDINGS = 20;

const otherImage = /\.(png|jpe?g|gif|webp|avif|bmp|ico|tiff?|pdf)$/i;

function urlFindings(tag: "l" | "a", url: string): Finding[] {
  if (url === "") return [];
  if (url.includes(",")) {
    const message = `${tag}= holds more than one URL, or a comma that is not encoded.`;
    return [found("DNS-008", "error", message, "Give one URL, with a comma in it written %2C.")];
  }
  const problem = assertionUrlProblem(url);
  if (problem) return [found("DNS-008", "error", `${tag}=${url} cannot be fetched.`, problem)];
  const findings: Finding[] = [];
  const { port, hash, pathname } = parseUrl(url)!;
  if (port !== "") {
    const hint = "Serve the file on port 443: some receivers ask no other.";
    findings.push(found("DNS-008", "warning", `${tag}= names port ${port}.`, hint));
  }
  if (hash !== "") {
    findings.push(found("DNS-008", "warning", `${tag}= has a fragment (#…), which is never sent.`, "Remove it."));
  }
  if (tag === "l" && otherImage.test(pathname)) {
    findings.push(found("DNS-009", "error", `l=${url} is no SVG.`, "Give the URL of an SVG Tiny PS file."));
  } else if (tag === "l" && !/\.svgz?$/i.test(pathname)) {
    findings.push(
      found("DNS-009", "warning", `l=${url} does not end in .svg.`, "Some receivers refuse another ending."),
    );
  } else if (tag === "a" && !/\.pem$/i.test(pathname)) {
    findings.push(
      found("DNS-009", "warning", `a=${url} does not end in .pem.`, "Some receivers refuse another ending."),
    );
  }
  return findings;
}

const known = ["v", "l", "a", "avp", "lps"];

function otherTagFindings(tags: Map<string, string>): Finding[] {
  const findings: Finding[] = [];
  const avp = tags.get("avp");
  if (avp !== undefined && avp !== "brand" && avp !== "personal") {
    const message = `avp=${readable(avp, 40)} is neither brand nor personal, and is ignored.`;
    findings.push(found("DNS-011", "error", message, "Write avp=brand or avp=personal, or leave it out."));
  }
  const lps = tags.get("lps");
  const prefixes = lps === undefined || lps === "" ? [] : lps.split(",").map((prefix) => prefix.trim());
  const bad = prefixes.find((prefix) => !/^[A-Za-z0-9-]{1,63}$/.test(prefix));
  if (bad !== undefined) {
    const message = `lps= holds "${readable(bad, 40)}", which is no local-part prefix.`;
    findings.push(
      found("DNS-012", "error", message, "Use 1 to 63 letters, digits and hyphens each, with commas between."),
    );
  }
  for (const tag of [...tags.keys()].filter((tag) => !known.includes(tag)).slice(0, MAX_FINDINGS)) {
    const hint = `Known are ${known.join(", ")}, in lower case.`;
    findings.push(found("DNS-012", "warning", `${readable(tag, 40)}= is no tag of BIMI: receivers ignore it.`, hint));
  }
  return findings;
}

function spellingHint(text: string): string {
  if (/^["']/.test(text)) return "Remove the quotation marks: they became part of the record.";
  if (/^\s/.test(text)) return "Remove what stands before v=.";
  if (/^v\s*=\s*bimi1\b/i.test(text)) return "Write v=BIMI1 in exactly these letters.";
  return "Write v=BIMI1; first, then l= and a=.";
}

export function found(ruleId: AssertionRule, severity: Severity, message: string, hint: string): Finding {
  return { ruleId, severity, message: readable(message, 400), spec: assertionRules[ruleId].spec, hint };
}
