// Running statistics in place: new = (1 - momentum) * old + momentum * batch, with the unbiased variance. The
// instances that share a channel count as one batch, by their average, or as batches one after the other.
// Expects: params.
override WORKGROUP = 64u;

@group(0) @binding(1) var<storage, read> means: array<f32>;
@group(0) @binding(4) var<storage, read> variances: array<f32>;
@group(0) @binding(2) var<storage, read_write> runningMean: array<f32>;
@group(0) @binding(3) var<storage, read_write> runningVar: array<f32>;

const AVERAGE = 0u;
const CUMULATIVE = 2u; // momentum is 1 / (batches so far + 1)

fn blend(old: f32, fresh: f32, share: f32) -> f32 {
  return (1.0 - share) * old + share * fresh;
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let channel = (workgroup.x + workgroup.y * grid.x) * WORKGROUP + local;
  let channels = params.groups.size;
  if (channel >= channels) {
    return;
  }
  let m = params.base.x + channel;
  let v = params.base.y + channel;
  var share = params.momentum;
  if (params.tracking == AVERAGE) {
    let pivot = means[params.givenMean + channel]; // means are large, what they differ by is not
    var delta = 0.0;
    var variance = 0.0;
    for (var i = 0u; i < params.instances; i++) {
      delta += means[params.givenMean + i * channels + channel] - pivot;
      variance += variances[params.givenSpread + i * channels + channel];
    }
    let n = f32(params.instances);
    runningMean[m] = blend(runningMean[m], pivot + delta / n, share);
    runningVar[v] = blend(runningVar[v], variance / n * params.trackScale, share);
    return;
  }
  for (var i = 0u; i < params.instances; i++) {
    if (params.tracking == CUMULATIVE) {
      share = 1.0 / (1.0 / params.momentum + f32(i));
    }
    let at = i * channels + channel;
    runningMean[m] = blend(runningMean[m], means[params.givenMean + at], share);
    let unbiased = variances[params.givenSpread + at] * params.trackScale;
    runningVar[v] = blend(runningVar[v], unbiased, share);
  }
}
