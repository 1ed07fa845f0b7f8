import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { readable } from "../readable";
import { LogoError } from "./errors";
import { formatProblem, signatureProblem } from "./format";

/** The most that is read of a logo, in bytes. Mail receivers stop at half of it (lint rule SVG-004). */
export const MAX_LOGO_BYTES = 64 * 1024;

/** A logo's exact bytes and what identifies them. */
export interface Logo {
  /** As in the file: nothing is trimmed, converted or reformatted. */
  bytes: Buffer;
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  sha256: string;
  /** Bytes. */
  size: number;
  /** Relative to the project's directory, with `/`; absent for an inline SVG. */
  path?: string;
}

/**
 * Reads a logo: a path, absolute or relative to the project's directory, or the SVG itself (starts with `<`).
 *
 * @param projectDir the directory of Pulumi.yaml.
 * @param maxBytes of a file; a larger one is refused.
 * @throws LogoError if there is no such file, or what is there cannot be an SVG. Whether it is a good one is for
 * `lintLogo`.
 */
export function readLogo(logo: string, projectDir: string, maxBytes: number = MAX_LOGO_BYTES): Logo {
  if (/^\uFEFF?\s*</.test(logo)) return inlineLogo(logo);
  if (logo.trim() === "") throw new LogoError("empty", "The logo is empty.", GIVE_A_PATH);
  if (/^([a-z][a-z0-9+.-]+:\/\/|data:|file:)/i.test(logo)) {
    throw new LogoError(
      "url",
      `The logo ${shorten(logo)} is a URL.`,
      "Put the file into the project and give its path: the certificate is bound to its exact bytes.",
    );
  }
  const absolute = resolve(projectDir, logo);
  const bytes = readBounded(logo, absolute, maxBytes);
  const problem = formatProblem(bytes);
  if (problem) throw new LogoError(problem.code, `The logo ${shorten(logo)} ${problem.message}`, problem.hint);
  return { ...identify(bytes), path: relative(resolve(projectDir), absolute).split(sep).join("/") };
}

function inlineLogo(svg: string): Logo {
  const bytes = Buffer.from(svg, "utf8");
  if (bytes.length > MAX_LOGO_BYTES) throw tooLarge("The inline logo", bytes.length, MAX_LOGO_BYTES);
  if (bytes.toString("utf8") !== svg) {
    throw new LogoError(
      "encoding",
      "The inline logo has a lone surrogate, which UTF-8 cannot hold.",
      "Read the file as UTF-8, or give its path.",
    );
  }
  return identify(bytes);
}

function identify(bytes: Buffer): Logo {
  return { bytes, sha256: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}

/** Reads at most the limit and one byte, whatever the file's size. */
function readBounded(logo: string, absolute: string, maxBytes: number): Buffer {
  const where = `The logo ${shorten(logo)}`;
  // Looked at before it is opened: opening a named pipe would wait for ever.
  const stats = attempt(where, absolute, () => statSync(absolute));
  if (!stats.isFile()) throw notAFile(where, stats);

  const { bytes, size } = attempt(where, absolute, () => {
    const file = openSync(absolute, "r");
    try {
      const buffer = Buffer.alloc(maxBytes + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < buffer.length; length += read) {
        read = readSync(file, buffer, length, buffer.length - length, null);
      }
      return { bytes: buffer.subarray(0, length), size: Math.max(length, fstatSync(file).size) };
    } finally {
      closeSync(file);
    }
  });
  if (bytes.length === 0) throw new LogoError("empty", `${where} is an empty file.`, GIVE_A_PATH);
  if (bytes.length <= maxBytes) return bytes;
  const problem = signatureProblem(bytes);
  if (problem) throw new LogoError(problem.code, `${where} ${problem.message}`, problem.hint);
  throw tooLarge(where, size, maxBytes);
}

function attempt<T>(where: string, absolute: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new LogoError(
        "missing",
        `${where} does not exist (${shorten(absolute)}).`,
        "Paths are relative to the project's directory, the one with Pulumi.yaml; upper and lower case count.",
      );
    }
    throw new LogoError("unreadable", `${where} cannot be read (${code}).`, GIVE_A_PATH);
  }
}

function notAFile(where: string, stats: Stats): LogoError {
  const what = stats.isDirectory() ? "a directory" : "not a regular file";
  return new LogoError("not_a_file", `${where} is ${what}.`, GIVE_A_PATH);
}

function tooLarge(where: string, size: number, maxBytes: number): LogoError {
  return new LogoError(
    "too_large",
    `${where} has ${size} bytes; at most ${maxBytes} are read.`,
    "Mail receivers show logos up to 32,768 bytes: simplify the paths, and remove embedded images and editor data.",
  );
}

/** A path in a message; what was meant as something else may be long. */
function shorten(text: string): string {
  return readable(text, 118);
}

const GIVE_A_PATH = "Give the path of an SVG Tiny PS file, or the SVG itself.";
