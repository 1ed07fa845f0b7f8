import * as pulumi from "@pulumi/pulumi";

export interface ProviderArgs {
  /** CertCentral API key; treated as a secret. Default: environment `DIGICERT_API_KEY`. */
  apiKey?: pulumi.Input<string>;
  /** Services API base URL, such as `https://certcentral.digicert.eu/services/v2`. Default: the US URL. */
  baseUrl?: pulumi.Input<string>;
  /** Whether an `up` may buy with this key. Default: false. */
  allowOrders?: pulumi.Input<boolean>;
  /** DNS server (`host` or `host:port`) that is asked whether DCV records are visible. */
  resolver?: pulumi.Input<string>;
  /** PEM of further mark-certificate roots to trust. */
  extraRoots?: pulumi.Input<string>;
}

/**
 * A second CertCentral account beside the one of the stack's configuration: pass it as `provider` in a resource's
 * options. It sees only its own arguments.
 */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs, opts?: pulumi.ResourceOptions) {
    const text = (value: pulumi.Input<string | boolean> | undefined) =>
      value === undefined ? undefined : pulumi.output(value).apply(String);
    super(
      "pulumi-nodejs",
      name,
      {
        "bimi:apiKey": args.apiKey === undefined ? undefined : pulumi.secret(args.apiKey),
        "bimi:baseUrl": text(args.baseUrl),
        "bimi:allowOrders": text(args.allowOrders),
        "bimi:resolver": text(args.resolver),
        "bimi:extraRoots": text(args.extraRoots),
      },
      opts,
    );
  }
}
