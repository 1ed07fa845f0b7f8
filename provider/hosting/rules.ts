import type { Finding, Severity } from "../finding";
import { readable } from "../readable";
import { compareChains, compareLogos, type KnownLogo, type LogoDifference, nameOf, sha256 } from "./compare";
import type { Answered, Failed, Fetched, FetchFailureCode } from "./fetch";

/** Rules about what `l=` and `a=` point at, and where they are written down. */
export const hostingRules = {
  "HOST-001": { title: "The URL answers 200 to everybody.", spec: "draft-fetch-validation-vmc-wchuang section 3.3" },
  "HOST-002": {
    title: "The URL does not redirect; never more than 3 times, and never to http.",
    spec: "draft-brand-indicators-for-message-identification, Assertion Record Definition",
  },
  "HOST-003": {
    title: "The host has a valid TLS certificate and speaks TLS 1.2 or newer.",
    spec: "draft-brand-indicators-for-message-identification, Security Considerations",
  },
  "HOST-004": { title: "The file is served with its media type.", spec: "RFC 9399 section 4.3" },
  "HOST-005": {
    title: "The file is small and comes in time: a logo of at most 64 KB, a chain of at most 256 KB, in 10 seconds.",
    spec: "draft-fetch-validation-vmc-wchuang section 3.3",
  },
  "HOST-006": {
    title: "The served logo is the ordered one, byte for byte.",
    spec: "draft-brand-indicators-for-message-identification, Construct BIMI-Location",
  },
  "HOST-007": {
    title: "The served chain has the issued certificates.",
    spec: "draft-fetch-validation-vmc-wchuang section 3.3",
  },
  "HOST-008": {
    title: "A new certificate has a new URL: receivers cache by URL.",
    spec: "draft-fetch-validation-vmc-wchuang section 3.3",
  },
  "HOST-009": {
    title: "No bot wall turns away clients that are no browsers.",
    spec: "draft-fetch-validation-vmc-wchuang section 3.3",
  },
} as const;
export type HostingRule = keyof typeof hostingRules;

/** What a URL stands for: `l=` or `a=`. */
export type HostedKind = "logo" | "certificate";

/** HOST-001 to HOST-005 and HOST-009: how a file is served, whatever is in it. */
export function servingFindings(kind: HostedKind, fetched: Fetched): Finding[] {
  return "failure" in fetched ? [failureFinding(kind, fetched)] : answerFindings(kind, fetched);
}

/** HOST-006: the served logo against the one that was ordered, or that a certificate holds. */
export function logoFindings(ordered: KnownLogo, url: string, served: Uint8Array): Finding[] {
  const difference = compareLogos(ordered, served);
  if (difference === "none") return [];
  const expected = "sha256" in ordered ? ordered.sha256 : sha256(ordered);
  const { message, hint } = logoDifferences[difference];
  const hashes = `SHA-256 ${sha256(served)} instead of ${expected}`;
  return [
    finding("HOST-006", difference === "compressed" ? "warning" : "error", `${url} ${message} (${hashes}).`, hint),
  ];
}

/** HOST-007: the served chain against the issued one. */
export function chainFindings(issued: string, url: string, served: string): Finding[] {
  const difference = compareChains(issued, served);
  const error = (message: string, hint: string) => [finding("HOST-007", "error", `${url} ${message}.`, hint)];
  switch (difference.kind) {
    case "none":
      return [];
    case "root":
      return [finding("HOST-007", "info", `${url} differs from the issued chain only by a root certificate.`)];
    case "order":
      return error("serves the issued certificates, but not each once from leaf to root", "Serve the file as issued.");
    case "incomplete":
      return error(
        `serves a chain without ${difference.missing.map(quoted).join(", ")}`,
        "Serve the whole chain as issued: leaf, intermediates, root.",
      );
    case "extra":
      return error(
        `serves more than the issued chain: ${difference.extra.map(quoted).join(", ")}`,
        "Serve the chain as issued and nothing else.",
      );
    case "other leaf": {
      const { serialNumber, validTo } = difference.served;
      return error(
        `serves another certificate: ${quoted(nameOf(difference.served))}, serial number ${serialNumber}, valid until ${validTo}`,
        "Serve the chain that was issued last.",
      );
    }
    case "no certificate":
      return error("serves no certificate in PEM form", "Serve the issued chain as PEM text.");
    case "private key":
      return error(
        "serves a private key",
        "Remove the file at once and take the key for compromised. Serve the certificates only.",
      );
  }
}

/** HOST-008: a later certificate under the URL of an earlier one. */
export function sameUrlFinding(url: string): Finding {
  return finding(
    "HOST-008",
    "warning",
    `${url} also stood for the certificate before this one: receivers that keep the file do not see the new one until their copy ends.`,
    "Serve each certificate at a URL of its own, and set certificateUrl to it.",
  );
}

const logoDifferences: Record<Exclude<LogoDifference, "none">, { message: string; hint: string }> = {
  compressed: {
    message: "serves the ordered logo compressed (SVGZ)",
    hint: "Serve the uncompressed file: not all receivers decompress it.",
  },
  "line ends": {
    message: "serves a logo that differs from the ordered one only by line ends",
    hint: "Upload the file in binary mode; in Git, mark it `-text` in .gitattributes.",
  },
  "byte order mark": {
    message: "serves a logo that differs from the ordered one only by a byte order mark",
    hint: "Upload the file as it was ordered.",
  },
  "white space": {
    message: "serves a logo that differs from the ordered one only by white space",
    hint: "Keep formatters, minifiers and the CDN's optimization away from this file.",
  },
  other: {
    message: "serves another logo than the ordered one",
    hint: "Serve exactly the bytes that were ordered: one changed byte, by an optimizer or an editor, and no logo is shown.",
  },
};

const failures: Record<FetchFailureCode, [rule: HostingRule, hint: string]> = {
  url: ["HOST-001", "Give an https URL without user name and password."],
  dns: ["HOST-001", "Publish an A or AAAA record for the host."],
  private: [
    "HOST-001",
    "Mail receivers cannot reach it. If this is meant to stay inside: --allow-private, or config bimi:allowPrivateHosts true.",
  ],
  network: ["HOST-001", "Serve the file over https where everybody can reach it."],
  tls: ["HOST-003", "Give the host a certificate that browsers trust, with its intermediates, for exactly this name."],
  timeout: ["HOST-005", "Serve the file from a fast host: receivers do not wait."],
  too_large: ["HOST-005", "Serve the small file that was ordered or issued, and nothing else, at this URL."],
  encoding: ["HOST-005", "Serve the file uncompressed to clients that ask for no compression."],
  redirect: ["HOST-002", "Publish the URL of the file itself: many receivers follow no redirect."],
};

function failureFinding(kind: HostedKind, { url, failure, message, redirects }: Failed): Finding {
  const [rule, hint] = failures[failure];
  const via = redirects.length > 0 ? `, after redirects to ${redirects.join(", ")}` : "";
  return finding(rule, "error", `The ${kind} at ${url} cannot be fetched: ${message}${via}.`, hint);
}

const pemTypes = ["application/pem-certificate-chain", "application/x-pem-file", "application/x-x509-ca-cert"];
/** What servers say of a file that they know nothing about. */
const neutralTypes = ["text/plain", "application/octet-stream", "binary/octet-stream"];

function answerFindings(kind: HostedKind, { url, status, contentType, redirects, tls, refusals }: Answered): Finding[] {
  const findings: Finding[] = [];
  const what = `The ${kind} at ${url}`;
  if (status !== 200) {
    const isTurnedAway = status === 403 || status === 429 || status === 503;
    findings.push(
      finding(
        "HOST-001",
        "error",
        `${what} answers ${status}${isTurnedAway ? ", to clients of any name" : ""}.`,
        isTurnedAway
          ? "Take bot walls, rate limits and country blocks off this URL: mail receivers fetch it from anywhere."
          : "Serve the file there, to everybody, before the DNS record points at it.",
      ),
    );
  }
  if (redirects.length > 0) {
    const hint = "Publish the URL of the file itself: many receivers follow no redirect.";
    findings.push(finding("HOST-002", "warning", `${what} redirects to ${redirects.join(", then to ")}.`, hint));
  }
  if (tls !== undefined && !["TLSv1.2", "TLSv1.3"].includes(tls)) {
    const hint = "Allow TLS 1.2 and 1.3 at the host.";
    findings.push(finding("HOST-003", "warning", `${what} is served with ${tls} only, which receivers refuse.`, hint));
  }
  if (status === 200) {
    const served = contentType ? `as ${contentType}` : "without a media type";
    if (kind === "logo" && contentType !== "image/svg+xml") {
      findings.push(finding("HOST-004", "warning", `${what} is served ${served}.`, "Serve it as image/svg+xml."));
    }
    if (kind === "certificate" && contentType && ![...pemTypes, ...neutralTypes].includes(contentType)) {
      const hint = "Serve it as application/pem-certificate-chain.";
      findings.push(finding("HOST-004", "info", `${what} is served ${served}.`, hint));
    }
    if (refusals.length > 0) {
      const turnedAway = refusals.map(({ status, userAgent }) => `${status} to the user agent ${userAgent}`).join(", ");
      findings.push(
        finding(
          "HOST-009",
          "warning",
          `${what} answers ${turnedAway}, and 200 to another.`,
          "Take bot walls off this URL: mail receivers are no browsers.",
        ),
      );
    }
  }
  return findings;
}

function finding(ruleId: HostingRule, severity: Severity, message: string, hint?: string): Finding {
  const { spec } = hostingRules[ruleId];
  return { ruleId, severity, message: readable(message, 600), spec, ...(hint === undefined ? {} : { hint }) };
}

function quoted(name: string): string {
  return `"${readable(name, 100)}"`;
}
