import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { BimiError } from "../context";
import type { Finding } from "../finding";
import { type FixedLogo, fixLogo, readLogo } from "../logo";
import { readable } from "../readable";
import { statsOf } from "./statsOf";
import { thisProcess, type World } from "./world";

const help = `Usage: bimi fix LOGO.svg [options]

Writes a copy of a logo with the repairs to SVG Tiny PS that can be made mechanically, such that the same is drawn, and says
what a person must repair. Never changes the file itself. Look at the copy before you use it: a mark certificate is bound to
its exact bytes.

  --out FILE    the copy. Default: beside the logo, LOGO.tiny-ps.svg
  --title NAME  the title to write, which is the company's name; none is invented
  --force       replace the copy if it exists
  --help        this text

Without repairs no copy is written.

Exit codes
  0  no error is left
  1  errors are left, for a person to repair
  2  the command is wrong, or the file cannot be read or written
`;

/** More than receivers read: what editors leave in a file may be most of it. */
const MAX_BYTES = 512 * 1024;

/** `bimi fix`. Answers the exit code; throws what is wrong with the command. */
export async function fix(args: string[], world: World = thisProcess): Promise<number> {
  const options = read(args);
  if (!options) {
    world.out(help);
    return 0;
  }
  const { logo, out, title, force } = options;
  const source = path.resolve(logo);
  if (!statsOf(source)) throw new BimiError("missing", `There is no file ${shown(logo)}.`);
  const target = path.resolve(out ?? copyOf(logo));
  // Before anything is done: nobody should read a report of a copy that cannot be written.
  refuseItself(source, target);
  if (!force && statsOf(target)) throw thereAlready(target);

  const { bytes } = readLogo(source, ".", MAX_BYTES);
  const fixed = await fixLogo(bytes, title === undefined ? {} : { title });
  const isChanged = fixed.repaired.length > 0;
  if (isChanged) write(target, fixed.bytes, force);
  world.out(text(logo, isChanged ? path.relative(process.cwd(), target) : undefined, fixed));
  return fixed.remaining.some(({ severity }) => severity === "error") ? 1 : 0;
}

interface Options {
  logo: string;
  out: string | undefined;
  title: string | undefined;
  force: boolean;
}

function read(args: string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      out: { type: "string", short: "o" },
      title: { type: "string" },
      force: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const [logo, ...others] = positionals;
  if (!logo || others.length > 0) throw new BimiError("usage", `Give one logo: bimi fix LOGO.svg.\n\n${help}`);
  const title = values.title?.trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold them
  if (title === "" || /[\u0000-\u001f\u007f\ufffe\uffff]|\p{Surrogate}/u.test(title ?? "")) {
    throw new BimiError("usage", "--title must be a name, in one line.");
  }
  return { logo, out: values.out, title, force: values.force };
}

function copyOf(logo: string): string {
  return `${logo.replace(/\.svg$/i, "")}.tiny-ps.svg`;
}

/** Whatever its name: a link, or upper case where that does not count. */
function refuseItself(source: string, target: string): void {
  const [one, other] = [source, target].map(statsOf);
  if (source === target || (one && other && one.dev === other.dev && one.ino === other.ino)) {
    throw new BimiError(
      "same_file",
      `${shown(target)} is the logo itself, which is never changed. Give another --out.`,
    );
  }
  if (other && !other.isFile())
    throw new BimiError("not_a_file", `${shown(target)} is not a regular file. Give another --out.`);
}

/** Never through a link, and with --force all of it or nothing. */
function write(target: string, bytes: Uint8Array, force: boolean): void {
  const temporary = path.join(path.dirname(target), `.${randomBytes(6).toString("hex")}.svg`);
  try {
    // This fails where something is by now.
    writeFileSync(force ? temporary : target, bytes, { flag: "wx" });
    if (force) renameSync(temporary, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw thereAlready(target);
    throw new BimiError("unwritable", `${shown(target)} cannot be written (${code}). Give another --out.`);
  } finally {
    if (statsOf(temporary)) rmSync(temporary);
  }
}

function thereAlready(target: string): BimiError {
  return new BimiError("exists", `${shown(target)} exists. Give another --out, or --force to replace it.`);
}

function text(logo: string, copy: string | undefined, { repaired, remaining }: FixedLogo): string {
  const errors = remaining.filter(({ severity }) => severity === "error");
  const others = remaining.filter(({ severity }) => severity !== "error");
  const parts = [
    repaired.length > 0
      ? list(
          "Repaired",
          repaired.map((repair) => line({ ...repair, message: counted(repair) })),
        )
      : "Nothing was repaired.",
    list("A person must repair", errors.flatMap(withHint)),
    list("Worth a look", others.flatMap(withHint)),
    copy === undefined
      ? `No copy of ${shown(logo)} was written.`
      : `Written to ${shown(copy)}; ${shown(logo)} is as it was. Lines and columns of repairs are its, the others those of the copy.`,
  ];
  return parts.filter(Boolean).join("\n\n");
}

function list(title: string, lines: string[]): string {
  return lines.length === 0 ? "" : `${title}\n${lines.join("\n")}`;
}

function withHint(finding: Finding): string[] {
  return [line(finding), ...(finding.hint ? [`${" ".repeat(20)}${finding.hint}`] : [])];
}

function line({ line, column, ruleId, message }: Pick<Finding, "ruleId" | "message" | "line" | "column">): string {
  const place = line === undefined ? "" : `${line}:${column}`;
  return `  ${place.padEnd(8)}${ruleId.padEnd(10)}${message}`;
}

function counted({ message, count }: FixedLogo["repaired"][number]): string {
  return count > 1 ? `${message} (${count} times)` : message;
}

function shown(file: string): string {
  return readable(file, 200);
}
