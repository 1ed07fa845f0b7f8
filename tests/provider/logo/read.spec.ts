import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { LogoError, type LogoErrorCode } from "../../../provider/logo/errors";
import { MAX_LOGO_BYTES, readLogo } from "../../../provider/logo/read";

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps"><title>T</title></svg>\r\n';

describe("readLogo", () => {
  let project: string;

  beforeEach(() => {
    project = mkdtempSync(join(tmpdir(), "bimi-logo-"));
  });
  afterEach(() => {
    rmSync(project, { recursive: true, force: true });
  });

  function write(name: string, content: string | Uint8Array): string {
    const path = join(project, name);
    writeFileSync(path, content);
    return path;
  }

  function refuses(logo: string, code: LogoErrorCode, message: RegExp): void {
    assert.throws(
      () => readLogo(logo, project),
      (error: unknown) => {
        assert.ok(error instanceof LogoError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.hint.length > 0 && error.message.endsWith(error.hint));
        return true;
      },
    );
  }

  it("gives the exact bytes, their hash and size, and the path in the project", () => {
    write("logo.svg", SVG);
    const logo = readLogo("logo.svg", project);
    assert.deepEqual(logo, {
      bytes: Buffer.from(SVG),
      sha256: createHash("sha256").update(SVG).digest("hex"),
      size: SVG.length,
      path: "logo.svg",
    });
  });

  describe("the path", () => {
    it("is the same however it was given", () => {
      mkdirSync(join(project, "brand", "2026"), { recursive: true });
      const absolute = write("brand/2026/logo.svg", SVG);
      for (const given of ["brand/2026/logo.svg", "./brand/2026/logo.svg", "brand/../brand/2026//logo.svg", absolute]) {
        assert.equal(readLogo(given, project).path, "brand/2026/logo.svg");
      }
    });

    it("leads out of the project if the logo is outside", () => {
      write("logo.svg", SVG);
      mkdirSync(join(project, "infra"));
      assert.equal(readLogo("../logo.svg", join(project, "infra")).path, "../logo.svg");
      assert.equal(readLogo(join(project, "logo.svg"), join(project, "infra")).path, "../logo.svg");
    });

    it("follows a symbolic link, keeping its name", () => {
      write("logo-7.svg", SVG);
      symlinkSync("logo-7.svg", join(project, "current.svg"));
      assert.equal(readLogo("current.svg", project).path, "current.svg");
    });

    it("may name a logo as anything", () => {
      write("logo.xml", SVG);
      assert.equal(readLogo("logo.xml", project).size, SVG.length);
    });
  });

  describe("an inline SVG", () => {
    for (const svg of [SVG, `\uFEFF${SVG}`, `\n  ${SVG}`, `<?xml version="1.0"?>${SVG}`, "<svg>é😀</svg>"]) {
      it(`${JSON.stringify(svg.slice(0, 30))}… is taken as it stands`, () => {
        const logo = readLogo(svg, project);
        assert.deepEqual(logo.bytes, Buffer.from(svg, "utf8"));
        assert.equal(logo.size, Buffer.byteLength(svg));
        assert.equal("path" in logo, false);
      });
    }

    it("has the hash of a file with the same bytes", () => {
      write("logo.svg", SVG);
      assert.equal(readLogo(SVG, project).sha256, readLogo("logo.svg", project).sha256);
    });

    it("over the limit is refused", () => {
      assert.equal(readLogo("<".padEnd(MAX_LOGO_BYTES, " "), project).size, MAX_LOGO_BYTES);
      refuses("<".padEnd(MAX_LOGO_BYTES + 1, " "), "too_large", /inline logo has 65537 bytes/);
    });

    it("with a lone surrogate is refused", () => refuses("<svg>\ud800</svg>", "encoding", /lone surrogate/));
  });

  describe("refuses what is no file:", () => {
    it("nothing", () => refuses("", "empty", /logo is empty.*Give the path/));
    it("white space", () => refuses(" \n", "empty", /logo is empty/));
    it("a missing file", () => refuses("lgoo.svg", "missing", /lgoo\.svg does not exist \(.*\).*Pulumi\.yaml/));
    it("a path through a file", () => {
      write("logo.svg", SVG);
      refuses("logo.svg/x", "missing", /does not exist/);
    });
    it("a directory", () => refuses(".", "not_a_file", /is a directory/));
    it("a dangling link", () => {
      symlinkSync("nowhere.svg", join(project, "logo.svg"));
      refuses("logo.svg", "missing", /does not exist/);
    });
    it("a URL", () => {
      refuses("https://example.com/logo.svg", "url", /is a URL.*Put the file into the project/);
      refuses("data:image/svg+xml;base64,AAAA", "url", /is a URL/);
      refuses("file:///logo.svg", "url", /is a URL/);
    });
    it("a text far too long for a path, which is not repeated", () => {
      refuses("H4sI".repeat(5000), "unreadable", /^The logo (H4sI){29}H…? cannot be read \(ENAMETOOLONG\)/);
    });
    it("a path with a NUL", () => refuses("logo\0.svg", "unreadable", /cannot be read/));

    if (process.platform !== "win32") {
      it("a named pipe, without waiting for a writer", () => {
        execFileSync("mkfifo", [join(project, "logo.svg")]);
        refuses("logo.svg", "not_a_file", /not a regular file/);
      });
      it("a device", () => refuses("/dev/zero", "not_a_file", /not a regular file/));
      if (process.getuid?.() !== 0) {
        it("a file that may not be read", () => {
          chmodSync(write("logo.svg", SVG), 0);
          refuses("logo.svg", "unreadable", /EACCES/);
        });
      }
    }
  });

  describe("refuses what is no SVG, whatever its name:", () => {
    const cases: [what: string, bytes: Uint8Array, code: LogoErrorCode, message: RegExp][] = [
      ["an empty file", Buffer.alloc(0), "empty", /empty file/],
      ["a PNG", Buffer.from("\x89PNG\r\n\x1a\n\0\0", "latin1"), "other_format", /is a PNG image.*SVG Tiny PS/],
      ["a JPEG", Buffer.from("\xff\xd8\xff\xe0\0\x10JFIF", "latin1"), "other_format", /is a JPEG image/],
      ["a GIF", Buffer.from("GIF89a"), "other_format", /is a GIF image/],
      ["a WebP", Buffer.from("RIFF\x10\0\0\0WEBPVP8 ", "latin1"), "other_format", /is a WebP image/],
      ["a CorelDRAW", Buffer.from("RIFF\x10\0\0\0CDR9vrsn", "latin1"), "other_format", /is a CorelDRAW document/],
      ["a sound", Buffer.from("RIFF\x10\0\0\0WAVEfmt ", "latin1"), "other_format", /is a RIFF file/],
      ["an AVIF", Buffer.from("\0\0\0\x20ftypavif", "latin1"), "other_format", /is an AVIF image/],
      ["a HEIC", Buffer.from("\0\0\0\x18ftypheic", "latin1"), "other_format", /is a HEIC image/],
      ["a film", Buffer.from("\0\0\0\x18ftypisom", "latin1"), "other_format", /of the MP4 family/],
      ["a BMP", Buffer.from("BM\x36\x10\0\0\0\0\0\0", "latin1"), "other_format", /is a BMP image/],
      ["an ICO", Buffer.from("\0\0\x01\0\x02\0\x10\x10", "latin1"), "other_format", /is an icon of Windows/],
      [
        "an error page",
        Buffer.from("\uFEFF\n<!DOCTYPE html>\n<meta charset=utf-8><title>Not found</title><br>"),
        "other_format",
        /is an HTML page.*error page/,
      ],
      ["a web page", Buffer.from('<HTML lang="en"><img src="logo.svg">'), "other_format", /is an HTML page/],
      ["a TIFF", Buffer.from("MM\0*", "latin1"), "other_format", /is a TIFF image/],
      ["a PDF", Buffer.from("%PDF-1.7\n"), "other_format", /is a PDF document/],
      ["an EPS", Buffer.from("%!PS-Adobe-3.0 EPSF-3.0"), "other_format", /PostScript/],
      ["a ZIP", Buffer.from("PK\x03\x04"), "other_format", /is a ZIP archive/],
      ["an .svgz", gzipSync(SVG), "gzip", /gzip-compressed.*gunzip/],
      ["UTF-16 LE", Buffer.from(`\uFEFF${SVG}`, "utf16le"), "encoding", /is UTF-16 text.*UTF-8/],
      ["UTF-16 LE without mark", Buffer.from(SVG, "utf16le"), "encoding", /is UTF-16 text/],
      ["UTF-16 LE after a line end", Buffer.from(`\n${SVG}`, "utf16le"), "encoding", /is UTF-16 text/],
      ["UTF-16 BE after a space", Buffer.from(` ${SVG}`, "utf16le").swap16(), "encoding", /is UTF-16 text/],
      ["UTF-32 BE after a line end", utf32(`\r\n${SVG}`).swap32(), "encoding", /is UTF-32 text/],
      ["UTF-16 BE", Buffer.from(`\uFEFF${SVG}`, "utf16le").swap16(), "encoding", /is UTF-16 text/],
      ["UTF-16 BE without mark", Buffer.from(SVG, "utf16le").swap16(), "encoding", /is UTF-16 text/],
      ["UTF-32 LE", utf32(`\uFEFF${SVG}`), "encoding", /is UTF-32 text/],
      ["UTF-32 LE without mark", utf32(SVG), "encoding", /is UTF-32 text/],
      ["UTF-32 BE", utf32(`\uFEFF${SVG}`).swap32(), "encoding", /is UTF-32 text/],
      ["Latin-1", Buffer.from("<svg>\xfc</svg>", "latin1"), "encoding", /is not UTF-8 text/],
      ["a cut UTF-8 sequence", Buffer.from("<svg>€").subarray(0, -1), "encoding", /is not UTF-8 text/],
      [
        "a Git LFS pointer",
        Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
        "git_lfs",
        /git lfs pull/,
      ],
    ];
    for (const [what, bytes, code, message] of cases) {
      it(what, () => {
        write("logo.svg", bytes);
        refuses("logo.svg", code, message);
      });
    }
  });

  it("leaves to the rules what is SVG under a DOCTYPE of HTML, or only begins like another format", () => {
    for (const text of [`<!DOCTYPE html>\n${SVG}`, "BMW <svg/>", "<htmlish/>"]) {
      write("logo.svg", text);
      assert.equal(readLogo("logo.svg", project).size, text.length);
    }
  });

  describe("size", () => {
    it("at the limit is read", () => {
      write("logo.svg", SVG.padEnd(MAX_LOGO_BYTES, " "));
      assert.equal(readLogo("logo.svg", project).size, MAX_LOGO_BYTES);
    });

    it("over the limit is refused with the file's size", () => {
      write("logo.svg", SVG.padEnd(MAX_LOGO_BYTES + 1, " "));
      refuses("logo.svg", "too_large", /65537 bytes; at most 65536/);
    });

    it("of a huge file does not matter: it is not read", () => {
      const path = write("logo.svg", SVG);
      truncateSync(path, 2 ** 33);
      refuses("logo.svg", "too_large", /8589934592 bytes/);
    });

    it("of a photograph is not what is wrong with it", () => {
      write("logo.svg", Buffer.concat([Buffer.from("\x89PNG", "latin1"), Buffer.alloc(2 * MAX_LOGO_BYTES)]));
      refuses("logo.svg", "other_format", /PNG/);
    });
  });
});

function utf32(text: string): Buffer {
  const buffer = Buffer.alloc(4 * text.length);
  for (let i = 0; i < text.length; i++) buffer.writeUInt32LE(text.charCodeAt(i), 4 * i);
  return buffer;
}
