import { day } from "../../time";
import { isSelfSigned, type ParsedCertificate } from "../parse";
import { type Anchor, type CheckedRule, CLOCK_TOLERANCE, type Examined, FETCH_DRAFT, MCR, type Problem } from "../rule";
import { isSignedBy } from "../signature";
import { namesNotAllowed, unfitExtensions } from "./extensions";

const MAX_CHAIN = 10;
const MAX_VALIDITY_DAYS = 398;
const EXPIRY_WARNING_DAYS = 30;

/** The file, the signatures and the dates. */
export const chainRules: CheckedRule[] = [
  {
    id: "CERT-001",
    severity: "error",
    title: `The PEM has 2 to ${MAX_CHAIN} readable certificates and nothing else, above all no private key`,
    spec: `${FETCH_DRAFT} § 3.3`,
    hint: "Publish the chain as DigiCert delivers it: leaf, intermediate and root in PEM form.",
    blocks: true,
    check: ({ pem }) => checkPem(pem),
  },
  {
    id: "CERT-002",
    severity: "error",
    title: "One mark certificate, then its issuer, and so on up to the root, each once",
    spec: `${FETCH_DRAFT} § 3.3`,
    hint: "Publish leaf, intermediates and root in this order, each once.",
    blocks: true,
    check: checkOrder,
  },
  {
    id: "CERT-003",
    severity: "error",
    title: "Each certificate is signed by the next one, which is a CA that may issue it",
    spec: "RFC 5280 §§ 4.2.1, 6.1",
    hint: "The chain is forged, damaged or put together from several: download it again, and do not publish it.",
    blocks: true,
    check: checkLinks,
  },
  {
    id: "CERT-004",
    severity: "error",
    title: "The chain leads to a pinned root of a mark-certificate authority, or to one of bimi:extraRoots",
    spec: `${MCR}; ${FETCH_DRAFT} § 5`,
    hint: "If this authority is a new one, add its root to the config bimi:extraRoots.",
    blocks: true,
    check: ({ anchor, path, roots }) => (anchor ? [] : [noAnchor(path, roots)]),
  },
  {
    id: "CERT-005",
    severity: "error",
    title: `All certificates are valid now, and the leaf for at most ${MAX_VALIDITY_DAYS} days; less than ${EXPIRY_WARNING_DAYS} days left is a warning`,
    spec: `RFC 5280 § 6.1.3; ${MCR} (398 days)`,
    hint: "Renew the order or reissue its certificate.",
    blocks: true,
    check: checkDates,
  },
];

function checkPem({ certificates, otherBlocks, problems }: Examined["pem"]): Problem[] {
  const found: Problem[] = problems.map((message) => ({ message }));
  for (const label of otherBlocks) {
    found.push(
      label.endsWith("PRIVATE KEY")
        ? {
            message: "the PEM contains a private key",
            hint: "Never publish this file, and take the key for compromised if it was.",
          }
        : {
            message: `the PEM contains a ${label} block`,
            hint: "Only the certificates belong into the published file.",
          },
    );
  }
  const count = certificates.length;
  if (count + problems.length === 0) found.push({ message: "the PEM contains no certificate" });
  if (count === 1) {
    const hint = "Receivers need the issuing CA's certificate, too.";
    found.push({ message: "the PEM contains only one certificate", hint });
  }
  if (count > MAX_CHAIN) found.push({ message: `the PEM contains ${count} certificates, over ${MAX_CHAIN}` });
  return found;
}

/** Receivers may refuse another order, duplicates or a second leaf. */
function checkOrder({ pem: { certificates }, leaf, path, unused }: Examined): Problem[] {
  const found: Problem[] = [];
  if (leaf.x509.ca)
    found.push({ message: `"${leaf.name}" is a CA certificate, and no mark certificate stands before it` });
  const inOrder = certificates.filter((certificate) => path.includes(certificate));
  if (inOrder.some((certificate, at) => certificate !== path[at])) {
    found.push({ message: "the certificates are not in order" });
  }
  for (const certificate of unused) {
    const twin = path.some(({ x509 }) => x509.raw.equals(certificate.x509.raw));
    const stranger = certificate.x509.ca ? "is not part of the chain" : "is a second end-entity certificate";
    found.push({ message: `"${certificate.name}" ${twin ? "is in the PEM twice" : stranger}` });
  }
  return found;
}

function checkLinks({ path, anchor }: Examined): Problem[] {
  const reasons = path.slice(1).flatMap((issuer, below) => {
    const certificate = path[below]!;
    const isSigned = isSignedBy(certificate.x509, issuer.x509);
    const unsigned = isSigned ? [] : [`"${certificate.name}" is not signed with the key of "${issuer.name}"`];
    return [...unsigned, ...unfitIssuer(certificate, issuer, below)];
  });
  const top = path.at(-1)!;
  if (top.x509.subject === top.x509.issuer && !isSelfSigned(top)) {
    reasons.push(`"${top.name}" names itself as its issuer, but its key did not sign it`);
  }
  reasons.push(...path.flatMap(unfitExtensions));
  // The root counts whether it is in the file or not.
  const issuers = new Set([...path.slice(1), ...(anchor ? [anchor.root] : [])]);
  reasons.push(...[...issuers].flatMap((issuer) => namesNotAllowed(path[0]!, issuer)));
  return reasons.map((message) => ({ message }));
}

/** RFC 5280 § 4.2.1 and § 6.1.4. `below` is how many CA certificates stand under the issuer. */
function unfitIssuer(certificate: ParsedCertificate, issuer: ParsedCertificate, below: number): string[] {
  const reasons: string[] = [];
  if (!issuer.x509.ca) reasons.push(`"${issuer.name}" is no CA certificate`);
  if (issuer.pathLength !== undefined && below > issuer.pathLength) {
    reasons.push(`"${issuer.name}" may have ${issuer.pathLength} CA certificates below it and has ${below}`);
  }
  if (certificate.authorityKeyId && issuer.subjectKeyId && certificate.authorityKeyId !== issuer.subjectKeyId) {
    reasons.push(`"${certificate.name}" names another issuer key than that of "${issuer.name}"`);
  }
  // names, and the issuer's key usage (certificate signing)
  if (reasons.length === 0 && !certificate.x509.checkIssued(issuer.x509)) {
    reasons.push(`"${issuer.name}" may not issue "${certificate.name}"`);
  }
  return reasons;
}

/** The pinned root that is in the path, or whose key signed a certificate of it. A root's name alone means nothing. */
export function findAnchor(path: ParsedCertificate[], roots: ParsedCertificate[]): Anchor | undefined {
  for (const [at, certificate] of path.entries()) {
    const isRoot = at > 0 && roots.find((root) => root.x509.raw.equals(certificate.x509.raw));
    const root =
      isRoot ||
      roots.find((root) => isSignedBy(certificate.x509, root.x509) && unfitIssuer(certificate, root, at).length === 0);
    if (root) return { root, at };
  }
  return undefined;
}

function noAnchor(path: ParsedCertificate[], roots: ParsedCertificate[]): Problem {
  const top = path.at(-1)!;
  const issuer = top.x509.issuer.split("\n").at(-1)?.replace(/^CN=/, "");
  const namesake = roots.some((root) => root.x509.subject === top.x509.issuer || root.name === top.name);
  if (!namesake) return { message: `"${top.name}", issued by "${issuer}", leads to no trusted mark-certificate root` };
  return {
    message: `"${top.name}" bears the name of a trusted root, or names it as its issuer, but that root's key did not sign it`,
    hint: "The chain is forged or damaged: download it again, and do not publish it.",
  };
}

function checkDates({ path, anchor, input }: Examined): Problem[] {
  const found: Problem[] = [];
  const counted = anchor ? [...new Set([...path.slice(0, anchor.at + 1), anchor.root])] : path;
  const now = input.at.getTime();
  for (const [index, { name, notBefore, notAfter }] of counted.entries()) {
    const ofAuthority = index === 0 ? {} : { hint: "Download the chain again: its authority has a newer certificate." };
    if (now < notBefore.getTime() - CLOCK_TOLERANCE) {
      const hint = "Wait until then, and see that this computer's clock is right.";
      found.push({ message: `"${name}" is not valid before ${notBefore.toISOString()}`, hint });
    }
    if (now > notAfter.getTime() + CLOCK_TOLERANCE) {
      found.push({ message: `"${name}" expired on ${notAfter.toISOString()}`, ...ofAuthority });
    }
  }
  const { name, notBefore, notAfter } = path[0]!;
  const left = (notAfter.getTime() - now) / day;
  if (left < EXPIRY_WARNING_DAYS && left >= -1) {
    found.push({ message: `"${name}" expires on ${notAfter.toISOString()}`, severity: "warning" });
  }
  const days = (notAfter.getTime() - notBefore.getTime()) / day;
  if (days > MAX_VALIDITY_DAYS) {
    found.push({
      message: `"${name}" is valid for ${Math.round(days)} days, and mark certificates for at most ${MAX_VALIDITY_DAYS}`,
      hint: "Ask the authority to reissue it: receivers may refuse it.",
    });
  }
  return found;
}
