import { rules as certificateRules } from "../certificate/verify";
import { hostingRules } from "../hosting";
import { rules as logoRules } from "../logo/lint";
import { assertionRules } from "../records/assertionRules";
import { dmarcRules } from "../records/dmarcRules";
import { specVersions } from "../specs";

/** What each rule wants, in one line, by id. */
const titles = new Map<string, string>([
  ...[...logoRules, ...certificateRules].map(({ id, title }): [string, string] => [id, title]),
  ...[hostingRules, assertionRules, dmarcRules].flatMap((rules) =>
    Object.entries(rules).map(([id, { title }]): [string, string] => [id, title]),
  ),
]);

const families: Record<string, { title: string; page: string }> = {
  SVG: { title: "A rule of SVG Tiny PS logos.", page: draft(specVersions.svg) },
  CERT: { title: "A rule of mark certificates.", page: draft(specVersions.certificate) },
  HOST: { title: "A rule of hosted BIMI files.", page: draft(specVersions.certificate) },
  DNS: { title: "A rule of BIMI records.", page: draft(specVersions.bimi) },
  DMARC: { title: "What BIMI asks of DMARC.", page: draft(specVersions.bimi) },
};

export function titleOf(ruleId: string): string {
  return titles.get(ruleId) ?? familyOf(ruleId).title;
}

export function isRule(ruleId: string): boolean {
  return titles.has(ruleId);
}

/** A page about the specification that the rule is of. */
export function pageOf(ruleId: string): string {
  return familyOf(ruleId).page;
}

function familyOf(ruleId: string) {
  return families[ruleId.split("-")[0]!] ?? families.DNS!;
}

function draft(name: string): string {
  return `https://datatracker.ietf.org/doc/${name.replace(/-\d\d$/, "")}/`;
}
