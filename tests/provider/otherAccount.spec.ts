import assert from "node:assert/strict";
import { Socket } from "node:net";
import { BASE_URL_EU, BASE_URL_US } from "../../provider/certcentral";
import type { Settings } from "../../provider/context";
import type { Props } from "../../provider/lifecycle";
import { type Json, type Stack, Stage } from "./support";

/** A resource as an earlier run with the right key left it. */
interface Kept {
  what: "order" | "organization";
  stack: Stack;
  program: Props;
  /** The same program with a change that writes or orders. */
  changed: Props;
  /** A preview asks DigiCert about it: people still vet it. */
  isOpen?: boolean;
  /** It is in doubt whether DigiCert took it, and it did. */
  isInDoubt?: boolean;
  /** Its destroy was told to call nobody. */
  isRetained?: boolean;
  /** All its life it only reads, or just its destroy does. */
  readsOnly?: "always" | "destroyed";
}

const verifiedUser = {
  firstName: "Ada",
  lastName: "Approver",
  jobTitle: "Head of Brand",
  telephone: "+1 555 0100",
  email: "ada@example.com",
};

async function vmc(stage: Stage, changes: Props = {}): Promise<Kept> {
  const stack = stage.vmc();
  const program = stage.inputs(changes);
  await stack.up(program);
  return { what: "order", stack, program, changed: { ...program, dnsNames: ["example.com", "example.net"] } };
}

async function issuedVmc(stage: Stage, changes: Props = {}): Promise<Kept> {
  const kept = await vmc(stage, changes);
  await stage.issue(kept.stack.outs.orderId);
  await kept.stack.up(kept.program);
  assert.equal(kept.stack.outs.status, "issued");
  return kept;
}

async function certificate(stage: Stage, { issued }: { issued: boolean }): Promise<Kept> {
  const order = (await (issued ? issuedVmc(stage) : vmc(stage))).stack;
  const stack = stage.certificate();
  const program = {
    order: stage.orderOf(order),
    logoUrl: "https://example.com/logo-1.svg",
    certificateUrl: "https://example.com/logo-1.pem",
  };
  await stack.up(program);
  assert.equal(stack.outs.status, issued ? "issued" : "pending");
  const changed = { ...program, certificateUrl: "https://example.com/logo-2.pem" };
  return { what: "order", stack, program, changed, isOpen: !issued, readsOnly: "always" };
}

async function organization(stage: Stage, onDelete?: "deactivate" | "delete"): Promise<Kept> {
  const stack = stage.organization();
  const program = {
    organizationId: stage.organizationId,
    validations: ["ev"],
    verifiedUsers: [verifiedUser],
    ...(onDelete ? { onDelete } : {}),
  };
  await stack.up(program);
  await stage.control.vetOrganization(stage.organizationId);
  await stage.advance({ hours: 2 });
  await stack.up(program);
  assert.equal(stack.outs.valid, true);
  const changed = { ...program, validations: ["ev", "ov"] };
  return { what: "organization", stack, program, changed, isRetained: !onDelete };
}

const resources: Record<string, (stage: Stage) => Promise<Kept>> = {
  "VmcOrder pending": async (stage) => ({ ...(await vmc(stage)), isOpen: true }),
  "VmcOrder issued": async (stage) => ({ ...(await issuedVmc(stage)), readsOnly: "destroyed" }),
  "VmcOrder issued, to be revoked": (stage) => issuedVmc(stage, { onDelete: "revoke" }),
  "VmcOrder to be approved": async (stage) => ({ ...(await vmc(stage, { skipApproval: false })), isOpen: true }),
  "VmcOrder in doubt": async (stage) => {
    await stage.faultOrder({ kind: "reset-after-commit" });
    await stage.control.fault({ kind: "lookup-empty", seconds: 600 });
    const stack = stage.vmc();
    await assert.rejects(stack.up(stage.inputs()), /in doubt/);
    assert.equal((await stage.placed()).length, 1);
    await stage.advance({ minutes: 20 });
    const changed = stage.inputs({ dnsNames: ["example.net"] });
    return { what: "order", stack, program: stage.inputs(), changed, isInDoubt: true };
  },
  "CmcOrder pending": async (stage) => {
    const stack = stage.cmc();
    const { trademark: _, ...program } = stage.inputs({ years: 1 });
    await stack.up(program);
    return { what: "order", stack, program, changed: { ...program, dnsNames: ["example.net"] }, isOpen: true };
  },
  "VmcOrder adopted, retained": async (stage) => {
    const { id } = await stage.scene.vmc();
    const kept = await vmc(stage, { adoptOrderId: id });
    return { ...kept, isOpen: true, isRetained: true };
  },
  "OrgValidation retained": (stage) => organization(stage),
  "OrgValidation to be deactivated": (stage) => organization(stage, "deactivate"),
  "MarkCertificate of a pending order": (stage) => certificate(stage, { issued: false }),
  "MarkCertificate published": (stage) => certificate(stage, { issued: true }),
};

/** What an operation is run with in place of the right key and address. */
interface Wrong {
  settings(stage: Stage): Promise<Settings>;
  /** The state says that it was made at this site. */
  origin?: string;
  /** What it sees of what the right key sees. */
  sees: Kept["what"][];
  /** What users read. */
  says: RegExp;
  /** It is noticed before any call that carries an id. */
  isForeign?: boolean;
}

const withKey = async (stage: Stage, key: Promise<{ apiKey: string }>) => ({
  ...stage.settings,
  apiKey: (await key).apiKey,
});

const wrongs: Record<string, Wrong> = {
  "another account's key": {
    settings: (stage) => withKey(stage, stage.control.addAccount("Other")),
    says: /belongs to CertCentral account \d+, but the API key is of account \d+\. Nothing was changed\. Use a key of account \d+\./,
    sees: [],
    isForeign: true,
  },
  "a view-only key": {
    settings: (stage) => withKey(stage, stage.control.addKey({ role: "view-only" })),
    says: /403 access_denied\|missing_permission.*use a key of an administrator or manager that is neither restricted to View Only|It differs: the set of domains.*Nothing was ordered/s,
    sees: ["order", "organization"],
  },
  "a key that was revoked": {
    settings: async (stage) => {
      const { apiKey } = await stage.control.addKey();
      await stage.control.removeKey(apiKey);
      return { ...stage.settings, apiKey };
    },
    says: /403 access_denied\|access_denied_invalid_key.*Set a valid key with `pulumi config set --secret bimi:apiKey <key>`/s,
    sees: [],
    isForeign: true,
  },
  "a key without the division": {
    settings: (stage) => withKey(stage, ofNorth(stage)),
    says: /(does not see this order|does not see organization|belongs to another account or division).*use a key that sees|not see it.*Use a key of user \d+, or of an administrator/is,
    sees: [],
  },
  "a key without the division, answered 403": {
    settings: async (stage) => {
      await stage.control.setSwitches({ otherDivision: "403" });
      return withKey(stage, ofNorth(stage));
    },
    says: /403 access_denied\|missing_permission.*nor assigned to other divisions|not see it.*Use a key of user \d+/s,
    sees: [],
  },
  "a limited user's key": {
    settings: (stage) => withKey(stage, stage.control.addKey({ role: "limited" })),
    says: /use a key that sees|403 access_denied\|missing_permission.*use a key of an administrator|not see it.*Use a key of user \d+/is,
    sees: ["organization"],
  },
  "DigiCert in place of the simulator": {
    settings: async (stage) => ({ ...stage.settings, baseUrl: BASE_URL_US }),
    says: /belongs to a simulator on this machine, but this run talks to https:\/\/www\.digicert\.com\. Nothing was called\. Set bimi:baseUrl/,
    sees: [],
    isForeign: true,
  },
  "the simulator in place of DigiCert": {
    settings: async (stage) => stage.settings,
    origin: "https://www.digicert.com",
    says: /belongs to https:\/\/www\.digicert\.com, but this run talks to a simulator on this machine\. Nothing was called/,
    sees: [],
    isForeign: true,
  },
  "CertCentral Europe in place of the US": {
    settings: async (stage) => ({ ...stage.settings, baseUrl: BASE_URL_EU }),
    origin: "https://www.digicert.com",
    says: /belongs to https:\/\/www\.digicert\.com, but this run talks to https:\/\/certcentral\.digicert\.eu\. Nothing was called/,
    sees: [],
    isForeign: true,
  },
};

async function ofNorth({ control }: Stage): Promise<{ apiKey: string }> {
  return control.addKey({ containerIds: [await control.addContainer("North")] });
}

interface Operation {
  run(kept: Kept): Promise<unknown>;
  /** Whether it goes through. */
  passes(kept: Kept, sees: boolean): boolean;
}

const operations: Record<string, Operation> = {
  preview: { run: ({ stack, program }) => stack.preview(program), passes: ({ isOpen }, sees) => sees || !isOpen },
  up: {
    run: ({ stack, program }) => stack.up(program),
    passes: ({ isOpen, isInDoubt }, sees) => sees || !(isOpen || isInDoubt),
  },
  refresh: { run: ({ stack }) => stack.refresh(), passes: ({ isInDoubt }, sees) => sees || isInDoubt === true },
  "refresh, then up": {
    async run({ stack, program }) {
      const failed: Error | undefined = await stack.refresh().then(
        () => undefined,
        (error) => error,
      );
      await stack.up(program);
      if (failed) throw failed;
    },
    passes: (_, sees) => sees,
  },
  "up with a change": {
    run: ({ stack, changed }) => stack.up(changed),
    passes: ({ readsOnly }, sees) => sees && readsOnly === "always",
  },
  destroy: {
    run: ({ stack }) => stack.destroy(),
    passes: ({ isRetained, readsOnly }, sees) => isRetained === true || (sees && readsOnly !== undefined),
  },
};

/**
 * A key is wrong, or the address: no order is placed or canceled and nothing else is written, the resource stays in the
 * state as it was, the error has the remedy, and with the right key there is nothing to repair. A resource leaves the state
 * only where a destroy with any key would write nothing.
 */
describe("with a wrong key or address", function () {
  this.timeout(60_000);
  /** Where connections went. */
  const hosts = new Set<unknown>();
  const { connect } = Socket.prototype;
  before(() => {
    Socket.prototype.connect = function (this: Socket, ...args: Json[]) {
      const [{ host } = {} as Json] = Array.isArray(args[0]) ? args[0] : args;
      hosts.add(host);
      if (host !== "127.0.0.1" && host !== "localhost") throw new Error(`a connection to ${host}`);
      return connect.apply(this, args as never);
    } as typeof connect;
  });
  after(() => {
    Socket.prototype.connect = connect;
    assert.deepEqual([...hosts], ["127.0.0.1"]);
  });

  for (const [resource, make] of Object.entries(resources)) {
    describe(resource, () => {
      let stage: Stage;
      let kept: Kept;
      let right: Settings;
      before(async () => {
        stage = await Stage.start();
        kept = await make(stage);
        right = stage.settings;
      });
      after(() => stage.stop());

      for (const [what, wrong] of Object.entries(wrongs)) {
        it(`is left alone by ${what}`, async () => {
          const settings = await wrong.settings(stage);
          const sees = wrong.sees.includes(kept.what);
          for (const [operation, { run, passes }] of Object.entries(operations)) {
            const before = structuredClone(kept.stack.stored);
            if (wrong.origin) kept.stack.stored!.outs.origin = wrong.origin;
            const stored = structuredClone(kept.stack.stored);
            const world = await atDigiCert();
            await stage.forgetCalls();
            stage.settings = settings;
            const error = await run(kept).then(
              () => undefined,
              (error: Error) => error,
            );
            stage.settings = right;

            const title = `${operation}: ${error?.message ?? "passed"}`;
            assert.equal(error === undefined, passes(kept, sees), title);
            if (error) {
              assert.match(error.message, wrong.says, title);
              assert.deepEqual(withoutFailure(kept.stack.stored), withoutFailure(stored), title);
            }
            const accepted = stage.scene.simulator.journal.filter(({ write, status }) => write && status !== 403);
            assert.deepEqual(accepted, [], title);
            assert.deepEqual(await atDigiCert(), world, title);
            if (wrong.isForeign) assert.deepEqual(new Set(stage.calls()), new Set(stage.calls("GET", /\/user\/me$/)));
            const isGone = operation === "destroy" && error === undefined;
            if (isGone && kept.isRetained) assert.deepEqual(stage.calls(), []);
            assert.equal(kept.stack.stored === undefined, isGone, title);
            kept.stack.stored = before!;
          }
          await stage.control.setSwitches({ otherDivision: "404" });
        });
      }

      it("is not changed by the right key afterwards", async () => {
        const { isInDoubt, stack, program } = kept;
        const orders = (await stage.placed()).length;
        assert.equal(await stack.preview(program), isInDoubt ? "update" : "same");
        await stage.forgetCalls();
        await stack.refresh();
        await stack.up(program);
        assert.equal(await stack.preview(program), "same");
        assert.equal(stage.posts, 0);
        assert.equal((await stage.placed()).length, orders);
      });

      /** All that the wrong key could have changed. */
      async function atDigiCert(): Promise<Json> {
        const { orders, organizations, domains, requests, logos, certificates } = (await stage.control.dump())
          .certcentral;
        return { orders, organizations, domains, requests, logos, certificates };
      }
    });
  }
});

describe("an order in doubt", () => {
  for (const role of ["manager", "limited"] as const) {
    it(`of a state that does not say whose key sent it is settled by an administrator, not by a ${role} of a division`, async () => {
      const stage = await Stage.start();
      try {
        const { stack, program } = await resources["VmcOrder in doubt"]!(stage);
        const { doubtBy, ...outs } = stack.outs;
        assert.equal(doubtBy, stage.scene.simulator.account.userId);
        stack.stored!.outs = outs;
        const right = stage.settings;
        const containerIds = [await stage.control.addContainer("North")];
        stage.settings = { ...right, apiKey: (await stage.control.addKey({ role, containerIds })).apiKey };
        await assert.rejects(stack.up(program), /Use a key of that user, or of an administrator or manager/);
        await assert.rejects(stack.destroy(), /Use a key of that user, or of an administrator or manager/);
        stage.settings = { ...right, apiKey: (await stage.control.addKey()).apiKey };
        await stack.up(program);
        assert.equal(stack.outs.orderId, (await stage.placed())[0].id);
        assert.equal((await stage.placed()).length, 1);
      } finally {
        await stage.stop();
      }
    });
  }

  it("that was not taken is ordered by the limited user who sent it, but by no other limited user", async () => {
    const stage = await Stage.start();
    try {
      const limited = async () => (await stage.control.addKey({ role: "limited" })).apiKey;
      stage.settings = { ...stage.settings, apiKey: await limited() };
      const own = stage.settings;
      await stage.faultOrder({ kind: "reset-before" });
      const stack = stage.vmc();
      await assert.rejects(stack.up(stage.inputs()), /in doubt/);
      await stage.advance({ minutes: 20 });
      stage.settings = { ...own, apiKey: await limited() };
      await assert.rejects(stack.up(stage.inputs()), /Use a key of user \d+/);
      assert.deepEqual(await stage.placed(), []);
      stage.settings = own;
      await stack.up(stage.inputs());
      assert.equal((await stage.placed()).length, 1);
    } finally {
      await stage.stop();
    }
  });

  it("stays the sender's when another key sees nothing within the first 15 minutes", async () => {
    const stage = await Stage.start();
    try {
      await stage.faultOrder({ kind: "reset-before" });
      const stack = stage.vmc();
      await assert.rejects(stack.up(stage.inputs()), /in doubt/);
      const { doubtBy } = stack.outs;
      stage.settings = { ...stage.settings, apiKey: (await stage.control.addKey()).apiKey };
      await assert.rejects(stack.up(stage.inputs()), /still in doubt/);
      assert.equal(stack.outs.doubtBy, doubtBy);
    } finally {
      await stage.stop();
    }
  });
});

/** A refresh forgets that the last step failed, as Pulumi's does. */
function withoutFailure(stored: Stack["stored"]): Json {
  const { failed: _, ...rest } = stored ?? {};
  return rest;
}
