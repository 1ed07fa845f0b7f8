import assert from "node:assert/strict";
import fc from "fast-check";
import { CertCentralClient, isLoopbackUrl } from "../../provider/certcentral";
import { verifyMarkCertificate } from "../../provider/certificate/verify";
import { checkConfiguration } from "../../provider/cli/doctorConfiguration";
import { configurationOf } from "../../provider/cli/stackState";
import { BimiError } from "../../provider/context";
import { garbled } from "./bytes";
import { assertReadable, canary, json, patience, strings } from "./support";

const text = fc.oneof(fc.constantFrom(...strings), fc.string({ maxLength: 20 }), fc.constantFrom("x".repeat(100_000)));
const urls = [
  "https://www.digicert.com/services/v2",
  "http://127.0.0.1:4000/services/v2",
  `https://user:${canary}@host/`,
  `http://example.com/?key=${canary}`,
  `http://example.com:8080/${canary}`,
  "http://[::1]:1/",
  `ftp://${"a".repeat(10_000)}.example`,
];
const pieces = [
  ":",
  "//",
  "/",
  "@",
  "?",
  "#",
  "[",
  "]",
  "127.0.0.1",
  "localhost",
  "https",
  " ",
  "\u0000",
  "\n",
  "é",
  ".",
];

describe("settings, generated", function () {
  this.timeout(patience);

  it("make a client that sends the key to https or this machine only, or are refused without repeating a secret", () => {
    let made = 0;
    const keys = fc.oneof(garbled([canary], pieces), text);
    fc.assert(
      fc.property(keys, fc.oneof(garbled(urls, pieces), text), (apiKey, baseUrl) => {
        try {
          const client = new CertCentralClient({ apiKey, baseUrl });
          made++;
          assert.ok(new URL(client.baseUrl).protocol === "https:" || isLoopbackUrl(client.baseUrl), client.baseUrl);
          const { username, password, search } = new URL(client.baseUrl);
          assert.equal(username + password + search, "");
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
          assertReadable(error.message, 600);
          assert.ok(!error.message.includes(canary), error.message);
        }
      }),
    );
    assert.ok(made > 500, `${made} were made`);
  });

  it("of the stack are judged by doctor, whatever they are, without showing one that is secret", async () => {
    const names = [
      "bimi:apiKey",
      "bimi:baseUrl",
      "bimi:allowOrders",
      "bimi:onDeadOrder",
      "bimi:resolver",
      "bimi:extraRoots",
      "bimi:x",
    ];
    const value = fc.record({ value: fc.oneof(text, fc.constant(canary)), secret: fc.constant(true) });
    const plain = fc.record({ value: text, secret: fc.constant(false) });
    const given = fc.oneof(
      { weight: 5, arbitrary: fc.dictionary(fc.constantFrom(...names, ...strings), fc.oneof(value, plain)) },
      { weight: 1, arbitrary: json([...names, "value", "secret"]) },
    );
    await fc.assert(
      fc.asyncProperty(given, async (config) => {
        const read = await configurationOf(async () => JSON.stringify(config), undefined).catch((error) => {
          assert.ok(error instanceof BimiError, String(error));
          return undefined;
        });
        if (!read) return;
        for (const check of checkConfiguration(read, {})) {
          const said = Object.values(check).filter((part) => typeof part === "string");
          for (const part of said) assertReadable(part);
          assert.ok(!said.join().includes(canary), said.join());
        }
      }),
    );
  });

  it("of roots to trust are certificates, or an error names the one that is none", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (root) => {
        await assert.rejects(verifyMarkCertificate({ pem: "", roots: [root], at: new Date(0) }), (error: Error) => {
          assertReadable(error.message, 1000);
          return /^a trusted root is no certificate in PEM form/.test(error.message);
        });
      }),
    );
  });
});
