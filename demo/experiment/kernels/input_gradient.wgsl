// dX = Wᵀ dZ for a tap: four examples (columns) and four input channels (rows) an invocation.

@group(0) @binding(2) var<storage, read> dz: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pixels = layer.inSide * layer.inSide;
  let vector = id.x % layer.inVectors;
  let pixel = id.x / layer.inVectors % pixels;
  let example = id.x / layer.inVectors / pixels * 4u;
  if (example >= layer.batch) {
    return;
  }
  let output = outputOf(id.z, id.y);
  let next = output.exampleStep;
  let row = layer.outVectors;
  var sums = mat4x4f();
  for (var tap = 0u; tap < layer.kernel * layer.kernel; tap++) {
    let outPixel = outPixelOf(pixel, tap);
    if (outPixel < 0) {
      continue;
    }
    let first = output.start + example * next + u32(outPixel) * output.pixelStep;
    var w = weightsOf(id.z, id.y, tap) + 4u * vector * row;
    for (var i = first; i < first + row; i++) {
      let examples = mat4x4f(dz[i], dz[i + next], dz[i + 2u * next], dz[i + 3u * next]);
      let channels = mat4x4f(weights[w], weights[w + row], weights[w + 2u * row], weights[w + 3u * row]);
      sums += transpose(channels) * examples;
      w++;
    }
  }
  let input = inputOf(id.z, id.y);
  let to = input.start + example * input.exampleStep + pixel * input.pixelStep + vector;
  dx[to] = sums[0];
  dx[to + input.exampleStep] = sums[1];
  dx[to + 2u * input.exampleStep] = sums[2];
  dx[to + 3u * input.exampleStep] = sums[3];
}
