// This kernel merges the moments of two parts (Chan, Golub & LeVeque 1983). One invocation merges
// one group.
// Expects nothing.
struct Params {
  groups: u32,
  meansA: u32, // first element of each array
  variancesA: u32,
  meansB: u32,
  variancesB: u32,
  mean: u32, // first element of each result
  variance: u32,
  share: f32, // B's share of all elements
}

override WORKGROUP = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> meansA: array<f32>;
@group(0) @binding(3) var<storage, read> variancesA: array<f32>;
@group(0) @binding(4) var<storage, read> meansB: array<f32>;
@group(0) @binding(6) var<storage, read> variancesB: array<f32>;
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;

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
  let a = meansA[params.meansA + i];
  let apart = meansB[params.meansB + i] - a;
  let own = (1.0 - share) * variancesA[params.variancesA + i] + share * variancesB[params.variancesB + i];
  statistics[params.mean + i] = a + apart * share;
  statistics[params.variance + i] = own + apart * apart * (share * (1.0 - share));
}
