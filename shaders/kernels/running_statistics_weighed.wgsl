// This kernel updates running statistics in place as kernels/running_statistics.wgsl does, where the
// call has a mask. A group that weighs at most 1 has no unbiased variance, and changes nothing.
// Expects nothing.
struct Params {
  channels: u32,
  instances: u32, // groups that share the running statistics of a channel
  mode: u32, // AVERAGE, one batch after the other, or CUMULATIVE
  means: u32, // first element of each array
  variances: u32,
  runningMean: u32,
  runningVar: u32,
  counts: u32, // sums of weights, where there is a mask
  momentum: f32,
  unbias: f32, // n / (n - 1)
}

override WORKGROUP = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> means: array<f32>;
@group(0) @binding(4) var<storage, read> variances: array<f32>;
@group(0) @binding(5) var<storage, read> counts: array<f32>;
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
  let channels = params.channels;
  if (channel >= channels) {
    return;
  }
  let m = params.runningMean + channel;
  let v = params.runningVar + channel;
  var share = params.momentum;
  var pivot = 0.0; // means are large, their differences small
  var delta = 0.0;
  var variance = 0.0;
  var valid = 0.0;
  for (var i = 0u; i < params.instances; i++) {
    let at = i * channels + channel;
    let n = counts[params.counts + at];
    if (n <= 1.0) {
      continue;
    }
    let mean = means[params.means + at];
    let unbiased = variances[params.variances + at] * (n / (n - 1.0));
    if (params.mode == AVERAGE) {
      pivot = select(pivot, mean, valid == 0.0);
      delta += mean - pivot;
      variance += unbiased;
      valid += 1.0;
      continue;
    }
    if (params.mode == CUMULATIVE) {
      share = 1.0 / (1.0 / params.momentum + f32(i));
    }
    runningMean[m] = blend(runningMean[m], mean, share);
    runningVar[v] = blend(runningVar[v], unbiased, share);
  }
  if (valid > 0.0) {
    runningMean[m] = blend(runningMean[m], pivot + delta / valid, share);
    runningVar[v] = blend(runningVar[v], variance / valid, share);
  }
}
