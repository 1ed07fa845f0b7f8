#!/usr/bin/env node
type Run = (args: string[]) => Promise<unknown>;

/** Each command is loaded when it is asked for: a pre-commit hook waits for `check` alone. */
const commands: Record<string, { summary: string; load(): Promise<Run> }> = {
  simulate: {
    summary: "run CertCentral, Cloudflare's DNS API and a DNS server on loopback",
    load: async () => (await import("./simulate.js")).simulate,
  },
  status: {
    summary: "what a stack's orders wait for, and who must act; can wait for it",
    load: async () => (await import("./status.js")).status,
  },
  check: {
    summary: "logos, mark certificates, and what a domain publishes, by all rules",
    load: async () => (await import("./checkCommand.js")).check,
  },
  fix: {
    summary: "writes a copy of a logo, repaired to SVG Tiny PS, and says what a person must repair",
    load: async () => (await import("./fix.js")).fix,
  },
  doctor: {
    summary: "whether key, account, organizations, configuration and Cloudflare token are as they must be",
    load: async () => (await import("./doctor.js")).doctor,
  },
  orphans: {
    summary: "open orders that the project placed and that no state of it holds",
    load: async () => (await import("./orphans.js")).orphans,
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
  const run = await command.load();
  const code = await run(args);
  if (typeof code === "number") process.exitCode = code;
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
