import { createHash } from "node:crypto";

export { trademark as registeredWire } from "../../simulator/certcentral";

/** People and a trademark, as programs and as DigiCert spell them. */
export const person = { firstName: "Ada", lastName: "Byron", email: "ada@example.com" };
export const personWire = { first_name: "Ada", last_name: "Byron", email: "ada@example.com" };
export const approver = { contactType: "verified_contact", ...person, jobTitle: "CMO", telephone: "801-555-0100" };
export const registered = { countryCode: "us", registrationNumber: "A1234-B1234" };

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
