// The slope of max(z, 0).
// Expects: parameters.
fn slope(z: Wide, p: Parameters) -> Wide {
  return select(Wide(1.0), Wide(0.0), z <= Wide(0.0));
}
