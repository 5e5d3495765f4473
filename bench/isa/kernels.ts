// A kernel is a text for the compiler with the values of its overrides. Passes of several cases may
// have the same one, which is compiled once.

import { createHash } from "node:crypto";

export interface Kernel {
  readonly id: string; // by its content
  readonly code: string;
  readonly constants: Readonly<Record<string, number>>;
}

export function kernelOf(code: string, constants: Kernel["constants"] = {}): Kernel {
  const content = `${code}\n${JSON.stringify(constants)}`;
  return { id: createHash("sha256").update(content).digest("hex").slice(0, 12), code, constants };
}
