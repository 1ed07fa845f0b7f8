export { CloudflareBimi, type CloudflareBimiArgs } from "./components/cloudflareBimi";
export { Provider, type ProviderArgs } from "./provider";
export type { CnameStyle, DcvMethod, DcvRecordName, DnsRecordData } from "./records";
export { CmcOrder, type CmcOrderArgs } from "./resources/cmcOrder";
export { MarkCertificate, type MarkCertificateArgs } from "./resources/markCertificate";
export { OrgValidation, type OrgValidationArgs } from "./resources/orgValidation";
export { VmcOrder, type VmcOrderArgs } from "./resources/vmcOrder";
