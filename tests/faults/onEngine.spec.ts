import { assertHolds, nameOf } from "./cell";
import { playOnEngine } from "./engineStack";
import { repeatable, testsInGroups } from "./lanes";
import { engineRows, stacksOf } from "./onEngine";
import { kept, results } from "./results";

describe("a write on Pulumi's engine that is killed", function () {
  this.timeout(300_000);

  testsInGroups(
    stacksOf(engineRows.flatMap(({ cells }) => cells)).map(({ title, cells }) => ({
      title,
      work: [
        async () => {
          const found = await playOnEngine(cells).catch((error) => {
            throw repeatable(error, ...cells.map(nameOf));
          });
          for (const [name, result] of found) results.set(name, kept(result));
          for (const cell of cells) {
            try {
              assertHolds(cell, found.get(nameOf(cell))!);
            } catch (error) {
              throw repeatable(error, nameOf(cell));
            }
          }
        },
      ],
    })),
  );
});
