// The slope of z * min(max(z + 3, 0), 6) / 6.
// Expects: parameters.
fn slope(z: Wide, p: Parameters) -> Wide {
  let inside = z / 3.0 + 0.5;
  return select(select(inside, Wide(1.0), z > Wide(3.0)), Wide(0.0), z < Wide(-3.0));
}
