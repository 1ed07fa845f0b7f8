import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as bimi from "../../provider";
import { literalCard } from "../../provider/order/creditCard";
import { orderOutputs } from "../../provider/order/outputs";
import { deriveReference } from "../../provider/order/reference";
import { markCertificateOutputs } from "../../provider/resources/markCertificate";
import { orgValidationOutputs } from "../../provider/resources/orgValidation";
import { Program, settled } from "./mocks";
import type { Json } from "./support";

const orderArgs = { dnsNames: ["example.com"], organization: { id: 1 } };
const classes: Record<string, () => pulumi.CustomResource> = {
  VmcOrder: () => new bimi.VmcOrder("logo", orderArgs),
  CmcOrder: () => new bimi.CmcOrder("logo", { ...orderArgs, years: 1 }),
  OrgValidation: () => new bimi.OrgValidation("logo", { organizationId: 1, validations: ["ev"] }),
  MarkCertificate: () => new bimi.MarkCertificate("logo", { order: { orderId: 1, dnsNames: ["example.com"] } }),
};
const outputs: Record<string, string[]> = {
  VmcOrder: Object.keys(orderOutputs),
  CmcOrder: Object.keys(orderOutputs),
  OrgValidation: Object.keys(orgValidationOutputs.shape),
  MarkCertificate: Object.keys(markCertificateOutputs.shape),
};

describe("a resource class", () => {
  let program: Program;
  beforeEach(async () => {
    program = await Program.start();
  });

  for (const [type, make] of Object.entries(classes)) {
    describe(type, () => {
      it("declares a dynamic resource with a constant provider and its plumbing", async () => {
        const urn = await settled(make().urn);
        const [{ type: token, inputs }] = program.declared as [Json];
        assert.equal(token, `pulumi-nodejs:dynamic/bimi:${type}`);
        const handler = type.charAt(0).toLowerCase() + type.slice(1);
        assert.equal(inputs.__provider, `exports.handler = () => require("pulumi-bimi/dynamic").${handler};`);
        assert.equal(inputs.__urn, urn);
        assert.equal("__formerReferences" in inputs, false);
        const expected = deriveReference({ organization: "organization", project: "acme", stack: "dev", urn: urn! });
        assert.equal(inputs.__reference, type.endsWith("Order") ? expected : undefined);
      });

      it("has every output as a field", () => {
        const resource = make() as Json;
        for (const output of outputs[type]!.filter((name) => !name.startsWith("__"))) {
          assert.ok(pulumi.Output.isInstance(resource[output]), output);
        }
      });
    });
  }

  it("hands on where a card is, also when another resource says it", async () => {
    const order = new bimi.VmcOrder("paid", { ...orderArgs, creditCard: { fromEnv: pulumi.output("CARD") } });
    await settled(order.urn);
    assert.deepEqual((program.declared as [Json])[0].inputs.creditCard, { fromEnv: "CARD" });
  });

  it("keeps a card in the program from the engine; what it hands on instead is refused", async () => {
    const card = {
      number: "4111 1111 1111 1111",
      expirationMonth: 1,
      expirationYear: 2031,
      cvv: 8675,
      cardholderName: "A",
    };
    const literals = [card, { fromEnv: "CARD", cvv: card.cvv }, card.number, { fromEnv: JSON.stringify(card) }, [card]];
    for (const [index, literal] of literals.entries()) {
      for (const creditCard of [literal, pulumi.output(literal), pulumi.secret(literal)]) {
        const order = new bimi.VmcOrder(`paid ${index}`, { ...orderArgs, creditCard: creditCard as never });
        await settled(order.urn);
      }
    }
    assert.equal(program.declared.length, 3 * literals.length);
    for (const { inputs } of program.declared as Json[]) {
      assert.doesNotMatch(JSON.stringify(inputs), /4111|8675/);
      const handedOn = inputs.creditCard.value ?? inputs.creditCard;
      assert.match(literalCard(handedOn)[0]!.reason, /a card must be in no program/);
    }
  });

  it("does not change what it is given", () => {
    const args = Object.freeze({ ...orderArgs });
    new bimi.VmcOrder("frozen", args);
    assert.deepEqual(args, orderArgs);
  });

  it("derives the reference from the URN, so that another name is another order", async () => {
    class Team extends pulumi.ComponentResource {
      constructor() {
        super("acme:index:Team", "team");
        new bimi.VmcOrder("logo", orderArgs, { parent: this });
      }
    }
    await settled(new bimi.VmcOrder("logo", orderArgs).urn);
    await settled(new bimi.VmcOrder("logo2", orderArgs).urn);
    new Team();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const references = program.of("VmcOrder").map(({ inputs }) => inputs.__reference);
    assert.equal(references.length, 3);
    assert.equal(new Set(references).size, 3);
    assert.equal(new Set(references.map((reference) => reference.slice(0, 14))).size, 1);
  });

  it("derives the reference from the organization, which unit tests seldom name", async () => {
    for (const organization of [undefined, "acme-inc"]) {
      program = await Program.start(undefined, organization ? { organization } : {});
      const urn = (await settled(new bimi.VmcOrder("logo", orderArgs).urn))!;
      const expected = { organization: organization ?? "organization", project: "acme", stack: "dev", urn };
      assert.equal(program.declared[0]!.inputs.__reference, deriveReference(expected));
    }
  });

  it("knows the references of its aliases", async () => {
    class Team extends pulumi.ComponentResource {}
    const parent = new Team("acme:index:Team", "team");
    const elsewhere = new Team("acme:index:Team", "elsewhere", {}, { aliases: [{ name: "before" }] });
    const inputsOf = async (name: string, opts: pulumi.CustomResourceOptions) => {
      await settled(new bimi.VmcOrder(name, orderArgs, opts).urn);
      return program.declared.find((resource) => resource.name === name)!.inputs;
    };
    const old = await inputsOf("old", { parent });
    const { __reference, __formerReferences } = await inputsOf("new", { parent, aliases: [{ name: "old" }] });
    assert.deepEqual(__formerReferences, [old.__reference]);
    assert.notEqual(__reference, old.__reference);
    assert.deepEqual((await inputsOf("newer", { parent, aliases: [old.__urn] })).__formerReferences, [old.__reference]);
    const moved = await inputsOf("moved", { parent: elsewhere });
    assert.equal(moved.__formerReferences.length, 1, "the alias of a parent counts too");
  });

  it("gives the organization's id as a number, from the resource's id", async () => {
    program = await Program.start(undefined, { preview: true });
    const known = bimi.OrgValidation.get("acme", "112236");
    assert.equal(await settled(known.organizationId), 112236);
  });

  it("gives the organization's id from the outputs, where its making was in doubt and the id is none", async () => {
    program = await Program.start(() => ({ organizationId: 112236 }));
    const found = new bimi.OrgValidation("acme", { organizationId: 1, validations: ["ev"] });
    assert.equal(await settled(found.organizationId), 112236);
  });

  it("`get` reads by id", async () => {
    const order = bimi.VmcOrder.get("console", "137");
    assert.equal(await settled(order.id), "137");
    const [{ type, inputs }] = program.declared as [Json];
    assert.equal(type, "pulumi-nodejs:dynamic/bimi:VmcOrder");
    assert.ok(inputs.__provider);
  });

  describe("where the API key", () => {
    const key = { "bimi:apiKey": "KEY" };

    it("is configured in plain text, refuses and names the command that repairs it", () => {
      pulumi.runtime.setAllConfig(key);
      for (const make of Object.values(classes)) {
        assert.throws(make, (error: Error) => {
          assert.ok(pulumi.RunError.isInstance(error));
          assert.match(error.message, /pulumi config set --secret bimi:apiKey/);
          assert.doesNotMatch(error.message, /\bKEY\b/);
          return true;
        });
      }
    });

    it("is secret, is content", () => {
      pulumi.runtime.setAllConfig(key, ["bimi:apiKey"]);
      for (const make of Object.values(classes)) make();
    });
  });
});

describe("an explicit provider", () => {
  const secret = "4dabf18193072939515e22adb298388d";

  it("hands its arguments on under the configuration's names, the key as a secret", async () => {
    const program = await Program.start();
    const provider = new bimi.Provider("eu", {
      apiKey: "KEY",
      baseUrl: pulumi.output("https://certcentral.digicert.eu/services/v2"),
      allowOrders: true,
    });
    await settled(provider.urn);
    const [{ type, inputs }] = program.declared as [Json];
    assert.equal(type, "pulumi:providers:pulumi-nodejs");
    const { "bimi:apiKey": apiKey, ...others } = inputs;
    assert.equal(apiKey[secret], "1b47061264138c4ac30d75fd1eb44270", "it is wrapped as a secret");
    assert.equal(apiKey.value, "KEY");
    assert.deepEqual(others, {
      "bimi:baseUrl": "https://certcentral.digicert.eu/services/v2",
      "bimi:allowOrders": "true",
    });
  });

  it("serves the resources that name it, and the certificates of its orders", async () => {
    const program = await Program.start();
    const provider = new bimi.Provider("eu", { apiKey: "KEY" });
    const order = new bimi.VmcOrder("logo", orderArgs, { provider });
    const certificate = new bimi.MarkCertificate("logo", { order });
    await settled(certificate.urn);
    assert.equal(
      (certificate as Json).getProvider("pulumi-nodejs:dynamic/bimi:MarkCertificate"),
      (order as Json).getProvider("pulumi-nodejs:dynamic/bimi:VmcOrder"),
    );
    assert.equal(program.of("MarkCertificate").length, 1);
  });
});
