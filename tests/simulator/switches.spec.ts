import assert from "node:assert/strict";
import { switchesOf, switchList } from "../../simulator";
import { encoded, type Json, Scene, trademark } from "./certcentral";
import { exercised } from "./exercised";

describe("switches", () => {
  it("have values, a meaning and a source, and a default in each profile", () => {
    for (const { name, about, source, values, ...defaults } of switchList) {
      assert.ok(values.length >= 2, name);
      assert.ok(values.includes(defaults.seed) && values.includes(defaults["2026"]), name);
      assert.ok(about.length > 10 && source.length > 5, name);
    }
    assert.equal(switchesOf("seed").cnameForm, "legacy");
    assert.equal(switchesOf().cnameForm, "dnsauth");
    assert.equal(switchesOf("2026", { cnameForm: "both" }).cnameForm, "both");
    assert.throws(() => switchesOf("2026", { nothing: 1 } as never), /No switch nothing/);
    assert.throws(() => switchesOf("2026", { cnameForm: "x" as never }), /cannot be "x"/);
    assert.throws(() => switchesOf("1999" as never), /No profile 1999/);
  });

  it("that are differences differ between the profiles", () => {
    for (const entry of switchList.filter(({ kind }) => kind === "difference")) {
      assert.notEqual(entry.seed, entry["2026"], entry.name);
    }
  });

  /** A client that asks for each fact where the documentation has it gets a certificate under every value. */
  async function mainJob(scene: Scene): Promise<void> {
    const organization = { id: scene.simulator.account.organizationId };
    const order = await scene.vmc({
      vmc: { logo: encoded(), enable_hosting: 1, ...trademark },
      organization,
    });
    const [{ id }] = order.domains;
    const domain = await scene.ok(200, "GET", `/domain/${id}?include_dcv=true`);
    await scene.publish("TXT", "example.com", domain.dcv_token.token);
    await scene.publish("TXT", "_dmarc.example.com", "v=DMARC1; p=reject");
    const checked = await scene.ok(200, "PUT", `/domain/${id}/dcv/validate-token`);
    assert.equal(checked.status, "active");
    await scene.control.vet(order.id);
    await scene.control.advance({ hours: 2 });
    const info = await scene.info(order.id);
    assert.equal(info.status, "issued");
    const hosted = { ...info, ...info.vmc };
    assert.ok(hosted.hosted_logo_location && hosted.hosted_cert_location);
    const pem = await scene.call("GET", `/certificate/${info.certificate.id}/download/format/pem_all`);
    assert.equal(pem.status, 200);
  }

  for (const profile of ["seed", "2026"] as const) {
    it(`lead from an order to its certificate in profile ${profile}`, async () => {
      const scene = await Scene.start({ profile });
      try {
        await mainJob(scene);
      } finally {
        await scene.stop();
      }
    });
  }

  for (const { name, values } of switchList) {
    for (const value of values.filter((candidate) => candidate !== switchesOf("2026")[name])) {
      it(`${name}: ${value}`, async () => {
        const scene = await Scene.start({ switches: { [name]: value } });
        try {
          await mainJob(scene);
          await effects[name]?.(scene, value);
        } finally {
          await scene.stop();
        }
      });
    }
  }

  const cancelIssued = async (scene: Scene, value: unknown) => {
    const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
    await scene.refused(String(value), "PUT", `/order/certificate/${id}/status`, { status: "CANCELED", note: "x" });
  };

  /** What a value changes, where no other spec shows it. */
  const effects: Record<string, (scene: Scene, value: unknown) => Promise<void>> = {
    newTokenStatus: async (scene, value) => {
      const [{ id }] = (await scene.vmc({ certificate: { dns_names: ["a.example.com"] } })).domains;
      await scene.ok(value as number, "POST", `/domain/${id}/dcv/token`);
    },
    verificationValue: async (scene, value) => {
      const names = { certificate: { dns_names: ["a.example.com"] }, dcv_method: "dns-cname-token" };
      const [{ dcv_token }] = (await scene.vmc(names)).domains;
      const expected = value === "host" ? "_dnsauth.a.example.com" : "dcv.digicert.com";
      assert.equal(dcv_token.verification_value, expected);
    },
    checkDomainAnswer: async (scene) => {
      const [{ id }] = (await scene.vmc()).domains;
      assert.deepEqual(Object.keys(await scene.ok(200, "PUT", `/domain/${id}/dcv/validate-token`)), [
        "token",
        "status",
      ]);
    },
    expiredTokenStatus: async (scene) => {
      const [{ id }] = (await scene.vmc({ certificate: { dns_names: ["a.example.com"] } })).domains;
      await scene.control.advance({ days: 31 });
      assert.equal((await scene.ok(200, "GET", `/domain/${id}?include_dcv=true`)).dcv_token.status, "pending");
    },
    cnameNotFoundError: async (scene, value) => {
      const names = { certificate: { dns_names: ["a.example.com"] }, dcv_method: "dns-cname-token" };
      const [{ id }] = (await scene.vmc(names)).domains;
      await scene.refused(String(value), "PUT", `/domain/${id}/dcv/validate-token`);
    },
    deleteUsedOrganization: async (scene) => {
      const id = await scene.control.addOrganization({ name: "Second" });
      await scene.vmc({ organization: { id } });
      await scene.ok(204, "DELETE", `/organization/${id}`);
    },
    reissueAnswer: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      const body = { certificate: { dns_names: ["new.example.com"] }, skip_approval: true };
      const answer = await scene.ok(201, "POST", `/order/certificate/${id}/reissue`, body);
      assert.deepEqual(Object.keys(answer), ["id", "certificate_id"]);
    },
    hostedLocations: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      const info = await scene.info(id);
      assert.ok(info.hosted_logo_location);
      assert.equal(info.vmc.hosted_logo_location, undefined);
    },
    hostedUrls: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      assert.match((await scene.info(id)).vmc.hosted_logo_location, /^hosted\./);
    },
    orderInfoTrademark: async (scene, value) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      const { vmc } = await scene.info(id);
      assert.equal(vmc.mark_type_data, undefined);
      assert.equal(vmc.trademark_country_code, value === "fields" ? "us" : undefined);
    },
    orderInfoLogo: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      assert.equal((await scene.info(id)).vmc.logo, undefined);
    },
    logoStatusInOrderInfo: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      assert.equal((await scene.info(id)).vmc.logo_status, "approved");
    },
    orderMarkType: async (scene) => {
      const vmc = {
        logo: encoded(Buffer.from(GOVERNMENT)),
        mark_type: "government_mark",
        mark_type_data: { country_code: "us", citation: "36 USC 1" },
      };
      const order = await scene.vmc({ vmc });
      assert.equal((await scene.info(order.id)).vmc.mark_type_data.citation, "36 USC 1");
      await scene.control.vet(order.id);
      assert.equal((await scene.info(order.id)).status, "issued");
    },
    vettingDetails: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      assert.equal((await scene.info(id)).verification, undefined);
    },
    vmcValidationBlock: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      const { vmc_validations } = await scene.ok(200, "GET", `/order/certificate/${id}/validation`);
      assert.ok(vmc_validations.every(({ status }: Json) => status === "complete"));
    },
    alternateNotFound: async (scene, value) => {
      const { status, json } = await scene.call("GET", "/order/alternate/none");
      assert.equal(status, 200);
      assert.deepEqual(json.orders, value === "emptyList" ? [] : undefined);
    },
    emptyLists: async (scene) => {
      assert.deepEqual(await scene.ok(200, "GET", "/order/certificate?filters[status]=rejected"), {});
      assert.deepEqual(await scene.ok(200, "GET", "/account/metadata"), {});
    },
    approvedRequests: async (scene) => assert.equal((await scene.vmc()).requests, undefined),
    primaryInReissues: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      assert.equal((await scene.ok(200, "GET", `/order/certificate/${id}/reissue`)).certificates.length, 1);
    },
    processing: async (scene) => {
      const order = await scene.vmc();
      await scene.control.verifyContact(order.id);
      assert.equal((await scene.info(order.id)).status, "processing");
      await scene.control.advance({ hours: 1 });
      assert.equal((await scene.info(order.id)).status, "issued");
    },
    orderValidTill: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      const { certificate, order_valid_till } = await scene.info(id);
      const end = new Date(certificate.valid_from);
      end.setUTCFullYear(end.getUTCFullYear() + 1);
      assert.equal(order_valid_till, end.toISOString().slice(0, 10));
    },
    renewalWindow: async (scene) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      assert.ok((await scene.vmc({ renewal_of_order_id: id })).id);
    },
    cancelNotPendingError: cancelIssued,
    duplicateAlternativeIdError: async (scene, value) => {
      await scene.control.setSwitches({ uniqueAlternativeIds: true });
      await scene.vmc({ alternative_order_id: "x1" });
      const body = scene.body({ alternative_order_id: "x1" });
      await scene.refused(String(value), "POST", "/order/certificate/vmc_basic", body);
    },
    badLogoError: (scene, value) =>
      scene.refused(
        String(value),
        "POST",
        "/order/certificate/vmc_basic",
        scene.body({ vmc: { logo: encoded(Buffer.from("<a/>")) } }),
      ),
    wrappedBase64: async (scene) => {
      const logo = encoded().replace(/.{76}/g, "$&\n");
      await scene.refused(
        "400 invalid_vmc_logo",
        "POST",
        "/order/certificate/vmc_basic",
        scene.body({ vmc: { logo } }),
      );
    },
    trademarkMismatchError: (scene, value) => {
      const vmc = { logo: encoded(), ...trademark, trademark_country_code: "gb" };
      return scene.refused(String(value), "POST", "/order/certificate/vmc_basic", scene.body({ vmc }));
    },
    inactiveOrganizationError: async (scene, value) => {
      await scene.ok(204, "PUT", `/organization/${scene.simulator.account.organizationId}/deactivate`);
      await scene.refused(String(value), "POST", "/order/certificate/vmc_basic", scene.body());
    },
    productNotEnabledError: async (scene, value) => {
      await scene.control.setProducts([]);
      await scene.refused(String(value), "POST", "/order/certificate/vmc_basic", scene.body());
    },
    downloadBeforeIssueError: async (scene, value) => {
      const { certificate_id } = await scene.cmc();
      await scene.refused(String(value), "GET", `/certificate/${certificate_id}/download/format/pem_all`);
    },
    revokeWhileReissuingError: async (scene, value) => {
      const [{ id }] = (await scene.ok(200, "GET", "/order/certificate")).orders;
      const body = { certificate: { dns_names: ["new.example.com"] }, skip_approval: true };
      await scene.ok(201, "POST", `/order/certificate/${id}/reissue`, body);
      await scene.refused(String(value), "PUT", `/order/certificate/${id}/revoke`, {});
    },
    productType: async (scene, value) => assert.equal((await scene.ok(200, "GET", "/product")).products[0].type, value),
    missingDnsNames: async (scene) => {
      const order = await scene.cmc({ certificate: {} });
      assert.deepEqual(order.domains, []);
      assert.ok((await scene.control.missing(order.id)).includes("domain names"));
      exercised("S0.rule.dnsNamesOptional");
    },
    cardBillingAddress: async (scene) => {
      const credit_card = {
        number: "4111111111111111",
        expiration_month: 1,
        expiration_year: 2030,
        cvv: 123,
        cardholder_name: "A",
      };
      await scene.cmc({ payment_method: "card", credit_card });
    },
  };
});

const GOVERNMENT =
  '<svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><title>Seal</title></svg>';
