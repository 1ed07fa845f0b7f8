import { createHash } from "node:crypto";
import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type CertCentralClient, CertCentralError, orders } from "../certcentral";
import type { OrderInfo } from "../certcentral/orders";
import { BimiError, type Context } from "../context";
import type { Failure } from "../lifecycle";
import { LogoError, lintLogo, readLogo } from "../logo";
import { isUnknown } from "../unknown";
import type { CheckedLogo } from "./inputs";

/**
 * Reads and lints the logo and puts what identifies its bytes into the inputs. A file that is gone is no error while
 * the state still knows its hash: DigiCert has the bytes.
 */
export async function resolveLogo(
  ctx: Context,
  logo: unknown,
  before: unknown,
  urn?: string,
): Promise<{ logo: unknown; failures: Failure[] }> {
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
    // DigiCert has the bytes that the state knows: a rule that came later refuses nothing, and all else was said.
    const settled = (before as CheckedLogo | undefined)?.sha256 === sha256;
    const findings = settled ? [] : await lintLogo(bytes);
    for (const finding of findings.filter((f) => f.severity !== "error"))
      ctx.sayOnce(`logo ${file ?? ""}: ${finding.ruleId} ${finding.message}`, urn);
    const failures = findings
      .filter((finding) => finding.severity === "error")
      .map(({ ruleId, line, column, message, hint }) =>
        fail(
          `${ruleId}${line === undefined ? "" : ` at line ${line}, column ${column}`}: ${message}${hint ? ` ${hint}` : ""}`,
        ),
      );
    return { logo: file === undefined ? { svg: logo, sha256, size } : { path: file, sha256, size }, failures };
  } catch (error) {
    if (!(error instanceof LogoError)) throw error;
    const known = before as CheckedLogo | undefined;
    if (
      error.code === "missing" &&
      known?.sha256 &&
      known.path !== undefined &&
      samePath(ctx.projectDir, known.path, logo)
    ) {
      ctx.sayOnce(`logo ${logo} is missing; the order keeps the bytes with SHA-256 ${known.sha256}.`, urn);
      return { logo: known, failures: [] };
    }
    return { logo, failures: [fail(error.message)] };
  }
}

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
