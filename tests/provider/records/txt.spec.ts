import assert from "node:assert/strict";
import { parseTxtContent, txtCharacterStrings, txtContent } from "../../../provider/records/txt";

describe("txtContent", () => {
  it("quotes a short text", () => {
    assert.equal(txtContent("_abc123"), '"_abc123"');
    assert.equal(txtContent("v=BIMI1; l=; a=;"), '"v=BIMI1; l=; a=;"');
    assert.equal(txtContent(""), '""');
  });

  it("splits at 255 bytes, not before", () => {
    const a = (count: number) => "a".repeat(count);
    assert.equal(txtContent(a(255)), `"${a(255)}"`);
    assert.equal(txtContent(a(256)), `"${a(255)}" "a"`);
    assert.equal(txtContent(a(511)), `"${a(255)}" "${a(255)}" "a"`);
  });

  it("counts bytes on the wire, not characters of the escaped text", () => {
    assert.equal(txtContent('"'.repeat(256)), `"${'\\"'.repeat(255)}" "\\""`);
    assert.deepEqual(
      txtCharacterStrings(txtContent("é".repeat(128))).map((string) => string.length),
      [255, 1],
    );
  });

  it("escapes quotes, backslashes and what is not printable ASCII", () => {
    assert.equal(txtContent('say "hi" \\ bye'), '"say \\"hi\\" \\\\ bye"');
    assert.equal(txtContent("é\n"), '"\\195\\169\\010"');
  });
});

describe("parseTxtContent", () => {
  const texts = [
    "",
    "a",
    "x".repeat(254),
    "x".repeat(255),
    "x".repeat(256),
    "x".repeat(1000),
    'q"\\;\t\0',
    "ü€😀".repeat(60),
  ];
  for (const text of texts) {
    it(`reads back ${JSON.stringify(text.slice(0, 12))} of length ${text.length}`, () => {
      assert.equal(parseTxtContent(txtContent(text)), text);
    });
  }

  it("joins strings without a space", () => {
    assert.equal(parseTxtContent('"v=BIMI1; " "l=;"'), "v=BIMI1; l=;");
    assert.equal(parseTxtContent(' "a"\n\t"b" '), "ab");
  });

  it("takes unquoted content as it stands", () => {
    assert.equal(parseTxtContent("v=BIMI1; l=; a=;"), "v=BIMI1; l=; a=;");
    assert.equal(parseTxtContent(""), "");
  });

  it("reads an escaped character that needs no escape", () => {
    assert.equal(parseTxtContent('"a\\;b\\999"'), "a;b999");
  });

  for (const content of ['"a', '"a" b', '"a""b"', '"a\\"', '"']) {
    it(`refuses ${content}`, () => {
      assert.throws(() => parseTxtContent(content), /not a list of quoted strings at character/);
    });
  }
});
