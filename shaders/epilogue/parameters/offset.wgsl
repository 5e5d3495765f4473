// The parameters of an element are the values that the epilogue has for it, with another offset of
// the scale than 1.
// Expects: loop/operands, loop/uniforms, vector/*, tensor bias, tensor scale, tensor shift,
//   tensor slope, tensor threshold, tensor weight.
override SCALE_OFFSET = 1.0;

struct Parameters {
  weight: Vec,
  bias: Vec,
  scale: Vec,
  shift: Vec,
  threshold: Vec,
  slope: Vec, // of leakyRelu and prelu
}

fn parametersAt(at: Offsets) -> Parameters {
  var p: Parameters;
  if (has_weight) {
    p.weight = load_weight(at.weight);
    if (WEIGHT_HAS_OFFSET) {
      p.weight += params.weightOffset;
    }
  }
  if (has_bias) {
    p.bias = load_bias(at.bias);
  }
  if (has_scale) {
    p.scale = load_scale(at.scale) + SCALE_OFFSET;
  }
  if (has_shift) {
    p.shift = load_shift(at.shift);
  }
  if (has_threshold) {
    p.threshold = load_threshold(at.threshold);
  }
  p.slope = Vec(params.alpha);
  if (has_slope) {
    p.slope = load_slope(at.slope);
  }
  return p;
}
