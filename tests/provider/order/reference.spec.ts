import assert from "node:assert/strict";
import { alternativeOrderId, deriveReference } from "../../../provider/order/reference";

const urn = "urn:pulumi:prod::acme-bimi::pulumi-nodejs:dynamic/bimi:VmcOrder::logo";
const acme = { organization: "acme", project: "acme-bimi", stack: "prod", urn };

describe("the reference of an order", () => {
  // Orders are found again by these ids for ever: a value that changes here would buy a second time.
  it("is what it always was", () => {
    assert.equal(deriveReference(acme), "bimirvgzyftfq2akumfkwqraz7eolm");
    assert.equal(
      deriveReference({ organization: "organization", project: "p", stack: "s", urn: "u" }),
      "bimi0oslcjegepcfyjyrgsygi5my60",
    );
    assert.equal(
      deriveReference({ organization: "ümlaut", project: "p", stack: "s", urn: "u" }),
      "bimivph5741g78vduni64l0ogkytkv",
    );
  });

  it("is bimi, 10 characters of the project and 16 of the resource, in base 36", () => {
    for (let i = 0; i < 200; i++) {
      assert.match(deriveReference({ ...acme, urn: `${urn}${i}` }), /^bimi[0-9a-z]{10}[0-9a-z]{16}$/);
      assert.equal(deriveReference({ ...acme, project: `p${i}` }).length, 30);
    }
  });

  it("shares its first part with every order of the project, whatever the stack", () => {
    const of = (changes: Partial<typeof acme>) => deriveReference({ ...acme, ...changes });
    const project = of({}).slice(0, 14);
    assert.equal(of({ stack: "dev" }).slice(0, 14), project);
    assert.equal(of({ urn: "other" }).slice(0, 14), project);
    assert.notEqual(of({ project: "other" }).slice(0, 14), project);
    assert.notEqual(of({ organization: "other" }).slice(0, 14), project);
  });

  it("differs by organization, project, stack and URN, and by where one ends and the next begins", () => {
    const references = [
      acme,
      { ...acme, organization: "acm", project: "eacme-bimi" },
      { ...acme, organization: "acme2" },
      { ...acme, project: "acme-bimi2" },
      { ...acme, stack: "dev" },
      { ...acme, urn: `${urn}2` },
      { ...acme, stack: `prod${urn.slice(0, 1)}`, urn: urn.slice(1) },
    ].map(deriveReference);
    assert.equal(new Set(references).size, references.length);
  });
});

describe("the alternative order id", () => {
  it("is the reference and the number of the order", () => {
    assert.equal(alternativeOrderId(deriveReference(acme), 1), "bimirvgzyftfq2akumfkwqraz7eolm1");
    assert.equal(alternativeOrderId("AcmeLogo", 12), "AcmeLogo12");
  });

  it("is never longer than DigiCert takes", () => {
    assert.equal(alternativeOrderId("a".repeat(63), 9).length, 64);
    assert.throws(() => alternativeOrderId("a".repeat(63), 10), /65 characters; DigiCert takes 64\. Shorten/);
  });
});
