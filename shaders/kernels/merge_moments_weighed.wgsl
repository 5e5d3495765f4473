// This kernel merges the moments of two parts as kernels/merge_moments.wgsl does, where each group
// has a sum of weights of its own. Of a group without weight nothing remains.
// Expects nothing.
struct Params {
  groups: u32,
  meansA: u32, // first element of each array
  deltasA: u32, // or NONE
  variancesA: u32,
  meansB: u32,
  deltasB: u32,
  variancesB: u32,
  pivot: u32, // first element of each result, or NONE
  delta: u32,
  mean: u32,
  variance: u32,
  countsA: u32,
  countsB: u32,
  count: u32,
}

const NONE = 0xffffffffu;

override WORKGROUP = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> meansA: array<f32>;
@group(0) @binding(3) var<storage, read> variancesA: array<f32>;
@group(0) @binding(4) var<storage, read> meansB: array<f32>;
@group(0) @binding(6) var<storage, read> variancesB: array<f32>;
@group(0) @binding(2) var<storage, read> countsA: array<f32>;
@group(0) @binding(7) var<storage, read> countsB: array<f32>;
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;

const LARGEST = 3.4028234e38;

// The result is exactly a where a and b are equal.
fn between(a: f32, b: f32, share: f32) -> f32 {
  let step = b - a;
  return select(a * (1.0 - share) + b * share, a + step * share, abs(step) <= LARGEST);
}

fn storeIn(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}

struct Part {
  mean: f32,
  variance: f32,
  count: f32,
}

struct Whole {
  pivot: f32,
  delta: f32,
  variance: f32,
}

// Weights below 0 and NaN count as 0, and so do the moments with them.
fn partOf(mean: f32, variance: f32, count: f32) -> Part {
  if (bitcast<u32>(count) - 1u < 0x7f800000u) {
    return Part(mean, variance, count);
  }
  return Part();
}

fn merged(
  pivotA: f32, deltaA: f32, varianceA: f32, pivotB: f32, deltaB: f32, varianceB: f32, share: f32,
) -> Whole {
  if (share == 0.0) {
    return Whole(pivotA, deltaA, varianceA);
  }
  let gap = pivotB - pivotA;
  let apart = gap + (deltaB - deltaA);
  // The difference would be NaN beside an infinite mean.
  let near = abs(apart) <= LARGEST;
  let fromA = select(between(deltaA, gap + deltaB, share), deltaA + apart * share, near);
  let fromB = select(fromA, deltaB - apart * (1.0 - share), near);
  let keepA = abs(fromA) <= abs(fromB);
  let variance = between(varianceA, varianceB, share) + apart * apart * (share * (1.0 - share));
  return Whole(select(pivotB, pivotA, keepA), select(fromB, fromA, keepA), variance);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = (workgroup.x + workgroup.y * grid.x) * WORKGROUP + local;
  if (i >= params.groups) {
    return;
  }
  let a = partOf(meansA[params.meansA + i], variancesA[params.variancesA + i], countsA[params.countsA + i]);
  let b = partOf(meansB[params.meansB + i], variancesB[params.variancesB + i], countsB[params.countsB + i]);
  var deltaA = 0.0;
  if (params.deltasA != NONE && a.count > 0.0) {
    deltaA = meansA[params.deltasA + i];
  }
  var deltaB = 0.0;
  if (params.deltasB != NONE && b.count > 0.0) {
    deltaB = meansB[params.deltasB + i];
  }
  // The smaller share is the exact one.
  let swaps = b.count > a.count;
  let whole = merged(
    select(a.mean, b.mean, swaps), select(deltaA, deltaB, swaps), select(a.variance, b.variance, swaps),
    select(b.mean, a.mean, swaps), select(deltaB, deltaA, swaps), select(b.variance, a.variance, swaps),
    min(a.count, b.count) / max(a.count + b.count, 1e-30),
  );
  storeIn(params.pivot, i, whole.pivot);
  storeIn(params.delta, i, whole.delta);
  storeIn(params.mean, i, whole.pivot + whole.delta);
  storeIn(params.variance, i, whole.variance);
  storeIn(params.count, i, a.count + b.count);
}
