import { AsnConvert } from "@peculiar/asn1-schema";
import {
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_cRLDistributionPoints,
  id_ce_extKeyUsage,
  id_ce_inhibitAnyPolicy,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_policyConstraints,
  id_ce_policyMappings,
  id_ce_subjectAltName,
  NameConstraints,
} from "@peculiar/asn1-x509";
import { id_pe_logotype } from "@peculiar/asn1-x509-logotype";
import type { ParsedCertificate } from "../parse";

/** The extension that certificates of the pilot had, critical ones of CMCs too; later ones may not. */
export const PILOT_EXTENSION = "1.3.6.1.4.1.53087.4.1";

/** Those that may be critical, since what they ask for is looked at, or forbids nothing here. */
const understood = [
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_cRLDistributionPoints,
  id_ce_extKeyUsage,
  id_ce_inhibitAnyPolicy,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_policyConstraints,
  id_ce_policyMappings,
  id_ce_subjectAltName,
  id_pe_logotype,
  PILOT_EXTENSION,
];

/** RFC 5280 § 4.2: receivers must refuse what they do not understand, and of two that differ each may take another. */
export function unfitExtensions({ name, extensions }: ParsedCertificate): string[] {
  const ids = extensions.map(({ extnID }) => extnID);
  const twice = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
  const unknown = extensions.filter(({ critical, extnID }) => critical && !understood.includes(extnID));
  return [
    ...[...twice].map((id) => `"${name}" has the extension ${id} more than once`),
    ...unknown.map(({ extnID }) => `"${name}" has the critical extension ${extnID}, which nobody understands`),
  ];
}

/** RFC 5280 § 4.2.1.10: the domains that a CA may not issue for. */
export function namesNotAllowed({ dnsNames }: ParsedCertificate, { name, extensions }: ParsedCertificate): string[] {
  const extension = extensions.find(({ extnID }) => extnID === id_ce_nameConstraints);
  if (!extension) return [];
  let constraints: NameConstraints;
  try {
    constraints = AsnConvert.parse(extension.extnValue.buffer, NameConstraints);
  } catch {
    return [`the name constraints of "${name}" cannot be read`];
  }
  // Of the other kinds of names a leaf has none.
  const subtrees = [...(constraints.permittedSubtrees ?? []), ...(constraints.excludedSubtrees ?? [])];
  if (subtrees.some(({ base }) => base.directoryName !== undefined)) {
    return [`"${name}" has name constraints for subjects, which are not understood here`];
  }
  const domains = (trees: NameConstraints["permittedSubtrees"]) =>
    [...(trees ?? [])].flatMap(({ base }) => (base.dNSName === undefined ? [] : [base.dNSName.toLowerCase()]));
  const permitted = domains(constraints.permittedSubtrees);
  const excluded = domains(constraints.excludedSubtrees);
  const within = (dnsName: string) => (domain: string) =>
    domain === "" || dnsName === domain || dnsName.endsWith(`.${domain.replace(/^\./, "")}`);
  return dnsNames
    .filter((one) => excluded.some(within(one)) || (permitted.length > 0 && !permitted.some(within(one))))
    .map((one) => `"${name}" may not issue for ${one}, by its name constraints`);
}
