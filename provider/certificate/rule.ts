import type { Severity } from "../finding";
import { day } from "../time";
import type { Logotype, LogotypeError } from "./logotype";
import type { CtLog } from "./logs";
import type { ParsedCertificate, ParsedPem } from "./parse";

/** What a certificate is verified against. Rules that need what is not given are not applied. */
export interface VerificationInput {
  /** The chain as it is to be published. */
  pem: string;
  /** Trusted roots in PEM form, see `trustedRoots`. */
  roots: readonly string[];
  /** Approved certificate-transparency logs, see `trustedLogs`. Default: the pinned ones. */
  logs?: readonly CtLog[];
  /** The time to verify at. */
  at: Date;
  /** The ordered domains. */
  dnsNames?: readonly string[];
  /** The ordered logo's bytes, or their SHA-256 in hex. */
  logo?: Uint8Array;
  logoSha256?: string;
  /** Whether a logo that was not ordered here is linted. Default: true. */
  lint?: boolean;
  product?: Product;
  /** The ordered mark type, such as `Registered Mark` or `registered_mark`. */
  markType?: string;
  /** The certificate signing request, or the public key, in PEM form, when the order had one. */
  csr?: string;
  /** Fetches revocation lists, which are looked at only with it. The list of an honest authority has some KB. */
  fetch?: (url: string) => Promise<Buffer>;
  /** What keeps a certificate from being published: the rules that block (default), or every one. */
  enforce?: "default" | "all";
  /** Ids of rules that do not count for that, see {@link mayBeIgnored}. */
  ignore?: readonly string[];
}

export type Product = "vmc_basic" | "mark_certificate";

/** A chain, taken apart. */
export interface Examined {
  input: VerificationInput;
  pem: ParsedPem;
  roots: ParsedCertificate[];
  leaf: ParsedCertificate;
  /** Leaf, its issuer, and so on up to where the file ends. */
  path: ParsedCertificate[];
  /** Certificates of the file that are no part of the path. */
  unused: ParsedCertificate[];
  anchor?: Anchor;
  /** The embedded logo, or why it cannot be had; undefined without a logotype extension. */
  logotype?: Logotype | LogotypeError;
}

export interface Anchor {
  root: ParsedCertificate;
  /** Index in the path of the highest certificate that counts: the root itself or what it signed. */
  at: number;
}

/** A finding without what its rule knows. */
export interface Problem {
  message: string;
  /** Default: the rule's. */
  hint?: string;
  /** Default: the rule's. */
  severity?: Severity;
}

/** One rule of mark certificates. */
export interface Rule {
  id: string;
  severity: Severity;
  /** What it wants, in one line. */
  title: string;
  /** Where the rule is written down. */
  spec: string;
  /** What to do about it. */
  hint: string;
  /**
   * Whether its errors keep the certificate from being published: all of it, also only `unless-ignored`, or (`names`) for
   * the names that they are about. Errors and warnings of the others do so only when every rule is enforced, and unless
   * ignored.
   */
  blocks: boolean | "unless-ignored" | "names";
}

/** Whether a user may publish in spite of a rule. Receivers, or those who trust a record, need what the others want. */
export function mayBeIgnored({ blocks }: Rule): boolean {
  return blocks === false || blocks === "unless-ignored";
}

export interface CheckedRule extends Rule {
  check(chain: Examined): Problem[] | Promise<Problem[]>;
}

/** How far clocks may differ before a date counts. */
export const CLOCK_TOLERANCE = day;

export const MCR = "Minimum Security Requirements for Issuance of Mark Certificates";
export const FETCH_DRAFT = "draft-fetch-validation-vmc-wchuang";
