import assert from "node:assert/strict";
import { isSimulatorId } from "../../simulator";
import { encoded, type Json, Scene, svg, trademark } from "./certcentral";
import { exercised } from "./exercised";

const APPROVER = {
  contact_type: "ev_approver",
  first_name: "First",
  last_name: "Last",
  telephone: "123-456-7890",
  job_title: "Project Manager",
  email: "first.last@example.com",
};

const CARD = {
  number: "4111111111111111",
  expiration_month: 1,
  expiration_year: 2030,
  cvv: 1234,
  cardholder_name: "Ada Byron",
};

describe("ordering a mark certificate", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene.stop());

  const vmcPath = "/order/certificate/vmc_basic";
  const cmcPath = "/order/certificate/mark_certificate";

  it("answers the seed's VMC example with ids of its own range", async () => {
    const order = await scene.ok(201, "POST", vmcPath, {
      certificate: { dns_names: ["example.com"] },
      vmc: { logo: encoded(), trademark_country_code: "us", trademark_registration_number: "A1234-B1234" },
      organization: { id: scene.simulator.account.organizationId, contacts: [APPROVER] },
      order_validity: { years: 1 },
      payment_method: "balance",
      skip_approval: true,
    });
    assert.ok(isSimulatorId(order.id));
    assert.ok(isSimulatorId(order.certificate_id));
    assert.deepEqual(order.domains, [{ id: order.domains[0].id, name: "example.com", dns_name: "example.com" }]);
    exercised("S1.order", "S1.order.answer.id", "S1.order.answer.certificate_id", "S1.order.answer.domains");
    exercised("S1.order.answer.domains.id", "S1.order.answer.domains.name", "S1.order.certificate.dns_names");

    const info = await scene.info(order.id);
    assert.equal(info.status, "pending");
    assert.equal(info.dcv_method, "email");
    assert.equal(info.payment_method, "balance");
    assert.equal(info.requests[0].status, "approved");
    assert.equal(info.organization.id, scene.simulator.account.organizationId);
    assert.deepEqual(info.vmc.mark_type_data, { country_code: "us", registration_number: "A1234-B1234" });
    assert.deepEqual(info.certificate.dns_names, ["example.com"]);
    exercised("S1.order.organization.id", "S1.order.payment_method", "S1.order.skip_approval");
    exercised("S1.rule.dcvDefaultEmail", "S1.order.vmc.logo", "S1.order.vmc.trademark_country_code");
    exercised("S1.order.vmc.trademark_registration_number", "S1.order.order_validity.years", "S1.orderInfo");
    const organization = await scene.ok(200, "GET", `/organization/${info.organization.id}`);
    const { contact_type: _, ...person } = APPROVER;
    assert.deepEqual({ ...organization.verified_contacts[0], id: undefined }, { ...person, id: undefined });
    exercised("S1.order.organization.contacts");
  });

  it("answers a CMC order with tokens, request and, for a known logo, its id", async () => {
    const first = await scene.cmc();
    assert.equal(first.vmc, undefined);
    const [domain] = first.domains;
    assert.equal(domain.name, "example.com");
    assert.equal(domain.dns_name, "example.com");
    assert.match(domain.dcv_token.token, /^_[a-z0-9]{31}$/);
    assert.equal(domain.dcv_token.status, "pending");
    const days = (Date.parse(domain.dcv_token.expiration_date) - Date.now()) / 86_400_000;
    assert.ok(Math.abs(days - 30) < 0.01);
    assert.match(domain.dcv_token.expiration_date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    assert.deepEqual(
      first.requests.map(({ status }: Json) => status),
      ["approved"],
    );
    assert.ok(isSimulatorId(first.requests[0].id));
    exercised("S0.order", "S0.answer.id", "S0.answer.domains", "S0.answer.domains.id", "S0.answer.domains.name");
    exercised("S0.answer.domains.dns_name", "S0.answer.dcv_token", "S0.answer.dcv_token.token");
    exercised("S0.answer.dcv_token.status", "S0.answer.dcv_token.expiration_date");
    exercised("S0.answer.requests", "S0.answer.requests.id", "S0.answer.requests.status", "S0.answer.certificate_id");
    exercised("S0.param.certificate", "S0.param.certificate.dns_names", "S0.param.vmc", "S0.param.vmc.logo");
    exercised("S0.param.dcv_method", "S0.param.skip_approval", "S0.param.organization", "S0.param.organization.id");

    const second = await scene.cmc({ certificate: { dns_names: ["shop.example.com"] } });
    const info = await scene.info(first.id);
    assert.deepEqual(second.vmc, { logo_id: info.vmc.logo_id });
    assert.equal((await scene.info(second.id)).vmc.logo_id, info.vmc.logo_id);
    exercised("S0.answer.vmc.logo_id", "S0.rule.existingLogo");
  });

  it("keeps every optional parameter of the CMC table", async () => {
    const metadataId = await scene.control.addCustomField({ label: "Cost centre", data_type: "int" });
    const containerId = await scene.control.addContainer("Marketing");
    const person = {
      first_name: "Ada",
      last_name: "Byron",
      email: "ada@example.com",
      job_title: "Analyst",
      telephone: "1234",
      telephone_extension: "5",
    };
    const order = await scene.cmc({
      vmc: { logo: encoded(), enable_hosting: "1" },
      order_validity: { years: 3 },
      comments: "please",
      auto_renew: 1,
      custom_renewal_message: "soon over",
      disable_renewal_notifications: true,
      additional_emails: ["certs@example.com"],
      locale: "en",
      payment_method: "card",
      credit_card: {
        number: "4111111111111111",
        expiration_month: 12,
        expiration_year: 2030,
        cvv: 123,
        cardholder_name: "Ada Byron",
      },
      billing_address: {
        address: "1 Main St",
        address2: "Floor 2",
        city: "Lehi",
        state: "Utah",
        country: "us",
        zip: "84043",
      },
      vat_number: "GB123",
      organization_contact: person,
      technical_contact: { ...person, first_name: "Tim" },
      container: { id: containerId },
      custom_fields: [{ metadata_id: metadataId, value: "42" }],
      alternative_order_id: "abc123",
    });
    const info = await scene.info(order.id);
    assert.equal(info.vmc.enable_hosting, true);
    assert.equal(info.order_validity.years, 3);
    assert.equal(info.requests[0].comments, "please");
    assert.equal(info.auto_renew, 1);
    assert.equal(info.custom_renewal_message, "soon over");
    assert.equal(info.disable_renewal_notifications, true);
    assert.deepEqual(info.additional_emails, ["certs@example.com"]);
    assert.equal(info.locale, "en");
    assert.equal(info.payment_method, "card");
    assert.equal(info.vat_number, "GB123");
    assert.deepEqual(info.organization_contact, person);
    assert.deepEqual(info.technical_contact, { ...person, first_name: "Tim" });
    assert.equal(info.container.id, containerId);
    assert.deepEqual(info.custom_fields, [{ metadata_id: metadataId, value: "42" }]);
    assert.equal(info.alternative_order_id, "abc123");
    for (const name of ["enable_hosting"]) exercised(`S0.param.vmc.${name}`);
    exercised("S0.param.order_validity", "S0.param.order_validity.years", "S0.param.comments", "S0.param.auto_renew");
    exercised("S0.param.custom_renewal_message", "S0.param.disable_renewal_notifications");
    exercised("S0.param.additional_emails", "S0.param.locale", "S0.param.payment_method", "S0.param.vat_number");
    for (const name of ["organization_contact", "technical_contact"]) {
      exercised(`S0.param.${name}`);
      for (const field of Object.keys(person)) exercised(`S0.param.${name}.${field}`);
    }
    exercised("S0.param.container", "S0.param.container.id", "S0.param.custom_fields");
    exercised("S0.param.custom_fields.metadata_id", "S0.param.custom_fields.value");
    exercised("S0.param.alternative_order_id");

    const journal = JSON.stringify(scene.simulator.journal);
    assert.ok(!journal.includes("4111111111111111"));
    assert.ok(!journal.includes('"cvv":123'));
    assert.ok(!journal.includes(scene.simulator.apiKey));
  });

  it("refuses each card and billing field that is missing or ill-typed", async () => {
    const address = { address: "1 Main St", city: "Lehi", country: "us" };
    const pay = (changes: Json) =>
      scene.body({
        vmc: { logo: encoded() },
        payment_method: "card",
        credit_card: CARD,
        billing_address: address,
        ...changes,
      });
    await scene.ok(201, "POST", cmcPath, pay({}));
    await scene.refused("400 missing_parameter|credit_card", "POST", cmcPath, pay({ credit_card: undefined }));
    await scene.refused("400 missing_parameter|billing_address", "POST", cmcPath, pay({ billing_address: undefined }));
    exercised("S0.param.credit_card", "S0.param.billing_address");
    for (const name of Object.keys(CARD)) {
      const body = pay({ credit_card: { ...CARD, [name]: undefined } });
      await scene.refused(`400 missing_parameter|credit_card.${name}`, "POST", cmcPath, body);
      exercised(`S0.param.credit_card.${name}`);
    }
    for (const name of Object.keys(address)) {
      const body = pay({ billing_address: { ...address, [name]: undefined } });
      await scene.refused(`400 missing_parameter|billing_address.${name}`, "POST", cmcPath, body);
      exercised(`S0.param.billing_address.${name}`);
    }
    for (const name of ["address2", "state", "zip"]) {
      const body = pay({ billing_address: { ...address, [name]: 1 } });
      await scene.refused(`400 invalid_parameter|billing_address.${name}`, "POST", cmcPath, body);
      exercised(`S0.param.billing_address.${name}`);
    }
    const wrong = pay({ credit_card: { ...CARD, expiration_month: 13, cvv: "123" } });
    await scene.refused("400 invalid_parameter|credit_card.expiration_month", "POST", cmcPath, wrong);
    await scene.refused("400 invalid_parameter|credit_card.cvv", "POST", cmcPath, wrong);
  });

  const bad: [what: string, error: string, changes: Json][] = [
    ["an unknown parameter", "unknown_parameter|dnsNames", { dnsNames: [] }],
    ["no certificate", "missing_parameter|certificate", { certificate: undefined }],
    ["no organization", "missing_parameter|organization", { organization: undefined }],
    ["no order_validity", "missing_parameter|order_validity", { order_validity: undefined }],
    ["years as a string", "invalid_parameter|order_validity.years", { order_validity: { years: "1" } }],
    ["zero years", "invalid_parameter|order_validity.years", { order_validity: { years: 0 } }],
    ["four years", "invalid_parameter|order_validity.years", { order_validity: { years: 4 } }],
    ["no dns_names", "missing_parameter|certificate.dns_names", { certificate: {} }],
    ["empty dns_names", "invalid_parameter|certificate.dns_names", { certificate: { dns_names: [] } }],
    ["a wildcard", "invalid_parameter|certificate.dns_names.0", { certificate: { dns_names: ["*.example.com"] } }],
    ["an IP address", "invalid_parameter|certificate.dns_names.0", { certificate: { dns_names: ["192.0.2.1"] } }],
    ["an underscore", "invalid_parameter|certificate.dns_names.0", { certificate: { dns_names: ["_a.example.com"] } }],
    ["an unknown DCV method", "invalid_parameter|dcv_method", { dcv_method: "dns" }],
    ["an unknown payment method", "invalid_parameter|payment_method", { payment_method: "cash" }],
    ["a card that is not used", "invalid_parameter|credit_card", { credit_card: CARD }],
    ["auto_renew as boolean", "invalid_parameter|auto_renew", { auto_renew: true }],
    ["a long alternative id", "invalid_parameter|alternative_order_id", { alternative_order_id: "a".repeat(65) }],
    ["a dashed alternative id", "invalid_parameter|alternative_order_id", { alternative_order_id: "a-b" }],
    ["a csr", "unknown_parameter|certificate.csr", { certificate: { dns_names: ["example.com"], csr: "x" } }],
    ["an id with details", "unknown_parameter|organization.name", { organization: { id: 1, name: "A" } }],
    ["details without a name", "missing_parameter|organization.name", { organization: { country: "us" } }],
  ];
  for (const [what, error, changes] of bad) {
    it(`refuses ${what}`, async () => {
      await scene.refused(`400 ${error}`, "POST", vmcPath, scene.body(changes));
      const orders = await scene.ok(200, "GET", "/order/certificate");
      assert.equal(orders.page.total, 0, "a refused order leaves no trace");
      if (error === "missing_parameter|certificate") exercised("S1.order.certificate");
      if (error === "missing_parameter|order_validity") exercised("S1.order.order_validity");
    });
  }

  it("refuses the same of a CMC order", async () => {
    const vmc = { logo: encoded() };
    for (const years of [0, 4, "1", 1.5]) {
      const body = scene.body({ vmc, order_validity: { years } });
      await scene.refused("400 invalid_parameter|order_validity.years", "POST", cmcPath, body);
    }
    exercised("S0.rule.years");
    for (const alternative_order_id of ["a".repeat(65), "a-b", ""]) {
      const body = scene.body({ vmc, alternative_order_id });
      await scene.refused("400 invalid_parameter|alternative_order_id", "POST", cmcPath, body);
    }
    await scene.cmc({ alternative_order_id: "a".repeat(64) });
    exercised("S0.rule.alternativeIdForm");
    await scene.refused(
      "400 unknown_parameter|vmc.mark_type",
      "POST",
      cmcPath,
      scene.body({ vmc: { mark_type: "x" } }),
    );
  });

  it("refuses a body that is not JSON, and one of another type", async () => {
    const reply = await scene.call("POST", vmcPath, "{");
    assert.equal(reply.status, 400);
    assert.equal(reply.json.errors[0].code, "bad_request_format");
    const xml = await scene.call("POST", vmcPath, "<a/>", { headers: { "Content-Type": "text/plain" } });
    assert.equal(xml.status, 415);
    await scene.refused("404 not_found|product", "POST", "/order/certificate/ssl_plus", scene.body());
  });

  it("knows nothing of other accounts' organizations, users and containers", async () => {
    const other = await scene.control.addAccount("Other");
    const body = scene.body({ organization: { id: other.organizationId } });
    await scene.refused("404 not_found|organization", "POST", vmcPath, body);
    const containerId = (await scene.ok(200, "GET", "/container", undefined, other.apiKey)).containers[0].id;
    await scene.refused("404 not_found|container", "POST", vmcPath, scene.body({ container: { id: containerId } }));
  });

  it("refuses a product that is not enabled", async () => {
    await scene.control.setProducts(["vmc_basic"]);
    await scene.refused("404 not_found|product", "POST", cmcPath, scene.body({ vmc: { logo: encoded() } }));
  });

  it("lists orders by filter and page, and refuses filters that DigiCert does not have", async () => {
    const one = await scene.vmc({ certificate: { dns_names: ["a.example.com", "b.example.com"] } });
    const two = await scene.cmc({ certificate: { dns_names: ["c.example.com"] } });
    const list = async (query: string) => {
      const { orders } = await scene.ok(200, "GET", `/order/certificate?${query}`);
      return (orders ?? []).map(({ id }: Json) => id);
    };
    assert.deepEqual(await list(""), [one.id, two.id]);
    assert.deepEqual(await list("sort=-order_id"), [two.id, one.id]);
    assert.deepEqual(await list("limit=1&offset=1"), [two.id]);
    assert.deepEqual(await list("filters[product_name_id]=mark_certificate"), [two.id]);
    assert.deepEqual(await list("filters[domain_name]=b.example.com"), [one.id]);
    assert.deepEqual(await list("filters[status]=issued"), []);
    assert.deepEqual(await list(`filters[organization_id]=${scene.simulator.account.organizationId}`), [
      one.id,
      two.id,
    ]);
    assert.deepEqual(await list("filters[date_created]=>2020-01-01"), [one.id, two.id]);
    assert.deepEqual(await list(`filters[certificate_id]=${two.certificate_id}`), [two.id]);
    const error = "400 invalid_parameter|filters[alternative_order_id]";
    await scene.refused(error, "GET", "/order/certificate?filters[alternative_order_id]=x");
  });

  describe("as the seed documents describe it", () => {
    beforeEach(async () => {
      await scene.stop();
      scene = await Scene.start({ profile: "seed" });
    });

    it("sells VMC for one year only and CMC for up to three", async () => {
      await scene.refused(
        "400 invalid_parameter|order_validity.years",
        "POST",
        vmcPath,
        scene.body({ order_validity: { years: 2 } }),
      );
      await scene.cmc({ order_validity: { years: 3 } });
      exercised("S1.rule.oneYear", "S0.rule.multiYear");
    });

    it("takes the listed trademark offices under each of the seed's names", async () => {
      const order = (vmc: Json) => scene.body({ vmc: { logo: encoded(svg(JSON.stringify(vmc))), ...vmc } });
      for (const code of ["us", "ca", "em", "gb", "de", "jp", "au", "es"]) {
        const { id } = await scene.ok(201, "POST", vmcPath, order({ trademark_country_or_region: code }));
        assert.equal((await scene.info(id)).vmc.trademark_country_code, code);
      }
      const error = "400 invalid_parameter|vmc.trademark_country_code";
      await scene.refused(error, "POST", vmcPath, order({ trademark_country_code: "fr" }));
      exercised("S1.order.vmc.trademark_country_or_region", "S1.rule.trademarkOffices");
    });
  });

  it("needs a logo with trademark data, and takes an order without both", async () => {
    await scene.refused("400 missing_parameter|vmc.logo", "POST", vmcPath, scene.body({ vmc: trademark }));
    exercised("S1.rule.logoWithTrademark");
    const order = await scene.vmc({ vmc: undefined });
    assert.equal((await scene.info(order.id)).vmc.logo_id, undefined);
    exercised("S1.order.vmc");
    await scene.refused("400 unknown_parameter|vmc.trademark_country_code", "POST", cmcPath, scene.body());
  });
});
