import { id_ce_nameConstraints } from "@peculiar/asn1-x509";
import { isSelfSigned, type ParsedCertificate } from "../parse";
import { type CheckedRule, type Examined, MCR, type Problem } from "../rule";

/** The only extended key usage of mark certificates: id-kp-BrandIndicatorforMessageIdentification. */
const MARK_CERTIFICATE_KEY_PURPOSE = "1.3.6.1.5.5.7.3.31";
const MARK_CERTIFICATE_POLICY = "1.3.6.1.4.1.53087.1.1";

/** The authorities' own policies, seen in their certificates and practice statements. */
const authorityPolicies = [
  "2.16.840.1.114412.0.2.5", // DigiCert
  "2.16.840.1.114028.10.1.100", // Entrust
  "2.16.840.1.114028.10.1.11", // Entrust
  "1.3.6.1.4.1.4146.1.95", // GlobalSign
  "2.16.840.1.114413.1.7.23.4", // GoDaddy
];

const MIN_RSA_BITS = 2048;
const CURVES = ["prime256v1", "secp384r1"];
const sha1Signatures = ["1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

/** What the certificate is made for, and of what. */
export const profileRules: CheckedRule[] = [
  {
    id: "CERT-006",
    severity: "error",
    title: "Leaf and issuing CA have mark certificates as their only extended key usage",
    spec: `${MCR} § 7.1.2; RFC 9399 § 4`,
    hint: "This is no mark certificate: a TLS certificate, for example, cannot be published with BIMI.",
    blocks: true,
    check: ({ path }) => path.slice(0, 2).flatMap(otherPurpose),
  },
  {
    id: "CERT-007",
    severity: "error",
    title: "The leaf names the policy of mark certificates, and its authority's",
    spec: `${MCR} § 7.1.2`,
    hint: "Ask the authority to reissue it: receivers may refuse it.",
    blocks: false,
    check: ({ leaf }) => checkPolicies(leaf),
  },
  {
    id: "CERT-016",
    severity: "warning",
    title: `RSA keys of ${MIN_RSA_BITS} bits or more, P-256 or P-384, no SHA-1 signature; no name constraints in the leaf (error)`,
    spec: `${MCR} § 7.1`,
    hint: "Ask the authority to reissue it: receivers may refuse it.",
    blocks: false,
    check: checkStrength,
  },
];

function otherPurpose({ name, keyPurposes }: ParsedCertificate): Problem[] {
  if (keyPurposes.length === 1 && keyPurposes[0] === MARK_CERTIFICATE_KEY_PURPOSE) return [];
  const purposes = keyPurposes.join(", ") || "of no kind";
  return [
    {
      message: `"${name}" has the extended key usage ${purposes} instead of exactly ${MARK_CERTIFICATE_KEY_PURPOSE}`,
    },
  ];
}

function checkPolicies({ name, policies }: ParsedCertificate): Problem[] {
  const found: Problem[] = [];
  if (!policies.includes(MARK_CERTIFICATE_POLICY)) {
    found.push({ message: `"${name}" does not name the policy of mark certificates, ${MARK_CERTIFICATE_POLICY}` });
  }
  const own = policies.filter((policy) => policy !== MARK_CERTIFICATE_POLICY);
  if (own.length === 0) {
    found.push({ message: `"${name}" names no policy of its authority`, severity: "warning" });
  } else if (!own.some((policy) => authorityPolicies.includes(policy))) {
    const message = `"${name}" names only policies that are not known to be an authority's for marks: ${own.join(", ")}`;
    const hint = "Nothing, if the authority is a new one: its root decides.";
    found.push({ message, severity: "info", hint });
  }
  return found;
}

/** A root's own signature proves nothing: how it is made does not matter. */
function checkStrength({ path, leaf }: Examined): Problem[] {
  const found: Problem[] = [];
  for (const certificate of path) {
    const { name, signatureAlgorithm } = certificate;
    const weak = weakKey(certificate);
    if (weak) found.push({ message: `"${name}" has ${weak}` });
    if (isSelfSigned(certificate)) continue;
    if (sha1Signatures.includes(signatureAlgorithm)) found.push({ message: `"${name}" is signed with SHA-1` });
  }
  if (leaf.extensions.some(({ extnID }) => extnID === id_ce_nameConstraints)) {
    found.push({ message: `"${leaf.name}" has name constraints, which only a CA may have`, severity: "error" });
  }
  return found;
}

function weakKey({ x509 }: ParsedCertificate): string | undefined {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails } = x509.publicKey;
    const { modulusLength = 0, namedCurve = "unknown" } = asymmetricKeyDetails ?? {};
    if (type === "rsa") return modulusLength < MIN_RSA_BITS ? `an RSA key of only ${modulusLength} bits` : undefined;
    if (type === "ec") return CURVES.includes(namedCurve) ? undefined : `a key on the curve ${namedCurve}`;
    return `a key of the kind ${type}`;
  } catch {
    return "a key of a kind that OpenSSL does not know";
  }
}
