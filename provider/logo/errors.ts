/** What is wrong with a logo that cannot even be checked. */
export type LogoErrorCode =
  /** No file at that path. */
  | "missing"
  /** A directory, device or pipe. */
  | "not_a_file"
  /** The system refused to read it. */
  | "unreadable"
  /** A URL, where a path or the SVG itself is expected. */
  | "url"
  | "empty"
  | "too_large"
  /** Compressed: `.svgz`. */
  | "gzip"
  /** Another file format, whatever the file's name. */
  | "other_format"
  /** A Git LFS pointer instead of the file. */
  | "git_lfs"
  /** UTF-16, UTF-32, or not UTF-8. */
  | "encoding"
  /** Text that should be base64 of a gzip stream. */
  | "not_encoded";

/** A logo that cannot be read or decoded: what was found, and what to do about it. */
export class LogoError extends Error {
  override readonly name = "LogoError";

  constructor(
    readonly code: LogoErrorCode,
    problem: string,
    readonly hint: string,
  ) {
    super(`${problem} ${hint}`);
  }
}
