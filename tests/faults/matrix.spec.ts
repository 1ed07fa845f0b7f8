import { assertHolds, type Cell, nameOf, play } from "./cell";
import { endLanes, onLane, testsInGroups } from "./lanes";
import { rows } from "./matrix";
import { kept, results } from "./results";

describe("a write that goes wrong", function () {
  this.timeout(120_000);
  after(endLanes);

  const run = (cell: Cell) =>
    onLane(nameOf(cell), async (lane) => {
      const result = await play(cell, lane);
      results.set(nameOf(cell), kept(result));
      assertHolds(cell, result);
    });

  testsInGroups(
    rows.map(({ write, fault, cells }) => ({
      title: `${write.title}: ${fault.title}`,
      work: cells.map((cell) => () => run(cell)),
    })),
  );
});
