import { BASE_URL_US, isLoopbackUrl } from "../certcentral";
import { configuration as documented } from "../engines/schema";
import { type Check, ok, problem, unknown, warning } from "./check";
import type { Configuration } from "./stackState";

const oldestNode = 20;

/** What is told without a call: Node.js, the stack's configuration, and where key and URL come from. */
export function checkConfiguration(
  config: Configuration,
  env: NodeJS.ProcessEnv,
  nodeVersion = process.versions.node,
): Check[] {
  const isSimulator = isLoopbackUrl(effective(config, env, "baseUrl") ?? BASE_URL_US);
  return [
    checkNode(nodeVersion),
    checkKey(config, env),
    checkOrders(config, isSimulator),
    ...checkValues(config),
    ...checkNames(config),
  ];
}

/** As `pulumi up` takes it: the configuration before the environment. Of a secret, only that it is there. */
function effective(config: Configuration, env: NodeJS.ProcessEnv, key: "baseUrl"): string | undefined {
  return config[`bimi:${key}`]?.value || env.DIGICERT_BASE_URL || undefined;
}

function checkNode(version: string): Check {
  const [major] = version.split(".");
  if (Number(major) >= oldestNode) return ok("Node.js", version);
  return problem("Node.js", `${version} is too old.`, `Install Node.js ${oldestNode} or newer.`);
}

function checkKey(config: Configuration, env: NodeJS.ProcessEnv): Check {
  const configured = config["bimi:apiKey"];
  const inEnvironment = Boolean(env.DIGICERT_API_KEY);
  if (configured && !configured.secret) {
    return problem(
      "API key",
      "bimi:apiKey lies in plain text in the stack's configuration; programs refuse to run with it.",
      "Repair it with `pulumi config set --secret bimi:apiKey`, and replace the key in CertCentral if the stack file was shared.",
    );
  }
  const unused = inEnvironment ? "; DIGICERT_API_KEY is set too, and not used" : "";
  if (configured) return ok("API key", `bimi:apiKey of the stack's configuration, secret${unused}`);
  if (inEnvironment) return ok("API key", "DIGICERT_API_KEY of the environment");
  return problem(
    "API key",
    "There is none: neither bimi:apiKey in the stack's configuration nor DIGICERT_API_KEY in the environment.",
    "Run `pulumi config set --secret bimi:apiKey`, or set DIGICERT_API_KEY.",
  );
}

function checkOrders(config: Configuration, isSimulator: boolean): Check {
  const name = "bimi:allowOrders";
  if (config[name]?.secret) return hidden(name);
  const { value } = config[name] ?? {};
  const remedy = `\`pulumi config set ${name} true\` allows it.`;
  if (value === "true") return ok(name, "true: an `up` of this stack may buy");
  if (value !== undefined && value !== "false") {
    return problem(name, `"${value}" is neither true nor false, so this stack may not buy.`, remedy);
  }
  if (isSimulator) return ok(name, "not needed: a simulator on this machine sells nothing");
  return ok(name, `${value ?? "not set"}: previews work, and an \`up\` refuses to buy. ${remedy}`);
}

function hidden(name: string): Check {
  return unknown(name, "is secret, and only the API key and the token are decrypted here.", "It need not be secret.");
}

/** Values that are not understood count as not set, in silence. */
const values: Record<string, { pattern: RegExp; allowed: string; fallback: string }> = {
  "bimi:onDeadOrder": { pattern: /^(fail|warn)$/, allowed: "fail or warn", fallback: "fail" },
  "bimi:maxOrdersPerUpdate": { pattern: /^\d{1,9}$/, allowed: "a whole number, 0 or more", fallback: "5" },
  "bimi:allowPrivateHosts": { pattern: /^(true|false)$/, allowed: "true or false", fallback: "false" },
};

function checkValues(config: Configuration): Check[] {
  return Object.entries(values).map(([name, { pattern, allowed, fallback }]) => {
    if (config[name]?.secret) return hidden(name);
    const { value } = config[name] ?? {};
    if (value === undefined) return ok(name, `not set: ${fallback}`);
    if (pattern.test(value)) return ok(name, value);
    return problem(name, `"${value}" must be ${allowed}.`, `Run \`pulumi config set ${name} ${fallback}\`.`);
  });
}

function checkNames(config: Configuration): Check[] {
  const known = new Set([...Object.keys(documented).map((name) => `bimi:${name}`), ...Object.keys(values)]);
  const names = Object.keys(config).filter((name) => name.startsWith("bimi:") && !known.has(name));
  return names.map((name) =>
    warning(
      name,
      "is no key of this package.",
      `Remove it with \`pulumi config rm ${name}\`. There are: ${[...known].join(", ")}.`,
    ),
  );
}
