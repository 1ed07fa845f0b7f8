import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { unknownValue } from "../../../provider/unknown";
import { type CheckFailed, failureOf, type Stack, Stage, svg } from "../support";

const good = svg().toString();
/** Two errors, one of which can be ignored. */
const bad = good.replace('version="1.2"', 'version="1.1"').replace(/<title>.*<\/title>/, "<title></title>");

describe("the logo of an order", () => {
  let stage: Stage;
  let stack: Stack;
  beforeEach(async () => {
    stage = await Stage.start();
    stack = stage.vmc();
  });
  afterEach(() => stage.stop());

  const reasons = (error: Error) =>
    (error as CheckFailed).failures.map(({ property, reason }) => `${property || "-"}: ${reason.slice(0, 7)}`);
  const validations = () => stage.calls("PUT", /validate-vmc-logo/).length;

  it("is refused before any call, with every finding: where, what, how to repair, by which rule", async () => {
    stage.writeLogo(Buffer.from(bad));
    const error = await failureOf(stack.preview(stage.inputs()));
    assert.deepEqual(reasons(error), ["logo: SVG-007", "logo: SVG-010"]);
    const [version] = (error as unknown as CheckFailed).failures;
    assert.match(
      version!.reason,
      /^SVG-007 at line 2, column \d+ \(\/svg\): version is "1\.1", not "1\.2"\. .*Write version="1\.2" .* `npx bimi fix` can repair it\. \[draft-svg-tiny-ps-abrotman section 2\.1\]$/,
    );
    assert.deepEqual(stage.calls(), []);
  });

  it("given inline is refused without being printed whole", async () => {
    const error = await failureOf(stack.preview(stage.inputs({ logo: bad })));
    assert.deepEqual(reasons(error), ["-: logo: S", "-: logo: S"]);
  });

  describe("that is no SVG is named for what it is, before any call:", () => {
    const files: Record<string, [content: string | Buffer | undefined, says: RegExp]> = {
      "image.svg": [
        Buffer.from("89504e470d0a1a0a0000000d49484452", "hex"),
        /is a PNG image, whatever its name ends in.* Export the vector artwork/,
      ],
      "paper.svg": ["%PDF-1.7\n", /is a PDF document/],
      "packed.svgz": [gzipSync(svg()), /is gzip-compressed \(\.svgz\).*gunzip/],
      "wide.svg": [Buffer.from(`\ufeff${good}`, "utf16le"), /is UTF-16 text.*Save it as UTF-8/],
      "absent.svg": [undefined, /does not exist .*relative to the project's directory/],
      ".": [undefined, /is a directory/],
      "large.svg": [good.padEnd(70_000), /has 70000 bytes; at most 65536 are read/],
      "pointer.svg": ["version https://git-lfs.github.com/spec/v1\n", /Git LFS pointer.*git lfs pull/],
      "https://example.com/logo.svg": [undefined, /is a URL.*Put the file into the project/],
    };
    for (const [name, [content, says]] of Object.entries(files)) {
      it(name, async () => {
        if (content !== undefined) stage.writeLogo(Buffer.from(content as string), name);
        const error = await failureOf(stack.preview(stage.inputs({ logo: name })));
        const [failure, ...others] = (error as unknown as CheckFailed).failures;
        assert.equal(failure!.property, "logo");
        assert.ok(failure!.reason.startsWith(`The logo ${name} `), failure!.reason);
        assert.match(failure!.reason, says);
        assert.deepEqual(others, []);
        assert.deepEqual(stage.calls(), []);
      });
    }
  });

  it("with a warning says where, what, and what to do", async () => {
    stage.writeLogo(Buffer.from(good.replace(/<rect[^>]*>/, "<circle cx='16' cy='16' r='9' fill='#123'/>")));
    await stack.preview(stage.inputs());
    const [said] = stage.lines.filter((line) => line.includes("SVG-027"));
    assert.match(said!, /^logo logo\.svg: SVG-027 at line \d+, column \d+ \(\/svg.*\): .*\. .* \[.+\]$/);
  });

  describe("with rules ignored", () => {
    const ignoreRules = { "SVG-007": "the viewer of the trademark office needs it", "SVG-010": "the mark has no name" };

    it("is ordered, says so, and the reasons stay in the state", async () => {
      stage.writeLogo(Buffer.from(bad));
      // The simulated DigiCert refuses it, too: only the lint is ignored.
      const refused = await failureOf(stack.up(stage.inputs({ ignoreRules })));
      assert.match(refused.message, /invalid_logo|version/);
      stage.writeLogo();
      await stack.up(stage.inputs({ ignoreRules }));
      assert.deepEqual(stack.outs.ignoreRules, ignoreRules);
      assert.equal(await stack.preview(stage.inputs({ ignoreRules })), "same");
      assert.ok(
        stage.lines.some((line) => /^logo logo\.svg: SVG-007 \(ignored: the viewer of the trademark/.test(line)),
        stage.lines.join("\n"),
      );
    });

    it("shows no reason that is not known yet", async () => {
      stage.writeLogo(Buffer.from(bad));
      const unknownReasons = { "SVG-007": unknownValue, "SVG-010": unknownValue };
      await stack.check(stack.process(), stage.inputs({ ignoreRules: unknownReasons }));
      const said = stage.lines.filter((line) =>
        /^logo logo\.svg: SVG-0(07|10) \(ignored: for a reason that is not/.test(line),
      );
      assert.equal(said.length, 2, stage.lines.join("\n"));
      assert.ok(!stage.lines.join().includes(unknownValue));
    });

    it("is not refused while a preview does not know which ones", async () => {
      stage.writeLogo(Buffer.from(bad));
      await stack.check(stack.process(), stage.inputs({ ignoreRules: unknownValue }));
      assert.ok(
        stage.lines.some((line) => /^logo logo\.svg: SVG-007 \(ignored: perhaps/.test(line)),
        stage.lines.join("\n"),
      );
      stage.writeLogo(Buffer.from(good.slice(0, -8)));
      const error = await failureOf(stack.check(stack.process(), stage.inputs({ ignoreRules: unknownValue })));
      assert.deepEqual(reasons(error), ["logo: SVG-001"]);
    });

    it("is refused for what cannot be ignored, for rules that there are not, and for want of a reason", async () => {
      for (const [rule, reason, says] of [
        ["SVG-001", "why not", /^ignoreRules: SVG-001 cannot be ignored: .+ Repair the logo\.$/],
        ["SVG-000", "why not", /^ignoreRules: there is no rule SVG-000 that could be ignored/],
        ["title", "why not", /^ignoreRules: there is no rule title/],
        ["SVG-010", " ", /^ignoreRules: ignoreRules\.SVG-010: must say why the rule is ignored/],
      ] as const) {
        const error = await failureOf(stack.preview(stage.inputs({ ignoreRules: { [rule]: reason } })));
        assert.match(error.message, says);
      }
      stage.writeLogo(Buffer.from(good.slice(0, -8)));
      const error = await failureOf(stack.preview(stage.inputs({ ignoreRules: { "SVG-007": "whatever" } })));
      assert.deepEqual(reasons(error), ["logo: SVG-001"]);
    });
  });

  describe("that the state has already", () => {
    /** As if an earlier version, which knew fewer rules, had taken it. */
    const takenBefore = async (bytes: string) => {
      await stack.up(stage.inputs());
      stage.writeLogo(Buffer.from(bytes));
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      stack.stored!.inputs.logo = { path: "logo.svg", sha256, size: Buffer.byteLength(bytes) };
      stage.lines.length = 0;
    };

    it("is not looked at again: a rule that came later does not stop its order", async () => {
      await takenBefore(bad);
      await stack.check(stack.process(), stage.inputs());
      assert.deepEqual(stage.lines, []);
    });

    it("is refused once its rules are no longer ignored", async () => {
      await takenBefore(bad);
      stack.stored!.inputs.ignoreRules = { "SVG-007": "for now", "SVG-010": "for now" };
      const error = await failureOf(stack.check(stack.process(), stage.inputs()));
      assert.deepEqual(reasons(error), ["logo: SVG-007", "logo: SVG-010"]);
    });

    it("may be missing, and is refused when it is another one", async () => {
      await stack.up(stage.inputs());
      rmSync(path.join(stage.projectDir, "logo.svg"));
      assert.equal(await stack.preview(stage.inputs()), "same");
      stage.writeLogo(Buffer.from(bad));
      await assert.rejects(stack.preview(stage.inputs()), /SVG-007/);
    });
  });

  describe("with remoteLint", () => {
    const program = () => stage.inputs({ remoteLint: true });

    it("is shown to DigiCert's validator once it is new, in a preview too, without a key", async () => {
      await stack.preview(program());
      assert.equal(validations(), 1);
      const [call] = stage.scene.simulator.journal;
      assert.equal(call!.path, "/util/validate-vmc-logo");
      await stack.up(program());
      assert.equal(validations(), 2);
      await stack.preview(program());
      await stack.up(program());
      assert.equal(validations(), 2, "it is known");
      stage.writeLogo(svg("Other"));
      await stack.preview(program());
      assert.equal(validations(), 3);
    });

    it("is shown without a key being there at all", async () => {
      const { baseUrl } = stage.settings;
      stage.settings = { ...(baseUrl ? { baseUrl } : {}) };
      await stack.preview(program());
      assert.deepEqual(stage.calls(), ["PUT /util/validate-vmc-logo"]);
    });

    it("is not shown when the lint refuses it already, nor without remoteLint", async () => {
      await stack.preview(stage.inputs());
      stage.writeLogo(Buffer.from(bad));
      await assert.rejects(stack.preview(program()), /SVG-007/);
      assert.equal(validations(), 0);
    });

    it("is refused with what DigiCert says (SVG-035)", async () => {
      await stage.control.fault({
        match: { method: "PUT", path: "^/util/validate-vmc-logo" },
        kind: "status",
        status: 400,
        body: JSON.stringify({ errors: [{ code: "invalid_svg", message: "Tag mismatch at line 7, column 9" }] }),
      });
      const error = await failureOf(stack.preview(program()));
      assert.match(
        error.message,
        /^logo: SVG-035: DigiCert's validator refuses the logo\. .*line 7, column 9.*remoteLint: false/s,
      );
      assert.equal(stage.posts, 0);
    });

    for (const status of [401, 403, 404, 503]) {
      it(`is not refused because the validator answers nothing about it (${status})`, async () => {
        await stage.control.fault({ match: { method: "PUT", path: "^/util/" }, kind: "status", status, times: 0 });
        assert.equal(await stack.preview(program()), "create");
        assert.ok(stage.lines.some((line) => /could not be asked about the logo \(remoteLint\)/.test(line)));
      });
    }
  });
});
