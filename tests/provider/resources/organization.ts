import type { Props } from "../../../provider/lifecycle";

/** People to verify. */
export const users = [
  {
    firstName: "Ada",
    lastName: "Byron",
    jobTitle: "CMO",
    telephone: "801-555-0100",
    email: "ada@example.com",
  },
];
/** A contact. */
export const gia = {
  firstName: "Gia",
  lastName: "Booth",
  jobTitle: "Brand Manager",
  telephone: "666-186-6450",
  email: "gia.booth@example.com",
};

/** An organization of the account, and the validation it needs. */
export const validated = (organizationId: number, changes: Props = {}): Props => ({
  organizationId,
  validations: ["ev"],
  verifiedUsers: users,
  ...changes,
});

/** What an organization is; `control.addOrganization()` makes one that matches. */
export const company = {
  name: "Epigyne Unwieldiness llc",
  country: "us",
  address: "932 Prospect Street",
  city: "Minneapolis",
  state: "Minnesota",
  zip: "40849",
  telephone: "666-186-6450",
};

/** An organization by its details, and the validation it needs. */
export const details = (changes: Props = {}): Props => ({
  ...company,
  organizationContact: gia,
  validations: ["ev"],
  verifiedUsers: users,
  ...changes,
});
