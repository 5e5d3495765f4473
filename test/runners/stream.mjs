// `npm run test:stream` sends gigabytes through MomentsAccumulator in a process with little memory,
// under Dawn.
//   -- GB   8 by default; the node suite runs a smaller stream by itself

import { spawn } from "node:child_process";
import { once } from "node:events";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { root } from "../../scripts/lib/browser.mjs";
import { bundle } from "../../scripts/lib/bundle.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";

const HEAP = 48; // MB that JavaScript's objects may take

/**
 * What a program in TypeScript prints as JSON; it is bundled with the library first.
 * @param {string} entry
 * @param {string[]} args
 * @param {string[]} flags of Node
 */
export async function printed(entry, args = [], flags = []) {
  // within the package, so that `webgpu` is found
  const file = join(root, ".cache", `${basename(entry, ".ts")}.mjs`);
  await bundle(join(root, entry), file);
  const child = spawn(process.execPath, [...flags, file, ...args], {
    env: await vulkan(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (/** @type {Buffer} */ data) => {
    text += data;
  });
  const [code, signal] = await once(child, "close");
  if (code !== 0) throw new Error(`${entry} ended with ${code ?? signal}`);
  return JSON.parse(text);
}

/** @param {number} gigabytes */
export async function largeStream(gigabytes) {
  const entry = join("test", "runners", "stream_main.ts");
  return printed(entry, [String(gigabytes)], [`--max-old-space-size=${HEAP}`]);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [gigabytes = "8"] = parseArgs({ allowPositionals: true }).positionals;
  console.log(await largeStream(Number(gigabytes)));
}
