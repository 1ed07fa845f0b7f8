/** The editions that the rules follow. All but RFCs are drafts, which change: this is the one place that names them. */
export const specVersions = {
  bimi: "draft-brand-indicators-for-message-identification-14",
  svg: "draft-svg-tiny-ps-abrotman-12",
  certificate: "draft-fetch-validation-vmc-wchuang-11",
  guidance: "draft-brotman-ietf-bimi-guidance-13",
  requirements: "Minimum Security Requirements for Issuance of Mark Certificates 1.7",
  dmarc: "RFC 9989",
  logotype: "RFC 9399",
} as const;
