// vitest.config.ts provides these values to the tests, beside the files themselves.

import "vitest";

declare module "vitest" {
  interface ProvidedContext {
    seeds: number; // random problems an operation
    thorough: boolean; // all cases, not a share of them
    seed: number | null; // the only one to run, from a failure message
  }
}

declare global {
  /** One line of ../shared/conformance/*.json; its README describes the format. */
  interface ConformanceCase {
    id: string;
    op: string;
    family: string;
    opset?: number | undefined;
    attrs: Record<string, unknown>;
    attrs_full: Record<string, unknown>;
    inputs: Record<string, ConformanceTensor>;
    outputs: Record<string, ConformanceTensor>;
    tolerance?: { metric: string; rtol?: number; atol?: number; value?: number };
  }

  interface ConformanceTensor {
    dtype: string;
    shape: number[];
    data: (number | "NaN" | "Infinity" | "-Infinity")[];
  }
}
