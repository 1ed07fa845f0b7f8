import * as pulumi from "@pulumi/pulumi";
import * as bimi from "pulumi-bimi";

const config = new pulumi.Config();
const domain = config.require("domain");

// The organization of the CertCentral account whose registered mark it is.
const acme = new bimi.OrgValidation("acme", {
  organizationId: config.requireNumber("organizationId"),
  validations: ["ev"],
  verifiedUsers: [
    {
      firstName: "Ada",
      lastName: "Approver",
      jobTitle: "Head of Brand",
      telephone: "+1 555 0100",
      email: `ada.approver@${domain}`,
    },
  ],
});

// Placed once. DigiCert's people then vet for days; a later `pulumi up` goes on.
const order = new bimi.VmcOrder(
  "logo",
  {
    dnsNames: [domain],
    organization: {
      id: acme.organizationId,
      contacts: [
        {
          contactType: "verified_contact",
          firstName: "Ada",
          lastName: "Approver",
          jobTitle: "Head of Brand",
          telephone: "+1 555 0100",
          email: `ada.approver@${domain}`,
        },
      ],
    },
    logo: "logo.svg",
    trademark: { countryCode: "us", registrationNumber: "A1234-B1234" },
    dcvMethod: "dns-txt-token",
  },
  // Destroying it needs `pulumi state unprotect` first.
  { protect: true },
);

// Proves control of the domain, and publishes default._bimi with the pair once the certificate is issued.
const published = new bimi.CloudflareBimi(domain, {
  order,
  zones: { [domain]: config.require("zoneId") },
  logoUrl: `https://${domain}/logo-1.svg`,
  certificateUrl: `https://${domain}/logo-1.pem`,
});

export const orderId = order.orderId;
export const status = published.certificate.status;
export const missing = published.certificate.missing;
export const validTill = published.certificate.validTill;
