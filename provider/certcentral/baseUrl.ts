import type { LookupFunction } from "node:net";
import { readable } from "../readable";
import { parseUrl } from "../url";

/**
 * An API's base URL, to which a key will be sent: https, or http on this machine.
 * @param whose `DigiCert's base URL (bimi:baseUrl)`, for messages
 * @throws Error that does not repeat what may be a password
 */
export function parseBaseUrl(text: string, whose: string, remedy: string): URL {
  const url = parseUrl(text.trim());
  if (!url) throw new Error(`${whose} is not a URL. ${remedy}`);
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new Error(`${whose} must not hold a user, a password, a query or a fragment. ${remedy}`);
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopbackHost(url.hostname))) {
    throw new Error(
      `${whose}, ${readable(`${url.protocol}//${url.host}`, 100)}, is not https, which only a loopback address may be. ${remedy}`,
    );
  }
  return url;
}

/** Whether a base URL is of this machine, thus of a simulator. */
export function isLoopbackUrl(text: string): boolean {
  const url = parseUrl(text.trim());
  return url !== undefined && /^https?:$/.test(url.protocol) && isLoopbackHost(url.hostname);
}

/** As `URL` spells hosts: `127.1` and `2130706433` are 127.0.0.1 there. A name that only resolves to this machine is none. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** `localhost` is this machine, whatever a resolver says. */
export const lookupOnThisMachine: LookupFunction = (_hostname, { all }, callback) => {
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  if (all) callback(null, addresses);
  else callback(null, "127.0.0.1", 4);
};
