import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { organizations } from "../certcentral";
import type { OrganizationInfo } from "../certcentral/organizations";
import { agreedWith, type ChangeTable, changed } from "../changes";
import { checkInputs, failure, failuresOf } from "../check";
import { BimiError, type Context } from "../context";
import { isDoubtful, lookFor } from "../doubt";
import { contact, contactProblems, id, organizationDetails, organizationProblems, person, text } from "../inputs";
import { type Failure, type Lifecycle, PartialStateError, type Props } from "../lifecycle";
import { personRequest, prune } from "../order/request";
import { assertAgreed, canonicalDetails, isSamePerson, titleOf, warnOfDifferences } from "../organization/details";
import { removeOrganization } from "../organization/remove";
import {
  assertActive,
  chooseOrganization,
  type Doubt,
  DoubtfulOrganizationError,
  ensureOrganization,
  inactive,
  visibleOrganization,
} from "../organization/take";
import {
  endsSoon,
  factsOf,
  noVerifiedUsers,
  planSubmission,
  sayPlan,
  submit,
  summary,
  warnOfEnding,
} from "../organization/validation";
import { type Args, BimiResource, type Outs } from "../resource";
import { hour } from "../time";
import { containsUnknown } from "../unknown";

const validationTypes = ["ov", "ev", "cs", "ev_cs", "ds", "smime"] as const;

export const orgValidationInputs = z.strictObject({
  /** Id of an organization of the CertCentral account. Either this, or the details of the organization. */
  organizationId: id.optional(),
  ...organizationDetails,
  /**
   * Create the organization even if the account already has one that matches. Only an organization with every detail and
   * contact of the inputs that was never validated is taken all the same: an earlier run made it and was killed before it
   * could write the state. Holds when the organization is made. Default: false.
   */
  skipDuplicateOrgCheck: z.boolean().optional(),
  /**
   * Contact of the organization, edited in place (`PUT /organization/{id}/contact`). DigiCert cannot take one away: without
   * this input the one that it has stays.
   */
  organizationContact: person.optional(),
  /** Technical contact of the organization, edited in place. Without this input the one that DigiCert has stays. */
  technicalContact: person.optional(),
  /**
   * Further contacts of a new organization, such as its verified contact. Hold when the organization is made; add them to
   * one that exists in CertCentral, or with an order (`organization.contacts`).
   */
  contacts: z.array(contact).optional(),
  /** Validations the organization needs: `ov`, `ev` (what mark certificates need), `cs`, `ev_cs`, `ds`, `smime`. */
  validations: z
    .array(z.enum(validationTypes, { error: `must be one of ${validationTypes.join(", ")}.` }))
    .min(1, 'must name at least one validation; mark certificates need "ev".'),
  /**
   * People whom DigiCert verifies for `ev`, `cs` and `ev_cs`. Needed only when a validation has to be submitted, which
   * makes DigiCert phone people: when it is missing, expired or ends within 30 days, and at most once in 30 days. A change
   * holds for the next submission.
   */
  verifiedUsers: z
    .array(
      z.strictObject({
        /** Id of a user of the account. Without it the person's data below are all required. */
        userId: id.optional(),
        /** Given name. */
        firstName: text.optional(),
        /** Family name. */
        lastName: text.optional(),
        /** Job title. */
        jobTitle: text.optional(),
        /** Telephone number. */
        telephone: text.optional(),
        /** Email address. */
        email: z.email("is not an email address.").optional(),
      }),
    )
    .optional(),
  /**
   * What `pulumi destroy` does: `retain` (default) leaves the organization alone; `deactivate` (only DigiCert's support
   * can undo it) and `delete` (refused by DigiCert while any order names it) are done only when told.
   */
  onDelete: z
    .enum(["retain", "deactivate", "delete"], { error: "must be one of retain, deactivate, delete." })
    .optional(),
  /** @internal URN, for messages on the resource's own row. */
  __urn: z.string().optional(),
});
export type OrgValidationInputs = z.infer<typeof orgValidationInputs>;

export const orgValidationOutputs = z.object({
  /** Id of the organization in the account. */
  organizationId: z.int(),
  /** State of its validations, as of the last update. */
  validationDetails: z.array(
    z.object({
      /** `ov`, `ev`, … */
      type: z.string(),
      /** `pending`, `active` or `expired`. */
      status: z.string(),
      /** End of the validation: ISO 8601, UTC. */
      validatedUntil: z.string().optional(),
      /** People whom DigiCert verified. */
      verifiedUsers: z
        .array(
          z.object({
            /** Id of the user in the account. */
            id: z.int().optional(),
            /** Given name. */
            firstName: z.string().optional(),
            /** Family name. */
            lastName: z.string().optional(),
          }),
        )
        .optional(),
    }),
  ),
  /** Whether the organization and every validation in `validations` are active. */
  valid: z.boolean(),
  /** False: it was deactivated, so DigiCert takes no new orders for it. Only DigiCert's support can reactivate it. */
  isActive: z.boolean(),
  /** When we last submitted each type of validation: ISO 8601, UTC. */
  submittedAt: z.record(z.string(), z.string()).optional(),
  /** CertCentral account that the organization belongs to. */
  accountId: z.int(),
  /** DigiCert site that it belongs to, or `loopback`. */
  origin: z.string(),
  /** Copy of the input: `delete` sees outputs only. */
  onDelete: z.enum(["retain", "deactivate", "delete"]).optional(),
  /** @internal When the validations were last read. */
  __seenAt: z.string(),
  /** @internal The input `validations`: a refresh sees outputs only. */
  __validations: z.array(z.string()),
  /** @internal What the inputs were when organization and inputs last agreed. */
  __agreed: z.record(z.string(), z.string()),
});
type Outputs = z.infer<typeof orgValidationOutputs>;
/** Outputs that do not come from looking at the organization. */
type Base = Props & Pick<Outputs, "organizationId"> & Partial<Pick<Outputs, "submittedAt">>;

/** What is kept while it is in doubt whether DigiCert made the organization. */
interface Doubtful extends Pick<Outputs, "accountId" | "origin"> {
  onDelete?: Outputs["onDelete"];
  /** Since when: ISO 8601, DigiCert's clock. */
  doubtSince: string;
  /** The user whose key it was sent with. */
  doubtBy?: number | undefined;
  /** What is looked for, and the organizations of its name that were there before. */
  __sought: Doubt["identity"] & Pick<Doubt, "before">;
}

const personal = [
  "organizationContact",
  "technicalContact",
  "contacts",
  "verifiedUsers",
  "telephone",
  "address",
  "address2",
];

/** What a change of an input does to an organization that exists. */
export const orgValidationChanges: ChangeTable = {
  organizationId: { inputs: ["organizationId"], effect: "refused", whenRemoved: "nothing" },
  details: {
    inputs: [
      "name",
      "assumedName",
      "country",
      "address",
      "address2",
      "city",
      "state",
      "zip",
      "telephone",
      "containerId",
    ],
    // Unless DigiCert has them by now: then they are taken up.
    effect: "refused",
    whenRemoved: "nothing",
    meaning: (inputs) => canonicalDetails(inputs as OrgValidationInputs),
  },
  organizationContact: { inputs: ["organizationContact"], effect: "inPlace", whenRemoved: "nothing" },
  technicalContact: { inputs: ["technicalContact"], effect: "inPlace", whenRemoved: "nothing" },
  validations: {
    inputs: ["validations"],
    effect: "inPlace",
    meaning: ({ validations }) => [...(validations as string[])].sort(),
  },
  // Hold when the organization is made.
  creation: { inputs: ["contacts", "skipDuplicateOrgCheck"], effect: "nothing" },
  // Hold for the next submission.
  submission: { inputs: ["verifiedUsers"], effect: "nothing" },
  onDelete: { inputs: ["onDelete"], effect: "setting" },
  plumbing: { inputs: ["__urn"], effect: "nothing" },
};

/**
 * An organization and its validations: `/organization`, `/organization/{id}/validation`. Which organization:
 * `organization/take.ts`; what is submitted: `organization/validation.ts`; what a destroy does: `organization/remove.ts`.
 */
export function orgValidation(context: () => Context): Lifecycle {
  /** Organizations that live resources of this run hold, by URN. */
  const holders = new Map<number, string | undefined>();
  const isHeldByOther = (urn?: string) => (organizationId: number) =>
    holders.has(organizationId) && (urn === undefined || holders.get(organizationId) !== urn);

  return {
    async check(olds, news) {
      const failures = checkInputs(orgValidationInputs, news, personal);
      const problems = [
        ...organizationProblems(news, "organizationId"),
        ...contactProblems(news.contacts, "contacts"),
        ...singleContacts(news.contacts),
        ...contactProblems(news.verifiedUsers, "verifiedUsers"),
      ];
      failures.push(...failuresOf(problems, personal));
      const isFirst = Object.keys(olds).length === 0;
      if (isFirst && failures.length === 0) failures.push(...(await announce(context(), news)));
      return { inputs: news, failures };
    },

    async diff(id, olds, news) {
      const ctx = context();
      const outs = olds as Partial<Outputs> & Partial<Doubtful>;
      const urn = news.__urn as string | undefined;
      const organizationId = organizationOf(id, outs);
      if (organizationId === undefined) {
        ctx.sayOnce("it is in doubt whether DigiCert made the organization: looks again.", urn);
        return { changes: true };
      }
      holders.set(organizationId, urn);
      // Imported, and never looked at: the update does that.
      if (outs.validationDetails === undefined) return { changes: true };
      const found = changed(orgValidationChanges, olds, renamed(organizationId, news));
      const refused = found.filter(({ effect }) => effect === "refused");
      if (refused.length > 0) {
        assertSame(organizationId, refused, news as OrgValidationInputs);
        if (ctx.hasKey) {
          await ctx.bind(`Organization ${organizationId}`, olds);
          assertAgreed(await visibleOrganization(ctx, organizationId), news as OrgValidationInputs);
          ctx.sayOnce(`organization ${organizationId}: DigiCert has these details already; nothing is written.`, urn);
        }
      }
      if (found.length > 0) return { changes: true };
      return { changes: await hasNews(ctx, { ...outs, organizationId } as Outputs, news as OrgValidationInputs) };
    },

    async create(props) {
      return establish(context(), props as OrgValidationInputs);
    },

    async read(id, props) {
      const ctx = context();
      const organizationId = organizationOf(id, props as Partial<Outputs>);
      if (organizationId === undefined) return { id, props };
      const bound = await ctx.bind(`Organization ${organizationId}`, props);
      const { isActive } = await visibleOrganization(ctx, organizationId);
      const details = await organizations.validation(ctx.client, organizationId);
      const wanted = (props as Partial<Outputs>).__validations ?? details.map(({ type }) => type);
      const seen = summary(ctx.client.now(), isActive, details, wanted);
      return { id, props: { __agreed: {}, ...props, organizationId, ...bound, ...seen } };
    },

    async update(id, olds, news) {
      const ctx = context();
      const outs = olds as Outputs & Partial<Doubtful>;
      const inputs = news as OrgValidationInputs;
      const organizationId = organizationOf(id, outs);
      if (organizationId === undefined) {
        await ctx.bind("OrgValidation", olds);
        return { outs: (await establish(ctx, inputs, { id, doubt: doubtOf(outs) })).outs };
      }
      holders.set(organizationId, inputs.__urn);
      const found = changed(orgValidationChanges, olds, renamed(organizationId, news));
      const settings = { ...olds, onDelete: inputs.onDelete };
      if (found.length > 0 && found.every(({ effect }) => effect === "setting")) return { outs: prune(settings) };
      const bound = await ctx.bind(`Organization ${organizationId}`, olds);
      const organization = await visibleOrganization(ctx, organizationId);
      const refused = found.filter(({ effect }) => effect === "refused");
      assertSame(organizationId, refused, inputs);
      if (refused.length > 0) assertAgreed(organization, inputs);
      await syncContacts(
        ctx,
        organization,
        inputs,
        found.map(({ change }) => change),
      );
      const base = {
        ...prune(settings),
        ...bound,
        organizationId,
        __validations: inputs.validations,
        __agreed: agreedWith(orgValidationChanges, news),
      };
      return { outs: await ensureValidated(ctx, id, inputs, organization, base) };
    },

    async delete(id, props) {
      const organizationId = organizationOf(id, props as Partial<Outputs>);
      const outs = organizationId === undefined ? props : { ...props, organizationId };
      await removeOrganization(context(), outs, doubtOf(props as Partial<Doubtful>), isHeldByOther());
    },
  };

  /** What the first `up` would do about the organization, or why it cannot; found with GETs only. */
  async function announce(ctx: Context, props: Props): Promise<Failure[]> {
    const inputs = props as OrgValidationInputs;
    // An id leaves nothing to choose: the update looks at it.
    if (!ctx.hasKey || containsUnknown(props) || inputs.organizationId !== undefined) return [];
    try {
      const { organization, why } = await chooseOrganization(ctx, inputs, isHeldByOther(inputs.__urn));
      const details = organization ? await organizations.validation(ctx.client, organization.organizationId) : [];
      const plan = planSubmission(ctx.client.now(), details, inputs);
      const title = organization ? `organization ${organization.organizationId}` : "the new organization";
      if (plan.blocked.length > 0) throw noVerifiedUsers(title, plan.blocked);
      ctx.sayOnce(
        organization
          ? `takes ${titleOf(organization)}${why ? `, since ${why}` : ""}; none is created.`
          : `creates an organization: ${why}.`,
        inputs.__urn,
      );
      if (organization) warnOfDifferences(ctx, organization, inputs);
      sayPlan(ctx, title, plan, inputs.__urn);
      return [];
    } catch (error) {
      if (!(error instanceof BimiError)) throw error;
      const property = error.code === "no_verified_users" ? "verifiedUsers" : organizationInput(inputs);
      return [failure(property, error.message, personal)];
    }
  }

  /** Makes sure that there is the organization and that it is validated; keeps in the state what exists by then. */
  async function establish(
    ctx: Context,
    inputs: OrgValidationInputs,
    earlier?: { id: string; doubt: Doubt | undefined },
  ): Promise<{ id: string; outs: Props }> {
    const bound = await ctx.bind("OrgValidation", {});
    const settings = prune({ onDelete: inputs.onDelete });
    let taken: Awaited<ReturnType<typeof ensureOrganization>>;
    try {
      const { validations: _, verifiedUsers: __, onDelete: ___, technicalContact: ____, ...wanted } = inputs;
      taken = await ensureOrganization(ctx, wanted, isHeldByOther(inputs.__urn), earlier?.doubt);
    } catch (error) {
      if (!(error instanceof DoubtfulOrganizationError)) throw error;
      const { since, by, identity, before } = error.doubt;
      const __sought = { ...identity, before };
      const kept: Doubtful = { ...bound, ...settings, doubtSince: since.toISOString(), doubtBy: by, __sought };
      const id = earlier?.id ?? `organization ${inputs.name}`;
      throw new PartialStateError(error.message, id, prune({ ...kept }), { cause: error });
    }
    const { organizationId, why } = taken;
    // The engine keeps the id that a doubtful request was stored under.
    const id = earlier?.id ?? String(organizationId);
    holders.set(organizationId, inputs.__urn);
    const agreed = agreedWith(orgValidationChanges, { ...inputs });
    const { organizationContact: _, technicalContact: __, ...agreedBefore } = agreed;
    const base = { organizationId, ...bound, ...settings, __validations: inputs.validations, __agreed: agreedBefore };
    const work = async () => {
      const organization = await visibleOrganization(ctx, organizationId);
      if (why !== undefined) {
        ctx.log.info(
          `organization ${organizationId} of the account is taken, since ${why}; nothing was created.`,
          inputs.__urn,
        );
      }
      if (why !== undefined || inputs.organizationId !== undefined) warnOfDifferences(ctx, organization, inputs);
      await syncContacts(ctx, organization, inputs, ["organizationContact", "technicalContact"]);
      return ensureValidated(ctx, id, inputs, organization, { ...base, __agreed: agreed });
    };
    const isOurs = inputs.organizationId === undefined || earlier !== undefined;
    return { id, outs: await (isOurs ? keptOnFailure(ctx, id, base, work) : work()) };
  }

  /** Giving the id of the same organization instead of its details is no change. */
  function renamed(organizationId: number, news: Props): Props {
    if (news.organizationId !== organizationId) return news;
    const { organizationId: _, ...rest } = news;
    return rest;
  }

  /** Whether DigiCert has news of the validations, or one has to be submitted. A resource at rest asks nothing. */
  async function hasNews(ctx: Context, outs: Outputs, inputs: OrgValidationInputs): Promise<boolean> {
    const { organizationId } = outs;
    if (outs.isActive === false) ctx.warnOnce(inactive({ organizationId }), inputs.__urn);
    if (!ctx.hasKey || containsUnknown(inputs.validations)) return false;
    // The account's answer also brings DigiCert's clock, which decides what is due.
    if (!outs.valid) await ctx.bind(`Organization ${organizationId}`, outs);
    const now = ctx.client.now();
    const isEnding = outs.validationDetails.some(({ validatedUntil }) => endsSoon(now, validatedUntil));
    const isPending = !outs.valid && now.getTime() - Date.parse(outs.__seenAt) > hour;
    const isMissing = inputs.validations.some((type) => !outs.validationDetails.some((detail) => detail.type === type));
    if (!isPending && !isEnding && !isMissing) return false;

    await ctx.bind(`Organization ${organizationId}`, outs);
    const details = await organizations.validation(ctx.client, organizationId);
    const plan = planSubmission(ctx.client.now(), details, inputs, outs.submittedAt);
    const isDue = plan.types.length > 0 || plan.blocked.length > 0;
    let isActive = outs.isActive !== false;
    if (isDue || !isActive) {
      const organization = await visibleOrganization(ctx, organizationId);
      isActive = organization.isActive;
      if (!isActive) ctx.warnOnce(inactive(organization), inputs.__urn);
    }
    const title = `organization ${organizationId}`;
    const seen = summary(ctx.client.now(), isActive, details, inputs.validations);
    if (seen.valid !== outs.valid) {
      ctx.sayOnce(`${title}: validation ${seen.valid ? "is complete" : "has ended"}`, inputs.__urn);
    }
    if (isActive) sayPlan(ctx, title, plan, inputs.__urn);
    return isDue || seen.isActive !== (outs.isActive !== false) || factsOf(seen) !== factsOf(outs);
  }

  /** Writes the contacts that differ at DigiCert. Taking one away is impossible there. */
  async function syncContacts(
    ctx: Context,
    organization: OrganizationInfo,
    inputs: OrgValidationInputs,
    which: readonly string[],
  ): Promise<void> {
    const contacts = (["organizationContact", "technicalContact"] as const).flatMap((role) => {
      const person = inputs[role];
      if (!person || !which.includes(role) || isSamePerson(organization[role], person)) return [];
      const contact_type = role === "organizationContact" ? "organization_contact" : "technical_contact";
      return [{ contact_type, ...personRequest(person) }];
    });
    if (contacts.length === 0) return;
    assertActive(organization);
    await organizations.updateContacts(ctx.client, organization.organizationId, contacts);
  }

  /** The organization exists: whatever fails, its id stays in the state. */
  async function keptOnFailure<T>(ctx: Context, id: string, base: Base, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PartialStateError) throw error;
      const seen = { validationDetails: [], valid: false, isActive: true, __seenAt: ctx.client.now().toISOString() };
      throw new PartialStateError((error as Error).message, id, { ...seen, ...base }, { cause: error });
    }
  }

  /** Reads first; submits only what is missing, expired or about to end. */
  async function ensureValidated(
    ctx: Context,
    id: string,
    inputs: OrgValidationInputs,
    organization: OrganizationInfo,
    base: Base,
  ): Promise<Props> {
    const { organizationId, isActive } = organization;
    const details = await organizations.validation(ctx.client, organizationId);
    const plan = planSubmission(ctx.client.now(), details, inputs, base.submittedAt);
    if (plan.types.length > 0 || plan.blocked.length > 0) assertActive(organization);
    if (plan.blocked.length > 0) throw noVerifiedUsers(`organization ${organizationId}`, plan.blocked);
    warnOfEnding(ctx, `organization ${organizationId}`, plan, inputs.__urn);
    if (plan.types.length === 0)
      return { ...base, ...summary(ctx.client.now(), isActive, details, inputs.validations) };

    const now = ctx.client.now().toISOString();
    const marked = (types: readonly string[]) => ({
      ...base,
      submittedAt: { ...base.submittedAt, ...Object.fromEntries(types.map((type) => [type, now])) },
    });
    try {
      await submit(ctx, organizationId, plan.types, inputs.verifiedUsers);
    } catch (error) {
      if (!isDoubtful(error)) throw error;
      // Of a validation that DigiCert knows already, no look can tell whether it was submitted again.
      const known = plan.types.filter((type) => details.some((detail) => detail.type === type));
      const added = plan.types.filter((type) => !known.includes(type));
      const look = async () => {
        const now = await organizations.validation(ctx.client, organizationId);
        return added.every((type) => now.some((detail) => detail.type === type)) || undefined;
      };
      const isTaken = added.length > 0 && (await lookFor(ctx, look));
      if (!isTaken) return keptOnFailure(ctx, id, marked(known), () => Promise.reject(error));
    }
    return keptOnFailure(ctx, id, marked(plan.types), async () => {
      const after = await organizations.validation(ctx.client, organizationId);
      return { ...marked(plan.types), ...summary(ctx.client.now(), isActive, after, inputs.validations) };
    });
  }
}

/** The organization that a state is about; none while it is in doubt whether it was made. */
function organizationOf(id: string, { organizationId }: Partial<Outputs>): number | undefined {
  return organizationId ?? (/^\d+$/.test(id) ? Number(id) : undefined);
}

function doubtOf({ doubtSince, doubtBy, __sought }: Partial<Doubtful>): Doubt | undefined {
  if (doubtSince === undefined || __sought === undefined) return undefined;
  const { before, ...identity } = __sought;
  return { since: new Date(doubtSince), by: doubtBy, identity, before };
}

/** The input to blame when the organization cannot be taken. */
function organizationInput({ organizationId }: OrgValidationInputs): string {
  return organizationId === undefined ? "name" : "organizationId";
}

/** DigiCert has one of each: they are inputs of their own, edited in place. */
function singleContacts(contacts: unknown): { path: string; reason: string }[] {
  if (!Array.isArray(contacts)) return [];
  const inputs: Record<string, string> = {
    organization_contact: "organizationContact",
    technical_contact: "technicalContact",
  };
  return contacts.flatMap((contact, index) => {
    const type = (contact as Props | null)?.contactType;
    const input = typeof type === "string" && Object.hasOwn(inputs, type) ? inputs[type] : undefined;
    return input ? [{ path: `contacts[${index}]`, reason: `give it as ${input}.` }] : [];
  });
}

/** A resource holds one organization for ever. */
function assertSame(organizationId: number, refused: readonly { change: string }[], inputs: OrgValidationInputs): void {
  if (!refused.some(({ change }) => change === "organizationId")) return;
  throw new BimiError(
    "change_refused",
    `OrgValidation: it holds organization ${organizationId}, and its organizationId cannot become ${inputs.organizationId}. Nothing was changed. Put it back, or declare a new OrgValidation under another name.`,
  );
}

/** Inputs of an {@link OrgValidation}. */
export type OrgValidationArgs = Args<z.input<typeof orgValidationInputs>>;

export interface OrgValidation extends Outs<Omit<Outputs, "organizationId">> {}

/**
 * An organization of the CertCentral account and the validations it needs (`POST /organization/{id}/validation`).
 * It reads first and submits only what is missing, expired or ends within 30 days.
 *
 * By details it takes the active organization of that name and country (the oldest of several), or creates one; the first
 * preview says which. DigiCert's details hold, so a change of them is refused until CertCentral has it too.
 *
 * @example
 * ```typescript
 * const acme = new bimi.OrgValidation("acme", { organizationId: 112236, validations: ["ev"] });
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Pulumi sets the outputs' fields from the properties.
export class OrgValidation extends BimiResource {
  /** Id of the organization in the account; known even in the preview of an update. */
  declare readonly organizationId: pulumi.Output<number>;

  constructor(name: string, args: OrgValidationArgs, opts: pulumi.CustomResourceOptions = {}) {
    const outputs = Object.keys(orgValidationOutputs.shape);
    super("OrgValidation", "orgValidation", name, args as unknown as Record<string, unknown>, outputs, opts, {
      reference: false,
    });
    // Of an update's preview Pulumi tells a program only the id: the organization's, unless its making was in doubt.
    const { organizationId } = this;
    const known = (id: string): pulumi.Input<number> => (/^\d+$/.test(id) ? Number(id) : organizationId);
    this.organizationId = pulumi.output(this.id).apply(known) as pulumi.Output<number>;
  }

  /** An organization that something else manages, read by its id. Needs @pulumi/pulumi 3.268 or newer. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): OrgValidation {
    return new OrgValidation(name, undefined as unknown as OrgValidationArgs, { ...opts, id });
  }
}
