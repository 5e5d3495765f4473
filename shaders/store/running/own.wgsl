// Each group has running statistics of its own, which this pass updates in place: new = (1 -
// momentum) * old + momentum * batch, with the unbiased variance.
// Expects: loop/uniforms.
@group(0) @binding(2) var<storage, read_write> runningMean: array<f32>;
@group(0) @binding(3) var<storage, read_write> runningVar: array<f32>;

fn updateRunning(channel: u32, mean: f32, variance: f32) {
  let m = params.runningMean + channel;
  let v = params.runningVar + channel;
  runningMean[m] = (1.0 - params.momentum) * runningMean[m] + params.momentum * mean;
  runningVar[v] = (1.0 - params.momentum) * runningVar[v] + params.momentum * variance * params.unbias;
}
