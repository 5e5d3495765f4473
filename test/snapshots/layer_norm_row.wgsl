// Pass 1, normalize: 512 kept; 192 reduced; vectors of 4 along the inner loop.
// 512 x 1 workgroups of 64, 512 jobs of 64 each, 3151872 bytes.
// Overrides: WORKGROUP = 64, TEAM = 64, COLUMNS = 0, KEPT_RANK = 1, FAN_IN = 8, REGISTER_VECTORS = 3, FULL_VECTORS = 3, SLICED = 0, SHORT = 1, BY_FOUR = 0, WEIGHT_HAS_OFFSET = 0, PARAMS_VARY = 1.
// Bindings: 0: params (uniform), 8: x (read-only-storage), 15: weight (read-only-storage), 16: bias (read-only-storage), 9: y (storage).

// ==== loop/uniforms.wgsl
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

// ==== loop/operands.wgsl
// This file alone lists the operands, the arrays with a partner for each element of x.
// src/plan/operands.ts has the names in this order too.
// Expects nothing.

// A dimension has a size, two constants for divide(), and the stride of each array along it.
struct Dim {
  @align(16) size: u32,
  multiplier: u32,
  bits: u32,
  statistics: u32, // in elements
  x: u32, // like all others in vectors or elements, whichever the operand's template counts in
  y: u32,
  sum: u32,
  dy: u32,
  dSum: u32,
  residual: u32,
  residualBias: u32,
  weight: u32,
  bias: u32,
  scale: u32,
  shift: u32,
  threshold: u32,
  slope: u32,
  mask: u32,
  ordinal: u32, // the place along the axis of the lengths; it has no array
  dFirst: u32,
  dSecond: u32,
  partials: u32,
}

// This struct has one offset into every array.
struct Offsets {
  x: u32,
  y: u32,
  sum: u32,
  dy: u32,
  dSum: u32,
  residual: u32,
  residualBias: u32,
  weight: u32,
  bias: u32,
  scale: u32,
  shift: u32,
  threshold: u32,
  slope: u32,
  mask: u32,
  ordinal: u32,
  dFirst: u32,
  dSecond: u32,
  partials: u32,
  statistics: u32,
}

fn offsetBy(start: Offsets, dim: Dim, by: u32) -> Offsets {
  return Offsets(
    start.x + by * dim.x,
    start.y + by * dim.y,
    0u,
    0u,
    0u,
    0u,
    0u,
    start.weight + by * dim.weight,
    start.bias + by * dim.bias,
    0u,
    0u,
    0u,
    0u,
    0u,
    start.ordinal + by * dim.ordinal,
    0u,
    0u,
    0u,
    start.statistics + by * dim.statistics,
  );
}

// ==== loop/cursor.wgsl
// This file distributes the work: an invocation has a rank in its team, a team has a job (a slice
// of a group), and a cursor goes over the vectors of the slice that belong to the invocation. No
// loop contains a division.
// Expects: loop/locate, loop/operands, loop/outer/*, loop/uniforms.
override WORKGROUP = 64u;
override TEAM = 64u; // invocations that share a job, a power of two
override FAN_IN = 8u; // TEAM where it is small, else about its square root
override COLUMNS = false; // neighbouring invocations own neighbouring groups
override BY_FOUR = false; // GPUs have four loads under way instead of one that is waited for
override SHORT = false; // shares are at most 32 vectors of one inner loop, so loops run once

struct Job {
  live: bool,
  rank: u32,
  teamBase: u32, // the team's first place in workgroup memory
  slice: u32,
  origin: Offsets,
}

struct Cursor {
  left: u32, // vectors still to visit
  position: u32, // vector within the inner loop
  outer: u32, // index of the outer loops
  at: Offsets, // start of the inner loop
  inner: Dim, // a copy of params.inner, since a loop would read the uniform for each element
}

fn highProduct(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu);
  let right = (a & 0xffffu) * (b >> 16u);
  let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u) + (middle >> 16u);
}

// The quotient n / dim.size is exact for every n (Granlund & Montgomery 1994, figure 4.1).
fn divide(n: u32, dim: Dim) -> u32 {
  let t = highProduct(n, dim.multiplier);
  return (t + ((n - t) >> min(dim.bits, 1u))) >> (max(dim.bits, 1u) - 1u);
}

fn findJob(workgroup: u32, local: u32) -> Job {
  let team = select(local / TEAM, local % (WORKGROUP / TEAM), COLUMNS);
  let rank = select(local % TEAM, local / (WORKGROUP / TEAM), COLUMNS);
  let index = workgroup * (WORKGROUP / TEAM) + team;
  let live = index < params.groups.size * select(1u, params.slices, SLICED);
  var slice = 0u;
  if (SLICED && params.slices > 1u && live) {
    slice = divide(index, params.groups);
  }
  let group = select(0u, index - slice * params.groups.size, live);
  let base = offsetBy(Offsets(), params.base, 1u);
  return Job(live, rank, team * TEAM, slice, groupOffsets(base, group));
}

fn endOfSlice(job: Job) -> u32 {
  return min((job.slice + 1u) * params.sliceVectors, params.groupVectors);
}

fn startCursor(job: Job) -> Cursor {
  let first = job.slice * params.sliceVectors + job.rank;
  let end = endOfSlice(job);
  let left = select(0u, (end - first + TEAM - 1u) / TEAM, job.live && first < end);
  let segment = outerIndex(first);
  return Cursor(left, first - segment * params.inner.size, segment, outerOffsets(job, segment), params.inner);
}

// The offsets are those of the job's first vector.
fn firstOffsets(job: Job) -> Offsets {
  let first = job.slice * params.sliceVectors;
  let segment = outerIndex(first);
  return offsetBy(outerOffsets(job, segment), params.inner, first - segment * params.inner.size);
}

// This count of steps reaches the end of the inner loop. Its vectors lie at one stride, so a caller
// may visit them without the outer dimensions.
fn innerSteps(c: Cursor) -> u32 {
  return min(c.left, (c.inner.size - c.position + TEAM - 1u) / TEAM);
}

// The offsets are those of the vector `steps` steps after the cursor, within its inner loop.
fn offsetsAt(c: Cursor, steps: u32) -> Offsets {
  return offsetBy(c.at, c.inner, c.position + steps * TEAM);
}

// The cursor moves n steps, at most to the end of its inner loop (teamOuterStep is 0 unless every
// step leaves the inner loop).
fn advance(cursor: Cursor, n: u32, job: Job) -> Cursor {
  var c = cursor;
  c.left -= n;
  c.position += n * params.teamInnerStep;
  c.outer += params.teamOuterStep;
  if (c.position >= params.inner.size) {
    c.position -= params.inner.size;
    c.outer++;
  }
  if (c.left > 0u) {
    c.at = outerOffsets(job, c.outer);
  }
  return c;
}

// A place is one vector of the share. The outer loops' files step from place to place.
struct Place {
  at: Offsets,
  position: u32, // vector within the inner loop
  outer: u32, // index of the outer loops
}

// This is a copy of uniforms, since a loop would read them for each vector.
struct Steps {
  step: Dim,
  wrap: Dim,
}

fn stepsOfTeam() -> Steps {
  return Steps(params.step, params.wrap);
}

fn firstPlace(c: Cursor) -> Place {
  return Place(offsetsAt(c, 0u), c.position, c.outer);
}

// ==== loop/locate.wgsl
// This file turns indices into offsets: that of a group over the kept dimensions, and that of a
// segment over the outer loops.
// Expects: loop/cursor, loop/operands, loop/uniforms.
override KEPT_RANK = 1u;

// One dimension needs no loop, which would keep compilers from unrolling those that follow.
fn groupOffsets(base: Offsets, group: u32) -> Offsets {
  if (KEPT_RANK == 1u) {
    return offsetBy(base, params.dims[0], group);
  }
  return offsetsOfIndex(base, group, 0u, KEPT_RANK);
}

// The index counts the elements of the dimensions first .. first + rank - 1.
fn offsetsOfIndex(origin: Offsets, index: u32, first: u32, rank: u32) -> Offsets {
  var rest = index;
  var at = origin;
  for (var d = first + rank - 1u; d > first; d--) {
    let quotient = divide(rest, params.dims[d]);
    at = offsetBy(at, params.dims[d], rest - quotient * params.dims[d].size);
    rest = quotient;
  }
  return offsetBy(at, params.dims[first], rest);
}

// ==== loop/outer/none.wgsl
// This file visits a group that is a single inner loop.
// Expects: loop/cursor, loop/operands.
fn outerIndex(vector: u32) -> u32 {
  return 0u;
}

fn outerOffsets(job: Job, segment: u32) -> Offsets {
  return job.origin;
}

fn nextPlace(place: Place, steps: Steps, job: Job) -> Place {
  return Place(offsetBy(place.at, steps.step, 1u), 0u, 0u);
}

// ==== reduce/state.wgsl
// These structs are the state of a group's reduction. For moments the mean is the pair pivot +
// delta, and m2 is the sum of squared deviations from it. (A mean rounded to one f32 would cost
// 3e-8 * |mean| / std in every result.) Other statistics use the fields in their own way;
// reduce/statistic/* says how.
// Expects: vector/*.
const LARGEST = 3.4028234e38f;
// A sum of magnitudes between these bounds is right: what underflowed is below its rounding error,
// and the sums of all members of a team add up without overflow. Otherwise scaled elements are
// summed.
const LEAST_SUM = 5e-26f;
const SCALE_UP = 1.2676506e30f; // 2^100, also the most
const SCALE_DOWN = 1.0 / SCALE_UP;

struct Moments {
  pivot: PerGroup,
  delta: PerGroup,
  m2: PerGroup,
  n: PerGroup, // elements
}

// Moments may be those of scaled elements.
struct Measurement {
  moments: Moments,
  scale: PerGroup,
}

struct Sums {
  first: PerGroup, // for moments: sum of x - pivot
  second: PerGroup, // sum of (x - pivot)^2
}

// Summands become Sums when the lanes of a vector are added.
struct Summands {
  first: Vec,
  second: Vec,
}

// The normalizer is the statistics as they are applied: x becomes
// ((x - pivot) - delta) * factor, or another form of normalize/apply/*.
struct Normalizer {
  pivot: Vec,
  delta: Vec,
  factor: Vec,
  gain: Vec, // batch renormalization: the result is u * gain + offset
  offset: Vec,
}

fn makeNormalizer(pivot: Vec, delta: Vec, factor: Vec) -> Normalizer {
  return Normalizer(pivot, delta, factor, Vec(1.0), Vec(0.0));
}

// A pivot must be finite, so that infinity in x makes the mean infinite, as in PyTorch.
fn finiteOrZero(pivot: PerGroup) -> PerGroup {
  let magnitude = bitcast<PerGroupBits>(pivot) & PerGroupBits(0x7fffffffu);
  return select(PerGroup(0.0), pivot, magnitude < PerGroupBits(0x7f800000u));
}

// The first sums are added, or the larger one stays. NaN stays as well.
fn mergeSums(a: Sums, b: Sums, largest: bool) -> Sums {
  let added = a.first + b.first;
  let larger = nanOrPerGroup(added, max(a.first, b.first));
  return Sums(select(added, larger, largest), a.second + b.second);
}

// ==== io/halves.wgsl
// An f16 or bf16 lies as bits in half a word here, on every device, an integer in half a word or a
// quarter. The conversions of floats work on bits:
// to nearest, ties to even, overflow to infinity, subnormals kept (by one addition, which rounds
// them that way). pack2x16float is not used, since it may turn an overflow into any bits.
// Expects nothing.
const F16 = 1u;
const U16 = 3u;
const U8 = 4u; // and 5 for i8

fn wordIndex(at: u32, half: u32) -> u32 {
  return at >> (min(half, 1u) + half / U8);
}

// A word is one f32 where `half` is 0, two f16, bf16 or u16 below U8, otherwise four u8 or i8.
fn decodeElement(word: u32, at: u32, half: u32) -> f32 {
  if (half == 0u) {
    return bitcast<f32>(word);
  }
  if (half >= U8) {
    let top = word << ((~at & 3u) * 8u); // the element, with others below it
    return select(f32(bitcast<i32>(top) >> 24u), f32(top >> 24u), half == U8);
  }
  let bits = (word >> ((at & 1u) * 16u)) & 0xffffu;
  if (half == F16) {
    return unpack2x16float(bits).x;
  }
  if (half == U16) {
    return f32(bits);
  }
  return bitcast<f32>(bits << 16u);
}

fn decode4(words: vec2u, half: u32) -> vec4f {
  if (half == F16) {
    return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
  }
  let low = bitcast<vec2f>(words << vec2u(16u));
  let high = bitcast<vec2f>(words & vec2u(0xffff0000u));
  return vec4f(low.x, high.x, low.y, high.y);
}

fn encodeBf16(all: vec4u) -> vec2u {
  let rounded = all + 0x7fffu + ((all >> vec4u(16u)) & vec4u(1u));
  let bits = select(rounded, vec4u(0x7fc00000u), (all & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
  return (bits.xz >> vec2u(16u)) | (bits.yw & vec2u(0xffff0000u));
}

fn encodeF16(all: vec4u) -> vec2u {
  let a = all & vec4u(0x7fffffffu);
  let most = min(a, vec4u(0x47800000u)); // 2^16, whose bits come out as infinity
  let normal = (most - 0x37fff001u + ((most >> vec4u(13u)) & vec4u(1u))) >> vec4u(13u);
  // Below 2^-14 the addition of 0.5 makes the last bit worth 2^-24, as in a subnormal f16.
  let small = bitcast<vec4u>(bitcast<vec4f>(most) + 0.5) - 0x3f000000u;
  let number = select(normal, small, a < vec4u(0x38800000u));
  let sign = (all >> vec4u(16u)) & vec4u(0x8000u);
  let bits = sign | select(number, vec4u(0x7e00u), a > vec4u(0x7f800000u));
  return bits.xz | (bits.yw << vec2u(16u));
}

fn encode4(wide: vec4f, half: u32) -> vec2u {
  let all = bitcast<vec4u>(wide);
  if (half == F16) {
    return encodeF16(all);
  }
  return encodeBf16(all);
}

// ==== vector/rows4.wgsl
// A vector lies in one group (rows), so its four lanes share their statistics.
// Expects nothing.
alias Vec = vec4f; // the elements of a vector, as f32
alias PerGroup = f32;
alias VecBits = vec4u;
alias PerGroupBits = u32;
const ELEMENTS_PER_GROUP = 4u;
const GROUPS_PER_VECTOR = 1u;

fn firstPerGroup(wide: Vec) -> PerGroup {
  return wide.x;
}

fn sumPerGroup(wide: Vec) -> PerGroup {
  return (wide.x + wide.y) + (wide.z + wide.w);
}

fn maxPerGroup(wide: Vec) -> PerGroup {
  let largest = max(max(wide.x, wide.y), max(wide.z, wide.w));
  return nanOrPerGroup(sumPerGroup(wide), largest);
}

fn vecOf(lanes: vec4f) -> Vec {
  return lanes;
}

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat;
}

// The result is x where x is NaN. Bits show that, since compilers may take it that no comparison
// meets NaN (NVIDIA's do).
fn nanOr(x: Vec, otherwise: Vec) -> Vec {
  return select(otherwise, x, (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

fn nanOrPerGroup(x: PerGroup, otherwise: PerGroup) -> PerGroup {
  return select(otherwise, x, (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u);
}

// ==== io/elements.wgsl
// An element is x, or the sum of x, a residual and the bias of the residual.
// Expects: loop/operands, vector/*, tensor residual, tensor residualBias, tensor x.
fn elementAt(at: Offsets) -> Vec {
  var v = load_x(at.x);
  if (has_residual) {
    v += load_residual(at.residual);
  }
  if (has_residualBias) {
    v += load_residualBias(at.residualBias);
  }
  return v;
}

// ==== io/load/f32x4.wgsl as x
// The input is read in vectors of four neighbouring f32.
// Expects: vector/*.
@group(0) @binding(8) var<storage, read> x: array<vec4f>;

const has_x = true;

fn load_x(at: u32) -> Vec {
  return x[at];
}

// ==== io/load/absent.wgsl as residual
// This call does not have the input.
// Expects: vector/*.
const has_residual = false;

fn load_residual(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as residualBias
// This call does not have the input.
// Expects: vector/*.
const has_residualBias = false;

fn load_residualBias(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== reduce/source/summands.wgsl
// The input of the reduction is the elements themselves.
// Expects: io/elements, loop/cursor, loop/operands, loop/uniforms, reduce/state,
//   reduce/statistic/*, vector/*.
fn summandsAt(at: Offsets, pivot: PerGroup, scale: PerGroup) -> Summands {
  return summandsOf(elementAt(at), pivot, scale);
}

fn elementCount(job: Job) -> PerGroup {
  return PerGroup(f32((endOfSlice(job) - job.slice * params.sliceVectors) * ELEMENTS_PER_GROUP));
}

// ==== normalize/statistics/measured.wgsl
// This pass measures the statistics itself.
// Expects: loop/cursor, normalize/factor/*, normalize/renorm/*, reduce/accumulate/*, reduce/state,
//   store/statistics/*, vector/*.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  let measured = measureJob(start, job);
  let scale = measured.scale;
  var m = measured.moments;
  let up = select(PerGroup(1.0), PerGroup(SCALE_UP), scale < PerGroup(1.0));
  let inverse = select(up, PerGroup(SCALE_DOWN), scale > PerGroup(1.0));
  m.pivot *= inverse;
  m.delta *= inverse;
  let k = withRenorm(normalizerFrom(m, scale), job.origin.statistics);
  if (job.live && job.rank == 0u) {
    storeStatistics(m, scale, k, job);
  }
  return k;
}

// ==== loop/registers.wgsl
// This file keeps an invocation's share of the elements in registers. Loads have no conditions,
// because compilers make a load in a branch wait for the load before it. What an invocation loads
// beyond its share is not used. Loops have constant bounds, so that compilers unroll them.
// Expects: io/elements, loop/cursor, loop/outer/*, vector/*.
override REGISTER_VECTORS = 4u; // vectors per invocation, at most 16
override FULL_VECTORS = 0u; // so many of them every invocation of a team has

var<private> registers: array<Vec, 16>;

fn isOwn(i: u32, start: Cursor) -> bool {
  return i < FULL_VECTORS || i < start.left;
}

fn loadRegisters(start: Cursor, job: Job) {
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    registers[i] = elementAt(place.at);
    place = nextPlace(place, steps, job);
  }
}

// ==== reduce/accumulate/registers.wgsl
// This file measures a job whose elements stay in registers, so that x is read once. The members of
// a team sum around one pivot, their mean.
// Expects: loop/cursor, loop/registers, reduce/magnitude/*, reduce/pivot/*, reduce/range/*,
//   reduce/share/*, reduce/source/*, reduce/state, reduce/statistic/*, reduce/team/*, vector/*.
// The mean of equal elements is the element itself: the pivot of weighed ones may be off, and the
// delta would keep the rounding of a division.
fn measureScaled(start: Cursor, job: Job, scale: PerGroup) -> Moments {
  let pivot = choosePivot(start, job, scale);
  let own = sumShare(start, job, pivot, scale);
  let m = momentsFrom(pivot, combineSums(own, job, FIRST_IS_LARGEST), elementCount(job));
  let equal = m.m2 == PerGroup(0.0);
  let delta = select(m.delta, PerGroup(0.0), equal);
  return Moments(select(m.pivot, m.pivot + m.delta, equal), delta, m.m2, m.n);
}

// Where sums leave the range of f32, the workgroup measures once more, with scaled elements. This
// is written out, since a loop would hide from compilers that it is rare. Neighbours keep what they
// have: compilers may round a second copy of the code differently.
fn measureJob(start: Cursor, job: Job) -> Measurement {
  loadRegisters(start, job);
  var m = measureScaled(start, job, PerGroup(1.0));
  if (ROUNDS == 1u) {
    return Measurement(m, PerGroup(1.0));
  }
  let scale = scaleOf(m.m2, m.pivot + m.delta);
  if (anyInWorkgroup(job.live && any(scale != PerGroup(1.0)))) {
    let again = measureScaled(start, job, scale);
    let other = scale != PerGroup(1.0);
    m = Moments(select(m.pivot, again.pivot, other), select(m.delta, again.delta, other), select(m.m2, again.m2, other), m.n);
  }
  return Measurement(m, scale);
}

// ==== reduce/share/registers.wgsl
// This file sums over an invocation's share in registers.
// Expects: loop/cursor, loop/registers, reduce/state, reduce/statistic/*, vector/*.
fn sumShare(start: Cursor, job: Job, pivot: PerGroup, scale: PerGroup) -> Sums {
  var total = Summands();
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      total = addSummands(total, summandsOf(registers[i], pivot, scale));
    }
  }
  return sumsOf(total);
}

// ==== reduce/pivot/registers_mean.wgsl
// The pivot is the mean of the elements in the team's registers. It is exact if all are equal,
// since their differences from the job's first element are summed.
// Expects: io/elements, loop/cursor, loop/registers, reduce/source/summands, reduce/state,
//   reduce/team/*, vector/*.
fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  let origin = firstPerGroup(elementAt(firstOffsets(job))) * scale;
  var sum = Vec(0.0);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      sum += registers[i] * scale - origin;
    }
  }
  let own = Sums(sumPerGroup(sum), PerGroup(0.0));
  return finiteOrZero(origin + combineSums(own, job, false).first / elementCount(job));
}

// ==== reduce/statistic/moments.wgsl
// The statistic is mean and variance.
// Expects: reduce/range/*, reduce/state, vector/*.
const ROUNDS = 3u; // for the range, then for the pivot
const FIRST_IS_LARGEST = false;

fn summandsOf(x: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  let t = x * scale - pivot;
  return Summands(t, t * t);
}

fn summandsOfPartial(r: vec4f, pivot: PerGroup, scale: PerGroup) -> Summands {
  let t = (r.x * scale - pivot) + r.y * scale;
  return Summands(Vec(r.w * t), Vec(sumOfPartial(r, scale) + r.w * t * t));
}

fn addSummands(a: Summands, b: Summands) -> Summands {
  return Summands(a.first + b.first, a.second + b.second);
}

fn sumsOf(terms: Summands) -> Sums {
  return Sums(sumPerGroup(terms.first), sumPerGroup(terms.second));
}

// Moments follow from sums around a pivot. An m2 of less than the rounding of its terms is 0: that
// of equal elements, whose pivot is off by a few units in the last place.
const ROUNDING = 1.9073486e-6f; // 2^-19: sums, and a division that WGSL lets be off by 2.5 units

fn momentsFrom(pivot: PerGroup, sums: Sums, n: PerGroup) -> Moments {
  let delta = sums.first / n;
  let m2 = sums.second - sums.first * delta;
  let least = min(sums.second, PerGroup(LARGEST)) * ROUNDING; // an infinite m2 stays
  let positive = nanOrPerGroup(m2, select(m2, PerGroup(0.0), m2 < least));
  return Moments(pivot, delta, positive, n);
}

// The mean replaces a pivot that lies more than a deviation from it. A mean of scaled elements must
// not be rounded to more than the largest number.
fn betterPivot(m: Moments, scale: PerGroup) -> PerGroup {
  let far = m.delta * m.delta * m.n > m.m2;
  let most = LARGEST * min(scale, PerGroup(1.0));
  return select(m.pivot, clamp(m.pivot + m.delta, -most, most), far);
}

// ==== reduce/range/roots.wgsl
// A sum of magnitudes may leave the range of f32 where its root does not: squares do beyond 1.8e19
// and below 1e-19. The partial of scaled elements is therefore minus the root of their mean,
// without the scale.
// Expects: loop/uniforms, reduce/magnitude/*, reduce/state, vector/*.
fn partialOf(m: Moments, scale: PerGroup) -> PerGroup {
  return select(-rootOf(m.m2 / max(m.n, PerGroup(1.0))) / scale, m.m2, scale == PerGroup(1.0));
}

fn sumOfPartial(r: vec4f, scale: PerGroup) -> PerGroup {
  let sum = PerGroup(r.z);
  let root = keptPerGroup(select(rootOf(sum / max(r.w, 1.0)), -sum, sum < PerGroup(0.0)) * scale);
  let plain = (scale == PerGroup(1.0)) & (sum >= PerGroup(0.0));
  return select(r.w * firstPerGroup(magnitude(Vec(root))), sum, plain);
}

// ==== reduce/magnitude/square.wgsl
// The magnitude is the square. The norm is the root of the sum of magnitudes. Two scales suffice:
// they bring all numbers from 2^-149 to 2^128 to where squares are in range (Blue 1978).
// Expects: loop/uniforms, normalize/factor/*, reduce/state, vector/*.
fn magnitude(x: Vec) -> Vec {
  return x * x;
}

fn rootOf(sum: PerGroup) -> PerGroup {
  return sqrt(sum);
}

// Near a larger mean, deviations are 0 or their squares in range, while those of the scaled
// elements from a rounded mean might not be.
fn scaleOf(sum: PerGroup, mean: PerGroup) -> PerGroup {
  let small = (sum < PerGroup(LEAST_SUM)) & (abs(mean) < PerGroup(1e-8));
  let up = select(PerGroup(1.0), PerGroup(SCALE_UP), small & (PerGroup(params.eps) < PerGroup(SMALL_EPS)));
  return select(PerGroup(SCALE_DOWN), up, sum <= PerGroup(SCALE_UP));
}

// ==== normalize/factor/rsqrt.wgsl
// The factor is 1 / sqrt(variance + eps). The square of the scale times eps must be in range.
// Expects: loop/uniforms, reduce/state, vector/*.
const SMALL_EPS = 1e-22f; // beside a larger eps, sums below the least do not matter

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  let eps = keptPerGroup(params.eps * scale) * scale;
  let factor = scale * inverseSqrt(m.m2 / m.n + eps);
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(factor));
}

// ==== normalize/renorm/none.wgsl
// The normalizer stays as it is, without batch renormalization.
// Expects: reduce/state.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  return k;
}

// ==== reduce/team/workgroup.wgsl
// A team combines its sums through workgroup memory in two levels: every invocation merges its
// block of FAN_IN neighbours, then the blocks, unless a block is the whole team. All invocations of
// a team get the same bits. Each level has memory of its own, so that the barrier of one level also
// parts readers of the other from its next writers.
// Expects: loop/cursor, reduce/state, vector/*.
override BLOCKS = WORKGROUP / FAN_IN;

var<workgroup> sharedFirst: array<PerGroup, WORKGROUP>;
var<workgroup> sharedSecond: array<PerGroup, WORKGROUP>;
var<workgroup> blockFirst: array<PerGroup, BLOCKS>;
var<workgroup> blockSecond: array<PerGroup, BLOCKS>;
var<workgroup> sharedAnswer: bool;

// The answer is the same for all invocations of the workgroup, as barriers demand. A yes remains.
fn anyInWorkgroup(own: bool) -> bool {
  if (own) {
    sharedAnswer = true;
  }
  return workgroupUniformLoad(&sharedAnswer);
}

fn combineSums(own: Sums, job: Job, largest: bool) -> Sums {
  let seat = job.teamBase + job.rank;
  let block = seat / FAN_IN;
  sharedFirst[seat] = own.first;
  sharedSecond[seat] = own.second;
  workgroupBarrier();
  let first = block * FAN_IN;
  var s = Sums(sharedFirst[first], sharedSecond[first]);
  for (var i = first + 1u; i < first + FAN_IN; i++) {
    s = mergeSums(s, Sums(sharedFirst[i], sharedSecond[i]), largest);
  }
  if (FAN_IN == TEAM) {
    workgroupBarrier(); // parts these readers from the next writers
    return s;
  }
  if (seat == first) {
    blockFirst[block] = s.first;
    blockSecond[block] = s.second;
  }
  workgroupBarrier();
  let start = job.teamBase / FAN_IN;
  s = Sums(blockFirst[start], blockSecond[start]);
  for (var i = start + 1u; i < start + TEAM / FAN_IN; i++) {
    s = mergeSums(s, Sums(blockFirst[i], blockSecond[i]), largest);
  }
  return s;
}

// ==== store/statistics/nothing.wgsl
// Statistics are not stored.
// Expects: loop/cursor, reduce/state, vector/*.
fn storeStatistics(m: Moments, scale: PerGroup, k: Normalizer, job: Job) {
}

// ==== normalize/apply/centered.wgsl
// The normalized x is ((x - pivot) - delta) * factor.
// Expects: reduce/state, vector/*.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * k.factor;
}

// ==== epilogue/affine.wgsl
// The epilogue applies weight, bias, threshold, modulation and activation to the normalized x, each
// where the call has it.
// Expects: epilogue/activation/*, epilogue/cast/*, epilogue/parameters/*, loop/operands, vector/*,
//   tensor bias, tensor scale, tensor shift, tensor threshold, tensor weight.
override PARAMS_VARY = false; // true where parameters change within what parametersOfLoop is for

// The parameters of an inner loop, or of a share in registers, are read once, unless they change
// within it.
fn parametersOfLoop(start: Offsets) -> Parameters {
  if (PARAMS_VARY) {
    return Parameters();
  }
  return parametersAt(start);
}

fn parametersWithin(ofLoop: Parameters, at: Offsets) -> Parameters {
  if (PARAMS_VARY) {
    return parametersAt(at);
  }
  return ofLoop;
}

fn applyAffine(u: Vec, p: Parameters) -> Vec {
  var z = u;
  if (has_weight) {
    z *= p.weight;
  }
  if (has_bias) {
    z += p.bias;
  }
  return z;
}

// The thresholded linear unit is max(z, threshold) (Singh & Krishnan 2019). NaN stays NaN.
fn applyThreshold(u: Vec, p: Parameters) -> Vec {
  let z = applyAffine(u, p);
  if (has_threshold) {
    return nanOr(z, max(z, p.threshold));
  }
  return z;
}

fn applyModulation(z: Vec, p: Parameters) -> Vec {
  var result = z;
  if (has_scale) {
    result *= p.scale;
  }
  if (has_shift) {
    result += p.shift;
  }
  return result;
}

fn epilogue(u: Vec, p: Parameters) -> Vec {
  return activation(applyModulation(applyThreshold(castNormalized(u), p), p), p);
}

// ==== epilogue/parameters/plain.wgsl
// The parameters of an element are the values that the epilogue has for it.
// Expects: loop/operands, loop/uniforms, vector/*, tensor bias, tensor scale, tensor shift,
//   tensor slope, tensor threshold, tensor weight.
struct Parameters {
  weight: Vec,
  bias: Vec,
  scale: Vec,
  shift: Vec,
  threshold: Vec,
  slope: Vec, // of leakyRelu and prelu
}

fn parametersAt(at: Offsets) -> Parameters {
  var p: Parameters;
  if (has_weight) {
    p.weight = load_weight(at.weight);
    if (WEIGHT_HAS_OFFSET) {
      p.weight += params.weightOffset;
    }
  }
  if (has_bias) {
    p.bias = load_bias(at.bias);
  }
  if (has_scale) {
    p.scale = load_scale(at.scale) + 1.0;
  }
  if (has_shift) {
    p.shift = load_shift(at.shift);
  }
  if (has_threshold) {
    p.threshold = load_threshold(at.threshold);
  }
  p.slope = Vec(params.alpha);
  if (has_slope) {
    p.slope = load_slope(at.slope);
  }
  return p;
}

// ==== epilogue/cast/none.wgsl
// The normalized x goes to the weight as it is.
// Expects: vector/*.
fn castNormalized(u: Vec) -> Vec {
  return u;
}

// ==== epilogue/activation/none.wgsl
// The call has no activation.
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return z;
}

fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return Vec(1.0);
}

// ==== io/load/f32x4.wgsl as weight
// The input is read in vectors of four neighbouring f32.
// Expects: vector/*.
@group(0) @binding(15) var<storage, read> weight: array<vec4f>;

const has_weight = true;

fn load_weight(at: u32) -> Vec {
  return weight[at];
}

// ==== io/load/f32x4.wgsl as bias
// The input is read in vectors of four neighbouring f32.
// Expects: vector/*.
@group(0) @binding(16) var<storage, read> bias: array<vec4f>;

const has_bias = true;

fn load_bias(at: u32) -> Vec {
  return bias[at];
}

// ==== io/load/absent.wgsl as scale
// This call does not have the input.
// Expects: vector/*.
const has_scale = false;

fn load_scale(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as shift
// This call does not have the input.
// Expects: vector/*.
const has_shift = false;

fn load_shift(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as threshold
// This call does not have the input.
// Expects: vector/*.
const has_threshold = false;

fn load_threshold(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as slope
// This call does not have the input.
// Expects: vector/*.
const has_slope = false;

fn load_slope(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/store/f32x4.wgsl as y
// The output is written in vectors of four neighbouring f32.
// Expects: vector/*.
@group(0) @binding(9) var<storage, read_write> y: array<vec4f>;

const has_y = true;

fn read_y(at: u32) -> Vec {
  return y[at];
}

fn store_y(at: u32, value: Vec) {
  y[at] = value;
}

// ==== io/store/absent.wgsl as sum
// This call does not have the output.
// Expects: vector/*.
const has_sum = false;

fn store_sum(at: u32, value: Vec) {
}

// ==== epilogue/write/registers.wgsl
// This file writes y for an invocation's share. x is still in registers. The results are stored in
// a loop of their own, since compilers unroll short loops alone, and loads of the parameters in a
// loop that is not unrolled wait for each other.
// Expects: epilogue/affine, epilogue/result/*, loop/cursor, loop/outer/*, loop/registers,
//   reduce/state, tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  if (!job.live || !isOwn(0u, start)) {
    return;
  }
  let steps = stepsOfTeam();
  let first = firstPlace(start);
  let p = parametersOfLoop(first.at);
  var place = first;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    let v = registers[i];
    registers[i] = resultOf(v, place.at, k, p);
    if (isOwn(i, start)) {
      storeSum(place.at, v);
    }
    place = nextPlace(place, steps, job);
  }
  place = first;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      store_y(place.at.y, registers[i]);
    }
    place = nextPlace(place, steps, job);
  }
}

// ==== epilogue/result/plain.wgsl
// The result of an element is the epilogue of its normalized value.
// Expects: epilogue/affine, epilogue/parameters/*, loop/operands, normalize/apply/*, reduce/state,
//   vector/*, tensor sum.
fn resultOf(v: Vec, at: Offsets, k: Normalizer, ofLoop: Parameters) -> Vec {
  return epilogue(applyNormalizer(v, k), parametersWithin(ofLoop, at));
}

fn storeSum(at: Offsets, v: Vec) {
  store_sum(at.sum, v);
}

// ==== kernels/normalize.wgsl
// This kernel writes y for every job, from statistics that are measured or given.
// Expects: epilogue/write/*, loop/cursor, normalize/statistics/*.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  let start = startCursor(job);
  writeY(start, job, normalizerOfJob(start, job));
}

