import { timestamp } from "../clock";
import { notFound } from "./errors";
import { type Answer, type Call, ok, type Route } from "./http";
import { listAnswer } from "./listing";
import { PRODUCT_NAMES } from "./orderInfo";
import type { ApiKey, Container, Product, Role, User } from "./state";
import type { World } from "./world";

/** A view-only key belongs to an administrator: the restriction is the key's. */
const ROLES: Record<Role, { id: number; name: string }> = {
  admin: { id: 1, name: "Administrator" },
  limited: { id: 2, name: "Limited User" },
  manager: { id: 4, name: "Manager" },
  "view-only": { id: 1, name: "Administrator" },
};

function account({ world, key }: Call): Answer {
  const own = world.account(key.accountId);
  const organization = world.state.organizations.find(({ id }) => id === own.primaryOrganizationId);
  return ok({
    id: own.id,
    primary_organization_id: own.primaryOrganizationId,
    primary_organization_name: organization?.name,
    primary_organization_country: organization?.country,
    make_renewal_calls: true,
    express_install_enabled: false,
    display_rep: true,
    rep_photo_id: 0,
    balance_negative_limit: 0,
    root_container_id: own.rootContainerId,
    cert_transparency: "embed",
    cert_central_type: "retail",
    billing_account_id: own.id,
    billing_account_name: own.name,
    language_id: 1,
    migrated: false,
    has_auth_key: false,
    client_mgr_photo_id: 0,
    ent_support_plan: "1",
    default_country: organization?.country,
  });
}

function userJson(world: World, user: User): Record<string, unknown> {
  const root = world.state.containers.find(({ accountId, parentId }) => accountId === user.accountId && !parentId)!;
  const assigned = world.state.keys.find(({ userId }) => userId === user.id)?.containerIds ?? [];
  const containers = world.state.containers.filter(({ id }) => assigned.includes(id));
  return {
    id: user.id,
    username: user.username,
    account_id: user.accountId,
    first_name: user.firstName,
    last_name: user.lastName,
    email: user.email,
    job_title: user.jobTitle,
    telephone: user.telephone,
    status: "active",
    last_login_date: timestamp(world.now()),
    container: containerJson(containers[0] ?? root),
    access_roles: [ROLES[user.role]],
    is_cert_central: true,
    is_enterprise: true,
    is_saml_sso_only: false,
    type: "standard",
    has_container_assignments: containers.length > 0,
    container_visibility: (containers.length > 0 ? containers : [root]).map(containerJson),
  };
}

function containerJson(container: { id: number; name: string; parentId: number }): Record<string, unknown> {
  return {
    id: container.id,
    public_id: `SIM${container.id}`,
    name: container.name,
    parent_id: container.parentId,
    template_id: 5,
    has_logo: false,
    is_active: true,
  };
}

function isVisible(world: World, key: ApiKey, { id, accountId }: Container): boolean {
  return world.isVisible(key, { accountId, containerId: id });
}

function productJson(world: World, product: Product): Record<string, unknown> {
  const years = product === "vmc_basic" && world.switches.vmcYears === 1 ? ["1"] : ["1", "2", "3"];
  return {
    group_name: world.switches.productType,
    name_id: product,
    name: PRODUCT_NAMES[product],
    type: world.switches.productType,
    validation_type: "EV",
    allowed_validity_years: ["1"],
    allowed_order_validity_years: years,
    signature_hash_types: { allowed_hash_types: [{ id: "sha256", name: "SHA-256" }], default_hash_type_id: "sha256" },
    csr_required: false,
  };
}

function product({ world, key, params }: Call): Answer {
  const name = world.account(key.accountId).products.find((own) => own === params[0]);
  if (!name) throw notFound("product");
  return ok({
    ...productJson(world, name),
    duplicates_allowed: false,
    custom_order_expiration_date_allowed: false,
    max_multi_year_order_validity_years: name === "vmc_basic" ? world.switches.vmcYears : 3,
    additional_dns_names_allowed: true,
    allow_auto_renew: true,
  });
}

export const accountRoutes: Route[] = [
  { method: "GET", path: "/account", access: "read", handle: account },
  {
    method: "GET",
    path: "/account/metadata",
    access: "read",
    handle: ({ world, key }) => {
      const { metadata } = world.account(key.accountId);
      return ok(metadata.length === 0 && world.switches.emptyLists === "emptyObject" ? {} : { metadata });
    },
  },
  {
    method: "GET",
    path: "/user/me",
    access: "read",
    handle: ({ world, key }) => ok(userJson(world, world.user(key.userId))),
  },
  {
    method: "GET",
    path: "/user",
    access: "read",
    handle: ({ world, key, query }) => {
      const users = world.state.users.filter(({ accountId }) => accountId === key.accountId);
      return listAnswer(world, query, "users", users, (user) => userJson(world, user));
    },
  },
  {
    method: "GET",
    path: "/product",
    access: "read",
    handle: ({ world, key }) =>
      ok({ products: world.account(key.accountId).products.map((name) => productJson(world, name)) }),
  },
  { method: "GET", path: "/product/{name_id}", access: "read", handle: product },
  {
    method: "GET",
    path: "/container",
    access: "read",
    handle: ({ world, key }) => {
      const own = world.state.containers.filter((container) => isVisible(world, key, container));
      return ok({ containers: own.map(containerJson) });
    },
  },
  {
    method: "GET",
    path: "/container/{id}",
    access: "read",
    handle: ({ world, key, params }) => {
      const own = world.state.containers.find(
        (container) => container.id === Number(params[0]) && isVisible(world, key, container),
      );
      if (!own) throw notFound("container");
      return ok(containerJson(own));
    },
  },
];
