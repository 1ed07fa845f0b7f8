import "reflect-metadata";
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { logId, pinnedLogs, simulatorLog, trustedLogs } from "../../../provider/certificate/logs";
import { readScts, SCT_EXTENSION } from "../../../provider/certificate/rules/transparency";
import { SIMULATED_LOG_PHRASE } from "../../../simulator/ctLog";
import { derivedKeys } from "../../../simulator/pki";
import { forge, forgeChain, leafForgery, testLog } from "./forge";
import { at, blocking, errors, flaws, messages, verify, verifyForged, warnings } from "./support";

const hours = (count: number, from = at) => new Date(from.getTime() + count * 3_600_000);

describe("CERT-013, certificate transparency", () => {
  it("wants a timestamp", async () => {
    const result = await verifyForged({ leaf: { logged: undefined } });
    assert.deepEqual(errors(result), ["CERT-013"]);
    assert.deepEqual(blocking(result), []);
    assert.match(messages(result), /has no signed certificate timestamp/);
  });

  it("takes none of a log that is not approved", async () => {
    const result = await verifyForged({}, { logs: pinnedLogs });
    assert.deepEqual(errors(result), ["CERT-013"]);
    assert.match(messages(result), /is not an approved one/);
  });

  it("takes none that another key than the log's has signed", async () => {
    const { privateKey } = await derivedKeys("another key");
    const by = { ...(await testLog()), key: privateKey };
    const result = await verifyForged({ leaf: { logged: { by } } });
    assert.deepEqual(errors(result), ["CERT-013"]);
    assert.match(messages(result), /did not sign this certificate/);
  });

  it("takes none that was signed for a certificate of another issuer", async () => {
    const { root } = await forgeChain();
    const names = { name: "Test Mark CA", ca: true };
    const [ca, other] = [await forge(names, root), await forge(names, root)];
    const leaf = await forge({ ...leafForgery(), logged: {} }, { ...other, keys: ca.keys });
    const good = await verify({ pem: leaf.pem + ca.pem + root.pem, roots: [root.pem] });
    assert.deepEqual(flaws(good), []);
    const bad = await verify({ pem: leaf.pem + other.pem + root.pem, roots: [root.pem] });
    assert.ok(errors(bad).includes("CERT-013"));
  });

  it("takes none of the future, beyond 24 hours", async () => {
    const late = await verifyForged({ leaf: { notBefore: at, logged: { at: hours(25) } } });
    assert.deepEqual(errors(late), ["CERT-013"]);
    assert.match(messages(late), /signed at 2026-06-02T01:00:00\.000Z/);
    assert.deepEqual(flaws(await verifyForged({ leaf: { notBefore: at, logged: { at: hours(23) } } })), []);
  });

  it("warns of one that is far from the certificate's begin", async () => {
    const logged = { at: new Date("2026-01-09T00:00:00Z") };
    const result = await verifyForged({ leaf: { logged } });
    assert.deepEqual(errors(result), []);
    assert.deepEqual(warnings(result), ["CERT-013"]);
    const near = { at: new Date("2026-01-07T00:00:00Z") };
    assert.deepEqual(flaws(await verifyForged({ leaf: { logged: near } })), []);
  });

  it("takes none that was signed for another certificate", async () => {
    const { leaf, intermediate, root } = await forgeChain();
    const timestamp = new x509.X509Certificate(leaf.pem).getExtension(SCT_EXTENSION)!;
    const second = await forge({ ...leafForgery(), logged: undefined, others: [timestamp] }, intermediate);
    const result = await verify({ pem: second.pem + intermediate.pem + root.pem, roots: [root.pem] });
    assert.deepEqual(errors(result), ["CERT-013"]);
    assert.match(messages(result), /did not sign this certificate/);
  });

  it("refuses a list that ends too early", () => {
    assert.deepEqual(readScts(Buffer.from([0, 0])), []);
    for (const hex of ["", "00", "0005", "0003000100", "00030001", "0004000201"]) {
      assert.throws(() => readScts(Buffer.from(hex, "hex")), RangeError, hex);
    }
  });
});

describe("the logs", () => {
  it("are the approved one, and the simulator's only on loopback", () => {
    assert.deepEqual(trustedLogs({ loopback: false }), pinnedLogs);
    assert.deepEqual(trustedLogs({ loopback: true }), [...pinnedLogs, simulatorLog]);
  });

  it("have the id that real certificates name", () => {
    assert.deepEqual(
      pinnedLogs.map(({ name }) => name),
      ["DigiCert Gorgon"],
    );
    assert.equal(logId(pinnedLogs[0]!).toString("base64"), "VVlTrjCWAIBs0utSCKbJnpMYKKwQVrRCHFU2FUxfdaw=");
  });

  it("of the simulator has the derived key", async () => {
    const { publicKey } = await derivedKeys(SIMULATED_LOG_PHRASE);
    const spki = Buffer.from(await webcrypto.subtle.exportKey("spki", publicKey));
    assert.equal(simulatorLog.publicKey, spki.toString("base64"));
  });
});
