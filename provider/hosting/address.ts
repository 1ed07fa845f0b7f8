import ipaddr from "ipaddr.js";

/** All that is assigned for unicast on the Internet; what lies outside is for other purposes or for nobody yet. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * What an IP address is instead of one on the public Internet: `private`, `loopback`, `linkLocal`, …; `undefined` if it
 * is public. IPv4 inside of IPv6 (mapped, NAT64, 6to4, Teredo) is never public: it could be any address.
 */
export function nonPublicKind(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return "invalid";
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range !== "unicast") return range;
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(globalUnicast)) return "reserved";
  return undefined;
}
