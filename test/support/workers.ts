// Workers in one page each have a part of the data. This file passes their messages, cuts arrays
// for them and joins these again.

import type { Context, GradientSums, Group, Tensor } from "../../src/index";
import { product, type Values } from "./arrays";

/** An all-reduce: each worker waits for what all of them give, joined. */
export function meeting<T>(
  workers: number,
  join: (all: T[]) => T | Promise<T>,
): (own: T) => Promise<T> {
  const given: T[] = [];
  let resolve: (all: T | Promise<T>) => void;
  const done = new Promise<T>((r) => {
    resolve = r;
  });
  return (own) => {
    given.push(own);
    if (given.length === workers) resolve(join(given));
    return done;
  };
}

/** Groups in one page: a round is a meeting. The last rank may change what it is given to send. */
export function groupsOf(size: number, forge = (bytes: Uint8Array) => bytes): Group[] {
  const rounds = new Map<string, (own: [number, Uint8Array]) => Promise<Uint8Array[]>>();
  const meet = (round: string) => {
    const inOrder = (all: [number, Uint8Array][]) =>
      all.sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    const done = meeting(size, inOrder as never) as never;
    const found = rounds.get(round) ?? done;
    rounds.set(round, found);
    return found;
  };
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    allGather: (bytes, { round }) =>
      meet(round)([rank, rank === size - 1 ? forge(bytes) : bytes]) as Promise<Uint8Array[]>,
  }));
}

/** The sums of all workers, added on the CPU as a transport would have it. */
export async function addSums(ctx: Context, all: readonly GradientSums[]): Promise<GradientSums> {
  const sum = (name: keyof GradientSums) =>
    added(
      ctx,
      all.map((one) => one[name]),
    );
  return { dWeight: await sum("dWeight"), dBias: await sum("dBias") };
}

/** The sum of tensors of one shape and type. */
export async function added(ctx: Context, all: readonly Tensor[]): Promise<Tensor> {
  const [{ shape, dtype }] = all;
  const read = await Promise.all(all.map((one) => one.read()));
  const sums = read[0].map((_, i) => read.reduce((s, r) => s + r[i], 0));
  return ctx.tensor(sums, shape, { dtype });
}

/** Parts of these lengths along an axis. */
export function cut({ shape, data }: Values, sizes: readonly number[], axis = 0): Values[] {
  const inner = product(shape.slice(axis + 1));
  const outer = product(shape.slice(0, axis));
  let first = 0;
  return sizes.map((size) => {
    const part = new Float32Array(outer * size * inner);
    for (let k = 0; k < outer; k++) {
      const from = (k * shape[axis] + first) * inner;
      part.set(data.subarray(from, from + size * inner), k * size * inner);
    }
    first += size;
    return { shape: shape.toSpliced(axis, 1, size), data: part };
  });
}

/** The same for an array that broadcasts to `onto`: where it repeats along the axis, each has it all. */
export function cutBroadcast(
  values: Values,
  onto: readonly number[],
  sizes: readonly number[],
  axis: number,
): Values[] {
  const own = axis - (onto.length - values.shape.length);
  const repeats = own < 0 || values.shape[own] === 1;
  return repeats ? sizes.map(() => values) : cut(values, sizes, own);
}

/** What `cut` has cut. */
export function joined(parts: readonly Values[], axis = 0): Values {
  const sizes = parts.map(({ shape }) => shape[axis]);
  const shape = parts[0].shape.toSpliced(
    axis,
    1,
    sizes.reduce((a, b) => a + b, 0),
  );
  const data = new Float32Array(product(shape));
  const inner = product(shape.slice(axis + 1));
  let first = 0;
  for (const [p, part] of parts.entries()) {
    const length = sizes[p] * inner;
    for (let k = 0; k < product(shape.slice(0, axis)); k++) {
      data.set(part.data.subarray(k * length, (k + 1) * length), (k * shape[axis] + first) * inner);
    }
    first += sizes[p];
  }
  return { shape, data };
}
