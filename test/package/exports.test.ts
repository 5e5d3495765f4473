// A table tests every export of the package. An export in no table would neither be compiled nor
// compared with a reference, and no other test would notice.

import { expect, test } from "vitest";
import * as channel from "../../src/channel/index";
import * as library from "../../src/index";
import * as moments from "../../src/moments/index";
import * as nn from "../../src/nn/index";
import * as stream from "../../src/stream/index";
import { composedOperations } from "../support/composed_operations";
import { moduleCases } from "../support/module_cases";
import { operations, rows } from "../support/operations";
import { moduleVectors } from "../support/vectors_nn";

/** Exports that are no operations, each with the reason. */
const NO_OPERATION: Readonly<Record<string, string>> = {
  foldBatchNorm: "takes options alone: test/norms/fold_batch_norm",
  createContext: "makes the context of a device: test/operation, test/runtime",
  clipGradNorm: "takes many tensors: test/norms/global_norm",
  denormalize: "goes the other way: test/norms/denormalize",
  denormalizeBackward: "is its gradient: test/norms/denormalize",
  drawOnCanvas: "shows an image: test/norms/draw",
  toImageData: "reads one: test/norms/draw",
  explain: "explains a plan: test/plan/planner, test/plan/tiling",
  exportTuning: "gives the choices of tune: test/operation/tune",
  globalNorm: "takes many tensors: test/norms/global_norm",
  lengthsOf: "makes a mask: test/norms/masks",
  maskOf: "makes a mask: test/norms/masks",
  gateOf: "makes a gate: test/norms/gates",
  skipOf: "makes a skip: test/norms/gates",
  importTuning: "takes them: test/operation/tune",
  normalizeImage: "takes images of any source: test/norms/images*",
  prepare: "plans ahead: test/operation/prepared",
  tune: "measures plans: test/operation/tune",
  warmup: "compiles ahead: test/operation/prepared",
  NormError: "is the class of all errors: test/norms/errors*",
};

const names = (module: object) => Object.keys(module).sort();

test("every export of the package is an operation in a table, or has a reason not to be", () => {
  const tested = new Set([...rows, ...composedOperations].map(({ name }) => name));
  const missing = names(library).filter((name) => !tested.has(name) && !(name in NO_OPERATION));
  expect(missing).toEqual([]);
});

test("every exception is an export, and in no table", () => {
  expect(names(library)).toEqual(expect.arrayContaining(Object.keys(NO_OPERATION)));
  const tested = [...rows, ...composedOperations].map(({ name }) => name);
  expect(tested.filter((name) => name in NO_OPERATION)).toEqual([]);
});

test("a row calls the export of its name", () => {
  const exported = library as Readonly<Record<string, unknown>>;
  expect(operations.filter(({ name, library }) => exported[name] !== library)).toEqual([]);
});

test("every module of nn is among PyTorch's vectors, or those of the references", () => {
  const tested = new Set<string>([...moduleVectors, ...moduleCases].map(({ module }) => module));
  tested.add("WeightNorm"); // test/nn/weight_norm: it takes no x
  tested.add("SyncBatchNorm"); // test/nn/sync_batch_norm takes BatchNorm's
  expect(names(nn).filter((name) => !tested.has(name))).toEqual([]);
});

test("other entries have one export each, which folders of tests are about", () => {
  const ofStream = ["MomentsAccumulator", "countRanges", "momentsStateOf"];
  expect(names(stream)).toEqual(ofStream); // test/stream
  expect(names(moments)).toEqual(["MomentsState"]); // test/moments
  expect(names(channel)).toEqual(["channelGroup"]); // test/channel
});
