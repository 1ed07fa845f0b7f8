import { rules as certificateRules } from "../provider/certificate";
import { hostingRules } from "../provider/hosting";
import { rules as logoRules } from "../provider/logo";
import { assertionRules } from "../provider/records/assertionRules";
import { dmarcRules } from "../provider/records/dmarcRules";
import { specVersions } from "../provider/specs";

/** docs/rules.md: every rule by its id. */
export function rulesPage(): string {
  const logo = logoRules.map(({ id, severity, title, spec, always }) => [
    id,
    severity,
    sentence(title),
    always ? "no" : "yes",
    spec,
  ]);
  const certificate = certificateRules.map(({ id, severity, title, spec, blocks }) => [
    id,
    severity,
    sentence(title),
    blocks === "unless-ignored"
      ? "unless ignored"
      : blocks
        ? "always"
        : severity === "info"
          ? ""
          : "with `enforce-all`",
    spec,
  ]);
  return `# Rules

<!-- Made by \`npm run schema\` from the sources; do not edit. -->

What \`pulumi up\` and \`bimi check\` hold logos, certificates and what is published against. \`error\`: DigiCert or mail
receivers refuse it. \`warning\`: some do. \`info\`: good to know; only \`bimi check\` tells it. A rule may find less than its
severity says, where what it found is not sure or not grave.

Editions: ${Object.values(specVersions).join(" · ")}.

## Logos

Each \`error\` fails \`pulumi preview\`, before anything is called. \`ignoreRules\` of an order leaves rules out, with a reason;
${code("bimi fix")} repairs what is mechanical.

${table(["id", "severity", "what the rule wants", "can be ignored", "source"], logo)}

SVG-035 is what DigiCert's own validator says, with ${code("remoteLint: true")}.

## Certificates

An \`error\` of a rule that blocks keeps the certificate from being published: the pair in force stays. CERT-012 blocks only the
names that are not covered. ${code('certificateRules: "enforce-all"')} makes
what the other rules find block, too. A certificate that is blocked is verified again by each preview.
\`ignoreRules\` of the \`MarkCertificate\` leaves out those that do not always block, with a reason.

${table(["id", "severity", "what the rule wants", "blocks", "source"], certificate)}

## What is served

${code("bimi check <domain>")} always asks; \`pulumi up\` does with ${code("checkHosting: true")}.

${table(["id", "what the rule wants", "source"], rowsOf(hostingRules))}

## BIMI records

${table(["id", "what the rule wants", "source"], rowsOf(assertionRules))}

## DMARC

${table(["id", "what the rule wants", "source"], rowsOf(dmarcRules))}
`;
}

function rowsOf(rules: Readonly<Record<string, { title: string; spec: string }>>): string[][] {
  return Object.entries(rules).map(([id, { title, spec }]) => [id, sentence(title), spec]);
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** What would be taken for HTML is code. */
function sentence(text: string): string {
  const shown = text.replace(/<[a-z]+>[^ ]*[^ .]/g, code);
  return /[.!]$/.test(shown) ? shown : `${shown}.`;
}

function code(text: string): string {
  return `\`${text}\``;
}
