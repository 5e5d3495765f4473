// The gradient on its way back from y.
// Expects: backward/activation_slope/*, epilogue/affine, loop/operands, vector/*, tensor dy,
//   tensor scale, tensor threshold, tensor weight.

// At what the activation got, for the normalized x u.
fn gradModulated(at: Offsets, u: Vec, p: Parameters) -> Vec {
  let z = applyModulation(applyThreshold(u, p), p);
  return load_dy(at.dy) * activationSlope(z, p);
}

// At what the modulation got, the threshold's result.
fn gradThresholded(at: Offsets, u: Vec, p: Parameters) -> Vec {
  let g = gradModulated(at, u, p);
  if (has_scale) {
    return g * p.scale;
  }
  return g;
}

// At what the threshold got.
fn gradAffine(at: Offsets, u: Vec, p: Parameters) -> Vec {
  let g = gradThresholded(at, u, p);
  if (has_threshold) {
    return select(g, Vec(0.0), applyAffine(u, p) < p.threshold);
  }
  return g;
}

// From there to u.
fn timesWeight(g: Vec, p: Parameters) -> Vec {
  if (has_weight) {
    return g * p.weight;
  }
  return g;
}

// At u.
fn gradNormalized(at: Offsets, u: Vec, p: Parameters) -> Vec {
  return timesWeight(gradAffine(at, u, p), p);
}
