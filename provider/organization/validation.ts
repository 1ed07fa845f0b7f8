import { organizations } from "../certcentral";
import type { Validation } from "../certcentral/organizations";
import { BimiError, type Context } from "../context";
import { prune } from "../order/request";
import { day } from "../time";

/** A validation that ends sooner is submitted again; one submission per window, since each makes DigiCert phone people. */
export const renewal = 30 * day;
/** Types for which DigiCert needs to know whom it verifies. */
const needVerifiedUsers = ["ev", "cs", "ev_cs"];

interface Person {
  userId?: number | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
  jobTitle?: string | undefined;
  telephone?: string | undefined;
  email?: string | undefined;
}

export interface WantedValidation {
  validations: readonly string[];
  verifiedUsers?: readonly Person[] | undefined;
}

/** What has to be submitted now. */
export interface Submission {
  /** Types that are missing, expired or about to end. */
  types: string[];
  /** Missing or expired, but nobody is named whom DigiCert could verify. */
  blocked: string[];
  /** Still in force and about to end, but nobody is named. */
  ending: Validation[];
}

export function planSubmission(
  now: Date,
  details: readonly Validation[],
  { validations, verifiedUsers }: WantedValidation,
  submittedAt: Readonly<Record<string, string>> = {},
): Submission {
  const due = [...new Set(validations)].filter((type) => {
    const last = submittedAt[type];
    if (last !== undefined && now.getTime() - Date.parse(last) < renewal) return false;
    const known = details.find((detail) => detail.type === type);
    if (!known || known.status === "expired") return true;
    return known.status !== "pending" && endsSoon(now, known.validatedUntil);
  });
  const nobody = due.filter((type) => needVerifiedUsers.includes(type) && !verifiedUsers?.length);
  const ending = details.filter(({ type, status }) => nobody.includes(type) && status !== "expired");
  return {
    types: due.filter((type) => !nobody.includes(type)),
    blocked: nobody.filter((type) => !ending.some((detail) => detail.type === type)),
    ending,
  };
}

export function endsSoon(now: Date, validatedUntil: string | undefined): boolean {
  return validatedUntil !== undefined && Date.parse(validatedUntil) - now.getTime() < renewal;
}

/** Says to the resource's row what is not submitted for lack of people, while there is time. */
export function warnOfEnding(ctx: Context, title: string, { ending }: Submission, urn: string | undefined): void {
  for (const { type, validatedUntil } of ending) {
    ctx.warnOnce(
      `${title}: its ${type} validation ends ${validatedUntil}. It is not submitted again, since DigiCert must know whom to verify: give verifiedUsers.`,
      urn,
    );
  }
}

export function noVerifiedUsers(what: string, types: readonly string[]): BimiError {
  return new BimiError(
    "no_verified_users",
    `${what} has to be submitted for ${types.join(", ")} validation, and DigiCert must know whom to verify. Give verifiedUsers.`,
  );
}

/** `POST /organization/{id}/validation` */
export function submit(
  ctx: Context,
  organizationId: number,
  types: readonly string[],
  verifiedUsers: WantedValidation["verifiedUsers"],
): Promise<void> {
  const users = verifiedUsers?.map(({ userId, firstName, lastName, jobTitle, telephone, email }) =>
    userId !== undefined
      ? { id: userId }
      : prune({ first_name: firstName, last_name: lastName, job_title: jobTitle, telephone, email }),
  );
  return organizations.submitValidation(ctx.client, organizationId, {
    validations: types.map((type) =>
      prune({ type, verified_users: needVerifiedUsers.includes(type) ? users : undefined }),
    ),
  });
}

/** An organization and its wanted validations, as outputs. */
export function summary(now: Date, isActive: boolean, details: readonly Validation[], wanted: readonly string[]) {
  const of = details.filter(({ type }) => wanted.includes(type));
  return {
    validationDetails: of.map(({ type, status, validatedUntil, verifiedUsers }) =>
      prune({
        type,
        status,
        validatedUntil,
        verifiedUsers: verifiedUsers.length > 0 ? verifiedUsers.map((user) => prune({ ...user })) : undefined,
      }),
    ),
    isActive,
    valid:
      isActive &&
      wanted.length > 0 &&
      wanted.every((type) => of.some((detail) => detail.type === type && detail.status === "active")),
    __seenAt: now.toISOString(),
  };
}

/** What an update takes up: the rest of the summary is when it was seen, and names. */
export function factsOf({
  validationDetails,
}: {
  validationDetails: readonly { type: string; status: string; validatedUntil?: string | undefined }[];
}): string {
  return JSON.stringify(
    validationDetails.map(({ type, status, validatedUntil }) => [type, status, validatedUntil]).sort(),
  );
}

/** Says to the resource's row what will be submitted, or why it cannot be. */
export function sayPlan(ctx: Context, title: string, plan: Submission, urn: string | undefined): void {
  if (plan.types.length > 0) ctx.sayOnce(`${title}: will be submitted for ${plan.types.join(", ")} validation`, urn);
  if (plan.blocked.length > 0)
    ctx.warnOnce(`${noVerifiedUsers(title, plan.blocked).message} Until then \`pulumi up\` fails here.`, urn);
  warnOfEnding(ctx, title, plan, urn);
}
