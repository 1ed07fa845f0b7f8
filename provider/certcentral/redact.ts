/** Replaces secrets in a text that people will read. */
export type Redact = (text: string) => string;

/** Takes the API key and the request's card number and CVV out of texts: DigiCert's messages may repeat what was sent. */
export function redactor(apiKey: string, json: unknown): Redact {
  const patterns = cardSecrets(json).map(digitsPattern);
  if (apiKey !== "") patterns.push(new RegExp(literally(apiKey), "g"));
  return (text) => patterns.reduce((redacted, pattern) => redacted.replace(pattern, "[redacted]"), text);
}

function cardSecrets(json: unknown): string[] {
  if (typeof json !== "object" || json === null || !("credit_card" in json)) return [];
  const card = json.credit_card;
  if (typeof card !== "object" || card === null) return [];
  const { number, cvv } = card as Record<string, unknown>;
  return [number, cvv].filter((value) => typeof value === "string" || typeof value === "number").map(String);
}

/** The digits as they are or grouped, but not as a part of a longer number: a CVV is short. */
function digitsPattern(secret: string): RegExp {
  const characters = [...secret.replace(/[\s-]/g, "")].map(literally);
  if (characters.length === 0) return /(?!)/g;
  return new RegExp(`(?<!\\d)${characters.join("[\\s-]?")}(?!\\d)`, "g");
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
