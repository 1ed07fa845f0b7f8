import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { orders } from "../../../provider/certcentral";
import { errors, failure, ScriptedServer } from "./support";

describe("CertCentral orders", () => {
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  const body: orders.OrderRequest = {
    certificate: { dns_names: ["example.com", "example.net"] },
    vmc: { logo: "H4sI", trademark_country_code: "us", trademark_registration_number: "A1234-B1234" },
    organization: { id: 112236, contacts: [{ contact_type: "ev_approver", user_id: 5 }] },
    order_validity: { years: 1 },
    skip_approval: true,
    alternative_order_id: "bimi0001",
  };

  describe("place", () => {
    it("posts DigiCert's body once, to the product's path", async () => {
      server.script({ status: 201, json: { id: 1 } });
      await orders.place(server.client(), "vmc_basic", body);
      await orders.place(server.client(), "mark_certificate", body);
      assert.deepEqual(server.calls, ["POST /order/certificate/vmc_basic", "POST /order/certificate/mark_certificate"]);
      assert.deepEqual(JSON.parse(String(server.received[0]?.body)), body);
    });

    it("reads the VMC guide's answer", async () => {
      const json = { id: 137368279, domains: [{ id: 3530302, name: "example.com" }], certificate_id: 138305366 };
      server.script({ status: 201, json });
      assert.deepEqual(await orders.place(server.client(), "vmc_basic", body), {
        orderId: 137368279,
        certificateId: 138305366,
        domains: [{ id: 3530302, name: "example.com" }],
        requests: [],
      });
    });

    it("reads tokens, requests, the known logo and the order's own random value", async () => {
      server.script({
        status: 201,
        json: {
          id: "137",
          certificate_id: "138",
          domains: [
            {
              id: "3",
              name: "example.com",
              dns_name: "mail.example.com",
              dcv_token: {
                token: "_1t62",
                status: "pending",
                expiration_date: "2026-12-21T20:35:32+00:00",
                verification_value: "dcv.digicert.com",
              },
            },
            { id: 4, name: "example.net", dcv_token: { token: "abc", http_token_url: "http://example.net/x.txt" } },
            { id: 5, name: "example.org", dcv_token: {} },
          ],
          requests: [{ id: "922", status: "pending" }],
          vmc: { logo_id: "99" },
          dcv_random_value: "rrr",
        },
      });
      assert.deepEqual(await orders.place(server.client(), "vmc_basic", body), {
        orderId: 137,
        certificateId: 138,
        domains: [
          {
            id: 3,
            name: "example.com",
            dnsName: "mail.example.com",
            token: {
              token: "_1t62",
              status: "pending",
              expires: "2026-12-21T20:35:32Z",
              verificationValue: "dcv.digicert.com",
            },
          },
          { id: 4, name: "example.net", token: { token: "abc", httpTokenUrl: "http://example.net/x.txt" } },
          { id: 5, name: "example.org" },
        ],
        requests: [{ id: 922, status: "pending" }],
        logoId: 99,
        dcvRandomValue: "rrr",
      });
    });

    it("never loses an order id to the rest of the answer", async () => {
      const shapes = [
        { id: 77 },
        { id: "77", domains: null, requests: {}, vmc: [] },
        { order_id: "77", domains: "none" },
        { order: { id: 77 } },
        { id: " 77 ", domains: { "0": { id: {}, name: [] } }, certificate_id: "none", requests: [null, 3, "x"] },
        { id: 77, domains: [[], [[]], { id: 1, name: null, dcv_token: "t" }], dcv_random_value: {} },
      ];
      for (const json of shapes) {
        server.script({ status: 201, json });
        assert.equal((await orders.place(server.client(), "vmc_basic", body)).orderId, 77, JSON.stringify(json));
      }
    });

    it("is in doubt when an answer that sounds like success names no order", async () => {
      const texts = [
        "",
        "{}",
        "[]",
        "null",
        "7",
        '"7"',
        '{"id":0}',
        '{"id":-3}',
        '{"id":1.5}',
        '{"id":true}',
        '{"id":"x7"}',
      ];
      texts.push('{"id":99999999999999999999}', '{"certificate_id":5}', '{"id":137', "<html></html>", '[{"id":7}]');
      for (const text of texts) {
        server.script({ status: 201, text });
        const error = await failure(orders.place(server.client(), "vmc_basic", body));
        assert.equal(error.kind, "doubt", text);
        assert.equal(error.code, "unexpected_answer");
        assert.equal(server.received.length, 1);
      }
    });
  });

  describe("byAlternativeId", () => {
    const lookUp = (id = "bimi1") => orders.byAlternativeId(server.client(), id);

    it("reads the orders of all pages, with ids as strings too", async () => {
      const order = (id: number) => ({ order_id: String(id), certificate_id: id + 1, status: "pending" });
      const first = Array.from({ length: 1000 }, (_, index) => order(index + 1));
      const page = { total: "1001", limit: 1000, offset: 0 };
      server.script({ json: { orders: first, page } }, { json: { orders: [order(1001)], page } });
      const found = await lookUp("a/b?c");
      assert.equal(found.length, 1001);
      assert.deepEqual(found[1000], { orderId: 1001, certificateId: 1002, status: "pending" });
      assert.deepEqual(server.calls, ["GET /order/alternate/a%2Fb%3Fc", "GET /order/alternate/a%2Fb%3Fc"]);
      assert.equal(server.received[1]?.query.get("offset"), "1000");
    });

    it("finds none when DigiCert says so", async () => {
      const none = [{}, [], { orders: [] }, { orders: {} }, { orders: null }, { orders: [], page: { total: 0 } }];
      for (const json of none) {
        server.script({ json });
        assert.deepEqual(await lookUp(), [], JSON.stringify(json));
      }
      server.script({ status: 404, json: errors("not_found|order") });
      assert.deepEqual(await lookUp(), []);
    });

    it("fails, rather than find none, on every answer that does not say so", async () => {
      const unclear = [
        { orders: [{ status: "pending" }] },
        { orders: [{ order_id: "first" }] },
        { orders: [{ order_id: 1 }, {}] },
        { orders: "some" },
        { orders: 1 },
        { page: { total: 1 } },
        { orders: [], page: { total: "2" } },
        { errors: [{ code: "x" }] },
        { message: "hello" },
        [1],
        null,
        "none",
        0,
      ];
      for (const json of unclear) {
        server.script({ json });
        assert.equal((await failure(lookUp())).kind, "doubt", JSON.stringify(json));
      }
      for (const reply of [
        { status: 404, text: "<html>not here</html>" },
        { status: 404, json: errors("not_found|route") },
        { status: 403, json: errors("access_denied") },
        { status: 200, text: "" },
        { status: 204 },
      ]) {
        server.script(reply);
        await failure(lookUp());
      }
    });
  });

  describe("info", () => {
    const vmc = {
      logo_id: "9",
      logo: "H4sI",
      enable_hosting: "1",
      hosted_logo_location: "https://h.example/l.svg",
      hosted_cert_location: "https://h.example/c.pem",
      mark_type: "registered_mark",
      mark_type_data: { country_code: "us", registration_number: "A1" },
    };
    const mark = {
      logoId: 9,
      logo: "H4sI",
      enableHosting: true,
      hostedLogoLocation: "https://h.example/l.svg",
      hostedCertLocation: "https://h.example/c.pem",
      markType: "registered_mark",
      trademarkCountryCode: "us",
      trademarkRegistrationNumber: "A1",
    };

    it("reads an issued order", async () => {
      server.script({
        json: {
          id: 137,
          certificate: {
            id: 138,
            thumbprint: "7D23",
            serial_number: "0669",
            common_name: "example.com",
            dns_names: ["example.com"],
            valid_from: "2026-11-21",
            valid_till: "2027-12-20",
            date_issued: "2026-11-21T18:16:07+00:00",
            organization: { id: 117483 },
            status: null,
          },
          status: "issued",
          is_renewal: true,
          renewed_order_id: "136",
          is_renewed: false,
          date_created: "2026-11-01 18:16:07",
          order_valid_till: "2027-11-20",
          organization: { name: "Example Corp.", is_active: "1" },
          product: { name_id: "vmc_basic" },
          requests: [
            { id: 1, date: "2026-11-01T18:20:00+02:00", type: "new_request", status: "approved", comments: "" },
          ],
          alternative_order_id: "bimi1",
          dcv_method: "dns-txt-token",
          price: "1499.5",
          currency: "USD",
          notes: [{ id: "4", text: "called" }, {}],
          vmc,
          verification: { organization_type: "complete", phone_number_verification: "pending", other: 3 },
          has_pending_request: 0,
        },
      });
      assert.deepEqual(await orders.info(server.client(), 137), {
        orderId: 137,
        status: "issued",
        productNameId: "vmc_basic",
        certificate: {
          id: 138,
          thumbprint: "7D23",
          serialNumber: "0669",
          commonName: "example.com",
          dnsNames: ["example.com"],
          validFrom: "2026-11-21",
          validTill: "2027-12-20",
          dateIssued: "2026-11-21T18:16:07Z",
        },
        organizationId: 117483,
        organizationName: "Example Corp.",
        isRenewal: true,
        renewedOrderId: 136,
        isRenewed: false,
        dateCreated: "2026-11-01T18:16:07Z",
        orderValidTill: "2027-11-20",
        requests: [{ id: 1, type: "new_request", status: "approved", date: "2026-11-01T16:20:00Z" }],
        alternativeOrderId: "bimi1",
        dcvMethod: "dns-txt-token",
        price: 1499.5,
        currency: "USD",
        notes: [{ id: 4, text: "called" }],
        vmc: mark,
        verification: { organization_type: "complete", phone_number_verification: "pending" },
        hasPendingRequest: false,
      });
    });

    it("reads a bare pending order, without names and with 0 for no renewal", async () => {
      const certificate = { dns_names: [""] };
      server.script({
        json: { id: "137", status: "pending", certificate, renewed_order_id: 0, notes: {}, verification: [] },
      });
      assert.deepEqual(await orders.info(server.client(), 137), {
        orderId: 137,
        status: "pending",
        certificate: { dnsNames: [] },
        isRenewal: false,
        requests: [],
        notes: [],
        vmc: {},
      });
    });

    it("finds the mark at the root and under its older names too", async () => {
      server.script({ json: { id: 137, status: "issued", ...vmc } });
      assert.deepEqual((await orders.info(server.client(), 137)).vmc, mark);
      const old = { trademark_country_code: "de", trademark_registration_number: "30" };
      server.script({ json: { id: 137, status: "issued", vmc: old } });
      const found = (await orders.info(server.client(), 137)).vmc;
      assert.deepEqual(found, { trademarkCountryCode: "de", trademarkRegistrationNumber: "30" });
    });

    it("looks up by thumbprint too", async () => {
      server.script({ json: { id: 137, status: "issued" } });
      assert.equal((await orders.info(server.client(), "7D23/6")).orderId, 137);
      assert.deepEqual(server.calls, ["GET /order/certificate/7D23%2F6"]);
    });

    it("fails on an answer without id or status, or about another order", async () => {
      for (const json of [{}, [], { status: "issued" }, { id: 137 }, { id: 138, status: "issued" }, null, 5]) {
        server.script({ json });
        assert.equal((await failure(orders.info(server.client(), 137))).code, "unexpected_answer");
      }
    });

    it("hands on 404: that the key may not see the order does not mean that it is gone", async () => {
      server.script({ status: 404, json: errors("not_found|order") });
      const error = await failure(orders.info(server.client(), 137));
      assert.equal(error.notFound, true);
      assert.match(error.message, /look up order 137 \(404 not_found\|order\).*another account/);
    });
  });

  it("lists orders by every filter, over all pages, each once", async () => {
    const item = (id: number) => ({
      id,
      certificate: {
        id: id * 10,
        common_name: "example.com",
        dns_names: ["example.com", ""],
        valid_till: "2027-01-01",
      },
      status: "issued",
      is_renewed: "0",
      date_created: "2026-01-01T00:00:00+00:00",
      organization: { id: "7", name: "Example" },
      product: { name_id: "vmc_basic" },
    });
    const page = { total: 3, limit: 2, offset: 0 };
    server.script(
      { json: { orders: [item(1), item(2)], page } },
      { json: { orders: [item(2), { status: "odd" }], page } },
    );
    const filters = {
      status: "issued",
      productNameId: "vmc_basic",
      organizationId: 7,
      containerId: 8,
      domainName: "example.com",
      commonName: "example.com",
      certificateId: 9,
      serialNumber: "0A",
      validTill: ">2026-01-01",
      dateCreated: "2026-01-01...2026-02-01",
      isRenewed: false,
      search: "%corp",
      sort: "-date_created",
    };
    const found = await orders.list(server.client(), filters);
    assert.deepEqual(
      found.map(({ orderId }) => orderId),
      [1, 2],
    );
    assert.deepEqual(found[0], {
      orderId: 1,
      status: "issued",
      productNameId: "vmc_basic",
      commonName: "example.com",
      dnsNames: ["example.com"],
      organizationId: 7,
      organizationName: "Example",
      dateCreated: "2026-01-01T00:00:00Z",
      validTill: "2027-01-01",
      certificateId: 10,
      isRenewed: false,
    });
    assert.deepEqual(Object.fromEntries(server.received[0]?.query ?? []), {
      sort: "-date_created",
      "filters[status]": "issued",
      "filters[product_name_id]": "vmc_basic",
      "filters[organization_id]": "7",
      "filters[container_id]": "8",
      "filters[domain_name]": "example.com",
      "filters[common_name]": "example.com",
      "filters[certificate_id]": "9",
      "filters[serial_number]": "0A",
      "filters[valid_till]": ">2026-01-01",
      "filters[date_created]": "2026-01-01...2026-02-01",
      "filters[is_renewed]": "0",
      "filters[search]": "%corp",
      offset: "0",
      limit: "1000",
    });
  });

  it("lists once what a server that does not heed the offset answers for ever", async () => {
    server.script({ json: { orders: [{ id: 1 }, { id: 2 }], page: { total: 1_000_000 } } });
    assert.equal((await orders.list(server.client())).length, 2);
    assert.equal(server.received.length, 2);
  });

  it("lists nothing when DigiCert leaves the list out", async () => {
    server.script({ json: {} });
    assert.deepEqual(await orders.list(server.client()), []);
    assert.deepEqual(await orders.statusChanges(server.client(), 10), []);
    assert.deepEqual(await orders.listReissues(server.client(), 1), []);
  });

  it("reads an order's validations", async () => {
    server.script({
      json: {
        order_id: "112211",
        order_status: "pending",
        organization_id: "12345",
        organization_validations: [
          { type: "ev", name: "EV", status: "active", validated_until: "2027-04-25T21:52:33+00:00" },
          { type: "ov", name: "OV" },
          { name: "nothing" },
        ],
        dns_name_validations: [
          {
            domain_id: "1234",
            name_scope: "example.com",
            status: "approved",
            method: "email",
            dns_names: ["a.example.com"],
          },
          {},
        ],
      },
    });
    assert.deepEqual(await orders.validation(server.client(), 112211), {
      orderStatus: "pending",
      organizationId: 12345,
      organizationValidations: [
        { type: "ev", name: "EV", status: "active", validatedUntil: "2027-04-25T21:52:33Z", verifiedUsers: [] },
        { type: "ov", name: "OV", status: "unknown", verifiedUsers: [] },
      ],
      domainValidations: [
        { domainId: 1234, name: "example.com", status: "approved", method: "email", dnsNames: ["a.example.com"] },
        { dnsNames: [] },
      ],
    });
  });

  it("lists status changes, and says what too long a time is", async () => {
    server.script({ json: { orders: [{ order_id: 112233, certificate_id: 123456, status: "issued" }] } });
    const changed = await orders.statusChanges(server.client(), 10);
    assert.deepEqual(changed, [{ orderId: 112233, certificateId: 123456, status: "issued" }]);
    assert.equal(server.received[0]?.query.get("minutes"), "10");
    const message = "An error occurred while processing your request.";
    server.script({ status: 400, json: errors("time_frame_too_long", message) });
    assert.match((await failure(orders.statusChanges(server.client(), 20_000))).message, /10,080 minutes/);
  });

  describe("cancel", () => {
    const bodies = () => server.received.map(({ body: sent }) => JSON.parse(String(sent)));

    it("sends the guide's spelling and the note", async () => {
      server.script({ status: 204 });
      await orders.cancel(server.client(), 5, "Not needed");
      assert.deepEqual(server.calls, ["PUT /order/certificate/5/status"]);
      assert.deepEqual(bodies(), [{ status: "CANCELED", note: "Not needed" }]);
    });

    it("sends the newer spelling when DigiCert refuses the guide's, or when told to", async () => {
      server.script({ status: 400, json: errors("invalid_status") }, { status: 204 });
      await orders.cancel(server.client(), 5, "n");
      assert.deepEqual(
        bodies().map(({ status }) => status),
        ["CANCELED", "canceled"],
      );
      server.script({ status: 204 });
      await orders.cancel(server.client(), 5, "n", "canceled");
      assert.deepEqual(
        bodies().map(({ status }) => status),
        ["canceled"],
      );
    });

    it("tells the first of two refusals, and does not try again what is not about the value", async () => {
      server.script({ status: 400, json: errors("not_pending") }, { status: 400, json: errors("invalid_status") });
      assert.equal((await failure(orders.cancel(server.client(), 5, "n"))).code, "not_pending");
      server.script({ status: 404, json: errors("not_found|order") });
      assert.equal((await failure(orders.cancel(server.client(), 5, "n"))).notFound, true);
      assert.equal(server.received.length, 1);
    });

    it("tells a doubt about the second try", async () => {
      server.script({ status: 400, json: errors("invalid_status") }, { status: 503, text: "" });
      assert.equal((await failure(orders.cancel(server.client(), 5, "n"))).kind, "doubt");
    });
  });

  describe("logo", () => {
    const svg = Buffer.from('\uFEFF<?xml version="1.0"?>\r\n<svg>\u00e9</svg>\n');

    it("is uploaded byte for byte, once", async () => {
      server.script({ status: 201, json: { id: 99, organization_id: 1374401 } });
      assert.deepEqual(await orders.uploadLogo(server.client(), 5, svg), { logoId: 99, organizationId: 1374401 });
      assert.deepEqual(server.received[0]?.body, svg);
      assert.equal(server.received[0]?.headers["content-type"], "image/svg+xml");
      assert.deepEqual(server.calls, ["POST /order/certificate/5/vmc/logo"]);
    });

    it("is uploaded encoded, and may bring the trademark of a logo that is known", async () => {
      const trademark = { trademark_country_code: "us", trademark_registration_number: "A1" };
      server.script({ status: 201, json: { id: "99", ...trademark } });
      const assigned = await orders.uploadEncodedLogo(server.client(), 5, "H4sI");
      assert.deepEqual(assigned, { logoId: 99, trademarkCountryCode: "us", trademarkRegistrationNumber: "A1" });
      assert.deepEqual(server.calls, ["POST /order/certificate/5/vmc/encoded-logo"]);
      assert.deepEqual(JSON.parse(String(server.received[0]?.body)), { logo: "H4sI" });
    });

    it("is in doubt when the answer names no logo", async () => {
      server.script({ status: 201, json: {} });
      assert.equal((await failure(orders.uploadLogo(server.client(), 5, svg))).kind, "doubt");
    });

    it("is downloaded byte for byte, also where the server sends the encoded form", async () => {
      server.script({ text: svg, headers: { "Content-Type": "image/svg+xml" } });
      assert.deepEqual(await orders.getLogo(server.client(), 5), svg);
      assert.equal(server.received[0]?.headers.accept, "image/svg+xml");
      server.script({ json: { logo: gzipSync(svg).toString("base64") } });
      assert.deepEqual(await orders.getLogo(server.client(), 5), svg);
    });

    it("is not an empty answer, nor anything that does not decode", async () => {
      for (const reply of [{ text: "" }, { json: {} }, { json: { logo: "????" } }, { json: { logo: "aGVsbG8=" } }]) {
        server.script(reply);
        assert.equal((await failure(orders.getLogo(server.client(), 5))).code, "unexpected_answer");
      }
    });
  });

  it("updates the mark, the contacts and a custom field", async () => {
    server.script({ status: 204 });
    const client = server.client();
    await orders.updateVmc(client, 5, { trademark_country_code: "us", trademark_registration_number: "C1234-D1234" });
    await orders.updateContacts(client, 5, [{ contact_type: "technical_contact", first_name: "First" }]);
    await orders.setCustomField(client, 5, 12, "blue");
    assert.deepEqual(server.calls, [
      "PUT /order/certificate/5/vmc",
      "PUT /order/certificate/5/contact",
      "POST /order/certificate/5/custom-field",
    ]);
    assert.deepEqual(
      server.received.map(({ body: sent }) => JSON.parse(String(sent))),
      [
        { trademark_country_code: "us", trademark_registration_number: "C1234-D1234" },
        { contacts: [{ contact_type: "technical_contact", first_name: "First" }] },
        { metadata_id: 12, value: "blue" },
      ],
    );
  });

  describe("reissue", () => {
    it("is posted once, and answers with a request or a certificate", async () => {
      const request = { certificate: { dns_names: ["example.net"] }, skip_approval: true };
      server.script({ status: 201, json: { id: 112233, requests: [{ id: 332211 }] } });
      const asked = await orders.reissue(server.client(), 112233, request);
      assert.deepEqual(asked, { orderId: 112233, domains: [], requests: [{ id: 332211 }] });
      assert.deepEqual(JSON.parse(String(server.received[0]?.body)), request);
      server.script({ status: 201, json: { id: 112233, certificate_id: 111112, dcv_random_value: "r" } });
      const granted = await orders.reissue(server.client(), 112233, request);
      assert.equal(granted.certificateId, 111112);
      assert.equal(granted.dcvRandomValue, "r");
    });

    it("is listed with what DigiCert knows of each certificate", async () => {
      server.script({
        json: {
          certificates: [
            {
              id: 1,
              status: "issued",
              thumbprint: "AB",
              serial_number: "01",
              dns_names: ["a.example"],
              valid_till: "2027-01-01",
            },
            { id: "2", status: "pending", date_created: "2026-01-02T00:00:00+00:00" },
          ],
        },
      });
      assert.deepEqual(await orders.listReissues(server.client(), 5), [
        {
          certificateId: 1,
          status: "issued",
          thumbprint: "AB",
          serialNumber: "01",
          dnsNames: ["a.example"],
          validTill: "2027-01-01",
        },
        { certificateId: 2, status: "pending", dnsNames: [], dateCreated: "2026-01-02T00:00:00Z" },
      ]);
    });
  });

  it("revokes once, and gives the request that an administrator must approve, if any", async () => {
    server.script({
      status: 201,
      json: { id: 1, date: "2016-02-10T17:06:15+00:00", type: "revoke", status: "pending" },
    });
    const request = await orders.revokeOrder(server.client(), 5, { comments: "old" });
    assert.deepEqual(request, { id: 1, type: "revoke", status: "pending", date: "2016-02-10T17:06:15Z" });
    server.script({ status: 204 });
    assert.equal(await orders.revokeOrder(server.client(), 5, { skip_approval: true }), undefined);
    server.script({ status: 503, text: "" });
    assert.equal((await failure(orders.revokeOrder(server.client(), 5))).kind, "doubt");
    assert.equal(server.received.length, 1);
  });
});
