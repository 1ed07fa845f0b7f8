import type { z } from "zod";
import type { Product } from "../certcentral/orders";
import type { Failure, Props } from "../lifecycle";

/** What distinguishes the two products. */
export interface OrderKind {
  /** `VmcOrder` or `CmcOrder`. */
  type: string;
  product: Product;
  inputs: z.ZodObject;
  /** Rules that only this product has. */
  problems(news: Props): Failure[];
  /** Said at preview, without stopping it. */
  warnings(news: Props): string[];
}
