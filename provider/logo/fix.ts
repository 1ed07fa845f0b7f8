import type { Finding } from "../finding";
import { readable } from "../readable";
import { drawingOf } from "./drawing";
import { applied } from "./edits";
import { findingsOf, type LintOptions, problemsOf } from "./lint";
import { type ParsedLogo, parseLogo, positionsIn, svgRoot } from "./parse";
import type { Edit, Problem, Rule } from "./rule";
import { documentRules } from "./rules/document";
import { titleEdits } from "./rules/title";
import { type Tree, treeOf } from "./tree";

export interface FixOptions extends Pick<LintOptions, "ignore" | "organizationName"> {
  /** The logo's title to be: the company's name. */
  title?: string;
}

/** Something that was repaired, as often as it was. */
export interface Repair {
  ruleId: string;
  message: string;
  count: number;
  /** Of the first, in the file as it was; absent if another repair brought it to light. */
  line?: number;
  column?: number;
}

export interface FixedLogo {
  /** The same bytes if nothing could be repaired. */
  bytes: Buffer;
  repaired: Repair[];
  /** What the repaired logo still has. */
  remaining: Finding[];
}

/** Repairs bring others to light: a namespace that is no longer used, for example. */
const MAX_ROUNDS = 30;

/** Each time, the whole logo is looked at twice. */
const MAX_HALVINGS = 20;

/** So many characters in all: of larger logos fewer times. */
const MAX_HALVED = 2 * 1024 * 1024;

/** Its findings name the first fault only: the next one comes to light when that is gone. */
const BACKSTOP = "SVG-033";

/** It says nothing while styles and the like hide what is drawn. */
const COLORS = "SVG-026";

/** References may come to light, those in styles for example; what counts is that none loses what it refers to. */
const REFERENCES = "SVG-019";

interface Look {
  logo: ParsedLogo;
  problems: { rule: Rule; problem: Problem }[];
}

type Choice = Look["problems"];

/**
 * Repairs what can be repaired mechanically, so that the same is drawn. What comes out parses, and has no error that the
 * logo did not have, seen or unseen; repairs of which this is not so are left undone. Never throws, whatever the bytes.
 */
export async function fixLogo(bytes: Uint8Array, options: FixOptions = {}): Promise<FixedLogo> {
  const { title, ...rules } = options;
  const look = async (of: Uint8Array): Promise<Look> => {
    const logo = parseLogo(of);
    const problems: Choice = [];
    for await (const each of problemsOf(logo, rules, Number.POSITIVE_INFINITY)) problems.push(each);
    return { logo, problems };
  };
  const repaired = new Map<string, Repair>();
  let now = await look(bytes);
  const place = positionsIn(now.logo.text);

  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = await step(now, title, look);
    if (!next) break;
    for (const { rule, problem } of next.done) {
      const message = readable(problem.message, 300);
      const key = `${rule.id} ${message}`;
      const offset = problem.offset ?? problem.element?.offset;
      const before = repaired.get(key) ?? {
        ruleId: rule.id,
        message,
        count: 0,
        ...(round === 0 && offset !== undefined ? place(offset) : {}),
      };
      repaired.set(key, { ...before, count: before.count + 1 });
    }
    now = next.look;
  }
  const remaining = await findingsOf(now.logo, rules);
  return { bytes: Buffer.from(now.logo.bytes), repaired: [...repaired.values()], remaining };
}

/** As many repairs as can be made at once: without those that would do harm. */
async function step(
  now: Look,
  title: string | undefined,
  look: (bytes: Uint8Array) => Promise<Look>,
): Promise<{ look: Look; done: Choice } | undefined> {
  const fixable = now.problems.filter(({ problem }) => problem.fix);
  const naming = title === undefined ? [] : titleEdits(now.logo, title);
  if (naming.length > 0)
    fixable.unshift({ rule: TITLE, problem: { message: `The title is "${title}" now.`, fix: naming } });
  const tried = async (choice: Choice) => {
    const { text, done } = apply(now.logo.text, choice);
    if (text === now.logo.text) return undefined;
    const then = await look(Buffer.from(text));
    return isNoWorse(now, then) ? { look: then, done } : undefined;
  };
  let best = await tried(fixable);
  if (best) return best;

  // One rule after the other, and of one that would do harm the halves.
  const ids = new Set(fixable.map(({ rule }) => rule.id));
  const parts = [...ids].reverse().map((id) => fixable.filter(({ rule }) => rule.id === id));
  let good: Choice = [];
  let halvings = Math.min(MAX_HALVINGS, MAX_HALVED / now.logo.text.length);
  for (let part = parts.pop(); part; part = parts.pop()) {
    const choice = [...good, ...part];
    const then = await tried(choice);
    if (then) [best, good] = [then, choice];
    else if (part.length > 1 && halvings-- >= 1) {
      const half = part.length >> 1;
      parts.push(part.slice(half), part.slice(0, half));
    }
  }
  return best;
}

const TITLE = { id: "SVG-009" } as Rule;

/** Makes the edits, but for those of problems of which one is in the way of an earlier one. */
function apply(text: string, choice: Choice): { text: string; done: Choice } {
  const taken = new Uint8Array(text.length);
  const insertions = new Set<number>();
  const isFree = ({ start, end }: Edit) => {
    if (start === end) return !(taken[start] && taken[start - 1]);
    for (let at = start; at < end; at++) if (taken[at] || (at > start && insertions.has(at))) return false;
    return true;
  };
  const edits: Edit[] = [];
  const done: Choice = [];
  for (const each of choice) {
    const fix = each.problem.fix!;
    if (!fix.every(isFree)) continue;
    done.push(each);
    for (const edit of fix) {
      edits.push(edit);
      taken.fill(1, edit.start, edit.end);
      if (edit.start === edit.end) insertions.add(edit.start);
    }
  }
  return { text: applied(text, edits), done };
}

/** Whether it still parses, and has no error but those that it had, if only unseen. */
function isNoWorse(before: Look, after: Look): boolean {
  if (!after.logo.root && before.logo.root) return false;
  if (losesTarget(treeOf(before.logo), treeOf(after.logo))) return false;
  const known = errorsOf(before);
  for (const [key, { rule, count }] of errorsOf(after)) {
    if (!couldTell(rule, before.logo)) continue;
    if (rule.id === REFERENCES || (rule.id === BACKSTOP && known.size > 0)) continue;
    if (rule.id === COLORS && !drawingOf(before.logo)) continue;
    if (count > (known.get(key)?.count ?? 0)) return false;
  }
  return true;
}

/** Of what is no XML, or no SVG yet, only some rules could say anything. */
function couldTell(rule: Rule, logo: ParsedLogo): boolean {
  if (!logo.root) return rule.onAnyBytes === true;
  return svgRoot(logo) !== undefined || documentRules.includes(rule);
}

function losesTarget(before: Tree, after: Tree): boolean {
  return [...before.ids.keys()].some((id) => !after.ids.has(id) && after.references.has(id));
}

function errorsOf({ problems }: Look): Map<string, { rule: Rule; count: number }> {
  const errors = new Map<string, { rule: Rule; count: number }>();
  for (const { rule, problem } of problems) {
    if ((problem.severity ?? rule.severity) !== "error") continue;
    // A size that shrinks is the same error; and one colour, wherever it is.
    const key = rule.id === COLORS ? rule.id : `${rule.id} ${problem.message.replace(/\d+/g, "0")}`;
    errors.set(key, { rule, count: (errors.get(key)?.count ?? 0) + 1 });
  }
  return errors;
}
