// This adapter runs TensorFlow.js on its WebGPU backend, eagerly. Norms run as in tf.layers
// (tf.moments, tf.batchNorm) and as their formula; gradients by tf.grads and as their formula.

import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { type Meaning, MOMENTUM, meaningOf } from "../definitions";
import type { Inputs } from "../inputs";
import { type Library, type Prepared, queueDone } from "../library";
import { version } from "../node_modules/@tensorflow/tfjs-core/package.json";
import type { Workload } from "../workloads";

type Tensors = Record<string, tf.Tensor>;

export async function open(): Promise<Library> {
  if (!(await tf.setBackend("webgpu"))) throw new Error("TensorFlow.js: no WebGPU here");
  await tf.ready();
  return { id: "tfjs", name: "TensorFlow.js", version, ways, prepare };
}

function ways(workload: Workload): readonly string[] {
  const { norm, backward, centered, axes } = meaningOf(workload);
  if (backward) return ["tf.grads", "formula", "formula, sums by tf.matMul"];
  if (norm === "moments") return ["tf.moments", "mean of means"];
  if (norm === "batchNorm" && !workload.options.training) return ["tf.batchNorm", "formula"];
  if (!centered) return ["formula"];
  return axes.length > 1 && axes[0] === 0
    ? ["tf.moments, tf.batchNorm", "mean of means, tf.batchNorm"]
    : ["tf.moments, tf.batchNorm", "formula"];
}

async function prepare(workload: Workload, inputs: Inputs, way: string): Promise<Prepared> {
  const { view, parameter } = meaningOf(workload);
  const entries = Object.entries(inputs).map(([name, { shape, data }]) => {
    const seen = String(shape) === String(workload.shape) ? view : parameter;
    return [name, tf.tensor(data, [...seen])] as const;
  });
  const given: Tensors = Object.fromEntries(entries);
  const backend = tf.backend() as WebGPUBackend;
  const once = () => tf.tidy(() => computed(workload, given, way));
  return {
    run: (times) => {
      for (let i = 0; i < times; i++) tf.dispose(once());
    },
    sync: () => {
      submit(backend);
      return queueDone(backend.device);
    },
    results: async () => {
      const all = once();
      const read = workload.results.map(async (name) => {
        return [name, (await all[name].data()) as Float32Array] as const;
      });
      const values = Object.fromEntries(await Promise.all(read));
      tf.dispose(all);
      return values;
    },
    dispose: () => tf.dispose(given),
  };
}

/** What it has recorded and not submitted yet, which it does by itself only every 15 dispatches. */
function submit(backend: WebGPUBackend): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

/** Of tensors in the meaning's shapes. */
function computed(workload: Workload, given: Tensors, way: string): Tensors {
  const meaning = meaningOf(workload);
  const { x, weight, bias, residual } = given;
  if (meaning.norm === "moments") return { ...moments(x, meaning, way) };
  if (meaning.backward) {
    return way === "tf.grads" ? byGrads(meaning, given) : byFormula(meaning, given, way);
  }
  if (meaning.norm === "batchNorm") {
    return workload.options.training
      ? training(meaning, given, way)
      : inference(meaning, given, way);
  }
  if (!meaning.centered) {
    const square = tf.mean(tf.square(x), [...meaning.axes], true);
    return { y: x.mul(tf.rsqrt(square.add(meaning.eps))).mul(weight) };
  }
  const sum = residual ? x.add(residual) : x;
  const { mean, variance } = moments(sum, meaning, way);
  const y = applied(sum, mean, variance, weight, bias, meaning, way);
  return residual ? { y, sum } : { y };
}

interface Moments {
  mean: tf.Tensor;
  variance: tf.Tensor;
}

function moments(x: tf.Tensor, { axes }: Meaning, way: string): Moments {
  if (!way.startsWith("mean of means")) return tf.moments(x, [...axes], true);
  const mean = meanOfMeans(x, axes);
  return { mean, variance: meanOfMeans(tf.squaredDifference(x, mean), axes) };
}

/** Axis by axis from the last, so that it need not transpose all of x. */
function meanOfMeans(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return axes.reduceRight((all, axis) => tf.mean(all, axis, true), x);
}

/** tf.batchNorm broadcasts any statistics and parameters of one rank. */
function applied(
  x: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  { eps }: Meaning,
  way: string,
): tf.Tensor {
  if (way !== "formula") {
    type Vector = tf.Tensor1D; // what its types know of
    const parameters = [mean, variance, bias, weight] as [Vector, Vector, Vector, Vector];
    return tf.batchNorm(x, ...parameters, eps);
  }
  return x
    .sub(mean)
    .mul(tf.rsqrt(variance.add(eps)).mul(weight))
    .add(bias);
}

function inference(meaning: Meaning, given: Tensors, way: string): Tensors {
  const { x, runningMean, runningVar, weight, bias } = given;
  return { y: applied(x, runningMean, runningVar, weight, bias, meaning, way) };
}

function training(meaning: Meaning, given: Tensors, way: string): Tensors {
  const { x, weight, bias, runningMean, runningVar } = given;
  const { mean, variance } = moments(x, meaning, way);
  const updated = (running: tf.Tensor, latest: tf.Tensor, factor: number) =>
    running.mul(1 - MOMENTUM).add(latest.mul(factor));
  const unbiased = (MOMENTUM * meaning.count) / (meaning.count - 1);
  return {
    y: applied(x, mean, variance, weight, bias, meaning, way),
    runningMean: updated(runningMean, mean, MOMENTUM),
    runningVar: updated(runningVar, variance, unbiased),
  };
}

function byGrads(meaning: Meaning, { x, weight, bias, dy }: Tensors): Tensors {
  const forward = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, [...meaning.axes], true);
    return applied(x, mean, variance, weight, bias, meaning, "formula");
  };
  const [dx, dWeight, dBias] = tf.grads(forward as never)([x, weight, bias], dy);
  return { dx, dWeight, dBias };
}

function byFormula(meaning: Meaning, { x, weight, dy }: Tensors, way: string): Tensors {
  const { axes, repeats, eps } = meaning;
  const { mean, variance } = moments(x, meaning, "mean of means");
  const rstd = tf.rsqrt(variance.add(eps));
  const xhat = x.sub(mean).mul(rstd);
  const product = dy.mul(xhat);
  const g = dy.mul(weight);
  const projected = xhat.mul(meanOfMeans(product.mul(weight), axes));
  const dx = g.sub(meanOfMeans(g, axes)).sub(projected).mul(rstd);
  const sum = way === "formula" ? sumOver : sumByMatMul;
  return { dx, dWeight: sum(product, repeats), dBias: sum(dy, repeats) };
}

function sumOver(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  return axes.reduceRight((all, axis) => tf.sum(all, axis, true), x);
}

/** As sumOver, but along the first axis as a product with ones, which needs no transpose. */
function sumByMatMul(x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const inner = sumOver(
    x,
    axes.filter((axis) => axis > 0),
  );
  const [length, ...rest] = inner.shape;
  if (!axes.includes(0)) return inner;
  const flat = inner.reshape([length, -1]) as tf.Tensor2D;
  return tf.matMul(tf.ones([1, length]), flat).reshape([1, ...rest]);
}
