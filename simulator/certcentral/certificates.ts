import { X509Certificate } from "node:crypto";
import { ApiError, switchedError } from "./errors";
import { type Answer, type Call, ok, type Route } from "./http";
import type { Certificate } from "./state";
import type { World } from "./world";

type Issued = NonNullable<Certificate["issued"]>;

/** A certificate that was revoked can still be downloaded. */
function issuedOf(world: World, certificate: Certificate | undefined): Issued {
  if (!certificate?.issued) {
    throw switchedError(world.switches.downloadBeforeIssueError, "The certificate is not issued.");
  }
  return certificate.issued;
}

/** PEM with the CRLF line ends that DigiCert writes. */
const pem = (...parts: string[]) => `${parts.map((part) => part.trim().replace(/\r?\n/g, "\r\n")).join("\r\n")}\r\n`;

const FORMATS: Record<string, (issued: Issued) => string> = {
  pem_all: ({ leafPem, intermediatePem, rootPem }) => pem(leafPem, intermediatePem, rootPem),
  pem_noroot: ({ leafPem, intermediatePem }) => pem(leafPem, intermediatePem),
  pem_nointermediate: ({ leafPem }) => pem(leafPem),
  pem: ({ leafPem }) => pem(leafPem),
  crt: ({ leafPem }) => pem(leafPem),
  cer: ({ leafPem }) => pem(leafPem),
};
const DEFAULT_FORMAT = "pem_all";
/** LEM and others ask for platform 29, which is pem_all. */
const PLATFORMS: Record<string, string> = { "29": "pem_all", "-1": "pem_all" };

function download(world: World, certificate: Certificate | undefined, format: string): Answer {
  const write = FORMATS[format];
  if (!write) throw new ApiError(400, "invalid_format", `There is no format ${format}.`);
  return { status: 200, body: write(issuedOf(world, certificate)), contentType: "application/x-pem-file" };
}

/** Of an order, the active certificate: no past reissues. */
function ofOrder({ world, key, params }: Call): Certificate | undefined {
  const order = world.order(key, params[0]!);
  return world.state.certificates.find(({ id }) => id === order.certificateId);
}

const one = ({ world, key, params }: Call) => world.certificate(key, params[0]!);

function chain(call: Call): Answer {
  const issued = issuedOf(call.world, one(call));
  const entry = (text: string) => ({
    subject_common_name: /^CN=(.*)$/m.exec(new X509Certificate(text).subject)?.[1],
    pem: pem(text),
  });
  return ok({ intermediates: [issued.leafPem, issued.intermediatePem, issued.rootPem].map(entry) });
}

export const certificateRoutes: Route[] = [
  {
    method: "GET",
    path: "/certificate/{id}/download/format/{format}",
    access: "read",
    handle: (call) => download(call.world, one(call), call.params[1]!),
  },
  {
    method: "GET",
    path: "/certificate/{id}/download/platform",
    access: "read",
    handle: (call) => download(call.world, one(call), DEFAULT_FORMAT),
  },
  {
    method: "GET",
    path: "/certificate/{id}/download/platform/{platform_id}",
    access: "read",
    handle: (call) => download(call.world, one(call), PLATFORMS[call.params[1]!] ?? `platform ${call.params[1]}`),
  },
  {
    method: "GET",
    path: "/certificate/download/order/{order_id}/format/{format}",
    access: "read",
    handle: (call) => download(call.world, ofOrder(call), call.params[1]!),
  },
  {
    method: "GET",
    path: "/certificate/download/order/{order_id}",
    access: "read",
    handle: (call) => download(call.world, ofOrder(call), DEFAULT_FORMAT),
  },
  { method: "GET", path: "/certificate/{id}/chain", access: "read", handle: chain },
];
