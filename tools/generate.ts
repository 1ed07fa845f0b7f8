import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type Manifest, packageSchema } from "../provider/engines/schema";
import { readDocumentation } from "./documentation";
import { reference } from "./reference";
import { rulesPage } from "./rules";

/** Files that are generated from the sources, by path relative to the project. */
export function generate(root: string): Record<string, string> {
  const manifest: Manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const documentation = readDocumentation(root);
  const schema = packageSchema(manifest, documentation.describe);
  return {
    "schema.json": `${JSON.stringify(schema, null, 2)}\n`,
    "docs/reference.md": reference(schema, documentation),
    "docs/rules.md": rulesPage(),
  };
}

if (require.main === module) {
  const root = path.resolve(__dirname, "..", "..");
  for (const [file, text] of Object.entries(generate(root))) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
    console.log(`wrote ${file}`);
  }
}
