import { isIP } from "node:net";
import { domainToASCII } from "node:url";

/**
 * The one spelling of a DNS name that is compared, sent and stored: trimmed, lower-case, without the trailing dot,
 * internationalised labels as A-labels (RFC 5890). A name that has no such spelling comes back lower-cased;
 * {@link dnsNameProblem} says why.
 *
 * @example canonicalDnsName(" Bücher.Example. ") // "xn--bcher-kva.example"
 */
export function canonicalDnsName(name: string): string {
  const trimmed = name.trim().toLowerCase();
  // Only when needed: domainToASCII reads numbers as an IPv4 address ("1.2" becomes "1.0.0.2").
  const ascii = isAscii(trimmed) ? trimmed : domainToASCII(trimmed) || trimmed;
  return ascii.endsWith(".") ? ascii.slice(0, -1) : ascii;
}

/**
 * Why a name cannot be a DNS name of a mark certificate, with the remedy; `undefined` if it can.
 * Mark certificates name each domain in full: no wildcard, IP address, internal name or underscore
 * (Minimum Security Requirements for Issuance of Mark Certificates, subjectAltName).
 */
export function dnsNameProblem(name: string): string | undefined {
  const canonical = canonicalDnsName(name);
  const form = otherFormProblem(canonical);
  if (form) return form;

  const labels = canonical.split(".");
  if (labels.includes("")) {
    return `A label is empty (two dots in a row, or one at the start). Write the name with single dots${EXAMPLE}.`;
  }
  if (canonical.includes("*")) {
    return `A wildcard cannot be in a mark certificate. List each domain that sends mail by its name${EXAMPLE}.`;
  }
  if (canonical.includes("_")) {
    return (
      'A name with "_" cannot be in a mark certificate. Give the mail domain itself, ' +
      "without a prefix such as _dmarc or default._bimi."
    );
  }
  if (!isAscii(canonical)) {
    return "This is not a valid internationalised domain name (RFC 5891). Check its spelling, or give its A-label form (xn--…).";
  }
  const bad = /[^a-z0-9.-]/.exec(canonical)?.[0];
  if (bad) {
    return `The character ${JSON.stringify(bad)} cannot be in a domain name. Use letters, digits, hyphens and dots only${EXAMPLE}.`;
  }
  const hyphened = labels.find((label) => label.startsWith("-") || label.endsWith("-"));
  if (hyphened) {
    return `The label "${hyphened}" starts or ends with a hyphen (RFC 1123 section 2.1). Check the name's spelling.`;
  }
  const long = labels.find((label) => label.length > MAX_LABEL);
  if (long) {
    return `The label "${long.slice(0, 20)}…" has ${long.length} characters; DNS allows ${MAX_LABEL}. Use a shorter name.`;
  }
  if (canonical.length > MAX_NAME) {
    return `The name has ${canonical.length} characters; DNS allows ${MAX_NAME}. Use a shorter name.`;
  }
  const badALabel = labels.find((label) => label.startsWith("xn--") && domainToASCII(label) === "");
  if (badALabel) {
    return `"${badALabel}" is not a valid A-label (RFC 5890). Give the name in its own script; it is converted for you.`;
  }
  if (labels.length === 1) {
    return `A name without a dot is internal and cannot be in a mark certificate. Give the full public domain${EXAMPLE}.`;
  }
  if (/^[0-9]+$/.test(labels.at(-1)!)) {
    return `A name that ends in a number is read as an IP address. Give the domain that sends mail${EXAMPLE}.`;
  }
  const internal = INTERNAL_ZONES.find((zone) => isSubdomain(canonical, zone));
  if (internal) {
    return `Names under .${internal} are internal and cannot be in a mark certificate. Give the public domain that sends mail.`;
  }
  return undefined;
}

/**
 * Whether `name` is `of` or lies below it (contained in that domain, RFC 1034 section 3.1).
 *
 * @example isSubdomain("mail.example.com", "example.com") // true
 * @example isSubdomain("badexample.com", "example.com") // false
 */
export function isSubdomain(name: string, of: string): boolean {
  const child = canonicalDnsName(name);
  const parent = canonicalDnsName(of);
  return parent !== "" && (child === parent || child.endsWith(`.${parent}`));
}

/**
 * The zone that holds `name`: the longest of `zoneNames` that is the name or an ancestor of it, spelled as given;
 * `undefined` if none is.
 *
 * @example longestZone("a.mail.example.com", ["example.com", "mail.example.com"]) // "mail.example.com"
 */
export function longestZone(name: string, zoneNames: readonly string[]): string | undefined {
  let longest: string | undefined;
  for (const zone of zoneNames) {
    if (!isSubdomain(name, zone)) continue;
    if (longest === undefined || canonicalDnsName(zone).length > canonicalDnsName(longest).length) longest = zone;
  }
  return longest;
}

/** RFC 1035 section 2.3.4. */
export const MAX_LABEL = 63;
/** Characters of a name in text form without the trailing dot; 255 bytes on the wire. */
export const MAX_NAME = 253;

const EXAMPLE = ", for example example.com";

// The names of documentation and tests (.test, .example) are missing on purpose: stacks that run against the
// simulator use them, and DigiCert refuses them anyway.
const INTERNAL_ZONES = [
  "local",
  "localhost",
  "localdomain",
  "internal",
  "intranet",
  "lan",
  "home",
  "corp",
  "private",
  "onion",
  "invalid",
  "home.arpa",
  "in-addr.arpa",
  "ip6.arpa",
];

/** What people paste instead of a domain. */
function otherFormProblem(name: string): string | undefined {
  if (name === "") return `The name is empty. Give the domain that sends mail${EXAMPLE}.`;
  if (isIP(name.replace(/^\[(.*)\]$/, "$1").replace(/\/\d+$/, ""))) {
    return `An IP address cannot be in a mark certificate. Give the domain that sends mail${EXAMPLE}.`;
  }
  const url = /^(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/?#]*@)?([^/?#:]*)/.exec(name);
  if (url) return `This is a URL. Give only its host${url[1] ? `: ${url[1]}` : EXAMPLE}.`;
  const mail = /^(?:mailto:)?[^@]*@(.*)$/.exec(name);
  if (mail) return `This is an email address. Give only its domain${mail[1] ? `: ${mail[1]}` : EXAMPLE}.`;
  const path = /^([^/?#]*)[/?#]/.exec(name);
  if (path) return `This has a path. Give only the host${path[1] ? `: ${path[1]}` : EXAMPLE}.`;
  const port = /^([^:]*):\d*$/.exec(name);
  if (port) return `A name in a certificate has no port. Give only the host${port[1] ? `: ${port[1]}` : EXAMPLE}.`;
  if (/[\s,;]/.test(name)) return `This holds more than one name, or a space. Give each domain as an item of its own.`;
  return undefined;
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range
  return /^[\u0000-\u007f]*$/.test(text);
}
