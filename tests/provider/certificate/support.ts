import { readFileSync } from "node:fs";
import { join } from "node:path";
import { simulatorLog } from "../../../provider/certificate/logs";
import { type Verification, type VerificationInput, verifyMarkCertificate } from "../../../provider/certificate/verify";
import type { Finding } from "../../../provider/finding";
import { forgeChain } from "./forge";

/** When forged chains are valid. */
export const at = new Date("2026-06-01T00:00:00Z");

// the compiled specs lie in dist/tests/provider/certificate
const fixtures = join(__dirname, "../../../../tests/fixtures/pem");

export function fixture(name: string): string {
  return readFileSync(join(fixtures, name), "utf8");
}

/** As forged chains are to be verified: in the tests' log. */
export function verify(input: Omit<VerificationInput, "at"> & { at?: Date }): Promise<Verification> {
  return verifyMarkCertificate({ at, logs: [simulatorLog], ...input });
}

/** Verifies a forged chain against its own root, which is as good as pinned. */
export async function verifyForged(
  changes: Parameters<typeof forgeChain>[0],
  input: Partial<VerificationInput> = {},
): Promise<Verification> {
  const { pem, root } = await forgeChain(changes);
  return verify({ pem, roots: [root.pem], logo: undefined, ...input });
}

const ids = (findings: Finding[]) => [...new Set(findings.map(({ ruleId }) => ruleId))];

export function errors({ findings }: Verification): string[] {
  return ids(findings.filter(({ severity }) => severity === "error"));
}

export function warnings({ findings }: Verification): string[] {
  return ids(findings.filter(({ severity }) => severity === "warning"));
}

/** What keeps it from being published. */
export function blocking({ blocking }: Verification): string[] {
  return ids(blocking);
}

/** All that is wrong or may be: no mere information. */
export function flaws({ findings }: Verification): string[] {
  return findings.filter(({ severity }) => severity !== "info").map(({ ruleId, message }) => `${ruleId} ${message}`);
}

export function messages({ findings }: Verification): string {
  return findings.map(({ message }) => message).join("\n");
}
