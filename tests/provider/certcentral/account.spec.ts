import assert from "node:assert/strict";
import { account } from "../../../provider/certcentral";
import { errors, failure, ScriptedServer } from "./support";

describe("CertCentral account", () => {
  let server: ScriptedServer;
  before(async () => {
    server = await new ScriptedServer().start();
  });
  after(() => server.stop());

  it("tells whose key it is", async () => {
    const access_roles = [{ id: "1", name: "Administrator" }, {}];
    server.script({ json: { id: 5, username: "robot", account_id: "77", access_roles } });
    assert.deepEqual(await account.me(server.client()), {
      userId: 5,
      username: "robot",
      accountId: 77,
      accessRoles: [{ id: 1, name: "Administrator" }],
    });
    assert.deepEqual(server.calls, ["GET /user/me"]);
  });

  it("asks the account itself where the user names none", async () => {
    server.script({ json: { id: 5 } }, { json: { id: 77, primary_organization_id: 3 } });
    assert.deepEqual(await account.me(server.client()), { userId: 5, accountId: 77, accessRoles: [] });
    assert.deepEqual(server.calls, ["GET /user/me", "GET /account"]);
    server.script({ json: { id: 5 } }, { json: {} });
    assert.equal((await failure(account.me(server.client()))).code, "unexpected_answer");
  });

  it("tells a wrong key from everything else", async () => {
    server.script({ status: 403, json: errors("access_denied|access_denied_invalid_key") });
    const error = await failure(account.me(server.client()));
    assert.equal(error.kind, "refused");
    assert.match(error.message, /look up whose key this is \(403 access_denied\|access_denied_invalid_key\)/);
  });

  it("lists products, custom fields and containers", async () => {
    server.script({
      json: {
        products: [
          { name_id: "vmc_basic", name: "VMC", group_name: "vmc", allowed_order_validity_years: ["1", 2], type: "x" },
          { name_id: "old", allowed_validity_years: [1] },
          {},
        ],
      },
    });
    assert.deepEqual(await account.products(server.client()), [
      { nameId: "vmc_basic", name: "VMC", type: "x", groupName: "vmc", allowedOrderValidityYears: [1, 2] },
      { nameId: "old", allowedOrderValidityYears: [1] },
    ]);
    server.script({ json: { metadata: [{ id: 12, label: "Cost center", is_required: "1", data_type: "text" }] } });
    assert.deepEqual(await account.customFields(server.client()), [
      { metadataId: 12, label: "Cost center", isRequired: true, isActive: true, dataType: "text" },
    ]);
    server.script({ json: { containers: [{ id: 1, name: "Main", parent_id: 0, is_active: true }] } });
    assert.deepEqual(await account.containers(server.client()), [{ containerId: 1, name: "Main", isActive: true }]);
  });
});
