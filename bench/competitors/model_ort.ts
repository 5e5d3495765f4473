// Sessions of onnxruntime-web alone, and cut around a norm by webgpu-norm/ort: products around a
// LayerNormalization, and convolutions around a BatchNormalization in training mode, which it can
// only compose of means.

import * as ort from "onnxruntime-web/webgpu";
import { batchNorm, layerNorm, type Tensor } from "../../src/index";
import { connect, type OrtConnection } from "../../src/ort/index";
import { batchNorm as batchNorm64 } from "../../test/reference/norms";
import type { Values } from "../../test/support/arrays";
import { Random } from "../../test/support/random";
import type { Results } from "../check";
import { product } from "../inputs";
import { type Prepared, queueDone } from "../library";
import * as float64 from "../models/float64";
import type { ModelCase, ModelLibrary } from "../models/page";
import { version } from "../node_modules/onnxruntime-web/package.json";
import type { Shape } from "../workloads";
import { encoded, Graph } from "./onnx_graph";
import { moments } from "./onnx_models";

const EPS = 1e-5; // ONNX's default

export async function open(): Promise<ModelLibrary> {
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = 1;
  const shape = [1];
  const add: Build = (graph, x) => graph.node("Add", [x, x]);
  await session(shape, shape, add); // makes the device, which goes with the last session
  const link = await connect(ort);
  const adapter = link.context.profile.name;
  return { name: "onnxruntime-web", version, adapter, cases: () => cases(link) };
}

/** Adds nodes from x on; returns the name of the result. */
type Build = (graph: Graph, x: string) => string;

function session(from: Shape, to: Shape, build: Build): Promise<ort.InferenceSession> {
  const graph = new Graph();
  graph.node("Identity", [build(graph, "x")], {}, { output: ["y"] });
  const about = { name: "model", opset: 21n };
  const bytes = encoded(graph, { ...about, input: [["x", from]], output: [["y", to]] });
  return ort.InferenceSession.create(bytes, {
    executionProviders: ["webgpu"],
    preferredOutputLocation: "gpu-buffer",
    graphOptimizationLevel: "all",
  });
}

interface Model {
  readonly name: string;
  readonly shape: Shape;
  readonly middle: Shape; // where the graph is cut
  readonly first: Build;
  /** What onnxruntime-web has for the norm. */
  readonly norm: Build;
  readonly compute: (h: Tensor) => Tensor;
  readonly second: Build;
  readonly right: (x: Values) => Values;
}

async function* cases(link: OrtConnection<ort.Tensor>): AsyncGenerator<ModelCase> {
  for (const model of [products(0), products(1000), convolutions()]) {
    const { name, shape, middle, first, norm, second } = model;
    const data = new Random(13).normals(product(shape));
    const expected = { y: model.right({ shape, data: Float64Array.from(data) }) };
    const x = link.to(link.context.tensor(data, shape));
    const whole = await session(shape, shape, (graph, x) =>
      second(graph, norm(graph, first(graph, x))),
    );
    const halves = [await session(shape, middle, first), await session(middle, shape, second)];
    const names = { output: "y", input: "x" };
    const cut = link.between(halves[0], model.compute, halves[1], names);
    const { device } = link.context;
    const before = prepared(device, x, (feeds) => whole.run(feeds), [whole]);
    const after = prepared(device, x, (feeds) => cut.run(feeds), halves);
    yield { name, shape, expected, before, after };
    x.dispose();
  }
}

type Feeds = Readonly<Record<string, ort.Tensor>>;

function prepared(
  device: GPUDevice,
  x: ort.Tensor,
  run: (feeds: { x: ort.Tensor }) => Promise<Feeds>,
  sessions: readonly ort.InferenceSession[],
): Prepared {
  return {
    run: async (times) => {
      for (let i = 0; i < times; i++) (await run({ x })).y.dispose();
    },
    sync: () => queueDone(device),
    results: async (): Promise<Results> => {
      const { y } = await run({ x });
      const data = (await y.getData(true)) as Float32Array;
      return { y: data };
    },
    dispose: () => {
      for (const session of sessions) void session.release();
    },
  };
}

/** x W + b, a LayerNormalization, and a product again: activations whose mean is `offset`. */
function products(offset: number): Model {
  const [rows, width] = [1024, 128];
  const shape = [rows, width];
  const random = new Random(17);
  const weights = [0, 1].map(() => ({
    shape: [width, width],
    data: random.normals(width * width, 0, width ** -0.5),
  }));
  const bias = { shape: [width], data: new Float32Array(width).fill(offset) };
  const [weight, zero] = [1, 0].map((value) => new Float32Array(width).fill(value));
  const times = (graph: Graph, x: string, { shape, data }: (typeof weights)[number]) =>
    graph.node("MatMul", [x, graph.constant(data, shape)]);
  return {
    name: `MatMul, LayerNormalization, MatMul${offset ? `, mean ${offset}` : ""}`,
    shape,
    middle: shape,
    first: (graph, x) =>
      graph.node("Add", [times(graph, x, weights[0]), graph.constant(bias.data, bias.shape)]),
    norm: (graph, h) => {
      const given = [weight, zero].map((data) => graph.constant(data, [width]));
      return graph.node("LayerNormalization", [h, ...given], { axis: -1, epsilon: EPS });
    },
    compute: (h) => layerNorm(h, { normalizedShape: [width], eps: EPS }),
    second: (graph, n) => times(graph, n, weights[1]),
    right: (x) => {
      const parts = [weight, zero].map((data) => ({ shape: [width], data }));
      const h = rounded(float64.dense(x, weights[0], bias));
      return float64.dense(float64.layerNormLast(h, parts, EPS), weights[1]);
    },
  };
}

/**
 * Both halves pass f32 on, and far from 0 its rounding alone is a large part of the deviation: the norm
 * gets what they pass on.
 */
const rounded = ({ shape, data }: Values): Values => ({
  shape,
  data: Float64Array.from(data, Math.fround),
});

/** Convolutions of single pixels around a BatchNormalization with the batch's statistics, NCHW. */
function convolutions(): Model {
  const [n, channels, side] = [8, 64, 28];
  const shape = [n, channels, side, side];
  const random = new Random(19);
  const kernels = [0, 1].map(() => random.normals(channels * channels, 0, channels ** -0.5));
  const [weight, bias] = [1, 0].map((value) => new Float32Array(channels).fill(value));
  const conv = (graph: Graph, x: string, data: Float32Array) =>
    graph.node("Conv", [x, graph.constant(data, [channels, channels, 1, 1])]);
  const mixed = (x: Values, kernel: Float32Array): Values => {
    const pixels = side * side;
    const y = new Float64Array(x.data.length);
    for (let at = 0; at < n * channels; at++) {
      const [example, to] = [Math.floor(at / channels), at % channels];
      for (let from = 0; from < channels; from++) {
        const factor = kernel[to * channels + from];
        const start = (example * channels + from) * pixels;
        for (let p = 0; p < pixels; p++) y[at * pixels + p] += factor * x.data[start + p];
      }
    }
    return { shape, data: y };
  };
  return {
    name: "Conv, BatchNormalization in training, Conv",
    shape,
    middle: shape,
    first: (graph, x) => conv(graph, x, kernels[0]),
    norm: (graph, h) => {
      const { mean, variance } = moments(graph, false, h);
      const given = [weight, bias].map((data) => graph.constant(data, [channels]));
      return graph.node("BatchNormalization", [h, ...given, mean, variance], { epsilon: EPS });
    },
    compute: (h) => batchNorm(h, { training: true, eps: EPS }),
    second: (graph, m) => conv(graph, m, kernels[1]),
    right: (x) => {
      const { y } = batchNorm64(mixed(x, kernels[0]), { training: true, eps: EPS });
      return mixed(y, kernels[1]);
    },
  };
}
