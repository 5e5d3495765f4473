// Operands: the arrays in which an element of x has a partner. Lists, bindings and the uniform block follow
// from these names; shaders/loop/operands.wgsl has the same ones in the same order, as a test requires.

// The lists are written out, since bundlers keep a spread that nobody uses.

export const OPERANDS = [
  "x",
  "y", // of a backward: dx
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
  "dFirst", // gradients of two parameters
  "dSecond",
  "partials", // results of slices
] as const;

/** Added to x before it is normalized. */
export const INPUT_SUMMANDS = ["residual", "residualBias"] as const satisfies readonly Operand[];

/** What is done with the normalized x needs these. */
export const EPILOGUE_OPERANDS = [
  "weight",
  "bias",
  "scale",
  "shift",
  "threshold",
] as const satisfies readonly Operand[];

export type EpilogueOperand = (typeof EPILOGUE_OPERANDS)[number];

export type Operand = (typeof OPERANDS)[number];

/** Operands, and the statistics, of which there is one value a group. */
export type StridedName = Operand | "statistics";

/** Arrays of statistics that a pass reads. */
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
] as const;

export type StatisticsInput = (typeof STATISTICS_INPUTS)[number];
