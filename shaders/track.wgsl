// Running statistics in place: new = (1 - momentum) * old + momentum * batch, with the unbiased
// variance; the batch's value is the average over the instances that share a channel.
// Expects: params.
override WORKGROUP = 64u;

@group(0) @binding(1) var<storage, read> statistics: array<f32>;
@group(0) @binding(2) var<storage, read_write> runningMean: array<f32>;
@group(0) @binding(3) var<storage, read_write> runningVar: array<f32>;

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
  let pivot = statistics[params.meanBase + channel]; // means are large, what they differ by is not
  var delta = 0.0;
  var variance = 0.0;
  for (var i = 0u; i < params.instances; i++) {
    delta += statistics[params.meanBase + i * channels + channel] - pivot;
    variance += statistics[params.varianceBase + i * channels + channel];
  }
  let n = f32(params.instances);
  let mean = pivot + delta / n;
  let share = params.momentum;
  let kept = 1.0 - params.momentum;
  let m = params.base.x + channel;
  let v = params.base.y + channel;
  runningMean[m] = kept * runningMean[m] + share * mean;
  runningVar[v] = kept * runningVar[v] + share * (variance / n * params.trackScale);
}
