import "reflect-metadata";
import { webcrypto } from "node:crypto";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import type { AddressInfo, Server } from "node:net";
import * as x509 from "@peculiar/x509";
import { internet, type Network } from "../../../provider/hosting";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A certification authority for TLS that only the test trusts. */
export class TestAuthority {
  private constructor(
    readonly ca: string,
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly name: string,
  ) {}

  static async create(): Promise<TestAuthority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const name = "CN=Test TLS Root";
    const extensions = [new x509.BasicConstraintsExtension(true, undefined, true)];
    const certificate = await x509.X509CertificateGenerator.createSelfSigned(
      { name, keys, signingAlgorithm: algorithm, extensions, ...validity },
      webcrypto,
    );
    return new TestAuthority(certificate.toString("pem"), keys, name);
  }

  /** Key and certificate of a server. */
  async issue(dnsNames: string[], addresses: string[] = []): Promise<{ key: string; cert: string }> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const names = [
      ...dnsNames.map((value) => ({ type: "dns" as const, value })),
      ...addresses.map((value) => ({ type: "ip" as const, value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject: "CN=Test server",
        issuer: this.name,
        publicKey: keys.publicKey,
        signingKey: this.keys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [new x509.SubjectAlternativeNameExtension(names)],
        ...validity,
      },
      webcrypto,
    );
    const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    return {
      key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
      cert: certificate.toString("pem"),
    };
  }
}

const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };

/** A server on loopback that keeps what it was asked. */
export class Site {
  readonly requests: Pick<IncomingMessage, "method" | "url" | "rawHeaders">[] = [];

  private constructor(
    private readonly server: Server & { closeAllConnections(): void },
    readonly port: number,
  ) {}

  static async start(listener: RequestListener, tls?: ServerOptions): Promise<Site> {
    let site: Site;
    const noted: RequestListener = (request, response) => {
      site.requests.push(request);
      listener(request, response);
    };
    const server = tls ? createServer(tls, noted) : createHttpServer(noted);
    server.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    site = new Site(server, (server.address() as AddressInfo).port);
    return site;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A network in which every name is this machine, and this machine is a public one. */
export function networkAt(ca: string, changes: Partial<Network> = {}): Network {
  return {
    resolve: async () => [{ address: "127.0.0.1", family: 4 }],
    nonPublicKind: (address) => (address === "127.0.0.1" ? undefined : internet.nonPublicKind(address)),
    ca,
    ...changes,
  };
}
