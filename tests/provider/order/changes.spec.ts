import assert from "node:assert/strict";
import { orderChanges } from "../../../provider/order/changes";
import { cmcOrderInputs } from "../../../provider/resources/cmcOrder";
import { vmcOrderInputs } from "../../../provider/resources/vmcOrder";
import { encoded } from "../../simulator/certcentral";
import { testingChange } from "../../wholeRun/record";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";
import { approver, person, personWire, registeredWire, sha256 } from "./samples";

const products = ["vmc", "cmc"] as const;
const phases = ["unapproved", "pending", "issued", "reissuing", "dead"] as const;
type Product = (typeof products)[number];
type Phase = (typeof phases)[number];

/** An order in its phase; its domain and its logo are no other order's. */
interface Scenario {
  stage: Stage;
  stack: Stack;
  product: Product;
  phase: Phase;
  domain: string;
  /** The declared names. */
  names: string[];
  program: Json;
  /** Number of the order, before anything changed. */
  orderId: number;
  /** Its request for approval. */
  requestId: number;
  /** What the cell arranged beside the order. */
  other: Json;
}

/** What one change does in one phase. */
interface Cell {
  /** Inputs that the order was placed with, beside the usual ones. */
  base?: (s: Scenario) => Json;
  change: (s: Scenario) => Json;
  /** Made at DigiCert before the change. */
  arrange?: (s: Scenario) => Promise<Json>;
  /** On the resource's row, in the preview. */
  says?: RegExp | ((s: Scenario) => RegExp);
  /** The preview fails, and `up` too. */
  refused?: RegExp;
  /** `up` fails. */
  fails?: RegExp;
  /** Default: an update if there is something to say or to write. */
  step?: "same" | "update";
  /** Lines beside that one. */
  also?: RegExp;
  /** Every write of the `up`, in order. */
  writes?: (s: Scenario) => [call: string, body: Json][];
  outs?: (s: Scenario) => Json;
}

const typeOf = { vmc: "VmcOrder", cmc: "CmcOrder" };
const path = { vmc: "vmc_basic", cmc: "mark_certificate" };
const another = ({ domain }: Scenario) => svg(`Another of ${domain}`).toString();

const statuses: Record<Phase, string> = {
  unapproved: "needs_approval",
  pending: "pending",
  issued: "issued",
  reissuing: "reissue_pending",
  dead: "rejected",
};

/** The body of an order request for the unchanged program. */
function body({ stage, stack, product, phase, domain, names }: Scenario, changes: Json = {}): Json {
  return {
    certificate: { dns_names: names },
    vmc: { logo: svg(domain).toString(), ...(product === "vmc" ? registeredWire : {}) },
    organization: { id: stage.organizationId },
    order_validity: { years: product === "vmc" ? 1 : 2 },
    dcv_method: "dns-txt-token",
    skip_approval: phase !== "unapproved",
    alternative_order_id: `${stack.reference}2`,
    ...changes,
  };
}

/** A new order in place, and what becomes of its predecessor. */
function successor(
  inputs: string,
  change: Cell["change"],
  changes: (s: Scenario) => Json,
  more: Partial<Cell> = {},
): Cell {
  return {
    change,
    says: ({ orderId, phase }) =>
      new RegExp(
        `^order ${orderId}: ${inputs} changed: BUYS a new order in its place; order ${orderId} cost \\d+ USD\\. Order ${orderId} \\(\\w+\\) ${endings[phase].fate}\\.$`,
      ),
    writes: (s) => [[`POST /order/certificate/${path[s.product]}`, body(s, changes(s))], ...endings[s.phase].writes(s)],
    outs: ({ orderId, phase, stack }) => ({
      history: [{ orderId, status: endings[phase].status }],
      placedAlternativeOrderId: `${stack.reference}2`,
      __n: 2,
      __cancel: undefined,
    }),
    ...more,
  };
}

/** What becomes of an order for which a successor was placed. */
const endings: Record<Phase, { fate: string; status: string; writes: (s: Scenario) => [string, Json][] }> = {
  unapproved: {
    fate: "is canceled after that",
    status: "rejected",
    writes: ({ stack, product, requestId }) => [
      [
        `PUT /request/${requestId}/status`,
        { status: "rejected", processor_comment: `Replaced by order ${stack.outs.orderId} (${typeOf[product]}).` },
      ],
    ],
  },
  pending: {
    fate: "is canceled after that",
    status: "canceled",
    writes: ({ stack, product, orderId }) => [
      [
        `PUT /order/certificate/${orderId}/status`,
        { status: "CANCELED", note: `Replaced by order ${stack.outs.orderId} (${typeOf[product]}).` },
      ],
    ],
  },
  issued: { fate: "stays as it is", status: "issued", writes: () => [] },
  reissuing: { fate: "stays as it is", status: "reissue_pending", writes: () => [] },
  dead: { fate: "", status: "rejected", writes: () => [] },
};

/** Nothing but a line. */
function later(inputs: string, when: string, change: Cell["change"], base?: Cell["base"]): Cell {
  return { base, change, says: new RegExp(`^order \\d+: the change of ${inputs} ${when}\\.$`), step: "same" };
}

const nextOrder = (inputs: string, change: Cell["change"]) => later(inputs, "holds for the next order", change);

/** Written to DigiCert; the order stays. */
function inPlace(inputs: string, change: Cell["change"], writes: Cell["writes"], more: Partial<Cell> = {}): Cell {
  return { change, writes, says: new RegExp(`^order \\d+: updates ${inputs} at DigiCert\\.$`), ...more };
}

const nothing = (change: Cell["change"]): Cell => ({ change, step: "same" });

/** An order that ended changes in nothing, and says what it needs. */
function ended(change: Cell["change"], more: Partial<Cell> = {}): Cell {
  return {
    change,
    says: ({ orderId }) =>
      new RegExp(`^order ${orderId} is rejected \\(.*\\)\\. Nothing is ordered.* set reorderAfter: ${orderId}`),
    fails: /Nothing is ordered in its place without leave/,
    step: "update",
    ...more,
  };
}

/** The same in every phase of a live order. */
const alike = (live: Cell, dead: Partial<Cell> = {}): Record<Phase, Cell> => ({
  unapproved: live,
  pending: live,
  issued: live,
  reissuing: live,
  dead: ended(live.change, { base: live.base, arrange: live.arrange, also: live.also, ...dead }),
});

/** Only we read it: an update without a call. */
function setting(change: Json): Record<Phase, Cell> {
  return alike({ change: () => change, step: "update", outs: () => change }, { outs: () => change });
}

const added = ({ names, domain }: Scenario) => [...names, `www.${domain}`];
const reissueOf = ({ orderId }: Scenario) => `POST /order/certificate/${orderId}/reissue`;
const domainOf = ({ stack }: Scenario, name: string) =>
  stack.outs.domains.find(({ dnsName }: Json) => dnsName === name)?.id;
/** The domain that waits for proof: the added one of a reissue. */
const open = (s: Scenario) => domainOf(s, s.names.at(-1)!);
const byMail = () => ({ dcvMethod: "email" });

/** Every cell of the table: the change, and what it does to an order in each phase. */
const table: Record<string, (product: Product) => Record<Phase, Cell>> = {
  dnsNames: () => {
    const change = (s: Scenario) => ({ dnsNames: added(s) });
    const anew = successor("dnsNames", change, (s) => ({ certificate: { dns_names: added(s) } }));
    return {
      unapproved: anew,
      pending: anew,
      issued: {
        change,
        says: (s) =>
          new RegExp(
            `^order ${s.orderId}: dnsNames changed: reissues the certificate for ${added(s).sort().join(", ")}\\. Adding www\\.${s.domain} may COST money; order ${s.orderId} cost \\d+ USD\\.$`,
          ),
        writes: (s) => [[reissueOf(s), { certificate: { dns_names: added(s) }, skip_approval: true }]],
        outs: (s) => ({ status: "reissue_pending", domains: added(s) }),
      },
      reissuing: {
        change,
        refused:
          /is being reissued \(certificate \d+ for .*\), and DigiCert takes one reissue at a time\. Nothing was changed\. Wait/,
      },
      dead: ended(change),
    };
  },
  organization: () => {
    const change = (s: Scenario) => ({ organization: { id: s.other.organizationId } });
    const arrange = async ({ stage }: Scenario) => ({
      organizationId: await stage.control.addOrganization({ validated: ["ev"] }),
    });
    const anew = successor("organization", change, (s) => ({ organization: { id: s.other.organizationId } }), {
      arrange,
    });
    return alike(anew);
  },
  approvers: () =>
    alike(
      nextOrder("organization.contacts", ({ stage }) => ({
        organization: { id: stage.organizationId, contacts: [approver] },
      })),
    ),
  logo: (product) => {
    const change = (s: Scenario) => ({ logo: another(s) });
    const anew = successor("logo", change, (s) => ({
      vmc: { logo: another(s), ...(product === "vmc" ? registeredWire : {}) },
    }));
    return {
      unapproved: later("logo", "is made once the order is approved", change),
      pending: inPlace(
        "logo",
        change,
        (s) => [[`POST /order/certificate/${s.orderId}/vmc/encoded-logo`, { logo: another(s) }]],
        { outs: (s) => ({ logoSha256: sha256(another(s)) }) },
      ),
      issued: anew,
      reissuing: anew,
      dead: ended(change),
    };
  },
  trademark: () => {
    const change = () => ({ trademark: { countryCode: "DE", registrationNumber: "30 2020" } });
    const wire = { trademark_country_code: "de", trademark_registration_number: "30 2020" };
    // DigiCert settles an approved logo's trademark, so a successor takes another logo, too.
    const settled = successor(
      "trademark",
      change,
      ({ domain }) => ({ vmc: { logo: svg(domain).toString(), ...wire } }),
      {
        fails:
          /400 invalid_trademark.* The logo is registered at DigiCert with us A1234-B1234 \(order \d+\), and declared here with de 30 2020/s,
        outs: () => ({}),
      },
    );
    return {
      unapproved: later("trademark", "is made once the order is approved", change),
      pending: inPlace("trademark", change, ({ orderId }) => [[`PUT /order/certificate/${orderId}/vmc`, wire]]),
      issued: settled,
      reissuing: settled,
      dead: ended(change),
    };
  },
  enableHosting: () =>
    alike(
      inPlace(
        "enableHosting",
        () => ({ enableHosting: true }),
        ({ orderId }) => [[`PUT /order/certificate/${orderId}/vmc`, { enable_hosting: 1 }]],
      ),
    ),
  dcvMethod: () => {
    const change = () => ({ dcvMethod: "dns-cname-token" });
    const write = inPlace("dcvMethod", change, (s) => [
      [`PUT /domain/${open(s)}/dcv/method`, { dcv_method: "dns-cname-token" }],
    ]);
    return {
      unapproved: later("dcvMethod", "is made once the order is approved", change),
      pending: { ...write, outs: (s) => ({ dcvRecords: [["CNAME", s.names.at(-1)]] }) },
      issued: later("dcvMethod", "holds when its domains are validated the next time", change),
      reissuing: { ...write, outs: () => ({ status: "reissue_pending" }) },
      dead: ended(change),
    };
  },
  dcvEmails: () => {
    const change = ({ names }: Scenario) => ({
      dcvEmails: names.map((dnsName) => ({ dnsName, email: `admin@${dnsName}` })),
    });
    const write = {
      ...inPlace("dcvEmails", change, (s) => [
        [`PUT /domain/${open(s)}/dcv/emails`, { email_array: [`admin@${s.names.at(-1)}`] }],
      ]),
      base: byMail,
    };
    return {
      unapproved: later("dcvEmails", "is made once the order is approved", change, byMail),
      pending: write,
      issued: later("dcvEmails", "holds when its domains are validated the next time", change, byMail),
      reissuing: write,
      dead: ended(change, { base: byMail }),
    };
  },
  organizationContact: () => contact("organizationContact", "organization_contact"),
  technicalContact: () => contact("technicalContact", "technical_contact"),
  customFields: () =>
    alike(
      inPlace(
        "customFields",
        ({ other }) => ({ customFields: [{ metadataId: other.field, value: "x" }] }),
        ({ orderId, other }) => [
          [`POST /order/certificate/${orderId}/custom-field`, { metadata_id: other.field, value: "x" }],
        ],
        { arrange: async ({ stage }) => ({ field: await stage.control.addCustomField({ label: "cost center" }) }) },
      ),
    ),
  adoptOrderId: () => {
    const taken: Cell = {
      arrange: async ({ stage, product, names, domain }) => {
        const changes = { certificate: { dns_names: names } };
        const order = await (product === "vmc"
          ? stage.scene.vmc({ ...changes, vmc: { logo: encoded(svg(domain)), ...registeredWire } })
          : stage.scene.cmc({ ...changes, vmc: { logo: encoded(svg(domain)) } }));
        return { adopted: order.id };
      },
      change: ({ other }) => ({ adoptOrderId: other.adopted }),
      says: ({ orderId, other }) =>
        new RegExp(
          `^order ${orderId}: order ${other.adopted} is taken over in its place; nothing is written or ordered\\.$`,
        ),
      step: "update",
      outs: ({ orderId, phase, other }) => ({
        orderId: other.adopted,
        history: [{ orderId, status: statuses[phase] }],
        __n: 0,
      }),
    };
    return { unapproved: taken, pending: taken, issued: taken, reissuing: taken, dead: taken };
  },
  renewal: () => alike(nextOrder("renewalOfOrderId, renewedThumbprint", () => ({ renewedThumbprint: "0".repeat(40) }))),
  validity: () => alike({ ...nextOrder("years", () => ({ years: 3 })), also: /^years: 3 orders a multi-year plan/ }),
  payment: () =>
    alike(nextOrder("paymentMethod, creditCard, billingAddress, vatNumber", () => ({ paymentMethod: "profile" }))),
  approval: () => ({
    ...alike(nextOrder("skipApproval", () => ({ skipApproval: false }))),
    unapproved: inPlace(
      "skipApproval",
      () => ({ skipApproval: true }),
      ({ requestId }) => [[`PUT /request/${requestId}/status`, { status: "approved" }]],
      {
        says: ({ orderId, requestId }) =>
          new RegExp(
            `^order ${orderId}: approves its request ${requestId}, which BUYS it; order ${orderId} cost \\d+ USD\\.$`,
          ),
        outs: ({ domain }) => ({ status: "pending", dcvRecords: [["TXT", domain]] }),
      },
    ),
  }),
  comments: () => alike(nextOrder("comments", () => ({ comments: "again" }))),
  locale: () => alike(nextOrder("locale", () => ({ locale: "de" }))),
  container: () => alike(nextOrder("containerId", () => ({ containerId: 4711 }))),
  mails: () =>
    alike(
      nextOrder("additionalEmails, disableRenewalNotifications, customRenewalMessage, autoRenew", () => ({
        additionalEmails: ["brand@example.com"],
      })),
    ),
  alternativeOrderId: () => alike(nextOrder("alternativeOrderId", () => ({ alternativeOrderId: "Other" }))),
  ignoreRules: () => setting({ ignoreRules: { "SVG-023": "the registered mark is no square" } }),
  onDelete: () => setting({ onDelete: "retain" }),
  note: () => setting({ note: "no longer needed" }),
  renewBefore: () => setting({ renewBefore: 30 }),
  reissueBefore: () => setting({ reissueBefore: "never" }),
  reorderAfter: () => ({
    ...alike({
      change: ({ orderId }) => ({ reorderAfter: orderId }),
      step: "update",
      outs: ({ orderId }) => ({ orderId, reorderAfter: orderId }),
    }),
    dead: successor(
      "",
      ({ orderId }) => ({ reorderAfter: orderId }),
      () => ({}),
      {
        says: ({ orderId }) =>
          new RegExp(
            `^order ${orderId}: is rejected, and reorderAfter allows it: BUYS a new order in its place; order ${orderId} cost \\d+ USD\\.$`,
          ),
      },
    ),
  }),
  remoteLint: () => alike(nothing(() => ({ remoteLint: true }))),
  besideOrder: () => alike(nothing(() => ({ besideOrder: 137 }))),
  plumbing: () => alike(nothing(() => ({ __formerReferences: ["bimiformer"] }))),
};

function contact(input: string, contact_type: string): Record<Phase, Cell> {
  return alike(
    inPlace(
      input,
      () => ({ [input]: person }),
      ({ orderId }) => [[`PUT /order/certificate/${orderId}/contact`, { contacts: [{ contact_type, ...personWire }] }]],
    ),
  );
}

describe("the table of changes", () => {
  it("has exactly one row for each input of an order", () => {
    const inputs = new Set([...Object.keys(vmcOrderInputs.shape), ...Object.keys(cmcOrderInputs.shape)]);
    const rows = Object.values(orderChanges).flatMap(({ inputs }) => inputs);
    const tops = rows.map((path) => path.split(".")[0]!);
    assert.deepEqual(
      [...inputs].filter((input) => !tops.includes(input)),
      [],
    );
    assert.deepEqual(
      tops.filter((input) => !inputs.has(input)),
      [],
    );
    assert.equal(new Set(rows).size, rows.length);
  });

  it("is tested in every cell", () => {
    assert.deepEqual(Object.keys(table).sort(), Object.keys(orderChanges).sort());
    for (const row of Object.values(table)) assert.deepEqual(Object.keys(row("vmc")).sort(), [...phases].sort());
  });
});

for (const product of products) {
  describe(`a changed input of a ${typeOf[product]}`, () => {
    let stage: Stage;
    before(async () => {
      stage = await Stage.start();
    });
    after(() => stage.stop());

    for (const phase of phases) {
      describe(`that is ${phase}:`, () => {
        for (const [row, cells] of Object.entries(table)) {
          if (product === "cmc" && row === "trademark") continue;
          it(row, async () => {
            const cell = cells(product)[phase];
            const scenario = await placed(stage, product, phase, row, cell);
            await testingChange(row, phase, () => test(cell, scenario));
          });
        }
      });
    }
  });
}

/** An order in its phase. */
async function placed(stage: Stage, product: Product, phase: Phase, row: string, { base, arrange }: Cell) {
  const stack = product === "vmc" ? stage.vmc(`${phase}-${row}`) : stage.cmc(`${phase}-${row}`);
  const domain = `${phase}-${row}.example.com`.toLowerCase();
  const names = phase === "reissuing" ? [domain, `second.${domain}`] : [domain];
  const s: Scenario = { stage, stack, product, phase, domain, names, program: {}, orderId: 0, requestId: 0, other: {} };
  s.program = stage.inputs({
    dnsNames: names,
    logo: svg(domain).toString(),
    ...(product === "cmc" ? { years: 2, trademark: undefined } : {}),
    ...(phase === "unapproved" ? { skipApproval: false } : {}),
    ...base?.(s),
  });
  if (phase === "reissuing") {
    await stack.up({ ...s.program, dnsNames: [domain] });
    await stage.issue(stack.outs.orderId);
    await stack.up({ ...s.program, dnsNames: [domain] });
  }
  await stack.up(s.program);
  if (phase === "issued") {
    await stage.issue(stack.outs.orderId);
    await stack.up(s.program);
  }
  if (phase === "dead") {
    await stage.control.rejectOrder(stack.outs.orderId);
    await failureOf(stack.up(s.program));
  }
  assert.equal(stack.outs.status, statuses[phase]);
  s.orderId = stack.outs.orderId;
  s.requestId = stack.outs.requests[0]?.id;
  s.other = (await arrange?.(s)) ?? {};
  return s;
}

async function test(cell: Cell, s: Scenario): Promise<void> {
  const { stage, stack } = s;
  const { change, refused, fails, writes = () => [], outs = () => ({}), says, also, step = "update" } = cell;
  const program = { ...s.program, ...change(s) };
  const before = stack.stored!;
  const lines = async (step: string) => {
    stage.rows.length = 0;
    await stage.forgetCalls();
    assert.equal(await stack.preview(program), step);
    const asked = stage.calls().filter((call) => !call.startsWith("GET "));
    assert.deepEqual(asked, [], "a preview only reads");
    // That all these cells share a key, and its rate limit, is no matter of the resource.
    const rows = stage.rows.filter(({ line }) => !/rate limit of this API key/.test(line));
    for (const { urn, line } of rows) assert.equal(urn, stack.urn, line);
    return rows.map(({ line }) => line).filter((line) => !also?.test(line));
  };

  if (refused) {
    for (const run of [() => stack.preview(program), () => stack.up(program)]) {
      await stage.forgetCalls();
      const error = await failureOf(run());
      assert.match(error.message, refused);
      assert.ok(error.message.includes(String(s.orderId)));
      assert.deepEqual(stage.bodies(), []);
    }
    assert.deepEqual(stack.stored, before);
    return;
  }

  const said = await lines(step);
  if (says) {
    const expected = typeof says === "function" ? says(s) : says;
    assert.equal(said.filter((line) => expected.test(line)).length, 1, `${expected} in:\n${said.join("\n")}`);
  }
  assert.equal(said.length, says ? 1 : 0, said.join("\n"));
  assert.deepEqual(stack.stored, before);

  await stage.forgetCalls();
  if (fails) {
    const error = await failureOf(stack.up(program));
    assert.match(error.message, fails);
    assert.equal(stack.outs.orderId, s.orderId);
  } else {
    assert.equal(await stack.up(program), step);
  }
  assert.deepEqual(stage.bodies(), writes(s));
  const after = readable(stack.outs);
  for (const [name, value] of Object.entries(outs(s))) assert.deepEqual(after[name], value, name);
  if (fails) return;
  if (step === "same") assert.deepEqual(stack.outs, before.outs);

  assert.deepEqual(await lines("same"), step === "same" ? said : []);
  await stage.forgetCalls();
  assert.equal(await stack.up(program), "same");
  assert.deepEqual(stage.bodies(), []);
}

/** Outputs in the words of the table. */
function readable(outs: Json): Json {
  return {
    ...outs,
    domains: outs.domains.map(({ dnsName }: Json) => dnsName),
    dcvRecords: outs.dcvRecords.map(({ type, domain }: Json) => [type, domain]),
  };
}
