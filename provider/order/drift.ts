import type { OrderInfo } from "../certcentral/orders";
import { agrees } from "../changes";
import type { Context } from "../context";
import { orderChanges } from "./changes";
import { logoOfOrder } from "./logo";
import type { OrderOutputs } from "./outputs";
import { setOf } from "./reissue";
import { isDead, isIssued } from "./status";

/** What a refresh finds at DigiCert to differ from what was ordered. */
export async function driftOf(ctx: Context, outs: OrderOutputs, info: OrderInfo): Promise<string[] | undefined> {
  const found = [...(await logoDrift(ctx, outs, info)), ...factsDrift(outs, info)];
  return found.length > 0 ? found : undefined;
}

async function logoDrift(ctx: Context, { logoSha256 }: OrderOutputs, info: OrderInfo): Promise<string[]> {
  if (logoSha256 === undefined || isDead(info.status)) return [];
  const theirs = await logoOfOrder(ctx.client, info);
  if (theirs === undefined || theirs === logoSha256) return [];
  return [
    `logo: DigiCert has ${theirs === "none" ? "none" : `another one (SHA-256 ${theirs})`}, ordered was ${logoSha256}`,
  ];
}

/** What order info alone tells. Trademark data that an order without its own inherited from the logo is no drift. */
export function factsDrift({ __agreed }: OrderOutputs, info: OrderInfo): string[] {
  const { trademarkCountryCode: countryCode, trademarkRegistrationNumber: registrationNumber } = info.vmc;
  const drift: string[] = [];
  if (isDead(info.status)) return drift;
  const trademark = { countryCode, registrationNumber };
  if (
    __agreed.trademark &&
    countryCode &&
    registrationNumber &&
    !agrees(orderChanges, __agreed, "trademark", { trademark })
  ) {
    drift.push(`trademark: DigiCert has ${countryCode} ${registrationNumber}, which is not what was declared`);
  }
  const names = info.certificate.dnsNames;
  if (isIssued(info.status) && names.length > 0 && !agrees(orderChanges, __agreed, "dnsNames", { dnsNames: names })) {
    drift.push(`dnsNames: the certificate covers ${setOf(names)}, which is not what was declared`);
  }
  if (info.isRenewed) drift.push("renewal: another order renewed this one");
  return drift;
}
