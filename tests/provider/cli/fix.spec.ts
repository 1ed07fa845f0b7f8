import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fix } from "../../../provider/cli/fix";
import type { World } from "../../../provider/cli/world";

const ROOT = '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 96 96">';
const SHAPES = '<rect width="96" height="96" fill="#036"/><circle cx="48" cy="48" r="30" fill="#fc0"/>';
const GOOD = `${ROOT}<title>Acme</title>${SHAPES}</svg>\n`;
const BAD = GOOD.replace("1.2", "1.1").replace("<rect", "\n  <rect data-a='1'");

describe("bimi fix", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "bimi-fix-"));
    writeFileSync(at("logo.svg"), BAD);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const at = (name: string) => path.join(folder, name);
  const copied = (name = "logo.tiny-ps.svg") => readFileSync(at(name), "utf8");
  async function run(...args: string[]) {
    const out: string[] = [];
    const world = {
      env: {},
      out: (text: string) => out.push(text),
      err: (text: string) => out.push(text),
    } as unknown as World;
    return { code: await fix(args, world), out: out.join("\n") };
  }
  /** The command refuses, and no file is there that was not, nor changed. */
  async function refuses(args: string[], expected: RegExp) {
    const contents = () =>
      readdirSync(folder).map((name) => (lstatSync(at(name)).isFile() ? `${name}: ${copied(name)}` : name));
    const before = contents();
    await assert.rejects(run(...args), expected);
    assert.deepEqual(contents(), before);
  }

  it("writes a copy beside the logo, says what it repaired, and leaves the logo alone", async () => {
    const { code, out } = await run(at("logo.svg"));
    assert.equal(code, 0);
    assert.equal(copied(), GOOD.replace("<rect", "\n  <rect"));
    assert.equal(copied("logo.svg"), BAD);
    assert.deepEqual(readdirSync(folder).sort(), ["logo.svg", "logo.tiny-ps.svg"]);
    assert.match(
      out,
      /^Repaired\n {2}1:41 {4}SVG-007 {3}version is "1\.1", not "1\.2"\.\n {2}2:9 {5}SVG-015 {3}data-a is not allowed on rect\.\n\nWritten to /,
    );
    assert.match(out, /logo\.tiny-ps\.svg; .*logo\.svg is as it was\./);
  });

  it("says what a person must repair, where and how, with exit code 1", async () => {
    writeFileSync(at("logo.svg"), BAD.replace("</svg>", '  <image href="a.png"/>\n  <metadata>x</metadata></svg>'));
    const { code, out } = await run(at("logo.svg"), "--out", at("other.svg"));
    assert.equal(code, 1);
    assert.match(copied("other.svg"), / {2}<image href="a.png"\/>\n {2}<\/svg>/);
    assert.match(
      out,
      /\nA person must repair\n {2}2:\d+ +SVG-021 {3}image is not allowed: .*\n {20}DigiCert wants .*Trace the image/,
    );
    assert.ok(!out.includes("Worth a look"));
  });

  it("mentions warnings, which are no error", async () => {
    writeFileSync(at("logo.svg"), `<!-- Generator: Adobe Illustrator -->${GOOD.replace("Acme", "Untitled")}`);
    const { code, out } = await run(at("logo.svg"));
    assert.equal(code, 0);
    assert.match(
      out,
      /^Nothing was repaired\.\n\nWorth a look\n {2}1:\d+ +SVG-012 .*\n.*\n {2}1:1 +SVG-030 .*\n.*\n\nNo copy of .* was written\.$/,
    );
    assert.deepEqual(readdirSync(folder), ["logo.svg"]);
  });

  it("writes the title that is given, and invents none", async () => {
    writeFileSync(at("logo.svg"), GOOD.replace("<title>Acme</title>", ""));
    assert.equal((await run(at("logo.svg"))).code, 1);
    assert.ok(!existsSync(at("logo.tiny-ps.svg")));
    const { code, out } = await run(at("logo.svg"), "--title", " Acme & Söhne ");
    assert.equal(code, 0);
    assert.equal(copied(), GOOD.replace("Acme", "Acme &amp; Söhne"));
    assert.match(out, /The title is "Acme & Söhne" now\./);
  });

  it("replaces a copy only when told so", async () => {
    writeFileSync(at("logo.tiny-ps.svg"), "mine");
    await refuses([at("logo.svg")], /logo\.tiny-ps\.svg exists\. Give another --out, or --force to replace it\.$/);
    assert.equal((await run(at("logo.svg"), "--force")).code, 0);
    assert.match(copied(), /version="1\.2"/);
    assert.deepEqual(readdirSync(folder).sort(), ["logo.svg", "logo.tiny-ps.svg"]);
  });

  it("never writes to the logo itself, whatever its name", async () => {
    symlinkSync("logo.svg", at("link.svg"));
    linkSync(at("logo.svg"), at("hard.svg"));
    mkdirSync(at("sub"));
    symlinkSync("..", at("sub/up"));
    const names = ["logo.svg", "./logo.svg", "link.svg", "hard.svg", "sub/../logo.svg", "sub/up/logo.svg"];
    for (const out of names) {
      await refuses(
        [at("logo.svg"), "--out", `${folder}/${out}`, "--force"],
        /is the logo itself, which is never changed\./,
      );
      await refuses(
        [`${folder}/${out}`, "--out", at("logo.svg"), "--force"],
        /is the logo itself, which is never changed\./,
      );
    }
    assert.equal(copied("logo.svg"), BAD);
  });

  it("never writes through a link", async () => {
    writeFileSync(at("mine.svg"), "mine");
    symlinkSync("mine.svg", at("link.svg"));
    assert.equal((await run(at("logo.svg"), "--out", at("link.svg"), "--force")).code, 0);
    assert.equal(copied("mine.svg"), "mine");
    assert.ok(lstatSync(at("link.svg")).isFile());
    symlinkSync("nowhere.svg", at("dangling.svg"));
    await refuses([at("logo.svg"), "--out", at("dangling.svg")], /dangling\.svg exists\./);
    assert.ok(!existsSync(at("nowhere.svg")));
  });

  it("refuses to write where it cannot", async () => {
    mkdirSync(at("folder.svg"));
    for (const force of [[], ["--force"]]) {
      await refuses([at("logo.svg"), "--out", at("folder.svg"), ...force], /folder\.svg is not a regular file\./);
      await refuses(
        [at("logo.svg"), "--out", at("none/a.svg"), ...force],
        /none\/a\.svg cannot be written \(ENOENT\)\./,
      );
    }
    execFileSync("mkfifo", [at("pipe.svg")]);
    await refuses([at("logo.svg"), "--out", at("pipe.svg"), "--force"], /pipe\.svg is not a regular file\./);
    await refuses([at("pipe.svg")], /pipe\.svg is not a regular file\./);
  });

  it("names what is no logo", async () => {
    writeFileSync(at("png.svg"), "\x89PNG\r\n", "latin1");
    writeFileSync(at("gzip.svg"), "\x1f\x8b", "latin1");
    writeFileSync(at("wide.svg"), "\ufeff<svg/>", "utf16le");
    writeFileSync(at("large.svg"), " ".repeat(600_000));
    writeFileSync(at("empty.svg"), "");
    await refuses([at("png.svg")], /is a PNG image/);
    await refuses([at("gzip.svg")], /is gzip-compressed/);
    await refuses([at("wide.svg")], /is UTF-16 text/);
    await refuses([at("large.svg")], /600000 bytes; at most 524288 are read/);
    await refuses([at("empty.svg")], /is an empty file/);
    symlinkSync("loop.svg", at("loop.svg"));
    for (const name of ["none.svg", "logo.svg/none.svg", "loop.svg"])
      await refuses([at(name)], new RegExp(`^BimiError: There is no file .*${name}\\.$`));
    await refuses([at("logo.svg"), "--out", at("logo.svg/a.svg")], /cannot be written \(ENOTDIR\)/);
    await refuses([folder], /is a directory/);
  });

  it("repairs what is too large for a mail, if editors made it so", async () => {
    writeFileSync(at("logo.svg"), GOOD.replace("</svg>", `<metadata>${"x".repeat(200_000)}</metadata></svg>`));
    assert.equal((await run(at("logo.svg"))).code, 0);
    assert.equal(copied(), GOOD);
  });

  it("refuses what it does not understand", async () => {
    await refuses([], /^BimiError: Give one logo: bimi fix LOGO\.svg\.\n\nUsage: /);
    await refuses([at("logo.svg"), "b.svg"], /Give one logo/);
    await refuses([at("logo.svg"), "--inplace"], /Unknown option '--inplace'/);
    for (const title of ["", " ", "a\nb", "\u0007", "\ud800"])
      await refuses([at("logo.svg"), "--title", title], /--title must be a name/);
    const { code, out } = await run("--help");
    assert.equal(code, 0);
    assert.match(out, /^Usage: bimi fix LOGO\.svg/);
  });

  it("is a command of bimi, with its exit codes", function () {
    this.timeout(60_000);
    const bimi = (...args: string[]) =>
      spawnSync(process.execPath, [path.join(__dirname, "../../../provider/cli/bimi.js"), ...args], {
        cwd: folder,
        encoding: "utf8",
      });
    const first = bimi("fix", "logo.svg");
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /Written to logo\.tiny-ps\.svg; logo\.svg is as it was\./);
    const again = bimi("fix", "logo.svg");
    assert.equal(again.status, 2);
    assert.match(again.stderr, /^\S*logo\.tiny-ps\.svg exists\./);
    writeFileSync(at("logo.svg"), GOOD.replace("Acme", ""));
    assert.equal(bimi("fix", "logo.svg", "--force").status, 1);
  });
});
