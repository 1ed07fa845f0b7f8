import type { Control } from "./control";

type Body = Record<string, unknown>;
type Verb = (control: Control, body: Body) => Promise<unknown>;

/** The control's methods as `POST <controlUrl>/<verb>` with a JSON object that names their parameters. */
export const verbs: Record<string, Verb> = {
  now: (control) => control.now(),
  advance: (control, body) => control.advance(body),
  tick: (control) => control.tick(),
  vetOrganization: (control, body) => control.vetOrganization(id(body, "organizationId"), body.types as never),
  approveLogo: (control, { orderId, ...decision }) => control.approveLogo(id({ orderId }, "orderId"), decision),
  verifyContact: (control, body) => control.verifyContact(id(body, "orderId")),
  vet: (control, { orderId, ...decision }) => control.vet(id({ orderId }, "orderId"), decision),
  missing: (control, body) => control.missing(id(body, "orderId")),
  rejectOrder: (control, body) => control.rejectOrder(id(body, "orderId"), body.note as never),
  misissue: (control, { orderId, ...wrong }) => control.misissue(id({ orderId }, "orderId"), wrong),
  approveRequest: (control, body) => control.approveRequest(id(body, "requestId"), body.comment as never),
  rejectRequest: (control, body) => control.rejectRequest(id(body, "requestId"), body.comment as never),
  approveDomain: (control, body) => control.approveDomain(body.domain as never),
  expireDomain: (control, body) => control.expireDomain(body.domain as never),
  expireToken: (control, body) => control.expireToken(body.domain as never),
  expireOrganization: (control, body) => control.expireOrganization(id(body, "organizationId"), body.types as never),
  putFile: (control, body) => control.putFile(text(body, "fqdn"), text(body, "content")),
  setWhois: (control, body) => control.setWhois(text(body, "domain"), body.addresses as never),
  addAccount: (control, body) => control.addAccount(body.name as never),
  addKey: (control, body) => control.addKey(body),
  addCloudflareToken: (control, body) => control.addCloudflareToken(body),
  removeKey: (control, body) => control.removeKey(text(body, "apiKey")),
  addOrganization: (control, body) => control.addOrganization(body),
  addDomain: (control, body) => control.addDomain({ ...body, name: text(body, "name") }),
  addContainer: (control, body) => control.addContainer(text(body, "name"), body.accountId as never),
  addCustomField: (control, body) => control.addCustomField({ ...body, label: text(body, "label") }),
  setProducts: (control, body) => control.setProducts(body.products as never, body.accountId as never),
  setSwitches: (control, body) => control.setSwitches(body),
  fault: (control, body) => control.fault(body as never),
  clearFaults: (control) => control.clearFaults(),
  journal: (control) => control.journal(),
  clearJournal: (control) => control.clearJournal(),
  dump: (control) => control.dump(),
};

function id(body: Body, name: string): number {
  if (!Number.isSafeInteger(body[name])) throw new Error(`${name} must be an id.`);
  return body[name] as number;
}

function text(body: Body, name: string): string {
  if (typeof body[name] !== "string") throw new Error(`${name} must be a string.`);
  return body[name];
}

export const CONTROL_PATH = "/simulator";

/** Answers `{"result": …}`, or `{"error": "…"}` with 400; undefined if the path is not a control's. */
export async function answerControl(
  control: Control,
  method: string,
  path: string,
  contentType: string,
  body: string,
): Promise<{ status: number; json: unknown } | undefined> {
  if (!path.startsWith(`${CONTROL_PATH}/`)) return undefined;
  const name = path.slice(CONTROL_PATH.length + 1);
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) return { status: 404, json: { error: `No verb ${name}. There are: ${Object.keys(verbs).join(", ")}.` } };
  // a web page in a browser cannot send JSON here without a preflight, which nothing answers
  if (method !== "POST" || (body !== "" && !contentType.startsWith("application/json"))) {
    return { status: 400, json: { error: "Use POST with Content-Type: application/json." } };
  }
  try {
    const result = await verb(control, body === "" ? {} : (JSON.parse(body) as Body));
    return { status: 200, json: { result: result ?? null } };
  } catch (error) {
    return { status: 400, json: { error: error instanceof Error ? error.message : String(error) } };
  }
}
