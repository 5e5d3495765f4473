// Activation: max(z, 0). NaN stays NaN.
// Expects: parameters.
fn activated(z: Wide, p: Parameters) -> Wide {
  return select(z, Wide(0.0), z < Wide(0.0));
}
