import "reflect-metadata";
import { createHash, type webcrypto as WebCrypto, webcrypto } from "node:crypto";
import { gzipSync } from "node:zlib";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier } from "@peculiar/asn1-x509";
import {
  HashAlgAndValue,
  id_pe_logotype,
  LogotypeData,
  LogotypeDetails,
  LogotypeExtn,
  LogotypeImage,
  LogotypeInfo,
} from "@peculiar/asn1-x509-logotype";
import * as x509 from "@peculiar/x509";

export const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps"/>\n');

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const markPurpose = "1.3.6.1.5.5.7.3.31";

/** What a certificate made for a test says; nothing checks that it makes sense. */
export interface Forgery {
  name: string;
  ca?: boolean;
  pathLength?: number;
  /** Default: of mark certificates, none for a root. */
  keyPurposes?: string[];
  dnsNames?: string[];
  markTypes?: string[];
  /** The value of the logotype extension. */
  logotype?: ArrayBuffer;
  logotypeCritical?: boolean;
  notBefore?: Date;
  notAfter?: Date;
  /** Authority key identifier; default the issuer's. */
  authorityKeyId?: string;
  /** A key usage extension that allows digital signatures only. */
  signsNoCertificates?: boolean;
}

export interface Forged {
  pem: string;
  name: string;
  subject: x509.JsonNameParams;
  keys: WebCrypto.CryptoKeyPair;
}

/** One certificate, signed by the issuer or by itself. */
export async function forge(forgery: Forgery, issuer?: Forged): Promise<Forged> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const subject: x509.JsonNameParams = [{ CN: [forgery.name] }];
  for (const markType of forgery.markTypes ?? []) {
    subject.push({ "1.3.6.1.4.1.53087.1.13": [{ printableString: markType }] });
  }
  const keyPurposes = forgery.keyPurposes ?? (issuer ? [markPurpose] : []);
  const extensions: x509.Extension[] = [
    new x509.BasicConstraintsExtension(forgery.ca ?? false, forgery.pathLength, true),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
    forgery.authorityKeyId
      ? new x509.AuthorityKeyIdentifierExtension(forgery.authorityKeyId)
      : await x509.AuthorityKeyIdentifierExtension.create((issuer?.keys ?? keys).publicKey, false, webcrypto),
  ];
  if (forgery.signsNoCertificates) {
    extensions.push(new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true));
  }
  if (keyPurposes.length > 0) extensions.push(new x509.ExtendedKeyUsageExtension(keyPurposes));
  if (forgery.dnsNames) {
    const names = forgery.dnsNames.map((value) => ({ type: "dns" as const, value }));
    extensions.push(new x509.SubjectAlternativeNameExtension(names));
  }
  if (forgery.logotype) {
    extensions.push(new x509.Extension(id_pe_logotype, forgery.logotypeCritical ?? false, forgery.logotype));
  }
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: new x509.Name(subject),
      issuer: new x509.Name(issuer?.subject ?? subject),
      notBefore: forgery.notBefore ?? new Date("2026-01-01T00:00:00Z"),
      notAfter: forgery.notAfter ?? new Date("2027-01-01T00:00:00Z"),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: (issuer?.keys ?? keys).privateKey,
      extensions,
    },
    webcrypto,
  );
  return { pem: `${certificate.toString("pem").trim()}\n`, name: forgery.name, subject, keys };
}

/** Bears the name of a certificate whose key it does not have. */
export async function impersonate(pem: string): Promise<Forged & { keyId: string }> {
  const victim = new x509.X509Certificate(pem);
  const impostor = await forge({ name: "Impostor", ca: true });
  const keyId = victim.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId ?? "";
  return { ...impostor, subject: victim.subjectName.toJSON(), keyId };
}

/** A chain that verifies, but for what is changed. */
export async function forgeChain(
  changes: { leaf?: Partial<Forgery>; intermediate?: Partial<Forgery>; root?: Partial<Forgery> } = {},
): Promise<{ leaf: Forged; intermediate: Forged; root: Forged; pem: string }> {
  const root = await forge({ name: "Test Mark Root", ca: true, ...changes.root });
  const intermediate = await forge({ name: "Test Mark CA", ca: true, pathLength: 0, ...changes.intermediate }, root);
  const leaf = await forge(
    {
      name: "Example, Inc.",
      dnsNames: ["example.com"],
      markTypes: ["Registered Mark"],
      logotype: logotype({}),
      ...changes.leaf,
    },
    intermediate,
  );
  return { leaf, intermediate, root, pem: leaf.pem + intermediate.pem + root.pem };
}

export interface LogotypeForgery {
  /** Default: the gzipped SVG as a data URI. */
  uri?: string;
  /** What is hashed; default the SVG. */
  hashed?: Buffer;
  /** Object identifier and name for node:crypto of the hash. */
  hash?: [oid: string, name: string];
  images?: number;
}

export function logotype({ uri, hashed = svg, hash, images = 1 }: LogotypeForgery): ArrayBuffer {
  const [oid, name] = hash ?? ["2.16.840.1.101.3.4.2.1", "sha256"];
  const imageDetails = new LogotypeDetails({
    mediaType: "image/svg+xml",
    logotypeHash: [
      new HashAlgAndValue({
        hashAlg: new AlgorithmIdentifier({ algorithm: oid, parameters: null }),
        hashValue: new OctetString(createHash(name).update(hashed).digest()),
      }),
    ],
    logotypeURI: [uri ?? dataUri(svg)],
  });
  const image = Array.from({ length: images }, () => new LogotypeImage({ imageDetails }));
  const direct = new LogotypeData({ image });
  return AsnConvert.serialize(new LogotypeExtn({ subjectLogo: new LogotypeInfo({ direct }) }));
}

export function dataUri(data: Buffer): string {
  return `data:image/svg+xml;base64,${gzipSync(data).toString("base64")}`;
}
