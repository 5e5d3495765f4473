// Softmax cross-entropy and its gradient: a workgroup a lane, so that sums have one order.

@group(0) @binding(2) var<storage, read> z: array<f32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read_write> dz: array<f32>;
@group(0) @binding(5) var<storage, read_write> results: array<vec2f>; // mean loss, number of errors

var<workgroup> sums: array<vec2f, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) lane: vec3u,
  @builtin(num_workgroups) lanes: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let output = outputOf(lane.z, lane.y);
  let row = now.row + lane.y * now.seedRows;
  var sum = vec2f();
  for (var example = local; example < layer.batch; example += 64u) {
    let start = 4u * (output.start + example * output.exampleStep);
    sum += lossOf(start, labels[row + example]);
  }
  sums[local] = sum;
  workgroupBarrier();
  if (local > 0u) {
    return;
  }
  for (var i = 1u; i < 64u; i++) {
    sum += sums[i];
  }
  let batch = vec2f(f32(layer.batch), 1);
  results[(now.result * lanes.z + lane.z) * lanes.y + lane.y] = sum / batch;
}

// Loss and error of one example; its gradient goes to dz, 0 where outputs are padding.
fn lossOf(start: u32, label: u32) -> vec2f {
  var best = 0u;
  for (var c = 1u; c < layer.classes; c++) {
    best = select(best, c, z[start + c] > z[start + best]);
  }
  let most = z[start + best];
  var sum = 0.0;
  for (var c = 0u; c < layer.classes; c++) {
    sum += exp(z[start + c] - most);
  }
  for (var c = 0u; c < 4u * layer.outVectors; c++) {
    let probability = select(0.0, exp(z[start + c] - most) / sum, c < layer.classes);
    dz[start + c] = (probability - f32(c == label)) / f32(layer.batch);
  }
  return vec2f(log(sum) + most - z[start + label], f32(best != label));
}
