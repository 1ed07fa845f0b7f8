import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { orderInputs } from "../order/inputs";
import type { OrderKind } from "../order/kind";
import { orderOutputs } from "../order/outputs";
import { OrderResource } from "../order/resource";
import type { Args } from "../resource";

export const cmcOrderInputs = z.strictObject({
  ...orderInputs,
  /** Years of the multi-year plan: 1, 2 or 3. Each certificate lives as long as the industry allows, about a year. */
  years: z.int("must be 1, 2 or 3.").min(1, "must be 1, 2 or 3.").max(3, "must be 1, 2 or 3."),
});
export const cmcOrderOutputs = z.object(orderOutputs);

/** `POST /order/certificate/mark_certificate`. */
export const cmcOrder: OrderKind = {
  type: "CmcOrder",
  product: "mark_certificate",
  inputs: cmcOrderInputs,
  problems: () => [],
  warnings: () => [],
};

/** Inputs of a {@link CmcOrder}. */
export type CmcOrderArgs = Args<z.input<typeof cmcOrderInputs>>;

/**
 * An order for a Common Mark Certificate, for a mark in prior use or a modified registered mark
 * (`POST /order/certificate/mark_certificate`).
 *
 * It is placed once, by `pulumi up`, and returns while DigiCert's people vet for days; a later `up` goes on. A change
 * never replaces it.
 *
 * @example
 * ```typescript
 * const order = new bimi.CmcOrder("logo", {
 *   dnsNames: ["example.com", "example.net"],
 *   organization: { id: 112236 },
 *   logo: "logo.svg",
 *   years: 3,
 *   dcvMethod: "dns-cname-token",
 * });
 * ```
 */
export class CmcOrder extends OrderResource {
  constructor(name: string, args: CmcOrderArgs, opts?: pulumi.CustomResourceOptions) {
    super("CmcOrder", "mark_certificate", name, args as unknown as Record<string, unknown>, opts);
  }

  /**
   * An order that something else manages, read by its number (or by the reference of the resource that placed it).
   * Needs @pulumi/pulumi 3.268 or newer.
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): CmcOrder {
    return new CmcOrder(name, undefined as unknown as CmcOrderArgs, { ...opts, id });
  }
}
