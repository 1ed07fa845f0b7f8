import { isIP } from "node:net";
import { readable } from "../readable";
import { parseUrl } from "../url";
import { canonicalDnsName, dnsNameProblem, MAX_LABEL, MAX_NAME } from "./dnsName";

/** The selector that receivers use for mail without a `BIMI-Selector` header. */
export const DEFAULT_SELECTOR = "default";

/** The two files that a BIMI assertion record points to. Empty or absent means none. */
export interface BimiPair {
  /** `l=`: https URL of the SVG that is shown. */
  logoUrl?: string;
  /** `a=`: https URL of the PEM chain that proves it. Without it the record is self-asserted. */
  certificateUrl?: string;
}

/** A parsed BIMI assertion record. */
export interface BimiAssertion {
  /** `l=`, as written; empty if the domain declines. */
  logoUrl: string;
  /** `a=`, as written; empty if the record is self-asserted. */
  certificateUrl: string;
  /** Every tag in order of appearance, `v`, `l` and `a` included. */
  tags: Record<string, string>;
}

/**
 * The owner name of a domain's BIMI record, `<selector>._bimi.<domain>`
 * (draft-brand-indicators-for-message-identification, "Assertion Record Discovery").
 *
 * @param selector default `default`; may hold dots.
 */
export function bimiRecordName(domain: string, selector: string = DEFAULT_SELECTOR): string {
  return canonicalDnsName(`${selector}._bimi.${canonicalDnsName(domain)}`);
}

/**
 * The text of a BIMI assertion record, `v=BIMI1; l=<url>; a=<url>;`. Commas and semicolons in a URL are
 * percent-encoded, as they would end it; nothing else is changed.
 *
 * @example bimiAssertion({ logoUrl: "https://example.com/logo.svg" }) // "v=BIMI1; l=https://example.com/logo.svg; a=;"
 */
export function bimiAssertion({ logoUrl = "", certificateUrl = "" }: BimiPair): string {
  return `v=BIMI1; l=${encodeSeparators(logoUrl)}; a=${encodeSeparators(certificateUrl)};`;
}

/**
 * Why a URL cannot stand in `l=` or `a=`, with the remedy; `undefined` if it can. Receivers fetch https only, from a
 * fully qualified host name, and take the URL as written.
 */
export function assertionUrlProblem(url: string): string | undefined {
  if (url === "") return "The URL is empty. Leave the property out if there is none.";
  const unsafe = /[\s"<>\\^`{|}]/.exec(url)?.[0];
  if (unsafe) return `The URL holds ${/\s/.test(unsafe) ? "white space" : unsafe}. Percent-encode or remove it.`;
  if (/[^\u0021-\u007e]/.test(url)) {
    const parsed = parseUrl(url);
    const suggestion = parsed ? ` Write ${parsed.href}` : " Percent-encode its path and give its host as A-label.";
    return `The URL is not ASCII.${suggestion}`;
  }
  if (!/^https:\/\/[^/]/i.test(url)) {
    return `Mail receivers fetch https only. Give a URL that starts with https://${/^http:/i.test(url) ? " and serve the file there" : ""}.`;
  }
  const parsed = parseUrl(url);
  if (!parsed) return "This is not a valid URL. Give one such as https://example.com/logo.svg.";
  const { hostname, username, password } = parsed;
  if (username || password)
    return "The URL holds a user name or password, which everyone could read in DNS. Remove it.";
  if (isIP(hostname.replace(/^\[(.*)\]$/, "$1"))) {
    return "The host is an IP address. Give a host name, for example https://example.com/logo.svg.";
  }
  if (!hostname.includes(".") || hostProblem(hostname)) {
    return `The host ${hostname} is not a fully qualified public domain name. Host the file where every mail receiver can fetch it.`;
  }
  return undefined;
}

/**
 * What is unwise about a valid URL of `l=` (`logo`) or `a=` (`certificate`): some receivers refuse other file name
 * extensions and ports. `undefined` if nothing is.
 */
export function assertionUrlWarning(url: string, kind: "logo" | "certificate"): string | undefined {
  const { pathname, port, hash } = new URL(url);
  if (kind === "logo" && !/\.svgz?$/i.test(pathname)) {
    return "The logo's URL does not end in .svg; some mail receivers refuse it. Give the file that extension.";
  }
  if (kind === "certificate" && !/\.pem$/i.test(pathname)) {
    return "The certificate's URL does not end in .pem; some mail receivers refuse it. Give the file that extension.";
  }
  if (port !== "") return `The URL names port ${port}; some mail receivers fetch from port 443 only.`;
  if (hash !== "") return "The URL has a fragment (#…), which is never sent to the server. Remove it.";
  return undefined;
}

/**
 * Why a selector cannot be used for a domain, with the remedy; `undefined` if it can. A selector is one or more labels
 * of letters, digits and hyphens, at most 63 characters each.
 *
 * @param domain when given, the whole name `<selector>._bimi.<domain>` must fit DNS, too.
 */
export function selectorProblem(selector: string, domain?: string): string | undefined {
  if (selector === "") return `The selector is empty. Leave it out for "${DEFAULT_SELECTOR}".`;
  if (/(^|\.)_bimi(\.|$)/i.test(selector)) {
    return `The selector is only what stands before ._bimi. Give for example "${DEFAULT_SELECTOR}".`;
  }
  for (const label of selector.split(".")) {
    if (label === "") return "A label of the selector is empty. Write it with single dots between its labels.";
    if (label.length > MAX_LABEL) {
      return `The selector's label "${label.slice(0, 20)}…" has ${label.length} characters; DNS allows ${MAX_LABEL}.`;
    }
    if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i.test(label)) {
      return `The selector's label "${label}" may hold letters and digits, and hyphens between them, only.`;
    }
  }
  const name = domain === undefined ? `${selector}._bimi` : bimiRecordName(domain, selector);
  if (name.length > MAX_NAME) {
    return `The record's name ${name.slice(0, 40)}… has ${name.length} characters; DNS allows ${MAX_NAME}. Use a shorter selector.`;
  }
  return undefined;
}

/**
 * Reads a BIMI assertion record as strictly as a mail receiver should: receivers must not repair one.
 *
 * @throws Error that says what is wrong: `v=BIMI1` not first, a tag twice, `l=` missing, more than one URL, a URL that
 * cannot be fetched.
 */
export function parseBimiAssertion(txt: string): BimiAssertion {
  const problem = (what: string) => new Error(readable(`${what}: ${txt}`));
  const parts = txt.split(";").map((part) => part.trim());
  if (parts.length > 1 && parts.at(-1) === "") parts.pop();

  const tags: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const equals = part.indexOf("=");
    const tag = part.slice(0, Math.max(equals, 0)).trim();
    const value = part.slice(equals + 1).trim();
    if (index === 0 && (tag !== "v" || value !== "BIMI1")) {
      throw problem("Not a BIMI record, it does not start with v=BIMI1");
    }
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(tag) || /[\n\r\u2028\u2029]/.test(value)) {
      throw problem(`BIMI record with something that is not tag=value ("${readable(part, 100)}")`);
    }
    if (Object.hasOwn(tags, tag)) throw problem(`BIMI record with ${readable(tag, 100)}= twice`);
    tags[tag] = value;
  }
  if (tags.l === undefined) throw problem("BIMI record without l=");

  for (const tag of ["l", "a"]) {
    const value = tags[tag] ?? "";
    if (value === "") continue;
    if (value.includes(",")) throw problem(`BIMI record with more than one URL in ${tag}=`);
    const bad = assertionUrlProblem(value);
    if (bad) throw new Error(readable(`BIMI record with a bad ${tag}=. ${readable(bad, 300)} ${txt}`));
  }
  return { logoUrl: tags.l, certificateUrl: tags.a ?? "", tags };
}

function encodeSeparators(url: string): string {
  return url.replaceAll(",", "%2C").replaceAll(";", "%3B");
}

/** Hosts may have underscores, which certificates' names may not. */
function hostProblem(hostname: string): string | undefined {
  return dnsNameProblem(hostname.replaceAll("_", "x"));
}
