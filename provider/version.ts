import { readFileSync } from "node:fs";
import path from "node:path";

const packageFile = path.join(__dirname, "../../package.json");

/** Of this package. */
export const version = (JSON.parse(readFileSync(packageFile, "utf8")) as { version: string }).version;
