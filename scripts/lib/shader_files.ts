// This Vite plugin turns `import file from ".../x.wgsl"` into a shader file with its declarations,
// so that no code looks for them at run time. Published files are minified. Text alone
// (`x.wgsl?raw`) is minified, too.

import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { GATE_OPERANDS, OPERANDS } from "../../src/plan/operands.ts";
import type { DeclaredArray, ShaderFile, TextureEntry } from "../../src/wgsl/link.ts";
import { lean, shaderNames } from "./minify_wgsl.ts";

const folder = fileURLToPath(new URL("../../shaders", import.meta.url));

/** What a file is, with the text as it stands. */
function shaderFile(name: string, text: string): ShaderFile {
  const code = text.replace(/\/\/.*/g, "");
  const arrays = [...code.matchAll(/@binding\((\d+)\)\s*var(?:<([^>]+)>)?\s*(\w+): (\w+)/g)].map(
    ([, binding, kind, name = "", type = ""]): DeclaredArray => [
      name,
      Number(binding),
      kind ? bindingType(kind) : entryOf(type),
    ],
  );
  const overrides = [...code.matchAll(/\boverride (\w+)/g)].map(([, override = ""]) => override);
  const features = Object.entries(FEATURES).flatMap(([feature, used]) =>
    used.test(code) ? [feature] : [],
  );
  return {
    name,
    text,
    ...(arrays.length > 0 && { arrays }),
    ...(overrides.length > 0 && { overrides }),
    ...(features.length > 0 && { features }),
  };
}

/** What only files that need a feature have in them. */
const FEATURES = { f16: /\bf16\b/, subgroups: /\bsubgroup[A-Z]/ };

/** Textures have no type of a buffer. */
function entryOf(type: string): TextureEntry {
  if (type === "texture_external") return { externalTexture: {} };
  return { texture: { viewDimension: "2d-array", sampleType: "unfilterable-float" } };
}

function bindingType(kind: string): GPUBufferBindingType {
  if (kind === "uniform") return kind;
  return kind.endsWith("read_write") ? "storage" : "read-only-storage";
}

/** Arrays have these names, and numbers of an activation. */
export const KEPT_NAMES: ReadonlySet<string> = new Set([
  ...OPERANDS,
  ...GATE_OPERANDS,
  ...["dx", "dSkip", "statistics", "alpha", "beta"],
]);

export function shaderFiles({ minified }: { minified: boolean }): Plugin {
  const names = minified ? shaderNames(folder, KEPT_NAMES) : undefined;
  return {
    name: "shader-files",
    enforce: "pre",
    load(id) {
      const [path = "", query] = id.split("?");
      if (!path.endsWith(".wgsl") || (query !== undefined && query !== "raw")) return null;
      const source = readFileSync(path, "utf8");
      const own = path.startsWith(folder);
      const text = minified ? lean(source, own ? names : undefined) : source;
      const name = relative(folder, path).split(sep).join("/").replace(".wgsl", "");
      const value = query === "raw" ? text : { ...shaderFile(name, source), text };
      return { code: `export default ${JSON.stringify(value)};`, moduleType: "js" };
    },
  };
}
