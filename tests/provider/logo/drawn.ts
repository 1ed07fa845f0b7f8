import { lintLogo } from "../../../provider/logo/lint";

/** A logo of 96 by 96 that only says what it draws. */
export function logo(shapes: string, attributes = 'viewBox="0 0 96 96"'): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" ${attributes}>\n<title>Acme</title>\n${shapes}\n</svg>`;
}

export const GROUND = '<rect width="96" height="96" fill="#036"/>';
export const MARK = '<circle cx="48" cy="48" r="30" fill="#fc0"/>';

/** What some rules say of it: `error SVG-024 1:20 /svg message`; infos too. */
export async function said(svg: string | Uint8Array, ...rules: string[]): Promise<string[]> {
  const findings = await lintLogo(typeof svg === "string" ? Buffer.from(svg) : svg, { report: true });
  return findings
    .filter(({ ruleId }) => rules.includes(ruleId))
    .map(
      ({ ruleId, severity, line, column, path, message }) =>
        `${severity} ${ruleId} ${line}:${column} ${path} ${message}`,
    );
}
