import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { assertReadable, patience } from "./support";

/** What a process with 64 MB of memory says of each bomb of a family; a process that hangs is killed. */
function explode(family: string): Promise<Map<string, string[]>> {
  const script = path.join(__dirname, "bomb.js");
  const child = spawn(process.execPath, ["--max-old-space-size=64", script, family], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err]: string[][] = [[], []];
  child.stdout.on("data", (data) => out!.push(String(data)));
  child.stderr.on("data", (data) => err!.push(String(data)));
  const timer = setTimeout(() => child.kill("SIGKILL"), patience - 5000);
  return new Promise((resolve, reject) => {
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const lines = out!
        .join("")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      if (code === 0) resolve(new Map(lines.map(({ name, said }) => [name, said])));
      else reject(new Error(`${code ?? signal} after "${lines.at(-1)?.name}": ${err!.join("").slice(0, 500)}`));
    });
  });
}

const doctype = /^error SVG-002 The logo has a DOCTYPE/;
const size = /^error SVG-004 The logo has \d+ bytes/;
const xml = /^error SVG-001 The logo cannot be read as XML: /;

const long = /^error SVG-004 |^warning SVG-034 The path data has/;
const inTime = /^in time$/;

const families: Record<string, Record<string, RegExp>> = {
  logos: {
    "billion laughs": doctype,
    "a long entity many times": doctype,
    "a file as entity": doctype,
    "a URL as entity": doctype,
    "a file as DTD": doctype,
    "nested a million deep": size,
    "nested a hundred thousand deep": /^error SVG-001 .*nested more than 500 deep/,
    "a million elements": size,
    "a hundred thousand elements": size,
    "a million attributes": size,
    "3,000 namespaces": /^error SVG-006 /,
    "a tag of megabytes": size,
    "NUL bytes": xml,
    "NUL bytes after the start": xml,
    "UTF-16": /^error SVG-001 The logo is UTF-16 text\.$/,
    "UTF-16 that is declared only": /^error SVG-001 The XML declaration names the encoding UTF-16\.$/,
    "Latin-1": /^error SVG-001 The logo is not UTF-8 text\.$/,
    "UTF-7": /^error SVG-001 The XML declaration names the encoding UTF-7\.$/,
    gzip: /^error SVG-005 /,
    "a gigabyte of gzip": /^error SVG-005 /,
    "an encoded gigabyte": /^LogoError: The encoded logo inflates to more than 262144 bytes\./,
    "base64 of nothing": /^LogoError: The encoded logo is not a gzip stream\./,
    "no base64": /^LogoError: The encoded logo is not base64\./,
    "an inline logo of megabytes": /^LogoError: The inline logo has \d+ bytes; at most 65536 are read\./,
  },
  drawings: {
    "a viewBox of 1e-300": inTime,
    "a viewBox of NaN": /^error SVG-022 The viewBox "0 0 NaN Infinity" is not four numbers\.$/,
    "a viewBox of 60,000 spaces": /^error SVG-022 The viewBox "0 {100,}…$/,
    "a width of 60,000 letters": /^error SVG-024 width is "1a{100,}…$/,
    "path data of 1e308": inTime,
    "path data of 1e999": inTime,
    "a number of 60,000 digits": long,
    "30,000 lines": long,
    "15,000 lines without spaces": long,
    "5,000 arcs": long,
    "15,000 curves": long,
    "60,000 closings": long,
    "500 KB of a path": size,
    "a polygon of 120,000 points": size,
    "60,000 spaces between points": size,
    "5,000 stops for each of 400 shapes": /^warning SVG-034 The logo has 5405 elements/,
    "a group that draws 10^60 shapes": /^warning SVG-034 The logo has \d+ elements/,
    "a chain of 2,000 references": /^warning SVG-034 The logo has 2005 elements/,
    "a reference to itself": inTime,
    "a long path drawn 1,500 times": /^warning SVG-034 The logo has 1505 elements/,
    "7,000 transforms": size,
    "9,000 transforms without end": size,
    "a transform in each of 450 groups": /^error SVG-033 Elements are nested more than 200 deep/,
    "a colour of 30,000 numbers": size,
    "17,000 shapes": size,
    "4,500 breaches of the schema": /^error SVG-0(?:15|33) /,
  },
  files: {
    "sparse.svg": /^LogoError: The logo sparse\.svg has 104857600 bytes; at most 65536 are read\./,
    "pipe.svg": /is not a regular file\./,
    "folder.svg": /is a directory\./,
    "/dev/zero": /is not a regular file\./,
    "/dev/null": /is not a regular file\./,
    "/proc/self/mem": /cannot be read \(E\w+\)\./,
    "a\0b": /^LogoError: The logo a\\u0000b cannot be read/,
    xxxxxxxxxxxxxxxxxxxx: /cannot be read \(ENAMETOOLONG\)\./,
  },
  certificates: {
    "100,000 certificates": /^CERT-001 the PEM has further blocks after the first 10, which are not read$/,
    "12 MB of certificates": /^CERT-001 the PEM has further blocks after the first 200, which are not read$/,
    "100,000 other blocks": /^CERT-001 the PEM has further blocks after the first 10, which are not read$/,
    "100,000 beginnings": /^CERT-001 the PEM contains no certificate$/,
    "a label of megabytes": /^CERT-001 the PEM contains a A{49}… block$/,
    dashes: /^CERT-001 the PEM contains no certificate$/,
    "a certificate of megabytes": /^CERT-001 certificate 1 of the PEM cannot be read: it is longer than 512 KB$/,
    "nested 90,000 deep": /^CERT-001 certificate 1 of the PEM cannot be read: /,
    "a huge length": /^CERT-001 certificate 1 of the PEM cannot be read: /,
    "a length of lengths": /^CERT-001 certificate 1 of the PEM cannot be read: /,
    "base64 garbage": /^CERT-001 certificate 1 of the PEM cannot be read: /,
    "a logotype nested 50,000 deep": /^Error: the logotype extension cannot be read: /,
    "a logotype nested 5,000 deep": /^Error: the logotype extension cannot be read: /,
    "a logotype with a huge object identifier": /^Error: the logotype extension cannot be read: /,
    "a logotype with a huge integer": /^Error: the logotype extension cannot be read: /,
    "a logotype that inflates to 40 MB": /^Error: the embedded logo inflates to more than 256 KiB$/,
    "a logotype with a URI of no base64": /^Error: the logo is not one data:image\/svg\+xml;base64 URI$/,
    "1,000 logotypes": /^certificate 1 of the PEM cannot be read: |instead of one embedded image$/,
    "5,000 names": /^CERT-001 the PEM contains only one certificate$/,
  },
  answers: {
    "a gigabyte of gzip": /^doubt: .*The answer is larger than 16 MB\. .*look before you try again/,
    "a state nested a million deep": /^BimiError: state\.json is not what `pulumi stack export` prints/,
    "a state of anything": /^BimiError: state\.json is not what `pulumi stack export` prints/,
  },
};

describe("Bombs, in a process with 64 MB of memory:", function () {
  this.timeout(patience);

  for (const [family, expected] of Object.entries(families)) {
    it(`${family} are refused in words`, async () => {
      const found = await explode(family);
      assert.deepEqual([...found.keys()], Object.keys(expected));
      for (const [name, said] of found) {
        const all = said.join("\n");
        assert.ok(
          said.some((line) => expected[name]!.test(line)),
          `${name}: ${all.slice(0, 1000)}`,
        );
        assert.ok(said.length <= 40, `${name}: ${said.length} lines`);
        if (family === "drawings") assert.ok(said.includes("in time"), `${name}: ${all.slice(-100)}`);
        for (const line of said) assertReadable(line, 1200);
        assert.doesNotMatch(all, /root:|lol/, `${name} was expanded`);
      }
    });
  }
});
