import type { CertCentralClient } from "./client";
import { CertCentralError } from "./errors";

/**
 * `PUT /util/validate-vmc-logo`: asks DigiCert whether the SVG has the format of a mark certificate's logo. Needs no key and sends
 * none.
 * @throws CertCentralError of kind `refused` with line and column of what is wrong
 */
export async function validate(client: CertCentralClient, svg: Buffer, signal?: AbortSignal): Promise<void> {
  const send = (contentType: string) =>
    client.request({
      method: "PUT",
      path: "/util/validate-vmc-logo",
      body: svg,
      contentType,
      auth: false,
      action: "validate the logo",
      retry: "idempotent",
      signal,
    });
  const [likely, other] = hasXmlDeclaration(svg) ? ["image/svg+xml", "image/svg"] : ["image/svg", "image/svg+xml"];
  try {
    await send(likely as string);
  } catch (error) {
    if (!(error instanceof CertCentralError && error.codes.includes("mime_type_mismatch"))) throw error;
    await send(other as string);
  }
}

/**
 * `PUT /util/validate-vmc-encoded-logo`: as {@link validate}.
 * @param logo base64(gzip(svg))
 */
export async function validateEncoded(client: CertCentralClient, logo: string, signal?: AbortSignal): Promise<void> {
  await client.request({
    method: "PUT",
    path: "/util/validate-vmc-encoded-logo",
    json: { logo },
    auth: false,
    action: "validate the logo",
    retry: "idempotent",
    signal,
  });
}

function hasXmlDeclaration(svg: Buffer): boolean {
  return /^\uFEFF?<\?xml\s/.test(svg.toString("utf8", 0, 64));
}
