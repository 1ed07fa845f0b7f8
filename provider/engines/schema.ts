import { z } from "zod";
import type { ChangeTable } from "../changes";
import { contact, person } from "../inputs";
import { orderChanges } from "../order/changes";
import { checkedLogo, orderInputs } from "../order/inputs";
import { orderOutputs } from "../order/outputs";
import { cmcOrderInputs, cmcOrderOutputs } from "../resources/cmcOrder";
import { markCertificateInputs, markCertificateOutputs } from "../resources/markCertificate";
import { orgValidationChanges, orgValidationInputs, orgValidationOutputs } from "../resources/orgValidation";
import { vmcOrderInputs, vmcOrderOutputs } from "../resources/vmcOrder";

/**
 * Pulumi's package schema of this package, made from the zod schemas of the resources
 * (https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/). `npm run schema` writes it to
 * schema.json.
 */

export interface ResourceShape {
  inputs: z.ZodObject;
  outputs: z.ZodObject;
  /** What a change of an input does at DigiCert; a `MarkCertificate` only reads there. */
  changes?: ChangeTable;
}

export const resources: Readonly<Record<string, ResourceShape>> = {
  VmcOrder: { inputs: vmcOrderInputs, outputs: vmcOrderOutputs, changes: orderChanges },
  CmcOrder: { inputs: cmcOrderInputs, outputs: cmcOrderOutputs, changes: orderChanges },
  OrgValidation: { inputs: orgValidationInputs, outputs: orgValidationOutputs, changes: orgValidationChanges },
  MarkCertificate: { inputs: markCertificateInputs, outputs: markCertificateOutputs },
};

/** Configuration of a stack (`bimi:<name>`) and arguments of a `Provider`. */
export const configuration: Readonly<
  Record<string, { type: "string" | "boolean" | "integer"; secret?: true; environment?: string }>
> = {
  apiKey: { type: "string", secret: true, environment: "DIGICERT_API_KEY" },
  baseUrl: { type: "string", environment: "DIGICERT_BASE_URL" },
  allowOrders: { type: "boolean" },
  maxOrdersPerUpdate: { type: "integer" },
  onDeadOrder: { type: "string" },
  resolver: { type: "string" },
  extraRoots: { type: "string" },
  allowPrivateHosts: { type: "boolean" },
};

/** Names that the generated SDKs of other languages give to nested objects and enums: fixed, like the properties'. */
const typeNames = new Map<z.core.$ZodType, string>(
  (
    [
      [person, "Person"],
      [contact, "Contact"],
      [orderInputs.organization, "OrderOrganization"],
      [orderInputs.dcvMethod, "DcvMethod"],
      [orderInputs.dcvEmails, "DcvEmail"],
      [orderInputs.paymentMethod, "PaymentMethod"],
      [orderInputs.creditCard, "CreditCard"],
      [orderInputs.billingAddress, "BillingAddress"],
      [orderInputs.customFields, "CustomField"],
      [orderInputs.onDelete, "OrderOnDelete"],
      [vmcOrderInputs.shape.trademark, "Trademark"],
      [orderOutputs.requests, "OrderRequest"],
      [orderOutputs.domains, "OrderDomain"],
      [orderOutputs.dcvRecords, "DcvRecord"],
      [orderOutputs.dcvRecords.element.shape.type, "DcvRecordType"],
      [orderOutputs.dcvFiles, "DcvFile"],
      [orderOutputs.history, "PreviousOrder"],
      [orderOutputs.onDelete, "OrderOnDelete"],
      [orgValidationInputs.shape.validations, "ValidationType"],
      [orgValidationInputs.shape.verifiedUsers, "VerifiedUser"],
      [orgValidationInputs.shape.onDelete, "OrganizationOnDelete"],
      [orgValidationOutputs.shape.validationDetails, "ValidationDetail"],
      [orgValidationOutputs.shape.validationDetails.element.shape.verifiedUsers, "VerifiedPerson"],
      [orgValidationOutputs.shape.onDelete, "OrganizationOnDelete"],
      [markCertificateInputs.shape.order, "CertificateOrder"],
      [markCertificateInputs.shape.order.shape.product, "Product"],
      [markCertificateInputs.shape.wait, "WaitFor"],
      [markCertificateInputs.shape.certificateRules, "CertificateRules"],
      [markCertificateOutputs.shape.certificateRules, "CertificateRules"],
      [markCertificateOutputs.shape.missing, "MissingStep"],
      [markCertificateOutputs.shape.published, "PublishedPair"],
      [markCertificateOutputs.shape.findings, "Finding"],
    ] satisfies [z.ZodType, string][]
  ).map(([schema, name]) => [core(schema), name]),
);

/** What users never write or see: the form of a logo that `check` leaves in the inputs. */
const internal = new Set<z.core.$ZodType>([checkedLogo]);

/**
 * Text about a declaration that users see in their editor: an exported name, then properties, such as
 * `["VmcOrderArgs", "organization", "id"]`. Undefined when it has none.
 */
export type Describe = (path: readonly string[]) => string | undefined;

export interface TypeSpec {
  type?: "boolean" | "integer" | "number" | "string" | "array" | "object";
  items?: TypeSpec;
  additionalProperties?: TypeSpec;
  oneOf?: TypeSpec[];
  $ref?: string;
}

export interface PropertySpec extends TypeSpec {
  description: string;
  secret?: true;
  defaultInfo?: { environment: string[] };
}

export interface ObjectTypeSpec {
  type: "object";
  properties: Record<string, PropertySpec>;
  required?: string[];
}

export interface EnumTypeSpec {
  type: "string";
  enum: { name: string; value: string }[];
}

export interface ResourceSpec {
  description: string;
  inputProperties: Record<string, PropertySpec>;
  requiredInputs?: string[];
  properties: Record<string, PropertySpec>;
  required?: string[];
  aliases: { type: string }[];
}

export interface PackageSchema {
  name: "bimi";
  displayName: string;
  version: string;
  description: string;
  keywords: string[];
  license: string;
  publisher: string;
  config: { variables: Record<string, PropertySpec> };
  types: Record<string, ObjectTypeSpec | EnumTypeSpec>;
  provider: { description: string; inputProperties: Record<string, PropertySpec> };
  resources: Record<string, ResourceSpec>;
  language: Record<string, { respectSchemaVersion: true }>;
}

/** What package.json says. */
export interface Manifest {
  version: string;
  description: string;
  keywords: string[];
  license: string;
}

/** Throws when a property that users see has no description, or an object or enum no name. */
export function packageSchema(manifest: Manifest, describe: Describe): PackageSchema {
  const types: PackageSchema["types"] = {};
  const settings = configurationProperties(describe);
  const specs = Object.entries(resources).map(([name, { inputs, outputs }]): [string, ResourceSpec] => {
    const args = objectProperties(inputs, [`${name}Args`]);
    const state = objectProperties(outputs, [name]);
    return [
      `bimi:index:${name}`,
      {
        description: described([name], describe),
        inputProperties: args.properties,
        ...(args.required.length > 0 ? { requiredInputs: args.required } : {}),
        properties: state.properties,
        ...(state.required.length > 0 ? { required: state.required } : {}),
        // A stack of the dynamic engine moves over without a call to DigiCert.
        aliases: [{ type: `pulumi-nodejs:dynamic/bimi:${name}` }],
      },
    ];
  });
  return {
    name: "bimi",
    displayName: "BIMI",
    version: manifest.version,
    description: manifest.description,
    keywords: [...manifest.keywords, "category/network", "kind/native"],
    license: manifest.license,
    publisher: "pulumi-bimi",
    config: { variables: settings },
    types: Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1))),
    provider: { description: described(["Provider"], describe), inputProperties: settings },
    resources: Object.fromEntries(specs),
    language: Object.fromEntries(
      ["nodejs", "python", "go", "csharp"].map((language) => [language, { respectSchemaVersion: true }]),
    ),
  };

  function objectProperties(schema: z.core.$ZodObject, path: readonly string[]) {
    const shown = Object.entries(schema._zod.def.shape).filter(([name]) => !name.startsWith("__"));
    const properties = shown.map(([name, property]): [string, PropertySpec] => {
      const at = [...path, name];
      return [name, { ...typeOf(property, at), description: described(at, describe) }];
    });
    return {
      properties: Object.fromEntries(properties),
      required: shown.filter(([, property]) => !isOptional(property)).map(([name]) => name),
    };
  }

  function typeOf(schema: z.core.$ZodType, path: readonly string[]): TypeSpec {
    const { def } = (schema as z.core.$ZodTypes)._zod;
    switch (def.type) {
      case "optional":
        return typeOf(def.innerType, path);
      case "boolean":
      case "string":
        return { type: def.type };
      case "number":
        return { type: fitsInt32(schema) ? "integer" : "number" };
      case "array":
        return { type: "array", items: typeOf(def.element, path) };
      case "record":
        return { type: "object", additionalProperties: typeOf(def.valueType, path) };
      case "union": {
        const options = def.options.filter((option) => !internal.has(option)).map((option) => typeOf(option, path));
        return options.length === 1 ? options[0]! : { oneOf: options };
      }
      case "literal":
        return { type: "string" };
      case "enum":
        return named(schema, path, {
          type: "string",
          enum: Object.values(def.entries).map((value) => ({ name: pascalCase(String(value)), value: String(value) })),
        });
      case "object": {
        const { properties, required } = objectProperties(schema as z.core.$ZodObject, path);
        return named(schema, path, { type: "object", properties, ...(required.length > 0 ? { required } : {}) });
      }
      default:
        throw new Error(`${path.join(".")}: the package schema has nothing for zod's "${def.type}".`);
    }
  }

  /** Puts the type among the package's types, once however many properties have it. */
  function named(schema: z.core.$ZodType, path: readonly string[], spec: ObjectTypeSpec | EnumTypeSpec): TypeSpec {
    const name = typeNames.get(schema);
    if (!name) throw new Error(`${path.join(".")} has no type name: add one to typeNames.`);
    const token = `bimi:index:${name}`;
    const known = types[token];
    if (known && JSON.stringify(known) !== JSON.stringify(spec)) {
      throw new Error(`${path.join(".")}: ${name} is the name of two different types.`);
    }
    types[token] = spec;
    return { $ref: `#/types/${token}` };
  }
}

function configurationProperties(describe: Describe): Record<string, PropertySpec> {
  const properties = Object.entries(configuration).map(
    ([name, { type, secret, environment }]): [string, PropertySpec] => [
      name,
      {
        type,
        description: described(["ProviderArgs", name], describe),
        ...(secret ? { secret } : {}),
        ...(environment ? { defaultInfo: { environment: [environment] } } : {}),
      },
    ],
  );
  return Object.fromEntries(properties);
}

function described(path: readonly string[], describe: Describe): string {
  const text = describe(path);
  if (!text) throw new Error(`${path.join(".")} has no description: add JSDoc to it.`);
  return prose(text);
}

/** Comments are wrapped for the source; only paragraphs and list items begin a line. */
export function prose(text: string): string {
  return text.trim().replace(/([^\n])\n(?!\n|- )/g, "$1 ");
}

/** The object or enum that a property holds, one or many of. */
export function core(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "optional") return core(def.innerType);
  return def.type === "array" ? core(def.element) : schema;
}

export function isOptional(schema: z.core.$ZodType): boolean {
  return schema._zod.optin === "optional";
}

/** Ids do not: "integer" has 32 bits in the SDKs for .NET and Java. */
function fitsInt32(schema: z.core.$ZodType): boolean {
  const { type, minimum, maximum } = z.toJSONSchema(schema);
  return type === "integer" && Math.abs(minimum ?? Infinity) < 2 ** 31 && Math.abs(maximum ?? Infinity) < 2 ** 31;
}

function pascalCase(value: string): string {
  return value
    .split(/[-_]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
