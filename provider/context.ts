import {
  account,
  BASE_URL_US,
  CertCentralClient,
  type Clock,
  domains,
  isLoopbackUrl,
  orders,
  organizations,
  systemClock,
} from "./certcentral";
import { internet, type Network, networkOf } from "./hosting/network";
import type { Props } from "./lifecycle";

/** What the stack configures; every value may also come from an explicit `bimi.Provider`. */
export interface Settings {
  /** CertCentral API key. Config `bimi:apiKey` (secret) or environment `DIGICERT_API_KEY`. */
  apiKey?: string;
  /** Services API base URL. Config `bimi:baseUrl` or environment `DIGICERT_BASE_URL`. Default: DigiCert's US URL. */
  baseUrl?: string;
  /** Config `bimi:allowOrders`: whether an `up` of this stack may buy. */
  allowOrders?: boolean;
  /** Config `bimi:maxOrdersPerUpdate`: how many purchases one update may make. */
  maxOrdersPerUpdate?: number;
  /** Config `bimi:onDeadOrder`: whether an `up` fails (default) or only warns at an order that is canceled, rejected, … */
  onDeadOrder?: "fail" | "warn";
  /**
   * Config `bimi:resolver`: DNS server (`host` or `host:port`) that is asked whether a DCV record is visible, and first for
   * the hosts that `checkHosting` fetches from.
   */
  resolver?: string;
  /** Config `bimi:extraRoots`: PEM of further mark-certificate roots to trust. */
  extraRoots?: string;
  /** Config `bimi:allowPrivateHosts`: whether `checkHosting` may fetch from addresses that are not public. */
  allowPrivateHosts?: boolean;
}

export interface Log {
  info(message: string, urn?: string): void;
  warn(message: string, urn?: string): void;
}

/** What tells whether two orders are the same purchase. */
export interface DeclaredOrder {
  product: orders.Product;
  organization: string;
  names: string[];
}

/** A program that loops over too many domains by mistake is stopped in time. */
const defaultMaxOrders = 5;

/** An error of ours, before or between calls: what was being done, what is wrong, and the remedy. */
export class BimiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = "BimiError";
  }
}

/**
 * What the lifecycles of one process share: the client, what is said and asked only once, and which orders live
 * resources hold. Nothing here is needed for correctness but `held` (see `order/remove.ts`).
 */
export class Context {
  /** Orders that a `diff` or a `create` of this run has seen a live resource hold. */
  readonly held = new Set<number>();
  /** Orders that the program declares and no state holds yet, by URN. */
  readonly firstOrders = new Map<string, DeclaredOrder>();
  #holders = new Map<number, string>();
  #queues = new Map<string, Promise<unknown>>();
  readonly clock: Clock;
  readonly log: Log;
  readonly projectDir: string;
  #settings: () => Settings;
  #network: Network;
  #client?: CertCentralClient;
  #account?: ReturnType<typeof account.me>;
  #reads = new Map<string, { at: number; answer: Promise<unknown> }>();
  #said = new Set<string>();
  #done = new Set<string>();
  /** Where a resource that the state knows belongs. */
  #known?: { accountId: unknown; origin: unknown };
  #trademarks = new Map<string, Map<string, string>>();
  #productOrders = new Map<orders.Product, Promise<orders.OrderListItem[]>>();
  #purchases = new Set<string>();

  constructor(options: {
    settings: () => Settings;
    clock?: Clock;
    log: Log;
    projectDir: string;
    /** What hosted files are fetched through. Default: the Internet. */
    network?: Network;
  }) {
    this.#settings = options.settings;
    this.#network = options.network ?? internet;
    this.clock = options.clock ?? systemClock;
    this.log = options.log;
    this.projectDir = options.projectDir;
  }

  get settings(): Settings {
    return this.#settings();
  }

  /** How files that others serve are reached. */
  get network(): Network {
    const { resolver, allowPrivateHosts } = this.settings;
    return networkOf(resolver, allowPrivateHosts, this.#network);
  }

  /** Without a key a preview lints and plans, and calls nothing. */
  get hasKey(): boolean {
    return Boolean(this.settings.apiKey);
  }

  /** DigiCert's time where it is known. */
  get now(): Date {
    return this.hasKey ? this.client.now() : new Date(this.clock.now());
  }

  get client(): CertCentralClient {
    if (!this.#client) {
      const { apiKey, baseUrl } = this.settings;
      if (!apiKey) {
        throw new BimiError(
          "no_api_key",
          "No CertCentral API key: run `pulumi config set --secret bimi:apiKey`, or set the environment variable DIGICERT_API_KEY.",
        );
      }
      const onLongWait = (ms: number) => this.log.info(waitingFor(ms));
      const warn = (message: string) => this.warnOnce(message);
      const url = baseUrl ? { baseUrl } : {};
      this.#client = new CertCentralClient({ apiKey, ...url, clock: this.clock, warn, onLongWait });
    }
    return this.#client;
  }

  /** For what DigiCert answers to anybody. */
  get keylessClient(): CertCentralClient {
    const { baseUrl } = this.settings;
    return new CertCentralClient({ apiKey: "", ...(baseUrl ? { baseUrl } : {}), clock: this.clock });
  }

  /** The key's account, asked once per process. */
  account(): ReturnType<typeof account.me> {
    this.#account ??= account.me(this.client).catch((error) => {
      this.#account = undefined;
      throw error;
    });
    return this.#account;
  }

  /** A resource of the state that this run has seen: what it makes belongs where that one does. */
  belongsWith({ accountId, origin }: Props): void {
    if (origin !== undefined) this.#known ??= { accountId, origin };
  }

  /**
   * Refuses to use an id that another account or another DigiCert site gave out: there the same number means nothing,
   * or somebody else's order. All loopback addresses count as one origin. What is new is not bought in another account
   * than what the stack holds; a second account needs a `bimi.Provider` of its own.
   */
  async bind(title: string, props: Props): Promise<{ accountId: number; origin: string }> {
    const { origin } = this.client;
    const isNew = props.origin === undefined && this.#known !== undefined;
    const outs = isNew ? { ...this.#known } : props;
    const what = isNew ? `${title}: nothing was made, since what this stack holds already` : title;
    if (outs.origin !== undefined && outs.origin !== origin) {
      throw new BimiError(
        "other_origin",
        `${what} belongs to ${place(outs.origin)}, but this run talks to ${place(origin)}. Nothing was called. Set bimi:baseUrl (or DIGICERT_BASE_URL) back to where it was placed.`,
      );
    }
    const { accountId } = await this.account();
    if (outs.accountId !== undefined && outs.accountId !== accountId) {
      throw new BimiError(
        "other_account",
        `${what} belongs to CertCentral account ${outs.accountId}, but the API key is of account ${accountId}. Nothing was changed. Use a key of account ${outs.accountId}.`,
      );
    }
    return { accountId, origin };
  }

  /** Orders that DigiCert lists as pending: one call answers for every resource of the stack. */
  async pendingOrders(): Promise<Map<number, string>> {
    return new Map((await this.openOrders("pending")).map(({ orderId, status }) => [orderId, status]));
  }

  /** Orders in a state that DigiCert's list can be filtered by. */
  openOrders(status: "pending" | "reissue_pending"): Promise<orders.OrderListItem[]> {
    return this.#read(`orders ${status}`, async () => {
      const items = await orders.list(this.client, { status });
      // An item that does not repeat the status has the one that was asked for.
      return items.map((item) => (item.status === "unknown" ? { ...item, status } : item));
    });
  }

  /** Orders of a mark product in any state, asked once per process: what this process places it knows itself. */
  productOrders(product: orders.Product): Promise<orders.OrderListItem[]> {
    const known = this.#productOrders.get(product);
    if (known) return known;
    const answer = orders.list(this.client, { productNameId: product });
    this.#productOrders.set(product, answer);
    answer.catch(() => this.#productOrders.delete(product));
    return answer;
  }

  /** An order as DigiCert tells it, for the resources that look at the same one in a preview. */
  orderInfo(orderId: number): Promise<orders.OrderInfo> {
    return this.#read(`order ${orderId}`, () => orders.info(this.client, orderId));
  }

  /** How far an order's validations are, for its order and its certificate. */
  orderValidation(orderId: number): Promise<orders.OrderValidation> {
    return this.#read(`validation ${orderId}`, () => orders.validation(this.client, orderId));
  }

  /** A domain of the account, for the orders that share it. */
  domainInfo(domainId: number): Promise<domains.DomainInfo> {
    return this.#read(`domain ${domainId}`, () => domains.info(this.client, domainId));
  }

  /** An organization of the account. */
  organizationInfo(organizationId: number): Promise<organizations.OrganizationInfo> {
    return this.#read(`organization ${organizationId}`, () => organizations.info(this.client, organizationId));
  }

  /** What was read is stale once this process has written. */
  forgetReads(): void {
    this.#reads.clear();
  }

  /** What several resources ask within half a minute is asked once. */
  #read<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.clock.now();
    const known = this.#reads.get(key);
    if (known && now - known.at <= 30_000) return known.answer as Promise<T>;
    const answer = ask();
    const read = { at: now, answer };
    this.#reads.set(key, read);
    answer.catch(() => {
      if (this.#reads.get(key) === read) this.#reads.delete(key);
    });
    return answer;
  }

  /** A live resource holds the order. */
  hold(orderId: number, urn: string | undefined): void {
    this.held.add(orderId);
    if (urn !== undefined) this.#holders.set(orderId, urn);
  }

  /** The URN of the live resource that this run has seen hold an order. */
  holderOf(orderId: number): string | undefined {
    return this.#holders.get(orderId);
  }

  /** One piece of work at a time for a key: what looks before it writes must not race with its like. */
  exclusively<T>(key: string, work: () => Promise<T>): Promise<T> {
    const last = this.#queues.get(key) ?? Promise.resolve();
    const next = last.then(work, work);
    this.#queues.set(
      key,
      next.catch(() => {}),
    );
    return next;
  }

  /** What must happen once in a run, whichever resource comes first. */
  isFirst(key: string): boolean {
    const isFirst = !this.#done.has(key);
    this.#done.add(key);
    return isFirst;
  }

  /** One line per event and resource; without a URN, one line however many resources notice it. */
  sayOnce(message: string, urn?: string): void {
    const key = `${urn ?? ""} ${message}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.log.info(message, urn);
  }

  /** As {@link sayOnce}, of what needs a person's attention. */
  warnOnce(message: string, urn?: string): void {
    const key = `${urn ?? ""} ${message}`;
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.log.warn(message, urn);
  }

  /** Trademarks that the stack's orders declare for a logo, by URN. */
  declaredTrademarks(logoSha256: string): Map<string, string> {
    const known = this.#trademarks.get(logoSha256) ?? new Map<string, string>();
    this.#trademarks.set(logoSha256, known);
    return known;
  }

  /** An event of an order is said once, on the row of the first resource that notices it. */
  sayEvent(message: string, urn?: string): void {
    if (this.#said.has(message)) return;
    this.#said.add(message);
    this.log.info(message, urn);
  }

  /** Whether an `up` of this stack may buy; simulators on loopback need no leave. */
  get mayOrder(): boolean {
    return Boolean(this.settings.allowOrders) || isLoopbackUrl(this.settings.baseUrl ?? BASE_URL_US);
  }

  /**
   * Counts what this run buys, by resource. A preview counts what it plans, so that it fails before money is spent.
   * @throws BimiError when it is more than the stack allows for one update
   */
  countPurchase(urn = ""): void {
    this.#purchases.add(urn);
    const most = this.settings.maxOrdersPerUpdate ?? defaultMaxOrders;
    if (this.#purchases.size <= most) return;
    throw new BimiError(
      "too_many_orders",
      `This update would make ${this.#purchases.size} or more purchases, and the stack allows ${most} (bimi:maxOrdersPerUpdate). Nothing was ordered for this resource. If all of them are meant, run \`pulumi config set bimi:maxOrdersPerUpdate N\`, or buy in steps with --target.`,
    );
  }

  /**
   * An order costs money, so each stack has to be told once that it may buy. Called before any request.
   */
  assertMayOrder(): void {
    if (this.mayOrder) return;
    throw new BimiError(
      "orders_not_allowed",
      `This stack may not buy: an order at ${this.client.origin} costs money and cannot be undone. To allow it for this stack, run \`pulumi config set bimi:allowOrders true\`.`,
    );
  }
}

function waitingFor(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  const time = ms < 60_000 ? `${Math.ceil(ms / 1000)} seconds` : `${minutes} minute${minutes > 1 ? "s" : ""}`;
  return `DigiCert's rate limit of this API key is used up (100 requests in 5 seconds and 1,000 in 3 minutes, with all other programs that use it): goes on in at most ${time}.`;
}

function place(origin: unknown): string {
  return origin === "loopback" ? "a simulator on this machine" : String(origin);
}
