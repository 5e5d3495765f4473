// These Vite plugins make the page one file, which opens without a server. Browsers load no modules,
// workers or pixels of pictures from file://, so all of them lie in the page itself.

import type { Plugin, UserConfig } from "vite";

const WORKER = /new Worker\(new URL\((".+?"), import\.meta\.url\), \{ type: "module" \}\)/g;

/** Workers are made from a text in the script. */
export const withWorkersInside = (code: string): string => {
  const imports: string[] = [];
  const body = code.replace(WORKER, (_, path: string) => {
    const name = `Worker${imports.length}`;
    imports.push(`import ${name} from ${path.replace(/"$/, '?worker&inline"')};\n`);
    return `new ${name}()`;
  });
  return imports.join("") + body;
};

/** A text that ends neither its script nor its style. */
const inside = (text: string) => text.replaceAll("</", "<\\/");

export function oneFile(fileName: string): UserConfig {
  const workers: Plugin = {
    name: "workers-inside",
    enforce: "pre",
    transform: {
      filter: { id: /\.ts$/, code: WORKER },
      handler: withWorkersInside,
    },
  };
  const unlinked: Plugin = {
    name: "unlinked",
    // nobody links to a file of his own
    transformIndexHtml: {
      order: "pre",
      handler: (html) => html.replace(/<meta\s+property="og:image[^>]*>/g, ""),
    },
  };
  const joined: Plugin = {
    name: "one-file",
    enforce: "post",
    generateBundle: {
      order: "post", // Vite completes scripts before
      handler(_, bundle) {
        const page = Object.values(bundle).find(({ fileName }) => fileName.endsWith(".html"));
        if (page?.type !== "asset") throw new Error("one-file: there is no page");
        let html = String(page.source);
        for (const [name, part] of Object.entries(bundle)) {
          if (part === page) continue;
          const isScript = part.type === "chunk";
          const text = inside(isScript ? part.code : String(part.source));
          const tag = isScript
            ? new RegExp(`<script[^>]*src="[^"]*${name}"[^>]*></script>`)
            : new RegExp(`<link[^>]*href="[^"]*${name}"[^>]*>`);
          const element = isScript
            ? `<script type="module">${text}</script>`
            : `<style>${text}</style>`;
          if (!tag.test(html)) throw new Error(`one-file: the page does not name ${name}`);
          html = html.replace(tag, () => element);
          delete bundle[name];
        }
        page.source = html;
        page.fileName = fileName;
      },
    },
  };
  return {
    plugins: [workers, unlinked, joined],
    worker: { format: "iife" }, // of texts, browsers take no modules as workers
    build: {
      assetsInlineLimit: Number.POSITIVE_INFINITY,
      cssCodeSplit: false,
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  };
}
