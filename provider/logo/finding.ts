import type { ParsedLogo } from "./parse";

/** `error` keeps the logo from being ordered, `warning` does not. */
export type Severity = "error" | "warning" | "info";

/** Something that a rule has to say about a logo. */
export interface Finding {
  /** Stable, for example `SVG-007`. */
  ruleId: string;
  severity: Severity;
  message: string;
  /** Counted from 1. Absent if it is about the whole file. */
  line?: number;
  /** Counted from 1, in UTF-16 code units as editors do. */
  column?: number;
  /** What to do about it. */
  hint?: string;
}

/** A finding without what its rule knows. */
export interface Problem {
  message: string;
  hint?: string;
  /** Offset in the text where it is. */
  offset?: number;
}

/** One rule of SVG Tiny PS, or of those who show logos. */
export interface Rule {
  id: string;
  severity: Severity;
  /** Where the rule is written down. */
  spec: string;
  /** Needs no document: also runs on what is not well-formed XML. */
  onAnyBytes?: boolean;
  check(logo: ParsedLogo): Problem[];
}
