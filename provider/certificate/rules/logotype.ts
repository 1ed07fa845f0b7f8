import { createHash } from "node:crypto";
import { hashMatches, isSha1, type Logotype, LogotypeError } from "../logotype";
import { logotypeOf } from "../parse";
import { type CheckedRule, type Examined, MCR, type Problem } from "../rule";

const MEDIA_TYPE = "image/svg+xml";

/** The embedded logo. */
export const logotypeRules: CheckedRule[] = [
  {
    id: "CERT-008",
    severity: "error",
    title:
      "One embedded logo: subjectLogo, direct, one gzipped SVG as a data URI, nothing else (critical is a warning)",
    spec: `RFC 9399 § 4; ${MCR} § 7.1.2`,
    hint: "Receivers find no logo in this certificate: ask the authority to reissue it.",
    blocks: true,
    check: checkLogotype,
  },
  {
    id: "CERT-009",
    severity: "error",
    title: `The logo's media type is ${MEDIA_TYPE}, in the extension and in its data URI`,
    spec: "RFC 9399 § 4.3",
    hint: "Ask the authority to reissue it: receivers may refuse it.",
    blocks: false,
    check: (chain) => checkMediaTypes(readable(chain)),
  },
  {
    id: "CERT-010",
    severity: "error",
    title: "The embedded logo is what was hashed, and inflates to at most 256 KiB",
    spec: "RFC 9399 §§ 4.1, 7",
    hint: "Receivers refuse such a logo: ask the authority to reissue the certificate.",
    blocks: true,
    check: checkHashes,
  },
  {
    id: "CERT-011",
    severity: "error",
    title: "The embedded logo is the ordered one, byte for byte (one that was not ordered here is linted: warnings)",
    spec: 'RFC 9399 § 4.1; draft-brand-indicators-for-message-identification, "Construct BIMI-Location"',
    hint: "Order or reissue with the logo to be shown; its bytes must not change in between.",
    blocks: true,
    check: checkLogo,
  },
];

/** The logo, if it can be had. */
function readable({ logotype }: Pick<Examined, "logotype">): Logotype | undefined {
  return logotype instanceof LogotypeError ? undefined : logotype;
}

function checkLogotype({ leaf, logotype }: Examined): Problem[] {
  if (!logotype) return [{ message: `"${leaf.name}" has no logotype extension` }];
  const found: Problem[] = [];
  if (logotypeOf(leaf)?.critical) {
    found.push({ message: "the logotype extension is critical, which some receivers refuse", severity: "warning" });
  }
  if (logotype instanceof LogotypeError) {
    if (logotype.ruleId === "CERT-008") found.push({ message: logotype.message });
  } else if (logotype.others.length > 0) {
    found.push({ message: `the logotype extension has more than the logo: ${logotype.others.join(", ")}` });
  }
  return found;
}

function checkMediaTypes(logotype: Logotype | undefined): Problem[] {
  const places = ["the logotype extension", "the logo's data URI"];
  return (logotype?.mediaTypes ?? []).flatMap((type, place) =>
    type === MEDIA_TYPE ? [] : [{ message: `${places[place]} has the media type ${type} instead of ${MEDIA_TYPE}` }],
  );
}

/** Authorities hash the SVG as it was submitted; RFC 9399 § 7 wants its line ends as LF. */
function checkHashes(chain: Examined): Problem[] {
  if (chain.logotype instanceof LogotypeError && chain.logotype.ruleId === "CERT-010") {
    return [{ message: chain.logotype.message }];
  }
  const logotype = readable(chain);
  if (!logotype) return [];
  const { svg, hashes } = logotype;
  const canonical = withLf(svg);
  const found: Problem[] = [];
  const results = hashes.map((hash) => hashMatches(hash, svg));
  if (results.every((result) => result === undefined)) {
    return [{ message: "the embedded logo has no hash of a known kind" }];
  }
  hashes.forEach((hash, index) => {
    if (results[index] !== false) return;
    found.push(
      hashMatches(hash, canonical)
        ? { message: "the logo's hash matches only with line ends changed to LF", severity: "warning" }
        : { message: "the embedded logo is not the one that was hashed" },
    );
  });
  if (found.length > 0) return found;
  const hint = "Nothing: DigiCert hashes like this, and receivers accept it.";
  if (!svg.equals(canonical)) {
    const message = "the logo's hash is over line ends with CR, which RFC 9399 would change to LF first";
    found.push({ message, severity: "info", hint });
  }
  if (hashes.every((hash, index) => isSha1(hash) || results[index] === undefined)) {
    found.push({ message: "the logo is hashed with SHA-1 only", severity: "info", hint });
  }
  return found;
}

function checkLogo(chain: Examined): Problem[] | Promise<Problem[]> {
  const { logo, logoSha256, lint = true } = chain.input;
  const svg = readable(chain)?.svg;
  if (!svg) return [];
  const expected = logo ? sha256(logo) : logoSha256?.toLowerCase();
  // What was ordered here was linted before it was, with the rules that its program wants.
  if (expected === undefined) return lint ? lintEmbedded(svg) : [];
  if (sha256(svg) === expected) return [];
  const isAlmost = variants(svg).some((variant) => sha256(variant) === expected);
  const almost = isAlmost || (logo && squeezed(logo) === squeezed(svg));
  return [
    {
      message: `the embedded logo (SHA-256 ${sha256(svg)}) is not the ordered one (${expected})${almost ? ": it differs only by line ends or white space" : ""}`,
    },
  ];
}

async function lintEmbedded(svg: Buffer): Promise<Problem[]> {
  // Loaded late: an `up` has no need of it.
  const { lintLogo } = await import("../../logo/lint.js");
  const findings = (await lintLogo(svg)).filter(({ severity }) => severity === "error");
  return findings.map(({ ruleId, message, line, hint }) => ({
    message: `the embedded logo breaks ${ruleId}${line === undefined ? "" : ` in line ${line}`}: ${message}`,
    severity: "warning",
    ...(hint === undefined ? {} : { hint }),
  }));
}

/** What editors, git and web servers make of line ends and a file's end. */
function variants(svg: Buffer): Buffer[] {
  const lf = withLf(svg).toString("latin1");
  return [lf, lf.trimEnd(), `${lf.trimEnd()}\n`]
    .flatMap((text) => [text, text.replaceAll("\n", "\r\n")])
    .map((text) => Buffer.from(text, "latin1"));
}

function withLf(svg: Buffer): Buffer {
  return Buffer.from(svg.toString("latin1").replaceAll(/\r\n?/g, "\n"), "latin1");
}

function squeezed(svg: Uint8Array): string {
  return Buffer.from(svg).toString("latin1").replaceAll(/\s/g, "");
}

export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
