// Compiling takes longer than anything else on a slow device. It runs in parallel and ahead, without
// blocking the page, and tells how far it is.

import type { Context } from "../../src/index";
import { createKernel, KERNEL_NAMES, type Kernels } from "./kernels";
import { compileNorm } from "./norm_layer";
import { normalizedLayers, type Spec } from "./spec";

/** Compiles all that an experiment runs; `tell` hears the share that is done. */
export async function compile(
  context: Context,
  spec: Spec,
  tell: (share: number) => void,
): Promise<Kernels> {
  const own = KERNEL_NAMES.map(
    async (name) => [name, await createKernel(context.device, name)] as const,
  );
  const norms = normalizedLayers(spec).flatMap((layer) =>
    spec.kinds.flatMap((kind) => compileNorm(context, spec, kind, layer)),
  );
  const all: Promise<unknown>[] = [...own, ...norms];
  let done = 0;
  await Promise.all(all.map((part) => part.then(() => tell(++done / all.length))));
  return Object.fromEntries(await Promise.all(own)) as Kernels;
}
