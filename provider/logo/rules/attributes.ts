import { removeAttribute, replaceValue } from "../edits";
import type { SvgAttribute, SvgElement } from "../parse";
import { allows, CONSTRAINED, collapse, type Kind, PROFILE } from "../profile";
import type { Edit, Problem, Rule } from "../rule";
import { opacityFix, propertyFix, styleFix, WEIGHTS } from "../style";
import { isDeclaration, isHref, isSvg, isXlink, keyOf, type Tree, treeOf } from "../tree";
import { isMisspelt } from "./root";
import { unreadable } from "./values";

/** Which attributes there may be, and with which values. */
export const attributeRules: Rule[] = [
  {
    id: "SVG-015",
    severity: "error",
    title: "Each element has only the attributes of SVG Tiny PS, with values of its schema and of SVG Tiny 1.2.",
    spec: "draft-svg-tiny-ps-abrotman section 2.3 and its RELAX NG schema",
    *check(logo) {
      const tree = treeOf(logo);
      for (const element of tree.kept) {
        const profile = PROFILE.get(element.name)!;
        for (const attribute of element.attributes) {
          if (isAnothers(element, attribute)) continue;
          const key = keyOf(attribute);
          const allowed = key === undefined ? undefined : profile.attributes.get(key);
          const place = { element, offset: attribute.nameOffset };
          if (!allowed) yield { ...notAllowed(tree, element, attribute), ...place };
          else if (!allows(allowed, attribute.value)) {
            yield { ...wrongValue(tree, attribute, allowed.values ?? allowed.kind!), ...place };
          } else if (key === "xml:id" && element.attributes.some((each) => keyOf(each) === "id")) {
            const hint = "The schema of SVG Tiny PS allows one of them. Remove xml:id.";
            yield { message: `${element.name} has both id and xml:id.`, hint, ...place };
          }
        }
      }
      // Last, as no more than some problems are told: errors count.
      for (const element of tree.kept) {
        const profile = PROFILE.get(element.name)!;
        for (const attribute of element.attributes) {
          const allowed = profile.attributes.get(keyOf(attribute) ?? "");
          const told = allowed && !isAnothers(element, attribute) ? unreadable(element, attribute) : undefined;
          if (told) yield { ...told, severity: "warning", element, offset: attribute.nameOffset };
        }
      }
    },
  },
  {
    id: "SVG-016",
    severity: "error",
    title: "zoomAndPan, preserveAspectRatio and their like are left out, or have the value that does nothing.",
    spec: "draft-svg-tiny-ps-abrotman section 2.3",
    *check(logo) {
      for (const element of treeOf(logo).kept) {
        const profile = PROFILE.get(element.name)!;
        for (const attribute of element.attributes) {
          const { name, value, nameOffset } = attribute;
          const only = attribute.namespace === "" && profile.attributes.has(name) ? CONSTRAINED.get(name) : undefined;
          if (only === undefined) continue;
          const isRight = allows(profile.attributes.get(name)!, value);
          // Others stretch or move the drawing.
          const isIdle = name !== "preserveAspectRatio" || /^ ?xMidYMid ?(?:meet)?$/.test(collapse(value));
          yield {
            message: isRight ? `${name} should not be there.` : `${name} is "${value}"; only "${only}" is allowed.`,
            hint: isRight
              ? "SVG Tiny PS advises against it. Leave it out."
              : `The schema of SVG Tiny PS refuses other values: a logo is neither interactive nor cut. Leave it out${isIdle ? "" : ", and make the viewBox fit the drawing"}.`,
            element,
            offset: nameOffset,
            ...(isRight ? { severity: "warning" } : {}),
            ...(isIdle ? { fix: [removeAttribute(attribute)] } : {}),
          };
        }
      }
    },
  },
  {
    id: "SVG-018",
    severity: "error",
    title: "There are no event handlers.",
    spec: "draft-svg-tiny-ps-abrotman section 2.3",
    *check(logo) {
      for (const element of treeOf(logo).elements.filter(isSvg)) {
        for (const attribute of element.attributes) {
          if (!isHandler(attribute)) continue;
          yield {
            message: `${element.name} has the event handler ${attribute.name}.`,
            hint: "Google forbids scripts, and no mailbox provider runs any. Remove it.",
            element,
            offset: attribute.nameOffset,
            fix: [removeAttribute(attribute)],
          };
        }
      }
    },
  },
];

function isHandler({ name, namespace }: SvgAttribute): boolean {
  return namespace === "" && /^on[a-z]/i.test(name);
}

/** What another rule tells about. */
function isAnothers(element: SvgElement, attribute: SvgAttribute): boolean {
  const { name, namespace } = attribute;
  if (isDeclaration(attribute) || isHandler(attribute)) return true;
  if (element.name === "use" && isHref(attribute)) return true;
  if (namespace !== "") return false;
  if (CONSTRAINED.has(name)) return PROFILE.get(element.name)!.attributes.has(name);
  if (element.parent) return false;
  return /^(?:version|baseProfile|x|y)$/.test(name) || isMisspelt(element, attribute) !== undefined;
}

type Told = Pick<Problem, "message" | "hint" | "fix">;

function notAllowed(tree: Tree, element: SvgElement, attribute: SvgAttribute): Told {
  const { qualifiedName, namespace } = attribute;
  const fix = attributeFix(tree, element, attribute);
  return {
    message: `${qualifiedName} is not allowed on ${element.name}${isForeign(attribute) ? `: it is of ${namespace}` : ""}.`,
    hint: `The schema of SVG Tiny PS refuses it. ${hintFor(element, attribute)}`,
    ...(fix ? { fix } : {}),
  };
}

function isForeign(attribute: SvgAttribute): boolean {
  return keyOf(attribute) === undefined && !isXlink(attribute);
}

function attributeFix(tree: Tree, element: SvgElement, attribute: SvgAttribute): Edit[] | undefined {
  const { name, namespace } = attribute;
  // Nobody draws what other namespaces say; style sheets may select by it.
  if (namespace !== "") return tree.styled || isHref(attribute) ? undefined : [removeAttribute(attribute)];
  if (name === "style") return styleFix(tree, element, attribute);
  const meant = [...PROFILE.get(element.name)!.attributes.keys()].find(
    (key) => key.toLowerCase() === name.toLowerCase(),
  );
  if (meant !== undefined) return undefined;
  return (
    propertyFix(tree, element, attribute) ?? (name === "opacity" ? opacityFix(tree, element, attribute) : undefined)
  );
}

const HINTS = new Map<string, string>([
  ["opacity", "Use fill-opacity and stroke-opacity of each shape, or the color that is seen."],
  ["style", 'Write each property as an attribute of its own, as fill="#036".'],
  ["gradientTransform", "Apply it to the numbers of the gradient (x1, y1, x2, y2; cx, cy, r) and remove it."],
  ["spreadMethod", "Only pad is known, and the default: remove it, and draw repetitions with stops."],
  ["fx", "Only gradients around their center are known. Remove fx and fy, or move cx and cy."],
  ["fy", "Only gradients around their center are known. Remove fx and fy, or move cx and cy."],
  ["fr", "Only gradients from their center are known. Remove it, and move the stops."],
  ["gradientUnits", "Put it on the gradient."],
  ["clip-path", "Cut the shapes themselves in the vector editor."],
  ["mask", "Cut the shapes themselves in the vector editor."],
  ["filter", "Draw the effect as shapes and gradients, or leave it away."],
  ["clip-rule", "There are no clip paths. Remove it."],
  ["display", "Remove the element if it is hidden, else the attribute."],
  ["visibility", "Remove the element if it is hidden, else the attribute."],
  ["overflow", "Remove it, and what is drawn beyond the viewBox."],
  ["enable-background", "Remove it; nothing reads it any more."],
  ["mix-blend-mode", "Give the shapes the colors that are seen."],
  ["lang", "Write xml:lang, or remove it."],
  ["tabindex", "A logo is not interactive. Remove it."],
]);

function hintFor(element: SvgElement, attribute: SvgAttribute): string {
  const { name, namespace } = attribute;
  if (isHref(attribute)) {
    return /Gradient$/.test(element.name)
      ? "Copy the stops and attributes of the other gradient into this one."
      : "Only use refers to something. Remove it.";
  }
  if (namespace !== "") return "Programs keep their own data there; nobody draws it. Remove it.";
  if (/^(?:data|aria)-/.test(name)) return "Nobody who shows a logo reads it. Remove it.";
  if (/^marker/.test(name)) return "Draw the ends of lines as shapes.";
  if (name === "transform") {
    return element.parent
      ? `Apply it to the numbers of ${element.name}, and remove it.`
      : "Put the contents into a g, and the transform on that.";
  }
  const hint = HINTS.get(name);
  if (hint) return hint;
  const meant = [...PROFILE.get(element.name)!.attributes.keys()].find(
    (key) => key.toLowerCase() === name.toLowerCase(),
  );
  if (meant !== undefined) return `Upper and lower case count: write ${meant}.`;
  const places = [...PROFILE].filter(([, { attributes }]) => attributes.has(name)).map(([place]) => place);
  if (places.length === 0) return "Remove it.";
  return `It may stand on ${places.length > 6 ? `${places.slice(0, 5).join(", ")} and others` : places.join(", ")} only. Remove it here.`;
}

const KINDS: Record<Exclude<Kind, "preserveAspectRatio">, [what: string, hint: string]> = {
  NCName: [
    "an XML name",
    "Begin with a letter or _, then letters, digits, - . and _ only; rename what refers to it, too.",
  ],
  NMTOKENS: ["a list of names", "Use letters, digits, - . : and _ only, or remove it."],
  language: ["a language", "Write en, or de-CH, or remove it."],
};

function wrongValue(tree: Tree, attribute: SvgAttribute, allowed: readonly string[] | Kind): Told {
  const { qualifiedName, value } = attribute;
  const fix = valueFix(tree, attribute);
  const more = fix ? { fix } : {};
  if (typeof allowed === "string") {
    const [what, hint] = KINDS[allowed as keyof typeof KINDS];
    return {
      message: `${qualifiedName} "${value}" is not ${what}.`,
      hint: `The schema of SVG Tiny PS refuses it. ${hint}`,
      ...more,
    };
  }
  const names = allowed.length > 8 ? `${allowed.slice(0, 8).join(", ")} …` : allowed.join(", ");
  return {
    message: `${qualifiedName} is "${value}".`,
    hint: `The schema of SVG Tiny PS refuses it: it allows ${names} only.`,
    ...more,
  };
}

function valueFix(tree: Tree, attribute: SvgAttribute): Edit[] | undefined {
  const { name, value } = attribute;
  const key = keyOf(attribute);
  if (tree.styled) return undefined;
  const weight = name === "font-weight" ? WEIGHTS.get(value.trim()) : undefined;
  if (weight) return [replaceValue(attribute, weight)];
  if (key === "class" || key === "xml:lang") return value.trim() === "" ? [removeAttribute(attribute)] : undefined;
  return key === "id" || key === "xml:id" ? idFix(tree, attribute) : undefined;
}

/** An id that nothing refers to goes; else it gets a name, and all that refers to it. */
function idFix(tree: Tree, attribute: SvgAttribute): Edit[] | undefined {
  const id = attribute.value.trim();
  const references = tree.references.get(id);
  if (!references) return [removeAttribute(attribute)];
  const name = nameFor(id);
  if (tree.ids.has(name) || tree.ids.get(id)!.length > 1 || firstToBe(tree).get(name) !== id) return undefined;
  const edits = [replaceValue(attribute, name)];
  for (const { attribute: reference } of references) {
    const old = reference.value.split(`#${id}`);
    if (old.length !== 2) return undefined;
    edits.push(replaceValue(reference, old.join(`#${name}`)));
  }
  return edits;
}

function nameFor(id: string): string {
  return `_${id.replace(/[^A-Za-z0-9._-]/g, "_")}`;
}

const firsts = new WeakMap<Tree, ReadonlyMap<string, string>>();

/** By each name the first id that would get it: `1 a` and `1_a` must not become one. */
function firstToBe(tree: Tree): ReadonlyMap<string, string> {
  const known = firsts.get(tree) ?? new Map([...tree.ids.keys()].reverse().map((id) => [nameFor(id), id]));
  firsts.set(tree, known);
  return known;
}
