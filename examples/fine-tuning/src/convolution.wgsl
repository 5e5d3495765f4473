// A convolution of square pictures, [example][channel][row][column], by weights in PyTorch's order,
// [out][in][row][column], and its gradients. Each invocation computes one value.

struct Layer {
  examples: u32,
  inChannels: u32,
  inSide: u32,
  outChannels: u32,
  outSide: u32,
  kernel: u32,
  stride: u32,
  padding: u32,
}

@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> dy: array<f32>;
@group(0) @binding(5) var<storage, read_write> result: array<f32>;

// The place of a value in [example][channel][row][column].
struct Place {
  example: u32,
  channel: u32,
  row: u32,
  column: u32,
}

fn placeOf(index: u32, channels: u32, side: u32) -> Place {
  let map = index / (side * side);
  return Place(map / channels, map % channels, index / side % side, index % side);
}

// The input's row or column that a tap reads; beyond the edge it is `inSide` or more.
fn inputOf(output: u32, tap: u32) -> u32 {
  return output * layer.stride + tap - layer.padding; // below 0 it wraps to a large one
}

@compute @workgroup_size(64)
fn forward(@builtin(global_invocation_id) id: vec3u) {
  let to = placeOf(id.x, layer.outChannels, layer.outSide);
  if (to.example >= layer.examples) {
    return;
  }
  let taps = layer.kernel * layer.kernel;
  let pixels = layer.inSide * layer.inSide;
  var sum = bias[to.channel];
  for (var tap = 0u; tap < taps; tap++) {
    let row = inputOf(to.row, tap / layer.kernel);
    let column = inputOf(to.column, tap % layer.kernel);
    if (row >= layer.inSide || column >= layer.inSide) {
      continue;
    }
    var i = to.example * layer.inChannels * pixels + row * layer.inSide + column;
    var w = to.channel * layer.inChannels * taps + tap;
    for (var channel = 0u; channel < layer.inChannels; channel++) {
      sum += weight[w] * x[i];
      i += pixels;
      w += taps;
    }
  }
  result[id.x] = sum;
}

// dx: each input gathers from the outputs that read it.
@compute @workgroup_size(64)
fn inputGradient(@builtin(global_invocation_id) id: vec3u) {
  let to = placeOf(id.x, layer.inChannels, layer.inSide);
  if (to.example >= layer.examples) {
    return;
  }
  let taps = layer.kernel * layer.kernel;
  let pixels = layer.outSide * layer.outSide;
  var sum = 0.0;
  for (var tap = 0u; tap < taps; tap++) {
    let shift = vec2u(tap / layer.kernel, tap % layer.kernel);
    let ahead = vec2u(to.row, to.column) + layer.padding - shift;
    let at = ahead / layer.stride;
    if (any(at * layer.stride != ahead) || any(at >= vec2u(layer.outSide))) {
      continue;
    }
    var i = to.example * layer.outChannels * pixels + at.x * layer.outSide + at.y;
    var w = to.channel * taps + tap;
    for (var channel = 0u; channel < layer.outChannels; channel++) {
      sum += weight[w] * dy[i];
      i += pixels;
      w += layer.inChannels * taps;
    }
  }
  result[id.x] = sum;
}

// dWeight: each weight gathers from all examples and places, a row at a time.
@compute @workgroup_size(64)
fn weightGradient(@builtin(global_invocation_id) id: vec3u) {
  let to = placeOf(id.x, layer.inChannels, layer.kernel); // its example is the output channel
  if (to.example >= layer.outChannels) {
    return;
  }
  var sum = 0.0;
  for (var i = 0u; i < layer.examples * layer.outSide; i++) {
    let example = i / layer.outSide;
    let outRow = i % layer.outSide;
    let row = inputOf(outRow, to.row);
    if (row >= layer.inSide) {
      continue;
    }
    let inputs = ((example * layer.inChannels + to.channel) * layer.inSide + row) * layer.inSide;
    let map = example * layer.outChannels + to.example;
    let outputs = (map * layer.outSide + outRow) * layer.outSide;
    var ofRow = 0.0;
    for (var outColumn = 0u; outColumn < layer.outSide; outColumn++) {
      let column = inputOf(outColumn, to.column);
      if (column < layer.inSide) {
        ofRow += dy[outputs + outColumn] * x[inputs + column];
      }
    }
    sum += ofRow;
  }
  result[id.x] = sum;
}

@compute @workgroup_size(64)
fn biasGradient(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= layer.outChannels) {
    return;
  }
  let pixels = layer.outSide * layer.outSide;
  var sum = 0.0;
  for (var example = 0u; example < layer.examples; example++) {
    for (var i = 0u; i < pixels; i++) {
      sum += dy[(example * layer.outChannels + id.x) * pixels + i];
    }
  }
  result[id.x] = sum;
}
