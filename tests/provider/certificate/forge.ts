import "reflect-metadata";
import { createHash, randomBytes, type webcrypto as WebCrypto, webcrypto } from "node:crypto";
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
import { simulatorLog } from "../../../provider/certificate/logs";
import { SIMULATED_LOG_PHRASE, type SigningLog, timestampExtension } from "../../../simulator/ctLog";
import { derivedKeys } from "../../../simulator/pki";

/** A logo that nobody finds fault with. */
export const svg =
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64">
<title>Example</title>
<rect width="64" height="64" fill="#00aa55"/>
<circle cx="32" cy="32" r="20" fill="#ffffff"/>
</svg>
`);

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
  /** Attributes of the subject beside name and mark types, by object identifier. */
  attributes?: Record<string, string>;
  policies?: string[];
  crlUrls?: string[];
  /** Which log says when that it has the certificate; default none. */
  logged?: { at?: Date; by?: SigningLog };
  /** Further extensions. */
  others?: x509.Extension[];
  /** Of the key and of what it signs. */
  algorithm?: typeof algorithm | WebCrypto.RsaHashedKeyGenParams;
}

export interface Forged {
  pem: string;
  name: string;
  subject: x509.JsonNameParams;
  keys: WebCrypto.CryptoKeyPair;
  algorithm: NonNullable<Forgery["algorithm"]>;
}

/** One certificate, signed by the issuer or by itself. */
export async function forge(forgery: Forgery, issuer?: Forged): Promise<Forged> {
  const keyAlgorithm = forgery.algorithm ?? algorithm;
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ["sign", "verify"]);
  const subject: x509.JsonNameParams = [{ CN: [forgery.name] }];
  for (const [type, value] of Object.entries(forgery.attributes ?? {}))
    subject.push({ [type]: [{ utf8String: value }] });
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
  if (forgery.policies) extensions.push(new x509.CertificatePolicyExtension(forgery.policies));
  if (forgery.crlUrls) extensions.push(new x509.CRLDistributionPointsExtension(forgery.crlUrls));
  extensions.push(...(forgery.others ?? []));
  const parameters = {
    serialNumber: randomBytes(8).toString("hex").replace(/^./, "4"),
    subject: new x509.Name(subject),
    issuer: new x509.Name(issuer?.subject ?? subject),
    notBefore: forgery.notBefore ?? new Date("2026-01-01T00:00:00Z"),
    notAfter: forgery.notAfter ?? new Date("2027-01-01T00:00:00Z"),
    signingAlgorithm: issuer?.algorithm ?? keyAlgorithm,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    extensions,
  };
  const make = () => x509.X509CertificateGenerator.create(parameters, webcrypto);
  let certificate = await make();
  if (forgery.logged) {
    const { at = parameters.notBefore, by = await testLog() } = forgery.logged;
    extensions.push(timestampExtension(certificate, (issuer?.keys ?? keys).publicKey, by, at));
    certificate = await make();
  }
  const pem = `${certificate.toString("pem").trim()}\n`;
  return { pem, name: forgery.name, subject, keys, algorithm: keyAlgorithm };
}

/** The log that forged certificates are in. */
export async function testLog(): Promise<SigningLog> {
  return { log: simulatorLog, key: (await derivedKeys(SIMULATED_LOG_PHRASE)).privateKey };
}

/** A subject has all of these, and for a registered mark its trademark. */
export const attributes = {
  "2.5.4.10": "Example, Inc.",
  "2.5.4.9": "1 Main Street",
  "2.5.4.7": "Lehi",
  "2.5.4.15": "Private Organization",
  "2.5.4.5": "1234567",
  "2.5.4.6": "US",
  "1.3.6.1.4.1.311.60.2.1.3": "US",
  "1.3.6.1.4.1.53087.1.3": "US",
  "1.3.6.1.4.1.53087.1.4": "A1234",
};
export const policies = ["1.3.6.1.4.1.53087.1.1", "2.16.840.1.114412.0.2.5"];
export const crlUrl = "http://crl.example.com/ca.crl";

/** Bears the name of a certificate whose key it does not have. */
export async function impersonate(pem: string): Promise<Forged & { keyId: string }> {
  const victim = new x509.X509Certificate(pem);
  const impostor = await forge({ name: "Impostor", ca: true });
  const keyId = victim.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId ?? "";
  return { ...impostor, subject: victim.subjectName.toJSON(), keyId };
}

/** A leaf in which nothing is wrong. */
export const leafForgery = (): Forgery => ({
  name: "Example, Inc.",
  dnsNames: ["example.com"],
  markTypes: ["Registered Mark"],
  attributes,
  policies,
  crlUrls: [crlUrl],
  logotype: logotype({}),
  logged: {},
});

/** A chain that verifies, but for what is changed. */
export async function forgeChain(
  changes: { leaf?: Partial<Forgery>; intermediate?: Partial<Forgery>; root?: Partial<Forgery> } = {},
): Promise<{ leaf: Forged; intermediate: Forged; root: Forged; pem: string }> {
  const root = await forge({ name: "Test Mark Root", ca: true, ...changes.root });
  const intermediate = await forge({ name: "Test Mark CA", ca: true, pathLength: 0, ...changes.intermediate }, root);
  const leaf = await forge({ ...leafForgery(), ...changes.leaf }, intermediate);
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
  mediaType?: string;
  /** Further parts of the extension. */
  others?: Partial<LogotypeExtn>;
}

export function logotype({
  uri,
  hashed = svg,
  hash,
  images = 1,
  mediaType = "image/svg+xml",
  others,
}: LogotypeForgery): ArrayBuffer {
  const [oid, name] = hash ?? ["2.16.840.1.101.3.4.2.1", "sha256"];
  const imageDetails = new LogotypeDetails({
    mediaType,
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
  return AsnConvert.serialize(new LogotypeExtn({ subjectLogo: new LogotypeInfo({ direct }), ...others }));
}

export function dataUri(data: Buffer, mediaType = "image/svg+xml"): string {
  return `data:${mediaType};base64,${gzipSync(data).toString("base64")}`;
}
