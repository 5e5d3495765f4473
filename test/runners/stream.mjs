// `npm run test:stream`: gigabytes through MomentsAccumulator in a process with little memory, under Dawn.
//   -- GB   8 by default; the node suite runs a smaller stream by itself

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "vite";
import { root } from "../../scripts/lib/browser.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";

const HEAP = 48; // MB that JavaScript's objects may take

/**
 * A program in TypeScript with the library, bundled; its file.
 * @param {string} entry
 * @param {string} name
 */
export async function bundled(entry, name) {
  const outDir = join(root, ".cache", name); // within the package, so that `webgpu` is found
  await build({
    root,
    configFile: join(root, "vite.config.ts"),
    mode: "library",
    logLevel: "warn",
    build: {
      outDir,
      emptyOutDir: true,
      lib: { entry: join(root, entry), formats: ["es"], fileName: () => `${name}.mjs` },
      rolldownOptions: { external: ["webgpu"] },
    },
  });
  return join(outDir, `${name}.mjs`);
}

/**
 * What the program prints as JSON.
 * @param {string} file
 * @param {string[]} args
 * @param {string[]} flags of Node
 */
export async function printed(file, args = [], flags = []) {
  const env = await vulkan();
  const child = spawn(process.execPath, [...flags, file, ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (/** @type {Buffer} */ data) => {
    text += data;
  });
  const [code, signal] = await once(child, "close");
  if (code !== 0) throw new Error(`${file} ended with ${code ?? signal}`);
  return JSON.parse(text);
}

/** @param {number} gigabytes */
export async function largeStream(gigabytes) {
  const file = await bundled(join("test", "runners", "stream_main.ts"), "stream_main");
  return printed(file, [String(gigabytes)], [`--max-old-space-size=${HEAP}`]);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(await largeStream(Number(process.argv[2] ?? 8)));
}
