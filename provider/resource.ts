import * as pulumi from "@pulumi/pulumi";
import { BimiError } from "./context";
import { cardLeftOut, isLiteralCard } from "./order/creditCard";
import { deriveReference } from "./order/reference";

type Deep<T> = T extends readonly (infer U)[]
  ? pulumi.Input<Deep<U>>[]
  : T extends object
    ? { [K in keyof T]: pulumi.Input<Deep<T[K]>> }
    : T;

/** What a program passes for a resource's inputs: every value may be an Output. Plumbing is left out. */
export type Args<T> = { [K in keyof T as K extends `__${string}` ? never : K]: pulumi.Input<Deep<Given<K, T[K]>>> };

/** `check` turns a logo's path into what identifies its bytes; a program gives the path, or the SVG. */
type Given<K, T> = K extends "logo" ? Extract<T, string> : T;

/** A resource's outputs as fields of its class. */
export type Outs<T> = { readonly [K in keyof T as K extends `__${string}` ? never : K]: pulumi.Output<T[K]> };

/**
 * The text that Pulumi stores as `__provider` and runs in its provider process. It is a constant, so that state never
 * holds code: old state runs the installed version. Path and names are fixed for ever.
 */
export function providerText(handler: string): string {
  return `exports.handler = () => require("pulumi-bimi/dynamic").${handler};`;
}

/** A resource of this package in Pulumi's dynamic engine. */
export abstract class BimiResource extends pulumi.CustomResource {
  protected constructor(
    type: string,
    handler: string,
    name: string,
    args: Record<string, unknown> | undefined,
    outputs: readonly string[],
    opts: pulumi.CustomResourceOptions,
    plumbing: { reference: boolean },
  ) {
    assertKeyIsSecret();
    const token = `pulumi-nodejs:dynamic/bimi:${type}`;
    const urn = withoutDependencies(pulumi.createUrn(name, token, opts.parent));
    super(
      token,
      name,
      {
        ...Object.fromEntries(outputs.map((output) => [output, undefined])),
        ...args,
        ...(args?.creditCard === undefined ? {} : { creditCard: withoutCard(args.creditCard) }),
        __urn: urn,
        ...(plumbing.reference ? { __reference: urn.then(referenceOf), ...formerReferences(name, token, opts) } : {}),
        __provider: providerText(handler),
      },
      opts,
    );
  }
}

/** The engine logs what it is given, so a card in the program must not even get there; `check` refuses what is put in its place. */
function withoutCard(card: unknown): pulumi.Output<unknown> {
  return pulumi.output(card as object).apply((given) => (isLiteralCard(given) ? cardLeftOut : given));
}

/** A URN that came from a parent makes whoever uses it depend on all the parent's children, itself among them. */
function withoutDependencies(urn: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => {
    urn.apply(resolve);
  });
}

/** The URN tells the stack and the project: an alias may be of others. */
function referenceOf(urn: string): string {
  const [, , stack = "", project = ""] = urn.split(/::?/, 4);
  return deriveReference({ organization: organizationName(), project, stack, urn });
}

/** A program's unit tests seldom name an organization; Pulumi's own name for none is `organization`. */
function organizationName(): string {
  try {
    return pulumi.getOrganization();
  } catch {
    return "organization";
  }
}

/** After a rename, an order may still be found under the reference of the old name. */
function formerReferences(name: string, token: string, opts: pulumi.CustomResourceOptions) {
  const parent = opts.parent ?? pulumi.runtime.getStackResource();
  const inherited = (parent as { __aliases?: unknown[] } | undefined)?.__aliases ?? [];
  if (!parent || (!opts.aliases?.length && inherited.length === 0)) return {};
  const { __name: parentName } = parent as unknown as { __name: string };
  const urns = pulumi.allAliases(opts.aliases ?? [], name, token, parent, parentName);
  return { __formerReferences: urns.map((urn) => withoutDependencies(urn).then(referenceOf)) };
}

/** Pulumi stores configuration in the state of its default provider: a key that is not secret would lie there in plain text. */
function assertKeyIsSecret(): void {
  const key = "bimi:apiKey";
  const { getConfig, isConfigSecret } = pulumi.runtime as unknown as {
    getConfig?(key: string): string | undefined;
    isConfigSecret?(key: string): boolean;
  };
  if (!getConfig?.(key) || isConfigSecret?.(key)) return;
  throw new pulumi.RunError(
    new BimiError(
      "key_not_secret",
      "The configuration bimi:apiKey is not secret, so the CertCentral API key would be stored in plain text. Repair it with `pulumi config set --secret bimi:apiKey`, and replace the key in CertCentral if this stack file was shared.",
    ).message,
  );
}
