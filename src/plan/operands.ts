// An operand is an array with a partner for each element of x. Lists, bindings and the uniform
// block follow from these names. shaders/loop/operands.wgsl has them in this order too, as a test
// requires.

// The lists are written out, since bundlers keep a spread that nobody uses.

export const OPERANDS = [
  "x",
  "y", // in a backward, dx
  "sum",
  "dy",
  "dSum",
  "residual",
  "residualBias",
  "weight",
  "bias",
  "scale",
  "shift",
  "threshold",
  "slope", // of an activation
  "mask", // weights of elements, or lengths of sequences
  "ordinal", // the place along the axis of the lengths; it has no array
  "dFirst", // gradients of two parameters
  "dSecond",
  "partials", // results of slices
] as const;

/** These operands have places in the uniform block only where a call has gates. */
export const GATE_OPERANDS = [
  "residualGate",
  "gate",
  "skip", // in a backward, dSkip
  "skipGate",
  "branch", // in a backward, what residualGate multiplies
  "dGate",
  "dSkipGate",
  "dResidual",
  "dResidualGate",
] as const;

/** These operands are added to x before it is normalized. */
export const INPUT_SUMMANDS = ["residual", "residualBias"] as const satisfies readonly Operand[];

/** Passes that read elements read these operands beside x: summands, and what elements weigh. */
export const INPUT_OPERANDS = [
  ...INPUT_SUMMANDS,
  "residualGate",
  "mask",
] as const satisfies readonly Operand[];

/** The epilogue reads these operands. */
export const EPILOGUE_OPERANDS = [
  "weight",
  "bias",
  "scale",
  "shift",
  "threshold",
  "slope",
] as const satisfies readonly Operand[];

export type EpilogueOperand = (typeof EPILOGUE_OPERANDS)[number];

export type Operand = (typeof OPERANDS)[number] | (typeof GATE_OPERANDS)[number];

/** These results can take the places of these operands, all of which are read before. */
export const IN_PLACE = /^((y|sum),(x|residual|residualBias)|dx,(x|dy|dSum))$/;

/** Operands have strides, and so do statistics, which have one value per group. */
export type StridedName = Operand | "statistics";

/** A pass may read these arrays of statistics. */
export const STATISTICS_INPUTS = [
  "storedStatistics",
  "mean",
  "rstd",
  "variance",
  "alpha",
  "numerator",
  "denominator",
  "runningMean",
  "runningVar",
  "d",
  "r",
  "dMean",
  "dVariance",
] as const;

export type StatisticsInput = (typeof STATISTICS_INPUTS)[number];

/**
 * An access is a whole vector, its lanes one by one, one element for all lanes, or vectors of one.
 */
export type Access = "vector" | "gather" | "same" | "single";

/** A pass reads each operand in its own way. */
export interface OperandAccess {
  readonly vectorWidth: 1 | 4; // elements of a vector
  readonly access: { readonly [K in StridedName]: Access };
}
