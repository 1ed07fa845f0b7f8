import { createHash } from "node:crypto";

/**
 * A resource's reference: the only thing that finds its order again after a crash, since DigiCert keeps it as the
 * order's alternative id. Derived once, when the resource is first created, and kept in the outputs for ever; the
 * first 14 characters are the same for all orders of a Pulumi project.
 */
export function deriveReference(of: { organization: string; project: string; stack: string; urn: string }): string {
  const resource = base36(16, of.organization, of.project, of.stack, of.urn);
  return `${projectPrefix(of)}${resource}`;
}

/** What the references of all orders of a Pulumi project begin with. */
export function projectPrefix(of: { organization: string; project: string }): string {
  return `bimi${base36(10, of.organization, of.project)}`;
}

function base36(length: number, ...parts: string[]): string {
  const digest = createHash("sha256").update(parts.join("\0")).digest("hex");
  return BigInt(`0x${digest}`).toString(36).padStart(length, "0").slice(-length);
}

/** Longest alternative order id that DigiCert takes (`alternative_order_id`). */
const maxLength = 64;

/** More orders than a resource ever places: whoever has an order for each of these ids would have one for any. */
const mostOrders = 200;

/** The alternative id of the n-th order that a resource places. */
export function alternativeOrderId(prefix: string, n: number): string {
  if (n > mostOrders) {
    throw new Error(
      `DigiCert has an order for each of the alternative order ids ${prefix}1 to ${prefix}${mostOrders}, which no resource has placed. Nothing was ordered. Check bimi:baseUrl: something on the way may answer every question alike.`,
    );
  }
  const id = `${prefix}${n}`;
  if (id.length > maxLength) {
    throw new Error(
      `The alternative order id ${id} has ${id.length} characters; DigiCert takes ${maxLength}. Shorten alternativeOrderId.`,
    );
  }
  return id;
}
