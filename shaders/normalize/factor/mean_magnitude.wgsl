// The factor of y: 1 / (mean magnitude + eps).
// Expects: params, moments.
fn knownOf(m: Moments) -> Known {
  return known3(Wide(m.m2 / m.n), Wide(0.0), Wide(1.0 / (m.m2 / m.n + params.eps)));
}
