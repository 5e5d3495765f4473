// Z = W X for a tap: four examples (columns) and four output channels (rows) an invocation.

@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read> weights: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> z: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let pixels = layer.outSide * layer.outSide;
  let vector = id.x % layer.outVectors;
  let pixel = id.x / layer.outVectors % pixels;
  let example = id.x / layer.outVectors / pixels * 4u;
  if (example >= layer.batch) {
    return;
  }
  let input = inputOf(id.z, id.y);
  let next = input.exampleStep;
  let row = layer.outVectors;
  var sums = mat4x4f();
  for (var tap = 0u; tap < layer.kernel * layer.kernel; tap++) {
    let inPixel = inPixelOf(pixel, tap);
    if (inPixel < 0) {
      continue;
    }
    let first = input.start + example * next + u32(inPixel) * input.pixelStep;
    var w = weightsOf(id.z, id.y, tap) + vector;
    for (var i = first; i < first + layer.inVectors; i++) {
      let examples = mat4x4f(x[i], x[i + next], x[i + 2u * next], x[i + 3u * next]);
      let channels = mat4x4f(weights[w], weights[w + row], weights[w + 2u * row], weights[w + 3u * row]);
      sums += channels * examples;
      w += 4u * row;
    }
  }
  let output = outputOf(id.z, id.y);
  let to = output.start + example * output.exampleStep + pixel * output.pixelStep + vector;
  z[to] = sums[0];
  z[to + output.exampleStep] = sums[1];
  z[to + 2u * output.exampleStep] = sums[2];
  z[to + 3u * output.exampleStep] = sums[3];
}
