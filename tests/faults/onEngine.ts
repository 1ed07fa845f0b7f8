import type { Cell, FollowUp } from "./cell";
import { engineKills } from "./faults";
import type { Row } from "./matrix";
import { type Write, writes } from "./writes";

/** After these nothing is called in the same operation: there is nothing that could hang before the state is written. */
const last = ["validation", "cancel", "revoke", "deactivate"];
const chosen = ["order", "successor", "reissue", "organization", ...last];

/** Cells that run on Pulumi's engine. */
export const engineRows: readonly Row[] = chosen
  .map((name) => writes.find(({ id }) => id === name)!)
  .flatMap((write) =>
    engineKills
      .filter(({ kill }) => kill !== "after" || !last.includes(write.id))
      .map((fault) => ({
        write,
        fault,
        cells: followUpsOf(write).map((followUp) => ({ write, fault, followUp, on: "engine" as const })),
      })),
  );

/** What a destroy leaves unfinished, the next one finishes; what an `up` does with it, the other cells show. */
function followUpsOf({ operation }: Write): FollowUp[] {
  return operation === "destroy" ? ["destroy"] : ["up", "refresh", "destroy"];
}

/** Cells that one stack plays: what is killed, in which operation, and what comes then. */
export function stacksOf(cells: readonly Cell[]): { title: string; cells: readonly Cell[] }[] {
  const stacks = new Map<string, Cell[]>();
  for (const cell of cells) {
    const { write, fault, followUp } = cell;
    const killed = fault.killed === "engine" ? "Pulumi" : "the provider's process";
    const title = `${killed} in \`${write.operation ?? "up"}\`, then ${followUp}`;
    stacks.set(title, [...(stacks.get(title) ?? []), cell]);
  }
  return [...stacks].map(([title, cells]) => ({ title, cells }));
}
