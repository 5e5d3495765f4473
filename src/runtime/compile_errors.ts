// This file reads the errors of shader compilers, by file and line. It is imported dynamically when
// a GPU refuses work. It must not import the main module, because bundlers would split that into a
// shared chunk with an export list.

import type { Fragment } from "../wgsl/link";

/** A shader module keeps its files, by which errors name the file and the line. */
export interface CompiledModule {
  readonly module: GPUShaderModule;
  readonly files: readonly Fragment[];
}

const CONTEXT_CHARACTERS = 40; // characters before and after: lines of published files are long

/** Lists compile errors with the shader file, the line in it, and the code there. */
export async function compileErrors({ module, files }: CompiledModule): Promise<string> {
  const found: string[] = [];
  const info = await module.getCompilationInfo();
  for (const { type, lineNum, linePos, message } of info.messages) {
    if (type !== "error") continue;
    found.push(`${fileAt(files, lineNum)}: ${message}${codeAt(files, lineNum, linePos)}`);
  }
  return found.join("\n");
}

/** Returns the file and the line in it of a line of the joined source. */
export function fileAt(files: readonly Fragment[], line: number): string {
  let rest = line;
  for (const file of files) {
    const lines = file.text.split("\n").length;
    if (rest <= lines) return `shaders/${file.name.split(" ")[0]}.wgsl:${rest}`;
    rest -= lines;
  }
  return `line ${line}`;
}

function codeAt(files: readonly Fragment[], line: number, position: number): string {
  const text = files.flatMap((file) => file.text.split("\n"))[line - 1] ?? "";
  const code = text
    .slice(Math.max(0, position - CONTEXT_CHARACTERS), position + CONTEXT_CHARACTERS)
    .trim();
  return code && `, near ${JSON.stringify(code)}`;
}
