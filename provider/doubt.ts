import { CertCentralError } from "./certcentral";
import { BimiError, type Context } from "./context";
import { hour, minute, second } from "./time";

/** How long one run looks for what a request whose answer was lost may have done. */
export const searchTime = 120 * second;
/** How long DigiCert may take to show what it made. */
const doubtWindow = 15 * minute;
/** A live order under our alternative id that is younger was placed by a run that crashed: the next one takes it over. */
export const crashWindow = 24 * hour;

/** Looks, with longer and longer pauses, for what a request whose answer was lost may have done; never writes. */
export async function lookFor<T>(ctx: Context, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const deadline = ctx.clock.now() + searchTime;
  for (let wait = second; ; wait = Math.min(wait * 2, 20 * second)) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      // As long as DigiCert does not answer, the doubt stays.
      if (!(error instanceof CertCentralError)) throw error;
    }
    if (ctx.clock.now() + wait > deadline) return undefined;
    await ctx.clock.sleep(wait);
  }
}

/**
 * Until when a request whose answer was lost is in doubt, and nothing like it is sent again; undefined once that is past.
 * @param since when it was sent
 */
export function doubtUntil(ctx: Context, since: Date | string): Date | undefined {
  const until = new Date(new Date(since).getTime() + doubtWindow);
  return ctx.client.now().getTime() > until.getTime() ? undefined : until;
}

/** Administrators and managers: others may see their own orders only. */
const seeOthers = [1, 4];

/**
 * That nothing is found under a key proves something only if its user sees what the one saw whose request is in doubt: the
 * same user does, and one of the whole account.
 * @param by the id of the user who sent it, as far as it is known
 */
export async function assertSees(ctx: Context, what: string, by: number | undefined): Promise<void> {
  const { userId, accessRoles, hasContainerAssignments } = await ctx.account();
  if (userId !== undefined && userId === by) return;
  if (accessRoles.some(({ id }) => seeOthers.includes(id)) && !hasContainerAssignments) return;
  const sender = by === undefined ? "that user" : `user ${by}`;
  throw new BimiError(
    "key_sees_less",
    `${what}: it is in doubt whether DigiCert took it. It was sent with the key of another user, and the user of this key may not see it: only some divisions, or only own orders, are shown. Nothing was changed. Use a key of ${sender}, or of an administrator or manager of the whole account.`,
  );
}

/** Whether DigiCert took a request is not known. */
export function isDoubtful(error: unknown): error is CertCentralError {
  return error instanceof CertCentralError && error.kind === "doubt";
}
