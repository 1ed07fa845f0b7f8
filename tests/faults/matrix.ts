import { type Cell, type FollowUp, followUps, nameOf } from "./cell";
import { type Fault, faults } from "./faults";
import { type Write, writes } from "./writes";

/** One way in which a write goes wrong, and a cell for each thing that the user may do next. */
export interface Row {
  write: Write;
  fault: Fault;
  cells: Cell[];
}

export const rows: readonly Row[] = writes.flatMap((write) =>
  faults.filter(({ of = () => true }) => of(write)).map((fault) => ({ write, fault, cells: cellsOf(write, fault) })),
);

function cellsOf(write: Write, fault: Fault): Cell[] {
  return (Object.keys(followUps) as FollowUp[]).map((followUp) => ({ write, fault, followUp }));
}

export const cells: readonly Cell[] = rows.flatMap((row) => row.cells);
export { nameOf };
