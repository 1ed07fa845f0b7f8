// Import this module lazily: the ASN.1 decoders take a while to load.
export { pinnedRoots, simulatorRootPem, trustedRoots } from "./roots";
export {
  type Verification,
  type VerificationInput,
  type VerifiedLeaf,
  verifyMarkCertificate,
} from "./verify";
