import assert from "node:assert/strict";
import { domains } from "../../../provider/certcentral";
import { errors, failure, ScriptedServer } from "./support";

describe("CertCentral domains", () => {
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  describe("info", () => {
    const info = (json: unknown) => {
      server.script({ json });
      return domains.info(server.client(), 12);
    };

    it("asks for DCV and validations, and reads the documented answer", async () => {
      const found = await info({
        id: 12,
        is_active: "1",
        status: "pending",
        is_pending_validation: true,
        name: "example.com",
        dcv_approval_datetime: "2021-05-27T22:11:22+00:00",
        dcv_expiration_datetime: "2022-05-27T22:11:22+00:00",
        organization: { id: "34", is_active: "1" },
        validations: [
          { type: "ev", status: "active", dcv_status: "complete", validated_until: "2023-07-31T14:51:31+00:00" },
        ],
        dcv_method: "dns-txt-token",
        dcv_expiration: { ov: "2022-06-01T00:00:00+00:00", ev: "2022-01-01" },
        dcv_token: { token: "_abc", status: "pending", expiration_date: "2021-06-27T22:11:22+00:00" },
      });
      assert.deepEqual(found, {
        id: 12,
        name: "example.com",
        status: "pending",
        isActive: true,
        isPendingValidation: true,
        dcvMethod: "dns-txt-token",
        token: { token: "_abc", status: "pending", expires: "2021-06-27T22:11:22Z" },
        emails: [],
        dcvApproved: "2021-05-27T22:11:22Z",
        dcvExpires: "2022-06-01T00:00:00Z",
        organizationId: 34,
        validations: [
          {
            type: "ev",
            status: "active",
            validatedUntil: "2023-07-31T14:51:31Z",
            dcvStatus: "complete",
            verifiedUsers: [],
          },
        ],
      });
      assert.equal(server.received[0]?.query.get("include_dcv"), "true");
      assert.equal(server.received[0]?.query.get("include_validation"), "true");
    });

    it("reads who got DigiCert's mail, each once", async () => {
      const invitation = (email: string) => ({ invitation_id: 1, email, source: "base" });
      const found = await info({
        id: 12,
        dcv_method: "email",
        dcv: { method: "email", dcv_invitations: ["a@example.com", "b@example.com", "a@example.com"].map(invitation) },
      });
      assert.deepEqual([found.emails, found.token], [["a@example.com", "b@example.com"], undefined]);
    });

    it("reads the older dcv object, with the token inside or being it", async () => {
      const inside = await info({
        id: 12,
        dcv: { method: "http-token", dcv_token: { token: "t", http_token_url: "u" } },
      });
      assert.deepEqual([inside.dcvMethod, inside.token], ["http-token", { token: "t", httpTokenUrl: "u" }]);
      const itself = await info({
        id: 12,
        dcv: { method: "dns-txt-token", token: "t", expiration: "2021-06-27 22:11:22" },
      });
      assert.deepEqual(
        [itself.dcvMethod, itself.token],
        ["dns-txt-token", { token: "t", expires: "2021-06-27T22:11:22Z" }],
      );
      const email = await info({ id: 12, dcv: { method: "email", dcv_invitations: [] } });
      assert.deepEqual([email.dcvMethod, email.token, email.emails], ["email", undefined, []]);
    });

    it("names the addresses that got DigiCert's mail, each once, whatever the list is", async () => {
      const emails = async (dcv_invitations: unknown) =>
        (await info({ id: 12, dcv: { method: "email", name_scope: "example.com", dcv_invitations } })).emails;
      const invitation = { invitation_id: 1, email: "admin@example.com", source: "base", name_scope: "example.com" };
      assert.deepEqual(await emails([invitation, { ...invitation, invitation_id: 2 }]), ["admin@example.com"]);
      assert.deepEqual(await emails([invitation, { email: "dns@example.com" }]), [
        "admin@example.com",
        "dns@example.com",
      ]);
      assert.deepEqual(await emails({ 0: invitation, 2: { email: null } }), ["admin@example.com"]);
      assert.deepEqual(await emails(invitation), ["admin@example.com"]);
      for (const none of [{}, null, undefined, "", "admin@example.com", 7, [""], [{ email: [] }]]) {
        assert.deepEqual(await emails(none), []);
      }
    });

    it("knows whether control must still be proved, also where DigiCert does not say so outright", async () => {
      const pending = async (json: object) => (await info({ id: 12, ...json })).isPendingValidation;
      assert.equal(await pending({ is_pending_validation: "0", status: "pending" }), false);
      assert.equal(await pending({ is_pending_validation: 1, status: "active" }), true);
      assert.equal(await pending({ status: "active" }), false);
      assert.equal(await pending({ status: "approved", dcv_token: { token: "t", status: "active" } }), false);
      assert.equal(await pending({ status: "active", dcv_token: { token: "t", status: "pending" } }), true);
      assert.equal(await pending({ status: "pending" }), true);
      assert.equal(await pending({}), true);
    });

    it("reads dates in each of DigiCert's spellings, and none from anything else", async () => {
      const expires = async (date: unknown) => (await info({ id: 12, dcv_expiration_datetime: date })).dcvExpires;
      assert.equal(await expires("2026-11-21T20:05:28+00:00"), "2026-11-21T20:05:28Z");
      assert.equal(await expires("2026-11-21T20:05:28.123-07:00"), "2026-11-22T03:05:28Z");
      assert.equal(await expires("2026-11-21T20:05:28+0100"), "2026-11-21T19:05:28Z");
      assert.equal(await expires("2026-11-21 20:05:28"), "2026-11-21T20:05:28Z");
      assert.equal(await expires("2026-11-21"), "2026-11-21T00:00:00Z");
      for (const none of ["", "soon", "2026-13-41", "0000-00-00 00:00:00", 1_600_000_000, null, {}, []]) {
        assert.equal(await expires(none), undefined, JSON.stringify(none));
      }
    });

    it("fails on an answer about another domain, or about none", async () => {
      for (const json of [{}, { id: 13 }, { name: "example.com" }, "x"]) {
        assert.equal((await failure(info(json))).code, "unexpected_answer");
      }
    });
  });

  it("lists over all pages", async () => {
    const page = { total: 2, limit: 1, offset: 0 };
    server.script(
      { json: { domains: [{ id: 1, name: "a.example", status: "active" }], page } },
      { json: { domains: [{ id: 2, name: "b.example", status: "pending" }], page } },
    );
    const filters = { search: "example", status: "active", containerId: 4 };
    const found = await domains.list(server.client(), filters);
    assert.deepEqual(
      found.map(({ id, name, isPendingValidation }) => [id, name, isPendingValidation]),
      [
        [1, "a.example", false],
        [2, "b.example", true],
      ],
    );
    assert.deepEqual(Object.fromEntries(server.received[1]?.query ?? []), {
      include_validation: "true",
      container_id: "4",
      "filters[search]": "example",
      "filters[status]": "active",
      offset: "1",
      limit: "1000",
    });
  });

  it("adds a domain and submits one, with token or with mails, in the newer form and the older", async () => {
    const request = { name: "example.com", organization: { id: 1 }, validations: [{ type: "ev" }] };
    server.script({ status: 201, json: { id: "1000000", dcv_token: { token: "t" } } });
    assert.deepEqual(await domains.add(server.client(), request), {
      domainId: 1000000,
      token: { token: "t" },
      emails: [],
    });
    assert.deepEqual(JSON.parse(String(server.received[0]?.body)), request);
    server.script({ status: 201, json: {} });
    assert.equal((await failure(domains.add(server.client(), request))).kind, "doubt");

    const validation_emails = {
      base_emails: ["admin@example.com"],
      whois_emails: {},
      email_array: ["admin@example.com"],
    };
    server.script({ json: { id: 12, validation_emails } }, { status: 204 });
    const submit = () => domains.submitValidation(server.client(), 12, { validations: [{ type: "ev" }] });
    assert.deepEqual(await submit(), { emails: ["admin@example.com"] });
    assert.deepEqual(await submit(), { emails: [] });
  });

  it("changes the method, which brings a token or not", async () => {
    const dcv_token = {
      token: "r",
      status: "pending",
      expiration_date: "2018-11-18T20:35:32+00:00",
      verification_value: "dcv.digicert.com",
    };
    server.script({ json: { dcv_token } }, { json: {} }, { json: [] }, { status: 204 });
    const change = (method: domains.DcvMethod) => domains.changeMethod(server.client(), 12, method);
    assert.deepEqual(await change("dns-cname-token"), {
      token: { token: "r", status: "pending", expires: "2018-11-18T20:35:32Z", verificationValue: "dcv.digicert.com" },
      emails: [],
    });
    for (let count = 0; count < 3; count++) assert.deepEqual(await change("email"), { emails: [] });
    assert.deepEqual(JSON.parse(String(server.received[0]?.body)), { dcv_method: "dns-cname-token" });
    assert.equal(server.calls[0], "PUT /domain/12/dcv/method");
  });

  it("makes a new token once", async () => {
    const token = { token: "fdy6m0wy", expiration_date: "2020-08-22T20:21:10+00:00" };
    for (const json of [token, { dcv_token: token }]) {
      server.script({ status: 201, json });
      assert.deepEqual(await domains.newToken(server.client(), 12), {
        token: "fdy6m0wy",
        expires: "2020-08-22T20:21:10Z",
      });
      assert.deepEqual(server.calls, ["POST /domain/12/dcv/token"]);
    }
    server.script({ status: 500, text: "" });
    assert.equal((await failure(domains.newToken(server.client(), 12))).kind, "doubt");
    assert.equal(server.received.length, 1);
    server.script({ status: 201, json: {} });
    assert.equal((await failure(domains.newToken(server.client(), 12))).kind, "doubt");
  });

  it("checks, and says what is missing while the proof is not found", async () => {
    server.script({ json: { token: "t", status: "active" } });
    assert.deepEqual(await domains.check(server.client(), 12), { status: "active" });
    assert.deepEqual(server.calls, ["PUT /domain/12/dcv/validate-token"]);
    server.script({ json: {} }, { status: 204 });
    assert.deepEqual(await domains.check(server.client(), 12), { status: "unknown" });
    assert.deepEqual(await domains.check(server.client(), 12), { status: "unknown" });
    const message = "Could not find a valid TXT record for one or more domains.";
    server.script({ status: 400, json: errors("invalid_dns_txt", message) });
    const error = await failure(domains.check(server.client(), 12));
    assert.equal(error.kind, "refused");
    assert.equal(error.code, "invalid_dns_txt");
    assert.match(error.message, /TXT record is not visible to DigiCert yet/);
  });

  it("sends the mails again, once", async () => {
    server.script({ status: 204 });
    await domains.resendEmails(server.client(), 12, { email_array: ["admin@example.com"] });
    assert.deepEqual(server.calls, ["PUT /domain/12/dcv/emails"]);
    server.script({ status: 502, text: "" });
    await failure(domains.resendEmails(server.client(), 12));
    assert.equal(server.received.length, 1);
  });
});
