// The inputs are equal in every run. This file makes them and their float64 results.

import { DTYPES, type DType, type FloatDType } from "../src/base/dtype";
import { BACKWARD } from "../test/reference/backward";
import { FORWARD } from "../test/reference/family";
import { maskedForward } from "../test/reference/masked";
import { moments } from "../test/reference/norms";
import type { Values } from "../test/support/arrays";
import type { Masking, Shape, Workload } from "./workloads";

interface Input {
  readonly shape: Shape;
  readonly data: Float32Array<ArrayBuffer>;
  readonly dtype: DType;
}

/** x and the others, by name. */
export type Inputs = Readonly<Record<string, Input>>;
export type Expected = Readonly<Record<string, Values>>;

export const product = (shape: Shape) => shape.reduce((a, b) => a * b, 1);

/** Normal deviates (Park & Miller's generator, Box & Muller's transform). */
function normals(count: number, offset: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  const uniform = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const data = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    data[i] = offset + Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  }
  return data;
}

/** Parameters near what they are after some training; what has x's shape is like x. */
function valuesFor(name: string, count: number, likeX: boolean, seed: number) {
  const normal = normals(count, likeX ? 0.5 : 0, seed);
  if (likeX) return normal;
  const around = (offset: number) => normal.map((v) => offset + 0.1 * v);
  if (name === "weight") return around(1);
  if (name === "runningMean") return around(0.5);
  return name === "runningVar" ? normal.map((v) => 1 + 0.01 * v * v) : around(0);
}

export function inputsOf({ shape, inputs, dtype, masked }: Workload): Inputs {
  const named = Object.entries({ x: shape, ...inputs }).map(([name, own], i) => {
    const likeX = String(own) === String(shape);
    const type = likeX ? dtype : "f32";
    const data = rounded(valuesFor(name, product(own), likeX, 20261122 + 977 * i), type);
    return [name, { shape: own, data, dtype: type }] as const;
  });
  return { ...Object.fromEntries(named), ...(masked && maskInputs(masked)) };
}

/** Lengths of the last axis from half of it to the whole, and the flags that they stand for. */
function maskInputs({ by, shape }: Masking): Inputs {
  const [examples] = shape;
  const length = shape[shape.length - 1];
  const each = product(shape) / examples;
  const ends = Float32Array.from({ length: examples }, (_, n) => {
    return length - ((n * 37) % (length / 2));
  });
  const flags = Float32Array.from({ length: product(shape) }, (_, i) => {
    return Number(i % length < ends[Math.floor(i / each)]);
  });
  return {
    lengths: { shape: [examples], data: ends, dtype: "u32" },
    mask: { shape, data: flags, dtype: by === "lengths" ? "u8" : by },
  };
}

/** The values as the type holds them. */
function rounded(values: Float32Array<ArrayBuffer>, dtype: FloatDType): Float32Array<ArrayBuffer> {
  if (dtype === "f32") return values;
  return DTYPES[dtype].decode(DTYPES[dtype].encode(values));
}

type Forward = (x: Values, options: object) => Record<string, Values>;

export function expectedOf({ op, options, results, masked }: Workload, inputs: Inputs): Expected {
  const { x, dy, lengths, ...given } = inputs;
  if (!dy && (masked || given.gate)) {
    const all = { ...options, ...given } as Parameters<typeof maskedForward>[2];
    const axes = op === "batchNorm" ? [0, 2, 3] : [1]; // of running statistics alone
    return taken(results, maskedForward(op, x, all, { shape: x.shape, axes }));
  }
  const all = op.endsWith("Backward")
    ? BACKWARD[op](dy, { x, ...options, ...given })
    : ({ ...FORWARD, moments } as unknown as Record<string, Forward>)[op](x, {
        ...options,
        ...given,
      });
  return taken(results, all);
}

const taken = (names: readonly string[], all: object): Expected =>
  Object.fromEntries(names.map((name) => [name, (all as Expected)[name]]));
