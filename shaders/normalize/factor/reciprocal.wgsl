// The factor of y: 1 / sum.
// Expects: moments.
fn knownOf(m: Moments) -> Known {
  return known3(Wide(m.pivot), Wide(0.0), Wide(1.0 / m.m2));
}
