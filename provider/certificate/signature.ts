import type { X509Certificate } from "node:crypto";

/** Whether the issuer's public key made the signature, whatever the names say. */
export function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    // a key of another kind, or one that OpenSSL does not know
    return false;
  }
}
