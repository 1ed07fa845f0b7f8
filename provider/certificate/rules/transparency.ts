import { createHash, verify } from "node:crypto";
import { day } from "../../time";
import { derParts, readDer, writeDer } from "../der";
import { logId, logKey, pinnedLogs } from "../logs";
import { type ParsedCertificate, publicKeyOf, signedPartOf } from "../parse";
import { type CheckedRule, CLOCK_TOLERANCE, type Examined, MCR, type Problem, type VerificationInput } from "../rule";

/** The extension with the signed certificate timestamps, and its object identifier in DER. */
export const SCT_EXTENSION = "1.3.6.1.4.1.11129.2.4.2";
const SCT_EXTENSION_DER = Buffer.from("2b06010401d679020402", "hex");
/** With ECDSA and with RSA, the only ones that logs may use (RFC 6962 § 2.1.4). */
const sha256Algorithms = [0x0403, 0x0401];
/** A certificate is logged right before it is issued. */
const MAX_DISTANCE_DAYS = 7;

/** Certificate transparency. */
export const transparencyRules: CheckedRule[] = [
  {
    id: "CERT-013",
    severity: "error",
    title: "An approved log has signed that it has the certificate, at about the time of its begin",
    spec: `RFC 6962 §§ 3.2, 3.3; ${MCR}, appendix F`,
    hint: "Receivers may refuse a certificate that is in no approved log: ask the authority.",
    blocks: false,
    check: checkTransparency,
  },
];

/** A signed certificate timestamp (RFC 6962 § 3.2). */
export interface Sct {
  logId: Buffer;
  timestamp: bigint;
  extensions: Buffer;
  /** Hash and kind of the signature (RFC 5246 § 7.4.1.4.1). */
  algorithm: number;
  signature: Buffer;
}

function checkTransparency(chain: Examined): Problem[] {
  const { leaf, path } = chain;
  const extension = leaf.extensions.find(({ extnID }) => extnID === SCT_EXTENSION);
  if (!extension) return [{ message: `"${leaf.name}" has no signed certificate timestamp` }];
  const issuer = path[1] ?? chain.anchor?.root;
  if (!issuer) return [{ message: "without the issuing CA no signed certificate timestamp can be verified" }];
  let scts: Sct[];
  let entry: LogEntry;
  try {
    scts = readScts(readDer(Buffer.from(extension.extnValue.buffer)).content);
    entry = { certificate: withoutScts(leaf), issuerKey: publicKeyOf(issuer) };
  } catch (error) {
    return [{ message: `the signed certificate timestamps cannot be read: ${(error as Error).message}` }];
  }
  const problems = scts.map((sct) => problemOf(sct, entry, chain.input));
  const good = scts.filter((_, index) => problems[index] === undefined);
  if (good.length === 0) {
    const reasons = [...new Set(problems)].join("; ") || "the list is empty";
    return [{ message: `no signed certificate timestamp is valid: ${reasons}` }];
  }
  const begin = leaf.notBefore.getTime();
  if (good.some(({ timestamp }) => Math.abs(Number(timestamp) - begin) <= MAX_DISTANCE_DAYS * day)) return [];
  const times = good.map(timeOf).join(", ");
  const message = `the certificate is valid from ${leaf.notBefore.toISOString()}, but was logged at ${times}`;
  return [{ message, severity: "warning", hint: "Ask the authority: certificates are logged when they are issued." }];
}

function problemOf(sct: Sct, entry: LogEntry, { logs, at }: VerificationInput): string | undefined {
  const log = (logs ?? pinnedLogs).find((one) => logId(one).equals(sct.logId));
  if (!log) return `the log ${sct.logId.toString("base64")} is not an approved one`;
  if (Number(sct.timestamp) > at.getTime() + CLOCK_TOLERANCE) return `${log.name} signed at ${timeOf(sct)}`;
  const isValid =
    sha256Algorithms.includes(sct.algorithm) && verify("sha256", signedData(sct, entry), logKey(log), sct.signature);
  return isValid ? undefined : `${log.name} did not sign this certificate`;
}

function timeOf({ timestamp }: Sct): string {
  const time = new Date(Number(timestamp));
  return Number.isNaN(time.getTime()) ? "no time" : time.toISOString();
}

/** @throws RangeError when the list ends too early */
export function readScts(list: Buffer): Sct[] {
  const scts: Sct[] = [];
  const all = withLength(list, 0);
  for (let at = 0; at < all.length; ) {
    const sct = withLength(all, at);
    at += 2 + sct.length;
    // Of later versions nothing is known.
    if (sct.readUInt8(0) !== 0) continue;
    const extensions = withLength(sct, 41);
    const after = 43 + extensions.length;
    scts.push({
      logId: sct.subarray(1, 33),
      timestamp: sct.readBigUInt64BE(33),
      extensions,
      algorithm: sct.readUInt16BE(after),
      signature: withLength(sct, after + 2),
    });
  }
  return scts;
}

function withLength(data: Buffer, at: number): Buffer {
  const end = at + 2 + data.readUInt16BE(at);
  if (end > data.length) throw new RangeError("the list ends too early");
  return data.subarray(at + 2, end);
}

/** What a log knows of a certificate that is about to be issued (RFC 6962 § 3.1). */
export interface LogEntry {
  /** DER of its signed part, without timestamps. */
  certificate: Buffer;
  /** DER of its issuer's public key. */
  issuerKey: Buffer;
}

/** What a log signs (RFC 6962 § 3.2, `precert_entry`). */
export function signedData(
  { timestamp, extensions }: Pick<Sct, "timestamp" | "extensions">,
  { certificate, issuerKey }: LogEntry,
): Buffer {
  const head = Buffer.alloc(12); // version 1, certificate_timestamp, time, precert_entry
  head.writeBigUInt64BE(timestamp, 2);
  head.writeUInt16BE(1, 10);
  const entryLength = Buffer.alloc(3);
  entryLength.writeUIntBE(certificate.length, 0, 3);
  const extensionsLength = Buffer.alloc(2);
  extensionsLength.writeUInt16BE(extensions.length);
  const issuer = createHash("sha256").update(issuerKey).digest();
  return Buffer.concat([head, issuer, entryLength, certificate, extensionsLength, extensions]);
}

/** The signed part of a certificate as it was before the timestamps were put into it. */
function withoutScts(certificate: ParsedCertificate): Buffer {
  const parts = derParts(readDer(signedPartOf(certificate))).map(({ tag, raw }) => {
    if (tag !== 0xa3) return raw;
    const extensions = derParts(derParts(readDer(raw))[0]!);
    const kept = extensions.filter((extension) => !derParts(extension)[0]!.content.equals(SCT_EXTENSION_DER));
    return writeDer(0xa3, writeDer(0x30, ...kept.map((extension) => extension.raw)));
  });
  return writeDer(0x30, ...parts);
}
