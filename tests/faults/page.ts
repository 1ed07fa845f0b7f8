import { type Cell, type FollowUp, followUps, isExcused, nameOf, type Result } from "./cell";
import { type Row, rows } from "./matrix";
import { engineRows } from "./onEngine";
import { randomKills, results } from "./results";
import { type Write, writes } from "./writes";

/** `docs/reliability.md`, of what this run of the tests found. */
export function page(): string {
  const all = [...rows, ...engineRows].flatMap(({ cells }) => cells);
  const found = all.flatMap((cell) => {
    const result = results.get(nameOf(cell));
    return result ? [{ ...result, cell }] : [];
  });
  const judged = [...found, ...randomKills.values()];
  const excused = found.filter(({ cell }) => isExcused(cell));
  const kills = [...randomKills.values()].flatMap((one) => one.kills);
  const totals: [string, number][] = [
    ["cells", found.length],
    ["of these on Pulumi's engine", found.filter(({ cell }) => cell.on === "engine").length],
    ["random kills of the main job", kills.length],
    ["duplicate writes", twiceIn(judged) - twiceIn(excused)],
    ["orphans in silence", judged.reduce((total, { silent }) => total + silent.length, 0)],
    ["orders canceled that a state still needs", judged.reduce((total, { needed }) => total + needed.length, 0)],
    ["cells with an orphan that was found", found.filter(({ verdict }) => verdict.startsWith("orphan")).length],
    ["validations submitted again after a kill that left no trace", twiceIn(excused)],
  ];
  return `# When a call goes wrong

Generated from a run of the tests: \`npm run reliability\` writes this page, and a spec fails when it is stale. Every row is a
write to DigiCert and one way in which it goes wrong; every column is what the user does next, again and again, 16 minutes
apart, until it is done. Then 16 more minutes pass, the user runs \`up\` once more, and everything is counted that DigiCert
carried out from the write on, whatever its answers said.

- **one**: the write was carried out once, or what it sets is set. Nothing that is open is without a state.
- **none**: it was not carried out, and nothing is left of it.
- **orphan, found by**: something is left that no state holds. The test lets it be found, by \`bimi orphans\` and then by the
  next \`up\`, which takes it over without ordering.

${line(["", ""])}${line(["---", "---"])}${totals.map(([what, count]) => line([what, String(count)])).join("")}
Duplicate writes are those that buy, or that DigiCert's people act on: orders, reissues, organizations, validations, revoke
requests, tokens, mails. DigiCert shows nothing of a validation that was submitted while the last one is still in force. So
when the process is killed right after it, nothing can tell the next run, and DigiCert hears of it twice; it buys nothing.

\`npm run fault -- order/reset-after/up\` repeats a cell and shows its calls; \`npm run fault -- order/\` all of a kind. A cell
is named by write, fault and column (\`up\`, \`refresh\`, \`destroy\`); the headings and the first column have the names.

Most cells drive Pulumi's provider process over its protocol, with the state kept as the engine keeps it. SIGKILL is a
\`kill -9\` of that process.

${writes.map((write) => `## ${write.title}\n\n\`${write.id}\`${again[write.again]}\n\n${table(rows.filter((row) => row.write === write))}`).join("\n")}
## On Pulumi's engine

Stacks of several resources, whose calls all hang at once where they are to be killed: \`kill -9\` of the provider's process, or
of Pulumi and all that it started, after which \`pulumi cancel\` takes the lock away. Names begin with \`engine/\`, as in
\`npm run fault -- engine/order/kill-between/destroy\`.

${engineTables()}
## Random kills

${randomKills.size} runs of the main job: an order, proof of domain control, vetting, the certificate, a change that needs a successor or a
reissue, \`destroy\`. A seed decides where the process is killed (before a call is carried out, between that and its answer,
or after the answer and before the state is written), whether once or twice, and whether \`up\`, \`refresh\` or \`destroy\` comes
next. After every \`up\` the state holds the one order that lives, and in the end exactly the orders and reissues were carried out
that the job asks for. \`npm run fault -- kill/17\` repeats one.

${line(["killed", "times"])}${line(["---", "---"])}${[...phases]
  .map(([phase, title]) => line([title, String(kills.filter((kill) => kill.endsWith(phase)).length)]))
  .join("")}`;
}

const phases = new Map([
  [", before", "before the call"],
  [", between", "between call and answer"],
  [", after", "between answer and state write"],
]);

const again = {
  never: "",
  same: ": sets what is set already when it is repeated",
  refused: ": DigiCert refuses a repetition",
};

const twiceIn = (some: readonly { twice: number }[]) => some.reduce((total, { twice }) => total + twice, 0);

const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;

function engineTables(): string {
  return writes
    .map((write) => ({ write, own: engineRows.filter((row) => row.write === write) }))
    .filter(({ own }) => own.length > 0)
    .map(({ write, own }) => `### ${write.title}\n\n\`engine/${write.id}\`\n\n${table(own)}`)
    .join("\n");
}

function table(some: readonly Row[]): string {
  const columns = (Object.keys(followUps) as FollowUp[]).filter((column) =>
    some.some(({ cells }) => cells.some(({ followUp }) => followUp === column)),
  );
  const head = line(["fault", ...columns.map((column) => followUps[column])]);
  const body = some.map(({ fault, cells }) =>
    line([
      `${fault.title} (\`${fault.id}\`)`,
      ...columns.map((column) => cellOf(cells.find(({ followUp }) => followUp === column))),
    ]),
  );
  return head + line(["---", ...columns.map(() => "---")]) + body.join("");
}

function cellOf(cell: Cell | undefined): string {
  const result = cell && results.get(nameOf(cell));
  return result ? `**${result.verdict}**<br>${details(cell.write, result)}` : "";
}

/** How often the write was carried out, and whatever else was. */
function details(
  { counts: own }: Write,
  { counts, runs, refused }: Pick<Result, "counts" | "runs" | "refused">,
): string {
  const counted = Object.entries({ [own]: 0, ...counts })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, times]) => `${times} ${times === 1 ? name : plural(name)}`);
  const again = refused
    ? ["the state keeps what is gone, and the run fails with the remedy"]
    : runs > 1
      ? [`run ${runs}`]
      : [];
  return [...counted, ...again].join(", ");
}

const plural = (name: string) => (name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`);
