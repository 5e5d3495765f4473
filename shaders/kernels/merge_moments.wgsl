// Moments of two parts together (Chan, Golub & LeVeque 1983), one invocation a group.
// Expects: params.
override WORKGROUP = 64u;

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
  if (i >= params.groups.size) {
    return;
  }
  let share = params.momentum; // of B among all elements
  let a = meansA[params.base.x + i];
  let apart = meansB[params.base.dy + i] - a;
  let own = (1.0 - share) * variancesA[params.base.y + i] + share * variancesB[params.base.sum + i];
  statistics[params.meanBase + i] = a + apart * share;
  statistics[params.spreadBase + i] = own + apart * apart * (share * (1.0 - share));
}
