import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { CertCentralError, orders } from "../certcentral";
import type { OrderInfo, Product } from "../certcentral/orders";
import type { Context } from "../context";
import { isUnknown } from "../unknown";
import type { CheckedLogo, OrderInputs } from "./inputs";
import { isDead } from "./status";

/**
 * DigiCert keeps a logo once per account, with one trademark: orders with the same logo share it, and a change for one
 * changes it for all that are pending (VMC guide, "Logo and trademark details").
 */
type Trademark = NonNullable<OrderInputs["trademark"]>;

/** How many orders a search for a logo looks at. */
const searchLimit = 50;

/** Why a logo cannot be ordered with this trademark: another order of the stack declares it with another one. */
export function trademarkConflict(
  ctx: Context,
  logo: unknown,
  trademark: unknown,
  urn: string | undefined,
): string | undefined {
  const sha256 = (logo as CheckedLogo | undefined)?.sha256;
  if (sha256 === undefined || urn === undefined || !isTrademark(trademark)) return undefined;
  const declared = ctx.declaredTrademarks(sha256);
  const [other, theirs] = [...declared].find(([holder, text]) => holder !== urn && text !== textOf(trademark)) ?? [];
  declared.set(urn, textOf(trademark));
  if (other === undefined) return undefined;
  return `the same logo is declared with the trademark ${theirs} by ${other.split("::").pop()} and with ${textOf(trademark)} here. DigiCert keeps one trademark for a logo and would change it for both orders. Declare the same trademark, or use a logo of its own.`;
}

function isTrademark(value: unknown): value is Trademark {
  if (!value || typeof value !== "object") return false;
  const { countryCode, registrationNumber } = value as Partial<Trademark>;
  return [countryCode, registrationNumber].every((part) => typeof part === "string" && !isUnknown(part));
}

function textOf({ countryCode, registrationNumber }: Trademark): string {
  return `${countryCode.toLowerCase()} ${registrationNumber}`;
}

/** Other pending VMC orders with the logo of this one: a change of its trademark is theirs too. */
export async function otherOrdersWithLogo(ctx: Context, info: OrderInfo): Promise<number[]> {
  const open = await ctx.openOrders("pending");
  const candidates = open.filter(
    ({ orderId, productNameId }) => orderId !== info.orderId && (productNameId ?? "vmc_basic") === "vmc_basic",
  );
  const infos = await Promise.all(candidates.map(({ orderId }) => ctx.orderInfo(orderId)));
  return infos.filter((other) => isSameLogo(other, info)).map(({ orderId }) => orderId);
}

function isSameLogo(a: OrderInfo, b: OrderInfo): boolean {
  if (a.vmc.logoId !== undefined && b.vmc.logoId !== undefined) return a.vmc.logoId === b.vmc.logoId;
  const hash = shaOfLogo(a);
  return hash !== undefined && hash === shaOfLogo(b);
}

/**
 * Other pending VMC orders whose trademark an order with this logo and trademark would change. What cannot be asked is
 * not said: the order is not placed yet, and nothing hangs on it.
 */
export async function ordersToBeChanged(
  ctx: Context,
  product: Product,
  { logo, trademark }: OrderInputs,
): Promise<number[]> {
  const sha256 = (logo as CheckedLogo | undefined)?.sha256;
  if (!ctx.hasKey || sha256 === undefined || !isTrademark(trademark)) return [];
  try {
    const listed = await ctx.productOrders(product);
    const candidates = listed.filter(({ status }) => status === "pending" || status === "unknown");
    const infos = await Promise.all(candidates.slice(0, searchLimit).map(({ orderId }) => ctx.orderInfo(orderId)));
    const sharing: number[] = [];
    for (const info of infos) {
      if (info.status === "pending" && !isDeclared(trademark, info) && (await logoHash(ctx, info)) === sha256)
        sharing.push(info.orderId);
    }
    return sharing;
  } catch (error) {
    if (error instanceof CertCentralError) return [];
    throw error;
  }
}

function isDeclared({ countryCode, registrationNumber }: Trademark, { vmc }: OrderInfo): boolean {
  return (
    vmc.trademarkCountryCode?.toLowerCase() === countryCode.toLowerCase() &&
    vmc.trademarkRegistrationNumber === registrationNumber
  );
}

/** SHA-256 of the logo that order info shows. */
function shaOfLogo({ vmc }: OrderInfo): string | undefined {
  if (vmc.logo === undefined) return undefined;
  try {
    const svg = gunzipSync(Buffer.from(vmc.logo, "base64"), { maxOutputLength: 16 * 1024 * 1024 });
    return createHash("sha256").update(svg).digest("hex");
  } catch {
    return undefined;
  }
}

/**
 * Adds to DigiCert's refusal what is registered for the logo: an approved logo's trademark is settled, and data that differ
 * are refused.
 */
export async function withRegisteredTrademark(
  ctx: Context,
  error: unknown,
  { logo, trademark }: Pick<OrderInputs, "logo" | "trademark">,
  orderId?: number,
): Promise<unknown> {
  const refused = error instanceof CertCentralError && error.kind === "refused" && error.status === 400;
  if (!refused || !trademark || typeof logo !== "object") return error;
  if (!/trademark/i.test(`${error.codes.join(" ")} ${error.detail}`)) return error;
  const registered = await registeredTrademark(ctx, logo.sha256, orderId).catch(() => undefined);
  if (registered) {
    error.message += ` The logo is registered at DigiCert with ${registered.text} (order ${registered.orderId}), and declared here with ${textOf(trademark)}. Declare the registered trademark, or use a logo of its own.`;
  }
  return error;
}

async function registeredTrademark(
  ctx: Context,
  sha256: string,
  orderId?: number,
): Promise<{ orderId: number; text: string } | undefined> {
  const listed = orderId === undefined ? await orders.list(ctx.client, { productNameId: "vmc_basic" }) : [{ orderId }];
  for (const item of listed.slice(-searchLimit)) {
    const info = await orders.info(ctx.client, item.orderId);
    const { trademarkCountryCode: countryCode, trademarkRegistrationNumber: registrationNumber } = info.vmc;
    if (!countryCode || !registrationNumber || isDead(info.status)) continue;
    const same = orderId !== undefined || (await logoHash(ctx, info)) === sha256;
    if (same) return { orderId: info.orderId, text: textOf({ countryCode, registrationNumber }) };
  }
  return undefined;
}

async function logoHash(ctx: Context, info: OrderInfo): Promise<string | undefined> {
  const shown = shaOfLogo(info);
  if (shown !== undefined) return shown;
  const svg = await orders.getLogo(ctx.client, info.orderId).catch(() => undefined);
  return svg && createHash("sha256").update(svg).digest("hex");
}
