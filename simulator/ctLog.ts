import { KeyObject, sign, type webcrypto as WebCrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { derParts, readDer, writeDer } from "../provider/certificate/der";
import { type CtLog, logId } from "../provider/certificate/logs";
import { SCT_EXTENSION, signedData } from "../provider/certificate/rules/transparency";

/** What the log's private key is derived from; `simulatorLog` holds the public half. */
export const SIMULATED_LOG_PHRASE = "pulumi-bimi simulator: certificate transparency log";

export interface SigningLog {
  log: CtLog;
  key: WebCrypto.CryptoKey;
}

/** The extension that a log's answer becomes: the log signs a certificate that is complete but for it (RFC 6962 § 3.2). */
export function timestampExtension(
  certificate: x509.X509Certificate,
  issuer: WebCrypto.CryptoKey,
  { log, key }: SigningLog,
  at: Date,
): x509.Extension {
  const timestamp = BigInt(at.getTime());
  const none = Buffer.alloc(0);
  const data = signedData(
    { timestamp, extensions: none },
    {
      certificate: derParts(readDer(Buffer.from(certificate.rawData)))[0]!.raw,
      issuerKey: KeyObject.from(issuer).export({ type: "spki", format: "der" }),
    },
  );
  const head = Buffer.alloc(43); // version 1, log, time, no extensions
  logId(log).copy(head, 1);
  head.writeBigUInt64BE(timestamp, 33);
  const sha256WithEcdsa = Buffer.from([4, 3]);
  const sct = Buffer.concat([head, sha256WithEcdsa, withLength(sign("sha256", data, KeyObject.from(key)))]);
  return new x509.Extension(SCT_EXTENSION, false, writeDer(0x04, withLength(withLength(sct))));
}

function withLength(data: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(data.length);
  return Buffer.concat([length, data]);
}
