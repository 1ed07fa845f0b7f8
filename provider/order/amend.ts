import { orders, requests } from "../certcentral";
import type { ContactRequest, OrderInfo } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import { encodeLogo } from "../logo";
import type { OrderInputs } from "./inputs";
import { logoBytes, logoOfOrder } from "./logo";
import { personRequest } from "./request";
import { withRegisteredTrademark } from "./sharedLogo";

/**
 * Writes to DigiCert what can be changed of an order in place. Each write is read first where DigiCert tells, so an update
 * that is repeated after a failure writes only what is left.
 *
 * @param changes rows of the table of changes (`changes.ts`)
 * @returns the order as it is after the writes
 */
export async function amendOrder(
  ctx: Context,
  title: string,
  inputs: OrderInputs,
  before: OrderInfo,
  changes: readonly string[],
): Promise<OrderInfo> {
  const { orderId } = before;
  let info = before;
  const reread = async () => {
    ctx.forgetReads();
    info = await orders.info(ctx.client, orderId);
  };
  if (changes.includes("approval") && inputs.skipApproval !== false && (await approve(ctx, title, info)))
    await reread();
  if (changes.includes("logo") && (await uploadLogo(ctx, inputs, info))) await reread();
  if (changes.includes("trademark") || changes.includes("logo")) {
    if (await writeTrademark(ctx, inputs, info)) await reread();
  }
  const hosting = Boolean(inputs.enableHosting);
  if (changes.includes("enableHosting") && info.vmc.enableHosting !== hosting) {
    await orders.updateVmc(ctx.client, orderId, { enable_hosting: Number(hosting) });
    await reread();
  }
  const contacts = changedContacts(inputs, changes);
  if (contacts.length > 0) await orders.updateContacts(ctx.client, orderId, contacts);
  if (changes.includes("customFields")) {
    for (const { metadataId, value } of inputs.customFields ?? []) {
      await orders.setCustomField(ctx.client, orderId, metadataId, value);
    }
  }
  return info;
}

/** `pulumi up` is the approval, if the key may approve. */
async function approve(ctx: Context, title: string, { status, requests: asked }: OrderInfo): Promise<boolean> {
  if (status !== "needs_approval") return false;
  ctx.assertMayOrder();
  const open = asked.filter(({ status }) => status === "pending" || status === "submitted");
  if (open.length === 0) {
    throw new BimiError(
      "no_request",
      `${title} waits for approval, but DigiCert names no request that could be approved. Nothing was changed. An administrator must approve it in CertCentral.`,
    );
  }
  for (const { id } of open) {
    await requests.updateStatus(ctx.client, id, { status: "approved" }, { buys: true });
  }
  return true;
}

async function uploadLogo(ctx: Context, { logo }: OrderInputs, info: OrderInfo): Promise<boolean> {
  if (typeof logo !== "object" || (await logoOfOrder(ctx.client, info)) === logo.sha256) return false;
  const bytes = await logoBytes(ctx, logo);
  await orders.uploadEncodedLogo(ctx.client, info.orderId, encodeLogo(bytes));
  return true;
}

async function writeTrademark(ctx: Context, inputs: OrderInputs, info: OrderInfo): Promise<boolean> {
  const { trademark } = inputs;
  if (!trademark) return false;
  const body = {
    trademark_country_code: trademark.countryCode.toLowerCase(),
    trademark_registration_number: trademark.registrationNumber,
  };
  const { trademarkCountryCode, trademarkRegistrationNumber } = info.vmc;
  const isThere =
    trademarkCountryCode?.toLowerCase() === body.trademark_country_code &&
    trademarkRegistrationNumber === body.trademark_registration_number;
  if (isThere) return false;
  try {
    await orders.updateVmc(ctx.client, info.orderId, body);
  } catch (error) {
    throw await withRegisteredTrademark(ctx, error, inputs, info.orderId);
  }
  return true;
}

function changedContacts(inputs: OrderInputs, changes: readonly string[]): ContactRequest[] {
  return (["organizationContact", "technicalContact"] as const).flatMap((role) => {
    const person = inputs[role];
    if (!person || !changes.includes(role)) return [];
    const contact_type = role === "organizationContact" ? "organization_contact" : "technical_contact";
    return [{ contact_type, ...personRequest(person) }];
  });
}
