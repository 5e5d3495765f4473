// The factor of y: 1 / sqrt(variance + eps).
// Expects: params, moments.
fn scaleOf(m: Moments) -> Stat {
  return inverseSqrt(m.m2 / m.n + params.eps);
}
