import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { pinnedRoots, simulatorRootPem, trustedRoots } from "../../../provider/certificate/roots";

/** SHA-256 of the roots of the mark-certificate authorities. */
const fingerprints = {
  "DigiCert Verified Mark Root CA": "504386C9EE8932FECC95FADE427F69C3E2534B7310489E300FEE448E33C46B42",
  "GlobalSign Verified Mark Root R42": "CD122CB877C6928B9017B0F0B80DBD508196300BBD03CD7356C3BEEF524E7E0B",
  "Entrust Verified Mark Root Certification Authority - VMCR1":
    "7831D95A47D42508CD5C9E6264F9096BAC19F04EB9B7C8BDD35FFFC71C189617",
  "SSL.com VMC RSA Root CA 2024": "8F9D1B7698886782A599B48510651C66A1AA0C5CA3192097BDC68534154BD30D",
  "SSL.com VMC ECC Root CA 2024": "1B82E7F4910B51E3E802A493ACDC17FF58EAC8B9EB7C09B52AC6CD2EFB83598C",
};

describe("pinnedRoots", () => {
  it("are the authorities' self-signed roots", () => {
    const found = pinnedRoots.map((pem) => {
      const root = new X509Certificate(pem);
      assert.equal(root.ca, true);
      assert.equal(root.verify(root.publicKey), true);
      return [/CN=(.*)/.exec(root.subject)?.[1], root.fingerprint256.replaceAll(":", "")];
    });
    assert.deepEqual(Object.fromEntries(found), fingerprints);
  });

  it("do not include the simulator's", () => {
    assert.equal(pinnedRoots.includes(simulatorRootPem), false);
  });
});

describe("trustedRoots", () => {
  it("trusts the simulator's root only for a loopback base URL", () => {
    assert.equal(trustedRoots({ loopback: false }).includes(simulatorRootPem), false);
    assert.equal(trustedRoots({ loopback: true }).includes(simulatorRootPem), true);
  });

  it("adds extra roots", () => {
    assert.deepEqual(trustedRoots({ loopback: false, extraRoots: ["extra"] }), [...pinnedRoots, "extra"]);
  });
});
