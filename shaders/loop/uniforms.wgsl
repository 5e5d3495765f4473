// All kernels share this uniform block. src/plan/uniforms.ts writes it in this order.
// Expects: loop/operands, vector/*.

struct Params {
  groups: Dim, // size only: groups (columns: vectors of groups), the divisor of the job index
  inner: Dim, // the innermost reduced dimension, in vectors
  laneStride: Dim, // strides between lanes that are read one by one; size: the untiled inner loop
  base: Dim, // each operand's start; size: elements of the untiled inner loop up to there
  step: Dim, // strides from a vector of an invocation to its next one
  wrap: Dim, // strides from behind the inner loop to the start of the next one, modulo 2^32
  groupVectors: u32, // vectors of one group
  teamOuterStep: u32, // a team's step through a group: whole inner loops ...
  teamInnerStep: u32, // ... and vectors
  slices: u32,
  firstSlice: u32, // first slice of this dispatch among all slices of a group
  sliceVectors: u32, // vectors of one slice
  rounds: u32, // jobs of a team, one after the other
  firstTeam: u32, // first team of this dispatch among all teams
  squareRoot: u32, // 1: "corrected" is a standard deviation
  renormFirst: u32, // first element of the running mean (or d), then of the running variance (or r)
  renormSecond: u32,
  windowBefore: u32, // elements of an LRN window before its centre, then after it
  windowAfter: u32,
  runningMean: u32, // first elements of the running statistics
  runningVar: u32,
  elements: u32, // of a group, and those without the correction, for exact statistics
  divisor: u32,
  pivotBase: u32, // statistics arrays that are written, or NONE
  deltaBase: u32,
  factorBase: u32,
  varianceBase: u32,
  meanBase: u32,
  correctedBase: u32, // variance or deviation with a correction
  firstBase: u32, // sums over gradients
  secondBase: u32,
  gainBase: u32, // gain and offset of batch renormalization
  offsetBase: u32,
  countBase: u32, // sum of weights
  givenMean: u32, // statistics arrays that are read; the delta may be NONE
  givenDelta: u32,
  givenFactor: u32, // source of the factor
  givenGain: u32,
  givenOffset: u32,
  givenCount: u32,
  eps: f32,
  count: f32, // elements of a group
  correctionScale: f32, // n / (n - correction)
  exponent: f32, // p of a p-norm
  weightOffset: f32, // 1: arrays store weight - 1
  alpha: f32, // factor in an activation, or of an LRN window's sum of squares
  beta: f32, // term in an activation
  maxGain: f32, // bounds of batch renormalization; the first also of a norm that is clipped
  maxOffset: f32,
  momentum: f32, // of the running statistics
  unbias: f32, // n / (n - 1)
  fill: f32, // value of masked elements
  correction: f32, // what is subtracted from a sum of weights
  @align(16) dims: array<Dim, 16>, // 0..7 kept, 8..15 outer; the last one varies fastest
}

override SLICED = true; // false where every job is a whole group
override WEIGHT_HAS_OFFSET = false;

const NONE = 0xffffffffu;
const OUTER_DIMS = 8u; // first outer dimension in dims

@group(0) @binding(0) var<uniform> params: Params;

// The result is x, but no compiler knows that. Compilers regroup the factors of a product (NVIDIA's
// do), whose parts may then leave the range of f32; they cannot regroup what they do not know.
// There are far fewer slices than 2^31.
fn kept(x: Vec) -> Vec {
  return bitcast<Vec>(bitcast<VecBits>(x) ^ VecBits(params.slices >> 31u));
}

fn keptPerGroup(x: PerGroup) -> PerGroup {
  return bitcast<PerGroup>(bitcast<PerGroupBits>(x) ^ PerGroupBits(params.slices >> 31u));
}
