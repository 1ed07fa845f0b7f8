// @peculiar/x509 needs the metadata polyfill before anything else
import "reflect-metadata";
import {
  createECDH,
  createHash,
  randomBytes,
  type webcrypto as WebCrypto,
  webcrypto,
  X509Certificate,
} from "node:crypto";
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
import { simulatorLog } from "../provider/certificate/logs";
import { simulatorRootPem } from "../provider/certificate/roots";
import { SIMULATED_LOG_PHRASE, type SigningLog, timestampExtension } from "./ctLog";

/** What the simulated authority needs to know to issue one mark certificate. */
export interface MarkCertificateRequest {
  product: "vmc_basic" | "mark_certificate";
  dnsNames: string[];
  organization: {
    name: string;
    /** ISO 3166 code in either case; default US. */
    country?: string;
    state?: string;
    city?: string;
    address?: string;
    zip?: string;
  };
  /** SVG bytes, embedded and hashed as they are. */
  logo: Buffer;
  /** As in the certificate ("Registered Mark") or as in DigiCert's API ("registered_mark"). */
  markType: string;
  /** Required for registered and modified registered marks, ignored for the others. */
  trademark?: { countryCode: string; registrationNumber: string };
  notBefore: Date;
  notAfter: Date;
}

/** What is wrong with a certificate that an authority should never have issued. Each part stands for itself. */
export interface Misissue {
  /** Another logo than the ordered one: an SVG. */
  logo?: string;
  /** Other names than the ordered ones. */
  dnsNames?: string[];
  /** Its extended key usage: an object identifier. */
  keyPurpose?: string;
  /** Days from now; default 0. */
  validFromDays?: number;
  /** Days from now. */
  validTillDays?: number;
  /** As in the certificate; of the other product, or none at all. */
  markType?: string;
  /** Issued by authorities that only bear the names of the simulated ones. */
  lookAlike?: boolean;
  /** In no certificate-transparency log. */
  unlogged?: boolean;
}

export interface IssuedMarkCertificate {
  leafPem: string;
  /** What DigiCert's format `pem_all` holds: leaf, intermediate, root. */
  chainPem: string;
  intermediatePem: string;
  rootPem: string;
  /** Upper-case hex. */
  serialNumber: string;
  /** SHA-1 of the leaf, upper-case hex. */
  thumbprint: string;
  commonName: string;
}

/** What the root's private key is derived from; `simulatorRootPem` holds the public half. */
export const SIMULATED_ROOT_PHRASE = "pulumi-bimi simulator: mark certificate root";

const signingAlgorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

const oid = {
  markCertificateKeyPurpose: "1.3.6.1.5.5.7.3.31",
  markCertificatePolicy: "1.3.6.1.4.1.53087.1.1",
  digicertPolicy: "2.16.840.1.114412.0.2.5",
  businessCategory: "2.5.4.15",
  serialNumber: "2.5.4.5",
  street: "2.5.4.9",
  postalCode: "2.5.4.17",
  jurisdictionCountry: "1.3.6.1.4.1.311.60.2.1.3",
  trademarkCountry: "1.3.6.1.4.1.53087.1.3",
  trademarkIdentifier: "1.3.6.1.4.1.53087.1.4",
  markType: "1.3.6.1.4.1.53087.1.13",
  statuteCountry: "1.3.6.1.4.1.53087.3.2",
  statuteCitation: "1.3.6.1.4.1.53087.3.5",
  priorUseMarkSourceUrl: "1.3.6.1.4.1.53087.5.1",
  sha1: "1.3.14.3.2.26",
  sha256: "2.16.840.1.101.3.4.2.1",
};

const markTypes: Record<string, { name: string; product: MarkCertificateRequest["product"] }> = {
  registered_mark: { name: "Registered Mark", product: "vmc_basic" },
  government_mark: { name: "Government Mark", product: "vmc_basic" },
  prior_use_mark: { name: "Prior Use Mark", product: "mark_certificate" },
  modified_registered_mark: { name: "Modified Registered Mark", product: "mark_certificate" },
};

/**
 * Issues a mark certificate as DigiCert does (profile: Minimum Security Requirements for Issuance of Mark Certificates).
 * Everything about it is real but the authority and the certificate-transparency log.
 * @throws if the product is not sold for the mark type, or a (modified) registered mark comes without its trademark
 */
export async function issueMarkCertificate(
  request: MarkCertificateRequest,
  wrong: Misissue = {},
): Promise<IssuedMarkCertificate> {
  const { root, intermediate, log } = await authority(wrong.lookAlike);
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const parameters = {
    serialNumber: serialNumber(),
    subject: new x509.Name(subject(request, wrong.markType)),
    issuer: intermediate.certificate.subjectName,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    signingAlgorithm,
    publicKey: keys.publicKey,
    signingKey: intermediate.keys.privateKey,
    extensions: [
      await x509.AuthorityKeyIdentifierExtension.create(intermediate.keys.publicKey, false, webcrypto),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      new x509.SubjectAlternativeNameExtension(request.dnsNames.map((value) => ({ type: "dns", value }))),
      new x509.CertificatePolicyExtension([oid.digicertPolicy, oid.markCertificatePolicy]),
      new x509.ExtendedKeyUsageExtension([wrong.keyPurpose ?? oid.markCertificateKeyPurpose]),
      new x509.CRLDistributionPointsExtension(["http://crl.simulator.invalid/SimulatedMarkCertificateCA1.crl"]),
      new x509.AuthorityInfoAccessExtension({
        caIssuers: ["http://cacerts.simulator.invalid/SimulatedMarkCertificateCA1.crt"],
      }),
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.Extension(id_pe_logotype, false, logotype(request.logo)),
    ],
  };
  let certificate = await x509.X509CertificateGenerator.create(parameters, webcrypto);
  if (!wrong.unlogged) {
    const { publicKey } = intermediate.keys;
    const timestamp = timestampExtension(certificate, publicKey, log, request.notBefore);
    const extensions = [...parameters.extensions, timestamp];
    certificate = await x509.X509CertificateGenerator.create({ ...parameters, extensions }, webcrypto);
  }
  const leafPem = pem(certificate);
  const leaf = new X509Certificate(leafPem);
  return {
    leafPem,
    chainPem: leafPem + intermediate.pem + root.pem,
    intermediatePem: intermediate.pem,
    rootPem: root.pem,
    serialNumber: leaf.serialNumber,
    thumbprint: leaf.fingerprint.replaceAll(":", ""),
    commonName: request.organization.name,
  };
}

interface Issuer {
  certificate: x509.X509Certificate;
  keys: WebCrypto.CryptoKeyPair;
  pem: string;
}

interface Authority {
  root: Issuer;
  intermediate: Issuer;
  log: SigningLog;
}

const authorities = new Map<boolean, Promise<Authority>>();

/** The simulated authority, or one that bears its names and has other keys. */
function authority(isLookAlike = false): Promise<Authority> {
  const known = authorities.get(isLookAlike) ?? createAuthority(isLookAlike);
  authorities.set(isLookAlike, known);
  return known;
}

async function createAuthority(isLookAlike: boolean): Promise<Authority> {
  const keysOf = (phrase: string) => derivedKeys(isLookAlike ? `${phrase}, look-alike` : phrase);
  const rootKeys = await keysOf(SIMULATED_ROOT_PHRASE);
  const trusted = new x509.X509Certificate(simulatorRootPem);
  const rootCertificate = isLookAlike ? await lookAlike(trusted, rootKeys) : trusted;
  const keys = await keysOf("pulumi-bimi simulator: mark certificate intermediate");
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: "02",
      subject: [
        { C: ["XX"] },
        { O: ["pulumi-bimi simulator"] },
        { CN: ["Simulated Mark Certificate CA1 (never trusted)"] },
      ],
      issuer: rootCertificate.subjectName,
      notBefore: new Date("2020-01-01T00:00:00Z"),
      notAfter: new Date("2060-01-01T00:00:00Z"),
      signingAlgorithm,
      publicKey: keys.publicKey,
      signingKey: rootKeys.privateKey,
      extensions: [
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey, false, webcrypto),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        new x509.ExtendedKeyUsageExtension([oid.markCertificateKeyPurpose]),
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.CRLDistributionPointsExtension(["http://crl.simulator.invalid/SimulatedMarkCertificateRoot.crl"]),
        new x509.CertificatePolicyExtension([oid.digicertPolicy, oid.markCertificatePolicy]),
      ],
    },
    webcrypto,
  );
  return {
    root: { certificate: rootCertificate, keys: rootKeys, pem: isLookAlike ? pem(rootCertificate) : simulatorRootPem },
    intermediate: { certificate, keys, pem: pem(certificate) },
    log: { log: simulatorLog, key: (await derivedKeys(SIMULATED_LOG_PHRASE)).privateKey },
  };
}

/** Bears a root's name, with another key. */
function lookAlike(root: x509.X509Certificate, keys: WebCrypto.CryptoKeyPair): Promise<x509.X509Certificate> {
  const { serialNumber, subject: name, notBefore, notAfter } = root;
  const usages = new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true);
  const extensions = [new x509.BasicConstraintsExtension(true, undefined, true), usages];
  return x509.X509CertificateGenerator.createSelfSigned(
    { serialNumber, name, notBefore, notAfter, signingAlgorithm, keys, extensions },
    webcrypto,
  );
}

/**
 * The same P-256 key pair for the same phrase, for ever: what one simulator issued still verifies after a restart, and
 * the package holds no private key file.
 */
export async function derivedKeys(phrase: string): Promise<WebCrypto.CryptoKeyPair> {
  const secret = createHash("sha256").update(phrase).digest();
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(secret);
  const point = ecdh.getPublicKey(); // 0x04, x, y
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  const secretJwk = { ...jwk, d: secret.toString("base64url") };
  return {
    privateKey: await webcrypto.subtle.importKey("jwk", secretJwk, signingAlgorithm, true, ["sign"]),
    publicKey: await webcrypto.subtle.importKey("jwk", jwk, signingAlgorithm, true, ["verify"]),
  };
}

function subject(
  { product, organization, markType, trademark, dnsNames }: MarkCertificateRequest,
  wrongMarkType: string | undefined,
): x509.JsonNameParams {
  const country = (organization.country ?? "US").toUpperCase();
  const mark = wrongMarkType ?? markTypeName(markType, product);
  const name: x509.JsonNameParams = [
    ascii(oid.jurisdictionCountry, country),
    text(oid.businessCategory, "Private Organization"),
    text(oid.serialNumber, registrationNumber(organization.name)),
    { C: [country] },
  ];
  if (organization.state) name.push({ ST: [organization.state] });
  // a locality or a state is required of every mark certificate
  if (organization.city || !organization.state) name.push({ L: [organization.city ?? "Springfield"] });
  if (organization.zip) name.push(text(oid.postalCode, organization.zip));
  name.push(
    text(oid.street, organization.address ?? "1 Main Street"),
    { O: [organization.name] },
    { CN: [organization.name] },
    ascii(oid.markType, mark),
  );
  switch (mark) {
    case "Registered Mark":
    case "Modified Registered Mark":
      if (!trademark) throw new Error(`a certificate for a ${mark} names its trademark`);
      name.push(
        ascii(oid.trademarkCountry, trademark.countryCode.toUpperCase()),
        text(oid.trademarkIdentifier, trademark.registrationNumber),
      );
      break;
    case "Government Mark":
      name.push(ascii(oid.statuteCountry, country), text(oid.statuteCitation, "Simulated Insignia Act"));
      break;
    case "Prior Use Mark":
      name.push(text(oid.priorUseMarkSourceUrl, `https://${dnsNames[0]}/`));
      break;
  }
  return name;
}

function markTypeName(markType: string, product: string): string {
  const type = markTypes[markType.toLowerCase().replaceAll(" ", "_")];
  if (type?.product !== product) throw new Error(`no ${product} certificate is issued for the mark type ${markType}`);
  return type.name;
}

function ascii(type: string, value: string): x509.JsonAttributeAndObjectValue {
  return { [type]: [{ printableString: value }] };
}

function text(type: string, value: string): x509.JsonAttributeAndObjectValue {
  return { [type]: [{ utf8String: value }] };
}

/** RFC 9399: subjectLogo, direct, one image as a data URI; the hashes are over the SVG before compression. */
function logotype(svg: Buffer): ArrayBuffer {
  const imageDetails = new LogotypeDetails({
    mediaType: "image/svg+xml",
    logotypeHash: [hash(oid.sha1, "sha1", svg), hash(oid.sha256, "sha256", svg)],
    logotypeURI: [`data:image/svg+xml;base64,${gzipSync(svg, { level: 9 }).toString("base64")}`],
  });
  const direct = new LogotypeData({ image: [new LogotypeImage({ imageDetails })] });
  return AsnConvert.serialize(new LogotypeExtn({ subjectLogo: new LogotypeInfo({ direct }) }));
}

function hash(algorithm: string, digest: string, data: Buffer): HashAlgAndValue {
  return new HashAlgAndValue({
    hashAlg: new AlgorithmIdentifier({ algorithm, parameters: null }),
    hashValue: new OctetString(createHash(digest).update(data).digest()),
  });
}

/** 128 bits, positive and without a leading zero byte. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString("hex");
}

/** A company number that stays the same for the same organization. */
function registrationNumber(organization: string): string {
  return String(createHash("sha256").update(organization).digest().readUInt32BE(0) % 10_000_000).padStart(7, "0");
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem").trim()}\n`;
}
