// Pass 2, merge: 192 kept; 256 reduced; vectors of 4 across groups.
// 96 x 1 workgroups of 128, 192 jobs of 64 each, 0 bytes.
// Overrides: WORKGROUP = 128, TEAM = 64, COLUMNS = 1, KEPT_RANK = 2, FAN_IN = 8, SLICED = 0, SHORT = 0, BY_FOUR = 1, WEIGHT_HAS_OFFSET = 0.
// Bindings: 0: params (uniform), 1: records (read-only-storage), 23: dBias (storage), 24: dWeight (storage).

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
    start.dFirst + by * dim.dFirst,
    start.dSecond + by * dim.dSecond,
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

// ==== vector/columns4.wgsl
// A vector lies across four neighbouring groups (columns), so each lane has its own statistics.
// Expects nothing.
alias Vec = vec4f; // the elements of a vector, as f32
alias PerGroup = vec4f;
alias VecBits = vec4u;
alias PerGroupBits = vec4u;
const ELEMENTS_PER_GROUP = 1u;
const GROUPS_PER_VECTOR = 4u;

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
  return lanes;
}

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat[index];
}

// The result is x where x is NaN. Bits show that, since compilers may take it that no comparison
// meets NaN (NVIDIA's do).
fn nanOr(x: Vec, otherwise: Vec) -> Vec {
  return select(otherwise, x, (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

fn nanOrPerGroup(x: PerGroup, otherwise: PerGroup) -> PerGroup {
  return select(otherwise, x, (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

// ==== normalize/statistics/none.wgsl
// The job has no statistics of its own.
// Expects: loop/cursor, reduce/state.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  return Normalizer();
}

// ==== backward/load/none.wgsl
// The dx sums read x and dy themselves, or are known.
// Expects: loop/cursor.
fn loadForSums(start: Cursor, job: Job) {
}

// ==== backward/sum/records.wgsl
// This file adds the records of teams, as kernels/backward_rows.wgsl stores them. It adds in
// blocks, as reduce/share/streamed.wgsl does.
// Expects: loop/cursor, loop/uniforms, reduce/state, reduce/team/*.
@group(0) @binding(1) var<storage, read> records: array<vec4f>;

// The distance from one record to the next is that of two arrays.
fn recordAt(c: Cursor, steps: u32) -> Sums {
  let at = offsetsAt(c, steps).partials;
  return Sums(records[at], records[at + params.inner.partials / 2u]);
}

fn addSums(a: Sums, b: Sums) -> Sums {
  return Sums(a.first + b.first, a.second + b.second);
}

fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  var total = Sums();
  var block = Sums(); // sum of 32 records
  for (var i = 0u; i < start.left; i++) {
    block = addSums(block, recordAt(start, i));
    if (i % 32u == 31u) {
      total = addSums(total, block);
      block = Sums();
    }
  }
  return combineSums(addSums(total, block), job, false);
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

// ==== store/sums/gradients.wgsl
// Sums go into the gradients of parameters, element by element, or are added to what is there.
// Expects: loop/cursor, loop/uniforms, reduce/state, vector/*, tensor dFirst, tensor dSecond.
override dFirst_adds = false;
override dSecond_adds = false;

fn storeSums(s: Sums, job: Job) {
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    if (has_dFirst) {
      let at = job.origin.dFirst + i * params.laneStride.dFirst;
      var sum = groupValue(s.first, i);
      if (dFirst_adds) {
        sum += read_dFirst(at);
      }
      store_dFirst(at, sum);
    }
    if (has_dSecond) {
      let at = job.origin.dSecond + i * params.laneStride.dSecond;
      var sum = groupValue(s.second, i);
      if (dSecond_adds) {
        sum += read_dSecond(at);
      }
      store_dSecond(at, sum);
    }
  }
}

// ==== io/store/f32.wgsl as dFirst
// The output is written f32 by f32.
// Expects nothing.
@group(0) @binding(23) var<storage, read_write> dFirst: array<f32>;

const has_dFirst = true;

fn read_dFirst(at: u32) -> f32 {
  return dFirst[at];
}

fn store_dFirst(at: u32, value: f32) {
  dFirst[at] = value;
}

// ==== io/store/f32.wgsl as dSecond
// The output is written f32 by f32.
// Expects nothing.
@group(0) @binding(24) var<storage, read_write> dSecond: array<f32>;

const has_dSecond = true;

fn read_dSecond(at: u32) -> f32 {
  return dSecond[at];
}

fn store_dSecond(at: u32, value: f32) {
  dSecond[at] = value;
}

// ==== kernels/gradient_sums.wgsl
// This kernel sums over gradients for every job. The sums are the two dx sums or the gradients of
// parameters.
// Expects: backward/load/*, backward/sum/*, loop/cursor, normalize/statistics/*, store/sums/*.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  let start = startCursor(job);
  loadForSums(start, job);
  let k = normalizerOfJob(start, job);
  let s = sumOverJob(start, job, k);
  if (job.live && job.rank == 0u) {
    storeSums(s, job);
  }
}

