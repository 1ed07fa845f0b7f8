import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { orderChanges } from "../../../provider/order/changes";
import { cmcOrderInputs } from "../../../provider/resources/cmcOrder";
import { vmcOrderInputs } from "../../../provider/resources/vmcOrder";
import { unknownValue } from "../../../provider/unknown";
import { encoded } from "../../simulator/certcentral";
import { testingChange } from "../../wholeRun/record";
import { failureOf, type Json, type Stack, Stage, svg } from "../support";

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

const person = { firstName: "Ada", lastName: "Byron", email: "ada@example.com" };
const personWire = { first_name: "Ada", last_name: "Byron", email: "ada@example.com" };
const approver = { contactType: "verified_contact", ...person, jobTitle: "CMO", telephone: "801-555-0100" };
const registered = { countryCode: "us", registrationNumber: "A1234-B1234" };
const registeredWire = { trademark_country_code: "us", trademark_registration_number: "A1234-B1234" };
const typeOf = { vmc: "VmcOrder", cmc: "CmcOrder" };
const path = { vmc: "vmc_basic", cmc: "mark_certificate" };
const another = ({ domain }: Scenario) => svg(`Another of ${domain}`).toString();
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

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

describe("a change of a placed order", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  const forget = async () => {
    stage.lines.length = 0;
    await stage.forgetCalls();
  };
  const issued = async (program: Json) => {
    await stack.up(program);
    await stage.issue(stack.outs.orderId);
    await stack.up(program);
    assert.equal(stack.outs.status, "issued");
  };

  describe("that means the same to DigiCert is none:", () => {
    const details = (changes: Json = {}) => ({
      name: "Epigyne Unwieldiness llc",
      country: "us",
      address: "932 Prospect Street",
      city: "Minneapolis",
      state: "Minnesota",
      zip: "40849",
      telephone: "666-186-6450",
      organizationContact: person,
      ...changes,
    });
    const same: [what: string, before: () => Json, after: () => Json][] = [
      [
        "order, case, repetition and trailing dot of names",
        () => ({ dnsNames: ["example.com", "example.net"] }),
        () => ({ dnsNames: ["example.NET.", "Example.com", "example.net"] }),
      ],
      ["IDN form", () => ({ dnsNames: ["bücher.example"] }), () => ({ dnsNames: ["xn--bcher-kva.example"] })],
      ["IDN form back", () => ({ dnsNames: ["xn--bcher-kva.example"] }), () => ({ dnsNames: ["BÜCHER.example"] })],
      ["hosting that stays off", () => ({}), () => ({ enableHosting: false })],
      [
        "the order of properties",
        () => ({}),
        () => ({ trademark: { registrationNumber: "A1234-B1234", countryCode: "us" } }),
      ],
      ["a trademark office in upper case", () => ({}), () => ({ trademark: { ...registered, countryCode: "US" } })],
      ["another spelling of the logo's path", () => ({}), () => ({ logo: "./logo.svg" })],
      ["the logo's absolute path", () => ({}), () => ({ logo: `${stage.projectDir}/logo.svg` })],
      ["the logo's path alone", () => ({}), () => ({ logo: "moved.svg" })],
      ["the logo itself in place of its path", () => ({}), () => ({ logo: svg().toString() })],
      ["adoption of the very order", () => ({}), () => ({ adoptOrderId: stack.outs.orderId })],
      ["the default of years", () => ({}), () => ({ years: 1 })],
      ["the default of approval", () => ({}), () => ({ skipApproval: true })],
      ["the default of mails", () => ({}), () => ({ autoRenew: false, disableRenewalNotifications: false })],
      ["the default of the DCV method", () => ({ dcvMethod: undefined }), () => ({ dcvMethod: "email" })],
      [
        "spelling of the organization's details",
        () => ({ organization: details() }),
        () => ({
          organization: details({ name: "EPIGYNE Unwieldiness LLC ", country: "US", telephone: "+1 666 1866450" }),
        }),
      ],
      [
        "the id in place of the organization's details",
        () => ({ organization: details() }),
        () => ({ organization: { id: stack.outs.organizationId } }),
      ],
      [
        "details in place of the organization's id",
        () => ({ organization: { id: stage.organizationId } }),
        () => ({ organization: details() }),
      ],
    ];
    for (const phase of ["pending", "issued"] as const) {
      for (const [what, given, changed] of same) {
        it(`${what}, once ${phase}`, async () => {
          stage.writeLogo(svg(), "moved.svg");
          if (what.startsWith("details in place")) await ownDetails();
          const program = stage.inputs(given());
          await (phase === "issued" ? issued(program) : stack.up(program));
          await forget();
          const { outs } = stack;
          for (const step of [
            () => stack.preview({ ...program, ...changed() }),
            () => stack.up({ ...program, ...changed() }),
          ]) {
            assert.equal(await step(), "same");
          }
          assert.deepEqual(stage.lines, []);
          assert.deepEqual(stage.bodies(), []);
          assert.deepEqual(stack.outs, outs);
        });
      }
    }

    /** The organization that the order names has the details that the program gives. */
    async function ownDetails() {
      const id = await stage.control.addOrganization({ ...details(), organizationContact: undefined } as Json);
      Object.defineProperty(stage, "organizationId", { value: id });
    }

    it("other details are another organization", async () => {
      await stack.up(stage.inputs({ organization: details() }));
      await forget();
      await stack.up(stage.inputs({ organization: details({ city: "Duluth" }) }));
      assert.equal(stage.posts, 1);
      assert.equal(stack.outs.history.length, 1);
    });

    it("adoptOrderId removed", async () => {
      const { id } = await stage.scene.vmc();
      await stack.up(stage.inputs({ adoptOrderId: id }));
      await forget();
      assert.equal(await stack.up(stage.inputs()), "same");
      assert.equal(stack.outs.orderId, id);
      assert.deepEqual(stage.lines, []);
      assert.deepEqual(stage.bodies(), []);
    });
  });

  describe("that takes an input away that DigiCert keeps is none:", () => {
    const removed: [string, Json, Json?][] = [
      ["logo", {}, { trademark: undefined }],
      ["trademark", {}],
      ["organizationContact", { organizationContact: person }],
      ["technicalContact", { technicalContact: person }],
      ["customFields", {}],
    ];
    for (const [input, base, also] of removed) {
      it(input, async () => {
        if (input === "customFields") {
          const metadataId = await stage.control.addCustomField({ label: "cost center" });
          base.customFields = [{ metadataId, value: "x" }];
        }
        const program = stage.inputs(base);
        await stack.up(program);
        await forget();
        const { outs } = stack;
        assert.equal(await stack.up({ ...program, ...also, [input]: undefined }), "same");
        assert.deepEqual(stage.bodies(), []);
        assert.deepEqual(stage.lines, []);
        assert.deepEqual(stack.outs, outs);
      });
    }
  });

  describe("that holds for the next order is in its body:", () => {
    const next: [string, () => Promise<Json> | Json, (changes: Json) => Json][] = [
      [
        "approvers",
        () => ({ organization: { id: stage.organizationId, contacts: [approver] } }),
        () => ({
          organization: {
            id: stage.organizationId,
            contacts: [
              { contact_type: "verified_contact", ...personWire, job_title: "CMO", telephone: "801-555-0100" },
            ],
          },
        }),
      ],
      [
        "renewal",
        async () => {
          const { id, domains } = await stage.scene.vmc({ certificate: { dns_names: ["example.org"] } });
          await stage.control.approveDomain(domains[0].id);
          await stage.control.vet(id);
          await stage.control.setSwitches({ renewalWindow: "always" });
          return { renewalOfOrderId: id };
        },
        ({ renewalOfOrderId }) => ({ renewal_of_order_id: renewalOfOrderId }),
      ],
      ["validity", () => ({ years: 3 }), () => ({ order_validity: { years: 3 } })],
      [
        "payment",
        () => ({ paymentMethod: "profile", vatNumber: "GB1" }),
        () => ({ payment_method: "profile", vat_number: "GB1" }),
      ],
      ["approval", () => ({ skipApproval: false }), () => ({ skip_approval: false })],
      ["comments", () => ({ comments: "again" }), () => ({ comments: "again" })],
      ["locale", () => ({ locale: "de" }), () => ({ locale: "de" })],
      [
        "container",
        async () => ({ containerId: await stage.control.addContainer("Brand") }),
        ({ containerId }) => ({ container: { id: containerId } }),
      ],
      [
        "mails",
        () => ({
          additionalEmails: ["brand@example.com"],
          disableRenewalNotifications: true,
          customRenewalMessage: "soon",
          autoRenew: true,
        }),
        () => ({
          additional_emails: ["brand@example.com"],
          disable_renewal_notifications: true,
          custom_renewal_message: "soon",
          auto_renew: 1,
        }),
      ],
      ["alternativeOrderId", () => ({ alternativeOrderId: "Other" }), () => ({ alternative_order_id: "Other2" })],
    ];

    it("every row of the kind", () => {
      const rows = Object.entries(orderChanges).filter(
        ([, { effect }]) => effect === "nextOrder" || (typeof effect === "object" && effect.issued === "nextOrder"),
      );
      assert.deepEqual(
        next.map(([row]) => row),
        rows.map(([row]) => row),
      );
    });

    for (const [row, change, expected] of next) {
      it(row, async () => {
        await stack.up(stage.inputs());
        const changes = await change();
        await forget();
        assert.equal(await stack.up(stage.inputs(changes)), "same");
        assert.equal(stage.lines.filter((line) => /holds for the next order/.test(line)).length, 1);
        assert.deepEqual(stage.bodies(), []);

        const program = stage.inputs({ ...changes, dnsNames: ["example.com", "example.net"] });
        await stack.up(program);
        const [[call, sent]] = stage.bodies() as [[string, Json]];
        assert.equal(call, "POST /order/certificate/vmc_basic");
        assert.deepEqual(sent, {
          certificate: { dns_names: ["example.com", "example.net"] },
          vmc: { logo: svg().toString(), ...registeredWire },
          organization: { id: stage.organizationId },
          order_validity: { years: 1 },
          dcv_method: "dns-txt-token",
          skip_approval: true,
          alternative_order_id: `${stack.reference}2`,
          ...expected(changes),
        });
        await forget();
        assert.equal(await stack.preview(program), "same");
        assert.ok(!stage.lines.some((line) => /next order/.test(line)));
      });
    }
  });

  describe("that only this provider reads", () => {
    const ignoreRules = { "SVG-023": "the registered mark is no square" };
    const settings = { onDelete: "retain", note: "for good", renewBefore: 20, reissueBefore: "never", ignoreRules };
    it("is an update without a call of any kind, one after the other and away again", async () => {
      await issued(stage.inputs());
      await stage.forgetCalls();
      let given = {};
      for (const [name, value] of [...Object.entries(settings), ["none", undefined]]) {
        given = value === undefined ? {} : { ...given, [name as string]: value };
        const before = Object.fromEntries(Object.entries(stack.outs).filter(([output]) => !(output in settings)));
        assert.equal(await stack.preview(stage.inputs(given)), "update");
        assert.equal(await stack.up(stage.inputs(given)), "update");
        assert.deepEqual(stack.outs, { ...before, ...given });
        assert.equal(await stack.preview(stage.inputs(given)), "same");
      }
      assert.deepEqual(stage.calls(), []);
    });

    it("is written without a call for a pending order, too", async () => {
      await stack.up(stage.inputs());
      const process = stack.process();
      const inputs = await stack.check(process, stage.inputs(settings));
      await stage.forgetCalls();
      const { outs } = await process.update(stack.stored!.id, stack.stored!.outs, inputs);
      assert.deepEqual(outs, { ...stack.outs, ...settings });
      assert.deepEqual(stage.calls(), []);
    });

    it("works without a key", async () => {
      await stack.up(stage.inputs());
      stage.settings = { baseUrl: stage.settings.baseUrl! };
      await stage.forgetCalls();
      assert.equal(await stack.up(stage.inputs({ onDelete: "revoke" })), "update");
      assert.equal(stack.outs.onDelete, "revoke");
      assert.deepEqual(stage.calls(), []);
    });
  });

  describe("together with others:", () => {
    it("a successor carries what else would be written in place, which is not written", async () => {
      await stack.up(stage.inputs());
      const field = await stage.control.addCustomField({ label: "cost center" });
      const program = stage.inputs({
        dnsNames: ["example.com", "example.net"],
        logo: svg("New").toString(),
        trademark: { countryCode: "de", registrationNumber: "1" },
        enableHosting: true,
        organizationContact: person,
        customFields: [{ metadataId: field, value: "x" }],
        comments: "again",
        onDelete: "retain",
      });
      const first = stack.outs.orderId;
      await forget();
      assert.equal(await stack.preview(program), "update");
      assert.ok(!stage.lines.some((line) => /updates/.test(line)));
      await stack.up(program);
      assert.deepEqual(stage.bodies(), [
        [
          "POST /order/certificate/vmc_basic",
          {
            certificate: { dns_names: ["example.com", "example.net"] },
            vmc: {
              logo: svg("New").toString(),
              enable_hosting: 1,
              trademark_country_code: "de",
              trademark_registration_number: "1",
            },
            organization: { id: stage.organizationId },
            order_validity: { years: 1 },
            dcv_method: "dns-txt-token",
            skip_approval: true,
            comments: "again",
            organization_contact: personWire,
            custom_fields: [{ metadata_id: field, value: "x" }],
            alternative_order_id: `${stack.reference}2`,
          },
        ],
        [
          `PUT /order/certificate/${first}/status`,
          { status: "CANCELED", note: `Replaced by order ${stack.outs.orderId} (VmcOrder).` },
        ],
      ]);
      assert.equal(stack.outs.onDelete, "retain");
      assert.equal(stack.outs.logoSha256, sha256(svg("New").toString()));
      assert.equal(await stack.preview(program), "same");
    });

    it("a successor carries the names that a reissue would", async () => {
      await issued(stage.inputs());
      await forget();
      const program = stage.inputs({ dnsNames: ["example.com", "example.net"], logo: svg("New").toString() });
      assert.equal(await stack.preview(program), "update");
      assert.equal(stage.lines.filter((line) => /BUYS|reissues/.test(line)).length, 1);
      await stack.up(program);
      const [[call, sent], ...others] = stage.bodies() as [[string, Json], ...[string, Json][]];
      assert.equal(call, "POST /order/certificate/vmc_basic");
      assert.deepEqual(sent.certificate.dns_names, ["example.com", "example.net"]);
      assert.deepEqual(others, []);
      assert.equal(await stack.preview(program), "same");
    });

    it("a reissue and hosting are one update with two writes", async () => {
      await issued(stage.inputs());
      await forget();
      const program = stage.inputs({ dnsNames: ["example.com", "example.net"], enableHosting: true });
      assert.equal(await stack.preview(program), "update");
      assert.ok(stage.lines.some((line) => /updates enableHosting at DigiCert/.test(line)));
      await stack.up(program);
      const { orderId } = stack.outs;
      assert.deepEqual(stage.bodies(), [
        [
          `POST /order/certificate/${orderId}/reissue`,
          { certificate: { dns_names: ["example.com", "example.net"] }, skip_approval: true },
        ],
        [`PUT /order/certificate/${orderId}/vmc`, { enable_hosting: 1 }],
      ]);
      assert.equal(await stack.preview(program), "same");
    });

    it("what is written in place is written one after the other, each once", async () => {
      await stack.up(stage.inputs());
      const { orderId } = stack.outs;
      const [{ id: domainId }] = stack.outs.domains;
      await stage.forgetCalls();
      const program = stage.inputs({
        logo: svg("New").toString(),
        trademark: { countryCode: "de", registrationNumber: "1" },
        enableHosting: true,
        organizationContact: person,
        technicalContact: person,
        dcvMethod: "dns-cname-token",
      });
      await stack.up(program);
      assert.deepEqual(stage.bodies(), [
        [`POST /order/certificate/${orderId}/vmc/encoded-logo`, { logo: svg("New").toString() }],
        [`PUT /order/certificate/${orderId}/vmc`, { trademark_country_code: "de", trademark_registration_number: "1" }],
        [`PUT /order/certificate/${orderId}/vmc`, { enable_hosting: 1 }],
        [
          `PUT /order/certificate/${orderId}/contact`,
          {
            contacts: [
              { contact_type: "organization_contact", ...personWire },
              { contact_type: "technical_contact", ...personWire },
            ],
          },
        ],
        [`PUT /domain/${domainId}/dcv/method`, { dcv_method: "dns-cname-token" }],
      ]);
      assert.equal(await stack.preview(program), "same");
    });

    it("what failed in the middle is made up by the next up, and what was written is not written again", async () => {
      await stack.up(stage.inputs());
      const { orderId } = stack.outs;
      const program = stage.inputs({ logo: svg("New").toString(), enableHosting: true, technicalContact: person });
      await stage.control.fault({ match: { method: "PUT", path: "/contact$" }, kind: "status", status: 400 });
      const before = stack.stored;
      await failureOf(stack.up(program));
      assert.deepEqual(stack.stored, before);
      await stage.forgetCalls();
      assert.equal(await stack.up(program), "update");
      assert.deepEqual(stage.writes(), [`PUT /order/certificate/${orderId}/contact`]);
      assert.equal(stack.outs.logoSha256, sha256(svg("New").toString()));
      assert.equal(await stack.preview(program), "same");
    });

    it("a setting beside a written change is copied, too", async () => {
      await stack.up(stage.inputs());
      await stack.up(stage.inputs({ enableHosting: true, onDelete: "retain" }));
      assert.equal(stack.outs.onDelete, "retain");
    });
  });

  describe("that a preview does not know counts as unchanged:", () => {
    for (const path of [
      ["dnsNames"],
      ["dnsNames", "0"],
      ["organization"],
      ["organization", "id"],
      ["organization", "contacts"],
      ["organization", "contacts", "0", "email"],
      ["logo"],
      ["trademark"],
      ["trademark", "registrationNumber"],
      ["dcvMethod"],
      ["years"],
      ["comments"],
      ["enableHosting"],
      ["onDelete"],
      ["note"],
    ]) {
      it(path.join("."), async () => {
        const program = stage.inputs({ years: 1, organization: { id: stage.organizationId, contacts: [approver] } });
        await stack.up(program);
        await forget();
        const changed = structuredClone(program) as Json;
        let at = changed;
        for (const key of path.slice(0, -1)) at = at[key];
        at[path.at(-1)!] = unknownValue;
        assert.equal(await stack.preview(changed), "same");
        assert.deepEqual(stage.lines, []);
        assert.deepEqual(stage.bodies(), []);
      });
    }
  });
});

/** Outputs in the words of the table. */
function readable(outs: Json): Json {
  return {
    ...outs,
    domains: outs.domains.map(({ dnsName }: Json) => dnsName),
    dcvRecords: outs.dcvRecords.map(({ type, domain }: Json) => [type, domain]),
  };
}
