import { Resolver } from "node:dns/promises";
import { canonicalDnsName, type DnsRecordData } from "./records";

/**
 * Whether a DNS server answers a record already. A server that does not answer at all says no.
 * @param server `host` or `host:port`, as config `bimi:resolver` has it
 */
export async function isVisible({ name, type, content }: DnsRecordData, server: string): Promise<boolean> {
  const resolver = new Resolver({ timeout: 3000, tries: 2 });
  resolver.setServers([server]);
  try {
    if (type === "TXT") return (await resolver.resolveTxt(name)).some((strings) => strings.join("") === content);
    return (await resolver.resolveCname(name)).some((target) => canonicalDnsName(target) === canonicalDnsName(content));
  } catch {
    return false;
  }
}
