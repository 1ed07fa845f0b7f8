import type { Answer, CertCentralClient } from "./client";
import type { OrderRequestInfo } from "./orderTypes";
import * as wire from "./wire";

/** PEM formats: leaf, intermediate and root; without the root; the leaf alone. */
export type PemFormat = "pem_all" | "pem_noroot" | "pem_nointermediate";

/** A certificate of a chain. */
export interface ChainCertificate {
  commonName?: string;
  pem: string;
}

/**
 * `GET /certificate/{id}/download/format/{format}`: the PEM text as sent, CRLF included. DigiCert has been seen to send another
 * certificate of the same order: compare the serial number or thumbprint with the order's.
 */
export async function download(
  client: CertCentralClient,
  certificateId: number,
  format: PemFormat = "pem_all",
  signal?: AbortSignal,
): Promise<string> {
  const answer = await client.request({
    method: "GET",
    path: `/certificate/${certificateId}/download/format/${format}`,
    accept: "*/*",
    action: `download certificate ${certificateId}`,
    retry: "read",
    signal,
  });
  return readPem(answer);
}

/** `GET /certificate/download/order/{id}/format/{format}`: as {@link download}, the order's active certificate. */
export async function downloadOfOrder(
  client: CertCentralClient,
  orderId: number,
  format: PemFormat = "pem_all",
  signal?: AbortSignal,
): Promise<string> {
  const answer = await client.request({
    method: "GET",
    path: `/certificate/download/order/${orderId}/format/${format}`,
    accept: "*/*",
    action: `download the certificate of order ${orderId}`,
    retry: "read",
    signal,
  });
  return readPem(answer);
}

/** `GET /certificate/{id}/chain`: the leaf first. */
export async function chain(
  client: CertCentralClient,
  certificateId: number,
  signal?: AbortSignal,
): Promise<ChainCertificate[]> {
  const answer = await client.request({
    method: "GET",
    path: `/certificate/${certificateId}/chain`,
    action: `download the chain of certificate ${certificateId}`,
    retry: "read",
    signal,
  });
  const { intermediates } = wire.readObject(
    wire.record({ intermediates: wire.list(wire.record({ subject_common_name: wire.text, pem: wire.text })) }),
    answer,
  );
  return intermediates.flatMap(({ subject_common_name, pem }) =>
    pem === undefined ? [] : [wire.compact({ commonName: subject_common_name, pem })],
  );
}

/**
 * `PUT /certificate/{id}/revoke`: revokes one certificate; the order stays.
 * @returns the request that an administrator must approve; none when `skip_approval` was granted
 */
export async function revoke(
  client: CertCentralClient,
  certificateId: number,
  body: { comments?: string; skip_approval?: boolean } = {},
  signal?: AbortSignal,
): Promise<OrderRequestInfo | undefined> {
  const answer = await client.request({
    method: "PUT",
    path: `/certificate/${certificateId}/revoke`,
    json: body,
    action: `revoke certificate ${certificateId}`,
    // A repetition would make a second request.
    retry: "afterThrottling",
    signal,
  });
  return answer.json === undefined ? undefined : wire.readObject(wire.request, answer);
}

function readPem(answer: Answer): string {
  const complete =
    answer.text.match(/-----BEGIN CERTIFICATE-----\s+[A-Za-z0-9+/=][A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g) ?? [];
  const begun = answer.text.match(/-----BEGIN /g) ?? [];
  if (complete.length === 0 || complete.length !== begun.length) {
    throw answer.unexpected("The answer is not a bundle of PEM certificates");
  }
  return answer.text;
}
