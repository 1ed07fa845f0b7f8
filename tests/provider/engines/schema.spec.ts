import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import {
  configuration,
  type ObjectTypeSpec,
  type PackageSchema,
  packageSchema,
  type ResourceShape,
  resources,
  type TypeSpec,
} from "../../../provider/engines/schema";
import { type Documentation, readDocumentation } from "../../../tools/documentation";
import { generate } from "../../../tools/generate";

const root = path.resolve(__dirname, "..", "..", "..", "..");
const read = (file: string) => readFileSync(path.join(root, file), "utf8");

describe("generated files", function () {
  this.timeout(60_000);
  let generated: Record<string, string>;

  before(() => {
    generated = generate(root);
  });

  for (const file of ["schema.json", "docs/reference.md", "docs/rules.md"]) {
    it(`${file} is what the sources say`, () => {
      assert.ok(read(file) === generated[file], `${file} is stale: run \`npm run schema\`.`);
    });
  }
});

describe("schema.json", () => {
  const schema: PackageSchema = JSON.parse(read("schema.json"));
  const manifest = JSON.parse(read("package.json"));
  const token = /^bimi:index:[A-Z][A-Za-z0-9]*$/;

  it("describes this version of the package", () => {
    assert.equal(schema.name, "bimi");
    assert.equal(schema.version, manifest.version);
    assert.equal(schema.license, manifest.license);
  });

  it("has the resources of the entry point, each under its dynamic type's alias", () => {
    assert.deepEqual(
      Object.entries(schema.resources).map(([token, { aliases }]) => [token, aliases]),
      ["VmcOrder", "CmcOrder", "OrgValidation", "MarkCertificate"].map((name) => [
        `bimi:index:${name}`,
        [{ type: `pulumi-nodejs:dynamic/bimi:${name}` }],
      ]),
    );
  });

  for (const [name, { inputs, outputs }] of Object.entries(resources)) {
    const spec = schema.resources[`bimi:index:${name}`]!;
    const shown = (shape: ResourceShape["inputs"]) => Object.keys(shape.shape).filter((key) => !key.startsWith("__"));

    it(`has every input and output of ${name}, and no plumbing`, () => {
      assert.deepEqual(Object.keys(spec.inputProperties), shown(inputs));
      assert.deepEqual(Object.keys(spec.properties), shown(outputs));
    });

    it(`requires of ${name} what its check requires`, () => {
      const missing = inputs.safeParse({}).error!.issues.map(({ path }) => path[0]);
      assert.deepEqual(
        spec.requiredInputs,
        missing.filter((input) => input !== "__reference"),
      );
    });
  }

  it("refers only to types that it has, and has none that nothing refers to", () => {
    const refs = new Set<string>();
    for (const type of allTypes()) if (type.$ref) refs.add(type.$ref);
    assert.deepEqual(
      [...refs].sort(),
      Object.keys(schema.types).map((token) => `#/types/${token}`),
    );
  });

  it("uses only types that Pulumi knows", () => {
    for (const type of allTypes()) {
      const { $ref, items, additionalProperties, oneOf, type: name } = type;
      assert.ok([$ref, items, additionalProperties, oneOf].filter(Boolean).length <= 1, JSON.stringify(type));
      if ($ref || oneOf) assert.equal(name, undefined);
      if ($ref) continue;
      if (oneOf) assert.ok(oneOf.length > 1, JSON.stringify(type));
      else if (items) assert.equal(name, "array");
      else if (additionalProperties) assert.equal(name, "object");
      else assert.match(String(name), /^(boolean|integer|number|string)$/);
    }
  });

  it("names only properties that exist as required, and describes every property", () => {
    for (const { properties, required = [] } of objects()) {
      assert.deepEqual(
        required.filter((name) => !(name in properties)),
        [],
      );
      for (const [name, { description }] of Object.entries(properties)) {
        assert.match(description, /\S/, name);
        assert.doesNotMatch(description, /\{@|[^\n]\n[^\n-]/, name);
      }
    }
  });

  it("has valid tokens, and enums of distinct names and values", () => {
    for (const name of [...Object.keys(schema.types), ...Object.keys(schema.resources)]) assert.match(name, token);
    for (const [name, type] of Object.entries(schema.types)) {
      if (type.type === "object") continue;
      assert.ok(type.enum.length > 0, name);
      for (const key of ["name", "value"] as const) {
        assert.equal(new Set(type.enum.map((member) => member[key])).size, type.enum.length, name);
      }
    }
  });

  it("gives DigiCert's ids more than the 32 bits of an integer", () => {
    const { VmcOrder, CmcOrder } = Object.fromEntries(
      Object.entries(schema.resources).map(([token, spec]) => [token.split(":")[2], spec]),
    );
    assert.equal(VmcOrder!.properties.orderId!.type, "number");
    assert.equal(VmcOrder!.inputProperties.adoptOrderId!.type, "number");
    assert.equal(CmcOrder!.inputProperties.years!.type, "integer");
  });

  it("takes a logo as the path or text that users write, not as check leaves it", () => {
    assert.equal(schema.resources["bimi:index:VmcOrder"]!.inputProperties.logo!.type, "string");
    assert.doesNotMatch(JSON.stringify(schema.types), /"svg"/);
  });

  it("keeps the key secret, and finds key and base URL in the environment", () => {
    const expected = {
      apiKey: { type: "string", secret: true, environment: ["DIGICERT_API_KEY"] },
      baseUrl: { type: "string", secret: undefined, environment: ["DIGICERT_BASE_URL"] },
      allowOrders: { type: "boolean", secret: undefined, environment: undefined },
      maxOrdersPerUpdate: { type: "integer", secret: undefined, environment: undefined },
      onDeadOrder: { type: "string", secret: undefined, environment: undefined },
      resolver: { type: "string", secret: undefined, environment: undefined },
      extraRoots: { type: "string", secret: undefined, environment: undefined },
      allowPrivateHosts: { type: "boolean", secret: undefined, environment: undefined },
    };
    for (const variables of [schema.config.variables, schema.provider.inputProperties]) {
      const found = Object.entries(variables).map(([name, { type, secret, defaultInfo }]) => [
        name,
        { type, secret, environment: defaultInfo?.environment },
      ]);
      assert.deepEqual(Object.fromEntries(found), expected);
    }
  });

  function objects(): Pick<ObjectTypeSpec, "properties" | "required">[] {
    return [
      ...Object.values(schema.types).filter((type) => type.type === "object"),
      ...Object.values(schema.resources).flatMap(({ inputProperties, requiredInputs, properties, required }) => [
        { properties: inputProperties, ...(requiredInputs ? { required: requiredInputs } : {}) },
        { properties, ...(required ? { required } : {}) },
      ]),
      { properties: schema.config.variables },
      { properties: schema.provider.inputProperties },
    ];
  }

  function allTypes(): TypeSpec[] {
    const nested = (type: TypeSpec): TypeSpec[] => [
      type,
      ...(type.items ? nested(type.items) : []),
      ...(type.oneOf ?? []).flatMap(nested),
      ...(type.additionalProperties ? nested(type.additionalProperties) : []),
    ];
    return objects().flatMap(({ properties }) => Object.values(properties).flatMap(nested));
  }
});

describe("the generator", function () {
  this.timeout(60_000);
  const manifest = JSON.parse(read("package.json"));
  let documentation: Documentation;

  before(() => {
    documentation = readDocumentation(root);
  });

  it("refuses a property without a description, by its path", () => {
    const without = ["VmcOrderArgs", "organization", "contacts", "userId"].join(".");
    assert.throws(
      () => packageSchema(manifest, (path) => (path.join(".") === without ? undefined : documentation.describe(path))),
      /VmcOrderArgs\.organization\.contacts\.userId has no description/,
    );
  });

  it("finds no description for what nobody exports or declares", () => {
    assert.throws(() => documentation.describe(["NoSuchArgs", "logo"]), /does not export NoSuchArgs/);
    assert.equal(documentation.describe(["VmcOrderArgs", "logoo"]), undefined);
    assert.equal(documentation.describe(["VmcOrderArgs", "dnsNames", "length"]), undefined);
  });

  it("shows the text that an editor shows, through Outputs, arrays and mapped types", () => {
    const editor = documentation.describe(["VmcOrder", "domains", "httpTokenUrl"]);
    assert.match(editor!, /`http-token`/);
    assert.equal(
      JSON.parse(read("schema.json")).types["bimi:index:OrderDomain"].properties.httpTokenUrl.description,
      editor,
    );
  });

  it("knows every argument of Provider", () => {
    assert.deepEqual(
      documentation.members("ProviderArgs").map(({ name }) => name),
      Object.keys(configuration),
    );
  });
});

describe("change tables", () => {
  for (const [name, { inputs, changes }] of Object.entries(resources)) {
    if (!changes) continue;
    const rows = Object.values(changes).flatMap((row) => row.inputs);

    it(`say of every input of ${name} what a change of it does, once`, () => {
      for (const input of Object.keys(inputs.shape)) {
        assert.equal(
          rows.filter((path) => path === input).length,
          1,
          `${input} needs one row in the change table of ${name}`,
        );
      }
    });

    it(`name only inputs that ${name} or its sibling has`, () => {
      const known = new Set(
        Object.values(resources)
          .filter((other) => other.changes === changes)
          .flatMap((other) => Object.keys(other.inputs.shape)),
      );
      assert.deepEqual(
        rows.filter((path) => !known.has(path.split(".")[0]!)),
        [],
      );
    });
  }
});

describe("docs/reference.md", () => {
  const page = read("docs/reference.md");

  it("says of a change what the tables say", () => {
    assert.match(page, /^\| `dnsNames` \|.*\| pending: successor: \*\*a new order\*\*; issued: reissue \|/m);
    assert.match(
      page,
      /^\| `organization` \|.*\| successor: \*\*a new order\*\*; `contacts`: holds for the next order \|/m,
    );
    assert.match(page, /^\| `onDelete` \|.*\| update without a call \|/m);
    assert.match(page, /^\| `validations` \|.*\| update \|/m);
    assert.match(page, /^\| `verifiedUsers` \|.*\| nothing \|/m);
  });

  it("has tables of one width, and links that lead somewhere", () => {
    const anchors = new Set(
      [...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!.toLowerCase().replaceAll(" ", "-")),
    );
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.has(anchor!), anchor);
    for (const block of page
      .trim()
      .split("\n\n")
      .filter((block) => block.startsWith("|"))) {
      const widths = block.split("\n").map((line) => line.replaceAll("\\|", "").split("|").length);
      assert.equal(new Set(widths).size, 1, block);
    }
  });

  it("leaves plumbing out", () => {
    assert.doesNotMatch(page, /`__/);
  });
});
