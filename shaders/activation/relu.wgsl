// Activation: max(z, 0). NaN stays NaN.
// Expects: parameters.
fn activated(z: Wide, p: Parameters) -> Wide {
  return select(z, Wide(0.0), z < Wide(0.0));
}

fn slope(z: Wide, p: Parameters) -> Wide {
  return select(Wide(1.0), Wide(0.0), z <= Wide(0.0));
}
