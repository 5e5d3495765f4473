// dW = dZ Xᵀ for a tap, over all examples and pixels: four input channels (columns) and four output
// channels (rows) an invocation, which then makes a step of gradient descent with momentum.

@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> dz: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> weights: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> velocities: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let vector = id.x % layer.outVectors;
  let inVector = id.x / layer.outVectors % layer.inVectors;
  let tap = id.x / layer.outVectors / layer.inVectors;
  if (tap >= layer.kernel * layer.kernel) {
    return;
  }
  let input = inputOf(id.z, id.y);
  let output = outputOf(id.z, id.y);
  let inNext = input.exampleStep;
  let outNext = output.exampleStep;
  var sums = mat4x4f();
  for (var pixel = 0u; pixel < layer.outSide * layer.outSide; pixel++) {
    let inPixel = inPixelOf(pixel, tap);
    if (inPixel < 0) {
      continue;
    }
    var i = input.start + u32(inPixel) * input.pixelStep + inVector;
    var o = output.start + pixel * output.pixelStep + vector;
    for (var example = 0u; example < layer.batch; example += 4u) {
      let inputs = mat4x4f(x[i], x[i + inNext], x[i + 2u * inNext], x[i + 3u * inNext]);
      let gradients = mat4x4f(dz[o], dz[o + outNext], dz[o + 2u * outNext], dz[o + 3u * outNext]);
      sums += gradients * transpose(inputs);
      i += 4u * inNext;
      o += 4u * outNext;
    }
  }
  let to = weightsOf(id.z, id.y, tap) + 4u * inVector * layer.outVectors + vector;
  descend(to, sums[0]);
  descend(to + layer.outVectors, sums[1]);
  descend(to + 2u * layer.outVectors, sums[2]);
  descend(to + 3u * layer.outVectors, sums[3]);
}

fn descend(at: u32, gradient: vec4f) {
  let velocity = now.momentum * velocities[at] + gradient;
  velocities[at] = velocity;
  weights[at] -= now.learningRate * velocity;
}
