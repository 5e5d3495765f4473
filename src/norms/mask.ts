// A mask says how much each element counts. Its files come with these functions, so that a page
// without masks does not have them.

import { fail, show } from "../base/errors";
import { type HostData, viewName } from "../base/host_data";
import { ANY, checkOptions, isFloat, type OptionKind, type OptionTable } from "../base/options";
import { checkAxis, checkShape, sizeOf } from "../base/shape";
import { maskRules } from "../plan/masking";
import type { Context } from "../runtime/context";
import { type ArraySpec, Tensor, type TensorOwner } from "../runtime/tensor";
import { specOf } from "./shared/checks";
import { groupedStrides } from "./shared/norm";
import type { Mask, MaskedNorm, PlacedMask, TensorArgument } from "./shared/options";
import { broadcastTo } from "./shared/parameters";
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

const FILL: OptionKind = (value) =>
  !isFloat(value) && value !== "keep" && value !== "apply" && 'a number, "keep" or "apply"';

const MASK_OPTIONS: OptionTable<MaskOptions> = { fill: FILL, shape: ANY };
const LENGTHS_OPTIONS: OptionTable<LengthsOptions> = { fill: FILL, axis: ANY };

const rulesOf = (fill: Fill = 0, weighs = true) =>
  maskRules(typeof fill === "number" ? "value" : fill, weighs);

/** Host data become one tensor for each context that uses them. */
function hostArray(data: Float32Array<ArrayBuffer>, shape: readonly number[]) {
  const tensors = new WeakMap<TensorOwner, Tensor>();
  const made: Tensor[] = [];
  return {
    in: (x: ArraySpec): ArraySpec => {
      if (!(x instanceof Tensor)) return specOf(shape);
      let tensor = tensors.get(x.context);
      if (tensor === undefined || tensor.destroyed) {
        tensor = (x.context as Context).tensor(data, shape);
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

/** Returns the weights of host data, checked. Flags weigh 1 where they are not 0. */
function weightsOf(given: HostData): Float32Array<ArrayBuffer> {
  const flags = FLAGS.test(viewName(given));
  return Float32Array.from(given as ArrayLike<unknown>, (value, i) => {
    const weight = Number(value);
    if (typeof value !== "boolean" && !(isFloat(value) && value >= 0)) {
      fail(
        "maskOf",
        `weights[${i}] is ${show(value)}, expected a finite number that is not negative`,
      );
    }
    return flags ? Number(weight !== 0) : weight;
  });
}

/**
 * Makes a mask of weights: a tensor that broadcasts to x, of f32, f16 or bf16 for weights from 0
 * on, or host data, which may also be booleans. Where the weight is 0 the element is masked: its
 * value has no effect anywhere, not even NaN.
 *
 * With W the sum of weights of a group, mean = sum(w x) / W, variance = sum(w (x - mean)^2) / (W -
 * correction), and other statistics alike. Weights count as frequencies; they do not scale y. A
 * group without a valid element has mean and rstd 0, so that its y is the bias where `fill` is
 * "apply". In a tensor on the GPU, weights below 0 and NaN count as 0. Gradients are those of the
 * valid elements; the mask has none.
 *
 * Throws NormError for host weights below 0 or not finite, a shape that does not fit them, and an
 * unknown fill; the norm throws for a mask that does not broadcast to x.
 */
export function maskOf(
  weights: TensorArgument | HostData | readonly boolean[],
  options: MaskOptions = {},
): Mask {
  const { fill, shape } = checkOptions("maskOf", options, MASK_OPTIONS);
  const rules = rulesOf(fill);
  if (!isHost(weights)) {
    if (shape !== undefined)
      fail("maskOf", `shape ${show(shape)}, expected none: a tensor has its own`);
    return maskWith(fill, (n) => {
      const mask = broadcastTo(n.op, "mask", weights, n.x);
      return { operands: { mask }, rules };
    });
  }
  const data = weightsOf(weights);
  const own = checkShape("maskOf", shape ?? [data.length]);
  if (sizeOf(own) !== data.length) {
    fail("maskOf", `${data.length} weights for shape ${show(own)}, expected ${sizeOf(own)}`);
  }
  const host = hostArray(data, own);
  const place = (n: MaskedNorm) => ({
    operands: { mask: broadcastTo(n.op, "mask", host.in(n.x), n.x) },
    rules,
  });
  return maskWith(fill, place, host);
}

/** Returns host lengths, checked, as the bits of u32. */
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

/** Places the lengths along axis 0, the examples. */
function placeLengths(n: MaskedNorm, axis: number, lengths: ArraySpec): PlacedParameter {
  const { op, x } = n;
  const { length: rank } = x.shape;
  const [examples = 1] = x.shape;
  if (axis === 0 && rank > 0)
    fail(op, "lengths along axis 0, expected another: it has the examples");
  if (lengths.shape.length !== 1 || lengths.shape[0] !== examples) {
    fail(op, `lengths has shape ${show(lengths.shape)}, expected ${show([examples])}`);
  }
  return placeParameter(lengths, [0], rank);
}

/**
 * Makes a mask of lengths: one for each example (axis 0 of x), [N], whole numbers. Elements at
 * places from the length on along `axis` are masked, as by `maskOf`.
 *
 * Throws NormError for host lengths that are negative or no whole numbers, and for an unknown fill;
 * the norm throws for an axis that x does not have, another number of lengths, and for host lengths
 * beyond the axis.
 */
export function lengthsOf(lengths: HostData, options: LengthsOptions = {}): Mask {
  const { fill, axis } = checkOptions("lengthsOf", options, LENGTHS_OPTIONS);
  if (!isHost(lengths))
    fail("lengthsOf", `lengths is ${show(lengths)}, expected an array of numbers`);
  const numbers = lengthsFrom(lengths);
  const longest = numbers.reduce((a, b) => Math.max(a, b), 0);
  const rules = rulesOf(fill, false);
  const host = hostArray(new Float32Array(numbers.buffer), [numbers.length]);
  return maskWith(
    fill,
    (n) => {
      const { rank, along } = axisOfLengths(n, axis);
      const size = n.x.shape[along] ?? 1;
      if (longest > size) {
        const beyond = numbers.findIndex((length) => length > size);
        const given = `lengths[${beyond}] is ${numbers[beyond]}`;
        fail(n.op, `${given}, expected at most ${size}, that of axis ${along}`);
      }
      const strides = new Array<number>(rank).fill(0);
      strides[along] = 1;
      return {
        operands: { mask: placeLengths(n, along, host.in(n.x)) },
        ordinal: { strides: groupedStrides(n, strides), offset: 0, dtype: "f32" },
        rules,
      };
    },
    host,
  );
}

function axisOfLengths({ op, x }: MaskedNorm, axis: unknown) {
  const { length: rank } = x.shape;
  const along = checkAxis(op, "the lengths' axis", axis ?? (rank === 3 ? 1 : -1), rank);
  return { rank, along };
}
