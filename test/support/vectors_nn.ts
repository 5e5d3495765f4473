// This file reads the vectors of test/oracle/make_nn.py: PyTorch's modules over some steps.

import type { Context, Tensor } from "../../src/index";
import {
  BatchNorm,
  GroupNorm,
  InstanceNorm,
  LayerNorm,
  type NormModule,
  RMSNorm,
} from "../../src/nn/index";
import json from "../oracle/nn.json";
import type { Values } from "./arrays";

/** By PyTorch's names; a number is `num_batches_tracked`. */
export type State = Record<string, Values | number>;

export interface Step {
  x: Values;
  dy: Values;
  y: Values;
  dx: Values;
}

export interface ModuleVector {
  id: string;
  module: keyof typeof MODULES;
  arguments: unknown[];
  options: object;
  initial: State;
  steps: Step[];
  gradients: Record<string, Values>;
  trained: State;
  evaluation: Step & { gradients: Record<string, Values> };
}

interface TrainingVector {
  rate: number;
  initial: State;
  trained: State;
  losses: number[];
  x: Values;
  target: Values;
}

const read = revived(json) as { modules: ModuleVector[]; training: TrainingVector };
export const moduleVectors = read.modules;
export const trainingVector = read.training;

const MODULES = { BatchNorm, InstanceNorm, GroupNorm, LayerNorm, RMSNorm };

/** A module as the vector describes it, in its initial state. */
export function moduleOf(ctx: Context, { module, arguments: all, options }: ModuleVector) {
  const Module = MODULES[module] as new (ctx: Context, ...rest: unknown[]) => NormModule;
  return new Module(ctx, ...all, options);
}

export function tensorOf(ctx: Context, { data, shape }: Values): Tensor {
  return ctx.tensor(Float32Array.from(data), shape);
}

/** Every { shape, data } with an array in double precision. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if ("data" in value) return { ...value, data: Float64Array.from(value.data as number[]) };
  return Object.fromEntries(entries.map(([name, v]) => [name, revived(v)]));
}
