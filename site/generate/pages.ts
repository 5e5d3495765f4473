// Composes the pages of the site: those of docs/, one for each operation, and one for each file that they link to.

import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { FAMILIES, type Family, OPERATION_NAMES, rowOf } from "../operations";
import { pictureOf } from "../picture";
import { declarations } from "./declarations";
import { dictionary } from "./dictionary";
import { exampleRoute, examples, withCards, withLive } from "./examples";
import { replaceLinks, sectionOf, slugOf } from "./markdown";
import { operationPage } from "./operation_page";
import { inRepository, isFolder, textOf } from "./repository";
import {
  CHAPTERS,
  type Found,
  linkFiles,
  linkOperations,
  nameOf,
  nothingFound,
  operationRoute,
  PAGES,
  sourceRoute,
  targetOf,
} from "./routes";

/** Pages that tell of the source link to it. */
const OF_FILES: readonly string[] = ["how_it_works", "architecture"];

const INCLUDE = /^<!-- include: (\S+?)(?:#([\w-]+))? -->$/;
const LANGUAGES: Readonly<Record<string, string>> = { mjs: "js", wgsl: "wgsl", ts: "ts", md: "md" };

const languageOf = (path: string) => {
  const ending = posix.extname(path).slice(1);
  return LANGUAGES[ending] ?? (ending || "text");
};

const fenced = (path: string) => {
  const text = textOf(path).trimEnd();
  return `\`\`\`\`${languageOf(path)}:line-numbers\n${text}\n\`\`\`\``;
};

/** The text of a file; of the examples with cards, and links to where they run. */
function textFor(file: string, route: string, found: Found): string {
  const text = textOf(file);
  const to = (path: string) => targetOf(path, "README.md", route, found);
  if (file === "examples/README.md") {
    return withCards(text, (folder) => `./${folder}.html`, to);
  }
  const example = examples().find(({ folder }) => route === exampleRoute(folder));
  return example ? withLive(text, example) : text;
}

/** The text of a file with its sections and files of others, and links as the page at `route` has them. */
export function pageOf(file: string, route: string, found: Found): string {
  const withLinks = (text: string, of: string) =>
    replaceLinks(
      text,
      (target) => targetOf(target, of, route, found),
      (target) => nameOf(target, of),
    );
  const included = (directive: string): string => {
    const [, path = "", anchor] = directive.match(INCLUDE) ?? [];
    const whole = posix.normalize(posix.join(posix.dirname(file), path));
    if (!whole.endsWith(".md")) return fenced(whole);
    const text = textOf(whole);
    return withLinks(anchor ? sectionOf(text, anchor) : text, whole);
  };
  return textFor(file, route, found)
    .split(/^(<!-- include: .*)$/m)
    .map((part, i) => (i % 2 === 1 ? included(part) : withLinks(part, file)))
    .join("");
}

/** Shapes are not broken into lines. */
const whole = (row: string) =>
  row.replace(/\[\d+(?:, ?\d+)+\]/g, (shape) => shape.replaceAll(", ", ",\u00a0"));

/** Tables of calls have a link to the page of each operation. */
function withOperations(text: string, route: string): string {
  const linked = (line: string) =>
    line.startsWith("| ") ? whole(linkOperations(line, route)) : line;
  return text.split("\n").map(linked).join("\n");
}

function sourcePage(path: string, found: Found): string {
  const head = "---\noutline: false\nsearch: false\n---";
  if (!isFolder(path)) return `${head}\n\n# ${path}\n\n${fenced(path)}`;
  const files = readdirSync(inRepository(path), { withFileTypes: true });
  const items = files.map((file) => {
    const whole = posix.join(path, file.name);
    found.sources.add(whole);
    const route = `${sourceRoute(path)}/index`;
    return `- [${file.name}](${targetOf(whole, "README.md", route, found)})`;
  });
  return `${head}\n\n# ${path}/\n\n${items.join("\n")}`;
}

const FAMILY_IDS = Object.keys(FAMILIES) as Family[];
const ofFamily = (family: Family) =>
  OPERATION_NAMES.filter((name) => rowOf(name).family === family);

function operationsIndex(): string {
  const card = (name: (typeof OPERATION_NAMES)[number]) => {
    const { title, about, picture } = rowOf(name);
    return `<a class="card" href="./${name}.html"><span aria-hidden="true">${pictureOf(picture)
      .replace(/<title>.*?<\/title>/, "")
      .replace(
        ' role="img"',
        "",
      )}</span><strong>${title.replace(/(?<=[a-z])(?=[A-Z])/g, "<wbr>")}</strong> <code>${name}</code><small>${about}</small></a>`;
  };
  const families = FAMILY_IDS.map(
    (family) =>
      `## ${FAMILIES[family]}\n\n<div class="cards">${ofFamily(family).map(card).join("")}</div>`,
  );
  return [
    "---\ntitle: Find your norm\n---",
    "# Find your norm",
    "Type what it is called in PyTorch, ONNX, WebNN, Keras, tf.layers, flax or MLX, or choose a picture: in full colour is what shares a mean with the marked value.",
    "<FindOperator />",
    ...families,
  ].join("\n\n");
}

/** What the field for names finds. */
function findable() {
  const bare = (text: string) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return dictionary()
    .filter(({ operations }) => operations.length > 0)
    .map(({ library, operator, calls, operations }) => {
      return { library, operator, calls: bare(calls), operation: operations[0] };
    });
}

function sidebar() {
  const operations = FAMILY_IDS.map((family) => ({
    text: FAMILIES[family],
    link: `/operations/#${slugOf(FAMILIES[family])}`,
    collapsed: true,
    items: ofFamily(family).map((name) => {
      return { text: rowOf(name).title, link: `/${operationRoute(name)}` };
    }),
  }));
  const chapters = CHAPTERS.map(({ title, pages }) => ({
    text: title,
    ...(title === "Inside" && { collapsed: true, link: `/${pages[0]?.route}` }),
    items: pages.map(({ name, route }) => {
      return { text: name, link: `/${route.replace(/(?<=\/)index$/, "")}` };
    }),
  }));
  const [start, ...others] = chapters;
  const find = [{ text: "Find your norm", link: "/operations/" }, ...operations];
  return [start, { text: "Operations", items: find }, ...others];
}

/** Writes all pages into a folder, which is emptied, and returns their number. */
export async function writePages(folder: string): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  let pages = 0;
  const write = (path: string, text: string) => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, `${text.trimEnd()}\n`);
    pages += Number(path.endsWith(".md"));
  };
  const found = nothingFound();
  const all = declarations();
  write("index.md", pageOf("site/pages/index.md", "index", found));
  for (const { file, route } of PAGES) {
    const text = withOperations(pageOf(file, route, found), route);
    write(`${route}.md`, OF_FILES.includes(route) ? linkFiles(text, route, found) : text);
  }
  write("operations/index.md", operationsIndex());
  for (const name of OPERATION_NAMES) {
    const page = await operationPage(name, all, found);
    write(`${operationRoute(name)}.md`, withOperations(page, operationRoute(name)));
  }
  const done = new Set<string>();
  // pages of folders find more
  for (
    let next = [...found.sources];
    next.length > 0;
    next = [...found.sources].filter((path) => !done.has(path))
  ) {
    for (const path of next) {
      done.add(path);
      const route = sourceRoute(path);
      write(`${route}${isFolder(path) ? "/index" : ""}.md`, sourcePage(path, found));
    }
  }
  if (found.missing.length > 0) throw new Error(`no such files:\n${found.missing.join("\n")}`);
  for (const path of found.pictures) {
    cpSync(inRepository(path), join(folder, "pictures", path));
  }
  write("find.json", JSON.stringify(findable()));
  write("sidebar.json", JSON.stringify(sidebar()));
  return pages;
}
