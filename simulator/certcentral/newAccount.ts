import { randomBytes } from "node:crypto";
import type { Account, ApiKey, Role, User } from "./state";
import type { World } from "./world";

/** A new account with its root container, an administrator and a primary organization that nobody has validated. */
export function createAccount(world: World, name = "Simulated Account"): { account: Account; user: User } {
  const { state } = world;
  const account: Account = {
    id: world.id(),
    name,
    products: ["vmc_basic", "mark_certificate"],
    metadata: [],
    primaryOrganizationId: 0,
    rootContainerId: world.id(),
  };
  state.accounts.push(account);
  state.containers.push({ id: account.rootContainerId, accountId: account.id, name, parentId: 0 });
  account.primaryOrganizationId = world.id();
  state.organizations.push({
    id: account.primaryOrganizationId,
    accountId: account.id,
    containerId: account.rootContainerId,
    isActive: true,
    created: world.now(),
    name: "Example Corporation",
    country: "us",
    address: "932 Prospect Street",
    city: "Minneapolis",
    state: "Minnesota",
    zip: "40849",
    telephone: "666-186-6450",
    organizationContact: {
      id: world.id(),
      first_name: "Gia",
      last_name: "Booth",
      email: "gia.booth@example.com",
      job_title: "Brand Manager",
      telephone: "666-186-6450",
    },
    verifiedContacts: [],
    validations: [],
  });
  return { account, user: createUser(world, account.id, "admin") };
}

export function createUser(world: World, accountId: number, role: Role): User {
  const id = world.id();
  const user: User = {
    id,
    accountId,
    role,
    username: `${role}.${id}`,
    firstName: "John",
    lastName: "Smith",
    email: "john.smith@example.net",
    jobTitle: "Engineer",
    telephone: "801-555-1212",
  };
  world.state.users.push(user);
  return user;
}

/** A key of a user; a view-only key may only read, and the user may be assigned to some divisions only. */
export function createKey(
  world: World,
  user: User,
  role: Role = user.role,
  value?: string,
  containerIds?: number[],
): ApiKey {
  const key: ApiKey = {
    id: world.id(),
    value: value ?? randomBytes(32).toString("hex").toUpperCase(),
    accountId: user.accountId,
    userId: user.id,
    role,
    ...(containerIds && { containerIds }),
  };
  world.state.keys.push(key);
  return key;
}
