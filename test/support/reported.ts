// Pages of the tests report by themselves, so that any browser will do.

import { readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { launchBrowser } from "../../scripts/lib/browser.mjs";
import { type Page, servePages } from "../../scripts/lib/pages.mjs";

/** Opens an address; `fail` gets what goes wrong there, where the browser tells. */
export type Open = (url: string, fail: (error: Error) => void) => Promise<{ close(): unknown }>;

export const openChromium: Open = async (url, fail) => {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  page.on("pageerror", fail);
  await page.goto(url);
  return browser;
};

/** What a program in a page sends to /report. */
export async function reported(
  open: Open,
  find: (path: string) => Page | undefined,
  path: string,
): Promise<string> {
  let tell: (line: string) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const told = new Promise<string>((resolve, reject) => {
    [tell, fail] = [resolve, reject];
  });
  told.catch(() => {}); // it may come before it is waited for
  const server = await servePages(find, tell);
  const browser = await open(`${server.url}${path}`, fail);
  try {
    return await told;
  } finally {
    await browser.close();
    server.close();
  }
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
};

/** Serves the files of a folder; "/" is its index.html. */
export const filesOf =
  (folder: string) =>
  (path: string): Page | undefined => {
    const name = normalize(path === "/" ? "/index.html" : decodeURIComponent(path));
    try {
      const body = readFileSync(join(folder, name));
      return { type: TYPES[extname(name)] ?? "application/octet-stream", body };
    } catch {
      return undefined; // such as a favicon
    }
  };
