import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { CertCentralError, organizations } from "../certcentral";
import type { OrganizationRequest, Validation } from "../certcentral/organizations";
import { agreedWith, type ChangeTable, changed } from "../changes";
import { checkInputs, failure } from "../check";
import { BimiError, type Context } from "../context";
import { contact, contactProblems, id, organizationDetails, organizationProblems, person, text } from "../inputs";
import { type Lifecycle, PartialStateError, type Props } from "../lifecycle";
import { organizationRequest, personRequest, prune } from "../order/request";
import { type Args, BimiResource, type Outs } from "../resource";
import { containsUnknown } from "../unknown";

const validationTypes = ["ov", "ev", "cs", "ev_cs", "ds", "smime"] as const;
/** Types for which DigiCert needs to know whom it verifies. */
const needVerifiedUsers = ["ev", "cs", "ev_cs"];

export const orgValidationInputs = z.strictObject({
  /** Id of an organization of the CertCentral account. Either this, or the details of the organization. */
  organizationId: id.optional(),
  ...organizationDetails,
  /** Technical contact of the organization. An edit is done in place (`PUT /organization/{id}/contact`). */
  technicalContact: person.optional(),
  /** Further contacts of a new organization, such as its verified contact. Hold when the organization is made. */
  contacts: z.array(contact).optional(),
  /** Validations the organization needs: `ov`, `ev` (what mark certificates need), `cs`, `ev_cs`, `ds`, `smime`. */
  validations: z
    .array(z.enum(validationTypes, { error: `must be one of ${validationTypes.join(", ")}.` }))
    .min(1, 'must name at least one validation; mark certificates need "ev".'),
  /**
   * People whom DigiCert verifies for `ev`, `cs` and `ev_cs`. Needed only when a validation has to be submitted, which
   * makes DigiCert phone people: when it is missing, expired or ends within 30 days, and at most once in 30 days.
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
  /** Whether every validation in `validations` is active. */
  valid: z.boolean(),
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
/** Outputs that do not come from looking at the validations. */
type Base = Props & Pick<Outputs, "organizationId" | "submittedAt">;

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
    effect: "refused",
    whenRemoved: "nothing",
  },
  organizationContact: { inputs: ["organizationContact"], effect: "inPlace", whenRemoved: "nothing" },
  technicalContact: { inputs: ["technicalContact"], effect: "inPlace", whenRemoved: "nothing" },
  validations: {
    inputs: ["validations"],
    effect: "inPlace",
    meaning: ({ validations }) => [...(validations as string[])].sort(),
  },
  // Needed only when the organization is created or submitted, which takes what the inputs say then.
  submission: { inputs: ["verifiedUsers", "contacts", "skipDuplicateOrgCheck"], effect: "nothing" },
  onDelete: { inputs: ["onDelete"], effect: "setting" },
  plumbing: { inputs: ["__urn"], effect: "nothing" },
};

const hour = 60 * 60 * 1000;
const day = 24 * hour;
/** A validation that ends sooner is submitted again; one submission per window, since each makes DigiCert phone people. */
const renewal = 30 * day;

/** An organization and its validations: `/organization`, `/organization/{id}/validation`. */
export function orgValidation(context: () => Context): Lifecycle {
  return {
    async check(_olds, news) {
      const failures = checkInputs(orgValidationInputs, news, personal);
      const problems = [
        ...organizationProblems(news, "organizationId"),
        ...contactProblems(news.contacts, "contacts"),
        ...contactProblems(news.verifiedUsers, "verifiedUsers"),
      ];
      failures.push(...problems.map(({ path, reason }) => failure(path, reason, personal)));
      return { inputs: news, failures };
    },

    async diff(id, olds, news) {
      const ctx = context();
      const found = changed(orgValidationChanges, olds, renamed(olds as Outputs, news));
      const refused = found.filter(({ effect }) => effect === "refused");
      if (refused.length > 0) {
        throw new BimiError(
          "change_refused",
          `OrgValidation: organization ${id} exists, and this version cannot change ${refused.flatMap(({ inputs }) => inputs).join(", ")} of it. Nothing was changed. Put them back, or declare a new OrgValidation under another name.`,
        );
      }
      return { changes: found.length > 0 || (await hasNews(ctx, olds as Outputs, news as OrgValidationInputs)) };
    },

    async create(props) {
      const ctx = context();
      const inputs = props as OrgValidationInputs;
      const bound = await ctx.bind("OrgValidation", {});
      const { organizationId, isNew } = await findOrCreate(ctx, inputs);
      const base = {
        organizationId,
        ...bound,
        ...prune({ onDelete: inputs.onDelete }),
        __validations: inputs.validations,
        __agreed: agreedWith(orgValidationChanges, props),
      };
      const work = async () => {
        await syncContacts(
          ctx,
          organizationId,
          inputs,
          isNew ? ["technicalContact"] : ["organizationContact", "technicalContact"],
        );
        return ensureValidated(ctx, inputs, base);
      };
      return {
        id: String(organizationId),
        outs: await (inputs.organizationId === undefined ? keptOnFailure(ctx, base, work) : work()),
      };
    },

    async read(id, props) {
      const ctx = context();
      const organizationId = Number((props.organizationId as number | undefined) ?? id);
      const bound = await ctx.bind(`Organization ${id}`, props);
      const details = await organizations.validation(ctx.client, organizationId);
      const wanted = (props as Partial<Outputs>).__validations ?? details.map(({ type }) => type);
      return {
        id,
        props: {
          __agreed: {},
          ...props,
          organizationId,
          ...bound,
          ...summary(ctx, details, wanted),
        },
      };
    },

    async update(id, olds, news) {
      const ctx = context();
      const outs = olds as Outputs;
      const inputs = news as OrgValidationInputs;
      const found = changed(orgValidationChanges, olds, renamed(outs, news));
      const settings = { ...olds, onDelete: inputs.onDelete };
      if (found.length > 0 && found.every(({ effect }) => effect === "setting")) return { outs: prune(settings) };
      const bound = await ctx.bind(`Organization ${id}`, olds);
      await syncContacts(
        ctx,
        outs.organizationId,
        inputs,
        found.map(({ change }) => change),
      );
      const base = {
        ...prune(settings),
        ...bound,
        organizationId: outs.organizationId,
        __validations: inputs.validations,
        __agreed: agreedWith(orgValidationChanges, news),
      };
      return { outs: await ensureValidated(ctx, inputs, base) };
    },

    async delete(id, props) {
      const ctx = context();
      const { onDelete, organizationId } = props as Outputs;
      if (onDelete === undefined || onDelete === "retain") return;
      await ctx.bind(`Organization ${id}`, props);
      if (onDelete === "deactivate") await organizations.deactivate(ctx.client, organizationId);
      else await organizations.remove(ctx.client, organizationId);
    },
  };

  /** Giving the id of the same organization instead of its details is no change. */
  function renamed(outs: Outputs, news: Props): Props {
    if (news.organizationId !== outs.organizationId) return news;
    const { organizationId: _, ...rest } = news;
    return rest;
  }

  async function hasNews(ctx: Context, outs: Outputs, inputs: OrgValidationInputs): Promise<boolean> {
    if (!ctx.hasKey || containsUnknown(inputs.validations)) return false;
    // The account's answer also brings DigiCert's clock, which decides what is due.
    if (!outs.valid) await ctx.bind(`Organization ${outs.organizationId}`, outs);
    const now = ctx.client.now().getTime();
    const ending = outs.validationDetails.some(
      ({ validatedUntil }) => validatedUntil !== undefined && Date.parse(validatedUntil) - now < renewal,
    );
    const pending = !outs.valid && now - Date.parse(outs.__seenAt) > hour;
    const isMissing = inputs.validations.some((type) => !outs.validationDetails.some((detail) => detail.type === type));
    if (!pending && !ending && !isMissing) return false;
    await ctx.bind(`Organization ${outs.organizationId}`, outs);
    const details = await organizations.validation(ctx.client, outs.organizationId);
    const seen = summary(ctx, details, inputs.validations);
    if (seen.valid !== outs.valid) {
      ctx.sayOnce(
        `organization ${outs.organizationId}: validation ${seen.valid ? "is complete" : "has ended"}`,
        inputs.__urn,
      );
      return true;
    }
    const due = toSubmit(ctx, details, inputs.validations, outs.submittedAt);
    if (due.length > 0)
      ctx.sayOnce(
        `organization ${outs.organizationId}: will be submitted for ${due.join(", ")} validation`,
        inputs.__urn,
      );
    return due.length > 0;
  }

  /** The given organization, else the one of the account that matches (the oldest of several), else a new one. */
  async function findOrCreate(
    ctx: Context,
    inputs: OrgValidationInputs,
  ): Promise<{ organizationId: number; isNew: boolean }> {
    if (inputs.organizationId !== undefined) return { organizationId: inputs.organizationId, isNew: false };
    if (!inputs.skipDuplicateOrgCheck) {
      const match = await findMatch(ctx, inputs);
      if (match !== undefined) {
        ctx.log.info(
          `organization ${match} of the account matches "${inputs.name}": taken, nothing was created.`,
          inputs.__urn,
        );
        return { organizationId: match, isNew: false };
      }
    }
    const { validations: _, verifiedUsers: __, onDelete: ___, __urn, technicalContact: ____, ...details } = inputs;
    try {
      const body = organizationRequest(details) as OrganizationRequest;
      return { ...(await organizations.create(ctx.client, body)), isNew: true };
    } catch (error) {
      if (!(error instanceof CertCentralError) || error.kind !== "doubt") throw error;
      const match = await findMatch(ctx, inputs);
      if (match === undefined) throw error;
      return { organizationId: match, isNew: true };
    }
  }

  async function findMatch(ctx: Context, inputs: OrgValidationInputs): Promise<number | undefined> {
    const same = (a: string | undefined, b: string | undefined) =>
      (a ?? "").trim().toLowerCase() === (b ?? "").trim().toLowerCase();
    const all = await organizations.list(ctx.client, { search: inputs.name });
    const matches = all.filter(
      (o) => o.isActive && same(o.name, inputs.name) && (o.country === undefined || same(o.country, inputs.country)),
    );
    const oldest = matches.sort((a, b) => a.organizationId - b.organizationId)[0];
    if (oldest?.address !== undefined && !same(oldest.address, inputs.address)) {
      ctx.log.warn(
        `organization ${oldest.organizationId} matches by name and country, but its address at DigiCert differs from the inputs.`,
        inputs.__urn,
      );
    }
    return oldest?.organizationId;
  }

  async function syncContacts(
    ctx: Context,
    organizationId: number,
    inputs: OrgValidationInputs,
    which: readonly string[],
  ): Promise<void> {
    const contacts = (["organizationContact", "technicalContact"] as const).flatMap((role) => {
      const given = inputs[role];
      if (!given || !which.includes(role)) return [];
      return [
        {
          contact_type: role === "organizationContact" ? "organization_contact" : "technical_contact",
          ...personRequest(given),
        },
      ];
    });
    if (contacts.length > 0) await organizations.updateContacts(ctx.client, organizationId, contacts);
  }

  /** The organization exists: whatever fails, its id stays in the state. */
  async function keptOnFailure<T>(ctx: Context, base: Base, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PartialStateError) throw error;
      const seenAt = { __seenAt: ctx.client.now().toISOString() };
      const kept = { validationDetails: [], valid: false, ...seenAt, ...base };
      throw new PartialStateError((error as Error).message, String(base.organizationId), kept, { cause: error });
    }
  }

  /** Reads first; submits only what is missing, expired or about to end. */
  async function ensureValidated(ctx: Context, inputs: OrgValidationInputs, base: Base): Promise<Props> {
    const { organizationId } = base;
    const details = await organizations.validation(ctx.client, organizationId);
    const due = toSubmit(ctx, details, inputs.validations, base.submittedAt);
    if (due.length === 0) return { ...base, ...summary(ctx, details, inputs.validations) };

    const needing = due.filter((type) => needVerifiedUsers.includes(type));
    if (needing.length > 0 && !inputs.verifiedUsers?.length) {
      throw new BimiError(
        "no_verified_users",
        `Organization ${organizationId} has to be submitted for ${needing.join(", ")} validation, and DigiCert must know whom to verify. Give verifiedUsers.`,
      );
    }
    const now = ctx.client.now().toISOString();
    const marked = (types: readonly string[]) => ({
      ...base,
      submittedAt: { ...base.submittedAt, ...Object.fromEntries(types.map((type) => [type, now])) },
    });
    try {
      await submit(ctx, organizationId, due, inputs.verifiedUsers);
    } catch (error) {
      if (!(error instanceof CertCentralError) || error.kind !== "doubt") throw error;
      // Of a validation that DigiCert knows already, the next look cannot tell whether it was submitted again.
      const known = due.filter((type) => details.some((detail) => detail.type === type));
      return keptOnFailure(ctx, marked(known), () => Promise.reject(error));
    }
    return keptOnFailure(ctx, marked(due), async () => {
      const after = await organizations.validation(ctx.client, organizationId);
      return { ...marked(due), ...summary(ctx, after, inputs.validations) };
    });
  }

  function submit(
    ctx: Context,
    organizationId: number,
    types: readonly string[],
    verifiedUsers: OrgValidationInputs["verifiedUsers"],
  ): Promise<void> {
    const users = verifiedUsers?.map(({ userId, firstName, lastName, jobTitle, telephone, email }) =>
      userId !== undefined
        ? { id: userId }
        : { first_name: firstName, last_name: lastName, job_title: jobTitle, telephone, email },
    );
    return organizations.submitValidation(ctx.client, organizationId, {
      validations: types.map((type) =>
        prune({ type, verified_users: needVerifiedUsers.includes(type) ? users : undefined }),
      ),
    });
  }

  function toSubmit(
    ctx: Context,
    details: Validation[],
    wanted: readonly string[],
    submittedAt: Outputs["submittedAt"],
  ): string[] {
    const now = ctx.client.now().getTime();
    return wanted.filter((type) => {
      const last = submittedAt?.[type];
      if (last !== undefined && now - Date.parse(last) < renewal) return false;
      const known = details.find((detail) => detail.type === type);
      if (!known || known.status === "expired") return true;
      const isEnding = known.validatedUntil !== undefined && Date.parse(known.validatedUntil) - now < renewal;
      return known.status !== "pending" && isEnding;
    });
  }

  function summary(ctx: Context, details: Validation[], wanted: readonly string[]) {
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
      valid:
        wanted.length > 0 &&
        wanted.every((type) => of.some((detail) => detail.type === type && detail.status === "active")),
      __seenAt: ctx.client.now().toISOString(),
    };
  }
}

/** Inputs of an {@link OrgValidation}. */
export type OrgValidationArgs = Args<z.input<typeof orgValidationInputs>>;

export interface OrgValidation extends Outs<Omit<Outputs, "organizationId">> {}

/**
 * An organization of the CertCentral account and the validations it needs (`POST /organization/{id}/validation`).
 * It reads first and submits only what is missing, expired or ends within 30 days.
 *
 * @example
 * ```typescript
 * const acme = new bimi.OrgValidation("acme", { organizationId: 112236, validations: ["ev"] });
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Pulumi sets the outputs' fields from the properties.
export class OrgValidation extends BimiResource {
  /** Id of the organization in the account; known even in the preview of an update. */
  readonly organizationId: pulumi.Output<number>;

  constructor(name: string, args: OrgValidationArgs, opts: pulumi.CustomResourceOptions = {}) {
    const outputs = Object.keys(orgValidationOutputs.shape);
    super("OrgValidation", "orgValidation", name, args as unknown as Record<string, unknown>, outputs, opts, {
      reference: false,
    });
    // Of an update's preview Pulumi tells a program only the id.
    this.organizationId = pulumi.output(this.id).apply(Number);
  }

  /** An organization that something else manages, read by its id. Needs @pulumi/pulumi 3.268 or newer. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): OrgValidation {
    return new OrgValidation(name, undefined as unknown as OrgValidationArgs, { ...opts, id });
  }
}
