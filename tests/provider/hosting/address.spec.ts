import assert from "node:assert/strict";
import fc from "fast-check";
import { nonPublicKind } from "../../../provider/hosting";

describe("which addresses are public", () => {
  const notPublic: Record<string, string[]> = {
    "this network": ["0.0.0.0", "0.1.2.3"],
    loopback: ["127.0.0.1", "127.255.255.254", "::1"],
    private: ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fdff::1"],
    "link-local": ["169.254.169.254", "fe80::1", "febf::1", "fe80::1%eth0"],
    "site-local": ["fec0::1"],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255"],
    multicast: ["224.0.0.1", "239.255.255.255", "ff02::1"],
    broadcast: ["255.255.255.255"],
    documentation: ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    reserved: ["192.0.0.1", "198.18.0.1", "240.0.0.1", "100::1", "4000::1", "5f00::1"],
    "IPv4 mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1"],
    "IPv4 compatible or translated": ["::127.0.0.1", "::", "::ffff:0:127.0.0.1"],
    NAT64: ["64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1"],
    "6to4 and Teredo": ["2002:7f00:1::", "2001::1"],
    "no address": ["", "localhost", "example.com", "1.2.3.4.5"],
  };
  for (const [name, addresses] of Object.entries(notPublic)) {
    it(`not ${name}`, () => {
      for (const address of addresses) assert.notEqual(nonPublicKind(address), undefined, address);
    });
  }

  it("those of the Internet", () => {
    for (const address of ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::1"])
      assert.equal(nonPublicKind(address), undefined, address);
  });

  it("no IPv4 address becomes public by being written in IPv6", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
        const v4 = octets.join(".");
        for (const prefix of ["::", "::ffff:", "::ffff:0:", "64:ff9b::", "64:ff9b:1::"])
          assert.notEqual(nonPublicKind(prefix + v4), undefined, prefix + v4);
      }),
    );
  });

  it("every address of a private network, however it is written", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const networks = fc.oneof(
      fc.tuple(fc.constantFrom(0, 10, 127), octet, octet, octet),
      fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
      fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
      fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet),
    );
    fc.assert(fc.property(networks, (octets) => nonPublicKind(octets.join(".")) !== undefined));
    const word = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const outside = fc.integer({ min: 0, max: 0xffff }).filter((first) => first >> 13 !== 1);
    fc.assert(
      fc.property(outside, fc.array(word, { minLength: 7, maxLength: 7 }), (first, rest) => {
        assert.notEqual(nonPublicKind([first.toString(16), ...rest].join(":")), undefined);
      }),
    );
  });
});
