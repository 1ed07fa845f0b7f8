import { DAY, HOUR } from "../clock";
import { issueMarkCertificate } from "../pki";
import { isValid, pollDomains } from "./dcv";
import { logoOf } from "./logos";
import { hasValidation } from "./organizations";
import type { Certificate, Logo, Order, Organization } from "./state";
import type { World } from "./world";

/** Mark certificates run as long as the requirements allow, less a day of margin. */
export const CERTIFICATE_DAYS = 397;

/** What happens by itself: domains are polled, orders that meet every condition are issued, old ones expire. */
export async function tick(world: World): Promise<void> {
  world.catchUp();
  await pollDomains(world);
  for (const order of world.state.orders) {
    if (["pending", "processing", "reissue_pending"].includes(order.status)) await proceed(world, order);
    if (order.status === "issued" && order.validUntil !== undefined && order.validUntil <= world.now()) {
      world.setStatus(order, "expired", order.validUntil);
    }
  }
}

async function proceed(world: World, order: Order): Promise<void> {
  // the cheap questions first: there may be a thousand open orders
  if (!order.contactVerified || logoOf(world, order)?.status !== "approved") return;
  if (order.status === "reissue_pending" && !order.reissue?.certificateId) return;
  if ((await missing(world, order)).length > 0) return;
  if (world.switches.processing === "hour" && order.status !== "reissue_pending") {
    if (order.status === "pending") {
      order.processingSince = world.now();
      world.setStatus(order, "processing");
    }
    if (world.now() < order.processingSince! + HOUR) return;
  }
  await issue(world, order);
}

/** Every condition of issuance that does not hold, in words. */
export async function missing(world: World, order: Order): Promise<string[]> {
  const organization = world.organization(order, order.organizationId);
  const logo = logoOf(world, order);
  const names = order.reissue?.names ?? order.names;
  const open: string[] = [];
  if (names.length === 0) open.push("domain names");
  for (const { dnsName, domainId } of names) {
    if (!isValid(world, world.domain(order, domainId))) open.push(`domain control of ${dnsName}`);
    if (world.switches.dmarc === "checked" && !(await isDmarcCompliant(world, dnsName)))
      open.push(`DMARC of ${dnsName}`);
  }
  if (!organization.isActive || !hasValidation(world, organization, "ev")) open.push("organization validation");
  if (!logo) open.push("logo");
  else if (logo.status !== "approved") open.push("logo approval");
  if (order.product === "vmc_basic" && logo && !hasTrademark(logo)) open.push("trademark");
  if (!order.contactVerified) open.push("verified contact");
  return open;
}

/** A government mark is protected by law, not by a trademark registration. */
export function hasTrademark(logo: Logo): boolean {
  const { trademarkCountryCode: country, trademarkRegistrationNumber: number } = logo;
  return logo.markType === "government_mark" || Boolean(country && number);
}

/** The domain or one above it says quarantine or reject. */
async function isDmarcCompliant(world: World, name: string): Promise<boolean> {
  const labels = name.split(".");
  for (let skip = 0; skip < labels.length - 1; skip++) {
    const records = await world.prober.txt(`_dmarc.${labels.slice(skip).join(".")}`);
    const record = records.find((text) => /^v=DMARC1\s*;/.test(text));
    if (record) return /;\s*p=(quarantine|reject)\b/.test(record);
  }
  return false;
}

async function issue(world: World, order: Order): Promise<void> {
  const at = world.now();
  const id = order.reissue?.certificateId ?? order.certificateId;
  const certificate = world.state.certificates.find((candidate) => candidate.id === id)!;
  const whole = at + CERTIFICATE_DAYS * DAY;
  const validUntil = order.reissue ? Math.min(whole, order.validUntil!) : whole;
  const { organizationId } = order;
  const organization = world.organization(order, organizationId);
  const made = await sign(certificate, organization, logoOf(world, order)!, order, at, validUntil);
  certificate.status = "issued";
  certificate.issued = { at, validUntil, ...made };
  order.certificateId = certificate.id;
  if (order.reissue) {
    order.dnsNames = order.reissue.dnsNames;
    order.names = order.reissue.names;
    order.reissue = undefined;
  } else {
    const years = new Date(at);
    years.setUTCFullYear(years.getUTCFullYear() + order.years);
    order.issuedAt = at;
    order.validUntil =
      world.switches.orderValidTill === "years" ? years.getTime() : Math.max(years.getTime(), validUntil);
  }
  order.randomValue = undefined;
  order.misissue = undefined;
  world.setStatus(order, "issued", at);
}

function sign(
  { dnsNames }: Certificate,
  organization: Organization,
  logo: Logo,
  { product, misissue = {} }: Order,
  begin: number,
  end: number,
) {
  const { trademarkCountryCode: countryCode, trademarkRegistrationNumber: registrationNumber } = logo;
  const { name, country, state, city, address, zip } = organization;
  const { validFromDays = 0, validTillDays } = misissue;
  const request = {
    product,
    dnsNames: misissue.dnsNames ?? dnsNames,
    organization: { name, country, state, city, address, zip },
    logo: misissue.logo === undefined ? Buffer.from(logo.svg, "base64") : Buffer.from(misissue.logo),
    markType: logo.markType ?? (product === "vmc_basic" ? "registered_mark" : "prior_use_mark"),
    trademark: countryCode && registrationNumber ? { countryCode, registrationNumber } : undefined,
    notBefore: new Date(begin + validFromDays * DAY),
    notAfter: new Date(validTillDays === undefined ? end : begin + validTillDays * DAY),
  };
  return issueMarkCertificate(request, misissue);
}
