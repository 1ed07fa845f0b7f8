#!/usr/bin/env node
import { check } from "./checkCommand";
import { doctor } from "./doctor";
import { fix } from "./fix";
import { orphans } from "./orphans";
import { simulate } from "./simulate";
import { status } from "./status";

const commands: Record<string, { summary: string; run(args: string[]): Promise<void> }> = {
  simulate: { summary: "run CertCentral, Cloudflare's DNS API and a DNS server on loopback", run: simulate },
  status: {
    summary: "what a stack's orders wait for, and who must act; can wait for it",
    async run(args) {
      process.exitCode = await status(args);
    },
  },
  check: {
    summary: "logos, mark certificates, and what a domain publishes, by all rules",
    async run(args) {
      process.exitCode = await check(args);
    },
  },
  doctor: {
    summary: "whether key, account, organizations, configuration and Cloudflare token are as they must be",
    async run(args) {
      process.exitCode = await doctor(args);
    },
  },
  orphans: {
    summary: "open orders that the project placed and that no state of it holds",
    async run(args) {
      process.exitCode = await orphans(args);
    },
  },
  fix: {
    summary: "writes a copy of a logo, repaired to SVG Tiny PS, and says what a person must repair",
    async run(args) {
      process.exitCode = await fix(args);
    },
  },
};

function usage(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  bimi ${name.padEnd(10)} ${summary}`);
  return `Usage: bimi <command> [options]\n\n${lines.join("\n")}\n\nbimi <command> --help tells the options.`;
}

async function main([name, ...args]: string[]): Promise<void> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(usage());
    return;
  }
  const command = commands[name];
  if (!command) throw new Error(`There is no command "${name}".\n\n${usage()}`);
  await command.run(args);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
