import type { LookupAddress } from "node:dns";
import { lookup, Resolver } from "node:dns/promises";
import { addressOf } from "../dns";
import { nonPublicKind } from "./address";

/** How a guarded fetch reaches hosts. */
export interface Network {
  /** Every address of a host name. */
  resolve(hostname: string): Promise<LookupAddress[]>;
  /** What an address is if nothing may be fetched from it, else `undefined`. */
  nonPublicKind(address: string): string | undefined;
  /** Certificate authorities to trust for TLS, as PEM. Default: those of Node.js and `NODE_EXTRA_CA_CERTS`. */
  ca?: string;
}

/** The public Internet. */
export const internet: Network = { resolve: (hostname) => lookup(hostname, { all: true }), nonPublicKind };

/**
 * The Internet as a DNS server sees it: hosts that it does not know are looked up as usual, since it may serve a single zone.
 * @param server `host` or `host:port`
 */
export function networkOf(server: string | undefined, allowPrivate = false, base = internet): Network {
  return {
    ...base,
    ...(server === undefined
      ? {}
      : { resolve: async (hostname) => (await addressesAt(server, hostname)) ?? base.resolve(hostname) }),
    ...(allowPrivate ? { nonPublicKind: () => undefined } : {}),
  };
}

async function addressesAt(server: string, hostname: string): Promise<LookupAddress[] | undefined> {
  try {
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    resolver.setServers([await addressOf(server)]);
    const [v4, v6] = await Promise.all([
      resolver.resolve4(hostname).catch(() => []),
      resolver.resolve6(hostname).catch(() => []),
    ]);
    const addresses = [
      ...v4.map((address) => ({ address, family: 4 })),
      ...v6.map((address) => ({ address, family: 6 })),
    ];
    return addresses.length > 0 ? addresses : undefined;
  } catch {
    return undefined;
  }
}
