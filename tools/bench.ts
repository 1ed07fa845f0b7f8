import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pinnedRoots, verifyMarkCertificate } from "../provider/certificate";
import { encodeLogo, lintLogo } from "../provider/logo";
import { validate } from "../provider/logo/schema/validate";

/**
 * How long the checks before and after an order take: `npm run bench`. Medians of many runs, in milliseconds; the target
 * for a logo of 32 KB is 20 ms once warm.
 */
const root = path.resolve(__dirname, "../..");
const WARM_RUNS = 200;
const COLD_RUNS = 5;

/** A logo of 32 KB: curves on a ground, as a traced drawing has them. */
function largeLogo(): Buffer {
  const start = `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 512 512">
<title>Benchmark</title>
<desc>Curves on dark blue</desc>
<rect width="512" height="512" fill="#12355b"/>
`;
  let shapes = "";
  for (let n = 0; shapes.length < 32_000 - start.length; n++) {
    const at = (offset: number) => (180 + ((n * 37 + offset * 53) % 150)).toFixed(2);
    const curves = Array.from({ length: 12 }, (_, c) => `C${[0, 1, 2, 3, 4, 5].map((k) => at(6 * c + k)).join(" ")}`);
    shapes += `<path fill="#${(0x400000 + n * 9973).toString(16)}" d="M${at(80)} ${at(81)}${curves.join("")}z"/>\n`;
  }
  return Buffer.from(`${start}${shapes}</svg>\n`.padEnd(32_768));
}

const logo = largeLogo();
const chain = readFileSync(path.join(root, "tests/fixtures/pem/xometry_cmc.pem"), "utf8");
const warm: [what: string, work: () => unknown][] = [
  ["lint a logo of 32 KB", () => lintLogo(logo)],
  ["  of which the schema", () => validate(logo)],
  ["gzip and base64 of it", () => encodeLogo(logo)],
  ["verify a real chain", () => verifyMarkCertificate({ pem: chain, roots: pinnedRoots, at: new Date("2025-01-15") })],
];
const cold: [what: string, work: () => unknown][] = [
  ["lint a logo of 32 KB", () => lintLogo(logo)],
  ["  of which the schema, compiled once", () => validate(Buffer.from("<svg/>"))],
  ["verify a real chain", warm[3]![1]],
];

async function timeOf(work: () => unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function row(what: string, times: number[]): void {
  const sorted = times.sort((a, b) => a - b);
  const columns = [sorted[Math.floor(sorted.length / 2)]!, sorted[0]!, sorted.at(-1)!];
  console.log(
    `${what.padEnd(44)}${columns.map((time) => time.toFixed(2).padStart(10)).join("")}${String(times.length).padStart(7)}`,
  );
}

async function main(): Promise<void> {
  const [, , only] = process.argv;
  if (only !== undefined) return void console.log(await timeOf(cold[Number(only)]![1]));

  console.log(`${"ms".padEnd(44)}${["median", "least", "most"].map((title) => title.padStart(10)).join("")}   runs`);
  for (const [at, [what]] of cold.entries()) {
    // Each in a process of its own; Node's start is not counted.
    const run = () => Number(execFileSync(process.execPath, [__filename, String(at)], { encoding: "utf8" }));
    row(`cold: ${what}`, Array.from({ length: COLD_RUNS }, run));
  }
  for (const [what, work] of warm) {
    for (let n = 0; n < WARM_RUNS; n++) await work();
    const times: number[] = [];
    for (let n = 0; n < WARM_RUNS; n++) times.push(await timeOf(work));
    row(`warm: ${what}`, times);
  }
}

main();
