// Pass 2, merge: 32 kept; 512 reduced; elements.
// 32 x 1 workgroups of 256, 32 jobs of 256 each, 0 bytes.
// Overrides: WORKGROUP = 256, TEAM = 256, COLUMNS = 0, KEPT_RANK = 1, FAN_IN = 16, SLICED = 0, SHORT = 0, BY_FOUR = 0, WEIGHT_HAS_OFFSET = 0.
// Bindings: 0: params (uniform), 1: partials (read-only-storage), 5: statistics (storage).

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
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    0u,
    start.ordinal + by * dim.ordinal,
    0u,
    0u,
    start.partials + by * dim.partials,
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

// ==== vector/scalar.wgsl
// A vector is one element of one group.
// Expects nothing.
alias Vec = f32; // the elements of a vector, as f32
alias PerGroup = f32;
alias VecBits = u32;
alias PerGroupBits = u32;
const ELEMENTS_PER_GROUP = 1u; // lanes of a vector that share statistics
const GROUPS_PER_VECTOR = 1u; // groups that a vector lies across

fn firstPerGroup(wide: Vec) -> PerGroup {
  return wide;
}

fn sumPerGroup(wide: Vec) -> PerGroup {
  return wide;
}

fn maxPerGroup(wide: Vec) -> PerGroup {
  return wide;
}

fn vecOf(lanes: vec4f) -> Vec {
  return lanes.x;
}

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat;
}

// The result is x where x is NaN. Bits show that, since compilers may take it that no comparison
// meets NaN (NVIDIA's do).
fn nanOr(x: Vec, otherwise: Vec) -> Vec {
  return select(otherwise, x, (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u);
}

fn nanOrPerGroup(x: PerGroup, otherwise: PerGroup) -> PerGroup {
  return select(otherwise, x, (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u);
}

// ==== reduce/source/partials.wgsl
// The input of the reduction is the partials of slices, as store/statistics/partials.wgsl writes
// them.
// Expects: loop/cursor, loop/operands, loop/uniforms, reduce/state, reduce/statistic/*, vector/*.
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;

fn elementAt(at: Offsets) -> Vec {
  return partials[at.partials].x + partials[at.partials].y;
}

fn summandsAt(at: Offsets, pivot: PerGroup, scale: PerGroup) -> Summands {
  return summandsOfPartial(partials[at.partials], pivot, scale);
}

// A merge covers all elements of a group.
fn elementCount(job: Job) -> PerGroup {
  return PerGroup(params.count);
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

// ==== reduce/accumulate/streamed.wgsl
// This file measures a job whose elements it reads from memory each time.
// Expects: loop/cursor, loop/uniforms, reduce/magnitude/*, reduce/pivot/*, reduce/range/*,
//   reduce/share/*, reduce/source/*, reduce/state, reduce/statistic/*, reduce/team/*, vector/*.

// A job measures once more where its sums leave the range of f32, then with scaled elements, and
// where its pivot, taken from a sample, turns out to be far from the mean. Other jobs of the
// workgroup repeat what they did, since barriers need all invocations.
fn measureJob(start: Cursor, job: Job) -> Measurement {
  var scale = keptPerGroup(PerGroup(1.0)); // later rounds have others
  var pivot = choosePivot(start, job, scale);
  var m: Moments;
  for (var round = 1u; ; round++) {
    let own = sumShare(start, job, pivot, scale);
    m = momentsFrom(pivot, combineSums(own, job, FIRST_IS_LARGEST), elementCount(job));
    if (round == ROUNDS) {
      break;
    }
    let wanted = select(scale, scaleOf(m.m2, m.pivot + m.delta), scale == PerGroup(1.0));
    let better = select(pivot * wanted, betterPivot(m, scale), wanted == scale);
    if (!anyInWorkgroup(job.live && any((better != pivot) | (wanted != scale)))) {
      break;
    }
    pivot = better;
    scale = wanted;
  }
  return Measurement(m, scale);
}

// ==== reduce/share/streamed.wgsl
// This file sums over an invocation's share, which it reads from memory each time. At most 32
// additions follow each other before the sum moves to a larger block, because the error of a sum
// grows with the length of its chain (2.9e-5 for 16,384 in a row, 1e-6 in blocks, at deviation 1).
// Expects: loop/cursor, reduce/source/*, reduce/state, reduce/statistic/*, vector/*.
const CHAIN = 32u;

// The last vector is read in the place of those that the share does not have, since a load in a
// branch would wait for the one before.
fn summandsOfFour(c: Cursor, i: u32, n: u32, pivot: PerGroup, scale: PerGroup) -> Summands {
  let a = summandsAt(offsetsAt(c, i), pivot, scale);
  let b = summandsAt(offsetsAt(c, min(i + 1u, n - 1u)), pivot, scale);
  let d = summandsAt(offsetsAt(c, min(i + 2u, n - 1u)), pivot, scale);
  let e = summandsAt(offsetsAt(c, min(i + 3u, n - 1u)), pivot, scale);
  let left = addSummands(a, keptSummands(b, i + 1u < n));
  return addSummands(left, addSummands(keptSummands(d, i + 2u < n), keptSummands(e, i + 3u < n)));
}

fn keptSummands(s: Summands, keep: bool) -> Summands {
  return Summands(select(Vec(0.0), s.first, keep), select(Vec(0.0), s.second, keep));
}

fn sumShare(start: Cursor, job: Job, pivot: PerGroup, scale: PerGroup) -> Sums {
  var c = start;
  var block = Summands(); // sum of 32 vectors
  var chunk = Summands(); // sum of 32 blocks
  var total = Summands();
  var vectors = 0u;
  while (c.left > 0u) {
    let n = min(innerSteps(c), CHAIN - vectors % CHAIN);
    if (BY_FOUR) {
      for (var i = 0u; i < n; i += 4u) {
        block = addSummands(block, summandsOfFour(c, i, n, pivot, scale));
      }
    } else {
      for (var i = 0u; i < n; i++) {
        block = addSummands(block, summandsAt(offsetsAt(c, i), pivot, scale));
      }
    }
    if (SHORT) {
      break;
    }
    vectors += n;
    if (vectors % CHAIN == 0u) {
      chunk = addSummands(chunk, block);
      block = Summands();
    }
    if (vectors % (CHAIN * CHAIN) == 0u) {
      total = addSummands(total, chunk);
      chunk = Summands();
    }
    c = advance(c, n, job);
  }
  return sumsOf(addSummands(total, addSummands(chunk, block)));
}

// ==== reduce/pivot/sample.wgsl
// The pivot is the mean of a few elements, from all over the first inner loop. A team of several
// reads one vector each, since loads that wait for each other take long. The mean is exact if all
// are equal, since differences from the job's first element are summed.
// Expects: io/elements, loop/cursor, reduce/state, reduce/team/*, vector/*.
override SAMPLES = max(1u, select(8u, 8u / ELEMENTS_PER_GROUP, SHORT) / TEAM); // vectors of an invocation

fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  let origin = firstPerGroup(elementAt(firstOffsets(job)));
  var own = Sums();
  if (start.left > 0u) {
    let apart = innerSteps(start) / (SAMPLES * TEAM);
    var sum = Vec(0.0);
    for (var i = 0u; i < SAMPLES; i++) {
      sum += elementAt(offsetsAt(start, (job.rank * SAMPLES + i) * apart)) - origin;
    }
    own = Sums(sumPerGroup(sum), PerGroup(f32(SAMPLES * ELEMENTS_PER_GROUP)));
  }
  let all = combineSums(own, job, false);
  return finiteOrZero(origin + all.first / max(all.second, PerGroup(1.0)));
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

// ==== store/statistics_buffer.wgsl
// All statistics arrays lie in this one buffer, with one value per group.
// Expects nothing.
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;

// ==== store/statistics/arrays.wgsl
// Statistics go into the statistics arrays that the plan asks for, one value per group.
// Expects: loop/cursor, loop/uniforms, reduce/state, store/running/*,
//   store/statistics_buffer, vector/*.
fn storeIn(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}

fn storeStatistics(m: Moments, scale: PerGroup, k: Normalizer, job: Job) {
  let scaled = m.m2 / m.n;
  let variances = keptPerGroup(scaled / scale) / scale;
  let spread = scaled * params.correctionScale;
  let roots = select(spread / scale, sqrt(spread), params.squareRoot == 1u);
  let corrected = keptPerGroup(roots) / scale;
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    let at = job.origin.statistics + i * params.laneStride.statistics;
    let pivot = groupValue(firstPerGroup(k.pivot), i);
    let delta = groupValue(firstPerGroup(k.delta), i);
    storeIn(params.pivotBase, at, pivot);
    storeIn(params.deltaBase, at, delta);
    storeIn(params.factorBase, at, groupValue(firstPerGroup(k.factor), i));
    storeIn(params.varianceBase, at, groupValue(variances, i));
    storeIn(params.meanBase, at, pivot + delta);
    storeIn(params.gainBase, at, groupValue(firstPerGroup(k.gain), i));
    storeIn(params.offsetBase, at, groupValue(firstPerGroup(k.offset), i));
    storeIn(params.correctedBase, at, groupValue(corrected, i));
    updateRunning(at, pivot + delta, groupValue(variances, i));
  }
}

// ==== store/running/none.wgsl
// There are no running statistics, or a pass of their own updates them.
// Expects nothing.
fn updateRunning(channel: u32, mean: f32, variance: f32) {
}

// ==== kernels/statistics.wgsl
// This kernel measures the statistics of every job, or a partial for every slice.
// Expects: loop/cursor, normalize/statistics/*.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  normalizerOfJob(startCursor(job), job);
}

