import assert from "node:assert/strict";
import fc from "fast-check";
import { CertCentralError } from "../../provider/certcentral";
import { agreedWith } from "../../provider/changes";
import { BimiError } from "../../provider/context";
import { PartialStateError, type Props } from "../../provider/lifecycle";
import { orderChanges } from "../../provider/order/changes";
import { orderLifecycle } from "../../provider/order/lifecycle";
import { orgValidation } from "../../provider/resources/orgValidation";
import { vmcOrder } from "../../provider/resources/vmcOrder";
import { bodies, failing, fateOf, headers, realAnswers } from "./answers";
import { type Any, assertReadable, patience, plain, runs } from "./support";
import { type Response, ScriptedContext } from "./transport";

const accountId = 5;
const inputs = {
  dnsNames: ["example.com"],
  organization: { id: 1 },
  trademark: undefined,
  dcvMethod: "dns-txt-token",
  __reference: "bimi0123456789abcdefghijklmnop",
};
const stored = (agreed: Props): Props =>
  plain({
    orderId: 137,
    status: "pending",
    requests: [],
    organizationId: 1,
    domains: [{ id: 1, name: "example.com", dnsName: "example.com", token: "t", status: "pending" }],
    dcvRecords: [],
    dcvFiles: [],
    isRenewal: false,
    history: [],
    reference: inputs.__reference,
    accountId,
    origin: "https://www.digicert.com",
    __n: 1,
    __agreed: agreedWith(orderChanges, agreed),
  });

const ok = (json: unknown): Response => ({ status: 200, body: JSON.stringify(json) });
const none: Response = { status: 404, body: '{"errors":[{"code":"not_found|order","message":"none"}]}' };
const me = ok({ id: 1, account_id: accountId, access_roles: [] });

/** How the world looks after the request whose answer is generated. */
interface Afterwards {
  /** What the look-ups answer, and everything about an order that is asked then. */
  lookUp: Response | undefined;
  info: Response | undefined;
}

/** What an operation left in the state, and what it threw. */
async function outcomeOf(operation: Promise<Props>): Promise<{ state?: Any; error?: Error }> {
  try {
    return { state: plain(await operation) };
  } catch (error) {
    if (error instanceof PartialStateError) {
      assertReadable(error.message, 8000);
      return { state: plain(error.properties), error };
    }
    if (!(error instanceof BimiError || error instanceof CertCentralError)) throw error;
    assertReadable(error.message, 8000);
    return { error };
  }
}

describe("Whatever is answered to a request that buys or makes, generated:", function () {
  this.timeout(patience);
  let real: Record<string, Any>;
  let answers: fc.Arbitrary<{ response: Response | undefined; afterwards: Afterwards }>;
  before(async () => {
    real = await realAnswers();
    const response = (of: unknown, statuses: number[]) =>
      fc.record({ status: fc.constantFrom(...statuses), headers, body: bodies(of) });
    const rest = fc.option(
      fc.oneof(
        fc.constant(none),
        response(real.pending, [200]),
        response(real.alternate, [200]),
        response(real.pending, failing),
      ),
      { freq: 8, nil: undefined },
    );
    answers = fc.record({
      response: fc.option(
        fc.oneof(
          { weight: 6, arbitrary: response(real.placed, [200, 201]) },
          { weight: 2, arbitrary: response(real.placed, failing) },
        ),
        { freq: 12, nil: undefined },
      ),
      afterwards: fc.record({ lookUp: rest, info: rest }),
    });
  });

  /** DigiCert with the order 137 of the state, until something is bought. */
  function serverOf({ response, afterwards }: { response: Response | undefined; afterwards: Afterwards }, next = 1) {
    const posts: string[] = [];
    let calls = 0;
    const respond = (method: string, path: string): Response | undefined => {
      if (++calls > 500) throw new Error("it asks without end");
      if (path === "/user/me") return me;
      if (method === "POST" && /^\/order\/certificate\/[a-z_]+$|\/reissue$|^\/organization$/.test(path)) {
        posts.push(path);
        return response;
      }
      if (posts.length > 0 && path.includes("/alternate/"))
        return path === `/order/alternate/${inputs.__reference}${next}` ? afterwards.lookUp : none;
      if (posts.length > 0) return afterwards.info;
      if (path === "/order/certificate/137")
        return ok({ ...real.pending, id: 137, status: "pending", certificate: { dns_names: ["example.com"] } });
      if (path === "/organization") return ok({ organizations: [] });
      if (path === "/order/certificate") return ok({ orders: [] });
      return none;
    };
    return { posts, context: new ScriptedContext(respond) };
  }

  /** No second request but after a 429, which took nothing. */
  const assertOnce = (posts: string[], response: Response | undefined) => {
    assert.ok(posts.length >= 1);
    if (response?.status !== 429) assert.equal(posts.length, 1, "it was bought twice");
  };

  it("the state of a new order holds its number, or the doubt", async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const { posts, context } = serverOf(answer);
        const { state, error } = await outcomeOf(
          orderLifecycle(vmcOrder, () => context)
            .create(plain(inputs))
            .then(({ outs }) => outs),
        );
        assertOnce(posts, answer.response);
        const fate = answer.response ? fateOf(answer.response) : "doubt";
        count(seen, fate, state);
        if (typeof fate === "number") assert.equal(state.orderId, fate);
        else assertKept(fate, state, error);
        if (state) for (const key of ["reference", "accountId", "origin"]) assert.ok(state[key] !== undefined, key);
      }),
    );
    for (const what of ["number kept", "doubt kept", "refused", "throttled"])
      assert.ok(seen.has(what), `${what}: ${[...seen].join("; ")}`);
  });

  it("the state of a successor holds its number, or the doubt beside the number of the order before", async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const { posts, context } = serverOf(answer, 2);
        const news = plain({ ...inputs, dnsNames: ["example.com", "example.net"] });
        const { state, error } = await outcomeOf(
          orderLifecycle(vmcOrder, () => context)
            .update("id", stored(inputs), news)
            .then(({ outs }) => outs),
        );
        assertOnce(posts, answer.response);
        const fate = answer.response ? fateOf(answer.response) : "doubt";
        if (typeof fate === "number") {
          assert.equal(state.orderId, fate);
          assert.ok(state.history.some(({ orderId }: Any) => orderId === 137) || fate === 137);
        } else if (state?.orderId === 137) {
          assert.ok(state.__doubt?.alternativeOrderId.startsWith(inputs.__reference), error?.message);
        } else assertKept(fate, state && { ...state, doubtSince: state.__doubt }, error);
      }),
      { numRuns: Math.ceil(runs / 4) },
    );
  });

  it("the state of an organization holds its id, or the doubt", async () => {
    const organization = {
      name: "Acme",
      country: "us",
      address: "1",
      city: "Lehi",
      state: "Utah",
      zip: "84043",
      telephone: "1",
      organizationContact: { firstName: "A", lastName: "B", email: "a@example.com" },
      validations: ["ev"],
      verifiedUsers: [{ userId: 1 }],
    };
    await fc.assert(
      fc.asyncProperty(answers, async (answer) => {
        const { posts, context } = serverOf(answer);
        const { state, error } = await outcomeOf(
          orgValidation(() => context)
            .create(organization)
            .then(({ outs }) => outs),
        );
        assertOnce(
          posts.filter((path) => path === "/organization"),
          answer.response,
        );
        const { response } = answer;
        const fate = response ? fateOf({ ...response, body: ownId(response.body) }) : "doubt";
        if (typeof fate === "number") assert.equal(state.organizationId, fate);
        else if (fate === "doubt") assert.ok(state?.organizationId ?? state?.doubtSince, error?.message);
      }),
      { numRuns: Math.ceil(runs / 4) },
    );
  });
});

/** An answer about an organization has its id in one place only. */
function ownId(body: string | Buffer = ""): string {
  try {
    const json = JSON.parse(body.toString().replace(/^\ufeff/, ""));
    return Array.isArray(json)
      ? ""
      : JSON.stringify(Object.hasOwn(json, "id") ? { id: json.id, errors: json.errors } : { errors: json.errors });
  } catch {
    return "";
  }
}

function assertKept(fate: string, state: Any, error: Error | undefined): void {
  assert.ok(error !== undefined || state.orderId > 0);
  if (fate !== "doubt") return;
  // Found by the look-up, and held; or in doubt; or found and refused, by its number.
  if (state) assert.ok(state.orderId > 0 || state.doubtSince, error?.message);
  else assert.match(error!.message, /already has the live order \d+|is held by/);
}

function count(seen: Map<string, number>, fate: number | string, state: Any): void {
  const what = typeof fate === "number" ? "number kept" : fate === "doubt" && state?.doubtSince ? "doubt kept" : fate;
  seen.set(what, (seen.get(what) ?? 0) + 1);
}
