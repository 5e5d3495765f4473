// This kernel merges the moments of two parts, whose counts are the same in every group. A part
// without deltas has pivots that are its means. One invocation merges one group.
// Expects: reduce/merge_parts.
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

@group(0) @binding(0) var<uniform> params: Params;

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
  var a = Part(meansA[params.meansA + i], 0.0, variancesA[params.variancesA + i]);
  if (params.deltasA != NONE) {
    a.delta = meansA[params.deltasA + i];
  }
  var b = Part(meansB[params.meansB + i], 0.0, variancesB[params.variancesB + i]);
  if (params.deltasB != NONE) {
    b.delta = meansB[params.deltasB + i];
  }
  let whole = mergeParts(a, b, params.share);
  storeMerged(params.pivot, i, whole.pivot);
  storeMerged(params.delta, i, whole.delta);
  storeMerged(params.mean, i, whole.pivot + whole.delta);
  storeMerged(params.variance, i, whole.variance * params.scale);
}
