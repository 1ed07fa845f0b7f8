import { account, CertCentralError, organizations } from "../certcentral";
import type { Me } from "../certcentral/account";
import { CLOCK_REMEDY, describeDeviation, isFarOff } from "../certcentral/localClock";
import type { Context } from "../context";
import { day } from "../time";
import { type Check, messageOf, ok, problem, unknown, warning } from "./check";
import { titleOf } from "./stackReport";
import type { Held, StackState } from "./stackState";

/** A validation that ends sooner is submitted again. */
const margin = 30 * day;

/** What DigiCert tells of the key and its account; GETs only, none with an id of another account. */
export async function checkAccount(ctx: Context, { resources }: StackState): Promise<Check[]> {
  let me: Me;
  try {
    me = await ctx.account();
  } catch (error) {
    return [
      problem(
        "key at DigiCert",
        messageOf(error),
        "Mend this first: account, products, custom fields and organizations are not checked without a valid key.",
      ),
    ];
  }
  const { origin, baseUrl } = ctx.client;
  const isOwn = ({ outs }: Held) =>
    (outs.accountId ?? me.accountId) === me.accountId && (outs.origin ?? origin) === origin;
  const own = resources.filter(isOwn);
  const [products, fields, ...vetted] = await Promise.all([
    answered("products", checkProducts(ctx, resources)),
    answered("custom fields", checkCustomFields(ctx, own)),
    ...organizationIdsOf(own).map((id) => answered(`organization ${id}`, checkOrganization(ctx, id))),
  ]);
  return [
    ok("key at DigiCert", `valid${me.username ? `, of the user ${me.username}` : ""} at ${baseUrl}`),
    checkClock(ctx),
    checkRole(me),
    unknown(
      "restriction of the key",
      "DigiCert does not tell whether a key is restricted to reading (View Only); the first write would: 403 access_denied|missing_permission.",
      "See the key in CertCentral, Account > Account Access.",
    ),
    checkWhose(ctx, me, resources, own),
    products,
    unknown(
      "unique order ids",
      "DigiCert does not tell whether the account requires unique alternative order IDs. It does not matter: each id is looked up first, and used for one order.",
    ),
    fields,
    ...(vetted.length > 0 ? vetted : [ok("organizations", "the stack has none yet")]),
  ];
}

/** What could not be asked is a problem of its own, not of the others. */
async function answered(name: string, check: Promise<Check>): Promise<Check> {
  try {
    return await check;
  } catch (error) {
    return problem(name, messageOf(error));
  }
}

function checkClock({ client }: Context): Check {
  const off = client.clockDeviation;
  if (off === undefined) {
    return unknown("clock", "DigiCert's answers do not tell the time, so this machine's clock cannot be compared.");
  }
  if (!isFarOff(off)) return ok("clock", describeDeviation(off));
  return problem("clock", `Nothing is ordered: ${describeDeviation(off)}.`, CLOCK_REMEDY);
}

/** DigiCert's access roles by id. */
const approvers = [1, 4];
const roles: Record<number, string> = {
  2: "may order, but not approve, and sees only its own orders",
  3: "is not known to order: DigiCert documents it for finances",
  5: "may order, but not approve",
};

function checkRole({ accessRoles }: Me): Check {
  const name = "role";
  if (accessRoles.length === 0) return unknown(name, "DigiCert does not tell the user's access role.");
  const names = accessRoles.map((role) => role.name || `role ${role.id}`).join(", ");
  if (accessRoles.some(({ id }) => approvers.includes(id))) return ok(name, `${names}: may order and approve`);
  const may = accessRoles.map(({ id }) => roles[id] ?? "is not known to this package").join("; ");
  return warning(
    name,
    `${names}: ${may}. Its orders wait (needs_approval) until an administrator approves them, whatever skipApproval says.`,
    "Use the key of an Administrator or Manager, or have each request approved in CertCentral.",
  );
}

function checkWhose(ctx: Context, { accountId }: Me, resources: readonly Held[], own: readonly Held[]): Check {
  const here = `${accountId} at ${ctx.client.origin}`;
  const foreign = resources.filter((held) => !own.includes(held));
  const bound = own.filter(({ outs }) => outs.accountId !== undefined);
  if (foreign.length === 0) {
    return ok("account", `${here}${bound.length > 0 ? ", that of all the stack's orders and organizations" : ""}`);
  }
  const list = foreign.map(({ type, name, outs }) => {
    const title = titleOf({ type, name, orderId: outs.orderId });
    return `${title} is of account ${outs.accountId ?? "?"} at ${outs.origin ?? "?"}`;
  });
  const what = `The key is of ${here}, but ${list.join("; ")}.`;
  const remedy = "Use a key of that account, and its bimi:baseUrl; every operation on these fails until then.";
  if (bound.length === 0) return problem("account", what, remedy);
  return warning("account", what, `Right if their provider is a bimi.Provider of that account. Else: ${remedy}`);
}

const markProducts = { VmcOrder: "vmc_basic", CmcOrder: "mark_certificate" };

async function checkProducts(ctx: Context, resources: readonly Held[]): Promise<Check> {
  const name = "products";
  const all = Object.values(markProducts);
  const listed = (await account.products(ctx.client)).map(({ nameId }) => nameId);
  const enabled = all.filter((product) => listed.includes(product));
  const types = Object.entries(markProducts).filter(([type]) => resources.some((held) => held.type === type));
  const lacking = types.map(([, product]) => product).filter((product) => !enabled.includes(product));
  const remedy = "Enable it in CertCentral, Settings > Product Settings, or ask DigiCert's account manager.";
  if (lacking.length > 0)
    return problem(name, `The account may not order ${lacking.join(", ")}, which the stack uses.`, remedy);
  if (enabled.length === 0) return problem(name, `The account may order neither ${all.join(" nor ")}.`, remedy);
  const others = all.filter((product) => !enabled.includes(product));
  return ok(name, `${enabled.join(", ")} enabled${others.length > 0 ? `; ${others.join(", ")} is not` : ""}`);
}

/** DigiCert refuses an order without a required field. */
async function checkCustomFields(ctx: Context, own: readonly Held[]): Promise<Check> {
  const name = "custom fields";
  const required = (await account.customFields(ctx.client)).filter(
    ({ isRequired, isActive }) => isRequired && isActive,
  );
  if (required.length === 0) return ok(name, "none is required");
  const fields = required.map(({ metadataId, label }) => `${label ?? "field"} (metadataId ${metadataId})`).join(", ");
  const orders = own.filter(({ type, interrupted }) => type.endsWith("Order") && !interrupted);
  const lacking = orders.filter(({ inputs }) => {
    const declared = inputs.customFields?.map(({ metadataId }) => metadataId) ?? [];
    return required.some(({ metadataId }) => !declared.includes(metadataId));
  });
  if (orders.length > 0 && lacking.length === 0) return ok(name, `${fields}: declared by all orders`);
  const who = lacking.map(({ type, name: its }) => `${type} ${its}`).join(", ");
  return warning(
    name,
    `The account requires ${fields}${who ? `; not declared by ${who}` : ""}. DigiCert refuses an order, and so a renewal, without it.`,
    "Give customFields: [{ metadataId, value }] on each order.",
  );
}

function organizationIdsOf(own: readonly Held[]): number[] {
  const used = own.filter(({ type }) => type !== "MarkCertificate");
  return [...new Set(used.flatMap(({ outs }) => outs.organizationId ?? []))];
}

async function checkOrganization(ctx: Context, id: number): Promise<Check> {
  const name = `organization ${id}`;
  try {
    const [info, validations] = await Promise.all([ctx.organizationInfo(id), organizations.validation(ctx.client, id)]);
    if (!info.isActive) {
      return problem(
        name,
        `${info.name} is deactivated: nothing can be ordered for it.`,
        "Only DigiCert's Support reactivates an organization; or order for another one.",
      );
    }
    return checkVetting(
      name,
      info.name,
      validations.find(({ type }) => type === "ev"),
      ctx.now,
    );
  } catch (error) {
    const isHidden = error instanceof CertCentralError && error.notFound;
    if (!isHidden) throw error;
    return problem(
      name,
      `The key does not see it: ${messageOf(error)}`,
      "Use a key of the division that the organization is in.",
    );
  }
}

function checkVetting(
  name: string,
  title: string,
  ev: { status?: string; validatedUntil?: string } | undefined,
  now: Date,
): Check {
  const submit = 'Submit it: `pulumi up` of an OrgValidation with validations: ["ev"] does.';
  const until = ev?.validatedUntil?.slice(0, 10);
  if (!ev)
    return warning(name, `${title} has no EV validation, which a mark certificate needs: vetting takes days.`, submit);
  if (ev.status === "pending") return ok(name, `${title}: EV validation is pending at DigiCert`);
  if (ev.status !== "active") {
    const ended = until ? ` (ended ${until})` : "";
    return problem(
      name,
      `${title}: EV validation is ${ev.status ?? "unknown"}${ended}; nothing is issued without it.`,
      submit,
    );
  }
  if (Date.parse(ev.validatedUntil ?? "") - now.getTime() < margin)
    return warning(name, `${title}: EV validation ends ${until}.`, submit);
  return ok(name, `${title}: active, EV validated${until ? ` until ${until}` : ""}`);
}
