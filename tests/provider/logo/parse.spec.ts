import assert from "node:assert/strict";
import { parseLogo, pathOf, type SvgElement, textOf } from "../../../provider/logo/parse";

describe("parseLogo", () => {
  const text = `<?xml version="1.0"?>
<s:svg  xmlns:s="http://www.w3.org/2000/svg"
  version = '1.2'><!-- <g> --><s:g id="a>b" x:y=" 1
2 " xmlns:x="urn:x"/><s:g\t><s:path d=''></s:path ><![CDATA[</s:g>]]></s:g></s:svg>\n`;
  const elements: SvgElement[] = [];
  const collect = (element: SvgElement) => {
    elements.push(element);
    element.children.forEach(collect);
  };
  collect(parseLogo(Buffer.from(text)).root!);

  it("tells where each element stands", () => {
    assert.deepEqual(
      elements.map(({ offset, startTagEnd, end }) => [
        text.slice(offset, startTagEnd).replace(/\s+/g, " "),
        text.slice(startTagEnd, end).slice(-9),
      ]),
      [
        [`<s:svg xmlns:s="http://www.w3.org/2000/svg" version = '1.2'>`, "></s:svg>"],
        [`<s:g id="a>b" x:y=" 1 2 " xmlns:x="urn:x"/>`, ""],
        ["<s:g >", "]]></s:g>"],
        ["<s:path d=''>", "/s:path >"],
      ],
    );
    assert.deepEqual(elements.map(pathOf), ["/svg", "/svg/g[1]", "/svg/g[2]", "/svg/g[2]/path"]);
  });

  it("tells where each attribute stands", () => {
    for (const attribute of elements.flatMap(({ attributes }) => attributes)) {
      const { qualifiedName, value, offset, valueOffset, end } = attribute;
      assert.match(text.slice(offset, end), new RegExp(`^\\s+${qualifiedName}\\s*=\\s*(["'])[^"']*\\1$`));
      assert.equal(text.slice(valueOffset, end - 1).replaceAll("\n", " "), value);
    }
    assert.equal(elements.flatMap(({ attributes }) => attributes).length, 6);
  });

  it("tells the text of elements, in order", () => {
    const { root } = parseLogo(Buffer.from("<a>1<b>2<c/>&lt;</b><!-- x --><d>4</d><![CDATA[5]]></a>"));
    assert.equal(textOf(root!), "12<45");
    assert.equal(root!.text, "15");
  });
});
