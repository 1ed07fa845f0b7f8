import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Json, Scene } from "./certcentral";
import { exercised } from "./exercised";

describe("domain control validation", () => {
  let scene: Scene;
  afterEach(() => scene.stop());

  const domainInfo = (id: number) => scene.ok(200, "GET", `/domain/${id}?include_dcv=true&include_validation=true`);
  const check = (id: number) => scene.call("PUT", `/domain/${id}/dcv/validate-token`);
  async function codeOf(id: number): Promise<string> {
    const { status, json } = await check(id);
    return status === 200 ? json.status : json.errors[0].code;
  }

  describe("by dns-txt-token", () => {
    beforeEach(async () => {
      scene = await Scene.start();
    });

    it("finds the token at the base domain", async () => {
      const { domains } = await scene.vmc();
      const [{ id, dcv_token }] = domains;
      assert.equal(await codeOf(id), "invalid_dns_txt");
      await scene.publish("TXT", "example.com", "something else");
      await scene.publish("TXT", "example.com", dcv_token.token);
      assert.equal(await codeOf(id), "active");
      const info = await domainInfo(id);
      assert.equal(info.is_pending_validation, false);
      assert.equal(info.status, "active");
      assert.equal(info.dcv_token.status, "active");
      const days = (Date.parse(info.dcv_expiration_datetime) - Date.parse(info.dcv_approval_datetime)) / 86_400_000;
      assert.equal(days, 199);
      exercised("S1.rule.txtBaseDomain", "S1.order.dcv_method", "S1.rule.tokenInAnswer");
    });

    it("finds it at a subdomain itself, and at _dnsauth", async () => {
      const { domains } = await scene.vmc({ certificate: { dns_names: ["a.example.com", "b.example.com"] } });
      await scene.publish("TXT", "a.example.com", domains[0].dcv_token.token);
      await scene.publish("TXT", "_dnsauth.b.example.com", domains[1].dcv_token.token);
      assert.equal(await codeOf(domains[0].id), "active");
      assert.equal(await codeOf(domains[1].id), "active");
      exercised("S1.rule.txtSubdomain");
    });

    it("takes only the domain's own token", async () => {
      const { domains } = await scene.vmc({ certificate: { dns_names: ["a.example.com", "b.example.com"] } });
      await scene.publish("TXT", "a.example.com", domains[1].dcv_token.token);
      assert.equal(await codeOf(domains[0].id), "invalid_dns_txt");
    });

    it("never validates a token that has expired, but its successor", async () => {
      const [{ id, dcv_token }] = (await scene.vmc()).domains;
      await scene.control.advance({ days: 30, minutes: 1 });
      await scene.publish("TXT", "example.com", dcv_token.token);
      assert.equal(await codeOf(id), "invalid_dns_txt");
      assert.equal((await domainInfo(id)).dcv_token.status, "expired");
      const fresh = await scene.ok(201, "POST", `/domain/${id}/dcv/token`);
      assert.notEqual(fresh.token, dcv_token.token);
      assert.equal(await codeOf(id), "invalid_dns_txt");
      await scene.publish("TXT", "example.com", fresh.token);
      assert.equal(await codeOf(id), "active");
    });

    it("takes a replaced token only if the switch says so", async () => {
      const [{ id, dcv_token }] = (await scene.vmc()).domains;
      await scene.ok(201, "POST", `/domain/${id}/dcv/token`);
      await scene.publish("TXT", "example.com", dcv_token.token);
      assert.equal(await codeOf(id), "invalid_dns_txt");
      await scene.control.setSwitches({ supersededTokens: "valid" });
      assert.equal(await codeOf(id), "active");
    });

    it("polls by itself from the order on, ever more slowly", async () => {
      const [{ id, dcv_token }] = (await scene.vmc()).domains;
      await scene.publish("TXT", "example.com", dcv_token.token);
      await scene.control.advance({ seconds: 55 });
      assert.equal((await domainInfo(id)).is_pending_validation, true);
      await scene.control.advance({ seconds: 5 });
      assert.equal((await domainInfo(id)).is_pending_validation, false);
      exercised("S1.rule.pollingStarts");
    });

    it("stops polling after ten days; a check still works and does not start it again", async () => {
      const [{ id, dcv_token }] = (await scene.vmc()).domains;
      await scene.control.advance({ days: 10, hours: 1 });
      assert.equal(await codeOf(id), "invalid_dns_txt");
      await scene.publish("TXT", "example.com", dcv_token.token);
      await scene.control.advance({ days: 1 });
      assert.equal((await domainInfo(id)).is_pending_validation, true);
      assert.equal(await codeOf(id), "active");
    });

    it("lists a valid domain without a token, also for the next order", async () => {
      const first = await scene.vmc();
      await scene.publish("TXT", "example.com", first.domains[0].dcv_token.token);
      assert.equal(await codeOf(first.domains[0].id), "active");
      const second = await scene.cmc();
      assert.deepEqual(second.domains, [{ id: first.domains[0].id, name: "example.com", dns_name: "example.com" }]);
      assert.equal((await domainInfo(second.domains[0].id)).is_pending_validation, false);
    });

    it("keeps the token of a domain that was there before for Domain info", async () => {
      const id = await scene.control.addDomain({ name: "example.com" });
      const { domains } = await scene.vmc();
      assert.deepEqual(domains, [{ id, name: "example.com", dns_name: "example.com" }]);
      assert.equal((await scene.ok(200, "GET", `/domain/${id}`)).dcv_token, undefined);
      const { dcv_token, is_pending_validation } = await domainInfo(id);
      assert.equal(is_pending_validation, true);
      await scene.publish("TXT", "example.com", dcv_token.token);
      assert.equal(await codeOf(id), "active");
      exercised("S1.domainInfo", "S1.domainInfo.include_dcv", "S1.rule.preexistingDomain");
      await scene.control.setSwitches({ preexistingDomainToken: "returned" });
      await scene.control.expireDomain("example.com");
      assert.ok((await scene.vmc()).domains[0].dcv_token.token);
    });

    it("proves a name by the account's domain above it, if the switch says so", async () => {
      await scene.control.setSwitches({ domainScope: "base" });
      const id = await scene.control.addDomain({ name: "example.com", valid: true });
      const { domains } = await scene.vmc({ certificate: { dns_names: ["news.example.com"] } });
      assert.deepEqual(domains, [{ id, name: "example.com", dns_name: "news.example.com" }]);
      exercised("S0.rule.domainProvesSan");
    });

    it("asks again once a validation has expired", async () => {
      const [{ id, dcv_token }] = (await scene.vmc()).domains;
      await scene.publish("TXT", "example.com", dcv_token.token);
      assert.equal(await codeOf(id), "active");
      await scene.control.advance({ days: 199 });
      const info = await domainInfo(id);
      assert.equal(info.is_pending_validation, true);
      assert.equal(info.validations[0].status, "expired");
      await scene.cmc();
      assert.notEqual((await domainInfo(id)).dcv_token.token, dcv_token.token);
    });
  });

  describe("by dns-cname-token", () => {
    it("of today: _dnsauth.<name> points to <token>.dcv.digicert.com", async () => {
      scene = await Scene.start();
      const [{ id, dcv_token }] = (await scene.cmc({ dcv_method: "dns-cname-token" })).domains;
      assert.equal(dcv_token.verification_value, `${dcv_token.token}.dcv.digicert.com`);
      await scene.publish("CNAME", `${dcv_token.token}.example.com`, "dcv.digicert.com");
      assert.equal(await codeOf(id), "invalid_dns_cname");
      await scene.publish("CNAME", "_dnsauth.example.com", dcv_token.verification_value);
      assert.equal(await codeOf(id), "active");
      exercised("S0.answer.dcv_token.verification_value");
    });

    it("of the seed: <token>.<name> points to dcv.digicert.com", async () => {
      scene = await Scene.start({ profile: "seed" });
      const [{ id, dcv_token }] = (await scene.vmc({ dcv_method: "dns-cname-token" })).domains;
      assert.equal(dcv_token.verification_value, "dcv.digicert.com");
      assert.match(dcv_token.token, /^[a-z0-9]{32}$/);
      await scene.publish("CNAME", "_dnsauth.example.com", `${dcv_token.token}.dcv.digicert.com`);
      assert.equal(await codeOf(id), "invalid_dns_cname");
      await scene.publish("CNAME", `${dcv_token.token}.example.com`, "dcv.digicert.com");
      assert.equal(await codeOf(id), "active");
      exercised("S1.rule.cname");
    });
  });

  describe("by http-token", () => {
    it("finds the token in fileauth.txt of exactly that host", async () => {
      scene = await Scene.start();
      const [{ id, dcv_token }] = (await scene.cmc({ dcv_method: "http-token" })).domains;
      assert.equal(dcv_token.http_token_url, "http://example.com/.well-known/pki-validation/fileauth.txt");
      await scene.control.putFile("www.example.com", dcv_token.token);
      assert.equal(await codeOf(id), "file_random_value_not_found");
      await scene.control.putFile("example.com", `${dcv_token.token}\n`);
      assert.equal(await codeOf(id), "active");
      exercised("S1.rule.httpFile", "S0.answer.dcv_token.http_token_url");
    });

    it("asks the server that was named for the host", async () => {
      const asked: (string | undefined)[] = [];
      let content = "";
      const server = createServer((request, response) => {
        asked.push(`${request.headers.host}${request.url}`);
        response.end(content);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      scene = await Scene.start({ httpHosts: { "example.com": address } });
      try {
        const [{ id, dcv_token }] = (await scene.cmc({ dcv_method: "http-token" })).domains;
        content = dcv_token.token;
        assert.equal(await codeOf(id), "active");
        assert.ok(asked.includes("example.com/.well-known/pki-validation/fileauth.txt"));
      } finally {
        server.close();
        server.closeAllConnections();
      }
    });
  });

  describe("by email", () => {
    beforeEach(async () => {
      scene = await Scene.start();
    });

    const sentTo = async (id: number) => (await domainInfo(id)).dcv.dcv_invitations.map(({ email }: Json) => email);
    const five = ["admin", "administrator", "webmaster", "hostmaster", "postmaster"];

    it("writes to the WHOIS addresses and the five constructed ones, and answers no token", async () => {
      await scene.control.setWhois("example.com", ["jane@corp.example"]);
      const [domain] = (await scene.vmc({ dcv_method: "email" })).domains;
      assert.equal(domain.dcv_token, undefined);
      assert.deepEqual(await sentTo(domain.id), ["jane@corp.example", ...five.map((local) => `${local}@example.com`)]);
      exercised("S1.rule.emailRecipients", "S0.rule.noTokenByEmail");
      assert.equal(await codeOf(domain.id), "invalid_dcv_method");
      await scene.control.approveDomain("example.com");
      assert.equal((await domainInfo(domain.id)).is_pending_validation, false);
    });

    it("writes only to the addresses of dcv_emails, at the level of email_domain", async () => {
      const certificate = { dns_names: ["my.example.com"] };
      const entry = { dns_name: "my.example.com", email_domain: "example.com", email: "hostmaster@example.com" };
      const order = (dcv_emails: Json) => scene.body({ certificate, dcv_method: "email", dcv_emails });
      const path = "/order/certificate/vmc_basic";
      const { domains } = await scene.ok(201, "POST", path, order([entry]));
      assert.equal(domains[0].name, "example.com");
      assert.deepEqual(await sentTo(domains[0].id), ["hostmaster@example.com"]);
      exercised("S1.order.dcv_emails", "S1.rule.onlyTheseEmails");

      await scene.refused(
        "400 invalid_parameter|dcv_emails",
        "POST",
        path,
        order([{ ...entry, email: "j@example.com" }]),
      );
      await scene.control.setWhois("example.com", ["j@example.com"]);
      await scene.ok(201, "POST", path, order([{ ...entry, email: "j@example.com" }]));
      exercised("S1.rule.allowedEmails", "S1.order.dcv_emails.email");
      const elsewhere = { ...entry, email_domain: "example.net" };
      await scene.refused("400 invalid_parameter|dcv_emails.email_domain", "POST", path, order([elsewhere]));
      exercised("S1.order.dcv_emails.email_domain");
      const stranger = { ...entry, dns_name: "example.com" };
      await scene.refused("400 invalid_parameter|dcv_emails.dns_name", "POST", path, order([stranger]));
      exercised("S1.order.dcv_emails.dns_name");
      const unused = scene.body({ certificate, dcv_emails: [entry] });
      await scene.refused("400 invalid_parameter|dcv_emails", "POST", path, unused);
    });
  });

  it("stops polling after a week in the seed", async () => {
    scene = await Scene.start({ profile: "seed" });
    const { domains } = await scene.vmc({ certificate: { dns_names: ["a.example.com", "b.example.com"] } });
    await scene.control.advance({ days: 6, hours: 23 });
    await scene.publish("TXT", "a.example.com", domains[0].dcv_token.token);
    await scene.control.advance({ hours: 2 });
    assert.equal((await domainInfo(domains[0].id)).is_pending_validation, false);
    await scene.publish("TXT", "b.example.com", domains[1].dcv_token.token);
    await scene.control.advance({ hours: 2 });
    assert.equal((await domainInfo(domains[1].id)).is_pending_validation, true);
    exercised("S1.rule.pollingOneWeek");
  });
});
