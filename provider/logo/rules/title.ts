import { escaped, remove } from "../edits";
import { type ParsedLogo, SVG_NAMESPACE, type SvgElement, svgRoot, textOf } from "../parse";
import type { Edit, Problem, Rule } from "../rule";

/** The title and description: what is read out, and shown where the image is not. */
export const titleRules: Rule[] = [
  {
    id: "SVG-009",
    severity: "error",
    title: "There is one title, directly after the svg start tag.",
    spec: "draft-svg-tiny-ps-abrotman section 2.1 and its RELAX NG schema",
    check(logo) {
      const root = svgRoot(logo);
      if (!root) return [];
      const [first, ...others] = titlesOf(logo);
      if (!first) {
        const hint = "Google and DigiCert want one. Add <title>Your company</title> as the first element inside svg.";
        return [{ message: "The logo has no title.", hint, element: root }];
      }
      const problems: Problem[] = [];
      const second = others[0];
      if (second) {
        // Which one is right, if they differ, only a person knows.
        const alike = others.every((other) => isAlike(other, first));
        const fix = alike ? { fix: others.map((other) => remove(logo.text, other)) } : {};
        const hint = "SVG Tiny PS allows one. Keep the one that names the company.";
        problems.push({ message: "The logo has more than one title.", hint, element: second, ...fix });
      }
      if (root.children[0] !== first) {
        const hint = "DigiCert and the schema of SVG Tiny PS want it first. Move it directly after the svg start tag.";
        const moved = {
          start: root.startTagEnd,
          end: root.startTagEnd,
          text: logo.text.slice(first.offset, first.end),
        };
        const fix = [moved, remove(logo.text, first)];
        problems.push({ message: "The title is not the first element inside svg.", hint, element: first, fix });
      }
      return problems;
    },
  },
  {
    id: "SVG-010",
    severity: "error",
    title: "The title is not empty.",
    spec: "draft-svg-tiny-ps-abrotman section 2.1",
    *check(logo) {
      const hint =
        "Google and DigiCert want a name there, and screen readers say it. Write the company's, in at most 64 characters.";
      for (const element of titlesOf(logo)) {
        if (nameIn(element) === "") yield { message: "The title is empty.", hint, element };
      }
    },
  },
  {
    id: "SVG-011",
    severity: "warning",
    title: "The title has at most 64 characters.",
    spec: "draft-svg-tiny-ps-abrotman section 2.1",
    *check(logo) {
      for (const element of titlesOf(logo)) {
        const { length } = [...nameIn(element)];
        if (length <= 64) continue;
        const hint = "SVG Tiny PS advises against longer ones. Write the company's name only.";
        yield { message: `The title has ${length} characters; at most 64 are advised.`, hint, element };
      }
    },
  },
  {
    id: "SVG-012",
    severity: "warning",
    title: "The title names the company.",
    spec: "draft-svg-tiny-ps-abrotman section 2.1; BIMI Group, Creating BIMI SVG Logo Files",
    *check(logo, { organizationName }) {
      for (const element of titlesOf(logo)) {
        const name = nameIn(element);
        if (name === "") continue;
        if (isPlaceholder(name)) {
          const hint = "Screen readers and reviewers see it. Write the company's name.";
          yield { message: `The title "${name}" is a placeholder.`, hint, element };
        } else if (organizationName !== undefined && !names(name, organizationName)) {
          const hint = "It SHOULD reflect the company, whom the CA validates. Write the company's name.";
          yield { message: `The title "${name}" does not name the organization ${organizationName}.`, hint, element };
        }
      }
    },
  },
  {
    id: "SVG-013",
    severity: "error",
    title: "A desc is not empty; one should be there.",
    spec: "draft-svg-tiny-ps-abrotman section 2.1; Google, Create a BIMI SVG file",
    *check(logo) {
      const root = svgRoot(logo);
      if (!root) return;
      const all = childrenNamed(root, "desc");
      for (const element of all) {
        if (nameIn(element) !== "") continue;
        const hint = "SVG Tiny PS wants text in it. Say in one sentence what the logo shows, or remove it.";
        yield { message: "The desc is empty.", hint, element, fix: [remove(logo.text, element)] };
      }
      if (all.length > 0) return;
      const hint =
        "Google recommends <desc>What the logo shows, in one sentence</desc> after the title, for screen readers.";
      yield { message: "The logo has no desc.", hint, element: root, severity: "info" };
    },
  },
];

/** Makes that the one title, in its place. */
export function titleEdits(logo: ParsedLogo, title: string): Edit[] {
  const root = svgRoot(logo);
  const titles = titlesOf(logo);
  const [only, another] = titles;
  const isThere = only && !another && only === root?.children[0] && only.children.length === 0;
  if (!root || (isThere && nameIn(only) === title)) return [];
  const prefix = root.qualifiedName.slice(0, -"svg".length);
  const text = `<${prefix}title>${escaped(title)}</${prefix}title>`;
  const [first, ...others] = titles;
  if (first && first === root.children[0]) {
    return [{ start: first.offset, end: first.end, text }, ...others.map((other) => remove(logo.text, other))];
  }
  const all = titles.map((each) => remove(logo.text, each));
  // An svg element that closes itself has no place for one.
  return root.startTagEnd === root.end ? [] : [{ start: root.startTagEnd, end: root.startTagEnd, text }, ...all];
}

function titlesOf(logo: ParsedLogo): SvgElement[] {
  const root = svgRoot(logo);
  return root ? childrenNamed(root, "title") : [];
}

function childrenNamed(root: SvgElement, name: string): SvgElement[] {
  return root.children.filter((child) => child.name === name && child.namespace === SVG_NAMESPACE);
}

function nameIn(element: SvgElement): string {
  return textOf(element).replace(/\s+/g, " ").trim();
}

function isAlike(one: SvgElement, other: SvgElement): boolean {
  const name = nameIn(one);
  return one.children.length === 0 && (name === "" || name === nameIn(other));
}

const PLACEHOLDERS = new Set(
  "untitled unnamed title svg bimi tiny ps logo image icon drawing vector artwork layer page artboard group copy of final your company name here".split(
    " ",
  ),
);

/** What programs and templates write: `untitled`, `Layer 1`, `bimi-svg-tiny-12-ps`, `logo.svg`. */
function isPlaceholder(name: string): boolean {
  if (/\.(?:svgz?|ai|eps|pdf|png)$/i.test(name)) return true;
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return words.every((word) => word === "" || PLACEHOLDERS.has(word) || /^\d{1,3}$/.test(word));
}

// At the end of companies' names.
const LEGAL_FORMS = new Set(
  "inc incorporated corp corporation co company llc llp lp ltd limited plc gmbh ag kg se ohg ug mbh sa sas sarl srl spa bv nv ab as asa oy oyj aps sro kft pty pte kk holding holdings group and".split(
    " ",
  ),
);

/** Whether a title has the organization's name, or a part that speaks for it. */
function names(title: string, organization: string): boolean {
  const words = organization
    .toLowerCase()
    .replace(/(?<=\p{L})\.(?=\p{L})/gu, "")
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(Boolean);
  while (words.length > 1 && LEGAL_FORMS.has(words.at(-1)!)) words.pop();
  const [one, other] = [compact(title), compact(words.join(""))];
  // A word of Chinese may have two characters.
  const isWord = one.length >= 3 || /\p{Lo}{2}/u.test(one);
  if (other === "" || one.includes(other) || (isWord && other.includes(one))) return true;
  // Short ones are often all that is left of a name: `H&M` of H&M Hennes & Mauritz AB.
  if (words.some((_, at) => compact(words.slice(0, at + 1).join("")) === one)) return true;
  return one.length >= 2 && compact(words.map((word) => word.slice(0, 1)).join("")) === one;
}

/** Letters that Unicode does not take apart. */
const PLAIN = new Map(Object.entries({ ø: "o", æ: "ae", œ: "oe", ß: "ss", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" }));

/** Letters and digits only, without diacritics. */
function compact(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")
    .replace(/[øæœßłđðþı]/g, (letter) => PLAIN.get(letter)!);
}
