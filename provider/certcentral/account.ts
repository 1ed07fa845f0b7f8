import type { CertCentralClient } from "./client";
import * as wire from "./wire";

/** Whose key it is. */
export interface Me {
  userId?: number;
  username?: string;
  accountId: number;
  /** 1 Administrator, 2 Limited user, 3 Finance manager, 4 Manager, 5 Standard user. */
  accessRoles: { id: number; name: string }[];
  /** The user is assigned to some divisions, and sees nothing of others. */
  hasContainerAssignments?: boolean;
}

/** A product that the account may order. */
export interface ProductInfo {
  nameId: string;
  name?: string;
  type?: string;
  groupName?: string;
  /** Years that an order may cover. */
  allowedOrderValidityYears: number[];
}

/** A custom field of the account's orders. */
export interface CustomField {
  metadataId: number;
  label?: string;
  isRequired: boolean;
  isActive: boolean;
  dataType?: string;
}

/** A container (division) of the account. */
export interface Container {
  containerId: number;
  name?: string;
  parentId?: number;
  isActive: boolean;
}

/** `GET /user/me`, and `GET /account` where that names no account. */
export async function me(client: CertCentralClient, signal?: AbortSignal): Promise<Me> {
  const answer = await client.request({
    method: "GET",
    path: "/user/me",
    action: "look up whose key this is",
    retry: "read",
    signal,
  });
  const user = wire.readObject(
    wire.record({
      id: wire.id,
      username: wire.text,
      account_id: wire.id,
      access_roles: wire.list(wire.record({ id: wire.id, name: wire.text })),
      has_container_assignments: wire.flag,
    }),
    answer,
  );
  return wire.compact({
    userId: user.id,
    username: user.username,
    accountId: user.account_id ?? (await accountId(client, signal)),
    accessRoles: user.access_roles.flatMap(({ id, name }) => (id === undefined ? [] : [{ id, name: name ?? "" }])),
    hasContainerAssignments: user.has_container_assignments || undefined,
  });
}

/** `GET /product` */
export async function products(client: CertCentralClient, signal?: AbortSignal): Promise<ProductInfo[]> {
  const answer = await client.request({
    method: "GET",
    path: "/product",
    action: "list the products",
    retry: "read",
    signal,
  });
  return wire.readPage(product, "products", answer).items;
}

/** `GET /account/metadata` */
export async function customFields(client: CertCentralClient, signal?: AbortSignal): Promise<CustomField[]> {
  const answer = await client.request({
    method: "GET",
    path: "/account/metadata",
    action: "list the custom fields",
    retry: "read",
    signal,
  });
  return wire.readPage(customField, "metadata", answer).items;
}

/** `GET /container` */
export async function containers(client: CertCentralClient, signal?: AbortSignal): Promise<Container[]> {
  const answer = await client.request({
    method: "GET",
    path: "/container",
    action: "list the containers",
    retry: "read",
    signal,
  });
  return wire.readPage(container, "containers", answer).items;
}

const product = wire
  .record({
    name_id: wire.text,
    name: wire.text,
    type: wire.text,
    group_name: wire.text,
    allowed_order_validity_years: wire.list(wire.amount),
    allowed_validity_years: wire.list(wire.amount),
  })
  .transform((body): ProductInfo | undefined => {
    if (body.name_id === undefined) return undefined;
    const years = wire.present(body.allowed_order_validity_years);
    return wire.compact({
      nameId: body.name_id,
      name: body.name,
      type: body.type,
      groupName: body.group_name,
      allowedOrderValidityYears: years.length > 0 ? years : wire.present(body.allowed_validity_years),
    });
  });

const customField = wire
  .record({ id: wire.id, label: wire.text, is_required: wire.flag, is_active: wire.flag, data_type: wire.text })
  .transform((body): CustomField | undefined => {
    if (body.id === undefined) return undefined;
    return wire.compact({
      metadataId: body.id,
      label: body.label,
      isRequired: body.is_required ?? false,
      isActive: body.is_active ?? true,
      dataType: body.data_type,
    });
  });

const container = wire
  .record({ id: wire.id, name: wire.text, parent_id: wire.id, is_active: wire.flag })
  .transform((body): Container | undefined => {
    if (body.id === undefined) return undefined;
    return wire.compact({
      containerId: body.id,
      name: body.name,
      parentId: body.parent_id,
      isActive: body.is_active ?? true,
    });
  });

async function accountId(client: CertCentralClient, signal?: AbortSignal): Promise<number> {
  const answer = await client.request({
    method: "GET",
    path: "/account",
    action: "look up the account",
    retry: "read",
    signal,
  });
  return wire.readId(answer);
}
