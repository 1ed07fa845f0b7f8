const REPLACEMENT = "[redacted]";
/** Secrets at least so long cannot be met by chance: they are looked for in every spelling, and in all that DigiCert says. */
const UNMISTAKABLE = 12;
/** What people put between groups of digits, also URL- and HTML-encoded. */
const GAP = "(?:%20|&nbsp;|[^0-9A-Za-z]){0,3}";

/**
 * Takes out of texts what was sent in confidence: the API key, and of every card its number, CVV and holder. Answers may repeat it,
 * grouped, URL- or JSON-encoded or in base64; those to later calls too. The last digits of a card, as receipts have them, stay.
 */
export class Redactor {
  /** Private like the key itself: patterns hold what they look for. */
  readonly #sources = { all: new Set<string>(), unmistakable: new Set<string>() };
  #all = NOTHING;
  #unmistakable = NOTHING;

  constructor(apiKey: string) {
    if (apiKey !== "") this.#add(spellings(apiKey), apiKey.length >= UNMISTAKABLE);
  }

  /** Takes note of the card in the body of a request. */
  learn(json: unknown): void {
    if (!isObject(json) || !isObject(json.credit_card)) return;
    const { number, cvv, cardholder_name: holder } = json.credit_card;
    for (const part of [number, cvv].filter(isDigits).map(String)) {
      const digits = part.replace(/\D/g, "");
      if (digits.length >= UNMISTAKABLE) {
        this.#add([[...digits].join(GAP), ...base64(part), ...base64(digits)], true);
      } else if (digits !== "") {
        // Short as it is, it may be a part of any number. As a number it has lost its leading zeros.
        this.#add([digits, digits.padStart(3, "0")].map((spelled) => `(?<!\\d)${[...spelled].join("[\\s-]?")}(?!\\d)`));
      }
    }
    if (typeof holder !== "string" || holder.trim().length < 3) return;
    const name = holder.trim().split(/\s+/).map(anyCase).join("(?:\\s|%20|\\+)+");
    this.#add([`(?<![\\p{L}\\d])${name}(?![\\p{L}\\d])`, ...base64(holder)]);
  }

  /** A text for people: an error, a line. */
  text(text: string): string {
    return text.replace(this.#all, REPLACEMENT);
  }

  /**
   * Parses an answer. What it repeats gets no further, into an output or a line; only what cannot be anything else is replaced.
   * @throws SyntaxError
   */
  parse(text: string): unknown {
    const value = JSON.parse(text);
    // Few answers need the second look, which is recursive: it must not be what fails at a deep one.
    if (text.search(this.#unmistakable) === -1 && !/\\u00[2-7]/.test(text)) return value;
    return JSON.parse(text, (_name, value) => {
      if (typeof value !== "string" && typeof value !== "number") return value;
      const spelled = String(value);
      const redacted = spelled.replace(this.#unmistakable, REPLACEMENT);
      return redacted === spelled ? value : redacted;
    });
  }

  #add(patterns: string[], unmistakable = false): void {
    for (const pattern of patterns) {
      this.#sources.all.add(pattern);
      if (unmistakable) this.#sources.unmistakable.add(pattern);
    }
    this.#all = anyOf(this.#sources.all);
    this.#unmistakable = anyOf(this.#sources.unmistakable);
  }
}

/** A text as it is, in a URL and in JSON; a long one also in base64, and in capitals or not. */
function spellings(secret: string): string[] {
  const isLong = secret.length >= UNMISTAKABLE;
  const json = JSON.stringify(secret).slice(1, -1);
  const plain = [secret, encodeURIComponent(secret), json, json.replaceAll("/", "\\/")].map(
    isLong ? anyCase : literally,
  );
  return isLong ? [...plain, ...base64(secret)] : plain;
}

/** A text inside base64, at each of the three places in a group of bytes where it may begin; of short ones too little is left. */
function base64(secret: string): string[] {
  const bytes = Buffer.from(secret);
  if (bytes.length < 6) return [];
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    // The characters at the ends also hold bits of the neighbours.
    const own = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return literally(own).replaceAll("\\+", "[+-]").replaceAll("\\/", "[/_]");
  });
}

const NOTHING = /(?!)/g;

function anyOf(patterns: Set<string>): RegExp {
  // The longest first: one may begin with another.
  return new RegExp([...patterns].sort((a, b) => b.length - a.length).join("|") || "(?!)", "gu");
}

function anyCase(word: string): string {
  return [...word]
    .map((char) => {
      const cases = new Set([char, char.toLowerCase(), char.toUpperCase()].filter((form) => [...form].length === 1));
      return cases.size === 1 ? literally(char) : `[${[...cases].join("")}]`;
    })
    .join("");
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function isDigits(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
