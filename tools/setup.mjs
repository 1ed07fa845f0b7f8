/**
 * Brings a checkout into working order: dependencies, compiled sources, a Pulumi CLI. Each step prints a line when it
 * has something to do and nothing otherwise, so a second run is silent.
 */
import { compile } from "./setup/compile.mjs";
import { installDependencies } from "./setup/dependencies.mjs";
import { main } from "./setup/process.mjs";
import { prepareToolchain } from "./setup/toolchain.mjs";

await main(async () => {
  installDependencies();
  compile();
  await prepareToolchain();
});
