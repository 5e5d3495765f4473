// This adapter runs jax-js: its own nn.standardize, or the formula in its operations, under jit;
// gradients by vjp.

import {
  blockUntilReady,
  getWebGPUDevice,
  init,
  jit,
  nn,
  numpy as np,
  tree,
  vjp,
} from "@jax-js/jax";
import { type Meaning, MOMENTUM, meaningOf } from "../definitions";
import type { Inputs } from "../inputs";
import { type Library, type Prepared, queueDone } from "../library";
import { version } from "../node_modules/@jax-js/jax/package.json";
import type { Workload } from "../workloads";

type Arrays = Record<string, np.Array>;

export async function open(): Promise<Library> {
  const devices = await init("webgpu");
  if (!devices.includes("webgpu")) throw new Error("jax-js: no WebGPU here");
  return { id: "jax", name: "jax-js", version, ways, prepare };
}

function ways(workload: Workload): readonly string[] {
  const { norm, backward, centered } = meaningOf(workload);
  if (norm === "batchNorm" && !workload.options.training) return ["formula"];
  if (backward) return ["vjp", "formula"];
  return centered && norm !== "moments" ? ["nn.standardize", "two passes"] : ["two passes"];
}

async function prepare(workload: Workload, inputs: Inputs, way: string): Promise<Prepared> {
  const { view, parameter } = meaningOf(workload);
  const entries = Object.entries(inputs).map(([name, { shape, data }]) => {
    const seen = String(shape) === String(workload.shape) ? view : parameter;
    return [name, np.array(data, { device: "webgpu" }).reshape([...seen])] as const;
  });
  const given: Arrays = Object.fromEntries(entries);
  await blockUntilReady(given);
  const compute = jit((arrays: Arrays) => computed(workload, arrays, way));
  const prepared = running(workload, given, (arrays) => compute(arrays) as Arrays);
  const dispose = () => {
    prepared.dispose();
    compute.dispose();
  };
  return { ...prepared, dispose };
}

/** `gpuBufferSync` submits what is lazy without waiting for it, and gives the memory back for the next run. */
function running(
  { results }: Workload,
  given: Arrays,
  compute: (given: Arrays) => Arrays,
): Prepared {
  const once = () => compute(tree.ref(given) as Arrays);
  return {
    run: (times) => {
      for (let i = 0; i < times; i++) {
        for (const result of Object.values(once())) result.gpuBufferSync();
      }
    },
    sync: () => queueDone(getWebGPUDevice()),
    results: async () => {
      const all = once();
      const read = results.map(async (name) => {
        return [name, (await all[name].data()) as Float32Array] as const;
      });
      return Object.fromEntries(await Promise.all(read));
    },
    dispose: () => tree.dispose(given),
  };
}

/** Of arrays in the meaning's shapes. Every use of an array but the last is of its `ref`. */
function computed(workload: Workload, given: Arrays, way: string): Arrays {
  const meaning = meaningOf(workload);
  if (meaning.norm === "moments") return moments(given.x, meaning);
  if (meaning.backward) return way === "vjp" ? byVjp(meaning, given) : byFormula(meaning, given);
  if (meaning.norm === "batchNorm") {
    return workload.options.training ? training(meaning, given, way) : inference(meaning, given);
  }
  const { x, residual, weight, bias } = given;
  if (!residual) return { y: affine(normalized(meaning, x, way), weight, bias) };
  const sum = x.add(residual);
  return { y: affine(normalized(meaning, sum.ref, way), weight, bias), sum };
}

function affine(x: np.Array, weight: np.Array, bias?: np.Array): np.Array {
  return bias ? x.mul(weight).add(bias) : x.mul(weight);
}

function moments(x: np.Array, { axes }: Meaning): { mean: np.Array; variance: np.Array } {
  const mean = np.mean(x.ref, [...axes], { keepdims: true });
  const variance = np.mean(np.square(x.sub(mean.ref)), [...axes], { keepdims: true });
  return { mean, variance };
}

const rstdOf = (variance: np.Array, eps: number) => np.reciprocal(np.sqrt(variance.add(eps)));

function normalized(meaning: Meaning, x: np.Array, way: string): np.Array {
  const { axes, eps, centered } = meaning;
  if (way === "nn.standardize") return nn.standardize(x, [...axes], { epsilon: eps });
  if (!centered) {
    const square = np.mean(np.square(x.ref), [...axes], { keepdims: true });
    return x.mul(rstdOf(square, eps));
  }
  const { mean, variance } = moments(x.ref, meaning);
  return x.sub(mean).mul(rstdOf(variance, eps));
}

function inference({ eps }: Meaning, given: Arrays): Arrays {
  const { x, weight, bias, runningMean, runningVar } = given;
  return { y: affine(x.sub(runningMean).mul(rstdOf(runningVar, eps)), weight, bias) };
}

function training(meaning: Meaning, given: Arrays, way: string): Arrays {
  const { x, weight, bias } = given;
  const { mean, variance } =
    way === "nn.standardize" ? momentsOfSquares(x.ref, meaning) : moments(x.ref, meaning);
  const y = affine(x.sub(mean.ref).mul(rstdOf(variance.ref, meaning.eps)), weight, bias);
  const unbiased = variance.mul(meaning.count / (meaning.count - 1));
  const updated = (running: np.Array, latest: np.Array) =>
    running.mul(1 - MOMENTUM).add(latest.mul(MOMENTUM));
  return {
    y,
    runningMean: updated(given.runningMean, mean),
    runningVar: updated(given.runningVar, unbiased),
  };
}

/** As nn.standardize has them, which does not give them. */
function momentsOfSquares(x: np.Array, { axes }: Meaning) {
  const mean = np.mean(x.ref, [...axes], { keepdims: true });
  const square = np.mean(np.square(x), [...axes], { keepdims: true });
  return { mean, variance: square.sub(np.square(mean.ref)) };
}

function byVjp(meaning: Meaning, { x, dy, weight, bias }: Arrays): Arrays {
  const forward = (x: np.Array, weight: np.Array, bias: np.Array) =>
    affine(normalized(meaning, x, "nn.standardize"), weight, bias);
  const [y, back] = vjp(forward, [x, weight, bias]);
  y.dispose();
  const [dx, dWeight, dBias] = back(dy) as np.Array[];
  back.dispose();
  return { dx, dWeight, dBias };
}

function byFormula(meaning: Meaning, { x, dy, weight, bias }: Arrays): Arrays {
  const { axes, repeats, eps } = meaning;
  bias.dispose();
  const { mean, variance } = moments(x.ref, meaning);
  const rstd = rstdOf(variance, eps);
  const xhat = x.sub(mean).mul(rstd.ref);
  const product = dy.ref.mul(xhat.ref);
  const over = (a: np.Array) => np.mean(a, [...axes], { keepdims: true });
  const g = dy.ref.mul(weight.ref);
  const projected = xhat.mul(over(product.ref.mul(weight)));
  const dx = g.ref.sub(over(g)).sub(projected).mul(rstd);
  const dWeight = np.sum(product, [...repeats], { keepdims: true });
  return { dx, dWeight, dBias: np.sum(dy, [...repeats], { keepdims: true }) };
}
