import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { gunzipSync } from "node:zlib";
import type { Simulator, State } from "../../simulator";
import { Wire } from "./support";

/** A mark certificate, read as a mail receiver reads it and without this package's own code. */
interface Evidence {
  serialNumber: string;
  names: string[];
  notBefore: number;
  notAfter: number;
  logo: Buffer;
}

/** What a name asserted when it was looked at. */
export interface Sight {
  name: string;
  at: string;
  logoUrl: string;
  certificateUrl: string;
  /** The certificate behind `a=`, if there is one. */
  serialNumber?: string;
}

/**
 * A mail receiver that asks the DNS server for assertions, fetches what they point at, and accepts a pair only if it is
 * one: the logo's bytes are those in a certificate that is valid at that time, covers the name and is not revoked.
 * A name that was published once has to stay so.
 */
export class Receiver {
  /** How many times a name was looked at. */
  samples = 0;
  private readonly wire: Wire;
  private readonly published = new Set<string>();
  private readonly evidence = new Map<string, Evidence>();
  private revoked = new Set<string>();
  private hosted = new Map<string, Buffer>();

  /** @param web what the user serves, by URL */
  constructor(
    private readonly simulator: Simulator,
    private readonly web: ReadonlyMap<string, Buffer>,
  ) {
    this.wire = new Wire(simulator);
  }

  /** Looks at what DigiCert serves and has revoked; it changes only when somebody does something. */
  async catchUp(): Promise<void> {
    const { certcentral } = await this.simulator.control.dump();
    this.hosted = hostedFiles(certcentral);
    const revoked = certcentral.certificates.filter(({ status }) => status === "revoked");
    this.revoked = new Set(revoked.map(({ issued }) => issued!.serialNumber.toUpperCase()));
  }

  /** One look at each name. */
  async look(names: readonly string[], at: string): Promise<Sight[]> {
    return Promise.all(names.map((name) => this.lookAt(name, at)));
  }

  private async lookAt(name: string, at: string): Promise<Sight> {
    this.samples++;
    const texts = await this.wire.txt(`default._bimi.${name}`);
    const sight = `${name} at ${at}: ${texts.join(" | ") || "no assertion"}`;
    const [, logoUrl = "", certificateUrl = ""] =
      (texts.length === 1 && /^v=BIMI1; l=(\S*); a=(\S*);$/.exec(texts[0]!)) || [];
    if (texts.length > 0) assert.match(texts.join(" | "), /^v=BIMI1; l=\S*; a=\S*;$/, sight);
    if (certificateUrl === "") {
      assert.ok(!this.published.has(name), `${sight}: was published before`);
      return { name, at, logoUrl, certificateUrl };
    }
    this.published.add(name);
    const { serialNumber, names, notBefore, notAfter, logo } = this.read(this.fetch(certificateUrl, sight));
    assert.ok(notBefore <= Date.parse(at) && Date.parse(at) <= notAfter, `${sight}: not valid then`);
    assert.ok(names.includes(name), `${sight}: the certificate covers ${names}`);
    assert.ok(!this.revoked.has(serialNumber), `${sight}: revoked`);
    assert.ok(this.fetch(logoUrl, sight).equals(logo), `${sight}: the logo is not the certificate's`);
    return { name, at, logoUrl, certificateUrl, serialNumber };
  }

  private fetch(url: string, sight: string): Buffer {
    const bytes = this.web.get(url) ?? this.hosted.get(url);
    assert.ok(bytes, `${sight}: nothing is served at ${url}`);
    return bytes;
  }

  private read(chain: Buffer): Evidence {
    const pem = chain.toString();
    const known = this.evidence.get(pem);
    if (known) return known;
    const leaf = new X509Certificate(pem);
    const [, logotype] = /data:image\/svg\+xml;base64,([A-Za-z0-9+/=]+)/.exec(leaf.raw.toString("latin1")) ?? [];
    assert.ok(logotype, "the certificate holds a logo");
    const found = {
      serialNumber: leaf.serialNumber.toUpperCase(),
      names: (leaf.subjectAltName ?? "").split(", ").map((name) => name.replace(/^DNS:/, "")),
      notBefore: Date.parse(leaf.validFrom),
      notAfter: Date.parse(leaf.validTo),
      logo: gunzipSync(Buffer.from(logotype, "base64")),
    };
    this.evidence.set(pem, found);
    return found;
  }
}

/** What DigiCert serves of orders with hosting: every certificate, and the logo that it was issued for. */
function hostedFiles({ orders, certificates, logos }: State): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const { orderId, issued } of certificates) {
    const order = orders.find(({ id }) => id === orderId);
    const logo = logos.find(({ id }) => id === order?.logoId);
    if (!order?.enableHosting || !issued || !logo) continue;
    const base = `https://hosted.simulator.invalid/${order.id}/${issued.serialNumber.toLowerCase()}`;
    files.set(`${base}.pem`, Buffer.from(issued.chainPem));
    files.set(`${base}.svg`, Buffer.from(logo.svg, "base64"));
  }
  return files;
}
