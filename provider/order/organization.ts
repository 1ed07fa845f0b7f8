import type { OrganizationInfo } from "../certcentral/organizations";
import type { OrderInputs } from "./inputs";

const parts = ["name", "assumedName", "country", "address", "address2", "city", "state", "zip"] as const;

/** The details that say something else than DigiCert has; spelling, and what DigiCert does not tell, is no difference. */
export function otherDetails(ours: OrderInputs["organization"], theirs: OrganizationInfo): (typeof parts)[number][] {
  return parts.filter((part) => !isSame(ours[part], theirs[part]));
}

function isSame(ours: string | undefined, theirs: string | undefined): boolean {
  return ours === undefined || theirs === undefined || ours.trim().toLowerCase() === theirs.trim().toLowerCase();
}
