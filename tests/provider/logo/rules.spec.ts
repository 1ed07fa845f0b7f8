import assert from "node:assert/strict";
import { fixLogo } from "../../../provider/logo/fix";
import { lintLogo } from "../../../provider/logo/lint";

const XMLNS = 'xmlns="http://www.w3.org/2000/svg"';
const ROOT = `<svg ${XMLNS} version="1.2" baseProfile="tiny-ps" viewBox="0 0 96 96">`;
const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
const TITLE = "<title>Acme</title>";
const SHAPES = '<rect width="96" height="96" fill="#036"/><circle cx="48" cy="48" r="30" fill="#fc0"/>';
/** A good logo, with something more. */
const within = (more: string) => `${ROOT}${TITLE}${SHAPES}${more}</svg>`;
const onRoot = (more: string) => `${ROOT.replace(">", ` ${more}>`)}${TITLE}${SHAPES}</svg>`;

interface Case {
  what: string;
  /** `‸` stands where each finding of the rule must point, in the order of findings. */
  svg: string;
  messages: string[];
  /** What `fixLogo` makes of it; a person must repair it if absent. */
  fixed?: string;
  severity?: "warning";
}

const cases: Record<string, Case[]> = {
  "SVG-001": [
    {
      what: "another encoding, of nothing but ASCII",
      svg: `‸<?xml version="1.0" encoding='latin1'?>${within("")}`,
      messages: ["The XML declaration names the encoding latin1."],
      fixed: `<?xml version="1.0" encoding='UTF-8'?>${within("")}`,
    },
    {
      what: "another encoding, where characters would mean others",
      svg: `‸<?xml version="1.0" encoding="ISO-8859-1"?>${within("<desc>é</desc>")}`,
      messages: ["The XML declaration names the encoding ISO-8859-1."],
    },
  ],
  "SVG-002": [
    {
      what: "a DOCTYPE",
      svg: `‸<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd" [<!ENTITY a "b>">]>\n${within("")}`,
      messages: ["The logo has a DOCTYPE declaration, which can name external files and entities."],
      fixed: `\n${within("")}`,
    },
    {
      what: "a DOCTYPE with defaults of attributes",
      svg: `‸<!DOCTYPE svg [<!ATTLIST rect fill CDATA "red">]>${within("")}`,
      messages: ["The logo has a DOCTYPE declaration, which can name external files and entities."],
    },
    {
      what: "entities that are plain text",
      svg: `‸<!DOCTYPE svg [\n<!ENTITY a "Acme"> <!ENTITY ns 'urn:ns'><!ENTITY a "b">]>${within('<g data-a="&ns;-&amp;"/><desc><![CDATA[&b;]]></desc>').replace("Acme", "&a; &lt;&a;")}`,
      messages: ["The logo has a DOCTYPE declaration, which can name external files and entities."],
      fixed: within("<g/><desc><![CDATA[&b;]]></desc>").replace("Acme", "Acme &lt;Acme"),
    },
    {
      what: "entities, and what looks like others where none are read",
      svg: `‸<!DOCTYPE svg [<!ENTITY a "Acme">]>${within("<!-- &b; --><desc>&a;</desc>")}<?c &d;?>`,
      messages: ["The logo has a DOCTYPE declaration, which can name external files and entities."],
      fixed: within("<!-- &b; --><desc>Acme</desc>"),
    },
    ...[
      '<!ENTITY a "&b;"><!ENTITY b "b">',
      '<!ENTITY a "<g/>">',
      '<!ENTITY a SYSTEM "file:///etc/passwd">',
      '<!ENTITY % b "b"><!ENTITY a "b">',
      '<!ENTITY b "b">',
      `<!ENTITY a "${"a".repeat(70_000)}">`,
    ].map((declarations) => ({
      what: `entities such as ${declarations.slice(0, 50)}`,
      svg: `‸<!DOCTYPE svg [${declarations}]>${within("").replace("Acme", "&a;")}`,
      messages: ["The logo has a DOCTYPE declaration, which can name external files and entities."],
    })),
  ],
  "SVG-003": [
    {
      what: "processing instructions, before and inside",
      svg: `‸<?xml-stylesheet href="a.css"?>\r\n${within("‸<?xpacket\r\n a?>")}`.replaceAll("\r", ""),
      messages: [
        "There is a processing instruction <?xml-stylesheet …?>.",
        "There is a processing instruction <?xpacket …?>.",
      ],
      fixed: `\n${within("")}`,
    },
  ],
  "SVG-006": [
    {
      what: "no namespace",
      svg: `‸${within("").replace(` ${XMLNS}`, "")}`,
      messages: ["The root element svg is in no namespace."],
      fixed: within(""),
    },
    {
      what: "a namespace of its own",
      svg: `‸${within("").replace("2000/svg", "2000/SVG")}`,
      messages: ["The root element svg is in the namespace http://www.w3.org/2000/SVG."],
    },
    {
      what: "white space around the namespace",
      svg: `‸${within("").replace("http", " http")}`,
      messages: ["The root element svg is in the namespace  http://www.w3.org/2000/svg."],
    },
  ],
  "SVG-007": [
    {
      what: "another version",
      svg: within("").replace("version=", "‸version=").replace('"1.2"', "'1.1'"),
      messages: ['version is "1.1", not "1.2".'],
      fixed: within("").replace('"1.2"', "'1.2'"),
    },
    {
      what: "no version",
      svg: `‸${within("").replace(' version="1.2"', "")}`,
      messages: ["The svg element has no version."],
      fixed: within("").replace(' version="1.2"', "").replace("<svg", '<svg version="1.2"'),
    },
  ],
  "SVG-008": [
    {
      what: "another profile, in the second line",
      svg: within("").replace("baseProfile=", "\n  ‸baseProfile=").replace("tiny-ps", "full"),
      messages: ['baseProfile is "full", not "tiny-ps".'],
      fixed: within("").replace("baseProfile=", "\n  baseProfile="),
    },
    {
      what: "a misspelt attribute",
      svg: within("").replace("baseProfile", "‸BASEPROFILE"),
      messages: ["The svg element has BASEPROFILE where baseProfile is required."],
      fixed: within(""),
    },
  ],
  "SVG-009": [
    { what: "no title", svg: `‸${within("").replace(TITLE, "")}`, messages: ["The logo has no title."] },
    {
      what: "two titles alike",
      svg: within("\n<g/>\n‸<title> Acme</title>\n"),
      messages: ["The logo has more than one title."],
      fixed: within("\n<g/>\n"),
    },
    {
      what: "two titles",
      svg: within("‸<title>Acme Ltd</title>"),
      messages: ["The logo has more than one title."],
    },
    {
      what: "a title that is not first",
      svg: `${ROOT}\n${SHAPES}‸<title>A &amp; B</title></svg>`,
      messages: ["The title is not the first element inside svg."],
      fixed: `${ROOT}<title>A &amp; B</title>\n${SHAPES}</svg>`,
    },
  ],
  "SVG-010": [
    { what: "an empty title", svg: `${ROOT}\n‸<title> </title>${SHAPES}</svg>`, messages: ["The title is empty."] },
    {
      what: "a title of nothing but an element",
      svg: within("").replace(TITLE, "‸<title><e:f xmlns:e='urn:e'> </e:f></title>"),
      messages: ["The title is empty."],
    },
  ],
  "SVG-011": [
    {
      what: "a long title",
      svg: `${ROOT}‸<title>${"😀".repeat(65)}</title>${SHAPES}</svg>`,
      messages: ["The title has 65 characters; at most 64 are advised."],
      severity: "warning",
    },
  ],
  "SVG-012": ["untitled", "Layer 1", "bimi-svg-tiny-12-ps", "logo.svg", "SVG", "Artboard 1 copy 2", "-"].map(
    (title) => ({
      what: `the title ${title}`,
      svg: `${ROOT}‸<title>${title}</title>${SHAPES}</svg>`,
      messages: [`The title "${title}" is a placeholder.`],
      severity: "warning",
    }),
  ),
  "SVG-013": [
    { what: "an empty desc", svg: within("‸<desc>\n</desc>"), messages: ["The desc is empty."], fixed: within("") },
    {
      what: "a desc of an empty element",
      svg: within("‸<desc><tspan/></desc>"),
      messages: ["The desc is empty."],
      fixed: within(""),
    },
  ],
  "SVG-014": [
    {
      what: "scripts",
      svg: within("‸<script>draw()</script>\n  ‸<script href='a.js'/>\n"),
      messages: [
        "script is not allowed: SVG Tiny PS has no scripts.",
        "script is not allowed: SVG Tiny PS has no scripts.",
      ],
      fixed: within("\n"),
    },
    {
      what: "animation",
      svg: within('<circle r="1">‸<animate attributeName="r" to="5"/></circle>'),
      messages: ["animate is not allowed: SVG Tiny PS has no animation."],
    },
    {
      what: "a link, and what is wrong in it",
      svg: within("‸<a>‸<video/></a>"),
      messages: ["a is not allowed: SVG Tiny PS has no links.", "video is not allowed: SVG Tiny PS has no multimedia."],
    },
    {
      what: "what is used to clip",
      svg: within('‸<clipPath id="a"><rect/></clipPath><rect clip-path="url(#a)"/>'),
      messages: ["clipPath is not allowed: SVG Tiny PS has no clipping."],
    },
    {
      what: "definitions that nothing uses",
      svg: within('<defs>‸<mask id="a"/>‸<filter><feBlend/></filter>‸<pattern/></defs>'),
      messages: [
        "mask is not allowed: SVG Tiny PS has no masks.",
        "filter is not allowed: SVG Tiny PS has no filters.",
        "pattern is not allowed: SVG Tiny PS has no patterns.",
      ],
      fixed: within("<defs></defs>"),
    },
    {
      what: "editor data",
      svg: within('‸<e:view xmlns:e="urn:e"><e:a/></e:view>'),
      messages: ["e:view is not allowed: it is no element of SVG, but of urn:e."],
      fixed: within(""),
    },
    {
      what: "editor data around drawings",
      svg: within('‸<e:view xmlns:e="urn:e"><path id="a"/></e:view>'),
      messages: ["e:view is not allowed: it is no element of SVG, but of urn:e."],
    },
    {
      what: "elements of no namespace",
      svg: within('‸<rect xmlns=""/>'),
      messages: ["rect is not allowed: it is no element of SVG, but of no namespace."],
      fixed: within(""),
    },
    {
      what: "an svg within",
      svg: within("‸<svg/>"),
      messages: ["svg is not allowed: only the root is an svg element."],
    },
    {
      what: "parts of text, and fonts",
      svg: within("<text>‸<tspan>a</tspan></text><defs>‸<font/></defs>"),
      messages: [
        "tspan is not allowed: text of SVG Tiny PS has no parts of its own.",
        "font is not allowed: no element of SVG Tiny PS may contain a font.",
      ],
    },
    {
      what: "what is misplaced",
      svg: within("<path>‸<path/></path>‸<stop/><g>‸<svg/></g>"),
      messages: [
        "path is not allowed in path.",
        "stop is not allowed in svg.",
        "svg is not allowed: only the root is an svg element.",
      ],
    },
    {
      what: "titles, descriptions and metadata of parts",
      svg: within("<g>\n ‸<title>Layer</title>\n ‸<desc/>\n ‸<metadata/>\n</g>"),
      messages: ["title is not allowed in g.", "desc is not allowed in g.", "metadata is not allowed in g."],
      fixed: within("<g>\n</g>"),
    },
    {
      what: "elements around words of the title and the description",
      svg: within(
        `<desc>‸<p ${XHTML}>Our <b>logo</b>:<br/>a dot</p> ‸<tspan>of <tspan/>gold</tspan>‸<i ${XHTML}/></desc>`,
      ).replace("Acme", `Ac‸<b ${XHTML}>m</b>e`),
      messages: [
        "b is not allowed: it is no element of SVG, but of http://www.w3.org/1999/xhtml.",
        "p is not allowed: it is no element of SVG, but of http://www.w3.org/1999/xhtml.",
        "tspan is not allowed: text of SVG Tiny PS has no parts of its own.",
        "i is not allowed: it is no element of SVG, but of http://www.w3.org/1999/xhtml.",
      ],
      fixed: within("<desc>Our logo: a dot of gold</desc>"),
    },
    {
      what: "elements around words of a text",
      svg: within(`<text>Ac‸<b ${XHTML}>me</b></text>‸<a><text>Ac‸<b ${XHTML}>me</b></text></a>`),
      messages: [
        "b is not allowed: it is no element of SVG, but of http://www.w3.org/1999/xhtml.",
        "a is not allowed: SVG Tiny PS has no links.",
        "b is not allowed: it is no element of SVG, but of http://www.w3.org/1999/xhtml.",
      ],
    },
    {
      what: "an element around words that is referred to",
      svg: within('<desc>‸<tspan id="a">words</tspan></desc><use href="#a"/>'),
      messages: ["tspan is not allowed: text of SVG Tiny PS has no parts of its own."],
    },
    {
      what: "the only words that describe the logo, at another place",
      svg: within("<g>‸<desc>A disc</desc></g>"),
      messages: ["desc is not allowed in g."],
    },
    {
      what: "words beside those that describe the logo",
      svg: within("<desc>A disc</desc><g>‸<desc>A circle</desc></g>"),
      messages: ["desc is not allowed in g."],
      fixed: within("<desc>A disc</desc><g></g>"),
    },
    {
      what: "what Illustrator keeps for itself",
      svg: within(
        '‸<switch>\n‸<foreignObject requiredExtensions="http://ns.adobe.com/AdobeIllustrator/10.0/" width="1"><e:f xmlns:e="urn:e"/></foreignObject>\n<g id="a"><path/></g>\n</switch>',
      ),
      messages: [
        "switch is not allowed: SVG Tiny PS has no alternatives.",
        "foreignObject is not allowed: SVG Tiny PS has nothing but SVG in it.",
      ],
      fixed: within('<g id="a"><path/></g>'),
    },
    {
      what: "alternatives of others",
      svg: within('‸<switch><g systemLanguage="de"/><g/></switch>‸<switch><g/></switch>'),
      messages: Array.from({ length: 2 }, () => "switch is not allowed: SVG Tiny PS has no alternatives."),
    },
    {
      what: "titles in text, around which white space counts",
      svg: within('<text xml:space="preserve">a\n ‸<title>b</title>\nc</text>'),
      messages: ["title is not allowed in text."],
      fixed: within('<text xml:space="preserve">a\n \nc</text>'),
    },
    {
      what: "upper and lower case",
      svg: within("‸<Rect/>‸<lineargradient/>"),
      messages: [
        "Rect is not allowed: SVG calls it rect.",
        "lineargradient is not allowed: SVG calls it linearGradient.",
      ],
    },
    {
      what: "names that objects of JavaScript have",
      svg: within("‸<constructor/>‸<__proto__/>"),
      messages: ["constructor", "__proto__"].map((name) => `${name} is not allowed: SVG Tiny PS has no such element.`),
    },
    {
      what: "text that draws nothing",
      svg: within("<g><!-- a --><g/> ‸x<g/>y</g>"),
      messages: ["There is text directly in g."],
    },
    {
      what: "a style sheet of classes",
      svg: within(
        '<defs>‸<style type="text/css"><![CDATA[ /* a */ .a, .b { fill: #fff } .b{stroke:none; } ]]></style></defs><path class="b" fill="red"/><path class="c a"/>',
      ),
      messages: ["style is not allowed: SVG Tiny PS has no style sheets."],
      fixed: within('<defs></defs><path stroke="none" class="b" fill="#fff"/><path fill="#fff" class="c a"/>'),
    },
    {
      what: "a style sheet that tells the size of what has one",
      svg: within('‸<style>.a{width:9px}</style>‸<foreignObject class="a"/>'),
      messages: [
        "style is not allowed: SVG Tiny PS has no style sheets.",
        "foreignObject is not allowed: SVG Tiny PS has nothing but SVG in it.",
      ],
    },
    {
      what: "a style sheet that tells lengths in sizes of the font",
      svg: within('‸<style>.a{font-size:20px;stroke-width:2em;stroke:red}</style><path class="a"/>'),
      messages: ["style is not allowed: SVG Tiny PS has no style sheets."],
      fixed: within('<path font-size="20px" stroke-width="2em" stroke="red" class="a"/>'),
    },
    {
      what: "a style sheet of which later rules and style attributes go first",
      svg: within(
        '‸<style>.b{fill:red}.a{fill:blue}.b{stroke:red}</style><path class="a b"/><path class="b" style="fill:lime"/>',
      ),
      messages: ["style is not allowed: SVG Tiny PS has no style sheets."],
      fixed: within('<path fill="blue" stroke="red" class="a b"/><path class="b" fill="lime" stroke="red"/>'),
    },
    {
      what: "a style sheet that something refers to",
      svg: within('‸<style id="s">.a{fill:red}</style><use href="#s"/>'),
      messages: ["style is not allowed: SVG Tiny PS has no style sheets."],
    },
    ...[
      "path{fill:red}",
      ".a>.b{}",
      "@media print{}",
      ".a{fill:var(--b)}",
      ".a{filter:blur(2px)}",
      ".a:hover{}",
      ".a{",
      "#a{}",
    ].map((css) => ({
      what: `the style sheet ${css}`,
      svg: within(`‸<style>${css.replace(">", "&gt;")}</style><path class="a" id="a"/>`),
      messages: ["style is not allowed: SVG Tiny PS has no style sheets."],
    })),
  ],
  "SVG-015": [
    {
      what: "quotes within quotes, and what is beside them",
      svg: within(
        `<text font-family='A' ‸style="font-family:'B'">a</text><path fill="red" ‸style='font-family:"C";fill:#fff'/><g ‸data-a='1'/>`,
      ),
      messages: ["style is not allowed on text.", "style is not allowed on path.", "data-a is not allowed on g."],
      fixed: within('<text font-family=\'&apos;B&apos;\'>a</text><path fill="#fff" font-family="&quot;C&quot;"/><g/>'),
    },
    {
      what: "style, of which each property is an attribute",
      svg: within(
        '<path ‸style="fill:#fff; stroke : none;fill-rule:evenodd;-inkscape-stroke:none;font-weight:700" d="M0 0"/>',
      ),
      messages: ["style is not allowed on path."],
      fixed: within('<path fill="#fff" stroke="none" fill-rule="evenodd" d="M0 0"/>'),
    },
    {
      what: "style, which goes before attributes",
      svg: within('<path fill="red" ‸style="fill:url(#a)"/><linearGradient id="a"/>'),
      messages: ["style is not allowed on path."],
      fixed: within('<path fill="url(#a)"/><linearGradient id="a"/>'),
    },
    ...[
      "fill:red;clip-path:url(#a)",
      "fill:var(--a)",
      "fill:\\72 ed",
      "transform:scale(2)",
      "fill:red;fill:blue",
      "fill:NONE",
      "display:none",
      "fill",
      "stroke-width:calc(1px + 1px)",
      "fill:initial",
      "x:5px",
    ].map((style) => ({
      what: `the style ${style}`,
      svg: within(`<rect ‸style="${style}"/>`),
      messages: ["style is not allowed on rect."],
    })),
    {
      what: "a size of the font, in which lengths are told",
      svg: within('<g ‸style="font-size:20px;line-height:1"><rect width="2em" height="1"/></g>'),
      messages: ["style is not allowed on g."],
    },
    {
      what: "a size of the font, in which lengths are told, and nothing else",
      svg: within('<g ‸style="font-size:20px"><rect width="2em" height="1"/></g>'),
      messages: ["style is not allowed on g."],
      fixed: within('<g font-size="20px"><rect width="2em" height="1"/></g>'),
    },
    {
      what: "the opacity of a shape that has a fill, or a stroke",
      svg: within(
        '<path ‸opacity=".5"/><g fill="none" stroke="red"><path ‸opacity="0.25" stroke-opacity="1"/></g><line ‸opacity="0" stroke="red"/>',
      ),
      messages: Array.from({ length: 3 }, (_, at) => `opacity is not allowed on ${at === 2 ? "line" : "path"}.`),
      fixed: within(
        '<path fill-opacity=".5"/><g fill="none" stroke="red"><path stroke-opacity="0.25"/></g><line stroke-opacity="0" stroke="red"/>',
      ),
    },
    {
      what: "an opacity beside an opacity of the fill, in one style",
      svg: within(
        '<path ‸style="opacity:.5;fill-opacity:1" fill-opacity="1"/><path ‸style="fill-opacity:1;opacity:.5"/>',
      ),
      messages: ["style is not allowed on path.", "style is not allowed on path."],
      fixed: within('<path fill-opacity=".5"/><path fill-opacity=".5"/>'),
    },
    {
      what: "the opacity of what has both, of groups, of text, and of what is see-through already",
      svg: within(
        '<path ‸opacity=".5" stroke="red"/><g ‸opacity=".5"/><text ‸opacity=".5">a</text><g fill-opacity=".5"><path ‸opacity=".5"/></g><path ‸opacity="50%"/><path ‸opacity=".5" ‸filter="url(#f)"/>',
      ),
      messages: ["path", "g", "text", "path", "path", "path"]
        .map((name) => `opacity is not allowed on ${name}.`)
        .concat("filter is not allowed on path."),
    },
    {
      what: "a style that sets aside an attribute which would count without it",
      svg: within('<path ‸opacity=".5" ‸style="opacity:1"/><g ‸display="none" ‸style="display:inline"/>'),
      messages: ["opacity is not allowed on path.", "style is not allowed on path."].concat([
        "display is not allowed on g.",
        "style is not allowed on g.",
      ]),
    },
    {
      what: "the opacity of lines with markers",
      svg: within(
        '<marker id="m"/><g fill="none" stroke="red" ‸marker-start="url(#m)"><path ‸opacity=".5"/><path ‸style="opacity:.5;marker-end:url(#m)"/></g>',
      ),
      messages: [
        "marker-start is not allowed on g.",
        "opacity is not allowed on path.",
        "style is not allowed on path.",
      ],
    },
    {
      what: "what a gradient has in place of another's",
      svg: within(
        '<linearGradient id="a" ‸gradientTransform="rotate(90)" ‸spreadMethod="reflect"/><linearGradient ‸href="#a" ‸gradientTransform="translate(0)" ‸spreadMethod="pad"/>',
      ),
      messages: ["gradientTransform", "spreadMethod", "href", "gradientTransform", "spreadMethod"].map(
        (name) => `${name} is not allowed on linearGradient.`,
      ),
    },
    {
      what: "what a gradient says although it goes without saying",
      svg: within('<linearGradient ‸gradientTransform="translate(0)" ‸spreadMethod="pad"/>'),
      messages: ["gradientTransform", "spreadMethod"].map((name) => `${name} is not allowed on linearGradient.`),
      fixed: within("<linearGradient/>"),
    },
    {
      what: "the opacity of what is drawn somewhere else, too",
      svg: within('<g id="a"><path ‸opacity=".5"/></g><use href="#a" stroke="red"/>'),
      messages: ["opacity is not allowed on path."],
    },
    {
      what: "what does nothing",
      svg: within(
        '<g ‸opacity="1" ‸data-a="b" ‸aria-label="c" ‸display="inline" ‸mask="none" ‸x="1" ‸width="2" ‸clip-rule="evenodd" ‸overflow="visible"/>',
      ),
      messages: ["opacity", "data-a", "aria-label", "display", "mask", "x", "width", "clip-rule", "overflow"].map(
        (name) => `${name} is not allowed on g.`,
      ),
      fixed: within("<g/>"),
    },
    {
      what: "what an editor writes",
      svg: within('<g xmlns:e="urn:e" ‸e:label="Layer"/>'),
      messages: ["e:label is not allowed on g: it is of urn:e."],
      fixed: within("<g/>"),
    },
    {
      what: "what a person must draw in another way",
      svg: within(
        '<linearGradient ‸gradientTransform="scale(2)" ‸spreadMethod="repeat" ‸href="#a"/><radialGradient ‸fx="1" id="a"/><g ‸display="none" ‸clip-path="url(#b)" ‸mix-blend-mode="multiply"/>',
      ),
      messages: [
        ...["gradientTransform", "spreadMethod", "href"].map((name) => `${name} is not allowed on linearGradient.`),
        "fx is not allowed on radialGradient.",
        ...["display", "clip-path", "mix-blend-mode"].map((name) => `${name} is not allowed on g.`),
      ],
    },
    {
      what: "a transform of the whole",
      svg: onRoot('‸transform="scale(2)"'),
      messages: ["transform is not allowed on svg."],
    },
    {
      what: "upper and lower case",
      svg: onRoot('‸viewbox="0 0 1 1"'),
      messages: ["viewbox is not allowed on svg."],
    },
    {
      what: "values of which the schema has a list",
      svg: within('<path ‸fill-rule="winding" ‸stroke-linecap="" stroke-linejoin=" bevel "/>'),
      messages: ['fill-rule is "winding".', 'stroke-linecap is "".'],
    },
    {
      what: "weights of fonts by number",
      svg: within('<text ‸font-weight="700">a</text><text ‸font-weight="400">a</text>'),
      messages: ['font-weight is "700".', 'font-weight is "400".'],
      fixed: within('<text font-weight="bold">a</text><text font-weight="normal">a</text>'),
    },
    {
      what: "a weight that has no name",
      svg: within('<text ‸font-weight="600">a</text>'),
      messages: ['font-weight is "600".'],
    },
    {
      what: "ids that are no names, used and unused",
      svg: within('<linearGradient ‸id="1 a"/><path fill="url(#1 a)"/><path ‸id="2"/><g ‸class=""/>'),
      messages: ['id "1 a" is not an XML name.', 'id "2" is not an XML name.', 'class "" is not a list of names.'],
      fixed: within('<linearGradient id="_1_a"/><path fill="url(#_1_a)"/><path/><g/>'),
    },
    {
      what: "an id that is no name, and is referred to in another way",
      svg: within('<linearGradient ‸id="1 é"/><path fill="url(#1%20%C3%A9)"/>'),
      messages: ['id "1 é" is not an XML name.'],
    },
    {
      what: "two ids",
      svg: within('<g id="a" ‸xml:id="b"/>'),
      messages: ["g has both id and xml:id."],
    },
    {
      what: "names that objects of JavaScript have",
      svg: within('<g ‸constructor="a" ‸__proto__="b"/>'),
      messages: ["constructor is not allowed on g.", "__proto__ is not allowed on g."],
    },
  ],
  "SVG-016": [
    {
      what: "interactive settings",
      svg: onRoot('‸zoomAndPan="magnify" ‸focusable="true" ‸snapshotTime="1s" ‸timelineBegin="onStart"'),
      messages: [
        'zoomAndPan is "magnify"; only "disable" is allowed.',
        'focusable is "true"; only "false" is allowed.',
        'snapshotTime is "1s"; only "none" is allowed.',
        'timelineBegin is "onStart"; only "onLoad" is allowed.',
      ],
      fixed: within(""),
    },
    {
      what: "what is allowed, but should not be there",
      svg: onRoot('‸playbackOrder="all" ‸preserveAspectRatio=" xMidYMid  meet"'),
      messages: ["playbackOrder should not be there.", "preserveAspectRatio should not be there."],
      fixed: within(""),
      severity: "warning",
    },
    {
      what: "what stretches or moves",
      svg: onRoot('‸preserveAspectRatio="xMinYMin slice"'),
      messages: ['preserveAspectRatio is "xMinYMin slice"; only "xMidYMid meet" is allowed.'],
    },
    {
      what: "what stretches, as is allowed",
      svg: onRoot('‸preserveAspectRatio="none"'),
      messages: ["preserveAspectRatio should not be there."],
      severity: "warning",
    },
    {
      what: "text that can be edited",
      svg: within('<text ‸editable="simple">a</text>'),
      messages: ['editable is "simple"; only "none" is allowed.'],
      fixed: within("<text>a</text>"),
    },
  ],
  "SVG-017": [
    {
      what: "x and y of the root",
      svg: onRoot('‸x="0px"\n\t‸y="0px"'),
      messages: ["The svg element has x.", "The svg element has y."],
      fixed: within(""),
    },
  ],
  "SVG-018": [
    {
      what: "event handlers",
      svg: onRoot('‸onload="a()"').replace("</svg>", '<g ‸onClick="b()"/></svg>'),
      messages: ["svg has the event handler onload.", "g has the event handler onClick."],
      fixed: within("<g/>"),
    },
  ],
  "SVG-019": [
    {
      what: "references to elsewhere",
      svg: within('<use ‸href="https://example.com/a.svg#b"/><use ‸href="a.svg#b"/><use ‸href=""/><use ‸href="#"/>'),
      messages: ["https://example.com/a.svg#b", "a.svg#b", "", "#"].map(
        (url) => `href refers to "${url}", not to an element of this file.`,
      ),
    },
    {
      what: "the href of XLink",
      svg: within('<g id="a"/><use xmlns:l="http://www.w3.org/1999/xlink" ‸l:href="#a"/>'),
      messages: ["l:href must be href."],
      fixed: within('<g id="a"/><use href="#a"/>'),
    },
    {
      what: "both hrefs",
      svg: within('<g id="a"/><use xmlns:l="http://www.w3.org/1999/xlink" href="#a" ‸l:href=" #a"/>'),
      messages: ["l:href must be href."],
      fixed: within('<g id="a"/><use href="#a"/>'),
    },
    {
      what: "both hrefs, each to something else",
      svg: within('<g id="a"/><g id="b"/><use xmlns:l="http://www.w3.org/1999/xlink" href="#b" ‸l:href="#a"/>'),
      messages: ["l:href refers to something else than href."],
    },
    {
      what: "references to nothing",
      svg: within('<use ‸href="#a"/><path ‸fill="url(#b) red" ‸stroke="URL( \'#c\' )"/>'),
      messages: [
        "href refers to #a, and no element has that id.",
        "fill refers to #b, and no element has that id.",
        "stroke refers to #c, and no element has that id.",
      ],
    },
    {
      what: "references to nothing, behind a letter of which lower case is longer",
      svg: within('<path id="a" ‸fill="İİ url(#b)" stroke="İİ URL(#a)"/>'),
      messages: ["fill refers to #b, and no element has that id."],
    },
    {
      what: "references to nothing, though not to what is percent-encoded",
      svg: within('<g id="é f"/><use href="#%C3%A9%20f"/><use ‸href="#%C3%A9"/><use ‸href="#%"/>'),
      messages: ["#%C3%A9", "#%"].map((target) => `href refers to ${target}, and no element has that id.`),
    },
    {
      what: "another base",
      svg: onRoot('‸xml:base="https://example.com/"'),
      messages: ["xml:base makes references mean other files."],
      fixed: within(""),
    },
  ],
  "SVG-020": [
    {
      what: "URLs of elsewhere, however they are written",
      svg: within(
        '<path ‸fill="url(https://example.com/a)"/><path ‸stroke="url( \'a.svg#b\' ) red"/><path ‸color="u\\72l(//a.example)"/><path ‸fill="url(data:image/png;base64,AA)"/><g id="a"/><path ‸fill="url(#a) url(b"/>',
      ),
      messages: [
        'fill of path refers to "https://example.com/a", not to an element of this file.',
        'stroke of path refers to "a.svg#b", not to an element of this file.',
        'color of path refers to "//a.example", not to an element of this file.',
        "fill of path refers to embedded data, not to an element of this file.",
        'fill of path refers to "b", not to an element of this file.',
      ],
    },
    {
      what: "URLs behind letters of which lower case is longer",
      svg: within(
        '<path ‸about="İİİİİİurl("/><path ‸about="\\130 \\130 \\130 \\130 url("/><path ‸about="İİ url(a.svg)"/><path about="İ URL(#a) İ url(\'#b\')"/>',
      ),
      messages: ["", "", "a.svg"].map((url) => `about of path refers to "${url}", not to an element of this file.`),
    },
  ],
  "SVG-021": [
    {
      what: "images, and data in place of references",
      svg: within(
        '‸<image href="data:image/png;base64,AA"/><defs>‸<image/></defs><use ‸href=" data:image/svg+xml,a"/>',
      ),
      messages: [
        "image is not allowed: SVG Tiny PS has no raster or external images.",
        "image is not allowed: SVG Tiny PS has no raster or external images.",
        "href of use embeds data.",
      ],
    },
  ],
  "SVG-030": [
    {
      what: "namespaces that nothing uses",
      svg: onRoot('‸xmlns:a="urn:a" xmlns:svg="http://www.w3.org/2000/svg"'),
      messages: ["xmlns:a declares the namespace urn:a."],
      fixed: onRoot('xmlns:svg="http://www.w3.org/2000/svg"'),
      severity: "warning",
    },
    {
      what: "metadata",
      svg: within("\n\t‸<metadata>made by me</metadata>\n"),
      messages: ["There is metadata."],
      fixed: within("\n"),
      severity: "warning",
    },
    {
      what: "comments of programs only",
      svg: `<!-- Acme -->‸<!-- Generator: Adobe Illustrator 24 -->${within("‸<!-- Created with Inkscape -->")}`,
      messages: Array.from({ length: 2 }, () => "A comment names the program that made the file."),
      severity: "warning",
    },
  ],
  "SVG-031": [
    {
      what: "CR LF",
      svg: `<?xml version="1.0"?>‸\r\n${within("")}\r\n`,
      messages: ["2 lines end with CR LF."],
      fixed: `<?xml version="1.0"?>\n${within("")}\n`,
    },
    { what: "CR", svg: `${within("")}‸\r`, messages: ["1 line ends with CR."], fixed: `${within("")}\n` },
  ],
  "SVG-032": [
    {
      what: "a byte order mark",
      svg: `‸\uFEFF${within("")}`,
      messages: ["The file begins with a byte order mark."],
      fixed: within(""),
      severity: "warning",
    },
  ],
};

describe("each rule, by example:", () => {
  for (const [id, list] of Object.entries(cases)) {
    describe(id, () => {
      for (const { what, svg, messages, fixed, severity = "error" } of list) {
        it(`finds ${what}${fixed === undefined ? "" : ", and it can be repaired"}`, async () => {
          const text = svg.replaceAll("‸", "");
          const findings = (await lintLogo(Buffer.from(text))).filter(({ ruleId }) => ruleId === id);
          assert.deepEqual(
            findings.map(({ message }) => message),
            messages,
          );
          assert.deepEqual(
            findings.map(({ line, column }) => `${line}:${column}`),
            marks(svg),
          );
          for (const { hint, spec, severity: found, fixable } of findings) {
            assert.ok(hint && spec);
            assert.equal(found, severity);
            assert.equal(fixable, fixed === undefined ? undefined : true);
          }

          const repaired = await fixLogo(Buffer.from(text));
          const left = repaired.remaining.filter(({ ruleId }) => ruleId === id).map(({ message }) => message);
          if (fixed === undefined) assert.deepEqual(left, messages, `repaired to ${repaired.bytes}`);
          else {
            assert.equal(String(repaired.bytes), fixed);
            assert.deepEqual(left, []);
          }
        });
      }
    });
  }

  it("finds nothing in what is allowed, though feared", async () => {
    const good = within(
      `<!-- ours --><desc>A disc</desc><g class="a b" role="img" id="é" xml:space="preserve" xml:lang="de-CH" about="#x"><text x="1" font-weight="bold" xml:space="default">a</text></g>
       <defs><linearGradient id="g" gradientUnits="userSpaceOnUse"><stop offset="0" stop-color="red"/></linearGradient><solidColor/></defs>
       <use href="#g"/><path fill="url(#g)" d="M0 0" transform="scale(2)" vector-effect="none"/>`,
    );
    // Text is allowed, but for a warning.
    assert.deepEqual(
      (await lintLogo(Buffer.from(good))).map(({ ruleId }) => ruleId),
      ["SVG-029"],
    );
  });
});

/** `line:column` of each mark, in a text that has no marks. */
function marks(text: string): string[] {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.flatMap((line, at) =>
    [...line.matchAll(/‸/g)].map(({ index }, before) => `${at + 1}:${index - before + 1}`),
  );
}
