import { removeAttribute, renameAttribute } from "../edits";
import { attributeOf, type SvgAttribute, type SvgElement } from "../parse";
import { PROFILE } from "../profile";
import type { Problem, Rule } from "../rule";
import { idsMeant, isDeclaration, isHref, isSvg, isXlink, keyOf, type Tree, treeOf, urlsIn } from "../tree";

const INSIDE = "Google forbids external references, and mailbox providers load nothing from elsewhere.";

/** What refers to something else. */
export const referenceRules: Rule[] = [
  {
    id: "SVG-019",
    severity: "error",
    title: "A reference is a plain href, or url(…), to an element of this file.",
    spec: "draft-svg-tiny-ps-abrotman section 2.3 and its RELAX NG schema",
    *check(logo) {
      const tree = treeOf(logo);
      for (const element of tree.kept) {
        for (const attribute of element.attributes) {
          for (const problem of problemsOf(tree, element, attribute)) {
            yield { ...problem, element, offset: attribute.nameOffset };
          }
        }
      }
    },
  },
  {
    id: "SVG-020",
    severity: "error",
    title: "Each url(…) refers to an element of this file.",
    spec: "draft-svg-tiny-ps-abrotman section 2.3; SVG Tiny 1.2 section 14.1.4",
    *check(logo) {
      for (const element of treeOf(logo).elements) {
        if (!isSvg(element)) continue;
        for (const { qualifiedName, value, nameOffset } of element.attributes) {
          if (!hasUrl(value)) continue;
          const outside = urlsIn(value).find((url) => !/^#./.test(url));
          if (outside === undefined) continue;
          const isData = /^data:/i.test(outside);
          yield {
            message: `${qualifiedName} of ${element.name} refers to ${isData ? "embedded data" : `"${outside}"`}, not to an element of this file.`,
            hint: `${INSIDE} Use a color, or a gradient that is in the file: url(#its-id).`,
            element,
            offset: nameOffset,
          };
        }
      }
    },
  },
];

function hasUrl(value: string): boolean {
  return /url|\\/i.test(value);
}

function* problemsOf(
  tree: Tree,
  element: SvgElement,
  attribute: SvgAttribute,
): Generator<Omit<Problem, "element" | "offset">> {
  if (isDeclaration(attribute)) return;
  const { qualifiedName, value } = attribute;
  if (keyOf(attribute) === "xml:base") {
    const hint = `${INSIDE} With xml:base, even #id may mean another file. Remove it.`;
    yield { message: "xml:base makes references mean other files.", hint, fix: [removeAttribute(attribute)] };
    return;
  }
  if (isHref(attribute)) {
    if (element.name !== "use") return;
    const target = value.trim();
    if (/^data:/i.test(target)) return;
    const plain = isXlink(attribute) ? attributeOf(element, "href")?.trim() : undefined;
    if (plain !== undefined) {
      yield besides(attribute, plain);
      return;
    }
    if (!/^#./.test(target)) {
      const hint = `${INSIDE} Put what it refers to into defs of this file, and write href="#its-id".`;
      yield { message: `${qualifiedName} refers to "${value}", not to an element of this file.`, hint };
      return;
    }
    if (isXlink(attribute)) {
      yield {
        message: `${qualifiedName} must be href.`,
        hint: `The schema of SVG Tiny PS allows the plain one only. Write href="${target}".`,
        fix: [renameAttribute(attribute, "href")],
      };
    }
    if (isMissing(tree, target)) yield dangling(`${qualifiedName} refers to ${target}`);
    return;
  }
  // Of attributes that may be there; others are refused as such.
  const key = keyOf(attribute);
  if (!hasUrl(value) || key === undefined || !PROFILE.get(element.name)!.attributes.has(key)) return;
  const missing = urlsIn(value).find((url) => /^#./.test(url) && isMissing(tree, url));
  if (missing !== undefined) yield dangling(`${qualifiedName} refers to ${missing}`);
}

/** The href of XLink beside a plain one, which goes first where both are known. */
function besides(attribute: SvgAttribute, plain: string): Omit<Problem, "element" | "offset"> {
  const { qualifiedName, value } = attribute;
  if (value.trim() === plain) {
    const hint = "The schema of SVG Tiny PS allows the plain one only. Remove it: there is an href that says the same.";
    return { message: `${qualifiedName} must be href.`, hint, fix: [removeAttribute(attribute)] };
  }
  const hint = `The schema of SVG Tiny PS allows the plain one only, and older programs read the other. Write href="${plain}" or href="${value}", whichever is meant, and remove ${qualifiedName}.`;
  return { message: `${qualifiedName} refers to something else than href.`, hint };
}

function isMissing(tree: Tree, fragment: string): boolean {
  return !idsMeant(fragment).some((id) => tree.ids.has(id));
}

function dangling(what: string): Omit<Problem, "element" | "offset"> {
  const hint =
    "Nothing is drawn there, or something else, as each mailbox provider likes. Give the element that is meant this id, or remove the reference.";
  return { message: `${what}, and no element has that id.`, hint };
}
