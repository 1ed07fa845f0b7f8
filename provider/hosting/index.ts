export { nonPublicKind } from "./address";
export {
  type Answered,
  type Failed,
  type Fetched,
  type FetchOptions,
  guardedFetch,
  MAX_HOSTED_LOGO_BYTES,
  MAX_HOSTED_PEM_BYTES,
} from "./fetch";
export { internet, type Network, networkOf } from "./network";
export { chainFindings, hostingRules, logoFindings, sameUrlFinding, servingFindings } from "./rules";
