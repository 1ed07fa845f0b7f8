import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import path from "node:path";
import { deriveReference } from "../../../provider/order/reference";
import { providerText } from "../../../provider/resource";
import { unknownValue } from "../../../provider/unknown";
import { Scene } from "../../simulator/certcentral";
import { failureOf, type Json } from "../support";
import { INFO, ProviderProcess, type StepError, WARNING } from "./providerProcess";

/** State holds these texts for ever, and runs them. */
const texts = {
  vmcOrder: 'exports.handler = () => require("pulumi-bimi/dynamic").vmcOrder;',
  cmcOrder: 'exports.handler = () => require("pulumi-bimi/dynamic").cmcOrder;',
  orgValidation: 'exports.handler = () => require("pulumi-bimi/dynamic").orgValidation;',
  markCertificate: 'exports.handler = () => require("pulumi-bimi/dynamic").markCertificate;',
};
type Handler = keyof typeof texts;

const urnOf = (name: string) => `urn:pulumi:dev::acme::pulumi-nodejs:dynamic/bimi:Resource::${name}`;
const referenceOf = (name: string) =>
  deriveReference({ organization: "organization", project: "acme", stack: "dev", urn: urnOf(name) });

describe("the dynamic engine", () => {
  let scene: Scene;
  let provider: ProviderProcess;
  const config = () => ({
    "bimi:apiKey": scene.simulator.apiKey,
    "bimi:baseUrl": scene.simulator.baseUrl,
    "bimi:maxOrdersPerUpdate": "100",
  });
  before(async () => {
    scene = await Scene.start();
    provider = await ProviderProcess.start(config());
  });
  after(async () => {
    await provider.stop();
    await scene.stop();
  });

  /** What the resource's class sends. */
  const plumbing = (handler: Handler, name: string) => ({
    __provider: texts[handler],
    __urn: urnOf(name),
    ...(handler.endsWith("Order") ? { __reference: referenceOf(name) } : {}),
  });
  const order = (name: string, changes: Json = {}, handler: Handler = "vmcOrder"): Json => ({
    dnsNames: [`${name}.example.com`.toLowerCase()],
    organization: { id: scene.simulator.account.organizationId },
    logo: "logo.svg",
    dcvMethod: "dns-txt-token",
    ...plumbing(handler, name),
    ...changes,
  });
  const programs: Record<Handler, (name: string, orderOuts?: Json) => Json> = {
    vmcOrder: (name) => order(name, { trademark: { countryCode: "us", registrationNumber: "A1" } }),
    cmcOrder: (name) => order(name, { years: 3 }, "cmcOrder"),
    orgValidation: (name) => ({
      organizationId: scene.simulator.account.organizationId,
      validations: ["ov"],
      ...plumbing("orgValidation", name),
    }),
    markCertificate: (name, { orderId, logoSha256 }: Json = {}) => ({
      order: { orderId, dnsNames: ["example.com"], logoSha256 },
      logoUrl: "https://example.com/logo.svg",
      ...plumbing("markCertificate", name),
    }),
  };
  const checked = async (program: Json, olds?: Json) => {
    const { inputs, failures } = await provider.check(program, olds);
    assert.deepEqual(failures, []);
    return inputs;
  };

  describe("keeps in the state", () => {
    for (const [handler, text] of Object.entries(texts)) {
      it(`of ${handler} a constant text of at most 100 bytes`, () => {
        assert.equal(providerText(handler), text);
        assert.ok(Buffer.byteLength(text) <= 100);
      });
    }
  });

  for (const handler of Object.keys(texts) as Handler[]) {
    describe(`takes ${handler} through its life`, () => {
      const name = `life-${handler}`;
      let program: Json;
      let inputs: Json;
      let id: string;
      let outs: Json;
      before(async () => {
        const placed =
          handler === "markCertificate"
            ? (await provider.create(await checked(order("for-certificate")))).outs
            : undefined;
        program = programs[handler](name, placed);
      });

      it("check: gives the inputs back, with the provider's text", async () => {
        inputs = await checked(program);
        const { logo, __logo, ...others } = inputs;
        const { logo: given, ...expected } = JSON.parse(JSON.stringify(program));
        assert.deepEqual(others, expected);
        if (given) {
          assert.equal(__logo, logo.sha256.slice(0, 16));
          assert.deepEqual(Object.keys(logo).sort(), ["path", "sha256", "size"]);
          assert.equal(logo.path, "logo.svg");
        }
        assert.deepEqual(await checked(program, inputs), inputs);
      });

      it("create: answers an id and plain outputs, with the provider's text and without plumbing", async () => {
        ({ id, outs } = await provider.create(inputs));
        const ids: Record<Handler, string> = {
          vmcOrder: referenceOf(name),
          cmcOrder: referenceOf(name),
          orgValidation: String(scene.simulator.account.organizationId),
          markCertificate: `mark-certificate-${outs.orderId}`,
        };
        assert.equal(id, ids[handler]);
        assert.equal(outs.__provider, texts[handler]);
        assert.equal(outs.accountId, scene.simulator.account.id);
        assert.equal(outs.origin, "loopback");
        for (const hidden of ["__urn", "__reference"]) assert.equal(hidden in outs, false, hidden);
        assert.ok(!JSON.stringify(outs).includes(scene.simulator.apiKey));
      });

      it("diff: nothing changed, nothing is replaced", async () => {
        assert.deepEqual(await provider.diff(id, outs, inputs), { changes: false, replaces: [] });
      });

      it("read: the same id, the same outputs, the provider's text", async () => {
        const { id: readId, properties } = await provider.read(id, outs);
        assert.equal(readId, id);
        const { __seenAt: _, ...read } = properties;
        const { __seenAt: __, ...before } = outs;
        assert.deepEqual(read, before);
        outs = properties;
      });

      it("diff and update: a change is done, the rest stays", async () => {
        const change =
          handler === "markCertificate" ? { certificateUrl: "https://example.com/logo.pem" } : { onDelete: "retain" };
        const changed = await checked({ ...program, ...change }, inputs);
        assert.deepEqual(await provider.diff(id, outs, changed), { changes: true, replaces: [] });
        const updated = await provider.update(id, outs, changed);
        const { __seenAt: _, ...after } = updated;
        const { __seenAt: __, ...before } = { ...outs, ...change } as Json;
        assert.deepEqual(after, before);
        assert.deepEqual(await provider.diff(id, updated, changed), { changes: false, replaces: [] });
        outs = updated;
      });

      it("delete: does no more than it was told", async () => {
        await provider.delete(id, outs);
        const { certcentral } = await scene.control.dump();
        for (const { alternativeOrderId, status } of certcentral.orders) {
          if (alternativeOrderId === `${id}1`) assert.equal(status, "pending");
        }
        assert.equal(certcentral.organizations[0]!.isActive, true);
      });
    });
  }

  it("answers many calls at once, the first of a process among them", async () => {
    const fresh = await ProviderProcess.start(config());
    try {
      const results = await Promise.all(
        Array.from({ length: 12 }, async (_, index) => {
          const program = order(`many-${index}`, { dnsNames: [`n${index}.example.com`] });
          const { inputs, failures } = await fresh.check(program);
          assert.deepEqual(failures, []);
          return fresh.create(inputs);
        }),
      );
      assert.equal(new Set(results.map(({ outs }) => outs.orderId)).size, 12);
      assert.deepEqual(
        results.map(({ id }) => id),
        results.map((_, index) => referenceOf(`many-${index}`)),
      );
    } finally {
      await fresh.stop();
    }
  });

  describe("given a step that failed half-way", () => {
    let error: StepError;
    let inputs: Json;
    before(async () => {
      inputs = await checked(order("partial"));
      await scene.control.fault({
        match: { method: "GET", path: "^/order/certificate/\\d+$" },
        kind: "status",
        status: 403,
        code: "access_denied",
      });
      error = await failureOf(provider.create(inputs));
    });

    it("tells Pulumi the id, what to store with the provider's text, and why", async () => {
      const { id, properties, reasons } = error.partial!;
      const { orders } = (await scene.control.dump()).certcentral;
      const placed = orders.find(({ alternativeOrderId }) => alternativeOrderId === `${referenceOf("partial")}1`)!;
      assert.equal(id, referenceOf("partial"));
      assert.equal(properties.orderId, placed.id);
      assert.equal(properties.__provider, texts.vmcOrder);
      assert.deepEqual(reasons, [error.message]);
      assert.match(error.message, /The order is kept in the state; run `pulumi up` again/);
    });

    it("goes on from what was stored", async () => {
      const { id, properties } = error.partial!;
      assert.equal((await provider.diff(id, properties, inputs)).changes, true);
      const outs = await provider.update(id, properties, inputs);
      assert.equal(outs.status, "pending");
      assert.equal(outs.orderId, properties.orderId);
    });

    it("stores no state of a step that did nothing", async () => {
      const failed: StepError = await failureOf(
        provider.create(await checked(order("refused", { organization: { id: 4711 } }))),
      );
      assert.equal(failed.partial, undefined);
      assert.match(failed.message, /404 not_found\|organization/);
    });
  });

  describe("reports", () => {
    // A key of its own, since DigiCert's rate limits hold for each.
    before(async () => {
      await provider.stop();
      const { apiKey } = await scene.control.addKey();
      provider = await ProviderProcess.start({ ...config(), "bimi:apiKey": apiKey });
    });

    it("failures of a check, in DigiCert's absence too", async () => {
      const { failures } = await provider.check(order("bad", { dnsNames: ["*.example.com"], onDelet: 1 }));
      assert.deepEqual(failures.map(({ property }) => property).sort(), ["", "dnsNames"]);
    });

    it("lines on the resource's own row, before the call ends", async () => {
      provider.log.length = 0;
      await provider.check(order("rows", { years: 2 }));
      const [line] = provider.log;
      assert.match(line!.message, /multi-year plan/);
      assert.equal(line!.severity, WARNING);
      assert.equal(line!.urn, urnOf("rows"));

      const inputs = await checked(order("rows"));
      await provider.create(inputs);
      await provider.create(inputs);
      const taken = provider.log.find(({ message }) => /taken over, nothing was ordered/.test(message));
      assert.equal(taken?.urn, urnOf("rows"));
      assert.equal(taken?.severity, INFO);
    });

    it("errors without a stack", async () => {
      const { outs } = await provider.create(await checked(order("errors")));
      const before = provider.output.length;
      const id = referenceOf("errors");
      for (const step of [
        () => provider.diff(id, { ...outs, accountId: 1 }, { ...order("errors"), dnsNames: ["example.net"] }),
        () => provider.read(id, { ...outs, accountId: 1 }),
        () => provider.delete(id, { ...outs, accountId: 1 }),
      ]) {
        const { message } = await failureOf(step());
        assert.match(message, /belongs to CertCentral account 1,/);
      }
      const printed = provider.output.slice(before);
      assert.doesNotMatch(printed, /^\s+at /m);
      assert.ok(!printed.includes(scene.simulator.apiKey));
    });
  });

  it("passes unknown values through a check, wherever they are", async () => {
    const program = order("unknown", {
      dnsNames: ["example.com", unknownValue],
      organization: { id: unknownValue, contacts: [{ contactType: "x", userId: unknownValue }] },
      logo: unknownValue,
      note: unknownValue,
    });
    const { inputs, failures } = await provider.check(program);
    assert.deepEqual(failures, []);
    assert.deepEqual(inputs, program);
  });

  it("keeps the logo that the state knows when its file is gone", async () => {
    const inputs = await checked(order("gone"));
    const fresh = await ProviderProcess.start(config());
    try {
      rmSync(path.join(fresh.projectDir, "logo.svg"));
      const again = await fresh.check(order("gone"), inputs);
      assert.deepEqual(again, { inputs, failures: [] });
    } finally {
      await fresh.stop();
    }
  });

  it("reads `get` by the order's number, and fails for what is not there", async () => {
    const { outs } = await provider.create(await checked(order("got")));
    const { id, properties } = await provider.read(String(outs.orderId), plumbing("vmcOrder", "reader"));
    assert.equal(id, String(outs.orderId));
    assert.equal(properties.orderId, outs.orderId);
    assert.equal(properties.__provider, texts.vmcOrder);
    await failureOf(provider.read("4711", plumbing("vmcOrder", "reader")));
  });

  describe("takes its settings", () => {
    const orders = async (config: Record<string, string>, env: Record<string, string> = {}) => {
      const other = await ProviderProcess.start(config, env);
      try {
        const { inputs } = await other.check(order(`settings-${Math.random()}`));
        return await other.create(inputs);
      } finally {
        await other.stop();
      }
    };

    it("from the environment, where the stack configures none", async () => {
      const { apiKey, baseUrl } = scene.simulator;
      const { outs } = await orders({}, { DIGICERT_API_KEY: apiKey, DIGICERT_BASE_URL: baseUrl });
      assert.equal(outs.accountId, scene.simulator.account.id);
    });

    it("from the configuration before the environment", async () => {
      const env = { DIGICERT_API_KEY: "WRONG", DIGICERT_BASE_URL: "http://127.0.0.1:9/services/v2" };
      const { outs } = await orders(config(), env);
      assert.equal(outs.accountId, scene.simulator.account.id);
    });

    it("from an explicit provider: another account", async () => {
      const { apiKey, accountId, organizationId } = await scene.control.addAccount("Second");
      const other = await ProviderProcess.start({ ...config(), "bimi:apiKey": apiKey });
      try {
        const { inputs } = await other.check(order("second", { organization: { id: organizationId } }));
        assert.equal((await other.create(inputs)).outs.accountId, accountId);
      } finally {
        await other.stop();
      }
    });

    it("from an explicit provider, but buys nothing in another account than that of what the stack holds", async () => {
      const { outs, id } = await orders(config());
      const { apiKey, organizationId } = await scene.control.addAccount("Third");
      const other = await ProviderProcess.start({ ...config(), "bimi:apiKey": apiKey });
      try {
        await failureOf(other.diff(id, outs, order("held")));
        await scene.control.clearJournal();
        const { inputs } = await other.check(order("third", { organization: { id: organizationId } }));
        const error = await failureOf(other.create(inputs));
        assert.match(
          error.message,
          /nothing was made, since what this stack holds already belongs to CertCentral account/,
        );
        assert.deepEqual(
          scene.simulator.journal.filter(({ write }) => write),
          [],
        );
      } finally {
        await other.stop();
      }
    });

    it("or says what to set when there is no key", async () => {
      const error = await failureOf(orders({ "bimi:baseUrl": scene.simulator.baseUrl }));
      assert.match(error.message, /pulumi config set --secret bimi:apiKey.*DIGICERT_API_KEY/s);
    });

    it("whether it may buy: only the text true allows it", async () => {
      const baseUrl = "https://127.0.0.1.example/services/v2";
      const settings: Record<string, string>[] = [{}, { "bimi:allowOrders": "false" }];
      for (const allowed of settings) {
        const error = await failureOf(orders({ "bimi:apiKey": "KEY", "bimi:baseUrl": baseUrl, ...allowed }));
        assert.match(error.message, /pulumi config set bimi:allowOrders true/);
      }
    });
  });
});
