import { createPublicKey } from "node:crypto";
import { derParts, readDer } from "../der";
import { logotypeOf, type ParsedCertificate } from "../parse";
import { type CheckedRule, type Examined, MCR, type Problem, type Product } from "../rule";
import { PILOT_EXTENSION } from "./extensions";

const mark = (arcs: string) => `1.3.6.1.4.1.53087.${arcs}`;
/** Subject attribute that names the type of mark. */
const MARK_TYPE = mark("1.13");
const PILOT_END = new Date("2025-03-15T00:00:00Z");
const PRIOR_USE_URL_BEGIN = new Date("2025-04-15T00:00:00Z");

interface Attribute {
  type: string;
  name: string;
}
const attribute = (type: string, name: string): Attribute => ({ type, name });
const country = attribute("2.5.4.6", "countryName");
const state = attribute("2.5.4.8", "stateOrProvinceName");
const locality = attribute("2.5.4.7", "localityName");
const jurisdictionLocality = attribute("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionLocalityName");
const jurisdictionState = attribute("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionStateOrProvinceName");
const jurisdictionCountry = attribute("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountryName");
const trademarkOffice = attribute(mark("1.2"), "trademarkOfficeName");
const trademarkCountry = attribute(mark("1.3"), "trademarkCountryOrRegionName");
const trademarkId = attribute(mark("1.4"), "trademarkIdentifier");
const statuteCountry = attribute(mark("3.2"), "statuteCountryName");
const statuteState = attribute(mark("3.3"), "statuteStateOrProvinceName");
const statuteLocality = attribute(mark("3.4"), "statuteLocalityName");
const statuteCitation = attribute(mark("3.5"), "statuteCitation");
const statuteUrl = attribute(mark("3.6"), "statuteURL");
const priorUseUrl = attribute(mark("5.1"), "priorUseMarkSourceURL");

const everywhere = [
  attribute("2.5.4.10", "organizationName"),
  attribute("2.5.4.9", "streetAddress"),
  country,
  attribute("2.5.4.15", "businessCategory"),
  attribute("2.5.4.5", "serialNumber"),
  jurisdictionCountry,
];
/** An attribute means nothing without the one of the level above. */
const levels: [lower: Attribute, upper: Attribute][] = [
  [jurisdictionLocality, jurisdictionState],
  [statuteLocality, statuteState],
  [statuteState, statuteCountry],
];
const ofMarks = [
  trademarkOffice,
  trademarkCountry,
  trademarkId,
  statuteCountry,
  statuteState,
  statuteLocality,
  statuteCitation,
  statuteUrl,
  priorUseUrl,
];

interface MarkType {
  product: Product;
  /** What says which mark it is: without it the type is a mere claim. */
  required: Attribute[];
  allowed: Attribute[];
}
const trademark = { required: [trademarkCountry, trademarkId], allowed: [trademarkOffice] };
const markTypes: Record<string, MarkType> = {
  "Registered Mark": { product: "vmc_basic", ...trademark },
  "Government Mark": {
    product: "vmc_basic",
    required: [statuteCountry, statuteCitation],
    allowed: [statuteState, statuteLocality, statuteUrl],
  },
  "Prior Use Mark": { product: "mark_certificate", required: [], allowed: [priorUseUrl] },
  "Modified Registered Mark": { product: "mark_certificate", ...trademark },
};

/** What the certificate says of the mark, of its owner and of the key. */
export const subjectRules: CheckedRule[] = [
  {
    id: "CERT-015",
    severity: "error",
    title:
      "The mark type exists and is the ordered one, and the subject has the attributes that it must have and none that it must not",
    spec: `${MCR} § 7.1.4.2`,
    hint: "Ask the authority to reissue it: receivers may refuse it.",
    blocks: "unless-ignored",
    check: (chain) => [...checkMarkType(chain), ...checkAttributes(chain), ...checkDatedRules(chain)],
  },
  {
    id: "CERT-017",
    severity: "error",
    title: "The certificate is for the key of the signing request, when there was one",
    spec: "RFC 2986 § 4.1",
    hint: "This certificate was issued for another request: ask the authority to reissue it.",
    blocks: false,
    check: checkKey,
  },
  {
    id: "CERT-018",
    severity: "info",
    title: "What mailbox providers make of this kind of certificate",
    spec: "https://support.google.com/a/answer/10911027; https://developer.apple.com/support/bimi/",
    hint: "Nothing: whether a logo is shown is for each mailbox provider to decide.",
    blocks: false,
    check: ({ leaf }) => classify(leaf),
  },
];

function markTypesOf({ subject }: ParsedCertificate): string[] {
  return subject.filter(({ type }) => type === MARK_TYPE).map(({ value }) => value);
}

/** The type of mark, if the certificate names one and no more. */
export function markTypeOf(leaf: ParsedCertificate): string | undefined {
  return markTypesOf(leaf)[0];
}

function checkMarkType({ leaf, input }: Examined): Problem[] {
  const found = markTypesOf(leaf);
  if (found.length !== 1) {
    const message = `"${leaf.name}" has ${found.length === 0 ? "no mark type" : `${found.length} mark types`} in its subject`;
    return [{ message, hint: "Certificates have named their mark type since 2022: reissue an older one." }];
  }
  const markType = found[0]!;
  const type = typeNamed(markType);
  if (!type) return [{ message: `"${markType}" is no mark type: ${Object.keys(markTypes).join(", ")}` }];
  const problems: Problem[] = [];
  const { product, markType: ordered } = input;
  if (product && type.product !== product) {
    const sold = Object.keys(markTypes).filter((name) => markTypes[name]!.product === product);
    problems.push({ message: `"${markType}" is no mark type of the product ${product}: ${sold.join(", ")}` });
  }
  if (ordered !== undefined && isSold(product, ordered) && spelled(ordered) !== spelled(markType)) {
    problems.push({ message: `the certificate is for a ${markType}, and a ${ordered} was ordered` });
  }
  const missing = type.required.filter(({ type }) => !has(leaf, type));
  if (missing.length > 0) {
    problems.push({ message: `a ${markType} must have ${names(missing)} in its subject` });
  }
  return problems;
}

function checkAttributes({ leaf }: Examined): Problem[] {
  const messages: string[] = [];
  const missing = everywhere.filter(({ type }) => !has(leaf, type)).map(({ name }) => name);
  if (!has(leaf, locality.type) && !has(leaf, state.type)) missing.push(`${locality.name} or ${state.name}`);
  if (missing.length > 0) messages.push(`the subject has no ${missing.join(", ")}`);
  for (const [lower, upper] of levels) {
    if (has(leaf, lower.type) && !has(leaf, upper.type)) {
      messages.push(`the subject has ${lower.name}, but no ${upper.name}`);
    }
  }
  const markType = markTypeOf(leaf) ?? "";
  const type = typeNamed(markType);
  if (type) {
    const may = [...type.required, ...type.allowed];
    const extra = ofMarks.filter((one) => has(leaf, one.type) && !may.includes(one));
    if (extra.length > 0) messages.push(`a ${markType} must not have ${names(extra)} in its subject`);
  }
  return messages.map((message) => ({ message }));
}

/** Rules with a day on which they began: certificates of before are good without. */
function checkDatedRules({ leaf }: Examined): Problem[] {
  const messages: string[] = [];
  const markType = markTypeOf(leaf) ?? "";
  const mayHaveUrl = typeNamed(markType)?.allowed.includes(priorUseUrl);
  if (mayHaveUrl && leaf.notBefore >= PRIOR_USE_URL_BEGIN && !has(leaf, priorUseUrl.type)) {
    messages.push(`a ${markType} must have ${priorUseUrl.name} in its subject, since 2025-04-15`);
  }
  if (leaf.notBefore >= PILOT_END && leaf.extensions.some(({ extnID }) => extnID === PILOT_EXTENSION)) {
    messages.push("the certificate has the extension of the pilot, which none may have since 2025-03-15");
  }
  return messages.map((message) => ({ message }));
}

/** Whether a type is one of the product's: of others, DigiCert's field for VMCs says nothing of a CMC. */
function isSold(product: Product | undefined, markType: string): boolean {
  const type = Object.entries(markTypes).find(([name]) => spelled(name) === spelled(markType))?.[1];
  return product === undefined || type === undefined || type.product === product;
}

function has({ subject }: ParsedCertificate, wanted: string): boolean {
  return subject.some(({ type, value }) => type === wanted && value.trim() !== "");
}

function typeNamed(markType: string): MarkType | undefined {
  return Object.hasOwn(markTypes, markType) ? markTypes[markType] : undefined;
}

const names = (attributes: Attribute[]) => attributes.map(({ name }) => name).join(", ");
/** The API writes `registered_mark` where certificates write "Registered Mark". */
const spelled = (markType: string) => markType.toLowerCase().replaceAll("_", " ");

function checkKey({ leaf, input: { csr } }: Examined): Problem[] {
  if (csr === undefined) return [];
  let wanted: Buffer;
  try {
    wanted = requestedKey(csr);
  } catch (error) {
    const hint = "Give the CERTIFICATE REQUEST or PUBLIC KEY block.";
    return [{ message: `the signing request cannot be read: ${(error as Error).message}`, hint }];
  }
  const key = leaf.x509.publicKey.export({ type: "spki", format: "der" });
  return key.equals(wanted) ? [] : [{ message: `"${leaf.name}" has another key than the request` }];
}

/** DER of the key of a PKCS #10 request or of a public key, both in PEM form. */
function requestedKey(pem: string): Buffer {
  const request = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([^-]+)-----END/.exec(pem)?.[1];
  if (request === undefined) return createPublicKey(pem).export({ type: "spki", format: "der" });
  const [info] = derParts(readDer(Buffer.from(request, "base64")));
  // version, subject, public key
  const key = info && derParts(info)[2];
  if (!key) throw new RangeError("it has no public key");
  return createPublicKey({ key: key.raw, type: "spki", format: "der" }).export({ type: "spki", format: "der" });
}

function classify(leaf: ParsedCertificate): Problem[] {
  const type = typeNamed(markTypeOf(leaf) ?? "");
  // Before mark types there were VMCs only.
  const product = type?.product ?? (logotypeOf(leaf) ? "vmc_basic" : undefined);
  if (!product) return [];
  return [
    {
      message:
        product === "vmc_basic"
          ? "this is a Verified Mark Certificate: Gmail may show the logo with a blue tick, Apple Mail may show the logo"
          : "this is a Common Mark Certificate: Gmail may show the logo without a tick, Apple Mail generally does not",
    },
  ];
}
