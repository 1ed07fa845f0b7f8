import { day } from "../time";
import type { OrderInputs } from "./inputs";
import type { OrderOutputs } from "./outputs";
import { isIssued } from "./status";

/** DigiCert renews an order in its last 90 days; without `renewBefore` it is said from then on. */
export const renewalWindow = 90;
const defaultReissueBefore = 30;

type Dates = Pick<OrderOutputs, "status" | "orderValidTill" | "certificateValidTill"> &
  Partial<Pick<OrderOutputs, "__agreed">>;
type Settings = Pick<OrderInputs, "renewBefore" | "reissueBefore">;

/**
 * What state and clock alone say is due, so that an order at rest needs no call.
 * - `renewal`: the order ends within `renewBefore` days, or has ended;
 * - `reissue`: the certificate ends within `reissueBefore` days, and its order (a multi-year plan) runs longer;
 * - `renewalDue`: the order can be renewed, and nobody told us to.
 */
export function dueOf(outs: Dates, inputs: Settings, now: Date): "renewal" | "reissue" | "renewalDue" | undefined {
  if (!isIssued(outs.status) && outs.status !== "expired") return undefined;
  const endsWithin = (date: string | undefined, days: number) =>
    date !== undefined && Date.parse(date) - now.getTime() <= days * day;
  const { renewBefore, reissueBefore = defaultReissueBefore } = inputs;
  const end = endOf(outs);
  if (typeof renewBefore === "number" && (endsWithin(end, renewBefore) || outs.status === "expired")) return "renewal";
  if (outs.status === "expired") return undefined;
  if (typeof reissueBefore === "number" && outlives(outs) && endsWithin(outs.certificateValidTill, reissueBefore))
    return "reissue";
  return renewBefore === undefined && endsWithin(end, renewalWindow) ? "renewalDue" : undefined;
}

/** Of an order for several years a certificate's end says nothing: it would be renewed, and paid, years too early. */
function endOf({ orderValidTill, certificateValidTill, __agreed }: Dates): string | undefined {
  return orderValidTill ?? (__agreed?.validity === undefined ? certificateValidTill : undefined);
}

/** An order that ends with its certificate, give or take a day, has nothing left to reissue. */
function outlives({ orderValidTill, certificateValidTill }: Dates): boolean {
  if (orderValidTill === undefined || certificateValidTill === undefined) return false;
  return Date.parse(orderValidTill) - Date.parse(certificateValidTill) > day;
}
