import { Lane } from "./lane";

/** What a small machine has processors for. */
const lanes = [new Lane(), new Lane()];
const idle = [...lanes];
const waiting: ((lane: Lane) => void)[] = [];

/** Runs on a lane that nobody uses. What fails tells how to repeat it. */
export async function onLane<T>(name: string, work: (lane: Lane) => Promise<T>): Promise<T> {
  const lane = idle.pop() ?? (await new Promise<Lane>((resolve) => waiting.push(resolve)));
  try {
    return await work(lane);
  } catch (error) {
    // A process in a state that nobody knows serves nothing further.
    await lane.kill();
    throw repeatable(error, name);
  } finally {
    const next = waiting.shift();
    if (next) next(lane);
    else idle.push(lane);
  }
}

/** Tells how to repeat what failed. */
export function repeatable(error: unknown, ...names: string[]): Error {
  return new Error(`${(error as Error).message}\nTo repeat it: npm run fault -- ${names.join(" ")}`, { cause: error });
}

export async function endLanes(): Promise<void> {
  for (const lane of lanes) await lane.kill();
}

/** Defines a test per group of work, begun one group ahead so that no lane waits. */
export function testsInGroups<T>(groups: readonly { title: string; work: readonly (() => Promise<T>)[] }[]): void {
  const begun = new Map<number, Promise<T>[]>();
  const begin = (index: number): Promise<T>[] => {
    const group = begun.get(index) ?? groups[index]?.work.map((work) => work()) ?? [];
    for (const one of group) one.catch(() => {});
    begun.set(index, group);
    return group;
  };
  for (const [index, { title }] of groups.entries()) {
    it(title, async () => {
      const group = begin(index);
      begin(index + 1);
      await Promise.all(group);
    });
  }
}
