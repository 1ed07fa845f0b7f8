import { createHash, X509Certificate } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { isSignedBy } from "../certificate/signature";
import { MAX_HOSTED_LOGO_BYTES } from "./fetch";

/** A logo's bytes, or what is known of them. */
export type KnownLogo = Uint8Array | { sha256: string };

/** How a served logo differs from the one that was ordered. */
export type LogoDifference =
  | "none"
  /** Compressed (SVGZ); inside are the same bytes. */
  | "compressed"
  /** Only the line ends, by an editor, Git's autocrlf or an FTP program. */
  | "line ends"
  /** Only a byte order mark at the start. */
  | "byte order mark"
  /** Only white space: a final line end, indentation, by a formatter or minifier. */
  | "white space"
  | "other";

/** Mail receivers compare byte by byte; what differs only a little is named, since the remedy is another one. */
export function compareLogos(ordered: KnownLogo, served: Uint8Array): LogoDifference {
  const expected = "sha256" in ordered ? ordered.sha256.toLowerCase() : sha256(ordered);
  const isOrdered = (bytes: Uint8Array) => sha256(bytes) === expected;
  if (isOrdered(served)) return "none";
  const inflated = inflate(served);
  if (inflated) return isOrdered(inflated) ? "compressed" : "other";

  const text = Buffer.from(served).toString("latin1");
  const isOrderedText = (variant: string) => isOrdered(Buffer.from(variant, "latin1"));
  const lf = text.replaceAll(/\r\n?/g, "\n");
  if ([lf, lf.replaceAll("\n", "\r\n"), lf.replaceAll("\n", "\r")].some(isOrderedText)) return "line ends";
  const bom = "\xef\xbb\xbf";
  if ([text.startsWith(bom) ? text.slice(bom.length) : bom + text].some(isOrderedText)) return "byte order mark";
  const bare = lf.trimEnd();
  if (["", "\n", "\r\n"].some((end) => isOrderedText(bare + end))) return "white space";
  if ("sha256" in ordered) return "other";
  const squeezed = (bytes: string) => bytes.replaceAll(/\s+/g, "");
  return squeezed(text) === squeezed(Buffer.from(ordered).toString("latin1")) ? "white space" : "other";
}

/** How a served chain differs from the one that was issued; text around the certificates and line ends do not count. */
export type ChainDifference =
  | { kind: "none" }
  /** The same certificates, the root perhaps aside. */
  | { kind: "order" }
  /** The root is missing or was added at the end, which receivers accept. */
  | { kind: "root" }
  /** The leaf is the same, but not all that lead to the root are there. */
  | { kind: "incomplete"; missing: string[] }
  /** The leaf is the same; others were added. */
  | { kind: "extra"; extra: string[] }
  /** Another leaf certificate. */
  | { kind: "other leaf"; served: X509Certificate }
  | { kind: "no certificate" }
  | { kind: "private key" };

export function compareChains(issued: string, served: string): ChainDifference {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(served)) return { kind: "private key" };
  const [expected, found] = [certificatesOf(issued), certificatesOf(served)];
  if (found.length === 0) return { kind: "no certificate" };
  const blocks = served.match(/-----BEGIN [^-]*-----/g)?.length ?? 0;
  if (blocks > found.length) return { kind: "extra", extra: ["a block that is no readable certificate"] };
  const ids = (list: X509Certificate[]) => list.map(({ fingerprint256 }) => fingerprint256);
  const [expectedIds, foundIds] = [ids(expected), ids(found)];
  if (foundIds.join() === expectedIds.join()) return { kind: "none" };
  if (!foundIds.includes(expectedIds[0]!)) {
    return { kind: "other leaf", served: found.find(({ ca }) => !ca) ?? found[0]! };
  }
  const missing = expected.filter(({ fingerprint256 }) => !foundIds.includes(fingerprint256));
  const isTwice = (one: X509Certificate) => expectedIds.includes(one.fingerprint256);
  const extra = found.filter(({ fingerprint256 }, at) => {
    return !expectedIds.includes(fingerprint256) || foundIds.indexOf(fingerprint256) !== at;
  });
  const isRoot = ({ subject, issuer }: X509Certificate) => subject === issuer;
  if (!missing.every(isRoot)) return { kind: "incomplete", missing: missing.map(nameOf) };
  const known = foundIds.filter((id) => expectedIds.includes(id));
  if (known.join() !== expectedIds.filter((id) => known.includes(id)).join()) return { kind: "order" };
  const top = expected.at(-1)!;
  const isRootAbove = (one: X509Certificate) =>
    isRoot(one) && one === found.at(-1) && !isTwice(one) && top.checkIssued(one) && isSignedBy(top, one);
  if (!extra.every(isRootAbove)) return { kind: "extra", extra: extra.map(nameOf) };
  return { kind: "root" };
}

/** The certificates of a PEM file that can be read. */
export function certificatesOf(pem: string): X509Certificate[] {
  return [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)]
    .slice(0, 50)
    .flatMap(([block]) => {
      try {
        return [new X509Certificate(block)];
      } catch {
        return [];
      }
    });
}

export function nameOf({ subject }: X509Certificate): string {
  const commonName = /^CN=(.*)$/m.exec(subject)?.[1]?.replaceAll(/\\(.)/g, "$1");
  return commonName ?? subject.replaceAll("\n", ", ");
}

/** What a gzip stream holds, up to the size that any logo may have. */
export function inflate(bytes: Uint8Array): Buffer | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return undefined;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_HOSTED_LOGO_BYTES });
  } catch {
    return undefined;
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
