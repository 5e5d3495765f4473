// Models and layers of TensorFlow.js, with its own kernels and with those that webgpu-norm/tfjs
// installs: a network of convolutions with BatchNormalization, and a block of a transformer with
// LayerNormalization.

import "@tensorflow/tfjs-backend-webgpu";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import * as tfl from "@tensorflow/tfjs-layers";
import { connect, type TfConnection } from "../../src/tfjs/index";
import { moments } from "../../test/reference/norms";
import type { Values } from "../../test/support/arrays";
import { Random } from "../../test/support/random";
import type { Results } from "../check";
import { product } from "../inputs";
import { type Prepared, queueDone } from "../library";
import * as float64 from "../models/float64";
import type { ModelCase, ModelLibrary } from "../models/page";
import { version } from "../node_modules/@tensorflow/tfjs-core/package.json";

const { layers } = tfl;
const EPS = 1e-3; // the default of its layers

export async function open(): Promise<ModelLibrary> {
  if (!(await tf.setBackend("webgpu"))) throw new Error("TensorFlow.js: no WebGPU here");
  await tf.ready();
  const link = await connect(tf);
  const adapter = link.context.profile.name;
  return { name: "TensorFlow.js", version, adapter, cases: () => cases(link) };
}

/** A call of TensorFlow.js with what it has to give. */
interface Model {
  readonly name: string;
  readonly shape: readonly number[];
  readonly x: tf.Tensor;
  readonly call: (x: tf.Tensor) => tf.Tensor;
  readonly right: (x: Values) => Promise<Values>;
}

async function* cases(link: TfConnection<tf.Tensor>): AsyncGenerator<ModelCase> {
  const conv = await convolutions();
  const block = await transformerBlock();
  for (const model of [...conv, ...block, ...single()]) {
    const data = Float64Array.from(await model.x.data());
    const expected = { y: await model.right({ shape: [...model.shape], data }) };
    const [before, after] = [false, true].map((installed) => prepared(link, model, installed));
    yield { name: model.name, shape: model.shape, expected, before, after };
    model.x.dispose();
  }
}

function prepared(link: TfConnection<tf.Tensor>, { x, call }: Model, installed: boolean): Prepared {
  const backend = tf.backend() as WebGPUBackend;
  const within = <T>(work: () => T): T => {
    const uninstall = installed ? link.install({ layers }) : () => {};
    try {
      return work();
    } finally {
      uninstall();
    }
  };
  const once = () => tf.tidy(() => call(x));
  return {
    run: (times) =>
      within(() => {
        for (let i = 0; i < times; i++) tf.dispose(once());
      }),
    sync: () => {
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      backend.submitQueue();
      return queueDone(backend.device);
    },
    results: async (): Promise<Results> => {
      const y = within(once);
      const data = (await y.data()) as Float32Array;
      y.dispose();
      return { y: data };
    },
    dispose: () => {},
  };
}

/** Tensors on the GPU, of the seed's numbers. */
function given(shape: readonly number[], offset: number, seed: number): tf.Tensor {
  return tf.tensor(new Random(seed).normals(product(shape), offset), [...shape]).add(0);
}

/** Training and inference of one model; the weights are read before the float64 result. */
function bothWays(
  name: string,
  model: tfl.LayersModel,
  shape: readonly number[],
  right: (x: Values, weights: float64.Weights[], training: boolean) => Values,
): Model[] {
  return [false, true].map((training) => ({
    name: `${name}, ${training ? "training forward" : "inference"}`,
    shape,
    x: given(shape, 0, 3),
    call: (x) => model.apply(x, { training }) as tf.Tensor,
    right: async (x) => {
      const own = model.weights.map(async ({ shape, read }, i) => {
        const tensor = read.call(model.weights[i]);
        return { shape: shape as number[], data: await tensor.data() };
      });
      return right(x, await Promise.all(own), training);
    },
  }));
}

async function convolutions(): Promise<Model[]> {
  const shape = [8, 32, 32, 3];
  const padding = "same";
  const model = tfl.sequential({
    layers: [
      layers.conv2d({ inputShape: shape.slice(1), filters: 16, kernelSize: 3, padding }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, padding }),
      layers.batchNormalization(),
      layers.reLU(),
      layers.globalAveragePooling2d({ dataFormat: "channelsLast" }),
      layers.dense({ units: 10 }),
    ],
  });
  return bothWays("convolutions with BatchNormalization", model, shape, (x, all, training) => {
    const of = (...names: string[]) => names.map((name) => named(model, all, name));
    const step = (x: Values, conv: string, norm: string, stride: number) => {
      const [kernel, bias] = of(`${conv}/kernel`, `${conv}/bias`);
      const parts = ["gamma", "beta", "moving_mean", "moving_variance"];
      const h = float64.conv(x, kernel, bias, stride);
      const weights = of(...parts.map((part) => `${norm}/${part}`));
      return float64.relu(float64.batchNormLast(h, weights, EPS, training));
    };
    const names = model.layers.map((layer) => layer.name);
    const h = step(step(x, names[0], names[1], 1), names[3], names[4], 2);
    const [kernel, bias] = of(`${names[7]}/kernel`, `${names[7]}/bias`);
    return float64.dense(float64.pooled(h), kernel, bias);
  });
}

function named(model: tfl.LayersModel, all: readonly float64.Weights[], name: string) {
  const i = model.weights.findIndex((weight) => weight.originalName === name);
  if (i < 0) throw new Error(`no weight ${name} among ${model.weights.map((w) => w.originalName)}`);
  return all[i];
}

async function transformerBlock(): Promise<Model[]> {
  const [n, length, width, inner] = [4, 64, 128, 256];
  const x = tfl.input({ shape: [length, width] });
  type Symbolic = tfl.SymbolicTensor;
  const small = tfl.initializers.randomNormal({ stddev: width ** -0.75, seed: 5 }); // scores of about 1
  const projected = (h: Symbolic, name: string, units = width) =>
    layers.dense({ units, name, kernelInitializer: small }).apply(h) as Symbolic;
  const norm = (h: Symbolic, name: string) =>
    layers.layerNormalization({ name }).apply(h) as Symbolic;
  const first = norm(x, "norm1");
  const [q, k, v] = ["q", "k", "v"].map((name) => projected(first, name));
  const scores = layers.dot({ axes: [2, 2] }).apply([q, k]);
  const shares = layers.activation({ activation: "softmax" }).apply(scores) as Symbolic;
  const mixed = layers.dot({ axes: [2, 1] }).apply([shares, v]) as Symbolic;
  const attended = layers.add().apply([x, projected(mixed, "o")]) as Symbolic;
  const wide = projected(norm(attended, "norm2"), "in", inner);
  const narrow = projected(layers.reLU().apply(wide) as Symbolic, "out");
  const model = tfl.model({
    inputs: x,
    outputs: layers.add().apply([attended, narrow]) as Symbolic,
  });
  return bothWays(
    "transformer block with LayerNormalization",
    model,
    [n, length, width],
    (x, all) => {
      const weight = (name: string, ...parts: string[]) =>
        parts.map((part) => named(model, all, `${name}/${part}`));
      const dense = (h: Values, name: string) => {
        const [kernel, bias] = weight(name, "kernel", "bias");
        return float64.dense(h, kernel, bias);
      };
      const norm = (h: Values, name: string) =>
        float64.layerNormLast(h, weight(name, "gamma", "beta"), EPS);
      const first = norm(x, "norm1");
      const [q, k, v] = ["q", "k", "v"].map((name) => dense(first, name));
      const attended = float64.sum(x, dense(float64.attention(q, k, v), "o"));
      return float64.sum(
        attended,
        dense(float64.relu(dense(norm(attended, "norm2"), "in")), "out"),
      );
    },
  );
}

/** Layers and functions alone, near 0 and far from it. */
function single(): Model[] {
  const norm = layers.layerNormalization();
  const wide = layers.batchNormalization();
  const rows = [512, 256];
  const images = [8, 56, 56, 64];
  const ones = (length: number, value = 1) => ({
    shape: [length],
    data: Array(length).fill(value),
  });
  return [0, 1000].flatMap((offset) => {
    const at = offset ? `, mean ${offset}` : "";
    return [
      {
        name: `LayerNormalization${at}`,
        shape: rows,
        x: given(rows, offset, 7),
        call: (x) => norm.apply(x) as tf.Tensor,
        right: async (x) => float64.layerNormLast(x, [ones(256), ones(256, 0)], EPS),
      },
      {
        name: `BatchNormalization, training${at}`,
        shape: images,
        x: given(images, offset, 9),
        call: (x) => wide.apply(x, { training: true }) as tf.Tensor,
        right: async (x) => float64.batchNormLast(x, [ones(64), ones(64, 0)], EPS, true),
      },
      {
        name: `tf.moments, its variance${at}`,
        shape: images,
        x: given(images, offset, 11),
        call: (x) => tf.moments(x, [0, 1, 2]).variance,
        right: async (x) => moments(x, { axes: [0, 1, 2] }).variance,
      },
    ] satisfies Model[];
  });
}
