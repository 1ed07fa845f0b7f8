import { readable } from "../readable";
import { countOf, type Placed, severities, type TargetReport } from "./checkReport";
import { readinessLine } from "./readiness";
import { oneLine } from "./stackReportText";

/** For people: each target, and under it what was found, by place. */
export function checkText(reports: readonly TargetReport[]): string {
  return reports.map(block).join("\n\n");
}

function block(report: TargetReport): string {
  const { target, kind, error, findings } = report;
  if (error !== undefined) return failure(target, error);
  const places = [...new Set(findings.map(({ where }) => where))];
  return [
    `${shown(target)}: ${kind}, ${totals(report)}`,
    ...facts(report).map((line) => `  ${line}`),
    ...places.flatMap((where) => [
      ...(where === target ? [] : [`  ${shown(where)}`]),
      ...findings.filter((finding) => finding.where === where).flatMap(lines),
    ]),
    ...(report.readiness ?? []).map((readiness) => `  ${readinessLine(readiness)}`),
  ].join("\n");
}

/** A target that cannot be checked, and why. */
export function failure(target: string, error: string): string {
  return `${shown(target)}: ${oneLine(error)}`;
}

/** A file may have any name. */
function shown(place: string): string {
  return readable(oneLine(place), 500);
}

function totals({ findings }: TargetReport): string {
  const counts = severities.flatMap((severity) => {
    const count = countOf(findings, severity);
    return count === 0 ? [] : [`${count} ${severity}${count === 1 || severity === "info" ? "" : "s"}`];
  });
  return counts.length > 0 ? counts.join(", ") : "nothing found";
}

function facts({ record, logo, certificate }: TargetReport): string[] {
  const lines: string[] = [];
  if (record) lines.push(`record ${record.name}: ${oneLine(record.text)}`);
  if (logo) lines.push(`logo ${logo.size} bytes, SHA-256 ${logo.sha256}`);
  if (certificate) {
    const { markType, serialNumber, validTill, dnsNames, orderedPem } = certificate;
    lines.push(
      `certificate ${serialNumber}, ${markType ?? "no mark type"}, until ${validTill.slice(0, 10)}, for ${oneLine(dnsNames.join(", ")) || "no name"}`,
    );
    if (orderedPem !== undefined) lines.push("the chain as it should be: property orderedPem of --json");
  }
  return lines;
}

function lines({ severity, ruleId, line, column, path, message, hint, spec }: Placed): string[] {
  const place = [...(line === undefined ? [] : [column === undefined ? `${line}` : `${line}:${column}`]), path ?? ""];
  const head = [severity.padEnd(7), ruleId, ...place.filter((part) => part !== "")].join(" ");
  const indent = " ".repeat(12);
  return [
    `    ${head}: ${oneLine(message)}`,
    ...(hint === undefined ? [] : [`${indent}-> ${oneLine(hint)}`]),
    ...(spec === undefined ? [] : [`${indent}(${oneLine(spec)})`]),
  ];
}
