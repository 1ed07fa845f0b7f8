import { CertCentralError } from "./certcentral";
import type { Context } from "./context";

const second = 1000;
/** How long one run looks for what a request whose answer was lost may have done. */
export const searchTime = 120 * second;
/** How long DigiCert may take to show what it made. Until then nothing that is in doubt is sent again. */
export const doubtWindow = 15 * 60 * second;

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

/** Whether DigiCert took a request is not known. */
export function isDoubtful(error: unknown): error is CertCentralError {
  return error instanceof CertCentralError && error.kind === "doubt";
}
