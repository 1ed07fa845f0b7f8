import type { Severity } from "../finding";
import type { ParsedLogo, SvgElement } from "./parse";

/** A replacement of a part of the text; an empty `text` removes it. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** A finding without what its rule knows. */
export interface Problem {
  message: string;
  hint?: string;
  /** The element that it is about. */
  element?: SvgElement;
  /** Offset in the text where it is. Default: the element's. */
  offset?: number;
  /** Default: the rule's. */
  severity?: Severity;
  /** Counts although its rule is ignored. */
  always?: boolean;
  /** A mechanical repair, which leaves what is drawn as it is; only for `bimi fix`. */
  fix?: Edit[];
}

/** What rules may be told beyond the logo. */
export interface RuleOptions {
  /** Whose logo it is; its title should say so. */
  organizationName?: string;
}

/** One rule of SVG Tiny PS, or of those who show logos. */
export interface Rule {
  id: string;
  severity: Severity;
  /** What it wants, in one line. */
  title: string;
  /** Where the rule is written down. */
  spec: string;
  /** Needs no document: also runs on what is not well-formed XML. */
  onAnyBytes?: boolean;
  /** Nobody can ignore it: without it the others mean nothing. */
  always?: boolean;
  /**
   * No more is taken of an iterator than is told.
   *
   * @param errors the rules, of those before it, that found an error.
   */
  check(
    logo: ParsedLogo,
    options: RuleOptions,
    errors: ReadonlySet<string>,
  ): Iterable<Problem> | Promise<Iterable<Problem>>;
}
