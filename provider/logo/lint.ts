import type { Finding } from "../finding";
import { readable } from "../readable";
import { type ParsedLogo, parseLogo, pathOf, positionsIn } from "./parse";
import type { Problem, Rule, RuleOptions } from "./rule";
import { attributeRules } from "./rules/attributes";
import { backgroundRules } from "./rules/background";
import { colorRules } from "./rules/colors";
import { documentRules } from "./rules/document";
import { elementRules } from "./rules/elements";
import { encodingRules } from "./rules/encoding";
import { limitRules } from "./rules/limits";
import { referenceRules } from "./rules/references";
import { rootRules } from "./rules/root";
import { schemaRules } from "./rules/schema";
import { sizeRules } from "./rules/size";
import { textRules } from "./rules/text";
import { titleRules } from "./rules/title";

/** Every rule, in the order in which findings are listed: by id. */
export const rules: readonly Rule[] = [
  ...documentRules,
  ...rootRules,
  ...titleRules,
  ...elementRules,
  ...attributeRules,
  ...referenceRules,
  ...encodingRules,
  ...sizeRules,
  ...colorRules,
  ...backgroundRules,
  ...textRules,
  ...schemaRules,
  ...limitRules,
].sort((a, b) => a.id.localeCompare(b.id, "en"));

/** A file of 64 KB has room for thousands of breaches of one rule. */
const MAX_PER_RULE = 20;
const MAYBE_MORE = ` (No more than ${MAX_PER_RULE} findings of a rule are told.)`;
/** Messages repeat what the file says. */
const MAX_MESSAGE = 300;

export interface LintOptions extends RuleOptions {
  /** Rules that do not count, by id; `always` rules count nevertheless. */
  ignore?: Iterable<string>;
  /** Also tell what is only good to know: findings of severity `info`. Default: false. */
  report?: boolean;
}

/**
 * Checks a logo against SVG Tiny PS (draft-svg-tiny-ps-abrotman) and what mail receivers and DigiCert ask for beyond it.
 * Never throws, whatever the bytes; an empty list means that nothing was found. Bytes that are not well-formed XML are
 * told just that.
 */
export async function lintLogo(bytes: Uint8Array, options: LintOptions = {}): Promise<Finding[]> {
  return findingsOf(parseLogo(bytes), options);
}

export async function findingsOf(logo: ParsedLogo, options: LintOptions = {}): Promise<Finding[]> {
  const place = positionsIn(logo.text);
  const findings: Finding[] = [];
  for await (const { rule, problem } of problemsOf(logo, options, MAX_PER_RULE)) {
    const finding = findingOf(rule, problem, place);
    // Those of a rule follow one another.
    if (findings.at(1 - MAX_PER_RULE)?.ruleId === rule.id) finding.message += MAYBE_MORE;
    findings.push(finding);
  }
  return findings;
}

/** What the rules find, at most so many each. */
export async function* problemsOf(
  logo: ParsedLogo,
  { ignore, report = false, ...options }: LintOptions,
  most: number,
): AsyncGenerator<{ rule: Rule; problem: Problem }> {
  const ignored = new Set(ignore);
  const errors = new Set<string>();
  for (const rule of rules) {
    if (!logo.root && !rule.onAnyBytes) continue;
    if (rule.severity === "info" && !report) continue;
    let count = 0;
    for (const problem of await rule.check(logo, options, errors)) {
      // An ignored error explains what the schema refuses just as well.
      if ((problem.severity ?? rule.severity) === "error") errors.add(rule.id);
      if (ignored.has(rule.id) && !rule.always && !problem.always) continue;
      if ((problem.severity ?? rule.severity) === "info" && !report) continue;
      yield { rule, problem };
      if (++count === most) break;
    }
  }
}

function findingOf({ id, severity, spec }: Rule, problem: Problem, place: ReturnType<typeof positionsIn>): Finding {
  const { element, hint } = problem;
  const offset = problem.offset ?? element?.offset;
  return {
    ruleId: id,
    severity: problem.severity ?? severity,
    message: readable(problem.message, MAX_MESSAGE),
    ...(offset === undefined ? {} : place(offset)),
    ...(element === undefined ? {} : { path: readable(pathOf(element), MAX_MESSAGE) }),
    spec,
    ...(hint === undefined ? {} : { hint: readable(hint, MAX_MESSAGE) }),
    ...(problem.fix === undefined ? {} : { fixable: true }),
  };
}
