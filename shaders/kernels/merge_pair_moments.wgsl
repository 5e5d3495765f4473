// Moments of two parts together (Chan, Golub & LeVeque 1983), each mean as a pair, pivot + delta; one
// invocation a group. The result has the pivot that is nearer to the common mean.
// Expects: params.
override WORKGROUP = 64u;

@group(0) @binding(1) var<storage, read> pivotsA: array<f32>;
@group(0) @binding(2) var<storage, read> deltasA: array<f32>;
@group(0) @binding(3) var<storage, read> variancesA: array<f32>;
@group(0) @binding(4) var<storage, read> pivotsB: array<f32>;
@group(0) @binding(6) var<storage, read> deltasB: array<f32>;
@group(0) @binding(7) var<storage, read> variancesB: array<f32>;
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;

const LARGEST = 3.4028234e38;

// a where both are equal, to the bit
fn between(a: f32, b: f32, share: f32) -> f32 {
  let step = b - a;
  return select(a * (1.0 - share) + b * share, a + step * share, abs(step) <= LARGEST);
}

fn storeIn(base: u32, at: u32, value: f32) {
  if (base != 0xffffffffu) {
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
  if (i >= params.groups.size) {
    return;
  }
  let share = params.momentum; // of B among all elements, at most half
  let pivotA = pivotsA[params.base.x + i];
  let pivotB = pivotsB[params.base.dy + i];
  let deltaA = deltasA[params.base.y + i];
  let deltaB = deltasB[params.base.sum + i];
  let gap = pivotB - pivotA;
  let apart = gap + (deltaB - deltaA);
  // the difference would be NaN next to an infinite mean
  let near = abs(apart) <= LARGEST;
  let fromA = select(between(deltaA, gap + deltaB, share), deltaA + apart * share, near);
  let fromB = select(fromA, deltaB - apart * (1.0 - share), near);
  let keepA = abs(fromA) <= abs(fromB);
  let pivot = select(pivotB, pivotA, keepA);
  let delta = select(fromB, fromA, keepA);
  let varianceA = variancesA[params.base.residual + i];
  let varianceB = variancesB[params.base.dSum + i];
  let variance = between(varianceA, varianceB, share) + apart * apart * (share * (1.0 - share));
  storeIn(params.pivotBase, i, pivot);
  storeIn(params.deltaBase, i, delta);
  storeIn(params.meanBase, i, pivot + delta);
  storeIn(params.spreadBase, i, variance * params.spreadScale);
}
