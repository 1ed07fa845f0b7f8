/** `error` forbids what is paid for or published, `warning` does not; `info` is good to know. */
export type Severity = "error" | "warning" | "info";

/** What a rule found about a logo, a certificate or what is hosted. */
export interface Finding {
  /** Stable, for example `SVG-007`, `CERT-004` or `HOST-001`. */
  ruleId: string;
  severity: Severity;
  message: string;
  /** Counted from 1. Absent if it is about the whole file. */
  line?: number;
  /** Counted from 1, in UTF-16 code units as editors do. */
  column?: number;
  /** Which element it is about, as an XPath: `/svg/g[2]/path`. */
  path?: string;
  /** Where the rule is written down. */
  spec?: string;
  /** What to do about it. */
  hint?: string;
  /** `bimi fix` can repair it. */
  fixable?: true;
}
