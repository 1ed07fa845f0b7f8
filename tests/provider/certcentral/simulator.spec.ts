import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { gzipSync } from "node:zlib";
import {
  account,
  CertCentralClient,
  certificates,
  domains,
  logos,
  orders,
  organizations,
  requests,
} from "../../../provider/certcentral";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../../simulator";
import { recording } from "../../wholeRun/record";
import { failure } from "./support";

const ZONE = "0123456789abcdef0123456789abcdef";
const svg = Buffer.from(
  '<?xml version="1.0" encoding="utf-8"?>\n<svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" ' +
    'viewBox="0 0 64 64"><title>Acme</title><rect width="64" height="64" fill="#0a5"/></svg>\n',
);
const encoded = gzipSync(svg).toString("base64");
const approver: orders.ContactRequest = {
  contact_type: "verified_contact",
  first_name: "First",
  last_name: "Last",
  job_title: "Manager",
  telephone: "123-456-7890",
  email: "first.last@example.com",
};

const variants: Record<string, SimulatorOptions> = {
  "as of 2026": { profile: "2026" },
  "as the seeds describe it": { profile: "seed" },
  "with loose types": {
    switches: {
      looseTypes: "strings",
      hostedLocations: "root",
      orderInfoTrademark: "fields",
      alternateNotFound: "emptyObject",
      emptyLists: "emptyObject",
      orderRandomValue: "present",
      vettingDetails: "absent",
      cancelSpelling: "canceled",
    },
  },
  "with other lists": {
    switches: {
      alternateNotFound: "emptyList",
      emptyLists: "emptyArray",
      primaryInReissues: "listed",
      newTokenStatus: 200,
    },
  },
};

for (const [name, options] of Object.entries(variants)) {
  describe(`CertCentral client and the simulator ${name}`, () => {
    let simulator: Simulator;
    let client: CertCentralClient;

    before(async () => {
      simulator = recording(await startSimulator({ zones: { "example.com": ZONE }, ...options }));
      client = new CertCentralClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
    });
    after(() => simulator.stop());

    const body = (alternativeId: string, dnsName = "example.com"): orders.OrderRequest => ({
      certificate: { dns_names: [dnsName] },
      vmc: { logo: encoded, trademark_country_code: "us", trademark_registration_number: "A1234-B1234" },
      organization: { id: simulator.account.organizationId, contacts: [approver] },
      order_validity: { years: 1 },
      payment_method: "balance",
      dcv_method: "dns-txt-token",
      skip_approval: true,
      alternative_order_id: alternativeId,
    });
    const publishTxt = async (recordName: string, content: string) => {
      const response = await fetch(`${simulator.cloudflareUrl}/zones/${ZONE}/dns_records`, {
        method: "POST",
        headers: { Authorization: `Bearer ${simulator.cloudflareToken}`, "Content-Type": "application/json" },
        body: JSON.stringify({ type: "TXT", name: recordName, content: JSON.stringify(content), ttl: 60 }),
      });
      assert.equal(response.status, 200, await response.text());
    };

    it("knows whose key it is, the products and the clock", async () => {
      const me = await account.me(client);
      assert.equal(me.accountId, simulator.account.id);
      assert.ok(me.accessRoles.some(({ id }) => id === 1));
      const products = await account.products(client);
      assert.ok(["vmc_basic", "mark_certificate"].every((id) => products.some(({ nameId }) => nameId === id)));
      assert.ok(
        (await account.containers(client)).some(({ containerId }) => containerId === simulator.account.containerId),
      );
      assert.deepEqual(await account.customFields(client), []);
      await simulator.control.advance({ days: 100 });
      await account.me(client);
      const simulated = Date.parse(await simulator.control.now());
      assert.ok(Math.abs(client.now().getTime() - simulated) < 5_000);
    });

    it("refuses a wrong key", async () => {
      const stranger = new CertCentralClient({ apiKey: "WRONG", baseUrl: simulator.baseUrl });
      const error = await failure(account.me(stranger));
      assert.equal(`${error.status} ${error.code}`, "403 access_denied|access_denied_invalid_key");
    });

    it("checks logos", async () => {
      await logos.validate(client, svg);
      await logos.validateEncoded(client, encoded);
      assert.equal((await failure(logos.validate(client, Buffer.from("<svg/>")))).kind, "refused");
    });

    it("takes an order from the look-up to the certificate, and on to its end", async () => {
      assert.deepEqual(await orders.byAlternativeId(client, "bimimain1"), []);
      const placed = await orders.place(client, "vmc_basic", body("bimimain1"));
      const { orderId } = placed;
      const reference = { orderId, certificateId: placed.certificateId, status: "pending" };
      assert.deepEqual(await orders.byAlternativeId(client, "bimimain1"), [reference]);
      assert.ok((await orders.statusChanges(client, 10)).some((changed) => changed.orderId === orderId));

      const pending = await orders.info(client, orderId);
      assert.equal(pending.status, "pending");
      assert.equal(pending.productNameId, "vmc_basic");
      assert.equal(pending.alternativeOrderId, "bimimain1");
      assert.deepEqual(pending.certificate.dnsNames, ["example.com"]);
      assert.equal(pending.certificate.thumbprint, undefined);
      assert.equal(pending.isRenewal, false);
      assert.equal(pending.renewedOrderId, undefined);
      assert.deepEqual(await orders.getLogo(client, orderId), svg);
      const notYet = await failure(certificates.download(client, Number(placed.certificateId)));
      assert.equal(notYet.kind, "refused");

      const [domain] = placed.domains;
      assert.equal(domain?.name, "example.com");
      const info = await domains.info(client, Number(domain?.id));
      assert.equal(info.isPendingValidation, true);
      assert.equal(info.dcvMethod, "dns-txt-token");
      assert.deepEqual(info.token, domain?.token);
      assert.match(String(info.token?.expires), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.equal((await failure(domains.check(client, info.id))).code, "invalid_dns_txt");
      const fresh = await domains.newToken(client, info.id);
      assert.notEqual(fresh.token, info.token?.token);
      await publishTxt("example.com", fresh.token);
      assert.deepEqual(await domains.check(client, info.id), { status: "active" });
      const proved = await domains.info(client, info.id);
      assert.equal(proved.isPendingValidation, false);
      assert.ok(String(proved.dcvExpires) > String(proved.dcvApproved));
      assert.ok((await domains.list(client, { search: "example" })).some(({ id }) => id === info.id));

      const open = await orders.validation(client, orderId);
      assert.equal(open.orderStatus, "pending");
      assert.equal(open.organizationId, simulator.account.organizationId);
      assert.deepEqual(open.domainValidations, [
        {
          domainId: info.id,
          name: "example.com",
          status: "approved",
          method: "dns-txt-token",
          dnsNames: ["example.com"],
        },
      ]);

      await simulator.control.vet(orderId);
      const issued = await orders.info(client, orderId);
      assert.equal(issued.status, "issued");
      assert.match(String(issued.certificate.validTill), /^\d{4}-\d\d-\d\d$/);
      assert.match(String(issued.orderValidTill), /^\d{4}-\d\d-\d\d$/);
      const pem = await certificates.download(client, Number(issued.certificate.id));
      assert.match(pem, /\r\n/);
      assert.equal(await certificates.downloadOfOrder(client, orderId), pem);
      const leaf = new X509Certificate(pem);
      assert.equal(leaf.fingerprint.replaceAll(":", ""), issued.certificate.thumbprint);
      assert.equal((await certificates.chain(client, Number(issued.certificate.id))).length, 3);
      const listed = await orders.list(client, { status: "issued", productNameId: "vmc_basic", sort: "-date_created" });
      assert.deepEqual(
        listed.map((item) => [item.orderId, item.dnsNames]),
        [[orderId, ["example.com"]]],
      );

      const granted = await orders.reissue(client, orderId, {
        certificate: { dns_names: ["example.com"] },
        skip_approval: true,
      });
      assert.equal(granted.orderId, orderId);
      const history = await orders.listReissues(client, orderId);
      assert.ok(
        history.some(({ certificateId, status }) => certificateId === granted.certificateId && status === "issued"),
      );

      await orders.revokeOrder(client, orderId, { skip_approval: true });
      assert.equal((await orders.info(client, orderId)).status, "revoked");
    });

    it("cancels a pending order in whatever spelling the server takes", async () => {
      const { orderId } = await orders.place(client, "vmc_basic", body("bimicancel1", "cancel.example.com"));
      await orders.cancel(client, orderId, "Not needed.");
      const canceled = await orders.info(client, orderId);
      assert.equal(canceled.status, "canceled");
      assert.equal((await failure(orders.cancel(client, orderId, "Again."))).kind, "refused");
    });

    it("uploads a logo and updates the mark of a pending order", async () => {
      const { vmc: _, ...withoutLogo } = body("bimilogo1", "logo.example.com");
      const { orderId } = await orders.place(client, "vmc_basic", withoutLogo);
      const other = Buffer.from(svg.toString().replace("Acme", "Other"));
      const { logoId } = await orders.uploadLogo(client, orderId, other);
      await orders.updateVmc(client, orderId, { trademark_country_code: "us", trademark_registration_number: "C1" });
      assert.deepEqual(await orders.getLogo(client, orderId), other);
      assert.equal((await orders.info(client, orderId)).vmc.logoId, logoId);
    });

    it("approves an order's request", async () => {
      const unapproved = { ...body("bimirequest1", "request.example.com"), skip_approval: false };
      const placed = await orders.place(client, "vmc_basic", unapproved);
      const [request] = placed.requests;
      assert.equal(request?.status, "pending");
      assert.equal((await orders.info(client, placed.orderId)).status, "needs_approval");
      const found = await requests.info(client, Number(request?.id));
      assert.equal(found.type, "new_request");
      assert.equal(found.orderId, placed.orderId);
      await requests.updateStatus(client, Number(request?.id), { status: "approved", processor_comment: "fine" });
      assert.equal((await orders.info(client, placed.orderId)).status, "pending");
    });

    it("creates, validates and retires an organization", async () => {
      const { organizationId } = await organizations.create(client, {
        name: "Unique Example llc",
        country: "us",
        address: "932 Prospect Street",
        city: "Minneapolis",
        state: "Minnesota",
        zip: "40849",
        telephone: "666-186-6450",
        organization_contact: { first_name: "Gia", last_name: "Booth", email: "gia.booth@example.com" },
      });
      const info = await organizations.info(client, organizationId);
      assert.equal(info.isActive, true);
      assert.equal(info.organizationContact?.email, "gia.booth@example.com");
      const { contact_type: _, ...user } = approver;
      await organizations.submitValidation(client, organizationId, {
        validations: [{ type: "ov" }, { type: "ev", verified_users: [user] }],
      });
      const pending = await organizations.validation(client, organizationId);
      assert.deepEqual(pending.map(({ type, status }) => `${type} ${status}`).sort(), ["ev pending", "ov pending"]);
      await simulator.control.vetOrganization(organizationId);
      const valid = await organizations.validation(client, organizationId);
      assert.ok(valid.every(({ status, validatedUntil }) => status === "active" && validatedUntil !== undefined));
      const listed = await organizations.list(client, { search: "Unique Example" });
      assert.deepEqual(
        listed.map((item) => item.organizationId),
        [organizationId],
      );
      await organizations.deactivate(client, organizationId);
      assert.equal((await organizations.info(client, organizationId)).isActive, false);
      await organizations.remove(client, organizationId);
      assert.equal((await failure(organizations.info(client, organizationId))).notFound, true);
    });

    it("adds a domain and changes its method", async () => {
      const added = await domains.add(client, {
        name: "added.example.com",
        organization: { id: simulator.account.organizationId },
        validations: [{ type: "ov" }, { type: "ev" }],
        dcv_method: "dns-txt-token",
      });
      assert.ok(added.token?.token);
      const { token } = await domains.changeMethod(client, added.domainId, "dns-cname-token");
      assert.ok(token?.verificationValue);
      const mailed = await domains.changeMethod(client, added.domainId, "email");
      assert.equal(mailed.token, undefined);
      assert.ok(mailed.emails.includes("admin@added.example.com"));
      await domains.resendEmails(client, added.domainId);
      assert.equal((await failure(domains.newToken(client, added.domainId))).code, "invalid_dcv_method");
    });

    for (const kind of ["reset-after-commit", "truncated", "timeout"] as const) {
      it(`is in doubt when the answer to an order is lost (${kind}), and the look-up finds the order`, async () => {
        const impatient = new CertCentralClient({
          apiKey: simulator.apiKey,
          baseUrl: simulator.baseUrl,
          timeoutMs: 500,
        });
        const alternativeId = `bimilost${kind.replaceAll("-", "")}1`;
        await simulator.control.fault({ match: { method: "POST" }, kind, commit: true });
        const error = await failure(orders.place(impatient, "vmc_basic", body(alternativeId, "lost.example.com")));
        assert.equal(error.kind, "doubt");
        const posts = simulator.journal.filter(({ method, path }) => method === "POST" && path.includes("vmc_basic"));
        const found = await orders.byAlternativeId(client, alternativeId);
        assert.equal(found.length, 1);
        assert.equal(posts.filter(({ request }) => JSON.stringify(request).includes(alternativeId)).length, 1);
      });
    }
  });
}

describe("CertCentral client and a failing simulator", () => {
  let simulator: Simulator;
  let client: CertCentralClient;
  before(async () => {
    simulator = recording(await startSimulator());
    client = new CertCentralClient({ apiKey: simulator.apiKey, baseUrl: simulator.baseUrl });
  });
  after(() => simulator.stop());

  it("reads through a reset and a page of a proxy", async () => {
    await simulator.control.fault({ match: { path: "^/user/me" }, kind: "reset-before" });
    await simulator.control.fault({ match: { path: "^/user/me" }, kind: "not-json" });
    assert.equal((await account.me(client)).accountId, simulator.account.id);
    assert.equal(simulator.journal.filter(({ path }) => path.endsWith("/user/me")).length, 3);
  });

  it("waits after a 429 before the next request, whatever that is", async () => {
    await simulator.control.fault({ match: { path: "^/product" }, kind: "throttle", retryAfter: 1 });
    const started = Date.now();
    await Promise.all([account.products(client), account.products(client)]);
    assert.deepEqual(await orders.byAlternativeId(client, "bimithrottled1"), []);
    assert.ok(Date.now() - started >= 900);
  });
});
