// `npm run demo:pictures` draws two pictures of the demo: the tiles of the first sheet, which the page
// shows before its script runs, and the picture for links to the page.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser, root } from "./lib/browser.mjs";
import { serveDemo, visitDemo } from "./lib/demo.mjs";

/** The page draws its own tiles on one canvas, as its sheet has them. */
const TILES = `
  import { reference } from "/norms/reference.ts";
  import { chosenOf } from "/sharing/facts.ts";
  import { sheetModel, sheetSets } from "/sheet/model.ts";
  import { makeTiles } from "/sheet/tiles.ts";
  import { imagesInput } from "/sources/input.ts";
  import { loadSamples } from "/sources/photographs.ts";
  import { INITIAL } from "/state/fields.ts";
  const input = imagesInput(await loadSamples(), INITIAL.examples);
  const { shape, x } = input;
  const { preset, partition } = chosenOf(INITIAL);
  const sets = sheetSets(input, preset, partition);
  const outcome = { ...reference({ preset, partition, shape, x, eps: 1e-5 }), by: "float64" };
  const { hues, before, after } = sheetModel(sets, outcome);
  const tiles = makeTiles(shape);
  tiles.paint({ shape, x, y: outcome.y, hues, before, after }, 0, false);
  const [, columns, height, width] = shape;
  const atlas = document.createElement("canvas");
  Object.assign(atlas, { width: columns * width, height: shape[0] * height });
  for (const [i, tile] of tiles.canvases.entries()) {
    atlas.getContext("2d").drawImage(tile, (i % columns) * width, Math.floor(i / columns) * height);
  }
  globalThis.atlas = atlas.toDataURL("image/webp", 0.85);`;

/** The first screen without its list of norms. */
const SOCIAL = `
  .sharing { height: 630px !important; grid-template-rows: auto auto 1fr !important; }
  .families, .views, .facts, .brand a { display: none !important; }
  .sharing h1 { font-size: 2.9rem !important; }
  .lead { font-size: 1.15rem !important; }
  .intro { padding-top: 1.5rem; }`;

const target = (/** @type {string} */ name) => join(root, "demo", "static", name);

const { vite, url } = await serveDemo();
const browser = await launchBrowser();
try {
  const viewport = { width: 1200, height: 630 };
  const { page } = await visitDemo(browser, url, {
    context: { viewport, reducedMotion: "reduce" },
  });
  await page.addScriptTag({ type: "module", content: TILES });
  await page.waitForFunction("globalThis.atlas");
  const atlas = String(await page.evaluate("globalThis.atlas"));
  writeFileSync(target("first_picture.webp"), Buffer.from(atlas.split(",")[1] ?? "", "base64"));
  await page.addStyleTag({ content: SOCIAL });
  await page.waitForTimeout(1000); // the sheet is drawn at its new size
  await page.screenshot({ path: target("social.jpg"), type: "jpeg", quality: 82 });
} finally {
  await browser.close();
  await vite.close();
}
