/** The shapes in which DigiCert answers about orders, and how they are read. Private to the client. */
import type { Answer } from "./client";
import type { AssignedLogo, OrderListItem, OrderMark, OrderReference, PlacedOrder, Reissue } from "./orderTypes";
import * as wire from "./wire";

export const mark = {
  logo_id: wire.id,
  logo: wire.text,
  enable_hosting: wire.flag,
  hosted_logo_location: wire.text,
  hosted_cert_location: wire.text,
  mark_type: wire.text,
  mark_type_data: wire.record({ country_code: wire.text, registration_number: wire.text }),
  trademark_country_code: wire.text,
  trademark_registration_number: wire.text,
};

const markSchema = wire.record(mark);
type WireMark = ReturnType<(typeof markSchema)["parse"]>;

/** Order ids under every name that answers have used: losing one would mean to look for a paid order by hand. */
const anyOrderId = { id: wire.id, order_id: wire.id, order: wire.record({ id: wire.id, order_id: wire.id }) };

const placedOrder = wire.record({
  ...anyOrderId,
  certificate_id: wire.id,
  certificate: wire.record({ id: wire.id }),
  domains: wire.list(wire.orderDomain),
  requests: wire.list(wire.request),
  vmc: wire.record({ logo_id: wire.id }),
  logo_id: wire.id,
  dcv_random_value: wire.text,
});

export const orderInfo = wire.record({
  ...anyOrderId,
  ...mark,
  status: wire.text,
  product: wire.record({ name_id: wire.text }),
  product_name_id: wire.text,
  certificate: wire.record({
    id: wire.id,
    thumbprint: wire.text,
    serial_number: wire.text,
    common_name: wire.text,
    dns_names: wire.texts,
    valid_from: wire.text,
    valid_till: wire.text,
    date_issued: wire.moment,
    organization: wire.record({ id: wire.id }),
    status: wire.text,
  }),
  organization: wire.record({ id: wire.id, name: wire.text }),
  is_renewal: wire.flag,
  renewed_order_id: wire.id,
  is_renewed: wire.flag,
  date_created: wire.moment,
  order_valid_till: wire.text,
  requests: wire.list(wire.request),
  alternative_order_id: wire.text,
  dcv_method: wire.text,
  price: wire.amount,
  currency: wire.text,
  notes: wire.list(wire.record({ id: wire.id, text: wire.text })),
  vmc: markSchema,
  verification: wire.textMap,
  has_pending_request: wire.flag,
});

export const orderReference = wire
  .record({ ...anyOrderId, certificate_id: wire.id, status: wire.text })
  .transform((body): OrderReference | undefined => {
    const orderId = body.order_id ?? body.id;
    if (orderId === undefined) return undefined;
    return wire.compact({ orderId, certificateId: body.certificate_id, status: body.status ?? "unknown" });
  });

export const orderListItem = wire
  .record({
    id: wire.id,
    order_id: wire.id,
    status: wire.text,
    certificate: wire.record({
      id: wire.id,
      common_name: wire.text,
      dns_names: wire.texts,
      valid_till: wire.text,
    }),
    organization: wire.record({ id: wire.id, name: wire.text }),
    product: wire.record({ name_id: wire.text }),
    product_name_id: wire.text,
    date_created: wire.moment,
    is_renewed: wire.flag,
  })
  .transform((body): OrderListItem | undefined => {
    const orderId = body.id ?? body.order_id;
    if (orderId === undefined) return undefined;
    return wire.compact({
      orderId,
      status: body.status ?? "unknown",
      productNameId: body.product.name_id ?? body.product_name_id,
      commonName: body.certificate.common_name,
      dnsNames: body.certificate.dns_names,
      organizationId: body.organization.id,
      organizationName: body.organization.name,
      dateCreated: body.date_created,
      validTill: body.certificate.valid_till,
      certificateId: body.certificate.id,
      isRenewed: body.is_renewed,
    });
  });

export const orderValidation = wire.record({
  order_status: wire.text,
  organization_id: wire.id,
  organization_validations: wire.list(wire.validation),
  dns_name_validations: wire.list(
    wire.record({
      domain_id: wire.id,
      name_scope: wire.text,
      name: wire.text,
      status: wire.text,
      method: wire.text,
      dns_names: wire.texts,
    }),
  ),
});

const assignedLogo = wire.record({
  id: wire.id,
  logo_id: wire.id,
  organization_id: wire.id,
  trademark_country_code: wire.text,
  trademark_registration_number: wire.text,
});

export const reissued = wire
  .record({
    id: wire.id,
    status: wire.text,
    thumbprint: wire.text,
    serial_number: wire.text,
    common_name: wire.text,
    dns_names: wire.texts,
    date_created: wire.moment,
    date_issued: wire.moment,
    valid_till: wire.text,
  })
  .transform((body): Reissue | undefined => {
    if (body.id === undefined) return undefined;
    return wire.compact({
      certificateId: body.id,
      status: body.status,
      thumbprint: body.thumbprint,
      serialNumber: body.serial_number,
      commonName: body.common_name,
      dnsNames: body.dns_names,
      dateCreated: body.date_created,
      dateIssued: body.date_issued,
      validTill: body.valid_till,
    });
  });

type AnyOrderId = {
  id: number | undefined;
  order_id: number | undefined;
  order: { id: number | undefined; order_id: number | undefined };
};

export function orderIdOf(body: AnyOrderId): number | undefined {
  return body.id ?? body.order_id ?? body.order.id ?? body.order.order_id;
}

export function readPlacedOrder(answer: Answer): PlacedOrder {
  const body = wire.readObject(placedOrder, answer);
  const orderId = orderIdOf(body);
  if (orderId === undefined) throw answer.unexpected("The answer has no order id");
  return wire.compact({
    orderId,
    certificateId: body.certificate_id ?? body.certificate.id,
    domains: wire.present(body.domains),
    requests: wire.present(body.requests),
    logoId: body.vmc.logo_id ?? body.logo_id,
    dcvRandomValue: body.dcv_random_value,
  });
}

/** The mark's properties stand in `vmc`, at the root, or (newer) the trademark's in `mark_type_data`. */
export function readMark(inner: WireMark, root: WireMark): OrderMark {
  return wire.compact({
    logoId: inner.logo_id ?? root.logo_id,
    logo: inner.logo ?? root.logo,
    enableHosting: inner.enable_hosting ?? root.enable_hosting,
    hostedLogoLocation: inner.hosted_logo_location ?? root.hosted_logo_location,
    hostedCertLocation: inner.hosted_cert_location ?? root.hosted_cert_location,
    markType: inner.mark_type ?? root.mark_type,
    trademarkCountryCode:
      inner.trademark_country_code ??
      inner.mark_type_data.country_code ??
      root.trademark_country_code ??
      root.mark_type_data.country_code,
    trademarkRegistrationNumber:
      inner.trademark_registration_number ??
      inner.mark_type_data.registration_number ??
      root.trademark_registration_number ??
      root.mark_type_data.registration_number,
  });
}

/** Whether an answer without readable entries is DigiCert's way to say "none": `{}`, `{"orders": []}`, or the like. */
export function saysNone(answer: Answer, total: number | undefined): boolean {
  if (Array.isArray(answer.json)) return answer.json.length === 0;
  if (!wire.isObject(answer.json) || (total ?? 0) > 0) return false;
  const { orders, page: _page, ...others } = answer.json;
  const empty = orders === undefined || orders === null || typeof orders === "object";
  return empty && Object.keys(others).length === 0;
}

export function readAssignedLogo(answer: Answer): AssignedLogo {
  const body = wire.readObject(assignedLogo, answer);
  const logoId = body.id ?? body.logo_id;
  if (logoId === undefined) throw answer.unexpected("The answer has no logo id");
  return wire.compact({
    logoId,
    organizationId: body.organization_id,
    trademarkCountryCode: body.trademark_country_code,
    trademarkRegistrationNumber: body.trademark_registration_number,
  });
}
