// The one uniform block of every kernel; src/params.ts writes it in this order.
// Expects nothing.
struct Dim {
  size: u32,
  multiplier: u32, // with shift: division by size, see divide()
  shift: u32,
  stat: u32, // strides: x and y in packs, weight and bias in elements or packs, stat in elements
  x: u32,
  y: u32,
  weight: u32,
  bias: u32,
}

struct Params {
  groups: Dim, // size only: groups (column: packs of groups), the divisor of the job index
  run: Dim, // the innermost reduced dimension, in packs
  slices: u32,
  slicePacks: u32, // packs of one slice
  groupPacks: u32, // packs of one group
  teamRuns: u32, // a team's stride through a group: whole runs ...
  teamRest: u32, // ... and packs
  keptRank: u32,
  segmentRank: u32,
  recordStride: u32, // records of one slice
  xBase: u32,
  yBase: u32,
  weightBase: u32,
  biasBase: u32,
  weightStep: u32, // strides from one component of a pack to the next
  biasStep: u32,
  statStep: u32,
  squareRoot: u32, // spread is a standard deviation
  pivotBase: u32, // planes of the statistics that are written, or NONE
  deltaBase: u32,
  varianceBase: u32,
  meanBase: u32,
  rstdBase: u32,
  spreadBase: u32,
  givenPivot: u32, // planes that are read; the delta may be NONE
  givenDelta: u32,
  givenVariance: u32,
  givenCount: f32, // elements of a group in the given statistics, 1 for running ones
  instances: u32, // track: groups that share a channel's running statistics
  momentum: f32,
  eps: f32,
  spreadScale: f32, // n / (n - correction)
  trackScale: f32, // n / (n - 1)
  exponent: f32, // p of a p-norm
  weightOffset: f32, // 1: weights are stored as what they differ from 1 by
  padA: u32,
  padB: u32,
  padC: u32,
  dims: array<Dim, 16>, // 0..7 kept, 8..15 reduced outside the run; the last one varies fastest
}

const NONE = 0xffffffffu;
const SEGMENTS = 8u; // where the reduced dimensions start in dims

@group(0) @binding(0) var<uniform> params: Params;
