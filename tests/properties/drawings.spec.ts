import assert from "node:assert/strict";
import fc from "fast-check";
import svgpath from "svgpath";
import { readLength, readNumbers } from "../../provider/logo/drawing";
import { readColor, readInk } from "../../provider/logo/drawing/color";
import { IDENTITY, readTransform } from "../../provider/logo/drawing/matrix";
import { contoursOf, encloses } from "../../provider/logo/drawing/outline";
import { faultIn } from "../../provider/logo/drawing/pathData";
import { logo, MARK, said } from "../provider/logo/drawn";
import { garbled } from "./bytes";
import { assertLinear, patience, strings } from "./support";

const gap = fc.constantFrom(" ", ",", "\n", " , ", ",\t", "\r\n,");
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(0, -0, 1e-300, -1e300, 0.5, 96),
);
const pieces =
  "0 1e308 1e999 -0 NaN Infinity - + . .. , ,, e E 1e 1e- % px em ( ) # url(#a) rgb( red none \u00a0 \ud800 😀"
    .split(" ")
    .concat(" ", "\t", "\n", "\u0000");
const anything = (...bases: string[]) => fc.oneof(garbled(bases, pieces), fc.constantFrom(...strings), fc.string());

describe("Drawings, generated", function () {
  this.timeout(patience);

  it("numbers come out of a list as they went in", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, gap), { maxLength: 8 }), (parts) => {
        const text = parts.map(([value, between], at) => `${at > 0 ? between : ""}${value}`).join("");
        assert.deepEqual(
          readNumbers(text)?.map((value) => value + 0),
          parts.map(([value]) => value + 0),
        );
      }),
    );
  });

  it("lists and lengths that are none are never half read", () => {
    fc.assert(
      fc.property(anything("0 0 96 96", "1,2-3.4.5", "96px", "100%"), (text) => {
        const numbers = readNumbers(text);
        const length = readLength(text);
        assert.ok(numbers === undefined || numbers.every(Number.isFinite));
        assert.ok(length === undefined || (Number.isFinite(length.value) && text.trim().endsWith(length.unit)));
        // One number is a length without unit.
        if (numbers?.length === 1) assert.deepEqual(length, { value: numbers[0], unit: "" });
      }),
    );
  });

  it("a colour is the same in all its spellings", () => {
    const channel = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(channel, channel, channel, (...channels) => {
        const hex = channels.map((value) => value.toString(16).padStart(2, "0")).join("");
        const percents = channels.map((value) => `${(value / 255) * 100}%`.replace(/e-\d+/, ""));
        assert.equal(readColor(`#${hex.toUpperCase()}`), `#${hex}`);
        assert.equal(readColor(` rgb(${channels.join(" , ")})`), `#${hex}`);
        assert.equal(readColor(`RGB(${percents.join(",")})`), `#${hex}`);
        if (channels.every((value) => value % 17 === 0)) {
          assert.equal(readColor(`#${[...hex].filter((_, at) => at % 2 === 0).join("")}`), `#${hex}`);
        }
      }),
    );
    fc.assert(
      fc.property(anything("#fff", "#123456", "rgb(1,2,3)", "rgb(1%,2%,3%)", "white", "currentColor"), (text) => {
        assert.match(readColor(text) ?? "red", /^(?:#[0-9a-f]{6}|[a-z]+)$/);
      }),
    );
  });

  it("transforms do what another reader of them does", () => {
    const part = fc
      .tuple(
        fc.constantFrom(
          ["translate", 1],
          ["translate", 2],
          ["scale", 1],
          ["scale", 2],
          ["rotate", 1],
          ["rotate", 3],
          ["skewX", 1],
          ["skewY", 1],
          ["matrix", 6],
        ) as fc.Arbitrary<[string, number]>,
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 6, maxLength: 6 }),
        // It knows no line ends within one.
        fc.constantFrom(" ", ",", " , "),
      )
      .map(([[name, count], numbers, between]) => `${name}(${numbers.slice(0, count).join(between)})`);
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const text = parts.join(" ");
        const expected: number[] = [];
        svgpath("M1 2L30 40")
          .transform(text)
          .iterate(([, x, y]) => void expected.push(x!, y!));
        const [actual] = contoursOf("M1 2L30 40", readTransform(text)!)!;
        actual!.forEach((value, at) => {
          assert.ok(
            Math.abs(value - expected[at]!) <= 1e-9 * Math.max(1, Math.abs(value)),
            `${text}: ${actual} ${expected}`,
          );
        });
      }),
    );
    fc.assert(
      fc.property(anything("translate(1 2) scale(3)", "rotate(90,1,2)", "matrix(1 0 0 1 0 0)"), (text) => {
        assert.ok((readTransform(text) ?? IDENTITY).every(Number.isFinite));
      }),
    );
  });

  it("path data becomes finite points, or none at all", () => {
    const paths = [
      "M0 0H96V96H0z",
      "m1,2c3 4 5 6 7 8s9-1 2 3z",
      "M1 1q2 2 3 3t4 4a5 5 0 113 3L1e2.5.5",
      "M0 0zm1 1l2 2",
    ];
    fc.assert(
      fc.property(garbled(paths, [...pieces, ..."MLHVCSQTAZmlhvcsqtazRr"]), (text) => {
        for (const contour of contoursOf(text, [2, 1, 0, 1, 5, 5]) ?? [])
          assert.ok(contour.length >= 4 && contour.length % 2 === 0 && contour.every(Number.isFinite));
      }),
    );
  });

  it("path data has a fault where another reader of it finds one, and can be read up to there", () => {
    const paths = [
      "M0 0H96V96H0z",
      "m1,2c3 4 5 6 7 8s9-1 2 3z",
      "M1 1q2 2 3 3t4 4a5 5 0 113 3L1e2.5.5",
      "M0 0zm1 1l2 2",
    ];
    // It knows no numbers that begin with a 0, but endless ones, other white space, and commands that SVG does not have.
    const isStrange = (text: string) => /0\d|[rR]|\.(?!\d)|e\+?\d{3}|[^ -~\t\n]/i.test(text);
    fc.assert(
      fc.property(garbled(paths, [...pieces, ..."MLHVCSQTAZmlhvcsqtaz"]), (text) => {
        const fault = faultIn(text);
        assert.equal(fault === undefined ? undefined : faultIn(text.slice(0, fault.readUpTo)), undefined);
        const { err } = svgpath(text) as ReturnType<typeof svgpath> & { err?: string };
        if (!isStrange(text)) assert.equal(fault !== undefined, Boolean(err), err);
      }),
    );
  });

  it("a rectangle encloses what lies inside of it", () => {
    const side = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.integer({ min: -9, max: 60 }),
        fc.integer({ min: -9, max: 60 }),
        fc.boolean(),
        (w, h, x, y, evenOdd) => {
          const contours = contoursOf(`M0 0h${w}v${h}h${-w}z`, IDENTITY)!;
          const [px, py] = [x + 0.5, y + 0.5];
          assert.equal(encloses(contours, px, py, evenOdd), px > 0 && px < w && py > 0 && py < h);
        },
      ),
    );
  });

  it("two colours on a ground are never refused, whatever is drawn on them", async () => {
    const value = anything("red", "url(#g)", "scale(2)", "9", "M0 0h9v9z", "#u", "none", "0.5").map((text) =>
      text.replace(/[^\x20-\x7e]|[<&"]/g, ""),
    );
    const attribute = fc.tuple(
      fc.constantFrom(
        ..."fill stroke stroke-width fill-opacity transform d x width r points href id opacity style".split(" "),
      ),
      value,
    );
    const shape = fc
      .tuple(
        fc.constantFrom("path", "rect", "circle", "g", "use", "text", "polygon", "image"),
        fc.array(attribute, { maxLength: 4 }),
      )
      .map(([name, given]) => `<${name}${[...new Map(given)].map(([key, text]) => ` ${key}="${text}"`).join("")}/>`);
    await fc.assert(
      fc.asyncProperty(fc.array(shape, { maxLength: 4 }), async (shapes) => {
        const svg = logo(`<rect width="96" height="96" fill="#036"/>${MARK}${shapes.join("")}`);
        assert.deepEqual(await said(svg, "SVG-001", "SVG-022", "SVG-024", "SVG-026", "SVG-027"), [
          "info SVG-024 1:1 /svg The svg element has no width and height; mail receivers take the viewBox.",
        ]);
      }),
    );
  });

  it("take no more than twice the time to read when they are twice as long", async () => {
    const texts: ((n: number) => string)[] = [
      (n) => "1 ".repeat(n),
      (n) => "1".repeat(n),
      (n) => `0${" ".repeat(n)}x`,
      (n) => " ".repeat(n),
      (n) => "1,".repeat(n),
      (n) => ".1".repeat(n),
      (n) => "1e".repeat(n),
      (n) => "a".repeat(n),
      (n) => `${"a".repeat(n)}!`,
      (n) => "scale(1)".repeat(n / 8),
      (n) => "scale(".repeat(n / 6),
      (n) => `scale(1${" ".repeat(n)}`,
      (n) => "rgb(".repeat(n / 4),
      (n) => `rgb(${"1,".repeat(n)})`,
      (n) => `rgb(${" ".repeat(n)})`,
      (n) => `#${"f".repeat(n)}`,
    ];
    for (const text of texts)
      for (const read of [readNumbers, readLength, readColor, readInk, readTransform, faultIn])
        await assertLinear((n) => {
          const long = text(n);
          return () => read(long);
        }, 200_000);

    // As long as logos are: what is longer is not read.
    const data: ((n: number) => string)[] = [
      (n) => `M0 0l${"1 1 ".repeat(n / 4)}`,
      (n) => `M0 0h${"1 ".repeat(n / 2)}`,
      (n) => `M0 0${"z".repeat(n)}`,
      (n) => `M0 0${"m1 1".repeat(n / 4)}`,
      (n) => `M0 0a${"9 9 9 119 9 ".repeat(n / 12)}`,
      (n) => `M0 0c${"1 2 3 4 5 6 ".repeat(n / 12)}`,
      (n) => "M".repeat(n),
      (n) => `M${" ".repeat(n)}`,
    ];
    for (const path of data)
      await assertLinear((n) => {
        const long = path(n);
        return () => contoursOf(long, IDENTITY);
      }, 16_000);
  });
});
