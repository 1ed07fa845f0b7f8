import { gunzipSync } from "node:zlib";
import type { CertCentralClient } from "./client";
import { CertCentralError } from "./errors";
import type {
  AssignedLogo,
  ContactRequest,
  OrderFilters,
  OrderInfo,
  OrderListItem,
  OrderReference,
  OrderRequest,
  OrderRequestInfo,
  OrderValidation,
  PlacedOrder,
  Product,
  Reissue,
  ReissueRequest,
} from "./orderTypes";
import {
  orderIdOf,
  orderInfo,
  orderListItem,
  orderReference,
  orderValidation,
  readAssignedLogo,
  readMark,
  readPlacedOrder,
  reissued,
  saysNone,
} from "./orderWire";
import { filterQuery, readAllPages } from "./paging";
import * as wire from "./wire";

export type { DcvMethod, DcvToken, Validation } from "./domains";
export type * from "./orderTypes";

/**
 * `POST /order/certificate/{product}`: buys. Sent once; of every failure but `notSent`, `throttled` and `refused`, only
 * {@link byAlternativeId} can tell whether an order was placed.
 */
export async function place(
  client: CertCentralClient,
  product: Product,
  body: OrderRequest,
  signal?: AbortSignal,
): Promise<PlacedOrder> {
  const answer = await client.request({
    method: "POST",
    path: `/order/certificate/${encodeURIComponent(product)}`,
    json: body,
    action: `place the ${product === "vmc_basic" ? "VMC" : "CMC"} order for ${body.certificate.dns_names.join(", ")}`,
    retry: "never",
    buys: true,
    signal,
  });
  return readPlacedOrder(answer);
}

/** `GET /order/certificate/{id}`: by order id, or by thumbprint or serial number of the primary certificate. */
export async function info(
  client: CertCentralClient,
  orderId: number | string,
  signal?: AbortSignal,
): Promise<OrderInfo> {
  const answer = await client.request({
    method: "GET",
    path: `/order/certificate/${encodeURIComponent(orderId)}`,
    action: `look up order ${orderId}`,
    retry: "read",
    signal,
  });
  const body = wire.readObject(orderInfo, answer);
  const foundId = orderIdOf(body);
  if (foundId === undefined || (typeof orderId === "number" && foundId !== orderId)) {
    throw answer.unexpected(`The answer is not about order ${orderId}`);
  }
  if (body.status === undefined) throw answer.unexpected("The answer has no status");
  const { certificate, organization } = body;
  return wire.compact({
    orderId: foundId,
    status: body.status,
    productNameId: body.product.name_id ?? body.product_name_id,
    certificate: wire.compact({
      id: certificate.id,
      thumbprint: certificate.thumbprint,
      serialNumber: certificate.serial_number,
      commonName: certificate.common_name,
      dnsNames: certificate.dns_names,
      validFrom: certificate.valid_from,
      validTill: certificate.valid_till,
      dateIssued: certificate.date_issued,
      status: certificate.status,
    }),
    organizationId: organization.id ?? certificate.organization.id,
    organizationName: organization.name,
    isRenewal: body.is_renewal ?? body.renewed_order_id !== undefined,
    renewedOrderId: body.renewed_order_id,
    isRenewed: body.is_renewed,
    dateCreated: body.date_created,
    orderValidTill: body.order_valid_till,
    requests: wire.present(body.requests),
    alternativeOrderId: body.alternative_order_id,
    dcvMethod: body.dcv_method,
    price: body.price,
    currency: body.currency,
    notes: body.notes.flatMap((note) =>
      note.text === undefined ? [] : [wire.compact({ id: note.id, text: note.text })],
    ),
    vmc: readMark(body.vmc, body),
    verification: body.verification,
    hasPendingRequest: body.has_pending_request,
  });
}

/**
 * `GET /order/alternate/{alternative id}`: every order with this alternative id that the key may see. Empty only when DigiCert says
 * so (no such order, or an empty list): an answer that names an order but not its id is an error, since a caller orders on "none".
 */
export async function byAlternativeId(
  client: CertCentralClient,
  alternativeId: string,
  signal?: AbortSignal,
): Promise<OrderReference[]> {
  let pages = 0;
  try {
    return await readAllPages(
      client,
      {
        path: `/order/alternate/${encodeURIComponent(alternativeId)}`,
        action: `look up orders with the alternative id ${alternativeId}`,
        signal,
      },
      (answer) => {
        const page = wire.readPage(orderReference, "orders", answer);
        const unreadable = page.items.length < page.count;
        const contradictory = pages === 0 && page.count === 0 && !saysNone(answer, page.total);
        if (unreadable || contradictory) throw answer.unexpected("The answer is not a list of orders");
        pages++;
        return page;
      },
      (order) => order.orderId,
    );
  } catch (error) {
    if (error instanceof CertCentralError && error.notFound) return [];
    throw error;
  }
}

/** `GET /order/certificate`: all pages. */
export function list(
  client: CertCentralClient,
  filters: OrderFilters = {},
  signal?: AbortSignal,
): Promise<OrderListItem[]> {
  return readAllPages(
    client,
    {
      path: "/order/certificate",
      query: {
        sort: filters.sort,
        ...filterQuery({
          status: filters.status,
          product_name_id: filters.productNameId,
          organization_id: filters.organizationId,
          container_id: filters.containerId,
          domain_name: filters.domainName,
          common_name: filters.commonName,
          certificate_id: filters.certificateId,
          serial_number: filters.serialNumber,
          valid_till: filters.validTill,
          date_created: filters.dateCreated,
          is_renewed: filters.isRenewed,
          search: filters.search,
        }),
      },
      action: "list the orders",
      signal,
    },
    (answer) => wire.readPage(orderListItem, "orders", answer),
    (order) => order.orderId,
  );
}

/** `GET /order/certificate/{id}/validation` */
export async function validation(
  client: CertCentralClient,
  orderId: number,
  signal?: AbortSignal,
): Promise<OrderValidation> {
  const answer = await client.request({
    method: "GET",
    path: `/order/certificate/${orderId}/validation`,
    action: `look up the validations of order ${orderId}`,
    retry: "read",
    signal,
  });
  const body = wire.readObject(orderValidation, answer);
  return wire.compact({
    orderStatus: body.order_status,
    organizationId: body.organization_id,
    organizationValidations: wire.present(body.organization_validations),
    domainValidations: body.dns_name_validations.map((domain) =>
      wire.compact({
        domainId: domain.domain_id,
        name: domain.name_scope ?? domain.name,
        status: domain.status,
        method: domain.method,
        dnsNames: domain.dns_names,
      }),
    ),
  });
}

/**
 * `GET /order/certificate/status-changes`: the orders whose status changed lately.
 * @param minutes at most 10,080 (7 days), else DigiCert refuses: `time_frame_too_long`
 */
export async function statusChanges(
  client: CertCentralClient,
  minutes: number,
  signal?: AbortSignal,
): Promise<OrderReference[]> {
  const answer = await client.request({
    method: "GET",
    path: "/order/certificate/status-changes",
    query: { minutes },
    action: `list the orders that changed in the last ${minutes} minutes`,
    retry: "read",
    signal,
  });
  return wire.readPage(orderReference, "orders", answer).items;
}

/**
 * `PUT /order/certificate/{id}/status`: cancels a pending order, or the pending reissue of an issued one.
 * @param spelling of the status, which is case-sensitive. Default: `CANCELED` as the VMC guide documents, then, if DigiCert refuses
 *   that value, `canceled` as the newer endpoint page does.
 */
export async function cancel(
  client: CertCentralClient,
  orderId: number,
  note: string,
  spelling?: "CANCELED" | "canceled",
  signal?: AbortSignal,
): Promise<void> {
  const send = (status: string) =>
    client.request({
      method: "PUT",
      path: `/order/certificate/${orderId}/status`,
      json: { status, note },
      action: `cancel order ${orderId}`,
      retry: "idempotent",
      signal,
    });
  try {
    await send(spelling ?? "CANCELED");
  } catch (error) {
    const otherSpelling = spelling === undefined && error instanceof CertCentralError && error.status === 400;
    if (!otherSpelling) throw error;
    await send("canceled").catch((second) => {
      // Of two refusals the first one is about the documented value.
      throw second instanceof CertCentralError && second.kind === "refused" ? error : second;
    });
  }
}

/** `PUT /order/certificate/{id}/vmc`: trademark data while pending (for every pending order with the same logo); hosting also later. */
export async function updateVmc(
  client: CertCentralClient,
  orderId: number,
  body: {
    trademark_country_code?: string;
    trademark_registration_number?: string;
    enable_hosting?: boolean | number | string;
  },
  signal?: AbortSignal,
): Promise<void> {
  await client.request({
    method: "PUT",
    path: `/order/certificate/${orderId}/vmc`,
    json: body,
    action: `update the mark of order ${orderId}`,
    retry: "idempotent",
    signal,
  });
}

/** `POST /order/certificate/{id}/vmc/logo`: gives a pending order the logo, in place of the one it has. */
export async function uploadLogo(
  client: CertCentralClient,
  orderId: number,
  svg: Buffer,
  signal?: AbortSignal,
): Promise<AssignedLogo> {
  const answer = await client.request({
    method: "POST",
    path: `/order/certificate/${orderId}/vmc/logo`,
    body: svg,
    contentType: "image/svg+xml",
    action: `upload the logo of order ${orderId}`,
    retry: "afterThrottling",
    signal,
  });
  return readAssignedLogo(answer);
}

/**
 * `POST /order/certificate/{id}/vmc/encoded-logo`: as {@link uploadLogo}.
 * @param logo base64(gzip(svg))
 */
export async function uploadEncodedLogo(
  client: CertCentralClient,
  orderId: number,
  logo: string,
  signal?: AbortSignal,
): Promise<AssignedLogo> {
  const answer = await client.request({
    method: "POST",
    path: `/order/certificate/${orderId}/vmc/encoded-logo`,
    json: { logo },
    action: `upload the logo of order ${orderId}`,
    retry: "afterThrottling",
    signal,
  });
  return readAssignedLogo(answer);
}

/** `GET /order/certificate/{id}/vmc/logo`: the SVG, byte for byte as DigiCert holds it. */
export async function getLogo(client: CertCentralClient, orderId: number, signal?: AbortSignal): Promise<Buffer> {
  const answer = await client.request({
    method: "GET",
    path: `/order/certificate/${orderId}/vmc/logo`,
    accept: "image/svg+xml",
    action: `download the logo of order ${orderId}`,
    retry: "read",
    signal,
  });
  if (answer.body.length === 0) throw answer.unexpected("The answer is empty");
  if (!wire.isObject(answer.json)) return answer.body;
  // A server that does not heed Accept sends the encoded form.
  const encoded = wire.readObject(wire.record({ logo: wire.text }), answer).logo;
  try {
    return gunzipSync(Buffer.from(encoded ?? "", "base64"), { maxOutputLength: 16 * 1024 * 1024 });
  } catch {
    throw answer.unexpected("The answer holds no logo");
  }
}

/** `POST /order/certificate/{id}/reissue`: a new certificate on the same order, once its domains are valid. */
export async function reissue(
  client: CertCentralClient,
  orderId: number,
  body: ReissueRequest,
  signal?: AbortSignal,
): Promise<PlacedOrder> {
  const answer = await client.request({
    method: "POST",
    path: `/order/certificate/${orderId}/reissue`,
    json: body,
    action: `reissue order ${orderId}`,
    retry: "never",
    buys: true,
    signal,
  });
  return readPlacedOrder(answer);
}

/** `GET /order/certificate/{id}/reissue`: may include the primary certificate. */
export async function listReissues(
  client: CertCentralClient,
  orderId: number,
  signal?: AbortSignal,
): Promise<Reissue[]> {
  const answer = await client.request({
    method: "GET",
    path: `/order/certificate/${orderId}/reissue`,
    action: `list the reissues of order ${orderId}`,
    retry: "read",
    signal,
  });
  return wire.readPage(reissued, "certificates", answer).items;
}

/**
 * `PUT /order/certificate/{id}/revoke`: revokes every certificate of the order.
 * @returns the request that an administrator must approve; none when `skip_approval` was granted
 */
export async function revokeOrder(
  client: CertCentralClient,
  orderId: number,
  body: { comments?: string; skip_approval?: boolean } = {},
  signal?: AbortSignal,
): Promise<OrderRequestInfo | undefined> {
  const answer = await client.request({
    method: "PUT",
    path: `/order/certificate/${orderId}/revoke`,
    json: body,
    action: `revoke order ${orderId}`,
    // A repetition would make a second request.
    retry: "afterThrottling",
    signal,
  });
  return answer.json === undefined ? undefined : wire.readObject(wire.request, answer);
}

/** `PUT /order/certificate/{id}/contact`: adds or replaces contacts of the order. */
export async function updateContacts(
  client: CertCentralClient,
  orderId: number,
  contacts: ContactRequest[],
  signal?: AbortSignal,
): Promise<void> {
  await client.request({
    method: "PUT",
    path: `/order/certificate/${orderId}/contact`,
    json: { contacts },
    action: `update the contacts of order ${orderId}`,
    retry: "idempotent",
    signal,
  });
}

/** `POST /order/certificate/{id}/custom-field` */
export async function setCustomField(
  client: CertCentralClient,
  orderId: number,
  metadataId: number,
  value: string,
  signal?: AbortSignal,
): Promise<void> {
  await client.request({
    method: "POST",
    path: `/order/certificate/${orderId}/custom-field`,
    json: { metadata_id: metadataId, value },
    action: `set custom field ${metadataId} of order ${orderId}`,
    retry: "afterThrottling",
    signal,
  });
}
