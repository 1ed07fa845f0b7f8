import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Log, ReportingDescriptor, Result } from "sarif";
import type { Severity } from "../finding";
import { parseUrl } from "../url";
import { version } from "../version";
import { embedded, type Placed, type TargetReport } from "./checkReport";
import { pageOf, titleOf } from "./ruleCatalog";

const levels: Record<Severity, "error" | "warning" | "note"> = { error: "error", warning: "warning", info: "note" };

/** Findings as SARIF 2.1.0, as GitHub's code scanning takes it. Paths are relative to `cwd`. */
export function sarifOf(reports: readonly TargetReport[], cwd: string): Log {
  const results = reports.flatMap((report) =>
    report.findings
      // What is good to know would be an alert for ever.
      .filter(({ severity }) => severity !== "info")
      .map((finding) => ({ finding, uri: uriOf(finding.where, report, cwd) })),
  );
  const findings = results.map(({ finding }) => finding);
  const ruleIds = [...new Set(findings.map(({ ruleId }) => ruleId))].sort();
  const failed = reports.filter(({ error }) => error !== undefined);
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "bimi check",
            version,
            rules: ruleIds.map((id) => ruleOf(id, findings)),
          },
        },
        columnKind: "utf16CodeUnits",
        invocations: [
          {
            executionSuccessful: failed.length === 0,
            toolExecutionNotifications: failed.map(({ target, error }) => ({
              level: "error",
              message: { text: `${target}: ${error}` },
            })),
          },
        ],
        results: results.map(({ finding, uri }) => resultOf(finding, uri, ruleIds)),
      },
    ],
  };
}

function ruleOf(id: string, findings: readonly Placed[]): ReportingDescriptor {
  const its = findings.filter(({ ruleId }) => ruleId === id);
  const worst = (["error", "warning", "info"] as const).find((severity) =>
    its.some((one) => one.severity === severity),
  );
  const spec = its.find((one) => one.spec !== undefined)?.spec;
  const text = titleOf(id);
  return {
    id,
    // GitHub requires all three.
    shortDescription: { text },
    fullDescription: { text },
    help: { text: spec === undefined ? text : `${text} Source: ${spec}.` },
    helpUri: pageOf(id),
    defaultConfiguration: { level: levels[worst ?? "info"] },
  };
}

function resultOf(finding: Placed, uri: string, ruleIds: string[]): Result {
  const { ruleId, severity, message, hint, column, path: element, where } = finding;
  // Lines of the logo inside are none of the PEM file's.
  const line = isEmbedded(where) ? undefined : finding.line;
  return {
    ruleId,
    ruleIndex: ruleIds.indexOf(ruleId),
    level: levels[severity],
    message: { text: hint === undefined ? message : `${message} ${hint}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri },
          ...(line === undefined ? {} : { region: { startLine: line, ...(column ? { startColumn: column } : {}) } }),
        },
        ...(element === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: element, kind: "element" }] }),
      },
    ],
  };
}

function isEmbedded(where: string): boolean {
  return where.endsWith(embedded);
}

/** A URL as it is, a DNS name as RFC 4501 writes it, a file relative to the directory that the check ran in. */
function uriOf(place: string, { kind }: TargetReport, cwd: string): string {
  const where = isEmbedded(place) ? place.slice(0, -embedded.length) : place;
  if (kind === "domain") return parseUrl(where)?.protocol === "https:" ? where : `dns:${where}?type=TXT`;
  const file = path.resolve(cwd, where);
  const relative = path.relative(cwd, file);
  if (relative.startsWith("..") || path.isAbsolute(relative)) return pathToFileURL(file).href;
  return relative.split(path.sep).map(encodeURIComponent).join("/");
}
