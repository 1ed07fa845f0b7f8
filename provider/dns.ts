import { lookup, Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { canonicalDnsName, type DnsRecordData } from "./records";

/**
 * Whether a DNS server answers a record already. A server that does not answer at all says no.
 * @param server `host` or `host:port`, as config `bimi:resolver` has it
 */
export async function isVisible({ name, type, content }: DnsRecordData, server: string): Promise<boolean> {
  try {
    const resolver = new Resolver({ timeout: 3000, tries: 2 });
    resolver.setServers([await addressOf(server)]);
    if (type === "TXT") return (await resolver.resolveTxt(name)).some((strings) => strings.join("") === content);
    return (await resolver.resolveCname(name)).some((target) => canonicalDnsName(target) === canonicalDnsName(content));
  } catch {
    return false;
  }
}

/** `Resolver` takes addresses only. */
export async function addressOf(server: string): Promise<string> {
  if (isIP(server) || server.startsWith("[")) return server;
  const [host = "", port] = server.split(":");
  const { address, family } = isIP(host) ? { address: host, family: isIP(host) } : await lookup(host);
  const literal = family === 6 ? `[${address}]` : address;
  return port === undefined ? address : `${literal}:${port}`;
}
