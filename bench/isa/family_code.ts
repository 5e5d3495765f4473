// A family's code has the figures of each kernel, or why there are none.

import { type AmdCode, amdCodeOf } from "./amd_code";
import { type CompilerOutput, compile } from "./compiler";
import type { Family } from "./families";
import { type IntelCode, intelCodeOf } from "./intel_code";
import type { Kernel } from "./kernels";

/** There are no figures for a reason. */
export interface Problem {
  readonly problem: string;
}

export type CodeById<Code> = ReadonlyMap<string, Code | Problem>;

interface Compiled<Code> {
  readonly family: Family;
  readonly driver: string;
  readonly codes: CodeById<Code>;
  readonly texts: CompilerOutput["texts"];
}

export type FamilyCode =
  | (Compiled<AmdCode> & { readonly vendor: "amd" })
  | (Compiled<IntelCode> & { readonly vendor: "intel" });

export const isProblem = (code: object | undefined): code is Problem | undefined =>
  code === undefined || "problem" in code;

/** Reads what was printed of a kernel; the compiler may have refused it, or have ended with it. */
function codeOf<Code>(text: string | undefined, read: (text: string) => Code): Code | Problem {
  if (text === undefined) return { problem: "not compiled: the compiler ended before it" };
  const refused = text.match(/^@@ refused (.*)$/m)?.[1];
  if (refused !== undefined) return { problem: refused };
  try {
    return read(text);
  } catch (error) {
    return { problem: String(error) };
  }
}

/** Compiles kernels for a family, or returns undefined where the driver or the shim is absent. */
export async function compileFor(
  family: Family,
  kernels: readonly Kernel[],
): Promise<FamilyCode | undefined> {
  const env = family.env();
  if (!env) return undefined;
  const { driver, texts } = await compile(kernels, env);
  const codesOf = <Code>(read: (text: string) => Code): CodeById<Code> =>
    new Map(kernels.map(({ id }) => [id, codeOf(texts.get(id), read)]));
  const common = { family, driver, texts };
  return family.vendor === "amd"
    ? { ...common, vendor: "amd", codes: codesOf(amdCodeOf) }
    : { ...common, vendor: "intel", codes: codesOf(intelCodeOf) };
}
