/** A resource with wrong inputs, and what a preview must say of each. */
export interface BadInputs {
  type: "VmcOrder" | "CmcOrder" | "OrgValidation" | "MarkCertificate" | "CloudflareBimi";
  /** Over the inputs of a good one, as JavaScript. */
  inputs: string;
  /** Per wrong input: the property, its value unless it is personal, and the remedy; all in one line of the output. */
  says: Record<string, RegExp[]>;
}

/** Inputs that do not hide each other are wrong together, since every preview takes seconds. */
export const badInputs: BadInputs[] = [
  {
    type: "VmcOrder",
    inputs: `
      dnsNames: ["*.example.com", "192.0.2.1", "a_b.example.com"],
      years: 4,
      organization: { id: 1, name: "Acme", contacts: [{ contactType: "verified_contact", firstName: "Ada" }] },
      dcvEmails: [{ dnsName: "example.com", email: "admin@example.com" }],
      paymentMethod: "card",
      renewalOfOrderId: 5, renewedThumbprint: "0".repeat(40),
      logo: "bad.svg",
      alternativeOrderId: "a".repeat(64),
      comment: "typo",`,
    says: {
      "a wildcard": [/property dnsNames .*"\*\.example\.com"/, /wildcard/, /List each domain/],
      "an IP address": [/property dnsNames .*"192\.0\.2\.1"/, /IP address/, /Give the domain/],
      "a name with _": [/property dnsNames .*"a_b\.example\.com"/, /"_"/, /Give the mail domain itself/],
      "4 years": [/property years value \{4\}/, /must be 1, 2 or 3/],
      "organization id and details": [/organization\.id: give either id or .*\(name\), not both/],
      "a contact that lacks fields": [
        /organization\.contacts\[0\]: lacks lastName, jobTitle, telephone, email/,
        /userId/,
      ],
      "dcvEmails with another method": [
        /dcvEmails/,
        /not with "dns-txt-token"/,
        /Remove dcvEmails or change dcvMethod/,
      ],
      "card payment without a card": [/creditCard/, /creditCard: \{ fromEnv: "NAME" \}/],
      "both renewal keys": [/property renewedThumbprint/, /give renewalOfOrderId or renewedThumbprint, not both/],
      "a logo that is not XML": [
        /property logo value \{bad\.svg\}/,
        /line 1, column 9/,
        /cannot be read as XML/,
        /repair it/,
      ],
      "an alternative id that is too long": [/property alternativeOrderId value \{a+\}/, /at most 63 characters/],
      "a typo": [/comment: there is no such input; did you mean comments\?/],
    },
  },
  {
    type: "CmcOrder",
    inputs: `
      dnsNames: [],
      years: 0,
      organization: {},
      dcvMethod: "email",
      dcvEmails: [{ dnsName: "example.com", email: "admin@example.org" }],
      paymentMethod: "card",
      creditCard: { number: "4111111111111111", expirationMonth: 1, expirationYear: 2030, cvv: "7371", cardholderName: "A" },
      logo: "gone.svg",
      alternativeOrderId: "acme-logo",
      trademark: { countryCode: "us", registrationNumber: "1" },`,
    says: {
      "no dns name": [/property dnsNames value \{\[\]\}/, /at least one domain, such as example\.com/],
      "0 years": [/property years value \{0\}/, /must be 1, 2 or 3/],
      "neither organization id nor details": [/organization\.id: give id, .* or its details: name, country, address/],
      "a card in the program": [/creditCard: a card must be in no program/, /fromEnv/],
      "a logo that is missing": [/property logo value \{gone\.svg\}/, /does not exist/, /relative to the project/],
      "an alternative id with a dash": [/property alternativeOrderId value \{acme-logo\}/, /letters and digits only/],
      "a trademark of a CMC": [/trademark: there is no such input/],
    },
  },
  {
    type: "VmcOrder",
    inputs: `
      dnsNames: undefined,
      organization: { name: "Acme" },
      logo: undefined,
      dcvMethod: "dns",`,
    says: {
      "dnsNames left out": [/property dnsNames/, /is required/],
      "half of the organization's details": [/organization\.country: is required/, /or give id/],
      "a trademark without a logo": [/property trademark/, /needs a logo/, /Add logo/],
      "a method that does not exist": [
        /property dcvMethod value \{dns\}/,
        /must be one of email, dns-cname-token, dns-txt-token/,
      ],
    },
  },
  {
    type: "CmcOrder",
    inputs: `
      years: undefined,
      dcvMethod: "email",
      dcvEmails: [
        { dnsName: "example.com", email: "admin@example.org" },
        { dnsName: "example.net", email: "admin@example.net" },
      ],`,
    says: {
      "no years of a CMC": [/property years/, /is required/],
      "an address of somebody else": [/dcvEmails\[0\]\.email/, /postmaster@example\.com/],
      "an address for a domain that is not ordered": [/dcvEmails\[1\]\.dnsName: "example\.net"/, /Name one of them/],
    },
  },
  {
    type: "OrgValidation",
    inputs: 'name: "Acme", validations: ["dv"], verifiedUsers: [{ firstName: "Ada" }], organisationContact: {},',
    says: {
      "id and details": [/property organizationId value \{1\}/, /\(name\), not both/],
      "a validation that does not exist": [/property validations/, /must be one of ov, ev/],
      "a verified user that lacks fields": [/verifiedUsers\[0\]: lacks lastName/, /userId/],
      "a typo": [/organisationContact/, /did you mean organizationContact\?/],
    },
  },
  {
    type: "MarkCertificate",
    inputs:
      'logoUrl: "http://example.com/l.svg", certificateUrl: "https://localhost/c.pem", wait: "forever", waitMinutes: 0,',
    says: {
      "a URL that is not https": [/property logoUrl value \{http:\/\/example\.com\/l\.svg\}/, /starts with https/],
      "a URL that nobody can fetch": [
        /property certificateUrl value \{https:\/\/localhost\/c\.pem\}/,
        /host name|Host the file/i,
      ],
      "a wait that does not exist": [/property wait value \{forever\}/, /none, dcv, issuance/],
      "a wait of no time": [/property waitMinutes value \{0\}/, /1 to 1440/],
    },
  },
  {
    type: "CloudflareBimi",
    inputs: 'zones: { "example.org": "1" },',
    says: { "a domain without a zone": [/no zone for example\.com/, /example\.org/, /Add the Cloudflare zone/] },
  },
];

/** A program whose resource `subject` has the wrong inputs. */
export function programWith({ type, inputs }: BadInputs): string {
  const order = type === "CmcOrder" ? "CmcOrder" : "VmcOrder";
  const ofOrder = type === order ? inputs : "";
  const ofOther = {
    OrgValidation: `new bimi.OrgValidation("subject", { organizationId: 1, validations: ["ev"], ${inputs} });`,
    MarkCertificate: `new bimi.MarkCertificate("subject", { order, ${inputs} });`,
    CloudflareBimi: `new bimi.CloudflareBimi("subject", { order, zones: { "example.com": "1" }, ${inputs} });`,
    VmcOrder: "",
    CmcOrder: "",
  };
  return `
const bimi = require("pulumi-bimi");
const order = new bimi.${order}("${ofOrder ? "subject" : "order"}", {
  dnsNames: ["example.com"], organization: { id: 1 }, logo: "logo.svg", dcvMethod: "dns-txt-token",
  ${order === "CmcOrder" ? "years: 1" : 'trademark: { countryCode: "us", registrationNumber: "A1234-B1234" }'},
  ${ofOrder}
});
${ofOther[type]}
`;
}
