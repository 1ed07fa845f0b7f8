import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { Finding, Severity } from "../finding";
import { guardedFetch, MAX_HOSTED_PEM_BYTES, type Network } from "../hosting";
import { certificatesOf, nameOf } from "../hosting/compare";
import { readable } from "../readable";

/**
 * CERT-014 with the revocation lists fetched: whether a certificate of the chain was revoked. A list that cannot be
 * had, read or trusted is a warning, since it says nothing.
 */
export async function revocationFindings(pem: string, at: Date, network: Network): Promise<Finding[]> {
  const chain = certificatesOf(pem);
  const findings = await Promise.all(
    chain.map(async (certificate) => {
      const issuer = chain.find((other) => other !== certificate && certificate.checkIssued(other));
      const urls = crlUrlsOf(new x509.X509Certificate(certificate.raw));
      if (!issuer || urls.length === 0) return [];
      const subject = { name: nameOf(certificate), serialNumber: certificate.serialNumber };
      return listFindings(subject, new x509.X509Certificate(issuer.raw), urls, at, network);
    }),
  );
  return findings.flat();
}

function crlUrlsOf(certificate: x509.X509Certificate): string[] {
  const points = certificate.getExtension(x509.CRLDistributionPointsExtension)?.distributionPoints ?? [];
  return points.flatMap(({ distributionPoint }) =>
    (distributionPoint?.fullName ?? []).flatMap(({ uniformResourceIdentifier: url }) => url ?? []),
  );
}

interface Subject {
  name: string;
  serialNumber: string;
}

/** All URLs of a certificate serve the same list: the first that can be used decides. */
async function listFindings(
  { name, serialNumber }: Subject,
  issuer: x509.X509Certificate,
  urls: string[],
  at: Date,
  network: Network,
): Promise<Finding[]> {
  const problems: string[] = [];
  for (const url of urls.slice(0, 3)) {
    const fetched = await guardedFetch(url, { maxBytes: MAX_HOSTED_PEM_BYTES, allowHttp: true, network });
    if ("failure" in fetched) problems.push(`${url} cannot be fetched: ${fetched.message}`);
    else if (fetched.status !== 200) problems.push(`${url} answers ${fetched.status}`);
    else {
      const crl = await trustedList(fetched.body, issuer).catch((error: Error) => error);
      if (crl instanceof Error) problems.push(`${url}: ${crl.message}`);
      else if (crl.nextUpdate && crl.nextUpdate < at) {
        problems.push(`${url} should have been replaced on ${crl.nextUpdate.toISOString()}`);
      } else {
        const entry = crl.findRevoked(serialNumber);
        if (!entry || entry.revocationDate > at) return [];
        const when = entry.revocationDate.toISOString();
        return [found("error", `"${name}" was revoked on ${when}.`, "Withdraw a=, and order or reissue.")];
      }
    }
  }
  const why = problems.join("; ");
  return [found("warning", `Whether "${name}" is revoked cannot be told: ${why}.`, "Try again later.")];
}

async function trustedList(body: Buffer, issuer: x509.X509Certificate): Promise<x509.X509Crl> {
  let crl: x509.X509Crl;
  try {
    crl = new x509.X509Crl(body);
  } catch {
    throw new Error("this is no revocation list");
  }
  if (crl.issuer !== issuer.subject || !(await crl.verify({ publicKey: issuer }, webcrypto))) {
    throw new Error("the list is not signed by the certificate's issuer");
  }
  return crl;
}

function found(severity: Severity, message: string, hint: string): Finding {
  return { ruleId: "CERT-014", severity, message: readable(message, 500), spec: "RFC 5280 section 6.3", hint };
}
