import { gapFrom, numberFrom } from "./numbers";

const PARAMETERS = new Map(Object.entries({ m: 2, z: 0, l: 2, h: 1, v: 1, c: 6, s: 4, q: 4, t: 2, a: 7 }));

/** Where path data cannot be read any more, and where the last command that can be read ends. */
export interface PathFault {
  at: number;
  readUpTo: number;
}

/** `undefined`: all of it can be read. */
export function faultIn(data: string): PathFault | undefined {
  let at = spaceFrom(data, 0);
  let readUpTo = 0;
  while (at < data.length) {
    const command = data[at]!.toLowerCase();
    const count = PARAMETERS.get(command);
    if (count === undefined || (readUpTo === 0 && command !== "m")) return { at, readUpTo };
    at = spaceFrom(data, at + 1);
    for (let read = 0; count > 0; read++) {
      const isFirst = read % count === 0;
      if (isFirst && read > 0) readUpTo = at;
      const next = read === 0 ? at : gapFrom(data, at);
      const end = command === "a" && /[34]/.test(`${read % 7}`) ? flagFrom(data, next) : numberFrom(data, next)?.end;
      if (end === undefined) {
        // After a comma there must be a number.
        if (!isFirst || read === 0 || data.slice(at, next).includes(",")) return { at: next, readUpTo };
        at = next;
        break;
      }
      at = end;
    }
    at = spaceFrom(data, at);
    readUpTo = at;
  }
  return undefined;
}

/** The flags of an arc may stand without anything between them. */
function flagFrom(data: string, at: number): number | undefined {
  return data[at] === "0" || data[at] === "1" ? at + 1 : undefined;
}

const SPACE = /[ \t\r\n\f]*/y;

function spaceFrom(data: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(data);
  return SPACE.lastIndex;
}
