import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { lintLogo } from "../../../provider/logo/lint";

const fixtures = join(process.cwd(), "tests/fixtures/svg");

/** The verdict of SVG Tiny PS's RELAX NG schema, and what our rules say: errors, and warnings in lower case. */
const verdicts: [file: string, schema: "valid" | "invalid", ours: string][] = [
  ["01-base.svg", "valid", "SVG-026"],
  ["03-xml_space.svg", "valid", "SVG-026"],
  ["05-width_.svg", "valid", "SVG-024 SVG-024 SVG-026"],
  ["07-viewbox_commas.svg", "valid", "svg-022 SVG-026"],
  ["09-no_title.svg", "invalid", "SVG-009 SVG-026 svg-027"],
  ["11-2_titles.svg", "invalid", "SVG-009 SVG-026"],
  ["13-desc_in_g.svg", "invalid", "SVG-014 SVG-026"],
  ["15-style_el.svg", "invalid", "SVG-014"],
  ["17-opacity.svg", "invalid", "SVG-015"],
  ["19-gradienttransform.svg", "invalid", "SVG-015 SVG-026"],
  ["21-radial_fx.svg", "invalid", "SVG-015 SVG-026"],
  ["23-use_xlink_href.svg", "invalid", "SVG-019 SVG-019 svg-030"],
  ["25-use_ext_href.svg", "valid", "SVG-019"],
  ["27-clip_path_attr.svg", "invalid", "SVG-015"],
  ["29-mask.svg", "invalid", "SVG-014"],
  ["31-text.svg", "valid", "SVG-026 svg-029"],
  ["33-transform_on_svg.svg", "invalid", "SVG-015 SVG-026"],
  ["35-preserveaspectratio_xmidymid_meet.svg", "valid", "svg-016 SVG-026"],
  ["37-par_xminymin.svg", "invalid", "SVG-016 SVG-026"],
  ["39-aria_label.svg", "invalid", "SVG-015 SVG-026"],
  ["41-font_weight_700.svg", "invalid", "SVG-015 SVG-026 svg-029"],
  ["43-metadata_text.svg", "valid", "SVG-026 svg-030"],
  ["45-inkscape_attr.svg", "invalid", "SVG-015 SVG-026 svg-030"],
  ["47-baseprofile_tiny_ps.svg", "invalid", "SVG-008 SVG-026"],
  ["49-id_starting_digit.svg", "invalid", "SVG-015 SVG-026 svg-027"],
  ["51-fill_rule.svg", "valid", "SVG-026 svg-027"],
  ["53-pattern.svg", "invalid", "SVG-014"],
  ["55-nested_svg.svg", "invalid", "SVG-014"],
  ["57-a.svg", "invalid", "SVG-014"],
  ["59-enable_background.svg", "invalid", "SVG-015 SVG-026"],
  ["61-onclick.svg", "invalid", "SVG-018 SVG-026"],
  ["63-stop_style.svg", "valid", "SVG-026"],
  ["65-doctype.svg", "valid", "SVG-002 SVG-026"],
];

/** Public samples. */
const samples: [file: string, ours: string][] = [
  ["compliant.svg", ""],
  ["bug-width-percentage.svg", "SVG-024"],
];

describe("the linter's verdict", () => {
  for (const [file, schema, ours] of verdicts) {
    it(`of ${file}, which the schema calls ${schema}: ${ours || "nothing"}`, async () => {
      assert.equal(await said(file), ours);
      // Whatever the schema refuses is an error.
      if (schema === "invalid") assert.match(ours, /SVG/);
    });
  }
  for (const [file, ours] of samples) {
    it(`of the public sample ${file}: ${ours || "nothing"}`, async () =>
      assert.equal(await said(`samples/${file}`), ours));
  }

  it("is given of every probe, beside the schema's own", () => {
    const expected: { file: string; rng: string }[] = JSON.parse(readFileSync(join(fixtures, "expected.json"), "utf8"));
    assert.deepEqual(
      verdicts.map(([file, schema]) => [file, schema]),
      expected.map(({ file, rng }) => [file, rng]),
    );
    const svgs = (folder: string) => readdirSync(join(fixtures, folder)).filter((name) => name.endsWith(".svg"));
    assert.deepEqual(
      verdicts.map(([file]) => file),
      svgs(".").sort(),
    );
    assert.deepEqual(samples.map(([file]) => file).sort(), svgs("samples").sort());
  });
});

async function said(file: string): Promise<string> {
  const findings = await lintLogo(readFileSync(join(fixtures, file)));
  return findings
    .map(({ ruleId, severity }) => (severity === "error" ? ruleId : severity === "warning" ? ruleId.toLowerCase() : ""))
    .join(" ");
}
