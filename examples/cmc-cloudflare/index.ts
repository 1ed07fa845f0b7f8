import * as pulumi from "@pulumi/pulumi";
import * as bimi from "pulumi-bimi";

const config = new pulumi.Config();
const [first, second] = config.requireObject<[string, string]>("domains");

// A three-year plan: DigiCert reissues the certificate about once a year, within one order.
const order = new bimi.CmcOrder(
  "logo",
  {
    dnsNames: [first, second],
    organization: { id: config.requireNumber("organizationId") },
    logo: "logo.svg",
    years: 3,
    dcvMethod: "dns-cname-token",
    // DigiCert serves the logo and the certificate, so no URLs are needed below.
    enableHosting: true,
  },
  // Destroying it needs `pulumi state unprotect` first.
  { protect: true },
);

const published = new bimi.CloudflareBimi("brand", {
  order,
  zones: config.requireObject<Record<string, string>>("zones"),
});

export const orderId = order.orderId;
export const orderValidTill = order.orderValidTill;
export const status = published.certificate.status;
export const missing = published.certificate.missing;
export const pairs = published.certificate.published;
