// The compiler of a family is a process of its own (compile.mjs), since a driver is chosen when Dawn
// is loaded. What it prints is cut into the texts of the kernels.

import { spawn } from "node:child_process";
import { openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";
import type { Kernel } from "./kernels";

export interface CompilerOutput {
  readonly driver: string; // its name and version
  readonly texts: ReadonlyMap<string, string>; // what was printed for each kernel, by its id
}

/** Cuts the text between the marks of compile.mjs. */
export function outputOf(log: string): CompilerOutput {
  const driver = log.match(/^@@ driver (.*)$/m)?.[1];
  if (driver === undefined) throw new Error(`no device to compile for:\n${log.slice(-1500)}`);
  const parts = log.split(/^@@ begin /m).slice(1);
  const texts = parts.map((part): [string, string] => {
    const end = part.indexOf("\n");
    return [part.slice(0, end), part.slice(end + 1).split(/^@@ end /m)[0]];
  });
  return { driver, texts: new Map(texts) };
}

/** Compiles each kernel once. A kernel that ends the process has no text, nor have those after it. */
export async function compile(
  kernels: readonly Kernel[],
  env: Readonly<Record<string, string>>,
): Promise<CompilerOutput> {
  const folder = await mkdtemp(join(tmpdir(), "webgpu-norm-isa-"));
  try {
    const [list, log] = [join(folder, "kernels.json"), join(folder, "log")];
    writeFileSync(list, JSON.stringify(kernels));
    const output = openSync(log, "w");
    const child = spawn(process.execPath, [join(root, "bench", "isa", "compile.mjs"), list], {
      env: { ...process.env, XDG_RUNTIME_DIR: folder, ...env },
      stdio: ["ignore", output, output],
      timeout: 600_000,
    });
    await new Promise((resolve) => child.on("close", resolve));
    return outputOf(readFileSync(log, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
