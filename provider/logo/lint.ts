import type { Finding } from "../finding";
import { readable } from "../readable";
import { type ParsedLogo, parseLogo, pathOf, positionOf } from "./parse";
import type { Problem, Rule } from "./rule";
import { documentRules } from "./rules/document";
import { rootRules } from "./rules/root";
import { titleRules } from "./rules/title";

/** Every rule, in the order in which findings are listed. */
export const rules: readonly Rule[] = [...documentRules, ...rootRules, ...titleRules];

/** A file of 64 KB has room for thousands of breaches of one rule. */
const MAX_PER_RULE = 20;
/** Messages repeat what the file says. */
const MAX_MESSAGE = 300;

export interface LintOptions {
  /** Rules that do not count, by id; `always` rules count nevertheless. */
  ignore?: Iterable<string>;
}

/**
 * Checks a logo against SVG Tiny PS (draft-svg-tiny-ps-abrotman) and what mail receivers and DigiCert ask for beyond it.
 * Never throws, whatever the bytes; an empty list means that nothing was found. Bytes that are not well-formed XML are
 * told just that.
 */
export async function lintLogo(bytes: Uint8Array, options: LintOptions = {}): Promise<Finding[]> {
  const logo = parseLogo(bytes);
  const ignored = new Set(options.ignore);
  const findings: Finding[] = [];
  for (const rule of rules) {
    if (!logo.root && !rule.onAnyBytes) continue;
    if (ignored.has(rule.id) && !rule.always) continue;
    const problems = await rule.check(logo);
    for (const problem of problems.slice(0, MAX_PER_RULE)) findings.push(findingOf(logo, rule, problem));
  }
  return findings;
}

function findingOf({ text }: ParsedLogo, { id, severity, spec }: Rule, problem: Problem): Finding {
  const { element, hint } = problem;
  const offset = problem.offset ?? element?.offset;
  return {
    ruleId: id,
    severity: problem.severity ?? severity,
    message: readable(problem.message, MAX_MESSAGE),
    ...(offset === undefined ? {} : positionOf(text, offset)),
    ...(element === undefined ? {} : { path: readable(pathOf(element), MAX_MESSAGE) }),
    spec,
    ...(hint === undefined ? {} : { hint: readable(hint, MAX_MESSAGE) }),
    ...(problem.fix === undefined ? {} : { fixable: true }),
  };
}
