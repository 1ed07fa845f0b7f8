import assert from "node:assert/strict";
import { type Profile, type Simulator, type Switches, startSimulator, switchList } from "../../simulator";
import { type CommandResult, type Harness, succeeded } from "./harness";
import { ada, Calls, ordersAt, printed, resource, svg, Wire, zoneId } from "./support";

export const zones = { "example.com": zoneId, "example.net": "372e67954025e0ba6aaa6d586b9e0b59" };

/** One way in which DigiCert may behave. */
export interface Variant {
  name: string;
  profile: Profile;
  switches: Partial<Switches>;
  /** Where the orders end; default: issued. */
  vmc?: string;
  cmc?: string;
  /** Whether DigiCert's locations can be published; default: they can. */
  hosted?: false;
  /** The domain of the VMC that the account has already. */
  existing?: string;
}

/**
 * What a main job never meets, so that it is switched all at once. How a refusal is spelled matters where one is asked
 * for (newcomer.spec.ts); the rest belongs to calls that only renewals, reissues, revocations and edits make.
 */
const notMet: Partial<Switches> = {
  // Tokens are neither renewed nor left to end.
  newTokenStatus: 200,
  supersededTokens: "valid",
  expiredTokenStatus: "pending",
  // Domains are checked one by one, not by their order.
  orderDcvEndpoints: "answered",
  // What the provider never sends: a mark type, wrapped base64, no domain.
  orderMarkType: "accepted",
  wrappedBase64: "refused",
  missingDnsNames: "accepted",
  // Renewal, reissue, revocation.
  renewalWindow: "always",
  primaryInReissues: "listed",
  revokeWhileReissuingError: "400 order_not_revocable",
  // The provider asks for the status before it cancels, and for the thumbprint before it downloads.
  cancelNotPendingError: "403 access_denied|order_status",
  downloadBeforeIssueError: "400 certificate_not_issued",
  // Refusals of orders that are wrong, or not paid for by the balance.
  duplicateAlternativeIdError: "409 duplicate_alternative_order_id",
  badLogoError: "422 invalid_logo",
  trademarkMismatchError: "400 trademark_mismatch",
  inactiveOrganizationError: "404 not_found|organization",
  deactivateUsedOrganization: "refused",
  productNotEnabledError: "403 access_denied|missing_permission",
  cardBillingAddress: "optional",
  // The key's user sees the whole account.
  otherDivision: "403",
  // Nothing is throttled.
  retryAfter: "present",
};

/** Switched alone where the main job depends on it, or with others that concern other calls. */
export const variants: Variant[] = [
  { name: "as of seed", profile: "seed", switches: {} },
  { name: "as of 2026", profile: "2026", switches: {} },
  only({ looseTypes: "strings" }),
  { ...only({ domainScope: "base" }), existing: "example.com" },
  only({ orderRandomValue: "present" }),
  only({ processing: "hour" }),
  only({ preexistingDomainToken: "returned", alternateNotFound: "emptyObject", emptyLists: "emptyObject" }),
  only({ alternateNotFound: "emptyList", uniqueAlternativeIds: true, approvedRequests: "omitted" }),
  only({ orderInfoTrademark: "fields", orderInfoLogo: "absent", hostedLocations: "root" }),
  only({ orderInfoTrademark: "absent", logoStatusInOrderInfo: "present", vmcValidationBlock: "present" }),
  { ...only({ hostedUrls: "bare" }), hosted: false },
  only({ vettingDetails: "absent", cnameNotFoundError: "400 invalid_dns_txt", cancelUnapproved: "allowed" }),
  only({ orderValidTill: "years", productType: "mark_certificate" }),
  { name: "whatever it never meets", profile: "2026", switches: notMet },
  // example.net has no DMARC record, so DigiCert does not issue for it.
  { ...only({ dmarc: "checked" }), cmc: "pending" },
];

function only(switches: Partial<Switches>): Variant {
  const name = Object.entries(switches).map(([name, value]) => `${name}: ${value}`);
  return { name: name.join(", "), profile: "2026", switches };
}

export function defaultOf(name: string, profile: Profile) {
  return switchList.find((entry) => entry.name === name)![profile];
}

/**
 * Per variant, with a provider of DigiCert and one of Cloudflare of its own: a VMC over a domain and one below it (TXT),
 * of which the account has one already, a CMC in another zone (CNAME), and two orders that are never finished.
 */
const program = `
const cloudflare = require("@pulumi/cloudflare");
const bimi = require("pulumi-bimi");
for (const variant of require("./variants.json")) {
  const { name, organizationId, zones, cnameStyle } = variant;
  const digicert = new bimi.Provider(name, { apiKey: variant.apiKey, baseUrl: variant.baseUrl });
  const dns = new cloudflare.Provider(name, { apiToken: variant.cloudflareToken, baseUrl: variant.cloudflareUrl });
  const approver = ${JSON.stringify(ada)};
  const acme = new bimi.OrgValidation(name, {
    organizationId, validations: ["ev"], verifiedUsers: [approver],
  }, { provider: digicert });
  const organization = { id: acme.organizationId, contacts: [{ contactType: "verified_contact", ...approver }] };
  const vmc = new bimi.VmcOrder(name + " vmc", {
    dnsNames: ["example.com", "mail.example.com"],
    organization,
    logo: "logo.svg",
    trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
    dcvMethod: "dns-txt-token",
  }, { provider: digicert });
  new bimi.CloudflareBimi(name + " vmc", {
    order: vmc, zones,
    logoUrl: "https://example.com/logo-1.svg", certificateUrl: "https://example.com/logo-1.pem",
  }, { providers: [digicert, dns] });
  new cloudflare.DnsRecord(name + " dmarc", {
    zoneId: zones["example.com"], name: "_dmarc.example.com", type: "TXT", content: '"v=DMARC1; p=reject"', ttl: 300,
  }, { provider: dns });
  const cmc = new bimi.CmcOrder(name + " cmc", {
    dnsNames: ["example.net"], organization, logo: "other.svg", years: 2, dcvMethod: "dns-cname-token", enableHosting: true,
  }, { provider: digicert });
  new bimi.CloudflareBimi(name + " cmc", { order: cmc, zones, cnameStyle }, { providers: [digicert, dns] });
  const waiting = { dnsNames: ["example.org"], organization, logo: "other.svg", years: 1 };
  new bimi.CmcOrder(name + " pending", waiting, { provider: digicert });
  new bimi.CmcOrder(name + " unapproved", { ...waiting, dnsNames: ["www.example.org"], skipApproval: false }, { provider: digicert });
}
`;
const roles = ["vmc", "cmc", "pending", "unapproved"];
const commands = ["first", "up", "news", "issued", "rest", "destroy"] as const;

/** What a variant's services saw of its stack's commands. */
export interface Seen {
  variant: Variant;
  simulator: Simulator;
  calls: Record<(typeof commands)[number], Calls>;
  /** By role: `vmc`, `cmc`, `pending`, `unapproved`. */
  orderIds: Record<string, number>;
  /** At DigiCert, by role. */
  statuses: Record<"issued" | "left", Record<string, string>>;
  news: string;
  tokens: string[];
  wire: { proofs: string[]; pending: string[]; issued: string[] };
  /** Of the MarkCertificates. */
  outputs: Record<string, Record<string, unknown>>;
  /** Cloudflare's records after destroy. */
  left: unknown[];
}

/** The main job of several variants in one stack. */
export async function sweep(harness: Harness, share: readonly Variant[]): Promise<Seen[]> {
  const all = await Promise.all(share.map(start));
  const project = await harness.project({
    files: {
      "index.js": program,
      "logo.svg": svg(),
      "other.svg": svg("Other"),
      "variants.json": JSON.stringify(all.map(configuration)),
    },
  });
  const step = async (name: (typeof commands)[number], work: () => Promise<CommandResult>) => {
    const before = all.map(({ simulator }) => simulator.journal.length);
    const result = succeeded(await work());
    for (const [index, { simulator, calls }] of all.entries()) {
      calls[name] = new Calls(simulator.journal.slice(before[index]));
    }
    return printed(result);
  };

  await step("first", () => project.preview());
  await step("up", () => project.up());
  const placed = await project.stackExport();
  for (const seen of all) {
    const ofVariant = (role: string) =>
      resource(placed, role === "vmc" ? "VmcOrder" : "CmcOrder", `${seen.variant.name} ${role}`).outputs;
    seen.orderIds = Object.fromEntries(roles.map((role) => [role, ofVariant(role).orderId]));
    await lookAtProofs(seen);
    seen.wire.pending = await assertions(seen);
    await seen.simulator.control.vet(seen.orderIds.vmc!);
    await seen.simulator.control.vet(seen.orderIds.cmc!);
    await seen.simulator.control.advance({ hours: 2 });
  }
  const news = await step("news", () => project.preview());
  await step("issued", () => project.up());
  const issued = await project.stackExport();
  for (const seen of all) {
    seen.news = news;
    seen.statuses.issued = await statuses(seen);
    seen.wire.issued = await assertions(seen);
    for (const role of ["vmc", "cmc"]) {
      seen.outputs[role] = resource(issued, "MarkCertificate", `${seen.variant.name} ${role}`).outputs;
    }
  }
  await step("rest", () => project.preview("--expect-no-changes"));
  await step("destroy", () => project.destroy());
  for (const seen of all) {
    seen.statuses.left = await statuses(seen);
    seen.left = Object.values((await seen.simulator.control.dump()).cloudflare).flat();
  }
  return all;
}

async function start(variant: Variant): Promise<Seen> {
  const { profile, switches, existing = "mail.example.com" } = variant;
  const simulator = await startSimulator({ profile, switches, zones });
  await simulator.control.addDomain({ name: existing });
  return {
    variant,
    simulator,
    calls: {} as Seen["calls"],
    orderIds: {},
    statuses: { issued: {}, left: {} },
    news: "",
    tokens: [],
    wire: { proofs: [], pending: [], issued: [] },
    outputs: {},
    left: [],
  };
}

function configuration({ variant: { name, profile }, simulator }: Seen) {
  const { apiKey, baseUrl, cloudflareToken, cloudflareUrl, account } = simulator;
  const cnameStyle = profile === "seed" ? "seed" : "_dnsauth";
  const { organizationId } = account;
  return { name, apiKey, baseUrl, cloudflareToken, cloudflareUrl, organizationId, zones, cnameStyle };
}

/** The tokens that DigiCert wants to find, and what the wire answers where it looks. */
async function lookAtProofs(seen: Seen): Promise<void> {
  const wire = new Wire(seen.simulator);
  const { domains } = (await seen.simulator.control.dump()).certcentral;
  const token = (name: string) => domains.find((domain) => domain.name === name)?.token?.value ?? "";
  const legacy = seen.variant.profile === "seed";
  const cname = legacy ? `${token("example.net")}.example.net` : "_dnsauth.example.net";
  const target = legacy ? "dcv.digicert.com" : `${token("example.net")}.dcv.digicert.com`;
  const below = seen.variant.existing === "example.com" ? "example.com" : "mail.example.com";
  seen.tokens = [token("example.com"), token(below), target];
  seen.wire.proofs = [
    ...(await wire.txt("example.com")),
    ...(await wire.txt("mail.example.com")),
    ...(await wire.cname(cname)),
  ];
}

async function assertions({ simulator }: Seen): Promise<string[]> {
  const wire = new Wire(simulator);
  const names = ["example.com", "mail.example.com", "example.net"];
  return (await Promise.all(names.map((name) => wire.txt(`default._bimi.${name}`)))).flat();
}

async function statuses({ simulator, orderIds }: Seen): Promise<Record<string, string>> {
  const orders = await ordersAt(simulator);
  assert.equal(orders.length, roles.length, "no order too many");
  return Object.fromEntries(roles.map((role) => [role, orders.find(({ id }) => id === orderIds[role])!.status]));
}
