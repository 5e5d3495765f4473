// A mask says how much each element counts. Its files come with these functions, so that a page
// without masks does not have them.

import { checkDType, type DType, FLOATS, type FloatDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { type HostData, viewName } from "../base/host_data";
import { ANY, checkOptions, isFloat, type OptionKind, type OptionTable } from "../base/options";
import { checkAxis, checkBroadcast, checkShape, sizeOf } from "../base/shape";
import { maskRules } from "../plan/masking";
import type { Context } from "../runtime/context";
import { type ArraySpec, Tensor, type TensorOwner } from "../runtime/tensor";
import { specFrom, specOf } from "./shared/checks";
import { groupedStrides } from "./shared/norm";
import type { Mask, MaskedNorm, PlacedMask, TensorSpec } from "./shared/options";
import { type PlacedParameter, placeParameter } from "./shared/placement";

export type Fill = number | "keep" | "apply";

interface FillOptions {
  /**
   * Masked elements of y become this number, "keep" what they are in x (with a residual: in the
   * sum), or "apply": are normalized with the group's statistics. It takes the place of the norm's
   * result after the activation. Default 0.
   */
  fill?: Fill | undefined;
}

export interface MaskOptions extends FillOptions {
  /** The shape of host data broadcasts to x's. Default: one axis. */
  shape?: readonly number[] | undefined;
}

export interface LengthsOptions extends FillOptions {
  /**
   * The lengths count along this axis of x, negative from the end. Default: 1 for an x of rank 3,
   * [N, T, C], else the last one.
   */
  axis?: number | undefined;
}

/** Lengths that do not exist yet are described by their shape, [N] by default. */
type LengthsSpec = Pick<TensorSpec, "shape">;

const FILL: OptionKind = (value) =>
  !isFloat(value) && value !== "keep" && value !== "apply" && 'a number, "keep" or "apply"';

const MASK_OPTIONS: OptionTable<MaskOptions> = { fill: FILL, shape: ANY };
const LENGTHS_OPTIONS: OptionTable<LengthsOptions> = { fill: FILL, axis: ANY };

const rulesOf = (fill: Fill = 0) => maskRules(typeof fill === "number" ? "value" : fill);

/** A mask has weights of floats, or flags of integers. */
const MASK_TYPES: readonly DType[] = [...FLOATS, "u8", "u32"];

/** A mask that does not exist yet has a shape and a type. */
interface MaskSpec extends Omit<TensorSpec, "dtype"> {
  /** The dtype defaults to "f32". */
  dtype?: FloatDType | "u8" | "u32" | undefined;
}

/** Host data become one tensor for each context that uses them. */
function hostArray(data: HostData, dtype: DType, shape: readonly number[]) {
  const tensors = new WeakMap<TensorOwner, Tensor>();
  const made: Tensor[] = [];
  return {
    in: ({ x: array, on: x = array }: MaskedNorm): ArraySpec => {
      if (!(x instanceof Tensor)) return specOf(shape, dtype);
      let tensor = tensors.get(x.context);
      if (tensor === undefined || tensor.destroyed) {
        tensor = (x.context as Context).tensor(data, shape, { dtype });
        tensors.set(x.context, tensor);
        made.push(tensor);
      }
      return tensor;
    },
    destroy: () => {
      for (const tensor of made.splice(0)) tensor.destroy();
    },
  };
}

type HostArray = ReturnType<typeof hostArray>;

/** Returns x, or that of which x is some rows. */
const wholeOf = ({ x, rows }: MaskedNorm): ArraySpec =>
  rows ? specOf([rows.of, ...x.shape.slice(1)]) : x;

/** Returns what a mask of all rows has for those of x. */
function ofRows({ x, rows }: MaskedNorm, placed: PlacedParameter): PlacedParameter {
  const { spec, axes, strides } = placed;
  const [stride = 0] = strides;
  if (!rows || stride === 0) return placed;
  const { context, storage, dtype } = spec as Tensor; // rows are those of a chunk on the GPU
  const shape = spec.shape.with(axes.indexOf(0), x.shape[0] ?? 1);
  const start = spec.offset + rows.first * stride;
  const own = new Tensor(context, storage, shape, spec.strides, start, dtype, false);
  return { spec: own, axes, strides };
}

const isHost = (given: unknown): given is HostData =>
  Array.isArray(given) || viewName(given) !== "";

function maskWith(
  fill: Fill = 0,
  place: (n: MaskedNorm) => Pick<PlacedMask, "operands" | "rules" | "ordinal">,
  host?: HostArray,
): Mask {
  const value = typeof fill === "number" ? fill : 0;
  return {
    place: (n) => ({ ...place(n), uniforms: { fill: value, correctionScale: 1 } }),
    destroy: () => host?.destroy(),
  };
}

const FLAGS = /^Uint(8|8Clamped|32)Array$/;

/** Returns whether each weight is 0 or 1, whatever the data are. */
const areFlags = (given: HostData) =>
  viewName(given)
    ? FLAGS.test(viewName(given))
    : (given as readonly unknown[]).every((value) => typeof value === "boolean");

/** Returns flags as bytes: 1 where they are not 0. */
const flagsOf = (given: HostData) =>
  Uint8Array.from(given as ArrayLike<unknown>, (value) => Number(Number(value) !== 0));

/** Returns the weights of host data, checked. */
function weightsOf(given: HostData): Float32Array<ArrayBuffer> {
  return Float32Array.from(given as ArrayLike<unknown>, (value, i) => {
    if (typeof value !== "boolean" && !(isFloat(value) && value >= 0)) {
      fail(
        "maskOf",
        `weights[${i}] is ${show(value)}, expected a finite number that is not negative`,
      );
    }
    return Number(value);
  });
}

/**
 * Makes a mask: a tensor that broadcasts to x, of u8 or u32, whose elements are valid where it is not
 * 0, or of f32, f16 or bf16 with weights from 0 on; or host data of these, booleans among them, which
 * take a byte each on the GPU, as a Uint8Array does. Where the weight is 0 the element is masked: its
 * value has no effect anywhere, not even NaN.
 *
 * With W the sum of weights of a group, mean = sum(w x) / W, variance = sum(w (x - mean)^2) / (W -
 * correction), and other statistics alike. Weights count as frequencies; they do not scale y. A
 * group without a valid element has mean and rstd 0, so that its y is the bias where `fill` is
 * "apply". In a tensor on the GPU, weights below 0 and NaN count as 0. Gradients are those of the
 * valid elements; the mask has none.
 *
 * Throws NormError for host weights below 0 or not finite, a shape that does not fit them, and an
 * unknown fill; the norm throws for a mask that does not broadcast to x, of i8 or u16, or on another
 * device.
 */
export function maskOf(
  weights: Tensor | MaskSpec | true | HostData | readonly boolean[],
  options: MaskOptions = {},
): Mask {
  const { fill, shape } = checkOptions("maskOf", options, MASK_OPTIONS);
  const rules = rulesOf(fill);
  const placed = (n: MaskedNorm, given: unknown) => {
    const whole = wholeOf(n);
    const spec = specFrom(n.op, "mask", given, whole.shape);
    checkDType(n.op, spec.dtype, "mask has dtype", MASK_TYPES);
    const lead = checkBroadcast(n.op, "mask", spec.shape, whole.shape);
    const axes = spec.shape.map((_, k) => lead + k);
    const mask = ofRows(n, placeParameter(spec, axes, whole.shape.length));
    return { operands: { mask }, rules };
  };
  if (!isHost(weights)) {
    if (shape !== undefined)
      fail("maskOf", `shape ${show(shape)}, expected none: a tensor has its own`);
    return maskWith(fill, (n) => placed(n, weights));
  }
  const flags = areFlags(weights);
  const data = flags ? flagsOf(weights) : weightsOf(weights);
  const own = checkShape("maskOf", shape ?? [data.length]);
  if (sizeOf(own) !== data.length) {
    fail("maskOf", `${data.length} weights for shape ${show(own)}, expected ${sizeOf(own)}`);
  }
  const host = hostArray(data, flags ? "u8" : "f32", own);
  return maskWith(fill, (n) => placed(n, host.in(n)), host);
}

/** Returns host lengths, checked. */
function lengthsFrom(given: HostData): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(given as ArrayLike<number>, (value, i) => {
    if (!Number.isInteger(value) || value < 0) {
      fail(
        "lengthsOf",
        `lengths[${i}] is ${show(value)}, expected a whole number that is not negative`,
      );
    }
    return value;
  });
}

/** Returns a tensor of lengths, or what an abstract call has instead, as a norm finds it. */
function lengthsArray(given: unknown) {
  if (given !== true && !(typeof given === "object" && given !== null)) {
    fail("lengthsOf", `lengths is ${show(given)}, expected an array of numbers or a tensor`);
  }
  const spec = given instanceof Tensor ? given : { dtype: "u32", ...Object(given) };
  return ({ op, x }: MaskedNorm) => {
    const array = specFrom(op, "lengths", spec, [x.shape[0] ?? 1]);
    checkDType(op, array.dtype, "lengths has dtype", ["u32"]);
    return array;
  };
}

/** Places the lengths along axis 0, the examples. */
function placeLengths(n: MaskedNorm, axis: number, lengths: ArraySpec): PlacedParameter {
  const { op } = n;
  const x = wholeOf(n);
  const { length: rank } = x.shape;
  const [examples = 1] = x.shape;
  if (axis === 0 && rank > 0)
    fail(op, "lengths along axis 0, expected another: it has the examples");
  if (lengths.shape.length !== 1 || lengths.shape[0] !== examples) {
    fail(op, `lengths has shape ${show(lengths.shape)}, expected ${show([examples])}`);
  }
  return ofRows(n, placeParameter(lengths, [0], rank));
}

/**
 * Makes a mask of lengths: one for each example (axis 0 of x), [N], whole numbers on the host or a
 * u32 tensor. Elements at places from the length on along `axis` are masked, as by `maskOf`.
 *
 * Throws NormError for host lengths that are negative or no whole numbers, and for an unknown fill;
 * the norm throws for an axis that x does not have, another number of lengths, another dtype than
 * u32, and for host lengths beyond the axis, with which those in a tensor end.
 */
export function lengthsOf(
  lengths: Tensor | LengthsSpec | true | HostData,
  options: LengthsOptions = {},
): Mask {
  const { fill, axis } = checkOptions("lengthsOf", options, LENGTHS_OPTIONS);
  const rules = rulesOf(fill);
  const placed = (n: MaskedNorm, along: number, spec: ArraySpec) => {
    const strides: number[] = n.x.shape.map((_, i) => Number(i === along));
    return {
      operands: { mask: placeLengths(n, along, spec) },
      ordinal: { strides: groupedStrides(n, strides), offset: 0, dtype: "u32" },
      rules,
    } as const;
  };
  if (!isHost(lengths)) {
    const array = lengthsArray(lengths);
    return maskWith(fill, (n) => placed(n, axisOfLengths(n, axis), array(n)));
  }
  const numbers = lengthsFrom(lengths);
  const longest = numbers.reduce((a, b) => Math.max(a, b), 0);
  const host = hostArray(numbers, "u32", [numbers.length]);
  return maskWith(
    fill,
    (n) => {
      const along = axisOfLengths(n, axis);
      const size = n.x.shape[along] ?? 1;
      if (longest > size) {
        const beyond = numbers.findIndex((length) => length > size);
        const given = `lengths[${beyond}] is ${numbers[beyond]}`;
        fail(n.op, `${given}, expected at most ${size}, that of axis ${along}`);
      }
      return placed(n, along, host.in(n));
    },
    host,
  );
}

function axisOfLengths({ op, x }: MaskedNorm, axis: unknown): number {
  const { length: rank } = x.shape;
  return checkAxis(op, "the lengths' axis", axis ?? (rank === 3 ? 1 : -1), rank);
}
