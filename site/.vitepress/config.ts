// VitePress makes the site of the pages in .pages, which scripts/docs.mjs composes.

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import temml from "temml";
import { type DefaultTheme, defineConfig } from "vitepress";
import { slugOf } from "../generate/markdown";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const read = (path: string) =>
  existsSync(here(path)) ? JSON.parse(readFileSync(here(path), "utf8")) : [];

/** Where the site will be, if it is known: `SITE_URL=https://... npm run docs`. */
const address = process.env.SITE_URL;
const base = address ? new URL(address).pathname.replace(/\/?$/, "/") : "/";

const api: DefaultTheme.SidebarItem[] = read("../.pages/api/typedoc-sidebar.json");

/** A group that folds is a button in a button, for axe, unless it is a link: its first page is. */
function linked(item: DefaultTheme.SidebarItem): DefaultTheme.SidebarItem {
  const items = item.items?.map(linked);
  const link = item.link ?? items?.[0]?.link;
  return { ...item, ...(items && { items }), ...(link && { link }) };
}
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%23c2410c' d='M1 1h6v6H1zM9 9h6v6H9z'/%3E%3Cpath fill='%230e7490' d='M9 1h6v6H9zM1 9h6v6H1z'/%3E%3C/svg%3E";

export default defineConfig({
  base,
  lang: "en",
  title: "webgpu-norm",
  titleTemplate: ":title · webgpu-norm",
  description:
    "Normalization on WebGPU: batch, layer, group, instance, RMS norm and the rest of the family, forward and backward, exact to f32",
  srcDir: ".pages",
  outDir: "../out/site",
  cacheDir: "../.cache/vitepress",
  head: [["link", { rel: "icon", href: ICON }]],
  ...(address && { sitemap: { hostname: address } }),
  ignoreDeadLinks: [/^\/(demo|examples\/live)\//], // which are built apart; linkinator checks what is built
  lastUpdated: false,
  markdown: {
    anchor: { slugify: slugOf },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config(md) {
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (...all) => {
        const [tokens, index] = all;
        const { info, content } = tokens[index];
        if (info.trim() !== "math") return fence?.(...all) ?? "";
        return `<div class="formula" tabindex="0">${temml.renderToString(content, { displayMode: true })}</div>`;
      };
    },
  },
  vite: { publicDir: here("../.public") },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        detailedView: true,
        // the page of an operation comes before those that name it
        miniSearch: {
          searchOptions: {
            boostDocument: (id: string) => (id.includes("/operations/") ? 4 : 1),
          },
        },
      },
    },
    outline: [2, 3],
    sidebar: [
      ...read("../.pages/sidebar.json"),
      { text: "Interface", link: "/api/", collapsed: true, items: api.map(linked) },
    ],
    nav: [
      { text: "Guide", link: "/guide" },
      { text: "Find your norm", link: "/operations/" },
      { text: "Moving here", link: "/migrate/pytorch" },
      { text: "Examples", link: "/examples/" },
      { text: "Demo", link: "/demo/", target: "_self" },
      { text: "Measure on your GPU", link: "/demo/measure.html", target: "_self" },
    ],
    footer: { message: "MIT licensed" },
  },
});
