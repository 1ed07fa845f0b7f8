import type { OrderReport, OrganizationReport } from "./stackReport";

/** As people call them. */
export const products: Record<string, string> = { vmc_basic: "VMC", mark_certificate: "CMC" };

/** An order for people: a head line, and below it what there is to know, aligned. */
export function orderText(order: OrderReport): string {
  const { orderId, status, doubt } = order;
  const product = products[order.product ?? ""] ?? order.product;
  const number = orderId === undefined ? undefined : `order ${orderId}`;
  const inState =
    status === "unknown" && order.statusInState ? `unknown (${order.statusInState} in the state)` : status;
  return block(`${order.type} ${order.name}: ${[product, number, inState].filter(Boolean).join(", ")}`, [
    ["domains", order.domains.length > 0 ? [order.domains.join(", ")] : []],
    ["missing", missingLines(order.missing)],
    ["certificate", till(order.certificateValidTill)],
    ["order", till(order.orderValidTill)],
    ["renewal", renewalLines(order)],
    ["published", order.published ? [publishedLine(order.published)] : []],
    [
      "earlier",
      order.history.map((earlier) => `order ${earlier.orderId} (${earlier.status} when the next was placed)`),
    ],
    ["drift", order.drift],
    ["notes", order.notes.map((note) => `DigiCert: ${note}`)],
    ["in doubt", doubt ? [doubtLine(doubt)] : []],
    ["error", order.error ? [order.error] : []],
    ["next", order.next],
  ]);
}

/** An organization for people. */
export function organizationText({ type, name, organizationId, ...organization }: OrganizationReport): string {
  const number = organizationId === undefined ? "not made yet" : `organization ${organizationId}`;
  const validations = organization.validations.map(
    ({ type, status, validatedUntil }) =>
      `${type.toUpperCase()} ${status}${validatedUntil ? ` until ${validatedUntil.slice(0, 10)}` : ""}`,
  );
  return block(`${type} ${name}: ${number}`, [
    ["validations", validations],
    ["missing", missingLines(organization.missing)],
    ["error", organization.error ? [organization.error] : []],
    ["next", organization.next],
  ]);
}

/** A head line, and below it labels with their lines. */
export function block(head: string, rows: [label: string, lines: string[]][]): string {
  const lines = rows.flatMap(([label, values]) =>
    values.map((value, index) => `  ${(index === 0 ? label : "").padEnd(12)} ${oneLine(value)}`),
  );
  return [oneLine(head), ...lines].join("\n");
}

function missingLines(missing: OrderReport["missing"]): string[] {
  // Who reads a domain's mail takes a line by itself.
  const width = Math.max(...missing.map(({ who }) => (who.length > 12 ? 0 : who.length)));
  return missing.map(
    ({ what, who, since }) => `${who.padEnd(width)}  ${what}${since ? ` (since ${minuteOf(since)})` : ""}`,
  );
}

function till(day: string | undefined): string[] {
  return day ? [`until ${day}`] : [];
}

function renewalLines({ isRenewed, renewalDue, orderValidTill }: OrderReport): string[] {
  if (isRenewed) return ["another order renews this one"];
  return renewalDue ? [`due${orderValidTill ? `: the order ends ${orderValidTill}` : ""}`] : [];
}

function publishedLine({ orderId, validTill }: NonNullable<OrderReport["published"]>): string {
  return `the certificate of order ${orderId}${validTill ? `, until ${validTill.slice(0, 10)}` : ""}`;
}

function doubtLine({ of, since, alternativeOrderId, found }: NonNullable<OrderReport["doubt"]>): string {
  const has = found?.map(({ orderId, status }) => `order ${orderId} (${status})`).join(", ") || "no order";
  return [
    `whether DigiCert took ${of === "reissue" ? "a reissue" : "an order"}${since ? `, since ${minuteOf(since)}` : ""}`,
    ...(found ? [`DigiCert has ${has} under ${alternativeOrderId}`] : []),
  ].join("; ");
}

export function minuteOf(moment: string): string {
  return `${moment.slice(0, 16).replace("T", " ")} UTC`;
}

/** Notes are written by people; a terminal gets no control characters. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ").trimEnd();
}
