import * as pulumi from "@pulumi/pulumi";

export interface ProviderArgs {
  /** CertCentral API key; treated as a secret. Default: environment `DIGICERT_API_KEY`. */
  apiKey?: pulumi.Input<string>;
  /**
   * Services API base URL, such as `https://certcentral.digicert.eu/services/v2`. Default: environment
   * `DIGICERT_BASE_URL`, else the US URL.
   */
  baseUrl?: pulumi.Input<string>;
  /** Whether an `up` may buy with this key. Default: false; a simulator on this machine needs no leave. */
  allowOrders?: pulumi.Input<boolean>;
  /** How many purchases one update may make. Default: 5. A preview fails before more are made. */
  maxOrdersPerUpdate?: pulumi.Input<number>;
  /** What an `up` does at an order that is canceled, rejected, revoked or expired: `fail` (default) or `warn`. */
  onDeadOrder?: pulumi.Input<"fail" | "warn">;
  /**
   * DNS server (`host` or `host:port`) that is asked whether DCV records are visible, and first for the hosts that
   * `checkHosting` fetches from.
   */
  resolver?: pulumi.Input<string>;
  /** PEM of further mark-certificate roots to trust. */
  extraRoots?: pulumi.Input<string>;
  /** Whether `checkHosting` may fetch from hosts whose addresses are not public. Default: false. */
  allowPrivateHosts?: pulumi.Input<boolean>;
}

/**
 * A second CertCentral account beside the one of the stack's configuration: pass it as `provider` in a resource's
 * options. It sees its own arguments and the environment, not the stack's configuration.
 *
 * @example
 * ```typescript
 * const eu = new bimi.Provider("eu", {
 *   apiKey: config.requireSecret("euApiKey"),
 *   baseUrl: "https://certcentral.digicert.eu/services/v2",
 * });
 * new bimi.VmcOrder("logo", { ... }, { provider: eu });
 * ```
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
    const text = (value: pulumi.Input<string | boolean | number> | undefined) =>
      value === undefined ? undefined : pulumi.output(value).apply(String);
    super(
      "pulumi-nodejs",
      name,
      {
        "bimi:apiKey": args.apiKey === undefined ? undefined : pulumi.secret(args.apiKey),
        "bimi:baseUrl": text(args.baseUrl),
        "bimi:allowOrders": text(args.allowOrders),
        "bimi:maxOrdersPerUpdate": text(args.maxOrdersPerUpdate),
        "bimi:onDeadOrder": text(args.onDeadOrder),
        "bimi:resolver": text(args.resolver),
        "bimi:extraRoots": text(args.extraRoots),
        "bimi:allowPrivateHosts": text(args.allowPrivateHosts),
      },
      opts,
    );
  }
}
