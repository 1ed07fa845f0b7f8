import path from "node:path";
import { main, root, run, SetupError } from "./setup/process.mjs";

/**
 * Whether the packages that a user installs with this one have known advisories: `npm audit` of package-lock.json.
 * Those of high severity or worse are a failure. A registry that does not answer, as of a mirror that serves packages
 * only, is none; it is said.
 */
await main(async () => {
  const dir = path.resolve(process.argv[2] ?? root);
  const { stdout, output } = npmAudit(dir);
  const report = parsed(stdout);
  if (report?.auditReportVersion !== undefined) return judge(report);
  // npm's own words for whatever the registry did; everything else is a mistake of ours, or an advisory it tripped over.
  if (/audit endpoint returned an error|ETIMEDOUT/.test(output)) {
    const why = report?.message ?? output.split("\n").at(-1);
    console.log(`audit: NOT AUDITED: the registry does not answer for advisories (${why}).`);
    return;
  }
  throw new SetupError(`npm audit failed in ${dir}:\n${output}`);
});

/** npm is a script under `npm run`, which node runs. Neither end of the network may hold a test run up. */
function npmAudit(dir) {
  const npm = process.env.npm_execpath?.endsWith(".js") ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const [command, ...first] = npm;
  const options = ["--omit=dev", "--audit-level=high", "--json", "--fetch-retries=0", "--fetch-timeout=20000"];
  return run(command, [...first, "audit", ...options], { cwd: dir, timeoutMs: 90_000 });
}

function judge({ vulnerabilities, metadata }) {
  const found = Object.values(vulnerabilities);
  const lines = found.map(({ name, severity, range, via }) => {
    const why = via.map((cause) => (typeof cause === "string" ? `by ${cause}` : `${cause.title}, ${cause.url}`));
    return `  ${severity}: ${name} ${range}: ${why.join("; ")}`;
  });
  // npm counts the package itself too.
  const said = [
    `audit: ${metadata.dependencies.prod - 1} packages, ${found.length} with known advisories`,
    ...lines,
  ].join("\n");
  if (found.some(({ severity }) => severity === "high" || severity === "critical")) {
    throw new SetupError(
      `${said}\nUpdate what is of high severity or worse: \`npm audit fix\`, or the dependency itself.`,
    );
  }
  console.log(said);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
