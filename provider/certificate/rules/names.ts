import { selectorProblem } from "../../records";
import type { ParsedCertificate } from "../parse";
import { type CheckedRule, type Examined, FETCH_DRAFT, MCR, type Problem } from "../rule";

/** The domains. */
export const nameRules: CheckedRule[] = [
  {
    id: "CERT-012",
    severity: "error",
    title: "The certificate covers every ordered domain (further ones are a warning)",
    spec: `${FETCH_DRAFT} § 5.2; ${MCR} § 7.1.2`,
    hint: "Reissue with all names.",
    blocks: "names",
    check: checkNames,
  },
];

function checkNames({ leaf, input: { dnsNames: wanted } }: Examined): Problem[] {
  if (!wanted) return [];
  const covered = coveredNames(leaf, wanted);
  const found: Problem[] = wanted
    .filter((name) => !covered.includes(name))
    .map((name) => ({
      message: `the certificate does not cover ${name}, only ${leaf.dnsNames.join(", ") || "no name at all"}`,
      hint: `Nothing is published for ${name}: reissue with all names.`,
    }));
  const extra = leaf.dnsNames.filter((san) => !wanted.some((name) => covers(san, name)));
  if (extra.length > 0) {
    found.push({
      message: `the certificate also covers ${extra.join(", ")}, which was not ordered`,
      severity: "warning",
      hint: "See that you control these names, or reissue without them.",
    });
  }
  return found;
}

/** Those of the names that the certificate covers, spelled as given. Default: all that it has. */
export function coveredNames(leaf: ParsedCertificate, wanted: readonly string[] = leaf.dnsNames): string[] {
  return wanted.filter((name) => leaf.dnsNames.some((san) => covers(san, name)));
}

function covers(san: string, name: string): boolean {
  const domain = name.toLowerCase().replace(/\.$/, "");
  // draft-fetch-validation-vmc-wchuang § 5.2 also knows names of the form <selector>._bimi.<domain>
  const suffix = `._bimi.${domain}`;
  return san === domain || (san.endsWith(suffix) && selectorProblem(san.slice(0, -suffix.length)) === undefined);
}
