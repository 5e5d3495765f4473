// All kernels of the experiment share this file. Networks are lanes of one tensor, one for each kind
// and seed. Activations are [kind][example][pixel][seed][channel], so that the part of a kind is an
// NHWC tensor, whose channels are those of all its seeds. Four channels are one vector.

struct Layer {
  batch: u32,
  seeds: u32,
  classes: u32,
  first: u32, // 1: the input is the digits, [example][pixel][channel], which all kinds share
  inSide: u32,
  inVectors: u32,
  outSide: u32,
  outVectors: u32,
  kernel: u32,
  stride: u32,
  padding: u32,
}

struct Step {
  row: u32, // of the digits, where those of seed 0 begin
  seedRows: u32, // from there to the digits of the next seed
  result: u32, // where the losses of this step go
  learningRate: f32,
  momentum: f32,
}

// A lane's part of an activation: its first vector, and the steps to the next pixel and example.
struct Part {
  start: u32,
  pixelStep: u32,
  exampleStep: u32,
}

@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> now: Step;

fn partOf(side: u32, vectors: u32, kind: u32, seed: u32) -> Part {
  let pixelStep = layer.seeds * vectors;
  let exampleStep = side * side * pixelStep;
  return Part(kind * layer.batch * exampleStep + seed * vectors, pixelStep, exampleStep);
}

fn inputOf(kind: u32, seed: u32) -> Part {
  if (layer.first == 0u) {
    return partOf(layer.inSide, layer.inVectors, kind, seed);
  }
  let exampleStep = layer.inSide * layer.inSide * layer.inVectors;
  return Part((now.row + seed * now.seedRows) * exampleStep, layer.inVectors, exampleStep);
}

fn outputOf(kind: u32, seed: u32) -> Part {
  return partOf(layer.outSide, layer.outVectors, kind, seed);
}

// Weights are [kind][seed][tap][input channel][output channel]; this is the first vector of a tap.
fn weightsOf(kind: u32, seed: u32, tap: u32) -> u32 {
  let taps = layer.kernel * layer.kernel;
  return ((kind * layer.seeds + seed) * taps + tap) * 4u * layer.inVectors * layer.outVectors;
}

// The input pixel that a tap reads for an output pixel, or -1 beyond the edge.
fn inPixelOf(outPixel: u32, tap: u32) -> i32 {
  let side = i32(layer.inSide);
  let place = vec2u(outPixel % layer.outSide, outPixel / layer.outSide) * layer.stride;
  let at = vec2i(place + vec2u(tap % layer.kernel, tap / layer.kernel)) - i32(layer.padding);
  return select(-1, at.y * side + at.x, all(at >= vec2i()) && all(at < vec2i(side)));
}

// The output pixel that reads an input pixel by a tap, or -1 where there is none.
fn outPixelOf(inPixel: u32, tap: u32) -> i32 {
  let side = i32(layer.outSide);
  let stride = i32(layer.stride);
  let place = vec2u(inPixel % layer.inSide, inPixel / layer.inSide) + layer.padding;
  let ahead = vec2i(place) - vec2i(vec2u(tap % layer.kernel, tap / layer.kernel));
  let at = ahead / stride;
  let meets = all(ahead >= vec2i()) && all(at * stride == ahead) && all(at < vec2i(side));
  return select(-1, at.y * side + at.x, meets);
}
