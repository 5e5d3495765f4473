// The factor of y: 1 / sqrt(variance + eps).
// Expects: params, moments.
fn knownOf(m: Moments) -> Known {
  let factor = inverseSqrt(m.m2 / m.n + params.eps);
  return known3(Wide(m.pivot), Wide(m.delta), Wide(factor));
}
