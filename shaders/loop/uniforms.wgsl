// The one uniform block of every kernel; src/params.ts writes it in this order.
// Expects nothing.

struct Params {
  groups: Dim, // size only: groups (column: packs of groups), the divisor of the job index
  inner: Dim, // the innermost reduced dimension, in packs
  laneStride: Dim, // strides from one component of a pack to the next, where they are read one by one; size: of the whole run
  base: Dim, // where each operand starts; size: places of the whole run up to there
  groupVectors: u32, // packs of one group
  teamOuterStep: u32, // a team's stride through a group: whole runs ...
  teamInnerStep: u32, // ... and packs
  keptRank: u32,
  outerRank: u32,
  slices: u32,
  firstSlice: u32, // of this dispatch, among all slices of a group
  sliceVectors: u32, // packs of one slice
  squareRoot: u32, // "corrected" is a standard deviation
  renormFirst: u32, // where the running mean (or d) and the running variance (or r) start
  renormSecond: u32,
  windowBefore: u32, // elements of a window before and after its own
  windowAfter: u32,
  pivotBase: u32, // statistics arrays that are written, or NONE
  deltaBase: u32,
  factorBase: u32,
  varianceBase: u32,
  meanBase: u32,
  correctedBase: u32, // variance or deviation with a correction
  firstBase: u32, // sums over gradients
  secondBase: u32,
  gainBase: u32, // of batch renormalization
  offsetBase: u32,
  givenMean: u32, // statistics arrays that are read; the delta may be NONE
  givenDelta: u32,
  givenFactor: u32, // what the factor is made of
  givenGain: u32,
  givenOffset: u32,
  eps: f32,
  count: f32, // elements of a group
  correctionScale: f32, // n / (n - correction)
  exponent: f32, // p of a p-norm
  weightOffset: f32, // 1: weights are stored as what they differ from 1 by
  alpha: f32, // of a window's sum of squares
  maxGain: f32, // bounds of batch renormalization
  maxOffset: f32,
  dims: array<Dim, 16>, // 0..7 kept, 8..15 reduced outside the run; the last one varies fastest
}

const NONE = 0xffffffffu;
const OUTER_DIMS = 8u; // where the reduced dimensions start in dims

@group(0) @binding(0) var<uniform> params: Params;
