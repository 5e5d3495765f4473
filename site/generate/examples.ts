// The examples, as the table of examples/README.md has them: a row there is a page of the site, and a card.

import { readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { rowsOf } from "./markdown";
import { exists, inRepository, textOf } from "./repository";

const OVERVIEW = "examples/README.md";

export interface ExamplePage {
  /** The folder in examples/. */
  readonly folder: string;
  readonly title: string;
  /** What it shows, as Markdown. */
  readonly about: string;
  readonly picture: { readonly path: string; readonly alt: string };
  /** The pages that the site builds, so that the example runs in it; none for programs of Node. */
  readonly live: readonly string[];
}

/** What a page of an example may import, so that the site builds it without packages of the examples. */
const THERE = ["vite", "webgpu-norm"];

function liveOf(folder: string): string[] {
  const { dependencies } = JSON.parse(textOf(posix.join("examples", folder, "package.json")));
  if (Object.keys(dependencies).some((name) => !THERE.includes(name))) return [];
  return readdirSync(inRepository(join("examples", folder))).filter((name) =>
    name.endsWith(".html"),
  );
}

function exampleOf([link = "", about = ""]: readonly string[]): ExamplePage {
  const [, folder] = /\]\(([\w-]+)\/README\.md\)$/.exec(link) ?? [];
  if (!folder) throw new Error(`${OVERVIEW}: ${link}, expected [name](name/README.md)`);
  const file = posix.join("examples", folder, "README.md");
  if (!exists(file)) throw new Error(`${OVERVIEW}: there is no ${file}`);
  const text = textOf(file);
  const [, title] = /^# (.+)$/m.exec(text) ?? [];
  const [, alt, path] = /!\[([^\]]*)\]\(([^)]+)\)/.exec(text) ?? [];
  if (!title || !alt || !path) throw new Error(`${file}: expected a title and a picture`);
  const picture = { path: posix.join("examples", folder, path), alt };
  return { folder, title, about, picture, live: liveOf(folder) };
}

/** All examples, in the order of the table. */
export const examples = (): ExamplePage[] => rowsOf(textOf(OVERVIEW)).map(exampleOf);

export const exampleRoute = (folder: string): string => `examples/${folder}`;

/** Where an example runs in the site. */
const liveRoute = (folder: string): string => `examples/live/${folder}/`;

/** The page of an example says where it runs, below its picture. */
export function withLive(text: string, { folder, live }: ExamplePage): string {
  if (live.length === 0) return text;
  const link = `[Run it on your GPU](/${liveRoute(folder)}){.action .first target="_self"}`;
  return text.replace(/^!\[.*$/m, (picture) => `${picture}\n\n${link} {.actions}`);
}

/** The overview has cards in the place of its table. `link` makes the address of a file's page, `picture` of a picture. */
export function withCards(
  text: string,
  link: (folder: string) => string,
  picture: (path: string) => string,
): string {
  const card = ({ folder, title, about, picture: { path }, live }: ExamplePage) =>
    [
      `<a class="card" href="${link(folder)}">`,
      `<img src="${picture(path)}" alt="" loading="lazy">`,
      `<strong>${title}</strong>`,
      `<small>${about.replace(/`([^`]+)`/g, "<code>$1</code>")}</small>`,
      live.length > 0 ? "<em>runs in the page</em>" : "",
      "</a>",
    ].join("");
  const cards = `<div class="cards wide">${examples().map(card).join("")}</div>`;
  return text.replace(/(^\|.*\n?)+/m, `${cards}\n`);
}
