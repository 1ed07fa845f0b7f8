import { endLanes, onLane, testsInGroups } from "./lanes";
import { assertKillHolds, playKill, seeds } from "./randomKill";
import { kept, randomKills } from "./results";

describe("the main job, killed at random", function () {
  this.timeout(120_000);
  after(endLanes);

  const run = (seed: number) =>
    onLane(`kill/${seed}`, async (lane) => {
      const found = await playKill(seed, lane);
      randomKills.set(seed, kept(found));
      assertKillHolds(found);
    });

  const each = 10;
  testsInGroups(
    Array.from({ length: seeds / each }, (_, group) => {
      const first = group * each + 1;
      const of = Array.from({ length: each }, (_, index) => first + index);
      return { title: `seeds ${first} to ${first + each - 1}`, work: of.map((seed) => () => run(seed)) };
    }),
  );
});
