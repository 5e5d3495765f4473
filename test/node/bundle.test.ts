// What a page that needs one operation has to load: the library as it is published, through a bundler.

import { join } from "node:path";
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");

function codeOf(result: unknown): string {
  const [{ output }] = [result].flat() as Rolldown.RolldownOutput[];
  return output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("");
}

/** As scripts/build.mjs makes it. */
async function published(): Promise<string> {
  const configFile = join(root, "vite.config.ts");
  const options = { configFile, mode: "library", logLevel: "warn" } as const;
  return codeOf(await build({ ...options, build: { write: false } }));
}

async function bundled(library: string, source: string): Promise<string> {
  const files: Record<string, string> = { "webgpu-norm": library, entry: source };
  const result = await build({
    configFile: false,
    logLevel: "warn",
    plugins: [
      {
        name: "files",
        resolveId: (id) => (id in files ? `\0${id}` : null),
        load: (id) => files[id.slice(1)] ?? null,
      },
    ],
    build: {
      write: false,
      target: "es2022",
      minify: true,
      rolldownOptions: { input: "entry", preserveEntrySignatures: "strict" },
    },
  });
  return codeOf(result);
}

const kb = (code: string) => `${(code.length / 1000).toFixed(1)} KB`;

test("an import of one operation leaves all others out", async () => {
  const library = await published();
  const whole = await bundled(library, 'export * from "webgpu-norm";');
  const one = await bundled(library, 'export { layerNorm } from "webgpu-norm";');
  console.log(`minified: layerNorm alone ${kb(one)}, the whole library ${kb(whole)}`);
  for (const found of ["fn termsOf(", "fn writeAll(", "fn hyperbolic("])
    expect(one).toContain(found);
  const others = {
    softmax: "fn exponential(",
    "exponentials of slices": "r.z * exp(r.x - pivot)",
    "p-norms": "params.exponent * log2(",
    gradients: "fn outgoing(",
    "sums over gradients": "fn emitSums(",
    "a gradient's way back": "fn atNormalized(",
    "the statement of gradients": "dWeight",
  };
  for (const [what, text] of Object.entries(others)) {
    expect(whole, `${what} in the whole library`).toContain(text);
    expect.soft(one, what).not.toContain(text);
  }
  expect(one.length).toBeLessThan(0.7 * whole.length);
}, 60_000);
