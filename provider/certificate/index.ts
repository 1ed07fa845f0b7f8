// Import this module lazily: the ASN.1 decoders take a while to load.
export { type CtLog, pinnedLogs, simulatorLog, trustedLogs } from "./logs";
export { pinnedRoots, simulatorRootPem, trustedRoots } from "./roots";
export { mayBeIgnored, type Rule } from "./rule";
export {
  embeddedLogoSha256,
  rules,
  type Verification,
  type VerificationInput,
  type VerifiedLeaf,
  verifyMarkCertificate,
} from "./verify";
