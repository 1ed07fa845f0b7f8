import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { failure } from "../check";
import type { Props } from "../lifecycle";
import { orderInputs, personalOrderInputs } from "../order/inputs";
import type { OrderKind } from "../order/kind";
import { orderOutputs } from "../order/outputs";
import { OrderResource } from "../order/resource";
import type { Args } from "../resource";
import { isUnknown } from "../unknown";

/** Trademark offices that the seed document of `vmc_basic` lists; DigiCert may take more. */
const seedOffices = ["us", "ca", "em", "gb", "de", "jp", "au", "es"];

export const vmcOrderInputs = z.strictObject({
  ...orderInputs,
  /** The registration that protects the logo. May be left out; DigiCert then asks for it. Needs `logo`. */
  trademark: z
    .strictObject({
      /** Office that registered the mark, two letters: `us`, `ca`, `em` (EUIPO), `gb`, `de`, `jp`, `au`, `es`, … */
      countryCode: z
        .string()
        .regex(/^[A-Za-z]{2}$/, "must be the two-letter code of the trademark office, such as us or em."),
      /** Registration number, as the office writes it. */
      registrationNumber: z.string().min(1, "must not be empty."),
    })
    .optional(),
  /** Years of the order: 1 (default). 2 and 3 are accepted with a warning: DigiCert's older VMC documentation allows 1 year only. */
  years: z.int("must be 1, 2 or 3.").min(1, "must be 1, 2 or 3.").max(3, "must be 1, 2 or 3.").optional(),
});
export const vmcOrderOutputs = z.object(orderOutputs);

/** `POST /order/certificate/vmc_basic`. */
export const vmcOrder: OrderKind = {
  type: "VmcOrder",
  product: "vmc_basic",
  inputs: vmcOrderInputs,
  problems({ trademark }: Props) {
    const code = (trademark as Props | undefined)?.countryCode;
    if (code === undefined || isUnknown(code) || isUnknown(trademark)) return [];
    return typeof code === "string" && code.toLowerCase() === "uk"
      ? [failure("trademark.countryCode", 'the code of the United Kingdom\'s office is "gb".', personalOrderInputs)]
      : [];
  },
  warnings({ years, trademark }: Props) {
    const code = (trademark as Props | undefined)?.countryCode;
    return [
      ...(Number(years) > 1
        ? [
            `years: ${years} orders a multi-year plan; DigiCert's older VMC documentation allows 1 year only, so DigiCert may refuse it.`,
          ]
        : []),
      ...(typeof code === "string" && !isUnknown(code) && code.length === 2 && !seedOffices.includes(code.toLowerCase())
        ? [
            `trademark.countryCode: "${code}" is not among the offices that DigiCert documents (${seedOffices.join(", ")}); DigiCert may refuse it.`,
          ]
        : []),
    ];
  },
};

/** Inputs of a {@link VmcOrder}. */
export type VmcOrderArgs = Args<z.input<typeof vmcOrderInputs>>;

/**
 * An order for a Verified Mark Certificate, for a registered trademark (`POST /order/certificate/vmc_basic`).
 *
 * It is placed once, by `pulumi up`, and returns while DigiCert's people vet for days; a later `up` goes on. A change
 * never replaces it.
 *
 * @example
 * ```typescript
 * const order = new bimi.VmcOrder("logo", {
 *   dnsNames: ["example.com"],
 *   organization: { id: 112236, contacts: [{ contactType: "verified_contact", userId: 14 }] },
 *   logo: "logo.svg",
 *   trademark: { countryCode: "us", registrationNumber: "1234567" },
 *   dcvMethod: "dns-txt-token",
 * });
 * ```
 */
export class VmcOrder extends OrderResource {
  constructor(name: string, args: VmcOrderArgs, opts?: pulumi.CustomResourceOptions) {
    super("VmcOrder", "vmc_basic", name, args as unknown as Record<string, unknown>, opts);
  }

  /**
   * An order that something else manages, read by its number (or by the reference of the resource that placed it).
   * Needs @pulumi/pulumi 3.268 or newer.
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): VmcOrder {
    return new VmcOrder(name, undefined as unknown as VmcOrderArgs, { ...opts, id });
  }
}
