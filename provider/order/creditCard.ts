import { failure } from "../check";
import type { Failure, Props } from "../lifecycle";
import { isUnknown } from "../unknown";
import { personalOrderInputs } from "./inputs";

/** Anything but the name of an environment variable may be a card. */
export function isLiteralCard(card: unknown): boolean {
  if (card === null || card === undefined || isUnknown(card)) return false;
  if (typeof card !== "object") return true;
  const { fromEnv, ...rest } = card as Props;
  const isName = fromEnv === undefined || (typeof fromEnv === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(fromEnv));
  return Object.keys(rest).length > 0 || !(isName || isUnknown(fromEnv));
}

/** No variable can have this name. */
export const cardLeftOut = { fromEnv: "(a card, left out)" };

export function literalCard(card: unknown): Failure[] {
  if (!isLiteralCard(card)) return [];
  return [
    failure(
      "creditCard",
      'a card must be in no program and no state. Put it as JSON into an environment variable and give creditCard: { fromEnv: "NAME" }.',
      personalOrderInputs,
    ),
  ];
}
