/** Compiles into dist/ what npm packs, and takes out what deleted sources left there. */
import { compile } from "./setup/compile.mjs";
import { main } from "./setup/process.mjs";

await main(async () => compile());
