// This file makes ONNX models of the workloads on demand: some nodes, f32, fixed shapes. A workload
// has several models where the standard, or onnxruntime's own operators (com.microsoft), offer
// several.

import { type Meaning, MOMENTUM, meaningOf } from "../definitions";
import { type Shape, WORKLOADS, type Workload } from "../workloads";
import { encoded, Graph, MICROSOFT } from "./onnx_graph";

type Build = (graph: Graph, meaning: Meaning, workload: Workload) => void;

const named = (name: string) => ({ output: [name] });
const INPUTS = ["x", "weight", "bias"] as const;

const layerNorm: Build = (graph, { eps }, { inputs }) => {
  const x = inputs.residual ? graph.node("Add", ["x", "residual"], {}, named("sum")) : "x";
  const attributes = { axis: -1, epsilon: eps };
  graph.node("LayerNormalization", [x, "weight", "bias"], attributes, named("y"));
};

const skipLayerNorm: Build = (graph, { eps }) => {
  const options = { domain: MICROSOFT, output: ["y", "", "", "sum"] };
  const input = ["x", "residual", "weight", "bias"];
  graph.node("SkipLayerNormalization", input, { epsilon: eps }, options);
};

const rms =
  (opType: string): Build =>
  (graph, { eps }) => {
    graph.node(opType, ["x", "weight"], { axis: -1, epsilon: eps }, named("y"));
  };

const inference: Build = (graph, { eps }) => {
  const input = [...INPUTS, "runningMean", "runningVar"];
  graph.node("BatchNormalization", input, { epsilon: eps }, named("y"));
};

const AXES = [0, 2, 3];

/** Mean and variance over (0, 2, 3): of deviations, or as mean(x^2) - mean^2. */
export function moments(
  graph: Graph,
  squares: boolean,
  x = "x",
): { mean: string; variance: string } {
  const axes = graph.shape(AXES);
  const flat = graph.constant(BigInt64Array.of(-1n), [1]);
  const over = (x: string) => graph.node("ReduceMean", [x, axes], { keepdims: 1 });
  const wide = over(x);
  const mean = graph.node("Reshape", [wide, flat]);
  if (squares) {
    const square = graph.node("Reshape", [over(graph.node("Mul", [x, x])), flat]);
    return { mean, variance: graph.node("Sub", [square, graph.node("Mul", [mean, mean])]) };
  }
  const deviation = graph.node("Sub", [x, wide]);
  const variance = over(graph.node("Mul", [deviation, deviation]));
  return { mean, variance: graph.node("Reshape", [variance, flat]) };
}

const statistics =
  (squares: boolean): Build =>
  (graph) => {
    const { mean, variance } = moments(graph, squares);
    graph.node("Identity", [mean], {}, named("mean"));
    graph.node("Identity", [variance], {}, named("variance"));
  };

const training =
  (squares: boolean): Build =>
  (graph, { eps, count }) => {
    const { mean, variance } = moments(graph, squares);
    const input = [...INPUTS, mean, variance];
    graph.node("BatchNormalization", input, { epsilon: eps }, named("y"));
    const update = (running: string, latest: string, factor: number) => {
      const old = graph.node("Mul", [running, graph.scalar(1 - MOMENTUM)]);
      const weighted = graph.node("Mul", [latest, graph.scalar(factor)]);
      graph.node(
        "Add",
        [old, weighted],
        {},
        named(running === "runningMean" ? "newMean" : "newVar"),
      );
    };
    update("runningMean", mean, MOMENTUM);
    update("runningVar", variance, (MOMENTUM * count) / (count - 1));
  };

const instanceNorm: Build = (graph, { eps }) => {
  graph.node("InstanceNormalization", [...INPUTS], { epsilon: eps }, named("y"));
};

/** A group as a channel of InstanceNormalization, then weight and bias: how PyTorch exports it. */
const groupsAsChannels: Build = (graph, { view, eps }, { shape }) => {
  const [examples, groups] = view;
  const seen = graph.node("Reshape", ["x", graph.shape([examples, groups, -1])]);
  const one = graph.constant(new Float32Array(groups).fill(1), [groups]);
  const zero = graph.constant(new Float32Array(groups), [groups]);
  const normalized = graph.node("InstanceNormalization", [seen, one, zero], { epsilon: eps });
  const back = graph.node("Reshape", [normalized, graph.shape(shape)]);
  const along = graph.shape([1, shape[1], 1, 1]);
  const scaled = graph.node("Mul", [back, graph.node("Reshape", ["weight", along])]);
  graph.node("Add", [scaled, graph.node("Reshape", ["bias", along])], {}, named("y"));
};

const groupNormalization: Build = (graph, { view, eps }) => {
  const attributes = { num_groups: view[1], epsilon: eps };
  graph.node("GroupNormalization", [...INPUTS], attributes, named("y"));
};

type Ways = Readonly<Record<string, Build>>;

function waysOf(workload: Workload): Ways {
  const { norm, backward } = meaningOf(workload);
  if (backward) return {}; // the standard's gradients are not in the web build
  if (norm === "layerNorm") {
    if (!workload.inputs.residual) return { LayerNormalization: layerNorm };
    return { SkipLayerNormalization: skipLayerNorm, "Add, LayerNormalization": layerNorm };
  }
  if (norm === "rmsNorm") {
    const names = ["SimplifiedLayerNormalization", "RMSNormalization"];
    return Object.fromEntries(names.map((name) => [name, rms(name)]));
  }
  const composed = (build: (squares: boolean) => Build): Ways => ({
    "ReduceMean of deviations": build(false),
    "ReduceMean of squares": build(true),
  });
  if (norm === "moments") return composed(statistics);
  if (norm === "batchNorm") {
    return workload.options.training ? composed(training) : { BatchNormalization: inference };
  }
  if (norm === "instanceNorm") return { InstanceNormalization: instanceNorm };
  return { InstanceNormalization: groupsAsChannels, GroupNormalization: groupNormalization };
}

export const modelWays = (workload: Workload): string[] => Object.keys(waysOf(workload));

/** A graph cannot update its inputs: the running statistics come out under names of their own. */
export const outputName = (result: string): string =>
  ({ runningMean: "newMean", runningVar: "newVar" })[result] ?? result;

/** The bytes of a .onnx file; its inputs and outputs have the workload's names. */
export function modelOf(workload: Workload, shapes: Readonly<Record<string, Shape>>, way: string) {
  const graph = new Graph();
  waysOf(workload)[way](graph, meaningOf(workload), workload);
  return encoded(graph, {
    name: workload.op,
    opset: way === "RMSNormalization" ? 23n : 21n,
    input: ["x", ...Object.keys(workload.inputs)].map((name) => [name, shapes[name]]),
    output: workload.results.map((name) => [outputName(name), shapes[name]]),
  });
}

/** For a page that has nothing else. */
export function layerNormModel(): Uint8Array {
  const workload = WORKLOADS.find(({ op }) => op === "layerNorm");
  if (!workload) throw new Error("no workload of LayerNorm");
  const { shape, inputs } = workload;
  return modelOf(workload, { x: shape, y: shape, ...inputs }, "LayerNormalization");
}
