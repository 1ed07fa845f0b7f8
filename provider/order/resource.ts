import type * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { Product } from "../certcentral/orders";
import { canonicalDnsName, type DcvMethod } from "../records";
import { BimiResource, type Outs } from "../resource";
import { orderOutputs } from "./outputs";

/** What a program says in plain values: a component's children must follow from these alone. */
export interface Declared {
  product: Product;
  /** Canonical names; undefined when the program computes them. */
  dnsNames?: string[];
  /** Undefined when the program computes it. */
  dcvMethod?: DcvMethod;
}

type Outputs = z.infer<z.ZodObject<typeof orderOutputs>>;

export interface OrderResource extends Outs<Outputs> {}

/** What `VmcOrder` and `CmcOrder` share. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Pulumi sets the outputs' fields from the properties.
export abstract class OrderResource extends BimiResource {
  /** @internal */
  readonly __declared: Declared;
  /** @internal */
  declare readonly __logo: pulumi.Output<string | undefined>;

  protected constructor(
    type: "VmcOrder" | "CmcOrder",
    product: Product,
    name: string,
    args: Record<string, unknown> | undefined,
    opts: pulumi.CustomResourceOptions = {},
  ) {
    super(type, type === "VmcOrder" ? "vmcOrder" : "cmcOrder", name, args, Object.keys(orderOutputs), opts, {
      reference: true,
    });
    const { dnsNames, dcvMethod = "email" } = (args ?? {}) as { dnsNames?: unknown; dcvMethod?: unknown };
    this.__declared = {
      product,
      ...(Array.isArray(dnsNames) && dnsNames.every((name) => typeof name === "string")
        ? { dnsNames: [...new Set(dnsNames.map(canonicalDnsName))] }
        : {}),
      ...(typeof dcvMethod === "string" ? { dcvMethod: dcvMethod as DcvMethod } : {}),
    };
  }
}
