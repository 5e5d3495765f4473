// The gradient on its way back from y.
// Expects: parameters, an activation/*, port dy.

// At what the activation got, for the normalized x u.
fn atModulated(at: Place, u: Wide, p: Parameters) -> Wide {
  let z = modulated(weighted(u, p), p);
  return load_dy(at.dy) * slope(z, p);
}

// At what the modulation got, the threshold's result.
fn atWeighted(at: Place, u: Wide, p: Parameters) -> Wide {
  let g = atModulated(at, u, p);
  if (has_scale) {
    return g * p.scale;
  }
  return g;
}

// At what the threshold got.
fn atAffine(at: Place, u: Wide, p: Parameters) -> Wide {
  let g = atWeighted(at, u, p);
  if (has_threshold) {
    return select(g, Wide(0.0), affine(u, p) < p.threshold);
  }
  return g;
}

// From there to u.
fn throughWeight(g: Wide, p: Parameters) -> Wide {
  if (has_weight) {
    return g * p.weight;
  }
  return g;
}

// At u.
fn atNormalized(at: Place, u: Wide, p: Parameters) -> Wide {
  return throughWeight(atAffine(at, u, p), p);
}
