/** The longest message that repeats what others wrote. */
export const MAX_MESSAGE = 1000;

/** What a terminal would obey instead of show: control characters, line ends aside, and what reverses the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** A text that repeats what a program or a server gave, fit to be shown: of bounded length, and every character visible. */
export function readable(text: string, limit = MAX_MESSAGE): string {
  const shown = text
    .slice(0, limit)
    .replace(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return text.length > limit || shown.length > limit ? `${shown.slice(0, limit - 1)}…` : shown;
}
