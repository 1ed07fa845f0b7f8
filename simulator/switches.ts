import { type SwitchInfo, switchTable } from "./switchTable";

export type { SwitchInfo } from "./switchTable";

export type SwitchName = keyof typeof switchTable;
/** One value per switch; what each means stands in {@link switchTable}. */
export type Switches = { -readonly [Name in SwitchName]: (typeof switchTable)[Name]["values"][number] };
export type Profile = "seed" | "2026";

/** Every switch with its name, for documentation and for tests that try each value. */
export const switchList: readonly (SwitchInfo & { name: SwitchName })[] = (
  Object.keys(switchTable) as SwitchName[]
).map((name) => ({ name, ...switchTable[name] }));

/** The values of a profile, with some replaced. Throws on a name or value that does not exist. */
export function switchesOf(profile: Profile = "2026", replaced: Partial<Switches> = {}): Switches {
  if (profile !== "seed" && profile !== "2026") throw new Error(`No profile ${profile}: use "seed" or "2026".`);
  const values = Object.fromEntries(switchList.map((entry) => [entry.name, entry[profile]])) as Switches;
  return setSwitches(values, replaced);
}

/** Replaces values in place, after checking names and values. */
export function setSwitches(switches: Switches, replaced: Partial<Switches>): Switches {
  for (const [name, value] of Object.entries(replaced)) {
    const entry = switchTable[name as SwitchName] as SwitchInfo | undefined;
    if (!entry) throw new Error(`No switch ${name}. There are: ${Object.keys(switchTable).join(", ")}.`);
    if (!entry.values.includes(value)) {
      throw new Error(`Switch ${name} cannot be ${JSON.stringify(value)}: use ${entry.values.join(", ")}.`);
    }
  }
  return Object.assign(switches, replaced);
}
