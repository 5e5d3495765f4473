// Pass 1, normalize: 64 kept; 8 x 784 reduced; vectors of 4 along the inner loop.
// 64 x 1 workgroups of 256, 64 jobs of 256 each, 12845056 bytes.
// Overrides: WORKGROUP = 256, TEAM = 256, COLUMNS = 0, FAN_IN = 16, PARAMS_VARY = 0.
// Bindings: 0: params (uniform), 8: x (read-only-storage), 9: y (storage).

// ==== loop/uniforms.wgsl
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

// ==== loop/operands.wgsl
// Operands, the arrays in which an element of x has a partner, are listed here alone; src/plan/operands.ts has
// the same names in the same order.
// Expects nothing.

// A dimension: its size, how to divide by it (see divide()), and each array's stride along it.
struct Dim {
  @align(16) size: u32,
  multiplier: u32,
  bits: u32,
  statistics: u32, // in elements
  x: u32, // all others in what the template of the operand counts in: vectors or elements
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
  dFirst: u32,
  dSecond: u32,
  partials: u32,
}

// An offset into every array.
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
  dFirst: u32,
  dSecond: u32,
  partials: u32,
  statistics: u32,
}

fn offsetBy(start: Offsets, dim: Dim, by: u32) -> Offsets {
  return Offsets(
    start.x + by * dim.x,
    start.y + by * dim.y,
    start.sum + by * dim.sum,
    start.dy + by * dim.dy,
    start.dSum + by * dim.dSum,
    start.residual + by * dim.residual,
    start.residualBias + by * dim.residualBias,
    start.weight + by * dim.weight,
    start.bias + by * dim.bias,
    start.scale + by * dim.scale,
    start.shift + by * dim.shift,
    start.threshold + by * dim.threshold,
    start.dFirst + by * dim.dFirst,
    start.dSecond + by * dim.dSecond,
    start.partials + by * dim.partials,
    start.statistics + by * dim.statistics,
  );
}

// ==== loop/cursor.wgsl
// Who works on what: an invocation's place in its team, the team's job (a slice of a group), and a
// cursor over the packs of that slice which belong to the invocation. No division in any loop.
// Expects: params, a groups/*, a segments/*.
override WORKGROUP = 64u;
override TEAM = 64u; // invocations that share a job, a power of two
override FAN_IN = 8u; // about the square root of TEAM: in two hops a team combines what it has
override COLUMNS = false; // neighbouring invocations own neighbouring groups, not packs of one group

struct Job {
  live: bool,
  rank: u32,
  teamBase: u32, // where the team starts in workgroup memory
  slice: u32,
  origin: Offsets,
}

struct Cursor {
  left: u32, // packs still to visit
  position: u32, // pack in the run
  outer: u32,
  at: Offsets, // of the segment's start
  inner: Dim, // params.run, read once: in a loop it would be read for each element
}

fn highProduct(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu);
  let right = (a & 0xffffu) * (b >> 16u);
  let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u) + (middle >> 16u);
}

// Exact n / dim.size for every n (Granlund & Montgomery 1994, figure 4.1).
fn divide(n: u32, dim: Dim) -> u32 {
  let t = highProduct(n, dim.multiplier);
  return (t + ((n - t) >> min(dim.bits, 1u))) >> (max(dim.bits, 1u) - 1u);
}

fn findJob(workgroup: u32, local: u32) -> Job {
  let team = select(local / TEAM, local % (WORKGROUP / TEAM), COLUMNS);
  let rank = select(local % TEAM, local / (WORKGROUP / TEAM), COLUMNS);
  let index = workgroup * (WORKGROUP / TEAM) + team;
  let live = index < params.groups.size * params.slices;
  var slice = 0u;
  if (params.slices > 1u) {
    slice = divide(index, params.groups);
  }
  let group = select(0u, index - slice * params.groups.size, live);
  let base = offsetBy(Offsets(), params.base, 1u);
  return Job(live, rank, team * TEAM, slice, groupOffsets(base, group));
}

fn startCursor(job: Job) -> Cursor {
  let first = job.slice * params.sliceVectors + job.rank;
  let end = min((job.slice + 1u) * params.sliceVectors, params.groupVectors);
  let left = select(0u, (end - first + TEAM - 1u) / TEAM, job.live && first < end);
  let segment = outerIndex(first);
  return Cursor(left, first - segment * params.inner.size, segment, outerOffsets(job, segment), params.inner);
}

// Steps to the end of the run: so many packs lie at one stride, and none of them needs a look at
// the dimensions outside of the run.
fn innerSteps(c: Cursor) -> u32 {
  return min(c.left, (c.inner.size - c.position + TEAM - 1u) / TEAM);
}

// The place so many steps on from the cursor, within its run.
fn offsetsAt(c: Cursor, steps: u32) -> Offsets {
  return offsetBy(c.at, c.inner, c.position + steps * TEAM);
}

// ==== loop/locate.wgsl
// Places by index where there are several dimensions. A file of its own: CPU adapters take long to compile its loop.
// Expects: walk.
// The place of an index into the dimensions first .. first + rank - 1.
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

// ==== loop/groups/one.wgsl
// Kept dimensions: one at most.
// Expects: walk.
fn groupOffsets(base: Offsets, group: u32) -> Offsets {
  return offsetBy(base, params.dims[0], group);
}

// ==== loop/outer/many.wgsl
// A group is runs along any number of dimensions outside of the innermost.
// Expects: walk, locate.
fn outerIndex(vector: u32) -> u32 {
  return divide(vector, params.inner);
}

fn outerOffsets(job: Job, segment: u32) -> Offsets {
  return offsetsOfIndex(job.origin, segment, OUTER_DIMS, params.outerRank);
}

// Goes n steps, at most to the end of the run (teamRuns is 0 unless every step leaves the run).
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

// ==== reduce/state.wgsl
// What is known of a group while it is measured: for moments the mean as the pair pivot + delta, and m2, the
// sum of squared deviations from it. (A mean rounded to one f32 would cost 3e-8 * |mean| / std in every
// result.) Other statistics use the same places; statistic/* says how.
// Expects: a stat/*.
const LARGEST = 3.4028234663852886e38f;

struct Moments {
  pivot: PerGroup,
  delta: PerGroup,
  m2: PerGroup,
  n: f32, // 0: of nothing
}

struct Sums {
  first: PerGroup, // for moments: of x - pivot
  second: PerGroup, // of (x - pivot)^2
}

struct Summands { // the same before the components of a pack are summed
  first: Vec,
  second: Vec,
}

// What is made of it: x goes to ((x - pivot) - delta) * factor, or whatever form/* makes of these.
struct Normalizer {
  pivot: Vec,
  delta: Vec,
  factor: Vec,
  gain: Vec, // of batch renormalization: factor and summand of the normalized x
  offset: Vec,
}

fn makeNormalizer(pivot: Vec, delta: Vec, factor: Vec) -> Normalizer {
  return Normalizer(pivot, delta, factor, Vec(1.0), Vec(0.0));
}

// A pivot has to be finite, so that infinity in x makes the mean infinite, as in PyTorch.
fn finiteOrZero(pivot: PerGroup) -> PerGroup {
  return select(PerGroup(0.0), pivot, abs(pivot) <= PerGroup(LARGEST));
}

// ==== io/halves.wgsl
// f16 and bf16 as bits, two in a word, on every device. The conversions are on bits: to nearest, ties to even,
// overflow to infinity, subnormals kept (by one addition, which rounds so); pack2x16float may turn overflow
// into anything.
// Expects nothing.
const F16 = 1u;

fn wordIndex(at: u32, half: u32) -> u32 {
  return at >> select(1u, 0u, half == 0u);
}

// The element of this word, an f32 where it has no halves.
fn decodeElement(word: u32, at: u32, half: u32) -> f32 {
  if (half == 0u) {
    return bitcast<f32>(word);
  }
  let bits = (word >> ((at & 1u) * 16u)) & 0xffffu;
  if (half == F16) {
    return unpack2x16float(bits).x;
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

fn encodeBf16(a: vec4u) -> vec4u {
  let rounded = (a + 0x7fffu + ((a >> vec4u(16u)) & vec4u(1u))) >> vec4u(16u);
  return select(rounded, vec4u(0x7fc0u), a > vec4u(0x7f800000u));
}

fn encodeF16(a: vec4u) -> vec4u {
  let normal = (a - 0x38000000u + 0xfffu + ((a >> vec4u(13u)) & vec4u(1u))) >> vec4u(13u);
  // below 2^-14 beside 0.5 the last bit is worth 2^-24, an f16's
  let small = bitcast<vec4u>(bitcast<vec4f>(a) + 0.5) - 0x3f000000u;
  let finite = select(normal, small, a < vec4u(0x38800000u));
  let large = select(vec4u(0x7c00u), vec4u(0x7e00u), a > vec4u(0x7f800000u));
  return select(finite, large, a >= vec4u(0x47800000u));
}

fn encode4(wide: vec4f, half: u32) -> vec2u {
  let all = bitcast<vec4u>(wide);
  let sign = (all >> vec4u(16u)) & vec4u(0x8000u);
  let a = all & vec4u(0x7fffffffu);
  var bits: vec4u;
  if (half == F16) {
    bits = sign | encodeF16(a);
  } else {
    bits = sign | encodeBf16(a);
  }
  return bits.xz | (bits.yw << vec2u(16u));
}

// ==== vector/rows4.wgsl
// Statistics: one a group, the four elements of a pack belong to the same group (rows).
alias Vec = vec4f; // the elements of a pack, for arithmetic
alias PerGroup = f32;
const ELEMENTS_PER_GROUP = 4u;
const GROUPS_PER_VECTOR = 1u;

fn firstPerGroup(wide: Vec) -> PerGroup {
  return wide.x;
}

fn sumPerGroup(wide: Vec) -> PerGroup {
  return (wide.x + wide.y) + (wide.z + wide.w);
}

fn maxPerGroup(wide: Vec) -> PerGroup {
  let pair = select(wide.zw + wide.xy, wide.zw, wide.zw >= wide.xy);
  let two = select(pair, wide.xy, wide.xy > wide.zw);
  return select(select(two.x + two.y, two.y, two.y >= two.x), two.x, two.x > two.y);
}

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat;
}

fn fromGroups(values: array<f32, GROUPS_PER_VECTOR>) -> PerGroup {
  return values[0];
}

// ==== io/elements.wgsl
// What is normalized: x, or its sum with a residual and that one's bias.
// Expects: walk, a stat/*, ports x, residual, residualBias.
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
// An input of packs of four neighbouring f32.
@group(0) @binding(8) var<storage, read> x: array<vec4f>;

const has_x = true;

fn load_x(at: u32) -> Vec {
  return x[at];
}

// ==== io/load/absent.wgsl as residual
// An input that this call does not have.
const has_residual = false;

fn load_residual(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as residualBias
// An input that this call does not have.
const has_residualBias = false;

fn load_residualBias(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== reduce/source/summands.wgsl
// What statistics are taken of: the elements.
// Expects: walk, source/elements, a stat/*, a statistic/*, moments.
fn summandsAt(at: Offsets, pivot: PerGroup) -> Summands {
  return summandsOf(elementAt(at), pivot);
}

fn elementCount(c: Cursor, job: Job) -> f32 {
  return f32(c.left * ELEMENTS_PER_GROUP);
}

// ==== normalize/statistics/measured.wgsl
// Statistics of this pass's own.
// Expects: walk, moments, a measure/*, a team/*, two known/*, a sink/*.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  let m = combineMoments(measureShare(start, job), job);
  let k = withRenorm(normalizerFrom(m), job.origin.statistics);
  if (job.live && job.rank == 0u) {
    storeStatistics(m, k, job);
  }
  return k;
}

// ==== reduce/accumulate/streamed.wgsl
// A statistic of an invocation's share, read from memory as often as needed. Should the pivot lie more
// than a deviation from the mean (an outlier among the elements that it was taken from), a second round
// starts from that mean. At most 32 additions in a row before folding: the error of a sum grows with its
// chains (2.9e-5 for 16,384 in a row, 1e-6 so, at deviation 1).
// Expects: walk, a source/*, a stat/*, a statistic/*, a pivot/*, moments.
const CHAIN = 32u;

fn sumShare(start: Cursor, job: Job, pivot: PerGroup) -> Sums {
  var c = start;
  var block = Summands(); // of 32 packs
  var chunk = Summands(); // of 32 blocks
  var total = Summands();
  var vectors = 0u;
  while (c.left > 0u) {
    let n = min(innerSteps(c), CHAIN - vectors % CHAIN);
    for (var i = 0u; i < n; i++) {
      block = addSummands(block, summandsAt(offsetsAt(c, i), pivot));
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

fn measureShare(start: Cursor, job: Job) -> Moments {
  if (start.left == 0u) {
    return Moments();
  }
  let n = elementCount(start, job);
  var pivot = choosePivot(start, job);
  var m: Moments;
  for (var round = 0u; round < 2u; round++) {
    m = momentsFrom(pivot, sumShare(start, job, pivot), n);
    if (!needsSecondPass(m)) {
      break;
    }
    pivot = m.pivot + m.delta;
  }
  return m;
}

// ==== reduce/pivot/sample.wgsl
// Pivot: the mean of a few elements of the first run.
// Expects: walk, a source/*, a stat/*, moments.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  let steps = innerSteps(start);
  let apart = max(steps / 8u, 2u * ELEMENTS_PER_GROUP);
  let origin = firstPerGroup(elementAt(offsetsAt(start, 0u)));
  var sum = Vec(0.0);
  var n = 0u;
  for (var i = 0u; i < steps; i += apart) {
    sum += elementAt(offsetsAt(start, i)) - origin;
    n += ELEMENTS_PER_GROUP;
  }
  return finiteOrZero(origin + sumPerGroup(sum) / f32(n));
}

// ==== reduce/statistic/moments.wgsl
// Statistic: mean and variance.
// Expects: moments.
fn summandsOf(x: Vec, pivot: PerGroup) -> Summands {
  let t = x - pivot;
  return Summands(t, t * t);
}

fn summandsOfPartial(r: vec4f, pivot: PerGroup) -> Summands {
  let t = (r.x - pivot) + r.y;
  return Summands(Vec(r.w * t), Vec(r.z + r.w * t * t));
}

fn addSummands(a: Summands, b: Summands) -> Summands {
  return Summands(a.first + b.first, a.second + b.second);
}

fn sumsOf(terms: Summands) -> Sums {
  return Sums(sumPerGroup(terms.first), sumPerGroup(terms.second));
}

// From sums around a pivot. Squares of more than 1.8e19 overflow: the variance is infinite then, rstd 0
// and y the bias, as in PyTorch. Rounding may take an m2 of nearly zero below it (max() swallows NaN).
fn momentsFrom(pivot: PerGroup, sums: Sums, n: f32) -> Moments {
  let delta = sums.first / n;
  let m2 = sums.second - sums.first * delta;
  let overflow = (sums.second > PerGroup(LARGEST)) & (abs(sums.first) <= PerGroup(LARGEST));
  let positive = select(m2, PerGroup(0.0), m2 < PerGroup(0.0));
  return Moments(pivot, delta, select(positive, sums.second, overflow), n);
}

// True where the pivot lies more than a deviation from the mean: another round from there is due.
fn needsSecondPass(m: Moments) -> bool {
  return any(m.delta * m.delta * m.n > m.m2);
}

// Chan, Golub & LeVeque 1983, on pairs. Keeps the pivot that is nearer to the common mean.
fn mergeMoments(a: Moments, b: Moments) -> Moments {
  if (a.n == 0.0) {
    return b;
  }
  if (b.n == 0.0) {
    return a;
  }
  let n = a.n + b.n;
  let shareA = a.n / n;
  let shareB = b.n / n;
  let gap = b.pivot - a.pivot;
  let apart = gap + (b.delta - a.delta);
  let fromA = a.delta * shareA + (gap + b.delta) * shareB;
  let fromB = b.delta * shareB + (a.delta - gap) * shareA;
  let keepA = abs(fromA) <= abs(fromB);
  return Moments(
    select(b.pivot, a.pivot, keepA),
    select(fromB, fromA, keepA),
    a.m2 + b.m2 + apart * apart * (a.n * shareB),
    n,
  );
}

// ==== normalize/factor/rsqrt.wgsl
// The factor of y: 1 / sqrt(variance + eps).
// Expects: params, moments.
fn normalizerFrom(m: Moments) -> Normalizer {
  let factor = inverseSqrt(m.m2 / m.n + params.eps);
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(factor));
}

// ==== normalize/renorm/none.wgsl
// Nothing is to be added to what is known.
// Expects: moments.
fn withRenorm(k: Normalizer, at: u32) -> Normalizer {
  return k;
}

// ==== reduce/team/workgroup.wgsl
// A team shares its moments through workgroup memory, in two hops: every member merges its block of
// HOP neighbours, then the blocks. All members end with the same bits.
// Expects: walk, a stat/*, moments.
var<workgroup> sharedPivots: array<PerGroup, WORKGROUP>;
var<workgroup> sharedDeltas: array<PerGroup, WORKGROUP>;
var<workgroup> sharedM2s: array<PerGroup, WORKGROUP>;
var<workgroup> sharedCounts: array<f32, WORKGROUP>;

fn publish(seat: u32, m: Moments) {
  sharedPivots[seat] = m.pivot;
  sharedDeltas[seat] = m.delta;
  sharedM2s[seat] = m.m2;
  sharedCounts[seat] = m.n;
  workgroupBarrier();
}

fn mergeRange(first: u32, step: u32, end: u32) -> Moments {
  var sum = Moments();
  for (var seat = first; seat < end; seat += step) {
    sum = mergeMoments(sum, Moments(sharedPivots[seat], sharedDeltas[seat], sharedM2s[seat], sharedCounts[seat]));
  }
  return sum;
}

fn combineMoments(m: Moments, job: Job) -> Moments {
  publish(job.teamBase + job.rank, m);
  let block = job.teamBase + (job.rank & ~(FAN_IN - 1u));
  var sum = mergeRange(block, 1u, block + min(FAN_IN, TEAM));
  if (TEAM > FAN_IN) {
    workgroupBarrier();
    publish(job.teamBase + job.rank, sum);
    sum = mergeRange(job.teamBase, FAN_IN, job.teamBase + TEAM);
  }
  return sum;
}

// ==== store/statistics/nothing.wgsl
// Where statistics go: nowhere.
fn storeStatistics(m: Moments, k: Normalizer, job: Job) {
}

// ==== normalize/apply/centered.wgsl
// The normalized x: ((x - pivot) - delta) * factor.
// Expects: moments.
fn applyNormalizer(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * k.factor;
}

// ==== epilogue/affine.wgsl
// What is done with the normalized x: weight, bias, threshold, modulation, activation; each where there is one.
// Expects: params, walk, a stat/*, ports weight, bias, scale, shift, threshold, an activation/*.
override PARAMS_VARY = false; // within a run

struct Parameters {
  weight: Vec,
  bias: Vec,
  scale: Vec,
  shift: Vec,
  threshold: Vec,
}

fn parametersAt(at: Offsets) -> Parameters {
  var p: Parameters;
  if (has_weight) {
    p.weight = load_weight(at.weight) + params.weightOffset;
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
  return p;
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

// max(z, threshold), the thresholded linear unit (Singh & Krishnan 2019). NaN stays NaN.
fn applyThreshold(u: Vec, p: Parameters) -> Vec {
  let z = applyAffine(u, p);
  if (has_threshold) {
    return select(z, p.threshold, z < p.threshold);
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
  return activation(applyModulation(applyThreshold(u, p), p), p);
}

// ==== epilogue/activation/none.wgsl
// Activation: none.
// Expects: parameters.
fn activation(z: Vec, p: Parameters) -> Vec {
  return z;
}

fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return Vec(1.0);
}

// ==== io/load/absent.wgsl as weight
// An input that this call does not have.
const has_weight = false;

fn load_weight(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as bias
// An input that this call does not have.
const has_bias = false;

fn load_bias(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as scale
// An input that this call does not have.
const has_scale = false;

fn load_scale(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as shift
// An input that this call does not have.
const has_shift = false;

fn load_shift(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/load/absent.wgsl as threshold
// An input that this call does not have.
const has_threshold = false;

fn load_threshold(at: u32) -> Vec {
  return Vec(0.0);
}

// ==== io/store/f32x4.wgsl as y
// An output of packs of four neighbouring f32.
@group(0) @binding(9) var<storage, read_write> y: array<vec4f>;

const has_y = true;

fn read_y(at: u32) -> Vec {
  return y[at];
}

fn store_y(at: u32, value: Vec) {
  y[at] = value;
}

// ==== io/store/absent.wgsl as sum
// An output that this call does not have.
const has_sum = false;

fn store_sum(at: u32, value: Vec) {
}

// ==== epilogue/write/streamed.wgsl
// y of an invocation's share, with x read from memory (again).
// Expects: walk, source/elements, a form/*, parameters, ports y, sum.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  var c = start;
  while (c.left > 0u) {
    let n = innerSteps(c);
    var p: Parameters;
    if (!PARAMS_VARY) {
      p = parametersAt(offsetsAt(c, 0u));
    }
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      if (PARAMS_VARY) {
        p = parametersAt(at);
      }
      let v = elementAt(at);
      store_sum(at.sum, v);
      store_y(at.y, epilogue(applyNormalizer(v, k), p));
    }
    c = advance(c, n, job);
  }
}

// ==== kernels/normalize.wgsl
// y for every job, from statistics that are measured or known.
// Expects: walk, moments, a statistics/*, a write/*.
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

