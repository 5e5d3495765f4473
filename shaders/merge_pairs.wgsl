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

fn write(base: u32, at: u32, value: f32) {
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
  let shareB = params.momentum; // of all elements; at most half
  let shareA = 1.0 - shareB;
  let pivotA = pivotsA[params.base.x + i];
  let pivotB = pivotsB[params.base.dy + i];
  let deltaA = deltasA[params.base.y + i];
  let deltaB = deltasB[params.base.sum + i];
  let gap = pivotB - pivotA;
  let apart = gap + (deltaB - deltaA);
  // equal means stay as they are to the bit; next to an infinite one `apart` would be NaN
  let near = abs(apart) <= 3.4028234e38;
  let fromA = select(deltaA * shareA + (gap + deltaB) * shareB, deltaA + apart * shareB, near);
  let fromB = select(fromA, deltaB - apart * shareA, near);
  let keepA = abs(fromA) <= abs(fromB);
  let pivot = select(pivotB, pivotA, keepA);
  let delta = select(fromB, fromA, keepA);
  let own = shareA * variancesA[params.base.residual + i] + shareB * variancesB[params.base.dSum + i];
  let variance = own + apart * apart * (shareA * shareB);
  write(params.pivotBase, i, pivot);
  write(params.deltaBase, i, delta);
  write(params.meanBase, i, pivot + delta);
  write(params.spreadBase, i, variance * params.spreadScale);
}
