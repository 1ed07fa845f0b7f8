/** `npm run fault -- <cell>…`: repeats what the page is about and shows what was called. A prefix names several cells. */

import type { JournalEntry } from "../../simulator";
import { assertHolds, nameOf, play, type Result } from "./cell";
import { playOnEngine } from "./engineStack";
import { Lane } from "./lane";
import { cells } from "./matrix";
import { engineRows, stacksOf } from "./onEngine";
import { assertKillHolds, playKill, seeds } from "./randomKill";

const engineCells = engineRows.flatMap((row) => row.cells);
const names = [...cells, ...engineCells].map(nameOf);

/** One thing to play, which prints what it came to and throws when that does not hold. */
interface Play {
  name: string;
  work(
    lane: Lane,
  ): Promise<{ line: string; journal: readonly JournalEntry[]; said: readonly string[]; hold(): void }[]>;
}

function chosen(prefixes: readonly string[]): Play[] {
  const named = (name: string) => prefixes.some((prefix) => name.startsWith(prefix));
  const single: Play[] = cells
    .filter((cell) => named(nameOf(cell)))
    .map((cell) => ({
      name: nameOf(cell),
      work: async (lane) => {
        const result = await play(cell, lane);
        return [{ line: summary(nameOf(cell), result), ...result, hold: () => assertHolds(cell, result) }];
      },
    }));
  // What one stack plays for the tests, one stack plays here.
  const stacks: Play[] = stacksOf(engineCells.filter((cell) => named(nameOf(cell)))).map(({ title, cells }) => ({
    name: `engine: ${title}`,
    work: async () => {
      const results = await playOnEngine(cells);
      return cells.map((cell) => {
        const result = results.get(nameOf(cell))!;
        return { line: summary(nameOf(cell), result), ...result, hold: () => assertHolds(cell, result) };
      });
    },
  }));
  const kills: Play[] = prefixes.flatMap((prefix) => {
    const seed = /^kill\/(\d+)$/.exec(prefix)?.[1];
    if (seed === undefined) return [];
    const work = async (lane: Lane) => {
      const found = await playKill(Number(seed), lane);
      const line = `${prefix}: ${found.plan}. Killed in: ${found.kills.join("; ")}. ${listed(found.counts)}`;
      return [{ line, journal: found.journal, said: [], hold: () => assertKillHolds(found) }];
    };
    return [{ name: prefix, work }];
  });
  return [...single, ...stacks, ...kills];
}

async function main(prefixes: readonly string[]): Promise<number> {
  const plays = chosen(prefixes);
  if (plays.length === 0) {
    console.error(
      `Name cells, such as order/reset-after/up, or a seed, kill/1 to kill/${seeds}. Cells:\n${names.join("\n")}`,
    );
    return 2;
  }
  const lane = new Lane();
  let held = 0;
  let all = 0;
  for (const { name, work } of plays) {
    try {
      const found = await work(lane);
      all += found.length;
      for (const { line, journal, said, hold } of found) {
        console.log(line);
        if (plays.length === 1 && found.length === 1) show(journal, said);
        hold();
        held++;
      }
    } catch (error) {
      all += 1;
      console.log(`${name}: FAILED\n${(error as Error).stack}`);
      await lane.kill();
    }
  }
  await lane.kill();
  console.log(`${held} of ${all} hold`);
  return held < all ? 1 : 0;
}

function summary(name: string, { counts, verdict, runs, refused }: Result): string {
  const again = runs > 1 ? `, after ${runs} runs` : "";
  return `${name}: ${listed(counts)}: ${verdict}${again}${refused ? `, refused: ${refused}` : ""}`;
}

function listed(counts: Result["counts"]): string {
  return (
    Object.entries(counts)
      .map(([name, times]) => `${times} ${name}`)
      .join(", ") || "nothing"
  );
}

function show(journal: readonly JournalEntry[], said: readonly string[]): void {
  for (const { at, method, path, status, fault, carriedOut } of journal) {
    const spoiled = fault ? ` (${fault}${carriedOut ? `, carried out: ${carriedOut}` : ""})` : "";
    console.log(`  ${at} ${method} ${path} ${status}${spoiled}`);
  }
  for (const line of said) console.log(`  | ${line}`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
