import { createHash, createPublicKey, type KeyObject } from "node:crypto";

/** A certificate-transparency log (RFC 6962). */
export interface CtLog {
  name: string;
  /** DER of its public key (SubjectPublicKeyInfo) as base64. */
  publicKey: string;
}

/**
 * The logs that mark certificates must be in (Mark Certificate requirements, appendix F). Only this one is approved; its key is
 * listed in github.com/crtsh/ctloglists (files/bimi/v3/approved_logs_list.json), and its signatures in real mark
 * certificates verify with it.
 */
export const pinnedLogs: readonly CtLog[] = [
  {
    name: "DigiCert Gorgon",
    publicKey:
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEbEiWluJDIqWi8JbeCSfR3V2k/a5s9XtZv+HU5u/gU9NSYnWGwEoEW6IK7n6LehfrJL3znCUAC0ayEaeiFQuibA==",
  },
];

/** The simulator's: everybody can compute its private key, as that of the simulator's root. */
export const simulatorLog: CtLog = {
  name: "Simulated log (never trusted)",
  publicKey:
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7pmr2JAsl00ZCnKSdE737HwyxVXT3RbBdYCnem7PfBMxZjnFCaWUlPhmHnl4su7NYsVZMRSmgHAcGAdSnRREJQ==",
};

/**
 * The logs to verify an issued certificate against.
 * @param options.loopback true when the certificate came from a base URL on a loopback address, that is, a simulator
 */
export function trustedLogs({ loopback }: { loopback: boolean }): CtLog[] {
  return [...pinnedLogs, ...(loopback ? [simulatorLog] : [])];
}

/** The log's id is the SHA-256 of its key (RFC 6962 § 3.2). */
export function logId({ publicKey }: CtLog): Buffer {
  return createHash("sha256").update(Buffer.from(publicKey, "base64")).digest();
}

export function logKey({ publicKey }: CtLog): KeyObject {
  return createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
}
