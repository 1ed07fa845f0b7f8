import { approve, startValidation } from "./certcentral/dcv";
import { createDomain, findDomain } from "./certcentral/domains";
import { hasTrademark, missing, tick } from "./certcentral/issuance";
import { logoOf } from "./certcentral/logos";
import { createAccount, createKey, createUser } from "./certcentral/newAccount";
import { completeValidation, createOrganization, type OrganizationDetails } from "./certcentral/organizations";
import { endOrder, processRequest } from "./certcentral/requests";
import type {
  CustomField,
  DcvMethod,
  Domain,
  Order,
  Organization,
  Product,
  Request,
  Role,
  State,
  ValidationType,
} from "./certcentral/state";
import type { World } from "./certcentral/world";
import { DAY, HOUR, MINUTE, SECOND } from "./clock";
import type { CloudflareRecord, CloudflareToken } from "./cloudflare";
import type { Fault, Faults } from "./faults";
import type { JournalEntry } from "./journal";
import type { Misissue } from "./pki";
import { type Switches, setSwitches } from "./switches";

/** How far the clock moves; the parts add up. */
export interface Duration {
  seconds?: number;
  minutes?: number;
  hours?: number;
  days?: number;
}

/** The mark as DigiCert's people settle it; the trademark only where the order did not name it. */
export interface MarkDecision {
  /** VMC: `registered_mark` (default), `government_mark`; CMC: `prior_use_mark` (default), `modified_registered_mark`. */
  markType?: string;
  trademarkCountryCode?: string;
  trademarkRegistrationNumber?: string;
}

export interface ControlParts {
  world: World;
  faults: Faults;
  cloudflareFaults: Faults;
  journal: JournalEntry[];
  files: Record<string, string>;
  /** Account of the simulator's own key, for calls that name none. */
  accountId: number;
  records(): Record<string, CloudflareRecord[]>;
  addCloudflareToken(scope?: CloudflareToken): string;
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  save(): void;
}

/** What happens outside the API: the clock, DigiCert's people, other users of the account, failures. */
export class Control {
  constructor(private readonly parts: ControlParts) {}

  /** Virtual time, ISO 8601. */
  async now(): Promise<string> {
    return this.parts.world.clock.date().toISOString();
  }

  /** Moves the clock, then polls domains and issues what is ready. */
  advance({ seconds = 0, minutes = 0, hours = 0, days = 0 }: Duration): Promise<string> {
    return this.change(async (world) => {
      world.clock.advance(seconds * SECOND + minutes * MINUTE + hours * HOUR + days * DAY);
      await tick(world);
      return world.clock.date().toISOString();
    });
  }

  /** Polls domains that are due and issues what is ready, now. */
  tick(): Promise<void> {
    return this.change(() => {});
  }

  /** DigiCert's people validate an organization; default: every type that was submitted. */
  vetOrganization(organizationId: number, types?: ValidationType[]): Promise<void> {
    return this.change((world) => completeValidation(world, this.organization(organizationId), types));
  }

  /** DigiCert's people approve an order's logo with its mark, for every order that uses the logo. */
  approveLogo(orderId: number, decision: MarkDecision = {}): Promise<void> {
    return this.change((world) => approveLogo(world, this.order(orderId), decision));
  }

  /** DigiCert's people reach the verified contact of an order. */
  verifyContact(orderId: number): Promise<void> {
    return this.change(() => {
      this.order(orderId).contactVerified = true;
    });
  }

  /** All that people at DigiCert do for an order: organization (EV), logo and mark, contact. Not domain control. */
  vet(orderId: number, decision: MarkDecision = {}): Promise<void> {
    return this.change((world) => {
      const order = this.order(orderId);
      approveLogo(world, order, decision);
      completeValidation(world, this.organization(order.organizationId), ["ev"]);
      order.contactVerified = true;
    });
  }

  /** What an order still needs before it is issued, in words. */
  missing(orderId: number): Promise<string[]> {
    return this.change((world) => missing(world, this.order(orderId)));
  }

  /** DigiCert's people reject an order that is not issued. */
  rejectOrder(orderId: number, note = "Rejected by the validation team."): Promise<void> {
    return this.change((world) => {
      const order = this.order(orderId);
      if (!["needs_approval", "pending", "processing"].includes(order.status)) {
        throw new Error(`Order ${orderId} is ${order.status}.`);
      }
      for (const request of world.state.requests) {
        if (request.orderId === orderId && request.status === "pending") request.status = "rejected";
      }
      endOrder(world, order, "rejected");
      order.notes.push({ id: world.id(), text: note });
    });
  }

  /** The next certificate of an order will be one that DigiCert should never issue. */
  misissue(orderId: number, wrong: Misissue): Promise<void> {
    return this.change(() => {
      this.order(orderId).misissue = wrong;
    });
  }

  /** Another administrator of the account approves a request. */
  approveRequest(requestId: number, comment?: string): Promise<void> {
    return this.change((world) => processRequest(world, this.request(requestId), "approved", undefined, comment));
  }

  rejectRequest(requestId: number, comment?: string): Promise<void> {
    return this.change((world) => processRequest(world, this.request(requestId), "rejected", undefined, comment));
  }

  /** Somebody follows the link in a DCV email, or DigiCert's people find the proof: the domain is valid from now. */
  approveDomain(domain: number | string): Promise<void> {
    return this.change((world) => approve(world, this.domain(domain)));
  }

  /** The domain's validation ends now. */
  expireDomain(domain: number | string): Promise<void> {
    return this.change((world) => {
      this.domain(domain).validUntil = world.now();
    });
  }

  /** The domain's token ends now. */
  expireToken(domain: number | string): Promise<void> {
    return this.change((world) => {
      const { token } = this.domain(domain);
      if (!token) throw new Error("The domain has no token.");
      token.expires = world.now();
    });
  }

  /** An organization's validations end now; default: all. */
  expireOrganization(organizationId: number, types?: ValidationType[]): Promise<void> {
    return this.change((world) => {
      for (const validation of this.organization(organizationId).validations) {
        const chosen = !types || types.includes(validation.type);
        if (chosen && validation.validUntil !== undefined) validation.validUntil = world.now();
      }
    });
  }

  /** The file that http-token checks find at a host's `/.well-known/pki-validation/fileauth.txt`. */
  putFile(fqdn: string, content: string): Promise<void> {
    return this.change(() => {
      this.parts.files[fqdn.toLowerCase()] = content;
    });
  }

  /** Addresses of a domain's WHOIS record, which may receive DCV emails. */
  setWhois(domain: string, addresses: string[]): Promise<void> {
    return this.change((world) => {
      world.state.whois[domain] = addresses;
    });
  }

  /** A second customer, with an administrator's key. */
  addAccount(name?: string): Promise<{ accountId: number; organizationId: number; userId: number; apiKey: string }> {
    return this.change((world) => {
      const { account, user } = createAccount(world, name);
      const apiKey = createKey(world, user).value;
      return { accountId: account.id, organizationId: account.primaryOrganizationId, userId: user.id, apiKey };
    });
  }

  /**
   * A new user with a key; `view-only` is an administrator whose key may only read, and `containerIds` are the only
   * divisions that the user is assigned to.
   */
  addKey(
    options: { role?: Role; accountId?: number; apiKey?: string; containerIds?: number[] } = {},
  ): Promise<{ apiKey: string; userId: number }> {
    return this.change((world) => {
      const { role = "admin", accountId = this.parts.accountId, apiKey, containerIds } = options;
      const user = createUser(world, accountId, role);
      return { apiKey: createKey(world, user, role, apiKey, containerIds).value, userId: user.id };
    });
  }

  /** A further API token of Cloudflare; it lives as long as the simulator. */
  async addCloudflareToken(scope?: CloudflareToken): Promise<string> {
    return this.parts.addCloudflareToken(scope);
  }

  removeKey(apiKey: string): Promise<void> {
    return this.change(({ state }) => {
      state.keys = state.keys.filter(({ value }) => value !== apiKey);
    });
  }

  /** An organization of the account; `validated` names the types that are done already. */
  addOrganization(
    options: Partial<OrganizationDetails> & { accountId?: number; validated?: ValidationType[] } = {},
  ): Promise<number> {
    return this.change((world) => {
      const { accountId = this.parts.accountId, validated, ...details } = options;
      const organization = createOrganization(world, { accountId }, { ...EXAMPLE, ...details });
      if (validated) completeValidation(world, organization, validated);
      return organization.id;
    });
  }

  /** A domain that is in the account before any order names it. */
  addDomain(options: {
    name: string;
    accountId?: number;
    organizationId?: number;
    method?: DcvMethod;
    /** Validated already. */
    valid?: boolean;
  }): Promise<number> {
    return this.change((world) => {
      const { accountId = this.parts.accountId, method = "dns-txt-token" } = options;
      if (findDomain(world, accountId, options.name)) throw new Error(`The account has a domain ${options.name}.`);
      const organizationId = options.organizationId ?? world.account(accountId).primaryOrganizationId;
      const domain = createDomain(world, accountId, options.name, organizationId);
      startValidation(world, domain, method);
      if (options.valid) approve(world, domain);
      return domain.id;
    });
  }

  addContainer(name: string, accountId = this.parts.accountId): Promise<number> {
    return this.change((world) => {
      const id = world.id();
      world.state.containers.push({ id, accountId, name, parentId: world.account(accountId).rootContainerId });
      return id;
    });
  }

  addCustomField(field: Partial<Omit<CustomField, "id">> & { label: string; accountId?: number }): Promise<number> {
    return this.change((world) => {
      const { accountId = this.parts.accountId, ...given } = field;
      const id = world.id();
      const defaults = { is_required: false, is_active: true, data_type: "anything" as const };
      world.account(accountId).metadata.push({ id, ...defaults, ...given });
      return id;
    });
  }

  /** The products that an account may order. */
  setProducts(products: Product[], accountId = this.parts.accountId): Promise<void> {
    return this.change((world) => {
      world.account(accountId).products = products;
    });
  }

  /** Changes how DigiCert behaves from now on. */
  setSwitches(switches: Partial<Switches>): Promise<void> {
    return this.change((world) => {
      setSwitches(world.switches, switches);
    });
  }

  /** Plans a failure; calls at Cloudflare's API with `service: "cloudflare"` (status and resets only). */
  async fault(fault: Fault & { service?: "certcentral" | "cloudflare" }): Promise<void> {
    const { world, faults, cloudflareFaults } = this.parts;
    const past = fault.kind === "stale" ? { past: structuredClone(world.state) } : {};
    (fault.service === "cloudflare" ? cloudflareFaults : faults).add({ ...fault, ...past }, world.now());
  }

  async clearFaults(): Promise<void> {
    this.parts.faults.clear();
    this.parts.cloudflareFaults.clear();
  }

  async journal(): Promise<JournalEntry[]> {
    return this.parts.journal;
  }

  async clearJournal(): Promise<void> {
    this.parts.journal.length = 0;
  }

  /** A copy of everything that the simulator knows, key values left out. */
  dump(): Promise<{ certcentral: State; cloudflare: Record<string, CloudflareRecord[]> }> {
    return this.change((world) => {
      const copy = structuredClone(world.state);
      for (const key of copy.keys) key.value = "[redacted]";
      return { certcentral: copy, cloudflare: structuredClone(this.parts.records()) };
    });
  }

  private change<T>(work: (world: World) => T | Promise<T>): Promise<T> {
    const { world, exclusively, save } = this.parts;
    return exclusively(async () => {
      const result = await work(world);
      await tick(world);
      save();
      return result;
    });
  }

  private order(id: number): Order {
    return found(this.parts.world.state.orders, id, "order");
  }

  private organization(id: number): Organization {
    return found(this.parts.world.state.organizations, id, "organization");
  }

  private request(id: number): Request {
    return found(this.parts.world.state.requests, id, "request");
  }

  private domain(idOrName: number | string): Domain {
    const { domains } = this.parts.world.state;
    if (typeof idOrName === "number") return found(domains, idOrName, "domain");
    const domain = findDomain(this.parts.world, this.parts.accountId, idOrName);
    if (!domain) throw new Error(`There is no domain ${idOrName}.`);
    return domain;
  }
}

function found<T extends { id: number }>(items: T[], id: number, what: string): T {
  const item = items.find((candidate) => candidate.id === id);
  if (!item) throw new Error(`There is no ${what} ${id}.`);
  return item;
}

function approveLogo(world: World, order: Order, decision: MarkDecision): void {
  const logo = logoOf(world, order);
  if (!logo) throw new Error(`Order ${order.id} has no logo that could be approved.`);
  if (logo.status === "approved") return;
  if (decision.markType) logo.markType = decision.markType;
  if (decision.trademarkCountryCode) logo.trademarkCountryCode = decision.trademarkCountryCode;
  if (decision.trademarkRegistrationNumber) logo.trademarkRegistrationNumber = decision.trademarkRegistrationNumber;
  const needsTrademark = order.product === "vmc_basic" || logo.markType === "modified_registered_mark";
  if (needsTrademark && !hasTrademark(logo)) {
    throw new Error(`Order ${order.id} has no trademark that could be verified.`);
  }
  logo.status = "approved";
}

const EXAMPLE: OrganizationDetails = {
  name: "Epigyne Unwieldiness llc",
  country: "us",
  address: "932 Prospect Street",
  city: "Minneapolis",
  state: "Minnesota",
  zip: "40849",
  telephone: "666-186-6450",
  organization_contact: { first_name: "Gia", last_name: "Booth", email: "gia.booth@example.com" },
};
