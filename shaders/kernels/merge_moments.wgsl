// This kernel merges the moments of two parts (Chan, Golub & LeVeque 1983), with each mean as a
// pair, pivot + delta; a part without deltas has pivots that are its means. One invocation merges
// one group. The result has the pivot that is nearer to the common mean.
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
  share: f32, // B's share of all elements, at most half
  scale: f32, // factor of the variance
}

const NONE = 0xffffffffu;

override WORKGROUP = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> meansA: array<f32>;
@group(0) @binding(3) var<storage, read> variancesA: array<f32>;
@group(0) @binding(4) var<storage, read> meansB: array<f32>;
@group(0) @binding(6) var<storage, read> variancesB: array<f32>;
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
  let share = params.share;
  let pivotA = meansA[params.meansA + i];
  let pivotB = meansB[params.meansB + i];
  var deltaA = 0.0;
  if (params.deltasA != NONE) {
    deltaA = meansA[params.deltasA + i];
  }
  var deltaB = 0.0;
  if (params.deltasB != NONE) {
    deltaB = meansB[params.deltasB + i];
  }
  let gap = pivotB - pivotA;
  let apart = gap + (deltaB - deltaA);
  // The difference would be NaN beside an infinite mean.
  let near = abs(apart) <= LARGEST;
  let fromA = select(between(deltaA, gap + deltaB, share), deltaA + apart * share, near);
  let fromB = select(fromA, deltaB - apart * (1.0 - share), near);
  let keepA = abs(fromA) <= abs(fromB);
  let pivot = select(pivotB, pivotA, keepA);
  let delta = select(fromB, fromA, keepA);
  let varianceA = variancesA[params.variancesA + i];
  let varianceB = variancesB[params.variancesB + i];
  let variance = between(varianceA, varianceB, share) + apart * apart * (share * (1.0 - share));
  storeIn(params.pivot, i, pivot);
  storeIn(params.delta, i, delta);
  storeIn(params.mean, i, pivot + delta);
  storeIn(params.variance, i, variance * params.scale);
}
