// This kernel merges the moments of two parts as kernels/merge_moments.wgsl does, where each group
// has a sum of weights of its own, or gives other statistics of one part. Of a group without weight
// nothing remains.
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
  countsA: u32,
  countsB: u32,
  count: u32,
  correction: f32, // what is subtracted from the sum of weights that the variance is divided by
  ofNothing: f32, // the variance of a group without weight
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> countsA: array<f32>;
@group(0) @binding(7) var<storage, read> countsB: array<f32>;

// Weights below 0 and NaN count as 0.
fn weightFrom(count: f32) -> f32 {
  return select(0.0, count, bitcast<u32>(count) - 1u < 0x7f800000u);
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
  let countA = weightFrom(countsA[params.countsA + i]);
  var countB = 0.0; // one part alone has none
  if (params.countsB != NONE) {
    countB = weightFrom(countsB[params.countsB + i]);
  }
  var a = Part();
  if (countA > 0.0) {
    a = Part(meansA[params.meansA + i], 0.0, variancesA[params.variancesA + i]);
    if (params.deltasA != NONE) {
      a.delta = meansA[params.deltasA + i];
    }
  }
  var b = Part();
  if (countB > 0.0) {
    b = Part(meansB[params.meansB + i], 0.0, variancesB[params.variancesB + i]);
    if (params.deltasB != NONE) {
      b.delta = meansB[params.deltasB + i];
    }
  }
  let count = countA + countB;
  let share = min(countA, countB) / max(count, 1e-30);
  var whole = a; // the smaller share is the exact one
  if (countB > countA) {
    whole = mergeParts(b, a, share);
  } else {
    whole = mergeParts(a, b, share);
  }
  storeMerged(params.pivot, i, whole.pivot);
  storeMerged(params.delta, i, whole.delta);
  storeMerged(params.mean, i, whole.pivot + whole.delta);
  let corrected = whole.variance * (count / max(count - params.correction, 0.0));
  let variance = select(corrected, whole.variance, params.correction == 0.0);
  storeMerged(params.variance, i, select(variance, params.ofNothing, count == 0.0));
  storeMerged(params.count, i, count);
}
