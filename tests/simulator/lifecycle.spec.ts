import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { simulatorRootPem } from "../../provider/certificate/roots";
import { encoded, type Json, Scene, svg } from "./certcentral";
import { exercised } from "./exercised";

const pems = (text: string) => text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];

describe("the life of an order", () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await Scene.start();
  });
  afterEach(() => scene.stop());

  const prove = async (order: Json) => {
    for (const { id, name, dcv_token } of order.domains) {
      if (!dcv_token) continue;
      await scene.publish("TXT", name, dcv_token.token);
      await scene.ok(200, "PUT", `/domain/${id}/dcv/validate-token`);
    }
  };
  const status = async (id: number) => (await scene.info(id)).status;

  it("is issued only when every condition holds", async () => {
    const order = await scene.vmc({
      certificate: { dns_names: ["example.com", "mail.example.com"] },
      vmc: undefined,
    });
    const open = async () => {
      assert.equal(await status(order.id), "pending");
      return scene.control.missing(order.id);
    };
    assert.deepEqual(await open(), [
      "domain control of example.com",
      "domain control of mail.example.com",
      "organization validation",
      "logo",
      "verified contact",
    ]);
    await scene.ok(201, "POST", `/order/certificate/${order.id}/vmc/encoded-logo`, { logo: encoded() });
    await assert.rejects(scene.control.approveLogo(order.id), /no trademark/);
    assert.ok((await open()).includes("trademark"));
    const trademark = { trademark_country_code: "us", trademark_registration_number: "A1" };
    await scene.ok(204, "PUT", `/order/certificate/${order.id}/vmc`, trademark);
    await scene.control.approveLogo(order.id);
    exercised("S1.rule.logoBeforeIssue");
    await scene.control.verifyContact(order.id);
    await scene.control.vetOrganization(scene.simulator.account.organizationId);
    assert.deepEqual(await open(), ["domain control of example.com", "domain control of mail.example.com"]);
    exercised("S1.rule.organizationValidated");
    await prove({ domains: order.domains.slice(0, 1) });
    assert.deepEqual(await open(), ["domain control of mail.example.com"]);
    await prove({ domains: order.domains.slice(1) });
    assert.equal(await status(order.id), "issued");
    exercised("S1.rule.everyDomain");
  });

  it("of a CMC waits for a logo too", async () => {
    const order = await scene.cmc({ vmc: undefined });
    assert.ok((await scene.control.missing(order.id)).includes("logo"));
    const logo = await scene.call("POST", `/order/certificate/${order.id}/vmc/logo`, svg(), {
      headers: { "Content-Type": "image/svg+xml" },
    });
    assert.equal(logo.status, 201);
    exercised("S0.uploadLogo");
    await scene.ok(201, "POST", `/order/certificate/${order.id}/vmc/encoded-logo`, { logo: encoded() });
    exercised("S0.uploadEncodedLogo");
    assert.equal((await scene.issue(order)).status, "issued");
    exercised("S0.rule.logoBeforeIssue");
  });

  it("shows dates, thumbprint and serial number only once issued, and finds the order by them", async () => {
    const order = await scene.vmc();
    const before = (await scene.info(order.id)).certificate;
    for (const name of ["thumbprint", "serial_number", "date_issued", "valid_from", "valid_till"]) {
      assert.equal(before[name], undefined);
    }
    assert.equal(before.id, order.certificate_id);
    await scene.refused("404 not_found|certificate", "GET", `/certificate/${before.id}/download/format/pem_all`);
    const { certificate, order_valid_till } = await scene.issue(order);
    assert.equal(certificate.id, order.certificate_id);
    assert.equal(certificate.status, undefined);
    assert.equal((Date.parse(certificate.valid_till) - Date.parse(certificate.valid_from)) / 86_400_000, 397);
    assert.equal(order_valid_till, certificate.valid_till);
    for (const name of [certificate.thumbprint, certificate.serial_number, certificate.thumbprint.toLowerCase()]) {
      assert.equal((await scene.info(name)).id, order.id);
    }
  });

  it("is downloaded in each form, with DigiCert's line ends", async () => {
    const order = await scene.vmc();
    const { certificate } = await scene.issue(order);
    const read = (path: string) => scene.call("GET", path);
    const all = await read(`/certificate/${certificate.id}/download/format/pem_all`);
    assert.equal(all.headers.get("content-type"), "application/x-pem-file");
    assert.ok(all.text.split("\n").every((line) => line === "" || line.endsWith("\r")));
    const [leaf, intermediate, root] = pems(all.text).map((text) => new X509Certificate(text));
    assert.equal(leaf!.fingerprint.replaceAll(":", ""), certificate.thumbprint);
    assert.equal(leaf!.serialNumber, certificate.serial_number);
    assert.equal(leaf!.subjectAltName, "DNS:example.com");
    assert.ok(leaf!.verify(intermediate!.publicKey));
    assert.ok(intermediate!.verify(root!.publicKey));
    assert.equal(root!.fingerprint256, new X509Certificate(simulatorRootPem).fingerprint256);
    exercised("S1.download", "S1.rule.download");

    for (const path of [
      `/certificate/${certificate.id}/download/platform`,
      `/certificate/${certificate.id}/download/platform/29`,
      `/certificate/download/order/${order.id}/format/pem_all`,
      `/certificate/download/order/${order.id}`,
    ]) {
      assert.equal((await read(path)).text, all.text);
    }
    assert.equal(pems((await read(`/certificate/${certificate.id}/download/format/pem_noroot`)).text).length, 2);
    await scene.refused("400 invalid_format", "GET", `/certificate/${certificate.id}/download/format/jks`);
    const chain = await scene.ok(200, "GET", `/certificate/${certificate.id}/chain`);
    assert.deepEqual(
      chain.intermediates.map(({ pem }: Json) => pem),
      pems(all.text).map((text) => `${text}\r\n`),
    );
    assert.equal(chain.intermediates[0].subject_common_name, "Example Corporation");
  });

  it("hosts logo and certificate after issuance, where asked", async () => {
    const order = await scene.cmc({ vmc: { logo: encoded(), enable_hosting: 1 } });
    assert.equal((await scene.info(order.id)).vmc.hosted_logo_location, undefined);
    const { vmc } = await scene.issue(order);
    assert.match(vmc.hosted_logo_location, /^https:\/\/hosted\.simulator\.invalid\/.+\.svg$/);
    assert.match(vmc.hosted_cert_location, /^https:\/\/hosted\.simulator\.invalid\/.+\.pem$/);
    exercised("S0.rule.hostedLocations");
    await scene.ok(204, "PUT", `/order/certificate/${order.id}/vmc`, { enable_hosting: 0 });
    assert.equal((await scene.info(order.id)).vmc.hosted_logo_location, undefined);
    exercised("S0.updateOrder");
    const second = await scene.issue(await scene.cmc({ certificate: { dns_names: ["x.example.com"] } }));
    assert.equal(second.vmc.enable_hosting, false);
    assert.equal(second.vmc.hosted_cert_location, undefined);
  });

  it("is a common mark certificate of the vetted type", async () => {
    const plain = await scene.issue(await scene.cmc());
    const leafOf = async (id: number) =>
      new X509Certificate(pems((await scene.call("GET", `/certificate/${id}/download/format/pem_all`)).text)[0]!);
    assert.ok((await leafOf(plain.certificate.id)).raw.includes("Prior Use Mark"));
    const logo = encoded(svg("Modified"));
    const order = await scene.cmc({ certificate: { dns_names: ["m.example.com"] }, vmc: { logo } });
    await prove(order);
    const trademark = { trademarkCountryCode: "us", trademarkRegistrationNumber: "88" };
    await scene.control.vet(order.id, { markType: "modified_registered_mark", ...trademark });
    assert.ok((await leafOf(order.certificate_id)).raw.includes("Modified Registered Mark"));
    exercised("S0.rule.markTypes");
    const { validFrom, validTo } = await leafOf(order.certificate_id);
    assert.equal((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000, 397);
    exercised("S0.rule.maximumValidity");
  });

  it("appears in the status changes of the asked time", async () => {
    const order = await scene.vmc();
    await scene.issue(order);
    const issuedAt = await scene.control.now();
    const changes = (query: string) => scene.ok(200, "GET", `/order/certificate/status-changes?${query}`);
    assert.deepEqual(await changes("minutes=10"), {
      orders: [{ order_id: order.id, certificate_id: order.certificate_id, status: "issued" }],
    });
    exercised("S1.statusChanges", "S1.statusChanges.minutes", "S1.statusChanges.answer.order_id");
    exercised("S1.statusChanges.answer.certificate_id", "S1.statusChanges.answer.status", "S1.rule.statusChangeIssued");
    await scene.control.advance({ minutes: 20 });
    assert.deepEqual(await changes("minutes=10"), {});
    exercised("S1.rule.noChanges");
    assert.equal((await changes("minutes=10&seconds=660")).orders.length, 1);
    assert.equal((await changes("seconds=1300")).orders.length, 1);
    // Days of Mountain Daylight Time, and midnight there may lie between the change and now.
    const days = [-1, 1].map((shift) => Date.parse(issuedAt) - 6 * 3_600_000 + shift * 86_400_000);
    const [from, to] = days.map((day) => new Date(day).toISOString().slice(0, 10));
    assert.equal((await changes(`filters[status_last_updated]=${from}...${to}`)).orders.length, 1);
    assert.deepEqual(await changes(`filters[status_last_updated]=${from}...${from}`), {});
    const { status: code, json } = await scene.call("GET", "/order/certificate/status-changes?minutes=10081");
    assert.equal(code, 400);
    assert.deepEqual(json, {
      errors: [{ code: "time_frame_too_long", message: "An error occurred while processing your request." }],
    });
    exercised("S1.error", "S1.error.code", "S1.error.message");
    await changes("minutes=10080");
    await scene.control.setSwitches({ statusChangesLimit: "below" });
    await scene.refused("400 time_frame_too_long", "GET", "/order/certificate/status-changes?minutes=10080");
    exercised("S1.rule.timeFrame");
    await scene.refused("400 invalid_parameter|minutes", "GET", "/order/certificate/status-changes");
  });

  it("is canceled while pending, with a note", async () => {
    const order = await scene.vmc();
    const path = `/order/certificate/${order.id}/status`;
    await scene.refused("400 missing_parameter|note", "PUT", path, { status: "CANCELED" });
    await scene.refused("400 invalid_parameter|status", "PUT", path, { status: "Canceled", note: "x" });
    await scene.ok(204, "PUT", path, { status: "CANCELED", note: "Message about the cancellation." });
    const info = await scene.info(order.id);
    assert.equal(info.status, "canceled");
    assert.equal(info.notes[0].text, "Message about the cancellation.");
    exercised("S1.cancel", "S1.cancel.status", "S1.cancel.note", "S1.rule.cancelPending");
    await scene.refused("400 order_not_cancelable", "PUT", path, { status: "CANCELED", note: "x" });
    await scene.refused("404 not_found|order", "PUT", "/order/certificate/1/status", { status: "CANCELED", note: "x" });
    await scene.control.setSwitches({ cancelSpelling: "CANCELED" });
    const other = await scene.vmc();
    const lower = { status: "canceled", note: "x" };
    await scene.refused("400 invalid_parameter|status", "PUT", `/order/certificate/${other.id}/status`, lower);
    exercised("S1.rule.cancelSpelling");
    const issued = await scene.issue(other);
    const upper = { status: "CANCELED", note: "x" };
    await scene.refused("400 order_not_cancelable", "PUT", `/order/certificate/${issued.id}/status`, upper);
  });

  it("takes new contacts and notes", async () => {
    const { id } = await scene.vmc();
    const contact = { contact_type: "technical_contact", first_name: "T", last_name: "C", email: "t@example.com" };
    await scene.ok(204, "PUT", `/order/certificate/${id}/contact`, { contacts: [contact] });
    const { contact_type: _, ...person } = contact;
    assert.deepEqual((await scene.info(id)).technical_contact, person);
    await scene.ok(201, "POST", `/order/certificate/${id}/note`, { text: "hello" });
    assert.equal((await scene.ok(200, "GET", `/order/certificate/${id}/note`)).notes[0].text, "hello");
  });

  it("is rejected by DigiCert's people", async () => {
    const order = await scene.vmc();
    await scene.control.rejectOrder(order.id, "Not your logo.");
    const info = await scene.info(order.id);
    assert.equal(info.status, "rejected");
    assert.equal(info.notes[0].text, "Not your logo.");
    await assert.rejects(scene.control.rejectOrder(order.id), /is rejected/);
  });

  it("shows its validation, organization and names", async () => {
    const order = await scene.vmc({ certificate: { dns_names: ["example.com", "mail.example.com"] } });
    await prove({ domains: order.domains.slice(0, 1) });
    const validation = await scene.ok(200, "GET", `/order/certificate/${order.id}/validation`);
    assert.equal(validation.order_id, String(order.id));
    assert.equal(validation.order_status, "pending");
    assert.deepEqual(
      validation.organization_validations.map(({ type, status: state }: Json) => `${type} ${state}`),
      ["ev pending"],
    );
    assert.deepEqual(
      validation.dns_name_validations.map((entry: Json) => `${entry.dns_names} ${entry.method} ${entry.status}`),
      ["example.com dns-txt-token approved", "mail.example.com dns-txt-token pending"],
    );
  });

  it("is reissued: same order, new certificate, names as given", async () => {
    const order = await scene.vmc();
    const before = await scene.issue(order);
    const path = `/order/certificate/${order.id}/reissue`;
    await scene.refused("400 missing_parameter|certificate", "POST", path, { skip_approval: true });
    const answer = await scene.ok(201, "POST", path, {
      certificate: { dns_names: ["example.com", "mail.example.com"] },
      skip_approval: true,
      comments: "one more",
    });
    assert.equal(answer.id, order.id);
    assert.notEqual(answer.certificate_id, order.certificate_id);
    assert.equal(answer.domains, undefined);
    exercised("S1.reissue", "S1.reissue.dns_names", "S1.reissue.skip_approval", "S1.reissue.answer.id");
    exercised("S1.reissue.answer.certificate_id");
    const pending = await scene.info(order.id);
    assert.equal(pending.status, "reissue_pending");
    assert.equal(pending.certificate.id, order.certificate_id);
    assert.equal(pending.requests.at(-1).comments, "one more");
    exercised("S1.reissue.comments");
    assert.equal((await scene.ok(200, "GET", path)).certificates[0].thumbprint, undefined);
    await scene.refused("400 reissue_pending", "PUT", `/order/certificate/${order.id}/revoke`, {});

    const validation = await scene.ok(200, "GET", `/order/certificate/${order.id}/validation`);
    const open = validation.dns_name_validations.find((entry: Json) => entry.status === "pending");
    assert.deepEqual(open.dns_names, ["mail.example.com"]);
    await scene.publish("TXT", "mail.example.com", answer.dcv_random_value);
    await scene.ok(200, "PUT", `/domain/${open.domain_id}/dcv/validate-token`);
    exercised("S1.rule.reissueDcv");
    const info = await scene.info(order.id);
    assert.equal(info.status, "issued");
    assert.equal(info.certificate.id, answer.certificate_id);
    assert.equal(info.certificate.status, "issued");
    assert.deepEqual(info.certificate.dns_names, ["example.com", "mail.example.com"]);
    assert.notEqual(info.certificate.thumbprint, before.certificate.thumbprint);
    exercised("S1.rule.reissueSameOrder", "S1.rule.reissueNames");
    const { certificates } = await scene.ok(200, "GET", path);
    assert.deepEqual(
      certificates.map(({ id, status: state }: Json) => [id, state]),
      [[answer.certificate_id, "issued"]],
    );
    exercised("S1.listReissues");
    // the old one stays valid and can still be fetched
    const old = await scene.call("GET", `/certificate/${order.certificate_id}/download/format/pem_all`);
    assert.equal(old.status, 200);
  });

  it("takes skip_approval where the seed's reissue example has it, and cancels a reissue back to issued", async () => {
    const order = await scene.vmc();
    await scene.issue(order);
    await scene.control.expireDomain("example.com");
    const path = `/order/certificate/${order.id}/reissue`;
    const { certificate_id } = await scene.ok(201, "POST", path, {
      certificate: { dns_names: ["example.com"], skip_approval: true },
    });
    assert.ok(certificate_id);
    assert.equal(await status(order.id), "reissue_pending");
    await scene.ok(204, "PUT", `/order/certificate/${order.id}/status`, { status: "CANCELED", note: "never mind" });
    const info = await scene.info(order.id);
    assert.equal(info.status, "issued");
    assert.equal(info.certificate.id, order.certificate_id);
    const request = await scene.ok(200, "GET", `/request/${info.requests.at(-1).id}`);
    assert.equal(request.status, "rejected");
    assert.equal(request.processor_comment, "never mind");
    const notIssued = await scene.vmc();
    await scene.refused("400 order_not_reissuable", "POST", `/order/certificate/${notIssued.id}/reissue`, {
      certificate: { dns_names: ["example.com"] },
    });
  });

  it("covers a multi-year plan by reissues that never outlast the order", async () => {
    const order = await scene.cmc({ order_validity: { years: 2 } });
    const first = await scene.issue(order);
    assert.ok(first.order_valid_till > first.certificate.valid_till);
    await scene.control.advance({ days: 390 });
    await scene.control.approveDomain("example.com");
    await scene.control.vetOrganization(scene.simulator.account.organizationId, ["ev"]);
    await scene.ok(201, "POST", `/order/certificate/${order.id}/reissue`, {
      certificate: { dns_names: ["example.com"] },
      skip_approval: true,
    });
    const second = await scene.info(order.id);
    assert.equal(second.status, "issued");
    assert.equal(second.certificate.valid_till, first.order_valid_till);
    assert.equal(second.order_valid_till, first.order_valid_till);
    assert.notEqual(second.certificate.id, first.certificate.id);
    exercised("S0.rule.multiYearReissue", "S0.rule.reissueCovers");
  });

  it("is revoked by request, which an administrator approves", async () => {
    const order = await scene.vmc();
    await scene.issue(order);
    const request = await scene.ok(201, "PUT", `/certificate/${order.certificate_id}/revoke`, {
      comments: "I no longer need this cert.",
    });
    const { id, date, requester, ...rest } = request;
    assert.deepEqual(rest, { type: "revoke", status: "pending", comments: "I no longer need this cert." });
    assert.match(date, /\+00:00$/);
    assert.deepEqual(Object.keys(requester), ["id", "first_name", "last_name", "email"]);
    exercised("S1.revokeCertificate", "S1.revoke.comments", "S1.revoke.answer.id", "S1.revoke.answer.date");
    exercised("S1.revoke.answer.type", "S1.revoke.answer.status", "S1.revoke.answer.requester");
    exercised("S1.revoke.answer.comments");
    assert.equal((await scene.info(order.id)).certificate.status, undefined);
    const { apiKey: manager } = await scene.control.addKey({ role: "manager" });
    const approve = { status: "approved", processor_comment: "ok" };
    await scene.refused("403 access_denied|invalid_approver", "PUT", `/request/${id}/status`, approve, manager);
    await scene.ok(204, "PUT", `/request/${id}/status`, approve);
    const info = await scene.info(order.id);
    assert.equal(info.status, "issued", "revoking one certificate leaves the order open");
    assert.equal(info.certificate.status, "revoked");
    exercised("S1.updateRequest", "S1.rule.revokeNeedsApproval");
  });

  it("is revoked as a whole, at once when an administrator skips approval", async () => {
    const order = await scene.vmc();
    await scene.issue(order);
    const path = `/order/certificate/${order.id}/revoke`;
    const { apiKey: manager } = await scene.control.addKey({ role: "manager" });
    const asked = await scene.ok(201, "PUT", path, { comment: "x", skip_approval: true }, manager);
    assert.equal(asked.status, "pending");
    const reply = await scene.call("PUT", path, { skip_approval: true });
    assert.equal(reply.status, 204);
    assert.equal(reply.text, "");
    const info = await scene.info(order.id);
    assert.equal(info.status, "revoked");
    assert.equal(info.certificate.status, "revoked");
    exercised("S1.revokeOrder");
    await scene.refused("400 not_revocable", "PUT", path, { skip_approval: true });
    await scene.refused("404 not_found|certificate", "PUT", "/certificate/1/revoke", {});
  });

  it("expires on the virtual clock, which every answer's Date follows", async () => {
    const order = await scene.vmc();
    await scene.issue(order);
    await scene.control.advance({ days: 398 });
    const reply = await scene.call("GET", `/order/certificate/${order.id}`);
    assert.equal(reply.json.status, "expired");
    assert.ok(reply.json.certificate.days_remaining < 0);
    const now = Date.parse(await scene.control.now());
    assert.ok(Math.abs(Date.parse(reply.headers.get("date")!) - now) < 2000);
    assert.ok(now - Date.now() > 397 * 86_400_000);
    const { orders } = await scene.ok(200, "GET", "/order/certificate?filters[status]=issued");
    assert.equal(orders[0].id, order.id, "the filter issued also finds expired orders");
  });

  it("waits for DMARC where that is switched on", async () => {
    await scene.control.setSwitches({ dmarc: "checked" });
    const order = await scene.vmc({ certificate: { dns_names: ["mail.example.com"] } });
    await prove(order);
    await scene.control.vet(order.id);
    assert.deepEqual(await scene.control.missing(order.id), ["DMARC of mail.example.com"]);
    await scene.publish("TXT", "_dmarc.example.com", "v=DMARC1; p=quarantine");
    assert.equal(await status(order.id), "issued");
    exercised("S1.rule.dmarc");
  });
});
