import { randomBytes } from "node:crypto";
import { DAY, SECOND, type VirtualClock } from "../clock";
import type { Switches } from "../switches";
import { missingPermission, notFound } from "./errors";
import type { Prober } from "./prober";
import type {
  Account,
  ApiKey,
  Certificate,
  Domain,
  Order,
  OrderStatus,
  Organization,
  State,
  Token,
  User,
} from "./state";

/** Who looks: a key, or an order that names others of its account. */
export type Viewer = Pick<ApiKey, "accountId" | "containerIds">;

/** What every endpoint works on: the account data, the clock, the switches and the way to look at DNS and web servers. */
export class World {
  /** Something changed that is worth keeping. */
  changed = false;
  /** Calls that are carried out long after their clients gave up. */
  private late: { at: number; carryOut(): void }[] = [];

  constructor(
    readonly state: State,
    readonly clock: VirtualClock,
    readonly switches: Switches,
    readonly prober: Prober,
  ) {}

  now(): number {
    return this.clock.now();
  }

  later(seconds: number, carryOut: () => void): void {
    this.late.push({ at: this.now() + seconds * SECOND, carryOut });
  }

  /** Begins the calls that are due by now. */
  catchUp(): void {
    const due = this.late.filter(({ at }) => at <= this.now());
    this.late = this.late.filter((call) => !due.includes(call));
    for (const { carryOut } of due) carryOut();
  }

  id(): number {
    return this.state.nextId++;
  }

  /** A new DCV random value; lives 30 days. */
  token(): Token {
    const random = Array.from(randomBytes(32), (byte) => "abcdefghijklmnopqrstuvwxyz0123456789"[byte % 36]).join("");
    const value = this.switches.tokenShape === "underscore" ? `_${random.slice(1)}` : random;
    return { value, expires: this.now() + 30 * DAY };
  }

  account(id: number): Account {
    return this.state.accounts.find((account) => account.id === id) ?? fail("account");
  }

  user(id: number): User {
    return this.state.users.find((user) => user.id === id) ?? fail("user");
  }

  /** An order that the key's user may view; a limited user views own orders only. */
  order(key: ApiKey, id: number | string): Order {
    const order = this.state.orders.find((candidate) => candidate.id === Number(id));
    return order && this.mayView(key, order) ? order : this.hidden("order", key, order);
  }

  mayView(key: ApiKey, order: Order): boolean {
    return this.isVisible(key, order) && (key.role !== "limited" || order.userId === key.userId);
  }

  organization(key: Viewer, id: number | string): Organization {
    const found = this.state.organizations.find((candidate) => candidate.id === Number(id));
    return found && this.isVisible(key, found) ? found : this.hidden("organization", key, found);
  }

  domain(key: Viewer, id: number | string): Domain {
    const found = this.state.domains.find((candidate) => candidate.id === Number(id));
    return found && this.isDomainVisible(key, found) ? found : this.hidden("domain", key, found);
  }

  /** Whether something is of the viewer's account and divisions. */
  isVisible({ accountId, containerIds }: Viewer, of: { accountId: number; containerId?: number }): boolean {
    if (of.accountId !== accountId) return false;
    if (!containerIds) return true;
    for (let id = of.containerId; id; id = this.state.containers.find((container) => container.id === id)?.parentId) {
      if (containerIds.includes(id)) return true;
    }
    return false;
  }

  /** A domain is of its organization's division. */
  isDomainVisible(key: Viewer, domain: Domain): boolean {
    const { containerId } = this.state.organizations.find(({ id }) => id === domain.organizationId) ?? {};
    return this.isVisible(key, { accountId: domain.accountId, ...(containerId && { containerId }) });
  }

  private hidden(what: string, key: Viewer, found: { accountId: number } | undefined): never {
    const isOfOtherDivision = key.containerIds && found?.accountId === key.accountId;
    if (isOfOtherDivision && this.switches.otherDivision === "403") throw missingPermission();
    throw notFound(what);
  }

  certificate(key: ApiKey, id: number | string): Certificate {
    const found = this.state.certificates.find((candidate) => candidate.id === Number(id));
    if (!found || !this.state.orders.some((order) => order.id === found.orderId && this.mayView(key, order))) {
      throw notFound("certificate");
    }
    return found;
  }

  certificatesOf(order: Order): Certificate[] {
    return this.state.certificates.filter((certificate) => certificate.orderId === order.id);
  }

  setStatus(order: Order, status: OrderStatus, at = this.now()): void {
    this.changed = true;
    order.status = status;
    order.statusAt = at;
    this.state.transitions.push({ orderId: order.id, status, at });
  }
}

function fail(what: string): never {
  throw notFound(what);
}
