import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { SaxesParser } from "saxes";
import * as z from "zod";
import { ApiError, badParameter, switchedError } from "./errors";
import { type Answer, type Call, created, noContent, ok, type Route } from "./http";
import type { Logo, Order, Product } from "./state";
import { looseFlag, text, validate } from "./validateRequest";
import type { World } from "./world";

const SEED_OFFICES = ["us", "ca", "em", "gb", "de", "jp", "au", "es"];
const MAX_SVG_BYTES = 1_000_000;

export interface Trademark {
  trademark_country_code?: string;
  trademark_registration_number?: string;
}

/** The vmc object of an order: logo and hosting for both products, the trademark for VMC. */
export function vmcSchema(world: World, product: Product) {
  const { switches } = world;
  const hosting = { logo: text.max(MAX_SVG_BYTES).optional(), enable_hosting: looseFlag.optional() };
  const mark = { mark_type: text.optional(), mark_type_data: z.record(z.string(), z.string()).optional() };
  const all = { ...hosting, ...trademarkFields(world), ...mark };
  const allowed = [
    ...Object.keys(hosting),
    ...(product === "vmc_basic" ? Object.keys(trademarkFields(world)) : []),
    ...(switches.orderMarkType === "accepted" ? Object.keys(mark) : []),
  ];
  return z
    .strictObject(all)
    .superRefine((vmc, context) => {
      const strange = Object.keys(vmc).filter((name) => !allowed.includes(name));
      if (strange.length > 0) context.addIssue({ code: "unrecognized_keys", keys: strange, input: vmc });
      const { trademark_country_code: code, trademark_registration_number: number } = trademarkOf(vmc);
      if (!vmc.logo && (code || number)) {
        context.addIssue({ code: "custom", path: ["logo"], message: "is required when trademark data is given" });
      }
    })
    .transform((vmc) => ({ ...vmc, ...trademarkOf(vmc) }));
}

function trademarkFields(world: World) {
  const office =
    world.switches.trademarkOffices === "seed"
      ? z.string().refine((code) => SEED_OFFICES.includes(code), `must be one of ${SEED_OFFICES.join(", ")}`)
      : z.string().regex(/^[a-z]{2}$/i, "must be a two-letter code");
  const otherNames = { trademark_country_or_region: office.optional(), trademark_country: office.optional() };
  return {
    trademark_country_code: office.optional(),
    trademark_registration_number: text.max(255).optional(),
    ...(world.switches.trademarkFieldNames === "any" ? otherNames : ({} as Partial<typeof otherNames>)),
  };
}

function trademarkOf(vmc: object): Trademark {
  const fields = vmc as Record<string, string | undefined>;
  const code = fields.trademark_country_code ?? fields.trademark_country_or_region ?? fields.trademark_country;
  const number = fields.trademark_registration_number;
  return {
    ...(code && { trademark_country_code: code.toLowerCase() }),
    ...(number && { trademark_registration_number: number }),
  };
}

/** base64(gzip(svg)) back to the SVG's bytes. */
export function decodeLogo(world: World, encoded: string): Buffer {
  const unwrapped = world.switches.wrappedBase64 === "accepted" ? encoded.replace(/[\r\n]/g, "") : encoded;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(unwrapped) || unwrapped.length % 4 !== 0) {
    throw switchedError(world.switches.badLogoError, "The logo is not base64-encoded.");
  }
  try {
    return gunzipSync(Buffer.from(unwrapped, "base64"), { maxOutputLength: MAX_SVG_BYTES });
  } catch {
    throw switchedError(world.switches.badLogoError, "The logo is not compressed with gzip.");
  }
}

export function encodeSvg(svg: Buffer): string {
  return gzipSync(svg).toString("base64");
}

/** Refuses what is not an SVG of the Portable/Secure profile, with line and column. */
export function checkSvg(world: World, svg: Buffer): void {
  const refuse = (message: string, line = 1, column = 0) => {
    throw switchedError(world.switches.badLogoError, `${message} (line ${line}, column ${column})`);
  };
  const parser = new SaxesParser({ xmlns: true });
  let root: { version?: string; baseProfile?: string } | undefined;
  let title = false;
  parser.on("error", (error) => refuse(error.message.replace(/^\d+:\d+: /, ""), parser.line, parser.column));
  parser.on("opentag", (tag) => {
    if (!root) {
      if (tag.local !== "svg" || tag.uri !== "http://www.w3.org/2000/svg") {
        refuse("The root element is not svg.", parser.line, parser.column);
      }
      root = { version: tag.attributes.version?.value, baseProfile: tag.attributes.baseProfile?.value };
      if (root.baseProfile !== "tiny-ps") refuse('baseProfile is not "tiny-ps".', parser.line, parser.column);
      if (root.version !== "1.2") refuse('version is not "1.2".', parser.line, parser.column);
    }
    if (tag.local === "title") title = true;
    if (["script", "image", "foreignObject", "a", "animate"].includes(tag.local)) {
      refuse(`Element ${tag.local} is not allowed.`, parser.line, parser.column);
    }
  });
  const decoded = svg.toString("utf8");
  if (!Buffer.from(decoded, "utf8").equals(svg)) refuse("The file is not UTF-8.");
  parser.write(decoded).close();
  if (!root) refuse("There is no svg element.");
  if (!title) refuse("There is no title element.");
}

const sha256 = (svg: Buffer) => createHash("sha256").update(svg).digest("hex");

export function findLogo(world: World, accountId: number, product: Product, svg: Buffer): Logo | undefined {
  const hash = sha256(svg);
  return world.state.logos.find(
    (logo) => logo.accountId === accountId && logo.product === product && logo.sha256 === hash,
  );
}

/** An approved logo's trademark is settled: data that differ are refused. */
export function checkTrademark(world: World, logo: Logo | undefined, given: Trademark): void {
  if (logo?.status !== "approved") return;
  const { trademark_country_code: code, trademark_registration_number: number } = given;
  if ((code && code !== logo.trademarkCountryCode) || (number && number !== logo.trademarkRegistrationNumber)) {
    const message = "The trademark information does not match that of the approved logo.";
    throw switchedError(world.switches.trademarkMismatchError, message);
  }
}

/** Takes the account's logo with these bytes, or a new one; a pending logo takes the given trademark for all its orders. */
export function useLogo(world: World, accountId: number, product: Product, svg: Buffer, given: Trademark): Logo {
  let logo = findLogo(world, accountId, product, svg);
  if (!logo) {
    logo = { id: world.id(), accountId, product, sha256: sha256(svg), svg: svg.toString("base64"), status: "pending" };
    world.state.logos.push(logo);
  }
  if (logo.status === "pending") setTrademark(logo, given);
  return logo;
}

export function setTrademark(logo: Logo, given: Trademark): void {
  if (given.trademark_country_code) logo.trademarkCountryCode = given.trademark_country_code;
  if (given.trademark_registration_number) logo.trademarkRegistrationNumber = given.trademark_registration_number;
}

export function logoOf(world: World, order: Order): Logo | undefined {
  return world.state.logos.find((logo) => logo.id === order.logoId);
}

export const trademarkJson = (logo: Logo): Trademark => ({
  ...(logo.trademarkCountryCode && { trademark_country_code: logo.trademarkCountryCode }),
  ...(logo.trademarkRegistrationNumber && { trademark_registration_number: logo.trademarkRegistrationNumber }),
});

/** The media type must fit the document: image/svg+xml with an XML declaration, image/svg without one. */
function rawSvg(call: Call): Buffer {
  if (call.contentType !== "image/svg+xml" && call.contentType !== "image/svg") {
    throw new ApiError(415, "unsupported_media_type", "Content-Type must be image/svg+xml or image/svg.");
  }
  if (call.body.length === 0) throw new ApiError(400, "bad_request_format", "The request has no body.");
  return call.body;
}

function encodedSvg(call: Call): Buffer {
  return decodeLogo(call.world, validate(z.strictObject({ logo: text.max(MAX_SVG_BYTES) }), call.json).logo);
}

function upload(call: Call, svg: Buffer): Answer {
  const { world, key } = call;
  const order = world.order(key, call.params[0]!);
  if (order.status !== "pending") {
    throw new ApiError(400, "order_not_pending", "A logo can be uploaded to a pending order only.");
  }
  checkSvg(world, svg);
  const existing = findLogo(world, order.accountId, order.product, svg);
  const before = logoOf(world, order);
  const logo = useLogo(world, order.accountId, order.product, svg, existing || !before ? {} : trademarkJson(before));
  order.logoId = logo.id;
  return created({ id: logo.id, organization_id: order.organizationId, ...(existing && trademarkJson(logo)) });
}

function getLogo(call: Call): Answer {
  const logo = logoOf(call.world, call.world.order(call.key, call.params[0]!));
  if (!logo) throw new ApiError(404, "not_found|logo", "The order has no logo.");
  const svg = Buffer.from(logo.svg, "base64");
  if (call.accept.includes("image/svg")) return { status: 200, body: svg, contentType: "image/svg+xml" };
  return ok({ logo: encodeSvg(svg) });
}

function updateVmc(call: Call): Answer {
  const { world, key } = call;
  const order = world.order(key, call.params[0]!);
  const takes = world.switches.updateVmcFields;
  const trademark = takes === "hosting" || order.product !== "vmc_basic" ? {} : trademarkFields(world);
  const hosting = takes === "trademark" ? {} : { enable_hosting: looseFlag.optional() };
  const markTypeData = z
    .strictObject({
      country_code: text,
      state_province: text,
      locality: text,
      citation: text,
      registration_number: text,
    })
    .partial();
  const data = takes === "all" ? { mark_type_data: markTypeData.optional() } : {};
  const body = validate(z.strictObject({ ...trademark, ...hosting, ...data }), call.json) as Record<string, unknown>;
  if (Object.keys(body).length === 0) throw badParameter("body", "There is nothing to update.");

  const given: Trademark = trademarkOf(body);
  const details = body.mark_type_data as Record<string, string> | undefined;
  if (details?.country_code) given.trademark_country_code = details.country_code.toLowerCase();
  if (details?.registration_number) given.trademark_registration_number = details.registration_number;
  const logo = logoOf(world, order);
  if (Object.keys(given).length > 0 || details) {
    if (order.status !== "pending") throw new ApiError(400, "order_not_pending", "The order is not pending.");
    if (!logo) throw badParameter("vmc.logo", "Upload a logo before its trademark information.");
    checkTrademark(world, logo, given);
    if (logo.status === "pending") {
      setTrademark(logo, given);
      if (details) logo.markTypeData = { ...logo.markTypeData, ...details };
    }
  }
  if (body.enable_hosting !== undefined) {
    if (!["needs_approval", "pending", "processing", "issued", "reissue_pending"].includes(order.status)) {
      throw new ApiError(400, "order_not_pending", "Hosting is for pending and issued orders.");
    }
    order.enableHosting = body.enable_hosting as boolean;
  }
  return noContent();
}

function validateRaw(call: Call): Answer {
  const svg = rawSvg(call);
  const declared = /^\uFEFF?<\?xml\s/.test(svg.toString("utf8", 0, 200));
  if (declared !== (call.contentType === "image/svg+xml")) {
    throw new ApiError(400, "mime_type_mismatch", "The Content-Type header does not match the logo.");
  }
  checkSvg(call.world, svg);
  return noContent();
}

export const logoRoutes: Route[] = [
  { method: "PUT", path: "/util/validate-vmc-logo", access: "public", takes: "raw", handle: validateRaw },
  {
    method: "PUT",
    path: "/util/validate-vmc-encoded-logo",
    access: "public",
    handle: (call) => {
      checkSvg(call.world, encodedSvg(call));
      return noContent();
    },
  },
  {
    method: "POST",
    path: "/order/certificate/{id}/vmc/logo",
    access: "order",
    takes: "raw",
    handle: (call) => upload(call, rawSvg(call)),
  },
  {
    method: "POST",
    path: "/order/certificate/{id}/vmc/encoded-logo",
    access: "order",
    handle: (call) => upload(call, encodedSvg(call)),
  },
  { method: "GET", path: "/order/certificate/{id}/vmc/logo", access: "read", handle: getLogo },
  { method: "PUT", path: "/order/certificate/{id}/vmc", access: "order", handle: updateVmc },
];
