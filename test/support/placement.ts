// The placement of inputs anywhere in a buffer and in any order, with sentinels in all places that
// are not theirs.

import type { Context, DType, Tensor } from "../../src/index";
import { product, rowMajorStrides, type Values, visit } from "./arrays";
import { type Half, nearest } from "./halves";
import type { Random } from "./random";
import { isWhole } from "./rounding";

/** own: the library's buffer; all others are views of a bigger buffer of the test's. */
export const PLACINGS = ["own", "offset", "permuted", "padded", "repeated"] as const;
/** aligned: row-major from a multiple of 256 bytes on, so that it can be bound and read in packs. */
export type Placing = (typeof PLACINGS)[number] | "aligned" | "strided";

export interface Placed {
  readonly tensor: Tensor;
  readonly image?: Bits | undefined; // what was put into the buffer
  readonly elements?: Uint32Array | undefined; // where in it the tensor's elements are
  destroy(): void;
}

type Bits = Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** NaN, so that a value read by mistake shows. Integers have none. */
const SENTINEL: Record<DType, number> = {
  f32: 0x7fc0dead,
  f16: 0x7ead,
  bf16: 0x7fad,
  u16: 0xdead,
  u32: 0xdeaddead,
  u8: 0xad,
  i8: 0xad,
};
const MARGIN = 64; // words of sentinels before and after, 256 bytes
const USAGE = { storage: 128, copySrc: 4, copyDst: 8, mapRead: 1 };

const BITS = { 4: Uint32Array, 2: Uint16Array, 1: Uint8Array };
const bytesOf = (dtype: DType) => (dtype.endsWith("8") ? 1 : dtype.endsWith("32") ? 4 : 2);
const bitsLike = (dtype: DType, from: ArrayBuffer): Bits => new BITS[bytesOf(dtype)](from);

/** Whole words of sentinels. */
function sentinels(elements: number, dtype: DType): Bits {
  const bytes = 4 * Math.ceil((elements * bytesOf(dtype)) / 4);
  return bitsLike(dtype, new ArrayBuffer(bytes)).fill(SENTINEL[dtype]);
}

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

/** A value that the type can hold, as it is stored. */
function bitsOf(value: number, dtype: DType): number {
  if (dtype === "f32") {
    float[0] = value;
    return floatBits[0];
  }
  if (isWhole(dtype)) return value; // stored modulo the number of patterns
  return Number.isNaN(value) ? SENTINEL[dtype] : nearest(value, dtype as Half);
}

/**
 * Uploads the values, which the type can hold. "repeated" has stride 0 along an axis, so that the values
 * are changed to be equal along it; the reference has to see them afterwards.
 */
export function place(
  ctx: Context,
  values: Values,
  placing: Placing,
  random: Random,
  dtype: DType = "f32",
): Placed {
  const { shape } = values;
  if (placing === "own" || product(shape) === 0) return placeDense(ctx, values, dtype);
  const strides = stridesOf(shape, placing, random);
  const before = placing !== "aligned" && random.chance(0.5) ? random.below(100) : 0;
  repeat(values, strides);
  return placeAt(ctx, values, { strides, before, after: random.below(10) }, dtype);
}

/** In a buffer of the library's, without sentinels. */
export function placeDense(ctx: Context, { shape, data }: Values, dtype: DType): Placed {
  const tensor = ctx.tensor(data as Float32Array, [...shape], { dtype });
  return { tensor, destroy: () => tensor.destroy() };
}

/** Strides, and the elements between the margins and the tensor. */
export interface Spot {
  readonly strides: readonly number[];
  readonly before: number;
  readonly after: number;
}

const extentOf = (shape: readonly number[], strides: readonly number[]) =>
  shape.reduce((all, length, axis) => all + (length - 1) * strides[axis], 1);

/** Makes the values that share a place equal: the last one of them, in the order of rows. */
export function repeat({ shape, data }: Values, strides: readonly number[]): void {
  const held = new Float32Array(extentOf(shape, strides));
  visit(shape, strides, (i, k) => {
    held[k] = data[i];
  });
  visit(shape, strides, (i, k) => {
    data[i] = held[k];
  });
}

/** Uploads values, equal where they share a place, among sentinels. */
export function placeAt(
  ctx: Context,
  { shape, data }: Values,
  { strides, before, after }: Spot,
  dtype: DType,
): Placed {
  const margin = (MARGIN * 4) / bytesOf(dtype);
  const first = margin + before;
  const image = sentinels(first + extentOf(shape, strides) + margin + after, dtype);
  const elements = new Uint32Array(data.length);
  visit(shape, strides, (i, k) => {
    elements[i] = first + k;
    image[first + k] = bitsOf(data[i], dtype);
  });
  const usage = USAGE.storage | USAGE.copySrc | USAGE.copyDst;
  const buffer = ctx.device.createBuffer({ label: "placed", size: image.byteLength, usage });
  ctx.device.queue.writeBuffer(buffer, 0, image);
  const offset = bytesOf(dtype) * first;
  const tensor = ctx.fromBuffer(buffer, {
    shape: [...shape],
    offset,
    strides: [...strides],
    dtype,
  });
  const destroy = () => {
    tensor.destroy();
    buffer.destroy();
  };
  return { tensor, image, elements, destroy };
}

/** A place for a result: sentinels inside as well, so that elements not written show. */
export function placeEmpty(
  ctx: Context,
  shape: readonly number[],
  placing: Placing,
  random: Random,
  dtype: DType = "f32",
): Placed {
  return place(ctx, unwritten(shape), placing, random, dtype);
}

/** NaN throughout. */
export function unwritten(shape: readonly number[]): Values {
  return {
    shape,
    data: new Float32Array(new Uint32Array(product(shape)).fill(SENTINEL.f32).buffer),
  };
}

export function stridesOf(shape: readonly number[], placing: Placing, random: Random): number[] {
  const strides = rowMajorStrides(shape);
  if (placing === "offset" || placing === "aligned") return strides;
  const axes = shape.map((_, axis) => axis);
  const repeated = placing === "repeated" ? random.pick(axes) : -1;
  const order = placing === "permuted" ? random.shuffle(axes) : axes;
  let next = placing === "strided" ? random.pick([2, 3, 4]) : 1;
  for (const axis of order.reverse()) {
    strides[axis] = axis === repeated ? 0 : next;
    next += axis === repeated ? 0 : (shape[axis] - 1) * next;
    if (placing === "padded") next += random.pick([0, 1, 3, 4]);
  }
  return strides;
}

/** What changed in the buffer outside of the tensor; inside too unless that is `writable`. */
export async function trespass(
  ctx: Context,
  { tensor, image, elements }: Placed,
  writable: boolean,
): Promise<string | null> {
  if (!image || !elements) return null;
  const now = bitsLike(tensor.dtype, await readBack(ctx.device, tensor.buffer));
  const theirs = new Uint8Array(image.length);
  if (writable) for (const k of elements) theirs[k] = 1;
  const at = now.findIndex((bits: number, k: number) => bits !== image[k] && theirs[k] === 0);
  if (at < 0) return null;
  const inside = elements.includes(at) ? "inside" : "outside";
  return `place ${at} of the buffer, ${inside} the tensor, changed to 0x${now[at].toString(16)}`;
}

async function readBack(device: GPUDevice, buffer: GPUBuffer): Promise<ArrayBuffer> {
  const { size } = buffer;
  const staging = device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyDst });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(1);
  const bytes = staging.getMappedRange().slice(0);
  staging.destroy();
  return bytes;
}
