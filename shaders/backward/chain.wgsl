// The chain rule leads from the gradient at y back to the gradient at the normalized x, u.
// Expects: backward/activation_slope/*, epilogue/affine, epilogue/parameters/*, vector/*,
//   tensor scale, tensor threshold, tensor weight.

// This is the gradient at the activation's input.
fn gradModulated(dy: Vec, u: Vec, p: Parameters) -> Vec {
  let z = applyModulation(applyThreshold(u, p), p);
  return dy * activationSlope(z, p);
}

// This is the gradient at the modulation's input, the result of the threshold.
fn gradThresholded(dy: Vec, u: Vec, p: Parameters) -> Vec {
  let g = gradModulated(dy, u, p);
  if (has_scale) {
    return g * p.scale;
  }
  return g;
}

// This is the gradient at the threshold's input.
fn gradAffine(dy: Vec, u: Vec, p: Parameters) -> Vec {
  let g = gradThresholded(dy, u, p);
  if (has_threshold) {
    return select(g, Vec(0.0), applyAffine(u, p) < p.threshold);
  }
  return g;
}

// The weight takes a gradient from the threshold's input to u.
fn timesWeight(g: Vec, p: Parameters) -> Vec {
  if (has_weight) {
    return g * p.weight;
  }
  return g;
}

// This is the gradient at u.
fn gradNormalized(dy: Vec, u: Vec, p: Parameters) -> Vec {
  return timesWeight(gradAffine(dy, u, p), p);
}
