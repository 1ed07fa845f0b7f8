import { readable } from "../readable";
import type { Finding, Rule } from "./finding";
import { parseLogo, positionOf } from "./parse";
import { documentRules } from "./rules/document";
import { rootRules } from "./rules/root";
import { titleRules } from "./rules/title";

export type { Finding, Severity } from "./finding";

/** Every rule, in the order in which findings are listed. */
export const rules: readonly Rule[] = [...documentRules, ...rootRules, ...titleRules];

/** A file of 64 KB has room for thousands of breaches of one rule. */
const MAX_PER_RULE = 20;
/** Messages repeat what the file says. */
const MAX_MESSAGE = 300;

/**
 * Checks a logo against SVG Tiny PS (draft-svg-tiny-ps-abrotman). Never throws, whatever the bytes; an empty list means
 * that nothing was found. Bytes that are not well-formed XML are told just that.
 */
export function checkLogo(bytes: Uint8Array): Finding[] {
  const logo = parseLogo(bytes);
  const findings: Finding[] = [];
  for (const rule of rules) {
    if (!logo.root && !rule.onAnyBytes) continue;
    for (const { message: problem, hint, offset } of rule.check(logo).slice(0, MAX_PER_RULE)) {
      const position = offset === undefined ? {} : positionOf(logo.text, offset);
      const message = readable(problem, MAX_MESSAGE);
      findings.push({ ruleId: rule.id, severity: rule.severity, message, ...position, ...(hint && { hint }) });
    }
  }
  return findings;
}
