import { text as textOf } from "node:stream/consumers";
import { type Clock, systemClock } from "../certcentral";

/** What a command has of its process. */
export interface World {
  env: NodeJS.ProcessEnv;
  clock: Clock;
  stdin(): Promise<string>;
  out(text: string): void;
  err(text: string): void;
}

export const thisProcess: World = {
  env: process.env,
  clock: systemClock,
  stdin: () => textOf(process.stdin),
  out: (text) => console.log(text),
  err: (text) => console.error(text),
};
