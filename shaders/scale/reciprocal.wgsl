// The factor of y: 1 / sum.
// Expects: moments.
fn scaleOf(m: Moments) -> Stat {
  return 1.0 / m.m2;
}
