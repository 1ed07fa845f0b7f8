import { CertCentralError, organizations } from "../certcentral";
import { BimiError, type Context } from "../context";
import type { Props } from "../lifecycle";
import { assertDoubtIsOver, type Doubt, newcomer, visibleOrganization } from "./take";

/**
 * What `pulumi destroy` does to an organization, by `onDelete`. One that a live resource holds is left alone: a delete that
 * is left over from a `--replace` would deactivate what the new resource has just taken, for ever.
 */
export async function removeOrganization(
  ctx: Context,
  outs: Props & { onDelete?: "retain" | "deactivate" | "delete"; organizationId?: number },
  doubt: Doubt | undefined,
  isHeld: (organizationId: number) => boolean,
): Promise<void> {
  const { onDelete = "retain" } = outs;
  if (onDelete === "retain") return;
  await ctx.bind(outs.organizationId === undefined ? "OrgValidation" : `Organization ${outs.organizationId}`, outs);
  const organizationId = outs.organizationId ?? (doubt && (await newcomer(ctx, doubt, isHeld)));
  if (organizationId === undefined) {
    // What DigiCert may still show must not be forgotten.
    if (doubt) await assertDoubtIsOver(ctx, doubt);
    return;
  }
  if (isHeld(organizationId)) {
    ctx.log.info(`organization ${organizationId} belongs to another resource of this stack: left alone.`);
    return;
  }
  const { isActive } = await visibleOrganization(ctx, organizationId);
  try {
    if (onDelete === "delete") await organizations.remove(ctx.client, organizationId);
    else if (isActive) await organizations.deactivate(ctx.client, organizationId);
  } catch (error) {
    if (!(error instanceof CertCentralError)) throw error;
    if (await isDone(ctx, organizationId, onDelete)) return;
    if (error.kind !== "refused" || error.hint !== undefined) throw error;
    throw new BimiError(
      "organization_kept",
      `${error.message} ${remedies[onDelete]} The resource stays in the state.`,
      { cause: error },
    );
  }
}

const remedies = {
  delete:
    'DigiCert deletes no organization that an order names or ever named, nor the account\'s first. Set onDelete: "deactivate" or "retain", run `pulumi up`, and destroy again.',
  deactivate:
    'DigiCert may keep an organization active while a pending order names it. Cancel that order or wait until it is issued; or set onDelete: "retain", run `pulumi up`, and destroy again.',
};

/** After a lost answer the repetition is refused, although what was asked is done: this run has seen the organization. */
async function isDone(ctx: Context, organizationId: number, onDelete: "deactivate" | "delete"): Promise<boolean> {
  try {
    const { isActive } = await organizations.info(ctx.client, organizationId);
    return onDelete === "deactivate" && !isActive;
  } catch (error) {
    return onDelete === "delete" && error instanceof CertCentralError && error.notFound;
  }
}
