/** Client of DigiCert's CertCentral Services API v2: a namespace for each family of endpoints. */
export * as account from "./account";
export { isLoopbackUrl, parseBaseUrl } from "./baseUrl";
export * as certificates from "./certificates";
export {
  type Answer,
  BASE_URL_EU,
  BASE_URL_US,
  CertCentralClient,
  type ClientOptions,
  type Clock,
  type ServicesApiRequest,
  systemClock,
  THROTTLE_PATIENCE_MS,
} from "./client";
export * as domains from "./domains";
export { CertCentralError, type FailureKind } from "./errors";
export * as logos from "./logos";
export * as orders from "./orders";
export * as organizations from "./organizations";
export * as requests from "./requests";
