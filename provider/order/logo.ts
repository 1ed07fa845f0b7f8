import { createHash } from "node:crypto";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type CertCentralClient, CertCentralError, logos, orders } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import type { Finding } from "../finding";
import type { Failure, Props } from "../lifecycle";
import { LogoError, lintLogo, readLogo, rules } from "../logo";
import { readable } from "../readable";
import { isUnknown } from "../unknown";
import type { CheckedLogo } from "./inputs";

/**
 * Reads and lints the logo and puts what identifies its bytes into the inputs. A file that is gone is no error while
 * the state still knows its hash: DigiCert has the bytes. A logo that the state has already is not linted again: a rule that
 * came later must not stop the order that has it.
 */
export async function resolveLogo(
  ctx: Context,
  news: Props,
  olds: Props,
): Promise<{ logo: unknown; failures: Failure[] }> {
  const { logo } = news;
  const urn = news.__urn as string | undefined;
  const before = olds.logo as CheckedLogo | undefined;
  if (logo === undefined || isUnknown(logo)) return { logo, failures: [] };
  if (typeof logo !== "string") {
    if (isDeepStrictEqual(logo, before)) return { logo, failures: [] };
    return { logo, failures: [{ property: "logo", reason: "must be the path of an SVG file, or the SVG itself." }] };
  }
  const fail = (reason: string): Failure => ({
    property: isInline(logo) ? "" : "logo",
    reason: isInline(logo) ? `logo: ${reason}` : reason,
  });
  try {
    const { bytes, sha256, size, path: file } = readLogo(logo, ctx.projectDir);
    const checked = file === undefined ? { svg: logo, sha256, size } : { path: file, sha256, size };
    const isKnown = before?.sha256 === sha256;
    const failures: Failure[] = [];
    if (!isKnown || !isDeepStrictEqual(news.ignoreRules, olds.ignoreRules)) {
      for (const finding of await lintLogo(bytes, organizationName(news))) {
        const reason = reasonToIgnore(news.ignoreRules, finding);
        if (reason === undefined && finding.severity === "error") failures.push(fail(tell(finding)));
        else if (reason !== undefined || !isKnown) {
          ctx.sayOnce(`logo${file === undefined ? "" : ` ${file}`}: ${tell(finding, reason)}`, urn);
        }
      }
    }
    if (failures.length === 0 && news.remoteLint === true && !isKnown) {
      failures.push(...(await refusalByDigiCert(ctx, bytes, urn)).map(fail));
    }
    return { logo: checked, failures };
  } catch (error) {
    if (!(error instanceof LogoError)) throw error;
    if (
      error.code === "missing" &&
      before?.sha256 &&
      before.path !== undefined &&
      samePath(ctx.projectDir, before.path, logo)
    ) {
      ctx.sayOnce(`logo ${logo} is missing; the order keeps the bytes with SHA-256 ${before.sha256}.`, urn);
      return { logo: before, failures: [] };
    }
    return { logo, failures: [fail(error.message)] };
  }
}

/** Where the program gives the organization by its details: a title should name it. */
function organizationName({ organization }: Props): { organizationName?: string } {
  const { name } = (organization ?? {}) as Props;
  return typeof name === "string" && !isUnknown(name) ? { organizationName: name } : {};
}

/** Rule, place, what, how to repair, and where the rule is written down. */
function tell(
  { ruleId, line, column, path: element, message, hint, spec, fixable }: Finding,
  ignored?: string,
): string {
  const parts = [
    ruleId,
    ...(ignored === undefined ? [] : [`(ignored: ${readable(ignored, 100)})`]),
    ...(line === undefined ? [] : [`at line ${line}, column ${column}`]),
    ...(element === undefined ? [] : [`(${element})`]),
  ];
  const remedy = [
    ...(hint ? [hint] : []),
    ...(fixable ? ["`npx bimi fix` can repair it."] : []),
    ...(spec ? [`[${spec}]`] : []),
  ];
  return [`${parts.join(" ")}: ${message}`, ...remedy].join(" ");
}

function reasonToIgnore(ignoreRules: unknown, { ruleId }: Finding): string | undefined {
  const isAlways = rules.some(({ id, always }) => id === ruleId && always);
  if (isAlways) return undefined;
  // A preview that does not know them yet; the update asks again.
  if (isUnknown(ignoreRules)) return "perhaps, ignoreRules is not known yet";
  const reason = (ignoreRules as Record<string, string> | undefined)?.[ruleId];
  return isUnknown(reason) ? "for a reason that is not known yet" : reason;
}

/** Rules that are ignored are rules, and may be. Unknown values pass. */
export function ignoreRulesProblems({ ignoreRules }: Props): { path: string; reason: string }[] {
  if (typeof ignoreRules !== "object" || ignoreRules === null || Array.isArray(ignoreRules)) return [];
  return Object.keys(ignoreRules).flatMap((id) => {
    const rule = rules.find((one) => one.id === id);
    if (rule && !rule.always) return [];
    const reason = rule
      ? `${id} cannot be ignored: ${rule.title} Repair the logo.`
      : `there is no rule ${readable(id, 50)} that could be ignored. Rules are named as in the findings, such as SVG-027.`;
    return [{ path: "ignoreRules", reason }];
  });
}

/** What DigiCert's free validator says of the logo (SVG-035). It gets no key. That it does not answer refuses nothing. */
async function refusalByDigiCert(ctx: Context, bytes: Buffer, urn?: string): Promise<string[]> {
  try {
    await logos.validate(ctx.keylessClient, bytes);
    return [];
  } catch (error) {
    if (!(error instanceof CertCentralError)) throw error;
    if (error.kind === "refused" && !NO_VERDICT.has(error.status!))
      return [`SVG-035: DigiCert's validator refuses the logo. ${error.message} Repair it, or set remoteLint: false.`];
    ctx.warnOnce(`DigiCert's validator could not be asked about the logo (remoteLint): ${error.message}`, urn);
    return [];
  }
}

/** The validator is not there, or not for those who show no key: nothing of the logo. */
const NO_VERDICT = new Set([401, 403, 404, 405]);

function isInline(logo: string): boolean {
  return logo.trimStart().startsWith("<");
}

function samePath(projectDir: string, known: string, given: string): boolean {
  return path.resolve(projectDir, known) === path.resolve(projectDir, given);
}

/**
 * The bytes that `check` saw, or an error: what is ordered must be what was linted. A file that is gone since is
 * DigiCert's copy of an earlier order, if that is the same.
 */
export async function logoBytes(ctx: Context, logo: CheckedLogo, earlierOrderId?: number): Promise<Buffer> {
  try {
    const { bytes, sha256 } = readLogo(logo.svg ?? logo.path ?? "", ctx.projectDir);
    if (sha256 === logo.sha256) return bytes;
    throw new BimiError(
      "logo_changed",
      `The logo ${logo.path ?? ""} changed while this update was running: its SHA-256 was ${logo.sha256} and is now ${sha256}. Nothing was ordered. Run \`pulumi up\` again.`,
    );
  } catch (error) {
    if (!(error instanceof LogoError) || error.code !== "missing" || earlierOrderId === undefined) throw error;
    const bytes = await orders.getLogo(ctx.client, earlierOrderId);
    if (sha256Of(bytes) === logo.sha256) return bytes;
    throw new BimiError(
      "logo_missing",
      `The logo ${logo.path ?? ""} is missing, and DigiCert's copy in order ${earlierOrderId} is another one (SHA-256 ${sha256Of(bytes)}, not ${logo.sha256}). Nothing was changed. Put the file back.`,
    );
  }
}

function sha256Of(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** SHA-256 of the logo that DigiCert holds for an order, `none` if it holds none; undefined when DigiCert does not say. */
export async function logoOfOrder(client: CertCentralClient, { orderId, vmc }: OrderInfo): Promise<string | undefined> {
  try {
    return sha256Of(await orders.getLogo(client, orderId));
  } catch (error) {
    if (!(error instanceof CertCentralError) || error.kind !== "refused") throw error;
    return error.notFound && vmc.logo === undefined && vmc.logoId === undefined ? "none" : undefined;
  }
}
